"""The rules of verdicts, each at its edges, for councils and for everybody else."""

from __future__ import annotations

import numpy as np
import pytest

from allweather.positions import Basis, Bloc, Body, Response
from allweather.review import JointReview
from allweather.review.results import Party, PartyKind, QuestionReview, Verdict
from allweather.review.verdicts import rule
from tests.review.simulated import positions_of

A, B, C = (Party(name, name.upper(), PartyKind.BLOC, ()) for name in "abc")


def _shares(*means: float, sd: float = 0.01) -> np.ndarray:
    noise = np.random.default_rng(0).normal(size=(400, len(means)))
    return np.clip(np.array(means) + sd * noise, 0, 1).astype(np.float32)


@pytest.mark.parametrize(
    ("means", "sd", "verdict", "against", "hold_outs"),
    [
        ((0.9, 0.7), 0.01, Verdict.CONVERGES, False, ()),
        ((0.1, 0.3), 0.01, Verdict.CONVERGES, True, ()),
        ((0.9, 0.3), 0.01, Verdict.DIFFERS, False, ("b",)),
        ((0.5, 0.52), 0.01, Verdict.DIFFERS, False, ()),
        ((0.9, 0.55), 0.01, Verdict.NEARLY, False, ("b",)),
        ((0.9, 0.7), 0.2, Verdict.NOT_KNOWN, False, ()),
        ((0.55, 0.8), 0.15, Verdict.NOT_KNOWN, False, ()),
    ],
)
def test_shares_decide(
    means: tuple[float, ...], sd: float, verdict: Verdict, against: bool, hold_outs: tuple[str, ...]
) -> None:
    ruling = rule([A, B], _shares(*means, sd=sd), 0.6, 50)
    assert (ruling.verdict, ruling.against, ruling.hold_outs) == (verdict, against, hold_outs)


def test_one_party_and_no_answers() -> None:
    assert rule([A], _shares(0.8), 0.6, 30).verdict == Verdict.CONVERGES
    assert rule([A], _shares(0.5), 0.6, 30).verdict == Verdict.DIFFERS
    nobody = rule([A], _shares(0.9), 0.6, 0)
    assert nobody.verdict == Verdict.NOT_KNOWN
    assert nobody.ask


def test_two_short_parties_are_not_nearly() -> None:
    assert rule([A, B, C], _shares(0.9, 0.55, 0.56), 0.6, 30).verdict == Verdict.NOT_KNOWN


def test_false_convergence_is_rare_where_the_truth_is_known() -> None:
    """Draws around an estimate that is itself off by as much: the claim must hold nine times in ten."""
    rng = np.random.default_rng(1)
    claimed = wrong = 0
    for _ in range(2000):
        truth = rng.uniform(0.3, 1.0, size=2)
        seen = truth + rng.normal(size=2) * 0.06
        draws = np.clip(seen + rng.normal(size=(200, 2)) * 0.06, 0, 1).astype(np.float32)
        if rule([A, B], draws, 0.6, 20).verdict == Verdict.CONVERGES:
            claimed += 1
            wrong += truth.min() < 0.6
    assert claimed > 200
    assert wrong / claimed <= 0.1


BLOCS = (Bloc("east", "East", ("m0", "m1", "m2", "m3")), Bloc("west", "West", ("m4", "m5", "m6", "m7")))
YES, LIMITED, CONSENT, RESERVED, MIXED, NO = (
    Response.SUPPORT,
    Response.CONDITIONAL,
    Response.CONSENT,
    Response.RESERVE,
    Response.MIXED,
    Response.OPPOSE,
)


def _council(*asked: dict[int, Response], basis: Basis = Basis.OWN) -> dict[str, QuestionReview]:
    """Review eight members in two blocs; one dict of member to response a question, q0, q1, ...

    Four more questions, fully answered and of all kinds, keep the model from being all one way.
    """
    whole = dict.fromkeys(range(8), YES)
    full = [whole, whole, {m: (YES if m < 4 else NO) for m in range(8)}]
    questions = [*asked, *full, {m: (RESERVED if m == 2 else YES) for m in range(8)}]
    cells = [(m, q, r) for q, said in enumerate(questions) for m, r in said.items()]
    bases = [int(basis) if q < len(asked) else 0 for _, q, _ in cells]
    positions = positions_of(8, len(questions), *zip(*cells, strict=True), basis=bases, body=Body.COUNCIL)
    return {one.question: one for one in JointReview().fit(positions, BLOCS).review_.questions}


