"""Attributed texts that a person has read, and how found quotations are counted against them.

PolNeAR (`networkdynamics/PolNeAR`, political news of 2015 and 2016) comes as one text and one or more files
of standoff annotation an article: content, cue and source of each attribution. It states no licence, so it
is fetched for measuring only and never kept. The seeds are two reports of one speech with 22 statements.

Counting. A span is the set of its words; punctuation, marks and spaces do not count. Found and given
quotations are paired one to one, those that share the largest part of their words first.

    overlap      the pair shares a word of the content
    exact        the two contents are the same words
    attribution  they share at least half of all their words, and cue and source share a word each (or both
                 have none)

F1 is twice the pairs by the sum of given and found. A given quotation is direct if each of its spans begins
with a double quotation mark and the last one ends with one. Where several people have read an article the
first by name counts. Two of them held against each other come to 85 overlap and 69 exact by this count.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

Spans = tuple[tuple[int, int], ...]

_WORD = re.compile(r"\w+")
_ROLE = re.compile(r"(Content|Cue|Source)\d*")


@dataclass(frozen=True, slots=True)
class Attribution:
    """Content, cue and source as character offsets; the last two may be empty."""

    content: Spans
    cue: Spans = ()
    source: Spans = ()


@dataclass(frozen=True, slots=True)
class Article:
    """One text and what a person found in it."""

    name: str
    text: str
    given: tuple[Attribution, ...]


@dataclass(slots=True)
class Score:
    """Counts over articles, and the figures that follow from them, in per cent."""

    n_given: int = 0
    n_found: int = 0
    n_overlap: int = 0
    n_exact: int = 0
    n_attribution: int = 0
    n_direct: int = 0
    n_direct_overlap: int = 0
    n_direct_exact: int = 0
    n_refused: int = 0

    def f1(self, n_pairs: int) -> float:
        """Twice the pairs by all given and found, in per cent."""
        return 200.0 * n_pairs / max(1, self.n_given + self.n_found)

    def direct(self, n_pairs: int) -> float:
        """The part of the direct quotations, in per cent."""
        return 100.0 * n_pairs / max(1, self.n_direct)


def read_polnear(folder: Path, part: str) -> list[Article]:
    """The articles of one part (`train`, `dev`), by name; only those that have a text and an annotation."""
    by_article: dict[str, list[Path]] = defaultdict(list)
    for path in sorted((folder / part / "attributions").glob("*.ann")):
        by_article[path.stem.rpartition("_")[0]].append(path)
    articles = []
    for name, paths in sorted(by_article.items()):
        with (folder / part / "text" / f"{name}.txt").open(encoding="utf-8", newline="") as file:
            articles.append(Article(name, file.read(), _read_annotation(paths[0])))
    return articles


def _read_annotation(path: Path) -> tuple[Attribution, ...]:
    spans: dict[str, Spans] = {}
    found: list[Attribution] = []
    with path.open(encoding="utf-8", newline="") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    for row in rows:
        if len(row) < 2:
            continue  # the rest of an annotated text that runs over lines
        if row[0].startswith("T"):
            pieces = row[1].partition(" ")[2].split(";")
            spans[row[0]] = tuple((int(a), int(b)) for a, b in (piece.split() for piece in pieces))
        elif row[0].startswith("E"):
            roles: dict[str, list[tuple[int, int]]] = defaultdict(list)
            for word in row[1].split():
                label, _, key = word.partition(":")
                if role := _ROLE.fullmatch(label):
                    roles[role[1]] += spans.get(key, ())
            if roles["Content"]:
                found.append(
                    Attribution(*(tuple(sorted(roles[role])) for role in ("Content", "Cue", "Source")))
                )
    return tuple(found)


def read_seeds(folder: Path) -> list[Article]:
    """The two reports of the speech of 18 September 2009, with their 22 statements."""
    gold = msgspec.json.decode((folder / "two-reports-gold.json").read_bytes())
    articles = []
    for key, document in gold["documents"].items():
        with (folder / document["file"]).open(encoding="utf-8", newline="") as file:
            text = file.read()
        given = [
            Attribution(
                *(tuple((s["start"], s["end"]) for s in one[role]) for role in ("content", "cue", "source"))
            )
            for one in gold["statements"]
            if one["doc"] == key
        ]
        articles.append(Article(key, text, tuple(given)))
    return articles


def count(score: Score, article: Article, found: Sequence[Attribution]) -> None:
    """Add one article to a score."""
    given = [_words(article.text, one) for one in article.given]
    theirs = [_words(article.text, one) for one in found]
    score.n_given += len(given)
    score.n_found += len(theirs)
    pairs = _pairs(given, theirs)
    for i, one in enumerate(article.given):
        is_direct = _is_direct(article.text, one)
        score.n_direct += is_direct
        if i not in pairs:
            continue
        (mine, my_cue, my_source), (other, cue, source) = given[i], theirs[pairs[i]]
        is_exact = mine == other
        agrees = _agree(my_cue, cue) and _agree(my_source, source)
        score.n_overlap += 1
        score.n_exact += is_exact
        score.n_attribution += agrees and 2 * len(mine & other) >= len(mine | other)
        score.n_direct_overlap += is_direct
        score.n_direct_exact += is_direct and is_exact


def _words(text: str, one: Attribution) -> tuple[frozenset[int], ...]:
    """Content, cue and source as the places where their words begin."""
    return tuple(
        frozenset(found.start() for start, end in spans for found in _WORD.finditer(text, start, end))
        for spans in (one.content, one.cue, one.source)
    )


def _pairs(
    given: Sequence[tuple[frozenset[int], ...]], found: Sequence[tuple[frozenset[int], ...]]
) -> dict[int, int]:
    ranked = sorted(
        (
            (len(mine[0] & other[0]) / len(mine[0] | other[0]), bool(mine[1] & other[1]), i, j)
            for i, mine in enumerate(given)
            for j, other in enumerate(found)
            if mine[0] & other[0]
        ),
        reverse=True,
    )
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, i, j in ranked:
        if i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)
    return pairs


def _agree(one: frozenset[int], other: frozenset[int]) -> bool:
    return bool(one & other) or not (one or other)


def _is_direct(text: str, one: Attribution) -> bool:
    pieces = [text[start:end].strip() for start, end in one.content]
    opens = all(piece.startswith(('"', "“", "''")) for piece in pieces)
    return opens and pieces[-1].endswith(('"', "”", "''"))
