# ruff: noqa: RUF001, RUF002 - the signs of many scripts are what this module is about
"""The words of a text, folded for comparison, with their places in the untouched text.

    words_of("They won’t pay twenty-five million.")

    start end  key          kind
    0     4    they         plain
    5     7    will         plain     both halves of the contraction keep their own place
    7     10   not          negation
    11    14   pay          plain
    15    34   #25000000    number

A word's key is what is compared. Two words with one key say the same; everything else is a difference. What
the key leaves out: case, the form of apostrophes, ligatures, full-width letters, soft hyphens, marks of
writing direction and other signs that cannot be seen. A hyphen ends a word, as a space does. Numbers have one
key however they are written (25, twenty-five; 1,000,000, 1 000 000, one million; VII; the ordinals apart).
What stands between words is not lost: `mark_between` gives it in one spelling.

Words that turn a sentence around have the kind `NEGATION`, those that count have `NUMBER`, and signs and
words of quantity (%, per cent, $, dollars) have `UNIT`. `alignment` treats these with suspicion.

What it knows of languages: English in full; of the other languages of the United Nations and of German the
particles of negation, and digits. Chinese and Japanese characters are a word each. It does not stem or
translate, and a negation that hides in a verb (to refuse, to fail) is a plain word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple

from allweather.evidence.documents import Span
from allweather.evidence.numerals import ATOMS, read_digits, read_numeral, read_roman

#: Longer runs of letters are cut into words of this length: normal forms of endless runs take endless time.
MAX_WORD: Final = 200

#: Signs that take no room: soft hyphen, marks of direction, joiners, byte order mark, variation selectors.
_INVISIBLE: Final = (
    "\u00ad\u034f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef"
)
_SIGNS: Final = "%‰٪％$¢£¤¥＄￠￡￥\u20a0-\u20cf=<>≠≤≥±+×÷&"
_SEPARATORS: Final = (
    r"\s\x00-/:-@\[-`{-\x9f¡-©«¬®-±´¶-¸»¿×÷"
    r"\u02c2-\u02c5\u055a-\u055f\u0589\u058a\u05be\u05c0\u05c3\u05f3\u05f4\u060c\u060d\u061b\u061e\u061f"
    r"\u066a-\u066d\u06d4\u0964\u0965\u10fb\u1360-\u1368\u2010-\u2029\u202f-\u205f\u2190-\u245f\u2500-\u2bff"
    r"\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\u30fb\ufe10-\ufe19\ufe30-\ufe6b"
    r"\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\uffe0-\uffef"
)
_SINGLE: Final = "\u3040-\u30fa\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LETTER: Final = f"[^{_SEPARATORS}{_SIGNS}{_SINGLE}]"
_QUOTES: Final = "\"'`´‘’‚‛“”„‟«»‹›＂＇「」『』〝〞"
_DASHES: Final = "-‐‑‒–—―−⸺⸻﹘﹣－־"

#: One word, sign or number as it stands in a text; the order of the arms matters.
TOKEN: Final = re.compile(
    rf"[A-Za-z]{{1,{MAX_WORD}}}+(?![{_INVISIBLE}'’ʼ＇]|{_LETTER})"  # most words: nothing else need be tried
    f"|[{_SIGNS}]"
    r"|(?:(?<=[\s(])|(?<![\s\S]))[-−](?=\.?\d)"  # a minus, not a hyphen
    r"|(?<![\w.,])\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+(?![\w])(?:[.,]\d+)?"
    rf"|(?:(?<=[\s(])|(?<![\s\S]))\.\d+|\d{{1,{MAX_WORD}}}(?:[.,\u066b\u066c]\d{{1,{MAX_WORD}}}){{0,9}}"
    rf"(?:{_LETTER}{{1,{MAX_WORD}}})?"
    f"|[{_SINGLE}]"
    rf"|{_LETTER}{{1,{MAX_WORD}}}(?:['’ʼ＇]{_LETTER}{{1,{MAX_WORD}}}){{0,3}}"
)
_INVISIBLE_RUN: Final = re.compile(f"[{_INVISIBLE}]+")
_EDGES: Final = re.compile(rf"\A[{_INVISIBLE}]*|[{_INVISIBLE}]*\Z")
_APOSTROPHE: Final = re.compile("[’ʼ＇]")
_NOT: Final = re.compile(rf"n[{_INVISIBLE}]*['’ʼ＇][{_INVISIBLE}]*t[{_INVISIBLE}]*\Z", re.IGNORECASE)
_QUOTE_RUN: Final = re.compile(f"[{re.escape(_QUOTES)}]+")
_DASH_RUN: Final = re.compile(f"[{re.escape(_DASHES)}]+")
_DOTS: Final = re.compile(r"\.{3,}|…+")
_UNSEEN: Final = re.compile(rf"[\s{_INVISIBLE}]+")

_NEGATION_WORDS: Final = (
    # English, with the words that almost deny
    "not no never nor neither none nobody nothing nowhere without non hardly scarcely barely "
    # French, Spanish, German
    "ne pas non jamais aucun aucune nul nulle rien sans ni "
    "nunca jamás nada nadie ningún ninguno ninguna tampoco "
    "nicht kein keine keinen keinem keiner keines nie niemals nichts niemand ohne weder "
    # Russian, Arabic, Chinese
    "не нет ни никогда никто ничего без لا ليس ليست لم لن غير دون 不 没 沒 未 无 無 非 勿 别"
)
_NEGATIONS: Final = frozenset(_NEGATION_WORDS.split())
_UNITS: Final = {
    "%": "percent", "٪": "percent", "percent": "percent", "‰": "permille", "$": "dollar", "dollars": "dollar",
    "dollar": "dollar", "€": "euro", "euros": "euro", "euro": "euro", "£": "pound", "pounds": "pound",
    "pound": "pound", "¥": "yen", "yen": "yen", "roubles": "rouble", "rubles": "rouble", "₽": "rouble",
}  # fmt: skip
#: What may begin a quantity without being a number.
_BEGINNINGS: Final = frozenset(("per", "-", "−"))
_CONTRACTED: Final = {"ca": "can", "wo": "will", "sha": "shall"}


class Kind(Enum):
    """What a word is to a comparison."""

    PLAIN = "plain"
    NEGATION = "negation"
    NUMBER = "number"
    UNIT = "unit"


class Word(NamedTuple):
    """One word: characters `start` to `end` of the untouched text, and the key that is compared.

    `is_contracted` says that it is half of a contraction: the same key, and yet not the same word.
    """

    start: int
    end: int
    key: str
    kind: Kind = Kind.PLAIN
    is_contracted: bool = False


def words_of(text: str, span: Span | None = None) -> list[Word]:
    """The words of `text`, or of a part of it, in order; places are in the whole of `text`."""
    start, end = (0, len(text)) if span is None else (span.start, min(span.end, len(text)))
    found: list[Word] = []
    for match in TOKEN.finditer(text, start, end):
        at = match.start()
        for first, last, key, kind, is_contracted in _pieces(match[0]):
            found.append(Word(at + first, at + last, key, kind, is_contracted))
    return _join_quantities(text, found)


def fold(surface: str) -> str:
    """One word in the form in which it is compared, before numbers are read."""
    return unicodedata.normalize("NFKC", fold_but_case(surface).casefold())


@lru_cache(maxsize=1 << 16)
def fold_but_case(surface: str) -> str:
    """One word as `fold` gives it, with its capitals."""
    return unicodedata.normalize("NFKC", _APOSTROPHE.sub("'", _INVISIBLE_RUN.sub("", surface)))


def kinds_of(surface: str) -> tuple[tuple[str, Kind], ...]:
    """The keys and kinds of what `TOKEN` found, before numbers of several words are joined."""
    return tuple((piece.key, piece.kind) for piece in _pieces(surface))


def mark_between(text: str, start: int, end: int) -> str:
    """What stands between two words, in one spelling of quotation marks, dashes and dots, without spaces.

    The spelling: `"` for any quotation marks, `-` for any dashes or hyphens, `…` for three dots or more.
    """
    gap = _UNSEEN.sub("", text[start:end])
    if not gap:
        return ""
    gap = unicodedata.normalize("NFKC", _DOTS.sub("…", _QUOTE_RUN.sub('"', _DASH_RUN.sub("-", gap))))
    return gap.replace("...", "…")


@lru_cache(maxsize=1 << 16)
def _pieces(surface: str) -> tuple[Word, ...]:
    """A token as words with places within it: none if it cannot be seen, two for a contraction."""
    first, last = (match.span() for match in _both_edges(surface))
    start, end = first[1], last[0]
    if start >= end:
        return ()
    form = fold(surface)
    if form in _UNITS:
        return (Word(start, end, _UNITS[form], Kind.UNIT),)
    if form == "&":
        return (Word(start, end, "and"),)
    if len(surface) == 1 and TOKEN.fullmatch(surface) and not surface.isalnum():
        return (Word(start, end, form, Kind.UNIT),)
    if form == "cannot" and end - start == len(form):
        return (Word(start, start + 3, "can"), Word(start + 3, end, "not", Kind.NEGATION))
    if form.endswith("n't") and len(form) > 3 and (cut := _NOT.search(surface, start)):
        base = _CONTRACTED.get(form[:-3], form[:-3])
        return (
            Word(start, cut.start(), base, Kind.PLAIN, base != form[:-3]),
            Word(cut.start(), end, "not", Kind.NEGATION, True),
        )
    if form in _NEGATIONS:
        return (Word(start, end, form, Kind.NEGATION),)
    if number := read_roman(surface[start:end]) or read_digits(form):
        return (Word(start, end, number, Kind.NUMBER),)
    if form in ATOMS:
        return (Word(start, end, form, Kind.NUMBER),)
    return (Word(start, end, form),)


def _both_edges(surface: str) -> Sequence[re.Match[str]]:
    matches = list(_EDGES.finditer(surface))
    return matches[0], matches[-1]


def _join_quantities(text: str, words: list[Word]) -> list[Word]:
    """Numbers of several words become one; so do `per cent`, and a minus with its number."""
    found: list[Word] = []
    k = 0
    for at in [k for k, word in enumerate(words) if word.kind is Kind.NUMBER or word.key in _BEGINNINGS]:
        if at < k:
            continue  # a part of the number before it
        found += words[k:at]
        k, word = at, words[at]
        n_taken, key = 1, word.key
        if word.kind is Kind.NUMBER:
            n_taken, key = _number_at(text, words, k)
        elif word.key == "per" and k + 1 < len(words) and words[k + 1].key == "cent":
            found.append(Word(word.start, words[k + 1].end, "percent", Kind.UNIT))
            k += 2
            continue
        elif word.key in ("-", "−") and k + 1 < len(words) and words[k + 1].kind is Kind.NUMBER:
            n_taken, key = _number_at(text, words, k + 1)
            n_taken, key = n_taken + 1, "#-" + key.removeprefix("#")
        if n_taken == 1 and key == word.key and not _is_pronoun(words, k):
            found.append(word)
        else:
            kind = Kind.PLAIN if _is_pronoun(words, k) else Kind.NUMBER
            found.append(
                Word(word.start, words[k + n_taken - 1].end, key if kind is Kind.NUMBER else word.key, kind)
            )
        k += n_taken
    return found + words[k:]


def _number_at(text: str, words: list[Word], k: int) -> tuple[int, str]:
    """How many words from `k` on make one number, and its key."""
    parts = [words[k].key]
    # Twenty words are more than any number in words takes.
    for before, word in zip(words[k : k + 20], words[k + 1 : k + 21], strict=False):
        if word.kind is not Kind.NUMBER and word.key != "and":
            break
        if mark_between(text, before.end, word.start) not in ("", "-"):
            break
        parts.append(word.key)
    return read_numeral(parts)


def _is_pronoun(words: list[Word], k: int) -> bool:
    """Whether this `one` counts nothing: no one, one another."""
    return words[k].key == "one" and (
        (k > 0 and words[k - 1].key == "no") or (k + 1 < len(words) and words[k + 1].key == "another")
    )
