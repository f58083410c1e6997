"""Passkeys (WebAuthn): a key in a person's device that signs in at this node's address and at no other.

A challenge is good once, for five minutes, and for one purpose: a registration only for the person who asked
for it. The device has to make sure of its user (by a finger, a face, a code). The address that a passkey is
bound to is the host without the port; browsers make none for a bare IP address. Counters that some devices
keep are not compared: many keep none.
"""

from __future__ import annotations

import base64
import ipaddress
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from allweather.errors import InputError, Refused
from allweather.web.people import Book, Passkey, Person

MAX_RESPONSE = 2**15
MAX_PASSKEYS = 16
GOOD_FOR = 300.0
_MOST_CHALLENGES = 4_096
_REFUSED = "this passkey was not accepted; try again, or sign in with your passphrase"


class Passkeys:
    """The challenges of a node that wait for an answer. `clock` gives monotonic seconds; all is in memory."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._waiting: OrderedDict[str, tuple[str, Any, float]] = OrderedDict()
        self._lock = threading.Lock()

    # Registering

    def begin_registration(self, person: Person, host: str) -> dict[str, Any]:
        """What the browser needs to make a passkey for a person. Raises Refused if it can make none here."""
        if len(person.passkeys) >= MAX_PASSKEYS:
            raise Refused(f"a person has at most {MAX_PASSKEYS} passkeys; remove one first")
        owner = PublicKeyCredentialUserEntity(
            name=person.name, id=person.id.encode(), display_name=person.name
        )
        options, state = _server(host).register_begin(
            owner,
            [_credential(one) for one in person.passkeys],
            resident_key_requirement=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return {"id": self._keep(f"register {person.id}", state), "options": dict(options)}

    def finish_registration(self, person: Person, asked: str, data: str, name: str, host: str) -> Passkey:
        """The passkey that a device made. Raises Refused unless it answers the challenge, InputError."""
        state = self._take(asked, f"register {person.id}")
        response = _read(data)
        try:
            parsed = RegistrationResponse.from_dict(response)
            _check_frame(parsed.response.client_data)
            made = _server(host).register_complete(state, parsed)
            credential = made.credential_data
        except Exception:  # whatever is wrong with a stranger's bytes, it is no passkey
            raise Refused(_REFUSED) from None
        if credential is None:
            raise Refused(_REFUSED)
        name = " ".join(name.split())[:60] or "Passkey"
        return Passkey(base64.b64encode(bytes(credential)).decode("ascii"), name)

    # Signing in

    def begin_sign_in(self, host: str) -> dict[str, Any]:
        """What the browser needs to find a passkey of this place."""
        options, state = _server(host).authenticate_begin(
            None, user_verification=UserVerificationRequirement.REQUIRED
        )
        return {"id": self._keep("sign in", state), "options": dict(options)}

    def finish_sign_in(self, book: Book, asked: str, data: str, host: str) -> Person:
        """Whose passkey answered the challenge. Raises Refused, InputError."""
        state = self._take(asked, "sign in")
        response = _read(data)
        try:
            parsed = AuthenticationResponse.from_dict(response)
            _check_frame(parsed.response.client_data)
            for person in book.people:
                for one in person.passkeys:
                    credential = _credential(one)
                    if credential.credential_id == parsed.raw_id:
                        _server(host).authenticate_complete(state, [credential], parsed)
                        if _owner(response) not in ("", websafe_encode(person.id.encode())):
                            raise Refused(_REFUSED)
                        return person
        except Exception:  # as above
            raise Refused(_REFUSED) from None
        raise Refused(_REFUSED)

    # Challenges

    def _keep(self, purpose: str, state: Any) -> str:
        name = secrets.token_urlsafe(18)
        with self._lock:
            self._waiting[name] = purpose, state, self._clock() + GOOD_FOR
            while len(self._waiting) > _MOST_CHALLENGES:
                self._waiting.popitem(last=False)
        return name

    def _take(self, name: str, purpose: str) -> Any:
        """The state of a challenge, which is used up. Raises Refused."""
        with self._lock:
            kept = self._waiting.pop(name, None)
        if kept is None or kept[0] != purpose or kept[2] < self._clock():
            raise Refused("this request was answered before, or is too old; begin again")
        return kept[1]


def _server(host: str) -> Fido2Server:
    """What checks answers for a host, given with its port as browsers do. Raises Refused for an address."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        name = ""
    if not name or len(host) > 300:
        raise Refused("this request does not say which host it is for")
    try:
        ipaddress.ip_address(name)
    except ValueError:
        pass
    else:
        raise Refused(f"browsers make no passkeys for the bare address {name}; open the node by its name")
    is_local = name == "localhost" or name.endswith(".localhost")
    origins = {f"https://{host}", *([f"http://{host}"] if is_local else [])}
    return Fido2Server(
        PublicKeyCredentialRpEntity(name="Allweather", id=name),
        verify_origin=lambda origin: origin in origins,
    )


def _credential(one: Passkey) -> AttestedCredentialData:
    return AttestedCredentialData(base64.b64decode(one.credential))


class _Response(msgspec.Struct, omit_defaults=True):
    """What a device answers, all in base64url. Other fields of browsers are left aside."""

    clientDataJSON: str
    attestationObject: str = ""
    authenticatorData: str = ""
    signature: str = ""
    owner: str | None = msgspec.field(default=None, name="userHandle")


class _Answer(msgspec.Struct):
    id: str
    rawId: str
    type: Literal["public-key"]
    response: _Response


def _read(data: str) -> Mapping[str, Any]:
    """An answer of which every field is text: the library would take a number for a size to set aside."""
    if len(data) > MAX_RESPONSE:
        raise InputError("this answer is longer than that of any passkey")
    try:
        found: dict[str, Any] = msgspec.to_builtins(msgspec.json.decode(data, type=_Answer))
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        raise InputError("this is no answer of a passkey") from None
    return found | {"clientExtensionResults": {}}


def _owner(response: Mapping[str, Any]) -> str:
    """Whose passkey it is, as the device says: the id of a person in base64url; empty if it says nothing."""
    found: str | None = response["response"].get("userHandle")
    return (found or "").rstrip("=")


def _check_frame(client_data: Any) -> None:
    """Raise Refused for an answer that was given within a page of another site."""
    if client_data.cross_origin:
        raise Refused(_REFUSED)
