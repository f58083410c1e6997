"""The CSV and JSON files: RFC 4180, numbers that stay numbers, texts that stay texts."""

from __future__ import annotations

import csv
import dataclasses
import io
import json

import pytest

from allweather.report.tables import convergence_csv, format_csv, members_csv, neutral, packages_json
from allweather.review.results import Review
from tests.report.builders import bare_review, consultation, council_positions, council_review


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1",
        "－1+1",
        "  =1",
        "\u00a0=1",
        "-",
        "+cmd|' /C calc'!A0",
        "--1",
        "-1e5|x",
        "+1 555",
        '=HYPERLINK("http://example.org","x")',
    ],
)
def test_formulas_are_neutralised(text: str) -> None:
    data = format_csv([{"a": text}], ["a"])
    assert read(data) == [["a"], ["'" + text]]


@pytest.mark.parametrize(
    "text", ["12", "-12", "+3.5", "-0.25", "0", "Russia", "a=b", "3 - 2", "", "'=1", "1-2"]
)
def test_plain_texts_and_numbers_stay(text: str) -> None:
    assert neutral(text) == text


def test_numbers_stay_numbers() -> None:
    row = {"a": -0.5, "b": -3, "c": None, "d": True, "e": 1e-4}
    assert format_csv([row], list(row)) == b"a,b,c,d,e\r\n-0.5,-3,,true,0.0001\r\n"


def test_quotes_commas_and_line_breaks_come_back() -> None:
    row = {"a": 'he said "no", twice', "b": "two\r\nlines", "c": "плюс, 加", "d": "\ud800"}
    data = format_csv([row], list(row))
    assert data.startswith(b'a,b,c,d\r\n"he said ""no"", twice",')
    assert read(data)[1] == ['he said "no", twice', "two\r\nlines", "плюс, 加", "?"]


def test_convergence_has_a_row_a_question_by_rank() -> None:
    positions, review = council_positions(), council_review()
    rows = read(convergence_csv(review, positions))
    assert rows[0][:4] == ["rank", "question", "text", "verdict"]
    assert [row[1] for row in rows[1:]] == [one.question for one in review.questions]
    assert [int(row[0]) for row in rows[1:]] == list(range(1, 9))
    first = dict(zip(rows[0], rows[1], strict=True))
    assert float(first["least_support_low"]) == review.questions[0].least_support.low
    assert first["text"] == positions.questions[0].text


def test_members_have_names_and_places() -> None:
    positions, review = council_positions(), council_review(n_dimensions=2)
    rows = read(members_csv(review, positions))
    assert rows[0][:4] == ["member", "name", "party", "n_answers"]
    assert rows[0][-1] == "dimension_2_high"
    assert {row[0]: row[1] for row in rows[1:]}["LT"] == "Lithuania"


def test_unknown_stays_empty() -> None:
    rows = read(convergence_csv(bare_review(), council_positions()))
    at = rows[0].index("consensus_alike")
    assert {row[at] for row in rows[1:]} == {""}


def test_packages_are_the_ones_of_the_review() -> None:
    review = consultation()[1]
    told = json.loads(packages_json(review))
    assert told == json.loads(review.to_json())["packages"]
    assert packages_json(review).endswith(b"}\n")


def test_empty_reviews_give_headers_only() -> None:
    review: Review = dataclasses.replace(council_review(), questions=())
    assert convergence_csv(review, council_positions()) == b"rank,question,text\r\n"
