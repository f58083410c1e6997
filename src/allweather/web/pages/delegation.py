"""The delegation: people of this node with their roles and mandates, invitations, and what is one's own.

A head manages people; a delegate sees who is here and changes only what is its own. Nobody is shown another's
secrets: a link is shown once, to the head who made it.
"""

from __future__ import annotations

import re
from typing import Any, cast, get_args

import msgspec
from litestar import Response

from allweather.council.bodies import Mandate, Recall
from allweather.council.forms import Body
from allweather.errors import AllweatherError, InputError, Refused
from allweather.node.answering import judge
from allweather.node.logs import tell
from allweather.node.serving import Asked
from allweather.web.acting import back_of, first
from allweather.web.asking import Ask, Page, Values, draw
from allweather.web.delegates import admit, dismiss
from allweather.web.fields import form_of
from allweather.web.forms import Given
from allweather.web.gate import cookie_name, set_cookie
from allweather.web.people import Person, Role
from allweather.web.sessions import check_token
from allweather.web.times import zones
from allweather.web.tongues import LANGUAGES
from allweather.web.words import STATES

Answer = Response[bytes]
_YEAR = 365 * 86_400
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f<>,;:\"()\[\]\\]{1,64}@[^@\s\x00-\x1f\x7f<>,;:\"()\[\]\\]{1,190}")
_HERE = "/delegation"


def _delegation(ask: Ask) -> Values:
    person = ask.visitor.person
    assert person is not None
    book = ask.house.people.book()
    mandates = _mandates(ask) if ask.council is not None else []
    invited = {one.person for one in book.invitations if one.until > ask.now}
    rows = [
        {**_row(one, mandates, one.id in invited), "shown": ask.seat_of(one)}
        for one in sorted(book.people, key=_by_role)
    ]
    known = {one.key for one in book.people if one.key}
    return {
        "me": person,
        "is_head": person.role == "head",
        "rows": rows,
        "others": [one for one in mandates if one["key"] not in known and one["stands"]],
        "until": ask.now + _YEAR,
        "all_zones": zones(),
        "roles": get_args(Role),
    }


def _by_role(one: Person) -> tuple[int, str]:
    return get_args(Role).index(one.role), one.name.casefold()


def _row(one: Person, mandates: list[dict[str, Any]], is_invited: bool) -> dict[str, Any]:
    """What everybody of the delegation may know of a person: no secret, and nothing to reach it by."""
    return {
        "id": one.id,
        "name": one.name,
        "role": one.role,
        "key": one.key,
        "n_passkeys": len(one.passkeys),
        "has_passphrase": bool(one.passphrase),
        "is_seat": one.seat,
        "is_invited": is_invited,
        "mandates": [each for each in mandates if one.key and each["key"] == one.key],
        "give": form_of(Mandate.KIND, ["powers", "until"], key=one.key, name=one.name) if one.key else None,
    }


def _mandates(ask: Ask) -> list[dict[str, Any]]:
    """This member's mandates on the record, with the recalls of them; what does not count is left out."""

    def acts(kind: str) -> list[dict[str, Any]]:
        rows = ask.view("search", words="", member=ask.house.member, kind=kind)["acts"]
        return [ask.view("act", id=row["id"]) for row in rows if row["counts"]]

    recalls = {act["body"]["mandate"]: act for act in acts(Recall.KIND)}
    found = []
    for act in acts(Mandate.KIND):
        recall = recalls.get(act["ref"])
        is_over = act["body"]["until"] <= ask.now
        found.append(
            {
                "act": act,
                "key": act["body"]["key"],
                "name": act["body"]["name"],
                "powers": act["body"]["powers"],
                "until": act["body"]["until"],
                "recall": recall,
                "is_over": is_over,
                "stands": recall is None and not is_over,
                "end": form_of(Recall.KIND, ["reason"], mandate=act["ref"]),
            }
        )
    return found


def _tell_mandate(ask: Ask, body: Body) -> list[tuple[str, Any]]:
    """A mandate as a person reads it."""
    assert isinstance(body, Mandate)
    word = ask.tongue.word
    return [
        ("Delegate", body.name),
        ("Public key", body.key),
        ("Powers", [word(STATES[one]) for one in body.powers]),
        ("Until", body.until),
        ("Signed with it", word("that this key may write in the own log, if that does not stand there yet")),
    ]


