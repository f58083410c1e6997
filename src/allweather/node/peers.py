"""Peers: which other nodes a node asks and tells, kept in HOME/peers.toml.

[[peer]]
address = "https://record.norway.example"    its node; its files stand under /record
member = "nrc.example/norway"                who answers there, if that is to be held to
push = true                                  it cannot reach us: what is new here is brought to it
static = true                                only files, under the address itself: nothing is told to it
allow_plain = true                           plain http to another machine, in a closed network
ca = "norway.pem"                            the certificate that signs its own; a file beside this one

[meet]
"nrc.example/norway" = "64 hex digits"       the card's digest of a member that may be met
"""

from __future__ import annotations

import os
import socket
import tomllib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from allweather.errors import InputError, OutputError, UnknownName
from allweather.record.keys import check_origin
from allweather.store import WebSource
from allweather.store.disk import read_file, reason, sync_folder, write_new

MAX_PEERS = 1_000
STATE = "node.json"
_MAX_FILE = 2**20
_TOKEN_BYTES = 32
_CONNECT_SECONDS = 2.0


class Peer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Another node: where it is, and what is known of it."""

    address: str
    member: str = ""
    push: bool = False
    static: bool = False
    allow_plain: bool = False
    ca: str = ""

    @property
    def record(self) -> str:
        """Where its files stand."""
        return self.address if self.static else f"{self.address}/record"


class Peers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What peers.toml states: the peers, and the members that may be met with their cards' digests in hex."""

    peer: tuple[Peer, ...] = ()
    meet: dict[str, str] = {}

    @property
    def pins(self) -> dict[str, bytes]:
        """The digests of the cards that may be met."""
        return {origin: bytes.fromhex(digest) for origin, digest in self.meet.items()}


def peers_file(home: Path) -> Path:
    """Where a home keeps its peers."""
    return home / "peers.toml"


def read_peers(home: Path) -> Peers:
    """The peers of a home; none if nothing is kept. Raises InputError if the file is not as it must be."""
    path = peers_file(home)
    try:
        data = read_file(path, _MAX_FILE)
    except (OSError, ValueError) as error:
        raise InputError(f"the peers cannot be read ({error})", where=str(path)) from None
    if data is None:
        return Peers()
    try:
        found = msgspec.convert(tomllib.loads(data.decode()), Peers, strict=True)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError, msgspec.ValidationError) as error:
        raise InputError(f"this is no list of peers ({error})", where=str(path)) from None
    return check_peers(found, where=str(path))


def check_peers(peers: Peers, *, where: str = "") -> Peers:
    """`peers` itself. Raises InputError if an address, a name or a digest is not one."""
    if len(peers.peer) > MAX_PEERS or len({one.address for one in peers.peer}) != len(peers.peer):
        raise InputError(f"at most {MAX_PEERS} peers are kept, each address once", where=where)
    for one in peers.peer:
        WebSource(one.address, allow_plain=one.allow_plain).close()
        if one.address.endswith("/"):
            raise InputError(f"the address {one.address} ends in a slash; leave it out", where=where)
        if one.member:
            check_origin(one.member)
        if one.ca and (one.ca != Path(one.ca).name or one.ca.startswith(".")):
            raise InputError("the file of a certificate stands beside peers.toml: name it alone", where=where)
    for origin, digest in peers.meet.items():
        check_origin(origin)
        if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
            raise InputError(f"the card of {origin} has a digest of 64 hex digits", where=where)
    return peers


def write_peers(home: Path, peers: Peers) -> None:
    """Keep the peers of a home, as a whole or not at all. Raises InputError, OutputError."""
    check_peers(peers)
    lines: list[str] = []
    for one in sorted(peers.peer, key=lambda one: one.address):
        lines.append("[[peer]]")
        lines += [f"{name} = {_toml(value)}" for name, value in msgspec.to_builtins(one).items()]
        lines.append("")
    if peers.meet:
        lines.append("[meet]")
        lines += [f"{_toml(origin)} = {_toml(peers.meet[origin])}" for origin in sorted(peers.meet)]
    replace_file(peers_file(home), ("\n".join(lines) + "\n").encode())


def _toml(value: object) -> str:
    return msgspec.json.encode(value).decode()


def replace_file(path: Path, data: bytes) -> None:
    """Write a private file in the place of an older one, at once or not at all. Raises OutputError."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.unlink(missing_ok=True)
        write_new(part, data, mode=0o600)
        part.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputError(f"cannot write {path}: {reason(error)}") from error


def with_peer(peers: Peers, peer: Peer) -> Peers:
    """The peers with one more, or with what is said of one changed."""
    others = tuple(one for one in peers.peer if one.address != peer.address)
    return check_peers(Peers((*others, peer), peers.meet))


def without_peer(peers: Peers, address: str) -> Peers:
    """The peers without one. Raises UnknownName if it is not among them."""
    left = tuple(one for one in peers.peer if one.address != address)
    if len(left) == len(peers.peer):
        raise UnknownName(f"{address!r:.100} is no peer of this home; `allweather node peers` lists them")
    return Peers(left, peers.meet)


def with_card(peers: Peers, origin: str, digest: bytes) -> Peers:
    """The peers with one more member that may be met."""
    return check_peers(Peers(peers.peer, {**peers.meet, origin: digest.hex()}))


# The node of this home itself


class State(msgspec.Struct, rename={"process": "pid"}, omit_defaults=True):
    """What node.json says of the node that runs: its address, its process, whose it is.

    `address` is for this machine; `certificate` the SHA-256 in hex of what it shows there, empty without TLS;
    `public` where others reach it, if that was said.
    """

    address: str
    process: int
    node: str
    certificate: str = ""
    public: str = ""


@dataclass(frozen=True, slots=True)
class RunningNode:
    """A node that runs on a home: where it answers, the token that its local API takes, its process.

    `certificate` is the SHA-256 in hex of the one that it shows, `public` where others reach it, if stated.
    """

    address: str
    token: str
    process: int
    certificate: str = ""
    public: str = ""


def running_node(home: Path) -> RunningNode | None:
    """The node that runs on a home; None if none does, also where one was killed. Raises InputError."""
    path = home / STATE
    try:
        data = read_file(path, 4_096)
        state = None if data is None else msgspec.json.decode(data, type=State)
    except (OSError, ValueError, msgspec.DecodeError) as error:
        raise InputError(f"this does not say where a node is ({error})", where=str(path)) from None
    if state is None:
        return None
    try:
        parts = urlsplit(state.address)
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=_CONNECT_SECONDS):
            pass
    except (OSError, ValueError):
        return None
    return RunningNode(state.address, read_token(home), state.process, state.certificate, state.public)


def read_token(home: Path) -> str:
    """The token of a home's local API; made if there is none. Raises OutputError, InputError."""
    path = home / "token"
    try:
        data = read_file(path, 1_024)
    except (OSError, ValueError) as error:
        raise InputError(f"the token cannot be read ({error})", where=str(path)) from None
    if data is None:
        data = os.urandom(_TOKEN_BYTES).hex().encode() + b"\n"
        replace_file(path, data)
    token = data.decode("ascii", "replace").strip()
    if len(token) < 32 or not token.isalnum():
        raise InputError("this is no token; remove the file, and the next run makes one", where=str(path))
    return token
