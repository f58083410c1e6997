"""Filled forms: the body of the act that a form is, field by field, and what a body says, for showing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from allweather.council.acts import read_body
from allweather.council.forms import Body
from allweather.errors import InputError
from allweather.node.folding import KINDS
from allweather.web.asking import Ask
from allweather.web.fields import Field, fields_of
from allweather.web.times import parse_moment
from allweather.web.words import FIELDS

_NAME = re.compile(r"[a-z0-9._-]{1,64}:\d{1,12}", re.ASCII)
MAX_FIELDS = 400
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


def rows_of(body: Body) -> list[tuple[str, Any]]:
    """What a body says, field by field, for showing: label and value; what is left out is left out."""
    labels = {one.name: one.label for one in fields_of(body.KIND)}
    fields: dict[str, Any] = msgspec.to_builtins(body)
    return [
        (labels.get(name) or FIELDS.get(f"{body.KIND}.{name}", name), _plain(value))
        for name, value in fields.items()
    ]


def _plain(value: Any) -> Any:
    """A value for showing: of a list of rows, each as one line."""
    if isinstance(value, list | tuple):
        return [" · ".join(map(str, one)) if isinstance(one, list | tuple) else one for one in value]
    return value
