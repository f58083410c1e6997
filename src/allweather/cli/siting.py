"""`allweather node site` and `check-site`: the public record as a signed static site, made and verified."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from allweather.cli.asking import progress_bar
from allweather.cli.record.asking import (
    counted,
    home_argument,
    json_option,
    parse_time,
    passphrase_option,
    say,
    say_json,
    show_time,
)
from allweather.errors import NotVerified

if TYPE_CHECKING:
    from allweather.record.keys import VerifierKey


@click.command(short_help="Write the public record as a signed static site.")
@home_argument
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--at", metavar="TIME", help="As of this time, by what is held now.")
@click.option(
    "--language",
    type=click.Choice(["en", "fr", "ru"]),
    default="en",
    show_default=True,
    help="The language of the pages; what members wrote stays as it is.",
)
@click.option("--no-review", is_flag=True, help="Leave out the joint review, which takes longest.")
@passphrase_option
@json_option
def site(
    home: Path,
    out: Path,
    at: str | None,
    language: str,
    no_review: bool,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Write what is public in HOME to OUT: plain pages, files for other programs, the record, all signed.

    OUT is a folder, new or an earlier site, or an archive if its name ends in .zip. A plain web server or a
    stick can hold it. Words for some members only are not in it, only that they were said. The same record as
    of the same time gives the same bytes.
    """
    from allweather.cli.desk import at_desk
    from allweather.node.actions import Actions
    from allweather.node.siting import write_site
    from allweather.web.sites import Maker, make_site
    from allweather.web.tongues import tongue

    moment = int(time.time()) if at is None else parse_time(at)
    with (
        progress_bar(Console(stderr=True)) as report,
        at_desk(home, passphrase_file, writes=False) as desk,
    ):
        desk.check_guard()
        view = Actions(desk, lambda: int(time.time())).view(moment)
        files = make_site(Maker(desk, view, tongue(language)), with_review=not no_review, report=report)
        origin = desk.home.origin
    write_site(files, out)
    if as_json:
        say_json({"out": str(out), "files": len(files), "at": moment, "origin": origin})
    else:
        say(f"{out}: {counted(len(files), 'file')}, signed by {origin}, as of {show_time(moment)}.")


@click.command("check-site", short_help="Verify a site: its files, its signature, its record.")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--card", metavar="SHA256", help="The digest of the card of the member who is to have signed it."
)
@json_option
def check_site(folder: Path, card: str | None, as_json: bool) -> None:
    """Verify that FOLDER holds exactly the files that its member signed, with the record among them.

    The keys are taken from that record. Whether they are the member's own, only the digest of its card shows,
    which you get by another way: --card.
    """
    from allweather.cli.record.viewing import open_view
    from allweather.node.siting import site_origin, verify_site

    origin = site_origin(folder)
    keys: Sequence[VerifierKey] = ()
    with progress_bar(Console(stderr=True)) as report, open_view(str(folder / "record"), report) as view:
        log = view.standing.logs.get(origin)
        if view.faults:
            raise NotVerified(view.faults[0], where=str(folder / "record"))
        if log is not None:
            keys = log.history.log_keys
            digest = log.card.digest.hex()
    if not keys:
        raise NotVerified(f"the record in it does not hold the card of {origin}", where=str(folder))
    if card is not None and card.lower() != digest:
        raise NotVerified(f"the card of {origin} in it is {digest}, not the one you gave", where=str(folder))
    found = verify_site(folder, keys)
    if as_json:
        say_json({"origin": origin, "at": found.at, "files": found.n_files, "card": digest})
        return
    say(
        f"{folder} holds the {counted(found.n_files, 'file')} that {origin} signed, "
        f"as of {show_time(found.at)}.",
        "Its record was read and every signature in it holds.",
        f"The card of {origin}: {digest}"
        + ("." if card is not None else "; compare it with what the member itself tells you."),
    )
