"""The pages' languages: full catalogues, sentences of stories told in each, and who gets which language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from hypothesis import given, settings
from hypothesis import strategies as st

from allweather.council.view import View
from allweather.node.showing import shown
from allweather.web.telling import LONGEST, Teller, fill, pattern
from allweather.web.tongues import LANGUAGES, choose, tongue
from scripts import catalogue
from tests.council.law import everything, random_story

ROOT = Path(__file__).resolve().parents[2]
OTHERS = [code for code in LANGUAGES if code != "en"]
_PLACE = re.compile(r"\{(\d*)\}")
# Where views put sentences of the rooms; members' own words stand elsewhere.
_TOLD = frozenset({"why", "why_not", "why_void", "sentence", "says", "how", "clause"})
_WORDS_OF_ENGLISH = re.compile(r"\b(the|is|and|by|of|was|were|has|have|are|that|which|with|from|until)\b")


def read(code: str) -> Catalog:
    path = ROOT / "src" / "allweather" / "web" / "locale" / f"{code}.po"
    with path.open("rb") as file:
        return read_po(file, locale=code)


def forms(message: Message) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a message says in English and in its translation: one form, or one for each number."""
    ids = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    told = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    return ids, told


# The catalogues


@pytest.mark.parametrize("code", OTHERS)
def test_every_message_of_the_code_has_a_translation(code: str) -> None:
    _, missing = catalogue.updated(code, catalogue.messages())
    assert missing == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_has_the_places_of_its_message(code: str) -> None:
    for message in read(code):
        ids, told = forms(message)
        if not message.id:
            continue
        for text in told:
            places = _PLACE.findall(text)
            n_wanted = ids[-1].count("{}")
            numbers = [int(one) if one else n for n, one in enumerate(places)]
            if len(ids) == 1:
                assert sorted(numbers) == list(range(n_wanted)), (message.id, text)
            else:
                assert len(places) <= n_wanted, (message.id, text)


@pytest.mark.parametrize("code", OTHERS)
def test_plurals_have_every_form_of_their_language(code: str) -> None:
    found = read(code)
    plurals = [one for one in found if one.id and not isinstance(one.id, str)]
    assert plurals
    for message in plurals:
        told = forms(message)[1]
        assert len(told) == found.num_plurals, message.id
        assert all(told), message.id


@pytest.mark.parametrize("code", OTHERS)
def test_tags_and_marks_of_a_message_stay(code: str) -> None:
    for message in read(code):
        ids, told = forms(message)
        for text in told if message.id else ():
            assert ("<" in text) == ("<" in ids[-1]), message.id
            assert text.rstrip("\N{NARROW NO-BREAK SPACE}\N{NO-BREAK SPACE}") == text, message.id
            assert (text[-1:] == " ") == (ids[-1][-1:] == " "), message.id


def test_french_has_its_spaces_and_apostrophes() -> None:
    for message in read("fr"):
        if not message.id:
            continue
        for text in forms(message)[1]:
            assert "'" not in text, text
            assert not re.search(r" [;:?!»%]|« |\w[;?!](\s|$)", text), text


# Telling


def told_in(found: Any, key: str = "") -> Iterator[str]:
    """Every sentence that a view tells of what the rooms say."""
    if isinstance(found, dict):
        for name, inner in found.items():
            if name not in ("body", "header", "payload"):
                yield from told_in(inner, name)
    elif isinstance(found, list | tuple):
        for inner in found:
            yield from told_in(inner, key)
    elif isinstance(found, str) and key in _TOLD and " " in found:
        yield found


@pytest.fixture(scope="module")
def sentences() -> frozenset[str]:
    """What the views tell of some stories in which everything is tried, refusals among it."""
    found: set[str] = set()
    for seed in range(4):
        story = random_story(seed, 60)
        person = story.people["ann"]
        for hours in (0, 30):
            for answer in everything(person.fold, story.now + hours * 3_600).values():
                if isinstance(answer, str):
                    found.add(answer.partition(": ")[2])  # an error, after its name
                else:
                    found.update(told_in(shown(answer, View(person.fold, story.now))))
    return frozenset(found)


@pytest.mark.parametrize("code", OTHERS)
def test_what_stories_tell_is_known(sentences: frozenset[str], code: str) -> None:
    assert len(sentences) > 100
    assert sorted(one for one in sentences if not tongue(code).knows(one)) == []


@pytest.mark.parametrize("code", OTHERS)
def test_nothing_is_told_by_halves(sentences: frozenset[str], code: str) -> None:
    left = {one: tongue(code).tell(one) for one in sentences}
    assert {one: told for one, told in left.items() if _WORDS_OF_ENGLISH.search(told)} == {}


def test_a_decision_is_told_with_its_parts_names_and_times() -> None:
    told = tongue("fr").tell(
        "Adopted if nobody objects by 18:00 UTC on 4 December 2026; hold by norway until 19:30 UTC on "
        "5 December 2026; iceland and russia not yet heard."
    )
    assert "4 décembre 2026 à 18:00 UTC" in told
    assert "prolongation par norway jusqu’au 5 décembre 2026 à 19:30 UTC" in told
    assert told.endswith("pas encore entendus\N{NO-BREAK SPACE}: iceland et russia.")


