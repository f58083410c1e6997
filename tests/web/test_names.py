"""Names in the visitor's language: countries, the secretariat, and the free seats of a rehearsal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allweather.report.drawing import drawing, text
from allweather.web.countries import called, code_of
from allweather.web.drawings import told_drawing
from allweather.web.people import People
from allweather.web.tongues import tongue
from allweather.web.words import HEAD, name_of, with_names
from tests.node.nodes import Member
from tests.web.browsing import Browser


@pytest.mark.parametrize(
    ("member", "english", "french", "russian"),
    [
        ("norway", "Norway", "Norvège", "Норвегия"),
        ("united-kingdom", "United Kingdom", "Royaume-Uni", "Великобритания"),
        ("czech-republic", "Czech Republic", "Tchéquie", "Чехия"),
        ("nrc/germany", "Germany", "Allemagne", "Германия"),
        ("ann", "Ann", "Ann", "Ann"),
        ("bank-of-georgia", "Bank of Georgia", "Bank of Georgia", "Bank of Georgia"),
    ],
)
def test_a_country_is_called_as_its_reader_calls_it(
    member: str, english: str, french: str, russian: str
) -> None:
    assert [name_of(member, one) for one in ("en", "fr", "ru")] == [english, french, russian]


@given(st.text(max_size=40))
def test_other_names_stay(name: str) -> None:
    if not code_of(name):
        assert called(name, "fr") == name
    assert called(name, "en") == name


def test_names_in_a_sentence() -> None:
    names = {one: name_of(one, "fr") for one in ("norway", "united-states")}
    told = with_names("pas encore entendus : norway et united-states (norway:12)", names)
    assert told == "pas encore entendus : Norvège et États-Unis (norway:12)"


def test_a_seat_is_told_and_a_person_is_not(ann: Member, browser: Browser) -> None:
    people = People(ann.home, lambda: 0.0)
    people.add(HEAD.format("Ann"), "head", seat=True)
    people.add("Head of the delegation of Mars", "observer", seat=True)
    page = browser.see("/sign-in?lang=fr")
    assert "Chef de la délégation : Ann" in page.text
    assert "Head of the delegation of Mars" in page.text
    browser.see("/?lang=en")


def test_a_drawing_is_told_as_far_as_its_words_are_known() -> None:
    parts = [text(0, 0, "no gain"), text(0, 0, "1,160"), text(0, 0, "Norway: 0.42 (0.10 to 0.77)")]
    names = {"Norway": "Norvège"}
    drawn = drawing("map", 10, 10, "No evidence of sides", "no side here", parts, alone=False)
    french = told_drawing(drawn, tongue("fr"), names)
    for said in ("aucun gain", "1,160", "Norvège: 0.42 (0.10 à 0.77)", "Aucun indice de camps"):
        assert f">{said}</" in french
    assert "lang=" not in french
    assert told_drawing(drawn, tongue("en"), names) == drawn
    own = "Rivers <script> & dams"
    other = drawing("map", 10, 10, "No evidence of sides", own, parts, alone=False)
    left = told_drawing(other, tongue("ru"), {"Norway": "Норвегия"})
    assert left.startswith('<div lang="en">')
    assert "Rivers &lt;script&gt; &amp; dams" in left
    assert "Норвегия: 0.42 (0.10 до 0.77)" in left
