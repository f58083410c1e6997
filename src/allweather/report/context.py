"""What the page says of the input beside the positions: how it was read, and what history it carries.

A plain carrier. The door fills it from what the reader of the format found; nothing here is
computed and nothing of it enters the analysis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Deal:
    """A linked deal that the record already knows. `sources` are ids of `Positions.sources`."""

    what: str
    date: str = ""
    members: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two sources that say different things of one matter."""

    matter: str
    one: str
    other: str
    note: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """Where the positions come from. Every field may be empty.

    - `as_of`: the date up to which records count, as text; None if all count
    - `format`: the name of the format as which the input was recognised
    - `intake`: sentences on what was dropped or corrected on the way in
    - `areas`: names of the areas that `Question.area` refers to
    - `attribution`: what the licence of the data asks to be said
    """

    title: str = ""
    as_of: str | None = None
    format: str = ""
    intake: tuple[str, ...] = ()
    deals: tuple[Deal, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    areas: Mapping[str, str] = field(default_factory=dict)
    attribution: str = ""
