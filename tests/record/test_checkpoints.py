"""Checkpoints and the cosignatures on them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allweather.errors import Malformed, NotVerified
from allweather.record.checkpoints import (
    MAX_ATTACHED,
    Checkpoint,
    Head,
    open_checkpoint,
    parse_checkpoint,
    parse_head,
    sign_checkpoint,
    verify_cosignature,
    with_signature,
)
from allweather.record.keys import log_signer, witness_signer
from allweather.record.merkle import EMPTY_ROOT, MAX_SIZE
from allweather.record.notes import Note, NoteSignature, cosign, format_note, sign_note
from tests.record.making import attack, hashes, origins, quick, seed_of

A = log_signer("nrc/a", seed_of("a"))
HEAD = Head("nrc/a", 3, seed_of("root"))
POINT = sign_checkpoint(HEAD, A)


def as_bytes(checkpoint: Checkpoint) -> bytes:
    assert checkpoint.head.text == checkpoint.note.text
    return format_note(checkpoint.note)


@quick
@given(origins, st.integers(1, MAX_SIZE), hashes)
def test_checkpoints_come_back(origin: str, size: int, root: bytes) -> None:
    head = Head(origin, size, root)
    signer = log_signer(origin, seed_of(origin))
    made = sign_checkpoint(head, signer)
    parsed = parse_checkpoint(format_note(made.note))
    assert parsed == made
    assert parse_head(head.text) == head
    assert open_checkpoint(parsed, [signer.verifier]) == (signer.verifier,)


def test_spoiled_checkpoints_are_refused_or_mean_themselves() -> None:
    attack(parse_checkpoint, as_bytes, as_bytes(POINT))


GOOD = HEAD.text.split("\n")


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(GOOD[:2]) + "\n",
        HEAD.text + "extension\n",
        HEAD.text + "\n",
        HEAD.text.replace("nrc/a", "nrc"),
        HEAD.text.replace("nrc/a", "nrc/minutes"),
        HEAD.text.replace("\n3\n", "\n03\n"),
        HEAD.text.replace("\n3\n", "\n+3\n"),
        HEAD.text.replace("\n3\n", f"\n{MAX_SIZE + 1}\n"),
        HEAD.text.replace("\n3\n", "\n-3\n"),
        HEAD.text.replace("\n3\n", "\n0\n"),
        HEAD.text.replace("=", ""),
        HEAD.text.replace("\n3\n", "\n3\nAAAA\n")[: -len(GOOD[2]) - 1],
    ],
    ids=range(12),
)
def test_other_texts_are_no_checkpoint(text: str) -> None:
    with pytest.raises(Malformed):
        parse_checkpoint(format_note(sign_note(text, A)))


def test_the_head_of_an_empty_log() -> None:
    assert parse_head(Head("nrc/a", 0, EMPTY_ROOT).text).size == 0


def test_only_the_key_of_the_log_opens_its_checkpoint() -> None:
    other = log_signer("nrc/b", seed_of("b"))
    both = Checkpoint(HEAD, Note(HEAD.text, sign_note(HEAD.text, other).signatures))
    for keys in ([other.verifier], [A.verifier], []):
        with pytest.raises(NotVerified):
            open_checkpoint(both, keys)
    with pytest.raises(Malformed):
        sign_checkpoint(HEAD, other)


def test_at_most_sixteen_lines_are_attached() -> None:
    point = POINT
    for number in range(40):
        witness = witness_signer(f"nrc/w{number}", seed_of(number))
        line = cosign(HEAD.text, witness, 5)
        point = with_signature(with_signature(point, line), line)
        assert len(point.note.signatures) == min(number + 2, MAX_ATTACHED)
    assert open_checkpoint(point, [A.verifier]) == (A.verifier,)


def test_a_cosignature_is_of_one_head_by_one_key() -> None:
    one, two = (witness_signer("nrc/w", seed_of(number)) for number in "12")
    line = cosign(HEAD.text, one, 5)
    verify_cosignature(HEAD, line, one.verifier)
    for head, key in ((HEAD, two.verifier), (Head("nrc/a", 4, HEAD.root), one.verifier), (HEAD, A.verifier)):
        with pytest.raises(NotVerified):
            verify_cosignature(head, line, key)
    for bad in (
        NoteSignature("nrc/x/witness", line.key_id, line.signature),
        sign_note(HEAD.text, A).signatures[0],
    ):
        with pytest.raises(NotVerified):
            verify_cosignature(HEAD, bad, one.verifier)
