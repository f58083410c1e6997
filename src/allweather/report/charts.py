"""The drawings beside the map: convergence of every question, evidence for dimensions, ours and Polis'.

`convergence_svg` is also a file of its own; the page shows the same in rows that can be opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from allweather.report.drawing import drawing, labels, line, mark, n, rect, text
from allweather.report.names import Names
from allweather.report.telling import by_verdict, shown_parties
from allweather.report.words import (
    VERDICT_SIGN,
    VERDICT_TITLE,
    VERDICTS,
    count,
    number,
    on_record,
    shorten,
    text_width,
)
from allweather.review.dimensions import STANDARD_ERRORS
from allweather.review.results import DimensionEvidence, QuestionReview, Review

#: With more questions than this only the first of each verdict are drawn.
DRAWN_LIMIT: Final = 60
_DRAWN_A_VERDICT: Final = 15
_WIDTH, _LEFT = 980.0, 560.0
_SUPPORTED: Final = {True: "supported", False: "not supported"}


def convergence_svg(review: Review, names: Names) -> Markup:
    """Support in every party with its 90% interval, a row a question, grouped by verdict; a file."""
    every = len(review.questions) <= DRAWN_LIMIT
    y, behind = 24.0, [text(20, 4, "Expected support with its 90% interval, by question and party", "soft")]
    front = _party_legend(review, names, _LEFT, 4)
    for verdict, found in by_verdict(review).items():
        if not found:
            continue
        drawn = found if every else found[:_DRAWN_A_VERDICT]
        more = f"{len(found):,}" if len(drawn) == len(found) else f"{len(drawn)} of {len(found):,} drawn"
        front.append(
            text(20, y + 20, f"{VERDICT_SIGN[verdict]}  {VERDICT_TITLE[verdict]}  ({more})", "group")
        )
        y, top = y + 32, y + 26
        for k, one in enumerate(drawn):
            tall, row = _question_row(one, names, y)
            behind += [rect(12, y - 2, _WIDTH - 24, tall, "band")] if k % 2 == 0 else []
            front += row
            y += tall
        behind += [line(_at(tick / 100), top, _at(tick / 100), y, "grid") for tick in range(0, 101, 25)]
        threshold = _at(review.method.threshold)
        behind.append(line(threshold, top, threshold, y, "threshold"))
        y += 8
    for tick in range(0, 101, 25):
        front.append(text(_at(tick / 100), y + 12, f"{tick}%", "soft small figure", anchor="middle"))
    said = f"dashed line: the threshold, {review.method.threshold:.0%}"
    said += " · hollow: nobody there on record, all predicted"
    front.append(text(20, y + 12, said, "soft small"))
    about = ", ".join(
        f"{VERDICT_TITLE[verdict].lower()}: {sum(one.verdict is verdict for one in review.questions)}"
        for verdict in VERDICTS
    )
    title = f"{shorten(review.title, 70)}: what converges" if review.title else "What converges"
    body = [*behind, *front]
    return drawing("convergence", _WIDTH, y + 20, title, f"Questions by verdict. {about}.", body, alone=True)


def _at(share: float) -> float:
    return _LEFT + (_WIDTH - 20 - _LEFT) * share


def _question_row(one: QuestionReview, names: Names, y: float) -> tuple[float, list[str]]:
    """The height of a question's row, and what stands in it."""
    held = [(party.party, party.support, not on_record(party)[0]) for party in shown_parties(one)]
    held = held or [("", one.support, not one.n_answers)]
    step = 11.0
    tall = max(22.0, step * len(held) + 10)
    middle = y - 2 + tall / 2
    told = ("No: " if one.against else "") + names.text(one.question)
    row = [
        text(20, middle + 4, shorten(one.question, 9), "group figure"),
        text(86, middle + 4, shorten(told, 72)),
    ]
    for k, (party, support, guess) in enumerate(held):
        at, shade = middle + step * (k - (len(held) - 1) / 2), names.shade(party)
        more = "open" if guess else ""
        row.append(line(_at(support.low), at, _at(support.high), at, f"bar p{shade} {more}".rstrip()))
        row.append(mark(names.mark(party), shade, _at(support.mean), at, 4.4, more=more))
    return tall, row


def _party_legend(review: Review, names: Names, x: float, y: float) -> list[str]:
    body, across = [], x + 5
    for party in review.parties[:6]:
        told = shorten(names.party(party.id), 20)
        if across + 20 + 6.6 * text_width(told) > _WIDTH:
            across, y = x + 5, y + 18
        body.append(mark(names.mark(party.id), names.shade(party.id), across, y - 4, 5))
        body.append(text(across + 11, y, told))
        across += 34 + 6.6 * text_width(told)
    return body


