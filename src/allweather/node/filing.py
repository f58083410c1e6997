"""Documents on the record, read here: their text, whether words stand in it, and what a reader would propose.

    shelf.document(desk, act)                  # the text of a filed document
    why_not_verbatim(shelf, desk, fold, body)  # nobody signs words that the document does not hold
    propose(desk, shelf, documents, concerns)  # who said what, in the documents of one event

Proposals are made by the program `allweather read` in a process of its own, with bounds of time and of text,
so that nothing in a document can hold up the node. Nothing is signed here.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from allweather.council.acts import Act
from allweather.council.fold import Fold
from allweather.council.forms import Body
from allweather.council.quotations import Document as Filed
from allweather.council.quotations import Quote, Spans
from allweather.errors import AllweatherError, Refused
from allweather.evidence.documents import Document
from allweather.formats.documents import parse_document
from allweather.node.contents import Unread, check_not_redacted, content_of
from allweather.node.home import Desk
from allweather.record.keys import format_base64

MAX_TEXT: Final = 600_000
"""Characters of all documents of one event that are read for proposals; more is for `allweather read`."""
MAX_TOGETHER: Final = 40
MAX_SECONDS: Final = 180.0
_MAX_KEPT = 20_000_000
_MAX_ANSWER = 64 * 2**20
_PROGRAM = (sys.executable, "-P", "-c", "from allweather.cli import main; main()", "read", "--json")


class Shelf:
    """The texts of documents that were read, by the reference of the act; the oldest go first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Document] = OrderedDict()
        self._lock = threading.Lock()

    def document(self, desk: Desk, act: Act) -> Document:
        """The text of a filed document. Raises AllweatherError if it is not held, or cannot be read.

        What is redacted later is not read from here either.
        """
        try:
            check_not_redacted(desk, act)
        except Unread:
            with self._lock:
                self._kept.pop(act.ref, None)
            raise
        with self._lock:
            found = self._kept.get(act.ref)
            if found is not None:
                self._kept.move_to_end(act.ref)
                return found
        found = parse_document(content_of(desk, act), act.name, act.name)
        with self._lock:
            self._kept[act.ref] = found
            while len(self._kept) > 1 and sum(len(one.text) for one in self._kept.values()) > _MAX_KEPT:
                self._kept.popitem(last=False)
        return found


def words_at(text: str, spans: Spans) -> str:
    """What stands at some places of a text, parts apart by a space. Raises Refused if it ends before them."""
    if spans[-1][1] > len(text):
        raise Refused(
            f"the document has {len(text):,} characters, and the words would end at {spans[-1][1]:,}"
        )
    return " ".join(text[start:end] for start, end in spans)


def read_ahead(shelf: Shelf, desk: Desk, fold: Fold, body: Body) -> None:
    """Read the document that a quotation is of, before anything waits for it. What fails is told later."""
    document = fold.acts.get(body.document) if isinstance(body, Quote) else None
    if document is not None and isinstance(document.body, Filed) and document.payload is not None:
        with contextlib.suppress(AllweatherError):
            shelf.document(desk, document)


def why_not_verbatim(shelf: Shelf, desk: Desk, fold: Fold, body: Body) -> str | None:
    """Why a quotation is not what its document holds at that place; None if it is, or is no quotation.

    A quotation in a document that cannot be read here is not signed either: nobody vouches for what it has
    not seen.
    """
    if not isinstance(body, Quote):
        return None
    document = fold.acts.get(body.document)
    if document is None or not isinstance(document.body, Filed) or document.payload is None:
        return None  # the rules of the council have said so already
    try:
        stands = words_at(shelf.document(desk, document).text, body.spans)
    except AllweatherError as error:
        return str(error)
    if stands != body.words:
        return f"at this place the document holds other words: {stands!r:.300}"
    return None


def why_other_bytes(body: Body, content: bytes | None) -> str | None:
    """Why the bytes that are to be filed are not those whose digest the act states; None if they are."""
    if not isinstance(body, Filed) or content is None:
        return None
    digest = format_base64(hashlib.sha256(content).digest())
    return None if body.digest == digest else f"the SHA-256 of these bytes is {digest}: state that one"


