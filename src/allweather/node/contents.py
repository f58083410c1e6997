"""What stands apart from an entry: the bytes of an act's payload, or the sentence why there is none.

What it does not do: decide who may read them (`access`), or open what is encrypted (`caucus`).
"""

from __future__ import annotations

from allweather.council.acts import Act
from allweather.errors import AllweatherError
from allweather.node.home import Desk
from allweather.record.entries import read_payload
from allweather.record.keys import parse_base64

_REDACTED = "Its words were redacted."
_NOT_HELD = "Its words are not held here yet; they come with the next exchange."


class Unread(AllweatherError):
    """What is not there to be read; the sentence is for who may read it."""


def check_not_redacted(desk: Desk, act: Act) -> None:
    """Raises Unread if the payload of an act that has one was redacted."""
    assert act.payload is not None
    if desk.storage.is_erased(parse_base64(act.payload.hash)):
        raise Unread(_REDACTED)


def content_of(desk: Desk, act: Act) -> bytes:
    """The bytes of the payload of an act that has one. Raises Unread."""
    assert act.payload is not None
    check_not_redacted(desk, act)
    blob = desk.storage.payload(parse_base64(act.payload.hash))
    if blob is None:
        raise Unread(_NOT_HELD)
    return read_payload(act.payload, blob, act.origin, where=act.name)
