"""Commitments: how each promise stands, in one state and one sentence.

A commitment is offered, accepted by its counterparties, active, reported on, confirmed or disputed, and
fulfilled when a report that all is done is confirmed by all of them. It can be suspended, resumed and
withdrawn. One that is part of a package becomes active only when all its partners' parts are accepted too; if
one of those is taken back it is released. Whatever was reported stays on record in any case.
"""

from __future__ import annotations

from dataclasses import dataclass

from allweather.cooperation.bodies import (
    Accept,
    Confirm,
    Decline,
    Dispute,
    Milestone,
    Offer,
    ResumePart,
    SuspendPart,
    WithdrawOffer,
)
from allweather.cooperation.packages import Arming, arming
from allweather.cooperation.parts import Part, Reported, State, part
from allweather.cooperation.rules import (
    missing,
    named_in,
    names,
    refused,
    rules_of,
    why_refused,
)
from allweather.cooperation.tracks import track
from allweather.council.acts import Act, short
from allweather.council.machines import Machine, Step
from allweather.council.membership import Refusal
from allweather.council.timing import Timing, show_time, timed
from allweather.council.view import View

_DUE = (State.ACTIVE, State.REPORTED, State.CONFIRMED, State.DISPUTED)
_LONGEST = 160


@dataclass(frozen=True, slots=True)
class Commitment:
    """One commitment. `to` are those it is offered to, or, of an open offer, those who accepted it.

    `arming` says whom it waits for; `refused` are acts about it that do not count.
    """

    offer: Act
    to: tuple[str, ...]
    state: State
    part: Part
    arming: Arming
    is_overdue: bool
    refused: tuple[Refusal, ...]
    sentence: str

    @property
    def member(self) -> str:
        """Who has made it."""
        return self.offer.member

    @property
    def terms(self) -> Offer:
        """What is promised, by when, measured how, on which condition."""
        return self.part.terms

    @property
    def accepted_by(self) -> tuple[str, ...]:
        """Those who accept it."""
        return self.part.accepted_by

    @property
    def milestones(self) -> tuple[Reported, ...]:
        """What its member reported, with what the counterparties say of it, by log and index."""
        return self.part.milestones


def commitments(view: View) -> tuple[Commitment, ...]:
    """All commitments, by log and index of their offers."""
    return view.memo("cooperation: commitments", lambda: _commitments(view))


def _commitments(view: View) -> tuple[Commitment, ...]:
    found = (commitment(view, act.ref) for act in view.fold.of(Offer))
    return tuple(one for one in found if one is not None)


def commitment(view: View, ref: str) -> Commitment | None:
    """One commitment by its offer; None if that is not held or does not count."""
    return view.memo(("cooperation: commitment", ref), lambda: _commitment(view, ref))


def _commitment(view: View, ref: str) -> Commitment | None:
    offer = view.fold.acts.get(ref)
    if offer is None or not isinstance(offer.body, Offer) or why_refused(view, offer) is not None:
        return None
    one = part(view, offer)
    arm = arming(view, one)
    state = _state(view, one, arm)
    overdue = _is_overdue(view, one, arm, state)
    return Commitment(
        offer=offer,
        to=named_in(offer) or one.accepted_by,
        state=state,
        part=one,
        arming=arm,
        is_overdue=overdue,
        refused=refused(view, _acts_about(view, offer)),
        sentence=_sentence(view, one, arm, state, overdue),
    )


def _state(view: View, one: Part, arm: Arming) -> State:
    """The state with what the package, the track and the reports add to an accepted commitment."""
    if one.state is not State.ACCEPTED:
        return one.state
    if not arm.is_armed:
        return State.RELEASED if arm.released_by else State.ACCEPTED
    if not _track_is_open(view, one):
        return State.ACCEPTED
    if any(milestone.state is State.DISPUTED for milestone in one.milestones):
        return State.DISPUTED
    last = last_milestone(view, one)
    return last.state if last else State.ACTIVE


def _track_is_open(view: View, one: Part) -> bool:
    found = track(view, one.terms.track)
    return found is not None and found.is_open


def last_milestone(view: View, one: Part) -> Reported | None:
    """The milestone that was reported last; None before the first."""
    acts = [milestone.act for milestone in one.milestones]
    latest = {act.ref for act in view.fold.latest(acts)}
    # Of two that were written apart the one that is not confirmed is shown: something is still open.
    return min(
        (milestone for milestone in one.milestones if milestone.act.ref in latest),
        key=lambda milestone: (milestone.state is State.CONFIRMED, milestone.act.place),
        default=None,
    )


