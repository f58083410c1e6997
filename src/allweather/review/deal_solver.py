"""The best set of questions to adopt together, under one rule: a mixed-integer programme.

For draws u_s of the utilities and a set of questions x in {0, 1}^Q, party i gains u_si . x in draw
s. What it can count on is the mean of the worst tenth of its draws, the conditional value at risk
(Rockafellar and Uryasev, Journal of Risk 2, 2000):

    r_i(x) = max over v of  v - mean_s max(0, v - u_si . x) / TAIL

r_i is concave in x: it is the least of the linear functions that average u_si over any tenth of
the draws. So instead of a variable a draw and party, as their programme has it, the programme here
holds one variable r_i and the tails that have mattered so far (Kuenzi-Bay and Mayer, Computational
Management Science 3, 2006): solve, look which tail is the worst at the solution, add it, repeat.
The same is done for the logarithm of the Nash product, with tangents (outer approximation, Duran
and Grossmann, Mathematical Programming 36, 1986). Fractional solutions come first, since they are
cheap and their tails are as valid.

The two rules, both of what can be counted on and under r_i >= walk-away value:
- least gain: min_i r_i + MEAN_WEIGHT * mean_i r_i. The small second term prefers, among sets with
  the same least gain, one that leaves nobody worse off without need (an augmented Chebyshev norm).
- Nash product: mean_i log(r_i - walk-away + LOG_OFFSET). The offset keeps a party that can gain
  nothing from making every set equal.

Ties go to fewer questions, then to earlier ones, by a price a question that is too small to change
anything else. Nothing depends on time or chance: work is limited by nodes and rounds, and where
such a limit ends the search, `proven` is false.

Does not choose questions beforehand, name anybody or write sentences: that is `packages`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp

FloatArray = npt.NDArray[np.floating[Any]]
BoolArray = npt.NDArray[np.bool_]

#: The share of draws that a party looks at when it asks what it can count on.
TAIL = 0.10
MEAN_WEIGHT = 0.01
#: In questions won: a party that gains nothing counts as if it gained a hundredth of one.
LOG_OFFSET = 0.01
#: What a question costs, in units of a rule's worth. The last question costs twice the first.
PRICE = 5e-6
#: A gain may fall short of the walk-away value by this much: the solver's accuracy, far below what is shown.
TOLERANCE = 1e-5
#: Up to this many questions the best set is found exactly; beyond it, to within `GAP`.
EXACT_QUESTIONS = 16
#: Share of the least gain's worth, or of the geometric mean of gains (Nash product).
GAP = 0.02

#: With more questions times parties than this, only fractional solutions bound what is possible.
_WHOLE_LIMIT = 500
_EXACT_NODES, _EXACT_ROUNDS = 10_000, 60
_NODES, _MOST_ROUNDS = 12, 10  # where a gap is allowed; problems far below _WHOLE_LIMIT get more nodes
_FRACTIONAL_ROUNDS = 30
_ROUNDINGS = (0.3, 0.5, 0.7)
_KICKS, _KICK_SIZE = 8, 4
_MOVES_LOOKED_AT = 96
_SCALE = 1e3  # the solver's absolute tolerances must be small against PRICE


class Rule(StrEnum):
    """What makes one set better than another."""

    LEAST_GAIN = "least gain"
    NASH_PRODUCT = "Nash product"


@dataclass(frozen=True, eq=False)
class Problem:
    """Candidates to choose from, over a base that is adopted anyway.

    `draws` (n_questions, n_parties, n_draws): utilities. `base` (n_parties, n_draws): the gains
    from what is adopted anyway. With `not_empty`, choosing no candidate is not allowed.
    """

    draws: FloatArray
    base: FloatArray
    walk_away: float
    rule: Rule
    not_empty: bool = False

    @property
    def n_questions(self) -> int:
        return int(self.draws.shape[0])

    @property
    def n_parties(self) -> int:
        return int(self.draws.shape[1])

    @property
    def prices(self) -> FloatArray:
        """Shape (n_questions,)."""
        return PRICE * (1 + np.arange(self.n_questions) / max(self.n_questions, 1))

    def worth(self, gains: FloatArray) -> FloatArray:
        """How good these gains are under the rule, shape (..., n_parties) to (...).

        Gains below the walk-away value are worth less than any that are not.
        """
        over = gains - self.walk_away
        short = np.minimum(over.min(axis=-1), 0.0)
        if self.rule is Rule.LEAST_GAIN:
            value = gains.min(axis=-1) + MEAN_WEIGHT * gains.mean(axis=-1)
        else:
            value = np.log(np.maximum(over, 0.0) + LOG_OFFSET).mean(axis=-1)
        return np.asarray(np.where(short < -TOLERANCE, 1e6 * short - 1e3, value))

    def gains(self, chosen: BoolArray) -> FloatArray:
        """What a set brings, shape (n_parties, n_draws)."""
        return np.asarray(self.base + self.draws[chosen].sum(axis=0))

    def value(self, chosen: BoolArray, gains: FloatArray | None = None) -> float:
        """The worth of a set less its price; `gains` where they are known already."""
        if self.not_empty and not chosen.any():
            return -np.inf
        counted = counted_on(self.gains(chosen) if gains is None else gains)
        return float(self.worth(counted)) - float(self.prices[chosen].sum())

    def is_acceptable(self, chosen: BoolArray) -> bool:
        """Whether no party falls below its walk-away value."""
        return bool(counted_on(self.gains(chosen)).min() >= self.walk_away - TOLERANCE)


@dataclass(frozen=True, eq=False)
class Deal:
    """The best set found. `chosen` (n_questions,) is None if no set is acceptable."""

    chosen: BoolArray | None
    proven: bool


def counted_on(gains: FloatArray) -> FloatArray:
    """What each can count on: the mean of the worst tenth of draws, shape (..., n_draws) to (...).

    Where a tenth of the draws is not a whole number, the last draw counts in part.
    """
    weights = _tail_weights(gains.shape[-1])
    worst = np.sort(np.partition(gains, len(weights) - 1, axis=-1)[..., : len(weights)], axis=-1)
    return np.asarray((worst * weights).sum(axis=-1))


def solve(problem: Problem, starts: Sequence[BoolArray] = ()) -> Deal:
    """The best acceptable set; unless `not_empty`, the empty set is one of those to choose from.

    `starts` are sets worth a try, (n_questions,) each, for example the best under another rule.
    """
    if problem.n_questions == 0:
        chosen = np.zeros(0, dtype=bool)
        return Deal(chosen if problem.is_acceptable(chosen) else None, proven=True)
    master = _Master(problem)
    fraction, bound = _solve_fractional(problem, master)
    if fraction is None:
        return Deal(None, proven=True)
    nothing = np.zeros(problem.n_questions, dtype=bool)
    climbed = [improve(problem, start) for start in (*starts, *(fraction > cut for cut in _ROUNDINGS))]
    best = max((nothing, *climbed), key=problem.value)
    if bound - problem.value(best) > _slack(problem, problem.value(best)):
        best = _kick(problem, best)
    best, proven = _solve_whole(problem, master, best, bound)
    return Deal(best if problem.is_acceptable(best) else None, proven)


def improve(problem: Problem, start: BoolArray) -> BoolArray:
    """Climb from a set by adding, dropping or exchanging one question while that helps.

    The tail at the present set bounds the gains at every other set from above, so most moves are
    ruled out without a look at the draws.
    """
    chosen = start.copy()
    while True:
        gains = problem.gains(chosen)
        value = problem.value(chosen, gains)
        tails, constant = _worst_tails(problem, gains)
        after = chosen[None, :] ^ _moves(chosen)
        # einsum and not matmul: its sums do not depend on the number of threads.
        most = problem.worth(np.einsum("mq,qp->mp", after.astype(float), tails) + constant)
        most = most - np.where(after, problem.prices, 0.0).sum(axis=1)
        best_value, best = value + 1e-9, None
        for k in np.argsort(-most, kind="stable")[:_MOVES_LOOKED_AT]:
            if most[k] <= best_value:
                break
            added = problem.draws[after[k] & ~chosen].sum(axis=0)
            dropped = problem.draws[chosen & ~after[k]].sum(axis=0)
            found = problem.value(after[k], gains + added - dropped)
            if found > best_value:
                best_value, best = found, after[k]
        if best is None:
            return chosen
        chosen = best


def _kick(problem: Problem, best: BoolArray) -> BoolArray:
    """Leave a set by changing a few questions, climb again, and keep what is better."""
    n = problem.n_questions
    for k in range(_KICKS):
        start = best.copy()
        # A stride prime to most sizes spreads the changes; it has no other meaning.
        changed = np.unique((np.arange(_KICK_SIZE) + k * _KICK_SIZE) * 17 % n)
        start[changed] = ~start[changed]
        best = max((best, improve(problem, start)), key=problem.value)
    return best


def _solve_fractional(problem: Problem, master: _Master) -> tuple[FloatArray | None, float]:
    """A fractional solution, None if no set is acceptable, and a worth that no set exceeds."""
    bound = np.inf
    fraction: FloatArray = np.zeros(problem.n_questions)
    for _ in range(_FRACTIONAL_ROUNDS):
        found = master.solve(whole=False)
        if found.status == 2:
            return None, -np.inf
        if found.x is None:  # the solver gave up, which proves nothing
            break
        fraction, bound = master.questions(found), master.bound(found)
        counted, added = master.tighten(found, fraction)
        if not added or bound - float(problem.worth(counted)) < 0.05 * _slack(problem, bound):
            break
    return fraction, bound


def _solve_whole(problem: Problem, master: _Master, best: BoolArray, bound: float) -> tuple[BoolArray, bool]:
    """Better sets than `best`, until none can exist (then True) or the work is up."""
    exact = problem.n_questions <= EXACT_QUESTIONS
    value = problem.value(best)
    share = _WHOLE_LIMIT / (problem.n_questions * problem.n_parties)
    n_rounds = _EXACT_ROUNDS if exact else min(int(2 * share), _MOST_ROUNDS) if share >= 1 else 0
    n_nodes = _EXACT_NODES if exact else int(_NODES * share**2)
    for _ in range(n_rounds):
        slack = _slack(problem, value)
        if bound - value <= slack:
            return best, True
        gap = 0.0 if exact else 0.5 * slack / max(abs(value), 1e-9)
        found = master.solve(whole=True, relative_gap=gap, n_nodes=n_nodes)
        bound = min(bound, master.bound(found))
        if found.x is None:  # no acceptable set (status 2), or none found with so many nodes
            return best, found.status == 2
        chosen = master.questions(found) > 0.5
        better = improve(problem, chosen)
        if problem.value(better) > value:
            best, value = better, problem.value(better)
        _, added = master.tighten(found, chosen.astype(float))
        if found.status != 0:
            break
        if not added:
            return best, True
    return best, bound - value <= _slack(problem, value)


def _slack(problem: Problem, value: float) -> float:
    if problem.n_questions <= EXACT_QUESTIONS:
        return 1e-8
    return GAP * abs(value) if problem.rule is Rule.LEAST_GAIN else GAP


class _Master:
    """The programme without the tails and tangents that have not mattered yet.

    Columns: the questions, then r (a party), then the least gain (one) or log gain (a party).
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        n_questions, n_parties = problem.n_questions, problem.n_parties
        self._n_extra = 1 if problem.rule is Rule.LEAST_GAIN else n_parties
        n = n_questions + n_parties + self._n_extra
        self._cost = np.zeros(n)
        self._cost[:n_questions] = problem.prices
        if problem.rule is Rule.LEAST_GAIN:
            self._cost[n_questions : n_questions + n_parties] = -MEAN_WEIGHT / n_parties
            self._cost[-1] = -1.0
        else:
            self._cost[n_questions + n_parties :] = -1.0 / n_parties
        low, high = np.full(n, -np.inf), np.full(n, np.inf)
        low[:n_questions], high[:n_questions] = 0.0, 1.0
        low[n_questions : n_questions + n_parties] = problem.walk_away - 0.5 * TOLERANCE
        self._bounds = Bounds(low, high)
        self._rows: list[FloatArray] = []
        self._limits: list[FloatArray] = []
        if problem.not_empty:
            row = np.zeros((1, n))
            row[0, :n_questions] = -1.0
            self._add(row, np.array([-1.0]))
        everyone = np.arange(n_parties)
        self._add_tails(everyone, problem.draws.mean(axis=2), problem.base.mean(axis=1))
        if problem.rule is Rule.LEAST_GAIN:
            rows = np.zeros((n_parties, n))
            rows[everyone, n_questions + everyone] = -1.0
            rows[:, -1] = 1.0
            self._add(rows, np.zeros(n_parties))
        else:
            most = np.maximum(problem.draws.mean(axis=2), 0.0).sum(axis=0) + problem.base.mean(axis=1)
            top = max(float(most.max()) - problem.walk_away, 0.0) + LOG_OFFSET
            for point in LOG_OFFSET * 2.0 ** np.arange(np.ceil(np.log2(top / LOG_OFFSET)) + 1):
                self._add_tangents(everyone, np.full(n_parties, point))

    def solve(self, *, whole: bool, relative_gap: float = 0.0, n_nodes: int = 1) -> OptimizeResult:
        """Solve with the tails and tangents held so far; `whole` asks for whole questions."""
        is_question = np.arange(len(self._cost)) < self._problem.n_questions
        return milp(
            self._cost * _SCALE,
            constraints=LinearConstraint(np.vstack(self._rows), -np.inf, np.concatenate(self._limits)),
            bounds=self._bounds,
            integrality=(is_question & whole).astype(int),
            # Without presolve: it saves no time here, and undoing it can make HiGHS 1.12 print a stray line.
            options={"mip_rel_gap": relative_gap, "node_limit": n_nodes, "presolve": False},
        )

    def questions(self, found: OptimizeResult) -> FloatArray:
        return np.asarray(np.clip(found.x[: self._problem.n_questions], 0.0, 1.0))

    def bound(self, found: OptimizeResult) -> float:
        """No set is worth more than this."""
        cost = found.mip_dual_bound if found.mip_dual_bound is not None else found.fun
        return np.inf if cost is None else -float(cost) / _SCALE

    def tighten(self, found: OptimizeResult, x: FloatArray) -> tuple[FloatArray, bool]:
        """Add what the solution found violates at x: worst tails, and tangents of the logarithm.

        Returns what each party can count on at x, and whether anything was added.
        """
        problem = self._problem
        tails, constant = _worst_tails(problem, np.einsum("q,qps->ps", x, problem.draws) + problem.base)
        counted = np.einsum("q,qp->p", x, tails) + constant
        supposed = self._gains(found)
        loose = np.flatnonzero(supposed > counted + 1e-7)
        if len(loose):
            self._add_tails(loose, tails[:, loose], constant[loose])
        if problem.rule is Rule.LEAST_GAIN:
            return counted, len(loose) > 0
        points = np.maximum(supposed - problem.walk_away, 0.0) + LOG_OFFSET
        above = np.flatnonzero(found.x[-self._n_extra :] > np.log(points) + 1e-6)
        if len(above):
            self._add_tangents(above, points[above])
        return counted, len(loose) + len(above) > 0

    def _gains(self, found: OptimizeResult) -> FloatArray:
        start = self._problem.n_questions
        return np.asarray(found.x[start : start + self._problem.n_parties])

    def _add_tails(self, parties: npt.NDArray[np.intp], tails: FloatArray, constant: FloatArray) -> None:
        rows = np.zeros((len(parties), len(self._cost)))
        rows[:, : self._problem.n_questions] = -tails.T
        rows[np.arange(len(parties)), self._problem.n_questions + parties] = 1.0
        self._add(rows, constant)

    def _add_tangents(self, parties: npt.NDArray[np.intp], points: FloatArray) -> None:
        """Tangents: log gain <= log(point) + (r - walk-away + LOG_OFFSET - point) / point."""
        rows = np.zeros((len(parties), len(self._cost)))
        start = self._problem.n_questions
        each = np.arange(len(parties))
        rows[each, start + parties] = -1.0 / points
        rows[each, start + self._problem.n_parties + parties] = 1.0
        self._add(rows, np.log(points) - 1 + (LOG_OFFSET - self._problem.walk_away) / points)

    def _add(self, rows: FloatArray, limits: FloatArray) -> None:
        self._rows.append(rows)
        self._limits.append(limits)


