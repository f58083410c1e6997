"""Texts and positions: table, revise, take and expect positions, sealed rounds."""

from __future__ import annotations

from pathlib import Path

import click

from allweather.cli.council.acting import Asking, act, parse_deadline, read_words
from allweather.cli.council.group import council
from allweather.cli.council.speaking import file_option
from allweather.council.bodies import Expectation, Position, Revision, Round, Text
from allweather.council.forms import Body
from allweather.errors import InputError

shade_argument = click.argument(
    "response", type=click.Choice(["support", "conditional", "consent", "abstain", "oppose"])
)
intensity_option = click.option(
    "--intensity", type=click.IntRange(0, 100), help="How much it matters, 0 to 100; unknown if not given."
)


@act("table", "Table a text on which positions are taken.", council)
@click.argument("concern")
@click.argument("title")
@click.argument("words", required=False)
@file_option
@click.option("--area", default="", help="The area that it belongs to.")
def table(ask: Asking, concern: str, title: str, words: str | None, file: Path | None, area: str) -> Body:
    """Table WORDS under CONCERN as a text named TITLE. Positions bind to exactly these words."""
    return Text(concern=ask.ref(concern), title=title, words=read_words(words, file), area=area)


@act("revise", "Table the next version of an own text.", council)
@click.argument("text")
@click.argument("words", required=False)
@file_option
@click.option(
    "--after", metavar="VERSION", help="The version that it replaces; the text as tabled if not given."
)
@click.option("--reason", default="", help="Why.")
def revise(
    ask: Asking, text: str, words: str | None, file: Path | None, after: str | None, reason: str
) -> Body:
    """Table WORDS as the next version of TEXT. Positions stay on the version they were taken on."""
    first = ask.ref(text)
    return Revision(
        text=first, after=ask.ref(after) if after else first, words=read_words(words, file), reason=reason
    )


@act("position", "Take a position on a text.", council)
@click.argument("text")
@shade_argument
@intensity_option
@click.option("--condition", default="", help="With `conditional`: what would make it support.")
@click.option("--red-line", is_flag=True, help="No package may cross this.")
@click.option("--reasons", default="", help="Why.")
@click.option("--evidence", multiple=True, metavar="ID", help="A quotation that it rests on.")
@click.option("--held", default="", metavar="DATE", help="Since when, if not from today: 2009-03, 2000-2008.")
@click.option("--common", is_flag=True, help="By a text that the member joined with others.")
@click.option(
    "--of", "member", metavar="MEMBER", help="A reading of this other member; never counted as its own."
)
def position(
    ask: Asking,
    text: str,
    response: str,
    intensity: int | None,
    condition: str,
    red_line: bool,
    reasons: str,
    evidence: tuple[str, ...],
    held: str,
    common: bool,
    member: str | None,
) -> Body:
    """Take a position on TEXT, bound to the words of that version."""
    if response == "conditional" and not condition:
        raise InputError("a conditional position names its condition: add --condition")
    if common and member:
        raise InputError("--common is about this member itself, --of about another: give one of them")
    basis: object = "inferred" if member else "common" if common else "own"
    shade: object = response
    return Position(
        on=ask.ref(text),
        response=shade,  # type: ignore[arg-type]
        intensity=intensity,
        condition=condition,
        red_line=red_line,
        reasons=reasons,
        evidence=evidence,
        held=held,
        basis=basis,  # type: ignore[arg-type]
        member=ask.origin(member) if member else "",
    )


@act("expect", "Say which position is expected of another member.", council)
@click.argument("text")
@click.argument("member")
@shade_argument
@intensity_option
def expect(ask: Asking, text: str, member: str, response: str, intensity: int | None) -> Body:
    """Put on record what is expected of MEMBER on TEXT. The review compares it with what the member says."""
    shade: object = response
    return Expectation(
        on=ask.ref(text),
        member=ask.origin(member),
        response=shade,  # type: ignore[arg-type]
        intensity=intensity,
    )


@act("round", "Open a sealed round: everybody commits first, all is revealed together.", council)
@click.argument("concern")
@click.argument("texts", nargs=-1, required=True)
@click.option("--closes", required=True, metavar="TIME", help="When the round closes.")
def round_(ask: Asking, concern: str, texts: tuple[str, ...], closes: str) -> Body:
    """Open a sealed round on TEXTS under CONCERN."""
    return Round(
        concern=ask.ref(concern), on=tuple(ask.ref(one) for one in texts), closes_at=parse_deadline(closes)
    )
