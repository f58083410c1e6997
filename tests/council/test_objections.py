"""Objections: threads with points and answers, and that nobody but the holder clears one."""

from __future__ import annotations

from allweather.council.bodies import Answer, Clear, Mandate, Object, Overrule, Receipt, Refuse
from tests.council.deciding import DAY, HOUR, Council, check_law, reason_of


def objected(story: Council, who: str = "cat", points: tuple[str, ...] = ()) -> tuple[str, str]:
    """A silence that everybody received, and an objection to it."""
    silence = story.opens(story.ann)
    story.receives(silence)
    return silence, story.people[who].does(Object(decision=silence, reason="No", points=points))


def test_a_thread_holds_points_with_answers() -> None:
    story = Council(secretariat="desk")
    silence, objection = objected(story, points=("Too far", "Too soon"))
    story.ann.does(Answer(objection=objection, words="Nearer, then", point=0))
    story.desk.does(Answer(objection=objection, words="Later, then", point=1))
    story.ben.does(Answer(objection=objection, words="Please"))
    wrong = story.ben.does(Answer(objection=objection, words="What?", point=2))
    found = story.sees(silence)
    thread = found.objections[0]
    assert [(point.words, [one.words for one in point.answers]) for point in thread.points] == [
        ("Too far", ["Nearer, then"]),
        ("Too soon", ["Later, then"]),
    ]
    assert [one.words for one in thread.answers] == ["Please"]
    name = story.name_of(objection)
    assert reason_of(found, wrong) == f"{name} has points 0 to 1, and no point 2"
    assert (thread.holder, thread.reason, thread.is_standing) == ("council/cat", "No", True)


def test_only_its_holder_clears_it() -> None:
    story = Council(chair="chair")
    silence, objection = objected(story)
    name = story.name_of(objection)
    by_ann = story.ann.does(Clear(objection=objection))
    by_chair = story.chair.does(Clear(objection=objection))
    found = story.sees(silence)
    assert found.state == "broken"
    assert reason_of(found, by_ann) == f"only cat can clear the objection {name}, as it holds it"
    assert reason_of(found, by_chair) == "chair has no seat for this: it takes a member"
    cleared = story.cat.does(Clear(objection=objection))
    found = story.sees(silence)
    assert found.state == "running"
    assert found.objections[0].cleared == story.fold().acts[cleared]
    story.passes(days=2)
    assert story.sees(silence).state == "adopted"
    check_law(story)


def test_all_holders_have_to_clear() -> None:
    story = Council()
    silence, objection = objected(story)
    other = story.dan.does(Object(decision=silence, reason="No, too"))
    story.cat.does(Clear(objection=objection))
    assert story.sees(silence).state == "broken"
    story.dan.does(Clear(objection=other))
    assert story.sees(silence).state == "running"


def test_clearing_after_the_expiry_is_too_late() -> None:
    story = Council()
    silence, objection = objected(story)
    story.passes(days=1, hours=1)
    cleared = story.cat.does(Clear(objection=objection))
    found = story.sees(silence)
    assert found.state == "broken"
    assert reason_of(found, cleared).startswith(
        "it came too late to clear the objection: its own author dates"
    )


def test_one_made_and_cleared_while_cut_off_leaves_the_decision_adopted() -> None:
    story = Council()
    silence = story.opens(story.ann)
    story.receives(silence)
    story.cut("cat")
    objection = story.cat.does(Object(decision=silence, reason="No"))
    story.passes(hours=2)
    story.cat.does(Clear(objection=objection))
    story.passes(days=2)
    story.heal("cat")
    assert story.sees(silence).state == "adopted"
    check_law(story)


def test_one_made_in_sight_is_not_cleared_out_of_sight() -> None:
    story = Council()
    silence, objection = objected(story)
    story.cut("cat")
    cleared = story.cat.does(Clear(objection=objection))
    assert story.sees(silence, "cat").state == "running"
    story.passes(days=2)
    story.heal("cat")
    found = story.sees(silence)
    assert found.state == "broken"
    assert "may have been cut off" in reason_of(found, cleared)


