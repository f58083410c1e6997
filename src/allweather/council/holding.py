"""Who holds what: positions on the versions of a text, what is inferred of members, what is expected of them.

A position binds to one version. When the text changes it stays, `on version n`, and its holder is asked once
for each new version. Three tones never mix: `own` is what a member says for itself, `common` a text that it
joined with others and says so itself, `inferred` a reading by somebody else. Of a member's own positions on
one version the last in its log counts; what it withdrew does not. What was sealed has the place of its seal.

What it does not do: show anything of a sealed round that is open (`rounds` lets nothing through before).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from allweather.council.acts import Act, short
from allweather.council.agenda import withdrawal
from allweather.council.bodies import Expectation, Position, Taken
from allweather.council.forms import Body, Shade
from allweather.council.membership import Refusal, seats, why_not, why_not_then
from allweather.council.rounds import opened_on
from allweather.council.texts import (
    Tabled,
    Version,
    expected_fault,
    taken_fault,
    text,
    version_fault,
)
from allweather.council.view import View
from allweather.positions import LEVELS, FuzzyDate, Response, parse_date

Tone = Literal["own", "common", "inferred"]

RESPONSES: Mapping[Shade, Response] = {
    "support": Response.SUPPORT,
    "conditional": Response.CONDITIONAL,
    "consent": Response.CONSENT,
    "abstain": Response.ABSTAIN,
    "oppose": Response.OPPOSE,
    "mixed": Response.MIXED,
    "reserve": Response.RESERVE,
}
"""The words of an act as those of `positions`."""


@dataclass(frozen=True, slots=True)
class Held:
    """One position: whose, on which version, in which tone, and by which act.

    `by` is who says so: the member itself unless it is inferred. `sealed` is the seal that committed to it.
    """

    member: str
    version: Version
    tone: Tone
    taken: Taken
    by: str
    act: Act
    sealed: Act | None = None
    withdrawn: Act | None = None

    @property
    def place(self) -> Act:
        """The act by which it has its place in the member's log."""
        return self.sealed or self.act

    @property
    def since(self) -> FuzzyDate | None:
        """Since when it is held, if it is said."""
        return parse_date(self.taken.held) if self.taken.held else None

    @property
    def says(self) -> str:
        """In a few words, with the version if there is a newer one: `oppose (on version 1)`."""
        said = self.taken.response + (f" if {self.taken.condition}" if self.taken.condition else "")
        return said if self.version.is_current else f"{said} (on version {self.version.label})"


@dataclass(frozen=True, slots=True)
class Holder:
    """What one member holds on a text.

    `current` has one position at most for each version, the newest version first: own before common.
    `earlier` are those that these replaced, `withdrawn` those taken back, `inferred` readings by others (of
    each reader the last for each version). `asked` are the newest versions that it has still to answer.
    """

    member: str
    current: tuple[Held, ...]
    earlier: tuple[Held, ...]
    withdrawn: tuple[Held, ...]
    inferred: tuple[Held, ...]
    asked: tuple[Version, ...]

    def on(self, version: Version) -> Held | None:
        """What it holds on a version."""
        return next((one for one in self.current if one.version == version), None)

    @property
    def newest(self) -> Held | None:
        """What it holds on the newest version that it has answered."""
        return self.current[0] if self.current else None


@dataclass(frozen=True, slots=True)
class Holding:
    """Who holds what on a text: a holder for each member, sorted; what does not count, with the reason."""

    text: Tabled
    holders: tuple[Holder, ...]
    refused: tuple[Refusal, ...]

    @property
    def asked(self) -> tuple[str, ...]:
        """Members that are asked for a position on a new version."""
        return tuple(one.member for one in self.holders if one.asked)

    def holder(self, member: str) -> Holder | None:
        """What a member holds."""
        return next((one for one in self.holders if one.member == member), None)


@dataclass(frozen=True, slots=True)
class Expecting:
    """What `author` expects `member` to hold on a version, and what that member says.

    `gap` is expected minus said, in levels from oppose 0 to support 3; None where the member has not said
    anything for itself on that version. Below zero the author assumes worse than is said.
    """

    author: str
    member: str
    version: Version
    response: Shade
    intensity: int | None
    act: Act
    said: Held | None

    @property
    def gap(self) -> int | None:
        """The perception gap."""
        if self.said is None:
            return None
        return level_of(self.response) - level_of(self.said.taken.response)


def level_of(response: Shade) -> int:
    """The level of a response, from oppose 0 to support 3."""
    return int(LEVELS[RESPONSES[response]])


