"""The pages at the door: sign in, use an invitation, and what this place is."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, metadata

from allweather import __version__
from allweather.errors import UnknownName
from allweather.web.acting import back_of
from allweather.web.asking import Ask, Page, Values
from allweather.web.gate import cookie_name
from allweather.web.sessions import LONGEST

_DAY = 86_400
_LICENCE = "Apache-2.0"


def _sign_in(ask: Ask) -> Values:
    book = ask.house.people.book()
    seats = [one for one in book.people if one.seat] if ask.house.is_rehearsal else []
    return {"back": back_of({"back": [ask.query.get("next", "/")]}), "seats": seats}


def _enter(ask: Ask) -> Values:
    return {"person": ask.house.people.invited(ask.path["secret"]), "secret": ask.path["secret"]}


def _about(ask: Ask) -> Values:
    """What this node is, for whoever comes: nothing of the council stands here but its name."""
    house = ask.house
    try:
        log = house.explorer.view().log(house.origin)
    except UnknownName:
        log = None
    is_secure = house.node.address.startswith("https:")  # as it is asked, also behind a server that does TLS
    licence, sources = _package()
    return {
        "origin": house.origin,
        "address": house.address,
        "key": "" if log is None else str(log.history.periods[-1].keys.log),
        "card": "" if log is None else log.card.digest.hex(),
        "version": __version__,
        "licence": licence,
        "sources": sources,
        "session_cookie": cookie_name(house.origin, is_secure),
        "session_days": round(LONGEST / _DAY),
        "is_public": house.is_public,
    }


@cache
def _package() -> tuple[str, tuple[tuple[str, str], ...]]:
    """The licence and the addresses that the installed package states: each with its label."""
    try:
        found = metadata("allweather")
    except PackageNotFoundError:  # run from a folder that is not installed
        return _LICENCE, ()
    pairs = (one.partition(",") for one in found.get_all("Project-URL") or ())
    sources = tuple((label.strip(), url.strip()) for label, _, url in pairs)
    (licence,) = (found.get_all("License-Expression") or [_LICENCE])[:1]
    return licence, tuple(one for one in sources if one[1].startswith("https://"))


PAGES = (
    Page("/about", "about.html.j2", _about, is_personal=True),
    Page("/sign-in", "sign-in.html.j2", _sign_in, is_personal=True),
    Page("/enter/{secret:str}", "enter.html.j2", _enter, is_personal=True),
)
