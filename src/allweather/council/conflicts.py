"""Conflicts: silences that contradict each other where neither proposer could know of the other.

Two such silences both wait, in sight and joined, until one is out of the way: broken or contested by anyone,
withdrawn by its proposer, or ended or amended by a later decision that knew both. None is dropped. A silence
that turns up only after another was adopted, and after the window for those that were cut off, waits alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from allweather.council.acts import Act, short
from allweather.council.bodies import Conflict, Silence, Withdraw
from allweather.council.decisions import ConflictWith, Decision, RefusedAct
from allweather.council.hearing import no_seat, opening
from allweather.council.openings import Course, first_shown, lines_of, words_of
from allweather.council.timing import Timing, timed
from allweather.council.view import View

Courses = Mapping[str, Course]
Settled = Mapping[str, Decision]


@dataclass(frozen=True, slots=True)
class Conflicts:
    """What stands against a decision. `over_at` is when the last conflict that is over was settled."""

    found: tuple[ConflictWith, ...]
    over_at: int
    withdrawn: Act | None
    refused: tuple[RefusedAct, ...]

    @property
    def is_open(self) -> bool:
        """Whether a conflict holds the decision up."""
        return any(one.is_open for one in self.found)


def are_apart(view: View, one: Act, other: Act) -> bool:
    """Whether neither of two proposers had seen the other's opening."""
    return not view.fold.has_seen(one, other) and not view.fold.has_seen(other, one)


def why_no_conflict(view: View, act: Act) -> str | None:
    """Why two silences that a member names do not conflict, by what they are."""
    body = act.body
    assert isinstance(body, Conflict)
    one, other = view.fold.acts.get(body.decision), view.fold.acts.get(body.other)
    if (
        one is None
        or other is None
        or not isinstance(one.body, Silence)
        or not isinstance(other.body, Silence)
    ):
        return "it has to name two decisions that are held here, each by its opening"
    if one == other:
        return "it names the same decision twice"
    if not are_apart(view, one, other):
        return (
            f"one of {one.name} and {other.name} was opened knowing the other, so that they do not conflict; "
            "object to the later one instead"
        )
    return None


def conflicts(view: View, course: Course, courses: Courses, settled: Settled) -> Conflicts:
    """What stands against one silence. `settled` are the decisions on silences opened later."""
    act = course.alone.act
    refused = [
        RefusedAct(one, why)
        for one in view.fold.of(Conflict)
        if isinstance(one.body, Conflict) and act.ref in (one.body.decision, one.body.other)
        for why in [_why_not_declared(view, one, courses)]
        if why is not None
    ]
    found, over = [], [0]
    others = _rivals(view, course, courses)
    for ref in sorted(others, key=lambda one: view.fold.acts[one].place):
        other = courses[ref]
        if _prevails(view, course, other):
            why = f"{act.name} was adopted before it was known to others"
            found.append(ConflictWith(other.alone.act, other.alone.concern, False, why))
            continue
        end = _end_of(view, act, other, settled, courses)
        if end is None or not view.has_passed(end[0]):
            found.append(ConflictWith(other.alone.act, other.alone.concern, True, others[ref]))
        else:
            over.append(end[0])
            found.append(ConflictWith(other.alone.act, other.alone.concern, False, end[1]))
    withdrawals = _withdrawals(view, course, courses, settled)
    withdrawn = min(withdrawals, key=lambda one: one.place, default=None)
    return Conflicts(tuple(found), max(over), withdrawn, tuple(refused))


def _rivals(view: View, course: Course, courses: Courses) -> dict[str, str]:
    """The silences that contradict one, each with how."""
    act = course.alone.act
    return view.memo_here(("rivals", act.ref), lambda: _find_rivals(view, act, courses))


def _find_rivals(view: View, act: Act, courses: Courses) -> dict[str, str]:
    fold = view.fold
    if courses[act.ref].alone.state == "void":
        return {}
    by_line = view.memo_here("silences by line", lambda: _by_line(view, courses))
    found = {}
    for line in sorted(lines_of(fold, act)):
        for other in by_line[line]:
            differs = words_of(fold, opening(other).text) != words_of(fold, opening(act).text)
            if differs and other != act and are_apart(view, act, other):
                found[other.ref] = "both decide on the same text, in different words"
    for one in fold.of(Conflict):
        body = one.body
        assert isinstance(body, Conflict)
        if act.ref in (body.decision, body.other) and _why_not_declared(view, one, courses) is None:
            ref = body.other if body.decision == act.ref else body.decision
            found.setdefault(ref, f"{short(one.member)} says so in {one.name}")
    return found


def _by_line(view: View, courses: Courses) -> dict[str, list[Act]]:
    found: dict[str, list[Act]] = defaultdict(list)
    for course in courses.values():
        if course.alone.state != "void":
            for line in lines_of(view.fold, course.alone.act):
                found[line].append(course.alone.act)
    return found


