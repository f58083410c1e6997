"""Brackets: disputed words of a text, each version of them with a letter and the members who stand behind it.

Given the clauses of a text, the amendments to it (`Edit`) and who stood behind what (`Scene`), `lay_out`
gives the clauses as runs of undisputed words and brackets. Amendments whose spans overlap are alternatives
of one bracket over the union of their spans; spans that only touch stay apart. A bracket is settled when
exactly one alternative has holders left, or none has.

Offsets count code points. It knows no view and no fold: whoever calls decides which acts count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from allweather.council.acts import Act
from allweather.council.bodies import Amend, Group

Saw = Callable[[Act, Act], bool]
"""Whether the author of the first act had seen the second when it wrote it."""

Latest = Callable[[Iterable[Act]], list[Act]]
"""Those of some acts that no other of them had seen."""

BracketState = Literal["open", "lifted", "chosen", "merged", "moved to a reservation", "back to the original"]


@dataclass(frozen=True, slots=True)
class Edit:
    """An amendment as it applies to one text: `words` for [start, end) of a clause, or a new clause after it.

    `late`: it was made to an earlier version and came over to this one.
    """

    act: Act
    clause: int
    start: int
    end: int
    words: str
    insert: bool = False
    late: bool = False

    @property
    def body(self) -> Amend:
        """The amendment as it was signed."""
        assert isinstance(self.act.body, Amend)
        return self.act.body


@dataclass(frozen=True, slots=True)
class Stand:
    """An act by which a member takes up (`backs`) or gives up an amendment's words, or the original ones."""

    act: Act
    amendment: str
    original: bool
    backs: bool
    reservation: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """Who stood behind what, as far as it is looked at. `holder` has the original words to begin with.

    `stands` and `groups` are by the reference of the amendment, `left` by member. `members` are those who sit
    in the council as such, or did.
    """

    draft: Act
    holder: str
    stands: Mapping[str, Sequence[Stand]]
    groups: Mapping[str, Sequence[Act]]
    left: Mapping[str, Sequence[Act]]
    saw: Saw
    latest: Latest
    has_passed: Callable[[int], bool]
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class Run:
    """Words that nobody disputes."""

    words: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """One version of the words of a bracket. `a`, the original, has no amendments; it may be empty."""

    letter: str
    words: str
    holders: tuple[str, ...]
    amendments: tuple[Act, ...] = ()
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A point that a member kept as a reservation when it released its words."""

    act: Act
    letter: str
    words: str


@dataclass(frozen=True, slots=True)
class SmallGroup:
    """Where a bracket was sent. `is_over`: its deadline has passed."""

    act: Act
    facilitator: str
    by: int
    is_over: bool


@dataclass(frozen=True, slots=True)
class Bracket:
    """The code points [start, end) of a clause in dispute; for a new clause all of it.

    `chosen` is the letter that stands: while the bracket is open it is that of the original words.
    """

    start: int
    end: int
    alternatives: tuple[Alternative, ...]
    state: BracketState
    chosen: str
    reservations: tuple[Kept, ...] = ()
    group: SmallGroup | None = None

    @property
    def is_open(self) -> bool:
        """Whether two alternatives or more have holders."""
        return self.state == "open"

    @property
    def original(self) -> str:
        """The words of the text itself."""
        return self.alternatives[0].words

    @property
    def words(self) -> str:
        """The words that stand; the original ones while it is open."""
        return next(one.words for one in self.alternatives if one.letter == self.chosen)

    @property
    def amendments(self) -> tuple[Act, ...]:
        """All amendments in it."""
        return tuple(act for one in self.alternatives for act in one.amendments)

    def alternative_of(self, ref: str) -> Alternative | None:
        """The alternative that an amendment proposes."""
        return next((one for one in self.alternatives if any(a.ref == ref for a in one.amendments)), None)


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause in pieces. `number` is its place in the text from 0; a new one stands after that place."""

    number: int
    is_new: bool
    pieces: tuple[Run | Bracket, ...]

    @property
    def brackets(self) -> tuple[Bracket, ...]:
        """The brackets in it, in the order of the text."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Bracket))

    @property
    def words(self) -> str:
        """The clause with what stands in place of its brackets."""
        return "".join(piece.words for piece in self.pieces)

    @property
    def name(self) -> str:
        """How people name it: `clause 2`, `a new clause after clause 2`."""
        if not self.is_new:
            return f"clause {self.number + 1}"
        return f"a new clause after clause {self.number + 1}" if self.number >= 0 else "a new first clause"


@dataclass(frozen=True, slots=True)
class Clean:
    """A text with what stands in place of its brackets; the original words stand for open ones."""

    clauses: tuple[str, ...]
    n_open: int


def is_blank(words: str) -> bool:
    """Whether a clause says nothing, so that it vanishes from the text."""
    return not words.strip()


def clean_text(clauses: Iterable[Clause]) -> Clean:
    """The text with what stands in place of its brackets; clauses that became empty are gone."""
    every = list(clauses)
    n_open = sum(bracket.is_open for clause in every for bracket in clause.brackets)
    return Clean(tuple(one.words for one in every if not is_blank(one.words)), n_open)


def overlap(start: int, end: int, other_start: int, other_end: int) -> bool:
    """Whether two spans dispute the same words. Insertions do at one point, or strictly inside a span."""
    if start == end and other_start == other_end:
        return start == other_start
    return start < other_end and other_start < end


def letter(number: int) -> str:
    """The letter of an alternative, from 0: a, b, ... z, aa, ab, ..."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return letters


