"""Relations between reports: the two of 18 September 2009 against the gold, and small ones of our own."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allweather.errors import InputError
from allweather.evidence import corroboration
from allweather.evidence.corroboration import Corroboration, RelationKind, corroborate
from allweather.evidence.documents import Document, Kind, Quotation, Resolution, Span, Zone, ZoneKind
from allweather.evidence.facts import compare_facts
from allweather.evidence.senses import content_of, hedges_of
from allweather.evidence.words import words_of

Gold = dict[str, Any]


def document(id: str, text: str, *captions: Span) -> Document:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Document(id, digest, text, zones=tuple(Zone(ZoneKind.CAPTION, span) for span in captions))


def quoted(
    of: Document, number: int, words: str, kind: Kind = Kind.DIRECT, speaker: str = "Ann"
) -> Quotation:
    start = of.text.index(words)
    span = Span(start, start + len(words))
    within = (span,) if kind is Kind.DIRECT else ()
    return Quotation(of.id, number, kind, (span,), quoted=within, speaker=Resolution(speaker, "as given"))


def kinds(found: Corroboration) -> list[tuple[str, str, str]]:
    return [(str(one.kind), one.first, one.second) for one in found.relations]


# The two reports


@pytest.fixture(scope="module")
def gold(shared_data: Path) -> Gold:
    file = shared_data / "seeds" / "two-reports-gold.json"
    if not file.is_file():
        pytest.skip("the two reports with their gold are absent: set ALLWEATHER_DATA to a folder with seeds/")
    found: Gold = json.loads(file.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def reports(gold: Gold, shared_data: Path) -> list[Document]:
    found = []
    for id, about in gold["documents"].items():
        text = (shared_data / "seeds" / about["file"]).read_bytes().decode()
        captions = [
            Span(zone["start"], zone["end"])
            for zone in gold["zones"]
            if zone["doc"] == id and zone["kind"] == "photo_caption"
        ]
        found.append(document(id, text, *captions))
    return found


def spans(parts: list[dict[str, int]]) -> tuple[Span, ...]:
    return tuple(Span(part["start"], part["end"]) for part in parts)


@pytest.fixture(scope="module")
def found(gold: Gold, reports: list[Document]) -> Corroboration:
    return corroborate(reports, list(numbered(gold).values()))


def numbered(gold: Gold) -> dict[str, Quotation]:
    """The statements as quotations, by the gold's ids."""
    quotations: dict[str, Quotation] = {}
    for statement in gold["statements"]:
        number = 1 + sum(one.document_id == statement["doc"] for one in quotations.values())
        marks = statement["content"] if statement["type"] == "direct" else statement.get("quoted_parts", [])
        quotations[statement["id"]] = Quotation(
            statement["doc"],
            number,
            Kind(statement["type"]),
            spans(statement["content"]),
            quoted=spans(marks),
            speaker=Resolution(statement["speaker"], "gold"),
        )
    return quotations


def test_all_relations_of_the_two_reports_and_no_other(gold: Gold, found: Corroboration) -> None:
    names = {"within_document_repeat": "repeat", "paraphrase_of_quote": "stronger"}
    expected = {
        (names.get(one["relation"], one["relation"]), frozenset((one["a"], one["b"])))
        for one in gold["corroboration"]
        if one["relation"] != "related_not_corroborating"
    }
    gold_id = {quotation.id: id for id, quotation in numbered(gold).items()}
    assert {
        (str(one.kind), frozenset((gold_id[one.first], gold_id[one.second]))) for one in found.relations
    } == expected


def test_the_hedges_that_the_paraphrase_drops_are_named(found: Corroboration) -> None:
    (relation,) = [one for one in found.relations if one.kind is RelationKind.STRONGER]
    assert "'explore', 'potential'" in relation.notes[0]


