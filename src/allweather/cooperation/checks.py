"""What is asked of every act of cooperation before it is signed: why it would not count, or change nothing.

The first half of each answer is the rule that the fold itself applies (`rules`). The second half looks at how
things stand here and now, which another member's act may already have changed elsewhere: such an act would be
kept and shown, and is only held back to spare its author a mistake.
"""

from __future__ import annotations

from collections.abc import Callable

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
from allweather.cooperation.commitments import commitment
from allweather.cooperation.parts import State, Verdict, part
from allweather.cooperation.rules import answers_to, body_of, fault, offer_of, suspensions
from allweather.council.acts import Act, short
from allweather.council.bodies import Concern
from allweather.council.forms import Body
from allweather.council.view import View


def check_track(view: View, act: Act) -> str | None:
    """Why a track would not open; None if it would."""
    body = body_of(act, Track)
    why = fault(view, act)
    if why is None and body.concern and view.fold.body(body.concern, Concern) is None:
        return "the concern that it names is not held here; name one of the agenda, or none"
    return why


def check_offer(view: View, act: Act) -> str | None:
    """Why an offer would not count."""
    return fault(view, act)


def check_accept(view: View, act: Act) -> str | None:
    """Why an acceptance would not count, or would change nothing."""
    ref = body_of(act, Accept).offer
    return fault(view, act) or _closed(view, ref) or _said(view, act, ref, Accept, "accepted")


def check_decline(view: View, act: Act) -> str | None:
    """Why a refusal of an offer would not count, or would change nothing."""
    ref = body_of(act, Decline).offer
    return fault(view, act) or _closed(view, ref) or _said(view, act, ref, Decline, "declined")


def check_milestone(view: View, act: Act) -> str | None:
    """Why a report would not count, or would change nothing."""
    ref = body_of(act, Milestone).offer
    why = fault(view, act) or _closed(view, ref)
    found = None if why else commitment(view, ref)
    if found and found.state is State.ACCEPTED:
        return f"it is not active yet, so there is nothing to report: {found.sentence}"
    return why


def check_confirm(view: View, act: Act) -> str | None:
    """Why a confirmation would not count, or would change nothing."""
    why = fault(view, act)
    verdict = None if why else _verdict(view, act, body_of(act, Confirm).milestone)
    if verdict and verdict.act and verdict.is_confirmed:
        return f"{short(act.member)} has confirmed this report already ({verdict.act.name})"
    return why


def check_dispute(view: View, act: Act) -> str | None:
    """Why a dispute would not count, or would change nothing."""
    why = fault(view, act)
    verdict = None if why else _verdict(view, act, body_of(act, Dispute).milestone)
    if verdict and verdict.act and verdict.is_disputed:
        return (
            f"{short(act.member)} disputes this report already ({verdict.act.name}); confirm it to lift that"
        )
    return why


def check_suspend(view: View, act: Act) -> str | None:
    """Why a suspension would not count, or would change nothing."""
    about = body_of(act, SuspendPart).about
    why = fault(view, act) or _closed(view, about)
    mine = [] if why else suspensions(view, about, act.member)
    return f"{short(act.member)} has suspended its part already ({mine[0].name})" if mine else why


def check_resume(view: View, act: Act) -> str | None:
    """Why a resumption would not count, or would change nothing."""
    why = fault(view, act)
    if why:
        return why
    suspension = view.fold.acts[body_of(act, ResumePart).suspension]
    if suspension not in suspensions(view, body_of(suspension, SuspendPart).about, act.member):
        return f"{short(act.member)} has resumed this already; {suspension.name} stands no longer"
    return None


def check_withdraw(view: View, act: Act) -> str | None:
    """Why a withdrawal would not count, or would change nothing."""
    return fault(view, act) or _closed(view, body_of(act, WithdrawOffer).offer)


def _closed(view: View, ref: str) -> str | None:
    """Whether a commitment has come to an end; None also if the reference is of something else."""
    found = commitment(view, ref)
    if found is None or found.state not in (State.FULFILLED, State.WITHDRAWN, State.ENDED):
        return None
    return f"{found.offer.name} is {found.state.value} already, and stays on record so; make a new offer"


def _said(view: View, act: Act, ref: str, kind: type[Body], word: str) -> str | None:
    before = answers_to(view, offer_of(view, ref)).get(act.member)
    if before is not None and isinstance(before.body, kind):
        return f"{short(act.member)} has {word} this already ({before.name})"
    return None


def _verdict(view: View, act: Act, ref: str) -> Verdict | None:
    offer = offer_of(view, body_of(view.fold.acts[ref], Milestone).offer)
    verdicts = [v for one in part(view, offer).milestones if one.act.ref == ref for v in one.verdicts]
    return next((one for one in verdicts if one.member == act.member), None)


CHECKS: dict[type[Body], Callable[[View, Act], str | None]] = {
    Track: check_track,
    Offer: check_offer,
    Accept: check_accept,
    Decline: check_decline,
    Milestone: check_milestone,
    Confirm: check_confirm,
    Dispute: check_dispute,
    SuspendPart: check_suspend,
    ResumePart: check_resume,
    WithdrawOffer: check_withdraw,
}
"""The check of every kind of this room."""
