"""Membership: admission by decision, leaving, stepping out, and that a delegate cannot do these unasked."""

from __future__ import annotations

from allweather.council.acts import Act, short
from allweather.council.bodies import (
    Concern,
    Join,
    Leave,
    Mandate,
    Object,
    Overrule,
    Receipt,
    Resume,
    Suspend,
    Text,
)
from allweather.council.checks import CHECKS
from allweather.council.membership import seats, seats_for, why_not, why_not_then
from allweather.council.refusals import why_refused
from allweather.council.seats import Seats
from tests.council.deciding import DAY, Council, check_law, members_of
from tests.council.story import seat


def sits(story: Council) -> Seats:
    """The seats as one sees them who holds everything."""
    found = seats(story.view())
    assert found is not None
    return found


def names(story: Council) -> list[str]:
    """The members, by the short name."""
    return [short(origin) for origin in sits(story).members]


def admits(story: Council, name: str, who: str = "ann") -> str:
    """Propose a new member; everybody but the newcomer signs a receipt."""
    if name not in story.people:
        story.add(name)
    text = story.people[who].does(
        Text(concern=story.concern, title=f"Admit {name}", words=f"We admit {name}.")
    )
    silence = story.opens(story.people[who], text, admits=seat(name))
    story.receives(silence, *(set(story.people) - {name}))
    return silence


def test_a_member_is_admitted_by_decision() -> None:
    story = Council("ann", "ben", "cat")
    admits(story, "eve")
    assert names(story) == ["ann", "ben", "cat"]
    concern = story.eve.does(Concern(title="Mine"))
    assert why_not(story.view(), story.fold().acts[concern]) == (
        "eve has no seat for this: it takes a member or the chair or the secretariat"
    )
    story.passes(days=1, hours=1)
    assert names(story) == ["ann", "ben", "cat", "eve"]
    assert "council/eve" in sits(story).joined
    assert why_not(story.view(), story.fold().acts[concern]) is None


def test_a_broken_admission_admits_nobody() -> None:
    story = Council("ann", "ben", "cat")
    silence = admits(story, "eve")
    story.cat.does(Object(decision=silence, reason="Not yet"))
    story.passes(days=9)
    assert names(story) == ["ann", "ben", "cat"]


def test_later_decisions_wait_for_the_newcomer_and_earlier_ones_do_not() -> None:
    story = Council("ann", "ben", "cat")
    other = story.ann.does(Text(concern=story.concern, title="Earlier", words="Earlier"))
    admits(story, "eve")
    story.passes(hours=23)
    earlier = story.opens(story.ann, other)
    story.passes(hours=2)
    later = story.opens(story.ann)
    for silence in (earlier, later):
        story.receives(silence, "ben", "cat")
    view = story.view()
    for silence, expected in ((earlier, 3), (later, 4)):
        found = seats_for(view, view.fold.acts[silence])
        assert found is not None
        assert len(found.members) == expected
    story.passes(days=2)
    assert story.sees(earlier).state == "adopted"
    assert members_of(story.sees(later).not_heard) == ["eve"]
    story.receives(later, "eve")
    story.eve.does(Object(decision=later, reason="No"))
    assert story.sees(later).state == "contested"
    check_law(story)


def test_a_member_leaves() -> None:
    story = Council("ann", "ben", "cat")
    before = story.cat.does(Concern(title="Before"))
    leave = story.cat.does(Leave(reason="Enough"))
    after = story.cat.does(Concern(title="After"))
    assert names(story) == ["ann", "ben"]
    assert sits(story).left == {"council/cat"}
    view = story.view()
    assert leave in view.fold.acts
    assert why_not_then(view, view.fold.acts[before]) is None
    assert why_not_then(view, view.fold.acts[after]) == "cat has left the council"


def test_who_was_admitted_can_leave_and_who_left_can_be_admitted_again() -> None:
    story = Council("ann", "ben", "cat")
    admits(story, "eve")
    story.passes(days=2)
    story.eve.does(Leave(reason="Enough"))
    assert names(story) == ["ann", "ben", "cat"]
    story.cat.does(Leave(reason="Enough"))
    assert names(story) == ["ann", "ben"]
    admits(story, "cat")
    story.passes(days=2)
    assert names(story) == ["ann", "ben", "cat"]
    check_law(story)


def test_only_members_leave() -> None:
    story = Council("ann", "ben")
    story.add("eve")
    story.eve.does(Leave(reason="I was never here"))
    assert sits(story).left == frozenset()


