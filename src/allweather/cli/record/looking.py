"""`allweather record log` and `show`: which logs are held, what an entry says, when, and by whose word."""

from __future__ import annotations

from typing import Any

import click
from rich.console import Console

from allweather.cli.asking import progress_bar
from allweather.cli.record.asking import (
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
    from allweather.node.exploring import entry_rows, log_row

    with progress_bar(Console(stderr=True)) as report, open_view(place, report, quorum=quorum) as view:
        rows = (
            [log_row(view, view.standing.logs[one]) for one in sorted(view.standing.logs)]
            if origin is None
            else entry_rows(view, origin, face)
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
    from allweather.node.exploring import describe_entry

    with progress_bar(Console(stderr=True)) as report, open_view(place, report, quorum=quorum) as view:
        found = describe_entry(view, view.face(origin, index, face), index)
    if as_json:
        say_json(found)
    else:
        _say_entry(found)


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
