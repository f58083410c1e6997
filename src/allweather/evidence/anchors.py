"""Long runs of words that two rows share, where the cheapest path between them is sure to lead.

    anchors_of(first, second)       # (Anchor(first=0, second=812, length=57), Anchor(71, 889, 330))

A run counts if it is long, and if runs of `_GRAM` words in it stand once in each row, so that it can be set
opposite nothing else. Neighbours have to be in one order in both rows, and nearer to each other than it would
cost to give the shorter one up. Where words outside these runs could still lead elsewhere, there is no
anchor at all: then the whole grid is for `paths` to fill.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

_GRAM: Final = 6
_LEAST: Final = 20
#: The price of a word that stands in the first row only, and of an opened gap, as in `paths`.
_PRICE: Final = 10
_OPEN: Final = 8

_Row = npt.NDArray[np.int64]


class Anchor(NamedTuple):
    """`length` words in a row: from `first` in the first row and from `second` in the second the same."""

    first: int
    second: int
    length: int


def anchors_of(first: _Row, second: _Row) -> tuple[Anchor, ...]:
    """The anchors of two rows of word numbers, in order; none if any doubt is left."""
    if min(len(first), len(second)) < _LEAST:
        return ()
    here, there = _grams(first), _grams(second)
    once, at, counts = np.unique(here, return_index=True, return_counts=True)
    other, there_at, there_counts = np.unique(there, return_index=True, return_counts=True)
    _, k, m = np.intersect1d(once, other, assume_unique=True, return_indices=True)
    is_once = (counts[k] == 1) & (there_counts[m] == 1)
    starts, opposite = at[k][is_once], there_at[m][is_once]
    order = np.argsort(starts)
    runs = _chained(_runs(first, second, starts[order], opposite[order]))
    if not runs:
        return ()
    covered = np.zeros(len(here), dtype=bool)
    for run in runs:
        covered[max(0, run.first - _GRAM) : run.first + run.length + _GRAM] = True
    return () if bool(np.any(np.isin(here, other) & ~covered)) else tuple(runs)


def _grams(row: _Row) -> _Row:
    """A hash of each `_GRAM` words in a row; `_runs` compares the words themselves."""
    mixed = np.zeros(len(row) - _GRAM + 1, dtype=np.int64)
    for k in range(_GRAM):
        mixed = mixed * 1_000_003 + row[k : len(row) - _GRAM + 1 + k]
    return mixed


def _runs(first: _Row, second: _Row, starts: _Row, opposite: _Row) -> list[Anchor]:
    """The runs, each as long as it can be, of which these places are a part."""
    found: list[Anchor] = []
    for i, j in zip(starts.tolist(), opposite.tolist(), strict=True):
        if found and j - i == found[-1].second - found[-1].first and i < found[-1].first + found[-1].length:
            continue
        limit = min(len(first) - i, len(second) - j)
        unequal = np.flatnonzero(first[i : i + limit] != second[j : j + limit])
        length = int(unequal[0]) if len(unequal) else limit
        if length >= _LEAST:
            found.append(Anchor(i, j, length))
    return found


def _chained(runs: list[Anchor]) -> list[Anchor]:
    """Runs in one order and near enough to each other; of two that are not the shorter one goes."""
    while True:
        for k, (one, other) in enumerate(pairwise(runs)):
            shift = other.second - other.first - one.second + one.first
            price = _OPEN + (shift if shift > 0 else -_PRICE * shift)
            is_ordered = one.second + one.length <= other.second and one.first + one.length <= other.first
            if not is_ordered or price > _PRICE * (min(one.length, other.length) - _GRAM):
                del runs[k if one.length < other.length else k + 1]
                break
        else:
            return runs
