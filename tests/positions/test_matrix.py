"""The matrix of positions: which entry counts, as of when, and what restriction keeps together."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allweather.errors import InputError, UnknownName
from allweather.positions import (
    UNDATED,
    Basis,
    Entry,
    Member,
    Note,
    Positions,
    Question,
    Response,
    parse_date,
)
from tests import strategies

MEMBERS = [Member("a", "A"), Member("b", "B")]
QUESTIONS = [Question("p", "P?"), Question("q", "Q?")]
COLUMNS = ("member", "question", "response", "known_by", "basis", "intensity", "weight")


def entries(positions: Positions) -> list[Entry]:
    """All entries, without their places, for comparing."""
    return [dataclasses.replace(positions.entry(k), index=0) for k in range(len(positions))]


def one_cell(*rows: tuple[Response, str, Basis]) -> Positions:
    """Entries on one cell: response, date, basis, in this order."""
    return Positions.from_columns(
        MEMBERS,
        QUESTIONS,
        [0] * len(rows),
        [1] * len(rows),
        [row[0] for row in rows],
        known_by=[UNDATED if (day := parse_date(row[1]).last) is None else day for row in rows],
        basis=[row[2] for row in rows],
    )


def settled(*rows: tuple[Response, str, Basis]) -> Response:
    current = one_cell(*rows).current()
    assert len(current) == 1
    return current.entry(0).response


# Which entry counts


def test_own_comes_before_inferred_before_common_whatever_their_dates() -> None:
    own = (Response.OPPOSE, "2001-01-01", Basis.OWN)
    inferred = (Response.MIXED, "2005-01-01", Basis.INFERRED)
    common = (Response.SUPPORT, "2009-01-01", Basis.COMMON)
    assert settled(own, inferred, common) is Response.OPPOSE
    assert settled(common, inferred, own) is Response.OPPOSE
    assert settled(common, inferred) is Response.MIXED
    assert settled(inferred, common) is Response.MIXED


def test_the_last_entry_of_one_basis_counts() -> None:
    early = (Response.OPPOSE, "2001-01-01", Basis.OWN)
    late = (Response.SUPPORT, "2009-01-01", Basis.OWN)
    assert settled(early, late) is Response.SUPPORT
    assert settled(late, early) is Response.SUPPORT


def test_within_a_day_the_place_decides() -> None:
    first = (Response.OPPOSE, "2009-01-01", Basis.OWN)
    second = (Response.SUPPORT, "2009-01-01", Basis.OWN)
    assert settled(first, second) is Response.SUPPORT
    assert settled(second, first) is Response.OPPOSE


def test_a_span_is_ordered_by_its_latest_day() -> None:
    span = (Response.OPPOSE, "2000-2008", Basis.OWN)
    within = (Response.SUPPORT, "2008-12-30", Basis.OWN)
    assert settled(span, within) is Response.OPPOSE


def test_an_undated_entry_gives_way_to_any_dated_one() -> None:
    undated = (Response.OPPOSE, "undated", Basis.OWN)
    dated = (Response.SUPPORT, "0001-01-01", Basis.OWN)
    assert settled(undated, dated) is Response.SUPPORT
    assert settled(dated, undated) is Response.SUPPORT


def slow_current(positions: Positions) -> list[Entry]:
    """The rules as they are written in the room's docstring, one cell after another."""
    rank = {Basis.OWN: 2, Basis.INFERRED: 1, Basis.COMMON: 0}
    held: dict[tuple[str, str], Entry] = {}
    for index in range(len(positions)):
        new = positions.entry(index)
        cell = (new.member.id, new.question.id)
        old = held.get(cell)

        def order(one: Entry) -> tuple[int, float]:
            return rank[one.basis], float("-inf") if one.known_by is None else one.known_by

        if old is None or order(new) >= order(old):
            held[cell] = new
    kept = sorted(held.values(), key=lambda one: one.index)
    return [dataclasses.replace(one, index=0) for one in kept]


@given(strategies.positions())
def test_current_agrees_with_the_slow_reading_of_the_rules(positions: Positions) -> None:
    assert entries(positions.current()) == slow_current(positions)


@given(strategies.positions())
def test_current_twice_is_current_once(positions: Positions) -> None:
    once = positions.current()
    assert entries(once.current()) == entries(once)


# As of when


@pytest.mark.parametrize(
    ("date", "counts"),
    [
        ("2009-09-18", True),
        ("2009-09-17", True),
        ("2009-08", True),
        ("2000-2008", True),
        ("c.2007", True),
        ("2009-09-19", False),
        ("2009-09", False),
        ("2009", False),
        ("2008-2009", False),
        ("c.2008", False),
        ("undated", False),
        ("undated (2001)", False),
    ],
)
def test_a_record_counts_before_a_day_only_if_its_latest_possible_day_does(date: str, counts: bool) -> None:
    day = parse_date("2009-09-18").last
    assert day is not None
    assert len(one_cell((Response.SUPPORT, date, Basis.OWN)).before(day)) == counts


def test_an_undated_entry_never_counts_not_even_before_the_last_day() -> None:
    assert len(one_cell((Response.SUPPORT, "undated", Basis.OWN)).before(UNDATED)) == 0


