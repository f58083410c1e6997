# ruff: noqa: RUF001 - quotation marks and dashes are what this module is about
"""Joining what marks and grammar found, each for itself, into quotations on their way.

The rules, applied in this order to a stretch of paragraphs that no passage in marks runs out of (`Block`):

1. A claim whose content touches a passage in marks takes the whole of it, also where it runs over several
   sentences or paragraphs. A claim whose cue stands inside a passage is somebody's within that passage.
2. A passage that no claim has taken is given the cue beside it (`attribution_marks`). Without one it
   belongs to the claim just before it in its paragraph, if it begins a sentence there. A passage that
   stands alone is floating, if it is a sentence or more: a few words in marks are nobody's statement.
3. What a parser has run together is taken apart: a quotation with its own cue behind it (`"No," she said,
   but`) lies in no other one, and what follows such a cue is not its own unless it is in marks too.
4. Around whole sentences in marks, words before a comma or colon and words behind a `,”` are the reporter's.
5. `While a "time out" may help, "the world does not wait," he said` begins with "While".
6. Datelines, spaces and loose punctuation at the ends go.

What it does not do: find claims, passages or cues.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from allweather.evidence.attribution_marks import cue_of
from allweather.evidence.documents import Span
from allweather.evidence.marks import Passage
from allweather.evidence.parses import Parse

#: A passage of fewer words that nobody is said to have said is no quotation.
FEW_WORDS: Final = 5

#: "BRUSSELS, Sept. 18 (UPI) -- " and the like, which no speaker says.
_DATELINE: Final = re.compile(
    r"(?:[A-Z][A-Z.'’ \-]{2,40}(?:, [A-Z][\w.]{1,20})?(?: \d{1,2})?(?:, \d{4})?(?: ?\([^()\n]{1,40}\))?"
    r"|[A-Z][\w.,'’ \-]{2,40} \([A-Z][A-Za-z/ ]{1,30}\)) ?(?:--|—|–|-)\s+"
)
_ENDED: Final = re.compile(r"[.!?…:][\"'”’»)\]]*$")
_BETWEEN: Final = re.compile(r"[\s,;:.!?—–\-]*")
_STOP: Final = re.compile(r"[.!?](?=\s)")
_MARKS: Final = "\"'“‘„«`"
#: A passage that goes on after a report has at least so many words, and so many sentences end between the
#: two at most.
_FEW_BEHIND, _STOPS_BETWEEN = 3, 2
_REPORTS_BACK = 20
_SMALL_WORDS: Final = frozenset(("a", "an", "the", "of", "in", "on", "to", "and", "for", "with"))


@dataclass(slots=True)
class Found:
    """A quotation on its way: the passages that it has taken, and where its cue and source are."""

    spans: list[Span]
    cue: list[Span]
    source: list[Span]
    passages: list[Passage] = field(default_factory=list)
    floating: bool = False

    def begin(self) -> int:
        """Where its words begin."""
        return self.spans[0].start


@dataclass(slots=True)
class Block:
    """Paragraphs that follow each other, and what was found in them. `above` is the paragraph before,
    if any.
    """

    above: Span | None
    lines: list[Span]
    passages: list[Passage]
    found: list[Found]


class Order:
    """Quotations on their way in order of their beginnings, to find those around or at a place quickly."""

    def __init__(self, found: Sequence[Found]) -> None:
        self._found = sorted((one for one in found if one.spans), key=Found.begin)
        self._begins = [one.begin() for one in self._found]
        self._ends: list[int] = []  # the latest end of any up to this one
        for one in self._found:
            end = max(span.end for span in one.spans)
            self._ends.append(max(end, self._ends[-1]) if self._ends else end)

    def touching(self, start: int, end: int) -> list[Found]:
        """Those that begin before `end` and end behind `start`; the spaces within them may lie there too."""
        k = bisect.bisect_left(self._begins, end) - 1
        near = []
        while k >= 0 and self._ends[k] > start:
            near.append(self._found[k])
            k -= 1
        return near[::-1]


def settle(text: str, block: Block, parse: Parse | None) -> list[Found]:
    """Apply the rules to a block; what is left has words, in order of their beginnings."""
    # Passages do not overlap each other, so a claim that grows by one touches no further one.
    order = Order(block.found)
    touching = [order.touching(passage.start, passage.end) for passage in block.passages]
    for passage, claims in zip(block.passages, touching, strict=True):
        _join(text, claims, passage)
    taken = {id(one) for claim in block.found for one in claim.passages}
    reports = sorted(((one.cue[0].start, k, one) for k, one in enumerate(block.found) if one.cue), key=_place)
    for passage in block.passages:
        if id(passage) not in taken:
            _give_cue(text, block, reports, passage, parse)
    _part(text, block.found)
    for one in block.found:
        _leave_out(text, one)
    block.found = [one for one in block.found if one.spans]
    if parse is not None:
        _widen(text, block.found, parse)
    for one in block.found:
        spans = [_tidied(text, _after_dateline(text, block.lines, span)) for span in one.spans]
        one.spans = _united(text, [span for span in spans if span is not None], [*one.cue, *one.source])
    return sorted(
        (one for one in block.found if one.spans), key=lambda one: (one.begin(), -one.spans[-1].end)
    )


# Joining claims and passages


def _join(text: str, found: Sequence[Found], passage: Passage) -> None:
    """Rule 1."""
    parts, titled = passage.spans, _is_title(text, passage)
    for one in found:
        if not any(span.overlaps(part) for span in one.spans for part in parts):
            continue
        if _inside(one.cue, passage):
            one.spans = [cut for span in one.spans if (cut := _cut(span, passage)) is not None]
        elif any(span.holds(part) for span in one.spans for part in parts):
            one.passages.append(passage)
            one.spans = _united(text, [*one.spans, *parts], [*one.cue, *one.source])
        elif not titled:
            one.spans = _united(text, [*one.spans, *parts], [*one.cue, *one.source])
            one.passages.append(passage)


def _inside(spans: Sequence[Span], passage: Passage) -> bool:
    return any(part.overlaps(span) for span in spans for part in passage.spans)


def _cut(span: Span, passage: Passage) -> Span | None:
    """The part of a span within a passage, without the marks."""
    for part in passage.spans:
        if span.overlaps(part):
            start, end = max(span.start, part.start + 1), min(span.end, part.end)
            return Span(start, end) if start < end else None
    return None


def _united(text: str, spans: Sequence[Span], apart: Sequence[Span]) -> list[Span]:
    """The spans in order, joined where only punctuation or space lies between and no word of `apart`."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        elif (
            joined
            and _BETWEEN.fullmatch(text, joined[-1].end, span.start)
            and "\n" not in text[joined[-1].end : span.start]
            and not any(joined[-1].end <= one.start < span.start for one in apart)
        ):
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return joined


