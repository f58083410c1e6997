"""What little can be told of the sense of English words without understanding them.

    content_of(words_of("the reinforcement of practical cooperation"))   {"reinforc", "practic", "cooper"}
    hedges_of(words_of("we should explore the potential for it"))   {"exploring": ("explore", "potential")}

Content words are cut to stems by their endings, so that `reinforcement` meets `reinforcing`. Hedges are words
that make a statement weaker: it is explored, it may be, it holds if. Both only point a reader to a place;
nothing is decided by them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from allweather.evidence.words import Kind, Word

_FUNCTION_WORDS: Final = (
    "a an the and or but if then than that this these those there here it its he she they them their "
    "theirs his her hers we us our ours you your i me my mine who whom whose which what when where why "
    "how as at by for from in into of off on onto out over to up upon with within about against between "
    "among through during after before under since until while is are was were be been being am do does "
    "did done doing have has had having will would shall should can could may might must ought also so "
    "such too very just only own same other another any some all both each every either more most much "
    "many few one ones say says said called"
)
FUNCTION_WORDS: Final = frozenset(_FUNCTION_WORDS.split())

_ENDING_WORDS: Final = (
    "ations ation ators ator ative ments ment ities ity ness ships ship ingly ings ing edly ions ion "
    "ives ive ances ance ences ence ally als al ers er ies ied ed es ly 's s e y"
)
_ENDINGS: Final = tuple(_ENDING_WORDS.split())
_SHORTEST: Final = 4

_HEDGES: Final = {
    "exploring": "explore explores explored exploring exploration potential potentially possibility "
    "possibilities possible possibly consider considers considered considering study studying "
    "examine examining discuss discussing feasibility",
    "doubting": "may might could perhaps maybe probably likely seem seems appear appears",
    "on condition": "if unless provided whether depending conditional conditions condition",
    "some time": "eventually later gradually someday ultimately appropriate",
}
_HEDGE_OF: Final = {word: sort for sort, words in _HEDGES.items() for word in words.split()}
_TIMELY: Final = (("one", "day"), ("in", "time"), ("due", "course"))


def stem(key: str) -> str:
    """A word without its ending, at least four letters of it."""
    word = key.replace("ence", "ense") if key.endswith(("ence", "ences")) else key
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            word = word[: -len(ending)]
            break
    return word[:-1] if word.endswith("e") and len(word) > _SHORTEST else word


def content_of(words: Iterable[Word]) -> frozenset[str]:
    """The stems of the words that are neither grammar nor negation nor a unit."""
    return frozenset(
        stem(word.key)
        for word in words
        if word.kind in (Kind.PLAIN, Kind.NUMBER) and word.key not in FUNCTION_WORDS
    )


def hedges_of(words: Sequence[Word]) -> dict[str, tuple[str, ...]]:
    """The sorts of hedges in some words, each with the words that make it."""
    found: dict[str, list[str]] = {}
    for k, word in enumerate(words):
        sort = _HEDGE_OF.get(word.key)
        if sort is not None:
            found.setdefault(sort, []).append(word.key)
        elif k + 1 < len(words) and (word.key.replace("#1", "one"), words[k + 1].key) in _TIMELY:
            found.setdefault("some time", []).append(f"{word.key.replace('#1', 'one')} {words[k + 1].key}")
    return {sort: tuple(words_of_sort) for sort, words_of_sort in found.items()}
