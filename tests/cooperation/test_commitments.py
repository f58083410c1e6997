"""A commitment's way: offered, accepted, reported on, confirmed or disputed, fulfilled; or stopped."""

from __future__ import annotations

import pytest

from allweather.cooperation.bodies import (
    Accept,
    Confirm,
    Decline,
    Dispute,
    Milestone,
    ResumePart,
    SuspendPart,
    WithdrawOffer,
)
from allweather.cooperation.commitments import MACHINE, commitments
from allweather.cooperation.parts import State
from allweather.cooperation.rules import last_of
from allweather.council.bodies import Leave, Mandate, Overrule, Rules
from tests.cooperation.dealing import (
    RESCUE,
    accepts,
    confirms,
    council,
    disputes,
    of,
    offers,
    plain,
    reports,
    stands,
    state,
    suspends,
    told,
    warned,
    why,
)
from tests.council.story import DAY, Story


@pytest.fixture
def story() -> Story:
    """Four members, one track."""
    return council("ann", "ben", "cat", "dan")


def test_a_promise_that_ends_in_a_full_stop_reads_on(story: Story) -> None:
    offer = offers(story.ann, "ben", what="ten gauges at Oulu. ")
    assert "ben: ten gauges at Oulu, by 08:00 UTC" in told(story, offer)


def test_from_an_offer_to_its_fulfilment(story: Story) -> None:
    offer = offers(story.ann, "ben", measure="the cutter's log", condition="the port stays open")
    assert told(story, offer) == (
        "ann offers ben: send a cutter, by 08:00 UTC on 28 September 2009 if the port stays open; "
        "armed when ben accepts."
    )
    accepts(story.ben, offer)
    assert told(story, offer) == (
        "ann has promised ben: send a cutter, by 08:00 UTC on 28 September 2009 if the port stays open; "
        "accepted by ben and active."
    )
    first = reports(story.ann, offer)
    assert state(story, offer) is State.REPORTED
    assert "ben still has to confirm or dispute ann:n." in told(story, offer)
    confirms(story.ben, first)
    assert state(story, offer) is State.CONFIRMED
    last = reports(story.ann, offer, done=True)
    assert state(story, offer) is State.REPORTED
    confirms(story.ben, last)
    view = story.view()
    found = stands(view, offer)
    assert found.state is State.FULFILLED
    assert told(story, offer).endswith("fulfilled: ben confirmed ann:n.")
    assert [one.state for one in found.milestones] == [State.CONFIRMED, State.CONFIRMED]
    assert found.refused == ()


def test_a_confirmed_step_is_not_the_end(story: Story) -> None:
    offer = offers(story.ann, "ben")
    accepts(story.ben, offer)
    confirms(story.ben, reports(story.ann, offer))
    assert told(story, offer).endswith("is confirmed; the last one is still to come.")


def test_all_named_have_to_accept_and_to_confirm(story: Story) -> None:
    offer = offers(story.ann, "ben cat")
    assert told(story, offer).endswith("armed when ben and cat accept.")
    accepts(story.ben, offer)
    assert state(story, offer) is State.OFFERED
    assert told(story, offer).endswith("armed when cat accepts.")
    accepts(story.cat, offer)
    assert state(story, offer) is State.ACTIVE
    done = reports(story.ann, offer, done=True)
    confirms(story.ben, done)
    assert state(story, offer) is State.REPORTED
    confirms(story.cat, done)
    assert state(story, offer) is State.FULFILLED


def test_an_open_offer_is_taken_up_by_whoever_accepts(story: Story) -> None:
    offer = offers(story.ann)
    assert told(story, offer).startswith("ann offers whoever accepts it: send a cutter")
    accepts(story.cat, offer)
    assert stands(story.view(), offer).to == of("cat")
    done = reports(story.ann, offer, done=True)
    accepts(story.ben, offer)
    confirms(story.cat, done)
    # The report was made to cat; ben, who came later, neither holds it up nor confirms it.
    assert state(story, offer) is State.FULFILLED
    late = confirms(story.ben, done)
    assert why(story, late) == "ann:n was reported to cat; only they confirm or dispute it"


