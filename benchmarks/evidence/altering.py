# ruff: noqa: RUF001 - typographic marks are meant
"""Altered copies of quotations, made with a seed, each with the verdicts that would be right.

It knows nothing of how the package reads words: its own lists of negations and numbers are short and plain,
and words are what stands between spaces. A stretch that these lists cannot judge is not taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

NEGATIONS = frozenset(
    ["not", "no", "never", "nor", "neither", "none", "nobody", "nothing", "nowhere", "without", "cannot"]
)
_NUMBER_WORDS = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "twenty thirty forty fifty sixty seventy eighty ninety"
)
_OTHER_COUNTING = (
    "one zero hundred thousand million billion half double twice dozen first second third fourth fifth "
    "sixth tenth per cent percent non doubled triple tripled halved quarter dozens hundreds thousands "
    "millions billions trillion trillions halves quarters thrice"
)
_NUMBERS = _NUMBER_WORDS.split()
_COUNTING = frozenset([*_NUMBERS, *_OTHER_COUNTING.split()])
_AUXILIARIES = frozenset(["is", "are", "was", "were", "will", "must", "should", "can", "has", "have", "may"])
_ALMOST = re.compile(r"n't|n’t|th\b|ths\b|\d|[%$€£]|hardly|scarcely|barely|nought|[ivx]{2,}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of words of one speech, what was done to it, and the verdicts that are right for it."""

    kind: str
    document_id: str
    words: str
    right: frozenset[str]


def make_copies(speeches: Mapping[str, str], n_each: int, seed: int) -> list[Copy]:
    """`n_each` copies of every kind."""
    dice = np.random.default_rng(seed)
    ids = sorted(speeches)
    tokens = {id: speeches[id].split() for id in ids}
    copies: list[Copy] = []
    for kind, alter in ALTERATIONS.items():
        n_made = 0
        while n_made < n_each:
            id = ids[int(dice.integers(len(ids)))]
            row = tokens[id]
            length = int(dice.integers(14, 45))
            if len(row) < length + 80:
                continue
            at = int(dice.integers(1, len(row) - length - 70))
            made = alter(row, at, length, dice)
            # A copy that begins or ends within a number ("2.2 | billion") says another number: none is made.
            edges = [*row[at - 1 : at + 1], *row[at + length - 1 : at + length + 1]]
            if made is not None and all(is_plain(one) for one in edges):
                copies.append(Copy(kind, id, " ".join(made[0]), frozenset(made[1])))
                n_made += 1
    return copies


def bare(token: str) -> str:
    """A token without the marks around it, in small letters."""
    return token.strip(".,;:!?()[]\"'“”‘’-–—").lower()


def is_plain(token: str) -> bool:
    """Whether a token is surely neither a negation nor a number, and one word."""
    word = bare(token)
    return word.isalpha() and word not in NEGATIONS | _COUNTING and not _ALMOST.search(token)


Made = tuple[Sequence[str], Sequence[str]] | None
Dice = np.random.Generator


def _untouched(row: Sequence[str], at: int, length: int, dice: Dice) -> Made:
    return row[at : at + length], ["exact"]


def _typeset(row: Sequence[str], at: int, length: int, dice: Dice) -> Made:
    """As another agency would set it: other quotation marks and dashes, a narrow space."""
    words = row[at : at + length]
    changed = [word.replace("'", "’").replace("--", "—").replace(" - ", " — ") for word in words]
    changed[0] = changed[0][:1].upper() + changed[0][1:]
    return ["\u00a0".join(changed[:2]), *changed[2:]], ["exact"]


def _marks(row: Sequence[str], at: int, length: int, dice: Dice) -> Made:
    words = list(row[at : at + length])
    commas = [k for k, word in enumerate(words[:-1]) if k and word[-1] in ",;" and word[:-1].isalpha()]
    if not commas:
        return None
    k = commas[int(dice.integers(len(commas)))]
    words[k] = words[k][:-1]
    return words, ["punctuation"]


def _negation_inserted(row: Sequence[str], at: int, length: int, dice: Dice) -> Made:
    words = list(row[at : at + length])
    places = [k for k in range(2, length - 2) if words[k] in _AUXILIARIES and is_plain(words[k + 1])]
    if not places:
        return None
    k = places[int(dice.integers(len(places)))]
    words.insert(k + 1, str(dice.choice(["not", "never"])))
    return words, ["altered"]


