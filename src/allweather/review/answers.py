"""Answers: the part of the positions that the response model can learn from, laid out for it.

A category is one of the ordinal levels that the data use. A two-way consultation has two (oppose,
support), a roll call with abstentions three, a council up to four. Passes are not answers; they go
to the hurdle (`pass_answers`), where the two categories are "answered" and "passed".

    member  question  response           row  col  category
    FR      F11       RESERVE (level 1)  8    10   1
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allweather.positions import LEVELS, Basis, Bloc, Positions, Response

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int32]

#: How likely an entry is to say anything about the member's own position, by its basis. A common
#: text names the subject rather than the exact proposition, and an act is not a declared view; a
#: thin record cannot say how far to trust each, so these are assumptions, and the review states them.
BASIS_RELIABILITY: dict[Basis, float] = {Basis.OWN: 1.0, Basis.INFERRED: 0.5, Basis.COMMON: 0.5}

#: Levels from this one up count as support: a limited yes, or a full one.
SUPPORT_LEVEL = 2


@dataclass(frozen=True, eq=False)
class Answers:
    """Current answers, sorted by row and then column; one answer a cell at most.

        - `row`, `col`: int32 (n,), indexes of member and question
        - `category`: int8 (n,), an index into `levels`
        - `reliability`: float64 (n,), prior probability that the answer is informative
    - `chance`: float64 (n,), how likely an uninformative entry would have said the same: 1 for a
          common text, which only ever says support, else one over the number of categories
        - `intensity`: float64 (n,), from -1 (weakest) to 1 (strongest), NaN where not known
        - `levels`: the ordinal level of each category, rising
        - `group`: int32 (n_rows,), the declared bloc of each member, -1 for none
    """

    row: IntArray
    col: IntArray
    category: npt.NDArray[np.int8]
    reliability: FloatArray
    chance: FloatArray
    intensity: FloatArray
    n_rows: int
    n_cols: int
    levels: tuple[int, ...]
    group: IntArray

    def __len__(self) -> int:
        return int(self.row.shape[0])

    @property
    def n_groups(self) -> int:
        return int(self.group.max(initial=-1)) + 1

    @property
    def support_category(self) -> int:
        """The first category that counts as support."""
        return next(k for k, level in enumerate(self.levels) if level >= SUPPORT_LEVEL)

    def keep(self, mask: npt.NDArray[np.bool_]) -> Answers:
        """Only the answers where `mask` is true; rows, columns and categories stay."""
        return Answers(
            self.row[mask],
            self.col[mask],
            self.category[mask],
            self.reliability[mask],
            self.chance[mask],
            self.intensity[mask],
            self.n_rows,
            self.n_cols,
            self.levels,
            self.group,
        )


def answers_of(current: Positions, blocs: Sequence[Bloc] = ()) -> Answers:
    """The answers among current positions (see `Positions.current`)."""
    level = LEVELS[current.response]
    present = set(np.unique(level[level >= 0]).tolist())
    # The ends of the scale are always there: "nobody has opposed yet" must not mean "nobody can".
    levels = tuple(sorted(present | {0, 3}))
    lookup = np.full(5, -1, dtype=np.int8)
    for k, one in enumerate(levels):
        lookup[one] = k
    return _laid_out(current, level >= 0, lookup[level], levels, blocs)


def pass_answers(current: Positions, blocs: Sequence[Bloc] = ()) -> Answers:
    """The hurdle: category 1 (support) where the member passed, 0 where it answered."""
    passed = (current.response == Response.PASS).astype(np.int8)
    return _laid_out(current, np.ones(len(current), dtype=bool), passed, (0, 3), blocs)


def groups_of(current: Positions, blocs: Sequence[Bloc]) -> IntArray:
    """The index of each member's bloc, shape (n_members,), -1 for none."""
    place = {member.id: k for k, member in enumerate(current.members)}
    group = np.full(current.n_members, -1, dtype=np.int32)
    for g, bloc in enumerate(blocs):
        for member in bloc.members:
            group[place[member]] = g
    return group


def _laid_out(
    current: Positions,
    used: npt.NDArray[np.bool_],
    category: npt.NDArray[np.int8],
    levels: tuple[int, ...],
    blocs: Sequence[Bloc],
) -> Answers:
    index = np.flatnonzero(used)
    index = index[np.lexsort((current.question[index], current.member[index]))]
    by_basis = np.array([BASIS_RELIABILITY[basis] for basis in Basis])
    basis = current.basis[index]
    return Answers(
        row=current.member[index],
        col=current.question[index],
        category=category[index],
        reliability=by_basis[basis] * current.weight[index],
        chance=np.where(basis == Basis.COMMON, 1.0, 1 / len(levels)),
        intensity=current.intensity[index].astype(np.float64) / 50.0 - 1.0,
        n_rows=current.n_members,
        n_cols=current.n_questions,
        levels=levels,
        group=groups_of(current, blocs),
    )
