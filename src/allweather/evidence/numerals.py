"""Numbers as texts write them, in digits or in English words, under one key each.

    read_digits("1,000")                          "#1000"
    read_digits("21st")                           "#21th"        an ordinal is another number
    read_roman("VII")                             "#7"
    read_numeral(["two", "hundred", "and", "six", "cats"])      (4, "#206")
    read_numeral(["#1.5", "million"])             (2, "#1500000")

A key is exact: no number is rounded, and what is longer than `MAX_DIGITS` is compared digit by digit.
It does not know how other languages name numbers, nor that 1.000 may mean a thousand.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

#: Numbers of more digits are not multiplied by a following `million`.
MAX_DIGITS: Final = 15

_ONES: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINALS: Final = (
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
)
_SMALL: Final = {word: k for k, word in enumerate(_ONES.split())}
_TEN: Final = {word: 10 * k for k, word in enumerate(_TENS.split(), 2)}
_SCALE: Final = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_NTH: Final = {
    **{word: k for k, word in enumerate(_ORDINALS.split())},
    **{word[:-1] + "ieth": value for word, value in _TEN.items()},
    "hundredth": 100,
    "thousandth": 10**3,
    "millionth": 10**6,
    "billionth": 10**9,
}

#: Words that count without being part of a longer number.
_ALONE: Final = (
    "half halves thirds quarter quarters dozen dozens hundreds thousands millions billions trillions twice "
    "thrice double triple doubled tripled halved"
)

#: Every word that may begin or go on a number.
ATOMS: Final = frozenset({*_SMALL, *_TEN, *_SCALE, *_NTH, *_ALONE.split(), "hundred"})

_GROUPED: Final = re.compile(r"\d{1,3}(?:[, ]\d{3})+(?:\.\d+)?", re.ASCII)
_PLAIN: Final = re.compile(r"\d*\.?\d+", re.ASCII)
_ORDINAL: Final = re.compile(r"(\d[\d,]*)(?:st|nd|rd|th)", re.ASCII)
_ROMAN: Final = re.compile(r"(?=[IVXL]{2,9}\Z)(XL|L?X{0,3})(IX|IV|V?I{0,3})\Z")
_ROMAN_VALUES: Final = {"I": 1, "V": 5, "X": 10, "L": 50}


def read_digits(form: str) -> str:
    """The key of a word with digits in it, such as `1,000`, `21st`, `g20`; "" if it has none."""
    if not any(character.isnumeric() for character in form):
        return ""
    digits = "".join(_digit(character) for character in form).replace("\u066c", ",").replace("\u066b", ".")
    if ordinal := _ORDINAL.fullmatch(digits):
        return f"#{_bare(ordinal[1].replace(',', ''))}th"
    if _GROUPED.fullmatch(digits):
        return f"#{_bare(digits.replace(',', '').replace(' ', ''))}"
    if _PLAIN.fullmatch(digits):
        return f"#{_bare(digits)}"
    return f"#{digits}"


def read_roman(surface: str) -> str:
    """The key of a Roman numeral of two letters or more in capitals, up to 89; "" if it is none."""
    if not _ROMAN.match(surface):
        return ""
    values = [_ROMAN_VALUES[letter] for letter in surface]
    after = [*values[1:], 0]
    return f"#{sum(-one if one < then else one for one, then in zip(values, after, strict=True))}"


def read_numeral(words: Sequence[str]) -> tuple[int, str]:
    """How many of these words make one number, at least one, and its key.

    `words` are word forms or keys of `read_digits`; the first is one or the other. What is not a number
    word ends the number. `and` belongs to it after hundred, thousand and so on, if a smaller number follows.
    """
    total, group, n_read, last, below = Decimal(0), Decimal(0), 0, "", Decimal("Infinity")
    for k, word in enumerate(words):
        if word == "and" and last in ("hundred", "scale") and _goes_on(words[k + 1 : k + 2]):
            last = "and"
            continue
        kind, value = _atom(word)
        if not _may_follow(kind, last, group, value, below):
            break
        if kind == "hundred":
            group = (group or Decimal(1)) * 100
        elif kind == "scale":
            total, group, below = total + (group or Decimal(1)) * value, Decimal(0), value
        else:
            group += value
        n_read, last = k + 1, kind
        if kind == "ordinal":
            return n_read, f"#{_printed(total + group)}th"
    if n_read == 0 or (n_read == 1 and words[0].startswith("#")):
        return 1, words[0]
    return n_read, f"#{_printed(total + group)}"


def _atom(word: str) -> tuple[str, Decimal]:
    if word in _SMALL:
        return "small", Decimal(_SMALL[word])
    if word in _TEN:
        return "ten", Decimal(_TEN[word])
    if word == "hundred":
        return "hundred", Decimal(100)
    if word in _SCALE:
        return "scale", Decimal(_SCALE[word])
    if word in _NTH:
        return "ordinal", Decimal(_NTH[word])
    if word.startswith("#") and len(word) <= MAX_DIGITS and _PLAIN.fullmatch(word[1:]):
        return "digits", Decimal(word[1:])
    return "", Decimal(0)


def _may_follow(kind: str, last: str, group: Decimal, value: Decimal, below: Decimal) -> bool:
    """Whether an atom goes on the number read so far."""
    if kind in ("small", "ordinal") and last == "ten":
        return 0 < value < 10
    if kind in ("small", "ten", "ordinal"):
        return last in ("", "hundred", "scale", "and")
    if kind == "hundred":
        return last in ("", "scale") or (last in ("small", "digits") and 0 < group < 100)
    if kind == "scale":
        return value < below and last in ("", "small", "ten", "hundred", "digits")
    return kind == "digits" and last == ""


def _goes_on(following: Sequence[str]) -> bool:
    return any(_atom(word)[0] in ("small", "ten", "ordinal") for word in following)


def _digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)


def _bare(digits: str) -> str:
    """Without zeros that say nothing: 007 is 7, 1.50 is 1.5."""
    whole, point, part = digits.partition(".")
    part = part.rstrip("0")
    return (whole.lstrip("0") or "0") + (point + part if part else "")


def _printed(value: Decimal) -> str:
    return _bare(f"{value:f}")
