"""The last tenth in time: participants who arrive, questions that are new, opinion that moves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allweather.review.heldout import Scores, Way, outcomes, score
from benchmarks.figures import Column, Section, Table, Target
from benchmarks.review.conversations import load
from benchmarks.review.effort import Effort
from benchmarks.review.prediction import MODELS, OURS, models
from benchmarks.review.work import work

SHOWN = tuple(model for model in MODELS if model in ("question mean", "additive", "factor model", OURS))


@dataclass(frozen=True, slots=True)
class Late:
    """All models on one conversation's last answers, and the share by participants seen before."""

    known: float
    n: int
    scores: dict[str, Scores]


def evaluate(name: str) -> Late:
    """Fit to the first nine tenths of the entries in time, predict the answers in the last."""
    positions = load(name).positions
    first = np.arange(len(positions)) < int(0.9 * len(positions))
    outcome = outcomes(positions, Way.TWO_WAY)
    asked = ~first & (outcome >= 0)
    kept = positions.take(first)
    member, question = positions.member[asked], positions.question[asked]
    agreed = outcome[asked] == 1
    known = np.isin(member, kept.member)
    found = {
        model: score(fit(kept, member, question), agreed, question)
        for model, fit in models().items()
        if model in SHOWN
    }
    return Late(float(known.mean()), len(agreed), found)


def run(effort: Effort) -> Section:
    """The section on the last tenth in time."""
    found = dict(zip(effort.main, work("late", evaluate, effort.main), strict=True))
    table = Table(
        "Log-loss of the last tenth",
        (
            Column("conversation"),
            Column("answers", 0),
            Column("of participants seen before"),
            *(Column(model, 4) for model in SHOWN),
        ),
        tuple(
            (name, one.n, one.known, *(one.scores[model].log_loss for model in SHOWN))
            for name, one in found.items()
        ),
    )
    worst = max(one.scores[OURS].log_loss - one.scores["question mean"].log_loss for one in found.values())
    return Section(
        name="late",
        title="Are the last answers predicted from the earlier ones?",
        text="The last tenth of the entries in time is hidden; many participants in it are new.",
        tables=(table,),
        targets=(
            Target("log-loss above the question mean's, worst conversation", worst, high=0.0, decimals=4),
        ),
    )
