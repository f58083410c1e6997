"""Positions and roll calls as Popolo JSON (popoloproject.com), written and read.

The council, its members and blocs are organizations. Each version of a text is a motion; what members hold on
it, or held in one roll call, is a vote event with one vote for each member whose position is on record. Who
has none is left out: absent is missing, never zero. The options are the council's five shades as they are, so
that nothing is made into a yes that was none; further fields of a vote (`intensity`, `condition`, `basis`,
`since`, `source`) say the rest. The same positions give the same bytes.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec

from allweather.errors import MalformedRecord, UnreadableSource

MAX_POPOLO = 2**27
_UTC = dt.UTC
_LAST = 253_402_214_400
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_SORTS = {"positions": "positions on record", "roll call": "roll call"}

Option = Literal["support", "conditional", "consent", "abstain", "oppose", "mixed", "reserve"]
Basis = Literal["own", "common", "inferred"]


@dataclass(frozen=True, slots=True)
class Voice:
    """What one member holds, since when (it was signed; seconds since 1970), and by which act."""

    member: str
    option: Option
    basis: Basis
    since: int
    act: str
    intensity: int | None = None
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Motion:
    """One version of a text, with what is held on it at `at`. `ref` is the hash that positions bind to.

    `sort` says whether these are positions that stand, or a roll call: all recorded together.
    """

    ref: str
    name: str
    title: str
    text: str
    creator: str
    tabled: int
    at: int
    voices: tuple[Voice, ...]
    sort: Literal["positions", "roll call"] = "positions"


@dataclass(frozen=True, slots=True)
class Held:
    """All positions of a council. `members` are short names with names for reading; blocs name members."""

    origin: str
    title: str
    members: tuple[tuple[str, str], ...]
    blocs: tuple[tuple[str, tuple[str, ...]], ...]
    motions: tuple[Motion, ...]


def format_popolo(held: Held) -> bytes:
    """The file, in UTF-8, with sorted keys."""
    organizations: list[dict[str, Any]] = [
        {"id": held.origin, "name": held.title, "classification": "council"},
        *(
            {"id": name, "name": full, "classification": "member", "parent_id": held.origin}
            for name, full in held.members
        ),
        *(
            {"id": f"bloc:{name}", "name": name, "classification": "bloc", "parent_id": held.origin}
            for name, _ in held.blocs
        ),
    ]
    memberships = [
        {"organization_id": f"bloc:{name}", "member": {"id": member}}
        for name, members in held.blocs
        for member in members
    ]
    found = {
        "organizations": organizations,
        "memberships": memberships,
        "motions": [_motion(held, one) for one in held.motions],
        "vote_events": [_event(held, one) for one in held.motions],
    }
    return msgspec.json.format(msgspec.json.encode(found, order="sorted"), indent=1) + b"\n"


def _motion(held: Held, one: Motion) -> dict[str, Any]:
    return {
        "id": one.ref,
        "identifier": one.name,
        "organization_id": held.origin,
        "creator_id": one.creator,
        "title": one.title,
        "text": one.text,
        "date": _moment(one.tabled),
        "requirement": "consensus",
    }


def _event(held: Held, one: Motion) -> dict[str, Any]:
    counts = Counter(voice.option for voice in one.voices)
    return {
        "id": f"{one.ref}@{one.at}",
        "motion_id": one.ref,
        "organization_id": held.origin,
        "classification": _SORTS[one.sort],
        "start_date": _moment(one.at),
        "counts": [{"option": option, "value": n} for option, n in sorted(counts.items())],
        "votes": [_vote(voice) for voice in one.voices],
    }


def _vote(voice: Voice) -> dict[str, Any]:
    found: dict[str, Any] = {
        "voter_id": voice.member,
        "option": voice.option,
        "basis": voice.basis,
        "since": _moment(voice.since),
        "source": voice.act,
    }
    if voice.intensity is not None:
        found["intensity"] = voice.intensity
    if voice.condition:
        found["condition"] = voice.condition
    return found


# Reading

_Text = Annotated[str, msgspec.Meta(max_length=100_000)]


class _Organization(msgspec.Struct):
    id: _Text
    name: _Text
    classification: _Text


class _Member(msgspec.Struct):
    id: _Text


class _Membership(msgspec.Struct):
    organization_id: _Text
    member: _Member


class _Motion(msgspec.Struct):
    id: _Text
    identifier: _Text
    creator_id: _Text
    title: _Text
    text: _Text
    date: _Text


class _Vote(msgspec.Struct):
    voter_id: _Text
    option: Option
    basis: Basis
    since: _Text
    source: _Text
    intensity: int | None = None
    condition: _Text = ""


class _Event(msgspec.Struct):
    motion_id: _Text
    classification: _Text
    start_date: _Text
    votes: list[_Vote]


class _File(msgspec.Struct):
    organizations: list[_Organization]
    memberships: list[_Membership]
    motions: list[_Motion]
    vote_events: list[_Event]


def parse_popolo(data: bytes, *, where: str = "") -> Held:
    """The positions in a file as `format_popolo` writes it. Raises UnreadableSource, MalformedRecord."""
    if len(data) > MAX_POPOLO:
        raise UnreadableSource(f"a Popolo file has at most {MAX_POPOLO} bytes", where=where)
    try:
        found = msgspec.json.decode(data, type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableSource(f"this is no Popolo file with vote events ({error})", where=where) from None
    try:
        return _held(found)
    except (KeyError, IndexError, ValueError, StopIteration):
        raise MalformedRecord("a vote event names no motion, or a date is none", where=where) from None


def _held(found: _File) -> Held:
    council = next(one for one in found.organizations if one.classification == "council")
    motions = {one.id: one for one in found.motions}
    members: dict[str, list[str]] = {
        one.id: [] for one in found.organizations if one.classification == "bloc"
    }
    for one in found.memberships:
        members[one.organization_id].append(one.member.id)
    return Held(
        council.id,
        council.name,
        tuple((one.id, one.name) for one in found.organizations if one.classification == "member"),
        tuple((name.removeprefix("bloc:"), tuple(inner)) for name, inner in members.items()),
        tuple(_read_event(one, motions[one.motion_id]) for one in found.vote_events),
    )


def _read_event(event: _Event, motion: _Motion) -> Motion:
    return Motion(
        motion.id,
        motion.identifier,
        motion.title,
        motion.text,
        motion.creator_id,
        _seconds(motion.date),
        _seconds(event.start_date),
        tuple(
            Voice(
                one.voter_id,
                one.option,
                one.basis,
                _seconds(one.since),
                one.source,
                one.intensity,
                one.condition,
            )
            for one in event.votes
        ),
        "roll call" if event.classification == _SORTS["roll call"] else "positions",
    )


def _moment(at: int) -> str:
    return dt.datetime.fromtimestamp(max(0, min(at, _LAST)), _UTC).strftime(_TIME)


def _seconds(text: str) -> int:
    return int(dt.datetime.strptime(text, _TIME).replace(tzinfo=_UTC).timestamp())
