"""What waits for a member: what it can do or was asked, deadlines first, and nobody is asked twice."""

from __future__ import annotations

import copy

import pytest

from allweather.cooperation import bodies as work
from allweather.council import bodies as b
from allweather.node.folding import KINDS
from allweather.node.waiting import waiting
from tests.council.busy import busy, origin
from tests.council.deciding import Council
from tests.council.story import DAY, HOUR, Story


@pytest.fixture(scope="module")
def council() -> Story:
    return busy()


@pytest.fixture
def story(council: Story) -> Story:
    return copy.deepcopy(council)


def waits(story: Story, name: str, mark: str = "") -> list[str]:
    """The sentences that wait for somebody (about one act)."""
    found = waiting(story.view(), origin(name))
    ref = story.__dict__["marks"][mark] if mark else ""
    return [one.sentence for one in found if not ref or one.about.ref == ref]


def test_what_has_a_deadline_comes_first(story: Story) -> None:
    for name in ("ann", "ben", "cat"):
        found = waiting(story.view(), origin(name))
        dated = [one.by for one in found if one.by]
        assert dated == sorted(dated)
        assert [bool(one.by) for one in found] == sorted((bool(one.by) for one in found), reverse=True)
        assert len({(one.about.ref, one.sentence) for one in found}) == len(found)
        for one in found:
            assert one.sentence.endswith((".", "?"))
            assert "\n" not in one.sentence


@pytest.mark.parametrize("name", ["dan", "chair", "desk", "eve", "nobody"])
def test_nothing_waits_for_who_is_no_member(story: Story, name: str) -> None:
    assert waits(story, name) == []


def test_an_empty_seat_waits_to_be_taken() -> None:
    story = Council("ann", "ben", also="cat")
    found = waiting(story.view(), origin("cat"))
    assert [(one.about.ref, one.sentence) for one in found] == [
        (story.charter, "Your seat is empty: join to take it.")
    ]


def test_a_silence_waits_until_somebody_objects(story: Story) -> None:
    assert waits(story, "ben", "running") == [
        "In silence until 21:00 UTC on 27 September 2009: object, or let it pass."
    ] or waits(story, "ben", "running")[0].startswith("In silence until")
    assert waits(story, "ann", "running") == []
    ref = story.ben.does(b.Object(decision=story.__dict__["marks"]["running"], reason="No"))
    assert waits(story, "ben", "running") == []
    story.__dict__["marks"]["mine"] = ref
    assert waits(story, "ann", "mine") == ["ben objects to your text: answer its points."]
    story.ann.does(b.Answer(objection=ref, words="But look"))
    assert waits(story, "ann", "mine") == []
    assert waits(story, "ben", "mine") == ["Your objection was answered: clear it, or let it stand."]
    story.ben.does(b.Clear(objection=ref))
    assert waits(story, "ben", "mine") == []


def test_a_reservation_waits_once(story: Story) -> None:
    assert waits(story, "ben", "adopted")[0].startswith("Adopted: you may enter a reservation until")
    assert waits(story, "cat", "adopted") == []  # it has entered one
    story.passes(days=8)
    assert waits(story, "ben", "adopted") == []


def test_a_round_waits_to_be_sealed_and_then_to_be_opened(story: Story) -> None:
    assert waits(story, "cat", "open")[0].startswith("A sealed round is open until")
    assert waits(story, "ben", "open") == []
    assert waits(story, "ben", "closed") == ["A round has closed: reveal what you sealed."]
    assert waits(story, "ann", "closed") == []
    assert waits(story, "cat", "closed") == []
    story.passes(days=20)
    assert waits(story, "cat", "open") == []
    assert waits(story, "ben", "open") == ["A round has closed: reveal what you sealed."]


def test_a_text_waits_for_a_position_and_after_a_change_once_more(story: Story) -> None:
    changed = "The text has changed since you took your position: does it still hold?"
    version = story.__dict__["marks"]["version"]
    assert waits(story, "cat", "version") == [changed]
    assert waits(story, "ben", "version") == []
    assert waits(story, "ben", "frozen") == ["No position of yours is on record."]
    ref = story.cat.does(b.Position(on=version, response="abstain"))
    assert waits(story, "cat", "version") == []
    story.cat.does(b.Withdraw(act=ref))
    assert waits(story, "cat", "version") == []  # nobody is asked twice


def test_who_is_named_may_reply(story: Story) -> None:
    assert waits(story, "cat", "said") == ["ann names you: you may reply, once, beside it."]
    assert waits(story, "ben", "said") == []


def test_open_brackets_wait_for_their_holders(story: Story) -> None:
    assert waits(story, "ben", "disputed") == ["You hold words in an open bracket."]
    assert waits(story, "cat", "disputed") == []


def test_offers_steps_and_deadlines_wait() -> None:
    story = Story("ann", "ben", "cat", kinds=KINDS, tracks=("Water",))
    marks = story.__dict__["marks"] = {}
    offer = work.Offer(track="Water", what="Gauges", by=story.now + DAY, to=(origin("ben"),))
    marks["offer"] = story.ann.does(offer)
    assert waits(story, "ben", "offer") == ["ann offers you this: accept or decline."]
    assert waits(story, "cat") == []
    story.ben.does(work.Accept(offer=marks["offer"]))
    assert waits(story, "ben", "offer") == []
    story.passes(hours=1)
    marks["step"] = story.ann.does(work.Milestone(offer=marks["offer"], words="One"))
    assert waits(story, "ben", "step") == ["ann reports a step: confirm or dispute it."]
    story.ben.does(work.Confirm(milestone=marks["step"]))
    assert waits(story, "ben", "step") == []
    story.passes(seconds=DAY + HOUR)
    assert waits(story, "ann", "offer") == ["Overdue since 08:00 UTC on 19 September 2009: report on it."]
