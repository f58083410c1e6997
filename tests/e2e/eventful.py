"""A council with something on every page, at one node that shows them: what the tests of the pages look at.

There is a draft with a bracket, a decision with an objection, a sealed round, a commitment, a document that
was filed and quoted, a review that was tabled, and evidence with a long address.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
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
from allweather.web.gate import LEVELS, Kind
from allweather.web.pages import PAGES
from tests.node.nodes import Member, Members, make_homes, members_in, origin, until
from tests.node.sitting import found_homes
from tests.web import browsing
from tests.web.conftest import start

Homes = tuple[Path, dict[str, bytes]]
Found = Callable[[Homes, Path], Homes]
REPORT = (
    "Minister opens the river talks\n\n"
    '"We will publish every gauge reading within a day," Minister Ada Brook told the river commission.\n\n'
    "She said that the upper weir was closed for three weeks.\n"
)
NEW = "/evidence/new/{name:str}"
"""The page of a document that is about to be filed: it is there for whoever has handed that document in."""

SHADES = ("support", "conditional", "oppose")
SOURCE = "https://www.example.org/polar/reports/2009/gauges-of-the-northern-sea-and-what-they-show.html"


@dataclass(frozen=True)
class Council:
    """The node that is looked at, an address for every page of it, and the link of an observer."""

    address: str
    pages: Mapping[str, str]
    link: str

    def open_to(self, kind: Kind) -> dict[str, str]:
        """The pages that are for visitors of a kind: path and address."""
        levels = {one.path: one.level for one in PAGES}
        return {path: at for path, at in self.pages.items() if LEVELS[levels[path]] <= LEVELS[kind]}

    def go(self, page: Page, path: str) -> None:
        """Open a page."""
        if path == NEW:
            page.goto(self.address + "/evidence")
            handed = page.locator("form[action='/evidence/upload']")
            handed.evaluate("one => { one.parentElement.open = true }")
            handed.locator("[name=text]").fill(REPORT)
            handed.locator("button").click()
            expect(page.locator("form input[name=digest]")).to_be_attached()
            return
        answer = page.goto(self.address + self.pages[path])
        assert answer is not None
        assert answer.ok, path


@contextmanager
def eventful_council(factory: pytest.TempPathFactory) -> Iterator[Council]:
    """Ann's node, after an eventful day; Ben's ends again when it has done its part."""
    with quick_homes(), homes_of(factory, found_homes) as members:
        yield _eventful(members)


@contextmanager
def quick_homes() -> Iterator[None]:
    """Secrets are kept with few rounds of what makes guessing slow."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(home, "ROUNDS", 1)
        patch.setattr(people, "_COST", 2)
        patch.setattr(delegates.admit, "__kwdefaults__", {"rounds": 1})
        yield


@contextmanager
def homes_of(factory: pytest.TempPathFactory, found: Found) -> Iterator[Members]:
    """The members of a council that `found` founds."""
    made = factory.mktemp("made")
    founded = found((made, make_homes(made)), factory.mktemp("founded"))
    with members_in(founded, factory.mktemp("members") / "homes") as members:
        yield members


def _eventful(members: Members) -> Council:
    ann, ben = members["ann"], members["ben"]
    address = start(ann)
    start(ben)
    ann.add(ben)
    ben.add(ann)
    refs = table_all(ann)
    meet(ann, ben)
    refs |= answer_all(ben, refs)
    meet(ann, ben)
    ann.sign(Answer(objection=refs["objection"], words="We do.", point=0))
    ann.sign(Milestone(offer=refs["offer"], words="The first results are sent.", evidence=("ann:1", SOURCE)))
    pages = _addresses(ann, refs)
    with browsing.Browser(address) as head:
        head.sit()
        pages["/enter/{secret:str}"] = _link(head, "Dele Gate", "delegate")
        link = _link(head, "Ob Server", "observer")
        until(lambda: "<progress" not in head.see("/review").html, 300.0)
        tabled = head.act("/review/table", "council.review", title="Where we stand")
        found = re.search(r"/review/tabled/ann:\d+", head.see("/review").html) or re.search(
            r"/review/tabled/ann:\d+", tabled.url
        )
        assert found is not None
        pages["/review/tabled/{id:str}"] = found[0]
        pages["/evidence/{id:str}"] = _filed(head)
    ben.stop()
    return Council(address, pages | {NEW: ""}, link)


def _filed(head: browsing.Browser) -> str:
    """File a document, and a quotation out of it; the address of its page when it has been read."""
    handed = {"text": REPORT, "token": head.see("/evidence").form("/evidence/upload").value("token")}
    new = head.post("/evidence/upload", handed)
    head.send(
        head.send(new.form("evidence.document"), title="The talks open", event="The talks").form("/sign")
    )
    path = next(one for one in reversed(head.see("/evidence").links) if one.startswith("/evidence/ann:"))
    until(lambda: "is being read" not in head.see(path).text, 300.0)
    start_ = REPORT.index("We will")
    spans = f"{start_}-{start_ + 7}"
    head.act(
        path, "evidence.quotation", fixed={"basis": "own"}, spans=spans, speaker="Ada Brook", sort="direct"
    )
    return path


def _link(head: browsing.Browser, name: str, role: str) -> str:
    """Where a new person comes in."""
    added = head.send(head.see("/delegation").form("/delegation/add"), name=name, role=role)
    return "/enter/" + added.html.partition("/enter/")[2].partition("<")[0]


def meet(*nodes: Member) -> None:
    """Let nodes take in what the others hold, and acknowledge it."""
    for _ in range(2):
        for one in nodes:
            one.running.sync_now(10.0)


def table_all(ann: Member) -> dict[str, str]:
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
        ann.sign(
            Position(
                on=text,
                response=shade,  # type: ignore[arg-type]
                intensity=20 * n,
                condition=condition,
                reasons="So.",
                evidence=(SOURCE,),
            )
        )
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
        **{f"gauge{n}": text for n, text in enumerate(texts)},
    }  # fmt: skip


def answer_all(ben: Member, refs: Mapping[str, str]) -> dict[str, str]:
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


# Who looks at it


def come_in(context: BrowserContext, council: Council, kind: Kind) -> None:
    """Let a browser be that of the public, of an observer by a link, or of Ann's head of delegation."""
    context.set_default_timeout(120_000)
    if kind == "public":
        return
    page = context.new_page()
    page.goto(council.address + (council.link if kind == "observer" else "/sign-in"))
    page.locator("form[action^='/enter/'] button, form[action^='/seat/'] button").click()
    expect(page.locator("footer form[action='/sign-out']")).to_be_visible()
    page.close()


@contextmanager
def visit(browser: Browser, council: Council, kind: Kind, **options: object) -> Iterator[Page]:
    """A window of a visitor."""
    with browser.new_context(reduced_motion="reduce", **options) as context:  # type: ignore[arg-type]
        come_in(context, council, kind)
        page = context.new_page()
        yield page
        page.close()
