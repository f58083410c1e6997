"""Recognising a source by what is in it, and reading it.

A file is recognised by its first bytes and the names of its columns or fields, a folder by the one
file in it that is recognised so. Nothing is recognised by its name alone, and nothing is guessed:
two candidates, or none, is an error that says what was looked for and what was found.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

import msgspec

from allweather.errors import InputError, UnreadableSource
from allweather.formats import polis, table, un
from allweather.formats.blocs import read_blocs
from allweather.formats.columns import read_names, shown
from allweather.formats.dossier import DOSSIER_FIELDS, read_dossier
from allweather.formats.files import (
    MAX_DOSSIER_BYTES,
    MAX_TABLE_BYTES,
    check_exists,
    check_file,
    list_files,
    read_bytes,
    read_start,
)
from allweather.formats.reading import Reading, counted

BLOCS_NAME = "blocs.toml"
LOOKED_FOR = (
    "looked for a dossier (dossier.json), a Polis export (votes.csv), UN roll calls (un_votes) and a table "
    "with the columns member, question and response"
)
_SUFFIXES = (".csv", ".parquet", ".json", ".jsonl", ".ndjson")


class Kind(StrEnum):
    """The formats that are read."""

    DOSSIER = "dossier"
    POLIS = "Polis export"
    UN = "UN roll calls"
    TABLE = "long table"


def read(
    path: Path,
    *,
    progress: Callable[[str], None] | None = None,
    sessions: tuple[int, int] | None = None,
) -> Reading:
    """Read a file or folder of any format that we know.

    `progress` is called with a short phrase at each step. `sessions` (first, last) restricts UN
    roll calls and is refused for anything else. A `blocs.toml` beside the data gives the blocs.

    Raises UnreadableSource, MalformedRecord, NothingToReview or InputError.
    """
    say = progress or _silent
    check_exists(path)
    file, kind = _find(path) if path.is_dir() else (path, recognise(path))
    if sessions is not None and kind is not Kind.UN:
        raise InputError(f"sessions are known for UN roll calls only; this is a {kind}", where=str(path))
    match kind:
        case Kind.DOSSIER:
            say(f"Reading {file.name}")
            reading = read_dossier(file)
        case Kind.POLIS:
            reading = polis.read_polis(file, say)
        case Kind.UN:
            reading = un.read_un(file, say, sessions)
        case Kind.TABLE:
            reading = table.read_table(file, say)
    blocs = file.with_name(BLOCS_NAME)
    if not blocs.is_file():
        return reading
    found = read_blocs(blocs)
    said = f"{counted(len(found), 'bloc')} taken from {BLOCS_NAME}."
    return dataclasses.replace(reading, blocs=found, intake=(*reading.intake, said))


def recognise(path: Path) -> Kind:
    """Tell what one file is. Raises UnreadableSource with the reason why it is nothing we know."""
    check_file(path, MAX_TABLE_BYTES)
    start = read_start(path, 64).removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"["):
        raise UnreadableSource(
            "a JSON list; write JSON lines instead, one object a line without brackets", where=str(path)
        )
    if start.startswith(b"{"):
        return _recognise_json(path)
    return _recognise_names(read_names(path), str(path))


def _recognise_json(path: Path) -> Kind:
    try:
        names = read_names(path)
    except UnreadableSource:
        # The object does not end in its first line, so the file can only be one document.
        names = _document_fields(path)
        if not _is_dossier(names):
            raise _not_dossier(names, path) from None
    if _is_dossier(names):
        return Kind.DOSSIER
    if set(DOSSIER_FIELDS) & set(names):
        raise _not_dossier(names, path)
    return _recognise_names(names, str(path))


def _document_fields(path: Path) -> tuple[str, ...]:
    try:
        return tuple(msgspec.json.decode(read_bytes(path, MAX_DOSSIER_BYTES), type=dict[str, msgspec.Raw]))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise UnreadableSource("neither whole JSON nor JSON lines", where=str(path)) from None


def _is_dossier(names: tuple[str, ...]) -> bool:
    return set(DOSSIER_FIELDS) <= set(names)


def _not_dossier(names: tuple[str, ...], path: Path) -> UnreadableSource:
    missing = [name for name in DOSSIER_FIELDS if name not in names]
    return UnreadableSource(
        f"JSON, but not a dossier: the field{'s' if len(missing) > 1 else ''} {', '.join(missing)} missing; "
        f"the file has {shown(names)}",
        where=str(path),
    )


def _recognise_names(names: tuple[str, ...], where: str) -> Kind:
    have = set(names)
    kinds = [kind for kind in (Kind.POLIS, Kind.UN, Kind.TABLE) if not _missing(kind, have)]
    if len(kinds) == 1:
        return kinds[0]
    if kinds:
        raise UnreadableSource(
            f"could be {' or '.join(kinds)}; keep only the columns of one of them", where=where
        )
    if set(polis.COMMENT_COLUMNS) <= have:
        raise UnreadableSource("a Polis comments file; name its folder or its votes.csv", where=where)
    if {"participant", "group-id"} <= have:
        raise UnreadableSource(
            "Polis' table of participants, which has no times; name the votes.csv of the same export",
            where=where,
        )
    nearest = Kind.TABLE
    if have & {"comment-id", "voter-id"}:
        nearest = Kind.POLIS
    elif "rcid" in have:
        nearest = Kind.UN
    missing = _missing(nearest, have)
    raise UnreadableSource(
        f"not a {nearest}: the column{'s' if len(missing) > 1 else ''} {', '.join(missing)} missing; "
        f"the file has {shown(names)}",
        where=where,
    )


def _missing(kind: Kind, have: set[str]) -> list[str]:
    needed = {
        Kind.POLIS: polis.VOTE_COLUMNS,
        Kind.UN: un.VOTE_COLUMNS,
        Kind.TABLE: table.REQUIRED_COLUMNS,
    }[kind]
    missing = [name for name in needed if name not in have]
    if kind is Kind.UN and not have & set(un.COUNTRY_COLUMNS):
        missing.append(" or ".join(un.COUNTRY_COLUMNS))
    return missing


def _find(folder: Path) -> tuple[Path, Kind]:
    """The one file in a folder that is recognised, and what it is."""
    found: list[tuple[Path, Kind]] = []
    refused: list[UnreadableSource] = []
    for path in list_files(folder):
        if path.suffix.lower() not in _SUFFIXES or path.stem == "blocs":
            continue
        try:
            found.append((path, recognise(path)))
        except UnreadableSource as error:
            refused.append(error)
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(path.name for path, _ in found[:6])
        raise UnreadableSource(
            f"the folder holds {len(found)} sources ({names}); name the one to read", where=str(folder)
        )
    if len(refused) == 1:
        raise refused[0]
    tried = f"; {counted(len(refused), 'file')} tried, the first is {refused[0].what}" if refused else ""
    raise UnreadableSource(f"nothing that can be read: {LOOKED_FOR}{tried}", where=str(folder))


def _silent(phrase: str) -> None:
    """Says nothing, where nobody listens to progress."""
