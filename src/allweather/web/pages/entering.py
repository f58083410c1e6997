"""The pages at the door: sign in, use an invitation, and what this place is."""

from __future__ import annotations

from allweather.web.acting import back_of
from allweather.web.asking import Ask, Page, Values


def _sign_in(ask: Ask) -> Values:
    book = ask.house.people.book()
    seats = [one for one in book.people if one.seat] if ask.house.is_rehearsal else []
    return {"back": back_of({"back": [ask.query.get("next", "/")]}), "seats": seats}


def _enter(ask: Ask) -> Values:
    return {"person": ask.house.people.invited(ask.path["secret"]), "secret": ask.path["secret"]}


PAGES = (
    Page("/sign-in", "sign-in.html.j2", _sign_in, is_personal=True),
    Page("/enter/{secret:str}", "enter.html.j2", _enter, is_personal=True),
)
