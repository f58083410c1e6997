"""Decisions by silence: each with its clock, who was heard, its objections; and the ledger of objections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allweather.errors import UnknownName
from allweather.web import pictures, times
from allweather.web.asking import Ask, Page, Values
from allweather.web.zones import local_times

_ENDED = ("amended", "ended", "sunset")
_RETURNED = ("broken", "contested", "refused", "withdrawn", "void")


def _decisions(ask: Ask) -> Values:
    rows = ask.view("decisions")
    in_silence = sorted(
        (one for one in rows if one["state"] in ("running", "provisional")),
        key=lambda one: one["expires_at"],
    )
    back = [one for one in rows if one["state"] in _RETURNED]
    stand = [one for one in rows if one not in in_silence and one not in back]
    groups = [
        (title, [{**one, "title": title_of(ask, one["id"]), "bar": _bar_of(ask, one)} for one in found])
        for title, found in (
            ("In silence", in_silence),
            ("Adopted", stand),
            ("Returned to drafting", back),
        )
    ]
    return {"groups": groups, "n": len(rows)}


def title_of(ask: Ask, decision: str) -> str:
    """What the text of a decision is called; its reference if it is not held."""
    ref: str = ask.view("act", id=decision)["body"]["text"]
    try:
        title: str = ask.view("text", id=ref)["title"]
    except UnknownName:
        return ref
    return title


def _bar_of(ask: Ask, row: Mapping[str, Any]) -> Any:
    if row["state"] != "running":
        return ""
    return bar(ask, ask.view("decision", id=row["id"])["decision"])


def bar(ask: Ask, found: Mapping[str, Any]) -> Any:
    """The drawing of a silence from its opening to its expiry."""
    now = ask.now if ask.at is None else ask.at
    words = ask.tongue.word("From its opening to its end")
    until = times.show_moment(found["expires_at"], ask.zone, ask.tongue.code)
    opened = times.show_moment(found["act"]["at"], ask.zone, ask.tongue.code)
    return pictures.silence_bar(
        found["act"]["at"],
        found["expires_at"],
        now,
        [one["until"] for one in found["holds"]],
        found["act"]["body"]["expires_at"],
        f"{words}: {opened} \N{EN DASH} {until}",
    )


def _decision(ask: Ask) -> Values:
    found = ask.view("decision", id=ask.path["id"])
    one = found["decision"]
    objections = [
        {
            **thread,
            "is_standing": _is_standing(thread),
            "against": _act_or_none(ask, thread["counter"]) if thread["counter"] else None,
        }
        for thread in one["objections"]
    ]
    return {
        "found": found,
        "one": one,
        "text": _text_of(ask, one["text"]),
        "concern": _act_or_none(ask, one["concern"]),
        "objections": objections,
        "seats": _seats(one, objections),
        "bar": bar(ask, one),
        "at_members": local_times([name.partition("/")[2] for name in one["members"]], one["expires_at"]),
        "conflicts": [{**other, "row": other["other"]} for other in one["conflicts"]],
        "n_standing": sum(thread["is_standing"] for thread in objections),
        "clock": lambda when: times.show_clock(int(when.timestamp()), when.tzinfo, ask.tongue.code),
        "local_day": lambda when: times.show_day(int(when.timestamp()), when.tzinfo, ask.tongue.code),
        "may_do": _may_do(ask, one, objections),
        "elsewhere": [row for row in ask.view("decisions") if row["id"] != found["id"]],
    }


def _is_standing(thread: Mapping[str, Any]) -> bool:
    return thread["finding"]["effect"] != "none" and thread["cleared"] is None


def _act_or_none(ask: Ask, ref: str) -> Mapping[str, Any] | None:
    try:
        found: Mapping[str, Any] = ask.view("act", id=ref)
    except UnknownName:
        return None
    return found


def _text_of(ask: Ask, ref: str) -> Mapping[str, Any] | None:
    """The very version that is put to silence: its name, title, version and words."""
    try:
        found = ask.view("text", id=ref)
    except UnknownName:
        return None
    for one in found["versions"]:
        if ref == one["act"]["ref"] or ref in one["twins"]:
            body = one["act"]["body"]
            words = body["words"] if "words" in body else "\n\n".join(body["clauses"])
            return {
                "id": one["act"]["id"],
                "title": found["title"],
                "version": f"{one['number']}{one['letter']}",
                "words": words,
            }
    return None


def _seats(one: Mapping[str, Any], objections: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each member that it was put to: how it stands to it, in one code, with the act that shows it."""
    heard = {row["member"]: row for row in one["heard"]}
    waits = {row["member"]: row["why"] for row in one["not_heard"]}
    against = {row["holder"] for row in objections if row["is_standing"]}
    refused = {row["member"] for row in one["refusals"] if row["finding"]["effect"] != "none"}
    held = {row["member"] for row in one["holds"]}
    proposer = one["act"]["body"].get("on_behalf") or one["act"]["member"]
    found = []
    for member in one["members"]:
        row = heard.get(member)
        if member.partition("/")[2] == proposer.rpartition("/")[2]:
            state = "proposes"
        elif member in against or member in refused:
            state = "objects"
        elif row is None:
            state = "waits"
        else:
            state = "late" if row["is_late"] else "heard"
        found.append(
            {
                "member": member,
                "state": state,
                "row": row,
                "why": waits.get(member, ""),
                "holds": member in held,
            }
        )
    return found


