"""The documents say what the code does: commands, rooms, words, links and examples are compared.

It does not judge prose. The pages under docs/reference that are generated are compared with what
`make docs-reference` would write.
"""

from __future__ import annotations

import enum
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from allweather.positions import Basis, Body, Response
from scripts import reference
from tests.test_floors import PURE, contracts, standing_rooms
from tests.test_house import ROOT, SRC, targets

GENERATED = ("cli.md", "kinds.md", "results.md")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")])


def read(path: Path) -> str:
    """The text of a document."""
    return path.read_text(encoding="utf-8")


def shown(path: Path) -> str:
    """How to name a document in a message."""
    return path.relative_to(ROOT).as_posix()


def need(*rooms: str) -> None:
    """Skip, saying so, while a room is not built. Once it stands, nothing is skipped."""
    for room in rooms:
        if not (SRC / room / "__init__.py").exists():
            pytest.skip(f"the room {room} does not stand yet")


# The command line and the results


@pytest.mark.parametrize("page", GENERATED)
def test_generated_page_is_what_the_code_says(page: str) -> None:
    need("cli", "review")
    assert read(reference.FOLDER / page) == reference.pages()[page], "run `make docs-reference`"


def commands() -> dict[str, Any]:
    """Every command by its full name."""
    from allweather.cli import main

    return dict(reference.commands(main))


def test_every_command_and_option_has_help_and_is_in_the_reference() -> None:
    need("cli")
    page = read(reference.FOLDER / "cli.md")
    assert {"allweather review", "allweather evaluate", "allweather record verify"} <= commands().keys()
    for name, command in commands().items():
        assert f"## {name}\n" in page
        assert command.help, name
        for parameter in command.params:
            for option in parameter.opts if parameter.param_type_name == "option" else []:
                assert f"{option}" in page, f"{name} {option}"
                assert parameter.help, f"{name} {option}"


