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
from allweather.report.words import count, shorten, span, text_width, who
from allweather.review.results import Interval, MapPoint, Review

NAMED_LIMIT: Final = 60  # so many members get a row or a label of their own
BARRED_LIMIT: Final = 150  # so many get their own interval in the plane
POINT_LIMIT: Final = 4_000
_SAMPLED_BARS: Final = 30
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
        self._start, self._end = start, end

    def __call__(self, value: float) -> float:
        part = min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))
        return self._start + part * (self._end - self._start)


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


def _ends(review: Review, names: Names, dimension: int, width: int) -> tuple[str, str]:
    if dimension >= len(review.map.dimensions):
        return "", ""
    ends = review.map.dimensions[dimension]

    def told(questions: tuple[str, ...]) -> str:
        return f"{questions[0]} {names.short(questions[0], width)}" if questions else ""

    return told(ends.low), told(ends.high)


def _rows(review: Review, names: Names, dimension: int, *, alone: bool) -> Markup:
    points = sorted(review.map.points, key=lambda one: (one.place[dimension].mean, one.id))
    left, right, top, step = 170.0, 60.0, 32.0, 20.0
    width, height = 760.0, top + step * len(points) + 24
    at = _Scale(*_reach([one.place[dimension] for one in points]), left, width - right)
    low, high = _ends(review, names, dimension, 36)
    body = [
        text(left, top - 20, f"◂ {low}" if low else "", "soft small"),
        text(width - right, top - 20, f"{high} ▸" if high else "", "soft small", anchor="end"),
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
        f"Members along dimension {dimension + 1}",
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
    height = top + row * len(held) + 30
    places = [one.place[dimension] for one in review.map.points]
    at = _Scale(*_reach(places), left, width - 10)
    edges = np.linspace(at.low, at.high, n_bins + 1)
    tallies = {
        party: np.histogram([one.place[dimension].mean for one in of], edges)[0] for party, of in held.items()
    }
    most = max(int(tally.max()) for tally in tallies.values()) or 1
    low, high = _ends(review, names, dimension, 40)
    body = [
        text(left, top - 16, f"◂ {low}" if low else "", "soft small"),
        text(width - 10, top - 16, f"{high} ▸" if high else "", "soft small", anchor="end"),
    ]
    for k, (party, tally) in enumerate(tallies.items()):
        base, shade = top + row * (k + 1) - 14, names.shade(party)
        body.append(mark(names.mark(party), shade, 8, base - 22, 5))
        body.append(text(20, base - 18, shorten(names.party(party) or "in no party", 18)))
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
        f"Members along dimension {dimension + 1}",
        review.map.conclusion,
        body,
        alone=alone,
    )


def _typical_bar(places: Sequence[Interval], at: _Scale, x: float, y: float) -> list[str]:
    half = float(np.median([(one.high - one.low) / 2 for one in places]))
    wide = at(at.low + 2 * half) - at(at.low)
    return [
        line(x, y, x + wide, y, "bar p0"),
        text(x + wide + 8, y + 4, "a 90% interval of middling width", "soft small"),
    ]


def _plane(review: Review, names: Names, *, alone: bool) -> Markup:
    points, drawn = review.map.points, _sample(review.map.points, POINT_LIMIT)
    left, top, side, below = 24.0, 30.0, 540.0, 42.0
    x = _Scale(*_reach([one.place[0] for one in points]), left, left + 690)
    y = _Scale(*_reach([one.place[1] for one in points]), top + side, top)
    width, height = left + 690 + 12, top + side + below
    body = [*_legend(review, names, 8)]
    body.append(rect(left, top, 690, side, "frame"))
    if x.low < 0 < x.high:
        body.append(line(x(0), top, x(0), top + side, "grid"))
    if y.low < 0 < y.high:
        body.append(line(left, y(0), left + 690, y(0), "grid"))
    body += _plane_ends(review, names, left, top, side)
    few = len(points) <= BARRED_LIMIT
    for one in drawn if few else _sample(drawn, _SAMPLED_BARS):
        a, b, kind = one.place[0], one.place[1], f"thin p{names.shade(one.party)}"
        body.append(line(x(a.low), y(b.mean), x(a.high), y(b.mean), kind))
        body.append(line(x(a.mean), y(b.low), x(a.mean), y(b.high), kind))
    if few:
        for one in drawn:
            told = f"{names.member(one.id)}: {span(one.place[0])} and {span(one.place[1])}"
            spot, shade = (x(one.place[0].mean), y(one.place[1].mean)), names.shade(one.party)
            body.append(
                mark(names.mark(one.party), shade, *spot, 5, told, more="" if one.n_answers else "open")
            )
        if len(drawn) <= NAMED_LIMIT:
            body += labels([(x(o.place[0].mean), y(o.place[1].mean), shorten(o.id, 14)) for o in drawn])
        said = _KEY
    else:
        body += _clouds(drawn, names, x, y)
        said = f"bars: 90% intervals of {_SAMPLED_BARS} {who(review)}s"
        if len(drawn) < len(points):
            said += f" · {len(drawn):,} of {len(points):,} {who(review)}s drawn"
    body.append(text(left + 690, height - 6, said, "soft small", anchor="end"))
    return drawing(
        "map", width, height, f"Map of the {who(review)}s", review.map.conclusion, body, alone=alone
    )


def _plane_ends(review: Review, names: Names, left: float, top: float, side: float) -> list[str]:
    west, east = _ends(review, names, 0, 44)
    south, north = _ends(review, names, 1, 44)
    return [
        text(left, top + side + 17, f"◂ {west}" if west else "", "soft small"),
        text(left + 690, top + side + 17, f"{east} ▸" if east else "", "soft small", anchor="end"),
        f'<g transform="translate({n(left - 9)} {n(top + side)}) rotate(-90)">'
        + text(0, 0, f"◂ {south}" if south else "", "soft small")
        + text(side, 0, f"{north} ▸" if north else "", "soft small", anchor="end")
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
        told = shorten(names.party(party) or "in no party", 24)
        body.append(mark(names.mark(party), names.shade(party), across, y, 5))
        body.append(text(across + 11, y + 4, told))
        across += 32 + 6.6 * text_width(told)
    return body


def _sample(points: Sequence[MapPoint], most: int) -> Sequence[MapPoint]:
    """Every k-th member, so that the same members are drawn each time."""
    if len(points) <= most:
        return points
    return [points[k * len(points) // most] for k in range(most)]
