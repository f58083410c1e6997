"""Writing: how a member's own log grows. Nothing is signed that might fork it.

Each function reads the store and gives the batch to commit. What it signed must not leave the node before the
batch is durable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from allweather.errors import Refused
from allweather.record.canonical import format_canonical, parse_canonical
from allweather.record.checkpoints import Head, sign_checkpoint
from allweather.record.entries import (
    VERSION,
    Entry,
    Payload,
    format_entry,
    make_payload,
    sign_as_delegate,
)
from allweather.record.facts import (
    ACK,
    REDACT,
    Acknowledgement,
    ack_body,
    collect,
    is_bookkeeping,
    redact_body,
)
from allweather.record.keys import Signer, format_base64, parse_base64
from allweather.record.members import Card, Succession
from allweather.record.merkle import EMPTY_ROOT, HASH_SIZE, Edge, leaf_hash
from allweather.record.notes import cosign, format_note
from allweather.record.standing import LogStanding, Standing
from allweather.record.storage import Batch, Branch, Cosigned, Growth, Storage, edge_at, grow, root_at

SEEN_MARK = "seen"
RESTORED_MARK = "restored"
OWN_MARK = "own"
_MAX_MARK = 2**20
_CHUNK = 4_096
# So many rows of the longest names leave room in an entry for each other.
_SEEN_AT_ONCE = 128
_ACKS_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry to be. `content` becomes the payload, salted with `salt` (16 bytes that nobody can guess)."""

    kind: str
    body: dict[str, Any]
    content: bytes | None = None
    media_type: str = "text/plain"
    salt: bytes = b""
    audience: tuple[str, ...] = ()
    delegate: bytes | None = None


def write(storage: Storage, log: LogStanding, signer: Signer, drafts: Sequence[Draft], *, at: int) -> Batch:
    """The batch that appends `drafts` to the member's own log under one signed checkpoint.

    `at` is the author's clock (seconds since 1970). Raises Refused if the log may not be written now,
    Malformed if a draft breaks a bound.
    """
    if not drafts:
        raise Refused("there is nothing to write")
    base = check_may_write(storage, log, signer)
    start = base.edge.size
    seen, mark = _changed_heads(storage, log.origin)
    entries, blobs = [], []
    for offset, draft in enumerate(drafts):
        payload: Payload | None = None
        if draft.content is not None:
            payload, blob = make_payload(log.origin, draft.content, draft.media_type, draft.salt)
            blobs.append(blob)
        entry = Entry(
            v=VERSION,
            log=log.origin,
            n=start + offset,
            kind=draft.kind,
            at=at,
            body=draft.body,
            payload=payload,
            seen=seen if offset == 0 else (),
            audience=draft.audience,
        )
        if draft.delegate is not None:
            entry = sign_as_delegate(entry, draft.delegate)
        entries.append(format_entry(entry, where=f"entry {start + offset}"))
    growth = _sign_growth(base, entries, log.origin, signer)
    own = format_canonical(_own_mark(growth.branch.head))
    return Batch((growth,), payloads=tuple(blobs), marks=((SEEN_MARK, mark), (OWN_MARK, own)))


@dataclass(frozen=True, slots=True)
class Base:
    """What a log goes on from: a branch with its edge, or a new branch that leaves `parent` there."""

    branch: Branch | None
    edge: Edge
    parent: Branch | None = None
    number: int = 0


def check_may_write(storage: Storage, log: LogStanding, signer: Signer) -> Base:
    """What the member's own log goes on from.

    Raises Refused if the key is not the one in force, if the store was restored and peers were not asked yet,
    if the log has two faces, or if no face is held that runs through what its successions name.
    """
    if signer.verifier != log.history.current.log or log.history.contested:
        raise Refused(f"this is not the key in force for {log.origin}: it was succeeded, or is contested")
    waiting = awaited(storage)
    if waiting == (log.origin,):
        raise Refused(
            "this store was restored from a copy that knows no other member, so that nobody can say how far "
            f"{log.origin} had come; let the recovery key name a successor"
        )
    if waiting:
        raise Refused(
            f"this store was restored; before it writes, ask these members how far {log.origin} had come: "
            f"{', '.join(waiting)}. Import from each of them, or let the recovery key name a successor"
        )
    if log.two_faced:
        raise Refused(
            f"the log of {log.origin} has two faces; let the recovery key name the one that goes on"
        )
    mine = [
        one.branch
        for one in log.faces
        if one.n_standing == one.head.size and one.branch.checkpoint.note.signed_by(signer.verifier)
    ]
    if mine:
        branch = max(mine, key=lambda one: one.head.size)
        _check_own(storage, branch)
        return Base(branch, branch.edge)
    named = log.history.periods[-1].start
    if named is None or named.size == 0:
        first = log.faces[0].branch if log.faces else None
        number = max((one.branch.number + 1 for one in log.faces), default=0)
        return Base(None, Edge(), first, number)
    return _leave_at(storage, log, named)


