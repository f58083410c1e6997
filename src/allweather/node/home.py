"""A member's home: the folder with its store, its keys and what says which they are.

    HOME/home.toml         origin, store, quorum: what `record new` was told
    HOME/record.sqlite     the store, or HOME/record/ for a folder; PostgreSQL stands elsewhere
    HOME/keys/log.key      signs the own log          } OpenSSH key files behind a passphrase
    HOME/keys/witness.key  cosigns other logs         }
    HOME/keys/recovery.key names successors: to be kept offline
    HOME/keys/head         the guard: the last own head that was signed here

The guard shows a store that was restored from a backup: it then holds less than was signed. Nothing here
decides what a record means; that is done in the room `record`.
"""

from __future__ import annotations

import os
import shutil
import stat
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from allweather.errors import InputError, Malformed, OutputError, Refused, StoreError
from allweather.node.settling import KeptFacts, settled
from allweather.record.checkpoints import Head, parse_head
from allweather.record.keys import Signer, check_origin, log_signer, recovery_signer, witness_signer
from allweather.record.standing import LogStanding, Standing
from allweather.record.storage import Batch, Branch, Storage, root_at
from allweather.record.writing import KeptCosigned, awaited
from allweather.store import FolderStore, open_postgres, open_sqlite, read_key, write_key
from allweather.store.disk import read_file, reason, sync_folder, write_new
from allweather.store.keyfiles import ROUNDS as _ROUNDS

ROUNDS = _ROUNDS
SQLITE, FOLDER = "sqlite", "folder"
SIGNERS = {"log": log_signer, "witness": witness_signer, "recovery": recovery_signer}
_MAX_SETTINGS = 16_384
_MAX_PASSPHRASE = 4_096


class Opened(Storage, Protocol):
    """A store that can be closed."""

    def close(self) -> None:
        """Let go of it."""
        ...


@dataclass(frozen=True, slots=True)
class Home:
    """A home as its home.toml states it. `store` is `sqlite`, `folder` or an address of PostgreSQL."""

    path: Path
    origin: str
    store: str = SQLITE
    quorum: int | None = None

    @property
    def keys(self) -> Path:
        """The folder of the keys."""
        return self.path / "keys"

    @property
    def guard(self) -> Path:
        """The file that keeps the last own head."""
        return self.keys / "head"


def is_home(place: Path | str) -> bool:
    """Whether a folder is a home."""
    return (Path(place) / "home.toml").is_file()


def find_home(path: Path) -> Home:
    """The home in a folder. Raises InputError if there is none, or if home.toml is not as we write it."""
    where = path / "home.toml"
    try:
        data = read_file(where, _MAX_SETTINGS)
    except (OSError, ValueError):
        data = None
    if data is None:
        raise InputError("there is no home here; make one with `allweather record new`", where=str(path))
    try:
        found = tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"this is not TOML ({error})", where=str(where)) from None
    if strange := sorted(found.keys() - {"origin", "store", "quorum"}):
        raise InputError(f"{strange[0]!r:.60} is no setting of a home; remove it", where=str(where))
    origin, store, quorum = found.get("origin"), found.get("store", SQLITE), found.get("quorum")
    if not isinstance(origin, str) or not isinstance(store, str):
        raise InputError('a home states origin = "council/member", as text', where=str(where))
    if quorum is not None and (type(quorum) is not int or quorum < 1):
        raise InputError("a quorum is a whole number from 1 on", where=str(where))
    return Home(path, check_origin(origin), check_store(store), quorum)


def check_store(store: str) -> str:
    """`store` itself. Raises InputError unless it is one of the three kinds."""
    if store in (SQLITE, FOLDER) or store.startswith(("postgresql://", "postgres://")):
        return store
    raise InputError(f"{store!r:.60} is no store: write sqlite, folder, or postgresql://host/name")


def format_home(home: Home) -> bytes:
    """The text of home.toml."""
    from msgspec.json import encode

    lines = [f"origin = {encode(home.origin).decode()}", f"store = {encode(home.store).decode()}"]
    if home.quorum is not None:
        lines.append(f"quorum = {home.quorum}")
    return ("\n".join(lines) + "\n").encode()


