"""Held-out evaluation: which answers are hidden, and how well they were predicted.

**The split** needs no random generator, so that anyone can make the same one. An answer is hidden
when the 8-byte BLAKE2b digest of the UTF-8 text

    seed:conversation:participant:question        for example  0:brexit-consensus:17:4

with the ids as written, read as a big-endian integer and divided by 2^64, is below 0.1. An answer
whose participant or question would then keep none is moved back; this is judged once, for all
hidden answers together. *Two-way* compares agreement with disagreement and leaves passes and
held-back answers out; *three-way* keeps them as a middle category; *ordinal* keeps the four levels.

**The measures** of predicted probabilities p of agreement and what was said (y = 1: agreed):

- log-loss: the mean of -log p(what was said), natural logarithm, p kept off 0 and 1 by 1e-6
- accuracy: the share where p >= 1/2 exactly when y = 1
- AUC: the chance that an agreement has a higher p than a disagreement, ties counting one half
- ECE: p in ten bins of width 0.1; |mean p - mean y| of each bin, weighted by its share of answers
- coverage: of central 90% intervals for the number of agreements among a question's hidden answers

Counts are discrete, so an interval that holds at least 90% holds more, and coverage would flatter
its model. The randomised probability integral transform does not: draw v evenly between
P(count < seen) and P(count <= seen), and call the question covered when 0.05 <= v <= 0.95. A
calibrated model covers exactly 90% that way. We take the mean over v instead of drawing it: the
share of that step which lies within [0.05, 0.95]. Questions weigh equally. The count's
distribution is the mixture, over posterior draws, of the sums of independent answers.

What this does not do: fit anything. `baselines` and `model` do; a caller joins the two.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from allweather.errors import InputError
from allweather.positions import LEVELS, Positions

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

#: The share of answers that are hidden.
HIDDEN_SHARE = 0.1
N_BINS = 10
#: Probabilities are kept this far off 0 and 1.
CLIP = 1e-6
#: The central interval whose coverage is measured.
LOW, HIGH = 0.05, 0.95
#: Above this many hidden answers to one question, each draw's count is taken as normal.
EXACT_COUNT_LIMIT = 500


class Way(StrEnum):
    """What is compared."""

    TWO_WAY = "two-way"
    THREE_WAY = "three-way"
    ORDINAL = "ordinal"


#: The category of each level (the last one: of a pass) under each way; -1 is left out.
_CATEGORY = {
    Way.TWO_WAY: np.array([0, -1, 1, 1, -1], dtype=np.int8),
    Way.THREE_WAY: np.array([0, 1, 2, 2, 1], dtype=np.int8),
    Way.ORDINAL: np.array([0, 1, 2, 3, -1], dtype=np.int8),
}


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Which entries a model may see (`kept`) and which it has to predict (`hidden`).

    Both are masks over the entries of the positions that were split. An entry that is not compared
    (a pass, two-way) is kept unless its own digest hides it, so that every way hides the same
    cells. `outcome` holds each entry's category, -1 where it is not compared.
    """

    way: Way
    seed: int
    kept: Mask
    hidden: Mask
    outcome: npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Scores:
    """How well one model predicted the hidden answers of one split.

    `auc` is None where all hidden answers are alike. `n_questions` have a hidden answer.
    """

    n_hidden: int
    n_questions: int
    log_loss: float
    accuracy: float
    auc: float | None
    ece: float
    coverage: float


def digest_share(text: str) -> float:
    """The 8-byte BLAKE2b digest of `text` as a number in [0, 1)."""
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def outcomes(positions: Positions, way: Way) -> npt.NDArray[np.int8]:
    """The category of each entry, shape (n_entries,); -1 where `way` leaves it out."""
    found: npt.NDArray[np.int8] = _CATEGORY[way][LEVELS[positions.response]]
    return found


