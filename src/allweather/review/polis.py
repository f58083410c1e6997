"""The same answers by Polis' own method, for comparison side by side and in the benchmarks.

What Polis (compdemocracy.org/polis) computes, step by step. An answer x is 1 (agree), 0 (pass) or
-1 (disagree); T is the number of questions.

1. A missing answer takes the mean of its question.
2. Two principal components of that matrix.
3. A participant's place is sqrt(T/n) times the sum, over its n answers, of (x - mean) times the
   loading: those who answered little are pushed outwards.
4. Participants with at least min(7, T) answers are grouped; where fewer than 15 have so many, the
   15 with most. k-means for k = 2, 3, 4, 5; the k with the best silhouette is taken. There is
   always a k: one group, or none, is not among the answers.
5. In a group with A agreements among S answers (passes counted), p = (A+1)/(S+2). Group-informed
   consensus is the product of p over the groups.
6. A statement is representative of a group when both one-sided z-tests exceed 1.2816, for agreement
   or for disagreement: its share in the group against one half, and against the others' share.
   Both add one to every count, so a single answer passes the first of them.

Where this departs from Polis, to be deterministic: k-means takes the best of ten seeded starts
instead of continuing from an earlier run, without the hundred base clusters in between or the
smoothing of k over time; above 2,000 participants the silhouette is that of 2,000 of them, evenly
spaced. The result has no intervals, because the method has none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigh_tridiagonal
from scipy.sparse import csr_array

from allweather.positions import LEVELS, Positions
from allweather.review.results import DECIMALS, PolisStatement, PolisView

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
#: Counts a group and question, shape (n_groups, n_questions).
Counts = npt.NDArray[np.int64]

LEAST_ANSWERS = 7
LEAST_GROUPED = 15
MOST_GROUPS = 5
Z_90 = 1.2816
SILHOUETTE_LIMIT = 2_000

_N_STARTS = 10
_MOST_SWEEPS = 100
_MOST_LANCZOS = 120

#: Polis' value of each level, the last one of a pass.
_VALUE = np.array([-1.0, 0.0, 1.0, 1.0, 0.0])


@dataclass(frozen=True, slots=True, eq=False)
class PolisFit:
    """What Polis' method finds. Without two different places there are no groups.

    `mean` (n_questions,), `loadings` (n_questions, 2), `places` (n_members, 2), `group`
    (n_members,): -1 where not grouped; group 0 is the largest. `agree`, `disagree` and `seen` count
    answers a group and question; `seen` includes passes.
    """

    mean: Floats
    loadings: Floats
    places: Floats
    group: Ints
    silhouette: float
    agree: Counts
    disagree: Counts
    seen: Counts

    @property
    def n_groups(self) -> int:
        """How many groups; 0 where none could be formed."""
        return int(self.agree.shape[0])

    def group_informed_consensus(self) -> Floats:
        """The product over groups of (A+1)/(S+2), shape (n_questions,)."""
        product: Floats = np.prod((self.agree + 1.0) / (self.seen + 2.0), axis=0)
        return product

    def representative(self) -> npt.NDArray[np.bool_]:
        """Which statements Polis calls representative of which group, (n_groups, n_questions)."""
        found = np.zeros(self.agree.shape, dtype=bool)
        for count in (self.agree, self.disagree):
            others, others_seen = count.sum(axis=0) - count, self.seen.sum(axis=0) - self.seen
            against_half = one_share_z(count, self.seen)
            against_others = two_shares_z(count, self.seen, others, others_seen)
            found |= (against_half > Z_90) & (against_others > Z_90)
        return found


def polis_view(positions: Positions, *, seed: int = 0) -> PolisView | None:
    """Polis' groups and statements for current positions; None where it cannot form two groups.

    `seed` is that of the starts of k-means.
    """
    fit = fit_polis(positions, seed=seed)
    if not fit.n_groups:
        return None
    score = fit.group_informed_consensus()
    representative = fit.representative()
    order = np.argsort(-score, kind="stable")
    return PolisView(
        n_groups=fit.n_groups,
        group_sizes=tuple(np.bincount(fit.group[fit.group >= 0], minlength=fit.n_groups).tolist()),
        silhouette=round(fit.silhouette, DECIMALS),
        statements=tuple(
            PolisStatement(
                question=positions.questions[j].id,
                group_informed_consensus=round(float(score[j]), DECIMALS),
                rank=rank,
                representative_of=tuple(np.flatnonzero(representative[:, j]).tolist()),
            )
            for rank, j in enumerate(order.tolist(), start=1)
        ),
    )


def fit_polis(positions: Positions, *, seed: int = 0) -> PolisFit:
    """Run Polis' method on current positions (`Positions.current`); `seed` starts k-means."""
    member, question = positions.member.astype(np.intp), positions.question.astype(np.intp)
    n_members, n_questions = positions.n_members, positions.n_questions
    value = _VALUE[LEVELS[positions.response]]
    n_seen = np.bincount(question, minlength=n_questions)
    mean = np.bincount(question, weights=value, minlength=n_questions) / np.maximum(n_seen, 1)
    # A missing answer that takes its question's mean is 0 once centred: the matrix stays sparse.
    centred = csr_array((value - mean[question], (member, question)), shape=(n_members, n_questions))
    loadings = principal_components(centred)
    n_answers = np.bincount(member, minlength=n_members)
    places = (centred @ loadings) * np.sqrt(n_questions / np.maximum(n_answers, 1))[:, None]
    grouped = _grouped(n_answers, n_questions)
    labels, silhouette = best_groups(places[grouped], seed)
    group = np.full(n_members, -1, dtype=np.intp)
    group[grouped] = labels
    held = group[member] >= 0
    shape = (int(labels.max(initial=-1)) + 1, n_questions)
    cell = group[member[held]] * n_questions + question[held]

    def count(which: npt.NDArray[np.bool_]) -> Counts:
        return np.bincount(cell[which[held]], minlength=shape[0] * shape[1]).reshape(shape)

    agree, disagree, seen = count(value > 0), count(value < 0), count(value > -2)
    return PolisFit(mean, loadings, places, group, silhouette, agree, disagree, seen)


