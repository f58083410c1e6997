"""The agenda and what is said: concerns, statements, replies."""

from __future__ import annotations

from pathlib import Path

import click

from allweather.cli.council.acting import Asking, act, parse_deadline, read_words
from allweather.cli.council.group import council
from allweather.council.bodies import Agenda, Concern, Disapprove, Merge, Reply, Statement
from allweather.council.forms import Body

file_option = click.option(
    "--file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Read the words from this file; - reads them.",
)


@act("raise", "Raise a concern: it is on the agenda by itself.", council)
@click.argument("title")
@click.option("--area", default="", help="The area that it belongs to.")
@click.option("--words", default="", help="What it is about.")
def raise_(ask: Asking, title: str, area: str, words: str) -> Body:
    """Raise a concern named TITLE. It is on the agenda by itself, and nobody else can take it off."""
    return Concern(title=title, area=area, words=words)


@act("move", "Move a concern along: schedule, open, draft, park, close, list again.", council)
@click.argument("concern")
@click.argument("to", type=click.Choice(["scheduled", "open", "drafting", "parked", "closed", "listed"]))
@click.option("--on", metavar="TIME", help="When it is discussed, or until when it is parked.")
@click.option("--reason", default="", help="Why; with `listed`, the new facts.")
def move(ask: Asking, concern: str, to: str, on: str | None, reason: str) -> Body:
    """Move CONCERN along. Nothing of it is ever hidden; any member can open it or list it again."""
    step: object = to
    return Agenda(concern=ask.ref(concern), to=step, on=parse_deadline(on), reason=reason)  # type: ignore[arg-type]


@act("disapprove", "Object to a concern being discussed; recorded, and changes nothing else.", council)
@click.argument("concern")
@click.argument("reason")
def disapprove(ask: Asking, concern: str, reason: str) -> Body:
    """Put on record the REASON why CONCERN should not be discussed. It is discussed all the same."""
    return Disapprove(concern=ask.ref(concern), reason=reason)


@act("merge", "As the chair: show a concern together with another.", council)
@click.argument("concern")
@click.argument("into")
@click.option("--reason", default="", help="Why.")
def merge(ask: Asking, concern: str, into: str, reason: str) -> Body:
    """Show CONCERN as a duplicate of INTO. Both keep every word."""
    return Merge(concern=ask.ref(concern), into=ask.ref(into), reason=reason)


@act("say", "Make a statement.", council)
@click.argument("words", required=False)
@file_option
@click.option("--on", "concern", metavar="CONCERN", help="The concern that it belongs to.")
@click.option("--title", default="", help="A title.")
@click.option(
    "--names", multiple=True, metavar="MEMBER", help="A member it names, who may then reply by right."
)
@click.option("--language", default="", help="The language, such as en, fr, ru.")
@click.option(
    "--to",
    multiple=True,
    metavar="MEMBER",
    help="For this member only (and others so named): what is said is encrypted for them.",
)
def say_(
    ask: Asking,
    words: str | None,
    file: Path | None,
    concern: str | None,
    title: str,
    names: tuple[str, ...],
    language: str,
    to: tuple[str, ...],
) -> Body:
    """Say WORDS on the record. The words stand apart and can be redacted; that they were said cannot.

    With --to they are for those members only. That something was said to them, by whom and when, everybody
    sees; title, words and language only they can read.
    """
    ask.set_text(read_words(words, file, "what is said"))
    ask.audience = tuple(sorted({ask.origin(name) for name in to}))
    return Statement(
        concern=ask.maybe_ref(concern),
        title=title,
        names=tuple(sorted(ask.origin(name) for name in names)),
        language=language,
    )


@act("reply", "Reply by right to a statement that names this member.", council)
@click.argument("statement")
@click.argument("words", required=False)
@file_option
@click.option("--language", default="", help="The language, such as en, fr, ru.")
def reply(ask: Asking, statement: str, words: str | None, file: Path | None, language: str) -> Body:
    """Reply WORDS to STATEMENT, which names this member: one reply, always shown beside it."""
    ask.set_text(read_words(words, file, "the reply"))
    return Reply(statement=ask.ref(statement), language=language)
