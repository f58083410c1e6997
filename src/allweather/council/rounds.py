"""Sealed rounds: everybody commits before anybody shows, so that nobody anchors on another.

    Round   opens it on some versions of texts, until a time
    Seal    base64 of SHA-256(salt, canonical JSON of {"expectations": [...], "positions": [...]})
    Reveal  the salt, the positions and the expectations, after the round has closed

A member seals once; its first seal counts, if it was in time. The round closes at its time, or when all who
were members as it was opened have sealed. Until then no view shows anything of a reveal, even if somebody
published one. A reveal that does not match its seal is refused and shown as such.

A seal can be copied before it is understood. So a salt is bound to a log (`bind_salt`): where two members
sealed the same commitment, only the one to whose log the salt is bound has sealed anything.

What it does not do: say who holds what in the end (`holding` does, with what is opened here).
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from allweather.council.acts import Act, short
from allweather.council.agenda import wrong_subject
from allweather.council.bodies import Concern, Expected, Reveal, Round, Rules, Seal, Taken
from allweather.council.forms import Body
from allweather.council.machines import Machine, Step
from allweather.council.membership import Refusal, seats, seats_for, sift, why_not_then
from allweather.council.texts import expected_fault, taken_fault, version_fault
from allweather.council.timing import Timing, show_time, timed
from allweather.council.view import View
from allweather.errors import Malformed, UnknownName
from allweather.record.canonical import format_canonical
from allweather.record.keys import format_base64, parse_base64

SALT_SIZE = 32
_RANDOM_SIZE = 16

MACHINE = Machine(
    "sealed round",
    ("open", "closed", "revealed"),
    (
        Step("open", "closed", "its time has come, or every member has sealed"),
        Step("closed", "revealed", "every seal has been opened"),
        Step("open", "revealed", "nobody sealed by its time"),
    ),
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A seal that was opened: what its member had held and expected when it sealed."""

    seal: Act
    reveal: Act
    positions: tuple[Taken, ...]
    expectations: tuple[Expected, ...]

    @property
    def member(self) -> str:
        """Who sealed it."""
        return self.seal.member


@dataclass(frozen=True, slots=True)
class Sealing:
    """A round as it stands. Members are origins, sorted.

    `sealed` have a seal that counts, `missing` have none; `unopened` have sealed, and since the round closed
    not revealed it. `refused` lists seals and reveals that do not count, never with their content.
    """

    round: Act
    state: str
    sealed: tuple[str, ...]
    missing: tuple[str, ...]
    unopened: tuple[str, ...]
    opened: tuple[Opened, ...]
    refused: tuple[Refusal, ...]
    why_not: str = ""

    @property
    def body(self) -> Round:
        """What it is on, and until when."""
        assert isinstance(self.round.body, Round)
        return self.round.body

    @property
    def is_closed(self) -> bool:
        """Whether seals may be opened."""
        return self.state != "open"

    @property
    def says(self) -> str:
        """How it stands, in one sentence."""
        if not self.is_closed:
            waiting = f"{_names(self.missing)} can still seal" if self.missing else "all have sealed"
            return f"Open until {show_time(self.body.closes_at)}: {len(self.sealed)} sealed, {waiting}."
        if self.unopened:
            return f"Closed: {_names(self.unopened)} sealed and did not reveal it yet."
        return f"Closed and revealed: {len(self.opened)} sealed."


def bind_salt(origin: str, random: bytes) -> str:
    """A salt in base64 for a seal of that log. `random` is 16 bytes that nobody can guess."""
    if len(random) != _RANDOM_SIZE:
        raise Malformed(f"a salt is made of {_RANDOM_SIZE} random bytes")
    bound = hashlib.sha256(f"allweather/seal@v1\n{origin}\n".encode() + random).digest()
    return format_base64(random + bound[: SALT_SIZE - _RANDOM_SIZE])


def is_bound(salt: str, origin: str) -> bool:
    """Whether a salt was made for a seal of that log."""
    return bind_salt(origin, parse_base64(salt, size=SALT_SIZE)[:_RANDOM_SIZE]) == salt


def commitment(salt: str, positions: Sequence[Taken], expectations: Sequence[Expected]) -> str:
    """What a seal holds, in base64. Raises Malformed for a salt that is not 32 bytes of base64."""
    content = format_canonical({"expectations": tuple(expectations), "positions": tuple(positions)})
    return format_base64(hashlib.sha256(parse_base64(salt, size=SALT_SIZE) + content).digest())


def rounds(view: View, concern_ref: str = "") -> tuple[Sealing, ...]:
    """The rounds that count (on one concern), by the time that their openers claim."""
    acts = view.fold.about(Round, concern_ref) if concern_ref else view.fold.of(Round)
    found = [sealing(view, act.ref) for act in sorted(acts, key=lambda act: (act.at, act.place))]
    return tuple(one for one in found if not one.why_not)


