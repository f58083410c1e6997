"""The estimator: its manners, what it refuses, and that unknown stays unknown."""

from __future__ import annotations

import dataclasses
import json
import re

import numpy as np
import pytest

from allweather.errors import InputError, NothingToReview, UnknownName
from allweather.positions import Bloc, Body, Positions, Response
from allweather.review import Interval, JointReview, Review
from allweather.review.alignment import align
from allweather.review.answers import answers_of
from allweather.review.expectation import expect
from allweather.review.model import fit_model
from allweather.review.sampler import Chain
from tests.review.simulated import positions_of, simulate

SHORT = Chain(n_burn=100, n_keep=100, thin=2)


@pytest.fixture(scope="module")
def made() -> Positions:
    theta = np.repeat([-1.2, 1.2], 30)[:, None]
    return simulate(theta, 20, density=0.6, seed=3, discrimination=1.2).positions


@pytest.fixture(scope="module")
def fitted(made: Positions) -> JointReview:
    return JointReview(seed=2).fit(made)


def test_fit_returns_itself_keeps_its_settings_and_forgets_earlier_data(made: Positions) -> None:
    estimator = JointReview(seed=2, threshold=0.7, walk_away=0.5, n_threads=1)
    small = made.with_questions([f"q{k}" for k in range(6)])
    assert estimator.fit(made) is estimator
    assert (estimator.seed, estimator.threshold, estimator.walk_away) == (2, 0.7, 0.5)
    again = estimator.fit(small).review_
    assert again == JointReview(seed=2, threshold=0.7, walk_away=0.5).fit(small).review_


def test_settings_can_be_copied_changed_and_are_checked_when_fitting(made: Positions) -> None:
    estimator = JointReview(seed=5, walk_away=1.0)
    copy = JointReview(**estimator.get_params())  # type: ignore[arg-type]
    assert copy.get_params() == estimator.get_params()
    assert copy.set_params(threshold=0.8) is copy
    assert copy.threshold == 0.8
    with pytest.raises(UnknownName, match="treshold"):
        copy.set_params(treshold=0.8)
    for wrong, word in (
        ({"threshold": 0.4}, "threshold"),
        ({"seed": -1}, "seed"),
        ({"n_threads": 0}, "thread"),
    ):
        with pytest.raises(InputError, match=word):
            JointReview().set_params(**wrong).fit(made)


def test_same_seed_same_bytes_with_any_number_of_threads(made: Positions, fitted: JointReview) -> None:
    for n_threads in (1, 2, 3):
        assert (
            JointReview(seed=2, n_threads=n_threads).fit(made).review_.to_json() == fitted.review_.to_json()
        )
    assert JointReview(seed=3).fit(made).review_.to_json() != fitted.review_.to_json()


def test_results_survive_json(fitted: JointReview) -> None:
    data = fitted.review_.to_json()
    assert Review.from_json(data) == fitted.review_
    assert json.loads(data)["n_members"] == 60


def test_results_are_frozen_and_every_figure_has_its_interval(fitted: JointReview) -> None:
    question = fitted.review_.questions[0]
    with pytest.raises(dataclasses.FrozenInstanceError):
        question.rank = 2  # type: ignore[misc]
    for one in fitted.review_.questions:
        for interval in (one.support, one.least_support, one.bridging, one.split):
            assert isinstance(interval, Interval)
            assert interval.low <= interval.mean <= interval.high


def test_unknown_stays_unknown_and_predictions_are_marked(made: Positions, fitted: JointReview) -> None:
    seen = {
        (made.members[i].id, made.questions[j].id)
        for i, j in zip(made.member.tolist(), made.question.tolist(), strict=True)
    }
    cells = fitted.review_.cells
    assert len(cells) == 60 * 20
    for cell in cells:
        known = (cell.member, cell.question) in seen
        assert (cell.response is not None) == known == (cell.predicted is None)
        assert (cell.entry is not None) == (cell.basis is not None) == known
    rows = fitted.review_.cell_table()
    assert sum(row["response"] is None for row in rows) == len(cells) - len(seen)
    assert all((row["response"] is None) != (row["predicted"] is None) for row in rows)


def test_tables_have_a_row_a_thing_and_the_same_columns_throughout(fitted: JointReview) -> None:
    review = fitted.review_
    for table, n in ((review.convergence_table(), 20), (review.member_table(), 60)):
        assert len(table) == n
        assert len({tuple(row) for row in table}) == 1
    assert {row["package"] for row in review.package_table()} == set(
        range(1, len(review.packages.packages) + 1)
    )


def test_planted_sides_are_found_and_questions_are_told_apart(fitted: JointReview) -> None:
    review = fitted.review_
    assert review.map.n_dimensions >= 1
    assert review.clusters.found
    truth = {f"m{k}": k >= 30 for k in range(60)}
    for cluster in review.clusters.clusters:
        assert len({truth[member] for member in cluster.members}) == 1
    assert {party.id for party in review.parties} == {cluster.id for cluster in review.clusters.clusters}


def test_predict_gives_draws_of_probabilities(fitted: JointReview) -> None:
    prob = fitted.predict(np.array([0, 1]), np.array([3, 4]))
    assert prob.shape == (fitted.review_.method.n_draws, 2)
    assert np.all((prob >= 0) & (prob <= 1))


def _fit(positions: Positions, *blocs: Bloc) -> JointReview:
    return JointReview().fit(positions, blocs)