def holding(view: View, text_ref: str) -> Holding:
    """Who holds what on a text, by the reference of any of its versions. Raises UnknownName."""
    ref = text(view, text_ref).root.ref
    return view.memo(("holding", ref), lambda: _holding(view, text(view, ref)))


def expected(view: View, text_ref: str) -> tuple[Expecting, ...]:
    """What members expect of each other on a text, by author, member and version. Raises UnknownName."""
    ref = text(view, text_ref).root.ref
    return view.memo(("expected", ref), lambda: _expected(view, text(view, ref)))


def refused_expectations(view: View, text_ref: str) -> tuple[Refusal, ...]:
    """Expectations on a text that do not count, with the reason. Raises UnknownName."""
    acts = [act for one in text(view, text_ref).versions for act in _about(view, Expectation, one)]
    found = ((act, _why_no_expectation(view, act)) for act in acts)
    return tuple(Refusal.of(act, why) for act, why in found if why is not None)


def _about(view: View, kind: type[Body], version: Version) -> list[Act]:
    return [act for ref in (version.ref, *version.twins) for act in view.fold.about(kind, ref)]


def _holding(view: View, tabled: Tabled) -> Holding:
    found = seats(view)
    members = found.members if found is not None else ()
    refused: list[Refusal] = []
    said: list[Held] = []
    for version in tabled.versions:
        said += _said_on(view, version, refused)
    # A revision that is no version has positions as well: they are shown as bound to nothing.
    for one in tabled.refused:
        refused += [
            Refusal.of(act, f"{one.name} does not count: {one.why}")
            for act in view.fold.about(Position, one.ref)
        ]
    return Holding(
        text=tabled,
        holders=tuple(_holder(view, tabled, member, said) for member in members),
        refused=tuple(refused),
    )


def _said_on(view: View, version: Version, refused: list[Refusal]) -> list[Held]:
    """Every position that counts on a version, those taken back included; adds the others to `refused`."""
    found = []
    for act in _about(view, Position, version):
        why = why_not(view, act) or _position_fault(view, act)
        if why is not None:
            refused.append(Refusal.of(act, why))
            continue
        body = act.body
        assert isinstance(body, Position)
        member = body.member or act.member
        back = withdrawal(view, act)
        found.append(Held(member, version, body.basis, taken_of(body), act.member, act, None, back))
    for ref in (version.ref, *version.twins):
        for opened in opened_on(view, ref):
            for taken in opened.positions:
                if taken.on == ref:
                    found.append(
                        Held(opened.member, version, "own", taken, opened.member, opened.reveal, opened.seal)
                    )
    return found


def _holder(view: View, tabled: Tabled, member: str, said: Iterable[Held]) -> Holder:
    mine = [one for one in said if one.member == member]
    own = [one for one in mine if one.tone != "inferred"]
    standing = [one for one in own if one.withdrawn is None]
    current = []
    for version in reversed(tabled.versions):
        on = [one for one in standing if one.version == version]
        last = _last(view, [one for one in on if one.tone == "own"] or on)
        if last is not None:
            current.append(last)
    # Whoever answered a version was asked about it, also if it took its answer back.
    answered = {one.version for one in own}
    is_asked = tabled.withdrawn is None and any(not one.version.is_current for one in current)
    return Holder(
        member=member,
        current=tuple(current),
        earlier=tuple(one for one in standing if one not in current),
        withdrawn=tuple(one for one in mine if one.withdrawn is not None),
        inferred=_readings(view, [one for one in mine if one.tone == "inferred" and one.withdrawn is None]),
        asked=tuple(one for one in tabled.current if is_asked and one not in answered),
    )


def _readings(view: View, inferred: list[Held]) -> tuple[Held, ...]:
    """The last of each reader on each version."""
    by: dict[tuple[int, str, str], list[Held]] = {}
    for one in inferred:
        by.setdefault((one.version.number, one.version.ref, one.by), []).append(one)
    return tuple(last for key in sorted(by) if (last := _last(view, by[key])) is not None)


def _last(view: View, some: list[Held]) -> Held | None:
    """The last by its author's own log, or what came after the rest where delegates wrote elsewhere."""
    latest = set(view.fold.latest(one.place for one in some))
    return max(
        (one for one in some if one.place in latest),
        key=lambda one: (
            one.place.origin == one.place.member,
            one.place.index,
            one.place.origin,
            one.place.ref,
        ),
        default=None,
    )


