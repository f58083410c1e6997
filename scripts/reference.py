"""Write the reference pages that are made from the code, so that they cannot say anything else.

    python scripts/reference.py      writes docs/reference/cli.md and docs/reference/results.md

`pages()` gives their texts; a test compares them with the files. It does not write guides:
those are for people to write.
"""

from __future__ import annotations

import dataclasses
import enum
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import click

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference"
WIDTH = 100
NOTE = "<!-- Written by `make docs-reference`. Change the code, not this page. -->\n"

_FIELD = re.compile(r"    (\w+): (.+?)(?:\s+# (.+))?")


def pages() -> dict[str, str]:
    """The text of each generated page, by file name."""
    from allweather.cli import main
    from allweather.review import results

    return {"cli.md": cli_page(main), "results.md": results_page(results)}


def commands(main: click.Command, name: str = "allweather") -> Iterator[tuple[str, click.Command]]:
    """Every command with its full name, a group before its commands."""
    yield name, main
    if isinstance(main, click.Group):
        for word in sorted(main.commands):
            yield from commands(main.commands[word], f"{name} {word}")


def cli_page(main: click.Command) -> str:
    """The help of every command, as the command prints it."""
    parts = [NOTE, "# The command line\n"]
    wide: dict[str, Any] = {"terminal_width": WIDTH, "max_content_width": WIDTH}
    contexts: dict[str, click.Context] = {}
    for name, command in commands(main):
        # Under its group, as when it is called: a command takes over the group's names for help.
        above = contexts.get(name.rpartition(" ")[0])
        settings = wide if above else {**main.context_settings, **wide}
        context = click.Context(command, parent=above, info_name=command.name if above else name, **settings)
        contexts[name] = context
        lines = [line.rstrip() for line in command.get_help(context).splitlines()]
        parts.append(f"## {name}\n\n```text\n" + "\n".join(lines) + "\n```\n")
    return "\n".join(parts)


def results_page(results: ModuleType) -> str:
    """Every type of a result, with its fields and the remarks that stand beside them."""
    parts = [NOTE, "# Results\n", inspect.getdoc(results) or "", ""]
    for name, kind in vars(results).items():
        if not inspect.isclass(kind) or kind.__module__ != results.__name__:
            continue
        parts.append(f"## {name}\n\n{inspect.getdoc(kind)}\n")
        if issubclass(kind, enum.Enum):
            parts.append("\n".join(f"- `{one.value}`" for one in kind) + "\n")
        elif dataclasses.is_dataclass(kind):
            parts.append("| field | type | remark |\n| --- | --- | --- |\n" + "\n".join(_rows(kind)) + "\n")
    return "\n".join(parts)


def _rows(kind: type) -> Iterator[str]:
    names = {field.name for field in dataclasses.fields(kind)}
    for line in inspect.getsource(kind).splitlines():
        found = _FIELD.fullmatch(line)
        if found and found[1] in names:
            shown = found[2].partition(" = ")[0].replace("|", "\\|")
            yield f"| `{found[1]}` | `{shown}` | {found[3] or ''} |"


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file, text in pages().items():
        (FOLDER / file).write_text(text, encoding="utf-8")
        print(f"docs/reference/{file}")