def open_store(home: Home, *, create: bool = False, read_only: bool = False) -> Opened:
    """The store of a home. Raises StoreError if it cannot be opened, or if another process writes to it."""
    if home.store == SQLITE:
        return open_sqlite(home.path / "record.sqlite", create=create, read_only=read_only)
    if home.store == FOLDER:
        return FolderStore(home.path / "record", create=create)
    return open_postgres(home.store, create=create)


@dataclass(slots=True)
class Desk:
    """A home that is open, with where all logs stand. `commit` is the one way to write through it."""

    home: Home
    storage: Opened
    standing: Standing
    passphrase: Passphrase
    _facts: KeptFacts = field(default_factory=KeptFacts, repr=False)
    _cosigned: KeptCosigned | None = field(default=None, repr=False)
    _signers: dict[str, Signer] = field(default_factory=dict, repr=False)

    @property
    def own(self) -> LogStanding:
        """The member's own log."""
        log = self.standing.logs.get(self.home.origin)
        if log is None:
            raise StoreError(f"the store of {self.home.path} does not hold the card of {self.home.origin}")
        return log

    def settle(self) -> None:
        """Work out afresh where each log stands."""
        self.standing = settled(self.storage, self._facts, self.home.quorum)

    def commit(self, batch: Batch) -> None:
        """Make a batch durable, then the guard, then settle again."""
        self.storage.commit(batch)
        for growth in batch.growths:
            if growth.branch.origin == self.home.origin:
                write_guard(self.home, growth.branch.head)
        self.settle()

    def cosigned_before(self) -> Mapping[str, Sequence[Head]]:
        """The heads of other logs that this member cosigned, by its own entries on any face; by size."""
        if self._cosigned is None:
            self._cosigned = KeptCosigned(self.home.origin)
        return self._cosigned.update(self.storage)

    def check_guard(self) -> None:
        """Raise Refused if the store holds less of the own log than was signed here."""
        guard = read_guard(self.home)
        if guard is None or awaited(self.storage):
            return
        branches = self.storage.branches(self.home.origin)
        if any(root_at(self.storage, one, guard.size) == guard.root for one in branches):
            return
        held = max((one.head.size for one in branches), default=0)
        raise Refused(
            f"{self.home.path} holds {held} entries of {self.home.origin}, and {guard.size} were signed "
            "here: the store is from a backup. Run `allweather record import` with --restored from each "
            "other member, or let the recovery key name new keys with `allweather record succeed`"
        )

    def signer(self, word: str) -> Signer:
        """The own key `log` or `witness`, from its file. Raises Refused if it is not the one in force."""
        current = self.own.history.current
        in_force = current.log if word == "log" else current.witness
        kept = self._signers.get(word)
        if kept is not None and kept.verifier == in_force:
            return kept
        finish_succession(self.home, self.own)
        seed = read_key(self.home.keys / f"{word}.key", self.passphrase.get())
        found = self._signers[word] = SIGNERS[word](self.home.origin, seed)
        if found.verifier != in_force:
            raise Refused(
                f"{self.home.keys / f'{word}.key'} is not the key in force for {self.home.origin}; use the "
                "file of the last succession"
            )
        return found


@contextmanager
def at_desk(path: Path, passphrase: Passphrase, *, writes: bool = True) -> Iterator[Desk]:
    """Open a home to write to it (or only to read) and close it again."""
    home = find_home(path)
    storage = open_store(home, read_only=not writes)
    try:
        desk = Desk(home, storage, Standing({}, (), ()), passphrase)
        desk.settle()
        yield desk
    finally:
        storage.close()


# The guard


def read_guard(home: Home) -> Head | None:
    """The last own head that was signed here; None before the first."""
    try:
        data = read_file(home.guard, 1_024)
        if data is None:
            return None
        head = parse_head(data.decode("ascii"), where=str(home.guard))
    except (OSError, UnicodeDecodeError, Malformed):
        raise StoreError(
            f"{home.guard} is damaged, and it shows whether the store is up to date; restore it from a copy, "
            "or name new keys with `allweather record succeed`"
        ) from None
    return head


