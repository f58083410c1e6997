"""Where each word stands, and each two words in a row: for quotations too short for three words in a row.

    found = postings_of(units, places)            # one 64-bit number a word, and some more
    places_of(sorted_postings, units)             # where the quotation may begin, and at which of its words

A posting holds 20 bits of a word's hash, 12 bits of the next word's, and 32 bits of the place. Sorted, all
places of a word are one range, and so are those of two words in a row. A range may hold places of other words
with the same bits, so whoever asks has to look at the text there.

Here a word is a token as it stands, folded: numbers and negations are themselves, and a sign such as % is a
word. Two words with only signs between them stand in a row as well.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from allweather.evidence.words import fold

#: Pairs of a quotation that are looked up: the rarest of them leads.
_MOST_PAIRS: Final = 16
_SIGN: Final = 1

_Numbers = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Lead:
    """Places counted through all texts, in no order, at which word `word` of a quotation may stand."""

    word: int
    places: npt.NDArray[np.int64]


def unit_of(surface: str) -> int:
    """The number of a token: bits of a hash, the lowest one set for a sign; 0 if it cannot be seen."""
    form = fold(surface)
    if not form:
        return 0
    hashed = zlib.crc32(form.encode("utf-8", "surrogatepass")) & ~_SIGN
    return (hashed or 2) | (not any(one.isalnum() for one in form))


def postings_of(units: Sequence[int], places: Sequence[int], start: int) -> _Numbers:
    """The postings of a text, unsorted. `start` is added to the places: where the text begins."""
    row, at = np.array(units, dtype=np.uint64), np.array(places, dtype=np.uint64) + np.uint64(start)
    if not len(row):
        return np.zeros(0, dtype=np.uint64)
    found = [_joined(row, np.append(row[1:], np.uint64(0)), at)]
    is_sign = (row & np.uint64(_SIGN)).astype(bool)
    if is_sign.any():
        words = np.flatnonzero(~is_sign)
        apart = words[:-1][np.diff(words) > 1]
        following = words[1:][np.diff(words) > 1]
        found.append(_joined(row[apart], row[following], at[apart]))
    return np.concatenate(found)


def places_of(postings: _Numbers, surfaces: Sequence[str]) -> Lead:
    """The places to look at for the tokens of a quotation, one or more. `postings` are sorted."""
    units = [unit_of(surface) for surface in surfaces]
    if len(units) == 1:
        return Lead(0, _places(postings, [_of_word(units[0])]))
    best: tuple[int, int, list[tuple[int, int]]] | None = None
    for k in range(min(len(units) - 1, _MOST_PAIRS)):
        ranges = [_of_pair(units[k], units[k + 1])]
        # What the quotation has as two words may be one in the text.
        ranges.append(_of_word(unit_of(surfaces[k] + surfaces[k + 1])))
        if k == 0 and len(units) > 2:
            ranges.append(_of_word(unit_of("".join(surfaces[:3]))))
        n = sum(int(np.diff(np.searchsorted(postings, np.array(one, dtype=np.uint64)))[0]) for one in ranges)
        if best is None or n < best[0]:
            best = (n, k, ranges)
    return Lead(best[1], _places(postings, best[2])) if best else Lead(0, np.zeros(0, dtype=np.int64))


def _joined(first: _Numbers, second: _Numbers, at: _Numbers) -> _Numbers:
    upper = (first >> np.uint64(12)) << np.uint64(44)
    return upper | ((second & np.uint64(0xFFF)) << np.uint64(32)) | at


def _of_word(unit: int) -> tuple[int, int]:
    """The first posting that a word can have, and the first one after."""
    return unit >> 12 << 44, min(((unit >> 12) + 1) << 44, 2**64 - 1)


def _of_pair(first: int, second: int) -> tuple[int, int]:
    start = (first >> 12 << 44) | ((second & 0xFFF) << 32)
    return start, min(start + (1 << 32), 2**64 - 1)


def _places(postings: _Numbers, ranges: Sequence[tuple[int, int]]) -> npt.NDArray[np.int64]:
    """The places of some ranges of postings, one after the other."""
    parts = [np.zeros(0, dtype=np.int64)]
    for one in ranges:
        start, end = np.searchsorted(postings, np.array(one, dtype=np.uint64))
        parts.append((postings[start:end] & np.uint64(0xFFFFFFFF)).astype(np.int64))
    return np.concatenate(parts)
