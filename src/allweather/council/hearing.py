"""Who was heard: holds and the expiry that they make, receipts in time, late ones and their windows.

Silence binds only who was reached. A member is heard if others held its receipt of that very text by the
expiry. One that was reached later may object within the charter's catch-up window, which begins when others
held its receipt. Nothing here says what becomes of the decision.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from allweather.council.acts import Act, short
from allweather.council.bodies import Clear, Hold, Object, Position, Receipt, Reserve, Rules, Silence
from allweather.council.decisions import Heard, HoldTaken, How, LateReceipt, NotHeard, RefusedAct
from allweather.council.seats import Seats, refusal_then
from allweather.council.timing import Timing, proven_at, show_time, timed
from allweather.council.view import View

_FAR = 2**53


@dataclass(frozen=True, slots=True)
class Hearing:
    """Who was heard of one silence, its expiry, and what of these acts changes nothing.

    `heard` includes members heard late. `left_at` are the times at which members that it waited for left.
    """

    act: Act
    seats: Seats
    expires_at: int
    holds: tuple[HoldTaken, ...]
    heard: tuple[Heard, ...]
    late: tuple[LateReceipt, ...]
    not_heard: tuple[NotHeard, ...]
    left_at: tuple[int, ...]
    refused: tuple[RefusedAct, ...]

    @property
    def in_time(self) -> frozenset[str]:
        """The members that were heard by the expiry."""
        return frozenset(one.member for one in self.heard if not one.is_late)

    def late_receipt(self, member: str) -> LateReceipt | None:
        """By what a member was reached after the expiry."""
        return next((one for one in self.late if one.member == member), None)


def opening(act: Act) -> Silence:
    """The opening of a silence that an act is."""
    assert isinstance(act.body, Silence)
    return act.body


def no_seat(view: View, seats: Seats, act: Act, by: int) -> str | None:
    """Why an act about a decision that expires at `by` does not count from its seat; None if it does.

    What a member has said stays said when it leaves. A principal has the catch-up window to overrule what
    another's delegate did in its name: later, it would unmake what everybody has built on.
    """
    rules = seats.rules

    def is_heeded(overrule: Act) -> bool:
        end = max(by, proven_at(view, act, rules) or by) + rules.catch_up
        return timed(view, overrule, end, rules).timing is Timing.IN_TIME

    return refusal_then(view.fold, seats, act, is_heeded)


def hear(view: View, act: Act, seats: Seats) -> Hearing:
    """Who was heard of a silence that was put to `seats`."""
    expires_at, holds, refused = _holds(view, act, seats)
    evidence, more = _evidence(view, act, seats, expires_at)
    heard, late, not_heard, left_at = [], [], [], []
    for member in (*seats.members, *sorted(seats.left)):
        in_time = _heard_in_time(view, evidence[member], expires_at, seats.rules)
        if member == act.member:
            in_time = Heard(member, act, "opened it", proven_at(view, act, seats.rules))
        if in_time is not None:
            heard.append(in_time)
            continue
        receipt = _late_receipt(view, member, evidence[member], seats.rules)
        if receipt is not None:
            late.append(receipt)
        joined = _joined_late(view, receipt)
        if member in seats.left:
            left_at.append(_left_at(view, member, seats))
        elif joined is not None:
            heard.append(joined)
        else:
            not_heard.append(NotHeard(member, _why_not_heard(seats, member, receipt)))
    return Hearing(
        act,
        seats,
        expires_at,
        holds,
        tuple(sorted(heard, key=lambda one: one.member)),
        tuple(late),
        tuple(not_heard),
        tuple(left_at),
        (*refused, *more),
    )


def _holds(view: View, act: Act, seats: Seats) -> tuple[int, tuple[HoldTaken, ...], list[RefusedAct]]:
    """The expiry with every valid hold. A later expiry lets in more holds and never fewer, so it is one."""
    by, rules = opening(act).expires_at, seats.rules
    taken: dict[str, HoldTaken] = {}
    waiting, refused = [], []
    for one in view.fold.about(Hold, act.ref):
        why = no_seat(view, seats, one, by)
        if why is None:
            waiting.append(one)
        else:
            refused.append(RefusedAct(one, why))
    while True:
        ready = []
        for one in waiting:
            found = timed(view, one, by, rules)
            if one.member not in taken and found.timing is Timing.IN_TIME:
                ready.append((_FAR if found.at is None else found.at, one.place, one))
        if not ready:
            break
        first = min(ready)[2]
        by += rules.hold
        taken[first.member] = HoldTaken(first.member, first, by)
    for one in waiting:
        mine = taken.get(one.member)
        if mine is None:
            refused.append(RefusedAct(one, f"a hold has to come in time: {timed(view, one, by, rules).why}"))
        elif mine.act != one:
            refused.append(
                RefusedAct(one, f"{short(one.member)} has used its one hold, with {mine.act.name}")
            )
    return by, tuple(taken.values()), refused


_Evidence = dict[str, list[tuple[Act, How]]]


def _evidence(view: View, act: Act, seats: Seats, by: int) -> tuple[_Evidence, list[RefusedAct]]:
    """By member, the acts that show that the text has reached it."""
    fold, text = view.fold, opening(act).text
    candidates: list[tuple[Act, How]] = [(one, "receipt") for one in fold.about(Receipt, act.ref)]
    candidates += [(one, "reservation") for one in fold.about(Reserve, act.ref)]
    candidates += [(one, "position") for one in fold.about(Position, text) if _is_backing(view, act, one)]
    for objection in fold.about(Object, act.ref):
        candidates += [
            (one, "cleared its objection")
            for one in fold.about(Clear, objection.ref)
            if one.member == objection.member
        ]
    found: _Evidence = defaultdict(list)
    refused = []
    for one, how in candidates:
        why = no_seat(view, seats, one, by)
        if why is None and isinstance(one.body, Receipt) and one.body.text != text:
            why = "it is a receipt of another text than the one that is put to silence"
        if why is None:
            found[one.member].append((one, how))
        elif how == "receipt":
            refused.append(RefusedAct(one, why))
    return found, refused


def _is_backing(view: View, act: Act, one: Act) -> bool:
    body = one.body
    assert isinstance(body, Position)
    return body.basis == "own" and body.response in ("support", "consent") and view.fold.has_seen(one, act)


def _heard_in_time(view: View, acts: list[tuple[Act, How]], by: int, rules: Rules) -> Heard | None:
    found = []
    for act, how in acts:
        when = timed(view, act, by, rules)
        if when.timing is Timing.IN_TIME:
            found.append((_FAR if when.at is None else when.at, act.place, act, how, when.at))
    if not found:
        return None
    _, _, act, how, at = min(found)
    return Heard(act.member, act, how, at)


def _late_receipt(view: View, member: str, acts: list[tuple[Act, How]], rules: Rules) -> LateReceipt | None:
    """By what a member was reached, the earliest shown first; and by what it joined, if it did.

    A position shows that the text is known; giving up the window takes the power to break silence.
    """
    shown = []
    for act, how in acts:
        at = proven_at(view, act, rules)
        shown.append((_FAR if at is None else at, act.place, act, how, at))
    if not shown:
        return None
    _, _, act, how, at = min(shown)
    until = None if at is None else at + rules.catch_up
    consents = [
        one for one in shown if one[3] in ("reservation", "cleared its objection") and one[4] is not None
    ]
    if not consents:
        return LateReceipt(member, act, how, at, until)
    first = min(consents)
    return LateReceipt(member, act, how, at, until, first[2], first[4])


def _joined_late(view: View, receipt: LateReceipt | None) -> Heard | None:
    """A member that was reached late counts as heard when it joins, or when its window has passed."""
    if receipt is None or receipt.until is None:
        return None
    member, until, joined_at = receipt.member, receipt.until, receipt.joined_at
    if joined_at is not None and receipt.joined is not None and joined_at <= until:
        how: How = "reservation" if isinstance(receipt.joined.body, Reserve) else "cleared its objection"
        return Heard(member, receipt.joined, how, joined_at, True)
    return Heard(member, receipt.act, receipt.how, until, True) if view.has_passed(until) else None


def _left_at(view: View, member: str, seats: Seats) -> int:
    """When others held that a member leaves; 0 while nobody has shown it, so that it delays nothing."""
    times = [proven_at(view, one, seats.rules) for one in seats.leaves if one.member == member]
    return min((at for at in times if at is not None), default=0)


def _why_not_heard(seats: Seats, member: str, receipt: LateReceipt | None) -> str:
    if receipt is not None and receipt.until is not None:
        return f"was reached late and may object until {show_time(receipt.until)}"
    if receipt is not None:
        return "has signed a receipt that not enough others have held yet"
    if member in seats.suspended:
        return "has suspended its participation, keeps its rights, and is not yet heard"
    if member not in seats.joined:
        return "has not taken its seat yet, and is not yet heard"
    return "is not yet heard"
