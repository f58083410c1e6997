"""Run the benchmark of the record and add its results to benchmarks/RESULTS.md and results.json.

python -m benchmarks.record                  everything
python -m benchmarks.record --only appends   one section; the others keep their earlier figures
python -m benchmarks.record --quick          a small run, into build/bench-quick
"""

from __future__ import annotations

import argparse
import datetime
import time
from pathlib import Path

from benchmarks.figures import Run
from benchmarks.record import appends, auditing, healing, limits
from benchmarks.report import keep, this_machine

ROOT = Path(__file__).parents[2]
SECTIONS = {
    "limits": (limits.run, 200_000, 20_000),
    "appends": (appends.run, 256_000, 12_800),
    "audit": (auditing.run, 1_000_000, 20_000),
    "healing": (healing.run, 10_000, 500),
}


def main() -> None:
    """Run the sections asked for, and write what is known after each of them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.record", description="Benchmark the record.")
    parser.add_argument("--quick", action="store_true", help="a small run, to see that it works")
    parser.add_argument(
        "--only", action="append", choices=tuple(SECTIONS), help="this section; may be repeated"
    )
    parser.add_argument("--out", type=Path, help="folder for RESULTS.md and results.json")
    asked = parser.parse_args()
    out: Path = asked.out or (ROOT / "build" / "bench-quick" if asked.quick else ROOT / "benchmarks")
    for name in asked.only or SECTIONS:
        measure, full, quick = SECTIONS[name]
        start = time.monotonic()
        section = measure(quick if asked.quick else full)
        date = datetime.datetime.now(datetime.UTC).date().isoformat()
        effort = "quick" if asked.quick else "full"
        run = Run(section, date, round(time.monotonic() - start, 1), effort, this_machine())
        keep(out, run, tuple(SECTIONS))
        for target in section.targets:
            print(f"{name}: {target.what}: {target.value} ({target.bound}; met: {target.is_met})")
    print(f"Results are in {out}")


if __name__ == "__main__":
    main()
