"""The matrix of positions: texts by members, in four tones, filtered, as of any time.

A browser with scripts filters in place: of a matrix that was drawn whole it leaves out the rows and columns
that would not be drawn here. So a row, a cell and a heading are the same whatever else is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import chain
from typing import Any

from markupsafe import Markup, escape
from msgspec.json import encode

from allweather.council.acts import short
from allweather.node.history import matrix_at, unchanged
from allweather.web.asking import Ask, Page, Values
from allweather.web.times import show_day, show_moment
from allweather.web.words import SHADES, SIGNS, TONES

_STEPS = 120
_BINS = 60
_MOMENT = re.compile("[0-9]{1,16}", re.ASCII)
_LONGEST = 120
_MOST_WORDS = 200_000
"""Up to how many characters a page carries the words of all texts, for the search in place."""
_FILTERS = ("q", "bloc", "area", "member", "at")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """The members of one bloc, beside each other; `name` is empty for those of no bloc.

    `gap` is the member that begins it, unless nobody stands before it in the whole matrix.
    """

    name: str
    members: Sequence[str]
    gap: str = ""


def _positions(ask: Ask) -> Values:
    ask = _without_now(ask)
    past = () if ask.at is None else _history(ask)
    texts = ask.view("positions")["texts"] if ask.at is None else matrix_at(past, ask.at)
    found = {"members": ask.view("council")["members"], "texts": texts}
    asked = {name: ask.query.get(name, "") for name in _FILTERS}
    columns = columns_of(ask, found["members"])
    shown = _chosen(columns, asked)
    words = {row["id"]: _said(row) for row in found["texts"]}
    rows = [row for row in found["texts"] if _fits(row, words[row["id"]], asked)]
    areas: dict[str, list[Row]] = {}
    for row in rows:
        areas.setdefault(row["area"], []).append(row)
    members = [name for one in shown for name in one.members]
    return {
        "ask": ask,
        "asked": asked,
        "columns": shown,
        "blocs": [one.name for one in columns if one.name],
        "members": members,
        "everybody": found["members"],
        "all_areas": sorted({row["area"] for row in found["texts"] if row["area"]}),
        "has_areas": any(row["area"] for row in found["texts"]),
        "areas": areas,
        "n_texts": len(found["texts"]),
        "n_shown": len(rows),
        "is_whole": not any(asked[name] for name in _FILTERS if name != "at"),
        "counts": _counts(ask, len(found["texts"]), len(found["members"])),
        "sums": {row["id"]: _sum(row, ask) for row in rows},
        "had": _had(ask, past),
        "words": words if sum(map(len, words.values())) <= _MOST_WORDS else {},
        "line": row_writer(ask, columns, members),
        "kinds": list(KINDS_OF_TALLY.items()),
        "tally": tally,
        "slider_of": lambda: _slider(ask),
    }


def _sum(row: Row, ask: Ask) -> str:
    """What tells a row as it is drawn from all others, in 24 characters."""
    return blake2b(encode(row), digest_size=12, key=ask.tongue.code.encode()).hexdigest()


def _had(ask: Ask, past: Sequence[Row]) -> set[str]:
    """The rows that a browser has if it shows the matrix as of `since`, by their texts.

    They are not sent again. It holds their sums against its own, so that nothing rests on whether what it
    shows is still on record.
    """
    since = ask.query.get("since", "")
    if ask.at is None or not _MOMENT.fullmatch(since):
        return set()
    return unchanged(past, int(since), ask.at)


def _history(ask: Ask) -> Sequence[Row]:
    """Every position ever taken, by text."""
    found: Sequence[Row] = ask.house.history()
    return found


def _without_now(ask: Ask) -> Ask:
    """The same, where the last stop of the slider stands for now, whenever that is."""
    at = ask.query.get("at", "")
    return replace(ask, query={**ask.query, "at": ""}) if at and at == ask.query.get("latest") else ask


def columns_of(ask: Ask, members: Sequence[str]) -> list[Column]:
    """All members by declared bloc, in the order of the charter; those of no bloc come last."""
    placed: set[str] = set()
    found: list[Column] = []
    for bloc in ask.charter.get("blocs", ()):
        inside = [short(one) for one in bloc["members"]]
        mine = [one for one in inside if one in members and one not in placed]
        placed.update(mine)
        if mine:
            found.append(Column(bloc["name"], mine, mine[0] if found else ""))
    rest = [one for one in members if one not in placed]
    return [*found, Column("", rest, rest[0] if found else "")] if rest else found


def _chosen(columns: Sequence[Column], asked: Mapping[str, str]) -> list[Column]:
    """The columns of a bloc, or of one member beside nobody else."""
    found = [one for one in columns if asked["bloc"] in ("", one.name)]
    if asked["member"]:
        found = [
            replace(one, members=[name for name in one.members if name == asked["member"]]) for one in found
        ]
    return [one for one in found if one.members]


def _said(row: Row) -> str:
    """What is searched for words: large and small letters are the same."""
    return f"{row['id']} {row['title']} {row['words']}".casefold()


def _fits(row: Row, said: str, asked: Mapping[str, str]) -> bool:
    return asked["area"] in ("", row["area"]) and all(word in said for word in asked["q"].casefold().split())


def _counts(ask: Ask, n_texts: int, n_members: int) -> dict[str, list[str]]:
    """How any number of texts and of members is said: a browser that filters in place has no grammar."""

    def said(number: int, one: str, more: str) -> str:
        return ask.tongue.words(one, more, number).replace("{}", str(number))

    of = f" {ask.tongue.word('of')} {n_texts}"
    texts = [said(n, "{} text", "{} texts") + of * (n != n_texts) for n in range(n_texts + 1)]
    return {"texts": texts, "members": [said(n, "{} member", "{} members") for n in range(n_members + 1)]}


def row_writer(ask: Ask, columns: Sequence[Column], members: Sequence[str]) -> Any:
    """A function from a row to the cells of some members, as HTML.

    A matrix has thousands of cells, so they are not left to macros. A cell is the same whoever else is shown:
    the first of a bloc says so, and the style sheet leaves no gap before the first of all.
    """

    def word(message: str) -> Markup:
        return escape(ask.tongue.word(message))

    shades = {code: word(SHADES[code]) for code in SIGNS}
    tones = {code: word(words) for code, words in TONES.items()}
    earlier, red_line, only_if = (word(one) for one in ("on an earlier version", "a red line", "if"))
    named = {name: escape(ask.full_names.get(name, name)) for one in columns for name in one.members}
    gaps = {one.gap for one in columns}
    order = [(name, " gap" if name in gaps else "") for name in members]
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


KINDS_OF_TALLY = {"support": "yes3", "conditional": "yes2", "consent": "yes1", "": "mid", "oppose": "no"}
"""The parts of a tally in their order, by response; all other responses are in the middle."""


def tally(row: Row, members: Sequence[str]) -> list[tuple[str, int, int]]:
    """How a row divides among these members: a class, how many come before it, and how many it has."""
    n = dict.fromkeys(KINDS_OF_TALLY, 0)
    for name in members:
        one = row["positions"].get(name)
        if one is not None:
            n[one["response"] if one["response"] in n else ""] += 1
    found, start = [], 0
    for response, count in n.items():
        if count:
            found.append((KINDS_OF_TALLY[response], start, count))
        start += count
    return found


def _slider(ask: Ask) -> Values:
    """From when to when the slider goes, where it stands, and how many positions were taken on the way."""
    first = int(ask.council["charter"]["at"]) if ask.council is not None else ask.now
    last = max(ask.now, first + 1)
    step = max(1, (last - first) // _STEPS)
    first = last - ((last - first) // step + 1) * step
    bins = [0] * _BINS
    for row in _history(ask):
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
