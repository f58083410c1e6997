"""What a page is in a browser: its colours, what axe finds, whether it is too wide, its faults."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page

COLOURS: Final = ("color-contrast", "link-in-text-block")
"""The rules of axe that a page in other colours may break."""

_BROKEN_OFF: Final = ("htmx:sendAbort", "htmx:afterRequest")
"""What htmx tells of a request that ended because its page was left, or a newer one took its place."""


def is_fault(said: ConsoleMessage) -> bool:
    """Whether a line of the console tells of a fault. Of a request that fails, htmx tells more than this."""
    return said.type in ("error", "warning") and not said.text.startswith(_BROKEN_OFF)


def violations(page: Page, rules: Sequence[str] = ()) -> list[dict[str, Any]]:
    """What axe finds by some rules; by all if none are named."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    asked: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
    asked |= {"runOnly": list(rules)} if rules else {}
    found: list[dict[str, Any]] = page.evaluate("asked => axe.run(document, asked)", asked)["violations"]
    return found


def open_all(page: Page) -> int:
    """Open everything that can be opened; how many there are."""
    n: int = page.evaluate("""() => {
        const all = [...document.querySelectorAll('details')];
        all.forEach(one => { one.open = true });
        return all.length;
    }""")
    return n


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    n: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return n


def colours(page: Page) -> tuple[str, str]:
    """What the page is written on, and what in."""
    found: list[str] = page.evaluate("""() => {
        const look = getComputedStyle(document.body);
        return [look.backgroundColor, look.color];
    }""")
    return found[0], found[1]
