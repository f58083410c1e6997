"""The chair's node against every route and with every kind of act: nothing of a member's is touched.

The chair asks its own node for all that the API offers. What that node refuses, it then signs all the same,
as a changed program would. Another member's node takes it in and shows what it showed before, or more.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from typing import Any

import pytest

from allweather.cooperation import bodies as work
from allweather.council import bodies as b
from allweather.council.acts import Act, fields_of
from allweather.council.drafts import draft
from allweather.council.fold import Fold
from allweather.council.forms import Body
from allweather.council.freezing import clean
from allweather.council.seats import charter_body
from allweather.node.duties import DUTIES
from allweather.node.views import VIEWS
from allweather.record.keys import format_base64
from allweather.record.writing import Draft
from tests.council.law import MAKERS, everything
from tests.council.test_powers import _REPLACED, _STANDS, Attacker, check_kept
from tests.node.nodes import Member, Members, origin, statement, until

HOUR, DAY = 3_600, 86_400
_LAST = (b.Freeze, b.Group)
"""Kinds by which a chair may move a draft along; the others are tried first, without them."""


class Chair(Attacker):
    """Makes acts about anything that the chair's node holds, in this council's names."""

    def __init__(self, member: Member, fold: Fold, seed: str) -> None:
        self.dice, self.fold, self.person = random.Random(seed), fold, _Person(member)  # type: ignore[assignment]
        self.story = _Story()  # type: ignore[assignment]

    def member(self) -> str:
        return origin(self.dice.choice(("ann", "ben")))


class _Person:
    def __init__(self, member: Member) -> None:
        self.origin, self.clock = member.origin, member.running.shared.clock()


class _Story:
    people = ("ann", "ben")


def fold_of(member: Member) -> Fold:
    shared = member.running.shared
    with shared.lock:
        return shared.actions.view().fold


def seen(member: Member, at: int) -> dict[str, Any]:
    """Every view at a node, now and after every deadline."""
    fold = fold_of(member)
    late = everything(fold, at + 400 * DAY)
    return {**everything(fold, at), **{f"{name} (later)": value for name, value in late.items()}}


@pytest.fixture
def council(members: Members) -> tuple[Member, Member, Member]:
    """Ann and ben sit in a council that cem chairs; something of every sort is on record."""
    ann, ben, cem = (members[name] for name in ("ann", "ben", "cem"))
    for one in (ann, ben, cem):
        one.start(duties=DUTIES)
    for one in (ben, cem):
        one.add(ann)
        ann.add(one)
    seats = [b.SeatOf(origin(name), format_base64(members.cards[name])) for name in ("ann", "ben", "cem")]
    charter = ann.sign(b.Charter(title="T", members=tuple(seats[:2]), chairs=(seats[2],), tracks=("Water",)))
    for one in (ben, cem):
        until(lambda one=one: one.holds(charter))  # type: ignore[misc]
        one.join(charter)
    _work(ann, ben)
    until(lambda: same(ann, ben, cem))
    return ann, ben, cem


def same(*some: Member) -> bool:
    return len({one.digest() for one in some}) == 1


def _work(ann: Member, ben: Member) -> None:
    now = ann.running.shared.clock()
    concern = ann.sign(b.Concern(title="Water", words="It falls."))
    said = ann.sign(b.Statement(concern=concern, words="Ben is late.", names=(ben.origin,)))
    text = ann.sign(b.Text(concern=concern, title="Sharing", words="We share."))
    ann.sign(b.Revision(text=text, after=text, words="We share data."))
    ann.sign(b.Round(concern=concern, on=(text,), closes_at=now + DAY))
    drafted = ann.sign(b.Draft(concern=concern, title="Treaty", clauses=("We meet twice.", "We share.")))
    clear = ann.sign(b.Draft(concern=concern, title="Clear", clauses=("We meet.",)))
    other = ann.sign(b.Text(concern=concern, title="Apart", words="Something else."))
    running = ann.sign(b.Silence(concern=concern, text=text, expires_at=now + 3 * DAY))
    broken = ann.sign(b.Silence(concern=concern, text=other, expires_at=now + 3 * DAY))
    offer = ann.sign(work.Offer(track="Water", what="Ten gauges", by=now + 90 * DAY, to=(ben.origin,)))
    until(lambda: ben.holds(offer))
    ben.sign(b.Reply(statement=said, words="Ben is on time."))
    ben.sign(b.Position(on=text, response="oppose", intensity=80, red_line=True))
    amend = b.Amend(draft=drafted, base=drafted, clause=0, start=8, end=13, words="daily")
    ben.sign(amend)
    objection = ben.sign(b.Object(decision=broken, reason="No", points=("Why?",)))
    ben.sign(b.Hold(decision=running))
    ben.sign(work.Accept(offer=offer))
    until(lambda: ann.holds(objection))
    ann.sign(b.Answer(objection=objection, words="Soon", point=0))
    base = draft(ann.running.shared.actions.view(), clear).current.ref
    words = clean(ann.running.shared.actions.view(), base).clauses
    ann.sign(b.Freeze(draft=clear, base=base, clauses=words))


def does(cem: Member, kinds: Collection[type[Body]]) -> tuple[int, int]:
    """Acts of these kinds by the chair: through the API, and where that refuses past it; how many each."""
    n_taken = n_forced = 0
    for kind in kinds:
        for number in range(2):
            body = MAKERS[kind](Chair(cem, fold_of(cem), f"{kind.KIND} {number}"))
            assert body is not None, kind
            if isinstance(body, b.Withdraw | b.Position) and _is_own(cem, body):
                continue
            asked = {"kind": kind.KIND, "body": fields_of(body)}
            answer = cem.ask("POST", "/api/acts", json=asked)
            assert answer.status_code in (201, 400, 409), answer.text
            if answer.status_code == 201:
                n_taken += 1
                continue
            n_forced += 1
            shared = cem.running.shared
            with shared.lock:
                shared.actions.sign(more=[Draft(kind.KIND, fields_of(body))])
    return n_taken, n_forced


def _is_own(cem: Member, body: b.Withdraw | b.Position) -> bool:
    """Whether the chair takes back, or says anew, what it said itself in this test."""
    ref = body.act if isinstance(body, b.Withdraw) else body.on
    act: Act | None = fold_of(cem).acts.get(ref)
    return act is not None and act.member == cem.origin


def asks_everything(cem: Member, dice: random.Random) -> set[str]:
    """Every route of the description, with acts of others for what it asks for; which were asked."""
    held = sorted(fold_of(cem).acts)
    asked = set()
    for path, methods in cem.ask("GET", "/api/openapi.json").json()["paths"].items():
        for method, about in methods.items():
            needs = [one["name"] for one in about.get("parameters", ()) if one["required"]]
            for ref in dice.sample(held, 5) if needs else [""]:
                given = dict.fromkeys(needs, ref) | ({"member": "ann"} if "member" in needs else {})
                body = {"kind": "council.withdraw", "body": {"act": ref or held[0]}}
                if path.endswith("seals"):
                    body = {"round": held[0], "positions": []}
                more: dict[str, Any] = (
                    {"json": body} if method == "post" and not path.endswith("sync") else {}
                )
                answer = cem.ask(method.upper(), path, params=given, **more)
                assert answer.status_code < 500, (path, answer.text)
                assert method == "get" or answer.status_code != 201, (path, answer.text)
            asked.add(path)
    return asked


def test_the_chairs_node_takes_away_nothing_at_another(council: tuple[Member, Member, Member]) -> None:
    ann, ben, cem = council
    now = ann.running.shared.clock()
    before = seen(ben, now)
    shown = {row["id"]: row for row in before["decisions"]}
    asked = asks_everything(cem, random.Random(1))
    assert {f"/api/views/{name}" for name in VIEWS} | {"/api/acts", "/api/preview", "/api/seals"} <= asked
    first = [kind for kind in MAKERS if kind not in _LAST]
    n_taken, n_forced = does(cem, first)
    assert n_taken > 10, n_forced
    assert n_forced > 30
    _compare(ben, cem, before, now, _STANDS)
    after = {row["id"]: row for row in seen(ben, now)["decisions"]}
    assert {name: (row["state"], row["sentence"]) for name, row in shown.items()} == {
        name: (after[name]["state"], after[name]["sentence"]) for name in shown
    }
    does(cem, _LAST)
    _compare(ben, cem, before, now, (*_STANDS, *(name for kind in _LAST for name in _REPLACED[kind])))
    _still_works(ann, ben)


def _compare(ben: Member, cem: Member, before: dict[str, Any], at: int, free: Collection[str]) -> None:
    last = cem.sign(statement("This is the last."))
    until(lambda: ben.holds(last), 60)
    after = seen(ben, at)
    for name, value in before.items():
        if not name.startswith("waiting"):  # of what waits there may be more in between
            check_kept(value, after[name], free, name)


def _still_works(ann: Member, ben: Member) -> None:
    """Nobody was kept from anything: members speak, take positions, object, and break silence."""
    view = ann.running.shared.actions.view()
    assert origin("ben") in charter_members(view.fold)
    concern, text = view.fold.of(b.Concern)[0].ref, view.fold.of(b.Text)[0].ref
    ann.sign(b.Agenda(concern=concern, to="listed", reason="It goes on"))
    said = ann.sign(b.Statement(concern=concern, words="We go on."))
    ben.sign(b.Position(on=text, response="consent"))
    running = next(one for one in view.fold.of(b.Silence) if one.origin == ann.origin)
    objection = ben.sign(b.Object(decision=running.ref, reason="Not so"))
    until(lambda: ben.holds(said) and ann.holds(objection))


def charter_members(fold: Fold) -> list[str]:
    return [one.origin for one in charter_body(fold.of(b.Charter)[0]).members]
