"""What a node publishes: a finite set of static files, the same bytes over HTTP, in a folder and in an
archive.

    index                                what there is: logs, their heads, the names of key notes and proofs
    <origin>/checkpoint                  the log's head, signed, with cosignatures of other members
    <origin>/cosignatures                the same head with every cosignature held
    <origin>/tile/<L>/<N>[.p/<W>]        hash tiles      (C2SP tlog-tiles)
    <origin>/tile/entries/<N>[.p/<W>]    entry bundles   (C2SP tlog-tiles)
    <origin>/branch/<B>/…                the same for each further face of a log that has more than one
    <origin>/keys/<sha256>               the member's card and successions
    <origin>/payload/<sha256>            a payload's blob; its name is its SHA-256
    <origin>/equivocations/<sha256>      a proof that the log has two faces

`<origin>` is `<council>/<member>`, so that a folder served as it is gives each log the prefix that its name
says. The index is a help for finding; nothing in it is believed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from allweather.errors import Malformed, NotVerified
from allweather.record.canonical import format_canonical, parse_canonical
from allweather.record.checkpoints import Checkpoint, verify_cosignature, with_signature
from allweather.record.entries import parse_entry
from allweather.record.keys import check_origin, format_base64, origin_of_witness, parse_base64, parse_decimal
from allweather.record.members import KeyHistory
from allweather.record.merkle import HASH_SIZE, MAX_SIZE
from allweather.record.notes import Note, NoteSignature, format_note
from allweather.record.standing import Standing
from allweather.record.storage import MAX_BRANCHES, Branch, Storage, read_tile
from allweather.record.tiles import Tile, bundles_of, format_bundle, parse_tile_path, tile_path, tiles_of

INDEX = "index"
MAX_INDEX = 2**22
MAX_LOGS = 10_000
MAX_NAMES = 10_000

_PATH = re.compile(r"([^/]+/[^/]+)/(?:branch/([0-9]{1,4})/)?(.+)", re.ASCII)
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)


class ListedBranch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One face of a log in the index."""

    number: int
    size: int
    root: str


