"""Write the reference pages that are made from the code, so that they cannot say anything else.

    python scripts/reference.py      writes cli.md, results.md and kinds.md into docs/reference

`pages()` gives their texts; a test compares them with the files. It does not write guides:
those are for people to write.
"""

from __future__ import annotations

import dataclasses
import enum
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import msgspec

from allweather.council.forms import Body
from allweather.council.machines import Machine

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference"
WIDTH = 100
NOTE = "<!-- Written by `make docs-reference`. Change the code, not this page. -->\n"

_FIELD = re.compile(r"    (\w+): (.+?)(?:\s+# (.+))?")


def pages() -> dict[str, str]:
    """The text of each generated page, by file name."""
    from allweather.cli import main
    from allweather.node.folding import KINDS
    from allweather.review import results

    return {"cli.md": cli_page(main), "results.md": results_page(results), "kinds.md": kinds_page(KINDS)}


def commands(main: click.Command, name: str = "allweather") -> Iterator[tuple[str, click.Command]]:
    """Every command with its full name, a group before its commands."""
    yield name, main
    if isinstance(main, click.Group):
        context = click.Context(main)
        for word in sorted(main.list_commands(context)):
            command = main.get_command(context, word)
            assert command is not None
            yield from commands(command, f"{name} {word}")


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
        hidden = [one for one in command.params if isinstance(one, click.Option) and one.hidden]
        if hidden:
            parts.append("For rehearsals and tests only, and not in the help:\n")
            parts.append("\n".join(f"- `{'`, `'.join(one.opts)}`: {one.help}" for one in hidden) + "\n")
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


def kinds_page(kinds: Mapping[str, type[Body]]) -> str:
    """Every kind of act: what it does, who may do it, its fields; and what things go through."""
    parts = [NOTE, "# Kinds of acts\n", _KINDS_INTRODUCTION, "| kind | what it does |\n| --- | --- |"]
    for name, kind in kinds.items():
        first = " ".join((inspect.getdoc(kind) or "").split()).partition(". ")[0].removesuffix(".")
        parts.append(f"| [`{name}`](#{name.replace('.', '')}) | {first} |")
    parts.append("")
    for name, kind in kinds.items():
        facts = [f"From: {', '.join(kind.SEATS)}.", f"A delegate needs the power: {kind.POWER}."]
        if kind.SUBJECT:
            facts.insert(0, f"About: `{kind.SUBJECT}`.")
        parts.append(f"## {name}\n\n{inspect.getdoc(kind)}\n\n{' '.join(facts)}\n")
        rows = [row for row in _field_rows(kind) if row is not None]
        if rows:
            parts.append("| field | type | if left out |\n| --- | --- | --- |\n" + "\n".join(rows) + "\n")
        for field in msgspec.structs.fields(kind):
            inner = field.type
            if inspect.isclass(inner) and issubclass(inner, msgspec.Struct) and field.name == "rules":
                parts.append(f"`{field.name}`: {inspect.getdoc(inner)}\n")
                parts.append("| rule | type | if left out |\n| --- | --- | --- |")
                parts.append("\n".join(row for row in _field_rows(inner) if row is not None) + "\n")
    parts.append("## What things go through\n")
    for machine in machines():
        steps = "\n".join(f"{one.source:>14} -> {one.target:<14} {one.by}" for one in machine.steps)
        parts.append(f"### {machine.name.capitalize()}\n\n```text\n{steps}\n```\n")
    return "\n".join(parts)


_KINDS_INTRODUCTION = """\
Each act of a member is an entry of its log (docs/spec/record.md) with one of these kinds. The fields stand in
the entry's `body`; a field that is left out has the value stated. An act whose body breaks its form, or whose
author has not the seat or the power, stays on the record and says nothing. A reference is the base64 of the
leaf hash of the entry that is meant. Times are seconds since 1970, 0 where none is set. Every act may also
have `on_behalf`: the member in whose name a delegate of another acts.
"""


def machines() -> list[Machine]:
    """Every state machine of the council and of cooperation, by name."""
    import allweather.cooperation
    import allweather.council

    found = {}
    for package in (allweather.council, allweather.cooperation):
        for one in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{package.__name__}.{one.name}")
            machine = getattr(module, "MACHINE", None)
            if isinstance(machine, Machine):
                found[machine.name] = machine
    return [found[name] for name in sorted(found)]


_BYTES = {"key", "commitment", "salt", "inputs", "result"}
"""Fields that look like a reference and are other 32 bytes."""


def _field_rows(kind: type[msgspec.Struct]) -> Iterator[str | None]:
    for field in msgspec.structs.fields(kind):
        if field.name == "on_behalf":
            continue
        default = "must be given"
        if field.default is not msgspec.NODEFAULT:
            value = msgspec.json.encode(field.default).decode()
            default = f"`{value}`"
        words = "base64 of 32 bytes" if field.name in _BYTES else _type_words(field.type)
        yield f"| `{field.name}` | {words} | {default} |"


def _type_words(type_: Any) -> str:
    """A field's type in words, with its bounds."""
    found = msgspec.inspect.type_info(type_)
    return _info_words(found)


def _info_words(found: Any) -> str:
    name = type(found).__name__
    if name == "StrType":
        if found.pattern:
            return "reference" if found.pattern.startswith("^[") else "reference or empty"
        least = "" if found.min_length is None else f"{found.min_length} to "
        return f"text of {least or 'at most '}{found.max_length} characters"
    if name == "IntType":
        if found.ge is None and found.le is None:
            return "whole number"
        return "time" if found.le == 2**53 - 1 else f"whole number from {found.ge} to {found.le}"
    if name == "LiteralType":
        return "one of " + ", ".join(f"`{value}`" for value in found.values)
    if name == "VarTupleType":
        return f"list of {_info_words(found.item_type)}"
    if name == "TupleType":
        return "list of " + ", ".join(_info_words(one) for one in found.item_types)
    if name == "UnionType":
        return " or ".join(_info_words(one) for one in found.types)
    if name == "StructType":
        return f"object ({', '.join(f'`{field.name}`' for field in found.fields)})"
    return {"NoneType": "null", "BoolType": "true or false"}.get(name, name)


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
