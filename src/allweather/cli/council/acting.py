"""What all acts of the council have in common at the terminal: preview, ask, sign, say where it stands.

    @act("raise", "Raise a concern.")
    @click.argument("title")
    def raise_(ask: Asking, title: str) -> Body: ...

makes `allweather council raise HOME TITLE`. The function turns what was typed into a body; names of members
and acts are resolved through `ask`. It never signs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from allweather.cli.council.desk import Apart, CouncilDesk, council_desk
from allweather.cli.record.asking import (
    confirm,
    home_argument,
    json_option,
    now,
    parse_time,
    passphrase_option,
    read_limited,
    say,
    say_json,
    yes_option,
)
from allweather.council.forms import Body
from allweather.errors import InputError, UnknownName

MAX_TEXT = 2**20
_SPAN = re.compile(r"\+?(\d{1,6})([smhdw])", re.ASCII)
_ACT = re.compile(r"[a-z0-9._-]{1,64}:\d{1,12}", re.ASCII)
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 7 * 86_400}


class Asking:
    """How a command looks up what a person named."""

    def __init__(self, desk: CouncilDesk) -> None:
        self.desk = desk
        self.apart: Apart | None = None
        """A text or document that is to stand apart, if the command sets one."""
        self.audience: tuple[str, ...] = ()
        """For whom alone the act is, if the command says so: origins."""

    def set_text(self, text: str) -> None:
        """Let a text stand apart."""
        self.apart = Apart(text.encode())

    def ref(self, name: str) -> str:
        """The reference of an act that was named like `norway:12`. Raises UnknownName."""
        found: str = self.desk.view("act", None, id=name)["ref"]
        return found

    def maybe_ref(self, name: str | None) -> str:
        """The same, or nothing for nothing."""
        return self.ref(name) if name else ""

    def evidence(self, line: str) -> str:
        """A line of evidence; a quotation that is named like `norway:12` by its reference, which binds it."""
        if _ACT.fullmatch(line) is None:
            return line
        with suppress(UnknownName):
            found = self.desk.view("act", None, id=line)
            if found["kind"] == "evidence.quotation":
                return str(found["ref"])
        return line

    def origin(self, name: str) -> str:
        """The origin of a member named by its short name or its origin."""
        if "/" in name:
            return name
        return f"{self.desk.origin.partition('/')[0]}/{name}"

    def view(self, name: str, **parameters: str) -> Any:
        """A view as JSON values."""
        return self.desk.view(name, None, **parameters)


def act(name: str, short_help: str, group: click.Group) -> Callable[[Callable[..., Body]], click.Command]:
    """Make a command of a function that gives the body of an act."""

    def make(function: Callable[..., Body]) -> click.Command:
        def run(
            home: Path,
            yes: bool,
            dry_run: bool,
            delegate_key: Path | None,
            delegate_passphrase_file: Path | None,
            on_behalf: str | None,
            passphrase_file: Path | None,
            as_json: bool,
            **typed: Any,
        ) -> None:
            seed = _delegate_seed(delegate_key, delegate_passphrase_file or passphrase_file)
            with council_desk(home, passphrase_file, writes=not dry_run, delegate=seed) as desk:
                ask = Asking(desk)
                body = function(ask, **typed)
                if on_behalf:
                    import msgspec

                    body = msgspec.structs.replace(body, on_behalf=ask.origin(on_behalf))
                preview = desk.preview(body, ask.apart, ask.audience)
                if not as_json:
                    _say_preview(preview)
                if dry_run:
                    if as_json:
                        say_json(preview)
                    return
                confirm("Sign this?", yes)
                say_signed(desk.sign(body, ask.apart, ask.audience), as_json)

        run.__doc__ = function.__doc__
        made: Any = run
        for option in (
            json_option,
            passphrase_option,
            _on_behalf,
            _delegate_passphrase,
            _delegate_key,
            _dry_run,
            yes_option,
        ):
            made = option(made)
        made.__click_params__ = [*made.__click_params__, *getattr(function, "__click_params__", [])]
        made = home_argument(made)
        command = click.command(name, short_help=short_help, help=function.__doc__ or short_help)(made)
        group.add_command(command)
        return command

    return make


_dry_run = click.option("--dry-run", is_flag=True, help="Show what would be signed; sign and keep nothing.")
_delegate_key = click.option(
    "--delegate-key",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Sign as the delegate whose key file this is, within its mandate.",
)
_delegate_passphrase = click.option(
    "--delegate-passphrase-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Read the passphrase of the delegate's key from this file; that of --passphrase-file if not given.",
)
_on_behalf = click.option(
    "--for", "on_behalf", metavar="MEMBER", help="Act for another member, as its delegate."
)


def _delegate_seed(path: Path | None, passphrase_file: Path | None) -> bytes | None:
    if path is None:
        return None
    from allweather.cli.desk import passphrase
    from allweather.store import read_key

    return read_key(path, passphrase(passphrase_file, "Passphrase of the delegate's key").get())


def _say_preview(preview: dict[str, Any]) -> None:
    from allweather.record.canonical import format_canonical

    apart = f", with a text of {preview['n_content']} bytes apart" if preview["n_content"] else ""
    click.echo(f"To be signed for {preview['member']}: {preview['kind']}{apart}", err=True)
    click.echo(f"  {format_canonical(preview['fields']).decode()}", err=True)


def say_signed(acts: list[dict[str, Any]], as_json: bool) -> None:
    """Say what was signed and kept."""
    if as_json:
        say_json(acts)
        return
    for one in acts:
        say(f"Signed and kept: {one['id']} ({one['kind']}).")


def read_words(text: str | None, file: Path | None, what: str = "the text") -> str:
    """Words that were typed, or those of a file (- reads it). Raises InputError if there are both or none."""
    if (text is None) == (file is None):
        raise InputError(f"give {what} either as words or with --file")
    if file is None:
        words = text or ""
        if any("\ud800" <= one <= "\udfff" for one in words):
            raise InputError(f"{what} holds bytes that are no UTF-8")
        return words
    try:
        return read_limited(file, MAX_TEXT, what=what).decode().rstrip("\n")
    except UnicodeDecodeError:
        raise InputError(f"{what} is not UTF-8", where=str(file)) from None


def parse_span(text: str) -> int:
    """A length of time such as 90s, 15m, 12h, 3d, 2w, in seconds. Raises InputError."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise InputError(f"{text!r:.40} is no length of time; write 90s, 15m, 12h, 3d or 2w")
    return int(found[1]) * _UNITS[found[2]]


def parse_deadline(text: str | None) -> int:
    """A time, or a length of time from now (+3d); 0 for nothing. Raises InputError."""
    if not text:
        return 0
    if text.startswith("+"):
        return now() + parse_span(text)
    return parse_time(text)


def named(text: str, what: str) -> tuple[str, str]:
    """The two sides of NAME=VALUE. Raises InputError."""
    name, sign, value = text.partition("=")
    if not sign or not name or not value:
        raise InputError(f"{text!r:.80} is no {what}; write NAME=VALUE")
    return name, value


def hex_digest(text: str) -> str:
    """A digest of 64 hex digits, in base64 as entries have it. Raises InputError."""
    from allweather.record.keys import format_base64

    try:
        data = bytes.fromhex(text)
    except ValueError:
        data = b""
    if len(data) != 32:
        raise UnknownName(f"{text!r:.80} is no digest; it has 64 hex digits, as `record new` prints it")
    return format_base64(data)
