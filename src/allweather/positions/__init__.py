"""Positions: who holds which position on which question, how strongly, since when, on what basis.

This is the shared currency of the house. A council's dossier, a roll call and a public
consultation all become one `Positions`: columns of entries, one entry a (member, question)
statement, in the order in which they were made.

    member  question  response  known_by    basis   intensity  weight
    0 (US)  3 (F4)    SUPPORT   2009-03-05  OWN     unknown    1.0

What it keeps: every entry, also those that a later one replaces; texts, sources and notes.
What it does: restrict by date, question or member, and settle on one current entry a cell.
What it does not do: read files (`formats`), or judge (`review`).

Rules, in the order in which `current` applies them to the entries of one cell:

1. A member's own record comes before one inferred about it, and that before a common text.
2. Among entries of one basis the last one counts; the entry's place decides within a day.
3. A cell without an entry is unknown. It is never zero, never an abstention.

A record counts before a date only if its *latest possible* day does (`dates.parse_date`).
"""

from allweather.positions.blocs import Bloc, check_blocs
from allweather.positions.dates import FuzzyDate, format_date, parse_date
from allweather.positions.matrix import (
    UNDATED,
    Entry,
    Member,
    Note,
    Positions,
    Question,
    Source,
)
from allweather.positions.responses import LEVELS, Basis, Body, Response

__all__ = [
    "LEVELS",
    "UNDATED",
    "Basis",
    "Bloc",
    "Body",
    "Entry",
    "FuzzyDate",
    "Member",
    "Note",
    "Positions",
    "Question",
    "Response",
    "Source",
    "check_blocs",
    "format_date",
    "parse_date",
]
