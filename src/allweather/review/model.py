"""Fit the response model and ask it for probabilities.

`fit_model` runs the chains (each with its own stream of random numbers, so that the number of
threads changes nothing) and returns a `FittedModel`: posterior draws plus the questions one may put
to them. It computes no report; `estimator` does that. Use it directly to predict held-out answers.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr
from threadpoolctl import threadpool_limits

from allweather.review.answers import Answers, FloatArray
from allweather.review.sampler import Chain, Draws, sample

N_CHAINS = 2
N_KEEP = 200  # draws kept a chain

Report = Callable[[str, float], None]
Float32Array = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class FittedModel:
    """Posterior draws of all chains, one after the other, with the answers they came from.

    The methods take int arrays `row` and `col` of one shape (n,) and return float32
    (n_draws, n); `*_prob` are probabilities given that the member answers at all.
    """

    answers: Answers
    draws: Draws
    chain: Chain
    n_chains: int

    @property
    def n_draws(self) -> int:
        return self.draws.n_draws

    def eta(self, row: npt.NDArray[np.integer], col: npt.NDArray[np.integer]) -> Float32Array:
        """The latent tendency to support, in probits, 0 at the edge of a limited yes."""
        d = self.draws
        eta = d.row[:, row, 0] + d.col[:, col, 0]
        for k in range(1, d.n_dims + 1):
            eta += d.row[:, row, k] * d.col[:, col, k]
        if self.answers.n_groups:
            group = self.answers.group[row]
            eta += np.where(group >= 0, d.bloc[:, col, np.maximum(group, 0)], 0)
        return eta

    def support_prob(self, row: npt.NDArray[np.integer], col: npt.NDArray[np.integer]) -> Float32Array:
        """The probability of at least a limited yes."""
        return np.asarray(ndtr(self.eta(row, col)))

    def oppose_prob(self, row: npt.NDArray[np.integer], col: npt.NDArray[np.integer]) -> Float32Array:
        """The probability of open opposition (the lowest level)."""
        return np.asarray(ndtr(self.draws.cuts[:, :1] - self.eta(row, col)))

    def agree_prob(self, row: npt.NDArray[np.integer], col: npt.NDArray[np.integer]) -> Float32Array:
        """The probability of at least a limited yes, given that the member does not hold back:
        agreement against opposition. Without held-back answers it equals `support_prob`."""
        support = self.support_prob(row, col)
        either = support + self.oppose_prob(row, col)
        return np.asarray(np.divide(support, either, out=np.full_like(support, 0.5), where=either > 0))

    def eta_all(self, part: slice) -> Float32Array:
        """`eta` of every cell for some of the draws: (n_part, n_rows, n_cols)."""
        d = self.draws
        eta: Float32Array = d.row[part, :, 0, None] + d.col[part, None, :, 0]
        if d.n_dims:
            eta += np.matmul(d.row[part, :, 1:], d.col[part, :, 1:].transpose(0, 2, 1))
        if self.answers.n_groups:
            member = np.flatnonzero(self.answers.group >= 0)
            effect = d.bloc[part].transpose(0, 2, 1)
            eta[:, member, :] += effect[:, self.answers.group[member], :]
        return eta


def chain_for(n_answers: int) -> Chain:
    """How long to sample for so many answers: small data mix slowly but cost little."""
    kept = int(np.clip(2.4e7 / max(n_answers, 1), N_KEEP, 2000))
    if n_answers < 2000:
        kept = min(kept, 600)  # so few answers leave the prior to do most of the work
    return Chain(n_burn=kept // 2, n_keep=N_KEEP, thin=max(kept // N_KEEP, 1))


def fit_model(
    answers: Answers,
    n_dims: int,
    *,
    seed: int,
    chain: Chain | None = None,
    n_chains: int = N_CHAINS,
    n_threads: int = 1,
    report: Report | None = None,
) -> FittedModel:
    """Fit with at most `n_dims` dimensions; those the data do not need shrink away.

    `report` is called with a sentence and the share done, 0 to 1, from the first chain only.
    """
    chain = chain or chain_for(len(answers))
    seeds = np.random.SeedSequence(entropy=seed, spawn_key=(n_dims,)).spawn(n_chains)

    def run(k: int) -> Draws:
        def progress(done: int, of: int) -> None:
            if report is not None and (done % 20 == 0 or done == of):
                report(f"fitting {n_dims} dimensions", done / of)

        return sample(answers, n_dims, chain, np.random.default_rng(seeds[k]), progress if k == 0 else None)

    # One BLAS thread: how a product is cut up among threads may change its last bit.
    with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor(max_workers=n_threads) as pool:
        parts = list(pool.map(run, range(n_chains)))
    draws = Draws(
        row=np.concatenate([one.row for one in parts]),
        col=np.concatenate([one.col for one in parts]),
        bloc=np.concatenate([one.bloc for one in parts]),
        cuts=np.concatenate([one.cuts for one in parts]),
    )
    return FittedModel(answers, draws, chain, n_chains)


@dataclass(frozen=True, slots=True)
class Mixing:
    """How well the chains agree: the largest split R-hat, and the fewest effective draws."""

    largest_rhat: float
    least_effective_draws: float


def mixing_of(quantities: FloatArray, n_chains: int) -> Mixing:
    """Split R-hat and effective draws of `quantities`, shape (n_draws, n), chains in sequence.

    After Gelman et al., Bayesian Data Analysis (3rd ed.), section 11.4-11.5; the effective number
    comes from the variance of batch means (20 batches a chain) instead of autocorrelations.
    """
    n_draws, n = quantities.shape
    halves = quantities[: n_draws // (2 * n_chains) * 2 * n_chains].reshape(2 * n_chains, -1, n)
    length = halves.shape[1]
    within = halves.var(axis=1, ddof=1).mean(axis=0)
    between = length * halves.mean(axis=1).var(axis=0, ddof=1)
    varied = within > 1e-12
    if not varied.any():
        return Mixing(1.0, float(n_draws))
    pooled = (length - 1) / length * within + between / length
    rhat = np.sqrt(pooled[varied] / within[varied])
    batches = quantities[: n_draws // (20 * n_chains) * 20 * n_chains].reshape(20 * n_chains, -1, n)
    of_means = batches.shape[1] * batches.mean(axis=1).var(axis=0, ddof=1)
    effective = n_draws * np.minimum(within[varied] / np.maximum(of_means[varied], 1e-12), 1.0)
    return Mixing(float(rhat.max()), float(effective.min()))
