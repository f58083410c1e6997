"""Openings of silences: what makes one count, and what it decides on.

All of it rests on what the proposer itself says and had seen, so that it is the same in every order. One that
knows of a running silence on the same text or draft waits for it or asks for its withdrawal; one that could
not know opens a conflict, which `conflicts` settles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from allweather.council.acts import Act
from allweather.council.bodies import (
    Concern,
    Draft,
    Freeze,
    Refuse,
    Revision,
    Rules,
    SeatOf,
    Silence,
    Text,
    Withdraw,
)
from allweather.council.decisions import Decision
from allweather.council.fold import Fold
from allweather.council.hearing import Hearing, no_seat, opening
from allweather.council.order import nth
from allweather.council.seats import Seats, charter_body
from allweather.council.timing import proven_at, show_time
from allweather.council.view import View


@dataclass(frozen=True, slots=True)
class Course:
    """One silence by itself: to whom it was put, who was heard, and what would become of it alone."""

    seats: Seats
    hearing: Hearing
    alone: Decision


def line_of(fold: Fold, text: str) -> str:
    """The text or draft that something is a version of: itself, if it is the first."""
    body = fold.acts[text].body if text in fold.acts else None
    if isinstance(body, Revision):
        return body.text
    return body.draft if isinstance(body, Freeze) else text


def lines_of(fold: Fold, act: Act) -> frozenset[str]:
    """What a silence decides on: a text or draft, and the decision that it amends."""
    body = opening(act)
    return frozenset({line_of(fold, body.text), *([body.amends] if body.amends else [])})


def words_of(fold: Fold, text: str) -> tuple[str, ...] | None:
    """The words of a version of a text or of a frozen draft; None if it is not held."""
    body = fold.acts[text].body if text in fold.acts else None
    if isinstance(body, Text | Revision):
        return (body.words,)
    return body.clauses if isinstance(body, Freeze) else None


def why_no_opening(view: View, act: Act, seats: Seats) -> str | None:
    """Why an opening of silence does not count, apart from other silences."""
    body = opening(act)
    return (
        _about_text(view.fold, act, body)
        or _about_dates(act, body, seats.rules)
        or _about_decisions(view.fold, act, body)
        or (_about_newcomer(view.fold, seats, body.admits) if body.admits else None)
    )


def _about_text(fold: Fold, act: Act, body: Silence) -> str | None:
    if fold.body(body.concern, Concern) is None:
        return "it names no concern that is held here; raise the concern first"
    if fold.body(body.text, Draft) is not None:
        return "a draft is put to silence by its frozen version; freeze it first"
    if words_of(fold, body.text) is None:
        return "it names no text that is held here; table the text, or freeze the draft, first"
    if not fold.has_seen(act, fold.acts[body.text]):
        return "its proposer had not seen the text when it opened the silence"
    return None


def _about_dates(act: Act, body: Silence, rules: Rules) -> str | None:
    earliest = act.at + rules.shortest_silence
    if body.expires_at < earliest:
        return (
            f"it expires at {show_time(body.expires_at)}, sooner than the charter allows: "
            f"no silence opened then ends before {show_time(earliest)}"
        )
    if 0 < body.in_force_at < body.expires_at:
        return "it would be in force before it expires; set a later time, or none"
    if 0 < body.review_at <= body.expires_at:
        return "it would be reviewed before it expires; set a later time, or none"
    if 0 < body.sunset_at <= max(body.expires_at, body.in_force_at):
        return "it would end before it is in force; set a later time, or none"
    return None


def _about_decisions(fold: Fold, act: Act, body: Silence) -> str | None:
    for verb, ref in (("end", body.ends), ("amend", body.amends)):
        if not ref:
            continue
        target = fold.acts.get(ref)
        if target is None or not isinstance(target.body, Silence) or not fold.has_seen(act, target):
            return f"it names no decision to {verb} that its proposer had seen; name one by its opening"
        if target.at >= act.at:
            return f"it is dated before {target.name}, which it is to {verb}; check the clock"
    return None


def _about_newcomer(fold: Fold, seats: Seats, newcomer: SeatOf) -> str | None:
    origin, charter = newcomer.origin, charter_body(seats.charter)
    if not origin.startswith(f"{fold.council}/"):
        return f"{origin!r:.140} is no log of this council; a new member's begins with {fold.council}/"
    if origin in {seat.origin for seat in (*charter.chairs, *charter.secretariat)}:
        return f"{origin} is the chair or the secretariat; a member needs a log of its own"
    return None


def why_opened_in_vain(view: View, act: Act, courses: Mapping[str, Course], seats: Seats) -> str | None:
    """Why another silence stands in the way: its proposer knew that it was running on the same text or draft.

    `courses` are those of silences opened earlier, `seats` those that this one is put to.
    """
    fold, rules = view.fold, seats.rules
    lines = lines_of(fold, act)
    for other in fold.of(Silence):
        if other == act or not fold.has_seen(act, other) or not lines & lines_of(fold, other):
            continue
        course = courses.get(other.ref)
        if (course is not None and course.alone.state == "void") or _was_over(view, act, other, seats):
            continue
        # One that is dated no earlier has no course yet: a clock is wrong, and it may well be running.
        holds = course.hearing.holds if course is not None else ()
        n_holds = sum(fold.has_seen(act, one.act) for one in holds)
        expires_at = opening(other).expires_at + n_holds * rules.hold
        if _is_before(view, act, expires_at, rules):
            return (
                f"the silence {other.name} on the same text runs until {show_time(expires_at)}; "
                "wait for its end, or ask its proposer to withdraw it"
            )
    return None


def _is_before(view: View, act: Act, by: int, rules: Rules) -> bool:
    """Whether an opening was made before a time: by what is shown, and only then by what it says itself."""
    if (nth(view.fold.order.known_after(act.origin, act.index), rules.witnesses) or 0) > by:
        return False
    held = proven_at(view, act, rules)
    return act.at <= by or (held is not None and held <= by)


def _was_over(view: View, act: Act, other: Act, seats: Seats) -> bool:
    """Whether its proposer knew that another silence was withdrawn, or its use refused."""
    ends = [one for one in view.fold.about(Withdraw, other.ref) if one.member == other.member]
    ends += view.fold.about(Refuse, other.ref)
    by = opening(other).expires_at
    return any(view.fold.has_seen(act, one) and no_seat(view, seats, one, by) is None for one in ends)


def first_shown(view: View, acts: list[Act], rules: Rules) -> int | None:
    """The earliest time by which others held one of some acts; None if nobody has shown any."""
    times = [proven_at(view, act, rules) for act in acts]
    return min((at for at in times if at is not None), default=None)
