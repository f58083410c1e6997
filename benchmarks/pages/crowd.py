"""Two hundred delegates with open pages, in a process of their own.

`python -m benchmarks.pages.crowd` reads who looks at what from its input, as JSON, and prints JSON. Each
delegate keeps two lines to the node, as a browser does: one on which it is told of news, and one for what it
asks. When told, it asks for the live part of its page; what it is told meanwhile it asks for once, later. Now
and then it opens another page as a whole. Acts are done by the forms of a page, at a steady rate: preview,
sign, and the page that follows. Whatever is sent to a node that is busy waits, and the waiting counts.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

_WAIT = 60.0
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
_SAID = re.compile(r"Said under load, (\d+)\.")
Sample = tuple[str, str, float, int, float]
"""What was asked, of which page, the seconds until all of it was there, its status, and when it was asked."""


@dataclass(frozen=True)
class Plan:
    """What the crowd does: `looks` are cookie and path of each delegate, `paths` where it may go on to."""

    address: str
    looks: list[tuple[str, str]]
    paths: list[str]
    seconds: float
    acts: float
    opens_every: float
    concern: str
    seed: int


class Line:
    """A connection that is kept, as a browser keeps it; opened again if the node has closed it."""

    def __init__(self, address: str, cookie: str) -> None:
        parts = urlsplit(address)
        self._host, self._port, self._origin = parts.hostname or "", parts.port or 0, address
        self._head = f"Host: {parts.netloc}\r\nCookie: {cookie}\r\n"
        self._lines: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection of its own."""
        return await asyncio.open_connection(self._host, self._port, limit=2**20)

    async def ask(self, path: str, *, is_part: bool = False, form: str | None = None) -> tuple[int, str, str]:
        """Status, head and text of an answer; status 0 if there is none."""
        head = f"{'GET' if form is None else 'POST'} {path} HTTP/1.1\r\n{self._head}"
        head += "HX-Request: true\r\nHX-Trigger: fresh\r\n" if is_part else ""
        if form is not None:
            head += f"Origin: {self._origin}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            head += f"Content-Length: {len(form)}\r\n"
        for _ in range(2):
            try:
                return await asyncio.wait_for(self._ask(f"{head}\r\n{form or ''}".encode()), _WAIT)
            except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError):
                self._lines = None
        return 0, "", ""

    async def _ask(self, data: bytes) -> tuple[int, str, str]:
        if self._lines is None:
            self._lines = await self.open()
        reader, writer = self._lines
        writer.write(data)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = int(head.lower().partition("content-length:")[2].partition("\r\n")[0])
        text = (await reader.readexactly(length)).decode()
        return int(head.split(" ", 2)[1]), head, text

    async def listen(self, place: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A stream of events, from behind its head; it is open for as long as both are held."""
        reader, writer = await self.open()
        writer.write(f"GET {place} HTTP/1.1\r\n{self._head}\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            raise OSError(f"no stream: {head[:80]!r}")
        return reader, writer


class Crowd:
    """All of them, and what they measured."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._dice = random.Random(plan.seed)  # noqa: S311 - a plan, not a secret
        self.samples: list[Sample] = []
        self.seen: list[float] = []
        self._signed: dict[int, float] = {}
        self.n_connected = 0
        self.n_ended = 0
        self._is_over = asyncio.Event()

    async def run(self) -> dict[str, Any]:
        """Connect, act for as long as the plan says, wait until the node ends all streams."""
        watchers = []
        for cookie, path in self._plan.looks:
            watchers.append(asyncio.create_task(self._watch(Line(self._plan.address, cookie), path)))
            await asyncio.sleep(0.02)
        while self.n_connected < len(watchers):
            await asyncio.sleep(0.05)
        await asyncio.sleep(5.0)
        self.samples.clear()
        print(json.dumps({"connected": self.n_connected}), flush=True)
        await self._act()
        self._is_over.set()
        print(json.dumps({"done": True}), flush=True)
        async with asyncio.timeout(30.0):
            await asyncio.gather(*watchers)
        return {
            "samples": self.samples,
            "seen": self.seen,
            "n_signed": len(self._signed),
            "n_connected": self.n_connected,
            "n_ended": self.n_ended,
            "cpu": time.process_time(),
        }

    async def _measured(self, what: str, line: Line, path: str, **how: Any) -> tuple[int, str, str]:
        began = time.perf_counter()
        found = await line.ask(path, **how)
        self.samples.append((what, path.split("?")[0], time.perf_counter() - began, found[0], began))
        return found

    async def _watch(self, line: Line, path: str) -> None:
        """One delegate: told, it asks; and it opens another page when its time has come."""
        news = asyncio.Event()
        _, _, text = await line.ask(path)
        place = text.partition('sse-connect="')[2].partition('"')[0]
        listening = asyncio.create_task(self._listen(line, place, news))
        every, known = self._plan.opens_every, set(map(int, _SAID.findall(text)))
        next_page = time.perf_counter() + self._dice.uniform(0, 2 * every)
        while not listening.done():
            try:
                await asyncio.wait_for(news.wait(), max(0.01, next_page - time.perf_counter()))
            except TimeoutError:
                if self._is_over.is_set():
                    break
                path = self._dice.choice(self._plan.paths)
                _, _, text = await self._measured("whole page", line, path)
                known |= set(map(int, _SAID.findall(text)))
                next_page = time.perf_counter() + self._dice.uniform(0.5, 1.5) * every
                continue
            news.clear()
            if self._is_over.is_set():
                break
            _, _, text = await self._measured("live part", line, path, is_part=True)
            now, said = time.perf_counter(), set(map(int, _SAID.findall(text)))
            self.seen += [now - self._signed[one] for one in said - known if one in self._signed]
            known |= said
        await listening

    async def _listen(self, line: Line, place: str, news: asyncio.Event) -> None:
        reader, writer = await line.listen(place)
        self.n_connected += 1
        try:
            while data := await reader.readline():
                if data.startswith(b"event: council"):
                    news.set()
        except (OSError, ValueError, asyncio.IncompleteReadError):
            pass
        writer.close()
        self.n_ended += 1
        news.set()

    async def _act(self) -> None:
        """Statements by the forms of a page, at a steady rate whatever the answers do."""
        began, tasks = time.perf_counter(), []
        n_acts = round(self._plan.seconds * self._plan.acts)
        for number in range(n_acts):
            await asyncio.sleep(max(0.0, began + number / self._plan.acts - time.perf_counter()))
            cookie = self._plan.looks[number % len(self._plan.looks)][0]
            tasks.append(asyncio.create_task(self._state(Line(self._plan.address, cookie), number)))
        await asyncio.gather(*tasks)

    async def _state(self, line: Line, number: int) -> None:
        page = f"/concern/{self._plan.concern}"
        _, _, text = await self._measured("whole page", line, page)
        form = next(part for part in text.split("<form") if 'value="council.statement"' in part)
        fields = dict(_HIDDEN.findall(form)) | {"words": f"Said under load, {number}.", "title": ""}
        _, _, text = await self._measured("preview of an act", line, "/act", form=urlencode(fields))
        form = text.partition('action="/sign"')[2].partition("</form>")[0]
        status, _, _ = await self._measured(
            "signing an act", line, "/sign", form=urlencode(dict(_HIDDEN.findall(form)))
        )
        if status == 303:
            self._signed[number] = time.perf_counter()
            await self._measured("whole page", line, page)


def main() -> None:
    """Read the plan as JSON; print what came of it."""
    plan = Plan(**json.load(sys.stdin))
    print(json.dumps(asyncio.run(Crowd(plan).run())), flush=True)


if __name__ == "__main__":
    main()
