"""Redlines: what differs between two texts, what an amendment became in the next, and who wanted what.

`redline` compares two texts clause by clause and word by word. `carry` brings an amendment over to the text
that a freeze made of a draft. `remarks` is the table of all proposed changes with what became of each, and
`running_text` the text with its brackets for people. Nothing here decides anything.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Literal

from allweather.council.acts import Act, short
from allweather.council.bodies import Amend
from allweather.council.brackets import Alternative, Bracket, Clause, Edit, is_blank, overlap
from allweather.council.timing import show_time

Fate = Literal["kept", "deleted", "inserted"]

NO_WORDS = "\u2013"
"""Stands for an alternative without words."""

_MOST_PAIRS = 400_000
"""So many pairs of equal words are compared; a text that repeats a word thousands of times is replaced."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Words with one fate."""

    fate: Fate
    words: str


@dataclass(frozen=True, slots=True)
class RedClause:
    """A clause of one text beside that of another. `old` and `new` are its places from 0; None: not there."""

    old: int | None
    new: int | None
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """Other words for the code points [start, end) of a clause."""

    start: int
    end: int
    words: str


def redline(old: Sequence[str], new: Sequence[str]) -> tuple[RedClause, ...]:
    """What was kept, deleted and inserted between two texts; the pieces give both texts back."""
    lines = []
    for one, other in _beside(old, new):
        before = "" if one is None else old[one]
        after = "" if other is None else new[other]
        lines.append(RedClause(one, other, tuple(_red_pieces(before, after))))
    return tuple(lines)


def changes(old: str, new: str) -> tuple[Change, ...]:
    """The changes of words that make one clause into another: what somebody who rewrote it has to propose."""
    found = []
    for is_same, start, end, words in _differences(old, new):
        if not is_same:
            found.append(Change(start, end, words))
    return tuple(found)


def _red_pieces(old: str, new: str) -> Iterator[Piece]:
    for is_same, start, end, words in _differences(old, new):
        if is_same:
            yield Piece("kept", words)
            continue
        if end > start:
            yield Piece("deleted", old[start:end])
        if words:
            yield Piece("inserted", words)


def _differences(old: str, new: str) -> Iterator[tuple[bool, int, int, str]]:
    """(same?, start and end in the old words, the new words) over all of both."""
    one, other = _tokens(old), _tokens(new)
    counts, others = Counter(one), Counter(other)
    if sum(n * others[token] for token, n in counts.items()) > _MOST_PAIRS:
        yield old == new, 0, len(old), new
        return
    start = 0
    for tag, i, j, k, n in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        end = start + sum(map(len, one[i:j]))
        yield tag == "equal", start, end, "".join(other[k:n])
        start = end


def _tokens(text: str) -> list[str]:
    """Words, spaces and signs; marks stay with their letter, and each ideograph is a word."""
    tokens: list[str] = []
    last = ""
    for sign in text:
        sort = _sort(sign)
        if tokens and (sort == "mark" or (sort == last and sort in ("word", "space"))):
            tokens[-1] += sign
        else:
            tokens.append(sign)
            last = sort
    return tokens


def _sort(sign: str) -> str:
    category = unicodedata.category(sign)
    if category[0] == "M" or category == "Cf":
        return "mark"
    if sign.isspace():
        return "space"
    if category == "Lo" and unicodedata.east_asian_width(sign) in "WF":
        return "sign"
    return "word" if category[0] in "LN" else "sign"


def _beside(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int | None, int | None]]:
    """Which clause of one text stands beside which of the other."""
    for tag, i, j, k, n in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from zip(range(i, j), range(k, n), strict=True)
        else:
            yield from _most_alike(old, new, range(i, j), range(k, n))


