"""`allweather record new` and `append`: a home with its keys, and entries signed into the own log."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from allweather.cli.record.asking import (
    counted,
    home_argument,
    json_option,
    parse_time,
    passphrase_option,
    quorum_option,
    read_limited,
    say,
    say_json,
    show_time,
)
from allweather.errors import InputError

if TYPE_CHECKING:
    from allweather.node.home import Desk
    from allweather.record.storage import Batch
    from allweather.record.writing import Draft

_MAX_BODY = 2**20
_MAX_BATCH = 2**28
_MAX_LINES = 100_000


@click.command(short_help="Make a home: store, keys and card of a new member.")
@home_argument
@click.option("--origin", required=True, metavar="NAME", help="The log's name, council/member.")
@click.option(
    "--store",
    default="sqlite",
    show_default=True,
    help="Where the record is kept: sqlite, folder, or postgresql://host/name.",
)
@click.option(
    "--recovery-key",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the recovery key here, for instance on a stick, and not into the home.",
)
@quorum_option
@passphrase_option
@click.option(
    "--recovery-passphrase-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Read another passphrase for the recovery key from this file.",
)
@json_option
def new(
    home: Path,
    origin: str,
    store: str,
    recovery_key: Path | None,
    quorum: int | None,
    passphrase_file: Path | None,
    recovery_passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Make HOME: a folder with the store, three keys behind a passphrase, and the member's card.

    Others pin the digest of the card: give it to them by a way that you both trust. Move the recovery key to
    a place that is offline; whoever holds it can name new keys for the member, and without it nobody can.
    """
    from allweather.cli.desk import passphrase
    from allweather.node.home import Home, check_store
    from allweather.node.making import make_home
    from allweather.record.keys import check_origin

    made = Home(home, check_origin(origin), check_store(store), quorum)
    words = passphrase(passphrase_file, "New passphrase of the keys")
    recovery = words
    if recovery_passphrase_file is not None:
        recovery = passphrase(recovery_passphrase_file)
    digest = make_home(made, recovery_key, {"log": words, "witness": words, "recovery": recovery})
    place = recovery_key or made.keys / "recovery.key"
    if as_json:
        say_json({"card": digest.hex(), "home": str(home), "origin": origin, "recovery_key": str(place)})
        return
    say(
        f"{home} is the home of {origin}.",
        f"Card: {origin}={digest.hex()}",
        "Give this line to the other members by a way that you both trust; they pin it.",
        f"Recovery key: {place}",
        "Move it to a place that is offline. It alone can name new keys if these are lost or stolen.",
    )


@click.command(short_help="Sign entries into the own log.")
@home_argument
@click.option("--kind", metavar="KIND", help="What the entry is, such as council.statement.")
@click.option(
    "--body", metavar="JSON|@FILE", help="Its fields: a JSON object, or @ and a file that holds one."
)
@click.option(
    "--payload",
    metavar="FILE|-",
    help="A text or document that stands apart and may be redacted; - reads it.",
)
@click.option(
    "--type", "media_type", metavar="TYPE", help="The payload's media type; text/plain if not given."
)
@click.option(
    "--audience",
    multiple=True,
    metavar="ORIGIN",
    help="A member that a confidential payload is for; repeat it.",
)
@click.option(
    "--batch",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE|-",
    help='Sign many entries under one head: JSON lines {"kind", "body", "text", "type", "audience"}.',
)
@click.option(
    "--at",
    metavar="TIME",
    help="The entry's time: seconds since 1970 or 2009-09-18T12:00:00Z. It is a claim.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be signed; sign and keep nothing.")
