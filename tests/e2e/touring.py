"""Visitors of a council that `allweather open` runs: each a browser window of its own, watched all the time.

A message of the console, an answer that is a fault, or a request that would leave the machine is kept and
fails the test that looks. Nothing here waits by the clock: every wait is for something on a page.
"""

from __future__ import annotations

import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "build" / "tour"
LONG = 180.0
"""How many seconds a wait may take at most where the machine is busy."""

_HOME = ("localhost", "127.0.0.1")
_SEAT = re.compile(r"^\s+(\w+)\s+(http://localhost:\d+)/$")


# The council


@contextmanager
def open_council(folder: Path) -> Iterator[Mapping[str, str]]:
    """The addresses of the three nodes that `make run` starts, by member; they end at the end."""
    command = [str(Path(sys.executable).with_name("allweather")), "open", "--folder", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as run:
        try:
            yield _addresses(run)
        finally:
            run.send_signal(signal.SIGTERM)
            try:
                run.wait(LONG)
            except subprocess.TimeoutExpired:
                run.kill()
                raise


def _addresses(run: subprocess.Popen[str]) -> dict[str, str]:
    """What it prints: each seat with its address, until it says that it stands."""
    lines: queue.Queue[str] = queue.Queue()
    assert run.stdout is not None
    source = run.stdout

    def read() -> None:
        for line in source:
            lines.put(line)
        lines.put("")

    threading.Thread(target=read, daemon=True).start()
    found, said = {}, []
    while line := lines.get(timeout=LONG):
        said.append(line)
        if seat := _SEAT.match(line):
            found[seat[1].lower()] = seat[2]
        if line.startswith("Ctrl-C"):
            return found
    raise AssertionError(f"the council did not open: {''.join(said)}")


# Its visitors


@dataclass
class Watch:
    """What the pages of a test did that they must not do."""

    faults: list[str] = field(default_factory=list)

    def follow(self, context: BrowserContext, page: Page) -> None:
        """Keep watch over a window."""

        def guard(route: Route) -> None:
            url = urlsplit(route.request.url)
            if url.scheme == "data" or url.hostname in _HOME:
                route.continue_()
            else:
                self.faults.append(f"asked for {route.request.url}")
                route.abort()

        context.route("**/*", guard)
        page.on("console", lambda one: self._told(one.type, one.text))
        page.on("pageerror", lambda error: self.faults.append(f"page: {error}"))
        page.on("response", lambda one: self._answered(one.status, one.url))

    def _told(self, sort: str, text: str) -> None:
        if sort in ("error", "warning"):
            self.faults.append(f"console: {text}")

    def _answered(self, status: int, url: str) -> None:
        if status >= 400:
            self.faults.append(f"{status} from {url}")


@dataclass
class Visitor:
    """Somebody who looks at one node, in a language; pictures of what is seen are kept under build/tour."""

    page: Page
    address: str
    language: str
    watch: Watch

    def go(self, path: str) -> None:
        """Open a page by its address."""
        self.page.goto(self.address + path)

    def sit(self) -> None:
        """Come in by the first page and take the free seat."""
        self.go("/")
        self.page.locator("footer a[href='/sign-in']").click()
        self.page.locator("form[action^='/seat/'] button").click()
        expect(self.page.locator("footer form[action='/sign-out']")).to_be_visible()

    def fill(self, kind: str, **values: str) -> None:
        """Open the first form of an act on this page and fill it in, without sending it.

        A value of `True` in words ("yes") ticks a box; a field of several choices is chosen by its code.
        """
        act = self.page.locator(f"details.act:has(input[name=kind][value='{kind}'])").first
        act.locator("> summary").click()
        for name, value in values.items():
            control = act.locator(f"[name='{name}']:not([type=hidden])")
            if control.first.get_attribute("type") in ("radio", "checkbox"):
                act.locator(f"[name='{name}'][value='{value}']").check()
            elif control.evaluate("one => one.tagName") == "SELECT":
                control.select_option(value)
            else:
                control.fill(value)

    def preview(self, kind: str, **values: str) -> None:
        """Fill in the form of an act and look at what would be signed."""
        self.fill(kind, **values)
        act = self.page.locator(f"details.act:has(input[name=kind][value='{kind}'])").first
        act.locator("button.main").click()
        expect(self.page.locator("form[action='/sign'] button.main")).to_be_visible()

    def sign(self) -> None:
        """Sign what is previewed; the page that follows is the one that the form stood on."""
        self.page.locator("form[action='/sign'] button.main").click()
        expect(self.page.locator("form[action='/sign']")).to_have_count(0)

    def act(self, kind: str, **values: str) -> None:
        """Fill in, preview and sign."""
        self.preview(kind, **values)
        self.sign()

    def mark(self) -> None:
        """Put a mark on this page, which a reload would lose."""
        self.page.evaluate("window.isThisVeryPage = true")

    def is_marked(self) -> bool:
        """Whether this page was not loaded again since it was marked."""
        found: bool = self.page.evaluate("window.isThisVeryPage === true")
        return found

    def listen(self) -> None:
        """Wait until this page hears of what others do."""
        expect(self.page.locator("html.is-live")).to_be_attached()

    def wait_for(self, path: str, selector: str) -> None:
        """Open a page until the act of another member is there; others' acts take a moment to travel."""

        def is_there() -> bool:
            answer = self.page.goto(self.address + path)
            return answer is not None and answer.ok and self.page.locator(selector).count() > 0

        before = len(self.watch.faults)
        for _ in range(int(LONG * 10)):
            if is_there():
                # A page that was not there yet is no fault; whatever else happened meanwhile is.
                self.watch.faults[before:] = [one for one in self.watch.faults[before:] if "404" not in one]
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{self.address}{path} never showed {selector}")

    def picture(self, name: str, *, top: str = "") -> None:
        """Keep what is on the screen; with `top`, from that element on."""
        if top:
            self.page.locator(top).first.evaluate("one => one.scrollIntoView({block: 'start'})")
        else:
            self.page.evaluate("scrollTo(0, 0)")
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}-{self.language}.png")

    def take(self, selector: str) -> bytes:
        """The bytes of a file behind a link."""
        with self.page.expect_download() as found:
            self.page.locator(selector).first.click()
        return found.value.path().read_bytes()


@contextmanager
def visiting(browser: Browser, address: str, watch: Watch, language: str = "en") -> Iterator[Visitor]:
    """A window for one visitor whose browser asks for a language."""
    with browser.new_context(
        viewport={"width": 1280, "height": 900},
        locale=language,
        reduced_motion="reduce",
        color_scheme="light",
    ) as context:
        context.set_default_timeout(1_000 * LONG)
        page = context.new_page()
        watch.follow(context, page)
        yield Visitor(page, address, language, watch)
