"""Looking: what waits, the agenda, positions, drafts, decisions, cooperation, and what others see."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from allweather.cli.council.desk import CouncilDesk, council_desk
from allweather.cli.council.group import council
from allweather.cli.record.asking import (
    counted,
    home_argument,
    json_option,
    parse_time,
    passphrase_option,
    say,
    say_json,
    show_time,
    table,
)
from allweather.errors import UnknownName

#: What a reference looks like; digests of cards and seals do too.
_REFERENCE = re.compile("[A-Za-z0-9+/]{43}=")

Show = Callable[[Any], None]

at_option = click.option("--at", metavar="TIME", help="As of this time, by what is held now.")


def see(home: Path, name: str, show: Show, as_json: bool, at: str | None = None, **parameters: str) -> None:
    """Show a view of a home, as JSON or by `show`."""
    with council_desk(home, None, writes=False) as desk:
        found = desk.view(name, None if at is None else parse_time(at), **parameters)
    if as_json:
        say_json(found)
    else:
        show(found)


@council.command(short_help="Who sits here, what waits for this member, what is in silence.")
@home_argument
@at_option
@json_option
def status(home: Path, at: str | None, as_json: bool) -> None:
    """Who sits in the council of HOME, what waits for this member, and what is in silence."""
    moment = None if at is None else parse_time(at)
    with council_desk(home, None, writes=False) as desk:
        found = {
            "council": desk.view("council", moment),
            "waiting": desk.view("waiting", moment, member=desk.origin),
            "decisions": desk.view("decisions", moment),
        }
        origin = desk.origin
    if as_json:
        say_json(found)
        return
    seats = found["council"]
    away = [name for name in seats["members"] if name not in seats["joined"]]
    say(
        f"{seats['charter']['body']['title']}: {counted(len(seats['members']), 'member')}, "
        f"{counted(seats['n_acts'], 'act')}. This is the desk of {origin}.",
        *([f"Not joined yet: {', '.join(away)}."] if away else []),
        *([f"Participation suspended: {', '.join(seats['suspended'])}."] if seats["suspended"] else []),
        "",
        "Waiting for you:" if found["waiting"] else "Nothing waits for you.",
        *(f"  {one['about']['id']:<14} {one['sentence']}" for one in found["waiting"]),
    )
    if found["decisions"]:
        say("", "Decisions:", *(f"  {one['id']:<14} {one['sentence']}" for one in found["decisions"]))
    say("", f"Digest of the fold: {seats['digest']}")


@council.command(short_help="All concerns with their states.")
@home_argument
@at_option
@json_option
def agenda(home: Path, at: str | None, as_json: bool) -> None:
    """All concerns with their states. None can be taken off."""
    see(home, "agenda", _say_agenda, as_json, at)


def _say_agenda(found: Any) -> None:
    rows = [[one["id"], one["state"], one["member"], one["title"]] for one in found["concerns"]]
    table(("id", "state", "raised by", "concern"), rows)
    for said in found["statements"]:
        act = said["statement"]
        words = act["body"].get("title") or act["body"].get("words", "").partition("\n")[0][:100]
        say(f"{act['id']}: statement by {act['member']} on no concern{': ' if words else ''}{words}")
    for one in found["refused"]:
        say(f"{one['name']} does not count: {one['why']}.")


@council.command(short_help="One act with everything about it.")
@home_argument
@click.argument("act")
@at_option
@passphrase_option
@json_option
def show(home: Path, act: str, at: str | None, passphrase_file: Path | None, as_json: bool) -> None:
    """ACT with everything about it: a concern, a text, a draft, a decision, or any other act.

    What was said to some members only is shown to a node of theirs, which opens it with its witness key.
    """
    moment = None if at is None else parse_time(at)
    with council_desk(home, passphrase_file, writes=False) as desk:
        found = desk.view("act", moment, id=act)
        if "payload" in found:
            found["said"] = desk.words(act)
        name, say_it = _FULLER.get(found["kind"], ("act", _say_act))
        fuller = desk.view(name, moment, id=act) if name != "act" else found
        named = None if as_json else _with_names(desk, moment, found["body"])
    if as_json:
        say_json(fuller)
        return
    _say_act({**found, "body": named})
    if name != "act":
        say_it(fuller)


def _say_act(found: Any) -> None:
    say(f"{found['id']}  {found['kind']}  {found['member']}, dated {show_time(found['at'])}")
    for field, value in (found["body"] or {"content": "hidden until the round has closed"}).items():
        say(f"  {field}: {value}")
    if "audience" in found:
        say(f"  only for: {', '.join(found['audience'])}")
    if "payload" in found:
        say(f"  its words stand apart: {found['payload']['size']} bytes of {found['payload']['type']}")
        _say_words(found["said"])
    if "why_not" in found:
        say(f"It does not count: {found['why_not']}.")


def _with_names(desk: CouncilDesk, moment: int | None, value: Any) -> Any:
    """The fields of an act with the acts that they name by reference as people name them: `norway:12`."""
    if isinstance(value, dict):
        return {field: _with_names(desk, moment, inner) for field, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_with_names(desk, moment, inner) for inner in value]
    if not isinstance(value, str) or not _REFERENCE.fullmatch(value):
        return value
    try:
        return desk.view("act", moment, id=value)["id"]
    except UnknownName:  # a digest of something else, or an act that is not held here
        return value


def _say_words(said: Any) -> None:
    for field in ("title", "language"):
        if said[field]:
            say(f"  {field}: {said[field]}")
    if said["words"]:
        say("", *(f"  {line}" for line in said["words"].splitlines()))
    if said["why"]:
        say(f"  {said['why']}")


def _say_concern(found: Any) -> None:
    say("", f"State: {found['state']}.")
    for one in found["statements"]:
        said = one["statement"]
        say(f"  {said['id']:<14} {said['member']} made a statement {said['body'].get('title', '')}".rstrip())
        for reply in one["replies"]:
            say(f"    {reply['id']:<12} {reply['member']} replied, by right")
    for one in found["texts"]:
        say(
            f"  {one['id']:<14} text: {one['title']}, version {one['version']}, "
            f"{counted(one['n_positions'], 'position')}"
        )
    for one in found["drafts"]:
        say(f"  {one['id']:<14} draft: {one['title']}, {one['state']}")
    for one in found["decisions"]:
        say(f"  {one['id']:<14} {one['sentence']}")
    for one in found["rounds"]:
        say(f"  {one['round']['round']['id']:<14} {one['sentence']}")


def _say_text(found: Any) -> None:
    say("", f"{found['title']}, version {found['version']}:", f"  {found['words']}", "")
    rows = []
    for holder in found["holders"]:
        for held in holder["current"]:
            note = (
                "asked again: the text has changed" if holder["asked"] else held["taken"].get("condition", "")
            )
            rows.append(
                [
                    holder["member"].partition("/")[2],
                    held["taken"]["response"],
                    held["tone"],
                    held["act"]["id"],
                    note,
                ]
            )
    table(("member", "position", "basis", "act", ""), rows)


def _say_draft(found: Any) -> None:
    say("", f"{found['title']}: {found['state']}", "", found["running_text"], "")
    for one in found["remarks"]:
        what = one["answer"] or one["state"]
        say(f"  {one['amendment']['id']:<12} {one['clause']} ({one['letter']}): {what}")


def _say_decision(found: Any) -> None:
    say("", found["sentence"])
    full = found["decision"]
    for one in full["objections"]:
        say(
            f"  {one['act']['id']:<12} {one['holder'].partition('/')[2]} objects: {one['reason']}"
            + (" (cleared)" if one["cleared"] else "")
        )
    for one in full["reservations"]:
        say(f"  {one['act']['id']:<12} {one['member'].partition('/')[2]}: {one['words']}")
    for one in full["refused"]:
        say(f"  {one['act']['id']:<12} changes nothing: {one['reason']}")


_FULLER: dict[str, tuple[str, Show]] = {
    "council.concern": ("concern", _say_concern),
    "council.text": ("text", _say_text),
    "council.revision": ("text", _say_text),
    "council.draft": ("draft", _say_draft),
    "council.freeze": ("draft", _say_draft),
    "council.silence": ("decision", _say_decision),
}


@council.command(short_help="Who holds what on every text.")
@home_argument
@at_option
@json_option
def positions(home: Path, at: str | None, as_json: bool) -> None:
    """Who holds what on every text. Unknown is left blank; a reading by others is in brackets."""
    see(home, "positions", _say_positions, as_json, at)


def _say_positions(found: Any) -> None:
    rows = []
    for one in found["texts"]:
        cells = one["positions"]
        row = [one["id"], one["title"]]
        for member in found["members"]:
            cell = cells.get(member)
            word = cell["response"] if cell else ""
            row.append(f"({word})" if cell and cell["tone"] == "inferred" else word)
        rows.append(row)
    table(("id", "text", *found["members"]), rows)


@council.command(short_help="All decisions by silence, each in one sentence.")
@home_argument
@at_option
@json_option
def decisions(home: Path, at: str | None, as_json: bool) -> None:
    """All decisions by silence, each with the sentence that says what is missing."""
    see(
        home,
        "decisions",
        lambda found: say(*(f"{one['id']:<14} {one['sentence']}" for one in found)),
        as_json,
        at,
    )


@council.command(short_help="Tracks of cooperation and their commitments.")
@home_argument
@at_option
@json_option
def board(home: Path, at: str | None, as_json: bool) -> None:
    """Tracks of cooperation with their commitments."""
    see(home, "board", _say_board, as_json, at)


def _say_board(found: Any) -> None:
    for one in found["tracks"]:
        say(one["track"]["sentence"])
        for row in one["rows"]:
            say(*(f"  {promise['offer']['id']:<14} {promise['sentence']}" for promise in row["commitments"]))


@council.command(short_help="What members have promised and given each other.")
@home_argument
@at_option
@json_option
def ledger(home: Path, at: str | None, as_json: bool) -> None:
    """The reciprocity ledger: pair by pair what was promised, given, received, overdue, disputed."""
    see(home, "ledger", lambda found: say(*(one["sentence"] for one in found)), as_json, at)


@council.command(short_help="Every act, in the order of its author's clock.")
@home_argument
@at_option
@json_option
@click.option("--limit", type=click.IntRange(1), help="No more acts than this, the last ones.")
@click.option("--before", metavar="ACT", help="Only acts before this one in the minutes.")
def minutes(home: Path, at: str | None, as_json: bool, limit: int | None, before: str | None) -> None:
    """Every act on record, by the time that its author claims."""
    page = {"limit": None if limit is None else str(limit), "before": before}
    asked = {name: value for name, value in page.items() if value is not None}
    see(home, "minutes", _say_minutes, as_json, at, **asked)


def _say_minutes(found: Any) -> None:
    for one in found:
        mark = "" if one["counts"] else f"  (does not count: {one['why_not']})"
        say(f"{show_time(one['at'])}  {one['id']:<14} {one['kind']:<22} {one['what']}{mark}")


@council.command("as-seen-by", short_help="The council as another member saw it at a time.")
@home_argument
@click.argument("member")
@at_option
@click.option(
    "--view",
    "name",
    default="decisions",
    show_default=True,
    help="Which view: agenda, positions, decisions, board, ledger, minutes, council.",
)
@json_option
def as_seen_by(home: Path, member: str, at: str | None, name: str, as_json: bool) -> None:
    """The council as MEMBER's node saw it at a time, by what MEMBER's own log says that it held."""
    from allweather.cli.desk import at_desk
    from allweather.cli.record.asking import now
    from allweather.node.actions import Actions
    from allweather.node.seeing import as_seen_by as seen
    from allweather.node.showing import check_parameters
    from allweather.node.views import VIEWS

    moment = parse_time(at)
    with at_desk(home, None, writes=False) as desk:
        origin = member if "/" in member else f"{desk.home.origin.partition('/')[0]}/{member}"
        then = seen(Actions(desk, now).view(), origin, moment, desk.storage, desk.standing)
        if name not in _SHOWS:
            raise UnknownName(
                f"{name!r:.40} is no view of the whole council; name one of {', '.join(_SHOWS)}"
            )
        check_parameters(name, VIEWS[name], {})
        found = VIEWS[name].show(then, {})
    if as_json:
        say_json(found)
        return
    say(f"As {member} saw it at {show_time(moment)}:")
    _SHOWS[name](found)


def _say_sentences(found: Any) -> None:
    say(*(f"{one.get('id', ''):<14} {one['sentence']}" for one in found))


_SHOWS: dict[str, Show] = {
    "agenda": _say_agenda,
    "positions": _say_positions,
    "decisions": _say_sentences,
    "board": _say_board,
    "ledger": _say_sentences,
    "minutes": _say_minutes,
    "council": lambda found: say(f"{found['n_acts']} acts; digest {found['digest']}"),
}
