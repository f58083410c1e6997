"""Comparing readings: positions hold arrays, so they are compared column by column."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from allweather.errors import InputError
from allweather.formats import Reading, read
from allweather.positions import Entry, Positions


def entries(positions: Positions) -> list[Entry]:
    """All entries, in order."""
    return [positions.entry(k) for k in range(len(positions))]


def told(reading: Reading) -> dict[str, object]:
    """All that a reading says, as plain values that can be compared."""
    positions = reading.positions
    said = {one.name: getattr(reading, one.name) for one in dataclasses.fields(reading)}
    return said | {
        "positions": entries(positions),
        "members": positions.members,
        "questions": positions.questions,
        "body": positions.body,
        "title": positions.title,
        "sources": dict(positions.sources),
    }


def refusal(path: Path, kind: type[InputError] = InputError) -> str:
    """The sentence with which a source is refused: one line, not long, naming the source."""
    with pytest.raises(kind) as caught:
        read(path)
    sentence = str(caught.value)
    check_sentence(sentence)
    return sentence


def check_sentence(sentence: str) -> None:
    """Check that an error is one clear line, without the inner workings of a library."""
    assert "\n" not in sentence
    assert 10 < len(sentence) < 900
    for inner in ("Traceback", "pyarrow", "Arrow", "msgspec", "object at", "codec"):
        assert inner not in sentence
