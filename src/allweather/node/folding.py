"""Keeping the council folded: of what a store holds only what is new is read and taken in.

Where entries cease to stand, because a succession disputes them, the council is folded afresh.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from allweather.cooperation.bodies import KINDS as COOPERATION_KINDS
from allweather.council.acts import Kinds
from allweather.council.bodies import KINDS as COUNCIL_KINDS
from allweather.council.findings import Findings
from allweather.council.fold import Fold
from allweather.council.quotations import KINDS as QUOTATION_KINDS
from allweather.record.standing import Standing
from allweather.record.storage import Storage

KINDS: Kinds = {**COUNCIL_KINDS, **QUOTATION_KINDS, **COOPERATION_KINDS}
"""Every kind of act that the house understands."""

_CHUNK = 4_096
_MANY = 10_000


class KeptFold:
    """The council's fold of a store, brought up to date by `update`.

    With `keeps_findings` what was found about it is kept as well, for whoever goes on asking.
    """

    def __init__(self, council: str, *, charter: str = "", keeps_findings: bool = False) -> None:
        self._council = council
        self._charter = charter
        self._done: dict[tuple[str, int], int] = {}
        self._keeps_findings = keeps_findings
        self.findings: Findings | None = None
        self._begin()

    def _begin(self) -> None:
        """A fold of nothing, with nothing found about it."""
        if self.findings is not None:
            self.findings.clear()
        self.fold = Fold(self._council, KINDS, charter=self._charter)
        self.findings = Findings(self.fold.reads) if self._keeps_findings else None

    def pin(self, charter: str) -> None:
        """Fold afresh, under this charter."""
        self._charter = charter
        self._done.clear()
        self._begin()

    def update(self, storage: Storage, standing: Standing) -> Fold:
        """Take in what stands and was not taken in before; the same fold, or a new one if less stands now."""
        stands = {
            (origin, face.branch.number): (face.branch, face.n_standing)
            for origin, log in standing.logs.items()
            for face in log.faces
        }
        if any(key not in stands or stands[key][1] < done for key, done in self._done.items()):
            self._done.clear()
            self._begin()
        n_new = sum(n_standing - self._done.get(key, 0) for key, (_, n_standing) in stands.items())
        with _taking(n_new):
            for key, (branch, n_standing) in stands.items():
                for start in range(self._done.get(key, 0), n_standing, _CHUNK):
                    end = min(n_standing, start + _CHUNK)
                    self.fold.apply(key[0], start, storage.entries(branch, start, end))
                self._done[key] = n_standing
        return self.fold


@contextmanager
def _taking(n_new: int) -> Iterator[None]:
    """Take in many entries without looking for garbage among them: what is folded stays.

    It is left out of later searches as well, which would otherwise stop a node with a large record for long.
    """
    was_on = gc.isenabled()
    if n_new < _MANY or not was_on:
        yield
        return
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()
