"""`allweather record export`, `import`, `witness`: a record carried by stick, by mail or over the web."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from allweather.cli.asking import progress_bar
from allweather.cli.failing import WRONG_INPUT
from allweather.cli.record.asking import (
    counted,
    home_argument,
    json_option,
    note,
    now,
    passphrase_option,
    read_limited,
    say,
    say_json,
)
from allweather.errors import InputError, OutputError, Refused, UnknownName

if TYPE_CHECKING:
    from allweather.node.home import Desk
    from allweather.node.taking import Taking
    from allweather.record.standing import Standing
    from allweather.sync.layout import Publication
    from allweather.sync.pull import Report

_PIN = re.compile(r"([^=]+)=([0-9a-f]{64})", re.ASCII)


# Export


@click.command(short_help="Write the record as static files: a folder or an archive.")
@home_argument
@click.argument("dest", type=click.Path(path_type=Path))
@click.option("--no-payloads", is_flag=True, help="Leave the payloads out: the record holds without them.")
@click.option("--log", "logs", multiple=True, metavar="ORIGIN", help="Only this log; repeat it for more.")
@json_option
def export(home: Path, dest: Path, no_payloads: bool, logs: tuple[str, ...], as_json: bool) -> None:
    """Write the record in HOME to DEST, an archive if its name ends in .zip, otherwise a folder that any web
    server can serve. The same record gives the same bytes.

    In a folder that is written again, payloads that were redacted since are erased.
    """
    from allweather.cli.desk import at_desk
    from allweather.node.taking import frozen
    from allweather.store import write_archive, write_folder
    from allweather.sync.layout import Publication

    with progress_bar(Console(stderr=True)) as report, at_desk(home, None, writes=False) as desk:
        if strange := sorted(set(logs) - set(desk.standing.logs)):
            raise UnknownName(f"{strange[0]!r:.100} is no log that is held here")
        published = Publication(frozen(desk.storage), desk.standing, desk.home.origin)
        chosen = tuple(logs) or tuple(desk.standing.logs)
        paths = [
            path
            for path in published.paths(payloads=not no_payloads)
            if path.startswith(tuple(f"{one}/" for one in chosen))
        ]
        files = _files(published, paths, chosen, report)
        if dest.name.lower().endswith(".zip"):
            write_archive(files, dest)
        else:
            write_folder(files, dest)
            _erase(dest, desk.standing)
    if as_json:
        say_json({"files": len(paths) + 1, "logs": sorted(chosen), "out": str(dest)})
    else:
        say(f"{dest}: {counted(len(chosen), 'log')} in {counted(len(paths) + 1, 'file')}.")


def _files(
    published: Publication, paths: Sequence[str], chosen: Sequence[str], say: Callable[[str, float], None]
) -> Iterator[tuple[str, bytes]]:
    """Every file with its content, the index last."""
    from msgspec.structs import replace

    from allweather.record.canonical import format_canonical
    from allweather.sync.layout import INDEX

    for number, path in enumerate(paths):
        data = published.read(path)
        if data is not None:
            yield path, data
        say("writing", number / len(paths))
    index = published.index()
    yield (
        INDEX,
        format_canonical(replace(index, logs=tuple(log for log in index.logs if log.origin in chosen))),
    )


def _erase(dest: Path, standing: Standing) -> None:
    """Erase what an earlier export left of payloads that their authors redacted."""
    for one in standing.redactions:
        if one.origin == one.place.origin:
            try:
                (dest / one.origin / "payload" / one.digest.hex()).unlink(missing_ok=True)
            except OSError as error:
                raise OutputError(f"{dest} still holds a redacted payload ({error.strerror})") from error


# Import


@click.command("import", short_help="Take in what a folder, an archive or a web address holds.")
@home_argument
@click.argument("source")
@click.option(
    "--meet",
    multiple=True,
    metavar="ORIGIN=SHA256",
    help="Take in this member, whose card has this digest; repeat it for more.",
)
@click.option("--meet-all", is_flag=True, help="Take in every member, whatever their cards are.")
@click.option(
    "--restored",
    is_flag=True,
    help="The store of HOME was restored from a backup: take the rest of the own log from this member. "
    "Nothing is written until every other member was asked.",
)
@click.option("--no-acknowledge", is_flag=True, help="Take in only; cosign nothing.")
@click.option(
    "--allow-plain", is_flag=True, help="Allow a web address without TLS that is on another machine."
)
@passphrase_option
@json_option
def import_(
    home: Path,
    source: str,
    meet: tuple[str, ...],
    meet_all: bool,
    restored: bool,
    no_acknowledge: bool,
    allow_plain: bool,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Take into HOME what SOURCE holds of any log, verify it, and acknowledge what is new: cosign the heads
    and say so in the own log.

    A member that is not known yet is listed with the digest of its card, and taken in only with --meet or
    --meet-all. What does not verify is not taken in; the rest is.
    """
    from allweather.cli.desk import at_desk
    from allweather.node.taking import Taking, acknowledge_new

    pins = parse_pins(meet)
    with at_desk(home, passphrase_file) as desk:
        if not restored and not no_acknowledge:
            desk.check_guard()
        taking = Taking(desk, pins, meet_all)
        with progress_bar(Console(stderr=True)) as progress:
            report = taking.run(source, allow_plain, restored, progress)
        waiting = taking.waiting()
        acknowledged: list[str] | None = None
        if not no_acknowledge and not waiting and not desk.own.two_faced:
            acknowledged = acknowledge_new(desk, at=now())
        desk.settle()
        result = _result(desk, taking, report, waiting, acknowledged)
    if as_json:
        say_json(result)
    else:
        _say_import(result)
    if report.faults or taking.faults:
        raise SystemExit(WRONG_INPUT)


