"""The five-minute tour in a real browser: from `make run` to files taken away, in three languages.

It is one test, so that the council is founded once. Three members sit at three nodes, each in a language of
its own. One leads through the whole tour, and the two others do their part of it; with every page
(`make pages`) each of them leads once. The pictures
are kept under build/tour, and `scripts/picture.py` takes those of the README from there.
"""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, expect

from allweather.web.words import HEAD, name_of
from tests.chromium import EVERY_PAGE
from tests.e2e.touring import LONG, Visitor, Watch, is_english, open_council, visiting

FIVE = {
    "what": "What is this?",
    "waits": "What waits for me?",
    "agree": "Where do we agree?",
    "gone": "Who is missing?",
    "trust": "Can I trust it?",
}
TONGUES = {"norway": "en", "germany": "fr", "russia": "ru"}


@dataclass(frozen=True)
class Said:
    """What members write on a tour, in the language of the one that leads."""

    condition: str
    reservation: str
    objection: str
    point: str
    answer: str
    clear: str
    title: str
    clause: str
    week: str
    longer: str
    shorter: str
    why_longer: str
    why_shorter: str


SAID: Mapping[str, Said] = {
    "en": Said(
        "the notice reaches every member a week before",
        "We read a week as seven days.",
        "We have not been asked.",
        "Who is told first?",
        "Everybody at once.",
        "That will do.",
        "Notice of exercises",
        "Members tell each other of an exercise seven days before it begins.",
        "seven days",
        "fourteen days",
        "three days",
        "Ships need longer.",
        "A week is too long here.",
    ),
    "fr": Said(
        "l’avis parvient à chaque membre une semaine avant",
        "Pour nous, une semaine compte sept jours.",
        "On ne nous a pas consultés.",
        "Qui est prévenu le premier ?",
        "Tous en même temps.",
        "Cela nous suffit.",
        "Avis de manœuvres",
        "Les membres s’annoncent toute manœuvre sept jours avant son début.",
        "sept jours",
        "quatorze jours",
        "trois jours",
        "Les navires ont besoin de plus de temps.",
        "Une semaine, c’est trop long ici.",
    ),
    "ru": Said(
        "уведомление получает каждый член за неделю",
        "Неделю мы понимаем как семь дней.",
        "Нас не спросили.",
        "Кого уведомляют первым?",
        "Всех сразу.",
        "Этого достаточно.",
        "Уведомление об учениях",
        "Члены уведомляют друг друга об учениях за семь дней до их начала.",
        "семь дней",
        "четырнадцать дней",
        "три дня",
        "Кораблям нужно больше времени.",
        "Неделя здесь слишком долгий срок.",
    ),
}


@pytest.fixture(autouse=True, scope="module")
def _patient() -> Iterator[None]:
    expect.set_options(timeout=1_000 * LONG)
    yield
    expect.set_options(timeout=30_000)


def test_the_five_minute_tour_in_three_languages(browser: Browser, tmp_path: Path) -> None:
    watch = Watch()
    with open_council(tmp_path / "council") as addresses:
        assert sorted(addresses) == sorted(TONGUES)
        with (
            visiting(browser, "norway", addresses["norway"], watch, "en") as norway,
            visiting(browser, "germany", addresses["germany"], watch, "fr") as germany,
            visiting(browser, "russia", addresses["russia"], watch, "ru") as russia,
        ):
            for one in (norway, germany, russia):
                sit(one)
            used: set[str] = set()
            turns = ((norway, germany, russia), (germany, russia, norway), (russia, norway, germany))
            for lead, second, third in turns if EVERY_PAGE else turns[:1]:
                tour(lead, second, third, used)
            run_the_command(norway)
    assert not watch.faults, "\n".join(watch.faults)


def tour(lead: Visitor, second: Visitor, third: Visitor, used: set[str]) -> None:
    """All stations, led by one member. `used` are the texts that were put to silence before."""
    look_at_home(lead)
    see_where_positions_converge(lead)
    text = take_a_position(lead, used)
    used.add(text)
    decide(lead, second, third, text)
    third.rest()
    draft = seed_a_draft(lead, second)
    cut_and_heal(lead, second, draft)
    second.rest()
    verify(lead)
    take_away(lead)
    lead.rest()


