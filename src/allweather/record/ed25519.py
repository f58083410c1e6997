"""Ed25519 by RFC 8032, with one strict rule for which signatures count.

Libraries disagree about signatures that nobody honest makes: scalars not reduced, points with a second
spelling, points of small order. A record that one library accepts and another refuses would itself be a way
to be two-faced. So these are refused here before the library is asked, and what is left is checked by the
equation without the cofactor, R = [S]B - [k]A, byte for byte. `docs/spec/record.md` states the rule.
"""

from __future__ import annotations

from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PUBLIC_SIZE = 32
SIGNATURE_SIZE = 64

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
# The y coordinates of the eight points whose order divides 8 (RFC 7748's curve in the form of RFC 8032).
_LOW_ORDER_Y = frozenset(
    {
        0,
        1,
        _P - 1,
        2707385501144840649318225287225658788936804267575313519463743609750303402022,
        55188659117513257062467267217118295137698188065244968500265048394206261417927,
    }
)


def is_strict(public: bytes, signature: bytes) -> bool:
    """Whether key and signature are spelled strictly: S < L, A and R canonical and not of small order."""
    return (
        len(public) == PUBLIC_SIZE
        and len(signature) == SIGNATURE_SIZE
        and int.from_bytes(signature[32:], "little") < _L
        and _is_strict_point(signature[:32])
        and is_strict_key(public)
    )


def _is_strict_point(data: bytes) -> bool:
    # A canonical spelling has y < p. A point with x = 0 (y = 1 or -1) has small order, so that the second
    # spelling of its sign is refused with it.
    y = int.from_bytes(data, "little") & ((1 << 255) - 1)
    return y < _P and y not in _LOW_ORDER_Y


@lru_cache(maxsize=4096)
def is_strict_key(public: bytes) -> bool:
    """Whether 32 bytes may serve as a public key at all."""
    return len(public) == PUBLIC_SIZE and _is_strict_point(public)


def is_valid(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes) is a strict Ed25519 signature of `message` by `public` (32 bytes)."""
    if not is_strict(public, signature):
        return False
    try:
        _public_key(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def sign(seed: bytes, message: bytes) -> bytes:
    """The signature of `message` (64 bytes) under the private key that the 32 bytes of `seed` are."""
    return _private_key(seed).sign(message)


def public_of(seed: bytes) -> bytes:
    """The public key (32 bytes) of a private key's seed."""
    return _private_key(seed).public_key().public_bytes_raw()


@lru_cache(maxsize=1024)
def _public_key(public: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(public)


@lru_cache(maxsize=256)
def _private_key(seed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed)
