"""The parser of English: places in the untouched text, sentences that end with their lines."""

from __future__ import annotations

import sys

import pytest

from allweather.formats import parsing
from tests.evidence.parser import needs_nlp, parser


@needs_nlp
def test_every_token_stands_where_it_says() -> None:
    text = "Mayor seeks thaw\n\nOSLO, May 3 (AB) --  She said:\r\n“It’s time.”\n\n"
    parse = parser().parse(text)
    assert all(text[token.start : token.end] == token.text for token in parse.tokens)
    assert "".join(token.text for token in parse.tokens) == "".join(text.split())


@needs_nlp
def test_sentences_end_with_their_lines() -> None:
    text = "Mayor seeks thaw\nShe said so\nand left"
    parse = parser().parse(text)
    for sentence in parse.sentences:
        assert "\n" not in text[parse.tokens[sentence.start].start : parse.tokens[sentence.stop - 1].end]


@needs_nlp
@pytest.mark.parametrize("text", ["", " \n ", "\u2028", "a" * 30_000, "- " * 2_000])
def test_odd_texts_are_parsed(text: str) -> None:
    parse = parser().parse(text)
    assert sum(map(len, parse.sentences)) == len(parse.tokens)


def test_without_the_extra_there_is_no_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spacy", None)
    assert parsing.load_parser() is None
    assert "allweather[nlp]" in parsing.MISSING
