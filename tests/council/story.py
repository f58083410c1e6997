"""A council's story in readable steps: who does what, who is cut off, when they heal, whose clock is wrong.

    story = Story("ann", "ben", "cat")                  a council of three, founded and joined
    concern = story.ann.does(Concern(title="Water"))    an act; everybody who can be reached has it at once
    story.cut("cat")                                    from here on cat's node reaches nobody
    story.passes(hours=3)
    story.heal("cat")
    story.ann.view                                      the council as ann's node sees it now

Entries have their real bytes, heads and acknowledgements are as a node would write them; only the signatures
and trees below are left out, which have tests of their own. `orders` gives other orders to fold a story in.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from allweather.council.acts import Act, Kinds, fields_of, ref_of
from allweather.council.bodies import KINDS, Charter, Join, Rules, SeatOf
from allweather.council.fold import Fold
from allweather.council.forms import Body
from allweather.council.view import View
from allweather.record.checkpoints import Head
from allweather.record.ed25519 import public_of
from allweather.record.entries import VERSION, Entry, format_entry, make_payload, sign_as_delegate
from allweather.record.facts import ack_body, delegate_body, is_bookkeeping
from allweather.record.keys import format_base64
from allweather.record.notes import NoteSignature

HOUR = 3_600
DAY = 24 * HOUR
START = 1_253_260_800  # 18 September 2009, 08:00 UTC
COUNCIL = "council"


def card_of(origin: str) -> str:
    """A digest that stands for a member's card."""
    return format_base64(hashlib.sha256(origin.encode()).digest())


def root_of(origin: str, size: int) -> bytes:
    """A hash that stands for a log's root at a size."""
    return hashlib.sha256(f"{origin} {size}".encode()).digest()


def seat(name: str) -> SeatOf:
    """The seat of a member, chair or secretariat of that name."""
    return SeatOf(f"{COUNCIL}/{name}", card_of(f"{COUNCIL}/{name}"))


@dataclass
class Person:
    """One member (or chair, or secretariat) with its node: own log, what it holds of others, its clock."""

    story: Story
    name: str
    slow: int = 0
    """How many seconds its clock is behind (negative: ahead)."""
    held: dict[str, int] = field(default_factory=dict)
    _listed: dict[str, int] = field(default_factory=dict)
    _acked: dict[str, int] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """The name of its log."""
        return f"{COUNCIL}/{self.name}"

    @property
    def clock(self) -> int:
        """The time by its own clock."""
        return self.story.now - self.slow

    @property
    def log(self) -> list[bytes]:
        """Its own entries."""
        return self.story.logs[self.origin]

    def does(
        self,
        body: Body,
        *,
        at: int | None = None,
        delegate: bytes | None = None,
        content: bytes | None = None,
        quietly: bool = False,
    ) -> str:
        """Sign an act and pass it on; gives its reference. `at` claims another time than the clock's.

        `quietly` keeps it on the own node until the next act or `story.exchange()`.
        """
        self.write(body.KIND, fields_of(body), at=at, delegate=delegate, content=content)
        ref = ref_of(self.log[-1])
        if not quietly:
            self.story.exchange()
        return ref

    def write(
        self,
        kind: str,
        fields: dict[str, object],
        *,
        at: int | None = None,
        delegate: bytes | None = None,
        content: bytes | None = None,
    ) -> None:
        """Append any entry to the own log."""
        seen = tuple(
            (origin, size, format_base64(root_of(origin, size)))
            for origin, size in sorted(self.held.items())
            if size > self._listed.get(origin, 0) and origin != self.origin
        )
        self._listed.update({origin: size for origin, size, _ in seen})
        payload = None
        if content is not None:
            payload, _ = make_payload(self.origin, content, "text/plain", bytes(16))
        when = self.clock if at is None else at
        entry = Entry(VERSION, self.origin, len(self.log), kind, when, fields, payload, seen)
        if delegate is not None:
            entry = sign_as_delegate(entry, delegate)
        self.log.append(format_entry(entry))
        self.held[self.origin] = len(self.log)

    def certifies(self, seed: bytes, name: str) -> str:
        """Certify a delegate's key in the own log; gives the key in base64."""
        self.write("record.delegate", delegate_body(public_of(seed), name))
        self.story.exchange()
        return format_base64(public_of(seed))

    def acknowledges(self) -> bool:
        """Cosign what is newly held of others, as a node does by itself."""
        new = []
        for origin, size in sorted(self.held.items()):
            before = self._acked.get(origin, 0)
            fresh = self.story.logs[origin][before:size]
            if origin != self.origin and any(not is_bookkeeping(entry) for entry in fresh):
                new.append((Head(origin, size, root_of(origin, size)), self.clock, _LINE))
                self._acked[origin] = size
        if new:
            self.write("record.ack", ack_body(new))
        return bool(new)

    @property
    def fold(self) -> Fold:
        """What it holds, folded afresh."""
        fold = Fold(COUNCIL, self.story.kinds)
        for origin, size in self.held.items():
            fold.apply(origin, 0, self.story.logs[origin][:size])
        return fold

    @property
    def view(self) -> View:
        """The council as it sees it by its own clock."""
        return View(self.fold, self.clock)

    def act(self, ref: str) -> Act:
        """One act that it holds."""
        return self.fold.acts[ref]


