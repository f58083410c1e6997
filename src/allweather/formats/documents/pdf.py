"""PDF to text, page by page, in a process of its own.

A PDF is a program as much as a document: it can ask for all memory, run for ever, or hit a fault of the
library (PDFium, through pypdfium2). So it is read in a child process with bounds on time and memory, and
whatever happens to the child is one sentence here. The child touches no network and no file.

Text comes in the order in which the page draws it; runs say on which page each part is. Pictures of text
are not read.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Final

import msgspec

from allweather.errors import UnreadableSource
from allweather.evidence.documents import Run

MAX_PAGES: Final = 3_000
MAX_SECONDS: Final = 120
MAX_MEMORY: Final = 2 * 2**30

#: What the child can say, by its exit code, and what we make of it.
_SAID: Final = {
    3: "a PDF that is damaged, or none at all; open it in a viewer and save or print it to PDF again",
    4: "a PDF that asks for a password; save a copy without one",
    5: f"a PDF of more than {MAX_PAGES:,} pages; split it",
    6: "a PDF with more text than is read; split it",
}


def read_pdf(data: bytes, where: str, max_text: int) -> tuple[str, tuple[Run, ...]]:
    """The text of a PDF, and a run for each page. Raises UnreadableSource."""
    command = [
        sys.executable,
        "-m",
        "allweather.formats.documents.pdf_child",
        str(max_text),
        str(MAX_PAGES),
        str(MAX_MEMORY),
    ]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=MAX_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise UnreadableSource(
            f"a PDF that took over {MAX_SECONDS} seconds to read; split or print it again", where=where
        ) from None
    if done.returncode:
        raise UnreadableSource(_SAID.get(done.returncode, _SAID[3]), where=where)
    try:
        pages = msgspec.json.decode(done.stdout, type=list[str])
    except msgspec.MsgspecError:
        raise UnreadableSource(_SAID[3], where=where) from None
    if not any(page.strip() for page in pages):
        raise UnreadableSource(
            "a PDF without text, most likely pictures of pages; read a version with text", where=where
        )
    runs, at = [], 0
    for k, page in enumerate(pages):
        runs.append(Run(at, page=k + 1))
        at += len(page) + 2
    return "\n\n".join(pages), tuple(runs)
