"""Where each log stands: whose word counts, what is disputed, who is shown to have two faces.

This is the record's own fold: a pure function of the set of what is held (cards, successions, branches,
entries). In which order it came, and under which number a holder keeps a branch, makes no difference;
`digest` shows that.

An entry *stands* if it lies on a branch whose checkpoint was signed by a key that speaks for that stretch of
the log, and the branch runs through every position that a succession has named. Any other entry that a key of
the member signed is *disputed*: shown, and counted as nobody's word. If two branches stand that contradict
each other, the member has two faces; the entries of both stand, so that nothing can be unsaid by
contradicting oneself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from allweather.record.canonical import format_canonical
from allweather.record.checkpoints import Head
from allweather.record.entries import Entry
from allweather.record.facts import Attestation, Delegation, Fact, Place, Redaction, collect
from allweather.record.keys import VerifierKey, format_base64
from allweather.record.members import (
    Card,
    KeyHistory,
    Succession,
    Voices,
    key_history,
    parse_card,
    parse_succession,
)
from allweather.record.storage import Branch, Storage, root_at

RootAt = Callable[[Branch, int], "bytes | None"]
BranchFacts = Mapping[tuple[str, int], Sequence[Fact]]
"""The facts in each branch's own entries, by origin and number of the branch."""

_CHUNK = 4_096


@dataclass(frozen=True, slots=True)
class Face:
    """One branch of a log with the number of its first entries that stand. The rest of it is disputed."""

    branch: Branch
    n_standing: int

    @property
    def head(self) -> Head:
        """The head of the branch."""
        return self.branch.head


@dataclass(frozen=True, slots=True)
class LogStanding:
    """One member's log: its keys, its faces, and whether it is shown to have two faces that both stand."""

    card: Card
    history: KeyHistory
    faces: tuple[Face, ...]
    two_faced: bool

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.card.origin

    @property
    def n_standing(self) -> int:
        """The longest stretch that stands on one branch."""
        return max((face.n_standing for face in self.faces), default=0)

    @property
    def n_disputed(self) -> int:
        """Entries that a key of the member signed and that do not stand."""
        return sum(face.head.size - max(face.n_standing, face.branch.fork_at) for face in self.faces)


