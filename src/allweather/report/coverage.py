"""How much is on record: cells by basis, and what has no record at all.

Counted from the positions, one current entry a cell. A cell without an entry is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from allweather.positions import Basis, Positions
from allweather.review.results import Review


@dataclass(frozen=True, slots=True)
class Bases:
    """On what basis the members are on record on one question."""

    own: int
    inferred: int
    common: int
    unknown: int

    def parts(self) -> Iterator[tuple[str, int]]:
        """Own, inferred, common, unknown, in this order."""
        yield "own", self.own
        yield "inferred", self.inferred
        yield "common", self.common
        yield "unknown", self.unknown

    def words(self) -> str:
        """Those that there are: `2 own, 26 common, 1 unknown`."""
        return ", ".join(f"{n:,} {word}" for word, n in self.parts() if n)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Counts of cells by basis, all told and by question.

    `silent_members` and `open_questions` are the ids of those without any record.
    """

    n_cells: int
    n_own: int
    n_inferred: int
    n_common: int
    silent_members: tuple[str, ...]
    open_questions: tuple[str, ...]
    by_question: Mapping[str, Bases]

    @property
    def is_plain(self) -> bool:
        """Whether all that is on record is the members' own."""
        return not self.n_inferred and not self.n_common

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
        cell = held.question.astype(np.int64) * len(Basis) + held.basis
        n_by = np.bincount(cell, minlength=positions.n_questions * len(Basis)).reshape(-1, len(Basis))
        spoke = np.bincount(held.member, minlength=positions.n_members)
        asked = np.bincount(held.question, minlength=positions.n_questions)
        return cls(
            n_cells=positions.n_members * len(reviewed),
            n_own=int(n_by[:, Basis.OWN].sum()),
            n_inferred=int(n_by[:, Basis.INFERRED].sum()),
            n_common=int(n_by[:, Basis.COMMON].sum()),
            silent_members=tuple(one.id for one, n in zip(positions.members, spoke, strict=True) if not n),
            open_questions=tuple(positions.questions[k].id for k in reviewed if not asked[k]),
            by_question={
                positions.questions[k].id: Bases(
                    int(n_by[k, Basis.OWN]),
                    int(n_by[k, Basis.INFERRED]),
                    int(n_by[k, Basis.COMMON]),
                    positions.n_members - int(asked[k]),
                )
                for k in reviewed
            },
        )

    def parts(self) -> Iterator[tuple[str, int]]:
        """Own, inferred, common, unknown, in this order."""
        yield "own", self.n_own
        yield "inferred", self.n_inferred
        yield "common", self.n_common
        yield "unknown", self.n_unknown
