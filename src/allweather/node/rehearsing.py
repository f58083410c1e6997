"""Rehearsals: a clock that is wrong or fast, a network that loses requests, a cut, a log that is withheld.

None of this touches what is signed or believed. A node has it only where its door was asked for a rehearsal.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from allweather.errors import InputError, StoreError

_CLOCK = re.compile(r"([+-]\d{1,10})?(?:x(\d{1,6}(?:\.\d{1,3})?)(?:@(\d{1,12}))?)?", re.ASCII)


def parse_clock(text: str, seconds: Callable[[], float]) -> Callable[[], int]:
    """A clock that is `OFFSET[xSPEED[@START]]` away from `seconds`: `+86400`, `x600`, `-60x10@1790000000`.

    It runs SPEED times as fast from START on (seconds since 1970; without it, from now). Raises InputError.
    """
    found = _CLOCK.fullmatch(text)
    if found is None or not text:
        raise InputError(f"{text!r:.40} is no clock; write +86400, x600, or x600@1790000000")
    offset, speed = int(found[1] or 0), float(found[2] or 1)
    start = float(found[3]) if found[3] else seconds()
    return lambda: max(0, int(start + (seconds() - start) * speed + offset))


class Dice:
    """Numbers from 0 to below 1 that a seed decides; may be used from several threads."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._thrown = 0
        self._busy = threading.Lock()

    def __call__(self) -> float:
        """The next number."""
        with self._busy:
            self._thrown += 1
            count = self._thrown
        digest = hashlib.sha256(self._seed + count.to_bytes(8, "big")).digest()
        return int.from_bytes(digest[:6], "big") / 2**48


@dataclass(slots=True)
class Weather:
    """What goes wrong on purpose. `drop` is the share of outgoing requests that are lost."""

    drop: float = 0.0
    dice: Callable[[], float] = field(default=lambda: 1.0)
    withheld: frozenset[str] = frozenset()
    rehearsal: bool = False
    is_cut: bool = False

    def check_way_out(self, where: str) -> None:
        """Raise StoreError if a request to another node is lost."""
        if self.is_cut:
            raise StoreError(f"{where} cannot be reached: this node is cut off for a rehearsal")
        if self.drop and self.dice() < self.drop:
            raise StoreError(f"{where} cannot be reached: the request was lost for a rehearsal")
