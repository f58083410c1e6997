"""Whom a node may meet: members whose cards the charter names, or that its keeper named.

Before this member has joined a council, only its keeper's word counts, or a charter that names this member
with its right card. Who comes later is named by a decision under the charter that admits it, with its right
card. Whether that was adopted only the others' logs can show: so they are met when it has been opened, and
nothing binds this member before it joins.
"""

from __future__ import annotations

from allweather.council.bodies import Charter, Silence
from allweather.council.hearing import opening
from allweather.council.membership import seats, why_not_then
from allweather.council.seats import charter_body
from allweather.council.silence import decisions
from allweather.council.view import View
from allweather.node.actions import CHARTER_MARK, Actions
from allweather.node.cards import digest_of, held_card


def charter_pins(actions: Actions) -> dict[str, bytes]:
    """The digests of the cards that the charter and the admissions name; nothing while no charter counts."""
    view = actions.view()
    found = seats(view)
    if found is None:
        return {}
    charter = charter_body(found.charter)
    if not actions.recall(CHARTER_MARK) and not _names_us(actions, view, charter):
        return {}
    admitted = [opening(one.act).admits for one in decisions(view) if one.is_adopted]
    named = [*charter.members, *charter.chairs, *charter.secretariat, *filter(None, admitted)]
    pins: dict[str, bytes] = {}
    for one in named:  # the card under which a log was first named stays the one: its keys hang on it
        pins.setdefault(one.origin, digest_of(one))
    return pins


def _names_us(actions: Actions, view: View, charter: Charter) -> bool:
    """Whether the charter, or a silence that counts under it, names this member with its right card."""
    own = actions.desk.home.origin
    card = held_card(actions.desk.storage, own)
    named = [*charter.members, *charter.chairs, *charter.secretariat]
    for act in view.fold.of(Silence):
        admits = opening(act).admits
        if admits is not None and admits.origin == own and why_not_then(view, act) is None:
            named.append(admits)
    return any(one.origin == own and digest_of(one) == card for one in named)
