"""`allweather node`: one member's running node from the terminal.

run       serve the member's home, pull from peers, tell them what is new
peers     who the peers are: list, add, remove
people    who may sign in at the pages: add, list, invite, remove
sync      take in from every peer now
status    whether a node runs here, whether it can sign, how its peers are
backup    copy a home while its node runs; restore puts a copy back
site      the public record as a signed static site; check-site verifies one
export    the same as `record export` and `record import`: by stick, by mail, by courier
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from allweather.cli.people import people
from allweather.cli.record.asking import counted, home_argument, json_option, passphrase_option, say, say_json
from allweather.cli.record.moving import export, import_, parse_pins
from allweather.cli.siting import check_site, site
from allweather.errors import InputError

if TYPE_CHECKING:
    from allweather.node.jobs import Timings
    from allweather.node.peers import RunningNode
    from allweather.node.rehearsing import Weather

_F = TypeVar("_F", bound=Callable[..., Any])
_ANSWER_LIMIT = 2**24

meet_option = click.option(
    "--meet",
    multiple=True,
    metavar="ORIGIN=SHA256",
    help="Take in this member, whose card has this digest, before a charter names it; repeat it for more.",
)


def _rehearsal_options(command: _F) -> _F:
    """What goes wrong on purpose: hidden, for rehearsals and tests of a whole council."""
    options = (
        click.option("--clock", metavar="OFFSET[xSPEED[@START]]", hidden=True, help="+86400, x600, -60x10."),
        click.option("--rehearsal", is_flag=True, hidden=True, help="Offer POST /api/rehearsal."),
        click.option("--drop", type=click.FloatRange(0, 1), default=0.0, hidden=True, help="Lose requests."),
        click.option("--seed", type=click.IntRange(min=0), default=0, hidden=True, help="Which are lost."),
        click.option("--withhold", multiple=True, metavar="ORIGIN", hidden=True, help="Do not publish it."),
        click.option(
            "--every", type=click.FloatRange(0.05), default=5.0, hidden=True, help="Seconds a round."
        ),
    )
    for one in reversed(options):
        command = one(command)
    return command


@click.group(short_help="A member's own node: run it, join others, back it up.")
def node() -> None:
    """A node keeps the home of one member in step with the nodes of the others.

    It serves what it holds to whoever asks, pulls what others hold, acknowledges it, and answers the member's
    own people over a local API. HOME is a folder made by `allweather record new`.
    """


@node.command(short_help="Serve a home until it is told to stop.")
@home_argument
@click.option(
    "--listen", default="127.0.0.1:0", show_default=True, metavar="HOST:PORT", help="Port 0 takes a free one."
)
@click.option(
    "--tls-cert", type=click.Path(path_type=Path), metavar="FILE", help="Certificate for https (PEM)."
)
@click.option("--tls-key", type=click.Path(path_type=Path), metavar="FILE", help="Its key (PEM).")
@click.option("--plain", is_flag=True, help="Plain http beyond this machine: for closed networks only.")
@click.option(
    "--public-address", default="", metavar="URL", help="Where others reach it, if that is another address."
)
@click.option("--public", is_flag=True, help="Who is not signed in may read the pages of the public record.")
@meet_option
@passphrase_option
@_rehearsal_options
def run(
    home: Path,
    listen: str,
    tls_cert: Path | None,
    tls_key: Path | None,
    plain: bool,
    public_address: str,
    public: bool,
    meet: tuple[str, ...],
    passphrase_file: Path | None,
    clock: str | None,
    rehearsal: bool,
    drop: float,
    seed: int,
    withhold: tuple[str, ...],
    every: float,
) -> None:
    """Run the node of HOME. One line with its address is printed when it is ready; Ctrl-C or SIGTERM ends it.

    At 0.0.0.0 or [::] it listens at every address of the machine. Commands here reach it over loopback; say
    with --public-address what others are to use.

    Peers come from HOME/peers.toml (`allweather node peers`) and are read again when that changes. The token
    of the local API is in HOME/token.
    """
    from allweather.cli.desk import passphrase
    from allweather.node.duties import DUTIES
    from allweather.node.logs import begin_logging
    from allweather.node.rehearsing import parse_clock
    from allweather.node.running import Listen, Node, parse_listen, run_until_signalled
    from allweather.web.digests import Digests
    from allweather.web.door import door

    host, port = parse_listen(listen)
    clock_of = parse_clock(clock, time.time) if clock else lambda: int(time.time())
    digests = Digests(home, lambda: running.public or running.address, clock_of)
    running = Node(
        home,
        passphrase(passphrase_file),
        clock_of,
        listen=Listen(host, port, tls_cert, tls_key, plain, public_address.rstrip("/")),
        timings=_timings(every),
        weather=_weather(rehearsal, drop, seed, withhold),
        duties=(*DUTIES, digests),
        pins=parse_pins(meet),
        pages=lambda node: door(node, is_public=public),
    )
    begin_logging()
    run_until_signalled(running, lambda address: say(address))


def _timings(every: float) -> Timings:
    """The waits of a node that asks each peer so often: its other waits grow and shrink with that."""
    from allweather.node.jobs import Timings

    usual = Timings()
    pace = every / usual.every
    return replace(
        usual, every=every, first=usual.first * pace, most=usual.most * pace, duty=usual.duty * pace
    )


def _weather(rehearsal: bool, drop: float, seed: int, withhold: tuple[str, ...]) -> Weather:
    from allweather.node.rehearsing import Dice, Weather
    from allweather.record.keys import check_origin

    withheld = frozenset(check_origin(one) for one in withhold)
    return Weather(drop, Dice(seed.to_bytes(32, "big")), withheld, rehearsal)


# Peers


@node.group(short_help="Who the peers are: list, add, remove.", subcommand_metavar="COMMAND [ARGS]...")
@home_argument
@click.pass_context
def peers(context: click.Context, home: Path) -> None:
    """The nodes that HOME asks and tells. A node that runs reads them again when they change."""
    from allweather.node.home import find_home

    context.obj = find_home(home).path


@peers.command("list")
@json_option
@click.pass_obj
def list_(home: Path, as_json: bool) -> None:
    """Show the peers, and the members that may be met."""
    from msgspec import to_builtins

    from allweather.node.peers import read_peers

    found = read_peers(home)
    if as_json:
        say_json({"meet": dict(found.meet), "peers": [to_builtins(one) for one in found.peer]})
        return
    for one in found.peer:
        marks = [word for word in ("push", "static", "allow_plain") if getattr(one, word)]
        say("  ".join(part for part in (one.address, one.member, *marks) if part))
    for origin, digest in sorted(found.meet.items()):
        say(f"may be met: {origin}={digest}")
    if not found.peer:
        say("No peers; add one with `allweather node peers HOME add ADDRESS`.")


@peers.command()
@click.argument("address")
@click.option("--member", default="", metavar="ORIGIN", help="Hold it to this name.")
@click.option("--push", is_flag=True, help="It cannot reach us: bring it what is new here.")
@click.option("--static", is_flag=True, help="Only files under this address; nothing is told to it.")
@click.option("--allow-plain", is_flag=True, help="Plain http to another machine, in a closed network.")
@click.option("--ca", default="", metavar="FILE", help="The certificate that signs its own: a name in HOME.")
@meet_option
@click.pass_obj
def add(
    home: Path,
    address: str,
    member: str,
    push: bool,
    static: bool,
    allow_plain: bool,
    ca: str,
    meet: tuple[str, ...],
) -> None:
    """Add the node at ADDRESS, or change what is said of it."""
    from allweather.node.peers import Peer, read_peers, with_card, with_peer, write_peers

    peer = Peer(address.rstrip("/"), member, push, static, allow_plain, ca)
    changed = with_peer(read_peers(home), peer)
    for origin, digest in parse_pins(meet).items():
        changed = with_card(changed, origin, digest)
    write_peers(home, changed)
    say(f"{peer.address} is a peer of {home}.")


@peers.command()
@click.argument("address")
@click.pass_obj
def remove(home: Path, address: str) -> None:
    """Remove the node at ADDRESS."""
    from allweather.node.peers import read_peers, without_peer, write_peers

    write_peers(home, without_peer(read_peers(home), address.rstrip("/")))
    say(f"{address} is no peer of {home} any longer.")


# Asking a node that runs


@node.command(short_help="Take in from every peer now.")
@home_argument
@meet_option
@passphrase_option
@json_option
def sync(home: Path, meet: tuple[str, ...], passphrase_file: Path | None, as_json: bool) -> None:
    """Take in what every peer of HOME holds. A node that runs does it itself."""
    from allweather.node.home import find_home
    from allweather.node.peers import running_node

    runs = running_node(find_home(home).path)
    found: list[dict[str, Any]]
    if runs is not None:
        found = _ask(home, runs, "POST", "/api/sync")
    else:
        found = _sync_here(home, parse_pins(meet), passphrase_file)
    if as_json:
        say_json({"peers": found})
        return
    for one in found:
        last = one["last"] or {}
        state = one["error"] or counted(int(last.get("entries", 0)), "new entry", "new entries")
        say(f"{one['address']}: {state}")
        for fault in last.get("faults", ()):
            say(f"  not taken in: {fault}")
        for origin, digest in last.get("unknown", {}).items():
            say(f"  not known here: --meet {origin}={digest}")
    if not found:
        say("No peers; add one with `allweather node peers HOME add ADDRESS`.")


def _sync_here(home: Path, pins: dict[str, bytes], passphrase_file: Path | None) -> list[dict[str, Any]]:
    from allweather.cli.desk import passphrase
    from allweather.node.knowing import sync_once
    from allweather.node.sharing import open_shared

    shared = open_shared(home, passphrase(passphrase_file), lambda: int(time.time()))
    try:
        return sync_once(shared, home, pins)
    finally:
        shared.close()


@node.command(short_help="Whether a node runs here, and how it is.")
@home_argument
@json_option
def status(home: Path, as_json: bool) -> None:
    """Show where the node of HOME listens, whether it can sign, and how its peers are."""
    from allweather.node.home import find_home
    from allweather.node.peers import running_node

    state = running_node(find_home(home).path)
    health = None if state is None else _ask(home, state, "GET", "/health")
    if as_json:
        say_json(
            {
                "address": state.address if state and health else "",
                "health": health,
                "public": state.public if state and health else "",
                "runs": bool(health),
            }
        )
        return
    if state is None or health is None:
        say(f"No node runs for {home}.")
        return
    say(f"{health['node']} at {state.address}, process {state.process}")
    if state.public:
        say(f"Others reach it at {state.public}")
    say("It signs." if health["signs"] else f"It does not sign: {health['why']}")
    for one in health["peers"]:
        say(f"{one['address']}  {one['member'] or 'not met yet'}  {one['error'] or 'answers'}")


def _ask(home: Path, runs: RunningNode, method: str, path: str) -> Any:
    """What the node that runs answers. Raises InputError if it refuses, StoreError if it does not answer."""
    import msgspec

    from allweather.cli.asking_node import way_to_own

    way = way_to_own(home, runs)
    try:
        sent = {"Authorization": f"Bearer {runs.token}"}
        code, data = way.ask(method, path, None if method == "GET" else b"", _ANSWER_LIMIT, sent)
        answer = msgspec.json.decode(data)
    except msgspec.DecodeError:
        raise InputError("what answers there is no node of this house", where=runs.address) from None
    finally:
        way.close()
    if code >= 400:
        raise InputError(str(answer.get("error", code)), where=runs.address)
    return answer


# Copies


@node.command(short_help="Copy a home while its node runs.")
@home_argument
@click.argument("dest", type=click.Path(path_type=Path))
def backup(home: Path, dest: Path) -> None:
    """Copy HOME to the new folder DEST: the store as of one moment, the keys behind their passphrases, peers.

    Keep it as you keep the keys.
    """
    from allweather.node.backups import back_up

    back_up(home, dest)
    say(f"{dest} is a copy of {home}. Put it back with `allweather node restore`.")


@node.command(short_help="Put a copy back as a new home.")
@click.argument("source", type=click.Path(path_type=Path))
@home_argument
def restore(source: Path, home: Path) -> None:
    """Put the copy SOURCE back as the new folder HOME.

    Its node serves and pulls at once, and signs only when every other member that the copy knows has been
    asked how far the own log had come: two entries at one place would be an equivocation.
    """
    from allweather.node.backups import restore as put_back
    from allweather.node.home import find_home

    waiting = put_back(source, home)
    say(f"{home} is restored.")
    if waiting == (find_home(home).origin,):
        say(
            "The copy knows no other member, so that nobody can say how far the log had come: it signs "
            "nothing before the recovery key has named new keys (`allweather record succeed`)."
        )
    else:
        say(f"Before it signs, it asks: {', '.join(waiting)}.")


node.add_command(people)
node.add_command(site)
node.add_command(check_site)
node.add_command(export)
node.add_command(import_)
