"""Filled forms: the body of the act that a form is, field by field, and what a body says, for showing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from allweather.council.acts import read_body
from allweather.council.forms import Body
from allweather.errors import InputError, UnknownName
from allweather.node.folding import KINDS
from allweather.web.asking import Ask
from allweather.web.fields import Field, fields_of
from allweather.web.times import parse_moment
from allweather.web.words import FIELDS

_NAME = re.compile(r"[a-z0-9._-]{1,64}:\d{1,12}", re.ASCII)
MAX_FIELDS = 400
_CALLED = ("title", "what", "words", "reason")
_LINE = 100
_NO_COUNT = 100_000_000
Given = Mapping[str, Sequence[str]]


def read_form(ask: Ask, kind: str, given: Given) -> Body:
    """The body that a filled form is. Raises InputError, UnknownName with a sentence about the field."""
    if len(given) > MAX_FIELDS:
        raise InputError("this form has more fields than any act")
    found: dict[str, Any] = {}
    for one in fields_of(kind):
        values = [text for text in given.get(one.name, ()) if text.strip()]
        if not values:
            if one.required:
                raise InputError(f"{one.label}: this has to be filled in")
            continue
        try:
            found[one.name] = _value(ask, one, values)
        except InputError as error:
            raise InputError(f"{one.label}: {error}") from None
    return read_body(kind, found, KINDS)


def _value(ask: Ask, one: Field, values: Sequence[str]) -> Any:
    text = values[0].replace("\r\n", "\n").strip()
    if one.sort == "time":
        return parse_moment(text, ask.zone)
    if one.sort == "number":
        return _number(text)
    if one.sort == "check":
        return True
    if one.sort == "ref":
        return ref_of(ask, text)
    if one.sort == "member":
        return full_name(ask, text)
    if one.sort == "refs":
        return [ref_of(ask, part.strip()) for part in values]
    if one.sort == "members":
        return sorted({full_name(ask, part.strip()) for part in values})
    if one.sort == "checks":
        return list(values)
    if one.sort == "lines":
        text = "\n".join(values).replace("\r\n", "\n").strip()
        return [part.strip() for part in re.split(r"\n\s*\n" if one.name == "clauses" else r"\n", text)
                if part.strip()]  # fmt: skip
    return text


def _number(text: str) -> int:
    try:
        return int(text[:20])
    except ValueError:
        raise InputError(f"{text!r:.40} is no whole number") from None


def ref_of(ask: Ask, text: str) -> str:
    """The reference of an act that a form names, as norway:12 or by the reference itself."""
    if _NAME.fullmatch(text):
        found: str = ask.house.view("act", {"id": text}, None)["ref"]
        return found
    return text


def full_name(ask: Ask, text: str) -> str:
    """The origin of a member that a form names in short."""
    return text if "/" in text else f"{ask.house.origin.partition('/')[0]}/{text}"


Rows = list[tuple[str, str, Any]]
"""What an act says, for showing: the label of a field, its sort (as in `fields`), its value."""


def rows_of(ask: Ask, kind: str, said: Mapping[str, Any]) -> Rows:
    """What the fields of an act say; a reference comes as the act that it names, by `named_act`."""
    fields = {one.name: one for one in fields_of(kind)}
    rows: Rows = []
    for name, value in said.items():
        field = fields.get(name)
        label = FIELDS.get(f"{kind}.{name}", name.replace("_", " ")) if field is None else field.label
        sort = "other" if field is None else field.sort
        if sort in ("ref", "refs"):
            value = [named_act(ask, one) for one in ([value] if isinstance(value, str) else value) if one]
        rows.append((label, sort, _plain(value)))
    return rows


def told_rows(told: Sequence[tuple[str, Any]]) -> Rows:
    """Rows that a page tells in words of its own: numbers beyond all counts in them are times."""
    return [(label, "time" if _is_time(value) else "words", value) for label, value in told]


def _is_time(value: Any) -> bool:
    return isinstance(value, int) and value > _NO_COUNT


def named_act(ask: Ask, ref: str) -> Mapping[str, Any]:
    """An act that another names: its short name (empty if it is not held), its kind, what it is called."""
    try:
        named = ask.view("act", id=ref)
    except UnknownName:
        return {"id": "", "ref": ref}
    body = named["body"] or {}
    title = next((body[one] for one in _CALLED if isinstance(body.get(one), str) and body[one]), "")
    title = title if len(title) <= _LINE else f"{title[: _LINE - 1]}…"
    return {"id": named["id"], "ref": ref, "kind": named["kind"], "title": title}


def _plain(value: Any) -> Any:
    """A value for showing: of a list of rows, each as one line."""
    if isinstance(value, list | tuple):
        return [" · ".join(map(str, one)) if isinstance(one, list | tuple) else one for one in value]
    return value
