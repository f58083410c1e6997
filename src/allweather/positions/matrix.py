"""The matrix of positions, in columns: sparse, immutable, and sized for ten million entries.

An entry needs 9 bytes where it carries only member, question and response: a column that has one
value throughout is held as a broadcast of that value and costs nothing. Texts and sources hang on
the few entries that have them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from allweather.errors import InputError, UnknownName
from allweather.positions.responses import Basis, Body, Response

#: The `known_by` of an entry whose latest possible day is not known. It counts before no date.
UNDATED = np.iinfo(np.int32).max

#: How strongly `current` prefers a basis: own, then inferred, then common.
_BASIS_RANK: npt.NDArray[np.int8] = np.array([2, 1, 0], dtype=np.int8)


@dataclass(frozen=True, slots=True)
class Member:
    """A party that takes positions; in a consultation, one participant."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Question:
    """What positions are taken on. `author` is the id of the member who put it, if known."""

    id: str
    text: str
    area: str = ""
    author: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a record comes from."""

    id: str
    title: str
    url: str = ""
    date: str = ""
    kind: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """What is known of one entry beyond its columns. `date` is as the source gives it."""

    text: str = ""
    date: str = ""
    confidence: str = ""
    origin: str = ""  # e.g. "statement", "act", or the name of the common text
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, taken out of its columns for reading. `known_by` is a day, or None."""

    index: int
    member: Member
    question: Question
    response: Response
    basis: Basis
    known_by: int | None
    intensity: float | None
    weight: float
    note: Note


_EMPTY_NOTE = Note()


