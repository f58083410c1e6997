"""`allweather record redact`, `succeed`, `delegate`, `attest`: what a member does about the record itself."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from allweather.cli.record.asking import (
    clean,
    confirm,
    face_option,
    home_argument,
    index_argument,
    json_option,
    now,
    origin_argument,
    passphrase_option,
    say,
    say_json,
    yes_option,
)
from allweather.errors import InputError, OutputError, Refused, UnknownName

if TYPE_CHECKING:
    from allweather.node.home import Desk, Passphrase
    from allweather.record.checkpoints import Head
    from allweather.record.keys import Signer
    from allweather.record.members import Card, Succession
    from allweather.record.storage import Batch
    from allweather.record.writing import Draft


@click.command(short_help="Erase a payload, and say so with its ground.")
@home_argument
@origin_argument
@index_argument
@click.option("--ground", required=True, metavar="TEXT", help="Why it is erased; it stays in the record.")
@face_option
@yes_option
@passphrase_option
@json_option
def redact(
    home: Path,
    origin: str,
    index: int,
    ground: str,
    face: int | None,
    yes: bool,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Erase the payload of entry INDEX of ORIGIN from HOME, and sign an entry that says so.

    If the entry is the member's own, every other holder erases the payload too when the entry reaches it. The
    entry and every proof of it stay. What others have copied elsewhere is beyond the record.
    """
    from allweather.cli.desk import at_desk
    from allweather.node.exploring import RecordView
    from allweather.record.writing import redact as redacted

    with at_desk(home, passphrase_file) as desk:
        desk.check_guard()
        view = RecordView(desk.storage, desk.standing, {}, desk.home.origin)
        _, entry = view.entry(view.face(origin, index, face), index)
        if entry is None:
            raise Refused(f"entry {index} of {origin} is unreadable and names no payload")
        confirm(f"Erase the payload of entry {index} of {clean(origin)} for good?", yes)
        batch = redacted(desk.storage, desk.own, desk.signer("log"), entry, ground, at=now())
        desk.commit(batch)
        head = batch.growths[0].branch.head
    if as_json:
        say_json({"entry": head.size - 1, "n": index, "origin": origin, "own": origin == head.origin})
        return
    say(f"Erased the payload of entry {index} of {origin}; entry {head.size - 1} of {head.origin} says so.")
    if origin == head.origin:
        say("Other holders erase it when this reaches them: export, and let them import.")


