"""The reciprocity ledger: what members have promised and given each other, pair by pair.

Every number names the commitments behind it. It adds up acts and judges nothing: a promise of one line counts
as one, and so does the largest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from allweather.cooperation.commitments import Commitment, commitments
from allweather.cooperation.parts import State, Verdict
from allweather.council.acts import Act, short
from allweather.council.view import View

_NOT_ARMED = (State.ACCEPTED, State.RELEASED)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and the offers of the commitments behind it."""

    n: int = 0
    offers: tuple[Act, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """What one member (`giver`) has promised and given another (`taker`).

    Commitments that the taker accepted: `promised` are all of them; among these `waiting` are accepted and
    not armed, `fulfilled`, `overdue`, `taken_back` (suspended, withdrawn or ended). Reports: `given` are the
    giver's that the taker confirmed, `received` the taker's that the giver confirmed, `disputed` the giver's
    that the taker disputes.
    """

    giver: str
    taker: str
    promised: Figure = Figure()
    waiting: Figure = Figure()
    given: Figure = Figure()
    received: Figure = Figure()
    fulfilled: Figure = Figure()
    overdue: Figure = Figure()
    disputed: Figure = Figure()
    taken_back: Figure = Figure()

    @property
    def sentence(self) -> str:
        """The pair in words."""
        counts = (
            (self.promised, "promised"),
            (self.waiting, "waiting"),
            (self.given, "confirmed steps given"),
            (self.received, "received"),
            (self.overdue, "overdue"),
            (self.disputed, "disputed"),
        )
        told = ", ".join(f"{figure.n} {word}" for figure, word in counts)
        return f"{short(self.giver)} to {short(self.taker)}: {told}."


def ledger(view: View) -> tuple[Pair, ...]:
    """Every ordered pair of members between whom anything was promised in either direction, sorted."""
    return view.memo("cooperation: ledger", lambda: _ledger(view))


def between(view: View, giver: str, taker: str) -> Pair:
    """One pair; all its figures are zero if nothing was promised either way."""
    found = (one for one in ledger(view) if (one.giver, one.taker) == (giver, taker))
    return next(found, Pair(giver, taker))


def _ledger(view: View) -> tuple[Pair, ...]:
    promises: dict[tuple[str, str], list[Commitment]] = {}
    for one in commitments(view):
        # A report stays given to whom it was given, even if it accepts the commitment no longer.
        takers = {verdict.member for milestone in one.milestones for verdict in milestone.verdicts}
        for taker in {*one.accepted_by, *takers}:
            promises.setdefault((one.member, taker), []).append(one)
    both = {pair for giver, taker in promises for pair in ((giver, taker), (taker, giver))}
    return tuple(
        _pair(giver, taker, promises.get((giver, taker), []), promises.get((taker, giver), []))
        for giver, taker in sorted(both)
    )


def _pair(giver: str, taker: str, own: list[Commitment], theirs: list[Commitment]) -> Pair:
    gone = (State.SUSPENDED, State.WITHDRAWN, State.ENDED, State.DECLINED)
    return Pair(
        giver=giver,
        taker=taker,
        promised=_counted(own),
        waiting=_counted(one for one in own if one.state in _NOT_ARMED),
        given=_confirmed(own, taker),
        received=_confirmed(theirs, giver),
        fulfilled=_counted(one for one in own if one.state is State.FULFILLED),
        overdue=_counted(one for one in own if one.is_overdue),
        disputed=_figure((one, sum(v.is_disputed for v in _verdicts(one, taker))) for one in own),
        taken_back=_counted(one for one in own if one.state in gone),
    )


def _confirmed(found: list[Commitment], taker: str) -> Figure:
    return _figure((one, sum(v.is_confirmed for v in _verdicts(one, taker))) for one in found)


def _verdicts(one: Commitment, taker: str) -> list[Verdict]:
    return [v for milestone in one.milestones for v in milestone.verdicts if v.member == taker]


def _counted(found: Iterable[Commitment]) -> Figure:
    return _figure((one, 1) for one in found)


def _figure(found: Iterable[tuple[Commitment, int]]) -> Figure:
    some = [(one, n) for one, n in found if n]
    return Figure(sum(n for _, n in some), tuple(one.offer for one, _ in some))
