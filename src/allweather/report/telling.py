"""What is told first and how it is put, for the page and the terminal alike.

The order within a verdict, the party whose figure stands for a question, what a found side or
cluster has in common, and what a package asks of whom. Everything
is taken from the review; nothing is computed anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from allweather.report.names import Names
from allweather.report.words import VERDICTS, listed, percent
from allweather.review.results import (
    Interval,
    Package,
    Party,
    PartyKind,
    PartySupport,
    QuestionReview,
    Review,
    Verdict,
)

#: How the members are called that belong to no party.
_UNPARTED = {
    PartyKind.SIDE: "between the two ends",
    PartyKind.CLUSTER: "in no cluster",
    PartyKind.BLOC: "in no bloc",
}


def by_verdict(review: Review) -> Mapping[Verdict, Sequence[QuestionReview]]:
    """The questions of each verdict by rank; those that differ with the widest gap first."""
    found = {v: [one for one in review.questions if one.verdict is v] for v in VERDICTS}
    found[Verdict.DIFFERS].sort(key=lambda one: (-one.split.mean, one.rank))
    return found


def shown_parties(one: QuestionReview, most: int = 4) -> Sequence[PartySupport]:
    """The parties to draw: all if they are few, else the least supportive ones and the most."""
    if len(one.parties) <= most:
        return one.parties
    by_support = sorted(one.parties, key=lambda party: (party.support.mean, party.party))
    return [*by_support[: most - 1], by_support[-1]]


def deciding(one: QuestionReview) -> tuple[str, Interval]:
    """The party that a verdict hangs on, with its support: the least supportive one.

    Where the convergence is on no it is the most supportive one, of which the least is claimed.
    """
    if one.against and one.parties:
        most = max(one.parties, key=lambda party: party.support.mean)
        return most.party, most.support
    return one.least_party, one.least_support


def unparted(review: Review) -> str:
    """How the members are called that belong to no party."""
    return _UNPARTED[review.parties[0].kind] if review.parties else "everybody"


def leanings(review: Review, party: Party, most: int = 2) -> tuple[str, ...]:
    """Questions that tell what a found party has in common: it supports them more than others do.

    For a side those that load most on its end of the first dimension, for a cluster those on which
    it is furthest above the others. A declared bloc needs no such words.
    """
    if party.kind is PartyKind.SIDE and len(review.parties) == 2 and review.map.dimensions:
        ends = review.map.dimensions[0]
        return (ends.low if party is review.parties[0] else ends.high)[:most]
    if party.kind is not PartyKind.CLUSTER:
        return ()
    above = [one for one in review.questions if one.parties and _most(one).party == party.id]
    above.sort(key=lambda one: (-one.split.low, one.rank))
    return tuple(one.question for one in above[:most] if one.split.low > 0)


def kind_of_parties(review: Review) -> str:
    """What the parties are, in a clause."""
    kinds = {party.kind for party in review.parties}
    if len(review.parties) < 2:
        return "no blocs are declared and no sides are found"
    clusters = "clusters found in the answers, with a gap between them"
    if kinds == {PartyKind.BLOC}:
        return "declared blocs"
    if kinds == {PartyKind.CLUSTER}:
        return clusters
    if PartyKind.CLUSTER in kinds:
        return f"declared blocs, and {clusters}"
    return "the outer thirds along the map’s first dimension; no gap between them is claimed"  # noqa: RUF001


def supports_words(one: QuestionReview, names: Names) -> str:
    """The expected support of the parties, the most supportive first: `Allies 88%, Russia 27%`."""
    held = sorted(shown_parties(one), key=lambda party: -party.support.mean)
    return ", ".join(f"{names.party(party.party)} {percent(party.support.mean)}%" for party in held)


@dataclass(frozen=True, slots=True)
class Bargain:
    """A package seen from what it asks: `given` are (question, parties that give), `free` the rest."""

    given: tuple[tuple[str, tuple[str, ...]], ...]
    free: tuple[str, ...]

    @classmethod
    def of(cls, package: Package) -> Bargain:
        """Sort a package's questions by whether anybody gives on them."""
        givers = {one: tuple(g.party for g in package.gains if one in g.gives) for one in package.questions}
        given = [(one, who) for one, who in givers.items() if who]
        return cls(tuple(given), tuple(one for one, who in givers.items() if not who))

    def of_given(self, questions: Sequence[str]) -> list[str]:
        """Those of `questions` on which somebody gives."""
        contested = {one for one, _ in self.given}
        return [one for one in questions if one in contested]


def bargain_words(package: Package, names: Names, most: int = 3, each: int = 6) -> str:
    """Who gives on what in a package, in one sentence."""
    bargain = Bargain.of(package)
    giving = [one for one in package.gains if one.gives]
    if not giving:
        return "Nobody gives on anything in it."
    parts = []
    for one in giving[:most]:
        given = [*one.gives[:each], *[f"{len(one.gives) - each} more"] * (len(one.gives) > each)]
        parts.append(f"{names.who(one.party)} on {listed(given)}")
    if len(giving) > most:
        parts.append(f"{len(giving) - most} more on something")
    if bargain.free:
        parts.append(f"nobody on the other {len(bargain.free):,}")
    return f"Who gives: {'; '.join(parts)}."


def _most(one: QuestionReview) -> PartySupport:
    return max(one.parties, key=lambda party: party.support.mean)