def _is_overdue(view: View, one: Part, arm: Arming, state: State) -> bool:
    """Due, past the deadline, and no undisputed report that all was done in time waits for an answer.

    Nobody gets out of a deadline by suspending its own part; a counterparty's suspension does lift it.
    """
    terms = one.terms
    if not view.has_passed(terms.by):
        return False
    own = state is State.SUSPENDED and one.taken_back[0].member == one.member
    # A suspended part is itself what its package lacks.
    promised = own and bool(one.accepted_by) and not missing(view, one.offer)
    held = promised and set(arm.waits_for) <= {one.member} and _track_is_open(view, one)
    if state not in _DUE and not held:
        return False
    return not any(
        milestone.is_done
        and milestone.state is not State.DISPUTED
        and timed(view, milestone.act, terms.by, rules_of(view)).timing is not Timing.LATE
        for milestone in one.milestones
    )


def _acts_about(view: View, offer: Act) -> list[Act]:
    """Every act about a commitment, or about a report or a suspension of it."""
    fold = view.fold
    first = [
        act
        for kind in (Accept, Decline, Milestone, SuspendPart, WithdrawOffer)
        for act in fold.about(kind, offer.ref)
    ]
    return first + [
        act for one in first for kind in (Confirm, Dispute, ResumePart) for act in fold.about(kind, one.ref)
    ]


# In words


def _sentence(view: View, one: Part, arm: Arming, state: State, overdue: bool) -> str:
    terms = one.terms
    others = names(named_in(one.offer) or one.accepted_by) or "whoever accepts it"
    verb = "offers" if state in (State.OFFERED, State.LAPSED, State.DECLINED) else "has promised"
    condition = f" if {brief(terms.condition)}" if terms.condition else ""
    head = (
        f"{short(one.member)} {verb} {others}: {terms.what.rstrip(' .')}, by {show_time(terms.by)}{condition}"
    )
    return f"{head}; {_how_it_stands(view, one, arm, state)}{'; it is overdue' if overdue else ''}."


def _how_it_stands(view: View, one: Part, arm: Arming, state: State) -> str:
    match state:
        case State.OFFERED:
            return _offered(view, one, arm)
        case State.LAPSED:
            waited = names(missing(view, one.offer))
            return f"{waited} had not accepted it by then" if waited else "nobody had accepted it by then"
        case State.DECLINED:
            return f"{_by(one.taken_back)} declined it"
        case State.ACCEPTED:
            return f"accepted, waiting for {_waiting(view, one, arm)}"
        case State.RELEASED:
            return (
                f"no longer armed: {_by(arm.released_by)} took a part of package {one.terms.package!r} back"
            )
        case State.ACTIVE:
            return f"accepted by {names(one.accepted_by)} and active"
        case State.SUSPENDED:
            first = one.taken_back[0].body
            assert isinstance(first, SuspendPart)
            again = f"to be looked at again by {show_time(first.review_at)}"
            return f"suspended by {_by(one.taken_back)}, {again}: {brief(first.reason)}"
        case State.WITHDRAWN:
            first = one.taken_back[0].body
            assert isinstance(first, WithdrawOffer)
            return f"withdrawn by {_by(one.taken_back)}: {brief(first.reason)}"
        case State.ENDED:
            return f"{_by(one.taken_back)} left the council"
        case _:
            return _reported(view, one, state)


def _offered(view: View, one: Part, arm: Arming) -> str:
    waited = names(missing(view, one.offer))
    first = f"armed when {waited or 'another member'} accepts"
    if len(missing(view, one.offer)) > 1:
        first = f"armed when {waited} accept"
    others = [member for member in arm.waits_for if member != one.member]
    return f"{first}, and {_parts_wanted(one, others)}" if others else first


def _parts_wanted(one: Part, others: list[str]) -> str:
    has = "has an accepted part" if len(others) == 1 else "have accepted parts"
    return f"{names(others)} {has} in package {one.terms.package!r}"


def _waiting(view: View, one: Part, arm: Arming) -> str:
    """What an accepted commitment waits for: its partners, by their names, or the decision on its track."""
    if not arm.is_armed:
        return f"{names(arm.waits_for)} in package {one.terms.package!r}"
    found = track(view, one.terms.track)
    decision = view.fold.acts.get(found.decision) if found else None
    return f"the decision {decision.name} to open the track" if decision else "its track"


