"""Refused acts: what stands on the record and changes nothing, each with the sentence that says why.

The modules beside this one find which acts count for what they fold. Here that is asked of a single act of
any kind, so that a view of one act, and the minutes, can show its refusal. Nothing is decided here that is
not decided there. Who has left the council said what it said before: that stays, and is not refused for it.

What it does not do: warn before signing (`checks` does), or judge an act that merely came to nothing later.
To say again what stands already is no refusal either, except where the first of several is all that counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from allweather.council import quotations
from allweather.council.acts import Act, short
from allweather.council.agenda import why_no_merge, why_no_move, withdrawal, wrong_subject
from allweather.council.bodies import (
    Agenda,
    Amend,
    Answer,
    Back,
    Charter,
    Clear,
    Concern,
    Conflict,
    Disapprove,
    Draft,
    Expectation,
    Freeze,
    Group,
    Hold,
    Join,
    Leave,
    Mandate,
    Merge,
    Object,
    Overrule,
    Position,
    Recall,
    Receipt,
    Refuse,
    Release,
    Reply,
    Reserve,
    Resume,
    Reveal,
    Review,
    Revision,
    Round,
    Seal,
    Silence,
    Statement,
    Suspend,
    Text,
    Withdraw,
)
from allweather.council.conflicts import why_no_conflict
from allweather.council.decisions import Decision
from allweather.council.drafts import why_in_vain
from allweather.council.forms import Body
from allweather.council.holding import why_no_expectation, why_no_position
from allweather.council.membership import Refusal, need_seats, seats, why_not_then
from allweather.council.reviewing import why_no_review
from allweather.council.rounds import sealing
from allweather.council.seat_checks import check_mandate, check_overrule, check_recall
from allweather.council.seats import in_time_to_undo, refusal_then
from allweather.council.silence import decision, why_not_proposer
from allweather.council.statements import said
from allweather.council.texts import text, why_no_version
from allweather.council.view import View

Why = Callable[[View, Act], "str | None"]


def why_refused(view: View, act: Act) -> str | None:
    """Why an act on the record changes nothing: one sentence; None if it counts.

    `act` is of a kind of this room (`REFUSALS`) and held in the view's fold.
    """
    return view.memo(("why refused", act.ref), lambda: REFUSALS[type(act.body)](view, act))


# Seats


def _charter(view: View, act: Act) -> str | None:
    why = why_not_then(view, act)
    if why is not None:
        return why
    stands = need_seats(view).charter
    return None if stands == act else f"the council sits under another charter, {stands.name}"


def _join(view: View, act: Act) -> str | None:
    body = act.body
    assert isinstance(body, Join)
    why = why_not_then(view, act) or wrong_subject(view, body.charter, (Charter,), "charter")
    if why is not None:
        return why
    found = need_seats(view)
    if body.charter != found.charter.ref:
        return f"the council sits under another charter, {found.charter.name}"
    if act.member != act.origin:
        return f"{short(act.member)} takes its seat in its own log"
    left = view.fold.of(Leave)
    for one in view.fold.about(Join, body.charter):
        again = one.origin == act.origin and one.index < act.index and why_not_then(view, one) is None
        between = any(gone.member == act.member and view.fold.has_seen(act, gone) for gone in left)
        if again and not between:
            return f"{short(act.origin)} had taken its seat already ({one.name})"
    return None


def _leave(view: View, act: Act) -> str | None:
    found = seats(view)
    if found is None:
        return why_not_then(view, act)
    return refusal_then(view.fold, found, act, in_time_to_undo(view, found.rules))


def _resume(view: View, act: Act) -> str | None:
    body = act.body
    assert isinstance(body, Resume)
    why = why_not_then(view, act) or wrong_subject(view, body.suspension, (Suspend,), "suspension")
    if why is not None:
        return why
    suspension = view.fold.acts[body.suspension]
    if suspension.member != act.member:
        return f"only {short(suspension.member)} takes up again what it suspended"
    for one in view.fold.about(Resume, suspension.ref):
        before = one != act and one.member == act.member and view.fold.has_seen(act, one)
        if before and why_not_then(view, one) is None:
            return f"{short(act.member)} had taken up again what it suspended already ({one.name})"
    return None


def _mandate(view: View, act: Act) -> str | None:
    body = act.body
    assert isinstance(body, Mandate)
    why = why_not_then(view, act)
    if why is None and (act.member != act.origin or body.until <= act.at):
        return check_mandate(view, act)
    return why


def _recall(view: View, act: Act) -> str | None:
    return why_not_then(view, act) or check_recall(view, act)


def _overrule(view: View, act: Act) -> str | None:
    body = act.body
    assert isinstance(body, Overrule)
    why = why_not_then(view, act) or check_overrule(view, act)
    if why is not None:
        return why
    target = view.fold.acts[body.act]
    if type(target.body) in REFUSALS and why_refused(view, target) is None:
        return f"it came too late to take back {target.name}: others have built on that"
    return None


# The agenda


def _withdraw(view: View, act: Act) -> str | None:
    body = act.body
    assert isinstance(body, Withdraw)
    subject = view.fold.acts.get(body.act)
    if subject is not None and isinstance(subject.body, Silence):
        return _silence_withdrawn(view, act, subject)
    why = why_no_move(view, act)
    if why is not None or subject is None or isinstance(subject.body, Concern | Conflict):
        return why
    first = withdrawal(view, subject)
    if first is not None and first != act:
        return f"{subject.name} was withdrawn already ({first.name})"
    return None


def _silence_withdrawn(view: View, act: Act, subject: Act) -> str | None:
    why = _of_decision(view, act, subject.ref) or why_not_proposer(subject, act)
    found = decision(view, subject)
    if why is None and found is not None and found.withdrawn is not None and found.withdrawn != act:
        return f"{subject.name} was withdrawn already ({found.withdrawn.name})"
    return why


def _disapprove(view: View, act: Act) -> str | None:
    assert isinstance(act.body, Disapprove)
    return why_not_then(view, act) or wrong_subject(view, act.body.concern, (Concern,), "concern")


def _statement(view: View, act: Act) -> str | None:
    body = act.body
    assert isinstance(body, Statement)
    why = said(view, act.ref).why_not or None
    if why is None and body.concern:
        return wrong_subject(view, body.concern, (Concern,), "concern")
    return why


def _reply(view: View, act: Act) -> str | None:
    assert isinstance(act.body, Reply)
    ref = act.body.statement
    why = why_not_then(view, act) or wrong_subject(view, ref, (Statement,), "statement")
    return why or _named(said(view, ref).refused, act)


# Texts, positions, rounds


def _text(view: View, act: Act) -> str | None:
    return text(view, act.ref).why_not or None


def _round(view: View, act: Act) -> str | None:
    return sealing(view, act.ref).why_not or None


def _seal(view: View, act: Act) -> str | None:
    assert isinstance(act.body, Seal)
    return why_not_then(view, act) or _in_round(view, act, act.body.round)


def _reveal(view: View, act: Act) -> str | None:
    assert isinstance(act.body, Reveal)
    why = why_not_then(view, act) or wrong_subject(view, act.body.seal, (Seal,), "seal")
    if why is not None:
        return why
    seal = view.fold.acts[act.body.seal]
    assert isinstance(seal.body, Seal)
    return _in_round(view, act, seal.body.round)


def _in_round(view: View, act: Act, ref: str) -> str | None:
    """Why a seal, or what opens one, changes nothing in its round. What counts in part does count."""
    why = wrong_subject(view, ref, (Round,), "round")
    if why is not None:
        return why
    found = sealing(view, ref)
    if found.why_not:
        return f"the round {found.round.name} does not count: {found.why_not}"
    return None if any(one.reveal == act for one in found.opened) else _named(found.refused, act)


# Decisions


def _silence(view: View, act: Act) -> str | None:
    found = decision(view, act)
    if found is None:
        return why_not_then(view, act)
    return found.why_void or None


def _receipt(view: View, act: Act) -> str | None:
    assert isinstance(act.body, Receipt)
    ref = act.body.decision
    why = _of_decision(view, act, ref)
    if why is not None:
        return why
    opened = view.fold.acts[ref]
    if opened.member == act.member:
        return f"{short(act.member)} opened {opened.name} itself, and counts as heard by that"
    for one in view.fold.about(Receipt, ref):
        earlier = one.member == act.member and one.origin == act.origin and one.index < act.index
        if earlier and _of_decision(view, one, ref) is None:
            return f"{short(act.member)} had signed its receipt already ({one.name})"
    return None


def _about_decision(view: View, act: Act) -> str | None:
    assert isinstance(act.body, Hold | Object | Refuse | Reserve)
    return _of_decision(view, act, act.body.decision)


def _conflict(view: View, act: Act) -> str | None:
    body = act.body
    assert isinstance(body, Conflict)
    found = seats(view)
    # Whether it was overruled in time the decisions say, by their deadlines.
    why = refusal_then(view.fold, found, act, lambda overrule: False) if found is not None else None
    why = why or _of_decision(view, act, body.decision)
    return why or why_no_conflict(view, act) or _of_decision(view, act, body.other)


def _answer(view: View, act: Act) -> str | None:
    assert isinstance(act.body, Answer)
    return _of_objection(view, act, act.body.objection)


def _clear(view: View, act: Act) -> str | None:
    assert isinstance(act.body, Clear)
    ref = act.body.objection
    why = _of_objection(view, act, ref)
    if why is not None:
        return why
    found = _decision_of(view, ref)
    thread = next((one for one in found.objections if one.act.ref == ref), None) if found else None
    if thread is not None and thread.finding.effect == "none":
        return f"the objection {thread.act.name} changes nothing: {thread.finding.reason}"
    if thread is not None and thread.cleared is not None and thread.cleared != act:
        return f"{short(act.member)} has cleared {thread.act.name} already ({thread.cleared.name})"
    return None


def _of_objection(view: View, act: Act, ref: str) -> str | None:
    """Why an answer to an objection, or a clearing of it, changes nothing."""
    why = wrong_subject(view, ref, (Object,), "objection")
    if why is not None:
        return why_not_then(view, act) or why
    objection = view.fold.acts[ref]
    assert isinstance(objection.body, Object)
    why = _of_decision(view, act, objection.body.decision)
    found = _decision_of(view, ref)
    if why is None and found is not None and all(one.act != objection for one in found.objections):
        return why_not_then(view, act) or (
            f"the objection {objection.name} does not count: {why_refused(view, objection)}"
        )
    return why


def _decision_of(view: View, objection: str) -> Decision | None:
    body = view.fold.body(objection, Object)
    opened = view.fold.acts.get(body.decision) if body is not None else None
    return None if opened is None else decision(view, opened)


def _of_decision(view: View, act: Act, ref: str) -> str | None:
    """Why an act about a decision changes nothing, as the decision itself found."""
    opened = view.fold.acts.get(ref)
    found = decision(view, opened) if opened is not None else None
    if found is None:
        return why_not_then(view, act) or wrong_subject(view, ref, (Silence,), "decision")
    why = next((one.reason for one in found.refused if one.act == act), None)
    if why is None and found.why_void:
        return why_not_then(view, act) or f"{found.name} decides nothing: {found.why_void}"
    return why


def _named(refused: tuple[Refusal, ...], act: Act) -> str | None:
    return next((one.why for one in refused if one.ref == act.ref), None)


REFUSALS: Mapping[type[Body], Why] = {
    Charter: _charter,
    Join: _join,
    Leave: _leave,
    Suspend: why_not_then,
    Resume: _resume,
    Mandate: _mandate,
    Recall: _recall,
    Overrule: _overrule,
    Withdraw: _withdraw,
    Concern: why_not_then,
    Agenda: why_no_move,
    Disapprove: _disapprove,
    Merge: why_no_merge,
    Statement: _statement,
    Reply: _reply,
    Text: _text,
    Revision: why_no_version,
    Position: why_no_position,
    Expectation: why_no_expectation,
    Round: _round,
    Seal: _seal,
    Reveal: _reveal,
    Review: why_no_review,
    **dict.fromkeys(
        cast("tuple[type[Body], ...]", (Draft, Amend, Back, Release, Group, Freeze)), why_in_vain
    ),
    Silence: _silence,
    Receipt: _receipt,
    Refuse: _about_decision,
    Hold: _about_decision,
    Object: _about_decision,
    Answer: _answer,
    Clear: _clear,
    Reserve: _about_decision,
    Conflict: _conflict,
    **quotations.REFUSALS,
}
"""Why an act of each kind changes nothing; every kind of this room has its rule."""
