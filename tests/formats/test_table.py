"""The long table, in its three spellings, with every fault that a table can have."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allweather.errors import InputError, MalformedRecord, NothingToReview, UnreadableSource
from allweather.formats import csvfile, read, table
from allweather.positions import UNDATED, Basis, Body, Positions, Response, check_blocs, format_date
from tests import strategies
from tests.conftest import ROOT
from tests.formats.compare import check_sentence, entries, refusal, told

HEAD = "member,question,response\n"


def write(folder: Path, text: str | bytes, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def rows_of(n: int, response: str = "yes") -> str:
    return HEAD + "".join(f"m{k},q,{response}\n" for k in range(n))


# What it becomes


def test_the_example() -> None:
    reading = read(ROOT / "examples" / "table")
    positions = reading.positions
    assert (reading.format, reading.conversation, positions.body) == ("long table", "table", Body.COUNCIL)
    assert (positions.n_members, positions.n_questions, len(positions)) == (8, 8, 46)
    assert all(one.name.endswith(" (invented)") for one in positions.members)
    assert all(one.text for one in positions.questions)
    check_blocs(reading.blocs, positions)
    assert reading.areas == {area: area for area in ("dams", "data", "fish", "floods")}
    current = {(one.member.id, one.question.id): one for one in entries(positions.current())}
    elm = current["elm", "Q6"]
    assert (elm.response, elm.intensity) == (Response.CONDITIONAL, 50.0)
    assert elm.note.text == "If what it has built counts towards its share."
    assert {response for response in Response if response is not Response.PASS} == {
        one.response for one in entries(positions)
    }
    assert "1 row gives way to another on the same member and question." in reading.intake


def test_every_column(tmp_path: Path) -> None:
    text = (
        "area,name,text,note,weight,source,basis,intensity,date,response,question,member,colour\n"
        'A,,First?,"if, and",0.5,https://example.org/a,own,70,2009-03,conditional,q1,m1,red\n'
        "A,Em,,,,,inferred,,,support,q1,m1,\n"
        "B,Em,Second?,,,Minutes,common,0,c.2008,oppose,q2,m2,\n"
    )
    reading = read(write(tmp_path, text))
    first, second, third = entries(reading.positions)
    assert (first.response, first.basis, first.intensity, first.weight) == (
        Response.CONDITIONAL,
        Basis.OWN,
        70.0,
        0.5,
    )
    assert format_date(first.known_by) == "2009-03-31"
    assert (first.note.text, first.note.date, first.note.sources) == (
        "if, and",
        "2009-03",
        ("https://example.org/a",),
    )
    assert (second.basis, second.known_by, second.intensity, second.weight) == (
        Basis.INFERRED,
        None,
        None,
        1.0,
    )
    assert (third.basis, third.intensity, format_date(third.known_by)) == (Basis.COMMON, 0.0, "2009-12-31")
    assert [one.name for one in reading.positions.members] == ["Em", "Em"]
    assert [(one.text, one.area) for one in reading.positions.questions] == [
        ("First?", "A"),
        ("Second?", "B"),
    ]
    assert reading.positions.sources["https://example.org/a"].url == "https://example.org/a"
    assert reading.positions.sources["Minutes"].url == ""
    assert reading.intake[-1] == "Columns not used: 'colour'."


@pytest.mark.parametrize(("word", "response"), table._RESPONSES.items())
def test_every_word_for_a_response_in_any_case(tmp_path: Path, word: str, response: Response) -> None:
    positions = read(write(tmp_path, HEAD + f"m,q,{word}\nm,r, {word.upper()} \n")).positions
    assert positions.response.tolist() == [response, response]


def test_ids_are_as_written_in_order_of_first_appearance(tmp_path: Path) -> None:
    positions = read(write(tmp_path, HEAD + "10,b,yes\n 2,a,yes\n010,b,no\n")).positions
    assert [one.id for one in positions.members] == ["10", " 2", "010"]
    assert [one.id for one in positions.questions] == ["b", "a"]


def test_the_last_text_of_a_question_is_used_and_it_is_said(tmp_path: Path) -> None:
    text = "member,question,response,text\na,q,yes,Old?\nb,q,no,\nc,q,no,New?\nd,r,no,Only?\n"
    reading = read(write(tmp_path, text))
    assert [one.text for one in reading.positions.questions] == ["New?", "Only?"]
    assert "1 question has more than one text; the last is used." in reading.intake


@pytest.mark.parametrize(
    ("text", "body"),
    [
        (rows_of(1), Body.COUNCIL),
        (rows_of(60), Body.COUNCIL),
        (rows_of(61), Body.ASSEMBLY),
        (rows_of(250), Body.ASSEMBLY),
        (rows_of(251), Body.CONSULTATION),
        (rows_of(2) + "m0,r,pass\n", Body.CONSULTATION),
    ],
)
def test_the_body_follows_from_the_table(tmp_path: Path, text: str, body: Body) -> None:
    assert read(write(tmp_path, text)).positions.body is body


def test_what_costs_nothing_stays_a_broadcast(tmp_path: Path) -> None:
    positions = read(write(tmp_path, rows_of(100))).positions
    for column in (positions.known_by, positions.basis, positions.intensity, positions.weight):
        assert column.strides == (0,)


def test_too_many_notes_are_left_out_and_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MAX_NOTES", 2)
    text = "member,question,response,source\n" + "".join(f"m{k},q,yes,Minutes\n" for k in range(3))
    reading = read(write(tmp_path, text))
    assert (dict(reading.positions.notes), dict(reading.positions.sources)) == ({}, {})
    assert "Notes and sources of 3 rows are not kept: more than 2." in reading.intake


# CSV, Parquet and JSON lines say the same


@given(strategies.positions(max_entries=12).filter(len))
def test_three_spellings_of_one_table_read_alike(tmp_path_factory: Any, positions: Positions) -> None:
    folder = tmp_path_factory.mktemp("spelt")
    columns = spelt(positions)
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    lines = [",".join(columns)] + [
        ",".join("" if v is None else str(v) for v in row.values()) for row in rows
    ]
    write(folder, "\r\n".join(lines), "t.csv")
    write(folder, "\n".join(json.dumps(row) for row in rows), "t.jsonl")
    pq.write_table(pa.table(columns), folder / "t.parquet")
    readings = [read(folder / name) for name in ("t.csv", "t.jsonl", "t.parquet")]
    assert told(readings[0]) == told(readings[1]) == told(readings[2])

    found = readings[0].positions
    np.testing.assert_array_equal(found.response, positions.response)
    np.testing.assert_array_equal(found.basis, positions.basis)
    np.testing.assert_array_equal(found.intensity, positions.intensity)
    np.testing.assert_array_equal(found.weight, positions.weight)
    np.testing.assert_array_equal(found.known_by, positions.known_by)
    assert [one.member.id for one in entries(found)] == [one.member.id for one in entries(positions)]
    assert [one.question.id for one in entries(found)] == [one.question.id for one in entries(positions)]


def spelt(positions: Positions) -> dict[str, list[Any]]:
    """The columns of a long table for these positions, with None for an empty cell."""
    held = entries(positions)
    return {
        "member": [one.member.id for one in held],
        "question": [one.question.id for one in held],
        "response": [one.response.name.lower() for one in held],
        "date": [None if one.known_by is None else format_date(one.known_by) for one in held],
        "basis": [one.basis.name.lower() for one in held],
        "intensity": [one.intensity for one in held],
        "weight": [one.weight for one in held],
    }


def test_parquet_may_hold_numbers_days_and_categories(tmp_path: Path) -> None:
    columns = {
        "member": pa.array([7, 10, 7], type=pa.uint16()),
        "question": pa.array(["q", "r", "q"]).dictionary_encode(),
        "response": pa.array([1, 0, -1], type=pa.int8()),
        "date": pa.array([dt.date(2009, 3, 5), None, dt.date(2009, 3, 6)]),
        "intensity": pa.array([1, None, 100], type=pa.int32()),
    }
    pq.write_table(pa.table(columns), tmp_path / "t.parquet", row_group_size=2)
    positions = read(tmp_path / "t.parquet").positions
    assert [one.id for one in positions.members] == ["7", "10"]
    assert positions.response.tolist() == [Response.SUPPORT, Response.PASS, Response.OPPOSE]
    assert positions.known_by.tolist() == [14_308, UNDATED, 14_309]


def test_json_lines_may_hold_whole_numbers_and_nulls(tmp_path: Path) -> None:
    text = (
        '{"member": 7, "question": "q", "response": 1, "date": null}\n\n'
        '{"member":"8","question":"q","response":-1}'
    )
    positions = read(write(tmp_path, text, "t.jsonl")).positions
    assert [one.id for one in positions.members] == ["7", "8"]
    assert positions.response.tolist() == [Response.SUPPORT, Response.OPPOSE]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_byte_order_mark_line_ends_and_quotes(tmp_path: Path, mark: bytes, end: str) -> None:
    lines = ["", '"member",question,response,note', '"a ""b""",q,yes,"one', 'two, three"', "", "c,q,no,", ""]
    positions = read(write(tmp_path, mark + end.join(lines).encode())).positions
    assert [one.id for one in positions.members] == ['a "b"', "c"]
    assert positions.entry(0).note.text == f"one{end}two, three"