def lay_out(texts: Sequence[str], edits: Iterable[Edit], scene: Scene) -> tuple[Clause, ...]:
    """The clauses of a text with its brackets; every edit is in exactly one of them."""
    inside: dict[int, list[Edit]] = defaultdict(list)
    new: dict[int, list[Edit]] = defaultdict(list)
    for edit in sorted(edits, key=_place):
        (new if edit.insert else inside)[edit.clause].append(edit)
    clauses = []
    for number in range(-1, len(texts)):
        if number >= 0:
            clauses.append(Clause(number, False, tuple(_pieces(texts[number], inside[number], scene))))
        for same in _same_new_clause(new[number]):
            clauses.append(Clause(number, True, (_bracket("", same, scene),)))
    return tuple(clauses)


def _place(edit: Edit) -> tuple[str, int, str]:
    return edit.act.place


def _pieces(text: str, edits: Sequence[Edit], scene: Scene) -> Iterator[Run | Bracket]:
    done = 0
    for group in _overlapping(edits):
        bracket = _bracket(text, group, scene)
        if bracket.start > done:
            yield Run(text[done : bracket.start])
        yield bracket
        done = bracket.end
    if done < len(text):
        yield Run(text[done:])


def _overlapping(edits: Sequence[Edit]) -> list[list[Edit]]:
    """The edits of one clause in groups that dispute the same words, in the order of the text."""
    groups: list[list[Edit]] = []
    start = end = -1
    for edit in sorted(edits, key=lambda one: (one.start, one.end, one.act.place)):
        if groups and overlap(start, end, edit.start, edit.end):
            groups[-1].append(edit)
            end = max(end, edit.end)
        else:
            groups.append([edit])
            start, end = edit.start, edit.end
    return groups


def _same_new_clause(edits: Sequence[Edit]) -> list[list[Edit]]:
    """New clauses at one place, in groups: the same words, or a compromise with what it merges.

    Others are no alternatives of each other: two members can each add a clause at the end.
    """
    groups: list[list[Edit]] = []
    for edit in edits:
        same = [group for group in groups if any(_is_same_clause(edit, one) for one in group)]
        groups = [group for group in groups if group not in same]
        groups.append([*(one for group in same for one in group), edit])
    groups = [sorted(group, key=_place) for group in groups]
    return sorted(groups, key=lambda group: _place(group[0]))


def _is_same_clause(one: Edit, other: Edit) -> bool:
    return one.words == other.words or one.act.ref in other.body.merges or other.act.ref in one.body.merges


