"""Is the right concern among the three that are suggested for a statement?

python -m benchmarks.evidence.concerns        some seconds; adds its section to RESULTS.md

The gold is made from the first dossier: each of its positions says in a sentence or two what a member is on
record with, and was filed under one of forty propositions by who compiled it. The sentence is taken for a
statement, the propositions for concerns. These are summaries and no quotations, and who wrote them knew the
proposition, so the figure is rather too good than too bad. Nothing was tuned on it.
"""

from __future__ import annotations

import argparse
import datetime
import json
import time
from pathlib import Path

from allweather.evidence.suggesting import MOST, Concern, Suggester
from benchmarks.figures import Column, Run, Section, Table, Target
from benchmarks.report import keep, this_machine

ROOT = Path(__file__).parents[2]
DOSSIER = ROOT / "examples" / "nrc-2009" / "dossier.json"


def run() -> Section:
    """Suggest concerns for the summary of each position, and count where the right one stands."""
    dossier = json.loads(DOSSIER.read_text(encoding="utf-8"))
    areas = {one["id"]: one["name"] for one in dossier["areas"]}
    concerns = [Concern(one["id"], one["text"]) for one in dossier["propositions"]]
    named = [Concern(one["id"], one["text"], areas[one["area"]]) for one in dossier["propositions"]]
    area_of = {one["id"]: one["area"] for one in dossier["propositions"]}
    gold = [(one["summary"], one["proposition"]) for one in dossier["positions"] if one["summary"]]
    rows = []
    for what, held in (("text of the proposition", concerns), ("with the name of its area", named)):
        suggester = Suggester(held)
        found = [([some.concern_id for some in suggester.suggest(said)], right) for said, right in gold]
        n = len(found)
        rows.append(
            (
                what,
                n,
                100 * sum(ids[:1] == [right] for ids, right in found) / n,
                100 * sum(right in ids for ids, right in found) / n,
                100 * sum(area_of[right] in {area_of[id] for id in ids} for ids, right in found) / n,
                100 * sum(not ids for ids, _ in found) / n,
            )
        )
    names = ("words of a concern", "statements", "first", f"among {MOST}", f"its area among {MOST}", "none")
    columns = tuple(Column(name, 0 if k == 1 else 1) for k, name in enumerate(names))
    return Section(
        "concerns",
        "Is the right concern suggested?",
        f"The {len(gold)} positions of the first dossier, each with a summary and filed under one of "
        f"{len(concerns)} propositions. The summary is taken for a statement and the propositions for "
        "concerns; up to three are suggested.",
        (Table("Where the right concern stands, % of the statements", columns, tuple(rows)),),
        (Target("right concern among three suggested, %", rows[0][3], low=95, decimals=1),),
        (
            "Summaries are no quotations, and who wrote them knew the proposition. Many of the forty "
            "propositions are neighbours: where another one of its area is suggested, the column before "
            "the last counts it.",
        ),
    )


def main() -> None:
    """Run the section and keep it among the results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evidence.concerns")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks", help="folder for RESULTS.md")
    out: Path = parser.parse_args().out
    start = time.monotonic()
    section = run()
    date = datetime.datetime.now(datetime.UTC).date().isoformat()
    keep(out, Run(section, date, round(time.monotonic() - start, 1), "full", this_machine()), (section.name,))
    for target in section.targets:
        print(f"concerns: {target.what}: {target.value} ({target.bound}; met: {target.is_met})")


if __name__ == "__main__":
    main()
