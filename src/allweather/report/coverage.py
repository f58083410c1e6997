"""How much is on record: cells by basis, and what has no record at all.

Counted from the positions, one current entry a cell. A cell without an entry is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from allweather.positions import Basis, Positions
from allweather.review.results import Review


@dataclass(frozen=True, slots=True)
class Coverage:
    """Counts of cells by basis; `silent_members` and `open_questions` are ids without any record."""

    n_cells: int
    n_own: int
    n_inferred: int
    n_common: int
    silent_members: tuple[str, ...]
    open_questions: tuple[str, ...]

    @property
    def n_unknown(self) -> int:
        return self.n_cells - self.n_own - self.n_inferred - self.n_common

    @classmethod
    def of(cls, review: Review, positions: Positions) -> Coverage:
        """Count over the questions that were reviewed and all members of the positions."""
        place = {one.id: k for k, one in enumerate(positions.questions)}
        reviewed = sorted(place[one.question] for one in review.questions if one.question in place)
        mask = np.zeros(positions.n_questions + 1, dtype=bool)
        mask[reviewed] = True
        held = positions.take(mask[positions.question]).current()
        n_by = np.bincount(held.basis, minlength=len(Basis))
        spoke = np.bincount(held.member, minlength=positions.n_members)
        asked = np.bincount(held.question, minlength=positions.n_questions)
        return cls(
            n_cells=positions.n_members * len(reviewed),
            n_own=int(n_by[Basis.OWN]),
            n_inferred=int(n_by[Basis.INFERRED]),
            n_common=int(n_by[Basis.COMMON]),
            silent_members=tuple(one.id for one, n in zip(positions.members, spoke, strict=True) if not n),
            open_questions=tuple(positions.questions[k].id for k in reviewed if not asked[k]),
        )

    def parts(self) -> Iterator[tuple[str, int]]:
        """Own, inferred, common, unknown, in this order."""
        yield "own", self.n_own
        yield "inferred", self.n_inferred
        yield "common", self.n_common
        yield "unknown", self.n_unknown