def sealing(view: View, round_ref: str) -> Sealing:
    """One round, whether it counts or not. Raises UnknownName if no such round is held."""
    act = view.fold.acts.get(round_ref)
    if act is None or not isinstance(act.body, Round):
        raise UnknownName(wrong_subject(view, round_ref, (Round,), "round") or "")
    return view.memo(("sealing", round_ref), lambda: _sealing(view, act))


def opened_on(view: View, version_ref: str) -> tuple[Opened, ...]:
    """What has been opened that says something of one version of a text."""
    return view.memo("opened", lambda: _opened_by_version(view)).get(version_ref, ())


def is_secret(view: View, act: Act) -> bool:
    """Whether the content of an act may not be shown yet: a reveal that was published too early."""
    if not isinstance(act.body, Reveal):
        return False
    seal = view.fold.acts.get(act.body.seal)
    if seal is None or not isinstance(seal.body, Seal):
        return True
    known = view.fold.body(seal.body.round, Round)
    return known is None or not sealing(view, seal.body.round).is_closed


def _opened_by_version(view: View) -> dict[str, tuple[Opened, ...]]:
    found: dict[str, list[Opened]] = defaultdict(list)
    for sealed in rounds(view):
        for opened in sealed.opened:
            on = {one.on for one in opened.positions} | {one.on for one in opened.expectations}
            for ref in sorted(on):
                found[ref].append(opened)
    return {ref: tuple(some) for ref, some in found.items()}


def _sealing(view: View, act: Act) -> Sealing:
    body = act.body
    assert isinstance(body, Round)
    found = seats_for(view, act)
    members = found.members if found is not None else ()
    why_not = why_not_then(view, act) or _round_fault(view, act) or ""
    seals, refused = _seals(view, act, members)
    missing = tuple(one for one in members if one not in seals)
    is_closed = view.has_come_now(body.closes_at) or (bool(members) and not missing)
    shut = "" if is_closed else "revealed before the round closed; it is not shown before"
    if why_not:
        shut = f"the round does not count: {why_not}"
    opened, more = _opened(view, body, seals, shut)
    for seal in refused:
        why = f"its seal {seal.name} does not count: {seal.why}"
        more += [Refusal.of(reveal, shut or why) for reveal in view.fold.about(Reveal, seal.ref)]
    unopened = tuple(sorted(seals.keys() - {one.member for one in opened})) if is_closed else ()
    state = "open" if not is_closed else "closed" if unopened else "revealed"
    return Sealing(
        round=act,
        state=state,
        sealed=tuple(sorted(seals)),
        missing=missing,
        unopened=unopened,
        opened=tuple(opened),
        refused=(*refused, *more),
        why_not=why_not,
    )


def _seals(view: View, act: Act, members: Sequence[str]) -> tuple[dict[str, Act], list[Refusal]]:
    """The seal of each member that counts, and all others with the reason."""
    found = seats(view)
    body = act.body
    assert isinstance(body, Round)
    rules = found.rules if found is not None else Rules()

    def why(seal: Act) -> str | None:
        if seal.member not in members:
            return f"{short(seal.member)} was no member when the round was opened"
        return why_not_then(view, seal) or _late(view, seal, body.closes_at, rules)

    good, refused = sift(view.fold.about(Seal, act.ref), why)
    seals: dict[str, Act] = {}
    for seal in sorted(good, key=lambda one: (one.origin != one.member, *_order(one))):
        first = seals.setdefault(seal.member, seal)
        if first is not seal:
            refused.append(Refusal.of(seal, _sealed_already(first)))
    return seals, refused


def _order(act: Act) -> tuple[int, str, str]:
    return act.index, act.origin, act.ref


def _sealed_already(first: Act) -> str:
    return f"{short(first.member)} has sealed already ({first.name}); a seal is not changed"


def _late(view: View, seal: Act, closes_at: int, rules: Rules) -> str | None:
    found = timed(view, seal, closes_at, rules)
    if found.timing is Timing.IN_TIME:
        return None
    return f"it is not shown to have been sealed before the round closed: {found.why}"


def _opened(view: View, body: Round, seals: dict[str, Act], shut: str) -> tuple[list[Opened], list[Refusal]]:
    """What was opened, and the reveals that open nothing. `shut` says why none does as yet."""
    copies = Counter(_commitment_of(seal) for seal in seals.values())
    opened: list[Opened] = []
    refused: list[Refusal] = []
    for member in sorted(seals):
        seal = seals[member]
        is_copied = copies[_commitment_of(seal)] > 1
        first: Act | None = None
        for reveal in sorted(view.fold.about(Reveal, seal.ref), key=_order):
            why = why_not_then(view, reveal) or shut or _reveal_fault(reveal, seal, is_copied=is_copied)
            if not why and first is not None:
                why = f"{short(member)} has opened this seal already ({first.name})"
            if why:
                refused.append(Refusal.of(reveal, why))
                continue
            first = reveal
            one, faults = _content(view, body, seal, reveal)
            opened.append(one)
            refused += faults
    return opened, refused


def _commitment_of(seal: Act) -> str:
    assert isinstance(seal.body, Seal)
    return seal.body.commitment


