"""Structure-free data: who reports groups where there are none?"""

from __future__ import annotations

from dataclasses import dataclass

from allweather.review import JointReview
from allweather.review.polis import fit_polis
from allweather.review.results import Verdict
from benchmarks.figures import Column, Section, Table, Target, mean
from benchmarks.review.effort import Effort
from benchmarks.review.peers import RED_DWARF, has_red_dwarf, red_dwarf_groups, red_dwarf_representative
from benchmarks.review.simulated import additive, permuted
from benchmarks.review.work import work

MAKE = {"permuted": permuted, "additive": additive}


@dataclass(frozen=True, slots=True)
class Reported:
    """What each method reports on one data set without groups."""

    kind: str
    n_dimensions: int
    n_clusters: int
    n_differs: int  # verdicts of a difference between parties
    n_polis: int
    polis_representative: float
    n_red_dwarf: int | None
    red_dwarf_representative: float | None

    @property
    def is_ours_wrong(self) -> bool:
        """Whether ours reports any structure: a dimension or clusters."""
        return self.n_dimensions > 0 or self.n_clusters > 0


def evaluate(job: tuple[str, int]) -> Reported:
    """All methods on one data set."""
    kind, index = job
    positions = MAKE[kind](index)
    review = JointReview(seed=0, n_threads=1).fit(positions).review_
    polis = fit_polis(positions)
    there = has_red_dwarf()
    return Reported(
        kind=kind,
        n_dimensions=review.map.n_dimensions,
        n_clusters=len(review.clusters.clusters),
        n_differs=sum(one.verdict == Verdict.DIFFERS and bool(one.hold_outs) for one in review.questions),
        n_polis=polis.n_groups,
        polis_representative=float(polis.representative().any(axis=0).mean()) if polis.n_groups else 0.0,
        n_red_dwarf=len(set(red_dwarf_groups(positions).tolist()) - {-1}) if there else None,
        red_dwarf_representative=red_dwarf_representative(positions) if there else None,
    )


TEXT = """Data of up to 300 participants and 50 questions in which nobody is on any side (`simulated.py`):
answers of real consultations dealt anew within each question, and simulated additive data. A method
that reports groups, or a dimension between participants, reports what is not there. "Representative" is
the share of statements that Polis' tests call representative of a group. In the permuted data all of
these are false; in the additive data participants do differ, but only in how readily they agree."""


def run(effort: Effort) -> Section:
    """The section on structure-free data."""
    counts = {"permuted": effort.n_permuted, "additive": effort.n_additive}
    jobs = [(kind, index) for kind, n in counts.items() for index in range(n)]
    reported = work("nulls", evaluate, jobs)

    def row(kind: str, held: list[Reported]) -> tuple[str | float | int | None, ...]:
        red = [one for one in held if one.n_red_dwarf is not None]
        shares = [one.red_dwarf_representative for one in held if one.red_dwarf_representative is not None]
        return (
            kind,
            len(held),
            sum(one.n_dimensions > 0 for one in held),
            sum(one.n_clusters > 0 for one in held),
            sum(one.n_differs for one in held),
            sum(one.n_polis > 1 for one in held),
            mean([one.polis_representative for one in held]),
            sum((one.n_red_dwarf or 0) > 1 for one in red) if red else None,
            mean(shares),
        )

    table = Table(
        "Data sets with groups reported, where there are none",
        (
            Column("data"),
            Column("data sets", 0),
            Column("ours: a dimension", 0),
            Column("ours: clusters", 0),
            Column("ours: differences between parties", 0),
            Column("Polis' method: groups", 0),
            Column("Polis' method: representative", 2),
            Column(f"{RED_DWARF}: groups", 0),
            Column(f"{RED_DWARF}: representative", 2),
        ),
        (
            *(row(kind, [one for one in reported if one.kind == kind]) for kind in counts),
            row("both", reported),
        ),
    )
    return Section(
        name="nulls",
        title="Are groups reported where there are none?",
        text=TEXT,
        tables=(table,),
        targets=(
            Target(
                f"structure reported, of {len(reported)} data sets",
                float(sum(one.is_ours_wrong for one in reported)),
                high=0,
                decimals=0,
            ),
        ),
        notes=() if has_red_dwarf() else ("red-dwarf is not installed: its columns are empty.",),
    )