def test_the_two_reports_contradict_each_other_on_the_venue(gold: Gold, found: Corroboration) -> None:
    (venue,) = found.conflicts
    (check,) = [one for one in gold["field_checks"] if one["relation"] == "conflict"]
    assert venue.field == "venue"
    assert (venue.first.span, venue.second.span) == spans([check["a"], check["b"]])
    fields = {(one.field, one.agrees) for one in found.comparisons}
    assert fields == {("venue", False), ("date", True), ("name", False)}


def test_two_reports_are_two_transcriptions(found: Corroboration) -> None:
    assert sorted(one.n_transcriptions for one in found.groups if len(one.quotations) > 1) == [1, 2, 2, 2]
    assert found.copies == ()


# Small reports of our own

ONE = 'The minister spoke in Oslo. "We will not send 40 ships to the strait this year," said Ann.'


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("We will not send 40 ships to the strait this year", "exact"),
        ("We will not send forty ships to the strait this year", "punctuation"),
        ("We will not send 40 vessels to the strait this year", "variant"),
        ("We will not send 40 ships to the strait", "partial"),
        ("We will send 40 ships to the strait this year", "altered"),
        ("We will not send 50 ships to the strait this year", "altered"),
        ("We will not send … to the strait this year", "elided"),
        ("Our harvest was the best that anybody remembers", ""),
    ],
)
def test_the_words_of_a_speaker_in_two_reports(words: str, kind: str) -> None:
    first, second = document("one", ONE), document("two", f'Ann told reporters: "{words}."')
    found = corroborate(
        [first, second],
        [quoted(first, 1, "We will not send 40 ships to the strait this year"), quoted(second, 1, words)],
    )
    assert [str(one.kind) for one in found.relations] == ([kind] if kind else [])


def test_quotations_of_different_speakers_are_not_related() -> None:
    first, second = document("one", ONE), document("two", ONE.replace("Ann", "Bo"))
    words = "We will not send 40 ships to the strait this year"
    assert (
        corroborate(
            [first, second], [quoted(first, 1, words), quoted(second, 1, words, speaker="Bo")]
        ).relations
        == ()
    )


def test_a_paraphrase_that_denies_is_pointed_out() -> None:
    first = document("one", ONE)
    second = document("two", "Ann said the country would send 40 ships to the strait this year.")
    found = corroborate(
        [first, second],
        [
            quoted(first, 1, "We will not send 40 ships to the strait this year"),
            quoted(second, 1, "the country would send 40 ships to the strait this year", Kind.INDIRECT),
        ],
    )
    assert [str(one.kind) for one in found.relations] == ["paraphrase"]
    assert "the opposite" in found.relations[0].notes[0]


def test_a_caption_that_repeats_the_lead_adds_nothing() -> None:
    lead = "the council called for a new beginning in its relations with the east"
    text = f"{lead}.\n{lead}. [Photo]"
    report = document("one", text, Span(len(lead) + 2, len(text)))
    second = Span(len(lead) + 2, 2 * len(lead) + 2)
    again = Quotation("one", 2, Kind.INDIRECT, (second,), speaker=Resolution("Ann", "as given"))
    found = corroborate([report], [quoted(report, 1, lead, Kind.INDIRECT), again])
    assert kinds(found) == [("repeat", "one:1", "one:2")]
    assert [(one.quotations, one.n_transcriptions) for one in found.groups] == [(("one:1", "one:2"), 1)]


def test_a_copy_by_another_agency_is_no_second_transcription() -> None:
    prose = (
        "The foreign ministers met on Friday behind closed doors and talked for three hours about the "
        "missile shield, the treaty and the war, and none of them would say afterwards what had been agreed. "
    )
    words = "We shall meet again before the winter comes"
    first = document("one", f'{prose}"{words}," said Ann.')
    second = document("two", f'(Agency) {prose}"{words}," Ann said.')
    other = document("three", f'After it Ann was brief. "{words}," she said, and left by car.')
    both = corroborate([first, second], [quoted(first, 1, words), quoted(second, 1, words)])
    assert [(one.first, one.second) for one in both.copies] == [("one", "two")]
    assert both.groups[0].n_transcriptions == 1
    all_three = corroborate([first, second, other], [quoted(one, 1, words) for one in (first, second, other)])
    assert all_three.groups[0].n_transcriptions == 2


