"""Cut the power under the real stores: `python -m tests.simulation.powercuts --images 10000`.

A process writes to a store; every change that it makes to files is recorded below the file system interface.
Then the disk is put together as a power cut at any moment may leave it, the store is opened there, and asked:
is everything that was acknowledged still held, does every log still lead to its root, and can the member go
on without forking?
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from allweather.errors import AllweatherError
from allweather.record.keys import parse_base64
from allweather.record.merkle import Edge, leaf_hash
from allweather.record.standing import stand
from allweather.record.storage import Storage, root_at
from allweather.record.writing import Draft, write
from tests.simulation.powercut.disk import Trace
from tests.simulation.powercut.run import build_shim, crashes, record
from tests.simulation.world import signers_of
from tests.simulation.writer import OWN, open_store

KINDS = ("sqlite", "folder")


@dataclass
class Found:
    """What the images of one store showed."""

    kind: str
    n_images: int = 0
    n_acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    forked: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether nothing was lost, broken or forked."""
        return not (self.lost or self.broken or self.forked)


def trace_of(kind: str, folder: Path, seed: int, shim: Path) -> Trace:
    """Run the writer once and record what it does to its files."""
    root = folder / f"root-{kind}-{seed}"
    root.mkdir()
    argv: list[str | Path] = [sys.executable, "-m", "tests.simulation.writer", kind, root, str(seed)]
    return record(argv, root, folder / f"trace-{kind}-{seed}", shim=shim)


def cut(kind: str, n_images: int, folder: Path, *, seeds: int = 4, ignore_fsync: bool = False) -> Found:
    """Look at `n_images` crash images of one kind of store, over `seeds` different stories of writing."""
    shim = build_shim(folder)
    found = Found(kind)
    for seed in range(seeds):
        trace = trace_of(kind, folder, seed, shim)
        share = n_images // seeds + (seed < n_images % seeds)
        for image, place in crashes(trace, folder, seed, share, reuse=True, ignore_fsync=ignore_fsync):
            found.n_images += 1
            found.n_acknowledged += len(image.acks)
            _look(kind, place, image.acks, f"{kind} seed {seed} image {image.number}", found)
    return found


def _look(kind: str, place: Path, acks: Sequence[str], where: str, found: Found) -> None:
    try:
        store = open_store(kind, place, create=not acks)
    except AllweatherError as error:
        found.broken.append(f"{where}: {error}")
        return
    try:
        _check_acknowledged(store, acks, where, found)
        _check_going_on(store, where, found)
    except AllweatherError as error:
        found.broken.append(f"{where}: {error}")
    finally:
        store.close()


def _check_acknowledged(store: Storage, acks: Sequence[str], where: str, found: Found) -> None:
    latest: dict[str, tuple[int, bytes]] = {}
    for line in acks:
        _, origin, size, root = line.split()
        latest[origin] = int(size), parse_base64(root)
    for origin, (n_entries, expected) in latest.items():
        if not any(root_at(store, branch, n_entries) == expected for branch in store.branches(origin)):
            found.lost.append(f"{where}: {origin} up to {n_entries}")


def _check_going_on(store: Storage, where: str, found: Found) -> None:
    for origin in store.origins():
        for branch in store.branches(origin):
            entries = store.entries(branch, 0, branch.head.size)
            if Edge().extend([leaf_hash(entry) for entry in entries]).root() != branch.head.root:
                found.broken.append(f"{where}: {origin} does not lead to its root")
    if OWN not in store.origins():
        return
    before = store.branches(OWN)
    log = signers_of(OWN, 0)[0]
    store.commit(write(store, stand(store).logs[OWN], log, [Draft("sim.after", {})], at=9_000))
    after = store.branches(OWN)
    if len(after) != 1 or (before and root_at(store, after[0], before[0].head.size) != before[0].head.root):
        found.forked.append(where)


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=10_000, help="crash images in all")
    arguments = parser.parse_args()
    bad = False
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        for kind in KINDS:
            found = cut(kind, arguments.images // len(KINDS), Path(name), seeds=8)
            bad |= not found.is_good
            print(
                f"{kind}: {found.n_images} power cuts, {len(found.lost)} with something acknowledged lost, "
                f"{len(found.broken)} broken, {len(found.forked)} forked "
                f"({found.n_acknowledged / max(1, found.n_images):.0f} acknowledgements before each)"
            )
            for sentence in (found.lost + found.broken + found.forked)[:5]:
                print(f"  {sentence}")
    print(f"{time.monotonic() - began:.0f} s")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
