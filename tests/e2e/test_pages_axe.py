"""Every page of the council as people meet it: dark, on a phone, in print, without scripts, by keyboard.

The council has something on every page: a draft with a bracket, a decision with an objection, a sealed round,
a commitment, a mandate, a review that was tabled.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from allweather.cooperation.bodies import Accept, Milestone, Offer, Track
from allweather.council.bodies import (
    Amend,
    Answer,
    Concern,
    Draft,
    Expectation,
    Hold,
    Object,
    Position,
    Reserve,
    Revision,
    Round,
    Silence,
    Statement,
    Text,
)
from allweather.node import home
from allweather.web import delegates, people
from allweather.web.pages import PAGES
from tests.node.nodes import Member, Members, make_homes, members_in, origin, until
from tests.node.sitting import found_homes
from tests.web import browsing
from tests.web.conftest import start

PHONE = 360
SHADES: tuple[Literal["support", "conditional", "oppose"], ...] = ("support", "conditional", "oppose")
COLOURS = ("color-contrast", "link-in-text-block")
WHITE, BLACK = "rgb(255, 255, 255)", "rgb(0, 0, 0)"


@dataclass(frozen=True)
class Council:
    """The node that is looked at, and an address for every page of it."""

    address: str
    pages: Mapping[str, str]


# The council


@pytest.fixture(scope="module")
def council(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Council]:
    """Ann's node, after an eventful day; Ben's ends again when it has done its part."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(home, "ROUNDS", 1)
        patch.setattr(people, "_COST", 2)
        patch.setattr(delegates.admit, "__kwdefaults__", {"rounds": 1})
        made = tmp_path_factory.mktemp("made")
        founded = found_homes((made, make_homes(made)), tmp_path_factory.mktemp("founded"))
        with members_in(founded, tmp_path_factory.mktemp("members") / "homes") as members:
            yield _eventful(members)


def _eventful(members: Members) -> Council:
    ann, ben = members["ann"], members["ben"]
    address = start(ann)
    start(ben)
    ann.add(ben)
    ben.add(ann)
    refs = _texts(ann)
    _meet(ann, ben)
    refs |= _answered(ben, refs)
    _meet(ann, ben)
    ann.sign(Answer(objection=refs["objection"], words="We do.", point=0))
    ann.sign(Milestone(offer=refs["offer"], words="The first results are sent.", evidence=("ann:1",)))
    pages = _addresses(ann, refs)
    with browsing.Browser(address) as head:
        head.sit()
        link = head.send(head.see("/delegation").form("/delegation/add"), name="Dele Gate", role="delegate")
        pages["/enter/{secret:str}"] = "/enter/" + link.html.partition("/enter/")[2].partition("<")[0]
        until(lambda: "<progress" not in head.see("/review").html, 120.0)
        tabled = head.act("/review/table", "council.review", title="Where we stand")
        found = re.search(r"/review/tabled/ann:\d+", head.see("/review").html) or re.search(
            r"/review/tabled/ann:\d+", tabled.url
        )
        assert found is not None
        pages["/review/tabled/{id:str}"] = found[0]
    ben.stop()
    return Council(address, pages)


def _meet(*nodes: Member) -> None:
    for _ in range(2):
        for one in nodes:
            one.running.sync_now(10.0)


def _texts(ann: Member) -> dict[str, str]:
    """What Ann puts on the table."""
    soon = int(time.time()) + 7_200
    concern = ann.sign(
        Concern(title="Ice on the shipping lanes", area="Practical cooperation", words="It moves.")
    )
    said = ann.sign(
        Statement(concern=concern, title="In short", words="We see it so.", names=(origin("ben"),))
    )
    texts = [
        ann.sign(Text(concern=concern, title=f"Gauge {n}", words=f"Gauge {n} is read every day."))
        for n in range(6)
    ]
    for n, text in enumerate(texts[1:]):
        shade = SHADES[n % 3]
        condition = "others read theirs" if shade == "conditional" else ""
        ann.sign(Position(on=text, response=shade, intensity=20 * n, condition=condition, reasons="So."))
        ann.sign(Expectation(on=text, member=origin("ben"), response="oppose"))
    revised = ann.sign(Revision(text=texts[5], after=texts[5], words="Gauge 5 is read twice a day."))
    draft = ann.sign(
        Draft(concern=concern, title="Data", clauses=("Data are sent within two days.", "It is reviewed."))
    )
    ann.sign(
        Amend(draft=draft, base=draft, clause=0, start=21, end=29, words="one day", reason="It is urgent.")
    )
    silence = ann.sign(Silence(concern=concern, text=texts[1], expires_at=soon))
    closing = ann.sign(Round(concern=concern, on=(texts[2], texts[3]), closes_at=soon))
    track = ann.sign(Track(title="Ice charts", concern=concern))
    offer = ann.sign(Offer(track=track, what="Share charts", by=soon, to=(origin("ben"),)))
    return {
        "concern": concern, "said": said, "text": texts[5], "revised": revised, "draft": draft,
        "silence": silence, "round": closing, "track": track, "offer": offer, "other": texts[4],
    }  # fmt: skip


