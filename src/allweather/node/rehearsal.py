"""Rehearsals: a council compiled from public records, to try one before founding one's own.

Every member that a source names gets keys, a card and a log, and in its log what the source has of it: its
own records and the common texts that it joined, each with its date and sources. A secretariat founds the
council, lists a concern for each area, tables a text for each question, and enters as its own readings what
the source only infers, or what no member says of itself (that its record points both ways). Nothing else is
put into a member's mouth.

Keys are made for the rehearsal. Nobody named in it has signed anything, and every act says so or stands on
one that does. Acts are written by the code that writes real ones. Members that are to have a live node keep
their keys in a home of their own; what is theirs is signed there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from allweather.council.acts import fields_of, ref_of
from allweather.council.bodies import Bloc, Charter, Concern, Join, Position, Rules, SeatOf, Statement, Text
from allweather.council.forms import Body, Shade
from allweather.errors import InputError, Refused
from allweather.formats import Reading
from allweather.node.actions import Actions, Doing
from allweather.node.home import Desk
from allweather.node.taking import Taking
from allweather.positions import Basis, Entry, Positions, Response
from allweather.positions import Bloc as Declared
from allweather.record.keys import (
    Signer,
    check_origin,
    format_base64,
    log_signer,
    recovery_signer,
    witness_signer,
)
from allweather.record.members import Card, make_card
from allweather.record.notes import format_note
from allweather.record.standing import Standing, stand
from allweather.record.storage import Batch, Storage
from allweather.record.writing import Draft, write
from allweather.store.memory import MemoryStore
from allweather.sync.layout import Publication
from allweather.sync.pull import Pull

NOTICE = (
    "This is a rehearsal, compiled from public records. All keys were made for it; nobody named here has "
    "signed anything."
)
MARK = "Rehearsal, from public records"
SECRETARIAT = "secretariat"
MAX_MEMBERS = 500
_OTHER = "Other questions"
_LINE, _REASONS, _EVIDENCE = 300, 3_000, 64

SHADES: Mapping[Response, Shade] = {
    Response.SUPPORT: "support",
    Response.CONDITIONAL: "conditional",
    Response.CONSENT: "consent",
    Response.ABSTAIN: "abstain",
    Response.OPPOSE: "oppose",
    Response.MIXED: "mixed",
    Response.RESERVE: "reserve",
}
_READINGS = (Response.MIXED, Response.RESERVE)

Say = Callable[[str, float], None]
"""Told what is being done, and how much of it (0 to 1)."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a rehearsal is made with.

    `at` is when all of it is signed (seconds since 1970), `seeds` gives 32 new bytes each time it is called,
    `names` the short names of members by their ids in the source, where they differ from the names there.
    """

    council: str
    at: int
    seeds: Callable[[], bytes]
    names: Mapping[str, str] = field(default_factory=dict)
    tracks: tuple[str, ...] = ()
    rules: Rules = field(default_factory=Rules)
    say: Say = lambda what, share: None


@dataclass(frozen=True, slots=True)
class Compiled:
    """A council compiled: every log but those of live members, and what these have still to sign.

    `texts` are the references of the texts by the questions' ids in the source, `pins` the cards' digests.
    """

    charter: str
    records: Storage
    pins: Mapping[str, bytes]
    texts: Mapping[str, str]
    unsigned: Mapping[str, tuple[Body, ...]]


def origins_of(positions: Positions, council: str, names: Mapping[str, str]) -> dict[str, str]:
    """The log's name of each member by its id: readable where its name allows that. Raises InputError."""
    found: dict[str, str] = {}
    for one in positions.members:
        name = names.get(one.id) or _plain(one.name) or _plain(one.id)
        try:
            origin = check_origin(f"{council}/{name}")
        except InputError:
            raise InputError(
                f"the member {one.id!r:.60} has no name that a log can have; give it one"
            ) from None
        if name == SECRETARIAT or origin in found.values():
            raise InputError(f"two members would be named {name!r:.60}; give one of them another name")
        found[one.id] = origin
    return found


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60].strip("-")


