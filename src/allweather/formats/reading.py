"""What a reader returns: positions, and everything around them that a review should tell people.

It keeps what was dropped or corrected on the way in (`intake`, in whole sentences), deals already
on record, and where sources contradict each other. It does not read files (`recognise.read` does)
and it does not judge.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from allweather.positions import UNDATED, Bloc, Positions, format_date


@dataclass(frozen=True, slots=True)
class Deal:
    """A package deal already on record. `known_by` is its latest possible day, None if undated."""

    id: str
    date: str
    known_by: int | None
    what: str
    members: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A matter of fact on which two sources, `a` and `b`, contradict each other."""

    id: str
    matter: str
    a: str
    b: str
    sources: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One source, read.

    - `format`: the format's name, for people
    - `conversation`: the folder's name, as written; a reproducible split of the entries needs it
    - `intake`: sentences that count what was dropped or corrected, in reading order
    - `areas`: the name of each area's id
    - `attribution`: where the data come from and under which terms, "" if not known
    """

    positions: Positions
    format: str
    conversation: str
    blocs: tuple[Bloc, ...] = ()
    intake: tuple[str, ...] = ()
    deals: tuple[Deal, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    areas: Mapping[str, str] = field(default_factory=dict)
    attribution: str = ""

    def before(self, day: int) -> Reading:
        """What was known by `day`, counted from 1970-01-01.

        Only records whose latest possible day is not later stay; undated ones go, and so do
        conflicts between sources, which have no date. A source stays where a record that stays
        names it. `intake` says how much was left out.
        """
        positions = self.positions.before(day)
        deals = tuple(deal for deal in self.deals if deal.known_by is not None and deal.known_by <= day)
        named = {source for note in positions.notes.values() for source in note.sources}
        named.update(source for deal in deals for source in deal.sources)
        kept = {id: source for id, source in self.positions.sources.items() if id in named}
        return dataclasses.replace(
            self,
            positions=dataclasses.replace(positions, sources=kept),
            intake=self.intake + self._left_out(positions, deals, day),
            deals=deals,
            conflicts=(),
        )

    def _left_out(self, kept: Positions, deals: tuple[Deal, ...], day: int) -> tuple[str, ...]:
        n_undated = int(np.count_nonzero(self.positions.known_by == UNDATED))
        n_later = len(self.positions) - len(kept) - n_undated
        said = [
            f"As of {format_date(day)}: {counted(n_later, 'record')} that may be later and "
            f"{counted(n_undated, 'undated record')} left out, {counted(len(kept), 'record')} kept."
        ]
        if n_deals := len(self.deals) - len(deals):
            said.append(f"{counted(n_deals, 'deal')} on record that may be later or undated left out.")
        if self.conflicts:
            said.append(
                f"{counted(len(self.conflicts), 'conflict')} between sources left out: undated, so possibly "
                "written later."
            )
        return tuple(said)


def counted(n: int, one: str, many: str = "") -> str:
    """A number with its noun, for sentences: `1 vote`, `12,000 votes`."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def n_replaced(positions: Positions) -> int:
    """How many entries stand on a cell (member, question) that another entry settles."""
    cells = positions.member.astype(np.int64) * max(positions.n_questions, 1) + positions.question
    cells.sort()  # ten times as fast as np.unique on ten million cells
    return int(np.count_nonzero(cells[1:] == cells[:-1]))