def write_guard(home: Home, head: Head) -> None:
    """Keep the last own head, at once or not at all. Raises OutputError."""
    part = home.keys / "head.part"
    try:
        part.unlink(missing_ok=True)
        write_new(part, head.text.encode(), mode=0o600)
        part.replace(home.guard)
        sync_folder(home.keys)
    except OSError as error:
        raise OutputError(
            f"the entries are kept, but {home.guard} cannot be written: {reason(error)}; without it a "
            "restored backup goes unnoticed"
        ) from error


def own_branch(desk: Desk, number: int | None = None) -> Branch | None:
    """A face of the own log: the longest, or the one of that number."""
    branches = desk.storage.branches(desk.home.origin)
    if number is not None:
        branches = tuple(one for one in branches if one.number == number)
    return max(branches, key=lambda one: one.head.size, default=None)


# Keys


@dataclass(slots=True)
class Passphrase:
    """A passphrase: from a file, or asked for once through `ask` (the question, whether it is a new one)."""

    file: Path | None
    what: str = "Passphrase of the keys"
    ask: Callable[[str, bool], str] | None = None
    _found: str = field(default="", repr=False)

    def get(self, *, new: bool = False) -> str:
        """The passphrase. Raises InputError if there is neither a file nor somebody to ask."""
        if not self._found:
            if self.file is not None:
                self._found = _read_passphrase(self.file)
            elif self.ask is not None:
                self._found = self.ask(self.what, new)
            else:
                raise InputError("there is no terminal to ask for the passphrase at; give --passphrase-file")
        return self._found


def _read_passphrase(path: Path) -> str:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            data = file.read(_MAX_PASSPHRASE + 1)
    except (OSError, ValueError):
        raise InputError(
            "the file of the passphrase cannot be read; check the path", where=str(path)
        ) from None
    if mode & 0o077:
        raise InputError(
            f"others can read this passphrase (mode {mode:03o}); run chmod 600 on the file", where=str(path)
        )
    try:
        line = data.decode().split("\n", 1)[0].removesuffix("\r")
    except UnicodeDecodeError:
        line = ""
    if not line or len(data) > _MAX_PASSPHRASE:
        raise InputError(
            "the passphrase is the first line of the file, in UTF-8, and not empty", where=str(path)
        )
    return line


def new_keys(
    origin: str, places: dict[str, Path], words: dict[str, Passphrase], *, rounds: int | None = None
) -> dict[str, Signer]:
    """Three new keys, each in its file. Raises what `write_key` raises; then none of the files stays.

    `rounds` says how slow guessing is to be; fewer than usual do for a passphrase that nobody could guess.
    """
    found, written = {}, []
    try:
        for word, place in places.items():
            seed = os.urandom(32)
            found[word] = SIGNERS[word](origin, seed)
            secret = words[word].get(new=True)
            write_key(place, seed, secret, name=found[word].name, rounds=rounds or ROUNDS)
            written.append(place)
    except BaseException:
        for place in written:
            place.unlink(missing_ok=True)
        raise
    return found


def finish_succession(home: Home, own: LogStanding) -> None:
    """Put new key files in place if a succession was committed and the program ended before it did that."""
    following = home.keys / "next"
    number = len(own.history.periods) - 1
    if not following.is_dir():
        return
    try:
        digest = read_file(following / "succession-digest", 64)
        if digest is None or not own.history.links or digest != own.history.links[-1].hex().encode():
            return
        old = home.keys / f"old-{number}"
        old.mkdir(mode=0o700, exist_ok=True)
        for word in SIGNERS:
            place, current = following / f"{word}.key", home.keys / f"{word}.key"
            if current.exists() and not (old / place.name).exists():
                current.rename(old / place.name)
            if place.exists():
                place.rename(current)
        sync_folder(old)
        sync_folder(home.keys)
        shutil.rmtree(following)
    except OSError as error:
        raise StoreError(f"the new keys in {following} cannot be put in place: {reason(error)}") from error
