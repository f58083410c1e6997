"""The peers of a running node with their jobs: begun and ended as peers.toml changes, woken by news."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from allweather.errors import InputError
from allweather.node.jobs import Puller, Teller, Timings
from allweather.node.logs import tell
from allweather.node.peers import Peer, Peers, peers_file, read_peers
from allweather.node.reaching import Way
from allweather.node.rehearsing import Weather
from allweather.node.sharing import SharedDesk


class Neighbours:
    """The pullers and tellers of a node, one of each a peer."""

    def __init__(
        self,
        shared: SharedDesk,
        home: Path,
        pins: Mapping[str, bytes],
        timings: Timings,
        weather: Weather,
        dice: Callable[[], float],
    ) -> None:
        self.after: Callable[[], None] = lambda: None
        """Called when a round brought something new."""
        self._shared, self._home, self._more_pins = shared, home, dict(pins)
        self._timings, self._weather, self._dice = timings, weather, dice
        self._peers = Peers()
        self._read: tuple[int, int] | None = None
        self._turn = threading.Lock()
        self._busy = threading.Lock()
        self._pullers: dict[Peer, Puller] = {}
        self._tellers: dict[Peer, Teller] = {}
        self._is_stopped = False

    def pins(self) -> dict[str, bytes]:
        """The cards that the keeper named."""
        return {**self._peers.pins, **self._more_pins}

    def refresh(self) -> None:
        """Read peers.toml if it has changed; begin and end what follows from it."""
        try:
            found = peers_file(self._home).stat()
            mark: tuple[int, int] | None = (found.st_mtime_ns, found.st_size)
        except OSError:
            mark = (0, 0)
        if mark == self._read:
            return
        self._read = mark
        try:
            self._peers = read_peers(self._home)
        except InputError as error:
            tell("the peers stay as they were", why=str(error))
            return
        with self._busy:
            if not self._is_stopped:
                self._follow()

    def _follow(self) -> None:
        wanted = set(self._peers.peer)
        for gone in set(self._pullers) - wanted:
            self._pullers.pop(gone).stop()
            if gone in self._tellers:
                self._tellers.pop(gone).stop()
        for peer in wanted - set(self._pullers):
            try:
                self._begin(peer)
            except InputError as error:
                tell("this peer cannot be used", peer=peer.address, why=str(error))

    def _begin(self, peer: Peer) -> None:
        puller = Puller(
            self._shared,
            peer,
            self._way(peer, peer.record),
            pins=self.pins,
            turn=self._turn,
            timings=self._timings,
            dice=self._dice,
            after=lambda: self.after(),
        )
        self._pullers[peer] = puller
        if not peer.static:
            teller = Teller(
                self._shared, peer, self._way(peer, peer.address), timings=self._timings, dice=self._dice
            )
            self._tellers[peer] = teller
            teller.start()
        puller.start()

    def _way(self, peer: Peer, address: str) -> Way:
        return way_to(peer, address, self._home, self._timings, self._weather)

    def tell_news(self, source: str) -> None:
        """There is something new here, from the peer at an address or from nobody else."""
        with self._busy:
            tellers = [one for one in self._tellers.values() if not source or one.peer.address != source]
        for one in tellers:
            one.news()

    def hear_news(self, member: str) -> None:
        """A member's node says that it has news: ask it now. Where nobody is named, ask everyone."""
        with self._busy:
            pullers = list(self._pullers.values())
        for one in pullers:
            if not member or one.member in ("", member):
                one.wake()

    def sync_now(self, seconds: float) -> list[dict[str, object]]:
        """A round with every peer, `seconds` at most; how each went."""
        with self._busy:
            pullers = list(self._pullers.values())
        since = [one.n_begun for one in pullers]
        for one in pullers:
            one.wake()
        until = time.monotonic() + seconds
        for one, number in zip(pullers, since, strict=True):
            one.wait_for_round(number, max(0.0, until - time.monotonic()))
        return self.states()

    def states(self) -> list[dict[str, object]]:
        """Each peer and how the last round with it went."""
        with self._busy:
            pullers = sorted(self._pullers.values(), key=lambda one: one.peer.address)
        return [one.state() for one in pullers]

    def stop(self) -> None:
        """End all jobs."""
        with self._busy:
            self._is_stopped = True
            jobs = [*self._pullers.values(), *self._tellers.values()]
        for one in jobs:
            one.stop()

    def join(self, seconds: float) -> None:
        """Wait for their ends."""
        until = time.monotonic() + seconds
        for one in (*self._pullers.values(), *self._tellers.values()):
            one.join(until - time.monotonic())


def way_to(peer: Peer, address: str, home: Path, timings: Timings, weather: Weather) -> Way:
    """The way to a peer, under one of its addresses. Raises InputError."""
    return Way(
        address,
        allow_plain=peer.allow_plain,
        ca=home / peer.ca if peer.ca else None,
        wait=timings.wait,
        longest=timings.round,
        check=weather.check_way_out,
    )


def sync_once(shared: SharedDesk, home: Path, pins: Mapping[str, bytes]) -> list[dict[str, object]]:
    """One round with every peer of a home whose node does not run; how each went."""
    timings, weather = Timings(gap=0.0), Weather()
    kept = read_peers(home)
    turn = threading.Lock()
    found = []
    for peer in kept.peer:
        way = way_to(peer, peer.record, home, timings, weather)
        puller = Puller(
            shared,
            peer,
            way,
            pins=lambda: {**kept.pins, **pins},
            turn=turn,
            timings=timings,
            dice=lambda: 0.0,
        )
        puller.step()
        way.close()
        found.append(puller.state())
    return found
