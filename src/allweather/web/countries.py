"""Countries by their English names, and what they are called in the pages' languages.

A member whose name is that of a country is shown by its name in the reader's language. Any other name is a
member's own and stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from babel import Locale

_ALSO_CALLED: Final[Mapping[str, str]] = {
    "czech republic": "CZ",
    "russian federation": "RU",
    "turkey": "TR",
    "united states of america": "US",
    "usa": "US",
    "uk": "GB",
}


def code_of(name: str) -> str:
    """The code (ISO 3166, two letters) of the country of an English name; empty if it is none."""
    return _codes().get(name.casefold(), "")


@cache
def called(name: str, language: str) -> str:
    """A country's name in a language, by its English name; what is no country's name stays as it is."""
    code = code_of(name)
    found = Locale.parse(language).territories.get(code, "") if code and language != "en" else ""
    return str(found) or name


@cache
def _codes() -> Mapping[str, str]:
    names = Locale.parse("en").territories
    found = {str(name).casefold(): code for code, name in names.items() if len(code) == 2}
    return {**found, **_ALSO_CALLED}
