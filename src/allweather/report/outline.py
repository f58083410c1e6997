"""A review as an outline: headings, paragraphs, tables and drawings, for whoever sets it on paper.

It says what the page says, shorter: the verdicts with their reasons and figures, conditions, differences,
packages, what to ask next. The formats that set it (`paper`, `document`) add no word of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from allweather import __version__
from allweather.positions import Positions
from allweather.report import telling, words
from allweather.report.context import Context
from allweather.report.names import Names
from allweather.report.page import headline
from allweather.review.results import Interval, QuestionReview, Review, Verdict

_TITLES = {
    Verdict.CONVERGES: "Converges",
    Verdict.NEARLY: "Nearly converges",
    Verdict.DIFFERS: "Differs",
    Verdict.NOT_KNOWN: "Not known",
}
_MOST = 200


@dataclass(frozen=True, slots=True)
class Block:
    """One piece. A table's first row is its head; `level` is that of a heading, from 1."""

    sort: Literal["heading", "words", "table"]
    text: str = ""
    rows: Sequence[Sequence[str]] = ()
    level: int = 0


def outline(review: Review, positions: Positions, context: Context) -> tuple[Block, ...]:
    """The whole review. `review` must be of these `positions`."""
    return tuple(_blocks(review, Names(review, positions), context))


def _blocks(review: Review, names: Names, context: Context) -> Iterator[Block]:
    yield _heading(words.one_line(context.title or review.title) or "Joint review", 1)
    yield _words(headline(review))
    day = f" as of {context.as_of}" if context.as_of else ""
    yield _words(
        f"A joint review of the positions on record{day}: {len(review.questions)} questions. Every figure "
        "has an interval that holds 90% of what is credible. What is not on record is not known, not zero."
    )
    yield _words(review.map.conclusion)
    for verdict, found in telling.by_verdict(review).items():
        if found:
            yield _heading(f"{_TITLES[verdict]} ({len(found)})", 2)
            yield from _questions(found, names)
    if review.packages.packages or review.packages.conclusion:
        yield _heading("Packages", 2)
        yield _words(review.packages.conclusion)
        for package in review.packages.packages:
            yield _words(f"{package.rule}: {'; '.join(names.short(one) for one in package.questions)}")
            yield _table(("Who", "Gain"), [(names.who(one.party), figure(one.gain)) for one in package.gains])
    yield _words(f"Computed by allweather {__version__}.")


def _questions(found: Sequence[QuestionReview], names: Names) -> Iterator[Block]:
    for one in found[:_MOST]:
        yield _heading(words.one_line(names.text(one.question)), 3)
        yield _words(one.reason)
        if one.parties:
            rows = [(names.party(part.party), figure(part.support)) for part in one.parties]
            yield _table(("Who", "Support"), rows)
        for condition in one.conditions:
            yield _words(f"{names.member(condition.member)} on condition: {condition.text}")
        if one.ask:
            yield _words(f"To ask next: {one.ask}")
    if len(found) > _MOST:
        yield _words(f"{len(found) - _MOST} more are in the tables beside the review.")


def figure(interval: Interval) -> str:
    """An interval for reading: its mean, and its bounds in brackets."""
    return f"{interval.mean:.2f} ({interval.low:.2f} to {interval.high:.2f})"


def _heading(text: str, level: int) -> Block:
    return Block("heading", text, level=level)


def _words(text: str) -> Block:
    return Block("words", text)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Block:
    return Block("table", rows=(head, *rows))
