"""Telling open pages that something new is on the record: server-sent events, one stream a page.

An event says only that there is news, and its number; the page then asks for what it shows. News that comes
close together is one *edition*. The more streams there are, the rarer are editions, and the further apart in
time the streams hear of one, so that not all pages ask at once. Whoever has heard of an edition is shown all
that was known when it came out: what one page is answered serves the others. A stream ends when the node
stops; a page without scripts has a plain link.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

GATHER = 1.0
PACE = 0.02
"""Seconds between editions: `GATHER`, or so many for each stream if that is more."""

HEARTBEAT = 15.0
MAX_STREAMS = 400
_SHARE = 0.8  # of the time between two editions, in which streams hear of one
_GOLDEN = 0.618_033_988_75  # its multiples fall evenly between 0 and 1, however many there are


class Hub:
    """Who listens, and what number the news has. `tell` may be called from any thread."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news: asyncio.Event | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._issued = 0.0
        self._n_begun = 0
        self.version = 0
        self.edition = 0
        """The version of which the streams are told, or will be within the time between two editions."""
        self.n_streams = 0

    def tell(self) -> None:
        """Something is new."""
        self.version += 1
        loop = self._loop
        if loop is None or loop.is_closed():
            self.edition = self.version
        else:
            loop.call_soon_threadsafe(self._gather, loop)

    @property
    def period(self) -> float:
        """Seconds between two editions, at least."""
        return max(GATHER, PACE * self.n_streams)

    def _gather(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let an edition come out when its time has come, unless one is about to."""
        if self._timer is None:
            due = max(loop.time() + GATHER, self._issued + self.period)
            self._timer = loop.call_at(due, self._issue, loop)

    def _issue(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        self._issued = loop.time()
        self.edition = self.version
        if self._news is not None:
            self._news.set()
        self._news = asyncio.Event()

    async def stream(self, since: int | None = None) -> AsyncIterator[bytes]:
        """The events of one page, as bytes.

        `since` is the version that the page shows; what came after it is told at once. A version that is
        still to come is of another run of the node: that page too is told at once.
        """
        self._loop = asyncio.get_running_loop()
        if self._news is None:
            self._news = asyncio.Event()
        self.n_streams += 1
        self._n_begun += 1
        place = self._n_begun * _GOLDEN % 1.0
        told = self.edition if since is None else since if since <= self.version else -1
        try:
            yield b"retry: 3000\n\n"
            while True:
                waiting = self._news
                if told >= self.edition:
                    try:
                        await asyncio.wait_for(waiting.wait(), HEARTBEAT)
                    except TimeoutError:
                        yield b": still here\n\n"
                        continue
                    if told >= self.edition:
                        continue  # the page was made with this news already
                    await asyncio.sleep(_SHARE * place * PACE * self.n_streams)
                told = self.edition
                yield f"event: council\ndata: {told}\n\n".encode()
        finally:
            self.n_streams -= 1
