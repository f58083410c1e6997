"""Audit: everything that can be checked of a record from its files alone, without any earlier state.

    audit(listed, read, pinned={origin: digest}) -> Audit

`listed` says which files to look for; nothing in it is believed. A *problem* is something that does not
hold: a file that is missing, or is not what its hash, root or signature says. A *notice* is something to be
shown that breaks nothing: an unreadable entry, two faces, a payload that is redacted. An audit does not say
that words are true, nor that a member has said nothing else elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from allweather.errors import InputError, Malformed, NotVerified
from allweather.record.checkpoints import (
    Checkpoint,
    Head,
    open_checkpoint,
    parse_checkpoint,
    verify_cosignature,
)
from allweather.record.entries import NONCE_SIZE, is_bound, payload_hash
from allweather.record.faces import FaceFiles, NamedPayload, Read, needed
from allweather.record.facts import Acknowledgement
from allweather.record.findings import Audit, AuditedFace, AuditedLog, Findings
from allweather.record.keys import VerifierKey, origin_of_witness
from allweather.record.members import Card, KeyHistory, Succession, parse_card, parse_succession
from allweather.record.notes import NoteSignature, cosignature_time, parse_note
from allweather.record.proofs import parse_equivocation, verify_equivocation
from allweather.record.standing import Held, LogStanding, Standing, settle
from allweather.record.storage import Branch

Say = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Listed:
    """What to look for of one log: the numbers of its faces, the names of key notes and of proofs."""

    origin: str
    faces: tuple[int, ...]
    keys: tuple[str, ...]
    equivocations: tuple[str, ...] = ()


@dataclass(slots=True)
class _Log:
    """A log while it is audited."""

    shown: AuditedLog
    card: Card
    successions: tuple[Succession, ...]
    proofs: tuple[str, ...]
    faces: dict[int, FaceFiles] = field(default_factory=dict)
    branches: tuple[Branch, ...] = ()

    @property
    def log_keys(self) -> tuple[VerifierKey, ...]:
        """Every key that may have signed a head: which of them speak is known when all is settled."""
        return self.card.keys.log, *(one.keys.log for one in self.successions)


@dataclass(frozen=True, slots=True)
class _Claim:
    """Someone says that a log had a head: entry `index` of `author`, by having seen or cosigned it."""

    head: Head
    author: str
    index: int
    cosigned: bool


def audit(
    listed: Sequence[Listed],
    read: Read,
    *,
    pinned: Mapping[str, bytes] | None = None,
    payloads: bool = True,
    quorum: int | None = None,
    say: Say = lambda what, share: None,
) -> Audit:
    """Audit a record. `pinned` gives the digests of cards that are known from elsewhere.

    Without `payloads` they are not read, and none counts as missing. Raises only what `read` raises beside
    InputError, and NotVerified if files change while they are read.
    """
    pins = dict(pinned or {})
    whole = Findings()
    shown = {one.origin: AuditedLog(one.origin) for one in listed}
    logs = [log for one in listed if (log := _begin(one, shown[one.origin], read, pins.get(one.origin)))]
    for origin in sorted(pins.keys() - shown.keys()):
        whole.problem(f"{origin} is pinned, and is not here")
    _take_faces(logs, read, say)
    say("settling where each log stands", 1.0)
    standing = _settle(logs, read, quorum)
    claims: list[_Claim] = []
    for log in logs:
        stands = standing.logs[log.shown.origin]
        _show_standing(log, stands, standing)
        _check_cosigners(log, read, standing)
        claims += _claims(log, stands)
        _check_equivocations(log, read, stands.history)
        if payloads:
            _check_payloads(log, read, standing)
    _check_claims(claims, {log.shown.origin: log for log in logs}, read, whole)
    return Audit(tuple(shown.values()), whole, standing.digest)


# Cards, checkpoints, entries


def _begin(listed: Listed, shown: AuditedLog, read: Read, pin: bytes | None) -> _Log | None:
    cards: dict[bytes, Card] = {}
    successions: list[Succession] = []
    for name in listed.keys:
        path = f"{listed.origin}/keys/{name}"
        try:
            data = _named(read, path, name)
            if data.startswith(b"allweather/member@"):
                note: Card | Succession = parse_card(data, where=path)
            else:
                note = parse_succession(data, where=path)
            if note.origin != listed.origin:
                raise NotVerified(f"this is of {note.origin}", where=path)
        except InputError as error:
            shown.findings.problem(error)
            continue
        if isinstance(note, Card):
            cards[note.digest] = note
        else:
            successions.append(note)
    if len(cards) != 1:
        shown.findings.problem(f"{len(cards)} cards are here and one is needed, so that nothing was checked")
        return None
    (card,) = cards.values()
    shown.card, shown.is_pinned = card.digest, pin is not None
    if pin is not None and card.digest != pin:
        shown.is_pinned = False
        shown.findings.problem("its card is another than the pinned one, so that nothing was checked")
        return None
    log = _Log(shown, card, tuple(successions), listed.equivocations)
    for number in sorted(set(listed.faces)):
        try:
            log.faces[number] = _open_face(listed.origin, number, log.log_keys, read)
        except InputError as error:
            shown.findings.problem(error)
    return log


def _open_face(origin: str, number: int, keys: Sequence[VerifierKey], read: Read) -> FaceFiles:
    prefix = f"{origin}/" if number == 0 else f"{origin}/branch/{number}/"
    path = f"{prefix}checkpoint"
    checkpoint = parse_checkpoint(needed(read, path), where=path)
    if checkpoint.head.origin != origin or not checkpoint.head.size:
        raise NotVerified(f"this is no checkpoint of {origin} with entries under it", where=path)
    open_checkpoint(checkpoint, keys, where=path)
    return FaceFiles(origin, number, prefix, checkpoint)


def _take_faces(logs: Sequence[_Log], read: Read, say: Say) -> None:
    n_all = sum(face.size for log in logs for face in log.faces.values())
    n_done = 0

    for log in logs:

        def passed(count: int, origin: str = log.shown.origin) -> None:
            nonlocal n_done
            n_done += count
            say(f"checking {origin}", n_done / n_all)

        log.faces = {
            number: face for number, face in log.faces.items() if face.take(read, log.shown.findings, passed)
        }
        branches: list[Branch] = []
        for number, face in log.faces.items():
            shared = [(face.shared(read, log.faces[one.number]), -one.number) for one in branches]
            length, parent = max(shared, default=(0, 1))
            branches.append(face.branch(-parent if branches else None, length))
            log.shown.faces.append(
                AuditedFace(number, face.size, face.checkpoint.head.root, n_unreadable=face.n_unreadable)
            )
        log.branches = tuple(branches)


def _settle(logs: Sequence[_Log], read: Read, quorum: int | None) -> Standing:
    by_origin = {log.shown.origin: log for log in logs}
    return settle(
        {origin: Held(log.card, log.successions, log.branches) for origin, log in by_origin.items()},
        {
            (log.shown.origin, one.number): [
                fact for fact in log.faces[one.number].facts if fact.place.index >= one.fork_at
            ]
            for log in logs
            for one in log.branches
        },
        lambda branch, size: by_origin[branch.origin].faces[branch.number].root_at(read, size),
        quorum=quorum,
    )


# What is known once it is settled where each log stands


def _show_standing(log: _Log, stands: LogStanding, standing: Standing) -> None:
    shown = log.shown
    shown.n_successions = len(stands.history.periods) - 1
    shown.is_contested, shown.is_two_faced = stands.history.contested, stands.two_faced
    shown.n_disputed = stands.n_disputed
    for row, face in zip(shown.faces, stands.faces, strict=True):
        row.n_standing = face.n_standing
        for entry in log.faces[row.number].delegated:
            if standing.may_act(entry, entry.n):
                row.n_delegated += 1
            else:
                shown.findings.notice(f"entry {entry.n} is not written by a delegate: its key had no leave")
    for succession in log.successions:
        if succession.digest not in stands.history.links:
            shown.findings.notice(
                f"a succession, number {succession.number} after entry {succession.head.size}, does not count"
            )
    if shown.is_contested:
        shown.findings.notice("two successions contest each other: no key is in force beyond the smaller one")
    if shown.is_two_faced:
        shown.findings.notice("it has two faces that both stand")
    if shown.n_disputed:
        shown.findings.notice(f"{shown.n_disputed} entries are disputed: they count as nobody's word")


def _check_cosigners(log: _Log, read: Read, standing: Standing) -> None:
    for row in log.shown.faces:
        face = log.faces[row.number]
        notes: list[tuple[str, Checkpoint]] = [(f"{face.prefix}checkpoint", face.checkpoint)]
        path = f"{face.prefix}cosignatures"
        try:
            data = read(path)
            if data is not None:
                note = parse_note(data, where=path)
                if note.text != face.checkpoint.note.text:
                    raise NotVerified("this is of another head than the checkpoint beside it", where=path)
                cosigned = Checkpoint(face.checkpoint.head, note)
                open_checkpoint(cosigned, log.log_keys, where=path)
                notes.append((path, cosigned))
        except InputError as error:
            log.shown.findings.problem(error)
        unknown = set()
        for where, checkpoint in notes:
            for line in checkpoint.note.signatures:
                if line.name == log.shown.origin:
                    continue
                try:
                    member = origin_of_witness(line.name)
                    if member not in standing.logs or not _is_known(line, standing.logs[member].history):
                        unknown.add(line.name)
                        continue
                    _check_line(checkpoint.head, line, standing.logs[member].history)
                    row.cosigners.setdefault(member, cosignature_time(line))
                except Malformed:
                    unknown.add(line.name)
                except NotVerified as error:
                    log.shown.findings.problem(f"{where}: {error}")
        if unknown:
            log.shown.findings.notice(f"{len(unknown)} cosigners of face {row.number} are not known here")


def _is_known(line: NoteSignature, history: KeyHistory) -> bool:
    """Whether a line names a witness key of the member; one of any other key is ignored, by its rules."""
    return any(key.key_id == line.key_id for key in history.witness_keys)


def _check_line(head: Head, line: NoteSignature, history: KeyHistory) -> None:
    for key in history.witness_keys:
        if key.key_id == line.key_id:
            verify_cosignature(head, line, key)
            return
    raise NotVerified(f"the witness key under a cosignature of {line.name} was never in force")


def _claims(log: _Log, stands: LogStanding) -> Iterator[_Claim]:
    """The heads of other logs that standing entries have seen or cosigned, each once."""
    origin = log.shown.origin
    done: set[tuple[Head, bool]] = set()
    for face in stands.faces:
        files = log.faces[face.branch.number]
        for head, index in files.seen.items():
            if index < face.n_standing and (head, False) not in done:
                done.add((head, False))
                yield _Claim(head, origin, index, False)
        for fact in files.facts:
            if not isinstance(fact, Acknowledgement) or fact.place.index >= face.n_standing:
                continue
            if (fact.head, True) in done:
                continue
            done.add((fact.head, True))
            try:
                _check_line(fact.head, fact.line, stands.history)
            except NotVerified as error:
                log.shown.findings.problem(f"entry {fact.place.index} of {origin}: {error}")
                continue
            log.shown.n_cosignatures += 1
            yield _Claim(fact.head, origin, fact.place.index, True)


def _check_claims(claims: Sequence[_Claim], logs: Mapping[str, _Log], read: Read, whole: Findings) -> None:
    absent: dict[str, int] = {}
    beyond: dict[str, int] = {}
    agree: dict[str, set[Head]] = {}
    cosigned: dict[tuple[str, str], set[int]] = {}
    for one in claims:
        head, log = one.head, logs.get(one.head.origin)
        if log is None:
            absent[head.origin] = absent.get(head.origin, 0) + 1
            continue
        numbers = {n for n, face in log.faces.items() if face.root_at(read, head.size) == head.root}
        if numbers:
            agree.setdefault(head.origin, set()).add(head)
            if one.cosigned:
                both = cosigned.get((one.author, head.origin), numbers) & numbers
                cosigned[one.author, head.origin] = both
        elif head.size > max((face.size for face in log.faces.values()), default=0):
            beyond[head.origin] = max(head.size, beyond.get(head.origin, 0))
        else:
            word = "cosigned" if one.cosigned else "seen"
            log.shown.findings.problem(
                f"entry {one.index} of {one.author} has {word} another root of it at size {head.size}"
            )
    for origin, heads in agree.items():
        logs[origin].shown.n_heads = len(heads)
    for origin, size in beyond.items():
        logs[origin].shown.findings.notice(f"others have seen it up to size {size}, and here it ends before")
    for (author, origin), numbers in cosigned.items():
        if not numbers:
            logs[origin].shown.findings.notice(
                f"{author} cosigned two heads of it that contradict each other"
            )
    for origin, count in sorted(absent.items()):
        whole.notice(f"{count} heads of {origin} were seen or cosigned, and that log is not here")


def _check_equivocations(log: _Log, read: Read, history: KeyHistory) -> None:
    for name in log.proofs:
        path = f"{log.shown.origin}/equivocations/{name}"
        try:
            proof = parse_equivocation(_named(read, path, name), where=path)
            verify_equivocation(proof, history.log_keys, where=path)
            if proof.smaller.head.origin != log.shown.origin:
                raise NotVerified("this is about another log", where=path)
        except InputError as error:
            log.shown.findings.problem(error)
            continue
        small, large = proof.smaller.head.size, proof.larger.head.size
        log.shown.findings.notice(f"its keeper signed two faces, at sizes {small} and {large} ({path})")


def _check_payloads(log: _Log, read: Read, standing: Standing) -> None:
    shown, origin = log.shown, log.shown.origin
    gone: dict[bytes, list[str]] = {}
    for fact in standing.redactions:
        if fact.origin == origin:
            gone.setdefault(fact.digest, []).append(f"entry {fact.place.index} of {fact.place.origin}")
    erased = standing.erased()
    every: dict[bytes, NamedPayload] = {}
    for face in log.faces.values():
        every |= {digest: one for digest, one in face.payloads.items() if digest not in every}
    for digest, one in every.items():
        path = f"{origin}/payload/{digest.hex()}"
        try:
            blob = read(path)
            if blob is not None and (payload_hash(blob) != digest or len(blob) != NONCE_SIZE + one.size):
                raise NotVerified(f"{path} is not what entry {one.index} names")
            if blob is not None and not is_bound(blob, origin):
                raise NotVerified(f"{path} was not made for an entry of {origin}")
        except InputError as error:
            shown.findings.problem(error)
            continue
        if blob is not None:
            shown.n_payloads += 1
            if (origin, digest) in erased:
                shown.findings.problem(f"{path} is here, though its own author redacted it; erase it")
        elif digest in gone:
            shown.n_redacted += 1
            shown.findings.notice(f"the payload of entry {one.index} was redacted by {gone[digest][0]}")
        else:
            shown.n_missing += 1


def _named(read: Read, path: str, name: str) -> bytes:
    """The file at a path whose last part, `name`, is its SHA-256 in hex."""
    data = needed(read, path)
    if hashlib.sha256(data).hexdigest() != name:
        raise NotVerified(f"{path} is not what its name says")
    return data
