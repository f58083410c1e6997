"""How much work a run does: everything, or enough to see that it works."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.review.conversations import MAIN, SMALL


@dataclass(frozen=True, slots=True)
class Effort:
    """Which conversations and seeds, and how many simulated data sets of each kind."""

    name: str
    main: tuple[str, ...]
    small: tuple[str, ...]
    seeds: tuple[int, ...]
    halves: tuple[int, ...]  # seeds of the split into halves
    n_permuted: int
    n_additive: int
    n_planted: int


FULL = Effort("full", MAIN, SMALL, (0, 1, 2), (0, 1), 50, 50, 20)
QUICK = Effort("quick", ("brexit", "biodiversity"), ("seattle",), (0,), (0,), 4, 4, 2)
