"""Read a body of speeches as it lies on a disk: text files, JSON lines, or an archive of them.

A folder (with its folders), or one file:

    USA_65_2010.txt           a speech; its id is its path in the folder, without the ending
    speeches.jsonl[.gz]       a speech a line, an object with `id` and `text`; other fields are left alone
    speeches.zip              the same files in an archive; ids are their paths in it

Every text is UTF-8; a byte order mark is left out. It does not know who speaks: for that there is the reader
of documents. Bounds: `MAX_SPEECHES` texts and `MAX_CHARACTERS` characters together, however well they are
packed.
"""

from __future__ import annotations

import gzip
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final

import msgspec

from allweather.errors import MalformedRecord, UnreadableSource
from allweather.formats.files import check_exists, check_file, check_id, not_utf8

MAX_SPEECHES: Final = 200_000
MAX_CHARACTERS: Final = 300_000_000
_MAX_FILES: Final = 200_000
_MAX_LINE: Final = 32 * 2**20
_MAX_TEXT_BYTES: Final = 64 * 2**20
_MAX_FILE_BYTES: Final = 2 * 2**30
_TEXT: Final = (".txt", ".text")
_LINES: Final = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")

Say = Callable[[str], None]


class _Speech(msgspec.Struct):
    id: str
    text: str


def read_speeches(path: Path, say: Say = lambda what: None) -> dict[str, str]:
    """The texts of a folder or file by their ids, in the order of paths and lines. Raises InputError."""
    check_exists(path)
    found: dict[str, str] = {}
    n_characters = 0
    for where, id, text in _all(path, say):
        if id in found:
            raise MalformedRecord(f"a second text with the id {id!r}", where=where)
        n_characters += len(text)
        if len(found) == MAX_SPEECHES or n_characters > MAX_CHARACTERS:
            raise UnreadableSource(
                f"more than {MAX_SPEECHES:,} texts or {MAX_CHARACTERS:,} characters; name a part of them",
                where=str(path),
            )
        found[id] = text
    if not found:
        raise UnreadableSource(
            "no speeches here: text files (.txt), JSON lines with id and text (.jsonl, .jsonl.gz), or an "
            "archive of them (.zip) are read",
            where=str(path),
        )
    return found


def _all(path: Path, say: Say) -> Iterator[tuple[str, str, str]]:
    """Where it stands, id and text of every speech."""
    for file in _files(path) if path.is_dir() else [path]:
        name = file.name.lower()
        say(file.name)
        if name.endswith(".zip"):
            yield from _archived(file)
        elif name.endswith(_LINES):
            check_file(file, _MAX_FILE_BYTES)
            with _opened(file) as stream:
                yield from _lines(stream, str(file))
        elif name.endswith(_TEXT):
            if file.stat().st_size:
                check_file(file, _MAX_TEXT_BYTES)
                with file.open("rb") as stream:
                    data = _bounded(stream, _MAX_TEXT_BYTES, str(file))
                id = file.relative_to(path).as_posix() if path.is_dir() else file.name
                yield str(file), _without_ending(id), _decoded(data, file)
        elif not path.is_dir():
            raise UnreadableSource(
                "not a text file (.txt), JSON lines (.jsonl) or an archive (.zip)", where=str(file)
            )


def _files(folder: Path) -> list[Path]:
    """The files of a folder and its folders, without hidden ones and links to folders."""
    found: list[Path] = []
    for top, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(top) / name for name in names if not name.startswith(".")]
        if len(found) > _MAX_FILES:
            raise UnreadableSource(f"more than {_MAX_FILES:,} files; name a part of them", where=str(folder))
    return sorted(one for one in found if one.is_file())


def _opened(file: Path) -> IO[bytes] | gzip.GzipFile:
    return gzip.open(file, "rb") if file.name.lower().endswith(".gz") else file.open("rb")


def _archived(file: Path) -> Iterator[tuple[str, str, str]]:
    check_file(file, _MAX_FILE_BYTES)
    try:
        with zipfile.ZipFile(file) as archive:
            members = [one for one in archive.infolist() if not one.is_dir()]
            if len(members) > _MAX_FILES:
                raise UnreadableSource(f"more than {_MAX_FILES:,} files in the archive", where=str(file))
            for member in sorted(members, key=lambda one: one.filename):
                where, name = f"{file}: {member.filename}", member.filename.lower()
                if Path(name).name.startswith(".") or name.startswith("__macosx/"):
                    continue
                if name.endswith(_TEXT):
                    with archive.open(member) as stream:
                        data = _bounded(stream, _MAX_TEXT_BYTES, where)
                    yield where, _without_ending(member.filename), _decoded(data, Path(where))
                elif name.endswith((".jsonl", ".ndjson")):
                    with archive.open(member) as stream:
                        yield from _lines(stream, where)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise UnreadableSource(f"not an archive that can be read ({error})", where=str(file)) from None


def _lines(stream: IO[bytes] | gzip.GzipFile, where: str) -> Iterator[tuple[str, str, str]]:
    decoder = msgspec.json.Decoder(_Speech)
    number = 0
    try:
        while line := stream.readline(_MAX_LINE + 1):
            number += 1
            here = f"{where}, line {number}"
            if len(line) > _MAX_LINE:
                raise MalformedRecord(f"a line of more than {_MAX_LINE:,} bytes", where=here)
            line = line.removeprefix(b"\xef\xbb\xbf").strip()
            if not line:
                continue
            try:
                speech = decoder.decode(line)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                raise MalformedRecord("not a JSON object with the texts id and text", where=here) from None
            yield here, check_id("id", speech.id, here), speech.text
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise UnreadableSource(f"cannot be unpacked ({error})", where=where) from None


def _bounded(stream: IO[bytes], most: int, where: str) -> bytes:
    data = stream.read(most + 1)
    if len(data) > most:
        raise UnreadableSource(f"a text of more than {most:,} bytes", where=where)
    return data


def _decoded(data: bytes, where: Path) -> str:
    try:
        return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        raise not_utf8(where, error.start) from None


def _without_ending(id: str) -> str:
    return id.rpartition(".")[0] or id
