"""What every driver asks of a batch before it takes it in, and of a payload before it hands it out.

A driver keeps what it is given and judges no signature. But a growth that does not continue what is held, a
face whose parent is unknown, or tile hashes that are not those of the new entries would leave a store that
cannot be read: all of these are refused here, in one sentence, before anything is written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from allweather.errors import Malformed, StoreError
from allweather.record.keys import check_origin
from allweather.record.merkle import HASH_SIZE
from allweather.record.storage import Batch, Branch, Growth
from allweather.record.tiles import HEIGHT, MAX_ENTRY


@dataclass(frozen=True, slots=True)
class Place:
    """How far a branch is held, and where it left its parent."""

    size: int
    parent: int | None
    fork_at: int


def place_of(branch: Branch) -> Place:
    """The place of a branch once it is held."""
    return Place(branch.head.size, branch.parent, branch.fork_at)


def check_batch(batch: Batch, held: Callable[[str, int], Place | None]) -> None:
    """Raise StoreError unless each growth continues what `held` tells of its branch, one growth a branch."""
    _check_names(batch)
    grown: dict[tuple[str, int], Place] = {}
    for growth in batch.growths:
        branch = growth.branch
        if (branch.origin, branch.number) in grown:
            raise StoreError(
                f"one batch grows branch {branch.number} of {branch.origin} twice: nothing is kept"
            )
        before = held(branch.origin, branch.number)
        end = before.size if before else branch.fork_at
        if end != growth.start:
            raise StoreError(
                f"{branch.origin} ends at {end} in this store, not at {growth.start}: "
                "somebody else has written"
            )
        if before is not None:
            sound = (before.parent, before.fork_at) == (branch.parent, branch.fork_at)
        elif branch.parent is None:
            sound = branch.number == branch.fork_at == 0
        else:
            parent = grown.get((branch.origin, branch.parent)) or held(branch.origin, branch.parent)
            sound = parent is not None and is_fork(branch.number, branch.parent, branch.fork_at, parent.size)
        if not sound:
            raise StoreError(f"branch {branch.number} of {branch.origin} leaves no branch that is held here")
        _check_growth(growth)
        grown[branch.origin, branch.number] = place_of(branch)


def damaged(where: str, error: Exception) -> StoreError:
    """What to raise where something that was stored cannot be read back."""
    return StoreError(f"{where} is damaged: {error}; restore a copy, or fetch the record again from a peer")


def is_fork(number: int, parent: int, fork_at: int, parent_size: int) -> bool:
    """Whether a branch can have left a parent of that size there."""
    return 0 <= parent < number and 0 <= fork_at <= parent_size


def check_blob(digest: bytes, blob: bytes, where: str) -> bytes:
    """`blob` itself. Raises StoreError if it is not the one of this SHA-256: then the store is damaged."""
    if hashlib.sha256(blob).digest() != digest:
        raise StoreError(
            f"{where} is damaged: payload {digest.hex()} is no longer what it was; "
            "fetch the record again from a peer"
        )
    return blob


def missing(origin: str, number: int, where: str) -> StoreError:
    """The error for entries or hashes that ought to be held and are not."""
    return StoreError(
        f"{where} does not hold all that was asked for of branch {number} of {origin}; "
        "if it ought to, it is damaged: fetch the record again from a peer"
    )


def _check_names(batch: Batch) -> None:
    """Names become paths in a folder: none may be anything but a log's, and no digest but a SHA-256."""
    origins = {growth.branch.origin for growth in batch.growths}
    origins |= {origin for origin, _ in (*batch.key_notes, *batch.equivocations)}
    origins |= {one.origin for one in batch.wanted} | {one.head.origin for one in batch.cosigned}
    try:
        for origin in origins:
            check_origin(origin)
    except Malformed as error:
        raise StoreError(f"nothing is kept: {error}") from error
    if any(len(digest) != HASH_SIZE for digest in (*batch.erased, *(one.digest for one in batch.wanted))):
        raise StoreError(f"nothing is kept: a payload is named by {HASH_SIZE} bytes of SHA-256")


def _check_growth(growth: Growth) -> None:
    branch, size = growth.branch, growth.branch.head.size
    if growth.start + len(growth.entries) != size or branch.edge.size != size:
        raise StoreError(f"{branch.origin} cannot grow to {size}: the entries given do not lead there")
    if not all(0 < len(entry) <= MAX_ENTRY for entry in growth.entries):
        raise StoreError(f"{branch.origin} cannot grow: an entry has between 1 and {MAX_ENTRY} bytes")
    by_level: dict[int, list[int]] = {}
    for level, index, value in growth.nodes:
        if len(value) != HASH_SIZE:
            raise StoreError(f"{branch.origin} cannot grow to {size}: a tile hash has not {HASH_SIZE} bytes")
        by_level.setdefault(level, []).append(index)
    complete = {}
    level = 1
    while size >> HEIGHT * level:
        if indexes := list(range(growth.start >> HEIGHT * level, size >> HEIGHT * level)):
            complete[level] = indexes
        level += 1
    if by_level != complete:
        raise StoreError(
            f"{branch.origin} cannot grow to {size}: the tile hashes given are not those that it needs"
        )
