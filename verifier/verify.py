"""Verify a signed record from its files alone: a second program, written from docs/spec/record.md.

README.md beside this file says how to run it.
Exit status: 0 everything holds, 1 something does not hold, 2 the input cannot be used.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import stat
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ENTRY, BUNDLE, NOTE, INDEX, PAYLOAD = 65_535, 256 * 65_537, 256 * 1024, 4 * 1024 * 1024, 2**24
LINES, PROOF, LOG, ROWS, MANY, FACES, SAFE = 1024, 63, 2**48, 512, 1000, 100, 2**53 - 1
FILES, DIRECTORY, TOTAL, HELD = 1_000_000, 64 * 2**20, 64 * 2**30, 2_000_000  # bounds of this program alone
SHOWN = 1000  # messages of one kind that are written out
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
EIGHTH = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
SMALL = frozenset({0, 1, P - 1, EIGHTH, P - EIGHTH})
PART = r"[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?"
ORIGIN = re.compile(rf"(?!index/){PART}/(?!minutes\Z){PART}")
KIND = re.compile(r"[a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)*")
TOKEN = r"[a-z0-9][a-z0-9!#$&^_.+-]*"
MEDIA = re.compile(rf"{TOKEN}/{TOKEN}(?:;[ -~]*)?")
DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
HEX = re.compile(r"[0-9a-f]{64}")


class Refused(Exception):
    """What was read is not what the specification allows; the text says why."""


class Unusable(Exception):
    """The input as a whole cannot be read by this program."""


def need(good: object, why: str) -> None:
    """Refuse for the reason given unless the first argument is true."""
    if not good:
        raise Refused(why)


def sha256(*parts: bytes) -> bytes:
    """Give the SHA-256 of the parts one after the other."""
    return hashlib.sha256(b"".join(parts)).digest()


def is_bound(blob: bytes, origin: str) -> bool:
    """Whether the nonce of a payload's blob was made for a log (section 5)."""
    bound = sha256(b"allweather/nonce@v1\n", origin.encode(), b"\n", blob[:16])[:16]
    return len(blob) >= 32 and blob[16:32] == bound


def base64of(data: bytes) -> str:
    """Encode as base64."""
    return base64.b64encode(data).decode()


def unbase64(text: object, size: int | None = None) -> bytes:
    """Decode base64 in its one canonical spelling."""
    try:
        raw = base64.b64decode(text, validate=True) if isinstance(text, str) else None
    except ValueError:
        raw = None
    if raw is None or base64of(raw) != text:
        raise Refused("not canonical base64")
    need(size is None or len(raw) == size, "base64 of a wrong length")
    return raw


def number(text: str, most: int = LOG) -> int:
    """Read a decimal number without sign and leading zeroes."""
    need(DECIMAL.fullmatch(text) and int(text) <= most, "not a decimal number within bounds")
    return int(text)


def verify_signature(key: bytes, signature: bytes, message: bytes) -> bool:
    """Check an Ed25519 signature by the strict rule of section 3."""
    if len(key) != 32 or len(signature) != 64 or int.from_bytes(signature[32:], "little") >= L:
        return False
    for point in (key, signature[:32]):
        y = int.from_bytes(point, "little") & (2**255 - 1)
        if y >= P or y in SMALL:
            return False
    try:
        # OpenSSL computes [S]B - [k]A, without the cofactor, and compares its encoding with R.
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


# --- Notes and keys


@dataclass(frozen=True)
class Key:
    """A public key under its name."""

    name: str
    id: bytes
    kind: int
    public: bytes


@dataclass(frozen=True)
class Note:
    """A signed note: its text, and its lines as name, key id and signature."""

    text: str
    lines: tuple[tuple[str, bytes, bytes], ...]


def parse_vkey(text: str, name: str, kind: int) -> Key:
    """Read a verifier key that must have this name and type."""
    parts = text.split("+", 2)
    need(len(parts) == 3 and parts[0] == name, "a verifier key of another name")
    raw = unbase64(parts[2], 33)
    need(raw[0] == kind, "a verifier key of another type")
    identity = sha256(name.encode(), b"\n", raw)[:4]
    need(parts[1] == identity.hex(), "a verifier key with a false key id")
    return Key(name, identity, kind, raw[1:])


def parse_note(data: bytes, lines: int = LINES) -> Note:
    """Read a signed note without looking at its signatures."""
    need(len(data) <= NOTE, "a note of more than 256 KiB")
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise Refused("a note that is not UTF-8") from None
    need(not re.search(r"[\x00-\x09\x0b-\x1f]", whole), "a note with control characters")
    head, gap, tail = whole.rpartition("\n\n")
    need(gap and tail.endswith("\n"), "a note without signature lines, or cut")
    rows = tail[:-1].split("\n")
    need(len(rows) <= lines, f"a note with more than {lines} signature lines")
    found = []
    for row in rows:
        parts = row.split(" ")
        need(len(parts) == 3 and parts[0] == "\u2014", "a malformed signature line")
        name = parts[1]
        need(name and "+" not in name and not any(c.isspace() for c in name), "a malformed key name")
        raw = unbase64(parts[2])
        need(len(raw) > 4, "a signature line that is too short")
        found.append((name, raw[:4], raw[4:]))
    return Note(head + "\n", tuple(found))


