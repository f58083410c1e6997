"""The joint review of the council's own positions, as any member computes it, tables it and checks another's.

A tabled review names how far its author held each log, the digest of what went in and of what came out.
With the same program the same inputs and seed give the same bytes: nobody has to believe a figure of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from allweather import __version__
from allweather.council.acts import Act
from allweather.council.bodies import Review as ReviewBody
from allweather.council.reviewing import (
    blocs_of,
    check_review,
    frontier,
    inputs_digest,
    positions_of,
    view_of,
)
from allweather.council.view import View
from allweather.errors import NotVerified, UnknownName
from allweather.positions import Bloc, Positions, format_date, parse_date
from allweather.record.keys import format_base64
from allweather.record.standing import Standing
from allweather.record.storage import Storage
from allweather.report import Context, render_files
from allweather.review import JointReview, Review
from allweather.review.linking import Stakes

PROGRAM = f"allweather {__version__}"
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A joint review with the positions it rests on, as of which day, and its files by name.

    `stakes` say what each question is worth to whom, so that other packages can be weighed.
    """

    review: Review
    positions: Positions
    as_of: str
    files: Mapping[str, bytes]
    stakes: Stakes

    @property
    def result(self) -> str:
        """The digest that a tabled review states of it: that of review.json."""
        return format_base64(hashlib.sha256(self.files["review.json"]).digest())


@dataclass(frozen=True, slots=True)
class ToReview:
    """All that a review is computed from; nothing of the fold is needed any more.

    Equal `digest`, `as_of` and `seed` give equal files.
    """

    positions: Positions
    blocs: tuple[Bloc, ...]
    as_of: str
    digest: str
    seed: int
    concern: str = ""


def to_review(view: View, *, concern: str = "", as_of: str = "", seed: int = 0) -> ToReview:
    """The positions on record (on one concern), by the end of the day `as_of`; of the view's if empty.

    Raises NothingToReview while no charter is held.
    """
    day = as_of or format_date(view.at // _DAY)
    last = parse_date(day).last
    positions = positions_of(view, concern)
    positions = positions if last is None else positions.before(last)
    return ToReview(positions, blocs_of(view), day, inputs_digest(view, concern), seed, concern)


def review_of(
    given: ToReview, *, threads: int = 1, report: Callable[[str, float], None] | None = None
) -> Reviewed:
    """Review what was gathered. Raises NothingToReview if too little is on record."""
    estimator = JointReview(seed=given.seed, n_threads=threads)
    review = estimator.fit(given.positions, given.blocs, report=report or _quietly).review_
    current = estimator.current_
    context = Context(title=current.title, as_of=given.as_of, format="the council's own record")
    files = render_files(review, current, context)
    return Reviewed(review, current, given.as_of, files, estimator.stakes_)


def review_council(
    view: View,
    *,
    concern: str = "",
    as_of: str = "",
    seed: int = 0,
    threads: int = 1,
    report: Callable[[str, float], None] | None = None,
) -> Reviewed:
    """Gather and review at once. Raises NothingToReview if too little is on record."""
    given = to_review(view, concern=concern, as_of=as_of, seed=seed)
    return review_of(given, threads=threads, report=report)


def _quietly(what: str, share: float) -> None:
    """For whoever does not want to hear how far it has come."""


def tabled(view: View, made: Reviewed, *, title: str, concern: str = "", seed: int = 0) -> ReviewBody:
    """The act that tables a review of this view."""
    return ReviewBody(
        concern=concern,
        title=title,
        as_of=made.as_of,
        seed=seed,
        frontier=frontier(view),
        inputs=inputs_digest(view, concern),
        result=made.result,
        version=PROGRAM,
    )


def recompute(
    view: View,
    act: Act,
    storage: Storage,
    standing: Standing,
    *,
    threads: int = 1,
    report: Callable[[str, float], None] | None = None,
) -> Reviewed:
    """Compute a tabled review again from the record up to its frontier.

    Raises NotVerified if inputs or result are not those that it states, Refused if not all of it is held.
    """
    body = act.body
    if not isinstance(body, ReviewBody):
        raise UnknownName(f"{act.name} is no review")

    def read(origin: str, size: int) -> list[bytes]:
        log = standing.logs.get(origin)
        face = max(log.faces, key=lambda one: one.n_standing, default=None) if log else None
        return storage.entries(face.branch, 0, min(size, face.n_standing)) if face else []

    then = view_of(view, act, read)
    fault = check_review(then, act, inputs_digest(then, body.concern))
    if fault is not None:
        raise NotVerified(f"{act.name} does not hold: {fault}")
    made = review_council(
        then, concern=body.concern, as_of=body.as_of, seed=body.seed, threads=threads, report=report
    )
    if made.result != body.result:
        raise NotVerified(
            f"{act.name} does not hold: its inputs are on record, but they give the result "
            f"{made.result[:8]}… and not {body.result[:8]}…; it was made with {body.version}, "
            f"this is {PROGRAM}"
        )
    return made
