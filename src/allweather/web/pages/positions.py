"""The matrix of positions: texts by members, in four tones, filtered, as of any time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from markupsafe import Markup, escape

from allweather.council.acts import short
from allweather.node.history import matrix_at
from allweather.web.asking import Ask, Page, Values
from allweather.web.times import show_day, show_moment
from allweather.web.words import SHADES, SIGNS, TONES

_STEPS = 120
_BINS = 60
_LONGEST = 120
_FILTERS = ("q", "bloc", "area", "member", "at")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """The members of one bloc, beside each other; `name` is empty for those of no bloc."""

    name: str
    members: Sequence[str]


def _positions(ask: Ask) -> Values:
    ask = _without_now(ask)
    found = {"members": ask.view("council")["members"], "texts": _texts(ask)}
    asked = {name: ask.query.get(name, "") for name in _FILTERS}
    columns = columns_of(ask, found["members"])
    shown = _chosen(columns, asked)
    rows = [row for row in found["texts"] if _fits(row, asked)]
    areas: dict[str, list[Row]] = {}
    for row in rows:
        areas.setdefault(row["area"], []).append(row)
    return {
        "ask": ask,
        "asked": asked,
        "columns": shown,
        "blocs": [one.name for one in columns if one.name],
        "members": [name for one in shown for name in one.members],
        "everybody": found["members"],
        "all_areas": sorted({row["area"] for row in found["texts"] if row["area"]}),
        "areas": areas,
        "n_texts": len(found["texts"]),
        "n_shown": len(rows),
        "line": row_writer(ask, shown),
        "tally": tally,
        "slider": _slider(ask),
    }


def _texts(ask: Ask) -> list[Row]:
    """The rows of the matrix, now or as they stood."""
    if ask.at is None:
        return list(ask.view("positions")["texts"])
    return list(matrix_at(ask.house.view("history", {}, None), ask.at))


def _without_now(ask: Ask) -> Ask:
    """The same, where the last stop of the slider stands for now, whenever that is."""
    at = ask.query.get("at", "")
    return replace(ask, query={**ask.query, "at": ""}) if at and at == ask.query.get("latest") else ask


def columns_of(ask: Ask, members: Sequence[str]) -> list[Column]:
    """All members by declared bloc, in the order of the charter; those of no bloc come last."""
    placed: set[str] = set()
    found = []
    for bloc in ask.charter.get("blocs", ()):
        inside = [short(one) for one in bloc["members"]]
        mine = [one for one in inside if one in members and one not in placed]
        placed.update(mine)
        if mine:
            found.append(Column(bloc["name"], mine))
    rest = [one for one in members if one not in placed]
    return [*found, Column("", rest)] if rest else found


def _chosen(columns: Sequence[Column], asked: Mapping[str, str]) -> list[Column]:
    """The columns of a bloc, or of one member beside nobody else."""
    found = [one for one in columns if asked["bloc"] in ("", one.name)]
    if asked["member"]:
        found = [Column(one.name, [name for name in one.members if name == asked["member"]]) for one in found]
    return [one for one in found if one.members]


def _fits(row: Row, asked: Mapping[str, str]) -> bool:
    words = asked["q"].casefold().split()
    said = f"{row['id']} {row['title']} {row['words']}".casefold()
    return asked["area"] in ("", row["area"]) and all(word in said for word in words)


def row_writer(ask: Ask, columns: Sequence[Column]) -> Any:
    """A function from a row to its cells, as HTML: a matrix has thousands, so they are not left to macros."""

    def word(message: str) -> Markup:
        return escape(ask.tongue.word(message))

    shades = {code: word(SHADES[code]) for code in SIGNS}
    tones = {code: word(words) for code, words in TONES.items()}
    earlier, red_line, only_if = (word(one) for one in ("on an earlier version", "a red line", "if"))
    named = {name: escape(ask.full_names.get(name, name)) for one in columns for name in one.members}
    firsts = {one.members[0] for one in columns[1:]}
    order = [(name, " gap" if name in firsts else "") for one in columns for name in one.members]
    nothing = {gap: f'<td class="u{gap}"><span class="vh">{shades[""]}</span></td>' for gap in ("", " gap")}

    def cells(row: Row) -> Iterator[str]:
        held, href = row["positions"], f"/text/{escape(row['id'])}#m-"
        for name, gap in order:
            one = held.get(name)
            if one is None:
                yield nothing[gap]
                continue
            response, tone, weight = one["response"], one["tone"], one["intensity"]
            title = f"{named[name]}: {shades[response]}, {tones[tone]}"
            if one["condition"]:
                title += f"; {only_if} {escape(one['condition'][:_LONGEST])}"
            kind = f"c r-{response} t-{tone}{gap}"
            if weight is not None:
                title += f"; {weight}"
                kind += f" i{(weight + 5) // 10}"
            if one["red_line"]:
                title, kind = f"{title}; {red_line}", f"{kind} red"
            if one["asked"]:
                title, kind = f"{title}; {earlier}", f"{kind} old"
            link = f'<a href="{href}{escape(name)}" aria-label="{title}">{SIGNS[response]}</a>'
            yield f'<td class="{kind}">{link}</td>'

    return lambda row: Markup("".join(cells(row)))


_LIKE = {"support": "yes3", "conditional": "yes2", "consent": "yes1", "oppose": "no"}


def tally(row: Row, members: Sequence[str]) -> list[tuple[str, float, float]]:
    """How a row divides among these members: a class, where it begins and how wide it is, in per cent."""
    n: dict[str, int] = dict.fromkeys(("yes3", "yes2", "yes1", "mid", "no"), 0)
    for name in members:
        one = row["positions"].get(name)
        if one is not None:
            n[_LIKE.get(one["response"], "mid")] += 1
    found, start = [], 0.0
    for kind, count in n.items():
        wide = 100 * count / max(1, len(members))
        if count:
            found.append((kind, round(start, 1), round(wide, 1)))
        start += wide
    return found


def _slider(ask: Ask) -> Values:
    """From when to when the slider goes, where it stands, and how many positions were taken on the way."""
    first = int(ask.council["charter"]["at"]) if ask.council is not None else ask.now
    last = max(ask.now, first + 1)
    step = max(1, (last - first) // _STEPS)
    first = last - ((last - first) // step + 1) * step
    bins = [0] * _BINS
    for row in ask.house.view("history", {}, None):
        for one in chain.from_iterable(row["held"].values()):
            bins[min(_BINS - 1, max(0, (one["at"] - first) * _BINS // (last - first)))] += 1
    most = max(bins) or 1
    words = show_day if last - first > 3 * 86_400 else show_moment
    return {
        "first": first,
        "last": last,
        "step": step,
        "at": last if ask.at is None else min(max(ask.at, first), last),
        "bars": [(k, round(20 * n / most, 1)) for k, n in enumerate(bins) if n],
        "from_words": words(first, ask.zone, ask.tongue.code),
        "to_words": words(last, ask.zone, ask.tongue.code),
    }


PAGES = (Page("/positions", "positions.html.j2", _positions),)