# Passages that no claim has taken


_Report = tuple[int, int, Found]


def _place(report: _Report) -> tuple[int, int]:
    return report[:2]


def _give_cue(text: str, block: Block, reports: list[_Report], passage: Passage, parse: Parse | None) -> None:
    """Rule 2. `reports` are the quotations with a cue, in order of their cues."""
    k = max(0, bisect.bisect_right(block.lines, passage.start, key=lambda line: line.start) - 1)
    first, last = block.lines[k], block.lines[min(k + len(passage.spans), len(block.lines)) - 1]
    cue = cue_of(text, block.lines[k - 1] if k else block.above, first, last, passage, parse)
    before = _just_before(text, reports, first, passage)
    if cue is not None:
        at = bisect.bisect_left(reports, (cue.cue.start, -1), key=_place)
        same = reports[at][2] if at < len(reports) else None
        if same is None or cue.cue not in same.cue:
            source = [cue.source] if cue.source else []
            block.found.append(Found(list(passage.spans), [cue.cue], source, [passage]))
            bisect.insort(reports, (cue.cue.start, len(block.found), block.found[-1]), key=_place)
            return
        before = same
    if before is not None:
        before.spans = _united(text, [*before.spans, *passage.spans], [*before.cue, *before.source])
        before.passages.append(passage)
    elif _n_words(text, passage) >= FEW_WORDS:
        block.found.append(Found(list(passage.spans), [], [], [passage], floating=True))


def _just_before(text: str, reports: Sequence[_Report], line: Span, passage: Passage) -> Found | None:
    """The claim whose sentence ends right before a passage that begins a sentence in the same paragraph."""
    if not _ENDED.search(text[max(line.start, passage.start - 20) : passage.start].rstrip()):
        return None
    k = bisect.bisect_left(reports, (passage.start, -1), key=_place)
    near = [one for at, _, one in reports[max(0, k - _REPORTS_BACK) : k] if at >= line.start]
    if not near or _n_words(text, passage) < _FEW_BEHIND:
        return None
    direct = [claim for claim in near if claim.passages]
    ends = {id(one): _edge(one, passage) for one in near}
    one = max(direct or near, key=lambda claim: ends[id(claim)])
    return one if len(_STOP.findall(text, ends[id(one)], passage.start)) <= _STOPS_BETWEEN else None


def _edge(one: Found, passage: Passage) -> int:
    """Where a claim ends that stands before a passage: the last of its cue, source and words there."""
    spans = [*one.cue, *one.source, *one.spans]
    return max(span.end for span in spans if span.end <= passage.start or span in one.cue)