def taken_of(body: Position) -> Taken:
    """What a position says, without who says it."""
    return Taken(
        on=body.on,
        response=body.response,
        intensity=body.intensity,
        condition=body.condition,
        red_line=body.red_line,
        reasons=body.reasons,
        evidence=body.evidence,
        held=body.held,
    )


def _position_fault(view: View, act: Act) -> str | None:
    """Why a position cannot stand as it is written, whatever came after it."""
    body, found = act.body, seats(view)
    assert isinstance(body, Position)
    if body.basis == "inferred":
        if not body.member:
            return "an inferred position names the member of whom it is read"
        if body.member == act.member:
            return "what a member says of itself is its own position, not inferred"
        if found is not None and body.member not in (*found.members, *found.left):
            return f"{short(body.member) or body.member} is no member of the council"
    elif body.member not in ("", act.member):
        return f"only {short(body.member)} takes its own positions; what is read of it is inferred"
    elif found is not None and act.member not in (*found.members, *found.left):
        return (
            f"{short(act.member)} is no member and has no position of its own; it can record an inferred one"
        )
    return taken_fault(body, act.at)


def why_no_position(view: View, act: Act) -> str | None:
    """Why a position on the record counted for nothing. What a member held stays said when it leaves."""
    assert isinstance(act.body, Position)
    return why_not_then(view, act) or version_fault(view, act.body.on) or _position_fault(view, act)


def why_no_expectation(view: View, act: Act) -> str | None:
    """The same for an expectation."""
    body = act.body
    assert isinstance(body, Expectation)
    why = why_not_then(view, act) or version_fault(view, body.on)
    return why or expected_fault(view, body.member, act.member)


def _why_no_expectation(view: View, act: Act) -> str | None:
    body = act.body
    assert isinstance(body, Expectation)
    return why_not(view, act) or expected_fault(view, body.member, act.member)


def _expected(view: View, tabled: Tabled) -> tuple[Expecting, ...]:
    known = holding(view, tabled.root.ref)
    members = [one.member for one in known.holders]
    found: list[tuple[Act, Expecting]] = []
    for version in tabled.versions:
        for act in _about(view, Expectation, version):
            body = act.body
            assert isinstance(body, Expectation)
            if _why_no_expectation(view, act) is None:
                one = _expecting(known, act.member, version, body.member, body.response, body.intensity, act)
                found.append((act, one))
        for ref in (version.ref, *version.twins):
            for opened in opened_on(view, ref):
                found += [
                    (
                        opened.seal,
                        _expecting(
                            known,
                            opened.member,
                            version,
                            said.member,
                            said.response,
                            said.intensity,
                            opened.reveal,
                        ),
                    )
                    for said in opened.expectations
                    if said.on == ref
                ]
    return _latest_expectations(view, [one for one in found if {one[1].author, one[1].member} <= {*members}])


def _expecting(
    known: Holding,
    author: str,
    version: Version,
    member: str,
    response: Shade,
    intensity: int | None,
    act: Act,
) -> Expecting:
    holder = known.holder(member)
    said = holder.on(version) if holder is not None else None
    return Expecting(author, member, version, response, intensity, act, said)


def _latest_expectations(view: View, found: list[tuple[Act, Expecting]]) -> tuple[Expecting, ...]:
    """Of what an author expects of one member on one version, the last by its own log."""
    best: dict[tuple[str, str, int, str], list[tuple[Act, Expecting]]] = {}
    for place, one in found:
        key = (one.author, one.member, one.version.number, one.version.ref)
        best.setdefault(key, []).append((place, one))
    chosen = []
    for key in sorted(best):
        latest = set(view.fold.latest(place for place, _ in best[key]))
        chosen.append(
            max(
                (pair for pair in best[key] if pair[0] in latest),
                key=lambda pair: (pair[0].origin == pair[0].member, *pair[0].place[1:]),
            )[1]
        )
    return tuple(chosen)


def check_position(view: View, act: Act) -> str | None:
    """Why a position would not count."""
    body = act.body
    assert isinstance(body, Position)
    fault = version_fault(view, body.on) or _position_fault(view, act)
    if fault:
        return fault
    tabled = text(view, body.on)
    return f"{tabled.root.name} is withdrawn" if tabled.withdrawn is not None else None


def check_expectation(view: View, act: Act) -> str | None:
    """Why an expectation would not count."""
    body = act.body
    assert isinstance(body, Expectation)
    return version_fault(view, body.on) or expected_fault(view, body.member, act.member)


CHECKS: dict[type[Body], Callable[[View, Act], str | None]] = {
    Position: check_position,
    Expectation: check_expectation,
}
