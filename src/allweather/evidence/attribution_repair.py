"""Mending a parse where parsers are known to hang a report on the wrong word.

    "She said her father has been an advocate, saying that he supports equal pay"

A parser hangs "saying" on "has been", as if the father said it. In news it is nearly always the speaker
again, so these words are moved up to the cue whose clause they stand in:

1. a participle of a cue behind a comma: "..., saying that", "..., adding", "..., calling it";
2. a further cue without a subject of its own, and with a clause: "said he earns little and asked how";
3. a verb of saying with a subject of its own, in the same tense as the cue, after "and", "but" or "while":
   "one in three said A and one in four said B".

What it does not do: change words or places.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from allweather.evidence import cues
from allweather.evidence.attribution_sources import EDGE
from allweather.evidence.parses import Parse

_CONTENT = frozenset({"ccomp", "dobj", "xcomp", "prep"})


def mended(parse: Parse) -> Parse:
    """The same parse with such words hung on their cue."""
    moves: dict[int, tuple[int, str]] = {}
    for k, token in enumerate(parse.tokens):
        if not token.tag.startswith("VB") or token.lemma not in cues.CLAUSE:
            continue
        for head in parse.children[k]:
            if parse.tokens[head].dependency == "ccomp" and head > k:
                for moved, name in _misplaced(parse, k, head):
                    moves.setdefault(moved, (k, name))
    if not moves:
        return parse
    tokens = list(parse.tokens)
    for moved, (k, name) in moves.items():
        tokens[moved] = dataclasses.replace(tokens[moved], head=k, dependency=name)
    return Parse(tuple(tokens), parse.sentences)


def _misplaced(parse: Parse, k: int, head: int) -> Iterator[tuple[int, str]]:
    """What hangs on the clause at `head` and belongs to the cue at `k`, with its new dependency."""
    for child in parse.children[head]:
        token = parse.tokens[child]
        if child < head or not token.tag.startswith("VB"):
            continue
        after_comma = parse.tokens[_first(parse, child) - 1].text in EDGE
        names = {parse.tokens[one].dependency for one in parse.children[child]}
        reports = token.lemma in cues.SAYING and names & _CONTENT
        if token.dependency == "advcl" and token.tag == "VBG" and after_comma:
            if token.lemma in cues.CLAUSE or (
                token.lemma in cues.OBJECT and names & {"dobj", "ccomp", "oprd"}
            ):
                yield child, "advcl"
        elif token.dependency == "conj" and reports and "nsubj" not in names:
            if "ccomp" in names and not names & {"aux"}:
                yield child, "conj"
        elif token.dependency == "conj" and reports and parse.tokens[k].lemma in cues.SAYING:
            same = token.tag == parse.tokens[k].tag or {token.tag, parse.tokens[k].tag} == {"VBP", "VBZ"}
            if same and not names & {"aux"}:
                yield child, "conj"


def _first(parse: Parse, k: int) -> int:
    return max(1, min(parse.subtree(k)))
