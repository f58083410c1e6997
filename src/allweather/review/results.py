"""What a joint review says: frozen, typed, and each figure with its 90% interval.

`Review` is the whole. It has `to_json()` and four tables of plain rows (`convergence_table()`,
`member_table()`, `package_table()`, `cell_table()`) that any DataFrame library takes as they are.
Ids refer to the members and questions of the `Positions` that were reviewed; an `entry` is the
index of the entry there, so that each figure is one step from its source.

Unknown is `None` and stays `None`. A predicted value stands only where the field's name says
`predicted`, and only as an `Interval`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

#: Results are rounded to this many decimals: far below any interval's width.
DECIMALS = 4
LEVEL = 0.90


@dataclass(frozen=True, slots=True)
class Interval:
    """A posterior mean with its central 90% interval, as narrow as draws of a count allow.

    The ends are draws, not points between two of them, and the interval is widened to hold the
    mean, which a skewed posterior can leave outside.
    """

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, draws: npt.NDArray[np.floating[Any]]) -> Interval:
        """Summarise posterior draws, shape (n_draws,)."""
        low = np.quantile(draws, (1 - LEVEL) / 2, method="lower")
        high = np.quantile(draws, (1 + LEVEL) / 2, method="higher")
        mean = np.mean(draws, dtype=np.float64)
        return cls(_round(mean), _round(min(low, mean)), _round(max(high, mean)))


class PartyKind(StrEnum):
    """Where a grouping of members comes from."""

    BLOC = "bloc"  # declared
    CLUSTER = "cluster"  # found, with a gap between it and the others
    SIDE = "side"  # the lower or upper part of the map's first dimension; no gap is claimed


class Verdict(StrEnum):
    """What can be said of a question."""

    CONVERGES = "converges"
    NEARLY = "nearly"
    DIFFERS = "differs"
    NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Party:
    """A grouping of members between which convergence is measured."""

    id: str
    name: str
    kind: PartyKind
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PartySupport:
    """One party on one question: what is on record (counts) and what is expected (an interval).

    `support` is the share of the party's members who would answer at least with a limited yes if
    all of them answered; answers on record are taken as they are, the others are predicted.
    `n_own` and the rest count the entries on record by basis.
    """

    party: str
    support: Interval
    n_support: int
    n_limited: int  # conditional or consent
    n_held_back: int  # reserve, mixed, abstain
    n_oppose: int
    n_pass: int
    n_silent: int
    n_own: int
    n_inferred: int
    n_common: int


@dataclass(frozen=True, slots=True)
class Objector:
    """A member who opposes or may. `predicted` says that it has not spoken on this question."""

    member: str
    prob: Interval
    predicted: bool
    why: str
    entry: int | None


@dataclass(frozen=True, slots=True)
class Consensus:
    """The chance that no member opposes, under two readings of silence.

    `alike`: silent members resemble the recorded ones of their bloc. `doubtful`: silence leans to
    doubt. `known` is false where the two, with their intervals, span too much to say anything.
    """

    alike: Interval
    doubtful: Interval
    known: bool
    objectors: tuple[Objector, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """A limit that a member put on record: what would close the difference, in its words."""

    member: str
    text: str
    entry: int


@dataclass(frozen=True, slots=True)
class QuestionReview:
    """All that the review says of one question. `rank` 1 is what converges most surely."""

    question: str
    rank: int
    verdict: Verdict
    against: bool  # the convergence is on "no"
    reason: str  # one sentence, for people
    n_answers: int
    support: Interval  # over all members, as in PartySupport.support
    least_party: str  # the least supportive party
    least_support: Interval  # its expected support (the minimum over parties, draw by draw)
    bridging: Interval  # support with the polarity factored out, passes not counted as support
    split: Interval  # most supportive party minus least supportive one
    parties: tuple[PartySupport, ...]
    consensus: Consensus | None  # None where bodies do not decide by consensus (consultations)
    conditions: tuple[Condition, ...]
    hold_outs: tuple[str, ...]  # ids of members (council) or parties (others) that stand apart
    rests_on: tuple[int, ...]  # entries that the verdict rests on
    ask: str  # the question to ask next, "" if none


@dataclass(frozen=True, slots=True)
class MapPoint:
    """A member on the map. In `place`, one interval a dimension."""

    id: str
    place: tuple[Interval, ...]
    n_answers: int
    party: str  # "" if in none


@dataclass(frozen=True, slots=True)
class MapQuestion:
    """A question on the map: its cut point's intercept and its discrimination a dimension."""

    id: str
    discrimination: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class DimensionEvidence:
    """How much better held-out answers are predicted with `n_dimensions` than with one fewer."""

    n_dimensions: int
    log_loss: float
    gain: Interval  # of log-loss over the map with one dimension fewer; above 0 is better
    supported: bool


