"""Are altered copies of quotations seen for what they are, and how fast are they found?

python -m benchmarks.evidence.altered                 the held-out seed; adds its section to RESULTS.md
python -m benchmarks.evidence.altered --seed 1        the seed that was developed on; prints what went wrong
python -m benchmarks.evidence.altered --quick         a tenth of the copies, into build/bench-quick
"""

from __future__ import annotations

import argparse
import datetime
import gzip
import json
import os
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from allweather.evidence.corpus import Index, build_index, describe, dump_index, find
from benchmarks.evidence.altering import ALTERATIONS, make_copies
from benchmarks.figures import Column, Run, Section, Table, Target, Value
from benchmarks.report import keep, this_machine

ROOT = Path(__file__).parents[2]
DEVELOPED_ON, HELD_OUT = 1, 2
N_EACH = 84
_QUICK = 8
#: Passages of every length, in words: as they stand, and drawn word by word.
LENGTHS = (1, 2, 3, 5, 10, 20, 50, 100, 200, 400)
DRAWN = (1, 2, 3, 50, 400)
_KINDS_OF_PASSAGE = ("words as they stand", "words drawn from anywhere")
_N_PASSAGES = 40
_LARGE = 60_000_000
_ALARMING = ("negation inserted", "negation dropped", "number changed")
_HARMLESS = ("exact", "punctuation", "elided", "variant")


def run(n_each: int = N_EACH, seed: int = HELD_OUT, *, tell: bool = False) -> Section:
    """Index the speeches, look for every copy, and count the verdicts."""
    speeches = read_speeches()
    copies = make_copies(speeches, n_each, seed)
    index, built = timed_index(speeches)
    verdicts: dict[str, Counter[str]] = defaultdict(Counter)
    n_right: Counter[str] = Counter()
    n_placed: Counter[str] = Counter()
    for copy in copies:
        matches = find(index, speeches.__getitem__, copy.words)
        verdict = describe(matches).value
        verdicts[copy.kind][verdict] += 1
        n_right[copy.kind] += verdict in copy.right
        n_placed[copy.kind] += any(match.document_id == copy.document_id for match in matches)
        if tell and verdict not in copy.right:
            print(f"{copy.kind}: {verdict}, not {sorted(copy.right)}: {copy.words}", flush=True)
    large = enlarge(speeches, _LARGE)
    sizes, lengths = [], []
    passages = passages_of(speeches, seed)
    for name, body in (("as it is", speeches), ("enlarged", large)):
        body_index, figures = (index, built) if body is speeches else timed_index(body)
        words = [copy.words for copy in copies]
        sizes.append(
            (name, len(body), sum(map(len, body.values())) / 1e6, *figures, *ask(body_index, body, words))
        )
        for what, asked in passages.items():
            lengths.append((name, what, len(asked), *ask(body_index, body, asked)))
    share = sum(n_right.values()) / len(copies)
    missed = sum(verdicts[kind][verdict] for kind in _ALARMING for verdict in _HARMLESS)
    return Section(
        "altered",
        "Are altered copies of quotations seen for what they are?",
        _text(len(speeches), len(copies), seed),
        (_verdicts(verdicts, n_right, n_placed), _sizes(sizes), _lengths(lengths)),
        (
            Target("right verdicts on altered copies, %", 100 * share, low=99, decimals=1),
            Target("changed negations or numbers called harmless", float(missed), high=0, decimals=0),
            Target("milliseconds for a query over 60 MB, median, CPU", sizes[-1][6], high=50, decimals=1),
            Target("milliseconds for a query over 60 MB, 99 of 100, CPU", sizes[-1][7], high=50, decimals=1),
            *(
                Target(
                    f"milliseconds for 1 to {max(LENGTHS)} {what}, longest, CPU", longest, high=50, decimals=1
                )
                for what in _KINDS_OF_PASSAGE
                for longest in [max(row[5] for row in lengths if row[0] == "as it is" and what in row[1])]
            ),
        ),
        (
            "The right verdict of a copy is decided by how it was made, with word lists of its own "
            "(`altering.py`). A cut without a mark is right as `altered` where it drops a negation or a "
            "number. Copies that begin or end within a number are not made. The enlarged body has the "
            "speeches and others made of their phrases of five words in another order: what it shows is time "
            "and memory. The growth of the peak says 0 where reading the speeches had taken more before.",
            "All copies have 14 words or more. The last table has passages of other lengths as they stand, "
            "and words that nobody said in this order. A list of some hundred words from anywhere is no "
            "passage: it is looked for in many places, and takes longest.",
        ),
    )


