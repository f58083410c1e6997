"""Passages in quotation marks: of many scripts, across paragraphs, unclosed, stray; no text is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allweather.evidence.lines import MAX_PARAGRAPH, paragraphs
from allweather.evidence.marks import MAX_DEPTH, Marked, find_marked


def marked(text: str) -> Marked:
    """The passages of a text with its own paragraphs."""
    return find_marked(text, paragraphs(text))


def passages(text: str) -> list[tuple[int, bool, list[str]]]:
    """Depth, whether closed, and the words of each passage."""
    return [
        (one.depth, one.is_closed, [span.of(text) for span in one.spans]) for one in marked(text).passages
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('He said: "It is so."', '"It is so."'),
        ("He said: “It is so.”", "“It is so.”"),
        ("Er sagte: „So ist es.“", "„So ist es.“"),
        ("Il a dit : «C’est ainsi.»", "«C’est ainsi.»"),
        ("Er sagte: »So ist es.«", "»So ist es.«"),
        ("He said: ''It is so.''", "''It is so.''"),
        ("He said: ``It is so.''", "``It is so.''"),
        ("He said: ‘It is so.’", "‘It is so.’"),
        ("He said: 'It is so.'", "'It is so.'"),
        ("他说：「是的。」", "「是的。」"),
        ('He said: “It is so."', '“It is so."'),
    ],
)
def test_marks_of_many_kinds(text: str, words: str) -> None:
    assert passages(text) == [(0, True, [words])]


def test_a_speech_over_paragraphs_is_one_passage() -> None:
    text = '"First part.\n"Second part.\n"Third part," he said.'
    assert passages(text) == [(0, True, ['"First part.', '"Second part.', '"Third part,"'])]


def test_marks_within_marks_have_a_depth() -> None:
    assert passages('"He said "yes" to me."') == [(0, True, ['"He said "yes" to me."']), (1, True, ['"yes"'])]
    assert [one[0] for one in passages("“As ‘you’ know “x” y”")] == [0, 1, 1]


@pytest.mark.parametrize(
    "text",
    [
        "It isn’t the workers’ fault.",
        "Rock 'n' roll of the '90s.",
        "’Twas the ’60s and it's over.",
        "5'10\" tall",
        'a 6" nail',
    ],
)
def test_apostrophes_and_inches_are_no_marks(text: str) -> None:
    assert passages(text) == []


def test_an_unclosed_mark_ends_with_its_paragraph() -> None:
    text = 'He said: "this goes on without end\nA new paragraph.'
    assert passages(text) == [(0, False, ['"this goes on without end'])]


def test_a_lost_closing_mark_does_not_swallow_what_follows() -> None:
    found = passages('"This one was never closed. "And this one" was, "as was this".')
    assert [words for _, _, (words,) in found] == [
        '"This one was never closed.',
        '"And this one"',
        '"as was this"',
    ]


def test_odd_marks_are_listed_and_refuse_nothing() -> None:
    found = marked("a b” and then “ c")
    assert found.passages == ()
    assert len(found.strays) == 2


def test_marks_too_deep_are_stray() -> None:
    text = "“a " * (MAX_DEPTH + 3) + "b" + "”" * (MAX_DEPTH + 3)
    assert max(one.depth for one in marked(text).passages) < MAX_DEPTH


@given(st.text(alphabet="ab .,\n\"'“”„«»‘’`:-5", max_size=300))
@settings(max_examples=300)
def test_any_text_has_ordered_passages_within_it(text: str) -> None:
    found = marked(text)
    assert [one.start for one in found.passages] == sorted(one.start for one in found.passages)
    for one in found.passages:
        assert all(0 <= span.start < span.end <= len(text) for span in one.spans)
        assert list(one.spans) == sorted(one.spans)
        assert 0 <= one.depth <= MAX_DEPTH
    assert all(0 <= at < len(text) for at in found.strays)


@pytest.mark.parametrize("unit", ['"', '"a" ', "“", "''", "‘a ", '"\n', "« "])
def test_endless_marks_end(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    assert all(span.end <= len(text) for one in marked(text).passages for span in one.spans)


# Paragraphs


def test_a_line_end_ends_a_paragraph() -> None:
    text = "NATO head seeks thaw\r\n\r\nBRUSSELS -- He said so.\nNext.  "
    assert [line.of(text) for line in paragraphs(text)] == [
        "NATO head seeks thaw",
        "BRUSSELS -- He said so.",
        "Next.",
    ]


def test_lines_of_a_wrapped_text_make_one_paragraph() -> None:
    line = "These words fill a line that was wrapped at some width of a page,\n"
    text = line * 5 + "end.\n\n" + line * 3 + "end."
    assert [found.of(text).count("\n") for found in paragraphs(text)] == [5, 3]


def test_a_very_long_paragraph_is_cut_at_spaces() -> None:
    text = "word " * 10_000
    found = paragraphs(text)
    assert max(map(len, found)) <= MAX_PARAGRAPH
    assert " ".join(span.of(text) for span in found) == text.strip()


@given(st.text(alphabet="a \n\r\t\u2028", max_size=200))
def test_paragraphs_hold_every_word_once(text: str) -> None:
    found = paragraphs(text)
    assert "".join(span.of(text) for span in found).replace(" ", "").replace("\t", "") == "".join(
        text.split()
    )
