"""The benchmark's own arithmetic: targets, tables, and data whose truth is what it says it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from allweather.positions import Response
from benchmarks import report
from benchmarks.figures import Column, Machine, Run, Section, Table, Target, mean, weighted_mean
from benchmarks.review import simulated, stability


@pytest.mark.parametrize(
    ("value", "low", "high", "is_met", "bound"),
    [
        (0.3064, None, 0.306, True, "at most 0.306"),  # shown as .306
        (0.3066, None, 0.306, False, "at most 0.306"),
        (0.91, 0.91, None, True, "at least 0.91"),
        (0.87, 0.88, 0.92, False, "0.88 to 0.92"),
        (0.93, 0.88, 0.92, False, "0.88 to 0.92"),
        (None, 0.88, 0.92, None, "0.88 to 0.92"),
    ],
)
def test_targets_are_judged_as_shown(
    value: float | None, low: float | None, high: float | None, is_met: bool | None, bound: str
) -> None:
    target = Target("a figure", value, low, high)
    assert target.is_met is is_met
    assert target.bound == bound


def test_means_of_nothing_are_not_measured() -> None:
    assert mean([]) is None
    assert weighted_mean([], []) is None
    assert weighted_mean([1.0, 4.0], [2.0, 1.0]) == 2.0


def test_a_row_that_does_not_fit_its_headings_is_refused() -> None:
    with pytest.raises(ValueError, match="2 values for 1 columns"):
        Table("t", (Column("a"),), ((1, 2),))


def test_report_says_what_was_met_missed_and_not_measured() -> None:
    table = Table(
        "numbers", (Column("who"), Column("n", 0), Column("x", 2)), (("a", 12345, None), ("b", 1, 0.126))
    )
    targets = (Target("good", 0.1, high=0.2), Target("bad", 0.3, high=0.2), Target("open", None, high=0.2))
    section = Section("one", "A question?", "How it is asked.", (table,), targets, ("A peer is absent.",))
    machine = Machine("a processor", 2, None, "Linux", "3.11", ("numpy 2",))
    runs = [Run(section, "2026-01-02", 3.0, "full", machine)]
    text = report.format_report(runs)
    assert "| a | 12,345 | - |" in text
    assert "| b | 1 | 0.13 |" in text
    assert "| good | at most 0.2 | 0.100 | met |" in text
    assert "| bad | at most 0.2 | 0.300 | **missed** |" in text
    assert "| open | at most 0.2 | - | not measured |" in text
    assert "A peer is absent." in text
    assert "Run of 2026-01-02, full effort, 3 s, machine A." in text
    assert "quick" not in text


def test_results_are_read_back_as_written(tmp_path: Path) -> None:
    section = Section(
        "one", "A question?", "", (Table("t", (Column("a"),), (("x",), (1,), (0.5,), (None,))),)
    )
    runs = [Run(section, "2026-01-02", 3.0, "quick", report.this_machine())]
    (tmp_path / "results.json").write_bytes(report.format_runs(runs))
    assert report.read_runs(tmp_path / "results.json") == runs
    assert report.read_runs(tmp_path / "none.json") == []
    assert "quick run" in report.format_report(runs)


def test_agreement_is_over_members_placed_both_times() -> None:
    assert stability.agreement([0, 0, 1, 1, -1], [1, 1, 0, 0, 0]) == 1.0
    assert stability.agreement([-1, 0], [0, -1]) is None


def test_planted_answers_are_the_truth_and_sides_divide_only_what_they_should() -> None:
    truth = simulated.planted(0)
    positions = truth.positions
    said = truth.answer[positions.member, positions.question]
    passed = positions.response == Response.PASS
    assert np.array_equal(positions.response[~passed] == Response.SUPPORT, said[~passed])
    gap = np.abs(truth.answer[truth.side == 0].mean(axis=0) - truth.answer[truth.side == 1].mean(axis=0))
    assert gap[truth.divides].mean() > 0.3
    assert gap[~truth.divides].mean() < 0.1


def test_dealing_anew_keeps_cells_and_each_questions_answers() -> None:
    before = simulated.additive(1)
    after = simulated.dealt_anew(before, np.random.default_rng(0))
    assert np.array_equal(before.member, after.member)
    assert np.array_equal(before.question, after.question)
    assert not np.array_equal(before.response, after.response)
    for j in range(before.n_questions):
        held = before.question == j
        assert sorted(before.response[held]) == sorted(after.response[held])


def test_permuted_data_come_from_all_four_conversations(shared_data: Path) -> None:
    sets = [simulated.permuted(index) for index in range(4)]
    assert len({one.title for one in sets}) == 4
    assert all(one.n_questions == simulated.N_QUESTIONS for one in sets)
    assert all(150 < one.n_members <= simulated.N_MEMBERS for one in sets)
    assert np.array_equal(sets[0].response, simulated.permuted(0).response)
    assert not np.array_equal(sets[0].response, simulated.permuted(4).response)
