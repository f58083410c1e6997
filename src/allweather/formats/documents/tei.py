"""ParlaMint TEI: debates of parliaments as utterances, each with its speaker.

    <u who="#AndersenPia" ana="#regular"><seg>Tak for ordet.</seg> <note>...</note></u>

Each segment is a paragraph of the text, each utterance a turn; notes of the transcribers (applause, gaps)
are no words of the speaker and stay out. Names come from `listPerson` where the file has it, otherwise the
speaker's key stands. Namespaces do not matter. A file with a document type declaration is refused: no
corpus needs one, and entities can be made to grow without end. So is one that says it is in another encoding
than UTF-8: its places are counted in that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final
from xml.parsers import expat

from allweather.errors import UnreadableSource
from allweather.evidence.documents import Document, Run, Span, Turn

MAX_DEPTH: Final = 100

_XML: Final = re.compile(rb"\s*<(?:\?xml\s|(?:\w{1,20}:)?(?:TEI|teiCorpus)[\s>])")
_ROOT: Final = re.compile(rb"<(?:\w{1,20}:)?(?:TEI|teiCorpus)[\s>]")
_ENCODINGS: Final = frozenset(("utf-8", "us-ascii"))
_SILENT: Final = frozenset(("note", "kinesic", "vocal", "incident", "gap", "desc", "head"))


def is_tei(data: bytes) -> bool:
    """Whether bytes begin as a TEI file does."""
    start = data[:8192].removeprefix(b"\xef\xbb\xbf")
    return _XML.match(start) is not None and _ROOT.search(start) is not None


def read_tei(data: bytes, id: str, where: str) -> Document:
    """Read a file of ParlaMint. Raises UnreadableSource if it is no XML in UTF-8, or holds no utterance."""
    reader = _Reader(data, where)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = False
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.say
    parser.XmlDeclHandler = reader.declare
    parser.StartDoctypeDeclHandler = reader.refuse
    reader.parser = parser
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise UnreadableSource(
            f"XML that breaks off or is not well formed (line {error.lineno:,}); export it again", where=where
        ) from None
    if not reader.turns:
        raise UnreadableSource(
            "TEI without an utterance (<u>); read the files of the debates themselves", where=where
        )
    names = reader.names
    turns = tuple(
        Turn(names.get(one.speaker, one.speaker), one.span, one.label, role=one.role) for one in reader.turns
    )
    return Document(
        id,
        "",
        "".join(reader.pieces),
        title=" ".join(reader.title.split()),
        language=reader.language,
        date=reader.date,
        media_type="application/tei+xml",
        turns=turns,
        runs=tuple(reader.runs),
    )


@dataclass(slots=True)
class _Reader:
    """What has been read so far. The handlers of expat call its methods."""

    data: bytes
    where: str
    parser: Any = None
    pieces: list[str] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    title: str = ""
    date: str = ""
    language: str = ""
    _path: list[str] = field(default_factory=list)
    _n: int = 0
    _who: str = ""
    _role: str = ""
    _turn_at: int = 0
    _label: Span = field(default_factory=lambda: Span(0, 0))
    _person: str = ""
    _silent: int = 0
    _read_to: tuple[int, int] = (0, 0)  # bytes and characters of the file

    def declare(self, version: str, encoding: str | None, standalone: int) -> None:
        """The first line of the file."""
        if encoding is not None and encoding.lower() not in _ENCODINGS:
            raise UnreadableSource(
                f"XML in the encoding {encoding[:40]!r}; save it as UTF-8 and read it again", where=self.where
            )

    def refuse(self, *_: object) -> None:
        """A document type declaration."""
        raise UnreadableSource(
            "XML with a document type declaration, which can hide entities that grow without end; "
            "remove the DOCTYPE and read it again",
            where=self.where,
        )

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        tag = name.rpartition(" ")[2]
        self._path.append(tag)
        if len(self._path) > MAX_DEPTH:
            raise UnreadableSource(f"XML nested over {MAX_DEPTH} deep", where=self.where)
        plain = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        if tag in {"TEI", "text"} and not self.language:
            self.language = plain.get("lang", "")
        elif tag == "date" and "when" in plain and ("setting" in self._path or not self.date):
            self.date = plain["when"][:10]
        elif tag == "person":
            self._person = plain.get("id", "")
        elif tag == "u":
            self._who, self._role = (
                plain.get("who", "").lstrip("#") or "unknown",
                plain.get("ana", "").lstrip("#"),
            )
            self._add(f"{self._who}:\n", mapped=False)
            self._label = Span(self._n - len(self._who) - 2, self._n - 2)
            self._turn_at = self._n
        self._silent += tag in _SILENT

    def end(self, name: str) -> None:
        """An element ends."""
        tag = self._path.pop()
        self._silent -= tag in _SILENT
        if tag == "seg" and self._n > self._turn_at:
            self._add("\n", mapped=False)
        elif tag == "u":
            text = self._since(self._turn_at)
            words = text.strip()
            if words:
                start = self._turn_at + len(text) - len(text.lstrip())
                role = "" if self._role == "regular" else self._role
                self.turns.append(Turn(self._who, Span(start, start + len(words)), self._label, role=role))
            self._add("\n", mapped=False)
        elif tag == "person":
            self._person = ""

    def say(self, words: str) -> None:
        """Characters between tags."""
        if self._silent and "u" in self._path:
            return
        if self._person and self._path[-1] in {"surname", "forename", "persName"}:
            self.names[self._person] = f"{self.names.get(self._person, '')} {words.strip()}".strip()
        elif self._path[-1] == "title" and "titleStmt" in self._path and not self._is_full(self.title):
            self.title += words
        elif "u" in self._path and (words.strip() or self._path[-1] != "u"):
            self._add(" ".join(words.split("\n")), mapped=True)

    @staticmethod
    def _is_full(title: str) -> bool:
        return len(title) > 200

    def _add(self, words: str, *, mapped: bool) -> None:
        if mapped:
            self.runs.append(Run(self._n, source_at=self._place()))
        self.pieces.append(words)
        self._n += len(words)

    def _since(self, at: int) -> str:
        """The text from a place on, from as few pieces as hold it."""
        taken, n = [], self._n
        for piece in reversed(self.pieces):
            if n <= at:
                break
            taken.append(piece)
            n -= len(piece)
        return "".join(reversed(taken))[at - n :]

    def _place(self) -> int:
        """The character of the file that the parser is at."""
        n_bytes, n_chars = self._read_to
        at = self.parser.CurrentByteIndex
        if at > n_bytes:
            n_chars += len(self.data[n_bytes:at].decode("utf-8", "ignore"))
            self._read_to = (at, n_chars)
        return self._read_to[1]
