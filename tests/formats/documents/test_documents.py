"""Documents are read as what they are, with places that lead back; hostile ones end in one sentence."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allweather.errors import UnreadableSource
from allweather.evidence.documents import Document, ZoneKind
from allweather.formats.documents import MAX_DOCUMENT_BYTES, MAX_DOCUMENT_TEXT, read_document
from allweather.formats.documents.markup import MAX_BROKEN, MAX_DEPTH, read_markup
from allweather.formats.documents.pages import is_page, read_page
from allweather.formats.documents.plain import decode
from allweather.formats.documents.tei import is_tei, read_tei
from allweather.formats.documents.verbatim import find_turns
from tests.formats.documents.files import PAGE, TEI, VERBATIM, bomb, pdf


def read(folder: Path, data: bytes | str) -> Document:
    """Read some bytes as a document."""
    path = folder / "document"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_document(path, "d")


def refused(folder: Path, data: bytes | str) -> str:
    """The sentence with which some bytes are refused."""
    with pytest.raises(UnreadableSource) as error:
        read(folder, data)
    said = str(error.value)
    assert "\n" not in said
    return said


# Plain text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_texts(tmp_path: Path, encoding: str) -> None:
    text = "Møde i Oslo\r\n\r\n“Vi må handle,” sagde hun.\r"
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    data = mark + text.encode(encoding)
    document = read(tmp_path, data)
    assert document.text == text  # line ends and all
    assert document.sha256 == hashlib.sha256(data).hexdigest()
    assert document.notes == ()


def test_an_old_encoding_is_read_with_a_note(tmp_path: Path) -> None:
    document = read(tmp_path, "“Vi må handle,” sagde hun.".encode("cp1252"))
    assert document.text == "“Vi må handle,” sagde hun."
    assert "Windows-1252" in document.notes[0]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"   \n ", "no text"),
        (b"ab\0cd", "NUL"),
        (b"\xff\xfea", "encoding"),
        (b"bad \x81\x8d \xff", "encoding"),
        (b"\x01\x02\x03 text", "control"),
        (b"PK\x03\x04 and so on", "zip archive"),
        (gzip.compress(b"text", mtime=0), "gzip"),
        (b"\xd0\xcf\x11\xe0 old", "office"),
        (b"{\\rtf1 text}", "RTF"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    assert said in refused(tmp_path, data)


def test_files_that_are_not_there_or_too_large_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="no such file"):
        read_document(tmp_path / "nothing", "d")
    with pytest.raises(UnreadableSource, match="folder"):
        read_document(tmp_path, "d")
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(100 * 2**20)
    with pytest.raises(UnreadableSource, match=f"{MAX_DOCUMENT_BYTES:,}"):
        read_document(large, "d")


def test_too_much_text_is_refused(tmp_path: Path) -> None:
    assert "split it" in refused(tmp_path, "word " * (MAX_DOCUMENT_TEXT // 5 + 1))


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    try:
        text, _ = decode(data, "d")
    except UnreadableSource:
        return
    assert "\0" not in text


# Pages


def test_a_page_without_its_furniture(tmp_path: Path) -> None:
    document = read(tmp_path, PAGE)
    assert (document.title, document.source, document.date) == ("Mayor seeks thaw", "The Gull", "2009-09-18")
    assert (document.language, document.media_type) == ("en", "text/html")
    assert (
        "OSLO — The town and the port must set aside old quarrels, Mayor Ida Holm’s office said."
        in document.text
    )
    assert '"We need the port as a partner in this work," she said on Friday.' in document.text
    for furniture in ("Home", "Share", "Copyright", "Ten other things", "not text"):
        assert furniture not in document.text
    assert {zone.kind for zone in document.zones} == {ZoneKind.HEADLINE, ZoneKind.CAPTION}
    assert "furniture" in document.notes[0]


def test_every_letter_leads_back_to_the_page(tmp_path: Path) -> None:
    document = read(tmp_path, PAGE)
    for k, letter in enumerate(document.text):
        run = document.run_at(k)
        if letter.isalpha() and run is not None:
            assert PAGE[run.source_at + k - run.at] in (letter, "&"), document.text[k - 10 : k + 10]


@pytest.mark.parametrize(
    "page",
    [
        "<p>One <b>two</p> three <p>four",
        "<div><p>One two three<div>four five</div>six",
        "<p title='a > b'>One two</p>",
        "<p>1 < 2 & 3 > 2 &nosuch; &#0; &#1114112; one</p>",
        "<p>One<!-- two </p> -->three<?php x ?></p></p></div>",
        "<p>One<script>two</p>",
    ],
)
def test_sloppy_pages_are_read(page: str) -> None:
    assert "One".lower() in read_page(page, "d", "d").text.lower() or "one" in read_page(page, "d", "d").text


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("<div>" * (MAX_DEPTH + 2) + "text", "nested"),
        ("<p <b>y" * (MAX_BROKEN + 4), "broken tags"),
        ("<html><script>no text</script></html>", "without text"),
    ],
)
def test_hostile_pages_are_refused(page: str, said: str) -> None:
    with pytest.raises(UnreadableSource, match=said):
        read_page(page, "d", "d")


@pytest.mark.parametrize(
    "unit", ["<", "<!--", "<a ", "<a '", '<a "', "</p>", "&", "<p>a", "<script>", "<p a='>", "\t\n"]
)
def test_endless_pages_end(unit: str) -> None:
    try:
        read_markup(unit * (300_000 // len(unit)), "d")
    except UnreadableSource:
        return


@given(st.text(alphabet="<>/!-pdivscrt ab&;\"'=\n", max_size=200))
@settings(max_examples=300)
def test_any_page_is_read_or_refused(page: str) -> None:
    try:
        document = read_page(page, "d", "d")
    except UnreadableSource:
        return
    assert all(0 <= run.source_at < len(page) for run in document.runs)


def test_a_text_that_speaks_of_tags_is_no_page() -> None:
    assert is_page("  <!DOCTYPE html><p>x")
    assert not is_page("He said <b>no</b> to it.")
    assert not is_page("< 5 and > 3")


# PDF


def test_a_pdf_with_its_pages(tmp_path: Path) -> None:
    document = read(tmp_path, pdf("We need the port as a partner.", "The second page."))
    assert document.media_type == "application/pdf"
    at = document.text.index("second")
    run = document.run_at(at)
    assert run is not None
    assert run.page == 2
    assert "We need the port as a partner." in document.text


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7\nthis is none", b"%PDF-", pdf("text")[:200], pdf("text").replace(b"Pages", b"Pugas")]
)
def test_a_pdf_that_is_none_is_refused(tmp_path: Path, data: bytes) -> None:
    assert "PDF" in refused(tmp_path, data)


def test_a_pdf_without_text_is_refused(tmp_path: Path) -> None:
    assert "without text" in refused(tmp_path, pdf(""))


def test_a_pdf_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    assert "PDF" in refused(tmp_path, bomb(100_000_000))


# Verbatim records


def test_a_verbatim_record_has_turns(tmp_path: Path) -> None:
    document = read(tmp_path, VERBATIM)
    assert [(one.speaker, one.country, one.role) for one in document.turns] == [
        ("President", "", "President"),
        ("Mr. Lind", "Norway", ""),
        ("Mrs. Diallo", "Guinea", ""),
    ]
    assert document.turns[2].span.of(document.text) == "My delegation agrees."
    assert document.turns[2].label.of(document.text).startswith("Mrs. Diallo (Guinea)")


def test_a_report_has_no_turns() -> None:
    assert find_turns("Mr. Lind: We agree.\nMrs. Diallo: So do we.\n") == ()
    assert find_turns("He met Mr. Lind (Norway): it went well.") == ()


@given(st.text(alphabet="Mr. Lind(Norway):\n", max_size=150))
def test_any_text_has_turns_within_it(text: str) -> None:
    for one in find_turns(text):
        assert one.label.end <= one.span.start < one.span.end <= len(text)


# ParlaMint


def test_a_debate_has_its_speakers(tmp_path: Path) -> None:
    document = read(tmp_path, TEI)
    assert (document.title, document.date, document.language) == ("Møde 5", "2009-10-06", "da")
    first, second = document.turns
    assert (first.speaker, first.role) == ("Pia Andersen", "chair")
    assert first.span.of(document.text) == "Mødet er åbnet & sat.\nVær så god."
    assert (second.speaker, second.span.of(document.text)) == ("OlsenBo", "Tak for ordet.")
    run = document.run_at(document.text.index("Tak"))
    assert run is not None
    assert TEI[run.source_at :].startswith("Tak")


ENTITIES = """<?xml version="1.0"?>
<!DOCTYPE TEI [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<TEI xmlns="http://www.tei-c.org/ns/1.0"><text><u who="#x"><seg>&b;</seg></u></text></TEI>"""
OTHER_ENCODINGS = ("ATF-8", "big5", "idna", "rot13", "cp037", "windows-1251", "UTF-16")
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE TEI SYSTEM "file:///etc/passwd">
<TEI xmlns="http://www.tei-c.org/ns/1.0"><text><u who="#x"><seg>a</seg></u></text></TEI>"""


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (ENTITIES, "DOCTYPE"),
        (OUTSIDE, "DOCTYPE"),
        *((TEI.replace("UTF-8", name, 1), f"in the encoding '{name}'") for name in OTHER_ENCODINGS),
        (TEI[:-30], "not well formed"),
        ("<TEI>" + "<a>" * 200 + "</a>" * 200 + "</TEI>", "nested"),
        ("<TEI><text>no utterance</text></TEI>", "without an utterance"),
        ('<?xml version="1.0"?><feed><entry>text</entry></feed>', "neither TEI"),
    ],
)
def test_hostile_xml_is_refused(tmp_path: Path, data: str, said: str) -> None:
    assert said in refused(tmp_path, data)


