"""What several commands ask for in the same way: a source, its sessions, and a sign of progress."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from allweather.formats import Reading
    from allweather.positions import Bloc

Report = Callable[[str, float], None]

_SPAN = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?", re.ASCII)


class Span(click.ParamType[tuple[int, int]]):
    """A number or a span of numbers: `3`, `0-2`."""

    name = "N-M"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Read `value`; fails with a sentence that names the option."""
        if isinstance(value, tuple):
            return value
        found = _SPAN.fullmatch(value)
        if found is None or int(found[2] or found[1]) < int(found[1]):
            self.fail(f"{value!r} is not a number or a rising span such as 0-2", param, ctx)
        return int(found[1]), int(found[2] or found[1])


source_argument = click.argument("source", type=click.Path(path_type=Path))
blocs_option = click.option(
    "--blocs",
    "blocs_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Declared blocs: TOML with [[bloc]] id, name, members, or CSV with member, bloc. "
    "Without it a blocs.toml beside the source counts.",
)
sessions_option = click.option(
    "--sessions", type=Span(), help="Only these sessions of the UN roll calls, for example 60-74."
)
as_of_option = click.option(
    "--as-of",
    "as_of",
    metavar="DATE",
    help="Use only records that were certainly made by this day (2009-09-18): of a span or an approximate "
    "date the latest possible day counts, and undated records do not.",
)
threads_option = click.option(
    "--threads",
    type=click.IntRange(1, 64),
    default=2,
    show_default=True,
    help="How many computations run at a time. The result is the same with any number.",
)


def read_source(
    source: Path,
    sessions: tuple[int, int] | None,
    as_of: str | None,
    blocs_file: Path | None,
    say: Callable[[str], None],
) -> tuple[Reading, tuple[Bloc, ...]]:
    """Read a source with its blocs, restricted to what was known by a day. Raises InputError."""
    from allweather.errors import InputError
    from allweather.formats import read, read_blocs
    from allweather.positions import check_blocs, parse_date

    day = None
    if as_of is not None:
        date = parse_date(as_of)
        if date.first is None or date.first != date.last:
            raise InputError(f"--as-of needs one day, such as 2009-09-18, not {as_of!r}")
        day = date.last
    blocs = read_blocs(blocs_file) if blocs_file is not None else None
    reading = read(source, progress=say, sessions=sessions)
    blocs = reading.blocs if blocs is None else blocs
    check_blocs(blocs, reading.positions)
    return (reading if day is None else reading.before(day)), blocs


@contextmanager
def progress_bar(console: Console) -> Iterator[Report]:
    """Show what is being done, on a terminal only; gone when it is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("reading", total=None)

        def report(what: str, share: float) -> None:
            progress.update(task, description=what, total=1.0, completed=share)

        yield report