def _answered(ben: Member, refs: Mapping[str, str]) -> dict[str, str]:
    """What Ben makes of it."""
    ben.sign(Position(on=refs["text"], response="oppose", intensity=90, red_line=True, reasons="Too often."))
    ben.sign(Position(on=refs["other"], response="support"))
    draft, words = refs["draft"], "three days"
    ben.sign(
        Amend(draft=draft, base=draft, clause=0, start=21, end=29, words=words, reason="Ships are slow.")
    )
    ben.sign(Accept(offer=refs["offer"]))
    ben.sign(Reserve(decision=refs["silence"], words="We read a day as a working day."))
    ben.sign(Hold(decision=refs["silence"], reason="Our capital sleeps."))
    objection = ben.sign(Object(decision=refs["silence"], reason="It costs too much.", points=("Who pays?",)))
    return {"objection": objection}


def _addresses(ann: Member, refs: Mapping[str, str]) -> dict[str, str]:
    """An address for each page that is made of what happened; the others are their own address."""
    shared = ann.running.shared
    with shared.lock:
        acts = shared.actions.view().fold.acts
        name = {what: acts[ref].name for what, ref in refs.items()}
    found = {one.path: one.path for one in PAGES if "{" not in one.path}
    for what, of in (
        ("concern", "concern"), ("text", "text"), ("draft", "draft"), ("decision", "silence"),
        ("round", "round"), ("act", "objection"), ("explore/entry", "objection"),
    ):  # fmt: skip
        found[f"/{what}/{{id:str}}"] = f"/{what}/{name[of]}"
    return found | {"/seen/{member:str}": "/seen/ben", "/explore/log/{member:str}": "/explore/log/ben"}


# Its pages in a browser


@pytest.fixture(scope="module")
def signed_in(browser: Browser, council: Council) -> Iterator[BrowserContext]:
    """The windows of Ann's head of delegation."""
    with browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce") as context:
        _sit(context, council)
        yield context


def _sit(context: BrowserContext, council: Council) -> None:
    context.set_default_timeout(120_000)
    page = context.new_page()
    page.goto(council.address + "/sign-in")
    page.locator("form[action^='/seat/'] button").click()
    expect(page.locator("footer form[action='/sign-out']")).to_be_visible()
    page.close()


@pytest.fixture
def page(signed_in: BrowserContext, council: Council) -> Iterator[Page]:
    """A window that fails the test for an error on its console, or a request that would leave the machine."""
    made, faults = signed_in.new_page(), list[str]()
    _watch(made, council, faults)
    yield made
    made.close()
    assert not faults


def _watch(page: Page, council: Council, faults: list[str]) -> None:
    host = urlsplit(council.address).netloc
    page.on("console", lambda one: faults.append(one.text) if one.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "request", lambda one: faults.append(one.url) if urlsplit(one.url).netloc not in (host, "") else None
    )


def open_all(page: Page) -> None:
    """Open everything that can be opened."""
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    n: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return n


def test_every_page_has_an_address(council: Council) -> None:
    assert council.pages.keys() == {one.path for one in PAGES}


@pytest.mark.parametrize("path", [one.path for one in PAGES])
def test_axe_finds_nothing_and_nothing_runs_over_the_edge(path: str, council: Council, page: Page) -> None:
    answer = page.goto(council.address + council.pages[path])
    assert answer is not None
    assert answer.ok, path
    open_all(page)
    # In the dark only the colours differ: there the rules about them are asked, and elsewhere all.
    looks: tuple[tuple[Literal["light", "dark"], int, Sequence[str]], ...] = (
        ("light", 1280, ()), ("light", PHONE, ()), ("dark", 1280, COLOURS), ("dark", PHONE, COLOURS),
    )  # fmt: skip
    faults = []
    for scheme, width, rules in looks:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        if overflow(page) > 0:
            faults.append((scheme, width, "too wide", _widest(page)))
        faults += [
            (scheme, width, one["id"], one["nodes"][0]["html"][:200]) for one in _violations(page, rules)
        ]
    assert faults == []


