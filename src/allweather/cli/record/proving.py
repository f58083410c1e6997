"""`allweather record prove`, and the check of such proofs: files that need no record to be checked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from allweather.cli.asking import progress_bar
from allweather.cli.record.asking import (
    face_option,
    json_option,
    place_argument,
    read_limited,
    say,
    say_json,
    write_file,
)
from allweather.errors import InputError, OutputError

_MAX_PROOF = 2**19

# Proofs in files


def verify_file(
    place: str,
    is_equivocation: bool,
    cards: Sequence[str],
    entry: Path | None,
    successions: Sequence[Path],
    as_json: bool,
) -> None:
    """Check a proof in a file by the cards given, and say what it shows. Raises NotVerified."""
    from allweather.node.proving import check_entry, check_faces
    from allweather.record.members import parse_card, parse_succession
    from allweather.record.notes import MAX_NOTE
    from allweather.record.tiles import MAX_ENTRY

    data = read_limited(place, _MAX_PROOF, what="a proof")
    held = [parse_card(read_limited(one, MAX_NOTE, what="a card"), where=one) for one in cards]
    later = [
        parse_succession(read_limited(one, MAX_NOTE, what="a succession"), where=str(one))
        for one in successions
    ]
    if is_equivocation:
        found = check_faces(data, held, later, where=place)
    elif entry is None:
        raise InputError("a proof is of an entry: give --entry with its file", where=place)
    else:
        content = read_limited(entry, MAX_ENTRY, what="an entry")
        found = check_entry(data, content, held, later, where=place, entry_where=str(entry))
    if as_json:
        say_json(found)
        return
    say(*found["sentences"])


# Making proofs


@click.command(short_help="Write the proof of an entry, or of a log with two faces.")
@place_argument
@click.argument("origin")
@click.argument("index", type=click.IntRange(min=0), required=False)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR|FILE",
    help="Where to write: a new folder for an entry, a new file for two faces. By default named by the log.",
)
@click.option("--two-faced", is_flag=True, help="Write the proof that ORIGIN has two faces.")
@face_option
@json_option
def prove(
    place: str,
    origin: str,
    index: int | None,
    out: Path | None,
    two_faced: bool,
    face: int | None,
    as_json: bool,
) -> None:
    """Write what anyone can check without the record: for entry INDEX of ORIGIN a folder with the entry, its
    .tlog-proof with the cosignatures held, the card, the cosigners' cards, and the payload."""
    from allweather.cli.record.viewing import open_view
    from allweather.node.proving import prove_entry, prove_faces

    if two_faced == (index is not None):
        raise InputError("give the INDEX of an entry, or --two-faced, and not both")
    with progress_bar(Console(stderr=True)) as report, open_view(place, report) as view:
        if index is None:
            files = {"equivocation": prove_faces(view, origin)}
            target = out or Path(f"{origin.replace('/', '-')}.equivocation")
            write_file(target, files["equivocation"])
        else:
            files = prove_entry(view, origin, index, face)
            target = out or Path(f"{origin.replace('/', '-')}-{index}")
            _write_new_folder(target, files)
    if as_json:
        say_json({"files": sorted(files), "index": index, "origin": origin, "out": str(target)})
    elif index is None:
        say(f"{target}", "Check it: allweather record verify FILE --card CARD, or any Ed25519 and RFC 6962.")
    else:
        say(
            *(f"{target}/{name}" for name in sorted(files)),
            "Check it: allweather record verify entry.tlog-proof --entry entry.json --card card",
        )


def _write_new_folder(target: Path, files: dict[str, bytes]) -> None:
    from allweather.store import write_folder

    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise OutputError(f"{target} is there already and is not empty; choose another place")
    write_folder(files.items(), target)
