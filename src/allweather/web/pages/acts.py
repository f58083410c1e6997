"""One act as it is on the record, and the way from any act to the page that it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from allweather.errors import UnknownName
from allweather.web.asking import Ask, Page, Values
from allweather.web.forms import rows_of

_PAGES: Final[Mapping[str, str]] = {
    "council.concern": "concern",
    "council.text": "text",
    "council.revision": "text",
    "council.draft": "draft",
    "council.round": "round",
    "council.silence": "decision",
    "evidence.document": "evidence",
}
"""The acts that have a page of their own."""

_SUBJECTS: Final[Mapping[str, str]] = {
    "council.agenda": "concern",
    "council.disapprove": "concern",
    "council.merge": "concern",
    "council.statement": "concern",
    "council.reply": "statement",
    "council.position": "on",
    "council.expectation": "on",
    "council.review": "concern",
    "council.seal": "round",
    "council.reveal": "seal",
    "council.amend": "draft",
    "council.freeze": "draft",
    "council.back": "amendment",
    "council.release": "amendment",
    "council.group": "amendment",
    "council.receipt": "decision",
    "council.refuse": "decision",
    "council.hold": "decision",
    "council.object": "decision",
    "council.reserve": "decision",
    "council.conflict": "decision",
    "council.answer": "objection",
    "council.clear": "objection",
    "council.withdraw": "act",
    "council.overrule": "act",
    "evidence.quotation": "document",
    "evidence.rejection": "document",
}
"""Which field of an act names what it is about."""

_MAX_STEPS = 6


def way_to(ask: Ask, name: str) -> str:
    """The address of the page that shows an act where it belongs. Raises UnknownName."""
    first = ask.view("act", id=name)
    act = first
    for _ in range(_MAX_STEPS):
        if act["kind"].startswith("cooperation."):
            return f"/cooperation#{first['id']}"
        page = _PAGES.get(act["kind"])
        if page is not None:
            return f"/{page}/{act['id']}" + (f"#{first['id']}" if first is not act else "")
        subject = (act["body"] or {}).get(_SUBJECTS.get(act["kind"], ""), "")
        if not subject:
            break
        try:
            act = ask.view("act", id=subject)
        except UnknownName:
            break
        # A position on a frozen draft belongs to the text that it froze.
        if act["kind"] == "council.freeze" and first["kind"] in ("council.position", "council.expectation"):
            return f"/text/{act['id']}#{first['id']}"
    return f"/act/{first['id']}"


def _open(ask: Ask) -> str:
    return way_to(ask, ask.path["id"])


def _act(ask: Ask) -> Values:
    found = ask.view("act", id=ask.path["id"])
    place = way_to(ask, found["id"])
    return {
        "found": found,
        "rows": rows_of(ask, found["kind"], found["body"] or {}),
        "words": ask.words(found["ref"]) if "payload" in found else None,
        "place": "" if place.startswith("/act/") else place,
        "may_reply": place.startswith("/act/") and ask.house.origin in (found["body"] or {}).get("names", ()),
    }


PAGES = (Page("/act/{id:str}", "act.html.j2", _act),)
WAYS = (("/act/{id:str}/open", _open),)
