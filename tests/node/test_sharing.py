"""The shared desk: what its store keeps of how far each log is held is what the store itself says."""

from __future__ import annotations

import random
from typing import Any, cast

import pytest

from allweather.node.sharing import _Counted
from allweather.record.storage import Batch
from allweather.store.memory import MemoryStore
from tests.record.making import Node, council


class Failing(MemoryStore):
    """Now and then it says that it failed, and has committed all the same."""

    fails = False

    def commit(self, batch: Batch) -> None:
        super().commit(batch)
        if self.fails:
            raise OSError


@pytest.mark.parametrize("seed", range(10))
def test_what_is_kept_of_logs_is_what_the_store_holds(seed: int) -> None:
    dice = random.Random(seed)
    nodes = council("a", "b", "c")
    store = Failing()
    counted = cast(Any, _Counted(cast(Any, store)))
    reader = Node("nrc/d", counted)
    for node in nodes:
        reader.learn(node.card)
    for number in range(40):
        node = dice.choice(nodes)
        node.write(str(number))
        store.fails = dice.random() < 0.2
        try:
            reader.pull(node)
        except OSError:
            store.fails = False
        if dice.random() < 0.1:
            reader.learn(node.succeed())
        for origin in store.origins():
            assert counted.branches(origin) == store.branches(origin)
            assert counted.key_notes(origin) == store.key_notes(origin)
    assert counted.n_commits > 20
