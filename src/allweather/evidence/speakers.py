"""Who the speakers of a dossier are: one person under several names, or several under one.

    found = resolve_speakers(documents, quotations)
    found.quotations[5].speaker    # Resolution("Anders Fogh Rasmussen", "one letter from ...", role="NATO
    ...") found.proposals                # every merge with its reason; refuse one by its id and resolve
    again resolve_speakers(documents, quotations, refused={found.proposals[2].id})

The rules, the first that answers:

1. A verbatim record names its speakers itself.
2. A full name is a person. Two full names are one person if they differ by one letter of six or more
   (a misspelling), or are the same but for middle names. The spelling most used in the dossier stands.
3. A last name alone, also misspelled, is the person of that name in the same document, else in the dossier;
   if there are several, nobody is chosen.
4. A role alone ("NATO's new secretary-general") is the person who is said to hold it now, in the same
   document before others. Former, outgoing and next holders do not count.
5. A pronoun is the speaker or name nearest before it. A floating quotation goes on with the one right before.
6. A body that is named ("United States", "NATO leaders") stands for itself.
7. Otherwise the speaker is unknown, with the reason. That is an answer.

Each merge is a proposal: it has a reason, and can be refused. Roles are kept with the
date of the document or caption that states them, because one person was prime minister in April and secretary
general in September.

What it does not do: look anybody up, or decide. Two men called Rasmussen were prime ministers of Denmark.
"""

from __future__ import annotations

import bisect
import dataclasses
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from allweather.evidence.documents import Document, Kind, Quotation, Resolution, Span, ZoneKind
from allweather.evidence.names import (
    Name,
    find_names,
    is_body,
    is_institution,
    is_misspelled,
    is_past_or_future,
    read_name,
    same_office,
)

#: Names are looked for in so much of a document, in characters, and so many are kept of it.
MAX_SEARCHED: Final = 500_000
MAX_NAMES: Final = 2_000
_MOST_ALIKE: Final = 50
_PARAGRAPHS_BACK: Final = 3
_CAPITAL: Final = re.compile(r"\b[A-Z][\w-]{2,60}")
_DATE: Final = re.compile(
    r"\b(?:Jan|Feb|March|April|May|June|July|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.? \d{1,2}, \d{4}\b"
)


class MergeKind(StrEnum):
    """Why two names were taken for one person."""

    MISSPELLING = "misspelling"
    MIDDLE_NAME = "middle name"
    SURNAME = "last name alone"
    ROLE = "role"
    OTHER_ROLE = "another role"


@dataclass(frozen=True, slots=True)
class Role:
    """A role that a document states of a person, and the date that it stands under, "" if none."""

    title: str
    document_id: str
    date: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """One person of the dossier: the name that stands, the forms it was met in, the roles stated."""

    name: str
    forms: tuple[str, ...]
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """`form`, as documents write it, is taken for `name`. `reason` is one sentence for the person who
    decides.
    """

    kind: MergeKind
    form: str
    name: str
    reason: str

    @property
    def id(self) -> str:
        """What to refuse it by."""
        return f"{self.kind}: {self.form} = {self.name}"


@dataclass(frozen=True, slots=True)
class Speakers:
    """Quotations with their speakers resolved, the persons, and the proposals that this rests on."""

    quotations: tuple[Quotation, ...]
    persons: tuple[Person, ...]
    proposals: tuple[Proposal, ...]


def resolve_speakers(
    documents: Sequence[Document], quotations: Sequence[Quotation], refused: Collection[str] = ()
) -> Speakers:
    """Resolve the speakers of a dossier; `refused` are ids of proposals that are not to be made."""
    book = _Book(frozenset(refused), {one.speaker_text for one in quotations})
    for document in documents:
        book.read(document)
    book.settle()
    by_document = {document.id: document for document in documents}
    resolved: list[Quotation] = []
    last: dict[str, Quotation] = {}
    for one in quotations:
        found = book.resolve(by_document[one.document_id], one, last.get(one.document_id))
        last[one.document_id] = dataclasses.replace(one, speaker=found)
        resolved.append(last[one.document_id])
    return Speakers(tuple(resolved), book.persons(), tuple(book.proposals.values()))


@dataclass(slots=True)
class _Mention:
    """A full name at a place."""

    span: Span
    name: Name
    document_id: str
    date: str
    in_caption: bool
    is_now: bool  # the words before it do not say that the role is past or to come