@dataclass(frozen=True, slots=True)
class Dimension:
    """What a dimension is about: the questions that load most on its two ends."""

    low: tuple[str, ...]
    high: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Map:
    """Members and questions in the fewest dimensions that the data support, possibly none."""

    n_dimensions: int
    conclusion: str  # one sentence, for people
    evidence: tuple[DimensionEvidence, ...]
    dimensions: tuple[Dimension, ...]
    points: tuple[MapPoint, ...]
    questions: tuple[MapQuestion, ...]


@dataclass(frozen=True, slots=True)
class Clusters:
    """Groups found by the analysis, or not. `unplaced` are members between or without evidence."""

    found: bool
    conclusion: str
    clusters: tuple[Party, ...]
    unplaced: tuple[str, ...]
    stability: float | None  # expected adjusted Rand index between two posterior draws


@dataclass(frozen=True, slots=True)
class Difference:
    """What splits whom, and what would close it where a condition is on record."""

    question: str
    gap: Interval  # support in the most supportive party minus the least supportive one
    most_party: str
    least_party: str
    supporters: tuple[str, ...]  # members on record (empty for consultations)
    held_back: tuple[str, ...]
    opponents: tuple[str, ...]
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Gain:
    """What one party to a package gives and gets. Gains are in units of one question won."""

    party: str  # a member's id, or a party's where the package is between parties
    gain: Interval
    acceptable_prob: float  # that the gain is at or above the walk-away value
    gets: tuple[str, ...]
    gives: tuple[str, ...]
    n_predicted: int  # questions of the package on which the party is predicted, not on record


@dataclass(frozen=True, slots=True)
class Package:
    """A linked deal: adopt all of `questions`, or none."""

    rule: str  # "least gain", "Nash product" or "smallest trade"
    questions: tuple[str, ...]
    least_gain: Interval
    gains: tuple[Gain, ...]
    proven: bool  # none is better by more than 2% (for trades: none of as few questions was left out)


@dataclass(frozen=True, slots=True)
class Packages:
    """The packages found, or why there are none."""

    conclusion: str
    between: str  # "members", "blocs", "clusters" or "sides"
    walk_away: float
    red_lines: tuple[str, ...]  # "member on question", as found on record
    left_out: tuple[str, ...]  # questions that no package may hold, because of a red line
    packages: tuple[Package, ...]


@dataclass(frozen=True, slots=True)
class OpenCell:
    """A cell whose answer would teach most. `reduces` is the share of the variance of the
    question's least support that the answer is expected to remove."""

    member: str
    question: str
    reduces: float
    predicted: Interval  # support


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question about which more answers would teach most."""

    question: str
    n_open: int
    gain: float  # expected gain in log-loss (nats) of one more answer


@dataclass(frozen=True, slots=True)
class AskNext:
    """What to ask next, and whether asking more would still teach anything."""

    conclusion: str
    expected_gain: float  # mean over open cells, nats an answer
    cells: tuple[OpenCell, ...]
    questions: tuple[OpenQuestion, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the matrix. `response` None: unknown, then (and only then) `predicted` stands."""

    member: str
    question: str
    response: str | None
    basis: str | None
    entry: int | None
    predicted: Interval | None  # the probability of at least a limited yes


@dataclass(frozen=True, slots=True)
class PolisStatement:
    """One question by Polis' own method."""

    question: str
    group_informed_consensus: float
    rank: int
    representative_of: tuple[int, ...]  # groups for which Polis calls it representative


