"""What can be expected of members who have not spoken, draw by draw.

The share of a party that supports a question is a fact about finitely many members: those on
record count as recorded, the others are drawn from the model. Its spread over the draws is the
uncertainty, and vanishes where everyone has spoken.

Two readings of silence. *Alike*: who is silent resembles those on record (the model as fitted).
*Doubtful*: silence leans to doubt, the latent tendency of every open cell being lower by a shift
delta ~ |N(0, DOUBT_SD^2)| probits, one a draw. The shift stands for selection: if support is put on
record r times as readily as doubt, the odds of doubt among the silent are r times those on record,
and delta = log(r) / 1.7 or so; DOUBT_SD makes r about 4 in the middle and 30 at the 90% end. Records
cannot tell the two readings apart, so for councils every expected share mixes them half and half,
and the chance of consensus is given under each. Participants of a consultation answer the questions
they are shown; there only the first applies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import log_ndtr, ndtr
from threadpoolctl import threadpool_limits

from allweather.positions import LEVELS, Positions
from allweather.review.alignment import Aligned
from allweather.review.answers import SUPPORT_LEVEL
from allweather.review.model import FittedModel

DOUBT_SD = 1.25
#: Bridging asks people this far out on both ends of the first dimension, in standard deviations:
#: where the average member of either half of a normal population stands, sqrt(2 / pi).
BRIDGE_AT = 0.8
PRIOR_ASKED = 10.0
_BLOCK_CELLS = 4_000_000

Float32Array = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Expectation:
    """Draws of what the review reports. The first axis is the draw.

    - `party`: (n_draws, n_parties, n_questions), share of each party that would support
    - `everyone`: (n_draws, n_questions), the same of all members
    - `least_if_joined`: (n_draws, n_questions), the least share of a party if those on record as
      holding back came along
    - `bridging`: (n_draws, n_questions), `balanced_support` among those who do not pass, times the
      share of those asked who do not pass
    - `none_opposed_alike`, `none_opposed_doubtful`: (n_draws, n_questions), the probability that no
      member opposes, under the two readings; 0 where it was not asked for
    - `doubt`: (n_draws,), the shift used in each draw (0 where silence is read as alike)
    - `delta`: (n_draws,), the shift of the doubtful reading
    """

    party: Float32Array
    everyone: Float32Array
    least_if_joined: Float32Array
    bridging: Float32Array
    none_opposed_alike: Float32Array
    none_opposed_doubtful: Float32Array
    doubt: Float32Array
    delta: Float32Array

    @property
    def least(self) -> Float32Array:
        """The share of the least supportive party, (n_draws, n_questions)."""
        return np.asarray(self.party.min(axis=1))

    @property
    def split(self) -> Float32Array:
        """Most supportive minus least supportive party, (n_draws, n_questions)."""
        return np.asarray(self.party.max(axis=1) - self.party.min(axis=1))


def expect(
    model: FittedModel,
    current: Positions,
    aligned: Aligned | None,
    mask: npt.NDArray[np.bool_],
    *,
    mixed: bool,
    consensual: bool,
    seed: int,
) -> Expectation:
    """Draw what open cells would say. `mask` is (n_parties, n_members); `mixed` mixes readings;
    `consensual` asks for the chance that no member opposes; `aligned` is None where no dimension is
    supported."""
    rng = np.random.default_rng([seed, 23])
    n_draws, n_members, n_questions = model.n_draws, current.n_members, current.n_questions
    level = np.full((n_members, n_questions), -1, dtype=np.int8)
    level[current.member, current.question] = LEVELS[current.response]
    is_open = level < 0
    supports = (level >= SUPPORT_LEVEL).astype(np.float32)
    held_back = np.flatnonzero((level == 1).any(axis=0))
    objected = (level == 0).any(axis=0)

    delta = np.abs(rng.normal(size=n_draws, scale=DOUBT_SD)).astype(np.float32)
    doubt = (
        np.where(np.arange(n_draws) % 2 == 1, delta, 0).astype(np.float32) if mixed else np.zeros_like(delta)
    )
    weights = (mask / mask.sum(axis=1, keepdims=True)).astype(np.float32)
    party = np.empty((n_draws, len(mask), n_questions), dtype=np.float32)
    everyone = np.empty((n_draws, n_questions), dtype=np.float32)
    joined = np.empty_like(everyone)
    alike, doubtful = np.zeros_like(everyone), np.zeros_like(everyone)
    block = max(1, _BLOCK_CELLS // max(n_members * n_questions, 1))
    with threadpool_limits(limits=1, user_api="blas"):
        for start in range(0, n_draws, block):
            part = slice(start, min(start + block, n_draws))
            eta = model.eta_all(part)
            shifted = eta - doubt[part, None, None]
            drawn = rng.random(shifted.shape, dtype=np.float32) < ndtr(shifted)
            answer = np.where(is_open, drawn, supports).astype(np.float32)
            party[part] = np.matmul(weights, answer)
            everyone[part] = answer.mean(axis=1)
            joined[part] = party[part].min(axis=1)
            if len(held_back):
                answer[:, :, held_back] = np.where(level[:, held_back] == 1, 1, answer[:, :, held_back])
                joined[part][:, held_back] = np.matmul(weights, answer[:, :, held_back]).min(axis=1)
            lowest = model.draws.cuts[part, 0, None, None]
            readings = ((alike, 0.0), (doubtful, delta[part, None, None])) if consensual else ()
            for kept, extra in readings:
                spared = log_ndtr(eta - extra - lowest)
                kept[part] = np.exp(np.where(is_open, spared, 0).sum(axis=1))
    alike[:, objected] = doubtful[:, objected] = 0
    bridging = balanced_support(model, aligned) * _answered_share(current, n_draws, rng)
    return Expectation(party, everyone, joined, bridging, alike, doubtful, doubt, delta)


def _answered_share(current: Positions, n_draws: int, rng: np.random.Generator) -> Float32Array:
    """The share of those asked that answer instead of passing, (n_draws, n_questions).

    A pass is a hurdle of its own: who passes has not come round to support. Each question's share is
    a beta draw around what was seen, with a prior worth `PRIOR_ASKED` people at the overall share.
    """
    passed = np.bincount(current.question[LEVELS[current.response] < 0], minlength=current.n_questions)
    if not passed.any():
        return np.ones((n_draws, current.n_questions), dtype=np.float32)
    answered = np.bincount(current.question, minlength=current.n_questions) - passed
    overall = answered.sum() / len(current)
    drawn = rng.beta(
        answered + PRIOR_ASKED * overall,
        passed + PRIOR_ASKED * (1 - overall),
        size=(n_draws, current.n_questions),
    )
    return np.asarray(drawn, dtype=np.float32)


def balanced_support(model: FittedModel, aligned: Aligned | None) -> Float32Array:
    """Support with the polarity factored out: the mean of support at the two ends of the first
    dimension, a like distance from the middle, so that it does not matter which end has more
    members or has answered more; at the middle where no dimension is supported.
    (n_draws, n_questions)."""
    d = model.draws
    middle = d.col[:, :, 0].astype(np.float64) + d.row[:, :, 0].mean(axis=1, dtype=np.float64)[:, None]
    middle += np.einsum("sk,sqk->sq", d.row[:, :, 1:].mean(axis=1, dtype=np.float64), d.col[:, :, 1:])
    if model.answers.n_groups:
        group = model.answers.group[model.answers.group >= 0]
        sizes = np.bincount(group, minlength=model.answers.n_groups) / model.answers.n_rows
        middle += d.bloc @ sizes
    if aligned is None or aligned.loading.shape[2] == 0:
        return np.asarray(ndtr(middle), dtype=np.float32)
    reach = BRIDGE_AT * aligned.loading[:, :, 0]
    return np.asarray((ndtr(middle + reach) + ndtr(middle - reach)) / 2, dtype=np.float32)