def _reported(view: View, one: Part, state: State) -> str:
    if state is State.FULFILLED:
        done = [m for m in one.milestones if m.is_done and m.state is State.CONFIRMED]
        who = names(v.member for v in done[0].verdicts if v.is_confirmed)
        return f"fulfilled: {who} confirmed {done[0].act.name}"
    if state is State.DISPUTED:
        verdicts = [v for m in one.milestones if m.state is State.DISPUTED for v in m.verdicts]
        disputes = [v.act for v in verdicts if v.act is not None and v.is_disputed]
        reason = disputes[0].body
        assert isinstance(reason, Dispute)
        return f"{_by(tuple(disputes))} disputed what was reported: {brief(reason.reason)}"
    last = last_milestone(view, one)
    assert last is not None
    if state is State.CONFIRMED:
        return f"the step reported in {last.act.name} is confirmed; the last one is still to come"
    have = "has" if len(last.waits_for) == 1 else "have"
    return f"{names(last.waits_for)} still {have} to confirm or dispute {last.act.name}"


def _by(acts: tuple[Act, ...]) -> str:
    """Who did something, with the acts: `ann (ann:7) and ben (ben:9)`."""
    found = [f"{short(act.member)} ({act.name})" for act in acts]
    return " and ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)


def brief(words: str) -> str:
    """The beginning of some words on one line; the whole stands in the act."""
    line = " ".join(words.split()).rstrip(".")
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "…"


def _machine() -> Machine:
    taken = (State.ACCEPTED, State.RELEASED, *_DUE)
    open_to_answers = (State.OFFERED, State.LAPSED, State.DECLINED)
    going = (*open_to_answers, State.SUSPENDED, *taken)
    steps = [
        (State.OFFERED, State.DECLINED, "a named counterparty declines"),
        (State.DECLINED, State.OFFERED, "it accepts after all; others are still to answer"),
        (State.DECLINED, State.SUSPENDED, "it accepts after all; a side has suspended its part"),
        (State.OFFERED, State.LAPSED, "the deadline passes"),
        *(
            (one, State.ACCEPTED, "its counterparties accept; partners are awaited")
            for one in open_to_answers
        ),
        *((one, State.ACTIVE, "its counterparties accept") for one in open_to_answers),
        *((State.ACCEPTED, one, "all partners have accepted parts, and the track is open") for one in _DUE),
        (State.ACTIVE, State.REPORTED, "its member reports a milestone"),
        (State.REPORTED, State.CONFIRMED, "all counterparties confirm"),
        (State.CONFIRMED, State.REPORTED, "its member reports the next milestone"),
        (State.REPORTED, State.DISPUTED, "a counterparty disputes"),
        (State.CONFIRMED, State.DISPUTED, "a counterparty disputes after all"),
        (State.FULFILLED, State.DISPUTED, "a counterparty disputes after all"),
        (State.DISPUTED, State.REPORTED, "who disputed confirms; others are still to answer"),
        (State.DISPUTED, State.CONFIRMED, "who disputed confirms"),
        *((one, State.RELEASED, "a partner takes its part back") for one in _DUE),
        *((State.RELEASED, one, "the partner's part stands again") for one in _DUE),
        (State.OFFERED, State.SUSPENDED, "a side suspends its part"),
        (State.SUSPENDED, State.OFFERED, "who suspended it resumes"),
        (State.SUSPENDED, State.LAPSED, "who suspended it does not resume by the deadline"),
        *((one, State.SUSPENDED, "a side suspends its part") for one in taken),
        *((State.SUSPENDED, one, "who suspended it resumes") for one in taken),
        *((one, State.DECLINED, "a counterparty accepts it no longer") for one in taken),
        *(
            (one, State.FULFILLED, "all counterparties confirm a report that all is done")
            for one in (*_DUE[1:], State.ACCEPTED, State.RELEASED, State.SUSPENDED)
        ),
        *((one, State.WITHDRAWN, "its member withdraws it") for one in going),
        *((one, State.ENDED, "its member or all counterparties leave the council") for one in going),
    ]
    return Machine(
        "commitment",
        tuple(one.value for one in State),
        tuple(Step(source.value, target.value, by) for source, target, by in steps),
    )


MACHINE = _machine()
"""What a commitment goes through, one act at a time. Acts that cross, or arrive late, may skip steps."""