@pytest.fixture(scope="module")
def council() -> dict[str, QuestionReview]:
    everyone = dict.fromkeys(range(8), YES)
    return _council(
        everyone,  # q0 all for it
        everyone | {3: LIMITED},  # q1 one sets a condition
        everyone | {3: MIXED},  # q2 one points both ways
        everyone | {3: NO},  # q3 one opposes
        everyone | {2: RESERVED, 3: RESERVED},  # q4 a quarter hold back
        dict.fromkeys(range(4), YES),  # q5 nobody in the west has spoken
        {3: NO},  # q6 only an opponent
        {3: RESERVED},  # q7 only one who holds back
        everyone | {3: CONSENT},  # q8 consent carries
        {},  # q9 nothing at all
    )


@pytest.mark.parametrize(
    ("question", "verdict", "hold_outs"),
    [
        ("q0", Verdict.CONVERGES, ()),
        ("q1", Verdict.NEARLY, ("m3",)),
        ("q2", Verdict.NEARLY, ("m3",)),
        ("q3", Verdict.DIFFERS, ("m3",)),
        ("q4", Verdict.DIFFERS, ("m2", "m3")),
        ("q5", Verdict.NOT_KNOWN, ()),
        ("q6", Verdict.NOT_KNOWN, ()),
        ("q7", Verdict.NOT_KNOWN, ()),
        ("q8", Verdict.CONVERGES, ()),
        ("q9", Verdict.NOT_KNOWN, ()),
    ],
)
def test_the_record_decides_in_a_council(
    council: dict[str, QuestionReview], question: str, verdict: Verdict, hold_outs: tuple[str, ...]
) -> None:
    assert council[question].verdict == verdict, council[question].reason
    assert council[question].hold_outs == hold_outs


def test_what_is_not_known_names_whom_to_ask(council: dict[str, QuestionReview]) -> None:
    assert "West" in council["q5"].ask
    assert all(one.ask for one in council.values() if one.verdict == Verdict.NOT_KNOWN)


def test_a_verdict_names_the_records_it_rests_on(council: dict[str, QuestionReview]) -> None:
    assert len(council["q0"].rests_on) == 8
    assert len(council["q5"].rests_on) == 4
    assert council["q9"].rests_on == ()
    assert [one.member for one in council["q1"].conditions] == ["m3"]


def test_consensus_counts_objections_and_admits_ignorance(council: dict[str, QuestionReview]) -> None:
    asked = {name: one.consensus for name, one in council.items() if one.consensus is not None}
    assert len(asked) == len(council)
    assert asked["q0"].alike.low == 1.0
    assert asked["q0"].known
    assert asked["q3"].alike.high == 0.0
    assert asked["q3"].objectors[0].member == "m3"
    assert asked["q3"].objectors[0].predicted is False
    assert not asked["q9"].known
    assert asked["q9"].doubtful.mean < asked["q9"].alike.mean
    assert all(one.predicted for one in asked["q9"].objectors)


def test_an_inferred_record_cannot_carry_a_convergence_but_can_stand_in_its_way() -> None:
    everyone = dict.fromkeys(range(8), YES)
    inferred = _council(everyone, everyone | {3: NO}, basis=Basis.INFERRED)
    assert inferred["q0"].verdict == Verdict.NOT_KNOWN
    assert inferred["q1"].verdict == Verdict.DIFFERS
    common = _council(everyone, basis=Basis.COMMON)
    assert common["q0"].verdict == Verdict.CONVERGES


def test_ranks_go_by_verdict_and_then_by_the_lower_bound(council: dict[str, QuestionReview]) -> None:
    ordered = sorted(council.values(), key=lambda one: one.rank)
    order = list(Verdict)
    assert [one.rank for one in ordered] == list(range(1, len(ordered) + 1))
    assert [order.index(one.verdict) for one in ordered] == sorted(
        order.index(one.verdict) for one in ordered
    )
    for verdict in Verdict:
        lows = [one.least_support.low for one in ordered if one.verdict == verdict]
        assert lows == sorted(lows, reverse=True)
