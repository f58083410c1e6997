"""Decisions by silence: circulate, receive, hold, object, answer, clear, reserve."""

from __future__ import annotations

import click

from allweather.cli.council.acting import Asking, act, hex_digest, named, parse_deadline
from allweather.cli.council.group import council
from allweather.council.bodies import (
    Answer,
    Clear,
    Conflict,
    Hold,
    Object,
    Receipt,
    Refuse,
    Reserve,
    SeatOf,
    Silence,
)
from allweather.council.forms import NO_REF, Body
from allweather.errors import UnknownName


@act("circulate", "Open a silence on a text: adopted unless a member objects.", council)
@click.argument("text")
@click.option("--expires", required=True, metavar="TIME", help="When silence ends.")
@click.option("--in-force", metavar="TIME", help="From when it is in force; at once if not given.")
@click.option("--review", "review_at", metavar="TIME", help="When it is to be looked at again.")
@click.option("--sunset", metavar="TIME", help="When it ends by itself.")
@click.option("--admits", metavar="NAME=DIGEST", help="Admits this member, with the digest of its card.")
@click.option("--ends", metavar="DECISION", help="Ends this decision.")
@click.option("--amends", metavar="DECISION", help="Takes the place of this decision.")
def circulate(
    ask: Asking,
    text: str,
    expires: str,
    in_force: str | None,
    review_at: str | None,
    sunset: str | None,
    admits: str | None,
    ends: str | None,
    amends: str | None,
) -> Body:
    """Open a silence on TEXT, a version of a tabled text or a frozen draft. It binds only who is reached."""
    return _silence(ask, text, expires, in_force, review_at, sunset, admits, ends, amends)


def _silence(
    ask: Asking,
    text: str,
    expires: str,
    in_force: str | None,
    review_at: str | None,
    sunset: str | None,
    admits: str | None,
    ends: str | None,
    amends: str | None,
) -> Body:
    shown = ask.view("act", id=text)
    new = None
    if admits:
        name, digest = named(admits, "member")
        new = SeatOf(ask.origin(name), hex_digest(digest))
    return Silence(
        concern=ask.view("concern-of", id=text)["ref"],
        text=shown["ref"],
        expires_at=parse_deadline(expires),
        in_force_at=parse_deadline(in_force),
        review_at=parse_deadline(review_at),
        sunset_at=parse_deadline(sunset),
        admits=new,
        ends=ask.maybe_ref(ends),
        amends=ask.maybe_ref(amends),
    )


@act("admit", "Open a silence on admitting a member.", council)
@click.argument("text")
@click.argument("member", metavar="NAME=DIGEST")
@click.option("--expires", required=True, metavar="TIME", help="When silence ends.")
def admit(ask: Asking, text: str, member: str, expires: str) -> Body:
    """Open a silence that admits a member, on a TEXT that says so. DIGEST is that of its card."""
    return _silence(ask, text, expires, None, None, None, member, None, None)


@act("receive", "Sign that a text in silence was received.", council)
@click.argument("decision")
def receive(ask: Asking, decision: str) -> Body:
    """Sign that DECISION has reached this member. A node that runs does this by itself."""
    shown = ask.view("act", id=decision)
    if shown["kind"] != Silence.KIND:
        raise UnknownName(f"{shown['id']} is no decision: it opens no silence")
    return Receipt(decision=shown["ref"], text=shown["body"]["text"])


@act("refuse", "Refuse that this is decided by silence at all.", council)
@click.argument("decision")
@click.argument("reason")
def refuse(ask: Asking, decision: str, reason: str) -> Body:
    """Refuse the use of silence for DECISION, with the REASON; it goes back to drafting."""
    return Refuse(decision=ask.ref(decision), reason=reason)


@act("hold", "Lengthen a silence, once.", council)
@click.argument("decision")
@click.option("--reason", default="", help="Why.")
def hold(ask: Asking, decision: str, reason: str) -> Body:
    """Lengthen the silence on DECISION once, by what the charter allows. Everybody sees it."""
    return Hold(decision=ask.ref(decision), reason=reason)


@act("object", "Break silence, with a reason.", council)
@click.argument("decision")
@click.argument("reason")
@click.option("--point", "points", multiple=True, help="A point to be answered; repeat it.")
@click.option("--counter", metavar="TEXT", help="Another text in its place.")
def object_(ask: Asking, decision: str, reason: str, points: tuple[str, ...], counter: str | None) -> Body:
    """Break silence on DECISION with the REASON. Only this member can clear its objection."""
    return Object(
        decision=ask.ref(decision),
        reason=reason,
        points=points,
        counter=ask.ref(counter) if counter else NO_REF,
    )


@act("answer", "Answer an objection.", council)
@click.argument("objection")
@click.argument("words")
@click.option("--point", type=click.IntRange(1, 64), help="Which of its points, from 1.")
def answer(ask: Asking, objection: str, words: str, point: int | None) -> Body:
    """Answer OBJECTION with WORDS. It stands until its holder clears it."""
    return Answer(objection=ask.ref(objection), words=words, point=(point or 0) - 1)


@act("clear", "Clear an own objection.", council)
@click.argument("objection")
@click.option("--reason", default="", help="Why.")
def clear(ask: Asking, objection: str, reason: str) -> Body:
    """Clear the own OBJECTION."""
    return Clear(objection=ask.ref(objection), reason=reason)


@act("reserve", "Join the consensus and state a limit.", council)
@click.argument("decision")
@click.argument("words")
@click.option("--interpretation", is_flag=True, help="An interpretative statement instead of a reservation.")
def reserve(ask: Asking, decision: str, words: str, interpretation: bool) -> Body:
    """Put WORDS on record beside DECISION: how far this member is bound, or how it reads it."""
    return Reserve(
        decision=ask.ref(decision), words=words, sort="interpretation" if interpretation else "reservation"
    )


@act("conflict", "Say that two decisions contradict each other.", council)
@click.argument("decision")
@click.argument("other")
@click.argument("reason")
def conflict(ask: Asking, decision: str, other: str, reason: str) -> Body:
    """Say that DECISION and OTHER contradict each other; made while cut off, neither is then final."""
    return Conflict(decision=ask.ref(decision), other=ask.ref(other), reason=reason)
