"""Evidence: documents on the record, who said what in them, and what a reader proposes.

Proposals are made in the background for the member's own delegates, and shown to nobody else. A person
accepts, corrects or rejects each, through the same preview and signature as every act.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from allweather.council.acts import Act
from allweather.council.forms import Body
from allweather.council.quotations import (
    MAX_SPANS,
    MAX_WORDS,
    Quote,
    Reject,
    Spans,
    format_spans,
    parse_spans,
)
from allweather.errors import AllweatherError, InputError, Refused
from allweather.evidence.documents import Document
from allweather.formats.documents import parse_document
from allweather.node.filing import MAX_TEXT, is_verbatim, words_at
from allweather.node.serving import Asked
from allweather.record.entries import MAX_PAYLOAD
from allweather.web.acting import first
from allweather.web.asking import Ask, Page, Values
from allweather.web.forms import Given, full_name, ref_of
from allweather.web.pages.taking import looked
from allweather.web.proposing import Prospect
from allweather.web.sessions import check_token
from allweather.web.words import ALARMS, RELATIONS

FILE, QUOTE, REJECT = "evidence.document", Quote.KIND, Reject.KIND
_START = 1_500


@dataclass
class Row:
    """One place of a document: what members say of it, and what is proposed there, if anything."""

    number: int
    spans: Spans
    words: str
    state: str = "proposed"
    accepted: Sequence[Mapping[str, Any]] = ()
    rejected: Sequence[Mapping[str, Any]] = ()
    proposal: Mapping[str, Any] | None = None
    related: Sequence[Mapping[str, Any]] = ()
    """How the proposal stands to others of the event: `kind`, `document`, `words` there, `at` where there."""
    is_verbatim: bool | None = None

    @property
    def at(self) -> int:
        """Where its words begin: the anchor of the place."""
        return self.spans[0][0]

    @property
    def places(self) -> str:
        """Its places as a form writes them."""
        return format_spans(self.spans)

    @property
    def sort(self) -> str:
        """How the document gives the words: by who has accepted them, else as proposed."""
        if self.accepted:
            return str(self.accepted[0]["body"]["sort"])
        return str(self.proposal["kind"]) if self.proposal else ""

    @property
    def speaker(self) -> str:
        """Who said it, as the first who accepted it reads it, else as proposed; empty if that is unknown."""
        if self.accepted:
            return str(self.accepted[0]["body"].get("speaker", ""))
        name = str(self.proposal["speaker"]) if self.proposal else ""
        return "" if name == "unknown" else name


# The list


def _evidence(ask: Ask) -> Values:
    found = ask.view("documents")
    events: dict[str, list[Mapping[str, Any]]] = {}
    for one in found["documents"]:
        events.setdefault(one["event"], []).append(one)
    return {"events": events, "refused": found["refused"], "n": len(found["documents"])}


# Filing


def upload(request: Asked, ask: Ask, given: Given, data: bytes) -> str:
    """Keep a file that was sent, if it can be read; the address of the page on which it is filed.

    Raises InputError, Refused, UnreadableSource.
    """
    session = ask.visitor.session
    check_token(session, first(given, "token"))
    if session is None or ask.visitor.kind != "delegate":
        raise Refused("only the member's own delegates act here; sign in as one")
    if not data:
        data = first(given, "text").replace("\r\n", "\n").encode("utf-8", "replace")
    if not data.strip():
        raise InputError("choose a file, or paste its text")
    if len(data) > MAX_PAYLOAD:
        raise InputError(f"a document has at most {MAX_PAYLOAD:,} bytes")
    document = parse_document(data, "document", "the document")
    return f"/evidence/new/{ask.house.uploads.put(session.token, data, document.media_type)}"


def _new(ask: Ask) -> Values:
    assert ask.visitor.session is not None
    name = ask.path["name"]
    kept = ask.house.uploads.get(ask.visitor.session.token, name)
    document = parse_document(kept.data, "document", "the document")
    return {
        "name": name,
        "document": document,
        "start": document.text[:_START],
        "is_whole": len(document.text) <= _START,
        "n_bytes": len(kept.data),
        "values": {
            "title": document.title[:300],
            "source": document.source[:300],
            "published": document.date[:40],
            "language": document.language[:35],
        },
        "digest": base64.b64encode(hashlib.sha256(kept.data).digest()).decode(),
        "known": sorted({one["event"] for one in ask.view("documents")["documents"] if one["event"]}),
        "concerns": ask.view("agenda")["concerns"],
    }


# One document


def _document(ask: Ask) -> Values:
    found = ask.view("document", id=ask.path["id"])
    act = _act(ask, found["ref"])
    document, why = _text_of(ask, act)
    siblings = _siblings(ask, found)
    concerns = {one["ref"]: one["title"] for one in ask.view("agenda")["concerns"]}
    prospect = _prospect(ask, siblings, concerns) if document is not None else None
    rows = _rows(found, document, prospect)
    return {
        "found": found,
        "document": document,
        "why": why,
        "prospect": prospect,
        "rows": rows,
        "pieces": pieces(document.text, rows)
        if document is not None and len(document.text) <= MAX_TEXT
        else [],
        "siblings": [one for one in siblings if one["ref"] != found["ref"]],
        "facts": _facts(prospect),
        "titles": {one["id"]: one["title"] for one in siblings},
        "concerns": concerns,
        "suggested": suggested,
        "relations": RELATIONS,
        "alarms": ALARMS,
        "n_proposed": sum(row.state == "proposed" for row in rows),
    }


def _act(ask: Ask, ref: str) -> Act:
    return looked(ask, lambda view: view.fold.find(ref))


def _siblings(ask: Ask, found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The documents of the same event, this one among them."""
    if not found["event"]:
        return [found]
    return [one for one in ask.view("documents")["documents"] if one["event"] == found["event"]] or [found]


