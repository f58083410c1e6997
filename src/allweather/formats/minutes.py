"""Minutes as Akoma Ntoso 3.0 (OASIS LegalDocML, Part 1: XML vocabulary), a `debate`: written and read.

    debateBody / debateSection      one for each concern, and one for what belongs to none
      speech by startTime           an act that has words: who, when, and paragraphs
      summary refersTo              an act without words, told in one line with its time
    eId unique in the document · wId the act's name (norway:12) · GUID its reference · class its kind

The file validates against the schema of the standard. Nothing rests on the clock or on chance: the same
minutes give the same bytes. What XML cannot hold (control characters) becomes a replacement character.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from allweather.errors import MalformedRecord, UnreadableSource

MAX_MINUTES = 2**27
_NS = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_UTC = dt.UTC
_LAST = 253_402_214_400
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Minute:
    """One act. `paragraphs` are its words; where there are none, `what` tells it in one line.

    `name` and `ref` are the act's, `member` its short name, `at` seconds since 1970 by its author's clock.
    `note` is said about it by whoever writes the minutes: that it changes nothing and why, or for whom it is.
    """

    name: str
    ref: str
    at: int
    member: str
    kind: str
    what: str
    paragraphs: tuple[str, ...] = ()
    language: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """What was done on one concern; `name` is that act's, empty for what belongs to none."""

    name: str
    title: str
    minutes: tuple[Minute, ...]


@dataclass(frozen=True, slots=True)
class Minutes:
    """The minutes of a council (`origin`: its name in the record) up to a time, in a language (a BCP 47 tag).

    `members` are short names with names for reading.
    """

    origin: str
    title: str
    at: int
    language: str
    members: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]


# Writing


def format_minutes(found: Minutes) -> bytes:
    """The document."""
    ET.register_namespace("", _NS)
    root = ET.Element(_tag("akomaNtoso"))
    debate = _under(root, "debate", name="minutes")
    _write_meta(_under(debate, "meta"), found)
    _under(_under(debate, "preface"), "p", found.title)
    body = _under(debate, "debateBody")
    taken: set[str] = set()
    for one in found.sections or (Section("", "", ()),):
        _write_section(body, one, dict(found.members), taken)
    ET.indent(root, " ")
    document: bytes = ET.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + document + b"\n"


def _write_meta(meta: ET.Element, found: Minutes) -> None:
    day = _moment(found.at).strftime("%Y-%m-%d")
    language = _iso(found.language)
    work = f"/akn/xx/debate/minutes/{found.origin}/{day}"
    expression = f"{work}/{language}@{day}"
    identification = _under(meta, "identification", source="#council")
    places = (
        ("FRBRWork", work, ""),
        ("FRBRExpression", expression, ""),
        ("FRBRManifestation", expression, ".xml"),
    )
    for level, uri, ending in places:
        part = _under(identification, level)
        _under(part, "FRBRthis", value=f"{uri}/!main{ending}")
        _under(part, "FRBRuri", value=f"{uri}{ending}")
        _under(part, "FRBRdate", date=_moment(found.at).strftime(_TIME), name="as-of")
        _under(part, "FRBRauthor", href="#council")
        if level == "FRBRWork":
            _under(part, "FRBRcountry", value="xx")  # of no country: ISO 3166 leaves this code free
        if level == "FRBRExpression":
            _under(part, "FRBRlanguage", language=language)
    references = _under(meta, "references", source="#council")
    href = f"/akn/ontology/organization/{found.origin}"
    _under(references, "TLCOrganization", eId="council", href=href, showAs=found.title)
    for name, full in found.members:
        _under(references, "TLCOrganization", eId=f"member_{name}", href=f"{href}/{name}", showAs=full)


def _write_section(body: ET.Element, one: Section, names: dict[str, str], taken: set[str]) -> None:
    section = _under(body, "debateSection", name="concern", eId=_unique(f"on_{one.name}", taken))
    if one.name:
        section.set("wId", one.name)
    _under(section, "heading", one.title)
    for minute in one.minutes:
        _write_minute(section, minute, names, taken)
    if not one.minutes:
        _under(section, "summary", "\N{EN DASH}")


