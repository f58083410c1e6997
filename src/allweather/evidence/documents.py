"""Documents, places in them, and quotations: what the other modules of this room pass to each other.

    document = Document("upi", sha256, "... the text ...", title="NATO head seeks thaw", date="2009-09-18")
    quotation = Quotation("upi", 1, Kind.DIRECT, spans=(Span(1376, 1448),), cue=(Span(1452, 1456),),
                          source=(Span(1449, 1451),), quoted=(Span(1376, 1448),), speaker_text="he")
    quotation.words(document.text)    # the very words of the document, marks and all

Every place is a `Span` of character offsets (Unicode code points) into `Document.text`. That text is
never changed: for a text file it is the file's own text, line ends and all; for a page or a PDF it is the
text that the reader took out of it, and `Document.runs` leads from there back into the file.

What it does not do: read files (`formats.documents`), find quotations (`marks`, `attribution`), or say who
a speaker is (`speakers`). Nothing here enters a record: a reader proposes, a person accepts.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from allweather.errors import InputError

#: The largest text of one document, in characters. A year of verbatim records of a parliament fits.
MAX_TEXT: Final = 20_000_000

#: What stands where no name can be given. An answer like any other, and it always has a reason.
UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The characters `start` to `end` (exclusive) of a document's text. Raises ValueError if backwards."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"a span from {self.start} to {self.end}")

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        """The characters of `text` in this span."""
        return text[self.start : self.end]

    def overlaps(self, other: Span) -> bool:
        """Whether the two share a character."""
        return self.start < other.end and other.start < self.end

    def holds(self, other: Span) -> bool:
        """Whether `other` lies wholly in this one."""
        return self.start <= other.start and other.end <= self.end


class ZoneKind(StrEnum):
    """What a part of a document is, where it is not its body."""

    HEADLINE = "headline"
    CAPTION = "caption"
    DATELINE = "dateline"
    FURNITURE = "furniture"


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of a document that is not its body."""

    kind: ZoneKind
    span: Span


@dataclass(frozen=True, slots=True)
class Turn:
    """A speaker's turn in a verbatim record: the record itself says who speaks.

    `speaker` is the name as written, `span` the words spoken; `label` is where the record names the
    speaker, and `country` and `role` are as the record states them, "" where it does not.
    """

    speaker: str
    span: Span
    label: Span
    country: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text that was taken out of a file in one piece.

    It begins at `at` in `Document.text`; in the file it begins at `source_at`, the character of the decoded
    page, or is on page `page` of a PDF, from 1. What does not apply is 0.
    """

    at: int
    source_at: int = 0
    page: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """One document: its text, and what is known about it.

    `id` is short and unique within a dossier; `sha256` is of the file's bytes, in hexadecimal. `language`
    is a code such as `en`, `date` a date in a form that `positions.parse_date` reads, `source` who
    published it; each is "" where unknown. `notes` says in sentences what the reader had to decide on the
    way. Raises InputError for a text over `MAX_TEXT` characters.
    """

    id: str
    sha256: str
    text: str
    title: str = ""
    language: str = ""
    date: str = ""
    source: str = ""
    media_type: str = "text/plain"
    zones: tuple[Zone, ...] = ()
    turns: tuple[Turn, ...] = ()
    runs: tuple[Run, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.text) > MAX_TEXT:
            raise InputError(
                f"a text of {len(self.text):,} characters; at most {MAX_TEXT:,} are read, so split it",
                where=self.id,
            )

    def zone_at(self, at: int) -> ZoneKind | None:
        """What the character at `at` belongs to; None for the body."""
        for zone in self.zones:
            if zone.span.start <= at < zone.span.end:
                return zone.kind
        return None

    def run_at(self, at: int) -> Run | None:
        """The run that the character at `at` came with; None where the text is the file's own."""
        k = bisect.bisect_right(self.runs, at, key=lambda run: run.at) - 1
        return self.runs[k] if k >= 0 else None


class Kind(StrEnum):
    """How a document gives what somebody said."""

    DIRECT = "direct"  # in quotation marks, word for word as the document claims
    INDIRECT = "indirect"  # in the document's own words
    MIXED = "mixed"  # in the document's own words, with words of the speaker in marks
    NESTED = "nested"  # within what somebody else is said to have said
    FLOATING = "floating"  # in marks, and nothing near says whose words they are


@dataclass(frozen=True, slots=True)
class Resolution:
    """Who a speaker is: `name` of a person or body, or `UNKNOWN`; `reason` says why, in one sentence."""

    name: str = UNKNOWN
    reason: str = "nobody has looked yet"
    role: str = ""

    @property
    def is_known(self) -> bool:
        """Whether somebody is named."""
        return self.name != UNKNOWN


@dataclass(frozen=True, slots=True)
class Quotation:
    """What a document says that somebody said, wanted or thought.

    `spans` are the words in order, marks and all; more than one where an attribution splits them. `cue` is
    the words that report it ("said", "according to"), `source` the words that name the speaker, both empty
    where the document has none. `quoted` are the parts of `spans` in quotation marks. `within` is the
    number of the quotation that a nested one is part of, in the same document. `number` counts from 1 in
    the order of the text.
    """

    document_id: str
    number: int
    kind: Kind
    spans: tuple[Span, ...]
    cue: tuple[Span, ...] = ()
    source: tuple[Span, ...] = ()
    quoted: tuple[Span, ...] = ()
    speaker_text: str = ""
    speaker: Resolution = field(default_factory=Resolution)
    within: int | None = None

    @property
    def id(self) -> str:
        """The document's id and the number, as `upi:3`."""
        return f"{self.document_id}:{self.number}"

    @property
    def start(self) -> int:
        """Where its words begin."""
        return self.spans[0].start

    @property
    def end(self) -> int:
        """Where its words end."""
        return self.spans[-1].end

    def words(self, text: str) -> str:
        """Its words as they stand in the text; parts that an attribution splits are joined by a space."""
        return " ".join(span.of(text) for span in self.spans)
