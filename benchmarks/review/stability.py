"""Stability: do clusters survive the loss of a tenth of the answers, and reruns their bits?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from allweather.formats import read
from allweather.positions import Body, Positions
from allweather.review import JointReview
from allweather.review.heldout import Way, adjusted_rand, hide
from allweather.review.polis import fit_polis
from benchmarks.figures import Column, Section, Table, Target, mean
from benchmarks.review.conversations import Conversation, data_folder, load
from benchmarks.review.effort import Effort
from benchmarks.review.peers import RED_DWARF, has_red_dwarf, red_dwarf_groups
from benchmarks.review.simulated import planted
from benchmarks.review.work import work

Labels = npt.NDArray[np.intp]

#: Beside the consultations, where there may be no clusters to lose: data that have them.
ROLL_CALLS = "UN sessions 70-74"
PLANTED = "planted"
N_PLANTED = 3
#: Seeds of the dropped tenth: each costs a whole review of everything.
N_SEEDS = 2


@dataclass(frozen=True, slots=True)
class Groups:
    """Labels by each method on one version of a conversation, -1 where a member is not placed."""

    ours: tuple[int, ...]
    polis: tuple[int, ...] | None
    red_dwarf: tuple[int, ...] | None
    digest: str  # of our review's bytes


def evaluate(job: tuple[str, int | None, int]) -> Groups:
    """Group one conversation, whole (None) or with the answers that a seed hides dropped."""
    name, dropped, n_threads = job
    conversation = source(name)
    positions = conversation.positions
    if dropped is not None:
        positions = positions.take(~hide(positions, dropped, conversation.folder, Way.THREE_WAY).hidden)
    review = JointReview(seed=0, n_threads=n_threads).fit(positions).review_
    place = {one.id: k for k, one in enumerate(positions.members)}
    ours = np.full(positions.n_members, -1, dtype=np.intp)
    for k, cluster in enumerate(review.clusters.clusters):
        ours[[place[member] for member in cluster.members]] = k
    return Groups(
        ours=tuple(ours.tolist()),
        polis=_polis(positions),
        red_dwarf=_red_dwarf(positions),
        digest=hashlib.sha256(review.to_json()).hexdigest(),
    )


def source(name: str) -> Conversation:
    """A consultation, a session of roll calls or a simulated data set, by name."""
    if name.startswith(PLANTED):
        return Conversation(name, name, planted(int(name.removeprefix(PLANTED))).positions)
    folder = data_folder()
    if name == ROLL_CALLS and folder is not None:
        reading = read(folder / "un-votes", sessions=(70, 74))
        return Conversation(name, reading.conversation, reading.positions.current())
    return load(name)


def _polis(positions: Positions) -> tuple[int, ...] | None:
    if positions.body != Body.CONSULTATION:
        return None
    return tuple(fit_polis(positions).group.tolist())


def _red_dwarf(positions: Positions) -> tuple[int, ...] | None:
    if positions.body != Body.CONSULTATION or not has_red_dwarf():
        return None
    return tuple(red_dwarf_groups(positions).tolist())


def agreement(one: Any, other: Any) -> float | None:
    """ARI over the members placed both times; None where either time nobody is."""
    if one is None or other is None:
        return None
    a, b = np.asarray(one, dtype=np.intp), np.asarray(other, dtype=np.intp)
    both = (a >= 0) & (b >= 0)
    return adjusted_rand(a[both], b[both]) if both.any() else None


TEXT = """A tenth of the answers and passes is dropped, and groups are formed again. Figures are
adjusted Rand indices with the groups from all answers, over participants placed both times, means over
seeds {seeds}. Ours reports clusters only where there is a gap between them; "none" means that it
reports none on all answers, and where dropping answers makes clusters appear or vanish, that is counted
as an index of 0. Because a consultation may have no clusters to lose, roll calls and data with
two planted sides (`simulated.py`) stand beside them. One review of each is computed again with
another number of threads, and its bytes compared."""


def run(effort: Effort) -> Section:
    """The section on stability."""
    seeds = effort.seeds[:N_SEEDS]
    names = (*effort.main, ROLL_CALLS, *(f"{PLANTED} {k}" for k in range(N_PLANTED)))
    dropped = [(name, seed, 1) for name in names for seed in seeds]
    whole = [(name, None, 1) for name in names]
    again = [(name, None, 2) for name in names]
    jobs: list[tuple[str, int | None, int]] = [*whole, *dropped, *again]
    found = dict(zip(jobs, work("stability", evaluate, jobs), strict=True))
    rows, indexes, n_same = [], [], 0
    for name in names:
        first = found[name, None, 1]
        others = [found[name, seed, 1] for seed in seeds]
        n_same += first.digest == found[name, None, 2].digest
        reported = [max(one.ours) >= 0 for one in (first, *others)]
        # Where clusters are reported once and not again, nothing agrees.
        ours = [agreement(first.ours, one.ours) or 0.0 for one in others] if any(reported) else []
        indexes += ours
        polis = [agreement(first.polis, one.polis) for one in others]
        red = [agreement(first.red_dwarf, one.red_dwarf) for one in others if one.red_dwarf is not None]
        rows.append(
            (
                name,
                max(first.ours) + 1 if reported[0] else "none",
                f"{sum(reported)} of {len(reported)}",
                mean(ours),
                mean([one for one in polis if one is not None]),
                mean([one for one in red if one is not None]),
            )
        )
    table = Table(
        "Adjusted Rand index after dropping a tenth",
        (
            Column("data"),
            Column("our clusters", 0),
            Column("runs that report clusters"),
            Column("ours"),
            Column("Polis' method"),
            Column(RED_DWARF),
        ),
        tuple(rows),
    )
    return Section(
        name="stability",
        title="Do results stay when a tenth of the answers goes?",
        text=TEXT.format(seeds=", ".join(map(str, seeds))),
        tables=(table,),
        targets=(
            Target("ARI of clusters, where reported", mean(indexes), low=0.9),
            Target(
                f"reviews of {len(names)} with the same bytes",
                float(n_same),
                low=len(names),
                decimals=0,
            ),
        ),
        notes=() if has_red_dwarf() else ("red-dwarf is not installed: its column is empty.",),
    )