@dataclass(frozen=True, slots=True)
class PolisView:
    """The same votes by Polis' own method, for comparison: point values, no intervals."""

    n_groups: int
    group_sizes: tuple[int, ...]
    silhouette: float
    statements: tuple[PolisStatement, ...]


@dataclass(frozen=True, slots=True)
class Method:
    """How the result was computed, so that it can be computed again."""

    model: str
    fitted_dimensions: int
    n_draws: int
    n_chains: int
    n_sweeps: int
    seed: int
    threshold: float  # the support that counts as convergence
    doubt: Interval  # the selection parameter of the doubtful reading: its prior, in probits
    largest_rhat: float
    least_effective_draws: float
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """The joint review of one set of positions."""

    title: str
    body: str
    n_members: int
    n_questions: int
    n_answers: int  # current entries that are answers (a pass is not one)
    n_passes: int
    parties: tuple[Party, ...]
    questions: tuple[QuestionReview, ...]  # by rank
    map: Map
    clusters: Clusters
    differences: tuple[Difference, ...]
    packages: Packages
    ask_next: AskNext
    cells: tuple[Cell, ...]  # empty where members x questions is over CELL_LIMIT
    polis: PolisView | None
    method: Method

    def to_json(self) -> bytes:
        """The whole review as UTF-8 JSON with sorted keys, indented, ending in a newline."""
        return msgspec.json.format(msgspec.json.encode(self, order="sorted"), indent=1) + b"\n"

    @classmethod
    def from_json(cls, data: bytes) -> Review:
        """Read back what `to_json` wrote. Raises msgspec.ValidationError."""
        return msgspec.json.decode(data, type=cls)

    def convergence_table(self) -> list[dict[str, Any]]:
        """A row a question, by rank."""
        return [
            {
                "rank": one.rank,
                "question": one.question,
                "verdict": str(one.verdict),
                "against": one.against,
                "n_answers": one.n_answers,
                **_flat("support", one.support),
                "least_party": one.least_party,
                **_flat("least_support", one.least_support),
                **_flat("bridging", one.bridging),
                **_flat("split", one.split),
                **_flat("consensus_alike", one.consensus.alike if one.consensus else None),
                **_flat("consensus_doubtful", one.consensus.doubtful if one.consensus else None),
                "reason": one.reason,
                "ask": one.ask,
            }
            for one in self.questions
        ]

    def member_table(self) -> list[dict[str, Any]]:
        """A row a member: party, number of answers and place on the map."""
        return [
            {"member": point.id, "party": point.party, "n_answers": point.n_answers}
            | {
                key: value
                for d in range(self.map.n_dimensions)
                for key, value in _flat(f"dimension_{d + 1}", point.place[d]).items()
            }
            for point in self.map.points
        ]

    def package_table(self) -> list[dict[str, Any]]:
        """A row a package and party to it."""
        return [
            {
                "package": k + 1,
                "rule": package.rule,
                "party": one.party,
                **_flat("gain", one.gain),
                "acceptable_prob": one.acceptable_prob,
                "gets": " ".join(one.gets),
                "gives": " ".join(one.gives),
                "n_predicted": one.n_predicted,
            }
            for k, package in enumerate(self.packages.packages)
            for one in package.gains
        ]

    def cell_table(self) -> list[dict[str, Any]]:
        """A row a cell; an unknown cell has no response, only a predicted interval."""
        return [
            {
                "member": cell.member,
                "question": cell.question,
                "response": cell.response,
                "basis": cell.basis,
                **_flat("predicted", cell.predicted),
            }
            for cell in self.cells
        ]


#: Above this many cells the matrix is not listed cell by cell.
CELL_LIMIT = 10_000


def _round(value: float | np.floating[Any]) -> float:
    return round(float(value), DECIMALS) + 0.0  # + 0.0 turns -0.0 into 0.0


def _flat(name: str, interval: Interval | None) -> dict[str, float | None]:
    if interval is None:
        return {name: None, f"{name}_low": None, f"{name}_high": None}
    return {name: interval.mean, f"{name}_low": interval.low, f"{name}_high": interval.high}
