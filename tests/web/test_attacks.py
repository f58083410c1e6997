"""Attacks on the pages: from other sites, under other names, with others' keys, with hostile addresses.

Every route of the pages is tried, as the door lists them: a new one is attacked by being there.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from allweather.council.bodies import Concern, Statement, Text
from allweather.errors import Refused
from allweather.node.running import Listen
from allweather.node.syncing import format_files, parse_files
from allweather.web import entering, people
from allweather.web.door import door
from allweather.web.gate import check_host
from allweather.web.house import House
from tests.node.nodes import Member, Members, origin
from tests.web.browsing import Browser
from tests.web.conftest import start

EVIL = "evil.example"
_FOREIGN: tuple[Mapping[str, str], ...] = (
    {"Sec-Fetch-Site": "cross-site", "Origin": f"https://{EVIL}"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "null"},
    {"Origin": f"https://{EVIL}"},
    {"Referer": f"https://{EVIL}/"},
)
_IDS = (
    "ann:0",
    "ann:999999",
    "../../people.json",
    "..%2f..%2fkeys",
    "%00",
    "%ff",
    "a" * 3_000,
    "<b>",
    "{{7*7}}",
)
_QUERIES = (
    *("at=0", "at=-1", "at=9007199254740993", "at=" + "9" * 400, "at=1e9", "at=%F0%9F%98%80"),
    "at=2009-13-40T99:99",
    *("at=0001-01-01T00:00", "at=9999-12-31T23:59", "at=%D9%A1%D9%A2", "at=%00", "at[]=1", "at=1&at=2"),
    *("q=" + "a" * 5_000 + "&lang=../../etc/passwd&next=//evil.example&limit=-1&page=-5&since=-1",
      "q=%ff%fe&lang=zz&limit=99999999999999999999&bloc=%00&start=x&member=../ann",
      "q=%00&lang=%00&id=../x&old=..&new=..&kind=%3Cb%3E&area=%F0%9F%92%A3",
      "q=(((((&lang=" + "e" * 500 + "&concern=ann%3A99999999999999999999&next=javascript:1",
      "q=%E2%80%AE%3Cscript%3E&area=%3Cscript%3E&bloc=%3Cscript%3E&sort=%3Cscript%3E&member=%3Cscript%3E"),
    *("a=1&" * 500, "%" * 100, "=&=&;"),
)  # fmt: skip


@cache
def routes(node: Any, method: str) -> list[str]:
    """The paths that the pages answer to a method, with their braces."""
    found = [route for router in door(node) for route in router.routes]
    return sorted({one.path_format for one in found if method in one.methods})


def filled(path: str, value: str) -> str:
    """A path with something in the place of what varies."""
    before, brace, rest = path.partition("{")
    return before + value + filled(rest.partition("}")[2], value) if brace else path


def state(ann: Member) -> tuple[object, ...]:
    """All that an attack must leave as it was."""
    files = [ann.home / name for name in ("people.json", "peers.toml", "token")]
    kept = [one.read_bytes() if one.exists() else b"" for one in files]
    sizes = [ann.size(name) for name in ("ann", "ben", "cem")]
    return (ann.digest(), sizes, kept, ann.running.weather.is_cut, sorted(p.name for p in ann.home.iterdir()))


@pytest.fixture
def raw(ann: Member) -> Iterator[httpx.Client]:
    """A line to Ann's node that says nothing by itself."""
    with httpx.Client(base_url=ann.running.address, trust_env=False, timeout=30) as line:
        yield line


@pytest.fixture(scope="module")
def concern(ann: Member) -> str:
    """A concern with a text and a statement on Ann's node."""
    ref = ann.sign(Concern(title="Ice", words="What to do about ice."))
    ann.sign(Statement(concern=ref, words="Said."), Text(concern=ref, title="Gauges", words="Two gauges."))
    return ref


# Other sites and other names


@pytest.mark.parametrize("headers", _FOREIGN)
def test_no_form_is_taken_from_another_site(
    ann: Member, browser: Browser, raw: httpx.Client, headers: Mapping[str, str]
) -> None:
    form = browser.see("/agenda").form("council.concern")
    fields = {**form.fields, "title": "Forged", "number": "1", "cut": "yes", "name": "Mole", "role": "head"}
    before, places = state(ann), routes(ann.running, "POST")
    assert len(places) >= 20
    raw.cookies.update(dict(browser._line.cookies))
    seat = next(one.id for one in people.People(ann.home, lambda: 0.0).book().people)
    for place in places:
        answer = raw.post(filled(place, seat), data=fields, headers=dict(headers))
        assert answer.status_code == 409, place
        assert "set-cookie" not in answer.headers, place
    assert state(ann) == before


