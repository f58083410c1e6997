"""The laws: order of arrival makes no difference, and no commitment takes a step that the machine lacks."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allweather.cooperation.board import board
from allweather.cooperation.bodies import (
    Accept,
    Confirm,
    Decline,
    Dispute,
    Milestone,
    Offer,
    ResumePart,
    SuspendPart,
    Track,
    WithdrawOffer,
)
from allweather.cooperation.checks import CHECKS
from allweather.cooperation.commitments import MACHINE, commitment, commitments
from allweather.cooperation.ledger import ledger
from allweather.cooperation.parts import State
from allweather.cooperation.rules import why_refused
from allweather.council.acts import Act
from allweather.council.bodies import Leave
from allweather.council.fold import Fold
from allweather.council.forms import Body
from allweather.council.membership import why_not
from allweather.council.view import View
from tests.cooperation.dealing import KINDS, RESCUE, council, of
from tests.council.story import COUNCIL, DAY, Person, Story

PEOPLE = ("ann", "ben", "cat")


def some_body(dice: random.Random, who: Person) -> Body:
    """An act that somebody might sign: mostly one that would count, at times a careless one."""
    view = who.view
    while True:
        body = any_body(dice, who)
        act = Act("", who.origin, len(who.log), who.clock, body)
        if dice.random() < 0.1 or not (why_not(view, act) or _checked(view, act)):
            return body


def _checked(view: View, act: Act) -> str | None:
    check = CHECKS.get(type(act.body))
    return check(view, act) if check else None


def any_body(dice: random.Random, who: Person) -> Body:
    """Any act at all."""
    fold = who.fold

    def one(kind: type[Body], default: str = "A" * 43 + "=") -> str:
        found = fold.of(kind)[-6:]
        return dice.choice(found).ref if found else default

    later = who.clock + dice.randrange(2, 9) * DAY
    others = of(*dice.sample(PEOPLE, dice.randrange(3)))
    parties = of(*dice.sample(PEOPLE, 2))
    offer, milestone = one(Offer), one(Milestone)
    dealt = Offer(track=RESCUE, what="x", by=later, to=others, package="a deal", parties=parties)
    choices: list[tuple[int, Body]] = [
        (1, Track(title=dice.choice(["Grain", "Mines"]))),
        (3, Offer(track=RESCUE, what="x", by=later, to=others)),
        (3, dealt),
        (1, Offer(track=one(Track, RESCUE), what="z", by=later)),
        (12, Accept(offer=offer)),
        (2, Decline(offer=offer)),
        (8, Milestone(offer=offer, words="done", done=dice.random() < 0.4)),
        (12, Confirm(milestone=milestone)),
        (5, Dispute(milestone=milestone, reason="no")),
        (2, SuspendPart(about=dice.choice([offer, RESCUE]), reason="why", review_at=later)),
        (5, ResumePart(suspension=one(SuspendPart))),
        (1, WithdrawOffer(offer=offer, reason="why")),
    ]
    if dice.random() < 0.01:
        return Leave(reason="enough")
    weights, bodies = zip(*choices, strict=True)
    found: Body = dice.choices(bodies, weights)[0]
    return found


def told(view: View) -> object:
    """Everything that this room derives."""
    return board(view), commitments(view), ledger(view)


def some_story(seed: int, n_acts: int = 40) -> Story:
    """A story with cuts, quiet acts and time passing."""
    dice = random.Random(seed)
    story = council(*PEOPLE)
    for _ in range(n_acts):
        who = story.people[dice.choice(PEOPLE)]
        who.does(some_body(dice, who), quietly=dice.random() < 0.2)
        chance = dice.random()
        if chance < 0.1:
            story.cut(dice.choice(PEOPLE))
        elif chance < 0.25:
            story.heal()
        story.passes(hours=dice.randrange(12))
    story.heal()
    return story


@pytest.mark.parametrize("seed", range(6))
def test_order_makes_no_difference(seed: int) -> None:
    story = some_story(seed)
    whole = told(story.view())
    for order in range(3):
        fold = Fold(COUNCIL, KINDS)
        for origin, index in story.orders(order):
            fold.apply(origin, index, story.logs[origin][index : index + 1])
        assert told(View(fold, story.now)) == whole
    fold = Fold(COUNCIL, KINDS)
    for origin in sorted(story.logs, reverse=True):
        fold.apply(origin, 0, story.logs[origin])
    assert told(View(fold, story.now)) == whole


def is_orderly(view: View, body: Body) -> bool:
    """Whether an act crosses nothing: it comes in its turn and takes back nothing that its author said."""
    ref = getattr(body, "offer", "")
    milestone = view.fold.acts.get(getattr(body, "milestone", ""))
    if milestone is not None:
        ref = milestone.body.offer
    found = commitment(view, ref) if ref else None
    if isinstance(body, Offer):
        deal = {"a deal": of("ann", "ben"), "": ()}
        return body.to != () and body.parties == deal[body.package]
    if found is None:
        return not isinstance(body, Leave)
    if isinstance(body, Confirm | Dispute | Milestone | Accept):
        return found.state not in (State.WITHDRAWN, State.SUSPENDED, State.RELEASED, State.FULFILLED) and (
            found.state is not State.DECLINED or len(found.part.declined_by) == 1
        )
    return not isinstance(body, Decline) or found.state is State.OFFERED


@given(st.integers(0, 2**32))
@settings(max_examples=8, deadline=None)
def test_every_step_is_one_of_the_machine(seed: int) -> None:
    """Everybody is reached at all times and nothing crosses, so that one act makes one step."""
    dice = random.Random(seed)
    story = council(*PEOPLE)
    before: dict[str, str] = {}
    for _ in range(40):
        who = story.people[dice.choice(PEOPLE)]
        body = some_body(dice, who)
        if not is_orderly(who.view, body):
            continue
        who.does(body)
        for _ in range(2):
            now = {one.offer.ref: one.state.value for one in commitments(story.view())}
            for ref, state in now.items():
                was = before.get(ref, state)
                assert was == state or MACHINE.follows(was, state), (was, state, body)
            before = now
            story.passes(hours=dice.randrange(8))


@given(st.integers(0, 2**32))
@settings(max_examples=6, deadline=None)
def test_what_a_member_is_told_before_signing_holds_after(seed: int) -> None:
    """An act that passes its check counts; what the rules refuse, the check refused with the same words."""
    dice = random.Random(seed)
    story = council(*PEOPLE)
    for _ in range(40):
        who = story.people[dice.choice(PEOPLE)]
        body = some_body(dice, who)
        if not isinstance(body, Leave):
            view = who.view
            act = Act("", who.origin, len(who.log), who.clock, body)
            asked = why_not(view, act) or CHECKS[type(body)](view, act)
            ref = who.does(body, quietly=True)
            view = who.view
            said = why_refused(view, view.fold.acts[ref])
            assert said is None or said == asked
        story.exchange()
        story.passes(hours=dice.randrange(10))