def _reveal_fault(reveal: Act, seal: Act, *, is_copied: bool) -> str | None:
    body = reveal.body
    assert isinstance(body, Reveal)
    if reveal.member != seal.member:
        return f"only {short(seal.member)} opens its seal {seal.name}"
    try:
        if commitment(body.salt, body.positions, body.expectations) != _commitment_of(seal):
            return "does not match what was sealed"
        if is_copied and not is_bound(body.salt, seal.origin):
            return "another member sealed the same, and the salt was not made for this log: it may be a copy"
    except Malformed:
        return "does not match what was sealed"
    return None


def _content(view: View, body: Round, seal: Act, reveal: Act) -> tuple[Opened, list[Refusal]]:
    """What a reveal says on the texts of the round; what else it says does not count."""
    said = reveal.body
    assert isinstance(said, Reveal)
    refused = []
    positions: dict[str, Taken] = {}
    expectations: dict[tuple[str, str], Expected] = {}
    for taken in said.positions:
        why = _beside(view, body, taken.on) or taken_fault(taken, seal.at)
        if why is None:
            positions[taken.on] = taken
        else:
            refused.append(Refusal.of(reveal, why))
    for expected in said.expectations:
        why = _beside(view, body, expected.on) or expected_fault(view, expected.member, seal.member)
        if why is None:
            expectations[expected.on, expected.member] = expected
        else:
            refused.append(Refusal.of(reveal, why))
    return Opened(seal, reveal, tuple(positions.values()), tuple(expectations.values())), refused


def why_not_sealed(
    view: View, round_ref: str, seal: Act, positions: Sequence[Taken], expectations: Sequence[Expected]
) -> str | None:
    """Why some of what is to be sealed would not count once it is revealed: asked before it is hidden."""
    body = view.fold.body(round_ref, Round)
    if body is None:
        return wrong_subject(view, round_ref, (Round,), "round")
    for taken in positions:
        why = _beside(view, body, taken.on) or taken_fault(taken, seal.at)
        if why is not None:
            return why
    for one in expectations:
        why = _beside(view, body, one.on) or expected_fault(view, one.member, seal.member)
        if why is not None:
            return why
    return None


def _beside(view: View, body: Round, ref: str) -> str | None:
    if ref in body.on:
        return version_fault(view, ref)
    act = view.fold.acts.get(ref)
    return f"{act.name if act else ref[:8] + '…'} is none of the texts of this round"


def _round_fault(view: View, act: Act) -> str | None:
    body = act.body
    assert isinstance(body, Round)
    if body.closes_at <= act.at:
        return "it closes before it was opened; name a later time"
    if body.concern in view.fold.acts:
        return wrong_subject(view, body.concern, (Concern,), "concern")
    return None


def _names(members: Sequence[str]) -> str:
    names = [short(one) for one in members]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def check_round(view: View, act: Act) -> str | None:
    """Why a round would not count."""
    body = act.body
    assert isinstance(body, Round)
    fault = wrong_subject(view, body.concern, (Concern,), "concern") or _round_fault(view, act)
    return fault or next((why for why in (version_fault(view, ref) for ref in body.on) if why), None)


def check_seal(view: View, act: Act) -> str | None:
    """Why a seal would not count."""
    body = act.body
    assert isinstance(body, Seal)
    fault = wrong_subject(view, body.round, (Round,), "round")
    if fault:
        return fault
    found = sealing(view, body.round)
    if found.why_not:
        return f"the round does not count: {found.why_not}"
    if act.member not in (*found.sealed, *found.missing):
        return f"{short(act.member)} was no member when the round was opened"
    if act.member in found.sealed:
        good, _ = _seals(view, found.round, (act.member,))
        return _sealed_already(good[act.member])
    if found.is_closed or act.at > found.body.closes_at:
        return f"the round has closed ({show_time(found.body.closes_at)}); take a position in the open"
    return None


def check_reveal(view: View, act: Act) -> str | None:
    """Why a reveal would not count, or would show too early what others have still to seal."""
    body = act.body
    assert isinstance(body, Reveal)
    fault = wrong_subject(view, body.seal, (Seal,), "seal")
    if fault:
        return fault
    seal = view.fold.acts[body.seal]
    assert isinstance(seal.body, Seal)
    fault = wrong_subject(view, seal.body.round, (Round,), "round")
    if fault:
        return fault
    found = sealing(view, seal.body.round)
    if not found.is_closed:
        return f"the round is open until {show_time(found.body.closes_at)}; reveal after that"
    for one in found.refused:
        if one.ref == seal.ref:
            return f"the seal {one.name} does not count: {one.why}"
    if any(one.seal == seal for one in found.opened):
        return f"{short(act.member)} has opened this seal already"
    fault = _reveal_fault(act, seal, is_copied=False)
    if fault or found.why_not:
        return fault or f"the round does not count: {found.why_not}"
    faults = _content(view, found.body, seal, act)[1]
    return faults[0].why if faults else None


CHECKS: dict[type[Body], Callable[[View, Act], str | None]] = {
    Round: check_round,
    Seal: check_seal,
    Reveal: check_reveal,
}