def test_a_site_whose_name_points_here_takes_no_seat(ann: Member, concern: str, raw: httpx.Client) -> None:
    """DNS rebinding: for the browser the foreign page and the node are one site, and all headers say so."""
    port = ann.running.address.rpartition(":")[2]
    seat = next(one.id for one in people.People(ann.home, lambda: 0.0).book().people if one.seat)
    before, node = state(ann), ann.running
    for name in (
        EVIL,
        f"127.0.0.1.{EVIL}",
        "localhost.evil.example",
        "evil.example.",
        "10.0.0.9",
        "[::2]",
        "[",
        "",
    ):
        host = f"{name}:{port}"
        headers = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
        answer = raw.post(f"/seat/{seat}", headers=headers)
        assert answer.status_code in (400, 421), name
        assert "set-cookie" not in answer.headers
    for method in ("GET", "POST"):
        for place in routes(node, method):
            answer = raw.request(
                method, filled(place, seat), headers={"Host": EVIL, "Origin": f"http://{EVIL}"}
            )
            assert answer.status_code == 421, place
            assert answer.text.startswith("this node does not go by the name 'evil.example'"), place
            assert "Ice" not in answer.text
    assert state(ann) == before


def test_a_node_goes_by_its_own_names() -> None:
    plain = Listen("127.0.0.1").names()
    for name in ("localhost", "LOCALHOST:80", "ann.localhost:1", "127.0.0.1:8411", "127.9.9.9", "[::1]:8411"):
        check_host(name, plain)
    named = Listen("192.168.1.5", plain=True, public="http://Record.Norway.example:8411").names()
    for name in ("192.168.1.5:80", "record.norway.EXAMPLE", "record.norway.example.:1", "localhost"):
        check_host(name, named)
    everywhere = Listen("0.0.0.0", plain=True).names()
    check_host("192.168.1.7:80", everywhere)
    check_host("[fe80::1]:80", everywhere)
    check_host("whatever.example", Listen("0.0.0.0", 0, Path("c.pem"), Path("k.pem")).names())
    for names, name in (
        (plain, "192.168.1.5"), (plain, "evil.example"), (plain, ""), (plain, "["),
        (plain, "a@localhost.evil"),
        (named, "norway.example"), (named, "192.168.1.6"), (everywhere, "evil.example"), (plain, "0.0.0.0"),
        (plain, "xlocalhost"), (plain, "127.0.0.1.evil.example"), (plain, "localhost/evil.example@x"),
    ):  # fmt: skip
        with pytest.raises(Refused, match="--public-address"):
            check_host(name, names)


# Forms


def test_every_form_of_a_person_needs_the_token_of_that_session(ann: Member, browser: Browser) -> None:
    """Also with that of another session, of one that is over, or of another form."""
    own = browser.see("/agenda").form("council.concern")
    with Browser(ann.running.address) as other:
        other.sit()
        foreign = other.see("/agenda").form("council.concern").value("token")
        over = other.see("/").form("/sign-out")
        other.send(over)
    before = state(ann)
    free = ("/sign-in", "/enter/", "/seat/", "/sign-out", "/preferences", "/passkeys/sign-in/")
    for place in routes(ann.running, "POST"):
        if place.startswith(free):
            continue
        for token in ("", foreign, over.value("token"), own.value("token")[:-1], "\udcff", "é"):
            given = token.encode("utf-8", "surrogateescape").decode("latin-1")
            answer = browser.post(
                filled(place, "x"),
                {**own.fields, "token": given, "name": "Mole", "role": "head", "cut": "yes"},
            )
            assert answer.status == 409, (place, token)
    assert state(ann) == before


def test_a_signature_is_not_replayed_by_anybody(ann: Member, browser: Browser) -> None:
    form = browser.see("/agenda").form("council.concern")
    preview = browser.send(form, title="Once", words="x").form("/sign")
    with Browser(ann.running.address) as other:
        other.sit()
        assert other.send(preview).status == 409
        mine = other.see("/agenda").form("council.concern").value("token")
        assert other.send(preview, token=mine).status == 409
    before = ann.size("ann")
    assert browser.send(preview).status == 200
    for _ in range(3):
        assert browser.send(preview).status == 409
        assert browser.send(preview, title="Another").status == 409
    assert ann.size("ann") == before + 1