def hide(positions: Positions, seed: int, conversation: str, way: Way = Way.TWO_WAY) -> Split:
    """Split current positions (`Positions.current`) into kept and hidden entries.

    `conversation` is the name that enters the digest: the folder's, for a Polis export. Raises
    InputError where a cell has two entries, because one would give the other away.
    """
    members = [one.id for one in positions.members]
    questions = [one.id for one in positions.questions]
    cell = positions.member.astype(np.int64) * max(positions.n_questions, 1) + positions.question
    if len(np.unique(cell)) != len(cell):
        raise InputError("a cell has two entries: take the current positions before hiding any")
    pairs = zip(positions.member.tolist(), positions.question.tolist(), strict=True)
    prefix = f"{seed}:{conversation}:"
    below: Mask = np.fromiter(
        (digest_share(f"{prefix}{members[i]}:{questions[j]}") < HIDDEN_SHARE for i, j in pairs),
        dtype=bool,
        count=len(positions),
    )
    outcome = outcomes(positions, way)
    compared = outcome >= 0
    stays = compared & ~below
    member_keeps = np.bincount(positions.member[stays], minlength=positions.n_members) > 0
    question_keeps = np.bincount(positions.question[stays], minlength=positions.n_questions) > 0
    alone = ~(member_keeps[positions.member] & question_keeps[positions.question])
    hidden = compared & below & ~alone
    return Split(way, seed, kept=~hidden & (compared | ~below), hidden=hidden, outcome=outcome)


def score(draws: npt.NDArray[np.floating], agreed: Mask, question: npt.NDArray[np.integer]) -> Scores:
    """Score predicted probabilities of agreement against what was said.

    `draws` has shape (n_draws, n_hidden), or (n_hidden,) for a model that offers points only;
    `agreed` and `question` have shape (n_hidden,). The posterior mean is the prediction; the draws
    matter to the coverage. Raises InputError where nothing is hidden.
    """
    probs: Floats = np.atleast_2d(draws).astype(np.float64, copy=False)
    if not len(agreed):
        raise InputError("no answer is hidden: there are too few answers to measure prediction")
    if probs.shape[1:] != agreed.shape or agreed.shape != question.shape:
        raise InputError(f"predictions of shape {probs.shape} for {len(agreed)} hidden answers")
    prob: Floats = probs.mean(axis=0)
    return Scores(
        n_hidden=len(agreed),
        n_questions=len(np.unique(question)),
        log_loss=log_loss(prob, agreed),
        accuracy=float(np.mean((prob >= 0.5) == agreed)),
        auc=auc(prob, agreed),
        ece=ece(prob, agreed),
        coverage=float(np.mean(count_coverage(probs, agreed, question))),
    )


def log_loss(prob: Floats, agreed: Mask) -> float:
    """Mean of -log p(what was said), in nats."""
    said = np.where(agreed, prob, 1.0 - prob)
    return float(-np.mean(np.log(np.clip(said, CLIP, 1.0 - CLIP))))


def category_log_loss(probs: Floats, outcome: npt.NDArray[np.integer]) -> float:
    """Mean of -log p(what was said) over several categories: `probs` (n_hidden, n_categories)."""
    said = probs[np.arange(len(outcome)), outcome]
    return float(-np.mean(np.log(np.clip(said, CLIP, 1.0 - CLIP))))


def auc(prob: Floats, agreed: Mask) -> float | None:
    """The chance that an agreement ranks above a disagreement; None where one of them is absent."""
    n_yes = int(np.count_nonzero(agreed))
    n_no = len(agreed) - n_yes
    if not n_yes or not n_no:
        return None
    return float((ranks(prob)[agreed].sum() - n_yes * (n_yes + 1) / 2) / (n_yes * n_no))


def ece(prob: Floats, agreed: Mask) -> float:
    """Expected calibration error over ten bins of equal width; 1.0 belongs to the last bin."""
    held = np.minimum((prob * N_BINS).astype(np.int64), N_BINS - 1)
    gap = np.bincount(held, weights=prob - agreed, minlength=N_BINS)
    return float(np.abs(gap).sum() / len(prob))


def count_coverage(draws: Floats, agreed: Mask, question: npt.NDArray[np.integer]) -> Floats:
    """For each question with hidden answers, how much of its step lies in the 90% interval (0-1)."""
    order = np.argsort(question, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(question[order]) != 0])
    covered = [
        _covered(draws[:, held], int(np.count_nonzero(agreed[held]))) for held in np.split(order, starts[1:])
    ]
    return np.array(covered)