def test_a_declined_offer(story: Story) -> None:
    offer = offers(story.ann, "ben")
    story.ben.does(Decline(offer=offer, reason="no harbour"))
    assert state(story, offer) is State.DECLINED
    assert told(story, offer).endswith("ben (ben:n) declined it.")
    assert warned(story.ben, Decline(offer=offer)) == "ben has declined this already (ben:n)"
    accepts(story.ben, offer)
    assert state(story, offer) is State.ACTIVE


def test_an_offer_that_nobody_accepts_lapses(story: Story) -> None:
    named, anyone = offers(story.ann, "ben"), offers(story.ann)
    story.passes(days=11)
    assert told(story, named).endswith("ben had not accepted it by then.")
    assert told(story, anyone).endswith("nobody had accepted it by then.")
    late = accepts(story.ben, named)
    assert state(story, named) is State.LAPSED
    assert why(story, late) == (
        "it came after the deadline 08:00 UTC on 28 September 2009: its own author dates it "
        "08:00 UTC on 29 September 2009; ask for a new offer"
    )


def test_an_acceptance_made_in_time_and_cut_off_counts(story: Story) -> None:
    offer = offers(story.ann, "ben")
    story.passes(days=9)
    story.cut("ben")
    accepts(story.ben, offer)
    story.passes(days=2)
    assert stands(story.ann.view, offer).state is State.LAPSED
    story.heal()
    assert stands(story.ann.view, offer).state is State.ACTIVE


def test_an_acceptance_dated_back_beyond_the_window_does_not(story: Story) -> None:
    offer = offers(story.ann, "ben")
    story.cut("ben")
    story.passes(days=20)
    story.ben.does(Accept(offer=offer), at=story.now - 15 * DAY)
    story.heal()
    assert state(story, offer) is State.LAPSED
    assert "after the catch-up window" in stands(story.view(), offer).refused[0].why


def test_only_the_committer_reports_and_only_its_counterparties_judge(story: Story) -> None:
    offer = offers(story.ann, "ben")
    early = reports(story.ann, offer)
    assert (
        why(story, early) == "ann:n was not accepted when this was reported; report once ben has accepted it"
    )
    accepts(story.ben, offer)
    assert why(story, reports(story.ben, offer)) == "only ann, which made the offer, reports on it"
    report = reports(story.ann, offer)
    for stranger in (story.cat, story.ann):
        verdict = confirms(stranger, report)
        assert why(story, verdict) == "ann:n was reported to ben; only they confirm or dispute it"
    found = stands(story.view(), offer)
    assert found.state is State.REPORTED
    assert len(found.refused) == 4
    assert [plain(one.name) for one in found.refused] == ["ann:n", "ann:n", "ben:n", "cat:n"]


def test_a_dispute_stands_until_who_raised_it_confirms(story: Story) -> None:
    offer = offers(story.ann, "ben cat")
    accepts(story.ben, offer)
    accepts(story.cat, offer)
    report = reports(story.ann, offer, done=True)
    confirms(story.cat, report)
    disputes(story.ben, report, "no ship\nwas seen.")
    assert told(story, offer).endswith("ben (ben:n) disputed what was reported: no ship was seen.")
    again = reports(story.ann, offer, done=False, words="here are the photographs")
    confirms(story.cat, report)
    confirms(story.ben, again)
    assert state(story, offer) is State.DISPUTED
    confirms(story.ben, report)
    assert state(story, offer) is State.FULFILLED
    disputes(story.ben, report, "the photographs are old")
    assert state(story, offer) is State.DISPUTED


