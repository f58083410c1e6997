"""Dimensions, alignment and clusters: found where they are, and not where they are not."""

from __future__ import annotations

import numpy as np
import pytest

from allweather.review.alignment import Aligned, align
from allweather.review.answers import answers_of
from allweather.review.clusters import VALLEY, depth_of_valley, find_clusters, unimodal_p_value
from allweather.review.dimensions import hide_in_turn, weigh_dimensions
from allweather.review.heldout import adjusted_rand
from allweather.review.model import fit_model
from allweather.review.sampler import Chain, Draws
from tests.review.simulated import positions_of, simulate

SHORT = Chain(n_burn=200, n_keep=100, thin=3)


def _draws(theta: np.ndarray, loading: np.ndarray, n_draws: int, seed: int) -> Draws:
    """Draws that differ by an arbitrary linear turn of the latent space only."""
    rng = np.random.default_rng(seed)
    rows, cols = [], []
    for _ in range(n_draws):
        turn = rng.normal(size=(theta.shape[1], theta.shape[1])) + 2 * np.eye(theta.shape[1])
        rows.append(np.c_[np.zeros(len(theta)), theta @ turn])
        cols.append(np.c_[np.zeros(len(loading)), loading @ np.linalg.inv(turn).T])
    n_cols = len(loading)
    return Draws(
        np.stack(rows).astype(np.float32),
        np.stack(cols).astype(np.float32),
        np.zeros((n_draws, n_cols, 0), dtype=np.float32),
        np.zeros((n_draws, 1), dtype=np.float32),
    )


def test_alignment_undoes_any_turn() -> None:
    rng = np.random.default_rng(0)
    theta = rng.normal(size=(50, 2))
    theta -= theta.mean(axis=0)
    loading = rng.normal(size=(20, 2)) * [2.0, 0.7]
    aligned = align(_draws(theta, loading, 12, 1))
    assert np.allclose(aligned.theta.std(axis=0), 0, atol=1e-4)
    assert np.allclose(aligned.loading.std(axis=0), 0, atol=1e-4)
    assert np.allclose(aligned.theta[0] @ aligned.loading[0].T, theta @ loading.T, atol=1e-3)
    assert aligned.share[0] > aligned.share[1]
    strongest = np.abs(aligned.loading.mean(axis=0)).argmax(axis=0)
    assert np.all(aligned.loading.mean(axis=0)[strongest, [0, 1]] > 0)


@pytest.mark.parametrize(("n_rows", "n_cols", "n_dims"), [(30, 2, 4), (3, 20, 4), (10, 10, 0)])
def test_alignment_bears_more_dimensions_than_data(n_rows: int, n_cols: int, n_dims: int) -> None:
    rng = np.random.default_rng(0)
    aligned = align(_draws(rng.normal(size=(n_rows, n_dims)), rng.normal(size=(n_cols, n_dims)), 4, 2))
    assert aligned.theta.shape == (4, n_rows, n_dims)
    assert np.all(np.isfinite(aligned.theta))


@pytest.mark.parametrize("seed", range(4))
def test_structure_free_answers_have_no_dimension(seed: int) -> None:
    made = simulate(np.zeros((150, 1)), 30, density=0.5, seed=seed)
    assert weigh_dimensions(answers_of(made.positions), seed=seed).n_dimensions == 0


def test_answers_permuted_within_questions_have_no_dimension() -> None:
    made = simulate(
        np.random.default_rng(3).normal(size=(150, 1)), 30, density=0.5, seed=3, discrimination=1.5
    )
    rng = np.random.default_rng(4)
    response = made.positions.response.copy()
    for j in range(30):
        asked = np.flatnonzero(made.positions.question == j)
        response[asked] = response[rng.permutation(asked)]
    permuted = positions_of(150, 30, made.positions.member, made.positions.question, response)
    assert weigh_dimensions(answers_of(made.positions), seed=0).n_dimensions >= 1
    assert weigh_dimensions(answers_of(permuted), seed=0).n_dimensions == 0


