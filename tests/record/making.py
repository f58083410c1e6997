"""Members with keys by hash and a store in memory each: what the tests of `record` and `sync` are made of."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from allweather.errors import InputError
from allweather.record.checkpoints import Checkpoint, Head, sign_checkpoint
from allweather.record.entries import VERSION, Entry, format_entry, make_payload
from allweather.record.keys import Signer, log_signer, recovery_signer, witness_signer
from allweather.record.members import Card, Succession, make_card, make_succession
from allweather.record.merkle import Edge, leaf_hash
from allweather.record.notes import Note, NoteSignature, format_note
from allweather.record.standing import LogStanding, Standing, stand
from allweather.record.storage import Batch, Branch, grow, root_at
from allweather.record.writing import Draft, acknowledge, redact, write
from allweather.store.memory import MemoryStore
from allweather.sync.layout import Publication
from allweather.sync.pull import Pull, Report

quick = settings(max_examples=60, deadline=None)
"""How much hypothesis tries in these rooms; how long one example takes is the machine's business."""

origins = st.from_regex(
    r"[a-z0-9]([a-z0-9.-]{0,4}[a-z0-9])?/[a-z0-9]([a-z0-9.-]{0,4}[a-z0-9])?", fullmatch=True
).filter(lambda name: not name.startswith("index/") and not name.endswith("/minutes"))
hashes = st.binary(min_size=32, max_size=32)
sizes = st.integers(1, 2**48)
plain = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | plain,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


Line = Callable[[str, "bytes | None"], "bytes | None"]
"""What a line makes of the file at a path."""


def seed_of(*parts: object) -> bytes:
    """32 bytes fixed by their parts."""
    return hashlib.sha256(repr(parts).encode()).digest()


def signers_of(origin: str, generation: int = 0) -> tuple[Signer, Signer, Signer]:
    """Log key, witness key and recovery key of one generation."""
    return (
        log_signer(origin, seed_of(origin, "log", generation)),
        witness_signer(origin, seed_of(origin, "witness", generation)),
        recovery_signer(origin, seed_of(origin, "recovery", generation)),
    )


def text_entry(origin: str, index: int, text: str = "", **more: Any) -> bytes:
    """The bytes of a small entry."""
    return format_entry(Entry(VERSION, origin, index, more.pop("kind", "x.y"), 1, {"t": text}, **more))


def kind_entry(origin: str, index: int, kind: str, body: dict[str, Any], **more: Any) -> bytes:
    """The bytes of an entry of a kind."""
    return format_entry(Entry(VERSION, origin, index, kind, 1, body, **more))


def rows_of(origin: str, start: int, end: int, word: str = "") -> list[bytes]:
    """Entries [start, end) that name their place."""
    return [text_entry(origin, index, f"{word}{index}") for index in range(start, end)]


def edge_of(entries: Iterable[bytes]) -> Edge:
    """The edge over entries."""
    return Edge().extend([leaf_hash(one) for one in entries])


def head_of(origin: str, entries: Sequence[bytes]) -> Head:
    """The head of a log with these entries."""
    edge = edge_of(entries)
    return Head(origin, edge.size, edge.root())


