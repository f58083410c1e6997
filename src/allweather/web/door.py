"""Every route of the pages, joined to a running node.

A request is answered in a thread of the node's pool; what fails is a page with one sentence. Nothing here
knows what a page shows: that is in `pages`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from litestar import Response, Router, get, post
from litestar.datastructures import UploadFile
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from allweather.errors import InputError, Refused
from allweather.node.answering import judge
from allweather.node.serving import Asked, Serving, in_pool
from allweather.record.entries import MAX_PAYLOAD
from allweather.report.drawing import style
from allweather.web import acting, entering, pages, times, tongues
from allweather.web.acting import PREVIEW, back_of
from allweather.web.asking import Ask, Page, draw
from allweather.web.forms import Given
from allweather.web.gate import (
    HEADERS,
    Visitor,
    check_host,
    check_same_site,
    cookie_name,
    cookies_of,
    set_cookie,
)
from allweather.web.house import House
from allweather.web.live import MAX_STREAMS
from allweather.web.pages import evidence

MAX_FORM = 2**22
MAX_UPLOAD = MAX_PAYLOAD + 2**16
MAX_QUERY = 400
_ERROR = Page("/", "error.html.j2", lambda ask: {}, "public", is_personal=True)
_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml", "woff2": "font/woff2"}
_YEAR = 365 * 86_400
_CHARTS = "charts.css"
_LANGUAGE, _ZONE = "allweather-lang", "allweather-zone"
Answer = Response[bytes]


def door(node: Serving, *, is_public: bool = False) -> Sequence[Router]:
    """The routes of the pages of a node. `is_public`: whether the public may read what is public."""
    house = House(node, is_public=is_public)
    handlers = [
        *(_page_route(house, one) for one in pages.PAGES),
        *(_file_route(house, one) for one in pages.FILES),
        *(_way_route(house, path, where) for path, where in pages.WAYS),
        *_act_routes(house),
        _upload_route(house),
        *_enter_routes(house),
        _live_route(house),
        _static_route(),
    ]

    def check(request: Asked) -> Answer | None:
        """A page under a foreign name says nothing of the council: one sentence, and no more."""
        try:
            check_host(request.headers.get("host", ""), node.names)
        except Refused as error:
            return answer(f"{error}\n".encode(), 421, "text/plain; charset=utf-8")
        return None

    return [Router("/", route_handlers=handlers, before_request=check, include_in_schema=False)]


# Asking and answering


def ask_of(house: House, request: Asked) -> Ask:
    """Who asks for what, in which language and zone."""
    news = house.hub.version  # before anything is looked at, so that no news falls between
    cookies = cookies_of(request)
    session = house.sessions.find(cookies.get(cookie_name(house.origin, is_secure(request)), ""))
    person = None
    if session is not None:
        person = next((one for one in house.people.book().people if one.id == session.person), None)
    visitor = Visitor(person, session if person is not None else None)
    try:
        query = dict(parse_qsl(request.url.query, keep_blank_values=True, max_num_fields=MAX_QUERY))
    except ValueError:
        query = {}  # no page of ours asks for so much
    language = tongues.choose(
        query.get("lang", ""),
        request.headers.get("accept-language", ""),
        cookies.get(_LANGUAGE, "") or (person.language if person else ""),
    )
    zone = cookies.get(_ZONE, "").replace("%2F", "/") or (person.zone if person else "") or "UTC"
    url = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return Ask(
        house,
        visitor,
        tongues.tongue(language),
        times.zone_of(zone),
        zone,
        url,
        {name: str(value) for name, value in request.path_params.items()},
        query,
        news,
    )


def is_secure(request: Asked) -> bool:
    """Whether a request came over TLS."""
    return request.url.scheme == "https"


def answer(data: bytes, status: int = 200, media_type: str = "text/html; charset=utf-8") -> Answer:
    """Bytes with the headers that every answer of the pages has."""
    return Response(data, status_code=status, media_type=media_type, headers=dict(HEADERS))


def go_to(where: str, cookie: str = "") -> Answer:
    """Send the browser to another page, perhaps with a cookie."""
    found = answer(b"", 303)
    found.set_header("Location", quote(where, safe="/:?=&%#+,;~@!$'()*[]-._"))
    if cookie:
        found.set_header("Set-Cookie", cookie)
    return found


def _fault(house: House, request: Asked, error: Exception) -> Answer:
    """The page that says what went wrong, in one sentence."""
    status, sentence = judge(error)
    ask = ask_of(house, request)
    values = {"sentence": sentence[:1_000], "status": status}
    page = replace(_ERROR, make=lambda _: values)
    return answer(draw(replace(ask, query={}), page, is_part=False), status)


def _handled(house: House, do: Callable[[Asked], Answer]) -> Callable[[Asked], Answer]:
    def handle(request: Asked) -> Answer:
        try:
            return do(request)
        except Exception as error:
            return _fault(house, request, error)

    return handle


def _to_sign_in(ask: Ask) -> Answer:
    return go_to(f"/sign-in?{urlencode({'next': ask.url})}")


def may_see(house: House, visitor: Visitor, page: Page) -> bool:
    """Whether a page is for this visitor. Where the public may read nothing, its level is the observers'."""
    level = page.level if house.is_public or page.level != "public" or page.path in OPEN else "observer"
    return visitor.may(level)


