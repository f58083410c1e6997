"""`allweather record log` and `show`: which logs are held, what an entry says, when, and by whose word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from allweather.cli.asking import progress_bar
from allweather.cli.record.asking import (
    MAX_TEXT_SHOWN,
    face_option,
    index_argument,
    json_option,
    note,
    origin_argument,
    place_argument,
    quorum_option,
    say,
    say_json,
    show_time,
    table,
)

if TYPE_CHECKING:
    from allweather.cli.record.viewing import View
    from allweather.record.brackets import Bracket
    from allweather.record.entries import Entry
    from allweather.record.standing import Face, LogStanding

_CHUNK = 4_096


@click.command(short_help="Which logs are held, or the entries of one.")
@place_argument
@click.argument("origin", required=False)
@face_option
@quorum_option
@json_option
def log(place: str, origin: str | None, face: int | None, quorum: int | None, as_json: bool) -> None:
    """List the logs in a home or in a source (a folder, an archive, a web address); with ORIGIN, the entries
    of that log.

    A source is taken into memory and verified on the way; nothing is kept.
    """
    from allweather.cli.record.viewing import open_view

    with progress_bar(Console(stderr=True)) as report, open_view(place, report, quorum=quorum) as view:
        rows = (
            [_log_row(view, view.standing.logs[one]) for one in sorted(view.standing.logs)]
            if origin is None
            else _entry_rows(view, origin, face)
        )
        faults = list(view.faults)
    if as_json:
        say_json({"faults": faults, "entries" if origin else "logs": rows})
    elif origin is None:
        _say_logs(rows)
    else:
        _say_entries(rows)
    for sentence in faults:
        note(f"not taken in: {sentence}")


def _log_row(view: View, log: LogStanding) -> dict[str, Any]:
    from allweather.record.keys import format_base64

    return {
        "card": log.card.digest.hex(),
        "contested": log.history.contested,
        "disputed": log.n_disputed,
        "faces": [
            {
                "number": face.branch.number,
                "root": format_base64(face.head.root),
                "size": face.head.size,
                "stands": face.n_standing,
            }
            for face in log.faces
        ],
        "missing": sum(one.origin == log.origin for one in view.storage.wanted()),
        "origin": log.origin,
        "own": log.origin == view.own,
        "redacted": len({one.digest for one in view.standing.redactions if one.origin == log.origin}),
        "successions": len(log.history.periods) - 1,
        "two_faced": log.two_faced,
    }


def _say_logs(rows: list[dict[str, Any]]) -> None:
    cells = []
    for row in rows:
        size = max((face["size"] for face in row["faces"]), default=0)
        roots = ", ".join(face["root"][:12] for face in row["faces"])
        faces = f"{len(row['faces'])}" + (", two-faced" if row["two_faced"] else "")
        keys = f"{row['successions']}" + (", contested" if row["contested"] else "")
        cells.append(
            [
                row["origin"] + (" (own)" if row["own"] else ""),
                f"{size}",
                roots or "-",
                faces,
                f"{row['disputed']}",
                f"{row['missing']}",
                f"{row['redacted']}",
                keys,
            ]
        )
    head = ["log", "entries", "root", "faces", "disputed", "payloads missing", "redacted", "successions"]
    table(head, cells)


def _entry_rows(view: View, origin: str, number: int | None) -> list[dict[str, Any]]:
    """A row for each entry: of one face, or of the first with what the others have of their own."""
    rows = []
    for face in view.log(origin).faces:
        if number is not None and face.branch.number != number:
            continue
        begin = 0 if number is not None else face.branch.fork_at
        for start in range(begin, face.head.size, _CHUNK):
            end = min(face.head.size, start + _CHUNK)
            for index, data in enumerate(view.storage.entries(face.branch, start, end), start):
                rows.append(_entry_row(view, face, index, data))
    return rows


def _entry_row(view: View, face: Face, index: int, data: bytes) -> dict[str, Any]:
    from allweather.cli.record.viewing import placed

    entry = placed(data, face.branch.origin, index)
    row: dict[str, Any] = {
        "face": face.branch.number,
        "n": index,
        "stands": index < face.n_standing,
        "readable": entry is not None,
    }
    if entry is not None:
        row |= {"at": entry.at, "kind": entry.kind, "payload": _payload_state(view, entry)}
        row["delegate"] = None if entry.by is None else _delegate(view, entry)
    return row


def _say_entries(rows: list[dict[str, Any]]) -> None:
    cells = []
    for row in rows:
        remarks = [] if row["stands"] else ["disputed"]
        if row.get("delegate"):
            remarks.append(f"by {row['delegate']['name']}" if row["delegate"]["holds"] else "by no delegate")
        if not row["readable"]:
            cells.append([f"{row['n']}", f"{row['face']}", "-", "unreadable", "-", ", ".join(remarks)])
            continue
        state = row["payload"] or "-"
        cells.append(
            [f"{row['n']}", f"{row['face']}", show_time(row["at"]), row["kind"], state, ", ".join(remarks)]
        )
    table(["entry", "face", "time (its author's)", "kind", "payload", ""], cells)


def _payload_state(view: View, entry: Entry) -> str | None:
    """`held`, `redacted`, `missing`, or None if the entry names no payload."""
    if entry.payload is None:
        return None
    from allweather.record.keys import parse_base64

    digest = parse_base64(entry.payload.hash)
    if view.storage.payload(digest) is not None:
        return "held"
    redacted = any(one.digest == digest for one in view.standing.redactions)
    return "redacted" if redacted or view.storage.is_erased(digest) else "missing"


def _delegate(view: View, entry: Entry) -> dict[str, Any]:
    """Who wrote an entry for the member, and whether signature and leave hold."""
    from allweather.record.entries import is_signed_by_delegate

    assert entry.by is not None
    names = [
        one.name
        for one in view.standing.delegations
        if one.name
        and one.place.origin == entry.log
        and one.key == entry.by.key
        and one.place.index < entry.n
    ]
    holds = is_signed_by_delegate(entry) and view.standing.may_act(entry, entry.n)
    return {"holds": holds, "key": entry.by.key, "name": names[-1] if names else ""}


@click.command(short_help="One entry: what it says, when, and by whose word.")
@place_argument
@origin_argument
@index_argument
@face_option
@quorum_option
@json_option
def show(place: str, origin: str, index: int, face: int | None, quorum: int | None, as_json: bool) -> None:
    """Show entry INDEX of the log ORIGIN in a home or a source: its header, its text, who wrote it, between
    which times it was said and by whose clocks, who has acknowledged it, and whether it was redacted."""
    from allweather.cli.record.viewing import open_view

    with progress_bar(Console(stderr=True)) as report, open_view(place, report, quorum=quorum) as view:
        found = _described(view, view.face(origin, index, face), index)
    if as_json:
        say_json(found)
    else:
        _say_entry(found)


def _described(view: View, face: Face, index: int) -> dict[str, Any]:
    """Everything that there is to say of an entry, as JSON values."""
    from msgspec import to_builtins

    from allweather.record.keys import format_base64
    from allweather.record.merkle import leaf_hash

    data, entry = view.entry(face, index)
    origin = face.branch.origin
    found: dict[str, Any] = {
        "face": face.branch.number,
        "leaf": format_base64(leaf_hash(data)),
        "n": index,
        "origin": origin,
        "readable": entry is not None,
        "stands": index < face.n_standing,
        "two_faced": view.log(origin).two_faced,
    }
    if entry is None:
        return found
    bracket = _bracket(view, face, index, entry)
    found["entry"] = to_builtins(entry)
    found["delegate"] = None if entry.by is None else _delegate(view, entry)
    found["payload"] = _payload(view, entry)
    found["after"] = [[one.time, one.member] for one in bracket.after]
    found["before"] = [[one.time, one.member] for one in bracket.before]
    found["redactions"] = [
        {"at": one.at, "by": one.place.origin, "ground": one.ground, "n": one.place.index}
        for one in view.standing.redactions
        if (one.origin, one.index) == (origin, index)
    ]
    return found


def _bracket(view: View, face: Face, index: int, entry: Entry) -> Bracket:
    from allweather.cli.record.viewing import covering_heads, true_acknowledgements
    from allweather.errors import Malformed
    from allweather.record.brackets import bracket, seen_before
    from allweather.record.entries import parse_entry
    from allweather.record.facts import Acknowledgement

    before = []
    for start in range(0, index + 1, _CHUNK):
        for data in view.storage.entries(face.branch, start, min(index + 1, start + _CHUNK)):
            if b'"seen":[[' in data:
                try:
                    before.append(parse_entry(data))
                except Malformed:
                    continue
    words = [one for one in true_acknowledgements(view) if isinstance(one, Acknowledgement)]
    return bracket(entry, seen_before(before), words, covering_heads(view, face, index))


def _payload(view: View, entry: Entry) -> dict[str, Any] | None:
    if entry.payload is None:
        return None
    from allweather.record.entries import read_payload
    from allweather.record.keys import parse_base64

    state = _payload_state(view, entry)
    found = {"size": entry.payload.size, "state": state, "type": entry.payload.type}
    blob = view.storage.payload(parse_base64(entry.payload.hash)) if state == "held" else None
    if blob is not None and entry.payload.type.startswith("text/"):
        content = read_payload(entry.payload, blob, entry.log)[: 4 * MAX_TEXT_SHOWN]
        found["text"] = content.decode("utf-8", "replace")[:MAX_TEXT_SHOWN]
    return found


def _say_entry(found: dict[str, Any]) -> None:
    name = f"Entry {found['n']} of {found['origin']}"
    if not found["readable"]:
        say(f"{name} is unreadable: its bytes are no entry of that place. It says nothing.")
        return
    entry = found["entry"]
    say(f"{name}: {entry['kind']}")
    if not found["stands"]:
        say("Disputed: no key that speaks for the member holds it. It counts as nobody's word.")
    if found["two_faced"]:
        say(f"Its log has two faces; this is on face {found['face']}.")
    if found["delegate"]:
        one = found["delegate"]
        good = (
            f"Written by the delegate {one['name']}."
            if one["holds"]
            else "Not written by a delegate, though "
        )
        say(good if one["holds"] else good + "it says so.")
    say("", "Body:")
    for key, value in entry["body"].items():
        say(f"  {key}: {value}")
    if found["payload"]:
        _say_payload(found["payload"])
    if entry.get("audience"):
        say(f"Audience: {', '.join(entry['audience'])}")
    say("", f"Time by its author's clock: {show_time(entry['at'])}")
    if found["after"]:
        time, member = found["after"][0]
        say(f"Not before {show_time(time)}: it had seen what {member} cosigned then, by {member}'s clock.")
    else:
        say("Not before: nobody's word; it had seen no acknowledgement.")
    if found["before"]:
        time, member = found["before"][0]
        say(f"By {show_time(time)} it was held: by {member}'s clock.")
        say(f"Acknowledged by {', '.join(one for _, one in found['before'])}.")
    else:
        say("Acknowledged by nobody yet: until then only its author's clock says when.")
    for one in found["redactions"]:
        say(f"Redacted by {one['by']} (entry {one['n']}): {one['ground']}")


def _say_payload(payload: dict[str, Any]) -> None:
    say(f"Payload: {payload['size']} bytes of {payload['type']}, {payload['state']}.")
    if "text" in payload:
        for line in payload["text"].splitlines():
            say(f"  | {line}")
