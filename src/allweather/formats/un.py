"""Reading roll calls of the UN General Assembly, as tables of votes, roll calls and issues.

`un_votes` (rcid, ccode or country_code, vote) is needed; `un_roll_calls` (session, date, short,
descr, unres) and `un_roll_call_issues` (short_name, issue) are used where they lie beside it. Each
may be Parquet or CSV. The columns are written out in docs/reference/formats.md.

Members are told apart by `ccode`, because a country's code outlives the state (two Germanys have
been DE, two Yemens YE). The day of a vote is trusted from session 59 on; before, upstream's days
of the month are wrong, and only the end of the year is taken as the latest possible day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from allweather.errors import InputError, MalformedRecord, NothingToReview, UnreadableSource
from allweather.formats.columns import Columns, Wanted, read_columns
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
from allweather.positions import UNDATED, Body, Member, Positions, Question, Response, parse_date

#: The columns that tell a table of votes; one of `COUNTRY_COLUMNS` must be there too.
VOTE_COLUMNS = ("rcid", "vote")
COUNTRY_COLUMNS = ("ccode", "country_code")
FIRST_SESSION_WITH_DAYS = 59

ATTRIBUTION = "Roll calls of the UN General Assembly from Erik Voeten's United Nations voting data."

_RESPONSES = {"yes": Response.SUPPORT, "abstain": Response.ABSTAIN, "no": Response.OPPOSE}
_ADOPTED = ": resolution / adopted by the General Assembly"


@dataclass(frozen=True, slots=True)
class _RollCall:
    session: int
    known_by: int
    text: str


def read_un(path: Path, progress: Callable[[str], None], sessions: tuple[int, int] | None) -> Reading:
    """Read a table of votes and what lies beside it, only the sessions first to last if given.

    Raises UnreadableSource, MalformedRecord, NothingToReview, or InputError for sessions that are
    out of range.
    """
    progress(f"Reading {path.name}")
    columns = read_columns(
        path, Wanted(words=("rcid", "vote", *COUNTRY_COLUMNS, "country"), required=VOTE_COLUMNS)
    )
    if columns.n_rows == 0:
        raise NothingToReview("the table has no votes", where=str(path))
    progress("Reading roll calls and issues")
    roll_calls = _roll_calls(beside(path, "un_roll_calls"))
    issues, areas = _issues(beside(path, "un_roll_call_issues"))
    rcid = columns.ids("rcid", MAX_QUESTIONS)
    response = _responses(columns)
    kept = _in_sessions(rcid, roll_calls, sessions, path)
    questions, question = _questions(rcid, kept, roll_calls, issues)
    members, member = _members(columns, kept, question)
    days = np.array(
        [roll_calls[one.id].known_by if one.id in roll_calls else UNDATED for one in questions],
        dtype=np.int32,
    )
    order = np.lexsort((member, question))
    positions = Positions.from_columns(
        members,
        questions,
        member[order],
        question[order],
        response[kept][order],
        known_by=days[question[order]],
        body=Body.ASSEMBLY,
        title=_title(roll_calls, [one.id for one in questions]),
    )
    return Reading(
        positions=positions,
        format="UN roll calls",
        conversation=folder_name(path),
        intake=_intake(positions, roll_calls, columns.n_rows),
        areas=areas,
        attribution=ATTRIBUTION,
    )


def beside(votes: Path, name: str) -> Path | None:
    """The other table `name` beside the table of votes, Parquet before CSV."""
    found = (votes.with_name(f"{name}.{suffix}") for suffix in ("parquet", "csv"))
    return next((path for path in found if path.is_file()), None)


def _responses(columns: Columns) -> npt.NDArray[np.int8]:
    column = columns.full("vote")
    for code, word in enumerate(column.words):
        if word not in _RESPONSES:
            raise MalformedRecord(
                f"the vote {word[:80]!r} is none of yes, abstain, no",
                where=columns.place(column.first_row(code)),
            )
    return np.array([_RESPONSES[word] for word in column.words], dtype=np.int8)[column.codes]


def _roll_calls(path: Path | None) -> dict[str, _RollCall]:
    if path is None:
        return {}
    columns = read_columns(
        path,
        Wanted(
            words=("rcid", "date", "unres", "short", "descr"),
            integers=("session",),
            required=("rcid", "session", "date"),
        ),
    )
    if columns.n_rows == 0:
        return {}
    rcid = columns.ids("rcid", MAX_QUESTIONS)
    if len(rcid.words) != columns.n_rows:
        raise MalformedRecord("a roll call is listed twice", where=columns.where)
    sessions = columns.integers["session"]
    return {
        rcid.cell(row): _RollCall(
            int(sessions[row]), _known_by(columns, row, int(sessions[row])), _text(columns, row)
        )
        for row in range(columns.n_rows)
    }


def _known_by(columns: Columns, row: int, session: int) -> int:
    # R and pandas write a day into CSV with its midnight.
    text = columns.cell("date", row).removesuffix(" 00:00:00").removesuffix("T00:00:00")
    if not text:
        return UNDATED
    try:
        date = parse_date(text if session >= FIRST_SESSION_WITH_DAYS else text[:4])
    except InputError as error:
        raise MalformedRecord(error.what, where=columns.place(row)) from None
    return UNDATED if date.last is None else date.last


def _text(columns: Columns, row: int) -> str:
    """The resolution's title where one of the two descriptions has it, else the shorter one."""
    short, descr = columns.cell("short", row).strip(), columns.cell("descr", row).strip()
    titled = next((text for text in (short, descr) if text.endswith(_ADOPTED)), "")
    text = titled.removesuffix(_ADOPTED).strip() or short or descr
    unres = columns.cell("unres", row).strip()
    text = f"{text} ({unres})" if text and unres else text or unres
    return check_text("a description", text, columns.place(row))