def _most_alike(
    old: Sequence[str], new: Sequence[str], ours: range, theirs: range
) -> Iterator[tuple[int | None, int | None]]:
    """Pairs in order with the most words in common; a pair shares at least a third of its words."""
    bags = {n: Counter(_words(old[n])) for n in ours}, {n: Counter(_words(new[n])) for n in theirs}
    best = [[0.0] * (len(theirs) + 1) for _ in range(len(ours) + 1)]
    worth: dict[tuple[int, int], float] = {}
    for i in reversed(range(len(ours))):
        for k in reversed(range(len(theirs))):
            one, other = bags[0][ours[i]], bags[1][theirs[k]]
            total = one.total() + other.total()
            share = 2 * (one & other).total() / total if total else 0.0
            worth[i, k] = share if share >= 1 / 3 else 0.0
            pair = worth[i, k] + best[i + 1][k + 1] if worth[i, k] else 0.0
            best[i][k] = max(best[i + 1][k], best[i][k + 1], pair)
    i = k = 0
    while i < len(ours) and k < len(theirs):
        if worth[i, k] and best[i][k] == worth[i, k] + best[i + 1][k + 1]:
            yield ours[i], theirs[k]
            i, k = i + 1, k + 1
        elif best[i][k] == best[i + 1][k]:
            yield ours[i], None
            i += 1
        else:
            yield None, theirs[k]
            k += 1
    yield from ((one, None) for one in ours[i:])
    yield from ((None, other) for other in theirs[k:])


def _words(text: str) -> list[str]:
    return [token for token in _tokens(text) if not token.isspace()]


# Over to the next version


def carry(clauses: Sequence[Clause], edit: Edit) -> Edit | None:
    """An edit to a text as one to what `clauses` (that text, as it was frozen) became. None: it is in it.

    Where it disputes words that the freeze changed, it covers them too and puts its own version of them.
    """
    number = -1  # of the last clause of the new text up to here
    for clause in clauses:
        words = clause.words
        stays = not is_blank(words)
        number += stays
        if clause.number != edit.clause or clause.is_new != edit.insert:
            continue
        if not edit.insert:
            return _carry_inside(clause, edit, number, stays)
        (bracket,) = clause.brackets
        if stays and words == edit.words:
            return None
        if stays and any(_merges(edit, act) for act in bracket.amendments):
            return replace(edit, clause=number, start=0, end=len(words), insert=False, late=True)
    gap = sum(
        not is_blank(clause.words)
        for clause in clauses
        if (clause.number, clause.is_new) <= (edit.clause, True)
    )
    return replace(edit, clause=gap - 1, late=True)


def _merges(edit: Edit, act: Act) -> bool:
    assert isinstance(act.body, Amend)
    return act.ref in edit.body.merges or edit.act.ref in act.body.merges


def _carry_inside(clause: Clause, edit: Edit, number: int, stays: bool) -> Edit | None:
    old = "".join(piece.original if isinstance(piece, Bracket) else piece.words for piece in clause.pieces)
    if not stays:
        words = old[: edit.start] + edit.words + old[edit.end :]
        if is_blank(words):
            return None
        return replace(edit, clause=number, start=0, end=0, words=words, insert=True, late=True)
    changed = [
        one
        for one in clause.brackets
        if one.words != one.original and overlap(one.start, one.end, edit.start, edit.end)
    ]
    start = min([edit.start, *(one.start for one in changed)])
    end = max([edit.end, *(one.end for one in changed)])
    words = old[start : edit.start] + edit.words + old[edit.end : end]
    after, before = _moved(clause, start, is_end=False), _moved(clause, end, is_end=True)
    # At a point, words that were inserted there lie between: what stood before it ends first.
    new_start, new_end = (before, after) if start == end else (after, before)
    if clause.words[new_start:new_end] == words:
        return None
    return replace(edit, clause=number, start=new_start, end=new_end, words=words, late=True)


def _moved(clause: Clause, point: int, *, is_end: bool) -> int:
    """Where a point between words lies now; words inserted right there come before a start, after an end."""
    old = new = 0
    for piece in clause.pieces:
        length = len(piece.original if isinstance(piece, Bracket) else piece.words)
        if is_end and old >= point:
            break
        if old + length > point:
            return new + point - old
        old += length
        new += len(piece.words)
    return new


# For people


@dataclass(frozen=True, slots=True)
class Remark:
    """A line of the comment table: one amendment, and what became of it.

    `version` counts from 0, the draft itself. `answer` says in words what `state` says, and what is missing.
    """

    version: int
    clause: str
    letter: str
    amendment: Act
    was: str
    becomes: str
    holders: tuple[str, ...]
    state: str
    answer: str
    reason: str
    is_late: bool