def cosigned(time: int, text: str) -> bytes:
    """Give what a cosignature signs."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def open_note(note: Note, keys: Iterable[Key]) -> list[tuple[Key, int]]:
    """Verify every line of a known key; give these keys, each with the time it states or 0."""
    known: dict[tuple[str, bytes], list[Key]] = {}
    for key in keys:
        known.setdefault((key.name, key.id), []).append(key)
    opened = []
    for name, identity, signature in note.lines:
        here, time, message = known.get((name, identity), []), 0, note.text.encode()
        if here and here[0].kind == 4:
            need(len(signature) == 72, f"a malformed cosignature of {name}")
            time, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            need(0 < time < 2**63, f"a cosignature of {name} at no time")
            message = cosigned(time, note.text)
        found = [(key, time) for key in here if verify_signature(key.public, signature, message)]
        need(found or not here, f"the signature of {name} does not verify")
        opened += found[:1]
    need(opened, "no signature of a known key")
    return opened


def signers(note: Note, keys: list[Key]) -> list[Key]:
    """Give the keys that signed a note, the last in the list first; none if it is refused."""
    try:
        return sorted((key for key, _ in open_note(note, keys)), key=keys.index, reverse=True)
    except Refused:
        return []


def parse_checkpoint(text: str) -> tuple[str, int, bytes]:
    """Read the three lines of a checkpoint: origin, size, root."""
    lines = text.split("\n")
    need(len(lines) == 4 and not lines[3], "a checkpoint that is not of exactly three lines")
    need(ORIGIN.fullmatch(lines[0]), "a checkpoint whose origin is none")
    size, root = number(lines[1]), unbase64(lines[2], 32)
    need(size or root == sha256(), "a checkpoint of size 0 with a false root")
    return lines[0], size, root


@dataclass(frozen=True)
class KeyNote:
    """A card (number 0) or a succession."""

    origin: str
    number: int
    size: int
    root: bytes
    after: bytes
    log: Key
    witness: Key
    recovery: Key
    note: Note
    hash: bytes  # of its text: the name by which pins, successions and attestations refer to it


def parse_key_note(data: bytes) -> KeyNote:
    """Read a card or a succession, with the signatures that it needs by its own words."""
    note = parse_note(data)
    lines = note.text.split("\n")
    card = lines[0] == "allweather/member@v1"
    need(card or lines[0] == "allweather/succession@v1", "neither a card nor a succession")
    need(len(lines) == (6 if card else 10), "a wrong number of lines")
    origin, middle, ends = lines[1], lines[2:-4], lines[-4:-1]
    need(ORIGIN.fullmatch(origin), "a malformed origin")
    found = []
    rows = (("log ", "", 1), ("witness ", "/witness", 4), ("recovery ", "/recovery", 1))
    for line, (word, suffix, kind) in zip(ends, rows, strict=True):
        need(line.startswith(word), f"no {word}key where it should stand")
        found.append(parse_vkey(line.removeprefix(word), origin + suffix, kind))
    log, witness, recovery = found
    need(len({key.public for key in found}) == 3, "keys that do not differ")
    at, size, root, after = 0, 0, sha256(), b""
    if not card:
        at, size, root = number(middle[0]), number(middle[1]), unbase64(middle[2], 32)
        need(1 <= at <= MANY, "a succession number out of bounds")
        need(middle[3].startswith("after "), "no line that says after what")
        after = unbase64(middle[3][6:], 32)
    wanted = {(log, 0), (witness, 1)} | ({(recovery, 0)} if card else set())
    signed = open_note(note, [key for key, _ in wanted])
    need(wanted <= set(signed), "a signature that it needs is missing")
    return KeyNote(origin, at, size, root, after, log, witness, recovery, note, sha256(note.text.encode()))


# --- Which keys are in force, and what stands (section 9)

End = tuple[int, set[bytes]]  # a position; two successions that contest each other may name two roots at it


@dataclass
class Chain:
    """The keys of a log: the card and the successions in force."""

    notes: list[KeyNote]
    contested: list[KeyNote] = field(default_factory=list)  # those that end the last period: none is in force
    lost: list[KeyNote] = field(default_factory=list)  # all that count and are not in force

    def ends(self) -> list[End | None]:
        """Say where each period ends: at the smallest position that a later succession names."""
        end: End | None = None
        if self.contested:
            least = min(one.size for one in self.contested)
            end = least, {one.root for one in self.contested if one.size == least}
        found = [end]
        for one in reversed(self.notes[1:]):
            if end is None or one.size < end[0]:
                end = one.size, {one.root}
            found.append(end)
        return found[::-1]

    def speaks(self, key: Key, size: int) -> bool:
        """Say whether this log key speaks for a checkpoint of that size."""
        starts = [None, *self.ends()]
        for one, start, end in zip(self.notes, starts, starts[1:], strict=False):
            if one.log == key:
                return (start is None or start[0] <= size) and (end is None or size <= end[0])
        return False

    def signer(self, note: Note, others: Iterable[KeyNote] = ()) -> Key | None:
        """Find the log key that signed a checkpoint: one in force, the latest first, or else another."""
        found = signers(note, [one.log for one in self.notes])
        return next(iter(found or signers(note, [one.log for one in (*self.lost, *others)])), None)


def build_chain(
    card: KeyNote,
    notes: Iterable[KeyNote],
    votes: Callable[[KeyNote], int] = lambda _: 0,
    quorum: int = 0,
    members: int = 0,
) -> Chain:
    """Follow the successions that count; `votes` says how many other members attest one."""
    chain, places = Chain([card]), dict[tuple[int, bytes], dict[str, list[KeyNote]]]()
    for one in notes:
        places.setdefault((one.number, one.after), {}).setdefault(one.note.text, []).append(one)
    while True:
        last, used = chain.notes[-1], {one.log.id for one in chain.notes}
        counting = []
        for copies in places.get((last.number + 1, last.hash), {}).values():
            signed = any(signers(one.note, [last.recovery]) for one in copies)
            attested = quorum > 0 and votes(copies[0]) >= quorum
            if copies[0].log.id not in used and (signed or attested):
                counting.append(copies[0])
        chosen = [one for one in counting if len(counting) == 1 or 2 * votes(one) > members]
        if len(chosen) != 1:
            chain.contested, chain.lost = counting, chain.lost + counting
            return chain
        chain.lost += [one for one in counting if one is not chosen[0]]
        chain.notes += chosen


@dataclass
class Face:
    """One face of a log, and what its entries say about the record."""

    prefix: str
    note: Note
    size: int
    root: bytes
    roots: dict[int, bytes] = field(default_factory=dict)  # at the sizes that anybody names
    signer: Key | None = None
    stands: int = 0
    cosigners: set[str] = field(default_factory=set)
    claims: list[tuple[int, list[Any]]] = field(default_factory=list)  # rows of `seen` and record.ack
    redactions: list[tuple[int, str, int, str]] = field(default_factory=list)
    attests: list[tuple[int, str, bytes]] = field(default_factory=list)
    payloads: list[tuple[int, str, int]] = field(default_factory=list)  # entry, hash in hex, size
    delegates: dict[str, bool] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def has(self, end: End | None) -> bool:
        """Say whether the face has (one of) the roots named at a position."""
        return end is not None and self.roots.get(end[0]) in end[1]


def settle_faces(chain: Chain, faces: list[Face], others: Iterable[KeyNote] = ()) -> None:
    """Say up to where each face stands; their `roots` need the sizes of all faces and successions."""
    periods = {note.log: at for at, note in enumerate(chain.notes)}
    lost, ends = {note.log for note in chain.lost}, chain.ends()
    for face in faces:
        face.signer, face.stands = chain.signer(face.note, others), 0
    for face in faces:
        period = periods.get(face.signer) if face.signer else None
        if period is None:
            end = ends[-1]
            face.stands = end[0] if end and face.signer in lost and face.has(end) else 0
            continue
        if not all(map(face.has, ends[:period])):
            continue
        end = ends[period]
        if end is None:
            face.stands = face.size
        elif face.size >= end[0]:
            face.stands = end[0] if face.has(end) else 0
        else:
            going = [one for one in faces if one.signer and one.has(end)]
            face.stands = face.size if all(one.roots.get(face.size) == face.root for one in going) else 0


# --- The tree of RFC 6962


class Tree:
    """A tree that grows by one leaf at a time and keeps only its frontier."""

    def __init__(self) -> None:
        self.size = 0
        self.stack: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add a leaf."""
        size = self.size
        while size & 1:
            leaf, size = sha256(b"\1", self.stack.pop(), leaf), size >> 1
        self.stack.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Give the root at the present size."""
        if not self.stack:
            return sha256()
        root = self.stack[-1]
        for left in reversed(self.stack[:-1]):
            root = sha256(b"\1", left, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Give the root over leaf hashes."""
    tree = Tree()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