@given(strategies.positions(), strategies.days)
def test_before_keeps_exactly_the_earlier_entries(positions: Positions, day: int) -> None:
    everything = entries(positions)
    kept = [one for one in everything if one.known_by is not None and one.known_by <= day]
    before = positions.before(day)
    assert entries(before) == kept
    assert (before.members, before.questions) == (positions.members, positions.questions)


# Restriction


@given(strategies.positions(), st.data())
def test_restriction_keeps_notes_with_their_entries(positions: Positions, data: st.DataObject) -> None:
    members = data.draw(st.lists(st.sampled_from([one.id for one in positions.members]), unique=True))
    questions = data.draw(st.lists(st.sampled_from([one.id for one in positions.questions]), unique=True))
    kept = positions.with_members(members).with_questions(questions)
    assert [one.id for one in kept.members] == members
    assert [one.id for one in kept.questions] == questions
    assert entries(kept) == [
        one for one in entries(positions) if one.member.id in members and one.question.id in questions
    ]


@given(strategies.positions(), st.data())
def test_take_keeps_what_the_mask_says(positions: Positions, data: st.DataObject) -> None:
    n = len(positions)
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)), dtype=bool)
    assert entries(positions.take(mask)) == [
        one for one, keep in zip(entries(positions), mask, strict=True) if keep
    ]


def test_take_refuses_a_mask_of_another_length() -> None:
    with pytest.raises(InputError, match="mask"):
        one_cell((Response.SUPPORT, "2009", Basis.OWN)).take(np.array([True, False]))


def test_unknown_names_are_named() -> None:
    positions = one_cell((Response.SUPPORT, "2009", Basis.OWN))
    with pytest.raises(UnknownName, match="no member has the id 'z'"):
        positions.with_members(["a", "z"])
    with pytest.raises(UnknownName, match="no question has the id 'z'"):
        positions.with_questions(["z"])


@given(strategies.positions())
def test_nothing_changes_the_original(positions: Positions) -> None:
    before = entries(positions)
    positions.current()
    positions.before(14_243)
    positions.with_members([positions.members[0].id])
    assert entries(positions) == before
    for column in COLUMNS:
        assert not getattr(positions, column).flags.writeable


# What is refused


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"member": [0, 2]}, "member number 2"),
        ({"member": [0, -1]}, "member number -1"),
        ({"question": [0, 9]}, "question number 9"),
        ({"response": [0, 8]}, "response number 8"),
        ({"basis": [0, 3]}, "basis number 3"),
        ({"basis": 3}, "basis number 3"),
        ({"weight": [1.0, 0.0]}, "weight"),
        ({"weight": -1.0}, "weight"),
        ({"weight": [1.0, float("nan")]}, "weight"),
        ({"weight": float("inf")}, "weight"),
        ({"intensity": [0.0, 100.5]}, "intensity"),
        ({"intensity": -0.5}, "intensity"),
        ({"response": [[0, 1]]}, "one dimension"),
        ({"members": [Member("a", "A"), Member("a", "B")]}, "two members have the same id"),
        ({"questions": [Question("p", ""), Question("p", "")]}, "two questions have the same id"),
    ],
)
def test_columns_that_make_no_sense_are_refused(wrong: dict[str, Any], said: str) -> None:
    good: dict[str, Any] = {
        "members": MEMBERS,
        "questions": QUESTIONS,
        "member": [0, 1],
        "question": [0, 1],
        "response": [0, 1],
    }
    Positions.from_columns(**good)
    with pytest.raises(InputError, match=said):
        Positions.from_columns(**(good | wrong))


def test_no_entries_are_ordinary() -> None:
    empty = Positions.from_columns(MEMBERS, QUESTIONS, [], [], [])
    assert (len(empty), len(empty.current()), len(empty.before(0))) == (0, 0, 0)
    assert len(empty.with_members(["b"]).with_questions(["p"])) == 0


# Ten million entries


def held_bytes(positions: Positions) -> int:
    """The memory that the columns own: a broadcast holds one element however long it is."""
    total = 0
    for name in COLUMNS:
        column = getattr(positions, name)
        total += column.itemsize * int(
            np.prod([n for n, s in zip(column.shape, column.strides, strict=True) if s])
        )
    return total


def test_ten_million_entries_take_nine_bytes_each_and_stay_so() -> None:
    n = 10_000_000
    member = np.arange(n, dtype=np.int32) % 100_000
    question = np.arange(n, dtype=np.int32) // 100_000
    response = np.full(n, Response.SUPPORT, dtype=np.int8)
    positions = Positions.from_columns(
        [Member(str(k), "") for k in range(100_000)],
        [Question(str(k), "") for k in range(100)],
        member,
        question,
        response,
        known_by=14_245,
        notes={n - 1: Note("the last one")},
    )
    assert len(positions) == n
    assert held_bytes(positions) <= n * 9 + 100
    assert np.shares_memory(positions.member, member)  # taken, not copied

    kept = positions.with_questions(["98", "99"])
    assert len(kept) == 200_000
    assert held_bytes(kept) <= 200_000 * 9 + 100
    assert kept.entry(199_999).note.text == "the last one"
    assert held_bytes(positions.before(14_245)) <= n * 9 + 100