def _covered(draws: Floats, seen: int) -> float:
    below, upto = _step(draws, seen)
    if upto - below < 1e-12:  # a count that the model calls impossible
        return float(LOW <= below <= HIGH)
    return max(0.0, min(upto, HIGH) - max(below, LOW)) / (upto - below)


def _step(draws: Floats, seen: int) -> tuple[float, float]:
    """P(count < seen) and P(count <= seen), where each draw's answers are independent."""
    n_draws, n_answers = draws.shape
    if n_answers > EXACT_COUNT_LIMIT:
        mean = draws.sum(axis=1)
        spread = np.sqrt(np.maximum((draws * (1.0 - draws)).sum(axis=1), CLIP))
        edges = (np.array([seen - 0.5, seen + 0.5]) - mean[:, None]) / spread[:, None]
        below, upto = ndtr(edges).mean(axis=0)
        return float(below), float(upto)
    pmf = np.zeros((n_draws, n_answers + 1))
    pmf[:, 0] = 1.0
    for k in range(n_answers):  # add one answer at a time
        p = draws[:, k, None]
        pmf[:, 1 : k + 2] = pmf[:, 1 : k + 2] * (1.0 - p) + pmf[:, : k + 1] * p
        pmf[:, 0] *= 1.0 - p[:, 0]
    mixture = pmf.mean(axis=0)
    below = float(mixture[:seen].sum())
    return below, below + float(mixture[seen])


def halves(positions: Positions, seed: int, conversation: str) -> tuple[Positions, Positions]:
    """Split the members in two by the digest of `seed:conversation:participant`, at one half."""
    ids = [one.id for one in positions.members]
    first = [digest_share(f"{seed}:{conversation}:{one}") < 0.5 for one in ids]
    return (
        positions.with_members([one for one, is_first in zip(ids, first, strict=True) if is_first]),
        positions.with_members([one for one, is_first in zip(ids, first, strict=True) if not is_first]),
    )


def split_half(
    positions: Positions,
    value: Callable[[Positions], Floats],
    seed: int,
    conversation: str,
    *,
    least_answers: int = 5,
) -> float:
    """Split-half reliability: Spearman's correlation between the two halves' values of questions.

    `value` gives one number a question, shape (n_questions,), NaN where it has none. Questions
    count that have a value and `least_answers` answers or passes in both halves. NaN where fewer
    than three do.
    """
    parts = halves(positions, seed, conversation)
    values = [value(part) for part in parts]
    enough = [np.bincount(one.question, minlength=one.n_questions) >= least_answers for one in parts]
    both = enough[0] & enough[1] & np.isfinite(values[0]) & np.isfinite(values[1])
    if np.count_nonzero(both) < 3:
        return float("nan")
    return spearman(values[0][both], values[1][both])


def ranks(values: npt.NDArray[np.floating]) -> Floats:
    """Ranks from 1, ties sharing their mean rank."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    mean_rank: Floats = (last - (count - 1) / 2.0)[place]
    return mean_rank


def spearman(a: Floats, b: Floats) -> float:
    """Spearman's rank correlation; NaN where one side is constant."""
    x, y = ranks(a), ranks(b)
    x, y = x - x.mean(), y - y.mean()
    scale = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return float((x * y).sum()) / scale if scale > 0 else float("nan")


def adjusted_rand(a: npt.NDArray[np.integer], b: npt.NDArray[np.integer]) -> float:
    """The adjusted Rand index of two groupings of the same members (Hubert and Arabie, 1985).

    1 where they are the same up to names, about 0 where they agree no more than by chance. Two
    groupings that are both trivial in the same way are the same: 1.
    """
    _, one = np.unique(a, return_inverse=True)
    _, two = np.unique(b, return_inverse=True)
    table = np.bincount(one * (two.max(initial=0) + 1) + two)

    def pairs(counts: npt.NDArray[np.integer]) -> float:
        return float((counts.astype(np.float64) * (counts - 1.0) / 2.0).sum())

    n = len(one)
    together, first, second = pairs(table), pairs(np.bincount(one)), pairs(np.bincount(two))
    by_chance = first * second / (n * (n - 1) / 2) if n > 1 else 0.0
    most = (first + second) / 2.0
    return 1.0 if most == by_chance else (together - by_chance) / (most - by_chance)
