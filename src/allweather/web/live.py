"""Telling open pages that something new is on the record: server-sent events, one stream a page.

An event says only that there is news, and its number; the page then asks for what it shows. News that comes
close together is told once. A stream ends when the node stops; a page without scripts has a plain link.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

GATHER = 1.0
HEARTBEAT = 15.0
MAX_STREAMS = 400


class Hub:
    """Who listens, and what number the news has. `tell` may be called from any thread."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news: asyncio.Event | None = None
        self.version = 0
        self.n_streams = 0

    def tell(self) -> None:
        """Something is new."""
        self.version += 1
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        if self._news is not None:
            self._news.set()
            self._news = asyncio.Event()

    async def stream(self) -> AsyncIterator[bytes]:
        """The events of one page, as bytes."""
        self._loop = asyncio.get_running_loop()
        if self._news is None:
            self._news = asyncio.Event()
        self.n_streams += 1
        told = self.version
        try:
            yield b"retry: 3000\n\n"
            while True:
                waiting = self._news
                if told == self.version:
                    try:
                        await asyncio.wait_for(waiting.wait(), HEARTBEAT)
                    except TimeoutError:
                        yield b": still here\n\n"
                        continue
                    await asyncio.sleep(GATHER)
                told = self.version
                yield f"event: council\ndata: {told}\n\n".encode()
        finally:
            self.n_streams -= 1
