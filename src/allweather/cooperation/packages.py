"""Packages of commitments: each part is due once all who are needed have an accepted part in it.

Parts with one label in one track make a package. A part needs those that it names as parties, and those that
the needed members' own parts name. So nobody is made to wait for a member whom neither it nor those it waits
for have named: a stranger who uses the same label changes nothing for the others.
"""

from __future__ import annotations

from dataclasses import dataclass

from allweather.cooperation.bodies import Offer
from allweather.cooperation.parts import Part, State, part
from allweather.cooperation.rules import is_accepted, names, standing
from allweather.council.acts import Act
from allweather.council.view import View

_FIRM = (State.ACCEPTED, State.FULFILLED)
_LIVE = (*_FIRM, State.OFFERED, State.SUSPENDED)


@dataclass(frozen=True, slots=True)
class Arming:
    """Whether a part is due: the members needed, and those among them without an accepted part now.

    `released_by` are the acts that undid it after it had been armed.
    """

    needed: tuple[str, ...]
    waits_for: tuple[str, ...]
    released_by: tuple[Act, ...]

    @property
    def is_armed(self) -> bool:
        """Whether everybody who is needed has an accepted part."""
        return not self.waits_for


@dataclass(frozen=True, slots=True)
class Package:
    """All parts of one track with one label. `waits_for` are the members whose accepted part is lacking."""

    track: str
    label: str
    parts: tuple[Part, ...]
    parties: tuple[str, ...]
    waits_for: tuple[str, ...]

    @property
    def is_armed(self) -> bool:
        """Whether every party has an accepted part in it."""
        return not self.waits_for

    @property
    def sentence(self) -> str:
        """How it stands, for people."""
        who = f"The package {self.label!r} between {names(self.parties)}"
        return (
            f"{who} is armed."
            if self.is_armed
            else f"{who} is not armed; it waits for accepted parts of {names(self.waits_for)}."
        )


def parts_of(view: View, track: str, label: str) -> tuple[Part, ...]:
    """The parts of a track with a label, by log and index."""
    return view.memo(("cooperation: parts of", track, label), lambda: _parts_of(view, track, label))


def _parts_of(view: View, track: str, label: str) -> tuple[Part, ...]:
    found = (part(view, offer) for offer in standing(view, Offer, track))
    return tuple(one for one in found if one.terms.package == label)


def arming(view: View, one: Part) -> Arming:
    """Whether a part is due. A commitment outside any package is armed by itself."""
    terms = one.terms
    if not terms.package:
        return Arming((one.member,), (), ())
    return view.memo(("cooperation: arming", one.offer.ref), lambda: _arming(view, part(view, one.offer)))


def _arming(view: View, one: Part) -> Arming:
    parts = parts_of(view, one.terms.track, one.terms.package)
    needed = _needed(one, [other for other in parts if other.state in _LIVE])
    firm = {other.member for other in parts if other.state in _FIRM}
    waits_for = tuple(sorted(needed - firm))
    undone = [
        act
        for other in parts
        if other.member in waits_for
        for act in other.taken_back
        if _was_armed(view, one, parts, act)
    ]
    return Arming(tuple(sorted(needed)), waits_for, tuple(undone))


def _needed(one: Part, parts: list[Part]) -> set[str]:
    needed = {one.member, *one.terms.parties}
    grown = True
    while grown:
        more = {name for other in parts if other.member in needed for name in other.terms.parties}
        grown = not more <= needed
        needed |= more
    return needed


def _was_armed(view: View, one: Part, parts: tuple[Part, ...], taken_back: Act) -> bool:
    """Whether who took its part back had seen an accepted part of everybody needed, its own included."""
    seen = [
        other
        for other in parts
        if view.fold.has_seen(taken_back, other.offer)
        and not any(view.fold.has_seen(taken_back, act) for act in other.taken_back)
    ]
    ready = {other.member for other in seen if is_accepted(view, other.offer, before=taken_back)}
    return _needed(one, seen) <= ready


def packages(view: View, track: str) -> tuple[Package, ...]:
    """The packages of a track, by label. Parts that need the same members stand in one."""
    found: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = {}
    for offer in standing(view, Offer, track):
        one = part(view, offer)
        if one.terms.package and one.state in _LIVE:
            arm = arming(view, one)
            waits_for = found.setdefault((one.terms.package, arm.needed), arm.waits_for)
            found[one.terms.package, arm.needed] = tuple(sorted({*waits_for, *arm.waits_for}))
    return tuple(
        Package(track, label, _parts_by(view, track, label, parties), parties, waits_for)
        for (label, parties), waits_for in sorted(found.items())
    )


def _parts_by(view: View, track: str, label: str, members: tuple[str, ...]) -> tuple[Part, ...]:
    return tuple(one for one in parts_of(view, track, label) if one.member in members)