def _check_own(storage: Storage, branch: Branch) -> None:
    """Raise Refused if a branch goes on beyond what this store signed: then the key is used elsewhere."""
    mark = storage.mark(OWN_MARK)
    if mark is not None and parse_canonical(mark, limit=_MAX_MARK) != _own_mark(branch.head):
        raise Refused(
            f"{branch.origin} has entries that its key signed, but not here. If this store was restored, say "
            "so and ask the other members; if the key is used elsewhere or stolen, let the recovery key name "
            "a successor"
        )


def _own_mark(head: Head) -> list[int | str]:
    return [head.size, format_base64(head.root)]


def departs_at(storage: Storage, log: LogStanding, branch: Branch) -> Head | None:
    """The first position that ends a key's period and is not on a branch; None if all are.

    A next succession may name that size on this branch, or less, and so take back what earlier ones named. If
    it names more, nothing that follows stands.
    """
    ends = (period.end for period in log.history.periods if period.end is not None)
    return next((end for end in ends if root_at(storage, branch, end.size) != end.root), None)


def _leave_at(storage: Storage, log: LogStanding, named: Head) -> Base:
    for face in log.faces:
        branch = face.branch
        # A face may run through this position and not through an earlier one. What is signed upon it would
        # not stand, and so not be found again and built upon: the next entry would fork the log.
        if departs_at(storage, log, branch) is None:
            if branch.head.size == named.size:
                return Base(branch, branch.edge)
            number = max(one.branch.number for one in log.faces) + 1
            return Base(None, edge_at(storage, branch, named.size), branch, number)
    raise Refused(
        f"no face of {log.origin} that is held here runs through all that its successions name, up to entry "
        f"{named.size}; import from the other members, or let the recovery key name a position that is held"
    )


def _sign_growth(base: Base, entries: Sequence[bytes], origin: str, signer: Signer) -> Growth:
    edge = base.edge.extend([leaf_hash(entry) for entry in entries])
    checkpoint = sign_checkpoint(Head(origin, edge.size, edge.root()), signer)
    fork = (base.parent, base.edge) if base.parent else None
    return grow(base.branch, entries, checkpoint, number=base.number, fork=fork)


def awaited(storage: Storage) -> tuple[str, ...]:
    """The members that must be asked for this log's head before it is written, after a restore."""
    mark = storage.mark(RESTORED_MARK)
    return tuple(parse_canonical(mark, limit=_MAX_MARK)) if mark else ()


def mark_restored(storage: Storage, own: str) -> Batch:
    """What to commit after a store was restored from a backup: every other member must be asked first.

    Where the backup knows no other member, nobody can be named who was asked: then only a succession helps.
    """
    others = [origin for origin in storage.origins() if origin != own]
    return Batch(marks=((RESTORED_MARK, format_canonical(others or [own])), (OWN_MARK, None)))


def adopt(made: Card | Succession) -> Batch:
    """What to commit when a member gets keys: its card's, or new ones that it or its fellows named.

    It also ends the waiting after a restore: what the old key may have signed elsewhere is disputed by it.
    From here on nothing else than the position named is built upon, should the key be stolen before it is
    used.
    """
    head = made.head if isinstance(made, Succession) else Head(made.origin, 0, EMPTY_ROOT)
    note = (made.origin, format_note(made.note))
    own = format_canonical(_own_mark(head))
    return Batch(key_notes=(note,), marks=((RESTORED_MARK, None), (OWN_MARK, own)))


def mark_asked(storage: Storage, member: str) -> Batch:
    """What to commit after everything that `member` holds of this log was taken in."""
    left = [origin for origin in awaited(storage) if origin != member]
    return Batch(marks=((RESTORED_MARK, format_canonical(left) if left else None),))


def _changed_heads(storage: Storage, own: str) -> tuple[tuple[tuple[str, int, str], ...], bytes]:
    """Heads of other logs that changed since they were listed, and the mark that lists them.

    One of each log, and not more than fit into an entry: of a log with several faces, and of a large council,
    the rest follows with the next entries.
    """
    mark = storage.mark(SEEN_MARK)
    rows = parse_canonical(mark, limit=_MAX_MARK) if mark else []
    listed = {(row[0], row[1]): (row[2], row[3]) for row in rows}
    changed: dict[str, tuple[str, int, str]] = {}
    for origin in storage.origins():
        # The face that came last is the one that goes on, where a succession has named one.
        for branch in reversed(storage.branches(origin) if origin != own else ()):
            now = branch.head.size, format_base64(branch.head.root)
            if origin in changed or len(changed) >= _SEEN_AT_ONCE:
                break
            if listed.get((origin, branch.number)) != now:
                changed[origin] = (origin, *now)
                listed[origin, branch.number] = now
    after = [[origin, number, *listed[origin, number]] for origin, number in sorted(listed)]
    return tuple(changed[origin] for origin in sorted(changed)), format_canonical(after)


