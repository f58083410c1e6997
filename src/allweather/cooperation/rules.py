"""Which acts of cooperation count, and why the others do not: one sentence each.

Every rule here rests on the act itself, on what its author had seen when it wrote it, or on facts that order
cannot touch. So an act that counts in one order of arrival counts in all of them, and a refused one is shown
as refused, never hidden. Who has left the council can do nothing new here, but what it did before stays.

What it does not do: look at how a commitment stands now. That is for `commitments`, and for `checks`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

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
from allweather.council.acts import Act, short
from allweather.council.bodies import Rules, Silence
from allweather.council.forms import Body
from allweather.council.membership import Refusal, seats, sift, why_not_then
from allweather.council.seats import charter_body
from allweather.council.timing import Timing, show_time, timed
from allweather.council.view import View

_B = TypeVar("_B", bound=Body)


def refused(view: View, acts: Iterable[Act]) -> tuple[Refusal, ...]:
    """Those of some acts that do not count, with the reasons, in their fixed places."""
    ordered = sorted(set(acts), key=lambda act: act.place)
    return tuple(sift(ordered, lambda act: why_refused(view, act))[1])


def why_refused(view: View, act: Act) -> str | None:
    """Why an act does not count; None if it does."""
    if act.ref not in view.fold.acts:
        return why_not_then(view, act) or fault(view, act)
    return view.memo(
        ("cooperation: why refused", act.ref), lambda: why_not_then(view, act) or fault(view, act)
    )


def fault(view: View, act: Act) -> str | None:
    """What is wrong with an act whatever its author's seat; None if nothing is."""
    return _FAULTS[type(act.body)](view, act)


def standing(view: View, kind: type[Body], ref: str, before: Act | None = None) -> list[Act]:
    """The acts of a kind about another that count; with `before`, those that its author had seen."""
    return [
        one
        for one in view.fold.about(kind, ref)
        if (before is None or view.fold.has_seen(before, one)) and why_refused(view, one) is None
    ]


def last_of(view: View, acts: list[Act], cautious: type[Body]) -> Act | None:
    """The latest of one member's acts; of several written apart the one in its own log, then the cautious."""
    return min(
        view.fold.latest(acts),
        key=lambda act: (act.origin != act.member, not isinstance(act.body, cautious), act.place),
        default=None,
    )


def body_of(act: Act, kind: type[_B]) -> _B:
    """The body of an act whose kind is known."""
    assert isinstance(act.body, kind)
    return act.body


def offer_of(view: View, ref: str) -> Act:
    """The offer that an act which counts is about."""
    return view.fold.acts[ref]


def rules_of(view: View) -> Rules:
    """What the charter settles."""
    found = seats(view)
    return Rules() if found is None else found.rules


def charter_tracks(view: View) -> tuple[str, ...]:
    """The titles of the tracks that the charter opens, each once."""
    found = seats(view)
    return () if found is None else tuple(dict.fromkeys(charter_body(found.charter).tracks))


def has_left(view: View, member: str) -> bool:
    """Whether a member has left the council."""
    found = seats(view)
    return found is not None and member in found.left


# Who takes part in a commitment


def named_in(offer: Act) -> tuple[str, ...]:
    """The counterparties that an offer names, sorted; none if it is open to every other member."""
    return tuple(sorted(set(body_of(offer, Offer).to)))


def answers_to(view: View, offer: Act, before: Act | None = None) -> dict[str, Act]:
    """What each member last said to an offer, accepting or declining it, by the member's name."""
    said: dict[str, list[Act]] = {}
    for kind in (Accept, Decline):
        for one in standing(view, kind, offer.ref, before):
            said.setdefault(one.member, []).append(one)
    answers = {member: last_of(view, acts, Decline) for member, acts in sorted(said.items())}
    return {member: act for member, act in answers.items() if act is not None}


def accepters(view: View, offer: Act, before: Act | None = None) -> tuple[str, ...]:
    """The members whose last word on an offer is that they accept it, sorted."""
    answers = answers_to(view, offer, before)
    return tuple(member for member, act in answers.items() if isinstance(act.body, Accept))


def missing(view: View, offer: Act, before: Act | None = None) -> tuple[str, ...]:
    """Named counterparties that have not accepted and have not left the council, sorted."""
    yes = accepters(view, offer, before)
    return tuple(one for one in named_in(offer) if one not in yes and not has_left(view, one))


def is_accepted(view: View, offer: Act, before: Act | None = None) -> bool:
    """Whether all named counterparties accepted; or, of an open offer, anybody did."""
    return bool(accepters(view, offer, before)) and not missing(view, offer, before)


