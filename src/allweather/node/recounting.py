"""Recounting: the council's dates, minutes and positions as those who use other programs take them away.

What is given is what a reader at this node may read (`access`, by way of `caucus.words_of`). Nothing here
rests on who else asked before, and the same record at the same time gives the same result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from allweather.council.acts import Act, short
from allweather.council.agenda import agenda
from allweather.council.bodies import Charter, Concern
from allweather.council.forms import Body
from allweather.council.holding import Held as HeldPosition
from allweather.council.holding import holding
from allweather.council.membership import need_seats
from allweather.council.rounds import is_secret, rounds
from allweather.council.texts import Tabled, Version, texts
from allweather.council.view import View
from allweather.formats.calendar import Event
from allweather.formats.minutes import Minute, Minutes, Section
from allweather.formats.popolo import Held, Motion, Voice
from allweather.node.caucus import Words
from allweather.node.dates import dates
from allweather.node.refusing import why_refused

Say = Callable[[str], str]
"""A word or sentence of the council in the reader's language."""
WordsOf = Callable[[Act], Words]
NameOf = Callable[[str], str]
_DEPTH = 8
_LINES = ("to", "what", "reason", "condition", "measure", "about", "reasons")


def events(view: View, say: Say, address: Callable[[Act], str]) -> list[Event]:
    """All dates as events of a calendar; `address` gives where the page of an act is, or nothing."""
    return [
        Event(
            key=one.key,
            title=f"{say(one.sort)}: {one.title}",
            start=one.at,
            end=one.end,
            changed=one.act.at,
            sort=say(one.sort),
            about=say(one.about) if one.about else "",
            address=address(one.act),
        )
        for one in dates(view)
    ]


# Minutes


def minutes(view: View, words_of: WordsOf, *, language: str, say: Say, name_of: NameOf) -> Minutes:
    """Everything that was done, by concern and then by the time that authors claim."""
    seats = need_seats(view)
    charter = seats.charter.body
    assert isinstance(charter, Charter)
    parts: dict[str, list[Minute]] = {one.concern.ref: [] for one in agenda(view)}
    parts[""] = []
    order = sorted(view.fold.acts.values(), key=lambda act: (act.at, act.place))
    for act in order:
        concern = concern_of(view, act)
        parts[concern if concern in parts else ""].append(_minute(view, act, words_of(act), say, name_of))
    members = sorted({short(act.member) for act in order} | {short(one) for one in seats.members})
    return Minutes(
        origin=view.fold.council,
        title=charter.title,
        at=view.at,
        language=language,
        members=tuple((one, name_of(one)) for one in members),
        sections=tuple(_section(view, ref, rows, say) for ref, rows in parts.items()),
    )


def _section(view: View, ref: str, rows: list[Minute], say: Say) -> Section:
    if not ref:
        return Section("", say("On no concern"), tuple(rows))
    act = view.fold.acts[ref]
    assert isinstance(act.body, Concern)
    return Section(act.name, act.body.title, tuple(rows))


def concern_of(view: View, act: Act) -> str:
    """The reference of the concern that an act belongs to, by way of what it is about; empty if to none."""
    for _ in range(_DEPTH):
        if isinstance(act.body, Concern):
            return act.ref
        named = getattr(act.body, "concern", "")
        following = view.fold.acts.get(named or getattr(act.body, act.body.SUBJECT, "") or "")
        if following is None:
            return ""
        act = following
    return ""


def _minute(view: View, act: Act, words: Words, say: Say, name_of: NameOf) -> Minute:
    hidden = is_secret(view, act)
    body = None if hidden else act.body
    lines = [] if body is None else _lines(body)
    notes = [words.why] if words.why else []
    if act.audience:
        only = ", ".join(name_of(short(one)) for one in act.audience)
        notes.insert(0, f"{say('For these members only')}: {only}.")
    why = why_refused(view, act)
    if why is not None:
        notes.append(f"It changes nothing: {why}.")
    said = [part for part in words.words.split("\n\n") if part.strip()]
    what = words.title or getattr(body, "title", "") or ""
    return Minute(
        name=act.name,
        ref=act.ref,
        at=act.at,
        member=short(act.member),
        kind=act.kind,
        what=what or say(act.kind),
        paragraphs=(*said, *lines),
        language=words.language,
        note=" ".join(say(one) for one in notes),
    )


def _lines(body: Body) -> list[str]:
    """What an act says beside its title and words, a line each."""
    found = [value for name in _LINES if isinstance(value := getattr(body, name, ""), str) and value]
    response = getattr(body, "response", "")
    if response:
        weight = getattr(body, "intensity", None)
        found.insert(0, response if weight is None else f"{response} ({weight})")
    for name in ("clauses", "points"):
        found += getattr(body, name, ())
    return found


# Positions


def positions(view: View, name_of: NameOf) -> Held:
    """What every member holds on every version of every text, and what was opened in sealed rounds.

    Positions read by others are marked as inferred; of a sealed round that is open nothing is here.
    """
    seats = need_seats(view)
    charter = seats.charter.body
    assert isinstance(charter, Charter)
    motions = [
        _motion(view, tabled, version, _voices(view, tabled, version))
        for tabled in texts(view)
        for version in tabled.versions
    ]
    return Held(
        origin=view.fold.council,
        title=charter.title,
        members=tuple((short(one), name_of(short(one))) for one in seats.members),
        blocs=tuple((one.name, tuple(map(short, one.members))) for one in charter.blocs),
        motions=(*motions, *_roll_calls(view)),
    )


def _motion(view: View, tabled: Tabled, version: Version, voices: tuple[Voice, ...]) -> Motion:
    return Motion(
        ref=version.ref,
        name=version.act.name,
        title=tabled.title,
        text=version.words,
        creator=short(version.act.member),
        tabled=version.act.at,
        at=max([version.act.at, *(one.since for one in voices)]),
        voices=voices,
    )


def _voices(view: View, tabled: Tabled, version: Version) -> tuple[Voice, ...]:
    found = []
    for holder in holding(view, tabled.root.ref).holders:
        said = holder.on(version)
        read = next((one for one in reversed(holder.inferred) if one.version == version), None)
        one = said or read
        if one is not None:
            found.append(_voice(one))
    return tuple(found)


def _voice(one: HeldPosition) -> Voice:
    taken = one.taken
    return Voice(
        short(one.member),
        taken.response,
        one.tone,
        one.place.at,
        one.act.name,
        taken.intensity,
        taken.condition,
    )


def _roll_calls(view: View) -> list[Motion]:
    """The sealed rounds that were opened: what members had sealed on each text, all at once."""
    by_ref: Mapping[str, tuple[Tabled, Version]] = {
        version.ref: (tabled, version) for tabled in texts(view) for version in tabled.versions
    }
    found = []
    for one in rounds(view):
        for ref in one.body.on:
            known = by_ref.get(ref)
            voices = tuple(
                Voice(
                    short(opened.member),
                    taken.response,
                    "own",
                    opened.seal.at,
                    opened.reveal.name,
                    taken.intensity,
                    taken.condition,
                )
                for opened in one.opened
                for taken in opened.positions
                if taken.on == ref
            )
            if known is not None and one.is_closed and voices:
                version = known[1]
                found.append(
                    Motion(
                        ref,
                        version.act.name,
                        known[0].title,
                        version.words,
                        short(version.act.member),
                        version.act.at,
                        one.body.closes_at,
                        voices,
                        "roll call",
                    )
                )
    return found
