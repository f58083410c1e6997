"""The conformance kit: what every driver of `record.storage.Storage` must do, whatever it is made of.

A test gives a *maker*: a function that opens the store of one place, anew each time it is called.
`check_store` runs the same promises against it; `machine_for` drives it with batches made by dice, side by
side with the store in memory.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from allweather.errors import StoreError
from allweather.record.checkpoints import with_signature
from allweather.record.merkle import leaf_hash
from allweather.record.storage import Batch, Branch, Cosigned, Growth, Storage, Wanted, read_nodes, root_at
from allweather.record.tiles import WIDTH
from allweather.store import MemoryStore
from tests.store.builders import ORIGINS, Log, blob_of, card_notes, cosignature, digest_of, first_batch

WORDS = ("wheat", "water", "salt", "iron")
_COUNTS = (0, 1, 2, 3, 100, 253, 254, 255, 256, 257, 511, 513)


class OpenStore(Storage, Protocol):
    """A store that can be closed."""

    def close(self) -> None: ...


Maker = Callable[[], OpenStore]


# Reading everything, to compare


def everything(store: Storage) -> dict[str, Any]:
    """All that a store can be asked, for the logs, payloads and marks that these tests know."""
    found: dict[str, Any] = {"origins": store.origins(), "wanted": store.wanted()}
    for origin in ORIGINS:
        branches = store.branches(origin)
        found[origin] = (
            store.key_notes(origin),
            branches,
            store.equivocations(origin),
            [set(store.cosigned(origin, size)) for size in range(4)],
            [contents(store, branch) for branch in branches],
        )
    for word in WORDS:
        digest = digest_of(word)
        found[word] = (store.payload(digest), store.is_erased(digest), store.mark(word))
    return found


def contents(store: Storage, branch: Branch) -> tuple[Any, ...]:
    """All entries and all hashes of a branch, and some that are asked for by themselves."""
    size = branch.head.size
    entries = store.entries(branch, 0, size)
    spans = {(low, min(size, low + WIDTH)) for low in range(0, size, WIDTH)}
    spans |= {(low, min(size, low + 3)) for at in (branch.fork_at, WIDTH) for low in (at - 2, at) if low >= 0}
    parts = [entries[low:high] == store.entries(branch, low, high) for low, high in spans if low <= high]
    assert all(parts)
    levels = []
    level = 1
    while size >> 8 * level:
        levels.append(store.nodes(branch, level, 0, size >> 8 * level))
        level += 1
    return entries, levels


def check_branch(store: Storage, branch: Branch, entries: list[bytes]) -> None:
    """A branch holds exactly these entries, and its tiles lead to its root."""
    assert store.entries(branch, 0, branch.head.size) == entries
    assert root_at(store, branch, branch.head.size) == branch.head.root
    read = read_nodes(store, branch)
    for index in {0, branch.head.size // 2, branch.head.size - 1} if entries else ():
        assert read(0, index) == leaf_hash(entries[index])
    if branch.head.size >= WIDTH:
        assert store.nodes(branch, 1, 0, 1) == [read(8, 0)]
    assert store.entries(branch, 0, 0) == store.nodes(branch, 1, 0, 0) == []


# The promises


def check_store(make: Maker) -> None:
    """Run every promise, each on logs of its own, in one place; a driver is done when this passes."""
    check_empty(make)
    check_sizes(make)
    check_forks(make)
    check_refusals(make)
    check_payloads(make)
    check_words(make)


def check_empty(make: Maker) -> None:
    """A new store holds nothing, and says so."""
    store = make()
    held = [store.origins(), store.wanted(), store.branches("c/ann"), store.key_notes("c/ann")]
    held += [store.cosigned("c/ann", 1), store.equivocations("c/ann")]
    assert not any(held)
    assert store.payload(digest_of("salt")) is store.mark("salt") is None
    assert store.is_erased(digest_of("salt")) is False
    store.commit(Batch())
    store.close()


def check_sizes(make: Maker) -> None:
    """Logs of the sizes where bundles and tiles end, grown by as much at once as leaves every remainder."""
    store, log = make(), Log("c/ann")
    store.commit(first_batch(log, 0))
    for count in (1, 254, 1, 1, 255, 256, 257, 1, 511, 0):
        store.commit(Batch(growths=(log.keep(log.more(count)),)))
        assert store.branches("c/ann") == (log.branches[0],)
        check_branch(store, log.branches[0], log.entries[0])
    signed = log.branches[0].checkpoint
    signed = with_signature(signed, cosignature("c/bob", signed.head))
    same = dataclasses.replace(log.more(0), branch=dataclasses.replace(log.branches[0], checkpoint=signed))
    store.commit(Batch(growths=(log.keep(same),)))
    store.close()
    store = make()
    assert store.branches("c/ann") == (log.branches[0],)
    check_branch(store, log.branches[0], log.entries[0])
    assert store.key_notes("c/ann") == card_notes("c/ann")
    store.close()


def check_forks(make: Maker) -> None:
    """Further faces that leave within a bundle, at its end, at the start, and from one another."""
    store, log = make(), Log("c/bob")
    one = log.keep(log.more(600))
    two = log.keep(log.fork(0, 300, 500, 1))
    store.commit(Batch(growths=(one, two)))
    forks = [(0, 600, 1, 2), (0, 256, 300, 3), (1, 512, 0, 4), (1, 100, 257, 5), (3, 555, 1, 6), (0, 0, 2, 7)]
    for parent, at, count, number in forks:
        store.commit(Batch(growths=(log.keep(log.fork(parent, at, count, number)),)))
    grown = tuple(log.keep(log.more(257, number)) for number in (0, 1, 3, 7))
    store.commit(Batch(growths=grown))
    for found in twice(store, make):
        assert found.branches("c/bob") == tuple(log.branches[number] for number in sorted(log.branches))
        for number, branch in log.branches.items():
            check_branch(found, branch, log.entries[number])
    found.close()


def make_again(store: OpenStore, make: Maker) -> OpenStore:
    """The same store, closed and opened."""
    store.close()
    return make()


def twice(store: OpenStore, make: Maker) -> Iterator[OpenStore]:
    """The store as it is, and then closed and opened."""
    yield store
    yield make_again(store, make)


def check_refusals(make: Maker) -> None:
    """What does not continue what is held is refused as a whole, and harms nothing."""
    store, log = make(), Log("d/ann")
    store.commit(Batch(growths=(log.keep(log.more(300)),)))
    before = everything(store)
    good = log.more(5)
    other = Log("d/new").more(1)
    bad: list[Growth] = [
        dataclasses.replace(good, start=299),
        dataclasses.replace(good, start=301),
        dataclasses.replace(good, entries=good.entries[1:]),
        dataclasses.replace(good, nodes=((1, 1, b"1" * 32),)),
        dataclasses.replace(log.more(300), nodes=()),
        dataclasses.replace(good, entries=(b"", *good.entries[1:])),
        dataclasses.replace(good, branch=dataclasses.replace(good.branch, parent=0)),
        dataclasses.replace(good, branch=dataclasses.replace(good.branch, number=1)),
        dataclasses.replace(good, branch=dataclasses.replace(good.branch, number=2, parent=1, fork_at=300)),
        dataclasses.replace(good, branch=dataclasses.replace(good.branch, number=2, parent=2, fork_at=300)),
        dataclasses.replace(Log("d/new").more(1), start=1),
    ]
    for growth in bad:
        batch = Batch(growths=(other, growth), marks=(("salt", b"1"),), payloads=(blob_of("salt"),))
        with pytest.raises(StoreError):
            store.commit(batch)
    with pytest.raises(StoreError):
        store.commit(Batch(growths=(good, good)))
    with pytest.raises(StoreError):
        store.commit(Batch(key_notes=(("../../etc", b"x"),)))
    with pytest.raises(StoreError):
        store.commit(Batch(erased=(b"short",)))
    assert everything(store) == before
    store.commit(Batch(growths=(log.keep(good),)))
    check_branch(store, log.branches[0], log.entries[0])
    store.close()


def check_payloads(make: Maker) -> None:
    """Payloads are held, wanted, redacted; what was redacted does not come back."""
    store = make()
    wheat, water, salt = (digest_of(word) for word in WORDS[:3])
    store.commit(Batch(wanted=(Wanted("c/bob", wheat), Wanted("c/ann", wheat), Wanted("c/ann", water))))
    store.commit(Batch(wanted=(Wanted("c/ann", wheat),)))
    order = sorted([("c/ann", wheat), ("c/ann", water), ("c/bob", wheat)])
    assert store.wanted() == tuple(Wanted(*one) for one in order)
    store.commit(Batch(payloads=(blob_of("wheat"), blob_of("salt"))))
    assert store.payload(wheat) == blob_of("wheat")
    assert store.payload(salt) == blob_of("salt")
    assert store.wanted() == (Wanted("c/ann", water),)
    store.commit(Batch(erased=(wheat, water)))
    store.commit(Batch(payloads=(blob_of("wheat"),), wanted=(Wanted("c/ann", water), Wanted("c/ann", salt))))
    for found in twice(store, make):
        assert (found.payload(wheat), found.is_erased(wheat), found.is_erased(salt)) == (None, True, False)
        assert found.wanted() == ()
        assert found.payload(salt) == blob_of("salt")
    found.close()


def check_words(make: Maker) -> None:
    """Cosignatures, proofs of two faces, marks."""
    store, log = make(), Log("c/ann")
    head = log.more(2).branch.head
    lines = [Cosigned(head, cosignature(origin, head)) for origin in ("c/bob", "d/ann", "c/eve")]
    store.commit(Batch(cosigned=(lines[0], lines[1]), marks=(("last", b""), ("salt", b"1"))))
    store.commit(Batch(cosigned=(lines[0], lines[2]), marks=(("salt", b"2"), ("last", None), ("last", b"3"))))
    store.commit(Batch(equivocations=(("c/ann", b"two"), ("c/ann", b"one"), ("c/ann", b"two"))))
    store.commit(Batch(equivocations=(("c/ann", b"one"),), marks=(("salt", b"\0\xff"),)))
    for found in twice(store, make):
        assert found.cosigned("c/ann", 2) == tuple(sorted(lines, key=lambda one: one.line.name))
        assert found.cosigned("c/ann", 3) == found.cosigned("c/bob", 2) == ()
        assert found.equivocations("c/ann") == (b"one", b"two")
        assert found.equivocations("c/bob") == ()
        assert (found.mark("salt"), found.mark("last"), found.mark("none")) == (b"\0\xff", b"3", None)
    found.commit(Batch(marks=(("salt", None), ("none", None))))
    assert found.mark("salt") is None
    found.close()


# Dice


def machine_for(make: Callable[[], tuple[Maker, Callable[[], None]]]) -> type[RuleBasedStateMachine]:
    """A machine that gives a driver and the store in memory the same batches.

    `make` gives a maker, and what to do at the end.
    """

    class Machine(RuleBasedStateMachine):
        """Each rule is one batch, or closing and opening."""

        @initialize()
        def begin(self) -> None:
            self.maker, self.end = make()
            self.store, self.model = self.maker(), MemoryStore()
            self.logs = {origin: Log(origin) for origin in ORIGINS}

        def both(self, batch: Batch) -> None:
            self.model.commit(batch)
            self.store.commit(batch)

        @rule(
            origins=st.sets(st.sampled_from(ORIGINS), min_size=1),
            count=st.sampled_from(_COUNTS),
            mark=st.sampled_from(WORDS),
            data=st.data(),
        )
        def grow_logs(self, origins: set[str], count: int, mark: str, data: st.DataObject) -> None:
            growths, notes = [], []
            for origin in sorted(origins):
                log = self.logs[origin]
                number = data.draw(st.sampled_from(sorted(log.branches) or [0]))
                growths.append(log.keep(log.more(count, number)))
                notes += [(origin, note) for note in card_notes(origin)[: data.draw(st.integers(0, 2))]]
            cosigned = [
                Cosigned(one.branch.head, cosignature("c/eve", one.branch.head, data.draw(st.integers(1, 2))))
                for one in growths
            ]
            self.both(
                Batch(tuple(growths), tuple(notes), cosigned=tuple(cosigned), marks=((mark, b"%d" % count),))
            )

        @precondition(lambda self: any(log.branches for log in self.logs.values()))
        @rule(count=st.sampled_from(_COUNTS), data=st.data())
        def fork_log(self, count: int, data: st.DataObject) -> None:
            log = data.draw(st.sampled_from([log for log in self.logs.values() if log.branches]))
            if len(log.branches) > 5:
                return
            parent = data.draw(st.sampled_from(sorted(log.branches)))
            size = log.branches[parent].head.size
            edges = [at for at in (0, 1, 255, 256, 257, 300, size - 1, size) if 0 <= at <= size]
            at = data.draw(st.sampled_from(edges))
            growth = log.keep(log.fork(parent, at, count, len(log.branches)))
            self.both(Batch((growth,), equivocations=((log.origin, b"proof %d" % growth.branch.number),)))

        @rule(
            held=st.sets(st.sampled_from(WORDS)),
            erased=st.sets(st.sampled_from(WORDS), max_size=1),
            wanted=st.sets(st.tuples(st.sampled_from(ORIGINS), st.sampled_from(WORDS))),
            unmark=st.sampled_from(WORDS),
        )
        def carry(self, held: set[str], erased: set[str], wanted: set[tuple[str, str]], unmark: str) -> None:
            self.both(
                Batch(
                    payloads=tuple(blob_of(word) for word in sorted(held)),
                    erased=tuple(digest_of(word) for word in sorted(erased)),
                    wanted=tuple(Wanted(origin, digest_of(word)) for origin, word in sorted(wanted)),
                    marks=((unmark, None),),
                )
            )

        @rule()
        def open_again(self) -> None:
            self.store.close()
            self.store = self.maker()

        @invariant()
        def same(self) -> None:
            if hasattr(self, "store"):
                assert ordered(everything(self.store)) == ordered(everything(self.model))

        def teardown(self) -> None:
            if hasattr(self, "store"):
                self.store.close()
                self.end()

    return Machine


def ordered(found: dict[str, Any]) -> dict[str, Any]:
    """Key notes as a set: drivers may order successions that came out of order by their numbers."""
    return {key: (set(value[0]), *value[1:]) if key in ORIGINS else value for key, value in found.items()}


def batches(log: Log, counts: Iterable[int]) -> Iterator[Batch]:
    """One batch for each count, made when the one before is committed."""
    for count in counts:
        yield Batch(growths=(log.keep(log.more(count)),))
