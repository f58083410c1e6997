"""Visitors of a council that `allweather open` runs: each a browser window of its own, watched all the time.

A message of the console, an answer that is a fault, a request that would leave the machine, or words that are
not in the visitor's language are kept and fail the test that looks. What would leave the machine goes to a
proxy that is not there. Nothing here waits by the clock: every wait is for something on a page.

What is looked for by its words comes from the catalogue of the visitor's language (`Visitor.word`), so that
the tour follows the translations.
"""

from __future__ import annotations

import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from allweather.formats.popolo import parse_popolo
from allweather.web.tongues import tongue
from scripts import catalogue
from tests.looking import is_fault

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "build" / "tour"
LONG = 180.0
"""How many seconds a wait may take at most where the machine is busy."""

_HOME = ("localhost", "127.0.0.1")
_NOWHERE = "http://127.0.0.1:9"
"""A proxy that nobody runs: what is not for this machine itself ends there."""
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


# Words


_SHOWN = """() => {
    const theirs = "[dir=auto], p[lang=''], code, pre, script, style, select[name=zone], table.matrix, " +
        "select[name=area], select[name=bloc], .council";
    const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let one; (one = walk.nextNode());) {
        const at = one.parentElement, words = one.data.trim();
        if (words && !at.closest(theirs)) found.push(words.replace(/\\s+/g, " "));
    }
    for (const one of document.querySelectorAll("[aria-label], [title], [placeholder]")) {
        if (one.closest(theirs)) continue;
        for (const name of ["aria-label", "title", "placeholder"])
            if (one.hasAttribute(name)) found.push(one.getAttribute(name).trim());
    }
    return found;
}"""
"""What a page says by itself, shown now or when it is unfolded: not what members wrote, and no codes."""
_LISTED = "select[name=area] option, select[name=bloc] option"
_QUOTED = re.compile(r"«[^»]*»|\N{LEFT DOUBLE QUOTATION MARK}[^\N{RIGHT DOUBLE QUOTATION MARK}]*")
_CODES = re.compile(
    r"https?://\S+|[a-z0-9._-]+(/[a-z0-9._-]+|:\d+)|\b(council|cooperation|record)\.[a-z]+\b|\bSHA-\d+\b"
    r"|\b[a-z]+\.(csv|html|json|svg)\b"
)
_ENGLISH = re.compile(
    r"\b(the|is|and|by|of|was|were|has|have|are|that|which|with|from|until|this|not|for|to|your|no)\b"
)
_LATIN = re.compile(r"[A-Za-z]{3,}")
_NAMES = frozenset(
    {"UTC", "XML", "JSON", "PDF", "Word", "iCalendar", "Akoma", "Ntoso", "Popolo", "MANIFEST", "SITE",
     "HTML", "TEI", "Allweather", "Apache", "cookie", "report", "tlog", "proof"}
)  # fmt: skip
"""Names of formats, programs and files, which are the same in every language."""


@cache
def _untranslated(language: str) -> frozenset[str]:
    """The messages of the pages in English that a language says otherwise."""
    word = tongue(language).word
    found = (one if isinstance(one, str) else one[0] for one in catalogue.messages())
    return frozenset(one for one in found if word(one) != one and "{}" not in one)


def is_english(words: str, language: str, theirs: Iterable[str] = ()) -> bool:
    """Whether words of a page in another language are left in English, as well as can be told.

    `theirs` is what members wrote: it may stand there whole, or cut short.
    """
    if language == "en":
        return False
    whole = words.rstrip(".… ")
    if whole != words and len(whole) > 12 and any(one.startswith(whole) for one in theirs):
        return False
    for one in theirs:
        words = words.replace(one, " ")
    rest = _CODES.sub(" ", _QUOTED.sub(" ", words))
    if rest.strip() in _untranslated(language) or _ENGLISH.search(rest):
        return True
    return language == "ru" and any(one not in _NAMES for one in _LATIN.findall(rest))


# Its visitors


@dataclass
class Watch:
    """What the pages of a test did that they must not do."""

    faults: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        """Keep watch over a window."""
        page.on("request", lambda one: self._asked(one.url))
        page.on("console", lambda one: self._told(one, page.url))
        page.on("pageerror", lambda error: self.faults.append(f"page: {error}"))
        page.on("response", lambda one: self._answered(one.status, one.url))

    def _asked(self, address: str) -> None:
        url = urlsplit(address)
        if url.scheme != "data" and url.hostname not in _HOME:
            self.faults.append(f"asked for {address}")

    def _told(self, said: ConsoleMessage, url: str) -> None:
        if is_fault(said):
            self.faults.append(f"console: {said.text} ({url}, {said.location})")

    def _answered(self, status: int, url: str) -> None:
        if status >= 400:
            self.faults.append(f"{status} from {url}")


