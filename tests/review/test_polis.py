"""Polis' method: each step against its definition, and the whole against red-dwarf where installed."""

from __future__ import annotations

import warnings

import numpy as np
import numpy.typing as npt
import pytest
from scipy.sparse import csr_array

from allweather.positions import Body, Member, Positions, Question, Response
from allweather.review import polis

OF_VALUE = np.array([int(Response.OPPOSE), int(Response.PASS), int(Response.SUPPORT)])


def positions_of(values: npt.NDArray[np.float64]) -> Positions:
    """From a matrix of -1, 0, 1 with NaN where there is no answer."""
    member, question = np.nonzero(np.isfinite(values))
    return Positions.from_columns(
        [Member(str(k), f"P{k}") for k in range(values.shape[0])],
        [Question(str(k), f"Q{k}") for k in range(values.shape[1])],
        member,
        question,
        OF_VALUE[values[member, question].astype(int) + 1],
        body=Body.CONSULTATION,
    )


def two_sides(seed: int = 0, n: int = 60, n_questions: int = 20) -> npt.NDArray[np.float64]:
    """Two sides that agree on the second half of the questions; a third of the answers missing."""
    generator = np.random.default_rng(seed)
    side = np.arange(n) % 3 == 0
    agree = np.where(np.arange(n_questions) < n_questions // 2, np.where(side[:, None], 0.9, 0.1), 0.85)
    values = np.where(generator.random((n, n_questions)) < agree, 1.0, -1.0)
    values[generator.random(values.shape) < 0.1] = 0.0
    values[generator.random(values.shape) < 0.33] = np.nan
    return values


def imputed(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.where(np.isfinite(values), values, np.nanmean(values, axis=0))


def test_components_and_places_follow_the_formula() -> None:
    values = two_sides()
    fit = polis.fit_polis(positions_of(values))
    full = imputed(values)
    _, _, axes = np.linalg.svd(full - full.mean(axis=0), full_matrices=False)
    assert np.abs(np.sum(axes[:2].T * fit.loadings, axis=0)) == pytest.approx([1.0, 1.0])
    for i in range(len(values)):
        answered = np.isfinite(values[i])
        gaps = (values[i] - fit.mean)[answered]
        scale = np.sqrt(values.shape[1] / answered.sum())
        assert fit.places[i] == pytest.approx(scale * gaps @ fit.loadings[answered])


@pytest.mark.parametrize(("rows", "columns", "rank"), [(40, 7, 7), (300, 200, 200), (30, 9, 1), (5, 1, 1)])
def test_axes_are_those_of_a_full_decomposition(rows: int, columns: int, rank: int) -> None:
    generator = np.random.default_rng(rank)
    matrix = generator.normal(size=(rows, rank)) @ generator.normal(size=(rank, columns))
    axes = polis.principal_components(csr_array(matrix))
    _, _, expected = np.linalg.svd(matrix, full_matrices=False)
    present = min(rank, 2)
    assert np.abs(np.sum(axes[:, :present] * expected[:present].T, axis=0)) == pytest.approx(1.0, abs=1e-6)
    assert not axes[:, present:].any()


def test_two_sides_are_found() -> None:
    fit = polis.fit_polis(positions_of(two_sides()))
    assert fit.n_groups == 2
    assert np.bincount(fit.group).tolist() == [40, 20]
    assert np.array_equal(fit.group == 1, np.arange(60) % 3 == 0)


def test_silhouette_by_its_definition() -> None:
    generator = np.random.default_rng(3)
    places = generator.normal(size=(25, 2))
    labels = np.r_[np.zeros(12, int), np.ones(12, int), 2]
    widths = []
    for i in range(25):
        distance = np.linalg.norm(places - places[i], axis=1)
        others = np.arange(25) != i
        if np.sum(labels == labels[i]) == 1:
            widths.append(0.0)
            continue
        inside = distance[(labels == labels[i]) & others].mean()
        nearest = min(distance[labels == one].mean() for one in set(labels.tolist()) - {int(labels[i])})
        widths.append((nearest - inside) / max(inside, nearest))
    found = polis.silhouette_width(polis._distances(places), labels)
    assert found == pytest.approx(np.mean(widths))


def test_k_means_is_a_local_optimum_and_the_largest_group_comes_first() -> None:
    places = np.random.default_rng(4).normal(size=(200, 2))
    labels = polis.k_means(places, 4)
    centres = np.array([places[labels == one].mean(axis=0) for one in range(4)])
    distance = ((places[:, None, :] - centres) ** 2).sum(axis=2)
    assert np.array_equal(distance.argmin(axis=1), labels)
    sizes = np.bincount(labels)
    assert sizes.tolist() == sorted(sizes.tolist(), reverse=True)


def test_tests_of_shares_by_hand() -> None:
    one, three = np.array([1]), np.array([3])
    assert polis.one_share_z(one, one) == pytest.approx([np.sqrt(2)])  # a single agreement: significant
    assert polis.one_share_z(one, one)[0] > polis.Z_90
    # (3+1)/(9+1) = .4 against (1+1)/(9+1) = .2, pooled 6/20
    expected = 0.2 / np.sqrt(0.3 * 0.7 * (0.1 + 0.1))
    assert polis.two_shares_z(three, np.array([9]), one, np.array([9])) == pytest.approx([expected])
    assert polis.two_shares_z(one, one, three, three).tolist() == [0.0]


def test_counts_consensus_and_representative_statements() -> None:
    values = two_sides()
    fit = polis.fit_polis(positions_of(values))
    product = np.ones(values.shape[1])
    for group in range(fit.n_groups):
        own = values[fit.group == group]
        agreed, seen = np.sum(own == 1, axis=0), np.sum(np.isfinite(own), axis=0)
        assert fit.agree[group].tolist() == agreed.tolist()
        assert fit.disagree[group].tolist() == np.sum(own == -1, axis=0).tolist()
        assert fit.seen[group].tolist() == seen.tolist()
        product *= (agreed + 1) / (seen + 2)
    assert fit.group_informed_consensus() == pytest.approx(product)
    representative = fit.representative()
    assert representative[:, :10].all()  # each side is marked by what divides it from the other
    assert np.mean(representative[:, 10:].any(axis=0)) < 0.5


def test_view_is_ranked_by_consensus() -> None:
    positions = positions_of(two_sides())
    view = polis.polis_view(positions)
    assert view is not None
    assert (view.n_groups, view.group_sizes) == (2, (40, 20))
    assert [one.rank for one in view.statements] == list(range(1, 21))
    scores = [one.group_informed_consensus for one in view.statements]
    assert scores == sorted(scores, reverse=True)
    assert {one.question for one in view.statements[:10]} == {str(j) for j in range(10, 20)}
    assert view == polis.polis_view(positions)


def test_those_who_answered_little_are_not_grouped_unless_there_are_few() -> None:
    values = two_sides()
    values[5, 6:] = np.nan
    assert polis.fit_polis(positions_of(values)).group[5] == -1
    few = values.copy()
    few[:, 6:] = np.nan  # nobody has seven answers: the fifteen with most are grouped
    assert np.sum(polis.fit_polis(positions_of(few)).group >= 0) == polis.LEAST_GROUPED


@pytest.mark.parametrize(
    "values",
    [
        np.zeros((0, 0)),
        np.full((4, 3), np.nan),
        np.ones((20, 9)),
        np.ones((1, 5)),
        np.full((6, 0), np.nan),
    ],
)
def test_without_two_different_places_there_is_no_view(values: npt.NDArray[np.float64]) -> None:
    positions = positions_of(values)
    fit = polis.fit_polis(positions)
    assert fit.n_groups == 0
    assert fit.group_informed_consensus().shape == (positions.n_questions,)
    assert polis.polis_view(positions) is None


def test_noise_gets_groups_all_the_same() -> None:
    """The trait that the review is to avoid: answers without structure are cut into groups."""
    generator = np.random.default_rng(9)
    level = generator.uniform(0.2, 0.9, size=30)
    values = np.where(generator.random((120, 30)) < level, 1.0, -1.0)
    view = polis.polis_view(positions_of(values))
    assert view is not None
    assert view.n_groups >= 2


def test_agrees_with_red_dwarf() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        base = pytest.importorskip(
            "reddwarf.implementations.base", reason="red-dwarf is a peer in the benchmarks, not a dependency"
        )
        values = two_sides(seed=7, n=90)
        member, question = np.nonzero(np.isfinite(values))
        votes = [
            {"participant_id": int(i), "statement_id": int(j), "vote": float(values[i, j])}
            for i, j in zip(member, question, strict=True)
        ]
        theirs = base.run_pipeline(votes=votes, random_state=0)
    ours = polis.fit_polis(positions_of(values))
    places = np.array([theirs.participant_projections[i] for i in range(90)])
    sign = np.sign(np.sum(places * ours.places, axis=0))
    assert np.allclose(places * sign, ours.places, atol=1e-6)
    labels = theirs.participants_df["cluster_id"].to_numpy(dtype=float, na_value=np.nan)
    grouped = np.isfinite(labels)
    assert np.array_equal(grouped, ours.group >= 0)
    pairs = set(zip(labels[grouped].tolist(), ours.group[grouped].tolist(), strict=True))
    assert len(pairs) == ours.n_groups  # the same groups under other names
    consensus = np.array([theirs.group_aware_consensus["agree"][j] for j in range(20)])
    assert np.allclose(consensus, ours.group_informed_consensus())
