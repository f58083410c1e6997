"""Concerns from lines, from JSON, from a dossier; and every way in which a file can be none."""

from __future__ import annotations

from pathlib import Path

import pytest

from allweather.errors import InputError
from allweather.evidence.suggesting import Concern
from allweather.formats.concerns import read_concerns


def read(folder: Path, text: str) -> tuple[Concern, ...]:
    """The concerns of a text."""
    path = folder / "concerns"
    path.write_text(text, encoding="utf-8")
    return read_concerns(path)


def test_lines(tmp_path: Path) -> None:
    assert read(tmp_path, "# ours\n\nP4: A joint survey\nNight trains\n") == (
        Concern("P4", "A joint survey"),
        Concern("4", "Night trains"),
    )


def test_json_and_dossier(tmp_path: Path) -> None:
    listed = '[{"id": "P4", "title": "A joint survey", "words": "of the coast"}]'
    assert read(tmp_path, listed) == (Concern("P4", "A joint survey", "of the coast"),)
    assert read(tmp_path, '{"propositions": [{"id": "F4", "text": "Meet"}]}') == (Concern("F4", "Meet"),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "# only a remark",
        "[",
        "[1]",
        '[{"id": "a"}]',
        '{"a": 1}',
        "A: x\nA: y",
        "P4: " + "x" * 30_000,
    ],
)
def test_what_is_no_list_of_concerns_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError) as error:
        read(tmp_path, text)
    assert "\n" not in str(error.value)
