"""The one sentence: what is missing, for whom a decision waits, and under which rule."""

from __future__ import annotations

import pytest

from allweather.council.bodies import Amend, Draft, Freeze, Hold, Object, Withdraw
from allweather.council.decisions import and_list
from allweather.council.outlook import n_brackets, outlook
from allweather.council.sentences import sentence, spell
from tests.council.deciding import DAY, HOUR, Council


def test_while_it_runs() -> None:
    story = Council("ann", "ben", "hungary", "lithuania")
    silence = story.opens(story.ann)
    story.receives(silence, "ben", "lithuania")
    story.lithuania.does(Hold(decision=silence))
    found = story.sees(silence)
    assert found.sentence == (
        "Adopted if nobody objects by 08:00 UTC on 20 September 2009; "
        "hold by lithuania until 08:00 UTC on 20 September 2009; hungary not yet heard."
    )
    assert sentence(story.view(), found) == found.sentence


def test_while_it_is_broken() -> None:
    story = Council()
    silence = story.opens(story.ann)
    story.receives(silence)
    objection = story.cat.does(Object(decision=silence, reason="No"))
    name = story.name_of(objection)
    assert story.sees(silence).sentence == (
        f"Broken by cat ({name}): it runs on if cat, and nobody else, clears that by "
        "08:00 UTC on 19 September 2009, and else returns to drafting."
    )
    story.passes(days=2)
    assert story.sees(silence).sentence == (
        f"Returned to drafting: cat broke silence ({name}), and did not clear that by "
        "08:00 UTC on 19 September 2009."
    )


def test_while_it_waits() -> None:
    story = Council()
    story.cut("cat", "dan")
    silence = story.opens(story.ann)
    story.receives(silence, "ben")
    story.passes(days=2)
    assert story.sees(silence).sentence == (
        "Provisional: silence binds only who was reached, and cat and dan are not yet heard; "
        "each has 3 days from its receipt to object."
    )
    story.heal("dan")
    story.receives(silence, "dan")
    assert story.sees(silence).sentence == (
        "Provisional: silence binds only who was reached, and cat is not yet heard, dan was reached late "
        "and may object until 08:00 UTC on 23 September 2009; each has 3 days from its receipt to object."
    )


def test_when_it_is_adopted_and_final() -> None:
    story = Council()
    silence = story.opens(story.ann)
    story.receives(silence)
    story.passes(days=2)
    assert story.sees(silence).sentence == (
        "Adopted at 08:00 UTC on 19 September 2009, as every member was heard and no objection stands; "
        "reservations are taken until 08:00 UTC on 26 September 2009; "
        "in force from 08:00 UTC on 26 September 2009; "
        "final at 08:00 UTC on 22 September 2009, when nobody can have been cut off and still object."
    )
    story.passes(days=10)
    assert story.sees(silence).sentence == "In force since 08:00 UTC on 26 September 2009."


def test_when_it_is_contested() -> None:
    story = Council()
    silence = story.opens(story.ann)
    story.receives(silence)
    story.cut("cat")
    objection = story.cat.does(Object(decision=silence, reason="No"))
    story.passes(days=2)
    story.heal("cat")
    assert story.sees(silence).sentence == (
        f"Returned to drafting: cat contests the decision ({story.name_of(objection)}): its author may have "
        "been cut off, and nothing shows it to be late."
    )


def test_when_it_is_withdrawn() -> None:
    story = Council()
    silence = story.opens(story.ann)
    back = story.ann.does(Withdraw(act=silence))
    assert story.sees(silence).sentence == f"Withdrawn by its proposer ann ({story.name_of(back)})."


def test_when_it_has_run_out() -> None:
    story = Council()
    silence = story.opens(story.ann, sunset_at=story.now + 9 * DAY, in_force_at=story.now + 2 * DAY)
    story.receives(silence)
    story.passes(days=8)
    assert story.sees(silence).sentence == (
        "In force since 08:00 UTC on 20 September 2009; ends at 08:00 UTC on 27 September 2009; "
        "reservations are taken until 08:00 UTC on 26 September 2009."
    )
    story.passes(days=2)
    assert story.sees(silence).sentence == (
        "Ended at 08:00 UTC on 27 September 2009, the time that the decision itself sets."
    )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "no time"),
        (HOUR, "1 hour"),
        (3 * DAY, "3 days"),
        (DAY + 2 * HOUR + 60, "1 day, 2 hours and 1 minute"),
        (61, "1 minute and 1 second"),
    ],
)
def test_lengths_of_time(seconds: int, words: str) -> None:
    assert spell(seconds) == words


def test_lists() -> None:
    assert [and_list(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_brackets_that_were_opened_since_the_freeze_are_named() -> None:
    story = Council("ann", "ben", "cat")
    drafted = story.ann.does(
        Draft(concern=story.concern, title="A treaty", clauses=("We meet twice.", "We share data."))
    )
    frozen = story.ann.does(Freeze(draft=drafted, base=drafted, clauses=("We meet twice.", "We share data.")))
    silence = story.opens(story.ann, frozen)
    until = "Adopted if nobody objects by 08:00 UTC on 19 September 2009"
    assert outlook(story.view(), story.sees(silence)) == f"{until}; ben and cat not yet heard."
    story.ben.does(Amend(draft=drafted, base=frozen, clause=0, start=8, end=13, words="daily"))
    assert outlook(story.view(), story.sees(silence)) == (
        f"{until}; 1 bracket left; ben and cat not yet heard."
    )
    story.receives(silence, "ben", "cat")
    story.cat.does(Amend(draft=drafted, base=frozen, clause=1, start=3, end=8, words="keep"))
    found = story.sees(silence)
    assert n_brackets(story.view(), found) == 2
    assert outlook(story.view(), found) == f"{until}; 2 brackets left."
    objection = story.ben.does(Object(decision=silence, reason="No"))
    found = story.sees(silence)
    assert story.name_of(objection) in found.sentence
    assert outlook(story.view(), found) == f"{found.sentence.removesuffix('.')}; 2 brackets left."
    plain = story.opens(story.ann)
    assert outlook(story.view(), story.sees(plain)) == story.sees(plain).sentence
    story.passes(days=9)
    assert "bracket" not in outlook(story.view(), story.sees(silence))


def test_a_decision_on_a_text_that_is_not_held_has_no_brackets() -> None:
    story = Council("ann", "ben")
    silence = story.opens(story.ann, "A" * 43 + "=")
    assert outlook(story.view(), story.sees(silence)) == story.sees(silence).sentence