@pytest.mark.parametrize(
    "body", [b"", b"\xff" * 100, b"a=%ff", b"&" * 100_000, b"a=1&" * 3_000, b"kind=" + b"x" * 10**6]
)
def test_bodies_that_are_no_form(ann: Member, browser: Browser, body: bytes) -> None:
    before = state(ann)
    for place in routes(ann.running, "POST"):
        if place == "/sign-out":
            continue
        answer = browser._line.post(
            filled(place, "x"),
            content=body,
            headers={
                "Origin": ann.running.address,
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )
        assert 400 <= answer.status_code < 500, (place, answer.status_code)
        assert "set-cookie" not in answer.headers
    assert state(ann) == before


# Sessions and signing in


@pytest.fixture
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "_COST", 2)


@pytest.mark.usefixtures("_cheap")
def test_a_cookie_that_was_planted_is_never_the_one_of_a_session(ann: Member) -> None:
    house = House(ann.running, is_public=True)
    person = house.people.add("Fixed", "head")
    secret = house.people.invite(person.id)
    seat = next(one.id for one in house.people.book().people if one.seat)
    words = {"passphrase": "one two three four", "again": "one two three four"}
    ways: tuple[tuple[str, dict[str, str]], ...] = (
        (f"/seat/{seat}", {}),
        (f"/enter/{secret}", words),
        ("/sign-in", {"name": "Fixed", "passphrase": words["passphrase"]}),
    )
    with Browser(ann.running.address) as probe:
        probe.sit()
        (name,) = (one for one in dict(probe._line.cookies) if one.startswith("allweather-"))
    for place, fields in ways:
        with Browser(ann.running.address) as victim, Browser(ann.running.address) as attacker:
            for one in (victim, attacker):
                one._line.cookies.set(name, "planted-by-somebody", domain="127.0.0.1")
            assert victim.post(place, fields).status == 200, place
            assert [one.value for one in victim._line.cookies.jar if one.name == name] != [
                "planted-by-somebody"
            ]
            assert victim.see("/delegation").url == "/delegation"
            assert attacker.see("/delegation").url.startswith("/sign-in")


