"""The drawings: sound XML, nothing from outside, uncertainty always drawn, the same bytes each time."""

from __future__ import annotations

import dataclasses
import xml.etree.ElementTree as ET

import pytest

from allweather.report.charts import convergence_svg, evidence_svg, polis_svg
from allweather.report.maps import dimension_svg, map_svg
from allweather.report.names import Names
from allweather.review.results import Review
from tests.report.builders import bare_review, consultation, council_positions, council_review

SVG = "{http://www.w3.org/2000/svg}"


def drawings() -> dict[str, str]:
    positions = council_positions()
    told: dict[str, str] = {}
    for n in (1, 2, 3):
        review = council_review(n_dimensions=n)
        told[f"council {n}"] = map_svg(review, Names(review, positions), alone=True)
    review = bare_review()
    told["nowhere"] = map_svg(review, Names(review, positions), alone=True)
    told["bare convergence"] = convergence_svg(review, Names(review, positions))
    told["convergence"] = convergence_svg(council_review(), Names(council_review(), positions))
    told["evidence"] = evidence_svg(council_review().map.evidence, alone=True)
    many, view = consultation(n_questions=70)
    names = Names(view, many)
    told["plane"] = map_svg(view, names, alone=True)
    told["histograms"] = dimension_svg(view, names, 0, alone=True)
    told["many questions"] = convergence_svg(view, names)
    some, view = consultation(n_members=120, n_questions=12)
    told["assembly"] = map_svg(view, Names(view, some), alone=True)
    told["polis"] = polis_svg(view, ["1", "2"], alone=True)
    return told


ALL = drawings()


@pytest.mark.parametrize("name", ALL)
def test_sound_self_contained_and_named(name: str) -> None:
    root = ET.fromstring(ALL[name])
    assert root.tag == f"{SVG}svg"
    title, about = root[0], root[1]
    assert (title.tag, about.tag) == (f"{SVG}title", f"{SVG}desc")
    assert title.text
    assert about.text
    assert root.attrib["aria-labelledby"].split() == [title.attrib["id"], about.attrib["id"]]
    for one in root.iter():
        assert one.tag not in {f"{SVG}script", f"{SVG}image", f"{SVG}foreignObject", f"{SVG}use"}
        assert not any("href" in key for key in one.attrib)
    assert "url(" not in ALL[name]
    assert "nan" not in ALL[name].lower().replace("nand", "")
    # A ground of its own, so that it reads on white and on black.
    assert any(one.attrib.get("class") == "ground" for one in root.iter())
    assert "prefers-color-scheme: dark" in ALL[name]


def test_same_drawings_each_time() -> None:
    assert drawings() == ALL


def marks(svg: str, kind: str) -> int:
    return sum(kind in one.attrib.get("class", "").split() for one in ET.fromstring(svg).iter())


def test_every_party_of_every_question_has_a_mark_and_a_bar() -> None:
    svg, review = ALL["convergence"], council_review()
    n = sum(len(one.parties) for one in review.questions)
    assert marks(svg, "bar") == n
    assert marks(svg, "mark") == n + len(review.parties)
    # F1 to S2 have records of both but M2; M2 lacks Russia, Z9 lacks both.
    silent = sum(not (p.n_own + p.n_inferred + p.n_common) for one in review.questions for p in one.parties)
    assert silent > 0
    assert marks(svg, "open") == 2 * silent


def test_every_member_has_its_intervals() -> None:
    assert marks(ALL["council 1"], "bar") == 7
    assert marks(ALL["council 2"], "thin") == 14
    assert marks(ALL["plane"], "bar") == 2  # of three hundred: one as wide, one as high as the middling
    assert "90% intervals of middling width" in ALL["plane"]
    # An assembly: too many names, but not too many intervals.
    assert marks(ALL["assembly"], "hair") == 2 * 120
    assert marks(ALL["assembly"], "mark") == 120 + 3
    assert "not tell sides apart" in ALL["nowhere"]


def test_thousands_of_members_are_sampled_and_said() -> None:
    positions, review = consultation(6_000, 10)
    svg = map_svg(review, Names(review, positions), alone=True)
    assert "4,000 of 6,000 participants drawn" in svg
    assert len(svg) < 600_000
    without = dataclasses.replace(review, parties=())
    assert "everybody" in map_svg(without, Names(without, positions), alone=True)


def test_hostile_texts_stay_text() -> None:
    positions = council_positions()
    bad = '</text><script>alert(1)</script>\x00\x0b\ud800"&'
    positions = dataclasses.replace(
        positions,
        members=tuple(dataclasses.replace(one, name=bad) for one in positions.members),
        questions=tuple(dataclasses.replace(one, text=bad * 500) for one in positions.questions),
    )
    review: Review = dataclasses.replace(council_review(n_dimensions=2), title=bad)
    names = Names(review, positions)
    for svg in (map_svg(review, names, alone=True), convergence_svg(review, names)):
        root = ET.fromstring(svg)
        assert not root.findall(f".//{SVG}script")
        assert any("<script>" in (one.text or "") for one in root.iter())


def test_a_review_without_polis_has_no_such_drawing() -> None:
    with pytest.raises(ValueError, match="no view"):
        polis_svg(council_review(), [])
