"""One way to make an act of every kind, out of whatever a story holds; and everything that can be derived.

A kind that is missing here fails the test of the law: whoever adds one says how it is made.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from allweather.cooperation import bodies as work
from allweather.council import bodies as b
from allweather.council import quotations as q
from allweather.council.acts import short
from allweather.council.drafts import drafts
from allweather.council.fold import Fold
from allweather.council.forms import Body
from allweather.council.freezing import clean
from allweather.council.rounds import bind_salt, commitment
from allweather.council.view import View
from allweather.errors import AllweatherError
from allweather.node.folding import KINDS
from allweather.node.views import VIEWS
from allweather.node.waiting import waiting
from tests.council.story import COUNCIL, HOUR, Person, Story, seat

Make = Callable[["Maker"], "Body | None"]
_WORDS = ("water", "gauges", "noon", "each side", "may", "shall", "not", "ten", "вода", "niveau")
_SHADES: tuple[Any, ...] = ("support", "conditional", "consent", "abstain", "oppose")


class Maker:
    """A person at a moment of a story, with dice to choose what an act is about."""

    def __init__(self, story: Story, person: Person, dice: random.Random) -> None:
        self.story, self.person, self.dice = story, person, dice
        self.fold = person.fold

    def words(self) -> str:
        return " ".join(self.dice.choices(_WORDS, k=self.dice.randint(1, 5)))

    def one(self, *kinds: type[Body], own: bool = False) -> str:
        """The reference of some act of these kinds that the person holds; empty if there is none."""
        found = [
            act.ref
            for kind in kinds
            for act in self.fold.of(kind)
            if not own or act.origin == self.person.origin
        ]
        return self.dice.choice(found) if found else ""

    def member(self) -> str:
        return f"{COUNCIL}/{self.dice.choice(sorted(self.story.people))}"

    def later(self, hours: int = 30) -> int:
        return self.person.clock + self.dice.randint(1, hours) * HOUR


def about(kind: type[Body], make: Callable[[Maker, str], Body], own: bool = False) -> Make:
    """An act about some act of a kind that is held."""

    def made(maker: Maker) -> Body | None:
        ref = maker.one(kind, own=own)
        return make(maker, ref) if ref else None

    return made


def _charter(m: Maker) -> Body:
    return b.Charter(title=m.words(), members=tuple(seat(name) for name in sorted(m.story.people)))


def _position(m: Maker, ref: str) -> Body:
    shade = m.dice.choice(_SHADES)
    basis, member = m.dice.choice((("own", ""), ("own", ""), ("common", ""), ("inferred", m.member())))
    return b.Position(
        on=ref,
        response=shade,
        intensity=m.dice.choice((None, m.dice.randint(0, 100))),
        condition=m.words() if shade == "conditional" else "",
        red_line=m.dice.random() < 0.1,
        basis=basis,  # type: ignore[arg-type]
        member=member,
    )


def _amend(m: Maker, ref: str) -> Body | None:
    view = View(m.fold, m.person.clock)
    known = {one.act.ref: one for one in drafts(view)}
    if ref not in known:
        return None
    current = known[ref].current
    clause = m.dice.randrange(len(current.words))
    ends = sorted(m.dice.randint(0, len(current.words[clause])) for _ in range(2))
    insert = m.dice.random() < 0.2
    return b.Amend(
        draft=ref,
        base=current.ref,
        clause=clause,
        start=0 if insert else ends[0],
        end=0 if insert else ends[1],
        words=m.words(),
        insert=insert,
    )


def _freeze(m: Maker, ref: str) -> Body | None:
    view = View(m.fold, m.person.clock)
    known = {one.act.ref: one for one in drafts(view)}
    if ref not in known:
        return None
    current = known[ref].current
    words = clean(view, current.ref).clauses or ("nothing",)
    return b.Freeze(draft=ref, base=current.ref, clauses=words if m.dice.random() < 0.9 else ("forged",))


def _silence(m: Maker) -> Body | None:
    ref = m.one(b.Text, b.Revision, b.Freeze)
    if not ref:
        return None
    concern = m.one(b.Concern)
    return b.Silence(
        concern=concern,
        text=ref,
        expires_at=m.later(),
        ends=m.one(b.Silence) if m.dice.random() < 0.2 else "",
        amends=m.one(b.Silence) if m.dice.random() < 0.1 else "",
        admits=seat("zoe") if m.dice.random() < 0.1 else None,
    )


_SALT = bytes(16)
_DIGESTS = tuple(f"{n}" * 42 + "A=" for n in "ABC")
_PLACES: tuple[q.Spans, ...] = (((0, 4),), ((5, 9), (12, 14)), ((9, 5),))


def _quote(m: Maker, ref: str) -> Body:
    spans, proposed = m.dice.choice(_PLACES), m.dice.choice((*_PLACES, ()))
    return q.Quote(
        document=ref,
        spans=spans,
        words=m.words(),
        sort=m.dice.choice(("direct", "indirect")),
        member=m.dice.choice(("", m.member())),
        concerns=tuple(filter(None, (m.one(b.Concern),))),
        basis="corrected" if proposed else "own",
        proposed=proposed,
    )


def _sealed(m: Maker, on: str) -> tuple[str, tuple[b.Taken, ...]]:
    return bind_salt(m.person.origin, _SALT), (b.Taken(on=on, response="consent"),)


def _seal(m: Maker, ref: str) -> Body | None:
    body = m.fold.body(ref, b.Round)
    assert body is not None
    salt, positions = _sealed(m, body.on[0])
    return b.Seal(round=ref, commitment=commitment(salt, positions, ()))


def _reveal(m: Maker, ref: str) -> Body | None:
    seal = m.fold.body(ref, b.Seal)
    assert seal is not None
    opened = m.fold.body(seal.round, b.Round)
    if opened is None:
        return None
    salt, positions = _sealed(m, opened.on[0])
    return b.Reveal(seal=ref, salt=salt, positions=positions if m.dice.random() < 0.8 else ())


def _receipt(m: Maker, ref: str) -> Body | None:
    body = m.fold.body(ref, b.Silence)
    assert body is not None
    return b.Receipt(decision=ref, text=body.text)


def _review(m: Maker) -> Body:
    digest = "A" * 43 + "="
    return b.Review(
        title=m.words(), as_of="2009-09-18", seed=1, frontier=(), inputs=digest, result=digest, version="1"
    )


def _offer(m: Maker) -> Body:
    package = m.dice.choice(("", "deal"))
    others = tuple(sorted({m.member(), m.member()} - {m.person.origin}))
    return work.Offer(
        track=m.one(work.Track) or "Water",
        what=m.words(),
        by=m.later(200),
        to=others,
        package=package,
        parties=(m.person.origin, *others) if package else (),
    )


MAKERS: dict[type[Body], Make] = {
    b.Charter: _charter,
    b.Join: about(b.Charter, lambda m, ref: b.Join(charter=ref)),
    b.Leave: lambda m: b.Leave(reason=m.words()),
    b.Suspend: lambda m: b.Suspend(reason=m.words()),
    b.Resume: about(b.Suspend, lambda m, ref: b.Resume(suspension=ref)),
    b.Mandate: lambda m: b.Mandate(key="A" * 43 + "=", name=m.words(), powers=("speak",), until=m.later()),
    b.Recall: about(b.Mandate, lambda m, ref: b.Recall(mandate=ref)),
    b.Overrule: about(b.Position, lambda m, ref: b.Overrule(act=ref, reason=m.words())),
    b.Withdraw: lambda m: (
        b.Withdraw(act=ref) if (ref := m.one(b.Concern, b.Text, b.Position, b.Silence, own=True)) else None
    ),
    b.Concern: lambda m: b.Concern(title=m.words()),
    b.Agenda: about(
        b.Concern,
        lambda m, ref: b.Agenda(
            concern=ref, to=m.dice.choice(("scheduled", "open", "parked", "closed", "listed")), reason="new"
        ),
    ),
    b.Disapprove: about(b.Concern, lambda m, ref: b.Disapprove(concern=ref, reason=m.words())),
    b.Merge: about(b.Concern, lambda m, ref: b.Merge(concern=ref, into=m.one(b.Concern))),
    b.Statement: lambda m: b.Statement(concern=m.one(b.Concern), words=m.words(), names=(m.member(),)),
    b.Reply: about(b.Statement, lambda m, ref: b.Reply(statement=ref, words=m.words())),
    b.Text: about(b.Concern, lambda m, ref: b.Text(concern=ref, title=m.words(), words=m.words())),
    b.Revision: about(
        b.Text,
        lambda m, ref: b.Revision(text=ref, after=m.one(b.Revision) or ref, words=m.words()),
        own=True,
    ),
    b.Position: lambda m: _position(m, ref) if (ref := m.one(b.Text, b.Revision, b.Freeze)) else None,
    b.Expectation: about(
        b.Text,
        lambda m, ref: b.Expectation(on=ref, member=m.member(), response=m.dice.choice(_SHADES)),
    ),
    b.Round: about(
        b.Text, lambda m, ref: b.Round(concern=m.one(b.Concern), on=(ref,), closes_at=m.later(12))
    ),
    b.Seal: about(b.Round, _seal),  # type: ignore[arg-type]
    b.Reveal: about(b.Seal, _reveal, own=True),  # type: ignore[arg-type]
    b.Review: _review,
    b.Draft: about(
        b.Concern,
        lambda m, ref: b.Draft(concern=ref, title=m.words(), clauses=(m.words(), m.words())),
    ),
    b.Amend: about(b.Draft, _amend),  # type: ignore[arg-type]
    b.Back: about(b.Amend, lambda m, ref: b.Back(amendment=ref, original=m.dice.random() < 0.3)),
    b.Release: about(b.Amend, lambda m, ref: b.Release(amendment=ref, original=m.dice.random() < 0.5)),
    b.Group: about(b.Amend, lambda m, ref: b.Group(amendment=ref, facilitator=m.member(), by=m.later())),
    b.Freeze: about(b.Draft, _freeze),  # type: ignore[arg-type]
    b.Silence: _silence,
    b.Receipt: about(b.Silence, _receipt),  # type: ignore[arg-type]
    b.Refuse: about(b.Silence, lambda m, ref: b.Refuse(decision=ref, reason=m.words())),
    b.Hold: about(b.Silence, lambda m, ref: b.Hold(decision=ref)),
    b.Object: about(b.Silence, lambda m, ref: b.Object(decision=ref, reason=m.words(), points=(m.words(),))),
    b.Answer: about(b.Object, lambda m, ref: b.Answer(objection=ref, words=m.words(), point=0)),
    b.Clear: about(b.Object, lambda m, ref: b.Clear(objection=ref)),
    b.Reserve: about(b.Silence, lambda m, ref: b.Reserve(decision=ref, words=m.words())),
    b.Conflict: about(
        b.Silence, lambda m, ref: b.Conflict(decision=ref, other=m.one(b.Silence), reason=m.words())
    ),
    q.Document: lambda m: q.Document(title=m.words(), digest=m.dice.choice(_DIGESTS), event=m.words()),
    q.Quote: about(q.Document, _quote),
    q.Reject: about(q.Document, lambda m, ref: q.Reject(document=ref, spans=m.dice.choice(_PLACES))),
    work.Track: lambda m: work.Track(title=m.words(), decision=m.one(b.Silence)),
    work.Offer: _offer,
    work.Accept: about(work.Offer, lambda m, ref: work.Accept(offer=ref)),
    work.Decline: about(work.Offer, lambda m, ref: work.Decline(offer=ref)),
    work.Milestone: about(
        work.Offer, lambda m, ref: work.Milestone(offer=ref, words=m.words(), done=m.dice.random() < 0.5)
    ),
    work.Confirm: about(work.Milestone, lambda m, ref: work.Confirm(milestone=ref)),
    work.Dispute: about(work.Milestone, lambda m, ref: work.Dispute(milestone=ref, reason=m.words())),
    work.SuspendPart: lambda m: work.SuspendPart(
        about=m.one(work.Track, work.Offer) or "Water", reason=m.words(), review_at=m.later()
    ),
    work.ResumePart: about(work.SuspendPart, lambda m, ref: work.ResumePart(suspension=ref)),
    work.WithdrawOffer: about(
        work.Offer, lambda m, ref: work.WithdrawOffer(offer=ref, reason=m.words()), own=True
    ),
}

# What must be on record before there can be an act of a kind.
_NEEDS: dict[type[Body], type[Body]] = {
    b.Resume: b.Suspend,
    b.Recall: b.Mandate,
    b.Overrule: b.Position,
    b.Position: b.Text,
    b.Expectation: b.Text,
    b.Revision: b.Text,
    b.Round: b.Text,
    b.Seal: b.Round,
    b.Reveal: b.Seal,
    b.Reply: b.Statement,
    b.Amend: b.Draft,
    b.Freeze: b.Draft,
    b.Back: b.Amend,
    b.Release: b.Amend,
    b.Group: b.Amend,
    b.Silence: b.Text,
    b.Receipt: b.Silence,
    b.Refuse: b.Silence,
    b.Hold: b.Silence,
    b.Object: b.Silence,
    b.Reserve: b.Silence,
    b.Conflict: b.Silence,
    b.Answer: b.Object,
    b.Clear: b.Object,
    b.Text: b.Concern,
    b.Draft: b.Concern,
    q.Quote: q.Document,
    q.Reject: q.Document,
    work.Accept: work.Offer,
    work.Decline: work.Offer,
    work.Milestone: work.Offer,
    work.Confirm: work.Milestone,
    work.Dispute: work.Milestone,
    work.ResumePart: work.SuspendPart,
    work.WithdrawOffer: work.Offer,
}

_RARE = (b.Charter, b.Leave, b.Suspend)
_ROOTS = (b.Concern, b.Text, b.Draft, b.Silence, work.Offer, b.Statement, q.Document)


def random_story(seed: int, n_steps: int, first: type[Body] | None = None) -> Story:
    """A story of acts of all kinds among three or four members, with cuts, healing and passing time.

    With `first` half of its steps try an act of that kind.
    """
    dice = random.Random(seed)
    names = ("ann", "ben", "cat", "dan")[: dice.randint(3, 4)]
    story = Story(*names, chair="chair", kinds=KINDS, tracks=("Water",))
    for _ in range(n_steps):
        person = story.people[dice.choice((*names, "chair"))]
        roll = dice.random()
        if roll < 0.08:
            story.cut(person.name)
        elif roll < 0.16:
            story.heal(person.name)
        elif roll < 0.3:
            story.passes(hours=dice.choice((0.1, 1, 12, 48)))
        else:
            kinds: list[type[Body]] = [one for one in MAKERS if one not in _RARE or dice.random() < 0.05]
            kinds += [*_ROOTS, *_ROOTS]
            kind = dice.choice(kinds)
            if first is not None and dice.random() < 0.5:
                kind = first
            maker = Maker(story, person, dice)
            body = MAKERS[kind](maker)
            while body is None and kind in _NEEDS:
                kind = _NEEDS[kind]
                body = MAKERS[kind](maker)
            if body is not None:
                person.does(body, content=b"who said what" if isinstance(body, q.Document) else None)
    return story


def everything(fold: Fold, at: int) -> dict[str, Any]:
    """All that can be derived of a fold at a time: every view, of the whole and of each act."""
    view = View(fold, at)
    return {name: ask(view) for name, ask in questions(fold).items()}


def questions(fold: Fold) -> dict[str, Callable[[View], Any]]:
    """Everything that can be asked of a view, by name: each view, of the whole and of each act."""
    found: dict[str, Callable[[View], Any]] = {}
    for name, one in VIEWS.items():
        if not one.parameters:
            found[name] = lambda view, one=one: _told(lambda: one.show(view, {}))  # type: ignore[misc]
        elif set(one.parameters) == {"id"}:
            for ref in sorted(fold.acts):
                found[f"{name} {ref}"] = lambda view, one=one, ref=ref: _told(  # type: ignore[misc]
                    lambda: one.show(view, {"id": ref})
                )
    for origin in sorted(fold.heads):
        found[f"waiting {short(origin)}"] = lambda view, origin=origin: waiting(view, origin)  # type: ignore[misc]
    return found


def _told(show: Callable[[], Any]) -> Any:
    try:
        return show()
    except AllweatherError as error:
        return f"{type(error).__name__}: {error}"
