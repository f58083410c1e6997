"""Caucus items: statements for some members only, and the words of any act, for those who may read them.

What is said to some is encrypted in the age format to the witness keys of their nodes. The entry says that
something was said, by whom, when, and for whom; title, words and language stand in the payload. They are
padded to a power of two before they are encrypted, so that their length is known only by its order of size.

    plaintext    canonical JSON {"language","title","words"}, then newlines up to 1,024, 2,048, 4,096 … bytes
    recipients   ssh-ed25519, one for each member of the audience, its own author among them

`words_of` is the one way to anybody's words. Whoever may not read them gets the same sentence whatever they
are, whether they are held or redacted, and nothing is decrypted for it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated

import msgspec
import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from allweather.council.acts import Act, short
from allweather.council.bodies import Statement
from allweather.council.statements import ENCRYPTED
from allweather.errors import AllweatherError, Malformed, Refused
from allweather.node.access import Reader, may_read
from allweather.node.actions import Doing
from allweather.node.contents import Unread, content_of
from allweather.node.home import Desk
from allweather.record.canonical import format_canonical, parse_canonical
from allweather.record.entries import MAX_AUDIENCE
from allweather.store import read_key

MAX_WORDS = 2**20
_SMALLEST = 2**10
_LARGEST = 2**22

FOR_OTHERS = "An entry for others: what it says is encrypted for the members that it names."
_NOT_TEXT = "What stands apart is no text; take it from the record."
_NOT_OURS = (
    "Its words cannot be opened with a key of this node: they were encrypted for another, or are spoiled."
)
_NO_KEY = "Its words cannot be opened now: the witness key of this node is not at hand."


class Confided(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a statement for some members says."""

    language: Annotated[str, msgspec.Meta(max_length=35)]
    title: Annotated[str, msgspec.Meta(max_length=300)]
    words: Annotated[str, msgspec.Meta(max_length=MAX_WORDS)]


@dataclass(frozen=True, slots=True)
class Words:
    """The words of an act as one reader gets them: `why` says in one sentence why there are none."""

    title: str = ""
    words: str = ""
    language: str = ""
    why: str = ""


# Writing


def format_confided(said: Confided) -> bytes:
    """The plaintext: canonical JSON, padded with newlines to a power of two, at least 1,024 bytes.

    Raises Malformed if it is longer than 4 MiB.
    """
    data = format_canonical(msgspec.to_builtins(said))
    if len(data) > _LARGEST:
        raise Malformed("what is said to some members has at most 4 MiB")
    size = max(_SMALLEST, 1 << (len(data) - 1).bit_length())
    return data.ljust(size, b"\n")


def parse_confided(data: bytes, *, where: str = "") -> Confided:
    """What a plaintext says. Raises Malformed unless it is written as `format_confided` writes it."""
    if len(data) > _LARGEST:
        raise Malformed(f"{len(data)} bytes are more than the {_LARGEST} allowed", where=where)
    try:
        said = msgspec.convert(
            parse_canonical(data.rstrip(b"\n"), limit=_LARGEST, where=where), Confided, strict=True
        )
    except msgspec.ValidationError as error:
        raise Malformed(
            f"this is not what a statement for some members says ({error})", where=where
        ) from None
    if format_confided(said) != data:
        raise Malformed("the words are not padded as they must be", where=where)
    return said


def confide(desk: Desk, doing: Doing) -> Doing:
    """The act with its words encrypted for `doing.audience`, the member itself among them.

    `doing` holds them in the clear: title, words, language in its body, a longer text in `content`. Without
    an audience it is given back as it is. Raises Refused for an act that cannot be for some members only, or
    a member whose keys are not known here.
    """
    if not doing.audience:
        return doing
    body = doing.body
    if not isinstance(body, Statement):
        raise Refused("only a statement can be for some members only; everything else is for the council")
    if body.names:
        raise Refused(
            "a statement for some members only names nobody who could reply by right; leave them out"
        )
    audience = tuple(sorted({*doing.audience, desk.home.origin}))
    if len(audience) > MAX_AUDIENCE:
        raise Refused(f"a statement is for at most {MAX_AUDIENCE} members, or for all")
    text = "" if doing.content is None else doing.content.decode("utf-8", "strict")
    said = "\n\n".join(part for part in (body.words, text) if part.strip())
    if not said:
        raise Refused("the statement says nothing; give it words")
    if len(said) > MAX_WORDS:
        raise Refused(f"a statement for some members only has at most {MAX_WORDS:,} characters")
    data = format_confided(Confided(body.language, body.title, said))
    sealed = pyrage.encrypt(data, [_recipient(desk, origin) for origin in audience])
    left = msgspec.structs.replace(body, title="", words="", language="")
    return replace(doing, body=left, content=sealed, media_type=ENCRYPTED, audience=audience)


def _recipient(desk: Desk, origin: str) -> pyrage.ssh.Recipient:
    """The witness key in force of a member, as age knows it. Raises Refused."""
    log = desk.standing.logs.get(origin)
    if log is None:
        raise Refused(
            f"the card of {short(origin) or origin} is not held here, so nothing can be encrypted for it"
        )
    if log.history.contested:
        raise Refused(f"the keys of {short(origin)} are contested: wait until that is settled")
    public = Ed25519PublicKey.from_public_bytes(log.history.current.witness.public)
    return pyrage.ssh.Recipient.from_str(public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode())


# Reading


def words_of(desk: Desk, act: Act, reader: Reader) -> Words:
    """The words of an act that is held, for a reader at this node."""
    if not may_read(act, desk.home.origin, reader):
        return Words(why=FOR_OTHERS)
    title, said, language = (_text(act, name) for name in ("title", "words", "language"))
    if act.payload is None:
        return Words(title, said, language)
    try:
        content = content_of(desk, act)
        if act.audience:
            found = parse_confided(_opened(desk, content), where=act.name)
            return Words(found.title, found.words, found.language)
        text = content.decode() if act.payload.type.startswith("text/") else ""
        why = "" if act.payload.type.startswith("text/") else _NOT_TEXT
    except (Unread, Malformed, UnicodeDecodeError) as error:
        text, why = "", str(error) if isinstance(error, Unread) else _NOT_OURS if act.audience else _NOT_TEXT
    return Words(title, "\n\n".join(part for part in (said, text) if part), language, why)


def _text(act: Act, name: str) -> str:
    found = getattr(act.body, name, "")
    return found if isinstance(found, str) else ""


def _opened(desk: Desk, data: bytes) -> bytes:
    """The plaintext of an age file, by the witness key of this node or one that it had before."""
    tried = False
    for seed in _witness_seeds(desk):
        tried = True
        key = Ed25519PrivateKey.from_private_bytes(seed)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        try:
            opened: bytes = pyrage.decrypt(data, [pyrage.ssh.Identity.from_buffer(pem)])
            return opened
        except (pyrage.DecryptError, ValueError):
            continue
    raise Unread(_NOT_OURS if tried else _NO_KEY)


def _witness_seeds(desk: Desk) -> Iterator[bytes]:
    """The seeds of the witness keys, the one in force first; those before it are read only if need be."""
    with contextlib.suppress(AllweatherError):
        yield desk.signer("witness").seed
    for folder in sorted(desk.home.keys.glob("old-*")):
        with contextlib.suppress(AllweatherError):
            yield read_key(folder / "witness.key", desk.passphrase.get())