def suspensions(view: View, about: str, member: str, before: Act | None = None) -> list[Act]:
    """A member's suspensions of its part that it has not ended (or had not, when it wrote `before`)."""
    mine = [one for one in standing(view, SuspendPart, about, before) if one.member == member]
    return [one for one in mine if not _is_resumed(view, one, mine, before)]


def _is_resumed(view: View, suspension: Act, mine: list[Act], before: Act | None) -> bool:
    """A resumption also ends what its author had suspended earlier about the same."""
    return any(
        done.member == suspension.member and (other == suspension or view.fold.has_seen(done, suspension))
        for other in mine
        for done in standing(view, ResumePart, other.ref, before)
    )


# What is wrong with an act, kind by kind


def _track(view: View, act: Act) -> str | None:
    body = body_of(act, Track)
    found = seats(view)
    if body.decision:
        decision = view.fold.acts.get(body.decision)
        if decision is None:
            return "the decision that it names is not held here; fetch the log that it is in"
        if not isinstance(decision.body, Silence):
            return f"{decision.name} is no decision; name the act that opened the silence"
    elif found is not None and act.member not in found.members and act.member not in found.left:
        return f"{short(act.member)} is no member, so it opens a track only by a decision; name the decision"
    if body.title in charter_tracks(view):
        return f"the charter opens the track {body.title!r} already; use that one"
    for one in view.fold.of(Track):
        same = body_of(one, Track).title == body.title and one != act and view.fold.has_seen(act, one)
        if same and why_not_then(view, one) is None:
            return f"{one.name} had opened the track {body.title!r} already; use that one"
    return None


def track_fault(view: View, name: str) -> str | None:
    """Why a name is no track that anything can be offered in; None if it is one."""
    if name in charter_tracks(view):
        return None
    act = view.fold.acts.get(name)
    if act is None or not isinstance(act.body, Track):
        known = ", ".join(repr(one) for one in charter_tracks(view))
        return (
            f"{name!r:.80} is no track that is held here; name one by the act that opened it"
            + (f", or one of the charter's by its title: {known}" if known else "")
        )  # fmt: skip
    why = why_refused(view, act)
    return why and f"the track {act.name} does not count: {why}"


def _offer(view: View, act: Act) -> str | None:
    body = body_of(act, Offer)
    why = track_fault(view, body.track) or _strangers(view, act, (*body.to, *body.parties))
    if why:
        return why
    if body.by <= act.at:
        return f"its deadline {show_time(body.by)} is not after the offer itself; give a later one"
    if act.member in body.to:
        return "a member cannot promise something to itself; take it out of those it is offered to"
    if bool(body.package) != bool(set(body.parties) - {act.member}):
        return "a package needs both a label and at least one other member whose part it waits for"
    return _own_track(view, act, body.track)


def _strangers(view: View, act: Act, named: tuple[str, ...]) -> str | None:
    found = seats(view)
    known = {*found.members, *found.left} if found else set()
    strange = sorted(set(named) - known)
    return (
        f"{', '.join(short(one) or one for one in strange)}: no member of this council" if strange else None
    )


def _own_track(view: View, act: Act, track: str) -> str | None:
    mine = suspensions(view, track, act.member, before=act)
    return _resume_first(mine[0], "this track") if mine else None


def _resume_first(suspension: Act, what: str) -> str:
    name = short(suspension.member)
    return f"{name} has suspended its part in {what} ({suspension.name}); resume it first"


def _offer_fault(view: View, ref: str) -> str | None:
    act = view.fold.acts.get(ref)
    if act is None:
        return "the offer that it names is not held here; fetch the log that it is in"
    if not isinstance(act.body, Offer):
        return f"{act.name} is no offer; name the act that offered the commitment"
    why = why_refused(view, act)
    return why and f"the offer {act.name} does not count: {why}"


def _may_answer(view: View, act: Act, ref: str) -> str | None:
    why = _offer_fault(view, ref)
    if why:
        return why
    offer = offer_of(view, ref)
    if act.member == offer.member:
        return f"{offer.name} is {short(act.member)}'s own offer; it can only withdraw it"
    named = named_in(offer)
    if named and act.member not in named:
        return f"{offer.name} is offered to {names(named)}, not to {short(act.member)}"
    return None


