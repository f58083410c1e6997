"""A council's record to measure with: thirty logs that were really signed, the same bytes for the same seed.

Each member writes at its own desk, as a node does: heads seen, acknowledgements, one checkpoint for what is
signed at once. The desks share one store, so that nobody is ever behind; what a node notes to itself is kept
apart for each member. Making 100,000 entries takes minutes, so that the record is kept under build/.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from allweather.council import bodies as b
from allweather.council.acts import ref_of
from allweather.record.facts import ACK, ack_body, is_bookkeeping
from allweather.record.keys import Signer, format_base64, log_signer, recovery_signer, witness_signer
from allweather.record.members import make_card
from allweather.record.notes import cosign, format_note
from allweather.record.standing import Face, LogStanding, stand
from allweather.record.storage import Batch, Cosigned, grow
from allweather.record.writing import OWN_MARK, SEEN_MARK, Draft, write
from allweather.store import MemoryStore, open_sqlite
from benchmarks.council.acting import DAY, DAYS, WHOLE, Council, Note, draft_of, make, planned, statement

ROOT = Path(__file__).parents[2]
NAME = "bench.example"
N_MEMBERS = 30
START = 1_253_260_800  # 18 September 2009, 08:00 UTC
SEED = 20090918
_STEP = DAY // 2


def origin_of(number: int) -> str:
    """The log of a member."""
    return f"{NAME}/m{number:02d}"


def seed_of(origin: str, word: str) -> bytes:
    """The private key of a member: everyone can work it out."""
    return hashlib.sha256(f"{origin} {word}".encode()).digest()


def signers(origin: str) -> tuple[Signer, Signer, Signer]:
    """The keys of a member: for its log, as a witness, for recovery."""
    return (
        log_signer(origin, seed_of(origin, "log")),
        witness_signer(origin, seed_of(origin, "witness")),
        recovery_signer(origin, seed_of(origin, "recovery")),
    )


MEMBERS = tuple(origin_of(number) for number in range(N_MEMBERS))
CARDS = {origin: make_card(*signers(origin)) for origin in MEMBERS}


@dataclass(frozen=True)
class Made:
    """A record that was made: its folder and charter, how many entries of each kind, acts to ask for."""

    folder: Path
    charter: str
    kinds: Counter[str]
    ids: dict[str, list[str]]
    n_bytes: int

    @property
    def n_entries(self) -> int:
        return sum(self.kinds.values())

    @property
    def end(self) -> int:
        """The time when the last entry was signed."""
        return START + _n_slots(self.n_entries) * _STEP


def _n_slots(n_entries: int) -> int:
    """Half-days that it took: a shorter record is of a shorter time, as busy as the long one."""
    return max(1, round(2 * DAYS * n_entries / WHOLE))


class _Apart:
    """One member's own store: the common one, with its notes to itself kept apart."""

    def __init__(self, common: MemoryStore) -> None:
        self._common = common
        self.marks: dict[str, bytes] = {}

    def mark(self, name: str) -> bytes | None:
        return self.marks.get(name)

    def commit(self, batch: Batch) -> None:
        self.marks.update({name: value for name, value in batch.marks if value is not None})
        self._common.commit(replace(batch, marks=()))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._common, name)


class _Writers:
    """The members at their desks."""

    def __init__(self) -> None:
        self.common = MemoryStore()
        self.common.commit(
            Batch(key_notes=tuple((origin, format_note(CARDS[origin].note)) for origin in MEMBERS))
        )
        self.begun = stand(self.common)
        self.desks = {origin: _Apart(self.common) for origin in MEMBERS}
        self.keys = {origin: signers(origin) for origin in MEMBERS}
        self.sizes: dict[str, dict[str, int]] = {origin: {} for origin in MEMBERS}
        self.kinds: Counter[str] = Counter()
        self.payloads: list[bytes] = []
        self.cosigned: list[Cosigned] = []

    @property
    def n_entries(self) -> int:
        return sum(self.kinds.values())

    def log(self, origin: str) -> LogStanding:
        """Where a log stands. Nobody here disputes one, so that nothing but its head changes."""
        faces = tuple(Face(branch, branch.head.size) for branch in self.common.branches(origin))
        return replace(self.begun.logs[origin], faces=faces)

    def writes(self, origin: str, drafts: list[Draft], at: int) -> list[str]:
        """Sign entries under one checkpoint; their references."""
        desk = self.desks[origin]
        return self._commit(origin, write(desk, self.log(origin), self.keys[origin][0], drafts, at=at))

    def acknowledges(self, origin: str, at: int) -> None:
        """Cosign what is new of others: the entries that `record.writing.acknowledge` would write.

        That one looks for the heads cosigned before in the log itself, each time; here they are remembered.
        """
        log, witness, _ = self.keys[origin]
        before = self.sizes[origin]
        given = []
        for other in MEMBERS:
            if other == origin or not self.common.branches(other):
                continue
            (branch,) = self.common.branches(other)
            start, size = before.get(other, 0), branch.head.size
            if not all(map(is_bookkeeping, self.common.entries(branch, start, size))):
                given.append((branch.head, at, cosign(branch.head.text, witness, at)))
                before[other] = size
        if given:
            batch = write(self.desks[origin], self.log(origin), log, [Draft(ACK, ack_body(given))], at=at)
            lines = tuple(Cosigned(head, line) for head, _, line in given)
            self._commit(origin, replace(batch, cosigned=lines))

    def _commit(self, origin: str, batch: Batch) -> list[str]:
        self.desks[origin].commit(batch)
        self.payloads += batch.payloads
        self.cosigned += batch.cosigned
        entries = batch.growths[0].entries
        self.kinds.update(json.loads(one)["kind"] for one in entries)
        return [ref_of(one) for one in entries]


