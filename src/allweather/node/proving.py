"""Proofs that fit in files: made from a record that is held, and checked without any.

The files of an entry are what an outsider needs: the entry, its `.tlog-proof` (C2SP) with the cosignatures
held, the card of its log with the successions after it, the cards of the cosigners, and the payload.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from allweather.errors import InputError, NotVerified, UnknownName
from allweather.node.exploring import RecordView, placed
from allweather.record.checkpoints import parse_checkpoint
from allweather.record.entries import parse_entry
from allweather.record.keys import VerifierKey, origin_of_witness, parse_base64
from allweather.record.members import Card, Succession, Voices, key_history, parse_card, parse_succession
from allweather.record.merkle import prove_inclusion
from allweather.record.proofs import (
    EntryProof,
    format_entry_proof,
    parse_entry_proof,
    parse_equivocation,
    verify_entry_proof,
    verify_equivocation,
)
from allweather.record.storage import read_nodes
from allweather.sync.layout import Publication, branch_prefix

Files = dict[str, bytes]
LIMITS = (
    "that what the entries say is true",
    "that a member has said everything here, or that others hold the same",
    "that a clock was right: times are bounded by cosignatures, each by its member's own clock",
    "who stands behind a name whose card was not pinned: such a card is believed at first sight",
)
"""What no check of a record shows."""

ENTRY, PROOF, CARD, PAYLOAD = "entry.json", "entry.tlog-proof", "card", "payload"


def prove_entry(view: RecordView, origin: str, index: int, number: int | None = None) -> Files:
    """The files of an entry, by name. Raises UnknownName if it is not held here."""
    branch = view.face(origin, index, number).branch
    (data,) = view.storage.entries(branch, index, index + 1)
    note = Publication(view.storage, view.standing).read(f"{branch_prefix(origin, branch.number)}checkpoint")
    if note is None:
        raise UnknownName(f"the head of {origin} is not held here")
    checkpoint = parse_checkpoint(note)
    hashes = prove_inclusion(index, branch.head.size, read_nodes(view.storage, branch))
    card, *later = view.storage.key_notes(origin)
    files = {
        ENTRY: data,
        PROOF: format_entry_proof(EntryProof(index, hashes, checkpoint)),
        CARD: card,
        **{f"succession-{k}": one for k, one in enumerate(later, 1)},
    }
    for line in checkpoint.note.signatures:
        if line.name != origin:
            member = origin_of_witness(line.name)
            files[f"cosigner-{member.replace('/', '-')}"] = view.storage.key_notes(member)[0]
    entry = placed(data, origin, index)
    if entry is not None and entry.payload is not None:
        blob = view.storage.payload(parse_base64(entry.payload.hash))
        if blob is not None:
            files[PAYLOAD] = blob
    return files


def prove_faces(view: RecordView, origin: str) -> bytes:
    """The proof that a log has two faces. Raises UnknownName if nothing held here shows that."""
    view.log(origin)
    proofs = view.storage.equivocations(origin)
    if not proofs:
        raise UnknownName(f"nothing that is held here shows two faces of {origin}")
    return proofs[0]


# Checking


def check_files(files: Files, *, where: str = "") -> dict[str, Any]:
    """Check the files of an entry by the cards among them. Raises NotVerified, Malformed."""
    cards = [parse_card(data) for name, data in files.items() if name == CARD or name.startswith("cosigner-")]
    later = [parse_succession(data) for name, data in sorted(files.items()) if name.startswith("succession-")]
    return check_entry(files[PROOF], files[ENTRY], cards, later, where=where)


def check_entry(
    proof_data: bytes,
    content: bytes,
    cards: Sequence[Card],
    later: Sequence[Succession],
    *,
    where: str = "",
    entry_where: str = "",
) -> dict[str, Any]:
    """Check a proof of an entry, given its bytes, by the cards and successions given; what it shows.

    Raises NotVerified, Malformed, InputError.
    """
    proof = parse_entry_proof(proof_data, where=where)
    head = proof.checkpoint.head
    card, keys = _log_keys(head.origin, where, cards, later)
    witnesses = [one.keys.witness for one in cards if one.origin != head.origin]
    signed = verify_entry_proof(proof, content, [*keys, *witnesses], where=where)
    entry = parse_entry(content, where=entry_where)
    if (entry.log, entry.n) != (head.origin, proof.index):
        raise NotVerified(
            f"the entry says that it is {entry.n} of {entry.log}, not {proof.index} of {head.origin}",
            where=entry_where,
        )
    by = sorted(origin_of_witness(key.name) for key in signed if key in witnesses)
    return {
        "card": card.digest.hex(),
        "cosigners": by,
        "holds": True,
        "n": proof.index,
        "origin": head.origin,
        "sentences": [
            f"This is entry {proof.index} of {head.origin}, under its signed head of {head.size} entries, "
            f"cosigned by {', '.join(by) or 'nobody whose card was given'}.",
            f"It rests on the card {card.digest.hex()}: compare it with the digest that the member gave you.",
            "Whether the entry still stands depends on successions that were not given here.",
        ],
        "size": head.size,
    }


def check_faces(
    data: bytes, cards: Sequence[Card], later: Sequence[Succession], *, where: str = ""
) -> dict[str, Any]:
    """Check a proof of two faces by the log's card; what it shows. Raises NotVerified, Malformed."""
    proof = parse_equivocation(data, where=where)
    small, large = proof.smaller.head, proof.larger.head
    card, keys = _log_keys(small.origin, where, cards, later)
    verify_equivocation(proof, keys, where=where)
    return {
        "card": card.digest.hex(),
        "holds": True,
        "origin": small.origin,
        "sentences": [
            f"The keeper of {small.origin} signed two heads, of {small.size} and of {large.size} entries, of "
            "which the first is not the beginning of the second: its log has two faces.",
            f"It rests on the card {card.digest.hex()}: compare it with the digest that the member gave you.",
        ],
        "sizes": [small.size, large.size],
    }


def _log_keys(
    origin: str, where: str, cards: Sequence[Card], later: Sequence[Succession]
) -> tuple[Card, tuple[VerifierKey, ...]]:
    """The card of a log and the keys that speak for it, as far as the successions given say."""
    mine = [card for card in cards if card.origin == origin]
    if len(mine) != 1:
        raise InputError(f"this is about {origin}: give the one card of that log", where=where)
    history = key_history(
        mine[0], [one for one in later if one.origin == origin], Voices(lambda digest: 0, None, 1)
    )
    return mine[0], history.log_keys
