"""Whom a node meets by itself: a member admitted late, one that left and was admitted again, and no other."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import pytest

from allweather.council.acts import fields_of
from allweather.council.bodies import Charter, Concern, Leave, Rules, SeatOf, Silence, Text
from allweather.council.membership import seats
from allweather.council.silence import decisions
from allweather.errors import Refused
from allweather.node.duties import DUTIES
from allweather.node.meeting import charter_pins
from allweather.record.keys import format_base64
from allweather.record.writing import Draft
from tests.node.nodes import Member, Members, origin, statement, until

NOTHING = "A" * 43 + "="
QUICK_RULES = Rules(shortest_silence=60, hold=60, catch_up=60, statements=60)


def pass_time(members: Members, seconds: int) -> None:
    """All clocks go on."""
    for one in members.found.values():
        one.shift += seconds


def founded(members: Members, *names: str) -> str:
    """Ann founds a council with these members; all of them join. Nodes pull from ann, and ann from all."""
    seats_of = tuple(SeatOf(origin(name), format_base64(members.cards[name])) for name in names)
    ann = members["ann"]
    for name in names:
        members[name].start(meet=False, pins=pins_of(members, name), duties=DUTIES)
    charter = ann.sign(Charter(title="Test", members=seats_of, rules=QUICK_RULES))
    for name in names[1:]:
        one = members[name]
        one.add(ann)
        ann.add(one)
        until(partial(one.holds, charter))
        one.join(charter)
    return charter


def pins_of(members: Members, name: str) -> dict[str, bytes]:
    """What a keeper was told by word of mouth: the card of ann, and nobody else's."""
    return {} if name == "ann" else {origin("ann"): members.cards["ann"]}


def now(member: Member) -> int:
    return int(time.time()) + member.shift


def admission(member: Member, newcomer: SeatOf) -> str:
    """A member asks for another, on a text that says so."""
    concern = member.sign(Concern(title="Somebody asks to join"))
    text = member.sign(Text(concern=concern, title="Admission", words="It becomes a member."))
    return member.sign(Silence(concern=concern, text=text, expires_at=now(member) + 120, admits=newcomer))


def state(member: Member, ref: str) -> str:
    shared = member.running.shared
    with shared.lock:
        view = shared.actions.view()
        return next((one.state for one in decisions(view) if one.act.ref == ref), "")


def is_member(member: Member, name: str) -> bool:
    shared = member.running.shared
    with shared.lock:
        found = seats(shared.actions.view())
        return found is not None and origin(name) in found.members


def pins(member: Member) -> dict[str, bytes]:
    shared = member.running.shared
    with shared.lock:
        return charter_pins(shared.actions)


def adopted(members: Members, ref: str, *names: str) -> None:
    """Everybody signs its receipt; the silence runs out."""
    for name in names:
        until(partial(members[name].holds, ref))
    until(lambda: state(members["ann"], ref) == "running" and _all_heard(members["ann"], ref))
    pass_time(members, 200)
    for name in names:
        until(partial(_is_adopted, members[name], ref))


def _is_adopted(member: Member, ref: str) -> bool:
    return state(member, ref) in ("adopted", "in_force")


def _all_heard(member: Member, ref: str) -> bool:
    shared = member.running.shared
    with shared.lock:
        found = next(one for one in decisions(shared.actions.view()) if one.act.ref == ref)
        return not found.not_heard and all(one.at is not None for one in found.heard if one.how == "receipt")


def unchecked(member: Member, body: Silence) -> str:
    """Sign what no house of ours would sign; its reference."""
    shared = member.running.shared
    with shared.lock:
        shared.actions.sign(more=[Draft(body.KIND, fields_of(body))])
        return shared.actions.view().fold.of(Silence)[-1].ref


def same_digest(*some: Member) -> bool:
    return len({one.digest() for one in some}) == 1


def test_a_member_admitted_late_meets_the_others_by_itself(members: Members) -> None:
    ann, ben = members["ann"], members["ben"]
    charter = founded(members, "ann", "ben")
    ref = admission(ann, SeatOf(origin("cem"), format_base64(members.cards["cem"])))
    adopted(members, ref, "ann", "ben")

    cem = members["cem"]  # its home is new: its keeper knows the card of ann, and nobody else's
    cem.shift = ann.shift
    cem.start(meet=False, pins=pins_of(members, "cem"), duties=DUTIES)
    cem.add(ann)
    ann.add(cem)
    until(lambda: cem.holds(ref) and cem.size("ben") > 0)
    until(lambda: is_member(cem, "cem"))
    assert origin("ben") in pins(cem)
    cem.join(charter)
    said = [one.sign(statement(one.name)) for one in (ann, ben, cem)]
    until(lambda: all(one.holds(ref) for one in (ann, ben, cem) for ref in said))
    until(lambda: same_digest(ann, ben, cem), 60)
    assert all(is_member(one, "cem") for one in (ann, ben))


def test_a_member_that_left_is_admitted_again(members: Members) -> None:
    ann, ben, cem = members["ann"], members["ben"], members["cem"]
    founded(members, "ann", "ben", "cem")
    left = cem.sign(Leave(reason="Enough"))
    until(lambda: ann.holds(left) and ben.holds(left))
    with pytest.raises(Refused, match="cem has left the council"):
        cem.sign(statement("Too late."))
    ref = admission(ben, SeatOf(origin("cem"), format_base64(members.cards["cem"])))
    adopted(members, ref, "ann", "ben")
    until(lambda: is_member(cem, "cem"))
    said = cem.sign(statement("Here again."))
    until(lambda: ann.holds(said) and ben.holds(said))
    until(lambda: same_digest(ann, ben, cem), 60)
    views: list[Any] = [one.ask("GET", f"/api/views/act?id={said}").json() for one in (ann, ben)]
    assert all("why_not" not in one for one in views), views


@pytest.mark.parametrize("wrong", ["card", "seat"])
def test_who_is_not_named_with_its_card_by_a_member_meets_nobody(members: Members, wrong: str) -> None:
    ann, cem = members["ann"], members["cem"]
    founded(members, "ann", "ben")
    card = format_base64(members.cards["ben" if wrong == "card" else "cem"])
    newcomer = SeatOf(origin("cem"), card)
    if wrong == "seat":
        ann.sign(Leave(reason="Enough"))
        ref = unchecked(
            ann, Silence(concern=NOTHING, text=NOTHING, expires_at=now(ann) + 120, admits=newcomer)
        )
    else:
        ref = admission(ann, newcomer)
    cem.shift = ann.shift
    cem.start(meet=False, pins=pins_of(members, "cem"), duties=DUTIES)
    cem.add(ann)
    until(lambda: cem.holds(ref) and cem.size("ann") == ann.size("ann"))
    cem.running.sync_now(5.0)
    assert pins(cem) == {}
    assert cem.size("ben") == 0


def test_an_admission_never_changes_the_card_of_who_is_named_already(members: Members) -> None:
    """A silence that admits ben with another card, opened past every check, leaves ben's card as it is."""
    ann = members["ann"]
    founded(members, "ann", "ben")
    false = format_base64(members.cards["cem"])
    concern = ann.sign(Concern(title="Ben"))
    text = ann.sign(Text(concern=concern, title="Ben", words="Ben again."))
    body = Silence(concern=concern, text=text, expires_at=now(ann) + 120, admits=SeatOf(origin("ben"), false))
    with pytest.raises(Refused, match="ben is a member already"):
        ann.sign(body)
    unchecked(ann, body)
    assert pins(ann)[origin("ben")] == members.cards["ben"]
