"""Entries: what a member signs. A small header in canonical JSON; the payload apart, named by a salted hash.

This room does not know what an entry means. It knows six kinds of its own, named `record.…`, that concern the
record itself: acknowledgement, redaction, delegates' keys, attestation of a succession, the frontier of the
minutes.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

import msgspec

from allweather.errors import Malformed
from allweather.record import ed25519
from allweather.record.canonical import MAX_INTEGER, check_profile, format_canonical
from allweather.record.checkpoints import Head
from allweather.record.keys import check_origin, format_base64, parse_base64
from allweather.record.merkle import HASH_SIZE, MAX_SIZE
from allweather.record.tiles import MAX_ENTRY

VERSION = 1
SALT_SIZE = 16
NONCE_SIZE = 32
MAX_PAYLOAD = 2**24
MAX_SEEN = 512
MAX_AUDIENCE = 512

_KIND = re.compile(r"[a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)*", re.ASCII)
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*(?:;[ -~]*)?", re.ASCII)
# The canonical base64 of 32 bytes: the last character before the padding holds four bits.
_HASH = re.compile(r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=", re.ASCII)
_MAX_WORD = 127


class Payload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands apart: base64 of SHA-256(32-byte nonce, content), the content's size, its media type."""

    hash: str
    size: int
    type: str


