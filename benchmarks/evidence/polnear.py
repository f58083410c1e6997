"""How well quotations are found: PolNeAR's dev part and the two reports of one speech, with peers in the
same run.

    scripts/peers.sh polnear                                 fetch PolNeAR's train and dev into .peers
    python -m benchmarks.evidence.polnear                    measure on dev, and on the reports in the folder
                                                             of ALLWEATHER_DATA; adds to RESULTS.md
    python -m benchmarks.evidence.polnear --data FOLDER --part train      prints only

The held-out part of PolNeAR is not read unless `--part test` asks for it. `reports` says how is counted.

PolNeAR's readers mark some things otherwise than our reader does, so ours are turned into their convention
first: they have no quotations within quotations, they take "that" along with a clause, and a passage in
marks that stands alone below a quotation belongs to it. Nothing is turned that would need to know their
answer.

The peer is textacy's `direct_quotations`, where it is installed: it does direct quotations only, raises on
texts with an odd number of marks (counted as refused, with nothing found), and is given the same parse.
"""

from __future__ import annotations

import argparse
import datetime
import os
import re
import time
import warnings
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from allweather.evidence.attribution import find_quotations
from allweather.evidence.documents import Document, Kind, Quotation, Span
from allweather.evidence.parses import Parse
from allweather.formats.parsing import MODEL, SpacyParser, load_parser
from benchmarks.evidence.reports import Article, Attribution, Score, Spans, count, read_polnear, read_seeds
from benchmarks.figures import Column, Run, Section, Table, Target
from benchmarks.report import keep, this_machine

#: Where `scripts/peers.sh polnear` puts it.
ROOT = Path(__file__).parents[2]
FETCHED = ROOT / ".peers" / "polnear"

Reader = Callable[[Article], list[Attribution]]

_THAT = re.compile(r"\bthat\s\Z", re.IGNORECASE)


def run(polnear: Path | None, seeds: Path | None, part: str = "dev") -> Section:
    """Measure on what is there. Without the parser nothing is measured, and the section says so."""
    parser = load_parser()
    if parser is None:
        return Section(
            "quotations", "Who said what", "", notes=("not measured: the extra nlp is not installed",)
        )
    rows: list[tuple[str | int | float | None, ...]] = []
    targets: list[Target] = []
    if polnear is not None:
        articles = read_polnear(polnear, part)
        ours, seconds = _score(
            articles, lambda article: _in_their_convention(article, _read(article, parser))
        )
        rows.append(_row(f"PolNeAR {part}", "allweather", ours, seconds))
        bare, seconds = _score(articles, lambda article: _in_their_convention(article, _read(article, None)))
        rows.append(_row(f"PolNeAR {part}", "allweather, marks alone", bare, seconds))
        if find_spec("textacy"):
            peer, seconds = _score(articles, _textacy())
            rows.append(_row(f"PolNeAR {part}", "textacy", peer, seconds))
        targets += _targets(f"PolNeAR {part}", ours, (79.0, 58.0, 63.0, 98.0, 90.0))
    if seeds is not None:
        articles = read_seeds(seeds)
        ours, seconds = _score(articles, lambda article: _plainly(_read(article, parser)))
        rows.append(_row("two reports", "allweather", ours, seconds))
        if find_spec("textacy"):
            peer, seconds = _score(articles, _textacy())
            rows.append(_row("two reports", "textacy", peer, seconds))
        targets += _targets("two reports", ours, (95.0, 90.0))
        targets.append(
            Target("two reports: statements found, of 22", float(ours.n_overlap), low=22, decimals=0)
        )
    names = (
        "texts",
        "system",
        "given",
        "found",
        "overlap",
        "exact",
        "attribution",
        "direct",
        "direct exact",
        "refused",
        "s",
    )
    columns = tuple(Column(name, 1) for name in names)
    return Section(
        "quotations",
        "Who said what",
        _text(part if polnear is not None else "", seeds is not None),
        (Table("Quotations, F1 in %", columns, tuple(rows)),),
        tuple(targets),
        (
            "Ours are turned into PolNeAR's convention before they are counted (`polnear.py` says how). Two "
            "people who read the same article come to 85 overlap and 69 exact. The held-out part was not "
            "read.",
            "textacy's `direct_quotations` finds direct quotations only; a text that it raises on counts as "
            "refused, with nothing found."
            + ("" if find_spec("textacy") else " It is not installed here, so it was not measured."),
        ),
    )


def _text(part: str, has_seeds: bool) -> str:
    said = []
    if part:
        said.append(
            f"PolNeAR's part {part}: American political news of 2015 and 2016, read by people. The rules "
            "were developed on its part for training and looked at on this one."
        )
    if has_seeds:
        said.append(
            "Two press reports of one speech of 2009 with 22 statements; the rules were seen with them."
        )
    said.append(
        "Overlap, exact and attribution are F1 over all statements; direct and direct exact are the part of "
        "the direct quotations that was found. `benchmarks/evidence/reports.py` says how is counted."
    )
    return " ".join(said)


