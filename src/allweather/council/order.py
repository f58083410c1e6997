"""What each author had seen, and by when others held what it wrote.

Nobody's clock is believed about its own words. An entry lies after everything that its author had seen, and
before the cosignatures of others that cover it. Both come from entries of the record: the heads `seen`, and
acknowledgements. All of it is a set; in which order it arrives makes no difference.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from allweather.record.entries import Entry
from allweather.record.facts import acknowledged


class Held(NamedTuple):
    """A member other than the author, and a time by its clock (seconds since 1970)."""

    at: int
    member: str


class _Steps:
    """A growing quantity along a log: (place, value) pairs, asked for the largest value up to a place."""

    __slots__ = ("_dirty", "_places", "_values", "raw")

    def __init__(self) -> None:
        self.raw: dict[int, int] = {}
        self._dirty = False
        self._places: list[int] = []
        self._values: list[int] = []

    def add(self, place: int, value: int) -> None:
        if value > self.raw.get(place, -1):
            self.raw[place] = value
            self._dirty = True

    def up_to(self, place: int) -> int:
        """The largest value at a place of at most this one; 0 before the first."""
        if self._dirty:
            self._settle()
        found = bisect_right(self._places, place)
        return self._values[found - 1] if found else 0

    def _settle(self) -> None:
        self._places = sorted(self.raw)
        self._values = []
        best = 0
        for place in self._places:
            best = max(best, self.raw[place])
            self._values.append(best)
        self._dirty = False


class Order:
    """Who had seen what, and who held what when, over everything that was taken in."""

    def __init__(self) -> None:
        # author -> other log -> how much of it the author had seen, by the index of the author's entries
        self._seen: dict[str, dict[str, _Steps]] = defaultdict(lambda: defaultdict(_Steps))
        # log -> witness -> size held -> earliest and latest time at which it said so
        self._acks: dict[str, dict[str, dict[int, tuple[int, int]]]] = defaultdict(lambda: defaultdict(dict))
        # witness -> the latest time that its acknowledgements up to an index state
        self._clock: dict[str, _Steps] = defaultdict(_Steps)

    def add_entry(self, entry: Entry) -> None:
        """Take in the heads that an entry lists as seen."""
        if entry.seen:
            seen = self._seen[entry.log]
            for origin, size, _ in entry.seen:
                seen[origin].add(entry.n, size)

    def add_acknowledgement(self, entry: Entry) -> None:
        """Take in what an acknowledgement says: which heads a member held, and when by its own clock."""
        witness, acks = entry.log, self._acks
        latest = -1
        for origin, size, at in acknowledged(entry):
            sizes = acks[origin][witness]
            known = sizes.get(size)
            sizes[size] = (at, at) if known is None else (min(known[0], at), max(known[1], at))
            latest = max(latest, at)
        if latest >= 0:
            self._clock[witness].add(entry.n, latest)

    def n_seen(self, author: str, index: int, origin: str) -> int:
        """How many entries of `origin` the author of that entry had seen when it wrote it."""
        if author == origin:
            return index
        logs = self._seen.get(author)
        steps = logs.get(origin) if logs else None
        return steps.up_to(index) if steps else 0

    def held_by(self, origin: str, index: int) -> list[Held]:
        """Each member that held the entry, with the earliest time by its own clock; the earliest first."""
        found = []
        for member, sizes in self._acks.get(origin, {}).items():
            times = [first for size, (first, _) in sizes.items() if size > index]
            if times:
                found.append(Held(min(times), member))
        return sorted(found)

    def held_without(self, origin: str, index: int) -> list[Held]:
        """Each member that held the log without that entry, with the latest time; the latest first."""
        found = []
        for member, sizes in self._acks.get(origin, {}).items():
            times = [last for size, (_, last) in sizes.items() if size <= index]
            if times:
                found.append(Held(max(times), member))
        return sorted(found, reverse=True)

    def known_after(self, author: str, index: int) -> list[Held]:
        """Times of others that the author had seen stated when it wrote the entry; the latest first.

        The entry was made after each of them, if that member's clock is right.
        """
        found = []
        for member in self._seen.get(author, {}):
            n_seen = self.n_seen(author, index, member)
            at = self._clock[member].up_to(n_seen - 1) if member in self._clock else 0
            if at:
                found.append(Held(at, member))
        return sorted(found, reverse=True)

    def latest(self, n_witnesses: int) -> int:
        """A time that the record itself shows to have come: what that many members' clocks state at least."""
        return (
            nth(
                sorted(
                    (Held(steps.up_to(2**53), member) for member, steps in self._clock.items()), reverse=True
                ),
                n_witnesses,
            )
            or 0
        )


def nth(held: Iterable[Held], number: int) -> int | None:
    """The time of the `number`-th of a list, counted from 1; None if it is shorter."""
    for place, one in enumerate(held, start=1):
        if place == number:
            return one.at
    return None
