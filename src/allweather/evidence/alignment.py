"""Whether a quotation stands in a text, and how the two differ, word by word.

    finding = align(Passage.of("We will … not cut 40 warheads."), Passage.of(speech))
    finding.verdict       # Verdict.ALTERED
    finding.alarms        # what was found to be changed: here the number
    finding.differences   # for showing: spans on both sides, equal, replaced, added, dropped, elided

The verdict is never a matter of how similar two texts are. Insert a `not` and 97 of 100 characters stay the
same. So the words are set opposite each other (`paths`), and then rules are asked, the first that holds:

1. `not_found`: too few words in a row stand in the text to say that this is where the quotation is from; of
   each part between marked elisions some have to, and of a long quotation four at least.
2. `altered`: a negation or a number was changed, put in or left out. An alarm, whatever else is the same.
3. `partial`: a stretch of more than `STRETCH` words does not stand in the text, or was left out of it
   without a mark.
4. `variant`: single words differ.
5. `elided`: all that differs is marked as left out (… or [...]) or as put in by who quotes ([the treaty]).
6. `punctuation`: the same words; marks, capitals or how a number is written differ.
7. `exact`: the same words and marks. Where a quotation begins or ends, a capital or a mark does not count.

What it does not do: look for the text (`corpus`), or say what a changed word means. A word of another sense
that is neither a negation nor a number makes a `variant`: the reader sees which, and judges.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

from allweather.errors import InputError
from allweather.evidence.blocks import Alarm as Alarm
from allweather.evidence.blocks import AlarmKind as AlarmKind
from allweather.evidence.blocks import Block, Step, alarms_of, blocks_of, moved_words, same_writing, steps_of
from allweather.evidence.documents import Span
from allweather.evidence.passages import Passage as Passage
from allweather.evidence.paths import cheapest_path
from allweather.evidence.words import Kind, Word, mark_between

#: The longest quotation that is compared, in words.
MAX_QUOTATION: Final = 2_000
#: Up to so many words in a row a difference is one of words; beyond, a stretch is missing or new.
STRETCH: Final = 4
#: So many words in a row, or half of the quotation, have to stand in the text before a part counts as found.
RUN: Final = 8
_SHORT_RUN: Final = 3
#: Of a quotation of more words than this so many in a row stand in its source, or some of each of its parts.
_LONG: Final = 40
_LONG_RUN: Final = 4
#: A marked elision of up to so many words must not hold a negation.
_SMALL_ELISION: Final = 3
#: A negation so few words before the place is pointed out.
_NEAR: Final = 3

_SENTENCE_END: Final = re.compile(r"[.!?:;\u3002\uff01\uff1f\n]")


class Verdict(StrEnum):
    """How a quotation stands in a text; the module's docstring gives the rules."""

    EXACT = "exact"
    PUNCTUATION = "punctuation"
    ELIDED = "elided"
    VARIANT = "variant"
    PARTIAL = "partial"
    ALTERED = "altered"
    NOT_FOUND = "not_found"


class Change(StrEnum):
    """What a difference is, seen from the quotation."""

    EQUAL = "equal"
    MARK = "mark"  # the same words, other marks or capitals
    REPLACE = "replace"
    INSERT = "insert"  # only the quotation has these words
    DELETE = "delete"  # only the text has these words
    ELIDE = "elide"  # only the text has them, and the quotation says that something is left out


@dataclass(frozen=True, slots=True)
class Difference:
    """One stretch of the two texts: what the quotation has, what the text has. Either may be empty."""

    change: Change
    quoted: Span
    source: Span


