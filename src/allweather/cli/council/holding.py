"""Texts and positions: table, revise, take and expect positions, sealed rounds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from allweather.cli.council.acting import Asking, act, named, parse_deadline, read_words, say_signed
from allweather.cli.council.desk import council_desk
from allweather.cli.council.group import council
from allweather.cli.council.speaking import file_option
from allweather.cli.record.asking import (
    confirm,
    home_argument,
    json_option,
    passphrase_option,
    say,
    yes_option,
)
from allweather.council.bodies import Expectation, Expected, Position, Revision, Round, Taken, Text
from allweather.council.forms import Body
from allweather.errors import InputError

SHADES = ("support", "conditional", "consent", "abstain", "oppose")
shade_argument = click.argument("response", type=click.Choice(SHADES))
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
@click.option(
    "--evidence",
    multiple=True,
    metavar="ID",
    help="What it rests on: a quotation such as norway:12, or any source.",
)
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
        evidence=tuple(map(ask.evidence, evidence)),
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


@council.command("seal", short_help="Seal positions in a round, to be revealed when it has closed.")
@home_argument
@click.argument("round_id", metavar="ROUND")
@click.option(
    "--position",
    "positions",
    multiple=True,
    metavar="TEXT=RESPONSE",
    help="What is held on a text: norway:12=support, or with its intensity norway:12=support/60.",
)
@click.option(
    "--expect",
    "expectations",
    multiple=True,
    metavar="MEMBER@TEXT=RESPONSE",
    help="What is expected of another member: russia@norway:12=oppose.",
)
@yes_option
@passphrase_option
@json_option
def seal(
    home: Path,
    round_id: str,
    positions: tuple[str, ...],
    expectations: tuple[str, ...],
    yes: bool,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Seal positions and expectations in ROUND. Only a salted hash is signed now; a node that runs reveals
    them by itself when the round has closed, otherwise `council due` does.
    """
    with council_desk(home, passphrase_file, writes=True) as desk:
        ask = Asking(desk)
        held = [_taken(ask, *named(one, "position")) for one in positions]
        hoped = [_expected(ask, *named(one, "expectation")) for one in expectations]
        confirm(f"Seal {len(held)} positions and {len(hoped)} expectations?", yes)
        say_signed(desk.seal(ask.ref(round_id), held, hoped), as_json)


def _shade(text: str) -> tuple[Any, int | None]:
    word, slash, number = text.partition("/")
    intensity = int(number) if number.isascii() and number.isdecimal() and len(number) < 4 else None
    if word not in SHADES or (slash and (intensity is None or intensity > 100)):
        raise InputError(f"{text!r:.60} is no position; write one of {', '.join(SHADES)}, or support/60")
    return word, intensity


def _taken(ask: Asking, text: str, response: str) -> Taken:
    word, intensity = _shade(response)
    return Taken(on=ask.ref(text), response=word, intensity=intensity)


def _expected(ask: Asking, name: str, response: str) -> Expected:
    member, at, text = name.partition("@")
    if not at:
        raise InputError(f"{name!r:.80} names no member and text; write MEMBER@TEXT=RESPONSE")
    word, intensity = _shade(response)
    return Expected(on=ask.ref(text), member=ask.origin(member), response=word, intensity=intensity)


@council.command(short_help="Sign what the rules ask of this member: receipts, opened seals.")
@home_argument
@passphrase_option
@json_option
def due(home: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Sign receipts for texts in silence that are held here, and open the seals of rounds that have closed.
    A node that runs does this by itself.
    """
    with council_desk(home, passphrase_file, writes=True) as desk:
        signed = desk.due()
    say_signed(signed, as_json)
    if not signed and not as_json:
        say("Nothing is due.")
