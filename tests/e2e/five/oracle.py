"""What a silence must have come to, by COUNCIL.md, from what the story saw: not by the council's own code.

    every member heard, and no objection          adopted
    somebody not heard                            provisional, until its window after its receipt has passed
    an objection that others held in time         broken, unless its holder cleared it in time
    a refusal that others held in time            refused
    an objection made in time while cut off       contested, if others hold it within the catch-up window
    one of a member not reached by the expiry     contested, within its window
    one that only claims to have been made then   nothing
    two that contradict, neither knowing          both provisional

`made` is when an act was signed by true time, `reached` when two others whose clocks are right were seen to
hold it. Where that does not decide (an act that reached others close to the deadline), nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from tests.e2e.five.homes import RULES

What = Literal["hold", "object", "clear", "refuse", "withdraw", "receipt", "reserve", "backdated"]
RUNNING = frozenset({"running"})
ADOPTED = frozenset({"adopted", "in_force"})
PROVISIONAL = frozenset({"provisional"})
RETURNED = {"object": "broken", "refuse": "refused", "withdraw": "withdrawn"}


@dataclass
class Did:
    """One act on a silence. Times are true ones, in seconds of the council; `reached` is None if never seen.

    `hidden_until` is when it could reach others at the earliest: after the cut, if it was made within.
    """

    what: What
    member: str
    id: str
    ref: str
    made: float
    hidden_until: float
    reached: float | None = None


@dataclass
class Case:
    """One silence and all that was done about it. `rival` contradicts it."""

    kind: str
    name: str
    proposer: str
    members: tuple[str, ...]
    id: str
    ref: str
    text: str
    opened: float
    expires_at: int
    acts: list[Did] = field(default_factory=list)
    rival: str = ""
    unreachable: tuple[str, ...] = ()
    """Members that were cut off from before the opening until after the expiry."""

    def of(self, *whats: What) -> list[Did]:
        """The acts of some sorts."""
        return [one for one in self.acts if one.what in whats]


def expected(case: Case, at: int, margin: float) -> frozenset[str] | None:
    """The states that a silence may be in as of a time; None where what was seen does not decide."""
    expiry: float = case.expires_at
    for hold in case.of("hold"):
        when = _in_time(hold, expiry, margin)
        if when is None:
            return None
        expiry += RULES.hold * when
    returned = _returned(case, expiry, margin)
    if returned is None or returned:
        return returned
    if at <= expiry:
        return RUNNING
    if case.rival:
        return PROVISIONAL
    return _unopposed(case, at, expiry, margin)


def _returned(case: Case, expiry: float, margin: float) -> frozenset[str] | None:
    """What sent the text back to drafting; empty if nothing did, None if that is not decided."""
    found = set()
    for act in case.of("withdraw", "refuse", "object"):
        when = _in_time(act, expiry, margin)
        if when is False and act.made > expiry + margin and was_heard(case, act.member, margin):
            continue  # silence had bound it
        if when is None or (when is False and not _is_contest(case, act, expiry, margin)):
            return None
        if when is False:
            found.add("contested")
        else:
            cleared = _cleared(case, act, expiry, margin)
            if cleared is None:
                return None
            if not cleared:
                found.add(RETURNED[act.what])
    for state in ("withdrawn", "refused", "broken", "contested"):
        if state in found:
            return frozenset({state})
    return frozenset()


def _in_time(act: Did, expiry: float, margin: float) -> bool | None:
    """Whether others held an act by the expiry; None if that was too close, or nobody looked."""
    if act.reached is not None and act.reached + margin <= expiry:
        return True
    return False if act.hidden_until > expiry + margin else None


def _is_contest(case: Case, act: Did, expiry: float, margin: float) -> bool:
    """Whether an objection that came later counts: of one cut off, or of one that had not been reached."""
    if act.what != "object" or act.reached is None or act.reached > expiry + RULES.catch_up / 2:
        return False
    if act.member in case.unreachable:
        return True
    return act.made + margin <= expiry < act.hidden_until


def _cleared(case: Case, act: Did, expiry: float, margin: float) -> bool | None:
    found = [_in_time(one, expiry, margin) for one in case.of("clear") if one.member == act.member]
    if None in found:
        return None
    return act.what == "object" and True in found


def _unopposed(case: Case, at: int, expiry: float, margin: float) -> frozenset[str] | None:
    """Adopted or waiting, by who was heard."""
    if at > expiry + 3 * RULES.catch_up:
        return ADOPTED  # every receipt came with the healing, and every window has passed since
    heard: list[bool | None] = []
    for member in case.members:
        if member == case.proposer:
            continue
        shown = [
            _in_time(one, expiry, margin) for one in case.of("receipt", "reserve") if one.member == member
        ]
        if True in shown:
            heard.append(True)
        elif member in case.unreachable or case.opened > expiry + margin:
            heard.append(False)
        else:
            heard.append(None)
    if False in heard:
        return PROVISIONAL
    return ADOPTED | PROVISIONAL if None in heard else ADOPTED


def was_heard(case: Case, member: str, margin: float) -> bool:
    """Whether a member was certainly heard by the expiry."""
    receipts = [one for one in case.of("receipt") if one.member == member]
    return any(_in_time(one, case.expires_at, margin) for one in receipts)
