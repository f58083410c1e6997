"""What a busy council does in half a year: which acts, how many, and what each of them is about.

The mix is a guess that leans to the dear side: more silences, brackets and sealed rounds than most councils
will have. It is the same for a seed. Numbers are those of 100,000 entries; fewer entries have fewer of each.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from allweather.cooperation import bodies as work
from allweather.council import bodies as b
from allweather.council.acts import fields_of
from allweather.council.forms import Body
from allweather.council.rounds import bind_salt, commitment
from allweather.record.writing import Draft

HOUR, DAY = 3_600, 86_400
DAYS = 180
WHOLE = 100_000

# Each with its number among 100,000 entries, and from which part of the time on.
PLAN: dict[str, tuple[int, float]] = {
    "concern": (1_000, 0.0),
    "agenda": (1_500, 0.05),
    "disapprove": (60, 0.05),
    "merge": (30, 0.1),
    "reply": (2_000, 0.02),
    "text": (300, 0.02),
    "revision": (250, 0.1),
    "position": (9_000, 0.05),
    "expectation": (1_500, 0.05),
    "round": (25, 0.1),
    "draft": (60, 0.05),
    "amend": (900, 0.1),
    "back": (1_200, 0.12),
    "release": (300, 0.2),
    "silence": (100, 0.15),
    "reserve": (60, 0.3),
    "track": (12, 0.02),
    "offer": (500, 0.05),
    "accept": (1_000, 0.06),
    "milestone": (1_000, 0.1),
    "confirm": (800, 0.12),
    "dispute": (20, 0.15),
}
Note = Callable[[str], None]
Made = tuple[Body, Note] | None

_SHADES = ("support", "conditional", "consent", "abstain", "oppose")
_SENTENCE = (
    "the gauges are read at noon by two people of each side and both sign what they wrote down before anyone "
    "leaves the station so that a reading which one of them doubts is taken again while the other is there"
)
_WORDS = _SENTENCE.split()
_CLAUSE = "The parties shall read the gauges at noon and publish the readings within ten days of each month."


@dataclass
class Silence:
    """A silence that runs: who proposed it, when it ends, who objected."""

    ref: str
    author: str
    expires_at: int


@dataclass
class Council:
    """What is on record so far, as far as later acts need it. `now` is the time at which somebody acts."""

    dice: np.random.Generator
    members: tuple[str, ...]
    now: int = 0
    concerns: list[tuple[str, str]] = field(default_factory=list)
    statements: list[tuple[str, str]] = field(default_factory=list)  # with the member named
    texts: list[list[str]] = field(default_factory=list)  # root, author, newest version, its number
    unsilenced: list[tuple[str, str]] = field(default_factory=list)  # text, concern
    drafts: list[tuple[str, str]] = field(default_factory=list)
    amendments: list[tuple[str, str, int]] = field(default_factory=list)
    silences: list[Silence] = field(default_factory=list)
    tracks: list[str] = field(default_factory=list)
    offers: list[tuple[str, str, str]] = field(default_factory=list)  # offer, author, to
    accepted: list[tuple[str, str, str]] = field(default_factory=list)
    milestones: list[tuple[str, str, str]] = field(default_factory=list)
    due: dict[str, list[tuple[int, Draft, Note]]] = field(default_factory=dict)
    """What members will do as it follows from what was done: not before a time."""
    held: set[tuple[str, str]] = field(default_factory=set)  # who has taken a position on which version

    def one(self, some: Sequence[Any]) -> Any:
        """One of them, the newer rather than the older."""
        return some[int(len(some) * self.dice.random() ** 0.7)] if some else None

    def chance(self, share: float) -> bool:
        return bool(self.dice.random() < share)

    def words(self, least: int, most: int) -> str:
        picked = self.dice.integers(0, len(_WORDS), int(self.dice.integers(least, most)))
        return " ".join(_WORDS[int(one)] for one in picked)

    def other(self, member: str) -> str:
        others = [one for one in self.members if one != member]
        return others[int(self.dice.integers(len(others)))]

    def later(self, member: str, at: int, body: Body, note: Note = lambda _: None) -> None:
        """A member will do this at its next session after `at`."""
        self.due.setdefault(member, []).append((at, draft_of(body), note))

    def take_due(self, member: str) -> list[tuple[Draft, Note]]:
        """What a member has to do by now."""
        waiting = self.due.get(member, [])
        self.due[member] = [one for one in waiting if one[0] > self.now]
        return [(draft, note) for at, draft, note in waiting if at <= self.now]


def draft_of(body: Body, content: bytes | None = None) -> Draft:
    """An act as an entry to be, with a payload whose salt follows from its words."""
    salt = b"" if content is None else hashlib.sha256(content).digest()[:16]
    return Draft(body.KIND, fields_of(body), content, salt=salt)


def statement(council: Council, member: str) -> tuple[Draft, Note]:
    """What is said when nothing else is done: in the entry itself, or three times in ten apart."""
    ref, _ = council.one(council.concerns) or ("", "")
    names = (council.other(member),) if council.chance(0.06) else ()
    title = council.words(3, 8)

    def note(made: str) -> None:
        if names:
            council.statements.append((made, names[0]))

    if council.chance(0.3):
        said = f"{council.words(60, 160)} ({council.now}, {council.dice.integers(2**40)})".encode()
        return draft_of(b.Statement(concern=ref, title=title, names=names), said), note
    body = b.Statement(concern=ref, title=title, words=council.words(8, 60), names=names)
    return draft_of(body), note


def make(council: Council, kind: str, member: str) -> Made:
    """An act of a kind of the plan, and what to note once it has its reference; None if nothing fits."""
    return _MAKERS[kind](council, member)


def _nothing(_: str) -> None:
    return None


def _concern(c: Council, member: str) -> Made:
    body = b.Concern(title=c.words(3, 9), area="Water" if c.chance(0.5) else "", words=c.words(20, 80))
    return body, lambda ref: c.concerns.append((ref, member))


def _agenda(c: Council, member: str) -> Made:
    mine = [one for one in c.concerns if one[1] == member]
    found = c.one(mine if c.chance(0.7) and mine else c.concerns)
    if found is None:
        return None
    if found[1] != member and member != c.members[0]:
        return b.Agenda(concern=found[0], to="open"), _nothing
    to = ("open", "scheduled", "drafting", "parked", "closed")[int(c.dice.integers(5))]
    on = c.now + 7 * DAY if to in ("scheduled", "parked") else 0
    return b.Agenda(concern=found[0], to=to, on=on, reason="It is settled for now."), _nothing  # type: ignore[arg-type]


def _disapprove(c: Council, member: str) -> Made:
    found = c.one(c.concerns)
    return found and (b.Disapprove(concern=found[0], reason=c.words(5, 20)), _nothing)


def _merge(c: Council, member: str) -> Made:
    one, other = c.one(c.concerns), c.one(c.concerns)
    if member != c.members[0] or one is None or one == other:
        return None
    return b.Merge(concern=one[0], into=other[0]), _nothing


def _reply(c: Council, member: str) -> Made:
    for number in range(len(c.statements) - 1, max(-1, len(c.statements) - 400), -1):
        if c.statements[number][1] == member:
            ref, _ = c.statements.pop(number)
            return b.Reply(statement=ref, words=c.words(10, 40)), _nothing
    return None


def _text(c: Council, member: str) -> Made:
    found = c.one(c.concerns)
    if found is None:
        return None

    def note(ref: str) -> None:
        c.texts.append([ref, member, ref, "1"])
        c.unsilenced.append((ref, found[0]))

    return b.Text(concern=found[0], title=c.words(3, 8), words=c.words(40, 160)), note


def _revision(c: Council, member: str) -> Made:
    found = c.one([one for one in c.texts if one[1] == member])
    if found is None:
        return None

    def note(ref: str) -> None:
        found[2], found[3] = ref, str(int(found[3]) + 1)

    return b.Revision(text=found[0], after=found[2], words=c.words(40, 160)), note


def _position(c: Council, member: str) -> Made:
    fresh = [one for one in c.texts if (member, one[2]) not in c.held]
    found = c.one(fresh if c.chance(0.95) and fresh else c.texts)
    if found is None:
        return None
    c.held.add((member, found[2]))
    shade: Any = _SHADES[int(c.dice.integers(5))]
    inferred = c.chance(0.03)
    body = b.Position(
        on=found[2],
        response=shade,
        intensity=int(c.dice.integers(101)) if c.chance(0.5) else None,
        condition=c.words(4, 12) if shade == "conditional" else "",
        red_line=c.chance(0.05),
        reasons=c.words(5, 30) if c.chance(0.4) else "",
        basis="inferred" if inferred else "own",
        member=c.other(member) if inferred else "",
    )
    return body, _nothing


def _expectation(c: Council, member: str) -> Made:
    found = c.one(c.texts)
    shade: Any = _SHADES[int(c.dice.integers(5))]
    return found and (b.Expectation(on=found[2], member=c.other(member), response=shade), _nothing)


def _round(c: Council, member: str) -> Made:
    if not c.texts:
        return None
    on = tuple(sorted({c.one(c.texts)[2] for _ in range(3)}))
    concern = c.one(c.concerns)[0]
    closes_at = c.now + 3 * DAY

    def note(ref: str) -> None:
        for one in c.members:
            if c.chance(0.8):
                _seal(c, one, ref, on, closes_at)

    return b.Round(concern=concern, on=on, closes_at=closes_at), note


def _seal(c: Council, member: str, ref: str, on: tuple[str, ...], closes_at: int) -> None:
    """A member will seal in a round, and open the seal when it has closed."""
    salt = bind_salt(member, hashlib.sha256(f"{ref} {member}".encode()).digest()[:16])
    taken = tuple(b.Taken(on=text, response="consent", intensity=50) for text in on)
    body = b.Seal(round=ref, commitment=commitment(salt, taken, ()))

    def note(seal: str) -> None:
        c.later(member, closes_at + HOUR, b.Reveal(seal=seal, salt=salt, positions=taken))

    c.later(member, c.now + 1, body, note)


def _draft(c: Council, member: str) -> Made:
    found = c.one(c.concerns)
    if found is None:
        return None
    body = b.Draft(concern=found[0], title=c.words(3, 8), clauses=(_CLAUSE,) * 6)
    return body, lambda ref: c.drafts.append((ref, member))


def _amend(c: Council, member: str) -> Made:
    found = c.one(c.drafts)
    if found is None:
        return None
    start, end = ((4, 11), (32, 36), (40, 44), (77, 80))[int(c.dice.integers(4))]
    clause = int(c.dice.integers(6))
    body = b.Amend(draft=found[0], base=found[0], clause=clause, start=start, end=end, words=c.words(1, 4))
    return body, lambda ref: c.amendments.append((ref, member, clause))


def _back(c: Council, member: str) -> Made:
    found = c.one(c.amendments)
    return found and (b.Back(amendment=found[0], original=c.chance(0.3)), _nothing)


def _release(c: Council, member: str) -> Made:
    found = c.one([one for one in c.amendments if one[1] == member])
    return found and (b.Release(amendment=found[0]), _nothing)


def _silence(c: Council, member: str) -> Made:
    if not c.unsilenced:
        return None
    text, concern = c.unsilenced.pop(0)
    expires_at = c.now + 4 * DAY

    def note(ref: str) -> None:
        c.silences.append(Silence(ref, member, expires_at))
        for one in c.members:
            if one != member and c.chance(0.985):
                c.later(one, c.now + 1, b.Receipt(decision=ref, text=text))
        if c.chance(0.4):
            _object(c, ref, member)
        if c.chance(0.1):
            c.later(c.other(member), c.now + DAY, b.Hold(decision=ref))

    return b.Silence(concern=concern, text=text, expires_at=expires_at), note


def _object(c: Council, silence: str, proposer: str) -> None:
    """Somebody will object to a silence, be answered, and half the time clear its objection."""
    holder = c.other(proposer)

    def note(ref: str) -> None:
        c.later(proposer, c.now + 1, b.Answer(objection=ref, words=c.words(10, 30), point=0))
        if c.chance(0.5):
            c.later(holder, c.now + DAY, b.Clear(objection=ref))

    body = b.Object(decision=silence, reason=c.words(5, 20), points=(c.words(5, 20), c.words(5, 20)))
    c.later(holder, c.now + DAY, body, note)


def _reserve(c: Council, member: str) -> Made:
    over = [one for one in c.silences if one.expires_at + DAY < c.now < one.expires_at + 6 * DAY]
    found = c.one(over)
    return found and (b.Reserve(decision=found.ref, words=c.words(8, 30)), _nothing)


def _track(c: Council, member: str) -> Made:
    return work.Track(title=c.words(2, 5)), c.tracks.append


def _offer(c: Council, member: str) -> Made:
    track, to = c.one(c.tracks) or "Water", c.other(member)
    body = work.Offer(track=track, what=c.words(4, 10), by=c.now + 60 * DAY, to=(to,))
    return body, lambda ref: c.offers.append((ref, member, to))


def _accept(c: Council, member: str) -> Made:
    for number, (ref, author, to) in enumerate(c.offers):
        if to == member:
            del c.offers[number]
            c.accepted.append((ref, author, to))
            return work.Accept(offer=ref), _nothing
    return None


def _milestone(c: Council, member: str) -> Made:
    found = c.one([one for one in c.accepted if one[1] == member])
    if found is None:
        return None
    body = work.Milestone(offer=found[0], words=c.words(8, 30), done=c.chance(0.2))
    return body, lambda ref: c.milestones.append((ref, member, found[2]))


def _confirm(c: Council, member: str) -> Made:
    for number, (ref, _, to) in enumerate(c.milestones):
        if to == member:
            del c.milestones[number]
            return work.Confirm(milestone=ref), _nothing
    return None


def _dispute(c: Council, member: str) -> Made:
    for number, (ref, _, to) in enumerate(c.milestones):
        if to == member:
            del c.milestones[number]
            return work.Dispute(milestone=ref, reason=c.words(5, 20)), _nothing
    return None


_MAKERS: dict[str, Callable[[Council, str], Made]] = {
    "concern": _concern,
    "agenda": _agenda,
    "disapprove": _disapprove,
    "merge": _merge,
    "reply": _reply,
    "text": _text,
    "revision": _revision,
    "position": _position,
    "expectation": _expectation,
    "round": _round,
    "draft": _draft,
    "amend": _amend,
    "back": _back,
    "release": _release,
    "silence": _silence,
    "reserve": _reserve,
    "track": _track,
    "offer": _offer,
    "accept": _accept,
    "milestone": _milestone,
    "confirm": _confirm,
    "dispute": _dispute,
}


def planned(n_entries: int, n_slots: int, dice: np.random.Generator) -> list[list[str]]:
    """The kinds of acts of the plan, slot of time by slot, for a record of that many entries."""
    slots: list[list[str]] = [[] for _ in range(n_slots)]
    for kind, (count, since) in PLAN.items():
        for _ in range(max(1, round(count * n_entries / WHOLE))):
            slots[int(n_slots * (since + (0.97 - since) * dice.random()))].append(kind)
    return slots


def numbers(kinds: Counter[str]) -> str:
    """How many acts of each kind, the most frequent first."""
    return ", ".join(f"{count:,} {kind.partition('.')[2]}" for kind, count in kinds.most_common())
