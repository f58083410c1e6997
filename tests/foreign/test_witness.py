"""aics-witness, a witness that others wrote, cosigns our logs as they grow and nothing else.

We verify what it signed, and its client takes what a witness of ours signed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from allweather.errors import NotVerified
from allweather.record import merkle, witness
from allweather.record.checkpoints import (
    Checkpoint,
    open_checkpoint,
    parse_checkpoint,
    verify_cosignature,
    with_signature,
)
from allweather.record.notes import cosignature_time, format_note, parse_signature
from allweather.record.storage import read_nodes
from tests.foreign import peers, results
from tests.foreign.logs import Member, cosigned
from tests.foreign.witnessing import (
    CLOCK,
    OTHERWISE,
    OurWitness,
    Response,
    Service,
    history,
    requests,
    running,
    serving,
    submit,
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The witness, after it got every request."""
    if sentence := peers.missing_python():
        pytest.skip(sentence)
    with running(tmp_path_factory.mktemp("witness")) as found:
        yield found


@pytest.fixture(scope="module")
def answers(service: Service) -> dict[str, Response]:
    """Its answers by the name of the request."""
    return submit(service)


def test_every_request_is_answered_as_it_has_to_be(answers: dict[str, Response]) -> None:
    assert {name: one.status for name, one in answers.items()} == {one.name: one.status for one in requests()}
    for one in requests():
        if one.size is not None:
            assert answers[one.name].body == f"{one.size}\n".encode(), one.name


def test_we_verify_what_it_signed(service: Service, answers: dict[str, Response]) -> None:
    heads = [one.head for one in requests() if one.head is not None]
    for one in requests():
        if one.head is None:
            continue
        line = parse_signature(answers[one.name].body.decode().removesuffix("\n"))
        assert verify_cosignature(one.head, line, service.key) is None  # type: ignore[func-returns-value]
        assert cosignature_time(line) == CLOCK
        for other in heads:
            if other != one.head:
                with pytest.raises(NotVerified):
                    verify_cosignature(other, line, service.key)


def test_what_it_shows_to_monitors_is_our_last_head(service: Service, answers: dict[str, Response]) -> None:
    assert answers
    shown = parse_checkpoint(service.latest("nrc/norway"))
    keeper = Member("nrc/norway").log.verifier
    assert open_checkpoint(shown, [keeper]) == (keeper,)
    assert shown.head == history().at[1000].head
    (line,) = [one for one in shown.note.signatures if one.name == service.key.name]
    verify_cosignature(shown.head, line, service.key)


def test_it_keeps_the_other_face_as_evidence(service: Service, answers: dict[str, Response]) -> None:
    # All that the log's own key signed and that could not be: broken proofs, and the other face.
    kept = [one.request for one in service.store.evidence("nrc/norway")]
    sent = [one.body for one in requests() if answers[one.name].status == 422]
    assert sorted(kept) == sorted(sent)


def test_a_policy_of_both_kinds_of_witness_is_met(service: Service, answers: dict[str, Response]) -> None:
    library = peers.aics_tlog()
    member, _, others = cosigned()
    checkpoint = member.branch().checkpoint
    lines = [one.line for one in member.store.cosigned(member.origin, 1000)]
    theirs = parse_signature(answers["from 257 to 1000"].body.decode().removesuffix("\n"))
    for line in (*lines, theirs):
        checkpoint = with_signature(checkpoint, line)
    texts = [str(service.key), *(str(one.witness.verifier) for one in others)]
    policy = library.WitnessPolicy(3, tuple(map(library.parse_vkey, texts)))
    key = library.parse_vkey(str(member.log.verifier))

    def verify(found: Checkpoint) -> bool:
        note = library.parse_note(format_note(found.note))
        return bool(library.verify_checkpoint(note, key, policy=policy, expected_origin=key.name).ok)

    assert verify(checkpoint)
    assert not verify(with_signature(member.branch().checkpoint, theirs))


def test_a_witness_of_ours_gives_the_same_answers(answers: dict[str, Response]) -> None:
    ours = OurWitness()
    for one in requests():
        answer = ours.answer(one.body)
        status, _ = OTHERWISE.get(one.name, (one.status, ""))
        assert answer.status == status, (one.name, answer.body)
        if answer.status == 409:
            assert answer.body == answers[one.name].body
    asked = {one.name: one.status for one in requests()}
    assert all(asked[name] != status for name, (status, _) in OTHERWISE.items())
    rows = results.witness_rows(answers.values())
    assert rows == [line for line in results.page_lines() if line in rows], results.HOW


def test_its_client_takes_what_a_witness_of_ours_signed(tmp_path: Path) -> None:
    if sentence := peers.missing_python():
        pytest.skip(sentence)
    library, log = peers.aics_witness(), history()
    ours = OurWitness()
    read = read_nodes(log.member.store, log.branch)

    def prove(old: int, new: int) -> list[bytes]:
        return list(merkle.prove_consistency(old, new, read))

    with serving(ours) as address:
        key = str(ours.member.witness.verifier)
        state = tmp_path / "client.json"
        with library.WitnessClient(address, key, state_path=state, clock=lambda: CLOCK) as client:
            for size in (1, 256, 257):
                text = client.submit(format_note(log.at[size].note), prove)
                line = parse_signature(text.removesuffix("\n"))
                verify_cosignature(log.at[size].head, line, ours.member.witness.verifier)
        # A client that remembers nothing begins at 0, is told 257, and goes on from there.
        with library.WitnessClient(address, key, clock=lambda: CLOCK) as client:
            client.submit(format_note(log.at[1000].note), prove)
            assert ours.cosigned["nrc/norway"] == log.at[1000].head
            with pytest.raises(library.WitnessAhead):
                client.submit(format_note(log.at[255].note), prove)
    stranger = str(Member("nrc/italy").witness.verifier)
    with (
        serving(OurWitness()) as address,
        library.WitnessClient(address, stranger, clock=lambda: CLOCK) as client,
        pytest.raises(library.BadWitnessResponse),
    ):
        client.submit(format_note(log.at[1].note), prove)


def test_its_request_is_ours_byte_for_byte() -> None:
    if sentence := peers.missing_python():
        pytest.skip(sentence)
    from_theirs = peers.aics_witness_protocol().format_add_checkpoint_request
    log = history()
    for old, new in ((0, 1), (1, 255), (256, 1000), (257, 257)):
        proof = log.proof(old, new)
        ours = witness.format_request(witness.Request(old, proof, log.at[new]))
        assert from_theirs(old, proof, format_note(log.at[new].note)) == ours
