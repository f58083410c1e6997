"""Run many stories: `python -m tests.simulation.run --seeds 0-99999 --processes 2`.

One story in two hundred runs with real signatures. `--mutants` looks for the first seed that catches each
planted fault and writes `caught.json`. Exit code 1 if a story ends badly, or if a mutant survives.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path

from tests.simulation.cheap import cheap_signatures
from tests.simulation.mutants import MUTANTS
from tests.simulation.world import Outcome, World

N_STEPS = 30
REAL_EVERY = 200
CAUGHT = Path(__file__).parent / "caught.json"


def story(seed: int, *, real: bool | None = None) -> Outcome:
    """The outcome of one seed. A story that ends in an error of the code under test is a bad one."""
    signed = seed % REAL_EVERY == 0 if real is None else real
    with nullcontext() if signed else cheap_signatures():
        world = World(seed)
        try:
            return world.run(N_STEPS)
        except Exception as error:
            world.outcome.other.append(f"{type(error).__name__}: {error}")
            return world.outcome


def first_caught(name: str, seeds: Iterable[int]) -> int | None:
    """The first seed whose story ends badly with a mutant planted; None if all end well."""
    for seed in seeds:
        with cheap_signatures(), MUTANTS[name]():
            world = World(seed)
            try:
                outcome = world.run(N_STEPS)
            except Exception:
                return seed
            if not outcome.is_good:
                return seed
    return None


def _begin() -> None:
    # Stories leave little garbage in circles; looking for it after every few hundred objects takes a tenth of
    # the time.
    gc.set_threshold(200_000, 20, 20)


def _run_span(span: range) -> tuple[Counter[str], list[str]]:
    totals: Counter[str] = Counter()
    bad = []
    for seed in span:
        outcome = story(seed)
        for key, value in asdict(outcome).items():
            if key != "seed":
                totals[key] += len(value) if isinstance(value, list) else value
        totals["stories"] += 1
        totals["real signatures"] += seed % REAL_EVERY == 0
        if not outcome.is_good:
            bad.append(str(outcome))
    return totals, bad


def simulate(first: int, last: int, processes: int) -> int:
    """Run every seed from `first` to `last` and print what was found; gives how many ended badly."""
    spans = [range(start, min(start + 100, last + 1)) for start in range(first, last + 1, 100)]
    totals: Counter[str] = Counter()
    bad: list[str] = []
    began = time.monotonic()
    with ProcessPoolExecutor(processes, initializer=_begin) as pool:
        for number, (found, sentences) in enumerate(pool.map(_run_span, spans), 1):
            totals += found
            bad += sentences
            for sentence in sentences:
                print(sentence, flush=True)
            if sys.stderr.isatty() or number % 40 == 0:
                print(f"{totals['stories']} stories, {len(bad)} bad", file=sys.stderr)
    names = ("lost", "accused", "unproven", "divergent", "other")
    print(
        json.dumps({"seeds": f"{first}-{last}", **{name: totals[name] for name in names}, **totals}, indent=1)
    )
    print(f"{time.monotonic() - began:.0f} s, {len(bad)} of {totals['stories']} stories ended badly")
    return len(bad)


def _first_of_good(name: str, last: int) -> int | None:
    """The first seed that catches a mutant, and whose story ends well without it."""
    seed = first_caught(name, range(last + 1))
    while seed is not None and not story(seed, real=False).is_good:
        seed = first_caught(name, range(seed + 1, last + 1))
    return seed


def hunt(last: int) -> int:
    """Find the first seed that catches each mutant, up to `last`; gives how many survive."""
    caught = {name: _first_of_good(name, last) for name in sorted(MUTANTS)}
    CAUGHT.write_text(json.dumps(caught, indent=1) + "\n")
    survivors = [name for name, seed in caught.items() if seed is None]
    print(f"{len(caught) - len(survivors)} of {len(caught)} mutants caught; surviving: {survivors or 'none'}")
    return len(survivors)


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="0-999", help="the seeds, as 0-99999")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument(
        "--mutants", action="store_true", help="hunt the mutants instead, up to the last seed"
    )
    arguments = parser.parse_args()
    first, _, last = arguments.seeds.partition("-")
    if arguments.mutants:
        sys.exit(1 if hunt(int(last or first)) else 0)
    sys.exit(1 if simulate(int(first), int(last or first), arguments.processes) else 0)


if __name__ == "__main__":
    main()
