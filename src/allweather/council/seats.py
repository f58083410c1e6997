"""Who sits in the council, and whether an act counts as done from its seat.

A charter names the founding members; each takes its seat by joining. Members admitted later come from adopted
decisions (`membership` adds them). A member that suspends its participation keeps everything. A delegate acts
within a mandate: its powers, until its end, from the position where its key was certified.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from allweather.council.acts import Act, short
from allweather.council.bodies import (
    Charter,
    Join,
    Leave,
    Mandate,
    Overrule,
    Recall,
    Resume,
    Rules,
    Silence,
    Suspend,
)
from allweather.council.fold import Fold
from allweather.council.forms import Seat
from allweather.council.timing import Timing, proven_at, show_time, timed
from allweather.council.view import View

_SEAT_NAMES: dict[Seat, str] = {"member": "a member", "chair": "the chair", "secretariat": "the secretariat"}


@dataclass(frozen=True, slots=True)
class Seats:
    """The seats of a council: origins, sorted, and what their members did about them.

    `members` are founding and admitted members that have not left; `joined` those that took their seat;
    `leaves` the acts of leaving that stand, also of those who are members again.
    """

    charter: Act
    members: tuple[str, ...]
    joined: frozenset[str]
    left: frozenset[str]
    suspended: frozenset[str]
    chairs: tuple[str, ...]
    secretariat: tuple[str, ...]
    leaves: tuple[Act, ...] = ()

    @property
    def rules(self) -> Rules:
        """What the charter settles."""
        return charter_body(self.charter).rules

    def chair_at(self, at: int) -> str:
        """Whose turn it is to take the chair; empty if the charter names nobody."""
        if not self.chairs:
            return ""
        if not self.rules.rotation:
            return self.chairs[0]
        turn = max(0, at - self.charter.at) // self.rules.rotation
        return self.chairs[turn % len(self.chairs)]

    def has(self, origin: str, seat: Seat, at: int) -> bool:
        """Whether an origin has a seat of that sort at a time."""
        if seat == "member":
            return origin in self.members
        return origin == self.chair_at(at) if seat == "chair" else origin in self.secretariat


def charter_body(act: Act) -> Charter:
    """The charter that an act is."""
    assert isinstance(act.body, Charter)
    return act.body


def charter_of(fold: Fold) -> Act | None:
    """The charter: the pinned one, or the one that most of the members named in it have joined."""
    if fold.charter:
        act = fold.acts.get(fold.charter)
        return act if act is not None and isinstance(act.body, Charter) else None
    return min(fold.of(Charter), key=lambda act: (-len(_joined(fold, act)), act.ref), default=None)


def _joined(fold: Fold, charter: Act) -> frozenset[str]:
    body = charter_body(charter)
    named = {seat.origin for seat in (*body.members, *body.chairs, *body.secretariat)}
    joins = fold.about(Join, charter.ref)
    joined = {act.origin for act in joins if act.member == act.origin and _signing_refusal(fold, act) is None}
    return frozenset(joined & named | ({charter.origin} & named))


def founding_seats(view: View, admissions: Iterable[Act] = ()) -> Seats | None:
    """The seats by the charter and by what members did, with those whom `admissions` admit.

    `admissions` are openings of silences that were adopted. None without a charter.
    """
    fold = view.fold
    charter = charter_of(fold)
    if charter is None:
        return None
    body = charter_body(charter)
    admitted: dict[str, list[Act]] = {}
    for act in admissions:
        assert isinstance(act.body, Silence)
        if act.body.admits is not None:
            admitted.setdefault(act.body.admits.origin, []).append(act)
    named = {seat.origin for seat in body.members} | admitted.keys()
    # Somebody whose admission was opened by one who had seen it leave is a member again.
    leaves = leavings(fold, in_time_to_undo(view, body.rules))
    left = {
        act.member
        for act in leaves
        if act.member in named and not any(fold.has_seen(one, act) for one in admitted.get(act.member, ()))
    }
    suspended = {
        act.member
        for act in fold.of(Suspend)
        if _signing_refusal(fold, act) is None
        and not any(
            done.member == act.member and _signing_refusal(fold, done) is None
            for done in fold.about(Resume, act.ref)
        )
    }
    return Seats(
        charter=charter,
        members=tuple(sorted(named - left)),
        joined=_joined(fold, charter) | frozenset(admitted),
        left=frozenset(left),
        suspended=frozenset(suspended & named - left),
        chairs=tuple(seat.origin for seat in body.chairs),
        secretariat=tuple(seat.origin for seat in body.secretariat),
        leaves=tuple(leaves),
    )


def in_time_to_undo(view: View, rules: Rules) -> Callable[[Act], bool]:
    """Whether an overruling undoes that a delegate elsewhere gave up the seat: within the catch-up window.

    The window begins when others held the act of leaving: until then nobody builds on it. Later the council
    has gone on without the member, and it is admitted again like anybody else.
    """

    def is_heeded(overrule: Act) -> bool:
        assert isinstance(overrule.body, Overrule)
        held = proven_at(view, view.fold.acts[overrule.body.act], rules)
        return held is None or timed(view, overrule, held + rules.catch_up, rules).timing is Timing.IN_TIME

    return is_heeded


def leavings(fold: Fold, is_overrule_heeded: Callable[[Act], bool] | None = None) -> list[Act]:
    """The acts of leaving that are their members' own, by log and index."""
    return [act for act in fold.of(Leave) if _signing_refusal(fold, act, is_overrule_heeded) is None]


