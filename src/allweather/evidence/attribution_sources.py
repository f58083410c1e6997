"""Who is the source of a report, by grammar: the subject of a verb, the owner of a noun.

    "Rasmussen called for a beginning, proposing ..."   the source of "proposing" is "Rasmussen"
    "an announcement by the United States that ..."     that of "announcement" is "the United States"

Where a verb has no subject of its own, that of the verb it hangs on is taken; "who" stands for the noun
before it; of a passive the source is the one behind "by". The source is the noun with what stands around
it, less the clauses that say more about it.

What it does not do: say who that is (`speakers`).
"""

from __future__ import annotations

from typing import Final

from allweather.evidence.parses import Parse

#: Words and marks that nothing begins or ends with.
EDGE: Final = frozenset((",", ";", ":", ".", "—", "–", "-", "--", "...", "…", "?", "!"))  # noqa: RUF001

_MORE: Final = frozenset(("relcl", "acl", "advcl", "ccomp"))
_CARRIED: Final = frozenset(("conj", "xcomp", "advcl", "ccomp", "dep"))
_OWNERS: Final = frozenset(("by", "from", "among"))


def source_of(parse: Parse, k: int) -> tuple[int, ...]:
    """The tokens that name whose act the verb at `k` is; () where the sentence does not say."""
    seen: set[int] = set()
    while k not in seen:
        seen.add(k)
        token = parse.tokens[k]
        by_name = children_by_name(parse, k)
        if by_name.get("auxpass"):
            return _agent(parse, by_name)
        if subjects := by_name.get("nsubj"):
            return _antecedent(parse, k, subjects[-1])
        if token.dependency in {"acl", "relcl"}:
            return named(parse, token.head)
        if token.dependency == "pcomp":
            k = parse.tokens[token.head].head
        elif token.dependency in _CARRIED:
            k = token.head
        else:
            return ()
    return ()


def owner_of(parse: Parse, k: int) -> tuple[int, ...]:
    """Whose word the noun at `k` is: its possessor, who it is by or from, or who has, makes or gives it."""
    for child in parse.children[k]:
        if parse.tokens[child].dependency == "poss":
            return tuple(one for one in parse.subtree(child) if parse.tokens[one].tag != "POS")
    for child in parse.children[k]:
        if parse.tokens[child].lemma in _OWNERS and parse.tokens[child].dependency == "prep":
            below = [one for one in parse.children[child] if parse.tokens[one].dependency == "pobj"]
            if below:
                return named(parse, below[0])
    head = parse.tokens[k].head
    if parse.tokens[k].dependency in {"dobj", "attr"} and parse.tokens[head].tag.startswith("VB"):
        return source_of(parse, head)
    return ()


def named(parse: Parse, head: int) -> tuple[int, ...]:
    """A noun and what stands with it in one piece, without clauses that say more about it."""
    found = set(parse.subtree(head))
    for child in sorted(found):
        if child in found and child != head and parse.tokens[child].dependency in _MORE:
            found.difference_update(parse.subtree(child))
    first = last = head
    while first - 1 in found:
        first -= 1
    while last + 1 in found:
        last += 1
    return trimmed(parse, set(range(first, last + 1)))


def trimmed(parse: Parse, found: set[int]) -> tuple[int, ...]:
    """The tokens in order, without marks of punctuation at either end."""
    order = sorted(found)
    first, last = 0, len(order)
    while first < last and parse.tokens[order[first]].text in EDGE:
        first += 1
    while first < last and parse.tokens[order[last - 1]].text in EDGE:
        last -= 1
    return tuple(order[first:last])


def children_by_name(parse: Parse, k: int) -> dict[str, list[int]]:
    """What hangs on a token, by dependency."""
    found: dict[str, list[int]] = {}
    for child in parse.children[k]:
        found.setdefault(parse.tokens[child].dependency, []).append(child)
    return found


def _agent(parse: Parse, by_name: dict[str, list[int]]) -> tuple[int, ...]:
    for child in by_name.get("agent", []):
        below = [one for one in parse.children[child] if parse.tokens[one].dependency == "pobj"]
        if below:
            return named(parse, below[0])
    return ()


def _antecedent(parse: Parse, k: int, subject: int) -> tuple[int, ...]:
    if parse.tokens[subject].tag in {"WP", "WDT"} and parse.tokens[k].dependency == "relcl":
        return named(parse, parse.tokens[k].head)
    return named(parse, subject)
