"""How many dimensions the answers support: decided by answers that the fit has not seen.

A part of the answers is hidden, the model is fitted to the rest with 0, 1, 2 ... dimensions, and
each step up must predict the hidden answers better by more than chance. The first step that does
not ends the search, so "none" is an answer: then there is no evidence of sides, and no map.

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
#: Enough to compare predictions; twice as long where a sweep costs little.
_LONG, _SHORT = Chain(n_burn=150, n_keep=100, thin=2), Chain(n_burn=100, n_keep=100, thin=1)
_MANY = 100_000


@dataclass(frozen=True, slots=True)
class Evidence:
    """The steps tried, and how many dimensions they support."""

    steps: tuple[DimensionEvidence, ...]
    n_dimensions: int


def weigh_dimensions(
    answers: Answers, *, seed: int, n_threads: int = 1, report: Report | None = None
) -> Evidence:
    """Try 1, 2, ... dimensions until one more does not help."""
    hidden = hide_some(answers, np.random.default_rng([seed, 17]))
    if not hidden.any():
        return Evidence((), 0)
    kept, asked = answers.keep(~hidden), answers.keep(hidden)
    limit = min(MAX_MAP_DIMS, answers.n_rows - 2, answers.n_cols - 2)

    def losses(n_dims: int) -> FloatArray:
        if report is not None:
            report(f"weighing {n_dims} dimensions", n_dims / (limit + 1))
        chain = _LONG if len(kept) < _MANY else _SHORT
        model = fit_model(kept, n_dims, seed=seed, chain=chain, n_chains=1)
        return log_losses(model, asked)

    steps: list[DimensionEvidence] = []
    with ThreadPoolExecutor(max_workers=n_threads) as pool:
        # Two fits at a time, whatever the number of threads, so that the work is the same.
        loss = list(pool.map(losses, range(min(2, limit + 1))))
        for k in range(1, limit + 1):
            if k == len(loss):
                loss += list(pool.map(losses, range(k, min(k + 2, limit + 1))))
            steps.append(_step(k, loss[k - 1], loss[k], asked.row))
            if not steps[-1].supported:
                break
    return Evidence(tuple(steps), sum(step.supported for step in steps))


def hide_some(answers: Answers, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Hide a fifth of few answers or a tenth of many, but no member's or question's last one."""
    share = 0.2 if len(answers) < 5000 else 0.1
    hidden = rng.random(len(answers)) < share
    for index, n in ((answers.row, answers.n_rows), (answers.col, answers.n_cols)):
        left = np.bincount(index[~hidden], minlength=n)
        hidden &= left[index] > 0
    return hidden


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
