"""What a section of results holds: tables of raw values, and targets that are met or missed.

A cell is a text, a number, or None for "not measured". Rounding happens only where a table is
shown; `results.json` keeps the raw values.
"""

from __future__ import annotations

from dataclasses import dataclass

Value = str | float | int | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading and the decimals its numbers are shown with."""

    name: str
    decimals: int = 3


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of raw values under headings; every row has one value a column."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{self.title}: a row of {len(row)} values for {len(self.columns)} columns")


@dataclass(frozen=True, slots=True)
class Target:
    """A bound that a figure has to keep: `low` <= `value` <= `high`, None for no bound."""

    what: str
    value: float | None
    low: float | None = None
    high: float | None = None
    decimals: int = 3

    @property
    def is_met(self) -> bool | None:
        """Whether the figure keeps the bound; None where it was not measured."""
        if self.value is None:
            return None
        # A figure is judged as it is shown: what reads as equal to the bound keeps it.
        shown = round(self.value, self.decimals)
        return (self.low is None or shown >= self.low) and (self.high is None or shown <= self.high)

    @property
    def bound(self) -> str:
        """The bound in words."""
        low, high = (None if one is None else f"{one:g}" for one in (self.low, self.high))
        if low is not None and high is not None:
            return f"{low} to {high}"
        return f"at least {low}" if low is not None else f"at most {high}"


@dataclass(frozen=True, slots=True)
class Section:
    """One question that the benchmark answers. `text` says how; `notes` what is missing."""

    name: str
    title: str
    text: str
    tables: tuple[Table, ...] = ()
    targets: tuple[Target, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Machine:
    """Where a section was measured."""

    cpu: str
    n_cores: int
    memory_gb: float | None
    system: str
    python: str
    packages: tuple[str, ...]  # "name version"; peers that are absent are not among them


@dataclass(frozen=True, slots=True)
class Run:
    """A section with the day (UTC), the seconds it took and the machine it ran on."""

    section: Section
    date: str
    seconds: float
    effort: str
    machine: Machine


def mean(values: list[float]) -> float | None:
    """The mean, None of nothing."""
    return sum(values) / len(values) if values else None


def weighted_mean(values: list[float], weights: list[float]) -> float | None:
    """The weighted mean, None of nothing."""
    total = sum(weights)
    return sum(v * w for v, w in zip(values, weights, strict=True)) / total if total else None
