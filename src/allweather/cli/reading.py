"""`allweather read`: who said what in some documents, where, and how the documents agree."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.text import Text

from allweather.cli.asking import Report, progress_bar
from allweather.errors import InputError

if TYPE_CHECKING:
    from allweather.evidence.corroboration import Relation
    from allweather.evidence.documents import Document, Quotation
    from allweather.evidence.parses import Parse
    from allweather.evidence.reading import Reading

MAX_DOCUMENTS = 200
_WORDS_SHOWN = 400


@click.command(short_help="Who said what in some documents, where, and how they agree.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print everything that was found as JSON.")
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path),
    metavar="OUT",
    help="Write the page for readers to this file.",
)
@click.option(
    "--concerns",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Concerns that statements may bear on: a dossier, a JSON list with id and title, or one a line.",
)
@click.option(
    "--refuse",
    multiple=True,
    metavar="PROPOSAL",
    help="A proposal about a speaker, by its name, that is not to be made; may be repeated.",
)
def read(
    files: tuple[Path, ...], as_json: bool, page: Path | None, concerns: Path | None, refuse: tuple[str, ...]
) -> None:
    """Read FILES on one event (reports, speeches, verbatim records) and show who said what, word for word,
    where in the file, and how the documents agree or differ. Plain text, HTML, PDF and ParlaMint TEI are
    read.

    Everything shown is a proposal: who a speaker is, which statements belong together, what they may bear
    on. Nothing enters a record by itself. Statements outside quotation marks are found in English only, and
    with the extra nlp.
    """
    if len(files) > MAX_DOCUMENTS:
        raise InputError(f"{len(files):,} files; at most {MAX_DOCUMENTS} are read together")
    with progress_bar(Console(stderr=True)) as report:
        reading, notes = _read(files, concerns, refuse, report)
    places = dict(zip((one.id for one in reading.documents), (str(path) for path in files), strict=True))
    if page is not None:
        _write_page(page, reading, places, notes)
    if as_json:
        import msgspec

        click.echo(
            msgspec.json.format(msgspec.json.encode(as_plain(reading, places, notes)), indent=1).decode()
        )
    else:
        _show(reading, notes, page)


def _read(
    files: Sequence[Path], concerns: Path | None, refuse: Sequence[str], report: Report
) -> tuple[Reading, tuple[str, ...]]:
    from allweather.evidence.reading import read_dossier
    from allweather.formats.concerns import read_concerns
    from allweather.formats.documents import read_document

    documents = []
    for k, (path, id) in enumerate(zip(files, _ids(files), strict=True)):
        report(f"reading {path.name}", k / len(files) / 4)
        documents.append(read_document(path, id))
    wanted = read_concerns(concerns) if concerns is not None else ()
    parses, notes = _parse(documents, report)
    reading = read_dossier(documents, parses, wanted, frozenset(refuse))
    unknown = set(refuse) - {one.id for one in read_dossier(documents, parses).proposals} if refuse else set()
    if unknown:
        raise InputError(
            f"there is no proposal {sorted(unknown)[0]!r}; the list of proposals shows their names"
        )
    return reading, notes


def _parse(documents: Sequence[Document], report: Report) -> tuple[dict[str, Parse], tuple[str, ...]]:
    """The parses of the English documents, and notes on those that have none."""
    from allweather.evidence.reading import is_english
    from allweather.formats.parsing import MISSING, load_parser

    english = [one for one in documents if (one.language or "en").startswith("en") and is_english(one.text)]
    notes = tuple(
        f"{one.id} is not in English: only what stands in quotation marks is found in it."
        for one in documents
        if one not in english
    )
    parser = load_parser() if english else None
    if parser is None:
        return {}, (*notes, f"{MISSING[0].upper()}{MISSING[1:]}.") if english else notes
    parses = {}
    for k, document in enumerate(english):
        report(f"parsing {document.id}", 0.25 + 0.75 * k / len(english))
        parses[document.id] = parser.parse(document.text)
    return parses, notes


def _ids(files: Sequence[Path]) -> list[str]:
    """A short id for each file: its name without the ending, with a number where two are the same."""
    found: list[str] = []
    for path in files:
        stem = "".join(one if one.isprintable() else "_" for one in path.stem)[:60] or "document"
        k, id = 1, stem
        while id in found:
            k += 1
            id = f"{stem}-{k}"
        found.append(id)
    return found


def _write_page(page: Path, reading: Reading, places: dict[str, str], notes: Sequence[str]) -> None:
    from allweather.report import write_files
    from allweather.report.reader import render_reading

    if page.is_dir():
        raise InputError("a folder; name the file that the page is written to", where=str(page))
    html = render_reading(reading, places, notes)
    write_files({page.name: html.encode("utf-8", "replace")}, page.parent)


# For programs


def as_plain(reading: Reading, places: dict[str, str], notes: Sequence[str]) -> dict[str, Any]:
    """What was found as plain values; spans are [start, end) in characters of the document's text."""
    texts = {one.id: one.text for one in reading.documents}
    return {
        "notes": list(notes),
        "documents": [_plain_document(one, places[one.id]) for one in reading.documents],
        "statements": [_plain_statement(one, texts[one.document_id], reading) for one in reading.quotations],
        "relations": [_plain_relation(one) for one in reading.corroboration.relations],
        "transcriptions": [
            {"statements": list(one.quotations), "n_transcriptions": one.n_transcriptions}
            for one in reading.corroboration.groups
        ],
        "copies": [{"first": one.first, "second": one.second} for one in reading.corroboration.copies],
        "facts": [
            {
                "field": one.field,
                "agrees": one.agrees,
                "claims": [
                    {
                        "document": claim.document_id,
                        "span": [claim.span.start, claim.span.end],
                        "words": claim.text,
                    }
                    for claim in (one.first, one.second)
                ],
            }
            for one in reading.corroboration.comparisons
        ],
        "persons": [
            {
                "name": one.name,
                "forms": list(one.forms),
                "roles": [
                    {"role": role.title, "document": role.document_id, "date": role.date}
                    for role in one.roles
                ],
            }
            for one in reading.persons
        ],
        "proposals": [
            {"name": one.id, "written": one.form, "taken_for": one.name, "reason": one.reason}
            for one in reading.proposals
        ],
    }


