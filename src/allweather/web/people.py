"""The people of one member's node: who may sign in, in which role, and by what they are known again.

    HOME/people.json        names, roles, hashes of passphrases, public passkeys, hashes of invitations
    HOME/delegates/ID.key   the signing key of a delegate, behind the node's passphrase

There is no default passphrase and no account that is there from the start: whoever keeps the node invites
the first person with `allweather node people`. An invitation is a link that works once. Only hashes of what
opens a door are kept.

A *head* acts in its member's own name. A *delegate* acts with its own key, and what that may do stands in the
mandate on the record. An *observer* reads.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from allweather.errors import InputError, OutputError, Refused, StoreError, UnknownName
from allweather.node.peers import replace_file
from allweather.store.disk import read_file, reason

Role = Literal["head", "delegate", "observer"]
MAX_PEOPLE = 2_000
MIN_PASSPHRASE, MAX_PASSPHRASE = 10, 1_024
INVITED_FOR = 7 * 86_400
_MAX_FILE = 2**24
_FOR_GOOD = 2**53 - 1
_COST, _BLOCKS, _LANES = 2**15, 8, 1
_Short = Annotated[str, msgspec.Meta(max_length=300)]


class Passkey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A passkey as it was registered: its credential data in base64, and what its owner calls it."""

    credential: Annotated[str, msgspec.Meta(max_length=8_192)]
    name: _Short = ""


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One person. `key` is the base64 of a delegate's public key; `passphrase` is salt and hash in base64.

    `seat` marks a place of a rehearsal, which anybody at this machine may take.
    """

    id: _Short
    name: _Short
    role: Role
    key: _Short = ""
    passphrase: _Short = ""
    passkeys: Annotated[tuple[Passkey, ...], msgspec.Meta(max_length=16)] = ()
    language: Annotated[str, msgspec.Meta(max_length=35)] = ""
    zone: Annotated[str, msgspec.Meta(max_length=64)] = ""
    email: _Short = ""
    digest: Literal["", "daily", "weekly"] = ""
    seat: bool = False


class Invitation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A link that lets one person in: the hash of its secret, whose it is, until when it is good."""

    hash: _Short
    person: _Short
    until: int


