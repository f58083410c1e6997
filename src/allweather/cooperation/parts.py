"""One commitment by itself: who accepted it, what was reported, who confirms, who has stepped out.

It knows nothing yet of the package that a commitment may belong to; `packages` and `commitments` add that.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from allweather.cooperation.bodies import (
    Confirm,
    Decline,
    Dispute,
    Milestone,
    Offer,
    WithdrawOffer,
)
from allweather.cooperation.rules import (
    accepters,
    answers_to,
    asked,
    body_of,
    has_left,
    is_accepted,
    last_of,
    named_in,
    standing,
    suspensions,
)
from allweather.council.acts import Act
from allweather.council.bodies import Leave
from allweather.council.membership import why_not_then
from allweather.council.view import View


class State(Enum):
    """Where a commitment stands."""

    OFFERED = "offered"
    LAPSED = "lapsed"
    DECLINED = "declined"
    ACCEPTED = "accepted"
    ACTIVE = "active"
    RELEASED = "released"
    REPORTED = "reported"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    FULFILLED = "fulfilled"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a counterparty says of a reported milestone; `act` is None while it has said nothing."""

    member: str
    act: Act | None

    @property
    def is_confirmed(self) -> bool:
        """Whether its last word is that it was done."""
        return self.act is not None and isinstance(self.act.body, Confirm)

    @property
    def is_disputed(self) -> bool:
        """Whether its last word is that it was not."""
        return self.act is not None and isinstance(self.act.body, Dispute)


@dataclass(frozen=True, slots=True)
class Reported:
    """A reported milestone with the verdict of each counterparty: reported, confirmed or disputed."""

    act: Act
    verdicts: tuple[Verdict, ...]
    state: State

    @property
    def is_done(self) -> bool:
        """Whether its author reports that all is done."""
        return body_of(self.act, Milestone).done

    @property
    def waits_for(self) -> tuple[str, ...]:
        """Those who have said nothing of it yet."""
        return tuple(one.member for one in self.verdicts if one.act is None)


@dataclass(frozen=True, slots=True)
class Part:
    """One commitment by itself. `taken_back` are the acts because of which it does not go on.

    `state` is one of fulfilled, withdrawn, ended, declined, suspended, accepted, offered, lapsed.
    """

    offer: Act
    accepted_by: tuple[str, ...]
    declined_by: tuple[str, ...]
    milestones: tuple[Reported, ...]
    taken_back: tuple[Act, ...]
    state: State

    @property
    def member(self) -> str:
        """Who has made the commitment."""
        return self.offer.member

    @property
    def terms(self) -> Offer:
        """What is offered, by when, measured how."""
        return body_of(self.offer, Offer)


def part(view: View, offer: Act) -> Part:
    """How an offer that counts stands by itself."""
    return view.memo(("cooperation: part", offer.ref), lambda: _part(view, offer))


def _part(view: View, offer: Act) -> Part:
    answers = answers_to(view, offer)
    declines = [act for act in answers.values() if isinstance(act.body, Decline)]
    milestones = tuple(_reported(view, act) for act in standing(view, Milestone, offer.ref))
    state, acts = _state(view, offer, milestones, declines)
    return Part(
        offer=offer,
        accepted_by=accepters(view, offer),
        declined_by=tuple(act.member for act in declines),
        milestones=milestones,
        taken_back=tuple(acts),
        state=state,
    )


def _state(
    view: View, offer: Act, milestones: tuple[Reported, ...], declines: list[Act]
) -> tuple[State, list[Act]]:
    """The state, and the acts by which it was taken back if it was. What was fulfilled stays fulfilled."""
    if any(one.is_done and one.state is State.CONFIRMED for one in milestones):
        return State.FULFILLED, []
    withdrawn = standing(view, WithdrawOffer, offer.ref)
    if withdrawn:
        return State.WITHDRAWN, withdrawn
    others = named_in(offer) or accepters(view, offer)
    gone = {offer.member} if has_left(view, offer.member) else set(others)
    if gone and all(has_left(view, one) for one in gone):
        return State.ENDED, [
            act for act in view.fold.of(Leave) if act.member in gone and why_not_then(view, act) is None
        ]
    refusing = [act for act in declines if act.member in named_in(offer) and not has_left(view, act.member)]
    if refusing:
        return State.DECLINED, refusing
    is_taken = is_accepted(view, offer)
    if not is_taken and view.has_passed(body_of(offer, Offer).by):
        return State.LAPSED, []
    suspended = _suspended(view, offer)
    if suspended:
        return State.SUSPENDED, suspended
    return (State.ACCEPTED if is_taken else State.OFFERED), []


def _suspended(view: View, offer: Act) -> list[Act]:
    """The suspensions that stop a commitment: its committer's own, or those of all its counterparties."""
    own = parts_suspended_by(view, offer, offer.member)
    if own:
        return own
    others = [one for one in accepters(view, offer) or named_in(offer) if not has_left(view, one)]
    theirs = [parts_suspended_by(view, offer, one) for one in others]
    return [act for acts in theirs for act in acts] if theirs and all(theirs) else []


def parts_suspended_by(view: View, offer: Act, member: str) -> list[Act]:
    """A member's standing suspensions of its part in a commitment, or in the track that it belongs to."""
    return [
        *suspensions(view, offer.ref, member),
        *suspensions(view, body_of(offer, Offer).track, member),
    ]


def _reported(view: View, milestone: Act) -> Reported:
    given = [one for kind in (Confirm, Dispute) for one in standing(view, kind, milestone.ref)]
    verdicts = tuple(
        Verdict(member, last_of(view, [one for one in given if one.member == member], Dispute))
        for member in asked(view, milestone)
    )
    # Nothing waits for a member that has left, unless nobody else was there.
    deciding = [one for one in verdicts if not has_left(view, one.member)] or verdicts
    if any(one.is_disputed for one in deciding):
        state = State.DISPUTED
    elif all(one.is_confirmed for one in deciding):
        state = State.CONFIRMED
    else:
        state = State.REPORTED
    return Reported(milestone, verdicts, state)
