"""The baselines: by hand where one can, against planted truth elsewhere, and on degenerate input."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy.special import expit

from allweather.positions import Body, Member, Positions, Question, Response
from allweather.review import baselines, heldout
from allweather.review.heldout import Way

OF_VALUE = np.array([int(Response.OPPOSE), int(Response.PASS), int(Response.SUPPORT)])


def positions_of(values: npt.NDArray[np.float64]) -> Positions:
    """From a matrix of -1, 0, 1 with NaN where there is no answer."""
    member, question = np.nonzero(np.isfinite(values))
    return Positions.from_columns(
        [Member(str(k), f"P{k}") for k in range(values.shape[0])],
        [Question(str(k), f"Q{k}") for k in range(values.shape[1])],
        member,
        question,
        OF_VALUE[values[member, question].astype(int) + 1],
        body=Body.CONSULTATION,
    )


def drawn(logits: npt.NDArray[np.float64], seed: int = 0) -> npt.NDArray[np.float64]:
    """Answers from logits, a third of them missing and some passes."""
    generator = np.random.default_rng(seed)
    values = np.where(generator.random(logits.shape) < expit(logits), 1.0, -1.0)
    values[generator.random(logits.shape) < 0.05] = 0.0
    values[generator.random(logits.shape) < 0.33] = np.nan
    return values


def losses(values: npt.NDArray[np.float64]) -> dict[str, float]:
    positions = positions_of(values)
    split = heldout.hide(positions, 0, "planted")
    member, question = positions.member[split.hidden], positions.question[split.hidden]
    agreed = split.outcome[split.hidden] == 1
    kept = positions.take(split.kept)
    return {
        name: heldout.log_loss(fit(kept).predict(member, question), agreed)
        for name, fit in baselines.BASELINES.items()
    }


def test_question_mean_by_hand() -> None:
    values = np.array([[1.0, -1.0, np.nan], [1.0, 0.0, np.nan], [-1.0, 0.0, np.nan]])
    model = baselines.fit_question_mean(positions_of(values))
    assert model.prob == pytest.approx([3 / 5, 1 / 3, 1 / 2])
    assert model.predict(np.array([2, 0]), np.array([0, 2])) == pytest.approx([3 / 5, 1 / 2])


def test_group_mean_by_hand() -> None:
    values = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 0.0], [-1.0, 1.0]])
    model = baselines.group_mean(positions_of(values), np.array([0, 0, 1, -1]))
    member, question = np.array([0, 2, 2, 3]), np.array([0, 0, 1, 1])
    # group 0 on question 0: 2 of 2; group 1: 0 of 1, then a pass only; nobody's: 2 of 3 overall
    assert model.predict(member, question) == pytest.approx([3 / 4, 1 / 3, 1 / 2, 3 / 5])


def test_additive_recovers_planted_effects() -> None:
    generator = np.random.default_rng(1)
    ready, accepted = generator.normal(size=(200, 1)), generator.normal(size=(1, 40))
    model = baselines.fit_additive(positions_of(drawn(0.4 + ready + accepted)))
    assert np.corrcoef(model.member_effect, ready[:, 0])[0, 1] > 0.85
    assert np.corrcoef(model.question_effect, accepted[0])[0, 1] > 0.97


def test_additive_is_stationary() -> None:
    generator = np.random.default_rng(2)
    positions = positions_of(drawn(generator.normal(size=(60, 1)) + generator.normal(size=(1, 20))))
    model = baselines.fit_additive(positions)
    outcome = heldout.outcomes(positions, Way.TWO_WAY)
    used = outcome >= 0
    gap = outcome[used] - model.predict(positions.member[used], positions.question[used])
    assert abs(gap.sum()) < 0.05  # the mean has no penalty
    slope = np.bincount(positions.member[used], weights=gap, minlength=60)
    ratio = slope / model.member_effect  # equals 1 / variance for every member
    assert np.allclose(ratio, ratio[0], rtol=0.02)


def test_factor_model_is_the_least_of_its_objective() -> None:
    generator = np.random.default_rng(3)
    side = np.where(np.arange(80) < 40, 1.0, -1.0)[:, None]
    values = drawn(0.5 + 1.5 * side * generator.normal(size=(1, 25)))
    positions = positions_of(values)
    model = baselines.fit_factor_model(positions)
    rating = (values[positions.member, positions.question] + 1) / 2

    def objective(i_u: float = 0, f_u: float = 0, i_n: float = 0, f_n: float = 0) -> float:
        """The loss with the first member's or question's parameter moved by so much."""
        first = np.eye(1, 80)[0], np.eye(1, 25)[0]
        a, b = model.member_intercept + i_u * first[0], model.member_factor + f_u * first[0]
        c, d = model.question_intercept + i_n * first[1], model.question_factor + f_n * first[1]
        m, q = positions.member, positions.question
        error = np.mean((rating - model.mean - a[m] - c[q] - b[m] * d[q]) ** 2)
        penalties = 0.15 * (np.mean(a**2) + np.mean(c**2)) + 0.03 * (np.mean(b**2) + np.mean(d**2))
        return float(error + penalties)

    least = objective()
    for step in (0.05, -0.05):
        assert objective(i_u=step) > least
        assert objective(f_u=step) > least
        assert objective(i_n=step) > least
        assert objective(f_n=step) > least
    assert abs(np.corrcoef(model.member_factor, side[:, 0])[0, 1]) > 0.9


def test_structure_is_used_where_it_is() -> None:
    generator = np.random.default_rng(4)
    side = np.where(np.arange(240) < 120, 1.0, -1.0)[:, None]
    found = losses(drawn(0.5 + 1.5 * side * generator.normal(size=(1, 40))))
    for name in ("Polis groups", "Polis PCA", "factor model"):
        assert found[name] < found["question mean"] - 0.05
    assert abs(found["additive"] - found["question mean"]) < 0.03


def test_where_there_is_no_structure_shrinkage_costs_nothing_and_groups_cost_much() -> None:
    generator = np.random.default_rng(5)
    found = losses(drawn(np.repeat(generator.normal(size=(1, 40)), 240, axis=0)))
    for name in ("additive", "Polis PCA"):
        assert abs(found[name] - found["question mean"]) < 0.01
    assert found["Polis groups"] > found["question mean"] + 0.03


@pytest.mark.parametrize("name", baselines.BASELINES)
@pytest.mark.parametrize(
    "values",
    [
        np.full((3, 2), np.nan),
        np.zeros((5, 4)),
        np.ones((30, 8)),
        np.array([[1.0]]),
        np.array([[1.0, -1.0, np.nan], [np.nan, 1.0, np.nan]]),
    ],
    ids=["none", "passes", "all agree", "one answer", "two members"],
)
def test_degenerate_answers_give_probabilities(name: str, values: npt.NDArray[np.float64]) -> None:
    positions = positions_of(values)
    n_members, n_questions = values.shape
    member, question = np.divmod(np.arange(n_members * n_questions), n_questions)
    prob = baselines.BASELINES[name](positions).predict(member, question)
    assert prob.shape == member.shape
    assert np.all((prob > 0) & (prob < 1))


@pytest.mark.parametrize("name", baselines.BASELINES)
def test_same_answers_same_bits(name: str) -> None:
    positions = positions_of(drawn(np.random.default_rng(6).normal(size=(50, 12))))
    member, question = np.divmod(np.arange(600), 12)
    first, second = (baselines.BASELINES[name](positions).predict(member, question) for _ in range(2))
    assert first.tobytes() == second.tobytes()


def test_three_way_shares_by_hand() -> None:
    values = np.array([[1.0], [1.0], [0.0], [-1.0]])
    positions = positions_of(values)
    member, question = np.array([0, 2, 3]), np.zeros(3, dtype=int)
    overall = baselines.three_way_shares(positions, member, question)
    assert overall == pytest.approx(np.repeat([[2 / 7, 2 / 7, 3 / 7]], 3, axis=0))
    grouped = baselines.three_way_shares(positions, member, question, np.array([0, 0, 1, -1]))
    assert grouped == pytest.approx(
        np.array([[1 / 5, 1 / 5, 3 / 5], [1 / 4, 2 / 4, 1 / 4], [2 / 7, 2 / 7, 3 / 7]])
    )
