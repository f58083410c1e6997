"""What this room asks of a parser: words with their places, and how they hang together.

    parse.tokens[3]            # Token("said", 40, 44, lemma="say", tag="VBD", head=3, dependency="ROOT")
    parse.sentences[0]         # range(0, 12): the indexes of the tokens of the first sentence

Tags are those of the Penn Treebank, dependencies those of the ClearNLP scheme (`nsubj`, `ccomp`, `xcomp`,
...): what spaCy's English models give. A parser is a driver outside this room (`formats.parsing`); a test's
parser is a list.

A driver must break sentences at every line end, so that a headline or caption does not run into the text
below. What it does not do: parse.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from allweather.evidence.documents import Span


@dataclass(frozen=True, slots=True)
class Token:
    """One word or mark: characters `start` to `end` of the text; `head` is the index of the token it hangs
    on.

    The head of a sentence has itself as head and the dependency `ROOT`. `entity` is the kind of name that
    the word is part of (`PERSON`, `ORG`, `GPE`, ...), or "".
    """

    text: str
    start: int
    end: int
    lemma: str
    tag: str
    head: int
    dependency: str
    entity: str = ""


@dataclass(frozen=True)
class Parse:
    """The tokens of a text in order, and its sentences as ranges of token indexes.

    Raises ValueError if a head lies outside its sentence or tokens overlap: then a driver is at fault.
    """

    tokens: tuple[Token, ...]
    sentences: tuple[range, ...]

    def __post_init__(self) -> None:
        end = 0
        for token in self.tokens:
            if not end <= token.start < token.end:
                raise ValueError(f"the token {token.text!r} at {token.start} overlaps the one before")
            end = token.end
        next_first = 0
        for sentence in self.sentences:
            if sentence.start != next_first or any(self.tokens[k].head not in sentence for k in sentence):
                raise ValueError(f"the sentence {sentence} is not whole")
            next_first = sentence.stop
        if next_first != len(self.tokens):
            raise ValueError("tokens without a sentence")

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """For each token the indexes of those that hang on it, in order."""
        found: list[list[int]] = [[] for _ in self.tokens]
        for k, token in enumerate(self.tokens):
            if token.head != k:
                found[token.head].append(k)
        return tuple(tuple(one) for one in found)

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        return tuple(token.start for token in self.tokens)

    def subtree(self, k: int) -> list[int]:
        """The indexes of a token and of all that hangs on it, in order."""
        found, open_ = [], [k]
        while open_:
            one = open_.pop()
            found.append(one)
            open_ += self.children[one]
        return sorted(found)

    def ancestors(self, k: int) -> Iterator[int]:
        """The tokens that a token hangs on, nearest first."""
        while self.tokens[k].head != k:
            k = self.tokens[k].head
            yield k

    def within(self, span: Span) -> range:
        """The indexes of the tokens that begin in `span`."""
        return range(bisect.bisect_left(self._starts, span.start), bisect.bisect_left(self._starts, span.end))

    def span(self, indexes: Sequence[int]) -> Span:
        """From the first to the last of these tokens. Raises ValueError if there are none."""
        return Span(self.tokens[min(indexes)].start, self.tokens[max(indexes)].end)


class Parser(Protocol):
    """What a driver offers. Equal texts give equal parses."""

    def parse(self, text: str) -> Parse:
        """The parse of a whole text, with sentences broken at every line end."""
        ...
