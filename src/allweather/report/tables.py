"""The tables that go beside the page: CSV for spreadsheets, JSON for programs.

CSV as in RFC 4180: comma, CRLF, quotes doubled, UTF-8. A text that a spreadsheet would run as a
formula gets an apostrophe in front; plain numbers stay numbers. Unknown is an empty cell.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from allweather.positions import Positions
from allweather.report.names import Names
from allweather.review.results import Review

#: What begins a formula in one spreadsheet or another, full-width forms included.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
_NUMBER: Final = re.compile(r"[+-]?\d{1,300}(\.\d{1,300})?", re.ASCII)


def format_csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> bytes:
    """Rows as CSV with a header, in the order of `columns`; None becomes an empty cell."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row[column]) for column in columns])
    return out.getvalue().encode("utf-8", "replace")


def neutral(text: str) -> str:
    """The text such that no spreadsheet takes it for a formula."""
    # Some programs skip leading blanks, so what counts is the first sign after them.
    if text.startswith(_FORMULA) or text.lstrip(" \u00a0").startswith(_FORMULA):
        return text if _NUMBER.fullmatch(text) else "'" + text
    return text


def convergence_csv(review: Review, positions: Positions) -> bytes:
    """A row a question, by rank, with its text."""
    names = Names(review, positions)
    rows = [
        {"rank": row["rank"], "question": row["question"], "text": names.text(row["question"]), **row}
        for row in review.convergence_table()
    ]
    return format_csv(rows, list(rows[0]) if rows else ["rank", "question", "text"])


def members_csv(review: Review, positions: Positions) -> bytes:
    """A row a member: name, party, number of answers and place on the map."""
    names = Names(review, positions)
    rows = [
        {"member": row["member"], "name": names.member(row["member"]), **row} for row in review.member_table()
    ]
    return format_csv(rows, list(rows[0]) if rows else ["member", "name", "party", "n_answers"])


def packages_json(review: Review) -> bytes:
    """The packages as in review.json, on their own."""
    return msgspec.json.format(msgspec.json.encode(review.packages, order="sorted"), indent=1) + b"\n"


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return neutral(str(value))
