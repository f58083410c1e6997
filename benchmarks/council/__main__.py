"""Run the benchmark of the council and add its results to benchmarks/RESULTS.md and results.json.

python -m benchmarks.council                 everything
python -m benchmarks.council --only fold     one section; the others keep their earlier figures
python -m benchmarks.council --quick         a small record, into build/bench-quick
"""

from __future__ import annotations

import argparse
import datetime
import os
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.council import answering, folding, seeing
from benchmarks.council.acting import WHOLE
from benchmarks.figures import Run
from benchmarks.report import keep, this_machine

ROOT = Path(__file__).parents[2]
SECTIONS = {"fold": folding.run, "visible": seeing.run, "api": answering.run}
_QUICK = 5_000


def main() -> None:
    """Run the sections asked for, and write what is known after each of them."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.council", description="Benchmark the council."
    )
    parser.add_argument("--quick", action="store_true", help="a small record, to see that it works")
    parser.add_argument(
        "--only", action="append", choices=tuple(SECTIONS), help="this section; may be repeated"
    )
    parser.add_argument("--out", type=Path, help="folder for RESULTS.md and results.json")
    asked = parser.parse_args()
    out: Path = asked.out or (ROOT / "build" / "bench-quick" if asked.quick else ROOT / "benchmarks")
    for name in asked.only or SECTIONS:
        start, load = time.monotonic(), os.getloadavg()[1]
        section = SECTIONS[name](_QUICK if asked.quick else WHOLE)
        note = f"When it began, others kept {load:.1f} processes running or waiting (mean of five minutes)."
        section = replace(section, notes=(*section.notes, note))
        date = datetime.datetime.now(datetime.UTC).date().isoformat()
        effort = "quick" if asked.quick else "full"
        run = Run(section, date, round(time.monotonic() - start, 1), effort, this_machine())
        keep(out, run, tuple(SECTIONS))
        for target in section.targets:
            print(f"{name}: {target.what}: {target.value} ({target.bound}; met: {target.is_met})", flush=True)
    print(f"Results are in {out}")


if __name__ == "__main__":
    main()