class Delegated(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The delegate who wrote the entry: base64 of its key and of its signature (`delegate_message`)."""

    key: str
    sig: str


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One signed entry, at index `n` of the log `log`.

    `at` is the author's clock in seconds since 1970, a claim and no more. `seen` lists the heads (origin,
    size, base64 root) that changed since the author's last entry. `audience` names the origins that a
    confidential payload is for. `body` belongs to whoever defines the kind.
    """

    v: int
    log: str
    n: int
    kind: str
    at: int
    body: dict[str, Any]
    payload: Payload | None = None
    seen: tuple[tuple[str, int, str], ...] = ()
    audience: tuple[str, ...] = ()
    by: Delegated | None = None


_DECODER = msgspec.json.Decoder(Entry)
_ENCODER = msgspec.json.Encoder(order="sorted")


def parse_entry(data: bytes, *, where: str = "") -> Entry:
    """The entry that `data` spells. Raises Malformed unless it is canonical and within every bound."""
    if len(data) > MAX_ENTRY:
        raise Malformed(f"an entry of {len(data)} bytes is longer than the {MAX_ENTRY} allowed", where=where)
    try:
        entry = _DECODER.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Malformed(f"this is no entry ({error})", where=where) from None
    _check(entry, where)
    if _ENCODER.encode(entry) != data:
        raise Malformed("this entry is not in its one canonical spelling", where=where)
    return entry


def format_entry(entry: Entry, *, where: str = "") -> bytes:
    """The canonical bytes of an entry. Raises Malformed if it breaks a bound."""
    _check(entry, where)
    data = _ENCODER.encode(entry)
    if len(data) > MAX_ENTRY:
        raise Malformed(
            f"an entry of {len(data)} bytes is longer than the {MAX_ENTRY} allowed; long texts are payload",
            where=where,
        )
    return data


def _check(entry: Entry, where: str) -> None:
    if entry.v != VERSION:
        raise Malformed(f"entries of version {entry.v} are not known here", where=where)
    check_origin(entry.log)
    if not 0 <= entry.n <= MAX_INTEGER or not 0 <= entry.at <= MAX_INTEGER:
        raise Malformed("index and time are whole numbers from 0 on", where=where)
    if len(entry.kind) > _MAX_WORD or _KIND.fullmatch(entry.kind) is None:
        raise Malformed(
            f"{entry.kind!r:.60} is not a kind; it is written like council.statement", where=where
        )
    check_profile(entry.body, where=where, depth=1)
    if entry.payload is not None:
        _check_payload(entry.payload, where)
    if entry.seen:
        _check_seen(entry, where)
    if entry.audience:
        _check_audience(entry, where)
    if entry.by is not None:
        parse_base64(entry.by.key, size=ed25519.PUBLIC_SIZE, where=where)
        parse_base64(entry.by.sig, size=ed25519.SIGNATURE_SIZE, where=where)


def _check_payload(payload: Payload, where: str) -> None:
    parse_base64(payload.hash, size=HASH_SIZE, where=where)
    if not 0 <= payload.size <= MAX_PAYLOAD:
        raise Malformed(f"a payload has at most {MAX_PAYLOAD} bytes, not {payload.size}", where=where)
    if len(payload.type) > _MAX_WORD or _MEDIA_TYPE.fullmatch(payload.type) is None:
        raise Malformed(f"{payload.type!r:.60} is not a media type such as text/plain", where=where)


def _check_seen(entry: Entry, where: str) -> None:
    if len(entry.seen) > MAX_SEEN:
        raise Malformed(f"an entry lists at most {MAX_SEEN} heads", where=where)
    before = ""
    for origin, size, root in entry.seen:
        check_origin(origin)
        if _HASH.fullmatch(root) is None:
            parse_base64(root, size=HASH_SIZE, where=where)  # says what is wrong
        if origin <= before or origin == entry.log or not 0 < size <= MAX_SIZE:
            raise Malformed("heads seen are of other logs, sorted, each once, none empty", where=where)
        before = origin


def _check_audience(entry: Entry, where: str) -> None:
    if len(entry.audience) > MAX_AUDIENCE or list(entry.audience) != sorted(set(entry.audience)):
        raise Malformed(f"an audience names at most {MAX_AUDIENCE} origins, sorted, each once", where=where)
    for origin in entry.audience:
        check_origin(origin)


def seen_heads(entry: Entry) -> tuple[Head, ...]:
    """The heads of other logs that the author had seen."""
    return tuple(Head(origin, size, parse_base64(root, size=HASH_SIZE)) for origin, size, root in entry.seen)


def payload_hash(blob: bytes) -> bytes:
    """The name of a payload: SHA-256 of its blob, which is the nonce of 32 bytes and the content after it."""
    return hashlib.sha256(blob).digest()


def make_payload(origin: str, content: bytes, media_type: str, salt: bytes) -> tuple[Payload, bytes]:
    """The header's part and the blob to keep. `salt` is 16 bytes that nobody can guess."""
    if len(salt) != SALT_SIZE:
        raise Malformed(f"a salt has {SALT_SIZE} bytes")
    blob = bind_nonce(origin, salt) + content
    payload = Payload(format_base64(payload_hash(blob)), len(content), media_type)
    _check_payload(payload, "payload")
    return payload, blob


def bind_nonce(origin: str, salt: bytes) -> bytes:
    """The nonce of a payload: the salt, then as many bytes that only this origin's payloads can have.

    Without them a member could name another's payload in an entry of its own, and redact it.
    """
    return salt + hashlib.sha256(f"allweather/nonce@v1\n{origin}\n".encode() + salt).digest()[:SALT_SIZE]


def is_bound(blob: bytes, origin: str) -> bool:
    """Whether a blob was made for an entry of `origin`."""
    return len(blob) >= NONCE_SIZE and blob[:NONCE_SIZE] == bind_nonce(origin, blob[:SALT_SIZE])


def read_payload(payload: Payload, blob: bytes, origin: str, *, where: str = "") -> bytes:
    """The content of a blob. Raises Malformed unless hash and size are as stated, and it is of `origin`."""
    if format_base64(payload_hash(blob)) != payload.hash or len(blob) != NONCE_SIZE + payload.size:
        raise Malformed("this is not the payload that the entry names", where=where)
    if not is_bound(blob, origin):
        raise Malformed(f"this payload was not made for an entry of {origin}", where=where)
    return blob[NONCE_SIZE:]


def delegate_message(entry: Entry, key: str) -> bytes:
    """What a delegate signs: a line that says so, then the canonical entry with an empty signature."""
    unsigned = msgspec.structs.replace(entry, by=Delegated(key, ""))
    return b"allweather/delegate@v1\n" + format_canonical(unsigned)


def sign_as_delegate(entry: Entry, seed: bytes) -> Entry:
    """The entry with the signature of the delegate whose private key `seed` is."""
    key = format_base64(ed25519.public_of(seed))
    signature = ed25519.sign(seed, delegate_message(entry, key))
    return msgspec.structs.replace(entry, by=Delegated(key, format_base64(signature)))


def is_signed_by_delegate(entry: Entry) -> bool:
    """Whether the delegate's signature holds. It says nothing of whether that delegate may act."""
    if entry.by is None:
        return False
    public = parse_base64(entry.by.key, size=ed25519.PUBLIC_SIZE)
    signature = parse_base64(entry.by.sig, size=ed25519.SIGNATURE_SIZE)
    return ed25519.is_valid(public, delegate_message(entry, entry.by.key), signature)
