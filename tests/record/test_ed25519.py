"""Ed25519: the vectors of RFC 8032, and the strict rule on keys and signatures that nobody honest makes."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allweather.record import ed25519
from tests.record.making import quick, seed_of

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P

#: RFC 8032, section 7.1, tests 1 to 3: secret, public, message, signature.
RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
    ),
]

Point = tuple[int, int]


def root_of(square: int) -> int | None:
    """A square root modulo P (P = 5 mod 8), or None."""
    root = pow(square, (P + 3) // 8, P)
    if root * root % P != square % P:
        root = root * pow(2, (P - 1) // 4, P) % P
    return root if root * root % P == square % P else None


def point_of(y: int) -> Point | None:
    """A point of -x^2 + y^2 = 1 + d x^2 y^2 with this y, or None."""
    x = root_of((y * y - 1) * pow(D * y * y + 1, -1, P) % P)
    return None if x is None else (x, y)


def add(one: Point, two: Point) -> Point:
    """The sum by the complete law of the twisted Edwards curve."""
    (x1, y1), (x2, y2) = one, two
    product = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P
    return x, (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P


def times(number: int, point: Point) -> Point:
    result = (0, 1)
    while number:
        if number & 1:
            result = add(result, point)
        point, number = add(point, point), number >> 1
    return result


def encode(point: Point, *, beyond: bool = False, flip: bool = False) -> bytes:
    x, y = point
    return (y + P * beyond | (x & 1 ^ flip) << 255).to_bytes(32, "little")


def torsion() -> list[Point]:
    """The eight points whose order divides 8: L times some point, and its multiples."""
    for y in range(2, 100):
        point = point_of(y)
        if point is not None:
            one = times(L, point)
            if times(4, one) != (0, 1):
                return [times(number, one) for number in range(8)]
    raise AssertionError("no point of order 8")


TORSION = torsion()


@pytest.mark.parametrize(("secret", "public", "message", "signature"), RFC_8032)
def test_vectors_of_rfc_8032(secret: str, public: str, message: str, signature: str) -> None:
    seed, said = bytes.fromhex(secret), bytes.fromhex(message)
    assert ed25519.public_of(seed).hex() == public
    assert ed25519.sign(seed, said).hex() == signature
    assert ed25519.is_valid(bytes.fromhex(public), said, bytes.fromhex(signature))
    assert not ed25519.is_valid(bytes.fromhex(public), said + b"x", bytes.fromhex(signature))


def test_there_are_eight_points_of_small_order() -> None:
    assert len(set(TORSION)) == 8
    assert {y for _, y in TORSION} == ed25519._LOW_ORDER_Y


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("point", TORSION, ids=[f"{number}T" for number in range(8)])
def test_points_of_small_order_are_refused(point: Point, flip: bool) -> None:
    bad = encode(point, flip=flip)
    seed = seed_of("key")
    good = ed25519.sign(seed, b"m")
    assert not ed25519.is_strict_key(bad)
    assert not ed25519.is_valid(bad, b"m", good)
    assert not ed25519.is_strict(ed25519.public_of(seed), bad + good[32:])
    # Against a key of order 1, R = [S]B satisfies the equation for every message.
    assert not ed25519.is_valid(bad, b"m", encode((0, 1)) + bytes(32))


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("y", [*range(19)])
def test_points_with_a_second_spelling_are_refused(y: int, flip: bool) -> None:
    data = (y + P | flip << 255).to_bytes(32, "little")
    good = ed25519.sign(seed_of("key"), b"m")
    assert not ed25519.is_strict_key(data)
    assert not ed25519.is_strict(ed25519.public_of(seed_of("key")), data + good[32:])


def test_a_key_that_is_no_point_is_refused() -> None:
    y = next(y for y in range(2, 100) if point_of(y) is None)
    data = y.to_bytes(32, "little")
    assert not ed25519.is_valid(data, b"m", ed25519.sign(seed_of("key"), b"m"))


def test_a_scalar_that_is_not_reduced_is_refused() -> None:
    for number in range(4):
        seed, message = seed_of("key", number), bytes([number])
        good = ed25519.sign(seed, message)
        scalar = int.from_bytes(good[32:], "little")
        for factor in range(1, 16):
            if scalar + factor * L < 2**256:
                bad = good[:32] + (scalar + factor * L).to_bytes(32, "little")
                assert not ed25519.is_strict(ed25519.public_of(seed), bad)
                assert not ed25519.is_valid(ed25519.public_of(seed), message, bad)


def test_a_component_of_small_order_is_not_forgiven() -> None:
    """R + T satisfies the equation with the cofactor only; by ours it is false."""
    seed, message = seed_of("key"), b"m"
    public = ed25519.public_of(seed)
    digest = hashlib.sha512(seed).digest()
    secret = int.from_bytes(digest[:32], "little") & (2**254 - 8) | 2**254
    base = point_of(4 * pow(5, -1, P) % P)
    assert base is not None
    base = base if base[0] % 2 == 0 else (P - base[0], base[1])
    assert encode(times(secret, base)) == public
    for twist in TORSION:
        spelled = encode(add(times(7, base), twist))
        k = int.from_bytes(hashlib.sha512(spelled + public + message).digest(), "little") % L
        signature = spelled + ((7 + k * secret) % L).to_bytes(32, "little")
        assert ed25519.is_valid(public, message, signature) == (twist == (0, 1))


@pytest.mark.parametrize("size", [0, 31, 33, 63, 65])
def test_lengths(size: int) -> None:
    seed = seed_of("key")
    good = ed25519.sign(seed, b"m")
    assert not ed25519.is_valid(ed25519.public_of(seed), b"m", (good + good)[:size])
    assert not ed25519.is_valid((good + good)[:size], b"m", good)
    assert not ed25519.is_strict_key((good + good)[:size])


@quick
@given(st.binary(max_size=40), st.integers(0, 511))
def test_a_signature_holds_and_no_bit_of_it_may_change(message: bytes, bit: int) -> None:
    seed = seed_of("key")
    public, good = ed25519.public_of(seed), ed25519.sign(seed, message)
    assert ed25519.is_valid(public, message, good)
    spoiled = bytearray(good)
    spoiled[bit // 8] ^= 1 << bit % 8
    assert not ed25519.is_valid(public, message, bytes(spoiled))
