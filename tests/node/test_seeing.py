"""As seen by: the council as another member's node saw it at a time, by its own log and no other."""

from __future__ import annotations

import pytest

from allweather.council import bodies as b
from allweather.council.agenda import agenda
from allweather.council.view import View
from allweather.errors import UnknownName
from allweather.node.seeing import as_seen_by
from tests.node.sitting import HOUR, Seat, Table, origin


def seen(seat: Seat, name: str, at: int) -> View:
    return as_seen_by(seat.view, origin(name), at, seat.desk.storage, seat.desk.standing)


def titles(view: View) -> list[str]:
    return [one.body.title for one in agenda(view)]


def test_what_it_had_not_seen_is_left_out_and_nothing_else(table: Table) -> None:
    ann, ben, cem = table["ann"], table["ben"], table["cem"]
    start = table.now
    ann.sign(b.Concern(title="First"))
    table.exchange()
    table.now += HOUR
    ann.sign(b.Concern(title="Second"))  # Ben is not reached
    cem.takes(ann)
    ben.sign(b.Concern(title="Ben's"))
    table.now += HOUR
    later = table.now
    table.exchange()
    assert titles(ann.view) == ["First", "Ben's", "Second"] or set(titles(ann.view)) == {
        "First",
        "Second",
        "Ben's",
    }
    assert set(titles(seen(ann, "ben", start + HOUR))) == {"First", "Ben's"}
    assert set(titles(seen(ann, "cem", start + HOUR))) == {"First", "Second"}
    assert set(titles(seen(ann, "ben", later))) == {"First", "Second", "Ben's"}
    assert titles(seen(ann, "ben", start - 1)) == []
    assert titles(seen(ann, "ann", start)) == ["First"]


def test_what_it_saw_is_the_same_for_everybody_who_holds_its_log(table: Table) -> None:
    for number in range(3):
        for seat in table.seats.values():
            seat.sign(b.Concern(title=f"{seat.name} {number}"))
        table["cem"].takes(table["ann"])
        table.now += HOUR
    table.exchange()
    for name in table.seats:
        for at in range(table.now - 4 * HOUR, table.now + HOUR, HOUR // 2):
            digests = {seen(seat, name, at).fold.digest for seat in table.seats.values()}
            assert len(digests) == 1


def test_what_a_member_sees_later_is_never_less(table: Table) -> None:
    for number in range(4):
        table["ann"].sign(b.Concern(title=str(number)))
        if number % 2:
            table.exchange()
        table.now += HOUR
    table.exchange()
    known: set[str] = set()
    for at in range(table.now - 6 * HOUR, table.now + 1, HOUR):
        now = set(seen(table["ben"], "cem", at).fold.acts)
        assert known <= now
        known = now
    assert known == set(table["cem"].view.fold.acts)


def test_the_charter_stays_pinned(table: Table) -> None:
    view = seen(table["ann"], "ben", table.now)
    assert view.fold.charter == table["ann"].view.fold.charter


def test_who_has_written_nothing_saw_nothing_that_is_known(table: Table) -> None:
    for name in ("nobody", "", "x" * 200, "\x00"):
        with pytest.raises(UnknownName, match="has written nothing that is held here"):
            seen(table["ann"], name, table.now)


def test_a_clock_that_goes_back_does_not_hide_what_was_seen(table: Table) -> None:
    ben = table["ben"]
    table.now += 10 * HOUR
    ben.sign(b.Concern(title="By a clock ahead"))
    table.now -= 9 * HOUR
    ben.sign(b.Concern(title="By a clock set right"))
    view = seen(ben, "ben", table.now)
    assert "By a clock set right" not in titles(view)  # it stands after what is dated later
    assert set(titles(seen(ben, "ben", table.now + 9 * HOUR))) == {"By a clock ahead", "By a clock set right"}