def redact(
    storage: Storage, log: LogStanding, signer: Signer, target: Entry, ground: str, *, at: int
) -> Batch:
    """The batch that erases the payload of an entry here and says so, with its ground, in the own log.

    If the entry is the member's own, every other holder erases it too. Raises Refused if it names no payload.
    """
    if target.payload is None:
        raise Refused(f"entry {target.n} of {target.log} has no payload that could be erased")
    digest = parse_base64(target.payload.hash, size=HASH_SIZE)
    body = redact_body(target.log, target.n, digest, ground)
    return replace(write(storage, log, signer, (Draft(REDACT, body),), at=at), erased=(digest,))


def acknowledge(
    storage: Storage,
    standing: Standing,
    log: Signer,
    witness: Signer,
    *,
    at: int,
    before: Mapping[str, Sequence[Head]] | None = None,
) -> Batch | None:
    """The batch that cosigns what is newly held of other logs and says so in the own one; None if nothing is.

    Only what stands whole is cosigned. A witness never vouches for two faces: of each log it goes on with the
    one that it cosigned before, by its own entries, the disputed ones included; unless that face stands no
    longer. Acknowledgements alone call for none, so that two members do not answer each other without end.
    `before` is what `cosigned_before` gives, if it is at hand already.
    """
    own = log.name
    known = cosigned_before(storage, own) if before is None else before
    given = []
    for origin in sorted(standing.logs):
        found = (
            None if origin == own else _face_to_cosign(storage, standing.logs[origin], known.get(origin, ()))
        )
        if found is None:
            continue
        branch, size = found
        if any(not is_bookkeeping(entry) for entry in storage.entries(branch, size, branch.head.size)):
            given.append((branch.head, at, cosign(branch.head.text, witness, at)))
    if not given:
        return None
    parts = [given[start : start + _ACKS_AT_ONCE] for start in range(0, len(given), _ACKS_AT_ONCE)]
    drafts = [Draft(ACK, ack_body(part)) for part in parts]
    batch = write(storage, standing.logs[own], log, drafts, at=at)
    return replace(batch, cosigned=tuple(Cosigned(head, line) for head, _, line in given))


class KeptCosigned:
    """The heads of other logs that a member cosigned, by its own entries on any face; read once."""

    def __init__(self, own: str) -> None:
        self.own = own
        self._heads: dict[str, set[Head]] = {}
        self._read: dict[int, int] = {}

    def update(self, storage: Storage) -> Mapping[str, tuple[Head, ...]]:
        """Read what is new in the own log; all heads by origin, by size and root."""
        for branch in storage.branches(self.own):
            for start in range(self._read.get(branch.number, branch.fork_at), branch.head.size, _CHUNK):
                end = min(branch.head.size, start + _CHUNK)
                for fact in collect(self.own, start, storage.entries(branch, start, end)):
                    if isinstance(fact, Acknowledgement):
                        self._heads.setdefault(fact.head.origin, set()).add(fact.head)
            self._read[branch.number] = branch.head.size
        return {
            origin: tuple(sorted(heads, key=lambda one: (one.size, one.root)))
            for origin, heads in self._heads.items()
        }


def cosigned_before(storage: Storage, own: str) -> Mapping[str, tuple[Head, ...]]:
    """The heads of other logs that a member cosigned, by its own entries on any face, read afresh."""
    return KeptCosigned(own).update(storage)


def _face_to_cosign(storage: Storage, log: LogStanding, before: Sequence[Head]) -> tuple[Branch, int] | None:
    """The face to cosign next, and how many of its entries were cosigned already. `before` is by size."""
    whole = [face.branch for face in log.faces if face.n_standing == face.head.size]
    if len(whole) == 1:
        # Nothing to choose: the largest head on it will do, and that is mostly the last.
        return whole[0], next((head.size for head in reversed(before) if _is_on(storage, whole[0], head)), 0)
    under = {branch.number: {head for head in before if _is_on(storage, branch, head)} for branch in whole}
    standing = set().union(*under.values()) if under else set()
    for branch in whole:
        if under[branch.number] == standing:
            return branch, max((head.size for head in standing), default=0)
    return None


def _is_on(storage: Storage, branch: Branch, head: Head) -> bool:
    return root_at(storage, branch, head.size) == head.root
