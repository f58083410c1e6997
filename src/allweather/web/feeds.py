"""Secret addresses: a calendar program cannot sign in, so each person has an address that stands for it.

The address holds the person's id and a code made of that with a secret of this node (HOME/feeds.key, 32
random bytes, readable by its owner only). Who has the address reads the person's calendar and nothing else.
It is good until the person is removed, or the file is: then all addresses are others.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

from allweather.errors import Refused, StoreError
from allweather.store.disk import read_file, write_new
from allweather.web.people import Book, Person

_SIZE = 32


def feed_key(home: Path) -> bytes:
    """The secret of this node's feeds, made when it is first asked for. Raises StoreError."""
    path = home / "feeds.key"
    try:
        data = read_file(path, _SIZE)
        if data is None:
            write_new(path, os.urandom(_SIZE), mode=0o600)
            data = read_file(path, _SIZE)
    except FileExistsError:
        data = read_file(path, _SIZE)
    except (OSError, ValueError) as error:
        raise StoreError(f"{path} cannot be read or made; check the folder") from error
    if data is None or len(data) != _SIZE:
        raise StoreError(f"{path} is damaged; remove it, and all addresses of calendars are new")
    return data


def feed_code(key: bytes, person: str) -> str:
    """The part of an address that stands for a person: its id, and a code that only this node can make."""
    code = hmac.new(key, f"allweather/feed@v1\n{person}".encode(), hashlib.sha256).hexdigest()
    return f"{person}.{code[:40]}"


def person_of(key: bytes, book: Book, code: str) -> Person:
    """Whose address it is. Raises Refused, in one sentence whatever is wrong with it."""
    person = code.partition(".")[0]
    fits = hmac.compare_digest(feed_code(key, person).encode(), code.encode("utf-8", "replace"))
    found = next((one for one in book.people if one.id == person), None)
    if not fits or found is None:
        raise Refused("this address is not good, or not any more; take the new one from your pages")
    return found