@dataclass
class Visitor:
    """Somebody who looks at one node, in a language; pictures of what is seen are kept under build/tour."""

    page: Page
    member: str
    address: str
    language: str
    watch: Watch
    theirs: tuple[str, ...] = ()
    """What members wrote: it stays as it is in every language."""

    def learn(self) -> None:
        """Find out what members wrote: questions, concerns, areas and blocs; the longest first."""
        held = parse_popolo(self.page.request.get(f"{self.address}/positions.json").body())
        found = {text for one in held.motions for text in (one.title, one.text)}
        for path, where in (("/agenda", "main h2, main a[dir=auto]"), ("/positions", _LISTED)):
            self.go(path)
            found.update(self.page.locator(where).all_text_contents())
        names = {one.strip() for one in found} - {""}
        self.theirs = tuple(sorted(names, key=len, reverse=True))

    def word(self, message: str) -> str:
        """A message of the pages in this visitor's language, by the catalogue."""
        return tongue(self.language).word(message)

    def go(self, path: str) -> None:
        """Open a page by its address."""
        self.page.goto(self.address + path)

    def rest(self) -> None:
        """Look at a page that does not change by itself, so that this window takes no time from others."""
        self.go("/about")

    def menu(self, title: str) -> None:
        """Open a page by its words in the menu, which are also its heading."""
        self.page.locator("header nav").get_by_role("link", name=self.word(title), exact=True).click()
        expect(self.page.locator("h1")).to_have_text(self.word(title))

    def sit(self, seat: str) -> None:
        """Come in by the first page and take the free seat of that name."""
        self.go("/")
        self.page.locator("footer").get_by_role("link", name=self.word("Sign in"), exact=True).click()
        self.page.get_by_role("button", name=seat, exact=True).click()
        expect(self.page.get_by_role("button", name=self.word("Sign out"), exact=True)).to_be_visible()

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
        act.get_by_role("button", name=self.word("Show what will be signed"), exact=True).click()
        expect(self.page.locator("h1")).to_have_text(self.word("What will be signed"))

    def sign(self) -> None:
        """Sign what is previewed; the page that follows is the one that the form stood on."""
        self.page.get_by_role("button", name=self.word("Sign"), exact=True).click()
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

    def wait_for(self, path: str, shows: Callable[[str], bool] = lambda page: True) -> None:
        """Open a page as soon as it is there and shows something; others' acts take a moment to travel.

        It is asked for without a window until then, which costs the machine little.
        """
        for _ in range(int(LONG * 5)):
            answer = self.page.request.get(self.address + path)
            if answer.ok and shows(answer.text()):
                self.go(path)
                return
            self.page.wait_for_timeout(200)
        raise AssertionError(f"{self.address}{path} never showed what was waited for")

    def picture(self, name: str, *, top: str = "") -> None:
        """Keep what is on the screen, and look for words in another language than the visitor's.

        With `top` the picture is from that element on.
        """
        if top:
            self.page.locator(top).first.evaluate("one => one.scrollIntoView({block: 'start'})")
        else:
            self.page.evaluate("scrollTo(0, 0)")
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}-{self.language}.png")
        self.read(name)

    def read(self, name: str) -> None:
        """Look for words that are not in the visitor's language."""
        expect(self.page.locator("html")).to_have_attribute("lang", self.language)
        shown: list[str] = self.page.evaluate(_SHOWN)
        left = sorted({one for one in shown if is_english(one, self.language, self.theirs)})
        self.watch.faults += [f"{name} in {self.language}: {one!r:.200} is English" for one in left]

    def take(self, link: str) -> bytes:
        """The bytes of a file behind a link with these words (a message)."""
        with self.page.expect_download() as found:
            self.page.get_by_role("link", name=self.word(link), exact=True).click()
        return found.value.path().read_bytes()


@contextmanager
def visiting(
    browser: Browser, member: str, address: str, watch: Watch, language: str = "en"
) -> Iterator[Visitor]:
    """A window for one visitor whose browser asks for a language."""
    with browser.new_context(
        viewport={"width": 1280, "height": 900},
        locale=language,
        reduced_motion="reduce",
        color_scheme="light",
        # Without the first rule the browser is told to ask the proxy for this machine too.
        proxy={"server": _NOWHERE, "bypass": "<-loopback>,localhost,127.0.0.1"},
    ) as context:
        context.set_default_timeout(1_000 * LONG)
        page = context.new_page()
        watch.follow(page)
        yield Visitor(page, member, address, language, watch)
