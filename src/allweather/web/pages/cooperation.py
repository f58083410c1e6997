"""Practical cooperation: tracks with commitments by state, packages, and the ledger of reciprocity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

from allweather.cooperation.bodies import (
    Accept,
    Confirm,
    Decline,
    Dispute,
    Milestone,
    Offer,
    ResumePart,
    SuspendPart,
    WithdrawOffer,
)
from allweather.report.drawing import drawing, line, rect, text
from allweather.web.asking import Ask, Page, Values
from allweather.web.fields import Form, form_of

COLUMNS: Sequence[tuple[str, str, Sequence[str]]] = (
    ("offered", "Offered", ("offered",)),
    ("waiting", "Accepted, waits for partners", ("accepted", "released")),
    ("active", "Active", ("active",)),
    ("reported", "Steps reported", ("reported", "confirmed", "disputed")),
    ("fulfilled", "Fulfilled", ("fulfilled",)),
    ("stopped", "Stopped", ("suspended", "declined", "lapsed", "withdrawn", "ended")),
)
"""The columns of the board: a name, a title, and the states that stand in it."""

_GOING = ("accepted", "released", "active", "reported", "confirmed", "disputed", "suspended")
_BLOCK, _GAP, _ROW = 15.0, 3.0, 44.0
_MOST_BLOCKS = 14


def _cooperation(ask: Ask) -> Values:
    found = ask.view("board")
    pairs = [one["pair"] for one in ask.view("ledger")]
    tracks = [_track(one) for one in found["tracks"]]
    return {
        "tracks": [one for one in tracks if one["n"]],
        "empty": [one for one in tracks if not one["n"]],
        "columns": COLUMNS,
        "refused": found["refused"],
        "pairs": pairs,
        "picture": _reciprocity(ask, pairs) if pairs else None,
        "n_overdue": sum(one["is_overdue"] for track in tracks for one in track["all"]),
        "n_commitments": sum(track["n"] for track in tracks),
        "duties": _duties(ask, tracks) if ask.visitor.kind == "delegate" else [],
        "fields": _track_forms(ask, tracks) if ask.visitor.kind == "delegate" else [],
        "source": source,
    }


def _track(one: Mapping[str, Any]) -> dict[str, Any]:
    by_state = {row["state"]: row["commitments"] for row in one["rows"]}
    cells = {
        name: [promise for state in states for promise in by_state.get(state, ())]
        for name, _, states in COLUMNS
    }
    every = [promise for cell in cells.values() for promise in cell]
    return {
        "track": one["track"],
        "cells": cells,
        "all": every,
        "n": len(every),
        "packages": [_package(package, every) for package in one["packages"]],
    }


def _package(package: Mapping[str, Any], every: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A package with the parts of each party beside those of the others."""
    offers = {part["offer"]["ref"] for part in package["parts"]}
    promises = [one for one in every if one["offer"]["ref"] in offers]
    members = {one["offer"]["member"] for one in promises}
    names = sorted({*members, *(party.rpartition("/")[2] for party in package["parties"])})
    return {
        "label": package["label"],
        "waits_for": [one.rpartition("/")[2] for one in package["waits_for"]],
        "sides": [(name, [one for one in promises if one["offer"]["member"] == name]) for name in names],
    }


def source(words: str) -> str:
    """Where evidence leads: an address of the web, an act such as norway:12, or nowhere."""
    try:
        parts = urlsplit(words)
    except ValueError:
        return ""
    if parts.scheme in ("https", "http") and parts.hostname and not any(map(str.isspace, words)):
        return words
    member, _, number = words.partition(":")
    is_act = number.isascii() and number.isdigit() and member.replace("-", "").isalnum() and member.isascii()
    return f"/act/{words}" if is_act else ""


# What this member can do


