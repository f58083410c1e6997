"""Quotations of a document: marks and grammar joined.

    for quotation in find_quotations(document, parse): ...      # parse=None: direct quotations only

Passages in marks come from `marks`, claims of the grammar from `attribution_clauses`; `attribution_joining`
makes one of both and gives its rules. What is left to do here: cut the text into blocks that do not touch
each other, say what lies within what, and give each quotation its number and kind.

A verbatim record says itself who speaks: there each turn is one quotation, and grammar is read within it
only for what the speaker reports of others.

What it does not do: say who a source is (`speakers`); decide that somebody said it.
"""

from __future__ import annotations

import bisect
import dataclasses
import re
from collections.abc import Iterator, Sequence

from allweather.evidence import cues
from allweather.evidence.attribution_clauses import find_claims
from allweather.evidence.attribution_joining import Block, Found, Order, settle
from allweather.evidence.documents import Document, Kind, Quotation, Span
from allweather.evidence.lines import paragraphs
from allweather.evidence.marks import find_marked
from allweather.evidence.parses import Parse


def find_quotations(document: Document, parse: Parse | None = None) -> tuple[Quotation, ...]:
    """All quotations of a document in order of their beginnings, numbered from 1, speakers as written.

    Without a `parse` of the document's text only those in quotation marks are found. The speakers are not
    resolved.
    """
    if document.turns:
        return _turns(document, parse)
    found: list[tuple[Found, int | None]] = []
    for block in _blocks(document.text, parse):
        settled = settle(document.text, block, parse)
        own = {id(one) for one, k in _nested(settled) if k is not None and _is_own(document.text, one)}
        others = [one for one in settled if id(one) not in own]
        found += [(one, k if k is None else k + len(found)) for one, k in _nested(others)]
    return tuple(_numbered(document, found))


def _blocks(text: str, parse: Parse | None) -> Iterator[Block]:
    """The text in stretches of paragraphs that no passage runs out of, with the claims and passages
    of each.
    """
    lines = paragraphs(text)
    if not lines:
        return
    starts = [line.start for line in lines]

    def line_at(at: int) -> int:
        return max(0, bisect.bisect_right(starts, at) - 1)

    passages = [
        one for one in find_marked(text, lines).passages if one.depth == 0 and _has_word(text, one.spans)
    ]
    goes_on = {k for one in passages for k in range(line_at(one.start), line_at(one.spans[-1].start))}
    block_of, blocks = [0] * len(lines), list[Block]()
    for k, line in enumerate(lines):
        if not blocks or k - 1 not in goes_on:
            blocks.append(Block(lines[k - 1] if k else None, [], [], []))
        blocks[-1].lines.append(line)
        block_of[k] = len(blocks) - 1
    for passage in passages:
        blocks[block_of[line_at(passage.start)]].passages.append(passage)
    for claim in find_claims(parse) if parse is not None else ():
        assert parse is not None
        one = Found(_runs(parse, claim.content), _runs(parse, claim.cue), _runs(parse, claim.source))
        blocks[block_of[line_at(one.cue[0].start)]].found.append(one)
    yield from blocks


def _has_word(text: str, spans: Sequence[Span]) -> bool:
    return any(one.isalnum() for span in spans for one in span.of(text))


def _runs(parse: Parse, indexes: Sequence[int]) -> list[Span]:
    """Tokens as spans: one for each run of tokens that follow each other."""
    found: list[Span] = []
    last = -2
    for k in indexes:
        token = parse.tokens[k]
        if k == last + 1 and found:
            found[-1] = Span(found[-1].start, token.end)
        else:
            found.append(Span(token.start, token.end))
        last = k
    return found


def _nested(found: Sequence[Found]) -> list[tuple[Found, int | None]]:
    """Each with the place of the smallest other one that holds its cue and touches its words, None if none
    does.
    """
    order, place = Order(found), {id(one): k for k, one in enumerate(found)}
    pairs: list[tuple[Found, int | None]] = []
    for one in found:
        around = [
            other
            for other in (order.touching(one.cue[0].start, one.cue[-1].end) if one.cue else ())
            if other is not one
            and all(any(span.holds(part) for span in other.spans) for part in one.cue)
            and any(span.overlaps(one.spans[0]) for span in other.spans)
        ]
        nearest = min(around, key=lambda other: sum(map(len, other.spans)), default=None)
        pairs.append((one, None if nearest is None else place[id(nearest)]))
    return pairs


def _is_own(text: str, one: Found) -> bool:
    """Whether a speaker only speaks of herself: "I think that" within what she said is no report of
    another.
    """
    return len(one.source) == 1 and one.source[0].of(text).lower() in cues.FIRST_PERSON


def _numbered(document: Document, found: Sequence[tuple[Found, int | None]]) -> Iterator[Quotation]:
    for k, (one, within) in enumerate(found):
        marked = sorted({span for passage in one.passages for span in passage.spans})
        quoted = tuple(_common(one.spans, marked))
        yield Quotation(
            document.id,
            k + 1,
            _kind(document.text, one, within, quoted),
            spans=tuple(one.spans),
            cue=tuple(one.cue),
            source=tuple(one.source),
            quoted=quoted,
            speaker_text=" ".join(span.of(document.text) for span in one.source),
            within=None if within is None else within + 1,
        )


def _common(first: Sequence[Span], second: Sequence[Span]) -> Iterator[Span]:
    """What two rows of spans share; each is in order and without overlaps."""
    a = b = 0
    while a < len(first) and b < len(second):
        one, other = first[a], second[b]
        if one.overlaps(other):
            yield Span(max(one.start, other.start), min(one.end, other.end))
        if one.end <= other.end:
            a += 1
        else:
            b += 1


def _kind(text: str, one: Found, within: int | None, quoted: Sequence[Span]) -> Kind:
    if within is not None:
        return Kind.NESTED
    if one.floating:
        return Kind.FLOATING
    if not quoted:
        return Kind.INDIRECT
    in_all, in_marks = (
        sum(len(re.findall(r"\w+", span.of(text))) for span in spans) for spans in (one.spans, quoted)
    )
    return Kind.DIRECT if in_all <= in_marks else Kind.MIXED


# Verbatim records


def _turns(document: Document, parse: Parse | None) -> tuple[Quotation, ...]:
    """One quotation a turn, and within it what the speaker reports of others."""
    body = dataclasses.replace(document, turns=())
    inner = [one for one in find_quotations(body, parse) if one.source and one.kind is not Kind.NESTED]
    inner = [one for one in inner if one.speaker_text.lower() not in cues.FIRST_PERSON]
    starts = [one.start for one in inner]
    found: list[Quotation] = []
    for turn in document.turns:
        number = len(found) + 1
        found.append(
            Quotation(
                document.id,
                number,
                Kind.DIRECT,
                spans=(turn.span,),
                source=(turn.label,),
                quoted=(turn.span,),
                speaker_text=turn.speaker,
            )
        )
        for one in inner[
            bisect.bisect_left(starts, turn.span.start) : bisect.bisect_left(starts, turn.span.end)
        ]:
            if one.end <= turn.span.end:
                found.append(dataclasses.replace(one, number=len(found) + 1, kind=Kind.NESTED, within=number))
    return tuple(found)
