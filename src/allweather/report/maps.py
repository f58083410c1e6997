"""The map: members in as many dimensions as the data support, each place with its 90% interval.

No dimension gives a drawing that says so; one gives a row a member, or a histogram a party where the
members are many; two or more give a plane, with bars for the intervals. Of thousands of members a
fixed sample is drawn, and the drawing says how many.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from markupsafe import Markup

from allweather.report.drawing import drawing, glyph, labels, line, mark, n, rect, text
from allweather.report.names import Names
from allweather.report.telling import unparted
from allweather.report.words import count, shorten, span, text_width, who
from allweather.review.results import Interval, MapPoint, Review

NAMED_LIMIT: Final = 60  # so many members get a row or a label of their own
BARRED_LIMIT: Final = 250  # so many get their own interval in the plane
POINT_LIMIT: Final = 4_000
_LABELLED: Final = 45  # of more members than can all be named, those who stand most alone
_COLUMN: Final = 5.4  # pixels that a column of small text takes
_KEY: Final = "mark: expected place · bar: 90% interval · hollow: nothing on record, all predicted"


def map_svg(review: Review, names: Names, *, alone: bool = False) -> Markup:
    """The map, as far as it can be drawn in one picture."""
    if review.map.n_dimensions == 0:
        return _nowhere(review, alone=alone)
    if review.map.n_dimensions == 1:
        return dimension_svg(review, names, 0, alone=alone)
    return _plane(review, names, alone=alone)


def dimension_svg(review: Review, names: Names, dimension: int, *, alone: bool = False) -> Markup:
    """One dimension: a row a member, or a histogram a party where there are many."""
    if len(review.map.points) <= NAMED_LIMIT:
        return _rows(review, names, dimension, alone=alone)
    return _histograms(review, names, dimension, alone=alone)


class _Scale:
    """From a value to a coordinate; what lies outside is set on the edge."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.high = (low, high) if high > low else (low - 1, low + 1)
        self.start, self.end = start, end

    def __call__(self, value: float) -> float:
        part = min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))
        return self.start + part * (self.end - self.start)


def _reach(places: Sequence[Interval]) -> tuple[float, float]:
    """From where to where an axis has to go: all means, and nearly all intervals."""
    tail = 0.0 if len(places) <= NAMED_LIMIT else 0.02
    low = float(np.quantile([one.low for one in places], tail))
    high = float(np.quantile([one.high for one in places], 1 - tail))
    low, high = min([low, *(one.mean for one in places)]), max([high, *(one.mean for one in places)])
    room = 0.03 * (high - low or 1.0)
    return low - room, high + room


def _nowhere(review: Review, *, alone: bool) -> Markup:
    width, height, middle = 720.0, 108.0, 360.0
    body = [
        f'<path d="M0 40H{n(width)}" class="threshold"/>',
        text(0, 24, "no side here", "soft small"),
        text(width, 24, "no side here", "soft small", anchor="end"),
        f'<circle cx="{n(middle)}" cy="40" r="27" class="hollow"/>',
        text(middle, 44.5, f"{review.n_members:,}", "group figure", anchor="middle"),
        text(middle, 92, "all in one place: the answers do not tell sides apart", "soft", anchor="middle"),
    ]
    return drawing("map", width, height, "No evidence of sides", review.map.conclusion, body, alone=alone)


def _ends(review: Review, names: Names, dimension: int, room: float) -> tuple[str, str]:
    """What those towards each end support more than others do; each in `room` pixels."""
    if dimension >= len(review.map.dimensions):
        return "", ""
    ends = review.map.dimensions[dimension]

    def told(questions: tuple[str, ...]) -> str:
        if not questions:
            return ""
        return shorten(f"more for {questions[0]} {names.short(questions[0], 99)}", int(room / _COLUMN) - 3)

    low, high = told(ends.low), told(ends.high)
    return f"◂ {low}" if low else "", f"{high} ▸" if high else ""


