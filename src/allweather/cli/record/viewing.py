"""A record to look at: a home's own store, or what static files hold, taken into memory and verified."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from allweather.errors import InputError
from allweather.node.exploring import RecordView
from allweather.node.taking import Say, carry, frozen
from allweather.record.standing import held_facts, stand
from allweather.store import MemoryStore, open_source
from allweather.sync.pull import Pull


@contextmanager
def open_view(place: str, say: Say, *, quorum: int | None = None) -> Iterator[RecordView]:
    """A home, or a source of static files, to look at."""
    from allweather.node.home import find_home, is_home, open_store

    if is_home(place):
        home = find_home(Path(place))
        storage = open_store(home, read_only=True)
        try:
            say("reading the store", 0.0)
            now = frozen(storage)
            facts = held_facts(now)
            standing = stand(now, facts, quorum=quorum or home.quorum)
            yield RecordView(now, standing, facts, home.origin)
        finally:
            storage.close()
        return
    source = open_source(place)
    try:
        memory = MemoryStore()
        report, faults = carry(source, Pull(memory, accept=lambda card: True, quorum=quorum), say)
    finally:
        source.close()
    if not memory.origins():
        raise InputError([*report.faults, *faults, "there is no log in it"][0], where=place)
    facts = held_facts(memory)
    standing = stand(memory, facts, quorum=quorum)
    yield RecordView(memory, standing, facts, report.node, [*report.faults, *faults])
