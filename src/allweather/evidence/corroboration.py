"""How the quotations of several sources on one event agree, differ, or say more than was said.

    found = corroborate([xinhua, upi], quotations)
    found.relations      # xinhua:3 and upi:4: variant; xinhua:9 is stronger than its quote xinhua:10
    found.groups         # which quotations are of the same words, and in how many transcriptions
    found.comparisons    # the two reports contradict each other on the venue

Relations between two quotations, most of them the verdicts of `alignment`:

- words of the speaker in two sources: `exact`, `punctuation`, `elided`, `variant`, `partial` (one source
  gives less, or other words beside the same ones), `altered` (a negation or a number differs: an alarm);
- `paraphrase`: one is in a reporter's words, and most of its content words are in the other;
- `stronger`: such a paraphrase without the caution of the quote. It is flagged, because it is read as fact;
- `repeat`: the same passage again in the same document, a caption that repeats the lead. It adds nothing.

Two reports of one speech are two transcriptions of it, not two witnesses. A report whose own prose is that of
another is a copy: both together are one transcription. Nothing here says that a statement is true.

What it does not do: compare quotations whose known speakers differ, find a paraphrase that shares few words,
or compare quotations over `alignment.MAX_QUOTATION` words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations
from typing import Final

from allweather.errors import InputError
from allweather.evidence.alignment import MAX_QUOTATION, STRETCH, Finding, Verdict, align
from allweather.evidence.documents import Document, Kind, Quotation, Span, ZoneKind
from allweather.evidence.facts import Comparison, compare_facts
from allweather.evidence.passages import Passage
from allweather.evidence.senses import content_of, hedges_of
from allweather.evidence.words import Kind as WordKind
from allweather.evidence.words import Word, words_of

MAX_QUOTATIONS: Final = 2_000
MAX_DOCUMENTS: Final = 200

#: A paraphrase shares at least so many content words, and at least this part of the shorter one's.
_SHARED: Final = 4
_SHARED_PART: Final = 0.6
#: In one document a paraphrase stands by its quote: at most so many quotations away.
_NEIGHBOURS: Final = 2
#: A passage repeats another if this part of its shingles (words in a row) stands there too.
_SHINGLE: Final = 4
_REPEATED: Final = 0.8
#: A document copies another if this part of its own prose stands there, of so many shingles or more.
_COPIED: Final = 0.5
_LEAST_PROSE: Final = 20
_SENTENCE_END: Final = re.compile(r"[.!?\u3002\uff01\uff1f\n]")


class RelationKind(StrEnum):
    """How two quotations stand to each other; the module's docstring explains each."""

    EXACT = "exact"
    PUNCTUATION = "punctuation"
    ELIDED = "elided"
    VARIANT = "variant"
    PARTIAL = "partial"
    ALTERED = "altered"
    PARAPHRASE = "paraphrase"
    STRONGER = "stronger"
    REPEAT = "repeat"


@dataclass(frozen=True, slots=True)
class Relation:
    """Two quotations, by their ids, and how they stand to each other.

    Of a repeat, `first` is what is repeated; of a paraphrase, it is the paraphrase. Otherwise `finding` says
    how the first stands in the second, with places in the texts of their documents. `notes` are sentences.
    """

    kind: RelationKind
    first: str
    second: str
    finding: Finding | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Quotations of the same words, by their ids, and in how many transcriptions they have come to us."""

    quotations: tuple[str, ...]
    n_transcriptions: int


@dataclass(frozen=True, slots=True)
class Copied:
    """Two documents whose own prose is the same: one transcription. `part` of the shorter one's shingles."""

    first: str
    second: str
    part: float


@dataclass(frozen=True, slots=True)
class Corroboration:
    """All that was found about the quotations of some documents.

    `n_not_compared` quotations were too many: of each document those behind the first ones.
    """

    relations: tuple[Relation, ...]
    groups: tuple[Group, ...]
    copies: tuple[Copied, ...]
    comparisons: tuple[Comparison, ...]
    n_not_compared: int = 0

    @property
    def conflicts(self) -> tuple[Comparison, ...]:
        """The facts on which two documents contradict each other."""
        return tuple(one for one in self.comparisons if not one.agrees and one.field != "name")


@dataclass(frozen=True, slots=True)
class _Said:
    """A quotation with what its comparison needs."""

    quotation: Quotation
    passage: Passage
    in_caption: bool
    content: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_verbatim(self) -> bool:
        return self.quotation.kind is not Kind.INDIRECT


