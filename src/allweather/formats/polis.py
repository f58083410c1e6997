"""Reading a Polis export: `votes.csv`, with `comments.csv` and `summary.csv` beside it if there.

The columns are those of Polis (`timestamp`, `comment-id`, `voter-id`, `vote`); what they mean is
written out in docs/reference/formats.md. In our words a Polis comment is a question and a voter a
participant. Every entry is kept, in the order in which it was made; which one counts is settled by
`Positions.current`, and how many that replaces is said in `intake`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from allweather.errors import MalformedRecord, NothingToReview, UnreadableSource
from allweather.formats.columns import Columns, Wanted, read_columns
from allweather.formats.files import (
    MAX_MEMBERS,
    MAX_NAME,
    MAX_QUESTIONS,
    check_text,
    folder_name,
    read_text,
)
from allweather.formats.reading import Reading, counted, n_replaced
from allweather.formats.words import Words
from allweather.positions import Body, Member, Positions, Question, Response

#: The columns that tell a Polis votes file from other tables.
VOTE_COLUMNS = ("timestamp", "comment-id", "voter-id", "vote")
COMMENT_COLUMNS = ("comment-id", "comment-body")
MAX_SUMMARY_BYTES = 2**20

ATTRIBUTION = (
    "Gathered with the Polis software (compdemocracy.org/polis). Open data of The Computational Democracy "
    "Project are under CC BY 4.0 with attribution to it; other exports are under their publisher's terms."
)

_RESPONSES = {"1": Response.SUPPORT, "0": Response.PASS, "-1": Response.OPPOSE}

# Exports give seconds or milliseconds. The bound is the year 5138 in seconds and 1973 in milliseconds.
_MILLISECONDS_FROM = 100_000_000_000
_LAST_MILLISECOND = 253_402_300_799_999  # the end of the year 9999
_MILLISECONDS_A_DAY = 86_400_000


@dataclass(frozen=True, slots=True)
class _Comment:
    text: str
    author: str
    is_out: bool


def read_polis(path: Path, progress: Callable[[str], None]) -> Reading:
    """Read a Polis `votes.csv` and what lies beside it.

    Raises UnreadableSource, MalformedRecord (naming the row) or NothingToReview.
    """
    progress(f"Reading {path.name}")
    columns = read_columns(
        path,
        Wanted(words=VOTE_COLUMNS[1:], integers=("timestamp",), required=VOTE_COLUMNS),
    )
    if columns.n_rows == 0:
        raise NothingToReview("the export has no votes", where=str(path))
    question = columns.ids("comment-id", MAX_QUESTIONS).order_by_number()
    member = columns.ids("voter-id", MAX_MEMBERS).order_by_number()
    responses = _responses(columns)
    days, order = _days(columns)
    comments, n_unvoted = _comments(beside(path, "comments"), set(question.words))
    members = [Member(id, f"Participant {id}") for id in member.words]
    known = set(member.words)
    questions = [
        Question(id, one.text, author=one.author if one.author in known else "")
        for id in question.words
        for one in (comments.get(id, _Comment("", "", False)),)
    ]
    positions = Positions.from_columns(
        members,
        questions,
        member.codes[order],
        question.codes[order],
        responses[order],
        known_by=days[order],
        body=Body.CONSULTATION,
        title=_topic(beside(path, "summary")) or folder_name(path),
    )
    return Reading(
        positions=positions,
        format="Polis export",
        conversation=folder_name(path),
        intake=_intake(positions, question, comments, n_unvoted, columns),
        attribution=ATTRIBUTION,
    )


def beside(votes: Path, name: str) -> Path | None:
    """The export's other file: `comments.csv` beside `votes.csv`, `x-comments.csv` beside `x-votes.csv`."""
    stem = votes.name.removesuffix(".csv")
    if not stem.endswith("votes"):
        return None
    other = votes.with_name(f"{stem.removesuffix('votes')}{name}.csv")
    return other if other.is_file() else None


def _responses(columns: Columns) -> npt.NDArray[np.int8]:
    column = columns.full("vote")
    values = np.zeros(len(column.words), dtype=np.int8)
    for code, word in enumerate(column.words):
        if word not in _RESPONSES:
            raise MalformedRecord(
                f"the vote {word[:80]!r} is none of 1 (agree), 0 (pass), -1 (disagree)",
                where=columns.place(column.first_row(code)),
            )
        values[code] = _RESPONSES[word]
    return values[column.codes]


def _days(columns: Columns) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.intp]]:
    """The day of each row (UTC), and the rows in order of time, those of one time as in the file."""
    time = columns.integers["timestamp"]
    scale = 1 if int(time.max()) >= _MILLISECONDS_FROM else 1000
    wrong = (time < 0) | (time > _LAST_MILLISECOND // scale)
    if np.any(wrong):
        row = int(np.argmax(wrong))
        raise MalformedRecord(f"the timestamp {int(time[row])} is no time", where=columns.place(row))
    days = (time // (_MILLISECONDS_A_DAY // scale)).astype(np.int32)
    return days, np.argsort(time, kind="stable")


def _comments(path: Path | None, voted_on: set[str]) -> tuple[dict[str, _Comment], int]:
    """The comments that somebody voted on, by id, and the number of the others."""
    if path is None:
        return {}, 0
    columns = read_columns(
        path, Wanted(words=(*COMMENT_COLUMNS, "author-id", "moderated"), required=COMMENT_COLUMNS)
    )
    ids = columns.full("comment-id")
    if len(ids.words) != columns.n_rows:
        raise MalformedRecord("a comment is listed twice", where=columns.where)
    comments: dict[str, _Comment] = {}
    for row in range(columns.n_rows):
        id = ids.cell(row)
        text = check_text("a text", columns.cell("comment-body", row), columns.place(row))
        if id in voted_on:
            is_out = columns.cell("moderated", row) == "-1"
            comments[id] = _Comment(text, columns.cell("author-id", row), is_out)
    return comments, columns.n_rows - len(comments)


def _topic(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        rows = list(csv.reader(io.StringIO(read_text(path, MAX_SUMMARY_BYTES), newline=""), strict=True))
    except csv.Error:
        raise UnreadableSource("not a whole CSV file as RFC 4180 has it", where=str(path)) from None
    topic = next((row[1] for row in rows if len(row) == 2 and row[0] == "topic"), "")
    return check_text("a topic", topic, str(path), MAX_NAME)


def _intake(
    positions: Positions,
    question: Words,
    comments: dict[str, _Comment],
    n_unvoted: int,
    columns: Columns,
) -> tuple[str, ...]:
    said = [f"{counted(len(positions), 'vote')} read."]
    if n := n_replaced(positions):
        said.append(f"{counted(n, 'vote was', 'votes were')} replaced by a later one.")
    out = [k for k, id in enumerate(question.words) if id in comments and comments[id].is_out]
    if out:
        n_votes = int(np.count_nonzero(np.isin(positions.question, out)))
        said.append(
            f"{counted(len(out), 'question was', 'questions were')} moderated out on Polis; "
            f"{counted(n_votes, 'vote')} on them kept."
        )
    if n_textless := sum(not one.text for one in positions.questions):
        said.append(f"{counted(n_textless, 'question has', 'questions have')} no text in the export.")
    if n_unvoted:
        said.append(f"{counted(n_unvoted, 'question')} on which nobody voted left out.")
    if "important" in columns.names:
        said.append("Marks of importance (the column 'important') are not used.")
    return tuple(said)