def _prospect(
    ask: Ask, siblings: Sequence[Mapping[str, Any]], concerns: Mapping[str, str]
) -> Prospect | None:
    """What is proposed, for delegates who look at the council as it is now; for all others nothing.

    Of the documents of an event those are read together that can be read here now: none that is not held yet,
    or was redacted, keeps the others from being read.
    """
    if ask.at is not None or not ask.visitor.may("delegate"):
        return None
    acts = [_act(ask, one["ref"]) for one in siblings]
    return ask.house.proposer.prospect([act for act in acts if _text_of(ask, act)[0] is not None], concerns)


def _text_of(ask: Ask, act: Act) -> tuple[Document | None, str]:
    """A filed document as it is read here, or why it cannot be."""
    shared = ask.house.node.shared
    try:
        return shared.actions.shelf.document(shared.desk, act), ""
    except AllweatherError as error:
        return None, str(error)


def _facts(prospect: Prospect | None) -> list[Mapping[str, Any]]:
    """Facts on which the documents of the event disagree."""
    if prospect is None or prospect.found is None:
        return []
    return [one for one in prospect.found.found["facts"] if not one["agrees"]]


def _rows(found: Mapping[str, Any], document: Document | None, prospect: Prospect | None) -> list[Row]:
    """What is on record, and what is proposed beside it, in the order of the text."""
    text = document.text if document is not None else ""
    by_place: dict[Spans, Row] = {}
    for one in found["places"]:
        spans = tuple((start, end) for start, end in one["spans"])
        words = one["accepted"][0]["body"]["words"] if one["accepted"] else _words_at(text, spans)
        row = Row(0, spans, words, one["state"], one["accepted"], one["rejected"])
        if one["accepted"] and document is not None:
            row.is_verbatim = is_verbatim(document, msgspec.convert(one["accepted"][0]["body"], Quote))
        by_place[spans] = row
    if prospect is not None and prospect.found is not None:
        related = _related(prospect, found["id"])
        for statement in prospect.found.statements(found["id"]):
            spans = tuple((start, end) for start, end in statement["spans"])
            if len(spans) > MAX_SPANS or not spans:
                continue
            row = by_place.setdefault(spans, Row(0, spans, _words_at(text, spans)))
            row.proposal = statement
            row.related = related.get(statement["id"], ())
    rows = sorted(by_place.values(), key=lambda row: row.spans)
    for number, row in enumerate(rows, start=1):
        row.number = number
    return rows


def _words_at(text: str, spans: Spans) -> str:
    return words_at(text, spans) if spans[-1][1] <= len(text) else ""


