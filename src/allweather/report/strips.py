"""Strips: intervals drawn on one line each, as wide as there is room, to stand beside words.

Positions are in per cent, so that a strip needs no script and no style of its own to fit any width; marks
keep their size. The figures stand beside it in words: a strip is hidden from who has the page read out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from allweather.report.drawing import glyph, n
from allweather.review.results import Interval

_STEP, _RADIUS = 13.0, 4.6


@dataclass(frozen=True, slots=True)
class Bar:
    """One interval with its mark. `shade` is a party's colour, 0 for none; `is_open`: all is predicted."""

    interval: Interval
    mark: str = "disc"
    shade: int = 0
    is_open: bool = False


def strip_svg(
    bars: Sequence[Bar], *, low: float = 0.0, high: float = 1.0, lines: Sequence[tuple[float, str]] = ()
) -> Markup:
    """Bars below each other between `low` and `high`; `lines` are upright ones: where, and their class."""
    room = (high - low) or 1.0

    def at(value: float) -> str:
        return f"{n(min(100.0, max(0.0, (value - low) / room * 100)))}%"

    tall = _STEP * len(bars) + 3
    body = [
        f'<line x1="{at(where)}" x2="{at(where)}" y1="0" y2="{n(tall)}" class="{kind}"/>'
        for where, kind in lines
    ]
    for k, one in enumerate(bars):
        y = _STEP * (k + 0.5) + 1.5
        more = f"p{one.shade}{' open' if one.is_open else ''}"
        between = one.interval
        ends = f'x1="{at(between.low)}" x2="{at(between.high)}" y1="{n(y)}" y2="{n(y)}"'
        body.append(f'<line {ends} class="bar {more}"/>')
        kind = f"mark {more}{' ring' if one.mark == 'ring' else ''}"
        body.append(
            f'<svg x="{at(between.mean)}" y="{n(y)}" overflow="visible">'
            f'<path class="{kind}" d="{glyph(one.mark, 0, 0, _RADIUS)}"/></svg>'
        )
    # Numbers and classes of ours only: nothing here comes from the data.
    return Markup(
        f'<span class="chart strip" aria-hidden="true"><svg width="100%" height="{n(tall)}">'
        f"{''.join(body)}</svg></span>"
    )