class Node:
    """A member with its keys and its store; `other` stores see it only through `pull`."""

    def __init__(self, origin: str, store: MemoryStore | None = None, *, quorum: int | None = None) -> None:
        self.origin = origin
        self.quorum = quorum
        self.log, self.witness, self.recovery = signers_of(origin)
        self.card: Card = make_card(self.log, self.witness, self.recovery)
        self.last: Card | Succession = self.card
        self.generation = 0
        self.store = store or MemoryStore()
        self.store.commit(Batch(key_notes=((origin, format_note(self.card.note)),)))

    def copy(self) -> Node:
        """The same member with a store of its own from here on: a second face, a thief, or a backup."""
        return copy.deepcopy(self)

    def stand(self) -> Standing:
        """Where all logs stand in this node's sight."""
        return stand(self.store, quorum=self.quorum)

    def standing(self, origin: str = "") -> LogStanding:
        """Where one log stands in this node's sight."""
        return self.stand().logs[origin or self.origin]

    @property
    def branch(self) -> Branch:
        """The first branch of its own log."""
        return self.store.branches(self.origin)[0]

    def own(self) -> list[bytes]:
        """The entries of the first branch of its own log."""
        return self.store.entries(self.branch, 0, self.branch.head.size)

    def head_at(self, size: int) -> Head:
        """The head of its own first branch at a size."""
        root = root_at(self.store, self.branch, size)
        assert root is not None
        return Head(self.origin, size, root)

    def draft(self, drafts: Sequence[Draft], *, at: int = 1_000, signer: Signer | None = None) -> Batch:
        """Write drafts."""
        batch = write(self.store, self.standing(), signer or self.log, drafts, at=at)
        self.store.commit(batch)
        return batch

    def write(self, *texts: str, at: int = 1_000) -> Batch:
        """Write entries without a payload."""
        return self.draft([Draft("x.y", {"t": text}) for text in texts], at=at)

    def pay(self, *texts: str, at: int = 1_000) -> Batch:
        """Write entries whose text is a payload."""
        drafts = [Draft("x.y", {}, content=text.encode(), salt=seed_of(text)[:16]) for text in texts]
        return self.draft(drafts, at=at)

    def say(self, kind: str, body: dict[str, Any], *, at: int = 1_000) -> Batch:
        """Write one entry of a kind."""
        return self.draft([Draft(kind, body)], at=at)

    def redact(self, entry: Entry, ground: str = "asked to", *, at: int = 1_500) -> None:
        """Erase a payload and say so."""
        self.store.commit(redact(self.store, self.standing(), self.log, entry, ground, at=at))

    def acknowledge(self, *, at: int = 2_000) -> bool:
        """Cosign what is newly held; gives whether there was any."""
        batch = acknowledge(self.store, self.stand(), self.log, self.witness, at=at)
        if batch is not None:
            self.store.commit(batch)
        return batch is not None

    def succeed(
        self, head: Head | None = None, *, recovered: bool = True, commit: bool = True, salt: int = 0
    ) -> Succession:
        """Name new keys from a position of the own log, its end if none is given."""
        if head is None:
            head = self.branch.head
        self.generation += 1
        signers = signers_of(self.origin, self.generation + salt)
        extra = (self.recovery,) if recovered else ()
        made = make_succession(head, self.last, *signers, *extra)
        if commit:
            self.learn(made)
        self.log, self.witness, self.recovery = signers
        self.last = made
        return made

    def learn(self, *notes: Card | Succession) -> None:
        """Take in key notes as they are."""
        self.store.commit(Batch(key_notes=tuple((one.origin, format_note(one.note)) for one in notes)))

    def forge(self, entries: Sequence[bytes], signer: Signer, *junk: NoteSignature) -> None:
        """Sign whatever entries with whatever key as the only branch of the own log: for liars."""
        head = head_of(signer.name, entries)
        checkpoint = sign_checkpoint(head, signer)
        checkpoint = Checkpoint(head, Note(head.text, (*junk, *checkpoint.note.signatures)))
        self.store.commit(Batch((grow(None, entries, checkpoint),)))

    def publication(self) -> Publication:
        """What this node publishes."""
        return Publication(self.store, self.stand(), self.origin)

    def pull(
        self,
        other: Node,
        *,
        accept: Callable[[Card], bool] = lambda card: True,
        line: Line = lambda path, data: data,
        **more: Any,
    ) -> Report:
        """Take in what another node publishes, over a line that may be faulty."""
        return take_in(
            self.store, other.publication().read, accept=accept, line=line, quorum=self.quorum, **more
        )


def take_in(
    store: MemoryStore,
    read: Callable[[str], bytes | None],
    *,
    accept: Callable[[Card], bool] = lambda card: True,
    line: Line = lambda path, data: data,
    **more: Any,
) -> Report:
    """One pull from whatever gives files."""
    pull = Pull(store, accept=accept, **more)
    while paths := pull.outgoing():
        for path in paths:
            data = line(path, read(path))
            assert data is None or len(data) <= pull.limit(path), path
            pull.receive(path, data)
    return pull.report


def files_of(node: Node) -> dict[str, bytes]:
    """Every file that a node publishes."""
    publication = node.publication()
    found = {path: publication.read(path) for path in publication.paths()}
    return {path: data for path, data in found.items() if data is not None}


def council(*names: str, quorum: int | None = None) -> tuple[Node, ...]:
    """Members of one council who hold each other's cards."""
    nodes = tuple(Node(f"nrc/{name}", quorum=quorum) for name in names)
    for node in nodes:
        node.learn(*(one.card for one in nodes if one is not node))
    return nodes


def exchange(*nodes: Node, rounds: int = 1) -> None:
    """Everyone pulls from everyone."""
    for _ in range(rounds):
        for one in nodes:
            for two in nodes:
                if one is not two:
                    one.pull(two)


def salted(text: str, origin: str = "nrc/a") -> tuple[Any, bytes]:
    """A payload's header and its blob."""
    return make_payload(origin, text.encode(), "text/plain", seed_of(text)[:16])


def attack(
    parse: Callable[[bytes], Any],
    format_: Callable[[Any], bytes],
    good: bytes,
    *,
    extra: Iterable[bytes] = (),
    bits: range | None = None,
) -> int:
    """Cut and spoil `good` everywhere: each result is refused by an InputError or printed back as it was.

    Gives how many spoiled inputs were accepted.
    """
    assert format_(parse(good)) == good
    spoiled = [good[:size] for size in range(len(good))]
    for place in range(len(good)):
        for bit in bits or range(8):
            spoiled.append(good[:place] + bytes([good[place] ^ 1 << bit]) + good[place + 1 :])
    spoiled += [good + tail for tail in (b"\n", b" ", b"\x00", b"{}", good)]
    spoiled += extra
    accepted = 0
    for data in spoiled:
        try:
            value = parse(data)
        except InputError:
            continue
        assert format_(value) == data, data
        accepted += 1
    return accepted