@dataclass(slots=True)
class _Book:
    """All names of a dossier, and what each of them stands for."""

    refused: frozenset[str]
    sources: set[str]  # how the sources of quotations are written
    mentions: list[_Mention] = field(default_factory=list)
    stands_for: dict[str, str] = field(default_factory=dict)  # full name to the name that stands
    proposals: dict[str, Proposal] = field(default_factory=dict)
    places: dict[str, list[tuple[int, str]]] = field(default_factory=dict)  # document to (place, name)
    by_last: dict[str, list[_Mention]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    apart: dict[tuple[str, str], str] = field(default_factory=dict)  # name and role that are another person
    by_name: dict[str, list[_Mention]] = field(default_factory=dict)
    alike: dict[tuple[str, str], list[str]] = field(default_factory=dict)  # given name, end of the last name
    known: dict[str, bool] = field(default_factory=dict)  # whether a name is a person's

    def read(self, document: Document) -> None:
        """Collect the full names of a document, with the date of a caption where it has its own."""
        self.texts[document.id] = document.text[:MAX_SEARCHED]
        searched = Span(0, len(self.texts[document.id]))
        for n, (span, name) in enumerate(find_names(document.text, searched)):
            if n == MAX_NAMES:
                break
            zone = next((one for one in document.zones if one.span.holds(span)), None)
            in_caption = zone is not None and zone.kind is ZoneKind.CAPTION
            own = _DATE.search(document.text, zone.span.start, zone.span.end) if zone and in_caption else None
            date = own.group() if own else document.date
            around = document.text[max(0, span.start - 20) : span.start].rpartition("\n")[2]
            is_now = not is_past_or_future(" ".join(around.split()[-1:]) + " " + name.role)
            one = _Mention(span, name, document.id, date, in_caption, is_now)
            self.mentions.append(one)
            self.by_last.setdefault(name.last, []).append(one)

    def settle(self) -> None:
        """Rule 2: which full names are one person."""
        counts = Counter(one.name.full for one in self.mentions)
        for full, _ in counts.most_common():  # of equals the one met first
            self.stands_for[full] = self._same_as(full)
            if self.stands_for[full] == full:
                self._keep(full)
        self._part_by_role()
        for one in self.mentions:
            self.by_name.setdefault(self.name_of(one), []).append(one)
        for document_id, text in self.texts.items():
            self.places[document_id] = self._places(document_id, text)

    def name_of(self, one: _Mention) -> str:
        """The name that stands for a mention."""
        name = self.stands_for[one.name.full]
        return self.apart.get((name, one.name.role), name)

    def _places(self, document_id: str, text: str) -> list[tuple[int, str]]:
        """Where a document names a person, in full or by a last name that only one person in it has."""
        here = [one for one in self.mentions if one.document_id == document_id]
        here = [one for one in here if self._is_person(self.name_of(one))]
        places = {one.span.start: self.name_of(one) for one in here}
        owners: dict[str, set[str]] = {}
        for one in here:
            owners.setdefault(one.name.last, set()).add(self.name_of(one))
        alone = {last: names.pop() for last, names in owners.items() if len(names) == 1}
        for found in _CAPITAL.finditer(text):
            if found.group() in alone:
                places.setdefault(found.start(), alone[found.group()])
        return sorted(places.items())

    def _is_person(self, name: str) -> bool:
        """Whether a name is a person's: it has a role somewhere, or speaks, and is not that of a body
        or place.
        """
        if name not in self.known:
            forms = self.by_name.get(name, [])
            speaks = any(one.name.full in self.sources or one.name.last in self.sources for one in forms)
            self.known[name] = any(one.name.role for one in forms) or (speaks and not is_institution(name))
        return self.known[name]

    def _same_as(self, full: str) -> str:
        first, _, last = full.rpartition(" ")
        for other in self._alike(first, last):
            first2, _, last2 = other.rpartition(" ")
            if first == first2 and is_misspelled(last, last2):
                reason = f"{full!r} and {other!r} differ by one letter; {other!r} is used more often"
                if self._propose(MergeKind.MISSPELLING, full, other, reason):
                    return other
            elif last == last2 and first != first2 and first.split()[:1] == first2.split()[:1]:
                reason = f"{full!r} and {other!r} have the same given and last name"
                if self._propose(MergeKind.MIDDLE_NAME, full, other, reason):
                    return other
        return full

    def _alike(self, first: str, last: str) -> list[str]:
        """Names that may be meant by this one: they share the first given name and one end of the
        last name.
        """
        given = first.split()[0]
        near = [*self.alike.get((given, last[:2]), ()), *self.alike.get((given, last[-2:]), ())]
        return list(dict.fromkeys(near))

    def _keep(self, full: str) -> None:
        """Let later names be compared with this one; of many that are alike, with those used most."""
        first, _, last = full.rpartition(" ")
        for end in {last[:2], last[-2:]}:
            kept = self.alike.setdefault((first.split()[0], end), [])
            if len(kept) < _MOST_ALIKE:
                kept.append(full)

    def _part_by_role(self) -> None:
        """One name under two offices, as in a caption of April and a body of September, is proposed to be one
        person; where that is refused, they are two, and the role is part of the second one's name.
        """
        first: dict[str, _Mention] = {}
        for one in sorted(self.mentions, key=lambda one: one.in_caption):
            name = self.stands_for[one.name.full]
            if not one.name.role or same_office(first.setdefault(name, one).name.role, one.name.role):
                continue
            reason = (
                f"the same name with another role: {first[name].name.role!r} in {_under(first[name])}, "
                f"{one.name.role!r} in {_under(one)}"
            )
            if not self._propose(MergeKind.OTHER_ROLE, f"{one.name.role} {name}", name, reason):
                self.apart[name, one.name.role] = f"{name}, {one.name.role}"

    def _propose(self, kind: MergeKind, form: str, name: str, reason: str) -> bool:
        """Make a proposal, unless it was refused. Says whether it stands."""
        made = Proposal(kind, form, name, reason)
        if made.id in self.refused:
            return False
        self.proposals.setdefault(made.id, made)
        return True

    def persons(self) -> tuple[Person, ...]:
        """The persons by the names that stand, with all forms and roles."""
        forms: dict[str, list[str]] = {}
        roles: dict[str, list[Role]] = {}
        for one in self.mentions:
            name = self.name_of(one)
            forms.setdefault(name, []).append(one.name.full)
            if one.name.role:
                roles.setdefault(name, []).append(Role(one.name.role, one.document_id, one.date))
        return tuple(
            Person(name, tuple(dict.fromkeys(all_)), tuple(dict.fromkeys(roles.get(name, []))))
            for name, all_ in forms.items()
            if self._is_person(name)
        )

    # One quotation

    def resolve(self, document: Document, one: Quotation, before: Quotation | None) -> Resolution:
        """Rules 1 to 7 for one quotation; `before` is the one before it in its document, resolved."""
        turn = next((turn for turn in document.turns if one.source == (turn.label,)), None)
        if turn is not None:
            role = turn.role or turn.country
            # "Ms. Ida Holm" is who other documents call Ida Holm; a last name alone is not enough for that.
            full = read_name(turn.speaker).full
            known = self.stands_for.get(full, turn.speaker) if " " in full else turn.speaker
            return Resolution(known, "the record names its speakers itself", role)
        if not one.speaker_text:
            return self._unnamed(document, one, before)
        name = read_name(one.speaker_text)
        if name.is_pronoun:
            return self._pronoun(document, one, before)
        if name.first and name.last:
            return self._full(document, name)
        if name.last:
            found = self._surname(document, name.last)
            if found is not None:
                return found
        if name.role and not name.last:
            return self._role(document, name.role)
        if is_body(one.speaker_text):
            body = re.sub(r"^(?:the|a|an)\s+", "", one.speaker_text, flags=re.IGNORECASE)
            return Resolution(" ".join(body.split()), "a body, by the name that the document gives it")
        return Resolution(reason=f"{one.speaker_text!r} names nobody in particular")

    def _full(self, document: Document, name: Name) -> Resolution:
        if is_institution(name.full):
            return Resolution(name.full, "a body, by the name that the document gives it")
        stands = self.stands_for.get(name.full)
        if stands is None:
            stands = self._same_as(name.full)
        stands = self.apart.get((stands, name.role), stands)
        if name.full in stands:
            return Resolution(stands, "named in full", name.role or self._role_of(document, stands))
        reason = next(p.reason for p in self.proposals.values() if (p.form, p.name) == (name.full, stands))
        return Resolution(stands, reason, name.role or self._role_of(document, stands))

    def _surname(self, document: Document, last: str) -> Resolution | None:
        """Rule 3; None if nobody in the dossier has such a name."""
        spelled = [one for other in self.by_last if is_misspelled(other, last) for one in self.by_last[other]]
        for mentions in (self.by_last.get(last, []), spelled):
            near = {self.name_of(one) for one in mentions if one.document_id == document.id}
            names = near or {self.name_of(one) for one in mentions}
            if len(names) > 1:
                return Resolution(reason=f"{last!r} may be {' or '.join(sorted(names))}")
            if names:
                return self._by_surname(document, last, names.pop(), bool(near))
        return None

    def _by_surname(self, document: Document, last: str, name: str, near: bool) -> Resolution:
        where = "this document" if near else "the dossier"
        reason = f"{name!r} is the only one in {where} with the last name {last!r}, or one letter from it"
        if not self._propose(MergeKind.SURNAME, last, name, reason):
            return Resolution(reason=f"that {last!r} is {name!r} was refused")
        return Resolution(name, reason, self._role_of(document, name))

    def _role(self, document: Document, role: str) -> Resolution:
        """Rule 4."""
        for near in (True, False):
            holders = {
                self.name_of(one): one.name.role
                for one in self.mentions
                if one.name.role
                and one.is_now
                and (one.document_id == document.id or not near)
                and same_office(role, one.name.role)
            }
            if len(holders) > 1:
                return Resolution(reason=f"{role!r} may be {' or '.join(sorted(holders))}")
            if holders:
                name, stated = holders.popitem()
                reason = f"{stated!r} is what {name!r} is called"
                if self._propose(MergeKind.ROLE, role, name, reason):
                    return Resolution(name, reason, stated)
                return Resolution(reason=f"that {role!r} is {name!r} was refused")
        if is_body(role) and not any(word[0].islower() for word in role.split()):
            return Resolution(role, "an office, by the name that the document gives it")
        return Resolution(reason=f"nobody in the dossier is called {role!r}")

    def _role_of(self, document: Document, name: str) -> str:
        """The role that a document states of a person, its body before its captions, this one before
        others.
        """
        stated = [one for one in self.by_name.get(name, []) if one.name.role]
        stated.sort(key=lambda one: (one.document_id != document.id, one.in_caption))
        return stated[0].name.role if stated else ""

    def _pronoun(self, document: Document, one: Quotation, before: Quotation | None) -> Resolution:
        """Rule 5: the nearest before it, of the speakers and the names in the text."""
        at = one.source[0].start
        places = self.places.get(document.id, [])
        k = bisect.bisect_left(places, (at, "")) - 1
        while k >= 0 and (_is_said(document, places[k][0]) or _is_far(document.text, places[k][0], at)):
            k -= 1
        named_at = places[k][0] if k >= 0 else -1
        spoken_at = before.source[0].start if before and before.source and before.speaker.is_known else -1
        pronoun = repr(one.speaker_text)
        if (
            before is not None
            and spoken_at >= named_at
            and spoken_at >= 0
            and not _is_far(document.text, spoken_at, at)
        ):
            return Resolution(
                before.speaker.name, f"{pronoun} goes on with the speaker before", before.speaker.role
            )
        if named_at >= 0:
            name = places[k][1]
            return Resolution(name, f"the name nearest before {pronoun}", self._role_of(document, name))
        return Resolution(reason=f"no name stands near before {pronoun}")

    def _unnamed(self, document: Document, one: Quotation, before: Quotation | None) -> Resolution:
        if one.kind is not Kind.FLOATING:
            return Resolution(reason="the sentence does not say who")
        if before is None or not before.speaker.is_known:
            return Resolution(reason="nothing near it says whose words these are")
        edge = max(span.end for span in (*before.spans, *before.source, *before.cue))
        if edge > one.start or re.search(r"\w", document.text[edge : one.start]):
            return Resolution(reason="nothing near it says whose words these are")
        reason = "it follows right on a quotation of the same speaker, and nothing says otherwise"
        return Resolution(before.speaker.name, reason, before.speaker.role)


def _under(one: _Mention) -> str:
    return f"{one.document_id} ({one.date})" if one.date else one.document_id


def _is_said(document: Document, at: int) -> bool:
    """Whether a name stands in a caption, where nobody goes on speaking of it."""
    return document.zone_at(at) is ZoneKind.CAPTION


def _is_far(text: str, start: int, end: int) -> bool:
    return len(re.findall(r"\n+", text[start:end])) > _PARAGRAPHS_BACK or end - start > 3_000