def refusal(fold: Fold, seats: Seats, act: Act) -> str | None:
    """Why an act does not count as done from its seat: one sentence; None if it does."""
    return _seat_refusal(seats, act) or _signing_refusal(fold, act)


def _seat_refusal(seats: Seats, act: Act) -> str | None:
    member = act.member
    name = short(member)
    kinds = act.body.SEATS
    if any(seats.has(member, seat, act.at) for seat in kinds):
        return None
    if member in seats.left and "member" in kinds:
        if isinstance(act.body, Overrule) and any(
            one.ref == act.body.act and one.member == member for one in seats.leaves
        ):
            return None  # whether it comes in time is for the leaving to say
        return f"{name} has left the council"
    allowed = " or ".join(_SEAT_NAMES[seat] for seat in kinds)
    return f"{name} has no seat for this: it takes {allowed}"


def refusal_then(
    fold: Fold, seats: Seats, act: Act, is_overrule_heeded: Callable[[Act], bool] | None = None
) -> str | None:
    """The same for what was said: it stays said after its member has left the council.

    `is_overrule_heeded` says of an overrule whether it came in time; without it every one did.
    """
    member = act.member
    if member in seats.left and not any(
        one.member == member and fold.has_seen(act, one) for one in seats.leaves
    ):
        seats = replace(seats, members=tuple(sorted({*seats.members, member})), left=seats.left - {member})
    return _seat_refusal(seats, act) or _signing_refusal(fold, act, is_overrule_heeded)


def _signing_refusal(
    fold: Fold, act: Act, is_overrule_heeded: Callable[[Act], bool] | None = None
) -> str | None:
    """Why an act is not its member's, whatever the seat."""
    if act.body.on_behalf and act.body.on_behalf != act.origin:
        name = short(act.member)
        if not act.by:
            return f"only a delegate whom {name} gave a mandate can act in its name"
        overrules = [
            one
            for one in fold.about(Overrule, act.ref)
            if one.origin == one.member == act.member and _signing_refusal(fold, one) is None
        ]
        if any(is_overrule_heeded is None or is_overrule_heeded(one) for one in overrules):
            return f"{name} has overruled what was done in its name"
    return _mandate_refusal(fold, act) if act.by else None


def _mandate_refusal(fold: Fold, act: Act) -> str | None:
    if not fold.is_certified(act):
        return f"the delegate's key is not certified in the log of {short(act.origin)}, or was withdrawn"
    return _why_no_mandate(fold, act, _unfounded(fold, act.member))


def _unfounded(fold: Fold, member: str) -> frozenset[str]:
    """Mandates and recalls in a member's log that a delegate wrote who had no power to.

    Each rests only on what stands before it in the same log, so they are judged in that order.
    """

    def judge() -> frozenset[str]:
        found: set[str] = set()
        acts = [one for kind in (Mandate, Recall) for one in fold.of(kind) if one.origin == member]
        for one in sorted((one for one in acts if one.by), key=lambda one: one.place[1:]):
            if not fold.is_certified(one) or _why_no_mandate(fold, one, found) is not None:
                found.add(one.ref)
        return frozenset(found)

    return fold.memo(("unfounded", member), judge)


def _why_no_mandate(fold: Fold, act: Act, unfounded: Collection[str]) -> str | None:
    mandates = [
        one
        for one in fold.of(Mandate)
        if one.origin == one.member == act.member
        and isinstance(one.body, Mandate)
        and one.body.key == act.by
        and (one.body.of or one.origin) == act.origin
        and one.ref not in unfounded
        and fold.has_seen(act, one)
    ]
    if not mandates:
        return f"{short(act.member)} has given this delegate no mandate"
    why = ""
    for one in mandates:
        assert isinstance(one.body, Mandate)
        if act.body.POWER not in one.body.powers:
            why = (
                f"the mandate of {one.body.name} does not include the power to {_POWER_WORDS[act.body.POWER]}"
            )
        elif act.at > one.body.until:
            why = f"the mandate of {one.body.name} ended at {show_time(one.body.until)}"
        elif any(
            r.origin == r.member == one.origin and r.ref not in unfounded and fold.has_seen(act, r)
            for r in fold.about(Recall, one.ref)
        ):
            why = f"the mandate of {one.body.name} was recalled"
        else:
            return None
    return why


_POWER_WORDS = {
    "speak": "speak",
    "position": "take positions",
    "silence": "open or break silence",
    "commit": "make commitments",
    "accredit": "accredit delegates or change the member's seat",
}
