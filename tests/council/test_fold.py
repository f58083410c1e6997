"""The fold: one set, whatever the order in which it arrives; what authors had seen; what counts."""

from __future__ import annotations

import pytest

from allweather.council.bodies import KINDS, Concern, Mandate
from allweather.council.fold import Fold
from allweather.council.membership import seats, why_not
from allweather.errors import UnknownName
from tests.council.story import COUNCIL, DAY, Story


def test_founding() -> None:
    story = Story("ann", "ben", "cat", chair="chair")
    found = seats(story.ben.view)
    assert found is not None
    assert found.members == ("council/ann", "council/ben", "council/cat")
    assert found.joined == {*found.members, "council/chair"}
    assert found.chair_at(story.now) == "council/chair"


def test_orders_make_no_difference() -> None:
    story = Story("ann", "ben", "cat")
    for name in ("ann", "ben", "cat"):
        story.people[name].does(Concern(title=f"What {name} is worried about"))
    whole = story.fold()
    for seed in range(5):
        fold = Fold(COUNCIL, KINDS)
        for origin, index in story.orders(seed):
            fold.apply(origin, index, story.logs[origin][index : index + 1])
        assert fold.digest == whole.digest
        assert [act.ref for act in fold.of(Concern)] == [act.ref for act in whole.of(Concern)]


def test_what_was_seen() -> None:
    story = Story("ann", "ben")
    first = story.ann.does(Concern(title="one"))
    second = story.ben.does(Concern(title="two"))
    story.cut("ann")
    third = story.ann.does(Concern(title="three"))
    fourth = story.ben.does(Concern(title="four"))
    fold = story.fold()
    acts = fold.acts
    assert fold.has_seen(acts[second], acts[first])
    assert not fold.has_seen(acts[first], acts[second])
    assert not fold.has_seen(acts[third], acts[fourth])
    assert {act.ref for act in fold.latest([acts[ref] for ref in (first, second, third, fourth)])} == {
        third,
        fourth,
    }


def test_names() -> None:
    story = Story("ann", "ben")
    ref = story.ben.does(Concern(title="one"))
    fold = story.fold()
    assert fold.find(fold.acts[ref].name).ref == ref
    assert fold.find(ref).ref == ref
    for name in ("ben:99", "nobody:0", "ben", "", ":", "ben:\u0663"):
        with pytest.raises(UnknownName):
            fold.find(name)


def test_a_delegate_needs_a_mandate() -> None:
    story = Story("ann", "ben")
    seed = bytes(31) + b"\x01"
    early = story.ann.does(Concern(title="before"), delegate=seed)
    key = story.ann.certifies(seed, "Dora")
    unmandated = story.ann.does(Concern(title="no mandate"), delegate=seed)
    story.ann.does(Mandate(key=key, name="Dora", powers=("speak",), until=story.now + DAY))
    good = story.ann.does(Concern(title="with"), delegate=seed)
    story.passes(days=2)
    late = story.ann.does(Concern(title="late"), delegate=seed)
    view = story.ben.view
    assert why_not(view, view.fold.acts[good]) is None
    assert "certified" in (why_not(view, view.fold.acts[early]) or "")
    assert "no mandate" in (why_not(view, view.fold.acts[unmandated]) or "")
    assert "ended" in (why_not(view, view.fold.acts[late]) or "")
