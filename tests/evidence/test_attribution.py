"""Who said what: by marks alone, by a parse written by hand, and with the real parser."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allweather.evidence.attribution import find_quotations
from allweather.evidence.attribution_clauses import find_claims
from allweather.evidence.documents import Document, Kind, Span, Turn
from allweather.evidence.parses import Parse, Token
from tests.evidence.parser import needs_nlp, parse_of, read, told


def by_marks(text: str) -> list[tuple[str, str, str, str]]:
    """What is found without a parser."""
    return [
        (str(one.kind), one.words(text), " ".join(span.of(text) for span in one.cue), one.speaker_text)
        for one in find_quotations(Document("d", "", text))
    ]


# By marks alone


@pytest.mark.parametrize(
    ("text", "cue", "speaker"),
    [
        ('"It will take hard work," said Ann Berg in Oslo.', "said", "Ann Berg"),
        ('"It will take hard work," Ann Berg said.', "said", "Ann Berg"),
        ('"It will take hard work," he later added.', "added", "he"),
        ('The new chair said: "It will take hard work."', "said", "The new chair"),
        ('Ann Berg: "It will take hard work."', ":", "Ann Berg"),
        ('Ann Berg went on to say:\n\n"It will take hard work."', "say", "Ann Berg went on to"),
    ],
)
def test_the_cue_beside_a_passage(text: str, cue: str, speaker: str) -> None:
    assert by_marks(text) == [
        (
            "direct",
            '"It will take hard work,"' if "work," in text else '"It will take hard work."',
            cue,
            speaker,
        )
    ]


def test_a_quotation_split_by_its_attribution_is_one() -> None:
    (one,) = find_quotations(
        Document("d", "", '"It takes work," he said. "But we can make a new beginning."')
    )
    assert len(one.spans) == 2
    assert one.kind is Kind.DIRECT


def test_a_passage_that_nobody_owns_is_floating_if_it_is_a_sentence() -> None:
    assert by_marks('"Our nations will become more vulnerable to attacks."')[0][0] == "floating"
    assert by_marks('They spoke of a "fair-weather" forum.') == []


@given(st.text(alphabet="abc A.,:\n\"'“”‘’said ", max_size=200))
@settings(max_examples=200)
def test_no_text_is_refused(text: str) -> None:
    for k, one in enumerate(find_quotations(Document("d", "", text))):
        assert one.number == k + 1
        assert one.spans
        assert all(0 <= span.start < span.end <= len(text) for span in (*one.spans, *one.cue, *one.source))


@pytest.mark.parametrize("unit", ['"a b c d e f" ', '"', 'said "a b c d e." '])
def test_endless_quotations_end(unit: str) -> None:
    text = unit * (50_000 // len(unit))
    assert len(find_quotations(Document("d", "", text))) <= len(text)


# A parse written by hand


def test_a_claim_from_a_parse() -> None:
    text = "Ann said that we should act, which surprised Bo."
    parse = parse_of(
        text,
        """
        Ann ann NNP 1 nsubj
        said say VBD 1 ROOT
        that that IN 5 mark
        we we PRP 5 nsubj
        should should MD 5 aux
        act act VB 1 ccomp
        , , , 5 punct
        which which WDT 8 nsubj
        surprised surprise VBD 5 relcl
        Bo bo NNP 8 dobj
        . . . 1 punct
        """,
    )
    (claim,) = find_claims(parse)
    assert (claim.source, claim.cue, claim.content) == ((0,), (1,), (3, 4, 5))
    (one,) = find_quotations(Document("d", "", text), parse)
    assert (one.kind, one.words(text), one.speaker_text) == (Kind.INDIRECT, "we should act", "Ann")


@pytest.mark.parametrize(
    ("tokens", "sentences"),
    [
        ((Token("a", 0, 1, "a", "NN", 0, "ROOT"), Token("b", 0, 1, "b", "NN", 0, "dep")), (range(2),)),
        ((Token("a", 0, 1, "a", "NN", 1, "dep"),), (range(1),)),
        ((Token("a", 0, 1, "a", "NN", 0, "ROOT"),), ()),
        ((Token("a", 0, 1, "a", "NN", 0, "ROOT"),), (range(1, 2),)),
    ],
)
def test_a_parse_that_is_not_whole_is_the_drivers_fault(
    tokens: tuple[Token, ...], sentences: tuple[range, ...]
) -> None:
    with pytest.raises(ValueError):
        Parse(tokens, sentences)


# With the real parser


@needs_nlp
def test_indirect_speech_and_coordinated_participles() -> None:
    text = (
        "The chair on Monday called for a fresh start, proposing a shared fund, reviving the harbour board "
        "and holding a joint survey of the coast."
    )
    found = told(text)
    assert ("indirect", "a fresh start", "called for", "The chair") in found
    assert (
        "indirect",
        "a shared fund, reviving the harbour board and holding a joint survey of the coast",
        "proposing",
        "The chair",
    ) in found


@needs_nlp
def test_nested_and_mixed_speech() -> None:
    text = (
        'Port leaders want the town to be a "real partner" in trade matters, Mayor Ida Holm said on Friday.'
    )
    outer, inner = read(text)
    assert outer.words(text) == 'Port leaders want the town to be a "real partner" in trade matters'
    assert (outer.kind, outer.speaker_text) == (Kind.MIXED, "Mayor Ida Holm")
    assert (inner.kind, inner.speaker_text, inner.within) == (Kind.NESTED, "Port leaders", outer.number)


@needs_nlp
def test_according_to_and_nouns_and_participles() -> None:
    assert told("According to the board, the harbour will close in May.")[0][1:] == (
        "the harbour will close in May",
        "According to",
        "the board",
    )
    text = "Holm spoke after an announcement by the council that the town is leaving the fund."
    assert told(text) == [("indirect", "the town is leaving the fund", "announcement", "the council")]
    text = "Holm said her town had been patient, adding that the talks would go on."
    assert ("indirect", "the talks would go on", "adding", "Holm") in told(text)


@needs_nlp
def test_words_before_a_lower_case_passage_belong_to_it() -> None:
    text = (
        'While a "break" may have been good for both, "the world does not wait for us," Holm said on Friday.'
    )
    (one,) = [found for found in read(text) if found.kind is not Kind.NESTED]
    assert one.kind is Kind.MIXED
    assert one.words(text).startswith("While a")


@needs_nlp
def test_a_headline_does_not_run_into_the_text_below() -> None:
    text = "Mayor seeks thaw\n\nOSLO, May 3 (AB) -- Holm said the talks would go on."
    assert ("indirect", "the talks would go on", "said", "Holm") in told(text)


@needs_nlp
def test_the_dateline_is_nobodys_words() -> None:
    text = "OSLO, May 3 (AB) -- The talks will go on this year, Holm said."
    assert told(text)[0][1] == "The talks will go on this year"


@needs_nlp
@given(st.text(alphabet='abc A.,:\n"“”said that', max_size=80))
@settings(max_examples=25, deadline=None)
def test_no_text_is_refused_with_a_parse(text: str) -> None:
    for one in read(text):
        assert one.spans


# Verbatim records


def test_a_turn_is_one_quotation() -> None:
    text = "Mr. Lind (Norway): We agree.\nThe President: I thank him."
    turns = (
        Turn("Mr. Lind", Span(19, 28), Span(0, 17), country="Norway"),
        Turn("President", Span(44, 56), Span(29, 42), role="President"),
    )
    found = find_quotations(Document("d", "", text, turns=turns))
    assert [(one.words(text), one.speaker_text) for one in found] == [
        ("We agree.", "Mr. Lind"),
        ("I thank him.", "President"),
    ]
