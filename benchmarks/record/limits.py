"""What this machine can do at most: signatures, hashes, canonical bytes, durable commits."""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from allweather.record import ed25519
from allweather.record.entries import format_entry, parse_entry
from allweather.record.merkle import Edge, leaf_hash
from benchmarks.figures import Column, Section, Table, Value
from benchmarks.record.making import COUNCIL, seed_of
from benchmarks.record.sample import sample_entry


def run(count: int) -> Section:
    """Measure each limit, in one process and one thread, by CPU time."""
    seed, message = seed_of("limit"), b"m" * 200
    public, signature = ed25519.public_of(seed), ed25519.sign(seed, message)
    entry = sample_entry(0)
    data = format_entry(entry)
    rows: list[tuple[Value, ...]] = [
        ("Ed25519 signature made (cryptography)", *_rate(lambda: ed25519.sign(seed, message), count // 50)),
        (
            "Ed25519 signature checked, with our strict rule (cryptography)",
            *_rate(lambda: ed25519.is_valid(public, message, signature), count // 100),
        ),
        ("Ed25519 signature checked (PyNaCl)", *_pynacl(public, message, signature, count // 100)),
        ("SHA-256 of a node (hashlib)", *_rate(lambda: hashlib.sha256(data[:65]).digest(), count)),
        (f"entry of {len(data)} bytes read and checked", *_rate(lambda: parse_entry(data), count // 2)),
        (f"entry of {len(data)} bytes written", *_rate(lambda: format_entry(entry), count // 2)),
        ("leaf appended to the tree's edge", *_edge(data, count)),
        ("SQLite commit of one row, WAL, synchronous=FULL", *_commits(1, max(50, count // 1000))),
        ("SQLite row, 1,000 a commit, WAL, synchronous=FULL", *_commits(1_000, max(20, count // 10_000))),
    ]
    table = Table(
        "Each alone, in one thread",
        (Column("what", 0), Column("a CPU-second", 0), Column("a second", 0)),
        tuple(rows),
    )
    text = (
        "What the parts cost on this machine, each measured alone. A store cannot be faster than its "
        "disk commits, "
        f"a verifier not faster than its hashes. Rows in SQLite are the same {len(data)} bytes."
    )
    return Section("limits", "What can this machine do at most?", text, (table,))


def _rate(act: Callable[[], object], count: int) -> tuple[float, float]:
    count = max(count, 10)
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(count):
        act()
    return count / (time.process_time() - cpu), count / (time.perf_counter() - wall)


def _pynacl(public: bytes, message: bytes, signature: bytes, count: int) -> tuple[Value, Value]:
    try:
        from nacl.signing import VerifyKey
    except ImportError:
        return None, None
    key = VerifyKey(public)
    return _rate(lambda: key.verify(message, signature), count)


def _edge(data: bytes, count: int) -> tuple[float, float]:
    leaves = [leaf_hash(data)] * 256
    cpu, wall = time.process_time(), time.perf_counter()
    edge = Edge()
    for _ in range(max(1, count // 256)):
        edge = edge.extend(leaves)
    return edge.size / (time.process_time() - cpu), edge.size / (time.perf_counter() - wall)


def _commits(rows: int, count: int) -> tuple[float, float]:
    data = format_entry(sample_entry(0))
    with tempfile.TemporaryDirectory(prefix=COUNCIL) as folder:
        with sqlite3.connect(Path(folder) / "limit.sqlite", isolation_level=None) as base:
            base.execute("PRAGMA journal_mode=WAL")
            base.execute("PRAGMA synchronous=FULL")
            base.execute("CREATE TABLE entries (data BLOB)")
            cpu, wall = time.process_time(), time.perf_counter()
            for _ in range(count):
                base.execute("BEGIN IMMEDIATE")
                base.executemany("INSERT INTO entries VALUES (?)", [(data,)] * rows)
                base.execute("COMMIT")
            found = (
                count * rows / (time.process_time() - cpu),
                count * rows / (time.perf_counter() - wall),
            )
        base.close()
    return found