def _violations(page: Page, rules: Sequence[str]) -> list[dict[str, Any]]:
    """What axe finds by some rules; by all if none are named."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    asked: dict[str, Any] = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found: list[dict[str, Any]] = page.evaluate("asked => axe.run(document, asked)", asked)["violations"]
    return found


def _widest(page: Page) -> str:
    found: str = page.evaluate("""() => [...document.querySelectorAll('body *')]
        .filter(one => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
        .slice(0, 3).map(one => one.outerHTML.slice(0, 120)).join(' ... ')""")
    return found


def test_every_page_has_a_part_that_is_drawn_again(council: Council) -> None:
    with browsing.Browser(council.address) as head:
        head.sit()
        for path, address in council.pages.items():
            part = head.part(address)
            assert part.status == 200, f"{path}: {part.text[-300:]}"
            if "<html" in part.html:
                assert "sse-connect=" not in part.html, f"{path} asks for a part that it has not"
            else:
                assert not [one for one in part.forms if one.method == "post"], (
                    f"{path} loses what is written"
                )


def test_every_page_reads_without_scripts_and_prints(browser: Browser, council: Council) -> None:
    faults: list[str] = []
    with browser.new_context(viewport={"width": PHONE, "height": 900}, java_script_enabled=False) as context:
        _sit(context, council)
        page = context.new_page()
        _watch(page, council, faults)
        for path, address in council.pages.items():
            page.goto(council.address + address)
            assert page.locator("h1").count() == 1, path
            told = page.locator("main").inner_text()
            assert len(told) > 60, f"{path}: {told}"
            assert overflow(page) <= 0, path
            page.emulate_media(media="print", color_scheme="dark")
            look = page.evaluate("""() => {
                const look = getComputedStyle(document.body);
                return [look.backgroundColor, look.color];
            }""")
            assert look == [WHITE, BLACK], path
            assert page.locator("header nav").is_hidden()
            assert page.locator("main").is_visible()
            assert page.locator("main details.act:visible").count() == 0, f"{path} prints a form"
            page.emulate_media(media="screen", color_scheme="light")
    assert faults == []


def press_until(page: Page, key: str, wanted: str, most: int = 200) -> None:
    """Press a key until what is wanted, as a selector, has the focus; that has to be seen."""
    for _ in range(most):
        page.keyboard.press(key)
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            assert page.evaluate("""() => {
                const one = document.activeElement, look = getComputedStyle(one);
                const box = one.getBoundingClientRect();
                return look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 2
                    && box.bottom > 0 && box.top < innerHeight && box.height > 0;
            }"""), f"{wanted} does not show its focus"
            return
    pytest.fail(f"{most} times {key} did not lead to {wanted}")


def test_a_position_is_signed_by_keyboard_alone(council: Council, page: Page) -> None:
    page.goto(council.address + council.pages["/text/{id:str}"])
    form = "form:has(input[name=kind][value='council.position'])"
    press_until(page, "Tab", ".skip")
    page.keyboard.press("Enter")
    page.locator(f"details.act:has({form}) > summary").evaluate("one => { one.id = 'wanted' }")
    press_until(page, "Tab", "#wanted")
    page.keyboard.press("Enter")
    press_until(page, "Tab", f"{form} input[name=response]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    chosen = page.locator(f"{form} input[name=response]:checked").get_attribute("value")
    press_until(page, "Tab", f"{form} [name=condition]")
    page.keyboard.type("by keyboard alone")
    press_until(page, "Tab", f"{form} button.main")
    page.keyboard.press("Enter")
    expect(page.locator("form[action='/sign']")).to_be_visible()
    press_until(page, "Tab", "form[action='/sign'] button.main")
    page.keyboard.press("Enter")
    expect(page.locator("#m-ann")).to_contain_text("by keyboard alone")
    expect(page.locator(f"#m-ann .r-{chosen}")).to_be_visible()
