"""Exploring a record: its logs, their entries, and what there is to say of one entry; as JSON values.

The terminal and the pages show the same. What is looked at is a store with where its logs stand: that of a
home, of a running node, or what static files hold. Nothing here writes, and nothing is believed that is not
checked: a time bracket rests only on cosignatures that hold.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from msgspec import to_builtins

from allweather.errors import InputError, Malformed, UnknownName
from allweather.node.settling import KeptFacts
from allweather.node.sharing import SharedDesk
from allweather.node.taking import frozen
from allweather.record.brackets import Bracket, bracket, seen_before
from allweather.record.checkpoints import Head, verify_cosignature
from allweather.record.entries import Entry, is_signed_by_delegate, parse_entry, read_payload
from allweather.record.facts import Acknowledgement, Fact, collect
from allweather.record.keys import VerifierKey, format_base64, parse_base64
from allweather.record.merkle import leaf_hash
from allweather.record.notes import NoteSignature
from allweather.record.standing import Face, LogStanding, Standing
from allweather.record.storage import Branch, Storage, root_at

MAX_TEXT_SHOWN = 20_000
_CHUNK = 4_096
_TRIES = 3


@dataclass(slots=True)
class RecordView:
    """A store with where its logs stand. `faults` are sentences about what could not be taken in.

    `facts` are those in all entries, by origin and number of the branch.
    """

    storage: Storage
    standing: Standing
    facts: Mapping[tuple[str, int], tuple[Fact, ...]]
    own: str = ""
    faults: list[str] = field(default_factory=list)

    def log(self, origin: str) -> LogStanding:
        """One log. Raises UnknownName if it is not held."""
        found = self.standing.logs.get(origin)
        if found is None:
            raise UnknownName(
                f"{origin!r:.100} is no log that is held here; these are: "
                f"{', '.join(sorted(self.standing.logs)[:20]) or 'none'}"
            )
        return found

    def face(self, origin: str, index: int, number: int | None) -> Face:
        """The face of a log that has an entry. Raises UnknownName if none has."""
        log = self.log(origin)
        fitting = [
            face
            for face in log.faces
            if index < face.head.size and (number is None or face.branch.number == number)
        ]
        if not fitting:
            held = max((face.head.size for face in log.faces), default=0)
            raise UnknownName(f"{origin} has no entry {index} here: {held} are held, counted from 0")
        return next((face for face in fitting if index < face.n_standing), fitting[0])

    def entry(self, face: Face, index: int) -> tuple[bytes, Entry | None]:
        """An entry's bytes, and what they spell if they are an entry of that place."""
        (data,) = self.storage.entries(face.branch, index, index + 1)
        return data, placed(data, face.branch.origin, index)


def placed(data: bytes, origin: str, index: int) -> Entry | None:
    """What bytes spell if they are an entry of that place; None if they are unreadable."""
    try:
        entry = parse_entry(data)
    except InputError:
        return None
    return entry if (entry.log, entry.n) == (origin, index) else None


# Logs and rows of entries


def log_row(view: RecordView, log: LogStanding) -> dict[str, Any]:
    """One log in short: its card, faces with size and root, and what is disputed, missing or redacted."""
    return {
        "card": log.card.digest.hex(),
        "contested": log.history.contested,
        "disputed": log.n_disputed,
        "faces": [
            {
                "number": face.branch.number,
                "root": format_base64(face.head.root),
                "size": face.head.size,
                "stands": face.n_standing,
            }
            for face in log.faces
        ],
        "missing": sum(one.origin == log.origin for one in view.storage.wanted()),
        "origin": log.origin,
        "own": log.origin == view.own,
        "redacted": len({one.digest for one in view.standing.redactions if one.origin == log.origin}),
        "successions": len(log.history.periods) - 1,
        "two_faced": log.two_faced,
    }


def entry_rows(
    view: RecordView, origin: str, number: int | None, start: int = 0, end: int | None = None
) -> list[dict[str, Any]]:
    """A row for each entry in [start, end): of one face, or of the first with what the others have apart."""
    rows = []
    for face in view.log(origin).faces:
        if number is not None and face.branch.number != number:
            continue
        begin = max(start, 0 if number is not None else face.branch.fork_at)
        stop = face.head.size if end is None else min(end, face.head.size)
        for at in range(begin, stop, _CHUNK):
            for index, data in enumerate(view.storage.entries(face.branch, at, min(stop, at + _CHUNK)), at):
                rows.append(_entry_row(view, face, index, data))
    return rows


