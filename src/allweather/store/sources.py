"""Static files to read from: a folder, an archive (zip), or a web address; whoever made them is not trusted.

A source gives one file at a time, by its path in the layout of `folder.py`, and never more bytes than asked
for. What the bytes say is checked by whoever asked. Paths are relative, in plain spelling; links are not
followed; an archive with a name twice, an encrypted member or an escaping path is refused whole. Nothing is
unpacked to disk.
"""

from __future__ import annotations

import os
import stat
import struct
import threading
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO, Protocol

from allweather.errors import InputError, StoreError
from allweather.store.disk import read_handle, reason
from allweather.store.paths import check_path, too_long
from allweather.store.websource import WebSource

MAX_MEMBERS = 5_000_000

_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s6H3L5H2L")

# What zipfile raises for a file that is no archive, or is packed or encrypted in a way it does not know.
_NO_ARCHIVE = (zipfile.BadZipFile, NotImplementedError, RuntimeError, struct.error)


class Source(Protocol):
    """Where static files are read from. `name` says which, for messages."""

    @property
    def name(self) -> str:
        """The path or address."""
        ...

    def read(self, path: str, limit: int) -> bytes | None:
        """A file of at most `limit` bytes; None if it is not there.

        Raises InputError for a path that no file of a record has, for a longer file, and for an archive or
        an answer that breaks its format; StoreError if the disk or the network fails.
        """
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class FolderSource:
    """A folder, for instance on a stick. Raises StoreError if it is none or cannot be read."""

    def __init__(self, path: Path | str) -> None:
        self._name = str(path)
        try:
            self._root: int | None = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except (OSError, ValueError) as error:
            raise StoreError(f"{path} cannot be read as a folder: {_reason(error)}") from None

    @property
    def name(self) -> str:
        """The path."""
        return self._name

    def read(self, path: str, limit: int) -> bytes | None:
        """A file of the folder. Links are refused, wherever on the way they stand."""
        if self._root is None:
            raise StoreError(f"{self._name} is closed; open it again")
        *folders, last = check_path(path, where=self._name).split("/")
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        opened: list[int] = []
        try:
            at = self._root
            for folder in folders:
                at = os.open(folder, flags | os.O_DIRECTORY, dir_fd=at)
                opened.append(at)
            opened.append(os.open(last, flags, dir_fd=at))
            size = os.fstat(opened[-1])
            if stat.S_ISDIR(size.st_mode):
                return None
            if stat.S_ISREG(size.st_mode) and size.st_size > limit:
                raise too_long(path, limit, self._name)
            return read_handle(opened[-1], limit)
        except FileNotFoundError:
            return None
        except OSError as error:
            if isinstance(error, NotADirectoryError) and not self._has_link(folders):
                return None
            raise StoreError(f"{self._name}: {path} cannot be read: {reason(error)}") from error
        finally:
            for handle in opened:
                os.close(handle)

    def close(self) -> None:
        """Let go of the folder."""
        if self._root is not None:
            os.close(self._root)
            self._root = None

    def _has_link(self, folders: list[str]) -> bool:
        """Whether one of the folders on the way is a link: opened as a folder only, it looks like a file."""
        for i in range(len(folders)):
            try:
                found = os.stat("/".join(folders[: i + 1]), dir_fd=self._root, follow_symlinks=False)
            except OSError:
                return False
            if stat.S_ISLNK(found.st_mode):
                return True
        return False