def _duties(ask: Ask, tracks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each commitment that this member can act on, with the forms for that; what waits comes first."""
    mine = ask.house.origin
    found = []
    for track in tracks:
        for promise in track["all"]:
            waiting, forms = _promise_forms(promise, track["track"], mine)
            if forms or waiting:
                found.append({"promise": promise, "waits": bool(waiting), "forms": [*waiting, *forms]})
    return sorted(found, key=lambda one: (not one["waits"], one["promise"]["part"]["offer"]["body"]["by"]))


def _promise_forms(
    promise: Mapping[str, Any], track: Mapping[str, Any], mine: str
) -> tuple[list[Form], list[Form]]:
    """The forms for what waits for this member, and for what else it can do."""
    offer, part, state = promise["offer"], promise["part"], promise["state"]
    body, ref = offer["body"], offer["ref"]
    own = offer["member"] == mine.rpartition("/")[2]
    named = mine in body.get("to", ()) or not body.get("to")
    accepts = mine in part["accepted_by"]
    waiting, forms = [], []
    if not own and named and not accepts and state in ("offered", "declined"):
        waiting.append(form_of(Accept.KIND, ["words"], offer=ref))
    if not own and (accepts or (named and state == "offered")):
        button = "Accept it no longer" if accepts else "Decline"
        forms.append(form_of(Decline.KIND, ["reason"], button=button, offer=ref))
    for step in part["milestones"]:
        verdict = next((one for one in step["verdicts"] if one["member"] == mine), None)
        if verdict is None:
            continue
        confirm = form_of(Confirm.KIND, ["words"], button="Confirm the step", milestone=step["act"]["ref"])
        dispute = form_of(Dispute.KIND, ["reason"], button="Dispute the step", milestone=step["act"]["ref"])
        said = verdict["act"]["kind"] if verdict["act"] else ""
        if not said:
            waiting += [confirm, dispute]
        elif said == Dispute.KIND:
            forms.append(confirm)
        else:
            forms.append(dispute)
    if own and state in _GOING:
        forms.append(form_of(Milestone.KIND, ["words", "evidence", "done"], offer=ref))
    suspended = [one for one in part["taken_back"] if one["kind"] == SuspendPart.KIND]
    by_me = [
        one for one in suspended if _short(one["member"]) == _short(mine) and one["body"]["about"] == ref
    ]
    forms += [form_of(ResumePart.KIND, ["reason"], button="Resume", suspension=one["ref"]) for one in by_me]
    if (own or accepts) and state in _GOING and not by_me:
        forms.append(
            form_of(SuspendPart.KIND, ["reason", "review_at"], button="Suspend the own part", about=ref)
        )
    if own and state in (*_GOING, "offered"):
        forms.append(form_of(WithdrawOffer.KIND, ["reason"], offer=ref))
    return waiting, forms


def _short(origin: str) -> str:
    return origin.rpartition("/")[2]


def _track_forms(ask: Ask, tracks: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Form]]]:
    """For each track: to offer something in it, to suspend the own part in it, or to resume that."""
    asked = ["what", "by", "measure", "to", "condition", "package", "parties", "words"]
    found = []
    for one in tracks:
        name = one["track"]["name"]
        forms = [form_of(Offer.KIND, asked, track=name)]
        mine = [act for act in one["track"]["suspended"] if _short(act["member"]) == ask.house.member]
        forms += [
            form_of(ResumePart.KIND, ["reason"], button="Resume in this track", suspension=act["ref"])
            for act in mine
        ]
        if not mine:
            forms.append(
                form_of(SuspendPart.KIND, ["reason", "review_at"], button="Suspend in this track", about=name)
            )
        found.append((one["track"]["title"], forms))
    return found


# The ledger as a drawing


def _reciprocity(ask: Ask, pairs: Sequence[Mapping[str, Any]]) -> Markup:
    """Two members on each line: what the one promised the other to the left, the reverse to the right.

    A square is a promise, its pattern says how it stands; a dot beneath is a step that the other confirmed.
    """
    word = ask.tongue.word
    lines = [list(same) for _, same in groupby(sorted(pairs, key=_line_of), key=_line_of)]
    middle, side = 380.0, 150.0
    body = []
    for place, both in enumerate(lines):
        y = place * _ROW + 30
        first, second = _line_of(both[0])
        body.append(text(middle, y + 12, "⇄", "small", anchor="middle"))
        for pair in both:
            is_left = pair["giver"] == first
            way = -1.0 if is_left else 1.0
            edge = middle + way * 18
            body += _promises(pair, edge, y, way)
            where = middle + way * (18 + side + 90)
            body.append(
                text(where, y + 12, ask.named(pair["giver"]), "label", anchor="end" if is_left else "")
            )
        for name, way in ((first, -1.0), (second, 1.0)):
            if all(pair["giver"] != name for pair in both):
                where = middle + way * (18 + side + 90)
                body.append(text(where, y + 12, ask.named(name), "label", anchor="end" if way < 0 else ""))
        body.append(line(40, y + _ROW - 10, 720, y + _ROW - 10, "faint"))
    body.append(text(middle - 18, 14, word("promised to the right-hand member"), "small", anchor="end"))
    body.append(text(middle + 18, 14, word("promised to the left-hand member"), "small"))
    about = word("The table below says the same in numbers.")
    title = word("What members have promised and given each other")
    return drawing("ledger", 760, len(lines) * _ROW + 34, title, about, body, alone=False)


def _line_of(pair: Mapping[str, Any]) -> tuple[str, str]:
    first, second = sorted((pair["giver"], pair["taker"]))
    return first, second


def _promises(pair: Mapping[str, Any], edge: float, y: float, way: float) -> list[str]:
    """The squares of one giver, from the middle outwards, those that are overdue first."""
    stands = promise_states(pair)
    body = []
    for place, state in enumerate(stands[:_MOST_BLOCKS]):
        x = edge + way * place * (_BLOCK + _GAP) - (_BLOCK if way < 0 else 0)
        body.append(rect(x, y, _BLOCK, _BLOCK, f"promise p-{state}"))
        if state in ("overdue", "stopped"):
            sign = "!" if state == "overdue" else "\N{MULTIPLICATION SIGN}"
            body.append(text(x + _BLOCK / 2, y + 12, sign, f"sign sign-{state}", anchor="middle"))
    if len(stands) > _MOST_BLOCKS:
        x = edge + way * (_MOST_BLOCKS * (_BLOCK + _GAP) + 4)
        rest = f"+{len(stands) - _MOST_BLOCKS}"
        body.append(text(x, y + 12, rest, "small", anchor="end" if way < 0 else ""))
    for place in range(min(pair["given"]["n"], 2 * _MOST_BLOCKS)):
        x = edge + way * (place * 9 + 4)
        body.append(f'<circle cx="{x:.1f}" cy="{y + _BLOCK + 7:.1f}" r="3" class="given"/>')
    return body


def promise_states(pair: Mapping[str, Any]) -> list[str]:
    """How each promise of a pair stands: overdue, fulfilled, active, waiting or stopped, in this order."""
    refs = {
        name: {act["ref"] for act in pair[name]["offers"]}
        for name in ("overdue", "fulfilled", "taken_back", "waiting")
    }
    found = []
    for act in pair["promised"]["offers"]:
        ref = act["ref"]
        if ref in refs["overdue"]:
            found.append("overdue")
        elif ref in refs["fulfilled"]:
            found.append("fulfilled")
        elif ref in refs["taken_back"]:
            found.append("stopped")
        else:
            found.append("waiting" if ref in refs["waiting"] else "active")
    return sorted(found, key=("overdue", "fulfilled", "active", "waiting", "stopped").index)


PAGES = (Page("/cooperation", "cooperation.html.j2", _cooperation),)
