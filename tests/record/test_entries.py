"""Entries: their one spelling, their bounds, payloads, delegates' signatures."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from allweather.errors import Malformed
from allweather.record.canonical import MAX_INTEGER, parse_canonical
from allweather.record.entries import (
    MAX_PAYLOAD,
    VERSION,
    Delegated,
    Entry,
    Payload,
    delegate_message,
    format_entry,
    is_bound,
    is_signed_by_delegate,
    make_payload,
    parse_entry,
    read_payload,
    seen_heads,
    sign_as_delegate,
)
from allweather.record.keys import format_base64
from allweather.record.tiles import MAX_ENTRY
from tests.record.making import attack, hashes, origins, plain, quick, seed_of, values

ROOT = format_base64(bytes(32))
GOOD: dict[str, Any] = {"v": 1, "log": "nrc/a", "n": 0, "kind": "x.y", "at": 1, "body": {}}
FULL = Entry(
    v=1,
    log="nrc/a",
    n=7,
    kind="council.statement",
    at=1_700_000_000,
    body={"t": "é\n", "k": [1, None, True]},
    payload=Payload(ROOT, 12, "text/plain; charset=utf-8"),
    seen=(("nrc/b", 3, ROOT), ("nrc/c", 1, ROOT)),
    audience=("nrc/b",),
    by=Delegated(ROOT, format_base64(bytes(64))),
)

entries = st.builds(
    Entry,
    v=st.just(VERSION),
    log=st.just("nrc/a"),
    n=st.integers(0, MAX_INTEGER),
    kind=st.from_regex(r"[a-z][a-z0-9-]{0,5}(\.[a-z][a-z0-9-]{0,5}){0,2}", fullmatch=True),
    at=st.integers(0, MAX_INTEGER),
    body=st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=4), values, max_size=3),
    payload=st.none()
    | st.builds(Payload, hashes.map(format_base64), st.integers(0, MAX_PAYLOAD), st.just("text/plain")),
    seen=st.dictionaries(
        origins.filter(lambda name: name != "nrc/a"), st.tuples(st.integers(1, 2**48), hashes), max_size=3
    ).map(
        lambda rows: tuple((name, size, format_base64(root)) for name, (size, root) in sorted(rows.items()))
    ),
    audience=st.sets(origins, max_size=3).map(lambda names: tuple(sorted(names))),
    by=st.none()
    | st.builds(Delegated, hashes.map(format_base64), st.binary(min_size=64, max_size=64).map(format_base64)),
)


@quick
@given(entries)
def test_entries_come_back_and_are_canonical(entry: Entry) -> None:
    data = format_entry(entry)
    assert parse_entry(data) == entry
    assert rfc8785.dumps(parse_canonical(data, limit=len(data))) == data


def test_spoiled_entries_are_refused_or_mean_themselves() -> None:
    attack(parse_entry, format_entry, format_entry(FULL))


@quick
@given(
    st.binary(max_size=60)
    | st.dictionaries(plain, values, max_size=3).map(lambda value: json.dumps(value).encode())
)
def test_any_bytes(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_entry(data)


def changed(**fields: Any) -> bytes:
    found = {key: value for key, value in {**GOOD, **fields}.items() if value is not ...}
    return json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def test_the_smallest_entry() -> None:
    assert parse_entry(changed()).log == "nrc/a"


HASH = {"hash": ROOT, "size": 1, "type": "text/plain"}
BY = {"key": ROOT, "sig": format_base64(bytes(64))}


@pytest.mark.parametrize(
    "fields",
    [
        *({name: ...} for name in GOOD),
        *({name: None} for name in GOOD),
        {"x": 1},
        {"v": 2},
        {"v": "1"},
        {"v": True},
        {"v": 1.0},
        {"log": "nrc"},
        {"n": -1},
        {"n": 2**53},
        {"n": 0.5},
        {"n": True},
        {"at": -1},
        {"at": 2**53},
        {"at": 1.5},
        {"kind": ""},
        {"kind": "X.y"},
        {"kind": "x..y"},
        {"kind": "x.y."},
        {"kind": ".x"},
        {"kind": "x.1"},
        {"kind": "x_y"},
        {"kind": "é"},
        {"kind": "x" * 128},
        {"body": []},
        {"body": "x"},
        {"body": {"é": 1}},
        {"body": {"a": 1.5}},
        {"body": {"a": 2**53}},
        {"payload": None},
        {"payload": {}},
        {"payload": {**HASH, "x": 1}},
        {"payload": {**HASH, "hash": ROOT[:-1]}},
        {"payload": {**HASH, "hash": format_base64(bytes(31))}},
        {"payload": {**HASH, "size": -1}},
        {"payload": {**HASH, "size": MAX_PAYLOAD + 1}},
        {"payload": {**HASH, "type": "text"}},
        {"payload": {**HASH, "type": "Text/plain"}},
        {"payload": {**HASH, "type": "text/plain\n"}},
        {"payload": {**HASH, "type": "text/plain;é"}},
        {"payload": {**HASH, "type": "text/" + "x" * 123}},
        {"seen": []},
        {"seen": None},
        {"seen": [["nrc/b", 1]]},
        {"seen": [["nrc/b", 1, ROOT, 1]]},
        {"seen": [["nrc/b", 0, ROOT]]},
        {"seen": [["nrc/b", 2**48 + 1, ROOT]]},
        {"seen": [["nrc/b", 1, "AA=="]]},
        {"seen": [["nrc/a", 1, ROOT]]},
        {"seen": [["nrc", 1, ROOT]]},
        {"seen": [["nrc/b", 1, ROOT], ["nrc/b", 2, ROOT]]},
        {"seen": [["nrc/c", 1, ROOT], ["nrc/b", 1, ROOT]]},
        {"seen": [[f"nrc/b{n:03}", 1, ROOT] for n in range(513)]},
        {"audience": []},
        {"audience": ["nrc"]},
        {"audience": ["nrc/b", "nrc/b"]},
        {"audience": ["nrc/c", "nrc/b"]},
        {"audience": [f"nrc/b{n:03}" for n in range(513)]},
        {"by": None},
        {"by": {"key": ROOT}},
        {"by": {**BY, "x": 1}},
        {"by": {**BY, "key": "AA=="}},
        {"by": {**BY, "sig": ROOT}},
        {"by": {**BY, "sig": ""}},
    ],
    ids=lambda fields: ascii(fields)[:50],
)
def test_other_entries_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        parse_entry(changed(**fields))


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "a-1.b-2.c"},
        {"kind": "x" * 127},
        {"payload": {**HASH, "size": 0}},
        {"payload": {**HASH, "size": MAX_PAYLOAD, "type": "a/b;Any = ASCII ~"}},
        {"payload": {**HASH, "type": "1!#$&^_.+-/2!#$&^_.+-"}},
        {"seen": [[f"nrc/b{n:03}", 2**48, ROOT] for n in range(512)]},
        {"audience": [f"nrc/b{n:03}" for n in range(512)]},
        {"audience": ["nrc/a"]},
        {"by": BY},
        {"n": MAX_INTEGER, "at": MAX_INTEGER},
    ],
    ids=lambda fields: ascii(fields)[:50],
)
def test_entries_at_their_bounds_are_read(fields: dict[str, Any]) -> None:
    data = changed(**fields)
    assert format_entry(parse_entry(data)) == data


def test_an_entry_has_at_most_65535_bytes() -> None:
    room = MAX_ENTRY - len(changed(body={"t": ""}))
    assert len(format_entry(parse_entry(changed(body={"t": "x" * room})))) == MAX_ENTRY
    with pytest.raises(Malformed):
        parse_entry(changed(body={"t": "x" * (room + 1)}))
    with pytest.raises(Malformed):
        format_entry(Entry(1, "nrc/a", 0, "x.y", 1, {"t": "x" * (room + 1)}))


def nested(depth: int) -> Any:
    return [] if depth == 1 else [nested(depth - 1)]


def test_the_entry_itself_is_the_first_of_sixteen_levels() -> None:
    assert parse_entry(changed(body={"a": nested(14)})).body["a"]
    with pytest.raises(Malformed):
        parse_entry(changed(body={"a": nested(15)}))


@pytest.mark.parametrize(
    "data",
    [
        changed().replace(b'"at":1,', b'"at":1,"at":1,'),
        changed().replace(b'"at":1,', b'"at": 1,'),
        changed().replace(b'"at":1,', b'"at":1.0,'),
        changed().replace(b'"at":1,', b'"at":1e0,'),
        changed().replace(b'"x.y"', b'"x\\u002ey"'),
        changed() + b"\n",
        changed(body={"b": 1, "a": 2}).replace(b'"a":2,"b":1', b'"b":1,"a":2'),
        changed().replace(b"{}", b'{"a":"\\ud800"}'),
        changed().replace(b"{}", b'{"a":"\xed\xa0\x80"}'),
        changed().replace(b"{}", b'{"a":1,"a":1}'),
        b"{}",
        b"[]",
        b"null",
        b"",
    ],
    ids=range(14),
)
def test_another_spelling_of_an_entry_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_entry(data)


def test_heads_seen() -> None:
    assert [(head.origin, head.size) for head in seen_heads(FULL)] == [("nrc/b", 3), ("nrc/c", 1)]


@quick
@given(st.binary(max_size=40), st.binary(min_size=16, max_size=16))
def test_payloads_come_back(content: bytes, salt: bytes) -> None:
    payload, blob = make_payload("nrc/a", content, "text/plain", salt)
    assert read_payload(payload, blob, "nrc/a") == content
    assert (blob[:16], blob[32:]) == (salt, content)
    for bad in (blob + b"x", blob[:-1], b"", bytes([blob[0] ^ 1]) + blob[1:]):
        with pytest.raises(Malformed):
            read_payload(payload, bad, "nrc/a")
    with pytest.raises(Malformed):
        read_payload(msgspec.structs.replace(payload, size=len(content) + 1), blob, "nrc/a")


def test_a_payload_belongs_to_one_log() -> None:
    payload, blob = make_payload("nrc/a", b"x", "text/plain", bytes(16))
    assert is_bound(blob, "nrc/a")
    assert not is_bound(blob, "nrc/b")
    with pytest.raises(Malformed, match="nrc/b"):
        read_payload(payload, blob, "nrc/b")


@pytest.mark.parametrize("salt", [b"", bytes(15), bytes(17), bytes(32)])
def test_a_salt_has_16_bytes(salt: bytes) -> None:
    with pytest.raises(Malformed):
        make_payload("nrc/a", b"x", "text/plain", salt)


def test_equal_contents_have_different_names() -> None:
    one, two = (make_payload("nrc/a", b"x", "a/b", seed_of(n)[:16])[0].hash for n in (1, 2))
    assert one != two


def test_a_delegate_signs_the_whole_entry() -> None:
    entry = sign_as_delegate(msgspec.structs.replace(FULL, by=None), seed_of("delegate"))
    assert is_signed_by_delegate(entry)
    assert parse_entry(format_entry(entry)) == entry
    message = delegate_message(entry, entry.by.key) if entry.by else b""
    head, _, rest = message.partition(b"\n")
    assert head == b"allweather/delegate@v1"
    assert rest == format_entry(entry).replace(entry.by.sig.encode(), b"") if entry.by else False
    assert not is_signed_by_delegate(FULL)
    assert not is_signed_by_delegate(msgspec.structs.replace(entry, by=None))
    changes: list[dict[str, Any]] = [{"n": 8}, {"at": 1}, {"body": {}}, {"kind": "x"}, {"seen": ()}]
    for change in [*changes, {"payload": None}, {"log": "nrc/z"}]:
        assert not is_signed_by_delegate(msgspec.structs.replace(entry, **change))
