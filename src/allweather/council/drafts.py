"""Drafts: texts under negotiation as a reader sees them: state, versions, brackets, comment table.

    seed -> circulated -> bracketed(n) -> clean -> frozen -> (amended again) bracketed(n)

Which acts count and what follows from them is found in `freezing`, what they make of the words in
`brackets` and `redlines`. What happens to a frozen text in a silence is not known here: once silence is
broken, members amend the frozen version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from allweather.council.acts import Act, short
from allweather.council.bodies import Amend, Back, Draft, Freeze, Group, Release
from allweather.council.brackets import Bracket, Clause
from allweather.council.forms import Body
from allweather.council.freezing import (
    RULES,
    Node,
    check_subject,
    counting,
    edits_to,
    layout,
    refusal,
    saw,
    text_hash,
    tree_of,
)
from allweather.council.machines import Machine, Step
from allweather.council.membership import Refusal
from allweather.council.redlines import Remark, remarks
from allweather.council.view import View
from allweather.errors import UnknownName

DraftStep = Literal["seed", "circulated", "bracketed", "clean", "frozen"]

MACHINE = Machine(
    "draft",
    ("seed", "circulated", "bracketed", "clean", "frozen"),
    (
        Step("seed", "circulated", "another member holds it"),
        Step("seed", "clean", "its author amends it"),
        Step("seed", "frozen", "a freeze"),
        Step("circulated", "bracketed", "an amendment"),
        Step("circulated", "clean", "an amendment that nobody opposes"),
        Step("circulated", "frozen", "a freeze"),
        Step("bracketed", "clean", "the last bracket is settled"),
        Step("bracketed", "frozen", "a freeze whose author had not seen the open brackets' amendments"),
        Step("clean", "bracketed", "an amendment, or words that are backed again"),
        Step("clean", "frozen", "a freeze"),
        Step(
            "frozen", "bracketed", "an amendment to the frozen version, or one that the freeze had not seen"
        ),
        Step("frozen", "clean", "an amendment that nobody opposes"),
    ),
)


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a draft: its words as fixed, and its clauses with the brackets on top of them.

    `acts` fixed it: the draft, or freezes of the same text. If `is_head` the brackets are as they stand
    now, else as the next freeze saw them. `absorbed` are late amendments whose words it has already;
    `unseen` are backings and releases that the next freeze had not seen: they changed nothing any more.
    """

    number: int
    acts: tuple[Act, ...]
    base: str
    words: tuple[str, ...]
    text_hash: str
    clauses: tuple[Clause, ...]
    is_head: bool
    absorbed: tuple[Act, ...]
    unseen: tuple[Act, ...]

    @property
    def ref(self) -> str:
        """The act by which it is named; amendments may name any other of its acts as their base."""
        return self.acts[0].ref

    @property
    def n_open(self) -> int:
        """How many brackets are open."""
        return sum(bracket.is_open for clause in self.clauses for bracket in clause.brackets)

    @property
    def late(self) -> tuple[Act, ...]:
        """Amendments in its brackets that came over from an earlier version."""
        found = [
            one for clause in self.clauses for bracket in clause.brackets for one in bracket.alternatives
        ]
        return tuple(act for one in found if one.is_late for act in one.amendments)


@dataclass(frozen=True, slots=True)
class DraftState:
    """A draft as of a view. `versions` come oldest first; `current` is the head with the longest history."""

    act: Act
    title: str
    concern: str
    state: DraftStep
    versions: tuple[Version, ...]
    remarks: tuple[Remark, ...]
    refused: tuple[Refusal, ...]

    @property
    def heads(self) -> tuple[Version, ...]:
        """The versions that no other follows: one, or several after concurrent freezes of different texts."""
        found = [one for one in self.versions if one.is_head]
        return tuple(sorted(found, key=lambda one: (-one.number, one.acts[0].place)))

    @property
    def current(self) -> Version:
        """The version to work on."""
        return self.heads[0]

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """The running text of the current version."""
        return self.current.clauses

    @property
    def n_open(self) -> int:
        """How many brackets are open in the current version."""
        return self.current.n_open


def drafts(view: View, concern: str = "") -> tuple[DraftState, ...]:
    """The drafts (of a concern) that count, by log and index."""
    acts = view.fold.about(Draft, concern) if concern else view.fold.of(Draft)
    return tuple(draft(view, act.ref) for act in acts if refusal(view, act) is None)


def draft(view: View, ref: str) -> DraftState:
    """A draft by its reference. Raises UnknownName if none is held that counts, saying why."""
    act = view.fold.acts.get(ref)
    if act is None or not isinstance(act.body, Draft):
        raise UnknownName(f"{ref!r:.60} is no draft that is held here")
    why = refusal(view, act)
    if why is not None:
        raise UnknownName(f"the draft {act.name} does not count: {why}")
    return view.memo(("draft", ref), lambda: _draft(view, act))


# Before signing


def check_back(view: View, act: Act) -> str | None:
    """Why to back an alternative would not count, or change nothing."""
    body = act.body
    assert isinstance(body, Back)
    return check_subject(view, act) or _advice(view, act, body.amendment, body.original)


def check_release(view: View, act: Act) -> str | None:
    """Why to release an alternative would not count, or change nothing."""
    body = act.body
    assert isinstance(body, Release)
    return check_subject(view, act) or _advice(view, act, body.amendment, body.original)


def check_group(view: View, act: Act) -> str | None:
    """Why to send a bracket to a small group would not count, or change nothing."""
    body = act.body
    assert isinstance(body, Group)
    why = check_subject(view, act)
    if why is not None:
        return why
    bracket = _bracket_now(view, body.amendment)
    if bracket is None:
        return _settled(view, body.amendment)
    return None if bracket.is_open else "the bracket is settled; there is nothing left for a small group"


