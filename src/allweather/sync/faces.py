"""Two heads of one log that contradict each other: where they part, and the proof of it."""

from __future__ import annotations

from collections.abc import Sequence

from allweather.record.checkpoints import Checkpoint
from allweather.record.members import KeyHistory
from allweather.record.merkle import ReadNode, leaf_hash, node_hash
from allweather.record.proofs import format_equivocation, prove_equivocation
from allweather.record.storage import Branch, Growth, Storage, read_nodes


def contradiction(storage: Storage, growth: Growth, parent: Branch, history: KeyHistory) -> bytes | None:
    """The proof that a new face contradicts its parent; None if a key signed beyond what it speaks for."""
    new, old = growth.branch.checkpoint, parent.checkpoint
    if not (speaks(new, history) and speaks(old, history)):
        return None
    if new.head.size >= old.head.size:
        proof = prove_equivocation(old, new, _overlay(read_nodes(storage, parent), growth))
    else:
        proof = prove_equivocation(new, old, read_nodes(storage, parent))
    return format_equivocation(proof)


def n_shared(ours: Sequence[bytes], theirs: Sequence[bytes]) -> int:
    """How many entries two rows have in common from the start."""
    pairs = zip(ours, theirs, strict=False)
    return next(
        (place for place, (own, other) in enumerate(pairs) if own != other), min(len(ours), len(theirs))
    )


def speaks(checkpoint: Checkpoint, history: KeyHistory) -> bool:
    """Whether a key signed this checkpoint for a stretch of the log that it speaks for, by what is known."""
    for period in history.periods:
        if checkpoint.note.signed_by(period.keys.log):
            size = checkpoint.head.size
            return (period.start is None or size >= period.start.size) and (
                period.end is None or size <= period.end.size
            )
    return False


def is_later(new: Checkpoint, old: Checkpoint, history: KeyHistory) -> bool:
    """Whether a later key of the member signed `new` than signed `old`."""

    def period(checkpoint: Checkpoint) -> int:
        signed = [n for n, one in enumerate(history.periods) if checkpoint.note.signed_by(one.keys.log)]
        return max(signed, default=-1)

    return period(new) > period(old)


def _overlay(parent: ReadNode, growth: Growth) -> ReadNode:
    """The nodes of a new face that is not stored yet: its parent's up to the fork, its own beyond."""
    start = growth.branch.fork_at
    kept: dict[tuple[int, int], bytes] = {}

    def read(level: int, index: int) -> bytes:
        if (index + 1) << level <= start:
            return parent(level, index)
        found = kept.get((level, index))
        if found is None:
            if level == 0:
                found = leaf_hash(growth.entries[index - start])
            else:
                found = node_hash(read(level - 1, 2 * index), read(level - 1, 2 * index + 1))
            kept[level, index] = found
        return found

    return read
