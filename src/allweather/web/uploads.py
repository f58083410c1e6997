"""Files that somebody has sent and not signed yet: kept in memory for a session, until they are filed."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from allweather.errors import InputError

MAX_KEPT = 64 * 2**20
MAX_OF_ONE = 8
SECONDS = 3_600.0


@dataclass(frozen=True, slots=True)
class Upload:
    """One file: its bytes, the media type that they were recognised as, when it came (monotonic)."""

    data: bytes
    media_type: str
    at: float


class Uploads:
    """The files of all sessions. `clock` gives monotonic seconds; the oldest go first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[tuple[str, str], Upload] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, session: str, data: bytes, media_type: str) -> str:
        """Keep a file for a session; the name to ask for it: the SHA-256 of its bytes, in hexadecimal."""
        name = hashlib.sha256(data).hexdigest()
        with self._lock:
            self._kept.pop((session, name), None)
            self._kept[session, name] = Upload(data, media_type, self._clock())
            own = [key for key in self._kept if key[0] == session]
            for key in own[:-MAX_OF_ONE]:
                del self._kept[key]
            while len(self._kept) > 1 and sum(len(one.data) for one in self._kept.values()) > MAX_KEPT:
                self._kept.popitem(last=False)
        return name

    def get(self, session: str, name: str) -> Upload:
        """A file of a session. Raises InputError if it is not kept any more."""
        with self._lock:
            found = self._kept.get((session, name))
            if found is None or self._clock() - found.at > SECONDS:
                self._kept.pop((session, name), None)
                raise InputError("this document is not kept any more; choose the file again")
            return found
