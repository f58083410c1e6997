"""Small signed logs for tests of stores: real checkpoints, cheap entries."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from allweather.record.checkpoints import Checkpoint, Head, sign_checkpoint
from allweather.record.keys import Signer, log_signer, recovery_signer, witness_signer
from allweather.record.members import make_card, make_succession
from allweather.record.merkle import Edge, leaf_hash
from allweather.record.notes import NoteSignature, cosign, format_note
from allweather.record.storage import Batch, Branch, Growth, grow

ORIGINS = ("c/ann", "c/bob", "d/ann")


def seed_of(word: str) -> bytes:
    """A private key for a word."""
    return hashlib.sha256(word.encode()).digest()


def signer_of(origin: str) -> Signer:
    """The log key of a member."""
    return log_signer(origin, seed_of(origin))


def blob_of(word: str) -> bytes:
    """A nonce and a payload."""
    return seed_of(f"nonce {word}") + word.encode()


def digest_of(word: str) -> bytes:
    """What `blob_of` is named by."""
    return hashlib.sha256(blob_of(word)).digest()


def cosignature(witness: str, head: Head, time: int = 1) -> NoteSignature:
    """The line by which a witness cosigns a head."""
    return cosign(head.text, witness_signer(witness, seed_of(f"{witness} witness")), time)


def card_notes(origin: str) -> tuple[bytes, ...]:
    """The card of a member and one succession."""
    log, recovery = signer_of(origin), recovery_signer(origin, seed_of(f"{origin} recovery"))
    witness = witness_signer(origin, seed_of(f"{origin} witness"))
    card = make_card(log, witness, recovery)
    new = log_signer(origin, seed_of(f"{origin} 2"))
    again = witness_signer(origin, seed_of(f"{origin} witness 2"))
    head = Head(origin, 0, hashlib.sha256(b"").digest())
    later = make_succession(head, card, new, again, recovery, recovery)
    return format_note(card.note), format_note(later.note)


def checkpoint_of(origin: str, edge: Edge) -> Checkpoint:
    """The signed head of a tree."""
    return sign_checkpoint(Head(origin, edge.size, edge.root()), signer_of(origin))


def entries_of(word: str, start: int, count: int) -> tuple[bytes, ...]:
    """Entries of a few bytes that name their place."""
    return tuple(b"%s %d" % (word.encode(), n) for n in range(start, start + count))


@dataclass
class Log:
    """What a test knows of a log: each branch with all its entries, its parent's included."""

    origin: str
    branches: dict[int, Branch] = field(default_factory=dict)
    entries: dict[int, list[bytes]] = field(default_factory=dict)

    def more(self, count: int, number: int = 0, word: str = "") -> Growth:
        """The growth of a branch by `count` entries; call `keep` when it is committed."""
        held = self.branches.get(number)
        start = held.head.size if held else 0
        added = entries_of(word or f"{self.origin}/{number}", start, count)
        edge = (held.edge if held else Edge()).extend([leaf_hash(one) for one in added])
        return grow(held, added, checkpoint_of(self.origin, edge))

    def fork(self, parent: int, at: int, count: int, number: int) -> Growth:
        """A further branch that leaves `parent` after `at` entries."""
        before = Edge().extend([leaf_hash(one) for one in self.entries[parent][:at]])
        added = entries_of(f"{self.origin}/{number}", at, count)
        edge = before.extend([leaf_hash(one) for one in added])
        checkpoint = checkpoint_of(self.origin, edge)
        if at == self.branches[parent].head.size:
            return grow(None, added, checkpoint, number=number, fork=(self.branches[parent], before))
        # `grow` asks for the parent as it stood at the fork.
        stood = Branch(parent, checkpoint_of(self.origin, before), before)
        return grow(None, added, checkpoint, number=number, fork=(stood, before))

    def keep(self, growth: Growth) -> Growth:
        """Take a growth over into what is known."""
        branch = growth.branch
        before = self.entries.get(branch.number)
        if before is None:
            before = self.entries[branch.parent][: branch.fork_at] if branch.parent is not None else []
        self.entries[branch.number] = [*before, *growth.entries]
        self.branches[branch.number] = branch
        return growth


def first_batch(log: Log, count: int = 3) -> Batch:
    """A member's card and its first entries."""
    return Batch(
        growths=(log.keep(log.more(count)),),
        key_notes=tuple((log.origin, note) for note in card_notes(log.origin)),
    )
