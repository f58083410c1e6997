"""Files that last: written under a name of their own, synced, renamed; and what a system's refusal means.

What is here raises OSError as it comes; a driver puts `reason` into its own sentence. A file is durable
when its data and the folder that names it are synced, and so is each new folder above it.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from pathlib import Path

_REASONS = {
    errno.EACCES: "there is no permission; check whose it is and its mode",
    errno.EPERM: "the system does not permit it; check whose it is and its mode",
    errno.EROFS: "the place is read-only; choose another or make it writable",
    errno.ENOSPC: "the disk is full; make room and try again",
    errno.EDQUOT: "the quota is used up; make room and try again",
    errno.EFBIG: "the file would be larger than the system allows; make room and try again",
    errno.ENOTDIR: "a file stands where a folder is needed; choose another place",
    errno.EISDIR: "a folder stands where a file is needed; choose another place",
    errno.EEXIST: "something of that name is there already; choose another place",
    errno.ENOENT: "it does not exist; check the path",
    errno.ELOOP: "it is a link, and links are not followed here; copy the files themselves",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
    errno.EIO: "the disk reports an error; check the disk before you go on",
    errno.EMFILE: "too many files are open; close some and try again",
}


def reason(error: OSError) -> str:
    """What the system's refusal means, and what to do."""
    return _REASONS.get(
        error.errno or 0, f"the system refused ({(error.strerror or 'no reason given').lower()})"
    )


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    except OSError as error:
        # Some file systems cannot sync a folder and say so; their names last without it or not at all.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def sync_folders(folders: Iterable[Path]) -> None:
    """Make the names in several folders last, each synced once."""
    for folder in dict.fromkeys(folders):
        sync_folder(folder)


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make a folder and those above it that are missing, so that they last."""
    absent = []
    while not folder.is_dir():
        absent.append(folder)
        folder = folder.parent
    for one in reversed(absent):
        one.mkdir(mode, exist_ok=True)
        sync_folder(one.parent)


def write_new(path: Path, data: bytes, *, mode: int = 0o666) -> None:
    """Write a file that must not be there yet, and sync its data; one that is not finished is removed."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        try:
            write_all(handle, data)
            os.fsync(handle)
        finally:
            os.close(handle)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def write_all(handle: int, data: bytes) -> None:
    """Write all of `data`: a system may take less at once."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]


def read_file(path: Path, limit: int) -> bytes | None:
    """The whole of a regular file; None if there is none. A link, a device or a longer file is an OSError."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        return read_handle(handle, limit)
    finally:
        os.close(handle)


def read_handle(handle: int, limit: int) -> bytes:
    """The whole of an open file, at most `limit` bytes. OSError if it is longer or no regular file."""
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        raise OSError(errno.EINVAL, "it is not an ordinary file")
    parts = []
    left = limit + 1
    while left and (part := os.read(handle, min(left, 1 << 20))):
        parts.append(part)
        left -= len(part)
    if not left:
        raise OSError(errno.EOVERFLOW, f"it is longer than {limit} bytes")
    return b"".join(parts)
