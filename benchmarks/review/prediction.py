"""Held-out answers: ours, the baselines and red-dwarf's groups on the same splits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allweather.positions import Positions
from allweather.review.baselines import BASELINES, group_mean
from allweather.review.estimator import fit_for_prediction
from allweather.review.heldout import Scores, hide, score
from benchmarks.figures import Column, Section, Table, Target, mean, weighted_mean
from benchmarks.review.conversations import load
from benchmarks.review.effort import Effort
from benchmarks.review.peers import RED_DWARF, has_red_dwarf, red_dwarf_groups
from benchmarks.review.work import work

OURS = "allweather"
MODELS = (*BASELINES, RED_DWARF, OURS)

Index = npt.NDArray[np.integer]
#: Fits to the kept positions and predicts cells: points (n,), or draws (n_draws, n).
Fit = Callable[[Positions, Index, Index], npt.NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One model on one split."""

    model: str
    conversation: str
    seed: int
    scores: Scores


def ours(kept: Positions, member: Index, question: Index) -> npt.NDArray[np.float64]:
    """Draws of the probability of agreement, dimensions chosen from the kept answers alone."""
    model = fit_for_prediction(kept, seed=0, n_threads=1)
    return model.support_prob(member, question).astype(np.float64)


def red_dwarf(kept: Positions, member: Index, question: Index) -> npt.NDArray[np.float64]:
    """The mean of a question in the group that red-dwarf puts the participant in."""
    return group_mean(kept, red_dwarf_groups(kept)).predict(member, question)


def models() -> dict[str, Fit]:
    """Every model that can run here."""

    def baseline(name: str) -> Fit:
        return lambda kept, member, question: BASELINES[name](kept).predict(member, question)

    found: dict[str, Fit] = {name: baseline(name) for name in BASELINES}
    if has_red_dwarf():
        found[RED_DWARF] = red_dwarf
    found[OURS] = ours
    return found


def evaluate(job: tuple[str, int]) -> list[Outcome]:
    """All models on one conversation and seed."""
    name, seed = job
    conversation = load(name)
    split = hide(conversation.positions, seed, conversation.folder)
    kept = conversation.positions.take(split.kept)
    member = conversation.positions.member[split.hidden]
    question = conversation.positions.question[split.hidden]
    agreed = split.outcome[split.hidden] == 1
    found = []
    for model, fit in models().items():
        draws = fit(kept, member, question)
        found.append(Outcome(model, name, seed, score(draws, agreed, question)))
    return found


TEXT = """A tenth of the answers is hidden (the split is written out in `allweather.review.heldout`),
agreement against disagreement. Figures are means over seeds {seeds}. The mean is over {main}; the small
conversations stand beside it and are outside it. ECE is weighted by hidden answers. Coverage is that of
90% intervals for the number of agreements among a question's hidden answers; models without a posterior
are taken at their word, as if their probabilities were certain. red-dwarf predicts by the mean of the
participant's group, where it places the participant, and the question mean elsewhere."""


def run(effort: Effort) -> Section:
    """The section on held-out answers."""
    names = (*effort.main, *effort.small)
    jobs = [(name, seed) for name in names for seed in effort.seeds]
    outcomes = [one for group in work("prediction", evaluate, jobs) for one in group]

    def of(model: str, conversations: tuple[str, ...]) -> list[Outcome]:
        return [one for one in outcomes if one.model == model and one.conversation in conversations]

    def mean_of(model: str, what: str) -> float | None:
        """The mean over the main conversations of their means over seeds."""
        each = [mean([getattr(one.scores, what) for one in of(model, (name,))]) for name in effort.main]
        return mean([one for one in each if one is not None]) if None not in each else None

    def weighted_ece(model: str) -> float | None:
        held = of(model, effort.main)
        return weighted_mean([one.scores.ece for one in held], [float(one.scores.n_hidden) for one in held])

    loss = Table(
        "Log-loss of hidden answers",
        (
            Column("model"),
            *(Column(name, 4) for name in effort.main),
            Column("mean", 4),
            *(Column(name, 4) for name in effort.small),
        ),
        tuple(
            (
                model,
                *(mean([one.scores.log_loss for one in of(model, (name,))]) for name in effort.main),
                mean_of(model, "log_loss"),
                *(mean([one.scores.log_loss for one in of(model, (name,))]) for name in effort.small),
            )
            for model in MODELS
        ),
    )
    rest = Table(
        "Other measures, means over the same conversations",
        tuple(Column(one) for one in ("model", "accuracy", "AUC", "ECE", "coverage")),
        tuple(
            (
                model,
                mean_of(model, "accuracy"),
                mean_of(model, "auc"),
                weighted_ece(model),
                mean_of(model, "coverage"),
            )
            for model in MODELS
        ),
    )
    detail = Table(
        "Ours, by conversation",
        (
            Column("conversation"),
            Column("hidden answers a seed", 0),
            *(Column(one) for one in ("log-loss", "accuracy", "AUC", "ECE", "coverage")),
        ),
        tuple(
            (
                name,
                mean([float(one.scores.n_hidden) for one in of(OURS, (name,))]),
                *(
                    mean([getattr(one.scores, what) for one in of(OURS, (name,))])
                    for what in ("log_loss", "accuracy", "auc", "ece", "coverage")
                ),
            )
            for name in names
        ),
    )
    return Section(
        name="prediction",
        title="How well are hidden answers predicted?",
        text=TEXT.format(seeds=", ".join(map(str, effort.seeds)), main=", ".join(effort.main)),
        tables=(loss, rest, detail),
        targets=(
            Target("held-out log-loss, mean", mean_of(OURS, "log_loss"), high=0.306),
            Target("ECE, weighted by hidden answers", weighted_ece(OURS), high=0.015),
            Target("coverage of 90% intervals", mean_of(OURS, "coverage"), low=0.88, high=0.92),
        ),
        notes=() if has_red_dwarf() else ("red-dwarf is not installed: its rows are empty.",),
    )
