"""Simple baselines and peers' methods as predictors, to set beside the model on held-out answers.

Each `fit_*` takes the kept positions (current, one entry a cell) and returns a predictor whose
`predict(member, question)` gives the probability of agreement, given that the member agrees or
disagrees. All offer points without uncertainty.

- *question mean*: (A+1)/(n+2) of a question with A agreements among n answers
- *additive*: logit p = mu + participant + question, two normal effects whose variances are estimated
- *Polis groups*: (A+1)/(n+2) within the participant's group as Polis' method finds it (`polis`);
  passes are left out of n, since a prediction of agreement against disagreement needs them out.
  Participants in no group get the question mean
- *Polis PCA*: a logistic regression on the question's mean and the two products of place and loading
- *factor model*: r = mu + i_u + i_n + f_u f_n on {0, 1/2, 1} as Community Notes scores notes, with a
  logistic regression on r; i_n is its measure of bridging

The logistic regressions are fitted on three inner tenths of the kept answers, each hidden by the rule
of `heldout.hide` from a fit of its own; the method is then fitted again on all kept answers.

What this does not do: keep a peer's exact code. The peers' own packages run in `benchmarks`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from allweather.positions import Positions
from allweather.review.heldout import Way, hide, outcomes
from allweather.review.polis import PolisFit, fit_polis

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.integer]

#: Penalties of Community Notes' factor model: on intercepts and on factors.
INTERCEPT_PENALTY, FACTOR_PENALTY = 0.15, 0.03

_N_SWEEPS = 60
_FACTOR_SWEEPS = 40
_RIDGE = 1.0
_N_INNER = 3


class Predictor(Protocol):
    """Something that predicts agreement."""

    def predict(self, member: Index, question: Index) -> Floats:
        """The probability of agreement for each (member, question), shape (n,)."""


@dataclass(frozen=True, slots=True, eq=False)
class QuestionMean:
    """The same for everybody: `prob` has shape (n_questions,)."""

    prob: Floats

    def predict(self, member: Index, question: Index) -> Floats:
        """The probability of agreement for each (member, question), shape (n,)."""
        return self.prob[question]


@dataclass(frozen=True, slots=True, eq=False)
class Additive:
    """A participant's readiness to agree plus a question's acceptability, in logits."""

    mean: float
    member_effect: Floats
    question_effect: Floats

    def predict(self, member: Index, question: Index) -> Floats:
        """The probability of agreement for each (member, question), shape (n,)."""
        prob: Floats = expit(self.mean + self.member_effect[member] + self.question_effect[question])
        return prob


@dataclass(frozen=True, slots=True, eq=False)
class GroupMean:
    """The mean of the participant's group, `prob` (n_groups, n_questions), or of all (`group` -1)."""

    group: npt.NDArray[np.intp]
    prob: Floats
    overall: QuestionMean

    def predict(self, member: Index, question: Index) -> Floats:
        """The probability of agreement for each (member, question), shape (n,)."""
        overall = self.overall.predict(member, question)
        if not len(self.prob):
            return overall
        group = self.group[member]
        return np.where(group >= 0, self.prob[np.maximum(group, 0), question], overall)


@dataclass(frozen=True, slots=True, eq=False)
class FactorModel:
    """Community Notes' factor model: r = mean + i_u + i_n + f_u f_n, fitted to {0, 1/2, 1}."""

    mean: float
    member_intercept: Floats
    member_factor: Floats
    question_intercept: Floats  # how readily a question is agreed to across the factor: bridging
    question_factor: Floats

    def rating(self, member: Index, question: Index) -> Floats:
        """The fitted rating of each (member, question), about 0 to 1, shape (n,)."""
        product = self.member_factor[member] * self.question_factor[question]
        return self.mean + self.member_intercept[member] + self.question_intercept[question] + product


