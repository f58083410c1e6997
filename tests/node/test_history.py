"""The matrix as it stood: versions, positions and what was taken back, by when each was signed."""

from __future__ import annotations

from typing import Any

import pytest

from allweather.node.history import matrix_at, unchanged


def held(at: int, on: str, response: str, tone: str = "own", until: int | None = None) -> dict[str, Any]:
    return {
        "on": on,
        "response": response,
        "tone": tone,
        "intensity": None,
        "version": on,
        "red_line": False,
        "condition": "",
        "act": f"ann:{at}",
        "at": at,
        "until": until,
    }


def version(ref: str, at: int) -> dict[str, Any]:
    return {"id": f"ann:{at}", "ref": ref, "version": ref, "words": f"Words {ref}.", "at": at}


ROW: dict[str, Any] = {
    "title": "A text",
    "area": "",
    "until": 90,
    "versions": [version("1", 10), version("2", 40)],
    "held": {
        "ann": [held(20, "1", "oppose"), held(30, "1", "abstain"), held(50, "2", "support", until=60)],
        "ben": [
            held(25, "1", "support", "common"),
            held(35, "1", "consent"),
            held(70, "1", "oppose", "common"),
        ],
        "cat": [held(45, "1", "oppose", "inferred"), held(55, "2", "support", "inferred")],
        "dan": [],
    },
}


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (15, {}),
        (20, {"ann": ("oppose", False)}),
        (25, {"ann": ("oppose", False), "ben": ("support", False)}),
        (35, {"ann": ("abstain", False), "ben": ("consent", False)}),
        (40, {"ann": ("abstain", True), "ben": ("consent", True)}),
        (50, {"ann": ("support", False), "ben": ("consent", True), "cat": ("oppose", False)}),
        (60, {"ann": ("abstain", True), "ben": ("consent", True), "cat": ("support", False)}),
        (80, {"ann": ("abstain", True), "ben": ("consent", True), "cat": ("support", False)}),
    ],
)
def test_what_each_held_then(at: int, shown: dict[str, tuple[str, bool]]) -> None:
    (row,) = matrix_at([ROW], at)
    assert {name: (one["response"], one["asked"]) for name, one in row["positions"].items()} == shown
    assert row["version"] == ("1" if at < 40 else "2")
    assert row["n_positions"] == len(shown.keys() - {"cat"})


@pytest.mark.parametrize("at", [0, 9, 90, 1_000])
def test_a_text_is_there_from_when_it_is_tabled_until_it_is_withdrawn(at: int) -> None:
    assert matrix_at([ROW], at) == []


def test_a_text_of_which_nothing_was_said_in_between_is_the_same_at_both_moments() -> None:
    moments = range(0, 100, 5)
    shown = {at: matrix_at([ROW], at) for at in moments}
    n_same = 0
    for one in moments:
        for other in moments:
            found = unchanged([ROW], one, other)
            assert found == unchanged([ROW], other, one)
            if found:
                assert shown[one] == shown[other], (one, other)
                n_same += one != other
    assert n_same == 20  # within 0 to 5, 10 to 15, 60 to 65, 70 to 85 and 90 to 95, both ways
    assert unchanged([ROW], 11, 14) == {"ann:10", "ann:40"}
