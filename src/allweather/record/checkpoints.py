"""Checkpoints (C2SP tlog-checkpoint): the head of a log, signed; and cosignatures of witnesses on it.

A checkpoint of ours has no extension lines, and its key's name is its origin.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from allweather.errors import Malformed, NotVerified
from allweather.record.keys import (
    Signer,
    VerifierKey,
    check_origin,
    format_base64,
    parse_base64,
    parse_decimal,
)
from allweather.record.merkle import EMPTY_ROOT, HASH_SIZE, MAX_SIZE
from allweather.record.notes import Note, NoteSignature, open_note, parse_note, sign_note

MAX_ATTACHED = 16
"""Signatures that every verifier must accept on a note; further cosignatures travel beside the checkpoint."""


@dataclass(frozen=True, slots=True)
class Head:
    """A log of `size` entries with the root hash `root` (32 bytes)."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that a checkpoint of this head signs."""
        return f"{self.origin}\n{self.size}\n{format_base64(self.root)}\n"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A head with the note that carries it. Only `open_checkpoint` says whether the note holds."""

    head: Head
    note: Note


def parse_head(text: str, *, where: str = "") -> Head:
    """The head that a checkpoint's text states. Raises Malformed if it is not of our three lines."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise Malformed("a checkpoint has three lines: origin, size, root hash", where=where)
    size = parse_decimal(lines[1], limit=MAX_SIZE, where=where)
    root = parse_base64(lines[2], size=HASH_SIZE, where=where)
    if size == 0 and root != EMPTY_ROOT:
        raise Malformed("a log of no entries has the hash of nothing as its root", where=where)
    return Head(check_origin(lines[0]), size, root)


def parse_checkpoint(data: bytes, *, where: str = "") -> Checkpoint:
    """The checkpoint that `data` spells. Raises Malformed; verifies nothing."""
    note = parse_note(data, where=where)
    return Checkpoint(parse_head(note.text, where=where), note)


def sign_checkpoint(head: Head, signer: Signer) -> Checkpoint:
    """The checkpoint of a head by its log's key. Raises Malformed if the key is another log's."""
    if signer.name != head.origin:
        raise Malformed(f"the key of {signer.name} does not sign for {head.origin}")
    return Checkpoint(head, sign_note(head.text, signer))


def open_checkpoint(
    checkpoint: Checkpoint, keys: Iterable[VerifierKey], *, where: str = ""
) -> tuple[VerifierKey, ...]:
    """The keys of the log that signed the checkpoint. Raises NotVerified if none of `keys` did."""
    mine = [key for key in keys if key.name == checkpoint.head.origin]
    return open_note(checkpoint.note, mine, where=where or f"checkpoint of {checkpoint.head.origin}")


def with_signature(checkpoint: Checkpoint, line: NoteSignature) -> Checkpoint:
    """The checkpoint with one more signature line, unless it has it or has sixteen already."""
    lines = checkpoint.note.signatures
    if line in lines or len(lines) >= MAX_ATTACHED:
        return checkpoint
    return Checkpoint(checkpoint.head, Note(checkpoint.note.text, (*lines, line)))


def verify_cosignature(head: Head, line: NoteSignature, key: VerifierKey, *, where: str = "") -> None:
    """Raise NotVerified unless `line` is the cosignature of `head` by the witness key `key`."""
    if (line.name, line.key_id) != (key.name, key.key_id):
        raise NotVerified(f"this is no cosignature of {key.name}", where=where)
    open_note(Note(head.text, (line,)), (key,), where=where)
