"""Linked deals: sets of questions that parties could adopt together though some refuse a part of them.

A package is adopted whole or not at all. None holds a question on which a party has drawn a red
line, and none leaves a party below its walk-away value, going by what the party can count on: the
mean of its worst tenth of posterior draws, so that a predicted gain counts for less than one on
record. Up to three packages are shown, each once:

- the best one by its least gain, and the best one by the Nash product (see `deal_solver`)
- the smallest trade: the fewest questions by which parties give and get (see `trades`)

Before the solver sees them, questions that suit every party are adopted (a gain that can be
counted on never falls by adding them) and questions by which nobody would gain are dropped; of more
questions that are left than `MAX_WEIGHED`, those are weighed on which the parties differ most.

What it does not do: say what a question is worth to whom, or where red lines are. It is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from allweather.errors import InputError, UnknownName
from allweather.review.deal_solver import (
    TOLERANCE,
    BoolArray,
    FloatArray,
    Problem,
    Rule,
    counted_on,
    solve,
)
from allweather.review.results import DECIMALS, Gain, Interval, Package, Packages
from allweather.review.trades import MAX_TRADE, SLIGHT, Bazaar, smallest_trade

#: The name of the third kind of package; the first two are named by their `Rule`.
SMALLEST_TRADE = "smallest trade"
#: A package that was not sought but given.
CHOSEN = "chosen"
#: Questions that do not suit everybody and are weighed against each other.
MAX_WEIGHED = 60
_LEAST_FREE = 2e-3  # what a question that suits everybody must bring on average to be worth adopting


def find_packages(
    *,
    party_ids: Sequence[str],
    question_ids: Sequence[str],
    utility: FloatArray,
    on_record: BoolArray,
    red_line: BoolArray,
    between: str,
    walk_away: float = 0.0,
    n_scenarios: int = 400,
    max_questions: int = MAX_WEIGHED,
) -> Packages:
    """The packages that `party_ids` could agree on.

    - `utility` (n_draws, n_parties, n_questions): what a party gains, in questions won, if the
      question is adopted: 1 for a question it supports, -1 for one that it opposes
    - `on_record` (n_parties, n_questions): false where the utility is predicted
    - `red_line` (n_parties, n_questions): the question may be in no package
    - `between`: what the parties are, as a plural ("members", "blocs")
    - `walk_away`: the gain below which a party leaves, the same for all
    - `n_scenarios`: draws that packages are chosen by. All draws judge the result.
    - `max_questions`: at most so many questions that do not suit everybody are weighed

    Gains are sums over the package's questions. Equal input gives equal output.
    Raises InputError if the shapes do not fit or a utility is not a finite number.
    """
    _check(party_ids, question_ids, utility, on_record, red_line, walk_away)
    table = _Table(tuple(party_ids), tuple(question_ids), utility, on_record, between, walk_away)
    named = tuple(f"{party_ids[int(i)]} on {question_ids[int(j)]}" for i, j in np.argwhere(red_line))
    crossed = red_line.any(axis=0)
    left_out = tuple(question_ids[j] for j in np.flatnonzero(crossed).tolist())

    def answer(conclusion: str, found: Iterable[Package] = ()) -> Packages:
        return Packages(conclusion, between, walk_away, named, left_out, tuple(found))

    if len(party_ids) < 2 or len(question_ids) < 1:
        return answer(f"There is no package: a deal needs at least two {between} and one question.")
    open_ = np.flatnonzero(~crossed)
    if not len(open_):
        return answer("There is no package: every question is left out because of a red line.")
    sorted_out = _sort_out(table, open_, max_questions)
    if not len(sorted_out.free) and not len(sorted_out.weighed):
        return answer(f"There is no package: there is no question that any of the {between} would gain by.")
    scenarios = _scenarios(table.utility, n_scenarios)
    found = _best_packages(table, sorted_out, scenarios)
    trade = _trade(table, sorted_out, scenarios)
    if trade is not None and all(trade.chosen != one.chosen for one in found):
        found.append(trade)
    if not found:
        return answer(_why_none(table, sorted_out, scenarios))
    return answer(_say(table, sorted_out, found, trade), (_package(table, one) for one in found))


def weigh_package(
    *,
    party_ids: Sequence[str],
    question_ids: Sequence[str],
    utility: FloatArray,
    on_record: BoolArray,
    chosen: Sequence[str],
    walk_away: float = 0.0,
) -> Package:
    """What each party gains by a package that somebody else chose; arrays as in `find_packages`.

    Nothing is sought: red lines and walk-away values are not looked at but for `acceptable_prob`.
    Raises UnknownName for a question that there is not, InputError if none is chosen.
    """
    _check(party_ids, question_ids, utility, on_record, np.zeros_like(on_record), walk_away)
    place = {one: k for k, one in enumerate(question_ids)}
    unknown = [one for one in chosen if one not in place]
    if unknown:
        raise UnknownName(f"{unknown[0]!r:.60} is no question of this review")
    if not chosen:
        raise InputError("a package holds at least one question; choose one")
    table = _Table(tuple(party_ids), tuple(question_ids), utility, on_record, "parties", walk_away)
    return _package(table, _Found(CHOSEN, tuple(sorted({place[one] for one in chosen})), proven=False))


@dataclass(frozen=True, eq=False)
class _Table:
    """The input, and what is asked of it again and again."""

    parties: tuple[str, ...]
    questions: tuple[str, ...]
    utility: FloatArray
    on_record: BoolArray
    between: str
    walk_away: float

    @cached_property
    def expected(self) -> FloatArray:
        """Expected utility, (n_parties, n_questions)."""
        return np.asarray(self.utility.mean(axis=0, dtype=np.float64))

    def gains(self, chosen: Sequence[int]) -> FloatArray:
        """What each party gains by these questions, (n_parties, n_draws)."""
        return np.asarray(self.utility[:, :, list(chosen)].sum(axis=2, dtype=np.float64).T)

    @property
    def one(self) -> str:
        """One of the parties, in a sentence."""
        return self.between.removesuffix("s")


@dataclass(frozen=True, eq=False)
class _SortedOut:
    """Questions by what is to be done with them, as indexes in order.

    `free` suit everybody, `weighed` go to the solver; `n_unweighed` were too many.
    """

    free: npt.NDArray[np.intp]
    weighed: npt.NDArray[np.intp]
    n_unweighed: int


@dataclass(frozen=True)
class _Found:
    rule: str
    chosen: tuple[int, ...]
    proven: bool


def _check(
    party_ids: Sequence[str],
    question_ids: Sequence[str],
    utility: FloatArray,
    on_record: BoolArray,
    red_line: BoolArray,
    walk_away: float,
) -> None:
    cells = (len(party_ids), len(question_ids))
    if utility.ndim != 3 or utility.shape[1:] != cells or not utility.shape[0]:
        raise InputError(f"utilities must have the shape (draws, parties, questions), not {utility.shape}")
    if on_record.shape != cells or red_line.shape != cells:
        raise InputError(f"records and red lines must have the shape {cells}, one element a cell")
    if not np.isfinite(utility).all() or not np.isfinite(walk_away):
        raise InputError("every utility and the walk-away value must be a finite number")


def _sort_out(table: _Table, open_: npt.NDArray[np.intp], max_questions: int) -> _SortedOut:
    expected = table.expected
    free, rest = [], []
    for j in open_:
        counted = counted_on(table.utility[:, :, j].T.astype(np.float64))
        if counted.min() >= 0 and counted.mean() >= _LEAST_FREE:
            free.append(j)
        elif expected[:, j].max() > SLIGHT:
            rest.append(j)
    spread = np.ptp(expected[:, rest], axis=0)
    widest = np.argsort(-spread, kind="stable")[:max_questions]
    weighed = np.sort(np.array(rest, dtype=np.intp)[widest])
    return _SortedOut(np.array(free, dtype=np.intp), weighed, len(rest) - len(weighed))


def _scenarios(utility: FloatArray, n_scenarios: int) -> FloatArray:
    """At most `n_scenarios` of the draws, as (n_questions, n_parties, n_scenarios).

    Taken at a stride near the golden section of their number, so that chains, halves and any other
    regular order among the draws are all represented.
    """
    n_draws = len(utility)
    stride = max(1, round(n_draws * 0.6180339887))
    while np.gcd(stride, n_draws) != 1:
        stride += 1
    taken = np.sort(np.arange(min(n_draws, max(n_scenarios, 1))) * stride % n_draws)
    return np.ascontiguousarray(utility[taken].transpose(2, 1, 0), dtype=np.float64)


def _best_packages(table: _Table, sorted_out: _SortedOut, scenarios: FloatArray) -> list[_Found]:
    """The best set by each rule; one that both choose stands once, under the first."""
    found: list[_Found] = []
    nash = _solve(table, sorted_out, scenarios, Rule.NASH_PRODUCT)
    least = _solve(table, sorted_out, scenarios, Rule.LEAST_GAIN, nash)
    for one in (least, nash):
        if one is not None and one.chosen and all(one.chosen != other.chosen for other in found):
            found.append(one)
    return found


def _solve(
    table: _Table,
    sorted_out: _SortedOut,
    scenarios: FloatArray,
    rule: Rule,
    start: _Found | None = None,
) -> _Found | None:
    weighed, free = sorted_out.weighed, sorted_out.free
    walk_away = table.walk_away
    starts = [] if start is None else [np.isin(weighed, start.chosen)]
    for _ in range(3):
        problem = Problem(scenarios[weighed], scenarios[free].sum(axis=0), walk_away, rule)
        deal = solve(problem, starts)
        if deal.chosen is None:
            return None
        chosen = tuple(int(j) for j in np.union1d(free, weighed[deal.chosen]))
        short = table.walk_away - float(counted_on(table.gains(chosen)).min())
        if short <= TOLERANCE or not chosen:
            return _Found(rule.value, chosen, deal.proven)
        # Good enough in the scenarios, not in all draws: ask for more than the party needs.
        walk_away += 1.5 * short
    return None


def _trade(table: _Table, sorted_out: _SortedOut, scenarios: FloatArray) -> _Found | None:
    """The smallest trade, if there is one that also holds in all draws."""
    floor = max(table.walk_away, 0.0)
    candidates = np.union1d(sorted_out.free, sorted_out.weighed).tolist()
    found = smallest_trade(Bazaar(scenarios, floor), candidates)
    if found is None or counted_on(table.gains(found.questions)).min() < floor - TOLERANCE:
        return None
    return _Found(SMALLEST_TRADE, found.questions, found.proven)


def _package(table: _Table, found: _Found) -> Package:
    chosen = list(found.chosen)
    gains, expected = table.gains(chosen), table.expected[:, chosen]
    rows = tuple(
        Gain(
            party=party,
            gain=Interval.of(gains[i]),
            acceptable_prob=round(float(np.mean(gains[i] >= table.walk_away - TOLERANCE)), DECIMALS),
            gets=tuple(table.questions[j] for j, e in zip(chosen, expected[i], strict=True) if e > SLIGHT),
            gives=tuple(table.questions[j] for j, e in zip(chosen, expected[i], strict=True) if e < -SLIGHT),
            n_predicted=int(np.sum(~table.on_record[i, chosen])),
        )
        for i, party in enumerate(table.parties)
    )
    return Package(
        rule=found.rule,
        questions=tuple(table.questions[j] for j in chosen),
        least_gain=Interval.of(gains.min(axis=0)),
        gains=rows,
        proven=found.proven,
    )


def _say(table: _Table, sorted_out: _SortedOut, found: Sequence[_Found], trade: _Found | None) -> str:
    first = found[0]
    gives = table.expected[:, list(first.chosen)] < -SLIGHT
    n, n_contested = len(first.chosen), int(gives.any(axis=0).sum())
    least = float(counted_on(table.gains(first.chosen)).min())
    if n_contested:
        said = [
            f"The package with the best {first.rule} links {_count(n, 'question')}, {n_contested} of which "
            f"some {table.one} would refuse alone; each {table.one} can count on a gain of at least "
            f"{least:.2f}."
        ]
    else:
        said = [
            f"The package with the best {first.rule} adopts {_count(n, 'question')} that no {table.one} "
            "is expected to lose by: nobody gives anything, so it is no trade."
        ]
    if trade is not None and first.rule != SMALLEST_TRADE:
        said.append(f"The smallest trade links {_list([table.questions[j] for j in trade.chosen])}.")
    elif trade is None and n_contested:
        said.append(f"No trade of up to {MAX_TRADE} questions was found that would stand by itself.")
    if sorted_out.n_unweighed:
        said.append(
            f"Only the {_count(len(sorted_out.weighed), 'question')} on which {table.between} differ most "
            f"were weighed; {sorted_out.n_unweighed} more were not."
        )
    if not all(one.proven for one in found):
        said.append("The search was cut short: a better package may exist.")
    return " ".join(said)


def _why_none(table: _Table, sorted_out: _SortedOut, scenarios: FloatArray) -> str:
    """One sentence: who stands in the way of the set that comes nearest."""
    weighed, free = sorted_out.weighed, sorted_out.free
    base = scenarios[free].sum(axis=0)
    deal = solve(Problem(scenarios[weighed], base, -np.inf, Rule.LEAST_GAIN, not_empty=not len(free)))
    chosen = [*free, *weighed[deal.chosen]] if deal.chosen is not None else [*free]
    counted = counted_on(table.gains(chosen))
    verdict = "There is no package" if deal.proven else "No package was found"
    least = int(np.argmin(counted))
    if counted[least] >= table.walk_away - TOLERANCE:
        return f"{verdict}: the {table.between} do best by the least gain if nothing is adopted."
    names = _list([table.questions[j] for j in sorted(chosen)])
    nearest = names if len(chosen) <= 5 else f"a set of {len(chosen)} questions"
    return (
        f"{verdict}: even {nearest}, which comes nearest, would leave {table.parties[least]} with "
        f"a gain of {counted[least]:.2f} to count on, below its walk-away value of {table.walk_away:g}."
    )


def _count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
