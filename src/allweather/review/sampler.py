"""The response model and its Gibbs sampler: an ordered probit with latent positions.

Member i answers question j in category k when a latent z falls between two cut points:

    z_ij ~ N(eta_ij, exp(-gamma x_ij)),   eta_ij = a_i + b_j + theta_i . lambda_j + u_j,g(i)

- a_i ~ N(0, s_a^2): how readily the member agrees; b_j ~ N(m_b, s_b^2): how acceptable the question
- theta_i ~ N(0, I): ideal point; lambda_jk ~ N(0, tau_k): discrimination. Each dimension has a
  variance tau_k of its own, so that one the data do not need shrinks towards nothing (automatic
  relevance determination)
- u_jg ~ N(0, s_u^2): what the declared bloc g makes of question j; absent without blocs
- x_ij in [-1, 1]: the intensity, where it is given; gamma ~ N(0, 1) learns what it is worth
- an entry that may be uninformative (its `reliability` is below 1) has a switch of its own: off, it
  would have said what it says with probability `chance`, and tells nothing of z. The switch is drawn
  like everything else, so a common text that fits nobody's own words is believed less
- the cut point below "at least a limited yes" is 0; the gaps between it and the others are
  log-normal a priori

Data augmentation after Albert and Chib (1993, JASA 88) makes every block but the cut points and
gamma conjugate; those two take random-walk Metropolis steps. The rows (a, theta) and the columns
(b, lambda, u) are drawn in one block each, which a bipartite layout of sparse matrices makes a few
vectorised calls. theta and lambda are identified only up to rotation; `alignment` settles that.

This module knows only arrays and a numpy Generator. Equal input gives equal bits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.special import ndtr, ndtri

from allweather.review.answers import Answers, FloatArray

#: Prior of the log of a gap between cut points: median 0.6 probits, 90% within 0.2 to 1.9.
GAP_LOG_MEAN, GAP_LOG_SD = -0.5, 0.7
_STEP = 0.15  # random-walk step of log gaps and gamma
_TINY = 1e-300

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Chain:
    """How long to sample: `n_burn` sweeps to settle, then `n_keep` draws, one every `thin`."""

    n_burn: int
    n_keep: int
    thin: int

    @property
    def n_sweeps(self) -> int:
        return self.n_burn + self.n_keep * self.thin


@dataclass(frozen=True, eq=False)
class Draws:
    """Posterior draws; the first axis is the draw, float32.

    - `row`: (n_draws, n_rows, 1 + n_dims), a_i and theta_i
    - `col`: (n_draws, n_cols, 1 + n_dims), b_j and lambda_j
    - `bloc`: (n_draws, n_cols, n_groups), u_j
    - `cuts`: (n_draws, n_categories - 1), rising, 0 at the support boundary
    """

    row: npt.NDArray[np.float32]
    col: npt.NDArray[np.float32]
    bloc: npt.NDArray[np.float32]
    cuts: npt.NDArray[np.float32]

    @property
    def n_draws(self) -> int:
        return int(self.row.shape[0])

    @property
    def n_dims(self) -> int:
        return int(self.row.shape[2]) - 1


def sample(
    answers: Answers,
    n_dims: int,
    chain: Chain,
    rng: np.random.Generator,
    progress: Progress | None = None,
) -> Draws:
    """Run one chain. `progress` is called with (sweeps done, sweeps in all)."""
    state = _State(answers, n_dims, rng)
    kept: list[tuple[FloatArray, FloatArray, FloatArray, FloatArray]] = []
    for sweep in range(chain.n_sweeps):
        state.sweep()
        done = sweep + 1 - chain.n_burn
        if done > 0 and done % chain.thin == 0:
            kept.append((state.row, state.col, state.bloc, state.cuts))
        if progress is not None:
            progress(sweep + 1, chain.n_sweeps)
    stacked = [np.stack(part).astype(np.float32) for part in zip(*kept, strict=True)]
    return Draws(*stacked)


class _State:
    """Where a chain stands. Arrays are replaced, never changed in place, so a draw can keep them."""

    def __init__(self, answers: Answers, n_dims: int, rng: np.random.Generator) -> None:
        self.rng, self.n_dims = rng, n_dims
        self._triangles: dict[int, tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]] = {}
        self.n_rows, self.n_cols, self.n_groups = answers.n_rows, answers.n_cols, answers.n_groups
        self.i, self.j, self.category = answers.row, answers.col, answers.category
        self.reliability, self.chance = answers.reliability, answers.chance
        self.doubted = bool(np.any(answers.reliability < 1))
        self.intensity = np.nan_to_num(answers.intensity)
        self.learn_gamma = bool(np.any(np.isfinite(answers.intensity)))
        self.support = answers.support_category
        n_categories = len(answers.levels)

        # Both layouts of the same answers: by row as they come, by column through `by_col`.
        n = len(answers)
        ones = np.ones(n)
        self.by_row = sp.csr_matrix(
            (ones, self.j, np.searchsorted(self.i, np.arange(self.n_rows + 1))),
            shape=(self.n_rows, self.n_cols),
        )
        self.order = np.lexsort((self.i, self.j))
        self.by_col = sp.csr_matrix(
            (
                ones.copy(),
                self.i[self.order],
                np.searchsorted(self.j[self.order], np.arange(self.n_cols + 1)),
            ),
            shape=(self.n_cols, self.n_rows),
        )
        self.bloc_of = np.zeros((self.n_rows, self.n_groups))
        member = np.flatnonzero(answers.group >= 0)
        self.bloc_of[member, answers.group[member]] = 1.0

        self.row = np.concatenate(
            [np.zeros((self.n_rows, 1)), rng.normal(size=(self.n_rows, n_dims))], axis=1
        )
        self.col = np.concatenate(
            [np.zeros((self.n_cols, 1)), 0.5 * rng.normal(size=(self.n_cols, n_dims))], axis=1
        )
        self.bloc = np.zeros((self.n_cols, self.n_groups))
        gap = np.exp(GAP_LOG_MEAN)
        self.cuts = gap * (np.arange(n_categories - 1) - (self.support - 1.0))
        self.gamma = 0.0
        self.s_a, self.s_b, self.m_b, self.s_u = 0.5, 1.0, 0.0, 0.5
        self.tau = np.full(n_dims, 0.5)

    def sweep(self) -> None:
        eta = self._eta()
        told = self._informative(eta) if self.doubted else np.ones(len(eta))
        if len(self.cuts) > 1:
            self._step_cuts(eta, told)
        if self.learn_gamma:
            self._step_gamma(eta, told)
        root = self._root(self.gamma)
        z = self._latent(eta, root)
        weight = told * root**2
        self._draw_rows(z, weight)
        self._draw_cols(z, weight)
        self._draw_scales()

    def _eta(self) -> FloatArray:
        eta: FloatArray = self.row[self.i, 0] + self.col[self.j, 0] + self._bloc_effect()
        eta += np.einsum("nd,nd->n", self.row[self.i, 1:], self.col[self.j, 1:])
        return eta

    def _bloc_effect(self) -> FloatArray:
        if not self.n_groups:
            return np.zeros(len(self.i))
        effect: FloatArray = np.einsum("ng,ng->n", self.bloc_of[self.i], self.bloc[self.j])
        return effect

    def _bounds(self, cuts: FloatArray) -> tuple[FloatArray, FloatArray]:
        edges = np.concatenate([[-np.inf], cuts, [np.inf]])
        return edges[self.category], edges[self.category + 1]

    def _root(self, gamma: float) -> FloatArray:
        """The square root of each answer's precision."""
        return np.asarray(np.exp(0.5 * gamma * self.intensity))

    def _latent(self, eta: FloatArray, root: FloatArray) -> FloatArray:
        low, high = self._bounds(self.cuts)
        u = self.rng.random(len(eta))
        return eta + truncated_normal((low - eta) * root, (high - eta) * root, u) / root

    def _likelihood(self, eta: FloatArray, root: FloatArray, cuts: FloatArray) -> FloatArray:
        low, high = self._bounds(cuts)
        mass = ndtr((high - eta) * root) - ndtr((low - eta) * root)
        return np.asarray(np.maximum(mass, _TINY))

    def _informative(self, eta: FloatArray) -> FloatArray:
        """Draw each entry's switch: 1 where it tells of the member's position, 0 where it does not."""
        told = self.reliability * self._likelihood(eta, self._root(self.gamma), self.cuts)
        idle = (1 - self.reliability) * self.chance
        return np.asarray(self.rng.random(len(eta)) * (told + idle) < told, dtype=np.float64)

    def _step_cuts(self, eta: FloatArray, told: FloatArray) -> None:
        gaps = np.log(np.diff(self.cuts))
        proposed = gaps + _STEP * self.rng.normal(size=len(gaps))
        steps = np.concatenate([[0.0], np.cumsum(np.exp(proposed))])
        cuts = steps - steps[self.support - 1]
        root = self._root(self.gamma)
        change = told @ np.log(self._likelihood(eta, root, cuts) / self._likelihood(eta, root, self.cuts))
        change += _log_normal(proposed, GAP_LOG_MEAN, GAP_LOG_SD) - _log_normal(
            gaps, GAP_LOG_MEAN, GAP_LOG_SD
        )
        if np.log(self.rng.random()) < change:
            self.cuts = cuts

    def _step_gamma(self, eta: FloatArray, told: FloatArray) -> None:
        proposed = self.gamma + _STEP * self.rng.normal()
        new = self._likelihood(eta, self._root(proposed), self.cuts)
        change = told @ np.log(new / self._likelihood(eta, self._root(self.gamma), self.cuts))
        change += (self.gamma**2 - proposed**2) / 2
        if np.log(self.rng.random()) < change:
            self.gamma = proposed

    def _draw_rows(self, z: FloatArray, weight: FloatArray) -> None:
        features = self.col.copy()
        features[:, 0] = 1.0
        prior = np.ones(1 + self.n_dims)
        prior[0] = 1 / self.s_a**2
        target = z - self.col[self.j, 0] - self._bloc_effect()
        self.row = self._regress(
            self.by_row, weight, target, features, np.broadcast_to(prior, self.row.shape), None
        )

    def _draw_cols(self, z: FloatArray, weight: FloatArray) -> None:
        features = np.concatenate([np.ones((self.n_rows, 1)), self.row[:, 1:], self.bloc_of], axis=1)
        prior = np.concatenate([[1 / self.s_b**2], 1 / self.tau, np.full(self.n_groups, 1 / self.s_u**2)])
        shift = np.zeros(len(prior))
        shift[0] = self.m_b * prior[0]
        drawn = self._regress(
            self.by_col,
            weight[self.order],
            (z - self.row[self.i, 0])[self.order],
            features,
            np.broadcast_to(prior, (self.n_cols, len(prior))),
            shift,
        )
        self.col, self.bloc = drawn[:, : 1 + self.n_dims], drawn[:, 1 + self.n_dims :]

    def _regress(
        self,
        layout: sp.csr_matrix,
        weight: FloatArray,
        target: FloatArray,
        features: FloatArray,
        prior: FloatArray,
        shift: FloatArray | None,
    ) -> FloatArray:
        """Draw the coefficients of one weighted Bayesian regression a row of `layout`."""
        n, d = prior.shape
        upper = self._upper(d)
        layout.data = weight
        products = layout @ (features[:, upper[0]] * features[:, upper[1]])
        layout.data = weight * target
        right = layout @ features
        if shift is not None:
            right += shift
        precision = np.empty((n, d, d))
        precision[:, upper[0], upper[1]] = products
        precision[:, upper[1], upper[0]] = products
        diagonal = np.arange(d)
        precision[:, diagonal, diagonal] += prior
        inverse = np.linalg.inv(np.linalg.cholesky(precision))
        half = np.einsum("nij,nj->ni", inverse, right) + self.rng.normal(size=(n, d))
        drawn: FloatArray = np.einsum("nji,nj->ni", inverse, half)
        return drawn

    def _upper(self, d: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """The upper triangle of a d by d matrix; asked for twice a sweep, so kept."""
        if d not in self._triangles:
            self._triangles[d] = np.triu_indices(d)
        return self._triangles[d]

    def _draw_scales(self) -> None:
        rng = self.rng
        a, b = self.row[:, 0], self.col[:, 0]
        self.s_a = float(np.sqrt((np.sum(a**2) + 0.5) / rng.chisquare(self.n_rows + 2)))
        spread = 1 / (self.n_cols / self.s_b**2 + 0.25)
        self.m_b = float(rng.normal(spread * np.sum(b) / self.s_b**2, np.sqrt(spread)))
        self.s_b = float(np.sqrt((np.sum((b - self.m_b) ** 2) + 1) / rng.chisquare(self.n_cols + 2)))
        if self.n_dims:
            squares = np.sum(self.col[:, 1:] ** 2, axis=0)
            self.tau = (squares + 0.1) / rng.chisquare(self.n_cols + 1, size=self.n_dims)
        if self.n_groups:
            n = self.bloc.size
            self.s_u = float(np.sqrt((np.sum(self.bloc**2) + 0.5) / rng.chisquare(n + 2)))


def truncated_normal(low: FloatArray, high: FloatArray, u: FloatArray) -> FloatArray:
    """Standard normal draws between `low` and `high` by inversion of uniform `u`, all shape (n,).

    Works in whichever tail holds less mass, and stays within the bounds where both lie so far out
    that the mass between them underflows.
    """
    flip = low + high > 0
    below = np.where(flip, -high, low)
    above = np.where(flip, -low, high)
    from_mass = ndtr(below)
    drawn = ndtri(np.maximum(from_mass + u * (ndtr(above) - from_mass), _TINY))
    drawn = np.clip(drawn, below, above)
    drawn = np.where(flip, -drawn, drawn)
    return np.asarray(drawn)


def _log_normal(values: FloatArray, mean: float, sd: float) -> float:
    return float(-np.sum((values - mean) ** 2) / (2 * sd**2))
