"""The local API: views and acts as JSON, for the member's own people and programs, who bring its token.

One route is made of each view, so that the description lists it with its parameters.
"""

from __future__ import annotations

import base64
import dataclasses
import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Annotated, Any

import msgspec
from litestar import Litestar, MediaType, Response, Router, get, post
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.params import FromPath, JSONBody, QueryParameter

from allweather import __version__
from allweather.council.acts import Act, read_body
from allweather.council.bodies import Expected, Taken
from allweather.council.forms import Ref
from allweather.errors import InputError
from allweather.node.accrediting import certification
from allweather.node.actions import Doing
from allweather.node.answering import as_json, raw, refusal, token_guard
from allweather.node.caucus import confide
from allweather.node.describing import with_answers
from allweather.node.duties import seal
from allweather.node.filing import read_ahead
from allweather.node.folding import KINDS
from allweather.node.reference import reference_page
from allweather.node.serving import Asked, Serving, in_pool, peer_routes, watcher_routes
from allweather.node.showing import Named, show_act, show_preview
from allweather.node.views import VIEWS
from allweather.record.entries import MAX_PAYLOAD

MAX_ACT = 2**25
MAX_TIME = 2**53 - 1
_SYNC_SECONDS = 30.0

At = Annotated[
    int | None,
    QueryParameter(name="at", le=MAX_TIME, description="As it was at this time, in seconds since 1970."),
]

ActName = Annotated[
    str,
    QueryParameter(
        name="id", max_length=4_000, description="The act, named like norway:12, or its reference."
    ),
]


class ActAsked(msgspec.Struct, forbid_unknown_fields=True):
    """An act to sign: its kind, its fields, and perhaps a text that stands apart and can be redacted."""

    kind: Annotated[str, msgspec.Meta(max_length=100)]
    body: dict[str, Any]
    text: str | None = None
    data: Annotated[str, msgspec.Meta(max_length=2**25)] | None = None
    """Instead of a text, the bytes of a document, in base64."""
    media_type: Annotated[str, msgspec.Meta(max_length=200)] = "text/plain"
    audience: Annotated[tuple[str, ...], msgspec.Meta(max_length=512)] = ()
    """For whom alone a statement is (origins): its words are then encrypted for them."""


class SealAsked(msgspec.Struct, forbid_unknown_fields=True):
    """What to seal in a round. It stays at this node, which reveals it when the round has closed."""

    round: Ref
    positions: Annotated[tuple[Taken, ...], msgspec.Meta(max_length=256)] = ()
    expectations: Annotated[tuple[Expected, ...], msgspec.Meta(max_length=4_096)] = ()


class CutAsked(msgspec.Struct, forbid_unknown_fields=True):
    """Whether the node is to be cut off from all others."""

    cut: bool


def make_app(node: Serving, token: str, pages: Sequence[Router] = ()) -> Litestar:
    """Everything that a node answers over the web; `pages` are the routes for browsers."""
    return Litestar(
        route_handlers=[
            *pages,
            peer_routes(node),
            watcher_routes(node),
            Router("/api", route_handlers=_api_routes(node), guards=[token_guard(token)]),
            *_description(node),
        ],
        exception_handlers={HTTPException: refusal, Exception: refusal},
        openapi_config=None,
        logging_config=None,
        request_max_body_size=2**16,
    )


def _api_routes(node: Serving) -> list[HTTPRouteHandler]:
    rehearsal = _rehearsal_routes(node) if node.weather.rehearsal else []
    return [*_view_routes(node), *_act_routes(node), *_sync_routes(node), *rehearsal]


def describe(node: Serving) -> dict[str, Any]:
    """The description of the local API, as OpenAPI has it."""
    app = Litestar(
        route_handlers=[Router("/api", route_handlers=_api_routes(node), security=[{"token": []}])],
        openapi_config=OpenAPIConfig(
            title="Allweather, the node of one member",
            version=__version__,
            description="Views of the council and acts of the member. Every request brings the node's token.",
            components=Components(security_schemes={"token": SecurityScheme(type="http", scheme="bearer")}),
        ),
        logging_config=None,
    )
    return with_answers(app.openapi_schema.to_schema())


