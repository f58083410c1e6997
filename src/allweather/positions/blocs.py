"""Blocs: declared affiliations of members. What an analysis finds by itself is called a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from allweather.errors import InputError, UnknownName
from allweather.positions.matrix import Positions


@dataclass(frozen=True, slots=True)
class Bloc:
    """A declared group of members. A bloc of one is ordinary."""

    id: str
    name: str
    members: tuple[str, ...]


def check_blocs(blocs: Sequence[Bloc], positions: Positions) -> None:
    """Check that blocs name only known members, each at most once, and that none is empty.

    Raises UnknownName for a member that the positions do not have, InputError for the rest.
    """
    known = {member.id for member in positions.members}
    holder: dict[str, str] = {}
    seen: set[str] = set()
    for bloc in blocs:
        if bloc.id in seen:
            raise InputError(f"two blocs have the id {bloc.id!r}")
        seen.add(bloc.id)
        if not bloc.members:
            raise InputError(f"the bloc {bloc.id!r} has no members")
        for member in bloc.members:
            if member not in known:
                raise UnknownName(f"the bloc {bloc.id!r} names {member!r}, which no position knows")
            if member in holder:
                raise InputError(f"{member!r} is named twice, in {holder[member]!r} and {bloc.id!r}")
            holder[member] = bloc.id
