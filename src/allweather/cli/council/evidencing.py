"""Evidence on the record: documents are filed, and what they quote is accepted, corrected or rejected."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import click

from allweather.cli.council.acting import Asking, act
from allweather.cli.council.desk import Apart
from allweather.cli.council.group import council
from allweather.cli.council.looking import see
from allweather.cli.record.asking import home_argument, json_option, say, table
from allweather.council.forms import Body
from allweather.council.quotations import Document, Quote, Reject, parse_spans
from allweather.errors import InputError

_SORTS = ["direct", "indirect", "mixed", "nested", "floating"]
_places = click.option(
    "--places",
    "spans",
    required=True,
    metavar="PLACES",
    help="Where in its text, by characters: 12-40, or 12-40,52-60 if it is split.",
)


@act("file", "File a document as evidence.", council)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--title", default="", help="Its title; the headline that is found in it if not given.")
@click.option("--event", default="", help="What it reports on; documents on one event are read together.")
@click.option("--source", default="", help="Who published it.")
@click.option("--published", default="", metavar="DATE", help="When it was published.")
@click.option("--language", default="", help="The language, such as en, fr, ru.")
@click.option("--on", "concern", metavar="CONCERN", help="The concern that it belongs to.")
def file_(
    ask: Asking,
    file: Path,
    title: str,
    event: str,
    source: str,
    published: str,
    language: str,
    concern: str | None,
) -> Body:
    """File the document FILE: plain text, HTML, PDF or TEI. Its untouched bytes stand apart and can be
    redacted later; that it was filed, and its digest, cannot.
    """
    from allweather.cli.record.asking import read_limited
    from allweather.formats.documents import parse_document
    from allweather.record.entries import MAX_PAYLOAD

    data = read_limited(file, MAX_PAYLOAD, what="the document")
    document = parse_document(data, file.name, str(file))
    title = title or document.title[:300]
    if not title:
        raise InputError("no headline was found; name it with --title", where=str(file))
    ask.apart = Apart(data, document.media_type)
    return Document(
        title=title,
        digest=base64.b64encode(hashlib.sha256(data).digest()).decode(),
        event=event,
        source=source or document.source[:300],
        published=published or document.date[:40],
        language=language or document.language[:35],
        concern=ask.maybe_ref(concern),
    )


@act("quote", "Say that a filed document gives words as somebody's.", council)
@click.argument("document")
@click.argument("words")
@_places
@click.option("--sort", type=click.Choice(_SORTS), default="direct", help="How it is given.")
@click.option("--speaker", default="", help="Who said it; leave it out if that is unknown.")
@click.option("--role", default="", help="The role of the speaker.")
@click.option("--member", help="The member that the speaker speaks for.")
@click.option("--concern", "concerns", multiple=True, help="A concern that it bears on; may be repeated.")
@click.option("--proposed", metavar="PLACES", help="What a program proposed, where this corrects it.")
@click.option("--note", default="", help="A note.")
def quote(
    ask: Asking,
    document: str,
    words: str,
    spans: str,
    sort: str,
    speaker: str,
    role: str,
    member: str | None,
    concerns: tuple[str, ...],
    proposed: str | None,
    note: str,
) -> Body:
    """Say that DOCUMENT gives WORDS as somebody's, at some places of its text: `allweather read --json` shows
    them. A node signs nothing that the document does not hold there, word for word.
    """
    how: Any = sort
    return Quote(
        document=ask.ref(document),
        spans=parse_spans(spans),
        words=words,
        sort=how,
        speaker=speaker,
        role=role,
        member=ask.origin(member) if member else "",
        concerns=tuple(sorted(ask.ref(one) for one in concerns)),
        basis="corrected" if proposed else "own",
        proposed=parse_spans(proposed) if proposed else (),
        note=note,
    )


@act("reject", "Say that a document gives no such quotation at a place.", council)
@click.argument("document")
@_places
@click.option("--reason", default="", help="Why.")
def reject(ask: Asking, document: str, spans: str, reason: str) -> Body:
    """Say that DOCUMENT gives no such quotation there. What others accepted stays, and is disputed."""
    return Reject(document=ask.ref(document), spans=parse_spans(spans), reason=reason)


@council.command(short_help="Documents that were filed, and how many quotations stand in them.")
@home_argument
@json_option
def documents(home: Path, as_json: bool) -> None:
    """All documents that were filed as evidence."""
    see(home, "documents", _say_documents, as_json)


def _say_documents(found: Any) -> None:
    rows = [
        [one["id"], one["title"], one["event"], str(one["n_accepted"]), str(one["n_disputed"])]
        for one in found["documents"]
    ]
    table(("id", "document", "event", "accepted", "disputed"), rows)
    for one in found["refused"]:
        say(f"{one['name']} does not count: {one['why']}")
