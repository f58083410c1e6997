"""How a node answers with two hundred delegates connected and a hundred acts a minute, and how it ends."""

from __future__ import annotations

import http.client
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import IO, Any
from urllib.parse import urlsplit

from allweather.cli.staging import LiveNode
from allweather.web.people import People
from benchmarks.figures import Column, Section, Table, Target, Value
from benchmarks.pages.matrix import Line, of_process, settle, stage_of
from benchmarks.planting import AT

PAGE_TARGET, END_TARGET = 200.0, 3.0
DELEGATES, ACTS_A_MINUTE, SECONDS, OPENS_EVERY = 200, 100, 90, 60.0
MEMBERS, TEXTS = 30, 60
LOOKS = {"/": 30, "/agenda": 14, "/positions": 12, "/concern": 14, "/text": 10, "/decisions": 10,
         "/cooperation": 4, "/review": 6}  # fmt: skip
"""Of a hundred delegates, how many look at which page."""
LANGUAGES = {"en": 60, "fr": 20, "ru": 20}
ZONES = {"Europe/Oslo": 80, "UTC": 20}
Sample = tuple[str, str, float, int, float]


def run(*, delegates: int = DELEGATES, seconds: int = SECONDS) -> Section:
    """Run a node and its crowd, end the node while they are connected; what was measured."""
    with tempfile.TemporaryDirectory() as folder:
        stage = stage_of(Path(folder), MEMBERS, TEXTS)
        (home,) = (one.home for one in stage.nodes.values())
        people = People(home, time.time)
        for number in range(delegates - 1):
            people.add(f"Head {number:03}", "head", seat=True)
        with stage.running(f"{AT + 3_600 - int(time.time()):+d}") as nodes:
            (node,) = nodes.values()
            settle(Line(node.address))
            return _section(_measure(node, [one.id for one in people.book().people], seconds), seconds)


def _measure(node: LiveNode, seats: Sequence[str], seconds: int) -> dict[str, Any]:
    assert node.process is not None
    plan = _plan(node.address, [_sit(node.address, one) for one in seats], seconds)
    crowd = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.pages.crowd"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert crowd.stdin is not None
    assert crowd.stdout is not None
    try:
        with crowd.stdin as given:
            json.dump(plan, given)
        _line_of(crowd.stdout)
        spent, began = of_process(node.process.pid), time.perf_counter()
        before = spent()
        _line_of(crowd.stdout)
        busy = (spent() - before) / (time.perf_counter() - began) / 10
        began = time.perf_counter()
        node.process.terminate()
        node.process.wait(60.0)
        ended = time.perf_counter() - began
        found = _line_of(crowd.stdout)
        crowd.wait(60.0)
    finally:
        crowd.kill()
    return found | {"ended": ended, "code": node.process.returncode, "busy": busy}


def _line_of(stream: IO[str]) -> dict[str, Any]:
    text = stream.readline()
    if not text:
        raise SystemExit("the crowd ended before its time")
    found: dict[str, Any] = json.loads(text)
    return found


def _sit(address: str, seat: str) -> str:
    """The cookie of somebody who takes a seat."""
    parts = urlsplit(address)
    line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    line.request("POST", f"/seat/{seat}", b"", {"Origin": address})
    answer = line.getresponse()
    answer.read()
    line.close()
    return (answer.getheader("Set-Cookie") or "").partition(";")[0]


def _plan(address: str, cookies: Sequence[str], seconds: int) -> dict[str, Any]:
    dice = random.Random(1)  # noqa: S311 - a plan, not a secret
    page = Line(address).see("/agenda")[1].decode()
    concerns = sorted({part.partition('"')[0] for part in page.split('href="/concern/')[1:]})
    page = Line(address).see(f"/concern/{concerns[0]}")[1].decode()
    texts = sorted({part.partition('"')[0] for part in page.split('href="/text/')[1:]})

    def path() -> str:
        found = dice.choices(list(LOOKS), list(LOOKS.values()))[0]
        known = {"/concern": concerns[:5], "/text": texts[:5]}.get(found)
        return f"{found}/{dice.choice(known)}" if known else found

    def cookie(own: str) -> str:
        language = dice.choices(list(LANGUAGES), list(LANGUAGES.values()))[0]
        zone = dice.choices(list(ZONES), list(ZONES.values()))[0]
        return f"{own}; allweather-lang={language}; allweather-zone={zone}"

    return {
        "address": address,
        "looks": [(cookie(one), path()) for one in cookies],
        "paths": [path() for _ in range(400)],
        "seconds": seconds,
        "acts": ACTS_A_MINUTE / 60,
        "opens_every": OPENS_EVERY,
        "concern": concerns[0],
        "seed": 1,
    }


