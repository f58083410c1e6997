"""Reading a dossier: `dossier.json`, a council's documented positions compiled by hand.

The format is written out in docs/reference/formats.md. Every record is closed: a field that is
not listed here is refused. Fields that tell how things turned out (`outcome...`) and the file's
own `stats` are accepted and never decoded: an analysis must not see them.

A common text becomes one entry of basis *common* for each member that joined it and each
proposition it supports. A member's own record overrides it by the rule of `positions`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from msgspec import Raw

from allweather.errors import InputError, MalformedRecord, NothingToReview, UnreadableSource
from allweather.formats.files import (
    MAX_DOSSIER_BYTES,
    MAX_ENTRIES,
    MAX_NAME,
    check_id,
    check_text,
    folder_name,
    not_utf8,
    read_bytes,
)
from allweather.formats.reading import Conflict, Deal, Reading, counted, n_replaced
from allweather.positions import (
    UNDATED,
    Basis,
    Body,
    Member,
    Note,
    Positions,
    Question,
    Response,
    Source,
    parse_date,
)

#: The fields that every dossier has; they tell it from other JSON.
DOSSIER_FIELDS = ("members", "propositions", "positions")

_STANCES = {
    "support": Response.SUPPORT,
    "consent": Response.CONSENT,
    "conditional": Response.CONDITIONAL,
    "mixed": Response.MIXED,
    "reserve": Response.RESERVE,
    "oppose": Response.OPPOSE,
}


class _Closed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A record that refuses fields it does not list."""


class _Member(_Closed, frozen=True):
    id: str
    name: str
    nato_since: Raw = Raw()
    in_council_since: Raw = Raw()


class _Area(_Closed, frozen=True):
    id: str
    name: str
    origin: Raw = Raw()
    sources: Raw = Raw()


class _Proposition(_Closed, frozen=True):
    id: str
    area: str
    text: str
    origin: Raw = Raw()
    outcome: Raw = Raw()
    outcome_note: Raw = Raw()
    outcome_sources: Raw = Raw()


class _Position(_Closed, frozen=True):
    member: str
    proposition: str
    stance: str
    basis: str
    date: str
    summary: str
    confidence: str = ""
    sources: tuple[str, ...] = ()
    inferred: bool = False


class _CommonText(_Closed, frozen=True):
    id: str
    name: str
    date: str
    members: tuple[str, ...]
    supports: tuple[str, ...]
    weight: str = "text"
    sources: tuple[str, ...] = ()
    note: str = ""


class _Deal(_Closed, frozen=True):
    id: str
    date: str
    what: str
    members: tuple[str, ...]
    sources: tuple[str, ...] = ()


class _Conflict(_Closed, frozen=True):
    id: str
    topic: str
    a: str
    b: str
    sources: tuple[str, ...] = ()
    note: str = ""


class _Source(_Closed, frozen=True):
    id: str
    title: str
    url: str = ""
    date: str = ""
    kind: str = ""
    note: str = ""


class _Meta(_Closed, frozen=True):
    title: str = ""
    as_of: Raw = Raw()
    written: Raw = Raw()
    limits: Raw = Raw()
    mapping_note: Raw = Raw()
    expansion_rule: Raw = Raw()


class _Dossier(_Closed, frozen=True):
    members: tuple[_Member, ...]
    propositions: tuple[_Proposition, ...]
    positions: tuple[_Position, ...]
    meta: _Meta = _Meta()
    areas: tuple[_Area, ...] = ()
    collective_texts: tuple[_CommonText, ...] = ()
    packages: tuple[_Deal, ...] = ()
    discrepancies: tuple[_Conflict, ...] = ()
    sources: tuple[_Source, ...] = ()
    proposal: Raw = Raw()
    stats: Raw = Raw()


def read_dossier(path: Path) -> Reading:
    """Read one `dossier.json`.

    Raises UnreadableSource, MalformedRecord (naming the record) or NothingToReview.
    """
    data = read_bytes(path, MAX_DOSSIER_BYTES)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise not_utf8(path, error.start) from None
    try:
        dossier = msgspec.json.decode(data, type=_Dossier)
    except msgspec.ValidationError as error:
        raise MalformedRecord(f"not a dossier as documented: {str(error)[:300]}", where=str(path)) from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableSource(f"not whole JSON: {error}", where=str(path)) from None
    return _Reader(dossier, str(path)).read(folder_name(path))


