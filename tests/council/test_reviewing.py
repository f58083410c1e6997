"""The bridge to the joint review: what enters it, what does not, and that any member finds the same."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest

from allweather.council.acts import Act
from allweather.council.bodies import (
    KINDS,
    Bloc,
    Concern,
    Expectation,
    Leave,
    Position,
    Review,
    Revision,
    Text,
    Withdraw,
)
from allweather.council.fold import Fold
from allweather.council.forms import Shade
from allweather.council.reviewing import (
    CHECKS,
    RED_LINE_INTENSITY,
    blocs_of,
    check_review,
    expectations_of,
    frontier,
    inputs_digest,
    positions_of,
    refused_reviews,
    review_inputs,
    reviews,
    view_of,
)
from allweather.council.view import View
from allweather.errors import NothingToReview, NotVerified, Refused
from allweather.positions import Basis, Body, Response, format_date
from allweather.record.keys import format_base64
from allweather.review import JointReview, linking
from tests.council.speaking import MISSING, council, folded, name, tables, would
from tests.council.story import COUNCIL, DAY, Story

BEN = "council/ben"
DIGEST = format_base64(bytes(32))


def takes(story: Story, who: str, on: str, response: Shade, **more: Any) -> str:
    return story.people[who].does(Position(on=on, response=response, **more))


def rows(view: View, concern: str = "") -> list[tuple[str, str, Response, Basis]]:
    found = positions_of(view, concern)
    entries = [found.entry(k) for k in range(len(found))]
    return [(one.member.id, one.question.id, one.response, one.basis) for one in entries]


# What enters


def test_members_and_current_texts_enter() -> None:
    story = council()
    concern = story.ann.does(Concern(title="Water", area="rivers"))
    one = tables(story.ann, "We share.", concern)
    old = tables(story.ben, "A dam.", concern)
    new = story.ben.does(Revision(text=old, after=old, words="A low dam."))
    gone = tables(story.cat, "A canal.", concern)
    story.cat.does(Withdraw(act=gone))
    long = story.cat.does(Text(concern=concern, title="At length", words="words " * 100, area="speech"))
    takes(story, "ann", one, "support")
    takes(story, "ben", one, "consent")
    takes(story, "ben", old, "support")
    takes(story, "cat", new, "oppose")
    takes(story, "cat", gone, "support")
    found = positions_of(story.view())
    assert (found.title, found.body) == ("A council", Body.COUNCIL)
    assert [(one.id, one.name) for one in found.members] == [("ann", "ann"), ("ben", "ben"), ("cat", "cat")]
    assert [(one.id, one.text, one.area, one.author) for one in found.questions] == [
        (name(story, one), "We share.", "rivers", "ann"),
        (name(story, new), "A low dam.", "rivers", "ben"),
        (name(story, long), "At length", "speech", "cat"),
    ]
    assert rows(story.view()) == [
        ("ann", name(story, one), Response.SUPPORT, Basis.OWN),
        ("ben", name(story, one), Response.CONSENT, Basis.OWN),
        ("cat", name(story, new), Response.OPPOSE, Basis.OWN),
    ]


def test_the_three_tones_enter_apart_and_own_comes_first() -> None:
    story = council()
    one = tables(story.ann)
    takes(story, "desk", one, "oppose", basis="inferred", member=BEN)
    takes(story, "ben", one, "support", basis="common")
    own = takes(story, "ben", one, "abstain", intensity=70, reasons="not now", evidence=("q1",), held="2008")
    found = positions_of(story.view())
    assert [(row[2], row[3]) for row in rows(story.view())] == [
        (Response.ABSTAIN, Basis.OWN),
        (Response.SUPPORT, Basis.COMMON),
        (Response.OPPOSE, Basis.INFERRED),
    ]
    current = found.current()
    entry = current.entry(0)
    assert (len(current), entry.response, entry.intensity) == (1, Response.ABSTAIN, 70.0)
    assert format_date(entry.known_by) == "2008-12-31"
    assert (entry.note.text, entry.note.date, entry.note.origin) == ("not now", "2008", name(story, own))
    assert entry.note.sources == (own, "q1")
    assert found.sources[own].title == f"{name(story, own)}, signed by ben"
    assert found.entry(2).note.text == "as desk reads it"


def test_a_condition_leads_its_note() -> None:
    story = council()
    one = tables(story.ann)
    takes(
        story, "ben", one, "conditional", condition="a meter is built", reasons="we lost count", red_line=True
    )
    assert positions_of(story.view()).entry(0).note.text == "a meter is built; we lost count; a red line"


def test_red_lines_are_drawn_by_their_holders() -> None:
    assert RED_LINE_INTENSITY == linking.RED_LINE_INTENSITY
    story = council("ann", "ben", "cat", "dan")
    one = tables(story.ann)
    takes(story, "ann", one, "oppose", red_line=True, intensity=20)
    takes(story, "ben", one, "oppose", intensity=20)
    takes(story, "cat", one, "oppose", red_line=True, basis="inferred", member="council/dan", intensity=100)
    takes(story, "cat", one, "consent", red_line=True)
    found = positions_of(story.view())
    assert found.intensity.tolist()[:2] == [RED_LINE_INTENSITY, 20.0]
    assert np.isnan(found.intensity[2])
    assert found.intensity[3] == RED_LINE_INTENSITY - 1


def test_what_was_said_before_is_found_as_of_an_earlier_day() -> None:
    story = council()
    one = tables(story.ann)
    takes(story, "ben", one, "oppose")
    story.passes(days=2)
    takes(story, "ben", one, "consent")
    takes(story, "ben", one, "support")
    found = positions_of(story.view())
    today = story.now // DAY
    assert [format_date(int(day)) for day in found.known_by] == ["2009-09-18", "2009-09-20"]
    assert [int(found.before(day).current().response[0]) for day in (today - 2, today - 1, today)] == [
        Response.OPPOSE,
        Response.OPPOSE,
        Response.SUPPORT,
    ]
    takes(story, "ben", one, "abstain", held="2003")
    found = positions_of(story.view())
    assert found.current().response.tolist() == [Response.ABSTAIN], "the last in the log, whatever its date"


def test_one_concern_at_a_time() -> None:
    story = council()
    one, two = tables(story.ann), tables(story.ben)
    takes(story, "ann", one, "support")
    takes(story, "ann", two, "oppose")
    concern = story.fold().body(two, Text)
    assert concern is not None
    assert rows(story.view(), concern.concern) == [("ann", name(story, two), Response.OPPOSE, Basis.OWN)]
    assert inputs_digest(story.view()) != inputs_digest(story.view(), concern.concern)


def test_blocs_come_from_the_charter() -> None:
    blocs = (
        Bloc("North", ("council/ann", BEN, "council/ann")),
        Bloc("South", (BEN, "council/cat", "council/eve")),
        Bloc("South", ("council/dan",)),
        Bloc("Nobody", ("council/eve",)),
    )
    story = Story("ann", "ben", "cat", "dan", blocs=blocs)
    assert [(one.name, one.members) for one in blocs_of(story.view())] == [
        ("North", ("ann", "ben")),
        ("South", ("cat",)),
    ]
    story.cat.does(Leave(reason="enough"))
    assert [one.name for one in blocs_of(story.view())] == ["North", "South"]
    assert [one.members for one in blocs_of(story.view())] == [("ann", "ben"), ("dan",)]


def test_expectations_stand_beside() -> None:
    story = council()
    one = tables(story.ann)
    before = inputs_digest(story.view())
    story.ann.does(Expectation(on=one, member=BEN, response="oppose"))
    takes(story, "ben", one, "consent")
    assert [(said.author, said.member, said.gap) for said in expectations_of(story.view())] == [
        ("council/ann", BEN, -2)
    ]
    assert inputs_digest(story.view()) != before


def test_without_a_charter_there_is_nothing() -> None:
    view = Story("ann", found=False).view()
    with pytest.raises(NothingToReview, match="no charter of council is held here"):
        positions_of(view)
    assert blocs_of(view) == ()
    assert frontier(view) == ()


# The review of a council's own positions


def lively() -> Story:
    """Six members on six texts: two sides, one text that unites, one on which most are silent."""
    names = ("ann", "ben", "cat", "dan", "eve", "fay")
    blocs = (
        Bloc("North", tuple(f"council/{one}" for one in names[:3])),
        Bloc("South", tuple(f"council/{one}" for one in names[3:])),
    )
    story = Story(*names, chair="chair", secretariat="desk", blocs=blocs)
    texts = [tables(story.people[one], f"The text of {one}.") for one in names]
    for i, who in enumerate(names):
        for j, text in enumerate(texts):
            if j == 5 and i not in (0, 3):
                continue
            response: Shade = "support"
            if 0 < j < 5 and (i < 3) != (j % 2 == 0):
                response = "oppose" if j < 3 else "conditional"
            takes(story, who, text, response, condition="it is paid for" if response == "conditional" else "")
    return story


def test_the_review_of_a_councils_own_positions_runs() -> None:
    story = lively()
    view = story.view()
    found = JointReview(seed=3, n_threads=1).fit(positions_of(view), blocs_of(view)).review_
    assert (found.n_members, found.n_questions, found.n_answers) == (6, 6, 32)
    verdict = {one.question: one.verdict.value for one in found.questions}
    texts = [act.name for act in view.fold.of(Text)]
    assert [verdict[one] for one in texts[:3]] == ["converges", "differs", "differs"]
    assert sorted(party.id for party in found.parties if party.kind.value == "bloc") == ["North", "South"]
    again = JointReview(seed=3, n_threads=1).fit(positions_of(folded(story, 1)), blocs_of(view)).review_
    assert again == found


# Tabling and checking


def table_review(story: Story, who: str = "desk", **more: Any) -> str:
    view = story.people[who].view
    body = {
        "title": "Where we stand",
        "as_of": "2009-09-18",
        "seed": 3,
        "frontier": frontier(view),
        "inputs": inputs_digest(view),
        "result": DIGEST,
        "version": "allweather 1",
        **more,
    }
    return story.people[who].does(Review(**body))


def test_any_member_recomputes_the_inputs() -> None:
    story = lively()
    ref = table_review(story)
    takes(story, "ben", story.fold().of(Text)[0].ref, "oppose")
    view = story.ann.view
    act = view.fold.acts[ref]
    assert inputs_digest(view) != act.body.inputs  # type: ignore[attr-defined]
    then = view_of(view, act, lambda origin, size: story.logs[origin][:size])
    assert then.at == act.at
    assert check_review(view, act, inputs_digest(then)) is None
    assert [one.ref for one in reviews(view)] == [ref]
    false = "B" * 42 + "A="
    assert check_review(view, act, false) == (
        "it was not computed from the positions on record as of 08:00 UTC on 18 September 2009: "
        f"its inputs are {inputs_digest(then)[:8]}…, recomputed they are BBBBBBBB…"
    )


def test_what_is_not_held_or_another_face_is_said() -> None:
    story = council()
    tables(story.ann)
    ref = table_review(story)
    view = story.ann.view
    act = view.fold.acts[ref]
    with pytest.raises(Refused, match=r"rests on \d+ entries of ann; 2 are held here: fetch the rest first"):
        view_of(view, act, lambda origin, size: story.logs[origin][:2])
    body = act.body
    assert isinstance(body, Review)
    (origin, size, _), *others = body.frontier
    forged = Act(
        MISSING, act.origin, act.index, act.at, replace_frontier(body, ((origin, size, MISSING), *others))
    )
    with pytest.raises(NotVerified, match="the log of ann that is held here is not the one of"):
        view_of(view, forged, lambda origin, size: story.logs[origin][:size])


def replace_frontier(body: Review, found: Any) -> Review:
    return Review(
        title=body.title,
        as_of=body.as_of,
        seed=body.seed,
        frontier=found,
        inputs=body.inputs,
        result=body.result,
        version=body.version,
    )


def test_a_review_is_checked_before_it_is_signed() -> None:
    story = council()
    one = tables(story.ann)
    takes(story, "ben", one, "support")
    view = story.desk.view
    good = Review(
        title="Now",
        as_of="2009-09-18",
        seed=0,
        frontier=frontier(view),
        inputs=inputs_digest(view),
        result=DIGEST,
        version="allweather 1",
    )
    assert would(story.desk, good) is None
    assert would(story.desk, replace_frontier(good, frontier(view)[:-1])) == (
        "it names another frontier than what is held here; review again"
    )
    unordered = replace_frontier(good, frontier(view)[::-1])
    assert would(story.desk, unordered) == "its frontier does not name each log once, in order"
    ref = story.desk.does(unordered)
    assert [(why.ref, why.why) for why in refused_reviews(story.view())] == [
        (ref, "its frontier does not name each log once, in order")
    ]
    ref = table_review(story, as_of="one day")
    assert [why.ref for why in refused_reviews(story.view())][-1] == ref
    ref = table_review(story, concern=one)
    assert [(why.ref, why.why) for why in refused_reviews(story.view(), one)] == [
        (ref, f"{name(story, one)} is no concern")
    ]
    assert reviews(story.view()) == ()
    assert list(CHECKS) == [Review]


def test_names_stay_apart_in_a_log_with_two_faces() -> None:
    story = council()
    concern = story.ann.does(Concern(title="Water"))
    one = story.ann.does(Text(concern=concern, title="Mine", words="One face."))
    fold = story.fold()
    place = fold.acts[one].index
    story.ann.log[place:] = []
    story.ann.held[story.ann.origin] = place
    other = story.ann.does(Text(concern=concern, title="Mine", words="Another face."), quietly=True)
    fold.apply(story.ann.origin, place, story.ann.log[place:])
    view = View(fold, story.now)
    assert [one.id for one in positions_of(view).questions] == [
        f"ann:{place}:{ref[:8]}" for ref in sorted((one, other))
    ]
    assert fold.find(f"ann:{place}:{one[:8]}").ref == one


# Laws


def test_inputs_are_the_same_in_every_order() -> None:
    story = lively()
    text = story.fold().of(Text)[0].ref
    story.cut("ben")
    story.ben.does(Position(on=text, response="oppose", red_line=True))
    takes(story, "cat", text, "oppose", basis="inferred", member=BEN)
    takes(story, "desk", text, "abstain", basis="inferred", member=BEN)
    story.ann.does(Expectation(on=text, member=BEN, response="oppose"))
    story.heal("ben")
    whole = story.view()
    expected = review_inputs(whole)
    assert inputs_digest(whole) == format_base64(hashlib.sha256(expected).digest())
    for seed in range(4):
        view = folded(story, seed)
        assert review_inputs(view) == expected
        assert frontier(view) == frontier(whole)
    fold = Fold(COUNCIL, KINDS)
    for origin, log in sorted(story.logs.items(), reverse=True):
        fold.apply(origin, 0, log)
    assert frontier(View(fold, story.now)) == frontier(whole)
