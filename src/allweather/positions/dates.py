"""Dates as sources give them: a day, a month, a year, a span, approximate, or none.

    parse_date("2009-03-05")  -> 2009-03-05 to 2009-03-05
    parse_date("2009-03")     -> 2009-03-01 to 2009-03-31
    parse_date("2000-2008")   -> 2000-01-01 to 2008-12-31
    parse_date("c.2012-13")   -> 2011-01-01 to 2014-12-31   (approximate: a year either way)
    parse_date("undated")     -> no bounds

Days are counted from 1970-01-01, which is day 0. A text that is none of these is refused.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from allweather.errors import MalformedRecord

MAX_DATE_LENGTH = 40
EPOCH = dt.date(1970, 1, 1).toordinal()

_POINT = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_YEARS = re.compile(r"(\d{4})-(\d{4})", re.ASCII)
_SHORT_YEARS = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_SPAN = re.compile(r"(\d{4}(?:-\d{2}(?:-\d{2})?)?)(?:/|\.\.)(\d{4}(?:-\d{2}(?:-\d{2})?)?)", re.ASCII)
_UNDATED = re.compile(r"undated(?: \([^()]*\))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class FuzzyDate:
    """The earliest and latest possible day (days since 1970-01-01), None where unbounded."""

    text: str
    first: int | None
    last: int | None


def parse_date(text: str) -> FuzzyDate:
    """Read a date as given by a source.

    Raises MalformedRecord if `text` is not one of the forms in this module's docstring.
    """
    if len(text) > MAX_DATE_LENGTH:
        raise MalformedRecord(f"a date of {len(text)} characters; a date has at most {MAX_DATE_LENGTH}")
    if _UNDATED.fullmatch(text):
        return FuzzyDate(text, None, None)
    approximate = text.startswith("c.")
    body = text.removeprefix("c.").removeprefix(" ") if approximate else text
    try:
        first, last = _bounds(body, approximate=approximate)
    except ValueError:
        raise MalformedRecord(
            f"{text!r} is not a date; write 2009-09-18, 2009-09, 2009, 2000-2008, "
            "2009-01/2009-06, c.2012 or undated"
        ) from None
    if first > last:
        raise MalformedRecord(f"the span {text!r} ends before it begins")
    if approximate:
        first, last = _shift_years(first, -1), _shift_years(last, 1)
    return FuzzyDate(text, first.toordinal() - EPOCH, last.toordinal() - EPOCH)


def format_date(day: int | None) -> str:
    """The ISO text of a day counted from 1970-01-01; `undated` for None."""
    if day is None:
        return "undated"
    return dt.date.fromordinal(day + EPOCH).isoformat()


def _bounds(body: str, *, approximate: bool) -> tuple[dt.date, dt.date]:
    if span := _SPAN.fullmatch(body):
        return _point(span[1])[0], _point(span[2])[1]
    if years := _YEARS.fullmatch(body):
        return _point(years[1])[0], _point(years[2])[1]
    # "2012-13" is no month, so it means two years. "c.2009-10" could be either, and is read as two
    # years because their latest possible day is the later one; "c.2009-05" can only be a month.
    if (short := _SHORT_YEARS.fullmatch(body)) and (
        int(short[2]) > 12 or (approximate and int(short[2]) > int(short[1][2:]))
    ):
        return _point(short[1])[0], _point(short[1][:2] + short[2])[1]
    return _point(body)


def _point(text: str) -> tuple[dt.date, dt.date]:
    found = _POINT.fullmatch(text)
    if found is None:
        raise ValueError(text)
    year = int(found[1])
    if found[2] is None:
        return dt.date(year, 1, 1), dt.date(year, 12, 31)
    month = int(found[2])
    if found[3] is not None:
        day = dt.date(year, month, int(found[3]))
        return day, day
    after = dt.date(year + month // 12, month % 12 + 1, 1) if (year, month) != (9999, 12) else None
    end = dt.date.fromordinal(after.toordinal() - 1) if after else dt.date(9999, 12, 31)
    return dt.date(year, month, 1), end


def _shift_years(day: dt.date, years: int) -> dt.date:
    if not 1 <= day.year + years <= 9999:
        return day
    if (day.month, day.day) == (2, 29):
        day = day.replace(day=28)
    return day.replace(year=day.year + years)
