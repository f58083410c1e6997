"""The agenda: concerns, and where each of them stands. It is open by construction.

A concern is on the agenda by itself, and nobody can take it off. The chair or its author moves it along; any
member may open it, or list it again when it is parked, closed or withdrawn. Of several moves the causally
latest count, and among concurrent ones the most open wins: closing a concern never beats a move that whoever
closed it had not seen. A parked concern is back when its time is up. To disapprove is recorded and changes
nothing.

What it keeps: every concern with every word, also withdrawn and merged ones, and the acts that did not count.
What it does not do: say what is decided on a concern (`decisions` does), or hold texts (`texts`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from allweather.council.acts import Act, short
from allweather.council.bodies import (
    Agenda,
    Concern,
    Conflict,
    Disapprove,
    Merge,
    Position,
    Silence,
    Text,
    Withdraw,
)
from allweather.council.forms import Body
from allweather.council.machines import Machine, Step
from allweather.council.membership import Refusal, seats, sift, why_not_then
from allweather.council.silence_checks import check_withdrawal
from allweather.council.timing import show_time
from allweather.council.view import View
from allweather.errors import UnknownName

#: The states of a concern, the most open first: so they are ranked among concurrent moves.
OPENNESS = ("open", "drafting", "scheduled", "listed", "parked", "closed", "withdrawn")

_ACTIVE = ("listed", "scheduled", "open", "drafting")
#: What its author can take back; of a conflict, that two decisions contradict each other.
_TAKEN_BACK: tuple[type[Body], ...] = (Concern, Text, Position, Silence, Conflict)

_BY_CHAIR = "the chair or its author"
_BY_ANY = "any member"


def _steps() -> tuple[Step, ...]:
    from_active = [
        Step(source, target, _BY_ANY if target == "open" else _BY_CHAIR)
        for source in _ACTIVE
        for target in (*_ACTIVE, "parked", "closed")
    ]
    back = [
        Step("parked", "listed", "any member, or its time is up"),
        Step("closed", "listed", "any member, with new facts"),
        Step("withdrawn", "listed", _BY_ANY),
        Step("parked", "open", _BY_ANY),
        Step("closed", "open", _BY_ANY),
        Step("parked", "scheduled", _BY_CHAIR),
        Step("parked", "drafting", _BY_CHAIR),
        Step("parked", "parked", _BY_CHAIR),
        Step("parked", "closed", _BY_CHAIR),
    ]
    taken_back = [Step(source, "withdrawn", "its author") for source in (*_ACTIVE, "parked", "closed")]
    return (*from_active, *back, *taken_back)


MACHINE = Machine("concern", ("listed", *(one for one in OPENNESS if one != "listed")), _steps())


@dataclass(frozen=True, slots=True)
class Item:
    """A concern and where it stands. References of concerns are sorted.

    `by` are the moves that made it so (none: it is listed by itself); `on` when it is to be discussed, or
    until when it is parked, 0 if that is not said. `into` are concerns that it is shown with as their
    duplicate, `duplicates` those shown with it. `why_not` is not empty if the concern itself does not count.
    """

    concern: Act
    state: str
    by: tuple[Act, ...]
    on: int
    moves: tuple[Act, ...]
    disapprovals: tuple[Act, ...]
    into: tuple[str, ...]
    duplicates: tuple[str, ...]
    refused: tuple[Refusal, ...]
    why_not: str = ""

    @property
    def body(self) -> Concern:
        """Its words, which never change."""
        assert isinstance(self.concern.body, Concern)
        return self.concern.body

    @property
    def author(self) -> str:
        """The member that raised it."""
        return self.concern.member

    @property
    def reason(self) -> str:
        """Why it stands as it does, as its movers said; empty if they gave no reason."""
        return "; ".join(
            one.body.reason for one in self.by if isinstance(one.body, (Agenda, Withdraw)) and one.body.reason
        )

    @property
    def says(self) -> str:
        """Where it stands, in a few words."""
        if self.state == "scheduled" and self.on:
            return f"scheduled for {show_time(self.on)}"
        if self.state == "parked" and self.on:
            return f"parked until {show_time(self.on)}"
        return self.state


def agenda(view: View) -> tuple[Item, ...]:
    """Every concern that was raised from a seat, by the time that its author claims."""
    return view.memo("agenda", lambda: _agenda(view))


def refused_concerns(view: View) -> tuple[Refusal, ...]:
    """Concerns that do not count, with the reason."""
    return tuple(sift(view.fold.of(Concern), lambda act: why_not_then(view, act))[1])


def item(view: View, concern_ref: str) -> Item:
    """One concern, whether it counts or not. Raises UnknownName if no such concern is held."""
    act = view.fold.acts.get(concern_ref)
    if act is None or not isinstance(act.body, Concern):
        raise UnknownName(wrong_subject(view, concern_ref, (Concern,), "concern") or "")
    return view.memo(("item", concern_ref), lambda: _item(view, act))


def _agenda(view: View) -> tuple[Item, ...]:
    good, _ = sift(view.fold.of(Concern), lambda act: why_not_then(view, act))
    return tuple(item(view, act.ref) for act in sorted(good, key=lambda act: (act.at, act.place)))


def _item(view: View, concern: Act) -> Item:
    fold, ref = view.fold, concern.ref
    moved = [*fold.about(Agenda, ref), *fold.about(Withdraw, ref)]
    moves, refused = sift(moved, lambda act: why_no_move(view, act))
    disapprovals, more = sift(fold.about(Disapprove, ref), lambda act: why_not_then(view, act))
    merges, unmerged = sift(fold.about(Merge, ref), lambda act: why_no_merge(view, act))
    towards = [act for act in fold.of(Merge) if isinstance(act.body, Merge) and act.body.into == ref]
    duplicates = {
        act.body.concern
        for act in sift(towards, lambda act: why_no_merge(view, act))[0]
        if isinstance(act.body, Merge) and not _is_undone(view, act)
    }
    state, by, on = _state(view, moves)
    return Item(
        concern=concern,
        state=state,
        by=by,
        on=on,
        moves=tuple(moves),
        disapprovals=tuple(disapprovals),
        into=tuple(
            sorted(
                {act.body.into for act in merges if isinstance(act.body, Merge) and not _is_undone(view, act)}
            )
        ),
        duplicates=tuple(sorted(duplicates)),
        refused=(*refused, *more, *unmerged),
        why_not=why_not_then(view, concern) or "",
    )


_Standing = tuple[str, tuple[Act, ...], int]


def _state(view: View, moves: Sequence[Act]) -> _Standing:
    """Where the moves that count leave a concern; which of them decide; and their date."""
    state, by, on = _settle(view, moves, {})
    if state == "parked" and on and view.has_come(on):
        return "listed", by, 0
    return state, by, on


def _settle(view: View, moves: Sequence[Act], known: dict[frozenset[str], _Standing]) -> _Standing:
    key = frozenset(act.ref for act in moves)
    if key not in known:
        last = [_leads_to(view, act, moves, known) for act in view.fold.latest(moves)]
        state = min((one[0] for one in last), key=OPENNESS.index, default="listed")
        chosen = [one for one in last if one[0] == state]
        by = sorted({act for one in chosen for act in one[1]}, key=lambda act: act.place)
        # An open end is longer than any date.
        dates = [one[2] for one in chosen]
        on = 0 if state == "parked" and not all(dates) else min((date for date in dates if date), default=0)
        known[key] = state, tuple(by), on
    return known[key]


def _leads_to(
    view: View, act: Act, moves: Sequence[Act], known: dict[frozenset[str], _Standing]
) -> _Standing:
    """Where one move leaves a concern. Listing it again as another member only ever opens it further."""
    target = _target(act)
    if target == "listed" and not _may_do_all(view, act):
        fold = view.fold
        before = [one for one in moves if fold.has_seen(act, one) and not fold.has_seen(one, act)]
        stood = _settle(view, before, known)
        if OPENNESS.index(stood[0]) < OPENNESS.index("listed"):
            return stood
    return target, (act,), act.body.on if isinstance(act.body, Agenda) else 0


def _may_do_all(view: View, move: Act) -> bool:
    """Whether a move comes from the chair or the author of the concern."""
    body, found = move.body, seats(view)
    assert isinstance(body, Agenda)
    concern = view.fold.acts[body.concern]
    return move.member == concern.member or (found is not None and found.has(move.member, "chair", move.at))


def _target(act: Act) -> str:
    return act.body.to if isinstance(act.body, Agenda) else "withdrawn"


def why_no_move(view: View, act: Act) -> str | None:
    """Why an act of Agenda or Withdraw does not move its concern, whatever came after it."""
    why = why_not_then(view, act)
    if why is not None:
        return why
    return _move_fault(view, act) if isinstance(act.body, Agenda) else _withdrawal_fault(view, act)


def _move_fault(view: View, act: Act) -> str | None:
    body, found = act.body, seats(view)
    assert isinstance(body, Agenda)
    fault = wrong_subject(view, body.concern, (Concern,), "concern")
    if fault or found is None:
        return fault
    if body.to == "closed" and not body.reason:
        return "a concern is closed with a reason; give one"
    if _may_do_all(view, act):
        return None
    if not found.has(act.member, "member", act.at) and act.member not in found.left:
        return "only members move a concern that they did not raise, and the chair whose turn it is"
    if body.to == "listed" and not body.reason:
        return "to list a concern again, give the new facts as the reason"
    if body.to in ("listed", "open"):
        return None
    author = view.fold.acts[body.concern].member
    return (
        f"only the chair or {short(author)}, who raised it, can make it {body.to}; any member may open "
        "it, or list it again with a reason"
    )


def _withdrawal_fault(view: View, act: Act) -> str | None:
    body = act.body
    assert isinstance(body, Withdraw)
    fault = wrong_subject(view, body.act, _TAKEN_BACK, "concern, text, position or decision")
    if fault:
        return f"{fault}; what was said otherwise stays" if body.act in view.fold.acts else fault
    subject = view.fold.acts[body.act]
    if subject.member != act.member:
        return f"only {short(subject.member)} can withdraw {subject.name}"
    if isinstance(subject.body, Concern):
        return _taken_up(view, subject, act)
    return None


def _taken_up(view: View, concern: Act, again: Act) -> str | None:
    """Whoever lists a withdrawn concern again makes it its own: its first author cannot take it off twice."""
    fold = view.fold
    before = [one for one in fold.about(Withdraw, concern.ref) if one.member == concern.member]
    for act in fold.about(Agenda, concern.ref):
        if (
            act.member != concern.member
            and _target(act) == "listed"
            and fold.has_seen(again, act)
            and any(one != again and fold.has_seen(act, one) for one in before)
            and why_no_move(view, act) is None
        ):
            return (
                f"{short(act.member)} has taken {concern.name} up again: "
                "it is no longer yours alone to withdraw"
            )
    return None


def why_no_merge(view: View, act: Act) -> str | None:
    """Why two concerns are not shown together by an act, whatever came after it."""
    why = why_not_then(view, act)
    if why is not None:
        return why
    body = act.body
    assert isinstance(body, Merge)
    if body.concern == body.into:
        return "a concern is no duplicate of itself"
    return wrong_subject(view, body.concern, (Concern,), "concern") or wrong_subject(
        view, body.into, (Concern,), "concern"
    )


def _is_undone(view: View, merge: Act) -> bool:
    """Whether the author of the concern has listed it again by itself after seeing the merger."""
    body = merge.body
    assert isinstance(body, Merge)
    author = view.fold.acts[body.concern].member
    return any(
        act.member == author
        and _target(act) == "listed"
        and view.fold.has_seen(act, merge)
        and why_no_move(view, act) is None
        for act in view.fold.about(Agenda, body.concern)
    )


def withdrawal(view: View, subject: Act) -> Act | None:
    """The act by which the author took back a text or position; None if it stands."""
    good, _ = sift(view.fold.about(Withdraw, subject.ref), lambda act: why_no_move(view, act))
    return good[0] if good else None


def wrong_subject(view: View, ref: str, kinds: tuple[type[Body], ...], what: str) -> str | None:
    """Why a reference does not name an act of these kinds: one sentence; None if it does."""
    act = view.fold.acts.get(ref)
    if act is None:
        return f"no {what} with the reference {ref[:8]}… is held here; fetch the record and try again"
    return None if isinstance(act.body, kinds) else f"{act.name} is no {what}"


def check_concern(view: View, act: Act) -> str | None:
    """Why a concern would not count: only its author's seat can be in the way."""
    return None


