"""The group that all commands of the council hang on."""

from __future__ import annotations

import click


@click.group(short_help="The council: raise, say, negotiate, decide, commit.")
def council() -> None:
    """The council, from a member's own desk. Every act shows what it will sign, and asks.

    HOME is the member's folder. Acts are named by their author and place, such as norway:12; `agenda` and
    `show` list them. Members are named by their short name. Times are 2009-12-04T18:00:00Z or, from now, +3d.
    """