def test_who_was_reached_late_clears_within_its_window() -> None:
    story = Council()
    story.cut("dan")
    silence = story.opens(story.ann)
    story.receives(silence, "ben", "cat")
    story.passes(days=5)
    story.heal("dan")
    story.receives(silence, "dan")
    objection = story.dan.does(Object(decision=silence, reason="Not with us"))
    assert story.sees(silence).state == "contested"
    story.passes(days=1)
    story.dan.does(Clear(objection=objection))
    found = story.sees(silence)
    assert (found.state, found.adopted_at) == ("adopted", story.now)
    check_law(story)


def test_a_delegate_needs_the_power_to_break_silence() -> None:
    story = Council()
    silence = story.opens(story.ann)
    story.receives(silence)
    seed = bytes(31) + b"\x07"
    key = story.cat.certifies(seed, "Dora")
    story.cat.does(Mandate(key=key, name="Dora", powers=("speak",), until=story.now + 9 * DAY))
    weak = story.cat.does(Object(decision=silence, reason="No"), delegate=seed)
    found = story.sees(silence)
    assert (found.state, found.objections) == ("running", ())
    assert reason_of(found, weak) == (
        "the mandate of Dora does not include the power to open or break silence"
    )
    story.cat.does(Mandate(key=key, name="Dora", powers=("silence",), until=story.now + 9 * DAY))
    story.cat.does(Object(decision=silence, reason="No"), delegate=seed)
    assert story.sees(silence).state == "broken"


def on_behalf(story: Council) -> bytes:
    """Ben's delegate Eve may act for dan, too."""
    seed = bytes(31) + b"\x08"
    key = story.ben.certifies(seed, "Eve")
    story.dan.does(
        Mandate(
            key=key, name="Eve", powers=("silence", "speak"), until=story.now + 99 * DAY, of="council/ben"
        )
    )
    return seed


def test_an_objection_for_another_member_is_that_members() -> None:
    story = Council()
    seed = on_behalf(story)
    silence = story.opens(story.ann)
    story.receives(silence)
    objection = story.ben.does(Object(decision=silence, reason="No", on_behalf="council/dan"), delegate=seed)
    found = story.sees(silence)
    assert (found.state, found.objections[0].holder) == ("broken", "council/dan")
    story.ben.does(Clear(objection=objection))
    assert story.sees(silence).state == "broken"
    story.dan.does(Overrule(act=objection, reason="I did not say that"))
    found = story.sees(silence)
    assert found.state == "running"
    assert reason_of(found, objection) == "dan has overruled what was done in its name"


def test_an_overrule_years_later_unmakes_nothing() -> None:
    story = Council()
    seed = on_behalf(story)
    silence = story.opens(story.ann)
    story.receives(silence, "ben", "cat")
    receipt = story.ben.does(
        Receipt(decision=silence, text=story.text, on_behalf="council/dan"), delegate=seed
    )
    story.passes(days=30)
    assert story.sees(silence).state == "in_force"
    story.dan.does(Overrule(act=receipt, reason="I did not say that"))
    assert story.sees(silence).state == "in_force"
    check_law(story)


def test_a_refusal_made_while_cut_off_contests_the_decision() -> None:
    story = Council()
    silence = story.opens(story.ann)
    story.receives(silence)
    story.cut("cat")
    story.cat.does(Refuse(decision=silence, reason="Let us meet"))
    story.passes(days=2)
    story.heal("cat")
    found = story.sees(silence)
    assert found.state == "contested"
    assert found.refusals[0].finding.effect == "contests"
    story.passes(hours=1)
    late = story.dan.does(Refuse(decision=silence, reason="Let us meet"))
    assert "its own author dates it" in reason_of(story.sees(silence), late)


def test_a_receipt_in_time_binds_although_its_member_is_cut_off_later() -> None:
    story = Council()
    silence = story.opens(story.ann)
    story.receives(silence)
    story.passes(hours=1)
    story.cut("cat")
    story.passes(days=9)
    story.cat.does(Object(decision=silence, reason="No"), at=story.now - 8 * DAY - 2 * HOUR)
    story.heal("cat")
    assert story.sees(silence).is_adopted
