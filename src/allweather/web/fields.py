"""Forms of acts: which fields an act has, and how each is asked for.

The fields come from the forms that the rooms below declare, so that every act can be done from a page and
none has a form of its own to forget. What a page knows already (the act that it is about) is fixed and not
asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from msgspec import inspect

from allweather.council.forms import Body
from allweather.errors import InputError
from allweather.node.folding import KINDS
from allweather.web.words import FIELDS

_TIMES = frozenset(
    {"expires_at", "closes_at", "in_force_at", "review_at", "sunset_at", "review_by", "until", "by", "on"}
)
_MEMBERS = frozenset({"names", "member", "facilitator", "to", "parties", "on_behalf", "of"})
_LINE = 300


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name, its words, how it is asked for, and between which bounds.

    `sort` is line, words, lines, time, number, choice, check, checks, member, members or ref.
    """

    name: str
    label: str
    sort: str
    required: bool
    choices: Sequence[str] = ()
    most: int = 0


@dataclass(frozen=True, slots=True)
class Form:
    """What a page asks for an act: `fixed` is known, `fields` are asked; `button` is what opens it."""

    kind: str
    fixed: Mapping[str, Any]
    fields: Sequence[Field]
    button: str = ""


def form_of(kind: str, only: Sequence[str] | None = None, *, button: str = "", **fixed: Any) -> Form:
    """The form of a kind of act with these fields fixed; it asks for the fields in `only`, or all others."""
    fields = [one for one in fields_of(kind) if one.name not in fixed]
    if only is not None:
        known = {one.name: one for one in fields}
        fields = [known[name] for name in only]
    return Form(kind, fixed, fields, button)


@cache
def fields_of(kind: str) -> tuple[Field, ...]:
    """All fields of a kind of act that a form can ask for. Raises InputError for a kind that is none."""
    form = KINDS.get(kind)
    if form is None:
        raise InputError(f"{kind!r:.60} is no kind of act")
    info = inspect.type_info(form)
    assert isinstance(info, inspect.StructType)
    return tuple(field for one in info.fields if (field := _field(form, one)) is not None)


def _field(form: type[Body], one: inspect.Field) -> Field | None:
    name, of = one.name, one.type
    if isinstance(of, inspect.UnionType):
        of = next(inner for inner in of.types if not isinstance(inner, inspect.NoneType))
    label = FIELDS.get(f"{form.KIND}.{name}", FIELDS.get(name, name.replace("_", " ").capitalize()))

    def field(sort: str, choices: Sequence[str] = (), most: int = 0) -> Field:
        return Field(name, label, sort, one.required, choices, most)

    if isinstance(of, inspect.BoolType):
        return field("check")
    if isinstance(of, inspect.LiteralType):
        return field("choice", tuple(map(str, of.values)))
    if isinstance(of, inspect.IntType):
        return field("time") if name in _TIMES else field("number", most=of.le or 0)
    if isinstance(of, inspect.StrType):
        if of.pattern is not None:
            return field("ref")
        if name in _MEMBERS:
            return field("member")
        return field("line" if (of.max_length or _LINE + 1) <= _LINE else "words", most=of.max_length or 0)
    if isinstance(of, inspect.VarTupleType):
        return _several(field, name, of.item_type)
    return None


def _several(field: Any, name: str, of: inspect.Type) -> Field | None:
    if isinstance(of, inspect.LiteralType):
        found: Field = field("checks", tuple(map(str, of.values)))
    elif isinstance(of, inspect.StrType):
        found = field("refs" if of.pattern else "members" if name in _MEMBERS else "lines")
    else:
        return None
    return found
