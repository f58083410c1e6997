"""Founding, joining, leaving, delegates: acts that concern seats."""

from __future__ import annotations

import click

from allweather.cli.council.acting import Asking, act, hex_digest, named, parse_deadline, parse_span
from allweather.cli.council.group import council
from allweather.council.bodies import Bloc as BlocBody
from allweather.council.bodies import (
    Charter,
    Join,
    Leave,
    Mandate,
    Overrule,
    Recall,
    Resume,
    Rules,
    SeatOf,
    Suspend,
    Withdraw,
)
from allweather.council.forms import Body
from allweather.errors import InputError

_RULES = Rules()


def _seat(ask: Asking, text: str) -> SeatOf:
    name, digest = named(text, "seat")
    return SeatOf(ask.origin(name), hex_digest(digest))


@act("found", "Found a council: sign its charter.", council)
@click.argument("title")
@click.option(
    "--member",
    "members",
    multiple=True,
    required=True,
    metavar="NAME=DIGEST",
    help="A member and the digest of its card; repeat it, yourself included.",
)
@click.option("--chair", "chairs", multiple=True, metavar="NAME=DIGEST", help="A log that takes the chair.")
@click.option("--secretariat", multiple=True, metavar="NAME=DIGEST", help="A log of the secretariat.")
@click.option("--area", "areas", multiple=True, help="An area of concerns.")
@click.option("--track", "tracks", multiple=True, help="A track of cooperation that is open from the start.")
@click.option("--bloc", "blocs", multiple=True, metavar="NAME=MEMBER,MEMBER", help="A declared affiliation.")
@click.option("--about", default="", help="What the council is for.")
@click.option(
    "--witnesses",
    type=click.IntRange(1, 64),
    default=None,
    help="Others who must have held an act for its time to be proven; 2 from four members on.",
)
@click.option(
    "--shortest-silence", default="1h", show_default=True, metavar="SPAN", help="The least silence."
)
@click.option("--hold", default="1d", show_default=True, metavar="SPAN", help="What one hold adds.")
@click.option(
    "--catch-up",
    default="3d",
    show_default=True,
    metavar="SPAN",
    help="How long a member that was cut off may still object.",
)
@click.option(
    "--statements",
    default="7d",
    show_default=True,
    metavar="SPAN",
    help="How long reservations may be made after adoption.",
)
@click.option("--rotation", default="0s", show_default=True, metavar="SPAN", help="How long a chair stays.")
def found(
    ask: Asking,
    title: str,
    members: tuple[str, ...],
    chairs: tuple[str, ...],
    secretariat: tuple[str, ...],
    areas: tuple[str, ...],
    tracks: tuple[str, ...],
    blocs: tuple[str, ...],
    about: str,
    witnesses: int | None,
    shortest_silence: str,
    hold: str,
    catch_up: str,
    statements: str,
    rotation: str,
) -> Body:
    """Found a council named TITLE. Every member joins by itself; until then its seat is empty.

    DIGEST is the card's digest that `record new` printed at that member's desk.
    """
    seats = tuple(_seat(ask, one) for one in members)
    if ask.desk.origin not in {seat.origin for seat in seats}:
        raise InputError("the founder is a member too: name yourself with --member")
    found_blocs = []
    for one in blocs:
        name, names = named(one, "bloc")
        found_blocs.append(BlocBody(name, tuple(ask.origin(part) for part in names.split(","))))
    return Charter(
        title=title,
        members=seats,
        about=about,
        chairs=tuple(_seat(ask, one) for one in chairs),
        secretariat=tuple(_seat(ask, one) for one in secretariat),
        areas=areas,
        tracks=tracks,
        blocs=tuple(found_blocs),
        rules=Rules(
            witnesses=witnesses or (1 if len(seats) < 4 else 2),
            shortest_silence=parse_span(shortest_silence),
            hold=parse_span(hold),
            catch_up=parse_span(catch_up),
            statements=parse_span(statements),
            rotation=parse_span(rotation),
        ),
    )


@act("join", "Take the seat that the charter names.", council)
@click.argument("charter", required=False)
def join(ask: Asking, charter: str | None) -> Body:
    """Take the seat that CHARTER names; without one, in the one council that is known here."""
    return Join(charter=ask.ref(charter) if charter else ask.view("council")["charter"]["ref"])


