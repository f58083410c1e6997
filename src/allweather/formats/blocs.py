"""Reading blocs: declared affiliations, from a TOML file or a table of two columns.

    [[bloc]]
    id = "upper"
    name = "Upper river"
    members = ["Arda", "Brin"]

or, as CSV, `member,bloc` with one row a member; the bloc's id is then also its name. Whether the
members exist is checked against the positions (`positions.check_blocs`), not here.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from allweather.errors import MalformedRecord, UnreadableSource
from allweather.formats.columns import Wanted, read_columns, read_names, shown
from allweather.formats.files import (
    MAX_BLOCS_BYTES,
    MAX_MEMBERS,
    MAX_NAME,
    check_file,
    check_id,
    check_text,
    read_text,
)
from allweather.positions import Bloc

MAX_BLOCS = 1_000
_COLUMNS = ("member", "bloc")


class _Bloc(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    members: tuple[str, ...]
    name: str = ""


class _Blocs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    bloc: tuple[_Bloc, ...]


def read_blocs(path: Path) -> tuple[Bloc, ...]:
    """Read a blocs file: CSV if its name ends so, else TOML.

    Raises UnreadableSource or MalformedRecord.
    """
    check_file(path, MAX_BLOCS_BYTES)
    blocs = _read_csv(path) if path.suffix.lower() == ".csv" else _read_toml(path)
    if not blocs:
        raise UnreadableSource("the file names no bloc", where=str(path))
    if len(blocs) > MAX_BLOCS:
        raise UnreadableSource(f"{len(blocs):,} blocs; at most {MAX_BLOCS:,} are read", where=str(path))
    return blocs


def _read_toml(path: Path) -> tuple[Bloc, ...]:
    where = str(path)
    text = read_text(path, MAX_BLOCS_BYTES)
    try:
        found = msgspec.toml.decode(text, type=_Blocs)
    except msgspec.ValidationError as error:
        raise MalformedRecord(f"not a blocs file as documented: {str(error)[:300]}", where=where) from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableSource(f"not TOML: {str(error)[:300]}", where=where) from None
    for bloc in found.bloc:
        check_id("bloc id", bloc.id, where)
        check_text("a bloc's name", bloc.name, where, MAX_NAME)
        if len(bloc.members) > MAX_MEMBERS:
            raise MalformedRecord(f"the bloc {bloc.id!r} has {len(bloc.members):,} members", where=where)
        for member in bloc.members:
            check_id("member", member, f"{where}, bloc {bloc.id!r}")
    return tuple(Bloc(one.id, one.name or one.id, one.members) for one in found.bloc)


def _read_csv(path: Path) -> tuple[Bloc, ...]:
    names = read_names(path)
    if set(names) != set(_COLUMNS):
        raise UnreadableSource(
            f"a table of blocs has the two columns 'member' and 'bloc'; this one has {shown(names)}",
            where=str(path),
        )
    columns = read_columns(path, Wanted(words=_COLUMNS, required=_COLUMNS))
    member, bloc = columns.words["member"], columns.words["bloc"]
    held: dict[str, list[str]] = {id: [] for id in bloc.words}
    for row in range(columns.n_rows):
        if member.codes[row] < 0 or bloc.codes[row] < 0:
            raise MalformedRecord("an empty cell", where=columns.place(row))
        one = check_id("member", member.words[member.codes[row]], columns.place(row))
        held[check_id("bloc", bloc.words[bloc.codes[row]], columns.place(row))].append(one)
    return tuple(Bloc(id, id, tuple(members)) for id, members in held.items())
