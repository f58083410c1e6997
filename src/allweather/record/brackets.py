"""When was it said: a bracket between what an entry had seen and the first who acknowledged it.

An author's clock is only a claim. What its entry had seen was there before it; whoever cosigned a head that
covers the entry held it by then. So the bracket rests on the clocks of others, and says whose.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from allweather.record.checkpoints import Head
from allweather.record.entries import Entry, seen_heads
from allweather.record.facts import Acknowledgement


@dataclass(frozen=True, slots=True)
class Bound:
    """One side of a bracket: at `time` (seconds since 1970) by the clock of `member`."""

    time: int
    member: str


@dataclass(frozen=True, slots=True)
class Bracket:
    """After each of `after`, before each of `before`: the latest first, and the earliest first."""

    claimed: int
    after: tuple[Bound, ...]
    before: tuple[Bound, ...]

    def latest_start(self, witnesses: int = 1) -> int | None:
        """The latest time that `witnesses` different members place before the entry; None without so many."""
        return _nth(self.after, witnesses)

    def earliest_end(self, witnesses: int = 1) -> int | None:
        """The earliest time by which `witnesses` different members held the entry; None without so many."""
        return _nth(self.before, witnesses)


def bracket(
    entry: Entry,
    heads_seen: Mapping[str, int],
    acknowledgements: Iterable[Acknowledgement],
    covers: Iterable[Head],
) -> Bracket:
    """The bracket of an entry.

    `heads_seen` gives, for each log, how many of its entries the author had seen by then (`seen_before`);
    `acknowledgements` are those that stand, with cosignatures verified; `covers` are the heads of the entry's
    own log on the entry's face, at sizes beyond its index.
    """
    covering = {(head.origin, head.size, head.root) for head in covers}
    after: dict[str, int] = {}
    before: dict[str, int] = {}
    for one in acknowledgements:
        member = one.place.origin
        if one.place.index < heads_seen.get(member, 0) and member != entry.log:
            after[member] = max(after.get(member, 0), one.time)
        if (one.head.origin, one.head.size, one.head.root) in covering:
            before[member] = min(before.get(member, one.time), one.time)
    return Bracket(
        entry.at,
        tuple(sorted((Bound(time, member) for member, time in after.items()), key=_latest)),
        tuple(sorted((Bound(time, member) for member, time in before.items()), key=_earliest)),
    )


def seen_before(entries: Sequence[Entry]) -> dict[str, int]:
    """How much of each log the author had seen, over its own entries up to and with the last one given."""
    found: dict[str, int] = {}
    for entry in entries:
        for head in seen_heads(entry):
            found[head.origin] = max(found.get(head.origin, 0), head.size)
    return found


def _latest(bound: Bound) -> tuple[int, str]:
    return -bound.time, bound.member


def _earliest(bound: Bound) -> tuple[int, str]:
    return bound.time, bound.member


def _nth(bounds: Sequence[Bound], number: int) -> int | None:
    return bounds[number - 1].time if 0 < number <= len(bounds) else None
