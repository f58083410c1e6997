"""The law of decisions, on random stories: whatever was cut, late or dated wrongly, all come to see the same.

A story is a list of steps of three to five members, one of whom may have a wrong clock. At its end everything
heals, who was not reached signs its receipts, and all windows pass.
"""

from __future__ import annotations

from itertools import pairwise

import hypothesis.strategies as st
from hypothesis import given, settings

from allweather.council.bodies import (
    Clear,
    Conflict,
    Hold,
    Leave,
    Object,
    Position,
    Receipt,
    Refuse,
    Reserve,
    Rules,
    Silence,
    Suspend,
    Text,
    Withdraw,
)
from allweather.council.conflicts import are_apart
from allweather.council.decisions import Decision
from allweather.council.forms import Body
from allweather.council.openings import lines_of, words_of
from allweather.council.silence import MACHINE, decision
from allweather.council.view import View
from tests.council.deciding import DAY, FOUR, HOUR, Council, check_law

NAMES = (*FOUR, "eva")
STEPS = (
    "open", "open", "receive", "all", "all", "all", "object", "object", "clear", "hold", "refuse", "reserve",
    "back", "conflict", "withdraw", "leave", "suspend", "cut", "cut", "heal", "heal", "part", "pass", "pass",
    "backdate",
)  # fmt: skip
Steps = list[tuple[str, int, int]]


