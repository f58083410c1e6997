"""Static files written: into a folder, or as an archive (zip) that has the same bytes wherever it is made.

Each file is written under another name, synced and renamed: a file that stands there is replaced at once or
stays as it was. Files that are not among those written are left alone. A file named `checkpoint` is renamed
only when all files before it last, so give a log's checkpoint after its tiles. If writing fails or is cut
off, an archive is as before; a folder may have got some of the files already, each of them whole.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable
from pathlib import Path

from allweather.errors import InputError, OutputError
from allweather.store.disk import make_folder, reason, sync_folder, sync_folders
from allweather.store.paths import check_path

_AT_ONCE = 256
_PART = ".part"
_LEVEL = 6


def write_folder(files: Iterable[tuple[str, bytes]], path: Path | str) -> None:
    """Write files (path, content) into a folder, which is made if need be, in the order given.

    Raises OutputError if one cannot be written or is given under a path that no file of a record has.
    """
    root = Path(path)
    waiting: list[tuple[Path, Path]] = []
    try:
        make_folder(root)
        for name, data in files:
            target = root / _check(name)
            if target.name == "checkpoint" or len(waiting) >= _AT_ONCE:
                _settle(waiting)
            make_folder(target.parent)
            part = target.with_name(target.name + _PART)
            waiting.append((part, target))
            part.unlink(missing_ok=True)
            with part.open("xb") as out:
                out.write(data)
        _settle(waiting)
    except OSError as error:
        raise OutputError(f"cannot write to {path}: {reason(error)}") from error
    finally:
        for part, _ in waiting:
            _discard(part)


def write_archive(files: Iterable[tuple[str, bytes]], path: Path | str) -> None:
    """Write files (path, content) as a zip archive, in the order given; one that stands there is replaced.

    Raises OutputError if it cannot be written, or if a path is given twice or is none of a record.
    """
    target = Path(path)
    part = target.with_name(target.name + _PART)
    seen: set[str] = set()
    try:
        if target.is_dir():
            raise OutputError(f"cannot write to {path}: it is a folder; name a file")
        part.unlink(missing_ok=True)
        with part.open("xb") as out:
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
                for name, data in files:
                    if _check(name) in seen:
                        raise OutputError(f"cannot write to {path}: {name} is given twice")
                    seen.add(name)
                    archive.writestr(_member(name), data, compresslevel=_LEVEL)
            out.flush()
            os.fsync(out.fileno())
        part.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise OutputError(f"cannot write to {path}: {reason(error)}") from error
    finally:
        _discard(part)


def _member(name: str) -> zipfile.ZipInfo:
    """The head of a member: the same whoever makes it, and when."""
    member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    member.compress_type = zipfile.ZIP_DEFLATED
    member.create_system = 3
    member.external_attr = 0o100644 << 16
    return member


def _settle(waiting: list[tuple[Path, Path]]) -> None:
    """Sync the files written so far, rename them, and sync their folders.

    Synced one after another when all are written: most file systems then have little left to do for each.
    """
    for part, _ in waiting:
        handle = os.open(part, os.O_RDWR | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    folders = [target.parent for _, target in waiting]
    while waiting:
        part, target = waiting[0]
        part.replace(target)
        del waiting[0]
    sync_folders(folders)


def _check(name: str) -> str:
    try:
        return check_path(name)
    except InputError as error:
        raise OutputError(f"nothing can be written there: {error}") from None


def _discard(part: Path) -> None:
    try:
        part.unlink(missing_ok=True)
    except OSError:
        return