def test_of_two_verdicts_written_apart_the_cautious_one_counts(story: Story) -> None:
    offer = offers(story.ann, "ben")
    accepts(story.ben, offer)
    report = reports(story.ann, offer)
    story.cut("ben", "cat")
    yes = story.ben.does(Confirm(milestone=report))
    no = story.cat.does(Dispute(milestone=report, reason="no"))
    story.heal()
    view = story.view()
    both = [view.fold.acts[yes], view.fold.acts[no]]
    found = last_of(view, both, Dispute)
    assert found is not None
    assert found.ref == no


def test_withdrawing_keeps_what_was_reported(story: Story) -> None:
    offer = offers(story.ann, "ben")
    accepts(story.ben, offer)
    confirms(story.ben, reports(story.ann, offer))
    assert why(story, story.ben.does(WithdrawOffer(offer=offer, reason="no"))) == (
        "only ann, which made the offer, withdraws it"
    )
    story.ann.does(WithdrawOffer(offer=offer, reason="the cutter burnt"))
    found = stands(story.view(), offer)
    assert found.state is State.WITHDRAWN
    assert told(story, offer).endswith("withdrawn by ann (ann:n): the cutter burnt.")
    assert [one.state for one in found.milestones] == [State.CONFIRMED]
    assert why(story, reports(story.ann, offer)) == "ann had withdrawn ann:n (ann:n); offer it again"
    assert why(story, accepts(story.cat, offer)) == "ann:n is offered to ben, not to cat"
    assert warned(story.ann, WithdrawOffer(offer=offer, reason="again")) == (
        "ann:n is withdrawn already, and stays on record so; make a new offer"
    )


def test_an_acceptance_after_the_withdrawal_does_not_count(story: Story) -> None:
    offer = offers(story.ann)
    story.ann.does(WithdrawOffer(offer=offer, reason="changed plans"))
    assert why(story, accepts(story.ben, offer)) == "ann had withdrawn ann:n (ann:n); ask for a new offer"


def test_suspending_and_resuming(story: Story) -> None:
    offer = offers(story.ann, "ben")
    assert why(story, suspends(story.ben, offer)) == (
        "ben takes no part in ann:n; only who made or accepted it suspends its part"
    )
    accepts(story.ben, offer)
    mine = suspends(story.ann, offer)
    assert told(story, offer).endswith(
        "suspended by ann (ann:n), to be looked at again by 08:00 UTC on 18 October 2009: "
        "an incident at the border."
    )
    assert why(story, reports(story.ann, offer)) == (
        "ann has suspended its part in ann:n (ann:n); resume it first"
    )
    assert why(story, story.ben.does(ResumePart(suspension=mine))) == (
        "only ann, which suspended its part, resumes it"
    )
    assert state(story, offer) is State.SUSPENDED
    story.ann.does(ResumePart(suspension=mine))
    assert state(story, offer) is State.ACTIVE
    assert warned(story.ann, ResumePart(suspension=mine)) == (
        "ann has resumed this already; ann:n stands no longer"
    )


def test_one_of_two_counterparties_cannot_suspend_for_the_other(story: Story) -> None:
    offer = offers(story.ann, "ben cat")
    accepts(story.ben, offer)
    accepts(story.cat, offer)
    suspends(story.ben, offer)
    assert state(story, offer) is State.ACTIVE
    suspends(story.cat, RESCUE)
    assert state(story, offer) is State.SUSPENDED


def test_a_resumption_ends_what_was_suspended_before_it(story: Story) -> None:
    offer = offers(story.ann, "ben")
    accepts(story.ben, offer)
    suspends(story.ann, offer)
    again = SuspendPart(about=offer, reason="once more", review_at=story.now + DAY)
    assert warned(story.ann, again) == "ann has suspended its part already (ann:n)"
    second = story.ann.does(again)
    story.ann.does(ResumePart(suspension=second))
    assert state(story, offer) is State.ACTIVE


