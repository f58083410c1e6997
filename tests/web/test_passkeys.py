"""Passkeys against a device made of software: it signs in, and whatever is not its own is refused."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from allweather.errors import AllweatherError, InputError, Refused
from allweather.web import people
from allweather.web.passkeys import GOOD_FOR, MAX_PASSKEYS, Passkeys
from allweather.web.people import People, Person
from tests.node.nodes import Member
from tests.web.browsing import Browser

HOST, ORIGIN = "localhost:8080", "http://localhost:8080"
FLAG = AuthenticatorData.FLAG
UP, UV, AT = FLAG.UP, FLAG.UV, FLAG.AT


@dataclass
class Device:
    """An authenticator of software with one credential. `flags` are those that it sets."""

    flags: AuthenticatorData.FLAG = UP | UV
    origin: str = ORIGIN
    place: str = "localhost"
    crosses: bool = False
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    name: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    handle: str = ""

    def make(self, options: dict[str, Any]) -> str:
        """The answer to a registration."""
        asked = options["publicKey"]
        self.handle = asked["user"]["id"]
        public = ES256.from_cryptography_key(self.key.public_key())
        credential = AttestedCredentialData.create(bytes(16), self.name, public)
        data = AuthenticatorData.create(self._place(), self.flags | AT, 0, credential)
        client = self._client("webauthn.create", asked["challenge"])
        response = {
            "clientDataJSON": websafe_encode(client),
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
        }
        return self._answer(response)

    def get(self, options: dict[str, Any], **instead: Any) -> str:
        """The answer to a sign-in; `instead` changes parts of it."""
        client = self._client("webauthn.get", options["publicKey"]["challenge"])
        data = AuthenticatorData.create(self._place(), self.flags, 1)
        signed = bytes(data) + hashlib.sha256(client).digest()
        response = {
            "clientDataJSON": websafe_encode(client),
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(self.key.sign(signed, ec.ECDSA(SHA256()))),
            "userHandle": self.handle,
            **instead,
        }
        return self._answer(response)

    def _place(self) -> bytes:
        return hashlib.sha256(self.place.encode()).digest()

    def _client(self, kind: str, challenge: str) -> bytes:
        return bytes(
            CollectedClientData.create(
                type=kind,
                challenge=websafe_decode(challenge),
                origin=self.origin,
                cross_origin=self.crosses,
            )
        )

    def _answer(self, response: dict[str, Any]) -> str:
        name = websafe_encode(self.name)
        return json.dumps(
            {
                "id": name,
                "rawId": name,
                "type": "public-key",
                "response": response,
                "clientExtensionResults": {},
            }
        )


@dataclass
class Place:
    """People and passkeys, without a node."""

    people: People
    passkeys: Passkeys
    clock: list[float]

    def register(self, person: Person, device: Device, host: str = HOST) -> Person:
        begun = self.passkeys.begin_registration(person, host)
        made = self.passkeys.finish_registration(
            person, begun["id"], device.make(begun["options"]), "Phone", host
        )
        return self.people.update(person.id, passkeys=(*person.passkeys, made))

    def sign_in(self, device: Device, host: str = HOST, **instead: Any) -> Person:
        begun = self.passkeys.begin_sign_in(host)
        answer = device.get(begun["options"], **instead)
        return self.passkeys.finish_sign_in(self.people.book(), begun["id"], answer, host)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    clock = [0.0]
    return Place(People(tmp_path, lambda: 0.0), Passkeys(lambda: clock[0]), clock)


def test_a_device_registers_and_signs_in(place: Place) -> None:
    ann, ben = place.people.add("Ann", "head"), place.people.add("Ben", "head")
    phone, laptop = Device(), Device()
    place.register(ann, phone)
    place.register(ben, laptop)
    assert place.sign_in(phone).id == ann.id
    assert place.sign_in(laptop).id == ben.id
    book = place.people.book()
    assert phone.key.private_numbers().private_value.to_bytes(32, "big").hex() not in str(
        msgspec.to_builtins(book)
    )


@pytest.mark.parametrize("device", [
    Device(flags=UP),
    Device(flags=UV),
    Device(origin="https://elsewhere.example"),
    Device(origin="http://localhost:9999"),
    Device(place="elsewhere.example"),
    Device(crosses=True),
])  # fmt: skip
def test_answers_from_elsewhere_or_without_their_user_are_refused(place: Place, device: Device) -> None:
    ann = place.people.add("Ann", "head")
    with pytest.raises(Refused):
        place.register(ann, device)
    good = Device(key=device.key, name=device.name)
    place.register(ann, good)
    device.handle = good.handle
    with pytest.raises(Refused):
        place.sign_in(device)


def test_another_key_another_owner_another_challenge(place: Place) -> None:
    ann, ben = place.people.add("Ann", "head"), place.people.add("Ben", "head")
    phone, other = Device(), Device()
    place.register(ann, phone)
    place.register(ben, other)
    with pytest.raises(Refused):  # a stranger's key under a name that is known
        place.sign_in(Device(name=phone.name, handle=phone.handle))
    with pytest.raises(Refused):  # signed well, and said to be somebody else's
        place.sign_in(phone, userHandle=other.handle)
    with pytest.raises(Refused):
        place.sign_in(Device())
    begun, next_one = place.passkeys.begin_sign_in(HOST), place.passkeys.begin_sign_in(HOST)
    answer = phone.get(begun["options"])
    with pytest.raises(Refused):  # the answer to another challenge
        place.passkeys.finish_sign_in(place.people.book(), next_one["id"], answer, HOST)
    assert place.passkeys.finish_sign_in(place.people.book(), begun["id"], answer, HOST).id == ann.id
    with pytest.raises(Refused, match="answered before"):  # replayed
        place.passkeys.finish_sign_in(place.people.book(), begun["id"], answer, HOST)


def test_a_challenge_is_of_one_purpose_one_person_and_five_minutes(place: Place) -> None:
    ann, ben = place.people.add("Ann", "head"), place.people.add("Ben", "head")
    phone = Device()
    begun = place.passkeys.begin_registration(ann, HOST)
    answer = phone.make(begun["options"])
    with pytest.raises(Refused, match="too old"):
        place.passkeys.finish_registration(ben, begun["id"], answer, "Mine", HOST)
    with pytest.raises(Refused, match="too old"):  # and it is used up by that
        place.passkeys.finish_registration(ann, begun["id"], answer, "Mine", HOST)
    place.register(ann, phone)
    begun = place.passkeys.begin_sign_in(HOST)
    place.clock[0] += GOOD_FOR + 1
    with pytest.raises(Refused, match="too old"):
        place.passkeys.finish_sign_in(place.people.book(), begun["id"], phone.get(begun["options"]), HOST)


@pytest.mark.parametrize("host", ["127.0.0.1:80", "[::1]:80", "", "a" * 400, "[::1", "10.0.0.1"])
def test_hosts_that_no_passkey_is_made_for(place: Place, host: str) -> None:
    ann = place.people.add("Ann", "head")
    with pytest.raises(Refused):
        place.passkeys.begin_registration(ann, host)


def test_plain_http_counts_on_this_machine_only(place: Place) -> None:
    ann = place.people.add("Ann", "head")
    with pytest.raises(Refused):
        place.register(ann, Device(origin="http://norway.example", place="norway.example"), "norway.example")
    assert place.register(
        ann, Device(origin="https://norway.example", place="norway.example"), "norway.example"
    ).passkeys


def test_a_person_has_a_bounded_number(place: Place) -> None:
    ann = place.people.add("Ann", "head")
    for _ in range(MAX_PASSKEYS):
        ann = place.register(ann, Device())
    with pytest.raises(Refused, match="at most"):
        place.passkeys.begin_registration(ann, HOST)


@given(data=st.one_of(st.text(max_size=300), st.dictionaries(
    st.sampled_from(["id", "rawId", "response", "type"]),
    st.one_of(st.none(), st.integers(), st.text(max_size=20),
              st.dictionaries(st.sampled_from(["clientDataJSON", "signature", "attestationObject"]),
                              st.text(max_size=20))),
).map(json.dumps)))  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_any_answer_is_refused_in_one_sentence(data: str) -> None:
    passkeys = Passkeys(lambda: 0.0)
    person = Person("0" * 16, "Ann", "head")
    begun = passkeys.begin_registration(person, HOST)
    with pytest.raises(AllweatherError):
        passkeys.finish_registration(person, begun["id"], data, "x", HOST)
    begun = passkeys.begin_sign_in(HOST)
    with pytest.raises(AllweatherError):
        passkeys.finish_sign_in(people.Book((person,)), begun["id"], data, HOST)


def test_a_number_where_text_belongs_sets_no_memory_aside() -> None:
    passkeys = Passkeys(lambda: 0.0)
    for place in ("id", "rawId", "clientDataJSON", "signature", "userHandle"):
        response: dict[str, Any] = {"clientDataJSON": "e30", "authenticatorData": "", "signature": ""}
        answer: dict[str, Any] = {"id": "AA", "rawId": "AA", "type": "public-key", "response": response}
        (response if place in ("clientDataJSON", "signature", "userHandle") else answer)[place] = 10**15
        begun = passkeys.begin_sign_in(HOST)
        with pytest.raises(InputError):
            passkeys.finish_sign_in(people.Book(), begun["id"], json.dumps(answer), HOST)


def test_through_the_pages(ann: Member, browser: Browser) -> None:
    """Registered by the form's token, signed in without a session; the cookie is a new one."""
    host = ann.running.address.removeprefix("http://").replace("127.0.0.1", "localhost")
    device = Device(origin=f"http://{host}")
    named = ann.running.address.replace("127.0.0.1", "localhost")
    with Browser(named) as one, Browser(named) as other:
        one.sit()
        token = one.see("/delegation").form("/delegation/settings").value("token")
        refused = one.post("/passkeys/begin", {"token": "forged"})
        assert refused.status == 409
        begun = json.loads(one.post("/passkeys/begin", {"token": token}).html)
        fields = {
            "token": token,
            "id": begun["id"],
            "data": device.make(begun["options"]),
            "name": "<b>Phone</b>",
        }
        assert one.post("/passkeys/finish", fields).status == 200
        assert one.post("/passkeys/finish", fields).status == 409
        page = one.see("/delegation")
        assert "<b>Phone" not in page.html
        begun = json.loads(other.post("/passkeys/sign-in/begin", {}).html)
        data = device.get(begun["options"])
        bad = other.post(
            "/passkeys/sign-in/finish", {"id": begun["id"], "data": data.replace("A", "B"), "back": "/"}
        )
        assert bad.status in (400, 409)
        assert "set-cookie" not in bad.headers
        begun = json.loads(other.post("/passkeys/sign-in/begin", {}).html)
        data = device.get(begun["options"])
        done = other.post(
            "/passkeys/sign-in/finish", {"id": begun["id"], "data": data, "back": "//elsewhere.example"}
        )
        assert json.loads(done.html) == {"next": "/"}
        assert other.see("/delegation").url == "/delegation"
        removed = one.send(one.see("/delegation").form("/delegation/passkey/remove"))
        assert removed.status == 200
        assert other.see("/delegation").url.startswith("/sign-in")
