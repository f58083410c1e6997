"""Nodes for tests: homes made once with few rounds of bcrypt, copied, and run in this process on loopback."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from allweather.council.bodies import Charter, Join, SeatOf, Statement
from allweather.node import making
from allweather.node.actions import Doing
from allweather.node.home import Home, Passphrase
from allweather.node.jobs import Timings
from allweather.node.peers import Peer, read_peers, with_peer, write_peers
from allweather.node.running import Node
from allweather.record.keys import format_base64

COUNCIL = "nrc.example"
NAMES = ("ann", "ben", "cem")
QUICK = Timings(every=0.2, gap=0.01, first=0.05, most=0.5, wait=5.0, duty=0.2, slice=0.05)
SLOW = Timings(every=600.0, gap=0.01, first=0.05, most=0.5, wait=5.0, duty=600.0, slice=0.05)


def origin(name: str) -> str:
    return f"{COUNCIL}/{name}"


def make_homes(folder: Path) -> dict[str, bytes]:
    """A home of each member; the digests of their cards."""
    secret = folder / "passphrase"
    secret.touch(mode=0o600)
    secret.write_text("correct horse\n", encoding="utf-8")
    words = {word: Passphrase(secret) for word in ("log", "witness", "recovery")}
    return {name: making.make_home(Home(folder / name, origin(name)), None, words) for name in NAMES}


def until(true: Callable[[], object], seconds: float = 120.0) -> None:
    """Wait until something holds. A machine that is slow fails nothing; what never comes does."""
    ends = time.monotonic() + seconds
    while not true():
        if time.monotonic() > ends:
            raise AssertionError("it did not happen in time")
        time.sleep(0.005)


@dataclass
class Member:
    """A member with its home and, while it runs, its node."""

    name: str
    home: Path
    cards: Mapping[str, bytes]
    node: Node | None = None
    shift: int = 0

    @property
    def origin(self) -> str:
        return origin(self.name)

    @property
    def secret(self) -> Path:
        return self.home.parent / "passphrase"

    @property
    def running(self) -> Node:
        assert self.node is not None
        return self.node

    @property
    def pins(self) -> dict[str, bytes]:
        return {origin(name): digest for name, digest in self.cards.items()}

    def start(self, timings: Timings = QUICK, *, meet: bool = True, **settings: Any) -> str:
        pins = self.pins if meet else {}
        self.node = Node(
            self.home,
            Passphrase(self.secret),
            lambda: int(time.time()) + self.shift,
            timings=timings,
            **{"pins": pins, **settings},
        )
        return self.node.start()

    def stop(self) -> None:
        if self.node is not None:
            self.node.stop()
            self.node.join(20.0)
            self.node = None

    def add(self, other: Member | str, **about: Any) -> None:
        """Make another a peer, at once."""
        address = other if isinstance(other, str) else other.running.address
        write_peers(self.home, with_peer(read_peers(self.home), Peer(address, **about)))
        if self.node is not None:
            self.node.neighbours.refresh()

    def sign(self, *bodies: Any, content: bytes | None = None) -> str:
        """Sign acts; the reference of the last."""
        return self.running.shared.sign(*(Doing(body, content) for body in bodies))[-1].ref

    def found(self, *names: str) -> str:
        """Sign a charter with these members; its reference."""
        seats = tuple(SeatOf(origin(name), format_base64(self.cards[name])) for name in names)
        return self.sign(Charter(title="Test", members=seats))

    def join(self, charter: str) -> str:
        return self.sign(Join(charter=charter))

    def holds(self, ref: str) -> bool:
        shared = self.running.shared
        with shared.lock:
            return ref in shared.actions.view().fold.acts

    def size(self, name: str) -> int:
        branches = self.running.shared.desk.storage.branches(origin(name))
        return max((one.head.size for one in branches), default=0)

    def digest(self) -> str:
        shared = self.running.shared
        with shared.lock:
            return shared.actions.view().fold.digest

    @property
    def token(self) -> str:
        return (self.home / "token").read_text(encoding="ascii").strip()

    def ask(self, method: str, path: str, *, token: str | None = None, **more: Any) -> httpx.Response:
        """One request with the token, or with another."""
        given = self.token if token is None else token
        headers = {"Authorization": f"Bearer {given}"} if given else {}
        with httpx.Client(trust_env=False, timeout=30) as client:
            return client.request(method, self.running.address + path, headers=headers, **more)


def statement(text: str = "We see it so.") -> Statement:
    return Statement(words=text)


@dataclass
class Members:
    """All members; whoever runs is stopped at the end."""

    folder: Path
    cards: Mapping[str, bytes]
    found: dict[str, Member] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Member:
        if name not in self.found:
            self.found[name] = Member(name, self.folder / name, self.cards)
        return self.found[name]


@contextmanager
def members_in(made: tuple[Path, dict[str, bytes]], folder: Path) -> Iterator[Members]:
    source, cards = made
    shutil.copytree(source, folder, dirs_exist_ok=True)
    members = Members(folder, cards)
    try:
        yield members
    finally:
        for one in members.found.values():
            one.stop()