OPEN = frozenset({"/sign-in", "/enter/{secret:str}", "/about", *(one.path for one in pages.OPEN_FILES)})
"""What everybody may see, so as to get in and to know where they are."""


def _page_route(house: House, page: Page) -> HTTPRouteHandler:
    def show(request: Asked) -> Answer:
        ask = ask_of(house, request)
        if not may_see(house, ask.visitor, page):
            return _to_sign_in(ask)
        is_part = request.headers.get("hx-request") == "true"
        is_told = request.headers.get("hx-trigger") == "fresh"  # the part itself asks, told of news
        found = answer(draw(ask, page, is_part=is_part, is_told=is_told))
        if ask.query.get("lang") in tongues.LANGUAGES:
            kept = set_cookie(
                _LANGUAGE, ask.tongue.code, is_secure=is_secure(request), seconds=_YEAR, is_hidden=False
            )
            found.set_header("Set-Cookie", kept)
        return found

    handle = _handled(house, show)

    @get(page.path)
    async def route(request: Asked) -> Answer:
        return await in_pool(house.node.desk_pool, lambda: handle(request))

    return route


def _file_route(house: House, one: pages.File) -> HTTPRouteHandler:
    """A file to take away: as the visitor may see it."""

    def show(request: Asked) -> Answer:
        ask = ask_of(house, request)
        if not may_see(house, ask.visitor, Page(one.path, "", lambda _: {}, one.level)):
            return _to_sign_in(ask)
        name, media_type, data = one.make(ask)
        found = answer(data, 200, media_type)
        if name:
            found.set_header("Content-Disposition", f'attachment; filename="{name}"')
        if one.policy:
            found.set_header("Content-Security-Policy", one.policy)
        return found

    handle = _handled(house, show)

    @get(one.path)
    async def route(request: Asked) -> Answer:
        return await in_pool(house.node.desk_pool, lambda: handle(request))

    return route


def _way_route(house: House, path: str, where: Callable[[Ask], str]) -> HTTPRouteHandler:
    """An address that leads on to the page that shows what it names."""

    def show(request: Asked) -> Answer:
        ask = ask_of(house, request)
        if not may_see(house, ask.visitor, Page(path, "", lambda _: {})):
            return _to_sign_in(ask)
        return go_to(where(ask))

    handle = _handled(house, show)

    @get(path)
    async def route(request: Asked) -> Answer:
        return await in_pool(house.node.desk_pool, lambda: handle(request))

    return route


# Forms


async def _read_form(request: Asked) -> Given:
    """The fields of a form as the browser sends it. Raises InputError."""
    data = await request.body()
    try:
        text = data.decode("ascii")
        pairs = parse_qsl(
            text, keep_blank_values=True, max_num_fields=2_000, encoding="utf-8", errors="strict"
        )
    except (UnicodeDecodeError, ValueError):
        raise InputError("this is no form that a page of ours sends") from None
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _form_route(house: House, path: str, do: Callable[[Asked, Ask, Given], Answer]) -> HTTPRouteHandler:
    """A route that a form is sent to: from this site only, within bounds, with a page for what fails."""

    @post(path, status_code=200, request_max_body_size=MAX_FORM)
    async def route(request: Asked) -> Answer:
        try:
            check_same_site(request)
            given = await _read_form(request)
        except Exception as error:
            refused = error
            return await in_pool(house.node.desk_pool, lambda: _fault(house, request, refused))
        handle = _handled(house, lambda request: do(request, ask_of(house, request), given))
        return await in_pool(house.node.desk_pool, lambda: handle(request))

    return route


def _upload_route(house: House) -> HTTPRouteHandler:
    """The place that a document is sent to as a file, or as text."""

    @post("/evidence/upload", status_code=200, request_max_body_size=MAX_UPLOAD)
    async def route(request: Asked) -> Answer:
        try:
            check_same_site(request)
            form = await request.form()
            given, data = {}, b""
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    data = data or await value.read()
                else:
                    given[str(name)] = [str(value)]
        except Exception as error:
            refused = error
            return await in_pool(house.node.desk_pool, lambda: _fault(house, request, refused))

        def take(request: Asked) -> Answer:
            return go_to(evidence.upload(request, ask_of(house, request), given, data))

        handle = _handled(house, take)
        return await in_pool(house.node.desk_pool, lambda: handle(request))

    return route