class Played(Council):
    """A story as it is played, with what really happened and when, whatever clocks say."""

    def __init__(self, n_members: int, rules: Rules, slow: int) -> None:
        super().__init__(*NAMES[:n_members], rules=rules)
        self.signed: dict[str, int] = {}
        self.reached: dict[str, set[str]] = {}
        self.places: dict[str, tuple[str, int]] = {}
        self.silences: list[str] = []
        self.objections: list[str] = []
        self.seen_states: dict[str, list[str]] = {}
        more = [Text(concern=self.concern, title=words, words=words) for words in ("Two", "Three", "Four")]
        self.versions = [self.text, self.revised(self.ann, "Version 1"), *map(self.ann.does, more)]
        self.people[NAMES[n_members - 1]].slow = slow

    def plays(self, steps: Steps) -> None:
        for what, who, which in steps:
            self.play(what, NAMES[who % len(self.people)], which)
            if what in ("pass", "heal"):
                self.looks()

    def play(self, what: str, name: str, which: int) -> None:
        person = self.people[name]
        if what == "all":
            for ref in self.silences[-2:]:
                self.receives(ref)
        elif what == "cut":
            self.cut(name)
        elif what == "heal":
            self.heal(name) if which % 2 else self.heal()
        elif what == "part":
            self.part(name, NAMES[which % len(self.people)])
        elif what == "pass":
            self.passes(hours=(1, 7, 20, 30, 80)[which % 5])
        elif what == "leave":
            if which < 2:
                self.signs(name, Leave(reason="Enough"))
        elif what == "suspend":
            self.signs(name, Suspend(reason="Protest"))
        elif what == "open":
            text = self.versions[which % len(self.versions)]
            opened = Silence(concern=self.concern, text=text, expires_at=person.clock + DAY)
            self.silences.append(self.signs(name, opened))
        else:
            self.plays_on_decision(what, name, which)

    def plays_on_decision(self, what: str, name: str, which: int) -> None:
        known = [ref for ref in self.silences if self.is_held(name, ref)]
        if not known:
            return
        ref = known[which % len(known)]
        if what == "receive":
            self.receives(ref, name)
        elif what in ("object", "backdate"):
            at = self.people[name].clock - 40 * HOUR if what == "backdate" else None
            self.objections.append(self.signs(name, Object(decision=ref, reason="No"), at))
        elif what == "clear":
            own = [one for one in self.objections if self.places[one][0] == self.people[name].origin]
            objections = own or [one for one in self.objections if self.is_held(name, one)]
            if objections:
                self.signs(name, Clear(objection=objections[which % len(objections)]))
        elif what == "back":
            self.signs(name, Position(on=self.versions[which % 5], response="support"))
        else:
            other = known[which // 2 % len(known)]
            body: Body = {
                "hold": Hold(decision=ref),
                "refuse": Refuse(decision=ref, reason="No"),
                "reserve": Reserve(decision=ref, words="But"),
                "conflict": Conflict(decision=ref, other=other, reason="Both?"),
                "withdraw": Withdraw(act=ref),
            }[what]
            self.signs(name, body)

    def signs(self, name: str, body: Body, at: int | None = None) -> str:
        person = self.people[name]
        ref = person.does(body, at=at, quietly=True)
        self.signed[ref] = self.now
        self.places[ref] = person.origin, len(person.log) - 1
        self.exchange()
        self.reached[ref] = {one for one in self.people if self.is_held(one, ref)}
        return ref

    def is_held(self, name: str, ref: str) -> bool:
        origin, index = self.places[ref]
        return self.people[name].held.get(origin, 0) > index

    def looks(self) -> None:
        """Note which state the first member sees of each decision."""
        view = self.ann.view
        for ref in self.silences:
            found = decision(view, view.fold.acts[ref]) if ref in view.fold.acts else None
            if found is not None and self.seen_states.setdefault(ref, ["running"])[-1] != found.state:
                self.seen_states[ref].append(found.state)

    def ends(self) -> None:
        """Everything heals, everybody signs what receipts are missing, and all windows pass."""
        self.heal()
        view = self.view()
        for name, person in self.people.items():
            for ref in self.silences:
                found = decision(view, view.fold.acts[ref])
                assert found is not None
                if person.origin in {one.member for one in found.not_heard}:
                    self.receives(ref, name)
        for _ in range(6):
            self.passes(days=10)
            self.looks()


@settings(max_examples=25, deadline=None)
@given(
    n_members=st.integers(3, 5),
    slow=st.sampled_from([0, 0, DAY, -DAY, 2 * HOUR]),
    n_witnesses=st.integers(1, 2),
    steps=st.lists(
        st.tuples(st.sampled_from(STEPS), st.integers(0, 4), st.integers(0, 9)), min_size=6, max_size=32
    ),
)
def test_all_come_to_see_the_same_and_the_law_holds(
    n_members: int, slow: int, n_witnesses: int, steps: Steps
) -> None:
    n_witnesses = 2 if slow else n_witnesses
    story = Played(n_members, Rules(witnesses=n_witnesses), slow)
    story.plays(steps)
    story.ends()
    view = story.view()
    found = {ref: decision(view, view.fold.acts[ref]) for ref in story.silences}
    for person in story.people.values():
        own = person.view
        assert {ref: decision(own, own.fold.acts[ref]) for ref in story.silences} == found
    right_clocks = {name for name, person in story.people.items() if not person.slow}
    for one in found.values():
        assert one is not None
        check_one(story, view, one, right_clocks, n_witnesses)
    check_pairs(view, [one for one in found.values() if one is not None])
    for states in story.seen_states.values():
        for before, after in pairwise(states):
            assert after in reachable(before), (before, after)
    check_law(story, seeds=1)


def check_one(story: Played, view: View, one: Decision, right_clocks: set[str], n_witnesses: int) -> None:
    fold = view.fold
    objected = fold.about(Object, one.act.ref)
    cleared = {
        act.ref: [back for back in fold.about(Clear, act.ref) if back.member == act.member]
        for act in objected
    }
    shown = {thread.act for thread in one.objections} | {refused.act for refused in one.refused}
    assert set(objected) <= shown
    assert len({hold.member for hold in one.holds}) == len(one.holds)
    assert one.state not in ("running", "adopted"), "all windows have passed"
    if one.state == "broken":
        assert any(thread.is_standing and thread.act in objected for thread in one.objections)
    if one.state == "provisional":
        assert any(conflict.is_open for conflict in one.conflicts)
    if not one.is_adopted:
        return
    assert not one.not_heard
    for member in one.members:
        acts = [*fold.about(Receipt, one.act.ref), *fold.about(Reserve, one.act.ref), one.act]
        acts += fold.about(Position, one.text) + [back for backs in cleared.values() for back in backs]
        assert any(act.member == member for act in acts), member
    for act in [*objected, *fold.about(Refuse, one.act.ref)]:
        author = act.origin.partition("/")[2]
        witnesses = story.reached[act.ref] & right_clocks - {author}
        if (
            act.member in one.members
            and story.signed[act.ref] <= one.expires_at
            and len(witnesses) >= n_witnesses
        ):
            assert cleared.get(act.ref), f"{act.name} was made in time, in the sight of others"


def check_pairs(view: View, found: list[Decision]) -> None:
    adopted = [one for one in found if one.is_adopted]
    for one in adopted:
        for other in adopted:
            if lines_of(view.fold, one.act) & lines_of(view.fold, other.act) and one is not other:
                same = words_of(view.fold, one.text) == words_of(view.fold, other.text)
                assert same or not are_apart(view, one.act, other.act)


def reachable(state: str) -> set[str]:
    """The states that can come after one, several steps at a time: what arrives late may bring several."""
    found, waiting = {state}, [state]
    while waiting:
        now = waiting.pop()
        for step in MACHINE.steps:
            if step.source == now and step.target not in found:
                found.add(step.target)
                waiting.append(step.target)
    return found
