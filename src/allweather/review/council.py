"""Verdicts for councils: the record first, the model second, and it never paints over a gap.

A council's record is thin and selected: support is written down more readily than doubt. So a
verdict starts from who is on record and may only be withheld, never granted, by the model.

- **converges**: every party has support on record, nobody on record opposes, holds back or sets a
  condition, and the least share of support expected in any party under the doubtful reading of
  silence (see `expectation`) has its lower bound at or above the threshold
- **nearly**: the same but for named conditions or hold-outs, who are fewer than a quarter of the
  members on record and may be all of a small party; the bound is then taken as if they had come
  along
- **differs**: support and opposition are both on record, or a quarter or more hold back
- **not known**: everything else, with whom to ask next

An inferred record can stand in the way of a convergence but cannot carry one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from allweather.positions import Basis, Positions, Response
from allweather.review.expectation import Expectation
from allweather.review.parties import Parties
from allweather.review.results import Condition, Consensus, Interval, Objector, Verdict
from allweather.review.verdicts import Ruling

#: Hold-outs at or above this share of the members on record are a difference, not an exception.
HOLD_OUT_SHARE = 0.25
#: Where the two readings of silence with their intervals span more than this, the chance is not known.
KNOWN_WITHIN = 0.5
_BY_LEVEL = {
    "for": (Response.SUPPORT, Response.CONSENT),
    "conditional": (Response.CONDITIONAL,),
    "held": (Response.RESERVE, Response.MIXED, Response.ABSTAIN),
    "opposed": (Response.OPPOSE,),
}


@dataclass(frozen=True, eq=False)
class Records:
    """The entries on one question, as indexes into the positions, by what they say."""

    supporting: npt.NDArray[np.intp]
    conditional: npt.NDArray[np.intp]
    held: npt.NDArray[np.intp]
    opposed: npt.NDArray[np.intp]

    @property
    def carrying(self) -> npt.NDArray[np.intp]:
        """In favour, with a condition or without."""
        return np.concatenate([self.supporting, self.conditional])

    @property
    def apart(self) -> npt.NDArray[np.intp]:
        """With a condition, or holding back."""
        return np.concatenate([self.conditional, self.held])

    @property
    def everything(self) -> tuple[int, ...]:
        parts = (self.supporting, self.conditional, self.held, self.opposed)
        return tuple(int(k) for k in np.sort(np.concatenate(parts)))


def records_on(current: Positions, question: int) -> Records:
    """The current entries on a question (an index)."""
    entries = np.flatnonzero(current.question == question)
    said = current.response[entries]
    return Records(*(entries[np.isin(said, responses)] for responses in _BY_LEVEL.values()))


def rule_council(
    current: Positions,
    question: int,
    records: Records,
    parties: Parties,
    expectation: Expectation,
    threshold: float,
) -> Ruling:
    """The verdict on one question of a council."""
    ruling = _rule_by_record(current, question, records, parties) or _rule_by_bound(
        current, question, records, expectation, threshold
    )
    conditions = tuple(
        Condition(current.members[current.member[k]].id, current.entry(k).note.text, k)
        for k in np.concatenate([records.conditional, records.held]).tolist()
    )
    return replace(ruling, rests_on=records.everything, conditions=conditions)


def _rule_by_record(current: Positions, question: int, records: Records, parties: Parties) -> Ruling | None:
    """What the record alone decides; None where it stands in the way of nothing."""
    names, text = _Names(current), current.questions[question].text
    opposed, held, carrying = records.opposed, records.held, records.carrying
    if not records.everything:
        return Ruling(Verdict.NOT_KNOWN, False, "Nobody is on record.", ask=f"Ask every member: {text}")
    if not len(carrying):
        against = np.concatenate([opposed, held])
        said = "opposed" if len(opposed) else "held back"
        return Ruling(
            Verdict.NOT_KNOWN,
            False,
            f"{names(against)} {said} on record; nobody is on record for it.",
            ask=f"Ask who is for it: {text}",
        )
    if len(opposed):
        rest = f"; {names(held)} held back" if len(held) else ""
        reason = f"{names(opposed)} opposed on record, {names(carrying)} in favour{rest}."
        return Ruling(Verdict.DIFFERS, False, reason, names.ids(np.concatenate([opposed, held])))
    if len(held) >= HOLD_OUT_SHARE * len(records.everything):
        reason = f"{names(carrying)} in favour on record, {names(held)} held back."
        return Ruling(Verdict.DIFFERS, False, reason, names.ids(held))
    if silent := _silent_parties(current, parties, records):
        return Ruling(
            Verdict.NOT_KNOWN,
            False,
            f"No support by word or common text is on record from {' and '.join(silent)}.",
            names.ids(records.apart),
            ask=f"Ask {' and '.join(silent)}: {text}",
        )
    return None


def _rule_by_bound(
    current: Positions, question: int, records: Records, expectation: Expectation, threshold: float
) -> Ruling:
    """Nothing on record is in the way: whether the silent could still be."""
    names = _Names(current)
    cautious = expectation.doubt > 0
    if len(records.apart):
        least = expectation.least_if_joined[cautious, question]
    else:
        least = expectation.party[cautious, :, question].min(axis=1)
    bound = Interval.of(least).low
    hold_outs = names.ids(records.apart)
    if bound >= threshold and hold_outs:
        return Ruling(Verdict.NEARLY, False, _nearly(names, records), hold_outs)
    if bound >= threshold:
        reason = f"On record for it: {names(records.carrying)}. Nobody on record opposes or holds back."
        return Ruling(Verdict.CONVERGES, False, reason)
    return Ruling(
        Verdict.NOT_KNOWN,
        False,
        f"On record for it: {names(records.carrying)}; too many are silent "
        f"(cautiously, support in a party may be as low as {bound:.0%}).",
        hold_outs,
        ask=f"Ask the silent members: {current.questions[question].text}",
    )


def consensus_on(
    current: Positions,
    question: int,
    records: Records,
    expectation: Expectation,
    oppose: npt.NDArray[np.float32],
    open_members: npt.NDArray[np.intp],
) -> Consensus:
    """The chance that no member opposes. `oppose` is (n_draws, len(open_members))."""
    alike = Interval.of(expectation.none_opposed_alike[:, question])
    doubtful = Interval.of(expectation.none_opposed_doubtful[:, question])
    objectors = [
        Objector(
            current.members[current.member[k]].id,
            Interval(1.0, 1.0, 1.0),
            False,
            current.entry(int(k)).note.text or "opposed on record",
            int(k),
        )
        for k in records.opposed
    ]
    holding = {int(current.member[k]): int(k) for k in records.held}
    likely = np.argsort(-oppose.mean(axis=0), kind="stable")[:3]
    objectors += [
        Objector(
            current.members[member].id,
            Interval.of(oppose[:, k]),
            True,
            "silent; predicted from the others",
            None,
        )
        for k, member in ((k, int(open_members[k])) for k in likely)
        if member not in holding
    ]
    span = max(alike.high, doubtful.high) - min(alike.low, doubtful.low)
    return Consensus(alike, doubtful, span <= KNOWN_WITHIN, tuple(objectors))


class _Names:
    """Members' names in sentences."""

    def __init__(self, current: Positions) -> None:
        self.current = current

    def ids(self, entries: npt.NDArray[np.intp]) -> tuple[str, ...]:
        return tuple(self.current.members[self.current.member[k]].id for k in entries)

    def __call__(self, entries: npt.NDArray[np.intp]) -> str:
        names = [self.current.members[self.current.member[k]].name for k in entries]
        if len(names) > 4:
            return f"{', '.join(names[:3])} and {len(names) - 3} more"
        return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _nearly(names: _Names, records: Records) -> str:
    parts = []
    if len(records.conditional):
        parts.append(f"{names(records.conditional)} set a condition")
    if len(records.held):
        parts.append(f"{names(records.held)} held back")
    return f"All but this: {'; '.join(parts)}."


def _silent_parties(current: Positions, parties: Parties, records: Records) -> list[str]:
    """Names of the parties of whom nothing on record can carry or qualify a convergence."""
    supporting = records.supporting[current.basis[records.supporting] != Basis.INFERRED]
    speaking = current.member[np.concatenate([supporting, records.conditional, records.held])]
    return [party.name for k, party in enumerate(parties.parties) if not parties.mask[k, speaking].any()]
