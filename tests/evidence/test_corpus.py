"""The index: it leads to the source of true and altered copies, survives its bytes, and has bounds."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allweather.errors import InputError, Malformed
from allweather.evidence import corpus
from allweather.evidence.corpus import build_index, describe, document_at, dump_index, find, parse_index
from allweather.evidence.words import words_of

SPEECHES = {
    "north": "We will not cut 40 warheads. "
    "The northern road stays open to all who come in peace, and to their goods.",
    "south": "Trade is the way to peace. "
    "Ships from every port may pass the strait at any hour, by day and by night.",
    "twin": "We will cut 40 warheads. That is our word. "
    "The southern road stays open to all who come in peace.",
    "empty": "",
    "short": "No war.",
}


def verdicts(quotation: str, texts: dict[str, str] | None = None) -> list[tuple[str, str]]:
    texts = SPEECHES if texts is None else texts
    matches = find(build_index(texts.items()), texts.__getitem__, quotation)
    return [(match.document_id, str(match.finding.verdict)) for match in matches]


@pytest.mark.parametrize(
    ("quotation", "first"),
    [
        ("Ships from every port may pass the strait", ("south", "exact")),
        ("Ships from every port may never pass the strait", ("south", "altered")),
        ("We will not cut forty warheads", ("north", "punctuation")),
        ("We will cut 40 warheads", ("twin", "exact")),
        ("we will cut 50 warheads", ("twin", "altered")),
        ("Trade is the way to peace … by day and by night", ("south", "elided")),
        ("by day and by night … Trade is the way to peace", ("south", "partial")),
        ("no war", ("short", "exact")),
        ("the northern road", ("north", "exact")),
        ("open to all", ("north", "exact")),
    ],
)
def test_the_best_place_comes_first(quotation: str, first: tuple[str, str]) -> None:
    assert verdicts(quotation)[0] == first


def test_parts_of_two_speeches_make_no_elision() -> None:
    found = verdicts("Ships from every port may pass the strait … The northern road stays open to all")
    assert {verdict for _, verdict in found} <= {"partial"}


def test_what_nobody_said_is_not_found() -> None:
    assert verdicts("Bananas are the pinnacle of diplomacy in our time") == []
    assert describe(()) == "not_found"
    assert verdicts("war no") == []


def test_each_document_is_named_once() -> None:
    texts = {"one": "Peace is our only aim. " * 50, "two": "Peace is our only aim."}
    assert sorted(verdicts("Peace is our only aim", texts)) == [("one", "exact"), ("two", "exact")]


def test_the_very_words_are_found_among_many_that_differ_by_a_number() -> None:
    texts = {f"s{k}": f"This year we will cut {k} warheads and no more." for k in range(300)}
    assert verdicts("we will cut 217 warheads and no more", texts)[0] == ("s217", "exact")


def test_the_very_words_are_found_among_many_in_one_text() -> None:
    text = " ".join(f"This year we will cut {k} warheads and no more." for k in range(300))
    assert verdicts("we will cut 217 warheads and no more", {"all": text}) == [("all", "exact")]


def test_a_place_in_a_long_text_is_found() -> None:
    dice = np.random.default_rng(5)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = [f"{letters[k // 26]}o{letters[k % 26]}e" for k in dice.integers(0, 676, 40_000)]
    texts = {"long": " ".join(words)}
    assert verdicts(" ".join(words[30_000:30_020]), texts) == [("long", "exact")]
    assert verdicts(" ".join([*words[20_000:20_010], "...", *words[20_100:20_110]]), texts) == [
        ("long", "elided")
    ]


@given(
    st.dictionaries(st.text(min_size=1, max_size=5), st.text(max_size=80), max_size=5), st.text(max_size=60)
)
@settings(max_examples=200, deadline=None)
def test_any_text_and_any_quotation(texts: dict[str, str], quotation: str) -> None:
    index = build_index(texts.items())
    again = parse_index(dump_index(index))
    assert (again.ids, again.lengths) == (index.ids, index.lengths)
    assert np.array_equal(again.postings, index.postings)
    if not words_of(quotation):
        with pytest.raises(InputError, match="no words"):
            find(index, texts.__getitem__, quotation)
        return
    for match in find(index, texts.__getitem__, quotation):
        place = match.finding.place
        assert place is not None
        assert place.end <= len(texts[match.document_id])
    for posting in index.postings:
        id, at = document_at(index, int(posting) & 0xFFFFFFFF)
        assert 0 <= at < len(texts[id])


def test_an_index_that_was_cut_or_changed_is_refused() -> None:
    data = dump_index(
        build_index([("a", "one small text of words to index"), ("b", "and another text of words")])
    )
    for end in range(len(data)):
        with pytest.raises(Malformed):
            parse_index(data[:end])
    start = data.index(b"\n", data.index(b"{")) + 1
    for at in range(start, len(data)):
        spoilt = bytearray(data)
        spoilt[at] ^= 1
        with pytest.raises(Malformed):
            parse_index(bytes(spoilt))
    with pytest.raises(Malformed):
        parse_index(data + b"\0")


@pytest.mark.parametrize(
    "changes",
    [
        {"ids": ["a"]},
        {"ids": ["a", "a"]},
        {"lengths": [-1, 80]},
        {"lengths": [1, 1]},
        {"n_postings": 0},
        {"n_pairs": 0},
        {"n_postings": -1, "n_pairs": 15},
        {"more": 1},
    ],
)
def test_an_index_whose_head_lies_is_refused(changes: dict[str, object]) -> None:
    data = dump_index(
        build_index([("a", "one small text of words to index"), ("b", "and another text of words")])
    )
    form, head, body = data.split(b"\n", 2)
    lying = json.dumps(json.loads(head) | changes).encode()
    with pytest.raises(Malformed):
        parse_index(b"\n".join([form, lying, body]))


def test_short_quotations_are_found_as_a_look_at_all_texts_would() -> None:
    dice = np.random.default_rng(7)
    parts = [
        "peace",
        "war",
        "no",
        "and",
        "40",
        "%",
        "per cent",
        "don’t",
        "Geneva",
        "North",
        "$5",
        "twenty-five",
    ]
    texts = {
        str(k): " ".join(parts[int(one)] for one in dice.integers(0, len(parts), 12)) + "." for k in range(40)
    }
    index = build_index(texts.items())
    for first in parts:
        for second in ["", *parts]:
            quotation = f"{first} {second}".strip()
            pattern = corpus._verbatim(quotation)
            there = [id for id, text in texts.items() if pattern.search(text)]
            found = {match.document_id for match in find(index, texts.__getitem__, quotation)}
            assert found <= set(there)
            assert bool(found) == bool(there), quotation
            if not {"%", "$5"} & {first, second}:  # two signs in a row part words for the index
                assert len(found) == min(len(there), corpus.MAX_MATCHES), quotation


def test_a_word_in_every_place_and_one_in_none() -> None:
    texts = {str(k): "the peace " * 3_000 for k in range(8)}
    assert [id for id, _ in verdicts("the", texts)] == ["0", "1", "2", "3", "4"]
    assert verdicts("the the", texts) == []
    assert verdicts("harbour", texts) == []


def test_two_texts_of_one_id_are_refused() -> None:
    with pytest.raises(InputError, match="twice: two texts"):
        build_index([("twice", "a"), ("twice", "b")])


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    index = build_index(SPEECHES.items())
    with pytest.raises(InputError, match="look for a part"):
        find(index, SPEECHES.__getitem__, "a" * (corpus.MAX_QUOTATION_CHARACTERS + 1))
    with pytest.raises(InputError, match="at most 2,000 are looked for"):
        find(index, SPEECHES.__getitem__, "a b " * 1_500)
    with pytest.raises(InputError, match="no words"):
        find(index, SPEECHES.__getitem__, " … ")
    monkeypatch.setattr(corpus, "MAX_CHARACTERS", 100)
    with pytest.raises(InputError, match="index a part"):
        build_index(SPEECHES.items())


@pytest.mark.parametrize(
    "quotation",
    [
        "the of the " * 600,
        "peace " * 1_999,
        "peace … " * 1_900,
        "1 000 " * 900,
        "not " * 1_999,
        "( ... ) way " * 900,
    ],
)
def test_hostile_quotations_end(quotation: str) -> None:
    texts = {
        **SPEECHES,
        "same": "peace is the way to peace of the way " * 3_000,
        "numbers": "1 000 not " * 3_000,
    }
    find(build_index(texts.items()), texts.__getitem__, quotation)


def test_speeches_in_the_general_debate(shared_data: Path) -> None:
    texts = {}
    for file in sorted((shared_data / "ungdc").glob("*.jsonl.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line, _ in zip(lines, range(60), strict=False):
                speech = json.loads(line)
                texts[speech["id"]] = speech["text"]
    index = build_index(texts.items())
    id, text = next(iter(texts.items()))
    words = text.split()[100:130]
    for quotation, allowed in (
        (" ".join(words), {"exact"}),
        (" ".join([*words[:12], "not", *words[12:]]), {"altered"}),
        (" ".join([*words[:8], "[...]", *words[20:]]), {"elided"}),
    ):
        best = find(index, texts.__getitem__, quotation)[0]
        assert best.document_id == id
        assert best.finding.verdict in allowed