# What is refused

ROW = "member,question,response,date,basis,intensity,weight,note,text,name,area\n"


def row(**cells: str) -> str:
    names = ROW.strip().split(",")
    good = {"member": "a", "question": "q", "response": "yes"} | cells
    return ROW + "z,q,no" + "," * 8 + "\n" + ",".join(good.get(name, "") for name in names) + "\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (row(response="perhaps"), "row 3: the response 'perhaps' is none of support, conditional, consent"),
        (row(response="2"), "row 3: the response '2' is none of"),
        (row(response="1.0"), "row 3: the response '1.0' is none of"),
        (row(response=""), "row 3: the column 'response' is empty"),
        (row(member=""), "row 3: the column 'member' is empty"),
        (row(question=""), "row 3: the column 'question' is empty"),
        (row(member="x" * 201), "row 3: a member of 201 characters; at most 200"),
        (row(member="x" * 100_000), "row 3: a member of 100,000 characters"),
        (row(question="a\u202eb"), "row 3: the question 'a\\u202eb' has characters that cannot be printed"),
        (row(date="2009-02-30"), "row 3: '2009-02-30' is not a date"),
        (row(date="x" * 100_000), "row 3: a date of 100000 characters"),
        (row(basis="guess"), "row 3: the basis 'guess' is none of own, inferred, common"),
        (row(intensity="101"), "row 3: the intensity 101 is not from 0 to 100"),
        (row(intensity="-1"), "row 3: the intensity -1 is not from 0 to 100"),
        (row(intensity="inf"), "row 3: the intensity inf is not"),
        (row(intensity="much"), "row 3: 'much' in the column 'intensity' is not a number"),
        (row(weight="0"), "row 3: the weight 0 is not from 0.000001 to 1"),
        (row(weight="-2"), "row 3: the weight -2 is not"),
        (row(weight="1e300"), "row 3: the weight 1e+300 is not"),
        (row(weight="heavy"), "row 3: 'heavy' in the column 'weight' is not a number"),
        (row(note="x" * 100_000), "row 3: a cell of 'note' of 100,000 characters; at most 20,000"),
        (row(text="x" * 100_000), "row 3: a cell of 'text' of 100,000 characters"),
        (row(name="x" * 100_000), "row 3: a cell of 'name' of 100,000 characters"),
        (row(name="x" * 1_001), "a name of 1,001 characters; at most 1,000"),
        (row(area="x" * 300), "an area of 300 characters"),
        (HEAD + "a,q\n", "row 2: 2 cells in a row, but the header has 3"),
        (HEAD + "a,q,yes\n\nb,q\n", "2 cells in a row, but the header has 3"),
        (HEAD + "a,q,yes\nb,q,yes,more\n", "row 3: 4 cells in a row, but the header has 3"),
    ],
)
def test_a_broken_row_is_named(tmp_path: Path, text: str, said: str) -> None:
    assert said in refusal(write(tmp_path, text), MalformedRecord)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty"),
        (b"\n\n\n", "nothing but blank lines"),
        (b"member,question\na,q\n", "not a long table: the column response missing"),
        (b"member\na\n", "the columns question, response missing; the file has 'member'"),
        (b"member;question;response\na;q;yes\n", "the columns member, question, response missing"),
        (b"member,question,response,member\na,q,yes,b\n", "two columns are named 'member'"),
        (b"member,question,response,note,note\na,q,yes,,\n", "two columns are named 'note'"),
        (HEAD.encode() + b"a\xff,q,yes\n", "not UTF-8"),
        (HEAD.encode("latin-1") + "Ö,q,yes\n".encode("latin-1"), "not UTF-8"),
        ((HEAD + "a,q,yes\n").encode("utf-16"), "not UTF-8"),
        (HEAD.encode() + b"a\0,q,yes\n", "NUL bytes"),
        (b"\0" * 100, "NUL bytes"),
        (HEAD.encode() + b'"a,q,yes\n', "an odd number of quotation marks"),
        (b"PAR1", "not a whole Parquet file"),
        (b"PAR1" + b"x" * 100 + b"PAR1", "not a whole Parquet file"),
        (b'[{"member": "a"}]', "a JSON list; write JSON lines"),
        (b'{"member": "a"}', "the columns question, response missing"),
        (b'{"member": "a", ', "neither whole JSON nor JSON lines"),
        (b"\x89PNG\r\n\x1a\n", "not UTF-8"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    assert said in refusal(write(tmp_path, data), UnreadableSource)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"member": "b", "question": "q"}', "row 2: the field 'response' is missing"),
        ('{"member": "b", "question": "q", "response": "perhaps"}', "row 2: the response 'perhaps'"),
        (
            '{"member": "b", "question": "q", "response": ["yes"]}',
            "row 2: not an object of texts and numbers",
        ),
        ('{"member": "b", "question": "q", "response": null}', "row 2: the column 'response' is empty"),
        ('{"member": 1.5, "question": "q", "response": "yes"}', "'member': 1.5 is neither a text nor"),
        ('{"member": true, "question": "q", "response": "yes"}', "row 2: not an object of texts and numbers"),
        ('{"member": "b", "question": "q", "response": "yes"', "row 2: not JSON"),
        ('["b", "q", "yes"]', "row 2: not an object"),
        ('{"member": "b", "question": "q", "response": "yes", "intensity": "9"}', "a text, not a number"),
        ('{"member": "b", "question": "q", "response": "yes", "intensity": 900}', "row 2: the intensity 900"),
        ('{"member": "b", "note": "' + "x" * 2**20 + '"}', "a line of more than 1,048,576 bytes after row 1"),
        ("[" * 5_000, "row 2: not an object"),
        ('{"member": ' + "[" * 5_000, "row 2: not"),
        ('{"member": "\\ud800", "question": "q", "response": "yes"}', "row 2: not JSON"),
    ],
)
def test_a_broken_line_of_json_is_named(tmp_path: Path, line: str, said: str) -> None:
    good = '{"member": "a", "question": "q", "response": "yes"}\n'
    assert said in refusal(write(tmp_path, good + line, "t.jsonl"))


