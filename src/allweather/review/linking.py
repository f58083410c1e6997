"""Hand the fitted review to the two modules that look ahead: `packages` and `asking`.

What a question is worth to whom is decided here. Adopting it is worth 1 to a member that supports
it, 1/4 to one whose support has a limit, -1/4 to one that holds back and -1 to one that opposes,
scaled by intensity where that is on record (0: half, 100: one and a half). Between parties it is
worth the share that supports it less the share that does not. What this does not do: solve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from allweather.positions import LEVELS, Body
from allweather.review.answers import SUPPORT_LEVEL
from allweather.review.asking import what_to_ask
from allweather.review.assembling import Inputs
from allweather.review.packages import find_packages, weigh_package
from allweather.review.results import AskNext, Package, Packages, PartyKind

LEVEL_UTILITY = np.array([-1.0, -0.25, 0.25, 1.0])
#: An objection held with at least this intensity is a red line.
RED_LINE_INTENSITY = 90
#: Packages are between members up to this many, else between parties.
MAX_DEAL_MEMBERS = 60


def build_packages(inputs: Inputs, stakes: Stakes, walk_away: float) -> Packages:
    """Find linked deals between those who deal."""
    current = inputs.current
    # What nobody supports on record cannot be dealt in: its worth would be guesswork throughout.
    supported = np.zeros(current.n_questions, dtype=bool)
    supported[current.question[LEVELS[current.response] >= SUPPORT_LEVEL]] = True
    dealt = np.flatnonzero(supported)
    packages = find_packages(
        party_ids=stakes.ids,
        question_ids=[stakes.questions[k] for k in dealt.tolist()],
        utility=stakes.utility[:, :, dealt],
        on_record=stakes.on_record[:, dealt],
        red_line=stakes.red_line[:, dealt],
        between=stakes.between,
        walk_away=walk_away,
    )
    if n_left := int(np.sum(~supported)):
        said = f"{packages.conclusion} Left out: {n_left} questions that nobody supports on record."
        return replace(packages, conclusion=said)
    return packages


def build_ask_next(inputs: Inputs) -> AskNext:
    """Find the open cells whose answers would teach most."""
    current, model = inputs.current, inputs.model
    rows = np.arange(current.n_members)
    doubt = inputs.expectation.doubt[:, None]

    def support_prob(questions: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
        row, col = np.repeat(rows, len(questions)), np.tile(questions, len(rows))
        drawn = ndtr(model.eta(row, col) - doubt)
        return np.asarray(drawn.reshape(len(drawn), len(rows), len(questions)), dtype=np.float64)

    return what_to_ask(
        member_ids=[member.id for member in current.members],
        question_ids=[question.id for question in current.questions],
        support_prob=support_prob,
        least_support=inputs.expectation.least,
        open_cells=inputs.open_cells,
    )


@dataclass(frozen=True, eq=False)
class Stakes:
    """Who deals, and what each question is worth to them: see `packages.find_packages`."""

    ids: tuple[str, ...]
    questions: tuple[str, ...]
    utility: npt.NDArray[np.float64]
    on_record: npt.NDArray[np.bool_]
    red_line: npt.NDArray[np.bool_]
    between: str


def stakes_of(inputs: Inputs) -> Stakes:
    """What is at stake between members (of a small body) or between parties."""
    current = inputs.current
    if current.body != Body.CONSULTATION and current.n_members <= MAX_DEAL_MEMBERS:
        return _stakes_of_members(inputs)
    return _stakes_of_parties(inputs)


def weigh(stakes: Stakes, questions: Sequence[str], *, walk_away: float = 0.0) -> Package:
    """What each party gains if these questions are adopted together, whoever chose them.

    Raises UnknownName for a question that was not reviewed, InputError if none is named.
    """
    return weigh_package(
        party_ids=stakes.ids,
        question_ids=stakes.questions,
        utility=stakes.utility,
        on_record=stakes.on_record,
        chosen=questions,
        walk_away=walk_away,
    )


def _stakes_of_parties(inputs: Inputs) -> Stakes:
    parties = inputs.parties
    answered = inputs.tally.kind[:, :, :4].sum(axis=2)
    kinds = [party.kind for party in parties.parties]
    return Stakes(
        ids=tuple(party.id for party in parties.parties),
        questions=tuple(question.id for question in inputs.current.questions),
        utility=2.0 * inputs.expectation.party.astype(np.float64) - 1.0,
        on_record=answered >= 0.5 * parties.mask.sum(axis=1, keepdims=True),
        red_line=np.zeros((len(kinds), inputs.current.n_questions), dtype=bool),
        between=f"{PartyKind.BLOC if PartyKind.BLOC in kinds else kinds[0]}s",
    )


def _stakes_of_members(inputs: Inputs) -> Stakes:
    current, model = inputs.current, inputs.model
    shape = (current.n_members, current.n_questions)
    level = LEVELS[current.response]
    answered = level >= 0
    row, col = current.member[answered], current.question[answered]
    on_record = np.zeros(shape, dtype=bool)
    on_record[row, col] = True
    intensity = np.where(np.isnan(current.intensity[answered]), 50.0, current.intensity[answered])
    red_line = np.zeros(shape, dtype=bool)
    crossed = (level[answered] == 0) & (intensity >= RED_LINE_INTENSITY)
    red_line[row[crossed], col[crossed]] = True
    # Open cells take the level that the draw gives them, so that a package is judged by what may
    # really be answered and not by an average that nobody holds.
    eta = model.eta_all(slice(None)) - inputs.expectation.doubt[:, None, None]
    noise = np.random.default_rng([inputs.seed, 41]).normal(size=eta.shape)
    category = np.zeros(eta.shape, dtype=np.intp)
    for k in range(model.draws.cuts.shape[1]):
        category += eta + noise > model.draws.cuts[:, k, None, None]
    utility = LEVEL_UTILITY[np.array(inputs.answers.levels)][category]
    utility[:, row, col] = LEVEL_UTILITY[level[answered]] * (0.5 + intensity / 100)
    ids, questions = (tuple(one.id for one in some) for some in (current.members, current.questions))
    return Stakes(ids, questions, utility, on_record, red_line, "members")
