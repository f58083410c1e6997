"""Names, verifier keys, base64, decimal numbers."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allweather.errors import InputError, Malformed
from allweather.record.keys import (
    SignatureType,
    VerifierKey,
    check_origin,
    format_base64,
    format_verifier_key,
    log_signer,
    origin_of_witness,
    parse_base64,
    parse_decimal,
    parse_verifier_key,
    recovery_name,
    witness_name,
    witness_signer,
)
from tests.record.making import attack, origins, quick, seed_of, signers_of

KEY = log_signer("nrc/a", seed_of("a")).verifier


def parse_key(data: bytes) -> VerifierKey:
    try:
        return parse_verifier_key(data.decode())
    except UnicodeDecodeError:
        raise Malformed("not text") from None


def as_bytes(key: VerifierKey) -> bytes:
    return format_verifier_key(key).encode()


@quick
@given(origins, st.binary(min_size=32, max_size=32), st.booleans())
def test_verifier_keys_come_back(origin: str, seed: bytes, cosigns: bool) -> None:
    key = (witness_signer if cosigns else log_signer)(origin, seed).verifier
    text = format_verifier_key(key)
    assert parse_verifier_key(text) == key
    name, number, material = text.split("+", 2)
    raw = base64.b64decode(material)
    assert number == hashlib.sha256(name.encode() + b"\n" + raw).hexdigest()[:8]
    assert raw[0] == (4 if cosigns else 1)


def test_spoiled_verifier_keys_are_refused() -> None:
    # A bit of the name, id or material always breaks the id, so that nothing spoiled is accepted.
    assert attack(parse_key, as_bytes, as_bytes(KEY)) == 0


def spelled(name: str, kind: int, public: bytes) -> str:
    material = bytes([kind]) + public
    number = hashlib.sha256(name.encode() + b"\n" + material).hexdigest()[:8]
    return f"{name}+{number}+{base64.b64encode(material).decode()}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nrc/a",
        "nrc/a+",
        "nrc/a++",
        spelled("", 1, KEY.public),
        spelled("a b", 1, KEY.public),
        spelled("a\u2003b", 1, KEY.public),
        spelled("a\nb", 1, KEY.public),
        spelled("nrc/a", 2, KEY.public),
        spelled("nrc/a", 0, KEY.public),
        spelled("nrc/a", 1, KEY.public[:31]),
        spelled("nrc/a", 1, KEY.public + b"x"),
        spelled("nrc/a", 1, bytes(32)),
        spelled("nrc/a", 1, b"\x01" + bytes(31)),
        spelled("nrc/a", 1, b"\xff" * 32),
        spelled("nrc/a", 1, KEY.public).replace(KEY.key_id.hex(), KEY.key_id.hex().upper() + "x"),
        spelled("nrc/a", 1, KEY.public) + "\n",
        "n" * 600 + spelled("nrc/a", 1, KEY.public),
        "\ud800" + spelled("nrc/a", 1, KEY.public),
    ],
    ids=lambda text: ascii(text[:20]),
)
def test_other_verifier_keys_are_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse_verifier_key(text)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a",
        "a/",
        "/a",
        "a/b/c",
        "A/b",
        "a/b ",
        "a/é",
        "-a/b",
        "a/b-",
        ".a/b",
        "a/b.",
        "a//b",
        "a/b\n",
        "index/a",
        "a/minutes",
        "a" * 64 + "/b",
        "a/" + "b" * 64,
        "a+b/c",
        "a/b_c",
        "a/٣",
    ],
)
def test_other_origins_are_refused(name: str) -> None:
    with pytest.raises(Malformed):
        check_origin(name)


@pytest.mark.parametrize(
    "name",
    ["a/b", "1/2", "nrc.example/nor-way", "a" * 63 + "/" + "b" * 63, "minutes/index", "indexes/minutes.a"],
)
def test_origins(name: str) -> None:
    assert check_origin(name) == name
    assert origin_of_witness(witness_name(name)) == name


@pytest.mark.parametrize(
    "name", ["nrc/a", "witness", "/witness", "nrc/a/recovery", "a/b/c/witness", "nrc/a/witness/"]
)
def test_other_names_are_no_witness(name: str) -> None:
    with pytest.raises(Malformed):
        origin_of_witness(name)


def test_three_keys_have_three_names() -> None:
    log, witness, recovery = signers_of("nrc/a")
    assert [log.name, witness.name, recovery.name] == ["nrc/a", witness_name("nrc/a"), recovery_name("nrc/a")]
    assert [log.type, witness.type, recovery.type] == [
        SignatureType.NOTE,
        SignatureType.COSIGNATURE,
        SignatureType.NOTE,
    ]


def test_a_private_key_shows_itself_nowhere() -> None:
    signer = log_signer("nrc/a", b"\x5a" * 32)
    shown = repr(signer) + str(signer) + repr(signer.verifier) + f"{[signer]}"
    assert "5a5a" not in shown
    assert "ZZZZ" not in shown
    assert "\\x5a" not in shown


@quick
@given(st.binary(max_size=50))
def test_base64_comes_back(data: bytes) -> None:
    text = format_base64(data)
    assert parse_base64(text) == data == base64.b64decode(text)
    assert parse_base64(text, size=len(data)) == data
    with pytest.raises(Malformed):
        parse_base64(text, size=len(data) + 1)


@quick
@given(st.text(st.sampled_from("AZaz09+/=-_ \n"), max_size=9))
def test_base64_has_one_spelling(text: str) -> None:
    try:
        data = parse_base64(text)
    except Malformed:
        return
    assert format_base64(data) == text


@pytest.mark.parametrize(
    "text",
    [
        "A",
        "AA",
        "AA=",
        "AB==",
        "AAA",
        "AAB=",
        "AA==\n",
        " AA==",
        "AA==AA==",
        "A-_=",
        "ÀA==",
        "====",
        "\ud800",
    ],
)
def test_other_base64_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse_base64(text)


@quick
@given(st.integers(0, 2**53 - 1))
def test_decimals_come_back(number: int) -> None:
    assert parse_decimal(str(number)) == number


@pytest.mark.parametrize(
    "text",
    ["", "00", "01", "+1", "-0", "-1", " 1", "1 ", "1\n", "1_0", "1.0", "1e1", "٣", "²", "0x1", "9" * 20],
)
def test_other_decimals_are_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse_decimal(text, limit=10**30)


def test_decimals_are_bounded() -> None:
    assert parse_decimal("7", limit=7) == 7
    with pytest.raises(InputError):
        parse_decimal("8", limit=7)