# What forms do


def _me(ask: Ask, given: Given) -> Person:
    """Who sends a form of this page. Raises Refused unless it is one of the delegation."""
    check_token(ask.visitor.session, first(given, "token"))
    person = ask.visitor.person
    if person is None or ask.visitor.kind != "delegate":
        raise Refused("only the delegation's own people do this; sign in as one")
    return person


def _head(ask: Ask, given: Given) -> Person:
    person = _me(ask, given)
    if person.role != "head":
        raise Refused("a head of the delegation does this; you can change only what is your own")
    return person


def _back(given: Given, cookie: str = "") -> Answer:
    from allweather.web.door import go_to

    return go_to(back_of(given) if first(given, "back") else _HERE, cookie)


def _add(request: Asked, ask: Ask, given: Given) -> Answer:
    head = _head(ask, given)
    role = first(given, "role")
    if role not in get_args(Role):
        raise InputError(f"{role!r:.40} is no role: choose head, delegate or observer")
    home = ask.house.node.shared.desk
    made = admit(
        home.home.path, ask.house.people, first(given, "name"), cast(Role, role), home.passphrase.get
    )
    tell("a person was added", person=made.id, by=head.id)
    return _show_link(request, ask, made)


def _invite(request: Asked, ask: Ask, given: Given) -> Answer:
    head = _head(ask, given)
    person = ask.house.people.book().find(first(given, "person"))
    tell("a link was made", person=person.id, by=head.id)
    return _show_link(request, ask, person)


def _show_link(request: Asked, ask: Ask, person: Person) -> Answer:
    """The page with a new link; it is shown here and never again."""
    from allweather.web.door import answer

    if person.role == "observer":
        ask.house.sessions.end_all(person.id)  # whoever had the link before is let in no more
    secret = ask.house.people.invite(person.id)
    place = f"{request.url.scheme}://{_host(request)}"
    values = {"person": person, "link": f"{place}/enter/{secret}"}
    page = Page(_HERE, "delegation-link.html.j2", lambda _: values, "delegate", is_personal=True)
    return answer(draw(ask, page, is_part=False))


def _remove(request: Asked, ask: Ask, given: Given) -> Answer:
    head = _head(ask, given)
    gone = dismiss(ask.house.node.shared.desk.home.path, ask.house.people, first(given, "person"))
    ask.house.sessions.end_all(gone.id)
    ask.house.forget(gone.id)
    tell("a person was removed", person=gone.id, by=head.id)
    return _back({})


def _passphrase(request: Asked, ask: Ask, given: Given) -> Answer:
    """A new passphrase; whoever is signed in elsewhere with the old one is signed out."""
    person, house = _me(ask, given), ask.house
    where = f"passphrase of {person.id}"
    house.tries.check(where)
    if person.passphrase and house.people.by_passphrase(person.name, first(given, "old")) is None:
        house.tries.fail(where)
        raise Refused("the old passphrase is not right, so nothing was changed")
    house.tries.forget(where)
    if first(given, "new") != first(given, "again"):
        raise InputError("the two passphrases are not the same; type it again")
    house.people.set_passphrase(person.id, first(given, "new"))
    tell("a passphrase was changed", person=person.id)
    return _back({}, _new_session(request, ask, person))


def _new_session(request: Asked, ask: Ask, person: Person) -> str:
    """Sign a person out everywhere and in again here: the cookie."""
    ask.house.sessions.end_all(person.id)
    is_secure = request.url.scheme == "https"
    name = cookie_name(ask.house.origin, is_secure)
    return set_cookie(name, ask.house.sessions.begin(person.id), is_secure=is_secure, seconds=7 * 86_400)