def is_verbatim(document: Document, body: Quote) -> bool:
    """Whether the words stand in the document as it is held here."""
    end = body.spans[-1][1]
    return end <= len(document.text) and words_at(document.text, body.spans) == body.words


@dataclass(frozen=True, slots=True)
class Proposals:
    """What a reader proposes for the documents of one event: as `allweather read --json` prints it.

    `statements`, `relations` and `facts` are by the name of the act that filed the document.
    """

    found: Mapping[str, Any]

    def statements(self, document: str) -> list[Mapping[str, Any]]:
        """The quotations proposed in one document, in the order of its text."""
        return [one for one in self.found["statements"] if one["document"] == document]


def propose(
    desk: Desk,
    shelf: Shelf,
    documents: Sequence[Act],
    concerns: Mapping[str, str],
    is_ended: Callable[[], bool] = lambda: False,
) -> Proposals:
    """Read the documents of one event together. `concerns`: titles by reference.

    Raises AllweatherError in one sentence: too much text, a document that cannot be read, no time left.
    """
    if len(documents) > MAX_TOGETHER:
        raise Refused(f"{len(documents)} documents of one event; at most {MAX_TOGETHER} are read together")
    sizes = [len(shelf.document(desk, act).text) for act in documents]
    if sum(sizes) > MAX_TEXT:
        raise Refused(
            f"the documents of this event have {sum(sizes):,} characters; over {MAX_TEXT:,} are read with "
            "`allweather read`"
        )
    names = {act.name: f"d{place}" for place, act in enumerate(documents)}
    with tempfile.TemporaryDirectory(prefix="allweather-reading-") as folder:
        files = []
        for act in documents:
            files.append(Path(folder) / names[act.name])
            files[-1].write_bytes(content_of(desk, act))
        more: list[str] = []
        if concerns:
            listed = Path(folder) / "concerns.json"
            listed.write_text(json.dumps([{"id": ref, "title": title} for ref, title in concerns.items()]))
            more = ["--concerns", str(listed)]
        data = _run([*_PROGRAM, *more, "--", *map(str, files)], Path(folder), is_ended)
    return Proposals(_renamed(json.loads(data), {short: name for name, short in names.items()}))


def _run(command: Sequence[str], folder: Path, is_ended: Callable[[], bool]) -> bytes:
    """What a program prints. It is ended when its time is up or the node ends. Raises Refused."""
    until = time.monotonic() + MAX_SECONDS
    with (folder / "out").open("w+b") as out, (folder / "err").open("w+b") as err:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=folder)
        try:
            while child.returncode is None:
                if is_ended() or time.monotonic() > until:
                    raise Refused(
                        f"reading these documents takes over {MAX_SECONDS:.0f} seconds; it was ended"
                    )
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(0.05)
        finally:
            if child.returncode is None:
                child.kill()
                child.wait()
        out.seek(0)
        err.seek(0)
        if child.returncode != 0:
            said = err.read(4_000).decode("utf-8", "replace").strip().splitlines()
            raise Refused(said[-1] if said else "the documents could not be read")
        return out.read(_MAX_ANSWER)


def _renamed(found: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The answer with documents by the names of their acts, and statements as `norway:12#3`."""

    def of(id: str) -> str:
        document, _, number = id.partition(":")
        return f"{names[document]}#{number}"

    return {
        "notes": found["notes"],
        "statements": [
            {
                **one,
                "id": of(one["id"]),
                "document": names[one["id"].partition(":")[0]],
                "number": int(one["id"].partition(":")[2]),
                "within": one["within"] and of(one["within"]),
            }
            for one in found["statements"]
        ],
        "relations": [
            {**one, "first": of(one["first"]), "second": of(one["second"])} for one in found["relations"]
        ],
        "facts": [
            {
                **one,
                "claims": [{**claim, "document": names[claim["document"]]} for claim in one["claims"]],
            }
            for one in found["facts"]
        ],
        "copies": [{name: names[id] for name, id in one.items()} for one in found["copies"]],
    }
