"""The law of the fold, for every kind of act: in whatever order entries arrive, all views are equal."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allweather.council.fold import Fold
from allweather.council.forms import Body
from allweather.node.folding import KINDS
from tests.council.law import MAKERS, everything, random_story
from tests.council.story import COUNCIL, DAY, Story


def test_every_kind_has_a_maker() -> None:
    assert set(MAKERS) == set(KINDS.values())


def check_law(story: Story, orders: range) -> None:
    """Fold a story in other orders, and one entry after the other; everything derived must be the same."""
    whole = story.fold()
    for at in (story.now, story.now + 3 * DAY):
        expected = everything(whole, at)
        for seed in orders:
            fold = Fold(COUNCIL, KINDS)
            for origin, index in story.orders(seed):
                fold.apply(origin, index, story.logs[origin][index : index + 1])
            assert fold.digest == whole.digest
            found = everything(fold, at)
            assert found == expected


@pytest.mark.parametrize("kind", MAKERS, ids=lambda kind: kind.KIND)
def test_the_law_holds_for(kind: type[Body]) -> None:
    """A story in which half of the acts are of one kind; at least one of them is on record."""
    for seed in range(40):
        story = random_story(seed, 24, first=kind)
        if story.fold().of(kind):
            check_law(story, range(2))
            return
    raise AssertionError(f"no story of forty holds an act of the kind {kind.KIND}")


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_law_holds_for_any_story(seed: int) -> None:
    check_law(random_story(seed, 40), range(2))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_everybody_agrees_once_healed(seed: int) -> None:
    story = random_story(seed, 40)
    story.passes(days=10)
    story.heal()
    views = [everything(person.fold, story.now) for person in story.people.values()]
    assert all(view == views[0] for view in views)


def test_a_view_taken_before_does_not_change_what_comes_after() -> None:
    """Taking in entries one by one and looking each time gives what folding all of them at once gives."""
    story = random_story(7, 40)
    fold = Fold(COUNCIL, KINDS)
    for number, (origin, index) in enumerate(story.orders(1)):
        fold.apply(origin, index, story.logs[origin][index : index + 1])
        if number % 10 == 0:
            everything(fold, story.now)
    assert everything(fold, story.now) == everything(story.fold(), story.now)
