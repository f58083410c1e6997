"""A store in memory: for tests, to look at a source without keeping it, and as the model of the others."""

from __future__ import annotations

import hashlib
from collections import defaultdict

from allweather.record.storage import Batch, Branch, Cosigned, Growth, Wanted, shared_spans
from allweather.store.growing import Place, check_batch, place_of


class MemoryStore:
    """Keeps everything in dictionaries; what is committed is gone with the process."""

    def __init__(self) -> None:
        self._notes: dict[str, list[bytes]] = {}
        self._branches: dict[str, dict[int, Branch]] = defaultdict(dict)
        self._entries: dict[tuple[str, int], list[bytes]] = defaultdict(list)
        self._nodes: dict[tuple[str, int, int], dict[int, bytes]] = defaultdict(dict)
        self._payloads: dict[bytes, bytes] = {}
        self._erased: set[bytes] = set()
        self._wanted: set[tuple[str, bytes]] = set()
        self._cosigned: dict[tuple[str, int], set[Cosigned]] = defaultdict(set)
        self._equivocations: dict[str, set[bytes]] = defaultdict(set)
        self._marks: dict[str, bytes] = {}

    def origins(self) -> tuple[str, ...]:
        """The logs whose members' cards are held."""
        return tuple(sorted(self._notes))

    def key_notes(self, origin: str) -> tuple[bytes, ...]:
        """The card and the successions of a member."""
        return tuple(self._notes.get(origin, ()))

    def branches(self, origin: str) -> tuple[Branch, ...]:
        """The branches held of a log."""
        held = self._branches.get(origin, {})
        return tuple(held[number] for number in sorted(held))

    def entries(self, branch: Branch, start: int, end: int) -> list[bytes]:
        """The entries [start, end) of a branch."""
        held = self._branches[branch.origin]
        found: list[bytes] = []
        for number, low, high in shared_spans(tuple(held.values()), branch, start, end):
            base = held[number].fork_at
            found += self._entries[branch.origin, number][low - base : high - base]
        return found

    def nodes(self, branch: Branch, level: int, start: int, end: int) -> list[bytes]:
        """The hashes [start, end) of a tile level above 0."""
        held = tuple(self._branches[branch.origin].values())
        return [
            self._nodes[branch.origin, number, level][index]
            for number, low, high in shared_spans(held, branch, start, end, level=level)
            for index in range(low, high)
        ]

    def payload(self, digest: bytes) -> bytes | None:
        """The blob of this SHA-256."""
        return self._payloads.get(digest)

    def is_erased(self, digest: bytes) -> bool:
        """Whether a payload was redacted."""
        return digest in self._erased

    def wanted(self) -> tuple[Wanted, ...]:
        """The payloads named and neither held nor erased."""
        return tuple(Wanted(*one) for one in sorted(self._wanted))

    def cosigned(self, origin: str, size: int) -> tuple[Cosigned, ...]:
        """The cosignatures on heads of one log at one size."""
        return tuple(
            sorted(
                self._cosigned.get((origin, size), ()), key=lambda one: (one.line.name, one.line.signature)
            )
        )

    def equivocations(self, origin: str) -> tuple[bytes, ...]:
        """The proofs held that a log has two faces."""
        return tuple(sorted(self._equivocations.get(origin, ())))

    def mark(self, name: str) -> bytes | None:
        """One of the holder's own notes to itself."""
        return self._marks.get(name)

    def commit(self, batch: Batch) -> None:
        """Take in a batch as a whole."""
        check_batch(batch, self._place)
        for growth in batch.growths:
            self._take(growth)
        for origin, note in batch.key_notes:
            held = self._notes.setdefault(origin, [])
            if note not in held:
                held.append(note)
        for one in batch.wanted:
            if one.digest not in self._payloads:
                self._wanted.add((one.origin, one.digest))
        for digest in batch.erased:
            self._erased.add(digest)
            self._payloads.pop(digest, None)
        for blob in batch.payloads:
            digest = hashlib.sha256(blob).digest()
            if digest not in self._erased:
                self._payloads[digest] = blob
        gone = self._erased | self._payloads.keys()
        if batch.payloads or batch.erased or batch.wanted:
            self._wanted = {one for one in self._wanted if one[1] not in gone}
        for cosigned in batch.cosigned:
            self._cosigned[cosigned.head.origin, cosigned.head.size].add(cosigned)
        for origin, proof in batch.equivocations:
            self._equivocations[origin].add(proof)
        for name, value in batch.marks:
            if value is None:
                self._marks.pop(name, None)
            else:
                self._marks[name] = value

    def close(self) -> None:
        """Nothing is kept open."""

    def _place(self, origin: str, number: int) -> Place | None:
        held = self._branches.get(origin, {}).get(number)
        return None if held is None else place_of(held)

    def _take(self, growth: Growth) -> None:
        branch = growth.branch
        self._branches[branch.origin][branch.number] = branch
        self._entries[branch.origin, branch.number] += growth.entries
        for level, index, value in growth.nodes:
            self._nodes[branch.origin, branch.number, level][index] = value
