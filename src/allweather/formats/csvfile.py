"""Parsing CSV as RFC 4180 has it, and saying in one sentence what is wrong with a file that is not.

UTF-8 with or without a byte order mark; one header row; no two columns of one name; blank lines
ignored. pyarrow does the parsing; where it refuses, the file is looked at once more, slowly, to
name the row.
"""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from allweather.errors import InputError, MalformedRecord, UnreadableSource
from allweather.formats.files import not_utf8, read_start
from allweather.formats.words import WORDS, words_of

MAX_HEADER_BYTES = 2**16
MAX_ROW_BYTES = 2**24

_BOM = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_header(path: Path) -> tuple[str, ...]:
    """The names of the columns. Raises UnreadableSource."""
    start = read_start(path, MAX_HEADER_BYTES)
    if start.startswith(_UTF16_MARKS):
        raise not_utf8(path)
    if b"\0" in start:
        raise UnreadableSource("holds NUL bytes, so it is not a text file", where=str(path))
    text = _decode(path, start.removeprefix(_BOM))
    try:
        rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        header = next((row for row in rows if row), None)
    except csv.Error:
        raise UnreadableSource("its first row is not one of a CSV file", where=str(path)) from None
    if header is None:
        raise UnreadableSource("the file has nothing but blank lines", where=str(path))
    return check_names(header, str(path))


def check_names(names: Sequence[str], where: str) -> tuple[str, ...]:
    """Check that no two columns have the same name. Raises UnreadableSource."""
    seen: set[str] = set()
    for name in names:
        if name and name in seen:
            raise UnreadableSource(f"two columns are named {name[:80]!r}", where=where)
        seen.add(name)
    return tuple(names)


def parse_csv(path: Path, types: Mapping[str, Any]) -> Any:
    """Parse the columns named in `types` (pyarrow types) into a pyarrow Table; an empty cell is null.

    Raises UnreadableSource or MalformedRecord.
    """
    _check_bytes(path)
    wrong: list[Any] = []
    try:
        return _parse(path, types, wrong, use_threads=True)
    except (pa.ArrowException, OSError, MemoryError) as error:
        if "Empty CSV file" in str(error):  # a header that no line end follows
            return pa.table({name: pa.array([], type=kind) for name, kind in types.items()})
        raise _explained(path, types, str(error), wrong) from None


def _check_bytes(path: Path) -> None:
    """Check what pyarrow lets pass: NUL bytes, and a file that is cut inside a quoted cell."""
    n_quotes = 0
    with path.open("rb") as file:
        while chunk := file.read(MAX_ROW_BYTES):
            if b"\0" in chunk:
                raise UnreadableSource("holds NUL bytes, so it is not a text file", where=str(path))
            n_quotes += chunk.count(b'"')
    if n_quotes % 2:
        raise UnreadableSource(
            "an odd number of quotation marks, so one is never closed or the file is cut short",
            where=str(path),
        )


def _parse(path: Path, types: Mapping[str, Any], wrong: list[Any], *, use_threads: bool) -> Any:
    def note(row: Any) -> str:
        wrong.append(row)
        return "error"

    return pa.csv.read_csv(
        path,
        read_options=pa.csv.ReadOptions(block_size=MAX_ROW_BYTES, use_threads=use_threads),
        parse_options=pa.csv.ParseOptions(newlines_in_values=True, invalid_row_handler=note),
        convert_options=pa.csv.ConvertOptions(
            column_types=types,
            include_columns=list(types),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )


def _explained(path: Path, types: Mapping[str, Any], error: str, wrong: list[Any]) -> InputError:
    if wrong:
        return _wrong_row(path, types)
    if "UTF8" in error:
        return not_utf8(path)
    if "straddling" in error or "block" in error:
        return UnreadableSource(
            f"a row of more than {MAX_ROW_BYTES:,} bytes, or a quotation mark that is never closed",
            where=str(path),
        )
    if "conversion error" in error:
        return _wrong_value(path, types)
    return UnreadableSource("not a whole CSV file as RFC 4180 has it", where=str(path))


def _wrong_row(path: Path, types: Mapping[str, Any]) -> MalformedRecord:
    """Parse once more in one thread, where rows are counted, to say which row is wrong."""
    found: list[Any] = []
    with contextlib.suppress(pa.ArrowException):
        _parse(path, types, found, use_threads=False)
    row = found[0]
    cells = "1 cell" if row.actual_columns == 1 else f"{row.actual_columns} cells"
    return MalformedRecord(
        f"{cells} in a row, but the header has {row.expected_columns}", where=f"{path}, row {row.number}"
    )


def _wrong_value(path: Path, types: Mapping[str, Any]) -> InputError:
    """Read the columns of numbers once more as words, to say which cell is wrong."""
    for name, kind in types.items():
        if kind == WORDS:
            continue
        column = words_of(_parse(path, {name: WORDS}, [], use_threads=True).column(0))
        for code, word in enumerate(column.words):
            try:
                pc.cast(pa.scalar(word.strip(" \t")), kind)
            except pa.ArrowInvalid:
                what = "a whole number" if kind == pa.int64() else "a number"
                return MalformedRecord(
                    f"{word[:80]!r} in the column {name!r} is not {what}",
                    where=f"{path}, row {column.first_row(code) + 2}",
                )
    return UnreadableSource("a cell cannot be read as a number", where=str(path))


def _decode(path: Path, start: bytes) -> str:
    try:
        return start.decode("utf-8")
    except UnicodeDecodeError as error:
        # The cut may fall inside a character: only a wrong byte before it is an error.
        if len(start) < MAX_HEADER_BYTES - len(_BOM) or error.start < len(start) - 4:
            raise not_utf8(path, error.start) from None
        return start[: error.start].decode("utf-8")
