"""Members at their desks, without a running node: homes, a clock that is set, records carried by hand."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from allweather.council.acts import Act
from allweather.council.bodies import Charter, Join, Rules, SeatOf
from allweather.council.forms import Body
from allweather.council.view import View
from allweather.node.actions import Actions, Doing
from allweather.node.home import Desk, Passphrase, at_desk
from allweather.node.taking import acknowledge_new
from allweather.record.entries import parse_entry
from allweather.record.keys import format_base64, parse_base64
from allweather.record.storage import Batch, grow
from tests.node.nodes import COUNCIL, NAMES, origin

START = 1_253_260_800  # 18 September 2009, 08:00 UTC
HOUR = 3_600
DAY = 24 * HOUR


def take(desk: Desk, others: Iterable[Desk], now: int) -> None:
    """Take in the logs that others hold, as they stand there, and acknowledge what is new."""
    mine = desk.storage
    for theirs in (other.storage for other in others):
        for log in theirs.origins():
            if not mine.key_notes(log):
                mine.commit(Batch(key_notes=tuple((log, note) for note in theirs.key_notes(log))))
            for branch in theirs.branches(log) if log != desk.home.origin else ():
                known = next((one for one in mine.branches(log) if one.number == branch.number), None)
                start = known.head.size if known else 0
                if branch.head.size > start:
                    entries = theirs.entries(branch, start, branch.head.size)
                    growth = grow(known, entries, branch.checkpoint, number=branch.number)
                    blobs = [theirs.payload(digest) for digest in _payloads(entries)]
                    mine.commit(Batch(growths=(growth,), payloads=tuple(one for one in blobs if one)))
    desk.settle()
    acknowledge_new(desk, at=now)


def _payloads(entries: Iterable[bytes]) -> Iterator[bytes]:
    for data in entries:
        payload = parse_entry(data).payload
        if payload is not None:
            yield parse_base64(payload.hash, size=32)


@dataclass
class Seat:
    """One member at its desk."""

    table: Table
    name: str
    desk: Desk
    actions: Actions

    @property
    def origin(self) -> str:
        return origin(self.name)

    @property
    def view(self) -> View:
        return self.actions.view()

    def sign(self, *bodies: Body, **how: Any) -> Act:
        """Sign acts; the last of them."""
        return self.actions.sign(*(Doing(body, **how) for body in bodies))[-1]

    def takes(self, *others: Seat) -> None:
        """Take in the logs that others hold, and acknowledge what is new."""
        take(self.desk, [other.desk for other in others], self.table.now)

    def state(self) -> tuple[object, ...]:
        """Everything that a refused act must leave as it was."""
        storage = self.desk.storage
        branches = storage.branches(self.origin)
        home = self.desk.home.guard
        return (
            self.view.fold.digest,
            self.view.fold.charter,
            [(one.number, one.head) for one in branches],
            [entry for one in branches for entry in storage.entries(one, one.fork_at, one.head.size)],
            {name: storage.mark(name) for name in ("charter", "seen", "own", "restored")},
            home.read_bytes() if home.exists() else b"",
        )


@dataclass
class Table:
    """Three members at one table: `table["ann"]`. Their clock is `now`."""

    folder: Path
    cards: dict[str, bytes]
    now: int = START
    seats: dict[str, Seat] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Seat:
        return self.seats[name]

    def exchange(self) -> None:
        """Everybody takes in what everybody holds, until acknowledgements have gone round."""
        for _ in range(2):
            for one in self.seats.values():
                one.takes(*(other for other in self.seats.values() if other is not one))

    def charter(self, *names: str, **more: Any) -> Charter:
        seats = tuple(SeatOf(origin(name), format_base64(self.cards[name])) for name in names or NAMES)
        return Charter(title="A council", members=seats, **more)

    def found(self, **more: Any) -> str:
        """Found the council, and everybody joins; the charter's reference."""
        ref = self["ann"].sign(self.charter(**more)).ref
        self.exchange()
        for name in NAMES[1:]:
            self[name].sign(Join(charter=ref))
        self.exchange()
        return ref


def found_homes(made: tuple[Path, dict[str, bytes]], folder: Path) -> tuple[Path, dict[str, bytes]]:
    """Homes of members that have founded their council and joined it."""
    with sitting(made, folder) as table:
        table.found()
    return folder, made[1]


@contextmanager
def sitting(made: tuple[Path, dict[str, bytes]], folder: Path) -> Iterator[Table]:
    """A table with copies of the homes, in a new folder."""
    source, cards = made
    shutil.copytree(source, folder, dirs_exist_ok=True)
    table = Table(folder, cards)
    with ExitStack() as stack:
        for name in NAMES:
            desk = stack.enter_context(at_desk(folder / name, Passphrase(folder / "passphrase")))
            table.seats[name] = Seat(table, name, desk, Actions(desk, lambda: table.now))
        yield table


__all__ = ["COUNCIL", "DAY", "HOUR", "NAMES", "START", "Rules", "Seat", "Table", "origin", "sitting"]