def _write_minute(section: ET.Element, one: Minute, names: dict[str, str], taken: set[str]) -> None:
    about = {"eId": _unique(one.name, taken), "wId": one.name, "GUID": one.ref, "class": one.kind}
    when = _moment(one.at).strftime(_TIME)
    by = f"#member_{one.member}"
    if one.paragraphs:
        speech = _under(section, "speech", **about, by=by, startTime=when)
        if one.language:
            speech.set(_XML_LANG, one.language)
        _under(speech, "from", names.get(one.member, one.member))
        if one.what:
            _under(speech, "p", one.what, **{"class": "what"})
        for text in one.paragraphs:
            _under(speech, "p", text)
        if one.note:
            _under(speech, "p", one.note, **{"class": "note"})
        return
    summary = _under(section, "summary", **about, refersTo=by)
    _under(summary, "recordedTime", when, time=when)
    _under(summary, "span", one.what, **{"class": "what"})
    if one.note:
        _under(summary, "span", one.note, **{"class": "note"})


def _under(parent: ET.Element, name: str, text: str = "", /, **attributes: str) -> ET.Element:
    made = ET.SubElement(parent, _tag(name), {key: _plain(value) for key, value in attributes.items()})
    made.text = _plain(text) or None
    return made


def _unique(name: str, taken: set[str]) -> str:
    made = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    found, number = made, 1
    while found in taken:
        number += 1
        found = f"{made}_{number}"
    taken.add(found)
    return found


# Reading


def parse_minutes(data: bytes, *, where: str = "") -> Minutes:
    """The minutes in a document as `format_minutes` writes them. Raises UnreadableSource, MalformedRecord."""
    if len(data) > MAX_MINUTES:
        raise UnreadableSource(f"minutes have at most {MAX_MINUTES} bytes", where=where)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise UnreadableSource("minutes with a document type are not read", where=where)
    try:
        root = ET.fromstring(data)
    except (ET.ParseError, ValueError, LookupError) as error:
        raise UnreadableSource(f"this is no XML ({error})", where=where) from None
    try:
        return _read(root)
    except (AttributeError, KeyError, IndexError, ValueError):
        raise MalformedRecord("this is no debate as this program writes it", where=where) from None


def _read(root: ET.Element) -> Minutes:
    debate = _only(root, "debate")
    meta = _only(debate, "meta")
    expression = _only(_only(meta, "identification"), "FRBRExpression")
    organizations = list(_all(_only(meta, "references"), "TLCOrganization"))
    return Minutes(
        origin=organizations[0].attrib["href"].removeprefix("/akn/ontology/organization/"),
        title=_said(_only(_only(debate, "preface"), "p")),
        at=_seconds(_only(expression, "FRBRdate").attrib["date"]),
        language=_bcp(_only(expression, "FRBRlanguage").attrib["language"]),
        members=tuple(
            (one.attrib["eId"].removeprefix("member_"), one.attrib["showAs"]) for one in organizations[1:]
        ),
        sections=tuple(
            Section(one.get("wId", ""), _said(_only(one, "heading")), tuple(_read_minutes(one)))
            for one in _all(_only(debate, "debateBody"), "debateSection")
        ),
    )


def _read_minutes(section: ET.Element) -> Iterator[Minute]:
    for one in section:
        if "wId" not in one.attrib:
            continue
        is_speech = one.tag == _tag("speech")
        parts = list(_all(one, "p" if is_speech else "span"))
        by = one.attrib["by" if is_speech else "refersTo"].removeprefix("#member_")
        when = one.attrib["startTime"] if is_speech else _only(one, "recordedTime").attrib["time"]
        yield Minute(
            one.attrib["wId"],
            one.attrib["GUID"],
            _seconds(when),
            by,
            one.attrib["class"],
            "".join(_said(part) for part in parts if part.get("class") == "what"),
            tuple(_said(part) for part in parts if part.get("class") is None),
            one.get(_XML_LANG, ""),
            "".join(_said(part) for part in parts if part.get("class") == "note"),
        )


def _tag(name: str) -> str:
    return f"{{{_NS}}}{name}"


def _only(parent: ET.Element, name: str) -> ET.Element:
    found = parent.find(_tag(name))
    if found is None:
        raise KeyError(name)
    return found


def _all(parent: ET.Element, name: str) -> Sequence[ET.Element]:
    return parent.findall(_tag(name))


def _said(element: ET.Element) -> str:
    return element.text or ""


def _moment(at: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(max(0, min(at, _LAST)), _UTC)


def _seconds(text: str) -> int:
    return int(dt.datetime.strptime(text, _TIME).replace(tzinfo=_UTC).timestamp())


_ISO = {"en": "eng", "fr": "fra", "ru": "rus"}


def _iso(language: str) -> str:
    """The code of three letters (ISO 639-2) that the standard asks for."""
    return _ISO.get(language, "und")


def _bcp(language: str) -> str:
    return next((short for short, long in _ISO.items() if long == language), "und")


def _plain(text: str) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n"))
