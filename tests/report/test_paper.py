"""A review on paper: PDF and Word from the same outline, the same bytes each time, hostile words as words."""

from __future__ import annotations

import io
import sys
import zipfile

import pytest

from allweather.errors import InputError
from allweather.report.context import Context
from allweather.report.document import format_word
from allweather.report.outline import Block, outline
from allweather.report.paper import format_pdf
from tests.report.builders import bare_review, consultation, council_positions, council_review

HOSTILE = '#eval("1") $x$ \\ <b> & ]]> \x00\x1b @all *bold* `code` \u202e rtl'
BLOCKS = (
    Block("heading", HOSTILE, level=1),
    Block("words", HOSTILE),
    Block("table", rows=(("Who", HOSTILE), (HOSTILE, "0.5"))),
)


def test_the_outline_says_every_verdict_with_its_figures() -> None:
    review = council_review()
    blocks = outline(review, council_positions(), Context(title="Council", as_of="2009-09-18"))
    text = "\n".join(one.text for one in blocks)
    assert blocks[0] == Block("heading", "Council", level=1)
    assert "2009-09-18" in text
    for one in review.questions:
        assert one.reason in text
    tables = [one for one in blocks if one.sort == "table"]
    assert any("(" in cell for one in tables for row in one.rows for cell in row)
    assert all(len(row) == len(one.rows[0]) for one in tables for row in one.rows)


def test_a_consultation_and_a_bare_review_have_one_too() -> None:
    positions, review = consultation()
    assert len(outline(review, positions, Context())) > 50
    assert outline(bare_review(), council_positions(), Context())[0].level == 1


def test_pdf_is_the_same_each_time_and_holds_the_words() -> None:
    pytest.importorskip("typst", reason="the extra `report` is not installed")
    pdfium = pytest.importorskip("pypdfium2")
    blocks = outline(council_review(), council_positions(), Context(title="Council"))
    made = format_pdf("Council", blocks)
    assert made.startswith(b"%PDF-")
    assert format_pdf("Council", blocks) == made
    document = pdfium.PdfDocument(made)
    text = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    assert "Council" in text
    assert "Converges" in text or "Differs" in text


def test_word_is_the_same_each_time_and_holds_the_words() -> None:
    docx = pytest.importorskip("docx", reason="the extra `report` is not installed")
    blocks = outline(council_review(), council_positions(), Context(title="Council"))
    made = format_word("Council", blocks)
    assert format_word("Council", blocks) == made
    read = docx.Document(io.BytesIO(made))
    assert [one.text for one in read.paragraphs if one.style.name == "Heading 1"] == ["Council"]
    said = [one.text for one in read.paragraphs]
    assert [one.text for one in blocks if one.sort != "table"] == said
    assert len(read.tables) == sum(one.sort == "table" for one in blocks)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_hostile_words_are_words() -> None:
    pytest.importorskip("typst", reason="the extra `report` is not installed")
    pdfium = pytest.importorskip("pypdfium2")
    docx = pytest.importorskip("docx")
    document = pdfium.PdfDocument(format_pdf(HOSTILE, BLOCKS))
    text = document[0].get_textpage().get_text_range()
    document.close()
    assert '#eval("1") $x$' in text
    assert "*bold*" in text
    read = docx.Document(io.BytesIO(format_word(HOSTILE, BLOCKS)))
    assert '#eval("1") $x$ \\ <b> & ]]> \ufffd\ufffd' in read.paragraphs[0].text


@pytest.mark.parametrize(("name", "make"), [("typst", format_pdf), ("docx", format_word)])
def test_without_the_extra_one_sentence_says_how_to_add_it(
    name: str, make: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    assert callable(make)
    with pytest.raises(InputError, match=r"pip install 'allweather\[report\]'"):
        make("Council", BLOCKS)