def _entry_row(view: RecordView, face: Face, index: int, data: bytes) -> dict[str, Any]:
    entry = placed(data, face.branch.origin, index)
    row: dict[str, Any] = {
        "face": face.branch.number,
        "n": index,
        "stands": index < face.n_standing,
        "readable": entry is not None,
    }
    if entry is not None:
        row |= {"at": entry.at, "kind": entry.kind, "payload": _payload_state(view, entry)}
        row["delegate"] = None if entry.by is None else _delegate(view, entry)
    return row


def _payload_state(view: RecordView, entry: Entry) -> str | None:
    """`held`, `redacted`, `missing`, or None if the entry names no payload."""
    if entry.payload is None:
        return None
    digest = parse_base64(entry.payload.hash)
    if view.storage.payload(digest) is not None:
        return "held"
    redacted = any(one.digest == digest for one in view.standing.redactions)
    return "redacted" if redacted or view.storage.is_erased(digest) else "missing"


def _delegate(view: RecordView, entry: Entry) -> dict[str, Any]:
    """Who wrote an entry for the member, and whether signature and leave hold."""
    assert entry.by is not None
    names = [
        one.name
        for one in view.standing.delegations
        if one.name
        and one.place.origin == entry.log
        and one.key == entry.by.key
        and one.place.index < entry.n
    ]
    holds = is_signed_by_delegate(entry) and view.standing.may_act(entry, entry.n)
    return {"holds": holds, "key": entry.by.key, "name": names[-1] if names else ""}


# One entry


def describe_entry(view: RecordView, face: Face, index: int) -> dict[str, Any]:
    """Everything that there is to say of an entry."""
    data, entry = view.entry(face, index)
    origin = face.branch.origin
    found: dict[str, Any] = {
        "face": face.branch.number,
        "leaf": format_base64(leaf_hash(data)),
        "n": index,
        "origin": origin,
        "readable": entry is not None,
        "stands": index < face.n_standing,
        "two_faced": view.log(origin).two_faced,
    }
    if entry is None:
        return found
    known = bracket_of(view, face, index, entry)
    found["entry"] = to_builtins(entry)
    found["delegate"] = None if entry.by is None else _delegate(view, entry)
    found["payload"] = _payload(view, entry)
    found["after"] = [[one.time, one.member] for one in known.after]
    found["before"] = [[one.time, one.member] for one in known.before]
    found["redactions"] = [
        {"at": one.at, "by": one.place.origin, "ground": one.ground, "n": one.place.index}
        for one in view.standing.redactions
        if (one.origin, one.index) == (origin, index)
    ]
    return found


def _payload(view: RecordView, entry: Entry) -> dict[str, Any] | None:
    if entry.payload is None:
        return None
    state = _payload_state(view, entry)
    found = {"size": entry.payload.size, "state": state, "type": entry.payload.type}
    blob = view.storage.payload(parse_base64(entry.payload.hash)) if state == "held" else None
    if blob is not None and entry.payload.type.startswith("text/"):
        content = read_payload(entry.payload, blob, entry.log)[: 4 * MAX_TEXT_SHOWN]
        found["text"] = content.decode("utf-8", "replace")[:MAX_TEXT_SHOWN]
    return found


# Between which times it was said


def bracket_of(view: RecordView, face: Face, index: int, entry: Entry) -> Bracket:
    """The bracket of an entry, from acknowledgements that stand and whose cosignatures hold.

    Of each member only the word that decides is looked for: its latest that the author had seen, its earliest
    of a head that covers the entry. So only a few cosignatures are verified, however long the record is.
    """
    seen = seen_before(list(_earlier(view, face, index)))
    seen_words: dict[str, list[Acknowledgement]] = defaultdict(list)
    covering: dict[str, list[Acknowledgement]] = defaultdict(list)
    for one in _acknowledgements(view):
        member = one.place.origin
        if member != entry.log and one.place.index < seen.get(member, 0):
            seen_words[member].append(one)
        if one.head.origin == entry.log and one.head.size > index:
            covering[member].append(one)
    after = [_first(view, sorted(some, key=lambda one: -one.time)) for some in seen_words.values()]
    roots: dict[Head, bool] = {}

    def covers(one: Acknowledgement) -> bool:
        if one.head not in roots:
            roots[one.head] = root_at(view.storage, face.branch, one.head.size) == one.head.root
        return roots[one.head]

    before = [
        _first(view, (one for one in sorted(some, key=lambda one: one.time) if covers(one)))
        for some in covering.values()
    ]
    words = [one for one in (*after, *before) if one is not None]
    return bracket(entry, seen, words, [one.head for one in before if one is not None])


