"""Tracks: the fields of practical cooperation, and who has suspended its part in them.

The charter's tracks are there from the start and are named by their titles; others are opened by a member, or
by a decision, and are named by the act that opened them. Nobody can close a track, and nobody can suspend one
for others: a member suspends its own part in it, and nothing in the council is touched by that.
"""

from __future__ import annotations

from dataclasses import dataclass

from allweather.cooperation.bodies import SuspendPart, Track
from allweather.cooperation.rules import body_of, charter_tracks, names, standing, suspensions, why_refused
from allweather.council.acts import Act, short
from allweather.council.silence import decision
from allweather.council.timing import show_time
from allweather.council.view import View


@dataclass(frozen=True, slots=True)
class TrackState:
    """One track: `name` is what offers call it, `act` opened it (None: the charter did).

    `is_open` is False while the decision that opens it is not adopted. `suspended`: suspensions that stand.
    """

    name: str
    title: str
    area: str
    concern: str
    decision: str
    words: str
    act: Act | None
    is_open: bool
    suspended: tuple[Act, ...]
    sentence: str

    @property
    def suspended_by(self) -> tuple[str, ...]:
        """The members that have suspended their part in it, sorted."""
        return tuple(sorted({one.member for one in self.suspended}))


def tracks(view: View) -> tuple[TrackState, ...]:
    """All tracks: the charter's in its order, then those that were opened, by log and index."""
    return view.memo("cooperation: tracks", lambda: _tracks(view))


def track(view: View, name: str) -> TrackState | None:
    """One track by what offers call it; None if there is none."""
    return next((one for one in tracks(view) if one.name == name), None)


def _tracks(view: View) -> tuple[TrackState, ...]:
    opened = [act for act in view.fold.of(Track) if why_refused(view, act) is None]
    return (
        *(_make(view, title, title, None) for title in charter_tracks(view)),
        *(_make(view, act.ref, body_of(act, Track).title, act) for act in opened),
    )


def _make(view: View, name: str, title: str, act: Act | None) -> TrackState:
    body = body_of(act, Track) if act else None
    members = sorted({one.member for one in standing(view, SuspendPart, name)})
    suspended = tuple(one for member in members for one in suspensions(view, name, member))
    by = body.decision if body else ""
    is_open = not by or _is_adopted(view, view.fold.acts[by])
    return TrackState(
        name=name,
        title=title,
        area=body.area if body else "",
        concern=body.concern if body else "",
        decision=by,
        words=body.words if body else "",
        act=act,
        is_open=is_open,
        suspended=suspended,
        sentence=_sentence(view, title, act, is_open, suspended),
    )


def _is_adopted(view: View, act: Act) -> bool:
    found = decision(view, act)
    return found is not None and found.is_adopted


def _sentence(view: View, title: str, act: Act | None, is_open: bool, suspended: tuple[Act, ...]) -> str:
    if act is None:
        start = f"The charter opens the track {title!r}"
    elif not body_of(act, Track).decision:
        start = f"{short(act.member)} has opened the track {title!r}"
    else:
        by = view.fold.acts[body_of(act, Track).decision].name
        start = f"The decision {by} opens the track {title!r}" + ("" if is_open else " once adopted")
    if not suspended:
        return f"{start}."
    out = names(sorted({one.member for one in suspended}))
    review = show_time(min(body_of(one, SuspendPart).review_at for one in suspended))
    return f"{start}; suspended for their part by {out}, to be looked at again by {review}."
