"""The Merkle tree of RFC 6962: hashes, the right edge of a growing tree, inclusion and consistency proofs.

A hash is 32 bytes of SHA-256. A node is named by its level (0 = leaves) and its index within the level; it
stands for the leaves from `index << level` on, `1 << level` of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from allweather.errors import Malformed, NotVerified

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
MAX_SIZE = 2**48
MAX_PROOF = 63

ReadNode = Callable[[int, int], bytes]
"""Gives the hash of a complete node by its level and index."""

_sha256 = hashlib.sha256


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00, entry)."""
    return _sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01, left, right)."""
    return _sha256(b"\x01" + left + right).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root hash over leaf hashes; of none, the hash of nothing."""
    return Edge().extend(leaves).root()


class Edge:
    """The right edge of a tree: the roots of its perfect subtrees, from the largest to the smallest.

    It is all that is needed to append and to know the root: at most 48 hashes.
    """

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if not 0 <= size <= MAX_SIZE or len(hashes) != size.bit_count():
            raise Malformed(f"the edge of a tree of {size} leaves has {max(size, 0).bit_count()} hashes")
        self.size = size
        self.hashes = tuple(hashes)

    def extend(self, leaves: Sequence[bytes], nodes: list[tuple[int, int, bytes]] | None = None) -> Edge:
        """The edge after appending leaf hashes. The edge itself stays as it is.

        To `nodes`, if given, are added the perfect subtrees of 256, 65,536, ... leaves that became complete,
        as (tile level, index, hash): what the tiles above level 0 are made of.
        """
        stack = list(self.hashes)
        size = self.size
        for leaf in leaves:
            # As many subtrees are completed as the old size has trailing ones.
            size += 1
            rest, level = size, 0
            while not rest & 1:
                leaf = _sha256(b"\x01" + stack.pop() + leaf).digest()
                rest >>= 1
                level += 1
                if not level & 7 and nodes is not None:
                    nodes.append((level >> 3, rest - 1, leaf))
            stack.append(leaf)
        return Edge(size, stack)

    def root(self) -> bytes:
        """The root hash."""
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Edge) and (self.size, self.hashes) == (other.size, other.hashes)

    def __hash__(self) -> int:
        return hash((self.size, self.hashes))


def format_edge(edge: Edge) -> bytes:
    """The hashes one after the other; the size is kept beside them."""
    return b"".join(edge.hashes)


def parse_edge(size: int, data: bytes) -> Edge:
    """The edge of a tree of `size` leaves. Raises Malformed if `data` has another length."""
    if len(data) % HASH_SIZE:
        raise Malformed("an edge is a row of hashes of 32 bytes")
    return Edge(size, tuple(data[i : i + HASH_SIZE] for i in range(0, len(data), HASH_SIZE)))


def edge_nodes(size: int) -> list[tuple[int, int]]:
    """The nodes (level, index) of the edge of a tree of `size` leaves, the largest first."""
    nodes = []
    start = 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            nodes.append((level, start >> level))
            start += 1 << level
    return nodes


def read_edge(size: int, read: ReadNode) -> Edge:
    """The edge of the tree of the first `size` leaves, from its nodes."""
    return Edge(size, tuple(read(level, index) for level, index in edge_nodes(size)))


def range_hash(start: int, end: int, read: ReadNode) -> bytes:
    """The hash over the leaves [start, end); `start` is a multiple of a power of two >= end - start."""
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return read(level, start >> level)
    half = 1 << ((size - 1).bit_length() - 1)
    return node_hash(range_hash(start, start + half, read), range_hash(start + half, end, read))


def prove_inclusion(index: int, size: int, read: ReadNode) -> tuple[bytes, ...]:
    """The audit path of leaf `index` in the tree of `size` leaves, from the leaf up (RFC 6962, 2.1.1)."""
    if not 0 <= index < size:
        raise Malformed(f"a tree of {size} leaves has no leaf {index}")
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + (1 << ((end - start - 1).bit_length() - 1))
        if index < middle:
            proof.append(range_hash(middle, end, read))
            end = middle
        else:
            proof.append(range_hash(start, middle, read))
            start = middle
    return tuple(reversed(proof))


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Raise NotVerified unless `proof` binds the leaf hash at `index` to the root of `size` leaves.

    Algorithm: RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size <= MAX_SIZE:
        raise NotVerified(f"a tree of {size} leaves has no leaf {index}")
    _check_hashes((leaf, root, *proof))
    node, last, value = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise NotVerified("the inclusion proof is too long")
        if node & 1 or node == last:
            value = node_hash(sibling, value)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            value = node_hash(value, sibling)
        node >>= 1
        last >>= 1
    if last != 0:
        raise NotVerified("the inclusion proof is too short")
    if value != root:
        raise NotVerified("the inclusion proof leads to another root")


def prove_consistency(old: int, new: int, read: ReadNode) -> tuple[bytes, ...]:
    """The proof that the tree of `old` leaves is the beginning of that of `new` (RFC 6962, 2.1.2)."""
    if not 0 < old <= new:
        raise Malformed(f"there is no consistency proof from {old} leaves to {new}")
    proof: list[bytes] = []
    start, end, known = 0, new, True
    while old != end:
        middle = start + (1 << ((end - start - 1).bit_length() - 1))
        if old <= middle:
            proof.append(range_hash(middle, end, read))
            end = middle
        else:
            proof.append(range_hash(start, middle, read))
            start, known = middle, False
    if not known:
        proof.append(range_hash(start, end, read))
    return tuple(reversed(proof))


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Raise NotVerified unless the tree of `old` leaves is the beginning of that of `new`.

    Algorithm: RFC 9162, section 2.1.4.2. The empty tree is the beginning of every tree, with an empty proof.
    """
    if not 0 <= old <= new <= MAX_SIZE:
        raise NotVerified(f"a tree of {old} leaves is not the beginning of one of {new}")
    _check_hashes((old_root, new_root, *proof))
    if old in (0, new):
        if proof:
            raise NotVerified("the consistency proof is too long")
        if old_root != (EMPTY_ROOT if old == 0 else new_root) or (new == 0 and new_root != EMPTY_ROOT):
            raise NotVerified("the two roots of one size differ")
        return
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        raise NotVerified("the consistency proof is too short")
    node, last = old - 1, new - 1
    while node & 1:
        node >>= 1
        last >>= 1
    old_value = new_value = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise NotVerified("the consistency proof is too long")
        if node & 1 or node == last:
            old_value = node_hash(sibling, old_value)
            new_value = node_hash(sibling, new_value)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            new_value = node_hash(new_value, sibling)
        node >>= 1
        last >>= 1
    if last != 0:
        raise NotVerified("the consistency proof is too short")
    if old_value != old_root or new_value != new_root:
        raise NotVerified("the consistency proof leads to other roots")


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if len(hashes) > MAX_PROOF + 2 or any(len(one) != HASH_SIZE for one in hashes):
        raise NotVerified(f"a proof has at most {MAX_PROOF} hashes of {HASH_SIZE} bytes")
