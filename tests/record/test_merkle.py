"""The tree against RFC 6962 in its own recursive words: roots, proofs, edges, nodes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allweather.errors import Malformed, NotVerified
from allweather.record.merkle import (
    EMPTY_ROOT,
    MAX_SIZE,
    Edge,
    ReadNode,
    edge_nodes,
    format_edge,
    leaf_hash,
    parse_edge,
    prove_consistency,
    prove_inclusion,
    read_edge,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from tests.record.making import attack, quick

N = 70
LEAVES = [hashlib.sha256(b"\x00" + str(number).encode()).digest() for number in range(65_600)]


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


@lru_cache(maxsize=1_000_000)
def mth(start: int, end: int) -> bytes:
    """MTH(D[start:end]) of RFC 6962, section 2.1."""
    if end == start:
        return hashlib.sha256().digest()
    if end - start == 1:
        return LEAVES[start]
    k = 1 << (end - start - 1).bit_length() - 1
    return node(mth(start, start + k), mth(start + k, end))


def path(m: int, start: int, end: int) -> list[bytes]:
    """PATH(m, D[start:end]) of RFC 6962, section 2.1.1."""
    if end - start == 1:
        return []
    k = 1 << (end - start - 1).bit_length() - 1
    if m < k:
        return [*path(m, start, start + k), mth(start + k, end)]
    return [*path(m - k, start + k, end), mth(start, start + k)]


def subproof(m: int, start: int, end: int, whole: bool) -> list[bytes]:
    """SUBPROOF(m, D[start:end], b) of RFC 6962, section 2.1.2."""
    if m == end - start:
        return [] if whole else [mth(start, end)]
    k = 1 << (end - start - 1).bit_length() - 1
    if m <= k:
        return [*subproof(m, start, start + k, whole), mth(start + k, end)]
    return [*subproof(m - k, start + k, end, False), mth(start, start + k)]


def reader(size: int) -> ReadNode:
    def read(level: int, index: int) -> bytes:
        assert (index + 1) << level <= size, "this node is not complete"
        return mth(index << level, (index + 1) << level)

    return read


def test_the_leaf_hash_of_rfc_6962() -> None:
    assert leaf_hash(b"") == hashlib.sha256(b"\x00").digest()
    assert leaf_hash(b"ab") == hashlib.sha256(b"\x00ab").digest()
    assert hashlib.sha256(b"").digest() == EMPTY_ROOT


@pytest.mark.parametrize("size", range(N + 1))
def test_roots_edges_and_inclusion(size: int) -> None:
    edge = Edge().extend(LEAVES[:size])
    assert edge.root() == root_of(LEAVES[:size]) == mth(0, size)
    assert edge == read_edge(size, reader(size)) == parse_edge(size, format_edge(edge))
    assert hash(edge) == hash(read_edge(size, reader(size)))
    assert [mth(i << level, (i + 1) << level) for level, i in edge_nodes(size)] == list(edge.hashes)
    for index in range(size):
        proof = prove_inclusion(index, size, reader(size))
        assert list(proof) == path(index, 0, size)
        verify_inclusion(index, size, LEAVES[index], proof, mth(0, size))


@pytest.mark.parametrize("new", range(1, N + 1))
def test_consistency(new: int) -> None:
    verify_consistency(0, new, (), EMPTY_ROOT, mth(0, new))
    for old in range(1, new + 1):
        proof = prove_consistency(old, new, reader(new))
        assert list(proof) == subproof(old, 0, new, True)
        verify_consistency(old, new, proof, mth(0, old), mth(0, new))


AROUND = (255, 256, 257, 511, 513, 65_535, 65_536, 65_537)


@pytest.mark.parametrize("size", AROUND)
def test_larger_trees(size: int) -> None:
    assert root_of(LEAVES[:size]) == mth(0, size)
    for index in {0, 1, 254, size // 2, size - 2, size - 1}:
        proof = prove_inclusion(index, size, reader(size))
        assert list(proof) == path(index, 0, size)
        verify_inclusion(index, size, LEAVES[index], proof, mth(0, size))
    for old in {1, 2, 254, size // 2, size - 1, size, *(one for one in AROUND if one < size)}:
        proof = prove_consistency(old, size, reader(size))
        assert list(proof) == subproof(old, 0, size, True)
        verify_consistency(old, size, proof, mth(0, old), mth(0, size))


@pytest.mark.parametrize("cut", [1, 100, 255, 256, 65_535, 65_536])
def test_growing_in_two_steps_completes_the_same_tiles(cut: int) -> None:
    whole: list[tuple[int, int, bytes]] = []
    parts: list[tuple[int, int, bytes]] = []
    size = 65_580
    edge = Edge().extend(LEAVES[:size], whole)
    assert Edge().extend(LEAVES[:cut], parts).extend(LEAVES[cut:size], parts) == edge
    assert parts == whole
    assert {(level, index) for level, index, _ in whole} == {(1, i) for i in range(256)} | {(2, 0)}
    for level, index, value in whole:
        assert value == mth(index << 8 * level, (index + 1) << 8 * level)


def spoiled(proof: Sequence[bytes]) -> list[tuple[bytes, ...]]:
    """A proof with a hash changed, left out, doubled, moved, added."""
    found = [(*proof, bytes(32)), (bytes(32), *proof), (*proof, b"short"), (*proof, *[bytes(32)] * 70)]
    for place, one in enumerate(proof):
        changed = bytes([one[0] ^ 1]) + one[1:]
        found.append((*proof[:place], changed, *proof[place + 1 :]))
        found.append((*proof[:place], *proof[place + 1 :]))
        found.append((*proof[:place], one, *proof[place:]))
    if len(proof) > 1:
        found.append(tuple(reversed(proof)))
    return [one for one in found if list(one) != list(proof)]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 8, 13, 31])
def test_spoiled_inclusion_proofs_are_refused(size: int) -> None:
    root = mth(0, size)
    for index in range(size):
        proof = path(index, 0, size)
        for bad in spoiled(proof):
            with pytest.raises(NotVerified):
                verify_inclusion(index, size, LEAVES[index], bad, root)
        for other in range(-1, size + 2):
            if other != index:
                with pytest.raises(NotVerified):
                    verify_inclusion(other, size, LEAVES[index], proof, root)
        for leaf, end in ((LEAVES[index + 1], root), (LEAVES[index], mth(0, size + 1)), (b"", root)):
            with pytest.raises(NotVerified):
                verify_inclusion(index, size, leaf, proof, end)


@pytest.mark.parametrize("new", [2, 3, 4, 5, 7, 8, 13, 31])
def test_spoiled_consistency_proofs_are_refused(new: int) -> None:
    for old in range(1, new + 1):
        proof = subproof(old, 0, new, True)
        roots = mth(0, old), mth(0, new)
        for bad in spoiled(proof):
            with pytest.raises(NotVerified):
                verify_consistency(old, new, bad, *roots)
        for start, end in ((mth(1, old + 1), roots[1]), (roots[0], mth(1, new + 1)), (b"", roots[1])):
            with pytest.raises(NotVerified):
                verify_consistency(old, new, proof, start, end)
        for other in {old - 1, old + 1, 0} - {old}:
            with pytest.raises(NotVerified):
                verify_consistency(other, new, proof, *roots)


def test_sizes_out_of_range_are_refused() -> None:
    root = mth(0, 1)
    for old, new in ((2, 1), (-1, 1), (1, MAX_SIZE + 1)):
        with pytest.raises(NotVerified):
            verify_consistency(old, new, (), root, root)
    with pytest.raises(NotVerified):
        verify_inclusion(0, MAX_SIZE + 1, LEAVES[0], (), root)
    with pytest.raises(NotVerified):
        verify_consistency(0, 5, (), root, mth(0, 5))
    with pytest.raises(NotVerified):
        verify_consistency(0, 0, (), EMPTY_ROOT, root)
    for index, size in ((1, 1), (-1, 1), (0, 0)):
        with pytest.raises(Malformed):
            prove_inclusion(index, size, reader(size))
    for old, new in ((0, 1), (2, 1)):
        with pytest.raises(Malformed):
            prove_consistency(old, new, reader(new))


@quick
@given(st.lists(st.binary(min_size=32, max_size=32), max_size=8), st.integers(1, 9), st.integers(1, 9))
def test_no_proof_of_any_hashes_holds_for_other_leaves(hashes: list[bytes], one: int, two: int) -> None:
    old, new = sorted((one, two))
    if old < new and hashes != subproof(old, 0, new, True):
        with pytest.raises(NotVerified):
            verify_consistency(old, new, hashes, mth(0, old), mth(0, new))


def test_spoiled_edges_are_refused_or_mean_themselves() -> None:
    attack(
        lambda data: parse_edge(5, data), format_edge, format_edge(Edge().extend(LEAVES[:5])), bits=range(1)
    )
    for size in (-1, 4, 7, MAX_SIZE * 2):
        with pytest.raises(Malformed):
            parse_edge(size, bytes(64))
