"""Settle rotation, reflection, order and scale of the latent dimensions, in the open.

The likelihood knows theta and lambda only through their products, so each posterior draw may sit
in its own rotation. We bring all draws to one frame:

1. Principal axes: each draw's theta lambda' is decomposed (SVD), which gives positions with unit
   variance over members and discriminations ordered by how much of the answers they explain.
2. Reference: the same decomposition of the posterior mean of theta lambda', which no rotation moves.
3. Each draw's discriminations are turned onto the reference by orthogonal Procrustes
   (Schönemann 1966, Psychometrika 31), and its positions by the same turn.
4. Sign: on each dimension the question with the largest discrimination points to the high end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allweather.review.sampler import Draws

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Aligned:
    """Draws in one frame, dimensions in falling order of importance.

    - `theta`: (n_draws, n_rows, n_dims), ideal points, unit variance over members
    - `loading`: (n_draws, n_cols, n_dims), discriminations, in probits a unit of ideal point
    - `share`: (n_dims,), posterior mean share of the spread of eta that each dimension makes
    """

    theta: Float64
    loading: Float64
    share: Float64


def align(draws: Draws) -> Aligned:
    """Bring all draws to one frame. With no dimensions the arrays have a last axis of 0."""
    n_draws, n_rows = draws.row.shape[:2]
    n_cols, n_dims = draws.col.shape[1], draws.n_dims
    if n_dims == 0:
        empty = np.zeros(0)
        return Aligned(np.zeros((n_draws, n_rows, 0)), np.zeros((n_draws, n_cols, 0)), empty)
    theta = np.empty((n_draws, n_rows, n_dims))
    loading = np.empty((n_draws, n_cols, n_dims))
    for s in range(n_draws):
        theta[s], loading[s] = _principal(draws.row[s, :, 1:], draws.col[s, :, 1:])
    reference = _reference(theta, loading)
    for s in range(n_draws):
        left, _, right = np.linalg.svd(loading[s].T @ reference)
        turn = left @ right
        theta[s] = theta[s] @ turn
        loading[s] = loading[s] @ turn
    mean = loading.mean(axis=0)
    strongest = np.abs(mean).argmax(axis=0)
    sign = np.where(mean[strongest, np.arange(n_dims)] < 0, -1.0, 1.0)
    spread = (loading**2).mean(axis=(0, 1))
    return Aligned(theta * sign, loading * sign, spread / max(spread.sum(), 1e-12))


def _principal(theta: npt.NDArray[np.floating], loading: npt.NDArray[np.floating]) -> tuple[Float64, Float64]:
    """theta, loading with the same product, theta of orthonormal columns times sqrt(n_rows)."""
    q_t, r_t = np.linalg.qr(theta.astype(np.float64) - theta.mean(axis=0, dtype=np.float64))
    q_l, r_l = np.linalg.qr(loading.astype(np.float64))
    left, size, right = np.linalg.svd(r_t @ r_l.T, full_matrices=False)
    scale = np.sqrt(theta.shape[0])
    return _padded(q_t @ left * scale, theta.shape[1]), _padded(
        q_l @ right.T * (size / scale), theta.shape[1]
    )


def _padded(columns: Float64, n_dims: int) -> Float64:
    """Fill up with empty dimensions where there are fewer rows or columns than dimensions."""
    return np.pad(columns[:, :n_dims], ((0, 0), (0, max(0, n_dims - columns.shape[1]))))


def _reference(theta: Float64, loading: Float64) -> Float64:
    """The loadings of the posterior mean of theta loading', from a stack of the draws' factors."""
    n_draws, n_rows, n_dims = theta.shape
    # The mean of products is one product of the stacked factors: QR of each stack, then a small SVD.
    stacked_t = theta.transpose(1, 0, 2).reshape(n_rows, -1)
    stacked_l = loading.transpose(1, 0, 2).reshape(loading.shape[1], -1)
    q_l, r_l = np.linalg.qr(stacked_l)
    mean = stacked_t @ r_l.T / n_draws  # (n_rows, min(n_cols, n_draws * n_dims))
    _, size, right = np.linalg.svd(mean, full_matrices=False)
    return _padded(q_l @ right.T * (size / np.sqrt(n_rows)), n_dims)
