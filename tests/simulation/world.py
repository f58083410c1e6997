"""A deterministic world of members, lines and disks: one seed is one story, and every story ends in the same
questions.

The rooms under test are the real ones: `record`, `sync` and the store in memory. Simulated is what lies
around them: the disk below the store (a power cut loses what was not made durable), the lines (cut, lossy,
repeating, truncating, spoiling), relays that leave out a log, the clocks, and up to n - 1 members who lie,
fork and collude. Honest members rotate keys, have them stolen, and are restored from backups.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from random import Random

from allweather.errors import Refused
from allweather.record.checkpoints import Head
from allweather.record.entries import Entry, parse_entry
from allweather.record.facts import ATTEST, attest_body
from allweather.record.keys import Signer, log_signer, parse_base64, recovery_signer, witness_signer
from allweather.record.members import Card, Succession, make_card, make_succession
from allweather.record.merkle import EMPTY_ROOT, leaf_hash
from allweather.record.notes import format_note
from allweather.record.standing import Face, LogStanding, Standing, stand
from allweather.record.storage import Batch, root_at
from allweather.record.writing import (
    Draft,
    acknowledge,
    adopt,
    awaited,
    departs_at,
    mark_asked,
    mark_restored,
    redact,
    write,
)
from allweather.store.memory import MemoryStore
from allweather.sync.layout import INDEX, Publication
from allweather.sync.pull import Pull, Report
from tests.simulation import lies, questions

COUNCIL = "sim"


class PowerCut(Exception):
    """The node stops in the middle of a commit."""


class SimDisk(MemoryStore):
    """The store in memory above a simulated disk: a row of batches, of which the last may not be durable yet.

    A commit returns when its batch is durable. `after_cut` gives what a power cut leaves.
    """

    def __init__(self, batches: Sequence[Batch] = ()) -> None:
        super().__init__()
        self.batches: list[Batch] = []
        self.n_durable = 0
        self.cut_in: int | None = None
        self.cut_keeps = False
        self.stood: tuple[int, Standing] | None = None
        self.listed: tuple[int, bytes | None] | None = None
        for batch in batches:
            self.take_in(batch)
        self.sync()

    def commit(self, batch: Batch) -> None:
        """Take a batch in and make it durable; the power may be cut just before or just after that."""
        if self.cut_in is not None:
            self.cut_in -= 1
            if self.cut_in < 0:
                if self.cut_keeps:
                    self.take_in(batch)
                    self.sync()
                raise PowerCut
        self.take_in(batch)
        self.sync()

    def take_in(self, batch: Batch) -> None:
        """Write a batch, which is not durable by that."""
        super().commit(batch)
        self.batches.append(batch)

    def sync(self) -> None:
        """What was written is durable from here on."""
        self.n_durable = len(self.batches)

    def after_cut(self) -> SimDisk:
        """The store as it comes up again."""
        return type(self)(self.batches[: self.n_durable])


def seed_of(*parts: object) -> bytes:
    """32 bytes fixed by their parts: the keys and nonces of a story."""
    return hashlib.sha256(repr(parts).encode()).digest()


def signers_of(origin: str, number: int) -> tuple[Signer, Signer, Signer]:
    """A member's log, witness and recovery keys of one generation."""
    return (
        log_signer(origin, seed_of(origin, "log", number)),
        witness_signer(origin, seed_of(origin, "witness", number)),
        recovery_signer(origin, seed_of(origin, "recovery", number)),
    )


@dataclass
class Member:
    """One member and its node: `signed` places are all it ever signed, `acknowledged` those it was told."""

    origin: str
    honest: bool
    log: Signer
    witness: Signer
    recovery: Signer
    card: Card
    disk: SimDisk
    clock: int
    generation: int = 0
    successions: list[Succession] = field(default_factory=list)
    stolen: Signer | None = None
    backup: tuple[Batch, ...] = ()
    second_face: SimDisk | None = None
    signed: set[tuple[int, bytes]] = field(default_factory=set)
    acknowledged: set[tuple[int, bytes]] = field(default_factory=set)
    blobs: dict[bytes, bytes] = field(default_factory=dict)
    redacted: set[bytes] = field(default_factory=set)

    @property
    def last(self) -> Card | Succession:
        """The note that a next succession follows."""
        return self.successions[-1] if self.successions else self.card


