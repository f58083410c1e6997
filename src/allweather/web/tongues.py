"""The pages' languages: catalogues of words, and the council's own sentences told in them.

The rooms below tell everything in English sentences. A sentence is looked for in the catalogue as it is, then
by patterns: a message with `{}` in it stands for any words there, and what is found in its place is told in
turn. What no catalogue knows is shown as it is, marked as English. What members wrote is never translated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

LANGUAGES: Mapping[str, str] = {"en": "English", "fr": "Français", "ru": "Русский"}
_MAX_DEPTH = 4
_MAX_SENTENCE = 4_000


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language: its code, its name in itself, its direction, and its catalogue."""

    code: str
    name: str
    direction: str
    catalogue: NullTranslations
    patterns: tuple[tuple[re.Pattern[str], str], ...]

    def word(self, message: str) -> str:
        """A message in this language, or as it is."""
        return self.catalogue.gettext(message) if message else ""

    def words(self, one: str, many: str, n: int) -> str:
        """A message with a number."""
        return self.catalogue.ngettext(one, many, n)

    def tell(self, sentence: str) -> str:
        """A sentence of the council in this language; as it is if the catalogue does not know it."""
        told = self._told(sentence, 0)
        return sentence if told is None else told

    def knows(self, sentence: str) -> bool:
        """Whether a sentence can be told in this language."""
        return self.code == "en" or self._told(sentence, 0) is not None

    def _told(self, sentence: str, depth: int) -> str | None:
        if self.code == "en" or len(sentence) > _MAX_SENTENCE:
            return None
        found = self.catalogue.gettext(sentence) if sentence else ""
        if found and found != sentence:
            return found
        if depth < _MAX_DEPTH:
            for pattern, told in self.patterns:
                match = pattern.fullmatch(sentence)
                if match is not None:
                    inner = [self._told(one, depth + 1) or one for one in match.groups()]
                    return _fill(told, inner)
        return None


def _fill(told: str, inner: Sequence[str]) -> str:
    parts = re.split(r"\{(\d*)\}", told)
    filled = [parts[0]]
    for n, (place, text) in enumerate(zip(parts[1::2], parts[2::2], strict=True)):
        at = int(place) if place else n
        filled.append((inner[at] if at < len(inner) else "") + text)
    return "".join(filled)


@cache
def tongue(code: str) -> Tongue:
    """The tongue of a code among `LANGUAGES`; English for any other."""
    code = code if code in LANGUAGES else "en"
    locale = Locale.parse(code)
    catalogue, patterns = _catalogue(code)
    return Tongue(code, LANGUAGES[code], locale.text_direction, catalogue, patterns)


def _catalogue(code: str) -> tuple[NullTranslations, tuple[tuple[re.Pattern[str], str], ...]]:
    if code == "en":
        return NullTranslations(), ()
    text = files("allweather.web").joinpath("locale", f"{code}.po").read_bytes()
    read = read_po(BytesIO(text), locale=code)
    packed = BytesIO()
    write_mo(packed, read)
    packed.seek(0)
    patterns = []
    for message in read:
        if isinstance(message.id, str) and "{}" in message.id and message.string:
            expression = "(.+?)".join(map(re.escape, message.id.split("{}")))
            patterns.append((re.compile(expression, re.DOTALL), str(message.string), len(message.id)))
    patterns.sort(key=lambda one: -one[2])  # what says more is tried first
    return Translations(packed), tuple((pattern, told) for pattern, told, _ in patterns)


def choose(asked: str, accepted: str, kept: str = "") -> str:
    """The language for a visitor: by what it asked for, keeps, or its browser accepts; else English."""
    for one in (asked, kept):
        if one in LANGUAGES:
            return one
    weighted = []
    for place, part in enumerate(accepted[:500].split(",")):
        name, _, weight = part.strip().partition(";q=")
        code = name.split("-")[0].lower()
        try:
            share = float(weight) if weight else 1.0
        except ValueError:
            share = 0.0
        if code in LANGUAGES and share > 0:
            weighted.append((-share, place, code))
    return min(weighted)[2] if weighted else "en"
