"""Every page on paper: what can be read is printed and whole, and nothing that can only be pressed.

Each page is printed twice as a browser does it: with scripts and without, because what is folded on the
screen is open on paper in either case.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from allweather.web.pages import PAGES
from tests.chromium import EVERY_PAGE
from tests.e2e.eventful import Council, visit

WHITE, BLACK = "rgb(255, 255, 255)", "rgb(0, 0, 0)"
SHEETS = {True: 1_122 - 91, False: 794 - 91}
"""The pixels across a sheet of A4 between its margins, lying or upright."""

FURNITURE = "nav, form, button, input, select, textarea, .field, .skip, .acts, .only-screen, details.act"
TOLD = f"""() => {{
    const outside = `{FURNITURE}, footer > :not(.note), .vh, script, style, [aria-hidden=true], [hidden],
        title, desc, progress, meter`;
    const all = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
    while (all.nextNode()) {{
        const one = all.currentNode;
        if (one.data.trim() && !one.parentElement.closest(outside)) {{ found.push(one.data); }}
    }}
    return found;
}}"""
"""The texts of a page that are for reading, folded or not."""

PRESSED = f"""() => [...document.querySelectorAll(`{FURNITURE}`)]
    .concat([...document.querySelectorAll("a[href='#do']")])
    .filter(one => one.getClientRects().length).map(one => one.outerHTML.slice(0, 120))"""
CUT = """() => {
    const wide = document.documentElement.clientWidth + 1;
    return [...document.querySelectorAll('main *, header *')].filter(one => {
        const look = getComputedStyle(one), box = one.getBoundingClientRect();
        const isCut = look.overflowX !== 'visible' && one.scrollWidth > one.clientWidth + 1
            && one.clientWidth > 2 && !one.closest('.column, tbody th');
        return box.width > 2 && (box.right > wide || box.left < -1 || isCut);
    }).map(one => one.outerHTML.slice(0, 160)).slice(0, 3);
}"""
"""What is wider than the sheet, or cut off within a box; headings of the matrix are short on purpose."""

SHUT = """() => [...document.querySelectorAll('details:not(.act) > :not(summary)')]
    .filter(one => one.textContent.trim() && !one.closest('form, .only-screen, .acts, .vh'))
    .filter(one => !one.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true}))
    .map(one => one.outerHTML.slice(0, 120))"""


WITH_SCRIPTS = {"scripts": True, **({"no-scripts": False} if EVERY_PAGE else {})}


@pytest.fixture(scope="module", params=list(WITH_SCRIPTS.values()), ids=list(WITH_SCRIPTS))
def page(request: pytest.FixtureRequest, browser: Browser, eventful: Council) -> Iterator[Page]:
    """A window of Ann's head of delegation, with scripts and without."""
    with visit(browser, eventful, "delegate", java_script_enabled=request.param) as found:
        yield found


def squeezed(text: str) -> str:
    """A text without spaces and hyphens, which fall otherwise on paper; ligatures are taken apart."""
    return re.sub(r"[\s\N{SOFT HYPHEN}\x02\ufffe-]+", "", unicodedata.normalize("NFKC", text))


def printed(page: Page) -> tuple[str, int]:
    """The text of a page on paper, and how many sheets it takes."""
    pdfium = pytest.importorskip("pypdfium2")
    document: Any = pdfium.PdfDocument(page.pdf(format="A4", prefer_css_page_size=True))
    sheets = [document[n].get_textpage().get_text_range() for n in range(len(document))]
    return squeezed("".join(sheets)), len(document)


def missing(told: list[str], paper: str) -> list[str]:
    """Which texts are not on paper; one that runs on to the next sheet is looked for word by word."""
    return [
        text.strip()[:80]
        for text in told
        if squeezed(text) not in paper and not all(squeezed(word) in paper for word in text.split())
    ]


@pytest.mark.parametrize("path", [one.path for one in PAGES])
def test_what_is_read_is_on_paper_and_what_is_pressed_is_not(
    path: str, eventful: Council, page: Page
) -> None:
    page.emulate_media(media="null", color_scheme="dark")
    page.set_viewport_size({"width": 1280, "height": 900})
    eventful.go(page, path)
    told = page.evaluate(TOLD)
    paper, n_sheets = printed(page)
    assert 1 <= n_sheets < 12
    assert missing(told, paper) == []

    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size({"width": SHEETS[path == "/positions"], "height": 900})
    look = page.evaluate(
        "(({backgroundColor, color}) => [backgroundColor, color])(getComputedStyle(document.body))"
    )
    assert look == [WHITE, BLACK]
    assert page.evaluate(PRESSED) == []
    assert page.evaluate(CUT) == []
    assert page.evaluate(SHUT) == []
    assert page.locator("footer .note").is_visible(), "paper does not say that this is a rehearsal"


def test_sources_are_named_with_their_address(eventful: Council, page: Page) -> None:
    page.emulate_media(media="null")
    found = []
    for path in eventful.pages:
        eventful.go(page, path)
        found += page.eval_on_selector_all(
            "main a[href^=http]", "all => all.map(one => [one.href, one.textContent.trim()])"
        )
    assert any("gauges-of-the-northern-sea" in href for href, _ in found)
    assert [(href, words) for href, words in found if href.rstrip("/") != words.rstrip("/")] == []


def test_what_was_folded_is_folded_again_after_printing(eventful: Council, browser: Browser) -> None:
    with visit(browser, eventful, "delegate") as page:
        eventful.go(page, "/text/{id:str}")
        before = page.locator("details:not([open])").count()
        assert before > 0
        page.pdf()
        assert page.locator("details:not([open])").count() == before