@click.command(short_help="Let the recovery key name new keys for the member.")
@home_argument
@click.option(
    "--recovery-key", type=click.Path(path_type=Path), metavar="FILE", help="The recovery key in force."
)
@click.option(
    "--without-recovery-key",
    is_flag=True,
    help="The recovery key is lost: the new keys count only when enough members attest them.",
)
@click.option(
    "--new-recovery-key",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the next recovery key here and not into the home.",
)
@click.option(
    "--at",
    "size",
    type=click.IntRange(min=0),
    help="Let the old key speak for so many entries; all that stand if not given.",
)
@face_option
@yes_option
@passphrase_option
@click.option(
    "--recovery-passphrase-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Read the passphrase of the recovery keys, old and new, from this file.",
)
@json_option
def succeed(
    home: Path,
    recovery_key: Path | None,
    without_recovery_key: bool,
    new_recovery_key: Path | None,
    size: int | None,
    face: int | None,
    yes: bool,
    passphrase_file: Path | None,
    recovery_passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Make three new keys for the member of HOME. The old log key speaks for the log up to the position named
    and for nothing beyond; entries beyond it are disputed.

    Do this when a key may be stolen, when the log has two faces, or when a restored store cannot ask the
    other members. The old key files stay in keys/old-N.
    """
    from allweather.cli.desk import at_desk, passphrase
    from allweather.node.home import finish_succession
    from allweather.store import read_key

    if (recovery_key is None) == (not without_recovery_key):
        raise InputError("give --recovery-key with its file, or --without-recovery-key if it is lost")
    with at_desk(home, passphrase_file) as desk:
        finish_succession(desk.home, desk.own)
        head = _position(desk, size, face)
        recovery = desk.passphrase
        if recovery_passphrase_file is not None:
            recovery = passphrase(recovery_passphrase_file)
        seeds = [] if recovery_key is None else [read_key(recovery_key, recovery.get())]
        confirm(f"The old log key will speak for {head.size} entries and nothing beyond. Go on?", yes)
        made = _succeed(desk, head, seeds, new_recovery_key, recovery)
        place = new_recovery_key or desk.home.keys / "recovery.key"
    note_file = home / "keys" / f"succession-{made.number}"
    if as_json:
        say_json(
            {
                "attested": recovery_key is not None,
                "digest": made.digest.hex(),
                "note": str(note_file),
                "number": made.number,
                "origin": made.origin,
                "recovery_key": str(place),
                "size": head.size,
            }
        )
        return
    say(
        f"New keys for {made.origin}; the old log key speaks for its first {head.size} entries.",
        f"Recovery key: {place}",
        f"Succession: {note_file}",
        "Keep these two together at a place that is offline: with them the member can be set up again when "
        "all else is lost. Export, so that the other members learn of it.",
    )
    if recovery_key is None:
        say(f"It counts when enough members attest it: allweather record attest HOME {made.origin}")


def _position(desk: Desk, size: int | None, number: int | None) -> Head:
    """The position that the succession names. Raises InputError if the choice is not clear."""
    from allweather.record.checkpoints import Head
    from allweather.record.merkle import EMPTY_ROOT
    from allweather.record.storage import root_at
    from allweather.record.writing import departs_at

    origin, own = desk.home.origin, desk.own
    listed = ", ".join(
        f"{one.branch.number} ({one.head.size} entries, {one.n_standing} of them stand)" for one in own.faces
    )
    if own.two_faced and number is None:
        raise InputError(f"{origin} has several faces: {listed}; say with --face which of them goes on")
    faces = [one for one in own.faces if number in (None, one.branch.number)]
    if not faces:
        if number is not None:
            raise UnknownName(f"{origin} has no face {number} here")
        return Head(origin, 0, EMPTY_ROOT)
    # Not the longest: what a thief added is longer.
    face = max(faces, key=lambda one: one.n_standing)
    left = departs_at(desk.storage, own, face.branch)
    if left is not None and (number is None or size is None):
        # What stands may be nothing, and the member's own words the beginning of what a thief has signed.
        raise InputError(
            f"entry {left.size} of {origin}, which a succession names, is not on this face; say with --face "
            f"and --at up to where which face is your own: {listed}"
        )
    size = face.n_standing if size is None else size
    most = face.head.size if left is None else min(face.head.size, left.size)
    root = root_at(desk.storage, face.branch, size) if size <= most else None
    if root is None:
        raise InputError(f"of this face of {origin} --at may name up to {most} entries, not {size}")
    return Head(origin, size, root)


def _succeed(
    desk: Desk, head: Head, seeds: list[bytes], new_recovery: Path | None, recovery: Passphrase
) -> Succession:
    """Make the keys, commit the note, put the key files in place: in this order, each step whole."""
    from allweather.node.home import finish_succession, new_keys, write_guard
    from allweather.record.keys import recovery_signer
    from allweather.record.members import make_succession, parse_card, parse_succession
    from allweather.record.notes import format_note
    from allweather.record.storage import Batch
    from allweather.record.writing import adopt
    from allweather.store.disk import reason, write_new

    home, own = desk.home, desk.own
    signers: list[Signer] = [recovery_signer(home.origin, seed) for seed in seeds]
    if signers and signers[0].verifier != own.history.current.recovery:
        raise Refused(
            f"this is not the recovery key in force for {home.origin}; find the one of the last keys"
        )
    notes = desk.storage.key_notes(home.origin)
    held: list[Card | Succession] = [parse_card(notes[0]), *map(parse_succession, notes[1:])]
    last = next(one for one in held if one.digest == own.history.links[-1])
    following = home.keys / "next"
    try:
        if following.exists():
            waiting = (following / "succession-digest").read_text("ascii", "replace")
            if waiting in {one.digest.hex() for one in held}:
                raise Refused(f"the succession {waiting} waits to be attested; let the members do that first")
            shutil.rmtree(following)  # of a succession that was never committed
        note_file = home.keys / f"succession-{len(own.history.links)}"
        note_file.unlink(missing_ok=True)
        following.mkdir(mode=0o700)
        places = {word: following / f"{word}.key" for word in ("log", "witness", "recovery")}
        if new_recovery is not None:
            places["recovery"] = new_recovery
        words = {"log": desk.passphrase, "witness": desk.passphrase, "recovery": recovery}
        keys = new_keys(home.origin, places, words)
        made = make_succession(head, last, keys["log"], keys["witness"], keys["recovery"], *signers)
        data = format_note(made.note)
        write_new(following / "succession-digest", made.digest.hex().encode(), mode=0o600)
        write_new(note_file, data)
    except OSError as error:
        raise OutputError(f"the new keys cannot be kept: {reason(error)}; nothing was changed") from error
    if not signers:
        desk.commit(Batch(key_notes=((home.origin, data),)))
        return made
    desk.commit(adopt(made))
    write_guard(home, head)
    finish_succession(home, desk.own)
    return made


@click.command(short_help="Let another key write for the member, or no longer.")
@home_argument
@click.argument("name")
@click.option("--key", metavar="BASE64", help="The delegate's public key: 32 bytes of Ed25519 in base64.")
@click.option("--withdraw", is_flag=True, help="From now on it may not write; what it wrote stays.")
@passphrase_option
@json_option
def delegate(
    home: Path, name: str, key: str | None, withdraw: bool, passphrase_file: Path | None, as_json: bool
) -> None:
    """Sign an entry that lets the delegate NAME write for the member with its own key; or, with --withdraw,
    one that ends it."""
    from allweather.cli.desk import at_desk
    from allweather.record.facts import DELEGATE, WITHDRAW, delegate_body
    from allweather.record.keys import format_base64, parse_base64
    from allweather.record.writing import Draft

    public = None if key is None else parse_base64(key, size=32, where="--key")
    with at_desk(home, passphrase_file) as desk:
        if withdraw:
            keys = _active(desk, name) if public is None else [format_base64(public)]
            if not keys:
                raise UnknownName(f"no delegate named {name!r:.100} may write for {desk.home.origin}")
            drafts = [Draft(WITHDRAW, {"key": one}) for one in keys]
        elif public is None:
            raise InputError("give --key with the delegate's public key in base64")
        else:
            if not 0 < len(name.strip()) <= 4_000:
                raise InputError("a delegate has a name, of at most 4,000 characters")
            drafts = [Draft(DELEGATE, delegate_body(public, name))]
        head = _sign(desk, drafts).growths[0].branch.head
    word = "may no longer write" if withdraw else "may write"
    if as_json:
        say_json({"entry": head.size - 1, "name": name, "origin": head.origin, "withdrawn": withdraw})
    else:
        say(f"{name} {word} for {head.origin}: entry {head.size - 1}.")


def _active(desk: Desk, name: str) -> list[str]:
    """The keys of delegates of that name that may write now."""
    last: dict[str, str | None] = {}
    for one in desk.standing.delegations:
        if one.place.origin == desk.home.origin:
            last[one.key] = one.name
    return sorted(key for key, held in last.items() if held == name)


def _sign(desk: Desk, drafts: Sequence[Draft]) -> Batch:
    from allweather.record.writing import write

    desk.check_guard()
    batch = write(desk.storage, desk.own, desk.signer("log"), drafts, at=now())
    desk.commit(batch)
    return batch


@click.command(short_help="Vouch for another member's new keys.")
@home_argument
@origin_argument
@click.option(
    "--succession",
    metavar="SHA256",
    help="Which one: the digest of its text, as the member tells it.",
)
@yes_option
@passphrase_option
@json_option
def attest(
    home: Path,
    origin: str,
    succession: str | None,
    yes: bool,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Sign an entry that says: this succession of ORIGIN, which no recovery key signed, is that member's own.

    Make sure of it with the member, by a way that does not rest on its keys, before you sign.
    """
    from allweather.cli.desk import at_desk
    from allweather.record.facts import ATTEST, attest_body
    from allweather.record.members import parse_succession
    from allweather.record.writing import Draft

    with at_desk(home, passphrase_file) as desk:
        log = desk.standing.logs.get(origin)
        if log is None or origin == desk.home.origin:
            raise UnknownName(f"{origin!r:.100} is not another member that is held here")
        held = [parse_succession(data).digest for data in desk.storage.key_notes(origin)[1:]]
        waiting = [digest for digest in held if digest not in log.history.links]
        if succession is not None:
            waiting = [_digest(succession)]
        if len(waiting) != 1:
            which = ", ".join(digest.hex() for digest in waiting) or "none"
            raise InputError(
                f"successions of {origin} that are held and wait for a word: {which}; name one with "
                "--succession, as the member tells it to you"
            )
        (digest,) = waiting
        confirm(f"Have you made sure with {origin} that these keys are its own?", yes)
        head = _sign(desk, [Draft(ATTEST, attest_body(origin, digest))]).growths[0].branch.head
    if as_json:
        say_json({"entry": head.size - 1, "origin": origin, "succession": digest.hex()})
    else:
        say(f"Attested the succession {digest.hex()} of {origin}: entry {head.size - 1}.")


def _digest(text: str) -> bytes:
    try:
        digest = bytes.fromhex(text)
    except ValueError:
        digest = b""
    if len(digest) != 32:
        raise InputError(f"--succession is 64 hex digits, not {text!r:.80}")
    return digest
