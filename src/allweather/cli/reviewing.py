"""`allweather review`: read a source, review it, say it in a minute, and write the page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from allweather.cli.asking import (
    as_of_option,
    blocs_option,
    progress_bar,
    read_source,
    sessions_option,
    source_argument,
    threads_option,
)

if TYPE_CHECKING:
    from allweather.formats import Reading
    from allweather.report import Context


@click.command(short_help="Where interests converge, nearly meet, differ, and are not known.")
@source_argument
@blocs_option
@as_of_option
@sessions_option
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    default=0,
    show_default=True,
    help="Where the random numbers start. The same input and seed give the same bytes.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write the page (index.html), review.json, convergence.csv, members.csv, packages.json and the "
    "charts into this folder, all of them or none.",
)
@threads_option
def review(
    source: Path,
    blocs_file: Path | None,
    as_of: str | None,
    sessions: tuple[int, int] | None,
    seed: int,
    out: Path | None,
    threads: int,
) -> None:
    """Review the positions in SOURCE and say, question by question, whether the parties converge,
    nearly converge, differ, or whether that is not known.

    SOURCE is a dossier, a Polis export, UN roll calls or your own table; it is recognised by its
    content.
    """
    notices = Console(stderr=True)
    with progress_bar(notices) as report:
        from allweather.report import render_files, terminal_summary, write_files
        from allweather.review import JointReview

        reading, blocs = read_source(source, sessions, as_of, blocs_file, lambda what: report(what, 0.0))
        estimator = JointReview(seed=seed, n_threads=threads)
        result = estimator.fit(reading.positions, blocs, report=report).review_
        positions = estimator.current_
        if out is not None:
            report("drawing the page", 0.0)
            write_files(render_files(result, positions, _context(reading, as_of)), out)
    screen = Console()
    screen.print(
        terminal_summary(
            result,
            positions,
            width=screen.width,
            intake=reading.intake,
            as_of=as_of,
            colour=screen.color_system is not None,
        )
    )
    if out is not None:
        screen.print(f"\nThe page: {out / 'index.html'}", soft_wrap=True, highlight=False, markup=False)


def _context(reading: Reading, as_of: str | None) -> Context:
    from allweather.report import Conflict, Context, Deal

    return Context(
        title=reading.positions.title,
        as_of=as_of,
        format=reading.format,
        intake=reading.intake,
        deals=tuple(Deal(one.what, one.date, one.members, one.sources) for one in reading.deals),
        conflicts=tuple(
            Conflict(one.matter, one.a, one.b, one.note, one.sources) for one in reading.conflicts
        ),
        areas=reading.areas,
        attribution=reading.attribution,
    )
