"""The dossier: what it becomes, what must never reach it, and every way to break one."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from allweather.errors import MalformedRecord, NothingToReview, UnreadableSource
from allweather.formats import read
from allweather.positions import Basis, Body, Response, check_blocs, format_date, parse_date
from tests.conftest import ROOT
from tests.formats.compare import entries, refusal, told

EXAMPLE = ROOT / "examples" / "nrc-2009"
SPEECH = 14_505  # 2009-09-18


def example() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EXAMPLE / "dossier.json").read_text(encoding="utf-8"))
    return found


def small() -> dict[str, Any]:
    """A dossier with one record of each kind."""
    return {
        "members": [{"id": "AR", "name": "Arda"}, {"id": "BR", "name": "Brin"}],
        "areas": [{"id": "data", "name": "Shared data"}],
        "propositions": [
            {"id": "Q1", "area": "data", "text": "Share readings.", "outcome": "adopted"},
            {"id": "Q2", "area": "data", "text": "Share alarms."},
        ],
        "positions": [
            {
                "member": "AR",
                "proposition": "Q1",
                "stance": "conditional",
                "basis": "statement",
                "date": "2031-03",
                "summary": "If the costs are shared.",
                "confidence": "high",
                "sources": ["s1"],
            }
        ],
        "collective_texts": [
            {
                "id": "C1",
                "name": "Joint statement",
                "date": "2031-02-11",
                "members": ["AR", "BR"],
                "supports": ["Q1", "Q2"],
                "weight": "report",
                "note": "informal",
                "sources": ["s2"],
            }
        ],
        "packages": [{"id": "K1", "date": "undated", "what": "One for the other.", "members": ["all 2"]}],
        "discrepancies": [{"id": "X1", "topic": "Where", "a": "here", "b": "there", "sources": ["s1"]}],
        "sources": [{"id": "s1", "title": "Minutes"}, {"id": "s2", "title": "Statement"}],
    }


def write(folder: Path, dossier: Any) -> Path:
    path = folder / "dossier.json"
    path.write_text(json.dumps(dossier), encoding="utf-8")
    return path


def n_by_basis(reading_entries: list[Any]) -> Counter[Basis]:
    return Counter(one.basis for one in reading_entries)


# The example


def test_the_example_is_whole() -> None:
    reading = read(EXAMPLE)
    positions = reading.positions
    assert (positions.n_members, positions.n_questions) == (29, 40)
    assert n_by_basis(entries(positions)) == {Basis.OWN: 136, Basis.INFERRED: 20, Basis.COMMON: 1050}
    # Of 1,160 cells 156 have a record of their own, 506 a common text only, 498 nothing.
    assert n_by_basis(entries(positions.current())) == {Basis.OWN: 136, Basis.INFERRED: 20, Basis.COMMON: 506}
    assert (len(reading.areas), len(reading.deals), len(reading.conflicts)) == (8, 4, 9)
    assert (positions.body, reading.format, reading.conversation) == (Body.COUNCIL, "dossier", "nrc-2009")
    assert len(positions.sources) == 120


def test_the_example_as_of_the_day_of_the_speech() -> None:
    assert format_date(SPEECH) == "2009-09-18"
    # 156 records less 4 without a date and 77 that may be later. Among these are the two of
    # "2009-09", which may be the 30th, and one each of "2006-2010" and "2008-2009".
    reading = read(EXAMPLE).before(SPEECH)
    kept = n_by_basis(entries(reading.positions))
    assert kept[Basis.OWN] + kept[Basis.INFERRED] == 75
    assert kept[Basis.COMMON] == sum(
        len(text["members"]) * len(text["supports"])
        for text in example()["collective_texts"]
        if text["date"] <= "2009-09-18"
    )
    for one in entries(reading.positions):
        last = parse_date(one.note.date).last
        assert last is not None
        assert last <= SPEECH


def test_each_record_of_the_example_is_read_as_it_stands() -> None:
    raw = example()["positions"]
    own = [one for one in entries(read(EXAMPLE).positions) if one.basis is not Basis.COMMON]
    for record, one in zip(raw, own, strict=True):
        assert (one.member.id, one.question.id) == (record["member"], record["proposition"])
        assert one.response.name.lower() == record["stance"]
        assert (one.basis is Basis.INFERRED) == record["inferred"]
        assert one.known_by == parse_date(record["date"]).last
        assert (one.note.text, one.note.date) == (record["summary"], record["date"])
        assert (one.note.confidence, one.note.origin) == (record["confidence"], record["basis"])
        assert list(one.note.sources) == record["sources"]


def test_blocs_of_the_example_are_the_allies_of_2009_and_russia() -> None:
    reading = read(EXAMPLE)
    check_blocs(reading.blocs, reading.positions)
    allies, russia = reading.blocs
    assert set(allies.members) == {
        one["id"] for one in example()["members"] if one["nato_since"] and one["nato_since"] <= 2009
    }
    assert (len(allies.members), russia.members) == (28, ("RU",))


def without_outcomes(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: without_outcomes(v) for k, v in value.items() if not k.startswith("outcome")}
    return [without_outcomes(one) for one in value] if isinstance(value, list) else value


def test_outcomes_and_statistics_change_nothing(tmp_path: Path) -> None:
    raw = example()
    assert any("outcome" in one for one in raw["propositions"])
    clean = without_outcomes(raw)
    del clean["stats"]
    assert "outcome" not in {key for one in clean["propositions"] for key in one}
    spoiled = json.loads(json.dumps(raw))
    for one in spoiled["propositions"]:
        one["outcome"] = {"anything": [1, 2, 3]}
    spoiled["stats"] = "nothing like statistics"
    folders = []
    for name, dossier in (("a", raw), ("b", clean), ("c", spoiled)):
        folder = tmp_path / name / "nrc"
        folder.mkdir(parents=True)
        write(folder, dossier)
        folders.append(told(read(folder)))
    assert folders[0] == folders[1] == folders[2]


# A small one


def test_a_common_text_expands_and_is_overridden(tmp_path: Path) -> None:
    reading = read(write(tmp_path, small()))
    common = [one for one in entries(reading.positions) if one.basis is Basis.COMMON]
    assert [(one.member.id, one.question.id) for one in common] == [
        ("AR", "Q1"),
        ("AR", "Q2"),
        ("BR", "Q1"),
        ("BR", "Q2"),
    ]
    assert {one.response for one in common} == {Response.SUPPORT}
    assert {one.note.origin for one in common} == {"Joint statement"}
    assert {one.note.text for one in common} == {"informal; known through a report"}
    current = {(one.member.id, one.question.id): one for one in entries(reading.positions.current())}
    assert len(current) == 4
    assert current["AR", "Q1"].response is Response.CONDITIONAL
    assert reading.intake == (
        "1 position on record read.",
        "1 common text expanded to 4 entries of basis common.",
        "1 entry gives way to another of the same member on the same proposition: own before inferred "
        "before common, then the later one.",
    )


def test_a_deal_of_all_names_everybody(tmp_path: Path) -> None:
    (deal,) = read(write(tmp_path, small())).deals
    assert (deal.members, deal.known_by) == (("AR", "BR"), None)


def test_it_is_a_dossier_under_any_name_and_layout(tmp_path: Path) -> None:
    for name, text in (
        ("notes.json", json.dumps(small(), indent=2)),
        ("notes", json.dumps(small())),
        ("marked.json", "\ufeff\n " + json.dumps(small())),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert read(tmp_path / name).format == "dossier"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("positions", 0, "stance"), "agree", "position 1: the stance 'agree' is none of support, consent"),
        (("positions", 0, "member"), "ZZ", "position 1: no member has the id 'ZZ'"),
        (("positions", 0, "proposition"), "Q9", "no proposition has the id 'Q9'"),
        (("positions", 0, "sources"), ["s1", "s9"], "no source has the id 's9'"),
        (("positions", 0, "date"), "last week", "'last week' is not a date"),
        (("positions", 0, "date"), "2031-02-30", "'2031-02-30' is not a date"),
        (("positions", 0, "summary"), "x" * 100_000, "a summary of 100,000 characters; at most 20,000"),
        (("positions", 0, "inferred"), "yes", "Expected `bool`"),
        (("positions", 0, "mood"), "good", "unknown field `mood`"),
        (("collective_texts", 0, "members"), ["AR", "ZZ"], "common text 'C1': no member has the id 'ZZ'"),
        (("collective_texts", 0, "supports"), ["Q9"], "common text 'C1': no proposition has the id 'Q9'"),
        (("collective_texts", 0, "sources"), ["s9"], "common text 'C1': no source has the id 's9'"),
        (("collective_texts", 0, "date"), "soon", "common text 'C1': 'soon' is not a date"),
        (("propositions", 0, "area"), "fish", "proposition 'Q1': no area has the id 'fish'"),
        (("propositions", 0, "text"), "x" * 100_000, "proposition 'Q1': a text of 100,000 characters"),
        (("propositions", 0, "id"), "Q2", "two propositions have the id 'Q2'"),
        (("members", 0, "id"), "BR", "two members have the id 'BR'"),
        (("members", 0, "id"), "", "an empty member id"),
        (("members", 0, "id"), "A\u0007", "cannot be printed"),
        (("members", 0, "name"), "x" * 100_000, "a member's name of 100,000 characters"),
        (("packages", 0, "members"), ["all 3"], "package 'K1': no member has the id 'all 3'"),
        (("packages", 0, "members"), ["ZZ"], "package 'K1': no member has the id 'ZZ'"),
        (("packages", 0, "date"), "then", "package 'K1': 'then' is not a date"),
        (("packages", 0, "sources"), ["s9"], "package 'K1': no source has the id 's9'"),
        (("discrepancies", 0, "sources"), ["s9"], "discrepancy 'X1': no source has the id 's9'"),
        (("sources", 0, "title"), "x" * 100_000, "source 's1': a source's text of 100,000"),
    ],
)
def test_a_broken_record_is_named(tmp_path: Path, path: tuple[Any, ...], value: Any, said: str) -> None:
    dossier = small()
    holder: Any = dossier
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    assert said in refusal(write(tmp_path, dossier), MalformedRecord)


@pytest.mark.parametrize("field", ["members", "propositions", "positions"])
def test_a_missing_part_is_named(tmp_path: Path, field: str) -> None:
    dossier = small()
    del dossier[field]
    assert f"not a dossier: the field {field} missing" in refusal(write(tmp_path, dossier), UnreadableSource)


def test_no_positions_is_nothing_to_review(tmp_path: Path) -> None:
    dossier = small() | {"positions": [], "collective_texts": []}
    assert "no positions" in refusal(write(tmp_path, dossier), NothingToReview)


def test_a_text_that_would_expand_without_end_is_refused(tmp_path: Path) -> None:
    dossier = small()
    dossier["collective_texts"][0] |= {"members": ["AR"] * 8_000, "supports": ["Q1"] * 8_000}
    assert "expands to more than 50,000,000 entries" in refusal(write(tmp_path, dossier), MalformedRecord)


def test_nesting_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "dossier.json"
    head = json.dumps(small())[:-1]
    path.write_text(head + ', "stats": ' + "[" * 100_000 + "]" * 100_000 + "}", encoding="utf-8")
    refusal(path)
