"""`allweather record prove`, and the check of such proofs: files that need no record to be checked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from allweather.errors import InputError, NotVerified, OutputError, UnknownName

if TYPE_CHECKING:
    from allweather.cli.record.viewing import View
    from allweather.record.keys import VerifierKey
    from allweather.record.members import Card, Succession

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
    from allweather.record.members import parse_card, parse_succession
    from allweather.record.notes import MAX_NOTE

    data = read_limited(place, _MAX_PROOF, what="a proof")
    held = [parse_card(read_limited(one, MAX_NOTE, what="a card"), where=one) for one in cards]
    later = [
        parse_succession(read_limited(one, MAX_NOTE, what="a succession"), where=str(one))
        for one in successions
    ]
    if is_equivocation:
        found = _verify_equivocation(data, place, held, later)
    elif entry is None:
        raise InputError("a proof is of an entry: give --entry with its file", where=place)
    else:
        found = _verify_entry(data, place, entry, held, later)
    if as_json:
        say_json(found)
        return
    say(*found["sentences"])


def _log_keys(
    origin: str, place: str, cards: Sequence[Card], later: Sequence[Succession]
) -> tuple[Card, tuple[VerifierKey, ...]]:
    """The card of a log and the keys that speak for it, as far as the successions given say."""
    from allweather.record.members import Voices, key_history

    mine = [card for card in cards if card.origin == origin]
    if len(mine) != 1:
        raise InputError(f"this is about {origin}: give the one card of that log", where=place)
    history = key_history(
        mine[0], [one for one in later if one.origin == origin], Voices(lambda digest: 0, None, 1)
    )
    return mine[0], history.log_keys


def _verify_entry(
    data: bytes, place: str, entry_file: Path, cards: Sequence[Card], later: Sequence[Succession]
) -> dict[str, Any]:
    from allweather.record.entries import parse_entry
    from allweather.record.keys import origin_of_witness
    from allweather.record.proofs import parse_entry_proof, verify_entry_proof
    from allweather.record.tiles import MAX_ENTRY

    proof = parse_entry_proof(data, where=place)
    head = proof.checkpoint.head
    card, keys = _log_keys(head.origin, place, cards, later)
    witnesses = [one.keys.witness for one in cards if one.origin != head.origin]
    content = read_limited(entry_file, MAX_ENTRY, what="an entry")
    signed = verify_entry_proof(proof, content, [*keys, *witnesses], where=place)
    entry = parse_entry(content, where=str(entry_file))
    if (entry.log, entry.n) != (head.origin, proof.index):
        raise NotVerified(
            f"the entry says that it is {entry.n} of {entry.log}, not {proof.index} of {head.origin}",
            where=str(entry_file),
        )
    by = sorted(origin_of_witness(key.name) for key in signed if key in witnesses)
    return {
        "card": card.digest.hex(),
        "cosigners": by,
        "holds": True,
        "n": proof.index,
        "origin": head.origin,
        "sentences": [
            f"This is entry {proof.index} of {head.origin}, under its signed head of {head.size} entries, "
            f"cosigned by {', '.join(by) or 'nobody whose card was given'}.",
            f"It rests on the card {card.digest.hex()}: compare it with the digest that the member gave you.",
            "Whether the entry still stands depends on successions that were not given here.",
        ],
        "size": head.size,
    }


def _verify_equivocation(
    data: bytes, place: str, cards: Sequence[Card], later: Sequence[Succession]
) -> dict[str, Any]:
    from allweather.record.proofs import parse_equivocation, verify_equivocation

    proof = parse_equivocation(data, where=place)
    small, large = proof.smaller.head, proof.larger.head
    card, keys = _log_keys(small.origin, place, cards, later)
    verify_equivocation(proof, keys, where=place)
    return {
        "card": card.digest.hex(),
        "holds": True,
        "origin": small.origin,
        "sentences": [
            f"The keeper of {small.origin} signed two heads, of {small.size} and of {large.size} entries, of "
            "which the first is not the beginning of the second: its log has two faces.",
            f"It rests on the card {card.digest.hex()}: compare it with the digest that the member gave you.",
        ],
        "sizes": [small.size, large.size],
    }


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

    if two_faced == (index is not None):
        raise InputError("give the INDEX of an entry, or --two-faced, and not both")
    with progress_bar(Console(stderr=True)) as report, open_view(place, report) as view:
        if index is None:
            files = _prove_faces(view, origin)
            target = out or Path(f"{origin.replace('/', '-')}.equivocation")
            write_file(target, files["equivocation"])
        else:
            files = _prove_entry(view, origin, index, face)
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


def _prove_faces(view: View, origin: str) -> dict[str, bytes]:
    view.log(origin)
    proofs = view.storage.equivocations(origin)
    if not proofs:
        raise UnknownName(f"nothing that is held here shows two faces of {origin}")
    return {"equivocation": proofs[0]}


def _prove_entry(view: View, origin: str, index: int, number: int | None) -> dict[str, bytes]:
    from allweather.cli.record.viewing import placed
    from allweather.record.checkpoints import parse_checkpoint
    from allweather.record.keys import origin_of_witness, parse_base64
    from allweather.record.merkle import prove_inclusion
    from allweather.record.proofs import EntryProof, format_entry_proof
    from allweather.record.storage import read_nodes
    from allweather.sync.layout import Publication, branch_prefix

    branch = view.face(origin, index, number).branch
    (data,) = view.storage.entries(branch, index, index + 1)
    note = Publication(view.storage, view.standing).read(f"{branch_prefix(origin, branch.number)}checkpoint")
    if note is None:
        raise UnknownName(f"the head of {origin} is not held here")
    checkpoint = parse_checkpoint(note)
    hashes = prove_inclusion(index, branch.head.size, read_nodes(view.storage, branch))
    card, *later = view.storage.key_notes(origin)
    files = {
        "entry.json": data,
        "entry.tlog-proof": format_entry_proof(EntryProof(index, hashes, checkpoint)),
        "card": card,
        **{f"succession-{k}": one for k, one in enumerate(later, 1)},
    }
    for line in checkpoint.note.signatures:
        if line.name != origin:
            member = origin_of_witness(line.name)
            files[f"cosigner-{member.replace('/', '-')}"] = view.storage.key_notes(member)[0]
    entry = placed(data, origin, index)
    if entry is not None and entry.payload is not None:
        blob = view.storage.payload(parse_base64(entry.payload.hash))
        if blob is not None:
            files["payload"] = blob
    return files


def _write_new_folder(target: Path, files: dict[str, bytes]) -> None:
    from allweather.store import write_folder

    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise OutputError(f"{target} is there already and is not empty; choose another place")
    write_folder(files.items(), target)
