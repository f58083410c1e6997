"""The records that a page shows: which entries, under which anchor, with what a reader may follow.

Every figure of the page leads to entries by these anchors. Where the positions are few all current
entries are listed; where they are many, only those that the review refers to. Only http and https
addresses become links; any other stays text, so that nothing in the data can act on a click.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from allweather.positions import Positions, format_date
from allweather.review.results import Review

#: No page lists more records than this.
RECORD_LIMIT = 3_000


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source as shown. `url` is "" unless it is safe to follow."""

    title: str
    url: str
    about: str


@dataclass(frozen=True, slots=True)
class Record:
    """An entry as shown, or several that differ in nothing but the member: `held` are (anchor, member)."""

    held: tuple[tuple[str, str], ...]
    question: str
    response: str
    basis: str
    date: str
    text: str
    about: str
    sources: tuple[SourceLine, ...]


def safe_url(text: str) -> str:
    """The address if it is plain http or https with a host, else ""."""
    if not text or len(text) > 2_000 or any(c.isspace() or ord(c) < 32 or c in '"<>\\`' for c in text):
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme.lower() in {"http", "https"} and parts.netloc else ""


class Records:
    """The entries that are listed, and where they stand."""

    def __init__(self, review: Review, positions: Positions) -> None:
        self._positions = positions
        referred = set(_referred(review))
        held = {cell.entry for cell in review.cells if cell.entry is not None}
        everything = referred | held
        self.complete = bool(review.cells) and len(everything) <= RECORD_LIMIT
        chosen = everything if self.complete else referred
        chosen = {k for k in chosen if 0 <= k < len(positions)}
        self.listed = tuple(sorted(chosen)[:RECORD_LIMIT])
        self._listed = frozenset(self.listed)
        self._cell = {
            (positions.members[positions.member[k]].id, positions.questions[positions.question[k]].id): k
            for k in self.listed
        }
        self._cell |= {
            (cell.member, cell.question): cell.entry for cell in review.cells if cell.entry in self._listed
        }

    def href(self, entry: int | None) -> str:
        """Where an entry stands on the page, "" if it is not listed."""
        return f"#e{entry}" if entry in self._listed else ""

    def of_cell(self, member: str, question: str) -> str:
        """Where the current entry of a cell stands on the page, "" if it is not listed."""
        return self.href(self._cell.get((member, question)))

    def label(self, entry: int) -> str:
        """Whose record it is, for a link's text."""
        if not 0 <= entry < len(self._positions):
            return f"record {entry}"
        return str(self._positions.members[self._positions.member[entry]].id)

    def by_question(self, order: Iterable[str]) -> Iterator[tuple[str, list[Record]]]:
        """The listed records question by question, in the order of `order`; own ones come first."""
        held: dict[str, dict[Record, list[tuple[str, str]]]] = {}
        for k in sorted(self.listed, key=lambda k: (int(self._positions.basis[k]), k)):
            record, member = self._record(k)
            held.setdefault(record.question, {}).setdefault(record, []).append((f"e{k}", member))
        first = [one for one in order if one in held]
        for question in dict.fromkeys([*first, *held]):
            yield question, [replace(one, held=tuple(who)) for one, who in held[question].items()]

    def sources(self, ids: Iterable[str]) -> tuple[SourceLine, ...]:
        """Sources by id, as shown; an id without a source is shown as it is."""
        return tuple(self._source(one) for one in ids)

    def _record(self, index: int) -> tuple[Record, str]:
        """What an entry says, as yet without who says it; and its member."""
        entry = self._positions.entry(index)
        note = entry.note
        strength = "" if entry.intensity is None else f"intensity {entry.intensity:.0f} of 100"
        confidence = f"confidence {note.confidence}" if note.confidence else ""
        record = Record(
            held=(),
            question=entry.question.id,
            response=entry.response.name.lower(),
            basis=entry.basis.name.lower(),
            date=note.date or format_date(entry.known_by),
            text=note.text,
            about=", ".join(one for one in (note.origin, confidence, strength) if one),
            sources=self.sources(note.sources),
        )
        return record, entry.member.id

    def _source(self, one: str) -> SourceLine:
        source = self._positions.sources.get(one)
        if source is None:
            return SourceLine(one, "", "")
        url = safe_url(source.url)
        # An address that is no link (a newspaper and its date, say) is still the way to the source.
        about = [source.kind, source.date, "" if url else source.url, source.note]
        return SourceLine(source.title or source.id, url, ", ".join(part for part in about if part))


def _referred(review: Review) -> Iterator[int]:
    for one in review.questions:
        yield from one.rests_on
        yield from (condition.entry for condition in one.conditions)
        if one.consensus:
            yield from (who.entry for who in one.consensus.objectors if who.entry is not None)
    for difference in review.differences:
        yield from (condition.entry for condition in difference.conditions)
