"""Drawings of the report, which are in English, told in the visitor's language.

Only the words in them change: those that the catalogue knows, members' names, and the word in an interval.
Where some are left, as a question that a member put, the drawing is marked as English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Final

from markupsafe import Markup, escape

from allweather.web.tongues import Tongue

_WORDS: Final = re.compile(r"(<(?:text|title|desc)\b[^>]*>)([^<]+)")
_BETWEEN: Final = " to "
_LETTERS: Final = re.compile(r"[^\W\d_]{2}")


def told_drawing(drawn: Markup, tongue: Tongue, names: Mapping[str, str]) -> Markup:
    """A drawing with its words in a language; `names` are the members' by what the drawing calls them."""
    if tongue.code == "en":
        return drawn
    left = []

    def told(found: re.Match[str]) -> str:
        said = unescape(found[2])
        shown, is_known = _told(said, tongue, names)
        if not is_known:
            left.append(said)
        return f"{found[1]}{escape(shown)}"

    made = Markup(_WORDS.sub(told, str(drawn)))
    return Markup('<div lang="en">{}</div>').format(made) if left else made


def _told(said: str, tongue: Tongue, names: Mapping[str, str]) -> tuple[str, bool]:
    """Words of a drawing as they are told, and whether all of them are known."""
    if not _LETTERS.search(said):
        return said, True
    if tongue.knows(said):
        return tongue.tell(said), True
    name, colon, figure = said.partition(": ")
    figure = figure.replace(_BETWEEN, tongue.word(_BETWEEN))
    return names.get(name, name) + colon + figure, name in names
