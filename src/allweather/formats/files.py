"""Opening what a person points at: existence, kind, size, encoding, each with one clear sentence.

Also the bounds that every reader keeps to. Nothing here knows a format.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from allweather.errors import MalformedRecord, UnreadableSource

MAX_TABLE_BYTES = 2 * 2**30
MAX_DOSSIER_BYTES = 64 * 2**20
MAX_BLOCS_BYTES = 16 * 2**20
MAX_FILES = 1_000

MAX_ENTRIES = 50_000_000
MAX_MEMBERS = 2_000_000
MAX_QUESTIONS = 200_000

#: In characters.
MAX_ID = 200
MAX_NAME = 1_000
MAX_TEXT = 20_000


def check_exists(path: Path) -> None:
    """Check that the path leads to a file or a folder. Raises UnreadableSource."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise UnreadableSource("there is no such file or folder", where=str(path)) from None
    except (OSError, ValueError) as error:
        raise UnreadableSource(_reason(error), where=_shown(path)) from None
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise UnreadableSource("neither a file nor a folder", where=str(path))


def check_file(path: Path, max_bytes: int) -> int:
    """Check that the path is a regular file that can be read, neither empty nor over `max_bytes`.

    Returns its size in bytes. Raises UnreadableSource.
    """
    check_exists(path)
    if path.is_dir():
        raise UnreadableSource("a folder where a file is expected", where=str(path))
    try:
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except OSError as error:
        raise UnreadableSource(_reason(error), where=str(path)) from None
    if size == 0:
        raise UnreadableSource("the file is empty", where=str(path))
    if size > max_bytes:
        raise UnreadableSource(
            f"{size:,} bytes; this format is read up to {max_bytes:,} bytes", where=str(path)
        )
    return size


def read_start(path: Path, n_bytes: int) -> bytes:
    """The first `n_bytes` of a file, fewer if it is shorter. Raises UnreadableSource."""
    try:
        with path.open("rb") as file:
            return file.read(n_bytes)
    except OSError as error:
        raise UnreadableSource(_reason(error), where=str(path)) from None


def read_bytes(path: Path, max_bytes: int) -> bytes:
    """The whole of a checked file, without a leading byte order mark. Raises UnreadableSource."""
    check_file(path, max_bytes)
    # One byte over the bound shows that the file has grown since it was measured.
    data = read_start(path, max_bytes + 1)
    if len(data) > max_bytes:
        raise UnreadableSource(f"grew over {max_bytes:,} bytes while it was read", where=str(path))
    return data.removeprefix(b"\xef\xbb\xbf")


def read_text(path: Path, max_bytes: int) -> str:
    """The whole of a UTF-8 file without a byte order mark and without NUL. Raises UnreadableSource."""
    data = read_bytes(path, max_bytes)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise not_utf8(path, error.start) from None
    if "\0" in text:
        raise UnreadableSource("holds NUL bytes, so it is not a text file", where=str(path))
    return text


def not_utf8(path: Path, at: int | None = None) -> UnreadableSource:
    """The error for a text file in another encoding; `at` is the offending byte's offset."""
    place = "" if at is None else f" (byte {at:,})"
    return UnreadableSource(f"not UTF-8{place}; save it as UTF-8 and read it again", where=str(path))


def list_files(folder: Path) -> list[Path]:
    """The files directly inside a folder, by name, without hidden ones. Raises UnreadableSource."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(
                entry.name for entry in entries if entry.is_file() and not entry.name.startswith(".")
            )
    except OSError as error:
        raise UnreadableSource(_reason(error), where=str(folder)) from None
    if len(names) > MAX_FILES:
        raise UnreadableSource(f"{len(names):,} files in one folder; name the one to read", where=str(folder))
    return [folder / name for name in names]


def folder_name(path: Path) -> str:
    """The name of the folder that a data file is in, as it is written on disk."""
    return path.resolve().parent.name


def check_id(what: str, id: str, where: str) -> str:
    """Check an id: not empty, at most `MAX_ID` characters, all printable. Raises MalformedRecord."""
    if not id:
        raise MalformedRecord(f"an empty {what}", where=where)
    if len(id) > MAX_ID:
        article = "an" if what[0] in "aeio" else "a"
        raise MalformedRecord(
            f"{article} {what} of {len(id):,} characters; at most {MAX_ID} are read", where=where
        )
    if not id.isprintable():
        raise MalformedRecord(f"the {what} {id!r} has characters that cannot be printed", where=where)
    return id


def check_text(what: str, text: str, where: str, max_length: int = MAX_TEXT) -> str:
    """Check that a text is no longer than the bound. Raises MalformedRecord."""
    if len(text) > max_length:
        raise MalformedRecord(
            f"{what} of {len(text):,} characters; at most {max_length:,} are read", where=where
        )
    return text


def _reason(error: Exception) -> str:
    if isinstance(error, PermissionError):
        return "permission denied"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read ({error.strerror.lower()})"
    return "not a path that can be read"


def _shown(path: Path) -> str:
    text = str(path)
    return repr(text if len(text) <= MAX_ID else text[:MAX_ID] + "…")
