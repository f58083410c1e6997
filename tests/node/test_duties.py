"""Duties: a receipt for every silence that arrives, once; a seal that is opened when its round has closed."""

from __future__ import annotations

import pytest

from allweather.council import bodies as b
from allweather.council.forms import Body
from allweather.council.rounds import is_bound, sealing
from allweather.council.silence import decision
from allweather.errors import Refused
from allweather.node.actions import Actions
from allweather.node.duties import DUTIES, receipts, reveals, seal
from tests.node.sitting import DAY, HOUR, Seat, Table, origin


def tabled(table: Table) -> tuple[str, str]:
    """A concern and a text on it, by Ann."""
    concern = table["ann"].sign(b.Concern(title="Water")).ref
    text = table["ann"].sign(b.Text(concern=concern, title="On water", words="We share.")).ref
    return concern, text


def due(seat: Seat) -> list[Body]:
    return [doing.body for duty in DUTIES for doing in duty(seat.actions)]


def does_its_duty(seat: Seat) -> int:
    doings = [doing for duty in DUTIES for doing in duty(seat.actions)]
    return len(seat.actions.sign(*doings)) if doings else 0


def test_a_receipt_is_signed_once_for_what_is_held(table: Table) -> None:
    concern, text = tabled(table)
    ref = table["ann"].sign(b.Silence(concern=concern, text=text, expires_at=table.now + DAY)).ref
    assert [due(seat) for seat in table.seats.values()] == [[], [], []]  # nobody else holds it yet
    table.exchange()
    for name in ("ben", "cem"):
        assert due(table[name]) == [b.Receipt(decision=ref, text=text)]
        assert does_its_duty(table[name]) == 1
        assert due(table[name]) == []
    assert due(table["ann"]) == []  # it opened the silence
    table.exchange()
    table.now += DAY + 1
    for seat in table.seats.values():
        found = decision(seat.view, seat.view.fold.acts[ref])
        assert found is not None
        assert found.state == "adopted"
        assert due(seat) == []


@pytest.mark.parametrize("end", ["withdrawn", "refused"])
def test_nothing_is_signed_for_what_is_over(table: Table, end: str) -> None:
    concern, text = tabled(table)
    ref = table["ann"].sign(b.Silence(concern=concern, text=text, expires_at=table.now + DAY)).ref
    if end == "withdrawn":
        table["ann"].sign(b.Withdraw(act=ref))
    else:
        table["ann"].sign(b.Refuse(decision=ref, reason="Not so"))
    table.exchange()
    assert due(table["ben"]) == []


def test_who_has_not_joined_or_has_left_signs_nothing(strangers: Table) -> None:
    strangers["ann"].sign(strangers.charter())
    concern, text = tabled(strangers)
    strangers["ann"].sign(b.Silence(concern=concern, text=text, expires_at=strangers.now + DAY))
    strangers.exchange()
    assert list(receipts(strangers["ben"].actions)) == []
    strangers["ben"].sign(b.Join(charter=strangers["ben"].view.fold.of(b.Charter)[0].ref))
    assert len(due(strangers["ben"])) == 1
    strangers["ben"].sign(b.Leave(reason="Enough"))
    assert due(strangers["ben"]) == []


def test_a_seal_is_opened_when_its_round_has_closed(table: Table) -> None:
    concern, text = tabled(table)
    ref = table["ann"].sign(b.Round(concern=concern, on=(text,), closes_at=table.now + HOUR)).ref
    table.exchange()
    ben = table["ben"]
    taken = (b.Taken(on=text, response="conditional", condition="SECRET", intensity=7),)
    hoped = (b.Expected(on=text, member=origin("ann"), response="oppose"),)
    ben.actions.sign(seal(ben.actions, ref, taken, hoped))
    table.exchange()
    assert due(ben) == []
    for seat in table.seats.values():
        for branch in seat.desk.storage.branches(ben.origin):
            assert b"SECRET" not in b"".join(seat.desk.storage.entries(branch, 0, branch.head.size))
    table.now += HOUR
    (doing,) = reveals(ben.actions)
    assert isinstance(doing.body, b.Reveal)
    assert (doing.body.positions, doing.body.expectations) == (taken, hoped)
    assert is_bound(doing.body.salt, ben.origin)
    assert next(iter(reveals(Actions(ben.desk, ben.actions.clock)))).body == doing.body  # after a restart
    assert does_its_duty(ben) == 1
    assert due(ben) == []
    table.exchange()
    for seat in table.seats.values():
        found = sealing(seat.view, ref)
        assert [one.positions for one in found.opened] == [taken]
        assert not found.refused


def test_a_seal_that_is_not_of_this_node_is_not_opened(table: Table) -> None:
    concern, text = tabled(table)
    ref = table["ann"].sign(b.Round(concern=concern, on=(text,), closes_at=table.now + HOUR)).ref
    table.exchange()
    table["ben"].sign(b.Seal(round=ref, commitment="A" * 43 + "="))
    table.now += HOUR
    assert due(table["ben"]) == []


def test_an_empty_seal_is_refused(table: Table) -> None:
    with pytest.raises(Refused, match="at least one position or expectation"):
        seal(table["ann"].actions, "A" * 43 + "=", (), ())


def test_what_would_not_count_when_it_is_revealed_is_not_sealed(table: Table) -> None:
    concern, text = tabled(table)
    ann = table["ann"]
    other = ann.sign(b.Text(concern=concern, title="Another", words="Other words.")).ref
    ref = ann.sign(b.Round(concern=concern, on=(text,), closes_at=table.now + HOUR)).ref
    conditional = b.Taken(on=text, response="conditional")
    for positions, expectations, word in (
        ((conditional,), (), "names its condition"),
        ((b.Taken(on=other, response="support"),), (), "none of the texts of this round"),
        ((b.Taken(on=text, response="mixed"),), (), "only ever a reading"),
        ((b.Taken(on=text, response="support", held="3000"),), (), "after the day"),
        ((), (b.Expected(on=text, member=ann.origin, response="oppose"),), "expectations are of others"),
        ((), (b.Expected(on=text, member="nrc.example/x", response="oppose"),), "is no member"),
    ):
        before = ann.state()
        with pytest.raises(Refused, match=word):
            seal(ann.actions, ref, positions, expectations)
        assert ann.state() == before


def test_the_salt_is_new_each_time(table: Table) -> None:
    concern, text = tabled(table)
    seen = set()
    for _ in range(2):
        ref = table["ann"].sign(b.Round(concern=concern, on=(text,), closes_at=table.now + HOUR)).ref
        doing = seal(table["ann"].actions, ref, (b.Taken(on=text, response="support"),), ())
        assert isinstance(doing.body, b.Seal)
        seen.add(doing.body.commitment)
    assert len(seen) == 2
