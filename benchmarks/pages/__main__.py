"""Run the benchmark of the pages and add its results to benchmarks/RESULTS.md and results.json.

python -m benchmarks.pages                 everything
python -m benchmarks.pages --only live     one section; the others keep their earlier figures
python -m benchmarks.pages --quick         some seconds of each, into build/bench-quick
"""

from __future__ import annotations

import argparse
import datetime
import os
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.figures import Run, Section
from benchmarks.pages import live, matrix
from benchmarks.report import keep, this_machine

ROOT = Path(__file__).parents[2]
SECTIONS = ("matrix", "live")


def _measured(name: str, *, is_quick: bool) -> Section:
    if name == "matrix":
        return matrix.run(times=10 if is_quick else 60)
    return live.run(seconds=15 if is_quick else live.SECONDS)


def main() -> None:
    """Run the sections asked for, and write what is known after each of them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description="Benchmark the pages.")
    parser.add_argument("--quick", action="store_true", help="some seconds of each, to see that it works")
    parser.add_argument("--only", action="append", choices=SECTIONS, help="this section; may be repeated")
    parser.add_argument("--out", type=Path, help="folder for RESULTS.md and results.json")
    asked = parser.parse_args()
    out: Path = asked.out or (ROOT / "build" / "bench-quick" if asked.quick else ROOT / "benchmarks")
    for name in asked.only or SECTIONS:
        start, load = time.monotonic(), os.getloadavg()[1]
        section = _measured(name, is_quick=asked.quick)
        note = f"When it began, others kept {load:.1f} processes running or waiting (mean of five minutes)."
        section = replace(section, notes=(*section.notes, note))
        date = datetime.datetime.now(datetime.UTC).date().isoformat()
        effort = "quick" if asked.quick else "full"
        keep(
            out,
            Run(section, date, round(time.monotonic() - start, 1), effort, this_machine()),
            SECTIONS,
        )
        for target in section.targets:
            print(f"{name}: {target.what}: {target.value} ({target.bound}; met: {target.is_met})", flush=True)
    print(f"Results are in {out}")


if __name__ == "__main__":
    main()