def test_two_dimensions_are_told_from_one() -> None:
    theta = np.random.default_rng(6).normal(size=(200, 2))
    made = simulate(theta, 40, density=0.7, seed=6, discrimination=1.2)
    evidence = weigh_dimensions(answers_of(made.positions), seed=0, n_threads=2)
    assert evidence.n_dimensions == 2
    assert [step.supported for step in evidence.steps] == [True, True, False]
    assert weigh_dimensions(answers_of(made.positions), seed=0, n_threads=1) == evidence


def test_hiding_leaves_every_member_and_question_an_answer() -> None:
    made = simulate(np.zeros((60, 1)), 12, density=0.15, seed=1)
    answers = answers_of(made.positions)
    parts = hide_in_turn(answers, np.random.default_rng(0))
    assert len(parts) == 3
    assert np.all(np.sum(parts, axis=0) <= 1)
    for hidden in parts:
        assert 0 < hidden.sum() < 0.35 * len(hidden)
        for index in (answers.row, answers.col):
            assert set(index[~hidden].tolist()) == set(index.tolist())


def test_of_many_answers_one_part_is_enough() -> None:
    made = simulate(np.zeros((1000, 1)), 60, density=1.0, seed=1)
    assert len(hide_in_turn(answers_of(made.positions), np.random.default_rng(0))) == 1


def test_modes_are_counted() -> None:
    rng = np.random.default_rng(0)
    assert unimodal_p_value(rng.normal(size=300), rng) > 0.1
    assert unimodal_p_value(rng.exponential(size=300), rng) > 0.05
    apart = np.concatenate([rng.normal(-2, 0.5, 150), rng.normal(2, 0.5, 150)])
    assert unimodal_p_value(apart, rng) < 0.01


def test_a_flat_crowd_has_no_valley() -> None:
    rng = np.random.default_rng(1)
    apart = np.concatenate([rng.normal(-2, 0.6, 200), rng.normal(2, 0.6, 100)])
    assert depth_of_valley(apart) < 0.3
    assert depth_of_valley(rng.normal(size=300)) > VALLEY
    flat = [depth_of_valley(rng.uniform(-1, 1, 400) + 0.3 * rng.normal(size=400)) for _ in range(40)]
    assert np.mean(np.array(flat) > VALLEY) >= 0.9
    assert depth_of_valley(np.zeros(10)) == 1.0


@pytest.mark.parametrize("places", [(-1.3, 1.3), (-1.6, 0.0, 1.6)])
def test_planted_clusters_are_found(places: tuple[float, ...]) -> None:
    rng = np.random.default_rng(9)
    truth = np.repeat(np.arange(len(places)), 60)
    theta = (np.array(places)[truth] + 0.15 * rng.normal(size=len(truth)))[:, None]
    made = simulate(theta, 50, density=0.8, seed=9, discrimination=1.3)
    model = fit_model(answers_of(made.positions), 3, seed=0, chain=SHORT)
    found = find_clusters(align(model.draws), 1, np.random.default_rng(0))
    placed = found.label >= 0
    assert found.n_clusters == len(places)
    assert placed.mean() > 0.8
    assert adjusted_rand(found.label[placed], truth[placed]) > 0.95
    assert found.stability is not None


def test_a_continuum_has_no_clusters() -> None:
    theta = np.random.default_rng(2).normal(size=(200, 1))
    made = simulate(theta, 50, density=0.7, seed=2, discrimination=1.3)
    model = fit_model(answers_of(made.positions), 3, seed=0, chain=SHORT)
    found = find_clusters(align(model.draws), 1, np.random.default_rng(0))
    assert found.n_clusters == 0
    assert np.all(found.label == -1)
    assert "without a gap" in found.conclusion


def test_no_dimension_no_clusters_and_too_few_members_neither() -> None:
    rng = np.random.default_rng(0)
    nothing = Aligned(np.zeros((5, 20, 0)), np.zeros((5, 8, 0)), np.zeros(0))
    assert find_clusters(nothing, 0, rng).n_clusters == 0
    few = Aligned(rng.normal(size=(5, 6, 1)), rng.normal(size=(5, 8, 1)), np.ones(1))
    assert (
        "too few" in find_clusters(few, 1, rng).conclusion or "only" in find_clusters(few, 1, rng).conclusion
    )
