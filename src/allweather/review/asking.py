"""What to ask next: the open cells whose answers are expected to teach most, and whether any would.

Two measures, both exact for the posterior draws at hand.

*Of one result.* Let T be a result that depends on the draw (here a question's least support) and y
an open yes-or-no answer that is yes with probability p in a draw. Hearing y weighs the draws by p
or by 1 - p, so the mean of T becomes E[T p] / m after a yes and E[T (1 - p)] / (1 - m) after a no,
with m = E[p]. These two lie C / (m (1 - m)) apart, C = Cov(T, p), and come up with probabilities m
and 1 - m. What the answer takes off the variance of T, on average, is the variance of the mean it
will lead to (the law of total variance):

    Var(T) - E[Var(T | y)] = Var(E[T | y]) = m (1 - m) (C / (m (1 - m)))^2 = C^2 / (m (1 - m))

Cells are ranked by this, and not by the share of Var(T) that it is (`reduces`): an answer matters
where the result is still uncertain.

*Of everything.* What an answer is expected to teach about the model, in nats, is the entropy of the
answer less its mean entropy if the draw were known: H(m) - E[H(p)] (Lindley, Annals of
Mathematical Statistics 27, 1956; "BALD" in active learning). It is also by how much that answer's
own expected log-loss falls if all that it depends on became known: at 0, asking on teaches nothing.

What it does not do: weigh whom it is polite to ask, or look two answers ahead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from allweather.errors import InputError
from allweather.review.results import DECIMALS, AskNext, Interval, OpenCell, OpenQuestion

FloatArray = npt.NDArray[np.floating[Any]]
BoolArray = npt.NDArray[np.bool_]
#: Draws of support for some questions, given by index: (n_draws, n_members, n_asked).
SupportBlocks = Callable[[npt.NDArray[np.intp]], FloatArray]

#: A fair coin teaches this much, in nats: no answer of yes or no can teach more.
COIN_FLIP = float(np.log(2))
#: For p near one half and a standard deviation s of p, an answer teaches about 2 s^2 nats. With less
#: than this on average, probabilities are known to about 0.05: more answers would change little.
SETTLED = 0.005
#: With more than this on average they are known to no better than 0.1: the picture is still moving.
MOVING = 0.02
#: So that the list is of use, not more than this many cells of one question.
MAX_CELLS_PER_QUESTION = 2

_BLOCK_VALUES = 2_000_000  # numbers in a block: 16 MB, whatever the size of the whole


@dataclass(frozen=True, slots=True)
class _Candidate:
    removed: float  # expected reduction of Var(T)
    member: int
    question: int
    reduces: float
    predicted: Interval


def what_to_ask(
    *,
    member_ids: Sequence[str],
    question_ids: Sequence[str],
    support_prob: FloatArray | SupportBlocks,
    least_support: FloatArray,
    open_cells: BoolArray,
    n_cells: int = 20,
    n_questions_shown: int = 20,
) -> AskNext:
    """The open cells and questions to ask about next.

    - `support_prob` (n_draws, n_members, n_questions): the probability, in each draw, that the
      member answers at least with a limited yes; or a function that gives it for some questions
      (see `SupportBlocks`), so that the whole need never be in memory
    - `least_support` (n_draws, n_questions): support in the least supportive party
    - `open_cells` (n_members, n_questions): true where no answer is on record
    - `n_cells`, `n_questions_shown`: at most so many are listed; cells that would teach nothing
      that could be shown are not

    Raises InputError if the shapes do not fit or a probability is none.
    """
    shape = (len(member_ids), len(question_ids))
    if least_support.ndim != 2 or least_support.shape[1] != shape[1] or not least_support.shape[0]:
        raise InputError(f"least support must have the shape (draws, {shape[1]}), not {least_support.shape}")
    if open_cells.shape != shape:
        raise InputError(f"open cells must have the shape {shape}, not {open_cells.shape}")
    n_open = open_cells.sum(axis=0)
    if not n_open.any():
        return AskNext("Nothing is left to ask: every member has answered every question.", 0.0, (), ())
    blocks = _blocks_of(support_prob, (len(least_support), *shape))
    candidates, taught = _weigh(blocks, least_support, open_cells)
    candidates.sort(key=lambda one: (-one.removed, one.question, one.member))
    expected_gain = float(taught.sum() / n_open.sum())
    return AskNext(
        conclusion=_conclude(expected_gain),
        expected_gain=round(expected_gain, DECIMALS),
        cells=tuple(
            OpenCell(
                member=member_ids[one.member],
                question=question_ids[one.question],
                reduces=round(one.reduces, DECIMALS),
                predicted=one.predicted,
            )
            for one in candidates[:n_cells]
        ),
        questions=_questions(question_ids, n_open, taught, n_questions_shown),
    )


def _weigh(
    blocks: SupportBlocks, least_support: FloatArray, open_cells: BoolArray
) -> tuple[list[_Candidate], FloatArray]:
    """The best cells of each question, and what the open cells of each teach in sum."""
    n_draws, (n_members, n_questions) = least_support.shape[0], open_cells.shape
    taught = np.zeros(n_questions)
    candidates: list[_Candidate] = []
    asked = np.flatnonzero(open_cells.any(axis=0))
    size = max(1, _BLOCK_VALUES // (n_draws * n_members))
    for start in range(0, len(asked), size):
        part = asked[start : start + size]
        block = blocks(part)
        _check_block(block, (n_draws, n_members, len(part)))
        for k, j in enumerate(part):
            members = np.flatnonzero(open_cells[:, j])
            prob = block[:, members, k]
            taught[j] = expected_information(prob).sum()
            candidates += _best_of(least_support[:, j], prob, members, int(j))
    return candidates, taught


def expected_reduction(target: FloatArray, prob: FloatArray) -> FloatArray:
    """What an answer is expected to take off the variance of `target`; see the module.

    `target` (n_draws,), `prob` (n_draws, n). Returns (n,), 0 where the answer is certain.
    """
    mean = prob.mean(axis=0, dtype=np.float64)
    # einsum and not matmul: its sums do not depend on the number of threads.
    covariance = np.einsum("s,sn->n", target - target.mean(), prob) / len(target)
    spread = mean * (1 - mean)
    return np.asarray(np.divide(covariance**2, spread, out=np.zeros_like(mean), where=spread > 1e-12))


def expected_information(prob: FloatArray) -> FloatArray:
    """What an answer is expected to teach, in nats: `prob` (n_draws, n) to (n,); see the module."""
    mean = prob.mean(axis=0, dtype=np.float64)
    known = _entropy(prob).mean(axis=0, dtype=np.float64)
    return np.asarray(np.maximum(_entropy(mean) - known, 0.0))


def _entropy(prob: FloatArray) -> FloatArray:
    """The entropy of a yes-or-no answer, in nats, at the precision of `prob`; 0 where it is certain."""
    least = np.finfo(prob.dtype).eps
    yes = np.clip(prob, least, 1 - least)
    no = 1 - yes
    return np.asarray(-(yes * np.log(yes) + no * np.log(no)))


def _blocks_of(support_prob: FloatArray | SupportBlocks, shape: tuple[int, int, int]) -> SupportBlocks:
    if callable(support_prob):
        return support_prob
    dense = support_prob
    if dense.shape != shape:
        raise InputError(f"support must have the shape {shape}, not {dense.shape}")
    return lambda questions: dense[:, :, questions]


def _check_block(block: FloatArray, shape: tuple[int, int, int]) -> None:
    if block.shape != shape:
        raise InputError(f"a block of support must have the shape {shape}, not {block.shape}")
    if not (block.min() >= 0 and block.max() <= 1):  # also catches NaN
        raise InputError("every probability of support must be between 0 and 1")


def _best_of(
    target: FloatArray, prob: FloatArray, members: npt.NDArray[np.intp], question: int
) -> list[_Candidate]:
    """The open cells of one question that are worth a place in the list."""
    target = np.asarray(target, dtype=np.float64)
    variance = float(target.var())
    removed = expected_reduction(target, prob)
    best = np.argsort(-removed, kind="stable")[:MAX_CELLS_PER_QUESTION]
    return [
        _Candidate(
            removed=float(removed[k]),
            member=int(members[k]),
            question=question,
            # At most 1 by the inequality of Cauchy and Schwarz, but for rounding.
            reduces=min(float(removed[k]) / variance, 1.0),
            predicted=Interval.of(prob[:, k]),
        )
        for k in best
        if variance > 0 and removed[k] / variance >= 0.5 * 10**-DECIMALS
    ]


def _questions(
    question_ids: Sequence[str], n_open: npt.NDArray[np.integer[Any]], taught: FloatArray, n_shown: int
) -> tuple[OpenQuestion, ...]:
    asked = np.flatnonzero(n_open)
    gain = taught[asked] / n_open[asked]
    order = np.argsort(-gain, kind="stable")[:n_shown]
    return tuple(
        OpenQuestion(question_ids[int(asked[k])], int(n_open[asked[k]]), round(float(gain[k]), DECIMALS))
        for k in order
    )


def _conclude(expected_gain: float) -> str:
    if expected_gain < SETTLED:
        so = "more answers would hardly change the picture"
    elif expected_gain < MOVING:
        so = "more answers would sharpen the picture without turning it"
    else:
        so = "more answers would still change the picture"
    return (
        f"One more answer is expected to teach {expected_gain:.3f} nats on average "
        f"(a coin flip is {COIN_FLIP:.3f}): {so}."
    )
