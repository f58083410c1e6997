"""Push sessions, on the side that is brought files: few at a time, short, each a round like any other."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from allweather.errors import Refused, UnknownName
from allweather.node.sharing import SharedDesk
from allweather.node.syncing import MAX_WANTED, Round, parse_files

MAX_SESSIONS = 8


@dataclass(slots=True)
class _Session:
    round: Round
    begun: float
    used: float
    busy: threading.Lock


class Sessions:
    """The push sessions of a node. `pins` gives the cards that its keeper named."""

    def __init__(
        self,
        shared: SharedDesk,
        pins: Callable[[], dict[str, bytes]],
        *,
        idle_seconds: float = 30.0,
        longest_seconds: float = 600.0,
    ) -> None:
        self._shared = shared
        self._pins = pins
        self._idle, self._longest = idle_seconds, longest_seconds
        self._busy = threading.Lock()
        self._open: dict[str, _Session] = {}

    def begin(self) -> dict[str, object]:
        """A new session and the paths that it waits for. Raises Refused if there are too many."""
        now = time.monotonic()
        with self._busy:
            stale = [
                name
                for name, one in self._open.items()
                if now - one.used > self._idle or now - one.begun > self._longest
            ]
            gone = [self._open.pop(name) for name in stale]
            if len(self._open) >= MAX_SESSIONS:
                raise Refused(f"{MAX_SESSIONS} pushes are under way; try again later")
            name = os.urandom(16).hex()
            session = _Session(Round(self._shared, self._pins()), now, now, threading.Lock())
            self._open[name] = session
        for one in gone:
            one.round.end()
        return {"session": name, "wants": session.round.outgoing()[:MAX_WANTED]}

    def take(self, name: str, data: bytes) -> dict[str, object]:
        """Take in the files that were brought; what is still waited for, or how it ended.

        Raises UnknownName for a session that is none or is over, Malformed for what are no files.
        """
        files = parse_files(data)
        with self._busy:
            session = self._open.get(name)
        if session is None or time.monotonic() - session.begun > self._longest:
            raise UnknownName("this push is over; begin another")
        with session.busy:
            session.used = time.monotonic()
            try:
                for path, content in files:
                    session.round.receive(path, content)
                wants = session.round.outgoing()[:MAX_WANTED]
                if wants:
                    return {"session": name, "wants": wants}
            except BaseException:
                self._forget(name)
                session.round.end()
                raise
            self._forget(name)
            return {"done": session.round.end().shown(), "wants": []}

    def _forget(self, name: str) -> None:
        with self._busy:
            self._open.pop(name, None)