def sit(visitor: Visitor) -> None:
    """Come in, and read what this node is."""
    seat = visitor.word(HEAD).replace("{}", name_of(visitor.member, visitor.language))
    visitor.sit(seat)
    expect(visitor.page.locator("header .seat")).to_contain_text(seat)
    visitor.learn()
    footer = visitor.page.locator("footer")
    footer.get_by_role("link", name=visitor.word("About this node"), exact=True).click()
    expect(visitor.page.locator("h1")).to_have_text(visitor.word("About this node"))
    expect(visitor.page.locator("pre.command")).to_contain_text("/record --card nrc/")
    visitor.picture("about")


def look_at_home(lead: Visitor) -> None:
    """Five questions, each answered on the first screen."""
    lead.go("/")
    expect(lead.page.locator("#agree ~ ul.meet")).to_be_visible()
    for name, question in FIVE.items():
        expect(lead.page.locator(f"h2#{name}")).to_have_text(lead.word(question))
        section = lead.page.locator(f"section[aria-labelledby={name}]")
        box = section.bounding_box()
        assert box is not None
        assert 0 <= box["y"] < box["y"] + box["height"] <= 900, (name, lead.language)
        assert len(section.inner_text().splitlines()) > 1, f"{name} is asked and not answered"
    lead.picture("home")


def see_where_positions_converge(lead: Visitor) -> None:
    """The joint review, waited for until it is computed."""
    lead.menu("Joint review")
    expect(lead.page.locator("dl.glance")).to_be_visible()
    expect(lead.page.locator(".working")).to_have_count(0)
    assert lead.page.locator("dl.glance > div").count() == 4
    lead.picture("review")
    lead.page.locator("nav a[href='/review/map']").click()
    expect(lead.page.locator("main svg[role=img]").first).to_be_visible()
    lead.picture("map")
    lead.menu("Positions")
    expect(lead.page.locator("table.matrix")).to_be_visible()
    lead.picture("positions")


def take_a_position(lead: Visitor, used: set[str]) -> str:
    """From the first page to a text without a position, and a conditional yes on it; the text's address."""
    home = lead.page.locator("header nav").get_by_role("link", name=lead.word("Home"), exact=True)
    home.click()
    lead.page.locator("details#without > summary").click()
    links = lead.page.locator("details#without a")
    paths = [str(one.get_attribute("href")) for one in links.all()]
    path = next(one for one in paths if one not in used)
    links.nth(paths.index(path)).click()
    condition = SAID[lead.language].condition
    lead.preview("council.position", response="conditional", intensity="70", condition=condition)
    sheet = lead.page.locator("dl.sheet")
    expect(sheet).to_contain_text(condition)
    expect(sheet).to_contain_text(lead.word("Support with a condition"))
    lead.picture("preview")
    lead.sign()
    assert lead.page.evaluate("location.pathname") == path
    expect(lead.page.locator(f"#m-{lead.member}")).to_contain_text(condition)
    lead.picture("text")
    return path


def decide(lead: Visitor, second: Visitor, third: Visitor, text: str) -> None:
    """A silence whose one sentence follows what others do, without a reload."""
    page, said = lead.page, SAID[lead.language]
    sentence = page.locator("h1.sentence")
    lead.act("council.silence")
    page.locator("p.clock a").first.click()
    path = page.evaluate("location.pathname")
    lead.listen()
    lead.mark()
    expect(page.locator("ul.seats li.h-heard")).to_have_count(2)
    before = sentence.inner_text()
    assert not is_english(before, lead.language), before
    lead.picture("decision")

    second.wait_for(path)
    second.act("council.reserve", sort="reservation", words=said.reservation)
    expect(page.locator("section[aria-labelledby=reservations]")).to_contain_text(said.reservation)
    second.rest()

    third.wait_for(path)
    third.act("council.object", reason=said.objection, points=said.point)
    expect(sentence).not_to_have_text(before)
    expect(page.locator("article.thread.standing")).to_contain_text(said.objection)
    assert lead.is_marked(), "the page was loaded again"
    lead.picture("objection")

    # The form to answer stands outside of the part that is redrawn.
    lead.go(path)
    lead.act("council.answer", words=said.answer, point="0")
    third.wait_for(path, lambda shown: said.answer in shown)
    expect(third.page.locator("article.thread.standing .reply")).to_contain_text(said.answer)
    third.act("council.clear", reason=said.clear)
    lead.wait_for(path, lambda shown: said.clear in shown)
    expect(page.locator("article.thread:not(.standing) .reply")).to_be_visible()
    second.go(text)
    expect(second.page.locator("p.clock").first).to_be_visible()