@dataclass
class Outcome:
    """What the questions at the end of a story found: all nothing, if the rules hold."""

    seed: int
    lost: int = 0
    accused: int = 0
    unproven: int = 0
    divergent: int = 0
    other: list[str] = field(default_factory=list)
    n_entries: int = 0
    n_two_faced: int = 0
    n_power_cuts: int = 0
    n_restored: int = 0
    n_stolen: int = 0
    n_successions: int = 0
    n_lies: int = 0

    @property
    def is_good(self) -> bool:
        """Whether every question was answered as it should be."""
        return not (self.lost or self.accused or self.unproven or self.divergent or self.other)


class World:
    """One story from one seed."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.outcome = Outcome(seed)
        n_members = self.dice.choice((2, 3, 3, 4, 5, 5))
        n_honest = self.dice.randint(1, n_members)
        self.members = [self._make(f"{COUNCIL}/m{i}", honest=i < n_honest) for i in range(n_members)]
        cards = tuple((one.origin, format_note(one.card.note)) for one in self.members)
        for one in self.members:
            one.disk.commit(replace(adopt(one.card), key_notes=cards))
        # Attestations may count only where those who lie are too few to attest alone.
        enough = n_members // 2 + 1
        self.able = n_members - n_honest < enough < n_honest
        self.quorum = enough if self.able and self.dice.random() < 0.7 else None
        self.attested = False
        self.contested: set[str] = set()
        self.cut: set[frozenset[str]] = set()
        self.now = 1_000_000

    def _make(self, origin: str, *, honest: bool) -> Member:
        signers = signers_of(origin, 0)
        clock = self.dice.choice((0, 0, 0, -90_000, 86_400, 10**7))
        return Member(origin, honest, *signers, make_card(*signers), SimDisk(), clock)

    def run(self, n_steps: int) -> Outcome:
        """Live through the story, heal, and ask."""
        steps: dict[Callable[[], object], int] = {
            self._write: 26,
            self._pull: 44,
            self._acknowledge: 10,
            self._cut_or_join: 4,
            self._power_cut: 5,
            self._backup: 2,
            self._restore: 2,
            self._rotate: 2,
            self._rotate_attested: 1,
            self._steal: 2,
            self._redact: 3,
            self._lie: 8,
        }
        for _ in range(n_steps):
            self.now += self.dice.randint(1, 600)
            (step,) = self.dice.choices(list(steps), list(steps.values()))
            step()
        self._heal()
        questions.ask(self)
        return self.outcome

    def any(self, *, honest: bool | None = None) -> Member | None:
        """Some member, or None where there is none of that sort."""
        some = [one for one in self.members if honest in (None, one.honest)]
        return self.dice.choice(some) if some else None

    def stand(self, disk: SimDisk) -> Standing:
        """Where the logs stand, under this council's rule; computed again only when something was written."""
        if disk.stood is None or disk.stood[0] != len(disk.batches):
            disk.stood = len(disk.batches), stand(disk, quorum=self.quorum)
        return disk.stood[1]

    def honest(self) -> list[Member]:
        """The members who follow the rules."""
        return [one for one in self.members if one.honest]

    # What members do.

    def commit_own(
        self,
        member: Member,
        make: Callable[[SimDisk, Standing], Batch | None],
        disk: SimDisk | None = None,
    ) -> bool:
        """Sign and commit an act of a member; gives whether it was acknowledged to whoever did it."""
        store = disk or member.disk
        batch: Batch | None = None
        try:
            batch = make(store, self.stand(store))
            if batch is None:
                return False
            places = _places(batch)
            member.signed |= places
            store.commit(batch)
        except Refused:
            return False
        except PowerCut:
            self._come_up(member)
            return False
        if disk is None:
            member.acknowledged |= places
            for blob in batch.payloads:
                member.blobs[hashlib.sha256(blob).digest()] = blob
        return True

    def at(self, member: Member) -> int:
        """The time by a member's clock, which may be wrong and may jump."""
        return max(1, self.now + member.clock + self.dice.choice((0, 0, 0, 0, -3_600)))

    def drafts(self, member: Member) -> list[Draft]:
        """Something to say."""
        made = []
        for number in range(self.dice.choice((1, 1, 1, 2, 5))):
            text = f"{member.origin} {self.now} {number}".encode()
            content = text if self.dice.random() < 0.5 else None
            made.append(Draft("sim.word", {"i": number, "t": self.now}, content, salt=seed_of(text)[:16]))
        return made

    def _write(self) -> None:
        member = self.any()
        if member is not None:
            self.say(member, self.drafts(member))

    def say(self, member: Member, drafts: list[Draft]) -> bool:
        """Append to the member's own log; gives whether it was acknowledged."""
        at = self.at(member)
        return self.commit_own(
            member,
            lambda store, now: write(store, now.logs[member.origin], member.log, drafts, at=at),
        )

    def _acknowledge(self) -> None:
        member = self.any()
        if member is not None:
            self.acknowledge(member)

    def acknowledge(self, member: Member) -> bool:
        """Cosign what is newly held; gives whether there was anything."""
        at = self.at(member)
        return self.commit_own(
            member,
            lambda store, now: acknowledge(store, now, member.log, member.witness, at=at),
        )

    def _redact(self) -> None:
        member = self.any(honest=True)
        if member is None:
            return
        for branch in member.disk.branches(member.origin):
            for data in member.disk.entries(branch, 0, branch.head.size):
                payload = parse_entry(data).payload
                digest = parse_base64(payload.hash) if payload else b""
                if digest in member.blobs and digest not in member.redacted:
                    # Even if the power is cut before it is acknowledged, it may have happened.
                    member.redacted.add(digest)
                    self._redact_one(member, parse_entry(data), self.at(member))
                    return

    def _redact_one(self, member: Member, entry: Entry, at: int) -> None:
        self.commit_own(
            member,
            lambda store, now: redact(store, now.logs[member.origin], member.log, entry, "asked to", at=at),
        )

    # The line between two nodes.

    def _cut_or_join(self) -> None:
        one, two = self.dice.sample(self.members, 2)
        self.cut ^= {frozenset((one.origin, two.origin))}

    def _pull(self) -> None:
        one, two = self.dice.sample(self.members, 2)
        if frozenset((one.origin, two.origin)) not in self.cut:
            self.pull(one, two, faulty=self.dice.random() < 0.4)

    def pull(self, one: Member, two: Member, *, faulty: bool = False) -> bool:
        """`one` takes in what `two` publishes; gives whether anything was new."""
        disk = two.disk
        if two.second_face is not None and int(one.origin[-1]) % 2:
            disk = two.second_face
        hidden = None
        if not two.honest and self.dice.random() < 0.3:
            hidden = self.dice.choice(self.members).origin
        return self.take_in(one, disk, two.origin, faulty=faulty, hidden=hidden)

    def take_in(
        self, one: Member, disk: SimDisk, node: str, *, faulty: bool = False, hidden: str | None = None
    ) -> bool:
        """`one` takes in what a disk holds, over a line that may be faulty; `hidden` is left out."""
        published = Publication(disk, self.stand(disk), node)
        n_before = len(one.disk.batches)
        try:
            standing = self.stand(one.disk)
            pull = Pull(one.disk, accept=lambda card: False, standing=standing, quorum=self.quorum)
            while paths := pull.outgoing():
                for path in paths:
                    data = None if hidden and path.startswith(hidden) else self._read(published, disk, path)
                    data = self._carry(data) if faulty else data
                    pull.receive(path, data)
                    if faulty and self.dice.random() < 0.05:
                        pull.receive(path, data)
                if faulty and self.dice.random() < 0.03:
                    return len(one.disk.batches) > n_before
            self._note_asked(one, pull.report)
        except PowerCut:
            self._come_up(one)
            return True
        return len(one.disk.batches) > n_before

    @staticmethod
    def _read(published: Publication, disk: SimDisk, path: str) -> bytes | None:
        if path != INDEX:
            return published.read(path)
        if disk.listed is None or disk.listed[0] != len(disk.batches):
            disk.listed = len(disk.batches), published.read(path)
        return disk.listed[1]

    @staticmethod
    def _note_asked(one: Member, report: Report) -> None:
        if report.complete and report.node in awaited(one.disk):
            one.disk.commit(mark_asked(one.disk, report.node))

    def _carry(self, data: bytes | None) -> bytes | None:
        fate = self.dice.random()
        if data is None or fate < 0.03:
            return None
        if fate < 0.06:
            return data[: self.dice.randrange(len(data) + 1)]
        if fate < 0.09 and data:
            place = self.dice.randrange(len(data))
            return data[:place] + bytes([data[place] ^ 1 << self.dice.randrange(8)]) + data[place + 1 :]
        return data

    # What happens to disks.

    def _power_cut(self) -> None:
        member = self.any(honest=True)
        if member is not None:
            member.disk.cut_in = self.dice.choice((0, 0, 1, 2, 5))
            member.disk.cut_keeps = self.dice.random() < 0.5

    def _come_up(self, member: Member) -> None:
        self.outcome.n_power_cuts += 1
        member.disk = member.disk.after_cut()

    def _backup(self) -> None:
        member = self.any(honest=True)
        if member is not None:
            member.backup = tuple(member.disk.batches[: member.disk.n_durable])

    def _restore(self) -> None:
        """The disk is gone, an old backup takes its place. What nobody else holds is gone with the disk."""
        member = self.any(honest=True)
        if member is None or not member.backup:
            return
        self.outcome.n_restored += 1
        member.disk = SimDisk(member.backup)
        # What the recovery key signed is kept with it.
        kit = tuple((member.origin, format_note(one.note)) for one in member.successions)
        member.disk.commit(Batch(key_notes=kit))
        member.disk.commit(mark_restored(member.disk, member.origin))
        held = [one.disk for one in self.honest()]
        member.acknowledged = {
            place for place in member.acknowledged if any(_has(disk, member.origin, place) for disk in held)
        }
        member.blobs = {
            digest: blob
            for digest, blob in member.blobs.items()
            if any(disk.payload(digest) is not None for disk in held) or digest in member.redacted
        }
        if len(self.honest()) < len(self.members):
            # Somebody may lie about what it holds, so that asking is not enough: the recovery key names new
            # keys from what honest members still hold.
            for other in self.honest():
                if other is not member:
                    self.take_in(member, other.disk, other.origin)
            self.succeed(member)

    # Keys.

    def _rotate(self) -> None:
        member = self.any(honest=True)
        if member is not None and not awaited(member.disk):
            self.succeed(member)

    def _rotate_attested(self) -> None:
        """A member has lost its recovery key too. The others know it, and attest the keys that it names."""
        member = self.any(honest=True)
        if member is None or self.quorum is None or awaited(member.disk):
            return
        if self.attested:
            # Members whose keys rest on each other's word could wait for it without end (SECURITY.md).
            return
        self.attested = True
        self.succeed(member, recovered=False)
        self._attest(member)

    def _is_waiting(self, member: Member) -> bool:
        """Whether a member's keys are not in force yet in its own sight."""
        return member.log.verifier != self.stand(member.disk).logs[member.origin].history.current.log

    def _attest(self, member: Member, made: Succession | None = None) -> None:
        for one in [made] if made else member.successions:
            for other in self.honest():
                if other is not member:
                    self.say(other, [Draft(ATTEST, attest_body(member.origin, one.digest))])

    def _steal(self) -> None:
        """Someone dishonest uses an honest member's log key, before and after the member has succeeded it."""
        member, thief = self.any(honest=True), self.any(honest=False)
        if member is None or thief is None or awaited(member.disk):
            return
        self.outcome.n_stolen += 1
        member.stolen = member.log
        lies.forge(self, member, thief)
        self.succeed(member)
        lies.forge(self, member, thief)

    def succeed(self, member: Member, *, recovered: bool = True) -> None:
        """The member names new keys, from the last position at which all entries are its own."""
        log = self.stand(member.disk).logs[member.origin]
        if self._is_waiting(member):
            # The keys that it named last are not attested yet: a further step would hang in the air.
            return
        # Of several faces the member goes on with the one that holds most of what it was told is kept.
        heads = [own_head(member, log, face) for face in log.faces]
        head = max(heads, key=lambda one: one[1:], default=(Head(member.origin, 0, EMPTY_ROOT),))[0]
        if log.history.contested:
            return
        signers = signers_of(member.origin, member.generation + 1)
        recovery = (member.recovery,) if recovered else ()
        made = make_succession(head, member.last, *signers, *recovery)
        note = format_note(made.note)
        try:
            member.disk.commit(adopt(made))
        except PowerCut:
            self._come_up(member)
            if note not in member.disk.key_notes(member.origin):
                return
        self.outcome.n_successions += 1
        member.successions.append(made)
        member.generation += 1
        member.log, member.witness, member.recovery = signers
        member.stolen = None if member.stolen is member.log else member.stolen

    def _lie(self) -> None:
        liar = self.any(honest=False)
        if liar is not None:
            self.outcome.n_lies += 1
            lies.lie(self, liar)

    # The end.

    def _heal(self) -> None:
        """Every line works again. Honest members exchange until nothing is new; each can then still speak."""
        self.cut.clear()
        for one in self.members:
            one.disk.cut_in = None
        for one in self.honest():
            for two in self.members:
                # Honest ones meet below; but who was restored has to ask each of them.
                if one is not two and (not two.honest or awaited(one.disk)):
                    self.take_in(one, two.disk, two.origin)
        for one in self.honest():
            if one.stolen is one.log:
                self.succeed(one)
            if self._is_waiting(one):
                self._attest(one)
        self._exchange()
        self._settle_contests()
        for one in self.honest():
            if not self._can_speak(one):
                self.outcome.other.append(f"{one.origin} can no longer write")
        self._exchange()

    def _settle_contests(self) -> None:
        """Members attest to each other which of two contesting successions is the true one."""
        for _ in range(8):
            contested = [
                one for one in self.honest() if self.stand(one.disk).logs[one.origin].history.contested
            ]
            for one in contested:
                for made in one.successions:
                    self._attest(one, made)
            if not contested:
                return
            self._exchange()

    def _can_speak(self, member: Member) -> bool:
        draft = Draft("sim.last", {})
        if self.say(member, [draft]):
            return True
        # The position that its last succession named may be lost with a disk. Then it names what is left.
        self.succeed(member)
        return self.say(member, [draft])

    def _exchange(self) -> None:
        honest = self.honest()
        # Each hears its neighbours only, up the row and down again: what reaches all of them was relayed.
        row = list(pairwise(honest))
        pairs = [(two, one) for one, two in row] + list(reversed(row))
        done: dict[tuple[str, str], tuple[int, int]] = {}
        idle: dict[str, int] = {}
        for _ in range(2 * len(honest) + 4):
            news = []
            for one, two in pairs:
                # Where neither has written since they last met, they would say the same again.
                if done.get((one.origin, two.origin)) != (len(one.disk.batches), len(two.disk.batches)):
                    news.append(self.take_in(one, two.disk, two.origin))
                    done[one.origin, two.origin] = (len(one.disk.batches), len(two.disk.batches))
            for one in honest:
                if idle.get(one.origin) != len(one.disk.batches):
                    news.append(self.acknowledge(one))
                    idle[one.origin] = len(one.disk.batches)
            if not any(news):
                return
        self.outcome.other.append("honest members do not come to rest")


