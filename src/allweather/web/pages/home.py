"""The first page: what this is, what waits, where positions meet, who is missing, why it can be trusted."""

from __future__ import annotations

from typing import Any

from allweather.errors import Refused
from allweather.node.serving import Asked
from allweather.web.acting import back_of, first
from allweather.web.asking import Ask, Page, Values
from allweather.web.forms import Given
from allweather.web.sessions import check_token

_LATEST = 12
_SOON = 12


def _home(ask: Ask) -> Values:
    if ask.council is None:
        return {"is_founded": False}
    decisions = ask.view("decisions")
    waiting = ask.view("waiting", member=ask.house.member) if ask.visitor.kind == "delegate" else []
    clocks = sorted(
        (one for one in decisions if one["state"] in ("running", "provisional")),
        key=lambda one: one["expires_at"],
    )
    return {
        "is_founded": True,
        "waiting": waiting,
        "clocks": clocks[:_SOON],
        "missing": missing(ask),
        "weather": weather(ask),
        "latest": latest(ask),
        "health": ask.house.node.shared.why_not_signing(),
    }


def missing(ask: Ask) -> dict[str, list[str]]:
    """Who is not here: seats that are empty, members that left or suspended their participation."""
    found = ask.council or {"members": [], "joined": [], "suspended": [], "left": []}
    return {
        "empty": [one for one in found["members"] if one not in found["joined"]],
        "suspended": list(found["suspended"]),
        "left": list(found["left"]),
    }


def weather(ask: Ask) -> list[dict[str, Any]]:
    """Each peer's node: whether it answers, and how long ago it was in step with this one."""
    return [dict(one) for one in ask.house.node.peer_states()]


def latest(ask: Ask) -> list[dict[str, Any]]:
    """The last acts, newest first."""
    rows: list[dict[str, Any]] = ask.view("minutes")
    quiet = ("council.receipt", "council.join")
    return [row for row in reversed(rows[-400:]) if row["kind"] not in quiet][:_LATEST]


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
