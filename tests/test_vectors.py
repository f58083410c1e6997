"""The language-neutral vectors: written again byte for byte, and decided alike by our code and by
verifier/verify.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from allweather.errors import InputError, NotVerified
from allweather.record import canonical, ed25519, merkle
from allweather.record.checkpoints import open_checkpoint, parse_checkpoint, parse_head, verify_cosignature
from allweather.record.entries import Payload, is_signed_by_delegate, parse_entry, read_payload
from allweather.record.facts import facts_of
from allweather.record.keys import VerifierKey, parse_verifier_key
from allweather.record.members import Voices, key_history, parse_card, parse_succession
from allweather.record.merkle import Edge, leaf_hash
from allweather.record.notes import open_note, parse_note, parse_signature
from allweather.record.proofs import (
    parse_entry_proof,
    parse_equivocation,
    verify_entry_proof,
    verify_equivocation,
)
from allweather.record.standing import Face, LogStanding, stand
from allweather.record.storage import Batch, grow
from allweather.record.tiles import parse_bundle, parse_tile_path
from allweather.store.memory import MemoryStore
from allweather.sync.faces import speaks
from allweather.sync.layout import Publication, parse_index
from scripts import vectors
from tests.conftest import ROOT
from tests.verifier.loading import load

FOLDER = ROOT / "vectors" / "record"
Case = dict[str, Any]

#: Kinds for which the second verifier has no function of its own, each with where it looks at them instead.
NOT_COVERED = {
    "payload": "it compares hash and size while it reads the files of a record",
    "tile_path": "it looks for the paths that it expects and parses none",
    "index": "it reads the index only as a part of a whole record",
}

#: Cases that the second verifier decides otherwise, with the reason. It is to be empty.
OTHERWISE: dict[tuple[str, str], str] = {}


def bytes_of(case: Case, name: str) -> bytes:
    return bytes.fromhex(case[f"{name}_hex"])


v = load()


# Our own code.


def keys_of(case: Case) -> list[VerifierKey]:
    return [parse_verifier_key(one["key"]) for one in case["keys"]]


def our_entry(case: Case) -> None:
    entry = parse_entry(bytes_of(case, "data"))
    if (entry.log, entry.n) != (case["log"], case["n"]):
        raise NotVerified("another place")


def our_verifier_key(case: Case) -> None:
    key = parse_verifier_key(case["text"])
    if (key.name, key.type) != (case["key_name"], case["type"]):
        raise NotVerified("another key")


def our_truth(good: bool) -> None:
    if not good:
        raise NotVerified("false")


def our_checkpoint(case: Case) -> None:
    open_checkpoint(parse_checkpoint(bytes_of(case, "checkpoint")), keys_of(case))


def our_cosignature(case: Case) -> None:
    line = parse_signature(case["line"].removesuffix("\n"))
    verify_cosignature(parse_head(case["head_text"]), line, keys_of(case)[0])


def hashes_of(case: Case) -> list[bytes]:
    return [bytes.fromhex(one) for one in case["proof_hex"]]


def our_inclusion(case: Case) -> None:
    leaf, root = bytes_of(case, "leaf"), bytes_of(case, "root")
    merkle.verify_inclusion(case["index"], case["size"], leaf, hashes_of(case), root)


def our_consistency(case: Case) -> None:
    roots = bytes_of(case, "old_root"), bytes_of(case, "new_root")
    merkle.verify_consistency(case["old"], case["new"], hashes_of(case), *roots)


def our_entry_proof(case: Case) -> None:
    verify_entry_proof(parse_entry_proof(bytes_of(case, "proof")), bytes_of(case, "entry"), keys_of(case))


def our_equivocation(case: Case) -> None:
    card = parse_card(bytes_of(case, "card"))
    later = [parse_succession(bytes.fromhex(one)) for one in case["successions_hex"]]
    history = key_history(card, later, Voices(lambda digest: 0, None, 2))
    proof = parse_equivocation(bytes_of(case, "proof"))
    verify_equivocation(proof, history.log_keys)
    our_truth(speaks(proof.smaller, history) and speaks(proof.larger, history))


def store_of(case: Case) -> MemoryStore:
    """A store that holds the faces of a story, each as a branch that leaves the one it shares most with."""
    store = MemoryStore()
    names = [case["card_hex"], *case["successions_hex"]]
    store.commit(Batch(key_notes=tuple((case["origin"], bytes.fromhex(one)) for one in names)))
    faces: list[list[bytes]] = []
    for number, one in enumerate(case["faces"]):
        rows = [bytes.fromhex(data) for data in one["entries_hex"]]
        checkpoint = parse_checkpoint(bytes_of(one, "checkpoint"))
        if not faces:
            store.commit(Batch((grow(None, rows, checkpoint),)))
        else:
            shared = [
                next((n for n, pair in enumerate(zip(rows, other, strict=False)) if pair[0] != pair[1]), 0)
                for other in faces
            ]
            parent = max(range(len(faces)), key=shared.__getitem__)
            at = shared[parent]
            edge = Edge().extend([leaf_hash(row) for row in rows[:at]])
            fork = (store.branches(case["origin"])[parent], edge)
            store.commit(Batch((grow(None, rows[at:], checkpoint, number=number, fork=fork),)))
        faces.append(rows)
    return store


def our_story(case: Case) -> None:
    log: LogStanding = stand(store_of(case)).logs[case["origin"]]
    faces: tuple[Face, ...] = log.faces
    found = {
        "n_standing": [face.n_standing for face in faces],
        "two_faced": log.two_faced,
        "contested": log.history.contested,
    }
    assert found == case["expect"]
    our_truth(not log.two_faced and not log.history.contested and not log.n_disputed)


def our_payload(case: Case) -> None:
    read_payload(Payload(**case["payload"]), bytes_of(case, "blob"), case["log"])


OURS: dict[str, Callable[[Case], object]] = {
    "canonical": lambda case: canonical.parse_canonical(bytes_of(case, "data"), limit=65_535),
    "entry": our_entry,
    "delegate": lambda case: our_truth(is_signed_by_delegate(parse_entry(bytes_of(case, "data")))),
    "body": lambda case: our_truth(bool(facts_of(bytes_of(case, "data"), case["log"], case["n"]))),
    "verifier_key": our_verifier_key,
    "signature": lambda case: our_truth(
        ed25519.is_valid(bytes_of(case, "public"), bytes_of(case, "message"), bytes_of(case, "signature"))
    ),
    "note": lambda case: open_note(parse_note(bytes_of(case, "note")), keys_of(case)),
    "checkpoint": our_checkpoint,
    "cosignature": our_cosignature,
    "card": lambda case: parse_card(bytes_of(case, "note")),
    "succession": lambda case: parse_succession(bytes_of(case, "note")),
    "inclusion": our_inclusion,
    "consistency": our_consistency,
    "entry_proof": our_entry_proof,
    "equivocation": our_equivocation,
    "payload": our_payload,
    "bundle": lambda case: parse_bundle(bytes_of(case, "bundle"), count=case["count"]),
    "tile_path": lambda case: parse_tile_path(case["path"]),
    "index": lambda case: parse_index(bytes_of(case, "data")),
    "story": our_story,
}


# The second verifier.


def their_keys(case: Case) -> list[Any]:
    return [v.parse_vkey(one["key"], one["name"], one["type"]) for one in case["keys"]]


def their_delegate(case: Case) -> None:
    v.need(v.signed_by_delegate(v.check_entry(bytes_of(case, "data"), case["log"], case["n"])), "false")


def their_body(case: Case) -> None:
    v.check_body(v.check_entry(bytes_of(case, "data"), case["log"], case["n"]))


def their_checkpoint(case: Case) -> None:
    note = v.parse_note(bytes_of(case, "checkpoint"))
    name = v.parse_checkpoint(note.text)[0]
    v.open_note(note, [key for key in their_keys(case) if key.name == name])


def their_cosignature(case: Case) -> None:
    v.parse_checkpoint(case["head_text"])
    v.open_note(v.parse_note((case["head_text"] + "\n" + case["line"]).encode()), their_keys(case))


def their_key_note(case: Case, card: bool) -> None:
    v.need((v.parse_key_note(bytes_of(case, "note")).number == 0) == card, "the other sort")


def their_inclusion(case: Case) -> None:
    leaf, root = bytes_of(case, "leaf"), bytes_of(case, "root")
    v.need(v.inclusion_root(leaf, case["index"], case["size"], hashes_of(case)) == root, "false")


def their_consistency(case: Case) -> None:
    roots = bytes_of(case, "old_root"), bytes_of(case, "new_root")
    v.need(v.consistency_roots(case["old"], case["new"], hashes_of(case), roots[0]) == roots, "false")


def their_entry_proof(case: Case) -> None:
    index, hashes, note = v.parse_proof(bytes_of(case, "proof"))
    name, size, root = v.parse_checkpoint(note.text)
    v.open_note(note, [key for key in their_keys(case) if key.name == name])
    leaf = v.sha256(b"\0", bytes_of(case, "entry"))
    v.need(v.inclusion_root(leaf, index, size, hashes) == root, "false")


def their_equivocation(case: Case) -> None:
    later = [v.parse_key_note(bytes.fromhex(one)) for one in case["successions_hex"]]
    chain = v.build_chain(v.parse_key_note(bytes_of(case, "card")), later)
    v.verify_equivocation(bytes_of(case, "proof"), chain)


def their_bundle(case: Case) -> None:
    found = v.split_bundle(bytes_of(case, "bundle"), case["count"])
    v.need(len(found) == case["count"], "too many")


def their_story(case: Case, folder: Path) -> None:
    store = store_of(case)
    published = Publication(store, stand(store))
    for path in published.paths():
        data = published.read(path)
        assert data is not None
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    record = v.Record(v.Source(folder), {})
    (log,) = record.logs.values()
    stands = {
        number: next(face.stands for face in log.faces if face.root == parse_checkpoint(data).head.root)
        for number, data in enumerate(bytes_of(one, "checkpoint") for one in case["faces"])
    }
    # It says of each face how much its own key speaks for; what another face shares and stands is added here.
    rows = [one["entries_hex"] for one in case["faces"]]
    found = []
    for one in rows:
        best = 0
        for number, other in enumerate(rows):
            pairs = zip(one, other, strict=False)
            shared = next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
            best = max(best, min(shared, stands.get(number, 0)))
        found.append(best)
    assert found == case["expect"]["n_standing"], record.notices + record.problems
    assert any("has two faces" in one for one in record.notices) == case["expect"]["two_faced"]
    assert any("contest" in one for one in record.notices) == case["expect"]["contested"]
    v.need(case["valid"], "decided above")


THEIRS: dict[str, Callable[[Case], object]] = {
    "canonical": lambda case: v.parse_canonical(bytes_of(case, "data")),
    "entry": lambda case: v.check_entry(bytes_of(case, "data"), case["log"], case["n"]),
    "delegate": their_delegate,
    "body": their_body,
    "verifier_key": lambda case: v.parse_vkey(case["text"], case["key_name"], case["type"]),
    "signature": lambda case: v.need(
        v.verify_signature(bytes_of(case, "public"), bytes_of(case, "signature"), bytes_of(case, "message")),
        "false",
    ),
    "note": lambda case: v.open_note(v.parse_note(bytes_of(case, "note")), their_keys(case)),
    "checkpoint": their_checkpoint,
    "cosignature": their_cosignature,
    "card": lambda case: their_key_note(case, True),
    "succession": lambda case: their_key_note(case, False),
    "inclusion": their_inclusion,
    "consistency": their_consistency,
    "entry_proof": their_entry_proof,
    "equivocation": their_equivocation,
    "bundle": their_bundle,
}


# The tests.


@cache
def sections() -> dict[str, list[Case]]:
    found = {}
    for path in sorted(FOLDER.glob("*.json")):
        section = json.loads(path.read_text("utf-8"))
        found[section["kind"]] = section["cases"]
    return found


CASES = [
    pytest.param(kind, case, id=f"{kind}: {case['name']}".encode("ascii", "replace").decode())
    for kind, cases in sections().items()
    for case in cases
]


def test_writing_the_vectors_again_changes_no_byte() -> None:
    made = dict(vectors.files())
    assert {path.name: path.read_bytes() for path in FOLDER.glob("*.json")} == made
    assert dict(vectors.files()) == made


def test_there_are_enough_cases_and_half_of_them_must_fail() -> None:
    cases = [case for some in sections().values() for case in some]
    assert len(cases) >= 120
    assert 2 * sum(not case["valid"] for case in cases) >= len(cases)
    for kind, some in sections().items():
        names = [case["name"] for case in some]
        assert len(names) == len(set(names)), kind
        assert {case["valid"] for case in some} == {True, False}, kind
        assert all(case["why"] for case in some)


def test_every_kind_is_decided_twice_or_listed() -> None:
    assert set(OURS) == set(sections())
    assert set(THEIRS) | {"story"} | set(NOT_COVERED) == set(sections())
    assert not (set(THEIRS) | {"story"}) & set(NOT_COVERED)


@pytest.mark.parametrize(("kind", "case"), CASES)
def test_our_code(kind: str, case: Case) -> None:
    if case["valid"]:
        OURS[kind](case)
    else:
        with pytest.raises(InputError):
            OURS[kind](case)


@pytest.mark.parametrize(("kind", "case"), [one for one in CASES if one.values[0] not in NOT_COVERED])
def test_the_second_verifier(kind: str, case: Case, tmp_path: Path) -> None:
    decide = THEIRS.get(kind, lambda one: their_story(one, tmp_path))
    otherwise = (kind, case["name"]) in OTHERWISE
    if case["valid"] != otherwise:
        decide(case)
    else:
        with pytest.raises(v.Refused):
            decide(case)
