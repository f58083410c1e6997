"""Two worker processes at most, and a line of progress for each piece of work done."""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TypeVar

N_WORKERS = 2

Job = TypeVar("Job")
Result = TypeVar("Result")


def say(text: str) -> None:
    """A line of progress, on standard error."""
    print(text, file=sys.stderr, flush=True)


def work(name: str, do: Callable[[Job], Result], jobs: Sequence[Job]) -> list[Result]:
    """`do` each job in one of two fresh processes; results in the order of the jobs."""
    start = time.monotonic()
    results: dict[int, Result] = {}
    with ProcessPoolExecutor(N_WORKERS, mp_context=multiprocessing.get_context("spawn")) as pool:
        place = {pool.submit(do, job): k for k, job in enumerate(jobs)}
        for done in as_completed(place):
            results[place[done]] = done.result()
            job = jobs[place[done]]
            say(f"{name}: {len(results)} of {len(jobs)} done, {time.monotonic() - start:.0f} s ({job})")
    return [results[k] for k in range(len(jobs))]