class Book(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that people.json holds."""

    people: Annotated[tuple[Person, ...], msgspec.Meta(max_length=MAX_PEOPLE)] = ()
    invitations: Annotated[tuple[Invitation, ...], msgspec.Meta(max_length=2 * MAX_PEOPLE)] = ()

    def find(self, person: str) -> Person:
        """The person of an id. Raises UnknownName."""
        found = next((one for one in self.people if one.id == person), None)
        if found is None:
            raise UnknownName(f"{person!r:.60} is nobody at this node")
        return found

    def named(self, name: str) -> Person | None:
        """The person who signs in by a name, written in any case."""
        return next((one for one in self.people if one.name.casefold() == name.strip().casefold()), None)

    def put(self, person: Person) -> Book:
        """The same with one person added or changed."""
        others = [one for one in self.people if one.id != person.id]
        return msgspec.structs.replace(self, people=(*others, person))


def parse_book(data: bytes, *, where: str = "") -> Book:
    """The book in a people.json. Raises InputError."""
    try:
        book = msgspec.json.decode(data, type=Book)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"this is no list of people ({error})", where=where) from None
    names = [one.name.casefold() for one in book.people]
    if len(set(names)) != len(names) or len({one.id for one in book.people}) != len(names):
        raise InputError("two people have one name; rename one", where=where)
    return book


def format_book(book: Book) -> bytes:
    """The text of people.json."""
    return msgspec.json.format(msgspec.json.encode(book)) + b"\n"


class People:
    """The people of a home, read again whenever the file has changed."""

    def __init__(self, home: Path, clock: Callable[[], float]) -> None:
        self._path = home / "people.json"
        self._clock = clock
        self._known: tuple[tuple[int, int, int] | None, Book] = (None, Book())

    def book(self) -> Book:
        """The book as it is now. Raises InputError if the file is broken, StoreError if it cannot be read."""
        try:
            state = self._path.stat()
        except FileNotFoundError:
            return Book()
        except OSError as error:
            raise StoreError(f"{self._path} cannot be read: {reason(error)}") from error
        stamp = (state.st_mtime_ns, state.st_size, state.st_ino)
        if self._known[0] != stamp:
            self._known = stamp, self._read()
        return self._known[1]

    def _read(self) -> Book:
        try:
            data = read_file(self._path, _MAX_FILE)
        except (OSError, ValueError) as error:
            raise StoreError(f"{self._path} cannot be read; restore it from a copy") from error
        return parse_book(data, where=str(self._path)) if data else Book()

    @contextmanager
    def _changing(self) -> Iterator[Book]:
        """The book while nobody else changes it, neither here nor by the command line."""
        try:
            handle = os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise OutputError(f"{self._path} cannot be changed: {reason(error)}") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield self._read() if self._path.exists() else Book()
        finally:
            os.close(handle)

    def change(self, change: Callable[[Book], Book]) -> Book:
        """Change the book, at once and durably; as it is then. What `change` raises leaves it as it was."""
        with self._changing() as before:
            after = change(before)
            replace_file(self._path, format_book(parse_book(format_book(after), where=str(self._path))))
        return after

    # Who there is

    def add(self, name: str, role: Role, *, key: str = "", seat: bool = False) -> Person:
        """A new person. Raises InputError if the name is taken or empty."""
        name = " ".join(name.split())
        if not name or len(name) > 100 or not name.isprintable():
            raise InputError("a person has a name of 1 to 100 characters that can be printed")
        person = Person(secrets.token_hex(8), name, role, key, seat=seat)

        def added(book: Book) -> Book:
            if book.named(name) is not None:
                raise InputError(f"{name} is at this node already; give another name")
            if len(book.people) >= MAX_PEOPLE:
                raise InputError(f"a node has at most {MAX_PEOPLE:,} people; remove some first")
            return book.put(person)

        self.change(added)
        return person

    def remove(self, person: str) -> None:
        """Let somebody in no more. What it signed stays on the record. Raises UnknownName."""

        def removed(book: Book) -> Book:
            book.find(person)
            return Book(
                tuple(one for one in book.people if one.id != person),
                tuple(one for one in book.invitations if one.person != person),
            )

        self.change(removed)

    def update(self, person: str, **fields: object) -> Person:
        """Change what is kept of a person; as it is then. Raises UnknownName."""
        book = self.change(lambda book: book.put(msgspec.structs.replace(book.find(person), **fields)))
        return book.find(person)

    # Invitations

    def invite(self, person: str) -> str:
        """The secret of a link that lets a person in once; links before it are good no more.

        An observer's link is its key: it is good until another is made, or the observer is removed.
        """
        secret = secrets.token_urlsafe(24)
        stays = self.book().find(person).role == "observer"
        until = _FOR_GOOD if stays else int(self._clock()) + INVITED_FOR
        made = Invitation(_digest(secret), person, until)

        def invited(book: Book) -> Book:
            book.find(person)
            others = [one for one in book.invitations if one.person != person and one.until > self._clock()]
            return msgspec.structs.replace(book, invitations=(*others, made))

        self.change(invited)
        return secret

    def invited(self, secret: str) -> Person:
        """Whom a link lets in; it stays good. Raises Refused if it is good no more."""
        hashed, book = _digest(secret), self.book()
        for one in book.invitations:
            if hmac.compare_digest(one.hash, hashed) and one.until > self._clock():
                return book.find(one.person)
        raise Refused("this link is not good, or not any more; ask whoever keeps the node for a new one")

    def use(self, secret: str) -> Person:
        """The same, and the link is used up. Of two who use it at once, one is refused."""
        hashed = _digest(secret)
        person = self.invited(secret)

        def used(book: Book) -> Book:
            left = tuple(one for one in book.invitations if one.hash != hashed)
            if len(left) == len(book.invitations):
                raise Refused("this link has been used; ask whoever keeps the node for a new one")
            return msgspec.structs.replace(book, invitations=left)

        self.change(used)
        return person

    # Passphrases

    def check_passphrase(self, passphrase: str) -> None:
        """Raise InputError if a passphrase is too short or too long."""
        if len(passphrase) < MIN_PASSPHRASE or len(passphrase) > MAX_PASSPHRASE:
            raise InputError(f"a passphrase has {MIN_PASSPHRASE} to {MAX_PASSPHRASE:,} characters")

    def set_passphrase(self, person: str, passphrase: str) -> None:
        """Let a person sign in by this passphrase from now on. Raises InputError if it is too short."""
        self.check_passphrase(passphrase)
        salt = os.urandom(16)
        kept = f"{_base64(salt)}.{_base64(_stretch(passphrase, salt))}"
        self.update(person, passphrase=kept)

    def by_passphrase(self, name: str, passphrase: str) -> Person | None:
        """Who this is; None if name or passphrase do not fit. Both take the same time."""
        person = self.book().named(name)
        kept = person.passphrase if person is not None else ""
        salt, _, expected = kept.partition(".")
        given = _stretch(passphrase[:MAX_PASSPHRASE], base64.b64decode(salt) or b"nobody has this.")
        fits = hmac.compare_digest(_base64(given), expected)
        return person if fits and person is not None and kept else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _stretch(passphrase: str, salt: bytes) -> bytes:
    """Scrypt (RFC 7914): 32 MiB and about a tenth of a second a try."""
    made = Scrypt(salt=salt, length=32, n=_COST, r=_BLOCKS, p=_LANES)
    return made.derive(passphrase.encode("utf-8", "replace"))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
