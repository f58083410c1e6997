"""Sending mail: how this node reaches a mail server, and one message on its way.

    HOME/mail.toml      host = "mail.example"       the server
                        port = 587                  left out: 465 with tls, 587 with starttls, 25 with none
                        tls = "starttls"            or "tls", or "none" on this very machine
                        name = "council"            left out: no sign-in
                        passphrase_file = "…"       its first line; readable by its owner only
                        sender = "council@example"  whom the mail is from
                        address = "https://…"       where the pages are; left out: where the node listens
                        ca = "…"                    the certificate that signs the server's, if an own one

What a mail says leaves the node: it is for whoever carries the mail to read as well.
"""

from __future__ import annotations

import smtplib
import ssl
import tomllib
from email.message import EmailMessage
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from allweather.errors import InputError, StoreError
from allweather.node.home import Passphrase
from allweather.store.disk import read_file

MAX_SETTINGS = 16_384
_SECONDS = 30.0
_PORTS = {"tls": 465, "starttls": 587, "none": 25}
_HERE = ("localhost", "127.0.0.1", "::1")
_Line = Annotated[str, msgspec.Meta(max_length=1_000)]


class Mail(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How mail is sent, as mail.toml states it."""

    host: Annotated[str, msgspec.Meta(min_length=1, max_length=253)]
    sender: Annotated[str, msgspec.Meta(pattern=r"^[^@\s<>]{1,64}@[^@\s<>]{1,255}$")]
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] | None = None
    tls: Literal["tls", "starttls", "none"] = "starttls"
    name: _Line = ""
    passphrase_file: _Line = ""
    address: _Line = ""
    ca: _Line = ""


def parse_mail(data: bytes, *, where: str = "mail.toml") -> Mail:
    """The settings in a mail.toml. Raises InputError."""
    if len(data) > MAX_SETTINGS:
        raise InputError(f"these settings have at most {MAX_SETTINGS} bytes", where=where)
    try:
        found = msgspec.convert(tomllib.loads(data.decode()), Mail, strict=True)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"this is not TOML ({error})", where=where) from None
    except msgspec.ValidationError as error:
        raise InputError(f"this is no way to send mail ({error})", where=where) from None
    if found.tls == "none" and found.host not in _HERE:
        raise InputError("mail without TLS goes to this very machine only; set tls", where=where)
    if bool(found.name) != bool(found.passphrase_file):
        raise InputError("to sign in takes both name and passphrase_file", where=where)
    if found.address and not found.address.startswith(("http://", "https://")):
        raise InputError("address begins with http:// or https://", where=where)
    return found


def read_mail(home: Path) -> Mail | None:
    """The settings of a home, its files found from there; None if it has none. Raises InputError."""
    path = home / "mail.toml"
    try:
        data = read_file(path, MAX_SETTINGS)
    except (OSError, ValueError):
        raise InputError("this file cannot be read, or is too long", where=str(path)) from None
    if data is None:
        return None
    mail = parse_mail(data, where=str(path))
    near = {name: str(home / value) for name in ("passphrase_file", "ca") if (value := getattr(mail, name))}
    return msgspec.structs.replace(mail, **near)


def send(mail: Mail, messages: list[EmailMessage]) -> None:
    """Hand messages to the server, over one line. Raises StoreError if it does not take all of them."""
    port = mail.port or _PORTS[mail.tls]
    try:
        context = ssl.create_default_context(cafile=mail.ca or None)
        line: smtplib.SMTP
        if mail.tls == "tls":
            line = smtplib.SMTP_SSL(mail.host, port, timeout=_SECONDS, context=context)
        else:
            line = smtplib.SMTP(mail.host, port, timeout=_SECONDS)
        try:
            if mail.tls == "starttls":
                line.starttls(context=context)
            if mail.name:
                line.login(mail.name, Passphrase(Path(mail.passphrase_file)).get())
            for message in messages:
                line.send_message(message)
            line.quit()
        finally:
            line.close()  # not by leaving a `with`: that waits for an answer on a line whose handshake failed
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise StoreError(f"{mail.host}:{port} does not take the mail ({_why(error)})") from error


def _why(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