def test_stepping_out_keeps_the_seat() -> None:
    story = Council("ann", "ben", "cat")
    suspension = story.cat.does(Suspend(reason="Protest"))
    assert sits(story).suspended == {"council/cat"}
    concern = story.cat.does(Concern(title="All the same"))
    assert why_not(story.view(), story.fold().acts[concern]) is None
    story.ben.does(Resume(suspension=suspension))
    assert sits(story).suspended == {"council/cat"}
    story.cat.does(Resume(suspension=suspension))
    assert sits(story).suspended == frozenset()


def test_a_delegate_without_the_power_neither_leaves_nor_steps_out() -> None:
    story = Council("ann", "ben", "cat")
    seed = bytes(31) + b"\x05"
    key = story.cat.certifies(seed, "Dora")
    story.cat.does(Mandate(key=key, name="Dora", powers=("speak", "silence"), until=story.now + DAY))
    story.cat.does(Leave(reason="Enough"), delegate=seed)
    story.cat.does(Suspend(reason="Enough"), delegate=seed)
    assert names(story) == ["ann", "ben", "cat"]
    assert sits(story).suspended == frozenset()
    story.cat.does(Mandate(key=key, name="Dora", powers=("accredit",), until=story.now + DAY))
    story.cat.does(Suspend(reason="Enough"), delegate=seed)
    assert sits(story).suspended == {"council/cat"}


def left_by_a_delegate_elsewhere() -> tuple[Council, str]:
    """Dora, in the log of ben, gives up the seat of cat, which had given her the power to."""
    story = Council("ann", "ben", "cat")
    seed = bytes(31) + b"\x05"
    key = story.ben.certifies(seed, "Dora")
    until = story.now + 30 * DAY
    mandate = Mandate(key=key, name="Dora", powers=("accredit",), until=until, of="council/ben")
    story.cat.does(mandate)
    leave = story.ben.does(Leave(reason="Enough", on_behalf="council/cat"), delegate=seed)
    return story, leave


def test_a_leaving_in_its_name_is_overruled_within_the_catch_up_window() -> None:
    story, leave = left_by_a_delegate_elsewhere()
    assert names(story) == ["ann", "ben"]
    story.passes(days=2)
    overrule = Act("", "council/cat", 99, story.now, Overrule(act=leave, reason="Never meant"))
    assert why_not(story.cat.view, overrule) is None
    assert CHECKS[Overrule](story.cat.view, overrule) is None
    ref = story.cat.does(Overrule(act=leave, reason="Never meant"))
    assert names(story) == ["ann", "ben", "cat"]
    view = story.view()
    assert why_refused(view, view.fold.acts[leave]) == "cat has overruled what was done in its name"
    assert why_refused(view, view.fold.acts[ref]) is None
    story.passes(days=400)
    assert names(story) == ["ann", "ben", "cat"]
    concern = story.cat.does(Concern(title="Still here"))
    assert why_not(story.view(), story.fold().acts[concern]) is None
    check_law(story)


def test_a_leaving_in_its_name_stands_when_the_window_has_passed() -> None:
    """The council went on without cat; years later nothing of that is unmade."""
    story, leave = left_by_a_delegate_elsewhere()
    silence = story.opens(story.ann)
    story.receives(silence, "ben")
    story.passes(days=10)
    assert story.sees(silence).is_adopted
    late = story.cat.does(Overrule(act=leave, reason="Never meant"))
    assert names(story) == ["ann", "ben"]
    assert story.sees(silence).is_adopted
    view = story.view()
    assert why_refused(view, view.fold.acts[leave]) is None
    assert str(why_refused(view, view.fold.acts[late])).startswith("it came too late to take back ben:")
    concern = story.cat.does(Concern(title="Am I here?"))
    assert why_not(story.view(), story.fold().acts[concern]) == "cat has left the council"
    check_law(story)


def test_who_has_not_taken_its_seat_is_waited_for() -> None:
    story = Council("ann", "ben", also="cat")
    assert "council/cat" not in sits(story).joined
    silence = story.opens(story.ann)
    story.ben.does(Receipt(decision=silence, text=story.text))
    story.passes(days=2)
    found = story.sees(silence)
    assert members_of(found.not_heard) == ["cat"]
    assert "cat has not taken its seat yet, and is not yet heard" in found.sentence
    story.add("cat").does(Join(charter=story.charter))
    assert members_of(story.sees(silence).not_heard) == ["cat"]
