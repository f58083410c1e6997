"""Where each log of a store stands, kept up to date: of its facts only what is new is read."""

from __future__ import annotations

from collections.abc import Mapping

from allweather.record.facts import Fact, collect_deciding
from allweather.record.standing import Standing, held_logs, settle
from allweather.record.storage import Storage, root_at

_CHUNK = 4_096


class KeptFacts:
    """The facts that decide where logs stand, read once; acknowledgements decide nothing and are left out."""

    def __init__(self) -> None:
        self._facts: dict[tuple[str, int], tuple[Fact, ...]] = {}
        self._read: dict[tuple[str, int], int] = {}

    def update(self, storage: Storage) -> Mapping[tuple[str, int], tuple[Fact, ...]]:
        """Read what is new in a store; all facts of its branches."""
        for origin in storage.origins():
            for branch in storage.branches(origin):
                key = origin, branch.number
                done = self._read.get(key, branch.fork_at)
                found: list[Fact] = []
                for start in range(done, branch.head.size, _CHUNK):
                    end = min(branch.head.size, start + _CHUNK)
                    found += collect_deciding(origin, start, storage.entries(branch, start, end))
                self._read[key] = branch.head.size
                if found or key not in self._facts:
                    self._facts[key] = (*self._facts.get(key, ()), *found)
        return self._facts


def settled(storage: Storage, kept: KeptFacts, quorum: int | None) -> Standing:
    """Where every log of a store stands, with what was read before."""
    facts = kept.update(storage)
    return settle(
        held_logs(storage), facts, lambda branch, size: root_at(storage, branch, size), quorum=quorum
    )