@pytest.mark.usefixtures("_cheap")
def test_ten_thousand_tries_are_refused_logged_and_change_nothing(
    ann: Member, raw: httpx.Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(ann.running, is_public=True)
    person = house.people.add("Aimed at", "head")
    house.people.set_passphrase(person.id, "correct horse battery")
    # A line is counted once, whether or not an earlier test of this process began the node's logging:
    # pytest listens at the root and at every logger that does not propagate.
    log = logging.getLogger("allweather.node")
    monkeypatch.setattr(log, "propagate", False)
    monkeypatch.setattr(log, "handlers", [caplog.handler])
    before = state(ann)
    with caplog.at_level(logging.INFO, "allweather.node"):
        for n in range(9_800):
            given = {"name": ["aimed AT"], "passphrase": [f"guess {n}"]}
            with pytest.raises(Refused):
                entering.sign_in(house, given, f"10.0.{n % 250}.{n // 250}")
        for n in range(200):
            fields = {"name": "Aimed at", "passphrase": f"guess {n}"}
            answer = raw.post("/sign-in", data=fields, headers={"Origin": ann.running.address})
            assert answer.status_code == 409
            assert "set-cookie" not in answer.headers
    told = [one for one in caplog.records if one.getMessage() == "sign-in refused"]
    assert len(told) == 10_000
    assert not any("guess" in str(vars(one)) or "Aimed" in str(vars(one)) for one in told)
    assert state(ann) == before


# Other members


def test_the_token_of_another_node_opens_nothing_here(
    ann: Member, members: Members, browser: Browser
) -> None:
    members["ben"].start()
    token, before = members["ben"].token, state(ann)
    act = {"kind": "council.statement", "body": {"words": "Forged."}}
    for given in (token, "", "x" * 64, ann.token[:-1], ann.token.upper() + "a"):
        for place, body in (
            ("acts", act),
            ("preview", act),
            ("seals", {"round": "x"}),
            ("rehearsal", {"cut": True}),
        ):
            assert ann.ask("POST", f"/api/{place}", token=given, json=body).status_code == 401
        assert ann.ask("GET", "/api/views/council", token=given).status_code == 401
    # Who is signed in at the pages is not let in at the API, nor the other way round.
    answer = browser._line.post("/api/acts", json=act, headers={"Origin": ann.running.address})
    assert answer.status_code == 401
    headers = {"Authorization": f"Bearer {ann.token}", "Origin": ann.running.address}
    with httpx.Client(base_url=ann.running.address, trust_env=False, headers=headers) as line:
        for place in ("/act", "/sign", "/seal", "/rehearsal", "/delegation/add"):
            assert line.post(place, data={"kind": "council.statement", "words": "x"}).status_code == 409
    members["ben"].stop()
    assert state(ann) == before


def _bring(ann: Member, ben: Member, forge: Any) -> None:
    """Push Ben's files to Ann's node, each as `forge` makes it, until it wants no more or refuses."""
    answer = ann.ask("POST", "/push", token="").json()
    for _ in range(50):
        if not answer.get("wants"):
            return
        files = []
        for path in answer["wants"]:
            found = ben.ask("GET", f"/record/{path}", token="")
            files.append((path, forge(path, found.content if found.status_code == 200 else None)))
        assert parse_files(format_files(files)) == files
        reply = ann.ask("POST", f"/push/{answer['session']}", token="", content=format_files(files))
        assert reply.status_code < 500
        if reply.status_code != 200:
            return
        answer = reply.json()
    raise AssertionError("the push never ended")


def test_forged_logs_at_the_doors_of_peers_change_nothing(ann: Member, members: Members) -> None:
    ben = members["ben"]
    start(ben)
    ref = ben.sign(Statement(words="Ben says: two gauges."))
    before = state(ann)

    def other_words(_path: str, data: bytes | None) -> bytes | None:
        return data and data.replace(b"two gauges", b"ten gauges")

    def spoiled(path: str, data: bytes | None) -> bytes | None:
        return data and (data if path == "index" else data[:-1] + bytes([data[-1] ^ 1]))

    def in_anns_name(_path: str, data: bytes | None) -> bytes | None:
        return data and data.replace(b"nrc.example/ben", b"nrc.example/ann")

    def cut_short(path: str, data: bytes | None) -> bytes | None:
        return data and (data if path == "index" else data[: len(data) // 2])

    def missing(path: str, data: bytes | None) -> bytes | None:
        return data if path == "index" else None

    def huge(_path: str, _data: bytes | None) -> bytes | None:
        return b"9" * 100_000

    for forge in (other_words, spoiled, in_anns_name, cut_short, missing, huge):
        _bring(ann, ben, forge)
        assert not ann.holds(ref), forge.__name__
        assert state(ann) == before, forge.__name__
    for node in (origin("ben"), "nrc.example/nobody", "../../x", "", "\x00", "a" * 500):
        assert ann.ask("POST", "/notify", token="", json={"node": node}).status_code < 500
    for data in (
        b"",
        b"\xff" * 900,
        b"old 0\n\n" + b"x" * 900,
        f"old 0\n\n{origin('ann')}\n9\nAAAA\n".encode(),
    ):
        assert 400 <= ann.ask("POST", "/add-checkpoint", token="", content=data).status_code < 500
    assert state(ann) == before
    _bring(ann, ben, lambda _path, data: data)
    assert ann.holds(ref)  # the same files, as Ben signed them, are taken in
    ben.stop()


# Addresses


def test_hostile_queries_give_a_page_with_a_sentence(ann: Member, concern: str, browser: Browser) -> None:
    name = "ann:" + str(ann.size("ann") - 1)
    for path in routes(ann.running, "GET"):
        if path.startswith(("/live", "/static")):
            continue
        for query in _QUERIES:
            answer = browser._line.get(f"{filled(path, name)}?{query}")
            assert answer.status_code < 500, (path, query[:60], answer.text[-300:])
            assert "Traceback" not in answer.text
            assert "<script>" not in answer.text
            if answer.status_code >= 400:
                assert 'id="main"' in answer.text, (path, query[:60])


def test_hostile_names_lead_to_no_file(ann: Member, browser: Browser) -> None:
    line = httpx.URL(ann.running.address)
    for path in routes(ann.running, "GET"):
        for name in _IDS if "{" in path else ():
            url = line.copy_with(raw_path=filled(path, name).encode())
            answer = browser._line.get(url)
            assert answer.status_code < 500, (path, name)
            for secret in (b"PRIVATE KEY", b"correct horse", ann.token.encode(), b'"passphrase"', b"root:"):
                assert secret not in answer.content, (path, name)
            assert b"<b>" + b"<" not in answer.content


def test_hostile_headers_of_the_pages(ann: Member, raw: httpx.Client) -> None:
    for headers in (
        {"Accept-Language": "x" * 5_000},
        {"Accept-Language": "en;q=" + "9" * 500},
        {"HX-Request": "true", "HX-Trigger": "fresh" * 500},
        {"HX-Request": "true", "HX-Trigger": "fresh"},
        {"X-Forwarded-For": "'; drop", "X-Forwarded-Proto": "javascript"},
        {"X-Forwarded-Host": EVIL, "Forwarded": f"host={EVIL}"},
        {"Range": "bytes=0-1", "If-Modified-Since": "never"},
    ):
        answer = raw.get("/", headers=headers)
        assert answer.status_code == 200
        assert EVIL not in answer.text
