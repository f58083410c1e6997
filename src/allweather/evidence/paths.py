"""The cheapest way to turn one row of words into another: which words stand opposite each other.

    cheapest_path([7, 8, 9], [5, 7, 9, 6], infix=True)       [(0, 1), (1, None), (2, 2)]

A pair `(i, j)` sets word `i` of the first row opposite word `j` of the second, whether or not they are
the same; `(i, None)` and `(None, j)` leave one of them alone. Costs are affine (Gotoh 1982, "An improved
algorithm for matching biological sequences"): to open a gap is dear, to go on in it is cheap, so that a
cut of twenty words is one cut and not twenty.

It compares numbers, and decides nothing about them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from allweather.errors import InputError

#: Cells of the grid, the product of the two lengths: about 64 MB, and some tenths of a second.
MAX_CELLS: Final = 8_000_000

_REPLACE: Final = 16
_OPEN: Final = 8
_ONLY_FIRST: Final = 10
_ONLY_SECOND: Final = 1

Pair = tuple[int | None, int | None]
_Row = npt.NDArray[np.int32]


def cheapest_path(
    first: Sequence[int], second: Sequence[int], *, infix: bool = False, free_before: Collection[int] = ()
) -> list[Pair]:
    """The pairs of the cheapest path, in order.

    With `infix` the first row is looked for within the second: what stands there before and after it costs
    nothing and is not in the result. Before the words of the first row numbered in `free_before`, words
    of the second may be left out at no cost: marked elisions. Raises InputError over `MAX_CELLS`.
    """
    n_first, n_second = len(first), len(second)
    if n_first * n_second > MAX_CELLS:
        raise InputError(
            f"texts of {n_first:,} and {n_second:,} words are too long to compare word by word; "
            "compare a part of them"
        )
    if not n_first or not n_second:
        return [(k, None) for k in range(n_first)] + ([] if infix else [(None, k) for k in range(n_second)])
    costs, gaps, before_free = _fill(first, np.asarray(second, dtype=np.int64), infix, set(free_before))
    return _trace(first, second, costs, gaps, before_free, infix)


def _fill(
    first: Sequence[int], second: npt.NDArray[np.int64], infix: bool, free: set[int]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], dict[int, _Row]]:
    """The cost of every beginning of one row against every beginning of the other.

    Also the cost if the last word of the first row stands alone, and for the rows with free skips the cost
    without them.
    """
    n_first, n_second = len(first), len(second)
    steps = np.arange(n_second + 1, dtype=np.int32) * _ONLY_SECOND
    costs = np.empty((n_first + 1, n_second + 1), dtype=np.int32)
    gaps = np.empty_like(costs)
    costs[0] = 0 if infix else steps + _OPEN
    costs[0, 0] = 0
    gaps[0] = np.iinfo(np.int32).max // 2
    unskipped: dict[int, _Row] = {}
    for i in range(1, n_first + 1):
        above = costs[i - 1]
        gaps[i] = np.minimum(above + (_OPEN + _ONLY_FIRST), gaps[i - 1] + _ONLY_FIRST)
        row = gaps[i].copy()
        row[1:] = np.minimum(row[1:], above[:-1] + np.where(second == first[i - 1], 0, _REPLACE))
        opened = np.minimum.accumulate(row - steps)
        row[1:] = np.minimum(row[1:], opened[:-1] + _OPEN + steps[1:])
        if i in free:
            unskipped[i] = row
            row = np.minimum.accumulate(row)
        costs[i] = row
    return costs, gaps, unskipped


def _trace(
    first: Sequence[int],
    second: Sequence[int],
    costs: npt.NDArray[np.int32],
    gaps: npt.NDArray[np.int32],
    unskipped: dict[int, _Row],
    infix: bool,
) -> list[Pair]:
    i, j = len(first), len(second)
    if infix:
        j = int(np.argmin(costs[i]))
    path: list[Pair] = []
    while i > 0 or (j > 0 and not infix):
        row = costs[i]
        if i in unskipped:
            row = unskipped[i]
            while row[j] != costs[i, j]:  # the nearest word from which the skip could begin
                j -= 1
                path.append((None, j))
        here = int(row[j])
        if i and j and here == costs[i - 1, j - 1] + (0 if first[i - 1] == second[j - 1] else _REPLACE):
            i, j = i - 1, j - 1
            path.append((i, j))
        elif i and here == gaps[i, j]:
            while True:
                opened = gaps[i, j] == costs[i - 1, j] + _OPEN + _ONLY_FIRST
                i -= 1
                path.append((i, None))
                if opened:
                    break
        else:
            n_skipped = 1
            while j > n_skipped and row[j - n_skipped] + _OPEN + n_skipped * _ONLY_SECOND != here:
                n_skipped += 1
            path += [(None, j - k) for k in range(1, n_skipped + 1)]
            j -= n_skipped
            if i == 0:
                break
    path.reverse()
    return path
