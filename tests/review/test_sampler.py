"""The sampler against what it must reproduce: known distributions, and the truth of simulated data."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest, truncnorm

from allweather.positions import Basis, Bloc, Response
from allweather.review.answers import answers_of, pass_answers
from allweather.review.model import fit_model, mixing_of
from allweather.review.sampler import Chain, sample, truncated_normal
from tests.review.simulated import positions_of, simulate

SHORT = Chain(n_burn=150, n_keep=100, thin=3)


@pytest.mark.parametrize(
    ("low", "high"),
    [(-np.inf, 0.5), (0.5, np.inf), (-1.0, 2.0), (3.0, 3.5), (-np.inf, -6.0), (6.0, np.inf), (-9.0, -8.5)],
)
def test_truncated_normal_has_its_distribution(low: float, high: float) -> None:
    u = np.random.default_rng(3).random(4000)
    drawn = truncated_normal(np.full(4000, low), np.full(4000, high), u)
    assert np.all((drawn >= low) & (drawn <= high))
    assert kstest(drawn, truncnorm(low, high).cdf).pvalue > 1e-3


def test_truncated_normal_stays_within_bounds_where_all_mass_underflows() -> None:
    low, high = np.array([45.0, -46.0, 39.0]), np.array([46.0, -45.0, np.inf])
    drawn = truncated_normal(low, high, np.array([0.1, 0.5, 0.9]))
    assert np.all(np.isfinite(drawn))
    assert np.all((drawn >= low) & (drawn <= high))


def test_intervals_cover_the_probabilities_that_made_the_answers() -> None:
    rng = np.random.default_rng(11)
    made = simulate(rng.normal(size=(80, 1)), 25, density=0.5, seed=11)
    model = fit_model(answers_of(made.positions), 2, seed=0, chain=SHORT)
    row, col = np.indices(made.prob.shape).reshape(2, -1)
    draws = model.support_prob(row, col)
    low, high = np.quantile(draws, [0.05, 0.95], axis=0)
    truth = made.prob.reshape(-1)
    assert 0.83 <= np.mean((low <= truth) & (truth <= high)) <= 0.96
    assert np.mean(np.abs(draws.mean(axis=0) - truth)) < 0.12


def test_unneeded_dimensions_shrink_away() -> None:
    made = simulate(np.zeros((150, 1)), 30, density=0.6, seed=5)
    draws = sample(answers_of(made.positions), 3, SHORT, np.random.default_rng(0))
    effect = np.einsum("snk,sqk->snq", draws.row[:, :, 1:], draws.col[:, :, 1:]).mean(axis=0)
    assert effect.std() < 0.15


def test_ordered_categories_recover_their_cut_points() -> None:
    rng = np.random.default_rng(2)
    eta = 0.5 + rng.normal(size=(60, 1)) * 0.5 + rng.normal(size=40) * 0.7
    z = eta + rng.normal(size=eta.shape)
    level = np.searchsorted([-1.2, 0.0, 0.8], z)
    response = np.array([Response.OPPOSE, Response.ABSTAIN, Response.CONDITIONAL, Response.SUPPORT])[level]
    member, question = np.indices(eta.shape).reshape(2, -1)
    answers = answers_of(positions_of(60, 40, member, question, response.reshape(-1)))
    cuts = fit_model(answers, 0, seed=0, chain=SHORT).draws.cuts
    assert cuts.shape[1] == 3
    assert np.all(cuts[:, 1] == 0)
    assert np.all(np.abs(cuts.mean(axis=0) - [-1.2, 0.0, 0.8]) < 0.15)


def test_agreement_against_opposition_leaves_holding_back_out() -> None:
    rng = np.random.default_rng(4)
    member, question = np.indices((30, 10)).reshape(2, -1)
    response = rng.choice([Response.OPPOSE, Response.ABSTAIN, Response.SUPPORT], size=300, p=[0.2, 0.4, 0.4])
    model = fit_model(answers_of(positions_of(30, 10, member, question, response)), 0, seed=0, chain=SHORT)
    agree = model.agree_prob(member, question).mean()
    yes, no = np.mean(response == Response.SUPPORT), np.mean(response == Response.OPPOSE)
    assert abs(agree - yes / (yes + no)) < 0.06
    assert abs(model.support_prob(member, question).mean() - yes) < 0.06
    made = simulate(rng.normal(size=(20, 1)), 10, density=0.8, seed=1)
    plain = fit_model(answers_of(made.positions), 1, seed=0, chain=SHORT)
    assert np.allclose(
        plain.agree_prob(member[:100] % 20, question[:100]),
        plain.support_prob(member[:100] % 20, question[:100]),
        atol=1e-6,
    )


def test_the_ends_of_the_scale_are_always_possible() -> None:
    answers = answers_of(positions_of(2, 2, [0, 0, 1], [0, 1, 0], [6, 5, 3]))
    assert answers.levels == (0, 1, 2, 3)
    model = fit_model(answers, 0, seed=0, chain=SHORT)
    assert 0 < model.oppose_prob(np.array([1]), np.array([1])).mean() < 0.5


def test_intensity_is_learned_to_matter() -> None:
    """Strong answers follow the model, weak ones are noise: gamma must come out positive."""
    rng = np.random.default_rng(8)
    made = simulate(rng.normal(size=(120, 1)), 30, density=1.0, seed=8, discrimination=1.5)
    response = made.positions.response.copy()
    weak = rng.random(len(response)) < 0.5
    response[weak] = np.where(rng.random(weak.sum()) < 0.5, 0, 6)
    positions = positions_of(
        120, 30, made.positions.member, made.positions.question, response, intensity=np.where(weak, 0, 100)
    )
    # The learned weight is inside the chain; what shows is that strong answers are fitted closer.
    model = fit_model(answers_of(positions), 1, seed=0, chain=SHORT)
    prob = model.support_prob(positions.member, positions.question).mean(axis=0)
    loss = -np.log(np.where(made.positions.response == 6, prob, 1 - prob))
    flat = fit_model(
        answers_of(positions_of(120, 30, positions.member, positions.question, response)),
        1,
        seed=0,
        chain=SHORT,
    )
    plain = flat.support_prob(positions.member, positions.question).mean(axis=0)
    assert loss.mean() < -np.log(np.where(made.positions.response == 6, plain, 1 - plain)).mean()


def test_a_basis_of_less_weight_moves_the_model_less() -> None:
    def agreement(basis: int) -> float:
        member, question = np.indices((12, 6)).reshape(2, -1)
        response = np.where(question == 0, 0, 6)
        answers = answers_of(
            positions_of(12, 6, member, question, response, basis=np.where(question == 0, basis, 0))
        )
        model = fit_model(answers, 0, seed=0, chain=SHORT)
        return float(model.support_prob(np.array([3]), np.array([0])).mean())

    assert agreement(Basis.OWN) < agreement(Basis.COMMON)


def test_blocs_are_told_apart_on_a_question() -> None:
    member, question = np.indices((20, 8)).reshape(2, -1)
    response = np.where((member < 10) == (question < 4), 6, 0)
    blocs = [
        Bloc("a", "A", tuple(f"m{k}" for k in range(10))),
        Bloc("b", "B", tuple(f"m{k}" for k in range(10, 20))),
    ]
    kept = np.random.default_rng(0).random(len(member)) < 0.6
    positions = positions_of(20, 8, member[kept], question[kept], response[kept])
    model = fit_model(answers_of(positions, blocs), 0, seed=0, chain=SHORT)
    prob = model.support_prob(member[~kept], question[~kept]).mean(axis=0)
    assert np.all((prob > 0.5) == (response[~kept] == 6))


def test_threads_change_no_bit_and_seeds_do() -> None:
    made = simulate(np.random.default_rng(1).normal(size=(40, 1)), 15, density=0.5, seed=1)
    answers = answers_of(made.positions)
    one, two = (fit_model(answers, 2, seed=4, chain=SHORT, n_threads=n) for n in (1, 2))
    assert all(
        np.array_equal(getattr(one.draws, name), getattr(two.draws, name)) for name in ("row", "col", "cuts")
    )
    other = fit_model(answers, 2, seed=5, chain=SHORT)
    assert not np.array_equal(one.draws.row, other.draws.row)


def test_eta_all_agrees_with_eta() -> None:
    made = simulate(np.random.default_rng(1).normal(size=(9, 2)), 7, density=0.8, seed=1)
    blocs = [Bloc("a", "A", ("m1", "m2", "m5"))]
    model = fit_model(answers_of(made.positions, blocs), 2, seed=0, chain=Chain(10, 5, 1))
    row, col = np.indices((9, 7)).reshape(2, -1)
    assert np.allclose(model.eta_all(slice(None)).reshape(model.n_draws, -1), model.eta(row, col), atol=1e-5)


def test_passes_are_a_hurdle_of_their_own() -> None:
    positions = positions_of(3, 2, [0, 1, 2, 0], [0, 0, 0, 1], [6, 7, 0, 7])
    assert len(answers_of(positions)) == 2
    hurdle = pass_answers(positions)
    assert hurdle.category.tolist() == [0, 1, 1, 0]


def test_mixing_is_measured() -> None:
    rng = np.random.default_rng(0)
    good = mixing_of(rng.normal(size=(800, 3)), 2)
    assert good.largest_rhat < 1.05
    assert good.least_effective_draws > 200
    apart = rng.normal(size=(800, 3))
    apart[400:] += 3
    assert mixing_of(apart, 2).largest_rhat > 1.5
    sticky = np.cumsum(rng.normal(size=(800, 1)), axis=0)
    assert mixing_of(sticky, 2).least_effective_draws < 100
    assert mixing_of(np.ones((800, 2)), 2).largest_rhat == 1.0