def test_every_cut_of_a_debate_is_refused_or_read() -> None:
    data = TEI.encode()
    for k in range(0, len(data), 7):
        if not is_tei(data[:k]):
            continue
        with pytest.raises(UnreadableSource):
            read_tei(data[:k], "d", "d")


def test_every_changed_byte_of_the_first_line_is_read_or_refused() -> None:
    data = TEI.encode()
    for k in range(data.index(b"\n")):
        for byte in b'ABEUIZaxz0189-_"?<> \n\0\xff':
            with contextlib.suppress(UnreadableSource):
                read_tei(data[:k] + bytes([byte]) + data[k + 1 :], "d", "d")


# One sentence for all


@given(
    st.sampled_from([PAGE.encode(), TEI.encode(), VERBATIM.encode()]),
    st.integers(0, 3_000),
    st.integers(0, 255),
)
@settings(max_examples=150)
def test_a_changed_byte_is_read_or_refused(good: bytes, at: int, byte: int) -> None:
    at %= len(good)
    data = good[:at] + bytes([byte]) + good[at + 1 :]
    with contextlib.suppress(UnreadableSource):
        if is_tei(data):
            read_tei(data, "d", "d")
        else:
            text, _ = decode(data, "d")
            if is_page(text):
                read_page(text, "d", "d")
