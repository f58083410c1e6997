"""Spans, zones and runs of a document."""

from __future__ import annotations

import pytest

from allweather.errors import InputError
from allweather.evidence.documents import (
    MAX_TEXT,
    UNKNOWN,
    Document,
    Kind,
    Quotation,
    Resolution,
    Run,
    Span,
    Zone,
    ZoneKind,
)


@pytest.mark.parametrize(("start", "end"), [(-1, 0), (2, 1)])
def test_a_span_that_runs_backwards_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError):
        Span(start, end)


def test_spans_touch_hold_and_read() -> None:
    one = Span(2, 5)
    assert one.of("abcdefg") == "cde"
    assert len(one) == 3
    assert one.overlaps(Span(4, 9))
    assert not one.overlaps(Span(5, 9))
    assert one.holds(Span(2, 3))
    assert not one.holds(Span(2, 6))


def test_a_place_leads_to_its_zone_and_run() -> None:
    zones = (Zone(ZoneKind.CAPTION, Span(2, 4)),)
    document = Document("a", "", "abcdef", zones=zones, runs=(Run(0, page=1), Run(3, page=2)))
    assert [document.zone_at(k) for k in (1, 2, 4)] == [None, ZoneKind.CAPTION, None]
    assert [run.page for run in map(document.run_at, (0, 2, 3, 5)) if run] == [1, 1, 2, 2]
    assert Document("b", "", "abc").run_at(1) is None


def test_a_text_over_the_bound_is_refused() -> None:
    with pytest.raises(InputError, match="split it"):
        Document("a", "", "x" * (MAX_TEXT + 1))


def test_words_of_a_split_quotation_are_joined() -> None:
    one = Quotation("a", 3, Kind.DIRECT, (Span(0, 5), Span(15, 21)))
    assert one.words('"No," he said. "Never"') == '"No," "Never'
    assert (one.id, one.start, one.end) == ("a:3", 0, 21)


def test_unknown_is_an_answer_with_a_reason() -> None:
    assert Resolution().name == UNKNOWN
    assert not Resolution().is_known
    assert Resolution("Ann", "named").is_known
