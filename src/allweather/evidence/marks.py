# ruff: noqa: RUF001, RUF002 - quotation marks and dashes are what this module is about
"""Passages in quotation marks, found by rule alone: no parser, no language.

    text = 'He said: "It is not a matter of choice -- it is a matter of necessity."'
    find_marked(text, paragraphs(text)).passages[0].spans     # (Span(9, 71),), the marks included

The rules:

1. An opening mark is answered by the next closing mark of its family, “ ” „ “ « » ‹ › ‘ ’ 「 」 `` '' and the
   straight marks " and '. Where a mark can open or close, its neighbours decide: a space or the beginning
   before it opens, a space or the end after it closes; where they do not, it closes what is open and else
   opens.
2. An apostrophe is not a mark: ' and ’ between letters, before a number ('90s), or with nothing open.
3. A passage ends at the end of its paragraph. If the next paragraph begins with an opening mark of the same
   family, the speech goes on there and both are one passage of two spans: so papers set speeches.
4. An opening mark without an answer is a passage to the end of its paragraph where it begins the paragraph or
   stands after a colon or comma, and has at least four words; otherwise it is stray. A closing mark without
   an opening is stray. Strays are listed, never an error: no text is refused.
5. Passages within passages have their depth; deeper than `MAX_DEPTH` marks are stray.

Time and memory grow with the length of the text and no faster.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from allweather.evidence.documents import Span

MAX_DEPTH: Final = 4
#: A speech that papers set has fewer paragraphs; more are lines that happen to begin with a mark.
MAX_PARAGRAPHS: Final = 200
_FEW_WORDS: Final = 4
_NEAR: Final = 400  # so far is looked around a mark: many marks in one long paragraph end in time

_MARK: Final = re.compile("``|''|[\"'“”„‟«»‹›‘’‚「」『』＂]")

#: Family of a mark that only opens, only closes; of one that may do either.
_OPENS: Final = {"``": "''", "„": "“", "‚": "‘", "「": "「", "『": "『", "“": "“", "‟": "“", "‘": "‘"}
_CLOSES: Final = {"」": "「", "』": "『", "”": "“", "’": "‘"}
_EITHER: Final = {
    '"': '"', "＂": '"', "'": "'", "''": "''", "«": "«", "»": "«", "‹": "‹", "›": "‹",
}  # fmt: skip
#: Families that careless setting mixes: “so".
_MIXED: Final = frozenset('"“')
_SINGLE: Final = frozenset("'‘")
_BEFORE_OPENING: Final = frozenset("([{—–-/:=\"'“„«‹‘‚`>*_")
_ELIDED: Final = re.compile(r"(?:\d|(?:em|n|til|tis|twas|cause|bout|round)\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Passage:
    """Words in quotation marks. `spans` hold the marks too, one span a paragraph; `depth` counts those
    around it.

    `is_closed` is False where the closing mark is missing.
    """

    spans: tuple[Span, ...]
    depth: int
    is_closed: bool
    family: str

    @property
    def start(self) -> int:
        """Where its first mark is."""
        return self.spans[0].start

    @property
    def end(self) -> int:
        """Where it ends, behind its last mark."""
        return self.spans[-1].end


@dataclass(frozen=True, slots=True)
class Marked:
    """The passages of a text in order of their beginnings, and the places of stray marks."""

    passages: tuple[Passage, ...]
    strays: tuple[int, ...]


@dataclass(slots=True)
class _Open:
    """A passage that is not closed yet: its spans so far, and where it goes on in this paragraph."""

    family: str
    start: int
    before: tuple[Span, ...] = ()


def find_marked(text: str, paragraphs: Sequence[Span]) -> Marked:
    """All passages in quotation marks of a text with these paragraphs (`lines.paragraphs`)."""
    found: list[Passage] = []
    strays: list[int] = []
    going_on: _Open | None = None
    for k, paragraph in enumerate(paragraphs):
        following = paragraphs[k + 1] if k + 1 < len(paragraphs) else None
        going_on = _read(text, paragraph, following, going_on, found, strays)
    found.sort(key=lambda one: (one.start, -one.end))
    return Marked(tuple(_with_depth(found)), tuple(sorted(strays)))


def _read(
    text: str,
    paragraph: Span,
    following: Span | None,
    going_on: _Open | None,
    found: list[Passage],
    strays: list[int],
) -> _Open | None:
    """Read one paragraph; give back the passage that goes on in the next one."""
    stack = [going_on] if going_on else []
    balance = _Balance(text, paragraph)
    for mark in _MARK.finditer(text, paragraph.start, paragraph.end):
        at, sign = mark.start(), mark.group()
        family, opens, closes = _role(text, paragraph, mark.start(), mark.end(), sign, stack)
        to_come = balance.next(at) if family in _MIXED else 0
        if (
            going_on is not None
            and at == paragraph.start
            and (family == going_on.family or {family, going_on.family} <= _MIXED)
        ):
            going_on.start = at  # the mark that says that the speech goes on
            continue
        if closes and (one := _closed_by(stack, family, strays)):
            found.append(Passage((*one.before, Span(one.start, mark.end())), 0, True, one.family))
        elif opens:
            if family in _MIXED and to_come < sum(one.family in _MIXED for one in stack):
                _give_up(text, paragraph, stack, at, found, strays)
            stack.append(_Open(family, at))
            if len(stack) > MAX_DEPTH:
                strays.append(stack.pop(0).start)
        elif family not in _SINGLE:
            strays.append(at)
    return _left_open(text, paragraph, following, stack, found, strays)


def _role(
    text: str, paragraph: Span, start: int, end: int, sign: str, stack: Sequence[_Open]
) -> tuple[str, bool, bool]:
    """The family of a mark, and whether it opens or closes here."""
    before = text[start - 1] if start > paragraph.start else " "
    after = text[end] if end < paragraph.end else " "
    is_open = {one.family for one in stack}
    if is_open & _MIXED:
        is_open |= _MIXED
    if sign in "‘’'" and before.isalnum() and after.isalnum():
        return "'", False, False
    if sign == "“" and "„" in {text[one.start] for one in stack}:
        return "“", False, True  # „so“
    if sign in _OPENS:
        family = _OPENS[sign]
        if family == "‘" and _ELIDED.match(text, end, paragraph.end):
            return family, False, False
        return family, not after.isspace() or sign == "``", False
    if sign in _CLOSES:
        return _CLOSES[sign], False, True
    family = _EITHER[sign]
    may_open = (before.isspace() or before in _BEFORE_OPENING) and not after.isspace()
    may_close = not before.isspace() and not after.isalnum()
    if family == "'":
        if _ELIDED.match(text, end, paragraph.end):
            return family, False, False
        return family, may_open and family not in is_open, may_close and family in is_open
    if may_open == may_close:  # the neighbours say nothing
        if not is_open and before.isdigit():
            return family, False, False  # inches
        return family, family not in is_open, family in is_open
    if family in is_open and family in "«‹":
        return family, False, True
    return family, may_open, may_close and not may_open


class _Balance:
    """Of the double marks still to come in a paragraph: how many more close than open."""

    def __init__(self, text: str, paragraph: Span) -> None:
        self._signs: list[tuple[int, int]] = []
        for mark in _MARK.finditer(text, paragraph.start, paragraph.end):
            if mark.group() in '"“”':
                opens = _role(text, paragraph, mark.start(), mark.end(), mark.group(), ())[1]
                self._signs.append((mark.start(), -1 if opens else 1))
        self._left = sum(sign for _, sign in self._signs)
        self._k = 0

    def next(self, at: int) -> int:
        """The balance from the mark at `at` on; call it in the order of the marks."""
        while self._k < len(self._signs) and self._signs[self._k][0] < at:
            self._left -= self._signs[self._k][1]
            self._k += 1
        return self._left


def _give_up(
    text: str, paragraph: Span, stack: list[_Open], at: int, found: list[Passage], strays: list[int]
) -> None:
    """A passage that can no longer be closed ends where the next one opens, if it may stand open at all."""
    kept = [one for one in stack if one.family not in _MIXED]
    for one in stack:
        if one.family in _MIXED:
            start = max(one.start, paragraph.start)
            end = at
            while end > start and text[end - 1].isspace():
                end -= 1
            if one.before or _may_stand_open(text, paragraph, one.start):
                found.append(Passage((*one.before, Span(start, end)), 0, False, one.family))
            else:
                strays.append(one.start)
    stack[:] = kept


def _closed_by(stack: list[_Open], family: str, strays: list[int]) -> _Open | None:
    """Take the innermost open passage of a family from the stack; what was opened within it is stray."""
    for k in range(len(stack) - 1, -1, -1):
        if stack[k].family == family or {stack[k].family, family} <= _MIXED:
            one = stack[k]
            strays.extend(later.start for later in stack[k + 1 :] if later.family not in _SINGLE)
            del stack[k:]
            return one
    return None


def _left_open(
    text: str,
    paragraph: Span,
    following: Span | None,
    stack: list[_Open],
    found: list[Passage],
    strays: list[int],
) -> _Open | None:
    """What becomes of marks that no mark has answered by the end of the paragraph."""
    going_on = None
    for one in stack:
        if one.family in _SINGLE and not one.before:
            continue  # most likely an apostrophe
        spans = (*one.before, Span(max(one.start, paragraph.start), paragraph.end))
        may_go_on = following is not None and going_on is None and len(spans) < MAX_PARAGRAPHS
        if may_go_on and following is not None and _goes_on(text, following, one.family):
            going_on = _Open(one.family, following.start, spans)
        elif one.before or _may_stand_open(text, paragraph, one.start):
            found.append(Passage(spans, 0, False, one.family))
        else:
            strays.append(one.start)
    return going_on


def _goes_on(text: str, following: Span, family: str) -> bool:
    mark = _MARK.match(text, following.start, following.end)
    if mark is None:
        return False
    other = _OPENS.get(mark.group()) or _EITHER.get(mark.group())
    return other == family or {other, family} <= _MIXED


def _may_stand_open(text: str, paragraph: Span, start: int) -> bool:
    before = text[max(paragraph.start, start - _NEAR) : start].rstrip()
    after = text[start : min(paragraph.end, start + _NEAR)].split(None, 4)
    return (not before or before[-1] in ":,") and len(after) >= _FEW_WORDS


def _with_depth(passages: Sequence[Passage]) -> list[Passage]:
    """The passages with their depths; they come in order of their beginnings, longer ones first."""
    found, around = [], list[Passage]()
    for one in passages:
        while around and around[-1].end <= one.start:
            around.pop()
        depth = sum(other.end >= one.end for other in around)
        found.append(Passage(one.spans, depth, one.is_closed, one.family))
        around.append(one)
    return found
