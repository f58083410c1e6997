"""Members' cards and successions: which key speaks for a member, up to which position of its log.

A *card* founds a member: its three public keys, signed by each of them. A *succession*
replaces the keys. It names the last position that the old log key speaks for as (size, root hash), never as a
date: whoever stole a key also controls the dates that it signs. The recovery key signs a succession; without
it, members attest it (`record.attest`), as many as the council's rule asks for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from allweather.errors import Malformed, NotVerified
from allweather.record.checkpoints import Head
from allweather.record.keys import (
    SignatureType,
    Signer,
    VerifierKey,
    check_origin,
    format_base64,
    format_verifier_key,
    parse_base64,
    parse_decimal,
    parse_verifier_key,
    recovery_name,
    witness_name,
)
from allweather.record.merkle import HASH_SIZE, MAX_SIZE
from allweather.record.notes import Note, cosign, open_note, parse_note, sign_note, verified_note

CARD = "allweather/member@v1"
_SUCCESSION = "allweather/succession@v1"
MAX_SUCCESSIONS = 1_000
_CARD_TIME = 1


@dataclass(frozen=True, slots=True)
class Keys:
    """A member's three public keys at one time."""

    log: VerifierKey
    witness: VerifierKey
    recovery: VerifierKey


@dataclass(frozen=True, slots=True)
class Card:
    """How a member enters: its origin and first keys, with the note that carries them."""

    origin: str
    keys: Keys
    note: Note

    @property
    def digest(self) -> bytes:
        """SHA-256 of the card's text: what others pin."""
        return hashlib.sha256(self.note.text.encode()).digest()


@dataclass(frozen=True, slots=True)
class Succession:
    """New keys for a member. `head` is the last position that the old log key speaks for.

    `number` counts from 1; `after` is the digest of the card or succession before.
    """

    head: Head
    number: int
    after: bytes
    keys: Keys
    note: Note

    @property
    def origin(self) -> str:
        """The member whose keys these are."""
        return self.head.origin

    @property
    def digest(self) -> bytes:
        """SHA-256 of the succession's text: what attestations and the next succession name."""
        return hashlib.sha256(self.note.text.encode()).digest()


def make_card(log: Signer, witness: Signer, recovery: Signer) -> Card:
    """The card of a new member. Raises Malformed if the keys do not belong together."""
    origin = log.name
    keys = _check_keys(origin, Keys(log.verifier, witness.verifier, recovery.verifier))
    text = "\n".join([CARD, origin, *_key_lines(keys), ""])
    return Card(origin, keys, _with_witness(sign_note(text, log, recovery), witness))


@lru_cache(maxsize=4096)
def parse_card(data: bytes, *, where: str = "") -> Card:
    """The card that a note spells, verified by its own two keys. Raises Malformed or NotVerified."""
    note = parse_note(data, where=where)
    lines = note.text.split("\n")
    if len(lines) != 6 or lines[0] != CARD or lines[5]:
        raise Malformed(f"a member's card begins with {CARD} and has five lines", where=where)
    origin = check_origin(lines[1])
    keys = _parse_keys(origin, lines[2:5], where)
    if len(open_note(note, (keys.log, keys.witness, keys.recovery), where=where)) != 3:
        raise NotVerified("a card is signed by all three of its keys", where=where)
    return Card(origin, keys, note)


def make_succession(
    head: Head, before: Card | Succession, log: Signer, witness: Signer, recovery: Signer, *signers: Signer
) -> Succession:
    """New keys for a member after `head`, signed by the new log key and by `signers`.

    `signers` holds the recovery key of `before`; without it the succession counts only once it is attested.
    """
    keys = _check_keys(head.origin, Keys(log.verifier, witness.verifier, recovery.verifier))
    number = before.number + 1 if isinstance(before, Succession) else 1
    place = [str(number), str(head.size), format_base64(head.root), f"after {format_base64(before.digest)}"]
    text = "\n".join([_SUCCESSION, head.origin, *place, *_key_lines(keys), ""])
    note = _with_witness(sign_note(text, log, *signers), witness)
    return Succession(head, number, before.digest, keys, note)


