"""How fast the local API of a node answers at a steady rate, with the large record and acts in between."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from statistics import median, quantiles

import numpy as np

from benchmarks.council.homes import Running, make_home, place, running
from benchmarks.council.making import MEMBERS, SEED, Made, made
from benchmarks.figures import Column, Section, Table, Target, Value

TARGET = 50.0
RATE = 100
SECONDS = 30
# Shares in a thousand requests; one in a hundred is an act.
MIX = {
    "concern": 300,
    "text": 200,
    "agenda": 130,
    "waiting": 120,
    "decision": 100,
    "decisions": 70,
    "council": 40,
    "positions": 30,
    "act": 10,
}
Answer = tuple[str, float, int, int]


def run(count: int) -> Section:
    """Ask one node that runs, from one other process; first without acts, then with them."""
    record = made(count)
    with place(record) as folder, running(make_home(record, MEMBERS[0], folder), record) as node:
        asking = node.connect()
        asking.settled()
        _load(node, _requests(record, 5, acts=False))
        parts, spent = [], []
        for acts in (False, True):
            cpu = node.cpu
            parts.append(_load(node, _requests(record, SECONDS, acts=acts)))
            spent.append(1e3 * (node.cpu - cpu) / (RATE * SECONDS))
        starts, peak = node.seconds, node.peak_mb
    quiet, busy = parts
    mix = ", ".join(f"{number} {name}" for name, number in MIX.items())
    text = (
        f"One node with the {record.n_entries:,} entries in its own process; the client is another on the "
        f"same cores. {RATE} requests a second for {SECONDS} s at fixed times; an answer's time counts from "
        f"when its request was due. The mix, in a thousand: {mix}. `act` is a statement by `POST /api/acts`, "
        "after which no view that was kept is true any more. Before, 5 s of the same requests without acts."
    )
    targets = (
        Target(
            "ms for a view, p99, with acts",
            _p99([one for one in busy if one[0] != "act"]),
            high=TARGET,
            decimals=1,
        ),
        Target("ms for any request, p99, with acts", _p99(busy), high=TARGET, decimals=1),
        Target("ms for a view, p99, without acts", _p99(quiet), high=TARGET, decimals=1),
        Target(
            "answers that were none or an error",
            sum(_is_bad(one) for one in quiet + busy),
            high=0,
            decimals=0,
        ),
    )
    memory: tuple[tuple[Value, ...], ...] = (
        ("CPU-ms a request without acts, all that the node does included", spent[0]),
        ("CPU-ms a request with acts", spent[1]),
        ("seconds from the call to `ready`", starts),
        ("MB of memory at most, load included", peak),
    )
    tables = (
        _table(f"{RATE} requests a second without acts", quiet),
        _table(f"{RATE} requests a second, one in a hundred an act", busy),
        Table("The node", (Column("what", 0), Column("measured", 1)), memory),
    )
    return Section("api", "How fast does the local API answer under load?", text, tables, targets)


def _requests(record: Made, seconds: int, *, acts: bool) -> list[list[str]]:
    dice = np.random.default_rng(SEED)
    names = [name for name in MIX if acts or name != "act"]
    shares = np.array([MIX[name] for name in names], dtype=float)
    found = []
    for number, place_ in enumerate(dice.choice(len(names), RATE * seconds, p=shares / shares.sum())):
        name = names[int(place_)]
        if name == "act":
            body = {"concern": record.ids["concern"][0], "words": f"Under load, {number}."}
            act = json.dumps({"kind": "council.statement", "body": body})
            found.append([name, "POST", "/api/acts", act])
            continue
        path = f"/api/views/{name}"
        if name == "waiting":
            path += f"?member=m{int(dice.integers(len(MEMBERS))):02d}"
        elif name in record.ids:
            some = record.ids[name]
            path += f"?id={some[int(dice.integers(len(some)))].replace('+', '%2B')}"
        found.append([name, "GET", path, ""])
    return found


def _load(node: Running, asked: list[list[str]]) -> list[Answer]:
    given = {"address": node.address, "token": node.token, "rate": RATE, "asked": asked}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.council.loading"],
        check=True,
        capture_output=True,
        text=True,
        input=json.dumps(given),
    )
    answers: list[Answer] = [tuple(one) for one in json.loads(done.stdout)["answers"]]
    return answers


def _is_bad(one: Answer) -> bool:
    return one[2] not in (200, 201)


def _p99(answers: Sequence[Answer]) -> float:
    return 1e3 * quantiles([one[1] for one in answers], n=100, method="inclusive")[98]


def _table(title: str, answers: list[Answer]) -> Table:
    rows: list[tuple[Value, ...]] = []
    for name in ("all", *MIX):
        some = [one for one in answers if name in ("all", one[0])]
        if len(some) > 1:
            times = [1e3 * one[1] for one in some]
            n_bad = sum(map(_is_bad, some))
            size = sum(one[3] for one in some) / len(some) / 1e3
            rows.append((name, len(some), median(times), _p99(some), max(times), n_bad, size))
    columns = (
        Column("request", 0),
        Column("number", 0),
        Column("median, ms", 1),
        Column("p99", 1),
        Column("longest", 1),
        Column("errors", 0),
        Column("kB", 0),
    )
    return Table(title, columns, tuple(rows))