@act("leave", "Give up the seat.", council)
@click.argument("reason")
def leave(ask: Asking, reason: str) -> Body:
    """Give up the seat, with the REASON. From here on nothing waits for this member or binds it."""
    return Leave(reason=reason)


@act("suspend", "Suspend participation, or the own part in a track or commitment.", council)
@click.argument("reason")
@click.option("--about", metavar="TRACK|COMMITMENT", help="Only the own part in this; the council goes on.")
@click.option("--review-at", metavar="TIME", help="When it will be looked at again.")
def suspend(ask: Asking, reason: str, about: str | None, review_at: str | None) -> Body:
    """Suspend participation with the REASON: the member leaves the room and keeps its seat, log and rights.

    With --about only the own part in a track or a commitment is suspended; the council is not touched.
    """
    if about is None:
        return Suspend(reason=reason)
    from allweather.cli.council.cooperating import track_name
    from allweather.cooperation.bodies import SuspendPart

    return SuspendPart(about=track_name(ask, about), reason=reason, review_at=parse_deadline(review_at))


@act("resume", "Take part again.", council)
@click.argument("suspension")
@click.option("--reason", default="", help="Why.")
def resume(ask: Asking, suspension: str, reason: str) -> Body:
    """Take part again: ends SUSPENSION, the act that suspended."""
    from allweather.cooperation.bodies import ResumePart, SuspendPart

    named_act = ask.view("act", id=suspension)
    kind = ResumePart if named_act["kind"] == SuspendPart.KIND else Resume
    return kind(suspension=named_act["ref"], reason=reason)


@act("delegate", "Accredit a delegate: whose key, which powers, until when.", council)
@click.argument("name")
@click.option("--key", required=True, metavar="BASE64",
              help="The delegate's public key (Ed25519), in base64 or as 64 hex digits.")  # fmt: skip
@click.option(
    "--power",
    "powers",
    multiple=True,
    required=True,
    type=click.Choice(["speak", "position", "silence", "commit", "accredit"]),
    help="What the delegate may do; repeat it.",
)
@click.option("--until", required=True, metavar="TIME", help="When the mandate ends.")
@click.option("--of", "of", metavar="MEMBER", help="The delegate's own member, if it is another.")
def delegate(ask: Asking, name: str, key: str, powers: tuple[str, ...], until: str, of: str | None) -> Body:
    """Accredit the delegate NAME. That its key may write in the own log is signed with it."""
    found: tuple = powers  # type: ignore[type-arg]
    return Mandate(
        key=_public_key(key),
        name=name,
        powers=found,
        until=parse_deadline(until),
        of=ask.origin(of) if of else "",
    )


def _public_key(text: str) -> str:
    from allweather.record.keys import format_base64, parse_base64

    if len(text) == 64:
        return hex_digest(text)
    return format_base64(parse_base64(text, size=32, where="--key"))


@act("recall", "End a delegate's mandate from here on.", council)
@click.argument("mandate")
@click.option("--reason", default="", help="Why.")
def recall(ask: Asking, mandate: str, reason: str) -> Body:
    """End MANDATE from here on; what was signed under it stays."""
    return Recall(mandate=ask.ref(mandate), reason=reason)


@act("overrule", "Take back what another member's delegate did in this member's name.", council)
@click.argument("act_id", metavar="ACT")
@click.argument("reason")
def overrule(ask: Asking, act_id: str, reason: str) -> Body:
    """Take back ACT, which another member's delegate did in this member's name, with the REASON."""
    return Overrule(act=ask.ref(act_id), reason=reason)


@act("withdraw", "Take back an own concern, text, position, silence or offer.", council)
@click.argument("act_id", metavar="ACT")
@click.option("--reason", default="", help="Why.")
def withdraw(ask: Asking, act_id: str, reason: str) -> Body:
    """Take back the own ACT. What it said stays readable."""
    from allweather.cooperation.bodies import Offer, WithdrawOffer

    named_act = ask.view("act", id=act_id)
    if named_act["kind"] == Offer.KIND:
        return WithdrawOffer(offer=named_act["ref"], reason=reason or "withdrawn")
    return Withdraw(act=named_act["ref"], reason=reason)
