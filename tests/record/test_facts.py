"""What entries say about the record itself."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allweather.errors import Malformed
from allweather.record.checkpoints import Head, verify_cosignature
from allweather.record.entries import Entry, format_entry, sign_as_delegate
from allweather.record.facts import (
    ACK,
    ATTEST,
    DELEGATE,
    FRONTIER,
    KINDS,
    REDACT,
    WITHDRAW,
    Acknowledgement,
    Attestation,
    Delegation,
    Fact,
    FrontierSigned,
    Redaction,
    ack_body,
    attest_body,
    collect,
    collect_deciding,
    delegate_body,
    facts_of,
    frontier_body,
    is_bookkeeping,
    redact_body,
)
from allweather.record.keys import format_base64
from allweather.record.merkle import EMPTY_ROOT, leaf_hash
from allweather.record.notes import cosign
from tests.record.making import kind_entry, quick, seed_of, signers_of, text_entry

HEAD = Head("nrc/b", 3, seed_of("root"))
HASH = format_base64(seed_of("hash"))
WITNESS = signers_of("nrc/a")[1]
PUBLIC = signers_of("nrc/a")[0].verifier.public
BODIES: dict[str, dict[str, Any]] = {
    ACK: ack_body([(HEAD, 9, cosign(HEAD.text, WITNESS, 9))]),
    REDACT: redact_body("nrc/a", 2, seed_of("hash"), "asked to"),
    DELEGATE: delegate_body(PUBLIC, "Ann"),
    WITHDRAW: {"key": format_base64(PUBLIC)},
    ATTEST: attest_body("nrc/b", seed_of("hash")),
    FRONTIER: frontier_body(1, (0, EMPTY_ROOT), [HEAD, Head("nrc/a", 1, seed_of(1))]),
}


def read(kind: str, body: dict[str, Any], index: int = 4) -> tuple[Fact, ...]:
    return facts_of(kind_entry("nrc/a", index, kind, body), "nrc/a", index)


def test_each_kind_says_what_it_says() -> None:
    assert set(BODIES) == set(KINDS)
    found = {kind: read(kind, body)[0] for kind, body in BODIES.items()}
    for kind, fact in found.items():
        assert (fact.place.origin, fact.place.index) == ("nrc/a", 4)
        assert fact.place.leaf == leaf_hash(kind_entry("nrc/a", 4, kind, BODIES[kind]))
    ack = found[ACK]
    assert isinstance(ack, Acknowledgement)
    assert (ack.head, ack.time) == (HEAD, 9)
    verify_cosignature(HEAD, ack.line, WITNESS.verifier)
    redaction = found[REDACT]
    assert isinstance(redaction, Redaction)
    assert (redaction.origin, redaction.index, redaction.digest) == ("nrc/a", 2, seed_of("hash"))
    assert (redaction.ground, redaction.at) == ("asked to", 1)
    delegation, withdrawn = found[DELEGATE], found[WITHDRAW]
    assert isinstance(delegation, Delegation)
    assert isinstance(withdrawn, Delegation)
    assert (delegation.name, withdrawn.name) == ("Ann", None)
    attestation = found[ATTEST]
    assert isinstance(attestation, Attestation)
    assert (attestation.origin, attestation.digest) == ("nrc/b", seed_of("hash"))
    frontier = found[FRONTIER]
    assert isinstance(frontier, FrontierSigned)
    assert [head.origin for head in frontier.heads] == ["nrc/a", "nrc/b"]
    assert (frontier.epoch, frontier.before) == (1, (0, EMPTY_ROOT))


@pytest.mark.parametrize("kind", KINDS)
def test_a_delegate_does_not_speak_about_the_record(kind: str) -> None:
    entry = sign_as_delegate(Entry(1, "nrc/a", 4, kind, 1, BODIES[kind]), seed_of("delegate"))
    assert facts_of(format_entry(entry), "nrc/a", 4) == ()


@pytest.mark.parametrize("kind", KINDS)
def test_an_entry_at_another_place_says_nothing(kind: str) -> None:
    data = kind_entry("nrc/a", 4, kind, BODIES[kind])
    assert facts_of(data, "nrc/a", 4)
    assert facts_of(data, "nrc/a", 5) == facts_of(data, "nrc/b", 4) == ()
    assert facts_of(data + b" ", "nrc/a", 4) == facts_of(data[:-1], "nrc/a", 4) == ()


@pytest.mark.parametrize("kind", KINDS)
def test_a_body_is_closed(kind: str) -> None:
    body = BODIES[kind]
    for name in body:
        assert read(kind, {key: value for key, value in body.items() if key != name}) == ()
        others: list[Any] = [None, -1, "x", [], {}, [[]], True, "AA=="]
        for value in others:
            if value != body[name] and (kind, name, value) != (DELEGATE, "name", "x"):
                if (kind, name) in ((REDACT, "ground"), (DELEGATE, "name")) and isinstance(value, str):
                    continue
                if (kind, name, value) in ((ACK, "heads", []), (FRONTIER, "heads", [])):
                    continue
                assert read(kind, {**body, name: value}) == (), (name, value)
    assert read(kind, {**body, "more": 1}) == ()


ROW = BODIES[ACK]["heads"][0]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (0, "nrc/a"),
        (0, "nrc"),
        (1, 0),
        (1, -1),
        (1, 2**48 + 1),
        (1, True),
        (2, "AA=="),
        (3, 0),
        (3, -1),
        (3, True),
        (4, HASH),
        (5, HASH),
    ],
)
def test_a_row_of_an_acknowledgement_is_closed(place: int, value: object) -> None:
    row = [*ROW[:place], value, *ROW[place + 1 :]]
    assert read(ACK, {"heads": [row]}) == read(ACK, {"heads": [ROW, row]}) == ()
    assert read(ACK, {"heads": [ROW[:-1]]}) == read(ACK, {"heads": [[*ROW, 1]]}) == ()


def test_the_rows_are_bounded() -> None:
    heads = [[f"n/{number:03}", 1, HASH] for number in range(513)]
    body = {**BODIES[FRONTIER], "heads": heads}
    assert read(FRONTIER, body) == ()
    assert read(FRONTIER, {**body, "heads": heads[:512]})
    for bad in (heads[1::-1], heads[:1] * 2, [["n/a", 2**48 + 1, HASH]], [["n/a", -1, HASH]]):
        assert read(FRONTIER, {**body, "heads": bad}) == ()
    for change in ({"epoch": 0}, {"before": [-1, HASH]}, {"before": [2**48 + 1, HASH]}, {"before": [1]}):
        assert read(FRONTIER, {**BODIES[FRONTIER], **change}) == ()


@pytest.mark.parametrize("ground", ["", "x" * 4_001])
def test_a_redaction_states_its_ground(ground: str) -> None:
    assert read(REDACT, {**BODIES[REDACT], "ground": ground}) == ()
    with pytest.raises(Malformed):
        redact_body("nrc/a", 2, seed_of("hash"), ground)
    assert read(REDACT, {**BODIES[REDACT], "ground": "x" * 4_000})


def test_a_ground_is_counted_as_it_stands() -> None:
    assert read(REDACT, {**BODIES[REDACT], "ground": "x" * 4_000 + " "}) == ()


def test_a_ground_of_white_space_is_one_by_the_specification() -> None:
    assert read(REDACT, {**BODIES[REDACT], "ground": " "})


@pytest.mark.parametrize("name", ["", "x" * 4_001])
def test_a_delegate_has_a_name(name: str) -> None:
    assert read(DELEGATE, {**BODIES[DELEGATE], "name": name}) == ()


def test_a_delegate_has_a_key_that_may_serve() -> None:
    for bad in (bytes(32), b"\xff" * 32):
        assert read(DELEGATE, {**BODIES[DELEGATE], "key": format_base64(bad)}) == ()
        with pytest.raises(Malformed):
            delegate_body(bad, "Ann")


def test_other_kinds_say_nothing() -> None:
    for kind in ("record.x", "record", "x.record.ack", "records.ack", "record.ack.more"):
        assert read(kind, BODIES[ACK]) == ()


def test_a_row_of_entries_says_what_each_says() -> None:
    rows = [text_entry("nrc/a", 0), kind_entry("nrc/a", 1, ATTEST, BODIES[ATTEST]), b"junk"]
    rows += [kind_entry("nrc/a", 3, REDACT, BODIES[REDACT]), kind_entry("nrc/a", 9, REDACT, BODIES[REDACT])]
    assert [fact.place.index for fact in collect("nrc/a", 0, rows)] == [1, 3]
    assert {*collect("nrc/a", 0, rows[:2]), *collect("nrc/a", 2, rows[2:])} == set(collect("nrc/a", 0, rows))


def test_what_decides_is_everything_but_acknowledgements() -> None:
    rows = [kind_entry("nrc/a", index, kind, BODIES[kind]) for index, kind in enumerate(BODIES)]
    # One that only looks like another kind inside, and one that only looks like an acknowledgement.
    rows.append(kind_entry("nrc/a", len(rows), ACK, {"kind": DELEGATE}))
    rows.append(kind_entry("nrc/a", len(rows), "a.word", {"kind": ACK}))
    found = collect("nrc/a", 0, rows)
    assert {type(fact) for fact in found} > {Acknowledgement}
    assert collect_deciding("nrc/a", 0, rows) == tuple(
        fact for fact in found if not isinstance(fact, Acknowledgement)
    )


@quick
@given(st.binary(max_size=60))
def test_any_bytes_say_nothing(data: bytes) -> None:
    for kind in KINDS:
        assert facts_of(b'{"kind":"' + kind.encode() + b'"' + data, "nrc/a", 0) == ()


def test_only_acknowledgements_are_bookkeeping() -> None:
    assert is_bookkeeping(kind_entry("nrc/a", 0, ACK, BODIES[ACK]))
    assert not is_bookkeeping(kind_entry("nrc/a", 0, REDACT, BODIES[REDACT]))
    assert not is_bookkeeping(text_entry("nrc/a", 0, '"kind":"record.ack"'))


def test_a_body_cannot_pass_for_an_acknowledgement() -> None:
    assert not is_bookkeeping(kind_entry("nrc/a", 0, "x.y", {"kind": "record.ack"}))
