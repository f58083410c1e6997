"""Times for readers: in the zone of whoever reads, with UTC beside, and back from what a form brings."""

from __future__ import annotations

import datetime as dt
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from babel.dates import format_date, format_datetime, format_time, format_timedelta

from allweather.errors import InputError

UTC = ZoneInfo("UTC")
_LAST = 253_402_300_799


@cache
def zones() -> tuple[str, ...]:
    """The names of all zones, UTC first, without those that stand for no place."""
    found = {name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix"))}
    return ("UTC", *sorted(found - {"localtime"}))


def zone_of(name: str) -> ZoneInfo:
    """A zone by its name; UTC if there is none of that name."""
    if name not in zones():
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def moment(at: int, zone: dt.tzinfo = UTC) -> dt.datetime:
    """A time (seconds since 1970) in a zone; what lies beyond the year 9999 is its end."""
    return dt.datetime.fromtimestamp(max(0, min(at, _LAST - 86_400)), zone)


def show_day(at: int, zone: dt.tzinfo, language: str) -> str:
    """The day, in words."""
    return format_date(moment(at, zone).date(), "d MMMM y", locale=language)


def show_moment(at: int, zone: dt.tzinfo, language: str) -> str:
    """Day and time to the minute."""
    when = moment(at, zone)
    form = "d MMMM y HH:mm" if language != "en" else "d MMMM y, HH:mm"
    return format_datetime(when, form, tzinfo=zone, locale=language)


def show_clock(at: int, zone: dt.tzinfo, language: str) -> str:
    """The time of the day to the minute."""
    return format_time(moment(at, zone), "HH:mm", tzinfo=zone, locale=language)


def show_span(seconds: float, language: str) -> str:
    """How long something is, about: 3 days."""
    return format_timedelta(dt.timedelta(seconds=seconds), threshold=1.4, locale=language)


def show_until(at: int, now: int, language: str) -> str:
    """How far a time is from now, about: in 3 days."""
    return format_timedelta(
        dt.timedelta(seconds=at - now), threshold=1.4, add_direction=True, locale=language
    )


def parse_moment(text: str, zone: dt.tzinfo) -> int:
    """Seconds since 1970 of what a form field for date and time brings, in the visitor's zone.

    Raises InputError.
    """
    text = text.strip()
    try:
        when = dt.datetime.fromisoformat(text)
        if when.tzinfo is None:
            when = when.replace(tzinfo=zone)
        at = int(when.timestamp())
    except (ValueError, OverflowError):
        raise InputError(f"{text!r:.40} is no date and time; write 2026-12-04 18:00") from None
    if at < 0:
        raise InputError(f"{text!r:.40} is before 1970")
    return at


def format_moment(at: int, zone: dt.tzinfo) -> str:
    """What a form field for date and time shows of a time: to the minute in a zone."""
    return moment(at, zone).strftime("%Y-%m-%dT%H:%M")
