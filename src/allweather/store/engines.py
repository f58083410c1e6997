"""Connections to the two databases: how a commit is made to last, who may write, what an error means.

SQLite: write-ahead log, every commit synced, foreign keys held, and transactions begun by us and by nothing
else (the standard library's own transaction control is switched off). The one writer holds a lock on
`<file>.lock`. PostgreSQL: the one writer's connection holds an advisory lock; a connection made anew takes
it anew or fails.

What is here knows no table. It turns every error of a database into one StoreError, without the address's
password and without any row.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from allweather.errors import InputError, Malformed, StoreError
from allweather.store.disk import reason, sync_folder
from allweather.store.growing import damaged
from allweather.store.locking import WriterLock

BUSY_SECONDS = 5
_CONNECT_SECONDS = 10
_LOCK_CLASS = 0x616C6C77  # "allw"

_SQLITE = {
    "SQLITE_FULL": "the disk is full; make room and try again",
    "SQLITE_READONLY": "the file or its folder is read-only; make them writable or choose another place",
    "SQLITE_CORRUPT": "the file is damaged; restore a copy, or fetch the record again from a peer",
    "SQLITE_NOTADB": "the file is not a database, or its head is damaged; check the path, or restore a copy",
    "SQLITE_BUSY": "another program keeps it locked; close that one and try again",
    "SQLITE_LOCKED": "another program keeps it locked; close that one and try again",
    "SQLITE_CANTOPEN": "it cannot be opened; check that it exists and that you may write to its folder",
    "SQLITE_PERM": "there is no permission; check whose it is and its mode",
    "SQLITE_IOERR": "the disk reports an error or is full; check it, make room, and try again",
    "SQLITE_PROTOCOL": "another program keeps it locked; close that one and try again",
}

# Large pages, for a file that is still empty: entries are kept by the hundred kilobytes.
_SETTINGS = (
    "page_size=16384",
    "foreign_keys=ON",
    "synchronous=FULL",
    "secure_delete=ON",
    "trusted_schema=OFF",
)

# By the beginning of the SQLSTATE.
_POSTGRES = {
    "53100": "the server's disk is full; make room and try again",
    "53": "the server has no room left for this; try again later",
    "25006": "the database is read-only; name another, or a role that may write",
    "42501": "this role has no permission for that; ask whoever runs the server",
    "28": "the server refuses this role or its password; check the address",
    "3D000": "there is no such database; create it first",
    "57": "the server ended the connection; try again when it runs",
    "08": "the connection was lost; try again when the server can be reached",
    "XX": "the server finds its files damaged; restore a copy, or fetch the record again from a peer",
}


class Engines:
    """The connections of one store: for reading, and for writing unless it was opened for reading only."""

    def __init__(
        self, where: str, reader: Engine, writer: Engine | None, lock: WriterLock | None = None
    ) -> None:
        self.where = where
        self._reader: Engine | None = reader
        self._writer = writer
        self._lock = lock
        self.dialect = reader.dialect
        self.is_sqlite = reader.dialect.name == "sqlite"
        errors = (SQLAlchemyError, sqlite3.Error, *_driver_errors(reader))
        self._errors: tuple[type[Exception], ...] = errors

    def cursor(self, connection: Connection) -> Any:
        """The driver's own cursor in the transaction of `connection`; its errors are told like all."""
        return connection.connection.cursor()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that reads. Every error of the database, and every broken row, is a StoreError."""
        if self._reader is None:
            raise StoreError(f"{self.where} is closed; open it again")
        with self._telling(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes: durable when the block is left, undone when it is left by an error."""
        if self._reader is None:
            raise StoreError(f"{self.where} is closed; open it again")
        if self._writer is None:
            raise StoreError(f"{self.where} was opened for reading only; open it for writing")
        with self._telling(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def outside(self) -> Iterator[Any]:
        """The writer's raw cursor, in no transaction: for what SQLite does not allow within one."""
        if self._writer is None:
            raise StoreError(f"{self.where} was opened for reading only; open it for writing")
        with self._telling():
            raw = self._writer.raw_connection()
            try:
                cursor = raw.cursor()
                yield cursor
                cursor.close()
            finally:
                raw.close()

    def close(self) -> None:
        """Close every connection and let another write."""
        for engine in (self._writer, self._reader):
            if engine is not None:
                engine.dispose()
        self._reader = self._writer = None
        if self._lock is not None:
            self._lock.release()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except Malformed as error:
            raise damaged(self.where, error) from error
        except self._errors as error:
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                # The other connections are as dead: let both pools begin afresh.
                for engine in (self._writer, self._reader):
                    if engine is not None:
                        engine.dispose()
            raise StoreError(f"{self.where}: {_sentence(error)}") from error
        except ImportError as error:
            raise StoreError("PostgreSQL needs the package psycopg: install allweather[postgres]") from error
        except (UnicodeError, OverflowError) as error:
            raise StoreError(f"{self.where} cannot keep or give this: {error}") from error


def _driver_errors(engine: Engine) -> tuple[type[Exception], ...]:
    dbapi = engine.dialect.dbapi
    return () if dbapi is None else (dbapi.Error,)


def sqlite_engines(path: Path, *, create: bool, read_only: bool) -> Engines:
    """The connections to a SQLite file; with `create` an empty one is made if need be. Raises StoreError."""
    if not path.exists() and (read_only or not create):
        raise StoreError(f"there is no store at {path}; check the path, or create one")
    if path.is_dir():
        raise StoreError(f"{path} is a folder, not a store in a file; check the path")
    if read_only:
        mode = "mode=ro&immutable=1" if _is_frozen(path) else "mode=ro"
        return Engines(str(path), _sqlite_engine(path, mode, "BEGIN", size=4), None)
    lock = WriterLock(path.with_name(path.name + ".lock"), path)
    try:
        if not path.exists():
            _make_file(path)
        writer = _sqlite_engine(path, "mode=rw", "BEGIN IMMEDIATE", size=1)
        return Engines(str(path), _sqlite_engine(path, "mode=rw", "BEGIN", size=4), writer, lock)
    except BaseException:
        lock.release()
        raise


def postgres_engines(address: str) -> Engines:
    """The connections to a PostgreSQL database, made when needed. Raises InputError for no such address."""
    try:
        url = make_url(address)
    except (SQLAlchemyError, ValueError):
        raise InputError("this is no address of a database; it is written postgresql://host/name") from None
    if url.drivername not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise InputError("the address of a PostgreSQL database begins with postgresql://")
    url = url.set(drivername="postgresql+psycopg")
    host = url.host or url.query.get("host") or "localhost"
    where = f"the PostgreSQL database {url.database or '(unnamed)'} at {host}"
    try:
        reader, writer = _postgres_engine(url, 4), _postgres_engine(url, 1)
    except ImportError:
        raise StoreError("PostgreSQL needs the package psycopg: install allweather[postgres]") from None
    event.listen(writer, "connect", _taking_lock(where))
    return Engines(where, reader, writer)


def _sqlite_engine(path: Path, mode: str, begin: str, *, size: int) -> Engine:
    address = f"file:{quote(str(path.absolute()))}?{mode}"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            address, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            for setting in _SETTINGS:
                connection.execute(f"PRAGMA {setting}")
        except BaseException:
            connection.close()
            raise
        return connection

    engine = create_engine(
        "sqlite://",
        creator=connect,
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0,
        hide_parameters=True,
    )
    event.listen(engine, "begin", lambda connection: connection.connection.execute(begin))
    return engine


def _postgres_engine(url: URL, size: int) -> Engine:
    arguments = {} if "connect_timeout" in url.query else {"connect_timeout": _CONNECT_SECONDS}
    return create_engine(
        url, connect_args=arguments, pool_size=size, max_overflow=0, hide_parameters=True, pool_use_lifo=True
    )


def _taking_lock(where: str) -> Callable[[Any, Any], None]:
    """What each new connection of a PostgreSQL writer does first."""

    def take(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_try_advisory_lock(%s, hashtext(current_schema())), "
                "CASE WHEN current_setting('synchronous_commit') = 'off' "
                "THEN set_config('synchronous_commit', 'on', false) END",
                (_LOCK_CLASS,),
            )
            (taken, _) = cursor.fetchone()
        connection.commit()
        if not taken:
            connection.close()
            raise StoreError(f"{where} is in use: another process writes to it; stop that one first")

    return take


def _is_frozen(path: Path) -> bool:
    """Whether nobody can write beside it, so that SQLite need not keep its shared index there."""
    tail = path.with_name(path.name + "-wal")
    try:
        if tail.exists() and tail.stat().st_size:
            return False
    except OSError:
        return False
    return not os.access(path.parent, os.W_OK)


def _make_file(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        sync_folder(path.parent)
    except OSError as error:
        raise StoreError(f"a store cannot be made at {path}: {reason(error)}") from error


def _sentence(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    name = getattr(cause, "sqlite_errorname", None)
    if isinstance(name, str):
        for beginning, sentence in _SQLITE.items():
            if name.startswith(beginning):
                return sentence
    state = getattr(cause, "sqlstate", None)
    if isinstance(state, str):
        for beginning, sentence in _POSTGRES.items():
            if state.startswith(beginning):
                return sentence
    if isinstance(error, DBAPIError) and (error.connection_invalidated or (state is None and name is None)):
        if "UTF-8" in str(cause):
            return "a text in it is damaged; restore a copy, or fetch the record again from a peer"
        if cause is not None and type(cause).__name__ == "OperationalError":
            return (
                "it cannot be reached or the connection was lost; check that the server runs, then try again"
            )
    first = str(cause).strip().splitlines() or [type(cause).__name__]
    return f"the database refused ({first[0]:.160}); check it, then try again"