def _targets(texts: str, score: Score, low: Sequence[float]) -> list[Target]:
    values = (
        ("overlap F1", score.f1(score.n_overlap)),
        ("exact F1", score.f1(score.n_exact)),
        ("attribution F1", score.f1(score.n_attribution)),
        ("direct quotations found", score.direct(score.n_direct_overlap)),
        ("direct quotations exact", score.direct(score.n_direct_exact)),
    )
    return [
        Target(f"{texts}: {what}, %", value, low=bound, decimals=1)
        for (what, value), bound in zip(values, low, strict=False)
    ]


def _score(articles: Sequence[Article], reader: Reader) -> tuple[Score, float]:
    score, start = Score(), time.perf_counter()
    for article in articles:
        try:
            found = reader(article)
        except Refusal:
            found, score.n_refused = [], score.n_refused + 1
        count(score, article, found)
    return score, time.perf_counter() - start


class Refusal(Exception):
    """A peer gave up on an article."""


# Ours


def _read(article: Article, parser: SpacyParser | None) -> tuple[Quotation, ...]:
    parse: Parse | None = parser.parse(article.text) if parser is not None else None
    return find_quotations(Document(article.name, "", article.text), parse)


def _plainly(found: Sequence[Quotation]) -> list[Attribution]:
    """Every quotation that lies in no other one."""
    return [
        Attribution(_pairs(one.spans), _pairs(one.cue), _pairs(one.source))
        for one in found
        if one.kind is not Kind.NESTED
    ]


def _in_their_convention(article: Article, found: Sequence[Quotation]) -> list[Attribution]:
    turned: list[Attribution] = []
    end = 0
    for one in found:
        if one.kind is Kind.NESTED:
            continue
        content = list(_pairs(one.spans))
        gap = article.text[end : content[0][0]]
        if one.kind is Kind.FLOATING and turned and "\n" in gap and not re.search(r"\w", gap):
            last = turned.pop()
            turned.append(Attribution((*last.content, *content), last.cue, last.source))
            end = content[-1][1]
            continue
        first = content[0]
        is_marked = any((part.start, part.end) == first for part in one.quoted)
        if not is_marked and (that := _THAT.search(article.text[max(0, first[0] - 6) : first[0]])):
            content[0] = (first[0] - len(that[0]), first[1])
        turned.append(Attribution(tuple(content), _pairs(one.cue), _pairs(one.source)))
        end = max(span.end for span in (*one.spans, *one.cue, *one.source))
    return turned


def _pairs(spans: Sequence[Span]) -> Spans:
    return tuple((span.start, span.end) for span in spans)


# Peers


def _textacy() -> Reader:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        extract = import_module("textacy.extract.triples").direct_quotations
        pipeline = import_module(MODEL).load()

    def read(article: Article) -> list[Attribution]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            document = pipeline(article.text)
            try:
                found = list(extract(document))
            except ValueError as error:
                raise Refusal(str(error)) from None
        return [Attribution(_chars([one.content]), _chars(one.cue), _chars(one.speaker)) for one in found]

    return read


def _chars(tokens: Sequence[Any]) -> Spans:
    """Tokens or spans of spaCy as character offsets."""
    return tuple(
        (one.idx, one.idx + len(one)) if hasattr(one, "idx") else (one.start_char, one.end_char)
        for one in tokens
    )


def _row(texts: str, system: str, score: Score, seconds: float) -> tuple[str | int | float | None, ...]:
    return (
        texts,
        system,
        score.n_given,
        score.n_found,
        score.f1(score.n_overlap),
        score.f1(score.n_exact),
        score.f1(score.n_attribution),
        score.direct(score.n_direct_overlap),
        score.direct(score.n_direct_exact),
        score.n_refused,
        round(seconds, 1),
    )


def main() -> None:
    """Print the section as a table."""
    asked = argparse.ArgumentParser(
        prog="python -m benchmarks.evidence.polnear", description=(__doc__ or "").splitlines()[0]
    )
    asked.add_argument("--data", type=Path, default=FETCHED, help="the folder with PolNeAR's train and dev")
    asked.add_argument("--part", choices=("train", "dev", "test"), default="dev")
    asked.add_argument("--out", type=Path, default=ROOT / "benchmarks", help="folder for RESULTS.md")
    options = asked.parse_args()
    start = time.monotonic()
    shared = os.environ.get("ALLWEATHER_DATA")
    seeds = Path(shared) / "seeds" if shared else None
    data = options.data if options.data.is_dir() else None
    section = run(data, seeds if seeds is not None and seeds.is_dir() else None, options.part)
    for table in section.tables:
        print("\t".join(column.name for column in table.columns))
        for row in table.rows:
            print("\t".join(f"{value:.1f}" if isinstance(value, float) else str(value) for value in row))
    for target in section.targets:
        print(f"{target.what}: {target.value:.1f} ({target.bound}; met: {target.is_met})")
    for note in section.notes:
        print(note)
    if options.part == "dev" and section.targets:
        date, took = datetime.datetime.now(datetime.UTC).date().isoformat(), time.monotonic() - start
        run_ = Run(section, date, round(took, 1), "full", this_machine())
        keep(options.out, run_, (section.name,))


if __name__ == "__main__":
    main()