def compile_council(
    reading: Reading, blocs: Sequence[Declared], setting: Setting, live: Mapping[str, bytes]
) -> Compiled:
    """The council that a source describes. `live` are the cards' digests of members with a home of their own.

    Raises InputError if the source names too many members, or members that no log can be named after.
    """
    positions = reading.positions
    if positions.n_members > MAX_MEMBERS:
        raise InputError(f"a council of {positions.n_members:,} is too large to rehearse; take {MAX_MEMBERS}")
    origins = origins_of(positions, setting.council, setting.names)
    if strange := sorted(set(live) - set(origins.values())):
        raise InputError(f"{strange[0]} is no member in this source")
    staff = _Paper(f"{setting.council}/{SECRETARIAT}", setting)
    papers = {one: _Paper(one, setting) for one in origins.values() if one not in live}
    pins = {one.origin: one.card.digest for one in (staff, *papers.values())} | dict(live)
    charter, texts = _found(reading, blocs, setting, staff, origins, pins)
    own, read = _sorted(reading, origins, texts)
    for number, (origin, paper) in enumerate(papers.items()):
        setting.say(f"writing the log of {origin}", number / len(papers))
        paper.take(staff, pins)
        paper.write(Join(charter=charter), *own.get(origin, ()))
        staff.take(paper, pins)
    staff.write(*read)
    unsigned = {one: (Join(charter=charter), *own.get(one, ())) for one in live}
    return Compiled(charter, staff.storage, pins, texts, unsigned)


def load(desk: Desk, compiled: Compiled, setting: Setting) -> int:
    """Bring a council to a live member's home, and sign there what is this member's; how many acts."""
    taking = Taking(desk, dict(compiled.pins), False)
    pull = taking.begin(False)
    _carry(Publication(compiled.records, stand(compiled.records)), pull)
    if not pull.report.complete or taking.faults or pull.report.faults:
        why = [*taking.faults, *pull.report.faults, "it was cut short"][0]
        raise Refused(f"the rehearsal could not be loaded into {desk.home.path}: {why}")
    taking.end(pull.report, None, False)
    doings = [Doing(body) for body in compiled.unsigned.get(desk.home.origin, ())]
    return len(Actions(desk, lambda: setting.at).sign(*doings)) if doings else 0


class _Paper:
    """A member without a node: keys that are forgotten afterwards, and a store in memory."""

    def __init__(self, origin: str, setting: Setting) -> None:
        self.origin = origin
        self.storage = MemoryStore()
        self._at = setting.at
        self._log: Signer = log_signer(origin, setting.seeds())
        witness, recovery = (make(origin, setting.seeds()) for make in (witness_signer, recovery_signer))
        self.card: Card = make_card(self._log, witness, recovery)
        self.storage.commit(Batch(key_notes=((origin, format_note(self.card.note)),)))

    @property
    def standing(self) -> Standing:
        """Where all logs stand that it holds."""
        return stand(self.storage)

    def write(self, *bodies: Body) -> list[str]:
        """Sign acts under one checkpoint; their references."""
        if not bodies:
            return []
        drafts = [Draft(one.KIND, fields_of(one)) for one in bodies]
        batch = write(self.storage, self.standing.logs[self.origin], self._log, drafts, at=self._at)
        self.storage.commit(batch)
        return [ref_of(entry) for entry in batch.growths[0].entries]

    def take(self, other: _Paper, pins: Mapping[str, bytes]) -> None:
        """Take in what another holds."""
        pull = Pull(self.storage, accept=lambda card: pins.get(card.origin) == card.digest)
        _carry(Publication(other.storage, other.standing, other.origin), pull)


def _carry(published: Publication, pull: Pull) -> None:
    while paths := pull.outgoing():
        for path in paths:
            pull.receive(path, published.read(path))


# What is written


