"""Dates: what the council has ahead of it and has had, each with the act that sets it. For calendars.

Meetings are when a concern is scheduled, deadlines when a silence ends, a round closes, a promise is due or a
decision is to be looked at again. What was withdrawn or refused has no date any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from allweather.cooperation.commitments import commitments
from allweather.cooperation.parts import State
from allweather.council.acts import Act, short
from allweather.council.agenda import agenda
from allweather.council.decisions import Decision
from allweather.council.outlook import outlook
from allweather.council.rounds import rounds
from allweather.council.silence import decisions
from allweather.council.texts import root_of
from allweather.council.view import View

MEETING = 3_600
"""How long a meeting is shown to last, in seconds: the record says only when it begins."""
_RUNS = ("running", "provisional", "contested", "adopted", "in_force", "amended")


@dataclass(frozen=True, slots=True)
class Date:
    """One date: which act sets it, what sort it is (a word), what it is about, from when to when.

    Times are seconds since 1970; `end` is `at` for a moment. `about` is one sentence, or empty.
    """

    act: Act
    sort: str
    title: str
    at: int
    end: int
    about: str = ""

    @property
    def key(self) -> str:
        """What tells it apart for ever, also where its time is moved."""
        return f"{self.act.name}/{self.sort}@{self.act.origin.partition('/')[0]}"


def dates(view: View) -> tuple[Date, ...]:
    """All dates, the earliest first."""
    found = [*_of_agenda(view), *_of_decisions(view), *_of_rounds(view), *_of_commitments(view)]
    return tuple(sorted(found, key=lambda one: (one.at, one.key)))


def _of_agenda(view: View) -> Iterator[Date]:
    for one in agenda(view):
        if one.on and one.state == "scheduled":
            yield Date(one.concern, "meeting", one.body.title, one.on, one.on + MEETING)
        elif one.on and one.state == "parked":
            yield Date(one.concern, "parked until", one.body.title, one.on, one.on)


def _of_decisions(view: View) -> Iterator[Date]:
    for one in decisions(view):
        if one.state not in _RUNS:
            continue
        title = _title(view, one)
        if not one.is_adopted:
            # With the brackets that are left in the text, which may be opened until then.
            yield Date(one.act, "silence ends", title, one.expires_at, one.expires_at, outlook(view, one))
            continue
        times = (
            ("reservations until", one.statements_by or 0),
            ("in force", one.in_force_at or 0),
            ("review", one.review_at),
            ("runs out", one.sunset_at),
        )
        for sort, at in times:
            if at:
                yield Date(one.act, sort, title, at, at, one.sentence)


def _title(view: View, one: Decision) -> str:
    root = root_of(view, one.text)
    return getattr(root.body, "title", "") if root is not None else one.act.name


def _of_rounds(view: View) -> Iterator[Date]:
    for one in rounds(view):
        concern = view.fold.acts.get(one.body.concern)
        title = getattr(concern.body, "title", "") if concern is not None else one.round.name
        yield Date(one.round, "round closes", title, one.body.closes_at, one.body.closes_at, one.says)


def _of_commitments(view: View) -> Iterator[Date]:
    over = (State.WITHDRAWN, State.FULFILLED)
    for one in commitments(view):
        if one.state not in over and one.terms.by:
            about = f"{short(one.member)} promises it."
            yield Date(one.offer, "due", one.terms.what, one.terms.by, one.terms.by, about)