def _bracket(text: str, edits: Sequence[Edit], scene: Scene) -> Bracket:
    is_new = edits[0].insert
    start = 0 if is_new else min(one.start for one in edits)
    end = 0 if is_new else max(one.end for one in edits)
    versions: dict[str, list[Edit]] = {}
    for edit in sorted(edits, key=_place):
        words = edit.words if is_new else text[start : edit.start] + edit.words + text[edit.end : end]
        versions.setdefault(words, []).append(edit)
    everybody = {edit.act.ref: edit.act for edit in edits}
    holders, kept, ever = _original_holders(everybody, scene)
    found = [Alternative("a", text[start:end], holders)]
    reservations = [Kept(stand.act, "a", stand.reservation) for stand in kept]
    for number, (words, same) in enumerate(versions.items(), start=1):
        mine = [stand for one in same for stand in scene.stands.get(one.act.ref, ()) if not stand.original]
        holders, kept, more = _holders(mine, scene)
        ever |= more
        acts = tuple(one.act for one in same)
        found.append(Alternative(letter(number), words, holders, acts, all(one.late for one in same)))
        reservations += [Kept(stand.act, letter(number), stand.reservation) for stand in kept]
    state, chosen = _settle(found, reservations, ever)
    return Bracket(
        start=start,
        end=end,
        alternatives=tuple(found),
        state=state,
        chosen=chosen,
        reservations=tuple(reservations),
        group=_small_group(everybody, scene) if state == "open" else None,
    )


def _settle(
    found: Sequence[Alternative], reservations: Sequence[Kept], ever: frozenset[str]
) -> tuple[BracketState, str]:
    """The state of a bracket and the letter that stands."""
    held = [one for one in found if one.holders]
    if len(held) > 1:
        return "open", "a"
    if not held:
        return ("moved to a reservation" if reservations else "back to the original"), "a"
    (last,) = held
    if reservations:
        return "moved to a reservation", last.letter
    if any(isinstance(act.body, Amend) and act.body.merges for act in last.amendments):
        return "merged", last.letter
    return ("lifted" if ever <= set(last.holders) else "chosen"), last.letter


def _holders(stands: Sequence[Stand], scene: Scene) -> tuple[tuple[str, ...], list[Stand], frozenset[str]]:
    """Who stands behind some words, which reservations were kept in giving them up, and who ever did.

    The last act of a member decides. Where a delegate elsewhere acted for it at the same time, backing
    counts: nobody loses a stand without having meant to.
    """
    holders, kept, ever = [], [], set()
    for member in sorted({stand.act.member for stand in stands}):
        mine = [stand for stand in stands if stand.act.member == member]
        backed = [stand for stand in mine if stand.backs and not _gone(member, stand.act, scene)]
        ever |= {member for _ in backed[:1]}
        last_acts = scene.latest([one.act for one in mine])
        last = [one for one in mine if one.act in last_acts]
        if any(one in backed for one in last):
            holders.append(member)
        elif backed:
            kept += [one for one in last if one.reservation]
    return tuple(holders), kept, frozenset(ever)


def _original_holders(
    amendments: Mapping[str, Act], scene: Scene
) -> tuple[tuple[str, ...], list[Stand], frozenset[str]]:
    """The same for the original words. They are held against each amendment apart.

    Whoever released them had not seen what came later: against that it holds them still.
    """
    stands = [stand for ref in amendments for stand in scene.stands.get(ref, ()) if stand.original]
    holders: set[str] = set()
    ever: set[str] = set()
    kept: dict[str, Stand] = {}
    for act in amendments.values():
        against = [one for one in stands if one.amendment == act.ref or scene.saw(one.act, act)]
        if scene.holder and act.member != scene.holder:
            against.append(Stand(scene.draft, act.ref, True, True))
        now, reservations, more = _holders(against, scene)
        holders |= set(now)
        ever |= more
        kept |= {one.act.ref: one for one in reservations}
    left = [one for _, one in sorted(kept.items(), key=lambda item: item[1].act.place)]
    return tuple(sorted(holders)), [one for one in left if one.act.member not in holders], frozenset(ever)


def _gone(member: str, act: Act, scene: Scene) -> bool:
    return any(scene.saw(leave, act) for leave in scene.left.get(member, ()))


def _small_group(amendments: Iterable[str], scene: Scene) -> SmallGroup | None:
    """Where the bracket was sent last.

    Of two at the same time a member's comes before the chair's, then the one with the later deadline.
    """
    acts = [act for ref in amendments for act in scene.groups.get(ref, ())]
    last = scene.latest(acts)
    found = [
        (act.member in scene.members, act.body.by, act.place, act, act.body)
        for act in last
        if isinstance(act.body, Group)
    ]
    if not found:
        return None
    *_, act, body = max(found, key=lambda one: one[:3])
    return SmallGroup(act, body.facilitator, body.by, scene.has_passed(body.by))
