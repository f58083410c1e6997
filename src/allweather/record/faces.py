"""One face of a log, read from static files: do its entries lead to the root that its checkpoint states?

Entries pass once and are not kept. What is kept is the tree above its tiles of level 0 and what the entries
say about the record itself, so that a face larger than the memory can be read. `audit` puts the faces of
all logs together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from allweather.errors import InputError, Malformed, NotVerified
from allweather.record.checkpoints import Checkpoint, Head
from allweather.record.entries import Entry, is_signed_by_delegate, parse_entry, seen_heads
from allweather.record.facts import Fact, facts_of
from allweather.record.findings import Findings
from allweather.record.keys import parse_base64
from allweather.record.merkle import HASH_SIZE, Edge, leaf_hash, read_edge
from allweather.record.storage import Branch
from allweather.record.tiles import (
    WIDTH,
    Tile,
    bundles_of,
    node_reader,
    parse_bundle,
    parse_tile,
    tile_path,
    tiles_of,
)

Read = Callable[[str], "bytes | None"]
"""Gives the file at a path of the record (docs/spec/record.md, section 7); None where there is none."""


@dataclass(frozen=True, slots=True)
class NamedPayload:
    """A payload that an entry names: its SHA-256, the entry's index, and the size that it states."""

    digest: bytes
    index: int
    size: int


@dataclass(slots=True)
class FaceFiles:
    """A face with what its entries say. `read` fills it; the rest answers questions about its tree."""

    origin: str
    number: int
    prefix: str
    checkpoint: Checkpoint
    edge: Edge = field(default_factory=Edge)
    facts: list[Fact] = field(default_factory=list)
    seen: dict[Head, int] = field(default_factory=dict)
    delegated: list[Entry] = field(default_factory=list)
    payloads: dict[bytes, NamedPayload] = field(default_factory=dict)
    n_unreadable: int = 0
    _rows: dict[int, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    _last: list[bytes] = field(default_factory=list)
    _roots: dict[int, bytes] = field(default_factory=dict)
    _node: Callable[[int, int], bytes] | None = None

    @property
    def size(self) -> int:
        """How many entries it has."""
        return self.checkpoint.head.size

    def branch(self, parent: int | None, fork_at: int) -> Branch:
        """The face as a branch that left `parent` there."""
        return Branch(self.number, self.checkpoint, self.edge, parent, fork_at)

    def take(self, read: Read, found: Findings, passed: Callable[[int], None]) -> bool:
        """Read and check every bundle and tile. False, with the problem told, if the root is another.

        `passed` is told how many entries were read, a bundle at a time.
        """
        nodes: list[tuple[int, int, bytes]] = []
        for tile in bundles_of(self.size):
            path = self.prefix + tile_path(tile)
            try:
                entries = parse_bundle(needed(read, path), count=tile.width, where=path)
            except InputError as error:
                found.problem(f"{error}; this face was not checked from there on")
                return False
            self._last = [leaf_hash(entry) for entry in entries]
            self.edge = self.edge.extend(self._last, nodes)
            self._compare(read, found, Tile(0, tile.index, tile.width), self._last)
            for offset, data in enumerate(entries):
                self._take_entry(found, tile.start + offset, data)
            passed(tile.width)
        for level, _, value in nodes:
            self._rows[level].append(value)
        for tile in tiles_of(self.size):
            if tile.level:
                first = tile.index * WIDTH
                self._compare(read, found, tile, self._rows[tile.level][first : first + tile.width])
        if self.edge.root() != self.checkpoint.head.root:
            found.problem(f"{self.prefix}checkpoint: its root is not that of the {self.size} entries")
            return False
        return True

    def _compare(self, read: Read, found: Findings, tile: Tile, hashes: Sequence[bytes]) -> None:
        path = self.prefix + tile_path(tile)
        try:
            if needed(read, path) != b"".join(hashes):
                found.problem(f"{path} is not what the entries give")
        except InputError as error:
            found.problem(error)

    def _take_entry(self, found: Findings, index: int, data: bytes) -> None:
        try:
            entry = parse_entry(data)
            if (entry.log, entry.n) != (self.origin, index):
                raise Malformed(f"it says that it is entry {entry.n} of {entry.log}")
        except Malformed as error:
            self.n_unreadable += 1
            found.notice(f"entry {index} is unreadable and says nothing: {error}")
            return
        self.facts += facts_of(data, self.origin, index)
        for head in seen_heads(entry):
            self.seen.setdefault(head, index)
        if entry.by is not None:
            if is_signed_by_delegate(entry):
                self.delegated.append(msgspec.structs.replace(entry, body={}, seen=(), payload=None))
            else:
                found.notice(f"entry {index} is not written by a delegate: its signature does not hold")
        if entry.payload is not None:
            digest = parse_base64(entry.payload.hash, size=HASH_SIZE)
            self.payloads.setdefault(digest, NamedPayload(digest, index, entry.payload.size))

    def root_at(self, read: Read, size: int) -> bytes | None:
        """The root of its first `size` entries; None if it has fewer. Raises NotVerified if files changed."""
        if size > self.size:
            return None
        if size == self.size:
            return self.checkpoint.head.root
        if size not in self._roots:
            if self._node is None:
                self._node = node_reader(lambda tile: self._hashes(read, tile), self.size)
            self._roots[size] = read_edge(size, self._node).root()
        return self._roots[size]

    def shared(self, read: Read, other: FaceFiles) -> int:
        """How many entries it shares with another face from the beginning."""
        least = min(self.size, other.size)
        pairs = zip(self._rows[1][: least // WIDTH], other._rows[1], strict=False)
        block = next((k for k, (left, right) in enumerate(pairs) if left != right), least // WIDTH)
        width = min(WIDTH, least - block * WIDTH)
        ours, theirs = self._leaves(read, block)[:width], other._leaves(read, block)[:width]
        return block * WIDTH + next((k for k in range(width) if ours[k] != theirs[k]), width)

    def _hashes(self, read: Read, tile: Tile) -> bytes:
        if tile.level:
            return b"".join(self._rows[tile.level][tile.index * WIDTH : tile.index * WIDTH + tile.width])
        return b"".join(self._leaves(read, tile.index))

    def _leaves(self, read: Read, block: int) -> list[bytes]:
        """The leaf hashes of a tile, read again and compared with the tree that was built."""
        width = min(WIDTH, self.size - block * WIDTH)
        if width <= 0 or block == (self.size - 1) // WIDTH:
            return self._last if width > 0 else []
        for level in (0, None):
            path = self.prefix + tile_path(Tile(level, block, width))
            try:
                data = needed(read, path)
                if level is None:
                    leaves = [leaf_hash(entry) for entry in parse_bundle(data, count=width)]
                else:
                    leaves = parse_tile(data, width=width)
            except InputError:
                continue
            if Edge().extend(leaves).root() == self._rows[1][block]:
                return leaves
        raise NotVerified("the files changed while they were read; verify again", where=self.prefix)


def needed(read: Read, path: str) -> bytes:
    """The file at a path. Raises NotVerified if there is none."""
    data = read(path)
    if data is None:
        raise NotVerified(f"{path} is missing")
    return data
