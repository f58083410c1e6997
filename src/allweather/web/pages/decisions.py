"""Decisions by silence: each with its clock, who was heard, and its objections."""

from __future__ import annotations

from allweather.web.asking import Ask, Page, Values


def _decisions(ask: Ask) -> Values:
    return {"rows": ask.view("decisions")}


def _decision(ask: Ask) -> Values:
    return {"found": ask.view("decision", id=ask.path["id"])}


PAGES = (
    Page("/decisions", "decisions.html.j2", _decisions),
    Page("/decision/{id:str}", "decision.html.j2", _decision),
)
