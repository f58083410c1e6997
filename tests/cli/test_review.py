"""`allweather review` on the first dossier: no hindsight, the same bytes, hostile texts made harmless."""

from __future__ import annotations

import csv
import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from allweather.cli import main
from allweather.positions import parse_date

ROOT = Path(__file__).resolve().parents[2]
DOSSIER = ROOT / "examples" / "nrc-2009"
AS_OF = "2009-09-18"
FILES = {
    "index.html",
    "review.json",
    "convergence.csv",
    "members.csv",
    "packages.json",
    "map.svg",
    "convergence.svg",
}


def review(source: Path, out: Path, *args: str) -> dict[str, bytes]:
    result = CliRunner().invoke(main, ["review", str(source), "--out", str(out), *args])
    assert result.exit_code == 0, result.output
    return {one.name: one.read_bytes() for one in out.iterdir()} | {"(terminal)": result.stdout.encode()}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return review(DOSSIER, tmp_path_factory.mktemp("first") / "out", "--as-of", AS_OF)


@pytest.fixture(scope="module")
def said(written: dict[str, bytes]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(written["review.json"])
    return found


def test_all_files_are_there(written: dict[str, bytes]) -> None:
    assert written.keys() - {"(terminal)"} >= FILES


def test_the_summary_says_the_verdicts(written: dict[str, bytes], said: dict[str, Any]) -> None:
    text = written["(terminal)"].decode()
    for word in ("29 members", "40 questions", "2009-09-18"):
        assert word in text
    for verdict in {one["verdict"] for one in said["questions"]}:
        assert verdict.upper() in text.upper()


def test_outcomes_change_nothing(written: dict[str, bytes], tmp_path: Path) -> None:
    """Remove every outcome, and all statistics about the dossier: the same bytes must come out."""
    folder = tmp_path / DOSSIER.name
    shutil.copytree(DOSSIER, folder)
    dossier = json.loads((folder / "dossier.json").read_text(encoding="utf-8"))
    n_removed = 0
    for proposition in dossier["propositions"]:
        for key in [key for key in proposition if key.startswith("outcome")]:
            del proposition[key]
            n_removed += 1
    dossier.pop("stats")
    assert n_removed > 40
    (folder / "dossier.json").write_text(json.dumps(dossier), encoding="utf-8")
    again = review(folder, tmp_path / "out", "--as-of", AS_OF)
    again["(terminal)"] = again["(terminal)"].replace(str(tmp_path / "out").encode(), b"")
    for name in FILES:
        assert again[name] == written[name], name


def test_later_records_change_nothing(written: dict[str, bytes], tmp_path: Path) -> None:
    """Remove every record, common text and deal that may be later: only the count of them may change."""
    folder = tmp_path / DOSSIER.name
    shutil.copytree(DOSSIER, folder)
    dossier = json.loads((folder / "dossier.json").read_text(encoding="utf-8"))
    limit = parse_date(AS_OF).last
    assert limit is not None
    for kind in ("positions", "collective_texts", "packages"):
        kept = [
            one
            for one in dossier[kind]
            if (last := parse_date(one["date"]).last) is not None and last <= limit
        ]
        assert 0 < len(kept) < len(dossier[kind])
        dossier[kind] = kept
    (folder / "dossier.json").write_text(json.dumps(dossier), encoding="utf-8")
    again = review(folder, tmp_path / "out", "--as-of", AS_OF)
    for name in FILES - {"index.html"}:
        assert again[name] == written[name], name


def test_no_record_on_the_page_may_be_later(written: dict[str, bytes]) -> None:
    """The dates of all records shown, read back from the page itself."""
    page = written["index.html"].decode()
    dossier = json.loads((DOSSIER / "dossier.json").read_text(encoding="utf-8"))
    limit = dt.date.fromisoformat(AS_OF)
    for one in dossier["positions"]:
        last = parse_date(one["date"]).last
        if last is None or dt.date(1970, 1, 1) + dt.timedelta(last) > limit:
            assert one["summary"] not in page, one
    for one in dossier["propositions"]:
        for note in (one["outcome_note"], f">{one['outcome']}<"):
            assert not note or note not in page


def test_unknown_cells_stay_unknown_in_every_table(said: dict[str, Any], written: dict[str, bytes]) -> None:
    unknown = [cell for cell in said["cells"] if cell["response"] is None]
    assert len(unknown) == 740
    assert all(cell["basis"] is None and cell["entry"] is None for cell in unknown)
    assert all(cell["predicted"]["low"] <= cell["predicted"]["high"] for cell in unknown)
    assert all(cell["predicted"] is None for cell in said["cells"] if cell["response"] is not None)


def test_same_seed_same_bytes(written: dict[str, bytes], tmp_path: Path) -> None:
    for n_threads in ("1", "2"):
        again = review(DOSSIER, tmp_path / n_threads, "--as-of", AS_OF, "--threads", n_threads)
        assert {name: again[name] for name in FILES} == {name: written[name] for name in FILES}


HOSTILE = ['=HYPERLINK("http://x")', "+1+1", "-2+3", "@SUM(A1)", "<script>alert(1)</script>", "\t=1", 'a,b"c']


def test_hostile_texts_are_harmless(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["member", "question", "response", "text", "note"])
        for i in range(6):
            for j, text in enumerate(HOSTILE):
                response = "oppose" if (i + j) % 4 == 0 else "support"
                writer.writerow([f"<b>m{i}</b>", f"={j}", response, text, text])
    files = review(path, tmp_path / "out")
    page = files["index.html"].decode()
    assert "<script" not in page
    assert "<b>m" not in page
    for name in ("convergence.csv", "members.csv"):
        for row in csv.reader(files[name].decode().splitlines()):
            for cell in row:
                assert not cell.startswith(("=", "+", "@", "\t")), (name, cell)
                if cell.startswith("-"):
                    float(cell)
