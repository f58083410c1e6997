"""Dates as sources give them: every form, and every way to get one wrong."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allweather.errors import MalformedRecord
from allweather.positions import format_date, parse_date
from tests import strategies

FORMS = {
    "2009-03-05": ("2009-03-05", "2009-03-05"),
    "2008-02-29": ("2008-02-29", "2008-02-29"),
    "2009-03": ("2009-03-01", "2009-03-31"),
    "2009-12": ("2009-12-01", "2009-12-31"),
    "2008-02": ("2008-02-01", "2008-02-29"),
    "9999-12": ("9999-12-01", "9999-12-31"),
    "2009": ("2009-01-01", "2009-12-31"),
    "2000-2008": ("2000-01-01", "2008-12-31"),
    "2012-13": ("2012-01-01", "2013-12-31"),
    "2009-01/2009-06": ("2009-01-01", "2009-06-30"),
    "2009-01..2009-06-07": ("2009-01-01", "2009-06-07"),
    "2009/2010": ("2009-01-01", "2010-12-31"),
    "c.2012": ("2011-01-01", "2013-12-31"),
    "c. 2012": ("2011-01-01", "2013-12-31"),
    "c.2012-13": ("2011-01-01", "2014-12-31"),
    "c.2009-10": ("2008-01-01", "2011-12-31"),
    "c.2009-05": ("2008-05-01", "2010-05-31"),
    "c.2008-02-29": ("2007-02-28", "2009-02-28"),
    "c.2000-2008": ("1999-01-01", "2009-12-31"),
    "c.0001": ("0001-01-01", "0002-12-31"),
    "c.9999": ("9998-01-01", "9999-12-31"),
}

WRONG = [
    "",
    " ",
    "2009-02-29",
    "2009-00",
    "2009-00-10",
    "2009-13-01",
    "2009-04-31",
    "0000",
    "0000-01-01",
    "209",
    "20090305",
    "2009-3-5",
    "05/03/2009",
    "5 March 2009",
    "2009-03-05T00:00",
    " 2009",
    "2009 ",
    "2009\n",
    "c.",
    "c.  2009",
    "c.\t2009",
    "c.undated",
    "C.2009",
    "Undated",
    "undated ",
    "undated (2012",
    "undated (a (b))",
    "2009-2008",
    "c.2009-2008",
    "2009-06/2009-01",
    "2009/",
    "/2009",
    "2009/2010/2011",
    "٢٠٠٩",  # digits that are not ASCII
    "２００９-０３",  # full-width digits
    "2009‐03",  # a hyphen that is not the ASCII one
    "+2009",
    "-2009",
    "2_009",
    "nan",
    "2009-03-05\0",
]


@pytest.mark.parametrize("text", FORMS)
def test_forms(text: str) -> None:
    found = parse_date(text)
    assert (format_date(found.first), format_date(found.last)) == FORMS[text]
    assert found.text == text


@pytest.mark.parametrize("text", ["undated", "undated (2012)", "undated (c.2012-13)"])
def test_undated_has_no_bounds(text: str) -> None:
    found = parse_date(text)
    assert (found.first, found.last) == (None, None)
    assert format_date(found.last) == "undated"


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(MalformedRecord):
        parse_date(text)


def test_a_long_text_is_refused_without_being_quoted() -> None:
    with pytest.raises(MalformedRecord) as caught:
        parse_date("undated (" + "x" * 100_000 + ")")
    assert len(str(caught.value)) < 100


def test_day_zero_is_the_first_of_1970() -> None:
    assert parse_date("1970-01-01").first == 0
    assert parse_date("1969-12-31").last == -1


def cuts(text: str) -> set[str]:
    return {text[i:j] for i, j in itertools.combinations(range(len(text) + 1), 2)} - {text}


@pytest.mark.parametrize("text", FORMS)
def test_every_cut_is_refused_or_is_another_form(text: str) -> None:
    # A cut of "2009-03-05" can be "2009-03" or "2009": valid, wider, and nothing else may pass.
    for cut in cuts(text):
        try:
            found = parse_date(cut)
        except MalformedRecord:
            continue
        assert found.first is not None
        assert found.last is not None
        assert found.first <= found.last
        assert cut[:4].isdigit() or cut.startswith("c.")


@given(strategies.dates)
def test_a_day_is_printed_as_it_was_parsed(day: dt.date) -> None:
    found = parse_date(day.isoformat())
    assert found.first == found.last == (day - dt.date(1970, 1, 1)).days
    assert format_date(found.last) == day.isoformat()


@given(st.text(alphabet="0123456789-/.c undate()", max_size=24))
def test_any_text_is_a_date_in_order_or_refused(text: str) -> None:
    try:
        found = parse_date(text)
    except MalformedRecord:
        return
    assert (found.first is None) == (found.last is None)
    if found.first is not None and found.last is not None:
        assert found.first <= found.last


@given(strategies.dates, strategies.dates)
def test_a_span_is_as_wide_as_its_ends(one: dt.date, other: dt.date) -> None:
    first, last = sorted([one, other])
    found = parse_date(f"{first}/{last}")
    assert (format_date(found.first), format_date(found.last)) == (first.isoformat(), last.isoformat())
