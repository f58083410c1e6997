"""What is shown of documents on the record and of the quotations that members have read in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allweather.council.acts import short
from allweather.council.quotations import Filed, Found, Place, documents, filed, quotation, refused_documents
from allweather.council.view import View
from allweather.node.showing import Parameters

Row = dict[str, Any]


def show_documents(view: View, asked: Parameters) -> Row:
    """All documents, each with how many places stand how."""
    return {"documents": [_row(one) for one in documents(view)], "refused": refused_documents(view)}


def show_document(view: View, asked: Parameters) -> Row:
    """One document with what members say of each place in it."""
    found = filed(view, view.fold.find(asked["id"]).ref)
    return {
        **_row(found),
        "places": [{**_place(one), "spans": one.spans} for one in found.places],
        "refused": found.refused,
    }


def show_quotations(found: Iterable[Found]) -> list[Row]:
    """Quotations, each with its document and how the place stands."""
    return [_quotation(one) for one in found]


def quotations_of(view: View, evidence: Iterable[str]) -> Row:
    """The quotations that lines of evidence name, by the line; other lines are as they are."""
    found = {line: quotation(view, line) for line in evidence}
    return {line: _quotation(one) for line, one in found.items() if one is not None}


def _row(one: Filed) -> Row:
    body, act = one.body, one.document
    states = [place.state for place in one.places]
    return {
        "id": act.name,
        "ref": act.ref,
        "member": short(act.member),
        "at": act.at,
        **{name: getattr(body, name) for name in ("title", "digest", "event", "source", "published")},
        "language": body.language,
        "concern": body.concern,
        "type": act.payload.type if act.payload is not None else "",
        "n_accepted": states.count("accepted"),
        "n_disputed": states.count("disputed"),
        "n_rejected": states.count("rejected"),
    }


def _place(one: Place) -> Row:
    return {"state": one.state, "accepted": one.accepted, "rejected": one.rejected}


def _quotation(one: Found) -> Row:
    body = one.document.body
    return {
        "act": one.act,
        "document": one.document.name,
        "title": getattr(body, "title", ""),
        "source": getattr(body, "source", ""),
        "published": getattr(body, "published", ""),
        **_place(one.place),
    }
