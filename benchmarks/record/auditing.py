"""An outsider audits a large log, from its entries to the signed root: with foreign code, and with ours."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from allweather.record.keys import format_verifier_key
from allweather.record.standing import stand
from allweather.store import MemoryStore, write_folder
from allweather.sync.layout import Publication
from benchmarks.figures import Column, Section, Table, Target, Value
from benchmarks.record.making import grow, meet, signers

ROOT = Path(__file__).parents[2]
GO = ROOT / ".peers" / "gocheck"
VERIFIER = ROOT / "verifier" / "verify.py"
TARGET = 2.0


def run(count: int) -> Section:
    """Write two logs of `count` entries into folders, of shorter and longer ones; let programs audit them."""
    tables, targets = [], []
    for short in (True, False):
        table, target = _audit(count, short=short)
        tables.append(table)
        targets.append(target)
    text = (
        "From the entry bundles to the root that the checkpoint states, with the checkpoint's signature. Go "
        "recomputes the root from every entry with `tlog.RecordHash`; it is run three times, the median is "
        "shown. The two programs of this project also check every entry, every hash tile, and whatever else "
        "`docs/spec/record.md` asks."
    )
    missing = targets[0].value is None
    notes = ("Go was not measured: `make peers` builds it.",) if missing else ()
    return Section(
        "audit", "How long does an outsider need to audit a log?", text, tuple(tables), tuple(targets), notes
    )


def _audit(count: int, *, short: bool) -> tuple[Table, Target]:
    store = MemoryStore()
    meet(store, 1)
    grow(store, 0, count, batch=4_096, short=short)
    origin = signers(0)[0].name
    (branch,) = store.branches(origin)
    n_bytes = sum(len(entry) for entry in store.entries(branch, count // 2, count // 2 + 100)) // 100
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "record"
        published = Publication(store, stand(store, {}), origin)
        files = ((path, data) for path in published.paths() if (data := published.read(path)) is not None)
        write_folder(files, folder)
        del store, published
        key = format_verifier_key(signers(0)[0].verifier)
        go = _go(key, folder / origin) if GO.is_file() else None
        rows: list[tuple[Value, ...]] = [("Go x/mod/sumdb, unmodified (one pass over the bundles)", go)]
        if short:
            rows.append(("verifier/verify.py", _cpu([sys.executable, str(VERIFIER), str(folder)])))
            rows.append(("allweather record verify", _cpu([_allweather(), "record", "verify", str(folder)])))
    table = Table(
        f"{count:,} entries of {n_bytes} bytes", (Column("program", 0), Column("CPU-seconds", 2)), tuple(rows)
    )
    what = f"CPU-seconds for {count:,} entries of {n_bytes} bytes with Go"
    return table, Target(what, go, high=TARGET, decimals=2)


def _go(key: str, folder: Path) -> float:
    def once() -> float:
        done = subprocess.run([GO, "audit", key, folder], check=True, capture_output=True, text=True)
        return float(json.loads(done.stdout)["cpu_seconds"])

    return median(once() for _ in range(3))


def _cpu(argv: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(argv, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _allweather() -> str:
    return str(Path(sys.executable).with_name("allweather"))
