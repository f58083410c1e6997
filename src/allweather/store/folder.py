"""A record in a folder of static files: what a web server or a stick can hold, and itself a whole store.

    <council>/<member>/checkpoint            the log's head, a signed note
    <council>/<member>/tile/<L>/<N>[.p/<W>]  hash tiles; entry bundles in tile/entries/ (C2SP tlog-tiles)
    <council>/<member>/keys/<hex>            card and successions, by the SHA-256 of the note
    <council>/<member>/payload/<hex>         nonce and content: `sha256sum` of the file gives its name
    <council>/<member>/equivocations/<hex>   proofs that the log has two faces
    <council>/<member>/branch/<n>/           a further face: `checkpoint` and `tile/` of its own, whole, and
                                             `fork`, two lines: its parent's number, the size where it left
    .allweather/                             the holder's own, not to be published: lock, journal, files not
                                             yet in place, payloads that no entry names

A batch: its files are written into `.allweather/staged` and synced; a line of the journal, synced, commits
it (`journal.py`); then tiles and all else are renamed into place and synced, then checkpoints, and only
then are partial tiles removed that have been superseded. Cut off at any point, a log shows its old head or
its new one, and all files of that head are there; opening the folder finishes what was committed. Redacting
a payload removes its file; what a disk or a copy keeps of it is beyond us.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from allweather.errors import Malformed, StoreError
from allweather.record.checkpoints import parse_checkpoint
from allweather.record.entries import MAX_PAYLOAD
from allweather.record.keys import check_origin, parse_base64, parse_decimal
from allweather.record.merkle import MAX_SIZE, read_edge
from allweather.record.storage import MAX_BRANCHES, Batch, Branch, Cosigned, Growth, Wanted
from allweather.record.tiles import HEIGHT, WIDTH, Tile, node_reader, parse_bundle, parse_tile, tile_path
from allweather.store.disk import make_folder, read_file, reason
from allweather.store.growing import Place, check_batch, check_blob, damaged, is_fork, missing, place_of
from allweather.store.journal import Journal, Line
from allweather.store.locking import WriterLock
from allweather.store.planning import Plan, carry_out, plan_growth, sweep

_OWN = ".allweather"
_LOOSE = f"{_OWN}/payload"
_MAX_FILE = 2 * MAX_PAYLOAD
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)
_NAMED = re.compile(rb'"hash":"([A-Za-z0-9+/]{43}=)"')


class FolderStore:
    """A store in a folder; with `create` the folder is made if need be. It may be used from several threads.

    Raises StoreError if the folder cannot be opened or another process writes to it.
    """

    def __init__(self, path: Path | str, *, create: bool) -> None:
        self._root = Path(path).absolute()
        own = self._root / _OWN
        if not create and not (own / "journal").exists():
            raise StoreError(f"{path} holds no store; check the path, or create one")
        self._busy = threading.RLock()
        self._closed = self._unfinished = False
        self._branches: dict[str, dict[int, Branch]] = {}
        self._payloads: dict[bytes, str] | None = None
        try:
            make_folder(self._root)
            make_folder(own / "staged", 0o700)
        except OSError as error:
            raise StoreError(f"{path} cannot be opened for writing: {reason(error)}") from error
        self._lock = WriterLock(own / "lock", self._root)
        try:
            with self._telling():
                self._journal = Journal(own / "journal")
        except BaseException:
            self._lock.release()
            raise
        try:
            with self._telling():
                carry_out(self._root, self._journal.last)
                sweep(own / "staged")
        except BaseException:
            self.close()
            raise

    def origins(self) -> tuple[str, ...]:
        """The logs whose members' cards are held."""
        with self._reading():
            return tuple(one for one in self._logs() if any(self._names(f"{one}/keys")))

    def key_notes(self, origin: str) -> tuple[bytes, ...]:
        """The card and the successions of a member: the card first, then by their number."""
        folder = f"{check_origin(origin)}/keys"
        with self._reading():
            return tuple(sorted(self._contents(folder), key=_note_order))

    def branches(self, origin: str) -> tuple[Branch, ...]:
        """The branches held of a log."""
        check_origin(origin)
        with self._reading():
            held = self._held(origin)
            return tuple(held[number] for number in sorted(held))

    def entries(self, branch: Branch, start: int, end: int) -> list[bytes]:
        """The entries [start, end) of a branch: whole bundles are read, so ask for whole bundles."""
        found: list[bytes] = []
        with self._reading():
            size = self._size(branch, start, end)
            for index in range(start // WIDTH, -(-end // WIDTH) if end > start else 0):
                tile = Tile(None, index, min(WIDTH, size - index * WIDTH))
                data = self._tile(branch.origin, branch.number, tile)
                entries = parse_bundle(data, count=tile.width, where=tile_path(tile))
                found += entries[max(0, start - tile.start) : end - tile.start]
        return found

    def nodes(self, branch: Branch, level: int, start: int, end: int) -> list[bytes]:
        """The hashes [start, end) of a tile level above 0."""
        found: list[bytes] = []
        with self._reading():
            size = self._size(branch, start << HEIGHT * level, end << HEIGHT * level) >> HEIGHT * level
            for index in range(start // WIDTH, -(-end // WIDTH) if end > start else 0):
                first = index * WIDTH
                tile = Tile(level, index, min(WIDTH, size - first))
                data = self._tile(branch.origin, branch.number, tile)
                hashes = parse_tile(data, width=tile.width, where=tile_path(tile))
                found += hashes[max(0, start - first) : end - first]
        return found

    def payload(self, digest: bytes) -> bytes | None:
        """The blob of this SHA-256."""
        with self._reading():
            folder = self._places().get(digest)
            if folder is None:
                return None
            blob = read_file(self._root / folder / digest.hex(), _MAX_FILE)
            if blob is None:
                raise StoreError(f"{self._root} is damaged: payload {digest.hex()} is gone; fetch it anew")
            return check_blob(digest, blob, str(self._root))

    def is_erased(self, digest: bytes) -> bool:
        """Whether a payload was redacted."""
        with self._reading():
            return digest in self._journal.erased

    def wanted(self) -> tuple[Wanted, ...]:
        """The payloads named and neither held nor erased."""
        with self._reading():
            found = [
                (origin, digest) for digest, origins in self._journal.wanted.items() for origin in origins
            ]
            return tuple(Wanted(*one) for one in sorted(found))

    def cosigned(self, origin: str, size: int) -> tuple[Cosigned, ...]:
        """The cosignatures on heads of one log at one size."""
        with self._reading():
            found = self._journal.cosigned.get((origin, size), ())
            return tuple(sorted(found, key=lambda one: (one.line.name, one.line.signature)))

    def equivocations(self, origin: str) -> tuple[bytes, ...]:
        """The proofs held that a log has two faces."""
        folder = f"{check_origin(origin)}/equivocations"
        with self._reading():
            return tuple(sorted(self._contents(folder)))

    def mark(self, name: str) -> bytes | None:
        """One of the holder's own notes to itself."""
        with self._reading():
            return self._journal.marks.get(name)

    def commit(self, batch: Batch) -> None:
        """Take in a batch as a whole: when its line of the journal is synced."""
        with self._reading():
            check_batch(batch, self._place)
            line = Line(self._journal.last.number + 1, marks=dict(batch.marks), cosigned=list(batch.cosigned))
            plan = Plan(self._root, f"{_OWN}/staged/{line.number}", line)
            grown = {(one.branch.origin, one.branch.number): one.branch for one in batch.growths}
            try:
                self._plan(plan, batch)
                plan.sync()
                self._journal.append(line)
            except BaseException:
                if not self._journal.is_broken:  # else nobody knows yet whether the batch has happened
                    sweep(self._root / _OWN / "staged")
                raise
            # From here on the batch has happened; what cannot be finished now is so before the next reading.
            for (origin, number), branch in grown.items():
                self._held(origin)[number] = branch
            places = self._places()
            places.update(plan.payloads)
            for digest in line.erased:
                places.pop(digest, None)
            self._unfinished = True
            with suppress(StoreError, OSError):
                self._catch_up()

    def close(self) -> None:
        """Let another write."""
        with self._busy:
            if not self._closed:
                self._closed = True
                self._journal.close()
                self._lock.release()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._busy, self._telling():
            if self._closed:
                raise StoreError(f"{self._root} is closed; open it again")
            self._catch_up()
            yield

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except Malformed as error:
            raise damaged(str(self._root), error) from error
        except OSError as error:
            raise StoreError(f"{self._root}: {reason(error)}") from error

    def _catch_up(self) -> None:
        if self._unfinished:
            carry_out(self._root, self._journal.last)
            self._unfinished = False
            self._journal.shorten()

    def _plan(self, plan: Plan, batch: Batch) -> None:
        for growth in batch.growths:
            self._plan_growth(plan, growth)
        for origin, note in dict.fromkeys(batch.key_notes):
            plan.write(f"{origin}/keys/{hashlib.sha256(note).hexdigest()}", note)
        for origin, proof in dict.fromkeys(batch.equivocations):
            plan.write(f"{origin}/equivocations/{hashlib.sha256(proof).hexdigest()}", proof)
        self._plan_payloads(plan, batch)

    def _plan_growth(self, plan: Plan, growth: Growth) -> None:
        branch = growth.branch
        held = self._held(branch.origin)
        if branch.number in held:
            plan_growth(plan, growth, _home(branch.origin, branch.number), growth.start)
        elif branch.parent is None:
            plan_growth(plan, growth, None, 0)
        else:
            size = plan.sizes.get((branch.origin, branch.parent))
            if size is None:
                size = held[branch.parent].head.size
            plan_growth(plan, growth, _home(branch.origin, branch.parent), size)
        plan.sizes[branch.origin, branch.number] = branch.head.size

    def _plan_payloads(self, plan: Plan, batch: Batch) -> None:
        line, places = plan.line, self._places()
        owners: dict[bytes, set[str]] = {}
        if batch.payloads or self._names(_LOOSE):
            for growth in batch.growths:
                for entry in growth.entries:
                    for name in _NAMED.findall(entry):
                        with suppress(Malformed):
                            owners.setdefault(parse_base64(name.decode()), set()).add(growth.branch.origin)
        for one in batch.wanted:
            owners.setdefault(one.digest, set()).add(one.origin)
        line.erased = list(dict.fromkeys(batch.erased))
        gone = self._journal.erased.union(line.erased) if line.erased else self._journal.erased
        for digest in line.erased:
            if digest in places:
                line.removes.append(f"{places[digest]}/{digest.hex()}")
        blobs = {hashlib.sha256(blob).digest(): blob for blob in batch.payloads}
        for digest, blob in blobs.items():
            if digest not in gone and digest not in places:
                origins = owners.get(digest, set()) | self._journal.wanted.get(digest, set())
                folder = f"{min(origins)}/payload" if origins else _LOOSE
                plan.write(f"{folder}/{digest.hex()}", blob)
                plan.payloads[digest] = folder
                line.held.append(digest)
        for digest, origins in owners.items():
            if places.get(digest) == _LOOSE and digest not in gone:
                folder = plan.payloads[digest] = f"{min(origins)}/payload"
                plan.move(f"{_LOOSE}/{digest.hex()}", f"{folder}/{digest.hex()}")
        line.wanted = [
            (one.digest, one.origin)
            for one in batch.wanted
            if one.digest not in gone and one.digest not in places and one.digest not in plan.payloads
        ]

    def _place(self, origin: str, number: int) -> Place | None:
        held = self._held(origin).get(number)
        return None if held is None else place_of(held)

    def _size(self, branch: Branch, start: int, end: int) -> int:
        """The size of a branch as it is held now: its partial tiles are named by that."""
        if start >= end:
            return 0
        held = self._held(branch.origin).get(branch.number)
        if held is None or not 0 <= start < end <= held.head.size:
            raise missing(branch.origin, branch.number, str(self._root))
        return held.head.size

    def _held(self, origin: str) -> dict[int, Branch]:
        """The branches of a log, read once."""
        found = self._branches.get(origin)
        if found is None:
            found = {}
            first = self._read_branch(origin, 0, found)
            names = self._names(f"{origin}/branch") if first else []
            numbers = sorted(parse_decimal(name, limit=MAX_BRANCHES) for name in names)
            for number in numbers:
                self._read_branch(origin, number, found)
            self._branches[origin] = found
        return found

    def _read_branch(self, origin: str, number: int, found: dict[int, Branch]) -> bool:
        home = _home(origin, number)
        data = read_file(self._root / home / "checkpoint", _MAX_FILE)
        if data is None:
            return False
        checkpoint = parse_checkpoint(data, where=f"{home}/checkpoint")
        size, parent, fork_at = checkpoint.head.size, None, 0
        if number:
            fork = (read_file(self._root / home / "fork", 64) or b"").decode("ascii", "replace").split("\n")
            if len(fork) != 3:
                raise Malformed("it does not say where it left its parent", where=f"{home}/fork")
            parent, fork_at = (
                parse_decimal(fork[0], limit=MAX_BRANCHES),
                parse_decimal(fork[1], limit=MAX_SIZE),
            )
            above = found.get(parent)
            if above is None or fork_at > size or not is_fork(number, parent, fork_at, above.head.size):
                raise Malformed("it leaves no branch that is held", where=f"{home}/fork")
        if checkpoint.head.origin != origin:
            raise Malformed("it is another log's", where=f"{home}/checkpoint")
        edge = read_edge(size, node_reader(lambda tile: self._tile(origin, number, tile), size))
        if edge.root() != checkpoint.head.root:
            raise Malformed("its tiles do not lead to the root of its checkpoint", where=home)
        found[number] = Branch(number, checkpoint, edge, parent, fork_at)
        return True

    def _tile(self, origin: str, number: int, tile: Tile) -> bytes:
        data = read_file(self._root / _home(origin, number) / tile_path(tile), _MAX_FILE)
        if data is None:
            raise missing(origin, number, str(self._root))
        return data

    def _logs(self) -> list[str]:
        found = []
        for council in self._names(""):
            for member in self._names(council):
                with suppress(Malformed):
                    found.append(check_origin(f"{council}/{member}"))
        return sorted(found)

    def _names(self, folder: str) -> list[str]:
        try:
            return sorted(one.name for one in (self._root / folder).iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []

    def _contents(self, folder: str) -> Iterator[bytes]:
        """The files of a folder whose names are their SHA-256."""
        for name in self._names(folder):
            data = read_file(self._root / folder / name, _MAX_FILE)
            if data is None or hashlib.sha256(data).hexdigest() != name:
                raise Malformed("it is not the file of that hash", where=f"{folder}/{name:.80}")
            yield data

    def _places(self) -> dict[bytes, str]:
        """The folder of each payload held, listed once."""
        if self._payloads is None:
            folders = [_LOOSE, *(f"{origin}/payload" for origin in self._logs())]
            self._payloads = {
                bytes.fromhex(name): folder
                for folder in folders
                for name in self._names(folder)
                if _HEX.fullmatch(name)
            }
        return self._payloads


def _home(origin: str, number: int) -> str:
    return f"{origin}/branch/{number}" if number else origin


def _note_order(note: bytes) -> tuple[int, int, bytes]:
    lines = note.split(b"\n", 3)
    if lines[0] == b"allweather/member@v1":
        return 0, 0, note
    number = lines[2] if len(lines) > 2 else b""
    return 1, int(number) if number.isdigit() and len(number) < 10 else 0, note