def read_speeches() -> dict[str, str]:
    """The UN speeches of the shared data. Raises FileNotFoundError where they are absent."""
    named = os.environ.get("ALLWEATHER_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    files = sorted((folder / "ungdc").glob("*.jsonl.gz"))
    if not files:
        raise FileNotFoundError("the shared data are absent: set ALLWEATHER_DATA to their folder")
    found = {}
    for file in files:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                speech = json.loads(line)
                found[speech["id"]] = speech["text"]
    return found


def enlarge(speeches: Mapping[str, str], n_characters: int) -> dict[str, str]:
    """The speeches, and others made of their phrases of five words, until there are so many characters."""
    dice = np.random.default_rng(0)
    found, n_found, part = dict(speeches), sum(map(len, speeches.values())), 1
    while n_found < n_characters:
        for id, text in speeches.items():
            words = text.split()
            phrases = [" ".join(words[k : k + 5]) for k in range(0, len(words), 5)]
            dice.shuffle(phrases)
            found[f"{id} {part}"] = " ".join(phrases)
            n_found += len(text)
            if n_found >= n_characters:
                break
        part += 1
    return found


def timed_index(body: Mapping[str, str]) -> tuple[Index, tuple[float, float, float]]:
    """The index, with the CPU-seconds it took, its size and the growth of the process' peak, in MB."""
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    index = build_index(body.items())
    seconds = time.process_time() - start
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return index, (seconds, len(dump_index(index)) / 1e6, grown / 1e3)


def passages_of(speeches: Mapping[str, str], seed: int) -> dict[str, list[str]]:
    """Passages of every length as they stand, and words drawn from anywhere, by what they are."""
    dice = np.random.default_rng(seed)
    rows = [text.split() for text in speeches.values()]
    rows = [row for row in rows if len(row) > 2 * max(LENGTHS)]

    def draw() -> list[str]:
        return rows[int(dice.integers(len(rows)))]

    found: dict[str, list[str]] = {}
    for n in LENGTHS:
        found[f"{n} {_KINDS_OF_PASSAGE[0]}"] = asked = []
        for _ in range(_N_PASSAGES):
            row = draw()
            at = int(dice.integers(len(row) - n))
            asked.append(" ".join(row[at : at + n]))
    for n in DRAWN:
        found[f"{n} {_KINDS_OF_PASSAGE[1]}"] = [
            " ".join(row[int(dice.integers(len(row)))] for row in (draw() for _ in range(n)))
            for _ in range(_N_PASSAGES)
        ]
    return {
        what: [one for one in asked if any(letter.isalnum() for letter in one)]
        for what, asked in found.items()
    }


def ask(index: Index, body: Mapping[str, str], quotations: list[str]) -> tuple[float, float, float]:
    """CPU-milliseconds of a query: median, 99 of 100, longest."""
    taken = []
    for quotation in quotations:
        start = time.process_time()
        find(index, body.__getitem__, quotation)
        taken.append(1000 * (time.process_time() - start))
    return float(np.median(taken)), float(np.percentile(taken, 99)), max(taken)


def _text(n_speeches: int, n_copies: int, seed: int) -> str:
    return (
        f"{n_copies:,} copies of 14 words or more, made from {n_speeches:,} speeches in the UN General "
        f"Debate with seed {seed}, each altered in one of {len(ALTERATIONS)} ways, and looked for in all "
        f"speeches. The rules were developed on seed {DEVELOPED_ON}."
    )


def _verdicts(verdicts: Mapping[str, Counter[str]], n_right: Counter[str], n_placed: Counter[str]) -> Table:
    names = ("exact", "punctuation", "elided", "variant", "partial", "altered", "not_found")
    columns = (*(Column(name, 0) for name in ("what was done", "copies", "right", "place", *names)),)
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (kind, sum(counts.values()), n_right[kind], n_placed[kind], *(counts[name] for name in names))
        for kind, counts in verdicts.items()
    )
    return Table("Verdicts; `place`: the speech it was made from is among those shown", columns, rows)


def _sizes(rows: list[tuple[str, int, float, float, float, float, float, float, float]]) -> Table:
    decimals = {"characters, million": 1, "to index, CPU-s": 1, "index, MB": 0, "peak grows by, MB": 0}
    names = ("body", "texts", *decimals, "query, median ms", "99 of 100, ms", "longest, ms")
    columns = tuple(Column(name, decimals.get(name, 1 if "ms" in name else 0)) for name in names)
    return Table("Time (CPU) and memory", columns, tuple(rows))


def _lengths(rows: list[tuple[str, str, int, float, float, float]]) -> Table:
    names = ("body", "what is looked for", "queries", "median, ms", "99 of 100, ms", "longest, ms")
    columns = tuple(Column(name, 1 if "ms" in name else 0) for name in names)
    return Table("Time of a query by length (CPU)", columns, tuple(rows))


def main() -> None:
    """Run the section and keep it among the results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evidence.altered", description=run.__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the copies, to see that it works")
    parser.add_argument("--seed", type=int, default=HELD_OUT, help="the seed that the copies are made with")
    parser.add_argument("--out", type=Path, help="folder for RESULTS.md and results.json")
    asked = parser.parse_args()
    out: Path = asked.out or (ROOT / "build" / "bench-quick" if asked.quick else ROOT / "benchmarks")
    start = time.monotonic()
    section = run(_QUICK if asked.quick else N_EACH, asked.seed, tell=asked.seed == DEVELOPED_ON)
    date = datetime.datetime.now(datetime.UTC).date().isoformat()
    took = round(time.monotonic() - start, 1)
    keep(out, Run(section, date, took, "quick" if asked.quick else "full", this_machine()), ("altered",))
    for target in section.targets:
        print(f"altered: {target.what}: {target.value} ({target.bound}; met: {target.is_met})", flush=True)
    print(f"Results are in {out}")


if __name__ == "__main__":
    main()