@pytest.mark.parametrize(
    ("column", "values", "said"),
    [
        ("member", [1.5, 2.5], "the column 'member' holds double; write texts, whole numbers or days"),
        ("member", [["a"], ["b"]], "the column 'member' holds list"),
        ("response", [True, False], "the column 'response' holds bool"),
        ("response", ["yes", None], "row 2: the column 'response' is empty"),
        ("intensity", ["1", "much"], "the column 'intensity' holds string, not numbers"),
        ("date", [dt.datetime(2009, 3, 5, 12, tzinfo=dt.UTC), None], "the column 'date' holds timestamp"),
        ("date", ["2009", "later"], "row 2: 'later' is not a date"),
    ],
)
def test_a_broken_column_of_parquet_is_named(
    tmp_path: Path, column: str, values: list[Any], said: str
) -> None:
    good: dict[str, Any] = {"member": ["a", "b"], "question": ["q", "q"], "response": ["yes", "no"]}
    pq.write_table(pa.table(good | {column: values}), tmp_path / "t.parquet")
    assert said in refusal(tmp_path / "t.parquet", MalformedRecord)


def test_parquet_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    raw = pa.array([b"a\xff", b"b"], type=pa.binary())
    text = pa.Array.from_buffers(pa.string(), 2, raw.buffers())
    columns = {"member": text, "question": ["q", "q"], "response": ["yes", "no"]}
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    refusal(tmp_path / "t.parquet")


