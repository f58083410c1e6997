"""The agenda, and one concern with everything on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allweather.errors import UnknownName
from allweather.web import pictures
from allweather.web.asking import Ask, Page, Values
from allweather.web.words import SHADES

_COUNTED = 60


def _agenda(ask: Ask) -> Values:
    found = ask.view("agenda")
    areas: dict[str, list[dict[str, Any]]] = {}
    for place, row in enumerate(found["concerns"]):
        holds = _holds(ask, row["id"]) if place < _COUNTED else {}
        areas.setdefault(row["area"], []).append({**row, **holds})
    return {
        "areas": areas,
        "refused": found["refused"],
        "n": len(found["concerns"]),
        "said": [_said(ask, one) for one in reversed(found["statements"][-_COUNTED:])],
        "n_said": len(found["statements"]),
    }


def _holds(ask: Ask, concern: str) -> dict[str, Any]:
    """How much there is on a concern, and what of it is in silence."""
    found = ask.view("concern", id=concern)
    return {
        "n_texts": len(found["texts"]),
        "n_drafts": len(found["drafts"]),
        "n_said": len(found["statements"]),
        "silences": [one for one in found["decisions"] if one["state"] in ("running", "provisional")],
    }


def _concern(ask: Ask) -> Values:
    found = ask.view("concern", id=ask.path["id"])
    raised = found["item"]["concern"]
    moves = sorted(
        [*found["item"]["moves"], *found["item"]["disapprovals"]], key=lambda act: (act["at"], act["id"])
    )
    return {
        "found": found,
        "raised": raised,
        "moves": moves,
        "strips": {one["ref"]: held_on(ask, one["ref"]) for one in found["texts"]},
        "said": [_said(ask, one) for one in found["statements"]],
        "joined": [_row_of(ask, ref) for ref in (*found["item"]["into"], *found["item"]["duplicates"])],
        "others": [one for one in ask.view("agenda")["concerns"] if one["ref"] != found["ref"]],
        "is_author": raised["member"] == ask.house.member,
    }


def _row_of(ask: Ask, ref: str) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = ask.view("act", id=ref)
    except UnknownName:
        return {"id": "", "body": {"title": ref}}
    return found


def _said(ask: Ask, one: Mapping[str, Any]) -> dict[str, Any]:
    """A statement with its words, replies with theirs, and whether this member may reply."""
    statement = one["statement"]
    return {
        "act": statement,
        "words": ask.words(statement["ref"]),
        "replies": [{"act": reply, "words": ask.words(reply["ref"])} for reply in one["replies"]],
        "may_reply": [name.partition("/")[2] for name in one["may_reply"]],
        "is_mine": ask.house.origin in one["may_reply"],
        "refused": one["refused"],
    }


def held_on(ask: Ask, ref: str) -> dict[str, Any]:
    """Who holds what on a text: a drawing, and how many hold each shade."""
    found = ask.view("positions")
    cells: Mapping[str, Any] = next((one["positions"] for one in found["texts"] if one["ref"] == ref), {})
    word = ask.tongue.word
    drawn = []
    for member in found["members"]:
        held = cells.get(member)
        shade = held["response"] if held else ""
        drawn.append((shade, held["tone"] if held else "", f"{ask.named(member)}: {word(SHADES[shade])}"))
    counts = pictures.counted(shade for shade, _, _ in drawn)
    words = ", ".join(f"{count} {word(SHADES[shade])}" for shade, count in counts.items())
    return {"drawing": pictures.strip(drawn, words), "counts": counts}


PAGES = (
    Page("/agenda", "agenda.html.j2", _agenda),
    Page("/concern/{id:str}", "concern.html.j2", _concern),
)
