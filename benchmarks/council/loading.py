"""Requests at a steady rate, whatever the answers do, in a process of its own.

`python -m benchmarks.council.loading` reads what to ask from its input, as JSON, and prints JSON. Request k
is due at k / rate seconds. Its time counts from when it was due, not from when a line was free, so that
waiting in front of a busy node is part of it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_WAIT = 60.0


@dataclass
class Line:
    """A kept connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


class Load:
    """Connections to one node, as many as are needed at once."""

    def __init__(self, address: str, token: str) -> None:
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or "", parts.port or 0
        self._head = f"Host: {parts.netloc}\r\nAuthorization: Bearer {token}\r\n"
        self._free: list[Line] = []
        self.n_lines = 0

    async def ask(self, method: str, path: str, body: str) -> tuple[int, int]:
        """Status and length of an answer; 0 if there is none."""
        try:
            return await asyncio.wait_for(self._ask(method, path, body), _WAIT)
        except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError):
            return 0, 0

    async def _ask(self, method: str, path: str, body: str) -> tuple[int, int]:
        line = self._free.pop() if self._free else await self._open()
        data = body.encode()
        head = f"{method} {path} HTTP/1.1\r\n{self._head}"
        if data:
            head += f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n"
        line.writer.write(head.encode() + b"\r\n" + data)
        answer = (await line.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status = int(answer.split(" ", 2)[1])
        length = int(answer.partition("content-length:")[2].partition("\r\n")[0])
        await line.reader.readexactly(length)
        self._free.append(line)
        return status, length

    async def _open(self) -> Line:
        self.n_lines += 1
        return Line(*await asyncio.open_connection(self._host, self._port, limit=2**20))


async def load(address: str, token: str, rate: float, asked: list[list[str]]) -> dict[str, Any]:
    """Ask all at that rate; name, seconds, status and bytes of each."""
    node = Load(address, token)
    found: list[tuple[str, float, int, int]] = []
    began = time.perf_counter() + 0.5

    async def one(due: float, name: str, method: str, path: str, body: str) -> None:
        status, length = await node.ask(method, path, body)
        found.append((name, time.perf_counter() - due, status, length))

    tasks = []
    for number, (name, method, path, body) in enumerate(asked):
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(one(due, name, method, path, body)))
    await asyncio.gather(*tasks)
    return {"answers": found, "n_lines": node.n_lines, "cpu": time.process_time()}


def main() -> None:
    """Read address, token, rate and requests as JSON; print what came of them."""
    given = json.load(sys.stdin)
    json.dump(asyncio.run(load(**given)), sys.stdout)


if __name__ == "__main__":
    main()