def _why_not_declared(view: View, act: Act, courses: Courses) -> str | None:
    """Why a declared conflict changes nothing. Like an objection it has to come before all is final."""
    body = act.body
    assert isinstance(body, Conflict)
    why = why_no_conflict(view, act)
    if why is not None:
        return why
    one, other = courses[body.decision], courses[body.other]
    if "void" in (one.alone.state, other.alone.state):
        return "one of the two silences does not count"
    why = no_seat(view, one.seats, act, one.hearing.expires_at)
    if why is not None:
        return why
    if any(
        back.member == act.member and no_seat(view, one.seats, back, one.hearing.expires_at) is None
        for back in view.fold.about(Withdraw, act.ref)
    ):
        return f"{short(act.member)} has withdrawn it"
    if one.alone.adopted_at is not None and other.alone.adopted_at is not None:
        by = max(one.alone.adopted_at, other.alone.adopted_at)
        when = timed(view, act, by, one.seats.rules)
        if when.timing is Timing.LATE:
            return f"both were adopted when it was declared: {when.why}"
    return None


def _prevails(view: View, course: Course, other: Course) -> bool:
    """Whether one was adopted before the other was known, which was not made while cut off either."""
    return _is_too_late(view, other, course) and not _is_too_late(view, course, other)


def _is_too_late(view: View, course: Course, other: Course) -> bool:
    by = other.alone.adopted_at
    return by is not None and timed(view, course.alone.act, by, other.seats.rules).timing is Timing.LATE


def _end_of(
    view: View, act: Act, other: Course, settled: Settled, courses: Courses
) -> tuple[int, str] | None:
    """When and how a conflicting silence got out of the way; None while it has not."""
    alone, rules = other.alone, other.seats.rules
    ends: list[tuple[int, str]] = []
    for later in _enders(view, alone.act, act, settled):
        if later.adopted_at is not None:
            ends.append((later.adopted_at, f"{later.name} ended or amended it, knowing both"))
    withdrawals = [alone.withdrawn] if alone.withdrawn else _withdrawals(view, other, courses, settled)
    at = first_shown(view, withdrawals, rules)
    if at is not None:
        ends.append((at, "its proposer has withdrawn it"))
    if alone.state == "refused":
        ends.append((alone.expires_at, "its decision by silence was refused"))
    elif alone.state == "broken":
        # Until it expires the holder may still clear the objection.
        ends.append((alone.expires_at, "an objection broke it"))
    elif alone.state == "contested":
        at = first_shown(view, _contesting(alone), rules)
        if at is not None:
            ends.append((at, "an objection contests it"))
    return min(ends, default=None)


def _enders(view: View, target: Act, other: Act, settled: Settled) -> list[Decision]:
    """The later decisions that end or amend one of two conflicting ones, knowing both."""
    return [
        one
        for one in enders_of(view, target, settled)
        if one.act.at > other.at and view.fold.has_seen(one.act, other)
    ]


def enders_of(view: View, target: Act, settled: Settled) -> list[Decision]:
    """The adopted decisions that end or amend one."""
    by_target = view.memo("silences by target", lambda: _by_target(view))
    return [
        settled[act.ref]
        for act in by_target[target.ref]
        if act.at > target.at and act.ref in settled and settled[act.ref].is_adopted
    ]


def _by_target(view: View) -> dict[str, list[Act]]:
    found: dict[str, list[Act]] = defaultdict(list)
    for act in view.fold.of(Silence):
        body = opening(act)
        for ref in sorted({body.ends, body.amends} - {""}):
            found[ref].append(act)
    return found


def _contesting(alone: Decision) -> list[Act]:
    standing = [one.act for one in alone.objections if one.is_standing]
    return standing + [one.act for one in alone.refusals if one.finding.effect != "none"]


def _withdrawals(view: View, course: Course, courses: Courses, settled: Settled) -> list[Act]:
    """The proposer's withdrawals because of a conflict, which it may take back even what looked adopted for.

    It has to know the other, and not that the other was out of the way.
    """
    act = course.alone.act
    rivals = [
        courses[ref] for ref in _rivals(view, course, courses) if not _prevails(view, course, courses[ref])
    ]
    return [
        one
        for one in view.fold.about(Withdraw, act.ref)
        if one.member == act.member
        and no_seat(view, course.seats, one, course.hearing.expires_at) is None
        and any(_knew_open(view, one, rival, act, settled) for rival in rivals)
    ]


def _knew_open(view: View, withdrawal: Act, rival: Course, act: Act, settled: Settled) -> bool:
    fold, alone = view.fold, rival.alone
    if not fold.has_seen(withdrawal, alone.act) or alone.state in ("broken", "refused", "withdrawn"):
        return False
    ends = [one for one in fold.about(Withdraw, alone.act.ref) if one.member == alone.act.member]
    ends += [one.act for one in _enders(view, alone.act, act, settled)]
    if alone.state == "contested":
        ends += _contesting(alone)
    return not any(fold.has_seen(withdrawal, one) for one in ends)
