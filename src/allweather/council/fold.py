"""The fold: everything that was signed, as one set of acts with what relates them.

The law of this room: taking in entries one by one, all at once, twice, or in any order gives the same fold.
It holds because nothing is decided here. A fold only grows; where entries cease to stand (a key was
succeeded, a face was disputed) whoever holds the record folds afresh.
"""

from __future__ import annotations

import copy
import hashlib
from bisect import insort
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from allweather.council.acts import Act, Kinds, make_act, ref_of, short
from allweather.council.bodies import Statement
from allweather.council.findings import ANYTHING, Reads
from allweather.council.forms import Body
from allweather.council.order import Order
from allweather.errors import Malformed, UnknownName
from allweather.record.entries import parse_entry
from allweather.record.facts import ACK, DELEGATE, WITHDRAW, Delegation, facts_of

_B = TypeVar("_B", bound=Body)
_T = TypeVar("_T")


class Acts(Mapping[str, Act]):
    """The acts that are held, by reference. What is not held is noted as asked for: it may come."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._held: dict[str, Act] = {}

    def put(self, act: Act) -> None:
        """Take in an act."""
        self._held[act.ref] = act

    def __getitem__(self, ref: str) -> Act:
        try:
            return self._held[ref]
        except KeyError:
            self._note(ref)
            raise

    def get(self, ref: str, default: Any = None) -> Any:
        """The act of a reference, or `default`."""
        found = self._held.get(ref)
        if found is None:
            self._note(ref)
            return default
        return found

    def __contains__(self, ref: object) -> bool:
        if ref in self._held:
            return True
        self._note(ref)
        return False

    def __len__(self) -> int:
        self._note(ANYTHING)
        return len(self._held)

    def __iter__(self) -> Iterator[str]:
        self._note(ANYTHING)
        return iter(self._held)

    def _note(self, asked: object) -> None:
        if self._reads.asked is not None:
            self._reads.asked.add(asked)


class Fold:
    """The acts of one council: `council` is the first part of its origins, `charter` its pinned charter.

    `kinds` are the kinds of acts to take in, those of rooms above this one included.
    """

    def __init__(self, council: str, kinds: Kinds, *, charter: str = "") -> None:
        self.council = council
        self.charter = charter
        self.kinds = kinds
        self.reads = Reads()
        self.acts = Acts(self.reads)
        self.order = Order(self.reads)
        self.version = 0
        """Grows whenever something new was taken in."""
        self._by_kind: dict[type[Body], list[Act]] = defaultdict(list)
        self._sorted: set[type[Body]] = set()
        self._first: Act | None = None
        self._naming: dict[str, list[Act]] = defaultdict(list)
        self._by_time: list[Act] = []
        self._about: dict[tuple[type[Body], str], list[Act]] = defaultdict(list)
        self._places: dict[tuple[str, int], list[str]] = defaultdict(list)
        self._delegations: dict[tuple[str, str], dict[tuple[int, bytes], str | None]] = defaultdict(dict)
        self._heads: dict[str, tuple[int, str]] = {}
        self._seen: set[str] = set()
        # The references in small heaps by their beginnings, and the hash of each heap: an act changes one.
        self._heaps: dict[str, list[str]] = defaultdict(list)
        self._heap_hashes: dict[str, bytes] = {}
        self._digest = ""
        self._known: tuple[int, dict[Hashable, Any]] = (0, {})

    def memo(self, key: Hashable, compute: Callable[[], _T]) -> _T:
        """What `compute` gives, found once as long as it rests on the same. It may not ask for a time."""
        findings = self.reads.findings
        if findings is not None and findings.is_finding:
            value: _T = findings.find(("fold", key), 0, compute)
            return value
        if self._known[0] != self.version:
            self._known = (self.version, {})
        known = self._known[1]
        if key not in known:
            known[key] = compute()
        found: _T = known[key]
        return found

    def under(self, charter: str) -> Fold:
        """The same acts as seen under another charter; for looking only, and not kept up to date."""
        other = copy.copy(self)
        other.charter, other._known = charter, (0, {})
        return other

    def apply(self, origin: str, start: int, entries: Sequence[bytes]) -> None:
        """Take in entries of a log that stand, the first at index `start`. Twice is as good as once."""
        if not origin.startswith(f"{self.council}/"):
            return
        for index, data in enumerate(entries, start=start):
            ref = ref_of(data)
            if ref in self._seen:
                continue
            self._seen.add(ref)
            self._heaps[ref[:2]].append(ref)
            self._heap_hashes.pop(ref[:2], None)
            self._digest = ""
            self.version += 1
            known = self._heads.get(origin, (0, ""))
            self._heads[origin] = max(known, (index + 1, ref))
            act = self._take(origin, index, ref, data)
            findings = self.reads.findings
            if findings is not None:
                self._tell(act, ref) if index == known[0] else findings.clear()

    def _take(self, origin: str, index: int, ref: str, data: bytes) -> Act | None:
        try:
            entry = parse_entry(data)
        except Malformed:
            return None
        if entry.log != origin or entry.n != index:
            return None
        self.order.add_entry(entry)
        if entry.kind == ACK:
            self.order.add_acknowledgement(entry)
        if entry.kind in (DELEGATE, WITHDRAW):
            for fact in facts_of(data, origin, index):
                if isinstance(fact, Delegation):
                    self._delegations[origin, fact.key][index, fact.place.leaf] = fact.name
        if entry.kind not in self.kinds:
            return None
        try:
            act = make_act(entry, ref, self.kinds)
        except Malformed:
            return None
        self.acts.put(act)
        if self._first is None or (act.origin <= self._first.origin and _place(act) < _place(self._first)):
            self._first = act
        self._places[origin, index].append(ref)
        kind = type(act.body)
        if kind in self._sorted:
            insort(self._by_kind[kind], act, key=_place)
        else:
            self._by_kind[kind].append(act)
        if self._by_time:
            insort(self._by_time, act, key=_time)
        if isinstance(act.body, Statement):
            for name in dict.fromkeys(act.body.names):
                self._naming[name].append(act)
        subject = _subject(act)
        if subject:
            self._about[kind, subject].append(act)
        return act

    def _tell(self, act: Act | None, ref: str) -> None:
        """Tell whoever keeps findings which answers may be others now."""
        assert self.reads.findings is not None
        changed: list[Hashable] = []
        if act is not None:
            kind = type(act.body)
            changed = [ref, kind, (kind, _subject(act))]
            if isinstance(act.body, Statement):
                changed += [(Statement, name) for name in act.body.names]
        self.reads.findings.changed(changed)

    @property
    def heads(self) -> Mapping[str, tuple[int, str]]:
        """How many entries of each log were taken in, and the reference of the last one."""
        self._note(ANYTHING)
        return self._heads

    def _note(self, asked: Hashable) -> None:
        """Note that something was asked."""
        if self.reads.asked is not None:
            self.reads.asked.add(asked)

    def of(self, kind: type[Body]) -> list[Act]:
        """All acts of a kind, by log and index."""
        self._note(kind)
        found = self._by_kind.get(kind)
        if found is None:
            return []
        if kind not in self._sorted:
            found.sort(key=_place)
            self._sorted.add(kind)
        return found.copy()

    def about(self, kind: type[Body], ref: str) -> list[Act]:
        """The acts of a kind about one act, by log and index."""
        self._note((kind, ref))
        found = self._about.get((kind, ref))
        return sorted(found, key=_place) if found else []

    def naming(self, origin: str) -> list[Act]:
        """The statements that name a member, by log and index."""
        self._note((Statement, origin))
        return sorted(self._naming.get(origin, ()), key=_place)

    def by_time(self) -> Sequence[Act]:
        """All acts by the time that their authors claim, then by log and index; not to be changed."""
        self._note(ANYTHING)
        if not self._by_time:
            self._by_time = sorted(self.acts.values(), key=_time)
        return self._by_time

    def body(self, ref: str, kind: type[_B]) -> _B | None:
        """The body of an act if it is held and of that kind."""
        act = self.acts.get(ref)
        return act.body if act is not None and isinstance(act.body, kind) else None

    def has_seen(self, later: Act, earlier: Act) -> bool:
        """Whether the author of `later` had seen `earlier` when it wrote it.

        An act that is only being considered, and so is not held, will have seen everything that is held.
        """
        if later.ref not in self.acts:
            return earlier.ref in self.acts
        return self.order.n_seen(later.origin, later.index, earlier.origin) > earlier.index

    def latest(self, acts: Iterable[Act]) -> list[Act]:
        """Those of some acts that no other of them had seen: one, or several that are concurrent.

        Two that each claim to have seen the other are concurrent: one of their authors claims what cannot be.
        """
        found = list(acts)
        last = [
            one
            for one in found
            if not any(
                other != one and self.has_seen(other, one) and not self.has_seen(one, other)
                for other in found
            )
        ]
        return last or found  # a ring of such claims orders nothing

    def is_certified(self, act: Act) -> bool:
        """Whether the key of the delegate who wrote an act was certified in that log, and not withdrawn."""
        if not act.by:
            return True
        if act.index >= self._heads.get(act.origin, (0, ""))[0]:
            self._note(ANYTHING)
        known = self._delegations.get((act.origin, act.by), {})
        before = [place for place in known if place[0] < act.index]
        return bool(before) and known[max(before)] is not None

    def find(self, name: str) -> Act:
        """The act that a person names: a reference, `norway:12`, or `norway:12:` and the start of its hash.

        Raises UnknownName if there is none, or more than one.
        """
        if name in self.acts:
            return self.acts[name]
        member, _, rest = name.partition(":")
        number, _, prefix = rest.partition(":")
        found = []
        if number.isascii() and number.isdecimal() and len(number) <= 16:
            found = [
                ref
                for origin in (member, f"{self.council}/{member}")
                for ref in self._places.get((origin, int(number)), ())
                if ref.startswith(prefix)
            ]
        if len(found) == 1:
            return self.acts[found[0]]
        if found:
            raise UnknownName(
                f"{name!r:.80} names {len(found)} acts of a log with two faces; add the start of one's hash: "
                + ", ".join(f"{name}:{ref[:8]}" for ref in sorted(found))
            )
        self._note(ANYTHING)
        raise UnknownName(f"{name!r:.80} is no act that is held here; acts are named like {self._example()}")

    def _example(self) -> str:
        act = self._first
        return f"{short(act.origin)}:{act.index}" if act else "norway:12"

    @property
    def digest(self) -> str:
        """SHA-256 in hex over everything that was taken in: equal folds have equal digests."""
        self._note(ANYTHING)
        if not self._digest:
            for beginning in self._heaps.keys() - self._heap_hashes.keys():
                heap = "\n".join(sorted(self._heaps[beginning]))
                self._heap_hashes[beginning] = hashlib.sha256(heap.encode()).digest()
            hashes = b"".join(self._heap_hashes[one] for one in sorted(self._heaps))
            self._digest = hashlib.sha256(hashes).hexdigest()
        return self._digest


def _subject(act: Act) -> str:
    """The reference that an act is about; empty if it is about none."""
    return act.body.SUBJECT and getattr(act.body, act.body.SUBJECT)


def _place(act: Act) -> tuple[str, int, str]:
    return act.place


def _time(act: Act) -> tuple[int, tuple[str, int, str]]:
    return act.at, act.place
