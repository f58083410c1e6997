"""A wrong card in a charter or an admission is refused before it is signed: it would shut its member out."""

from __future__ import annotations

import msgspec
import pytest

from allweather.council import bodies as b
from allweather.council.acts import fields_of
from allweather.errors import Refused
from allweather.node.actions import CHARTER_MARK, Doing
from allweather.record.keys import format_base64
from allweather.record.storage import Batch
from allweather.record.writing import Draft
from tests.node.sitting import HOUR, Table, origin

WRONG = "A" * 43 + "="


def with_card(charter: b.Charter, name: str, card: str) -> b.Charter:
    """The charter with another card for a member."""
    members = tuple(
        b.SeatOf(one.origin, card) if one.origin == origin(name) else one for one in charter.members
    )
    return msgspec.structs.replace(charter, members=members)


def test_a_charter_with_a_wrong_card_of_its_own_signer_is_not_signed(strangers: Table) -> None:
    ann = strangers["ann"]
    for act in (ann.actions.preview, ann.actions.sign):
        with pytest.raises(Refused, match="nothing was signed: it states for ann a card that is not its own"):
            act(Doing(with_card(strangers.charter(), "ann", WRONG)))
    with pytest.raises(Refused, match=strangers.cards["ann"].hex()):
        ann.sign(with_card(strangers.charter(), "ann", WRONG))
    assert ann.actions.recall(CHARTER_MARK) is None
    assert ann.sign(strangers.charter()).ref


@pytest.mark.parametrize("seat", ["chairs", "secretariat"])
def test_the_card_of_any_seat_is_looked_at(strangers: Table, seat: str) -> None:
    made = strangers.charter("ben", "cem")
    wrong = msgspec.structs.replace(made, **{seat: (b.SeatOf(origin("ann"), WRONG),)})
    with pytest.raises(Refused, match="a card that is not its own"):
        strangers["ann"].sign(wrong)


def test_a_wrong_card_of_another_is_seen_once_its_record_is_held(strangers: Table) -> None:
    ann = strangers["ann"]
    wrong = with_card(strangers.charter(), "ben", WRONG)
    assert ann.actions.preview(Doing(wrong)).kind == "council.charter"  # ben is a stranger here
    notes = strangers["ben"].desk.storage.key_notes(origin("ben"))
    ann.desk.storage.commit(Batch(key_notes=tuple((origin("ben"), note) for note in notes)))
    with pytest.raises(Refused, match="for ben a card that is not its own; the card that is held here"):
        ann.sign(wrong)


def test_nobody_joins_a_charter_that_names_it_with_another_card(strangers: Table) -> None:
    ann, ben = strangers["ann"], strangers["ben"]
    wrong = with_card(strangers.charter(), "ben", WRONG)
    ann.actions.sign(more=[Draft(wrong.KIND, fields_of(wrong))])
    ref = ann.view.fold.of(b.Charter)[0].ref
    ben.takes(ann)
    with pytest.raises(Refused, match="the charter states for ben a card that is not its own"):
        ben.sign(b.Join(charter=ref))
    assert ben.actions.recall(CHARTER_MARK) is None


def test_an_admission_states_the_right_card(table: Table) -> None:
    """Cem has left and is to be admitted again; its card is known."""
    ann = table["ann"]
    table["cem"].sign(b.Leave(reason="Enough"))
    table.exchange()
    concern = ann.sign(b.Concern(title="Cem")).ref
    text = ann.sign(b.Text(concern=concern, title="Cem", words="Cem is a member again.")).ref
    admits = b.SeatOf(origin("cem"), WRONG)
    body = b.Silence(concern=concern, text=text, expires_at=table.now + 9 * HOUR, admits=admits)
    with pytest.raises(Refused, match="for cem a card that is not its own"):
        ann.sign(body)
    right = b.SeatOf(origin("cem"), format_base64(table.cards["cem"]))
    assert ann.sign(msgspec.structs.replace(body, admits=right)).ref
