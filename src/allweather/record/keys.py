"""Names and keys: who signs. Verifier keys are spelled as in the signed-note specification of C2SP.

A member is one *origin*, `<council>/<member>`. It has three keys of its own: the log key signs its
checkpoints, the witness key cosigns the checkpoints of others, the recovery key stays offline and names
successors. A private key is a 32-byte seed, made outside (this room has no source of randomness).
"""

from __future__ import annotations

import binascii
import hashlib
import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from allweather.errors import Malformed
from allweather.record import ed25519

MAX_ORIGIN = 127
_PART = r"[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?"
_ORIGIN = re.compile(rf"(?!index/){_PART}/(?!minutes$){_PART}", re.ASCII)
_MAX_VERIFIER_KEY = 512
_NO_NAME = re.compile("[+\\s\\x00-\\x1f\\x7f\ud800-\udfff]")


class SignatureType(IntEnum):
    """The first byte of a verifier key's material: what its signatures mean (signed-note of C2SP)."""

    NOTE = 0x01
    COSIGNATURE = 0x04


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with its name. `public` is 32 bytes."""

    name: str
    type: SignatureType
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The first 4 bytes of SHA-256(name, newline, type, public key)."""
        return _key_id(self.name, self.type, self.public)

    def __str__(self) -> str:
        return format_verifier_key(self)


@lru_cache(maxsize=4096)
def _key_id(name: str, kind: SignatureType, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


@dataclass(frozen=True, slots=True, repr=False)
class Signer:
    """A private key with its name. `seed` is 32 bytes; it never appears in a repr, a log or an error."""

    name: str
    type: SignatureType
    seed: bytes

    @property
    def verifier(self) -> VerifierKey:
        """The public side."""
        return VerifierKey(self.name, self.type, ed25519.public_of(self.seed))

    def __repr__(self) -> str:
        return f"Signer({self.name!r}, {self.type.name})"


def check_origin(origin: str) -> str:
    """`origin` itself. Raises Malformed unless it is `<council>/<member>` in a-z, 0-9, dots and hyphens."""
    if not isinstance(origin, str) or not _is_origin(origin):
        raise Malformed(
            f"{origin!r:.100} is not a log's name; it is written council/member, in lower-case letters, "
            "digits, dots and hyphens (no council is named index, no member minutes)"
        )
    return origin


@lru_cache(maxsize=4096)
def _is_origin(text: str) -> bool:
    return _ORIGIN.fullmatch(text) is not None


def log_signer(origin: str, seed: bytes) -> Signer:
    """The key that signs a member's checkpoints; its name is the origin."""
    return Signer(check_origin(origin), SignatureType.NOTE, seed)


def witness_signer(origin: str, seed: bytes) -> Signer:
    """The key that cosigns other members' checkpoints."""
    return Signer(witness_name(origin), SignatureType.COSIGNATURE, seed)


def recovery_signer(origin: str, seed: bytes) -> Signer:
    """The key that names successors, kept offline."""
    return Signer(recovery_name(origin), SignatureType.NOTE, seed)


def witness_name(origin: str) -> str:
    """The name of an origin's witness key."""
    return f"{check_origin(origin)}/witness"


def recovery_name(origin: str) -> str:
    """The name of an origin's recovery key."""
    return f"{check_origin(origin)}/recovery"


def origin_of_witness(name: str) -> str:
    """The origin that a witness key's name belongs to. Raises Malformed for any other name."""
    origin, slash, rest = name.rpartition("/")
    if not slash or rest != "witness":
        raise Malformed(f"{name!r:.150} is not the name of a witness")
    return check_origin(origin)


def format_verifier_key(key: VerifierKey) -> str:
    """The text form: name+key id in hex+base64 of type and key."""
    return f"{key.name}+{key.key_id.hex()}+{format_base64(bytes([key.type]) + key.public)}"


def parse_verifier_key(text: str, *, where: str = "") -> VerifierKey:
    """The key that a text form spells. Raises Malformed if it spells none, or one that may not be used."""
    parts = text.split("+", 2)
    if len(text) > _MAX_VERIFIER_KEY or len(parts) != 3 or not is_key_name(parts[0]):
        raise Malformed("a verifier key is written name+8 hex digits+base64", where=where)
    material = parse_base64(parts[2], where=where)
    if len(material) != 33 or material[0] not in tuple(SignatureType):
        raise Malformed("a verifier key must be of type 1 or 4 with 32 bytes of Ed25519", where=where)
    key = VerifierKey(parts[0], SignatureType(material[0]), material[1:])
    if not ed25519.is_strict_key(key.public):
        raise Malformed("this point may not serve as a key (not canonical, or of small order)", where=where)
    if parts[1] != key.key_id.hex():
        raise Malformed("the key's id does not belong to its name and bytes", where=where)
    return key


def is_key_name(name: str) -> bool:
    """Whether a text may name a key: 1 to 256 characters, no space, no plus, no control character."""
    return 0 < len(name) <= 256 and _NO_NAME.search(name) is None


def format_base64(data: bytes) -> str:
    """Standard base64 with padding (RFC 4648, section 4)."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def parse_base64(text: str, *, size: int | None = None, where: str = "") -> bytes:
    """The bytes of a canonical base64 text, `size` of them if given. Raises Malformed for any other."""
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        raise Malformed(f"{text!r:.60} is not base64", where=where) from None
    if format_base64(data) != text:
        raise Malformed(f"{text!r:.60} is not the canonical base64 of its bytes", where=where)
    if size is not None and len(data) != size:
        raise Malformed(f"{size} bytes of base64 are expected, not {len(data)}", where=where)
    return data


def parse_decimal(text: str, *, limit: int = 2**53 - 1, where: str = "") -> int:
    """A whole number in ASCII digits without leading zeroes, at most `limit`. Raises Malformed otherwise."""
    if (
        not 0 < len(text) <= 19
        or not text.isascii()
        or not text.isdigit()
        or (text[0] == "0" and text != "0")
    ):
        raise Malformed(f"{text!r:.40} is not a whole number without leading zeroes", where=where)
    number = int(text)
    if number > limit:
        raise Malformed(f"{number} is more than {limit}", where=where)
    return number
