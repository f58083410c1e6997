"""What the record needs of a store: an interface, and what follows from it for every driver alike.

A store holds, for each log, one branch; and a further one for each face that a two-faced log has shown. A
branch holds its own entries from `fork_at` on and shares those before with its parent. Everything is
committed in batches: a batch is durable as a whole when `commit` returns, or it has not happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from allweather.errors import Malformed
from allweather.record.checkpoints import Checkpoint, Head
from allweather.record.merkle import Edge, ReadNode, leaf_hash, read_edge
from allweather.record.notes import NoteSignature
from allweather.record.tiles import HEIGHT, WIDTH, Tile, node_reader

MAX_BRANCHES = 1_000
MAX_FACES_OF_KEY = 32
"""Faces that are kept of what one key signed. Who has shown as many is known for it."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One face of a log as it is held: its checkpoint, its right edge, and where it left its parent.

    The first branch of a log has number 0, no parent, and `fork_at` 0.
    """

    number: int
    checkpoint: Checkpoint
    edge: Edge
    parent: int | None = None
    fork_at: int = 0

    @property
    def head(self) -> Head:
        """Origin, size and root."""
        return self.checkpoint.head

    @property
    def origin(self) -> str:
        """The log that this is a face of."""
        return self.checkpoint.head.origin


@dataclass(frozen=True, slots=True)
class Growth:
    """A branch grows from `start` entries to what `branch` says, or begins with `start` = `fork_at`.

    One batch grows a branch once at most.

    `nodes` are the tile hashes above level 0 that became complete: (level, index, hash).
    """

    branch: Branch
    start: int
    entries: tuple[bytes, ...]
    nodes: tuple[tuple[int, int, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A cosignature on a head, as an acknowledgement brought it; verified by whoever shows it."""

    head: Head
    line: NoteSignature


@dataclass(frozen=True, slots=True)
class Wanted:
    """A payload that an entry of `origin` names and that is not held: its SHA-256."""

    origin: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """What is committed at once. `marks` are the holder's own notes to itself; None removes one."""

    growths: tuple[Growth, ...] = ()
    key_notes: tuple[tuple[str, bytes], ...] = ()
    payloads: tuple[bytes, ...] = ()
    erased: tuple[bytes, ...] = ()
    wanted: tuple[Wanted, ...] = ()
    cosigned: tuple[Cosigned, ...] = ()
    equivocations: tuple[tuple[str, bytes], ...] = ()
    marks: tuple[tuple[str, bytes | None], ...] = field(default=())


class Storage(Protocol):
    """Where a record is kept. Drivers are in the room `store`; one conformance kit holds for all of them.

    Reading methods raise StoreError if the store cannot be read; `commit` raises it if nothing was committed.
    """

    def origins(self) -> tuple[str, ...]:
        """The logs whose members' cards are held, sorted."""
        ...

    def key_notes(self, origin: str) -> tuple[bytes, ...]:
        """The card of a member, then its successions as they came; nothing for an unknown origin."""
        ...

    def branches(self, origin: str) -> tuple[Branch, ...]:
        """The branches held of a log, by number; nothing for a log of which no entry is held."""
        ...

    def entries(self, branch: Branch, start: int, end: int) -> list[bytes]:
        """The entries [start, end) of a branch, those of its parents included; `end` is at most its size."""
        ...

    def nodes(self, branch: Branch, level: int, start: int, end: int) -> list[bytes]:
        """The hashes [start, end) of tile level 1 or higher; each stands for 256 ** level entries."""
        ...

    def payload(self, digest: bytes) -> bytes | None:
        """The blob whose SHA-256 this is: nonce and content; None if it is not held."""
        ...

    def is_erased(self, digest: bytes) -> bool:
        """Whether a payload was redacted, so that it must not be taken in again."""
        ...

    def wanted(self) -> tuple[Wanted, ...]:
        """The payloads that entries name and that are neither held nor erased, sorted."""
        ...

    def cosigned(self, origin: str, size: int) -> tuple[Cosigned, ...]:
        """The cosignatures that acknowledgements brought on heads of one log at one size, sorted by name."""
        ...

    def equivocations(self, origin: str) -> tuple[bytes, ...]:
        """The proofs held that a log has two faces, sorted."""
        ...

    def mark(self, name: str) -> bytes | None:
        """One of the holder's own notes to itself."""
        ...

    def commit(self, batch: Batch) -> None:
        """Make a batch durable as a whole. A growth that does not begin where its branch ends is refused."""
        ...

    def close(self) -> None:
        """Let go of what is open."""
        ...


def grow(
    branch: Branch | None,
    entries: Sequence[bytes],
    checkpoint: Checkpoint,
    *,
    number: int = 0,
    fork: tuple[Branch, Edge] | None = None,
) -> Growth:
    """The growth of a branch by `entries` up to `checkpoint`; with `fork` a new branch from a parent's edge.

    Raises Malformed if the checkpoint is not that of the grown tree: then it must not be stored.
    """
    if fork is not None:
        parent, before = fork
        base = Branch(number, checkpoint, before, parent.number, before.size)
    else:
        base = branch or Branch(number, checkpoint, Edge())
    nodes: list[tuple[int, int, bytes]] = []
    edge = base.edge.extend([leaf_hash(entry) for entry in entries], nodes)
    if (edge.size, edge.root()) != (checkpoint.head.size, checkpoint.head.root):
        raise Malformed(
            "these entries do not lead to the root that the checkpoint states", where=checkpoint.head.origin
        )
    grown = Branch(base.number, checkpoint, edge, base.parent, base.fork_at)
    return Growth(grown, base.edge.size, tuple(entries), tuple(nodes))


def read_tile(storage: Storage, branch: Branch, tile: Tile) -> bytes:
    """A hash tile of a branch, full or partial, as its file holds it."""
    start = tile.index * WIDTH
    if tile.level:
        return b"".join(storage.nodes(branch, tile.level, start, start + tile.width))
    return b"".join(leaf_hash(entry) for entry in storage.entries(branch, start, start + tile.width))


def read_nodes(storage: Storage, branch: Branch) -> ReadNode:
    """Gives any complete node of a branch."""
    return node_reader(lambda tile: read_tile(storage, branch, tile), branch.head.size)


def root_at(storage: Storage, branch: Branch, size: int) -> bytes | None:
    """The root of the first `size` entries of a branch; None if it has fewer."""
    if size > branch.head.size:
        return None
    if size == branch.head.size:
        return branch.head.root
    return edge_at(storage, branch, size).root()


def edge_at(storage: Storage, branch: Branch, size: int) -> Edge:
    """The right edge of the first `size` entries of a branch."""
    if size == branch.head.size:
        return branch.edge
    return read_edge(size, read_nodes(storage, branch))


def shared_spans(
    branches: Sequence[Branch], branch: Branch, start: int, end: int, *, level: int = 0
) -> list[tuple[int, int, int]]:
    """Which branch holds which part of [start, end): (number, start, end), in order; for the drivers.

    At a tile level above 0 the range counts tile hashes; one that covers no entry of the branch's own is its
    parent's.
    """
    by_number = {one.number: one for one in branches}
    spans: list[tuple[int, int, int]] = []
    current = branch
    while end > start:
        low = max(start, current.fork_at >> HEIGHT * level)
        if low < end:
            spans.append((current.number, low, end))
            end = low
        if current.parent is None:
            break
        current = by_number[current.parent]
    return spans[::-1]
