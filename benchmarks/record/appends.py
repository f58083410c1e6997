"""Durable verified appends: a log is taken in, verified and kept, one checkpoint for every 256 entries."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from allweather.record.checkpoints import open_checkpoint
from allweather.record.entries import parse_entry
from allweather.record.storage import Batch, Storage, grow
from allweather.store import FolderStore, MemoryStore, open_sqlite
from benchmarks.figures import Column, Section, Table, Target, Value
from benchmarks.record.making import batches, meet, signers

PER_CHECKPOINT = 256
TARGET = 60_000


def run(count: int) -> Section:
    """Measure each store with the same row of batches."""
    model = MemoryStore()
    meet(model, 1)
    made: list[Batch] = []
    cpu = time.process_time()
    for batch in batches(model, 0, count, batch=PER_CHECKPOINT):
        model.commit(batch)
        made.append(batch)
    written = count / (time.process_time() - cpu)
    rows: list[tuple[Value, ...]] = []
    verified: float | None = None
    for name, opened in STORES.items():
        with tempfile.TemporaryDirectory() as folder, closing(opened(Path(folder))) as store:
            per_cpu, per_second = _take_in(store, made)
            rows.append((name, per_cpu, per_second))
            verified = per_cpu if name == SQLITE else verified
    with tempfile.TemporaryDirectory() as folder, closing(STORES[SQLITE](Path(folder))) as store:
        meet(store, 1)
        cpu, wall = time.process_time(), time.perf_counter()
        for batch in batches(store, 0, count, batch=PER_CHECKPOINT):
            store.commit(batch)
        own = count / (time.process_time() - cpu), count / (time.perf_counter() - wall)
    table = Table(
        f"{count:,} entries of {len(made[-1].growths[0].entries[1])} bytes, {PER_CHECKPOINT} under each "
        "checkpoint and in each durable commit",
        (Column("store", 0), Column("entries a CPU-second", 0), Column("entries a second", 0)),
        tuple(rows),
    )
    writing = Table(
        "The member's own writing: composed, signed, and durable",
        (Column("what", 0), Column("entries a CPU-second", 0), Column("entries a second", 0)),
        (("composed and signed only, in memory", written, None), ("in SQLite", *own)),
    )
    text = (
        "Each entry is read and checked against every bound, hashed and put into the tree; the root "
        "must be that of the "
        "checkpoint, and the checkpoint's signature must hold; then the batch is committed and is "
        "durable. CPU time is that "
        "of the whole process, the kernel's work for it included."
    )
    target = Target("durable verified entries a CPU-second, SQLite", verified, low=TARGET, decimals=0)
    return Section("appends", "How fast is a log taken in durably?", text, (table, writing), (target,))


def _take_in(store: Storage, made: list[Batch]) -> tuple[float, float]:
    meet(store, 1)
    key = signers(0)[0].verifier
    count = 0
    cpu, wall = time.process_time(), time.perf_counter()
    for batch in made:
        (growth,) = batch.growths
        for index, data in enumerate(growth.entries, growth.start):
            entry = parse_entry(data)
            assert (entry.log, entry.n) == (growth.branch.origin, index)
        open_checkpoint(growth.branch.checkpoint, (key,))
        before = store.branches(growth.branch.origin)
        store.commit(Batch((grow(before[0] if before else None, growth.entries, growth.branch.checkpoint),)))
        count += len(growth.entries)
    return count / (time.process_time() - cpu), count / (time.perf_counter() - wall)


SQLITE = "SQLite, WAL, synchronous=FULL"
STORES: dict[str, Callable[[Path], Storage]] = {
    SQLITE: lambda folder: open_sqlite(folder / "record.sqlite", create=True),
    "folder of tiles, every file synced": lambda folder: FolderStore(folder / "record", create=True),
    "memory (nothing durable)": lambda folder: MemoryStore(),
}
