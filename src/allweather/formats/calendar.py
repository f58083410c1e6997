"""Calendars as iCalendar (RFC 5545, with the calendar's NAME of RFC 7986): written and read.

Every event is one moment or a span, in UTC, so that each calendar shows it in its reader's own zone. Nothing
is left to chance or to the clock: the same events give the same bytes. What a text holds that a calendar
cannot (control characters) becomes a replacement character.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import icalendar

from allweather.errors import MalformedRecord, UnreadableSource

MAX_CALENDAR = 2**24
MAX_EVENTS = 20_000
_PRODUCT = "-//Allweather//Council calendar//EN"
_UTC = dt.UTC
_LAST = 253_402_214_400  # the last day of the year 9999
_ESCAPED = re.compile(r"\\([\\;,nN])")
_ESCAPABLE = re.compile(r"[\\;,]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a calendar. Times are seconds since 1970; `end` is `start` for a moment.

    `key` tells it apart for ever: who subscribes sees an event with the same key change, not come twice.
    `changed` is when what it rests on was signed. `sort` is a word for its category.
    """

    key: str
    title: str
    start: int
    end: int
    changed: int
    sort: str = ""
    about: str = ""
    address: str = ""


class _Text(icalendar.vText):
    """A text that is read back as it was: the library takes a backslash before N for an end of line."""

    def to_ical(self) -> bytes:
        return _ESCAPABLE.sub(r"\\\g<0>", self).replace("\n", r"\n").encode()


def format_calendar(name: str, events: Sequence[Event]) -> bytes:
    """A calendar of that name, its events by their start."""
    made = icalendar.Calendar()
    made.add("prodid", _PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    for field in ("NAME", "X-WR-CALNAME"):  # the second is what most programs look at
        made[field] = _Text(" ".join(_plain(name).split("\n")))
    for one in sorted(events, key=lambda one: (one.start, one.key)):
        made.add_component(_event(one))
    data: bytes = made.to_ical(sorted=False)
    return data


def _event(one: Event) -> icalendar.Event:
    made = icalendar.Event()
    made["uid"] = _Text(_plain(one.key))
    made.add("dtstamp", _moment(one.changed))
    made.add("dtstart", _moment(one.start))
    if one.end > one.start:
        made.add("dtend", _moment(one.end))
    made["summary"] = _Text(_plain(one.title))
    if one.about:
        made["description"] = _Text(_plain(one.about))
    if one.sort:
        made["categories"] = _Text(_plain(one.sort))
    if one.address:
        made.add("url", one.address)
    made.add("transp", "TRANSPARENT")  # a deadline takes nobody's time
    return made


def parse_calendar(data: bytes, *, where: str = "") -> tuple[str, tuple[Event, ...]]:
    """The name and the events of a calendar whose times are in UTC.

    Raises UnreadableSource, MalformedRecord.
    """
    if len(data) > MAX_CALENDAR:
        raise UnreadableSource(f"a calendar has at most {MAX_CALENDAR} bytes", where=where)
    try:
        found = icalendar.Calendar.from_ical(data)
    except Exception as error:  # the library raises what its parts raise: value, type, index and key errors
        raise UnreadableSource(f"this is no calendar ({type(error).__name__})", where=where) from None
    if not isinstance(found, icalendar.Calendar):
        raise UnreadableSource("this is no calendar", where=where)
    rows = list(found.walk("VEVENT"))
    if len(rows) > MAX_EVENTS:
        raise UnreadableSource(f"a calendar has at most {MAX_EVENTS} events", where=where)
    # The library takes the backslashes off properties that it knows, and these it does not know.
    name = _ESCAPED.sub(lambda one: "\n" if one[1] in "nN" else one[1], str(_name_of(found)))
    return name, tuple(_read(one, where) for one in rows)


def _name_of(found: icalendar.Calendar) -> object:
    return found.get("NAME", found.get("X-WR-CALNAME", ""))


def _read(row: Any, where: str) -> Event:
    try:
        start = _seconds(row["DTSTART"].dt)
        categories = row.get("CATEGORIES")
        return Event(
            str(row["UID"]),
            str(row.get("SUMMARY", "")),
            start,
            _seconds(row["DTEND"].dt) if "DTEND" in row else start,
            _seconds(row["DTSTAMP"].dt),
            "" if categories is None else str(categories.cats[0]),
            str(row.get("DESCRIPTION", "")),
            str(row.get("URL", "")),
        )
    except (KeyError, AttributeError, IndexError, TypeError, ValueError, OverflowError):
        raise MalformedRecord("an event has no key, or no time that is in UTC", where=where) from None


def _moment(at: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(max(0, min(at, _LAST)), _UTC)


def _seconds(when: object) -> int:
    if not isinstance(when, dt.datetime) or when.utcoffset() != dt.timedelta():
        raise ValueError("not in UTC")
    return int(when.timestamp())


def _plain(text: str) -> str:
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n"))
