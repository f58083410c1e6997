"""Who holds what: positions stay on their version, holders are asked once, the three tones never mix."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allweather.council.bodies import (
    Expectation,
    Leave,
    Overrule,
    Position,
    Revision,
    Statement,
    Suspend,
    Withdraw,
)
from allweather.council.forms import Shade
from allweather.council.holding import (
    CHECKS,
    RESPONSES,
    Holder,
    expected,
    holding,
    level_of,
    refused_expectations,
)
from tests.council.speaking import MISSING, council, folded, name, speaks_for, tables, would
from tests.council.story import DAY, Story

ANN, BEN, CAT = "council/ann", "council/ben", "council/cat"


def holds(story: Story, text: str, who: str) -> Holder:
    found = holding(story.view(), text).holder(f"council/{who}")
    assert found is not None
    return found


def takes(story: Story, who: str, on: str, response: Shade, **more: Any) -> str:
    return story.people[who].does(Position(on=on, response=response, **more))


def says(story: Story, text: str, who: str) -> list[str]:
    return [one.says for one in holds(story, text, who).current]


def asked(story: Story, text: str) -> list[str]:
    return [one.partition("/")[2] for one in holding(story.view(), text).asked]


# A text changes


def test_positions_stay_on_their_version_and_holders_are_asked_once() -> None:
    story = council()
    one = tables(story.ann)
    takes(story, "ann", one, "support")
    takes(story, "ben", one, "oppose", intensity=80, reasons="We were not asked.")
    assert asked(story, one) == []
    two = story.ann.does(Revision(text=one, after=one, words="We share the water equally."))
    assert says(story, one, "ben") == ["oppose (on version 1)"]
    assert asked(story, one) == ["ann", "ben"], "cat holds nothing and is not asked"
    takes(story, "ben", two, "conditional", condition="the dam stays shut")
    assert says(story, two, "ben") == ["conditional if the dam stays shut", "oppose (on version 1)"]
    assert asked(story, two) == ["ann"]
    story.ben.does(Withdraw(act=story.fold().of(Position)[-1].ref))
    assert asked(story, two) == ["ann"], "who has answered is not asked again"
    assert says(story, two, "ben") == ["oppose (on version 1)"]
    three = story.ann.does(Revision(text=one, after=two, words="We share it by need."))
    assert asked(story, three) == ["ann", "ben"], "once for each new version"
    assert [version.label for version in holds(story, one, "ben").asked] == ["3"]
    story.ann.does(Withdraw(act=one))
    assert asked(story, one) == []
    assert would(story.cat, Position(on=three, response="support")) == f"{name(story, one)} is withdrawn"


def test_two_new_versions_are_both_asked_about() -> None:
    story = council()
    seed = speaks_for(story, "ann", "cat")
    one = tables(story.ann)
    takes(story, "ben", one, "support")
    story.cut("cat")
    mine = story.ann.does(Revision(text=one, after=one, words="Equally."))
    body = Revision(text=one, after=one, words="By need.", on_behalf=ANN)
    theirs = story.cat.does(body, delegate=seed)
    story.heal("cat")
    assert {version.ref for version in holds(story, one, "ben").asked} == {mine, theirs}
    takes(story, "ben", mine, "consent")
    assert [version.ref for version in holds(story, one, "ben").asked] == [theirs]


# What counts


def test_the_last_position_in_the_own_log_counts() -> None:
    story = council()
    one = tables(story.ann)
    first = takes(story, "ben", one, "oppose")
    story.passes(days=-2)  # a clock that was set back changes nothing
    second = takes(story, "ben", one, "consent", held="2003")
    holder = holds(story, one, "ben")
    assert [held.act.ref for held in holder.current] == [second]
    assert [held.act.ref for held in holder.earlier] == [first]
    story.ben.does(Withdraw(act=second))
    holder = holds(story, one, "ben")
    assert [held.act.ref for held in holder.current] == [first]
    assert [held.act.ref for held in holder.withdrawn] == [second]
    assert would(story.cat, Withdraw(act=first)) == f"only ben can withdraw {name(story, first)}"
    story.cat.does(Withdraw(act=first))
    assert says(story, one, "ben") == ["oppose"]


def test_own_before_common_and_inferred_beside() -> None:
    story = council()
    one = tables(story.ann)
    read = takes(story, "desk", one, "oppose", basis="inferred", member=BEN, reasons="a press report")
    assert holds(story, one, "ben").current == ()
    assert asked(story, one) == []
    takes(story, "ben", one, "support", basis="common")
    assert [held.tone for held in holds(story, one, "ben").current] == ["common"]
    own = takes(story, "ben", one, "abstain", basis="own", member=BEN)
    takes(story, "ben", one, "support", basis="common")
    other = takes(story, "cat", one, "conditional", condition="so they say", basis="inferred", member=BEN)
    holder = holds(story, one, "ben")
    assert [(held.act.ref, held.tone, held.says) for held in holder.current] == [(own, "own", "abstain")]
    assert [held.act.ref for held in holder.inferred] == [other, read]
    assert [held.by for held in holder.inferred] == [CAT, "council/desk"]
    assert holds(story, one, "cat").current == ()


def test_nobody_speaks_for_another() -> None:
    story = council()
    one = tables(story.ann)
    refusals = {
        ("cat", "own", BEN): "only ben takes its own positions; what is read of it is inferred",
        ("cat", "common", BEN): "only ben takes its own positions; what is read of it is inferred",
        ("cat", "inferred", ""): "an inferred position names the member of whom it is read",
        ("cat", "inferred", CAT): "what a member says of itself is its own position, not inferred",
        ("cat", "inferred", "council/dan"): "dan is no member of the council",
        (
            "desk",
            "own",
            "",
        ): "desk is no member and has no position of its own; it can record an inferred one",
    }
    for (who, basis, member), sentence in refusals.items():
        body = Position(on=one, response="oppose", basis=basis, member=member)  # type: ignore[arg-type]
        assert would(story.people[who], body) == sentence
        takes(story, who, one, "oppose", basis=basis, member=member)
    takes(story, "chair", one, "oppose")
    found = holding(story.view(), one)
    assert [holder.current + holder.inferred for holder in found.holders] == [(), (), ()]
    assert sorted(one.why for one in found.refused) == sorted(
        [*refusals.values(), "chair has no seat for this: it takes a member or the secretariat"]
    )


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"response": "conditional"}, "a conditional position names its condition"),
        (
            {"held": "last spring"},
            "'last spring' is not a date; write 2009-09-18, 2009-09, 2009, 2000-2008, ",
        ),
        ({"held": "2011"}, "it is said to be held from 2011, after the day on which it was signed"),
        (
            {"held": "2009-09-20"},
            "it is said to be held from 2009-09-20, after the day on which it was signed",
        ),
        ({"held": "2009-09-19"}, ""),
        ({"held": "c.2005"}, ""),
        ({"held": "undated"}, ""),
    ],
)
def test_how_a_position_is_written(more: dict[str, Any], sentence: str) -> None:
    story = council()
    one = tables(story.ann)
    body = Position(on=one, **{"response": "support", **more})
    assert (would(story.ben, body) or "").startswith(sentence)
    assert (would(story.ben, body) is None) == (sentence == "")
    story.ben.does(body)
    assert (len(holds(story, one, "ben").current) == 1) == (sentence == "")


def test_a_position_needs_a_text() -> None:
    story = council()
    said = story.ann.does(Statement(words="Listen."))
    assert would(story.ben, Position(on=said, response="support")) == f"{name(story, said)} is no text"
    assert would(story.ben, Position(on=MISSING, response="support")) == (
        "no text with the reference AAAAAAAA… is held here; fetch the record and try again"
    )
    one = tables(story.ann)
    false = story.ben.does(Revision(text=one, after=one, words="Mine."))
    takes(story, "cat", false, "support")
    sentence = (
        f"{name(story, false)} does not count: only ann revises {name(story, one)}; table a text of your own"
    )
    assert [why.why for why in holding(story.view(), one).refused] == [sentence]


def test_since_when_it_is_held() -> None:
    story = council()
    one = tables(story.ann)
    takes(story, "ben", one, "support", held="2005-2008")
    (held,) = holds(story, one, "ben").current
    assert held.since is not None
    assert (held.since.text, held.version.label, held.by) == ("2005-2008", "1", BEN)
    takes(story, "cat", one, "support")
    newest = holds(story, one, "cat").newest
    assert newest is not None
    assert newest.since is None


def test_who_leaves_holds_nothing_and_who_walks_out_keeps_it() -> None:
    story = council()
    one = tables(story.ann)
    takes(story, "ben", one, "support")
    takes(story, "cat", one, "oppose")
    story.ben.does(Suspend(reason="enough for today"))
    story.cat.does(Leave(reason="enough"))
    found = holding(story.view(), one)
    assert [(holder.member, len(holder.current)) for holder in found.holders] == [(ANN, 0), (BEN, 1)]
    assert [why.why for why in found.refused] == ["cat has left the council"]


def test_delegates_elsewhere() -> None:
    story = council()
    seed = speaks_for(story, "ben", "cat")
    one = tables(story.ann)
    lent = story.cat.does(Position(on=one, response="oppose", on_behalf=BEN), delegate=seed)
    assert [held.act.ref for held in holds(story, one, "ben").current] == [lent]
    own = takes(story, "ben", one, "support")
    assert [held.act.ref for held in holds(story, one, "ben").current] == [own], "it had seen the other"
    later = story.cat.does(Position(on=one, response="consent", on_behalf=BEN), delegate=seed)
    assert [held.act.ref for held in holds(story, one, "ben").current] == [later]
    story.ben.does(Overrule(act=later, reason="no"))
    assert [held.act.ref for held in holds(story, one, "ben").current] == [own]


# What is expected


def test_expectations_and_the_perception_gap() -> None:
    story = council()
    one = tables(story.ann)
    first = story.ann.does(Expectation(on=one, member=BEN, response="abstain"))
    story.ann.does(Expectation(on=one, member=BEN, response="oppose", intensity=90))
    story.ben.does(Expectation(on=one, member=ANN, response="support"))
    takes(story, "desk", one, "oppose", basis="inferred", member=BEN)
    assert [(said.author, said.member, said.gap) for said in expected(story.view(), one)] == [
        (ANN, BEN, None),
        (BEN, ANN, None),
    ]
    takes(story, "ben", one, "consent")
    found = expected(story.view(), one)
    assert [(said.response, said.intensity, said.gap) for said in found] == [
        ("oppose", 90, -2),
        ("support", None, None),
    ]
    assert first not in {said.act.ref for said in found}
    two = story.ann.does(Revision(text=one, after=one, words="Equally."))
    story.ann.does(Expectation(on=two, member=BEN, response="support"))
    assert [(said.version.label, said.gap) for said in expected(story.view(), two) if said.author == ANN] == [
        ("1", -2),
        ("2", None),
    ]


def test_expectations_are_of_others_and_of_members() -> None:
    story = council()
    one = tables(story.ann)
    refusals = {
        ANN: "what a member holds itself is a position; expectations are of others",
        "council/dan": "dan is no member of the council",
    }
    for member, sentence in refusals.items():
        assert would(story.ann, Expectation(on=one, member=member, response="oppose")) == sentence
        story.ann.does(Expectation(on=one, member=member, response="oppose"))
    story.desk.does(Expectation(on=one, member=BEN, response="oppose"))
    assert expected(story.view(), one) == ()
    assert [why.why for why in refused_expectations(story.view(), one)] == [
        *refusals.values(),
        "desk has no seat for this: it takes a member",
    ]
    assert would(story.ann, Expectation(on=MISSING, member=BEN, response="oppose")) is not None
    assert CHECKS.keys() == {Position, Expectation}


def test_levels() -> None:
    assert {shade: level_of(shade) for shade in RESPONSES} == {
        "oppose": 0,
        "reserve": 1,
        "mixed": 1,
        "abstain": 1,
        "conditional": 2,
        "consent": 2,
        "support": 3,
    }


# Laws


def test_holding_is_the_same_in_every_order() -> None:
    story = council()
    seed = speaks_for(story, "ben", "cat")
    one = tables(story.ann)
    story.cut("ben", "cat")
    takes(story, "ben", one, "support")
    story.cat.does(Position(on=one, response="consent", on_behalf=BEN), delegate=seed)
    takes(story, "cat", one, "oppose", basis="inferred", member=BEN)
    two = story.ann.does(Revision(text=one, after=one, words="Equally."))
    story.ann.does(Expectation(on=two, member=BEN, response="oppose"))
    takes(story, "ann", two, "support", red_line=True)
    story.heal()
    takes(story, "ben", two, "conditional", condition="a meter")
    story.cat.does(Withdraw(act=story.fold().about(Position, one)[0].ref))
    story.passes(seconds=DAY)
    whole, gaps = holding(story.view(), one), expected(story.view(), one)
    assert says(story, one, "ben") == ["conditional if a meter", "support (on version 1)"]
    assert [said.gap for said in gaps] == [-2]
    for number in range(6):
        view = folded(story, number)
        assert (holding(view, two), expected(view, two)) == (whole, gaps)


shades = st.sampled_from(("support", "consent", "abstain", "oppose"))
steps = st.lists(st.tuples(st.sampled_from(("takes", "withdraws", "revises")), shades), max_size=7)


@settings(max_examples=15, deadline=None)
@given(steps)
def test_asked_is_who_holds_only_what_is_old(done: list[tuple[str, Shade]]) -> None:
    story = council()
    one = newest = tables(story.ann)
    taken: list[tuple[str, str]] = []
    answered: set[str] = set()
    for number, (step, shade) in enumerate(done):
        if step == "takes":
            taken.append((takes(story, "ben", newest, shade), newest))
            answered.add(newest)
        elif step == "revises":
            newest = story.ann.does(Revision(text=one, after=newest, words=f"Version {number}"))
        elif taken:
            story.ben.does(Withdraw(act=taken.pop()[0]))
    holder = holds(story, one, "ben")
    last = {on: ref for ref, on in taken}
    assert {held.version.ref: held.act.ref for held in holder.current} == last
    is_asked = newest not in answered and bool(taken)
    assert [version.ref for version in holder.asked] == ([newest] if is_asked else [])
