"""What is taken out of the pages: calendars, minutes, positions, each as its reader may see it."""

from __future__ import annotations

import stat

import pytest

from allweather.council.bodies import Agenda, Charter, Concern, Position, Round, Silence, Statement, Text
from allweather.errors import Refused, StoreError
from allweather.formats.calendar import parse_calendar
from allweather.formats.minutes import parse_minutes
from allweather.formats.popolo import parse_popolo
from allweather.node.actions import Doing
from allweather.node.caucus import confide
from allweather.web.feeds import feed_code, feed_key, person_of
from allweather.web.people import Book, Person
from tests.node.nodes import Member, origin, until
from tests.web.browsing import Browser, check_markup

HOSTILE = "<script>alert(1)</script> & ]]> END:VEVENT"


@pytest.fixture(scope="module")
def busy(ann: Member) -> Member:
    """Ann, with a concern, a meeting, a text with a position, a round, a silence, and words for Ben only."""
    now = ann.running.shared.clock()
    concern = ann.sign(Concern(title=HOSTILE, words="What it is about."))
    ann.sign(Agenda(concern=concern, to="scheduled", on=now + 7 * 86_400))
    text = ann.sign(Text(concern=concern, title="Charts", words="We share charts."))
    ann.sign(Position(on=text, response="conditional", condition="if by winter", intensity=70))
    ann.sign(Round(concern=concern, on=(text,), closes_at=now + 86_400))
    ann.sign(Silence(concern=concern, text=text, expires_at=now + 2 * 86_400))
    ann.sign(Statement(concern=concern, title="Open"), content=b"Said to all.")
    shared = ann.running.shared
    secret = Doing(Statement(title="Between us", words="Four batteries."), audience=(origin("ben"),))
    shared.sign(confide(shared.desk, secret))
    return ann


def test_the_calendar_has_what_is_ahead(busy: Member, visitor: Browser) -> None:
    answer = visitor._line.get("/calendar.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.headers["content-disposition"] == 'attachment; filename="nrc.example-calendar.ics"'
    name, events = parse_calendar(answer.content)
    assert name == "A council"
    assert {one.sort for one in events} == {"Meeting", "Sealed round closes", "Silence ends"}
    meeting = next(one for one in events if one.sort == "Meeting")
    assert meeting.title == f"Meeting: {HOSTILE}"
    assert meeting.end - meeting.start == 3_600
    assert visitor._line.get("/calendar.ics").content == answer.content


def test_a_secret_address_stands_for_its_person(busy: Member, browser: Browser, visitor: Browser) -> None:
    page = browser.see("/take")
    check_markup(page)
    address = page.html.partition('value="http')[2].partition('"')[0].partition("/calendar/")[2]
    found = visitor._line.get(f"/calendar/{address}")
    assert found.status_code == 200
    _, events = parse_calendar(found.content)
    assert {"Waits for you", "Meeting"} <= {one.sort for one in events}
    assert (stat.S_IMODE((busy.home / "feeds.key").stat().st_mode)) == 0o600
    for wrong in (
        address[:-6] + ".ics",
        "0" * 16 + "." + "0" * 40 + ".ics",
        "x",
        address.replace(".", "-", 1),
    ):
        refused = visitor._line.get(f"/calendar/{wrong}")
        assert refused.status_code == 409
        assert b"is not good" in refused.content
    assert "/calendar/" not in visitor.see("/take").html


def test_addresses_are_of_one_node_and_one_person(busy: Member) -> None:
    key = feed_key(busy.home)
    assert feed_key(busy.home) == key
    book = Book((Person("p1", "A", "head"), Person("p2", "B", "observer")))
    assert person_of(key, book, feed_code(key, "p2")).id == "p2"
    with pytest.raises(Refused):
        person_of(bytes(32), book, feed_code(key, "p2"))
    with pytest.raises(Refused):
        person_of(key, Book(), feed_code(key, "p2"))
    (busy.home / "spoiled").mkdir()
    (busy.home / "spoiled" / "feeds.key").write_bytes(b"short")
    with pytest.raises(StoreError, match="damaged"):
        feed_key(busy.home / "spoiled")


def test_minutes_are_what_their_reader_may_read(busy: Member, browser: Browser, visitor: Browser) -> None:
    ours, theirs = (one._line.get("/minutes.xml").content for one in (browser, visitor))
    mine, public = parse_minutes(ours), parse_minutes(theirs)
    assert (mine.title, mine.language) == ("A council", "en")
    assert [one.title for one in mine.sections] == [HOSTILE, "On no concern"]
    assert "Said to all." in [text for one in public.sections[0].minutes for text in one.paragraphs]
    assert b"Four batteries." in ours
    assert b"Between us" in ours
    assert b"Four batteries." not in theirs
    assert b"Between us" not in theirs
    assert b"An entry for others" in theirs
    assert b"<script>" not in ours


def test_minutes_in_another_language_say_so(busy: Member, visitor: Browser) -> None:
    found = parse_minutes(visitor._line.get("/minutes.xml?lang=fr").content)
    assert found.language == "fr"


def test_positions_are_taken_as_they_are_held(busy: Member, visitor: Browser) -> None:
    answer = visitor._line.get("/positions.json")
    held = parse_popolo(answer.content)
    (motion,) = held.motions
    assert (motion.title, motion.text) == ("Charts", "We share charts.")
    (voice,) = motion.voices
    assert (voice.member, voice.option, voice.intensity) == ("ann", "conditional", 70)
    assert voice.condition == "if by winter"
    assert [name for name, _ in held.members] == ["ann", "ben", "cem"]
    assert visitor._line.get("/positions.json").content == answer.content


def test_as_of_an_earlier_time_there_is_what_there_was(busy: Member, visitor: Browser) -> None:
    at = busy.running.shared.clock() + 30 * 86_400
    later = parse_calendar(visitor._line.get(f"/calendar.ics?at={at}").content)[1]
    assert all(one.sort != "Waits for you" for one in later)
    assert visitor._line.get("/minutes.xml?at=never").status_code == 400


def test_charters_are_what_titles_come_from(busy: Member) -> None:
    shared = busy.running.shared
    with shared.lock:
        (charter,) = shared.actions.view().fold.of(Charter)
    assert isinstance(charter.body, Charter)
    assert charter.body.title == "A council"


def test_the_review_is_taken_on_paper(busy: Member, browser: Browser) -> None:
    pytest.importorskip("typst", reason="the extra `report` is not installed")
    pytest.importorskip("docx", reason="the extra `report` is not installed")
    first = browser._line.get("/review.pdf")
    if first.status_code == 404:
        assert "look again" in first.text or "record" in first.text
    until(lambda: browser._line.get("/review.pdf").status_code in (200, 404))
    for name, begins in (("pdf", b"%PDF-"), ("docx", b"PK")):
        answer = browser._line.get(f"/review.{name}")
        if answer.status_code == 200:
            assert answer.content.startswith(begins)
            assert browser._line.get(f"/review.{name}").content == answer.content