def _description(node: Serving) -> list[HTTPRouteHandler]:
    """The routes of the description: made when it is first asked for, and readable without a token."""
    described = cache(lambda: describe(node))

    @get("/api/openapi.json", sync_to_thread=False)
    def openapi() -> Response[bytes]:
        return as_json(described())

    @get("/api/reference", sync_to_thread=False)
    def reference() -> Response[bytes]:
        answer = raw(reference_page(described()).encode(), 200, "text/html; charset=utf-8")
        answer.set_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        return answer

    return [openapi, reference]


# Views


def _view_routes(node: Serving) -> list[HTTPRouteHandler]:
    @get("/views", summary="The views and their parameters.")
    async def views() -> Response[bytes]:
        found = [
            {
                "name": one.name,
                "about": one.about,
                "parameters": dict(one.parameters),
                "optional": dict(one.optional),
            }
            for one in VIEWS.values()
        ]
        return as_json(found)

    @get("/views/{name:str}", include_in_schema=False)
    async def no_view(name: FromPath[str]) -> Response[bytes]:
        return raw(node.shared.view_bytes(name, {}, None))  # raises: each view has a route of its own

    return [views, no_view, *(_view_route(node, one) for one in VIEWS.values())]


def _view_route(node: Serving, named: Named) -> HTTPRouteHandler:
    """The route of one view: its parameters are in the signature, so that they are checked and described."""
    names = {f"p{place}": name for place, name in enumerate((*named.parameters, *named.optional))}
    known = {*names.values(), "at"}

    async def show(request: Asked, at: int | None = None, **given: str | None) -> Response[bytes]:
        if strange := sorted(set(request.query_params.keys()) - known):
            raise InputError(f"{strange[0]!r:.60} is no parameter of the view {named.name}")
        if len(list(request.query_params.multi_items())) != len(set(request.query_params.keys())):
            raise InputError("a parameter stands in it twice")
        if at is not None and at < 0:
            raise InputError("at is a time in seconds since 1970, and not less than 0")
        parameters = {names[place]: text for place, text in given.items() if text is not None}
        data = node.shared.kept_view(named.name, parameters, at)
        if data is None:
            data = await in_pool(node.desk_pool, lambda: node.shared.view_bytes(named.name, parameters, at))
        return raw(data, 200, "application/json")

    _give_signature(show, names, named)
    handler: HTTPRouteHandler = get(
        f"/views/{named.name}",
        summary=named.about,
        operation_id=f"view_{named.name}",
        media_type=MediaType.JSON,
    )(show)
    return handler


def _give_signature(show: Callable[..., Any], names: Mapping[str, str], named: Named) -> None:
    """Say in the function's own signature which parameters it takes: that is where they are read from."""
    annotations: dict[str, Any] = {"request": Asked, "at": At}
    kind = inspect.Parameter.KEYWORD_ONLY
    found = [
        inspect.Parameter("request", kind, annotation=Asked),
        inspect.Parameter("at", kind, default=None, annotation=At),
    ]
    for place, name in names.items():
        about = {**named.parameters, **named.optional}[name]
        given = QueryParameter(name=name, max_length=4_000, description=about)
        is_needed = name in named.parameters
        form: Any = Annotated[str, given] if is_needed else Annotated[str | None, given]
        default = inspect.Parameter.empty if is_needed else None
        annotations[place] = form
        found.append(inspect.Parameter(place, kind, annotation=form, default=default))
    annotations["return"] = Response[bytes]
    show.__annotations__ = annotations
    show.__signature__ = inspect.Signature(found, return_annotation=Response[bytes])  # type: ignore[attr-defined]


# Acts


