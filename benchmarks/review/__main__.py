"""Run the benchmark of the joint review and write its results.

python -m benchmarks.review                     everything: benchmarks/RESULTS.md, results.json
python -m benchmarks.review --only prediction   one section; the others keep their earlier figures
python -m benchmarks.review --quick             a small run, into build/bench-quick
"""

from __future__ import annotations

import argparse
import datetime
import os
import time
from pathlib import Path

from benchmarks.figures import Run, Section
from benchmarks.report import keep, this_machine
from benchmarks.review import halves, late, nulls, passes, planted, prediction, speed, stability
from benchmarks.review.conversations import ROOT, data_folder
from benchmarks.review.effort import FULL, QUICK
from benchmarks.review.work import say

SECTIONS = {
    "prediction": prediction.run,
    "passes": passes.run,
    "late": late.run,
    "nulls": nulls.run,
    "planted": planted.run,
    "halves": halves.run,
    "stability": stability.run,
    "speed": speed.run,
}


def main() -> None:
    """Run the sections asked for, and write what is known after each of them."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.review", description="Benchmark the joint review."
    )
    parser.add_argument("--quick", action="store_true", help="a small run, to see that it works")
    parser.add_argument(
        "--only", action="append", choices=tuple(SECTIONS), help="this section; may be repeated"
    )
    parser.add_argument("--out", type=Path, help="folder for RESULTS.md and results.json")
    asked = parser.parse_args()
    if data_folder() is None:
        parser.error("the shared data are absent: set ALLWEATHER_DATA to their folder")
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")  # one thread for linear algebra in each worker, which inherit it
    effort = QUICK if asked.quick else FULL
    out: Path = asked.out or (ROOT / "build" / "bench-quick" if asked.quick else ROOT / "benchmarks")
    for name in asked.only or SECTIONS:
        start = time.monotonic()
        section: Section = SECTIONS[name](effort)
        date = datetime.datetime.now(datetime.UTC).date().isoformat()
        run = Run(section, date, round(time.monotonic() - start, 1), effort.name, this_machine())
        keep(out, run, tuple(SECTIONS))
        for target in section.targets:
            say(f"{name}: {target.what}: {target.value} ({target.bound}; met: {target.is_met})")
    say(f"Results are in {out}")


if __name__ == "__main__":
    main()
