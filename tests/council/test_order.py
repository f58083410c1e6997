"""Who held what when: asked for quickly, and the same as by looking at every acknowledgement."""

from __future__ import annotations

import random

import pytest

from allweather.council.order import Held, Order
from allweather.record.checkpoints import Head
from allweather.record.entries import VERSION, Entry
from allweather.record.facts import ACK, ack_body
from allweather.record.notes import NoteSignature

_LINE = NoteSignature("witness", bytes(4), (1).to_bytes(8, "big") + bytes(64))
_LOGS = ("c/ann", "c/ben", "c/cat")
Said = tuple[str, str, int, int]


def _acknowledgement(witness: str, number: int, said: list[Said]) -> Entry:
    heads = [(Head(origin, size, bytes(32)), at, _LINE) for _, origin, size, at in said]
    return Entry(VERSION, witness, number, ACK, 1, ack_body(heads))


@pytest.mark.parametrize("seed", range(20))
def test_held_by_and_without_are_the_extremes_of_what_was_said(seed: int) -> None:
    dice = random.Random(seed)
    order, said = Order(), list[Said]()
    claims = {origin: [dice.randint(1, 99) for _ in range(12)] for origin in _LOGS}
    for origin, times in claims.items():
        for n, at in enumerate(times):
            order.add_entry(Entry(VERSION, origin, n, "a.b", at, {}))
    for number in range(40):
        witness = dice.choice(_LOGS)
        others = [one for one in _LOGS if one != witness]
        new = [(witness, origin, dice.randint(1, 12), dice.randint(1, 99)) for origin in others]
        order.add_acknowledgement(_acknowledgement(witness, number, new))
        said += new
        # Asked in between as well: what was found before must not outlive a later acknowledgement.
        origin, index = dice.choice(_LOGS), dice.randint(0, 12)
        by = dice.randint(0, 99)
        start = next((n for n, at in enumerate(claims[origin]) if at > by), 99)
        held, without = _by_looking(said, origin, index, start)
        assert order.held_by(origin, index) == held
        assert order.held_without(origin, index, by) == without


def _by_looking(said: list[Said], origin: str, index: int, start: int) -> tuple[list[Held], list[Held]]:
    about = [one for one in said if one[1] == origin]
    held: dict[str, int] = {}
    without: dict[str, int] = {}
    for witness, _, size, at in about:
        if size > index:
            held[witness] = min(at, held.get(witness, at))
        elif size > start:
            without[witness] = max(at, without.get(witness, at))
    return (
        sorted(Held(at, member) for member, at in held.items()),
        sorted((Held(at, member) for member, at in without.items()), reverse=True),
    )


def test_times_known_are_the_latest_of_each_acknowledgement() -> None:
    order = Order()
    order.add_acknowledgement(_acknowledgement("c/ben", 0, [("", "c/ann", 1, 50), ("", "c/cat", 1, 70)]))
    order.add_entry(Entry(VERSION, "c/ann", 1, "a.b", 1, {}, seen=(("c/ben", 1, "A" * 43 + "="),)))
    assert order.known_after("c/ann", 1) == [Held(70, "c/ben")]
    assert order.known_after("c/ann", 0) == []
