"""Split-half reliability: do two halves of the participants rank the questions alike?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from allweather.positions import Positions, Response
from allweather.review import JointReview
from allweather.review.baselines import fit_factor_model, fit_question_mean
from allweather.review.heldout import Floats, split_half
from allweather.review.polis import fit_polis
from benchmarks.figures import Column, Section, Table, Target, mean
from benchmarks.review.conversations import load
from benchmarks.review.effort import Effort
from benchmarks.review.work import work

OURS = "bridging, ours"


def _bridging(positions: Positions) -> Floats:
    review = JointReview(seed=0, n_threads=1).fit(positions).review_
    value = {one.question: one.bridging.mean for one in review.questions}
    return np.array([value[one.id] for one in positions.questions])


def _agree_share(positions: Positions) -> Floats:
    agreed = np.bincount(
        positions.question[positions.response == Response.SUPPORT], minlength=positions.n_questions
    )
    n = np.bincount(positions.question, minlength=positions.n_questions)
    return np.where(n > 0, agreed / np.maximum(n, 1), np.nan)


VALUES: dict[str, Callable[[Positions], Floats]] = {
    "agreements among all answers and passes": _agree_share,
    "question mean (passes left out)": lambda positions: fit_question_mean(positions).prob,
    "Polis' product over groups": lambda positions: fit_polis(positions).group_informed_consensus(),
    "factor model's intercept": lambda positions: fit_factor_model(positions).question_intercept,
    OURS: _bridging,
}


def evaluate(job: tuple[str, int]) -> dict[str, float]:
    """Each value's reliability on one conversation and split."""
    name, seed = job
    conversation = load(name)
    return {
        what: split_half(conversation.positions, value, seed, conversation.folder)
        for what, value in VALUES.items()
    }


TEXT = """Participants are split in two by digest; each half is scored alone. Figures are Spearman
correlations of the questions' values between the halves, over questions with at least five answers or
passes in both, means over seeds {seeds}."""


def run(effort: Effort) -> Section:
    """The section on split-half reliability."""
    jobs = [(name, seed) for name in effort.main for seed in effort.halves]
    found = dict(zip(jobs, work("halves", evaluate, jobs), strict=True))

    def of(what: str, name: str) -> float | None:
        return mean([found[name, seed][what] for seed in effort.halves])

    def overall(what: str) -> float | None:
        return mean([one[what] for one in found.values()])

    table = Table(
        "Split-half reliability (Spearman)",
        (Column("value of a question"), *(Column(name) for name in effort.main), Column("mean")),
        tuple((what, *(of(what, name) for name in effort.main), overall(what)) for what in VALUES),
    )
    return Section(
        name="halves",
        title="Is bridging reliable?",
        text=TEXT.format(seeds=", ".join(map(str, effort.halves))),
        tables=(table,),
        targets=(Target("split-half Spearman of bridging", overall(OURS), low=0.91),),
    )
