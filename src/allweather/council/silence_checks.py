"""What is asked of acts about decisions before they are signed: why one would not count, in one sentence.

Each check looks at the decision as the author's own node sees it. The fold judges the same acts again, by
what others held and when; where that cannot depend on an order, both use the same functions.
"""

from __future__ import annotations

from collections.abc import Callable

from allweather.council.acts import Act, short
from allweather.council.bodies import (
    Answer,
    Clear,
    Conflict,
    Freeze,
    Hold,
    Object,
    Receipt,
    Refuse,
    Reserve,
    Silence,
    Withdraw,
)
from allweather.council.conflicts import why_no_conflict
from allweather.council.decisions import Decision
from allweather.council.forms import Body
from allweather.council.freezing import refusal as freeze_refusal
from allweather.council.hearing import hear
from allweather.council.objections import weigh, why_no_answer, why_not_holder
from allweather.council.openings import words_of
from allweather.council.silence import decision, put_to, why_not_opened, why_not_proposer
from allweather.council.timing import show_time
from allweather.council.view import View


def check_silence(view: View, act: Act) -> str | None:
    """Why a silence would not be open."""
    body = act.body
    assert isinstance(body, Silence)
    seats = put_to(view, act)
    if seats is None:
        return "no charter is held"
    if body.admits is not None and body.admits.origin in seats.members:
        return f"{short(body.admits.origin)} is a member already"
    for verb, ref in (("ended", body.ends), ("amended", body.amends)):
        found = decision(view, view.fold.acts[ref]) if ref in view.fold.acts else None
        if found is not None and (found.is_returned or found.state in ("void", "ended", "sunset")):
            return f"{found.name} cannot be {verb}: {found.sentence}"
    text = view.fold.acts.get(body.text)
    forged = text is not None and isinstance(text.body, Freeze) and freeze_refusal(view, text)
    if text is not None and forged:
        return f"the frozen text {text.name} does not count: {forged}"
    return why_not_opened(view, act, seats)


def check_receipt(view: View, act: Act) -> str | None:
    """Why a receipt would not show that its author was reached."""
    body = act.body
    assert isinstance(body, Receipt)
    found, why = _find(view, body.decision)
    if found is None:
        return why
    if body.text != found.text:
        return f"{found.name} puts another text to silence; a receipt names that very text"
    if words_of(view.fold, body.text) is None:
        return "the text is not held here; fetch it before signing that it was received"
    if any(one.member == act.member and isinstance(one.act.body, Receipt) for one in found.heard):
        return f"{short(act.member)} has signed its receipt already"
    return None


def check_refuse(view: View, act: Act) -> str | None:
    """Why a refusal of silence would change nothing."""
    assert isinstance(act.body, Refuse)
    return _in_vain(view, act, act.body.decision)


def check_object(view: View, act: Act) -> str | None:
    """Why an objection would change nothing."""
    body = act.body
    assert isinstance(body, Object)
    if body.counter and words_of(view.fold, body.counter) is None:
        return "the counter-text is not held here; table it, or freeze the draft, first"
    return _in_vain(view, act, body.decision)


def check_hold(view: View, act: Act) -> str | None:
    """Why a hold would not lengthen the silence."""
    assert isinstance(act.body, Hold)
    found, why = _find(view, act.body.decision)
    if found is None:
        return why
    if found.state not in ("running", "broken"):
        return f"{found.name} does not run any more: {found.sentence}"
    if view.has_passed(found.expires_at):
        return f"the silence {found.name} ended at {show_time(found.expires_at)}"
    used = next((one.act for one in found.holds if one.member == act.member), None)
    return f"{short(act.member)} has used its one hold, with {used.name}" if used is not None else None


def check_answer(view: View, act: Act) -> str | None:
    """Why an answer would go nowhere."""
    assert isinstance(act.body, Answer)
    objection = view.fold.acts.get(act.body.objection)
    if objection is None or not isinstance(objection.body, Object):
        return "it names no objection that is held here; name one like norway:12"
    return why_no_answer(objection, act)


