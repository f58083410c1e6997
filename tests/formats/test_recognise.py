"""Nothing is recognised wrongly: by content, never by name, and near misses are refused."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from allweather.errors import UnreadableSource
from allweather.formats import files, read
from tests.conftest import ROOT
from tests.formats.compare import refusal

TABLE = "member,question,response\na,q,yes\nb,q,no\n"
POLIS = "timestamp,datetime,comment-id,voter-id,vote\n1700000000,x,0,1,1\n"
UN = "rcid,country,country_code,ccode,vote\n1,Fiji,FJ,950,yes\n"
DOSSIER = json.dumps(
    {
        "members": [{"id": "a", "name": "A"}],
        "propositions": [{"id": "q", "area": "", "text": ""}],
        "positions": [
            {
                "member": "a",
                "proposition": "q",
                "stance": "oppose",
                "basis": "",
                "date": "2009",
                "summary": "",
            }
        ],
    }
)
FORMATS = {
    "long table": TABLE,
    "Polis export": POLIS,
    "UN roll calls": UN,
    "dossier": DOSSIER,
}
NAMES = ["votes.csv", "dossier.json", "un_votes.parquet", "table", "README.md", "ünïcode näme.txt"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("format", FORMATS)
def test_a_file_is_recognised_by_its_content_under_any_name(tmp_path: Path, format: str, name: str) -> None:
    (tmp_path / name).write_text(FORMATS[format], encoding="utf-8")
    assert read(tmp_path / name).format == format


@pytest.mark.parametrize("format", FORMATS)
def test_a_folder_is_recognised_by_the_one_source_in_it(tmp_path: Path, format: str) -> None:
    suffix = ".json" if format == "dossier" else ".csv"
    (tmp_path / f"data{suffix}").write_text(FORMATS[format], encoding="utf-8")
    (tmp_path / "README.md").write_text(TABLE)
    (tmp_path / ".hidden.csv").write_text(TABLE)
    (tmp_path / "other.csv").write_text("name,age\na,1\n")
    (tmp_path / "blocs.csv").write_text("member,bloc\na,x\n")
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "table.csv").write_text(TABLE)
    assert read(tmp_path).format == format


def test_the_examples() -> None:
    assert read(ROOT / "examples" / "nrc-2009").format == "dossier"
    assert read(ROOT / "examples" / "table").format == "long table"


def test_the_shared_data(shared_data: Path) -> None:
    assert read(shared_data / "nrc-2009").format == "dossier"
    assert read(shared_data / "un-votes", sessions=(74, 74)).format == "UN roll calls"
    assert read(shared_data / "un-votes" / "un_votes.parquet", sessions=(74, 74)).format == "UN roll calls"
    folders = sorted((shared_data / "polis").iterdir())
    assert len(folders) == 6
    for folder in folders:
        assert read(folder).format == read(folder / "votes.csv").format == "Polis export"


def test_the_shared_data_that_are_none_of_these_are_refused(shared_data: Path) -> None:
    for name in ("polis", "seeds", "un-votes/published", "ungdc"):
        assert refusal(shared_data / name)
    for name in (
        "README.md",
        "seeds/two-reports-gold.json",
        "seeds/upi-2009-09-18.txt",
        "un-votes/countries.csv",
        "un-votes/un_roll_calls.parquet",
        "un-votes/un_roll_call_issues.parquet",
        "un-votes/published/Matches.csv",
        "ungdc/nrc-members_1985_2024.jsonl.gz",
        "nrc-2009/facts.md",
    ):
        assert refusal(shared_data / name, UnreadableSource)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("member,question,answer\na,q,yes\n", "not a long table: the column response missing"),
        ("Member,Question,Response\na,q,yes\n", "the columns member, question, response missing"),
        ("comment-id,voter-id,vote\n0,1,1\n", "not a Polis export: the column timestamp missing"),
        ("timestamp,voter-id\n1,1\n", "not a Polis export: the columns comment-id, vote missing"),
        ("rcid,vote\n1,yes\n", "not a UN roll calls: the column ccode or country_code missing"),
        ("rcid,session,date\n1,1,1946\n", "the columns vote, ccode or country_code missing"),
        ("name,age\na,1\n", "the file has 'name', 'age'"),
        (",".join(f"c{k}" for k in range(99)) + "\n", "'c11' and 87 more"),
        ('{"members": [], "positions": []}', "not a dossier: the field propositions missing"),
        ('{\n"members": [],\n"positions": []}', "not a dossier: the field propositions missing"),
        ('{\n"type": "FeatureCollection",\n"features": []}', "not a dossier"),
        ('{"type": "FeatureCollection", "features": []}', "the columns member, question, response missing"),
        ("{}", "missing; the file has none"),
        (
            "member,question,response,timestamp,comment-id,voter-id,vote\na,q,yes,1,1,1,1\n",
            "could be Polis export or long table",
        ),
    ],
)
def test_a_near_miss_says_which_columns_are_missing(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "votes.csv").write_text(text)
    assert said in refusal(tmp_path / "votes.csv", UnreadableSource)
    assert said in refusal(tmp_path, UnreadableSource)  # the folder's only candidate


def test_a_near_miss_in_parquet(tmp_path: Path) -> None:
    pq.write_table(pa.table({"member": ["a"], "answer": ["yes"]}), tmp_path / "t.parquet")
    assert "the columns question, response missing; the file has 'member', 'answer'" in refusal(
        tmp_path / "t.parquet", UnreadableSource
    )


def test_a_folder_with_nothing_or_too_much(tmp_path: Path) -> None:
    assert "looked for a dossier" in refusal(tmp_path, UnreadableSource)
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    (tmp_path / "b.csv").write_text("x,z\n1,2\n")
    said = refusal(tmp_path, UnreadableSource)
    assert "looked for a dossier" in said
    assert "2 files tried, the first is not a long table" in said
    (tmp_path / "a.csv").write_text(TABLE)
    (tmp_path / "b.csv").write_text(POLIS)
    assert "the folder holds 2 sources (a.csv, b.csv); name the one to read" in refusal(tmp_path)


def test_a_folder_with_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILES", 2)
    for name in ("a", "b", "c"):
        (tmp_path / name).touch()
    assert "3 files in one folder" in refusal(tmp_path)


def test_paths_that_lead_nowhere(tmp_path: Path) -> None:
    assert "no such file or folder" in refusal(tmp_path / "absent", UnreadableSource)
    assert refusal(tmp_path / ("x" * 5_000), UnreadableSource)
    assert refusal(tmp_path / "a\0b", UnreadableSource)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert refusal(tmp_path / "loop", UnreadableSource)
    (tmp_path / "gone").symlink_to(tmp_path / "absent")
    assert "no such file" in refusal(tmp_path / "gone", UnreadableSource)
    (tmp_path / "file").write_text(TABLE)
    assert refusal(tmp_path / "file" / "below", UnreadableSource)
    os.mkfifo(tmp_path / "pipe")
    assert "neither a file nor a folder" in refusal(tmp_path / "pipe", UnreadableSource)


def test_permission_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A test may run as root, whom no file mode stops: the refusal is made by hand.
    path = tmp_path / "table.csv"
    path.write_text(TABLE)

    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        assert refusal(path, UnreadableSource).endswith("permission denied")
    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", refuse)
        assert refusal(tmp_path, UnreadableSource).endswith("permission denied")


def test_size_is_bounded_before_anything_is_read(tmp_path: Path) -> None:
    for name, start in (("table.csv", TABLE), ("dossier.json", DOSSIER)):
        path = tmp_path / name
        path.write_text(start)
        os.truncate(path, files.MAX_TABLE_BYTES + 1)  # sparse: takes no room
        assert "this format is read up to 2,147,483,648 bytes" in refusal(path, UnreadableSource)


def test_a_folder_where_a_file_is_expected(tmp_path: Path) -> None:
    (tmp_path / "votes.csv").mkdir()
    assert refusal(tmp_path, UnreadableSource)
    (tmp_path / "blocs.toml").mkdir()
    (tmp_path / "table.csv").write_text(TABLE)
    assert read(tmp_path / "table.csv").blocs == ()


def test_progress_is_told(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text(TABLE)
    said: list[str] = []
    read(tmp_path, progress=said.append)
    assert said == ["Reading table.csv", "Checking 2 rows"]


def test_the_conversation_is_the_folders_name_however_it_is_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "talk.2022"
    folder.mkdir()
    (folder / "votes.csv").write_text(POLIS)
    monkeypatch.chdir(folder)
    for path in (folder, folder / "votes.csv", Path(), Path("votes.csv"), Path("../talk.2022/.")):
        assert read(path).conversation == "talk.2022"
