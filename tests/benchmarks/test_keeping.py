"""Results of benchmarks keep their places, whichever of them ran last."""

from __future__ import annotations

from pathlib import Path

from benchmarks.figures import Run, Section
from benchmarks.report import FIRST, keep, read_runs, this_machine


def test_a_benchmark_that_runs_again_keeps_its_place(tmp_path: Path) -> None:
    machine = this_machine()

    def measured(name: str, order: tuple[str, ...], seconds: float = 1.0) -> list[str]:
        run = Run(Section(name, f"How fast is {name}?", "As it is."), "2009-09-18", seconds, "full", machine)
        keep(tmp_path, run, order)
        return [one.section.name for one in read_runs(tmp_path / "results.json")]

    record, pages, review = ("append", "heal"), ("matrix", "live"), (FIRST, "structure")
    assert measured("heal", record) == ["heal"]
    assert measured("live", pages) == ["heal", "live"]
    assert measured("append", record, 2.0) == ["append", "heal", "live"]
    assert measured("structure", review) == ["structure", "append", "heal", "live"]
    assert measured("matrix", pages) == ["structure", "append", "heal", "matrix", "live"]
    assert measured(FIRST, review) == [FIRST, "structure", "append", "heal", "matrix", "live"]
    again = measured("append", record, 3.0)
    assert again == [FIRST, "structure", "append", "heal", "matrix", "live"]
    assert [one.seconds for one in read_runs(tmp_path / "results.json")] == [1.0, 1.0, 3.0, 1.0, 1.0, 1.0]
