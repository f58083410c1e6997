"""A council in the middle of its work: acts of nearly every kind are on record, and more can happen.

Ann, Ben and Cat sit in it, Dan has left it; there is a chair, a desk as secretariat, and Eve without a seat.
"""

from __future__ import annotations

import hashlib

from allweather.cooperation import bodies as work
from allweather.council import bodies as b
from allweather.council import quotations as q
from allweather.council.drafts import draft
from allweather.council.forms import POWERS, Power
from allweather.council.freezing import clean
from allweather.council.rounds import bind_salt, commitment
from allweather.node.folding import KINDS
from allweather.record.ed25519 import public_of
from allweather.record.keys import format_base64
from tests.council.story import COUNCIL, DAY, HOUR, Story

SEED = bytes(31) + b"\x09"
SALT = bytes(16)
WHO = ("ann", "ben", "cat", "dan")


def origin(name: str) -> str:
    return f"{COUNCIL}/{name}"


def busy() -> Story:
    """The story. `story.marks` names some of its acts."""
    story = Story(*WHO, chair="chair", secretariat="desk", kinds=KINDS, tracks=("Water",))
    story.add("eve")
    marks: dict[str, str] = {}
    story.__dict__["marks"] = marks
    ann, ben, cat, dan = (story.people[name] for name in WHO)
    marks["concern"] = concern = ann.does(b.Concern(title="Water", words="The level falls."))
    marks["other"] = other = ben.does(b.Concern(title="Rivers"))
    dan.does(b.Concern(title="Dan's own"))
    dan.does(b.Disapprove(concern=concern, reason="Not here"))
    marks["said"] = said = ann.does(
        b.Statement(concern=concern, words="Ben is late.", names=(origin("ben"), origin("cat")))
    )
    ben.does(b.Reply(statement=said, words="Ben is on time."))
    _texts(story, marks)
    _drafts(story, marks)
    _decisions(story, marks)
    _work(story)
    _read(story, marks)
    ben.does(b.Agenda(concern=other, to="open"))
    cat.does(b.Suspend(reason="A protest"))
    key = format_base64(public_of(bytes(32)))
    ann.does(b.Mandate(key=key, name="Carl", powers=("speak",), until=story.now + 9 * DAY))
    digest = "A" * 43 + "="
    ann.does(
        b.Review(
            title="A review",
            as_of="2009-09-18",
            seed=1,
            frontier=(),
            inputs=digest,
            result=digest,
            version="1",
        )
    )
    dan.does(b.Leave(reason="Enough"))
    story.passes(hours=1)
    return story


def _texts(story: Story, marks: dict[str, str]) -> None:
    ann, ben, cat, dan = (story.people[name] for name in WHO)
    marks["text"] = text = ann.does(b.Text(concern=marks["concern"], title="Sharing", words="We share."))
    ben.does(b.Position(on=text, response="oppose", intensity=80, red_line=True, reasons="Too early"))
    cat.does(b.Position(on=text, response="conditional", condition="all do"))
    dan.does(b.Position(on=text, response="support"))
    story.desk.does(b.Position(on=text, response="mixed", basis="inferred", member=ann.origin))
    cat.does(b.Expectation(on=text, member=ben.origin, response="oppose"))
    marks["version"] = ann.does(b.Revision(text=text, after=text, words="We share the data."))
    ben.does(b.Position(on=marks["version"], response="consent"))
    for name, hours in (("closed", 1), ("open", 300)):
        marks[name] = ann.does(
            b.Round(concern=marks["concern"], on=(text,), closes_at=story.now + hours * HOUR)
        )
        for person in (ann, ben):
            taken = (b.Taken(on=text, response="abstain"),)
            hidden = commitment(bind_salt(person.origin, SALT), taken, ())
            marks[f"{name} {person.name}"] = person.does(b.Seal(round=marks[name], commitment=hidden))
    story.passes(hours=2)
    salt = bind_salt(ann.origin, SALT)
    taken = (b.Taken(on=text, response="abstain"),)
    ann.does(b.Reveal(seal=marks["closed ann"], salt=salt, positions=taken))


