"""`allweather check`: does a quotation stand in a body of speeches, and word for word?"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.text import Text

from allweather import __version__
from allweather.cli.asking import Report, progress_bar

if TYPE_CHECKING:
    from allweather.evidence.alignment import Difference
    from allweather.evidence.corpus import Index, Match

#: The cache of indexes: a body of texts under this size is indexed anew each time.
_LEAST_CACHED = 1_000_000
_MAX_CACHED_FILES, _MAX_CACHED_BYTES = 8, 2 * 2**30
#: Characters of the text shown before and behind the place.
_AROUND = 60
_MAX_SHOWN = 2_000

_MEANING = {
    "exact": "The quotation stands there word for word.",
    "punctuation": "The words stand there; only marks, capitals or how a number is written differ.",
    "elided": "The words stand there, with some left out or put in where the quotation says so.",
    "variant": "The quotation stands there with other words.",
    "partial": "Only a part of the quotation stands there, or words were left out without a mark.",
    "altered": "The quotation stands there with another negation or number.",
    "not_found": "No place was found that these words can be from.",
}
_STYLE = {"exact": "green", "punctuation": "green", "elided": "green", "altered": "bold red"}


@click.command(short_help="Does a quotation stand in a body of speeches, word for word?")
@click.argument("quotation")
@click.option(
    "--in",
    "folder",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Where the speeches are: a folder or a file of texts (.txt), JSON lines with id and text (.jsonl, "
    ".jsonl.gz) or an archive of these (.zip).",
)
@click.option("--json", "as_json", is_flag=True, help="Print the finding as JSON.")
def check(quotation: str, folder: Path, as_json: bool) -> None:
    """Look for QUOTATION in the speeches of FOLDER and say whether it stands there word for word, with other
    words, in part, or altered: a negation or a number that was changed is an alarm. QUOTATION may leave
    words out with … or [...]; `-` reads it from standard input.

    The differences are shown word by word: [-only the speech has this-], {+only the quotation has this+}. The
    index of a large body is kept in the cache folder of the user, and made anew when the speeches change.
    """
    from allweather.evidence.corpus import MAX_QUOTATION_CHARACTERS, check_quotation, describe, find
    from allweather.formats.speeches import read_speeches

    if quotation == "-":
        quotation = sys.stdin.read(MAX_QUOTATION_CHARACTERS + 1)
    check_quotation(quotation)
    with progress_bar(Console(stderr=True)) as report:
        texts = read_speeches(folder, lambda what: report(f"reading {what}", 0.0))
        index = _index(texts, report)
        matches = find(index, texts.__getitem__, quotation)
    verdict = describe(matches).value
    if as_json:
        click.echo(_as_json(verdict, quotation, matches, texts))
        return
    screen = Console(highlight=False)
    line = Text(verdict.replace("_", " ").upper(), style=_STYLE.get(verdict, "bold yellow"))
    screen.print(line.append(f": {_MEANING[verdict]}", style="not bold default"))
    for match in matches:
        screen.print(_shown(match, quotation, texts[match.document_id]), soft_wrap=True)
    n_texts = "1 text" if len(texts) == 1 else f"{len(texts):,} texts"
    screen.print(f"Looked for in {n_texts}, {sum(map(len, texts.values())):,} characters.")


def _index(texts: dict[str, str], report: Report) -> Index:
    """The index of these texts, from the cache if it is there."""
    from allweather.errors import Malformed
    from allweather.evidence.corpus import build_index, dump_index, parse_index

    n_characters = sum(map(len, texts.values()))
    kept = _cache_folder() / f"{_key(texts)}.index" if n_characters >= _LEAST_CACHED else None
    if kept is not None:
        try:
            index = parse_index(kept.read_bytes())
            if index.ids == tuple(texts) and index.lengths == tuple(map(len, texts.values())):
                return index
        except (OSError, Malformed):
            pass  # not there, or spoilt: it is made anew
    done = 0

    def told() -> Any:
        nonlocal done
        for id, text in texts.items():
            report("indexing", done / max(n_characters, 1))
            done += len(text)
            yield id, text

    index = build_index(told())
    if kept is not None:
        _keep(kept, dump_index(index))
    return index


def _cache_folder() -> Path:
    named = os.environ.get("XDG_CACHE_HOME")
    return (Path(named) if named else Path.home() / ".cache") / "allweather" / "indexes"


def _key(texts: dict[str, str]) -> str:
    """A digest of ids and contents, and of the program that indexes them."""
    digest = hashlib.sha256(f"allweather {__version__}\n".encode())
    for id, text in texts.items():
        for part in (id, text):
            data = part.encode("utf-8", "surrogatepass")
            digest.update(len(data).to_bytes(8, "big"))
            digest.update(data)
    return digest.hexdigest()


def _keep(path: Path, data: bytes) -> None:
    """Put an index into the cache, and take the oldest out. A cache that cannot be written is none."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}.unfinished")
        unfinished.write_bytes(data)
        unfinished.replace(path)
        kept = sorted(path.parent.glob("*.index"), key=lambda one: one.stat().st_mtime, reverse=True)
        n_bytes = 0
        for k, one in enumerate(kept):
            n_bytes += one.stat().st_size
            if one != path and (k >= _MAX_CACHED_FILES or n_bytes > _MAX_CACHED_BYTES):
                one.unlink()
    except OSError:
        return


