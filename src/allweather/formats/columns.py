"""Reading named columns out of CSV, Parquet and JSON lines, fast and with errors people understand.

A column of words comes back as `Words`; a column of numbers as an array. Rows are counted as a
spreadsheet does: a CSV's header is row 1. In Parquet and JSON lines the first record is row 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from allweather.errors import MalformedRecord, UnreadableSource
from allweather.formats import jsonlines
from allweather.formats.csvfile import check_names, parse_csv, read_header
from allweather.formats.files import (
    MAX_ENTRIES,
    MAX_ID,
    MAX_TABLE_BYTES,
    MAX_TEXT,
    check_file,
    check_id,
    check_text,
    read_start,
)
from allweather.formats.words import WORDS, Words, as_numpy, is_text, words_of

#: What the columns of a Parquet file may grow to when they are unpacked.
MAX_UNPACKED_BYTES = 4 * 2**30


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which columns to read as what. Those of `required` must be there, others may be."""

    words: Sequence[str] = ()
    numbers: Sequence[str] = ()
    integers: Sequence[str] = ()
    required: Sequence[str] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.words, *self.numbers, *self.integers)


@dataclass(frozen=True, slots=True)
class Columns:
    """Named columns of one file, all of the same length."""

    where: str
    n_rows: int
    header_row: int  # 1 where the file counts its header as a row, else 0
    names: tuple[str, ...]  # all names in the file, read or not
    words: Mapping[str, Words] = field(default_factory=dict)
    numbers: Mapping[str, npt.NDArray[np.float64]] = field(default_factory=dict)  # NaN where empty
    integers: Mapping[str, npt.NDArray[np.int64]] = field(default_factory=dict)  # never empty

    def place(self, row: int) -> str:
        """Where a row is, for an error's sentence."""
        return f"{self.where}, row {row + 1 + self.header_row}"

    def cell(self, name: str, row: int) -> str:
        """The word in a cell, "" where there is none or the file does not have the column."""
        column = self.words.get(name)
        return "" if column is None else column.cell(row)

    def full(self, name: str) -> Words:
        """A column of words that no row may leave empty. Raises MalformedRecord."""
        column = self.words[name]
        if (row := column.first_empty()) is not None:
            raise MalformedRecord(f"the column {name!r} is empty", where=self.place(row))
        return column

    def ids(self, name: str, most: int) -> Words:
        """A full column of ids, of at most `most` different ones.

        Raises MalformedRecord, or UnreadableSource where there are too many.
        """
        column = self.full(name)
        if len(column.words) > most:
            raise UnreadableSource(
                f"{len(column.words):,} different values of {name!r}; at most {most:,} are read",
                where=self.where,
            )
        for code, word in enumerate(column.words):
            if len(word) > MAX_ID or not word.isprintable():
                check_id(name, word, self.place(column.first_row(code)))
        return column

    def check_texts(self, name: str) -> None:
        """Check that no cell of a column, if it is there, is too long. Raises MalformedRecord."""
        if (column := self.words.get(name)) is not None:
            for code, word in enumerate(column.words):
                if len(word) > MAX_TEXT:
                    check_text(f"a cell of {name!r}", word, self.place(column.first_row(code)))


def read_columns(path: Path, wanted: Wanted) -> Columns:
    """Read columns from a CSV, Parquet or JSON lines file, told apart by its first bytes.

    Raises UnreadableSource (the file) or MalformedRecord (a row).
    """
    names = read_names(path)
    where = str(path)
    missing = [name for name in wanted.required if name not in names]
    if missing:
        raise UnreadableSource(
            f"the column{'s' if len(missing) > 1 else ''} {', '.join(missing)} missing; "
            f"the file has {shown(names)}",
            where=where,
        )
    types: dict[str, Any] = dict.fromkeys(wanted.words, WORDS)
    types |= dict.fromkeys(wanted.numbers, pa.float64())
    types |= dict.fromkeys(wanted.integers, pa.int64())
    header_row = 0
    if _is_parquet(path):
        table = _read_parquet(path, [name for name in types if name in names])
    elif _is_json(path):
        table, names = jsonlines.read_table(path, types, wanted.required)
    else:
        table = parse_csv(path, {name: kind for name, kind in types.items() if name in names})
        header_row = 1
    if table.num_rows > MAX_ENTRIES:
        raise UnreadableSource(f"{table.num_rows:,} rows; at most {MAX_ENTRIES:,} are read", where=where)
    return _typed(table, wanted, Columns(where, table.num_rows, header_row, names))


