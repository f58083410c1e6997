"""Canonical bytes: one value has one spelling, so that a hash of the bytes is a hash of the value.

The profile is closed: JSON objects with ASCII keys, arrays, UTF-8 text, integers below 2^53, true, false and
null. No floats, no duplicate keys, no byte that the canonical spelling does not have. On this profile sorted
JSON without spaces is RFC 8785 byte for byte (a property test compares it with the reference package).
"""

from __future__ import annotations

from typing import Any

import msgspec

from allweather.errors import Malformed

MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 16

_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODER = msgspec.json.Decoder()


def format_canonical(value: Any) -> bytes:
    """The canonical bytes of a value of the profile, or of a struct made of such values.

    Raises Malformed if the value holds what the profile excludes.
    """
    check_profile(value)
    return _ENCODER.encode(value)


def parse_canonical(data: bytes, *, limit: int, where: str = "") -> Any:
    """The value that `data` spells canonically.

    Raises Malformed if `data` is longer than `limit` bytes, is no JSON of the profile, or is another
    spelling.
    """
    if len(data) > limit:
        raise Malformed(f"{len(data)} bytes are more than the {limit} allowed", where=where)
    try:
        value = _DECODER.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Malformed(f"this is not JSON ({error})", where=where) from None
    check_profile(value, where=where)
    if _ENCODER.encode(value) != data:
        raise Malformed("this is JSON, but not in its one canonical spelling", where=where)
    return value


def check_profile(value: Any, *, where: str = "", depth: int = 0) -> None:
    """Raise Malformed unless `value` (decoded JSON, or structs of it) lies within the profile."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        if kind is str and not value.isascii():
            _check_text(value, where)
        return
    if kind is int:
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise Malformed("an integer must lie between -(2^53 - 1) and 2^53 - 1", where=where)
        return
    if depth >= MAX_DEPTH:
        raise Malformed(f"values may be nested {MAX_DEPTH} deep, not deeper", where=where)
    if kind is dict:
        for key, inner in value.items():
            if type(key) is not str or not key.isascii():
                raise Malformed("a key must be ASCII text", where=where)
            # Most values are ASCII texts: they need no call of their own.
            if type(inner) is not str or not inner.isascii():
                check_profile(inner, where=where, depth=depth + 1)
    elif kind is list or kind is tuple:
        for inner in value:
            if type(inner) is not str or not inner.isascii():
                check_profile(inner, where=where, depth=depth + 1)
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            check_profile(getattr(value, name), where=where, depth=depth + 1)
    else:
        raise Malformed(f"a value may not be a {kind.__name__}", where=where)


def _check_text(text: str, where: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Malformed("a text holds half of a surrogate pair", where=where) from None