def why_in_vain(view: View, act: Act) -> str | None:
    """Why an act on a draft that is held does not count, or changes no version of it."""
    why = refusal(view, act)
    if why is not None or not isinstance(act.body, Amend | Back | Release):
        return why
    if isinstance(act.body, Release):
        why = _nothing_to_release(view, act, act.body)
        if why is not None:
            return why
    ref = act.ref if isinstance(act.body, Amend) else act.body.amendment
    if _bracket_now(view, ref) is not None:
        return None
    body = view.fold.body(ref, Amend)
    assert body is not None
    for version in draft(view, body.draft).versions:
        if act in version.absorbed:
            return f"version {version.number} of the text has its words already"
        if act in version.unseen:
            return "the text was frozen by one who had not seen it; amend the frozen version"
    return None


def _nothing_to_release(view: View, act: Act, body: Release) -> str | None:
    """Whether somebody gave up words that it had never stood behind."""
    amended = view.fold.body(body.amendment, Amend)
    assert amended is not None
    root = view.fold.acts[amended.draft]
    bracket = _bracket_now(view, body.amendment)
    same = bracket.alternative_of(body.amendment) if bracket is not None else None
    # The original words are held against each amendment; the same new words may be in several.
    about = same.amendments if same is not None and not body.original else view.fold.about(Amend, root.ref)
    held = {root.member} if body.original else {one.member for one in about}
    held |= {
        one.member
        for amendment in about
        for one in view.fold.about(Back, amendment.ref)
        if isinstance(one.body, Back) and one.body.original == body.original and refusal(view, one) is None
    }
    if act.member in held:
        return None
    return f"{short(act.member)} did not stand behind these words; there was nothing to release"


CHECKS: dict[type[Body], Callable[[View, Act], str | None]] = {
    **RULES,
    Back: check_back,
    Release: check_release,
    Group: check_group,
}
"""Asked before an act of these kinds is signed; beyond the rules they say what would change nothing."""


def _bracket_now(view: View, amendment: str) -> Bracket | None:
    """The bracket that an amendment is in, in the first of the latest versions that has it."""
    body = view.fold.body(amendment, Amend)
    assert body is not None
    for version in draft(view, body.draft).heads:
        for clause in version.clauses:
            for bracket in clause.brackets:
                if bracket.alternative_of(amendment) is not None:
                    return bracket
    return None


def _settled(view: View, amendment: str) -> str:
    return f"{view.fold.acts[amendment].name} was settled when the text was frozen; amend the frozen version"


def _advice(view: View, act: Act, amendment: str, original: bool) -> str | None:
    """Why an act about an alternative would change nothing."""
    bracket = _bracket_now(view, amendment)
    if bracket is None:
        return _settled(view, amendment)
    one = bracket.alternatives[0] if original else bracket.alternative_of(amendment)
    assert one is not None
    holds = act.member in one.holders
    if holds and isinstance(act.body, Back):
        return f"{short(act.member)} stands behind these words already"
    if not holds and isinstance(act.body, Release):
        return f"{short(act.member)} does not stand behind these words; there is nothing to release"
    return None


# The draft as a whole


def _draft(view: View, root: Act) -> DraftState:
    assert isinstance(root.body, Draft)
    nodes = list({id(node): node for node in tree_of(view, root, None).values()}.values())
    versions = tuple(_version(view, root, node) for node in nodes)
    return DraftState(
        act=root,
        title=root.body.title,
        concern=root.body.concern,
        state=_state(view, root, versions),
        versions=versions,
        remarks=tuple(row for one in versions for row in remarks(one.number, one.clauses)),
        refused=tuple(_refused(view, root)),
    )


def _version(view: View, root: Act, node: Node) -> Version:
    next_freeze = node.nexts[0].acts[0] if node.nexts else None
    ref = node.acts[0].ref
    if next_freeze is not None:
        assert isinstance(next_freeze.body, Freeze)
        ref = next_freeze.body.base
    clauses = layout(view, root, ref, next_freeze)
    unseen = []
    for act in (act for clause in clauses for bracket in clause.brackets for act in bracket.amendments):
        if next_freeze is not None:
            both = (*counting(view, Back, act.ref, None), *counting(view, Release, act.ref, None))
            unseen += [one for one in both if not saw(view, next_freeze, one)]
    return Version(
        number=node.number,
        acts=tuple(node.acts),
        base=node.before.acts[0].ref if node.before else "",
        words=node.words,
        text_hash=text_hash(node.words),
        clauses=clauses,
        is_head=not node.nexts,
        absorbed=tuple(edits_to(view, root, node.acts[0].ref, None)[1]),
        unseen=tuple(sorted(unseen, key=lambda act: act.place)),
    )


def _state(view: View, root: Act, versions: Sequence[Version]) -> DraftStep:
    heads = [one for one in versions if one.is_head]
    if any(one.n_open for one in heads):
        return "bracketed"
    if any(clause.brackets for one in heads for clause in one.clauses):
        return "clean"
    if len(versions) > 1:
        return "frozen"
    return "circulated" if view.fold.order.held_by(root.origin, root.index) else "seed"


def _refused(view: View, root: Act) -> Iterator[Refusal]:
    """Acts about a draft that do not count, with the reason."""
    amendments = view.fold.about(Amend, root.ref)
    about = [
        act for one in amendments for kind in (Back, Release, Group) for act in view.fold.about(kind, one.ref)
    ]
    for act in (*amendments, *about, *view.fold.about(Freeze, root.ref)):
        why = refusal(view, act)
        if why is not None:
            yield Refusal.of(act, why)
