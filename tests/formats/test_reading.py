"""A reading as of a day: what stays, what goes, and that it is said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from allweather.formats import Conflict, Deal, Reading
from allweather.positions import Member, Note, Positions, Question, Source
from tests import strategies
from tests.formats.compare import entries, told

DAY = 14_243


def reading(positions: Positions) -> Reading:
    return Reading(
        positions=positions,
        format="long table",
        conversation="here",
        intake=("Read.",),
        deals=(
            Deal("k1", "", DAY - 1, "", (), ("of-a-deal",)),
            Deal("k2", "", DAY + 1, "", (), ("later",)),
            Deal("k3", "undated", None, "", (), ("later",)),
        ),
        conflicts=(Conflict("x1", "where", "here", "there", ("of-a-conflict",)),),
    )


def three_records() -> Positions:
    sources = ("early", "late", "of-a-deal", "of-a-conflict", "later", "nobody's")
    return Positions.from_columns(
        [Member("a", "A")],
        [Question("q", "")],
        [0, 0, 0],
        [0, 0, 0],
        [0, 1, 2],
        known_by=[DAY, DAY + 1, 2**31 - 1],
        notes={0: Note(sources=("early",)), 1: Note(sources=("late", "early"))},
        sources={id: Source(id, id) for id in sources},
    )


def test_what_stays_and_what_goes_is_said() -> None:
    before = reading(three_records()).before(DAY)
    assert [one.response for one in entries(before.positions)] == [0]
    assert [one.id for one in before.deals] == ["k1"]
    assert before.conflicts == ()
    assert set(before.positions.sources) == {"early", "of-a-deal"}
    assert before.intake == (
        "Read.",
        "As of 2008-12-30: 1 record that may be later and 1 undated record left out, 1 record kept.",
        "2 deals on record that may be later or undated left out.",
        "1 conflict between sources left out: undated, so possibly written later.",
    )


@given(strategies.positions(), st.integers(DAY - 3, DAY + 3))
def test_a_later_day_adds_nothing_to_an_earlier_one(positions: Positions, day: int) -> None:
    once = reading(positions).before(DAY)
    twice = reading(positions).before(max(day, DAY)).before(DAY)
    first, second = told(once), told(twice)
    assert first.pop("intake") != ()
    del second["intake"]
    assert first == second


@given(strategies.positions())
def test_no_source_is_kept_that_no_record_names(positions: Positions) -> None:
    before = reading(positions).before(DAY)
    named = {source for note in before.positions.notes.values() for source in note.sources}
    named |= {source for deal in before.deals for source in deal.sources}
    assert set(before.positions.sources) <= named