def _rows(review: Review, names: Names, dimension: int, *, alone: bool) -> Markup:
    points = sorted(review.map.points, key=lambda one: (one.place[dimension].mean, one.id))
    left, right, top, step = 170.0, 60.0, 32.0, 20.0
    width, height = 760.0, top + step * len(points) + 24
    at = _Scale(*_reach([one.place[dimension] for one in points]), left, width - right)
    low, high = _ends(review, names, dimension, (width - left - right) / 2)
    body = [
        text(left, top - 20, low, "soft small"),
        text(width - right, top - 20, high, "soft small", anchor="end"),
        text(width, top - 20, "answers", "soft small", anchor="end"),
    ]
    if at.low < 0 < at.high:
        body.append(line(at(0), top - 10, at(0), height - 20, "grid"))
    for k, one in enumerate(points):
        y, place = top + step * (k + 0.5) - 4, one.place[dimension]
        shade = names.shade(one.party)
        body.append(line(left, y, width - right, y, "grid"))
        body.append(text(left - 12, y + 4, shorten(names.member(one.id), 26), anchor="end"))
        guess = one.n_answers == 0
        body.append(line(at(place.low), y, at(place.high), y, f"bar p{shade}" + " open" * guess))
        told = f"{names.member(one.id)}: {span(place)}"
        body.append(
            mark(names.mark(one.party), shade, at(place.mean), y, 5, told, more="open" if guess else "")
        )
        body.append(text(width, y + 4, f"{one.n_answers:,}", "soft figure", anchor="end"))
    body.append(text(left, height - 6, _KEY, "soft small"))
    return drawing(
        f"map{dimension + 1}",
        width,
        height,
        f"{who(review).capitalize()}s along dimension {dimension + 1}",
        review.map.conclusion,
        body,
        alone=alone,
    )


def _histograms(review: Review, names: Names, dimension: int, *, alone: bool) -> Markup:
    n_bins, row, top, left, width = 48, 84.0, 26.0, 150.0, 760.0
    parties = [one.id for one in review.parties] or [""]
    held = {party: [one for one in review.map.points if one.party == party] for party in parties}
    rest = [one for one in review.map.points if one.party not in held]
    if rest:
        held[""] = held.get("", []) + rest

    def middle(party: str) -> float:
        return float(np.median([one.place[dimension].mean for one in held[party]] or [0.0]))

    height = top + row * len(held) + 30
    places = [one.place[dimension] for one in review.map.points]
    at = _Scale(*_reach(places), left, width - 10)
    edges = np.linspace(at.low, at.high, n_bins + 1)
    tallies = {
        party: np.histogram([one.place[dimension].mean for one in held[party]], edges)[0]
        for party in sorted(held, key=middle)
    }
    most = max(int(tally.max()) for tally in tallies.values()) or 1
    low, high = _ends(review, names, dimension, (width - 10 - left) / 2)
    body = [
        text(left, top - 16, low, "soft small"),
        text(width - 10, top - 16, high, "soft small", anchor="end"),
    ]
    for k, (party, tally) in enumerate(tallies.items()):
        base, shade = top + row * (k + 1) - 14, names.shade(party)
        body.append(mark(names.mark(party), shade, 8, base - 22, 5))
        body.append(text(20, base - 18, shorten(names.party(party) or unparted(review), 20)))
        body.append(text(20, base - 3, count(len(held[party]), who(review)), "soft small figure"))
        tops = [base - (row - 20) * float(c) / most for c in tally]
        steps = "".join(f"V{n(y)}H{n(at(edges[j + 1]))}" for j, y in enumerate(tops))
        body.append(f'<path d="M{n(left)} {n(base)}{steps}V{n(base)}z" class="many p{shade}"/>')
        body.append(line(left, base, width - 10, base, "axis"))
    body += _typical_bar(places, at, left, height - 12)
    return drawing(
        f"map{dimension + 1}",
        width,
        height,
        f"{who(review).capitalize()}s along dimension {dimension + 1}",
        review.map.conclusion,
        body,
        alone=alone,
    )


def _typical_bar(places: Sequence[Interval], at: _Scale, x: float, y: float) -> list[str]:
    wide = at(at.low + _typical(places)) - at(at.low)
    return [
        line(x, y, x + wide, y, "bar p0"),
        text(x + wide + 8, y + 4, "a 90% interval of middling width", "soft small"),
    ]


def _typical(places: Sequence[Interval]) -> float:
    return float(np.median([one.high - one.low for one in places]))


def _plane(review: Review, names: Names, *, alone: bool) -> Markup:
    points = review.map.points
    drawn = _sample(points, POINT_LIMIT)
    left, top, side, wide = 26.0, 30.0, 540.0, 690.0
    x = _Scale(*_reach([one.place[0] for one in points]), left, left + wide)
    y = _Scale(*_reach([one.place[1] for one in points]), top + side, top)
    width, height = left + wide + 16, top + side + 52
    body = [*_legend(review, names, 8), rect(left, top, wide, side, "frame")]
    if x.low < 0 < x.high:
        body.append(line(x(0), top, x(0), top + side, "grid"))
    if y.low < 0 < y.high:
        body.append(line(left, y(0), left + wide, y(0), "grid"))
    body += _plane_ends(review, names, left, top, wide, side)
    if len(points) <= BARRED_LIMIT:
        body += _barred(points, names, x, y)
        said = _KEY
        if len(points) > NAMED_LIMIT:
            said += f" · named: those who stand most alone, of {len(points)}"
    else:
        body += _clouds(drawn, names, x, y)
        body += _typical_bars(points, x, y)
        said = f"a mark for each of {count(len(points), who(review))}"
        if len(drawn) < len(points):
            said = f"{len(drawn):,} of {len(points):,} {who(review)}s drawn"
        said += " · bars at the edges: 90% intervals of middling width"
    body.append(text(left + wide, height - 6, said, "soft small", anchor="end"))
    return drawing(
        "map", width, height, f"Map of the {who(review)}s", review.map.conclusion, body, alone=alone
    )