def _doing(asked: ActAsked) -> Doing:
    body = read_body(asked.kind, asked.body, KINDS)
    content = None
    if asked.text is not None:
        try:
            content = asked.text.encode()
        except UnicodeEncodeError:
            raise InputError("the text holds half of a surrogate pair") from None
        if len(content) > MAX_PAYLOAD:
            raise InputError(f"a text has at most {MAX_PAYLOAD:,} bytes")
    if asked.data is not None:
        if content is not None:
            raise InputError("a text or a document stands apart, not both")
        content = _bytes(asked.data)
    return Doing(body, content, asked.media_type, audience=asked.audience)


def _bytes(data: str) -> bytes:
    """The bytes of a document. Raises InputError."""
    try:
        content = base64.b64decode(data, validate=True)
    except ValueError:
        raise InputError("the document is not in base64") from None
    if len(content) > MAX_PAYLOAD:
        raise InputError(f"a document has at most {MAX_PAYLOAD:,} bytes")
    return content


def _act_routes(node: Serving) -> list[HTTPRouteHandler]:
    shared = node.shared

    def prepare(doing: Doing) -> None:
        with shared.lock:
            fold = shared.actions.view().fold
        read_ahead(shared.actions.shelf, shared.desk, fold, doing.body)

    def previewed(doing: Doing) -> bytes:
        prepare(doing)
        with shared.lock:
            return msgspec.json.encode(show_preview(shared.actions.preview(confide(shared.desk, doing))))

    def signed(doing: Doing) -> tuple[Act, ...]:
        prepare(doing)
        with shared.lock:
            more = certification(shared.desk, doing.body)
            return shared.sign(confide(shared.desk, doing), more=more)

    @post("/preview", status_code=200, summary="What would be signed.", request_max_body_size=MAX_ACT)
    async def preview(data: JSONBody[ActAsked]) -> Response[bytes]:
        doing = _doing(data)
        return raw(await in_pool(node.desk_pool, lambda: previewed(doing)), 200, "application/json")

    @post("/acts", status_code=201, summary="Sign an act.", request_max_body_size=MAX_ACT)
    async def acts(data: JSONBody[ActAsked]) -> Response[bytes]:
        doing = _doing(data)
        made = await in_pool(node.desk_pool, lambda: signed(doing))
        return as_json({"acts": [show_act(one) for one in made]}, 201)

    def sealed(asked: SealAsked) -> tuple[Act, ...]:
        with shared.lock:
            doing = seal(shared.actions, asked.round, asked.positions, asked.expectations)
            return shared.sign(doing)

    @post("/seals", status_code=201, summary="Seal positions in a round.", request_max_body_size=MAX_ACT)
    async def seals(data: JSONBody[SealAsked]) -> Response[bytes]:
        made = await in_pool(node.desk_pool, lambda: sealed(data))
        return as_json({"acts": [show_act(one) for one in made]}, 201)

    @get("/words", summary="The words of an act, those that are for this member and some others among them.")
    async def words(request: Asked, act: ActName) -> Response[bytes]:
        if len(list(request.query_params.multi_items())) != 1:
            raise InputError("it takes one parameter, id")
        found = await in_pool(node.desk_pool, lambda: shared.words(act, "delegate"))
        return as_json(dataclasses.asdict(found))

    return [preview, acts, seals, words]


# Others


def _sync_routes(node: Serving) -> list[HTTPRouteHandler]:
    @post("/sync", status_code=200, summary="Take in from every peer now.")
    async def sync() -> Response[bytes]:
        return as_json(await in_pool(node.files_pool, lambda: node.sync_now(_SYNC_SECONDS)))

    @get("/peers", summary="The peers and how the last round with each went.")
    async def peers() -> Response[bytes]:
        return as_json(node.peer_states())

    return [sync, peers]


def _rehearsal_routes(node: Serving) -> list[HTTPRouteHandler]:
    @post("/rehearsal", status_code=200, summary="Cut this node off from all others, or join it again.")
    async def rehearsal(data: JSONBody[CutAsked]) -> Response[bytes]:
        node.weather.is_cut = data.cut
        if not data.cut:
            node.hear_news("")
        return as_json({"cut": data.cut})

    return [rehearsal]