def _issues(path: Path | None) -> tuple[dict[str, str], dict[str, str]]:
    """The first issue code of each roll call, and the names of the codes."""
    if path is None:
        return {}, {}
    required = ("rcid", "short_name", "issue")
    columns = read_columns(path, Wanted(words=required, required=required))
    issues: dict[str, str] = {}
    areas: dict[str, str] = {}
    for row in range(columns.n_rows):
        rcid, code, name = (columns.cell(column, row) for column in required)
        if code:
            check_id("short_name", code, columns.place(row))
            issues.setdefault(rcid, code)
            areas.setdefault(code, check_text("an issue's name", name, columns.place(row), MAX_NAME))
    return issues, dict(sorted(areas.items()))


def _in_sessions(
    rcid: Words, roll_calls: dict[str, _RollCall], sessions: tuple[int, int] | None, path: Path
) -> npt.NDArray[np.intp]:
    """The rows whose roll call is in the sessions."""
    if sessions is None:
        return np.arange(len(rcid.codes))
    if not roll_calls:
        raise InputError(
            "sessions need the table un_roll_calls, which is not beside the votes", where=str(path)
        )
    first, last = sessions
    known = [one.session for one in roll_calls.values()]
    if first > last or first < min(known) or last > max(known):
        raise InputError(
            f"sessions {first} to {last} are out of range; the data have {min(known)} to {max(known)}",
            where=str(path),
        )
    wanted = {id for id, one in roll_calls.items() if first <= one.session <= last}
    kept = np.flatnonzero(np.array([word in wanted for word in rcid.words])[rcid.codes])
    if not len(kept):
        raise NothingToReview(f"no vote in sessions {first} to {last}", where=str(path))
    return kept


def _questions(
    rcid: Words,
    kept: npt.NDArray[np.intp],
    roll_calls: dict[str, _RollCall],
    issues: dict[str, str],
) -> tuple[list[Question], npt.NDArray[np.int32]]:
    """The roll calls that occur, in order of time, and the index of each kept row's."""
    codes = rcid.codes[kept]

    def when(code: int) -> tuple[int, int, int, str]:
        word = rcid.words[code]
        found = roll_calls.get(word)
        number = int(word) if word.isascii() and word.isdigit() else 0
        return (found.session, found.known_by, number, word) if found else (0, UNDATED, number, word)

    order = sorted((int(code) for code in np.unique(codes)), key=when)
    new = np.full(len(rcid.words), -1, dtype=np.int32)
    new[order] = np.arange(len(order), dtype=np.int32)
    words = [rcid.words[code] for code in order]
    questions = [
        Question(word, roll_calls[word].text if word in roll_calls else "", area=issues.get(word, ""))
        for word in words
    ]
    return questions, new[codes]


def _members(
    columns: Columns, kept: npt.NDArray[np.intp], question: npt.NDArray[np.int32]
) -> tuple[list[Member], npt.NDArray[np.int32]]:
    """The members that occur, by ccode if the table has it, and the index of each kept row's."""
    key_name = next((name for name in COUNTRY_COLUMNS if name in columns.words), None)
    if key_name is None:
        raise UnreadableSource("the columns 'ccode' and 'country_code' are both missing", where=columns.where)
    key = columns.ids(key_name, MAX_MEMBERS).order_by_number()
    used, member = np.unique(key.codes[kept], return_inverse=True)
    # A state's latest row, by the order of the questions in time, gives its code and name.
    latest = np.zeros(len(used), dtype=np.int64)
    order = np.argsort(question, kind="stable")
    latest[member[order]] = kept[order]
    codes = [columns.cell("country_code", int(row)) for row in latest]
    members = []
    for code, row, country in zip(used, latest, codes, strict=True):
        id = country if country and codes.count(country) == 1 else key.words[code]
        place = columns.place(int(row))
        name = check_text("a name", columns.cell("country", int(row)), place, MAX_NAME) or id
        members.append(Member(check_id("country code", id, place), name))
    return members, member.astype(np.int32)


def _title(roll_calls: dict[str, _RollCall], kept: list[str]) -> str:
    sessions = [roll_calls[id].session for id in kept if id in roll_calls]
    if not sessions:
        return "UN General Assembly, roll calls"
    first, last = min(sessions), max(sessions)
    return "UN General Assembly, roll calls of " + (
        f"session {first}" if first == last else f"sessions {first} to {last}"
    )


def _intake(positions: Positions, roll_calls: dict[str, _RollCall], n_rows: int) -> tuple[str, ...]:
    said = [f"{counted(len(positions), 'vote')} read."]
    if n_out := n_rows - len(positions):
        said.append(f"{counted(n_out, 'vote')} in other sessions left out.")
    if n := n_replaced(positions):
        said.append(f"{counted(n, 'vote was', 'votes were')} replaced by a later one.")
    known = [roll_calls[one.id] for one in positions.questions if one.id in roll_calls]
    if n_year := sum(one.session < FIRST_SESSION_WITH_DAYS and one.known_by != UNDATED for one in known):
        said.append(
            f"{counted(n_year, 'roll call')} before session {FIRST_SESSION_WITH_DAYS} dated to the end of "
            "the year: upstream has wrong days for them."
        )
    if n_bare := positions.n_questions - len(known):
        said.append(f"{counted(n_bare, 'roll call has', 'roll calls have')} no date and no description.")
    return tuple(said)
