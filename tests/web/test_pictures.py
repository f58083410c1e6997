"""Small drawings and the zones of members: what they carry, in words too, and that nothing breaks out."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from allweather.web import pictures
from allweather.web.zones import local_times, zone_of_member

SEPTEMBER, JANUARY = 1_253_296_800, 1_262_347_200  # 18 September 2009, 18:00; 1 January 2010, 12:00 UTC


def parsed(drawing: str) -> ET.Element:
    return ET.fromstring(str(drawing))


@given(st.lists(st.sampled_from(pictures.SHADES), max_size=40), st.text(max_size=40))
def test_a_strip_has_a_cell_for_each_member(shades: list[str], words: str) -> None:
    found = parsed(pictures.strip([(one, "own", words) for one in shades], words or "x"))
    assert len(found.findall("{*}g")) == len(shades)
    order = [one.findall("{*}rect")[0].attrib["class"] for one in found.findall("{*}g")]
    expected = [f"edge r-{one or 'none'} t-own" for one in sorted(shades, key=pictures.SHADES.index)]
    assert order == expected
    assert sum(pictures.counted(shades).values()) == len(shades)


@given(
    st.integers(0, 2**40), st.integers(-100, 2**30), st.integers(0, 2**40), st.lists(st.integers(0, 2**40))
)
def test_a_silence_of_any_times_is_drawn(began: int, length: int, now: int, holds: list[int]) -> None:
    found = parsed(pictures.silence_bar(began, began + length, now, holds, began + length // 2, '<&">'))
    assert found.attrib["aria-label"] == '<&">'
    marks = [one.attrib["class"] for one in found.findall("{*}path")]
    assert marks.count("end") == 1
    assert ("now" in marks) == (now <= began + length)


def test_marks_differ_in_shape_and_not_in_colour_alone() -> None:
    drawn = {one: str(pictures.marks(one, 3)) for one in ("converges", "nearly", "differs", "unknown")}
    shapes = {text.replace("full", "").replace("ring", "") for text in drawn.values()}
    assert len(shapes) == 4
    assert all('aria-hidden="true"' in text for text in drawn.values())
    assert 'aria-label="behind"' in str(pictures.weather_sign("cloudy", "behind"))


def test_zones_by_the_names_of_members() -> None:
    assert zone_of_member("united-kingdom") == "Europe/London"
    assert zone_of_member("czech-republic") == "Europe/Prague"
    assert zone_of_member("nobody-knows-this") == ""
    rows = local_times(["norway", "russia", "united-states", "ann", "germany"], SEPTEMBER)
    assert [(one.label, one.when.hour, one.members) for one in rows] == [
        ("UTC\N{MINUS SIGN}4", 14, ("united-states",)),
        ("UTC+2", 20, ("norway", "germany")),
        ("UTC+4", 22, ("russia",)),
    ]
    assert [one.is_night for one in rows] == [False, False, True]
    assert [one.label for one in local_times(["norway", "iceland"], JANUARY)] == ["UTC", "UTC+1"]
