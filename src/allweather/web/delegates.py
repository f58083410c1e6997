"""The people of a node with their keys: who is added as a delegate gets a signing key of its own, made here.

    HOME/delegates/ID.key   an encrypted key file, behind the node's passphrase

What that key may do stands in a mandate on the record and nowhere else. Whoever is removed can sign no more:
the key file goes with the person, and what it signed stays.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from allweather.errors import OutputError, Refused
from allweather.record.ed25519 import public_of
from allweather.record.keys import format_base64
from allweather.store.disk import reason
from allweather.store.keyfiles import ROUNDS, write_key
from allweather.web.people import Book, People, Person, Role


def key_file(home: Path, person: str) -> Path:
    """Where the key of a delegate is kept."""
    return home / "delegates" / f"{person}.key"


def admit(
    home: Path, people: People, name: str, role: Role, passphrase: Callable[[], str], *, rounds: int = ROUNDS
) -> Person:
    """A new person; a delegate with a new key behind the node's passphrase.

    Raises InputError for a name that is taken, OutputError if the key cannot be kept: then nobody is added.
    """
    if role != "delegate":
        return people.add(name, role)
    secret, seed = passphrase(), os.urandom(32)
    person = people.add(name, role, key=format_base64(public_of(seed)))
    place = key_file(home, person.id)
    try:
        try:
            place.parent.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{place.parent} cannot be made: {reason(error)}") from error
        write_key(place, seed, secret, name=person.name, rounds=rounds)
    except BaseException:
        people.remove(person.id)
        raise
    return person


def dismiss(home: Path, people: People, person: str) -> Person:
    """Remove a person and its key. Raises UnknownName, and Refused for the last head who can sign in."""
    gone = people.book().find(person)

    def without(book: Book) -> Book:
        left = tuple(one for one in book.people if one.id != person)
        if gone.role == "head" and not any(one.role == "head" for one in left):
            raise Refused(f"{gone.name} is the only head at this node; add another one first")
        return Book(left, tuple(one for one in book.invitations if one.person != person))

    people.change(without)
    try:
        key_file(home, person).unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(
            f"{gone.name} is removed, but {key_file(home, person)} is still there: {reason(error)}"
        ) from error
    return gone
