"""A review as a Word document (Office Open XML), to be worked on; the same review gives the same bytes.

It needs the extra `report`. Headings are headings and tables are tables, so that a reader who hears the
document finds its way; there are no pictures, which the page and its drawings have.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Sequence
from typing import Any

from allweather.errors import InputError
from allweather.report.outline import Block

MISSING = "a Word document needs python-docx, which is not there; pip install 'allweather[report]' adds it"
_EPOCH = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - the library writes it as UTC and refuses a zone
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def format_word(title: str, blocks: Sequence[Block]) -> bytes:
    """The outline as a document. Raises InputError where python-docx is not installed."""
    try:
        import docx
    except ImportError:
        raise InputError(MISSING) from None
    made = docx.Document()
    about = made.core_properties
    about.title, about.author, about.comments = _plain(title)[:255], "", ""
    about.created = about.modified = _EPOCH
    about.revision = 1
    for one in blocks:
        if one.sort == "heading":
            made.add_heading(_plain(one.text), level=min(one.level, 9))
        elif one.sort == "words":
            made.add_paragraph(_plain(one.text))
        else:
            _add_table(made, one.rows)
    out = io.BytesIO()
    made.save(out)
    return _repacked(out.getvalue())


def _add_table(made: Any, rows: Sequence[Sequence[str]]) -> None:
    table = made.add_table(rows=0, cols=len(rows[0]))
    table.style = "Table Grid"
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = _plain(text)


def _repacked(data: bytes) -> bytes:
    """The same archive, without the times at which its parts were put in."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            member = zipfile.ZipInfo(name, _ZIP_EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3
            after.writestr(member, before.read(name), compresslevel=6)
    return out.getvalue()


def _plain(text: str) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
