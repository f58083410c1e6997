"""The tables of a record in a database: the same for SQLite and PostgreSQL.

    allweather      the version of this schema: one row; another version is refused
    logs            a number for each log's name
    branches        the faces of a log: checkpoint (a signed note), right edge (hashes one after the other)
    bundles         entries in chunks of the wire format of entry bundles (two bytes of length, then the
                    entry); a chunk never crosses a multiple of 256: a full bundle is its chunks in order
    nodes           tile hashes of level 1 and above; those of level 0 follow from the entries
    key_notes       cards and successions, in the order in which they came
    payloads        blobs by their SHA-256; `erased` names those that must not come back, `wanted` those
                    that are missing
    cosigned        cosignatures by log, size and root, as the lines of a note
    equivocations   proofs that a log has two faces
    marks           the holder's own notes to itself

Nothing here computes; `sql.py` reads and writes.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
)

VERSION = 1

metadata = MetaData()


def _log(*, primary_key: bool = False) -> Column[int]:
    return Column("log", Integer, ForeignKey("logs.id"), nullable=False, primary_key=primary_key)


def _of_branch() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(("log", "branch"), ("branches.log", "branches.number"))


allweather = Table("allweather", metadata, Column("version", Integer, nullable=False))

logs = Table(
    "logs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("origin", String, nullable=False, unique=True),
)

branches = Table(
    "branches",
    metadata,
    _log(primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("parent", Integer),
    Column("fork_at", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("checkpoint", LargeBinary, nullable=False),
    Column("edge", LargeBinary, nullable=False),
)

bundles = Table(
    "bundles",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("branch", Integer, primary_key=True, autoincrement=False),
    Column("start", BigInteger, primary_key=True, autoincrement=False),
    Column("count", SmallInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
    _of_branch(),
)

nodes = Table(
    "nodes",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("branch", Integer, primary_key=True, autoincrement=False),
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    _of_branch(),
    sqlite_with_rowid=False,
)

key_notes = Table(
    "key_notes",
    metadata,
    _log(primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("note", LargeBinary, nullable=False),
)

payloads = Table(
    "payloads",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("blob", LargeBinary, nullable=False),
)

erased = Table("erased", metadata, Column("digest", LargeBinary, primary_key=True), sqlite_with_rowid=False)

wanted = Table(
    "wanted",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    _log(primary_key=True),
    sqlite_with_rowid=False,
)

cosigned = Table(
    "cosigned",
    metadata,
    Column("id", Integer, primary_key=True),
    _log(),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column(
        "digest", LargeBinary, nullable=False
    ),  # SHA-256 of the line: lines may be longer than an index allows
    Column("line", String, nullable=False),
    UniqueConstraint("log", "size", "root", "digest"),
)

equivocations = Table(
    "equivocations",
    metadata,
    _log(primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("proof", LargeBinary, nullable=False),
)

marks = Table(
    "marks",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
