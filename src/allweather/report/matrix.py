"""The matrix of members by questions, ready to be set: what each cell shows and says.

Questions are rows, in the order of the review; members are columns, party by party, who has spoken
most first. A cell on record shows a sign for the response in the tone of its basis. An unknown cell
shows neither: it is hollow, with a hatched band where the predicted interval lies.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

from allweather.report.names import Names
from allweather.report.records import Records
from allweather.report.telling import by_verdict
from allweather.report.words import BASES, RESPONSES, VERDICT_KEY, VERDICT_TITLE, share
from allweather.review.results import Cell, Review

_TONE = {1: "yes", 0: "mid", -1: "no"}


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """`kind` are classes of the style sheet; `start` and `width` (per cent) only where predicted."""

    kind: str
    sign: str
    says: str
    href: str = ""
    start: int | None = None
    width: int | None = None


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A question and its cells."""

    question: str
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True, slots=True)
class MatrixPart:
    """The questions of one verdict."""

    key: str
    title: str
    rows: tuple[MatrixRow, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """`parties` are (party, number of its columns), in the order of `members`."""

    parties: tuple[tuple[str, int], ...]
    members: tuple[str, ...]
    breaks: frozenset[str]  # the first member of each party but the first
    parts: tuple[MatrixPart, ...]
    responses: frozenset[str]  # those on record, for the legend


def matrix_of(review: Review, names: Names, records: Records) -> Matrix | None:
    """The matrix, or None where the review lists no cells."""
    if not review.cells:
        return None
    held = {(cell.member, cell.question): cell for cell in review.cells}
    members = list(dict.fromkeys(cell.member for cell in review.cells))
    n_spoken = dict.fromkeys(members, 0)
    for cell in review.cells:
        n_spoken[cell.member] += cell.response is not None
    party = {member: one.id for one in review.parties for member in one.members}
    # Stable: members that have spoken equally often keep the order of the positions.
    n = len(review.parties)
    members.sort(key=lambda one: (names.place(party.get(one, "")) % (n + 1), -n_spoken[one]))
    sizes: dict[str, int] = {}
    breaks = set()
    for member in members:
        if sizes and party.get(member, "") not in sizes:
            breaks.add(member)
        sizes[party.get(member, "")] = sizes.get(party.get(member, ""), 0) + 1
    parts: dict[str, list[MatrixRow]] = {}
    titles = {}
    for one in chain.from_iterable(by_verdict(review).values()):
        cells = tuple(_cell(held.get((m, one.question)), m, one.question, names, records) for m in members)
        parts.setdefault(VERDICT_KEY[one.verdict], []).append(MatrixRow(one.question, cells))
        titles[VERDICT_KEY[one.verdict]] = VERDICT_TITLE[one.verdict]
    return Matrix(
        tuple(sizes.items()),
        tuple(members),
        frozenset(breaks),
        tuple(MatrixPart(key, titles[key], tuple(rows)) for key, rows in parts.items()),
        frozenset(cell.response.lower() for cell in review.cells if cell.response is not None),
    )


def _cell(cell: Cell | None, member: str, question: str, names: Names, records: Records) -> MatrixCell:
    where = f"{names.member(member)} on {question}"
    if cell is None:
        return MatrixCell("none", "", f"{where}: not part of the review")
    if cell.response is not None:
        sign, word, direction = RESPONSES.get(cell.response.lower(), ("·", cell.response, 0))
        basis = (cell.basis or "").lower()
        says = f"{where}: {word} ({BASES.get(basis, basis or 'basis not given')})"
        kind = f"{basis if basis in BASES else 'own'} {_TONE[direction]}"
        return MatrixCell(kind, sign, says, records.href(cell.entry))
    if cell.predicted is None:
        return MatrixCell("unknown", "", f"{where}: not on record")
    start = round(cell.predicted.low * 100)
    width = max(2, round(cell.predicted.high * 100) - start)
    says = f"{where}: not on record; predicted {share(cell.predicted)}"
    return MatrixCell("unknown predicted", "", says, "", min(start, 98), width)
