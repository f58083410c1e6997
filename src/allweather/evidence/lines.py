"""Paragraphs: where the sense of a text must break.

    paragraphs("NATO head seeks thaw\n\nBRUSSELS -- NATO and ...")  -> (Span(0, 20), Span(22, ...))

A line end ends a paragraph, so that headlines and captions do not run into what follows. Only in a text
that is wrapped at a fixed width, as mails and old wire copy are, do lines that follow each other make one
paragraph.

What it does not do: sentences (a parser does them), or changing the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from allweather.evidence.documents import Span

_LINE: Final = re.compile(r"[^\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_BLANK: Final = re.compile(r"\r\n|[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")

#: In a wrapped text the lines inside a paragraph are about this long, in characters, and none is much longer.
_WRAPPED_FROM, _WRAPPED_TO = 45, 100
_FEW_LINES = 4

#: A longer paragraph is cut at a space: whatever is done within a paragraph then takes a bounded time.
MAX_PARAGRAPH: Final = 10_000


def paragraphs(text: str) -> tuple[Span, ...]:
    """The paragraphs of a text, without the white space around them, in order."""
    lines = [_stripped(text, *found.span()) for found in _LINE.finditer(text)]
    lines = [line for line in lines if line]
    blocks: list[list[Span]] = []
    for line in lines:
        after_blank = not blocks or len(_BLANK.findall(text, blocks[-1][-1].end, line.start)) > 1
        if after_blank:
            blocks.append([line])
        else:
            blocks[-1].append(line)
    if _is_wrapped(blocks):
        lines = [Span(block[0].start, block[-1].end) for block in blocks]
    return tuple(piece for line in lines for piece in _pieces(text, line))


def _pieces(text: str, line: Span) -> Iterator[Span]:
    """A paragraph, or its pieces if it is too long."""
    at = line.start
    while line.end - at > MAX_PARAGRAPH:
        cut = text.rfind(" ", at + 1, at + MAX_PARAGRAPH)
        cut = cut if cut > at else at + MAX_PARAGRAPH
        if piece := _stripped(text, at, cut):
            yield piece
        at = cut
    if piece := _stripped(text, at, line.end):
        yield piece


def _is_wrapped(blocks: list[list[Span]]) -> bool:
    """Whether nearly every line that another one follows within its block is about as long as a page
    is wide.
    """
    inner = [len(line) for block in blocks for line in block[:-1]]
    longest = max((len(line) for block in blocks for line in block), default=0)
    if len(inner) < _FEW_LINES or longest > _WRAPPED_TO:
        return False
    return sum(n >= _WRAPPED_FROM for n in inner) >= 0.8 * len(inner)


def _stripped(text: str, start: int, end: int) -> Span:
    """The span without white space at its ends; empty if there is nothing else."""
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    return Span(start, max(start, start + len(piece.strip())))
