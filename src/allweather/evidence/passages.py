"""A passage: the words of a text, or of parts of it, as one row to be compared.

    Passage.of("We agree [...] that [the treaty] holds.")      6 words, one elision, two words in brackets

It keeps the untouched text, so that every word leads back to its place. It does not compare (`alignment`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from allweather.evidence.documents import Span
from allweather.evidence.words import Word, words_of

_ELISION: Final = re.compile(
    r"[\[(]\s{0,3}(?:…|\.(?:\s?\.){2,3})\s{0,3}[\])]|…|\.(?:\s?\.){2,3}"
    r"|\[\s{0,3}(?:---?|[\u2013\u2014])\s{0,3}\]"
)
_BRACKETED: Final = re.compile(r"\[([^\[\]]{1,200})\]")


@dataclass(frozen=True, slots=True)
class Passage:
    """Words of a text that are compared as one row.

    `joints` are the numbers of words before which the text was interrupted, by an attribution for instance,
    so that the marks there say nothing. `elided` are those before which it says that words are left out;
    `editorial` are words in square brackets, by who quotes.
    """

    text: str
    words: tuple[Word, ...]
    joints: frozenset[int] = frozenset()
    elided: frozenset[int] = frozenset()
    editorial: frozenset[int] = frozenset()

    @classmethod
    def of(cls, text: str, spans: Iterable[Span] | None = None) -> Passage:
        """The words of a text, or of some spans of it in order, with its elisions and brackets."""
        words: list[Word] = []
        joints, elided, editorial = set(), set(), set()
        for span in [Span(0, len(text))] if spans is None else spans:
            fresh = words_of(text, span)
            joints.add(len(words))
            for k, (before, after) in enumerate(pairwise(fresh), len(words) + 1):
                if after.start - before.end > 1 and _ELISION.search(text, before.end, after.start):
                    elided.add(k)
            for bracket in _BRACKETED.finditer(text, span.start, span.end):
                inside = [bisect_left(fresh, at, key=lambda word: word.start) for at in bracket.span()]
                editorial |= {len(words) + k for k in range(*inside)}
            words += fresh
        return cls(text, tuple(words), frozenset(joints - {0}), frozenset(elided), frozenset(editorial))
