"""`allweather check`: the verdict, the difference without colour, the cache, hostile bodies of speeches."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from allweather.cli import checking, main

NORTH = "We will not cut 40 warheads.\r\nThe northern road stays open to all who come in peace.\n"
SOUTH = (
    "\ufeffTrade is the way to peace. "
    "Ships from every port may pass the strait at any hour, by day and by night."
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    body = tmp_path / "speeches"
    (body / "2009").mkdir(parents=True)
    (body / "2009" / "north.txt").write_bytes(NORTH.encode())
    (body / "south.txt").write_bytes(SOUTH.encode())
    (body / "notes.md").write_text("not a speech")
    (body / "empty.txt").write_bytes(b"")
    return body


def check(quotation: str, folder: Path, *args: str, input: str | None = None) -> Result:
    return CliRunner().invoke(main, ["check", quotation, "--in", str(folder), *args], input=input)


def said(quotation: str, folder: Path) -> dict[str, Any]:
    result = check(quotation, folder, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize(
    ("quotation", "verdict", "document"),
    [
        ("We will not cut 40 warheads", "exact", "2009/north"),
        ("ships from every port … by day and by night", "elided", "south"),
        ("We will cut 40 warheads", "altered", "2009/north"),
        ("Bananas for everybody in every town", "not_found", None),
    ],
)
def test_verdicts(folder: Path, quotation: str, verdict: str, document: str | None) -> None:
    found = said(quotation, folder)
    assert found["verdict"] == verdict
    assert [match["document"] for match in found["matches"][:1]] == ([document] if document else [])
    assert check(quotation, folder).output.startswith(verdict.upper().replace("_", " ") + ":")


def test_places_are_those_of_the_file(folder: Path) -> None:
    (match,) = said("The northern road stays open", folder)["matches"]
    assert NORTH[match["start"] : match["end"]] == "The northern road stays open"
    assert match["line"] == 2


def test_the_difference_is_shown_without_colour(folder: Path) -> None:
    output = check("We will never cut 50 warheads", folder).output
    assert "[-not-]{+never+} cut [-40-]{+50+} warheads" in output
    assert "! number: the quotation has '50', the text has '40'" in output
    assert "\x1b" not in output


def test_what_is_left_out_is_shown(folder: Path) -> None:
    assert (
        "[… may pass the strait at any hour …]"
        in check("from every port ... by day and by night", folder).output
    )


def test_the_quotation_is_read_from_standard_input(folder: Path) -> None:
    assert check("-", folder, input="We will not cut 40 warheads\n").output.startswith("EXACT")


def test_json_lines_packed_lines_and_archives(tmp_path: Path) -> None:
    line = json.dumps({"id": "n", "text": NORTH, "country": "X"}).encode() + b"\n"
    (tmp_path / "a.jsonl").write_bytes(line)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(line))
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("inner/n.txt", NORTH)
        archive.writestr("more.jsonl", line)
    for name, documents in (("a.jsonl", {"n"}), ("b.jsonl.gz", {"n"}), ("c.zip", {"n", "inner/n"})):
        found = said("We will not cut 40 warheads", tmp_path / name)
        assert {match["document"] for match in found["matches"]} == documents
        assert found["n_texts"] == len(documents)


def test_the_index_is_kept_bounded_and_made_anew(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "_LEAST_CACHED", 1)
    monkeypatch.setattr(checking, "_MAX_CACHED_FILES", 2)
    kept = tmp_path / "cache" / "allweather" / "indexes"
    for k in range(4):
        (folder / "more.txt").write_text(f"speech number {k} of the day", encoding="utf-8")
        assert said("We will not cut 40 warheads", folder)["verdict"] == "exact"
        assert len(list(kept.iterdir())) == min(k + 1, 2)
    before = {file: file.stat().st_mtime_ns for file in kept.iterdir()}
    assert said("We will not cut 40 warheads", folder)["verdict"] == "exact"
    assert {file: file.stat().st_mtime_ns for file in kept.iterdir()} == before
    for file in kept.iterdir():
        file.write_bytes(file.read_bytes()[:-1])
    assert said("We will not cut 40 warheads", folder)["verdict"] == "exact"


def test_a_cache_that_cannot_be_written_is_none(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "_LEAST_CACHED", 1)
    (tmp_path / "cache").write_text("a file where the folder would be")
    assert said("We will not cut 40 warheads", folder)["verdict"] == "exact"


def test_texts_that_a_terminal_would_obey_are_made_harmless(tmp_path: Path) -> None:
    (tmp_path / "evil.txt").write_text(
        "\x1b[2JWe will \u202enot cut\x07 40 warheads\x9b31m today", encoding="utf-8"
    )
    output = check("We will not cut 50 warheads", tmp_path).output
    assert "ALTERED" in output
    assert not set(output) & {"\x1b", "\x07", "\x9b", "\u202e"}


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.txt", b"\xff\xfe\x00", "not UTF-8"),
        ("a.jsonl", b"{\n", "line 1: not a JSON object"),
        ("a.jsonl", b'{"id": 3, "text": "a"}\n', "line 1: not a JSON object"),
        ("a.jsonl", b'{"id": "a"}\n', "line 1: not a JSON object"),
        ("a.jsonl", b"[" * 100_000, "line 1: not a JSON object"),
        ("a.jsonl", b'{"id": "", "text": "a"}\n', "an empty id"),
        ("a.jsonl", b'{"id": "a", "text": "a"}\n' * 2, "a second text with the id 'a'"),
        ("a.jsonl", b'{"id": "\xff", "text": "a"}\n', "line 1: not a JSON object"),
        ("a.jsonl.gz", b"no gzip", "cannot be unpacked"),
        ("a.jsonl.gz", gzip.compress(b'{"id": "a", "text": "a"}\n', mtime=0)[:-9], "cannot be unpacked"),
        ("a.zip", b"PK no zip", "not an archive"),
        ("a.pdf", b"%PDF", "not a text file"),
    ],
)
def test_spoilt_files_end_in_one_sentence(tmp_path: Path, name: str, data: bytes, sentence: str) -> None:
    (tmp_path / name).write_bytes(data)
    result = check("We will", tmp_path / name)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1


def test_bombs_end_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("allweather.formats.speeches._MAX_TEXT_BYTES", 1_000_000)
    monkeypatch.setattr("allweather.formats.speeches._MAX_LINE", 1_000_000)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.txt", b"0" * 50_000_000)
    (tmp_path / "bomb.jsonl.gz").write_bytes(gzip.compress(b"0" * 50_000_000))
    for name in ("bomb.zip", "bomb.jsonl.gz"):
        result = check("We will", tmp_path / name)
        assert result.exit_code == 2
        assert "of more than 1,000,000 bytes" in result.stderr


@pytest.mark.parametrize(
    ("quotation", "sentence"),
    [
        ("", "no words"),
        ("… [...]", "no words"),
        ("a" * 50_000, "look for a part"),
        ("a " * 3_000, "at most 2,000"),
    ],
)
def test_quotations_that_cannot_be_looked_for(folder: Path, quotation: str, sentence: str) -> None:
    result = check(quotation, folder)
    assert result.exit_code == 2
    assert sentence in result.stderr


def test_a_folder_without_speeches(tmp_path: Path) -> None:
    result = check("We will", tmp_path)
    assert result.exit_code == 2
    assert "no speeches here" in result.stderr
    assert check("We will", tmp_path / "absent").exit_code == 2
