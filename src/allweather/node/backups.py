"""Copies of a home: made while its node runs; put back so that nothing is signed before others were asked.

A copy holds the store, the keys behind their passphrases, the peers and home.toml; not the token, which the
next run makes anew. A store in SQLite is copied by the database itself, page by page, at one moment. One in a
folder is copied while nobody writes. One in PostgreSQL has its server's own means.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from allweather.errors import OutputError, Refused, StoreError
from allweather.node.home import FOLDER, SQLITE, Home, find_home, open_store
from allweather.node.peers import peers_file, running_node
from allweather.record.writing import awaited, mark_restored
from allweather.store.disk import reason, sync_folder

_STORE = "record.sqlite"


def back_up(path: Path, dest: Path) -> None:
    """Copy a home to DEST, which must not be there yet; whole or not at all.

    Raises OutputError, StoreError, and Refused for a store that has other means.
    """
    home = find_home(path)
    if home.store not in (SQLITE, FOLDER):
        raise Refused(
            "the store of this home is in PostgreSQL: back it up with pg_dump, and copy the home's folder"
        )
    if home.store == FOLDER and running_node(path) is not None:
        raise Refused(
            f"the store of {path} is a folder of files, which are not all of one moment while its node "
            "writes: stop the node, make the copy, start it again (a store in SQLite is copied while it runs)"
        )
    _put(dest, lambda part: _copy(home, part))


def restore(source: Path, dest: Path) -> tuple[str, ...]:
    """Put a copy back as a new home; the members that must be asked before it signs.

    Raises InputError if the copy is none, OutputError if there is something at DEST, StoreError.
    """
    found = find_home(source)

    def fill(part: Path) -> None:
        _copy(found, part)
        made = Home(part, found.origin, found.store, found.quorum)
        storage = open_store(made)
        try:
            storage.commit(mark_restored(storage, made.origin))
        finally:
            storage.close()
        for name in ("-wal", "-shm", ".lock"):
            (part / f"{_STORE}{name}").unlink(missing_ok=True)

    _put(dest, fill)
    storage = open_store(find_home(dest))
    try:
        return awaited(storage)
    finally:
        storage.close()


def _put(dest: Path, fill: Callable[[Path], None]) -> None:
    """Fill a folder beside DEST and put it in its place."""
    target = dest.absolute()
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        if target.exists():
            raise OutputError(f"{dest} is there already; choose another place")
        part.mkdir(mode=0o700)
        fill(part)
        for folder in (part, *(one for one in part.rglob("*") if one.is_dir())):
            sync_folder(folder)
        part.rename(target)
        sync_folder(target.parent)
    except OSError as error:
        raise OutputError(f"cannot write {dest}: {reason(error)}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _copy(home: Home, part: Path) -> None:
    """Copy a home's files; the store before the guard, which then never shows less than it holds."""
    if home.store == SQLITE:
        _copy_sqlite(home.path / _STORE, part / _STORE)
    elif home.store == FOLDER:
        _copy_folder(home, part / "record")
    else:
        raise Refused("the store of this copy is in PostgreSQL: put that back with pg_restore")
    # While the node runs, a new guard is written beside the old one and put in its place: no file to copy.
    unfinished = shutil.ignore_patterns("*.part", ".*")
    shutil.copytree(home.keys, part / "keys", ignore=unfinished, copy_function=_copy_private)
    (part / "keys").chmod(0o700)
    for name in (home.path / "home.toml", peers_file(home.path), *home.path.glob("*.pem")):
        if name.is_file():
            _copy_private(name, part / name.name)


def _copy_sqlite(store: Path, dest: Path) -> None:
    if not store.is_file():
        raise StoreError(f"there is no store at {store}; check the path")
    try:
        os.close(os.open(dest, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        source = sqlite3.connect(f"file:{quote(str(store.absolute()))}?mode=ro", uri=True)
        try:
            target = sqlite3.connect(dest)
            try:
                source.backup(target)
                (sound,) = target.execute("PRAGMA quick_check").fetchone()
            finally:
                target.close()
        finally:
            source.close()
    except sqlite3.Error as error:
        raise StoreError(f"{store} cannot be copied: {error}") from error
    if sound != "ok":
        raise StoreError(f"the copy of {store} is damaged: {sound:.100}")
    _sync(dest)


def _copy_folder(home: Home, dest: Path) -> None:
    storage = open_store(home)  # holds the lock, so that nobody writes meanwhile
    try:
        shutil.copytree(home.path / "record", dest, copy_function=_copy_private)
    finally:
        storage.close()


def _copy_private(source: Path | str, dest: Path | str) -> Path | str:
    shutil.copyfile(source, dest, follow_symlinks=False)
    Path(dest).chmod(0o600)
    _sync(Path(dest))
    return dest


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