def remarks(version: int, clauses: Iterable[Clause]) -> tuple[Remark, ...]:
    """The comment table of one version: a line for each amendment, in the order of the text."""
    return tuple(
        _remark(version, clause, bracket, one, act)
        for clause in clauses
        for bracket in clause.brackets
        for one in bracket.alternatives
        for act in one.amendments
    )


def _remark(version: int, clause: Clause, bracket: Bracket, one: Alternative, act: Act) -> Remark:
    assert isinstance(act.body, Amend)
    return Remark(
        version=version,
        clause=clause.name,
        letter=one.letter,
        amendment=act,
        was=bracket.original,
        becomes=one.words,
        holders=one.holders,
        state=bracket.state,
        answer="; ".join(_answers(bracket, one, act.body)),
        reason=act.body.reason,
        is_late=one.is_late,
    )


def _answers(bracket: Bracket, one: Alternative, body: Amend) -> Iterator[str]:
    if bracket.is_open:
        yield "open" if one.holders else "open, and nobody stands behind these words now"
        yield from (
            f"{name_words(other)} is held by {_names(other.holders)}"
            for other in bracket.alternatives
            if other.holders and other != one
        )
    elif one.letter == bracket.chosen:
        yield "taken into the text"
    elif bracket.state == "back to the original":
        yield "nobody stands behind any of these words: the original ones stay"
    else:
        yield f"not taken: {name_words(bracket.alternatives[_index(bracket)])} stands"
    for kept in bracket.reservations:
        if kept.letter == one.letter:
            yield f"{short(kept.act.member)} keeps a reservation: {kept.words}"
    if body.merges and bracket.is_open:
        replaced = [
            other for other in bracket.alternatives if {a.ref for a in other.amendments} & {*body.merges}
        ]
        for other in replaced:
            if other.holders:
                yield f"it replaces {other.letter} once {_names(other.holders)} back it or release theirs"
    if bracket.group is not None:
        yield show_group(bracket)


def _index(bracket: Bracket) -> int:
    return [one.letter for one in bracket.alternatives].index(bracket.chosen)


def name_words(one: Alternative) -> str:
    """How people name an alternative: `a (the original)`, `b (norway:12)`."""
    return f"{one.letter} ({', '.join(act.name for act in one.amendments) or 'the original'})"


def show_group(bracket: Bracket) -> str:
    """The small group that a bracket is in, in words; empty if there is none."""
    group = bracket.group
    if group is None:
        return ""
    until = f"its time was up at {show_time(group.by)}" if group.is_over else f"until {show_time(group.by)}"
    return f"in a small group, {short(group.facilitator)} facilitates, {until}"


def running_text(clauses: Iterable[Clause]) -> str:
    """The text with its open brackets, `[a: two (norway) | b: three (russia)]`, clause by clause."""
    return "\n\n".join(
        "".join(show_bracket(piece) if isinstance(piece, Bracket) else piece.words for piece in clause.pieces)
        for clause in clauses
        if not is_blank(clause.words) or any(bracket.is_open for bracket in clause.brackets)
    )


def show_bracket(bracket: Bracket) -> str:
    """A bracket in plain text; once it is settled, the words that stand."""
    if not bracket.is_open:
        return bracket.words
    shown = " | ".join(
        f"{one.letter}: {_apart(one.words) or NO_WORDS} ({_names(one.holders) or 'nobody'})"
        for one in bracket.alternatives
    )
    return f"[{shown}{'; ' + show_group(bracket) if bracket.group else ''}]"


def show_redline(lines: Iterable[RedClause]) -> str:
    """A redline in plain text: `at most [-two-]{+three+} days`."""
    marks = {"kept": ("", ""), "deleted": ("[-", "-]"), "inserted": ("{+", "+}")}
    return "\n\n".join(
        "".join(marks[piece.fate][0] + piece.words + marks[piece.fate][1] for piece in line.pieces)
        for line in lines
    )


def _names(origins: Iterable[str]) -> str:
    return ", ".join(short(origin) for origin in origins)


def _apart(words: str) -> str:
    """Words that run from right to left, set apart so that letters and holders keep their places."""
    if any(unicodedata.bidirectional(sign) in _TURNING for sign in words):
        return f"\u2068{words}\u2069"
    return words


_TURNING = {"R", "AL", "AN", "RLE", "RLO", "RLI", "LRE", "LRO", "LRI", "FSI"}
