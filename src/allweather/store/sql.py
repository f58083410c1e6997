"""A record in a database: SQLite, which is one file and the default, or PostgreSQL; one driver for both.

A commit is one transaction. It compares the size that each branch has with the one that its growth begins
at, so that two writers cannot both append; and one lock lets a second writer fail at once. Tables are in
`schema.py`, connections and errors in `engines.py`. What is read is checked for its form, lengths above
all; whether it is what its author signed only the record's proofs say. Redacting a payload overwrites its
bytes in SQLite's file and in its write-ahead log; PostgreSQL keeps them until it vacuums, and in its own
logs and backups for as long as these are kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, insert, inspect, select

from allweather.errors import Malformed, StoreError
from allweather.record.checkpoints import Head, parse_checkpoint
from allweather.record.keys import check_origin
from allweather.record.merkle import HASH_SIZE, format_edge, parse_edge
from allweather.record.notes import format_note, format_signature, parse_signature
from allweather.record.storage import Batch, Branch, Cosigned, Growth, Wanted, shared_spans
from allweather.record.tiles import WIDTH, format_bundle, parse_bundle
from allweather.store import queries as q
from allweather.store import schema as t
from allweather.store.engines import Engines, postgres_engines, sqlite_engines
from allweather.store.growing import Place, check_batch, check_blob, is_fork, missing

_AT_ONCE = 500  # values in one IN (...): both databases have a limit


def open_sqlite(path: Path | str, *, create: bool, read_only: bool = False) -> SqlStore:
    """The store in a SQLite file; with `create` one is made where there is none.

    `read_only` allows a writer beside. Raises StoreError if it cannot be opened, is no store, or is in use.
    """
    return _opened(sqlite_engines(Path(path), create=create, read_only=read_only), create and not read_only)


def open_postgres(url: str, *, create: bool) -> SqlStore:
    """The store in a PostgreSQL database, `postgresql://…`; with `create` its tables are made if need be.

    Raises StoreError if it cannot be opened, is no store, or has another writer; InputError for no address.
    """
    return _opened(postgres_engines(url), create)


def _opened(engines: Engines, create: bool) -> SqlStore:
    try:
        _prepare(engines, create)
        return SqlStore(engines)
    except BaseException:
        engines.close()
        raise


def _prepare(engines: Engines, create: bool) -> None:
    """Raise StoreError unless the tables are ours and of this version; make them if we may."""
    if create or not engines.is_sqlite:
        with engines.writing():
            pass  # whoever may not write, or not now, learns it here, before anything else
    with engines.reading() as connection:
        found = set(inspect(connection).get_table_names())
        rows = connection.execute(select(t.allweather.c.version)).all() if "allweather" in found else []
    if not rows:
        clash = found if engines.is_sqlite else found & t.metadata.tables.keys()
        if clash:
            raise StoreError(
                f"{engines.where} holds tables of something else ({min(clash)}); choose another place"
            )
        if not create:
            raise StoreError(f"{engines.where} holds no store; check the path, or create one")
    elif len(rows) > 1 or rows[0][0] != t.VERSION:
        raise StoreError(
            f"{engines.where} is a store of version {rows[0][0]!r:.20}, and this program knows "
            f"version {t.VERSION}: use the program that made it"
        )
    if engines.is_sqlite and create:
        with engines.outside() as cursor:
            cursor.execute("PRAGMA journal_mode=WAL")
    if not rows:
        with engines.writing() as connection:
            t.metadata.create_all(connection)
            connection.execute(insert(t.allweather), {"version": t.VERSION})


class SqlStore:
    """A store in a database. Made by `open_sqlite` or `open_postgres`; may be used from several threads."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._add = {table: q.adding(table, engines.is_sqlite) for table in t.metadata.tables.values()}
        self._put_mark = q.putting_mark(engines.is_sqlite)
        self._held, self._grown, self._begun, self._add_bundle, self._add_node = (
            q.Direct(statement, engines.dialect)
            for statement in (q.PLACE, q.GROWN, q.BEGUN, q.ADD_BUNDLE, q.ADD_NODE)
        )

    def origins(self) -> tuple[str, ...]:
        """The logs whose members' cards are held."""
        with self._engines.reading() as connection:
            return tuple(sorted(check_origin(row[0]) for row in connection.execute(q.ORIGINS)))

    def key_notes(self, origin: str) -> tuple[bytes, ...]:
        """The card and the successions of a member."""
        with self._engines.reading() as connection:
            return tuple(_blob(row[0]) for row in connection.execute(q.KEY_NOTES, {"origin": origin}))

    def branches(self, origin: str) -> tuple[Branch, ...]:
        """The branches held of a log."""
        with self._engines.reading() as connection:
            return _read_branches(connection, origin)

    def entries(self, branch: Branch, start: int, end: int) -> list[bytes]:
        """The entries [start, end) of a branch: whole chunks are read, so ask for whole bundles."""
        found: list[bytes] = []
        with self._engines.reading() as connection:
            for number, low, high in _spans(connection, branch, start, end):
                asked = {"origin": branch.origin, "number": number, "low": low - low % WIDTH, "high": high}
                rows = connection.execute(q.CHUNKS, asked).all()
                part = _cut(rows, low, high)
                if len(part) != high - low:
                    raise missing(branch.origin, number, self._engines.where)
                found += part
        return found

    def nodes(self, branch: Branch, level: int, start: int, end: int) -> list[bytes]:
        """The hashes [start, end) of a tile level above 0."""
        found: list[bytes] = []
        with self._engines.reading() as connection:
            for number, low, high in _spans(connection, branch, start, end, level=level):
                asked = {"origin": branch.origin, "number": number, "level": level, "low": low, "high": high}
                rows = connection.execute(q.NODES, asked).all()
                if [row[0] for row in rows] != list(range(low, high)):
                    raise missing(branch.origin, number, self._engines.where)
                found += [_blob(row[1], size=HASH_SIZE) for row in rows]
        return found

    def payload(self, digest: bytes) -> bytes | None:
        """The blob of this SHA-256."""
        with self._engines.reading() as connection:
            row = connection.execute(q.PAYLOAD, {"digest": digest}).one_or_none()
            return None if row is None else check_blob(digest, _blob(row[0]), self._engines.where)

    def is_erased(self, digest: bytes) -> bool:
        """Whether a payload was redacted."""
        with self._engines.reading() as connection:
            return connection.execute(q.ERASED, {"digest": digest}).one_or_none() is not None

    def wanted(self) -> tuple[Wanted, ...]:
        """The payloads named and neither held nor erased."""
        with self._engines.reading() as connection:
            rows = connection.execute(q.WANTED).all()
            return tuple(
                Wanted(*one) for one in sorted((check_origin(row[0]), _blob(row[1])) for row in rows)
            )

    def cosigned(self, origin: str, size: int) -> tuple[Cosigned, ...]:
        """The cosignatures on heads of one log at one size."""
        with self._engines.reading() as connection:
            rows = connection.execute(q.COSIGNED, {"origin": origin, "size": size}).all()
            found = [
                Cosigned(Head(origin, size, _blob(row[0], size=HASH_SIZE)), parse_signature(_text(row[1])))
                for row in rows
            ]
        return tuple(sorted(found, key=lambda one: (one.line.name, one.line.signature)))

    def equivocations(self, origin: str) -> tuple[bytes, ...]:
        """The proofs held that a log has two faces."""
        with self._engines.reading() as connection:
            return tuple(
                sorted(_blob(row[0]) for row in connection.execute(q.EQUIVOCATIONS, {"origin": origin}))
            )

    def mark(self, name: str) -> bytes | None:
        """One of the holder's own notes to itself."""
        with self._engines.reading() as connection:
            row = connection.execute(q.MARK, {"name": name}).one_or_none()
            return None if row is None else _blob(row[0])

    def commit(self, batch: Batch) -> None:
        """Take in a batch as a whole, in one transaction."""
        with self._engines.writing() as connection:
            cursor = self._engines.cursor(connection)
            logs = _Logs(connection, self._add[t.logs])
            check_batch(batch, lambda origin, number: self._place(cursor, logs, origin, number))
            for growth in batch.growths:
                self._grow(cursor, logs(growth.branch.origin), growth)
            self._take_notes(connection, logs, batch)
            self._take_payloads(connection, logs, batch)
            self._take_words(connection, logs, batch)
            marks = dict(batch.marks)
            _many(connection, q.UNMARK, [{"old": name} for name in marks if marks[name] is None])
            kept = [{"name": name, "value": value} for name, value in marks.items() if value is not None]
            _many(connection, self._put_mark, kept)
        if batch.erased and self._engines.is_sqlite:
            # Else what was redacted would stand in the write-ahead log until that is written over.
            with self._engines.outside() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close the database and let another write."""
        self._engines.close()

    def _grow(self, cursor: Any, log: int, growth: Growth) -> None:
        branch, start = growth.branch, growth.start
        of: dict[str, Any] = {"log": log, "branch": branch.number}
        row: dict[str, Any] = {"of": log, "one": branch.number, "start": start, "end": branch.head.size}
        row |= {"note": format_note(branch.checkpoint.note), "hashes": format_edge(branch.edge)}
        self._grown.run(cursor, row)
        if not cursor.rowcount:
            self._begun.run(cursor, row | {"parent": branch.parent, "fork_at": branch.fork_at})
        while start < branch.head.size:
            part = growth.entries[start - growth.start : start - start % WIDTH + WIDTH - growth.start]
            chunk = of | {"start": start, "count": len(part), "data": format_bundle(part)}
            self._add_bundle.run(cursor, chunk)
            start += len(part)
        for level, index, value in growth.nodes:
            self._add_node.run(cursor, of | {"level": level, "place": index, "hash": value})

    def _place(self, cursor: Any, logs: _Logs, origin: str, number: int) -> Place | None:
        self._held.run(cursor, {"origin": origin, "number": number})
        row = cursor.fetchone()
        if row is None:
            return None
        logs.learn(origin, row[0])
        return Place(row[1], row[2], row[3])

    def _take_notes(self, connection: Connection, logs: _Logs, batch: Batch) -> None:
        for origin, note in batch.key_notes:
            held = [row[0] for row in connection.execute(q.KEY_NOTES, {"origin": origin})]
            if note not in held:
                row = {"log": logs(origin), "place": len(held), "note": note}
                connection.execute(insert(t.key_notes), row)

    def _take_payloads(self, connection: Connection, logs: _Logs, batch: Batch) -> None:
        gone = [{"digest": digest} for digest in dict.fromkeys(batch.erased)]
        _many(connection, self._add[t.erased], gone)
        _many(connection, q.DROP_PAYLOAD, [{"old": row["digest"]} for row in gone])
        blobs = {hashlib.sha256(blob).digest(): blob for blob in batch.payloads}
        for digest in _present(connection, t.erased, blobs):
            del blobs[digest]
        _many(connection, self._add[t.payloads], [{"digest": one, "blob": blobs[one]} for one in blobs])
        here = [*blobs, *batch.erased]
        _many(connection, q.UNWANT, [{"old": digest} for digest in here])
        asked = dict.fromkeys((one.digest, one.origin) for one in batch.wanted)
        digests = [digest for digest, _ in asked]
        have = _present(connection, t.erased, digests) | _present(connection, t.payloads, digests)
        rows = [{"digest": digest, "log": logs(origin)} for digest, origin in asked if digest not in have]
        _many(connection, self._add[t.wanted], rows)

    def _take_words(self, connection: Connection, logs: _Logs, batch: Batch) -> None:
        """Cosignatures and proofs of two faces."""
        rows: list[dict[str, Any]] = []
        for one in batch.cosigned:
            line = format_signature(one.line).rstrip("\n")
            row = {"log": logs(one.head.origin), "size": one.head.size, "root": one.head.root, "line": line}
            rows.append(row | {"digest": hashlib.sha256(line.encode()).digest()})
        _many(connection, self._add[t.cosigned], rows)
        proofs = [
            {"log": logs(origin), "digest": hashlib.sha256(proof).digest(), "proof": proof}
            for origin, proof in batch.equivocations
        ]
        _many(connection, self._add[t.equivocations], proofs)


class _Logs:
    """The numbers of logs within one transaction; a log that has none gets one."""

    def __init__(self, connection: Connection, adding: Any) -> None:
        self._connection = connection
        self._adding = adding
        self._known: dict[str, int] = {}

    def learn(self, origin: str, number: int) -> None:
        """Take over a number that another statement gave."""
        self._known[origin] = number

    def __call__(self, origin: str) -> int:
        known = self._known.get(origin)
        if known is None:
            asked = {"origin": origin}
            known = self._connection.execute(q.LOG, asked).scalar_one_or_none()
            if known is None:
                self._connection.execute(self._adding, asked)
                known = self._connection.execute(q.LOG, asked).scalar_one()
            self._known[origin] = known
        return known


def _many(connection: Connection, statement: Any, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(statement, rows)


def _present(connection: Connection, table: Table, digests: Iterable[bytes]) -> set[bytes]:
    """Which of `digests` a table holds."""
    asked = list(digests)
    found: set[bytes] = set()
    for i in range(0, len(asked), _AT_ONCE):
        column = table.c.digest
        found |= set(connection.scalars(select(column).where(column.in_(asked[i : i + _AT_ONCE]))))
    return found


def _read_branches(connection: Connection, origin: str) -> tuple[Branch, ...]:
    found: dict[int, Branch] = {}
    for row in connection.execute(q.BRANCHES, {"origin": origin}):
        checkpoint = parse_checkpoint(_blob(row.checkpoint), where=origin)
        size = checkpoint.head.size
        parent = found.get(row.parent) if row.parent is not None else None
        if row.parent is None:
            sound = row.number == row.fork_at == 0
        else:
            sound = parent is not None and is_fork(row.number, row.parent, row.fork_at, parent.head.size)
        if not sound or (row.size, checkpoint.head.origin) != (size, origin):
            raise Malformed(
                f"branch {row.number!r:.20} does not fit to its checkpoint or to its parent", where=origin
            )
        edge = parse_edge(size, _blob(row.edge))
        found[row.number] = Branch(row.number, checkpoint, edge, row.parent, row.fork_at)
    return tuple(found.values())


def _spans(
    connection: Connection, branch: Branch, start: int, end: int, *, level: int = 0
) -> list[tuple[int, int, int]]:
    """Which branch holds what; only a fork needs to know the others."""
    if start >= end:
        return []
    held: tuple[Branch, ...] = (branch,)
    if branch.parent is not None:
        held = _read_branches(connection, branch.origin)
        if not any(one.number == branch.parent for one in held):
            raise Malformed(f"branch {branch.parent} is not held", where=branch.origin)
    return shared_spans(held, branch, start, end, level=level)


def _cut(rows: Sequence[Any], low: int, high: int) -> list[bytes]:
    """The entries [low, high) from the chunks that hold them; fewer if chunks are missing."""
    found: list[bytes] = []
    at = low
    for start, count, data in rows:
        if not 0 < count <= WIDTH - start % WIDTH:
            raise Malformed(f"a chunk of {count} entries stands at {start}")
        if start + count <= at:
            continue
        if start > at:
            break
        entries = parse_bundle(_blob(data), count=count)
        found += entries[at - start : high - start]
        at = start + count
    return found


def _blob(value: object, *, size: int | None = None) -> bytes:
    """A value that must be bytes, `size` of them if given: a damaged file can hold anything."""
    if not isinstance(value, bytes) or (size is not None and len(value) != size):
        raise Malformed("a row does not hold what belongs there")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Malformed("a row does not hold what belongs there")
    return value
