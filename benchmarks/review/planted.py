"""Planted truth: are sides found where they are, and do claims and intervals hold?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allweather.review import JointReview
from allweather.review.heldout import adjusted_rand
from allweather.review.polis import fit_polis
from allweather.review.results import Interval, QuestionReview, Review, Verdict
from benchmarks.figures import Column, Section, Table, Target, mean
from benchmarks.review.effort import Effort
from benchmarks.review.simulated import Planted, planted
from benchmarks.review.work import work

#: Results are rounded to four decimals.
ROUNDING = 1e-4


@dataclass(frozen=True, slots=True)
class Found:
    """One data set: what was found, and how much of what was claimed is so."""

    n_dimensions: int
    ari: float | None  # of our clusters with the planted sides; None where none are reported
    placed: float
    polis_ari: float | None
    n_claims: int
    n_false: int
    n_covered: float
    n_intervals: int


def evaluate(index: int) -> Found:
    """Review one planted data set and compare with its truth."""
    truth = planted(index)
    review = JointReview(seed=0, n_threads=1).fit(truth.positions).review_
    claims = [one for one in review.questions if one.verdict == Verdict.CONVERGES]
    inside = [
        _inside(share, support)
        for one in review.questions
        for support, share in zip(
            (party.support for party in one.parties), _shares(truth, review, one), strict=True
        )
    ]
    label = np.full(truth.positions.n_members, -1, dtype=np.intp)
    for k, cluster in enumerate(review.clusters.clusters):
        label[[int(member) for member in cluster.members]] = k
    polis = fit_polis(truth.positions)
    held = polis.group >= 0
    return Found(
        n_dimensions=review.map.n_dimensions,
        ari=adjusted_rand(label[label >= 0], truth.side[label >= 0]) if review.clusters.found else None,
        placed=float(np.mean(label >= 0)),
        polis_ari=adjusted_rand(polis.group[held], truth.side[held]) if polis.n_groups else None,
        n_claims=len(claims),
        n_false=sum(_is_false(truth, review, one) for one in claims),
        n_covered=sum(inside),
        n_intervals=len(inside),
    )


def _inside(share: float, interval: Interval) -> float:
    """1 within, 0 without; a share that falls on an end counts half, since shares are discrete."""
    if min(abs(share - interval.low), abs(share - interval.high)) < ROUNDING:
        return 0.5
    return float(interval.low < share < interval.high)


def _shares(truth: Planted, review: Review, one: QuestionReview) -> list[float]:
    """The share of each party that would in truth agree."""
    members = {party.id: [int(member) for member in party.members] for party in review.parties}
    answer = truth.answer[:, int(one.question)]
    return [float(answer[members[party.party]].mean()) for party in one.parties]


def _is_false(truth: Planted, review: Review, one: QuestionReview) -> bool:
    shares = _shares(truth, review, one)
    threshold = review.method.threshold
    return max(shares) > 1 - threshold if one.against else min(shares) < threshold


TEXT = """Simulated data of 300 participants and 50 questions with two sides of 60% and 40% that differ
on 30 questions (`simulated.py`). What everybody would say to everything is known, so that claims can be
checked: a question called *converges* is a false discovery when the share that would agree, in the
least supportive party that the review reports, is below the review's threshold. Intervals are those of
each party's support; a share on an end of its interval counts half. ARI compares clusters with the
planted sides, over the participants that a method places."""


def run(effort: Effort) -> Section:
    """The section on planted truth."""
    found = work("planted", evaluate, range(effort.n_planted))
    n_claims, n_false = sum(one.n_claims for one in found), sum(one.n_false for one in found)
    covered = sum(one.n_covered for one in found) / sum(one.n_intervals for one in found)
    false_share = n_false / n_claims if n_claims else None
    table = Table(
        "What is found where two sides are planted",
        (
            Column("data sets", 0),
            Column("ours: a dimension", 0),
            Column("ours: clusters", 0),
            Column("ours: ARI with the sides"),
            Column("ours: share placed"),
            Column("Polis' method: ARI"),
            Column("claims of convergence", 0),
            Column("of them false", 0),
            Column("false discovery"),
            Column("90% intervals cover"),
        ),
        (
            (
                len(found),
                sum(one.n_dimensions > 0 for one in found),
                sum(one.ari is not None for one in found),
                mean([one.ari for one in found if one.ari is not None]),
                mean([one.placed for one in found if one.ari is not None]),
                mean([one.polis_ari for one in found if one.polis_ari is not None]),
                n_claims,
                n_false,
                false_share,
                covered,
            ),
        ),
    )
    return Section(
        name="planted",
        title="Is what is there found, and do the claims hold?",
        text=TEXT,
        tables=(table,),
        targets=(
            Target("false discovery of converges", false_share, high=0.10),
            Target("share of data sets where a dimension is found", share_found(found), low=0.95),
            Target("coverage of 90% intervals of support", covered, low=0.88, high=0.92),
        ),
    )


def share_found(found: list[Found]) -> float:
    """The share of data sets in which a dimension was found."""
    return sum(one.n_dimensions > 0 for one in found) / len(found)
