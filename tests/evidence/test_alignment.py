"""Verdicts: by rule and not by likeness; a changed negation or number is never harmless."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allweather.errors import InputError
from allweather.evidence import paths
from allweather.evidence.alignment import (
    MAX_QUOTATION,
    AlarmKind,
    Change,
    Finding,
    Passage,
    Verdict,
    align,
    difference,
)
from allweather.evidence.documents import Span
from allweather.evidence.paths import MAX_CELLS, cheapest_path

SPEECH = (
    "Mr. President. We will not cut 40 warheads by 18 September 2010, and we shall never accept an "
    "unacceptable time-out for both sides. Twenty-five countries agreed on that, in Geneva and in New York, "
    "and don't regret it. It costs $5 million - or 3/4 of all. The treaty will enter into force when all "
    "parties have signed it."
)


def judge(quotation: str, source: str = SPEECH) -> Finding:
    return align(Passage.of(quotation), Passage.of(source))


@pytest.mark.parametrize(
    ("quotation", "verdict"),
    [
        ("We will not cut 40 warheads", "exact"),
        ("“we shall never accept an unacceptable time–out”", "exact"),
        ("for both sides. Twenty-five countries agreed", "exact"),
        ("We will not cut forty warheads", "punctuation"),
        ("We Will not cut 40 warheads", "punctuation"),
        ("25 countries agreed on that in Geneva", "punctuation"),
        ("an unacceptable timeout for both sides", "punctuation"),
        ("countries agreed … and don't regret it", "elided"),
        ("We will not cut [...] warheads by 18 September", "elided"),
        ("... we shall never accept an unacceptable time-out ...", "exact"),
        ("Twenty-five [member] countries agreed on that", "elided"),
        ("We … sides", "not_found"),
        ("We will … force", "not_found"),
        ("The countries will not … cut all of their ties with New York", "not_found"),
        ("Bananas … Twenty-five countries agreed on that, in Geneva and in New York", "partial"),
        ("in New York, and do not regret it", "variant"),
        ("we shall never accept an unacceptable pause for both sides", "variant"),
        ("We will not cut 40 warheads by September 18, 2010", "variant"),
        ("It costs 5 million dollars - or 3/4 of all", "variant"),
        ("Twenty-five countries agreed on that, and don't regret it", "partial"),
        ("The treaty will enter into force when all parties have eaten and drunk and slept", "partial"),
        ("We will cut 40 warheads", "altered"),
        ("We will not cut 50 warheads", "altered"),
        ("We will not cut warheads", "altered"),
        ("We will not cut 40 warheads by 19 September", "altered"),
        ("we shall accept an unacceptable time-out", "altered"),
        ("we shall never accept an acceptable time-out", "altered"),
        ("We shall … accept an unacceptable time-out", "altered"),
        ("countries never agreed on that, in Geneva", "altered"),
        ("We will [now] not cut 40 [50] warheads", "altered"),
        ("It costs €5 million - or 3/4 of all", "altered"),
        ("It costs $5 - or 3/4 of all", "altered"),
        ("It costs $5 million - or 3-4 of all", "altered"),
        ("and don't regret it. It costs $6", "altered"),
        ("and we shall not accept an unacceptable time-out", "altered"),
        ("when not all parties have signed it", "altered"),
        ("we shall accept", "altered"),
        ("Bananas are the future of diplomacy", "not_found"),
        ("the of and in by", "not_found"),
    ],
)
def test_verdict(quotation: str, verdict: str) -> None:
    found = judge(quotation)
    assert found.verdict == verdict, found
    assert bool(found.alarms) == (verdict == "altered")


def test_an_alarm_says_what_was_changed() -> None:
    (alarm,) = judge("We will not cut 50 warheads").alarms
    assert (alarm.kind, alarm.quoted, alarm.source) == (AlarmKind.NUMBER, ("#50",), ("#40",))
    assert alarm.sentence == "number: the quotation has '50', the text has '40'"
    (alarm,) = judge("We will cut 40 warheads").alarms
    assert alarm.sentence == "negation: the text has 'not', the quotation has not"


def test_notes_point_out_a_negation_just_before_and_in_an_elision() -> None:
    assert "'not'" in judge("cut 40 warheads by 18 September").notes[0]
    assert "'never'" in judge("by 18 September 2010 … for both sides").notes[0]
    assert judge("The treaty will enter into force").notes == ()


WORDS = st.sampled_from("peace treaty north council members agree security trust party border open".split())  # noqa: SIM905
SENTENCE = st.lists(WORDS, min_size=6, max_size=25)
BAD = ("exact", "punctuation", "variant", "elided")


@given(SENTENCE, st.data())
@settings(max_examples=300, deadline=None)
def test_a_negation_put_in_or_left_out_is_never_harmless(words: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(words) - 1))
    negation = data.draw(st.sampled_from(["not", "never", "no", "without", "cannot", "don't"]))
    denied = " ".join([*words[:at], negation, *words[at:]])
    plain = " ".join(words)
    assert judge(denied, plain).verdict not in BAD
    assert judge(plain, denied).verdict not in BAD


@given(SENTENCE, st.integers(0, 10**6), st.integers(0, 10**6), st.data())
@settings(max_examples=300, deadline=None)
def test_a_changed_number_is_never_harmless(
    words: list[str], one: int, other: int, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(words)))
    here = " ".join([*words[:at], f"{one:,}", *words[at:]])
    there = " ".join([*words[:at], str(other), *words[at:]])
    if one == other:
        assert judge(here, there).verdict in ("exact", "punctuation")
    else:
        assert judge(here, there).verdict not in BAD


@given(st.lists(WORDS, min_size=1, max_size=40), st.data())
@settings(deadline=None)
def test_what_stands_there_is_exact(words: list[str], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(words) - 1))
    end = data.draw(st.integers(start + 1, len(words)))
    found = judge(" ".join(words[start:end]), " ".join(words))
    assert found.verdict == "exact"
    assert found.n_equal == found.n_words == end - start


@given(st.text(max_size=80), st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_differences_cover_both_sides_in_order(quotation: str, source: str) -> None:
    one, other = Passage.of(quotation), Passage.of(source)
    if not one.words:
        with pytest.raises(InputError, match="no words"):
            align(one, other)
        return
    found = align(one, other)
    quoted = source_at = 0
    for part in found.differences:
        assert quoted <= part.quoted.start
        assert source_at <= part.source.start
        quoted, source_at = part.quoted.end, part.source.end
    if found.verdict is not Verdict.NOT_FOUND:
        covered = [part.quoted for part in found.differences]
        assert all(any(span.holds(Span(word.start, word.end)) for span in covered) for word in one.words)


def test_differences_of_two_texts_from_beginning_to_end() -> None:
    one, other = "We shall cut all arms now", "Today we shall not cut arms"
    parts = difference(Passage.of(one), Passage.of(other))
    assert [(part.change, part.quoted.of(one), part.source.of(other)) for part in parts] == [
        (Change.DELETE, "", "Today"),
        (Change.EQUAL, "We shall", "we shall"),
        (Change.DELETE, "", "not"),
        (Change.EQUAL, "cut", "cut"),
        (Change.INSERT, "all", ""),
        (Change.EQUAL, "arms", "arms"),
        (Change.INSERT, "now", ""),
    ]


def test_a_quotation_that_an_attribution_splits() -> None:
    report = '"We will not cut 40 warheads," he said. "by 18 September 2010"'
    spans = [Span(0, 30), Span(40, len(report))]
    found = align(Passage.of(report, spans), Passage.of(SPEECH))
    assert found.verdict == "exact"


# The path, against the definition


def cost_of(first: list[int], second: list[int], *, infix: bool) -> float:
    """The least cost by trying every way: an alignment is a choice of pairs in order."""
    best = float("inf")
    n, m = len(first), len(second)
    for size in range(min(n, m) + 1):
        for left in itertools.combinations(range(n), size):
            for right in itertools.combinations(range(m), size):
                pairs = list(zip(left, right, strict=True))
                best = min(best, priced(pairs, first, second, infix=infix))
    return best


def priced(pairs: list[tuple[int, int]], first: list[int], second: list[int], *, infix: bool) -> float:
    cost = sum(0 if first[i] == second[j] else 16 for i, j in pairs)
    edges = [(-1, -1), *pairs, (len(first), len(second))]
    for k, ((i, j), (i2, j2)) in enumerate(itertools.pairwise(edges)):
        alone, other = i2 - i - 1, j2 - j - 1
        if infix and k in (0, len(edges) - 2):
            other = 0
        cost += (8 + 10 * alone if alone else 0) + (8 + other if other else 0)
    return cost


@given(st.lists(st.integers(0, 2), max_size=5), st.lists(st.integers(0, 2), max_size=5), st.booleans())
@settings(max_examples=300, deadline=None)
def test_the_path_is_the_cheapest(first: list[int], second: list[int], infix: bool) -> None:
    path = cheapest_path(first, second, infix=infix)
    assert [i for i, _ in path if i is not None] == list(range(len(first)))
    places = [j for _, j in path if j is not None]
    assert places == sorted(places)
    if not infix:
        assert places == list(range(len(second)))
    pairs = [(i, j) for i, j in path if i is not None and j is not None]
    assert priced(pairs, first, second, infix=infix) == cost_of(first, second, infix=infix)


# Hostile sizes


def test_a_quotation_over_the_bound_is_refused() -> None:
    with pytest.raises(InputError, match="at most 2,000"):
        align(Passage.of("word " * (MAX_QUOTATION + 1)), Passage.of("word"))


def test_texts_too_long_to_compare_are_refused() -> None:
    side = int(MAX_CELLS**0.5) + 1
    with pytest.raises(InputError, match="too long to compare"):
        cheapest_path([1] * side, [1] * side)


def test_the_longest_quotation_is_judged() -> None:
    dice = np.random.default_rng(3)
    words = [f"w{k}" for k in dice.integers(0, 500, 3_000)]
    assert judge(" ".join(words[500:2_500]), " ".join(words)).verdict == "exact"


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "[a]" * 20_000, "." * 100_000, "… " * 50_000, "(. . " * 30_000]
)
def test_endless_marks_end(text: str) -> None:
    passage = Passage.of("a " + text + " b")
    assert passage.words[0].key == "a"


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_anchors_lead_where_the_whole_grid_does(data: st.DataObject) -> None:
    dice = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    n_words = data.draw(st.sampled_from([30, 300, 3_000]))
    source = [int(one) for one in np.minimum(dice.pareto(0.9, 400), n_words)]
    at, length = data.draw(st.integers(0, 250)), data.draw(st.integers(25, 150))
    quotation = source[at : at + length]
    for _ in range(data.draw(st.integers(0, 6))):
        k, change = int(dice.integers(len(quotation))), int(dice.integers(4))
        if change == 0:
            quotation[k] = n_words + 1
        elif change == 1:
            quotation.insert(k, n_words + 2)
        elif change == 2 and len(quotation) > 30:
            del quotation[k : k + int(dice.integers(1, 20))]
        else:
            other = int(dice.integers(350))
            quotation[k:k] = source[other : other + int(dice.integers(1, 40))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "anchors_of", lambda first, second: ())
        whole = cheapest_path(quotation, source, infix=True)
    assert cheapest_path(quotation, source, infix=True) == whole


def test_a_long_quotation_of_scattered_words_is_not_found() -> None:
    words = [f"w{k}" for k in range(90)]
    scattered = " ".join(words[k] for k in range(0, 90, 2))
    assert judge(scattered, " ".join(words)).verdict == "not_found"
    assert judge(" ".join(words[:50]), " ".join(words)).verdict == "exact"