def _shown(match: Match, quotation: str, text: str) -> Text:
    """One place: which document and line, what differs, what is alarming."""
    finding, place = match.finding, match.finding.place
    if place is None:
        raise ValueError("a match has a place")
    verdict = finding.verdict.value
    shown = Text("\n").append(_plain(match.document_id), style="bold")
    shown.append(f", line {text.count(chr(10), 0, place.start) + 1}, characters {place.start}-{place.end}: ")
    shown.append(verdict.replace("_", " "), style=_STYLE.get(verdict, "yellow"))
    shown.append(f" ({finding.n_equal} of {finding.n_words} words)\n")
    for alarm in finding.alarms:
        shown.append(f"  ! {_plain(alarm.sentence)}\n", style="bold red")
    for note in finding.notes:
        shown.append(f"  note: {_plain(note)}\n")
    shown.append("  …" + _plain(text[max(0, place.start - _AROUND) : place.start]), style="dim")
    line = _line(finding.differences, quotation, text)
    if len(line) > _MAX_SHOWN:
        line.truncate(_MAX_SHOWN)
        line.append(" …")
    shown.append_text(line)
    return shown.append(_plain(text[place.end : place.end + _AROUND]) + "…", style="dim")


def _line(differences: Sequence[Difference], quotation: str, text: str) -> Text:
    """The place with its differences marked in the text itself, so that no colour is needed."""
    line, reached = Text(), None
    for one in differences:
        source, quoted = _plain(one.source.of(text)), _plain(one.quoted.of(quotation))
        if reached is not None and one.source.start > reached:
            line.append(_plain(text[reached : one.source.start]))
        if one.change.value == "equal":
            line.append(source)
        elif one.change.value == "elide":
            line.append(f"[… {_shortened(source)} …]", style="dim")
        else:
            if source:
                line.append(f"[-{source}-]", style="red")
            elif line and not line.plain.endswith(" "):
                line.append(" ")
            if quoted:
                line.append(f"{{+{quoted}+}}", style="cyan")
        reached = one.source.end
    return line


def _shortened(text: str) -> str:
    """What is left out: its beginning and its end, if it is long."""
    if len(text) <= 3 * _AROUND:
        return text
    return f"{text[:_AROUND]} [{len(text):,} characters] {text[-_AROUND:]}"


def _plain(text: str) -> str:
    """A text without line breaks and without characters that a terminal would obey."""
    return "".join(character if character.isprintable() else " " for character in text)


def _as_json(verdict: str, quotation: str, matches: Sequence[Match], texts: dict[str, str]) -> str:
    import msgspec

    plain = {
        "verdict": verdict,
        "quotation": quotation,
        "n_texts": len(texts),
        "matches": [_plain_match(match, quotation, texts[match.document_id]) for match in matches],
    }
    return msgspec.json.format(msgspec.json.encode(plain), indent=1).decode()


def _plain_match(match: Match, quotation: str, text: str) -> dict[str, Any]:
    finding = match.finding
    start, end = (finding.place.start, finding.place.end) if finding.place else (0, 0)
    return {
        "document": match.document_id,
        "verdict": finding.verdict.value,
        "start": start,
        "end": end,
        "line": text.count("\n", 0, start) + 1,
        "n_words": finding.n_words,
        "n_equal": finding.n_equal,
        "alarms": [
            {"kind": one.kind.value, "quoted": one.quoted, "source": one.source, "sentence": one.sentence}
            for one in finding.alarms
        ],
        "notes": finding.notes,
        "differences": [
            {
                "change": one.change.value,
                "quoted": [one.quoted.start, one.quoted.end, one.quoted.of(quotation)],
                "source": [one.source.start, one.source.end, one.source.of(text)],
            }
            for one in finding.differences
        ],
    }