def read_names(path: Path) -> tuple[str, ...]:
    """The names of a file's columns: a CSV's header, a Parquet's schema, the keys of a first JSON line.

    Raises UnreadableSource.
    """
    check_file(path, MAX_TABLE_BYTES)
    if _is_parquet(path):
        return check_names(_parquet_file(path).schema_arrow.names, str(path))
    return jsonlines.read_names(path) if _is_json(path) else read_header(path)


def shown(names: Sequence[str]) -> str:
    """The names of columns in a sentence, the first twelve of them."""
    first = ", ".join(repr(name[:40]) for name in names[:12])
    return f"{first} and {len(names) - 12} more" if len(names) > 12 else first or "none"


def _is_parquet(path: Path) -> bool:
    return read_start(path, 4) == b"PAR1"


def _is_json(path: Path) -> bool:
    return read_start(path, 64).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def _parquet_file(path: Path, as_words: Sequence[str] = ()) -> Any:
    try:
        return pq.ParquetFile(path, read_dictionary=list(as_words))
    except (pa.ArrowException, OSError, ValueError):
        raise UnreadableSource("not a whole Parquet file: cut short or damaged", where=str(path)) from None


def _read_parquet(path: Path, kept: Sequence[str]) -> Any:
    where = str(path)
    file = _parquet_file(path)
    if file.metadata.num_rows > MAX_ENTRIES:
        raise UnreadableSource(
            f"{file.metadata.num_rows:,} rows; at most {MAX_ENTRIES:,} are read", where=where
        )
    groups = [file.metadata.row_group(k) for k in range(file.metadata.num_row_groups)]
    if sum(group.total_byte_size for group in groups) > MAX_UNPACKED_BYTES:
        raise UnreadableSource(
            f"unpacks to more than {MAX_UNPACKED_BYTES:,} bytes; keep only the columns needed", where=where
        )
    as_words = [name for name in kept if is_text(file.schema_arrow.field(name).type)]
    try:
        table = _parquet_file(path, as_words).read(columns=list(kept))
        table.validate(full=True)  # a damaged file can decode into codes that point nowhere
    except (pa.ArrowException, OSError, ValueError):
        raise UnreadableSource("not a whole Parquet file: cut short or damaged", where=where) from None
    return table


def _typed(table: Any, wanted: Wanted, columns: Columns) -> Columns:
    have = set(table.column_names)
    return Columns(
        where=columns.where,
        n_rows=columns.n_rows,
        header_row=columns.header_row,
        names=columns.names,
        words={name: _words(table.column(name), name, columns) for name in wanted.words if name in have},
        numbers={
            name: _numbers(table.column(name), name, columns, pa.float64())
            for name in wanted.numbers
            if name in have
        },
        integers={
            name: _numbers(table.column(name), name, columns, pa.int64())
            for name in wanted.integers
            if name in have
        },
    )


def _words(column: Any, name: str, columns: Columns) -> Words:
    try:
        return words_of(column)
    except (ValueError, pa.ArrowException):
        raise MalformedRecord(
            f"the column {name!r} holds {str(column.type)[:80]}; write texts, whole numbers or days",
            where=columns.where,
        ) from None


def _numbers(column: Any, name: str, columns: Columns, kind: Any) -> npt.NDArray[Any]:
    is_whole = kind == pa.int64()
    held = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if is_whole and column.null_count:
        row = pc.index(pc.is_null(column), True).as_py()
        raise MalformedRecord(f"the column {name!r} is empty", where=columns.place(row))
    try:
        column = pc.cast(column, kind).combine_chunks()
    except (ValueError, pa.ArrowException):
        what = "whole numbers" if is_whole else "numbers"
        raise MalformedRecord(
            f"the column {name!r} holds {str(held)[:80]}, not {what}", where=columns.where
        ) from None
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    nothing = np.zeros(0, np.int64 if is_whole else np.float64)
    return np.concatenate([nothing, *(as_numpy(one, np.nan) for one in chunks if len(one))])
