"""What reports of one event say of where and when it was, and how they spell names.

    compare_facts([xinhua, upi])
    # field "venue", agrees False: "at the Carnegie Endowment in Brussels", "at NATO headquarters in Brussels"

A claim of venue is what follows a word for the event: "speech ... at the Carnegie Endowment". A claim of date
is a date close behind such a word, or in the dateline. Two documents conflict in a field if each claims
something and nothing that one claims can be what the other claims. English only.

It finds what is said in these forms and nothing else: that no conflict was found does not say that there is
none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from allweather.evidence.documents import Document, Span

#: How much of a document is searched for claims, in characters; reports are shorter.
MAX_SEARCHED: Final = 200_000
#: Claims of one sort that are kept of a document.
MAX_CLAIMS: Final = 50

_MONTHS: Final = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_MONTH: Final = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?\.?|July?\.?|Aug(?:ust|\.)?"
    r"|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_DATE: Final = re.compile(
    rf"\b(?P<month>{_MONTH}) (?P<day>\d{{1,2}})\b(?:,? (?P<year>\d{{4}})\b)?"
    rf"|\b(?P<day2>\d{{1,2}}) (?P<month2>{_MONTH})(?:,? (?P<year2>\d{{4}})\b)?"
)
_DATELINE: Final = re.compile(r"^[A-Z][A-Z .'-]{2,40}, (?:[A-Z][a-z]+, )?(?=[A-Z\d])", re.MULTILINE)
_EVENT: Final = re.compile(r"\b(?:speech|address|remarks|lecture|statement)\b")
_CAPITAL: Final = rf"(?!{_MONTH}\b)[A-Z][\w.&'’-]{{0,40}}"  # noqa: RUF001 - an apostrophe
_NAME: Final = rf"{_CAPITAL}(?: (?:of |for |and |on |the |de |du )?{_CAPITAL}){{0,6}}"
_KIND_OF_HOUSE: Final = r"headquarters|hall|house|building|palace|university|conference|summit|embassy|museum"
_VENUE: Final = re.compile(
    rf"(?: [a-z]{{2,15}}){{0,3}}? (?P<venue>at (?:the |its )?(?P<name>{_NAME}(?: (?:{_KIND_OF_HOUSE}))?)"
    rf"(?: in {_CAPITAL})?)"
)
_NO_DATE_OF_IT: Final = re.compile(r"\b(?:since|before|after|until|ahead|following)\b|\n")
_RUN: Final = re.compile(rf"{_CAPITAL}(?: {_CAPITAL}){{1,8}}")
_DATE_WITHIN: Final = 60
_LEAST_NAME: Final = 6


@dataclass(frozen=True, slots=True)
class Claim:
    """What one document says of one field, and where."""

    document_id: str
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two documents claim of one field: `venue`, `date` or `name` (a spelling)."""

    field: str
    agrees: bool
    first: Claim
    second: Claim

    @property
    def sentence(self) -> str:
        """The comparison for a reader."""
        relation = "agree on" if self.agrees else "contradict each other on"
        if self.field == "name":
            relation = "differ in spelling"
        return (
            f"{self.first.document_id} and {self.second.document_id} {relation} the {self.field}: "
            f"{self.first.text!r}, {self.second.text!r}"
        )


def compare_facts(documents: Sequence[Document]) -> tuple[Comparison, ...]:
    """Compare what documents on one event claim, pair by pair, in the order of venue, date, name."""
    found = []
    for first, second in combinations(documents, 2):
        for field, claims_of, fits in (("venue", _venues, _same_venue), ("date", _dates, _same_date)):
            here, there = claims_of(first), claims_of(second)
            if not here or not there:
                continue
            pairs = [(one, other) for one in here for other in there]
            agreeing = next((pair for pair in pairs if fits(pair[0].text, pair[1].text)), None)
            found.append(Comparison(field, agreeing is not None, *(agreeing or pairs[0])))
        found += _spellings(first, second)
    return tuple(found)


