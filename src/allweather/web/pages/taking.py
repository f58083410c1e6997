"""What is taken out of the pages: calendars, minutes, positions, the record as a site.

Every file is as its reader may see it: words for some members only are in the minutes that their own
delegates take, and in nobody else's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import quote

from allweather.council.acts import Act, short
from allweather.council.forms import Body
from allweather.council.view import View
from allweather.errors import UnknownName
from allweather.formats.calendar import Event, format_calendar
from allweather.formats.minutes import format_minutes
from allweather.formats.popolo import format_popolo
from allweather.node import recounting
from allweather.node.caucus import words_of
from allweather.node.siting import archive_of
from allweather.node.waiting import waiting
from allweather.report.context import Context
from allweather.report.document import format_word
from allweather.report.outline import Block, outline
from allweather.report.paper import format_pdf
from allweather.web import words
from allweather.web.asking import Ask, File, Page, Values
from allweather.web.feeds import feed_code, feed_key, person_of
from allweather.web.gate import Visitor
from allweather.web.pages.review import sight_of
from allweather.web.tongues import tongue

_T = TypeVar("_T")
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_NO_PLAIN = re.compile(r"[^a-z0-9.-]+")


def looked(ask: Ask, find: Callable[[View], _T]) -> _T:
    """What is found in the council as of the time that is asked for, while nothing is taken in."""
    shared = ask.house.node.shared
    with shared.lock:
        return find(shared.actions.view(ask.at))


def say(ask: Ask, code: str) -> str:
    """A code or a sentence of the council in the visitor's language."""
    for known in (words.DATES, words.KINDS):
        if code in known:
            return ask.tongue.word(known[code])
    return ask.tongue.tell(code)


def _file_name(ask: Ask, what: str, ending: str) -> str:
    council = _NO_PLAIN.sub("-", ask.house.origin.partition("/")[0])
    return f"{council}-{what}.{ending}"


# Calendars


def _events(ask: Ask, view: View) -> list[Event]:
    return recounting.events(view, lambda code: say(ask, code), lambda act: _address(ask, act))


def _address(ask: Ask, act: Act) -> str:
    return f"{ask.house.address}/act/{quote(act.name, safe=':')}/open"


def _own_events(ask: Ask, view: View) -> list[Event]:
    """What waits for the member and has a deadline."""
    return [
        Event(
            key=f"{one.about.name}/waits@{ask.house.origin.replace('/', '.')}",
            title=f"{say(ask, 'waits for you')}: {title_of(one.about.body) or say(ask, one.about.kind)}",
            start=one.by,
            end=one.by,
            changed=one.about.at,
            sort=say(ask, "waits for you"),
            about=ask.tongue.tell(one.sentence),
            address=_address(ask, one.about),
        )
        for one in waiting(view, ask.house.origin)
        if one.by
    ]


def title_of(body: Body) -> str:
    """The title of an act; empty if it has none."""
    found = getattr(body, "title", "") or getattr(body, "what", "")
    return found if isinstance(found, str) else ""


def _calendar(ask: Ask) -> tuple[str, str, bytes]:
    return _as_calendar(ask, looked(ask, lambda view: _events(ask, view)))


def _own_calendar(ask: Ask) -> tuple[str, str, bytes]:
    """The calendar of whoever has this address, without signing in."""
    home = ask.house.node.shared.desk.home.path
    code = ask.path["code"].removesuffix(".ics")
    person = person_of(feed_key(home), ask.house.people.book(), code)
    asked = replace(ask, visitor=Visitor(person), tongue=tongue(person.language or ask.tongue.code))
    if asked.visitor.kind != "delegate":
        return _calendar(asked)
    found = looked(asked, lambda view: [*_events(asked, view), *_own_events(asked, view)])
    return _as_calendar(asked, found)


def _as_calendar(ask: Ask, found: Sequence[Event]) -> tuple[str, str, bytes]:
    title = ask.charter.get("title", "") or ask.house.member
    return _file_name(ask, "calendar", "ics"), "text/calendar; charset=utf-8", format_calendar(title, found)


# Minutes, positions


def _minutes(ask: Ask) -> tuple[str, str, bytes]:
    desk, reader = ask.house.node.shared.desk, ask.visitor.kind
    found = looked(
        ask,
        lambda view: recounting.minutes(
            view,
            lambda act: words_of(desk, act, reader),
            language=ask.tongue.code,
            say=lambda code: say(ask, code),
            name_of=ask.named,
        ),
    )
    return _file_name(ask, "minutes", "xml"), "application/akn+xml", format_minutes(found)


def _positions(ask: Ask) -> tuple[str, str, bytes]:
    found = looked(ask, lambda view: recounting.positions(view, words.name_of))
    return _file_name(ask, "positions", "json"), "application/json", format_popolo(found)


# Where to find them


def _take(ask: Ask) -> Values:
    code = ""
    if ask.visitor.person is not None:
        code = feed_code(feed_key(ask.house.node.shared.desk.home.path), ask.visitor.person.id)
    at: dict[str, Any] = {"query": f"?at={ask.at}" if ask.at is not None else ""}
    if ask.council is None:
        raise UnknownName("there is nothing to take away before a council is founded")
    return {**at, "code": code, "address": ask.house.address, "council_name": short(ask.house.origin)}


def _paper(ask: Ask) -> tuple[str, str, bytes]:
    title, blocks = _outlined(ask)
    return _file_name(ask, "review", "pdf"), "application/pdf", format_pdf(title, blocks)


def _document(ask: Ask) -> tuple[str, str, bytes]:
    title, blocks = _outlined(ask)
    return _file_name(ask, "review", "docx"), _WORD, format_word(title, blocks)


def _outlined(ask: Ask) -> tuple[str, Sequence[Block]]:
    """The joint review that is at hand, as an outline. Raises UnknownName while it is computed."""
    sight = sight_of(ask)
    kept = sight.kept
    if kept is None:
        raise UnknownName(sight.why or "the joint review is being computed; look again in a while")
    title = ask.charter.get("title", "") or kept.review.title
    context = Context(title=title, as_of=kept.made.as_of)
    return title, outline(kept.review, kept.positions, context)


def _site(ask: Ask) -> tuple[str, str, bytes]:
    """The public record as a signed site, without the joint review, which takes long: the command has it."""
    from allweather.web.sites import Maker, make_site  # it uses this module's words

    desk = ask.house.node.shared.desk
    found = looked(ask, lambda view: make_site(Maker(desk, view, ask.tongue), with_review=False))
    return _file_name(ask, "site", "zip"), "application/zip", archive_of(found)


PAGES = (Page("/take", "take.html.j2", _take, is_personal=True),)
FILES = (
    File("/calendar.ics", _calendar),
    File("/minutes.xml", _minutes),
    File("/positions.json", _positions),
    File("/review.pdf", _paper),
    File("/review.docx", _document),
    File("/site.zip", _site, "delegate"),
)
OPEN_FILES = (File("/calendar/{code:str}", _own_calendar),)
"""Files whose address is their key: nobody signs in for them."""