def test_what_members_wrote_is_not_translated() -> None:
    words = "Adopted texts and a red line, by the chair"
    told = tongue("fr").tell(f"The charter opens the track {words!r}.")
    assert words in told
    assert tongue("fr").tell(words) == words
    assert not tongue("fr").knows(words)


def test_english_is_told_as_it_is() -> None:
    assert tongue("en").tell("In force since 18:00 UTC on 4 December 2026.").startswith("In force since")
    assert tongue("en").knows("anything")
    assert tongue("tlh").code == "en"


@pytest.mark.parametrize("code", OTHERS)
def test_a_message_fits_its_own_pattern(code: str) -> None:
    teller = tongue(code).teller
    assert teller is not None
    for message, told in teller.messages.items():
        made = pattern(message, told)
        if made is None:
            continue
        places = message.count("{}") + (message[:1] in (" ", ",", ";"))
        assert len(made.words) == places + 1
        text = "name".join(made.words)
        found = made.match(text)
        assert found is not None, message
        assert (
            made.words[0] + "".join(place + words for place, words in zip(found, made.words[1:], strict=True))
            == text
        )


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_told_or_left(text: str) -> None:
    for code in OTHERS:
        assert isinstance(tongue(code).tell(text), str)


@pytest.mark.parametrize(
    "text",
    [
        "; " * 1_999,
        "Provisional: " * 300,
        "{} is " * 600,
        "a and " * 600,
        "x, by " * 600,
        "Returned to drafting: " * 150 + "x; y. Z",
        "Closed: " * 400 + "; it is overdue" * 40,
    ],
)
def test_a_hostile_sentence_costs_a_bounded_number_of_tries(text: str) -> None:
    for code in OTHERS:
        assert isinstance(tongue(code).tell(text[:LONGEST]), str)


def test_a_sentence_that_is_too_long_is_left() -> None:
    text = "Not open: " + "x" * LONGEST
    assert tongue("fr").tell(text) == text


def test_a_place_is_filled_by_order_or_by_number() -> None:
    assert fill("{} then {}", ["a", "b"]) == "a then b"
    assert fill("{1} then {0}", ["a", "b"]) == "b then a"
    assert fill("{7}", ["a"]) == ""


def test_a_tail_is_told_behind_any_sentence() -> None:
    made = pattern(" once {} is here", " {0}!")
    assert made is not None
    assert made.match("it comes once the rain is here") == ["it comes", "the rain"]
    assert fill(made.told, ["a", "b"]) == "a b!"


def test_a_place_is_empty_only_if_it_is_glued_to_a_word() -> None:
    glued, apart = pattern("{} in favour{}.", "{} pour{}."), pattern("in favour of {}", "pour {}")
    assert glued is not None
    assert apart is not None
    assert glued.match("Ann in favour") == ["Ann", ""]
    assert glued.match("Ann in favour, but one") == ["Ann", ", but one"]
    assert apart.match("in favour of ") is None


def test_what_says_more_is_tried_first() -> None:
    teller = Teller(
        {"the door of {}": "porte de {}", "the door of the house of {}": "porte de la maison de {}"},
        {},
        lambda number, unit: f"{number} {unit}",
        ("<", ">"),
        "; ",
    )
    assert teller.tell("the door of the house of Ann") == "porte de la maison de Ann"
    assert teller.tell("the door of 'the house of Ann'") == "porte de <the house of Ann>"
    assert teller.tell("2 hours") == "2 hour"
    assert teller.tell("nothing of that") is None


# Who gets which language


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("fr-CA,en;q=0.5", "fr"),
        ("de, ru;q=0.7, fr;q=0.3", "ru"),
        ("de, ru; q=0.2, fr; q=0.3", "fr"),
        ("FR-fr", "fr"),
        ("en-GB, fr", "en"),
        ("fr;q=0, ru;q=0.1", "ru"),
        ("fr;q=0", "en"),
        ("fr;q=much", "en"),
        ("fr;q=nan, ru;q=-1", "en"),
        ("*", "en"),
        ("zh, ja", "en"),
    ],
)
def test_the_browser_says_which_language(accepted: str, code: str) -> None:
    assert choose("", accepted) == code


def test_what_is_asked_goes_before_what_is_kept_and_accepted() -> None:
    assert choose("ru", "fr", "fr") == "ru"
    assert choose("", "en", "fr") == "fr"
    assert choose("xx", "ru", "yy") == "ru"


@settings(deadline=None)
@given(st.text(max_size=2_000), st.text(max_size=20))
def test_hostile_headers_choose_a_language_that_is_there(accepted: str, asked: str) -> None:
    assert choose(asked, accepted, asked) in LANGUAGES
    assert choose(asked, "fr;q=" + accepted + "," * 5_000) in LANGUAGES
