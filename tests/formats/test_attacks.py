"""Attacking every reader: each cut and each changed byte is read, or refused in one sentence.

A cut of a CSV at the end of a row is a shorter CSV, and nothing in the format tells them apart;
the same holds for a changed letter in a text. What must never happen is another exception, or a
sentence of many lines.
"""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from allweather.errors import InputError, UnreadableSource
from allweather.formats import columns, jsonlines, read, read_blocs, table
from tests.formats.compare import check_sentence, refusal
from tests.formats.test_blocs import TOML
from tests.formats.test_recognise import DOSSIER, POLIS, TABLE, UN

LINES = '{"member":"a","question":"q","response":1}\n{"member":"b","question":"q","response":"no"}\n'
QUOTED = 'member,question,response,date,note\r\n"a ""b""",q,yes,2009-03,"one\r\ntwo"\r\nc,q,no,,\r\n'
SMALL = {
    "table.csv": TABLE,
    "quoted.csv": QUOTED,
    "votes.csv": POLIS,
    "un.csv": UN,
    "lines.jsonl": LINES,
    "dossier.json": DOSSIER,
}
#: One of each kind: end of text, quote, comma, line end, NUL, digit, letter, and no UTF-8 at all.
BYTES = b'\x00\n",0a{\xff'


def attempt(path: Path) -> bool:
    """Read a source; True if it is read, False if it is refused as it should be."""
    try:
        found = read(path).positions
    except InputError as error:
        check_sentence(str(error))
        return False
    assert len(found) > 0
    return True


@pytest.mark.parametrize("name", SMALL)
def test_every_cut_from_the_end(tmp_path: Path, name: str) -> None:
    whole = SMALL[name].encode()
    path = tmp_path / name
    read_at = []
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        if attempt(path):
            read_at.append(whole[:end])
    for cut in read_at:
        # What is read of a cut file is a whole shorter one: of JSON none but the lines, of CSV whole rows.
        if name == "dossier.json":
            pytest.fail("a dossier that is cut short was read")
        if name == "lines.jsonl":
            assert cut.strip().endswith(b"}")
        else:
            rows = list(csv.reader(cut.decode().splitlines(keepends=True), strict=True))
            assert {len(row) for row in rows if row} == {len(rows[0])}


@pytest.mark.parametrize("name", SMALL)
def test_every_changed_byte(tmp_path: Path, name: str) -> None:
    whole = SMALL[name].encode()
    path = tmp_path / name
    refused = 0
    for at, byte in itertools.product(range(len(whole)), BYTES):
        path.write_bytes(whole[:at] + bytes([byte]) + whole[at + 1 :])
        refused += not attempt(path)
    assert refused > len(whole)  # NUL and 0xff alone are two of eight at every place


@pytest.fixture(scope="module")
def parquet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("parquet") / "t.parquet"
    cells = {"member": ["a", "b"], "question": ["q", "q"], "response": ["yes", "no"]}
    pq.write_table(pa.table(cells), path)
    assert attempt(path)
    return path


def test_parquet_cut_short_is_refused_everywhere(parquet: Path, tmp_path: Path) -> None:
    whole = parquet.read_bytes()
    path = tmp_path / "cut.parquet"
    for end in range(0, len(whole), 7):
        path.write_bytes(whole[:end])
        said = refusal(path, UnreadableSource)
        if end >= 4:
            assert "not a whole Parquet file: cut short or damaged" in said


def test_parquet_with_changed_bytes(parquet: Path, tmp_path: Path) -> None:
    whole = parquet.read_bytes()
    path = tmp_path / "changed.parquet"
    refused = 0
    for at, byte in itertools.product(range(0, len(whole), 3), (0x00, 0x7F, 0xFF)):
        path.write_bytes(whole[:at] + bytes([byte]) + whole[at + 1 :])
        refused += not attempt(path)
    assert refused > 0


def test_blocs_cut_and_changed(tmp_path: Path) -> None:
    whole = TOML.encode()
    path = tmp_path / "blocs.toml"
    for at in range(len(whole)):
        for data in (whole[:at], *(whole[:at] + bytes([byte]) + whole[at + 1 :] for byte in BYTES)):
            path.write_bytes(data)
            try:
                found = read_blocs(path)
            except InputError as error:
                check_sentence(str(error))
            else:
                assert all(one.id and one.members for one in found) or b"members" in data


def test_a_table_of_quotes_alone_ends(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"member,question,response\n" + b'"' * 2_000_001)
    refusal(path)


def test_a_row_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b'member,question,response,note\na,q,yes,"' + b"x" * (40 * 2**20) + b'"\n')
    refusal(path)


def test_a_header_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"x" * 10**6)
    refusal(path)
    path.write_bytes(b",".join(b"c%d" % k for k in range(100_000)))
    refusal(path)


def test_parquet_that_unpacks_beyond_measure_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.parquet"
    names = ("member", "question", "response")
    pq.write_table(pa.table(dict.fromkeys(names, pa.array(["yes"] * 2_000))), path)
    assert attempt(path)
    with monkeypatch.context() as patch:
        patch.setattr(columns, "MAX_ENTRIES", 1_999)
        assert "2,000 rows; at most 1,999 are read" in refusal(path, UnreadableSource)
    with monkeypatch.context() as patch:
        patch.setattr(columns, "MAX_UNPACKED_BYTES", 100)
        assert "unpacks to more than 100 bytes" in refusal(path, UnreadableSource)


def test_more_rows_members_or_questions_than_the_bounds_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in (("a.csv", TABLE), ("a.jsonl", LINES)):
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(columns, "MAX_ENTRIES", 1)
    monkeypatch.setattr(jsonlines, "MAX_ENTRIES", 1)
    assert "2 rows; at most 1 are read" in refusal(tmp_path / "a.csv", UnreadableSource)
    assert "more than 1 rows" in refusal(tmp_path / "a.jsonl", UnreadableSource)
    monkeypatch.undo()
    monkeypatch.setattr(table, "MAX_MEMBERS", 1)
    assert "2 different values of 'member'; at most 1 are read" in refusal(tmp_path / "a.csv")
    monkeypatch.undo()
    monkeypatch.setattr(table, "MAX_QUESTIONS", 0)
    assert "1 different values of 'question'; at most 0 are read" in refusal(tmp_path / "a.csv")
