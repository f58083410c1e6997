"""Accrediting: what has to stand in the own log so that a delegate's key may sign.

A mandate says what a delegate may do; that its key writes in this log at all is an entry of the record. Both
are signed at once, so that no mandate is in vain.
"""

from __future__ import annotations

from allweather.council.bodies import Mandate
from allweather.council.forms import Body
from allweather.node.home import Desk
from allweather.record.facts import DELEGATE, delegate_body
from allweather.record.keys import parse_base64
from allweather.record.writing import Draft


def certification(desk: Desk, body: Body) -> tuple[Draft, ...]:
    """The entries that have to come before an act: for a mandate, that its key may write in this log."""
    if not isinstance(body, Mandate) or (body.of and body.of != desk.home.origin):
        return ()
    last: str | None = None
    for one in desk.standing.delegations:
        if one.place.origin == desk.home.origin and one.key == body.key:
            last = one.name
    if last is not None:
        return ()
    return (Draft(DELEGATE, delegate_body(parse_base64(body.key, size=32), body.name)),)