def parse_pins(cards: Sequence[str]) -> dict[str, bytes]:
    """Cards to meet, each `council/member=digest`. Raises InputError."""
    found = {}
    for one in cards:
        match = _PIN.fullmatch(one)
        if match is None:
            raise InputError(f"{one!r:.100} names no card; write --meet council/member=64 hex digits")
        found[match[1]] = bytes.fromhex(match[2])
    return found


def _result(
    desk: Desk,
    taking: Taking,
    report: Report,
    waiting: Sequence[str],
    acknowledged: list[str] | None,
) -> dict[str, Any]:
    two_faced = sorted({*report.two_faced, *(o for o, log in desk.standing.logs.items() if log.two_faced)})
    return {
        "acknowledged": acknowledged,
        "digest": desk.standing.digest,
        "entries": dict(sorted(report.entries.items())),
        "faults": [*report.faults, *taking.faults],
        "met": sorted(report.met),
        "node": report.node,
        "payloads": report.n_payloads,
        "two_faced": two_faced,
        "unknown": dict(sorted(taking.unknown.items())),
        "waiting": list(waiting),
        "own_two_faced": desk.own.two_faced,
    }


def _say_import(result: dict[str, Any]) -> None:
    for origin in result["met"]:
        say(f"Met {origin}.")
    for origin, count in result["entries"].items():
        say(f"{origin}: {counted(count, 'new entry', 'new entries')}.")
    if not result["entries"]:
        say("No new entries.")
    if result["payloads"]:
        say(f"{counted(result['payloads'], 'payload')} taken in.")
    for origin, digest in result["unknown"].items():
        say(
            f"Not taken in: {origin} is not known here. Compare its card's digest with the member, then add",
            f"  --meet {origin}={digest}",
        )
    for origin in result["two_faced"]:
        say(
            f"{origin} has two faces. Write the proof: allweather record prove HOME {origin} --two-faced",
        )
    if result["own_two_faced"]:
        say("The own log has two faces: nothing is signed until `allweather record succeed` names one.")
    if result["waiting"]:
        say(f"Before the own log is written, import with --restored from: {', '.join(result['waiting'])}.")
    elif result["acknowledged"]:
        say(f"Acknowledged: {', '.join(result['acknowledged'])}.")
    elif result["acknowledged"] is not None:
        say("Nothing to acknowledge.")
    for sentence in result["faults"]:
        note(f"not taken in: {sentence}")


# Witness


@click.command(short_help="Answer another log's request to cosign its head.")
@home_argument
@click.argument("request")
@passphrase_option
@json_option
def witness(home: Path, request: str, passphrase_file: Path | None, as_json: bool) -> None:
    """Answer the add-checkpoint request (c2sp.org/tlog-witness) in the file REQUEST: cosign a head of a log
    that is held here in full, and print the cosignature when the own log says so durably.

    The last head cosigned is the one that the own log acknowledges, so that this never contradicts `import`.
    """
    from allweather.cli.desk import at_desk
    from allweather.node.witnessing import answer_request
    from allweather.record.witness import MAX_REQUEST

    data = read_limited(request, MAX_REQUEST, what="a request")
    with at_desk(home, passphrase_file) as desk:
        answer = answer_request(desk, data, at=now())
        if answer.head is None:
            what = answer.body.decode().strip()
            if answer.status == 409:
                what = f"the last head of that log that was cosigned here has {what} entries"
            raise Refused(f"{answer.status}: {what}; nothing was cosigned")
    if as_json:
        say_json({"cosignatures": answer.body.decode().splitlines(), "status": answer.status})
    else:
        click.echo(answer.body, nl=False)
