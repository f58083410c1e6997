"""Published vectors, decided by our code: Merkle proofs of transparency-dev/merkle, Ed25519 of C2SP/CCTV.

They are fetched for the run (`scripts/peers.sh vectors`) and never kept in the repository.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from allweather.errors import NotVerified
from allweather.record import ed25519, merkle
from tests.foreign import peers

N_MERKLE, N_CCTV = 518, 914

_LENGTH = (
    "its roots are words of 12 bytes, where the record's hashes have 32; it looks at them before the proof"
)
_EMPTY = "two trees of no leaves have one root, the hash of nothing; the vector lets the second be anything"

_EMPTY_RANGE = "subtree-is-empty-sizes-are-equal-{}-subtree-root-valid-tree-root-random-proof-is-empty.json"

#: Vectors that we decide otherwise than `wantErr` says, by file, each with the convention that is the reason.
CONVENTIONS: Mapping[str, str] = {
    "consistency/additional/sizes-are-equal-one-and-proof-is-empty.json": _LENGTH,
    "subtreeconsistency/additional/sizes-are-equal-one-and-proof-is-empty.json": _LENGTH,
    f"subtreeconsistency/additional/{_EMPTY_RANGE.format('one')}": _LENGTH,
    f"subtreeconsistency/additional/{_EMPTY_RANGE.format('zero')}": _EMPTY,
}


@dataclass(frozen=True)
class Decision:
    """How a vector was decided; `by_bounds` where its subtree is none, so that our code was not asked."""

    name: str
    kind: str
    wanted: bool
    ours: bool
    by_bounds: bool = False


def _bytes(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def _holds(verify: Callable[..., None], *args: Any) -> bool:
    try:
        verify(*args)
    except NotVerified:
        return False
    return True


def _is_subtree(start: int, end: int) -> bool:
    # What the vectors ask of the bounds: start is a multiple of the power of two at or above the number of
    # leaves. Then the subtree is a tree of its own, and RFC 6962's proofs are proofs in it.
    return start == end or (0 <= start < end and start % (1 << (end - start - 1).bit_length()) == 0)


def _decide(name: str, kind: str, vector: dict[str, Any]) -> Decision:
    wanted = not vector["wantErr"]
    proof = [_bytes(one) for one in vector["proof"] or ()]
    start = vector.get("start", 0)
    if not _is_subtree(start, vector.get("end", start)):
        return Decision(name, kind, wanted, False, by_bounds=True)
    if kind.endswith("inclusion"):
        size = vector["end"] - start if "end" in vector else vector["treeSize"]
        leaf, root = _bytes(vector["leafHash"]), _bytes(vector["root"])
        held = _holds(merkle.verify_inclusion, vector["leafIdx"] - start, size, leaf, proof, root)
        return Decision(name, kind, wanted, held)
    old = vector["end"] if "end" in vector else vector["size1"]
    new = vector["size"] if "size" in vector else vector["size2"]
    if start:
        # A range of nothing is the empty tree wherever it lies; others would need a proof that the record has
        # not.
        assert start == old, name
        old = 0 if start <= new else new + 1
    roots = (_bytes(vector["root1"]), _bytes(vector["root2"]))
    return Decision(name, kind, wanted, _holds(merkle.verify_consistency, old, new, proof, *roots))


@cache
def merkle_decisions() -> tuple[Decision, ...]:
    """Every vector of transparency-dev/merkle with what we say of it."""
    found = []
    for path in sorted(peers.MERKLE.rglob("*.json")):
        name = path.relative_to(peers.MERKLE).as_posix()
        kind = name.partition("/")[0]
        vector = json.loads(path.read_text("utf-8"))
        found.append(_decide(name, kind, vector))
    return tuple(found)


@dataclass(frozen=True)
class SignatureVector:
    """A vector of CCTV with what each program says of it."""

    number: int
    flags: frozenset[str]
    ours: bool
    strict_nacl: bool
    cryptography: bool
    nacl: bool


@cache
def cctv_decisions() -> tuple[SignatureVector, ...]:
    """Every Ed25519 vector of CCTV, decided by our rule and, with and without it, by two libraries."""
    found = []
    for one in json.loads(peers.CCTV.read_text("utf-8")):
        key, signature = bytes.fromhex(one["key"]), bytes.fromhex(one["sig"])
        message = one["msg"].encode()
        alone = _by_nacl(key, message, signature)
        found.append(
            SignatureVector(
                one["number"],
                frozenset(one["flags"] or ()),
                ed25519.is_valid(key, message, signature),
                ed25519.is_strict(key, signature) and alone,
                _by_cryptography(key, message, signature),
                alone,
            )
        )
    return tuple(found)


def _by_cryptography(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _by_nacl(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        VerifyKey(key).verify(message, signature)
    except (BadSignatureError, ValueError):
        return False
    return True


def by_flag() -> dict[str, Counter[bool]]:
    """How many vectors of each flag we accept and refuse; under an empty name those without flags."""
    found: dict[str, Counter[bool]] = {}
    for one in cctv_decisions():
        for flag in one.flags or {""}:
            found.setdefault(flag, Counter())[one.ours] += 1
    return dict(sorted(found.items()))
