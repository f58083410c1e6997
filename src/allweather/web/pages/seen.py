"""As seen by: the council as another member's node saw it at a time, by that member's own log."""

from __future__ import annotations

from typing import Any

import msgspec

from allweather.council.acts import short
from allweather.errors import UnknownName
from allweather.node.seeing import as_seen_by
from allweather.node.views import VIEWS, headline
from allweather.web import times
from allweather.web.asking import Ask, Page, Values

_UNSEEN = 60
_ROUNDED = 30


def _seen(ask: Ask) -> Values:
    members = list(ask.council["members"]) if ask.council else []
    member = ask.path.get("member") or ask.query.get("member", "")
    at = -(-ask.now // _ROUNDED) * _ROUNDED if ask.at is None else ask.at
    values: dict[str, Any] = {
        "members": members,
        "whose": member,
        "moment": at,
        "field": times.format_moment(at, ask.zone),
        "saw": None,
    }
    if not member:
        return values
    if member not in members:
        raise UnknownName(f"{member!r:.60} is no member of this council")
    return {**values, "saw": _kept(ask, member, at)}


def _kept(ask: Ask, member: str, at: int) -> Any:
    """What a member saw, found once for as long as nothing new is held."""
    key = ("seen", member, at, ask.house.node.shared.fold_version)
    return msgspec.json.decode(ask.house.drawn.get(key, lambda: msgspec.json.encode(_saw(ask, member, at))))


def _saw(ask: Ask, member: str, at: int) -> dict[str, Any]:
    shared = ask.house.node.shared
    origin = f"{ask.house.origin.partition('/')[0]}/{member}"
    with shared.lock:
        view = shared.actions.view()
        then = as_seen_by(view, origin, at, shared.desk.storage, shared.desk.standing)
        unseen = sorted(
            (act for ref, act in view.fold.acts.items() if act.at <= at and ref not in then.fold.acts),
            key=lambda act: (-act.at, act.place),
        )
        return {
            "is_founded": bool(then.fold.charter) and then.fold.charter in then.fold.acts,
            "agenda": VIEWS["agenda"].show(then, {})["concerns"],
            "decisions": VIEWS["decisions"].show(then, {}),
            "n_acts": len(then.fold.acts),
            "n_unseen": len(unseen),
            "unseen": [
                {
                    "id": act.name,
                    "at": act.at,
                    "member": short(act.member),
                    "kind": act.kind,
                    "what": headline(act),
                }
                for act in unseen[:_UNSEEN]
            ],
        }


PAGES = (
    Page("/seen", "seen.html.j2", _seen, "observer"),
    Page("/seen/{member:str}", "seen.html.j2", _seen, "observer"),
)
