"""The five-minute tour in a real browser: from `make run` to a file taken away, in English, French, Russian.

It is one test, so that the council is founded once. The pictures of it are kept under build/tour, and
`scripts/picture.py` takes those of the README from there.
"""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.touring import LONG, Visitor, Watch, open_council, visiting

FIVE = ("what", "waits", "agree", "gone", "trust")
CLAUSES = "Members tell each other of an exercise seven days before it begins.\n\nEach sends one observer."
ENGLISH = (
    "What is this?",
    "What waits for me?",
    "Where do we agree?",
    "Who is missing?",
    "Can I trust it?",
)


@pytest.fixture(autouse=True, scope="module")
def _patient() -> Iterator[None]:
    expect.set_options(timeout=1_000 * LONG)
    yield
    expect.set_options(timeout=5_000)


def test_the_five_minute_tour(browser: Browser, tmp_path: Path) -> None:
    watch = Watch()
    with open_council(tmp_path / "council") as addresses:
        assert sorted(addresses) == ["germany", "norway", "russia"]
        with (
            visiting(browser, addresses["norway"], watch) as norway,
            visiting(browser, addresses["germany"], watch) as germany,
            visiting(browser, addresses["russia"], watch) as russia,
        ):
            for one in (norway, germany, russia):
                one.sit()
            look_at_home(norway)
            see_where_positions_converge(norway)
            text = take_a_position(norway)
            decide(norway, germany, russia, text)
            draft = seed_a_draft(norway, germany)
            cut_and_heal(norway, germany, draft)
            verify(norway)
            take_away(norway)
        for member, language in (("germany", "fr"), ("russia", "ru")):
            with visiting(browser, addresses[member], watch, language) as visitor:
                the_main_way(visitor)
    assert watch.faults == []


def look_at_home(norway: Visitor) -> None:
    """Five questions, each answered on the first screen."""
    norway.go("/")
    expect(norway.page.locator("#agree ~ ul.meet")).to_be_visible()
    for name in FIVE:
        section = norway.page.locator(f"section[aria-labelledby={name}]")
        box = section.bounding_box()
        assert box is not None
        assert 0 <= box["y"] < box["y"] + box["height"] <= 900, name
        assert len(section.inner_text().splitlines()) > 1, f"{name} is asked and not answered"
    norway.picture("home")


def see_where_positions_converge(norway: Visitor) -> None:
    """The joint review, waited for until it is computed."""
    norway.page.locator("nav a[href='/review']").click()
    expect(norway.page.locator("dl.glance")).to_be_visible()
    expect(norway.page.locator(".working")).to_have_count(0)
    assert norway.page.locator("dl.glance > div").count() == 4
    norway.picture("review")
    norway.page.locator("nav a[href='/review/map']").click()
    expect(norway.page.locator("main svg[role=img]").first).to_be_visible()
    norway.picture("map")
    norway.page.locator("nav a[href='/positions']").click()
    expect(norway.page.locator("table.matrix")).to_be_visible()
    norway.picture("positions")


def take_a_position(norway: Visitor) -> str:
    """From the first page to a text without a position, and a conditional yes on it; the text's address."""
    norway.go("/")
    norway.page.locator("details#without > summary").click()
    norway.page.locator("details#without a").first.click()
    path = norway.page.evaluate("location.pathname")
    condition = "the notice reaches every member a week before"
    norway.preview("council.position", response="conditional", intensity="70", condition=condition)
    expect(norway.page.locator("dl.sheet")).to_contain_text(condition)
    norway.picture("preview")
    norway.sign()
    assert norway.page.evaluate("location.pathname") == path
    expect(norway.page.locator("#m-norway")).to_contain_text(condition)
    norway.picture("text")
    return str(path)


def decide(norway: Visitor, germany: Visitor, russia: Visitor, text: str) -> None:
    """A silence whose one sentence follows what others do, without a reload."""
    sentence = norway.page.locator("h1.sentence")
    norway.act("council.silence")
    norway.page.locator("p.clock a").first.click()
    path = norway.page.evaluate("location.pathname")
    norway.listen()
    norway.mark()
    expect(norway.page.locator("ul.seats li.h-heard")).to_have_count(2)
    before = sentence.inner_text()
    norway.picture("decision")

    germany.wait_for(path, "h1.sentence")
    germany.act("council.reserve", sort="reservation", words="We read a week as seven days.")
    expect(norway.page.locator("section[aria-labelledby=reservations]")).to_contain_text("seven days")

    russia.wait_for(path, "h1.sentence")
    russia.act("council.object", reason="We have not been asked.", points="Who is told first?")
    expect(sentence).not_to_have_text(before)
    expect(norway.page.locator("article.thread.standing")).to_contain_text("We have not been asked.")
    assert norway.is_marked(), "the page was loaded again"
    norway.picture("objection")

    # The form to answer stands outside of the part that is redrawn.
    norway.go(path)
    norway.act("council.answer", words="Everybody at once.", point="0")
    russia.wait_for(path, "article.thread.standing .reply")
    russia.act("council.clear", reason="That will do.")
    norway.wait_for(path, "article.thread:not(.standing) .reply")
    germany.go(text)
    expect(germany.page.locator("p.clock").first).to_be_visible()