@dataclass(frozen=True, slots=True)
class Standing:
    """All logs by origin, with the redactions and delegations that stand.

    `attested` are the digests of successions that anyone has attested, in an entry that stands or not.
    """

    logs: Mapping[str, LogStanding]
    redactions: tuple[Redaction, ...]
    delegations: tuple[Delegation, ...]
    attested: frozenset[bytes] = frozenset()

    def erased(self) -> frozenset[tuple[str, bytes]]:
        """The payloads, by author and digest, that their own authors redacted: every holder erases these."""
        return frozenset(
            (one.origin, one.digest) for one in self.redactions if one.origin == one.place.origin
        )

    def may_act(self, entry: Entry, index: int) -> bool:
        """Whether the delegate who wrote an entry of a log spoke for it at that place."""
        if entry.by is None:
            return True
        last: Delegation | None = None
        for one in self.delegations:
            place = one.place
            if place.origin == entry.log and one.key == entry.by.key and place.index < index:
                last = one if last is None or place >= last.place else last
        return last is not None and last.name is not None

    @property
    def digest(self) -> str:
        """SHA-256 in hex over everything that stands or is disputed: equal records have equal digests."""
        logs = []
        for origin in sorted(self.logs):
            log = self.logs[origin]
            faces = sorted([one.head.size, format_base64(one.head.root), one.n_standing] for one in log.faces)
            links = [format_base64(link) for link in log.history.links]
            logs.append([origin, faces, links, log.history.contested, log.two_faced])
        erased = sorted([origin, format_base64(digest)] for origin, digest in self.erased())
        delegations = sorted(
            [one.place.origin, one.place.index, format_base64(one.place.leaf), one.key, one.name or ""]
            for one in self.delegations
        )
        return hashlib.sha256(format_canonical([logs, erased, delegations])).hexdigest()


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of one log: its card, its successions and its branches."""

    card: Card
    successions: tuple[Succession, ...]
    branches: tuple[Branch, ...]


def held_logs(storage: Storage) -> dict[str, Held]:
    """What a store holds of each log, its notes parsed and their own signatures verified."""
    return {origin: held_log(storage, origin) for origin in storage.origins()}


def held_log(storage: Storage, origin: str) -> Held:
    """The same of one log, whose card must be held."""
    notes = storage.key_notes(origin)
    card = parse_card(notes[0], where=f"card of {origin}")
    successions = tuple(parse_succession(note, where=f"succession of {origin}") for note in notes[1:])
    return Held(card, successions, storage.branches(origin))


def held_facts(storage: Storage) -> dict[tuple[str, int], tuple[Fact, ...]]:
    """The facts in all entries of a store, read afresh."""
    found = {}
    for origin in storage.origins():
        for branch in storage.branches(origin):
            facts: list[Fact] = []
            for start in range(branch.fork_at, branch.head.size, _CHUNK):
                end = min(branch.head.size, start + _CHUNK)
                facts += collect(origin, start, storage.entries(branch, start, end))
            found[origin, branch.number] = tuple(facts)
    return found


def known_log_keys(held: Held) -> tuple[VerifierKey, ...]:
    """Every log key that the notes held of a member name, whether its succession counts or not."""
    return (held.card.keys.log, *(one.keys.log for one in held.successions))


def stand(storage: Storage, facts: BranchFacts | None = None, *, quorum: int | None = None) -> Standing:
    """Where every log of a store stands. `facts` are those of all entries, if they are at hand already.

    `quorum` is how many members must attest a succession that no recovery key signed. Without one
    attestations do not count: as many members as the quorum could take over the log of any other.
    """
    known = held_facts(storage) if facts is None else facts
    return settle(
        held_logs(storage), known, lambda branch, size: root_at(storage, branch, size), quorum=quorum
    )


def settle(
    logs: Mapping[str, Held], facts: BranchFacts, roots: RootAt, *, quorum: int | None = None
) -> Standing:
    """The fold itself, of what is held of each log and of the facts in the entries."""
    attested: Mapping[bytes, frozenset[str]] = {}
    standing: dict[str, LogStanding] = {}
    live: set[Fact] = set()
    # Attestations count where they stand, and where they stand may depend on attestations. So they are
    # counted in rounds, the first without any; one that counted stays counted, so that the rounds come to an
    # end.
    while True:
        standing = {
            origin: _stand_one(logs[origin], _voices(origin, logs, attested, quorum), roots)
            for origin in sorted(logs)
        }
        live = {
            fact
            for log in standing.values()
            for face in log.faces
            for fact in facts.get((log.origin, face.branch.number), ())
            if fact.place.index < face.n_standing
        }
        more = _attestations(live, attested)
        if more == attested:
            break
        attested = more
    return Standing(
        standing,
        tuple(sorted((one for one in live if isinstance(one, Redaction)), key=_by_place)),
        tuple(sorted((one for one in live if isinstance(one, Delegation)), key=_by_place)),
        frozenset(fact.digest for found in facts.values() for fact in found if isinstance(fact, Attestation)),
    )


def _voices(
    origin: str, logs: Mapping[str, Held], attested: Mapping[bytes, frozenset[str]], quorum: int | None
) -> Voices:
    """How attestations count for a log: only those of members of its own council."""
    council = origin.partition("/")[0] + "/"
    n_members = sum(other.startswith(council) for other in logs)

    def voices_for(digest: bytes) -> int:
        return sum(member.startswith(council) for member in attested.get(digest, ()))

    return Voices(voices_for, quorum, n_members // 2 + 1)


def _by_place(fact: Fact) -> Place:
    return fact.place


def _attestations(
    facts: Iterable[Fact], before: Mapping[bytes, frozenset[str]]
) -> Mapping[bytes, frozenset[str]]:
    """Who attests which succession, by those facts and by what counted before."""
    found = {digest: set(members) for digest, members in before.items()}
    for fact in facts:
        if isinstance(fact, Attestation) and fact.origin != fact.place.origin:
            found.setdefault(fact.digest, set()).add(fact.place.origin)
    return {digest: frozenset(members) for digest, members in found.items()}


def _stand_one(held: Held, voices: Voices, roots: RootAt) -> LogStanding:
    history = key_history(held.card, held.successions, voices)
    own = {branch.number: _spoken_for(branch, held.branches, history, roots) for branch in held.branches}
    shared = {
        (one.number, two.number): common_length(held.branches, one, two)
        for one in held.branches
        for two in held.branches
    }
    faces = tuple(
        Face(one, max(min(own[two.number], shared[one.number, two.number]) for two in held.branches))
        for one in held.branches
    )
    two_faced = any(min(own[one], own[two]) > length for (one, two), length in shared.items() if one != two)
    return LogStanding(held.card, history, faces, two_faced)


def _spoken_for(branch: Branch, branches: Sequence[Branch], history: KeyHistory, roots: RootAt) -> int:
    """How many entries of a branch the key that signed its checkpoint speaks for."""
    period = -1
    for number, one in enumerate(history.periods):
        if branch.checkpoint.note.signed_by(one.keys.log):
            period = number
    if period < 0:
        return _spoken_for_others(branch, history, roots)
    for number, one in enumerate(history.periods):
        end = one.end
        if end is None:
            break
        root = roots(branch, end.size)
        if root is not None and root != end.root:
            return 0
        if number < period:
            if root is None:
                return 0
            continue
        if root is not None:
            return end.size
        # Shorter than the position named: its beginning, unless the branch that runs through that position is
        # held, for then this one has left it before.
        named = any(roots(other, end.size) == end.root for other in branches if other is not branch)
        return 0 if named else branch.head.size
    return branch.head.size


def _spoken_for_others(branch: Branch, history: KeyHistory, roots: RootAt) -> int:
    """The same for a face that a key outside the history signed: it goes on where the last period ends."""
    ends = [one.end for one in history.periods if one.end is not None]
    if len(ends) < len(history.periods) or any(roots(branch, end.size) != end.root for end in ends):
        return 0
    return ends[-1].size


def common_length(branches: Sequence[Branch], one: Branch, two: Branch) -> int:
    """How many entries two branches of a log share from its beginning."""
    limits = _ancestry(branches, one)
    best = 0
    for number, limit in _ancestry(branches, two).items():
        if number in limits:
            best = max(best, min(limit, limits[number]))
    return best


def _ancestry(branches: Sequence[Branch], branch: Branch) -> dict[int, int]:
    """Each branch on the way to the root, with how much of it `branch` shares."""
    by_number = {one.number: one for one in branches}
    found = {branch.number: branch.head.size}
    limit = branch.head.size
    while branch.parent is not None:
        limit = min(limit, branch.fork_at)
        branch = by_number[branch.parent]
        found[branch.number] = limit
    return found