def _related(prospect: Prospect, document: str) -> dict[str, list[dict[str, Any]]]:
    """How each proposal of a document stands to others of the event."""
    assert prospect.found is not None
    found: dict[str, list[dict[str, Any]]] = {}
    statements = {one["id"]: one for one in prospect.found.found["statements"]}
    for one in prospect.found.found["relations"]:
        for this, other in ((one["first"], one["second"]), (one["second"], one["first"])):
            if statements[this]["document"] == document:
                there = statements[other]
                row = {"kind": one["kind"], "document": there["document"], "words": there["words"]}
                found.setdefault(this, []).append({**row, "at": there["spans"][0][0]})
    return found


def pieces(text: str, rows: Sequence[Row]) -> list[tuple[str, Row | None, bool]]:
    """A text cut where its places begin and end: the words, the place that they belong to, whether that
    begins here. Of places within each other the inner one has the words.
    """
    cuts: dict[int, None] = {0: None, len(text): None}
    spans = []
    for row in rows:
        for start, end in row.spans:
            if end <= len(text):
                cuts[start] = cuts[end] = None
                spans.append((start, end, row.number))
    spans.sort(key=lambda one: (one[0], -one[1]))
    ends = sorted(cuts)
    found: list[tuple[str, Row | None, bool]] = []
    begun: set[int] = set()
    open_: list[tuple[int, int, int]] = []
    k = 0
    for at, until in itertools.pairwise(ends):
        while k < len(spans) and spans[k][0] <= at:
            open_.append(spans[k])
            k += 1
        open_ = [one for one in open_ if one[1] > at]
        number = open_[-1][2] if open_ else 0
        found.append((text[at:until], rows[number - 1] if number else None, number not in begun))
        begun.add(number)
    return found


def suggested(row: Row) -> list[str]:
    """The concerns that a place may bear on, as far as a reader suggests any: at most three."""
    return [one["concern"] for one in row.proposal["suggested_concerns"][:3]] if row.proposal else []


# Acts


def made(ask: Ask, given: Given) -> Body:
    """The quotation that a form accepts or corrects: places as `12-40 52-60`, words as the document has them.

    A form that corrects says by `proposed` which places were proposed. Raises InputError, Refused.
    """
    document = ref_of(ask, first(given, "document"))
    spans = parse_spans(first(given, "spans"))
    proposed = parse_spans(first(given, "proposed")) if first(given, "proposed") else ()
    shared = ask.house.node.shared
    text = shared.actions.shelf.document(shared.desk, _act(ask, document)).text
    words = words_at(text, spans)
    if len(words) > MAX_WORDS:
        raise InputError(f"a quotation has at most {MAX_WORDS:,} characters; these are {len(words):,}")
    body: dict[str, Any] = {
        "document": document,
        "spans": spans,
        "words": words,
        "sort": first(given, "sort"),
        "basis": first(given, "basis") or "own",
        "proposed": () if proposed == spans else proposed,
        "concerns": sorted({ref_of(ask, one) for one in given.get("concerns", ()) if one.strip()}),
        **{name: first(given, name).strip() for name in ("speaker", "role", "note")},
    }
    member = first(given, "member").strip()
    body["member"] = full_name(ask, member) if member else ""
    return _converted(body, Quote)


def rejected(ask: Ask, given: Given) -> Body:
    """The rejection that a form asks for."""
    body = {
        "document": ref_of(ask, first(given, "document")),
        "spans": parse_spans(first(given, "spans")),
        "reason": first(given, "reason").strip(),
    }
    return _converted(body, Reject)


def _converted(body: Mapping[str, Any], kind: type[Body]) -> Body:
    try:
        return msgspec.convert(body, kind)
    except msgspec.ValidationError as error:
        raise InputError(f"this cannot be signed ({error})") from None


PAGES = (
    Page("/evidence", "evidence.html.j2", _evidence),
    Page("/evidence/new/{name:str}", "evidence-new.html.j2", _new, "delegate", is_personal=True),
    Page("/evidence/{id:str}", "evidence-document.html.j2", _document, is_personal=True),
)
MAKERS = {QUOTE: made, REJECT: rejected}
