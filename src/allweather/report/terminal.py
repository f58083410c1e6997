"""The summary that people read in the terminal, in a minute.

Drawn in characters, for any width from 60 columns on. Each question takes one line: its text, a bar
of the support expected in the least supportive party (`●` the expectation, `○` where nobody
in it is on record, `├─┤` its 90% interval, `╎` or, within it, `┼` the threshold), the figures, and
for bodies that decide by consensus the chance that nobody opposes. Colour only repeats what a sign
or a word already says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Group
from rich.text import Text

from allweather.positions import Positions
from allweather.report.coverage import Coverage
from allweather.report.names import Names
from allweather.report.telling import bargain_words, by_verdict, deciding, leanings, supports_words
from allweather.report.words import (
    VERDICT_SIGN,
    VERDICT_TITLE,
    band,
    consensus_range,
    count,
    listed,
    on_record,
    percent,
    share,
    shorten,
    text_width,
    who,
)
from allweather.review.results import Interval, OpenQuestion, QuestionReview, Review, Verdict

#: With more questions than this only the first of each verdict are told.
ALL_TOLD = 40
TOLD_A_VERDICT = 8
NARROWEST, WIDEST = 60, 132
_GUESS: Final = "○ in a bar: nobody in that party is on record, all is predicted"
_ON_NO: Final = "no: the convergence is on no; the bar is that of the most supportive party"

_STYLE: Final = {
    Verdict.CONVERGES: "bold green",
    Verdict.NEARLY: "bold cyan",
    Verdict.DIFFERS: "bold yellow",
    Verdict.NOT_KNOWN: "bold",
}

_TALLY: Final = {
    Verdict.CONVERGES: "converging",
    Verdict.NEARLY: "nearly",
    Verdict.DIFFERS: "differing",
    Verdict.NOT_KNOWN: "not known",
}


def terminal_summary(
    review: Review,
    positions: Positions,
    *,
    width: int,
    intake: Sequence[str] = (),
    as_of: str | None = None,
    colour: bool = True,
) -> Group:
    """The summary as a rich renderable; no line is wider than `width` (at least 60) columns.

    `intake` are sentences on what was dropped or corrected on the way in.
    """
    told = _Teller(review, positions, min(max(width, NARROWEST), WIDEST))
    lines = [*told.header(as_of), *told.verdicts(), *told.closing(intake)]
    if not colour:
        lines = [Text(line.plain) for line in lines]
    for line in lines:
        line.no_wrap, line.overflow = True, "ellipsis"
    return Group(*lines)


class _Teller:
    def __init__(self, review: Review, positions: Positions, width: int) -> None:
        self._review = review
        self._guessed = False  # whether a bar so far was all prediction
        self._on_no = False  # whether a convergence so far was on no
        self._names = Names(review, positions)
        self._coverage = Coverage.of(review, positions)
        self._width = width
        self._consensus = any(one.consensus for one in review.questions)
        self._narrow = width < 100  # then the expectation is only drawn, its interval also written
        self._bar = 16 if self._narrow else 20 if width < 116 else 30
        # two spaces, `100%` and two spaces where it is written, then `>99->99%`
        self._figures = 2 + 8 + (0 if self._narrow else 6)
        self._tail = self._bar + self._figures + (11 if self._consensus else 0)
        self._id = min(8, max((text_width(one.question) for one in review.questions), default=1))

    def header(self, as_of: str | None) -> Iterator[Text]:
        review, seen = self._review, self._coverage
        yield from self._wrapped(review.title or "Joint review", style="bold")
        facts = [count(review.n_members, who(review)), count(review.n_questions, "question")]
        facts.append(count(review.n_answers, "answer"))
        facts += [count(review.n_passes, "pass", "passes")] * bool(review.n_passes)
        facts += [f"as of {as_of}"] * bool(as_of)
        yield from self._wrapped(" · ".join(facts))
        if 0 < len(review.parties) <= 8:
            names = [f"{self._names.party(one.id)} ({len(one.members):,})" for one in review.parties]
            kind = review.parties[0].kind.value
            kind += "s" * (len(names) > 1)
            yield from self._wrapped(f"{kind}: " + " · ".join(names))
            for one in review.parties:
                about = leanings(review, one, 1)
                lead = f"  {self._names.party(one.id)}: more for "
                room = max(24, self._width - text_width(lead))
                for question in about:
                    told = shorten(f"{question} {self._names.text(question)}", room)
                    yield Text(lead + told, style="dim")
        tally = [
            f"{sum(one.verdict is verdict for one in review.questions):,} {word}"
            for verdict, word in _TALLY.items()
        ]
        yield from self._wrapped(listed(tally), style="bold")
        yield Text()
        yield self._coverage_bar()
        parts = [
            f"{n:,} {word} ({percent(n / max(seen.n_cells, 1))}%)"
            for word, n in seen.parts()
            if n or not seen.is_plain
        ]
        yield from self._wrapped(f"of {seen.n_cells:,} cells: " + " · ".join(parts))

    def verdicts(self) -> Iterator[Text]:
        n = len(self._review.questions)
        most = n if n <= ALL_TOLD else TOLD_A_VERDICT
        yield Text()
        # Right-aligned, so that each heading ends where its column does.
        what = "least party's support" if self._narrow else "expected support of the least party"
        heads = f"{what:>{self._bar + self._figures}}"
        if self._consensus:
            heads += f"{'no one':>11}"
        yield Text(f"{heads:>{self._width}}", style="dim")
        figures = "90% sure" if self._narrow else "mean  90% sure"
        scale = f"0%{'100%':>{self._bar - 2}}{figures:>{self._figures}}"
        scale += f"{'opposes':>11}" if self._consensus else ""
        yield Text(f"{scale:>{self._width}}", style="dim")
        for verdict, found in by_verdict(self._review).items():
            head = f"{VERDICT_SIGN[verdict]} {VERDICT_TITLE[verdict].upper()}"
            line = Text(head, style=_STYLE[verdict]).append(f"  {len(found):,} of {n:,}", style="not bold")
            yield line
            for one in found[:most]:
                yield self._question(one)
                yield from self._aside(one)
            if len(found) > most:
                yield Text(f"  and {len(found) - most:,} more", style="dim")
            yield Text()
        notes = [_GUESS] * self._guessed + [_ON_NO] * self._on_no
        for note in notes:
            yield from self._wrapped(note, style="dim")
        if notes:
            yield Text()

    def closing(self, intake: Sequence[str]) -> Iterator[Text]:
        review = self._review
        yield from self._titled("Map", [review.map.conclusion, review.clusters.conclusion])
        packages = review.packages
        who_gives = [bargain_words(packages.packages[0], self._names)] if packages.packages else []
        yield from self._titled("Packages", [packages.conclusion, *who_gives])
        ask = review.ask_next
        lines = [ask.conclusion]
        # A council asks a member; a consultation shows a question to whoever comes.
        lines += [
            f"{self._names.member(cell.member)} on {cell.question}: would settle "
            f"{percent(cell.reduces)}% of what is open there; predicted {share(cell.predicted)}"
            for cell in ask.cells[: 0 if review.body == "consultation" else 2]
        ]
        lines += [self._open_question(one) for one in ask.questions[: 3 - len(lines)]]
        yield from self._titled("Ask next", lines)
        yield from self._titled("Came in", intake)

    def _question(self, one: QuestionReview) -> Text:
        line = Text("  ")
        line.append(_pad(shorten(one.question, self._id), self._id), style="bold").append(" ")
        room = self._width - self._tail - self._id - 5
        text = ("no: " if one.against else "") + self._names.text(one.question)
        line.append(_pad(shorten(text, room), room)).append("  ")
        threshold = self._review.method.threshold
        limit = 1 - threshold if one.against else threshold
        guess = _is_guess(one)
        self._guessed |= guess
        self._on_no |= one.against
        expected = deciding(one)[1]
        line.append(bar(expected, self._bar, limit, predicted=guess))
        if not self._narrow:
            line.append(f"  {percent(expected.mean) + '%':>4}", style="bold")
        line.append(f"  {'recorded' if _is_recorded(one) else band(expected):>8}")
        if self._consensus:
            line.append(f"  {_chance(one):>9}")
        return line

    def _aside(self, one: QuestionReview) -> Iterator[Text]:
        """The line under a question: its condition, its hold-outs, or who stands where."""
        if one.verdict is Verdict.NEARLY:
            apart = [self._names.who(one_apart) for one_apart in one.hold_outs[:6]]
            yield from self._under(f"apart: {listed(apart)}" if apart and not one.conditions else one.reason)
            for condition in one.conditions[:2]:
                if condition.text:
                    yield from self._under(f"{self._names.member(condition.member)}: “{condition.text}”", " ")
        elif one.verdict is Verdict.DIFFERS:
            told = one.reason if self._review.body == "council" else supports_words(one, self._names)
            yield from self._under(told or one.reason)

    def _under(self, text: str, sign: str = "└") -> Iterator[Text]:
        indent = " " * (self._id + 3) + f"{sign} "
        yield Text(indent + shorten(text, self._width - len(indent)), style="dim")

    def _open_question(self, one: OpenQuestion) -> str:
        room = max(24, self._width - 40)
        return f"{one.question} {self._names.short(one.question, room)} ({one.n_open:,} open)"

    def _coverage_bar(self) -> Text:
        """What is known, as one bar in four densities; each part that exists takes a column at least."""
        seen, line, used = self._coverage, Text(), 0
        shown = [(sign, n) for sign, (_, n) in zip("█▓▒·", seen.parts(), strict=True) if n]
        for k, (sign, n) in enumerate(shown):
            left = len(shown) - k - 1
            wide = max(1, round(self._width * n / max(seen.n_cells, 1)))
            wide = self._width - used if not left else min(wide, self._width - used - left)
            line.append(sign * wide)
            used += wide
        return line

    def _titled(self, title: str, lines: Sequence[str]) -> Iterator[Text]:
        kept = [line for line in lines if line]
        for k, line in enumerate(kept):
            yield from self._wrapped(line, indent=" " * 10, first=f"{title:<10}" if k == 0 else " " * 10)

    def _wrapped(
        self, text: str, *, indent: str = "", first: str | None = None, style: str = ""
    ) -> Iterator[Text]:
        """Break at spaces into at most six lines."""
        lead, line, told = first if first is not None else indent, "", 0
        for word in shorten(text, 6 * (self._width - len(indent)) - 40).split(" "):
            trial = f"{line} {word}" if line else word
            if line and text_width(lead + trial) > self._width:
                yield Text(lead + line, style=style)
                lead, line, told = indent, word, told + 1
            else:
                line = trial
        yield Text(lead + shorten(line, self._width - len(lead)), style=style)


def bar(interval: Interval, width: int, threshold: float, *, predicted: bool = False) -> str:
    """A share with its 90% interval on a scale from 0 to 1, `width` columns wide."""

    def column(value: float) -> int:
        return min(width - 1, max(0, round(value * (width - 1))))

    cells = ["·"] * width
    mark = column(threshold)
    cells[mark] = "╎"
    low, mean, high = column(interval.low), column(interval.mean), column(interval.high)
    cells[low : high + 1] = "─" * (high + 1 - low)
    if low < mark < high:
        cells[mark] = "┼"
    cells[low], cells[high] = "├", "┤"
    cells[mean] = "○" if predicted else "●"
    return "".join(cells)


def _is_guess(one: QuestionReview) -> bool:
    """Whether nobody in the party that counts is on record, so that its support is all prediction."""
    seen = {party.party: on_record(party)[0] for party in one.parties}
    return seen.get(deciding(one)[0], one.n_answers) == 0


def _is_recorded(one: QuestionReview) -> bool:
    """Whether everybody in the party that counts has answered, so that nothing is left to predict."""
    counts = {party.party: on_record(party) for party in one.parties}
    party, support = deciding(one)
    seen, everybody = counts.get(party, (0, 1))
    return seen == everybody and support.low == support.high


def _chance(one: QuestionReview) -> str:
    if one.consensus is None:
        return ""
    return consensus_range(one.consensus) if one.consensus.known else "not known"


def _pad(text: str, width: int) -> str:
    return text + " " * max(0, width - text_width(text))
