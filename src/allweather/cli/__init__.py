"""The command line: one door to the house. It parses, calls one room, and shows.

    allweather review SOURCE      where interests converge, nearly meet, differ, are not known
    allweather evaluate SOURCE    how well hidden answers are predicted: are there enough of them?
    allweather read FILES…        who said what in some documents, where, and how they agree
    allweather check QUOTATION    does a quotation stand in a body of speeches, word for word?
    allweather record …           the signed record: write it, carry it, verify it
    allweather council …          the council: raise, say, negotiate, decide, commit
    allweather demo               a council of 29 on this machine: a cut, and how it heals
    allweather open               the same council in the browser: pick a seat
    allweather node …             a member's own node: run it, join others, back it up

Exit codes: 0 done, 2 the input or the request is wrong (one sentence says how), 1 our own fault.
The rooms behind a command are imported only when it runs, so that help comes at once.
"""

from __future__ import annotations

import click

from allweather import __version__
from allweather.cli.checking import check
from allweather.cli.demo import demo
from allweather.cli.evaluating import evaluate
from allweather.cli.failing import Door
from allweather.cli.node import node
from allweather.cli.opening import open_
from allweather.cli.reading import read
from allweather.cli.record import record
from allweather.cli.reviewing import review

_EPILOG = """\b
Begin here:
  allweather review examples/nrc-2009 --as-of 2009-09-18 --out build/nrc-2009

\b
SOURCE is a file or a folder. It is recognised by its content:
  a dossier         dossier.json: members, propositions, records with their sources
  a Polis export    votes.csv, with comments.csv beside it for the texts
  UN roll calls     un_votes.parquet or .csv, with un_roll_calls beside it
  your own table    CSV, Parquet or JSON lines with member, question, response

\b
Exit codes: 0 done, 2 wrong input or request, 1 a fault of this program.
"""


class _Main(Door):
    """All commands. Those of the council are loaded when they are asked for: they know the forms of acts."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return sorted({*super().list_commands(ctx), "council"})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name; None if there is none."""
        if cmd_name == "council":
            from allweather.cli.council import council

            return council
        return super().get_command(ctx, cmd_name)


@click.group(
    cls=_Main,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="allweather", message="%(prog)s %(version)s")
def main() -> None:
    """A council for parties that do not trust each other, and its joint review.

    Allweather takes who holds which position on which question and says where interests converge,
    nearly meet, differ and are not known, with the uncertainty and the source of each figure.
    """


main.add_command(review)
main.add_command(evaluate)
main.add_command(read)
main.add_command(check)
main.add_command(record)
main.add_command(node)
main.add_command(demo)
main.add_command(open_)

__all__ = ["main"]
