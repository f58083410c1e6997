"""Proofs that fit in a file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allweather.errors import InputError, Malformed, NotVerified
from allweather.record.checkpoints import Checkpoint, Head, sign_checkpoint
from allweather.record.keys import log_signer, witness_signer
from allweather.record.merkle import Edge, ReadNode, leaf_hash, prove_inclusion
from allweather.record.notes import Note, NoteSignature, cosign
from allweather.record.proofs import (
    EntryProof,
    Equivocation,
    format_entry_proof,
    format_equivocation,
    parse_entry_proof,
    parse_equivocation,
    prove_equivocation,
    verify_entry_proof,
    verify_equivocation,
)
from allweather.record.tiles import WIDTH, Tile, node_reader
from tests.record.making import attack, hashes, quick, rows_of, seed_of

A = log_signer("nrc/a", seed_of("a"))
W = witness_signer("nrc/w", seed_of("w"))


def reader(entries: list[bytes]) -> ReadNode:
    nodes: list[tuple[int, int, bytes]] = []
    leaves = [leaf_hash(one) for one in entries]
    Edge().extend(leaves, nodes)
    above = {(level, index): value for level, index, value in nodes}

    def read(tile: Tile) -> bytes:
        span = range(tile.index * WIDTH, tile.index * WIDTH + tile.width)
        return b"".join(above[tile.level, at] if tile.level else leaves[at] for at in span)

    return node_reader(read, len(entries))


def point(entries: list[bytes], signer: object = A) -> Checkpoint:
    edge = Edge().extend([leaf_hash(one) for one in entries])
    return sign_checkpoint(Head("nrc/a", edge.size, edge.root()), signer)  # type: ignore[arg-type]


ROWS = rows_of("nrc/a", 0, 13)
PROOF = EntryProof(5, prove_inclusion(5, 13, reader(ROWS)), point(ROWS))
FORKED = [*ROWS[:4], *rows_of("nrc/a", 4, 7, "other")]
FORK = prove_equivocation(point(FORKED), point(ROWS), reader(ROWS))


@quick
@given(st.integers(0, 2**48), st.lists(hashes, max_size=5), st.none() | st.binary(max_size=9))
def test_entry_proofs_come_back(index: int, some: list[bytes], extra: bytes | None) -> None:
    proof = EntryProof(index, tuple(some), PROOF.checkpoint, extra)
    assert parse_entry_proof(format_entry_proof(proof)) == proof


def test_spoiled_entry_proofs_are_refused_or_mean_themselves() -> None:
    attack(parse_entry_proof, format_entry_proof, format_entry_proof(PROOF))


def test_no_spoiled_entry_proof_proves_another_thing() -> None:
    good = format_entry_proof(PROOF)
    assert verify_entry_proof(parse_entry_proof(good), ROWS[5], [A.verifier]) == (A.verifier,)
    for place in range(len(good)):
        data = good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :]
        with pytest.raises(InputError):
            verify_entry_proof(parse_entry_proof(data), ROWS[5], [A.verifier])


def test_an_entry_proof_is_of_one_entry_of_one_log() -> None:
    for other in (ROWS[4], b"", ROWS[5] + b" "):
        with pytest.raises(NotVerified):
            verify_entry_proof(PROOF, other, [A.verifier])
    with pytest.raises(NotVerified):
        verify_entry_proof(PROOF, ROWS[5], [log_signer("nrc/b", seed_of("a")).verifier])


def test_a_witness_alone_proves_no_entry() -> None:
    text = PROOF.checkpoint.note.text
    line = cosign(text, W, 9)
    both = Checkpoint(PROOF.checkpoint.head, Note(text, (*PROOF.checkpoint.note.signatures, line)))
    proof = EntryProof(5, PROOF.hashes, both)
    assert verify_entry_proof(proof, ROWS[5], [W.verifier, A.verifier]) == (A.verifier, W.verifier)
    with pytest.raises(NotVerified):
        verify_entry_proof(proof, ROWS[5], [W.verifier])


HEAD = format_entry_proof(PROOF)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        HEAD.replace(b"@v1", b"@v2"),
        HEAD.replace(b"index 5", b"index 05"),
        HEAD.replace(b"index 5", b"index -5"),
        HEAD.replace(b"index 5\n", b""),
        HEAD.replace(b"index 5", b"index 5 "),
        HEAD.replace(b"index 5", b"index 5\nindex 5"),
        HEAD.replace(b"index 5", b"extra AA=\nindex 5"),
        HEAD.replace(b"index 5", b"index 5\nextra AAAA"),
        HEAD.replace(b"index 5\n", b"index 5\n" + b"A" * 43 + b"=\n" * 1 + (b"A" * 43 + b"=\n") * 70),
        HEAD.replace(b"\n\n", b"\n", 1),
        HEAD + b"x" * 2**20,
        HEAD.replace(b"index", "ïndex".encode()),
    ],
    ids=range(13),
)
def test_other_entry_proofs_are_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_entry_proof(data)


@quick
@given(st.lists(hashes, max_size=5), hashes)
def test_equivocations_come_back(some: list[bytes], implied: bytes) -> None:
    proof = Equivocation(FORK.smaller, FORK.larger, implied, tuple(some))
    assert parse_equivocation(format_equivocation(proof)) == proof


def test_spoiled_equivocations_are_refused_or_mean_themselves() -> None:
    attack(parse_equivocation, format_equivocation, format_equivocation(FORK), bits=range(3))


def test_no_spoiled_equivocation_holds() -> None:
    good = format_equivocation(FORK)
    verify_equivocation(parse_equivocation(good), [A.verifier])
    for place in range(len(good)):
        data = good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :]
        with pytest.raises(InputError):
            verify_equivocation(parse_equivocation(data), [A.verifier])


@pytest.mark.parametrize(
    ("one", "two", "shared"), [(1, 1, 0), (3, 9, 2), (8, 9, 4), (9, 9, 8), (300, 700, 260)]
)
def test_any_fork_can_be_proved(one: int, two: int, shared: int) -> None:
    large = rows_of("nrc/a", 0, two)
    small = [*large[:shared], *rows_of("nrc/a", shared, one, "other")]
    proof = prove_equivocation(point(small), point(large), reader(large))
    verify_equivocation(parse_equivocation(format_equivocation(proof)), [A.verifier])


def test_what_agrees_proves_nothing() -> None:
    small = point(ROWS[:7])
    with pytest.raises(Malformed):
        prove_equivocation(small, point(ROWS), reader(ROWS))
    with pytest.raises(Malformed):
        prove_equivocation(point(ROWS), small, reader(ROWS))
    agreeing = Equivocation(small, FORK.larger, small.head.root, FORK.hashes)
    with pytest.raises(NotVerified):
        verify_equivocation(agreeing, [A.verifier])
    same = Equivocation(FORK.larger, FORK.larger, FORK.larger.head.root, ())
    with pytest.raises(NotVerified):
        verify_equivocation(same, [A.verifier])


def test_false_accusations_are_refused() -> None:
    other = log_signer("nrc/a", seed_of("thief"))
    forged = point(FORKED, other)
    borrowed = NoteSignature("nrc/a", A.verifier.key_id, forged.note.signatures[0].signature)
    lent = Checkpoint(forged.head, Note(forged.note.text, (borrowed,)))
    empty = sign_checkpoint(Head("nrc/a", 0, Edge().root()), A)
    elsewhere = log_signer("nrc/b", seed_of("b"))
    abroad = sign_checkpoint(Head("nrc/b", 7, FORK.smaller.head.root), elsewhere)
    for bad in (
        Equivocation(forged, FORK.larger, FORK.implied, FORK.hashes),
        Equivocation(lent, FORK.larger, FORK.implied, FORK.hashes),
        Equivocation(empty, FORK.larger, FORK.implied, FORK.hashes),
        Equivocation(FORK.larger, FORK.smaller, FORK.implied, FORK.hashes),
        Equivocation(FORK.smaller, FORK.larger, seed_of("x"), FORK.hashes),
        Equivocation(FORK.smaller, FORK.larger, FORK.implied, FORK.hashes[:-1]),
        Equivocation(FORK.smaller, FORK.larger, FORK.implied, ()),
        Equivocation(abroad, FORK.larger, FORK.implied, FORK.hashes),
    ):
        with pytest.raises(NotVerified):
            verify_equivocation(bad, [A.verifier, elsewhere.verifier])


def test_only_the_log_s_own_signature_is_kept() -> None:
    text = FORK.smaller.note.text
    many = Checkpoint(FORK.smaller.head, Note(text, (cosign(text, W, 1), *FORK.smaller.note.signatures)))
    assert prove_equivocation(many, point(ROWS), reader(ROWS)) == FORK


def test_a_proof_for_a_log_of_100_000_entries_is_small() -> None:
    large = [b"%d" % number for number in range(100_000)]
    read = reader(large)
    for size in (1, 65_535, 99_999, 100_000):
        small = [*large[: size - 1], b"other"]
        proof = prove_equivocation(point(small), point(large), read)
        data = format_equivocation(proof)
        assert len(data) <= 2_048
        verify_equivocation(parse_equivocation(data), [A.verifier])