class ArchiveSource:
    """A zip file. Raises StoreError if it cannot be read, InputError if it may not be trusted."""

    def __init__(self, path: Path | str) -> None:
        self._name = str(path)
        self._busy = threading.Lock()
        try:
            file = Path(path).open("rb")  # noqa: SIM115 - it stays open as long as the source
        except (OSError, ValueError) as error:
            raise StoreError(f"{path} cannot be read: {_reason(error)}") from None
        try:
            _check_directory(file, self._name)
            self._archive = zipfile.ZipFile(file)
            self._members = self._list()
        except (*_NO_ARCHIVE, UnicodeDecodeError, ValueError):
            file.close()
            raise self._damaged() from None
        except OSError as error:
            file.close()
            raise StoreError(f"{path} cannot be read: {reason(error)}") from error
        except BaseException:
            file.close()
            raise
        self._file = file

    @property
    def name(self) -> str:
        """The path."""
        return self._name

    def read(self, path: str, limit: int) -> bytes | None:
        """A member of the archive."""
        member = self._members.get(check_path(path, where=self._name))
        if member is None:
            return None
        if member.file_size > limit:
            raise too_long(path, limit, self._name)
        try:
            with self._busy, self._archive.open(member) as file:
                # One byte more than may be: then the length in the directory was a lie.
                data = file.read(limit + 1)
        except (*_NO_ARCHIVE, zlib.error, EOFError):
            raise self._damaged(path) from None
        except (OSError, ValueError) as error:
            raise StoreError(f"{self._name}: {path} cannot be read: {_reason(error)}") from error
        if len(data) > limit:
            raise too_long(path, limit, self._name)
        if len(data) != member.file_size:
            raise self._damaged(path)
        return data

    def close(self) -> None:
        """Let go of the file."""
        self._archive.close()
        self._file.close()

    def _list(self) -> dict[str, zipfile.ZipInfo]:
        found: dict[str, zipfile.ZipInfo] = {}
        for member in self._archive.infolist():
            name = check_path(member.orig_filename.removesuffix("/"), where=self._name)
            if member.flag_bits & 0x1:
                raise InputError(
                    f"{name} is encrypted, and a record is not: ask for another", where=self._name
                )
            if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise InputError(
                    f"{name} is packed in a way that is not read here: use deflate", where=self._name
                )
            if name in found:
                raise InputError(f"{name} stands in the archive twice: do not trust it", where=self._name)
            found[name] = member
        return {name: member for name, member in found.items() if not member.is_dir()}

    def _damaged(self, path: str = "") -> InputError:
        what = f"{path} in it" if path else "it"
        return InputError(
            f"{what} is not a whole zip archive: it is damaged or cut; copy it again", where=self._name
        )


def open_source(place: Path | str, *, allow_plain: bool = False) -> Source:
    """The source at a path (a folder, a zip archive) or at a web address.

    Raises StoreError if it cannot be read, InputError if it is none that is read here.
    """
    if isinstance(place, str) and "://" in place:
        return WebSource(place, allow_plain=allow_plain)
    path = Path(place)
    try:
        if path.is_dir():
            return FolderSource(path)
        found = path.is_file()
    except (OSError, ValueError):
        found = False
    if not found:
        raise StoreError(f"there is neither a folder nor an archive at {place}; check the path")
    return ArchiveSource(path)


def _check_directory(file: BinaryIO, name: str) -> None:
    """Raise InputError if there are more members than we take in: before a library makes an object of each.

    The end of an archive states where its directory lies and how long that is; the directory is walked.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END.size - 0xFFFF))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise zipfile.BadZipFile
    _, _, _, _, _, length, offset, _ = _END.unpack_from(tail, at)
    end = size - len(tail) + at
    if end >= _LOCATOR.size:
        file.seek(end - _LOCATOR.size)
        mark, _, place, _ = _LOCATOR.unpack(file.read(_LOCATOR.size))
        if mark == b"PK\x06\x07":
            file.seek(place)
            found = _END64.unpack(file.read(_END64.size))
            if found[0] != b"PK\x06\x06" or place + _END64.size + _LOCATOR.size != end:
                raise zipfile.BadZipFile
            length, offset, end = found[8], found[9], place
    if offset + length != end:
        raise zipfile.BadZipFile
    file.seek(offset)
    count, walked = 0, 0
    while walked < length:
        head = _ENTRY.unpack(file.read(_ENTRY.size))
        rest = sum(head[10:13])
        file.seek(rest, os.SEEK_CUR)
        walked += _ENTRY.size + rest
        count += 1
        if count > MAX_MEMBERS:
            raise InputError(f"the archive has more than {MAX_MEMBERS:,} members: it is not read", where=name)


def _reason(error: Exception) -> str:
    return reason(error) if isinstance(error, OSError) else "this is not a path"
