"""Members long absent heal: everything that thirty of them wrote is taken in from one folder."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from allweather.record.standing import stand
from allweather.record.storage import Batch, Storage
from allweather.store import FolderSource, MemoryStore, open_sqlite, write_folder
from allweather.sync.layout import Publication
from allweather.sync.pull import Pull
from benchmarks.figures import Column, Section, Table, Target, Value
from benchmarks.record.making import batches, meet

N_MEMBERS = 30
TARGET = 10.0
_BATCH = 250


def run(count: int) -> Section:
    """Heal a node that holds nothing, and one that holds half of every log; compare the digests."""
    model = MemoryStore()
    meet(model, N_MEMBERS)
    half = MemoryStore()
    meet(half, N_MEMBERS)
    for member in range(N_MEMBERS):
        # Each was cut off from the others while it wrote.
        alone = MemoryStore()
        meet(alone, N_MEMBERS)
        for number, batch in enumerate(batches(alone, member, count, batch=_BATCH)):
            alone.commit(batch)
            model.commit(Batch(batch.growths))
            if number * _BATCH < count // 2:
                half.commit(Batch(batch.growths))
    digest = stand(model).digest
    rows: list[tuple[Value, ...]] = []
    with tempfile.TemporaryDirectory() as name:
        folder, part = Path(name) / "all", Path(name) / "half"
        _export(model, folder)
        _export(half, part)
        for what, first in (("a node that holds nothing", None), ("one that holds half of every log", part)):
            store = open_sqlite(Path(name) / f"{len(rows)}.sqlite", create=True)
            meet(store, N_MEMBERS)
            if first is not None:
                _pull(store, first)
            cpu, wall = time.process_time(), time.perf_counter()
            _pull(store, folder)
            took = time.perf_counter() - wall, time.process_time() - cpu
            wall = time.perf_counter()
            same = stand(store).digest == digest
            rows.append((what, *took, time.perf_counter() - wall, "yes" if same else "NO"))
            store.close()
    table = Table(
        f"{N_MEMBERS} logs of {count:,} entries, from a folder into SQLite",
        (
            Column("who heals", 0),
            Column("seconds", 1),
            Column("CPU-seconds", 1),
            Column("seconds to settle where each log stands", 1),
            Column("same digest", 0),
        ),
        tuple(rows),
    )
    text = (
        "A folder with everything is carried to the node (a stick in a pouch); it takes in every log, "
        "verifies it up to its "
        "signed root, and commits each durably. The digest over where every log stands must be that "
        "of the origin."
    )
    whole = rows[0][1]
    target = Target("seconds to take in everything", float(whole or 0), high=TARGET, decimals=1)
    alike = Target("nodes with the same digest", sum(row[4] == "yes" for row in rows), low=2, decimals=0)
    return Section("healing", "How long does it take to heal?", text, (table,), (target, alike))


def _export(store: Storage, folder: Path) -> None:
    published = Publication(store, stand(store, {}), "")
    write_folder(
        ((path, data) for path in published.paths() if (data := published.read(path)) is not None), folder
    )


def _pull(store: Storage, folder: Path) -> None:
    source = FolderSource(folder)
    pull = Pull(store, accept=lambda card: False, standing=stand(store, {}))
    while paths := pull.outgoing():
        for path in paths:
            pull.receive(path, source.read(path, Pull.limit(path)))
    assert pull.report.complete, pull.report.faults
    source.close()
