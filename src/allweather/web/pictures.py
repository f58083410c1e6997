"""Small drawings of the pages, made on the server: a silence as a bar, who holds what as a strip, weather.

Each carries in shape what it carries in colour, and says in words what it shows. None measures a text with a
font, and none sets a size by a style attribute, so that they draw alike under a strict content policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from markupsafe import Markup, escape

from allweather.report.drawing import clean, n, rect

SHADES: Final = ("support", "conditional", "consent", "abstain", "mixed", "reserve", "oppose", "")
"""In the order in which a strip shows them; the last is what is not known."""

_CELL, _HIGH = 12.0, 16.0


def _svg(kind: str, width: float, height: float, words: str, body: Iterable[str]) -> Markup:
    """A drawing of that size at most, read out as `words`; where they are empty, not at all."""
    told = f'role="img" aria-label="{escape(clean(words))}"' if words else 'aria-hidden="true"'
    return Markup(
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{kind}" viewBox="0 0 {n(width)} {n(height)}" '
        f'width="{n(width)}" height="{n(height)}" {told}>' + "".join(body) + "</svg>"
    )


# Who holds what


def strip(cells: Sequence[tuple[str, str, str]], words: str) -> Markup:
    """Who holds what on a text: a cell a member, from support to opposition, then what is not known.

    `cells` are shade, tone and what is said on hovering, in any order; `words` is what is read out.
    """
    ordered = sorted(cells, key=lambda one: SHADES.index(one[0]) if one[0] in SHADES else len(SHADES))
    body = []
    for place, (shade, tone, title) in enumerate(ordered):
        x = place * (_CELL + 1.0)
        body.append(f"<g><title>{escape(clean(title))}</title>")
        body += _cell(x, shade, tone)
        body.append("</g>")
    return _svg("strip", max(1, len(ordered)) * (_CELL + 1.0), _HIGH, words, body)


def _cell(x: float, shade: str, tone: str) -> list[str]:
    """One cell: filled for yes, half for a condition, crossed for no; its edge is dashed for a reading."""
    kind = f"r-{shade or 'none'} t-{tone or 'none'}"
    body = [rect(x + 0.5, 0.5, _CELL - 1, _HIGH - 1, f"edge {kind}")]
    middle, centre = x + _CELL / 2, _HIGH / 2
    if shade == "support":
        body.append(_path(f"M{n(x + 2.5)} {n(centre)}h7M{n(middle)} {n(centre - 3.5)}v7", f"sign {kind}"))
    elif shade == "conditional":
        corner = f"M{n(x + 1)} {n(_HIGH - 1)}h{n(_CELL - 2)}V1z"
        body.append(_path(corner, f"half {kind}"))
    elif shade == "consent":
        body.append(_path(f"M{n(x + 2.5)} {n(centre)}h7", f"sign {kind}"))
    elif shade == "oppose":
        body.append(_path(f"M{n(x + 3)} {n(centre - 3)}l6 6m0 -6l-6 6", f"sign {kind}"))
    elif shade:
        body.append(f'<circle cx="{n(middle)}" cy="{n(centre)}" r="1.8" class="sign dot {kind}"/>')
    return body


def _path(data: str, kind: str) -> str:
    return f'<path d="{data}" class="{kind}"/>'


def counted(cells: Iterable[str]) -> dict[str, int]:
    """How many hold each shade, in the order of a strip; what nobody holds is left out."""
    found = list(cells)
    return {shade: found.count(shade) for shade in SHADES if shade in found}


# Silence


def silence_bar(
    began: int, expires: int, now: int, holds: Sequence[int], first_expiry: int, words: str
) -> Markup:
    """A silence from its opening to its expiry: what has passed is filled, what holds added is hatched.

    Times are seconds since 1970. `holds` are the expiries that holds brought about.
    """
    wide, high = 360.0, 26.0
    end = max(expires, began + 1)

    def at(time: int) -> float:
        return 4 + (wide - 8) * min(1.0, max(0.0, (time - began) / (end - began)))

    body = [rect(4, 9, wide - 8, 9, "ground")]
    if first_expiry < expires:
        ticks = [at(first_expiry) + 4 * step for step in range(int((at(expires) - at(first_expiry)) / 4))]
        body.append(_path("".join(f"M{n(x)} 18l4 -9" for x in ticks), "held"))
    body.append(rect(4, 9, at(now) - 4, 9, "passed"))
    body += [_path(f"M{n(at(one))} 6v15", "tick") for one in (first_expiry, *holds)]
    body.append(_path(f"M{n(at(expires))} 3v21", "end"))
    if now <= expires:
        body.append(_path(f"M{n(at(now))} 8l-4 -7h8z", "now"))
    return _svg("silence", wide, high, words, body)


# Where positions meet


def marks(verdict: str, count: int) -> Markup:
    """A mark a question of one verdict: full, half, hollow diamond, dotted ring; twenty a row."""
    step, most = 12.0, 20
    body = []
    for place in range(min(count, 200)):
        x, y = place % most * step + 6, place // most * step + 6
        if verdict == "differs":
            body.append(_path(f"M{n(x)} {n(y - 4.5)}l4.5 4.5l-4.5 4.5l-4.5 -4.5z", "mark differs"))
            continue
        kind = {"converges": "full", "nearly": "ring"}.get(verdict, "unknown")
        body.append(f'<circle cx="{n(x)}" cy="{n(y)}" r="4.2" class="mark {kind}"/>')
        if verdict == "nearly":
            body.append(_path(f"M{n(x)} {n(y - 4.2)}a4.2 4.2 0 0 0 0 8.4z", "mark full"))
    rows = max(1, -(-min(count, 200) // most))
    return _svg("verdicts", step * max(1, min(count, most)), step * rows, "", body)


# Weather

_RAYS: Final = "M11 1v3M11 18v3M1 11h3M18 11h3M4 4l2 2M16 16l2 2M4 18l2 -2M16 6l2 -2"
_CLOUD: Final = "M6 17h10a4 4 0 0 0 .5 -8A5.5 5.5 0 0 0 6 9.5A3.8 3.8 0 0 0 6 17z"
_SIGNS: Final[Mapping[str, Sequence[str]]] = {
    "fair": (_path(_RAYS, "ray"), '<circle cx="11" cy="11" r="4.5" class="sun"/>'),
    "cloudy": (_path(_CLOUD, "cloud"),),
    "storm": (_path(_CLOUD, "cloud"), _path("M12 12l-3 5h4l-3 4.5", "bolt")),
    "unknown": ('<circle cx="11" cy="11" r="6.5" class="nothing"/>',),
}


def weather_sign(weather: str, words: str) -> Markup:
    """A sun for a node in step, a cloud for one behind, a bolt for one that cannot be reached."""
    return _svg(f"weather w-{weather}", 22, 22, words, _SIGNS[weather])