def test_no_rows_is_nothing_to_review(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({name: pa.array([], type=pa.string()) for name in ("member", "question", "response")}),
        tmp_path / "t.parquet",
    )
    assert "no rows" in refusal(tmp_path / "t.parquet", NothingToReview)
    assert "no rows" in refusal(write(tmp_path, HEAD), NothingToReview)
    assert "no rows" in refusal(write(tmp_path, HEAD.strip()), NothingToReview)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> int:
    """Makes a CSV be parsed in blocks of some ten rows, as a large one is in blocks of 16 MiB."""
    monkeypatch.setattr(csvfile, "MAX_ROW_BYTES", 128)
    return 128


def long_csv(n: int) -> list[str]:
    """A header and `n` rows, with members and notes that first appear in different blocks."""
    return [
        "member,question,response,note",
        *(f'm{k * 7 % 41},q{k},{("yes", "no", "abstain")[k % 3]},"note, {k % 9}"' for k in range(n)),
    ]


def test_blocks_and_threads_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "\n".join(long_csv(300)))
    whole = told(read(path))
    monkeypatch.setattr(csvfile, "MAX_ROW_BYTES", 128)
    n_threads = pa.cpu_count()
    try:
        for n in (1, 2, 4):
            pa.set_cpu_count(n)
            assert told(read(path)) == whole
    finally:
        pa.set_cpu_count(n_threads)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a,q", "row 202: 2 cells in a row, but the header has 4"),
        ("a,q,perhaps,", "row 202: the response 'perhaps'"),
        ("a,q,yes," + "x" * 500, "a row of more than 128 bytes"),
    ],
)
def test_a_broken_row_is_counted_across_blocks(
    tmp_path: Path, small_blocks: int, line: str, said: str
) -> None:
    lines = long_csv(300)
    lines[201] = line
    assert said in refusal(write(tmp_path, "\n".join(lines)))


@given(st.text(max_size=60))
def test_any_cell_is_read_or_refused_in_one_sentence(tmp_path_factory: Any, text: str) -> None:
    path = tmp_path_factory.mktemp("any") / "t.csv"
    quoted = text.replace('"', '""')
    path.write_bytes(
        f'member,question,response,note\n"{quoted}",q,yes,"{quoted}"\n'.encode("utf-8", "replace")
    )
    try:
        positions = read(path).positions
    except InputError as error:
        check_sentence(str(error))
    else:
        assert positions.entry(0).note.text == positions.members[0].id