def inclusion_root(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    """Give the root to which an inclusion proof leads, by the definition of PATH in RFC 6962."""
    need(0 <= index < size and bool(proof) == (size > 1), "a proof of a wrong length, or an index outside")
    if size == 1:
        return leaf
    k = 1 << (size - 1).bit_length() - 1
    if index < k:
        return sha256(b"\1", inclusion_root(leaf, index, k, proof[:-1]), proof[-1])
    return sha256(b"\1", proof[-1], inclusion_root(leaf, index - k, size - k, proof[:-1]))


def consistency_roots(small: int, large: int, proof: list[bytes], old: bytes | None) -> tuple[bytes, bytes]:
    """Give both roots to which a consistency proof leads, by the definition of SUBPROOF in RFC 6962."""
    need(0 < small <= large, "sizes out of order")
    if small == large:
        need(len(proof) == (old is None), "a proof of a wrong length")
        root = proof[0] if old is None else old
        return root, root
    need(proof, "a proof of a wrong length")
    k, last = 1 << (large - 1).bit_length() - 1, proof[-1]
    if small <= k:
        first, second = consistency_roots(small, k, proof[:-1], old)
        return first, sha256(b"\1", second, last)
    first, second = consistency_roots(small - k, large - k, proof[:-1], None)
    return sha256(b"\1", last, first), sha256(b"\1", last, second)


# --- Entries


def check_profile(value: Any, depth: int = 0) -> None:
    """Refuse what the closed profile of section 4 does not have."""
    kind = type(value)
    if kind is int:
        need(-SAFE <= value <= SAFE, "a number out of bounds")
    elif kind in (dict, list):
        need(depth < 16, "nesting deeper than 16")
        need(kind is list or all(map(str.isascii, value)), "a key that is not ASCII")
        for one in value.values() if kind is dict else value:
            check_profile(one, depth + 1)
    else:
        need(value is None or kind in (str, bool), "a number that is not whole")


def canonical(value: Any) -> str:
    """Spell a value canonically, or refuse it."""
    check_profile(value)
    # json escapes just what RFC 8785 escapes; keys are ASCII, so that any order of characters is its order.
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def parse_canonical(data: bytes, limit: int = ENTRY) -> Any:
    """Read JSON that must be spelled canonically; doubled keys do not survive the comparison."""
    need(len(data) <= limit, "too long")
    try:
        text = data.decode()
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused("not JSON in UTF-8, or nested too deep") from None
    need(canonical(value) == text, "not in canonical spelling")
    return value


Rule = Callable[[Any], object]  # says whether a value is well-formed, or refuses it


def whole(least: int = 0, most: int = SAFE) -> Rule:
    """Want a whole number within bounds."""
    return lambda value: type(value) is int and least <= value <= most


def raw(size: int) -> Rule:
    """Want the base64 of so many bytes."""
    return lambda value: unbase64(value, size)


def like(pattern: re.Pattern[str], most: int) -> Rule:
    """Want a text of this form."""
    return lambda value: isinstance(value, str) and 0 < len(value) <= most and pattern.fullmatch(value)


def row(*rules: Rule) -> Rule:
    """Want a list of values that keep these rules."""
    return lambda value: (
        type(value) is list
        and len(value) == len(rules)
        and all(map(lambda rule, one: rule(one), rules, value))
    )


def rows(rule: Rule, least: int = 0, name: Callable[[Any], str] | None = None) -> Rule:
    """Want a list of which each value keeps a rule, sorted by a name if there is one."""
    return lambda value: (
        (type(value) is list and least <= len(value) <= ROWS and all(map(rule, value)))
        and (name is None or all(name(a) < name(b) for a, b in pairwise(value)))
    )


def fields(value: Any, rules: dict[str, Rule]) -> None:
    """Refuse what is not an object of exactly these fields, each by its rule."""
    need(type(value) is dict and value.keys() == rules.keys(), "missing or additional fields")
    for name, rule in rules.items():
        need(rule(value[name]), f"a malformed {name}")


origin, words, first = like(ORIGIN, 127), like(re.compile(".*", re.DOTALL), 4000), itemgetter(0)
OWN: dict[str, dict[str, Rule]] = {
    "record.ack": {"heads": rows(row(origin, whole(0, LOG), raw(32), whole(1), raw(4), raw(64)))},
    "record.redact": {"log": origin, "n": whole(0, LOG - 1), "hash": raw(32), "ground": words},
    "record.delegate": {"key": raw(32), "name": words},
    "record.withdraw": {"key": raw(32)},
    "record.attest": {"log": origin, "succession": raw(32)},
    "record.frontier": {
        "epoch": whole(1),
        "before": row(whole(), raw(32)),
        "heads": rows(row(origin, whole(0, LOG), raw(32)), 0, first),
    },
}
ALWAYS: dict[str, Rule] = {
    "v": whole(1, 1),
    "log": origin,
    "n": whole(0, LOG - 1),
    "kind": like(KIND, 127),
    "at": whole(),
    "body": lambda value: type(value) is dict,
}
PERHAPS: dict[str, Rule] = {
    "payload": lambda value: type(value) is dict,
    "seen": rows(row(origin, whole(1, LOG), raw(32)), 1, first),
    "audience": rows(origin, 1, str),
    "by": lambda value: type(value) is dict,
}


def check_entry(data: bytes, log: str, n: int) -> dict[str, Any]:
    """Read an entry by section 4; refuse one that is unreadable."""
    entry = parse_canonical(data)
    need(type(entry) is dict, "not an object")
    fields(entry, ALWAYS | {name: rule for name, rule in PERHAPS.items() if name in entry})
    need(entry["log"] == log and entry["n"] == n, "it names another log or place")
    need(log not in (one[0] for one in entry.get("seen", [])), "it has seen its own log")
    if "payload" in entry:
        fields(entry["payload"], {"hash": raw(32), "size": whole(0, PAYLOAD), "type": like(MEDIA, 127)})
    if "by" in entry:
        fields(entry["by"], {"key": raw(32), "sig": raw(64)})
    return dict(entry)


def signed_by_delegate(entry: dict[str, Any]) -> bool:
    """Check the delegate's signature alone; whether the key was a delegate's is another question."""
    by = entry["by"]
    message = canonical({**entry, "by": {"key": by["key"], "sig": ""}})
    signed = b"allweather/delegate@v1\n" + message.encode()
    return verify_signature(unbase64(by["key"]), unbase64(by["sig"]), signed)


def check_body(entry: dict[str, Any]) -> None:
    """Refuse an entry of one of the record's own kinds that says nothing (section 8)."""
    kind, body = entry["kind"], entry["body"]
    need(kind in OWN, "a kind that version 1 does not have")
    need("by" not in entry, "a delegate does not speak about the member's log and keys")
    fields(body, OWN[kind])
    others = [one[0] for one in body["heads"]] if kind == "record.ack" else []
    others += [body["log"]] if kind == "record.attest" else []
    need(entry["log"] not in others, "it vouches for its own log")


# --- Proofs that stand alone


def proof_lines(head: bytes, first: str) -> list[str]:
    """Read the ASCII lines with which a proof begins."""
    need(head.isascii(), "a proof with other characters than ASCII")
    lines = head.decode().split("\n")
    need(lines.pop(0) == first, f"not a proof of the format {first}")
    return lines


def parse_proof(data: bytes) -> tuple[int, list[bytes], Note]:
    """Read a file of c2sp.org/tlog-proof: index, hashes, checkpoint."""
    need(len(data) <= 2 * NOTE, "a proof that is too long")
    head, _, rest = data.partition(b"\n\n")
    lines = proof_lines(head, "c2sp.org/tlog-proof@v1")
    if lines and lines[0].startswith("extra "):
        unbase64(lines.pop(0)[6:])
    need(lines and lines[0].startswith("index "), "no index")
    need(len(lines) - 1 <= PROOF, "a proof of more than 63 hashes")
    return number(lines[0][6:]), [unbase64(line, 32) for line in lines[1:]], parse_note(rest)


def parse_equivocation(data: bytes) -> tuple[bytes, list[bytes], Note, Note]:
    """Read a proof of two faces: implied root, hashes, and the two checkpoints."""
    need(len(data) <= NOTE, "a proof that is too long")
    blocks = data.split(b"\n\n")
    need(len(blocks) == 5, "not two checkpoints after the proof")
    lines = proof_lines(blocks[0], "allweather/equivocation@v1")
    need(1 <= len(lines) <= PROOF + 1, "no implied root, or a proof of more than 63 hashes")
    hashes = [unbase64(line, 32) for line in lines]
    smaller = parse_note(blocks[1] + b"\n\n" + blocks[2] + b"\n", 1)
    return hashes[0], hashes[1:], smaller, parse_note(blocks[3] + b"\n\n" + blocks[4], 1)


def verify_equivocation(
    data: bytes, chain: Chain, others: Iterable[KeyNote] | None = None
) -> list[tuple[int, bytes, Key]]:
    """Check a proof of two faces (section 10), or with `others` a mere contradiction of any of these keys."""
    implied, proof, *notes = parse_equivocation(data)
    found = []
    for note in notes:
        name, size, root = parse_checkpoint(note.text)
        need(name == chain.notes[0].origin, "a checkpoint of another log")
        key = chain.signer(note, others or ())
        if key is None:
            raise Refused("no key of the log signed it, or the signature does not verify")
        need(others is not None or chain.speaks(key, size), "a key that does not speak for that size")
        found.append((size, root, key))
    (small, old, _), (large, new, _) = found
    roots = consistency_roots(small, large, proof, implied)
    need(roots == (implied, new), "the consistency proof does not hold")
    need(implied != old, "the smaller is the beginning of the larger: no contradiction")
    return found


# --- Where the files are


def read_plain(path: Path, limit: int) -> bytes:
    """Give a plain file's bytes, one more than `limit` at most."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        need(stat.S_ISREG(os.fstat(file.fileno()).st_mode), "it is not a plain file")
        return file.read(limit + 1)


class Source:
    """The files of a record, in a folder or a ZIP archive, with every reading bounded."""

    def __init__(self, path: Path) -> None:
        self.base, self.left = path, TOTAL
        self.archive: zipfile.ZipFile | None = None
        self.names: dict[str, zipfile.ZipInfo | None] = {}
        try:
            for name, info in self._folder() if path.is_dir() else self._archive():
                need(len(self.names) < FILES and name not in self.names, "too many files, or a name twice")
                self.names[name] = info
        except Exception as error:  # zipfile raises errors of many kinds
            raise Unusable(f"{path} is neither a folder nor a ZIP archive: {error}") from None

    def _folder(self) -> Iterator[tuple[str, None]]:
        for folder, _, files in os.walk(self.base, followlinks=False):
            for name in files:
                yield (Path(folder) / name).relative_to(self.base).as_posix(), None

    def _archive(self) -> Iterator[tuple[str, zipfile.ZipInfo]]:
        with self.base.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - 66_000))
            ends = re.finditer(rb"PK\x05\x06.{8}(.{4})|PK\x06\x06.{36}(.{8})", file.read(), re.DOTALL)
        for stated in (end[1] or end[2] for end in ends):  # the size of the directory, before it is read
            need(stated == b"\xff" * 4 or int.from_bytes(stated, "little") <= DIRECTORY, "too many files")
        self.archive = zipfile.ZipFile(self.base)
        yield from ((info.filename, info) for info in self.archive.infolist() if not info.is_dir())

    def read(self, name: str, limit: int) -> bytes:
        """Give a file's bytes; refuse it if there are more than `limit`, or if it is not a plain file."""
        info = self.names.get(name)
        try:
            if self.archive and info:
                need(info.compress_type in (0, 8) and info.file_size <= limit, "too long, or oddly packed")
                with self.archive.open(info) as packed:
                    data = packed.read(limit + 1)
            else:
                data = read_plain(self.base / name, limit)
        except Refused:
            raise
        except Exception as error:
            raise Refused(f"it cannot be read ({type(error).__name__})") from None
        self.left -= len(data)
        if self.left < 0:
            raise Unusable("the record is larger than this program reads")
        need(len(data) <= limit, f"it has more than {limit} bytes")
        return data


# --- A whole record


@dataclass
class Log:
    """One log of the record: its files and what was found."""

    origin: str
    files: set[str] = field(default_factory=set)
    notes: list[KeyNote] = field(default_factory=list)  # successions, whether they count or not
    chain: Chain | None = None
    faces: list[Face] = field(default_factory=list)
    proofs: list[tuple[str, bytes]] = field(default_factory=list)  # of two faces
    wanted: set[int] = field(default_factory=set)  # sizes at which somebody names a root
    counts: Counter[str] = field(default_factory=Counter)


def tile_name(level: str, at: int, width: int) -> str:
    """Give the path of a tile or bundle."""
    text, rest = f"{at % 1000:03d}", at // 1000
    while rest:
        text, rest = f"x{rest % 1000:03d}/{text}", rest // 1000
    return f"tile/{level}/{text}" + (f".p/{width}" if width < 256 else "")


def split_bundle(data: bytes, width: int) -> list[bytes]:
    """Cut a bundle into its entries; a bundle may hold more than `width` of them."""
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        need(at + 2 <= len(data) and end <= len(data) and len(entries) < 256, "a bundle cut or too long")
        entries.append(data[at + 2 : end])
        at = end
    need(len(entries) >= width, "a bundle with too few entries")
    return entries


class Record:
    """All logs of a record and the checks across them."""

    def __init__(self, source: Source, pins: dict[str, str], quorum: int = 0) -> None:
        self.source, self.pins, self.quorum, self.kept = source, pins, quorum, 0
        self.problems: list[str] = []  # what does not hold
        self.notices: list[str] = []  # what is to be shown
        self.logs: dict[str, Log] = {}
        for name in sorted(source.names):
            council, _, rest = name.partition("/")
            member, _, rest = rest.partition("/")
            if rest and origin(f"{council}/{member}"):
                at = f"{council}/{member}"
                self.logs.setdefault(at, Log(at)).files.add(rest)
            elif name != "index":
                self.notice(f"the file {name} is no part of a record and was not read")
        if not self.logs:
            raise Unusable("there is no log here")
        for log in self.logs.values():
            self.read_keys(log)
            self.read_faces(log)
            log.faces = [face for face in log.faces if self.scan(log, face)]
        self.find_roots()
        self.settle()
        for log in self.logs.values():
            self.check_signatures(log)
            self.check_payloads(log)
            self.check_two_faces(log)
        self.check_heads()
        try:
            if "index" in source.names:
                parse_canonical(source.read("index", INDEX), INDEX)  # nothing in it is believed
        except Refused as why:
            self.problem(f"index: {why}")
        for missing in pins.keys() - self.logs.keys():
            self.problem(f"the pinned log {missing} is not here")

    def problem(self, text: str) -> None:
        self.problems += [text] if len(self.problems) < SHOWN else []

    def notice(self, text: str) -> None:
        self.notices += [text] if len(self.notices) < SHOWN else []

    def hold(self) -> None:
        """Bound what is held in memory."""
        self.kept += 1
        if self.kept > HELD:
            raise Unusable("the record says more than this program holds in memory")

    def named(self, log: Log, folder: str, limit: int, most: int) -> Iterator[tuple[str, bytes]]:
        """Read the files of a folder that are named by their SHA-256."""
        names = sorted(name for name in log.files if name.startswith(folder))
        for at, name in enumerate(names):
            try:
                need(at < most, "more files than are read")
                data = self.source.read(f"{log.origin}/{name}", limit)
                need(name == folder + sha256(data).hex(), "its name is not its hash")
                yield f"{log.origin}/{name}", data
            except Refused as why:
                self.problem(f"{log.origin}/{name}: {why}")

    def read_keys(self, log: Log) -> None:
        """Read the card, the successions and the proofs of two faces; start the chain with the card."""
        cards, pin = {}, self.pins.get(log.origin)
        for name, data in self.named(log, "keys/", NOTE, MANY + 1):
            try:
                note = parse_key_note(data)
                need(note.origin == log.origin, "it belongs to another log")
            except Refused as why:
                self.problem(f"{name}: {why}")
                continue
            log.wanted.add(note.size)
            if note.number:
                log.notes.append(note)
            elif pin in (None, note.hash.hex()):
                cards[note.hash] = note
        if len(cards) == 1:
            log.chain = Chain(list(cards.values()))
        else:
            none = "the pinned card is not here" if pin else "there is no valid card"
            self.problem(f"{log.origin}: {'several cards and none is pinned' if cards else none}")
        for name, data in self.named(log, "equivocations/", 8192, MANY):
            log.proofs.append((name, data))
            try:
                log.wanted |= {parse_checkpoint(note.text)[1] for note in parse_equivocation(data)[2:]}
            except Refused:
                continue  # it is reported where the proof is checked

    def read_faces(self, log: Log) -> None:
        """Read the checkpoints; their signatures are checked when the keys are settled."""
        prefixes = {0: ""} if any(name.startswith(("checkpoint", "tile/")) for name in log.files) else {}
        for found in filter(None, (re.match(r"branch/([1-9][0-9]{0,3})/", name) for name in log.files)):
            prefixes[int(found[1])] = found[0]
        for at, (_, prefix) in enumerate(sorted(prefixes.items())):
            name = f"{log.origin}/{prefix}checkpoint"
            try:
                need(at < FACES, "more faces than are read")
                note = parse_note(self.source.read(name, NOTE), 16)
                of, size, root = parse_checkpoint(note.text)
                need(of == log.origin, "it is of another log")
                log.faces.append(Face(prefix, note, size, root))
                log.wanted.add(size)
            except Refused as why:
                self.problem(f"{name}: {why}")

    def tile(self, log: Log, face: Face, level: str, at: int, width: int, limit: int) -> tuple[str, bytes]:
        """Read a tile or bundle; a full one may stand in the place of a partial one."""
        names = [face.prefix + tile_name(level, at, one) for one in (width, 256)]
        name = next((name for name in names if name in log.files), None)
        if name is None:
            raise Refused(f"{names[0]} is missing")
        return name, self.source.read(f"{log.origin}/{name}", limit)

    def bundles(self, log: Log, face: Face) -> Iterator[tuple[int, list[bytes]]]:
        """Read the entries of a face, a bundle at a time."""
        for at in range((face.size + 255) // 256):
            width = min(256, face.size - at * 256)
            name, data = self.tile(log, face, "entries", at, width, BUNDLE)
            entries = split_bundle(data, width)
            need(len(entries) == width or ".p/" not in name, f"{name} has too many entries")
            yield at, entries[:width]

    def check_tile(self, log: Log, face: Face, level: int, at: int, hashes: list[bytes]) -> None:
        """Compare a hash tile with what the entries give."""
        try:
            name, data = self.tile(log, face, str(level), at, len(hashes), 8192)
            need(data[: 32 * len(hashes)] == b"".join(hashes), f"{name} is not what the entries give")
        except Refused as why:
            self.problem(f"{log.origin}: {why}")

    def scan(self, log: Log, face: Face) -> bool:
        """Read a whole face: entries, tree and tiles; say whether its entries have its root."""
        tree, levels, done = Tree(), list[list[bytes]]([[]]), Counter[int]()
        try:
            for at, entries in self.bundles(log, face):
                for n, entry in enumerate(entries, at * 256):
                    tree.append(sha256(b"\0", entry))
                    levels[0].append(sha256(b"\0", entry))
                    self.read_entry(log, face, n, entry)
                for level, hashes in enumerate(levels):  # the list grows while it is gone through
                    if len(hashes) == 256:
                        self.check_tile(log, face, level, done[level], hashes)
                        done[level] += 1
                        levels += [[]] if level + 1 == len(levels) else []
                        levels[level + 1].append(root_of(hashes))
                        levels[level] = []
            for level, hashes in enumerate(levels):
                if hashes:
                    self.check_tile(log, face, level, done[level], hashes)
            need(tree.root() == face.root, "the entries do not have the root of the checkpoint")
        except Refused as why:
            self.problem(f"{log.origin}/{face.prefix}checkpoint: {why}")
            return False
        return True

    def read_entry(self, log: Log, face: Face, n: int, data: bytes) -> None:
        """Check one entry and keep what it says about the record."""
        where = f"{log.origin}, entry {n}"
        try:
            entry = check_entry(data, log.origin, n)
        except Refused as why:
            face.counts["unreadable"] += 1
            self.notice(f"{where} is unreadable: {why}")
            return
        self.claim(face, n, entry.get("seen", []))
        if "by" in entry:
            good = face.delegates.get(entry["by"]["key"], False) and signed_by_delegate(entry)
            face.counts["delegated"] += good
            if not good:
                self.notice(f"{where} is not written by a delegate, though it says so")
        if "payload" in entry:
            self.hold()
            face.payloads.append((n, unbase64(entry["payload"]["hash"]).hex(), entry["payload"]["size"]))
        kind, body = entry["kind"], entry["body"]
        if not kind.startswith("record."):
            return
        try:
            check_body(entry)
        except Refused as why:
            self.notice(f"{where}, {kind}, says nothing: {why}")
            return
        self.hold()
        if kind in ("record.delegate", "record.withdraw"):
            face.delegates[body["key"]] = kind == "record.delegate"
        elif kind == "record.redact":
            face.redactions.append((n, body["log"], body["n"], unbase64(body["hash"]).hex()))
        elif kind == "record.attest":
            face.attests.append((n, body["log"], unbase64(body["succession"])))
        elif kind == "record.ack":
            self.claim(face, n, body["heads"])

    def claim(self, face: Face, n: int, heads: list[Any]) -> None:
        """Keep the heads that an entry says to have held."""
        for one in heads:
            self.hold()
            face.claims.append((n, one))
            if one[0] in self.logs:
                self.logs[one[0]].wanted.add(one[1])

    def find_roots(self) -> None:
        """Find the roots of each face at the sizes that anybody names."""
        for log in self.logs.values():
            for face in log.faces:
                tree = Tree()
                face.roots[0] = tree.root()
                for _, entries in self.bundles(log, face):
                    for entry in entries:
                        tree.append(sha256(b"\0", entry))
                        if tree.size in log.wanted:
                            face.roots[tree.size] = tree.root()

    def members(self, council: str) -> set[str]:
        """Say who counts as a member: whoever is pinned; without pins, whoever has a card here."""
        here = {name for name, log in self.logs.items() if log.chain and name.startswith(council + "/")}
        return here & self.pins.keys() or here

    def settle(self) -> None:
        """Find the keys in force and what stands, in rounds, since attestations must themselves stand."""
        named = {(log.origin, one.hash) for log in self.logs.values() for one in log.notes}
        counted: dict[tuple[str, bytes], set[str]] = {one: set() for one in named}
        added = True
        while added:
            for log in self.logs.values():
                if log.chain:
                    members = self.members(log.origin.split("/")[0])

                    def votes(one: KeyNote, members: set[str] = members) -> int:
                        return len(counted[one.origin, one.hash] & members)

                    card = log.chain.notes[0]
                    log.chain = build_chain(card, log.notes, votes, self.quorum, len(members))
                    settle_faces(log.chain, log.faces, log.notes)
            added = False
            for name, log in self.logs.items():
                for face in log.faces:
                    for n, target, succession in face.attests:
                        authors = counted.get((target, succession))
                        if authors is not None and name not in authors and n < face.stands:
                            authors.add(name)
                            added = True

    def check_signatures(self, log: Log) -> None:
        """Check checkpoints and cosignatures by the keys that are settled."""
        if log.chain is None:
            return
        for one in log.notes:
            if one.hash not in {note.hash for note in (*log.chain.notes, *log.chain.contested)}:
                self.notice(f"{log.origin}: succession {one.number} at size {one.size} is not in force")
        if log.chain.contested:
            self.notice(f"{log.origin}: two successions contest each other, and neither is in force")
        chains = [other.chain for other in self.logs.values() if other.chain and other is not log]
        witnesses = [one.witness for chain in chains for one in chain.notes]
        for face in log.faces:
            for name in (f"{face.prefix}checkpoint", f"{face.prefix}cosignatures"):
                try:
                    if face.signer is None:
                        raise Refused("no key of this log signed it, or its signature does not verify")
                    if name in log.files:
                        note = parse_note(self.source.read(f"{log.origin}/{name}", NOTE))
                        need(note.text == face.note.text, "it is of another checkpoint")
                        opened = open_note(note, [face.signer, *witnesses])
                        need(face.signer in (key for key, _ in opened), "the log did not sign it")
                        face.cosigners |= {key.name.removesuffix("/witness") for key, time in opened if time}
                except Refused as why:
                    self.problem(f"{log.origin}/{name}: {why}")
            if face.stands < face.size:
                self.notice(f"{log.origin}/{face.prefix}checkpoint: entries from {face.stands} are disputed")

    def check_payloads(self, log: Log) -> None:
        """Say of each payload whether it is held, redacted (and by which entry), or missing."""
        erased: dict[tuple[str, int], list[str]] = {}
        for name, other in self.logs.items():
            for face in other.faces:
                for n, target, at, which in face.redactions:
                    if target == log.origin and n < face.stands:
                        erased.setdefault((which, at), []).append(f"{name}, entry {n}")
        lengths: dict[str, int] = {}
        for at, which, size in sorted({one for face in log.faces for one in face.payloads}):
            name, by = f"{log.origin}/payload/{which}", erased.get((which, at), [])
            if f"payload/{which}" not in log.files:
                log.counts["redacted" if by else "missing"] += 1
                for text in by[:1]:
                    self.notice(f"the payload of {log.origin}, entry {at}, is redacted by {text}")
                continue
            log.counts["held"] += 1
            try:
                if which not in lengths:
                    data, lengths[which] = self.source.read(name, PAYLOAD + 32), size + 32
                    need(sha256(data).hex() == which, "its name is not its hash")
                    need(is_bound(data, log.origin), "its nonce is bound to another log")
                    lengths[which] = len(data)
                need(lengths[which] == size + 32, f"entry {at} states another size")
                own = [text for text in by if text.startswith(log.origin + ",")]
                need(not own, f"it is here, though its own log redacts it: {own}")
            except Refused as why:
                self.problem(f"{name}: {why}")

    def check_two_faces(self, log: Log) -> None:
        """Say whether the keeper has two faces; check the proofs of it that are carried."""
        for at, this in enumerate(log.faces):
            for that in log.faces[:at]:
                both = min(this.stands, that.stands)
                if this.roots[both] != that.roots[both]:
                    self.notice(
                        f"{log.origin} has two faces, of size {that.size} and {this.size}; both stand"
                    )
        for name, data in log.proofs if log.chain else []:
            try:
                heads = verify_equivocation(data, log.chain, log.notes) if log.chain else []
            except Refused as why:
                self.problem(f"{name}: {why}")
                continue
            stand = all(
                any(size <= face.stands and face.has((size, {root})) for face in log.faces)
                for size, root, _ in heads
            )
            end = "both stand: two faces" if stand else "not both are here and stand"
            self.notice(f"{name}: two checkpoints contradict each other; {end}")

    def check_heads(self) -> None:
        """Compare the heads that standing entries have seen or cosigned with the logs that are here."""
        longest = {name: max((face.size for face in log.faces), default=0) for name, log in self.logs.items()}
        beyond, agreed = dict[str, int](), dict[tuple[str, str], set[int]]()
        for author, log in self.logs.items():
            keys = [one.witness for one in log.chain.notes] if log.chain else []
            for face in log.faces:
                for n, (name, size, root, *signed) in face.claims:
                    if n >= face.stands:
                        continue
                    if signed:
                        text, sig = cosigned(signed[0], f"{name}\n{size}\n{root}\n"), unbase64(signed[2])
                        able = [key for key in keys if key.id == unbase64(signed[1])]
                        if not any(verify_signature(key.public, sig, text) for key in able):
                            self.problem(f"{author}, entry {n}: a cosignature of {name} does not verify")
                            continue
                    faces = self.logs[name].faces if name in self.logs else []
                    having = {at for at, one in enumerate(faces) if one.has((size, {unbase64(root)}))}
                    if having and signed:
                        agreed[author, name] = agreed.get((author, name), having) & having
                    elif size > longest.get(name, -1):
                        beyond[name] = max(size, beyond.get(name, 0))
                    elif not having:
                        self.problem(f"{author}, entry {n}, has seen another root of {name} at size {size}")
        for name, size in beyond.items():
            self.notice(f"{name} was seen up to size {size}; here it ends at {longest.get(name, 0)}")
        for (author, name), both in agreed.items():
            if not both:
                self.notice(f"{author} cosigned two heads of {name} that contradict each other")

    def sentences(self) -> Iterator[str]:
        """Say in plain sentences what was found."""
        for name, log in self.logs.items():
            count = len(log.chain.notes) - 1 if log.chain else 0
            pinned = "the pinned one" if name in self.pins else "not pinned"
            yield f"{name}: its card is {pinned}; {count} successions are in force."
            for face in log.faces:
                yield (
                    f"  {face.prefix}checkpoint: {face.size} entries have its root; {face.stands} stand; "
                    f"{face.counts['unreadable']} are unreadable; {face.counts['delegated']} by delegates; "
                    f"cosigned by {', '.join(sorted(face.cosigners)) or 'nobody'}."
                )
            counts = ", ".join(f"{log.counts[word]} {word}" for word in ("held", "redacted", "missing"))
            yield f"  Payloads: {counts}."
        yield from (f"To be shown: {text}." for text in self.notices)
        yield from (f"DOES NOT HOLD: {text}." for text in self.problems)
        yield "Not everything holds." if self.problems else "Everything that was checked holds."
        yield (
            "This does not prove that what the entries say is true, that a clock was right, that nothing "
            "further exists elsewhere, or that a member is who its name says unless its card was pinned."
        )


# --- The command


def read_file(name: str) -> bytes:
    """Read a file named on the command line."""
    try:
        return read_plain(Path(name), 2 * NOTE)  # what reads it refuses one byte more
    except (OSError, ValueError) as error:
        raise Unusable(f"{name} cannot be read: {error}") from None


def read_chain(card: str, notes: list[str]) -> Chain:
    """Read a card and the successions after it that the recovery key signed."""
    first = parse_key_note(read_file(card))
    need(first.number == 0, f"{card} is not a card")
    return build_chain(first, [parse_key_note(read_file(name)) for name in notes])


def prove(options: argparse.Namespace) -> str:
    """Verify the proof of one entry."""
    index, hashes, note = parse_proof(read_file(options.what[1]))
    chain = read_chain(options.card[0], options.key_notes)
    name, size, root = parse_checkpoint(note.text)
    need(name == chain.notes[0].origin, "the checkpoint is of another log than the card")
    key = chain.signer(note)
    need(key and chain.speaks(key, size), "no key that speaks for that size signed it")
    entry = read_file(options.entry)
    leaf = sha256(b"\0", entry)
    need(inclusion_root(leaf, index, size, hashes) == root, "the proof does not lead to the root")
    check_entry(entry, name, index)
    witnesses = [parse_key_note(read_file(one)) for one in options.witness_card]
    others = [one.witness for one in witnesses if one.origin != name]
    opened = open_note(note, [*(one.log for one in chain.notes), *others])
    by = sorted({one.name.removesuffix("/witness") for one, time in opened if time})
    return (
        f"The entry is number {index} of {name}, under its checkpoint of size {size}, cosigned by "
        f"{', '.join(by) or 'nobody whose card was given'}. "
        "Whether it still stands depends on successions that were not given."
    )


def accuse(options: argparse.Namespace) -> str:
    """Verify a proof of two faces."""
    chain = read_chain(options.card[0], options.key_notes)
    (small, _, key), (large, _, _) = verify_equivocation(read_file(options.what[1]), chain)
    return (
        f"Keys of {key.name} that spoke for it signed a checkpoint of size {small} that is not the beginning "
        f"of the one of size {large}. These are two faces of its keeper only if both stand: "
        "a succession that was not given may name one of them."
    )


def main(arguments: list[str]) -> int:
    """Run the command; give its exit status."""
    parser = argparse.ArgumentParser(description="Verify a signed record from its files alone.")
    parser.add_argument("what", nargs="+", help="SOURCE, proof FILE or equivocation FILE")
    for name in ("--card", "--key-notes", "--witness-card"):
        parser.add_argument(name, action="append", default=[])
    parser.add_argument("--entry")
    parser.add_argument("--quorum", type=int, default=0, metavar="N")
    options = parser.parse_args(arguments)
    status, said = 0, list[str]()
    try:
        if len(options.what) == 2 and options.what[0] in ("proof", "equivocation"):
            if len(options.card) != 1 or (options.what[0] == "proof") != bool(options.entry):
                raise Unusable("it wants one --card, and for a proof --entry")
            said.append((prove if options.what[0] == "proof" else accuse)(options))
        else:
            pins = dict(card.partition("=")[::2] for card in options.card)
            good = all(origin(name) and HEX.fullmatch(value) for name, value in pins.items())
            if len(options.what) > 1 or not good:
                raise Unusable("it wants one SOURCE, and --card ORIGIN=SHA256HEX")
            record = Record(Source(Path(options.what[0])), pins, options.quorum)
            status, said = int(bool(record.problems)), list(record.sentences())
    except Refused as why:
        status, said = 1, [f"DOES NOT HOLD: {why}."]
    except Unusable as why:
        status, said = 2, [f"Unusable: {why}"]
    for line in said:
        sys.stdout.write(line.encode("ascii", "backslashreplace").decode() + "\n")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
