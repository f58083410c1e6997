"""Every stop of the Tab key on every page: it shows, it comes in the order of reading, and none is a trap."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from allweather.web.pages import PAGES
from tests.chromium import EVERY_PAGE
from tests.e2e.eventful import Council, visit
from tests.e2e.hands import SEEN
from tests.looking import open_all

BATCH = 20
MOST = 600
LOG = f"""() => {{
    const seen = {SEEN};
    window.stops = [];
    // A key has done its work when it is let go: then the stop has the focus and is on the screen.
    addEventListener('keyup', event => {{
        const one = document.activeElement, all = window.stops;
        if (event.key !== 'Tab' || (all.length && all.at(-1).one === one)) {{ return; }}
        const rows = one.getClientRects(), last = rows[rows.length - 1] || one.getBoundingClientRect();
        const first = rows[0] || last;
        all.push({{
            one, why: one === document.body ? '' : seen(one), html: one.outerHTML.slice(0, 160),
            top: first.top + scrollY, left: first.left, bottom: last.bottom + scrollY, right: last.right,
            place: [...document.querySelectorAll('*')].indexOf(one),
        }});
    }}, true);
}}"""
TOLD = "() => window.stops.map(({one, ...rest}) => rest)"

WANTED = """() => [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]')]
    .filter(one => one.tabIndex >= 0 && !one.disabled && one.getClientRects().length)
    .filter(one => one.type !== 'radio' || one.checked
        || !document.querySelector(`[name='${one.name}']:checked`))
    .filter((one, at, all) => one.type !== 'radio' || all.findIndex(each => each.name === one.name
        && each.form === one.form) === at)
    .map(one => one.outerHTML.slice(0, 160))"""
"""What can be worked with the keyboard; of radio buttons that belong together one is a stop."""


@pytest.fixture(scope="module")
def page(browser: Browser, eventful: Council) -> Iterator[Page]:
    """A window of Ann's head of delegation."""
    with visit(browser, eventful, "delegate") as found:
        yield found


def walk(page: Page) -> list[dict[str, Any]]:
    """Press Tab from the top of a page until the page is left; every stop."""
    page.evaluate(LOG)
    for _ in range(MOST // BATCH):
        for _ in range(BATCH):
            page.keyboard.press("Tab")
        stops: list[dict[str, Any]] = page.evaluate(TOLD)
        first = [one["place"] for one in stops[:3]]
        again = [n for n, one in enumerate(stops) if one["place"] in first[:n]]
        if again:
            return [one for one in stops[: again[0]] if not one["html"].startswith("<body")]
    pytest.fail(f"{page.url}: {MOST} times Tab did not lead round; the last stop is {stops[-1]['html']}")


def jumps(stops: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Where the focus goes up the page without going on to a column beside it: nobody reads like this."""
    return [
        (before["html"], after["html"])
        for before, after in itertools.pairwise(stops[1:])
        if after["bottom"] <= before["top"] + 1 and after["left"] < before["right"] - 1
    ]


@pytest.mark.parametrize("path", [one.path for one in PAGES][:: 1 if EVERY_PAGE else 3])
def test_every_stop_shows_and_comes_in_the_order_of_reading(path: str, eventful: Council, page: Page) -> None:
    eventful.go(page, path)
    open_all(page)
    wanted = page.evaluate(WANTED)
    stops = walk(page)
    assert stops[0]["html"].startswith('<a class="skip"'), "the first stop leads past the head of the page"
    assert [(one["html"], one["why"]) for one in stops if one["why"]] == []
    places = [one["place"] for one in stops]
    assert places == sorted(places)
    assert jumps(stops) == []
    assert (
        page.evaluate('document.querySelectorAll(\'[tabindex]:not([tabindex="0"], [tabindex="-1"])\').length')
        == 0
    )
    met = [one["html"] for one in stops]
    assert [one for one in wanted if one not in met] == [], "what the Tab key does not come to"


def test_the_skip_link_leads_past_the_head(eventful: Council, page: Page) -> None:
    for path in eventful.pages:
        eventful.go(page, path)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("location.hash") == "#main", path
        page.keyboard.press("Tab")
        is_past = page.evaluate("!document.activeElement.closest('header, .skip')")
        assert is_past, f"{path}: the next stop is in the head again"


def test_the_way_back_is_the_way_there(eventful: Council, page: Page) -> None:
    eventful.go(page, "/text/{id:str}")
    there = [one["place"] for one in walk(page)]
    page.evaluate("document.activeElement.blur()")
    eventful.go(page, "/text/{id:str}")
    page.locator("footer button").last.focus()
    page.evaluate(LOG)
    for _ in range(4 * len(there)):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('.skip')"):
            return
    pytest.fail("Shift and Tab do not lead back to the top")