@lru_cache(maxsize=4096)
def parse_succession(data: bytes, *, where: str = "") -> Succession:
    """The succession that a note spells, verified by its new log key. Raises Malformed or NotVerified."""
    note = parse_note(data, where=where)
    lines = note.text.split("\n")
    if len(lines) != 10 or lines[0] != _SUCCESSION or lines[9] or not lines[5].startswith("after "):
        raise Malformed(f"a succession begins with {_SUCCESSION} and has nine lines", where=where)
    origin = check_origin(lines[1])
    number = parse_decimal(lines[2], limit=MAX_SUCCESSIONS, where=where)
    size = parse_decimal(lines[3], limit=MAX_SIZE, where=where)
    root = parse_base64(lines[4], size=HASH_SIZE, where=where)
    after = parse_base64(lines[5].removeprefix("after "), size=HASH_SIZE, where=where)
    keys = _parse_keys(origin, lines[6:9], where)
    if len(open_note(note, (keys.log, keys.witness), where=where)) != 2:
        raise NotVerified(
            "a succession is signed by the log key and the witness key that it names", where=where
        )
    if number == 0:
        raise Malformed("successions are numbered from 1", where=where)
    return Succession(Head(origin, size, root), number, after, keys, note)


def _with_witness(note: Note, witness: Signer) -> Note:
    """The note with the witness key's signature: nobody may call another's witness key its own."""
    return Note(note.text, (*note.signatures, cosign(note.text, witness, _CARD_TIME)))


def normal_card(card: Card) -> Card:
    """The card with the lines of its own keys and no others."""
    return Card(card.origin, card.keys, verified_note(card.note, _all(card.keys)))


def normal_succession(succession: Succession, before: Sequence[Card | Succession]) -> Succession:
    """The succession with the lines of its own keys and of recovery keys named `before`, and no others."""
    keys = succession.keys
    recovery = [one.keys.recovery for one in before if one.origin == succession.origin]
    note = verified_note(succession.note, (keys.log, keys.witness, *recovery))
    return replace(succession, note=note)


def is_recovered(succession: Succession, before: Sequence[Card | Succession]) -> bool:
    """Whether a recovery key that the card or a succession in `before` names signed a succession."""
    return any(_is_signed(succession, one.keys.recovery) for one in before if one.origin == succession.origin)


def _all(keys: Keys) -> tuple[VerifierKey, ...]:
    return (keys.log, keys.witness, keys.recovery)


def _key_lines(keys: Keys) -> list[str]:
    return [
        f"log {format_verifier_key(keys.log)}",
        f"witness {format_verifier_key(keys.witness)}",
        f"recovery {format_verifier_key(keys.recovery)}",
    ]


def _parse_keys(origin: str, lines: Sequence[str], where: str) -> Keys:
    found = []
    for line, word in zip(lines, ("log", "witness", "recovery"), strict=True):
        if not line.startswith(f"{word} "):
            raise Malformed(f"the key after {word!r} is missing", where=where)
        found.append(parse_verifier_key(line.removeprefix(f"{word} "), where=where))
    return _check_keys(origin, Keys(*found), where)