def _section(found: dict[str, Any], seconds: int) -> Section:
    samples: list[Sample] = [tuple(one) for one in found["samples"]]
    pages = [one for one in samples if one[0] in ("live part", "whole page")]
    n_bad = sum(one[3] not in (200, 303) for one in samples)
    waits = found["seen"]
    text = (
        f"One node in its own process with a planted council of {MEMBERS} members and {TEXTS} texts, and "
        f"{found['n_connected']} delegates with a page open, each signed in and connected to `/live`, in one "
        f"other process on the same cores. For {seconds} s statements are made by the forms of a page (page, "
        f"preview, signature, page), {ACTS_A_MINUTE} a minute. Whoever is told of news asks for the live "
        f"part of its page, as htmx does; each opens another page as a whole about every {OPENS_EVERY:.0f} "
        f"s. Of a hundred, so many look at: {', '.join(f'{page} {n}' for page, n in LOOKS.items())}; "
        f"languages {', '.join(f'{one} {n}' for one, n in LANGUAGES.items())}; two time zones. "
        "Then the node is told to end while all are connected."
    )
    targets = (
        Target("ms for a page or its live part, p95", _at(pages, 0.95), high=PAGE_TARGET, decimals=1),
        Target("seconds to the end of the node's process", found["ended"], high=END_TARGET, decimals=2),
        Target("answers that were none or an error", n_bad, high=0, decimals=0),
        Target("delegates connected at the end", found["n_connected"], low=DELEGATES, decimals=0),
    )
    rows: tuple[tuple[Value, ...], ...] = (
        ("delegates connected", found["n_connected"]),
        ("acts signed a minute", 60 * found["n_signed"] / seconds),
        ("requests a second", len(samples) / seconds),
        (
            "seconds from a signature until another's open page shows it, median",
            median(waits) if waits else None,
        ),
        ("the same, p95", quantiles(waits, n=20)[18] if len(waits) > 1 else None),
        ("how often that was seen", len(waits)),
        ("processor of the node, per cent of one core", found["busy"]),
        ("processor of the crowd, seconds in all", found["cpu"]),
        ("streams that the node ended", found["n_ended"]),
        ("exit code", found["code"]),
    )
    tables = (
        _table("What was asked", samples, 0),
        _table("Live parts, by page", [one for one in samples if one[0] == "live part"], 1),
        Table("The node and its crowd", (Column("what", 0), Column("measured", 2)), rows),
    )
    return Section("live", "How fast are the pages with 200 delegates connected?", text, tables, targets)


def _at(samples: Sequence[Sample], share: float) -> float | None:
    times = sorted(1e3 * one[2] for one in samples)
    return times[min(len(times) - 1, int(share * len(times)))] if times else None


def _table(title: str, samples: Sequence[Sample], by: int) -> Table:
    def name(one: Sample) -> str:
        return one[0] if by == 0 else "/" + one[1].split("/")[1]

    rows: list[tuple[Value, ...]] = []
    for row in sorted({name(one) for one in samples}):
        some = [one for one in samples if name(one) == row]
        n_bad = sum(one[3] not in (200, 303) for one in some)
        rows.append(
            (row, len(some), _at(some, 0.5), _at(some, 0.95), max(1e3 * one[2] for one in some), n_bad)
        )
    columns = (
        Column("what", 0),
        Column("number", 0),
        Column("median, ms", 1),
        Column("p95", 1),
        Column("longest", 1),
        Column("errors", 0),
    )
    return Table(title, columns, tuple(rows))