def evidence_svg(evidence: Sequence[DimensionEvidence], *, alone: bool = False) -> Markup:
    """How much better held-out answers are predicted with each further dimension."""
    low = min([0.0, *(one.gain.low for one in evidence)])
    high = max([0.0, *(one.gain.high for one in evidence)])
    room = 0.08 * (high - low or 1.0)
    low, high = low - room, high + room
    width, left, right, top, step = 720.0, 150.0, 130.0, 34.0, 26.0

    def at(value: float) -> float:
        return left + (width - left - right) * (value - low) / (high - low)

    bottom = top + step * len(evidence)
    body = [
        text(0, 16, "Gain in predicting held-out answers, in log-loss, over one dimension fewer", "soft"),
        line(at(0), top - 6, at(0), bottom, "axis"),
        text(at(0), bottom + 14, "no gain", "soft small", anchor="middle"),
        # Bars that clear the line may still fall short, so the page has to say by how much they must.
        text(
            0,
            bottom + 34,
            f"bars: 90% intervals · supported: {STANDARD_ERRORS:g} standard errors or more above no gain, "
            "and every step before it",
            "soft small",
        ),
    ]
    for k, one in enumerate(evidence):
        y = top + step * (k + 0.5)
        body.append(text(0, y + 4, count(one.n_dimensions, "dimension")))
        body.append(line(at(one.gain.low), y, at(one.gain.high), y, "bar p0"))
        body.append(mark("disc" if one.supported else "ring", 0, at(one.gain.mean), y, 5))
        body.append(text(width, y + 4, _SUPPORTED[one.supported], "soft", anchor="end"))
    about = "; ".join(
        f"{count(one.n_dimensions, 'dimension')}: {number(one.gain.mean, 3)}, "
        f"{number(one.gain.low, 3)} to {number(one.gain.high, 3)}"
        for one in evidence
    )
    return drawing("evidence", width, bottom + 42, "Evidence for dimensions", about, body, alone=alone)


def polis_svg(review: Review, named: Sequence[str], *, alone: bool = False) -> Markup:
    """Rank of each question by our reading and by Polis' method; `named` get their id beside them."""
    view = review.polis
    if view is None:
        raise ValueError("the review holds no view by Polis' method")
    theirs = {one.question: one.rank for one in view.statements}
    both = {one.question: one for one in review.questions if one.question in theirs}
    answers = sorted(one.n_answers for one in both.values())
    # None where all have the same number of answers: then few answers explain nothing.
    few = answers[len(answers) // 4] if answers and answers[0] < answers[len(answers) // 2] else -1
    left, top, side = 56.0, 20.0, 460.0
    most = max([2, *(one.rank for one in both.values()), *theirs.values()])
    width, height = left + side + 60, top + side + 56
    spots = {
        one: (left + side * (of.rank - 1) / (most - 1), top + side * (theirs[one] - 1) / (most - 1))
        for one, of in both.items()
    }
    body = _rank_axes(left, top, side, most)
    if few >= 0:
        said = f"hollow: the quarter with the fewest answers ({few:,} or fewer)"
        body.append(text(left, height - 10, said, "soft small"))
    for question, one in both.items():
        ranks = f"rank {one.rank} here, {theirs[question]} by Polis"
        told = f"{question}: {ranks}, {one.n_answers:,} answers"
        body.append(mark("disc", 0, *spots[question], 4, told, more="hollow" * (one.n_answers <= few)))
    body += labels([(*spots[one], shorten(one, 9)) for one in named if one in spots], "group small")
    about = f"{len(both)} questions; those far from the diagonal are ranked differently."
    return drawing("polis", width, height, "Rank here against rank by Polis", about, body, alone=alone)


def _rank_axes(left: float, top: float, side: float, most: int) -> list[str]:
    """The frame of a square of two ranks from 1 to `most`, with its diagonal."""
    end, below = left + side, top + side + 18
    ours = "rank here: what converges most surely comes first"
    theirs = "rank by Polis: group-informed consensus"
    return [
        rect(left, top, side, side, "frame"),
        line(left, top, end, top + side, "threshold"),
        text(left, below, "1", "soft small figure"),
        text(end, below, f"{most:,}", "soft small figure", anchor="end"),
        text(left + side / 2, below, ours, "soft", anchor="middle"),
        text(left - 8, top + 10, "1", "soft small figure", anchor="end"),
        text(left - 8, top + side, f"{most:,}", "soft small figure", anchor="end"),
        f'<g transform="translate({n(left - 14)} {n(top + side / 2)}) rotate(-90)">'
        + text(0, 0, theirs, "soft", anchor="middle")
        + "</g>",
    ]
