"""What each author had seen, and by when others held what it wrote.

Nobody's clock is believed about its own words. An entry lies after everything that its author had seen, and
before the cosignatures of others that cover it. Both come from entries of the record: the heads `seen`, and
acknowledgements. All of it is a set; in which order it arrives makes no difference.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from itertools import accumulate
from typing import NamedTuple

from allweather.council.findings import ANYTHING, Reads
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

    def first_above(self, value: int) -> int | None:
        """The first place with a larger value than this one; None if there is none."""
        if self._dirty:
            self._settle()
        found = bisect_right(self._values, value)
        return self._places[found] if found < len(self._places) else None

    def _settle(self) -> None:
        self._places = sorted(self.raw)
        self._values = []
        best = 0
        for place in self._places:
            best = max(best, self.raw[place])
            self._values.append(best)
        self._dirty = False


class _Acks:
    """What one member acknowledged of one log: sizes, each with the earliest and latest time it said so."""

    __slots__ = ("_dirty", "_first", "_most", "_sizes", "raw")

    def __init__(self) -> None:
        self.raw: dict[int, tuple[int, int]] = {}
        self._most = 0
        self._dirty = False
        self._sizes: list[int] = []
        self._first: list[int] = []

    def add(self, size: int, at: int) -> int:
        """Take in one; the first index whose earliest time may be another now.

        What the largest size so far covers was held no later than when that was said.
        """
        start = self._most if size > self._most and self._most and at >= self.raw[self._most][0] else 0
        self._most = max(self._most, size)
        known = self.raw.get(size)
        self.raw[size] = (at, at) if known is None else (min(known[0], at), max(known[1], at))
        self._dirty = True
        return start

    def first_with(self, index: int) -> int | None:
        """The earliest time at which it held the entry; None if it never said so."""
        if self._dirty:
            self._settle()
        found = bisect_right(self._sizes, index)
        return self._first[found] if found < len(self._sizes) else None

    def last_without(self, index: int, start: int) -> int | None:
        """The latest time at which it held the log beyond `start` without the entry; None if never."""
        if self._dirty:
            self._settle()
        sizes = self._sizes[bisect_right(self._sizes, start) : bisect_right(self._sizes, index)]
        return max((self.raw[one][1] for one in sizes), default=None)

    def _settle(self) -> None:
        self._sizes = sorted(self.raw)
        # The earliest of each size and all larger ones.
        self._first = list(accumulate((self.raw[one][0] for one in reversed(self._sizes)), min))[::-1]
        self._dirty = False


class Order:
    """Who had seen what, and who held what when, over everything that was taken in.

    `reads` is told what is asked here and what changes.
    """

    def __init__(self, reads: Reads | None = None) -> None:
        self._reads = reads or Reads()
        # author -> other log -> how much of it the author had seen, by the index of the author's entries
        self._seen: dict[str, dict[str, _Steps]] = defaultdict(lambda: defaultdict(_Steps))
        # log -> witness -> how much of it the witness held when
        self._acks: dict[str, dict[str, _Acks]] = defaultdict(lambda: defaultdict(_Acks))
        # log -> index -> what `held_by` found; dropped when an acknowledgement may make it another
        self._held: dict[str, dict[int, list[Held]]] = defaultdict(dict)
        # log -> one more than the largest index that was taken in
        self._n_held: dict[str, int] = {}
        # log -> the times that its author claims, by the index of its entries
        self._claims: dict[str, _Steps] = defaultdict(_Steps)
        # witness -> the latest time that its acknowledgements up to an index state
        self._clock: dict[str, _Steps] = defaultdict(_Steps)

    def add_entry(self, entry: Entry) -> None:
        """Take in the heads that an entry lists as seen."""
        self._n_held[entry.log] = max(self._n_held.get(entry.log, 0), entry.n + 1)
        self._claims[entry.log].add(entry.n, entry.at)
        if entry.seen:
            seen = self._seen[entry.log]
            for origin, size, _ in entry.seen:
                seen[origin].add(entry.n, size)

    def add_acknowledgement(self, entry: Entry) -> None:
        """Take in what an acknowledgement says: which heads a member held, and when by its own clock."""
        witness, acks = entry.log, self._acks
        latest = -1
        for origin, size, at in acknowledged(entry):
            start = acks[origin][witness].add(size, at)
            known = self._held.get(origin)
            if known:
                for index in [one for one in known if start <= one < size]:
                    del known[index]
            findings = self._reads.findings
            if findings is not None:
                findings.changed_at("held", origin, start, size)
                findings.changed_at("held without", origin, size)
            latest = max(latest, at)
        if latest >= 0:
            self._clock[witness].add(entry.n, latest)
            if self._reads.findings is not None:
                self._reads.findings.changed_at("clock", witness, entry.n)

    def _note(self, about: str, origin: str, index: int) -> None:
        """Note that a place was asked for."""
        if self._reads.spots is not None:
            self._reads.spots.add((about, origin, index))

    def _note_author(self, author: str, index: int) -> None:
        """Note that it was asked what an author had seen: it cannot change once the entry is held."""
        if self._reads.asked is not None and index >= self._n_held.get(author, 0):
            self._reads.asked.add(ANYTHING)

    def n_seen(self, author: str, index: int, origin: str) -> int:
        """How many entries of `origin` the author of that entry had seen when it wrote it."""
        if author == origin:
            return index
        self._note_author(author, index)
        logs = self._seen.get(author)
        steps = logs.get(origin) if logs else None
        return steps.up_to(index) if steps else 0

    def held_by(self, origin: str, index: int) -> list[Held]:
        """Each member that held the entry, with the earliest time by its own clock; the earliest first."""
        self._note("held", origin, index)
        known = self._held[origin]
        if index not in known:
            found = ((acks.first_with(index), member) for member, acks in self._acks.get(origin, {}).items())
            known[index] = sorted(Held(at, member) for at, member in found if at is not None)
        return known[index]

    def held_without(self, origin: str, index: int, by: int) -> list[Held]:
        """Each member that held what the author itself dates after `by`, and not yet that entry.

        With the latest time at which it did; the latest first. An older head does not count, however late it
        reached somebody: a member that was cut off cannot help that others pass on what they had of it.
        """
        self._note("held without", origin, index)
        self._note_author(origin, index)
        start = self._claims[origin].first_above(by) if origin in self._claims else None
        if start is None or start >= index:
            return []
        found = ((acks.last_without(index, start), who) for who, acks in self._acks.get(origin, {}).items())
        return sorted((Held(at, member) for at, member in found if at is not None), reverse=True)

    def known_after(self, author: str, index: int) -> list[Held]:
        """Times of others that the author had seen stated when it wrote the entry; the latest first.

        The entry was made after each of them, if that member's clock is right.
        """
        found = []
        self._note_author(author, index)
        for member in self._seen.get(author, {}):
            n_seen = self.n_seen(author, index, member)
            if n_seen > self._n_held.get(member, 0):
                self._note("clock", member, n_seen - 1)
            at = self._clock[member].up_to(n_seen - 1) if member in self._clock else 0
            if at:
                found.append(Held(at, member))
        return sorted(found, reverse=True)

    def latest(self, n_witnesses: int) -> int:
        """A time that the record itself shows to have come: what that many members' clocks state at least."""
        if self._reads.asked is not None:
            self._reads.asked.add(ANYTHING)
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
