"""Whom a node may meet: members whose cards the charter names, or that its keeper named.

Before this member has joined a council, only its keeper's word counts, or a charter that names this member
with its right card.
"""

from __future__ import annotations

from allweather.council.bodies import Charter, SeatOf, Silence
from allweather.council.membership import seats
from allweather.council.seats import charter_body
from allweather.node.actions import CHARTER_MARK, Actions
from allweather.record.keys import parse_base64
from allweather.record.members import parse_card


def charter_pins(actions: Actions) -> dict[str, bytes]:
    """The digests of the cards that the charter and the admissions name; nothing while no charter counts."""
    view = actions.view()
    found = seats(view)
    if found is None:
        return {}
    charter = charter_body(found.charter)
    if not actions.recall(CHARTER_MARK) and not _names_us(actions, charter):
        return {}
    admitted = [
        act.body.admits
        for act in view.fold.of(Silence)
        if isinstance(act.body, Silence) and act.body.admits and act.body.admits.origin in found.members
    ]
    named = [*charter.members, *charter.chairs, *charter.secretariat, *admitted]
    return {one.origin: digest_of(one) for one in named}


def digest_of(seat: SeatOf) -> bytes:
    """The digest of a seat's card."""
    return parse_base64(seat.card, size=32)


def _names_us(actions: Actions, charter: Charter) -> bool:
    own = actions.desk.home.origin
    notes = actions.desk.storage.key_notes(own)
    digest = parse_card(notes[0]).digest if notes else b""
    named = (*charter.members, *charter.chairs, *charter.secretariat)
    return any(one.origin == own and digest_of(one) == digest for one in named)
