"""Tracks: the charter's, those of members, those of decisions; and suspending one's part in them."""

from __future__ import annotations

from allweather.cooperation.board import board
from allweather.cooperation.bodies import Offer, ResumePart, Track
from allweather.cooperation.parts import State
from allweather.cooperation.tracks import track, tracks
from allweather.council.bodies import Concern, Receipt, Silence, Text
from allweather.council.membership import seats, why_not
from tests.cooperation.dealing import (
    RESCUE,
    accepts,
    council,
    of,
    offers,
    plain,
    reports,
    state,
    suspends,
    told,
    warned,
    why,
)
from tests.council.story import DAY

NOTHING = "A" * 43 + "="


def test_the_charters_tracks_need_no_act() -> None:
    story = council("ann", "ben", tracks=(RESCUE, "Mines", RESCUE))
    assert [(one.name, one.title, one.is_open) for one in tracks(story.view())] == [
        (RESCUE, RESCUE, True),
        ("Mines", "Mines", True),
    ]
    assert tracks(story.view())[0].sentence == "The charter opens the track 'Rescue at sea'."


def test_any_member_opens_a_track() -> None:
    story = council("ann", "ben")
    concern = story.ben.does(Concern(title="Bread"))
    ref = story.ben.does(Track(title="Grain", area="food", concern=concern, words="ships of grain"))
    found = track(story.view(), ref)
    assert found is not None
    assert (found.title, found.area, found.concern, found.words) == (
        "Grain",
        "food",
        concern,
        "ships of grain",
    )
    assert found.sentence == "ben has opened the track 'Grain'."
    offer = offers(story.ann, "ben", track=ref)
    assert state(story, offer) is State.OFFERED
    assert track(story.view(), NOTHING) is None


def test_one_title_is_one_track_for_who_has_seen_it() -> None:
    story = council("ann", "ben", "cat")
    story.cut("cat")
    first = story.ann.does(Track(title="Grain"))
    second = story.ben.does(Track(title="Grain"))
    apart = story.cat.does(Track(title="Grain"))
    story.heal()
    assert why(story, second) == "ann:n had opened the track 'Grain' already; use that one"
    # Cat could not know of the first; both stand, each with its own commitments.
    assert [one.name for one in tracks(story.view())] == [RESCUE, first, apart]
    assert warned(story.ann, Track(title=RESCUE)) == (
        "the charter opens the track 'Rescue at sea' already; use that one"
    )
    assert why(story, offers(story.ann, "ben", track=second)) == (
        "the track ben:n does not count: ann:n had opened the track 'Grain' already; use that one"
    )


def test_the_chair_opens_a_track_only_by_a_decision() -> None:
    story = council("ann", "ben", chair="chair")
    assert warned(story.chair, Track(title="Grain")) == (
        "chair is no member, so it opens a track only by a decision; name the decision"
    )
    assert warned(story.chair, Track(title="Grain", decision=NOTHING)) == (
        "the decision that it names is not held here; fetch the log that it is in"
    )
    assert warned(story.ann, Track(title="Grain", decision=story.charter)) == (
        "ann:n is no decision; name the act that opened the silence"
    )
    assert warned(story.ann, Track(title="Grain", concern=NOTHING)) == (
        "the concern that it names is not held here; name one of the agenda, or none"
    )


def test_a_track_of_a_decision_opens_when_it_is_adopted() -> None:
    story = council("ann", "ben", chair="chair")
    concern = story.ann.does(Concern(title="Bread"))
    text = story.ann.does(Text(concern=concern, title="A track", words="There is a track on grain."))
    decision = story.ann.does(Silence(concern=concern, text=text, expires_at=story.now + DAY))
    ref = story.chair.does(Track(title="Grain", decision=decision))
    offer = offers(story.ann, "ben", track=ref)
    accepts(story.ben, offer)
    found = track(story.view(), ref)
    assert found is not None
    assert not found.is_open
    assert plain(found.sentence) == "The decision ann:n opens the track 'Grain' once adopted."
    assert told(story, offer).endswith("accepted, waiting for the decision ann:n to open the track.")

    story.ben.does(Receipt(decision=decision, text=text))
    story.passes(days=2)
    assert state(story, offer) is State.ACTIVE
    opened = track(story.view(), ref)
    assert opened is not None
    assert plain(opened.sentence) == "The decision ann:n opens the track 'Grain'."


def test_a_member_suspends_its_own_part_and_nobody_elses() -> None:
    story = council("ann", "ben", "cat", tracks=(RESCUE, "Mines"))
    mine, theirs = offers(story.ann, "ben"), offers(story.ben, "cat")
    elsewhere = offers(story.ann, "ben", track="Mines")
    for person, offer in ((story.ben, mine), (story.cat, theirs), (story.ben, elsewhere)):
        accepts(person, offer)
    suspension = suspends(story.ann, RESCUE)
    assert state(story, mine) is State.SUSPENDED
    assert state(story, theirs) is State.ACTIVE
    assert state(story, elsewhere) is State.ACTIVE
    found = tracks(story.view())[0]
    assert found.suspended_by == of("ann")
    assert found.sentence == (
        "The charter opens the track 'Rescue at sea'; suspended for their part by ann, "
        "to be looked at again by 08:00 UTC on 18 October 2009."
    )
    again = Offer(track=RESCUE, what="x", by=story.now + DAY)
    first = "ann has suspended its part in this track (ann:n); resume it first"
    assert warned(story.ann, again) == first
    assert why(story, story.ann.does(again)) == first
    assert why(story, reports(story.ann, mine)) == first
    assert why(story, accepts(story.ann, offers(story.ben))) == first
    assert why(story, story.ben.does(ResumePart(suspension=suspension))) == (
        "only ann, which suspended its part, resumes it"
    )
    story.ann.does(ResumePart(suspension=suspension))
    assert state(story, mine) is State.ACTIVE
    assert tracks(story.view())[0].suspended_by == ()


def test_the_council_notices_nothing() -> None:
    story = council("ann", "ben")
    suspends(story.ann, RESCUE)
    concern = story.ann.does(Concern(title="Bread"))
    text = story.ann.does(Text(concern=concern, title="A text", words="Words."))
    view = story.view()
    assert [why_not(view, view.fold.acts[ref]) for ref in (concern, text)] == [None, None]
    found = seats(view)
    assert found is not None
    assert found.suspended == frozenset()


def test_a_suspension_needs_a_later_review_and_a_track() -> None:
    story = council("ann", "ben")
    assert why(story, suspends(story.ann, RESCUE, days=0)) == (
        "its review date 08:00 UTC on 18 September 2009 is not after the suspension; give a later one"
    )
    assert "is no track that is held here" in (why(story, suspends(story.ann, "Mines")) or "")


def test_the_board() -> None:
    story = council("ann", "ben", tracks=(RESCUE, "Mines"))
    one, other = offers(story.ann, "ben"), offers(story.ben, "ann")
    accepts(story.ben, one)
    third = offers(story.ann)
    stray = accepts(story.ann, third)
    found = board(story.view())
    assert [(row.state, [c.offer.ref for c in row.commitments]) for row in found.tracks[0].rows] == [
        (State.OFFERED, [third, other]),
        (State.ACTIVE, [one]),
    ]
    assert found.tracks[0].n_commitments == 3
    assert found.tracks[1].rows == ()
    assert [refusal.ref for refusal in found.refused] == [stray]
    assert plain(found.refused[0].why) == "ann:n is ann's own offer; it can only withdraw it"
