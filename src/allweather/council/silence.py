"""Decisions by silence: a text is adopted unless a member objects by the expiry; who was not reached is free.

What one silence comes to by itself is found first, the earliest opened before the others, since an admission
decides to whom later ones are put. Then come conflicts and what later decisions do to it, the last opened
before the others, since only a later decision amends or ends one. So nothing here goes round in circles.

Nobody records an outcome, and the chair can neither clear, shorten nor drop anything: it has no act for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from allweather.council.acts import Act
from allweather.council.bodies import Silence, Withdraw
from allweather.council.conflicts import Conflicts, conflicts, enders_of
from allweather.council.decisions import MACHINE, Decision, Objection, RefusedAct, State, UseRefused
from allweather.council.hearing import Hearing, hear, no_seat, opening
from allweather.council.objections import objections, refusals
from allweather.council.openings import Course, why_no_opening, why_opened_in_vain
from allweather.council.reservations import reservations, statements_by
from allweather.council.seats import Seats, founding_seats
from allweather.council.sentences import sentence
from allweather.council.timing import Timing, timed
from allweather.council.view import View

__all__ = [
    "MACHINE",
    "Decision",
    "decide",
    "decision",
    "decisions",
    "put_to",
    "why_not_opened",
    "why_not_proposer",
]


def decide(view: View, act: Act, seats: Seats) -> Decision:
    """What a silence that was put to `seats` has come to, as of the view."""
    return view.memo(("decision", act.ref, seats), lambda: _decide(view, act, seats))


def decision(view: View, act: Act) -> Decision | None:
    """The same for the seats that it was put to; None if no charter is held, or the act opens no silence."""
    return _settled(view).get(act.ref)


def decisions(view: View) -> tuple[Decision, ...]:
    """All decisions, running ones included, by log and index."""
    return tuple(sorted(_settled(view).values(), key=lambda one: one.act.place))


def put_to(view: View, act: Act) -> Seats | None:
    """The seats that a silence is put to: those admitted count that its proposer knew to be by then.

    None if no charter is held.
    """
    courses = _courses(view)
    return courses[act.ref].seats if act.ref in courses else _seats_for(view, act, courses)


def why_not_opened(view: View, act: Act, seats: Seats) -> str | None:
    """Why an opening does not count, apart from its author's seat: what it says, or a silence that runs."""
    return why_no_opening(view, act, seats) or why_opened_in_vain(view, act, _courses(view), seats)


def _decide(view: View, act: Act, seats: Seats) -> Decision:
    courses = _courses(view)
    if act.ref in courses and courses[act.ref].seats == seats:
        return _settled(view)[act.ref]
    return _settle(view, _course(view, act, seats, courses), courses, _settled(view))


def _dated(act: Act) -> tuple[int, str, int, str]:
    return act.at, *act.place


# By itself


def _courses(view: View) -> dict[str, Course]:
    return view.memo("courses", lambda: _find_courses(view))


def _find_courses(view: View) -> dict[str, Course]:
    done: dict[str, Course] = {}
    for act in sorted(view.fold.of(Silence), key=_dated):
        seats = _seats_for(view, act, done)
        if seats is None:
            return {}
        done[act.ref] = _course(view, act, seats, done)
    return done


def _seats_for(view: View, act: Act, courses: Mapping[str, Course]) -> Seats | None:
    admissions = tuple(
        one.alone.act
        for one in courses.values()
        if one.alone.is_adopted and _admits_before(view, one.alone.act, act)
    )
    key = ("seats with", tuple(sorted(one.ref for one in admissions)))
    return view.memo(key, lambda: founding_seats(view, admissions))


def _admits_before(view: View, admission: Act, act: Act) -> bool:
    body = opening(admission)
    if body.admits is None or admission == act or not view.fold.has_seen(act, admission):
        return False
    return admission.at < body.expires_at <= act.at


def _course(view: View, act: Act, seats: Seats, courses: Mapping[str, Course]) -> Course:
    hearing = hear(view, act, seats)
    why = no_seat(view, seats, act, hearing.expires_at)
    why = why or why_no_opening(view, act, seats) or why_opened_in_vain(view, act, courses, seats)
    return Course(seats, hearing, _alone(view, hearing, why or ""))


def _alone(view: View, hearing: Hearing, why_void: str) -> Decision:
    act, body = hearing.act, opening(hearing.act)
    threads, refused_threads = objections(view, hearing)
    use_refused, refused_refusals = refusals(view, hearing)
    state: State = "void" if why_void else _state_alone(view, hearing, threads, use_refused)
    late_at = [one.at for one in hearing.heard if one.is_late and one.at is not None]
    adopted_at = max([hearing.expires_at, *late_at, *hearing.left_at]) if state == "adopted" else None
    withdrawn, refused_withdrawals = _withdrawn(view, hearing, state, adopted_at)
    if withdrawn is not None:
        state, adopted_at = "withdrawn", None
    rules = hearing.seats.rules
    windows = [one.until for one in hearing.late if one.until is not None]
    return Decision(
        act=act,
        state=state,
        text=body.text,
        concern=body.concern,
        expires_at=hearing.expires_at,
        final_at=max([hearing.expires_at, *windows]) + rules.catch_up,
        adopted_at=adopted_at,
        in_force_at=None,
        review_at=body.review_at,
        sunset_at=body.sunset_at,
        statements_by=None,
        members=hearing.seats.members,
        heard=hearing.heard,
        not_heard=hearing.not_heard,
        late=hearing.late,
        holds=hearing.holds,
        objections=threads,
        refusals=use_refused,
        reservations=(),
        conflicts=(),
        refused=(*hearing.refused, *refused_threads, *refused_refusals, *refused_withdrawals),
        why_void=why_void,
        withdrawn=withdrawn,
    )