def made(n_entries: int) -> Made:
    """The record of that many entries, made now or before."""
    code = b"".join((Path(__file__).parent / name).read_bytes() for name in ("making.py", "acting.py"))
    folder = ROOT / "build" / "bench-council" / f"{n_entries}-{hashlib.sha256(code).hexdigest()[:12]}"
    if not (folder / "made.json").is_file():
        print(f"making a record of {n_entries:,} entries in {folder} (minutes)", flush=True)
        _make(folder, n_entries)
    kept = json.loads((folder / "made.json").read_bytes())
    n_bytes = (folder / "record.sqlite").stat().st_size
    return Made(folder, kept["charter"], Counter(kept["kinds"]), kept["ids"], n_bytes)


def _make(folder: Path, n_entries: int) -> None:
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    writers = _Writers()
    dice = np.random.default_rng(SEED)
    council = Council(dice, MEMBERS, START)
    charter = _found(writers)
    slots = planned(n_entries, _n_slots(n_entries), dice)
    left: list[str] = []
    for number, slot in enumerate(slots):
        left = _slot(writers, council, number, [*left, *slot], n_entries)
    _store(part, writers)
    kept = {"charter": charter, "kinds": writers.kinds, "ids": _ids(council)}
    (part / "made.json").write_text(json.dumps(kept, indent=1), encoding="utf-8")
    part.rename(folder)


def _found(writers: _Writers) -> str:
    seats = tuple(b.SeatOf(origin, format_base64(CARDS[origin].digest)) for origin in MEMBERS)
    body = b.Charter(title="A council", members=seats, chairs=seats[:1], tracks=("Water",))
    (charter,) = writers.writes(MEMBERS[0], [draft_of(body)], START)
    for origin in MEMBERS:
        writers.writes(origin, [draft_of(b.Join(charter=charter))], START)
    return charter


def _slot(writers: _Writers, council: Council, number: int, kinds: list[str], n_entries: int) -> list[str]:
    """Half a day: each member comes once, acknowledges and acts. What nobody could do is left for later."""
    dice = council.dice
    order = [MEMBERS[int(one)] for one in dice.permutation(N_MEMBERS)]
    shared = [kinds[k::N_MEMBERS] for k in dice.permutation(N_MEMBERS)]
    left: list[str] = []
    for place, origin in enumerate(order):
        council.now = START + number * _STEP + place * (_STEP // N_MEMBERS)
        if writers.n_entries < n_entries:
            writers.acknowledges(origin, council.now)
        n_sessions = (_n_slots(n_entries) - number) * N_MEMBERS - place
        quota = -(-(n_entries - writers.n_entries) // n_sessions)
        todo = council.take_due(origin)
        for kind in shared[place]:
            found = make(council, kind, origin)
            if found is None:
                left.append(kind)
            else:
                todo.append((draft_of(found[0]), found[1]))
        while len(todo) < quota:
            todo.append(statement(council, origin))
        _write(writers, origin, todo[: max(0, n_entries - writers.n_entries)], council.now)
    return left


def _write(writers: _Writers, origin: str, todo: list[tuple[Draft, Note]], at: int) -> None:
    # An act that names another must not be signed with it: they come in two checkpoints.
    for part in (todo[: len(todo) // 2], todo[len(todo) // 2 :]):
        if part:
            for (_, note), ref in zip(
                part, writers.writes(origin, [one for one, _ in part], at), strict=True
            ):
                note(ref)


def _ids(council: Council) -> dict[str, list[str]]:
    """References of acts that views can be asked for, a hundred of each sort."""
    found = {
        "concern": [ref for ref, _ in council.concerns],
        "text": [one[0] for one in council.texts],
        "decision": [one.ref for one in council.silences],
        "draft": [ref for ref, _ in council.drafts],
    }
    return {name: refs[:: max(1, len(refs) // 100)] for name, refs in found.items()}


def _store(folder: Path, writers: _Writers) -> None:
    """Put everything into one SQLite store, one log a commit."""
    common = writers.common
    with closing(open_sqlite(folder / "record.sqlite", create=True)) as store:
        store.commit(Batch(key_notes=tuple((origin, format_note(CARDS[origin].note)) for origin in MEMBERS)))
        for origin in MEMBERS:
            (branch,) = common.branches(origin)
            entries = common.entries(branch, 0, branch.head.size)
            mine = tuple(one for one in writers.cosigned if one.head.origin == origin)
            store.commit(Batch((grow(None, entries, branch.checkpoint),), cosigned=mine))
        store.commit(Batch(payloads=tuple(writers.payloads)))
    marks = {
        origin: {name: desk.marks[name].decode() for name in (SEEN_MARK, OWN_MARK)}
        for origin, desk in writers.desks.items()
    }
    (folder / "marks.json").write_text(json.dumps(marks), encoding="utf-8")
