"""A witness's answer to add-checkpoint, status by status as C2SP tlog-witness has it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allweather.errors import Malformed
from allweather.record.checkpoints import Checkpoint, Head, sign_checkpoint, verify_cosignature
from allweather.record.keys import Signer, log_signer, witness_signer
from allweather.record.merkle import MAX_PROOF, prove_consistency, root_of
from allweather.record.notes import Note, NoteSignature, cosignature_time, format_note, parse_signature
from allweather.record.witness import (
    MAX_REQUEST,
    Answer,
    Request,
    add_checkpoint,
    format_request,
    parse_request,
)
from tests.record.making import attack, hashes, quick, seed_of

LEAVES = [seed_of(number) for number in range(20)]
OTHERS = [*LEAVES[:4], *(seed_of("other", number) for number in range(20))]
A = log_signer("nrc/a", seed_of("a"))
W = witness_signer("nrc/w", seed_of("w"))
KEYS = {"nrc/a": (A.verifier,)}


def head(size: int, leaves: list[bytes] = LEAVES, origin: str = "nrc/a") -> Head:
    return Head(origin, size, root_of(leaves[:size]))


def proof(old: int, new: int, leaves: list[bytes] = LEAVES) -> tuple[bytes, ...]:
    return prove_consistency(
        old, new, lambda level, index: root_of(leaves[index << level : (index + 1) << level])
    )


def body(old: int, hashes_: tuple[bytes, ...], point: Head, signer: Signer = A) -> bytes:
    return format_request(Request(old, hashes_, sign_checkpoint(point, signer)))


def ask(data: bytes, last: Head | None) -> Answer:
    return add_checkpoint(data, KEYS, {} if last is None else {"nrc/a": last}, W, at=77)


@pytest.mark.parametrize(
    ("data", "last"),
    [
        (body(0, (), head(1)), None),
        (body(0, (), head(20)), None),
        (body(0, (), head(0)), None),
        (body(7, proof(7, 20), head(20)), head(7)),
        (body(8, proof(8, 9), head(9)), head(8)),
        (body(20, (), head(20)), head(20)),
    ],
    ids=["first", "first of many", "empty", "grown", "from a power of two", "again"],
)
def test_200(data: bytes, last: Head | None) -> None:
    answer = ask(data, last)
    assert answer.status == 200
    assert answer.head == parse_request(data).checkpoint.head
    line = parse_signature(answer.body.decode().removesuffix("\n"))
    assert cosignature_time(line) == 77
    verify_cosignature(answer.head, line, W.verifier)


OTHER = log_signer("nrc/b", seed_of("b"))
THIEF = log_signer("nrc/a", seed_of("thief"))
FALSE = Checkpoint(head(20), Note(head(20).text, (NoteSignature("nrc/a", A.verifier.key_id, bytes(64)),)))


@pytest.mark.parametrize(
    ("status", "data", "last"),
    [
        (400, b"", None),
        (400, b"old 0\n\n", None),
        (400, b"old x\n\n" + format_note(sign_checkpoint(head(1), A).note), None),
        (400, b"old 00\n\n" + format_note(sign_checkpoint(head(1), A).note), None),
        (400, b"new 0\n\n" + format_note(sign_checkpoint(head(1), A).note), None),
        (400, body(0, (bytes(32),) * (MAX_PROOF + 1), head(1)), None),
        (400, b"x" * (MAX_REQUEST + 1), None),
        (400, body(21, (), head(20)), head(7)),
        (404, body(0, (), head(1, origin="nrc/b"), OTHER), None),
        (403, body(0, (), head(1), THIEF), None),
        (403, format_request(Request(0, (), FALSE)), None),
        (409, body(0, (), head(20)), head(7)),
        (409, body(6, proof(6, 20), head(20)), head(7)),
        (409, body(8, proof(8, 20), head(20)), head(7)),
        (409, body(1, proof(1, 20), head(20)), None),
        (409, body(3, (), head(3)), head(7)),
        (422, body(7, (), head(20)), head(7)),
        (422, body(7, proof(7, 20)[:-1], head(20)), head(7)),
        (422, body(7, (*proof(7, 20), bytes(32)), head(20)), head(7)),
        (422, body(7, proof(7, 20, OTHERS), head(20, OTHERS)), head(7)),
        (422, body(7, proof(7, 20), head(20, OTHERS)), head(7)),
        (422, body(0, (bytes(32),), head(20)), None),
    ],
)
def test_any_other_status_changes_nothing(status: int, data: bytes, last: Head | None) -> None:
    answer = ask(data, last)
    assert (answer.status, answer.head) == (status, None)
    assert answer.body.endswith(b"\n")
    assert b"\xe2\x80\x94" not in answer.body
    if status == 409:
        assert answer.body == b"%d\n" % (last.size if last else 0)


def test_another_root_at_the_same_size_is_not_cosigned() -> None:
    answer = ask(body(7, (), head(7, OTHERS)), head(7))
    assert answer.status == 422  # C2SP tlog-witness: the old size is the one known, the roots differ
    assert answer.head is None


def test_a_cosignature_of_its_own_log_s_stranger_is_never_given() -> None:
    with pytest.raises(Malformed):
        add_checkpoint(body(0, (), head(1)), KEYS, {}, A, at=77)


@quick
@given(st.integers(0, 2**48), st.lists(hashes, max_size=6))
def test_requests_come_back(old: int, some: list[bytes]) -> None:
    request = Request(old, tuple(some), sign_checkpoint(head(20), A))
    assert parse_request(format_request(request)) == request


def test_spoiled_requests_are_refused_or_mean_themselves() -> None:
    attack(parse_request, format_request, body(7, proof(7, 20), head(20)), bits=range(4))


def test_no_spoiled_request_is_cosigned() -> None:
    good = body(7, proof(7, 20), head(20))
    for place in range(len(good)):
        data = good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :]
        assert ask(data, head(7)).status != 200
        assert ask(good[:place], head(7)).status == 400
