"""Which concerns a quotation may bear on: at most three suggestions, never a decision.

    Suggester(concerns).suggest("We should explore linking the missile defence systems")
    # (Suggestion("P4", 2.3, ("link", "missil", "system")), ...)

The score is how much the words tell that the two share: each shared stem counts the logarithm of how many
times rarer than everywhere it is among the concerns, ln((1 + n) / (1 + n_with)) + 0.2, and a word of the
title counts twice. The sum is divided by the square root of the concern's own sum, so that a long concern
does not win by its length. This is the inverse document frequency of Sparck Jones (1972) with a smoothed
count.

Words say what a quotation is about and not on which side it is: opposite statements share nearly all their
words. So nothing here says who supports what.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from allweather.errors import InputError
from allweather.evidence.senses import content_of
from allweather.evidence.words import words_of

#: So many suggestions at most.
MOST: Final = 3
MAX_CONCERNS: Final = 5_000
_FLOOR: Final = 0.2
_TITLE: Final = 2.0
#: A suggestion with less than this part of the best one's score is not made.
_LEAST: Final = 0.4


@dataclass(frozen=True, slots=True)
class Concern:
    """An item that quotations may bear on: its id, its title, and words that explain it, if any."""

    id: str
    title: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A concern, how much speaks for it (more is more; the number means nothing else), and the shared
    stems.
    """

    concern_id: str
    score: float
    shared: tuple[str, ...]


class Suggester:
    """Concerns made ready for many quotations. Raises InputError for more than `MAX_CONCERNS`."""

    def __init__(self, concerns: Sequence[Concern]) -> None:
        if len(concerns) > MAX_CONCERNS:
            raise InputError(f"{len(concerns):,} concerns; at most {MAX_CONCERNS:,} can be suggested from")
        titles = [content_of(words_of(one.title)) for one in concerns]
        bodies = [content_of(words_of(one.words)) for one in concerns]
        n_with: dict[str, int] = {}
        for title, body in zip(titles, bodies, strict=True):
            for stem in title | body:
                n_with[stem] = n_with.get(stem, 0) + 1
        rarity = {stem: math.log((1 + len(concerns)) / (1 + n)) + _FLOOR for stem, n in n_with.items()}
        self._weights = [
            (one.id, {stem: rarity[stem] * (_TITLE if stem in title else 1.0) for stem in title | body})
            for one, title, body in zip(concerns, titles, bodies, strict=True)
        ]

    def suggest(self, words: str) -> tuple[Suggestion, ...]:
        """At most `MOST` concerns that share a telling word with `words`, the best first; equals by id."""
        stems = content_of(words_of(words))
        found = []
        for id, weights in self._weights:
            shared = sorted(stems & weights.keys(), key=lambda stem: (-weights[stem], stem))
            if shared:
                score = sum(weights[stem] for stem in shared) / math.sqrt(sum(weights.values()))
                found.append(Suggestion(id, round(score, 3), tuple(shared)))
        found.sort(key=lambda one: (-one.score, one.concern_id))
        least = found[0].score * _LEAST if found else 0.0
        return tuple(one for one in found[:MOST] if one.score >= least)
