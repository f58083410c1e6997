"""Showing: results of the rooms below as plain JSON values. Doors compute nothing.

`views` names what can be asked for; `shown` turns what it finds into JSON: an act becomes who, what, when and
its reference.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import msgspec

from allweather.council.acts import Act, short
from allweather.council.rounds import is_secret
from allweather.council.view import View
from allweather.errors import InputError
from allweather.node.actions import Preview

Parameters = Mapping[str, str]
_PLAIN = frozenset((str, int, bool, float, type(None)))


@dataclass(frozen=True, slots=True)
class Named:
    """A view with its name, what it shows, and its parameters (all text) with their meaning.

    `parameters` are all needed, `optional` ones may be left out. `show` gives JSON values.
    """

    name: str
    about: str
    show: Callable[[View, Parameters], Any]
    parameters: Mapping[str, str] = dataclasses.field(default_factory=dict)
    optional: Mapping[str, str] = dataclasses.field(default_factory=dict)


def shown(value: Any, view: View | None = None) -> Any:
    """JSON values of a result: dataclasses and structs become objects, an act its summary.

    With a view, the content of a reveal stays hidden as long as its round is open.
    """
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Act):
        return show_act(value, hidden=view is not None and is_secret(view, value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: shown(getattr(value, field.name), view) for field in dataclasses.fields(value)}
    if isinstance(value, msgspec.Struct):
        return msgspec.to_builtins(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): shown(inner, view) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [shown(inner, view) for inner in value]
    if isinstance(value, set | frozenset):
        return sorted((shown(inner, view) for inner in value), key=repr)
    return value


def show_act(act: Act, *, hidden: bool = False) -> dict[str, Any]:
    """An act in short: its name and reference, whose it is, the claimed time, and its fields."""
    found: dict[str, Any] = {
        "id": act.name,
        "ref": act.ref,
        "kind": act.kind,
        "member": short(act.member),
        "at": act.at,
        "body": None if hidden else msgspec.to_builtins(act.body),
    }
    if act.by:
        found["by"] = act.by
    if act.payload is not None:
        found["payload"] = {"type": act.payload.type, "size": act.payload.size}
    if act.audience:
        found["audience"] = [short(origin) for origin in act.audience]
        if act.payload is not None:  # the order of its size; the rest is up to chance
            found["payload"]["size"] = 1 << max(0, act.payload.size.bit_length() - 1)
    return found


def check_parameters(name: str, found: Named, parameters: Parameters) -> None:
    """Raise InputError if a view is asked for with a parameter too many or too few."""
    if strange := sorted((set(parameters) - set(found.optional)) ^ set(found.parameters)):
        raise InputError(
            f"the view {name} takes {', '.join((*found.parameters, *found.optional)) or 'no parameters'}, "
            f"not {strange[0]!r:.60}"
            if strange[0] in parameters
            else f"the view {name} needs {strange[0]}: {found.parameters[strange[0]]}"
        )


def show_preview(preview: Preview) -> dict[str, Any]:
    """What would be signed, as JSON values."""
    found: dict[str, Any] = dataclasses.asdict(preview)
    return found