def seed_a_draft(norway: Visitor, germany: Visitor) -> str:
    """A text to be negotiated, which another member holds too; its address."""
    norway.go("/agenda")
    norway.page.locator("ul.concerns a").first.click()
    norway.act("council.draft", title="Notice of exercises", clauses=CLAUSES)
    norway.page.locator("section[aria-labelledby=drafts] a").first.click()
    path = norway.page.evaluate("location.pathname")
    germany.wait_for(path, "ol.clauses")
    return str(path)


def cut_and_heal(norway: Visitor, germany: Visitor, draft: str) -> None:
    """One node is cut off; both sides put other words in place of the same; both are kept when it heals."""
    norway.page.locator("button[name=cut][value=yes]").click()
    expect(norway.page.locator("p.cutoff")).to_be_visible()
    norway.go("/")
    expect(norway.page.locator("svg.w-storm").first).to_be_visible()
    norway.picture("cut")

    germany.act("council.amend", find="seven days", words="fourteen days", reason="Ships need longer.")
    expect(germany.page.locator(".bracket .alt").filter(has_text="fourteen days").first).to_be_visible()
    norway.go(draft)
    norway.act("council.amend", find="seven days", words="three days", reason="A week is too long here.")
    # Nobody else has spoken there as far as this node knows, so its own words are taken into its own text.
    running = norway.page.locator("section[aria-labelledby=running]")
    expect(running).to_contain_text("three days")
    expect(running).not_to_contain_text("fourteen days")

    norway.page.locator("button[name=cut][value=no]").click()
    expect(norway.page.locator("p.cutoff")).to_have_count(0)
    for one in (norway, germany):
        for words in ("three days", "fourteen days"):
            expect(one.page.locator("#live .bracket .alt").filter(has_text=words).first).to_be_visible()
    norway.picture("draft")
    norway.wait_for("/", "section[aria-labelledby=nodes] li:has(.w-fair) + li:has(.w-fair)")
    norway.picture("healed")


def verify(norway: Visitor) -> None:
    """The proof of an entry: read, taken away, and the whole record checked by the command that is shown."""
    norway.page.locator("nav a[href='/explore']").click()
    expect(norway.page.locator("figure.holdings svg").first).to_be_visible()
    norway.picture("record")
    command = norway.page.locator("pre.command").inner_text().split()
    norway.page.locator("p.quick a[href='/explore/log/norway']").click()
    norway.page.locator("table.logs tbody th a").last.click()
    expect(norway.page.locator("ol.checks > li")).to_have_count(4)
    norway.picture("proof")
    with zipfile.ZipFile(io.BytesIO(norway.take("a[href*='/all']"))) as archive:
        assert archive.testzip() is None
        assert any(name.endswith("tlog-proof") for name in archive.namelist())
    assert command[:3] == ["allweather", "record", "verify"]
    program = str(Path(sys.executable).with_name("allweather"))
    done = subprocess.run([program, *command[1:]], capture_output=True, text=True, timeout=LONG, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def take_away(norway: Visitor) -> None:
    """A calendar, the minutes, and the public record as a site."""
    norway.page.locator("footer a[href='/take']").click()
    norway.picture("take")
    assert norway.take("a[href^='/calendar.ics']").startswith(b"BEGIN:VCALENDAR")
    minutes = ElementTree.fromstring(norway.take("a[href^='/minutes.xml']"))
    assert minutes.tag.endswith("akomaNtoso")
    with zipfile.ZipFile(io.BytesIO(norway.take("a[href^='/site.zip']"))) as archive:
        assert archive.testzip() is None
        assert any(name.endswith("index.html") for name in archive.namelist())


def the_main_way(visitor: Visitor) -> None:
    """Home, review, a position, a decision, the record, a file: in another language."""
    page = visitor.page
    visitor.sit()
    expect(page.locator("html")).to_have_attribute("lang", visitor.language)
    for name in FIVE:
        told = page.locator(f"h2#{name}").inner_text()
        assert told
        assert told not in ENGLISH, f"{told!r} is not in {visitor.language}"
    visitor.picture("home")
    page.locator("nav a[href='/review']").click()
    expect(page.locator("dl.glance")).to_be_visible()
    visitor.picture("review")
    page.locator("article h3 a[href^='/text/'], article a[href^='/text/']").first.click()
    visitor.preview("council.position", response="abstain", reasons="Пока не решено / pas encore décidé")
    visitor.picture("preview")
    visitor.sign()
    expect(page.locator("table.positions")).to_contain_text("pas encore décidé")
    visitor.picture("text")
    page.locator("nav a[href='/decisions']").click()
    page.locator("main a[href^='/decision/']").first.click()
    expect(page.locator("h1.sentence")).to_be_visible()
    visitor.picture("decision")
    page.locator("nav a[href='/explore']").click()
    page.locator("p.quick a").first.click()
    page.locator("table.logs tbody th a").first.click()
    expect(page.locator("ol.checks > li")).to_have_count(4)
    page.locator("footer a[href='/take']").click()
    assert visitor.take("a[href^='/calendar.ics']").startswith(b"BEGIN:VCALENDAR")
