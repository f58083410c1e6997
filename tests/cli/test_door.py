"""The door: exit codes, one sentence for every failure, nothing half written."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from allweather import __version__
from allweather.cli import main

ROWS = [(f"m{i}", f"q{j}", "agree" if (i * j + i) % 3 else "disagree") for i in range(6) for j in range(4)]


def table(rows: list[tuple[str, str, str]], header: str = "member,question,response") -> str:
    return "\n".join([header, *(",".join(row) for row in rows)]) + "\n"


def run(*args: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in args])


def refused(result: Result, *words: str) -> None:
    """Exit code 2, one sentence on the error stream, nothing else anywhere."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr) < 600
    for word in words:
        assert word in result.stderr, result.stderr


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(table(ROWS), encoding="utf-8")
    return path


def test_help_is_a_good_first_page() -> None:
    for args in (["--help"], ["-h"]):
        result = run(*args)
        assert result.exit_code == 0
        for word in ("review", "evaluate", "Begin here", "examples/nrc-2009", "Exit codes"):
            assert word in result.stdout
    assert run("--version").stdout == f"allweather {__version__}\n"


BAD: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "empty file": (b"", ("empty",)),
    "header only": (b"member,question,response\n", ()),
    "missing column": (b"member,question\nm0,q0\n", ("response",)),
    "unknown response": (b"member,question,response\nm0,q0,perhaps\n", ("perhaps", "row 2")),
    "one member": (b"member,question,response\nm0,q0,agree\nm0,q1,disagree\n", ("one member",)),
    "one question": (b"member,question,response\nm0,q0,agree\nm1,q0,disagree\n", ("one question",)),
    "everyone agrees": (b"member,question,response\nm0,q0,agree\nm1,q1,agree\n", ("everyone agrees",)),
    "nobody answered": (b"member,question,response\nm0,q0,pass\nm1,q1,pass\n", ("nobody has answered",)),
    "not UTF-8": ("member,question,response\nm0,q0,é\n".encode("latin-1"), ("UTF-8",)),
    "UTF-16": ("member,question,response\nm0,q0,agree\n".encode("utf-16"), ()),
    "NUL byte": (b"member,question,response\nm0,q\x000,agree\n", ()),
    "a date that is none": (b"member,question,response,date\nm0,q0,agree,2009-02-30\n", ("2009-02-30",)),
    "a ragged row": (b"member,question,response\nm0,q0\n", ()),
    "an open quote": (b'member,question,response\n"m0,q0,agree\n', ()),
    "a long text": (b"member,question,response,text\nm0,q0,agree," + b"x" * 100_000 + b"\n", ("100,000",)),
    "a long id": (b"member,question,response\n" + b"m" * 100_000 + b",q0,agree\n", ()),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("command", ["review", "evaluate"])
def test_bad_input_is_refused_in_one_sentence(name: str, command: str, tmp_path: Path) -> None:
    data, words = BAD[name]
    path = tmp_path / "table.csv"
    path.write_bytes(data)
    out = tmp_path / "out"
    refused(run(command, path, *(["--out", out] if command == "review" else [])), *words)
    assert not out.exists()


def test_a_parquet_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    whole = tmp_path / "whole.parquet"
    columns = {name: [row[k] for row in ROWS] for k, name in enumerate(("member", "question", "response"))}
    pq.write_table(pa.table(columns), whole)
    data = whole.read_bytes()
    cut = tmp_path / "cut.parquet"
    for n in (0, 1, 4, len(data) // 2, len(data) - 8, len(data) - 1):
        cut.write_bytes(data[:n])
        refused(run("review", cut))


def test_a_source_that_is_not_there(tmp_path: Path) -> None:
    refused(run("review", tmp_path / "nowhere"), "nowhere")
    refused(run("review", tmp_path), "looked for")


@pytest.mark.parametrize(
    ("blocs", "word"),
    [
        ('[[bloc]]\nid = "a"\nname = "A"\nmembers = ["m0", "Utopia"]\n', "Utopia"),
        ('[[bloc]]\nid = "a"\nname = "A"\nmembers = []\n', "'a'"),
        ("[[bloc]\n", "blocs.toml"),
        ("", "blocs.toml"),
    ],
)
def test_wrong_blocs(source: Path, tmp_path: Path, blocs: str, word: str) -> None:
    path = tmp_path / "folder" / "blocs.toml"
    path.parent.mkdir()
    path.write_text(blocs, encoding="utf-8")
    refused(run("review", source, "--blocs", path), word)
    refused(run("review", source, "--blocs", tmp_path / "none.toml"), "none.toml")


@pytest.mark.parametrize("day", ["yesterday", "2009-09", "2009-13-01", "undated", "2009-02-30"])
def test_as_of_needs_one_day(source: Path, day: str) -> None:
    refused(run("review", source, "--as-of", day))


def test_as_of_before_everything_leaves_nothing_to_review(source: Path) -> None:
    refused(run("review", source, "--as-of", "1900-01-01"), "nobody has answered")


@pytest.mark.parametrize(
    "args", [("--seed", "-1"), ("--seed", "x"), ("--threads", "0"), ("--sessions", "9-3")]
)
def test_wrong_options(source: Path, args: tuple[str, str]) -> None:
    result = run("review", source, *args)
    assert result.exit_code == 2
    assert args[0] in result.stderr
    assert "Traceback" not in result.stderr


def test_sessions_are_for_roll_calls(source: Path) -> None:
    refused(run("review", source, "--sessions", "1-2"), "sessions")


def test_an_out_that_cannot_be_written(source: Path, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("mine", encoding="utf-8")
    refused(run("review", source, "--out", in_the_way), "file")
    refused(run("review", source, "--out", in_the_way / "below"), "below")
    assert in_the_way.read_text(encoding="utf-8") == "mine"
    assert {one.name for one in tmp_path.iterdir()} == {"file", "table.csv"}


def test_a_fault_of_ours_is_said_to_be_ours(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.delenv("ALLWEATHER_TRACEBACK", raising=False)
    monkeypatch.setattr("allweather.review.JointReview.fit", broken)
    result = run("review", source)
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1
    assert "fault of the program" in result.stderr
    assert "ZeroDivisionError" in result.stderr


def test_an_interrupt_leaves_nothing_behind(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("allweather.report.write_files", interrupted)
    result = run("review", source, "--out", tmp_path / "out")
    assert result.exit_code == 130
    assert not (tmp_path / "out").exists()


def test_evaluate_says_when_there_are_too_few_answers(source: Path) -> None:
    result = run("evaluate", source, "--seeds", "0")
    assert result.exit_code == 0, result.output
    assert "too few" in result.stdout
    assert "joint review" in result.stdout
    assert "question mean" in result.stdout


def test_evaluate_speaks_json(source: Path) -> None:
    import json

    result = run("evaluate", source, "--seeds", "0-1", "--json")
    rows = json.loads(result.stdout)
    assert {row["seed"] for row in rows} == {0, 1}
    assert {"log_loss", "accuracy", "auc", "ece", "coverage", "n_hidden", "method"} <= rows[0].keys()
