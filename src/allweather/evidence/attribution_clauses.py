# ruff: noqa: RUF001 - dashes are among the marks that count
"""Reported speech in the grammar of a sentence: who (source) reports (cue) what (content).

    "proposing A, reviving B and conducting C"      cue "proposing", content "A, reviving B and conducting C"
    "NATO leaders want Russia to be ..., said he"   cue "said", content "NATO leaders ..."; within it "want"

One claim comes from one cue word. Where the cue stands in its sentence does not matter: the content is what
hangs on it grammatically, less the cue, its source and what belongs to them ("on Friday", "in a speech").
Where a parser hangs "he said" on the quoted clause, or nothing at all on it, the words before it up to the
comma are the content.

What it does not do: quotation marks (`attribution_marks`), and who a source is (`speakers`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from allweather.evidence import cues
from allweather.evidence.attribution_repair import mended
from allweather.evidence.attribution_sources import EDGE, children_by_name, owner_of, source_of, trimmed
from allweather.evidence.parses import Parse

_ALONG: Final = frozenset(("as", "for", "of", "over", "about", "against", "with", "to", "on", "in", "from"))
_BELONGS: Final = frozenset(("oprd", "xcomp", "ccomp", "dobj", "acomp"))
_FRONT: Final = frozenset(("advcl", "ccomp", "prep", "npadvmod", "advmod", "dep"))
_PUNCTUATION: Final = frozenset((",", ":", "``", "''", "-LRB-", "-RRB-"))
_BREAKS: Final = frozenset((",", "—", "–", "--"))
_TIMES: Final = frozenset(("DATE", "TIME"))
_SETTING: Final = frozenset(("on", "in", "at", "during", "after", "before", "to"))
_DAYS: Final = frozenset(
    ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "today", "yesterday",
     "tonight")
)  # fmt: skip
_OCCASIONS: Final = frozenset(
    ("interview", "speech", "statement", "rally", "debate", "tweet", "address", "conference", "event",
     "stage", "reporter", "audience", "crowd", "appearance", "meeting", "call", "email", "letter", "post",
     "forum")
)  # fmt: skip

_ByName = dict[str, list[int]]


@dataclass(frozen=True, slots=True)
class Claim:
    """One report: indexes of the tokens of content, cue and source, each in order."""

    content: tuple[int, ...]
    cue: tuple[int, ...]
    source: tuple[int, ...]


def find_claims(parse: Parse) -> Iterator[Claim]:
    """Every claim of a parsed text, sentence by sentence, in order of their cues."""
    parse = mended(parse)
    for sentence in parse.sentences:
        for k in sentence:
            claim = _claim_at(parse, sentence, k)
            if claim is not None:
                yield claim


def _claim_at(parse: Parse, sentence: range, k: int) -> Claim | None:
    token = parse.tokens[k]
    if token.text.lower() == "according":
        return _according(parse, sentence, k)
    if token.tag.startswith("VB"):
        return _verb(parse, sentence, k)
    if token.tag.startswith("NN"):
        return _noun(parse, k)
    return None


# Verbs


def _verb(parse: Parse, sentence: range, k: int) -> Claim | None:
    lemma = parse.tokens[k].lemma
    by_name = children_by_name(parse, k)
    if _is_seeming(lemma, by_name):
        return _seeming(parse, k, by_name)
    source = source_of(parse, k)
    claim = None
    if lemma in cues.CLAUSE:
        claim = _clause(parse, k, by_name, source)
    if claim is None and lemma in cues.INFINITIVE and (heads := by_name.get("xcomp")):
        claim = _claim(parse, k, source, _without_setting(parse, _below(parse, heads)))
    if claim is None and lemma in cues.PREPOSITION:
        claim = _preposition(parse, k, by_name, source)
    if claim is None and lemma in cues.OBJECT and (heads := _objects(lemma, k, by_name)):
        claim = _object(parse, k, source, heads)
    if claim is None and lemma in cues.SAYING:
        claim = _before(parse, sentence, k, source)
    return claim


def _clause(parse: Parse, k: int, by_name: _ByName, source: tuple[int, ...]) -> Claim | None:
    """A clause as complement, before, after or around the cue."""
    token = parse.tokens[k]
    heads = by_name.get("ccomp", [])
    if not heads:
        # "as he said"
        is_aside = token.dependency == "advcl" and _marker(parse, k) == "as"
        if token.dependency == "parataxis" or is_aside:
            own = set(parse.subtree(k))
            return _claim(parse, k, source, set(parse.subtree(token.head)) - own)
        return None
    heads = heads + [h for h in by_name.get("conj", []) if h > k and _marker(parse, h) == "that"]
    content = _below(parse, heads)
    if all(h < k for h in heads):
        first = min(content)
        front = [c for c in parse.children[k] if c < first and parse.tokens[c].dependency in _FRONT]
        content |= _below(parse, front)
    return _claim(parse, k, source, content)


def _preposition(parse: Parse, k: int, by_name: _ByName, source: tuple[int, ...]) -> Claim | None:
    wanted = cues.PREPOSITION[parse.tokens[k].lemma]
    for child in by_name.get("prep", []):
        below = set(parse.subtree(child)) - {child}
        if child > k and parse.tokens[child].lemma in wanted and below:
            below |= _below(parse, [other for other in by_name.get("xcomp", []) if other > child])
            particles = [one for one in by_name.get("prt", []) if one > k]
            return _claim(parse, k, source, below, cue=(k, *particles, child))
    return None


def _objects(lemma: str, k: int, by_name: _ByName) -> list[int]:
    """The objects of a verb; in the passive its subject, if it is said by whom or the verb is one of
    judging.
    """
    if by_name.get("auxpass"):
        return by_name.get("nsubjpass", []) if by_name.get("agent") or lemma in cues.JUDGING else []
    for name in ("dobj", "ccomp", "oprd"):
        if name in by_name:
            return [h for h in by_name[name] if h > k]
    return []


def _object(parse: Parse, k: int, source: tuple[int, ...], heads: list[int]) -> Claim | None:
    """The object, and what belongs to it: "described the plan as a mistake"."""
    content = _below(parse, heads)
    last = max(content)
    for child in parse.children[k]:
        if child < k:
            continue
        name = parse.tokens[child].dependency
        below = parse.subtree(child)
        is_near = all(parse.tokens[one].tag in _PUNCTUATION for one in range(last + 1, below[0]))
        along = name == "prep" and parse.tokens[child].lemma in _ALONG and not _is_setting(parse, child)
        goes_on = name == "advcl" and (parse.tokens[below[0]].lemma == "to" or _is_list(parse, child))
        goes_on = goes_on or (name == "conj" and _is_item(parse, k, child))
        if name in _BELONGS or (is_near and (along or goes_on)):
            content.update(below)
            last = max(last, below[-1])
    return _claim(parse, k, source, _without_setting(parse, content))


def _is_list(parse: Parse, k: int) -> bool:
    """Whether a participle goes on with a list: "proposing A, rejuvenating B and conducting C"."""
    return parse.tokens[k].tag == "VBG" and any(
        parse.tokens[one].dependency == "conj" and parse.tokens[one].tag == "VBG" for one in parse.children[k]
    )


def _is_item(parse: Parse, k: int, child: int) -> bool:
    """Whether a participle beside another is an item of its list, and no report of its own ("saying
    that").
    """
    both = parse.tokens[k].tag == parse.tokens[child].tag == "VBG"
    return both and parse.tokens[child].lemma not in cues.CLAUSE | cues.OBJECT


def _before(parse: Parse, sentence: range, k: int, source: tuple[int, ...]) -> Claim | None:
    """`Content, he said`, where the parser hangs nothing on the cue: the sentence up to the comma."""
    first = min([*source, k])
    if first <= sentence.start + 2 or (source and max(source) < k - 3):
        return None
    if parse.tokens[first - 1].text not in _BREAKS | {"?", "!"}:
        return None
    inside = range(sentence.start, first - 1)
    if not any(parse.tokens[one].tag.startswith(("VB", "MD")) for one in inside):
        return None
    return _claim(parse, k, source, set(inside))


# Seeming, nouns, according to


def _is_seeming(lemma: str, by_name: _ByName) -> bool:
    if lemma in cues.SEEMING:
        return bool(by_name.get("xcomp") or by_name.get("oprd") or by_name.get("acomp"))
    is_passive = bool(by_name.get("auxpass") or by_name.get("nsubjpass"))
    return is_passive and lemma in cues.SEEMING_PASSIVE and bool(by_name.get("xcomp"))


def _seeming(parse: Parse, k: int, by_name: _ByName) -> Claim | None:
    """`The team appeared paralyzed`: content stands on both sides of the cue, and nobody is its source."""
    names = ("nsubj", "nsubjpass", "xcomp", "oprd", "acomp")
    return _claim(parse, k, (), _below(parse, [h for name in names for h in by_name.get(name, [])]))


def _noun(parse: Parse, k: int) -> Claim | None:
    token = parse.tokens[k]
    if token.lemma in cues.NOUNS:
        for child in parse.children[k]:
            if child > k and parse.tokens[child].dependency in {"acl", "ccomp"} and _opens(parse, child):
                return _claim(parse, k, owner_of(parse, k), set(parse.subtree(child)))
    wanted = cues.NOUN_PREPOSITIONS.get(token.lemma, frozenset())
    for child in parse.children[k]:
        if parse.tokens[child].dependency == "prep" and parse.tokens[child].lemma in wanted:
            below = set(parse.subtree(child)) - {child}
            if below:
                return _claim(parse, k, owner_of(parse, k), below, cue=(k, child))
    return None


def _opens(parse: Parse, child: int) -> bool:
    """Whether a clause after a noun says what was said: it begins with "that", "to", "whether" or "if"."""
    return any(
        one < child and parse.tokens[one].lemma in {"that", "to", "whether", "if"}
        for one in parse.children[child]
    )


def _according(parse: Parse, sentence: range, k: int) -> Claim | None:
    """`According to X, Y`: the clause that it hangs on; at an edge of the sentence, the whole sentence."""
    to = next((c for c in parse.children[k] if parse.tokens[c].lemma == "to"), None)
    if to is None:
        return None
    source = tuple(one for one in parse.subtree(to) if one != to)
    head = parse.tokens[k].head
    while parse.tokens[head].head != head and not _heads_clause(parse, head):
        head = parse.tokens[head].head
    own = parse.subtree(k)
    root = next(one for one in sentence if parse.tokens[one].head == one)
    at_edge = own[0] <= sentence.start + 1 or own[-1] >= sentence.stop - 2
    if at_edge and parse.tokens[root].lemma not in cues.SAYING and parse.tokens[head].dependency == "conj":
        head = root
    return _claim(parse, k, source, set(parse.subtree(head)).difference(own), cue=(k, to))


def _heads_clause(parse: Parse, k: int) -> bool:
    names = {parse.tokens[one].dependency for one in parse.children[k]}
    return parse.tokens[k].tag.startswith(("VB", "MD")) and bool(names & {"nsubj", "nsubjpass", "expl"})


# Putting a claim together


def _claim(
    parse: Parse, k: int, source: tuple[int, ...], content: set[int], cue: tuple[int, ...] = ()
) -> Claim | None:
    """A claim with tidy content; None if nothing is left of it."""
    cue = cue or (k, *(c for c in parse.children[k] if parse.tokens[c].dependency == "prt"))
    kept = trimmed(parse, _without_remark(parse, content.difference(cue, source)))
    if kept and parse.tokens[kept[0]].lemma == "that" and parse.tokens[kept[0]].dependency == "mark":
        kept = trimmed(parse, set(kept[1:]))
    return Claim(kept, tuple(sorted(cue)), tuple(sorted(source))) if kept else None


def _without_remark(parse: Parse, content: set[int]) -> set[int]:
    """Without a clause at the end that the reporter adds: "..., which expires this year"."""
    for k in _ends(parse, content):
        if parse.tokens[k].dependency == "relcl":
            first = parse.subtree(k)[0]
            if first - 1 in content and parse.tokens[first - 1].text in _BREAKS:
                return {one for one in content if one < first}
    return content


def _without_setting(parse: Parse, content: set[int]) -> set[int]:
    """Without a phrase at the end that says when or where it was said, which belongs to the cue."""
    for k in _ends(parse, content):
        if _is_setting(parse, k):
            below = parse.subtree(k)
            if below[0] - 1 in content:
                return content.difference(below)
    return content


def _ends(parse: Parse, content: set[int]) -> list[int]:
    """The tokens of the content that its last word hangs on, from the outermost to that word."""
    last = max(content, default=-1)
    while last in content and parse.tokens[last].text in EDGE:
        last -= 1
    if last not in content:
        return []
    return [k for k in (last, *parse.ancestors(last)) if k in content][::-1]


def _is_setting(parse: Parse, k: int) -> bool:
    """Whether a phrase says when or where something was said: "on Thursday", "in an interview"."""
    token = parse.tokens[k]
    if token.dependency == "npadvmod":
        return token.entity in _TIMES and token.lemma in _DAYS
    if token.dependency != "prep" or token.lemma not in _SETTING:
        return False
    below = [parse.tokens[one] for one in parse.children[k] if parse.tokens[one].dependency == "pobj"]
    return bool(below) and (below[0].entity in _TIMES or below[0].lemma in _OCCASIONS)


def _below(parse: Parse, heads: list[int]) -> set[int]:
    return {one for head in heads for one in parse.subtree(head)}


def _marker(parse: Parse, k: int) -> str:
    """The word that opens a clause: "that", "as"; "" if there is none."""
    marks = (c for c in parse.children[k] if parse.tokens[c].dependency in {"mark", "advmod"})
    return next((parse.tokens[c].lemma for c in marks), "")
