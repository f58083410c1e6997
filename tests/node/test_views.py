"""Views: every one by its name, as plain JSON values, with its parameters checked."""

from __future__ import annotations

import copy
import json
from typing import Any

import msgspec
import pytest

from allweather.council import bodies as b
from allweather.council.view import View
from allweather.errors import InputError, Refused, UnknownName
from allweather.node.views import VIEWS, headline, read_view
from allweather.record.canonical import format_canonical
from tests.council.busy import busy, origin
from tests.council.law import everything
from tests.council.story import DAY, Story
from tests.node.sitting import Table


@pytest.fixture(scope="module")
def council() -> Story:
    return busy()


@pytest.fixture
def story(council: Story) -> Story:
    return copy.deepcopy(council)


def show(story: Story, name: str, **asked: str) -> Any:
    """A view by one who holds everything."""
    return VIEWS[name].show(story.view(), asked)


def test_all_views_are_plain_values_with_one_spelling(story: Story) -> None:
    found = {
        name: value for name, value in everything(story.fold(), story.now).items() if "waiting" not in name
    }
    assert json.loads(msgspec.json.encode(found)) == json.loads(format_canonical(found))
    assert len(found) > 300


def test_every_act_has_a_view_and_a_row_in_the_minutes(story: Story) -> None:
    rows = {row["id"]: row for row in show(story, "minutes")}
    acts = story.fold().acts
    assert rows.keys() == {act.name for act in acts.values()}
    for ref, act in acts.items():
        found = show(story, "act", id=ref)
        assert found == show(story, "act", id=act.name)
        assert (found["ref"], found["kind"], found["at"]) == (ref, act.kind, act.at)
        assert ("why_not" in found) is not rows[act.name]["counts"]


def test_the_minutes_come_in_pages(story: Story) -> None:
    whole = show(story, "minutes")
    assert [(row["at"]) for row in whole] == sorted(row["at"] for row in whole)
    assert show(story, "minutes", limit="5") == whole[-5:]
    assert show(story, "minutes", limit="999999999") == whole
    assert show(story, "minutes", before=whole[3]["id"]) == whole[:3]
    assert show(story, "minutes", before=whole[0]["id"], limit="7") == []
    pages: list[Any] = []
    before: dict[str, str] = {}
    while page := show(story, "minutes", limit="7", **before):
        pages = [*page, *pages]
        before = {"before": page[0]["id"]}
    assert pages == whole
    for limit in ("0", "-1", "", "1.5", "\u0663", "9" * 10, "ten"):
        with pytest.raises(InputError, match="limit is a whole number"):
            show(story, "minutes", limit=limit)
    with pytest.raises(UnknownName):
        show(story, "minutes", before="nobody:99")


def test_what_a_member_did_before_it_left_counts_and_later_acts_do_not(story: Story) -> None:
    assert all(row["counts"] for row in show(story, "minutes") if row["member"] == "dan")
    late = story.dan.does(b.Concern(title="Once more"))
    assert show(story, "act", id=late)["why_not"] == "dan has left the council"


def test_a_view_names_what_belongs_to_what(story: Story) -> None:
    marks = story.__dict__["marks"]
    for name in ("text", "version", "disputed", "frozen", "adopted", "running"):
        assert show(story, "concern-of", id=marks[name])["ref"] == marks["concern"]
    assert show(story, "text", id=marks["version"])["version"] == "2"
    assert show(story, "draft", id=marks["frozen"])["ref"] == marks["clear"]
    assert show(story, "decision", id=marks["running"])["state"] == "running"
    council = show(story, "council")
    assert (council["chair"], council["left"], council["suspended"]) == ("chair", ["dan"], ["cat"])
    cells = next(one for one in show(story, "positions")["texts"] if one["ref"] == marks["version"])
    assert cells["positions"]["ben"]["response"] == "support"
    assert cells["positions"]["cat"]["asked"] is True
    assert cells["positions"]["ann"]["tone"] == "own"  # sealed, and opened since


def test_what_is_of_another_kind_is_said_so(story: Story) -> None:
    marks = story.__dict__["marks"]
    wrong = {"concern": "text", "concern-of": "said", "text": "concern", "draft": "text", "decision": "text"}
    for name, mark in wrong.items():
        with pytest.raises(UnknownName) as caught:
            show(story, name, id=marks[mark])
        assert story.fold().acts[marks[mark]].name in str(caught.value) or "no draft" in str(caught.value)


@pytest.mark.parametrize(
    "given",
    ["", "x", ":", "ann:", "ann:-1", "ann:99999999999999999999", "ann:0:zz", "\x00", "\ud800", "x" * 9_999],
)
def test_an_act_that_is_not_there(council: Story, given: str) -> None:
    view = council.view()
    for one in VIEWS.values():
        if "id" in one.parameters:
            with pytest.raises(UnknownName) as caught:
                one.show(view, {"id": given})
            assert len(str(caught.value)) < 400
            assert "\n" not in str(caught.value)


def test_a_view_is_as_of_a_time(story: Story) -> None:
    marks = story.__dict__["marks"]
    later = VIEWS["decision"].show(View(story.fold(), story.now + 30 * DAY), {"id": marks["running"]})
    assert later["state"] == "provisional"
    assert show(story, "decision", id=marks["running"])["state"] == "running"


def test_parameters_are_checked(table: Table) -> None:
    actions = table["ann"].actions
    with pytest.raises(UnknownName, match="is no view; these are: act, agenda"):
        read_view(actions, "nothing", {})
    with pytest.raises(InputError, match="needs id"):
        read_view(actions, "act", {})
    with pytest.raises(InputError, match="takes no parameters, not 'id'"):
        read_view(actions, "agenda", {"id": "ann:0"})
    assert read_view(actions, "waiting", {"member": "ann"}) == read_view(
        actions, "waiting", {"member": "nrc.example/ann"}
    )
    assert read_view(actions, "waiting", {"member": "nobody"}) == []
    for name, one in VIEWS.items():
        if not one.parameters:
            for at in (0, table.now, 2**53 - 1):
                assert msgspec.json.encode(read_view(actions, name, {}, at))


def test_without_a_charter_views_say_so_or_are_empty(strangers: Table) -> None:
    actions = strangers["ann"].actions
    empty: dict[str, Any] = {
        "agenda": {"concerns": [], "refused": [], "statements": []},
        "board": {"refused": [], "tracks": []},
        "reviews": {"refused": [], "reviews": []},
        "documents": {"documents": [], "refused": []},
    }
    for name, one in VIEWS.items():
        if name in ("council", "positions"):
            with pytest.raises(Refused, match=r"no charter of nrc\.example is held here"):
                read_view(actions, name, {})
        elif not one.parameters:
            assert json.loads(msgspec.json.encode(read_view(actions, name, {}))) == empty.get(name, []), name


def test_a_headline_is_short() -> None:
    story = Story("ann", "ben")
    long = story.ann.does(b.Concern(title="x" * 300))
    none = story.ann.does(b.Statement(names=(origin("ben"),)), content=b"apart")
    acts = story.fold().acts
    assert headline(acts[long]) == "x" * 99 + "…"
    assert headline(acts[none]) == ""
