"""Reviews: any member computes a tabled review again, byte for byte; a forged one is refused and says why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from allweather.council import bodies as b
from allweather.council.acts import Act
from allweather.council.reviewing import reviews
from allweather.errors import NothingToReview, NotVerified, Refused, UnknownName
from allweather.node.reviewing import PROGRAM, Reviewed, recompute, review_council, tabled
from tests.node.sitting import HOUR, Seat, Table, sitting

SHADES: tuple[Any, ...] = ("support", "oppose", "abstain", "consent", "conditional")


def fill(table: Table) -> str:
    """Six texts on a concern, and what each member holds on them; the concern's reference."""
    ann = table["ann"]
    concern = ann.sign(b.Concern(title="Water")).ref
    texts = [ann.sign(b.Text(concern=concern, title=f"T{n}", words=f"Words {n}.")).ref for n in range(6)]
    table.exchange()
    for place, seat in enumerate(table.seats.values()):
        for number, text in enumerate(texts):
            shade = SHADES[(place * number + number) % len(SHADES)]
            condition = "all do" if shade == "conditional" else ""
            seat.sign(b.Position(on=text, response=shade, condition=condition, intensity=10 * number))
    table.exchange()
    return concern


@pytest.fixture(scope="module")
def reviewed(
    founded_homes: tuple[Path, dict[str, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Table, Act, Reviewed]]:
    """A council with positions, a review that Ann has tabled, and what it computed."""
    with sitting(founded_homes, tmp_path_factory.mktemp("reviewed") / "desks") as table:
        concern, ann = fill(table), table["ann"]
        made = review_council(ann.view, concern=concern, seed=3)
        act = ann.sign(tabled(ann.view, made, title="Where we stand", concern=concern, seed=3))
        table.exchange()
        yield table, act, made


def again(seat: Seat, act: Act, **how: Any) -> Reviewed:
    return recompute(seat.view, act, seat.desk.storage, seat.desk.standing, **how)


def test_another_member_computes_the_same_bytes(reviewed: tuple[Table, Act, Reviewed]) -> None:
    table, act, made = reviewed
    for name in ("ben", "cem"):
        assert act in reviews(table[name].view)
        assert again(table[name], act, threads=2 if name == "cem" else 1).files == made.files


def test_what_came_since_changes_nothing(reviewed: tuple[Table, Act, Reviewed]) -> None:
    table, act, made = reviewed
    text = table["ben"].view.fold.of(b.Text)[0].ref
    table.now += HOUR
    table["ben"].sign(b.Position(on=text, response="oppose", red_line=True))
    table.exchange()
    assert again(table["cem"], act).result == made.result
    assert review_council(table["cem"].view, seed=3).result != made.result


def forge(seat: Seat, **changes: Any) -> Act:
    """An act of a review as somebody would have it that does not keep to the rules."""
    body = next(act.body for act in seat.view.fold.of(b.Review))
    act = next(act for act in seat.view.fold.of(b.Review))
    return Act("forged", act.origin, act.index, act.at, msgspec.structs.replace(body, **changes))


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"result": "A" * 43 + "="}, "they give the result"),
        ({"inputs": "A" * 43 + "="}, "was not computed from the positions on record"),
        ({"seed": 4}, "they give the result"),
        ({"as_of": "2009-09-01"}, ""),
        ({"as_of": "tomorrow"}, "date"),
        ({"concern": ""}, ""),
        ({"frontier": ()}, ""),
    ],
    ids=lambda one: next(iter(one)) if isinstance(one, dict) else "",
)
def test_a_forged_review_is_refused(
    reviewed: tuple[Table, Act, Reviewed], changes: dict[str, Any], word: str
) -> None:
    table, _, _ = reviewed
    act = forge(table["ben"], **changes)
    if changes.get("concern") == "":
        # All texts are of the one concern: without it the very same goes in and comes out.
        assert again(table["ben"], act)
        return
    with pytest.raises((NotVerified, NothingToReview, Refused)) as caught:
        again(table["ben"], act)
    assert word in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_review_of_more_than_is_held_waits_for_the_rest(reviewed: tuple[Table, Act, Reviewed]) -> None:
    table, act, _ = reviewed
    body = act.body
    assert isinstance(body, b.Review)
    more = tuple((origin, size + 1_000, ref) for origin, size, ref in body.frontier)
    with pytest.raises(Refused, match="fetch the rest first"):
        again(table["ben"], forge(table["ben"], frontier=more))
    other = tuple((origin, size, "B" * 43 + "=") for origin, size, _ in body.frontier)
    with pytest.raises(NotVerified, match="is not the one of"):
        again(table["ben"], forge(table["ben"], frontier=other))
    with pytest.raises(UnknownName, match="is no review"):
        again(table["ben"], table["ben"].view.fold.of(b.Concern)[0])


def test_what_does_not_rest_on_the_record_is_not_signed(reviewed: tuple[Table, Act, Reviewed]) -> None:
    table, _, made = reviewed
    ben = table["ben"]
    body = tabled(ben.view, made, title="Forged", seed=3)
    assert body.version == PROGRAM
    for changes in ({"inputs": "A" * 43 + "="}, {"frontier": ()}, {"as_of": "never"}):
        before = ben.state()
        with pytest.raises(Refused, match="would not count, so nothing was signed"):
            ben.sign(msgspec.structs.replace(body, **changes))
        assert ben.state() == before


def test_without_positions_there_is_nothing_to_review(table: Table) -> None:
    with pytest.raises(NothingToReview):
        review_council(table["ann"].view)


def test_without_a_charter_there_is_nothing_to_review(strangers: Table) -> None:
    with pytest.raises(NothingToReview, match="no charter"):
        review_council(strangers["ann"].view)