@pytest.mark.parametrize(
    ("positions", "sentence"),
    [
        (positions_of(1, 3, [0, 0, 0], [0, 1, 2], [6, 0, 6]), "only one member"),
        (positions_of(3, 1, [0, 1, 2], [0, 0, 0], [6, 0, 6]), "only one question"),
        (positions_of(3, 3, [0, 0], [0, 1], [6, 0]), "only one member has an answer"),
        (positions_of(3, 3, [0, 1], [2, 2], [6, 0]), "only one question has an answer"),
        (positions_of(3, 3, [0, 1], [0, 1], [6, 6]), "everyone agrees"),
        (positions_of(3, 3, [0, 1], [0, 1], [7, 7]), "nobody has answered anything (there are only passes)"),
        (positions_of(3, 3, [], [], []), "nobody has answered"),
        (positions_of(0, 0, [], [], []), "there is no member"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_sentence(positions: Positions, sentence: str) -> None:
    with pytest.raises(NothingToReview, match=re.escape(sentence)):
        _fit(positions)


def test_blocs_are_checked(made: Positions) -> None:
    with pytest.raises(UnknownName, match="Utopia"):
        _fit(made, Bloc("a", "A", ("m1", "Utopia")))
    with pytest.raises(InputError, match="twice"):
        _fit(made, Bloc("a", "A", ("m1",)), Bloc("b", "B", ("m1",)))


@pytest.mark.parametrize(
    ("n_members", "n_questions", "entries"),
    [
        (2, 2, [(0, 0, 6), (0, 1, 0), (1, 1, 6)]),
        (2, 9, [(i, j, 6 * ((i + j) % 2)) for i in range(2) for j in range(9)]),
        (40, 2, [(i, j, 6 * (i % 2)) for i in range(40) for j in range(2)]),
        (5, 5, [(0, 0, 6), (1, 1, 0), (2, 2, 3), (3, 3, 4), (4, 4, 7)]),
        (6, 4, [(i, j, 0 if (i, j) == (5, 3) else 6) for i in range(6) for j in range(4)]),
    ],
)
@pytest.mark.parametrize("body", list(Body))
def test_small_and_odd_data_are_ordinary(
    n_members: int, n_questions: int, entries: list[tuple[int, int, int]], body: Body
) -> None:
    member, question, response = zip(*entries, strict=True)
    positions = positions_of(n_members, n_questions, member, question, response, body=body)
    blocs = [Bloc("one", "One", ("m0",)), Bloc("rest", "Rest", tuple(f"m{k}" for k in range(1, n_members)))]
    for declared in ([], blocs):
        review = JointReview().fit(positions, declared).review_
        assert len(review.questions) == n_questions
        for one in review.questions:
            assert np.isfinite(
                [one.support.low, one.least_support.high, one.bridging.mean, one.split.mean]
            ).all()
        assert Review.from_json(review.to_json()) == review


def test_what_is_on_record_is_certain_and_doubt_only_lowers(made: Positions) -> None:
    model = fit_model(answers_of(made), 1, seed=0, chain=SHORT)
    aligned = align(model.draws)
    mask = np.ones((1, 60), dtype=bool)
    plain = expect(model, made, aligned, mask, mixed=False, consensual=True, seed=0)
    mixed = expect(model, made, aligned, mask, mixed=True, consensual=True, seed=0)
    assert np.all(plain.doubt == 0)
    assert mixed.everyone[mixed.doubt > 0].mean() < plain.everyone.mean()
    assert np.all(mixed.none_opposed_doubtful <= mixed.none_opposed_alike + 1e-6)
    full = simulate(np.zeros((12, 1)), 5, density=1.0, seed=0).positions
    model = fit_model(answers_of(full), 0, seed=0, chain=SHORT)
    sure = expect(
        model, full, align(model.draws), np.ones((1, 12), dtype=bool), mixed=True, consensual=True, seed=0
    )
    share = [np.mean(full.response[full.question == j] == Response.SUPPORT) for j in range(5)]
    assert np.allclose(sure.everyone, share)


def test_a_pass_is_not_support_in_bridging_and_no_answer_elsewhere() -> None:
    """Two questions answered alike; on the second half of those asked pass."""
    rng = np.random.default_rng(4)
    cells = [(i, j, 6 if rng.random() < 0.8 else 0) for i in range(80) for j in range(2, 8)]
    cells += [(i, 0, 6 if i % 5 else 0) for i in range(40)]
    cells += [(i, 1, (6 if i % 5 else 0) if i < 40 else 7) for i in range(80)]
    positions = positions_of(80, 8, *zip(*cells, strict=True), body=Body.CONSULTATION)
    one, other = (
        next(one for one in JointReview().fit(positions).review_.questions if one.question == name)
        for name in ("q0", "q1")
    )
    assert abs(one.support.mean - other.support.mean) < 0.06
    assert other.bridging.mean < 0.75 * one.bridging.mean


def test_few_answers_cannot_top_the_list() -> None:
    """A question with three yeses must not rank above one with sixty yeses of sixty-two."""
    rng = np.random.default_rng(0)
    cells = [(i, 0, 6 if i >= 2 else 0) for i in range(62)] + [(i, 1, 6) for i in range(3)]
    cells += [(i, j, 6 if rng.random() < 0.55 else 0) for i in range(62) for j in range(2, 12)]
    positions = positions_of(62, 12, *zip(*cells, strict=True), body=Body.CONSULTATION)
    rank = {one.question: one.rank for one in JointReview().fit(positions).review_.questions}
    assert rank["q0"] == 1
    assert rank["q1"] > rank["q0"]
