"""Readers of documents: what somebody published, as text with places that lead back into the file.

    document = read_document(Path("upi.html"), "upi")
    document.text            # what the other rooms read; `document.runs` leads back into the page
    document.notes           # what had to be decided on the way, in sentences

Recognised by content, never by a file's name: PDF, ParlaMint TEI, HTML, and plain text in several
encodings; a text that names its speakers as the verbatim records of the United Nations do gets them as
turns. Each file is read whole, up to `MAX_DOCUMENT_BYTES`, and the text taken from it up to
`MAX_DOCUMENT_TEXT`.

What it does not do: download anything, open archives, or read pictures of text.
"""

from allweather.formats.documents.reading import (
    MAX_DOCUMENT_BYTES,
    MAX_DOCUMENT_TEXT,
    parse_document,
    read_document,
)

__all__ = ["MAX_DOCUMENT_BYTES", "MAX_DOCUMENT_TEXT", "parse_document", "read_document"]
