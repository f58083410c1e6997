"""Clusters: groups with a gap between them, found or not found.

A cloud of members can always be cut in two; that makes no groups. A cluster is reported only where
the members' density really falls between any two of them, and only if the assignment would come
out the same in another draw from the posterior:

1. Only well-measured members take part (`MAX_SD`); others stay unplaced.
2. k-means for k = 5 down to 2 on the supported dimensions, weighted by how much they explain.
3. Every pair of clusters, projected on the line through their centres, must have more than one
   mode by Silverman's test (1981, J. R. Stat. Soc. B 43), a bootstrap at the critical bandwidth,
   calibrated after Hall and York (2001, Statistica Sinica 11), without which it is too timid; and
   between the two modes the density must fall to `VALLEY` of the lower one, because a long flat
   crowd is no gap.
4. Members whose cluster changes between posterior draws stay unplaced; the expected adjusted Rand
   index between a draw and the result must be at least `MIN_STABILITY`.

The first k that passes is reported. What this does not do: name the clusters, or claim that they
are anything beyond a pattern in these answers.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allweather.review.alignment import Aligned
from allweather.review.answers import FloatArray, IntArray
from allweather.review.heldout import adjusted_rand

MAX_SD = 0.5  # of the position on the first dimension, in units of the spread between members
MAX_CLUSTERS = 5
MIN_SIZE = 3
MIN_SHARE = 0.03
P_VALUE = 0.05
MIN_STABILITY = 0.85
PLACED_PROB = 0.9
VALLEY = 0.85
#: Hall and York's factor for a level of 0.05.
_CALIBRATION = 1.13
_N_BOOTSTRAP = 200
_GRID = 256


@dataclass(frozen=True, eq=False)
class Found:
    """`label`: int32 (n_rows,), the cluster of each member, -1 where unplaced."""

    label: IntArray
    n_clusters: int
    stability: float | None
    conclusion: str


def find_clusters(aligned: Aligned, n_dims: int, rng: np.random.Generator) -> Found:
    """Look for clusters in the first `n_dims` dimensions (those the evidence supports)."""
    n_rows = aligned.theta.shape[1]
    nobody = np.full(n_rows, -1, dtype=np.int32)
    if n_dims == 0:
        return Found(nobody, 0, None, "No clusters: the answers show no dimension on which they could form.")
    places = aligned.theta[:, :, :n_dims] * np.sqrt(aligned.share[:n_dims] / aligned.share[0])
    measured = np.flatnonzero(aligned.theta[:, :, 0].std(axis=0) < MAX_SD)
    if len(measured) < 4 * MIN_SIZE:
        return Found(nobody, 0, None, f"No clusters: only {len(measured)} are placed well enough to tell.")
    mean = places[:, measured].mean(axis=0)
    for k in range(min(MAX_CLUSTERS, len(measured) // (2 * MIN_SIZE)), 1, -1):
        centres, label = _partition(mean, k, rng)
        if not _is_large_enough(label, k) or not _is_parted(mean, label, centres, rng):
            continue
        by_draw = _nearest(places[:, measured], centres)
        settled = (by_draw == label).mean(axis=0) >= PLACED_PROB
        stability = _stability(by_draw, label, settled)
        if not _is_large_enough(label[settled], k) or stability < MIN_STABILITY:
            continue
        nobody[measured[settled]] = label[settled]
        n_placed = int(settled.sum())
        return Found(
            nobody,
            k,
            round(stability, 4),
            f"{k} clusters, with a gap between them; {n_placed} of {n_rows} are placed surely.",
        )
    return Found(nobody, 0, None, "No clusters: all are spread along the map without a gap between groups.")


def _partition(mean: FloatArray, k: int, rng: np.random.Generator) -> tuple[FloatArray, IntArray]:
    """The best of several k-means runs, clusters in order of their first coordinate."""
    # Imported here because it is slow to import, and a council that waits rarely gets this far.
    from scipy.cluster.vq import kmeans2

    best: tuple[float, FloatArray] | None = None
    for _ in range(8):
        centres, label = kmeans2(mean, k, minit="++", rng=rng)
        loss = float(np.sum((mean - centres[label]) ** 2))
        if np.isfinite(loss) and (best is None or loss < best[0]):
            best = (loss, centres)
    assert best is not None
    centres = best[1][np.argsort(best[1][:, 0])]
    return centres, _nearest(mean[None], centres)[0]


def _nearest(places: FloatArray, centres: FloatArray) -> IntArray:
    """The nearest centre: (n_draws, n, n_dims) and (k, n_dims) give (n_draws, n)."""
    distance = np.sum((places[:, :, None, :] - centres) ** 2, axis=3)
    return np.asarray(distance.argmin(axis=2), dtype=np.int32)


def _is_large_enough(label: IntArray, k: int) -> bool:
    least = max(MIN_SIZE, MIN_SHARE * len(label))
    return bool(np.all(np.bincount(label, minlength=k) >= least))


def _is_parted(mean: FloatArray, label: IntArray, centres: FloatArray, rng: np.random.Generator) -> bool:
    """Whether the density falls between every two clusters."""
    for a, b in itertools.combinations(range(len(centres)), 2):
        line = centres[b] - centres[a]
        along = mean[(label == a) | (label == b)] @ line / np.linalg.norm(line)
        # All pairs have to pass, which needs no correction for their number.
        if depth_of_valley(along) > VALLEY or unimodal_p_value(along, rng) >= P_VALUE:
            return False
    return True


def _stability(by_draw: IntArray, label: IntArray, settled: npt.NDArray[np.bool_]) -> float:
    some = by_draw[:: max(1, len(by_draw) // 50)][:, settled]
    return float(np.mean([adjusted_rand(one, label[settled]) for one in some]))


def unimodal_p_value(x: FloatArray, rng: np.random.Generator) -> float:
    """Silverman's test that `x` (n,) comes from a density with one mode; small: more than one."""
    x = (x - x.mean()) / max(float(x.std()), 1e-12)
    critical = _critical_bandwidth(x)
    # Samples from the critical density, shrunk so that their variance is that of x.
    n = len(x)
    shrink = 1 / np.sqrt(1 + critical**2)
    several = 0
    for _ in range(_N_BOOTSTRAP):
        drawn = shrink * (rng.choice(x, n) + critical * rng.normal(size=n))
        several += _n_modes(drawn, _CALIBRATION * critical * shrink) > 1
    return several / _N_BOOTSTRAP


