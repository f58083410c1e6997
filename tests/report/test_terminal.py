"""The summary in the terminal: fits its width, tells everything in words, hides nothing in colour."""

from __future__ import annotations

import dataclasses
import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from allweather.positions import Positions
from allweather.report import terminal_summary
from allweather.report.terminal import bar
from allweather.report.words import band
from allweather.review.results import Interval, OpenCell, PartyKind, Review, Verdict
from tests.report.builders import bare_review, consultation, council_positions, council_review


def lines(
    review: Review, positions: Positions, width: int, *, colour: bool = True, **more: object
) -> list[str]:
    out = io.StringIO()
    told = terminal_summary(review, positions, width=width, colour=colour, **more)  # type: ignore[arg-type]
    Console(file=out, width=width, color_system=None).print(told)
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [60, 72, 80, 99, 100, 120, 200])
@pytest.mark.parametrize("make", [council_review, bare_review])
def test_no_line_is_wider_than_the_terminal(make: object, width: int) -> None:
    review = make()  # type: ignore[operator]
    told = lines(review, council_positions(), width, intake=["x " * 300, "y" * 300], as_of="2009-09-18")
    assert max(cell_len(line) for line in told) <= width
    assert not [line for line in told if line.endswith("…") and len(line) == width and "●" in line]


def test_bars_stand_in_one_column() -> None:
    told = [line for line in lines(council_review(), council_positions(), 80) if "├" in line]
    assert len(told) == 8
    assert len({cell_len(line) for line in told}) == 1
    starts = {cell_len(line[: re.search("[·├]", line).start()]) for line in told}  # type: ignore[union-attr]
    assert starts == {cell_len(told[0][: re.search("[·├]", told[0]).start()])}  # type: ignore[union-attr]


def test_a_minute_tells_the_whole() -> None:
    text = "\n".join(
        lines(council_review(), council_positions(), 120, as_of="2009-09-18", intake=["One row fell."])
    )
    for needed in (
        "Council of 7",
        "7 members · 8 questions · 21 answers · as of 2009-09-18",
        "2 converging, 2 nearly, 1 differing and 3 not known",
        "16 own (29%) · 2 inferred (4%) · 3 common (5%) · 35 unknown (62%)",
        "Came in   One row fell.",
        "● CONVERGES  2 of 8",
        "◐ NEARLY  2 of 8",
        "◇ DIFFERS  1 of 8",
        "○ NOT KNOWN  3 of 8",
        "└ Support in both blocs, but for Russia's condition and Lithuania's reserve.",
        "  Russia: “Ready, if the architecture is drawn up together from the start.”",
        "Who gives: Russia on D1; Lithuania on D1; nobody on the other 2.",
        "Russia on M2: would settle 31% of what is open there; predicted 66%",
        "nobody in that party is on record",
    ):
        assert needed in text, needed


def test_sides_are_explained_by_their_questions() -> None:
    positions, review = consultation(n_parties=2)
    sides = tuple(dataclasses.replace(one, kind=PartyKind.SIDE) for one in review.parties)
    told = "\n".join(lines(dataclasses.replace(review, parties=sides), positions, 120))
    ends = review.map.dimensions[0]
    assert f"Cluster A: more for {ends.low[0]} " in told
    assert f"Cluster B: more for {ends.high[0]} " in told
    assert "more for" not in "\n".join(lines(council_review(), council_positions(), 120))


def test_convergence_on_no_shows_the_most_supportive_party() -> None:
    positions, review = consultation()
    first = review.questions[0]
    most = max(first.parties, key=lambda one: one.support.mean)
    against = dataclasses.replace(first, against=True)
    told = lines(dataclasses.replace(review, questions=(against, *review.questions[1:])), positions, 120)
    line = next(line for line in told if f"  {first.question} " in line and "no: " in line)
    assert line.endswith(band(most.support))
    assert any("the convergence is on no" in line for line in told)


def test_a_consultation_is_asked_by_question_and_a_council_by_member() -> None:
    positions, review = consultation()
    cell = OpenCell(positions.members[0].id, review.questions[0].question, 0.4, Interval(0.5, 0.1, 0.9))
    review = dataclasses.replace(review, ask_next=dataclasses.replace(review.ask_next, cells=(cell,)))
    told = "\n".join(lines(review, positions, 100))
    assert "would settle" not in told
    assert "(210 open)" in told


def test_colour_adds_nothing() -> None:
    review, positions = council_review(), council_positions()
    assert lines(review, positions, 100) == lines(review, positions, 100, colour=False)
    out = io.StringIO()
    told = terminal_summary(review, positions, width=100, colour=False)
    Console(file=out, width=100, force_terminal=True, color_system="truecolor").print(told)
    assert "\x1b" not in out.getvalue()


def test_many_questions_are_counted_not_listed() -> None:
    positions, review = consultation()
    told = lines(review, positions, 80)
    for verdict in Verdict:
        n = sum(one.verdict is verdict for one in review.questions)
        assert n <= 8 or f"  and {n - 8:,} more" in told
    assert sum(line.endswith("%") and "·" in line for line in told) == sum(
        min(8, sum(one.verdict is verdict for one in review.questions)) for verdict in Verdict
    )


def test_escape_codes_in_texts_do_not_reach_the_terminal() -> None:
    positions = council_positions()
    bad = "\x1b[31mred\x1b]0;title\x07 [bold]markup[/bold]"
    positions = dataclasses.replace(
        positions, questions=tuple(dataclasses.replace(one, text=bad) for one in positions.questions)
    )
    review = dataclasses.replace(council_review(), title=bad)
    text = "\n".join(lines(review, positions, 120))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "[bold]markup[/bold]" in text


def test_bar() -> None:
    assert bar(Interval(0.5, 0.25, 0.75), 21, 0.9) == "·····├────●────┤··╎··"
    assert bar(Interval(0.5, 0.25, 0.75), 21, 0.6) == "·····├────●─┼──┤·····"
    assert bar(Interval(0.5, 0.25, 0.75), 21, 0.9, predicted=True) == "·····├────○────┤··╎··"
    assert bar(Interval(1.0, 1.0, 1.0), 11, 0.66) == "·······╎··●"
