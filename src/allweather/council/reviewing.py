"""The bridge to the joint review: the positions of a council's own record, in the house's common currency.

    members     all members of the council, by their short names
    questions   the current version of each text that is not withdrawn, by the name of its act (`ann:7`)
    entries     what each member holds on them: own, common and inferred, each with its act as a source

A position on an older version is no position on the newest: it enters nothing, and the review will say whom
to ask. A red line enters as an opposition of the intensity from which the review takes it for one; a reading
by somebody else draws none. What members expect of each other has no place in the review itself; it is part
of the inputs, and stands beside the result.

Whoever tables a review states a digest of its inputs, and how far it held each log. Any other member folds
the same entries (`view_of`), compares `inputs_digest` and computes the rest again. The review itself is not
made here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from allweather.council.acts import Act, short
from allweather.council.agenda import wrong_subject
from allweather.council.bodies import Concern, Review
from allweather.council.fold import Fold
from allweather.council.forms import DAY, NO_REF, Body
from allweather.council.holding import RESPONSES, Expecting, Held, Holder, expected, holding
from allweather.council.membership import Refusal, seats, sift, why_not_then
from allweather.council.quotations import Document, Quote, quotation
from allweather.council.seats import charter_body
from allweather.council.texts import Tabled, Version, texts
from allweather.council.timing import show_time
from allweather.council.view import View
from allweather.errors import MalformedRecord, NothingToReview, NotVerified, Refused, UnknownName
from allweather.positions import (
    Basis,
    Bloc,
    Member,
    Note,
    Positions,
    Question,
    Response,
    Source,
    format_date,
    parse_date,
)
from allweather.positions import Body as Size
from allweather.record.canonical import format_canonical
from allweather.record.keys import format_base64

Frontier = tuple[tuple[str, int, str], ...]
_BASIS = {"own": Basis.OWN, "common": Basis.COMMON, "inferred": Basis.INFERRED}
_LONGEST_QUESTION = 300
_SHOWN = 300
#: From this intensity on the review takes an opposition for a red line. Stated again here (a test compares
#: the two), because to load the review takes a second that no other act of a council should wait for.
RED_LINE_INTENSITY = 90


@dataclass(frozen=True, slots=True)
class _Row:
    """An entry before it goes into columns. `known_by` is a day since 1970-01-01."""

    member: int
    question: int
    held: Held
    known_by: int

    @property
    def response(self) -> Response:
        return RESPONSES[self.held.taken.response]

    @property
    def intensity(self) -> int | None:
        taken = self.held.taken
        if self.response is not Response.OPPOSE:
            return taken.intensity
        if self.held.tone == "inferred":
            return None if taken.intensity is None else min(taken.intensity, RED_LINE_INTENSITY - 1)
        return max(taken.intensity or 0, RED_LINE_INTENSITY) if taken.red_line else taken.intensity

    @property
    def order(self) -> tuple[int, int, int, str, tuple[str, int, str]]:
        """By cell, then as the review is to rank entries of one basis: the last made is the last."""
        return self.member, self.question, self.known_by, self.held.by, self.held.place.place


@dataclass(frozen=True, slots=True)
class _Inputs:
    members: tuple[str, ...]
    questions: tuple[tuple[Tabled, Version], ...]
    rows: tuple[_Row, ...]
    blocs: tuple[Bloc, ...]
    expectations: tuple[Expecting, ...]


def positions_of(view: View, concern_ref: str = NO_REF) -> Positions:
    """The positions of the council's members (on the texts of one concern), as the review takes them.

    Raises NothingToReview while no charter is held.
    """
    inputs = _inputs(view, concern_ref)
    rows = inputs.rows
    return Positions.from_columns(
        [Member(short(one), short(one)) for one in inputs.members],
        [_question(view, tabled, version) for tabled, version in inputs.questions],
        [row.member for row in rows],
        [row.question for row in rows],
        [int(row.response) for row in rows],
        known_by=[row.known_by for row in rows],
        basis=[int(_BASIS[row.held.tone]) for row in rows],
        intensity=[float("nan") if row.intensity is None else row.intensity for row in rows],
        body=Size.COUNCIL,
        title=_title(view),
        notes={k: _note(view, row) for k, row in enumerate(rows)},
        sources={one.id: one for row in rows for one in _sources(view, row.held)},
    )


def blocs_of(view: View) -> tuple[Bloc, ...]:
    """The declared affiliations of members: those of the charter, each member in the first that names it."""
    found = seats(view)
    if found is None:
        return ()
    placed: set[str] = set()
    blocs: list[Bloc] = []
    for bloc in charter_body(found.charter).blocs:
        members = [one for one in dict.fromkeys(bloc.members) if one in found.members and one not in placed]
        placed.update(members)
        if members and all(bloc.name != one.id for one in blocs):
            blocs.append(Bloc(bloc.name, bloc.name, tuple(short(one) for one in members)))
    return tuple(blocs)


def expectations_of(view: View, concern_ref: str = NO_REF) -> tuple[Expecting, ...]:
    """What members expect of each other on the questions reviewed, with the gap where it is known."""
    return _inputs(view, concern_ref).expectations


def frontier(view: View) -> Frontier:
    """How far each log is held: its origin, how many entries, the reference of the last one; by origin."""
    return tuple((origin, *view.fold.heads[origin]) for origin in sorted(view.fold.heads))


def review_inputs(view: View, concern_ref: str = NO_REF) -> bytes:
    """Everything that enters a review, in canonical bytes: equal bytes, equal positions."""
    inputs = _inputs(view, concern_ref)
    return format_canonical(
        {
            "blocs": [[one.name, list(one.members)] for one in inputs.blocs],
            "entries": [
                {
                    "act": row.held.act.ref,
                    "basis": row.held.tone,
                    "by": row.held.by,
                    "intensity": row.intensity,
                    "known_by": row.known_by,
                    "member": inputs.members[row.member],
                    "on": row.held.version.ref,
                    "response": row.held.taken.response,
                }
                for row in inputs.rows
            ],
            "expectations": [
                [one.author, one.member, one.version.ref, one.response, one.intensity, one.act.ref]
                for one in inputs.expectations
            ],
            "members": list(inputs.members),
            "questions": [version.ref for _, version in inputs.questions],
            "title": _title(view),
        }
    )


def inputs_digest(view: View, concern_ref: str = NO_REF) -> str:
    """What a tabled review states of its inputs: the base64 of their SHA-256."""
    return format_base64(hashlib.sha256(review_inputs(view, concern_ref)).digest())


def reviews(view: View, concern_ref: str = NO_REF) -> tuple[Act, ...]:
    """Reviews that were tabled (on one concern) and count, by the time that their authors claim."""
    good, _ = sift(_tabled(view, concern_ref), lambda act: why_no_review(view, act))
    return tuple(sorted(good, key=lambda act: (act.at, act.place)))


def refused_reviews(view: View, concern_ref: str = NO_REF) -> tuple[Refusal, ...]:
    """Reviews that do not count, with the reason."""
    acts = _tabled(view, concern_ref)
    return tuple(sift(acts, lambda act: why_no_review(view, act))[1])


def why_no_review(view: View, act: Act) -> str | None:
    """Why a tabled review does not count, whatever it was computed from."""
    return why_not_then(view, act) or _fault(view, act)


def _tabled(view: View, concern_ref: str) -> list[Act]:
    return view.fold.about(Review, concern_ref) if concern_ref else view.fold.of(Review)


def _inputs(view: View, concern_ref: str) -> _Inputs:
    return view.memo(("review inputs", concern_ref), lambda: _gather(view, concern_ref))


def _gather(view: View, concern_ref: str) -> _Inputs:
    found = seats(view)
    if found is None:
        raise NothingToReview(f"no charter of {view.fold.council} is held here, so nobody is a member")
    tabled = [one for one in texts(view, concern_ref) if one.withdrawn is None]
    questions = tuple((one, version) for one in tabled for version in one.current)
    place = {version.ref: k for k, (_, version) in enumerate(questions)}
    rows: list[_Row] = []
    for one in tabled:
        for holder in holding(view, one.root.ref).holders:
            rows += _rows(view, holder, found.members.index(holder.member), place)
    return _Inputs(
        members=found.members,
        questions=questions,
        rows=tuple(sorted(rows, key=lambda row: row.order)),
        blocs=blocs_of(view),
        expectations=tuple(
            sorted(
                (
                    said
                    for one in tabled
                    for said in expected(view, one.root.ref)
                    if said.version.ref in place
                ),
                key=lambda said: (place[said.version.ref], said.author, said.member),
            )
        ),
    )


def _rows(view: View, holder: Holder, member: int, place: dict[str, int]) -> Iterator[_Row]:
    """What a member holds, and held before, on the versions that are questions.

    An earlier position stays where it can have been known before the later one was: a review as of an earlier
    day finds it. Otherwise the review, which goes by days, would prefer it to what the member said last.
    """
    for version_ref, question in place.items():
        for tone in ("own", "common"):
            some = [
                one
                for one in (*holder.current, *holder.earlier)
                if one.version.ref == version_ref and one.tone == tone
            ]
            until: int | None = None
            while some:
                latest = set(view.fold.latest(one.place for one in some))
                last = max(
                    (one for one in some if one.place in latest),
                    key=lambda one: (one.place.origin == one.place.member, one.place.place[1:]),
                )
                some.remove(last)
                day = known_by(last)
                if until is None or day < until:
                    yield _Row(member, question, last, day)
                    until = day
        for one in holder.inferred:
            if one.version.ref == version_ref:
                yield _Row(member, question, one, known_by(one))


def known_by(held: Held) -> int:
    """The latest day since 1970-01-01 on which a position can have been known: as it says, or as signed."""
    signed = held.place.at // DAY
    since = held.since
    return signed if since is None or since.last is None else min(since.last, signed)


def _title(view: View) -> str:
    found = seats(view)
    return charter_body(found.charter).title if found is not None else ""


def _question(view: View, tabled: Tabled, version: Version) -> Question:
    words = version.words
    concern = view.fold.body(tabled.concern, Concern)
    return Question(
        id=_name(view, version.act),
        text=words if len(words) <= _LONGEST_QUESTION else tabled.title,
        area=tabled.area or (concern.area if concern is not None else ""),
        author=short(tabled.root.member),
    )


def _name(view: View, act: Act) -> str:
    """The name of an act, with the start of its hash where a log with two faces has two of that name."""
    try:
        return view.fold.find(act.name).name
    except UnknownName:
        return f"{act.name}:{act.ref[:8]}"


def _note(view: View, row: _Row) -> Note:
    held = row.held
    taken = held.taken
    said = [taken.condition, taken.reasons]
    if taken.red_line:
        said.append("a red line")
    if held.tone == "inferred":
        said.append(f"as {short(held.by)} reads it")
    return Note(
        text="; ".join(one for one in said if one),
        date=taken.held or format_date(row.known_by),
        origin=held.act.name,
        sources=tuple(one.id for one in _sources(view, held)),
    )


def _sources(view: View, held: Held) -> tuple[Source, ...]:
    """The act itself, by its reference, and the evidence that it names."""
    act = held.act
    own = Source(
        act.ref, f"{act.name}, signed by {short(act.origin)}", date=format_date(act.at // DAY), kind="act"
    )
    return own, *(_evidence(view, one) for one in dict.fromkeys(held.taken.evidence))


def _evidence(view: View, line: str) -> Source:
    """A line of evidence; a quotation with its words, who said them, and in which document."""
    found = quotation(view, line)
    if found is None:
        return Source(line, line, kind="evidence")
    body, document = found.act.body, found.document.body
    assert isinstance(body, Quote)
    assert isinstance(document, Document)
    words = body.words if len(body.words) <= _SHOWN else f"{body.words[: _SHOWN - 1]}…"
    title = f"{words} ({body.speaker or 'speaker not known'}, in {document.title})"
    return Source(line, title, date=document.published, kind="quotation", note=document.source)


def _fault(view: View, act: Act) -> str | None:
    body = act.body
    assert isinstance(body, Review)
    try:
        parse_date(body.as_of)
    except MalformedRecord as error:
        return error.what
    origins = [origin for origin, _, _ in body.frontier]
    if origins != sorted(set(origins)):
        return "its frontier does not name each log once, in order"
    if body.concern in view.fold.acts:
        return wrong_subject(view, body.concern, (Concern,), "concern")
    return None


def view_of(view: View, act: Act, read: Callable[[str, int], Sequence[bytes]]) -> View:
    """The view that a tabled review rests on. `read` gives the first so many entries of a log.

    Raises Refused if they are not all held, NotVerified if a log is not the one that its author held.
    """
    body = act.body
    assert isinstance(body, Review)
    fold = Fold(view.fold.council, view.fold.kinds, charter=view.fold.charter)
    for origin, size, ref in body.frontier:
        entries = read(origin, size)
        if len(entries) < size:
            raise Refused(
                f"{act.name} rests on {size} entries of {short(origin)}; {len(entries)} are held here: "
                "fetch the rest first"
            )
        fold.apply(origin, 0, entries[:size])
        if fold.heads.get(origin) != (size, ref):
            raise NotVerified(f"the log of {short(origin)} that is held here is not the one of {act.name}")
    return View(fold, act.at, now=view.now)


def check_review(view: View, act: Act, inputs: str | None = None) -> str | None:
    """Why a tabled review would not count, or does not rest on the record that it names.

    `inputs` is the digest recomputed from the record up to the review's frontier, as of when it was signed;
    without it, that of the view itself: so it is checked before signing.
    """
    body = act.body
    assert isinstance(body, Review)
    fault = _fault(view, act)
    if fault:
        return fault
    if inputs is None:
        if body.concern:
            fault = wrong_subject(view, body.concern, (Concern,), "concern")
        if fault or body.frontier != frontier(view):
            return fault or "it names another frontier than what is held here; review again"
        inputs = inputs_digest(view, body.concern)
    if inputs != body.inputs:
        return (
            f"it was not computed from the positions on record as of {show_time(act.at)}: "
            f"its inputs are {body.inputs[:8]}…, recomputed they are {inputs[:8]}…"
        )
    return None


CHECKS: dict[type[Body], Callable[[View, Act], str | None]] = {Review: check_review}