@pytest.mark.parametrize(
    ("first", "second", "agrees"),
    [
        ("a speech on 3 May 2009.", "a speech on May 3.", True),
        ("a speech on 3 May 2009.", "a speech on May 4, 2009.", False),
        ("a speech on 3 May 2009.", "a speech on May 3, 2010.", False),
        ("OSLO, May 3 (AP) -- He spoke.", "a speech on 4 May.", False),
        ("a speech since 3 May.", "a speech on 4 May.", None),
    ],
)
def test_dates(first: str, second: str, agrees: bool | None) -> None:
    found = [
        one.agrees
        for one in compare_facts([document("a", first), document("b", second)])
        if one.field == "date"
    ]
    assert found == ([] if agrees is None else [agrees])


def test_hedges_and_stems() -> None:
    hedges = hedges_of(words_of("We may explore one day the potential"))
    assert hedges == {"doubting": ("may",), "exploring": ("explore", "potential"), "some time": ("one day",)}
    assert content_of(words_of("the reinforcement of defence")) == content_of(
        words_of("reinforcing our defense")
    )


def test_what_does_not_belong_together_is_refused() -> None:
    report = document("one", ONE)
    with pytest.raises(InputError, match="two documents"):
        corroborate([report, report], [])
    with pytest.raises(InputError, match="not given"):
        corroborate([], [quoted(report, 1, "We will")])
    with pytest.raises(InputError, match="no place"):
        corroborate([document("one", "short")], [quoted(report, 1, "We will")])
    with pytest.raises(InputError, match="at most 200"):
        corroborate([document(str(k), "We will") for k in range(201)], [])


def test_of_too_many_quotations_the_first_of_each_document_are_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(corroboration, "MAX_QUOTATIONS", 4)
    text = "We need the port as a partner in this work."
    reports = [document("a", text), document("b", text)]
    many = [quoted(one, k, text) for one in reports for k in (1, 2, 3)]
    found = corroborate(reports, many)
    assert found.n_not_compared == 2
    assert {id for group in found.groups for id in group.quotations} == {"a:1", "a:2", "b:1", "b:2"}


def test_a_caution_elsewhere_in_a_speech_is_not_that_of_what_is_told() -> None:
    speech = "We propose one joint review of the floods in spring. If others agree, we could perhaps meet."
    here, there = document("a", speech), document("b", "She proposed a joint review of the floods in spring.")
    found = corroborate(
        [here, there],
        [
            quoted(here, 1, speech),
            quoted(there, 1, "proposed a joint review of the floods in spring", Kind.INDIRECT),
        ],
    )
    assert [str(one.kind) for one in found.relations] == ["paraphrase"]


@given(st.text(max_size=300), st.text(max_size=300), st.integers(0, 300), st.integers(0, 300))
@settings(max_examples=200, deadline=None)
def test_any_two_documents(one: str, other: str, start: int, length: int) -> None:
    documents = [document("a", one), document("b", other)]
    quotations = [
        Quotation(each.id, 1, kind, (Span(min(start, len(each.text)), min(start + length, len(each.text))),))
        for each, kind in zip(documents, (Kind.DIRECT, Kind.INDIRECT), strict=True)
    ]
    found = corroborate(documents, quotations)
    assert sorted(id for group in found.groups for id in group.quotations) == ["a:1", "b:1"]


@pytest.mark.parametrize(
    "text",
    [
        "A" * 100_000,
        "Ab " * 40_000,
        "speech at " * 20_000,
        "speech at The " + "Of Of " * 30_000,
        "May 3 " * 30_000,
    ],
)
def test_endless_reports_end(text: str) -> None:
    compare_facts([document("a", text), document("b", text + " speech at Oslo Hall")])