@dataclass(frozen=True, slots=True)
class Finding:
    """How a quotation stands in a text.

    `place` is where in the text, None if it was not found. `differences` cover quotation and place in order;
    `n_equal` of the quotation's `n_words` words stand there. `notes` are sentences for a reader that change
    no verdict, such as a negation just before the place.
    """

    verdict: Verdict
    n_words: int
    n_equal: int = 0
    place: Span | None = None
    differences: tuple[Difference, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    notes: tuple[str, ...] = ()


def align(quotation: Passage, source: Passage) -> Finding:
    """Find the best place for the quotation in the source, and judge it.

    Raises InputError if the quotation has no words or more than `MAX_QUOTATION`, or both are too long.
    """
    n_words = len(quotation.words)
    if not n_words:
        raise InputError("the quotation has no words")
    if n_words > MAX_QUOTATION:
        raise InputError(f"a quotation of {n_words:,} words; at most {MAX_QUOTATION:,} are compared")
    if (n_words > _LONG or quotation.elided) and not _shares_a_run(quotation, source):
        return Finding(Verdict.NOT_FOUND, n_words)
    steps = _steps(quotation, source, infix=True)
    blocks = blocks_of(steps, quotation, source)
    _reach_out(blocks, steps, quotation, source)
    return _judge(quotation, source, steps, blocks)


def difference(first: Passage, second: Passage) -> tuple[Difference, ...]:
    """Two texts from beginning to end, word by word. Raises InputError if both are too long."""
    steps = _steps(first, second, infix=False)
    return _differences(first, second, steps, blocks_of(steps, first, second))


def _steps(first: Passage, second: Passage, *, infix: bool) -> list[Step]:
    ids: dict[str, int] = {}
    rows = [[ids.setdefault(word.key, len(ids)) for word in one.words] for one in (first, second)]
    return steps_of(rows, cheapest_path(rows[0], rows[1], infix=infix, free_before=first.elided))


def _shares_a_run(quotation: Passage, source: Passage) -> bool:
    """Whether some words in a row stand in both, those that deny or count in between or not.

    With marked elisions it is enough that of each part some words in a row do.
    """
    for kinds in ((Kind.PLAIN,), tuple(Kind)):
        rows = [[word.key for word in one.words if word.kind in kinds] for one in (quotation, source)]
        if not _in_a_row(rows[0], _LONG_RUN).isdisjoint(_in_a_row(rows[1], _LONG_RUN)):
            return True
    if not quotation.elided:
        return False
    there = _in_a_row([word.key for word in source.words if word.kind is Kind.PLAIN], _SHORT_RUN)
    for start, end in pairwise((0, *sorted(quotation.elided), len(quotation.words))):
        own = (k for k in range(start, end) if k not in quotation.editorial)
        part = [quotation.words[k].key for k in own if quotation.words[k].kind is Kind.PLAIN]
        if len(part) >= _SHORT_RUN and _in_a_row(part, _SHORT_RUN).isdisjoint(there):
            return False
    return True


def _in_a_row(keys: Sequence[str], n: int) -> set[tuple[str, ...]]:
    """Every `n` keys in a row."""
    return set(zip(*(keys[k:] for k in range(n)), strict=False))


def _reach_out(blocks: list[Block], steps: list[Step], quotation: Passage, source: Passage) -> None:
    """Set words before and after the found place, in the same sentence, opposite unmatched ends.

    Otherwise a number that was changed at the very end would only be a word that is not there.
    """
    found = [step.j for step in steps if step.is_equal and step.j is not None]
    if not found or not blocks:
        return
    words, text = source.words, source.text
    first, last = blocks[0], blocks[-1]
    if first.first[:1] == [0] and not first.second:
        j = found[0]
        while j > 0 and len(first.second) < len(first.first) and _is_one_sentence(text, words, j - 1):
            j -= 1
            first.second.insert(0, j)
    if last.first and last.first[-1] == len(quotation.words) - 1 and not last.second:
        j = found[-1] + 1
        while j < len(words) and len(last.second) < len(last.first) and _is_one_sentence(text, words, j - 1):
            last.second.append(j)
            j += 1


def _is_one_sentence(text: str, words: Sequence[Word], k: int) -> bool:
    """Whether word k and the next one stand in one sentence."""
    return not _SENTENCE_END.search(text, words[k].end, words[k + 1].start)


def _judge(quotation: Passage, source: Passage, steps: list[Step], blocks: list[Block]) -> Finding:
    n_words, n_equal = len(quotation.words), sum(step.is_equal for step in steps)
    real = [block for block in blocks if block.is_difference]
    n_equal += sum(len(block.first) for block in blocks if not block.is_difference and not block.is_elided)
    runs = _runs(steps, blocks)
    run = max((len(one) for one in runs), default=0)
    loose = _loose_ends(steps, blocks, runs)
    is_stretched = bool(loose) or any(block.longest > STRETCH for block in real)
    if quotation.elided and not _all_parts_stand(quotation, runs):
        is_stretched, is_found = True, run >= RUN or (run > STRETCH and run * 2 > n_words)
    elif is_stretched or n_equal * 2 < n_words:
        is_found = run >= RUN or (run >= RUN // 2 and run * 2 >= n_words)
    else:
        is_found = run >= min(n_words, _SHORT_RUN)
    if not is_found:
        return Finding(Verdict.NOT_FOUND, n_words)
    moved = moved_words(blocks, quotation, source)
    alarms = [
        alarm
        for block in blocks
        if id(block) not in loose and min(len(block.first), len(block.second)) <= STRETCH
        for alarm in alarms_of(block, quotation, source, _SMALL_ELISION, moved)
    ]
    differences = _differences(quotation, source, steps, blocks)
    writing, number_alarms = same_writing(steps, quotation, source)
    alarms += number_alarms
    if alarms:
        verdict = Verdict.ALTERED
    elif is_stretched or n_equal * 2 < n_words:
        verdict = Verdict.PARTIAL
    elif any(not block.is_editorial for block in real) or writing == "contracted":
        verdict = Verdict.VARIANT
    elif real or any(block.is_elided for block in blocks):
        verdict = Verdict.ELIDED
    elif any(one.change is not Change.EQUAL for one in differences) or writing == "written":
        verdict = Verdict.PUNCTUATION
    else:
        verdict = Verdict.EXACT
    placed = [step.j for step in steps if step.is_equal and step.j is not None]
    placed += [j for block in blocks for j in block.second]
    place = Span(source.words[min(placed)].start, source.words[max(placed)].end)
    notes = _notes(source, min(placed), [block for block in blocks if block.is_elided])
    return Finding(verdict, n_words, n_equal, place, differences, tuple(alarms), notes)


def _runs(steps: list[Step], blocks: list[Block]) -> list[list[Step]]:
    """Words in a row that stand in both texts.

    What breaks no run: a word put in or left out that is a negation or counts, since the run is still what
    was quoted, and words in brackets by who quotes.
    """
    breaking = {
        id(step)
        for block in blocks
        if not (block.is_suspicious or block.is_editorial)
        for step in block.steps
    }
    joined = {id(step) for block in blocks if block.is_same_letters for step in block.steps}
    breaking -= joined
    runs: list[list[Step]] = [[]]
    for step in steps:
        if step.is_equal or (step.i is not None and id(step) in joined):
            runs[-1].append(step)
        elif id(step) in breaking and runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _all_parts_stand(quotation: Passage, runs: list[list[Step]]) -> bool:
    """Whether of each part between marked elisions some words in a row stand in the text.

    A text has most short words somewhere, and after an elision any place will do: so single words prove
    nothing.
    """
    starts = sorted({0, *quotation.elided})
    longest = dict.fromkeys(starts, 0)
    for run in runs:
        of_part: dict[int, int] = {}
        for step in run:
            start = starts[bisect_right(starts, step.i or 0) - 1]
            of_part[start] = of_part.get(start, 0) + (quotation.words[step.i or 0].kind is Kind.PLAIN)
        for start, n_plain in of_part.items():
            longest[start] = max(longest[start], n_plain)
    for start, end in zip(starts, [*starts[1:], len(quotation.words)], strict=True):
        own = (k for k in range(start, end) if k not in quotation.editorial)
        n_plain = sum(quotation.words[k].kind is Kind.PLAIN for k in own)
        if longest[start] < min(n_plain, _SHORT_RUN):
            return False
    return True


def _loose_ends(steps: list[Step], blocks: list[Block], runs: list[list[Step]]) -> set[int]:
    """The blocks, by identity, of a beginning or an end of the quotation that the text has not.

    That is what lies outside the first and the last run of some length, if more than `STRETCH` words of it
    have nothing opposite. Single words in it that are the same are chance, and so is what is between them.
    """
    anchors = [run for run in runs if len(run) >= _SHORT_RUN]
    if not anchors:
        return set()
    first, last = anchors[0][0].i or 0, anchors[-1][-1].i or 0
    loose: set[int] = set()
    for end in (
        [block for block in blocks if block.at < first],
        [block for block in blocks if block.at > last],
    ):
        if sum(len(block.first) for block in end) > STRETCH:
            loose |= {id(block) for block in end}
    return loose


def _notes(source: Passage, at: int, elided: list[Block]) -> tuple[str, ...]:
    notes = []
    for k in range(at - 1, max(-1, at - 1 - _NEAR), -1):
        if not _is_one_sentence(source.text, source.words, k):
            break
        if source.words[k].kind is Kind.NEGATION:
            notes.append(f"in the text {source.words[k].key!r} stands just before it, in the same sentence")
            break
    for block in elided:
        denied = [source.words[j].key for j in block.second if source.words[j].kind is Kind.NEGATION]
        if denied:
            notes.append(f"what is left out at the mark has {denied[0]!r} in it")
    return tuple(notes)


def _differences(
    first: Passage, second: Passage, steps: list[Step], blocks: list[Block]
) -> tuple[Difference, ...]:
    """The whole path as stretches, in order."""
    found: list[Difference] = []
    place = next((second.words[step.j].start for step in steps if step.j is not None), 0)
    of_step = {id(step): block for block in blocks for step in block.steps}
    run: list[Step] = []
    done: set[int] = set()

    def close() -> None:
        if run:
            found.extend(_equal(first, second, run))
            run.clear()

    for step in steps:
        block = of_step.get(id(step))
        if block is None:
            run.append(step)
        elif id(block) not in done:
            close()
            done.add(id(block))
            before = found[-1] if found else None
            found.append(Difference(_change(block), *_sides(first, second, block, before, place)))
    close()
    return tuple(found)


def _change(block: Block) -> Change:
    if block.is_elided:
        return Change.ELIDE
    if not block.is_difference:
        return Change.MARK
    if block.first and block.second:
        return Change.REPLACE
    return Change.INSERT if block.first else Change.DELETE


def _sides(
    first: Passage, second: Passage, block: Block, before: Difference | None, place: int
) -> tuple[Span, Span]:
    """The two sides of a block; an empty one stands where the difference before it ends."""
    empty = (before.quoted.end, before.source.end) if before else (0, place)
    sides = []
    for words, numbers, at in ((first.words, block.first, empty[0]), (second.words, block.second, empty[1])):
        sides.append(Span(words[numbers[0]].start, words[numbers[-1]].end) if numbers else Span(at, at))
    return sides[0], sides[1]


def _equal(first: Passage, second: Passage, run: list[Step]) -> list[Difference]:
    """A run of equal words, cut where the marks between two words differ."""
    found: list[Difference] = []
    opened = run[0]
    for before, after in pairwise(run):
        if before.i is None or before.j is None:
            continue
        if after.i in first.joints or after.j in second.joints:
            continue
        marks = [
            mark_between(one.text, one.words[k].end, one.words[k + 1].start)
            for one, k in ((first, before.i), (second, before.j))
        ]
        if marks[0] != marks[1]:
            found.append(_stretch(first, second, opened, before))
            found.append(
                Difference(
                    Change.MARK,
                    Span(first.words[before.i].end, first.words[before.i + 1].start),
                    Span(second.words[before.j].end, second.words[before.j + 1].start),
                )
            )
            opened = after
    found.append(_stretch(first, second, opened, run[-1]))
    return found


def _stretch(first: Passage, second: Passage, opened: Step, closed: Step) -> Difference:
    sides = ((first.words, opened.i, closed.i), (second.words, opened.j, closed.j))
    spans = [Span(words[i or 0].start, words[k or 0].end) for words, i, k in sides]
    return Difference(Change.EQUAL, spans[0], spans[1])