def _plain_document(one: Document, place: str) -> dict[str, Any]:
    return {
        "id": one.id,
        "file": place,
        "sha256": one.sha256,
        "media_type": one.media_type,
        "title": one.title,
        "language": one.language,
        "date": one.date,
        "source": one.source,
        "n_characters": len(one.text),
        "zones": [{"kind": zone.kind, "span": [zone.span.start, zone.span.end]} for zone in one.zones],
        "notes": list(one.notes),
    }


def _plain_statement(one: Quotation, text: str, reading: Reading) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "words": one.words(text),
        "spans": [[span.start, span.end] for span in one.spans],
        "quoted": [[span.start, span.end] for span in one.quoted],
        "cue": [[span.start, span.end] for span in one.cue],
        "source": [[span.start, span.end] for span in one.source],
        "speaker_text": one.speaker_text,
        "speaker": one.speaker.name,
        "role": one.speaker.role,
        "reason": one.speaker.reason,
        "within": None if one.within is None else f"{one.document_id}:{one.within}",
        "suggested_concerns": [
            {"concern": some.concern_id, "score": some.score, "shared": list(some.shared)}
            for some in reading.suggestions.get(one.id, ())
        ],
    }


def _plain_relation(one: Relation) -> dict[str, Any]:
    return {"kind": one.kind, "first": one.first, "second": one.second, "notes": list(one.notes)}


# For people


def _show(reading: Reading, notes: Sequence[str], page: Path | None) -> None:
    from allweather.report.reader import ALARMS, RELATIONS, headline, manner, place

    screen = Console(highlight=False, soft_wrap=False)
    screen.print(Text(headline(reading), style="bold"))
    for note in notes:
        screen.print(Text(note, style="yellow"))
    documents = {one.id: one for one in reading.documents}
    related: dict[str, list[str]] = {}
    for relation in reading.corroboration.relations:
        for one, other in ((relation.first, relation.second), (relation.second, relation.first)):
            related.setdefault(one, []).append(f"{other}: {RELATIONS[relation.kind]}")
    for document in reading.documents:
        screen.print()
        screen.print(Text(f"{document.id}  {document.title}", style="bold underline"))
        for statement in reading.quotations:
            if statement.document_id == document.id:
                _show_statement(screen, statement, documents, related, reading)
                screen.print(
                    Text(
                        f"     {manner(document, statement)}; {place(document, statement.spans[0])}",
                        style="dim",
                    )
                )
    _show_facts(screen, reading)
    alarms = [one for one in reading.corroboration.relations if one.kind in ALARMS]
    for relation in alarms:
        said = f"{relation.first} and {relation.second}: {RELATIONS[relation.kind]}"
        screen.print(Text(" ".join((said, *relation.notes)), style="bold red"))
    if page is not None:
        screen.print(Text(f"\nThe page: {page}"))


def _show_statement(
    screen: Console,
    one: Quotation,
    documents: dict[str, Document],
    related: dict[str, list[str]],
    reading: Reading,
) -> None:
    from allweather.report.words import shorten

    words = " ".join(one.words(documents[one.document_id].text).split())
    line = Text(f"{one.number:>3}  ")
    line.append(one.speaker.name, style="bold" if one.speaker.is_known else "bold yellow")
    if one.speaker.role:
        line.append(f", {one.speaker.role}")
    line.append(f"  ({one.speaker.reason})", style="dim")
    screen.print(line)
    screen.print(Text(f"     {shorten(words, _WORDS_SHOWN)}"))
    for told in related.get(one.id, ()):
        screen.print(Text(f"     = {told}", style="cyan"))
    titles = {concern.id: concern.title for concern in reading.concerns}
    for some in reading.suggestions.get(one.id, ()):
        screen.print(
            Text(f"     ? may bear on {some.concern_id}: {shorten(titles[some.concern_id], 90)}", style="dim")
        )


def _show_facts(screen: Console, reading: Reading) -> None:
    screen.print()
    for fact in reading.corroboration.comparisons:
        if not fact.agrees:
            screen.print(Text(fact.sentence, style="bold red" if fact.field != "name" else "yellow"))
    for copy in reading.corroboration.copies:
        screen.print(
            Text(f"{copy.first} and {copy.second} have the same prose: one transcription", style="yellow")
        )
    for proposal in reading.proposals:
        screen.print(Text(f"taken for one: {proposal.id}  ({proposal.reason})", style="dim"))
