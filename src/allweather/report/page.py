"""The page of a review: one HTML file that needs nothing else, and the folder around it.

The page is set from templates in which every text is escaped. It holds no script and asks for
nothing from outside; its style and drawings are within. Long lists are cut where the page would
grow past what a browser reads with ease, and say so; the tables beside the page hold everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import jinja2

from allweather import __version__
from allweather.positions import Positions
from allweather.report import telling, words
from allweather.report.charts import convergence_svg, evidence_svg, polis_svg
from allweather.report.context import Context
from allweather.report.coverage import Coverage
from allweather.report.drawing import clean, style
from allweather.report.maps import dimension_svg, map_svg
from allweather.report.matrix import matrix_of
from allweather.report.names import Names
from allweather.report.records import Records
from allweather.report.tables import convergence_csv, members_csv, packages_json
from allweather.review.results import Condition, Interval, PolisStatement, QuestionReview, Review, Verdict

#: So many questions of a verdict are set in full; the others follow in a plain table.
FULL_LIMIT: Final = 60
_ROWS_LIMIT: Final = 400
_DIFFERENCES_LIMIT: Final = 40
_EXTRA_DIMENSIONS: Final = 4

#: The files of a report beside the page, and what each is for.
BESIDE: Final = (
    ("review.json", "the whole review, for programs"),
    ("convergence.csv", "a row a question, for spreadsheets"),
    ("members.csv", "a row a member"),
    ("packages.json", "the packages"),
    ("convergence.svg", "the questions as a drawing"),
    ("map.svg", "the map as a drawing"),
)


@dataclass(frozen=True, slots=True)
class Group:
    """The questions of one verdict: `full` are set with all there is, `brief` in a plain table."""

    verdict: Verdict
    key: str
    title: str
    full: Sequence[QuestionReview]
    brief: Sequence[QuestionReview]

    @property
    def n(self) -> int:
        return self.n_full + len(self.brief)

    @property
    def n_full(self) -> int:
        return len(self.full)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A question that Polis' method ranks far from where we do, and the likely reason."""

    question: QuestionReview
    statement: PolisStatement
    why: str


def render_page(review: Review, positions: Positions, context: Context) -> str:
    """The page as HTML. `review` must be of these `positions`."""
    disagreements, groups = _disagreements(review), _groups(review)
    placed = [one.question for group in groups for one in [*group.full, *group.brief[:_ROWS_LIMIT]]]
    names, records = Names(review, positions, placed), Records(review, positions)
    svg = {
        "map": map_svg(review, names),
        "extra": [
            dimension_svg(review, names, d)
            for d in range(2, min(review.map.n_dimensions, 2 + _EXTRA_DIMENSIONS))
        ],
        "evidence": evidence_svg(review.map.evidence) if review.map.evidence else "",
        "polis": polis_svg(review, [one.question.question for one in disagreements]) if review.polis else "",
    }
    html = (
        environment()
        .get_template("page.html.j2")
        .render(
            review=review,
            context=context,
            title=words.one_line(context.title or review.title) or "Joint review",
            names=names,
            records=records,
            coverage=Coverage.of(review, positions),
            groups=groups,
            by={group.key: group for group in groups},
            headline=headline(review),
            parties_are=telling.kind_of_parties(review),
            leanings={one.id: telling.leanings(review, one) for one in review.parties},
            unparted=telling.unparted(review),
            matrix=matrix_of(review, names, records),
            svg=svg,
            disagreements=disagreements,
            words_of={**words.BASES, "unknown": "unknown"},
            on_no=[one.question for one in review.questions if one.against],
            sections=_sections(review),
            differences=review.differences[:_DIFFERENCES_LIMIT],
            record_groups=list(records.by_question([one.question for one in review.questions])),
            rows_limit=_ROWS_LIMIT,
            beside=BESIDE,
            version=__version__,
        )
    )
    return clean(html)


def render_files(review: Review, positions: Positions, context: Context) -> dict[str, bytes]:
    """Every file of a report, by name; the page comes last, so that it is last in place."""
    names = Names(review, positions)
    return {
        "review.json": review.to_json(),
        "convergence.csv": convergence_csv(review, positions),
        "members.csv": members_csv(review, positions),
        "packages.json": packages_json(review),
        "convergence.svg": convergence_svg(review, names).encode("utf-8", "replace"),
        "map.svg": map_svg(review, names, alone=True).encode("utf-8", "replace"),
        "index.html": render_page(review, positions, context).encode("utf-8", "replace"),
    }


def headline(review: Review) -> str:
    """What converges, in one or two sentences."""
    n = {v: sum(one.verdict is v for one in review.questions) for v in words.VERDICTS}
    total = words.count(len(review.questions), "question")
    said = f"Positions converge on {n[Verdict.CONVERGES] or 'none'} of {total}"
    if n[Verdict.NEARLY]:
        said += f" and nearly meet on {n[Verdict.NEARLY]}"
    if n[Verdict.DIFFERS]:
        said += f"; on {n[Verdict.DIFFERS]} they differ"
    if n[Verdict.NOT_KNOWN]:
        said += f". On {n[Verdict.NOT_KNOWN]:,} it is not known"
    return f"{said}."


