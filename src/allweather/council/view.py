"""A view: the council as it is at a time, by what is held. Everything derived hangs on one.

A view computes nothing by itself. The modules beside this one are functions of a view; what they found is
kept in it, so that one view answers the same question once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from allweather.council.fold import Fold

_T = TypeVar("_T")


class View:
    """A fold as of `at` (seconds since 1970). It is made afresh when the fold has grown.

    `now` is what the clock says, where `at` may lie ahead of it: what is sealed until a time stays so until
    that time has come, however far ahead somebody looks.
    """

    def __init__(self, fold: Fold, at: int, *, now: int | None = None) -> None:
        self.fold = fold
        self.at = at
        self.version = fold.version
        self._now = now
        self._known: dict[Hashable, Any] = {}

    @property
    def now(self) -> int:
        """The time that has come: `at`, or what the clock says if `at` lies ahead of it."""
        return self.at if self._now is None else min(self.at, self._now)

    def memo(self, key: Hashable, compute: Callable[[], _T]) -> _T:
        """What `compute` gave when it was first asked for under this key."""
        try:
            found: _T = self._known[key]
        except KeyError:
            found = self._known[key] = compute()
        return found
