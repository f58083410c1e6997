"""Writing the files of a report, whole or not at all.

Everything is first written and synced into a staging folder on the same file system, then renamed
into place: a new folder in one step, an existing one file by file with the old files kept aside
until the last is in place. If a step fails, what was there before is put back. Files that are not
ours are never touched.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from allweather.errors import OutputError

_STAGING = ".allweather-"


def write_files(files: Mapping[str, bytes], folder: Path | str) -> None:
    """Write `files` (plain names to contents) into `folder`, which is made if it is missing.

    Raises OutputError, in one sentence, when it cannot; then `folder` is as it was before.
    """
    target = Path(folder)
    for name in files:
        if Path(name).name != name or name in {"", ".", ".."}:
            raise ValueError(f"{name!r} is not a plain file name")
    try:
        if os.path.lexists(target) and not target.is_dir():
            raise OutputError(f"cannot write to {target}: it is a file, not a folder; name another folder")
        if target.is_dir():
            _write_into(files, target)
        else:
            _write_new(files, target)
    except OSError as error:
        raise OutputError(f"cannot write to {target}: {_reason(error)}") from error


def _write_new(files: Mapping[str, bytes], target: Path) -> None:
    """Stage beside the first folder that exists, make the parents, rename."""
    missing = [one for one in target.parents if not os.path.lexists(one)]
    base = next(one for one in target.parents if os.path.lexists(one))
    staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=base))
    made: list[Path] = []
    try:
        # A folder within the private staging folder, so that the result has ordinary permissions.
        new = staging / "new"
        new.mkdir()
        _stage(files, new)
        for one in reversed(missing):
            one.mkdir()
            made.append(one)
        new.rename(target)
        _sync(target.parent)
    except BaseException:
        for one in reversed(made):
            if not any(one.iterdir()):
                one.rmdir()
        raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _write_into(files: Mapping[str, bytes], target: Path) -> None:
    """Stage within the folder (it may be a mount of its own), then swap file by file."""
    for name in files:
        if (target / name).is_dir():
            raise OutputError(f"cannot write to {target}: {name} is a folder there; name another folder")
    staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=target))
    try:
        new, old = staging / "new", staging / "old"
        new.mkdir()
        old.mkdir()
        _stage(files, new)
        _swap(list(files), new, old, target)
        _sync(target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _swap(names: list[str], new: Path, old: Path, target: Path) -> None:
    """Keep each old file by a second name, then replace it; put all back if a step fails."""
    done: list[str] = []
    try:
        for name in names:
            if os.path.lexists(target / name):
                _keep(target / name, old / name)
            done.append(name)
            (new / name).replace(target / name)
    except BaseException:
        for name in reversed(done):
            if os.path.lexists(old / name):
                (old / name).replace(target / name)
            elif not os.path.lexists(new / name):  # it was moved into place, and nothing was there before
                (target / name).unlink(missing_ok=True)
        raise


def _keep(path: Path, copy: Path) -> None:
    try:
        os.link(path, copy, follow_symlinks=False)
    except OSError:
        # Not every file system has hard links.
        shutil.copy2(path, copy, follow_symlinks=False)


def _stage(files: Mapping[str, bytes], folder: Path) -> None:
    for name, content in files.items():
        with (folder / name).open("xb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
    _sync(folder)


def _sync(folder: Path) -> None:
    """Make renames last. Not every system lets a folder be synced; then there is nothing to do."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)


def _reason(error: OSError) -> str:
    known = {
        errno.EACCES: "there is no permission; name another folder",
        errno.EPERM: "there is no permission; name another folder",
        errno.EROFS: "the place is read-only; name another folder",
        errno.ENOSPC: "the disk is full; make room or name another folder",
        errno.EDQUOT: "the quota is used up; make room or name another folder",
        errno.ENOTDIR: "a file stands where a folder is needed; name another folder",
        errno.EEXIST: "a file stands where a folder is needed; name another folder",
        errno.ENAMETOOLONG: "the name is too long; name another folder",
        errno.ENOENT: "the place does not exist and cannot be made; name another folder",
    }
    return known.get(error.errno or 0, f"{error.strerror or 'the system refused'}; name another folder")
