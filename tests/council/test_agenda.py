"""The agenda: nobody takes a concern off it; who may move it; what happens when moves cross."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allweather.council.agenda import (
    CHECKS,
    MACHINE,
    OPENNESS,
    agenda,
    check_agenda,
    check_merge,
    check_withdraw,
    item,
    refused_concerns,
    withdrawal,
)
from allweather.council.bodies import Agenda, Concern, Disapprove, Leave, Merge, Statement, Text, Withdraw
from allweather.council.forms import Body
from allweather.errors import UnknownName
from tests.council.speaking import MISSING, council, folded, would
from tests.council.story import DAY, Story


def state(story: Story, concern: str) -> str:
    return item(story.view(), concern).state


def refused(story: Story, concern: str) -> list[tuple[str, str]]:
    return [(one.name, one.why) for one in item(story.view(), concern).refused]


# A concern and its way


def test_a_concern_is_listed_by_itself() -> None:
    story = council()
    concern = story.ann.does(Concern(title="Water", area="rivers", words="It runs dry."))
    (one,) = agenda(story.ben.view)
    assert (one.state, one.by, one.author, one.says) == ("listed", (), "council/ann", "listed")
    assert (one.body.title, one.body.words) == ("Water", "It runs dry.")
    assert one.concern.ref == concern


def test_the_chair_and_the_author_move_it_along() -> None:
    story = council()
    concern = story.ann.does(Concern(title="Water"))
    day = story.now + DAY
    story.chair.does(Agenda(concern=concern, to="scheduled", on=day))
    assert item(story.view(), concern).says == "scheduled for 08:00 UTC on 19 September 2009"
    story.ann.does(Agenda(concern=concern, to="open"))
    assert state(story, concern) == "open"
    story.chair.does(Agenda(concern=concern, to="drafting"))
    assert state(story, concern) == "drafting"
    story.chair.does(Agenda(concern=concern, to="closed", reason="a decision was adopted"))
    closed = item(story.view(), concern)
    assert (closed.state, closed.reason) == ("closed", "a decision was adopted")
    assert len(closed.moves) == 4


def test_any_member_opens_or_reopens_and_nobody_else_moves() -> None:
    story = council()
    concern = story.ann.does(Concern(title="Water"))
    for name, to in (("ben", "closed"), ("ben", "parked"), ("desk", "open")):
        story.people[name].does(Agenda(concern=concern, to=to, reason="enough"))  # type: ignore[arg-type]
    story.chair.does(Agenda(concern=concern, to="closed"))
    assert state(story, concern) == "listed"
    only = "only the chair or ann, who raised it, can make it"
    assert [why for _, why in refused(story, concern)] == [
        f"{only} closed; any member may open it, or list it again with a reason",
        f"{only} parked; any member may open it, or list it again with a reason",
        "a concern is closed with a reason; give one",
        "only members move a concern that they did not raise, and the chair whose turn it is",
    ]
    story.ben.does(Agenda(concern=concern, to="open"))
    assert state(story, concern) == "open"
    story.chair.does(Agenda(concern=concern, to="closed", reason="no time"))
    story.cat.does(Agenda(concern=concern, to="listed"))
    assert state(story, concern) == "closed"
    assert would(story.cat, Agenda(concern=concern, to="listed")) == (
        "to list a concern again, give the new facts as the reason"
    )
    story.cat.does(Agenda(concern=concern, to="listed", reason="a new measurement"))
    assert state(story, concern) == "listed"


def test_to_list_again_never_takes_back_what_is_open() -> None:
    story = council()
    concern = story.ann.does(Concern(title="Water"))
    story.chair.does(Agenda(concern=concern, to="drafting"))
    again = Agenda(concern=concern, to="listed", reason="I would rather wait")
    assert would(story.ben, again) == (
        "the concern is drafting; only one that is parked, closed or withdrawn is listed again"
    )
    story.ben.does(again)
    assert state(story, concern) == "drafting"


def test_a_parked_concern_is_back_when_its_time_is_up() -> None:
    story = council()
    concern = story.ann.does(Concern(title="Water"))
    until = story.now + 3 * DAY
    story.chair.does(Agenda(concern=concern, to="parked", on=until))
    assert item(story.view(until - 1), concern).says == "parked until 08:00 UTC on 21 September 2009"
    assert item(story.view(until), concern).state == "listed"
    assert would(story.chair, Agenda(concern=concern, to="parked", on=1)) == (
        "00:00:01 UTC on 1 January 1970 has passed; name a later time"
    )


def test_disapproval_is_recorded_and_changes_nothing() -> None:
    story = council()
    concern = story.ann.does(Concern(title="Water"))
    story.ben.does(Agenda(concern=concern, to="open"))
    story.cat.does(Disapprove(concern=concern, reason="an internal matter"))
    one = item(story.view(), concern)
    assert one.state == "open"
    assert [act.member for act in one.disapprovals] == ["council/cat"]


# What the chair cannot do


def test_a_chair_cannot_edit_hide_drop_or_block() -> None:
    story = council()
    concern = story.ann.does(Concern(title="Water", words="It runs dry."))
    other = story.ben.does(Concern(title="Rivers", words="So do they."))
    story.chair.does(Withdraw(act=concern))
    story.chair.does(Merge(concern=concern, into=other, reason="the same"))
    story.chair.does(Agenda(concern=concern, to="closed", reason="settled"))
    one, two = item(story.view(), concern), item(story.view(), other)
    assert {shown.concern.ref for shown in agenda(story.view())} == {concern, other}
    assert (one.body.words, two.body.words) == ("It runs dry.", "So do they.")
    assert (one.into, two.duplicates) == ((other,), (concern,))
    assert [why.why for why in one.refused] == [f"only ann can withdraw {one.concern.name}"]
    story.ann.does(Agenda(concern=concern, to="listed"))
    one, two = item(story.view(), concern), item(story.view(), other)
    assert (one.state, one.into, two.duplicates) == ("listed", (), ())


def test_closing_never_beats_a_move_that_was_not_seen() -> None:
    story = council()
    concern = story.ann.does(Concern(title="Water"))
    story.cut("ben")
    story.ben.does(Agenda(concern=concern, to="open"))
    story.chair.does(Agenda(concern=concern, to="closed", reason="no time"))
    assert item(story.chair.view, concern).state == "closed"
    story.heal("ben")
    assert item(story.chair.view, concern).state == "open"
    story.chair.does(Agenda(concern=concern, to="closed", reason="no time, truly"))
    assert state(story, concern) == "closed"


@pytest.mark.parametrize("place", range(len(OPENNESS) - 1))
def test_among_crossing_moves_the_most_open_wins(place: int) -> None:
    story = council()
    concern = story.ann.does(Concern(title="Water"))
    story.cut("ann", "chair")
    for person, to in ((story.ann, OPENNESS[place]), (story.chair, OPENNESS[min(place + 1, 5)])):
        if to == "withdrawn":
            continue
        person.does(Agenda(concern=concern, to=to, reason="so"))  # type: ignore[arg-type]
    story.heal()
    assert state(story, concern) == OPENNESS[place]


def test_who_claims_to_have_seen_the_future_gains_nothing() -> None:
    story = council()
    concern = story.ann.does(Concern(title="Water"))
    story.chair.held["council/ben"] = 1_000
    story.chair.does(Agenda(concern=concern, to="closed", reason="whatever ben may say"), quietly=True)
    story.chair.held["council/ben"] = len(story.ben.log)
    story.exchange()
    story.ben.does(Agenda(concern=concern, to="listed", reason="this"))
    assert state(story, concern) == "listed"


# Taking back


def test_its_author_withdraws_it_and_any_member_takes_it_up() -> None:
    story = council()
    concern = story.ann.does(Concern(title="Water"))
    story.ann.does(Withdraw(act=concern, reason="settled between us"))
    gone = item(story.view(), concern)
    assert (gone.state, gone.reason, gone.body.title) == ("withdrawn", "settled between us", "Water")
    assert would(story.chair, Agenda(concern=concern, to="scheduled")) == (
        "the concern is withdrawn: list it again first, with the reason"
    )
    assert would(story.ann, Withdraw(act=concern)) == f"{gone.concern.name} is withdrawn already"
    story.ben.does(Agenda(concern=concern, to="listed", reason="not with me"))
    assert state(story, concern) == "listed"
    taken_up = f"ben has taken {gone.concern.name} up again: it is no longer yours alone to withdraw"
    assert would(story.ann, Withdraw(act=concern)) == taken_up
    story.ann.does(Withdraw(act=concern))
    assert state(story, concern) == "listed"
    assert [why for _, why in refused(story, concern)] == [taken_up]


def test_only_what_is_ones_own_is_withdrawn() -> None:
    story = council()
    concern = story.ann.does(Concern(title="Water"))
    text = story.ann.does(Text(concern=concern, title="A text", words="Words."))
    said = story.ann.does(Statement(concern=concern, words="Look here."))
    name = story.ann.act(said).name
    assert would(story.ann, Withdraw(act=said)) == (
        f"{name} is no concern, text, position or decision; what was said otherwise stays"
    )
    assert would(story.ben, Withdraw(act=text)) == f"only ann can withdraw {story.ann.act(text).name}"
    assert would(story.ben, Withdraw(act=story.charter[:43] + "=")) is not None
    missing = MISSING
    assert would(story.ben, Withdraw(act=missing)) == (
        "no concern, text, position or decision with the reference AAAAAAAA… is held here; "
        "fetch the record and try again"
    )
    assert withdrawal(story.view(), story.ann.act(text)) is None
    ref = story.ann.does(Withdraw(act=text))
    found = withdrawal(story.view(), story.ann.act(text))
    assert found is not None
    assert found.ref == ref
    assert would(story.ann, Withdraw(act=text)) == f"{story.ann.act(text).name} is withdrawn already"


def test_a_concern_stays_when_its_author_leaves() -> None:
    story = council()
    concern = story.ann.does(Concern(title="Water"))
    story.ann.does(Leave(reason="elsewhere"))
    late = story.ann.does(Concern(title="One more thing"))
    assert [one.concern.ref for one in agenda(story.view())] == [concern]
    assert [(one.ref, one.why) for one in refused_concerns(story.view())] == [
        (late, "ann has left the council")
    ]
    assert item(story.view(), late).why_not == "ann has left the council"


# Merging


def test_merging_only_links() -> None:
    story = council()
    one = story.ann.does(Concern(title="Water"))
    two = story.ben.does(Concern(title="Rivers"))
    story.ben.does(Merge(concern=two, into=one))
    assert item(story.view(), two).into == ()
    assert would(story.chair, Merge(concern=one, into=one)) == "a concern is no duplicate of itself"
    story.chair.does(Merge(concern=two, into=one))
    assert item(story.view(), two).into == (one,)
    assert would(story.chair, Merge(concern=two, into=one)) == "they are shown together already"
    assert would(story.chair, Merge(concern=two, into=story.charter)) == (
        f"{story.ann.act(story.charter).name} is no concern"
    )
    story.ann.does(Agenda(concern=two, to="listed", reason="keep them apart"))
    assert item(story.view(), two).into == (one,), "only its author takes a merger apart"
    story.ben.does(Agenda(concern=two, to="listed"))
    assert item(story.view(), two).into == ()
    story.chair.does(Merge(concern=two, into=one))
    assert item(story.view(), two).into == (one,)


def test_unknown_subjects() -> None:
    story = council()
    missing = MISSING
    sentence = "no concern with the reference AAAAAAAA… is held here; fetch the record and try again"
    for body in (
        Agenda(concern=missing, to="open"),
        Disapprove(concern=missing, reason="no"),
        Merge(concern=missing, into=missing[1:-1] + "B="),
    ):
        assert would(story.ann, body) == sentence
    with pytest.raises(UnknownName, match="no concern with the reference AAAAAAAA… is held here"):
        item(story.view(), missing)
    with pytest.raises(UnknownName, match="is no concern"):
        item(story.view(), story.charter)
    concern = story.ann.does(Concern(title="Water"))
    assert would(story.ann, Concern(title="More")) is None
    assert would(story.ben, Disapprove(concern=concern, reason="no")) is None
    assert would(story.ann, Withdraw(act=concern)) is None
    assert would(story.chair, Agenda(concern=concern, to="open")) is None


# Laws


def a_rich_story() -> tuple[Story, list[str]]:
    story = council()
    one = story.ann.does(Concern(title="Water"))
    two = story.ben.does(Concern(title="Rivers"))
    story.chair.does(Merge(concern=two, into=one))
    story.cut("ben")
    story.ben.does(Agenda(concern=one, to="open"))
    story.ben.does(Agenda(concern=two, to="listed"))
    story.ben.does(Withdraw(act=two))
    story.chair.does(Agenda(concern=one, to="closed", reason="no time"))
    story.cat.does(Agenda(concern=two, to="open"))
    story.cat.does(Disapprove(concern=one, reason="mine"))
    story.heal("ben")
    story.cut("cat")
    story.cat.does(Agenda(concern=two, to="listed", reason="mine now"))
    story.ann.does(Agenda(concern=one, to="parked", on=story.now + DAY))
    story.ann.does(Leave(reason="enough"))
    story.heal()
    return story, [one, two]


def test_the_agenda_is_the_same_in_every_order() -> None:
    story, _ = a_rich_story()
    whole = agenda(story.view())
    assert [one.state for one in whole] == ["parked", "open"]
    for seed in range(6):
        assert agenda(folded(story, seed)) == whole


moves = st.lists(
    st.tuples(
        st.sampled_from(("ann", "ben", "cat", "chair")),
        st.sampled_from(("scheduled", "open", "drafting", "parked", "closed", "listed", "withdrawn")),
        st.sampled_from(("", "cut", "heal")),
    ),
    max_size=8,
)


@settings(max_examples=15, deadline=None)
@given(moves, st.integers(0, 3))
def test_whatever_is_done_every_word_stays_and_a_member_can_open_it(
    done: list[tuple[str, str, str]], seed: int
) -> None:
    story = council()
    concern = story.ann.does(Concern(title="Water", words="It runs dry."))
    for name, to, weather in done:
        if weather:
            getattr(story, weather)(name)
        body: Body = Withdraw(act=concern)
        if to != "withdrawn":
            body = Agenda(concern=concern, to=to, reason="so")  # type: ignore[arg-type]
        story.people[name].does(body)
    story.heal()
    shown = agenda(story.view())
    assert [(one.concern.ref, one.body.words) for one in shown] == [(concern, "It runs dry.")]
    assert len(shown[0].moves) + len(shown[0].refused) == len(done)
    assert agenda(folded(story, seed)) == shown
    story.cat.does(Agenda(concern=concern, to="open"))
    assert state(story, concern) == "open"


def test_the_machine_is_whole() -> None:
    assert MACHINE.states[0] == "listed"
    assert set(MACHINE.states) == set(OPENNESS)
    for one in OPENNESS:
        assert any(step.source == one for step in MACHINE.steps), "nothing is final"
        assert MACHINE.follows(one, "listed")
    assert not MACHINE.follows("closed", "drafting")
    assert not MACHINE.follows("withdrawn", "open")


def test_checks_name_every_kind() -> None:
    assert set(CHECKS) == {Concern, Agenda, Disapprove, Merge, Withdraw}
    assert (CHECKS[Agenda], CHECKS[Merge], CHECKS[Withdraw]) == (check_agenda, check_merge, check_withdraw)
