"""The few shapes that our drawings are made of, as SVG text.

A drawing is built once and used twice: set into the page, where the page's style sheet holds, or as
a file of its own, which carries its style and background with it. Coordinates are rounded to a tenth
of a pixel, so that a drawing is the same bytes everywhere; no text is measured with a font.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import resources
from typing import Final

from markupsafe import Markup, escape

from allweather.report.words import text_width

_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """The text without characters that XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)


def n(value: float) -> str:
    """A coordinate: at most one decimal, no trailing zero, no minus zero."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def text(x: float, y: float, words: str, kind: str = "", *, anchor: str = "") -> str:
    """Words at a point; `anchor` is middle or end, otherwise they start there."""
    at = f' text-anchor="{anchor}"' if anchor else ""
    of = f' class="{kind}"' if kind else ""
    return f'<text x="{n(x)}" y="{n(y)}"{of}{at}>{escape(clean(words))}</text>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """A straight line."""
    return f'<path d="M{n(x1)} {n(y1)}L{n(x2)} {n(y2)}" class="{kind}"/>'


def rect(x: float, y: float, width: float, height: float, kind: str) -> str:
    """A rectangle."""
    return f'<rect x="{n(x)}" y="{n(y)}" width="{n(width)}" height="{n(height)}" class="{kind}"/>'


def glyph(mark: str, x: float, y: float, r: float) -> str:
    """Path data of a party's mark; many of one party go into a single path."""
    if mark == "square":
        s = 1.75 * r
        return f"M{n(x - s / 2)} {n(y - s / 2)}h{n(s)}v{n(s)}h{n(-s)}z"
    if mark == "diamond":
        s = 1.3 * r
        return f"M{n(x)} {n(y - s)}l{n(s)} {n(s)}l{n(-s)} {n(s)}l{n(-s)} {n(-s)}z"
    if mark == "triangle":
        s = 1.2 * r
        return f"M{n(x)} {n(y - s)}l{n(s)} {n(1.8 * s)}h{n(-2 * s)}z"
    if mark == "cross":
        s, w = 1.1 * r, 0.6 * r
        return (
            f"M{n(x - w / 2)} {n(y - s)}h{n(w)}v{n(s - w / 2)}h{n(s - w / 2)}v{n(w)}h{n(w / 2 - s)}"
            f"v{n(s - w / 2)}h{n(-w)}v{n(w / 2 - s)}h{n(w / 2 - s)}v{n(-w)}h{n(s - w / 2)}z"
        )
    # A ring differs from a disc by its class, which leaves it unfilled.
    r = 0.55 * r if mark == "dot" else r
    return f"M{n(x - r)} {n(y)}a{n(r)} {n(r)} 0 1 0 {n(2 * r)} 0a{n(r)} {n(r)} 0 1 0 {n(-2 * r)} 0z"


def mark(kind: str, shade: int, x: float, y: float, r: float, title: str = "", *, more: str = "") -> str:
    """One party's mark, with what it says on hovering; with `more` "open" it is hollow: all predicted."""
    more = more or ("ring" if kind == "ring" else "")
    open_, close = f'<path class="{f"mark p{shade} {more}".rstrip()}" d="{glyph(kind, x, y, r)}"', "/>"
    if title:
        close = f"><title>{escape(clean(title))}</title></path>"
    return open_ + close


Box = tuple[float, float, float, float]


def labels(
    marks: Sequence[tuple[float, float, str]],
    kind: str = "small",
    *,
    others: Sequence[tuple[float, float]] = (),
    room: Box | None = None,
) -> list[str]:
    """Labels beside their marks, each where it covers least of what is already there.

    With `room` (left, top, right, bottom) a label that would cover anything, or leave the room, is
    left out. `others` are marks without a label that are kept free too.
    """
    taken: list[Box] = [(x - 6, y - 6, x + 6, y + 6) for x, y, _ in marks]
    taken += [(x - 3, y - 3, x + 3, y + 3) for x, y in others]
    body = []
    for x, y, words in marks:
        wide = 6.4 * text_width(words)
        spots = [
            (x + 8, y + 4),
            (x - 8 - wide, y + 4),
            (x - wide / 2, y - 9),
            (x - wide / 2, y + 17),
            (x + 7, y - 6),
            (x + 7, y + 14),
            (x - 7 - wide, y - 6),
            (x - 7 - wide, y + 14),
        ]
        boxes = [(a, b - 10, a + wide, b + 2) for a, b in spots]
        costs = [
            sum(_overlap(box, other) for other in taken) + (_outside(box, room) if room else 0.0)
            for box in boxes
        ]
        best = min(range(len(spots)), key=lambda j: (costs[j], j))
        if room and costs[best] > 0:
            continue
        taken.append(boxes[best])
        body.append(text(*spots[best], words, kind))
    return body


def _outside(box: Box, room: Box) -> float:
    return max(0.0, room[0] - box[0], room[1] - box[1], box[2] - room[2], box[3] - room[3])


def _overlap(a: Box, b: Box) -> float:
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


def drawing(
    name: str, width: float, height: float, title: str, about: str, body: list[str], *, alone: bool
) -> Markup:
    """The whole drawing. `name` keeps its ids apart from others of the page.

    `alone` makes a file of it: with its title on top, a margin, a ground and its style.
    """
    x, y, across, down = (-20.0, -50.0, width + 40, height + 66) if alone else (0.0, 0.0, width, height)
    size = f' width="{n(across)}" height="{n(down)}"' if alone else ""
    box = f"{n(x)} {n(y)} {n(across)} {n(down)}"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="{box}"{size} '
        f'role="img" aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(clean(title))}</title>'
        f'<desc id="{name}-desc">{escape(clean(about))}</desc>'
    )
    if alone:
        head += f"<style>{style('charts.css')}</style>" + rect(x, y, across, down, "ground")
        head += text(0, -20, title, "head")
    # Every part is made above, with its texts escaped.
    return Markup(head + "".join(body) + "</svg>\n")


def style(name: str) -> str:
    """A style sheet of the package."""
    return (
        resources.files("allweather.report").joinpath("templates").joinpath(name).read_text(encoding="utf-8")
    )
