"""The joint review of the council's own positions: compute it, table it, check a tabled one."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from allweather.cli.asking import progress_bar, threads_option
from allweather.cli.council.acting import Asking
from allweather.cli.council.desk import council_desk
from allweather.cli.council.group import council
from allweather.cli.record.asking import confirm, home_argument, now, passphrase_option, say, yes_option
from allweather.errors import InputError


@council.command(short_help="The joint review of the positions on record; it can be tabled.")
@home_argument
@click.option("--on", "concern", metavar="CONCERN", help="Only the texts of this concern.")
@click.option("--as-of", metavar="DATE", help="Only what was known by the end of this day.")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    default=0,
    show_default=True,
    help="Where the random numbers start. The same record and seed give the same bytes.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR", help="Write the page and its files here."
)
@click.option(
    "--title", metavar="TEXT", help="Table it under this title: sign what went in and what came out."
)
@click.option("--check", "tabled", metavar="REVIEW", help="Compute a tabled review again and compare.")
@threads_option
@yes_option
@passphrase_option
def review(
    home: Path,
    concern: str | None,
    as_of: str | None,
    seed: int,
    out: Path | None,
    title: str | None,
    tabled: str | None,
    threads: int,
    yes: bool,
    passphrase_file: Path | None,
) -> None:
    """The joint review of the positions on record in the council of HOME.

    With --title it is tabled: an act that names how far each log was held, and the digests of what went in
    and came out. Any member computes the same bytes again with --check.
    """
    from allweather.cli.desk import at_desk
    from allweather.node.actions import Actions
    from allweather.node.reviewing import recompute, review_council
    from allweather.node.reviewing import tabled as table_body
    from allweather.report import terminal_summary, write_files

    if tabled is not None and (title or concern or as_of or seed):
        raise InputError("--check computes a review as it was tabled; give no other choice beside it")
    with progress_bar(Console(stderr=True)) as report, at_desk(home, None, writes=False) as desk:
        actions = Actions(desk, now)
        view = actions.view()
        ref = view.fold.find(concern).ref if concern else ""
        if tabled is not None:
            act = view.fold.find(tabled)
            made = recompute(view, act, desk.storage, desk.standing, threads=threads, report=report)
        else:
            made = review_council(
                view, concern=ref, as_of=as_of or "", seed=seed, threads=threads, report=report
            )
        body = table_body(view, made, title=title, concern=ref, seed=seed) if title else None
    if out is not None:
        write_files(made.files, out)
    screen = Console()
    screen.print(
        terminal_summary(
            made.review,
            made.positions,
            width=screen.width,
            as_of=made.as_of,
            colour=screen.color_system is not None,
        )
    )
    if tabled is not None:
        say("", f"{tabled} holds: computed again from the record, it has the same bytes.")
    if body is not None:
        with council_desk(home, passphrase_file, writes=True) as sitting:
            ask = Asking(sitting)
            confirm("Sign and table this review?", yes)
            say(f"Tabled as {ask.desk.sign(body, None)[0]['id']}.")
