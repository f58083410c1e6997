"""Signed notes (C2SP signed-note): a text, an empty line, signature lines.

A note is believed only through `open_note`: a signature by a known key must verify, one by a known key that
does not verify rejects the note, and lines by unknown keys are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from allweather.errors import Malformed, NotVerified
from allweather.record import ed25519
from allweather.record.keys import (
    SignatureType,
    Signer,
    VerifierKey,
    format_base64,
    is_key_name,
    parse_base64,
)

MAX_NOTE = 2**18
MAX_SIGNATURES = 1_024

_DASH = "— "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_TIME_SIZE = 8


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: `name`, the 4 bytes of the key's id, and the signature's bytes."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A text (it ends in a newline) with its signature lines, not yet verified."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def signed_by(self, key: VerifierKey) -> bool:
        """Whether a line names `key`; it says nothing of whether that line verifies."""
        return any(line.name == key.name and line.key_id == key.key_id for line in self.signatures)


def parse_note(data: bytes, *, where: str = "") -> Note:
    """The note that `data` spells. Raises Malformed; verifies nothing."""
    if len(data) > MAX_NOTE:
        raise Malformed(f"a note of {len(data)} bytes is longer than the {MAX_NOTE} allowed", where=where)
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("a note must be UTF-8", where=where) from None
    if _CONTROL.search(whole):
        raise Malformed("a note may not hold control characters", where=where)
    text, gap, tail = whole.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise Malformed("a note is a text, an empty line and lines of signatures", where=where)
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise Malformed(f"a note may carry {MAX_SIGNATURES} signatures, not {len(lines)}", where=where)
    note = Note(text + "\n", tuple(parse_signature(line, where=where) for line in lines))
    if not text:
        raise Malformed("a note's text may not be empty", where=where)
    return note


def format_note(note: Note) -> bytes:
    """The bytes of a note."""
    return f"{note.text}\n{''.join(format_signature(line) for line in note.signatures)}".encode()


def parse_signature(line: str, *, where: str = "") -> NoteSignature:
    """One signature line, without its newline."""
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space or not is_key_name(name):
        raise Malformed("a signature line is written: em dash, name, base64", where=where)
    data = parse_base64(encoded, where=where)
    if len(data) < 5:
        raise Malformed("a signature line holds a key's id and a signature", where=where)
    return NoteSignature(name, data[:4], data[4:])


def format_signature(line: NoteSignature) -> str:
    """One signature line with its newline."""
    return f"{_DASH}{line.name} {format_base64(line.key_id + line.signature)}\n"


def sign_note(text: str, *signers: Signer) -> Note:
    """`text` signed by each signer in turn. The text must end in a newline and hold no control characters."""
    if not text.endswith("\n") or _CONTROL.search(text) or text == "\n":
        raise Malformed("a text to be signed ends in a newline and has no other control characters")
    return Note(text, tuple(_sign(text, signer) for signer in signers))


def _sign(text: str, signer: Signer) -> NoteSignature:
    if signer.type is not SignatureType.NOTE:
        raise Malformed("a witness key signs cosignatures only")
    return NoteSignature(signer.name, signer.verifier.key_id, ed25519.sign(signer.seed, text.encode()))


def open_note(note: Note, keys: Iterable[VerifierKey], *, where: str = "") -> tuple[VerifierKey, ...]:
    """Those of `keys` that signed the note, in the order of its lines, each once.

    Raises NotVerified if none did, or if a line by one of them does not verify.
    """
    known = {(key.name, key.key_id): key for key in keys}
    found: dict[VerifierKey, None] = {}
    for line in note.signatures:
        key = known.get((line.name, line.key_id))
        if key is None:
            continue
        if not _verifies(key, note.text, line.signature):
            raise NotVerified(f"the signature of {key.name} does not hold", where=where)
        found[key] = None
    if not found:
        raise NotVerified("no key that is known here signed this", where=where)
    return tuple(found)


def verified_note(note: Note, keys: Iterable[VerifierKey], *, where: str = "") -> Note:
    """The note with one line of each of `keys` that signed it, and no other. Raises NotVerified as
    `open_note`.

    What is kept must not hold a line that nobody verified: it might be taken for a signature later.
    """
    found = open_note(note, keys, where=where)
    lines = {(line.name, line.key_id): line for line in reversed(note.signatures)}
    return Note(note.text, tuple(lines[key.name, key.key_id] for key in found))


def cosignature_message(text: str, time: int) -> bytes:
    """What a cosignature/v1 signs: a header, the time (seconds since 1970), and the checkpoint's text."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def cosign(text: str, signer: Signer, time: int) -> NoteSignature:
    """The cosignature/v1 of a checkpoint's text at `time`, as a signature line."""
    if signer.type is not SignatureType.COSIGNATURE:
        raise Malformed("only a witness key cosigns")
    if not 0 < time < 2**63:
        raise Malformed("a cosignature's time is a positive number of seconds")
    signature = ed25519.sign(signer.seed, cosignature_message(text, time))
    return NoteSignature(signer.name, signer.verifier.key_id, time.to_bytes(_TIME_SIZE, "big") + signature)


def cosignature_time(line: NoteSignature) -> int:
    """The time that a cosignature states (seconds since 1970). Raises Malformed if it is not of that form."""
    if len(line.signature) != _TIME_SIZE + ed25519.SIGNATURE_SIZE:
        raise Malformed("a cosignature is a time of 8 bytes and a signature of 64")
    time = int.from_bytes(line.signature[:_TIME_SIZE], "big")
    if not 0 < time < 2**63:
        raise Malformed("a cosignature's time is out of range")
    return time


def _verifies(key: VerifierKey, text: str, signature: bytes) -> bool:
    if key.type is SignatureType.NOTE:
        return ed25519.is_valid(key.public, text.encode(), signature)
    if len(signature) != _TIME_SIZE + ed25519.SIGNATURE_SIZE:
        return False
    time = int.from_bytes(signature[:_TIME_SIZE], "big")
    return 0 < time < 2**63 and ed25519.is_valid(
        key.public, cosignature_message(text, time), signature[_TIME_SIZE:]
    )
