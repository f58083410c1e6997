"""The web server of a node, without the server: what peers and watchers ask. The local API is in `api`.

GET  /record/{path}     the published files; no token, for whoever asks
POST /notify            a peer says that it has news
POST /push[/{session}]  a peer that cannot be reached brings its files
POST /add-checkpoint    a log asks for a cosignature (C2SP tlog-witness)
GET  /health, /metrics  whether the node can sign and reach others; counts for Prometheus
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from allweather.errors import InputError, Malformed, Refused
from allweather.node.answering import as_json, raw
from allweather.node.receiving import Sessions
from allweather.node.rehearsing import Weather
from allweather.node.sharing import SharedDesk
from allweather.node.syncing import MAX_PUSHED
from allweather.node.witnessing import answer_request
from allweather.record.witness import MAX_REQUEST

_T = TypeVar("_T")
Asked = Request[Any, Any, Any]
_MAX_NOTICE = 1_024
_SIZE = "text/x.tlog.size"


class Serving(Protocol):
    """What the routes need of a running node."""

    address: str
    public: str
    names: frozenset[str] | None
    shared: SharedDesk
    sessions: Sessions
    weather: Weather
    files_pool: ThreadPoolExecutor
    desk_pool: ThreadPoolExecutor
    ended: threading.Event

    def hear_news(self, member: str) -> None:
        """A member's node says that it has news."""
        ...

    def sync_now(self, seconds: float) -> list[dict[str, object]]:
        """A round with every peer; what each brought."""
        ...

    def peer_states(self) -> list[dict[str, object]]:
        """Each peer and how the last round with it went."""
        ...


async def in_pool(pool: ThreadPoolExecutor, work: Callable[[], _T]) -> _T:
    """Do blocking work beside the event loop."""
    return await asyncio.get_running_loop().run_in_executor(pool, work)


class _Notice(msgspec.Struct):
    node: str


def peer_routes(node: Serving) -> Router:
    """The routes that peers ask; none of them needs a token, and all that they bring is verified."""
    shared = node.shared

    @get("/record/{name:path}", include_in_schema=False)
    async def record(request: Asked, name: FromPath[str]) -> Response[bytes]:
        path = request.scope["path"].removeprefix("/record/")
        try:
            data = await in_pool(node.files_pool, lambda: shared.published(path))
        except Malformed:
            data = None
        if data is None:
            return as_json({"error": "this file is not published here"}, 404)
        return raw(data)

    @post("/notify", status_code=202, include_in_schema=False, request_max_body_size=_MAX_NOTICE)
    async def notify(request: Asked) -> Response[bytes]:
        node.hear_news(read_json(await request.body(), _Notice).node)
        return as_json({}, 202)

    @post("/push", status_code=201, include_in_schema=False, request_max_body_size=_MAX_NOTICE)
    async def push(request: Asked) -> Response[bytes]:
        await request.body()
        return as_json(await in_pool(node.desk_pool, node.sessions.begin), 201)

    @post(
        "/push/{session:str}",
        status_code=200,
        include_in_schema=False,
        request_max_body_size=MAX_PUSHED + 2**20,
    )
    async def pushed(request: Asked, session: FromPath[str]) -> Response[bytes]:
        data = await request.body()
        return as_json(await in_pool(node.desk_pool, lambda: node.sessions.take(session, data)))

    @post("/add-checkpoint", status_code=200, include_in_schema=False, request_max_body_size=MAX_REQUEST)
    async def add_checkpoint(request: Asked) -> Response[bytes]:
        data = await request.body()
        return await in_pool(node.desk_pool, lambda: _witness(shared, data))

    return Router("/", route_handlers=[record, notify, push, pushed, add_checkpoint])


def _witness(shared: SharedDesk, data: bytes) -> Response[bytes]:
    with shared.lock:
        try:
            answer = answer_request(shared.desk, data, at=shared.clock())
        except Refused as error:
            return raw(f"{error}\n".encode(), 503, "text/plain")
        shared.refresh()
    if answer.head is not None:
        shared.counts.add("allweather_acknowledged_total")
        shared.tell_news()
    return raw(answer.body, answer.status, _SIZE if answer.status == 409 else "text/plain")


def watcher_routes(node: Serving) -> Router:
    """The routes for whoever watches over the node."""

    @get("/health", include_in_schema=False)
    async def health() -> Response[bytes]:
        return as_json(await in_pool(node.desk_pool, lambda: _health(node)))

    @get("/metrics", include_in_schema=False)
    async def metrics() -> Response[bytes]:
        await in_pool(node.desk_pool, node.shared.measure)
        return raw(node.shared.counts.format(), 200, "text/plain; version=0.0.4")

    return Router("/", route_handlers=[health, metrics])


def _health(node: Serving) -> dict[str, object]:
    why = node.shared.why_not_signing()
    return {
        "status": "ok",
        "node": node.shared.origin,
        "signs": not why,
        "why": why,
        "cut": node.weather.is_cut,
        "peers": node.peer_states(),
    }


def read_json(data: bytes, form: type[_T]) -> _T:
    """The value that a JSON body is. Raises InputError."""
    try:
        return msgspec.json.decode(data, type=form)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"the body is not as it must be ({error})") from None
    except RecursionError:
        raise InputError("the body is nested too deep") from None
