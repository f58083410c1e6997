"""`allweather demo`: a council of 29 members on this machine, a line that is cut, and how all of it heals.

The council is a rehearsal, compiled from the public records in examples/nrc-2009. Three members have a live
node each, the others only their records. What is shown comes from those nodes; nothing is played back.
"""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from allweather.cli.asking import progress_bar, read_source
from allweather.errors import InputError

if TYPE_CHECKING:
    from allweather.cli.staging import Stage
    from allweather.cli.walking import Founded, Teller
    from allweather.council.bodies import Rules

NAMES = {"NO": "norway", "DE": "germany", "RU": "russia"}
TRACKS = (
    "Terrorism",
    "Weapons of mass destruction and their means of delivery",
    "Missile-defence data",
    "Afghanistan",
    "Maritime security",
)
HOUR = 3_600
_WIDTH = 100


@click.command(short_help="A council of 29 on this machine: a cut, and how it heals. About a minute.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where the homes are made, and stay; it must be new or empty. Default: a temporary folder.",
)
@click.option("--keep", is_flag=True, help="Do not remove the temporary folder at the end.")
@click.option(
    "--pace",
    type=click.FloatRange(0, 60),
    default=1.5,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait after each step, for reading.",
)
@click.option(
    "--as-of",
    "as_of",
    metavar="DATE",
    default="2009-09-18",
    show_default=True,
    help="Only records that were certainly made by this day enter, and the walk plays on it.",
)
@click.option("--source", type=click.Path(path_type=Path), hidden=True, help="Another folder of the example.")
def demo(folder: Path | None, keep: bool, pace: float, as_of: str, source: Path | None) -> None:
    """Found a council of 29 from public records, with three live nodes on this machine; review its positions;
    open a silence; cut one member off while both sides go on; heal; verify as an outsider.

    It is a rehearsal: keys are made for it, and nobody named in it has signed anything. Nothing leaves this
    machine and nothing is left running.
    """
    from allweather.cli.staging import Stage, ending_in_order
    from allweather.cli.walking import COUNCIL, LIVE, Teller, Walk

    teller = Teller(pace, max(60, min(shutil.get_terminal_size().columns, _WIDTH)))
    with ending_in_order(), place_of(folder, keep) as place:
        stage = Stage(place, [f"{COUNCIL}/{one}" for one in LIVE])
        founded = found(stage, source, as_of, teller)
        with stage.running(founded.clock) as nodes:
            Walk(teller, founded, nodes).run()
        _farewell(teller, stage, founded.clock, keep or folder is not None)


def _example() -> Path:
    """The example's folder: beside the source of this program, or under the current folder."""
    places = (Path(__file__).parents[3] / "examples" / "nrc-2009", Path("examples") / "nrc-2009")
    found = next((one for one in places if one.is_dir()), None)
    if found is None:
        raise InputError("examples/nrc-2009 is not here; run the demo in the folder of the project's source")
    return found


@contextmanager
def place_of(folder: Path | None, keep: bool) -> Iterator[Path]:
    """The folder of the demo. A temporary one goes at the end, unless it is to be kept."""
    if folder is not None:
        yield folder.absolute()
        return
    made = Path(tempfile.mkdtemp(prefix="allweather-demo-"))
    try:
        yield made
    finally:
        if not keep:
            shutil.rmtree(made, ignore_errors=True)


def found(stage: Stage, source: Path | None, as_of: str, teller: Teller, *, speed: int = 0) -> Founded:
    """Compile the council and bring it to the homes of the live members. `speed` is that of its clock."""
    from allweather.cli.walking import COUNCIL, SPEED, Founded
    from allweather.node.rehearsal import NOTICE, Setting, compile_council
    from allweather.node.rehearsing import parse_clock
    from allweather.positions import parse_date

    notices = Console(stderr=True)
    source = source or _example()
    teller.say(NOTICE, indent=0)
    with progress_bar(notices) as report:
        reading, blocs = read_source(source, None, as_of, None, lambda what: report(what, 0.0))
        if missing := NAMES.keys() - {one.id for one in reading.positions.members}:
            raise InputError(f"the demo needs the members {', '.join(sorted(missing))}", where=str(source))
        day = parse_date(as_of).last or 0
        begins = day * 24 * HOUR + 8 * HOUR
        setting = Setting(COUNCIL, begins - HOUR, lambda: os.urandom(32), NAMES, TRACKS, _rules(), report)
        report("making keys for the three live members", 0.0)
        cards = stage.make_homes()
        compiled = compile_council(reading, blocs, setting, cards)
        report("bringing the record to the three homes", 0.9)
        stage.load(compiled, setting)
    start = int(time.time())
    clock = f"{begins - start:+d}x{speed or SPEED}@{start}"
    return Founded(compiled, clock, parse_clock(clock, time.time), reading.positions.n_members)


def _rules() -> Rules:
    from allweather.council.bodies import Rules
    from allweather.council.forms import DAY

    return Rules(witnesses=1, shortest_silence=HOUR // 6, hold=HOUR, catch_up=3 * DAY, statements=DAY)


def _farewell(teller: Teller, stage: Stage, clock: str, stays: bool) -> None:
    from allweather.cli.walking import ALLIES, CUT_OFF

    click.echo()
    teller.say(
        f"That took {time.monotonic() - teller.began:.0f} seconds. All nodes have been ended.", indent=0
    )
    if not stays:
        teller.say(
            "Nothing of it is left. To keep the homes and look further: allweather demo --keep", indent=0
        )
        return
    first, last = stage.nodes[ALLIES[0]], stage.nodes[CUT_OFF]
    click.echo(f"The homes are in {stage.folder}. To look further:")
    for command in (
        ["record", "log", str(first.home), last.origin],
        ["record", "verify", str(first.home)],
        stage.command(first, clock),
    ):
        click.echo(f"  allweather {shlex.join(command)}")
