"""The page of a dossier that was read: the sources side by side, who said what, how they agree.

    page = render_reading(reading, {"upi": "reports/upi.txt"}, notes=("...",))

One HTML file without scripts that asks for nothing from outside. Every statement in a text has its number,
which leads to what is known of it, and back. What two sources have in the same words is underlined in both;
where their words differ, both are bold. In a comparison, words that only one has stand in signs as well as
in colour: [-so-], {+so+}.

What it does not do: judge. It shows what `evidence` proposes, with its reasons.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from allweather import __version__
from allweather.evidence.alignment import Change, Difference
from allweather.evidence.corroboration import Relation, RelationKind
from allweather.evidence.documents import UNKNOWN, Document, Kind, Quotation, Span
from allweather.evidence.lines import paragraphs
from allweather.evidence.reading import Reading
from allweather.report.drawing import clean
from allweather.report.page import environment
from allweather.report.words import count

#: A longer text is shown only where it has statements, one paragraph around each.
WHOLE_TEXT: Final = 60_000
_MOST_STATEMENTS: Final = 3_000

KINDS: Final = {
    Kind.DIRECT: "in quotation marks",
    Kind.INDIRECT: "in the document’s words",  # noqa: RUF001
    Kind.MIXED: "partly in quotation marks",
    Kind.NESTED: "within another statement",
    Kind.FLOATING: "in quotation marks, nobody is named beside it",
}
SPOKEN: Final = "in the speaker’s own turn of the record"  # noqa: RUF001
RELATIONS: Final = {
    RelationKind.EXACT: "the same words",
    RelationKind.PUNCTUATION: "the same words, other marks",
    RelationKind.ELIDED: "the same words, some left out with a mark",
    RelationKind.VARIANT: "other words in places",
    RelationKind.PARTIAL: "one has less, or more beside the same words",
    RelationKind.ALTERED: "a negation or a number differs",
    RelationKind.PARAPHRASE: "the same in a reporter’s words",  # noqa: RUF001
    RelationKind.STRONGER: "stronger in the reporter’s words than in the quotation",  # noqa: RUF001
    RelationKind.REPEAT: "the same passage again, which adds nothing",
}
#: Relations that a reader should look at first.
ALARMS: Final = frozenset((RelationKind.ALTERED, RelationKind.STRONGER))
_SAME: Final = frozenset((Change.EQUAL, Change.MARK))
_OTHER: Final = frozenset((Change.REPLACE, Change.INSERT, Change.DELETE))


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a paragraph set in one way: its text, its classes, the statement that begins here (0
    for none).
    """

    text: str
    classes: str
    begins: tuple[Quotation, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: pieces with a sign, `same`, `other` or `rest`."""

    quotation: Quotation
    pieces: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two statements and how they stand to each other."""

    relation: Relation
    first: Side
    second: Side

    @property
    def told(self) -> str:
        """The relation in words."""
        return RELATIONS[self.relation.kind]

    @property
    def is_alarm(self) -> bool:
        """Whether a reader should look at it first."""
        return self.relation.kind in ALARMS


def anchor(quotation: Quotation | str) -> str:
    """The anchor of a statement, from its id."""
    id = quotation if isinstance(quotation, str) else quotation.id
    return "s-" + "".join(one if one.isalnum() and one.isascii() else f"_{ord(one):x}" for one in id)


def render_reading(reading: Reading, files: Mapping[str, str], notes: Sequence[str] = ()) -> str:
    """The page as HTML. `files` says where each document was read from."""
    by_id = {one.id: one for one in reading.quotations}
    shown = [one for one in reading.corroboration.relations if one.kind is not RelationKind.REPEAT]
    compared = [_compared(reading, one, by_id) for one in shown]
    compared.sort(key=lambda one: not one.is_alarm)
    related: dict[str, list[tuple[str, Quotation]]] = {}
    for one in reading.corroboration.relations:
        related.setdefault(one.first, []).append((RELATIONS[one.kind], by_id[one.second]))
        related.setdefault(one.second, []).append((RELATIONS[one.kind], by_id[one.first]))
    html = (
        environment()
        .get_template("reader.html.j2")
        .render(
            reading=reading,
            title=_title(reading),
            headline=headline(reading),
            columns=[(document, list(_paragraphs(reading, document))) for document in reading.documents],
            speakers=_by_speaker(reading),
            compared=compared,
            related=related,
            files=files,
            notes=notes,
            manner=manner,
            titles={one.id: one.title for one in reading.concerns},
            texts={document.id: document.text for document in reading.documents},
            anchor=anchor,
            place=place,
            unknown=UNKNOWN,
            version=__version__,
        )
    )
    return clean(html)


def headline(reading: Reading) -> str:
    """What was found, in two sentences."""
    named = {one.speaker.name for one in reading.quotations if one.speaker.is_known}
    n_open = sum(not one.speaker.is_known for one in reading.quotations)
    said = (
        f"{count(len(reading.quotations), 'statement')} by {count(len(named), 'speaker')} "
        f"in {count(len(reading.documents), 'document')}"
    )
    said += f"; of {n_open:,} nobody can be named." if n_open else "."
    left_out = reading.corroboration.n_not_compared
    if left_out:
        n_compared = len(reading.quotations) - left_out
        said += f" Only {n_compared:,} of them were compared, the first ones of each document."
    several = [group for group in reading.corroboration.groups if group.n_transcriptions > 1]
    conflicts = reading.corroboration.conflicts
    if len(reading.documents) > 1:
        said += f" {count(len(several), 'statement')} in more than one transcription"
        said += (
            f", {count(len(conflicts), 'contradiction')} of fact."
            if conflicts
            else ", no contradiction of fact found."
        )
    return said


def manner(document: Document, one: Quotation) -> str:
    """How a document gives a statement, in words."""
    if any(one.source == (turn.label,) for turn in document.turns):
        return SPOKEN
    return KINDS[one.kind]


def place(document: Document, span: Span) -> str:
    """Where in its file a span is, in words."""
    run = document.run_at(span.start)
    if run is not None and run.page:
        return f"page {run.page}"
    if run is not None:
        return f"character {run.source_at + span.start - run.at:,} of the file"
    line = document.text.count("\n", 0, span.start) + 1
    return f"line {line:,}, character {span.start:,}"


def _title(reading: Reading) -> str:
    return next((one.title for one in reading.documents if one.title), "") or "Who said what"


def _by_speaker(reading: Reading) -> list[tuple[str, list[Quotation]]]:
    """The statements by speaker: who says most first, the unknown last."""
    found: dict[str, list[Quotation]] = {}
    for one in reading.quotations[:_MOST_STATEMENTS]:
        found.setdefault(one.speaker.name, []).append(one)
    return sorted(found.items(), key=lambda pair: (pair[0] == UNKNOWN, -len(pair[1]), pair[0]))


# The texts


def _paragraphs(reading: Reading, document: Document) -> Iterator[tuple[str, list[Stretch]]]:
    """The paragraphs of a document, each with its zone and cut into stretches; ("gap", []) where some
    are left out.
    """
    quotations = [one for one in reading.quotations if one.document_id == document.id]
    marks = list(_marks(reading, document, quotations))
    lines = paragraphs(document.text)
    wanted = set(range(len(lines)))
    if len(document.text) > WHOLE_TEXT:
        starts = sorted(span.start for one in quotations for span in one.spans)
        wanted = set()
        k = 0
        for at in starts:
            while k + 1 < len(lines) and lines[k + 1].start <= at:
                k += 1
            wanted |= {k - 1, k, k + 1}
    first_mark, before = 0, -1
    marks.sort(key=lambda mark: mark[0].start)
    longest = max((len(span) for span, _, _ in marks), default=0)
    for k, line in enumerate(lines):
        if k not in wanted:
            continue
        if before >= 0 and k != before + 1:
            yield "gap", []
        before = k
        while first_mark < len(marks) and marks[first_mark][0].start < line.start - longest:
            first_mark += 1
        here = []
        for mark in marks[first_mark:]:
            if mark[0].start >= line.end:
                break
            if mark[0].overlaps(line):
                here.append(mark)
        zone = document.zone_at(line.start)
        yield (zone.value if zone else "body"), _stretches(document.text, line, here)


_Mark = tuple[Span, str, Quotation | None]


def _marks(reading: Reading, document: Document, quotations: Sequence[Quotation]) -> Iterator[_Mark]:
    """What is to be shown in a text: spans with a class each, and the statement that begins with the span."""
    for one in quotations:
        for k, span in enumerate(one.spans):
            yield span, "said", one if k == 0 else None
        for span in one.source:
            yield span, "who", None
        for span in one.cue:
            yield span, "cue", None
    own = {one.id: one for one in quotations}
    for relation in reading.corroboration.relations:
        if relation.finding is None or relation.kind is RelationKind.REPEAT:
            continue
        for difference in relation.finding.differences:
            sort = "same" if difference.change in _SAME else "other" if difference.change in _OTHER else ""
            sides = ((relation.first, difference.quoted), (relation.second, difference.source))
            for id, span in sides:
                if sort and id in own:
                    for part in _within(span, own[id]):
                        yield part, sort, None


def _within(span: Span, quotation: Quotation) -> list[Span]:
    """What of a span is in the words of a statement, and not in the attribution that splits them."""
    cuts = [
        Span(max(span.start, one.start), min(span.end, one.end))
        for one in quotation.spans
        if one.overlaps(span)
    ]
    return [one for one in cuts if len(one)]


def _stretches(text: str, line: Span, marks: Sequence[_Mark]) -> list[Stretch]:
    """A paragraph cut wherever the way in which it is set changes."""
    edges = {line.start, line.end}
    for span, _, _ in marks:
        edges |= {min(max(span.start, line.start), line.end), min(max(span.end, line.start), line.end)}
    order = sorted(edges)
    found = []
    for start, end in pairwise(order):
        classes = {sort for span, sort, _ in marks if span.start <= start and end <= span.end}
        begins = tuple(one for span, _, one in marks if one is not None and span.start == start)
        found.append(Stretch(text[start:end], " ".join(sorted(classes)), begins))
    return found


# Comparisons


def _compared(reading: Reading, relation: Relation, by_id: Mapping[str, Quotation]) -> Compared:
    first, second = by_id[relation.first], by_id[relation.second]
    differences = relation.finding.differences if relation.finding else ()
    return Compared(
        relation,
        Side(
            first, _pieces(reading.text(first.document_id), first, [(one, one.quoted) for one in differences])
        ),
        Side(
            second,
            _pieces(reading.text(second.document_id), second, [(one, one.source) for one in differences]),
        ),
    )


def _pieces(
    text: str, quotation: Quotation, told: Sequence[tuple[Difference, Span]]
) -> tuple[tuple[str, str], ...]:
    """The words of a statement with a sign for each piece: `same`, `other`, or `rest` where nothing
    was compared.
    """
    signs = [
        (part, "same" if difference.change in _SAME else "other")
        for difference, span in told
        for part in _within(span, quotation)
    ]
    signs.sort(key=lambda pair: pair[0].start)
    found: list[tuple[str, str]] = []
    for own in quotation.spans:
        at = own.start
        for span, sign in signs:
            if at <= span.start and span.end <= own.end:
                found.append((text[at : span.start], "rest"))
                found.append((span.of(text), sign))
                at = span.end
        found.append((text[at : own.end] + " ", "rest"))
    return tuple(pair for pair in found if pair[0])
