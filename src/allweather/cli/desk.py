"""A home at the terminal: passphrases come from a file, or are asked for once."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from pathlib import Path

import click

from allweather.node import home as homes
from allweather.node.home import Desk, Passphrase


def passphrase(file: Path | None, what: str = "Passphrase of the keys") -> Passphrase:
    """A passphrase from a file; without one, from whoever sits at the terminal, if anybody does."""
    return Passphrase(file, what, _ask if sys.stdin.isatty() else None)


def _ask(what: str, new: bool) -> str:
    answer: str = click.prompt(what, hide_input=True, confirmation_prompt=new, err=True)
    return answer


def at_desk(path: Path, passphrase_file: Path | None, *, writes: bool = True) -> AbstractContextManager[Desk]:
    """Open a home to write to it (or only to read) and close it again."""
    return homes.at_desk(path, passphrase(passphrase_file), writes=writes)
