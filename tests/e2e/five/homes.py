"""Five members of one council, made once: keys, cards, logs, and a charter that all have joined."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from allweather.council.acts import ref_of
from allweather.council.bodies import Charter, Join, Rules, SeatOf
from allweather.node.actions import Actions, Doing
from allweather.node.home import Desk, Home, Passphrase, at_desk
from allweather.node.making import make_home
from allweather.node.taking import Taking
from allweather.record.entries import parse_entry
from allweather.record.facts import ACK, acknowledged
from allweather.record.keys import format_base64
from allweather.record.writing import Draft, write
from allweather.sync.layout import Publication

COUNCIL = "weather.example"
NAMES = ("ann", "ben", "cem", "dora", "emil")
DAY = 86_400
RULES = Rules(witnesses=2, shortest_silence=300, hold=600, catch_up=DAY, statements=2 * DAY)
"""With two witnesses no single clock that is wrong decides anything."""


def origin(name: str) -> str:
    """The name of a member's log."""
    return f"{COUNCIL}/{name}"


@dataclass(frozen=True)
class Template:
    """A folder with five homes that nothing has happened to yet."""

    folder: Path

    def copy(self, folder: Path) -> dict[str, Path]:
        """The same five homes elsewhere, by name."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return {name: folder / name for name in NAMES}


def secret_in(folder: Path) -> Path:
    """Where the passphrase of all homes in a folder stands."""
    return folder / "passphrase"


def make_template(folder: Path) -> Template:
    """Make five members, found their council ten days ago and let all take their seats."""
    folder.mkdir(parents=True, exist_ok=True)
    secret = secret_in(folder)
    secret.touch(mode=0o600)
    secret.write_text("come rain or shine\n", encoding="utf-8")
    words = {word: Passphrase(secret) for word in ("log", "witness", "recovery")}
    cards = {name: make_home(Home(folder / name, origin(name)), None, words, rounds=1) for name in NAMES}
    pins = {origin(name): digest for name, digest in cards.items()}
    at = int(time.time()) - 10 * DAY
    seats = tuple(SeatOf(name, format_base64(digest)) for name, digest in pins.items())
    founder = folder / NAMES[0]
    charter = _sign(
        founder, secret, lambda: at, Charter(title="Five in the weather", members=seats, rules=RULES)
    )
    for name in NAMES:
        if name != NAMES[0]:
            _take(folder / name, founder, secret, pins)
        _sign(folder / name, secret, lambda: at, Join(charter=charter))
        _take(founder, folder / name, secret, pins)
    for name in NAMES[1:]:
        _take(folder / name, founder, secret, pins)
    return Template(folder)


def _sign(home: Path, secret: Path, clock: Callable[[], int], body: Charter | Join) -> str:
    with at_desk(home, Passphrase(secret)) as desk:
        return Actions(desk, clock).sign(Doing(body))[0].ref


def _take(home: Path, other: Path, secret: Path, pins: dict[str, bytes]) -> None:
    """Take in what another home holds."""
    with (
        at_desk(other, Passphrase(secret), writes=False) as source,
        at_desk(home, Passphrase(secret)) as desk,
    ):
        published = Publication(source.storage, source.standing, source.home.origin)
        taking = Taking(desk, pins, False)
        pull = taking.begin(False)
        while paths := pull.outgoing():
            for path in paths:
                pull.receive(path, published.read(path))
        taking.end(pull.report, None, False)
        assert pull.report.complete, (taking.faults, pull.report.faults)


@dataclass(frozen=True)
class Held:
    """What a store holds: each entry's reference and bytes by log, logs with two faces, texts that lack."""

    entries: dict[str, dict[str, bytes]]
    two_faced: tuple[str, ...]
    n_wanted: int


def held_in(home: Path, secret: Path) -> Held:
    """What a home holds, read from its store, past node and fold."""
    with at_desk(home, Passphrase(secret), writes=False) as desk:
        storage = desk.storage
        entries: dict[str, dict[str, bytes]] = {}
        two_faced = []
        for log in storage.origins():
            branches = storage.branches(log)
            if len(branches) > 1:
                two_faced.append(log)
            found = [data for one in branches for data in storage.entries(one, 0, one.head.size)]
            entries[log] = {ref_of(data): data for data in found}
        return Held(entries, tuple(two_faced), len(storage.wanted()))


def slip_in(home: Path, secret: Path, kind: str, fields: dict[str, object], *, at: int, shown_by: int) -> str:
    """Write an act past the node's rules, dated `at`: what a member may do who wrote its own program.

    Nothing is written unless the log's author had seen two other members state a time after `shown_by`: only
    then does the record itself show that the act was made late. Gives its reference, or nothing.
    """
    with at_desk(home, Passphrase(secret)) as desk:
        if len(_stating(desk, shown_by)) < RULES.witnesses:
            return ""
        batch = write(desk.storage, desk.own, desk.signer("log"), [Draft(kind, fields)], at=at)
        desk.commit(batch)
        return ref_of(batch.growths[0].entries[-1])


def _stating(desk: Desk, after: int) -> set[str]:
    """The other members that state in an acknowledgement held here a time after that one."""
    found = set()
    for log in desk.storage.origins():
        for branch in desk.storage.branches(log):
            for data in desk.storage.entries(branch, 0, branch.head.size):
                entry = parse_entry(data)
                if entry.kind == ACK and log != desk.home.origin:
                    found |= {log for _, _, at in acknowledged(entry) if after < at < after + DAY // 2}
    return found
