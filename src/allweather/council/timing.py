"""Was it in time? By what others held, never by the author's clock alone.

An act is *in time* if as many other members as the charter asks for held it by the deadline. If they held
it only later, its author may have been cut off: the act then counts as made *while cut off*, within the
charter's catch-up window, unless something shows that it was made late. It was *late* if its author says so,
had already seen what others wrote after the deadline, had shown its log without it after the deadline (with
an earlier entry that it dates itself after it), or came after the window.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import Enum

from allweather.council.acts import Act, short
from allweather.council.bodies import Rules
from allweather.council.order import Held, nth
from allweather.council.view import View


class Timing(Enum):
    """What the record shows of an act and a deadline."""

    IN_TIME = "in time"
    CUT_OFF = "made while cut off"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Timed:
    """The finding, with the reason in words. `at` is the proven time, None if nobody has proven any."""

    timing: Timing
    why: str
    at: int | None


def proven_at(view: View, act: Act, rules: Rules) -> int | None:
    """The time by which as many other members as the charter asks for held an act; None without so many."""
    return nth(view.fold.order.held_by(act.origin, act.index), rules.witnesses)


def timed(view: View, act: Act, by: int, rules: Rules) -> Timed:
    """Whether an act was made by the deadline `by` (seconds since 1970)."""
    at = proven_at(view, act, rules)
    if at is not None and at <= by:
        return Timed(Timing.IN_TIME, f"others held it by {show_time(at)}", at)
    late = _shown_late(view, act, by, rules)
    if late is not None:
        return Timed(Timing.LATE, late, at)
    end = by + rules.catch_up
    if at is not None and at > end:
        return Timed(
            Timing.LATE, f"it was first held by others on {show_time(at)}, after the catch-up window", at
        )
    if at is None and view.has_passed(end):
        return Timed(
            Timing.LATE, f"nobody else held it by {show_time(end)}, when the catch-up window ended", at
        )
    if at is None and not view.has_passed(by):
        return Timed(Timing.IN_TIME, "the deadline has not passed", at)
    return Timed(Timing.CUT_OFF, "its author may have been cut off, and nothing shows it to be late", at)


def _shown_late(view: View, act: Act, by: int, rules: Rules) -> str | None:
    """How the record shows that an act was made after a deadline; None if it does not."""
    if act.at > by:
        return f"its own author dates it {show_time(act.at)}"
    order = view.fold.order
    known = order.known_after(act.origin, act.index)
    if (nth(known, rules.witnesses) or 0) > by:
        return f"its author had already seen what {_names(known, by)} wrote after the deadline"
    without = order.held_without(act.origin, act.index, by)
    if (nth(without, rules.witnesses) or 0) > by:
        return f"{_names(without, by)} held the author's log without it after the deadline"
    return None


def _names(held: list[Held], by: int) -> str:
    return " and ".join(sorted(short(one.member) for one in held if one.at > by))


def show_time(at: int) -> str:
    """A time for people: `18:00 UTC on 4 December 2009`."""
    when = dt.datetime.fromtimestamp(min(at, 253_402_300_799), dt.UTC)
    clock = f"{when:%H:%M:%S}" if when.second else f"{when:%H:%M}"
    return f"{clock} UTC on {when.day} {when:%B} {when.year}"
