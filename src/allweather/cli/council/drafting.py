"""Drafts with brackets: seed, amend, stand behind, release, freeze."""

from __future__ import annotations

from pathlib import Path

import click

from allweather.cli.council.acting import Asking, act, parse_deadline, read_words
from allweather.cli.council.group import council
from allweather.cli.record.asking import counted
from allweather.council.bodies import Amend, Back, Draft, Freeze, Group, Release
from allweather.council.forms import Body
from allweather.errors import InputError, UnknownName

_original = click.option("--original", is_flag=True, help="The words that the amendment would replace.")


@act("draft", "Seed a text under negotiation, clause by clause.", council)
@click.argument("concern")
@click.argument("title")
@click.argument("clauses", nargs=-1)
@click.option(
    "--file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Read the clauses from this file, with empty lines between; - reads them.",
)
def draft(ask: Asking, concern: str, title: str, clauses: tuple[str, ...], file: Path | None) -> Body:
    """Seed a draft named TITLE under CONCERN with CLAUSES."""
    found = clauses
    if file is not None:
        words = read_words(None, file, "the draft").split("\n\n")
        found = (*clauses, *(one.strip() for one in words if one.strip()))
    if not found:
        raise InputError("a draft has at least one clause")
    return Draft(concern=ask.ref(concern), title=title, clauses=found)


@act("amend", "Put an alternative to words of a draft: they go into brackets.", council)
@click.argument("draft_id", metavar="DRAFT")
@click.argument("clause", type=click.IntRange(min=0))
@click.argument("words")
@click.option("--instead-of", metavar="WORDS", help="The words of the clause that these would replace.")
@click.option("--after", metavar="WORDS", help="Insert after these words of the clause.")
@click.option("--insert", is_flag=True, help="A new clause after CLAUSE; 0 is before the first.")
@click.option(
    "--merges", multiple=True, metavar="AMENDMENT", help="An alternative that this compromise replaces."
)
@click.option("--reason", default="", help="Why.")
def amend(
    ask: Asking,
    draft_id: str,
    clause: int,
    words: str,
    instead_of: str | None,
    after: str | None,
    insert: bool,
    merges: tuple[str, ...],
    reason: str,
) -> Body:
    """Put WORDS into clause number CLAUSE (from 1) of DRAFT; '' deletes. Nobody's words are overwritten."""
    shown = ask.view("draft", id=draft_id)
    base, clauses = shown["base"], shown["base_clauses"]
    start = end = 0
    if not insert:
        if not 1 <= clause <= len(clauses):
            raise UnknownName(f"the draft has clauses 1 to {len(clauses)}, not {clause}")
        start, end = _span(clauses[clause - 1], instead_of, after)
    return Amend(
        draft=shown["ref"],
        base=base,
        clause=clause - 1,
        start=start,
        end=end,
        words=words,
        insert=insert,
        merges=tuple(ask.ref(one) for one in merges),
        reason=reason,
    )


def _span(text: str, instead_of: str | None, after: str | None) -> tuple[int, int]:
    """Which code points of a clause are meant. Raises InputError unless the words stand in it once."""
    if (instead_of is None) == (after is None):
        raise InputError("say where: --instead-of the words to replace, or --after the words to follow")
    words = instead_of if instead_of is not None else after or ""
    if text.count(words) != 1 or not words:
        raise InputError(
            f"{words!r:.80} stands {text.count(words)} times in the clause; name words that stand once"
        )
    place = text.index(words)
    return (place, place + len(words)) if instead_of is not None else (place + len(words),) * 2


@act("back", "Stand behind an alternative.", council)
@click.argument("amendment")
@_original
def back(ask: Asking, amendment: str, original: bool) -> Body:
    """Stand behind AMENDMENT, or with --original behind the words that it would replace."""
    return Back(amendment=ask.ref(amendment), original=original)


@act("release", "Stand behind an alternative no longer.", council)
@click.argument("amendment")
@_original
@click.option("--reservation", default="", help="Keep the point as a reservation, in these words.")
def release(ask: Asking, amendment: str, original: bool, reservation: str) -> Body:
    """Stand behind AMENDMENT no longer. A bracket is settled when one alternative is left with holders."""
    return Release(amendment=ask.ref(amendment), original=original, reservation=reservation)


@act("group", "Send a bracket to a small group with a facilitator and a deadline.", council)
@click.argument("amendment")
@click.argument("facilitator")
@click.option("--by", required=True, metavar="TIME", help="The deadline.")
def group(ask: Asking, amendment: str, facilitator: str, by: str) -> Body:
    """Send the bracket of AMENDMENT to a small group that FACILITATOR (a member) leads."""
    return Group(amendment=ask.ref(amendment), facilitator=ask.origin(facilitator), by=parse_deadline(by))


@act("freeze", "Fix the clean text of a draft.", council)
@click.argument("draft_id", metavar="DRAFT")
def freeze(ask: Asking, draft_id: str) -> Body:
    """Fix the text of DRAFT once no bracket is open. It counts only if it follows from the draft."""
    shown = ask.view("draft", id=draft_id)
    if shown["n_open"]:
        raise InputError(f"not all is settled yet: {counted(shown['n_open'], 'open bracket')}")
    return Freeze(draft=shown["ref"], base=shown["base"], clauses=tuple(shown["clean"]))
