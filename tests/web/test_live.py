"""News on open pages: what came after a page was made is told to it, also while it was on its way."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from allweather.web import live
from allweather.web.live import Hub
from tests.node.nodes import Member
from tests.web.browsing import Browser


def first_event(hub: Hub, since: int | None) -> bytes:
    """What a stream tells after its greeting."""

    async def listen() -> bytes:
        stream = hub.stream(since)
        await anext(stream)
        try:
            return await anext(stream)
        finally:
            await stream.aclose()  # type: ignore[attr-defined]

    # In a thread of its own: the driver of the browser runs its loop in that of the tests.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(listen())).result(60)


def test_news_between_page_and_stream_is_told_at_once() -> None:
    hub = Hub()
    made = hub.version
    hub.tell()
    assert first_event(hub, made) == b"event: council\ndata: 1\n\n"
    assert hub.n_streams == 0


def test_a_page_that_is_up_to_date_hears_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT", 0.01)
    for since in (1, None):
        hub = Hub()
        hub.tell()
        assert first_event(hub, since) == b": still here\n\n"


def test_a_page_says_what_news_it_shows(ann: Member, browser: Browser) -> None:
    def shown() -> int:
        found = re.search(r'sse-connect="/live\?since=(\d+)"', browser.see("/agenda").html)
        assert found is not None
        return int(found[1])

    before = shown()
    page = browser.see("/")
    browser.send(page.form("/rehearsal"), cut="yes")
    browser.send(browser.see("/").form("/rehearsal"), cut="no")
    assert shown() >= before + 2
