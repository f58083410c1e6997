"""Signatures that cost nothing, for most stories: a hash of the public key and the message stands in for
Ed25519.

Whoever knows the public key could make them, so that a story's liars must not; they have the real ones'
freedom only to use keys that they hold, and to show signatures of one key under another's name. One share of
the stories runs with real signatures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from unittest.mock import patch

from allweather.record import ed25519, facts, members
from allweather.sync import layout, pull


def _sign(seed: bytes, message: bytes) -> bytes:
    return hashlib.sha512(_public_of(seed) + message).digest()


def _is_valid(public: bytes, message: bytes, signature: bytes) -> bool:
    return signature == hashlib.sha512(public + message).digest()


@lru_cache(maxsize=65_536)
def _public_of(seed: bytes) -> bytes:
    return hashlib.sha256(b"public" + seed).digest()


@contextmanager
def cheap_signatures() -> Iterator[None]:
    """Within this block nothing is signed for real. Parsed notes are forgotten before and after it."""

    def forget() -> None:
        members.parse_card.cache_clear()
        members.parse_succession.cache_clear()

    forget()
    with (
        patch.object(ed25519, "sign", _sign),
        patch.object(ed25519, "is_valid", _is_valid),
        patch.object(ed25519, "public_of", _public_of),
        # The same entries are read again and again in one story; what they say does not change.
        patch.object(facts, "facts_of", lru_cache(maxsize=65_536)(facts.facts_of)),
        patch.object(pull, "parse_index", lru_cache(maxsize=4_096)(layout.parse_index)),
    ):
        yield
    forget()
