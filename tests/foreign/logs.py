"""Logs of ours, made in memory by the record's own code, and the cases in which foreign verifiers get them.

A *case* is a set of files, path to bytes: `key` (the verifier key that the verifier trusts), `witnesses`
(keys of which every one has to have cosigned), `log/…` (the log's files by the record's layout), `older` (a
checkpoint that the verifier has kept), `consistency` (the proof from there, a hash a line),
`proofs/<n>.tlog-proof` with `proofs/<n>.entry`, and `equivocation`. The private keys are hashes of names, so
that every run has the same bytes.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from allweather.record import merkle
from allweather.record.checkpoints import Checkpoint, parse_checkpoint
from allweather.record.keys import format_base64, log_signer, recovery_signer, witness_signer
from allweather.record.members import make_card
from allweather.record.notes import format_note
from allweather.record.proofs import EntryProof, format_entry_proof, format_equivocation, prove_equivocation
from allweather.record.standing import stand
from allweather.record.storage import Batch, Branch, read_nodes
from allweather.record.writing import Draft, acknowledge, write
from allweather.store.memory import MemoryStore
from allweather.sync.layout import Publication, branch_prefix
from allweather.sync.pull import Pull

Files = dict[str, bytes]

SIZES = (1, 255, 256, 257, 1000)
#: Above 65,536 entries a log has tiles of level 2.
TALL = 66_000


def seed(*parts: object) -> bytes:
    """A private key, or a nonce, that everyone can guess: for tests only."""
    return hashlib.sha256(repr(parts).encode()).digest()


class Member:
    """A member with its keys and its store."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.log = log_signer(origin, seed(origin, "log"))
        self.witness = witness_signer(origin, seed(origin, "witness"))
        recovery = recovery_signer(origin, seed(origin, "recovery"))
        self.store = MemoryStore()
        card = make_card(self.log, self.witness, recovery)
        self.store.commit(Batch(key_notes=((origin, format_note(card.note)),)))

    def write(self, count: int, *, word: str = "said", at: int = 1_700_000_000) -> None:
        """Append `count` entries, some of them with payloads, under one checkpoint."""
        start = len(self)
        drafts = [
            Draft(
                "test.said", {"text": f"{word} {n}"}, content=f"{word} {n}".encode(), salt=seed(word, n)[:16]
            )
            if n % 50 == 0
            else Draft("test.said", {"text": f"{word} {n}, ¡así!"})
            for n in range(start, start + count)
        ]
        log = stand(self.store).logs[self.origin]
        self.store.commit(write(self.store, log, self.log, drafts, at=at))

    def __len__(self) -> int:
        branches = self.store.branches(self.origin)
        return branches[0].head.size if branches else 0

    def pull(self, other: Member) -> None:
        """Take in everything that another member publishes."""
        published = other.publication()
        pull = Pull(self.store, accept=lambda card: True)
        while paths := pull.outgoing():
            for path in paths:
                pull.receive(path, published.read(path))

    def acknowledge(self, *, at: int) -> None:
        """Cosign what is newly held of others."""
        batch = acknowledge(self.store, stand(self.store), self.log, self.witness, at=at)
        assert batch is not None
        self.store.commit(batch)

    def publication(self) -> Publication:
        """The member's store as files."""
        return Publication(self.store, stand(self.store), self.origin)

    def branch(self, origin: str = "", number: int = 0) -> Branch:
        """A branch of a log that the member holds; by default its own."""
        return self.store.branches(origin or self.origin)[number]


