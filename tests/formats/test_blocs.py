"""Blocs files: TOML and CSV say the same, and a broken one is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from allweather.errors import InputError
from allweather.formats import read, read_blocs
from allweather.positions import Bloc
from tests.formats.compare import check_sentence

TOML = """
[[bloc]]
id = "upper"
name = "Upper river"
members = ["Arda", "Brin"]

[[bloc]]
id = "lower"
members = ["Cole"]
"""


def write(folder: Path, text: str, name: str = "blocs.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_toml(tmp_path: Path) -> None:
    assert read_blocs(write(tmp_path, TOML)) == (
        Bloc("upper", "Upper river", ("Arda", "Brin")),
        Bloc("lower", "lower", ("Cole",)),
    )


def test_csv_in_either_order_of_columns(tmp_path: Path) -> None:
    expected = (Bloc("upper", "upper", ("Arda", "Brin")), Bloc("lower", "lower", ("Cole",)))
    one = write(tmp_path, "member,bloc\nArda,upper\nCole,lower\nBrin,upper\n", "one.csv")
    other = write(tmp_path, "bloc,member\nupper,Arda\nlower,Cole\nupper,Brin\n", "other.csv")
    assert read_blocs(one) == read_blocs(other) == expected


def test_a_blocs_file_beside_the_data_is_taken_and_it_is_said(tmp_path: Path) -> None:
    write(tmp_path, "member,question,response\nArda,q,yes\nBrin,q,no\nCole,q,yes\n", "table.csv")
    assert read(tmp_path).blocs == ()
    write(tmp_path, TOML)
    for path in (tmp_path, tmp_path / "table.csv"):
        reading = read(path)
        assert [one.id for one in reading.blocs] == ["upper", "lower"]
        assert reading.intake[-1] == "2 blocs taken from blocs.toml."


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("b.toml", "", "the file is empty"),
        ("b.toml", "\n", "not a blocs file as documented"),
        ("b.toml", "bloc = []", "the file names no bloc"),
        ("b.toml", "[[bloc", "not TOML"),
        ("b.toml", '[[bloc]]\nid = "a"\n', "missing required field `members`"),
        ("b.toml", '[[bloc]]\nid = "a"\nmembers = ["x"]\nleader = "x"\n', "unknown field `leader`"),
        ("b.toml", '[[bloc]]\nid = ""\nmembers = ["x"]\n', "an empty bloc id"),
        ("b.toml", '[[bloc]]\nid = "a"\nmembers = [""]\n', "bloc 'a': an empty member"),
        ("b.toml", '[[bloc]]\nid = "a"\nmembers = [1]\n', "Expected `str`"),
        ("b.toml", f'[[bloc]]\nid = "a"\nname = "{"x" * 100_000}"\nmembers = ["x"]\n', "100,000 characters"),
        ("b.toml", f'[[bloc]]\nid = "{"x" * 100_000}"\nmembers = ["x"]\n', "100,000 characters"),
        ("b.toml", "a = 1\0", "NUL"),
        ("b.toml", "x = " + "[" * 100_000, "not TOML"),
        ("b.csv", "member,bloc\n", "the file names no bloc"),
        ("b.csv", "member,group\nArda,upper\n", "this one has 'member', 'group'"),
        ("b.csv", "member,bloc,note\nArda,upper,x\n", "this one has 'member', 'bloc', 'note'"),
        ("b.csv", "member,bloc\nArda,\n", "row 2: an empty cell"),
        ("b.csv", "member,bloc\nArda\n", "1 cell in a row, but the header has 2"),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, name: str, text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_blocs(write(tmp_path, text, name))
    check_sentence(str(caught.value))
    assert said in str(caught.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_blocs(tmp_path / "blocs.toml")


def test_broken_blocs_beside_the_data_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "member,question,response\nArda,q,yes\n", "table.csv")
    write(tmp_path, "[[bloc")
    with pytest.raises(InputError, match="not TOML"):
        read(tmp_path)
