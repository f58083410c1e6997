"""Reading a long table: one row a position, in CSV, Parquet or JSON lines.

    member,question,response,date
    Arda,Q1,support,2031-03-02

The columns, their forms and their bounds are written out in docs/reference/formats.md. Rows keep
their order; which of several on one cell counts is settled by `Positions.current`.

What kind of body it is follows from the table alone: any `pass`, or more than 250 members, is a
consultation; else at most 60 members are a council; else it is an assembly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from allweather.errors import InputError, MalformedRecord, NothingToReview
from allweather.formats.columns import Columns, Wanted, read_columns, shown
from allweather.formats.files import (
    MAX_MEMBERS,
    MAX_NAME,
    MAX_QUESTIONS,
    check_id,
    check_text,
    folder_name,
)
from allweather.formats.reading import Reading, counted, n_replaced
from allweather.formats.words import Words
from allweather.positions import (
    UNDATED,
    Basis,
    Body,
    Member,
    Note,
    Positions,
    Question,
    Response,
    Source,
    parse_date,
)

REQUIRED_COLUMNS = ("member", "question", "response")
_WORDS = (*REQUIRED_COLUMNS, "date", "basis", "source", "text", "note", "name", "area")
_NUMBERS = ("intensity", "weight")

MAX_COUNCIL = 60
MAX_ASSEMBLY = 250
#: More entries than this with notes or sources would not fit; then they are left out, and it is said.
MAX_NOTES = 250_000

_RESPONSES = {
    "support": Response.SUPPORT,
    "conditional": Response.CONDITIONAL,
    "consent": Response.CONSENT,
    "abstain": Response.ABSTAIN,
    "mixed": Response.MIXED,
    "reserve": Response.RESERVE,
    "oppose": Response.OPPOSE,
    "pass": Response.PASS,
    "agree": Response.SUPPORT,
    "disagree": Response.OPPOSE,
    "yes": Response.SUPPORT,
    "no": Response.OPPOSE,
    "1": Response.SUPPORT,
    "0": Response.PASS,
    "-1": Response.OPPOSE,
}
_BASES = {"own": Basis.OWN, "inferred": Basis.INFERRED, "common": Basis.COMMON}


@dataclass(frozen=True, slots=True)
class _Cells:
    """What the rows say, in columns of `Positions`."""

    member: Words
    question: Words
    response: npt.NDArray[np.int8]
    known_by: npt.ArrayLike
    basis: npt.ArrayLike
    intensity: npt.ArrayLike
    weight: npt.ArrayLike


def read_table(path: Path, progress: Callable[[str], None]) -> Reading:
    """Read a long table.

    Raises UnreadableSource, MalformedRecord (naming the row) or NothingToReview.
    """
    progress(f"Reading {path.name}")
    columns = read_columns(path, Wanted(words=_WORDS, numbers=_NUMBERS, required=REQUIRED_COLUMNS))
    if columns.n_rows == 0:
        raise NothingToReview("the table has no rows", where=str(path))
    progress(f"Checking {columns.n_rows:,} rows")
    cells = _cells(columns)
    said: list[str] = [f"{counted(columns.n_rows, 'row')} read."]
    members = _members(columns, cells.member, said)
    questions, areas = _questions(columns, cells.question, said)
    notes, sources = _notes(columns, said)
    positions = Positions.from_columns(
        members,
        questions,
        cells.member.codes,
        cells.question.codes,
        cells.response,
        known_by=cells.known_by,
        basis=cells.basis,
        intensity=cells.intensity,
        weight=cells.weight,
        body=_body(len(members), cells.response),
        title=path.stem,
        notes=notes,
        sources=sources,
    )
    if n := n_replaced(positions):
        said.append(f"{counted(n, 'row gives', 'rows give')} way to another on the same member and question.")
    unused = [name for name in columns.names if name not in (*_WORDS, *_NUMBERS)]
    if unused:
        said.append(f"Columns not used: {shown(unused)}.")
    return Reading(
        positions=positions,
        format="long table",
        conversation=folder_name(path),
        intake=tuple(said),
        areas=areas,
    )


def _cells(columns: Columns) -> _Cells:
    member = columns.ids("member", MAX_MEMBERS)
    question = columns.ids("question", MAX_QUESTIONS)
    basis = columns.words.get("basis")
    return _Cells(
        member=member,
        question=question,
        response=_coded(columns, "response", _RESPONSES, None),
        known_by=_days(columns),
        basis=int(Basis.OWN) if basis is None else _coded(columns, "basis", _BASES, Basis.OWN),
        intensity=_numbers(columns, "intensity", np.nan, 0, 100),
        weight=_numbers(columns, "weight", 1.0, 1e-6, 1.0),
    )


def _coded(columns: Columns, name: str, known: Mapping[str, int], empty: int | None) -> npt.NDArray[np.int8]:
    """A column of a closed list of words; case and blanks around a word do not matter."""
    column = columns.words[name]
    values = np.zeros(len(column.words) + 1, dtype=np.int8)
    for code, word in enumerate(column.words):
        key = word.strip().lower()
        if key not in known:
            raise MalformedRecord(
                f"the {name} {word[:80]!r} is none of {', '.join(known)}",
                where=columns.place(column.first_row(code)),
            )
        values[code] = known[key]
    if empty is None:
        columns.full(name)
    values[-1] = empty or 0
    return values[column.codes]


def _days(columns: Columns) -> npt.ArrayLike:
    column = columns.words.get("date")
    if column is None:
        return UNDATED
    days = np.full(len(column.words) + 1, UNDATED, dtype=np.int32)
    for code, word in enumerate(column.words):
        try:
            last = parse_date(word).last
        except InputError as error:
            raise MalformedRecord(error.what, where=columns.place(column.first_row(code))) from None
        days[code] = UNDATED if last is None else last
    return days[column.codes]


def _numbers(columns: Columns, name: str, empty: float, low: float, high: float) -> npt.ArrayLike:
    values = columns.numbers.get(name)
    if values is None:
        return empty
    wrong = (values < low) | (values > high)
    if np.any(wrong):
        row = int(np.argmax(wrong))
        bounds = "from 0 to 100" if name == "intensity" else "from 0.000001 to 1,000,000"
        raise MalformedRecord(f"the {name} {values[row]:g} is not {bounds}", where=columns.place(row))
    return np.where(np.isnan(values), empty, values).astype(np.float32)


def _members(columns: Columns, member: Words, said: list[str]) -> list[Member]:
    names = _latest(columns, "name", member, "member", said)
    return [
        Member(id, check_text("a name", names[code] or id, columns.where, MAX_NAME))
        for code, id in enumerate(member.words)
    ]


def _questions(columns: Columns, question: Words, said: list[str]) -> tuple[list[Question], dict[str, str]]:
    texts = _latest(columns, "text", question, "question", said)
    areas = _latest(columns, "area", question, "question", said)
    for area in set(areas) - {""}:
        check_id("area", area, columns.where)
    questions = [Question(id, texts[code], area=areas[code]) for code, id in enumerate(question.words)]
    return questions, {area: area for area in sorted(set(areas)) if area}


def _latest(columns: Columns, name: str, owner: Words, whose: str, said: list[str]) -> list[str]:
    """What the column says of each owner: the last that is not empty, "" if there is none."""
    column = columns.words.get(name)
    if column is None:
        return [""] * len(owner.words)
    columns.check_texts(name)
    rows = np.flatnonzero(column.codes >= 0)
    latest = np.full(len(owner.words), -1, dtype=np.int32)
    latest[owner.codes[rows]] = column.codes[rows]  # where an owner repeats, the last one stands
    differs = column.codes[rows] != latest[owner.codes[rows]]
    if n := len(np.unique(owner.codes[rows[differs]])):
        said.append(f"{counted(n, f'{whose} has', f'{whose}s have')} more than one {name}; the last is used.")
    return [column.words[code] if code >= 0 else "" for code in latest]


def _notes(columns: Columns, said: list[str]) -> tuple[dict[int, Note], dict[str, Source]]:
    """A note for each row that has a note, a source, or a date that is not a day."""
    note, source, date = (columns.words.get(name) for name in ("note", "source", "date"))
    noted = np.zeros(columns.n_rows, dtype=bool)
    for column in (note, source):
        if column is not None:
            noted |= column.codes >= 0
    if date is not None:
        # The last element answers for rows without a date.
        inexact = np.array([parse_date(word).first != parse_date(word).last for word in date.words] + [False])
        noted |= inexact[date.codes]
    rows = np.flatnonzero(noted)
    if len(rows) > MAX_NOTES:
        said.append(f"Notes and sources of {len(rows):,} rows are not kept: more than {MAX_NOTES:,}.")
        return {}, {}
    columns.check_texts("note")
    columns.check_texts("source")
    notes = {
        row: Note(
            text=columns.cell("note", row),
            date=columns.cell("date", row),
            sources=tuple(filter(None, [columns.cell("source", row)])),
        )
        for row in map(int, rows)
    }
    return notes, {word: Source(word, word, url=_url(word)) for word in (source.words if source else ())}


def _url(text: str) -> str:
    return text if text.startswith(("https://", "http://")) else ""


def _body(n_members: int, response: npt.NDArray[np.int8]) -> Body:
    if n_members > MAX_ASSEMBLY or np.any(response == Response.PASS):
        return Body.CONSULTATION
    return Body.COUNCIL if n_members <= MAX_COUNCIL else Body.ASSEMBLY
