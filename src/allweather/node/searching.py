"""Searching the record: acts by their words, whose they are, and their kind, the newest first.

Only what stands in the entries themselves is searched: long texts apart and words for some members only are
not, and neither is what was revealed before its round has closed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from allweather.council.acts import Act
from allweather.council.rounds import is_secret
from allweather.council.view import View

MOST = 500


def search(view: View, words: str, member: str = "", kind: str = "") -> tuple[list[Act], int]:
    """The acts in which all of `words` stand, written in any case; by a member (short name), of a kind.

    An empty text means any. The newest come first, by their authors' clocks; at most `MOST`, and how many
    there are.
    """
    wanted = words.casefold().split()
    found = [
        act
        for act in view.fold.acts.values()
        if (not member or act.member.partition("/")[2] == member)
        and (not kind or act.kind == kind)
        and (not wanted or _has(view, act, wanted))
    ]
    found.sort(key=lambda act: (-act.at, act.origin, -act.index))
    return found[:MOST], len(found)


def _has(view: View, act: Act, wanted: list[str]) -> bool:
    text = act.name
    if not is_secret(view, act):
        text = "\n".join((act.name, *_texts(msgspec.to_builtins(act.body))))
    text = text.casefold()
    return all(word in text for word in wanted)


def _texts(value: Any) -> Iterator[str]:
    """Every text in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
