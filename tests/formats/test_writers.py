"""What is written in other people's formats is read back as it was, and what is spoiled is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from allweather.errors import InputError
from allweather.formats import calendar, minutes, popolo
from allweather.formats.calendar import Event, format_calendar, parse_calendar
from allweather.formats.minutes import Minute, Minutes, Section, format_minutes, parse_minutes
from allweather.formats.popolo import Held, Motion, Voice, format_popolo, parse_popolo

START = 1_253_260_800
REF = "q7hVh2rSeUkNnlGvVw2Su0EYGHhCD1Dx4kRZ2pYQnEo="

times = st.integers(0, 4_102_444_800)
names = st.from_regex(r"[a-z][a-z0-9-]{0,12}", fullmatch=True)
plain = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=60
)
options: Any = st.sampled_from(["support", "conditional", "consent", "abstain", "oppose"])

# Calendars

EVENTS = (
    Event("norway:3/meeting", "Talks; on ice, and fog", START, START + 3_600, START - 60, "meeting"),
    Event(
        "norway:9/silence",
        "Silence ends: Joint charts",
        START + 86_400,
        START + 86_400,
        START,
        "silence",
        "Adopted if nobody objects.\nTwo lines \\ and a backslash.",
        "https://node.example/decision/norway:9?a=1&b=2",
    ),
)


def test_a_calendar_is_read_back() -> None:
    data = format_calendar("Council", EVENTS)
    assert parse_calendar(data) == ("Council", EVENTS)
    assert format_calendar("Council", EVENTS[::-1]) == data


def test_a_calendar_keeps_to_the_standard() -> None:
    text = format_calendar("Council", EVENTS).decode()
    assert "\r\n" in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "DTSTART:20090918T080000Z" in text
    assert text.count("BEGIN:VEVENT") == text.count("TRANSP:TRANSPARENT") == 2
    assert text.startswith("BEGIN:VCALENDAR\r\nPRODID:")


@example([Event("a", r"\N \\n \n", 0, 0, 0, "a", r"\;\,\N")], r"\N, \n; \\")
@given(st.lists(st.builds(Event, names, plain, times, st.just(0), times, names, plain), max_size=4), plain)
@settings(max_examples=30, deadline=None)
def test_any_calendar_is_read_back(found: list[Event], name: str) -> None:
    events = [Event(f"{one.key}-{place}", one.title, one.start, one.start, one.changed, one.sort, one.about)
              for place, one in enumerate(found)]  # fmt: skip
    read_name, read = parse_calendar(format_calendar(name, events))
    assert read_name == name
    assert set(read) == set(events)


def test_hostile_text_makes_no_line_of_its_own() -> None:
    event = Event("k", "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\x00", START, START, START)
    data = format_calendar("a\nb", [event])
    _, (read,) = parse_calendar(data)
    assert read.title == "x\nEND:VEVENT\nBEGIN:VEVENT\ufffd"
    assert data.count(b"\nEND:VEVENT") == 1


# Minutes

MINUTES = Minutes(
    "nrc.example",
    "A council & its <minutes>",
    START,
    "fr",
    (("norway", "Norway"), ("ann", "Ann")),
    (
        Section(
            "norway:3",
            "Ice",
            (
                Minute("norway:4", REF, START, "norway", "council.statement", "On ice",
                       ("First.\nSecond line.", "Third & <last>."), "en", "It changes nothing."),
                Minute("ann:2", REF, START + 1, "ann", "council.receipt", "Sign a receipt"),
            ),
        ),
        Section("", "On no concern", ()),
    ),
)  # fmt: skip


def test_minutes_are_read_back() -> None:
    data = format_minutes(MINUTES)
    assert parse_minutes(data) == MINUTES
    assert format_minutes(MINUTES) == data


def test_minutes_have_unique_ids_and_a_known_vocabulary() -> None:
    root = ET.fromstring(format_minutes(MINUTES))
    ids = [one.attrib["eId"] for one in root.iter() if "eId" in one.attrib]
    assert len(ids) == len(set(ids))
    used = {one.tag.partition("}")[2] for one in root.iter()}
    assert used <= {
        "akomaNtoso", "debate", "meta", "identification", "FRBRWork", "FRBRExpression", "FRBRManifestation",
        "FRBRthis", "FRBRuri", "FRBRdate", "FRBRauthor", "FRBRcountry", "FRBRlanguage", "references",
        "TLCOrganization", "preface", "p", "debateBody", "debateSection", "heading", "speech", "from",
        "summary", "recordedTime", "span",
    }  # fmt: skip


@given(st.lists(st.tuples(times, plain, st.lists(plain, max_size=3), plain), max_size=5), plain)
@settings(max_examples=40, deadline=None)
def test_any_minutes_are_read_back(rows: list[tuple[int, str, list[str], str]], title: str) -> None:
    made = tuple(
        Minute(f"ann:{place}", REF, at, "ann", "council.concern", what, tuple(words), "", note)
        for place, (at, what, words, note) in enumerate(rows)
    )
    found = Minutes("c.example", title, START, "en", (("ann", "Ann"),), (Section("ann:0", title, made),))
    assert parse_minutes(format_minutes(found)) == found


def test_what_xml_cannot_hold_is_replaced() -> None:
    made = Minute("ann:1", REF, START, "ann", "council.concern", "a\x00b", ("c\ud800d\x1be",))
    found = Minutes("c.example", "t", START, "en", (("ann", "Ann"),), (Section("ann:0", "\ufffe", (made,)),))
    (section,) = parse_minutes(format_minutes(found)).sections
    assert section.title == "\ufffd"
    assert (section.minutes[0].what, section.minutes[0].paragraphs) == ("a\ufffdb", ("c\ufffdd\ufffde",))


def test_entities_are_not_read() -> None:
    data = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    with pytest.raises(InputError, match="document type"):
        parse_minutes(data)


# Popolo

HELD = Held(
    "nrc.example",
    "A council",
    (("norway", "Norway"), ("ann", "Ann")),
    (("north", ("norway",)), ("empty", ())),
    (
        Motion(
            REF, "norway:7", "Charts", "We share charts.", "norway", START, START + 9,
            (
                Voice("ann", "conditional", "own", START + 2, "ann:4", 80, "if by winter"),
                Voice("norway", "support", "common", START + 3, "norway:8"),
            ),
        ),
        Motion(REF, "norway:7", "Charts", "We share charts.", "norway", START, START + 60, (), "roll call"),
    ),
)  # fmt: skip


def test_positions_are_read_back() -> None:
    data = format_popolo(HELD)
    assert parse_popolo(data) == HELD
    assert format_popolo(HELD) == data


def test_who_has_no_position_has_no_vote_and_counts_add_up() -> None:
    import msgspec

    found = msgspec.json.decode(format_popolo(HELD))
    event = found["vote_events"][0]
    assert event["counts"] == [{"option": "conditional", "value": 1}, {"option": "support", "value": 1}]
    assert sum(one["value"] for one in event["counts"]) == len(event["votes"]) == 2
    assert found["vote_events"][1]["votes"] == []
    assert event["start_date"] == "2009-09-18T08:00:09Z"


@given(st.lists(st.tuples(names, options, times, st.none() | st.integers(0, 100), plain), max_size=5), plain)
@settings(max_examples=40, deadline=None)
def test_any_positions_are_read_back(rows: list[Any], text: str) -> None:
    voices = tuple(Voice(name, option, "own", at, f"{name}:1", weight, condition)
                   for name, option, at, weight, condition in rows)  # fmt: skip
    motion = Motion(REF, "ann:1", text, text, "ann", START, START, voices)
    held = Held("c.example", text, (("ann", text),), (), (motion,))
    assert parse_popolo(format_popolo(held)) == held


# Spoiled files

_GOOD: list[tuple[str, bytes, Callable[..., object]]] = [
    ("calendar", format_calendar("Council", EVENTS), parse_calendar),
    ("minutes", format_minutes(MINUTES), parse_minutes),
    ("popolo", format_popolo(HELD), parse_popolo),
]


@pytest.mark.parametrize(("name", "good", "parse"), _GOOD, ids=[one[0] for one in _GOOD])
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_spoiled_files_are_refused_in_one_sentence(
    name: str, good: bytes, parse: Callable[..., object], data: st.DataObject
) -> None:
    """Cut anywhere, or with a byte changed: read as something, or refused, and never a fault of ours."""
    place = data.draw(st.integers(0, len(good) - 1))
    byte = data.draw(st.integers(0, 255))
    for spoiled in (good[:place], good[:place] + bytes([byte]) + good[place + 1 :], good[place:]):
        sentence = f"{name}: "
        try:
            parse(spoiled, where=name)
        except InputError as error:
            sentence = str(error)
        assert sentence.startswith(f"{name}: ")
        assert "\n" not in sentence


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_noise_is_refused(noise: bytes) -> None:
    for _, _, parse in _GOOD:
        with pytest.raises(InputError):
            parse(noise)


def test_what_is_beyond_its_bound_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, bound, parse in (
        (calendar, "MAX_CALENDAR", parse_calendar),
        (minutes, "MAX_MINUTES", parse_minutes),
        (popolo, "MAX_POPOLO", parse_popolo),
    ):
        monkeypatch.setattr(module, bound, 10)
        with pytest.raises(InputError, match="at most 10 bytes"):
            parse(b"x" * 11)
