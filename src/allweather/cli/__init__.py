"""The command line: one door to the house. It parses, calls one room, and shows.

    allweather review SOURCE      where interests converge, nearly meet, differ, are not known
    allweather evaluate SOURCE    how well hidden answers are predicted: are there enough of them?
    allweather record …           the signed record: write it, carry it, verify it

Exit codes: 0 done, 2 the input or the request is wrong (one sentence says how), 1 our own fault.
The rooms behind a command are imported only when it runs, so that help comes at once.
"""

from __future__ import annotations

import click

from allweather import __version__
from allweather.cli.evaluating import evaluate
from allweather.cli.failing import Door
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


@click.group(
    cls=Door,
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
main.add_command(record)

__all__ = ["main"]