def _check_keys(origin: str, keys: Keys, where: str = "") -> Keys:
    expected = (
        (keys.log, origin, SignatureType.NOTE),
        (keys.witness, witness_name(origin), SignatureType.COSIGNATURE),
        (keys.recovery, recovery_name(origin), SignatureType.NOTE),
    )
    for key, name, kind in expected:
        if (key.name, key.type) != (name, kind):
            raise Malformed(f"the key of {key.name} stands where one of {name} belongs", where=where)
    # A key that served for two purposes would let a signature for one be shown as one for the other.
    if len({keys.log.public, keys.witness.public, keys.recovery.public}) != 3:
        raise Malformed("log key, witness key and recovery key must be three different keys", where=where)
    return keys


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of a log and the keys that speak for it: from `start` on, up to `end` where it is known."""

    keys: Keys
    start: Head | None
    end: Head | None


@dataclass(frozen=True, slots=True)
class KeyHistory:
    """The keys of a member over the positions of its log, in order.

    `contested` says that two successions claim the same place: then neither counts, and the old key speaks
    for nothing beyond the earlier of the two.
    """

    origin: str
    periods: tuple[Period, ...]
    contested: bool = False
    links: tuple[bytes, ...] = ()

    @property
    def current(self) -> Keys:
        """The keys in force."""
        return self.periods[-1].keys

    @property
    def log_keys(self) -> tuple[VerifierKey, ...]:
        """Every log key that ever spoke for the member."""
        return tuple(period.keys.log for period in self.periods)

    @property
    def witness_keys(self) -> tuple[VerifierKey, ...]:
        """Every witness key of the member."""
        return tuple(period.keys.witness for period in self.periods)


@dataclass(frozen=True, slots=True)
class Voices:
    """How attestations count: `of` gives the number of members who attest a succession (its digest).

    `quorum` of them stand in for the recovery key; None lets none do so. `majority` of them decide between
    two successions that contest each other.
    """

    of: Callable[[bytes], int]
    quorum: int | None
    majority: int


def key_history(card: Card, successions: Sequence[Succession], voices: Voices) -> KeyHistory:
    """The keys of a member, from its card and all successions held, in whatever order.

    A succession counts if it follows the one before and is signed by the recovery key in force or attested.
    Two that differ and both count contest each other, unless a majority attests one of them: else whoever
    finds a retired recovery key could undo all that came after it. One may name an earlier position than the
    one before it: after a disk is lost that may be all that is left; then no earlier key speaks for more.
    """
    keys, digest, start = card.keys, card.digest, None
    periods: list[Period] = []
    links = [digest]
    used = dict(_ids(card.keys))
    for number in range(1, MAX_SUCCESSIONS + 1):
        counted = _counted(successions, card.origin, number, digest, keys.recovery, voices)
        counted = {name: one for name, one in counted.items() if _is_new(one.keys, used)}
        if len(counted) > 1:
            chosen = {name: one for name, one in counted.items() if voices.of(name) >= voices.majority}
            if len(chosen) != 1:
                end = min((one.head for one in counted.values()), key=lambda head: (head.size, head.root))
                periods.append(Period(keys, start, end))
                return KeyHistory(card.origin, _clipped(periods), contested=True, links=tuple(links))
            counted = chosen
        if not counted:
            break
        (one,) = counted.values()
        periods.append(Period(keys, start, one.head))
        keys, digest, start = one.keys, one.digest, one.head
        used.update(_ids(keys))
        links.append(digest)
    periods.append(Period(keys, start, None))
    return KeyHistory(card.origin, _clipped(periods), links=tuple(links))


def _ids(keys: Keys) -> list[tuple[tuple[str, bytes], bytes]]:
    return [((key.name, key.key_id), key.public) for key in _all(keys)]


def _is_new(keys: Keys, used: Mapping[tuple[str, bytes], bytes]) -> bool:
    """Whether the log key was never used, and no key has the id of an earlier one without being it.

    Ids have four bytes: a key can be made that shares another's, and then it would be unclear whose signature
    is meant.
    """
    return (keys.log.name, keys.log.key_id) not in used and all(
        used.get(name, public) == public for name, public in _ids(keys)
    )


def _counted(
    successions: Sequence[Succession],
    origin: str,
    number: int,
    after: bytes,
    recovery: VerifierKey,
    voices: Voices,
) -> dict[bytes, Succession]:
    """The successions of one number that follow the note `after` and count, by their digests."""
    return {
        one.digest: one
        for one in successions
        if (one.number, one.origin, one.after) == (number, origin, after)
        and (
            _is_signed(one, recovery)
            or (voices.quorum is not None and voices.of(one.digest) >= voices.quorum)
        )
    }


def _clipped(periods: Sequence[Period]) -> tuple[Period, ...]:
    """The periods with no end beyond that of a later one."""
    found: list[Period] = []
    least: Head | None = None
    for period in reversed(periods):
        if period.end is not None and (least is None or period.end.size < least.size):
            least = period.end
        start = period.start
        if least is not None and start is not None and start.size > least.size:
            start = least
        found.append(Period(period.keys, start, None if period.end is None else least))
    return tuple(reversed(found))


def _is_signed(succession: Succession, recovery: VerifierKey) -> bool:
    try:
        open_note(succession.note, (recovery,))
    except NotVerified:
        return False
    return True