def seed_a_draft(lead: Visitor, second: Visitor) -> str:
    """A text to be negotiated, which another member holds too; its address."""
    said = SAID[lead.language]
    lead.menu("Agenda")
    lead.page.locator("ul.concerns a").first.click()
    lead.act("council.draft", title=said.title, clauses=said.clause)
    drafts = lead.page.locator("section[aria-labelledby=drafts]")
    expect(drafts.locator("h2")).to_have_text(lead.word("Drafts"))
    drafts.get_by_role("link", name=said.title, exact=True).click()
    path = lead.page.evaluate("location.pathname")
    second.wait_for(path)
    return str(path)


def cut_and_heal(lead: Visitor, second: Visitor, draft: str) -> None:
    """One node is cut off; both sides put other words in place of the same; both are kept when it heals."""
    page, said = lead.page, SAID[lead.language]
    page.get_by_role("button", name=lead.word("Cut this node's line"), exact=True).click()
    expect(page.locator("p.cutoff b")).to_have_text(lead.word("Cut off."))
    lead.go("/")
    expect(page.locator("svg.w-storm").first).to_be_visible()
    lead.picture("cut")

    second.act("council.amend", find=said.week, words=said.longer, reason=said.why_longer)
    expect(second.page.locator(".bracket .alt").filter(has_text=said.longer).first).to_be_visible()
    lead.go(draft)
    lead.act("council.amend", find=said.week, words=said.shorter, reason=said.why_shorter)
    # Nobody else has spoken there as far as this node knows, so its own words are taken into its own text.
    running = page.locator("section[aria-labelledby=running]")
    expect(running).to_contain_text(said.shorter)
    expect(running).not_to_contain_text(said.longer)

    page.get_by_role("button", name=lead.word("Heal this node's line"), exact=True).click()
    expect(page.locator("p.cutoff")).to_have_count(0)
    for one in (lead, second):
        for words in (said.shorter, said.longer):
            expect(one.page.locator("#live .bracket .alt").filter(has_text=words).first).to_be_visible()
    lead.picture("draft")
    lead.wait_for("/", lambda shown: "w-fair" in shown and not any(one in shown for one in NOT_FAIR))
    expect(page.locator("section[aria-labelledby=nodes] li:has(.w-fair) + li:has(.w-fair)")).to_be_visible()
    lead.picture("healed")


NOT_FAIR = ("w-storm", "w-cloudy", "w-unknown")


def verify(lead: Visitor) -> None:
    """The proof of an entry: read, and taken away."""
    lead.menu("Record")
    expect(lead.page.locator("figure.holdings svg").first).to_be_visible()
    lead.picture("record")
    assert "allweather record verify http" in lead.page.locator("pre.command").inner_text()
    lead.page.locator(f"p.quick a[href='/explore/log/{lead.member}']").click()
    lead.page.locator("table.logs tbody th a").last.click()
    expect(lead.page.locator("ol.checks > li")).to_have_count(4)
    lead.picture("proof")
    proof = lead.take("Everything that is needed to check it, in one archive")
    with zipfile.ZipFile(io.BytesIO(proof)) as archive:
        assert archive.testzip() is None
        assert any(name.endswith("tlog-proof") for name in archive.namelist())


def take_away(lead: Visitor) -> None:
    """A calendar, the minutes, and the public record as a site."""
    lead.page.locator("footer a[href='/take']").click()
    expect(lead.page.locator("h1")).to_have_text(lead.word("Take away"))
    lead.picture("take")
    assert lead.take("The council's calendar").startswith(b"BEGIN:VCALENDAR")
    minutes = ElementTree.fromstring(lead.take("The minutes"))
    assert minutes.tag.endswith("akomaNtoso")
    with zipfile.ZipFile(io.BytesIO(lead.take("The site, as an archive"))) as archive:
        assert archive.testzip() is None
        assert f'<html lang="{lead.language}"' in archive.read("index.html").decode()


def run_the_command(visitor: Visitor) -> None:
    """The whole record is checked from outside by the command that the page shows."""
    visitor.go("/explore")
    command = visitor.page.locator("pre.command").inner_text().split()
    assert command[:3] == ["allweather", "record", "verify"]
    program = str(Path(sys.executable).with_name("allweather"))
    done = subprocess.run([program, *command[1:]], capture_output=True, text=True, timeout=LONG, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