def command_lines(text: str) -> Iterator[list[str]]:
    """The `allweather …` command lines in a document's code blocks and code spans."""
    blocks = re.findall(r"^```(?:console|sh|bash)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    for line in "\n".join(blocks).replace("\\\n", " ").splitlines():
        if found := re.search(r"(?:^|/|\s)(allweather [^#|>;&]*)", line.strip().removeprefix("$ ")):
            yield shlex.split(found[1])
    for span in re.findall(r"`(allweather [^`]*)`", text):
        yield span.replace("[", " ").replace("]", " ").split()


def command_of(line: list[str], known: dict[str, Any]) -> str:
    """The full name of the command that a line calls: its words as far as a group has such a command.

    The arguments of a group itself stand before its command: `node peers HOME add`.
    """
    name, n_arguments = line[0], 0
    for word in line[1:]:
        if word.startswith("-") or not hasattr(known.get(name), "commands"):
            break
        if n_arguments:
            n_arguments -= 1
            continue
        name = f"{name} {word}"
        if name in known:
            n_arguments = sum(one.param_type_name == "argument" for one in known[name].params)
    return name


def test_command_lines_in_documents_exist() -> None:
    need("cli")
    known = commands()
    for path in DOCUMENTS:
        for line in command_lines(read(path)):
            name = command_of(line, known)
            assert name in known, f"{shown(path)}: {' '.join(line)}"
            options = {"--help", *(option for one in known[name].params for option in one.opts)}
            asked = {word.partition("=")[0] for word in line[1:] if word.startswith("-")}
            assert asked <= options, f"{shown(path)}: {' '.join(line)}"


def test_command_lines_are_found() -> None:
    text = "`allweather review X --seed 1`\n```console\n$ .venv/bin/allweather review \\\n  Y  # why\n```\n"
    assert list(command_lines(text)) == [
        ["allweather", "review", "Y"],
        ["allweather", "review", "X", "--seed", "1"],
    ]


# Rooms


def floors() -> list[tuple[str, str, str, str]]:
    """The table of floors: floor, room, pure, standing."""
    rows = re.findall(
        r"^\| (\S+) \| `(\w+)` \| [^|]+ \| (yes|no) \| (stands|empty) \|$",
        read(ROOT / "ARCHITECTURE.md"),
        re.MULTILINE,
    )
    assert rows
    return rows


def test_the_table_of_floors_is_the_folders() -> None:
    assert {room for _, room, _, state in floors() if state == "stands"} == standing_rooms()


def test_the_table_of_floors_is_the_contract() -> None:
    by_floor: dict[str, set[str]] = {}
    for floor, room, _, state in floors():
        by_floor.setdefault(floor, set()).add(room if state == "stands" else f"({room})")
    layers = [set(layer.split(" | ")) for layer in contracts()["floors"]["layers"]]
    assert [*by_floor.values(), {"errors"}] == layers


def test_the_table_of_floors_says_which_rooms_are_pure() -> None:
    assert {room for _, room, pure, _ in floors() if pure == "yes"} == PURE


# Words


def glossary() -> set[str]:
    """The words that the glossary explains: the code spans in the first column of its tables."""
    firsts = re.findall(r"^\| ([^|]+) \|", read(ROOT / "GLOSSARY.md"), re.MULTILINE)
    return {span for first in firsts for span in re.findall(r"`([^`]+)`", first)}


def test_glossary_explains_every_response_basis_body() -> None:
    for kind in (Response, Basis, Body):
        assert {one.name.lower() for one in kind} - glossary() == set()


def test_glossary_explains_every_verdict_and_party() -> None:
    need("review")
    from allweather.review import results

    kinds: list[type[enum.Enum]] = [results.Verdict, results.PartyKind]
    for kind in kinds:
        assert {str(one.value) for one in kind} - glossary() == set()


def test_glossary_explains_every_word_of_the_command_line() -> None:
    need("cli")
    words = set()
    for name, command in commands().items():
        words |= {name.partition(" ")[2]} - {""}
        for one in command.params:
            words |= {option for option in one.opts if option.startswith("--")}
            words |= {one.human_readable_name.lower()} if one.param_type_name == "argument" else set()
    assert words - glossary() - {"--help", "--version"} == set()


def test_documents_use_the_words_of_the_glossary() -> None:
    for path in DOCUMENTS:
        if path.name != "GLOSSARY.md":
            found = re.search(r"\b(voters?|ptpts?|consensus score|stances?)\b", read(path), re.IGNORECASE)
            assert not found or "`" in read(path)[found.start() - 1 : found.start()], (
                f"{shown(path)}: {found}"
            )


# Formats


def test_formats_page_lists_every_column_and_response_of_a_table() -> None:
    need("formats")
    from allweather.formats import table

    page = read(reference.FOLDER / "formats.md")
    for word in (*table._WORDS, *table._NUMBERS, *table._RESPONSES, *table._BASES):
        assert f"`{word}`" in page, word


@pytest.mark.parametrize("path", DOCUMENTS, ids=shown)
def test_tables_in_documents_can_be_read(path: Path, tmp_path: Path) -> None:
    need("formats")
    from allweather.formats import read as read_source

    for block in re.findall(r"^```csv\n(member,question,.*?)^```", read(path), re.MULTILINE | re.DOTALL):
        table = tmp_path / "table.csv"
        table.write_text(block, encoding="utf-8")
        assert len(read_source(table).positions) == len(block.splitlines()) - 1


# Links, targets, examples


def links(text: str) -> list[str]:
    """The targets of Markdown links and images, outside code."""
    prose = re.sub(r"^```.*?^```|`[^`]*`", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"\]\(([^)\s]+)\)", prose) + re.findall(r"^\[[^\]]+\]: (\S+)", prose, re.MULTILINE)


def anchors(text: str) -> set[str]:
    """The anchors of a document's headings."""
    headings = re.findall(r"^#+ (.+?)\s*$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=shown)
def test_links_resolve(path: Path) -> None:
    for link in links(read(path)):
        if re.match(r"https?://|mailto:", link):
            continue
        target, _, anchor = link.partition("#")
        there = (path.parent / target).resolve() if target else path
        assert there.exists(), link
        # The site has what stands below docs, and nothing else.
        assert there.is_relative_to(ROOT / "docs") or not path.is_relative_to(ROOT / "docs"), link
        assert not anchor or anchor in anchors(read(there)), link


def test_make_targets_in_documents_exist() -> None:
    for path in DOCUMENTS:
        named = set(re.findall(r"`make ([a-z][a-z-]*)", read(path)))
        named |= set(re.findall(r"^\$? ?make ([a-z][a-z-]*)", read(path), re.MULTILINE))
        assert named <= targets(), shown(path)


def test_every_page_is_in_the_menu_and_every_entry_is_a_page() -> None:
    menu = set(re.findall(r": ([\w/-]+\.md)$", read(ROOT / "mkdocs.yml"), re.MULTILINE))
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert menu == pages


def examples() -> list[tuple[str, str]]:
    """The Python examples in the documents."""
    return [
        (f"{shown(path)}-{k}", code)
        for path in DOCUMENTS
        for k, code in enumerate(re.findall(r"^```python\n(.*?)^```", read(path), re.MULTILINE | re.DOTALL))
    ]


@pytest.mark.parametrize(("name", "code"), examples())
def test_example_runs(name: str, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    need("review", "formats")
    monkeypatch.chdir(ROOT)
    exec(compile(code, name, "exec"), {"__name__": "example"})


def test_the_readme_has_an_example() -> None:
    assert any(name.startswith("README.md") for name, _ in examples())


def test_changelog_knows_the_version() -> None:
    version = re.search(r'^__version__ = "(.+)"$', read(SRC / "__init__.py"), re.MULTILINE)
    assert version is not None
    assert re.search(
        rf"^## (Unreleased|{re.escape(version[1])}\b)", read(ROOT / "CHANGELOG.md"), re.MULTILINE
    )