def _groups(review: Review) -> list[Group]:
    groups = []
    for verdict, found in telling.by_verdict(review).items():
        key, title = words.VERDICT_KEY[verdict], words.VERDICT_TITLE[verdict]
        groups.append(Group(verdict, key, title, found[:FULL_LIMIT], found[FULL_LIMIT:]))
    return groups


def _sections(review: Review) -> dict[str, tuple[int, str]]:
    """Anchor to number and title, of the sections that there are."""
    titles = {
        "convergence": "What converges",
        "matrix": "Who holds what",
        "map": "The map",
        "differences": "What differs, and why",
        "packages": "Packages",
        "ask": "What to ask next",
        "polis": "Beside Polis’ own method",  # noqa: RUF001
        "records": "Every record",
        "method": "How it was computed, and what is not known",
    }
    if review.polis is None:
        del titles["polis"]
    return {key: (k + 1, title) for k, (key, title) in enumerate(titles.items())}


def _disagreements(review: Review, most: int = 8) -> list[Disagreement]:
    """Where the ranks are furthest apart, but for agreement on no: of that there is only one thing to say."""
    if review.polis is None:
        return []
    theirs = {one.question: one for one in review.polis.statements}
    asked = [one for one in review.questions if one.question in theirs and not one.against]
    both = [(one, theirs[one.question]) for one in asked]
    both.sort(key=lambda pair: (-abs(pair[0].rank - pair[1].rank), pair[0].rank))
    usual = sorted(one.n_answers for one in review.questions)
    few = usual[len(usual) // 4] if usual else 0
    apart = [(one, other) for one, other in both[:most] if one.rank != other.rank]
    return [Disagreement(one, other, _why(one, other, few)) for one, other in apart]


def _why(one: QuestionReview, other: PolisStatement, few: int) -> str:
    """Why the two ranks are apart, from what is known of the question."""
    wide = one.least_support.high - one.least_support.low
    reasons = []
    if one.n_answers <= few:
        reasons.append(f"few answers ({one.n_answers:,})")
    if wide >= 0.2:
        reasons.append(f"a 90% interval {wide * 100:.0f} points wide, which a point value does not show")
    if not reasons:
        higher = "higher" if other.rank < one.rank else "lower"
        reasons.append(
            f"Polis ranks it {higher} on the product of shares over its groups; "
            f"here the least supportive party counts, at {words.share(one.least_support)}"
        )
    return words.listed(reasons)


def _position(interval: Interval) -> dict[str, str]:
    """Where a share's dot and bar stand on a track, in per cent."""
    low, high = max(0.0, interval.low), min(1.0, interval.high)
    return {
        "at": f"{min(1.0, max(0.0, interval.mean)) * 100:.1f}",
        "from": f"{low * 100:.1f}",
        "wide": f"{max(0.0, high - low) * 100:.1f}",
    }


def _by_condition(conditions: Sequence[Condition]) -> list[tuple[str, list[Condition]]]:
    """Conditions by their words, so that a text that several share is set once."""
    held: dict[str, list[Condition]] = {}
    for one in conditions:
        held.setdefault(one.text, []).append(one)
    return list(held.items())


def _gain_scale(gains: Sequence[Any], walk_away: float) -> dict[str, float]:
    low = min([0.0, walk_away, *(one.gain.low for one in gains)])
    high = max([0.0, walk_away, *(one.gain.high for one in gains)])
    room = 0.04 * (high - low or 1.0)
    return {"low": low - room, "span": (high - low or 1.0) + 2 * room}


def _per_cent_of(value: float, scale: Mapping[str, float]) -> str:
    return f"{min(100.0, max(0.0, (value - scale['low']) / scale['span'] * 100)):.1f}"


def _chunks(text: str, most: int = 420) -> Iterator[str]:
    """The text whole, or its beginning and the whole, where it is too long to stand open."""
    if len(text) > most:
        yield words.shorten(text, most - 120)
    yield text


@cache
def environment() -> jinja2.Environment:
    """The templates of this room, in which every text is escaped, with the words they use."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("allweather.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters |= {
        "percent": words.percent,
        "band": words.band,
        "share": words.share,
        "span": words.span,
        "number": words.number,
        "position": _position,
        "chunks": lambda text: list(_chunks(text)),
        "shorten": words.shorten,
        "listed": words.listed,
        "chance": words.consensus_range,
        "shown_parties": telling.shown_parties,
        "deciding": telling.deciding,
        "supports_words": telling.supports_words,
        "bargain": telling.Bargain.of,
        "by_condition": _by_condition,
        "verdict_key": lambda verdict: words.VERDICT_KEY[verdict],
        "verdict_title": lambda verdict: words.VERDICT_TITLE[verdict],
        "parties_of": lambda review: {one.question: one for one in review.questions},
        "on_record": words.on_record,
        "who": words.who,
        "by_party": lambda one: {party.party: party for party in one.parties},
        "gain_scale": _gain_scale,
        "on": _per_cent_of,
    }
    made.globals |= {
        "count": words.count,
        "style": style,
        "BASES": words.BASES,
        "RESPONSES": words.RESPONSES,
        "RULES": words.RULES,
    }
    return made
