"""The first page: what this is, what waits, where positions meet, who is missing, why it can be trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from allweather.errors import Refused
from allweather.node.serving import Asked
from allweather.report.words import VERDICT_KEY, VERDICTS
from allweather.web import pictures
from allweather.web.acting import back_of, first
from allweather.web.asking import Ask, Page, Values
from allweather.web.forms import Given
from allweather.web.pages.decisions import title_of
from allweather.web.pages.review import kept_review
from allweather.web.sessions import check_token

_LATEST = 10
_LOOKED = "400"
_SOON = 8
_FIRST = 8
_QUIET = ("council.receipt", "council.join")
NO_POSITION = "No position of yours is on record."

Weather = Literal["fair", "cloudy", "storm", "unknown"]


def _home(ask: Ask) -> Values:
    if ask.council is None:
        return {"is_founded": False}
    decisions = ask.view("decisions")
    waiting = ask.view("waiting", member=ask.house.member) if ask.visitor.kind == "delegate" else []
    clocks = sorted(
        (one for one in decisions if one["state"] in ("running", "provisional")),
        key=lambda one: one["expires_at"],
    )
    urgent, others, without = grouped(waiting)
    peers = weather(ask)
    return {
        "is_founded": True,
        "waiting": waiting,
        "urgent": [{**one, "title": _title(ask, one["about"])} for one in urgent],
        "others": [{**one, "title": _title(ask, one["about"])} for one in others],
        "without": without,
        "n_first": _FIRST,
        "clocks": clocks[:_SOON],
        "n_clocks": len(clocks),
        "missing": missing(ask),
        "weather": peers,
        "n_in_step": sum(one["weather"] == "fair" for one in peers),
        "meet": meeting(ask),
        "latest": latest(ask),
        "health": ask.house.node.shared.why_not_signing(),
        "weather_sign": pictures.weather_sign,
        "marks": pictures.marks,
    }


def grouped(
    waiting: Sequence[Mapping[str, Any]],
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """What waits, apart: what has a deadline, what has none, and texts without a position of the member."""
    without = [one for one in waiting if one["sentence"] == NO_POSITION]
    rest = [one for one in waiting if one["sentence"] != NO_POSITION]
    return [one for one in rest if one["by"]], [one for one in rest if not one["by"]], without


def _title(ask: Ask, act: Mapping[str, Any]) -> str:
    """What an act that something waits on is about, in the words of its author; empty if it has none."""
    body = act["body"] or {}
    if act["kind"] == "council.silence":
        return title_of(ask, act["id"])
    if act["kind"] == "council.object":
        return title_of(ask, body["decision"])
    title: str = body.get("title", "") or body.get("what", "")
    return title


def missing(ask: Ask) -> dict[str, list[str]]:
    """Who is not here: seats that are empty, members that left or suspended their participation."""
    found = ask.council or {"members": [], "joined": [], "suspended": [], "left": []}
    return {
        "empty": [one for one in found["members"] if one not in found["joined"]],
        "suspended": list(found["suspended"]),
        "left": list(found["left"]),
    }


def weather(ask: Ask) -> list[dict[str, Any]]:
    """Each peer's node: whether it is in step with this one, and when it last was (0: not yet)."""
    is_cut = ask.house.node.weather.is_cut
    rows = []
    for one in ask.house.node.peer_states():
        last: Any = one["last"]
        found: Weather = "unknown"
        if one["failures"] or is_cut:
            found = "storm"
        elif last is not None:
            found = "fair" if last["complete"] else "cloudy"
        rows.append(
            {
                "member": one["member"] or "",
                "address": one["address"] if ask.visitor.kind == "delegate" else "",
                "weather": found,
                "since": one["in_step_at"],
            }
        )
    return rows


def meeting(ask: Ask) -> list[tuple[str, int]] | None:
    """How many questions converge, nearly do, differ, are not known; None while no review is at hand."""
    kept = kept_review(ask)
    if kept is None:
        return None
    questions = kept.review.questions
    return [(VERDICT_KEY[one], sum(found.verdict is one for found in questions)) for one in VERDICTS]


def latest(ask: Ask) -> list[dict[str, Any]]:
    """The last acts, newest first, without those that nodes sign by themselves.

    Acts of one kind that a member did one after another are one row, with how many they are (`n`).
    """
    rows: list[dict[str, Any]] = ask.view("minutes", limit=_LOOKED)
    found: list[dict[str, Any]] = []
    for row in reversed(rows):
        if row["kind"] in _QUIET:
            continue
        last = found[-1] if found else None
        if last is not None and all(last[one] == row[one] for one in ("member", "kind", "counts")):
            last["n"] += 1
        elif len(found) < _LATEST:
            found.append({**row, "n": 1})
        else:
            break
    return found


def _cut(request: Asked, ask: Ask, given: Given) -> Any:
    """Cut this node's line, or heal it. Only in a rehearsal."""
    from allweather.web.door import go_to

    check_token(ask.visitor.session, first(given, "token"))
    if not ask.house.is_rehearsal or ask.visitor.kind != "delegate":
        raise Refused("only a rehearsal can be cut off by a button")
    node = ask.house.node
    node.weather.is_cut = first(given, "cut") == "yes"
    if not node.weather.is_cut:
        node.hear_news("")
    ask.house.hub.tell()
    return go_to(back_of(given))


PAGES = (Page("/", "home.html.j2", _home),)
FORMS = (("/rehearsal", _cut),)
