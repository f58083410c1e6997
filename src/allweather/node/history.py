"""Who held what when: every position with the time of its act, and the matrix as it stood at any moment.

A view as of an earlier time tells by that time which deadlines had passed, with all acts that are held now.
What members held then is another question: here only acts count that their authors had signed by then, by
their own clocks. One history serves every moment, so that a reader can go back and forth.

What it does not know: a reading of a member that the same reader has replaced since.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from allweather.council.acts import short
from allweather.council.bodies import Concern
from allweather.council.holding import Held, Holder, holding
from allweather.council.texts import Tabled, texts
from allweather.council.view import View

Row = dict[str, Any]
_TONES = ("own", "common", "inferred")


def history(view: View) -> list[Row]:
    """All texts, each with the times of its versions and every position taken on them."""
    return [_text(view, one) for one in texts(view)]


def _text(view: View, one: Tabled) -> Row:
    concern = view.fold.body(one.concern, Concern)
    holders = holding(view, one.root.ref).holders
    return {
        "title": one.title,
        "area": one.area or (concern.area if concern is not None else ""),
        "until": one.withdrawn.at if one.withdrawn is not None else None,
        "versions": [
            {
                "id": version.act.name,
                "ref": version.ref,
                "version": version.label,
                "words": version.words,
                "at": version.act.at,
            }
            for version in one.versions
        ],
        "held": {short(holder.member): _held(holder) for holder in holders},
    }


def _held(holder: Holder) -> list[Row]:
    """What a member has held, in the order of its log; what is read of it comes last."""
    own = sorted(
        (one for one in chain(holder.current, holder.earlier, holder.withdrawn) if one.tone != "inferred"),
        key=lambda one: (one.place.origin == one.place.member, one.place.index, one.place.origin),
    )
    return [_position(one) for one in (*own, *holder.inferred)]


def _position(one: Held) -> Row:
    return {
        "on": one.version.ref,
        "response": one.taken.response,
        "tone": one.tone,
        "intensity": one.taken.intensity,
        "version": one.version.label,
        "red_line": one.taken.red_line,
        "condition": one.taken.condition,
        "act": one.act.name,
        "at": one.act.at,
        "until": one.withdrawn.at if one.withdrawn is not None else None,
    }


def matrix_at(rows: Sequence[Mapping[str, Any]], at: int) -> list[Row]:
    """The rows of a history as the view `positions` shows them, by what had been signed at `at`."""
    found = []
    for row in rows:
        versions = [one for one in row["versions"] if one["at"] <= at]
        if not versions or (row["until"] is not None and row["until"] <= at):
            continue
        order = {one["ref"]: place for place, one in enumerate(versions)}
        cells = {}
        for member, some in row["held"].items():
            one = _newest([each for each in some if _stands(each, at) and each["on"] in order], order)
            if one is not None:
                asked = one["tone"] != "inferred" and one["on"] != versions[-1]["ref"]
                cells[member] = {**one, "asked": asked}
        newest = {name: versions[-1][name] for name in ("id", "ref", "version", "words")}
        n_own = sum(one["tone"] != "inferred" for one in cells.values())
        same = {"title": row["title"], "area": row["area"]}
        found.append({**newest, **same, "n_positions": n_own, "positions": cells})
    return found


def unchanged(rows: Sequence[Mapping[str, Any]], one: int, other: int) -> set[str]:
    """The texts of which `matrix_at` says the same at two moments, by the version that is newest then.

    Nothing was said of them after the earlier and up to the later of the two. Others may be the same by
    chance, and are not among them.
    """
    first, last = min(one, other), max(one, other)
    found: set[str] = set()
    for row in rows:
        if not any(first < at <= last for at in _moments(row)):
            found.update(each["id"] for each in row["versions"])
    return found


def _moments(row: Mapping[str, Any]) -> Iterator[int]:
    """When anything was said of a text, and when it was withdrawn."""
    for one in chain((row,), row["versions"], *row["held"].values()):
        for name in ("at", "until"):
            if one.get(name) is not None:
                yield one[name]


def _stands(one: Mapping[str, Any], at: int) -> bool:
    return one["at"] <= at and (one["until"] is None or one["until"] > at)


def _newest(some: Sequence[Row], order: Mapping[str, int]) -> Row | None:
    """What a member says for itself on the newest version that it has answered; else what is read of it.

    On one version its own word goes before a common text, and of either the last in its log.
    """
    if len(some) < 2:  # nearly always: a matrix has thousands of cells
        return some[0] if some else None
    own = [one for one in some if one["tone"] != "inferred"]
    if own:
        best = max(order[one["on"]] for one in own)
        on = [one for one in own if order[one["on"]] == best]
        return min(reversed(on), key=lambda one: _TONES.index(one["tone"]))
    return max(some, key=lambda one: order[one["on"]], default=None)
