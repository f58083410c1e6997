"""The benchmark of the council asks for every view there is, or says why not."""

from __future__ import annotations

from allweather.node.views import VIEWS
from benchmarks.council.alone import ABSENT, ID_OF


def test_of_every_view_of_an_act_it_is_known_what_it_is_asked_with() -> None:
    of_an_act = {name for name, one in VIEWS.items() if "id" in one.parameters}
    assert of_an_act == ID_OF.keys() | ABSENT
    assert not ID_OF.keys() & ABSENT
