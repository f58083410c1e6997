"""Cards that acts state, held against the cards that this home holds: a wrong one would shut a member out.

A charter, or an admission, names each log with the digest of its member's card. The rooms below know no
cards. Who is not held here yet cannot be compared: for those the digests in the act are the only ones.
"""

from __future__ import annotations

from allweather.council.acts import short
from allweather.council.bodies import Charter, Join, SeatOf, Silence
from allweather.council.fold import Fold
from allweather.council.forms import Body
from allweather.record.keys import parse_base64
from allweather.record.members import parse_card
from allweather.record.storage import Storage


def digest_of(seat: SeatOf) -> bytes:
    """The digest of a seat's card."""
    return parse_base64(seat.card, size=32)


def held_card(storage: Storage, origin: str) -> bytes | None:
    """The digest of the card of a member whose record is held here; None if it is not."""
    notes = storage.key_notes(origin)
    return parse_card(notes[0]).digest if notes else None


def why_wrong_card(storage: Storage, fold: Fold, own: str, body: Body) -> str | None:
    """Why an act names a log with another card than its member has; None if no such card is known here.

    `own` is the log of this home: of a charter that it is to join only its own card matters.
    """
    for seat in _named(fold, own, body):
        card = held_card(storage, seat.origin)
        if card is not None and card != digest_of(seat):
            whose = "the card of this home" if seat.origin == own else "the card that is held here"
            what = "the charter states" if isinstance(body, Join) else "it states"
            return (
                f"{what} for {short(seat.origin)} a card that is not its own; {whose} has the digest "
                f"{card.hex()}: state that one"
            )
    return None


def _named(fold: Fold, own: str, body: Body) -> list[SeatOf]:
    if isinstance(body, Silence):
        return [body.admits] if body.admits is not None else []
    charter = fold.body(body.charter, Charter) if isinstance(body, Join) else body
    if not isinstance(charter, Charter):
        return []
    seats = [*charter.members, *charter.chairs, *charter.secretariat]
    return [one for one in seats if one.origin == own] if isinstance(body, Join) else seats
