"""The joint review as an estimator: settings in the constructor, data only in `fit`.

    from allweather.formats import read
    from allweather.review import JointReview

    review = JointReview(seed=0).fit(read(path).positions).review_
    review.convergence_table()

What it keeps after `fit`: `review_` (a frozen `Review`), `model_` (the posterior), `stakes_` (what each
question is worth to whom) and `current_` (the entries that counted). What it does not do: read or write
anything, or draw.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from allweather.errors import InputError, NothingToReview, UnknownName
from allweather.positions import LEVELS, Bloc, Body, Positions, Response, check_blocs
from allweather.review.alignment import align
from allweather.review.answers import BASIS_RELIABILITY, Answers, answers_of
from allweather.review.assembling import (
    Inputs,
    build_cells,
    build_differences,
    build_map,
    build_questions,
    is_consensual,
)
from allweather.review.clusters import find_clusters
from allweather.review.dimensions import Evidence, weigh_dimensions
from allweather.review.expectation import DOUBT_SD, balanced_support, expect
from allweather.review.linking import build_ask_next, build_packages, stakes_of
from allweather.review.model import N_CHAINS, FittedModel, Report, fit_model, mixing_of
from allweather.review.parties import clusters_of, parties_of, tally_of
from allweather.review.polis import polis_view
from allweather.review.results import CELL_LIMIT, Interval, Method, Review

#: Dimensions fitted for prediction where the answers lean that way; those not needed shrink away.
FIT_DIMS = 8
#: A further dimension is fitted for so many answers: a thin record could not say what it is.
ANSWERS_A_DIM = 500
_SETTINGS = ("seed", "threshold", "walk_away", "n_threads")


class JointReview:
    """Find where interests converge, nearly meet, differ, and are not known.

    Settings (stored as given):

    - `seed`: every random number comes from it; equal input and seed give equal bytes
    - `threshold`: the share of support that counts as convergence, above one half
    - `walk_away`: the gain below which a party leaves a package, in questions won
    - `n_threads`: chains that run at a time; changes nothing but the time it takes
    """

    def __init__(
        self, *, seed: int = 0, threshold: float = 0.6, walk_away: float = 0.0, n_threads: int = 2
    ) -> None:
        self.seed = seed
        self.threshold = threshold
        self.walk_away = walk_away
        self.n_threads = n_threads

    def fit(
        self, positions: Positions, blocs: Sequence[Bloc] = (), *, report: Report | None = None
    ) -> JointReview:
        """Review `positions`; `blocs` are declared affiliations.

        `report` is called with a sentence and the share done, 0 to 1, as the work goes on.
        Raises NothingToReview where nothing can be compared, and InputError for wrong blocs or
        settings.
        """
        self._check_settings()
        check_blocs(blocs, positions)
        inputs = self._analyse(positions.current(), blocs, report)
        self.current_ = inputs.current
        self.model_ = inputs.model
        self.stakes_ = stakes_of(inputs)
        self.review_ = self._review(inputs, report)
        return self

    def get_params(self, deep: bool = True) -> dict[str, float]:
        """The settings by name, so that tools made for scikit-learn can copy the estimator."""
        return {name: getattr(self, name) for name in _SETTINGS}

    def set_params(self, **settings: float) -> JointReview:
        """Change settings by name. Raises UnknownName."""
        for name, value in settings.items():
            if name not in _SETTINGS:
                raise UnknownName(f"JointReview has no setting {name!r}; it has {', '.join(_SETTINGS)}")
            setattr(self, name, value)
        return self

    def _check_settings(self) -> None:
        if self.seed < 0:
            raise InputError(f"the seed must not be negative, and is {self.seed}")
        if not 0.5 < self.threshold < 1:
            raise InputError(f"the threshold must lie between one half and one, and is {self.threshold}")
        if self.n_threads < 1:
            raise InputError(f"at least one thread is needed, and n_threads is {self.n_threads}")

    def _analyse(self, current: Positions, blocs: Sequence[Bloc], report: Report | None) -> Inputs:
        """Fit the model and work out what it leads to expect."""
        answers = check_answers(current, blocs)
        evidence, model = _fit_weighed(answers, self.seed, self.n_threads, report)
        aligned = align(model.draws)
        found = find_clusters(aligned, evidence.n_dimensions, np.random.default_rng([self.seed, 31]))
        clusters = clusters_of(current, found, [bloc.id for bloc in blocs])
        first = aligned.theta[:, :, 0].mean(axis=0) if evidence.n_dimensions else None
        parties = parties_of(current, blocs, clusters, first)
        if report is not None:
            report("working out what to expect of each party", 0.0)
        return Inputs(
            current=current,
            answers=answers,
            model=model,
            aligned=aligned,
            evidence=evidence,
            parties=parties,
            clusters=clusters,
            tally=tally_of(current, parties),
            expectation=expect(
                model,
                current,
                aligned if evidence.n_dimensions else None,
                parties.mask,
                mixed=current.body == Body.COUNCIL,
                consensual=is_consensual(current),
                seed=self.seed,
            ),
            threshold=self.threshold,
            seed=self.seed,
        )

    def _review(self, inputs: Inputs, report: Report | None) -> Review:
        """Say it: verdicts, map, differences, packages, what to ask next."""
        current = inputs.current
        questions = build_questions(inputs)
        if report is not None:
            report("looking for packages", 0.0)
        return Review(
            title=current.title,
            body=current.body.name.lower(),
            n_members=current.n_members,
            n_questions=current.n_questions,
            n_answers=len(inputs.answers),
            n_passes=int(np.sum(current.response == Response.PASS)),
            parties=inputs.parties.parties,
            questions=questions,
            map=build_map(inputs),
            clusters=inputs.clusters,
            differences=build_differences(inputs, questions),
            packages=build_packages(inputs, self.stakes_, self.walk_away),
            ask_next=build_ask_next(inputs),
            cells=build_cells(inputs) if inputs.open_cells.size <= CELL_LIMIT else (),
            polis=polis_view(current) if current.body == Body.CONSULTATION else None,
            method=self._method(inputs),
        )

    def predict(
        self, member: npt.NDArray[np.integer], question: npt.NDArray[np.integer]
    ) -> npt.NDArray[np.float32]:
        """Draws of the probability of at least a limited yes, (n_draws, n), for cells by index."""
        return self.model_.support_prob(member, question)

    def _method(self, inputs: Inputs) -> Method:
        model = inputs.model
        aligned = inputs.aligned if inputs.evidence.n_dimensions else None
        mixing = mixing_of(balanced_support(model, aligned).astype(np.float64), model.n_chains)
        return Method(
            model="ordered probit with ideal points, Gibbs sampling",
            fitted_dimensions=model.draws.n_dims,
            n_draws=model.n_draws,
            n_chains=N_CHAINS,
            n_sweeps=model.chain.n_sweeps,
            seed=self.seed,
            threshold=self.threshold,
            doubt=Interval.of(inputs.expectation.delta),
            largest_rhat=round(mixing.largest_rhat, 3),
            least_effective_draws=round(mixing.least_effective_draws, 1),
            assumptions=_assumptions(inputs),
        )


def check_answers(current: Positions, blocs: Sequence[Bloc] = ()) -> Answers:
    """The answers of current positions, if they can be compared. Raises NothingToReview."""
    answered = LEVELS[current.response] >= 0
    for what, n in (("member", current.n_members), ("question", current.n_questions)):
        if n < 2:
            raise NothingToReview(
                f"there is only one {what}" if n else f"there is no {what}; a review needs two or more"
            )
    if not answered.any():
        passes = " (there are only passes)" if len(current) else ""
        raise NothingToReview(f"nobody has answered anything{passes}; there is nothing to review")
    for what, index in (("member", current.member), ("question", current.question)):
        if len(np.unique(index[answered])) < 2:
            raise NothingToReview(f"only one {what} has an answer; a review needs two or more")
    if len(np.unique(current.response[answered])) == 1:
        said = Response(int(current.response[answered][0])).name.lower()
        raise NothingToReview(
            f"everyone agrees: all {int(answered.sum())} answers are {said!r}, so nothing can be compared"
        )
    return answers_of(current, blocs)


def fitted_dimensions(answers: Answers, evidence: Evidence) -> int:
    """How many dimensions to fit for prediction."""
    most = min(FIT_DIMS, 1 + len(answers) // ANSWERS_A_DIM, answers.n_rows - 1, answers.n_cols - 1)
    return most if evidence.is_leaning else 0


def fit_for_prediction(
    current: Positions,
    blocs: Sequence[Bloc] = (),
    *,
    seed: int,
    n_threads: int = 2,
    report: Report | None = None,
) -> FittedModel:
    """Only the model of a review, with its dimensions chosen the same way: for held-out answers."""
    return _fit_weighed(check_answers(current, blocs), seed, n_threads, report)[1]


def _fit_weighed(
    answers: Answers, seed: int, n_threads: int, report: Report | None
) -> tuple[Evidence, FittedModel]:
    """Weigh the dimensions, then fit as many as may help to predict; unneeded ones shrink away."""
    evidence = weigh_dimensions(answers, seed=seed, n_threads=n_threads, report=report)
    n_dims = fitted_dimensions(answers, evidence)
    return evidence, fit_model(answers, n_dims, seed=seed, n_threads=n_threads, report=report)


def _assumptions(inputs: Inputs) -> tuple[str, ...]:
    weights = ", ".join(f"{basis.name.lower()} {value:g}" for basis, value in BASIS_RELIABILITY.items())
    said = [
        f"Prior probability that an entry tells of the member's own position, by its basis: {weights}.",
        f"Support of {inputs.threshold:.0%} or more counts as convergence.",
        "A pass is not an answer; what a member who passed would answer is predicted.",
    ]
    if inputs.current.body == Body.COUNCIL:
        said.append(
            "Silent members are read in two ways, half of the draws each: like those on record, or "
            f"with less support by |N(0, {DOUBT_SD:g}²)| probits; the record cannot tell which is right."
        )
    if is_consensual(inputs.current):
        said.append(
            "A member who has not spoken is counted as opposing with the probability that the model gives."
        )
    return tuple(said)
