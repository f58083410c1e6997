"""Acts from a page: a filled form is previewed as what will be signed, and signed when it is sent again.

A form that signs brings the session's token and a number that is good once: whoever repeats it, or brings it
from elsewhere, is refused. A delegate signs with its own key, a head in the member's name; whether the act
counts from that seat is decided by the rules of the council and nowhere here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import ValidationError, convert, to_builtins

from allweather.council.acts import Act
from allweather.council.bodies import Expected, Taken
from allweather.errors import InputError, Refused
from allweather.node.accrediting import certification
from allweather.node.actions import Doing
from allweather.node.caucus import confide
from allweather.node.duties import seal
from allweather.node.showing import show_preview
from allweather.record.entries import MAX_PAYLOAD
from allweather.web.asking import Ask, Page, Values
from allweather.web.forms import Given, full_name, read_form, ref_of, rows_of, told_rows
from allweather.web.sessions import check_token

PREVIEW = Page("/act", "preview.html.j2", lambda ask: {}, "delegate", is_personal=True)


def doing_of(ask: Ask, given: Given) -> Doing:
    """What a filled form asks to do. Raises InputError, Refused for who does not act."""
    person = ask.visitor.person
    if person is None or ask.visitor.kind != "delegate":
        raise Refused("only the member's own delegates act here; sign in as one")
    from allweather.web.pages import MAKERS  # pages know this module

    kind = first(given, "kind")
    make = MAKERS.get(kind)
    body = read_form(ask, kind, given) if make is None else make(ask, given)
    text = first(given, "payload").replace("\r\n", "\n")
    content, media_type = text.encode("utf-8", "replace") if text.strip() else None, "text/plain"
    if first(given, "upload") and ask.visitor.session is not None:
        kept = ask.house.uploads.get(ask.visitor.session.token, first(given, "upload"))
        content, media_type = kept.data, kept.media_type
    if content is not None and len(content) > MAX_PAYLOAD:
        raise InputError(f"a text has at most {MAX_PAYLOAD:,} bytes")
    audience = tuple(sorted({full_name(ask, name) for name in given.get("audience", ()) if name.strip()}))
    return Doing(body, content, media_type, delegate=ask.house.seed_of(person), audience=audience)


def preview(ask: Ask, given: Given) -> Values:
    """The values of the page that shows what would be signed. Raises Refused if it would not count."""
    check_token(ask.visitor.session, first(given, "token"))
    doing = doing_of(ask, given)
    from allweather.web.pages import TELLERS  # pages know this module

    told = TELLERS.get(doing.body.KIND)
    said: Mapping[str, Any] = to_builtins(doing.body)
    shared = ask.house.node.shared
    with shared.lock:
        found = show_preview(shared.actions.preview(confide(shared.desk, doing)))
    return {
        "title": doing.body.KIND,
        "kind_code": doing.body.KIND,
        "preview": found,
        "rows": rows_of(ask, doing.body.KIND, said) if told is None else told_rows(told(ask, doing.body)),
        "text": doing.content.decode() if doing.content and not first(given, "upload") else "",
        "n_apart": len(doing.content or b""),
        "audience": sorted({*doing.audience, ask.house.origin}) if doing.audience else [],
        "hidden": _hidden(given),
        "number": ask.number(),
        "back": back_of(given),
    }


def sign(ask: Ask, given: Given) -> tuple[Act, ...]:
    """Sign what a previewed form asks for. Raises Refused; then nothing is signed."""
    session = ask.visitor.session
    check_token(session, first(given, "token"))
    assert session is not None
    doing = doing_of(ask, given)
    ask.house.sessions.spend(session, first(given, "number"))
    shared = ask.house.node.shared
    with shared.lock:
        more = certification(shared.desk, doing.body) if doing.delegate is None else ()
        return shared.sign(confide(shared.desk, doing), more=more)


def seal_positions(ask: Ask, given: Given) -> tuple[Act, ...]:
    """Seal positions in a round, and what is expected of others. Raises Refused."""
    session, person = ask.visitor.session, ask.visitor.person
    check_token(session, first(given, "token"))
    assert session is not None
    if person is None or person.role != "head":
        raise Refused("a head of the delegation seals for its member")
    taken, expected = _sealed_of(ask, given)
    ask.house.sessions.spend(session, first(given, "number"))
    shared = ask.house.node.shared
    with shared.lock:
        return shared.sign(seal(shared.actions, ref_of(ask, first(given, "round")), taken, expected))


def _sealed_of(ask: Ask, given: Given) -> tuple[list[Taken], list[Expected]]:
    """`take:REF` holds the own shade on a text, `expect:REF:MEMBER` what is expected of another."""
    council = ask.house.origin.partition("/")[0]
    taken, expected = [], []
    try:
        for name, values in given.items():
            what, _, rest = name.partition(" ")
            if not values[0]:
                continue
            if what == "take":
                weight = first(given, f"weight {rest}")
                taken.append(
                    convert(
                        {"on": rest, "response": values[0], "intensity": int(weight) if weight else None},
                        Taken,
                    )
                )
            elif what == "expect":
                on, _, member = rest.partition(" ")
                expected.append(
                    convert({"on": on, "member": f"{council}/{member}", "response": values[0]}, Expected)
                )
    except (ValidationError, ValueError) as error:
        raise InputError(f"this cannot be sealed ({error})") from None
    return taken, expected


def first(given: Given, name: str) -> str:
    """The first value of a field; empty if there is none."""
    values = given.get(name, ())
    return values[0] if values else ""


def back_of(given: Given) -> str:
    """Where a form was sent from, if that is a place of these pages; else the home page."""
    where = first(given, "back")
    is_ours = where.startswith("/") and not where.startswith("//") and "\\" not in where
    return where if is_ours and where.isprintable() and len(where) < 2_000 else "/"


def _hidden(given: Given) -> list[tuple[str, str]]:
    """The fields of a form again, to be sent with the signature."""
    return [
        (name, value) for name, values in given.items() if name not in ("token", "number") for value in values
    ]
