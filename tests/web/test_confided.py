"""Who may not read a statement cannot tell what it says from anything that a node answers.

Two councils are made that differ in nothing but the words of one statement, confided by Ann to Ben. All
that Cem's node answers, to its own delegates, to observers and to the public, is the same in both, but for
hashes, signatures and ciphertext. Nothing is decrypted on the way, so that no time is spent on it either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from allweather.council.bodies import Concern, Statement
from allweather.node import caucus
from allweather.node.actions import Doing
from allweather.node.caucus import FOR_OTHERS, confide
from allweather.node.home import Passphrase
from allweather.node.rehearsing import Weather
from allweather.node.running import Node
from allweather.node.views import VIEWS
from allweather.record.entries import SALT_SIZE
from allweather.web.door import door
from tests.node.nodes import NAMES, SLOW, origin
from tests.node.sitting import HOUR, Seat, sitting
from tests.web.browsing import Browser, add_seat, check_markup

FIRST = ("Between us", "Our limit is four batteries.", "en")
SECOND = (
    "Entre nous",
    "We accept whatever they table, and will say so only on the last day of the talks.",
    "fr",
)
SIZE = 1_500
_OF_ACTS = ("concern", "act", "text", "draft", "decision", "round")
LATER = HOUR
_HASH = re.compile(rb"[A-Za-z0-9+/_-]{32,}={0,2}|[0-9a-f]{32,}")
_BEGUN = re.compile(rb"<code>[A-Za-z0-9+/]{10}</code>|[A-Za-z0-9+/]{8}\xe2\x80\xa6")


class World:
    """A council in which Ann confided something to Ben; Ben's and Cem's nodes run, at one fixed time."""

    def __init__(self, made: Any, folder: Path, said: tuple[str, str, str], *runs: str) -> None:
        with sitting(made, folder) as table:
            table.now += HOUR
            concern = table["ann"].sign(Concern(title="Ice", words="What to do about ice."))
            self.concern = concern.name
            self.secret = _confide(table["ann"], concern.ref, said)
            table["ann"].sign(Statement(words="Said to all.", concern=concern.ref))
            table.exchange()
            self.now = table.now + LATER
        self.nodes: dict[str, Node] = {}
        for name in runs:
            add_seat(folder / name, "Head")
            add_seat(folder / name, "Observer", "observer")
            self.nodes[name] = Node(
                folder / name,
                Passphrase(folder / "passphrase"),
                lambda: self.now,
                timings=SLOW,
                weather=Weather(rehearsal=True),
                pages=lambda node: door(node, is_public=True),
            )
            self.nodes[name].start()
        self.token = (folder / "cem" / "token").read_text(encoding="ascii").strip()

    def stop(self) -> None:
        for node in self.nodes.values():
            node.stop()
            node.join(20.0)


def _urandom(size: int) -> bytes:
    """Salts are the one thing that chance gives to an entry that is not encrypted; here it does not."""
    import secrets

    return bytes(SALT_SIZE) if size == SALT_SIZE else secrets.token_bytes(size)


def _confide(seat: Seat, concern: str, said: tuple[str, str, str]) -> str:
    """Sign it, with a ciphertext of one length: the standard lets chance add up to some 300 bytes to each."""
    title, words, language = said
    body = Statement(concern=concern, title=title, words=words, language=language)
    for _ in range(100_000):
        doing = confide(seat.desk, Doing(body, audience=(origin("ben"),)))
        assert doing.content is not None
        if len(doing.content) == SIZE:
            return seat.actions.sign(doing)[0].name
    raise AssertionError("no ciphertext had this size")


@pytest.fixture(scope="module")
def worlds(founded_homes: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[World]]:
    found: list[World] = []
    with pytest.MonkeyPatch.context() as patch:
        try:
            patch.setattr("os.urandom", _urandom)
            for said, runs in ((FIRST, ("ben", "cem")), (SECOND, ("cem",))):
                folder = tmp_path_factory.mktemp("world") / "homes"
                found.append(World(founded_homes, folder, said, *runs))
            yield found
        finally:
            for one in found:
                one.stop()


def places(world: World) -> list[str]:
    """Every place of Cem's node that could say something about it."""
    secret, concern = world.secret, world.concern
    asked = ["Between", "batteries", "Entre", "last+day", ""]
    return [
        *("/", "/agenda", "/decisions", "/objections", "/rounds", "/seen", "/positions", "/cooperation"),
        *(f"/{page}/{one}" for page in _OF_ACTS for one in (secret, concern)),
        *(f"/act/{secret}{rest}" for rest in ("/open", "?at=1253264400", "?lang=fr", "?lang=ru")),
        *(f"/seen/{name}?at=1253270000" for name in NAMES),
        *("/explore", "/explore/log/ann", "/explore/log/cem", f"/explore/entry/{secret}"),
        *(f"/explore/search?q={one}" for one in asked),
        *("/take", "/calendar.ics", "/minutes.xml", "/minutes.xml?lang=fr", "/positions.json"),
        *("/record/index", "/record/nrc.example/ann/checkpoint", "/metrics", "/health"),
    ]  # fmt: skip