def check_agenda(view: View, act: Act) -> str | None:
    """Why a move would not count, or would come out of nowhere as things stand."""
    fault = _move_fault(view, act)
    if fault:
        return fault
    body = act.body
    assert isinstance(body, Agenda)
    now = item(view, body.concern).state
    if body.to == "listed" and now in _ACTIVE and not _may_do_all(view, act):
        return f"the concern is {now}; only one that is parked, closed or withdrawn is listed again"
    if not MACHINE.follows(now, body.to):
        return f"the concern is {now}: list it again first, with the reason"
    if body.on and body.on <= act.at:
        return f"{show_time(body.on)} has passed; name a later time"
    return None


def check_disapprove(view: View, act: Act) -> str | None:
    """Why an objection to a discussion would not be recorded."""
    assert isinstance(act.body, Disapprove)
    return wrong_subject(view, act.body.concern, (Concern,), "concern")


def check_merge(view: View, act: Act) -> str | None:
    """Why two concerns would not be shown together."""
    body = act.body
    assert isinstance(body, Merge)
    if body.concern == body.into:
        return "a concern is no duplicate of itself"
    fault = wrong_subject(view, body.concern, (Concern,), "concern") or wrong_subject(
        view, body.into, (Concern,), "concern"
    )
    if fault is None and body.into in item(view, body.concern).into:
        return "they are shown together already"
    return fault


def check_withdraw(view: View, act: Act) -> str | None:
    """Why a withdrawal would not count."""
    fault = _withdrawal_fault(view, act) or check_withdrawal(view, act)
    if fault:
        return fault
    body = act.body
    assert isinstance(body, Withdraw)
    subject = view.fold.acts[body.act]
    if isinstance(subject.body, Concern):
        gone = item(view, subject.ref).state == "withdrawn"
    else:
        gone = withdrawal(view, subject) is not None
    return f"{subject.name} is withdrawn already" if gone else None


CHECKS: dict[type[Body], Callable[[View, Act], str | None]] = {
    Concern: check_concern,
    Agenda: check_agenda,
    Disapprove: check_disapprove,
    Merge: check_merge,
    Withdraw: check_withdraw,
}
