"""How long a node folds a large record when it starts, what it then holds in memory, what each view costs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.council.acting import numbers
from benchmarks.council.homes import make_home, place
from benchmarks.council.making import MEMBERS, Made, made
from benchmarks.figures import Column, Section, Table, Target, Value

TARGET = 5.0
_RUNS = 3


def run(count: int) -> Section:
    """Fold the record three times, each in a fresh process; then show every view."""
    record = made(count)
    with place(record) as folder:
        home = make_home(record, MEMBERS[0], folder)
        folds = [alone("fold", home, record) for _ in range(_RUNS)]
        seen = alone("views", home, record)
    found = {name: median(one[name] for one in folds) for name in folds[0]}
    cold: list[tuple[Value, ...]] = [
        ("where each log stands (signatures, facts)", found["settle_cpu"], found["settle"]),
        ("the fold of all acts", found["cpu"] - found["settle_cpu"], found["wall"] - found["settle"]),
        ("both, from the store to the fold", found["cpu"], found["wall"]),
    ]
    n_concerns = record.kinds["council.concern"]
    text = (
        f"{len(MEMBERS)} members, {n_concerns:,} concerns, {record.n_entries:,} entries, really signed, "
        f"{record.n_bytes / 1e6:,.0f} MB in SQLite: {numbers(record.kinds)}. The store is opened, settled "
        f"and folded as `allweather node run` does it, in a fresh process; the median of {_RUNS}. The file "
        "is in the machine's cache."
    )
    return Section(
        "fold",
        "How long does a node need for a large record when it starts?",
        text,
        (
            Table("Cold start", (_NAME, Column("CPU-seconds", 2), Column("seconds", 2)), tuple(cold)),
            _memory(found, seen),
            _views(seen),
        ),
        (
            Target("CPU-seconds to fold", found["cpu"], high=TARGET, decimals=2),
            Target("seconds to fold", found["wall"], high=TARGET, decimals=2),
        ),
    )


_NAME = Column("what", 0)


def _memory(found: dict[str, float], seen: dict[str, Any]) -> Table:
    rows: list[tuple[Value, ...]] = [
        ("the program alone", found["empty_mb"]),
        ("with the record settled and folded", found["peak_mb"]),
        ("after every view was shown", seen["peak_mb"]),
    ]
    return Table("Memory: the most that the process has had", (_NAME, Column("MB", 0)), tuple(rows))


def _views(seen: dict[str, Any]) -> Table:
    rows = [
        (name, 1e3 * first, 1e3 * again, 1e3 * after, size)
        for name, (first, size, again, after) in seen["views"].items()
    ]
    columns = (
        Column("view", 0),
        Column("nothing asked before, CPU-ms", 1),
        Column("asked again", 1),
        Column("after one more act, at the node", 1),
        Column("kB of JSON", 0),
    )
    return Table("Each view with its JSON", columns, tuple(rows))


def alone(what: str, home: Path, record: Made) -> dict[str, Any]:
    """What `benchmarks.council.alone` measures in a process of its own."""
    argv = [sys.executable, "-m", "benchmarks.council.alone", what, str(home)]
    done = subprocess.run(
        [*argv, str(record.end), json.dumps(record.ids)], check=True, capture_output=True, text=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found