class _Reader:
    """Turns one decoded dossier into a reading, checking every id on the way."""

    def __init__(self, dossier: _Dossier, where: str) -> None:
        self.dossier = dossier
        self.where = where
        self.member = self._index("member", [one.id for one in dossier.members])
        self.question = self._index("proposition", [one.id for one in dossier.propositions])
        self.source = self._index("source", [one.id for one in dossier.sources])
        self.area = self._index("area", [one.id for one in dossier.areas])
        self.rows: list[tuple[int, int, Response, int, Basis]] = []
        self.notes: dict[int, Note] = {}

    def read(self, conversation: str) -> Reading:
        dossier = self.dossier
        for k, position in enumerate(dossier.positions):
            self._add_own(position, f"{self.where}, position {k + 1}")
        n_own = len(self.rows)
        for text in dossier.collective_texts:
            self._add_common(text, f"{self.where}, common text {text.id!r}")
        if not self.rows:
            raise NothingToReview("the dossier has no positions", where=self.where)
        n_common = len(self.rows) - n_own
        intake = [f"{counted(n_own, 'position')} on record read."]
        if n_common:
            intake.append(
                f"{counted(len(dossier.collective_texts), 'common text')} expanded to "
                f"{counted(n_common, 'entry', 'entries')} of basis common."
            )
        positions = self._positions()
        if n := n_replaced(positions):
            intake.append(
                f"{counted(n, 'entry gives', 'entries give')} way to another of the same member on the same "
                "proposition: own before inferred before common, then the later one."
            )
        deals = tuple(self._deal(one) for one in dossier.packages)
        conflicts = tuple(self._conflict(one) for one in dossier.discrepancies)
        return Reading(
            positions=positions,
            format="dossier",
            conversation=conversation,
            intake=tuple(intake),
            deals=deals,
            conflicts=conflicts,
            areas={
                one.id: check_text("an area's name", one.name, self.where, MAX_NAME) for one in dossier.areas
            },
        )

    def _positions(self) -> Positions:
        member, question, response, known_by, basis = zip(*self.rows, strict=True)
        return Positions.from_columns(
            [Member(one.id, self._name("a member's name", one.name)) for one in self.dossier.members],
            [self._as_question(one) for one in self.dossier.propositions],
            member,
            question,
            response,
            known_by=known_by,
            basis=basis,
            body=Body.COUNCIL,
            title=self._name("a title", self.dossier.meta.title),
            notes=self.notes,
            sources={one.id: self._as_source(one) for one in self.dossier.sources},
        )

    def _add_own(self, one: _Position, where: str) -> None:
        response = _STANCES.get(one.stance)
        if response is None:
            raise MalformedRecord(
                f"the stance {one.stance[:80]!r} is none of {', '.join(_STANCES)}", where=where
            )
        self.notes[len(self.rows)] = Note(
            text=check_text("a summary", one.summary, where),
            date=one.date,
            confidence=check_text("a confidence", one.confidence, where, MAX_NAME),
            origin=check_text("a basis", one.basis, where, MAX_NAME),
            sources=self._known("source", self.source, one.sources, where),
        )
        self.rows.append(
            (
                self._place("member", self.member, one.member, where),
                self._place("proposition", self.question, one.proposition, where),
                response,
                _known_by(one.date, where),
                Basis.INFERRED if one.inferred else Basis.OWN,
            )
        )

    def _add_common(self, one: _CommonText, where: str) -> None:
        # Counted before it is expanded: a small file can name a great many pairs.
        if len(self.rows) + len(one.members) * len(one.supports) > MAX_ENTRIES:
            raise MalformedRecord(f"expands to more than {MAX_ENTRIES:,} entries", where=where)
        said = [check_text("a note", one.note, where)] if one.note else []
        if one.weight == "report":
            said.append("known through a report")
        note = Note(
            text="; ".join(said),
            date=one.date,
            origin=self._name("a common text's name", one.name),
            sources=self._known("source", self.source, one.sources, where),
        )
        known_by = _known_by(one.date, where)
        members = [self._place("member", self.member, id, where) for id in one.members]
        questions = [self._place("proposition", self.question, id, where) for id in one.supports]
        for member in members:
            for question in questions:
                self.notes[len(self.rows)] = note
                self.rows.append((member, question, Response.SUPPORT, known_by, Basis.COMMON))

    def _deal(self, one: _Deal) -> Deal:
        where = f"{self.where}, package {one.id!r}"
        everyone = tuple(self.member)
        if one.members == (f"all {len(everyone)}",):
            members = everyone
        else:
            members = self._known("member", self.member, one.members, where)
        known_by = _known_by(one.date, where)
        return Deal(
            id=check_id("package id", one.id, where),
            date=one.date,
            known_by=None if known_by == UNDATED else known_by,
            what=check_text("a package's text", one.what, where),
            members=members,
            sources=self._known("source", self.source, one.sources, where),
        )

    def _conflict(self, one: _Conflict) -> Conflict:
        where = f"{self.where}, discrepancy {one.id!r}"
        for text in (one.topic, one.a, one.b, one.note):
            check_text("a discrepancy's text", text, where)
        sources = self._known("source", self.source, one.sources, where)
        return Conflict(check_id("discrepancy id", one.id, where), one.topic, one.a, one.b, sources, one.note)

    def _as_question(self, one: _Proposition) -> Question:
        where = f"{self.where}, proposition {one.id!r}"
        if self.area:
            self._place("area", self.area, one.area, where)
        return Question(one.id, check_text("a text", one.text, where), area=one.area)

    def _as_source(self, one: _Source) -> Source:
        where = f"{self.where}, source {one.id!r}"
        for text in (one.title, one.url, one.date, one.kind, one.note):
            check_text("a source's text", text, where)
        return Source(one.id, one.title, one.url, one.date, one.kind, one.note)

    def _name(self, what: str, text: str) -> str:
        return check_text(what, text, self.where, MAX_NAME)

    def _index(self, what: str, ids: Iterable[str]) -> dict[str, int]:
        index: dict[str, int] = {}
        for id in ids:
            check_id(f"{what} id", id, self.where)
            if id in index:
                raise MalformedRecord(f"two {what}s have the id {id!r}", where=self.where)
            index[id] = len(index)
        return index

    def _place(self, what: str, index: dict[str, int], id: str, where: str) -> int:
        try:
            return index[id]
        except KeyError:
            raise MalformedRecord(f"no {what} has the id {id[:80]!r}", where=where) from None

    def _known(self, what: str, index: dict[str, int], ids: Sequence[str], where: str) -> tuple[str, ...]:
        for id in ids:
            self._place(what, index, id, where)
        return tuple(ids)


def _known_by(date: str, where: str) -> int:
    try:
        last = parse_date(date).last
    except InputError as error:
        raise MalformedRecord(error.what, where=where) from None
    return UNDATED if last is None else last
