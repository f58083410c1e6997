"""How many dimensions the answers support: decided by answers that the fit has not seen.

A part of the answers is hidden, the model is fitted to the rest with 0, 1, 2 ... dimensions, and
each step up must predict the hidden answers better by more than chance; of few answers several
parts are hidden in turn. The first step that does not ends the search, so "none" is an answer: then
there is no evidence of sides, and no map.

The gain of a step is the mean difference of log-loss over hidden answers. Its standard error
treats a member's answers as one observation, since they stand and fall together.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from allweather.review.answers import Answers, FloatArray
from allweather.review.model import FittedModel, Report, fit_model
from allweather.review.results import DimensionEvidence, Interval
from allweather.review.sampler import Chain

MAX_MAP_DIMS = 3
#: A step must be this many standard errors above nothing. At 3, chance passes one time in 700;
#: structure-free data must not be reported as having sides.
STANDARD_ERRORS = 3.0
_Z90 = 1.6449
#: Parts are hidden in turn until about so many answers have been.
_HIDDEN_IN_ALL = 4000
_THIN, _FEW, _MANY = 1000, 5000, 100_000


@dataclass(frozen=True, slots=True)
class Evidence:
    """The steps tried, how many dimensions they support, and how many to fit for prediction:
    none unless the first step was a gain, however small, since dimensions that the data do not
    need shrink away by themselves."""

    steps: tuple[DimensionEvidence, ...]
    n_dimensions: int

    @property
    def is_leaning(self) -> bool:
        """Whether one dimension predicted hidden answers better than none, surely or not."""
        return bool(self.steps) and self.steps[0].gain.mean > 0


def weigh_dimensions(
    answers: Answers, *, seed: int, n_threads: int = 1, report: Report | None = None
) -> Evidence:
    """Try 1, 2, ... dimensions until one more does not help."""
    parts = [hidden for hidden in hide_in_turn(answers, np.random.default_rng([seed, 17])) if hidden.any()]
    limit = min(MAX_MAP_DIMS, answers.n_rows - 2, answers.n_cols - 2)
    if not parts or limit < 1:
        return Evidence((), 0)
    asked_of = np.concatenate([answers.row[hidden] for hidden in parts])

    def losses(task: tuple[int, int]) -> FloatArray:
        n_dims, part = task
        if report is not None:
            report(f"weighing {n_dims} dimensions", part / len(parts))
        kept = answers.keep(~parts[part])
        model = fit_model(kept, n_dims, seed=seed + part, chain=_chain_for(len(answers)), n_chains=1)
        return log_losses(model, answers.keep(parts[part]))

    steps: list[DimensionEvidence] = []
    with ThreadPoolExecutor(max_workers=n_threads) as pool:

        def loss_with(*dims: int) -> list[FloatArray]:
            found = list(pool.map(losses, [(k, part) for k in dims for part in range(len(parts))]))
            return [np.concatenate(found[k * len(parts) :][: len(parts)]) for k in range(len(dims))]

        loss = loss_with(0, 1)
        for k in range(1, limit + 1):
            if k == len(loss):
                loss += loss_with(k)
            steps.append(_step(k, loss[k - 1], loss[k], asked_of))
            if not steps[-1].supported:
                break
    return Evidence(tuple(steps), sum(step.supported for step in steps))


def hide_in_turn(answers: Answers, rng: np.random.Generator) -> list[npt.NDArray[np.bool_]]:
    """Parts to hide: fifths of few answers, tenths of many, but no member's or question's last one."""
    n_parts = 5 if len(answers) < _FEW else 10
    n_asked = min(n_parts, -(-_HIDDEN_IN_ALL * n_parts // max(len(answers), 1)))
    if len(answers) < _THIN:
        n_asked = 3  # a council waits for its result, and so thin a record decides nothing by a hair
    part_of = rng.integers(n_parts, size=len(answers))
    parts = []
    for part in range(n_asked):
        hidden = part_of == part
        for index, n in ((answers.row, answers.n_rows), (answers.col, answers.n_cols)):
            left = np.bincount(index[~hidden], minlength=n)
            hidden &= left[index] > 0
        parts.append(hidden)
    return parts


def _chain_for(n_answers: int) -> Chain:
    """Enough to compare predictions, and longer where mixing is slow and a sweep costs little."""
    if n_answers < _THIN:
        return Chain(n_burn=40, n_keep=60, thin=1)
    return (
        Chain(n_burn=150, n_keep=100, thin=2) if n_answers < _MANY else Chain(n_burn=100, n_keep=100, thin=1)
    )


def log_losses(model: FittedModel, asked: Answers) -> FloatArray:
    """Minus the log of the predictive probability of each answer in `asked`, shape (n,)."""
    eta = model.eta(asked.row, asked.col)
    edges = np.concatenate(
        [np.full((model.n_draws, 1), -np.inf), model.draws.cuts, np.full((model.n_draws, 1), np.inf)], axis=1
    )
    mass = ndtr(edges[:, asked.category + 1] - eta) - ndtr(edges[:, asked.category] - eta)
    prob = mass.mean(axis=0, dtype=np.float64)
    return np.asarray(-np.log(np.clip(prob, 1e-6, 1.0)))


def _step(k: int, before: FloatArray, after: FloatArray, row: npt.NDArray[np.int32]) -> DimensionEvidence:
    gain = before - after
    mean = float(gain.mean())
    by_member = np.bincount(row, weights=gain - mean)
    se = float(np.sqrt(np.sum(by_member**2)) / len(gain))
    return DimensionEvidence(
        n_dimensions=k,
        log_loss=round(float(after.mean()), 4),
        gain=Interval(round(mean, 4), round(mean - _Z90 * se, 4), round(mean + _Z90 * se, 4)),
        supported=mean - STANDARD_ERRORS * se > 0,
    )
