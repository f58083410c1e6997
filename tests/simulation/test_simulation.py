"""A short run of the simulator, and every planted fault caught by the seed that is on record for it."""

from __future__ import annotations

import json

import pytest

from tests.simulation.mutants import MUTANTS
from tests.simulation.run import CAUGHT, first_caught, story

SHORT = 160


@pytest.mark.parametrize("span", [range(start, start + 40) for start in range(0, SHORT, 40)], ids=str)
def test_every_story_ends_well(span: range) -> None:
    outcomes = [story(seed) for seed in span]
    assert [outcome for outcome in outcomes if not outcome.is_good] == []
    # A simulator in which nothing happens would also find nothing.
    assert sum(outcome.n_entries for outcome in outcomes) > 10 * len(span)
    for happened in ("n_two_faced", "n_power_cuts", "n_restored", "n_stolen", "n_successions", "n_lies"):
        assert sum(getattr(outcome, happened) for outcome in outcomes) > 0, happened


def test_a_seed_is_one_story() -> None:
    assert story(7) == story(7)
    assert story(7) != story(8)


@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_every_mutant_is_caught(name: str) -> None:
    caught: dict[str, int | None] = json.loads(CAUGHT.read_text())
    seed = caught[name]
    assert seed is not None, f"{name} survives; python -m tests.simulation.run --mutants --seeds 0-20000"
    assert story(seed, real=False).is_good, "the story must be good without the mutant"
    assert first_caught(name, [seed]) == seed


def test_the_bank_is_on_record() -> None:
    assert sorted(json.loads(CAUGHT.read_text())) == sorted(MUTANTS)
    assert len(MUTANTS) >= 20
