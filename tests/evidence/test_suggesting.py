"""Suggested concerns: what is rare counts, three at most, and nothing is decided."""

from __future__ import annotations

import pytest

from allweather.errors import InputError
from allweather.evidence.suggesting import MAX_CONCERNS, MOST, Concern, Suggester
from allweather.evidence.zones import find_zones, headline_of

CONCERNS = [
    Concern("A", "Harbour dues for small boats", "Dues should fall for boats under ten metres."),
    Concern("B", "A joint survey of the coast"),
    Concern("C", "Night trains to the coast"),
    Concern("D", "School meals"),
]


def test_the_concern_with_the_rarest_shared_words_comes_first() -> None:
    found = Suggester(CONCERNS).suggest("We need one survey of our coast, said the mayor")
    assert [one.concern_id for one in found] == ["B"]
    assert set(found[0].shared) == {"surv", "coast"}  # stems


def test_equals_are_told_apart_by_id_and_nothing_shared_is_nothing() -> None:
    suggester = Suggester([Concern("Y", "The harbour"), Concern("X", "The harbour")])
    assert [one.concern_id for one in suggester.suggest("harbours")] == ["X", "Y"]
    assert Suggester(CONCERNS).suggest("nothing of the kind") == ()
    assert Suggester([]).suggest("harbours") == ()


def test_opposites_are_suggested_alike() -> None:
    suggester = Suggester(CONCERNS)
    assert suggester.suggest("We want school meals") == suggester.suggest("We never want school meals")


def test_at_most_three() -> None:
    many = [
        Concern(str(k), f"harbour {word}")
        for k, word in enumerate(("dues", "walls", "boats", "lights", "crew"))
    ]
    assert len(Suggester(many).suggest("the harbour")) == MOST


def test_too_many_concerns_are_refused() -> None:
    with pytest.raises(InputError, match="at most"):
        Suggester([Concern(str(k), "x") for k in range(MAX_CONCERNS + 1)])


def test_zones() -> None:
    text = (
        "Advertisement\n\nMayor seeks thaw\n\nIda Holm (L) greets Bo Lind. (AB Photo/Pool)\n\n"
        "She said that talks go on.\n\nComments"
    )
    zones = find_zones(text)
    assert [str(one.kind) for one in zones] == ["furniture", "headline", "caption", "furniture"]
    assert headline_of(text, zones) == "Mayor seeks thaw"
    assert headline_of("One sentence only.", find_zones("One sentence only.")) == ""
