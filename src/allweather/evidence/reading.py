"""A dossier read as a whole: who said what, who that is, how the sources agree, what it may bear on.

    reading = read_dossier(documents, {document.id: parse, ...}, concerns=concerns)
    reading.quotations[0].words(reading.text("upi"))
    reading.corroboration.relations

The parts are `attribution`, `speakers`, `corroboration` and `suggesting`; this puts them in their order and
keeps what they found. Nothing of it is decided: quotations, merges of speakers and suggestions are
proposals.

What it does not do: parse, or read files.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from allweather.evidence.attribution import find_quotations
from allweather.evidence.corroboration import Corroboration, corroborate
from allweather.evidence.documents import Document, Quotation
from allweather.evidence.parses import Parse
from allweather.evidence.speakers import Person, Proposal, resolve_speakers
from allweather.evidence.suggesting import Concern, Suggester, Suggestion


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a dossier. `suggestions` are by the id of a quotation, only where there are any."""

    documents: tuple[Document, ...]
    quotations: tuple[Quotation, ...]
    persons: tuple[Person, ...]
    proposals: tuple[Proposal, ...]
    corroboration: Corroboration
    concerns: tuple[Concern, ...]
    suggestions: Mapping[str, tuple[Suggestion, ...]]

    def text(self, document_id: str) -> str:
        """The text of a document. Raises KeyError if there is none of that id."""
        return {document.id: document.text for document in self.documents}[document_id]


def read_dossier(
    documents: Sequence[Document],
    parses: Mapping[str, Parse],
    concerns: Sequence[Concern] = (),
    refused: Collection[str] = (),
) -> Reading:
    """Read documents on one event. Those without a parse give only what stands in quotation marks.

    Raises InputError over the bounds of `corroboration` or `suggesting`.
    """
    found = [one for document in documents for one in find_quotations(document, parses.get(document.id))]
    speakers = resolve_speakers(documents, found, refused)
    texts = {document.id: document.text for document in documents}
    suggester = Suggester(concerns)
    suggested = {one.id: suggester.suggest(one.words(texts[one.document_id])) for one in speakers.quotations}
    return Reading(
        tuple(documents),
        speakers.quotations,
        speakers.persons,
        speakers.proposals,
        corroborate(documents, speakers.quotations),
        tuple(concerns),
        {id: some for id, some in suggested.items() if some},
    )


def is_english(text: str) -> bool:
    """Whether a text is most likely English: one in eight of its first words is a small English word."""
    words = text[:20_000].lower().split()[:2_000]
    return sum(word in _SMALL for word in words) * 8 >= len(words)


_SMALL = frozenset(
    ("the", "of", "and", "to", "in", "that", "is", "for", "it", "with", "on", "was", "as", "be", "at", "by",
     "this", "have", "from", "are", "his", "he", "said", "not", "we", "has", "will", "would", "their", "they")
)  # fmt: skip
