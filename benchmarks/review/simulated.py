"""Data without structure, and data with structure that we planted, so that the truth is known.

- *permuted*: up to 300 participants and 50 questions of a real consultation; within each question the
  answers are dealt anew among those who answered it. Nobody is on any side
- *additive*: a readiness to agree for each participant and an acceptability for each question
- *planted*: two sides of 60% and 40% that differ on 30 of 50 questions and not on the other 20
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from allweather.positions import Body, Member, Positions, Question, Response
from benchmarks.review.conversations import MAIN, load

N_MEMBERS, N_QUESTIONS = 300, 50
SHARE_OF_LARGER = 0.6

_OF_OUTCOME = np.array([int(Response.OPPOSE), int(Response.PASS), int(Response.SUPPORT)], dtype=np.int8)


@dataclass(frozen=True, slots=True, eq=False)
class Planted:
    """Data with two sides: `side` (n_members,), `answer` what everybody would say to everything
    (1 agrees, bool (n_members, n_questions)), and whether a question `divides` the sides."""

    positions: Positions
    side: npt.NDArray[np.intp]
    answer: npt.NDArray[np.bool_]
    divides: npt.NDArray[np.bool_]


def permuted(index: int) -> Positions:
    """The `index`-th data set of the first null, from one of the four conversations in turn."""
    source = load(MAIN[index % len(MAIN)]).positions
    generator = np.random.default_rng([11, index])
    n_answers = np.bincount(source.member, minlength=source.n_members)
    members = generator.permutation(np.flatnonzero(n_answers >= 7))[:N_MEMBERS]
    taken = source.take(np.isin(source.member, members))
    asked = np.argsort(-np.bincount(taken.question, minlength=source.n_questions), kind="stable")
    taken = taken.with_members([source.members[k].id for k in np.sort(members)])
    taken = taken.with_questions([source.questions[k].id for k in np.sort(asked[:N_QUESTIONS])])
    return dealt_anew(taken, generator)


def dealt_anew(positions: Positions, generator: np.random.Generator) -> Positions:
    """The same cells, with each question's answers dealt anew among those who answered it."""
    response = positions.response.copy()
    for j in range(positions.n_questions):
        held = np.flatnonzero(positions.question == j)
        response[held] = response[generator.permutation(held)]
    return dataclasses.replace(positions, response=response)


def additive(index: int) -> Positions:
    """The `index`-th data set of the second null."""
    generator = np.random.default_rng([12, index])
    ready = generator.normal(scale=generator.uniform(0.2, 0.9), size=(N_MEMBERS, 1))
    accepted = generator.normal(0.4, 0.8, size=(1, N_QUESTIONS))
    answer = generator.random((N_MEMBERS, N_QUESTIONS)) < ndtr(ready + accepted)
    return _observed(answer, generator)


def planted(index: int) -> Planted:
    """The `index`-th data set with two sides."""
    generator = np.random.default_rng([13, index])
    side = (np.arange(N_MEMBERS) >= SHARE_OF_LARGER * N_MEMBERS).astype(np.intp)
    divides = np.arange(N_QUESTIONS) < 30
    place = np.where(side == 0, -0.8, 1.2) + generator.normal(scale=0.35, size=N_MEMBERS)
    weight = np.where(
        divides, generator.choice([-1.0, 1.0], N_QUESTIONS) * generator.uniform(0.5, 1.3, N_QUESTIONS), 0
    )
    accepted = generator.normal(0.4, 0.7, size=N_QUESTIONS)
    ready = generator.normal(scale=0.4, size=(N_MEMBERS, 1))
    answer = generator.random((N_MEMBERS, N_QUESTIONS)) < ndtr(ready + accepted + place[:, None] * weight)
    return Planted(_observed(answer, generator), side, answer, divides)


def _observed(answer: npt.NDArray[np.bool_], generator: np.random.Generator) -> Positions:
    """Some answers are given, how many differs between participants; a tenth of those are passes."""
    activity = generator.beta(1.5, 1.5, size=(len(answer), 1))
    member, question = np.nonzero(generator.random(answer.shape) < np.maximum(activity, 0.15))
    outcome = np.where(answer[member, question], 2, 0)
    outcome[generator.random(len(outcome)) < 0.1] = 1
    return _positions(member, question, _OF_OUTCOME[outcome])


def _positions(member: npt.ArrayLike, question: npt.ArrayLike, response: npt.ArrayLike) -> Positions:
    return Positions.from_columns(
        [Member(str(k), f"Participant {k}") for k in range(N_MEMBERS)],
        [Question(str(k), f"Question {k}") for k in range(N_QUESTIONS)],
        member,
        question,
        response,
        body=Body.CONSULTATION,
        title="simulated",
    )
