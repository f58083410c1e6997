"""The minutes: one tree over everything that was on the record, derived alike by every node.

Members present sign the same frontier, a head of every log. Once more than half of the council has signed
one, its entries join the minutes in a fixed order. The tree's head has no log key of its own: members cosign
it with their witness keys, so that an outsider needs to hold one head only. A log that comes late enters a
later epoch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from allweather.errors import Refused
from allweather.record.checkpoints import Head
from allweather.record.facts import FrontierSigned
from allweather.record.keys import format_base64
from allweather.record.merkle import EMPTY_ROOT, Edge, leaf_hash

ReadLeaves = Callable[[Head, int], Sequence[bytes]]
"""Gives the leaf hashes of a log from an index up to the head's size; Refused if the head is not held."""


@dataclass(frozen=True, slots=True)
class Minutes:
    """The minutes after some epochs. `sizes` says how far each log is in them."""

    council: str
    epoch: int = 0
    edge: Edge = field(default_factory=Edge)
    sizes: tuple[tuple[str, int], ...] = ()

    @property
    def head(self) -> Head:
        """`<council>/minutes` with size and root: what members cosign."""
        return Head(f"{self.council}/minutes", self.edge.size, self.edge.root())

    @property
    def before(self) -> tuple[int, bytes]:
        """Size and root, as the frontier of the next epoch names them."""
        return self.edge.size, self.edge.root() if self.edge.size else EMPTY_ROOT


def minutes_leaf(origin: str, index: int, leaf: bytes) -> bytes:
    """The line that stands for one entry in the minutes."""
    return f"{origin} {index} {format_base64(leaf)}\n".encode()


def next_epoch(
    minutes: Minutes, heads: Sequence[Head], read: ReadLeaves
) -> tuple[Minutes, tuple[bytes, ...]]:
    """The minutes after one more frontier, and the lines that it adds.

    Raises Refused if a log would go back, or if a head is not held here.
    """
    sizes = dict(minutes.sizes)
    lines: list[bytes] = []
    for head in sorted(heads, key=lambda one: one.origin):
        done = sizes.get(head.origin, 0)
        if head.size < done:
            raise Refused(f"{head.origin} has {done} entries in the minutes; a frontier may not take it back")
        leaves = read(head, done)
        lines += [minutes_leaf(head.origin, done + place, leaf) for place, leaf in enumerate(leaves)]
        sizes[head.origin] = head.size
    edge = minutes.edge.extend([leaf_hash(line) for line in lines])
    grown = Minutes(minutes.council, minutes.epoch + 1, edge, tuple(sorted(sizes.items())))
    return grown, tuple(lines)


def agreed_frontiers(
    signed: Iterable[FrontierSigned], minutes: Minutes, n_members: int
) -> tuple[tuple[Head, ...], ...]:
    """The frontiers for the next epoch that more than half of the members signed: one, or none.

    Only two-faced members can make it two; then none may be taken, and the list says which contradict each
    other.
    """
    voices: dict[tuple[Head, ...], set[str]] = defaultdict(set)
    for one in signed:
        own = one.place.origin.startswith(f"{minutes.council}/")
        if own and one.epoch == minutes.epoch + 1 and one.before == minutes.before:
            voices[one.heads].add(one.place.origin)
    agreed = [heads for heads, members in voices.items() if 2 * len(members) > n_members]
    return tuple(sorted(agreed, key=lambda heads: [(head.origin, head.size, head.root) for head in heads]))


def derive(
    council: str, signed: Sequence[FrontierSigned], n_members: int, read: ReadLeaves
) -> tuple[Minutes, tuple[bytes, ...]]:
    """The minutes as far as frontiers are agreed, with all their lines.

    Raises Refused if two frontiers of one epoch were agreed, or if a head of an agreed one is not held.
    """
    minutes = Minutes(council)
    lines: list[bytes] = []
    while agreed := agreed_frontiers(signed, minutes, n_members):
        if len(agreed) > 1:
            raise Refused(
                f"two frontiers were agreed for epoch {minutes.epoch + 1}: some members signed both"
            )
        minutes, more = next_epoch(minutes, agreed[0], read)
        lines += more
    return minutes, tuple(lines)