def check_clear(view: View, act: Act) -> str | None:
    """Why an objection would not be cleared."""
    assert isinstance(act.body, Clear)
    objection = view.fold.acts.get(act.body.objection)
    if objection is None or not isinstance(objection.body, Object):
        return "it names no objection that is held here; name one like norway:12"
    why = why_not_holder(objection, act)
    if why is not None:
        return why
    found, why = _find(view, objection.body.decision)
    if found is None:
        return why
    thread = next((one for one in found.objections if one.act == objection), None)
    if thread is None or not thread.is_standing:
        return f"{objection.name} stands no longer, so that there is nothing to clear"
    by = thread.finding.by
    if by is not None and view.has_passed(by):
        return f"it could be cleared until {show_time(by)}; the text has gone back to drafting"
    return None


def check_reserve(view: View, act: Act) -> str | None:
    """Why a reservation would not be attached."""
    assert isinstance(act.body, Reserve)
    found, why = _find(view, act.body.decision)
    if found is None:
        return why
    if found.is_returned:
        return f"there is nothing to join: {found.sentence}"
    if found.statements_by is not None and view.has_passed(found.statements_by):
        return f"statements on {found.name} were taken until {show_time(found.statements_by)}"
    return None


def check_conflict(view: View, act: Act) -> str | None:
    """Why a declared conflict would hold nothing up."""
    body = act.body
    assert isinstance(body, Conflict)
    why = why_no_conflict(view, act)
    if why is not None:
        return why
    one, other = decision(view, view.fold.acts[body.decision]), decision(view, view.fold.acts[body.other])
    for found in (one, other):
        if found is not None and found.state in ("void", "withdrawn", "refused"):
            return f"{found.name} is out of the way: {found.sentence}"
    both = (found for found in (one, other) if found is not None and found.is_adopted)
    if sum(view.has_passed(found.final_at) for found in both) == 2:
        return "both decisions are final; propose a later one that amends or ends one of them"
    return None


def check_withdrawal(view: View, act: Act) -> str | None:
    """Why a withdrawal of a silence would not count; None too if it is about something else."""
    assert isinstance(act.body, Withdraw)
    subject = view.fold.acts.get(act.body.act)
    if subject is None or not isinstance(subject.body, Silence):
        return None
    why = why_not_proposer(subject, act)
    found = decision(view, subject)
    if why is not None or found is None:
        return why
    if found.state not in ("running", "broken", "provisional"):
        return f"{subject.name} cannot be withdrawn any more: {found.sentence}"
    return None


def _find(view: View, ref: str) -> tuple[Decision | None, str | None]:
    """The decision that an act is about, or why it is about none that is open to acts."""
    act = view.fold.acts.get(ref)
    found = decision(view, act) if act is not None else None
    if found is None:
        return None, "it names no decision that is held here; name one by its opening, like norway:12"
    if found.state in ("void", "withdrawn"):
        return None, f"nothing is decided by {found.name}: {found.sentence}"
    return found, None


def _in_vain(view: View, act: Act, ref: str) -> str | None:
    found, why = _find(view, ref)
    if found is None:
        return why
    seats = put_to(view, found.act)
    assert seats is not None
    if act.member not in seats.members:
        return f"{found.name} was put to the members of its time, and {short(act.member)} was not one"
    finding = weigh(view, act, hear(view, found.act, seats))
    if finding.effect == "none":
        return f"it would come too late: {finding.reason}"
    return None


CHECKS: dict[type[Body], Callable[[View, Act], str | None]] = {
    Silence: check_silence,
    Receipt: check_receipt,
    Refuse: check_refuse,
    Hold: check_hold,
    Object: check_object,
    Answer: check_answer,
    Clear: check_clear,
    Reserve: check_reserve,
    Conflict: check_conflict,
}
"""Withdrawals are checked with what they withdraw in sight: `check_withdrawal` is for those of a silence."""
