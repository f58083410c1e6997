"""Parties: the groupings of members that convergence is measured between.

Declared blocs come first; clusters, where found, stand beside them; where there are neither, the
two ends of the map's first dimension do (thirds, so that nobody near the middle is counted to a
side); without a dimension there is one party, everyone. Members of no bloc are in no bloc.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allweather.positions import Bloc, Positions, Response
from allweather.review.answers import FloatArray
from allweather.review.clusters import Found
from allweather.review.results import Clusters, Party, PartyKind

_KINDS = (
    (Response.SUPPORT,),
    (Response.CONDITIONAL, Response.CONSENT),
    (Response.RESERVE, Response.MIXED, Response.ABSTAIN),
    (Response.OPPOSE,),
    (Response.PASS,),
)


@dataclass(frozen=True, eq=False)
class Parties:
    """Parties with their members as a mask, bool (n_parties, n_members)."""

    parties: tuple[Party, ...]
    mask: npt.NDArray[np.bool_]

    def party_of(self, member: int) -> str:
        """The id of the first party that the member (an index) is in, "" if none."""
        held = np.flatnonzero(self.mask[:, member])
        return self.parties[held[0]].id if len(held) else ""


@dataclass(frozen=True, eq=False)
class Tally:
    """Records on file: `kind` (n_parties, n_questions, 5) by kind of response (support, limited,
    held back, oppose, pass), `basis` (n_parties, n_questions, 3)."""

    kind: npt.NDArray[np.int64]
    basis: npt.NDArray[np.int64]


def parties_of(
    current: Positions, blocs: Sequence[Bloc], clusters: Clusters, first_dimension: FloatArray | None
) -> Parties:
    """The parties of a review. `first_dimension` is (n_members,), posterior means, or None."""
    ids = [member.id for member in current.members]
    found = [Party(bloc.id, bloc.name, PartyKind.BLOC, bloc.members) for bloc in blocs]
    found += clusters.clusters
    if not found and first_dimension is not None:
        low, high = np.quantile(first_dimension, [1 / 3, 2 / 3])
        found = [
            Party("low", "Low end", PartyKind.SIDE, _named(ids, first_dimension <= low)),
            Party("high", "High end", PartyKind.SIDE, _named(ids, first_dimension >= high)),
        ]
    if not found:
        found = [Party("all", "Everyone", PartyKind.SIDE, tuple(ids))]
    place = {one: k for k, one in enumerate(ids)}
    mask = np.zeros((len(found), len(ids)), dtype=bool)
    for k, party in enumerate(found):
        mask[k, [place[one] for one in party.members]] = True
    return Parties(tuple(found), mask)


def clusters_of(current: Positions, found: Found, taken: Sequence[str]) -> Clusters:
    """Name what `find_clusters` found; `taken` are the ids that blocs use already."""
    ids = [member.id for member in current.members]
    names = []
    for k in range(found.n_clusters):
        letter = chr(ord("A") + k)
        names.append((letter if letter not in taken else f"cluster-{letter}", f"Cluster {letter}"))
    clusters = tuple(
        Party(id_, name, PartyKind.CLUSTER, _named(ids, found.label == k))
        for k, (id_, name) in enumerate(names)
    )
    return Clusters(
        found=bool(clusters),
        conclusion=found.conclusion,
        clusters=clusters,
        unplaced=_named(ids, found.label < 0) if clusters else (),
        stability=found.stability,
    )


def tally_of(current: Positions, parties: Parties) -> Tally:
    """Count the records of each party on each question."""
    n_parties, n_questions = len(parties.parties), current.n_questions
    kind_of = np.empty(len(Response), dtype=np.intp)
    for k, responses in enumerate(_KINDS):
        kind_of[list(responses)] = k
    kind = np.zeros((n_parties, n_questions, len(_KINDS)), dtype=np.int64)
    basis = np.zeros((n_parties, n_questions, 3), dtype=np.int64)
    for p in range(n_parties):
        held = parties.mask[p, current.member]
        question = current.question[held]
        np.add.at(kind[p], (question, kind_of[current.response[held]]), 1)
        np.add.at(basis[p], (question, current.basis[held].astype(np.intp)), 1)
    return Tally(kind, basis)


def _named(ids: Sequence[str], mask: npt.NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(ids[k] for k in np.flatnonzero(mask).tolist())
