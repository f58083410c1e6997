"""Speakers of a dossier: merged with a reason, parted on demand, unknown where nothing is known."""

from __future__ import annotations

import pytest

from allweather.evidence.attribution import find_quotations
from allweather.evidence.documents import UNKNOWN, Document, Span, Turn
from allweather.evidence.names import (
    Name,
    find_names,
    is_body,
    is_institution,
    is_misspelled,
    read_name,
    same_office,
)
from allweather.evidence.speakers import MergeKind, Speakers, resolve_speakers
from allweather.evidence.zones import find_zones


def resolve(*texts: str, refused: frozenset[str] = frozenset()) -> Speakers:
    """The speakers of some texts, by marks alone."""
    documents = [
        Document(f"d{k}", "", text, zones=find_zones(text), date="2009-09-18") for k, text in enumerate(texts)
    ]
    return resolve_speakers(documents, [q for one in documents for q in find_quotations(one)], refused)


def names(found: Speakers) -> list[str]:
    """Who is said to speak, in order."""
    return [one.speaker.name for one in found.quotations]


SAID = '"We will begin the work this very year," {} said.'


# Names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            "NATO Secretary-General Anders Fogh Rasmussen",
            Name("Anders Fogh", "Rasmussen", "NATO Secretary-General"),
        ),
        ("Jaap de Hoop Scheffer", Name("Jaap de Hoop", "Scheffer")),
        ("Mr. Berg", Name("", "Berg")),
        ("Sen. Ida Holm, the chair of the committee", Name("Ida", "Holm", "Sen.")),
        ("NATO's new secretary-general", Name(role="NATO's new secretary-general")),
        ("he", Name(is_pronoun=True)),
        ("party officials", Name()),
        ("", Name()),
    ],
)
def test_names_are_read(text: str, name: Name) -> None:
    assert read_name(text) == name


def test_full_names_are_found_with_their_roles() -> None:
    text = "yesterday Danish Prime Minister Anders Fogh Rasmussen's speech moved Ida Holm."
    assert [(name.full, name.role) for _, name in find_names(text)] == [
        ("Anders Fogh Rasmussen", "Danish Prime Minister"),
        ("Ida Holm", ""),
    ]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Rassmussen", "Rasmussen", True),
        ("Rasmusson", "Rasmussen", True),
        ("Rasmussen", "Rasmussen", False),
        ("Berg", "Borg", False),
        ("Andersen", "Petersen", False),
    ],
)
def test_misspelling(one: str, other: str, expected: bool) -> None:
    assert is_misspelled(one, other) is expected
    assert is_misspelled(other, one) is expected


def test_offices_and_bodies() -> None:
    assert same_office("NATO head", "NATO Secretary General")
    assert same_office("secretary general", "NATO Secretary-General")
    assert not same_office("Danish Prime Minister", "NATO Secretary General")
    assert not same_office("French President", "German President")
    assert is_institution("Carnegie Endowment")
    assert not is_institution("Ida Holm")
    assert is_body("NATO leaders")
    assert not is_body("the officials")


# Persons


def test_a_last_name_is_the_only_person_who_has_it() -> None:
    found = resolve("Mayor Ida Holm spoke.\n" + SAID.format("Holm"))
    assert names(found) == ["Ida Holm"]
    assert found.quotations[0].speaker.role == "Mayor"
    assert found.proposals[0].kind is MergeKind.SURNAME


def test_two_of_one_last_name_are_not_guessed() -> None:
    text = "Prime Minister Lars Rasmussen met Prime Minister Anders Rasmussen.\n" + SAID.format("Rasmussen")
    found = resolve(text)
    assert names(found) == [UNKNOWN]
    assert "Anders Rasmussen or Lars Rasmussen" in found.quotations[0].speaker.reason


def test_a_misspelling_is_a_proposal_that_can_be_refused() -> None:
    texts = (
        "Mayor Ida Rasmussen spoke. Ida Rasmussen left.\n" + SAID.format("Ida Rasmussen"),
        SAID.format("Mayor Ida Rassmussen"),
    )
    found = resolve(*texts)
    assert names(found) == ["Ida Rasmussen", "Ida Rasmussen"]
    proposal = next(one for one in found.proposals if one.kind is MergeKind.MISSPELLING)
    assert "one letter" in proposal.reason
    assert names(resolve(*texts, refused=frozenset((proposal.id,)))) == ["Ida Rasmussen", "Ida Rassmussen"]


def test_a_role_is_who_holds_it_now() -> None:
    text = "Outgoing Harbour Director Bo Lind and Harbour Director Ida Holm met.\n" + SAID.format(
        "The harbour director"
    )
    found = resolve(text)
    assert names(found) == ["Ida Holm"]
    assert names(resolve("Ida Holm spoke.\n" + SAID.format("The harbour director"))) == [UNKNOWN]


def test_a_caption_with_another_role_is_one_person_until_it_is_refused() -> None:
    text = (
        "Danish Prime Minister Anders Rasmussen in Oslo, April 4, 2009. (AB Photo)\n"
        "NATO Secretary General Anders Rasmussen spoke on Friday.\n" + SAID.format("Rasmussen")
    )
    found = resolve(text)
    assert names(found) == ["Anders Rasmussen"]
    assert found.quotations[0].speaker.role == "NATO Secretary General"
    proposal = next(one for one in found.proposals if one.kind is MergeKind.OTHER_ROLE)
    assert "April 4, 2009" in proposal.reason
    parted = resolve(text, refused=frozenset((proposal.id,)))
    assert {one.name for one in parted.persons} == {
        "Anders Rasmussen",
        "Anders Rasmussen, Danish Prime Minister",
    }


def test_a_pronoun_is_the_nearest_person_before_it_and_no_place() -> None:
    text = "Mayor Ida Holm met the Harbour Council on the United States.\n" + SAID.format("she")
    assert names(resolve(text)) == ["Ida Holm"]
    assert names(resolve(SAID.format("she"))) == [UNKNOWN]


def test_a_floating_quotation_goes_on_with_the_one_before() -> None:
    text = "Mayor Ida Holm spoke.\n" + SAID.format("Holm") + '\n"Nobody else will begin it for us, ever."'
    assert names(resolve(text)) == ["Ida Holm", "Ida Holm"]
    assert names(resolve('"Nobody else will begin it for us, ever."')) == [UNKNOWN]


def test_bodies_and_nobody() -> None:
    assert names(resolve(SAID.format("The Harbour Council"))) == ["Harbour Council"]
    found = resolve(SAID.format("one of the officials"))
    assert names(found) == [UNKNOWN]
    assert "nobody in particular" in found.quotations[0].speaker.reason


def test_a_verbatim_record_names_its_speakers() -> None:
    text = "Mr. Lind (Norway): We agree."
    turns = (Turn("Mr. Lind", Span(19, 28), Span(0, 17), country="Norway"),)
    document = Document("d", "", text, turns=turns)
    (one,) = resolve_speakers([document], find_quotations(document)).quotations
    assert (one.speaker.name, one.speaker.role) == ("Mr. Lind", "Norway")


def test_many_names_end() -> None:
    text = " ".join(f"Mayor Ida Holm{chr(97 + k % 26)}{k} spoke." for k in range(3_000))
    assert resolve(text + "\n" + SAID.format("Holm")).persons
