"""Columns of words: the distinct texts once, and a code a row.

So ten million rows cost four bytes each, and whatever has to be checked is checked once a
distinct text. Knows pyarrow's arrays, no file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

#: The pyarrow type that a CSV column of words is parsed into.
WORDS = pa.dictionary(pa.int32(), pa.string())

_WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Words:
    """A column of words: `words[codes[row]]`, or nothing where the code is -1.

    Every word occurs in some row; words stand in the order of their first row.
    """

    words: tuple[str, ...]
    codes: npt.NDArray[np.int32]

    def cell(self, row: int | np.integer[Any]) -> str:
        """The word of one row, "" where it has none."""
        code = int(self.codes[row])
        return self.words[code] if code >= 0 else ""

    def first_row(self, code: int) -> int:
        """The first row that has this code (-1 for nothing)."""
        return int(np.argmax(self.codes == code))

    def first_empty(self) -> int | None:
        """The first row that has nothing, if any."""
        return self.first_row(-1) if len(self.codes) and int(self.codes.min()) < 0 else None

    def order_by_number(self) -> Words:
        """The same column with its words sorted as whole numbers, if all of them are; else as it is."""
        if not all(_WHOLE.fullmatch(word) for word in self.words):
            return self
        order = sorted(range(len(self.words)), key=lambda code: (int(self.words[code]), self.words[code]))
        new = np.full(len(order) + 1, -1, dtype=np.int32)
        new[order] = np.arange(len(order), dtype=np.int32)
        return Words(tuple(self.words[code] for code in order), new[self.codes])


def words_of(column: Any) -> Words:
    """A pyarrow ChunkedArray of texts, whole numbers or days as words.

    Raises ValueError (or its pyarrow subclass) where it holds anything else.
    """
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    column = column.unify_dictionaries()
    if column.num_chunks == 0:
        return Words((), np.zeros(0, dtype=np.int32))
    texts = _as_texts(column.chunk(0).dictionary)
    codes = [as_numpy(pc.cast(chunk.indices, pa.int32()), -1) for chunk in column.chunks if len(chunk)]
    return _tidy(texts, np.concatenate([np.zeros(0, np.int32), *codes]))


def as_numpy(array: Any, empty: float) -> npt.NDArray[Any]:
    """A pyarrow Array of numbers, not empty, as numpy; `empty` stands where it has none."""
    if array.null_count:
        array = pc.fill_null(array, pa.scalar(empty, array.type))
    return np.from_dlpack(array)


def is_text(kind: Any) -> bool:
    """Is this pyarrow type one of plain texts?"""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _as_texts(dictionary: Any) -> list[str]:
    kind = dictionary.type
    if pa.types.is_timestamp(kind):
        if not pc.floor_temporal(dictionary, unit="day").equals(dictionary):
            raise ValueError("a time of day where a day is expected")
        dictionary = pc.cast(pc.cast(dictionary, pa.date32()), pa.string())
    elif pa.types.is_date(kind) or pa.types.is_integer(kind):
        dictionary = pc.cast(dictionary, pa.string())
    elif not is_text(kind) and not pa.types.is_null(kind):
        raise ValueError("no words")
    dictionary.validate(full=True)  # refuses what is not UTF-8
    return [text or "" for text in dictionary.to_pylist()]


def _tidy(texts: Sequence[str], raw: npt.NDArray[np.int32]) -> Words:
    """Merge equal words, drop unused ones, make the empty word nothing, order by first appearance."""
    n = len(raw)
    first: dict[str, int] = {}
    merged = np.array(
        [first.setdefault(text, len(first)) if text else -1 for text in texts] + [-1], dtype=np.int32
    )
    distinct = list(first)
    codes = merged[raw]  # a raw -1 takes the last element, which is -1
    seen_at = np.full(len(distinct) + 1, n, dtype=np.int64)
    # Where an index repeats, the last assignment stands: going backwards leaves the first row.
    seen_at[codes[::-1]] = np.arange(n - 1, -1, -1)
    seen_at = seen_at[:-1]
    order = np.argsort(seen_at, kind="stable")[: int(np.count_nonzero(seen_at < n))]
    new = np.full(len(distinct) + 1, -1, dtype=np.int32)
    new[order] = np.arange(len(order), dtype=np.int32)
    return Words(tuple(distinct[k] for k in order), new[codes])
