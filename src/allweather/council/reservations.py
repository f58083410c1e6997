"""Reservations and interpretative statements: who joins a decision and states a limit.

They are taken while the decision runs and, after its adoption, for as long as the charter says. None changes
an outcome.
"""

from __future__ import annotations

from allweather.council.bodies import Reserve
from allweather.council.decisions import RefusedAct, Reservation
from allweather.council.hearing import Hearing, no_seat
from allweather.council.timing import Timing, show_time, timed
from allweather.council.view import View


def statements_by(hearing: Hearing, adopted_at: int | None) -> int | None:
    """Until when reservations are taken; None while there is no adoption from which to count."""
    return None if adopted_at is None else adopted_at + hearing.seats.rules.statements


def reservations(
    view: View, hearing: Hearing, adopted_at: int | None
) -> tuple[tuple[Reservation, ...], list[RefusedAct]]:
    """The reservations to a decision, and those that came too late or from no seat."""
    by = statements_by(hearing, adopted_at)
    found, refused = [], []
    for act in view.fold.about(Reserve, hearing.act.ref):
        body = act.body
        assert isinstance(body, Reserve)
        why = no_seat(view, hearing.seats, act, hearing.expires_at)
        if why is None and by is not None:
            when = timed(view, act, by, hearing.seats.rules)
            if when.timing is Timing.LATE:
                why = f"statements on the decision were taken until {show_time(by)}: {when.why}"
        if why is None:
            found.append(Reservation(act, act.member, body.words, body.sort == "interpretation"))
        else:
            refused.append(RefusedAct(act, why))
    return tuple(found), refused
