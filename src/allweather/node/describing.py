"""What the local API answers, as JSON Schema: put into its description, where the framework knows only bytes.

Each view, act and other answer has its outline here: whether it is an object or a list, and the fields that
are always there. A test sends to a running node what its description allows, and holds the answers to this.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "integer"}
_SWITCH: Schema = {"type": "boolean"}
_WORDS = {
    "400": "What was asked is wrong.",
    "401": "The token of this node is missing.",
    "404": "There is no such name or place.",
    "408": "The body did not come in time.",
    "409": "The rules forbid it: nothing was signed.",
    "413": "The body is larger than what is taken.",
    "500": "A fault of the program.",
    "503": "The store, or the way to another node, fails.",
}


def _object(**fields: Schema) -> Schema:
    """An object that has at least these fields; a field that need not be there ends in an underscore."""
    return {
        "type": "object",
        "properties": {name.removesuffix("_"): schema for name, schema in fields.items()},
        "required": [name for name in fields if not name.endswith("_")],
    }


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


_NAMES = _list(_TEXT)
_ANYTHING: Schema = {}
_ACT = _object(
    id=_TEXT,
    ref=_TEXT,
    kind=_TEXT,
    member=_TEXT,
    at=_NUMBER,
    body={"type": ["object", "null"]},
    by_=_TEXT,
    payload_=_object(type=_TEXT, size=_NUMBER),
    audience_=_NAMES,
    why_not_=_TEXT,
)
_REFUSED = _list(_object(ref=_TEXT, name=_TEXT, member=_TEXT, why=_TEXT))
_CONCERN: Mapping[str, Schema] = {
    **dict.fromkeys(("id", "ref", "member", "title", "area", "state"), _TEXT),
    "on": _NUMBER,
}
_TABLED: Mapping[str, Schema] = {
    **dict.fromkeys(("id", "ref", "title", "version", "words"), _TEXT),
    "n_positions": _NUMBER,
}
_DRAFT: Mapping[str, Schema] = {
    **dict.fromkeys(("id", "ref", "title", "state"), _TEXT),
    "n_open": _NUMBER,
    "version": _NUMBER,
    "frozen": _NAMES,
}
_DECISION: Mapping[str, Schema] = {
    **dict.fromkeys(("id", "ref", "member", "state", "sentence"), _TEXT),
    "expires_at": _NUMBER,
}
_ROUND: Mapping[str, Schema] = {"sentence": _TEXT, "round": {"type": "object"}}
_FILED: Mapping[str, Schema] = {
    **dict.fromkeys(("id", "ref", "member", "title", "digest", "event", "source", "published"), _TEXT),
    **dict.fromkeys(("language", "concern", "type"), _TEXT),
    **dict.fromkeys(("at", "n_accepted", "n_disputed", "n_rejected"), _NUMBER),
}
_MINUTE = _object(id=_TEXT, at=_NUMBER, member=_TEXT, kind=_TEXT, what=_TEXT, counts=_SWITCH, why_not_=_TEXT)

VIEW_ANSWERS: Mapping[str, Schema] = {
    "council": _object(
        charter=_ACT,
        **dict.fromkeys(("members", "joined", "left", "suspended", "secretariat"), _NAMES),
        chair=_TEXT,
        n_acts=_NUMBER,
        digest=_TEXT,
        frontier=_list({"type": "array"}),
    ),
    "waiting": _list(_object(about=_ACT, sentence=_TEXT)),
    "agenda": _object(
        concerns=_list(_object(**_CONCERN)), refused=_REFUSED, statements=_list({"type": "object"})
    ),
    "concern": _object(
        **_CONCERN,
        item={"type": "object"},
        statements=_list({"type": "object"}),
        texts=_list(_object(**_TABLED)),
        drafts=_list(_object(**_DRAFT)),
        decisions=_list(_object(**_DECISION)),
        rounds=_list(_object(**_ROUND)),
        reviews=_list(_ACT),
        quotations=_list({"type": "object"}),
    ),
    "concern-of": _ACT,
    "text": _object(
        **_TABLED,
        versions=_list({"type": "object"}),
        holders=_list({"type": "object"}),
        expected=_list({"type": "object"}),
        refused=_REFUSED,
        quotations={"type": "object"},
    ),
    "positions": _object(
        members=_NAMES, texts=_list(_object(**_TABLED, area=_TEXT, positions={"type": "object"}))
    ),
    "history": _list(
        _object(
            title=_TEXT,
            area=_TEXT,
            until={"type": ["integer", "null"]},
            versions=_list(_object(**dict.fromkeys(("id", "ref", "version", "words"), _TEXT), at=_NUMBER)),
            held={"type": "object"},
        )
    ),
    "reviews": _object(reviews=_list(_ACT), refused=_REFUSED),
    "draft": _object(
        **_DRAFT,
        base=_TEXT,
        base_clauses=_NAMES,
        clean=_NAMES,
        running_text=_TEXT,
        clauses=_list({"type": "object"}),
        remarks=_list({"type": "object"}),
        refused=_REFUSED,
    ),
    "decisions": _list(_object(**_DECISION)),
    "decision": _object(**_DECISION, decision={"type": "object"}),
    "rounds": _list(_object(id=_TEXT, **_ROUND)),
    "board": _object(tracks=_list({"type": "object"}), refused=_REFUSED),
    "ledger": _list(_object(giver=_TEXT, taker=_TEXT, sentence=_TEXT, pair={"type": "object"})),
    "minutes": _list(_MINUTE),
    "search": _object(n_found=_NUMBER, acts=_list(_MINUTE)),
    "documents": _object(documents=_list(_object(**_FILED)), refused=_REFUSED),
    "document": _object(**_FILED, places=_list({"type": "object"}), refused=_REFUSED),
    "redline": _object(clauses={"type": "array"}),
    "act": _ACT,
}
"""What each view shows, in outline."""

_PEERS = _list(_object(address=_TEXT, member=_TEXT, error=_TEXT, last=_ANYTHING))
_ACTS = _object(acts=_list(_ACT))
_ANSWERS: Mapping[tuple[str, str], tuple[str, Schema]] = {
    ("get", "/api/views"): (
        "200",
        _list(_object(name=_TEXT, about=_TEXT, parameters={"type": "object"}, optional={"type": "object"})),
    ),
    ("get", "/api/peers"): ("200", _PEERS),
    ("get", "/api/words"): ("200", _object(title=_TEXT, words=_TEXT, language=_TEXT, why=_TEXT)),
    ("post", "/api/sync"): ("200", _PEERS),
    ("post", "/api/acts"): ("201", _ACTS),
    ("post", "/api/seals"): ("201", _ACTS),
    ("post", "/api/preview"): (
        "200",
        _object(member=_TEXT, kind=_TEXT, fields={"type": "object"}, n_bytes=_NUMBER, n_content=_NUMBER),
    ),
    ("post", "/api/rehearsal"): ("200", _object(cut=_SWITCH)),
    **{("get", f"/api/views/{name}"): ("200", schema) for name, schema in VIEW_ANSWERS.items()},
}


def with_answers(described: Schema) -> Schema:
    """A description of the API with what each of its routes answers; itself, changed."""
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            known = ("200", _ANYTHING)  # a route that is not described yet is served all the same
            status, schema = _ANSWERS.get((method, path), known)
            operation["responses"] = {
                status: _answer("As asked.", schema),
                **{code: _answer(words, _object(error=_TEXT)) for code, words in _WORDS.items()},
            }
    return described


def _answer(words: str, schema: Schema) -> Schema:
    return {"description": words, "content": {"application/json": {"schema": schema}}}