def _may_do(ask: Ask, one: Mapping[str, Any], objections: list[dict[str, Any]]) -> dict[str, Any]:
    """Which acts on a decision make sense for this member now. Whether one counts is asked at signing."""
    own, now = ask.house.origin, ask.now
    if ask.visitor.kind != "delegate" or ask.at is not None:
        return {"object": False, "hold": False, "refuse": False, "reserve": False, "withdraw": False,
                "conflict": False, "answer": [], "clear": []}  # fmt: skip
    sits = own in one["members"]
    proposes = one["act"]["member"] == ask.house.member
    mine = [thread for thread in objections if thread["holder"] == own and thread["is_standing"]]
    late = next((row for row in one["late"] if row["member"] == own), None)
    unheard = any(row["member"] == own for row in one["not_heard"])
    may_late = late is not None and late["joined"] is None and (late["until"] is None or now <= late["until"])
    in_time = one["state"] in ("running", "broken") and now <= one["expires_at"]
    after = one["state"] in ("provisional", "adopted", "in_force", "contested")
    may_object = sits and not proposes and not mine and (in_time or (after and (may_late or unheard)))
    stands = one["state"] in ("running", "provisional", "adopted", "in_force")
    window = one["statements_by"] is None or now <= one["statements_by"]
    standing = [thread for thread in objections if thread["is_standing"]]
    return {
        "object": may_object,
        "refuse": may_object and not any(row["member"] == own for row in one["refusals"]),
        "hold": sits and in_time and not any(row["member"] == own for row in one["holds"]),
        "reserve": sits and stands and window,
        "withdraw": proposes and one["withdrawn"] is None and (in_time or one["state"] == "provisional"),
        "conflict": sits and one["state"] not in (*_RETURNED, *_ENDED),
        "answer": [thread for thread in standing if thread["holder"] != own] if sits or proposes else [],
        "clear": mine,
    }


def _objections(ask: Ask) -> Values:
    standing: list[dict[str, Any]] = []
    over: list[dict[str, Any]] = []
    for row in ask.view("decisions"):
        one = ask.view("decision", id=row["id"])["decision"]
        for thread in one["objections"]:
            n_answers = len(thread["answers"]) + sum(len(point["answers"]) for point in thread["points"])
            found = {
                "thread": thread,
                "decision": row,
                "title": title_of(ask, row["id"]),
                "n_answers": n_answers,
                "n_open": sum(not point["answers"] for point in thread["points"]),
            }
            (standing if _is_standing(thread) else over).append(found)
    return {
        "standing": sorted(standing, key=lambda one: -one["thread"]["act"]["at"]),
        "over": sorted(over, key=lambda one: -one["thread"]["act"]["at"]),
    }


PAGES = (
    Page("/decisions", "decisions.html.j2", _decisions),
    Page("/decision/{id:str}", "decision.html.j2", _decision),
    Page("/objections", "objections.html.j2", _objections),
)
