"""The record: every log that is held, every entry, its proof checked here, and a search over all acts."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from allweather.council.acts import short
from allweather.errors import AllweatherError, UnknownName
from allweather.node.exploring import (
    cosigners_of,
    describe_entry,
    entry_rows,
    holders_of,
    log_row,
)
from allweather.node.proving import ENTRY, LIMITS, PROOF, Files, check_files, prove_entry, prove_faces
from allweather.record.proofs import parse_entry_proof
from allweather.report.drawing import drawing, line, rect, text
from allweather.web.asking import Ask, File, Page, Values
from allweather.web.words import KINDS

_PAGE = 50
_MOST_PAGES = 10_000
_ID = re.compile(r"([a-z0-9][a-z0-9._-]{0,62}):([0-9]{1,12})", re.ASCII)
_ACTS = [kind for kind in KINDS if not kind.startswith("record.")]
_EPOCH = (1980, 1, 1, 0, 0, 0)


def _explore(ask: Ask) -> Values:
    record = ask.house.explorer.view()
    held = holders_of(record)
    n_witnesses = ask.charter.get("rules", {}).get("witnesses", 1)
    rows = []
    for origin, log in sorted(record.standing.logs.items()):
        row = log_row(record, log)
        others = {member: one for member, one in held[origin].items() if member != origin}
        size = max((face["size"] for face in row["faces"]), default=0)
        reached = sorted((one.head.size for one in others.values()), reverse=True)
        rows.append(
            row
            | {
                "name": short(origin),
                "size": size,
                "root": row["faces"][0]["root"] if row["faces"] else "",
                "n_holders": len(others),
                "reached": reached[0] if reached else 0,
                "most": reached[n_witnesses - 1] if len(reached) >= n_witnesses else 0,
                "last_at": max((one.time for one in others.values()), default=0),
            }
        )
    return {
        "rows": rows,
        "alarms": [row for row in rows if row["two_faced"]],
        "n_entries": sum(row["size"] for row in rows),
        "digest": record.standing.digest,
        "picture": _holdings(ask, rows),
        "n_witnesses": n_witnesses,
        "address": ask.house.address,
        "limits": LIMITS,
        "search": {"q": "", "member": "", "kind": ""},
        "kinds": _ACTS,
    }


def _holdings(ask: Ask, rows: Sequence[Mapping[str, Any]]) -> Markup:
    """A bar for each log: how far enough others hold it, how far anybody does, and how far it goes."""
    word = ask.tongue.word
    left, wide, step = 150.0, 460.0, 22.0
    longest = max((row["size"] for row in rows), default=0) or 1
    body = []
    for place, row in enumerate(rows):
        y = place * step + 4
        scale = wide / longest
        body.append(text(left - 8, y + 12, ask.named(row["name"])[:20], "small", anchor="end"))
        body.append(rect(left, y, row["size"] * scale, 14, "held-none"))
        body.append(rect(left, y, row["reached"] * scale, 14, "held-some"))
        body.append(rect(left, y + 3, row["most"] * scale, 8, "held-most"))
        if row["two_faced"]:
            body.append(text(left + 6, y + 12, word("TWO FACES"), "alarm"))
        body.append(text(left + row["size"] * scale + 6, y + 12, str(row["size"]), "small"))
    height = len(rows) * step + 6
    body.append(line(left, 0, left, height, "axis"))
    title = word("How much of each log the others hold")
    about = word("A bar for each log; the table below says the same in numbers.")
    return drawing("holdings", left + wide + 60, height, title, about, body, alone=False)


# One log


def _origin(ask: Ask, name: str) -> str:
    return f"{ask.house.origin.partition('/')[0]}/{name}"


def _log(ask: Ask) -> Values:
    record = ask.house.explorer.view()
    origin = _origin(ask, ask.path["member"])
    row = log_row(record, record.log(origin))
    size = max((face["size"] for face in row["faces"]), default=0)
    start = _number(ask.query.get("from", ""), max(0, (size - 1) // _PAGE * _PAGE))
    held = holders_of(record)[origin]
    heads = [
        face | {"cosigners": cosigners_of(record, log_face.head)}
        for face, log_face in zip(row["faces"], record.log(origin).faces, strict=True)
    ]
    return {
        "row": row,
        "name": short(origin),
        "size": size,
        "faces": heads,
        "holders": [(short(one), held[one].head.size, held[one].time) for one in sorted(held)],
        "entries": entry_rows(record, origin, None, start, start + _PAGE),
        "start": start,
        "before": max(0, start - _PAGE) if start else None,
        "after": start + _PAGE if start + _PAGE < size else None,
    }


def _number(given: str, default: int) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 13 else default


# One entry


def _place(ask: Ask) -> tuple[str, int, int | None]:
    match = _ID.fullmatch(ask.path["id"])
    if match is None:
        raise UnknownName(f"{ask.path['id']!r:.60} names no entry; write it like norway:12")
    face = ask.query.get("face", "")
    return _origin(ask, match[1]), int(match[2]), _number(face, 0) if face else None


def _entry(ask: Ask) -> Values:
    origin, index, number = _place(ask)
    record = ask.house.explorer.view()
    face = record.face(origin, index, number)
    found = describe_entry(record, face, index)
    if found.get("entry", {}).get("audience") and found["payload"]:
        found["payload"].pop("text", None)  # who may read it reads it on the act's own page
    files = prove_entry(record, origin, index, face.branch.number)
    try:
        checked, fault = check_files(files), ""
        proof = parse_entry_proof(files[PROOF])
        steps = [one.hex() for one in proof.hashes]
    except AllweatherError as error:
        checked, fault, steps = {}, str(error), []
    kind = found.get("entry", {}).get("kind", "")
    return {
        "found": found,
        "name": short(origin),
        "id": f"{short(origin)}:{index}",
        "face_query": f"?face={number}" if number is not None else "",
        "bytes": files[ENTRY].decode("utf-8", "replace"),
        "checked": checked,
        "fault": fault,
        "steps": steps,
        "cosigners": [short(one) for one in checked.get("cosigners", ())],
        "n_others": len(record.standing.logs) - 1,
        "limits": LIMITS,
        "is_act": kind.startswith(("council.", "cooperation.")),
        "size": face.head.size,
        "last": max(one.head.size for one in record.log(origin).faces) - 1,
    }


def _files(ask: Ask) -> tuple[str, Files]:
    origin, index, number = _place(ask)
    return f"{short(origin)}-{index}", prove_entry(ask.house.explorer.view(), origin, index, number)


def _proof(ask: Ask) -> tuple[str, str, bytes]:
    name, files = _files(ask)
    return f"{name}.tlog-proof", "text/plain; charset=utf-8", files[PROOF]


def _bytes(ask: Ask) -> tuple[str, str, bytes]:
    name, files = _files(ask)
    return f"{name}.json", "application/json", files[ENTRY]


def _bundle(ask: Ask) -> tuple[str, str, bytes]:
    """All that an outsider needs to check the entry, in one archive; the same bytes for the same files."""
    name, files = _files(ask)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for inner in sorted(files):
            archive.writestr(zipfile.ZipInfo(f"{name}/{inner}", _EPOCH), files[inner])
    return f"{name}.zip", "application/zip", made.getvalue()


def _faces(ask: Ask) -> tuple[str, str, bytes]:
    data = prove_faces(ask.house.explorer.view(), _origin(ask, ask.path["member"]))
    return f"{ask.path['member']}.equivocation", "text/plain; charset=utf-8", data


# Search


def _search(ask: Ask) -> Values:
    given = {name: ask.query.get(name, "").strip()[:300] for name in ("q", "member", "kind")}
    found = ask.view("search", words=given["q"], member=given["member"], kind=given["kind"])
    page = min(_number(ask.query.get("page", ""), 0), _MOST_PAGES)
    acts = found["acts"][page * _PAGE : (page + 1) * _PAGE]
    return {
        "search": given,
        "kinds": _ACTS,
        "acts": acts,
        "n_found": found["n_found"],
        "page": page,
        "n_shown": len(found["acts"]),
        "is_last": (page + 1) * _PAGE >= len(found["acts"]),
        "first": page * _PAGE + 1,
    }


PAGES = (
    Page("/explore", "explore.html.j2", _explore),
    Page("/explore/search", "explore-search.html.j2", _search),
    Page("/explore/log/{member:str}", "explore-log.html.j2", _log),
    Page("/explore/entry/{id:str}", "explore-entry.html.j2", _entry),
)
FILES = (
    File("/explore/entry/{id:str}/proof", _proof),
    File("/explore/entry/{id:str}/bytes", _bytes),
    File("/explore/entry/{id:str}/all", _bundle),
    File("/explore/log/{member:str}/faces", _faces),
)
