"""Redlines: what differs between two texts, what an amendment becomes in the next version, who wants what."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allweather.council.redlines import NO_WORDS, changes, redline, show_redline
from tests.council.drafting import Table

WORDS = st.sampled_from(
    [
        "we",
        "meet",
        " ",
        "  ",
        "twice",
        ",",
        "e\u0301",
        "\u05e9\u05dc\u05d5\u05dd",
        "\U0001f54a\ufe0f",
        "\u6c34\u706b",
    ]
)
TEXT = st.lists(WORDS, max_size=12).map("".join)
TEXTS = st.lists(TEXT, max_size=5)


def test_words_are_kept_deleted_and_inserted() -> None:
    lines = redline(["We meet at most two days."], ["We meet at most three whole days."])
    assert show_redline(lines) == "We meet at most [-two-]{+three whole+} days."
    assert [(one.old, one.new) for one in lines] == [(0, 0)]


def test_clauses_stand_beside_those_most_alike() -> None:
    old = ["We meet twice a year.", "Staff is small.", "The end is near."]
    new = ["A new start.", "We meet twice a month.", "The end is very near."]
    lines = redline(old, new)
    assert [(one.old, one.new) for one in lines] == [(None, 0), (0, 1), (1, None), (2, 2)]
    assert show_redline(lines) == (
        "{+A new start.+}\n\n"
        "We meet twice a [-year-]{+month+}.\n\n"
        "[-Staff is small.-]\n\n"
        "The end is {+very +}near."
    )


def test_the_same_text_has_one_fate() -> None:
    assert show_redline(redline(["One.", "Two."], ["One.", "Two."])) == "One.\n\nTwo."
    assert redline([], []) == ()


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("caf\u0065\u0301 noir", "cafe noir", "[-cafe\u0301-]{+cafe+} noir"),  # a mark stays with its letter
        ("\u5317\u4eac\u6c34", "\u5317\u4eac\u706b", "\u5317\u4eac[-\u6c34-]{+\u706b+}"),
        (
            "\u05e9\u05dc\u05d5\u05dd \u05e8\u05d1",
            "\u05e9\u05dc\u05d5\u05dd \u05de\u05e2\u05d8",
            "\u05e9\u05dc\u05d5\u05dd [-\u05e8\u05d1-]{+\u05de\u05e2\u05d8+}",
        ),
    ],
)
def test_scripts(old: str, new: str, shown: str) -> None:
    assert show_redline(redline([old], [new])) == shown


@settings(max_examples=150, deadline=None)
@given(TEXTS, TEXTS)
def test_a_redline_gives_both_texts_back(old: list[str], new: list[str]) -> None:
    lines = redline(old, new)
    left = [
        "".join(piece.words for piece in one.pieces if piece.fate != "inserted")
        for one in lines
        if one.old is not None
    ]
    right = [
        "".join(piece.words for piece in one.pieces if piece.fate != "deleted")
        for one in lines
        if one.new is not None
    ]
    assert (left, right) == (old, new)
    assert [one.old for one in lines if one.old is not None] == list(range(len(old)))
    assert [one.new for one in lines if one.new is not None] == list(range(len(new)))


@settings(max_examples=150, deadline=None)
@given(TEXT, TEXT)
def test_changes_make_one_clause_into_another(old: str, new: str) -> None:
    found = changes(old, new)
    text = old
    for change in reversed(found):
        text = text[: change.start] + change.words + text[change.end :]
    assert text == new
    assert all(old[change.start : change.end] != change.words for change in found)


def test_a_text_made_to_be_slow_is_replaced_whole() -> None:
    old, new = "a " * 8_000, "a " * 7_999 + "b"
    assert [change.words for change in changes(old, new)] == [new]
    assert changes(old, old) == ()


def test_between_two_versions_of_a_draft() -> None:
    table = Table("ann", "ben", clauses=["We meet twice a year.", "We eat."])
    for old, new in (("twice", "weekly"), ("We eat.", "")):
        table.release("ann", table.amend("ben", old, new), original=True)
    table.freeze("ann")
    first, second = table.state().versions
    assert show_redline(redline(first.words, second.words)) == (
        "We meet [-twice-]{+weekly+} a year.\n\n[-We eat.-]"
    )


def test_the_comment_table() -> None:
    table = Table("ann", "ben", "cat", clauses=["We meet twice a year.", "We eat."])
    b = table.amend("ben", "twice", "weekly", reason="Things move fast.")
    c = table.amend("cat", "twice", "daily")
    d = table.amend("cat", "eat", "dine")
    table.release("cat", c)
    table.release("cat", d)
    e = table.new_clause("cat", 1, "The end.")
    rows = table.state().remarks
    names = {ref: table.ann.act(ref).name for ref in (b, c, d, e)}
    assert [
        (row.amendment.name, row.clause, row.letter, row.was, row.becomes, row.state) for row in rows
    ] == [
        (names[b], "clause 1", "b", "twice", "weekly", "open"),
        (names[c], "clause 1", "c", "twice", "daily", "open"),
        (names[d], "clause 2", "b", "eat", "dine", "chosen"),
        (names[e], "a new clause after clause 2", "b", "", "The end.", "open"),
    ]
    assert [row.answer for row in rows] == [
        "open; a (the original) is held by ann",
        f"open, and nobody stands behind these words now; a (the original) is held by ann; b ({names[b]}) is"
        " held by ben",
        "not taken: a (the original) stands",
        "open; a (the original) is held by ann",
    ]
    assert rows[0].reason == "Things move fast."
    assert rows[0].holders == ("council/ben",)
    assert table.text() == (
        f"We meet [a: twice (ann) | b: weekly (ben) | c: daily (nobody)] a year.\n\nWe eat.\n\n"
        f"[a: {NO_WORDS} (ann) | b: The end. (cat)]"
    )