def _earlier(view: RecordView, face: Face, index: int) -> Iterator[Entry]:
    """The entries up to and with one that list heads seen."""
    for start in range(0, index + 1, _CHUNK):
        for data in view.storage.entries(face.branch, start, min(index + 1, start + _CHUNK)):
            if b'"seen":[[' in data:
                try:
                    yield parse_entry(data)
                except Malformed:
                    continue


def _acknowledgements(view: RecordView) -> Iterator[Acknowledgement]:
    """The acknowledgements that stand; whether their cosignatures hold is not looked at yet."""
    for origin, log in view.standing.logs.items():
        for face in log.faces:
            for fact in view.facts.get((origin, face.branch.number), ()):
                if isinstance(fact, Acknowledgement) and fact.place.index < face.n_standing:
                    yield fact


def _first(view: RecordView, words: Iterable[Acknowledgement]) -> Acknowledgement | None:
    """The first of some acknowledgements by one member whose cosignature holds."""
    for one in words:
        keys = {key.key_id: key for key in view.standing.logs[one.place.origin].history.witness_keys}
        key = keys.get(one.line.key_id)
        if key is not None and _holds(one.head, one.line, key):
            return one
    return None


@lru_cache(maxsize=2**16)
def _holds(head: Head, line: NoteSignature, key: VerifierKey) -> bool:
    try:
        verify_cosignature(head, line, key)
    except InputError:
        return False
    return True


def holders_of(view: RecordView) -> dict[str, dict[str, Acknowledgement]]:
    """For each log, by member: the longest head on its first face that a cosignature of the member shows."""
    best: dict[tuple[str, str], list[Acknowledgement]] = defaultdict(list)
    for one in _acknowledgements(view):
        known = best[one.head.origin, one.place.origin]
        if not known or one.head.size >= known[-1].head.size:
            known.append(one)  # the longest come last, so that few are looked at
    found: dict[str, dict[str, Acknowledgement]] = {origin: {} for origin in view.standing.logs}
    roots: dict[Head, bool] = {}
    for (origin, member), some in sorted(best.items()):
        log = view.standing.logs.get(origin)
        if log is None or not log.faces:
            continue
        branch = log.faces[0].branch

        def is_on(one: Acknowledgement, branch: Branch = branch) -> bool:
            if one.head not in roots:
                roots[one.head] = root_at(view.storage, branch, one.head.size) == one.head.root
            return roots[one.head]

        first = _first(view, (one for one in reversed(some) if is_on(one)))
        if first is not None:
            found[origin][member] = first
    return found


def cosigners_of(view: RecordView, head: Head) -> dict[str, int]:
    """Who cosigned a head, by entries that stand, and when by its own clock (seconds since 1970)."""
    found: dict[str, int] = {}
    for one in _acknowledgements(view):
        if one.head == head and one.place.origin not in found and _first(view, [one]) is not None:
            found[one.place.origin] = one.time
    return dict(sorted(found.items()))


class Explorer:
    """The record of a running node, to look at from any thread, beside whoever writes."""

    def __init__(self, shared: SharedDesk) -> None:
        self._shared = shared
        self._facts = KeptFacts(collect)
        self._lock = threading.Lock()

    def view(self) -> RecordView:
        """The record as it is now."""
        desk = self._shared.desk
        for _ in range(_TRIES):
            standing, storage = desk.standing, frozen(desk.storage)
            if _heads(storage) == {face.head for log in standing.logs.values() for face in log.faces}:
                break
        else:
            with self._shared.lock:
                standing, storage = desk.standing, frozen(desk.storage)
        with self._lock:
            facts = dict(self._facts.update(storage))
        return RecordView(storage, standing, facts, self._shared.origin)


def _heads(storage: Storage) -> set[Head]:
    return {branch.head for origin in storage.origins() for branch in storage.branches(origin)}