def _act_routes(house: House) -> list[HTTPRouteHandler]:
    def show_preview(request: Asked, ask: Ask, given: Given) -> Answer:
        values = acting.preview(ask, given)
        return answer(draw(ask, replace(PREVIEW, make=lambda _: values), is_part=False))

    def sign(request: Asked, ask: Ask, given: Given) -> Answer:
        acting.sign(ask, given)
        return go_to(back_of(given))

    def seal(request: Asked, ask: Ask, given: Given) -> Answer:
        acting.seal_positions(ask, given)
        return go_to(back_of(given))

    found = [("/act", show_preview), ("/sign", sign), ("/seal", seal), *pages.FORMS]
    return [_form_route(house, path, do) for path, do in found]


def _enter_routes(house: House) -> list[HTTPRouteHandler]:
    def with_session(request: Asked, person: str, where: str) -> Answer:
        cookie = house.sessions.begin(person)
        name = cookie_name(house.origin, is_secure(request))
        return go_to(where, set_cookie(name, cookie, is_secure=is_secure(request), seconds=7 * 86_400))

    def sign_in(request: Asked, ask: Ask, given: Given) -> Answer:
        where = request.client.host if request.client else ""
        return with_session(request, entering.sign_in(house, given, where), back_of(given))

    def enter(request: Asked, ask: Ask, given: Given) -> Answer:
        return with_session(request, entering.enter(house, ask.path["secret"], given), "/")

    def take_seat(request: Asked, ask: Ask, given: Given) -> Answer:
        return with_session(request, entering.take_seat(house, ask.path["person"]), "/")

    def sign_out(request: Asked, ask: Ask, given: Given) -> Answer:
        name = cookie_name(house.origin, is_secure(request))
        house.sessions.end(cookies_of(request).get(name, ""))
        return go_to("/sign-in", set_cookie(name, "", is_secure=is_secure(request), seconds=0))

    def prefer(request: Asked, ask: Ask, given: Given) -> Answer:
        zone = acting.first(given, "zone")
        if zone not in times.zones():
            raise InputError(f"{zone!r:.60} is no time zone")
        kept = set_cookie(_ZONE, zone, is_secure=is_secure(request), seconds=_YEAR, is_hidden=False)
        return go_to(back_of(given), kept)

    found = [
        ("/sign-in", sign_in),
        ("/enter/{secret:str}", enter),
        ("/seat/{person:str}", take_seat),
        ("/sign-out", sign_out),
        ("/preferences", prefer),
    ]
    return [_form_route(house, path, do) for path, do in found]


# Live and static


def _live_route(house: House) -> HTTPRouteHandler:
    @get("/live", media_type="text/event-stream")
    async def route(request: Asked) -> Any:
        ask = await in_pool(house.node.desk_pool, lambda: ask_of(house, request))
        visitor, since = ask.visitor, ask.query.get("since", "")
        if not house.is_public and visitor.person is None:
            return answer(b"sign in first", 403, "text/plain")
        if house.hub.n_streams >= MAX_STREAMS:
            return answer(b"too many pages are open", 503, "text/plain")
        told = int(since) if since.isascii() and since.isdigit() and len(since) <= 15 else None
        return Stream(house.hub.stream(told), media_type="text/event-stream", headers=dict(HEADERS))

    return route


@cache
def _static_files() -> dict[str, bytes]:
    """The files of the pages' own folder `static` and of the folders in it, but for hidden ones."""
    found = {_CHARTS: style(_CHARTS).encode()}
    for one in files("allweather.web").joinpath("static").iterdir():
        for file, path in [(one, one.name)] if one.is_file() else _within(one):
            if not file.name.startswith("."):
                found[path] = file.read_bytes()
    return found


def _within(folder: Traversable) -> list[tuple[Traversable, str]]:
    return [(one, f"{folder.name}/{one.name}") for one in folder.iterdir() if one.is_file()]


def static_file(path: str) -> bytes | None:
    """A file of the pages' own folder `static`; None if there is none of that name."""
    return _static_files().get(path.strip("/"))


def _static_route() -> HTTPRouteHandler:
    @get("/static/{name:path}")
    async def route(request: Asked) -> Answer:
        name = request.path_params["name"]
        data = static_file(str(name))
        if data is None:
            return answer(b"there is nothing at this place", 404, "text/plain")
        found = answer(data, 200, _TYPES.get(str(name).rpartition(".")[2], "application/octet-stream"))
        found.set_header("Cache-Control", "public, max-age=3600")
        return found

    return route
