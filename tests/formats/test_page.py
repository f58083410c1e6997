"""The worked examples in docs/reference/formats.md are read, as what the page says they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from allweather.formats import files, read, read_blocs, table
from allweather.positions import Basis, Response, check_blocs
from tests.conftest import ROOT
from tests.formats.compare import entries, told

PAGE = (ROOT / "docs" / "reference" / "formats.md").read_text(encoding="utf-8")


def examples(heading: str) -> list[tuple[str, str]]:
    """The code blocks under a heading: language and text."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found = re.findall(r"^```(\w+)\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found


def test_long_table_and_blocs(tmp_path: Path) -> None:
    spelt = dict(examples("Long table"))
    for name, language in (("a.csv", "csv"), ("a.jsonl", "jsonl")):
        (tmp_path / name).write_text(spelt[language])
    from_csv, from_lines = read(tmp_path / "a.csv"), read(tmp_path / "a.jsonl")
    assert told(from_csv) == told(from_lines)
    blocs = dict(examples("Blocs"))
    (tmp_path / "b.toml").write_text(blocs["toml"])
    (tmp_path / "b.csv").write_text(blocs["csv"])
    found = read_blocs(tmp_path / "b.toml")
    check_blocs(found, from_csv.positions)
    assert [one.members for one in found] == [one.members for one in read_blocs(tmp_path / "b.csv")]


def test_dossier(tmp_path: Path) -> None:
    ((_, text),) = examples("Dossier")
    (tmp_path / "dossier.json").write_text(text)
    positions = read(tmp_path).positions
    assert (len(positions), len(positions.current())) == (5, 4)
    current = {(one.member.id, one.question.id): one for one in entries(positions.current())}
    counted = current["AR", "Q1"]
    assert (counted.basis, counted.response) == (Basis.OWN, Response.CONDITIONAL)


@pytest.mark.parametrize("heading", ["Polis export", "UN roll calls"])
def test_foreign_formats(tmp_path: Path, heading: str) -> None:
    ((_, text),) = examples(heading)
    (tmp_path / "votes.csv").write_text(text)
    reading = read(tmp_path)
    assert reading.format == heading
    assert len(reading.positions) == 3


def test_dates_are_those_of_the_parser() -> None:
    section = PAGE.partition("\n## Dates\n")[2].partition("\n## ")[0]
    from allweather.positions import parse_date

    forms = re.findall(r"`([^`]+)`", "\n".join(re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE)))
    assert len(forms) >= 10
    for form in forms:
        assert parse_date(form).text == form


def test_the_bounds_on_the_page_are_those_of_the_code() -> None:
    section = PAGE.partition("\n## Bounds\n")[2].replace("\n", " ")
    assert files.MAX_TABLE_BYTES == 2 * 2**30
    assert "2 GiB" in section
    assert f"{files.MAX_ENTRIES // 10**6} million rows" in section
    assert f"{files.MAX_MEMBERS // 10**6} million members" in section
    for bound in (files.MAX_QUESTIONS, files.MAX_ID, files.MAX_NAME, files.MAX_TEXT, files.MAX_FILES):
        assert f"{bound:,}" in section
    assert f"{files.MAX_DOSSIER_BYTES // 2**20} MiB" in section
    assert f"{table.MAX_NOTES:,} rows" in PAGE
