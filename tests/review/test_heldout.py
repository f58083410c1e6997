"""The split against a slow second implementation, and each measure against its definition."""

from __future__ import annotations

import csv
import hashlib
import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allweather.errors import InputError
from allweather.positions import Body, Member, Positions, Question, Response
from allweather.review import heldout
from allweather.review.heldout import Way

#: Hidden answers of seed 0, two-way and three-way.
COUNTS = {
    "brexit-consensus": (459, 527),
    "vtaiwan.uberx": (4281, 4938),
    "scoop-hivemind.biodiversity": (2425, 2949),
    "austria-climate.5twd2jsnkf.2022-08-08": (4694, 6098),
}
DIGEST = "1a02aacfe5a9492d"
OF_VOTE = {1: Response.SUPPORT, 0: Response.PASS, -1: Response.OPPOSE}


def positions_of(votes: dict[tuple[str, str], int]) -> Positions:
    members = sorted({one for one, _ in votes}, key=lambda one: (len(one), one))
    questions = sorted({one for _, one in votes}, key=lambda one: (len(one), one))
    return Positions.from_columns(
        [Member(one, one) for one in members],
        [Question(one, one) for one in questions],
        [members.index(one) for one, _ in votes],
        [questions.index(one) for _, one in votes],
        [int(OF_VOTE[vote]) for vote in votes.values()],
        body=Body.CONSULTATION,
    )


def slow_split(votes: dict[tuple[str, str], int], seed: int, name: str, passes: bool) -> set[tuple[str, str]]:
    """The rule as it is written, with sets."""

    def is_below(cell: tuple[str, str]) -> bool:
        text = f"{seed}:{name}:{cell[0]}:{cell[1]}"
        digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") / 2**64 < 0.1

    compared = {cell for cell, vote in votes.items() if passes or vote != 0}
    hidden = {cell for cell in compared if is_below(cell)}
    kept_members = {member for member, _ in compared - hidden}
    kept_questions = {question for _, question in compared - hidden}
    return {(one, other) for one, other in hidden if one in kept_members and other in kept_questions}


votes_strategy = st.dictionaries(
    st.tuples(st.integers(0, 15).map(str), st.integers(0, 9).map(str)),
    st.sampled_from([-1, 0, 1]),
    min_size=1,
    max_size=90,
)


def test_digest_is_the_one_written_down() -> None:
    assert hashlib.blake2b(b"0:brexit-consensus:17:4", digest_size=8).hexdigest() == DIGEST
    assert heldout.digest_share("0:brexit-consensus:17:4") == int(DIGEST, 16) / 2**64


@settings(deadline=None)
@given(votes_strategy, st.integers(0, 50))
def test_split_equals_the_slow_one(votes: dict[tuple[str, str], int], seed: int) -> None:
    positions = positions_of(votes)
    for way, passes in ((Way.TWO_WAY, False), (Way.THREE_WAY, True)):
        split = heldout.hide(positions, seed, "a", way)
        entries = [positions.entry(k) for k in np.flatnonzero(split.hidden).tolist()]
        assert {(one.member.id, one.question.id) for one in entries} == slow_split(votes, seed, "a", passes)
        assert not np.any(split.hidden & split.kept)
        assert np.all(split.outcome[split.hidden] >= 0)


@settings(deadline=None)
@given(votes_strategy, st.integers(0, 50))
def test_whoever_has_an_answer_hidden_keeps_one(votes: dict[tuple[str, str], int], seed: int) -> None:
    positions = positions_of(votes)
    split = heldout.hide(positions, seed, "a")
    compared = split.kept & (split.outcome >= 0)
    assert set(positions.member[split.hidden]) <= set(positions.member[compared])
    assert set(positions.question[split.hidden]) <= set(positions.question[compared])


def test_a_participants_only_answer_is_moved_back() -> None:
    alone = next(k for k in range(1000) if heldout.digest_share(f"0:a:{k}:0") < 0.1)
    others = [k for k in range(1000) if heldout.digest_share(f"0:a:{k}:0") >= 0.1][:5]
    positions = positions_of({(str(k), "0"): 1 for k in [alone, *others]})
    split = heldout.hide(positions, 0, "a")
    assert not split.hidden.any()
    assert split.kept.all()


def test_passes_are_left_out_two_way_and_hidden_by_their_own_digest() -> None:
    votes = {(str(i), str(j)): (i + j) % 3 - 1 for i in range(40) for j in range(30)}
    positions = positions_of(votes)
    two, three = (heldout.hide(positions, 1, "a", way) for way in (Way.TWO_WAY, Way.THREE_WAY))
    passed = positions.response == Response.PASS
    assert not two.hidden[passed].any()
    assert np.array_equal(two.kept, three.kept)
    assert np.array_equal(two.hidden, three.hidden & ~passed)
    assert set(three.outcome[passed]) == {1}


