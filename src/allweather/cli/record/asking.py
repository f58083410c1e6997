"""What the commands of the record ask for and show in the same way; no room is imported before one runs."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from allweather.errors import InputError, OutputError

_F = TypeVar("_F", bound=Callable[..., Any])

home_argument = click.argument("home", type=click.Path(path_type=Path))
place_argument = click.argument("place")
origin_argument = click.argument("origin")
index_argument = click.argument("index", type=click.IntRange(min=0))
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as canonical JSON.")
face_option = click.option(
    "--face",
    type=click.IntRange(min=0),
    help="Which face of a log that has several; `record log` numbers them. Without it the first that has "
    "the entry counts.",
)
yes_option = click.option("--yes", is_flag=True, help="Do not ask whether this is meant.")
quorum_option = click.option(
    "--quorum",
    type=click.IntRange(min=1),
    help="How many members must attest a succession that no recovery key signed. Without a number "
    "attestations count for nothing.",
)
_passphrase_file = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Read the passphrase of the keys from the first line of this file, which nobody else may read; "
    "otherwise it is asked for.",
)


def passphrase_option(command: _F) -> _F:
    """The option that names a file with the passphrase."""
    return _passphrase_file(command)


def now() -> int:
    """The clock of this machine, in seconds since 1970."""
    return int(time.time())


def parse_time(text: str | None) -> int:
    """A time as seconds since 1970 or as 2009-09-18T12:00:00Z; without one, now. Raises InputError."""
    if text is None:
        return now()
    if text.isascii() and text.isdigit() and len(text) < 16:
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or moment.timestamp() < 0:
        raise InputError(
            f"{text!r:.60} is not a time; write seconds since 1970, or 2009-09-18T12:00:00Z with its zone"
        )
    return int(moment.timestamp())


def show_time(seconds: int) -> str:
    """A time for people, in UTC."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return f"{seconds} seconds after 1970"


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def clean(text: str) -> str:
    """Others' text for a terminal: line breaks stay, every other control character is spelled out."""
    return "".join(
        one if one == "\n" or one.isprintable() else one.encode("unicode_escape").decode() for one in text
    )


def say(*lines: str) -> None:
    """Print lines for people, safe for a terminal."""
    for line in lines:
        click.echo(clean(line))


def say_json(value: Any) -> None:
    """Print a value as canonical JSON, on one line."""
    from allweather.record.canonical import format_canonical

    click.echo(format_canonical(value))


def note(line: str) -> None:
    """A remark beside the result, on the error stream."""
    click.echo(" ".join(clean(line).split()), err=True)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under a head, in columns as wide as their longest text."""
    every = [tuple(head), *(tuple(clean(cell).replace("\n", " ") for cell in row) for row in rows)]
    widths = [max(len(row[k]) for row in every) for k in range(len(head))]
    for row in every:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def confirm(question: str, yes: bool) -> None:
    """Ask at the terminal whether this is meant. Raises InputError without a terminal, Abort on a no."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise InputError("there is no terminal to ask at whether this is meant; add --yes")
    if not click.confirm(question, err=True):
        raise click.Abort


def read_limited(path: Path | str, limit: int, *, what: str) -> bytes:
    """A file, or standard input for `-`. Raises InputError if it cannot be read or is longer than `limit`."""
    try:
        if str(path) == "-":
            data = sys.stdin.buffer.read(limit + 1)
        else:
            with Path(path).open("rb") as file:
                data = file.read(limit + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "this is not a path"
        raise InputError(f"{what} cannot be read ({reason}); check the path", where=str(path)) from None
    if len(data) > limit:
        raise InputError(f"{what} has at most {limit:,} bytes, and this has more", where=str(path))
    return data


def write_file(path: Path, data: bytes) -> None:
    """Write one result file as a whole; nothing that stands there is replaced. Raises OutputError."""
    from allweather.store.disk import reason, sync_folder, write_new

    try:
        write_new(path, data)
        sync_folder(path.parent)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {reason(error)}") from error
