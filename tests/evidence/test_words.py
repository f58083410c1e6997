"""Words: places lead back to the untouched text, whatever it is; one key for what says the same."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from allweather.evidence.documents import Span
from allweather.evidence.numerals import read_digits, read_numeral, read_roman
from allweather.evidence.words import MAX_WORD, TOKEN, Kind, fold, mark_between, words_of

#: Texts that hold what breaks offsets: ends of line, byte order marks, marks of direction, combining signs.
HOSTILE = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from(
            "\r\n\ufeff\u200f\u200e\u202e\u2066\u00ad\u0301ﬁİß’'.,-–…[]()$%½٣不0123456789 \u00a0nt"
        ),
    ),
    max_size=200,
)


def keys(text: str) -> list[str]:
    return [word.key for word in words_of(text)]


@given(HOSTILE)
@example("\ufeffDon\u00ad’t\r\nﬁx \u202eit\u202c")
@example("-5 \u200f1 000\u00a0000 cannot n't 'n't’ per cent")
@settings(max_examples=500, deadline=None)
def test_words_and_gaps_give_back_the_untouched_text(text: str) -> None:
    words = words_of(text)
    at, rebuilt = 0, ""
    for word in words:
        assert at <= word.start < word.end <= len(text)
        rebuilt += text[at : word.start] + text[word.start : word.end]
        at = word.end
        assert word.key
    assert rebuilt + text[at:] == text


@given(HOSTILE)
@settings(max_examples=300, deadline=None)
def test_no_letter_or_digit_is_lost(text: str) -> None:
    covered = {k for word in words_of(text) for k in range(word.start, word.end)}
    for k, character in enumerate(text):
        if unicodedata.category(character) in ("Lu", "Ll", "Lo", "Nd") and fold(character):
            assert k in covered, (k, character)


@given(HOSTILE, st.integers(0, 200), st.integers(0, 200))
def test_a_part_has_places_in_the_whole(text: str, one: int, other: int) -> None:
    span = Span(min(one, other, len(text)), min(max(one, other), len(text)))
    for word in words_of(text, span):
        assert span.start <= word.start < word.end <= span.end


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The WORD", "the word"),
        ("Russia’s", "Russia's"),
        ("co\u00adoperation", "cooperation"),
        ("ﬁnal oﬀer", "final offer"),
        ("\u202bpeace\u202c", "peace"),
        ("e\u0301te\u0301", "été"),
        ("ＮＡＴＯ", "NATO"),
        ("time-out", "time out"),
        ("don't", "do not"),
        ("won’t can't cannot", "will not can not can not"),
        ("twenty-five", "25"),
        ("two hundred and six", "206"),
        ("1,000,000", "1 000 000"),
        ("one million", "1\u202f000\u202f000"),
        ("2.5 million", "2,500,000"),
        ("the 21st", "the twenty-first"),
        ("Chapter VII", "Chapter 7"),
        ("5 per cent", "5%"),
        ("٣٤", "34"),
        ("arms & men", "arms and men"),
        ("\ufeffWe", "We"),
    ],
)
def test_written_otherwise_and_the_same(one: str, other: str) -> None:
    assert keys(one) == keys(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("25", "26"),
        ("-5", "5"),
        (".5", "5"),
        ("1.5", "15"),
        ("third", "3"),
        ("2010", "2010s"),
        ("World War I", "World War II"),
        ("2.2", "2.2 billion"),
        ("five, six", "56"),
        ("x ≠ y", "x = y"),
        ("$5", "€5"),
        ("not", "now"),
    ],
)
def test_not_the_same(one: str, other: str) -> None:
    assert keys(one) != keys(other)


def test_kinds() -> None:
    found = {word.key: word.kind for word in words_of("We never paid $40, nor did no one not pay 3 per cent")}
    assert {key for key, kind in found.items() if kind is Kind.NEGATION} == {"never", "nor", "no", "not"}
    assert {key for key, kind in found.items() if kind is Kind.NUMBER} == {"#40", "#3"}
    assert {key for key, kind in found.items() if kind is Kind.UNIT} == {"dollar", "percent"}


@pytest.mark.parametrize("text", ["не", "pas", "nicht", "nunca", "ليس", "不"])
def test_negations_of_other_languages(text: str) -> None:
    assert words_of(text)[0].kind is Kind.NEGATION


def test_both_halves_of_a_contraction_have_their_own_place() -> None:
    text = "They won’t."
    assert [text[word.start : word.end] for word in words_of(text)] == ["They", "wo", "n’t"]
    assert [word.is_contracted for word in words_of(text)] == [False, True, True]


@pytest.mark.parametrize(
    ("words", "n_read", "key"),
    [
        (["two", "hundred", "and", "six", "cats"], 4, "#206"),
        (["one", "hundred", "and", "cats"], 2, "#100"),
        (["nineteen", "eighty", "five"], 1, "#19"),
        (["five", "six"], 1, "#5"),
        (["forty", "fifth"], 2, "#45th"),
        (["three", "million", "two", "thousand", "and", "one"], 6, "#3002001"),
        (["#1.5", "million"], 2, "#1500000"),
        (["#" + "9" * 40, "million"], 1, "#" + "9" * 40),
        (["half", "million"], 1, "half"),
    ],
)
def test_numerals(words: list[str], n_read: int, key: str) -> None:
    assert read_numeral(words) == (n_read, key)


@given(st.integers(0, 999_999_999))
def test_a_number_has_one_key_with_and_without_commas(number: int) -> None:
    assert read_digits(f"{number:,}") == read_digits(str(number)) == f"#{number}"


@given(st.integers(1, 89))
def test_roman_numerals(number: int) -> None:
    tens, ones = divmod(number, 10)
    roman = ["", "X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX"][tens]
    roman += ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"][ones]
    assert read_roman(roman) == (f"#{number}" if len(roman) > 1 else "")


def test_marks_between_words_in_one_spelling() -> None:
    assert mark_between("a — b", 1, 4) == mark_between("a--b", 1, 3) == "-"
    assert mark_between("a “b", 1, 3) == mark_between('a "b', 1, 3) == mark_between("a «b", 1, 3) == '"'
    assert mark_between("a ... b", 1, 6) == mark_between("a…b", 1, 2) == "…"
    assert mark_between("a \r\n\u200f b", 1, 6) == ""


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "a" + "\u0301\u0327" * 300_000,
        "1" * 300_000,
        "1 000" * 60_000,
        "two hundred and " * 30_000,
        "n't" * 100_000,
        "\u200b" * 500_000,
        "-" * 500_000,
        "." * 300_000 + "5",
    ],
    ids=["letters", "accents", "digits", "groups", "numerals", "contractions", "unseen", "dashes", "dots"],
)
def test_endless_runs_end(text: str) -> None:
    words = words_of(text)
    assert all(len(word.key) < 20 * MAX_WORD + 20 for word in words)
    assert sum(word.end - word.start for word in words) <= len(text)


def test_every_token_is_found_alone_as_it_is_in_a_text() -> None:
    text = "We won't cut 1,000 of -5 (or .5) X-rays"
    for match in TOKEN.finditer(text):
        assert text[match.start() : match.end()] == match[0]