def _grouped(n_answers: npt.NDArray[np.integer], n_questions: int) -> Ints:
    enough = np.flatnonzero(n_answers >= min(LEAST_ANSWERS, n_questions))
    if len(enough) >= LEAST_GROUPED:
        return enough
    most = np.argsort(-n_answers, kind="stable")[:LEAST_GROUPED]
    return np.sort(most[n_answers[most] > 0])


def principal_components(centred: csr_array, n: int = 2) -> Floats:
    """The first `n` principal axes of a centred sparse matrix, shape (n_columns, n), signs fixed.

    Lanczos with full reorthogonalisation. Inner products go through einsum and not through BLAS,
    whose sums depend on the number of threads. Axes that the data do not have are zero.
    """
    n_columns = int(centred.shape[1])
    if not n_columns:
        return np.zeros((0, n))
    back = centred.T.tocsr()
    steps = min(n_columns, _MOST_LANCZOS)
    basis = np.zeros((steps, n_columns))
    diagonal, beside = np.zeros(steps), np.zeros(steps)
    vector = np.random.default_rng(0).normal(size=n_columns)
    scale = 0.0
    for k in range(steps):
        norm = np.sqrt(np.einsum("i,i->", vector, vector))
        if k and norm <= 1e-10 * scale:  # the space is used up
            basis, diagonal, beside = basis[:k], diagonal[:k], beside[:k]
            break
        if k:
            beside[k - 1] = norm
        basis[k] = vector / norm
        vector = back @ (centred @ basis[k])
        scale = max(scale, float(np.sqrt(np.einsum("i,i->", vector, vector))))
        diagonal[k] = np.einsum("i,i->", vector, basis[k])
        for _ in range(2):
            along = np.einsum("ki,i->k", basis[: k + 1], vector)
            vector = vector - np.einsum("k,ki->i", along, basis[: k + 1])
    values, mixes = eigh_tridiagonal(diagonal, beside[: len(diagonal) - 1])
    axes = np.zeros((n_columns, n))
    for d in range(min(n, len(values))):
        if values[-1 - d] > 1e-10 * scale:
            axis = np.einsum("k,ki->i", mixes[:, -1 - d], basis)
            axes[:, d] = axis * np.sign(axis[np.argmax(np.abs(axis))])
    return axes


def best_groups(places: Floats, seed: int = 0) -> tuple[Ints, float]:
    """k-means for k = 2..5 by silhouette: labels (n,), the largest group 0, and the silhouette.

    Fewer than three different places cannot be compared: no labels (all -1) and a silhouette of 0.
    """
    n_places = len(np.unique(places, axis=0))
    best, best_silhouette = np.full(len(places), -1, dtype=np.intp), -np.inf
    sample = np.unique(np.linspace(0, len(places) - 1, min(len(places), SILHOUETTE_LIMIT)).astype(np.intp))
    distance = _distances(places[sample])
    for k in range(2, min(MOST_GROUPS, n_places - 1) + 1):
        labels = k_means(places, k, seed)
        found = silhouette_width(distance, labels[sample])
        if found > best_silhouette:
            best, best_silhouette = labels, found
    return (best, best_silhouette) if best_silhouette > -np.inf else (best, 0.0)


