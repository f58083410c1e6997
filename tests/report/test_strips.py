"""Strips: bars within their frame, lines where they belong, nothing but numbers and classes of ours."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allweather.report.strips import Bar, strip_svg
from allweather.review.results import Interval

SHARES = st.floats(-5, 5, allow_nan=False)


@given(st.lists(st.tuples(SHARES, SHARES, SHARES), max_size=5), st.booleans())
def test_everything_stays_within_its_frame(spans: list[tuple[float, float, float]], is_open: bool) -> None:
    bars = [Bar(Interval(sorted(one)[1], min(one), max(one)), "square", 2, is_open) for one in spans]
    drawn = str(strip_svg(bars, low=-1.0, high=2.0, lines=((0.5, "threshold"),)))
    ET.fromstring(drawn)
    assert drawn.count('class="bar p2') == drawn.count('class="mark p2') == len(bars)
    assert all(0 <= float(one) <= 100 for one in re.findall(r'x[12]?="(-?[\d.]+)%"', drawn))


@pytest.mark.parametrize(("value", "at"), [(0.0, "0%"), (0.5, "50%"), (1.0, "100%"), (0.123, "12.3%")])
def test_a_share_stands_where_it_is(value: float, at: str) -> None:
    assert f'<svg x="{at}"' in strip_svg([Bar(Interval(value, value, value))])


def test_all_predicted_is_hollow() -> None:
    assert 'class="mark p0 open"' in strip_svg([Bar(Interval(0.5, 0.1, 0.9), is_open=True)])
    assert "open" not in strip_svg([Bar(Interval(0.5, 0.1, 0.9))])