def _n_words(text: str, passage: Passage) -> int:
    return sum(len(re.findall(r"\w+", span.of(text))) for span in passage.spans)


def _part(text: str, found: Sequence[Found]) -> None:
    """Rule 3."""
    order = Order(found)
    for one in found:
        if not (one.passages and one.cue and one.source and one.spans):
            continue
        first = one.passages[0]
        begin, edge = min(one.cue[0].start, one.source[0].start), max(one.cue[-1].end, one.source[-1].end)
        if first.end > begin or not _BETWEEN.fullmatch(text, first.end, begin):
            continue
        marked = [part for passage in one.passages for part in passage.spans]
        one.spans = [
            span for span in one.spans if span.start < edge or any(span.overlaps(part) for part in marked)
        ]
        for other in order.touching(first.start, edge):
            holds_cue = any(span.overlaps(cue) for span in one.spans for cue in other.cue)
            if other is not one and not holds_cue:
                other.spans = [kept for span in other.spans for kept in _less(span, first.start, edge)]


def _leave_out(text: str, one: Found) -> None:
    """Rule 4."""
    parts = sorted(part for passage in one.passages for part in passage.spans)
    whole = {part for part in parts if _is_whole(text, part)}
    if not whole:
        return
    spans: list[Span] = []
    for span in one.spans:
        inside = [part for part in parts if span.holds(part)]
        at = span.start
        if inside and inside[0] in whole and text[at : inside[0].start].rstrip().endswith((",", ":")):
            at = inside[0].start
        for k, part in enumerate(inside):
            if part in whole and text[part.end - 2 : part.end - 1] == ",":
                spans.append(Span(at, part.end))
                at = inside[k + 1].start if k + 1 < len(inside) else span.end
        if at < span.end:
            spans.append(Span(at, span.end))
    one.spans = spans


def _widen(text: str, found: Sequence[Found], parse: Parse) -> None:
    """Rule 5."""
    for one in found:
        if not one.passages or not one.cue or one.spans[0].start != one.passages[0].start:
            continue
        first = one.passages[0].spans[0]
        is_before = all(span.start >= first.end for span in [*one.cue, *one.source])
        opening = text[first.start : first.end].lstrip(_MARKS)
        lead = Span(min(first.start, _sentence_start(parse, first.start)), first.start)
        if not is_before or not opening[:1].islower() or not lead.of(text).rstrip().endswith(","):
            continue
        if not any(cue.overlaps(lead) for other in found for cue in other.cue):
            one.spans[0] = Span(lead.start, one.spans[0].end)


def _sentence_start(parse: Parse, at: int) -> int:
    """Where the sentence that the word before `at` stands in begins; `at` itself if there is no such word."""
    k = parse.within(Span(0, at)).stop - 1
    if k < 0:
        return at
    found = bisect.bisect_right(parse.sentences, k, key=lambda sentence: sentence.start) - 1
    return parse.tokens[parse.sentences[found].start].start


def _after_dateline(text: str, lines: Sequence[Span], span: Span) -> Span:
    """The span without the dateline that its paragraph begins with."""
    k = bisect.bisect_right(lines, span.start, key=lambda line: line.start) - 1
    found = _DATELINE.match(text, lines[k].start, lines[k].end) if k >= 0 else None
    return Span(min(span.end, max(span.start, found.end())), span.end) if found else span


def _is_whole(text: str, part: Span) -> bool:
    """Whether a passage is a sentence or the beginning of one: a capital letter, and four words at least."""
    words = re.findall(r"\w+", part.of(text))
    return len(words) >= 4 and words[0][0].isupper() and not all(word[0].isupper() for word in words)


def _is_title(text: str, passage: Passage) -> bool:
    """Whether a passage looks like the name of a programme or a book: few words, all with capitals."""
    words = re.findall(r"[^\W\d_]+", passage.spans[0].of(text)[:200])
    has_capitals = all(word[0].isupper() or word in _SMALL_WORDS for word in words)
    return len(passage.spans) == 1 and 0 < len(words) <= FEW_WORDS and has_capitals


def _less(span: Span, start: int, end: int) -> list[Span]:
    """What of a span is left when `start` to `end` is taken out, if it holds that whole."""
    if not (span.start <= start and end <= span.end):
        return [span]
    return [Span(a, b) for a, b in ((span.start, start), (end, span.end)) if b - a > 2]


# Tidying


def _tidied(text: str, span: Span) -> Span | None:
    """A span without space and loose punctuation at its ends; None if nothing is left."""
    start, end = span.start, span.end
    while start < end and (text[start].isspace() or text[start] in ",;:.—–-"):
        start += 1
    while start < end and (text[end - 1].isspace() or text[end - 1] in ",;:—–-"):
        end -= 1
    return Span(start, end) if any(one.isalnum() for one in text[start:end]) else None
