"""Sentences of the rooms below, told in another language piece by piece.

The rooms put their sentences together: parts joined by `; `, names and times put in, one sentence as the
reason in another. So a sentence is looked for as it is, then by the patterns of the catalogue (a message with
`{}` stands for any words there), then by its parts. What stands in the place of `{}` is told in turn; what no
catalogue knows stays as it is, since it may be a name or what a member wrote. A pattern with few words of its
own fits only where names, numbers or known words stand in it, so that no text is told by halves.

Keeps only what it told last. Reads no file: the catalogue is given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

LONGEST: Final = 4_000
"""A longer sentence is not told, in characters."""
_MAX_DEPTH: Final = 10
_MAX_TRIES: Final = 600
_KEPT: Final = 2_048
_FEW_LETTERS: Final = 8
_TIME = re.compile(r"(\d\d:\d\d(?::\d\d)?) UTC on (\d{1,2}) ([A-Z][a-z]+) (\d{4,5})")
_TIME_WORDS: Final = "{} UTC on {} {} {}"
_PLACE = re.compile(r"\{(\d*)\}")
_NEXT_SENTENCE = re.compile(r"(?<=[^.])\. (?=[A-Z\d])")
_NAME = re.compile(r"\S+( \(.+\))?|[A-Z]{2,} \S+|[A-Z]\S*( ([A-Z]\S*|and|of|the))*")
_FIRST_WORD = re.compile(r"([\w:/-]{1,80}) (\S.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A message with places: the words between them, what is told instead, and how many letters it has."""

    words: tuple[str, ...]
    told: str
    n_letters: int

    @property
    def is_broad(self) -> bool:
        """Whether it says so little that it would fit what it was not meant for."""
        return self.n_letters < _FEW_LETTERS and not self.words[0][:1].isupper()

    @property
    def has_parts(self) -> bool:
        """Whether it goes beyond one part of a sentence."""
        return any("; " in words for words in self.words)

    def rank(self) -> tuple[bool, int, int]:
        """Its place in the order of trying: known by its beginning first, and then what says more."""
        return not self.words[0], -self.n_letters, len(self.words)

    def match(self, sentence: str) -> list[str] | None:
        """What stands in the places, each as short as can be; None if the pattern does not fit.

        A place may be empty only where it is glued to a word. Linear in the sentence.
        """
        first, last = self.words[0], self.words[-1]
        end = len(sentence) - len(last)
        if end < len(first) or not (sentence.startswith(first) and sentence.endswith(last)):
            return None
        found, at, before = [], len(first), first
        waiting = 0
        for words in self.words[1:-1]:
            if not words:
                waiting += 1  # of places with nothing between them the first takes all
                continue
            start = sentence.find(words, at + _least(before), end)
            if start < 0:
                return None
            found += [sentence[at:start]] + [""] * waiting
            at, waiting, before = start + len(words), 0, words
        return [*found, sentence[at:end]] + [""] * waiting if at + _least(before) <= end else None


def _least(before: str) -> int:
    """How long the words in a place are at least, by what stands before it."""
    return 0 if before[-1:].isalpha() else 1


def pattern(message: str, told: str) -> Pattern | None:
    """The pattern of a message and its translation; None if it has no place or no word of its own.

    A message that begins with a space or a mark is the end of other sentences, and gets a place before it.
    """
    if message[:1] in (" ", ",", ";"):
        message = "{}" + message
        told = "{}" + _PLACE.sub(lambda one: f"{{{int(one[1]) + 1}}}" if one[1] else "{}", told)
    if message.endswith(".") and told.endswith("."):
        message, told = message[:-1], told[:-1]
    words = tuple(message.split("{}"))
    n_letters = sum(letter.isalpha() for part in words for letter in part)
    return Pattern(words, told, n_letters) if len(words) > 1 and n_letters > 1 else None


