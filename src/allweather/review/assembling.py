"""Put the parts of a review together from the fitted model and what it leads to expect.

Everything here is bookkeeping: which entry stands behind which figure, who is named where. The
models are in `sampler`, the rules in `council` and `verdicts`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from allweather.positions import LEVELS, Basis, Body, Positions, Response
from allweather.review.alignment import Aligned
from allweather.review.answers import Answers
from allweather.review.council import Records, consensus_on, records_on, rule_council
from allweather.review.dimensions import Evidence
from allweather.review.expectation import Expectation
from allweather.review.model import FittedModel
from allweather.review.parties import Parties, Tally
from allweather.review.results import (
    Cell,
    Clusters,
    Difference,
    Dimension,
    Interval,
    Map,
    MapPoint,
    MapQuestion,
    PartySupport,
    QuestionReview,
    Verdict,
)
from allweather.review.verdicts import Ruling, rule

#: Bodies up to this size are asked for the chance that no member opposes.
MAX_CONSENSUS_MEMBERS = 300
MAX_DIFFERENCES = 15
_LABELS = 3

Float32Array = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Inputs:
    """All that the parts of a review are made from."""

    current: Positions
    answers: Answers
    model: FittedModel
    aligned: Aligned
    evidence: Evidence
    parties: Parties
    clusters: Clusters
    tally: Tally
    expectation: Expectation
    threshold: float
    seed: int

    @property
    def open_cells(self) -> npt.NDArray[np.bool_]:
        """Cells that could be asked: no answer and no pass, (n_members, n_questions)."""
        is_open = np.ones((self.current.n_members, self.current.n_questions), dtype=bool)
        is_open[self.current.member, self.current.question] = False
        return is_open


def is_consensual(current: Positions) -> bool:
    """Whether the body is one in which a single member's opposition matters."""
    return current.body != Body.CONSULTATION and current.n_members <= MAX_CONSENSUS_MEMBERS


_ORDER = (Verdict.CONVERGES, Verdict.NEARLY, Verdict.DIFFERS, Verdict.NOT_KNOWN)


def build_questions(inputs: Inputs) -> tuple[QuestionReview, ...]:
    """Every question's review, ranked: by verdict, then by how surely the parties stand together."""
    rulings = [_rule(inputs, j, records_on(inputs.current, j)) for j in range(inputs.current.n_questions)]
    reviews = [_review_question(inputs, j, *ruling) for j, ruling in enumerate(rulings)]
    reviews.sort(key=lambda one: (_ORDER.index(one.verdict), *_strength(one)))
    return tuple(replace(one, rank=k + 1) for k, one in enumerate(reviews))


def _strength(one: QuestionReview) -> tuple[float, float]:
    """Surest first. By bounds, not means: a question that few have answered cannot top the list."""
    if one.against:
        return max(party.support.high for party in one.parties) - 1, one.support.mean
    return -one.least_support.low, -one.least_support.mean


def _rule(inputs: Inputs, question: int, records: Records) -> tuple[Records, Ruling]:
    if inputs.current.body == Body.COUNCIL:
        ruling = rule_council(
            inputs.current, question, records, inputs.parties, inputs.expectation, inputs.threshold
        )
    else:
        n_answers = int(np.sum(inputs.answers.col == question))
        support = inputs.expectation.party[:, :, question]
        ruling = rule(inputs.parties.parties, support, inputs.threshold, n_answers)
    return records, ruling


def _review_question(inputs: Inputs, question: int, records: Records, ruling: Ruling) -> QuestionReview:
    expected, current = inputs.expectation, inputs.current
    parties = tuple(_party_support(inputs, p, question) for p in range(len(inputs.parties.parties)))
    consensus = None
    if is_consensual(current):
        silent = np.flatnonzero(_level_of(inputs, question) < 0)
        oppose = _oppose_prob(inputs, silent, question)
        consensus = consensus_on(current, question, records, expected, oppose, silent)
    return QuestionReview(
        question=current.questions[question].id,
        rank=0,
        verdict=ruling.verdict,
        against=ruling.against,
        reason=ruling.reason,
        n_answers=int(np.sum(inputs.answers.col == question)),
        support=Interval.of(expected.everyone[:, question]),
        least_party=min(parties, key=lambda one: one.support.mean).party,
        least_support=Interval.of(expected.least[:, question]),
        bridging=Interval.of(expected.bridging[:, question]),
        split=Interval.of(expected.split[:, question]),
        parties=parties,
        consensus=consensus,
        conditions=ruling.conditions,
        hold_outs=ruling.hold_outs,
        rests_on=ruling.rests_on,
        ask=ruling.ask,
    )


def _party_support(inputs: Inputs, party: int, question: int) -> PartySupport:
    kind = inputs.tally.kind[party, question].tolist()
    basis = inputs.tally.basis[party, question].tolist()
    return PartySupport(
        party=inputs.parties.parties[party].id,
        support=Interval.of(inputs.expectation.party[:, party, question]),
        n_support=kind[0],
        n_limited=kind[1],
        n_held_back=kind[2],
        n_oppose=kind[3],
        n_pass=kind[4],
        n_silent=int(inputs.parties.mask[party].sum()) - sum(kind),
        n_own=basis[Basis.OWN],
        n_inferred=basis[Basis.INFERRED],
        n_common=basis[Basis.COMMON],
    )