def k_means(places: Floats, k: int, seed: int = 0) -> Ints:
    """Lloyd's algorithm from ten seeded k-means++ starts; the one with the least spread wins."""
    generator = np.random.default_rng([seed, k])
    best, least = np.zeros(len(places), dtype=np.intp), np.inf
    for _ in range(_N_STARTS):
        labels, spread = _lloyd(places, _spread_start(places, k, generator))
        if spread < least * (1 - 1e-12):
            best, least = labels, spread
    _, labels, sizes = np.unique(best, return_inverse=True, return_counts=True)
    rank = np.empty(len(sizes), dtype=np.intp)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    return rank[labels]


def _spread_start(places: Floats, k: int, generator: np.random.Generator) -> Floats:
    """k-means++: each next centre is drawn in proportion to its squared distance from the others."""
    chosen = [int(generator.integers(len(places)))]
    nearest = _square(places - places[chosen[0]])
    for _ in range(1, k):
        mark = generator.random() * nearest.sum()
        chosen.append(min(int(np.searchsorted(np.cumsum(nearest), mark, side="right")), len(places) - 1))
        nearest = np.minimum(nearest, _square(places - places[chosen[-1]]))
    return places[chosen]


def _lloyd(places: Floats, centres: Floats) -> tuple[Ints, float]:
    labels = np.full(len(places), -1, dtype=np.intp)
    spread = np.inf
    for _ in range(_MOST_SWEEPS):
        distance = np.stack([_square(places - centre) for centre in centres], axis=1)
        moved = np.argmin(distance, axis=1)
        spread = float(distance[np.arange(len(places)), moved].sum())
        if np.array_equal(moved, labels):
            break
        labels = moved
        size = np.bincount(labels, minlength=len(centres))
        for d in range(places.shape[1]):
            total = np.bincount(labels, weights=places[:, d], minlength=len(centres))
            centres[:, d] = np.where(size > 0, total / np.maximum(size, 1), centres[:, d])
    return labels, spread


def silhouette_width(distance: Floats, labels: Ints) -> float:
    """Mean silhouette (Rousseeuw, 1987) from distances (n, n); 0 for a member alone in its group."""
    order = np.argsort(labels, kind="stable")
    present, starts, size = np.unique(labels[order], return_index=True, return_counts=True)
    if len(present) < 2:
        return -1.0
    total = np.add.reduceat(distance[:, order], starts, axis=1)
    own = np.searchsorted(present, labels)
    rows = np.arange(len(labels))
    inside = total[rows, own] / np.maximum(size[own] - 1, 1)
    outside = total / size
    outside[rows, own] = np.inf
    nearest = outside.min(axis=1)
    larger = np.maximum(np.maximum(inside, nearest), np.finfo(float).tiny)
    return float(np.where(size[own] > 1, (nearest - inside) / larger, 0.0).mean())


def one_share_z(count: npt.NDArray[np.integer], n: npt.NDArray[np.integer]) -> Floats:
    """Polis' z of a share against one half, one added to both counts."""
    z: Floats = 2.0 * np.sqrt(n + 1.0) * ((count + 1.0) / (n + 1.0) - 0.5)
    return z


def two_shares_z(
    count: npt.NDArray[np.integer],
    n: npt.NDArray[np.integer],
    other_count: npt.NDArray[np.integer],
    other_n: npt.NDArray[np.integer],
) -> Floats:
    """Polis' z of one share against another's, one added to all four counts; 0 where both are 1."""
    pooled = (count + other_count + 2.0) / (n + other_n + 2.0)
    variance = pooled * (1.0 - pooled) * (1.0 / (n + 1.0) + 1.0 / (other_n + 1.0))
    gap = (count + 1.0) / (n + 1.0) - (other_count + 1.0) / (other_n + 1.0)
    z: Floats = np.where(variance > 0, gap / np.sqrt(np.maximum(variance, np.finfo(float).tiny)), 0.0)
    return z


def _square(gap: Floats) -> Floats:
    squared: Floats = (gap * gap).sum(axis=1)
    return squared


def _distances(places: Floats) -> Floats:
    squared = np.zeros((len(places), len(places)))
    for d in range(places.shape[1]):
        squared += (places[:, d, None] - places[None, :, d]) ** 2
    return np.sqrt(squared)
