"""One entry as the benchmarks write it."""

from __future__ import annotations

from allweather.record.entries import VERSION, Entry
from benchmarks.record.making import AT, COUNCIL, drafts


def sample_entry(number: int) -> Entry:
    """The entry `number` of the first member."""
    (draft,) = drafts(number, 1)
    return Entry(VERSION, f"{COUNCIL}/m00", number, draft.kind, AT, draft.body)
