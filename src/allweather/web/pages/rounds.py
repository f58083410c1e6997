"""Sealed rounds: who has sealed, the form to seal, and what was opened once a round has closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allweather.errors import UnknownName
from allweather.web.asking import Ask, Page, Values

_SAID = ("support", "conditional", "consent", "abstain", "oppose")


def _rounds(ask: Ask) -> Values:
    rows = ask.view("rounds")
    own = ask.house.origin
    return {
        "open": [one for one in rows if one["round"]["state"] == "open"],
        "over": [one for one in rows if one["round"]["state"] != "open"],
        "mine": {one["id"] for one in rows if own in one["round"]["missing"]},
    }


def _round(ask: Ask) -> Values:
    act = ask.view("act", id=ask.path["id"])
    row = next((one for one in ask.view("rounds") if one["round"]["round"]["ref"] == act["ref"]), None)
    if row is None:
        why = act.get("why_not", "")
        raise UnknownName(f"{act['id']} is no sealed round that counts{': ' if why else ''}{why}")
    found = row["round"]
    person = ask.visitor.person
    may_seal = (
        found["state"] == "open"
        and ask.at is None
        and ask.house.origin in found["missing"]
        and person is not None
        and person.role == "head"
    )
    return {
        "row": row,
        "found": found,
        "texts": [_text(ask, ref) for ref in act["body"]["on"]],
        "concern": _named(ask, act["body"]["concern"]),
        "closes_at": act["body"]["closes_at"],
        "seats": _seats(found),
        "opened": {one["seal"]["member"]: _opened(one) for one in found["opened"]},
        "expectations": _expectations(found),
        "may_seal": may_seal,
        "has_sealed": ask.visitor.kind == "delegate" and ask.house.origin in found["sealed"],
        "said": _SAID,
    }


def _text(ask: Ask, ref: str) -> dict[str, Any]:
    """One text of a round: the version that it names."""
    try:
        found = ask.view("text", id=ref)
    except UnknownName:
        return {"ref": ref, "id": "", "title": ref, "words": ""}
    act = next((one["act"] for one in found["versions"] if one["act"]["ref"] == ref), None)
    body = act["body"] if act is not None else {}
    words = body.get("words", "") or "\n\n".join(body.get("clauses", ()))
    return {"ref": ref, "id": act["id"] if act else found["id"], "title": found["title"], "words": words}


def _named(ask: Ask, ref: str) -> Mapping[str, Any] | None:
    try:
        found: Mapping[str, Any] = ask.view("act", id=ref)
    except UnknownName:
        return None
    return found


def _seats(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each member with where it stands: sealed, not sealed, opened, or sealed and not opened."""
    opened = {one["seal"]["body"].get("on_behalf") or one["seal"]["member"] for one in found["opened"]}
    opened = {name.rpartition("/")[2] for name in opened}
    rows = []
    for member in sorted((*found["sealed"], *found["missing"])):
        state = "unsealed" if member in found["missing"] else "sealed"
        if state == "sealed" and member.rpartition("/")[2] in opened:
            state = "opened"
        elif member in found["unopened"]:
            state = "unopened"
        rows.append((member, state))
    return rows


def _opened(one: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {taken["on"]: taken for taken in one["positions"]}


def _expectations(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Who expected what of whom, beside what that member itself had sealed."""
    said = {one["seal"]["member"]: _opened(one) for one in found["opened"]}
    rows = []
    for one in found["opened"]:
        for expected in one["expectations"]:
            of = expected["member"].rpartition("/")[2]
            own = said.get(of, {}).get(expected["on"])
            rows.append({"by": one["seal"]["member"], "of": of, "on": expected["on"],
                         "response": expected["response"], "own": own and own["response"]})  # fmt: skip
    return rows


PAGES = (
    Page("/rounds", "rounds.html.j2", _rounds),
    Page("/round/{id:str}", "round.html.j2", _round),
)
