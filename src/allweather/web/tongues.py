"""The pages' languages: catalogues of words, and the council's own sentences told in them.

The rooms below tell everything in English sentences; `telling` tells them by the catalogue. What no catalogue
knows is shown as it is, marked as English. What members wrote is never translated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from babel.units import format_unit

from allweather.web.telling import Teller

LANGUAGES: Mapping[str, str] = {"en": "English", "fr": "Français", "ru": "Русский"}
_MARKS: Mapping[str, tuple[str, str, str]] = {
    "fr": ("«\N{NO-BREAK SPACE}", "\N{NO-BREAK SPACE}»", "\N{NARROW NO-BREAK SPACE}; "),
    "ru": ("«", "»", "; "),
}
"""The quotation marks of a language, and what stands between two parts of a sentence."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language: its code, its name in itself, its direction, its catalogue, how it tells sentences."""

    code: str
    name: str
    direction: str
    catalogue: NullTranslations
    teller: Teller | None

    def word(self, message: str) -> str:
        """A message in this language, or as it is."""
        return self.catalogue.gettext(message) if message else ""

    def words(self, one: str, many: str, n: int) -> str:
        """A message with a number."""
        return self.catalogue.ngettext(one, many, n)

    def tell(self, sentence: str) -> str:
        """A sentence of the council in this language; as it is if the catalogue does not know it."""
        told = self.teller.tell(sentence) if self.teller else None
        return sentence if told is None else told

    def knows(self, sentence: str) -> bool:
        """Whether a sentence can be told in this language."""
        return self.teller is None or self.teller.tell(sentence) is not None


@cache
def tongue(code: str) -> Tongue:
    """The tongue of a code among `LANGUAGES`; English for any other."""
    code = code if code in LANGUAGES else "en"
    locale = Locale.parse(code)
    if code == "en":
        return Tongue(code, LANGUAGES[code], locale.text_direction, NullTranslations(), None)
    text = files("allweather.web").joinpath("locale", f"{code}.po").read_bytes()
    read = read_po(BytesIO(text), locale=code)
    packed = BytesIO()
    write_mo(packed, read)
    packed.seek(0)
    return Tongue(
        code, LANGUAGES[code], locale.text_direction, Translations(packed), _teller(code, locale, read)
    )


def _teller(code: str, locale: Locale, read: Catalog) -> Teller:
    """How a language tells the council's sentences."""
    told = {
        one.id: str(one.string)
        for one in read
        if isinstance(one.id, str) and one.id and one.string and _is_sentence(one, one.id)
    }
    english = Locale.parse("en").months["format"]["wide"]
    months = {english[n]: str(locale.months["format"]["wide"][n]) for n in english}
    before, after, semicolon = _MARKS[code]

    def length(number: int, unit: str) -> str:
        return format_unit(number, f"duration-{unit}", locale=locale)

    return Teller(told, months, length, (before, after), semicolon)


def _is_sentence(message: Message, text: str) -> bool:
    """Whether a message can stand in what the rooms tell, and is no label of a page alone."""
    places = {place for place, _ in message.locations}
    labels = {one for one in places if one.endswith(".j2") or (one == "words.py" and text[:1].isupper())}
    return not places or places != labels


def choose(asked: str, accepted: str, kept: str = "") -> str:
    """The language for a visitor: by what it asked for, keeps, or its browser accepts; else English."""
    for one in (asked, kept):
        if one in LANGUAGES:
            return one
    weighted = []
    for place, part in enumerate(accepted[:500].split(",")):
        name, *said = part.lower().split(";")
        code = name.split("-")[0].strip()
        weight = next((one.strip()[2:] for one in said if one.strip().startswith("q=")), "1")
        try:
            share = float(weight)
        except ValueError:
            share = 0.0
        if code in LANGUAGES and share > 0:
            weighted.append((-share, place, code))
    return min(weighted)[2] if weighted else "en"
