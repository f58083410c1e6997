"""Positions simulated from the response model, with their truth, for the tests of the review."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from allweather.positions import Body, Member, Positions, Question, Response


@dataclass(frozen=True, eq=False)
class Simulated:
    """Positions with the probabilities (n_members, n_questions) that made them."""

    positions: Positions
    prob: npt.NDArray[np.float64]
    theta: npt.NDArray[np.float64]


def simulate(
    theta: npt.NDArray[np.float64],
    n_questions: int,
    *,
    density: float,
    seed: int,
    discrimination: float = 1.0,
    body: Body = Body.CONSULTATION,
) -> Simulated:
    """Yes/no answers from ideal points `theta` (n_members, n_dims), a share `density` observed."""
    rng = np.random.default_rng(seed)
    n_members, n_dims = theta.shape
    loading = discrimination * rng.normal(size=(n_questions, n_dims))
    eta = 0.4 * rng.normal(size=(n_members, 1)) + 0.4 + 0.8 * rng.normal(size=n_questions) + theta @ loading.T
    agreed = rng.random(eta.shape) < ndtr(eta)
    member, question = np.nonzero(rng.random(eta.shape) < density)
    response = np.where(agreed[member, question], int(Response.SUPPORT), int(Response.OPPOSE))
    positions = positions_of(n_members, n_questions, member, question, response, body=body)
    return Simulated(positions, np.asarray(ndtr(eta)), theta)


def positions_of(
    n_members: int,
    n_questions: int,
    member: npt.ArrayLike,
    question: npt.ArrayLike,
    response: npt.ArrayLike,
    *,
    basis: npt.ArrayLike = 0,
    intensity: npt.ArrayLike = np.nan,
    body: Body = Body.CONSULTATION,
) -> Positions:
    """Positions of members m0, m1, ... on questions q0, q1, ..."""
    return Positions.from_columns(
        [Member(f"m{k}", f"Member {k}") for k in range(n_members)],
        [Question(f"q{k}", f"Question {k}?") for k in range(n_questions)],
        member,
        question,
        response,
        basis=basis,
        intensity=intensity,
        body=body,
    )
