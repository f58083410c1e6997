"""The smallest trade: the fewest questions by which parties give and get, and nobody ends worse off.

A set of questions is a trade if

- it holds an exchange: two questions of which one party would lose by the first and gain by the
  second, and another party the other way round; or it is a ring, in which every question is one
  that some party would lose by. Questions that nobody loses by may be added to an exchange, to
  make up for what it leaves some third party short of
- every party can count on ending no worse off (see `deal_solver.counted_on`), and some party
  expects to end better off.

All sets of two questions are looked at, then of three, then of four; of the smallest size that has
a trade, the one with the best least gain is taken. Larger sets are packages, not small trades.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
import numpy.typing as npt

from allweather.review.deal_solver import TOLERANCE, FloatArray, Problem, Rule, counted_on

#: In questions won: an expected utility nearer to 0 than this is neither a gain nor a loss.
SLIGHT = 0.05
#: A trade of more questions than this is not called small.
MAX_TRADE = 4

_MAX_LOOKED_AT = 4_000_000  # sets times parties in one size; where there are more, the search ends
_MAX_TRIED = 2048  # sets whose draws are looked at in one size, the most promising first
_TRIED_AT_A_TIME = 64


@dataclass(frozen=True, slots=True)
class Trade:
    """The trade found: `questions` in order; `proven` if no set of fewer or as many was left out."""

    questions: tuple[int, ...]
    proven: bool


@dataclass(frozen=True, eq=False)
class Bazaar:
    """What can be traded.

    `draws` (n_questions, n_parties, n_draws): utilities. `floor`: what every party must be able to
    count on. Questions are their indexes.
    """

    draws: FloatArray
    floor: float

    @property
    def expected(self) -> FloatArray:
        """Expected utility, (n_questions, n_parties)."""
        return np.asarray(self.draws.mean(axis=2))


def smallest_trade(bazaar: Bazaar, candidates: Sequence[int]) -> Trade | None:
    """The best trade of the smallest size among `candidates`, or None if none was found."""
    expected = bazaar.expected
    indexes = np.array(candidates, dtype=np.intp)
    loses, gains = expected[indexes] < -SLIGHT, expected[indexes] > SLIGHT
    contested = indexes[loses.any(axis=1)]
    against = np.einsum("qp,rp->qr", loses.astype(float), gains.astype(float)) > 0
    exchanges = indexes[np.argwhere(np.triu(against & against.T))]
    proven = True
    for size in range(2, MAX_TRADE + 1):
        n_sets = comb(len(contested), size) + len(exchanges) * comb(len(indexes), size - 2)
        if n_sets * expected.shape[1] > _MAX_LOOKED_AT:
            return None
        sets = _sets(contested, exchanges, indexes, size)
        best, complete = _best_of(bazaar, expected, sets)
        proven = proven and complete
        if best is not None:
            return Trade(best, proven)
    return None


def _sets(
    contested: npt.NDArray[np.intp],
    exchanges: npt.NDArray[np.intp],
    indexes: npt.NDArray[np.intp],
    size: int,
) -> npt.NDArray[np.intp]:
    """All sets of this size that are rings or hold an exchange, one a row, without repetition."""
    rings = _combinations(contested, size)
    others = _combinations(indexes, size - 2)
    held = np.hstack([np.repeat(exchanges, len(others), axis=0), np.tile(others, (len(exchanges), 1))])
    sets = np.sort(np.vstack([rings, held]), axis=1)
    sets = sets[(np.diff(sets, axis=1) > 0).all(axis=1)]
    # One number a set: much faster to sort than rows.
    keys = np.zeros(len(sets), dtype=np.int64)
    for k in range(size):
        keys = keys * (int(indexes.max(initial=0)) + 1) + sets[:, k]
    return np.asarray(sets[np.unique(keys, return_index=True)[1]])


def _combinations(indexes: npt.NDArray[np.intp], size: int) -> npt.NDArray[np.intp]:
    found = list(combinations(indexes.tolist(), size))
    return np.array(found, dtype=np.intp).reshape(len(found), size)


def _best_of(
    bazaar: Bazaar, expected: FloatArray, sets: npt.NDArray[np.intp]
) -> tuple[tuple[int, ...] | None, bool]:
    """The set with the best least gain that leaves nobody worse off, and whether all were weighed."""
    gains = np.zeros((len(sets), expected.shape[1]))
    for k in range(sets.shape[1]):
        gains += expected[sets[:, k]]
    # What can be counted on never exceeds what is expected, so this rules out most sets at once.
    possible = (gains.min(axis=1) >= bazaar.floor - TOLERANCE) & (gains.max(axis=1) > SLIGHT)
    sets, gains = sets[possible], gains[possible]
    measure = Problem(bazaar.draws[:0], bazaar.draws[0] * 0.0, bazaar.floor, Rule.LEAST_GAIN)
    most = measure.worth(gains)
    order = np.argsort(-most, kind="stable")[:_MAX_TRIED]
    best, best_worth = None, -1.0  # a set that leaves a party short is worth far less
    for start in range(0, len(order), _TRIED_AT_A_TIME):
        part = order[start : start + _TRIED_AT_A_TIME]
        if most[part[0]] <= best_worth + TOLERANCE:
            return best, True
        worth = measure.worth(counted_on(bazaar.draws[sets[part]].sum(axis=1)))
        k = int(np.argmax(worth))
        if worth[k] > best_worth + TOLERANCE:
            best, best_worth = tuple(sets[part[k]].tolist()), float(worth[k])
    return best, len(most) <= _MAX_TRIED