def make_case(
    holder: Member,
    origin: str = "",
    *,
    number: int = 0,
    older: Checkpoint | None = None,
    witnesses: Sequence[Member] = (),
    keeper: Member | None = None,
) -> Files:
    """The case of one log as `holder` publishes it; `keeper` is whose log it is."""
    keeper = keeper or holder
    branch = holder.branch(origin, number)
    published = holder.publication()
    prefix = branch_prefix(branch.origin, number)
    files: Files = {"key": f"{keeper.log.verifier}\n".encode()}
    for path in published.paths(payloads=False):
        if path.startswith((f"{prefix}tile/", f"{prefix}checkpoint", f"{prefix}cosignatures")):
            data = published.read(path)
            assert data is not None
            files[f"log/{path.removeprefix(prefix)}"] = data
    if witnesses:
        files["witnesses"] = "".join(f"{one.witness.verifier}\n" for one in witnesses).encode()
    read = read_nodes(holder.store, branch)
    size = branch.head.size
    if older is not None:
        files["older"] = format_note(older.note)
        hashes = merkle.prove_consistency(older.head.size, size, read)
        files["consistency"] = "".join(f"{format_base64(one)}\n" for one in hashes).encode()
    shown = parse_checkpoint(files["log/checkpoint"])
    for index in sorted({0, size // 3, size // 2, size - 1, *(n for n in (255, 256) if n < size)}):
        proof = EntryProof(index, merkle.prove_inclusion(index, size, read), shown)
        files[f"proofs/{index}.tlog-proof"] = format_entry_proof(proof)
        files[f"proofs/{index}.entry"] = holder.store.entries(branch, index, index + 1)[0]
    return files


def write_case(files: Files, folder: Path) -> Path:
    """The case as files on disk."""
    for path, data in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return folder


def grown(size: int, older: int, origin: str = "nrc/norway") -> tuple[Member, Checkpoint]:
    """A member whose log has `size` entries, and its checkpoint when it had `older`."""
    member = Member(origin)
    member.write(older)
    before = member.branch().checkpoint
    if size > older:
        member.write(size - older)
    return member, before


@cache
def cosigned() -> tuple[Member, Checkpoint, tuple[Member, ...]]:
    """A member with 1,000 entries whose head two others have cosigned; its older checkpoint; the two."""
    member, before = grown(1000, 257)
    others = (Member("nrc/france"), Member("nrc/russia"))
    for day, other in enumerate(others):
        other.pull(member)
        other.acknowledge(at=1_700_086_400 + 86_400 * day)
        member.pull(other)
    return member, before, others


@cache
def crowded() -> tuple[Member, tuple[Member, ...]]:
    """A member whose head 18 others have cosigned; the 15 of them whose lines its checkpoint has room for."""
    member, _ = grown(300, 300)
    others = tuple(Member(f"nrc/member-{k:02}") for k in range(18))
    for other in others:
        other.pull(member)
        other.acknowledge(at=1_700_086_400)
    for other in others:
        member.pull(other)
    return member, others[:15]


@cache
def two_faced() -> tuple[Member, Member, Checkpoint]:
    """Someone who holds two faces of one log, the keeper of the second, and the last common checkpoint."""
    first, _ = grown(600, 1)
    before = first.branch().checkpoint
    second = copy.deepcopy(first)
    first.write(300, word="yes")
    second.write(400, word="no")
    holder = Member("nrc/france")
    holder.pull(first)
    holder.pull(second)
    return holder, second, before


@cache
def other_log() -> Files:
    """The case of another member's log of the same length, by which parts are exchanged."""
    member, before = grown(1000, 257, "nrc/canada")
    return make_case(member, older=before)


@cache
def sound_cases() -> dict[str, Files]:
    """Every case that a verifier has to accept, by name."""
    cases = {}
    for size, older in zip(SIZES, (1, 1, 255, 256, 257), strict=True):
        member, before = grown(size, older)
        cases[f"size-{size}"] = make_case(member, older=before)
    cases["cosigned"] = whole()
    member, witnesses = crowded()
    cases["crowded"] = make_case(member, older=member.branch().checkpoint, witnesses=witnesses)
    tall, before = grown(TALL, 300)
    cases["tall"] = make_case(tall, older=before)
    holder, second, before = two_faced()
    for number in (0, 1):
        files = make_case(holder, second.origin, number=number, older=before, keeper=second)
        (proof,) = holder.store.equivocations(second.origin)
        cases[f"face-{number}"] = files | {"equivocation": proof}
    return cases


@cache
def whole() -> Files:
    """The case that has every part: the one of which spoiled copies are made."""
    member, before, witnesses = cosigned()
    files = make_case(member, older=before, witnesses=witnesses)
    return files | {"equivocation": contradiction(member)}


def contradiction(member: Member) -> bytes:
    """A proof that a member has two faces: its 1,000 entries, and 1,100 that part from them after 257."""
    other, _ = grown(257, 257, member.origin)
    other.write(843, word="otherwise")
    proof = prove_equivocation(
        member.branch().checkpoint, other.branch().checkpoint, read_nodes(other.store, other.branch())
    )
    return format_equivocation(proof)


@cache
def other_face() -> Files:
    """The log of `whole` with another history from entry 257 on, equally long and signed by the same key."""
    member, before = grown(257, 257)
    member.write(743, word="otherwise")
    return make_case(member, older=before)


@cache
def shorter() -> Files:
    """The log of `whole` when it had 257 entries."""
    member, before = grown(257, 256)
    return make_case(member, older=before)
