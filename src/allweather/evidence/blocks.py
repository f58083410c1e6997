"""Where two rows of words differ, and what is alarming about it.

A path (`paths`) is a list of steps. Steps that are not equal and follow each other make a block: some words
of the quotation, some of the text, either side perhaps empty. A block is judged as a whole, by its words and
never by its size: a negation or a number on one side that the other side does not have is an alarm.

It does not know what a verdict is; that is for `alignment`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal

from allweather.evidence.passages import Passage
from allweather.evidence.paths import Pair
from allweather.evidence.words import Kind, Word, fold, fold_but_case, mark_between

_PREFIXES: Final = ("un", "in", "im", "ir", "il", "dis", "non", "anti", "mis", "de")
_MONTH_NAMES: Final = (
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sept sep oct nov dec"
)
_MONTHS: Final = frozenset(_MONTH_NAMES.split())
_DIGIT: Final = re.compile(r"\d")


class AlarmKind(StrEnum):
    """What makes a difference alarming."""

    NEGATION = "negation"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Alarm:
    """A negation or a number that only one of the texts has, or that they have differently."""

    kind: AlarmKind
    quoted: tuple[str, ...]
    source: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What is alarming, for a reader."""
        here, there = (" ".join(words).replace("#", "") for words in (self.quoted, self.source))
        if not self.source:
            return f"{self.kind}: the quotation has {here!r}, the text has not"
        if not self.quoted:
            return f"{self.kind}: the text has {there!r}, the quotation has not"
        return f"{self.kind}: the quotation has {here!r}, the text has {there!r}"


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A word of the quotation, of the text, or one of each opposite each other."""

    i: int | None
    j: int | None
    is_equal: bool


@dataclass(slots=True, eq=False)
class Block:
    """Differences that follow each other. `at` is the word of the quotation before which they stand.

    `is_suspicious`: all of its words are negations, numbers or units.
    """

    at: int
    first: list[int] = field(default_factory=list)
    second: list[int] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    is_elided: bool = False
    is_editorial: bool = False
    is_same_letters: bool = False
    is_suspicious: bool = False

    @property
    def is_difference(self) -> bool:
        """Whether words differ here, and no mark says so."""
        return not self.is_elided and not self.is_same_letters

    @property
    def longest(self) -> int:
        """How many words the longer side has."""
        return max(len(self.first), len(self.second))


def steps_of(rows: Sequence[Sequence[int]], path: Sequence[Pair]) -> list[Step]:
    """A path with the word whether the words opposite each other are the same."""
    return [Step(i, j, i is not None and j is not None and rows[0][i] == rows[1][j]) for i, j in path]


def blocks_of(steps: Sequence[Step], first: Passage, second: Passage) -> list[Block]:
    """The blocks of differences, in order. Elisions that the first text marks are blocks of their own."""
    blocks: list[Block] = []
    at, is_open = 0, False
    for step in steps:
        if step.is_equal:
            is_open = False
        else:
            is_elision = step.i is None and at in first.elided
            if not is_open or blocks[-1].is_elided != is_elision:
                blocks.append(Block(at, is_elided=is_elision))
                is_open = True
            blocks[-1].steps.append(step)
            if step.i is not None:
                blocks[-1].first.append(step.i)
            if step.j is not None:
                blocks[-1].second.append(step.j)
        if step.i is not None:
            at = step.i + 1
    for block in blocks:
        sides = [first.words[i] for i in block.first], [second.words[j] for j in block.second]
        block.is_same_letters = not block.is_elided and _is_same_letters(*sides)
        block.is_suspicious = all(word.kind is not Kind.PLAIN for side in sides for word in side)
        block.is_editorial = bool(block.first) and set(block.first) <= first.editorial
    return blocks


def _is_same_letters(first: Sequence[Word], second: Sequence[Word]) -> bool:
    """Whether two sides are the same letters, cut into words otherwise: `time out`, `timeout`."""
    letters = ["".join(word.key for word in words) for words in (first, second)]
    if not letters[0] or letters[0] != letters[1] or _DIGIT.search(letters[0]):
        return False
    return not any(word.kind is Kind.NEGATION for word in (*first, *second))


def moved_words(
    blocks: Sequence[Block], first: Passage, second: Passage
) -> tuple[frozenset[int], frozenset[int]]:
    """Words of quantity that differ only in their place, on either side.

    These are days beside the same month (18 September, September 18), and units where the other text has
    none ($5, 5 dollars).
    """
    found: list[dict[tuple[str, str], int]] = [{}, {}]
    for block in blocks:
        units = [
            any(words[k].kind is Kind.UNIT for k in numbers)
            for words, numbers in ((first.words, block.first), (second.words, block.second))
        ]
        for side, words, numbers in ((0, first.words, block.first), (1, second.words, block.second)):
            for k in numbers:
                if words[k].kind is Kind.NUMBER and (month := _month_beside(words, k)):
                    found[side][words[k].key, month] = k
                elif words[k].kind is Kind.UNIT and units[side] and not units[1 - side]:
                    found[side][words[k].key, ""] = k
    both = found[0].keys() & found[1].keys()
    return frozenset(found[0][one] for one in both), frozenset(found[1][one] for one in both)


def alarms_of(
    block: Block,
    first: Passage,
    second: Passage,
    small_elision: int,
    moved: tuple[frozenset[int], frozenset[int]],
) -> list[Alarm]:
    """The negations and numbers in which the two sides of a block differ.

    In an elision of up to `small_elision` words a negation counts, in a longer one it does not. `moved` are
    those of `moved_words`.
    """
    sides = [[first.words[i] for i in block.first], [second.words[j] for j in block.second]]
    if block.is_same_letters:
        return []
    if block.is_elided:
        denied = tuple(word.key for word in sides[1] if word.kind is Kind.NEGATION)
        return [Alarm(AlarmKind.NEGATION, (), denied)] if denied and len(sides[1]) <= small_elision else []
    alarms = []
    negations = [tuple(word.key for word in side if word.kind is Kind.NEGATION) for side in sides]
    if negations[0] != negations[1]:
        alarms.append(Alarm(AlarmKind.NEGATION, negations[0], negations[1]))
    elif pair := _opposites(sides[0], sides[1]):
        alarms.append(Alarm(AlarmKind.NEGATION, (pair[0],), (pair[1],)))
    here = _numbers(block.first, first.words, moved[0])
    there = _numbers(block.second, second.words, moved[1])
    if here != there:
        alarms.append(Alarm(AlarmKind.NUMBER, here, there))
    return alarms


def _numbers(numbers: Sequence[int], words: Sequence[Word], moved: frozenset[int]) -> tuple[str, ...]:
    """The numbers and units of one side, units sorted behind: `$5` and `5 dollars` are the same amount."""
    counts = [words[k].key for k in numbers if words[k].kind is Kind.NUMBER and k not in moved]
    units = [words[k].key for k in numbers if words[k].kind is Kind.UNIT and k not in moved]
    return (*counts, *sorted(units))


def _month_beside(words: Sequence[Word], k: int) -> str:
    """The month that this number stands beside, if any."""
    near = (words[n].key for n in (k - 1, k + 1) if 0 <= n < len(words))
    return next((key[:3] for key in near if key in _MONTHS), "")


def _opposites(first: Sequence[Word], second: Sequence[Word]) -> tuple[str, str] | None:
    """Two words of which one is the other with a prefix that denies it: acceptable, unacceptable."""
    for one in first:
        for other in second:
            short, long = sorted((one.key, other.key), key=len)
            if len(short) > 3 and any(long == prefix + short for prefix in _PREFIXES):
                return one.key, other.key
    return None


def same_writing(
    steps: Sequence[Step], first: Passage, second: Passage
) -> tuple[Literal["same", "written", "contracted"], list[Alarm]]:
    """Whether equal words are also written alike, and numbers whose marks between them differ.

    `written`: other capitals, or a number in digits here and in words there. `contracted`: `don't` here and
    `do not` there. A capital at the beginning, or after an interruption, does not count.
    """
    writing: Literal["same", "written", "contracted"] = "same"
    alarms = []
    before: Step | None = None
    for step in steps:
        if not step.is_equal or step.i is None or step.j is None:
            continue
        one, other = first.words[step.i], second.words[step.j]
        is_first = step.i == 0 or step.i in first.joints or step.i in first.elided or step.j in second.joints
        if one.is_contracted != other.is_contracted:
            writing = "contracted"
        elif writing == "same" and not _is_written_alike(one, other, first.text, second.text, is_first):
            writing = "written"
        is_number = one.kind is Kind.NUMBER
        if is_number and before is not None and before.i == step.i - 1 and before.j == step.j - 1:
            alarms += _parted_numbers(before, step, first, second)
        before = step
    return writing, alarms


def _is_written_alike(one: Word, other: Word, here: str, there: str, is_first: bool) -> bool:
    surfaces = here[one.start : one.end], there[other.start : other.end]
    if surfaces[0] == surfaces[1]:
        return True
    a, b = (fold(surface) if is_first else fold_but_case(surface) for surface in surfaces)
    return a == b


def _parted_numbers(before: Step, step: Step, first: Passage, second: Passage) -> list[Alarm]:
    """An alarm if two numbers are parted by other marks here and there: 3/4, 3-4."""
    if before.i is None or before.j is None or step.i is None or step.j is None:
        return []
    sides = ((first, before.i, step.i), (second, before.j, step.j))
    if not all(one.words[k].kind is Kind.NUMBER for one, *both in sides for k in both):
        return []
    marks = [mark_between(one.text, one.words[i].end, one.words[k].start) for one, i, k in sides]
    if marks[0] == marks[1] or step.i in first.joints or step.j in second.joints or step.i in first.elided:
        return []
    texts = [one.text[one.words[i].start : one.words[k].end] for one, i, k in sides]
    return [Alarm(AlarmKind.NUMBER, (texts[0],), (texts[1],))]
