"""Signed notes: parse, open, cosignatures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allweather.errors import Malformed, NotVerified
from allweather.record import ed25519
from allweather.record.keys import VerifierKey, log_signer, witness_signer
from allweather.record.notes import (
    MAX_NOTE,
    MAX_SIGNATURES,
    Note,
    NoteSignature,
    cosign,
    cosignature_message,
    cosignature_time,
    format_note,
    format_signature,
    open_note,
    parse_note,
    parse_signature,
    sign_note,
)
from tests.record.making import attack, quick, seed_of

A = log_signer("nrc/a", seed_of("a"))
B = log_signer("nrc/b", seed_of("b"))
W = witness_signer("nrc/w", seed_of("w"))
TEXT = "one\n\ntwo é\n"
NOTE = sign_note(TEXT, A, B)
COSIGNED = Note(TEXT, (*NOTE.signatures, cosign(TEXT, W, 77)))

lines = st.builds(
    NoteSignature,
    st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=6),
    st.binary(min_size=4, max_size=4),
    st.binary(min_size=1, max_size=80),
)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), min_size=1, max_size=20).map(
    lambda text: text + "\n"
)


@quick
@given(texts, st.lists(lines, min_size=1, max_size=5))
def test_notes_come_back(text: str, signatures: list[NoteSignature]) -> None:
    note = Note(text, tuple(signatures))
    if text == "\n":
        return
    assert parse_note(format_note(note)) == note


@quick
@given(lines)
def test_signature_lines_come_back(line: NoteSignature) -> None:
    assert parse_signature(format_signature(line)[:-1]) == line


def test_spoiled_notes_are_refused_or_mean_themselves() -> None:
    attack(parse_note, format_note, format_note(COSIGNED))


def test_no_spoiled_note_opens_as_what_was_not_signed() -> None:
    good = format_note(sign_note(TEXT, A))
    for place in range(len(good)):
        for bit in range(8):
            data = good[:place] + bytes([good[place] ^ 1 << bit]) + good[place + 1 :]
            with pytest.raises((Malformed, NotVerified)):
                open_note(parse_note(data), [A.verifier])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"\n\n",
        b"text\n",
        b"text\n\n",
        b"text\n\n\n",
        format_note(NOTE)[:-1],
        format_note(NOTE) + b"\n",
        format_note(NOTE).replace(b"one", b"o\x00e"),
        format_note(NOTE).replace(b"one", b"o\te"),
        format_note(NOTE).replace(b"one\n", b"one\r\n"),
        format_note(NOTE).replace(b"one", b"o\xffe"),
        format_note(NOTE).replace("—".encode(), b"-"),
        format_note(NOTE).replace("— ".encode(), "—".encode()),
        "text\n\n— a AAAA\n".encode(),
        "text\n\n— a AAAAAA\n".encode(),
        "text\n\n—  AAAAAAA=\n".encode(),
        "text\n\n— a+b AAAAAAA=\n".encode(),
        "text\n\n— a b AAAAAAA=\n".encode(),
        "text\n\n— a AAAAAAB=\n".encode(),
        "\n\n— a AAAAAAA=\n".encode(),
        b"x" * (MAX_NOTE + 1),
    ],
    ids=lambda data: ascii(data[:20]),
)
def test_other_notes_are_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_note(data)


def test_the_number_of_lines_is_bounded() -> None:
    def many(count: int) -> bytes:
        return format_note(Note("t\n", tuple(NoteSignature("z", bytes(4), b"1") for _ in range(count))))

    assert len(parse_note(many(MAX_SIGNATURES)).signatures) == MAX_SIGNATURES
    with pytest.raises(Malformed):
        parse_note(many(MAX_SIGNATURES + 1))


@quick
@given(st.binary(max_size=60))
def test_any_bytes(data: bytes) -> None:
    for tail in (b"", b"\n\n" + format_note(NOTE).partition(b"\n\n")[2]):
        try:
            note = parse_note(data + tail)
        except Malformed:
            continue
        assert format_note(note) == data + tail


def keys(*signers: object) -> list[VerifierKey]:
    return [one.verifier for one in signers]  # type: ignore[attr-defined]


def test_a_note_opens_with_the_keys_that_signed_it() -> None:
    assert open_note(NOTE, keys(A)) == (A.verifier,)
    assert open_note(COSIGNED, keys(W, B, A)) == (A.verifier, B.verifier, W.verifier)
    with pytest.raises(NotVerified):
        open_note(NOTE, keys(log_signer("nrc/a", seed_of("other"))))
    with pytest.raises(NotVerified):
        open_note(NOTE, [])


def test_a_false_line_of_a_known_key_refuses_the_note() -> None:
    bad = NoteSignature("nrc/b", B.verifier.key_id, bytes(64))
    note = Note(TEXT, (NOTE.signatures[0], bad))
    assert open_note(note, keys(A)) == (A.verifier,)
    with pytest.raises(NotVerified):
        open_note(note, keys(A, B))


def test_a_second_false_line_of_a_key_refuses_the_note_too() -> None:
    bad = NoteSignature("nrc/a", A.verifier.key_id, bytes(64))
    with pytest.raises(NotVerified):
        open_note(Note(TEXT, (*NOTE.signatures, bad)), keys(A))


def test_a_doubled_line_counts_once() -> None:
    assert open_note(Note(TEXT, NOTE.signatures * 3), keys(A)) == (A.verifier,)


def test_lines_of_unknown_keys_are_ignored() -> None:
    strange = NoteSignature("nrc/a", b"none", b"whatever")
    assert open_note(Note(TEXT, (strange, *NOTE.signatures)), keys(A)) == (A.verifier,)


@pytest.mark.parametrize("text", ["", "one", "\n", "o\x00\n", "o\r\n"])
def test_other_texts_are_not_signed(text: str) -> None:
    with pytest.raises(Malformed):
        sign_note(text, A)


def test_each_key_signs_its_own_sort_only() -> None:
    with pytest.raises(Malformed):
        sign_note(TEXT, W)
    with pytest.raises(Malformed):
        cosign(TEXT, A, 1)


@pytest.mark.parametrize("time", [0, -1, 2**63])
def test_a_cosignature_has_a_time(time: int) -> None:
    with pytest.raises(Malformed):
        cosign(TEXT, W, time)


@quick
@given(st.integers(1, 2**63 - 1))
def test_the_time_of_a_cosignature_is_signed(time: int) -> None:
    line = cosign(TEXT, W, time)
    assert cosignature_time(line) == time
    assert ed25519.is_valid(
        W.verifier.public, f"cosignature/v1\ntime {time}\n{TEXT}".encode(), line.signature[8:]
    )
    assert open_note(Note(TEXT, (line,)), keys(W)) == (W.verifier,)
    other = (time ^ 1).to_bytes(8, "big") + line.signature[8:]
    with pytest.raises(NotVerified):
        open_note(Note(TEXT, (NoteSignature(line.name, line.key_id, other),)), keys(W))


@pytest.mark.parametrize("time", [0, 2**63, 2**64 - 1])
def test_a_cosignature_out_of_time_is_refused(time: int) -> None:
    raw = ed25519.sign(seed_of("w"), cosignature_message(TEXT, time))
    line = NoteSignature(W.name, W.verifier.key_id, time.to_bytes(8, "big") + raw)
    with pytest.raises(Malformed):
        cosignature_time(line)
    with pytest.raises(NotVerified):
        open_note(Note(TEXT, (line,)), keys(W))


@pytest.mark.parametrize("size", [0, 8, 64, 71, 73])
def test_a_cosignature_has_72_bytes(size: int) -> None:
    line = NoteSignature(W.name, W.verifier.key_id, (cosign(TEXT, W, 1).signature * 2)[:size])
    with pytest.raises(Malformed):
        cosignature_time(line)
    with pytest.raises(NotVerified):
        open_note(Note(TEXT, (line,)), keys(W))
