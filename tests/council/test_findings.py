"""What is kept of findings is what finding afresh gives: after every entry, at every time."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allweather.council.findings import Findings
from allweather.council.fold import Fold
from allweather.council.forms import Body
from allweather.council.view import View
from allweather.node.folding import KINDS
from tests.council.law import MAKERS, everything, questions, random_story
from tests.council.story import COUNCIL, DAY, Story


def check_kept(story: Story, seed: int, *, share: float) -> Findings:
    """Fold a story entry by entry. After each, ask some questions of what is kept, and of a view afresh."""
    dice = random.Random(seed)
    fold = Fold(COUNCIL, KINDS)
    findings = Findings(fold.reads)
    first = min(act.at for act in story.fold().acts.values())
    entries = list(story.orders(seed)) if dice.random() < 0.5 else _interleaved(story, dice)
    for number, (origin, index) in enumerate(entries):
        fold.apply(origin, index, story.logs[origin][index : index + 1])
        # Mostly the time goes on with the record; now and then it jumps, also back.
        passed = number / len(entries) if dice.random() < 0.8 else dice.random()
        at = first + int(passed * (story.now - first + 4 * DAY))
        kept, fresh = View(fold, at, findings=findings), View(fold, at)
        asked = questions(fold)
        for name in dice.sample(sorted(asked), k=max(1, int(len(asked) * share))):
            assert asked[name](kept) == asked[name](fresh), (name, number)
    for at in (story.now, story.now + 3 * DAY):
        kept = View(fold, at, findings=findings)
        assert {name: ask(kept) for name, ask in questions(fold).items()} == everything(story.fold(), at)
    return findings


def _interleaved(story: Story, dice: random.Random) -> list[tuple[str, int]]:
    """All entries, each log in its own order but for now and then: what an author had seen may come later."""
    entries = [(origin, index) for origin, log in story.logs.items() for index in range(len(log))]
    turns = dice.sample([origin for origin, _ in entries], k=len(entries))
    left = {origin: [index for one, index in entries if one == origin] for origin in story.logs}
    if dice.random() < 0.3:
        dice.shuffle(left[dice.choice(sorted(left))])
    return [(origin, left[origin].pop(0)) for origin in turns]


@pytest.mark.parametrize("kind", MAKERS, ids=lambda kind: kind.KIND)
def test_what_is_kept_is_so_for(kind: type[Body]) -> None:
    """A story in which half of the acts are of one kind; at least one of them is on record."""
    for seed in range(40):
        story = random_story(seed, 20, first=kind)
        if story.fold().of(kind):
            check_kept(story, seed, share=0.2)
            return
    raise AssertionError(f"no story of forty holds an act of the kind {kind.KIND}")


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from((0.05, 0.5)))
def test_what_is_kept_is_so_for_any_story(seed: int, share: float) -> None:
    check_kept(random_story(seed, 40), seed, share=share)
