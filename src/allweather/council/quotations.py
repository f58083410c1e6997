"""Evidence on the record: documents that were filed, and what members read in them, word for word.

    filed = documents(view)                    # every document that counts, with what was read in it
    filed[0].places[0].state                   # accepted, disputed or rejected
    quotation(view, "norway:12")               # one reading, by the name or reference of its act

A program reads a document and proposes who said what. It enters nothing here: a person accepts a proposal,
corrects it, or rejects it, and signs that. A place is where a document gives a quotation. At one place each
member has one word, its latest; where one accepts what another rejects, or they read it otherwise, the place
is disputed and both stand. A position may name a quotation as evidence; nobody's reading is a position.

What it does not do: read files, or compare words with a document. Payloads are not known here; whether the
words stand in the document as filed is for whoever holds it to say (`node.filing`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, Literal

from msgspec import Meta

from allweather.council.acts import Act
from allweather.council.agenda import wrong_subject
from allweather.council.bodies import Concern
from allweather.council.forms import ANY_SEAT, NO_REF, Body, Digest, Line, MaybeRef, Optional, Ref, Seat
from allweather.council.membership import Refusal, seats, sift, why_not_then
from allweather.council.view import View
from allweather.errors import InputError, UnknownName

MAX_WORDS: Final = 8_000
MAX_SPANS: Final = 32

Offset = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Spans = tuple[tuple[Offset, Offset], ...]
Sort = Literal["direct", "indirect", "mixed", "nested", "floating"]
State = Literal["accepted", "disputed", "rejected"]

_NAME = re.compile(r"[a-z0-9._-]{1,64}:\d{1,12}", re.ASCII)
_REF = re.compile(r"[A-Za-z0-9+/]{43}=", re.ASCII)


class Document(Body, frozen=True, kw_only=True):
    """Files a document; its untouched bytes are the payload. `digest` is the base64 of their SHA-256.

    Documents with the same `event` are read together: they report what was said on one occasion. `published`
    is a date as in `positions.dates`, `source` who published it.
    """

    KIND: ClassVar[str] = "evidence.document"
    SEATS: ClassVar[tuple[Seat, ...]] = ANY_SEAT

    title: Line
    digest: Digest
    event: Annotated[str, Meta(max_length=300)] = ""
    source: Annotated[str, Meta(max_length=300)] = ""
    published: Annotated[str, Meta(max_length=40)] = ""
    language: Annotated[str, Meta(max_length=35)] = ""
    concern: MaybeRef = NO_REF


class Quote(Body, frozen=True, kw_only=True):
    """Says that a document gives `words` as somebody's. `spans` are code points [start, end) of its text.

    `basis`: whether a proposal was accepted as it was, corrected, or none was made; `proposed` holds the
    spans of the proposal where they were others. An empty `speaker` is unknown. `member` is whom the speaker
    speaks for, if a member of the council.
    """

    KIND: ClassVar[str] = "evidence.quotation"
    SUBJECT: ClassVar[str] = "document"
    SEATS: ClassVar[tuple[Seat, ...]] = ANY_SEAT

    document: Ref
    spans: Annotated[Spans, Meta(min_length=1, max_length=MAX_SPANS)]
    words: Annotated[str, Meta(min_length=1, max_length=MAX_WORDS)]
    sort: Sort
    speaker: Annotated[str, Meta(max_length=300)] = ""
    role: Annotated[str, Meta(max_length=300)] = ""
    member: Annotated[str, Meta(max_length=127)] = ""
    concerns: Annotated[tuple[Ref, ...], Meta(max_length=16)] = ()
    basis: Literal["accepted", "corrected", "own"] = "own"
    proposed: Annotated[Spans, Meta(max_length=MAX_SPANS)] = ()
    note: Optional = ""


class Reject(Body, frozen=True, kw_only=True):
    """Says that the document gives no such quotation at this place, or that others read it wrongly."""

    KIND: ClassVar[str] = "evidence.rejection"
    SUBJECT: ClassVar[str] = "document"
    SEATS: ClassVar[tuple[Seat, ...]] = ANY_SEAT

    document: Ref
    spans: Annotated[Spans, Meta(min_length=1, max_length=MAX_SPANS)]
    reason: Optional = ""


KINDS: dict[str, type[Body]] = {one.KIND: one for one in (Document, Quote, Reject)}
"""The kinds of this module, by their names in an entry."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document gives a quotation, and what members say of it.

    `accepted` and `rejected` are acts, one a member, by the time that their authors claim. `is_one_reading`:
    whether all who accept it read the same words, speaker and sort.
    """

    spans: Spans
    accepted: tuple[Act, ...]
    rejected: tuple[Act, ...]
    is_one_reading: bool

    @property
    def state(self) -> State:
        """Accepted if nobody reads it otherwise, rejected if nobody accepts it."""
        if not self.accepted:
            return "rejected"
        return "disputed" if self.rejected or not self.is_one_reading else "accepted"


@dataclass(frozen=True, slots=True)
class Filed:
    """A document with the places that members have read in it, in the order of its text.

    `refused` are readings that do not count, with the reason.
    """

    document: Act
    places: tuple[Place, ...]
    refused: tuple[Refusal, ...]

    @property
    def body(self) -> Document:
        """What was filed."""
        assert isinstance(self.document.body, Document)
        return self.document.body


@dataclass(frozen=True, slots=True)
class Found:
    """A quotation with the document that it stands in and what members say of that place."""

    act: Act
    document: Act
    place: Place


def documents(view: View) -> tuple[Filed, ...]:
    """All documents that were filed and count, by the time that their authors claim."""
    return view.memo("documents", lambda: _documents(view))


def filed(view: View, ref: str) -> Filed:
    """One document, whether its filing counts or not. Raises UnknownName if none is held under `ref`."""
    act = view.fold.acts.get(ref)
    if act is None or not isinstance(act.body, Document):
        raise UnknownName(wrong_subject(view, ref, (Document,), "document") or "")
    return view.memo(("filed", ref), lambda: _filed(view, act))


def refused_documents(view: View) -> tuple[Refusal, ...]:
    """Documents whose filing does not count, with the reason."""
    return tuple(sift(view.fold.of(Document), lambda act: why_no_document(view, act))[1])


def quotation(view: View, name: str) -> Found | None:
    """The quotation that a line of evidence names, by reference or as norway:12; None if it names none.

    One that its author has replaced since, or that does not count, is none.
    """
    if not (_REF.fullmatch(name) or _NAME.fullmatch(name)):
        return None
    try:
        act = view.fold.find(name)
    except UnknownName:
        return None
    if not isinstance(act.body, Quote) or act.body.document not in view.fold.acts:
        return None
    return view.memo(("quotation", act.ref), lambda: _quotation(view, act, _quote(act).document))


def quotations_on(view: View, concern_ref: str) -> tuple[Found, ...]:
    """The quotations that somebody says bear on a concern, by document and place."""
    return view.memo(("quotations on", concern_ref), lambda: _quotations_on(view, concern_ref))


def _documents(view: View) -> tuple[Filed, ...]:
    good, _ = sift(view.fold.of(Document), lambda act: why_no_document(view, act))
    return tuple(filed(view, act.ref) for act in sorted(good, key=_in_time))


def _filed(view: View, document: Act) -> Filed:
    acts = [*view.fold.about(Quote, document.ref), *view.fold.about(Reject, document.ref)]
    good, refused = sift(acts, lambda act: why_no_reading(view, act))
    by_place: dict[Spans, dict[str, list[Act]]] = {}
    for act in good:
        by_place.setdefault(_place_of(act), {}).setdefault(act.member, []).append(act)
    places = (_place(view, spans, words) for spans, words in by_place.items())
    return Filed(
        document,
        tuple(sorted(places, key=lambda one: one.spans)),
        tuple(sorted(refused, key=lambda one: (one.name, one.ref))),
    )


def _place_of(act: Act) -> Spans:
    """Where a reading belongs: to the place that was proposed, even if it moves the ends of it."""
    body = act.body
    assert isinstance(body, Quote | Reject)
    return (body.proposed or body.spans) if isinstance(body, Quote) else body.spans


def _place(view: View, spans: Spans, words: dict[str, list[Act]]) -> Place:
    """What members say of one place. Of what a member said twice without having seen it, both stand."""
    latest = sorted((act for acts in words.values() for act in view.fold.latest(acts)), key=_in_time)
    accepted = tuple(act for act in latest if isinstance(act.body, Quote))
    readings = {(one.spans, one.words, one.speaker, one.sort) for one in map(_quote, accepted)}
    rejected = tuple(act for act in latest if isinstance(act.body, Reject))
    return Place(spans, accepted, rejected, len(readings) <= 1)


def _quotation(view: View, act: Act, document_ref: str) -> Found | None:
    found = filed(view, document_ref)
    for place in found.places:
        if act in place.accepted:
            return Found(act, found.document, place)
    return None


def _quotations_on(view: View, concern_ref: str) -> tuple[Found, ...]:
    return tuple(
        Found(act, one.document, place)
        for one in documents(view)
        for place in one.places
        for act in place.accepted
        if concern_ref in _quote(act).concerns
    )


def _quote(act: Act) -> Quote:
    assert isinstance(act.body, Quote)
    return act.body


def _in_time(act: Act) -> tuple[int, tuple[str, int, str]]:
    return act.at, act.place


# Places, as people write them


def parse_spans(text: str) -> Spans:
    """Places written as `12-40 52-60`, apart by a space or a comma. Raises InputError."""
    parts = text.replace(",", " ").split()
    if not 1 <= len(parts) <= MAX_SPANS:
        raise InputError(f"name from one to {MAX_SPANS} places, each as 12-40")
    found = []
    for part in parts:
        start, _, end = part.partition("-")
        if not all(one.isascii() and one.isdecimal() and len(one) <= 9 for one in (start, end)):
            raise InputError(f"{part!r:.40} is no place; write the first and the last character as 12-40")
        found.append((int(start), int(end)))
    return tuple(found)


def format_spans(spans: Spans) -> str:
    """Places as `parse_spans` reads them."""
    return " ".join(f"{start}-{end}" for start, end in spans)


# What counts


def why_no_document(view: View, act: Act) -> str | None:
    """Why the filing of a document does not count; None if it does."""
    return why_not_then(view, act) or _document_fault(act)


def _document_fault(act: Act) -> str | None:
    if act.audience:
        return "a document is filed for the whole council; leave out the members it would be for"
    if act.payload is None:
        return "the document itself is missing; give its bytes as the payload"
    return None


def why_no_reading(view: View, act: Act) -> str | None:
    """Why a reading of a document does not count; None if it does."""
    return why_not_then(view, act) or _reading_fault(view, act)


def _reading_fault(view: View, act: Act) -> str | None:
    body = act.body
    assert isinstance(body, Quote | Reject)
    fault = wrong_subject(view, body.document, (Document,), "document")
    if fault is not None:
        return fault
    fault = why_no_document(view, view.fold.acts[body.document])
    if fault is not None:
        return f"the document does not count: {fault}"
    if not _is_ordered(body.spans):
        return "its spans are not in the order of the text, or one of them holds nothing"
    if isinstance(body, Quote):
        if body.proposed and (not _is_ordered(body.proposed) or body.proposed == body.spans):
            return "the spans proposed are no others, or not in the order of the text; leave them out"
        found = seats(view)
        if body.member and (found is None or body.member not in found.members):
            return f"{body.member} is no member of the council; leave out whom the speaker speaks for"
    return None


def _is_ordered(spans: Sequence[tuple[int, int]]) -> bool:
    """Whether each span holds something, and begins after the one before has ended."""
    at = -1
    for start, end in spans:
        if start < at or end <= start:
            return False
        at = end
    return True


# Before signing


def check_document(view: View, act: Act) -> str | None:
    """Why a document would not count as filed."""
    body = act.body
    assert isinstance(body, Document)
    if body.concern:
        fault = wrong_subject(view, body.concern, (Concern,), "concern")
        if fault is not None:
            return fault
    for one in documents(view):
        if one.body.digest == body.digest and one.body.event == body.event:
            return f"this very document is filed already, as {one.document.name}"
    return _document_fault(act)


def check_quote(view: View, act: Act) -> str | None:
    """Why a quotation would not count, or bears on what is no concern."""
    for ref in _quote(act).concerns:
        fault = wrong_subject(view, ref, (Concern,), "concern")
        if fault is not None:
            return fault
    return _reading_fault(view, act)


def check_reject(view: View, act: Act) -> str | None:
    """Why a rejection would not count."""
    return _reading_fault(view, act)


CHECKS: dict[type[Body], Callable[[View, Act], str | None]] = {
    Document: check_document,
    Quote: check_quote,
    Reject: check_reject,
}

REFUSALS: dict[type[Body], Callable[[View, Act], str | None]] = {
    Document: why_no_document,
    Quote: why_no_reading,
    Reject: why_no_reading,
}
