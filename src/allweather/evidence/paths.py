"""The cheapest way to turn one row of words into another: which words stand opposite each other.

    cheapest_path([7, 8, 9], [5, 7, 9, 6], infix=True)       [(0, 1), (1, None), (2, 2)]

A pair `(i, j)` sets word `i` of the first row opposite word `j` of the second, whether or not they are
the same; `(i, None)` and `(None, j)` leave one of them alone. Costs are affine (Gotoh 1982, "An improved
algorithm for matching biological sequences"): to open a gap is dear, to go on in it is cheap, so that a
cut of twenty words is one cut and not twenty. Where both rows share long runs that stand once in each
(`anchors`), only what lies between them is gone through.

It compares numbers, and decides nothing about them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from allweather.errors import InputError
from allweather.evidence.anchors import anchors_of

#: Cells of the grid, the product of the two lengths: about 64 MB, and some tenths of a second.
MAX_CELLS: Final = 8_000_000

_REPLACE: Final = 16
_OPEN: Final = 8
_ONLY_FIRST: Final = 10
_ONLY_SECOND: Final = 1
#: So many words at each end of an anchor are gone through all the same: which of two equal words is left out
#: is decided there.
_EDGE: Final = 5

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
    rows = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
    free = set(free_before)
    path: list[Pair] = []
    i = j = 0
    for anchor in anchors_of(*rows) if infix and not free else ():
        core = range(_EDGE, anchor.length - _EDGE)
        i_end, j_end = anchor.first + core.start, anchor.second + core.start
        path += _between((first, second), (i, i_end), (j, j_end), free, (i == 0, False))
        path += [(anchor.first + k, anchor.second + k) for k in core]
        i, j = anchor.first + core.stop, anchor.second + core.stop
    return path + _between(
        (first, second), (i, len(first)), (j, len(second)), free, (infix and i == 0, infix)
    )


def _between(
    rows: tuple[Sequence[int], Sequence[int]],
    of_first: tuple[int, int],
    of_second: tuple[int, int],
    free: set[int],
    open_ends: tuple[bool, bool],
) -> list[Pair]:
    """The cheapest path between parts of two rows; at an open end words of the second cost nothing."""
    (i, i_end), (j, j_end) = of_first, of_second
    first, second = rows[0][i:i_end], rows[1][j:j_end]
    n_first, n_second = len(first), len(second)
    if n_first * n_second > MAX_CELLS:
        raise InputError(
            f"texts of {n_first:,} and {n_second:,} words are too long to compare word by word; "
            "compare a part of them"
        )
    if not n_first or not n_second:
        alone: list[Pair] = [(i + k, None) for k in range(n_first)]
        return alone if any(open_ends) else alone + [(None, j + k) for k in range(n_second)]
    own = {k - i for k in free if i < k <= i_end}
    costs, gaps, before_free = _fill(first, np.asarray(second, dtype=np.int64), open_ends[0], own)
    path = _trace(first, second, costs, gaps, before_free, open_ends)
    return [(None if a is None else i + a, None if b is None else j + b) for a, b in path]


def _fill(
    first: Sequence[int], second: npt.NDArray[np.int64], is_open: bool, free: set[int]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], dict[int, _Row]]:
    """The cost of every beginning of one row against every beginning of the other.

    Also the cost if the last word of the first row stands alone, and for the rows with free skips the cost
    without them.
    """
    n_first, n_second = len(first), len(second)
    steps = np.arange(n_second + 1, dtype=np.int32) * _ONLY_SECOND
    costs = np.empty((n_first + 1, n_second + 1), dtype=np.int32)
    gaps = np.empty_like(costs)
    costs[0] = 0 if is_open else steps + _OPEN
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
    open_ends: tuple[bool, bool],
) -> list[Pair]:
    i, j = len(first), len(second)
    if open_ends[1]:
        j = int(np.argmin(costs[i]))
    path: list[Pair] = []
    while i > 0 or (j > 0 and not open_ends[0]):
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