def _negation_dropped(row: Sequence[str], at: int, length: int, dice: Dice) -> Made:
    words = list(row[at : at + length])
    places = [k for k in range(2, length - 2) if words[k] in NEGATIONS]
    if not places:
        return None
    k = places[int(dice.integers(len(places)))]
    words[k : k + 1] = ["can"] if words[k] == "cannot" else []
    return words, ["altered"]


def _number_changed(row: Sequence[str], at: int, length: int, dice: Dice) -> Made:
    words = list(row[at : at + length])
    places = [
        k for k in range(length) if re.fullmatch(r"\d{1,4}", bare(words[k])) or bare(words[k]) in _NUMBERS
    ]
    if not places:
        return None
    k = places[int(dice.integers(len(places)))]
    old = bare(words[k])
    new = old
    while new == old or (old.isdigit() and int(new) == int(old)):
        new = str(dice.integers(1, 10 ** len(old))) if old.isdigit() else str(dice.choice(_NUMBERS))
    words[k] = words[k].lower().replace(old, new)
    return words, ["altered"]


def _swapped(row: Sequence[str], at: int, length: int, dice: Dice) -> Made:
    words = list(row[at : at + length])
    i = int(dice.integers(1, length - 5))
    k = i + int(dice.integers(1, 4))
    if not all(is_plain(word) for word in words[i : k + 1]) or bare(words[i]) == bare(words[k]):
        return None
    words[i], words[k] = words[k], words[i]
    return words, ["variant"]


def _replaced(row: Sequence[str], at: int, length: int, dice: Dice) -> Made:
    words = list(row[at : at + length])
    k, other = int(dice.integers(1, length - 1)), row[int(dice.integers(len(row)))]
    short, long = sorted((bare(words[k]), bare(other)), key=len)
    if not is_plain(words[k]) or not is_plain(other) or long.endswith(short):
        return None
    words[k] = other
    return words, ["variant"]


def _cut(row: Sequence[str], at: int, length: int, dice: Dice) -> Made:
    n_left = int(dice.integers(8, 16))
    n_out = int(dice.integers(5, 13))
    first, out, last = _three(row, at, n_left, n_out, length)
    if not is_plain(first[-1]) or not is_plain(last[0]):
        return None
    if not all(is_plain(word) for word in out):
        if any(bare(word) in NEGATIONS or bare(word).isdigit() for word in out):
            return [*first, *last], ["altered"]
        return None
    return [*first, *last], ["partial"]


def _elided(row: Sequence[str], at: int, length: int, dice: Dice) -> Made:
    n_left = int(dice.integers(5, 16))
    n_out = int(dice.integers(4, 60))
    first, _, last = _three(row, at, n_left, n_out, length)
    if not is_plain(first[-1]) or not is_plain(last[0]):
        return None
    return [*first, str(dice.choice(["…", "...", "[...]", "[…]", "(...)"])), *last], ["elided"]


def _three(
    row: Sequence[str], at: int, n_left: int, n_out: int, length: int
) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
    """A beginning, what is left out, and an end that reaches to the end of the stretch, or beyond it."""
    middle, end = at + n_left, at + n_left + n_out
    last = list(row[end : end + max(8, length - n_left - n_out)])
    while len(last) > 2 and not (is_plain(last[-1]) and is_plain(row[end + len(last)])):
        last.pop()
    return row[at:middle], row[middle:end], last


def _continued(row: Sequence[str], at: int, length: int, dice: Dice) -> Made:
    """Half of it is from elsewhere: the words of the same speech, in an order in which nobody said them."""
    start = int(dice.integers(len(row) - 20))
    other = list(row[start : start + 16])
    dice.shuffle(other)
    if not all(is_plain(word) for word in other):
        return None
    return [*row[at : at + 15], *other], ["partial"]


def _invented(row: Sequence[str], at: int, length: int, dice: Dice) -> Made:
    """Words of one speech in an order in which nobody said them."""
    words = list(row[at : at + 60])
    dice.shuffle(words)
    return words[:length], ["not_found"]


ALTERATIONS: dict[str, Callable[[Sequence[str], int, int, Dice], Made]] = {
    "untouched": _untouched,
    "set otherwise": _typeset,
    "comma left out": _marks,
    "negation inserted": _negation_inserted,
    "negation dropped": _negation_dropped,
    "number changed": _number_changed,
    "words swapped": _swapped,
    "word replaced": _replaced,
    "cut without a mark": _cut,
    "elided with a mark": _elided,
    "half invented": _continued,
    "invented": _invented,
}
