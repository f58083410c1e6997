"""Wall time and peak memory, each measured in a fresh process, one at a time."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Column, Section, Table, Target
from benchmarks.review.conversations import ROOT, load
from benchmarks.review.effort import Effort
from benchmarks.review.measure import AS_OF
from benchmarks.review.peers import RED_DWARF, has_red_dwarf
from benchmarks.review.work import say

COUNCIL = ROOT / "examples" / "nrc-2009"


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of the computation, of the process from its start to its end, and its peak memory."""

    seconds: float
    whole_seconds: float
    peak_mb: float


def measured(what: str, name: str) -> Measured:
    """Run one measurement in a fresh process. Raises CalledProcessError where it fails."""
    say(f"speed: {what} {name}")
    start = time.monotonic()
    command = [sys.executable, "-m", "benchmarks.review.measure", what, name]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    return Measured(found["seconds"], time.monotonic() - start, found["peak_mb"])


def command_seconds(out: Path) -> float:
    """A council's review by the command line, page and charts included, from a cold start."""
    start = time.monotonic()
    program = [sys.executable, "-c", "from allweather.cli import main; main()"]
    command = [*program, "review", str(COUNCIL), "--as-of", AS_OF, "--out", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return time.monotonic() - start


TEXT = """Each figure is from a fresh process, one at a time, two threads for ours. A consultation's
seconds are those of the computation alone (data read, modules loaded); memory is the peak of the whole
process. Ours is the whole review: choice of dimensions, posterior, convergence, packages, what to ask
next. red-dwarf computes groups and statement statistics without uncertainty. The council's seconds run
from the start of the process."""


def run(effort: Effort) -> Section:
    """The section on time and memory."""
    rows = []
    for name in (*effort.main, *effort.small):
        positions = load(name).positions
        ours = measured("review", name)
        peer = measured(RED_DWARF, name) if has_red_dwarf() else None
        rows.append(
            (
                name,
                len(positions),
                positions.n_members,
                positions.n_questions,
                ours.seconds,
                ours.peak_mb,
                peer.seconds if peer else None,
                peer.peak_mb if peer else None,
            )
        )
    consultations = Table(
        "Consultations",
        (
            Column("conversation"),
            Column("answers", 0),
            Column("participants", 0),
            Column("questions", 0),
            Column("ours, seconds", 1),
            Column("ours, MB", 0),
            Column(f"{RED_DWARF}, seconds", 1),
            Column(f"{RED_DWARF}, MB", 0),
        ),
        tuple(rows),
    )
    council, seconds, notes = _council()
    if not has_red_dwarf():
        notes = (*notes, "red-dwarf is not installed: its columns are empty.")
    return Section(
        name="speed",
        title="How long does it take, and how much memory?",
        text=TEXT,
        tables=(consultations, *council),
        targets=(
            Target("council, seconds from a cold start to the first result", seconds, high=5.0, decimals=2),
        ),
        notes=notes,
    )


def _council() -> tuple[tuple[Table, ...], float | None, tuple[str, ...]]:
    if not COUNCIL.is_dir():
        return (), None, ("The council's dossier is not in this copy: its time is not measured.",)
    library = measured("council", str(COUNCIL))
    with tempfile.TemporaryDirectory() as folder:
        say("speed: the command line on the council")
        by_command = command_seconds(Path(folder) / "out")
    table = Table(
        "A council of 29 members and 40 questions, from a cold start",
        (Column("what"), Column("seconds", 2), Column("peak MB", 0)),
        (
            ("library: read and review", library.whole_seconds, library.peak_mb),
            ("command line: review, page, charts and tables", by_command, None),
        ),
    )
    return (table,), library.whole_seconds, ()