def corroborate(documents: Sequence[Document], quotations: Sequence[Quotation]) -> Corroboration:
    """Relate the quotations of documents on one event to each other, up to `MAX_QUOTATIONS` of them.

    Raises InputError for too many documents, two of one id, or a quotation of another document.
    """
    texts = {document.id: document for document in documents}
    if len(documents) > MAX_DOCUMENTS:
        raise InputError(
            f"{len(documents):,} documents; at most {MAX_DOCUMENTS:,} are compared, so choose those on one "
            "event"
        )
    if len(texts) < len(documents):
        raise InputError("two documents have the same id")
    first = {one.id for one in sorted(quotations, key=lambda one: one.number)[:MAX_QUOTATIONS]}
    said = [_said(texts, one) for one in quotations if one.id in first]
    relations = _repeats(said)
    repeats = {one.second for one in relations}
    firsts = [one for one in said if one.quotation.id not in repeats]
    for one, other in combinations(firsts, 2):
        if relation := _relate(one, other):
            relations.append(relation)
    copies = _copies(documents, quotations)
    groups = _groups(relations, said, copies)
    left_out = len(quotations) - len(said)
    return Corroboration(tuple(relations), groups, copies, compare_facts(documents), left_out)


def _said(texts: Mapping[str, Document], quotation: Quotation) -> _Said:
    document = texts.get(quotation.document_id)
    if document is None:
        raise InputError("a quotation of a document that is not given", where=quotation.id)
    if not quotation.spans or quotation.end > len(document.text):
        raise InputError("a quotation that has no place in its document", where=quotation.id)
    passage = Passage.of(document.text, quotation.spans)
    in_caption = document.zone_at(quotation.start) is ZoneKind.CAPTION
    return _Said(quotation, passage, in_caption, content_of(passage.words))


def _repeats(said: Sequence[_Said]) -> list[Relation]:
    """Passages that stand in one document again; what stands in a caption is the repeat."""
    found: list[Relation] = []
    taken: set[str] = set()
    by_document: dict[str, list[_Said]] = {}
    for one in said:
        by_document.setdefault(one.quotation.document_id, []).append(one)
    for ones in by_document.values():
        ordered = sorted(ones, key=lambda one: (one.in_caption, one.quotation.start))
        shingles = [shingles_of(one.passage.words) for one in ordered]
        for i, k in combinations(range(len(ordered)), 2):
            first, again = ordered[i].quotation, ordered[k].quotation
            if again.id in taken or first.id in taken or first.within is not None or again.within is not None:
                continue
            if again.spans[0].overlaps(first.spans[0]) or not shingles[k]:
                continue
            if len(shingles[i] & shingles[k]) >= _REPEATED * len(shingles[i] | shingles[k]):
                taken.add(again.id)
                found.append(Relation(RelationKind.REPEAT, first.id, again.id))
    return found


def _relate(one: _Said, other: _Said) -> Relation | None:
    """How two quotations stand to each other; None if neither has to do with the other."""
    p, q = one.quotation, other.quotation
    if p.speaker.is_known and q.speaker.is_known and p.speaker.name != q.speaker.name:
        return None
    shared = len(one.content & other.content)
    if shared < min(3, len(one.content), len(other.content)) or not shared:
        return None
    if p.document_id == q.document_id:
        near = abs(p.number - q.number) <= _NEIGHBOURS and p.within is None and q.within is None
        return _paraphrase(one, other) if near and one.is_verbatim != other.is_verbatim else None
    if one.is_verbatim and other.is_verbatim:
        return _compare(one, other) or _paraphrase(one, other)
    return _paraphrase(one, other)


def _compare(one: _Said, other: _Said) -> Relation | None:
    """Words of the speaker in two documents, the shorter looked for in the longer."""
    short, long = sorted((one, other), key=lambda said: len(said.passage.words))
    if not short.passage.words or len(long.passage.words) > MAX_QUOTATION:
        return None
    finding = align(short.passage, long.passage)
    if finding.verdict is Verdict.NOT_FOUND or finding.place is None:
        return None
    place = finding.place
    n_more = sum(not place.start <= word.start < place.end for word in long.passage.words)
    kind = RelationKind(finding.verdict.value)
    is_clean = kind in (RelationKind.EXACT, RelationKind.PUNCTUATION, RelationKind.ELIDED)
    if (n_more and is_clean) or (n_more > STRETCH and kind is RelationKind.VARIANT):
        kind = RelationKind.PARTIAL
    return Relation(kind, short.quotation.id, long.quotation.id, finding, finding.notes)


def _paraphrase(one: _Said, other: _Said) -> Relation | None:
    """A reporter's words and those they stand for; of two reporters', the one with fewer content words."""
    if one.is_verbatim and other.is_verbatim and Kind.MIXED not in (one.quotation.kind, other.quotation.kind):
        return None
    loose, model = sorted((one, other), key=lambda said: (said.is_verbatim, len(said.content)))
    shared = len(loose.content & model.content)
    if shared < _SHARED or shared < _SHARED_PART * min(len(loose.content), len(model.content)):
        return None
    notes = _senses_apart(loose.passage.words, model.passage.words)
    kind = RelationKind.PARAPHRASE
    if model.is_verbatim and not loose.is_verbatim:
        hedges = hedges_of(_told_of(model.passage, loose.content))
        kept = hedges_of(loose.passage.words)
        lost = [word for sort, words in hedges.items() if sort not in kept for word in words]
        if lost:
            kind = RelationKind.STRONGER
            notes += (f"the quote has {', '.join(map(repr, lost))}; the paraphrase has not",)
    return Relation(kind, loose.quotation.id, model.quotation.id, None, notes)