def _claim(document: Document, match: re.Match[str], group: str | int = 0) -> Claim:
    text = match[group].rstrip(".")
    return Claim(document.id, Span(match.start(group), match.start(group) + len(text)), text)


def _venues(document: Document) -> list[Claim]:
    text = document.text[:MAX_SEARCHED]
    found = []
    for event in _EVENT.finditer(text):
        if match := _VENUE.match(text, event.end()):
            found.append(_claim(document, match, "venue"))
    return found[:MAX_CLAIMS]


def _dates(document: Document) -> list[Claim]:
    text = document.text[:MAX_SEARCHED]
    found = []
    for line in _DATELINE.finditer(text):
        if match := _DATE.match(text, line.end()):
            found.append(_claim(document, match))
    for event in _EVENT.finditer(text):
        match = _DATE.search(text, event.end(), event.end() + _DATE_WITHIN + 20)
        if match and not _NO_DATE_OF_IT.search(text, event.end(), match.start()):
            found.append(_claim(document, match))
    return found[:MAX_CLAIMS]


def _same_venue(first: str, second: str) -> bool:
    """Whether two venues can be one place: their names share a word, the town apart."""
    names = []
    for text in (first, second):
        name = text.removeprefix("at ").rpartition(" in ")[0] or text.removeprefix("at ")
        names.append({word.lower() for word in re.findall(r"\w{3,}", name)} - {"the", "its", "for", "and"})
    return bool(names[0] & names[1])


def _same_date(first: str, second: str) -> bool:
    """Whether two dates can be one day; a missing year fits any."""
    days = []
    for text in (first, second):
        match = _DATE.search(text)
        if match is None:
            return False
        month = (match["month"] or match["month2"])[:3]
        days.append(
            (_MONTHS.index(month), int(match["day"] or match["day2"]), match["year"] or match["year2"])
        )
    (month, day, year), (month2, day2, year2) = days
    return (month, day) == (month2, day2) and (year is None or year2 is None or year == year2)


def _spellings(first: Document, second: Document) -> list[Comparison]:
    """Full names that are the same but for few letters of the last."""
    names = [_names(document) for document in (first, second)]
    found: dict[tuple[str, str], Comparison] = {}
    for before, claims in names[0].items():
        for claim in claims:
            for other in names[1].get(before, []):
                pair = (claim.text, other.text)
                if pair not in found and _is_misspelled(*pair):
                    found[pair] = Comparison("name", False, claim, other)
    same = {one.text for claims in names[0].values() for one in claims} & {
        one.text for claims in names[1].values() for one in claims
    }
    # A document that has both spellings has misspelled one; the other document's is still worth a look.
    return [one for pair, one in found.items() if not set(pair) <= same]


def _names(document: Document) -> dict[str, list[Claim]]:
    """Last names by the word before them, each spelling once."""
    found: dict[str, dict[str, Claim]] = {}
    for match in _RUN.finditer(document.text[:MAX_SEARCHED]):
        before, _, last = match[0].rpartition(" ")
        last = last.removesuffix("'s").removesuffix("’s").rstrip(".'’-")  # noqa: RUF001 - an apostrophe
        start = match.end() - len(match[0].rpartition(" ")[2])
        claim = Claim(document.id, Span(start, start + len(last)), last)
        if len(found) < 10 * MAX_CLAIMS:
            found.setdefault(before.rpartition(" ")[2], {}).setdefault(last, claim)
    return {before: list(claims.values())[:MAX_CLAIMS] for before, claims in found.items()}


def _is_misspelled(one: str, other: str) -> bool:
    """Whether two names of six letters or more differ by one letter put in, left out, changed or doubled."""
    if min(len(one), len(other)) < _LEAST_NAME or one == other or abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    same = next((k for k, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    rest = short[same + (len(short) == len(long)) :]
    return long[same + 1 :] == rest