def fill(told: str, inner: Sequence[str]) -> str:
    """A translation with its places filled: `{}` by their order, `{0}` and `{1}` by their number."""
    parts = _PLACE.split(told)
    filled = [parts[0]]
    for n, (place, text) in enumerate(zip(parts[1::2], parts[2::2], strict=True)):
        at = int(place) if place else n
        filled.append((inner[at] if at < len(inner) else "") + text)
    return "".join(filled)


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells sentences by one catalogue.

    `messages` are translations by message, `months` the months' names by their English ones. `length` tells a
    length of time (a number and `day`, `hour`, `minute` or `second`). `quotes` are the marks around a title,
    `semicolon` is what stands between parts of a sentence.
    """

    messages: Mapping[str, str]
    months: Mapping[str, str]
    length: Callable[[int, str], str]
    quotes: tuple[str, str]
    semicolon: str
    patterns: tuple[Pattern, ...] = field(init=False)
    tell: Callable[[str], str | None] = field(init=False)

    def __post_init__(self) -> None:
        pairs = ((one, told) for one, told in self.messages.items() if told != one and one != _TIME_WORDS)
        made = (pattern(message, told) for message, told in pairs)
        kept = sorted((one for one in made if one is not None), key=Pattern.rank)
        object.__setattr__(self, "patterns", tuple(kept))
        object.__setattr__(self, "tell", lru_cache(maxsize=_KEPT)(self._tell))

    def _tell(self, sentence: str) -> str | None:
        """The sentence as told; None if nothing of it is known."""
        return _Telling(self).told(sentence, 0) if len(sentence) <= LONGEST else None


@dataclass(slots=True)
class _Telling:
    """The telling of one sentence, with what was tried: a bound on the work that any text can make."""

    teller: Teller
    known: dict[str, str | None] = field(default_factory=dict)
    n_tries: int = 0

    def told(self, text: str, depth: int) -> str | None:
        if text in self.known:
            return self.known[text]
        self.n_tries += 1
        if depth > _MAX_DEPTH or self.n_tries > _MAX_TRIES:
            return None
        found = self._exact(text)
        if found is None and " " in text and not _is_quoted(text):
            dot = "." if text.endswith(".") else ""
            found = self._body(text.removesuffix("."), depth)
            found = found + dot if found is not None else None
        self.known[text] = found
        return found

    def _exact(self, text: str) -> str | None:
        for tail in ("", "."):
            found = self.teller.messages.get(text + tail)
            if found is not None and "{" not in found:
                return found.removesuffix(tail)
        time = _TIME.fullmatch(text)
        if time is not None and time[3] in self.teller.months:
            told = self.teller.messages.get(_TIME_WORDS, _TIME_WORDS)
            return fill(told, [time[1], time[2], self.teller.months[time[3]], time[4]])
        number, _, unit = text.partition(" ")
        if number.isdecimal() and len(number) < 10 and unit.removesuffix("s") in _UNITS:
            return self.teller.length(int(number), unit.removesuffix("s"))
        return None

    def _body(self, text: str, depth: int) -> str | None:
        exact = self._exact(text)
        if exact is not None:
            return exact
        patterns, mark = self.teller.patterns, self.teller.semicolon
        return (
            self._joined(_NEXT_SENTENCE.split(text), ". ", depth)
            or self._by_pattern(text, (one for one in patterns if one.has_parts and not one.is_broad), depth)
            or self._joined(text.split("; "), mark, depth)
            or self._by_pattern(text, (one for one in patterns if not (one.has_parts or one.is_broad)), depth)
            or self._after_name(text, depth)
            or self._listed(text, depth)
            or self._by_pattern(text, (one for one in patterns if one.is_broad), depth)
            or self._joined(text.split("; "), mark, depth, is_any_enough=True)
        )

    def _joined(self, parts: list[str], mark: str, depth: int, *, is_any_enough: bool = False) -> str | None:
        if len(parts) < 2:
            return None
        told = [self.told(one, depth + 1) for one in parts]
        n_known = sum(one is not None for one in told)
        if n_known == len(parts) or (is_any_enough and n_known):
            return mark.join(part if one is None else one for one, part in zip(told, parts, strict=True))
        return None

    def _by_pattern(self, text: str, patterns: Iterable[Pattern], depth: int) -> str | None:
        for one in patterns:
            found = one.match(text)
            if found is None:
                continue
            inner = [self.told(place, depth + 1) if place else "" for place in found]
            unknown = [place for place, told in zip(found, inner, strict=True) if told is None]
            if one.is_broad and not all(map(_is_plain, unknown)):
                continue
            pairs = zip(found, inner, strict=True)
            return fill(one.told, [self._quoted(place) if told is None else told for place, told in pairs])
        return None

    def _listed(self, text: str, depth: int) -> str | None:
        parts = text.split(", ")
        told = [self.told(one, depth + 1) for one in parts] if len(parts) > 1 else []
        if not any(told) or any(
            one is None and not _is_plain(part) for one, part in zip(told, parts, strict=True)
        ):
            return None
        return ", ".join(one or part for one, part in zip(told, parts, strict=True))

    def _after_name(self, text: str, depth: int) -> str | None:
        """A name or a number with words after it that are known by themselves."""
        found = _FIRST_WORD.fullmatch(text)
        if found is None or not found[2][0].islower():
            return None
        strong = (one for one in self.teller.patterns if not one.is_broad)
        told = self._exact(found[2]) or self._by_pattern(found[2], strong, depth + 1)
        return f"{found[1]} {told}" if told is not None else None

    def _quoted(self, text: str) -> str:
        if _is_quoted(text):
            before, after = self.teller.quotes
            return f"{before}{text[1:-1]}{after}"
        return text


_UNITS: Final = frozenset({"day", "hour", "minute", "second"})


def _is_plain(text: str) -> bool:
    """Whether a text looks like names or numbers: between commas one word, or words that are names' own."""
    return _is_quoted(text) or all(_NAME.fullmatch(one) is not None for one in text.split(", "))


def _is_quoted(text: str) -> bool:
    """Whether a text is a title between marks, which is a member's own."""
    return len(text) > 2 and text[0] in "'\"" and text[-1] == text[0]
