"""Two real reports of one speech: every statement found, every speaker resolved."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from allweather.evidence.documents import Document, Kind, Quotation
from allweather.evidence.speakers import MergeKind, Speakers, resolve_speakers
from allweather.formats.documents import read_document
from benchmarks.evidence.reports import Article, Attribution, Score, count, read_seeds
from tests.evidence.parser import needs_nlp, parser

_SHARED = os.environ.get("ALLWEATHER_DATA")
SEEDS = Path(_SHARED) / "seeds" if _SHARED else Path(__file__).parents[3] / "shared" / "data" / "seeds"

pytestmark = [
    needs_nlp,
    pytest.mark.skipif(not SEEDS.is_dir(), reason="the two reports of a speech are not in ALLWEATHER_DATA"),
]

#: What the gold calls a speaker, and who that is.
WHO = {"rasmussen": "Anders Fogh Rasmussen", "united_states": "United States", "nato_leaders": "NATO leaders"}


@pytest.fixture(scope="module")
def articles() -> list[Article]:
    """The reports with the statements that a person found in them."""
    return read_seeds(SEEDS)


@pytest.fixture(scope="module")
def found() -> tuple[list[Document], Speakers]:
    """The reports as read, and who said what in them."""
    from allweather.evidence.attribution import find_quotations

    gold = msgspec.json.decode((SEEDS / "two-reports-gold.json").read_bytes())
    documents = [read_document(SEEDS / one["file"], key) for key, one in gold["documents"].items()]
    assert [one.sha256 for one in documents] == [one["sha256"] for one in gold["documents"].values()]
    quotations = [q for one in documents for q in find_quotations(one, parser().parse(one.text))]
    return documents, resolve_speakers(documents, quotations)


def outer(speakers: Speakers, document_id: str) -> list[Quotation]:
    """The quotations of a document that lie in no other one."""
    return [q for q in speakers.quotations if q.document_id == document_id and q.kind is not Kind.NESTED]


def test_every_statement_is_found(articles: list[Article], found: tuple[list[Document], Speakers]) -> None:
    score = Score()
    for one in articles:
        spans = [
            Attribution(*(tuple((s.start, s.end) for s in part) for part in (q.spans, q.cue, q.source)))
            for q in outer(found[1], one.name)
        ]
        count(score, one, spans)
    assert (score.n_given, score.n_overlap) == (22, 22)
    assert score.f1(score.n_overlap) >= 95
    assert score.f1(score.n_exact) >= 90


def test_every_speaker_is_resolved(found: tuple[list[Document], Speakers]) -> None:
    gold = msgspec.json.decode((SEEDS / "two-reports-gold.json").read_bytes())
    for one in gold["statements"]:
        start = one["content"][0]["start"]
        ours = [q for q in outer(found[1], one["doc"]) if q.start <= start + 1 < q.end]
        assert [q.speaker.name for q in ours] == [WHO[one["speaker"]]], one["id"]
        if "nested" in one:
            nested = [
                q for q in found[1].quotations if q.within == ours[0].number and q.document_id == one["doc"]
            ]
            assert [q.speaker.name for q in nested] == [WHO[one["nested"]["speaker"]]]


def test_merges_are_proposed_with_reasons(found: tuple[list[Document], Speakers]) -> None:
    kinds = {one.kind for one in found[1].proposals}
    assert {MergeKind.MISSPELLING, MergeKind.OTHER_ROLE, MergeKind.ROLE, MergeKind.SURNAME} <= kinds
    assert all(one.reason for one in found[1].proposals)
    assert {one.name for one in found[1].persons} >= {"Anders Fogh Rasmussen", "Jaap de Hoop Scheffer"}
