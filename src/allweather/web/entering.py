"""Signing in: by a passphrase, by an invitation that works once, or at a free seat of a rehearsal.

A name that nobody has and a passphrase that is wrong are answered alike and take as long. Tries in vain are
counted by name and by the address that they come from, and written to the log.
"""

from __future__ import annotations

from allweather.errors import InputError, Refused
from allweather.node.logs import tell
from allweather.web.acting import first
from allweather.web.forms import Given
from allweather.web.house import House


def sign_in(house: House, given: Given, where: str) -> str:
    """The id of the person whom name and passphrase let in. Raises Refused."""
    name, passphrase = first(given, "name")[:200], first(given, "passphrase")
    doors = (f"at {where}", f"as {name.strip().casefold()}")
    try:
        house.tries.check(*doors)
    except Refused:
        tell("sign-in refused", where=where, why="too many tries")
        raise
    person = house.people.by_passphrase(name, passphrase)
    if person is None:
        house.tries.fail(*doors)
        tell("sign-in refused", where=where)
        raise Refused("name and passphrase do not fit; try again, or ask for a new invitation")
    house.tries.forget(*doors)
    tell("signed in", person=person.id)
    return person.id


def enter(house: House, secret: str, given: Given) -> str:
    """Use an invitation: its person chooses a passphrase and is in. Raises Refused, InputError."""
    passphrase = first(given, "passphrase")
    if passphrase != first(given, "again"):
        raise InputError("the two passphrases are not the same; type it again")
    person = house.people.invited(secret)
    if person.role == "observer" and not passphrase:
        return person.id  # an observer's link is its key: it works until it is taken back
    house.people.check_passphrase(passphrase)
    person = house.people.use(secret)
    house.people.set_passphrase(person.id, passphrase)
    house.sessions.end_all(person.id)
    tell("an invitation was used", person=person.id)
    return person.id


def take_seat(house: House, person: str) -> str:
    """Sit down at a seat of a rehearsal, which is free for anybody at this machine. Raises Refused."""
    found = house.people.book().find(person)
    if not (house.is_rehearsal and found.seat):
        raise Refused("this seat is not free to take; sign in")
    return found.id