def _tail_weights(n_draws: int) -> FloatArray:
    """The weights of the worst draws, worst first: together 1, none above 1 / (TAIL * n_draws)."""
    size = TAIL * n_draws
    n_whole = int(size + 1e-9)
    rest = 1.0 - n_whole / size
    weights = np.full(n_whole, 1.0 / size)
    return np.append(weights, rest) if rest > 1e-9 else weights


def _worst_tails(problem: Problem, gains: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Means over each party's worst draws, given all gains (n_parties, n_draws).

    Of its utilities, (n_questions, n_parties), and of its base, (n_parties,).
    """
    weights = _tail_weights(gains.shape[1])
    worst = np.argsort(gains, axis=1, kind="stable")[:, : len(weights)]
    tails, constant = np.zeros(problem.draws.shape[:2]), np.zeros(problem.n_parties)
    everyone = np.arange(problem.n_parties)
    for k, weight in enumerate(weights):
        tails += weight * problem.draws[:, everyone, worst[:, k]]
        constant += weight * problem.base[everyone, worst[:, k]]
    return tails, constant


def _moves(chosen: BoolArray) -> BoolArray:
    """All single changes and exchanges, as masks of what changes, shape (n_moves, n_questions)."""
    n = len(chosen)
    held, open_ = np.flatnonzero(chosen), np.flatnonzero(~chosen)
    moves = np.zeros((n + len(held) * len(open_), n), dtype=bool)
    moves[np.arange(n), np.arange(n)] = True
    exchange = np.arange(n, len(moves))
    moves[exchange, np.repeat(held, len(open_))] = moves[exchange, np.tile(open_, len(held))] = True
    return moves
