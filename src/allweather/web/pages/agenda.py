"""The agenda, one concern with everything on it, one text with who holds what, one act as it is on record."""

from __future__ import annotations

from typing import Any

from allweather.web.asking import Ask, Page, Values


def _agenda(ask: Ask) -> Values:
    found = ask.view("agenda")
    areas: dict[str, list[dict[str, Any]]] = {}
    for row in found["concerns"]:
        areas.setdefault(row["area"], []).append(row)
    return {"areas": areas, "refused": found["refused"], "n": len(found["concerns"])}


def _concern(ask: Ask) -> Values:
    found = ask.view("concern", id=ask.path["id"])
    return {"found": found, "title": found["title"]}


def _text(ask: Ask) -> Values:
    found = ask.view("text", id=ask.path["id"])
    concern = ask.view("concern-of", id=ask.path["id"])
    mine = next((one for one in found["holders"] if one["member"] == ask.house.origin), None)
    return {"found": found, "concern": concern, "mine": mine, "title": found["title"]}


def _act(ask: Ask) -> Values:
    return {"found": ask.view("act", id=ask.path["id"])}


PAGES = (
    Page("/agenda", "agenda.html.j2", _agenda),
    Page("/concern/{id:str}", "concern.html.j2", _concern),
    Page("/text/{id:str}", "text.html.j2", _text),
    Page("/act/{id:str}", "act.html.j2", _act),
)
