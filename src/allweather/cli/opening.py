"""`allweather open`: the council of the example in the browser, with three live nodes and seats to pick.

Everything runs on this machine and ends with Ctrl-C. The council is the rehearsal of `allweather demo`.
"""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from allweather.cli.demo import found, place_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from allweather.cli.staging import LiveNode

SPEED = 10
"""How fast the clock of the rehearsal runs: a silence of a quarter of an hour takes a minute and a half."""


@click.command("open", short_help="The example's council in the browser: three nodes, seats to pick.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where the homes are made, and stay; it must be new or empty. Default: a temporary folder.",
)
@click.option(
    "--as-of",
    "as_of",
    metavar="DATE",
    default="2009-09-18",
    show_default=True,
    help="Only records that were certainly made by this day enter.",
)
@click.option("--speed", type=click.IntRange(1, 600), default=SPEED, hidden=True, help="Of the clock.")
@click.option("--source", type=click.Path(path_type=Path), hidden=True, help="Another folder of the example.")
def open_(folder: Path | None, as_of: str, speed: int, source: Path | None) -> None:
    """Found a council of 29 from public records, run the nodes of three members, and open their pages.

    It is a rehearsal: keys are made for it, and nobody named in it has signed anything. Nothing leaves this
    machine, and nothing is left running when you press Ctrl-C.
    """
    from allweather.cli.staging import Stage, ending_in_order
    from allweather.cli.walking import COUNCIL, LIVE, Teller

    with ending_in_order(), place_of(folder, False) as place:
        stage = Stage(place, [f"{COUNCIL}/{one}" for one in LIVE], options=("--public",))
        founded = found(stage, source, as_of, Teller(0.0, 80), speed=speed)
        for one in stage.nodes.values():
            _add_seats(one)
        with stage.running(founded.clock) as nodes:
            _say_seats(nodes)
            _wait_for_the_end()


def _add_seats(one: LiveNode) -> None:
    """A seat for the head of the delegation, free for anybody at this machine to take."""
    from allweather.web.people import People
    from allweather.web.words import HEAD, name_of

    People(one.home, time.time).add(HEAD.format(name_of(one.name)), "head", seat=True)


def _say_seats(nodes: Mapping[str, LiveNode]) -> None:
    click.echo()
    click.echo("The council is open. Pick a seat in your browser:")
    for one in nodes.values():
        click.echo(f"  {one.name.title():<10} {one.address.replace('127.0.0.1', 'localhost')}/")
    click.echo("Ctrl-C ends it.")


def _wait_for_the_end() -> None:
    ended = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: ended.set())
    try:
        while not ended.wait(3_600.0):
            pass
    finally:
        signal.signal(signal.SIGINT, before)