@dataclass(frozen=True, eq=False)
class Positions:
    """Who holds which position on which question.

    The columns have one element an entry, in the order in which the entries were made:

    - `member`, `question`: int32, indexes into `members` and `questions`
    - `response`: int8, a `Response`
    - `known_by`: int32, the latest possible day since 1970-01-01, or `UNDATED`
    - `basis`: int8, a `Basis`
    - `intensity`: float32, 0 to 100, NaN where not known
    - `weight`: float32, above 0 up to 1: how far the entry is to be believed

    Raises InputError when columns differ in length or an index points nowhere.
    """

    members: tuple[Member, ...]
    questions: tuple[Question, ...]
    member: npt.NDArray[np.int32]
    question: npt.NDArray[np.int32]
    response: npt.NDArray[np.int8]
    known_by: npt.NDArray[np.int32]
    basis: npt.NDArray[np.int8]
    intensity: npt.NDArray[np.float32]
    weight: npt.NDArray[np.float32]
    body: Body = Body.COUNCIL
    title: str = ""
    notes: Mapping[int, Note] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)

    @classmethod
    def from_columns(
        cls,
        members: Sequence[Member],
        questions: Sequence[Question],
        member: npt.ArrayLike,
        question: npt.ArrayLike,
        response: npt.ArrayLike,
        *,
        known_by: npt.ArrayLike = UNDATED,
        basis: npt.ArrayLike = int(Basis.OWN),
        intensity: npt.ArrayLike = np.nan,
        weight: npt.ArrayLike = 1.0,
        body: Body = Body.COUNCIL,
        title: str = "",
        notes: Mapping[int, Note] | None = None,
        sources: Mapping[str, Source] | None = None,
    ) -> Positions:
        """Build from columns; a scalar stands for a column that has one value throughout."""
        n = np.shape(response)

        def column(values: npt.ArrayLike, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
            held = np.broadcast_to(np.asarray(values, dtype=dtype), n)
            held.setflags(write=False)
            return held

        return cls(
            members=tuple(members),
            questions=tuple(questions),
            member=column(member, np.int32),
            question=column(question, np.int32),
            response=column(response, np.int8),
            known_by=column(known_by, np.int32),
            basis=column(basis, np.int8),
            intensity=column(intensity, np.float32),
            weight=column(weight, np.float32),
            body=body,
            title=title,
            notes=notes or {},
            sources=sources or {},
        )

    def __post_init__(self) -> None:
        if self.response.ndim != 1:
            raise InputError("the columns of positions must have one dimension")
        if any(getattr(self, name).shape != self.response.shape for name in _COLUMNS):
            raise InputError("the columns of positions differ in length")
        if len(self):
            _check_range("member", self.member, len(self.members))
            _check_range("question", self.question, len(self.questions))
            _check_range("response", self.response, len(Response))
            _check_range("basis", self.basis, len(Basis))
            weight, intensity = _once(self.weight), _once(self.intensity)
            if not np.all((weight > 0) & (weight <= 1)):
                raise InputError("every weight must be above 0 and at most 1")
            if np.any((intensity < 0) | (intensity > 100)):
                raise InputError("every intensity must be from 0 to 100, or unknown")
        for what, named in (("member", self.members), ("question", self.questions)):
            if len({one.id for one in named}) != len(named):
                raise InputError(f"two {what}s have the same id")

    def __len__(self) -> int:
        return int(self.response.shape[0])

    @property
    def n_members(self) -> int:
        return len(self.members)

    @property
    def n_questions(self) -> int:
        return len(self.questions)

    def entry(self, index: int) -> Entry:
        """One entry, for reading."""
        known_by = int(self.known_by[index])
        intensity = float(self.intensity[index])
        return Entry(
            index=index,
            member=self.members[self.member[index]],
            question=self.questions[self.question[index]],
            response=Response(int(self.response[index])),
            basis=Basis(int(self.basis[index])),
            known_by=None if known_by == UNDATED else known_by,
            intensity=None if np.isnan(intensity) else intensity,
            weight=float(self.weight[index]),
            note=self.notes.get(index, _EMPTY_NOTE),
        )

    def before(self, day: int) -> Positions:
        """Only the entries whose latest possible day is `day` or earlier; undated ones go."""
        return self._take(np.flatnonzero((self.known_by <= day) & (self.known_by != UNDATED)))

    def current(self) -> Positions:
        """One entry a cell: own before inferred before common, then the last one made."""
        cell = self._cell()
        # lexsort is stable, so an entry's place decides last. A constant column decides nothing:
        # leaving it out saves most of the time on ten million entries.
        keys: list[npt.NDArray[Any]] = [cell]
        if not _is_constant(self.basis):
            keys.insert(0, _BASIS_RANK[self.basis])
        if not _is_constant(self.known_by):
            keys.insert(0, self.known_by_or_first())
        order = np.lexsort(keys)
        cell = cell[order]
        last = np.ones(len(order), dtype=bool)
        last[:-1] = cell[1:] != cell[:-1]
        return self._take(np.sort(order[last]))

    def known_by_or_first(self) -> npt.NDArray[np.int32]:
        """`known_by`, with undated entries put before all dated ones, for ordering."""
        return np.where(self.known_by == UNDATED, np.iinfo(np.int32).min, self.known_by)

    def with_questions(self, ids: Sequence[str]) -> Positions:
        """Only these questions, in this order. Raises UnknownName."""
        kept = _indexes("question", ids, [one.id for one in self.questions])
        new = _renumber(kept, self.n_questions)
        taken = self._take(np.flatnonzero(new[self.question] >= 0))
        return dataclasses.replace(
            taken, questions=tuple(self.questions[k] for k in kept), question=_frozen(new[taken.question])
        )

    def with_members(self, ids: Sequence[str]) -> Positions:
        """Only these members, in this order. Raises UnknownName."""
        kept = _indexes("member", ids, [one.id for one in self.members])
        new = _renumber(kept, self.n_members)
        taken = self._take(np.flatnonzero(new[self.member] >= 0))
        return dataclasses.replace(
            taken, members=tuple(self.members[k] for k in kept), member=_frozen(new[taken.member])
        )

    def take(self, mask: npt.NDArray[np.bool_]) -> Positions:
        """Only the entries where `mask` (one element an entry) is true; members and questions stay."""
        if mask.shape != self.response.shape:
            raise InputError(f"a mask of shape {mask.shape} for {len(self)} entries")
        return self._take(np.flatnonzero(mask))

    def _cell(self) -> npt.NDArray[np.int64]:
        return self.member.astype(np.int64) * max(self.n_questions, 1) + self.question

    def _take(self, index: npt.NDArray[np.intp]) -> Positions:
        """The entries at `index`, which ascends; each note goes with its entry."""
        columns: dict[str, Any] = {name: _frozen(_taken(getattr(self, name), index)) for name in _COLUMNS}
        # Looked up in the sorted index: notes are few where entries are many.
        places = np.searchsorted(index, np.fromiter(self.notes, dtype=np.intp, count=len(self.notes)))
        notes = {
            int(new): note
            for new, (old, note) in zip(places, self.notes.items(), strict=True)
            if new < len(index) and index[new] == old
        }
        return dataclasses.replace(self, notes=notes, **columns)


_COLUMNS = ("member", "question", "response", "known_by", "basis", "intensity", "weight")


def _is_constant(column: npt.NDArray[Any]) -> bool:
    """Is the column a broadcast of one value?"""
    return column.strides == (0,)


def _once(column: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The column, or its one value where it is a broadcast: enough for checking every value."""
    return column[:1] if _is_constant(column) else column


def _taken(column: npt.NDArray[Any], index: npt.NDArray[np.intp]) -> npt.NDArray[Any]:
    """Take from a column; one that is a broadcast of a single value stays a broadcast."""
    if _is_constant(column):
        return np.broadcast_to(column[:1].reshape(()), index.shape) if len(column) else column
    return column[index]


def _frozen(column: npt.NDArray[Any]) -> npt.NDArray[Any]:
    column.setflags(write=False)
    return column


def _check_range(what: str, column: npt.NDArray[Any], n: int) -> None:
    held = _once(column)
    low, high = int(held.min()), int(held.max())
    if low < 0 or high >= n:
        raise InputError(f"an entry has {what} number {low if low < 0 else high}, but there are {n}")


def _indexes(what: str, ids: Sequence[str], known: Sequence[str]) -> list[int]:
    place = {one: k for k, one in enumerate(known)}
    for one in ids:
        if one not in place:
            raise UnknownName(f"no {what} has the id {one!r}")
    return [place[one] for one in ids]


def _renumber(kept: Sequence[int], n: int) -> npt.NDArray[np.int32]:
    new = np.full(n, -1, dtype=np.int32)
    new[np.asarray(kept, dtype=np.intp)] = np.arange(len(kept), dtype=np.int32)
    return new