def test_ordinal_keeps_four_levels() -> None:
    responses = list(Response)
    positions = Positions.from_columns(
        [Member("A", "A")],
        [Question(str(k), "") for k in responses],
        np.zeros(len(responses)),
        np.arange(len(responses)),
        responses,
    )
    assert heldout.outcomes(positions, Way.ORDINAL).tolist() == [0, 1, 1, 1, 2, 2, 3, -1]
    assert heldout.outcomes(positions, Way.TWO_WAY).tolist() == [0, -1, -1, -1, 1, 1, 1, -1]


def test_two_entries_in_a_cell_are_refused() -> None:
    positions = Positions.from_columns([Member("A", "A")], [Question("1", "")], [0, 0], [0, 0], [0, 6])
    with pytest.raises(InputError, match="current"):
        heldout.hide(positions, 0, "a")


@pytest.mark.parametrize("name", COUNTS)
def test_counts_on_real_consultations(name: str, shared_data: Path) -> None:
    with (shared_data / "polis" / name / "votes.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: int(row["timestamp"]))
    votes = {(row["voter-id"], row["comment-id"]): int(row["vote"]) for row in rows}
    members = {one: k for k, one in enumerate(sorted({one for one, _ in votes}))}
    questions = {one: k for k, one in enumerate(sorted({one for _, one in votes}))}
    positions = Positions.from_columns(
        [Member(one, one) for one in members],
        [Question(one, one) for one in questions],
        [members[one] for one, _ in votes],
        [questions[one] for _, one in votes],
        [int(OF_VOTE[vote]) for vote in votes.values()],
    )
    hidden = [heldout.hide(positions, 0, name, way).hidden for way in (Way.TWO_WAY, Way.THREE_WAY)]
    assert tuple(int(one.sum()) for one in hidden) == COUNTS[name]


def test_log_loss_and_accuracy_by_hand() -> None:
    prob, agreed = np.array([0.8, 0.4, 0.5]), np.array([True, True, False])
    scores = heldout.score(prob, agreed, np.array([0, 0, 1]))
    assert scores.log_loss == pytest.approx(-(np.log(0.8) + np.log(0.4) + np.log(0.5)) / 3)
    assert scores.accuracy == pytest.approx(1 / 3)
    assert (scores.n_hidden, scores.n_questions) == (3, 2)
    assert heldout.log_loss(np.array([0.0]), np.array([True])) == pytest.approx(-np.log(1e-6))
    both = np.column_stack([1 - prob, prob])
    assert heldout.category_log_loss(both, agreed.astype(int)) == pytest.approx(scores.log_loss)


def test_the_prediction_is_the_mean_over_draws() -> None:
    draws = np.array([[0.9, 0.2], [0.5, 0.4]])
    agreed, question = np.array([True, False]), np.array([0, 1])
    expected = heldout.score(draws.mean(axis=0), agreed, question).log_loss
    assert heldout.score(draws, agreed, question).log_loss == pytest.approx(expected)


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.3, 0.5, 0.9]), st.booleans()), min_size=2, max_size=30))
def test_auc_is_the_share_of_pairs_in_order(pairs: list[tuple[float, bool]]) -> None:
    prob = np.array([one for one, _ in pairs])
    agreed = np.array([one for _, one in pairs])
    wins = [
        (a > b) + 0.5 * (a == b) for a, b in itertools.product(prob[agreed].tolist(), prob[~agreed].tolist())
    ]
    found = heldout.auc(prob, agreed)
    assert found == (pytest.approx(np.mean(wins)) if wins else None)


def test_ece_by_hand() -> None:
    prob = np.array([0.05, 0.05, 0.95, 1.0])
    agreed = np.array([False, True, True, True])
    # the first bin says .05 and sees .5, the last says .975 and sees 1
    assert heldout.ece(prob, agreed) == pytest.approx(0.5 * 0.45 + 0.5 * 0.025)


def test_counts_of_independent_answers_are_exact() -> None:
    draws = np.array([[0.2, 0.7, 0.5, 0.9], [0.6, 0.1, 0.3, 0.8]])
    pmf = np.zeros(5)
    for said in itertools.product([0, 1], repeat=4):
        answers = np.array(said)
        pmf[answers.sum()] += np.mean(np.prod(np.where(answers == 1, draws, 1 - draws), axis=1))
    for seen in range(5):
        below, upto = heldout._step(draws, seen)
        assert below == pytest.approx(pmf[:seen].sum())
        assert upto == pytest.approx(pmf[: seen + 1].sum())


