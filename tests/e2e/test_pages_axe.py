"""Every page of the council as people meet it: in the light, in the dark, on a phone, without scripts.

Each is looked at as the public, as an observer who came by a link, and as the head of a delegation. All look
at one node with one browser; nothing that they do changes anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from allweather.web.gate import LEVELS, Kind
from allweather.web.pages import PAGES
from tests.chromium import EVERY_PAGE
from tests.e2e.eventful import NEW, Council, visit
from tests.looking import COLOURS, is_fault, open_all, overflow, violations
from tests.web import browsing

PHONE = 360
Look = tuple[Literal["light", "dark"], int, Sequence[str]]
LOOKS: tuple[Look, ...] = (
    ("light", 1280, ()), ("dark", 1280, ()), ("light", PHONE, ()), ("dark", PHONE, COLOURS),
)  # fmt: skip
"""Colours of the page, width of the window, and which rules are asked: all if none are named."""
OF_OTHERS: tuple[Look, ...] = (("light", 1280, ()), ("dark", 1280, COLOURS), ("light", PHONE, ("list",)))
"""The same for who reads the same pages with less on them, unless every page is looked at in every way."""

WHO = [
    (kind, one.path)
    for kind in LEVELS
    for one in PAGES
    if LEVELS[one.level] <= LEVELS[kind]
    and (
        kind != "observer" or one.level == "observer" or EVERY_PAGE
    )  # who sees the others as the public does
]


class Windows:
    """One window for each kind of visitor, which fails the test for whatever it must not do."""

    def __init__(self, browser: Browser, council: Council, stack: ExitStack) -> None:
        self._browser, self._council, self._stack = browser, council, stack
        self._open: dict[Kind, Page] = {}
        self.faults: list[str] = []

    def of(self, kind: Kind) -> Page:
        """The window of the public, of an observer, or of the head of the delegation."""
        if kind not in self._open:
            page = self._stack.enter_context(visit(self._browser, self._council, kind))
            watch(page, self._council, self.faults)
            self._open[kind] = page
        return self._open[kind]


def watch(page: Page, council: Council, faults: list[str]) -> None:
    """Keep errors on the console, and requests that would leave the machine."""
    host = urlsplit(council.address).netloc
    page.on("console", lambda one: faults.append(one.text) if is_fault(one) else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "request", lambda one: faults.append(one.url) if urlsplit(one.url).netloc not in (host, "") else None
    )


@pytest.fixture(scope="module")
def windows(browser: Browser, eventful: Council) -> Iterator[Windows]:
    with ExitStack() as stack:
        yield Windows(browser, eventful, stack)


def test_every_page_has_an_address(eventful: Council) -> None:
    assert eventful.pages.keys() == {one.path for one in PAGES}


@pytest.mark.parametrize(("kind", "path"), WHO)
def test_axe_finds_nothing_and_nothing_runs_over_the_edge(
    kind: Kind, path: str, eventful: Council, windows: Windows
) -> None:
    page = windows.of(kind)
    page.emulate_media(color_scheme="light")
    eventful.go(page, path)
    if path not in ("/sign-in", "/about"):
        assert urlsplit(page.url).path != "/sign-in", f"{path} is not for {kind}"
    open_all(page)
    _shorten(page)
    faults = []
    looks = LOOKS if kind == "delegate" or EVERY_PAGE else OF_OTHERS
    for scheme, width, rules in looks:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        if overflow(page) > 0:
            faults.append((scheme, width, "too wide", _widest(page)))
        faults += [
            (scheme, width, one["id"], one["nodes"][0]["html"][:200]) for one in violations(page, rules)
        ]
    assert faults == []
    assert windows.faults == []


def _shorten(page: Page) -> None:
    """Of a list of hundreds of time zones let a few stand: the others are like them, and cost the most."""
    page.evaluate("""document.querySelectorAll('select').forEach(one => {
        for (const zone of [...one.options].slice(20)) { zone.selected || zone.remove(); }
    })""")


def _widest(page: Page) -> str:
    found: str = page.evaluate("""() => [...document.querySelectorAll('body *')]
        .filter(one => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
        .slice(0, 3).map(one => one.outerHTML.slice(0, 120)).join(' ... ')""")
    return found


def test_every_page_has_a_part_that_is_drawn_again(eventful: Council) -> None:
    with browsing.Browser(eventful.address) as head:
        head.sit()
        for path, address in eventful.pages.items():
            if path == NEW:
                continue
            part = head.part(address)
            assert part.status == 200, f"{path}: {part.text[-300:]}"
            if "<html" in part.html:
                assert "sse-connect=" not in part.html, f"{path} asks for a part that it has not"
            else:
                assert not [one for one in part.forms if one.method == "post"], (
                    f"{path} loses what is written"
                )


READ = r"""() => document.querySelector('main').innerText.split('\n').map(one => one.trim())
    .filter(one => one)"""
BY_SCRIPT = "[hidden], .js-only, .no-passkeys, form.passkey-add, form.passkey-sign-in"
"""What a script brings, and what it takes away where it has something better."""


def test_every_page_reads_without_scripts(browser: Browser, eventful: Council, windows: Windows) -> None:
    faults: list[str] = []
    with visit(browser, eventful, "delegate", java_script_enabled=False) as page:
        page.set_viewport_size({"width": PHONE, "height": 900})
        watch(page, eventful, faults)
        for path in eventful.pages:
            eventful.go(page, path)
            assert page.locator("h1").count() == 1, path
            assert overflow(page) <= 0, path
            plain = page.evaluate(READ)
            assert len("".join(plain)) > 60, f"{path}: {plain}"
            usual = windows.of("delegate")
            usual.set_viewport_size({"width": PHONE, "height": 900})
            eventful.go(usual, path)
            usual.evaluate(
                "wanted => document.querySelectorAll(wanted).forEach(one => one.remove())", BY_SCRIPT
            )
            lost = [one for one in usual.evaluate(READ) if one not in plain and not _is_of_now(one)]
            assert lost == [], f"{path} says this only with scripts"
    assert faults == []
    assert windows.faults == []


def _is_of_now(line: str) -> bool:
    """Whether a line counts minutes, which go on between two looks."""
    return any(word in line for word in ("hour", "minute", "second", "now"))
