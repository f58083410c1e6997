"""Rounds: taking in what a peer holds, by asking it for files or by being brought them.

A round is a `sync.Pull` at the shared desk. Files travel outside the desk's lock and are taken in within it,
so that local acts go on in between. What was committed before a round breaks off is kept.

The framing in which pushed files travel: for each file a two-byte length and the path, then an eight-byte
length and the bytes; a length of all ones stands for a file that is not there.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from allweather.errors import InputError, Malformed, StoreError
from allweather.node.logs import tell
from allweather.node.meeting import charter_pins
from allweather.node.sharing import SharedDesk
from allweather.node.taking import Taking
from allweather.record.writing import awaited
from allweather.store import Source
from allweather.sync.layout import INDEX
from allweather.sync.pull import MAX_NEW_BYTES, Pull, Report

MAX_PUSHED = 2**25
MAX_WANTED = 64
_PATH, _SIZE = struct.Struct(">H"), struct.Struct(">Q")
_ABSENT = 2**64 - 1
_MAX_FAULTS = 20
_TRIES, _QUICK_SECONDS = 3, 1.0


@dataclass(slots=True)
class Outcome:
    """What a round brought: of whom, what is new, who was not taken in, and what did not hold."""

    node: str = ""
    complete: bool = False
    is_new: bool = False
    entries: dict[str, int] = field(default_factory=dict)
    n_payloads: int = 0
    unknown: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def shown(self) -> dict[str, object]:
        """The same as plain values."""
        return {
            "node": self.node,
            "complete": self.complete,
            "entries": sum(self.entries.values()),
            "payloads": self.n_payloads,
            "unknown": self.unknown,
            "faults": self.faults[:_MAX_FAULTS],
        }


class Round:
    """One round of taking in, at a shared desk. `member` is who the other is held to be, if anybody."""

    def __init__(
        self,
        shared: SharedDesk,
        pins: dict[str, bytes],
        *,
        member: str = "",
        source: str = "",
        max_new_bytes: int = MAX_NEW_BYTES,
    ) -> None:
        self._shared = shared
        self._member = member
        self._source = source
        self._index: bytes | None = None
        with shared.lock:
            self._n_before = shared.n_commits
            self._taking = Taking(shared.desk, {**charter_pins(shared.actions), **pins}, False)
            self._restored = bool(awaited(shared.desk.storage))
            self._pull: Pull = self._taking.begin(self._restored, max_new_bytes=max_new_bytes)

    def outgoing(self) -> tuple[str, ...]:
        """The paths that are waited for; none when the round is over."""
        return self._pull.outgoing()

    def limit(self, path: str) -> int:
        """The most bytes that a file may have."""
        return self._pull.limit(path)

    def refuse(self, path: str, error: InputError) -> None:
        """A file broke its bounds: it counts as not there."""
        self._taking.faults.append(str(error))
        self.receive(path, None)

    def receive(self, path: str, data: bytes | None) -> None:
        """A file, or None where there is none."""
        if path == INDEX:
            self._index = data
        before = self._shared.n_commits
        with self._shared.lock:
            self._pull.receive(path, data)
            if self._shared.n_commits != before:
                self._settle()

    def end(self) -> Outcome:
        """Settle what was taken in, acknowledge it, tell others. Call it also when a round broke off."""
        shared, report = self._shared, self._pull.report
        with shared.lock:
            if not self.outgoing():
                self._taking.end(report, self._index, self._restored, member=self._member)
            self._settle()
            is_new = shared.n_commits != self._n_before
        outcome = self._outcome(report, is_new)
        self._count(outcome)
        if is_new:
            shared.tell_news(self._source)
        if report.entries:
            shared.acknowledge()
        return outcome

    def _settle(self) -> None:
        self._shared.desk.settle()
        self._shared.refresh()

    def _outcome(self, report: Report, is_new: bool) -> Outcome:
        faults = [*report.faults, *self._taking.faults]
        if self._member and report.node not in ("", self._member):
            faults.append(f"the node of {report.node} answers where {self._member} was expected")
        return Outcome(
            node=report.node,
            complete=report.complete and not faults,
            is_new=is_new,
            entries=dict(report.entries),
            n_payloads=report.n_payloads,
            unknown=dict(self._taking.unknown),
            faults=faults,
        )

    def _count(self, outcome: Outcome) -> None:
        counts = self._shared.counts
        counts.add("allweather_entries_taken_total", sum(outcome.entries.values()))
        counts.add("allweather_refused_files_total", len(outcome.faults))
        for fault in outcome.faults[:_MAX_FAULTS]:
            tell("not taken in", source=self._source, why=fault)
        for origin, digest in outcome.unknown.items():
            tell("not met", source=self._source, member=origin, card=digest)


def pull_from(source: Source, one: Round, *, seconds: float) -> Outcome:
    """Carry a round's files from a source, for `seconds` at most.

    Raises StoreError if the source cannot be read; what was taken in before then is kept.
    """
    until = time.monotonic() + seconds
    try:
        while paths := one.outgoing():
            for path in paths:
                if time.monotonic() > until:
                    raise StoreError(f"{source.name} did not end its round in {seconds:g} seconds")
                try:
                    data = _read(source, path, one.limit(path))
                except InputError as error:
                    one.refuse(path, error)
                else:
                    one.receive(path, data)
    except StoreError:
        one.end()
        raise
    return one.end()


def _read(source: Source, path: str, limit: int) -> bytes | None:
    """A file. Within a round a lost request is made again at once: who answered just now is there.

    Not so the first of a round, nor one that took its time: whoever does not answer is asked less often.
    """
    n_tries = 1 if path == INDEX else _TRIES
    while True:
        began = time.monotonic()
        try:
            return source.read(path, limit)
        except StoreError:
            n_tries -= 1
            if not n_tries or time.monotonic() - began > _QUICK_SECONDS:
                raise


# Pushed files


def format_files(files: Iterable[tuple[str, bytes | None]]) -> bytes:
    """Files in the framing of a push."""
    parts: list[bytes] = []
    for path, data in files:
        name = path.encode()
        parts += [_PATH.pack(len(name)), name]
        parts += [_SIZE.pack(_ABSENT)] if data is None else [_SIZE.pack(len(data)), data]
    return b"".join(parts)


def parse_files(data: bytes) -> list[tuple[str, bytes | None]]:
    """The files that a framing holds. Raises Malformed."""
    found: list[tuple[str, bytes | None]] = []
    at = 0
    try:
        while at < len(data):
            (length,) = _PATH.unpack_from(data, at)
            path = data[at + _PATH.size : at + _PATH.size + length].decode()
            at += _PATH.size + length
            (size,) = _SIZE.unpack_from(data, at)
            at += _SIZE.size
            if len(found) > 4 * MAX_WANTED:
                raise Malformed("more files are pushed at once than are asked for")
            if size == _ABSENT:
                found.append((path, None))
                continue
            if at + size > len(data):
                raise Malformed("pushed files end within one")
            found.append((path, data[at : at + size]))
            at += size
    except (struct.error, UnicodeDecodeError):
        raise Malformed("these are no pushed files") from None
    return found


def chosen_files(shared: SharedDesk, wanted: Sequence[str]) -> list[tuple[str, bytes | None]]:
    """The files that a receiver asks for, as many as one push may hold."""
    files: list[tuple[str, bytes | None]] = []
    length = 0
    for path in wanted[:MAX_WANTED]:
        data = shared.published(path)
        length += len(path) + len(data or b"") + _PATH.size + _SIZE.size
        if files and length > MAX_PUSHED:
            break
        files.append((path, data))
    return files
