"""Objections as threads: points, answers, and that nobody but its holder clears one.

What an objection does depends on its time alone. Made in time, it breaks silence. Made while its holder was
cut off, or by a member that was reached late and within its window, it contests what may have looked adopted.
Made late, it changes nothing and is shown with the reason.
"""

from __future__ import annotations

from allweather.council.acts import Act, short
from allweather.council.bodies import Answer, Clear, Object, Refuse
from allweather.council.decisions import (
    AnswerGiven,
    Effect,
    Finding,
    LateReceipt,
    Objection,
    Point,
    RefusedAct,
    UseRefused,
)
from allweather.council.hearing import Hearing, no_seat
from allweather.council.timing import Timing, show_time, timed
from allweather.council.view import View


def weigh(view: View, act: Act, hearing: Hearing) -> Finding:
    """What an objection (or a refusal of silence) that counts from its seat does, by its time."""
    rules = hearing.seats.rules
    found = timed(view, act, hearing.expires_at, rules)
    if found.timing is Timing.IN_TIME:
        return Finding("breaks", found.timing, found.why, hearing.expires_at, found.at)
    if act.member in hearing.in_time:
        effect: Effect = "none" if found.timing is Timing.LATE else "contests"
        return Finding(effect, found.timing, found.why, hearing.expires_at, found.at)
    return _weigh_of_unheard(view, act, hearing, hearing.late_receipt(act.member))


def _weigh_of_unheard(view: View, act: Act, hearing: Hearing, receipt: LateReceipt | None) -> Finding:
    """The same for a member that silence had not bound by the expiry."""
    name = short(act.member)
    if receipt is not None and receipt.joined is not None and view.fold.has_seen(act, receipt.joined):
        why = f"{name} had joined the decision by {receipt.joined.name}"
        return Finding("none", Timing.LATE, why, receipt.until, None)
    if receipt is None or receipt.until is None:
        why = f"{name} had not been reached by the expiry, so that no deadline ran for it"
        found = timed(view, act, hearing.expires_at, hearing.seats.rules)
        return Finding("contests", found.timing, why, None, found.at)
    found = timed(view, act, receipt.until, hearing.seats.rules)
    window = f"its window after a late receipt ended at {show_time(receipt.until)}"
    if found.timing is Timing.LATE:
        return Finding("none", found.timing, f"{found.why}; {window}", receipt.until, found.at)
    why = f"{name} was reached late, and objected within its window until {show_time(receipt.until)}"
    return Finding("contests", found.timing, why, receipt.until, found.at)


def objections(view: View, hearing: Hearing) -> tuple[tuple[Objection, ...], list[RefusedAct]]:
    """The objections to a silence that count from their seats, and all acts on them that change nothing."""
    found, refused = [], []
    for act in view.fold.about(Object, hearing.act.ref):
        why = no_seat(view, hearing.seats, act, hearing.expires_at)
        if why is not None:
            refused.append(RefusedAct(act, why))
            continue
        finding = weigh(view, act, hearing)
        if finding.effect == "none":
            refused.append(RefusedAct(act, finding.reason))
        thread, more = _thread(view, act, finding, hearing)
        found.append(thread)
        refused += more
    return tuple(found), refused


def refusals(view: View, hearing: Hearing) -> tuple[tuple[UseRefused, ...], list[RefusedAct]]:
    """The refusals of silence that count from their seats, and those that change nothing."""
    found, refused = [], []
    for act in view.fold.about(Refuse, hearing.act.ref):
        assert isinstance(act.body, Refuse)
        why = no_seat(view, hearing.seats, act, hearing.expires_at)
        if why is not None:
            refused.append(RefusedAct(act, why))
            continue
        finding = weigh(view, act, hearing)
        if finding.effect == "none":
            refused.append(RefusedAct(act, finding.reason))
        found.append(UseRefused(act, act.member, act.body.reason, finding))
    return tuple(found), refused


def why_no_answer(objection: Act, answer: Act) -> str | None:
    """Why an answer goes nowhere: it names a point that the objection does not have."""
    assert isinstance(objection.body, Object)
    assert isinstance(answer.body, Answer)
    n_points = len(objection.body.points)
    if answer.body.point < n_points:
        return None
    if not n_points:
        return f"{objection.name} has no points; answer it as a whole, with point -1"
    return f"{objection.name} has points 0 to {n_points - 1}, and no point {answer.body.point}"


def why_not_holder(objection: Act, clearing: Act) -> str | None:
    """Why a clearing is not the holder's own."""
    if clearing.member == objection.member:
        return None
    holder = short(objection.member)
    return f"only {holder} can clear the objection {objection.name}, as it holds it"


def _thread(view: View, act: Act, finding: Finding, hearing: Hearing) -> tuple[Objection, list[RefusedAct]]:
    assert isinstance(act.body, Object)
    answers, refused = [], []
    for one in view.fold.about(Answer, act.ref):
        assert isinstance(one.body, Answer)
        why = no_seat(view, hearing.seats, one, hearing.expires_at) or why_no_answer(act, one)
        if why is None:
            answers.append(AnswerGiven(one, one.body.words, one.body.point))
        else:
            refused.append(RefusedAct(one, why))
    cleared, more = _cleared(view, act, finding, hearing)
    points = tuple(
        Point(words, tuple(one for one in answers if one.point == number))
        for number, words in enumerate(act.body.points)
    )
    general = tuple(one for one in answers if one.point < 0)
    body = act.body
    thread = Objection(act, act.member, body.reason, body.counter, points, general, finding, cleared)
    return thread, refused + more


def _cleared(view: View, act: Act, finding: Finding, hearing: Hearing) -> tuple[Act | None, list[RefusedAct]]:
    """The act by which its holder has cleared an objection, by the deadline against which that was held."""
    good, refused = [], []
    for one in view.fold.about(Clear, act.ref):
        why = no_seat(view, hearing.seats, one, hearing.expires_at) or why_not_holder(act, one)
        if why is None and not view.fold.has_seen(one, act):
            why = "it was written before the objection"
        if why is None and finding.by is not None and finding.effect != "none":
            found = timed(view, one, finding.by, hearing.seats.rules)
            # Who objects and clears while cut off shows both at once: neither is later than the other.
            is_both = finding.timing is found.timing is Timing.CUT_OFF
            if found.timing is not Timing.IN_TIME and not is_both:
                why = f"it came too late to clear the objection: {found.why}"
        if why is None:
            good.append(one)
        else:
            refused.append(RefusedAct(one, why))
    return min(good, key=lambda one: one.place, default=None), refused