def test_one_answer_covers_what_it_should() -> None:
    # p = .9: an agreement's step is [.1, 1], of which .85 lie within; a disagreement's is [0, .1]
    assert heldout._covered(np.array([[0.9]]), 1) == pytest.approx(0.85 / 0.9)
    assert heldout._covered(np.array([[0.9]]), 0) == pytest.approx(0.05 / 0.1)


def test_a_calibrated_model_covers_nine_tenths_and_a_bold_one_does_not() -> None:
    generator = np.random.default_rng(5)
    n_questions, n_answers = 3000, 12
    level = generator.normal(size=n_questions)
    question = np.repeat(np.arange(n_questions), n_answers)
    agreed = generator.random(len(question)) < 1 / (1 + np.exp(-level[question]))
    spread = level + generator.normal(scale=0.8, size=n_questions)  # an estimate that is off by .8
    honest = (spread / 1.64)[None, :] + generator.normal(scale=0.8 / 1.28, size=(200, n_questions))
    draws = 1 / (1 + np.exp(-honest[:, question]))
    assert heldout.score(draws, agreed, question).coverage == pytest.approx(0.9, abs=0.02)
    bold = 1 / (1 + np.exp(-spread[question]))
    assert heldout.score(bold, agreed, question).coverage < 0.8


def test_many_answers_are_taken_as_normal() -> None:
    generator = np.random.default_rng(1)
    draws = generator.uniform(0.2, 0.8, size=(3, heldout.EXACT_COUNT_LIMIT))
    more = np.concatenate([draws, np.zeros((3, 1))], axis=1)  # one that never agrees changes nothing
    seen = int(draws.mean(axis=0).sum())
    assert heldout._step(more, seen) == pytest.approx(heldout._step(draws, seen), abs=2e-3)


@pytest.mark.parametrize("shape", [(0,), (3,)])
def test_nothing_hidden_or_shapes_that_differ_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError):
        heldout.score(np.zeros(2), np.zeros(shape, dtype=bool), np.zeros(shape, dtype=int))


labels_strategy = st.integers(2, 25).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(0, 4), min_size=n, max_size=n)] * 2)
)


@given(labels_strategy)
def test_adjusted_rand_by_counting_pairs(labels: tuple[list[int], list[int]]) -> None:
    a, b = labels
    pairs = list(itertools.combinations(range(len(a)), 2))
    in_a = [a[i] == a[j] for i, j in pairs]
    in_b = [b[i] == b[j] for i, j in pairs]
    both = sum(x and y for x, y in zip(in_a, in_b, strict=True))
    by_chance = sum(in_a) * sum(in_b) / len(pairs)
    most = (sum(in_a) + sum(in_b)) / 2
    expected = 1.0 if most == by_chance else (both - by_chance) / (most - by_chance)
    assert heldout.adjusted_rand(np.array(a), np.array(b)) == pytest.approx(expected)


def test_adjusted_rand_of_renamed_groups_is_one() -> None:
    a = np.array([0, 0, 1, 1, 2, 2, 2])
    assert heldout.adjusted_rand(a, (a + 1) % 3) == 1.0


def test_ranks_share_ties_and_spearman_sees_order_only() -> None:
    assert heldout.ranks(np.array([3.0, 1.0, 3.0, 2.0])).tolist() == [3.5, 1.0, 3.5, 2.0]
    x = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    assert heldout.spearman(x, np.exp(x)) == pytest.approx(1.0)
    # ranks 1..5 against 2,1,4,3,5: 1 - 6 * 4 / (5 * 24)
    assert heldout.spearman(x, np.array([2.0, 1.0, 4.0, 3.0, 5.0])) == pytest.approx(0.8)
    assert np.isnan(heldout.spearman(x, np.ones(5)))


def test_halves_part_the_members_and_split_half_compares_them() -> None:
    generator = np.random.default_rng(2)
    level = np.linspace(0.05, 0.95, 12)
    votes = {
        (str(i), str(j)): 1 if generator.random() < level[j] else -1 for i in range(300) for j in range(12)
    }
    positions = positions_of(votes)
    first, second = heldout.halves(positions, 0, "a")
    ids = [one.id for one in (*first.members, *second.members)]
    assert sorted(ids) == sorted(one.id for one in positions.members)
    assert 100 < first.n_members < 200

    def agree_share(part: Positions) -> heldout.Floats:
        agreed = part.response == Response.SUPPORT
        count = np.bincount(part.question, minlength=part.n_questions)
        share: heldout.Floats = np.bincount(part.question, agreed, part.n_questions) / count
        return share

    assert heldout.split_half(positions, agree_share, 0, "a") > 0.95
    assert np.isnan(heldout.split_half(positions, agree_share, 0, "a", least_answers=1000))
