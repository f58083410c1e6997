"""Proofs that fit in a file: of one entry (C2SP tlog-proof), and of a log with two faces (equivocation).

An equivocation proof holds two checkpoints of one log and the hashes that derive, from the root of the
larger, the root that the smaller ought to have had. It names no entry and needs none: any program that checks
consistency proofs can check it. Two tlog-proofs would show the same at twice the size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from allweather.errors import Malformed, NotVerified
from allweather.record.checkpoints import Checkpoint, parse_checkpoint
from allweather.record.keys import VerifierKey, format_base64, parse_base64, parse_decimal
from allweather.record.merkle import (
    HASH_SIZE,
    MAX_PROOF,
    MAX_SIZE,
    ReadNode,
    leaf_hash,
    prove_consistency,
    read_edge,
    verify_consistency,
    verify_inclusion,
)
from allweather.record.notes import MAX_NOTE, Note, format_note, open_note

_TLOG = "c2sp.org/tlog-proof@v1"
_EQUIVOCATION = "allweather/equivocation@v1"
_MAX_PROOF_FILE = MAX_NOTE + 64 * 64 + 65_536 * 2


@dataclass(frozen=True, slots=True)
class EntryProof:
    """That an entry stands at `index` of the log whose checkpoint this is. `extra` is not authenticated."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: Checkpoint
    extra: bytes | None = None


def format_entry_proof(proof: EntryProof) -> bytes:
    """The proof as a `.tlog-proof` file."""
    lines = [_TLOG]
    if proof.extra is not None:
        lines.append(f"extra {format_base64(proof.extra)}")
    lines.append(f"index {proof.index}")
    lines += [format_base64(one) for one in proof.hashes]
    return ("\n".join(lines) + "\n\n").encode() + format_note(proof.checkpoint.note)


def parse_entry_proof(data: bytes, *, where: str = "") -> EntryProof:
    """The proof that a `.tlog-proof` file spells. Raises Malformed; verifies nothing."""
    head, checkpoint = _split(data, where)
    if not head or head[0] != _TLOG:
        raise Malformed(f"a proof of an entry begins with {_TLOG}", where=where)
    rest = head[1:]
    extra = None
    if rest and rest[0].startswith("extra "):
        extra = parse_base64(rest.pop(0).removeprefix("extra "), where=where)
    if not rest or not rest[0].startswith("index "):
        raise Malformed("a proof of an entry states its index", where=where)
    index = parse_decimal(rest[0].removeprefix("index "), limit=MAX_SIZE, where=where)
    return EntryProof(index, _hashes(rest[1:], where), parse_checkpoint(checkpoint, where=where), extra)


def verify_entry_proof(
    proof: EntryProof, entry: bytes, keys: Sequence[VerifierKey], *, where: str = ""
) -> tuple[VerifierKey, ...]:
    """Those of `keys` (of the log and of witnesses) that signed the checkpoint in which `entry` stands.

    Raises NotVerified unless a key of the log is among them and the proof binds the entry to the root.
    """
    head = proof.checkpoint.head
    signed = open_note(proof.checkpoint.note, keys, where=where)
    if not any(key.name == head.origin for key in signed):
        raise NotVerified(f"no key of {head.origin} signed this checkpoint", where=where)
    verify_inclusion(proof.index, head.size, leaf_hash(entry), proof.hashes, head.root)
    return signed


@dataclass(frozen=True, slots=True)
class Equivocation:
    """Two checkpoints of one log, of which the smaller is not the beginning of the larger.

    `implied` is the root that the larger one has at the smaller one's size; `hashes` are the consistency
    proof from there to the larger root.
    """

    smaller: Checkpoint
    larger: Checkpoint
    implied: bytes
    hashes: tuple[bytes, ...]


def prove_equivocation(smaller: Checkpoint, larger: Checkpoint, read: ReadNode) -> Equivocation:
    """The proof that two checkpoints contradict each other; `read` gives the nodes of the larger tree.

    Raises Malformed if they do not contradict each other. Only the log's own signature is kept on each.
    """
    old, new = smaller.head.size, larger.head.size
    if not 0 < old <= new or smaller.head.origin != larger.head.origin:
        raise Malformed("an equivocation is two checkpoints of one log, the smaller first, none empty")
    implied = read_edge(old, read).root()
    if implied == smaller.head.root:
        raise Malformed("these two checkpoints agree")
    return Equivocation(_bare(smaller), _bare(larger), implied, prove_consistency(old, new, read))


def _bare(checkpoint: Checkpoint) -> Checkpoint:
    own = tuple(line for line in checkpoint.note.signatures if line.name == checkpoint.head.origin)
    return Checkpoint(checkpoint.head, Note(checkpoint.note.text, own[:1]))


def verify_equivocation(proof: Equivocation, keys: Sequence[VerifierKey], *, where: str = "") -> None:
    """Raise NotVerified unless keys of the log signed both checkpoints and they contradict each other."""
    small, large = proof.smaller.head, proof.larger.head
    if small.origin != large.origin:
        raise NotVerified("the two checkpoints are of different logs", where=where)
    if not 0 < small.size <= large.size:
        raise NotVerified("the smaller checkpoint comes first and is not empty", where=where)
    own = [key for key in keys if key.name == small.origin]
    open_note(proof.smaller.note, own, where=where)
    open_note(proof.larger.note, own, where=where)
    verify_consistency(small.size, large.size, proof.hashes, proof.implied, large.root)
    if proof.implied == small.root:
        raise NotVerified("the two checkpoints agree: this proves nothing against their log", where=where)


def format_equivocation(proof: Equivocation) -> bytes:
    """The proof as a file: a line that says what it is, the implied root, hashes, and the two checkpoints."""
    lines = [_EQUIVOCATION, format_base64(proof.implied), *map(format_base64, proof.hashes)]
    head = "\n".join(lines) + "\n\n"
    return head.encode() + format_note(proof.smaller.note) + b"\n" + format_note(proof.larger.note)


def parse_equivocation(data: bytes, *, where: str = "") -> Equivocation:
    """The proof that a file spells. Raises Malformed; verifies nothing."""
    head, rest = _split(data, where)
    if len(head) < 2 or head[0] != _EQUIVOCATION:
        raise Malformed(f"a proof of two faces begins with {_EQUIVOCATION}", where=where)
    # Each checkpoint is five lines: origin, size, root, an empty line, one signature.
    lines = rest.split(b"\n")
    if len(lines) != 12 or lines[5] or lines[11]:
        raise Malformed("two checkpoints follow, each with one signature, an empty line between", where=where)
    smaller, larger = b"\n".join([*lines[:5], b""]), b"\n".join(lines[6:])
    return Equivocation(
        parse_checkpoint(smaller, where=where),
        parse_checkpoint(larger, where=where),
        parse_base64(head[1], size=HASH_SIZE, where=where),
        _hashes(head[2:], where),
    )


def _split(data: bytes, where: str) -> tuple[list[str], bytes]:
    if len(data) > _MAX_PROOF_FILE:
        raise Malformed(f"a proof of {len(data)} bytes is longer than any that holds", where=where)
    head, gap, rest = data.partition(b"\n\n")
    if not gap or not head.isascii():
        raise Malformed("a proof is some lines of ASCII, an empty line, and a checkpoint", where=where)
    return head.decode("ascii").split("\n"), rest


def _hashes(lines: Sequence[str], where: str) -> tuple[bytes, ...]:
    if len(lines) > MAX_PROOF:
        raise Malformed(f"a proof has at most {MAX_PROOF} hashes", where=where)
    return tuple(parse_base64(line, size=HASH_SIZE, where=where) for line in lines)