def _told_of(passage: Passage, content: frozenset[str]) -> list[Word]:
    """The words of those sentences of a passage that the content words are from.

    A speech is cautious somewhere: what counts is the sentence that is told again.
    """
    sentences: list[list[Word]] = [[]]
    for word in passage.words:
        if sentences[-1] and _SENTENCE_END.search(passage.text, sentences[-1][-1].end, word.start):
            sentences.append([])
        sentences[-1].append(word)
    shared = [len(content & content_of(one)) for one in sentences]
    return [
        word for one, n in zip(sentences, shared, strict=True) if n and 2 * n >= max(shared) for word in one
    ]


def _senses_apart(first: Sequence[Word], second: Sequence[Word]) -> tuple[str, ...]:
    """Sentences on negations and numbers that only one of two has: a reader has to look."""
    notes = []
    counts = [sum(word.kind is WordKind.NEGATION for word in words) for words in (first, second)]
    if counts[0] % 2 != counts[1] % 2:
        notes.append("one of the two has a negation more than the other: they may say the opposite")
    numbers = [
        {word.key.removeprefix("#") for word in words if word.kind is WordKind.NUMBER}
        for words in (first, second)
    ]
    if numbers[0] - numbers[1] and numbers[1] - numbers[0]:
        notes.append(
            f"numbers differ: {', '.join(sorted(numbers[0] - numbers[1]))} here, "
            f"{', '.join(sorted(numbers[1] - numbers[0]))} there"
        )
    return tuple(notes)


def shingles_of(words: Sequence[Word]) -> frozenset[tuple[str, ...]]:
    """All runs of four words, of a shorter row the row itself: two passages share most of theirs, or few."""
    keys = [word.key for word in words]
    if not keys:
        return frozenset()
    return frozenset(tuple(keys[k : k + _SHINGLE]) for k in range(max(1, len(keys) - _SHINGLE + 1)))


def _copies(documents: Sequence[Document], quotations: Iterable[Quotation]) -> tuple[Copied, ...]:
    """Documents whose own prose, without the words of speakers and captions, is that of another."""
    spoken: dict[str, list[Span]] = {}
    for quotation in quotations:
        spoken.setdefault(quotation.document_id, []).extend(quotation.quoted)
    prose = {one.id: _own_prose(one, spoken.get(one.id, [])) for one in documents}
    found = []
    for first, second in combinations([one.id for one in documents], 2):
        smaller = min(len(prose[first]), len(prose[second]))
        if smaller >= _LEAST_PROSE:
            part = len(prose[first] & prose[second]) / smaller
            if part >= _COPIED:
                found.append(Copied(first, second, part))
    return tuple(found)


def _own_prose(document: Document, spoken: Iterable[Span]) -> frozenset[tuple[str, ...]]:
    """The shingles of the text between what is quoted and what is a caption or furniture."""
    apart = sorted([*spoken, *(zone.span for zone in document.zones)])
    shingles: set[tuple[str, ...]] = set()
    at = 0
    for span in [*apart, Span(len(document.text), len(document.text))]:
        if span.start > at:
            words = words_of(document.text, Span(at, span.start))
            if len(words) >= _SHINGLE:
                shingles |= shingles_of(words)
        at = max(at, span.end)
    return frozenset(shingles)


_SAME_WORDS: Final = frozenset(RelationKind) - {RelationKind.STRONGER, RelationKind.ALTERED}


def _groups(
    relations: Sequence[Relation], said: Sequence[_Said], copies: Sequence[Copied]
) -> tuple[Group, ...]:
    """Quotations joined by relations other than alarms, with the number of their transcriptions."""
    root = {one.quotation.id: one.quotation.id for one in said}
    original = {one.quotation.document_id: one.quotation.document_id for one in said}

    def top(of: dict[str, str], id: str) -> str:
        while of[id] != id:
            id = of[id]
        return id

    for relation in relations:
        if relation.kind in _SAME_WORDS:
            root[top(root, relation.second)] = top(root, relation.first)
    for copied in copies:
        if copied.first in original and copied.second in original:
            original[top(original, copied.second)] = top(original, copied.first)
    groups: dict[str, list[_Said]] = {}
    for one in said:
        groups.setdefault(top(root, one.quotation.id), []).append(one)
    return tuple(
        Group(
            tuple(one.quotation.id for one in ones),
            len({top(original, one.quotation.document_id) for one in ones}),
        )
        for ones in groups.values()
    )
