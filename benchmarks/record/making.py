"""Logs to measure with: the same bytes on every machine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from allweather.record.keys import Signer, log_signer, recovery_signer, witness_signer
from allweather.record.members import Card, make_card
from allweather.record.notes import format_note
from allweather.record.standing import LogStanding, stand
from allweather.record.storage import Batch, Storage
from allweather.record.writing import Draft, write

COUNCIL = "bench"
AT = 1_700_000_000
_SENTENCE = "We support the proposal in its present form, provided that paragraph 4 keeps the visits. "
_WORDS = _SENTENCE + (
    "The first of them should take place before the end of the year; we ask that this be minuted. "
)


def seed_of(*parts: object) -> bytes:
    """32 bytes fixed by their parts."""
    return hashlib.sha256(repr(parts).encode()).digest()


def signers(number: int) -> tuple[Signer, Signer, Signer]:
    """The keys of member `number`."""
    origin = f"{COUNCIL}/m{number:02d}"
    return (
        log_signer(origin, seed_of(origin, "log")),
        witness_signer(origin, seed_of(origin, "witness")),
        recovery_signer(origin, seed_of(origin, "recovery")),
    )


def cards(n_members: int) -> tuple[Card, ...]:
    """The cards of the first members."""
    return tuple(make_card(*signers(number)) for number in range(n_members))


def meet(store: Storage, n_members: int) -> None:
    """Take in the cards."""
    store.commit(Batch(key_notes=tuple((card.origin, format_note(card.note)) for card in cards(n_members))))


def drafts(start: int, count: int, *, short: bool = False) -> list[Draft]:
    """Entries with a body of two sentences, or of one, each with other words."""
    words = _SENTENCE if short else _WORDS
    return [
        Draft(
            "bench.word", {"text": f"{words}({number})", "title": f"Statement {number}", "track": number % 17}
        )
        for number in range(start, start + count)
    ]


def grow(store: Storage, member: int, count: int, *, batch: int, short: bool = False) -> None:
    """Let a member write `count` entries into a store, `batch` under each checkpoint."""
    for one in batches(store, member, count, batch=batch, short=short):
        store.commit(one)


def batches(store: Storage, member: int, count: int, *, batch: int, short: bool = False) -> Iterator[Batch]:
    """The batches in which a member writes; each must be committed before the next is asked for."""
    log = signers(member)[0]
    for start in range(0, count, batch):
        made = min(batch, count - start)
        yield write(store, standing_of(store, log.name), log, drafts(start, made, short=short), at=AT + start)


def standing_of(store: Storage, origin: str) -> LogStanding:
    """Where a log stands, without reading its entries again (none of them concerns the record itself)."""
    return stand(store, {}).logs[origin]