def api_places(world: World) -> list[str]:
    given = {"id": world.secret, "member": "cem", "kind": "", "words": "batteries", "old": "x", "new": "y"}
    views = [
        f"/api/views/{one.name}" + "?" * bool(one.parameters)
        + "&".join(f"{name}={given.get(name, '')}" for name in one.parameters)
        for one in VIEWS.values()
    ]  # fmt: skip
    return [*views, f"/api/words?id={world.secret}", "/api/words?id=ann:99", "/api/peers"]


def told(data: bytes, address: str) -> bytes:
    """An answer without what must differ: hashes and signatures, the port, and beginnings of hashes."""
    data = data.replace(address.encode(), b"ADDRESS").replace(address.rpartition(":")[2].encode(), b"PORT")
    return _BEGUN.sub(b"#", _HASH.sub(b"#", data))


def test_nothing_that_a_node_answers_depends_on_what_it_may_not_show(
    worlds: list[World], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> bytes:
        raise AssertionError("something was decrypted for who may not read it")

    monkeypatch.setattr(caucus, "_opened", never)
    n_shown = 0
    for who in ("head", "observer", "public"):
        answers = [_answers(world, who) for world in worlds]
        for place, first in answers[0].items():
            assert _differences(first, answers[1][place]) == [], place
            n_shown += FOR_OTHERS.encode() in first[1]
            for title, words, _ in (FIRST, SECOND):
                assert words.encode() not in first[1], place
                assert title.encode() not in first[1], place
    assert n_shown >= 6


def _differences(first: tuple[int, bytes], second: tuple[int, bytes]) -> list[object]:
    """Where two answers differ: their status, and their lines."""
    lines = zip(first[1].split(b"\n"), second[1].split(b"\n"), strict=False)
    found: list[object] = [(one, other) for one, other in lines if one != other]
    return found + (
        [(first[0], second[0])] if (first[0], len(first[1])) != (second[0], len(second[1])) else []
    )


def _answers(world: World, who: str) -> dict[str, tuple[int, bytes]]:
    address = world.nodes["cem"].address
    with Browser(address) as browser:
        if who != "public":
            seats = [one for one in browser.see("/sign-in").forms if one.action.startswith("/seat/")]
            browser.send(seats[0 if who == "head" else 1])
        found = {}
        for place in places(world):
            answer = browser._line.get(place)
            found[place] = answer.status_code, told(answer.content, address)
        if who == "head":
            headers = {"Authorization": f"Bearer {world.token}"}
            for place in api_places(world):
                answer = browser._line.get(place, headers=headers)
                found[place] = answer.status_code, told(answer.content, address)
            asked = {"kind": "council.reply", "body": {"statement": world.secret, "words": "No."}}
            answer = browser._line.post("/api/preview", headers=headers, json=asked)
            found["/api/preview"] = answer.status_code, told(answer.content, address)
    return found


def test_who_it_is_for_reads_it_on_the_page_and_others_do_not(worlds: list[World]) -> None:
    world = worlds[0]
    for name, seat, may in (("ben", 0, True), ("ben", 1, False), ("ben", None, False), ("cem", 0, False)):
        with Browser(world.nodes[name].address) as browser:
            if seat is not None:
                browser.send(
                    [one for one in browser.see("/sign-in").forms if one.action.startswith("/seat/")][seat]
                )
            for place in (f"/concern/{world.concern}", f"/act/{world.secret}"):
                page = browser.see(place)
                check_markup(page)
                assert (FIRST[1] in page.text) == may, (name, seat, place)
                assert (FOR_OTHERS in page.text) == (not may), (name, seat, place)
                assert "For these members only" in page.text


def test_the_record_proves_that_it_exists(worlds: list[World]) -> None:
    """Whoever may not read it holds the entry and its ciphertext, and verifies both."""
    world = worlds[0]
    with Browser(world.nodes["cem"].address) as browser:
        browser.sit()
        page = browser.see(f"/explore/entry/{world.secret}")
        assert page.status == 200
        found = browser._line.get(f"/explore/entry/{world.secret}/proof")
        assert found.content.startswith(b"c2sp.org/tlog-proof@v1")


def test_it_is_confided_by_the_form_of_a_page(worlds: list[World]) -> None:
    world = worlds[0]
    with Browser(world.nodes["ben"].address) as browser:
        browser.sit()
        form = browser.see(f"/concern/{world.concern}").form("council.statement")
        preview = browser.send(form, title="Reply", words="Agreed <b>in full</b>.", audience=["ann"])
        assert preview.status == 200, preview.text[-500:]
        assert "For these members only" in preview.text
        assert "Agreed <b>in full</b>." in preview.text
        page = browser.send(preview.form("/sign"))
        assert "Agreed <b>in full</b>." in page.text
        assert "<b>in full" not in page.html
        refused = browser.send(form, words="To a stranger.", audience=["zoe"])
        assert "is not held here" in refused.text
    shared = world.nodes["ben"].shared
    with shared.lock:
        act = shared.actions.view().fold.of(Statement)[-1]
    assert act.audience == (origin("ann"), origin("ben"))
    assert act.body == Statement(concern=act.body.concern)  # type: ignore[attr-defined]
