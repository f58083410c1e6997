"""What entries say about the record itself: the six kinds named `record.…`, read from their bodies.

Facts are a set: taking in the entries of one log or of all, at once or one by one, in any order, gives the
same set. An entry of such a kind whose body breaks its form says nothing; it stays in its log like any other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from allweather.errors import Malformed
from allweather.record import ed25519
from allweather.record.checkpoints import Head
from allweather.record.entries import Entry, parse_entry
from allweather.record.keys import check_origin, format_base64, parse_base64, witness_name
from allweather.record.merkle import HASH_SIZE, MAX_SIZE, leaf_hash
from allweather.record.notes import NoteSignature

ACK, REDACT, DELEGATE, WITHDRAW, ATTEST, FRONTIER = (
    f"record.{word}" for word in ("ack", "redact", "delegate", "withdraw", "attest", "frontier")
)
KINDS = (ACK, REDACT, DELEGATE, WITHDRAW, ATTEST, FRONTIER)
MAX_HEADS = 512
MAX_TEXT = 4_000

_OURS = b'"kind":"record.'
# Canonical entries spell their kind so, and in no other way.
_MORE_THAN_ACK = re.compile(rb'"kind":"record\.(?!ack")')


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where an entry stands: its log, its index, its leaf hash (two faces may differ at one index)."""

    origin: str
    index: int
    leaf: bytes


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The author of `place` held `head` and cosigned it at `time` (seconds since 1970, its claim)."""

    place: Place
    head: Head
    time: int
    line: NoteSignature


@dataclass(frozen=True, slots=True)
class Redaction:
    """The author of `place` erased the payload `digest` of entry `index` of `origin`, on this ground."""

    place: Place
    origin: str
    index: int
    digest: bytes
    ground: str
    at: int


@dataclass(frozen=True, slots=True)
class Delegation:
    """A delegate's key (base64) speaks for the log from `place` on; with no name, no longer."""

    place: Place
    key: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Attestation:
    """The author of `place` says that a succession (its digest) is that member's own."""

    place: Place
    origin: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class FrontierSigned:
    """The author of `place` puts its name to a frontier as epoch `epoch` of the minutes, after `before`."""

    place: Place
    epoch: int
    before: tuple[int, bytes]
    heads: tuple[Head, ...]


Fact = Acknowledgement | Redaction | Delegation | Attestation | FrontierSigned


def facts_of(data: bytes, origin: str, index: int) -> tuple[Fact, ...]:
    """What the entry `data` at `index` of `origin` says about the record; mostly nothing."""
    if _OURS not in data:
        return ()
    try:
        entry = parse_entry(data)
        if entry.log != origin or entry.n != index or entry.kind not in _READERS or entry.by is not None:
            # A delegate speaks for its member, not about the member's log and keys.
            return ()
        return _READERS[entry.kind](Place(origin, index, leaf_hash(data)), entry)
    except Malformed:
        return ()


def acknowledged(entry: Entry) -> tuple[tuple[str, int, int], ...]:
    """Which heads an acknowledgement names, as (origin, size, time), for those who need no more than that.

    Neither roots nor cosignatures are read. Nothing for any other entry, or one that breaks its form.
    """
    if entry.kind != ACK or entry.by is not None:
        return ()
    try:
        body = _read(entry, _AckBody)
    except Malformed:
        return ()
    return tuple((row[0], row[1], row[3]) for row in body.heads if row[0] != entry.log and row[3] > 0)


def collect(origin: str, start: int, entries: Sequence[bytes]) -> tuple[Fact, ...]:
    """The facts in a row of entries whose first stands at `start`."""
    return tuple(
        fact for offset, data in enumerate(entries) for fact in facts_of(data, origin, start + offset)
    )


def collect_deciding(origin: str, start: int, entries: Sequence[bytes]) -> tuple[Fact, ...]:
    """The same without acknowledgements, which decide nothing about where logs stand and are many."""
    return tuple(
        fact
        for offset, data in enumerate(entries)
        if _MORE_THAN_ACK.search(data) is not None
        for fact in facts_of(data, origin, start + offset)
        if not isinstance(fact, Acknowledgement)
    )


def is_bookkeeping(data: bytes) -> bool:
    """Whether an entry only acknowledges. Such entries call for no acknowledgement of their own."""
    if b'"kind":"record.ack"' not in data:
        return False
    try:
        return parse_entry(data).kind == ACK
    except Malformed:
        return False


class _AckBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    heads: tuple[tuple[str, int, str, int, str, str], ...]


class _RedactBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    log: str
    n: int
    hash: str
    ground: str


class _DelegateBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    key: str
    name: str


class _WithdrawBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    key: str


class _AttestBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    log: str
    succession: str


class _FrontierBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    epoch: int
    before: tuple[int, str]
    heads: tuple[tuple[str, int, str], ...]


def ack_body(cosigned: Iterable[tuple[Head, int, NoteSignature]]) -> dict[str, Any]:
    """The body of an acknowledgement: heads with the time and the cosignature given to each."""
    rows = [
        [
            head.origin,
            head.size,
            format_base64(head.root),
            time,
            format_base64(line.key_id),
            format_base64(line.signature[8:]),
        ]
        for head, time, line in cosigned
    ]
    return {"heads": sorted(rows, key=lambda row: (row[0], row[1]))}


