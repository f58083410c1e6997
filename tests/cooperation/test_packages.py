"""Packages: each part is due once all partners' parts are accepted; nobody else can hold it up."""

from __future__ import annotations

import pytest

from allweather.cooperation.bodies import Confirm, Milestone, ResumePart, WithdrawOffer
from allweather.cooperation.packages import packages
from allweather.cooperation.parts import State
from allweather.council.bodies import Leave
from tests.cooperation.dealing import (
    RESCUE,
    accepts,
    confirms,
    council,
    of,
    offers,
    reports,
    stands,
    state,
    suspends,
    told,
    warned,
)
from tests.council.story import Story


@pytest.fixture
def story() -> Story:
    """Four members, one track."""
    return council("ann", "ben", "cat", "dan")


def a_deal(story: Story) -> tuple[str, str]:
    """Ann sends grain to ben, ben opens a port for ann: one package of two parts, both accepted."""
    grain = offers(story.ann, "ben", what="send grain", package="grain for port", parties="ann ben")
    port = offers(story.ben, "ann", what="open the port", package="grain for port", parties="ann ben")
    accepts(story.ben, grain)
    accepts(story.ann, port)
    return grain, port


def test_a_part_waits_for_its_partner(story: Story) -> None:
    grain = offers(story.ann, "ben", what="send grain", package="grain for port", parties="ben")
    assert told(story, grain).endswith(
        "armed when ben accepts, and ben has an accepted part in package 'grain for port'."
    )
    accepts(story.ben, grain)
    assert state(story, grain) is State.ACCEPTED
    assert told(story, grain).endswith("accepted, waiting for ben in package 'grain for port'.")
    assert warned(story.ann, Milestone(offer=grain, words="sailed")) == (
        "it is not active yet, so there is nothing to report: ann has promised ben: send grain, by "
        "08:00 UTC on 28 September 2009; accepted, waiting for ben in package 'grain for port'."
    )
    port = offers(story.ben, "ann", what="open the port", package="grain for port", parties="ann")
    assert state(story, grain) is State.ACCEPTED
    accepts(story.ann, port)
    assert state(story, grain) is State.ACTIVE
    assert state(story, port) is State.ACTIVE


def test_three_partners(story: Story) -> None:
    parts = [
        offers(story.people[name], to, package="ring", parties="ann ben cat")
        for name, to in (("ann", "ben"), ("ben", "cat"), ("cat", "ann"))
    ]
    accepts(story.ben, parts[0])
    accepts(story.cat, parts[1])
    assert told(story, parts[0]).endswith("waiting for cat in package 'ring'.")
    accepts(story.ann, parts[2])
    assert [state(story, part) for part in parts] == [State.ACTIVE] * 3


def test_each_side_is_visible(story: Story) -> None:
    grain, port = a_deal(story)
    (package,) = packages(story.view(), RESCUE)
    assert [one.offer.ref for one in package.parts] == [grain, port]
    assert package.parties == of("ann", "ben")
    assert package.is_armed
    assert package.sentence == "The package 'grain for port' between ann and ben is armed."


def test_a_partner_that_withdraws_releases_the_others_and_history_stays(story: Story) -> None:
    grain, port = a_deal(story)
    report = reports(story.ann, grain)
    confirms(story.ben, report)
    story.ben.does(WithdrawOffer(offer=port, reason="the port is closed"))
    found = stands(story.view(), grain)
    assert found.state is State.RELEASED
    assert told(story, grain).endswith(
        "no longer armed: ben (ben:n) took a part of package 'grain for port' back."
    )
    assert [one.state for one in found.milestones] == [State.CONFIRMED]
    assert packages(story.view(), RESCUE)[0].sentence == (
        "The package 'grain for port' between ann and ben is not armed; it waits for accepted parts of ben."
    )


def test_a_released_part_is_not_overdue(story: Story) -> None:
    grain, port = a_deal(story)
    story.ben.does(WithdrawOffer(offer=port, reason="the port is closed"))
    story.passes(days=11)
    assert not stands(story.view(), grain).is_overdue


def test_a_new_part_arms_it_again(story: Story) -> None:
    grain, port = a_deal(story)
    story.ben.does(WithdrawOffer(offer=port, reason="the port is closed"))
    again = offers(story.ben, "ann", what="open another", package="grain for port", parties="ann ben")
    assert state(story, grain) is State.RELEASED
    accepts(story.ann, again)
    assert state(story, grain) is State.ACTIVE


def test_a_partner_that_suspends_and_resumes(story: Story) -> None:
    grain, port = a_deal(story)
    suspension = suspends(story.ben, port)
    assert state(story, port) is State.SUSPENDED
    assert state(story, grain) is State.RELEASED
    suspends(story.ann, grain)
    assert state(story, grain) is State.SUSPENDED
    story.ben.does(ResumePart(suspension=suspension))
    assert state(story, port) is State.RELEASED


def test_a_withdrawal_before_all_had_accepted_releases_nobody(story: Story) -> None:
    grain = offers(story.ann, "ben", package="deal", parties="ben cat")
    accepts(story.ben, grain)
    port = offers(story.ben, "ann", package="deal", parties="ann")
    accepts(story.ann, port)
    story.ben.does(WithdrawOffer(offer=port, reason="too slow"))
    # It was never armed: cat has no part yet.
    assert told(story, grain).endswith("accepted, waiting for ben and cat in package 'deal'.")


def test_a_partner_that_leaves_the_council(story: Story) -> None:
    grain, port = a_deal(story)
    story.dan.does(Leave(reason="far away"))
    assert state(story, grain) is State.ACTIVE
    story.ben.does(Leave(reason="enough"))
    assert state(story, port) is State.ENDED
    assert state(story, grain) is State.ENDED, "ben was also the one it was promised to"


def test_a_fulfilled_part_keeps_the_others_armed(story: Story) -> None:
    grain, port = a_deal(story)
    confirms(story.ben, reports(story.ann, grain, done=True))
    assert state(story, grain) is State.FULFILLED
    assert state(story, port) is State.ACTIVE


def test_a_stranger_with_the_same_label_holds_nobody_up(story: Story) -> None:
    grain, port = a_deal(story)
    strange = offers(story.cat, "dan", package="grain for port", parties="ann ben dan")
    accepts(story.dan, strange)
    assert state(story, grain) is State.ACTIVE
    assert state(story, port) is State.ACTIVE
    assert told(story, strange).endswith("accepted, waiting for dan in package 'grain for port'.")
    assert [one.parties for one in packages(story.view(), RESCUE)] == [
        of("ann", "ben"),
        of("ann", "ben", "cat", "dan"),
    ]


def test_one_label_in_two_tracks_makes_two_packages() -> None:
    story = council("ann", "ben", tracks=(RESCUE, "Grain"))
    grain = offers(story.ann, "ben", package="deal", parties="ben", track="Grain")
    port = offers(story.ben, "ann", package="deal", parties="ann")
    accepts(story.ben, grain)
    accepts(story.ann, port)
    assert state(story, grain) is State.ACCEPTED
    assert state(story, port) is State.ACCEPTED


def test_a_confirmation_on_a_suspended_part_still_counts(story: Story) -> None:
    grain, port = a_deal(story)
    report = reports(story.ann, grain, done=True)
    suspends(story.ann, RESCUE)
    assert state(story, grain) is State.SUSPENDED
    story.ben.does(Confirm(milestone=report))
    assert state(story, grain) is State.FULFILLED
    assert state(story, port) is State.SUSPENDED, "ann alone was to receive it, and has suspended its part"
