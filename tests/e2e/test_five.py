"""Five real nodes in bad weather: a few seeds of `make weather`, and that its judge is no yes-man."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.e2e.five.homes import DAY, NAMES, Held, Template, make_template, origin
from tests.e2e.five.oracle import Case, Did, What, expected, was_heard
from tests.e2e.five.plan import ALWAYS, SOMETIMES, make_plan
from tests.e2e.five.story import Acked, Clock, Story
from tests.e2e.five.trial import Outcome, check_records, fitting_length, trial

EVERYONE = tuple(map(origin, NAMES))
ADOPTED = {"adopted", "in_force"}
T0 = 1_000_000


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return make_template(tmp_path_factory.mktemp("five"))


@pytest.mark.parametrize("seed", [8])
def test_five_nodes_come_through(seed: int, template: Template, tmp_path: Path) -> None:
    outcome = trial(seed, template, tmp_path / "homes", length=max(4.0, fitting_length()))
    assert outcome.is_good, outcome
    assert outcome.counts["acknowledged"] >= 15


# The plan


def test_a_seed_always_draws_the_same() -> None:
    assert [make_plan(seed) for seed in range(50)] == [make_plan(seed) for seed in range(50)]


def test_every_kind_of_silence_and_of_clock_comes_up() -> None:
    plans = [make_plan(seed) for seed in range(200)]
    assert {part.kind for plan in plans for part in plan.parts} == {*ALWAYS, *SOMETIMES}
    assert {plan.shift for plan in plans} == {DAY, -DAY}
    assert all(plan.cut != plan.killed for plan in plans)
    assert {plan.cut for plan in plans} == {plan.killed for plan in plans} == set(NAMES)


# The oracle


def case(*acts: Did, proposer: str = "ann", heard: tuple[str, ...] = NAMES[1:]) -> Case:
    """A silence from T0 to T0 + 1000 with receipts at T0 + 100."""
    receipts = [Did("receipt", origin(name), "", "", T0, T0, T0 + 100) for name in heard]
    by = T0 + 1_000
    return Case("test", "ann:1", origin(proposer), EVERYONE, "ann:1", "", "", T0, by, [*receipts, *acts])


def did(what: What, made: float, reached: float | None, hidden: float = 0.0, who: str = "ben") -> Did:
    return Did(what, origin(who), "", "", T0 + made, T0 + max(hidden, made), reached and T0 + reached)


def states(one: Case, at: int) -> set[str] | None:
    found = expected(one, at, 50)
    return None if found is None else set(found)


@pytest.mark.parametrize(
    ("acts", "wanted"),
    [
        ((), ADOPTED),
        ((did("object", 200, 300),), {"broken"}),
        ((did("object", 200, 300), did("clear", 400, 500)), ADOPTED),
        ((did("object", 200, 300), did("clear", 400, 500, who="cem")), {"broken"}),
        ((did("refuse", 200, 300), did("object", 200, 300)), {"refused"}),
        ((did("withdraw", 200, 300, who="ann"),), {"withdrawn"}),
        ((did("object", 200, 1_500, hidden=1_400),), {"contested"}),
        ((did("hold", 200, 300), did("object", 1_200, 1_300)), {"broken"}),
        ((did("backdated", 200, 1_500),), ADOPTED),
        ((did("object", 1_200, 1_300),), ADOPTED),
        ((did("object", 200, 990),), None),
        ((did("object", 200, None),), None),
        ((did("hold", 200, None),), None),
    ],
)
def test_outcomes_by_the_rules(acts: tuple[Did, ...], wanted: set[str] | None) -> None:
    assert states(case(*acts), T0 + 5_000) == wanted


def test_who_is_not_heard_is_waited_for_and_then_bound() -> None:
    one = case(heard=NAMES[1:4])
    assert states(one, T0 + 500) == {"running"}
    assert states(one, T0 + 5_000) == ADOPTED | {"provisional"}
    one.unreachable = (origin("emil"),)
    assert states(one, T0 + 5_000) == {"provisional"}
    assert states(one, T0 + 30 * DAY) == ADOPTED
    assert was_heard(one, origin("ben"), 50)
    assert not was_heard(one, origin("emil"), 50)
    one.acts.append(did("object", 1_500, 1_600, who="emil"))
    assert states(one, T0 + 5_000) == {"contested"}
    assert states(one, T0 + 30 * DAY) == {"contested"}


def test_rivals_wait() -> None:
    one = case()
    one.rival = "cem:4"
    assert states(one, T0 + 30 * DAY) == {"provisional"}


# The judge


def judged(records: list[Held]) -> list[str]:
    story = Story(make_plan(0), {}, Clock(int(time.time()), 1.0), 1.0)
    story.acked.append(Acked("ann", "council.statement", "ann:1", "one"))
    outcome = Outcome(0)
    check_records(story, records, outcome)
    return outcome.faults


def test_what_is_lost_shows() -> None:
    whole = Held({"weather.example/ann": {"one": b"1"}}, (), 0)
    assert judged([whole] * 5) == []
    none = Held({"weather.example/ann": {}}, (), 0)
    assert judged([whole] * 4 + [none]) == [
        "emil lacks what was acknowledged: ann:1",
        "emil does not hold the same as ann",
    ]
    more = Held({"weather.example/ann": {"one": b"1", "two": b"2"}}, ("weather.example/ann",), 1)
    assert judged([whole, whole, more, whole, whole]) == [
        "cem does not hold the same as ann",
        "cem holds two faces of weather.example/ann",
        "cem lacks 1 texts",
    ]
