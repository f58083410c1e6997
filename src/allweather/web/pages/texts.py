"""One text: its versions with what changed between any two, who holds what on it, who expects what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from allweather.council.redlines import redline
from allweather.errors import UnknownName
from allweather.web import times
from allweather.web.asking import Ask, Page, Values
from allweather.web.pages.agenda import held_on
from allweather.web.pictures import SHADES

_MINUTE = 60


def _text(ask: Ask) -> Values:
    found = ask.view("text", id=ask.path["id"])
    versions = found["versions"]
    current = next((one for one in reversed(versions) if one["is_current"]), versions[-1])
    shown = next((one for one in versions if _label(one) == ask.query.get("version", "")), current)
    root = versions[0]["act"]
    mine = next((one for one in found["holders"] if one["member"] == ask.house.origin), None)
    own = mine["current"][0] if mine is not None and mine["current"] else None
    concern = _concern_of(ask)
    decided = [one for one in ask.view("decisions") if _is_on(ask, one, versions)]
    return {
        "found": found,
        "concern": concern,
        "bearing": ask.view("concern", id=concern["id"])["quotations"] if concern else [],
        "versions": [{**one, "label": _label(one), "words": _words(one)} for one in versions],
        "current": current,
        "shown": shown,
        "shown_words": _words(shown),
        "current_words": _words(current),
        "lines": _redline(ask, versions),
        "holders": _holders(found["holders"]),
        "unknown": [one["member"] for one in found["holders"] if not one["current"] and not one["inferred"]],
        "strip": held_on(ask, found["ref"]),
        "mine": own,
        "is_asked": bool(mine is not None and mine["asked"]),
        "is_author": root["kind"] == "council.text" and root["member"] == ask.house.member,
        "root": root,
        "decided": decided,
        "expiry": preset_expiry(ask),
        "label_of": _label,
    }


def _label(version: Mapping[str, Any]) -> str:
    return f"{version['number']}{version['letter']}"


def _words(version: Mapping[str, Any]) -> str:
    body = version["act"]["body"]
    if "clauses" in body:
        return "\n\n".join(body["clauses"])
    words: str = body["words"]
    return words


def _concern_of(ask: Ask) -> Mapping[str, Any] | None:
    try:
        found: Mapping[str, Any] = ask.view("concern-of", id=ask.path["id"])
    except UnknownName:
        return None
    return found


def _is_on(ask: Ask, row: Mapping[str, Any], versions: Sequence[Mapping[str, Any]]) -> bool:
    opened = ask.view("act", id=row["id"])["body"]["text"]
    return any(opened == one["act"]["ref"] or opened in one["twins"] for one in versions)


def _redline(ask: Ask, versions: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """What changed between two versions; if none are named, between the last two. None with one version."""
    if len(versions) < 2:
        return None
    by_label = {_label(one): one for one in versions}
    old = by_label.get(ask.query.get("from", ""), versions[-2])
    new = by_label.get(ask.query.get("to", ""), versions[-1])
    lines = redline(_words(old).split("\n\n"), _words(new).split("\n\n"))
    return {"old": _label(old), "new": _label(new), "lines": lines}


def _holders(holders: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A row for what each member holds, and for each reading of it: the most in favour first.

    What a member held on older versions, or before it changed its mind, is in `earlier`.
    """
    rows = []
    for one in holders:
        current, inferred = one["current"], one["inferred"]
        for place, held in enumerate((*current[:1], *inferred)):
            rows.append(
                {
                    "member": one["member"],
                    "held": held,
                    "label": _label(held["version"]),
                    "is_asked": bool(one["asked"]) and place == 0,
                    "is_first": place == 0,
                    "earlier": [*current[1:], *one["earlier"], *one["withdrawn"]] if place == 0 else [],
                }
            )
    first = {row["member"]: SHADES.index(row["held"]["taken"]["response"]) for row in rows if row["is_first"]}
    return sorted(rows, key=lambda row: (first[row["member"]], row["member"]))


def preset_expiry(ask: Ask) -> str:
    """When a silence that is opened now may end at the earliest, with a margin, for a form's field."""
    rules = ask.charter.get("rules", {})
    shortest = rules.get("shortest_silence", 3_600)
    margin = max(30 * _MINUTE, shortest // 4)
    step = 5 * _MINUTE
    return times.format_moment(-(-(ask.now + shortest + margin) // step) * step, ask.zone)


PAGES = (Page("/text/{id:str}", "text.html.j2", _text),)
