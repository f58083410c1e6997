"""The joint review: from positions to where interests converge, nearly meet, differ, are not known.

A library in its own right. It knows positions and nothing else: a council's dossier, a roll-call
history and a public consultation enter by the same door.

    from allweather.review import JointReview

    review = JointReview(seed=0).fit(positions, blocs).review_
    for question in review.questions:
        print(question.rank, question.verdict, question.question, question.least_support)

What it gives: the map (in the fewest dimensions that held-out answers support, possibly none),
convergence between blocs and clusters, the chance of consensus, differences, packages, what to ask
next: each figure a `results.Interval`, each verdict with the entries it rests on.

How it gets there, a module a step:

    answers -> dimensions -> sampler, model -> alignment -> clusters, parties -> expectation
            -> council or verdicts -> packages, asking -> assembling -> results

What it does not do: read files, draw, or tell the time. Time series, perception gaps and the
detection of manipulation have their places in `results.Review` to come, and no code yet.
"""

from allweather.review.estimator import JointReview, fit_for_prediction
from allweather.review.results import Interval, Review, Verdict

__all__ = ["Interval", "JointReview", "Review", "Verdict", "fit_for_prediction"]
