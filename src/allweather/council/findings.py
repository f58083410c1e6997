"""What was found about a council, kept for as long as nothing changes that it rests on.

To find something is to ask the fold and the time. While something is found, whatever is asked is noted
(`Reads`), and so is which earlier findings were used. When the fold takes in an entry it says which answers
may be others now, and everything that rests on one of those is forgotten. So a finding that is still kept is
what finding it afresh would give; a test compares the two after every entry.

    asked of the fold                what makes the answer another one
    the acts of a kind               an act of that kind
    the acts of a kind about an act  an act of that kind about it
    the statements that name one     such a statement
    an act that is not held          that act
    by when others held an entry     an acknowledgement that may cover it for the first time
    whether a time has come          that time
    anything else                    any entry

The entries of a log have to come in their order, as those of one face do. If one does not, all is forgotten.

What it does not do: find anything itself, or keep what it found when a node ends.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable
from typing import Any

ANYTHING = ("anything",)
"""Asked for where any entry may change the answer."""

_FAR = 2**62
_MOST = 500_000
Spot = tuple[str, str, int]
"""What is asked of one place in a log: what about it, which log, the index."""


class Reads:
    """What is asked of a fold just now. `asked` and `spots` are None while nobody wants to know."""

    __slots__ = ("asked", "findings", "spots")

    def __init__(self) -> None:
        self.asked: set[Hashable] | None = None
        self.spots: set[Spot] | None = None
        self.findings: Findings | None = None
        """Told of what changes; None if nothing is kept."""


class Finding:
    """One thing that was found, with what it rests on. It is so from `since` until before `until`."""

    __slots__ = ("asked", "is_kept", "key", "resting", "rests_on", "since", "spots", "until", "value")

    def __init__(self, key: Hashable) -> None:
        self.key = key
        self.value: Any = None
        self.since, self.until = -_FAR, _FAR
        self.asked: Collection[Hashable] = ()
        self.spots: Collection[Spot] = ()
        self.rests_on: Collection[Finding] = ()
        self.resting: set[Finding] = set()
        self.is_kept = True

    def holds(self, at: int) -> bool:
        """Whether it is still what finding it at that time would give."""
        return self.is_kept and self.since <= at < self.until


class _UnderWay:
    """A finding while it is being found."""

    __slots__ = ("asked", "finding", "rests_on", "spots")

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        self.asked: set[Hashable] = set()
        self.spots: set[Spot] = set()
        self.rests_on: set[Finding] = set()


class Findings:
    """The findings about one fold. Not to be used by two threads at once."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        reads.findings = self
        self._kept: dict[Hashable, Finding] = {}
        self._by: dict[Hashable, set[Finding]] = {}
        self._by_place: dict[tuple[str, str], dict[int, set[Finding]]] = {}
        self._steady: dict[Hashable, Finding] = {}
        self._again: dict[Hashable, Callable[[Any], Any]] = {}
        self._watched: set[Finding] = set()
        self._in_doubt: set[Hashable] = set()
        self._under_way: list[_UnderWay] = []

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def is_finding(self) -> bool:
        """Whether something is being found just now."""
        return bool(self._under_way)

    # Asking

    def find(self, key: Hashable, at: int, compute: Callable[[], Any]) -> Any:
        """What `compute` gives at a time: what was found before, if that still holds."""
        known = self._kept.get(key)
        if known is None or not known.holds(at):
            if known is not None:
                self._drop(known)
            elif len(self._kept) > _MOST and not self._under_way:
                self.clear()
            known = self._kept[key] = self._find(Finding(key), compute)
        self._use(known, is_bound=True)
        return known.value

    def find_steady(self, key: Hashable, at: int, asker: Any, compute: Callable[[Any], Any]) -> Any:
        """What `compute` gives of `asker`, where much rests on it and it is mostly found again as it was.

        Only if it was not, what rests on it is forgotten. In between it is in doubt, and `settle` finds it
        again before anything else is asked.
        """
        known = self._steady.get(key)
        if known is None or key in self._in_doubt or not known.holds(at):
            found = self._find(Finding(key), lambda: compute(asker))
            self._in_doubt.discard(key)
            if known is not None:
                del self._steady[key]
                if known.value == found.value:
                    found.value, found.resting, known.resting = known.value, known.resting, set()
                    for above in found.resting:
                        above.rests_on = (*(one for one in above.rests_on if one is not known), found)
                self._drop(known)
            self._steady[key], self._again[key] = found, compute
            known = found
        self._use(known, is_bound=False)
        return known.value

    def settle(self, at: int, asker: Any) -> None:
        """Find again whatever steady finding is in doubt at a time. Nothing if something is being found."""
        if self._under_way:
            return
        for key, known in list(self._steady.items()):
            if key in self._in_doubt or not known.holds(at):
                self.find_steady(key, at, asker, self._again[key])

    def watch(self, compute: Callable[[], Any]) -> Finding:
        """A finding that is kept by whoever asked, who sees by `holds` whether it is still true."""
        found = self._find(Finding(None), compute)
        self._watched.add(found)
        return found

    def forget(self, finding: Finding) -> None:
        """Let go of one that was watched."""
        self._watched.discard(finding)
        self._drop(finding)

    def find_passing(self, key: Hashable, known: dict[Hashable, Finding], compute: Callable[[], Any]) -> Any:
        """What is kept in a table of the asker's own only. What it rests on is noted all the same."""
        one = known.get(key)
        if one is None:
            one = known[key] = self._find(Finding(key), compute, is_passing=True)
        self._inherit(one)
        return one.value

    def note_time(self, since: int, until: int) -> None:
        """What is being found rests on a time that is not before `since`, and before `until`."""
        if self._under_way:
            one = self._under_way[-1].finding
            one.since, one.until = max(one.since, since), min(one.until, until)

    def note_anything(self) -> None:
        """Any entry may change all that is being found."""
        for one in self._under_way:
            one.asked.add(ANYTHING)

    # What changes

    def changed(self, asked: Iterable[Hashable]) -> None:
        """Forget what rests on these answers."""
        for one in (ANYTHING, *asked):
            for finding in list(self._by.get(one, ())):
                self._drop(finding)

    def changed_at(self, about: str, origin: str, start: int, end: int = _FAR) -> None:
        """Forget what rests on the places [start, end) of a log, as far as `about` goes."""
        places = self._by_place.get((about, origin))
        if not places:
            return
        for index in range(start, end) if end - start < len(places) else list(places):
            if start <= index < end:
                for finding in list(places.get(index, ())):
                    self._drop(finding)

    def clear(self) -> None:
        """Forget everything."""
        for finding in (*self._kept.values(), *self._steady.values(), *self._watched):
            finding.is_kept = False
        self._kept, self._steady, self._watched = {}, {}, set()
        self._by, self._by_place, self._in_doubt = {}, {}, set()

    # One finding

    def _find(self, finding: Finding, compute: Callable[[], Any], *, is_passing: bool = False) -> Finding:
        reads, one = self._reads, _UnderWay(finding)
        before = reads.asked, reads.spots
        self._under_way.append(one)
        reads.asked, reads.spots = one.asked, one.spots
        is_found = False
        try:
            finding.value = compute()
            is_found = True
        finally:
            self._under_way.pop()
            reads.asked, reads.spots = before
            finding.asked, finding.spots = tuple(one.asked), tuple(one.spots)
            finding.rests_on = tuple(one.rests_on)
            if is_found and not is_passing:
                self._enter(finding)
            else:
                for used in finding.rests_on:
                    used.resting.discard(finding)
            if not is_found:
                # Whoever asked may go on without it, and then rests on the same.
                self._inherit(finding)
        return finding

    def _use(self, finding: Finding, *, is_bound: bool) -> None:
        """Note that what is being found rests on a finding, and on its times if `is_bound`."""
        if self._under_way:
            above = self._under_way[-1]
            finding.resting.add(above.finding)
            above.rests_on.add(finding)
            if is_bound:
                self.note_time(finding.since, finding.until)

    def _inherit(self, finding: Finding) -> None:
        """Note that what is being found rests on all that a finding rests on."""
        if self._under_way:
            above = self._under_way[-1]
            above.asked.update(finding.asked)
            above.spots.update(finding.spots)
            above.rests_on.update(finding.rests_on)
            for one in finding.rests_on:
                one.resting.add(above.finding)
            self.note_time(finding.since, finding.until)

    def _enter(self, finding: Finding) -> None:
        for one in finding.asked:
            self._by.setdefault(one, set()).add(finding)
        for about, origin, index in finding.spots:
            self._by_place.setdefault((about, origin), {}).setdefault(index, set()).add(finding)

    def _leave(self, finding: Finding) -> None:
        for one in finding.asked:
            _take_out(self._by, one, finding)
        for about, origin, index in finding.spots:
            _take_out(self._by_place.get((about, origin), {}), index, finding)
        for used in finding.rests_on:
            used.resting.discard(finding)

    def _drop(self, finding: Finding) -> None:
        """Forget a finding and all that rests on it. A steady one that rests on it is only in doubt."""
        waiting = [finding]
        while waiting:
            one = waiting.pop()
            if not one.is_kept:
                continue
            if self._steady.get(one.key) is one:
                self._in_doubt.add(one.key)
                continue
            one.is_kept = False
            waiting += one.resting
            self._leave(one)
            if self._kept.get(one.key) is one:
                del self._kept[one.key]


def _take_out(table: dict[Any, set[Finding]], key: Any, finding: Finding) -> None:
    some = table.get(key)
    if some is not None:
        some.discard(finding)
        if not some:
            del table[key]