#: Numbers that a logistic regression can use: (member, question) -> (n, n_features).
Features = Callable[[Index, Index], Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Calibrated:
    """A logistic regression, `weights` (1 + n_features,), on the features of a method."""

    features: Features
    weights: Floats

    def predict(self, member: Index, question: Index) -> Floats:
        """The probability of agreement for each (member, question), shape (n,)."""
        prob: Floats = expit(_with_constant(self.features(member, question)) @ self.weights)
        return prob


@dataclass(frozen=True, slots=True, eq=False)
class _Answers:
    """Agreements and disagreements only."""

    member: npt.NDArray[np.intp]
    question: npt.NDArray[np.intp]
    agreed: Floats
    n_members: int
    n_questions: int


def _answers(kept: Positions) -> _Answers:
    outcome = outcomes(kept, Way.TWO_WAY)
    used = outcome >= 0
    return _Answers(
        kept.member[used].astype(np.intp),
        kept.question[used].astype(np.intp),
        (outcome[used] == 1).astype(np.float64),
        kept.n_members,
        kept.n_questions,
    )


def fit_question_mean(kept: Positions) -> QuestionMean:
    """Each question's share of agreement, one added to either side."""
    answers = _answers(kept)
    n_agreed = np.bincount(answers.question, weights=answers.agreed, minlength=answers.n_questions)
    n_answers = np.bincount(answers.question, minlength=answers.n_questions)
    return QuestionMean((n_agreed + 1.0) / (n_answers + 2.0))


def fit_additive(kept: Positions) -> Additive:
    """Participant and question effects by penalised Newton steps, one side at a time.

    After each step a side's variance becomes the mean of its squared effects plus their Laplace
    variances (an EM step), so that the data decide how much to shrink.
    """
    answers = _answers(kept)
    sides = ((answers.member, answers.n_members), (answers.question, answers.n_questions))
    effects = [np.zeros(n) for _, n in sides]
    variances = [1.0, 1.0]
    mean = 0.0
    if not len(answers.agreed):
        return Additive(mean, effects[0], effects[1])

    def slopes() -> tuple[Floats, Floats]:
        p = expit(mean + effects[0][answers.member] + effects[1][answers.question])
        return answers.agreed - p, np.maximum(p * (1.0 - p), 1e-6)

    for _ in range(_N_SWEEPS):
        gap, weight = slopes()
        mean += float(np.clip(gap.sum() / weight.sum(), -1.0, 1.0))
        for side, (index, n) in enumerate(sides):
            gap, weight = slopes()
            curve = np.bincount(index, weights=weight, minlength=n) + 1.0 / variances[side]
            slope = np.bincount(index, weights=gap, minlength=n) - effects[side] / variances[side]
            effects[side] = effects[side] + np.clip(slope / curve, -1.0, 1.0)
            variances[side] = max(float(np.mean(effects[side] ** 2 + 1.0 / curve)), 1e-4)
    return Additive(mean, effects[0], effects[1])


def fit_polis_groups(kept: Positions) -> GroupMean:
    """Polis' groups, each with its own mean of every question."""
    fit = fit_polis(kept)
    return group_mean(kept, fit.group)


def group_mean(kept: Positions, group: npt.NDArray[np.intp]) -> GroupMean:
    """The mean of each question in each group; `group` (n_members,), -1 for members of none."""
    answers = _answers(kept)
    held = group[answers.member] >= 0
    shape = (int(group.max(initial=-1)) + 1, answers.n_questions)
    cell = group[answers.member[held]] * answers.n_questions + answers.question[held]
    n_cells = shape[0] * shape[1]
    n_agreed = np.bincount(cell, weights=answers.agreed[held], minlength=n_cells).reshape(shape)
    n_answers = np.bincount(cell, minlength=n_cells).reshape(shape)
    return GroupMean(group, (n_agreed + 1.0) / (n_answers + 2.0), fit_question_mean(kept))


def fit_polis_pca(kept: Positions) -> Calibrated:
    """Polis' two components, calibrated: question's mean (logit) and two products."""

    def learn(positions: Positions) -> Features:
        fit: PolisFit = fit_polis(positions)
        level = logit(fit_question_mean(positions).prob)

        def features(member: Index, question: Index) -> Floats:
            products = fit.places[member] * fit.loadings[question]
            return np.column_stack([level[question], products])

        return features

    return _calibrate(kept, learn, prior=np.array([0.0, 1.0, 0.0, 0.0]))


def fit_community_notes(kept: Positions) -> Calibrated:
    """Community Notes' factor model, calibrated on the logit scale (4 logits a unit of r)."""

    def learn(positions: Positions) -> Features:
        model = fit_factor_model(positions)

        def features(member: Index, question: Index) -> Floats:
            return 4.0 * (model.rating(member, question)[:, None] - 0.5)

        return features

    return _calibrate(kept, learn, prior=np.array([0.0, 1.0]))


def fit_factor_model(kept: Positions) -> FactorModel:
    """Alternating least squares for Community Notes' factor model; a pass is one half.

    As in their program the penalties stand beside mean squares (of errors over ratings, of
    intercepts and factors over members or questions), so each is multiplied here by the number of
    ratings a member or question. Factors start at Polis' first component.
    """
    rating = outcomes(kept, Way.THREE_WAY) / 2.0
    start = fit_polis(kept)
    n = len(kept)
    mean = float(rating.mean()) if n else 0.5
    member = _Side(kept.member.astype(np.intp), kept.n_members, n)
    question = _Side(kept.question.astype(np.intp), kept.n_questions, n)
    i_n = np.zeros(kept.n_questions)
    f_n = _unit(start.loadings[:, 0])
    i_u, f_u = np.zeros(kept.n_members), 0.3 * _unit(start.places[:, 0])
    for _ in range(_FACTOR_SWEEPS if n else 0):
        i_u, f_u = member.solve(rating - mean - i_n[question.index], f_n[question.index])
        i_n, f_n = question.solve(rating - mean - i_u[member.index], f_u[member.index])
        fitted = i_u[member.index] + i_n[question.index] + f_u[member.index] * f_n[question.index]
        mean = float((rating - fitted).mean())
    return FactorModel(mean, i_u, f_u, i_n, f_n)


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """One side of the factor model: which of its `n` members or questions each rating is of."""

    index: npt.NDArray[np.intp]
    n: int
    n_ratings: int

    def solve(self, rest: Floats, factor: Floats) -> tuple[Floats, Floats]:
        """The penalised least-squares intercept and factor of each, given the other side's."""
        each = self.n_ratings / self.n
        a = np.bincount(self.index, minlength=self.n) + INTERCEPT_PENALTY * each
        b = np.bincount(self.index, weights=factor, minlength=self.n)
        c = np.bincount(self.index, weights=factor * factor, minlength=self.n) + FACTOR_PENALTY * each
        s = np.bincount(self.index, weights=rest, minlength=self.n)
        t = np.bincount(self.index, weights=rest * factor, minlength=self.n)
        determinant = a * c - b * b
        return (c * s - b * t) / determinant, (a * t - b * s) / determinant


def _unit(values: Floats) -> Floats:
    scale = float(np.sqrt(np.mean(values * values))) if len(values) else 0.0
    return values / scale if scale > 0 else values


def _calibrate(kept: Positions, learn: Callable[[Positions], Features], prior: Floats) -> Calibrated:
    features, agreed = [], []
    for seed in range(_N_INNER):
        inner = hide(kept, seed, "inner")
        fitted = learn(kept.take(inner.kept))
        features.append(fitted(kept.member[inner.hidden], kept.question[inner.hidden]))
        agreed.append(inner.outcome[inner.hidden] == 1)
    weights = _logistic(np.concatenate(features), np.concatenate(agreed), prior)
    return Calibrated(learn(kept), weights)


def _logistic(features: Floats, agreed: npt.NDArray[np.bool_], prior: Floats) -> Floats:
    """Logistic regression by Newton steps, with a normal prior (variance 1) around `prior`."""
    x = _with_constant(features)
    weights = prior.copy()
    for _ in range(50):
        p = expit(x @ weights)
        slope = x.T @ (agreed - p) - _RIDGE * (weights - prior)
        curve = (x * (p * (1.0 - p))[:, None]).T @ x + _RIDGE * np.eye(x.shape[1])
        step = np.clip(np.linalg.solve(curve, slope), -1.0, 1.0)
        weights = weights + step
        if np.abs(step).max() < 1e-9:
            break
    return weights


def _with_constant(features: Floats) -> Floats:
    return np.column_stack([np.ones(len(features)), features])


def three_way_shares(
    kept: Positions, member: Index, question: Index, group: npt.NDArray[np.intp] | None = None
) -> Floats:
    """Shares of disagree, pass and agree for each (member, question), one added to each: (n, 3).

    Of the question over all members; where `group` (n_members,) is given, over the member's group.
    """
    outcome = outcomes(kept, Way.THREE_WAY).astype(np.intp)

    def shares(rows: npt.NDArray[np.intp], asked: npt.NDArray[np.intp]) -> Floats:
        cell = (rows[kept.member] * kept.n_questions + kept.question) * 3 + outcome
        n_rows = int(rows.max(initial=0)) + 1
        count = np.bincount(cell, minlength=n_rows * kept.n_questions * 3) + 1.0
        table = count.reshape(n_rows, kept.n_questions, 3)
        found: Floats = table[asked, question] / table[asked, question].sum(axis=1, keepdims=True)
        return found

    everybody = np.zeros(kept.n_members, dtype=np.intp)
    overall = shares(everybody, everybody[member])
    if group is None:
        return overall
    own = group + 1  # members of no group make up row 0, which is not used
    return np.where(group[member][:, None] >= 0, shares(own, own[member]), overall)


#: Every baseline by its name, in the order of the tables.
BASELINES: Mapping[str, Callable[[Positions], Predictor]] = MappingProxyType(
    {
        "question mean": fit_question_mean,
        "additive": fit_additive,
        "Polis groups": fit_polis_groups,
        "Polis PCA": fit_polis_pca,
        "factor model": fit_community_notes,
    }
)
