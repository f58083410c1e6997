"""Verdicts for assemblies and consultations: what the expected shares of the parties allow to say.

With T the threshold and all bounds those of 90% intervals:

- **converges**: the least supportive party's lower bound is at least T (or, against: the most
  supportive party's upper bound is at most 1 - T)
- **differs**: some party's upper bound is below one half and another's lower bound above it; or
  every party is split within, its whole interval between 1 - T and T
- **nearly**: all parties but one reach T with their lower bounds, and the one is not below one half
- **not known**: everything else

Councils have a rule of their own, in `council`, which begins with the record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

import numpy as np

from allweather.review.expectation import Float32Array
from allweather.review.results import Condition, Interval, Party, Verdict


@dataclass(frozen=True, slots=True)
class Ruling:
    """A verdict with what it rests on, before it is ranked."""

    verdict: Verdict
    against: bool
    reason: str
    hold_outs: tuple[str, ...] = ()
    rests_on: tuple[int, ...] = ()
    conditions: tuple[Condition, ...] = ()
    ask: str = ""


def rule(parties: Sequence[Party], support: Float32Array, threshold: float, n_answers: int) -> Ruling:
    """The verdict on one question from the parties' expected shares, (n_draws, n_parties)."""
    each = [Interval.of(support[:, k]) for k in range(len(parties))]
    least, most = Interval.of(support.min(axis=1)), Interval.of(support.max(axis=1))
    weakest = parties[int(np.argmin([one.mean for one in each]))]
    strongest = parties[int(np.argmax([one.mean for one in each]))]
    if n_answers == 0:
        return Ruling(Verdict.NOT_KNOWN, False, "Nobody has answered.", ask="Put it to every party.")
    if least.low >= threshold:
        among = "overall" if len(parties) == 1 else f"even in the least supportive party ({weakest.name})"
        bound = floor(100 * least.low)
        return Ruling(Verdict.CONVERGES, False, f"Support is at least {bound}% {among}.")
    if most.high <= 1 - threshold:
        among = "overall" if len(parties) == 1 else f"even in the most supportive party ({strongest.name})"
        bound = ceil(100 * most.high)
        return Ruling(Verdict.CONVERGES, True, f"Support is at most {bound}% {among}: agreed against.")
    below = [p for p, one in zip(parties, each, strict=True) if one.high < 0.5]
    above = [p for p, one in zip(parties, each, strict=True) if one.low > 0.5]
    if below and above:
        return Ruling(
            Verdict.DIFFERS,
            False,
            f"{_names(above)} mostly in favour ({_range(each, parties, above)}), "
            f"{_names(below)} mostly not ({_range(each, parties, below)} in favour).",
            hold_outs=tuple(p.id for p in below),
        )
    if all(1 - threshold < one.low and one.high < threshold for one in each):
        where = "Opinion is split" if len(parties) == 1 else "Opinion is split inside every party"
        return Ruling(
            Verdict.DIFFERS, False, f"{where}, not between parties ({least.low:.0%} to {most.high:.0%})."
        )
    short = [k for k, one in enumerate(each) if one.low < threshold]
    if len(parties) > 1 and len(short) == 1 and each[short[0]].mean >= 0.5:
        held = parties[short[0]]
        return Ruling(
            Verdict.NEARLY,
            False,
            f"All but {held.name} reach {threshold:.0%}; {held.name} is at "
            f"{each[short[0]].mean:.0%} ({each[short[0]].low:.0%} to {each[short[0]].high:.0%}).",
            hold_outs=(held.id,),
        )
    widest = parties[int(np.argmax([one.high - one.low for one in each]))]
    open_at = each[parties.index(widest)]
    return Ruling(
        Verdict.NOT_KNOWN,
        False,
        f"Support {'overall' if len(parties) == 1 else f'in {widest.name}'} may be anywhere from "
        f"{open_at.low:.0%} to {open_at.high:.0%}.",
        ask=f"More answers are needed, most from {widest.name}."
        if len(parties) > 1
        else "More answers are needed.",
    )


def _names(parties: Sequence[Party]) -> str:
    return " and ".join(party.name for party in parties)


def _range(each: Sequence[Interval], parties: Sequence[Party], some: Sequence[Party]) -> str:
    means = [one.mean for one, party in zip(each, parties, strict=True) if party in some]
    low, high = min(means), max(means)
    return f"{low:.0%}" if f"{low:.0%}" == f"{high:.0%}" else f"{low:.0%} to {high:.0%}"
