"""Canonical bytes: RFC 8785 on the closed profile, and nothing else is read."""

from __future__ import annotations

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from allweather.errors import Malformed
from allweather.record.canonical import MAX_DEPTH, MAX_INTEGER, format_canonical, parse_canonical
from tests.record.making import attack, plain, quick, values

LIMIT = 4_096


def parse(data: bytes) -> Any:
    return parse_canonical(data, limit=LIMIT)


@quick
@given(values)
def test_it_is_rfc_8785_byte_for_byte_and_comes_back(value: Any) -> None:
    data = format_canonical(value)
    assert data == rfc8785.dumps(value)
    assert parse_canonical(data, limit=len(data)) == value


@quick
@given(plain)
def test_every_character_is_spelled_as_rfc_8785_does(text: str) -> None:
    assert format_canonical(text + '\x00\x1f\x7f\u2028\u2029</\\"é😀') == rfc8785.dumps(
        text + '\x00\x1f\x7f\u2028\u2029</\\"é😀'
    )


def test_every_control_character() -> None:
    for code in range(0x20):
        assert format_canonical(chr(code)) == rfc8785.dumps(chr(code))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" 1",
        b"1 ",
        b'{"a": 1}',
        b'{"a":1,"a":1}',
        b'{"a":1,"a":2}',
        b'{"b":1,"a":2}',
        b"1.0",
        b"1e2",
        b"-0",
        b"01",
        b"+1",
        b"1.5",
        b"NaN",
        b"Infinity",
        b"9007199254740992",
        b"-9007199254740992",
        b"123456789012345678901234567890",
        b'"\\u0041"',
        b'"\\/"',
        b'"\\u001F"',
        b'"\\u000a"',
        b'"\\ud83d\\ude00"',
        b'"\\ud83d"',
        b'"\xed\xa0\x80"',
        b'"\xff"',
        b'"\xc0\xaf"',
        b'"\x00"',
        b'"\x1f"',
        b"\xef\xbb\xbf1",
        b"[1,]",
        b"[1,2",
        b"[1]]",
        b"null\n",
        b"/**/1",
        b"'a'",
        '{"é":1}'.encode(),
        b"[" * 100_000 + b"]" * 100_000,
        b'"' + b"a" * LIMIT + b'"',
    ],
    ids=lambda data: ascii(data[:24]),
)
def test_another_spelling_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_canonical(data, limit=2**20 if data[:2] == b"[[" else LIMIT)


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        MAX_INTEGER + 1,
        -MAX_INTEGER - 1,
        "\ud83d",
        {"é": 1},
        {1: 2},
        b"a",
        {1, 2},
        pytest.param(object(), id="an object"),
    ],
    ids=ascii,
)
def test_what_the_profile_excludes_is_not_written(value: Any) -> None:
    for inside in (value, [value], {"a": value}):
        with pytest.raises(Malformed):
            format_canonical(inside)


@pytest.mark.parametrize("wrap", [lambda value: [value], lambda value: {"a": value}], ids=["array", "object"])
def test_the_depth_is_bounded(wrap: Any) -> None:
    value: Any = 1
    for _ in range(MAX_DEPTH):
        value = wrap(value)
    data = format_canonical(value)
    assert parse(data) == value
    with pytest.raises(Malformed):
        format_canonical(wrap(value))
    with pytest.raises(Malformed):
        parse(json.dumps(wrap(value), separators=(",", ":")).encode())


def test_the_size_is_bounded() -> None:
    data = b'"' + b"a" * (LIMIT - 2) + b'"'
    assert len(parse(data)) == LIMIT - 2
    with pytest.raises(Malformed):
        parse_canonical(data, limit=LIMIT - 1)


def test_whatever_is_spoiled_is_refused_or_means_itself() -> None:
    good = format_canonical({"a": [1, -2, True, None, 'x\n"\\é😀'], "b": {"c": {}}, "n": MAX_INTEGER})
    assert attack(parse, format_canonical, good) > 0


@quick
@given(st.binary(max_size=40))
def test_any_bytes(data: bytes) -> None:
    try:
        value = parse(data)
    except Malformed:
        return
    assert format_canonical(value) == data
