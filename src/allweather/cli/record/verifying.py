"""`allweather record verify`: check a record, or a proof, from its files alone.

Nothing is remembered between two runs, and no store is needed: what an outsider can check, this checks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from allweather.cli.asking import progress_bar
from allweather.cli.failing import WRONG_INPUT
from allweather.cli.record.asking import (
    json_option,
    place_argument,
    quorum_option,
    say,
    say_json,
    show_time,
)
from allweather.cli.record.proving import verify_file
from allweather.errors import InputError

if TYPE_CHECKING:
    from allweather.record.audit import Listed
    from allweather.record.findings import Audit, AuditedLog

_PIN = re.compile(r"([^=]+)=([0-9a-f]{64})", re.ASCII)
_PROOF, _EQUIVOCATION = b"c2sp.org/tlog-proof@", b"allweather/equivocation@"


@click.command(short_help="Check a record, or a proof, from its files alone.")
@place_argument
@click.option(
    "--card",
    "card",
    multiple=True,
    metavar="ORIGIN=SHA256|FILE",
    help="Pin a member's card by the digest that `record new` printed; repeat it. For a proof: the file of "
    "the log's card, and of cosigners' cards.",
)
@click.option(
    "--entry", type=click.Path(path_type=Path), metavar="FILE", help="For a proof: the entry that it is of."
)
@click.option(
    "--succession",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="For a proof: a succession after the card, in order; repeat it.",
)
@click.option("--no-payloads", is_flag=True, help="Do not read payloads; say nothing of them.")
@quorum_option
@json_option
def verify(
    place: str,
    card: tuple[str, ...],
    entry: Path | None,
    succession: tuple[Path, ...],
    no_payloads: bool,
    quorum: int | None,
    as_json: bool,
) -> None:
    """Check everything that can be checked of a home, a folder, an archive or a web address: trees, tiles,
    signatures, keys, payloads, cosignatures, faces. Or check one file: a .tlog-proof (with --entry and
    --card) or an .equivocation (with --card).

    Exit code 0 if all of it holds, 2 if anything does not.
    """
    kind = _kind_of(place)
    if kind is not None:
        if not card or any(_PIN.fullmatch(one) for one in card):
            raise InputError("to check a proof, give --card with the file of the log's card", where=place)
        verify_file(place, kind == _EQUIVOCATION, card, entry, succession, as_json)
        return
    if entry is not None or succession:
        raise InputError(
            "--entry and --succession are for a proof in a file, and this is a record", where=place
        )
    with progress_bar(Console(stderr=True)) as report:
        result = _audit(place, _pins(card), not no_payloads, quorum, report)
    if as_json:
        say_json(_as_json(result))
    else:
        _say_audit(result, not no_payloads)
    if not result.holds:
        raise SystemExit(WRONG_INPUT)


def _kind_of(place: str) -> bytes | None:
    """Which kind of proof a file is, by how it begins; None if it is none."""
    if "://" in place or not Path(place).is_file():
        return None
    try:
        with Path(place).open("rb") as file:
            begin = file.read(32)
    except OSError:
        return None
    return next((kind for kind in (_PROOF, _EQUIVOCATION) if begin.startswith(kind)), None)


def _pins(cards: Sequence[str]) -> dict[str, bytes]:
    from allweather.record.keys import check_origin

    found: dict[str, bytes] = {}
    for one in cards:
        match = _PIN.fullmatch(one)
        if match is None:
            raise InputError(f"{one!r:.100} pins no card; write --card council/member=64 hex digits")
        if found.setdefault(check_origin(match[1]), bytes.fromhex(match[2])) != bytes.fromhex(match[2]):
            raise InputError(f"two cards are pinned for {match[1]}; give one")
    return found


def _audit(place: str, pins: dict[str, bytes], payloads: bool, quorum: int | None, say: Any) -> Audit:
    from allweather.node.home import find_home, is_home, open_store
    from allweather.node.taking import frozen
    from allweather.record.audit import audit
    from allweather.record.standing import stand
    from allweather.store import open_source
    from allweather.sync.layout import INDEX, Publication, parse_index
    from allweather.sync.pull import Pull

    if is_home(place):
        home = find_home(Path(place))
        storage = open_store(home, read_only=True)
        try:
            now = frozen(storage)
            published = Publication(now, stand(now, quorum=home.quorum), home.origin)
            listed = _listed(published.index())
            return audit(
                listed,
                published.read,
                pinned=pins,
                payloads=payloads,
                quorum=quorum or home.quorum,
                say=say,
            )
        finally:
            storage.close()
    source = open_source(place)
    try:

        def read(path: str) -> bytes | None:
            return source.read(path, Pull.limit(path))

        data = read(INDEX)
        if data is None:
            raise InputError(f"there is no file {INDEX} here: this is not what a node publishes", where=place)
        listed = _listed(parse_index(data, where=f"{place}/{INDEX}"))
        return audit(listed, read, pinned=pins, payloads=payloads, quorum=quorum, say=say)
    finally:
        source.close()


def _listed(index: Any) -> list[Listed]:
    from allweather.record.audit import Listed

    return [
        Listed(log.origin, tuple(one.number for one in log.branches), log.keys, log.equivocations)
        for log in index.logs
    ]


def _as_json(result: Audit) -> dict[str, Any]:
    from allweather.node.proving import LIMITS
    from allweather.record.keys import format_base64

    def words(found: Any) -> dict[str, Any]:
        return {
            "n_notices": found.n_notices,
            "n_problems": found.n_problems,
            "notices": list(found.notices),
            "problems": list(found.problems),
        }

    logs = []
    for log in result.logs:
        faces = [
            {
                "cosigners": [[member, face.cosigners[member]] for member in sorted(face.cosigners)],
                "delegated": face.n_delegated,
                "number": face.number,
                "root": format_base64(face.root),
                "size": face.size,
                "stands": face.n_standing,
                "unreadable": face.n_unreadable,
            }
            for face in log.faces
        ]
        logs.append(
            {
                "card": log.card.hex(),
                "contested": log.is_contested,
                "cosignatures": log.n_cosignatures,
                "disputed": log.n_disputed,
                "faces": faces,
                "heads_agree": log.n_heads,
                "missing": log.n_missing,
                "origin": log.origin,
                "payloads": log.n_payloads,
                "pinned": log.is_pinned,
                "redacted": log.n_redacted,
                "successions": log.n_successions,
                "two_faced": log.is_two_faced,
                **words(log.findings),
            }
        )
    limits = [f"This does not prove {one}." for one in LIMITS]
    return {
        "digest": result.digest,
        "holds": result.holds,
        "limits": limits,
        "logs": logs,
        **words(result.findings),
    }


def _say_audit(result: Audit, payloads: bool) -> None:
    from allweather.node.proving import LIMITS

    for log in result.logs:
        _say_log(log, payloads)
    for sentence in result.findings.notices:
        say(f"To be shown: {sentence}.")
    for sentence in result.findings.problems:
        say(f"DOES NOT HOLD: {sentence}.")
    say("", "Everything that was checked holds." if result.holds else "Not everything holds.")
    say(f"Where all logs stand: {result.digest}", "(whoever holds the same record gets the same digits)")
    say("", "What this does not prove:", *(f"- {one}" for one in LIMITS))


def _say_log(log: AuditedLog, payloads: bool) -> None:
    pinned = "its card is the pinned one" if log.is_pinned else "its card is not pinned"
    say(f"{log.origin}: {pinned} ({log.card.hex() or 'none'}); successions in force: {log.n_successions}.")
    for face in log.faces:
        name = "Entries" if len(log.faces) == 1 else f"Face {face.number}: entries"
        say(
            f"  {name} {face.size}, and they lead to the root that a key of the member signed; tiles agree; "
            f"{face.n_standing} stand; {face.n_unreadable} unreadable; {face.n_delegated} by delegates."
        )
        by = [f"{one} ({show_time(face.cosigners[one])})" for one in sorted(face.cosigners)]
        say(f"  This head is cosigned by {', '.join(by) or 'nobody'}.")
    if payloads:
        say(f"  Payloads: {log.n_payloads} hold, {log.n_redacted} redacted, {log.n_missing} not fetched.")
    say(
        f"  Its cosignatures of others that hold: {log.n_cosignatures}. "
        f"Its heads that others saw or cosigned, and that it has: {log.n_heads}."
    )
    found = log.findings
    for sentence in found.notices:
        say(f"  To be shown: {sentence}.")
    for sentence in found.problems:
        say(f"  DOES NOT HOLD: {sentence}.")
    more = found.n_problems + found.n_notices - len(found.problems) - len(found.notices)
    if more:
        say(f"  And {more} more; the first {len(found.problems) + len(found.notices)} are shown.")