class ListedLog(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One log in the index; its key notes (the card first) and the proofs against it by SHA-256 in hex."""

    origin: str
    branches: tuple[ListedBranch, ...]
    keys: tuple[str, ...]
    equivocations: tuple[str, ...]


class Index(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a node says that it publishes. `node` is the member whose node it is, or empty."""

    v: int
    node: str
    logs: tuple[ListedLog, ...]


def parse_index(data: bytes, *, where: str = INDEX) -> Index:
    """The index that `data` spells. Raises Malformed unless it is canonical and within every bound."""
    value = parse_canonical(data, limit=MAX_INDEX, where=where)
    try:
        index = msgspec.convert(value, Index, strict=True)
    except msgspec.ValidationError as error:
        raise Malformed(f"this is no index ({error})", where=where) from None
    names = [log.origin for log in index.logs]
    if index.v != 1 or len(names) > MAX_LOGS or names != sorted(set(names)):
        raise Malformed("an index of version 1 lists logs sorted by name, each once", where=where)
    if index.node:
        check_origin(index.node)
    for log in index.logs:
        _check_listed(log, where)
    return index


def _check_listed(log: ListedLog, where: str) -> None:
    check_origin(log.origin)
    if max(len(log.keys), len(log.equivocations)) > MAX_NAMES or len(log.branches) > MAX_BRANCHES:
        raise Malformed(f"too much is listed for {log.origin}", where=where)
    if not log.keys or any(_HEX.fullmatch(name) is None for name in (*log.keys, *log.equivocations)):
        raise Malformed(f"{log.origin}: notes and proofs are named by 64 hex digits", where=where)
    for branch in log.branches:
        parse_base64(branch.root, size=HASH_SIZE, where=where)
        if not 0 < branch.size <= MAX_SIZE or not 0 <= branch.number < MAX_BRANCHES:
            raise Malformed(f"{log.origin}: a branch is out of range", where=where)


def digest_name(data: bytes) -> str:
    """SHA-256 in hex: the name of a key note, a payload or a proof."""
    return hashlib.sha256(data).hexdigest()


def branch_prefix(origin: str, number: int) -> str:
    """Where the files of a branch stand."""
    return f"{origin}/" if number == 0 else f"{origin}/branch/{number}/"


@dataclass(frozen=True, slots=True)
class Publication:
    """A store seen as static files. `standing` says which witnesses' keys count; `node` is whose it is."""

    storage: Storage
    standing: Standing
    node: str = ""

    def index(self) -> Index:
        """What there is."""
        logs = []
        for origin in self.storage.origins():
            branches = tuple(
                ListedBranch(one.number, one.head.size, format_base64(one.head.root))
                for one in self.storage.branches(origin)
            )
            keys = tuple(digest_name(note) for note in self.storage.key_notes(origin))
            proofs = tuple(digest_name(proof) for proof in self.storage.equivocations(origin))
            logs.append(ListedLog(origin, branches, keys, proofs))
        return Index(1, self.node, tuple(logs))

    def read(self, path: str) -> bytes | None:
        """The file at a path; None where there is none. Raises Malformed for a path that is none of ours."""
        if path == INDEX:
            return format_canonical(self.index())
        found = _PATH.fullmatch(path)
        if found is None:
            raise Malformed(f"{path!r:.80} is no path of a record")
        origin, rest = check_origin(found[1]), found[3]
        number = 0 if found[2] is None else parse_decimal(found[2], limit=MAX_BRANCHES)
        folder, _, name = rest.partition("/")
        if folder in ("keys", "payload", "equivocations") and found[2] is None:
            return self._named(origin, folder, name)
        if rest not in ("checkpoint", "cosignatures") and folder != "tile":
            raise Malformed(f"{path!r:.80} is no path of a record")
        branch = next((one for one in self.storage.branches(origin) if one.number == number), None)
        if branch is None:
            return None
        if folder == "tile":
            return self._tile(branch, parse_tile_path(rest))
        return self._checkpoint(branch, every=rest == "cosignatures")

    def _named(self, origin: str, folder: str, name: str) -> bytes | None:
        if _HEX.fullmatch(name) is None:
            raise Malformed(f"{name!r:.80} is not 64 hex digits")
        if folder == "payload":
            return self.storage.payload(bytes.fromhex(name))
        held = self.storage.key_notes if folder == "keys" else self.storage.equivocations
        return next((one for one in held(origin) if digest_name(one) == name), None)

    def _tile(self, branch: Branch, tile: Tile) -> bytes | None:
        whole = branch.head.size >> 8 * (tile.level or 0)
        first = tile.index * 256
        if first + tile.width > whole:
            return None
        if tile.level is None:
            return format_bundle(self.storage.entries(branch, first, first + tile.width))
        return read_tile(self.storage, branch, tile)

    def _checkpoint(self, branch: Branch, *, every: bool) -> bytes:
        checkpoint = branch.checkpoint
        lines = cosignatures(self.storage, self.standing, branch)
        if every:
            checkpoint = Checkpoint(
                branch.head, Note(checkpoint.note.text, (*checkpoint.note.signatures, *lines))
            )
        else:
            for line in lines:
                checkpoint = with_signature(checkpoint, line)
        return format_note(checkpoint.note)

    def paths(self, *, payloads: bool = True) -> Iterator[str]:
        """Every path that `read` answers, the files of a head before its checkpoint, the index last."""
        for origin in self.storage.origins():
            for note in self.storage.key_notes(origin):
                yield f"{origin}/keys/{digest_name(note)}"
            for proof in self.storage.equivocations(origin):
                yield f"{origin}/equivocations/{digest_name(proof)}"
            for branch in self.storage.branches(origin):
                prefix = branch_prefix(origin, branch.number)
                if payloads:
                    yield from self._payload_paths(branch)
                for tile in (*tiles_of(branch.head.size), *bundles_of(branch.head.size)):
                    yield prefix + tile_path(tile)
                yield f"{prefix}cosignatures"
                yield f"{prefix}checkpoint"
        yield INDEX

    def _payload_paths(self, branch: Branch) -> Iterator[str]:
        for tile in bundles_of(branch.head.size, since=branch.fork_at):
            start = max(tile.start, branch.fork_at)
            for entry in self.storage.entries(branch, start, tile.start + tile.width):
                digest = named_payload(entry)
                if digest is not None and self.storage.payload(digest) is not None:
                    yield f"{branch.origin}/payload/{digest.hex()}"


def named_payload(entry: bytes) -> bytes | None:
    """The SHA-256 of the payload that an entry names; None if it names none or is no entry."""
    if b'"payload":{' not in entry:
        return None
    try:
        payload = parse_entry(entry).payload
    except Malformed:
        return None
    return None if payload is None else parse_base64(payload.hash, size=HASH_SIZE)


def cosignatures(storage: Storage, standing: Standing, branch: Branch) -> tuple[NoteSignature, ...]:
    """The cosignatures held on a branch's head that verify, one of each member, sorted by name."""
    found: dict[str, NoteSignature] = {}
    for one in storage.cosigned(branch.origin, branch.head.size):
        if one.head.root != branch.head.root or one.line.name in found:
            continue
        log = standing.logs.get(origin_of_witness(one.line.name))
        if log is not None and _holds(log.history, branch, one.line):
            found[one.line.name] = one.line
    return tuple(found[name] for name in sorted(found))


def _holds(history: KeyHistory, branch: Branch, line: NoteSignature) -> bool:
    for key in history.witness_keys:
        try:
            verify_cosignature(branch.head, line, key)
        except NotVerified:
            continue
        return True
    return False