def own_head(member: Member, log: LogStanding, face: Face) -> tuple[Head, int, int]:
    """The head of the longest beginning of a face that a succession can name and the member signed itself.

    With it: how many acknowledged entries are under it, and its size. If the position named before is lost
    with a disk, the face may be a thief's: the member reads it, and knows its own words.
    """
    branch = face.branch
    left = departs_at(member.disk, log, branch)
    most = face.n_standing if left is None else min(left.size, branch.head.size)
    entries = member.disk.entries(branch, 0, most)
    own = [(i, leaf_hash(data)) in member.signed for i, data in enumerate(entries)]
    size = [*own, False].index(False)
    root = root_at(member.disk, branch, size) if size else EMPTY_ROOT
    assert root is not None
    n_kept = sum((i, leaf_hash(data)) in member.acknowledged for i, data in enumerate(entries[:size]))
    return Head(member.origin, size, root), n_kept, size


def _places(batch: Batch) -> set[tuple[int, bytes]]:
    return {
        (growth.start + offset, leaf_hash(entry))
        for growth in batch.growths
        for offset, entry in enumerate(growth.entries)
    }


def _has(disk: SimDisk, origin: str, place: tuple[int, bytes]) -> bool:
    index, leaf = place
    return any(
        index < branch.head.size and leaf_hash(disk.entries(branch, index, index + 1)[0]) == leaf
        for branch in disk.branches(origin)
    )