def _settings(request: Asked, ask: Ask, given: Given) -> Answer:
    person = _me(ask, given)
    language, zone = first(given, "language"), first(given, "zone")
    email, digest = first(given, "email").strip(), first(given, "digest")
    if language and language not in LANGUAGES:
        raise InputError(f"{language!r:.40} is no language of these pages")
    if zone and zone not in zones():
        raise InputError(f"{zone!r:.60} is no time zone")
    if email and _EMAIL.fullmatch(email) is None:
        raise InputError("this is no e-mail address")
    if digest not in ("", "daily", "weekly"):
        raise InputError("a digest comes daily, weekly or not at all")
    if digest and not email:
        raise InputError("give an e-mail address for the digest")
    ask.house.people.update(person.id, language=language, zone=zone, email=email, digest=digest)
    return _back({"back": [f"{_HERE}?lang={language}"]} if language else {})


# Passkeys, asked for by a script


def _as_json(make: Any) -> Answer:
    """What a script is answered: a value, or the sentence that says why not."""
    from allweather.web.door import answer

    try:
        value, status = make(), 200
    except AllweatherError as error:
        status, sentence = judge(error)
        value = {"error": sentence}
    return answer(msgspec.json.encode(value), status, "application/json")


def _host(request: Asked) -> str:
    host: str = request.headers.get("host", "")
    return host.lower()


def _begin_passkey(request: Asked, ask: Ask, given: Given) -> Answer:
    def make() -> Any:
        return ask.house.passkeys.begin_registration(_me(ask, given), _host(request))

    return _as_json(make)


def _finish_passkey(request: Asked, ask: Ask, given: Given) -> Answer:
    def make() -> Any:
        person = _me(ask, given)
        made = ask.house.passkeys.finish_registration(
            person, first(given, "id"), first(given, "data"), first(given, "name"), _host(request)
        )
        ask.house.people.change(
            lambda book: book.put(
                msgspec.structs.replace(book.find(person.id), passkeys=(*book.find(person.id).passkeys, made))
            )
        )
        tell("a passkey was added", person=person.id)
        return {"next": _HERE}

    return _as_json(make)


def _drop_passkey(request: Asked, ask: Ask, given: Given) -> Answer:
    person = _me(ask, given)
    gone = first(given, "credential")
    left = tuple(one for one in person.passkeys if one.credential != gone)
    if len(left) == len(person.passkeys):
        raise InputError("this passkey is not among yours")
    ask.house.people.update(person.id, passkeys=left)
    tell("a passkey was removed", person=person.id)
    return _back({}, _new_session(request, ask, person))


def _begin_sign_in(request: Asked, ask: Ask, given: Given) -> Answer:
    return _as_json(lambda: ask.house.passkeys.begin_sign_in(_host(request)))


def _finish_sign_in(request: Asked, ask: Ask, given: Given) -> Answer:
    house = ask.house
    where = request.client.host if request.client else ""
    door = f"passkey at {where}"
    found: list[Person] = []

    def make() -> Any:
        house.tries.check(door)
        try:
            found.append(
                house.passkeys.finish_sign_in(
                    house.people.book(), first(given, "id"), first(given, "data"), _host(request)
                )
            )
        except AllweatherError:
            house.tries.fail(door)
            tell("sign-in refused", where=where)
            raise
        house.tries.forget(door)
        tell("signed in", person=found[0].id)
        return {"next": back_of(given)}

    made = _as_json(make)
    if found:
        is_secure = request.url.scheme == "https"
        name = cookie_name(house.origin, is_secure)
        cookie = house.sessions.begin(found[0].id)
        made.set_header("Set-Cookie", set_cookie(name, cookie, is_secure=is_secure, seconds=7 * 86_400))
    return made


TELLERS = {Mandate.KIND: _tell_mandate}
PAGES = (Page(_HERE, "delegation.html.j2", _delegation, "delegate", is_personal=True),)
FORMS = (
    ("/delegation/add", _add),
    ("/delegation/invite", _invite),
    ("/delegation/remove", _remove),
    ("/delegation/passphrase", _passphrase),
    ("/delegation/settings", _settings),
    ("/delegation/passkey/remove", _drop_passkey),
    ("/passkeys/begin", _begin_passkey),
    ("/passkeys/finish", _finish_passkey),
    ("/passkeys/sign-in/begin", _begin_sign_in),
    ("/passkeys/sign-in/finish", _finish_sign_in),
)