@passphrase_option
@json_option
def append(
    home: Path,
    kind: str | None,
    body: str | None,
    payload: str | None,
    media_type: str | None,
    audience: tuple[str, ...],
    batch: Path | None,
    at: str | None,
    dry_run: bool,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Sign an entry (or with --batch many) into the own log of HOME and say where it stands.

    What was signed cannot be taken back; only a payload can be erased later. The head is printed when it is
    on the disk, and not before.
    """
    from allweather.cli.desk import at_desk
    from allweather.record.writing import write

    drafts = _drafts(kind, body, payload, media_type, audience, batch)
    moment = parse_time(at)
    with at_desk(home, passphrase_file, writes=not dry_run) as desk:
        desk.check_guard()
        if dry_run:
            _show(desk, _preview(desk, drafts, moment), as_json, dry_run=True)
            return
        made = write(desk.storage, desk.own, desk.signer("log"), drafts, at=moment)
        desk.commit(made)
        _show(desk, made, as_json, dry_run=False)


def _drafts(
    kind: str | None,
    body: str | None,
    payload: str | None,
    media_type: str | None,
    audience: tuple[str, ...],
    batch: Path | None,
) -> list[Draft]:
    from allweather.record.entries import MAX_PAYLOAD

    if batch is not None:
        if kind or body or payload or media_type or audience:
            raise InputError("--batch holds all of its entries; give no --kind, --body, --payload beside it")
        return _read_batch(batch)
    if kind is None:
        raise InputError("an entry has a kind: give --kind, such as council.statement, or --batch")
    content = None
    if payload is not None:
        content = read_limited(payload, MAX_PAYLOAD, what="a payload")
    elif media_type is not None:
        raise InputError("--type is that of a payload: give --payload too")
    if body is None:
        fields: dict[str, Any] = {}
    elif body.startswith("@"):
        fields = _object(read_limited(body[1:], _MAX_BODY, what="a body"), body[1:])
    else:
        fields = _object(body.encode("utf-8", "surrogatepass"), "--body")
    return [_draft(kind, fields, content, media_type, audience)]


def _draft(
    kind: str, fields: dict[str, Any], content: bytes | None, media_type: str | None, audience: Sequence[str]
) -> Draft:
    from allweather.record.entries import SALT_SIZE
    from allweather.record.writing import Draft

    if kind.startswith("record."):
        raise InputError(
            f"entries of the kind {kind:.60} concern the record itself; other commands write them"
        )
    salt = os.urandom(SALT_SIZE) if content is not None else b""
    return Draft(kind, fields, content, media_type or "text/plain", salt, tuple(sorted(set(audience))))


def _read_batch(path: Path) -> list[Draft]:
    data = read_limited(path, _MAX_BATCH, what="a batch")
    lines = [line for line in data.split(b"\n") if line.strip()]
    if not 0 < len(lines) <= _MAX_LINES:
        raise InputError(f"a batch has 1 to {_MAX_LINES:,} lines, not {len(lines)}", where=str(path))
    return [_batch_draft(line, f"{path}, line {number}") for number, line in enumerate(lines, 1)]


def _batch_draft(line: bytes, where: str) -> Draft:
    found = _object(line, where)
    kind, text = found.get("kind"), found.get("text")
    fields, media_type = found.get("body", {}), found.get("type")
    audience = found.get("audience", [])
    if strange := sorted(found.keys() - {"kind", "body", "text", "type", "audience"}):
        raise InputError(f"{strange[0]!r:.60} is no field of a draft", where=where)
    if not isinstance(kind, str) or not isinstance(fields, dict):
        raise InputError("a draft has a kind (text) and a body (object)", where=where)
    if not isinstance(text, str | None) or not isinstance(media_type, str | None):
        raise InputError("text and type of a draft are texts", where=where)
    if not isinstance(audience, list) or not all(isinstance(one, str) for one in audience):
        raise InputError("an audience is a list of origins", where=where)
    try:
        content = None if text is None else text.encode()
    except UnicodeEncodeError:
        raise InputError("the text holds half of a surrogate pair", where=where) from None
    return _draft(kind, fields, content, media_type, audience)


def _object(data: bytes, where: str) -> dict[str, Any]:
    """A JSON object within the record's profile. Raises InputError; doubled keys are no matter of taste."""
    from allweather.record.canonical import check_profile

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise InputError("a key stands in it twice", where=where)
        return found

    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        what = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise InputError(f"this is not JSON ({what:.200})", where=where) from None
    if not isinstance(value, dict):
        raise InputError("this is JSON, but no object", where=where)
    check_profile(value, where=where)
    return value


def _preview(desk: Desk, drafts: Sequence[Draft], at: int) -> Batch:
    """The batch as it would be, under a key made for this moment: the own key signs nothing here."""
    from dataclasses import replace

    from allweather.record.checkpoints import sign_checkpoint
    from allweather.record.keys import log_signer
    from allweather.record.writing import write

    own = desk.own
    signer = log_signer(own.origin, os.urandom(32))
    last = own.history.periods[-1]
    keys = replace(last.keys, log=signer.verifier)
    periods = (*own.history.periods[:-1], replace(last, keys=keys))
    faces = tuple(
        replace(face, branch=replace(face.branch, checkpoint=sign_checkpoint(face.head, signer)))
        if face.branch.checkpoint.note.signed_by(last.keys.log)
        else face
        for face in own.faces
    )
    log = replace(own, history=replace(own.history, periods=periods), faces=faces)
    return write(desk.storage, log, signer, drafts, at=at)


def _show(desk: Desk, batch: Batch, as_json: bool, *, dry_run: bool) -> None:
    from allweather.record.entries import parse_entry
    from allweather.record.keys import format_base64

    growth = batch.growths[0]
    head = growth.branch.head
    first, last = growth.start, head.size - 1
    if as_json:
        result: dict[str, Any] = {"first": first, "origin": head.origin, "size": head.size}
        if dry_run:
            from msgspec import to_builtins

            result["entries"] = [to_builtins(parse_entry(one)) for one in growth.entries]
            result["signed"] = False
        else:
            result["root"] = format_base64(head.root)
            result["signed"] = True
        say_json(result)
        return
    which = f"entry {first}" if first == last else f"entries {first} to {last}"
    if not dry_run:
        say(
            f"Signed {which} of {head.origin}.",
            f"Head: {counted(head.size, 'entry', 'entries')}, {format_base64(head.root)}",
        )
        return
    say(f"This would be {which} of {head.origin}; nothing was signed or kept:")
    for data in growth.entries[:20]:
        entry = parse_entry(data)
        say(data.decode(), f"  time {show_time(entry.at)}; heads of others listed: {len(entry.seen)}")
    if len(growth.entries) > 20:
        say(f"and {len(growth.entries) - 20} more")
