"""Paths of files in a record, as others give them: checked before any system sees them."""

from __future__ import annotations

from allweather.errors import InputError

MAX_PATH = 512


def check_path(path: str, *, where: str = "") -> str:
    """`path` itself. Raises InputError unless it is relative, plain, and at most 512 characters long."""
    parts = path.split("/")
    if (
        not 0 < len(path) <= MAX_PATH
        or "\\" in path
        or not path.isprintable()
        or any(part in ("", ".", "..") for part in parts)
    ):
        raise InputError(f"{path!r:.100} is not the path of a file in a record", where=where)
    return path


def too_long(path: str, limit: int, where: str) -> InputError:
    """The error for a file that is longer than it may be."""
    return InputError(
        f"{path} is longer than the {limit:,} bytes that it may have: it is not read", where=where
    )
