"""`allweather node people`: who may sign in at a node's pages. The first person can only be added here.

add       a head, a delegate with a key and perhaps a mandate, or an observer; prints the link that lets it in
list      who there is
invite    a new link, once the old one was used or lost
remove    let somebody in no more
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from allweather.cli.record.asking import home_argument, json_option, passphrase_option, say, say_json
from allweather.errors import InputError, UnknownName

if TYPE_CHECKING:
    from allweather.web.people import People, Person, Role

_POWERS = ("speak", "position", "silence", "commit", "accredit")


@click.group(
    short_help="Who may sign in at the pages: add, list, invite, remove.",
    subcommand_metavar="COMMAND [ARGS]...",
)
@home_argument
@click.pass_context
def people(context: click.Context, home: Path) -> None:
    """The people who may sign in at the pages of HOME. There is nobody from the start.

    A node that runs knows of each change at once.
    """
    from allweather.node.home import find_home

    context.obj = find_home(home).path


@people.command(short_help="Add a person, and print the link that lets it in.")
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(["head", "delegate", "observer"]),
    required=True,
    help="A head acts in the member's name, a delegate with a key of its own, an observer reads.",
)
@click.option(
    "--power",
    "powers",
    multiple=True,
    type=click.Choice(_POWERS),
    help="What a delegate's mandate lets it do; repeat it. Without one no mandate is signed yet.",
)
@click.option("--until", metavar="TIME", help="When the mandate ends, as a time or +90d.")
@passphrase_option
@json_option
@click.pass_obj
def add(
    home: Path,
    name: str,
    role: str,
    powers: tuple[str, ...],
    until: str | None,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Add the person NAME. The link that is printed works once, within seven days; an observer's stays."""
    from allweather.cli.desk import passphrase
    from allweather.web.delegates import admit

    if (powers or until) and role != "delegate":
        raise InputError("only a delegate has a mandate: leave out --power and --until, or add a delegate")
    if bool(powers) != bool(until):
        raise InputError("a mandate needs both: --power, and --until for when it ends")
    found = _people(home)
    person = admit(home, found, name, cast("Role", role), passphrase(passphrase_file).get)
    mandate = _accredit(home, person, powers, until or "", passphrase_file) if powers else ""
    _say_link(home, found, person, mandate, as_json)


def _accredit(
    home: Path, person: Person, powers: tuple[str, ...], until: str, passphrase_file: Path | None
) -> str:
    """Sign the mandate of a new delegate; the name of the act. If that fails nobody stays added."""
    from allweather.cli.council.acting import parse_deadline
    from allweather.cli.council.desk import council_desk
    from allweather.council.bodies import Mandate
    from allweather.web.delegates import dismiss

    try:
        found: tuple = powers  # type: ignore[type-arg]
        body = Mandate(key=person.key, name=person.name, powers=found, until=parse_deadline(until))
        with council_desk(home, passphrase_file, writes=True) as desk:
            made: str = desk.sign(body, None)[0]["id"]
    except BaseException:
        dismiss(home, _people(home), person.id)
        raise
    return made


@people.command("list", short_help="Who may sign in.")
@json_option
@click.pass_obj
def list_(home: Path, as_json: bool) -> None:
    """Show the people: their names, roles, and by what they sign in."""
    found = _people(home)
    book = found.book()
    open_ones = {one.person for one in book.invitations if one.until > time.time()}
    rows = [
        {
            "invited": one.id in open_ones,
            "key": one.key,
            "name": one.name,
            "passkeys": len(one.passkeys),
            "passphrase": bool(one.passphrase),
            "role": one.role,
        }
        for one in book.people
    ]
    if as_json:
        say_json({"people": rows})
        return
    for row in rows:
        ways = [word for word in ("passphrase", "invited") if row[word]]
        ways += [f"{row['passkeys']} passkeys"] if row["passkeys"] else []
        say("  ".join(part for part in (str(row["role"]), str(row["name"]), ", ".join(ways)) if part))
    if not rows:
        say("Nobody can sign in yet; add a head with `allweather node people HOME add NAME --role head`.")


@people.command(short_help="Make a new link for a person.")
@click.argument("name")
@json_option
@click.pass_obj
def invite(home: Path, name: str, as_json: bool) -> None:
    """Make a new link for NAME; links before it are good no more. Its passphrase changes when it is used."""
    found = _people(home)
    _say_link(home, found, _named(found, name), "", as_json)


@people.command(short_help="Let a person in no more.")
@click.argument("name")
@click.pass_obj
def remove(home: Path, name: str) -> None:
    """Let NAME in no more, and remove a delegate's key. What it signed stays. Recall its mandate as well."""
    from allweather.web.delegates import dismiss

    found = _people(home)
    gone = dismiss(home, found, _named(found, name).id)
    say(f"{gone.name} can sign in no more.")


def _people(home: Path) -> People:
    from allweather.web.people import People

    return People(home, time.time)


def _named(found: People, name: str) -> Person:
    person = found.book().named(name)
    if person is None:
        raise UnknownName(
            f"{name!r:.60} is nobody at this node; `allweather node people HOME list` names all"
        )
    return person


def _say_link(home: Path, found: People, person: Person, mandate: str, as_json: bool) -> None:
    """Print the link that lets a person in; without an address where no node runs."""
    from allweather.node.peers import running_node

    runs = running_node(home)
    path = f"/enter/{found.invite(person.id)}"
    link = f"{runs.address}{path}" if runs is not None else path
    if as_json:
        say_json(
            {"key": person.key, "link": link, "mandate": mandate, "name": person.name, "role": person.role}
        )
        return
    say(
        f"{person.name} is {'an observer' if person.role == 'observer' else f'a {person.role}'} at this node."
    )
    if mandate:
        say(f"Mandate: {mandate}")
    if runs is None:
        say("No node runs here; put its address before the link.")
    say(link)
