"""The board: every track with its commitments by state, its packages, and whatever does not count."""

from __future__ import annotations

from dataclasses import dataclass

from allweather.cooperation.bodies import KINDS
from allweather.cooperation.commitments import Commitment, commitments
from allweather.cooperation.packages import Package, packages
from allweather.cooperation.parts import State
from allweather.cooperation.rules import refused
from allweather.cooperation.tracks import TrackState, tracks
from allweather.council.membership import Refusal
from allweather.council.view import View


@dataclass(frozen=True, slots=True)
class Row:
    """The commitments of a track in one state, by log and index."""

    state: State
    commitments: tuple[Commitment, ...]


@dataclass(frozen=True, slots=True)
class TrackBoard:
    """One track: its commitments in rows by state (in the order of `State`; no empty rows), its packages."""

    track: TrackState
    rows: tuple[Row, ...]
    packages: tuple[Package, ...]

    @property
    def n_commitments(self) -> int:
        """How many commitments stand in the track, in any state."""
        return sum(len(row.commitments) for row in self.rows)


@dataclass(frozen=True, slots=True)
class Board:
    """All tracks, and all acts of cooperation that do not count, with the reasons."""

    tracks: tuple[TrackBoard, ...]
    refused: tuple[Refusal, ...]


def board(view: View) -> Board:
    """Cooperation in the council as of the view."""
    return view.memo("cooperation: board", lambda: _board(view))


def _board(view: View) -> Board:
    acts = [act for kind in KINDS.values() for act in view.fold.of(kind)]
    return Board(tuple(_track(view, one) for one in tracks(view)), refused(view, acts))


def _track(view: View, one: TrackState) -> TrackBoard:
    mine = [found for found in commitments(view) if found.terms.track == one.name]
    rows = tuple(Row(state, tuple(found for found in mine if found.state is state)) for state in State)
    return TrackBoard(one, tuple(row for row in rows if row.commitments), packages(view, one.name))
