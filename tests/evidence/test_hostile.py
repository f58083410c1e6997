"""Documents made to do harm end in a reading or in one sentence, and every place leads to untouched text."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st

from allweather.cli import main
from allweather.evidence.attribution import find_quotations
from allweather.evidence.documents import Document, Span
from allweather.evidence.facts import compare_facts
from allweather.evidence.reading import read_dossier
from allweather.evidence.zones import find_zones
from allweather.formats.documents.verbatim import find_turns
from tests.formats.documents.files import bomb, pdf

LAUGHS = "".join(f'<!ENTITY l{k} "{f"&l{k - 1};" * 10}">' for k in range(1, 10))
ENTITIES = f'<?xml version="1.0"?><!DOCTYPE TEI [<!ENTITY l0 "ha">{LAUGHS}]>'
MARKS = "\"'`´‘’‚‛“”„‟«»‹›＂＇「」『』〝〞"
WORDS = "We need the port as a partner in this work, the mayor said. "


def cyclic() -> bytes:
    """A PDF whose tree of pages is its own child."""
    good = pdf("We need the port as a partner.")
    return good.replace(b"/Kids [3 0 R]", b"/Kids [2 0 R]")


def many_pages(n: int) -> bytes:
    """A PDF that says it has so many pages, all of them one."""
    good = pdf("We need the port as a partner.")
    kids = b"/Kids [" + b"3 0 R " * n + b"]"
    return good.replace(b"/Kids [3 0 R]", kids).replace(b"/Count 1", b"/Count %d" % n)


HOSTILE: dict[str, bytes] = {
    "laughs.xml": (ENTITIES + '<TEI><text><u who="#x"><seg>&l9;</seg></u></text></TEI>').encode(),
    "laughs.html": (ENTITIES.replace("TEI [", "html [") + f"<html><p>&l9; {WORDS}</p></html>").encode(),
    "laughs.svg": (ENTITIES.replace("TEI [", "svg [") + "<svg><text>&l9;</text></svg>").encode(),
    "outside.xml": b'<?xml version="1.0"?><!DOCTYPE TEI [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    b'<TEI><text><u who="#x"><seg>&e;</seg></u></text></TEI>',
    "outside.html": b'<!DOCTYPE html [<!ENTITY e SYSTEM "file:///etc/passwd">]><html><p>&e; We agree.</p>',
    "utf-16.txt": WORDS.encode("utf-16-le"),
    "nuls.txt": b"\0" * 100_000,
    "broken.txt": b'"We \xff\xc3\x28 need the port \xe2\x82," she said. \x81\x8d',
    "marks.txt": "\u0301\u0308\u20dd\u0e31".encode() * 50_000,
    "turned.txt": ("\u202e\u2067" * 20_000 + f'"{WORDS}" she said.').encode(),
    "none.pdf": b"%PDF-1.7 " + b"\x00\xff" * 5_000,
    "bomb.pdf": bomb(100_000_000),
    "cyclic.pdf": cyclic(),
    "pages.pdf": many_pages(100_000),
    "lines.txt": b"\n\r\n\r" * 100_000 + WORDS.encode(),
    "one-word.txt": b"a" * 1_000_000,
    **{
        f"{unicodedata.name(mark).lower().replace(' ', '-')}.txt": (mark * 100_000 + WORDS).encode()
        for mark in MARKS
    },
    "all-marks.txt": (MARKS * 5_000 + WORDS).encode(),
    "open-marks.txt": (f"“{WORDS}" * 2_000).encode(),
    "nested-marks.txt": ("“‘" * 2_000 + WORDS + "’”" * 2_000).encode(),
}


@pytest.fixture(autouse=True)
def _no_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Grammar is not what is tried here, and takes its time."""
    monkeypatch.setattr("allweather.formats.parsing.load_parser", lambda: None)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_end_in_a_reading_or_one_sentence(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(HOSTILE[name])
    done = CliRunner().invoke(main, ["read", str(path), "--html", str(tmp_path / "page.html")])
    assert done.exit_code in (0, 2), done.output
    if done.exit_code == 2:
        (said,) = done.stderr.strip().splitlines()
        assert said.startswith("allweather: ")
        assert name in said
        assert done.stdout == ""
    else:
        assert "root:" not in done.stdout
        assert (tmp_path / "page.html").stat().st_size < 20_000_000


@pytest.mark.parametrize(
    "name", ["laughs.xml", "outside.xml", "utf-16.txt", "nuls.txt", "marks.txt", "none.pdf", "bomb.pdf"]
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(HOSTILE[name])
    assert CliRunner().invoke(main, ["read", str(path)]).exit_code == 2


# Places

#: Pieces that quotations are made of, with everything that shifts or hides characters between them.
PIECES = st.sampled_from(
    [
        '"', "“", "”", "‘", "’", "«", "»", "'", "\r\n", "\n\n", "\r", "\ufeff", "\u202e", "\u202c", "\u200f",
        "\u200b", "\u0301", "\u00ad", "\U0001f600", "e\u0301", "ß", "İ", "ﬁ", "\u2028", "\x0b", "\x85",
        " said ", ", ", ". ", "Ida Holm", "Mayor Ida Hollmberg", "Mr. Lind (Norway): ", "The President: ",
        "We need the port as a partner in this work", "she said", "according to the mayor",
        "TOVE, Sept. 18 - ", "in a speech at the Customs Hall in Tove", "a speech on September 18, 2009",
        "世界和平", "мы согласны", "نحن نتفق",
    ]
)  # fmt: skip
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=40).map("".join)


def spans_of(document: Document) -> list[Span]:
    """Every span that is told of a document."""
    found = [zone.span for zone in document.zones]
    found += [span for turn in document.turns for span in (turn.span, turn.label)]
    return found


@given(TEXTS, TEXTS)
@example("", '"Mayor Ida HollmbergTOVE, Sept. 18 - ')  # a mark that is never closed, and a dash at the end
@settings(max_examples=150, deadline=None)
def test_every_place_leads_to_the_untouched_text(first: str, second: str) -> None:
    documents = [
        Document(id, "", text, zones=tuple(find_zones(text)), turns=find_turns(text))
        for id, text in (("a", first), ("b", second))
    ]
    texts = {one.id: one.text for one in documents}
    reading = read_dossier(documents, {})
    for document in documents:
        assert texts[document.id] in (first, second)
        for span in spans_of(document):
            assert span.end <= len(document.text)
    for one in reading.quotations:
        text = texts[one.document_id]
        parts = (*one.spans, *one.cue, *one.source, *one.quoted)
        assert all(span.end <= len(text) for span in parts)
        assert all(len(span) for span in parts)
        assert one.words(text) == " ".join(text[span.start : span.end] for span in one.spans)
        # The speaker is named by what stands there, and by nothing else.
        if one.source and one.speaker_text:
            there = " ".join(span.of(text) for span in one.source)
            assert one.speaker_text in there or " ".join(one.speaker_text.split()) in " ".join(there.split())
        assert all(any(own.holds(part) for own in one.spans) for part in one.quoted)
    for comparison in compare_facts(documents):
        for claim in (comparison.first, comparison.second):
            assert claim.span.of(texts[claim.document_id]) == claim.text
    for relation in reading.corroboration.relations:
        if relation.finding is None:
            continue
        sides = {one.id: texts[one.document_id] for one in reading.quotations}
        for difference in relation.finding.differences:
            assert difference.quoted.end <= len(sides[relation.first])
            assert difference.source.end <= len(sides[relation.second])


@given(st.text(alphabet=MARKS + "ab \n.,", max_size=120))
@settings(max_examples=200, deadline=None)
def test_marks_in_any_order_give_true_places(text: str) -> None:
    for one in find_quotations(Document("d", "", text), None):
        ordered = [span.start for span in one.spans]
        assert ordered == sorted(ordered)
        assert all(0 <= span.start < span.end <= len(text) for span in one.spans)
