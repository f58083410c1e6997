"""Peers that run for real: red-dwarf 0.4.0, the maintained Python implementation of Polis' method.

It is an extra of the benchmarks and never a dependency. `has_red_dwarf` says whether it is here;
where it is not, tables say "not installed" instead of a figure.
"""

from __future__ import annotations

import warnings
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt

from allweather.positions import Positions
from allweather.review.heldout import Way, outcomes

RED_DWARF = "red-dwarf"


def has_red_dwarf() -> bool:
    """Whether red-dwarf is installed here."""
    return find_spec("reddwarf") is not None


def red_dwarf_votes(positions: Positions) -> list[dict[str, Any]]:
    """The positions in the form in which red-dwarf takes them."""
    vote = outcomes(positions, Way.THREE_WAY).astype(float) - 1.0
    columns = (positions.member.tolist(), positions.question.tolist(), vote.tolist())
    return [{"participant_id": i, "statement_id": j, "vote": x} for i, j, x in zip(*columns, strict=True)]


def run_red_dwarf(votes: list[dict[str, Any]]) -> Any:
    """Its whole pipeline with its own defaults and a fixed seed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        base = import_module("reddwarf.implementations.base")
        return base.run_pipeline(votes=votes, random_state=0)


def red_dwarf_groups(positions: Positions) -> npt.NDArray[np.intp]:
    """Its group of each member, shape (n_members,), -1 where it places none."""
    found = run_red_dwarf(red_dwarf_votes(positions)).participants_df["cluster_id"]
    group = np.full(positions.n_members, -1, dtype=np.intp)
    placed = found.notna().to_numpy()
    group[found.index.to_numpy()[placed]] = found[placed].to_numpy(dtype=np.intp)
    return group


def red_dwarf_representative(positions: Positions) -> float | None:
    """The share of statements that it would call representative of some group at its 90%."""
    stats = run_red_dwarf(red_dwarf_votes(positions)).group_comment_stats
    if stats is None or not len(stats):
        return None
    z = 1.2816
    agree = (stats["pat"] > z) & (stats["rat"] > z)
    disagree = (stats["pdt"] > z) & (stats["rdt"] > z)
    return float((agree | disagree).groupby(level="statement_id").any().mean())
