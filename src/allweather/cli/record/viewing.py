"""A record to look at: a home's own store, or what static files hold, taken into memory and verified."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from allweather.errors import InputError, UnknownName
from allweather.node.taking import Say, carry, frozen
from allweather.record.checkpoints import Head
from allweather.record.entries import Entry, parse_entry
from allweather.record.facts import Fact
from allweather.record.standing import Face, LogStanding, Standing, held_facts, stand
from allweather.record.storage import Storage
from allweather.store import MemoryStore, open_source
from allweather.sync.pull import Pull


@dataclass(slots=True)
class View:
    """A store with where its logs stand. `faults` are sentences about what could not be taken in."""

    storage: Storage
    standing: Standing
    facts: dict[tuple[str, int], tuple[Fact, ...]]
    own: str = ""
    faults: list[str] = field(default_factory=list)

    def log(self, origin: str) -> LogStanding:
        """One log. Raises UnknownName if it is not held."""
        found = self.standing.logs.get(origin)
        if found is None:
            raise UnknownName(
                f"{origin!r:.100} is no log that is held here; these are: "
                f"{', '.join(sorted(self.standing.logs)[:20]) or 'none'}"
            )
        return found

    def face(self, origin: str, index: int, number: int | None) -> Face:
        """The face of a log that has an entry. Raises UnknownName if none has."""
        log = self.log(origin)
        fitting = [
            face
            for face in log.faces
            if index < face.head.size and (number is None or face.branch.number == number)
        ]
        if not fitting:
            held = max((face.head.size for face in log.faces), default=0)
            raise UnknownName(f"{origin} has no entry {index} here: {held} are held, counted from 0")
        return next((face for face in fitting if index < face.n_standing), fitting[0])

    def entry(self, face: Face, index: int) -> tuple[bytes, Entry | None]:
        """An entry's bytes, and what they spell if they are an entry of that place."""
        (data,) = self.storage.entries(face.branch, index, index + 1)
        return data, placed(data, face.branch.origin, index)


def placed(data: bytes, origin: str, index: int) -> Entry | None:
    """What bytes spell if they are an entry of that place; None if they are unreadable."""
    try:
        entry = parse_entry(data)
    except InputError:
        return None
    return entry if (entry.log, entry.n) == (origin, index) else None


@contextmanager
def open_view(place: str, say: Say, *, quorum: int | None = None) -> Iterator[View]:
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
            yield View(now, standing, facts, home.origin)
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
    yield View(memory, standing, facts, report.node, [*report.faults, *faults])


def covering_heads(view: View, face: Face, index: int) -> list[Head]:
    """The heads that anyone acknowledged, on this face, under which entry `index` stands."""
    from allweather.record.facts import Acknowledgement
    from allweather.record.storage import root_at

    origin = face.branch.origin
    heads = {
        fact.head
        for facts in view.facts.values()
        for fact in facts
        if isinstance(fact, Acknowledgement) and fact.head.origin == origin and fact.head.size > index
    }
    return [head for head in heads if root_at(view.storage, face.branch, head.size) == head.root]


def true_acknowledgements(view: View) -> Sequence[Fact]:
    """The acknowledgements that stand and whose cosignatures hold, each head of each member once."""
    from allweather.record.checkpoints import verify_cosignature
    from allweather.record.facts import Acknowledgement

    found = []
    for origin, log in view.standing.logs.items():
        keys = {key.key_id: key for key in log.history.witness_keys}
        for face in log.faces:
            for fact in view.facts.get((origin, face.branch.number), ()):
                if not isinstance(fact, Acknowledgement) or fact.place.index >= face.n_standing:
                    continue
                key = keys.get(fact.line.key_id)
                try:
                    if key is not None:
                        verify_cosignature(fact.head, fact.line, key)
                        found.append(fact)
                except InputError:
                    continue
    return found
