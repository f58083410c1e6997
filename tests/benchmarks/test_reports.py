"""How found quotations are counted against given ones, and that annotations are read as they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.evidence.reports import Article, Attribution, Score, count, read_polnear

TEXT = '"We will go," Ann said. Bo wants a new harbour soon.'
SAID = Attribution(((0, 13),), ((18, 22),), ((14, 17),))
WANTS = Attribution(((33, 51),), ((27, 32),), ((24, 26),))


def score(found: list[Attribution]) -> Score:
    """The score of one article."""
    made = Score()
    count(made, Article("a", TEXT, (SAID, WANTS)), found)
    return made


def test_the_same_is_right_in_all_respects() -> None:
    made = score([SAID, WANTS])
    assert [made.f1(n) for n in (made.n_overlap, made.n_exact, made.n_attribution)] == [100, 100, 100]
    assert (made.n_direct, made.direct(made.n_direct_exact)) == (1, 100)


def test_marks_and_points_do_not_count() -> None:
    assert score([Attribution(((1, 11),), ((18, 22),), ((14, 17),))]).n_exact == 1


@pytest.mark.parametrize(
    ("found", "overlap", "exact", "attribution"),
    [
        (Attribution(((33, 34),), ((27, 32),), ((24, 26),)), 1, 0, 0),  # less than half of the words
        (Attribution(((35, 51),), ((27, 32),), ((24, 26),)), 1, 0, 1),
        (Attribution(((33, 51),), ((27, 32),), ((14, 17),)), 1, 1, 0),  # another source
        (Attribution(((33, 51),), ((27, 32),)), 1, 1, 0),
        (Attribution(((14, 22),)), 0, 0, 0),
    ],
)
def test_what_counts(found: Attribution, overlap: int, exact: int, attribution: int) -> None:
    made = score([found])
    assert (made.n_overlap, made.n_exact, made.n_attribution) == (overlap, exact, attribution)


def test_one_found_quotation_answers_one_given() -> None:
    assert score([Attribution(((0, 51),))]).n_overlap == 1
    assert score([SAID, SAID]).f1(1) == 50


def test_annotations_are_read(tmp_path: Path) -> None:
    for folder in ("attributions", "text"):
        (tmp_path / "dev" / folder).mkdir(parents=True)
    (tmp_path / "dev" / "text" / "one.txt").write_text(TEXT, encoding="utf-8")
    rows = (
        "T1\tContent 0 12;33 51\twords\nof two lines\n"
        "T2\tCue 17 21\tsaid\nT3\tAttribution 17 21\tsaid\nE1\tAttribution:T3 Content:T1 Cue:T2\n"
        "E2\tAttribution:T3 Cue:T2\n"
    )
    (tmp_path / "dev" / "attributions" / "one_ab12.ann").write_text(rows, encoding="utf-8")
    (tmp_path / "dev" / "attributions" / "one_cd34.ann").write_text("", encoding="utf-8")
    (article,) = read_polnear(tmp_path, "dev")
    assert article.given == (Attribution(((0, 12), (33, 51)), ((17, 21),)),)
