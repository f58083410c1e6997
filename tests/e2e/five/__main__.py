"""Run many seeds: `python -m tests.e2e.five --seeds 0-199 --processes 1`.

One line for each run that ends badly, whose folder is kept, and a summary. Exit code 1 if there was one.
`--length` is how many real seconds the ten minutes of the cut take; without it, more on a busy machine:
where acts travel too slowly to be in time for certain, the story does not tell what a silence comes to.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a process that forks has one thread

from tests.e2e.five.homes import Template, make_template
from tests.e2e.five.trial import Outcome, fitting_length, trial


def _warm() -> None:
    """Import once what every node needs."""
    import allweather.cli
    import allweather.node.duties
    import allweather.node.running

    assert allweather.cli.main


def _run(seed: int, template: Template, folder: Path, length: float) -> Outcome:
    return trial(seed, template, folder / f"seed-{seed}", length=length or fitting_length(), is_forked=True)


def weather(first: int, last: int, processes: int, length: float) -> int:
    """Run every seed from `first` to `last` and print what was found; gives how many ended badly."""
    folder = Path(tempfile.mkdtemp(prefix="five-"))
    template = make_template(folder / "template")
    totals: Counter[str] = Counter()
    n_bad, began = 0, time.monotonic()
    run = partial(_run, template=template, folder=folder, length=length)
    with ProcessPoolExecutor(processes, initializer=_warm) as pool:
        for number, outcome in enumerate(pool.map(run, range(first, last + 1)), 1):
            totals += outcome.counts
            if not outcome.is_good:
                n_bad += 1
                print(f"{outcome} [{folder / f'seed-{outcome.seed}'}]", flush=True)
            if sys.stderr.isatty() or number % 10 == 0:
                print(
                    f"{number} runs, {n_bad} bad, the last in {outcome.seconds:.1f} s",
                    file=sys.stderr,
                    flush=True,
                )
    n_runs = last - first + 1
    print(json.dumps(dict(sorted(totals.items())), indent=1))
    print(f"{time.monotonic() - began:.0f} s, {n_bad} of {n_runs} runs ended badly")
    return n_bad


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="0-9", help="the seeds, as 0-199")
    parser.add_argument(
        "--processes", type=int, default=1, help="how many runs at a time, each with five nodes"
    )
    parser.add_argument("--length", type=float, default=0.0, help="real seconds of the ten minutes' cut")
    arguments = parser.parse_args()
    first, _, last = arguments.seeds.partition("-")
    sys.exit(1 if weather(int(first), int(last or first), arguments.processes, arguments.length) else 0)


if __name__ == "__main__":
    main()
