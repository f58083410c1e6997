"""What is measured in a process of its own: `python -m benchmarks.council.alone fold|views HOME AT IDS`.

Each prints JSON. Times are CPU-seconds of the whole process, the kernel's work for it included.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import msgspec

from allweather.council.bodies import Statement
from allweather.council.view import View
from allweather.node.actions import CHARTER_MARK, Doing
from allweather.node.folding import KeptFold
from allweather.node.home import Passphrase, find_home, open_store
from allweather.node.settling import KeptFacts, settled
from allweather.node.sharing import SharedDesk
from allweather.node.views import VIEWS

ID_OF = {
    "act": "concern",
    "concern": "concern",
    "concern-of": "text",
    "text": "text",
    "draft": "draft",
    "decision": "decision",
}
"""What a view of one act is asked with."""
ABSENT = frozenset({"document", "redline"})
"""Left out: a planted record has no document, and a redline is of two versions."""


def peak_mb() -> float:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def fold(path: Path) -> dict[str, Any]:
    """Settle and fold a store from nothing, as a node does when it starts."""
    found: dict[str, Any] = {"empty_mb": peak_mb()}
    cpu, wall = time.process_time(), time.perf_counter()
    home = find_home(path)
    storage = open_store(home)
    standing = settled(storage, KeptFacts(), home.quorum)
    found["settle_cpu"], found["settle"] = time.process_time() - cpu, time.perf_counter() - wall
    pinned = storage.mark(CHARTER_MARK) or b""
    kept = KeptFold(home.origin.partition("/")[0], charter=pinned.decode())
    n_acts = len(kept.update(storage, standing).acts)
    found["cpu"], found["wall"] = time.process_time() - cpu, time.perf_counter() - wall
    storage.close()
    return {**found, "n_acts": n_acts, "peak_mb": peak_mb()}


def views(path: Path, at: int, ids: dict[str, list[str]]) -> dict[str, Any]:
    """Each view of a council of which nothing was asked yet, again, and of a node after one more act."""
    home = find_home(path)
    secret = Passphrase(path / "passphrase")
    shared = SharedDesk(home, open_store(home), secret, lambda: at)
    before = peak_mb()
    fold_ = shared.actions.view().fold
    asked = _asked(ids, home.origin)
    rows: dict[str, list[float]] = {}
    for row, (name, parameters) in asked.items():
        view = View(fold_, at)
        rows[row] = [*_timed(view, name, parameters), _timed(view, name, parameters)[0]]
    for name, parameters in asked.values():
        shared.view_bytes(name, parameters, None)
    all_shown = peak_mb()
    for row, (name, parameters) in asked.items():
        shared.sign(Doing(Statement(concern=ids["concern"][0], words="One more.")))
        began = time.process_time()
        shared.view_bytes(name, parameters, None)
        rows[row].append(time.process_time() - began)
    shared.close()
    return {"views": rows, "folded_mb": before, "peak_mb": all_shown}


def _asked(ids: dict[str, list[str]], origin: str) -> dict[str, tuple[str, dict[str, str]]]:
    """Each view that asks for no more than an act or a member, with what it is asked; a page of minutes."""
    found = {}
    for name, one in VIEWS.items():
        some = ids[ID_OF.get(name, "concern")]
        known = {"member": origin.partition("/")[2], "id": some[len(some) // 2]}
        if name not in ABSENT and one.parameters.keys() <= known.keys():
            found[name] = name, {each: known[each] for each in one.parameters}
    return {**found, "minutes, the last 100": ("minutes", {"limit": "100"})}


def _timed(view: View, name: str, asked: dict[str, str]) -> tuple[float, float]:
    began = time.process_time()
    data = msgspec.json.encode(VIEWS[name].show(view, asked))
    return time.process_time() - began, len(data) / 1e3


def main() -> None:
    """Measure one thing and print it."""
    what, home, at, ids = sys.argv[1:5]
    found = fold(Path(home)) if what == "fold" else views(Path(home), int(at), json.loads(ids))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