def _found(
    reading: Reading,
    blocs: Sequence[Declared],
    setting: Setting,
    staff: _Paper,
    origins: Mapping[str, str],
    pins: Mapping[str, bytes],
) -> tuple[str, dict[str, str]]:
    """The founding acts of the secretariat: the charter's reference, and those of the texts by question."""
    positions = reading.positions
    title = _clip(f"Rehearsal: {positions.title or reading.conversation}", _LINE)
    areas = list(dict.fromkeys(_area(reading, one.area) for one in positions.questions))

    def seat(origin: str) -> SeatOf:
        return SeatOf(origin, format_base64(pins[origin]))

    charter = Charter(
        title=title,
        about=_clip(" ".join((NOTICE, *reading.intake)), 4_000),
        members=tuple(seat(one) for one in origins.values()),
        secretariat=(seat(staff.origin),),
        areas=tuple(areas[:64]),
        tracks=setting.tracks,
        blocs=tuple(Bloc(one.name, tuple(origins[id] for id in one.members)) for one in blocs),
        rules=setting.rules,
    )
    ref = staff.write(charter)[0]
    concerns = [Concern(title=one, area=one, words=NOTICE) for one in areas]
    listed = staff.write(Join(charter=ref), Statement(title=title, words=NOTICE), *concerns)[2:]
    concern = dict(zip(areas, listed, strict=True))
    tabled = [
        Text(
            concern=concern[_area(reading, one.area)],
            title=_clip(f"{one.id}: {one.text}", _LINE),
            words=one.text or one.id,
            area=_area(reading, one.area),
        )
        for one in positions.questions
    ]
    texts = staff.write(*tabled)
    return ref, {one.id: text for one, text in zip(positions.questions, texts, strict=True)}


def _area(reading: Reading, id: str) -> str:
    return _clip(reading.areas.get(id, id) or _OTHER, _LINE)


def _sorted(
    reading: Reading, origins: Mapping[str, str], texts: Mapping[str, str]
) -> tuple[dict[str, list[Body]], list[Body]]:
    """Positions by the log that they stand in: those of each member, and the secretariat's readings."""
    own: dict[str, list[Body]] = {}
    read: list[Body] = []
    for entry in _entries(reading.positions):
        origin, on = origins[entry.member.id], texts[entry.question.id]
        if entry.basis is Basis.INFERRED or entry.response in _READINGS:
            read.append(_position(reading.positions, entry, on, origin))
        else:
            own.setdefault(origin, []).append(_position(reading.positions, entry, on, ""))
    return own, read


def _entries(positions: Positions) -> Iterator[Entry]:
    """The entries that an act has a word for, the earliest known first, so that the last of a log counts."""
    found = [positions.entry(k) for k in range(len(positions))]
    found.sort(key=lambda one: (-1 if one.known_by is None else one.known_by, one.index))
    return (one for one in found if one.response in SHADES)


def _position(positions: Positions, entry: Entry, on: str, member: str) -> Position:
    """An entry as an act; with `member` as a reading of that member by the secretariat."""
    note, shade = entry.note, SHADES[entry.response]
    said = " ".join(one for one in (note.text, f"({_origin_of(entry)})") if one)
    return Position(
        on=on,
        response=shade,
        condition="what the reasons name is met" if shade == "conditional" else "",
        intensity=None if entry.intensity is None else round(entry.intensity),
        reasons=_clip(said, _REASONS),
        evidence=tuple(_clip(_source(positions, one), _LINE) for one in note.sources[:_EVIDENCE]),
        held="" if note.date.startswith("undated") else note.date,
        basis="inferred" if member else "common" if entry.basis is Basis.COMMON else "own",
        member=member,
    )


def _origin_of(entry: Entry) -> str:
    """That this is a rehearsal, and what the source says of where the record comes from."""
    note = entry.note
    parts = [MARK, note.origin, f"{note.confidence} confidence" if note.confidence else ""]
    return "; ".join(one for one in parts if one)


def _source(positions: Positions, id: str) -> str:
    source = positions.sources.get(id)
    if source is None:
        return id
    said = f"{id}: {source.title}" + (f" ({source.date})" if source.date else "")
    return (
        f"{said}, {source.url}"
        if source.url.startswith("http") and len(said) + len(source.url) < _LINE
        else said
    )


def _clip(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
