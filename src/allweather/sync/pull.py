"""Pull: take in what another node publishes, as a state machine without a network.

    pull = Pull(storage, own="nrc.example/norway", accept=lambda card: ...)
    while (paths := pull.outgoing()):
        for path in paths:
            pull.receive(path, <the file's bytes, or None where there is none>)
    pull.report            what was taken in, and what did not hold

Two nodes reconcile by pulling from each other. What was verified is committed log by log; whatever is lost,
cut, doubled or spoiled on the way is not believed and can be asked for again. Everything that another holds
is taken in, of every log, so that a member's word arrives as long as one node that has it can be reached.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from allweather.errors import InputError, Malformed, NotVerified
from allweather.record.checkpoints import Checkpoint, open_checkpoint, parse_checkpoint
from allweather.record.entries import MAX_PAYLOAD, NONCE_SIZE, is_bound, payload_hash
from allweather.record.facts import Acknowledgement, Redaction, collect
from allweather.record.keys import format_base64
from allweather.record.members import (
    CARD,
    MAX_SUCCESSIONS,
    Card,
    KeyHistory,
    Succession,
    is_recovered,
    normal_card,
    normal_succession,
    parse_card,
    parse_succession,
)
from allweather.record.merkle import HASH_SIZE
from allweather.record.notes import MAX_NOTE, format_note, verified_note
from allweather.record.proofs import (
    parse_equivocation,
    verify_equivocation,
)
from allweather.record.standing import Standing, held_log, known_log_keys, stand
from allweather.record.storage import (
    MAX_BRANCHES,
    MAX_FACES_OF_KEY,
    Batch,
    Branch,
    Cosigned,
    Growth,
    Storage,
    Wanted,
    edge_at,
    grow,
    read_tile,
    root_at,
)
from allweather.record.tiles import (
    HEIGHT,
    MAX_BUNDLE,
    WIDTH,
    Tile,
    bundles_of,
    parse_bundle,
    parse_tile,
    tile_path,
)
from allweather.sync.faces import contradiction, is_later, n_shared, speaks
from allweather.sync.layout import (
    INDEX,
    MAX_INDEX,
    Index,
    ListedBranch,
    ListedLog,
    branch_prefix,
    digest_name,
    named_payload,
    parse_index,
)

_T = TypeVar("_T")
Files = dict[str, bytes | None]
Asking = Generator[Sequence[str], Files, _T]
_WINDOW = 32
_PAYLOADS_AT_ONCE = 64
_PAYLOADS_EACH = 10_000
MAX_NEW_BYTES = 2**30
_MAX_TILE = WIDTH * HASH_SIZE
_MAX_PROOF_FILE = 2**16


@dataclass(slots=True)
class Report:
    """What a pull brought. `entries` counts those newly held of each log; `faults` are sentences."""

    node: str = ""
    complete: bool = False
    entries: dict[str, int] = field(default_factory=dict)
    n_payloads: int = 0
    met: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    two_faced: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class Pull:
    """One round of taking in what another node publishes.

    `accept` decides whether the card of a member that is not held yet may be taken in. `standing` is where
    the logs of `storage` stand now; it is computed afresh if it is not at hand.
    """

    def __init__(
        self,
        storage: Storage,
        *,
        accept: Callable[[Card], bool],
        standing: Standing | None = None,
        quorum: int | None = None,
        max_new_bytes: int = MAX_NEW_BYTES,
    ) -> None:
        self.report = Report()
        self._storage = storage
        self._accept = accept
        self._quorum = quorum
        self._standing = standing or stand(storage, quorum=quorum)
        self._max_new_bytes = max_new_bytes
        self._n_new_bytes = 0
        self._redacting = False
        self._files: Files = {}
        self._asking = self._run()
        self._asked: tuple[str, ...] = tuple(next(self._asking))

    def outgoing(self) -> tuple[str, ...]:
        """The paths that are waited for; none when the pull is over."""
        return tuple(path for path in self._asked if path not in self._files)

    def receive(self, path: str, data: bytes | None) -> None:
        """The file at a path, or None where there is none. What was not asked for is ignored."""
        if path not in self._asked or path in self._files:
            return
        too_long = data is not None and len(data) > self.limit(path)
        self._files[path] = None if too_long else data
        while self._asked and not self.outgoing():
            files, self._files = self._files, {}
            try:
                self._asked = tuple(dict.fromkeys(self._asking.send(files)))
            except StopIteration:
                self._asked = ()

    @staticmethod
    def limit(path: str) -> int:
        """The most bytes that the file at a path may have, for whoever reads it."""
        if path == INDEX:
            return MAX_INDEX
        if "/tile/entries/" in path:
            return MAX_BUNDLE
        if "/tile/" in path:
            return _MAX_TILE
        if "/payload/" in path:
            return MAX_PAYLOAD + NONCE_SIZE
        return _MAX_PROOF_FILE if "/equivocations/" in path else MAX_NOTE

    def _run(self) -> Asking[None]:
        files = yield (INDEX,)
        data = files[INDEX]
        if data is None:
            self.report.faults.append("there is no index: this is not what a node publishes")
            return
        try:
            index = parse_index(data)
        except Malformed as error:
            self.report.faults.append(str(error))
            return
        self.report.node = index.node
        yield from self._take_keys(index)
        for listed in index.logs:
            if listed.origin in self._standing.logs:
                yield from self._take_log(listed)
        redacted = self._obey_redactions()
        yield from self._take_payloads(redacted)
        self.report.complete = not self.report.faults

    def _take_keys(self, index: Index) -> Asking[None]:
        changed = False
        for listed in index.logs:
            held = {digest_name(note) for note in self._storage.key_notes(listed.origin)}
            paths = [f"{listed.origin}/keys/{name}" for name in listed.keys if name not in held]
            for start in range(0, len(paths), _WINDOW):
                some = paths[start : start + _WINDOW]
                files = yield some
                for path in some:
                    changed |= self._take_key_note(listed.origin, path, files[path])
        if changed:
            self._standing = stand(self._storage, quorum=self._quorum)

    def _take_key_note(self, origin: str, path: str, data: bytes | None) -> bool:
        if data is None:
            return self._fault(f"{path} is listed but not there")
        held = self._storage.key_notes(origin)
        try:
            if data.startswith(CARD.encode()):
                note = self._card_note(origin, path, data, held)
            else:
                note = self._succession_note(origin, path, data, held)
        except InputError as error:
            return self._fault(str(error))
        if note is None or note in held or len(held) >= MAX_SUCCESSIONS:
            return False
        self._storage.commit(Batch(key_notes=((origin, note),)))
        return True

    def _card_note(self, origin: str, path: str, data: bytes, held: Sequence[bytes]) -> bytes | None:
        card = parse_card(data, where=path)
        if card.origin != origin:
            raise NotVerified(f"{path} belongs to {card.origin}")
        if held:
            if parse_card(held[0]).digest != card.digest:
                raise NotVerified(f"{path} is another card of {origin} than the one that is held")
            return None
        if not self._accept(card):
            self.report.unknown.append(origin)
            return None
        self.report.met.append(origin)
        return format_note(normal_card(card).note)

    def _succession_note(self, origin: str, path: str, data: bytes, held: Sequence[bytes]) -> bytes | None:
        succession = parse_succession(data, where=path)
        if succession.origin != origin:
            raise NotVerified(f"{path} belongs to {succession.origin}")
        if not held:
            return None
        before: list[Card | Succession] = [parse_card(held[0]), *map(parse_succession, held[1:])]
        # Anybody can write a succession. It is kept if a recovery key signed it, or if somebody attests it.
        if not is_recovered(succession, before) and succession.digest not in self._standing.attested:
            return None
        if any(one.digest == succession.digest for one in before):
            return None
        return format_note(normal_succession(succession, before).note)

    def _take_log(self, listed: ListedLog) -> Asking[None]:
        history = self._standing.logs[listed.origin].history
        # What a key signed whose succession does not count, or is contested, is kept as disputed.
        keys = known_log_keys(held_log(self._storage, listed.origin))
        for one in listed.branches:
            if self._is_held(listed.origin, one, history):
                continue
            prefix = branch_prefix(listed.origin, one.number)
            files = yield (f"{prefix}checkpoint",)
            data = files[f"{prefix}checkpoint"]
            if data is None:
                self._fault(f"{prefix}checkpoint is listed but not there")
                continue
            try:
                checkpoint = parse_checkpoint(data, where=f"{prefix}checkpoint")
                if checkpoint.head.origin != listed.origin or checkpoint.head.size == 0:
                    raise NotVerified(f"{prefix}checkpoint is of another log, or of no entries")
                open_checkpoint(checkpoint, keys)
                checkpoint = Checkpoint(checkpoint.head, verified_note(checkpoint.note, keys))
                yield from self._take_head(prefix, checkpoint, history)
            except InputError as error:
                self._fault(str(error))
        yield from self._take_proofs(listed, history)

    def _is_held(self, origin: str, listed: ListedBranch, history: KeyHistory) -> bool:
        # A head that is held already may have been signed again by a successor's key; then it is fetched.
        for branch in self._storage.branches(origin):
            head = branch.head
            if listed.size == head.size and listed.root == format_base64(head.root):
                return branch.checkpoint.note.signed_by(history.current.log)
            if listed.size < head.size:
                root = root_at(self._storage, branch, listed.size)
                if root is not None and format_base64(root) == listed.root:
                    return True
        return False

    def _take_head(self, prefix: str, checkpoint: Checkpoint, history: KeyHistory) -> Asking[None]:
        head = checkpoint.head
        branches = self._storage.branches(head.origin)
        for branch in branches:
            if root_at(self._storage, branch, head.size) == head.root:
                if branch.head.size == head.size and is_later(checkpoint, branch.checkpoint, history):
                    self._commit(grow(branch, (), checkpoint))
                return
        if not branches or branches[0].head.size < head.size:
            base = branches[0] if branches else None
            entries = yield from self._entries(prefix, head.size, base.head.size if base else 0)
            try:
                self._commit(grow(base, entries, checkpoint))
                return
            except Malformed:
                if base is None:
                    raise
        yield from self._take_face(prefix, checkpoint, branches, history)

    def _take_face(
        self, prefix: str, checkpoint: Checkpoint, branches: Sequence[Branch], history: KeyHistory
    ) -> Asking[None]:
        """Take in a head to which no first branch leads: it continues another, or it is a further face."""
        head = checkpoint.head
        best, length = branches[0], -1
        for branch in branches:
            shared = yield from self._shared(prefix, head.size, branch)
            if shared > length:
                best, length = branch, shared
        entries = yield from self._entries(prefix, head.size, length)
        best, more = self._parting(branches, best, length, entries)
        length, entries = length + more, entries[more:]
        if length == best.head.size:
            self._commit(grow(best, entries, checkpoint))
            return
        number = max(one.number for one in branches) + 1
        signed = {(line.name, line.key_id) for line in checkpoint.note.signatures}
        n_alike = sum(
            any((line.name, line.key_id) in signed for line in one.checkpoint.note.signatures)
            for one in branches
        )
        if n_alike >= MAX_FACES_OF_KEY or number >= MAX_BRANCHES:
            raise NotVerified(f"a key of {head.origin} has signed {n_alike} faces; no further one is kept")
        growth = grow(
            None, entries, checkpoint, number=number, fork=(best, edge_at(self._storage, best, length))
        )
        proof = contradiction(self._storage, growth, best, history)
        self._commit(growth, ((head.origin, proof),) if proof else ())
        if proof:
            self.report.two_faced.append(head.origin)

    def _parting(
        self, branches: Sequence[Branch], hint: Branch, length: int, entries: Sequence[bytes]
    ) -> tuple[Branch, int]:
        """The branch that shares most with `entries`, which follow the first `length` of `hint`, and how many
        of them.

        Tiles are only a hint, and a relay may give false ones: where two logs really part is where their
        entries do.
        """
        root = root_at(self._storage, hint, length)
        best, most = hint, -1
        for branch in branches:
            if root_at(self._storage, branch, length) == root:
                end = min(branch.head.size, length + len(entries))
                alike = n_shared(self._storage.entries(branch, length, end), entries)
                if alike > most:
                    best, most = branch, alike
        return best, most

    def _shared(self, prefix: str, size: int, branch: Branch) -> Asking[int]:
        """How many entries the other's log of `size` seems to share with a branch, by comparing hash tiles.

        Nothing is believed: whatever is built upon the answer must lead to the signed root.
        """
        least = min(size, branch.head.size)
        level, index = 0, 0
        while least >> HEIGHT * (level + 1):
            level += 1
        while True:
            width = min(WIDTH, (size >> HEIGHT * level) - index * WIDTH)
            own_width = min(width, (least >> HEIGHT * level) - index * WIDTH)
            place = 0
            if own_width > 0:
                path = prefix + tile_path(Tile(level, index, width))
                files = yield (path,)
                data = files[path]
                if data is None:
                    raise NotVerified(f"{path} is not there")
                theirs = parse_tile(data, width=width, where=path)
                ours = parse_tile(
                    read_tile(self._storage, branch, Tile(level, index, own_width)), width=own_width
                )
                place = next((i for i in range(own_width) if ours[i] != theirs[i]), own_width)
            index = index * WIDTH + place
            if level == 0:
                return min(index, least)
            level -= 1

    def _entries(self, prefix: str, size: int, since: int) -> Asking[list[bytes]]:
        found: list[bytes] = []
        bundles = list(bundles_of(size, since=since)) if size > since else []
        for start in range(0, len(bundles), _WINDOW):
            paths = {prefix + tile_path(tile): tile for tile in bundles[start : start + _WINDOW]}
            files = yield tuple(paths)
            for path, tile in paths.items():
                data = files[path]
                if data is None:
                    raise NotVerified(f"{path} is not there; what follows cannot be taken in")
                self._n_new_bytes += len(data)
                if self._n_new_bytes > self._max_new_bytes:
                    raise NotVerified(
                        f"{prefix} goes beyond the {self._max_new_bytes} new bytes of one round; do another"
                    )
                entries = parse_bundle(data, count=tile.width, where=path)
                found += entries[max(0, since - tile.start) :]
        return found

    def _commit(self, growth: Growth, proofs: tuple[tuple[str, bytes], ...] = ()) -> None:
        origin = growth.branch.origin
        facts = collect(origin, growth.start, growth.entries)
        self._redacting |= any(isinstance(one, Redaction) for one in facts)
        named = {digest for entry in growth.entries if (digest := named_payload(entry)) is not None}
        wanted = tuple(
            Wanted(origin, digest)
            for digest in sorted(named)
            if self._storage.payload(digest) is None and not self._storage.is_erased(digest)
        )
        cosigned = tuple(Cosigned(one.head, one.line) for one in facts if isinstance(one, Acknowledgement))
        self._storage.commit(Batch((growth,), wanted=wanted, cosigned=cosigned, equivocations=proofs))
        if growth.entries:
            self.report.entries[origin] = self.report.entries.get(origin, 0) + len(growth.entries)

    def _take_proofs(self, listed: ListedLog, history: KeyHistory) -> Asking[None]:
        held = {digest_name(proof) for proof in self._storage.equivocations(listed.origin)}
        new = [name for name in listed.equivocations if name not in held]
        paths = [f"{listed.origin}/equivocations/{name}" for name in new[: max(0, MAX_BRANCHES - len(held))]]
        if not paths:
            return
        files = yield paths
        for path in paths:
            data = files[path]
            try:
                if data is None:
                    raise NotVerified(f"{path} is listed but not there")
                proof = parse_equivocation(data, where=path)
                verify_equivocation(proof, history.log_keys, where=path)
                if proof.smaller.head.origin != listed.origin:
                    raise NotVerified(f"{path} is about another log")
            except InputError as error:
                self._fault(str(error))
                continue
            if speaks(proof.smaller, history) and speaks(proof.larger, history):
                self._storage.commit(Batch(equivocations=((listed.origin, data),)))
                self.report.two_faced.append(listed.origin)

    def _obey_redactions(self) -> frozenset[tuple[str, bytes]]:
        """Erase what redactions that stand name, of payloads made for their author's own entries."""
        standing = stand(self._storage, quorum=self._quorum) if self._redacting else self._standing
        redacted = standing.erased()
        gone = []
        for origin, digest in sorted(redacted):
            blob = None if self._storage.is_erased(digest) else self._storage.payload(digest)
            if blob is not None and is_bound(blob, origin):
                gone.append(digest)
        if gone:
            self._storage.commit(Batch(erased=tuple(gone)))
        return redacted

    def _take_payloads(self, redacted: frozenset[tuple[str, bytes]]) -> Asking[None]:
        # A member that names payloads which do not exist delays its own only.
        n_asked: Counter[str] = Counter()
        wanted = []
        for one in self._storage.wanted():
            if (one.origin, one.digest) in redacted:
                continue
            n_asked[one.origin] += 1
            if n_asked[one.origin] <= _PAYLOADS_EACH:
                wanted.append(one)
        for start in range(0, len(wanted), _PAYLOADS_AT_ONCE):
            some = {
                f"{one.origin}/payload/{one.digest.hex()}": one
                for one in wanted[start : start + _PAYLOADS_AT_ONCE]
            }
            files = yield tuple(some)
            blobs = []
            for path, one in some.items():
                blob = files[path]
                if blob is None:
                    continue
                if payload_hash(blob) == one.digest and is_bound(blob, one.origin):
                    blobs.append(blob)
                else:
                    self._fault(f"{path} is not what its name says")
            if blobs:
                self._storage.commit(Batch(payloads=tuple(blobs)))
                self.report.n_payloads += len(blobs)

    def _fault(self, sentence: str) -> bool:
        self.report.faults.append(sentence)
        return False
