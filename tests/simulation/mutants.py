"""A bank of faults to plant: each breaks one rule of the record, and the simulator must notice each.

A mutant is a context: within it one function of the real code, or of the simulated disk, is replaced by one
that is wrong in one way. `caught.json` beside this file says with which seed each is caught first.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from allweather.errors import Malformed
from allweather.record import members, standing, storage, writing
from allweather.record.checkpoints import Head
from allweather.record.entries import parse_entry
from allweather.record.facts import Redaction, collect
from allweather.record.merkle import Edge, leaf_hash
from allweather.record.storage import Batch, Branch, Growth, Storage
from allweather.record.tiles import parse_bundle
from allweather.store.memory import MemoryStore
from allweather.sync import layout, pull
from tests.simulation import world

Mutant = Callable[[], AbstractContextManager[Any]]
MUTANTS: dict[str, Mutant] = {}


def _mutant(make: Mutant) -> Mutant:
    MUTANTS[make.__name__] = make
    return make


@_mutant
def no_fsync() -> AbstractContextManager[Any]:
    """A commit returns before its batch is durable."""
    return patch.object(world.SimDisk, "sync", lambda self: setattr(self, "n_durable", len(self.batches) - 1))


@_mutant
def proof_dropped() -> AbstractContextManager[Any]:
    """A further face is taken in without a proof of it."""
    return patch.object(pull, "contradiction", lambda *_: None)


@_mutant
def first_face_wins() -> AbstractContextManager[Any]:
    """A face that contradicts what is held already is left out."""

    def nothing(*_: Any) -> Generator[Any, Any, None]:
        yield from ()

    return patch.object(pull.Pull, "_take_face", nothing)


@_mutant
def fold_by_arrival() -> AbstractContextManager[Any]:
    """Only the face that came first stands."""
    right = standing._stand_one

    def wrong(*args: Any) -> Any:
        log = right(*args)
        return replace(
            log,
            faces=tuple(one if one.branch.number == 0 else replace(one, n_standing=0) for one in log.faces),
        )

    return patch.object(standing, "_stand_one", wrong)


@_mutant
def cut_at_the_fork() -> AbstractContextManager[Any]:
    """Of a log with two faces only what both share stands, so that whoever lies can unsay."""
    right = standing._stand_one

    def wrong(*args: Any) -> Any:
        log = right(*args)
        least = min((one.branch.fork_at for one in log.faces if one.branch.number), default=None)
        if not log.two_faced or least is None:
            return log
        return replace(
            log, faces=tuple(replace(one, n_standing=min(one.n_standing, least)) for one in log.faces)
        )

    return patch.object(standing, "_stand_one", wrong)


@_mutant
def signature_not_checked() -> AbstractContextManager[Any]:
    """A checkpoint is taken in whoever signed it."""
    return _both(
        patch.object(pull, "open_checkpoint", lambda checkpoint, keys, **_: tuple(keys)[:1]),
        patch.object(pull, "verified_note", lambda note, keys, **_: note),
    )


@_mutant
def proof_not_checked() -> AbstractContextManager[Any]:
    """A proof against a member is taken in without verifying it."""
    return patch.object(pull, "verify_equivocation", lambda *_, **__: None)


@_mutant
def root_not_checked() -> AbstractContextManager[Any]:
    """Entries are taken in although they do not lead to the signed root."""
    right = storage.grow

    def wrong(branch: Any, entries: Sequence[bytes], checkpoint: Any, **more: Any) -> Growth:
        try:
            return right(branch, entries, checkpoint, **more)
        except Malformed:
            if more.get("fork") or not entries:
                raise
            edge = (branch.edge if branch else Edge()).extend([leaf_hash(one) for one in entries])
            if edge.size != checkpoint.head.size:
                raise
            start = branch.head.size if branch else 0
            return Growth(Branch(0, checkpoint, edge), start, tuple(entries))

    return patch.object(pull, "grow", wrong)


@_mutant
def size_is_enough() -> AbstractContextManager[Any]:
    """A head that is no longer than what is held is thought to be held."""

    def held(self: Any, origin: str, listed: Any, history: Any) -> bool:
        return any(listed.size <= one.head.size for one in self._storage.branches(origin))

    return patch.object(pull.Pull, "_is_held", held)


@_mutant
def cut_bundle_accepted() -> AbstractContextManager[Any]:
    """A bundle that was cut on the way is taken for a shorter one, and a shorter log for the whole."""

    def parse(data: bytes, *, count: int, where: str = "") -> list[bytes]:
        found: list[bytes] = []
        place = 0
        while place + 2 <= len(data) and len(found) < count:
            size = int.from_bytes(data[place : place + 2], "big")
            found.append(data[place + 2 : place + 2 + size])
            place += 2 + size
        return found

    right = storage.grow

    def grow(branch: Any, entries: Sequence[bytes], checkpoint: Any, **more: Any) -> Growth:
        try:
            return right(branch, entries, checkpoint, **more)
        except Malformed:
            edge = (branch.edge if branch else Edge()).extend([leaf_hash(one) for one in entries])
            if more.get("fork") or edge.size >= checkpoint.head.size or not entries:
                raise
            head = Head(checkpoint.head.origin, edge.size, edge.root())
            start = branch.head.size if branch else 0
            return Growth(Branch(0, replace(checkpoint, head=head), edge), start, tuple(entries))

    return _both(patch.object(pull, "parse_bundle", parse), patch.object(pull, "grow", grow))


@_mutant
def restored_without_asking() -> AbstractContextManager[Any]:
    """A restored store writes at once."""
    return _both(
        patch.object(writing, "awaited", lambda store: ()), patch.object(world, "awaited", lambda store: ())
    )


@_mutant
def builds_on_anything() -> AbstractContextManager[Any]:
    """A member goes on from entries that were signed with its key elsewhere."""
    return patch.object(writing, "_check_own", lambda store, branch: None)


@_mutant
def first_key_unmarked() -> AbstractContextManager[Any]:
    """A new member's log may begin with whatever its first key signed elsewhere."""
    right = writing.adopt

    def wrong(made: Any) -> Batch:
        batch = right(made)
        return replace(batch, marks=()) if isinstance(made, members.Card) else batch

    return patch.object(world, "adopt", wrong)