def redact_body(origin: str, index: int, digest: bytes, ground: str) -> dict[str, Any]:
    """The body of a redaction. Raises Malformed without a ground, or with one of over 4,000 characters."""
    if not ground.strip() or len(ground) > MAX_TEXT:
        raise Malformed(f"a redaction states its ground, in at most {MAX_TEXT} characters")
    return {"log": check_origin(origin), "n": index, "hash": format_base64(digest), "ground": ground}


def delegate_body(public: bytes, name: str) -> dict[str, Any]:
    """The body that certifies a delegate's public key."""
    if not ed25519.is_strict_key(public):
        raise Malformed("this may not serve as a delegate's key")
    return {"key": format_base64(public), "name": name}


def attest_body(origin: str, digest: bytes) -> dict[str, Any]:
    """The body that attests another member's succession, named by its digest."""
    return {"log": check_origin(origin), "succession": format_base64(digest)}


def frontier_body(epoch: int, before: tuple[int, bytes], heads: Sequence[Head]) -> dict[str, Any]:
    """The body that puts a name to a frontier; `before` is (size, root) of the minutes so far."""
    rows = [[head.origin, head.size, format_base64(head.root)] for head in sorted(heads, key=_by_origin)]
    return {"epoch": epoch, "before": [before[0], format_base64(before[1])], "heads": rows}


def _by_origin(head: Head) -> str:
    return head.origin


_B = TypeVar("_B", bound=msgspec.Struct)


def _read(entry: Entry, form: type[_B]) -> _B:
    try:
        return msgspec.convert(entry.body, form, strict=True)
    except msgspec.ValidationError as error:
        raise Malformed(str(error)) from None


def _read_ack(place: Place, entry: Entry) -> tuple[Fact, ...]:
    body = _read(entry, _AckBody)
    if len(body.heads) > MAX_HEADS:
        raise Malformed(f"an acknowledgement names at most {MAX_HEADS} heads")
    name = witness_name(entry.log)
    found = []
    for origin, size, root, time, key_id, signature in body.heads:
        if not 0 < time < 2**63 or origin == entry.log:
            raise Malformed("an acknowledgement is of another's log, at a time")
        raw = parse_base64(signature, size=ed25519.SIGNATURE_SIZE)
        line = NoteSignature(name, parse_base64(key_id, size=4), time.to_bytes(8, "big") + raw)
        found.append(Acknowledgement(place, _read_head(origin, size, root), time, line))
    return tuple(found)


def _read_head(origin: str, size: int, root: str) -> Head:
    if not 0 < size <= MAX_SIZE:
        raise Malformed("a head's size is out of range")
    return Head(check_origin(origin), size, parse_base64(root, size=HASH_SIZE))


def _read_redact(place: Place, entry: Entry) -> tuple[Fact, ...]:
    body = _read(entry, _RedactBody)
    digest = parse_base64(body.hash, size=HASH_SIZE)
    if not 0 <= body.n <= MAX_SIZE or not 0 < len(body.ground) <= MAX_TEXT:
        raise Malformed("a redaction names an entry and states its ground")
    return (Redaction(place, check_origin(body.log), body.n, digest, body.ground, entry.at),)


def _read_delegate(place: Place, entry: Entry) -> tuple[Fact, ...]:
    body = _read(entry, _DelegateBody)
    if not ed25519.is_strict_key(parse_base64(body.key)) or not 0 < len(body.name) <= MAX_TEXT:
        raise Malformed("a delegate has a key and a name")
    return (Delegation(place, body.key, body.name),)


def _read_withdraw(place: Place, entry: Entry) -> tuple[Fact, ...]:
    body = _read(entry, _WithdrawBody)
    parse_base64(body.key, size=ed25519.PUBLIC_SIZE)
    return (Delegation(place, body.key, None),)


def _read_attest(place: Place, entry: Entry) -> tuple[Fact, ...]:
    body = _read(entry, _AttestBody)
    return (Attestation(place, check_origin(body.log), parse_base64(body.succession, size=HASH_SIZE)),)


def _read_frontier(place: Place, entry: Entry) -> tuple[Fact, ...]:
    body = _read(entry, _FrontierBody)
    heads = tuple(_read_head(*row) for row in body.heads)
    names = [head.origin for head in heads]
    size, root = body.before
    if names != sorted(set(names)) or len(names) > MAX_HEADS or not 0 <= size <= MAX_SIZE or body.epoch < 1:
        raise Malformed("a frontier names heads sorted by origin, each once, and an epoch from 1 on")
    return (FrontierSigned(place, body.epoch, (size, parse_base64(root, size=HASH_SIZE)), heads),)


_READERS: dict[str, Callable[[Place, Entry], tuple[Fact, ...]]] = {
    ACK: _read_ack,
    REDACT: _read_redact,
    DELEGATE: _read_delegate,
    WITHDRAW: _read_withdraw,
    ATTEST: _read_attest,
    FRONTIER: _read_frontier,
}
