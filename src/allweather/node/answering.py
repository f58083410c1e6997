"""Answers of the web server that are not a success: one sentence as JSON, never a traceback; and who may ask.

400 the input is wrong        401 no token, or a wrong one      404 no such name or place
405 no such method            408 the body did not come in time  409 the rules forbid it
413 the body is too large     500 a fault of this program        503 the store or the way fails
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException, NotAuthorizedException
from litestar.handlers import BaseRouteHandler

from allweather.errors import AllweatherError, InputError, OutputError, Refused, StoreError, UnknownName
from allweather.node.counting import Counts
from allweather.node.logs import tell_fault
from allweather.node.rehearsing import Weather

JSON = "application/json"
DOORS = ("record", "notify", "push", "add-checkpoint", "health", "metrics", "api")
_OF_PEERS = frozenset({"record", "notify", "push", "add-checkpoint"})
BODY_SECONDS = 30.0
_DRAIN_SECONDS, _DRAIN_BYTES = 5.0, 2**27
_HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]


class TooSlow(Exception):
    """A body did not come in time."""


def as_json(value: object, status: int = 200) -> Response[bytes]:
    """A value as JSON."""
    return raw(msgspec.json.encode(value), status, JSON)


def raw(data: bytes, status: int = 200, media_type: str = "application/octet-stream") -> Response[bytes]:
    """Bytes as they are."""
    headers = {**_HEADERS, "content-type": media_type}
    return Response(data, status_code=status, media_type=media_type, headers=headers)


def refusal(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """What an error is answered with."""
    status, sentence = judge(error)
    answer = as_json({"error": " ".join(sentence.split())[:1_000]}, status)
    if status == 401:
        answer.set_header("WWW-Authenticate", "Bearer")
    return answer


def judge(error: Exception) -> tuple[int, str]:
    """The status and the sentence that an error is answered with; a fault of ours is written to the log."""
    kinds: tuple[tuple[type[Exception], int], ...] = (
        (UnknownName, 404),
        (InputError, 400),
        (Refused, 409),
        (StoreError, 503),
        (OutputError, 503),
    )
    if isinstance(error, AllweatherError):
        return next((status for kind, status in kinds if isinstance(error, kind)), 400), str(error)
    if isinstance(error, HTTPException):
        if error.status_code >= 500:
            tell_fault("a request failed", error)
            return 500, "this is a fault of the program, not yours; its keeper finds more in the log"
        return error.status_code, _http_sentence(error)
    if isinstance(error, TooSlow):
        return 408, "the body did not come in time"
    if isinstance(error, RecursionError):
        return 400, "the body is nested too deep"
    if isinstance(error, UnicodeDecodeError):
        return 400, "the body is not UTF-8"
    tell_fault("a request failed", error)
    return 500, "this is a fault of the program, not yours; its keeper finds more in the log"


def _http_sentence(error: HTTPException) -> str:
    if error.status_code == 413:
        return "the body is larger than what is taken here"
    if error.status_code == 404:
        return "there is nothing at this place"
    found = error.extra if isinstance(error.extra, list) else []
    parts = [
        f"{one.get('key', '')}: {one.get('message', '')}".strip(": ")
        for one in found
        if isinstance(one, dict)
    ]
    if parts == ["data: 'data'"]:
        return "the body is missing: bring JSON"
    return "; ".join(parts[:5]) or error.detail or "this request is not understood"


def token_guard(token: str) -> Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], None]:
    """What lets only those pass that bring the token."""
    expected = f"Bearer {token}".encode()

    def check(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        given = connection.headers.get("authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, expected):
            raise NotAuthorizedException("bring the token of this node: Authorization: Bearer …")

    return check


class Doorway:
    """Around the whole app: counts requests, drops bodies that do not come, and is shut while a cut lasts."""

    def __init__(self, app: App, counts: Counts, weather: Weather) -> None:
        self._app, self._counts, self._weather = app, counts, weather

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection, as ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        first = scope["path"].split("/", 2)[1] if "/" in scope["path"] else ""
        door = first if first in DOORS else "other"

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                status = str(message["status"])
                self._counts.add("allweather_requests_total", door=door, status=status)
                if status == "413":
                    await _drain(receive)
            await send(message)

        if self._weather.is_cut and door in _OF_PEERS:
            await _say_cut(counted)
            return
        loop = asyncio.get_running_loop()
        until = loop.time() + BODY_SECONDS
        complete = False

        async def bounded() -> Message:
            nonlocal complete
            if complete:
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), max(0.0, until - loop.time()))
            except TimeoutError:
                raise TooSlow from None
            complete = not message.get("more_body", False)
            return message

        await self._app(scope, bounded, counted)


async def _drain(receive: Receive) -> None:
    """Let a body that is too large go by, within bounds: who is still sending would not hear the answer."""
    n_bytes = 0
    try:
        async with asyncio.timeout(_DRAIN_SECONDS):
            while n_bytes < _DRAIN_BYTES:
                message = await receive()
                n_bytes += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
    except TimeoutError:
        return


async def _say_cut(send: Send) -> None:
    data = msgspec.json.encode({"error": "this node is cut off for a rehearsal"})
    headers = [(b"content-type", JSON.encode()), (b"content-length", str(len(data)).encode())]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": data})
