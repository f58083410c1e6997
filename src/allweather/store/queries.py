"""The statements of `sql.py`, built once so that the library compiles each only once. They hold no value."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Dialect, Table, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from allweather.store import schema as t

LOG = select(t.logs.c.id).where(t.logs.c.origin == bindparam("origin"))
ORIGINS = select(t.logs.c.origin).where(t.key_notes.c.log == t.logs.c.id).distinct()
KEY_NOTES = (
    select(t.key_notes.c.note)
    .join(t.logs, t.logs.c.id == t.key_notes.c.log)
    .where(t.logs.c.origin == bindparam("origin"))
    .order_by(t.key_notes.c.place)
)
BRANCHES = (
    select(t.branches)
    .join(t.logs, t.logs.c.id == t.branches.c.log)
    .where(t.logs.c.origin == bindparam("origin"))
    .order_by(t.branches.c.number)
)
PLACE = (
    select(t.logs.c.id, t.branches.c.size, t.branches.c.parent, t.branches.c.fork_at)
    .join(t.logs, t.logs.c.id == t.branches.c.log)
    .where(t.logs.c.origin == bindparam("origin"), t.branches.c.number == bindparam("number"))
)
GROWN = (
    update(t.branches)
    .where(
        t.branches.c.log == bindparam("of"),
        t.branches.c.number == bindparam("one"),
        t.branches.c.size == bindparam("start"),
    )
    .values(size=bindparam("end"), checkpoint=bindparam("note"), edge=bindparam("hashes"))
)
CHUNKS = (
    select(t.bundles.c.start, t.bundles.c.count, t.bundles.c.data)
    .join(t.logs, t.logs.c.id == t.bundles.c.log)
    .where(
        t.logs.c.origin == bindparam("origin"),
        t.bundles.c.branch == bindparam("number"),
        t.bundles.c.start >= bindparam("low"),
        t.bundles.c.start < bindparam("high"),
    )
    .order_by(t.bundles.c.start)
)
NODES = (
    select(t.nodes.c.place, t.nodes.c.hash)
    .join(t.logs, t.logs.c.id == t.nodes.c.log)
    .where(
        t.logs.c.origin == bindparam("origin"),
        t.nodes.c.branch == bindparam("number"),
        t.nodes.c.level == bindparam("level"),
        t.nodes.c.place >= bindparam("low"),
        t.nodes.c.place < bindparam("high"),
    )
    .order_by(t.nodes.c.place)
)
PAYLOAD = select(t.payloads.c.blob).where(t.payloads.c.digest == bindparam("digest"))
ERASED = select(t.erased.c.digest).where(t.erased.c.digest == bindparam("digest"))
WANTED = select(t.logs.c.origin, t.wanted.c.digest).join(t.logs, t.logs.c.id == t.wanted.c.log)
COSIGNED = (
    select(t.cosigned.c.root, t.cosigned.c.line)
    .join(t.logs, t.logs.c.id == t.cosigned.c.log)
    .where(t.logs.c.origin == bindparam("origin"), t.cosigned.c.size == bindparam("size"))
)
EQUIVOCATIONS = (
    select(t.equivocations.c.proof)
    .join(t.logs, t.logs.c.id == t.equivocations.c.log)
    .where(t.logs.c.origin == bindparam("origin"))
)
MARK = select(t.marks.c.value).where(t.marks.c.name == bindparam("name"))

BEGUN = insert(t.branches).values(
    log=bindparam("of"),
    number=bindparam("one"),
    parent=bindparam("parent"),
    fork_at=bindparam("fork_at"),
    size=bindparam("end"),
    checkpoint=bindparam("note"),
    edge=bindparam("hashes"),
)
ADD_BUNDLE = insert(t.bundles)
ADD_NODE = insert(t.nodes)
UNMARK = delete(t.marks).where(t.marks.c.name == bindparam("old"))
DROP_PAYLOAD = delete(t.payloads).where(t.payloads.c.digest == bindparam("old"))
UNWANT = delete(t.wanted).where(t.wanted.c.digest == bindparam("old"))


class Direct:
    """A statement given to the driver as it is: appending must not cost more than writing does."""

    __slots__ = ("_order", "_text")

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self._text = str(compiled)
        self._order: tuple[str, ...] | None = compiled.positiontup and tuple(compiled.positiontup)

    def run(self, cursor: Any, *rows: dict[str, Any]) -> None:
        """Execute it for each row of named values. The driver's own errors come as they are."""
        for row in rows:
            cursor.execute(self._text, row if self._order is None else [row[name] for name in self._order])


def adding(table: Table, is_sqlite: bool) -> Any:
    """Insert what is not there yet."""
    made = sqlite.insert(table) if is_sqlite else postgresql.insert(table)
    return made.on_conflict_do_nothing()


def putting_mark(is_sqlite: bool) -> Any:
    """Insert a mark, or give it another value."""
    made = sqlite.insert(t.marks) if is_sqlite else postgresql.insert(t.marks)
    return made.on_conflict_do_update(index_elements=["name"], set_={"value": made.excluded.value})