def _state_alone(
    view: View, hearing: Hearing, threads: tuple[Objection, ...], use_refused: tuple[UseRefused, ...]
) -> State:
    standing = {one.finding.effect for one in threads if one.is_standing}
    refusing = {one.finding.effect for one in use_refused}
    if "breaks" in refusing:
        return "refused"
    if "breaks" in standing:
        return "broken"
    if "contests" in standing | refusing:
        return "contested"
    if not view.has_passed(hearing.expires_at):
        return "running"
    return "provisional" if hearing.not_heard else "adopted"


def _withdrawn(
    view: View, hearing: Hearing, state: State, adopted_at: int | None
) -> tuple[Act | None, list[RefusedAct]]:
    """The proposer's withdrawal while it was free to, and withdrawals that change nothing."""
    good, refused = [], []
    for one in view.fold.about(Withdraw, hearing.act.ref):
        why = no_seat(view, hearing.seats, one, hearing.expires_at) or why_not_proposer(hearing.act, one)
        if why is None and state != "provisional":
            by = hearing.expires_at if adopted_at is None else adopted_at
            when = timed(view, one, by, hearing.seats.rules)
            if when.timing is not Timing.IN_TIME:
                done = "adopted" if adopted_at is not None else "returned to drafting"
                why = f"the decision was {done} before others held this: {when.why}"
        if why is None and state != "void":
            good.append(one)
        elif why is not None:
            refused.append(RefusedAct(one, why))
    return min(good, key=lambda one: one.place, default=None), refused


def why_not_proposer(act: Act, withdrawal: Act) -> str | None:
    """Why a withdrawal is not the proposer's own."""
    if withdrawal.member == act.member:
        return None
    return f"only the proposer of {act.name} can withdraw it; object to it instead"


# Among others


def _settled(view: View) -> dict[str, Decision]:
    return view.memo("decisions", lambda: _find_settled(view))


def _find_settled(view: View) -> dict[str, Decision]:
    courses = _courses(view)
    done: dict[str, Decision] = {}
    for ref in sorted(courses, key=lambda one: _dated(courses[one].alone.act), reverse=True):
        done[ref] = _settle(view, courses[ref], courses, done)
    return done


def _settle(
    view: View, course: Course, courses: Mapping[str, Course], settled: Mapping[str, Decision]
) -> Decision:
    found = course.alone
    if found.state != "void":
        against = conflicts(view, course, courses, settled)
        found = _with_conflicts(found, against)
        found = _with_later(view, course, found, settled)
    taken, refused = reservations(view, course.hearing, found.adopted_at)
    found = replace(found, reservations=taken, refused=_tidy((*found.refused, *refused)))
    return replace(found, sentence=sentence(view, found))


def _tidy(refused: tuple[RefusedAct, ...]) -> tuple[RefusedAct, ...]:
    """One reason for an act: a late reservation, say, is looked at twice."""
    first: dict[str, RefusedAct] = {}
    for one in refused:
        first.setdefault(one.act.ref, one)
    return tuple(sorted(first.values(), key=lambda one: one.act.place))


def _with_conflicts(found: Decision, against: Conflicts) -> Decision:
    found = replace(found, conflicts=against.found, refused=(*found.refused, *against.refused))
    if against.withdrawn is not None and found.state in ("running", "provisional", "adopted"):
        refused = tuple(one for one in found.refused if one.act != against.withdrawn)
        return replace(
            found, state="withdrawn", adopted_at=None, withdrawn=against.withdrawn, refused=refused
        )
    if found.adopted_at is None:
        return found
    if against.is_open:
        return replace(found, state="provisional", adopted_at=None)
    return replace(
        found,
        adopted_at=max(found.adopted_at, against.over_at),
        final_at=max(found.final_at, against.over_at),
    )


def _with_later(view: View, course: Course, found: Decision, settled: Mapping[str, Decision]) -> Decision:
    """What time and later decisions have made of it."""
    body, by = opening(found.act), statements_by(course.hearing, found.adopted_at)
    later = enders_of(view, found.act, settled)
    if found.adopted_at is None or by is None:
        if later and found.state in ("running", "provisional"):
            first = min(later, key=lambda one: (one.adopted_at or 0, one.act.place))
            return replace(found, state="ended", ended_by=first.act)
        return found
    in_force_at = max(found.adopted_at, body.in_force_at) if body.in_force_at else by
    amended_by = tuple(
        one.act for one in later if opening(one.act).amends == found.act.ref and _has_come(view, one)
    )
    found = replace(found, statements_by=by, in_force_at=in_force_at, amended_by=amended_by)
    state: State = "in_force" if view.has_come(in_force_at) else "adopted"
    if amended_by:
        state = "amended"
    ends = [one for one in later if opening(one.act).ends == found.act.ref and _has_come(view, one)]
    last = min(ends, key=lambda one: (one.in_force_at or 0, one.act.place), default=None)
    is_over = body.sunset_at > 0 and view.has_come(body.sunset_at)
    if is_over and (last is None or body.sunset_at <= (last.in_force_at or 0)):
        return replace(found, state="sunset")
    if last is not None:
        return replace(found, state="ended", ended_by=last.act)
    return replace(found, state=state)


def _has_come(view: View, later: Decision) -> bool:
    """Whether a later decision is in force, and so does to an earlier one what it says."""
    return later.in_force_at is not None and view.has_come(later.in_force_at)
