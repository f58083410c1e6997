"""A view: the council as it is at a time, by what is held. Everything derived hangs on one.

A view computes nothing by itself. The modules beside this one are functions of a view; what they found is
kept in it, so that one view answers the same question once. With `findings` it is kept beyond the view, for
as long as it is true (`findings` says how that is known).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from allweather.council.findings import Finding, Findings
from allweather.council.fold import Fold

_T = TypeVar("_T")


class View:
    """A fold as of `at` (seconds since 1970). It is made afresh when the fold has grown.

    `now` is what the clock says, where `at` may lie ahead of it: what is sealed until a time stays so until
    that time has come, however far ahead somebody looks. `findings` are those of the fold; only for views of
    the time that has come.
    """

    def __init__(
        self, fold: Fold, at: int, *, now: int | None = None, findings: Findings | None = None
    ) -> None:
        assert findings is None or now in (None, at)
        self.fold = fold
        self.version = fold.version
        self._at = at
        self._now = at if now is None else min(at, now)
        self._findings = findings
        self._known: dict[Hashable, Any] = {}
        self._passing: dict[Hashable, Finding] = {}

    @property
    def at(self) -> int:
        """As of when. What rests on it is true at this very time; to compare, use `has_come`."""
        if self._findings is not None:
            self._findings.note_time(self._at, self._at + 1)
        return self._at

    @property
    def now(self) -> int:
        """The time that has come: `at`, or what the clock says if `at` lies ahead of it."""
        if self._findings is not None:
            self._findings.note_time(self._now, self._now + 1)
        return self._now

    def has_come(self, time: int) -> bool:
        """Whether `at` is that time or later."""
        return self._is_reached(time, self._at)

    def has_passed(self, time: int) -> bool:
        """Whether `at` is later than that time."""
        return self._is_reached(time + 1, self._at)

    def has_come_now(self, time: int) -> bool:
        """Whether `now` is that time or later."""
        return self._is_reached(time, self._now)

    def _is_reached(self, time: int, at: int) -> bool:
        is_reached = at >= time
        if self._findings is not None:
            self._findings.note_time(time, _NEVER) if is_reached else self._findings.note_time(-_NEVER, time)
        return is_reached

    def memo(self, key: Hashable, compute: Callable[[], _T]) -> _T:
        """What `compute` gave when it was first asked for under this key.

        It has to ask the view for all that it needs, beside what the key names: what was found before it
        began is not known to be what it rests on.
        """
        found: _T
        if self._findings is not None:
            self._findings.settle(self._at, self)
            found = self._findings.find(key, self._at, compute)
            return found
        try:
            found = self._known[key]
        except KeyError:
            found = self._known[key] = compute()
        return found

    def memo_steady(self, key: Hashable, compute: Callable[[View], _T]) -> _T:
        """The same for what nearly everything rests on and what seldom changes: what is found of a view."""
        if self._findings is None:
            return self.memo(key, lambda: compute(self))
        self._findings.settle(self._at, self)
        found: _T = self._findings.find_steady(key, self._at, self, compute)
        return found

    def memo_here(self, key: Hashable, compute: Callable[[], _T]) -> _T:
        """The same for what belongs to this view only: what depends on what was asked before, or is given
        things found of this view."""
        if self._findings is None:
            return self.memo(key, compute)
        self._findings.settle(self._at, self)
        if self.version != self.fold.version:
            self.version, self._passing = self.fold.version, {}
        found: _T = self._findings.find_passing(key, self._passing, compute)
        return found

    def watch(self, compute: Callable[[], _T]) -> Finding:
        """A finding of this view that the caller keeps. Only for a view with findings."""
        assert self._findings is not None
        self._findings.settle(self._at, self)
        return self._findings.watch(compute)

    def rest_on_anything(self) -> None:
        """What is being found may be other after any entry."""
        if self._findings is not None:
            self._findings.note_anything()


_NEVER = 2**62