def test_overdue(story: Story) -> None:
    offer = offers(story.ann, "ben")
    accepts(story.ben, offer)
    story.passes(days=10)
    assert not stands(story.view(), offer).is_overdue
    story.passes(seconds=1)
    assert stands(story.view(), offer).is_overdue
    assert told(story, offer).endswith("accepted by ben and active; it is overdue.")
    mine = suspends(story.ann, offer)
    assert stands(story.view(), offer).is_overdue, "nobody gets out of a deadline by suspending its own part"
    story.ann.does(ResumePart(suspension=mine))
    suspends(story.ben, offer)
    assert not stands(story.view(), offer).is_overdue


def test_a_report_in_time_waits_for_others_and_not_for_its_author(story: Story) -> None:
    offer = offers(story.ann, "ben")
    accepts(story.ben, offer)
    report = reports(story.ann, offer, done=True)
    story.passes(days=20)
    assert not stands(story.view(), offer).is_overdue
    disputes(story.ben, report)
    assert stands(story.view(), offer).is_overdue
    confirms(story.ben, report)
    assert not stands(story.view(), offer).is_overdue


def test_a_late_report_leaves_it_overdue_until_confirmed(story: Story) -> None:
    offer = offers(story.ann, "ben")
    accepts(story.ben, offer)
    story.passes(days=11)
    report = reports(story.ann, offer, done=True)
    assert stands(story.view(), offer).is_overdue
    confirms(story.ben, report)
    assert not stands(story.view(), offer).is_overdue


def test_an_offer_not_accepted_is_never_overdue(story: Story) -> None:
    offer = offers(story.ann, "ben")
    story.passes(days=11)
    assert not stands(story.view(), offer).is_overdue


def test_who_leaves_the_council_keeps_what_it_gave(story: Story) -> None:
    given, open_ = offers(story.ann, "ben"), offers(story.ann, "ben cat")
    accepts(story.ben, given)
    for person in (story.ben, story.cat):
        accepts(person, open_)
    confirms(story.ben, reports(story.ann, given, done=True))
    story.ben.does(Leave(reason="enough"))
    assert state(story, given) is State.FULFILLED
    assert state(story, open_) is State.ACTIVE, "cat is still there"
    confirms(story.cat, reports(story.ann, open_, done=True))
    assert state(story, open_) is State.FULFILLED
    assert why(story, accepts(story.ben, offers(story.cat))) == "ben has left the council"
    last = offers(story.cat, "ann")
    story.ann.does(Leave(reason="enough"))
    assert told(story, last).endswith("ann (ann:n) left the council.")
    assert state(story, last) is State.ENDED


def test_offers_with_mistakes(story: Story) -> None:
    past = offers(story.ann, "ben", days=0)
    assert why(story, past) == (
        "its deadline 08:00 UTC on 18 September 2009 is not after the offer itself; give a later one"
    )
    assert why(story, offers(story.ann, "zoe")) == "zoe: no member of this council"
    assert why(story, offers(story.ann, "ann")) == (
        "a member cannot promise something to itself; take it out of those it is offered to"
    )
    wanted = "a package needs both a label and at least one other member whose part it waits for"
    assert why(story, offers(story.ann, "ben", package="grain")) == wanted
    assert why(story, offers(story.ann, "ben", package="grain", parties="ann")) == wanted
    assert why(story, offers(story.ann, "ben", parties="ben")) == wanted
    assert why(story, offers(story.ann, "ben", track="Rescue")) == (
        "'Rescue' is no track that is held here; name one by the act that opened it, "
        "or one of the charter's by its title: 'Rescue at sea'"
    )
    assert commitments(story.view()) == ()


