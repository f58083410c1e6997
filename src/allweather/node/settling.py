"""Where each log of a store stands, kept up to date: of its facts only what is new is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from allweather.record.facts import Fact, collect_deciding
from allweather.record.standing import Standing, held_logs, settle
from allweather.record.storage import Storage, root_at

Collect = Callable[[str, int, Sequence[bytes]], tuple[Fact, ...]]
_CHUNK = 4_096


class KeptFacts:
    """The facts of a store, read once: without another `collect` those that decide where logs stand.

    Acknowledgements decide nothing and are left out of these.
    """

    def __init__(self, collect: Collect = collect_deciding) -> None:
        self._collect = collect
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
                    found += self._collect(origin, start, storage.entries(branch, start, end))
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
