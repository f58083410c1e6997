"""Reservations: within their window, by members, and without changing an outcome."""

from __future__ import annotations

from allweather.council.bodies import Object, Reserve, Rules
from tests.council.deciding import DAY, Council, check_law, members_of, reason_of


def adopted(**rules: int) -> tuple[Council, str]:
    """A decision that has just been adopted."""
    story = Council(chair="chair", rules=Rules(**rules) if rules else None)
    silence = story.opens(story.ann)
    story.receives(silence, "ben", "cat", "dan")
    story.passes(days=1, hours=1)
    return story, silence


def test_members_state_limits_after_adoption() -> None:
    story, silence = adopted()
    story.cat.does(Reserve(decision=silence, words="Only on land"))
    story.dan.does(Reserve(decision=silence, words="As we read it", sort="interpretation"))
    chair = story.chair.does(Reserve(decision=silence, words="As chair"))
    found = story.sees(silence)
    assert found.state == "adopted"
    assert found.statements_by == found.expires_at + 7 * DAY
    assert [(one.member, one.words, one.is_interpretation) for one in found.reservations] == [
        ("council/cat", "Only on land", False),
        ("council/dan", "As we read it", True),
    ]
    assert reason_of(found, chair) == "chair has no seat for this: it takes a member"


def test_a_late_one_is_refused_with_the_reason() -> None:
    story, silence = adopted(statements=2 * DAY)
    story.passes(days=3)
    late = story.cat.does(Reserve(decision=silence, words="Only on land"))
    found = story.sees(silence)
    assert found.reservations == ()
    assert reason_of(found, late).startswith(
        "statements on the decision were taken until 08:00 UTC on 21 September 2009: its own author dates it"
    )


def test_one_made_while_cut_off_is_taken() -> None:
    story, silence = adopted(statements=2 * DAY)
    story.cut("cat")
    story.cat.does(Reserve(decision=silence, words="Only on land"))
    story.passes(days=3)
    story.heal("cat")
    assert members_of(story.sees(silence).reservations) == ["cat"]
    check_law(story)


def test_one_while_it_runs_shows_that_its_member_was_reached() -> None:
    story = Council()
    silence = story.opens(story.ann)
    story.receives(silence, "ben", "cat")
    story.dan.does(Reserve(decision=silence, words="Only on land"))
    story.passes(days=2)
    found = story.sees(silence)
    assert found.state == "adopted"
    assert [one.how for one in found.heard] == ["opened it", "receipt", "receipt", "reservation"]
    assert members_of(found.reservations) == ["dan"]


def test_one_does_not_clear_its_own_members_objection() -> None:
    story = Council()
    silence = story.opens(story.ann)
    story.receives(silence)
    story.cat.does(Object(decision=silence, reason="No"))
    story.cat.does(Reserve(decision=silence, words="Only on land"))
    story.passes(days=2)
    assert story.sees(silence).state == "broken"
