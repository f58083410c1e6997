"""Reading JSON lines: one object a line, every value a text, a number or nothing.

It bounds the length of a line and names the row that is wrong. Columns that nobody asked for are
read over; their names are returned, so that they can be said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from allweather.errors import MalformedRecord, UnreadableSource
from allweather.formats.files import MAX_ENTRIES
from allweather.formats.words import WORDS

MAX_LINE_BYTES = 2**20
_CHUNK_LINES = 100_000

_Scalar = str | int | float | None
_DECODER = msgspec.json.Decoder(dict[str, _Scalar])


def read_names(path: Path) -> tuple[str, ...]:
    """The keys of the first line's object. Raises UnreadableSource where it is none."""
    for _, line in _lines(path):
        try:
            return tuple(msgspec.json.decode(line, type=dict[str, msgspec.Raw]))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            break
    raise UnreadableSource("its first line is not a JSON object", where=str(path))


def read_table(path: Path, kinds: Mapping[str, Any], required: Sequence[str]) -> tuple[Any, tuple[str, ...]]:
    """Read the columns named in `kinds` into a pyarrow Table; also return all names that occur.

    Raises MalformedRecord, naming the row.
    """
    names: dict[str, None] = {}
    batches: list[Any] = []
    schema = pa.schema([(name, pa.string() if kind == WORDS else kind) for name, kind in kinds.items()])
    rows: list[dict[str, _Scalar]] = []
    n_rows = 0
    for number, line in _lines(path):
        row = _row(line, f"{path}, row {number}", required)
        names.update(dict.fromkeys(row))
        rows.append({name: row.get(name) for name in kinds})
        n_rows += 1
        if n_rows > MAX_ENTRIES:
            raise UnreadableSource(f"more than {MAX_ENTRIES:,} rows", where=str(path))
        if len(rows) == _CHUNK_LINES:
            batches.append(_batch(rows, schema, f"{path}, rows up to {number}"))
            rows = []
    if rows:
        batches.append(_batch(rows, schema, f"{path}, rows up to {n_rows}"))
    table = pa.Table.from_batches(batches, schema=schema)
    unused = [name for name in kinds if name not in names and name not in required]
    return table.drop_columns(unused), tuple(names)


def _row(line: bytes, where: str, required: Sequence[str]) -> dict[str, _Scalar]:
    try:
        row = _DECODER.decode(line)
    except msgspec.ValidationError as error:
        raise MalformedRecord(
            f"not an object of texts and numbers: {str(error)[:200]}", where=where
        ) from None
    except UnicodeDecodeError:
        raise MalformedRecord("not UTF-8; save the file as UTF-8 and read it again", where=where) from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise MalformedRecord(f"not JSON: {str(error)[:200]}", where=where) from None
    for name in required:
        if name not in row:
            raise MalformedRecord(f"the field {name!r} is missing", where=where)
    return row


def _batch(rows: list[dict[str, _Scalar]], schema: Any, where: str) -> Any:
    columns = []
    for field in schema:
        values = [row[field.name] for row in rows]
        if field.type == pa.string():
            values = [_word(value, f"{where}, field {field.name!r}") for value in values]
        elif any(isinstance(value, str) for value in values):
            raise MalformedRecord(f"the field {field.name!r} holds a text, not a number", where=where)
        columns.append(pa.array(values, type=field.type))
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _word(value: _Scalar, where: str) -> str | None:
    if isinstance(value, float):
        raise MalformedRecord(f"{value!r} is neither a text nor a whole number", where=where)
    return value if value is None else str(value)


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, counted from 1 over those alone."""
    number = 0
    with path.open("rb") as file:
        while line := file.readline(MAX_LINE_BYTES + 1):
            if len(line) > MAX_LINE_BYTES:
                raise UnreadableSource(
                    f"a line of more than {MAX_LINE_BYTES:,} bytes after row {number:,}", where=str(path)
                )
            line = line.removeprefix(b"\xef\xbb\xbf").strip()
            if line:
                number += 1
                yield number, line
