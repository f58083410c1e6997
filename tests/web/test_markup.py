"""Markup in every text field of every act: no page shows it as markup, and every field is shown somewhere.

Each field holds a tag with a name of its own. What the pages of a node answer is searched for all of them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from allweather.council.acts import fields_of as values_of
from allweather.council.acts import read_body
from allweather.council.bodies import Charter, Leave
from allweather.council.forms import Body
from allweather.errors import AllweatherError
from allweather.node.folding import KINDS
from allweather.node.home import Passphrase
from allweather.node.rehearsing import Weather
from allweather.node.running import Node
from allweather.web import times
from allweather.web.door import door
from allweather.web.fields import fields_of
from tests.council.law import MAKERS, Maker
from tests.node.nodes import NAMES, SLOW, origin
from tests.node.sitting import HOUR, Seat, sitting
from tests.web.browsing import Browser, add_seat

_TEXTS = ("line", "words", "lines")
_RAW = re.compile(r'<x-[a-z]|"onerror=1"')
_RECKONED = re.compile(r"&#39;(\d\d)")
_SHOWN = re.compile(r"&lt;x-([a-z_-]+) ")
# Pages are searched and not parsed: that would take longer than to make them.
_LINK = re.compile(r'<a\s[^>]*?href="(/[^"]*)"')
_NAMES = ("track", "about", "clauses")
"""Fields of free text that some acts count with only if they name something, or repeat it."""

_PAGES = ("/", "/agenda", "/decisions", "/objections", "/rounds", "/positions", "/cooperation", "/packages",
          "/review", "/explore", "/seen", "/take", "/delegation")  # fmt: skip
_MOST = {"head": 260, "public": 60}
"""How many pages are opened."""


def hostile(kind: str, field: str) -> str:
    """The tag of a field."""
    return f'<x-{kind.replace(".", "-")}-{field} title="onerror=1">\'{{{{7*7}}}}'


class _Maker(Maker):
    """What somebody at a desk may do."""

    def __init__(self, clock: int, name: str, fold: Any, dice: random.Random) -> None:
        person = SimpleNamespace(clock=clock, name=name, origin=origin(name))
        self.story: Any = SimpleNamespace(people=dict.fromkeys(NAMES))
        self.person: Any = person
        self.fold, self.dice = fold, dice

    def member(self) -> str:
        return origin(self.dice.choice(NAMES))


def spiked(body: Body, but: tuple[str, ...] = ()) -> tuple[Body, list[str]]:
    """The act with the tag in every field that takes free text, `but` for some; which fields these are."""
    fields, taken = values_of(body), list[str]()
    for one in fields_of(body.KIND):
        tag = hostile(body.KIND, one.name)
        given = {**fields, one.name: [tag] if one.sort == "lines" else tag}
        if one.sort in _TEXTS and one.name not in but:
            try:
                read_body(body.KIND, given, KINDS)
            except AllweatherError:
                continue
            fields, taken = given, [*taken, one.name]
    return read_body(body.KIND, fields, KINDS), taken


def _body(kind: type[Body], maker: _Maker, but: tuple[str, ...] = ()) -> tuple[Body, list[str]] | None:
    if kind is Charter:
        return None
    made = MAKERS[kind](maker)
    return None if made is None else spiked(made, but)


class World:
    """Three members who did one act of every kind that could be done, and the node of one of them."""

    def __init__(self, made: Any, folder: Path) -> None:
        self.fields: set[tuple[str, str]] = set()
        dice = random.Random(5)
        with sitting(made, folder) as table:
            for turn in range(3):
                for kind in MAKERS:
                    if kind.KIND in ("council.leave", "council.suspend", "council.withdraw"):
                        continue
                    self._act(table[NAMES[(turn + dice.randrange(3)) % 3]], kind, table.now, dice)
                table.now += HOUR
                table.exchange()
            self._act(table["cem"], Leave, table.now, dice)
            table.exchange()
            self.now = table.now + HOUR
        add_seat(folder / "ann")
        self.node = Node(
            folder / "ann",
            Passphrase(folder / "passphrase"),
            lambda: self.now,
            timings=SLOW,
            weather=Weather(rehearsal=True),
            pages=lambda node: door(node, is_public=True),
        )
        self.node.start()

    def _act(self, seat: Seat, kind: type[Body], now: int, dice: random.Random) -> None:
        for but in ((), (), _NAMES, _NAMES):
            maker = _Maker(now, seat.name, seat.view.fold, dice)
            found = _body(kind, maker, but)
            try:
                if found is not None:
                    seat.sign(found[0])
                    self.fields |= {(kind.KIND, name) for name in found[1]}
                    return
            except AllweatherError:
                continue


@pytest.fixture(scope="module")
def world(founded_homes: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    found = World(founded_homes, tmp_path_factory.mktemp("spiked") / "homes")
    try:
        yield found
    finally:
        found.node.stop()
        found.node.join(20.0)


def test_what_was_said_is_shown_and_never_as_markup(world: World) -> None:
    assert len({kind for kind, _ in world.fields}) >= 20, sorted(world.fields)
    shown: set[str] = set()
    for who, n_left in _MOST.items():
        with Browser(world.node.address) as browser:
            if who == "head":
                browser.sit()
            waiting, seen = list(_PAGES), set(_PAGES)
            while waiting and n_left > 0:
                url, n_left = waiting.pop(0), n_left - 1
                page = browser._line.get(url, follow_redirects=True)
                assert page.status_code < 500, url
                if not page.headers["content-type"].startswith("text/html"):
                    continue  # a file to take away
                html = page.text
                found = _RAW.search(html)
                assert found is None, (url, html[found.start() - 200 : found.end() + 200])
                assert "49" not in _RECKONED.findall(html), url
                shown.update(_SHOWN.findall(html))
                new = {unescape(one).partition("#")[0] for one in _LINK.findall(html)}
                new = {
                    one for one in new - seen if "?" not in one and not one.startswith(("/static", "/record"))
                }
                seen |= new
                waiting += sorted(new)
    missing = {(kind, name) for kind, name in world.fields if f"{kind.replace('.', '-')}-{name}" not in shown}
    assert missing == set()


def test_every_form_shows_markup_as_words(world: World) -> None:
    """Every kind of act by its form: what is previewed or refused shows what was written, as words."""
    dice = random.Random(9)
    shared = world.node.shared
    previewed = set()
    headers = {"Origin": world.node.address, "Sec-Fetch-Site": "same-origin"}
    with Browser(world.node.address) as browser:
        browser.sit()
        token = browser.see("/agenda").form("council.concern").value("token")
        for kind, form in KINDS.items():
            with shared.lock:
                maker = _Maker(world.now, "ann", shared.actions.view().fold, dice)
                found = _body(form, maker) if form in MAKERS else None
            given = {} if found is None else _filled(found[0])
            tags = {one.name: hostile(kind, one.name) for one in fields_of(kind)}
            texts = {one.name: tags[one.name] for one in fields_of(kind) if one.sort in _TEXTS}
            for fields in ({**given, **texts}, tags, given):
                sent = {"kind": kind, "token": token, "back": tags.get("words", "/"), **fields}
                page = browser._line.post("/act", data=sent, headers=headers)
                assert page.status_code < 500, kind
                found_raw = _RAW.search(page.text)
                assert found_raw is None, (kind, found_raw)
                if page.status_code == 200:
                    previewed.add(kind)
    assert len(previewed) >= 20, previewed


def _filled(body: Body) -> dict[str, Any]:
    """A body as the fields of its form."""
    values = msgspec.to_builtins(body)
    found: dict[str, Any] = {}
    for one in fields_of(body.KIND):
        value = values.get(one.name)
        if value is None or value is False or value == "":
            continue
        if one.sort == "time":
            found[one.name] = times.format_moment(value, times.UTC)
        elif isinstance(value, list | tuple):
            found[one.name] = [str(part) for part in value]
        else:
            found[one.name] = "yes" if value is True else str(value)
    return found