_LINE = NoteSignature("witness", bytes(4), (1).to_bytes(8, "big") + bytes(64))


class Story:
    """Members by name, a common clock, and who can reach whom. `**rules` are those of the charter."""

    def __init__(
        self,
        *names: str,
        chair: str = "",
        secretariat: str = "",
        rules: Rules | None = None,
        kinds: Kinds = KINDS,
        found: bool = True,
        **charter: object,
    ) -> None:
        self.kinds = kinds
        self.now = START
        self.logs: dict[str, list[bytes]] = {}
        self.people: dict[str, Person] = {}
        self._cut: set[str] = set()
        self._apart: set[frozenset[str]] = set()
        others = [name for name in (chair, secretariat) if name]
        for name in (*names, *others):
            self.add(name)
        if found:
            body = Charter(
                title="A council",
                members=tuple(seat(name) for name in names),
                chairs=(seat(chair),) if chair else (),
                secretariat=(seat(secretariat),) if secretariat else (),
                rules=rules or Rules(),
                **charter,  # type: ignore[arg-type]
            )
            self.charter = self.people[names[0]].does(body)
            for name in (*names, *others):
                self.people[name].does(Join(charter=self.charter))

    def add(self, name: str) -> Person:
        """A further node."""
        self.people[name] = Person(self, name)
        self.logs[f"{COUNCIL}/{name}"] = []
        return self.people[name]

    def __getattr__(self, name: str) -> Person:
        found = self.__dict__.get("people", {}).get(name)
        if not isinstance(found, Person):
            raise AttributeError(name)
        return found

    def passes(self, *, days: float = 0, hours: float = 0, seconds: int = 0) -> None:
        """Time passes for everybody."""
        self.now += int(days * DAY + hours * HOUR) + seconds

    def cut(self, *names: str) -> None:
        """These nodes reach nobody from here on."""
        self._cut |= set(names)

    def part(self, *names: str) -> None:
        """These nodes reach each other and nobody else."""
        for one in names:
            for other in self.people.keys() - set(names):
                self._apart.add(frozenset((one, other)))

    def heal(self, *names: str) -> None:
        """These nodes (or all) reach everybody again, and exchange what they have."""
        self._cut -= set(names or self.people)
        if not names:
            self._apart.clear()
        self.exchange()

    def _reach(self, one: str, other: str) -> bool:
        return not {one, other} & self._cut and frozenset((one, other)) not in self._apart

    def exchange(self) -> None:
        """Nodes pull from each other and acknowledge, until nobody has anything new."""
        moving = True
        while moving:
            moving = False
            for one in self.people.values():
                for other in self.people.values():
                    if one is not other and self._reach(one.name, other.name):
                        moving |= _pull(one, other)
                moving |= one.name not in self._cut and one.acknowledges()

    def fold(self, names: Sequence[str] = ()) -> Fold:
        """Everything that anybody has signed, folded together."""
        fold = Fold(COUNCIL, self.kinds)
        for origin, log in self.logs.items():
            fold.apply(origin, 0, log)
        return fold

    def view(self, at: int | None = None) -> View:
        """The council as somebody would see it who held everything."""
        return View(self.fold(), self.now if at is None else at)

    def orders(self, seed: int) -> Iterator[tuple[str, int]]:
        """All entries, as (origin, index), in a random order that causality allows."""
        dice = random.Random(seed)
        fold = self.fold()
        done = dict.fromkeys(self.logs, 0)
        while True:
            ready = [
                origin
                for origin, log in self.logs.items()
                if done[origin] < len(log)
                and all(
                    fold.order.n_seen(origin, done[origin], other) <= done[other]
                    for other in self.logs
                    if other != origin
                )
            ]
            if not ready:
                assert all(done[origin] == len(log) for origin, log in self.logs.items())
                return
            origin = dice.choice(ready)
            yield origin, done[origin]
            done[origin] += 1


def _pull(one: Person, other: Person) -> bool:
    new = False
    for origin, size in other.held.items():
        if size > one.held.get(origin, 0):
            one.held[origin] = size
            new = True
    return new
