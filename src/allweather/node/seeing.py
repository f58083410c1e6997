"""As seen by: the council as another member's node saw it at a time, by that member's own log.

A member's entries list how much of every other log it held. What it had not seen by then is left out, and
nothing else is: so two members can find out why they saw things differently.
"""

from __future__ import annotations

from bisect import bisect_right

from allweather.council.acts import short
from allweather.council.fold import Fold
from allweather.council.view import View
from allweather.errors import Malformed, UnknownName
from allweather.record.entries import parse_entry
from allweather.record.standing import Standing
from allweather.record.storage import Storage

_CHUNK = 4_096


def as_seen_by(view: View, origin: str, at: int, storage: Storage, standing: Standing) -> View:
    """The view of `origin` at `at` by its clock (seconds since 1970). Raises UnknownName without its log."""
    log = standing.logs.get(origin)
    face = max(log.faces, key=lambda one: one.n_standing, default=None) if log else None
    if face is None:
        raise UnknownName(f"{short(origin) or origin} has written nothing that is held here")
    times: list[int] = []
    for start in range(0, face.n_standing, _CHUNK):
        for data in storage.entries(face.branch, start, min(face.n_standing, start + _CHUNK)):
            times.append(max(_time(data), times[-1] if times else 0))
    size = bisect_right(times, at)
    known = view.fold
    fold = Fold(known.council, known.kinds, charter=known.charter)
    for other, its in standing.logs.items():
        n_seen = size if other == origin else known.order.n_seen(origin, size - 1, other)
        best = max(its.faces, key=lambda one: one.n_standing, default=None)
        end = 0 if best is None else min(n_seen, best.n_standing)
        for start in range(0, end, _CHUNK):
            assert best is not None
            fold.apply(other, start, storage.entries(best.branch, start, min(end, start + _CHUNK)))
    return View(fold, at, now=view.now)


def _time(data: bytes) -> int:
    try:
        return parse_entry(data).at
    except Malformed:
        return 0
