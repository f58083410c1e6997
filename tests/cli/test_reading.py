"""`allweather read`: the view, the JSON, the page, and what is refused."""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

from allweather.cli import main
from tests.formats.documents.files import PAGE, VERBATIM

FIRST = (
    "Mayor Ida Holmberg spoke in Oslo.\n"
    '"The work will take years. But we can make a new beginning in this town," Holmberg said.\n'
)
SECOND = (
    "Town seeks thaw\n\n"
    '"The work will take years," Mayor Ida Hollmberg said. '
    '"But we can make a fresh beginning in this town."\n'
    '<script>alert("no")</script>\n'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two reports, a page and a verbatim record."""
    for name, text in (
        ("first.txt", FIRST),
        ("second.txt", SECOND),
        ("page.html", PAGE),
        ("record.txt", VERBATIM),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "concerns.txt").write_text(
        "W1: How long the work will take\nW2: School meals\n", encoding="utf-8"
    )
    return tmp_path


def run(*arguments: str | Path) -> Result:
    """Run the command."""
    return CliRunner().invoke(main, ["read", *map(str, arguments)])


def as_json(*arguments: str | Path) -> dict[str, Any]:
    """What the command prints for programs."""
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = msgspec.json.decode(result.stdout)
    return found


def test_the_view_shows_who_said_what_and_where(folder: Path) -> None:
    result = run(folder / "first.txt", folder / "second.txt", "--concerns", folder / "concerns.txt")
    assert result.exit_code == 0, result.output
    shown = " ".join(result.stdout.split())
    assert "Ida Holmberg, Mayor" in shown
    assert "line 2, character 34" in shown
    assert "may bear on W1" in shown
    assert "taken for one" in shown


def test_json_holds_places_that_are_true(folder: Path) -> None:
    found = as_json(folder / "first.txt", folder / "second.txt", "--concerns", folder / "concerns.txt")
    texts = {"first": FIRST, "second": SECOND}
    assert found["statements"]
    for one in found["statements"]:
        text = texts[one["id"].rpartition(":")[0]]
        assert one["words"] == " ".join(text[start:end] for start, end in one["spans"])
    assert {one["kind"] for one in found["relations"]} == {"variant"}
    assert [one["concern"] for one in found["statements"][0]["suggested_concerns"]] == ["W1"]
    assert len({one["sha256"] for one in found["documents"]}) == 2


def test_the_same_files_give_the_same_bytes(folder: Path) -> None:
    page = folder / "out.html"
    seen = []
    for _ in range(2):
        assert run(folder / "first.txt", folder / "second.txt", "--html", page).exit_code == 0
        seen.append(page.read_bytes())
    assert seen[0] == seen[1]


def test_a_proposal_can_be_refused(folder: Path) -> None:
    found = as_json(folder / "first.txt", folder / "second.txt")
    name = next(one["name"] for one in found["proposals"] if one["name"].startswith("last name"))
    refused = as_json(folder / "first.txt", folder / "second.txt", "--refuse", name)
    assert name not in [one["name"] for one in refused["proposals"]]
    assert "unknown" in {one["speaker"] for one in refused["statements"]}
    result = run(folder / "first.txt", "--refuse", "nonsense")
    assert result.exit_code == 2
    assert "no proposal" in result.output


def test_a_page_and_a_record_are_read(folder: Path) -> None:
    found = as_json(folder / "page.html", folder / "record.txt")
    speakers = {one["speaker"] for one in found["statements"]}
    assert {"Mr. Lind", "Mrs. Diallo", "President"} <= speakers


def test_without_the_parser_direct_quotations_are_read_and_it_says_what_is_missing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "spacy", None)
    found = as_json(folder / "first.txt")
    assert len(found["statements"]) == 1
    assert "allweather[nlp]" in found["notes"][0]


def test_a_text_in_another_language_is_read_by_its_marks(folder: Path) -> None:
    text = "„Wir brauchen diesen Hafen für unsere gemeinsame Arbeit“, sagte die Bürgermeisterin in Oslo.\n"
    (folder / "german.txt").write_text(text, encoding="utf-8")
    found = as_json(folder / "german.txt")
    assert found["statements"][0]["words"] == "„Wir brauchen diesen Hafen für unsere gemeinsame Arbeit“"
    assert "not in English" in found["notes"][0]


@pytest.mark.parametrize("name", ["missing.txt", "", "empty.txt", "none.pdf"])
def test_wrong_files_end_in_one_sentence(folder: Path, name: str) -> None:
    (folder / "empty.txt").write_bytes(b"")
    (folder / "none.pdf").write_bytes(b"%PDF-1.7 no")
    result = run(folder / name)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.strip().splitlines()) == 1
    assert result.stderr.startswith("allweather: ")


def test_the_page_goes_to_a_file_not_a_folder(folder: Path) -> None:
    result = run(folder / "first.txt", "--html", folder)
    assert result.exit_code == 2
    assert "a folder" in result.output


class Checker(HTMLParser):
    """Anchors, links and tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.anchors: list[str] = []
        self.links: list[str] = []
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attributes:
            if name == "id":
                self.anchors.append(value or "")
            elif name == "href":
                self.links.append(value or "")
            elif name in {"src", "srcset", "action"} or name.startswith("on"):
                self.outside.append(f"{name}={value}")


def test_the_page_needs_nothing_and_leads_everywhere(folder: Path) -> None:
    page = folder / "out.html"
    assert run(folder / "first.txt", folder / "second.txt", "--html", page).exit_code == 0
    html = page.read_text(encoding="utf-8")
    checker = Checker()
    checker.feed(html)
    assert "script" not in checker.tags
    assert checker.outside == []
    assert all(link.startswith("#") for link in checker.links)
    assert len(set(checker.anchors)) == len(checker.anchors)
    assert {link[1:] for link in checker.links} <= set(checker.anchors)
    assert "&lt;script&gt;" in html
    # Each statement can be reached from its place, and its place from it.
    statements = [one for one in checker.anchors if one.startswith("s-")]
    assert statements
    assert {f"t-{one}" for one in statements} == {one for one in checker.anchors if one.startswith("t-")}
    # What differs is told in signs, not in colour alone.
    assert re.search(r"\[(?:a )?(?:fresh|new)\]", html)