def test_what_is_not_held_or_of_another_kind(story: Story) -> None:
    nothing = "A" * 43 + "="
    offer = offers(story.ann, "ben")
    view_of = story.ben
    assert warned(view_of, Accept(offer=nothing)) == (
        "the offer that it names is not held here; fetch the log that it is in"
    )
    assert warned(view_of, Accept(offer=story.charter)) == (
        "ann:n is no offer; name the act that offered the commitment"
    )
    assert warned(view_of, Confirm(milestone=nothing)) == (
        "the report that it names is not held here; fetch the log that it is in"
    )
    assert warned(view_of, Confirm(milestone=offer)) == "ann:n is no report of a milestone"
    assert warned(view_of, ResumePart(suspension=nothing)) == (
        "the suspension that it names is not held here; fetch the log that it is in"
    )
    assert warned(view_of, ResumePart(suspension=offer)) == (
        "ann:n is no suspension of a part in a track or a commitment"
    )
    assert warned(story.ann, Accept(offer=offer)) == "ann:n is ann's own offer; it can only withdraw it"
    bad = offers(story.ann, "ann")
    assert warned(view_of, Accept(offer=bad)) == (
        "the offer ann:n does not count: a member cannot promise something to itself; "
        "take it out of those it is offered to"
    )


def test_saying_it_twice_is_stopped_before_signing(story: Story) -> None:
    offer = offers(story.ann, "ben")
    accepts(story.ben, offer)
    assert warned(story.ben, Accept(offer=offer)) == "ben has accepted this already (ben:n)"
    report = reports(story.ann, offer, done=True)
    confirms(story.ben, report)
    assert warned(story.ben, Confirm(milestone=report)) == "ben has confirmed this report already (ben:n)"
    assert warned(story.ann, Milestone(offer=offer, words="more")) == (
        "ann:n is fulfilled already, and stays on record so; make a new offer"
    )


def test_a_council_that_asks_for_more_witnesses() -> None:
    story = council("ann", "ben", "cat", "dan", rules=Rules(witnesses=2))
    offer = offers(story.ann, "ben")
    story.passes(days=9)
    story.part("ben", "cat")
    accepts(story.ben, offer)
    story.passes(days=5)
    story.heal()
    # By the deadline only cat held the acceptance; the others held it after the catch-up window.
    assert state(story, offer) is State.LAPSED


def test_delegates_need_the_power_to_commit(story: Story) -> None:
    seed = bytes(31) + b"\x01"
    key = story.ben.certifies(seed, "Dora")
    offer = offers(story.ann, "ben")
    until = story.now + 5 * DAY
    story.ben.does(Mandate(key=key, name="Dora", powers=("speak",), until=until))
    silent = story.ben.does(Accept(offer=offer), delegate=seed)
    assert why(story, silent) == "the mandate of Dora does not include the power to make commitments"
    assert state(story, offer) is State.OFFERED
    story.ben.does(Mandate(key=key, name="Dora", powers=("commit",), until=until))
    story.ben.does(Accept(offer=offer), delegate=seed)
    assert state(story, offer) is State.ACTIVE


def test_a_delegate_of_another_member_accepts_and_is_overruled(story: Story) -> None:
    seed = bytes(31) + b"\x02"
    key = story.cat.certifies(seed, "Emil")
    offer = offers(story.ann, "ben")
    story.ben.does(
        Mandate(key=key, name="Emil", powers=("commit",), until=story.now + 5 * DAY, of=story.cat.origin)
    )
    accepted = story.cat.does(Accept(offer=offer, on_behalf=story.ben.origin), delegate=seed)
    assert stands(story.view(), offer).accepted_by == of("ben")
    story.ben.does(Overrule(act=accepted, reason="not in our name"))
    assert state(story, offer) is State.OFFERED
    assert why(story, accepted) == "ben has overruled what was done in its name"


def test_the_machine_begins_with_an_offer_and_names_every_state() -> None:
    assert MACHINE.states[0] == "offered"
    assert {step.target for step in MACHINE.steps} | {"offered"} == set(MACHINE.states)
    assert not any(step.source in ("withdrawn", "ended") for step in MACHINE.steps)
