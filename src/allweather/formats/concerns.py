"""Concerns that quotations may bear on, from a file: JSON, or one concern a line.

    [{"id": "P4", "title": "Link the missile defence systems", "words": "..."}]       JSON
    {"propositions": [{"id": "F4", "text": "..."}], ...}                              a dossier: its
    propositions P4: Link the missile defence systems                                              lines

A line without an id before a colon gets its number as id. Empty lines and those that begin with # do not
count.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import msgspec

from allweather.errors import MalformedRecord
from allweather.evidence.suggesting import MAX_CONCERNS, Concern
from allweather.formats.files import MAX_BLOCS_BYTES, check_id, check_text, read_text

_LINE: Final = re.compile(r"(?P<id>[\w.-]{1,40}):\s+(?P<title>.+)")


class _Listed(msgspec.Struct):
    """A concern in a JSON list, or a proposition of a dossier."""

    id: str
    title: str = ""
    words: str = ""
    text: str = ""


class _Dossier(msgspec.Struct):
    propositions: list[_Listed]


def read_concerns(path: Path) -> tuple[Concern, ...]:
    """The concerns of a file, in its order. Raises UnreadableSource or MalformedRecord."""
    text = read_text(path, MAX_BLOCS_BYTES)
    found = _from_json(text, str(path)) if text.lstrip()[:1] in ("[", "{") else _from_lines(text, str(path))
    if not found:
        raise MalformedRecord("no concern; write one a line, as `P4: Link the systems`", where=str(path))
    if len(found) > MAX_CONCERNS:
        raise MalformedRecord(f"{len(found):,} concerns; at most {MAX_CONCERNS:,} are read", where=str(path))
    ids = [one.id for one in found]
    if twice := next((id for k, id in enumerate(ids) if id in ids[:k]), None):
        raise MalformedRecord(f"two concerns have the id {twice!r}", where=str(path))
    return tuple(found)


def _from_json(text: str, where: str) -> list[Concern]:
    try:
        if text.lstrip().startswith("["):
            listed = msgspec.json.decode(text, type=list[_Listed])
        else:
            listed = msgspec.json.decode(text, type=_Dossier).propositions
    except msgspec.MsgspecError as error:
        raise MalformedRecord(
            f"neither a list of concerns with id and title, nor a dossier with propositions ({error})",
            where=where,
        ) from None
    return [
        _concern(one.id, one.title or one.text, one.words or (one.text if one.title else ""), where)
        for one in listed
    ]


def _from_lines(text: str, where: str) -> list[Concern]:
    found = []
    for k, line in enumerate(text.splitlines()):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        id, title = (match["id"], match["title"]) if match else (str(k + 1), line.strip())
        found.append(_concern(id, title, "", f"{where}, line {k + 1}"))
    return found


def _concern(id: str, title: str, words: str, where: str) -> Concern:
    check_id("concern's id", id, where)
    if not title.strip():
        raise MalformedRecord(f"the concern {id!r} has no title", where=where)
    return Concern(
        id, check_text("a title", title, where), check_text("the words of a concern", words, where)
    )
