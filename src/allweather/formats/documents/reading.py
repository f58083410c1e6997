"""One file to one document: its bytes, what kind they are, and the reader of that kind."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import Final

from allweather.errors import UnreadableSource
from allweather.evidence.documents import Document
from allweather.evidence.zones import find_zones, headline_of
from allweather.formats.documents.pages import is_page, read_page
from allweather.formats.documents.pdf import read_pdf
from allweather.formats.documents.plain import decode
from allweather.formats.documents.tei import is_tei, read_tei
from allweather.formats.documents.verbatim import find_turns
from allweather.formats.files import check_file, read_start

MAX_DOCUMENT_BYTES: Final = 32 * 2**20
#: In characters; a page of print has about 3,000.
MAX_DOCUMENT_TEXT: Final = 5_000_000

_ARCHIVES: Final = {
    b"PK\x03\x04": "a zip archive (or a document of an office suite, which is one)",
    b"\x1f\x8b": "compressed with gzip",
    b"BZh": "compressed with bzip2",
    b"\xfd7zXZ\x00": "compressed with xz",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"\xd0\xcf\x11\xe0": "a document of an old office suite",
    b"{\\rtf": "rich text (RTF)",
}


def read_document(path: Path, id: str) -> Document:
    """Read a file as a document with this id.

    Raises UnreadableSource, in one sentence, for a file that is too large, empty, an archive, or none of
    the formats that are read.
    """
    check_file(path, MAX_DOCUMENT_BYTES)
    data = read_start(path, MAX_DOCUMENT_BYTES + 1)
    if len(data) > MAX_DOCUMENT_BYTES:
        raise UnreadableSource(f"grew over {MAX_DOCUMENT_BYTES:,} bytes while it was read", where=str(path))
    return parse_document(data, id, str(path))


def parse_document(data: bytes, id: str, where: str = "") -> Document:
    """Read the bytes of a file as a document. Raises UnreadableSource as `read_document` does."""
    if len(data) > MAX_DOCUMENT_BYTES:
        raise UnreadableSource(f"has over {MAX_DOCUMENT_BYTES:,} bytes", where=where)
    digest = hashlib.sha256(data).hexdigest()
    for sign, what in _ARCHIVES.items():
        if data.startswith(sign):
            raise UnreadableSource(
                f"{what}; save the text as PDF, HTML or plain text and read that", where=where
            )
    document = _read(data, id, digest, where)
    if not any(one.isalnum() for one in document.text):
        raise UnreadableSource("holds no text that can be read", where=where)
    if len(document.text) > MAX_DOCUMENT_TEXT:
        raise UnreadableSource(
            f"{len(document.text):,} characters of text; at most {MAX_DOCUMENT_TEXT:,} are read, so split it",
            where=where,
        )
    return _with_parts(document)


def _read(data: bytes, id: str, digest: str, where: str) -> Document:
    if b"%PDF-" in data[:1024]:
        text, runs = read_pdf(data, where, MAX_DOCUMENT_TEXT)
        return Document(id, digest, text, media_type="application/pdf", runs=runs)
    if is_tei(data):
        return dataclasses.replace(read_tei(data, id, where), sha256=digest)
    text, notes = decode(data, where)
    if is_page(text):
        page = read_page(text, id, where)
        return dataclasses.replace(page, sha256=digest, notes=(*notes, *page.notes))
    if text.lstrip().startswith("<?xml"):
        raise UnreadableSource("XML that is neither TEI nor a page; save its text as plain text", where=where)
    return Document(id, digest, text, notes=notes)


def _with_parts(document: Document) -> Document:
    """With zones, headline and turns, where the reader of the format has not told them."""
    zones = document.zones or find_zones(document.text)
    turns = document.turns or find_turns(document.text)
    title = document.title or ("" if turns else headline_of(document.text, zones))
    return dataclasses.replace(document, zones=zones, turns=turns, title=title)
