"""Practical cooperation: tracks, commitments, milestones."""

from __future__ import annotations

import click

from allweather.cli.council.acting import Asking, act, parse_deadline
from allweather.cli.council.group import council
from allweather.cooperation.bodies import Accept, Confirm, Decline, Dispute, Milestone, Offer, Track
from allweather.council.forms import Body
from allweather.errors import UnknownName


def track_name(ask: Asking, name: str) -> str:
    """The reference of a track or commitment, or the title of a track that the charter names."""
    try:
        return ask.ref(name)
    except UnknownName:
        return name


@act("open-track", "Open a track of cooperation.", council)
@click.argument("title")
@click.option("--area", default="", help="The area that it belongs to.")
@click.option("--on", "concern", metavar="CONCERN", help="The concern that it serves.")
@click.option("--decision", metavar="DECISION", help="The decision that opens it, once it is adopted.")
@click.option("--words", default="", help="What it is for.")
def open_track(
    ask: Asking, title: str, area: str, concern: str | None, decision: str | None, words: str
) -> Body:
    """Open a track named TITLE. Tracks that the charter names are open already."""
    return Track(
        title=title,
        area=area,
        concern=ask.maybe_ref(concern),
        decision=ask.maybe_ref(decision),
        words=words,
    )


@act("commit", "Offer a commitment: what, by when, to whom.", council)
@click.argument("track")
@click.argument("what")
@click.option("--by", required=True, metavar="TIME", help="The deadline.")
@click.option("--to", multiple=True, metavar="MEMBER", help="Who is to accept it; whoever does if not given.")
@click.option("--measure", default="", help="How anyone can tell that it is done.")
@click.option("--condition", default="", help="On what condition.")
@click.option("--package", default="", help="The name of the linked deal that it is one part of.")
@click.option("--party", "parties", multiple=True, metavar="MEMBER", help="Who has a part in that deal.")
def commit(
    ask: Asking,
    track: str,
    what: str,
    by: str,
    to: tuple[str, ...],
    measure: str,
    condition: str,
    package: str,
    parties: tuple[str, ...],
) -> Body:
    """Offer WHAT within TRACK (an act, or a title that the charter names)."""
    return Offer(
        track=track_name(ask, track),
        what=what,
        by=parse_deadline(by),
        to=tuple(sorted(ask.origin(name) for name in to)),
        measure=measure,
        condition=condition,
        package=package,
        parties=tuple(sorted(ask.origin(name) for name in parties)),
    )


@act("accept", "Accept an offered commitment.", council)
@click.argument("offer")
def accept(ask: Asking, offer: str) -> Body:
    """Accept OFFER as it stands."""
    return Accept(offer=ask.ref(offer))


@act("decline", "Decline an offered commitment.", council)
@click.argument("offer")
@click.option("--reason", default="", help="Why.")
def decline(ask: Asking, offer: str, reason: str) -> Body:
    """Decline OFFER, or accept it no longer."""
    return Decline(offer=ask.ref(offer), reason=reason)


@act("report", "Report a step of an own commitment, with evidence.", council)
@click.argument("offer")
@click.argument("words")
@click.option("--evidence", multiple=True, metavar="ID", help="What shows it; repeat it.")
@click.option("--done", is_flag=True, help="This was the last step.")
def report(ask: Asking, offer: str, words: str, evidence: tuple[str, ...], done: bool) -> Body:
    """Report WORDS on the own commitment OFFER."""
    return Milestone(offer=ask.ref(offer), words=words, evidence=evidence, done=done)


@act("confirm", "Confirm a step that was reported to this member.", council)
@click.argument("milestone")
def confirm_(ask: Asking, milestone: str) -> Body:
    """Confirm MILESTONE."""
    return Confirm(milestone=ask.ref(milestone))


@act("dispute", "Dispute a step that was reported to this member.", council)
@click.argument("milestone")
@click.argument("reason")
def dispute(ask: Asking, milestone: str, reason: str) -> Body:
    """Dispute MILESTONE, with the REASON. It stands until this member confirms."""
    return Dispute(milestone=ask.ref(milestone), reason=reason)
