"""Decisions by silence: who is bound, what breaks, what waits, what conflicts; order never matters."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from allweather.council.bodies import (
    Concern,
    Conflict,
    Draft,
    Hold,
    Leave,
    Object,
    Position,
    Receipt,
    Refuse,
    Reserve,
    Resume,
    Rules,
    Silence,
    Suspend,
    Text,
    Withdraw,
)
from allweather.council.silence import MACHINE, decide, decisions, put_to
from tests.council.deciding import DAY, HOUR, Council, check_law, members_of, reason_of


def test_adopted_when_all_were_heard_and_nobody_objects() -> None:
    story = Council(chair="chair")
    silence = story.opens(story.ann)
    story.receives(silence, "ben", "cat", "dan")
    running = story.sees(silence)
    assert (running.state, running.is_adopted, running.not_heard) == ("running", False, ())
    story.passes(days=1)
    assert story.sees(silence).state == "running"
    story.passes(seconds=1)
    found = story.sees(silence)
    assert found.state == "adopted"
    assert found.adopted_at == found.expires_at
    assert found.final_at == found.expires_at + 3 * DAY
    assert members_of(found.heard) == ["ann", "ben", "cat", "dan"]
    assert [one.how for one in found.heard] == ["opened it", "receipt", "receipt", "receipt"]
    view = story.view()
    act = view.fold.acts[silence]
    seats = put_to(view, act)
    assert seats is not None
    assert decide(view, act, seats) == found
    assert decisions(view) == (found,)
    check_law(story)


def test_an_unreached_member_makes_it_provisional() -> None:
    story = Council()
    story.cut("dan")
    silence = story.opens(story.ann)
    story.receives(silence, "ben", "cat")
    story.passes(days=2)
    found = story.sees(silence, "ann")
    assert found.state == "provisional"
    assert members_of(found.not_heard) == ["dan"]
    assert "dan is not yet heard" in found.sentence


def test_a_late_receipt_opens_a_window_and_then_it_is_adopted() -> None:
    story = Council()
    story.cut("dan")
    silence = story.opens(story.ann)
    story.receives(silence, "ben", "cat")
    story.passes(days=5)
    story.heal("dan")
    story.receives(silence, "dan")
    reached = story.now
    found = story.sees(silence)
    assert found.state == "provisional"
    assert [(one.at, one.until) for one in found.late] == [(reached, reached + 3 * DAY)]
    assert "may object until" in found.sentence
    story.passes(days=3)
    assert story.sees(silence).state == "provisional"
    story.passes(seconds=1)
    found = story.sees(silence)
    assert found.state == "adopted"
    assert found.adopted_at == reached + 3 * DAY
    assert found.final_at == reached + 6 * DAY
    assert [one.is_late for one in found.heard] == [False, False, False, True]
    check_law(story)


def test_who_was_reached_late_may_object_within_its_window() -> None:
    story = Council()
    story.cut("dan")
    silence = story.opens(story.ann)
    story.receives(silence, "ben", "cat")
    story.passes(days=5)
    story.heal("dan")
    story.receives(silence, "dan")
    story.passes(days=2)
    objection = story.dan.does(Object(decision=silence, reason="Not with us"))
    story.passes(days=5)
    found = story.sees(silence)
    assert found.state == "contested"
    assert "dan was reached late, and objected within its window" in found.objections[0].finding.reason
    assert story.name_of(objection) in found.sentence
    check_law(story)


def test_who_was_reached_late_may_not_object_after_its_window() -> None:
    story = Council()
    story.cut("dan")
    silence = story.opens(story.ann)
    story.receives(silence, "ben", "cat")
    story.passes(days=5)
    story.heal("dan")
    story.receives(silence, "dan")
    story.passes(days=4)
    objection = story.dan.does(Object(decision=silence, reason="Not with us"))
    found = story.sees(silence)
    assert found.state == "adopted"
    assert "its window after a late receipt ended" in reason_of(found, objection)


def test_who_was_never_reached_is_not_bound_however_late() -> None:
    story = Council()
    story.cut("dan")
    silence = story.opens(story.ann)
    story.receives(silence, "ben", "cat")
    story.passes(days=50)
    story.heal("dan")
    story.passes(days=50)
    story.dan.does(Object(decision=silence, reason="Not with us"))
    found = story.sees(silence)
    assert found.state == "contested"
    assert "dan had not been reached by the expiry" in found.sentence


def test_a_reservation_of_one_reached_late_joins_at_once() -> None:
    story = Council()
    story.cut("dan")
    silence = story.opens(story.ann)
    story.receives(silence, "ben", "cat")
    story.passes(days=5)
    story.heal("dan")
    story.dan.does(Reserve(decision=silence, words="Only on land"))
    joined = story.now
    story.passes(hours=1)
    found = story.sees(silence)
    assert (found.state, found.adopted_at) == ("adopted", joined)
    objection = story.dan.does(Object(decision=silence, reason="Second thoughts"))
    found = story.sees(silence)
    assert found.state == "adopted"
    assert "dan had joined the decision by dan:" in reason_of(found, objection)


def test_a_receipt_of_another_text_is_none() -> None:
    story = Council()
    other = story.ann.does(Text(concern=story.concern, title="Other", words="Nothing"))
    silence = story.opens(story.ann)
    wrong = story.ben.does(Receipt(decision=silence, text=other))
    found = story.sees(silence)
    assert members_of(found.not_heard) == ["ben", "cat", "dan"]
    assert reason_of(found, wrong) == "it is a receipt of another text than the one that is put to silence"


def test_explicit_support_is_being_heard() -> None:
    story = Council()
    story.cat.does(Position(on=story.text, response="support"))
    silence = story.opens(story.ann)
    story.ben.does(Position(on=story.text, response="support"))
    story.dan.does(Position(on=story.text, response="abstain"))
    story.ben.does(Position(on=story.text, response="support", basis="inferred", member="council/dan"))
    story.cat.does(Position(on=story.text, response="support", basis="inferred", member="council/dan"))
    assert members_of(story.sees(silence).not_heard) == ["cat", "dan"]


def test_a_members_objection_breaks_silence() -> None:
    story = Council()
    silence = story.opens(story.ann)
    story.receives(silence)
    story.cat.does(Object(decision=silence, reason="No"))
    assert story.sees(silence).state == "broken"
    assert "nobody else, clears that by" in story.sees(silence).sentence
    story.passes(days=2)
    found = story.sees(silence)
    assert (found.state, found.is_returned) == ("broken", True)
    assert found.sentence.startswith("Returned to drafting: cat broke silence (cat:")


def test_a_member_refuses_the_use_of_silence() -> None:
    story = Council()
    silence = story.opens(story.ann)
    refuse = story.ben.does(Refuse(decision=silence, reason="Let us meet"))
    found = story.sees(silence)
    assert (found.state, found.is_returned) == ("refused", True)
    name = story.name_of(refuse)
    assert found.sentence == (
        f"Returned to drafting: any member may refuse the use of silence, and ben ({name}) did."
    )
    story.passes(days=2)
    assert story.sees(silence).state == "refused"


# Holds


def test_a_hold_lengthens_once_for_each_member() -> None:
    story = Council(chair="chair")
    silence = story.opens(story.ann)
    story.receives(silence)
    first = story.sees(silence).expires_at
    story.cat.does(Hold(decision=silence))
    again = story.cat.does(Hold(decision=silence))
    chair = story.chair.does(Hold(decision=silence))
    found = story.sees(silence)
    assert found.expires_at == first + DAY
    assert [one.until for one in found.holds] == [first + DAY]
    assert reason_of(found, again).startswith("cat has used its one hold, with cat:")
    assert reason_of(found, chair) == "chair has no seat for this: it takes a member"
    story.passes(days=1, hours=12)
    story.dan.does(Hold(decision=silence))
    story.passes(hours=1)
    found = story.sees(silence)
    assert (found.state, found.expires_at) == ("running", first + 2 * DAY)
    story.passes(days=2)
    late = story.ben.does(Hold(decision=silence))
    found = story.sees(silence)
    assert found.state == "adopted"
    assert reason_of(found, late).startswith("a hold has to come in time: its own author dates it")
    check_law(story)


def test_a_hold_made_while_cut_off_lengthens_nothing() -> None:
    story = Council()
    silence = story.opens(story.ann)
    story.receives(silence)
    story.cut("cat")
    hold = story.cat.does(Hold(decision=silence))
    assert members_of(story.sees(silence, "cat").holds) == ["cat"]
    story.passes(days=1, hours=1)
    story.heal("cat")
    found = story.sees(silence)
    assert (found.state, found.holds) == ("adopted", ())
    assert "may have been cut off" in reason_of(found, hold)


# Objections and time


def test_an_objection_made_in_time_while_cut_off_contests_the_decision() -> None:
    story = Council()
    silence = story.opens(story.ann)
    story.receives(silence)
    story.cut("cat")
    story.passes(hours=20)
    story.cat.does(Object(decision=silence, reason="No"))
    story.passes(days=2)
    looked = story.sees(silence, "ann")
    assert looked.state == "adopted"
    assert "final at" in looked.sentence
    story.heal("cat")
    found = story.sees(silence)
    assert (found.state, found.is_adopted, found.is_returned) == ("contested", False, True)
    story.passes(days=30)
    assert {story.sees(silence, name).state for name in story.people} == {"contested"}
    check_law(story)


@pytest.mark.parametrize("late", [("dan",), ("dan", "ben")])
def test_an_old_head_that_comes_late_shows_nothing_of_who_is_cut_off(late: tuple[str, ...]) -> None:
    """Whose nodes were down get after the deadline, from others, what cat had published before its cut."""
    story = Council()
    silence = story.opens(story.ann)
    story.receives(silence)
    for name in late:
        story.cut(name)
    story.cat.does(Concern(title="Something else"))
    story.cut("cat")
    story.passes(hours=20)
    story.cat.does(Object(decision=silence, reason="No"))
    story.passes(hours=10)
    for name in late:
        story.heal(name)  # and they say when they came to hold cat's log, as it was
    story.passes(hours=1)
    story.heal("cat")
    found = story.sees(silence)
    assert (found.state, found.is_returned) == ("contested", True)
    check_law(story)


def test_backdating_is_seen_by_others_holding_the_log_without_it() -> None:
    story = Council()
    silence = story.opens(story.ann)
    story.receives(silence)
    story.passes(days=1, hours=1)
    story.cat.does(Concern(title="Something else"))
    story.cat._listed = dict(story.cat.held)  # its node does not say what it has seen
    objection = story.cat.does(Object(decision=silence, reason="No"), at=story.now - 2 * HOUR)
    found = story.sees(silence)
    assert found.state == "adopted"
    assert (
        reason_of(found, objection)
        == "ann and ben and dan held the author's log without it after the deadline"
    )


def test_backdating_is_seen_by_what_the_author_had_seen() -> None:
    story = Council()
    silence = story.opens(story.ann)
    story.receives(silence)
    story.passes(days=1, hours=1)
    story.ann.does(Concern(title="Something else"))
    story.cut("cat")
    objection = story.cat.does(Object(decision=silence, reason="No"), at=story.now - 2 * HOUR)
    story.heal("cat")
    found = story.sees(silence)
    assert found.state == "adopted"
    assert reason_of(found, objection).startswith("its author had already seen what")


def test_a_late_objection_says_so_itself() -> None:
    story = Council()
    silence = story.opens(story.ann)
    story.receives(silence)
    story.passes(days=1, hours=1)
    objection = story.cat.does(Object(decision=silence, reason="No"))
    found = story.sees(silence)
    assert found.state == "adopted"
    assert reason_of(found, objection) == "its own author dates it 09:00 UTC on 19 September 2009"


@pytest.mark.parametrize("others_hold_it", [True, False])
def test_an_objection_after_the_window_is_late_whatever_it_says(others_hold_it: bool) -> None:
    story = Council()
    silence = story.opens(story.ann)
    story.receives(silence)
    story.cut("cat")
    objection = story.cat.does(Object(decision=silence, reason="No"))
    story.passes(days=4, hours=1)
    if others_hold_it:
        story.heal("cat")
    found = story.sees(silence)
    assert (found.state, found.is_adopted) == ("adopted", True)
    why = "after the catch-up window" if others_hold_it else "when the catch-up window ended"
    assert why in reason_of(found, objection)
    assert found.objections[0].finding.effect == "none"


@pytest.mark.parametrize("slow", [DAY, -DAY])
@pytest.mark.parametrize("wrong", ["ben", "dan"])
def test_one_wrong_clock_changes_no_outcome(slow: int, wrong: str) -> None:
    def outcome(slow: int, story: Council) -> tuple[str, ...]:
        story.people[wrong].slow = slow
        adopted = story.opens(story.ann)
        story.receives(adopted)
        broken = story.opens(story.ann, _text(story, "two"))
        story.receives(broken)
        story.cat.does(Object(decision=broken, reason="No"))
        contested = story.opens(story.ann, _text(story, "three"))
        story.receives(contested)
        story.cut("cat")
        story.cat.does(Object(decision=contested, reason="No"))
        story.passes(days=1, hours=2)
        story.heal()
        late = story.cat.does(Object(decision=adopted, reason="No"), at=story.now - 3 * HOUR)
        story.passes(days=20)
        assert reason_of(story.sees(adopted), late)
        return tuple(
            story.sees(one, name).state
            for one in (adopted, broken, contested)
            for name in ("ann", "ben", "cat", "dan")
        )

    rules = Rules(witnesses=2)
    right = outcome(0, Council(rules=rules))
    assert set(right) == {"in_force", "broken", "contested"}
    assert outcome(slow, Council(rules=rules)) == right


def _text(story: Council, words: str) -> str:
    return story.ann.does(Text(concern=story.concern, title=words, words=words))


# Openings


def test_what_an_opening_needs() -> None:
    story = Council(chair="chair", secretariat="desk")
    now = story.now
    good = Silence(concern=story.concern, text=story.text, expires_at=now + DAY)
    draft = story.ann.does(Draft(concern=story.concern, title="A draft", clauses=("One",)))
    chairs = story.chair.does(good)
    assert story.sees(chairs).state == "running"
    story.chair.does(Withdraw(act=chairs))

    def why(body: Silence, who: str = "ann") -> str:
        found = story.sees(story.people[who].does(body))
        assert found.state == "void"
        assert found.sentence == f"Not open: {found.why_void}."
        return found.why_void

    assert why(good, "desk") == "desk has no seat for this: it takes a member or the chair"
    assert (
        why(replace(good, text=draft)) == "a draft is put to silence by its frozen version; freeze it first"
    )
    assert "no text that is held here" in why(replace(good, text=story.concern))
    assert "no concern that is held here" in why(replace(good, concern=story.text))
    assert why(replace(good, expires_at=now + 60)) == (
        "it expires at 08:01 UTC on 18 September 2009, sooner than the charter allows: "
        "no silence opened then ends before 09:00 UTC on 18 September 2009"
    )
    assert "in force before it expires" in why(replace(good, in_force_at=now))
    assert "reviewed before it expires" in why(replace(good, review_at=now))
    assert "end before it is in force" in why(
        replace(good, in_force_at=now + 9 * DAY, sunset_at=now + 8 * DAY)
    )
    assert "no decision to end" in why(replace(good, ends=story.text))
    assert "no decision to amend" in why(replace(good, amends=story.text))


def test_a_proposer_that_knows_of_a_running_silence_waits() -> None:
    story = Council()
    second = story.revised(story.ann, "We share less.")
    first = story.opens(story.ann)
    story.receives(first)
    story.cat.does(Hold(decision=first))
    story.passes(hours=30)
    void = story.sees(story.opens(story.ben, second))
    assert void.state == "void"
    assert void.why_void == (
        f"the silence {story.name_of(first)} on the same text runs until 08:00 UTC on 20 September 2009; "
        "wait for its end, or ask its proposer to withdraw it"
    )
    story.passes(hours=20)
    assert story.sees(first).state == "adopted"
    assert story.sees(story.opens(story.ben, second)).state == "running"


def test_after_a_withdrawal_another_can_be_opened() -> None:
    story = Council()
    first = story.opens(story.ann)
    other = story.ben.does(Withdraw(act=first))
    assert "only the proposer" in reason_of(story.sees(first), other)
    story.ann.does(Withdraw(act=first))
    found = story.sees(first)
    assert (found.state, found.sentence.partition(" (")[0]) == ("withdrawn", "Withdrawn by its proposer ann")
    assert story.sees(story.opens(story.ben)).state == "running"


def test_a_fast_clock_does_not_get_around_a_running_silence() -> None:
    story = Council()
    second = story.revised(story.ann, "We share less.")
    story.opens(story.ann)
    story.ben.slow = -2 * DAY
    assert "runs until" in story.sees(story.opens(story.ben, second)).why_void


def test_a_slow_clock_does_not_stop_who_comes_after_a_silence_has_ended() -> None:
    story = Council()
    second = story.revised(story.ann, "We share less.")
    first = story.opens(story.ann)
    story.receives(first)
    story.ben.slow = 2 * DAY
    story.passes(days=1, hours=1)
    story.cat.does(Concern(title="Something else"))
    assert story.sees(story.opens(story.ben, second, days=4)).state == "running"


def test_a_text_that_its_proposer_had_not_seen() -> None:
    story = Council()
    story.cut("ann")
    hidden = _text(story, "Unseen")
    silence = story.opens(story.ben, hidden)
    assert "no text that is held here" in story.sees(silence, "ben").why_void
    story.heal()
    assert story.sees(silence).why_void == "its proposer had not seen the text when it opened the silence"


def test_what_is_ended_has_to_be_dated_before() -> None:
    story = Council()
    first = story.opens(story.ann)
    story.receives(first)
    story.passes(days=2)
    story.ben.slow = 5 * DAY
    found = story.sees(story.opens(story.ben, _text(story, "The end"), days=9, ends=first))
    assert found.why_void == (
        f"it is dated before {story.name_of(first)}, which it is to end; check the clock"
    )


def test_what_was_adopted_cannot_be_withdrawn() -> None:
    story = Council()
    silence = story.opens(story.ann)
    story.receives(silence)
    story.passes(days=2)
    back = story.ann.does(Withdraw(act=silence))
    found = story.sees(silence)
    assert found.state == "adopted"
    assert reason_of(found, back).startswith("the decision was adopted before others held this")


# Those who leave, and those who step out


def test_a_suspended_member_is_waited_for() -> None:
    story = Council()
    suspension = story.dan.does(Suspend(reason="Protest"))
    silence = story.opens(story.ann)
    story.receives(silence, "ben", "cat")
    story.passes(days=2)
    found = story.sees(silence)
    assert found.state == "provisional"
    assert "dan has suspended its participation, keeps its rights, and is not yet heard" in found.sentence
    story.dan.does(Resume(suspension=suspension))
    story.receives(silence, "dan")
    story.passes(days=4)
    assert story.sees(silence).state == "adopted"


def test_nobody_waits_for_a_member_that_has_left() -> None:
    story = Council()
    silence = story.opens(story.ann)
    story.receives(silence, "ben", "cat")
    story.passes(days=2)
    assert story.sees(silence).state == "provisional"
    story.dan.does(Leave(reason="Enough"))
    found = story.sees(silence)
    assert (found.state, found.adopted_at) == ("adopted", story.now)
    check_law(story)


def test_leaving_undoes_nothing_that_was_said() -> None:
    story = Council()
    broken = story.opens(story.ann)
    story.receives(broken)
    story.dan.does(Object(decision=broken, reason="No"))
    text = _text(story, "two")
    own = story.opens(story.dan, text)
    story.receives(own)
    story.passes(days=2)
    story.dan.does(Leave(reason="Enough"))
    after = story.dan.does(Refuse(decision=own, reason="Out of spite"))
    assert story.sees(broken).state == "broken"
    assert story.sees(own).state == "adopted"
    assert reason_of(story.sees(own), after) == "dan has left the council"


# Conflicts


def torn(rules: Rules | None = None) -> tuple[Council, str, str]:
    """Two pairs of members, cut from each other, put two versions of one text to silence."""
    story = Council(rules=rules)
    second = story.revised(story.ann, "We share less.")
    story.part("ann", "ben")
    one = story.opens(story.ann)
    other = story.opens(story.cat, second)
    story.receives(one, "ann", "ben")
    story.receives(other, "cat", "dan")
    return story, one, other


def test_two_conflicting_silences_both_wait_joined() -> None:
    story, one, other = torn()
    story.passes(days=2)
    assert story.sees(one, "ann").state == story.sees(other, "cat").state == "provisional"
    story.heal()
    story.receives(one, "cat", "dan")
    story.receives(other, "ann", "ben")
    story.passes(days=4)
    found, rival = story.sees(one), story.sees(other)
    assert (found.state, rival.state) == ("provisional", "provisional")
    assert found.not_heard == rival.not_heard == ()
    assert [conflict.other.ref for conflict in found.conflicts] == [other]
    assert [conflict.other.ref for conflict in rival.conflicts] == [one]
    assert f"conflicts with {story.name_of(other)}" in found.sentence
    assert found.conflicts[0].why == "both decide on the same text, in different words"
    check_law(story)
    story.cat.does(Withdraw(act=other))
    story.passes(hours=1)
    assert story.sees(other).state == "withdrawn"
    settled = story.sees(one)
    assert (settled.state, settled.adopted_at) == ("adopted", story.now - HOUR)
    assert settled.conflicts[0].why == "its proposer has withdrawn it"
    check_law(story)


def test_a_conflict_ends_with_an_objection_to_one() -> None:
    story, one, other = torn()
    story.passes(hours=2)
    story.heal()
    story.receives(one, "cat", "dan")
    story.receives(other, "ann", "ben")
    assert "conflicts with" in story.sees(one).sentence
    story.dan.does(Object(decision=other, reason="The first is better"))
    story.passes(days=1)
    assert (story.sees(one).state, story.sees(other).state) == ("adopted", "broken")


def test_a_conflict_ends_with_a_decision_that_knows_both() -> None:
    story, one, other = torn()
    story.passes(days=2)
    story.heal()
    story.receives(one, "cat", "dan")
    story.receives(other, "ann", "ben")
    story.passes(days=4)
    later = story.opens(story.ben, _text(story, "We end the second"), ends=other)
    story.receives(later)
    assert story.sees(one).state == "provisional"
    story.passes(days=1, hours=1)
    assert story.sees(later).state == "adopted"
    assert (story.sees(one).state, story.sees(other).state) == ("adopted", "ended")
    assert story.sees(one).adopted_at == story.sees(later).adopted_at
    assert story.sees(other).sentence == (f"Ended by {story.name_of(later)}, without having been adopted.")
    check_law(story)


def test_a_decision_that_knows_only_one_leaves_the_conflict_open() -> None:
    story, one, other = torn()
    story.passes(days=2)
    later = story.opens(
        story.cat, story.cat.does(Text(concern=story.concern, title="E", words="E")), ends=other
    )
    story.heal()
    for silence in (one, other, later):
        story.receives(silence)
    story.passes(days=9)
    assert story.sees(later).is_adopted
    assert story.sees(one).state == "provisional"


def test_a_delegate_without_a_mandate_settles_no_conflict() -> None:
    story, one, other = torn()
    story.passes(days=2)
    story.heal()
    story.receives(one)
    story.receives(other)
    story.passes(days=4)
    seed = bytes(31) + b"\x09"
    story.cat.certifies(seed, "Dora")
    back = story.cat.does(Withdraw(act=other), delegate=seed)
    found = story.sees(other)
    assert (found.state, story.sees(one).state) == ("provisional", "provisional")
    assert reason_of(found, back) == "cat has given this delegate no mandate"


def test_a_later_version_put_to_silence_knowingly_is_no_conflict() -> None:
    story = Council()
    second = story.revised(story.ann, "We share less.")
    one = story.opens(story.ann)
    story.receives(one)
    story.passes(days=2)
    other = story.opens(story.ben, second)
    story.receives(other)
    story.passes(days=2)
    assert story.sees(one).is_adopted
    assert story.sees(other).is_adopted
    assert story.sees(other).conflicts == ()


def test_a_member_declares_a_conflict() -> None:
    story = Council()
    two = _text(story, "The opposite")
    story.part("ann", "ben")
    one, other = story.opens(story.ann), story.opens(story.cat, two)
    story.heal()
    story.receives(one)
    story.receives(other)
    story.passes(hours=1)
    declared = story.dan.does(Conflict(decision=one, other=other, reason="They cannot both hold"))
    story.passes(days=2)
    found = story.sees(one)
    assert (found.state, story.sees(other).state) == ("provisional", "provisional")
    assert found.conflicts[0].why == f"dan says so in {story.name_of(declared)}"
    check_law(story)
    story.dan.does(Withdraw(act=declared))
    assert story.sees(one).state == story.sees(other).state == "adopted"


def test_no_conflict_where_one_knew_the_other_or_all_is_final() -> None:
    story = Council()
    two = _text(story, "The opposite")
    one = story.opens(story.ann)
    other = story.opens(story.cat, two)
    story.receives(one)
    story.receives(other)
    declared = story.dan.does(Conflict(decision=one, other=other, reason="They cannot both hold"))
    found = story.sees(one)
    assert found.conflicts == ()
    assert reason_of(found, declared).startswith("one of ")
    story, one, other = Council(), "", ""
    two = _text(story, "The opposite")
    story.part("ann", "ben")
    one, other = story.opens(story.ann), story.opens(story.cat, two)
    story.heal()
    story.receives(one)
    story.receives(other)
    story.passes(days=5)
    declared = story.dan.does(Conflict(decision=one, other=other, reason="They cannot both hold"))
    found = story.sees(one)
    assert (found.state, found.conflicts) == ("adopted", ())
    assert reason_of(found, declared).startswith("both were adopted when it was declared")


def test_a_silence_that_turns_up_after_all_is_final_holds_up_only_itself() -> None:
    story = Council(chair="chair")
    second = story.revised(story.ann, "We share less.")
    story.cut("chair")
    hidden = story.opens(story.chair, second)
    silence = story.opens(story.ann)
    story.receives(silence, "ben", "cat", "dan")
    story.passes(days=5)
    story.heal()
    story.receives(hidden, "ann", "ben", "cat", "dan")
    story.passes(days=10)
    assert story.sees(silence).state == "in_force"
    found = story.sees(hidden)
    assert found.state == "provisional"
    assert [one.is_open for one in found.conflicts] == [True]
    assert [one.is_open for one in story.sees(silence).conflicts] == [False]
    check_law(story)


def test_the_same_words_do_not_conflict() -> None:
    story = Council()
    same = story.revised(story.ann, "We share data.")
    story.part("ann", "ben")
    one, other = story.opens(story.ann), story.opens(story.cat, same)
    story.heal()
    story.receives(one)
    story.receives(other)
    story.passes(days=2)
    assert story.sees(one).state == story.sees(other).state == "adopted"


# After adoption


def test_what_time_makes_of_a_decision() -> None:
    story = Council()
    now = story.now
    silence = story.opens(
        story.ann, in_force_at=now + 10 * DAY, review_at=now + 20 * DAY, sunset_at=now + 30 * DAY
    )
    story.receives(silence)
    seen: list[str] = []
    for _ in range(32):
        story.passes(days=1)
        state = story.sees(silence).state
        if not seen or seen[-1] != state:
            assert not seen or MACHINE.follows(seen[-1], state)
            seen.append(state)
        if story.now == now + 21 * DAY:
            assert "review due since" in story.sees(silence).sentence
    assert seen == ["running", "adopted", "in_force", "sunset"]
    assert story.sees(silence).is_adopted


def test_without_a_date_it_is_in_force_when_statements_are_in() -> None:
    story = Council()
    silence = story.opens(story.ann)
    story.receives(silence)
    story.passes(days=8)
    found = story.sees(silence)
    assert (found.state, found.in_force_at) == ("in_force", found.expires_at + 7 * DAY)


def test_later_decisions_amend_and_end() -> None:
    story = Council()
    silence = story.opens(story.ann)
    story.receives(silence)
    story.passes(days=9)
    amending = story.opens(story.ben, _text(story, "A change"), amends=silence)
    story.receives(amending)
    story.passes(days=9)
    found = story.sees(silence)
    assert (found.state, [one.ref for one in found.amended_by]) == ("amended", [amending])
    assert found.sentence == f"In force as amended by {story.name_of(amending)}."
    ending = story.opens(story.cat, _text(story, "The end"), ends=silence)
    story.receives(ending)
    story.passes(days=2)
    assert story.sees(silence).state == "amended"
    story.passes(days=7)
    found = story.sees(silence)
    assert (found.state, found.is_adopted) == ("ended", True)
    assert found.sentence == f"Ended by {story.name_of(ending)}."
    check_law(story)


def test_no_chain_is_too_long() -> None:
    """Hundreds of decisions, each of which ends the one before: nothing goes too deep."""
    story = Council("ann", rules=Rules(shortest_silence=0))
    last = story.opens(story.ann)
    text = _text(story, "more")
    for _ in range(300):
        story.passes(seconds=1)
        body = Silence(concern=story.concern, text=text, expires_at=story.now, ends=last)
        last = story.ann.does(body, quietly=True)
    story.passes(days=9)
    found = decisions(story.view())
    assert [one.state for one in found] == ["ended"] * 300 + ["in_force"]