def _barred(points: Sequence[MapPoint], names: Names, x: _Scale, y: _Scale) -> list[str]:
    """Every member with its intervals and its name on hovering; names beside as far as there is room."""
    body = []
    crowded = len(points) > NAMED_LIMIT
    for one in points:
        a, b = one.place[0], one.place[1]
        kind = f"{'hair' if crowded else 'thin'} p{names.shade(one.party)}"
        body.append(line(x(a.low), y(b.mean), x(a.high), y(b.mean), kind))
        body.append(line(x(a.mean), y(b.low), x(a.mean), y(b.high), kind))
    for one in points:
        a, b = one.place[0], one.place[1]
        told = f"{names.member(one.id)}: {span(a)} and {span(b)}"
        more, r = "" if one.n_answers else "open", 3.4 if crowded else 5.0
        body.append(
            mark(names.mark(one.party), names.shade(one.party), x(a.mean), y(b.mean), r, told, more=more)
        )
    spots = [(x(one.place[0].mean), y(one.place[1].mean)) for one in points]
    if not crowded:
        return body + labels([(*spot, shorten(one.id, 14)) for spot, one in zip(spots, points, strict=True)])
    alone = _most_alone(spots, _LABELLED)
    named = [(*spots[k], shorten(names.member(points[k].id), 20)) for k in alone]
    return body + labels(named, others=spots, room=(x.start, y.end, x.end, y.start))


def _most_alone(spots: Sequence[tuple[float, float]], most: int) -> list[int]:
    """Those furthest from their third nearest neighbour, furthest first."""
    at = np.array(spots)
    apart = np.sort(np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)), axis=1)[:, 3]
    return [int(k) for k in np.argsort(-apart, kind="stable")[:most]]


def _typical_bars(points: Sequence[MapPoint], x: _Scale, y: _Scale) -> list[str]:
    """Along the lower and the right edge, bars as long as the middling intervals."""
    across = x(x.low + _typical([one.place[0] for one in points])) - x(x.low)
    down = y(y.low) - y(y.low + _typical([one.place[1] for one in points]))
    below, beside = y.start + 33, x.end + 9
    return [
        line(x.start, below, x.start + across, below, "bar p0"),
        line(beside, y.start, beside, y.start - down, "bar p0"),
    ]


def _plane_ends(review: Review, names: Names, left: float, top: float, wide: float, side: float) -> list[str]:
    west, east = _ends(review, names, 0, wide / 2)
    south, north = _ends(review, names, 1, side / 2)
    return [
        text(left, top + side + 17, west, "soft small"),
        text(left + wide, top + side + 17, east, "soft small", anchor="end"),
        f'<g transform="translate({n(left - 9)} {n(top + side)}) rotate(-90)">'
        + text(0, 0, south, "soft small")
        + text(side, 0, north, "soft small", anchor="end")
        + "</g>",
    ]


def _clouds(drawn: Sequence[MapPoint], names: Names, x: _Scale, y: _Scale) -> list[str]:
    """One path a party, however many members it has."""
    parties = sorted({one.party for one in drawn}, key=lambda party: (names.place(party), party))
    r = 2.6 if len(drawn) <= 1_000 else 1.9
    body = []
    for party in parties:
        shape = names.mark(party)
        of = (one for one in drawn if one.party == party)
        path = "".join(glyph(shape, x(one.place[0].mean), y(one.place[1].mean), r) for one in of)
        body.append(f'<path class="many p{names.shade(party)}" d="{path}"/>')
    return body


def _legend(review: Review, names: Names, y: float) -> list[str]:
    body, across = [], 6.0
    rest = any(names.place(one.party) < 0 for one in review.map.points)
    for party in [one.id for one in review.parties[:6]] + [""] * rest:
        told = shorten(names.party(party) or unparted(review), 24)
        body.append(mark(names.mark(party), names.shade(party), across, y, 5))
        body.append(text(across + 11, y + 4, told))
        across += 32 + 6.6 * text_width(told)
    return body


def _sample(points: Sequence[MapPoint], most: int) -> Sequence[MapPoint]:
    """Every k-th member, so that the same members are drawn each time."""
    if len(points) <= most:
        return points
    return [points[k * len(points) // most] for k in range(most)]
