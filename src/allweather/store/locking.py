"""One writer at a time: a lock on a file, which the system drops when the process ends, however it ends.

The lock file stays where it is; it holds nothing. Readers take no lock. On a network share the lock is
worth what the share's own locking is worth: keep a store on a local disk.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from allweather.errors import StoreError
from allweather.store.disk import reason


class WriterLock:
    """Held from its making until `release`. Raises StoreError at once if another holds it."""

    def __init__(self, path: Path, store: Path) -> None:
        try:
            self._handle: int | None = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(f"{store} cannot be opened for writing: {reason(error)}") from error
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self.release()
            if isinstance(error, BlockingIOError):
                raise StoreError(
                    f"{store} is in use: another process writes to it; stop that one first"
                ) from None
            raise StoreError(f"{store} cannot be locked: {reason(error)}") from error

    def release(self) -> None:
        """Let another write."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
