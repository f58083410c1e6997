"""Three-way: disagreement, pass and agreement, with the pass as a hurdle of its own."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from allweather.positions import Positions
from allweather.review import fit_for_prediction
from allweather.review.answers import pass_answers
from allweather.review.baselines import three_way_shares
from allweather.review.dimensions import weigh_dimensions
from allweather.review.estimator import fitted_dimensions
from allweather.review.heldout import Way, category_log_loss, hide
from allweather.review.model import fit_model
from allweather.review.polis import fit_polis
from benchmarks.figures import Column, Section, Table, Target, mean
from benchmarks.review.conversations import load
from benchmarks.review.effort import Effort
from benchmarks.review.prediction import OURS, Index
from benchmarks.review.work import work

MODELS = ("question mean", "Polis groups", OURS)


def ours(kept: Positions, member: Index, question: Index) -> npt.NDArray[np.float64]:
    """Probabilities of disagree, pass and agree, (n, 3): the hurdle, then the answer if there is one."""
    answers = pass_answers(kept)
    n_dims = fitted_dimensions(answers, weigh_dimensions(answers, seed=0))
    passes = fit_model(answers, n_dims, seed=0).support_prob(member, question).mean(axis=0, dtype=np.float64)
    agrees = fit_for_prediction(kept, seed=0, n_threads=1).support_prob(member, question)
    agree = agrees.mean(axis=0, dtype=np.float64)
    return np.column_stack([(1 - passes) * (1 - agree), passes, (1 - passes) * agree])


def evaluate(job: tuple[str, int]) -> dict[str, float]:
    """The three-way log-loss of each model on one conversation and seed."""
    name, seed = job
    conversation = load(name)
    positions = conversation.positions
    split = hide(positions, seed, conversation.folder, Way.THREE_WAY)
    kept = positions.take(split.kept)
    cells = positions.member[split.hidden], positions.question[split.hidden]
    probs = {
        "question mean": three_way_shares(kept, *cells),
        "Polis groups": three_way_shares(kept, *cells, fit_polis(kept).group),
        OURS: ours(kept, *cells),
    }
    outcome = split.outcome[split.hidden]
    return {model: category_log_loss(one, outcome) for model, one in probs.items()}


TEXT = """A tenth of the answers and passes is hidden (seed {seed}) and predicted three-way. Ours is two
models: whether a participant passes, and what an answer would be."""


def run(effort: Effort) -> Section:
    """The section on three-way prediction."""
    jobs = [(name, effort.seeds[0]) for name in effort.main]
    found = dict(zip(effort.main, work("passes", evaluate, jobs), strict=True))
    table = Table(
        "Three-way log-loss of hidden answers",
        (Column("model"), *(Column(name, 4) for name in effort.main), Column("mean", 4)),
        tuple(
            (
                model,
                *(found[name][model] for name in effort.main),
                mean([one[model] for one in found.values()]),
            )
            for model in MODELS
        ),
    )
    ahead = max(found[name][OURS] - min(found[name][one] for one in MODELS[:2]) for name in effort.main)
    return Section(
        name="passes",
        title="Are passes predicted too?",
        text=TEXT.format(seed=effort.seeds[0]),
        tables=(table,),
        targets=(
            Target(
                "three-way log-loss above the better baseline's, worst conversation",
                ahead,
                high=0.0,
                decimals=4,
            ),
        ),
    )