def _drafts(story: Story, marks: dict[str, str]) -> None:
    ann, ben, cat = (story.people[name] for name in WHO[:3])
    for name in ("disputed", "clear"):
        marks[name] = ann.does(
            b.Draft(concern=marks["concern"], title=name, clauses=("We meet twice.", "We share data."))
        )
    amend = b.Amend(draft=marks["disputed"], base=marks["disputed"], clause=0, start=8, end=13, words="daily")
    marks["amendment"] = ben.does(amend)
    cat.does(b.Back(amendment=marks["amendment"]))
    cat.does(b.Release(amendment=marks["amendment"], reservation="Only in summer"))
    ann.does(b.Group(amendment=marks["amendment"], facilitator=cat.origin, by=story.now + 3 * DAY))
    current = draft(ann.view, marks["clear"]).current.ref
    marks["frozen"] = ann.does(
        b.Freeze(draft=marks["clear"], base=current, clauses=clean(ann.view, current).clauses)
    )


def _decisions(story: Story, marks: dict[str, str]) -> None:
    ann, ben, cat = (story.people[name] for name in WHO[:3])

    def opens(name: str, text: str, hours: int) -> None:
        marks[name] = ann.does(
            b.Silence(concern=marks["concern"], text=text, expires_at=story.now + hours * HOUR)
        )

    opens("adopted", marks["frozen"], 2)
    for name in ("ben", "cat", "dan"):
        story.people[name].does(b.Receipt(decision=marks["adopted"], text=marks["frozen"]))
    story.passes(hours=3)
    cat.does(b.Reserve(decision=marks["adopted"], words="Not on Sundays"))
    opens("running", marks["version"], 200)
    ben.does(b.Receipt(decision=marks["running"], text=marks["version"]))
    cat.does(b.Hold(decision=marks["running"], reason="We ask home"))
    separate = ben.does(b.Text(concern=marks["other"], title="Apart", words="Something else."))
    opens("broken", separate, 100)
    marks["objection"] = cat.does(b.Object(decision=marks["broken"], reason="No", points=("Why?", "When?")))
    ben.does(b.Answer(objection=marks["objection"], words="Soon", point=1))


def _work(story: Story) -> None:
    ann, ben, cat = (story.people[name] for name in WHO[:3])
    offer = ann.does(work.Offer(track="Water", what="Ten gauges", by=story.now + 90 * DAY, to=(ben.origin,)))
    ben.does(work.Accept(offer=offer))
    story.passes(hours=1)
    step = ann.does(work.Milestone(offer=offer, words="Two stand"))
    ben.does(work.Dispute(milestone=step, reason="One leaks"))
    track = ann.does(work.Track(title="Boats"))
    cat.does(work.Offer(track=track, what="A boat", by=story.now + 90 * DAY, to=(ann.origin,)))
    ben.does(work.SuspendPart(about=track, reason="No money", review_at=story.now + 30 * DAY))


def _read(story: Story, marks: dict[str, str]) -> None:
    """Ann files a report, Ben accepts a quotation and Cat reads it otherwise; Ben rests a position on it."""
    ann, ben, cat = (story.people[name] for name in WHO[:3])
    text = b'"We share," said Ann.'
    digest = format_base64(hashlib.sha256(text).digest())
    report = q.Document(title="A report", digest=digest, event="The meeting")
    marks["report"] = ann.does(report, content=text)

    def quote(speaker: str) -> q.Quote:
        return q.Quote(
            document=marks["report"],
            spans=((0, 11),),
            words='"We share,"',
            sort="direct",
            speaker=speaker,
            concerns=(marks["concern"],),
        )

    marks["quotation"] = ben.does(quote("Ann"))
    cat.does(quote("Anna"))
    cat.does(q.Reject(document=marks["report"], spans=((12, 20),), reason="Not in quotation marks"))
    evidence = (marks["quotation"], "https://example.org/report")
    ben.does(b.Position(on=marks["version"], response="support", evidence=evidence))


def accredit(story: Story, host: str, powers: tuple[Power, ...] = POWERS, *, days: int = 30) -> bytes:
    """Certify Dora's key in a member's log and give her a mandate; gives the key's seed."""
    person = story.people[host]
    key = person.certifies(SEED, "Dora")
    person.does(b.Mandate(key=key, name="Dora", powers=powers, until=story.now + days * DAY))
    return SEED
