"""Dates for calendars: what sets them, and what they say of brackets that were opened since."""

from __future__ import annotations

from allweather.council.bodies import Amend, Draft, Freeze
from allweather.node.dates import dates
from tests.council.deciding import Council


def test_the_end_of_a_silence_says_how_many_brackets_are_left() -> None:
    story = Council("ann", "ben", "cat")
    clauses = ("We meet twice.", "We share data.")
    drafted = story.ann.does(Draft(concern=story.concern, title="A treaty", clauses=clauses))
    frozen = story.ann.does(Freeze(draft=drafted, base=drafted, clauses=clauses))
    story.opens(story.ann, frozen)
    plain = "Adopted if nobody objects by 08:00 UTC on 19 September 2009"

    def said() -> str:
        (one,) = (one for one in dates(story.view()) if one.sort == "silence ends")
        assert one.title == "A treaty"
        return one.about

    assert said() == f"{plain}; ben and cat not yet heard."
    story.ben.does(Amend(draft=drafted, base=frozen, clause=0, start=8, end=13, words="daily"))
    assert said() == f"{plain}; 1 bracket left; ben and cat not yet heard."
    story.cat.does(Amend(draft=drafted, base=frozen, clause=1, start=3, end=8, words="keep"))
    assert said() == f"{plain}; 2 brackets left; ben and cat not yet heard."