def _critical_bandwidth(x: FloatArray) -> float:
    """The smallest bandwidth at which the kernel density of `x` has one mode."""
    low, high = 0.01, 2.0
    for _ in range(20):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if _n_modes(x, middle) > 1 else (low, middle)
    return high


def depth_of_valley(x: FloatArray) -> float:
    """The lowest density of `x` (n,) between its two highest modes, as a share of the lower mode;
    1 where there is one mode. The bandwidth is Silverman's rule of thumb."""
    spread = float(x.std())
    if spread == 0:
        return 1.0
    density = _density(x, 0.9 * spread * len(x) ** -0.2)
    inner = density[1:-1]
    peaks = 1 + np.flatnonzero((inner > density[:-2]) & (inner >= density[2:]))
    if len(peaks) < 2:
        return 1.0
    first, second = np.sort(peaks[np.argsort(-density[peaks], kind="stable")[:2]])
    return float(density[first : second + 1].min() / min(density[first], density[second]))


def _n_modes(x: FloatArray, bandwidth: float) -> int:
    """Modes of the kernel density of `x`."""
    density = _density(x, bandwidth)
    rise = np.diff(density)
    rise = rise[np.abs(rise) > 1e-9 * density.max()]
    return int(np.sum((rise[:-1] > 0) & (rise[1:] < 0)))


def _density(x: FloatArray, bandwidth: float) -> FloatArray:
    """The Gaussian kernel density of `x` on a grid, up to a factor, from binned data."""
    edge = float(np.abs(x).max()) + 3 * bandwidth
    counts, edges = np.histogram(x, bins=_GRID, range=(-edge, edge))
    step = edges[1] - edges[0]
    reach = np.arange(-_GRID + 1, _GRID) * step
    return np.convolve(counts, np.exp(-0.5 * (reach / bandwidth) ** 2), mode="valid")
