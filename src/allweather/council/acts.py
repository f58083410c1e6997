"""Acts: entries that this house understands, read into closed forms. Whatever else a log holds says nothing.

A reference is the base64 of a leaf hash. For people an act is named by its author and place, `norway:12`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from allweather.council.forms import Body
from allweather.errors import Malformed
from allweather.record.entries import Entry, Payload, is_signed_by_delegate, parse_entry
from allweather.record.keys import check_origin, format_base64
from allweather.record.merkle import leaf_hash

Kinds = Mapping[str, type[Body]]


@dataclass(frozen=True, slots=True, eq=False)
class Act:
    """One act: where it stands, who signed it, what it says. `at` is the author's claim and no more.

    `by` is the key (base64) of the delegate who wrote it, empty if the member itself did.
    """

    ref: str
    origin: str
    index: int
    at: int
    body: Body
    by: str = ""
    payload: Payload | None = None
    audience: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The kind of the entry."""
        return self.body.KIND

    @property
    def member(self) -> str:
        """In whose name it was done."""
        return self.body.on_behalf or self.origin

    @property
    def name(self) -> str:
        """How people name it: `norway:12`."""
        return f"{short(self.origin)}:{self.index}"

    @property
    def place(self) -> tuple[str, int, str]:
        """A fixed place in any list; it says nothing of what came first."""
        return self.origin, self.index, self.ref

    def __hash__(self) -> int:
        return hash(self.ref)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Act) and other.ref == self.ref


def short(origin: str) -> str:
    """The member's part of an origin."""
    return origin.partition("/")[2]


def ref_of(data: bytes) -> str:
    """The reference of an entry by its bytes."""
    return format_base64(leaf_hash(data))


def read_act(data: bytes, origin: str, index: int, kinds: Kinds) -> Act | None:
    """The act that an entry of a log is; None if it is of no known kind, or breaks its form."""
    try:
        entry = parse_entry(data)
    except Malformed:
        return None
    if entry.log != origin or entry.n != index or entry.kind not in kinds:
        return None
    try:
        return make_act(entry, ref_of(data), kinds)
    except Malformed:
        return None


def make_act(entry: Entry, ref: str, kinds: Kinds) -> Act:
    """The act that an entry is. Raises Malformed if its body breaks the form of its kind."""
    body = read_body(entry.kind, entry.body, kinds)
    if entry.by is not None and not is_signed_by_delegate(entry):
        raise Malformed("the delegate's signature does not hold")
    by = "" if entry.by is None else entry.by.key
    return Act(ref, entry.log, entry.n, entry.at, body, by, entry.payload, entry.audience)


def read_body(kind: str, fields: Mapping[str, object], kinds: Kinds) -> Body:
    """The fields of an entry in the form of its kind. Raises Malformed, naming what is wrong."""
    form = kinds.get(kind)
    if form is None:
        raise Malformed(f"{kind!r:.60} is no kind of act that is known here")
    try:
        body = msgspec.convert(fields, form, strict=True)
    except msgspec.ValidationError as error:
        raise Malformed(f"{kind}: {error}") from None
    if body.on_behalf:
        check_origin(body.on_behalf)
    return body


def fields_of(body: Body) -> dict[str, object]:
    """What an entry of this body holds: only what differs from the defaults: one act, one spelling."""
    fields = msgspec.to_builtins(body)
    assert isinstance(fields, dict)
    return fields
