"""One measurement in a fresh process: `python -m benchmarks.review.measure WHAT NAME`.

Prints a line of JSON: the seconds of the computation itself (data read and modules loaded before),
and the peak memory of the process in MB, reading included. WHAT is `review` (the whole joint
review), `red-dwarf` (its whole pipeline) or `council` (a council's review, NAME a folder).
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

#: The day as of which the council's record is taken.
AS_OF = "2009-09-18"


def main(what: str, name: str) -> None:
    """Measure one computation and print the figures."""
    if what == "council":
        seconds = _council(Path(name))
    elif what == "review":
        seconds = _review(name)
    else:
        seconds = _red_dwarf(name)
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "peak_mb": peak_kb / 1024}))


def _review(name: str) -> float:
    from allweather.review import JointReview
    from benchmarks.review.conversations import load

    positions = load(name).positions
    start = time.perf_counter()
    JointReview(seed=0, n_threads=2).fit(positions)
    return time.perf_counter() - start


def _red_dwarf(name: str) -> float:
    from benchmarks.review.conversations import load
    from benchmarks.review.peers import red_dwarf_votes, run_red_dwarf

    votes = red_dwarf_votes(load(name).positions)
    run_red_dwarf(votes[:2000])  # its modules are loaded by the first call
    start = time.perf_counter()
    run_red_dwarf(votes)
    return time.perf_counter() - start


def _council(folder: Path) -> float:
    start = time.perf_counter()
    from allweather.formats import read
    from allweather.positions import parse_date
    from allweather.review import JointReview

    day = parse_date(AS_OF).last
    assert day is not None
    reading = read(folder).before(day)
    JointReview(seed=0, n_threads=2).fit(reading.positions, reading.blocs)
    return time.perf_counter() - start


if __name__ == "__main__":
    main(*sys.argv[1:3])
