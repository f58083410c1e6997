"""What is told first: the order, the party that counts, what a side has in common, who gives what."""

from __future__ import annotations

import dataclasses

from allweather.report.coverage import Coverage
from allweather.report.names import Names
from allweather.report.telling import (
    Bargain,
    bargain_words,
    by_verdict,
    deciding,
    kind_of_parties,
    leanings,
    shown_parties,
    supports_words,
    unparted,
)
from allweather.review.results import Interval, PartyKind, Verdict
from tests.report.builders import bare_review, consultation, council_positions, council_review


def test_every_question_is_told_once_and_differences_by_their_width() -> None:
    _, review = consultation(n_questions=80)
    found = by_verdict(review)
    assert sum(map(len, found.values())) == 80
    for verdict, told in found.items():
        assert {one.verdict for one in told} <= {verdict}
        if verdict is not Verdict.DIFFERS:
            assert [one.rank for one in told] == sorted(one.rank for one in told)
    widths = [one.split.mean for one in found[Verdict.DIFFERS]]
    assert len(widths) > 2
    assert widths == sorted(widths, reverse=True)


def test_the_party_that_counts() -> None:
    one = council_review().questions[4]
    low, high = sorted(one.parties, key=lambda party: party.support.mean)
    assert deciding(one) == (one.least_party, one.least_support)
    assert one.least_party == low.party
    assert deciding(dataclasses.replace(one, against=True)) == (high.party, high.support)
    bare = dataclasses.replace(bare_review().questions[0], against=True)
    assert deciding(bare) == ("", bare.least_support)


def test_many_parties_are_cut_to_those_that_matter() -> None:
    _, review = consultation(n_parties=6)
    for one in review.questions:
        shown = shown_parties(one)
        means = sorted(party.support.mean for party in one.parties)
        assert [party.support.mean for party in shown] == [*means[:3], means[-1]]


def test_what_sides_and_clusters_have_in_common() -> None:
    _, review = consultation(n_parties=2)
    sides = tuple(dataclasses.replace(one, kind=PartyKind.SIDE) for one in review.parties)
    sided = dataclasses.replace(review, parties=sides)
    assert leanings(sided, sides[0]) == review.map.dimensions[0].low
    assert leanings(sided, sides[1]) == review.map.dimensions[0].high
    assert "no gap between them is claimed" in kind_of_parties(sided)
    assert unparted(sided) == "between the two ends"

    assert "with a gap between them" in kind_of_parties(review)
    of = {one.question: one for one in review.questions}
    for party in review.parties:
        told = leanings(review, party)
        assert len(told) == 2
        for question in told:
            supports = {one.party: one.support.mean for one in of[question].parties}
            assert max(supports, key=lambda one: supports[one]) == party.id

    council = council_review()
    assert leanings(council, council.parties[0]) == ()
    assert kind_of_parties(council) == "declared blocs"
    both = dataclasses.replace(council, parties=(*council.parties, *review.parties))
    assert kind_of_parties(both).startswith("declared blocs, and clusters found")
    assert unparted(bare_review()) == "everybody"


def test_basis_and_support_in_words() -> None:
    review = council_review()
    names = Names(review, council_positions())
    by_id = {one.question: one for one in review.questions}
    held = Coverage.of(review, council_positions()).by_question
    assert held["F1"].words() == "2 own, 1 inferred, 2 common, 2 unknown"
    assert held["Z9"].words() == "7 unknown"
    assert supports_words(by_id["F9"], names) == "Russia 99%, Allies 24%"


def test_who_gives_what() -> None:
    review = council_review()
    names = Names(review, council_positions())
    package = review.packages.packages[0]
    bargain = Bargain.of(package)
    assert bargain.given == (("D1", ("RU", "LT")),)
    assert bargain.free == ("F1", "T1")
    assert bargain.of_given(["T1", "D1"]) == ["D1"]
    assert bargain_words(package, names) == (
        "Who gives: Russia on D1; Lithuania on D1; nobody on the other 2."
    )
    free = tuple(dataclasses.replace(one, gives=()) for one in package.gains)
    assert bargain_words(dataclasses.replace(package, gains=free), names) == "Nobody gives on anything in it."
    # Everybody gives everything: counted where it would be a list.
    many = tuple(f"Q{k}" for k in range(9))
    all_give = tuple(dataclasses.replace(one, gives=many, gain=Interval(1, 0, 2)) for one in package.gains)
    told = bargain_words(dataclasses.replace(package, questions=many, gains=all_give), names)
    assert "Q5 and 3 more" in told
    assert told.endswith("4 more on something.")
