"""Taking in what others hold: from a folder, an archive or an address, with what may be met and acknowledged.

Everything is verified by `sync`; this module carries the files and keeps who was not met.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from allweather.errors import InputError
from allweather.node.home import Desk, own_branch, write_guard
from allweather.record.members import Card
from allweather.record.storage import Branch, Storage
from allweather.record.writing import acknowledge, awaited, mark_asked, mark_restored
from allweather.store import Source, open_source
from allweather.sync.layout import INDEX, MAX_INDEX, parse_index
from allweather.sync.pull import MAX_NEW_BYTES, Pull, Report

Say = Callable[[str, float], None]
"""Told what is being done, and how much of it (0 to 1; 0 if that is not known)."""


class _Frozen:
    """A store at one moment: its heads stay those of now while another process goes on writing."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._branches = {origin: storage.branches(origin) for origin in storage.origins()}

    def origins(self) -> tuple[str, ...]:
        return tuple(self._branches)

    def branches(self, origin: str) -> tuple[Branch, ...]:
        return self._branches.get(origin, ())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)


def frozen(storage: Storage) -> Storage:
    """The store as it is now, to read. What was appended later is not seen through it."""
    return cast(Storage, _Frozen(storage))


def carry(source: Source, pulling: Pull, say: Say) -> tuple[Report, list[str]]:
    """Carry files from a source to a pull until it is over; with sentences about files that broke.

    A file that breaks its bounds counts as not there. Raises StoreError if the disk or network fails: what
    was taken in before then is kept.
    """
    faults: list[str] = []
    while paths := pulling.outgoing():
        for path in paths:
            try:
                data = source.read(path, pulling.limit(path))
            except InputError as error:
                faults.append(str(error))
                data = None
            pulling.receive(path, data)
        n_entries = sum(pulling.report.entries.values())
        what = INDEX if paths[0] == INDEX else paths[0].rpartition("/tile/")[0] or "payloads"
        say(f"{what}: {n_entries} entries", 0.0)
    return pulling.report, faults


class Taking:
    """Taking in what a source holds: who may be met, who was not, whether the own log had to be asked for."""

    def __init__(self, desk: Desk, pins: dict[str, bytes], meet_all: bool) -> None:
        self.desk = desk
        self.faults: list[str] = []
        self.unknown: dict[str, str] = {}
        self._pins = pins
        self._meet_all = meet_all

    def accept(self, card: Card) -> bool:
        """Whether a member that is not held yet may be taken in."""
        pin = self._pins.get(card.origin)
        if pin == card.digest or (pin is None and self._meet_all):
            return True
        self.unknown[card.origin] = card.digest.hex()
        if pin is not None:
            self.faults.append(
                f"the card of {card.origin} has the digest {card.digest.hex()} and not the one that was "
                "named: ask the member which is right"
            )
        return False

    def begin(self, restored: bool, *, max_new_bytes: int = MAX_NEW_BYTES) -> Pull:
        """A pull at this desk; with `restored` the others are to be asked for the own log."""
        desk = self.desk
        if restored and not awaited(desk.storage):
            desk.storage.commit(mark_restored(desk.storage, desk.home.origin))
        return Pull(
            desk.storage,
            accept=self.accept,
            standing=desk.standing,
            quorum=desk.home.quorum,
            max_new_bytes=max_new_bytes,
        )

    def end(self, report: Report, index: bytes | None, restored: bool, *, member: str = "") -> None:
        """What follows a pull that is over: whether the own log counts as asked for; where all logs stand.

        `index` is what the other said that it publishes; `member` is who it is known to be, if it is.
        """
        desk = self.desk
        if report.node in awaited(desk.storage):
            sound = report.complete and not self.faults and member in ("", report.node)
            if sound and self._lists_own(index):
                desk.storage.commit(mark_asked(desk.storage, report.node))
            else:
                self.faults.append(
                    f"{report.node} does not count as asked: its files do not hold the whole of what is "
                    f"needed of {desk.home.origin}; import a whole export of it"
                )
        desk.settle()
        if restored and not awaited(desk.storage):
            self._renew_guard()

    def run(
        self, source: str, allow_plain: bool, restored: bool, say: Callable[[str, float], None]
    ) -> Report:
        """Take in what the source holds; note whom the own log was asked of."""
        opened = open_source(source, allow_plain=allow_plain)
        try:
            report, faults = carry(opened, self.begin(restored), say)
            self.faults += faults
            index = opened.read(INDEX, MAX_INDEX) if report.node in self.waiting() else None
        finally:
            opened.close()
        self.end(report, index, restored)
        return report

    def waiting(self) -> tuple[str, ...]:
        """The members that are still to be asked for the own log."""
        return awaited(self.desk.storage)

    def _lists_own(self, index: bytes | None) -> bool:
        own = self.desk.home.origin
        return index is not None and any(log.origin == own for log in parse_index(index).logs)

    def _renew_guard(self) -> None:
        branch = own_branch(self.desk)
        if branch is not None:
            write_guard(self.desk.home, branch.head)


def acknowledge_new(desk: Desk, *, at: int) -> list[str]:
    """Cosign what is new of other logs, under one entry of the own; the logs that were cosigned."""
    desk.check_guard()
    signer, witness = desk.signer("log"), desk.signer("witness")
    before = desk.cosigned_before()
    batch = acknowledge(desk.storage, desk.standing, signer, witness, at=at, before=before)
    if batch is None:
        return []
    desk.commit(batch)
    return [one.head.origin for one in batch.cosigned]
