"""What follows from the interface of a store: growth, tiles, roots, spans over branches."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allweather.errors import Malformed, StoreError
from allweather.record.checkpoints import Checkpoint, Head, sign_checkpoint
from allweather.record.keys import log_signer
from allweather.record.merkle import EMPTY_ROOT, Edge, leaf_hash, root_of
from allweather.record.storage import (
    Batch,
    Branch,
    edge_at,
    grow,
    read_nodes,
    read_tile,
    root_at,
    shared_spans,
)
from allweather.record.tiles import Tile
from allweather.store.memory import MemoryStore
from tests.record.making import edge_of, head_of, quick, rows_of, seed_of

A = log_signer("nrc/a", seed_of("a"))
ROWS = rows_of("nrc/a", 0, 600)


def point(entries: list[bytes]) -> Checkpoint:
    return sign_checkpoint(head_of("nrc/a", entries), A)


def test_growth_in_steps_is_growth_at_once() -> None:
    store = MemoryStore()
    branch: Branch | None = None
    for end in (1, 255, 256, 300, 600):
        growth = grow(branch, ROWS[branch.head.size if branch else 0 : end], point(ROWS[:end]))
        store.commit(Batch((growth,)))
        branch = growth.branch
    once = grow(None, ROWS, point(ROWS)).branch
    assert store.branches("nrc/a") == (once,)
    assert store.entries(once, 0, 600) == ROWS
    assert [read_tile(store, once, Tile(1, 0, 2))] == [
        root_of([leaf_hash(one) for one in ROWS[:256]]) + root_of([leaf_hash(one) for one in ROWS[256:512]])
    ]


def test_what_does_not_lead_to_the_checkpoint_is_not_grown() -> None:
    for entries in (ROWS[:2], ROWS[:4], [*ROWS[:2], b"other"], []):
        with pytest.raises(Malformed):
            grow(None, entries, point(ROWS[:3]))


def forked() -> tuple[MemoryStore, Branch, Branch, Branch, list[list[bytes]]]:
    """Branch 0 of 600; branch 1 leaves it after 300; branch 2 leaves branch 1 after 310, or at 256."""
    store = MemoryStore()
    one = [*ROWS[:300], *rows_of("nrc/a", 300, 520, "one")]
    two = [*one[:310], *rows_of("nrc/a", 310, 312, "two")]
    first = grow(None, ROWS, point(ROWS))
    second = grow(None, one[300:], point(one), number=1, fork=(first.branch, edge_of(ROWS[:300])))
    third = grow(None, two[310:], point(two), number=2, fork=(second.branch, edge_of(one[:310])))
    store.commit(Batch((first, second, third)))
    return store, first.branch, second.branch, third.branch, [ROWS, one, two]


def test_branches_share_what_lies_before_the_fork() -> None:
    store, *branches, rows = forked()
    for branch, entries in zip(branches, rows, strict=True):
        assert isinstance(branch, Branch)
        assert store.entries(branch, 0, branch.head.size) == entries
        assert store.entries(branch, 250, 311) == entries[250:311]
        for size in (0, 1, 255, 256, 299, 300, 301, 309, 310, 311, len(entries)):
            assert root_at(store, branch, size) == head_of("nrc/a", entries[:size]).root
            assert edge_at(store, branch, size) == edge_of(entries[:size])
        assert root_at(store, branch, len(entries) + 1) is None
        read = read_nodes(store, branch)
        assert read(8, 0) == root_of([leaf_hash(one) for one in entries[:256]])
        assert read(0, 305) == leaf_hash(entries[305])


@quick
@given(st.integers(0, 520), st.integers(0, 520))
def test_spans_cover_a_range_once_and_in_order(one: int, two: int) -> None:
    start, end = sorted((one, two))
    branches = (
        Branch(0, point(ROWS), edge_of(ROWS)),
        Branch(1, point(ROWS[:520]), edge_of(ROWS[:520]), 0, 300),
        Branch(2, point(ROWS[:520]), edge_of(ROWS[:520]), 1, 256),
    )
    for branch in branches:
        spans = shared_spans(branches, branch, start, end)
        assert [place for _, low, high in spans for place in range(low, high)] == list(range(start, end))
    assert all(
        number != 1 or low >= 256 for number, low, _ in shared_spans(branches, branches[2], start, end)
    )


def test_a_store_refuses_what_does_not_continue_it() -> None:
    store, first, *_ = forked()
    grown = grow(first, [b"x"], point([*ROWS, b"x"]))
    store.commit(Batch((grown,)))
    with pytest.raises(StoreError):
        store.commit(Batch((grown,)))
    with pytest.raises(StoreError):
        store.commit(Batch((grow(None, ROWS[:1], point(ROWS[:1])),)))


def test_an_empty_branch() -> None:
    growth = grow(None, [], sign_checkpoint(Head("nrc/a", 0, EMPTY_ROOT), A))
    assert (growth.branch.edge, growth.entries, growth.nodes) == (Edge(), (), ())