def _level_of(inputs: Inputs, question: int) -> npt.NDArray[np.int8]:
    level = np.full(inputs.current.n_members, -1, dtype=np.int8)
    entries = np.flatnonzero(inputs.current.question == question)
    level[inputs.current.member[entries]] = LEVELS[inputs.current.response[entries]]
    return level


def _oppose_prob(inputs: Inputs, members: npt.NDArray[np.intp], question: int) -> Float32Array:
    model = inputs.model
    eta = model.eta(members, np.full(len(members), question)) - inputs.expectation.doubt[:, None]
    return np.asarray(ndtr(model.draws.cuts[:, :1] - eta))


def build_map(inputs: Inputs) -> Map:
    """Members and questions in the supported dimensions."""
    n_dims, aligned, current = inputs.evidence.n_dimensions, inputs.aligned, inputs.current
    n_answers = np.bincount(inputs.answers.row, minlength=current.n_members)
    ids = [question.id for question in current.questions]
    loading = aligned.loading[:, :, :n_dims].mean(axis=0)
    dimensions = []
    for d in range(n_dims):
        order = np.argsort(loading[:, d], kind="stable")
        low = tuple(ids[k] for k in order[:_LABELS] if loading[k, d] < 0)
        high = tuple(ids[k] for k in order[::-1][:_LABELS] if loading[k, d] > 0)
        dimensions.append(Dimension(low, high))
    return Map(
        n_dimensions=n_dims,
        conclusion=_map_conclusion(inputs),
        evidence=inputs.evidence.steps,
        dimensions=tuple(dimensions),
        points=tuple(
            MapPoint(
                member.id,
                tuple(Interval.of(aligned.theta[:, k, d]) for d in range(n_dims)),
                int(n_answers[k]),
                inputs.parties.party_of(k),
            )
            for k, member in enumerate(current.members)
        ),
        questions=tuple(
            MapQuestion(one, tuple(Interval.of(aligned.loading[:, k, d]) for d in range(n_dims)))
            for k, one in enumerate(ids)
        ),
    )


def _map_conclusion(inputs: Inputs) -> str:
    n, steps = inputs.evidence.n_dimensions, inputs.evidence.steps
    who = "participants" if inputs.current.body == Body.CONSULTATION else "members"
    if n == 0:
        return f"No evidence of sides: what {who} said on other questions does not help to predict them."
    gain = steps[n - 1].gain
    words = {1: "One dimension orders", 2: "Two dimensions order", 3: "Three dimensions order"}[n]
    return (
        f"{words} the {who}; the last one makes held-out answers {gain.mean:.3f} nats an answer better "
        f"predicted ({gain.low:.3f} to {gain.high:.3f})."
    )


def build_differences(inputs: Inputs, questions: tuple[QuestionReview, ...]) -> tuple[Difference, ...]:
    """What splits whom, the widest gap first."""
    place = {question.id: k for k, question in enumerate(inputs.current.questions)}
    apart = [one for one in questions if one.verdict in (Verdict.DIFFERS, Verdict.NEARLY)]
    apart.sort(key=lambda one: (_ORDER.index(one.verdict) != 2, -one.split.mean))
    return tuple(_difference(inputs, one, place[one.question]) for one in apart[:MAX_DIFFERENCES])


def _difference(inputs: Inputs, one: QuestionReview, question: int) -> Difference:
    named: tuple[tuple[str, ...], ...] = ((), (), ())
    if inputs.current.body == Body.COUNCIL:
        records = records_on(inputs.current, question)
        for_it = np.concatenate([records.supporting, records.conditional])
        named = tuple(
            tuple(inputs.current.members[inputs.current.member[k]].id for k in entries)
            for entries in (for_it, records.held, records.opposed)
        )
    return Difference(
        question=one.question,
        gap=one.split,
        most_party=max(one.parties, key=lambda party: party.support.mean).party,
        least_party=one.least_party,
        supporters=named[0],
        held_back=named[1],
        opponents=named[2],
        conditions=one.conditions,
    )


def build_cells(inputs: Inputs) -> tuple[Cell, ...]:
    """The whole matrix, members by questions; open cells carry their prediction and nothing else."""
    current, expected = inputs.current, inputs.expectation
    entry = np.full((current.n_members, current.n_questions), -1)
    entry[current.member, current.question] = np.arange(len(current))
    row, col = np.nonzero(entry < 0)
    predicted = ndtr(inputs.model.eta(row, col) - expected.doubt[:, None])
    intervals = iter([Interval.of(predicted[:, k]) for k in range(len(row))])
    cells = []
    for i, member in enumerate(current.members):
        for j, question in enumerate(current.questions):
            k = int(entry[i, j])
            if k < 0:
                cells.append(Cell(member.id, question.id, None, None, None, next(intervals)))
                continue
            response = Response(int(current.response[k])).name.lower()
            basis = Basis(int(current.basis[k])).name.lower()
            cells.append(Cell(member.id, question.id, response, basis, k, None))
    return tuple(cells)
