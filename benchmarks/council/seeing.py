"""How soon an act is visible at a connected peer: two nodes that run, with the large record at both."""

from __future__ import annotations

import json
import time
from pathlib import Path
from statistics import median, quantiles

from allweather.node.peers import Peer, read_peers, with_peer, write_peers
from benchmarks.council.homes import Asking, Running, make_home, place, running
from benchmarks.council.making import MEMBERS, Made, made
from benchmarks.figures import Column, Section, Table, Target, Value

TARGET = 1.0
_ACTS = 50
_PAUSE = 1.0
_GIVE_UP = 30.0


def run(count: int) -> Section:
    """Sign an act at one node, ask the other for it until it is there; fifty times."""
    record = made(count)
    with place(record) as folder:
        homes = [make_home(record, origin, folder) for origin in MEMBERS[:2]]
        with running(homes[0], record) as one, running(homes[1], record) as other:
            _join(homes, (one, other))
            rows, targets = _measure(one, other, record)
    text = (
        f"Two nodes with their usual timings, each in its own process and the peer of the other, hold the "
        f"{record.n_entries:,} entries. A statement is signed by `POST /api/acts` at the first; from the "
        f"moment of sending, the second is asked for it by `GET /api/views/act` every 5 ms, until it is "
        f"there. {_ACTS} acts, {_PAUSE:g} s between them. All three processes share the machine."
    )
    table = Table(
        f"{_ACTS} acts, one at a time",
        (Column("what", 0), Column("median", 3), Column("p99", 3), Column("longest", 3)),
        rows,
    )
    return Section("visible", "How soon is an act visible at a connected peer?", text, (table,), targets)


def _join(homes: list[Path], nodes: tuple[Running, Running]) -> None:
    for home, other in zip(homes, reversed(nodes), strict=True):
        write_peers(home, with_peer(read_peers(home), Peer(other.address)))
    for node in nodes:
        asking = node.connect()
        until = time.monotonic() + 60
        while '"last":{' not in asking.ask("GET", "/health")[1].decode():
            if time.monotonic() > until:
                raise SystemExit("the two nodes do not find each other")
            time.sleep(0.2)
        asking.settled()


def _measure(
    one: Running, other: Running, record: Made
) -> tuple[tuple[tuple[Value, ...], ...], tuple[Target, ...]]:
    here, there = one.connect(), other.connect()
    signed, seen = [], []
    cpu = one.cpu, other.cpu
    for number in range(_ACTS):
        concern = record.ids["concern"][number % len(record.ids["concern"])]
        body = {"concern": concern, "words": f"Seen by the others? ({number})"}
        began = time.perf_counter()
        status, data = here.ask("POST", "/api/acts", {"kind": "council.statement", "body": body})
        signed.append(time.perf_counter() - began)
        assert status == 201, data
        seen.append(_seen(there, json.loads(data)["acts"][0]["id"], began))
        time.sleep(_PAUSE)
    spent = ((one.cpu - cpu[0]) / _ACTS, (other.cpu - cpu[1]) / _ACTS)
    rows: tuple[tuple[Value, ...], ...] = (
        ("seconds until it is signed, stored, and answered", *_shape(signed)),
        ("seconds until it is visible at the peer", *_shape(seen)),
        (f"acts not visible within {_GIVE_UP:g} s", sum(one >= _GIVE_UP for one in seen), None, None),
        ("CPU-seconds of the signing node an act, in all", spent[0], None, None),
        ("CPU-seconds of its peer an act, in all", spent[1], None, None),
    )
    return rows, (
        Target("seconds until an act is visible at a peer, median", median(seen), high=TARGET, decimals=2),
        Target("seconds until an act is visible at a peer, p99", _shape(seen)[1], high=TARGET, decimals=2),
    )


def _seen(there: Asking, name: str, began: float) -> float:
    while time.perf_counter() - began < _GIVE_UP:
        if there.ask("GET", f"/api/views/act?id={name}")[0] == 200:
            return time.perf_counter() - began
        time.sleep(0.005)
    return _GIVE_UP


def _shape(values: list[float]) -> tuple[float, float, float]:
    return median(values), quantiles(values, n=100, method="inclusive")[98], max(values)
