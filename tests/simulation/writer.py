"""A process that writes to a store and says aloud what is durable: `python -m tests.simulation.writer KIND
PATH SEED`.

The power-cut recorder runs it. Each line `ack <origin> <size> <root>` is printed after the commit that holds
that head has returned, and nothing else is promised.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from random import Random

from allweather.record.entries import parse_entry
from allweather.record.keys import Signer, format_base64
from allweather.record.members import make_card
from allweather.record.notes import format_note
from allweather.record.standing import stand
from allweather.record.storage import Batch, Storage
from allweather.record.writing import Draft, acknowledge, redact, write
from allweather.store import FolderStore, MemoryStore, open_sqlite
from allweather.sync.layout import Publication
from allweather.sync.pull import Pull
from tests.simulation.world import seed_of, signers_of

OWN, OTHER = "cut/own", "cut/other"
N_ROUNDS = 24


def open_store(kind: str, path: Path, *, create: bool) -> Storage:
    """The store under test."""
    if kind == "sqlite":
        return open_sqlite(path / "record.sqlite", create=create)
    return FolderStore(path / "record", create=create)


def say(store: Storage, origin: str) -> None:
    """Acknowledge what is durable now."""
    for branch in store.branches(origin):
        line = f"ack {origin} {branch.head.size} {format_base64(branch.head.root)}\n"
        os.write(1, line.encode())


def main() -> None:
    """Write, take in, acknowledge, redact; after each commit say what is durable."""
    kind, path, seed = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    dice = Random(seed)
    store = open_store(kind, path, create=True)
    other = MemoryStore()
    own_keys, other_keys = signers_of(OWN, 0), signers_of(OTHER, 0)
    cards = tuple((keys[0].name, format_note(make_card(*keys).note)) for keys in (own_keys, other_keys))
    store.commit(Batch(key_notes=cards))
    other.commit(Batch(key_notes=cards))
    for number in range(N_ROUNDS):
        drafts = [
            Draft(
                "sim.word",
                {"r": number, "i": i},
                b"text" * 40 if dice.random() < 0.4 else None,
                salt=seed_of(seed, number, i)[:16],
            )
            for i in range(dice.choice((1, 1, 2, 7, 60)))
        ]
        store.commit(write(store, stand(store).logs[OWN], own_keys[0], drafts, at=1_000 + number))
        say(store, OWN)
        other.commit(write(other, stand(other).logs[OTHER], other_keys[0], drafts[:3], at=1_000 + number))
        if number % 4 == 3:
            _take_in(store, other)
            say(store, OTHER)
            batch = acknowledge(store, stand(store), own_keys[0], own_keys[1], at=2_000 + number)
            if batch is not None:
                store.commit(batch)
                say(store, OWN)
        if number % 6 == 5:
            _redact_one(store, own_keys, number)
            say(store, OWN)


def _take_in(store: Storage, other: MemoryStore) -> None:
    published = Publication(other, stand(other), OTHER)
    pull = Pull(store, accept=lambda card: False)
    while paths := pull.outgoing():
        for path in paths:
            pull.receive(path, published.read(path))


def _redact_one(store: Storage, keys: tuple[Signer, ...], number: int) -> None:
    branch = store.branches(OWN)[0]
    for data in store.entries(branch, 0, branch.head.size):
        entry = parse_entry(data)
        if entry.payload is not None and entry.n % 7 == number % 7:
            store.commit(redact(store, stand(store).logs[OWN], keys[0], entry, "asked to", at=3_000))
            return


if __name__ == "__main__":
    main()
