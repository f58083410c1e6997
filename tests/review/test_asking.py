"""What to ask next: against weighing the draws again, answer by answer; and what it lists."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from allweather.errors import InputError
from allweather.review import asking
from allweather.review.asking import (
    COIN_FLIP,
    MAX_CELLS_PER_QUESTION,
    expected_information,
    expected_reduction,
    what_to_ask,
)
from allweather.review.results import AskNext

Array = npt.NDArray[np.float64]


def ask(support: Array, least: Array | None = None, **settings: Any) -> AskNext:
    """Ask about draws of support (n_draws, n_members, n_questions), all cells open unless told."""
    n_draws, n_members, n_questions = support.shape
    given: dict[str, Any] = {
        "member_ids": [f"M{i}" for i in range(n_members)],
        "question_ids": [f"Q{j}" for j in range(n_questions)],
        "support_prob": support,
        "least_support": support.min(axis=1) if least is None else least,
        "open_cells": np.ones((n_members, n_questions), dtype=bool),
    }
    assert len(given["least_support"]) == n_draws
    return what_to_ask(**(given | settings))


def random_support(seed: int = 0, shape: tuple[int, int, int] = (60, 7, 9)) -> Array:
    rng = np.random.default_rng(seed)
    member, question = rng.normal(size=shape[1]), rng.normal(size=shape[2])
    shared = rng.normal(size=(shape[0], 1, shape[2]))
    return 1 / (1 + np.exp(-(member[:, None] + question + shared + 0.5 * rng.normal(size=shape))))


def weighted_variance(target: Array, weights: Array) -> float:
    weights = weights / weights.sum()
    return float(weights @ (target - weights @ target) ** 2)


def test_the_reduction_is_that_of_weighing_the_draws_by_each_answer() -> None:
    rng = np.random.default_rng(0)
    target, prob = rng.normal(size=80), rng.random((80, 12)) ** 2
    for k, reduction in enumerate(expected_reduction(target, prob)):
        p = prob[:, k]
        after = p.mean() * weighted_variance(target, p) + (1 - p).mean() * weighted_variance(target, 1 - p)
        assert reduction == pytest.approx(target.var() - after, rel=1e-9, abs=1e-12)


def test_the_information_is_that_between_answer_and_draw() -> None:
    prob = np.random.default_rng(1).random((50, 8))
    for k, information in enumerate(expected_information(prob)):
        joint = np.stack([prob[:, k], 1 - prob[:, k]]) / 50
        apart = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
        assert information == pytest.approx((joint * np.log(joint / apart)).sum(), rel=1e-9)


def test_more_doubt_about_the_probability_makes_an_answer_teach_more() -> None:
    side = np.where(np.arange(100) % 2 == 0, 1.0, -1.0)
    spreads = np.array([0.0, 0.1, 0.2, 0.3, 0.5])
    prob = 0.5 + side[:, None] * spreads
    information = expected_information(prob)
    assert information[0] == 0
    assert np.all(np.diff(information) > 0)
    assert information[-1] == pytest.approx(COIN_FLIP)
    reduction = expected_reduction(side, prob) / side.var()
    assert np.all(np.diff(reduction) > 0)
    assert reduction[-1] == pytest.approx(1.0)


def test_an_answer_that_is_known_or_beside_the_point_teaches_nothing() -> None:
    known = np.stack([np.zeros(40), np.ones(40), np.full(40, 0.3)], axis=1)
    assert expected_information(known) == pytest.approx(0.0, abs=1e-12)
    assert expected_reduction(np.arange(40.0), known) == pytest.approx(0.0, abs=1e-12)
    found = ask(known[:, :, None], least=np.arange(40.0)[:, None] / 40)
    assert found.cells == ()
    assert found.expected_gain == 0
    assert "hardly change" in found.conclusion


def test_a_result_that_is_certain_needs_no_answers() -> None:
    support = random_support()
    assert ask(support, least=np.full((60, 9), 0.5)).cells == ()
    least = support.min(axis=1)
    least[:, 1:] = 0.5
    assert {cell.question for cell in ask(support, least=least).cells} == {"Q0"}


def test_the_cell_that_decides_the_result_comes_first() -> None:
    support = random_support()
    support[:, 3, 4] = np.where(np.arange(60) < 30, 0.0, 1.0)
    least = support.min(axis=1)
    least[:, 4] = support[:, 3, 4]
    first = ask(support, least=least).cells[0]
    assert (first.member, first.question, first.reduces) == ("M3", "Q4", 1.0)
    assert first.predicted.mean == 0.5


def test_uncertain_results_come_before_those_nearly_settled() -> None:
    support = np.repeat(random_support(2, (60, 3, 1)), 2, axis=2)
    least = support.mean(axis=1)
    least[:, 1] = 0.5 + 0.1 * (least[:, 1] - 0.5)  # the same shape, a tenth of the doubt
    cells = ask(support, least=least).cells
    assert [cell.question for cell in cells] == ["Q0", "Q0", "Q1", "Q1"]
    assert cells[0].reduces == cells[2].reduces


def test_lists_are_short_ordered_and_of_open_cells() -> None:
    support = random_support(3, (60, 12, 30))
    open_cells = np.random.default_rng(3).random((12, 30)) < 0.4
    found = ask(support, open_cells=open_cells, n_cells=15, n_questions_shown=6)
    assert 0 < len(found.cells) <= 15
    assert len(found.questions) == 6
    for cell in found.cells:
        assert open_cells[int(cell.member[1:]), int(cell.question[1:])]
        assert 0 < cell.reduces <= 1
    asked = [cell.question for cell in found.cells]
    assert max(asked.count(one) for one in asked) <= MAX_CELLS_PER_QUESTION
    gains = [one.gain for one in found.questions]
    assert gains == sorted(gains, reverse=True)
    assert all(one.n_open == open_cells[:, int(one.question[1:])].sum() for one in found.questions)
    information = np.stack([expected_information(support[:, :, j]) for j in range(30)], axis=1)
    assert found.expected_gain == pytest.approx(information[open_cells].mean(), abs=1e-4)


def test_blocks_give_what_the_whole_gives_and_are_small(monkeypatch: pytest.MonkeyPatch) -> None:
    support = random_support(4, (40, 10, 25))
    open_cells = np.random.default_rng(4).random((10, 25)) < 0.5
    open_cells[:, 7] = False
    whole = ask(support, open_cells=open_cells)
    taken: list[int] = []

    def block(questions: npt.NDArray[np.intp]) -> Array:
        taken.extend(questions.tolist())
        assert support[:, :, questions].size <= 1200
        return support[:, :, questions]

    monkeypatch.setattr(asking, "_BLOCK_VALUES", 1200)
    assert ask(support, support_prob=block, open_cells=open_cells) == whole
    assert taken == np.flatnonzero(open_cells.any(axis=0)).tolist()


def test_single_precision_says_the_same() -> None:
    support = random_support(5)
    one, other = ask(support), ask(support, support_prob=support.astype(np.float32))
    assert other.expected_gain == pytest.approx(one.expected_gain, abs=2e-4)
    assert [cell.member for cell in other.cells] == [cell.member for cell in one.cells]


def test_nothing_open_is_said() -> None:
    found = ask(random_support(), open_cells=np.zeros((7, 9), dtype=bool))
    assert found == AskNext("Nothing is left to ask: every member has answered every question.", 0.0, (), ())


@pytest.mark.parametrize(
    ("spread", "said"), [(0.02, "hardly change"), (0.07, "sharpen"), (0.3, "would still change")]
)
def test_says_whether_more_answers_would_change_the_picture(spread: float, said: str) -> None:
    side = np.where(np.arange(100) % 2 == 0, 1.0, -1.0)
    support = np.broadcast_to((0.5 + spread * side)[:, None, None], (100, 2, 2)).copy()
    found = ask(support)
    assert said in found.conclusion
    assert f"{found.expected_gain:.3f} nats" in found.conclusion
    assert found.expected_gain == pytest.approx(2 * spread**2, rel=0.2)


@pytest.mark.parametrize(
    "broken",
    [
        {"support_prob": np.full((60, 7, 8), 0.5)},
        {"support_prob": np.full((60, 7, 9), 1.5)},
        {"support_prob": np.full((60, 7, 9), np.nan)},
        {"support_prob": lambda questions: np.full((60, 7, len(questions) + 1), 0.5)},
        {"least_support": np.full((60, 8), 0.5)},
        {"least_support": np.full((59, 9), 0.5)},
        {"open_cells": np.ones((7, 8), dtype=bool)},
    ],
)
def test_refuses_what_does_not_fit(broken: dict[str, Any]) -> None:
    support = random_support()
    fits: dict[str, Any] = {
        "member_ids": [str(i) for i in range(7)],
        "question_ids": [str(j) for j in range(9)],
        "support_prob": support,
        "least_support": support.min(axis=1),
        "open_cells": np.ones((7, 9), dtype=bool),
    }
    assert what_to_ask(**fits).questions
    with pytest.raises(InputError):
        what_to_ask(**(fits | broken))