def _accept(view: View, act: Act) -> str | None:
    body = body_of(act, Accept)
    why = _may_answer(view, act, body.offer)
    if why:
        return why
    offer = offer_of(view, body.offer)
    withdrawn = standing(view, WithdrawOffer, offer.ref, before=act)
    if withdrawn:
        return f"{short(offer.member)} had withdrawn {offer.name} ({withdrawn[0].name}); ask for a new offer"
    terms = body_of(offer, Offer)
    late = timed(view, act, terms.by, rules_of(view))
    if late.timing is Timing.LATE:
        return f"it came after the deadline {show_time(terms.by)}: {late.why}; ask for a new offer"
    return _own_track(view, act, terms.track)


def _decline(view: View, act: Act) -> str | None:
    return _may_answer(view, act, body_of(act, Decline).offer)


def _milestone(view: View, act: Act) -> str | None:
    body = body_of(act, Milestone)
    why = _own_offer(view, act, body.offer, "reports on it")
    if why:
        return why
    offer = offer_of(view, body.offer)
    if not is_accepted(view, offer, before=act):
        waited = missing(view, offer, before=act)
        who = f"{names(waited)} {'has' if len(waited) == 1 else 'have'}" if waited else "anybody has"
        return f"{offer.name} was not accepted when this was reported; report once {who} accepted it"
    withdrawn = standing(view, WithdrawOffer, offer.ref, before=act)
    if withdrawn:
        return f"{short(act.member)} had withdrawn {offer.name} ({withdrawn[0].name}); offer it again"
    mine = suspensions(view, offer.ref, act.member, before=act)
    if mine:
        return _resume_first(mine[0], offer.name)
    return _own_track(view, act, body_of(offer, Offer).track)


def _own_offer(view: View, act: Act, ref: str, does: str) -> str | None:
    why = _offer_fault(view, ref)
    if why:
        return why
    owner = offer_of(view, ref).member
    return None if owner == act.member else f"only {short(owner)}, which made the offer, {does}"


def _withdraw(view: View, act: Act) -> str | None:
    return _own_offer(view, act, body_of(act, WithdrawOffer).offer, "withdraws it")


def asked(view: View, milestone: Act) -> tuple[str, ...]:
    """Who is to confirm a milestone: those whose acceptance its author had seen when it reported."""
    offer = offer_of(view, body_of(milestone, Milestone).offer)
    return view.memo(("cooperation: asked", milestone.ref), lambda: accepters(view, offer, before=milestone))


def _verdict(view: View, act: Act) -> str | None:
    assert isinstance(act.body, Confirm | Dispute)
    milestone = view.fold.acts.get(act.body.milestone)
    if milestone is None:
        return "the report that it names is not held here; fetch the log that it is in"
    if not isinstance(milestone.body, Milestone):
        return f"{milestone.name} is no report of a milestone"
    why = why_refused(view, milestone)
    if why:
        return f"the report {milestone.name} does not count: {why}"
    who = asked(view, milestone)
    if act.member in who:
        return None
    return f"{milestone.name} was reported to {names(who)}; only they confirm or dispute it"


def _suspend(view: View, act: Act) -> str | None:
    body = body_of(act, SuspendPart)
    if body.review_at <= act.at:
        return f"its review date {show_time(body.review_at)} is not after the suspension; give a later one"
    offer = view.fold.acts.get(body.about)
    if offer is None or not isinstance(offer.body, Offer):
        return track_fault(view, body.about)
    why = _offer_fault(view, body.about)
    if why or act.member == offer.member or act.member in accepters(view, offer, before=act):
        return why
    return (
        f"{short(act.member)} takes no part in {offer.name}; only who made or accepted it suspends its part"
    )


def _resume(view: View, act: Act) -> str | None:
    suspension = view.fold.acts.get(body_of(act, ResumePart).suspension)
    if suspension is None:
        return "the suspension that it names is not held here; fetch the log that it is in"
    if not isinstance(suspension.body, SuspendPart):
        return f"{suspension.name} is no suspension of a part in a track or a commitment"
    why = why_refused(view, suspension)
    if why:
        return f"the suspension {suspension.name} does not count: {why}"
    if act.member != suspension.member:
        return f"only {short(suspension.member)}, which suspended its part, resumes it"
    return None


def names(members: Iterable[str]) -> str:
    """Members for people: `ann, ben and cat`."""
    found = [short(one) for one in members]
    return " and ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)


_FAULTS: dict[type[Body], Callable[[View, Act], str | None]] = {
    Track: _track,
    Offer: _offer,
    Accept: _accept,
    Decline: _decline,
    Milestone: _milestone,
    Confirm: _verdict,
    Dispute: _verdict,
    SuspendPart: _suspend,
    ResumePart: _resume,
    WithdrawOffer: _withdraw,
}
