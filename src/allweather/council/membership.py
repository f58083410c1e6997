"""Membership: the seats with the members that decisions have admitted; and whether an act counts at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from allweather.council.acts import Act
from allweather.council.fold import Fold
from allweather.council.hearing import opening
from allweather.council.seats import Seats, founding_seats, refusal, refusal_then
from allweather.council.silence import decisions, put_to
from allweather.council.view import View
from allweather.errors import Refused


def seats(view: View) -> Seats | None:
    """The seats as of the view, with those that decisions have admitted; None while no charter is held."""
    return view.memo_steady("seats", lambda one: founding_seats(one, _admissions(one)))


def _admissions(view: View) -> list[Act]:
    return [one.act for one in decisions(view) if one.is_adopted and opening(one.act).admits is not None]


def need_seats(view: View) -> Seats:
    """The same. Raises Refused if no charter is held."""
    found = seats(view)
    if found is None:
        raise Refused(
            f"no charter of {view.fold.council} is held here; found the council or fetch its record"
        )
    return found


def seats_for(view: View, decision: Act) -> Seats | None:
    """The seats that a silence is put to: those admitted count that its author knew to be by then."""
    return put_to(view, decision)


def counts(view: View, act: Act) -> bool:
    """Whether an act counts as done from its author's seat."""
    return why_not(view, act) is None


def why_not(view: View, act: Act) -> str | None:
    """Why it does not count: one sentence."""
    return view.memo(("why not", act.ref), lambda: _refused_by(view, act, refusal))


def why_not_then(view: View, act: Act) -> str | None:
    """The same for what was said: it stays said after its member has left the council."""
    return view.memo(("why not then", act.ref), lambda: _refused_by(view, act, refusal_then))


def _refused_by(view: View, act: Act, rule: Callable[[Fold, Seats, Act], str | None]) -> str | None:
    found = seats(view)
    return "no charter is held" if found is None else rule(view.fold, found, act)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An act that does not count: which, in whose name, and why, in one sentence. Its content is not here."""

    ref: str
    name: str
    member: str
    why: str

    @classmethod
    def of(cls, act: Act, why: str) -> Refusal:
        """The refusal of an act."""
        return cls(act.ref, act.name, act.member, why)


def sift(acts: Iterable[Act], why: Callable[[Act], str | None]) -> tuple[list[Act], list[Refusal]]:
    """Acts that count, and the others with the reason."""
    good, refused = [], []
    for act in acts:
        reason = why(act)
        if reason is None:
            good.append(act)
        else:
            refused.append(Refusal.of(act, reason))
    return good, refused