@_mutant
def witness_of_two_faces() -> AbstractContextManager[Any]:
    """A witness cosigns the longest face, whichever it cosigned before."""

    def longest(store: Storage, log: Any, before: Sequence[Head]) -> tuple[Branch, int] | None:
        branch = max((face.branch for face in log.faces), key=lambda one: one.head.size, default=None)
        done = max((head.size for head in before), default=0)
        return None if branch is None or done >= branch.head.size else (branch, done)

    return patch.object(writing, "_face_to_cosign", longest)


@_mutant
def acknowledges_acknowledgements() -> AbstractContextManager[Any]:
    """Two members answer each other without end."""
    return patch.object(writing, "is_bookkeeping", lambda entry: False)


@_mutant
def stolen_key_counts() -> AbstractContextManager[Any]:
    """What an old key signs beyond its place stands like anything else."""
    return patch.object(standing, "_spoken_for", lambda branch, *_: branch.head.size)


@_mutant
def anyone_succeeds() -> AbstractContextManager[Any]:
    """A succession counts although no recovery key signed it and nobody attested it."""
    return patch.object(members, "_is_signed", lambda succession, recovery: True)


@_mutant
def succession_unheard() -> AbstractContextManager[Any]:
    """Successions are not taken in."""
    return patch.object(members, "_is_signed", lambda succession, recovery: False)


@_mutant
def last_succession_wins() -> AbstractContextManager[Any]:
    """A later succession does not take back what an earlier one had named."""
    return patch.object(members, "_clipped", tuple)


@_mutant
def redaction_undone() -> AbstractContextManager[Any]:
    """A redacted payload comes back from someone who had not erased it yet."""
    return _both(
        patch.object(MemoryStore, "is_erased", lambda self, digest: False),
        patch.object(pull.Pull, "_obey_redactions", lambda self: frozenset()),
    )


@_mutant
def anyone_redacts() -> AbstractContextManager[Any]:
    """A redaction by another member erases the author's payload everywhere."""
    right = pull.Pull._commit

    def commit(self: Any, growth: Growth, proofs: Any = ()) -> None:
        right(self, growth, proofs)
        facts = collect(growth.branch.origin, growth.start, growth.entries)
        digests = tuple(one.digest for one in facts if isinstance(one, Redaction))
        if digests:
            self._storage.commit(Batch(erased=digests))

    return patch.object(pull.Pull, "_commit", commit)


@_mutant
def own_log_only() -> AbstractContextManager[Any]:
    """A node publishes its own log and no one else's, so that one absent member is unheard."""
    right = layout.Publication.index

    def index(self: layout.Publication) -> layout.Index:
        whole = right(self)
        return layout.Index(1, whole.node, tuple(one for one in whole.logs if one.origin == whole.node))

    return patch.object(layout.Publication, "index", index)


@_mutant
def unreadable_entry_stops() -> AbstractContextManager[Any]:
    """An entry that is none stops the reader, so that a member can hide what comes after it."""
    right = parse_bundle

    def parse(data: bytes, *, count: int, where: str = "") -> list[bytes]:
        entries = right(data, count=count, where=where)
        for entry in entries:
            parse_entry(entry)
        return entries

    return patch.object(pull, "parse_bundle", parse)


@_mutant
def tiles_believed() -> AbstractContextManager[Any]:
    """Where two faces part is taken from the other's tiles, without comparing the entries."""

    def too_early(*_: Any) -> Generator[Any, Any, int]:
        yield from ()
        return 0

    return _both(
        patch.object(pull.Pull, "_shared", too_early),
        patch.object(pull, "n_shared", lambda ours, theirs: 0),
    )


@_mutant
def contest_never_ends() -> AbstractContextManager[Any]:
    """Nobody decides between two successions, so that a retired recovery key silences a member."""
    return patch.object(
        standing, "Voices", lambda of, quorum, majority: members.Voices(of, quorum, majority=10**6)
    )


@_mutant
def one_attests() -> AbstractContextManager[Any]:
    """One member's attestation is enough for a succession."""
    right = standing.settle

    def settle(logs: Any, facts: Any, roots: Any, *, quorum: int | None = None) -> Any:
        return right(logs, facts, roots, quorum=1)

    return patch.object(standing, "settle", settle)


@contextmanager
def _both(*contexts: AbstractContextManager[Any]) -> Iterator[None]:
    with contexts[0]:
        if len(contexts) > 1:
            with _both(*contexts[1:]):
                yield
        else:
            yield
