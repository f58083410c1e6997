"""Texts and their versions. A version is one act and never changes; a position binds to the version it names.

    ann:7    Text       version 1
    ann:9    Revision   version 2, after ann:7
    ann:12   Revision   version 3a    two that had not seen each other: both stand, in the order of
    ben:4    Revision   version 3b    their references (ben:4 is a delegate's, in ann's name)

A version's number is one more than the highest that its author had seen. Only the author of a text
revises it.
The frozen texts of a draft (`drafts`) are versions of that draft, numbered as it numbers them.

What it does not do: say who holds what (`holding`), or how a draft is negotiated (`drafts`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import get_args

from allweather.council.acts import Act, short
from allweather.council.agenda import item, withdrawal, wrong_subject
from allweather.council.bodies import Concern, Draft, Freeze, Position, Revision, Taken, Text
from allweather.council.drafts import draft
from allweather.council.forms import DAY, Body, Said
from allweather.council.membership import Refusal, seats, sift, why_not_then
from allweather.council.view import View
from allweather.errors import MalformedRecord, UnknownName
from allweather.positions import parse_date

#: What a position can bind to.
VERSION_KINDS: tuple[type[Body], ...] = (Text, Revision, Freeze)


@dataclass(frozen=True, slots=True)
class Version:
    """One version. `number` counts from 1; `letter` tells concurrent ones apart, empty where there is one.

    `after` is the reference of the version that it replaces, empty for the first. A current version is one
    that no later version had seen; there are several if authors had not seen each other. `twins` are
    references of concurrent freezes of the very same words, which are the same version.
    """

    act: Act
    number: int
    letter: str
    is_current: bool
    after: str
    twins: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """How people name it: `2`, or `2a`."""
        return f"{self.number}{self.letter}"

    @property
    def ref(self) -> str:
        """What positions bind to."""
        return self.act.ref

    @property
    def words(self) -> str:
        """The whole text of this version; clauses are paragraphs."""
        body = self.act.body
        if isinstance(body, Freeze):
            return "\n\n".join(body.clauses)
        assert isinstance(body, (Text, Revision))
        return body.words


@dataclass(frozen=True, slots=True)
class Tabled:
    """A text with all its versions, first to last. `root` is the act that tabled it, or seeded the draft."""

    root: Act
    versions: tuple[Version, ...]
    withdrawn: Act | None
    refused: tuple[Refusal, ...]
    why_not: str = ""

    @property
    def title(self) -> str:
        """What it is called; a revision does not change that."""
        assert isinstance(self.root.body, (Text, Draft))
        return self.root.body.title

    @property
    def concern(self) -> str:
        """The concern that it belongs to."""
        assert isinstance(self.root.body, (Text, Draft))
        return self.root.body.concern

    @property
    def area(self) -> str:
        """Its area, if its author named one."""
        return self.root.body.area if isinstance(self.root.body, Text) else ""

    @property
    def current(self) -> tuple[Version, ...]:
        """The newest version, or several that are concurrent."""
        return tuple(one for one in self.versions if one.is_current)

    def version(self, ref: str) -> Version | None:
        """The version of that reference, if it is one of this text."""
        return next((one for one in self.versions if ref == one.ref or ref in one.twins), None)


def root_of(view: View, ref: str) -> Act | None:
    """The act that tabled the text (or seeded the draft) of a version, or the act itself; None if unknown."""
    act = view.fold.acts.get(ref)
    if act is None:
        return None
    if isinstance(act.body, Revision):
        act = view.fold.acts.get(act.body.text)
        return act if act is not None and isinstance(act.body, Text) else None
    if isinstance(act.body, Freeze):
        act = view.fold.acts.get(act.body.draft)
        return act if act is not None and isinstance(act.body, Draft) else None
    return act if isinstance(act.body, (Text, Draft)) else None


def text(view: View, text_ref: str) -> Tabled:
    """A text by the reference of any of its versions, or of its draft. Raises UnknownName."""
    root = root_of(view, text_ref)
    if root is None:
        why = wrong_subject(view, text_ref, (*VERSION_KINDS, Draft), "text")
        raise UnknownName(why or f"the text that {text_ref[:8]}… is a version of is not held here")
    return view.memo(("text", root.ref), lambda: _text(view, root))


def versions(view: View, text_ref: str) -> tuple[Version, ...]:
    """The versions of a text, by number; concurrent ones in the order of their references."""
    return text(view, text_ref).versions


def texts(view: View, concern_ref: str = "") -> tuple[Tabled, ...]:
    """All texts that count (of one concern), and drafts with a frozen version, by the time claimed."""
    kinds = (Text, Draft)
    roots = [
        act
        for kind in kinds
        for act in (view.fold.about(kind, concern_ref) if concern_ref else view.fold.of(kind))
    ]
    found = [text(view, act.ref) for act in sorted(roots, key=lambda act: (act.at, act.place))]
    return tuple(one for one in found if not one.why_not and one.versions)


def refused_texts(view: View, concern_ref: str) -> tuple[Refusal, ...]:
    """Texts on a concern that do not count, with the reason."""
    return tuple(sift(view.fold.about(Text, concern_ref), lambda act: _why_no_text(view, act))[1])


def _text(view: View, root: Act) -> Tabled:
    if isinstance(root.body, Draft):
        return _of_draft(view, root)
    good, refused = sift(
        view.fold.about(Revision, root.ref), lambda act: why_not_then(view, act) or _version_fault(view, act)
    )
    return Tabled(
        root=root,
        versions=_numbered(view, [root, *good]),
        withdrawn=withdrawal(view, root),
        refused=tuple(refused),
        why_not=_why_no_text(view, root) or "",
    )


def _of_draft(view: View, root: Act) -> Tabled:
    """The frozen versions of a draft; its own words, still under negotiation, are none."""
    try:
        state = draft(view, root.ref)
    except UnknownName as error:
        return Tabled(root, (), None, (), error.what)
    by_number = defaultdict(list)
    for one in state.versions:
        if one.number:
            by_number[one.number].append(one)
    versions = tuple(
        Version(
            act=one.acts[0],
            number=number,
            letter=_letter(k) if len(row) > 1 else "",
            is_current=one.is_head,
            after="" if number == 1 else one.base,
            twins=tuple(act.ref for act in one.acts[1:]),
        )
        for number, row in sorted(by_number.items())
        for k, one in enumerate(sorted(row, key=lambda one: one.ref))
    )
    freezes = {act.ref for act in view.fold.about(Freeze, root.ref)}
    return Tabled(root, versions, None, tuple(one for one in state.refused if one.ref in freezes))


def _numbered(view: View, acts: Sequence[Act]) -> tuple[Version, ...]:
    levels: dict[str, int] = {}
    left = list(acts)
    level = 0
    while left:
        # Whatever no other that is left comes before. `or left`: claims in a ring order nothing.
        level += 1
        free = [
            one for one in left if not any(other != one and _is_before(view, other, one) for other in left)
        ] or left
        levels.update({one.ref: level for one in free})
        left = [one for one in left if one not in free]
    by_level: dict[int, list[Act]] = defaultdict(list)
    for act in acts:
        by_level[levels[act.ref]].append(act)
    replaced = {one for one in acts if any(other != one and _is_before(view, one, other) for other in acts)}
    return tuple(
        Version(act, number, _letter(k) if len(row) > 1 else "", act not in replaced, _after(act))
        for number, row in sorted(by_level.items())
        for k, act in enumerate(sorted(row, key=lambda one: one.ref))
    )


def _is_before(view: View, one: Act, other: Act) -> bool:
    """Whether one act had come before another was written; naming it by its hash proves it."""
    if _after(other) == one.ref:
        return True
    return view.fold.has_seen(other, one) and not view.fold.has_seen(one, other)


def _after(act: Act) -> str:
    return act.body.after if isinstance(act.body, Revision) else ""


def _letter(k: int) -> str:
    """a, b, ... z, aa, ab, ..."""
    return (_letter(k // 26 - 1) if k >= 26 else "") + "abcdefghijklmnopqrstuvwxyz"[k % 26]


def _why_no_text(view: View, act: Act) -> str | None:
    why = why_not_then(view, act)
    assert isinstance(act.body, Text)
    if why is None and act.body.concern in view.fold.acts:
        return wrong_subject(view, act.body.concern, (Concern,), "concern")
    return why


def _version_fault(view: View, act: Act) -> str | None:
    """Why a revision is no version of its text, whatever came after."""
    body = act.body
    assert isinstance(body, Revision)
    fault = wrong_subject(view, body.text, (Text,), "text")
    if fault:
        return fault
    tabled = view.fold.acts[body.text]
    if act.member != tabled.member:
        return f"only {short(tabled.member)} revises {tabled.name}; table a text of your own"
    before = root_of(view, body.after)
    if body.after in view.fold.acts and (before is None or before != tabled):
        return f"{view.fold.acts[body.after].name} is no version of {tabled.name}"
    return None


def why_no_version(view: View, act: Act) -> str | None:
    """Why a revision that is held is no version of a text that counts."""
    why = why_not_then(view, act) or _version_fault(view, act)
    if why is not None:
        return why
    assert isinstance(act.body, Revision)
    tabled = text(view, act.body.text)
    return f"{tabled.root.name} does not count: {tabled.why_not}" if tabled.why_not else None


def version_fault(view: View, ref: str) -> str | None:
    """Why a reference names no version that positions can bind to: one sentence; None if it does."""
    fault = wrong_subject(view, ref, VERSION_KINDS, "text")
    if fault:
        return fault
    act, root = view.fold.acts[ref], root_of(view, ref)
    if root is None:
        return f"the text that {act.name} is a version of is not held here; fetch the record and try again"
    tabled = text(view, ref)
    if tabled.why_not:
        return f"{act.name} does not count: {tabled.why_not}"
    return next((f"{act.name} does not count: {one.why}" for one in tabled.refused if one.ref == ref), None)


def taken_fault(taken: Taken | Position, at: int) -> str | None:
    """Why a position cannot be held as it is written. `at` is when it was signed, by its author."""
    is_reading = isinstance(taken, Position) and taken.basis == "inferred"
    sayable = get_args(Said)
    if not is_reading and taken.response not in sayable:
        return f"{taken.response} is only ever a reading of the record; a member says {', '.join(sayable)}"
    if taken.response == "conditional" and not taken.condition.strip():
        return "a conditional position names its condition"
    if not taken.held:
        return None
    try:
        held = parse_date(taken.held)
    except MalformedRecord as error:
        return error.what
    # A day of grace: the author's day may have begun before the day of Greenwich.
    if held.first is not None and held.first > at // DAY + 1:
        return f"it is said to be held from {taken.held}, after the day on which it was signed"
    return None


def expected_fault(view: View, member: str, author: str) -> str | None:
    """Why an expectation cannot stand as it is written."""
    found = seats(view)
    if member == author:
        return "what a member holds itself is a position; expectations are of others"
    if found is None or member not in (*found.members, *found.left):
        return f"{short(member) or member} is no member of the council"
    return None


def check_text(view: View, act: Act) -> str | None:
    """Why a text would not count, or is tabled on a concern that is not being discussed."""
    assert isinstance(act.body, Text)
    fault = wrong_subject(view, act.body.concern, (Concern,), "concern")
    if fault:
        return fault
    state = item(view, act.body.concern).state
    if state in ("closed", "withdrawn"):
        return f"the concern is {state}: list it again first, with the reason"
    return None


def check_revision(view: View, act: Act) -> str | None:
    """Why a revision would not count, or would not follow the newest version."""
    fault = _version_fault(view, act)
    if fault:
        return fault
    body = act.body
    assert isinstance(body, Revision)
    fault = wrong_subject(view, body.after, (Text, Revision), "version")
    if fault:
        return fault
    tabled = text(view, body.text)
    if tabled.withdrawn is not None:
        return f"{tabled.root.name} is withdrawn; table a new text"
    replaced = tabled.version(body.after)
    if replaced is None or not replaced.is_current:
        newest = " and ".join(f"{one.act.name} (version {one.label})" for one in tabled.current)
        return f"the newest is {newest}; revise that"
    if replaced.words == body.words:
        return f"the words are those of version {replaced.label}; there is nothing to revise"
    return None


CHECKS: dict[type[Body], Callable[[View, Act], str | None]] = {Text: check_text, Revision: check_revision}
