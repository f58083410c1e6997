"""The kinds of entries that make a council: each a closed form with bounds, in the header of an entry.

A kind's class says which field names the act that it is about (`SUBJECT`), which power a delegate needs
for it (`POWER`), and from which seats it counts (`SEATS`). Whatever decides an outcome stands in the header,
where nothing can be erased; long statements are payload.

A reference (`Ref`) is the base64 of an entry's leaf hash: it names those exact bytes and no others.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from allweather.council.forms import (
    ANY_SEAT,
    DAY,
    NO_REF,
    Body,
    Digest,
    Intensity,
    Line,
    MaybeRef,
    Optional,
    Origin,
    Power,
    PublicKey,
    Reason,
    Ref,
    Said,
    Seat,
    Seconds,
    Shade,
    Step,
    Time,
    Words,
)


class Rules(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What a charter settles. Times are in seconds.

    `witnesses`: how many other members must have held an entry for its time to be proven. `shortest_silence`:
    the least time between opening and expiry. `hold`: how long one hold lengthens a silence. `catch_up`: how
    long a member that was cut off may still object. `statements`: the window for reservations after adoption.
    `rotation`: how long a chair stays; 0 is for ever. `quorum`: members who stand in for a lost recovery key.
    """

    witnesses: Annotated[int, Meta(ge=1, le=64)] = 1
    shortest_silence: Seconds = 3_600
    hold: Seconds = DAY
    catch_up: Seconds = 3 * DAY
    statements: Seconds = 7 * DAY
    rotation: Seconds = 0
    quorum: Annotated[int, Meta(ge=0, le=512)] = 0


class SeatOf(Struct, frozen=True, forbid_unknown_fields=True):
    """A log and the digest of its member's card."""

    origin: Origin
    card: Digest


class Bloc(Struct, frozen=True, forbid_unknown_fields=True):
    """A declared affiliation."""

    name: Line
    members: Annotated[tuple[Origin, ...], Meta(max_length=512)]


class Charter(Body, frozen=True, kw_only=True):
    """Founds a council; any seat in it may write it. It stands once a member named in it has joined."""

    KIND: ClassVar[str] = "council.charter"
    POWER: ClassVar[Power] = "accredit"
    SEATS: ClassVar[tuple[Seat, ...]] = ANY_SEAT

    title: Line
    members: Annotated[tuple[SeatOf, ...], Meta(min_length=1, max_length=512)]
    about: Optional = ""
    chairs: Annotated[tuple[SeatOf, ...], Meta(max_length=64)] = ()
    secretariat: Annotated[tuple[SeatOf, ...], Meta(max_length=64)] = ()
    areas: Annotated[tuple[Line, ...], Meta(max_length=64)] = ()
    tracks: Annotated[tuple[Line, ...], Meta(max_length=64)] = ()
    blocs: Annotated[tuple[Bloc, ...], Meta(max_length=64)] = ()
    rules: Rules = Rules()


class Join(Body, frozen=True, kw_only=True):
    """Takes the seat that the charter names."""

    KIND: ClassVar[str] = "council.join"
    SUBJECT: ClassVar[str] = "charter"
    POWER: ClassVar[Power] = "accredit"
    SEATS: ClassVar[tuple[Seat, ...]] = ANY_SEAT

    charter: Ref


class Leave(Body, frozen=True, kw_only=True):
    """Gives up the seat. From here on nothing waits for this member, and no decision binds it."""

    KIND: ClassVar[str] = "council.leave"
    POWER: ClassVar[Power] = "accredit"

    reason: Reason


class Suspend(Body, frozen=True, kw_only=True):
    """Suspends participation: the member leaves the room and keeps its seat, its log and its rights."""

    KIND: ClassVar[str] = "council.suspend"
    POWER: ClassVar[Power] = "accredit"

    reason: Reason


class Resume(Body, frozen=True, kw_only=True):
    """Takes part again."""

    KIND: ClassVar[str] = "council.resume"
    SUBJECT: ClassVar[str] = "suspension"
    POWER: ClassVar[Power] = "accredit"

    suspension: Ref
    reason: Optional = ""


class Mandate(Body, frozen=True, kw_only=True):
    """Accredits a delegate: whose key, which powers, until when; `of` is its own member, if another."""

    KIND: ClassVar[str] = "council.mandate"
    POWER: ClassVar[Power] = "accredit"
    SEATS: ClassVar[tuple[Seat, ...]] = ANY_SEAT

    key: PublicKey
    name: Line
    powers: Annotated[tuple[Power, ...], Meta(min_length=1, max_length=5)]
    until: Time
    of: Annotated[str, Meta(max_length=127)] = ""


class Recall(Body, frozen=True, kw_only=True):
    """Ends a mandate from here on; what was signed under it stays."""

    KIND: ClassVar[str] = "council.recall"
    SUBJECT: ClassVar[str] = "mandate"
    POWER: ClassVar[Power] = "accredit"
    SEATS: ClassVar[tuple[Seat, ...]] = ANY_SEAT

    mandate: Ref
    reason: Optional = ""


class Overrule(Body, frozen=True, kw_only=True):
    """The principal takes back what another member's delegate did in its name."""

    KIND: ClassVar[str] = "council.overrule"
    SUBJECT: ClassVar[str] = "act"
    POWER: ClassVar[Power] = "accredit"

    act: Ref
    reason: Reason


class Withdraw(Body, frozen=True, kw_only=True):
    """The author takes back its own concern, text, position or silence. What it said stays readable."""

    KIND: ClassVar[str] = "council.withdraw"
    SUBJECT: ClassVar[str] = "act"
    SEATS: ClassVar[tuple[Seat, ...]] = ANY_SEAT

    act: Ref
    reason: Optional = ""


# The agenda


class Concern(Body, frozen=True, kw_only=True):
    """Raises a concern. It is on the agenda by itself, and nobody else can take it off."""

    KIND: ClassVar[str] = "council.concern"
    SEATS: ClassVar[tuple[Seat, ...]] = ANY_SEAT

    title: Line
    area: Annotated[str, Meta(max_length=300)] = ""
    words: Annotated[str, Meta(max_length=16_000)] = ""


class Agenda(Body, frozen=True, kw_only=True):
    """Moves a concern along: `listed` again is to reopen it, with the new facts as the reason."""

    KIND: ClassVar[str] = "council.agenda"
    SUBJECT: ClassVar[str] = "concern"
    SEATS: ClassVar[tuple[Seat, ...]] = ANY_SEAT

    concern: Ref
    to: Step
    reason: Optional = ""
    on: Time = 0
    """When it is to be discussed, or until when it is parked; 0 if that is not said."""


class Disapprove(Body, frozen=True, kw_only=True):
    """Objects to a concern being discussed. This is recorded and changes nothing else."""

    KIND: ClassVar[str] = "council.disapprove"
    SUBJECT: ClassVar[str] = "concern"

    concern: Ref
    reason: Reason


class Merge(Body, frozen=True, kw_only=True):
    """Shows a concern together with another as its duplicate. Both keep every word."""

    KIND: ClassVar[str] = "council.merge"
    SUBJECT: ClassVar[str] = "concern"
    SEATS: ClassVar[tuple[Seat, ...]] = ("chair",)

    concern: Ref
    into: Ref
    reason: Optional = ""


class Statement(Body, frozen=True, kw_only=True):
    """Says something, in the payload or in `words`; `names` may reply. With an audience, only there."""

    KIND: ClassVar[str] = "council.statement"
    SUBJECT: ClassVar[str] = "concern"
    SEATS: ClassVar[tuple[Seat, ...]] = ANY_SEAT

    concern: MaybeRef = NO_REF
    title: Annotated[str, Meta(max_length=300)] = ""
    words: Annotated[str, Meta(max_length=16_000)] = ""
    names: Annotated[tuple[Origin, ...], Meta(max_length=512)] = ()
    language: Annotated[str, Meta(max_length=35)] = ""


class Reply(Body, frozen=True, kw_only=True):
    """The right of reply of a member that a statement names: one, always shown beside it."""

    KIND: ClassVar[str] = "council.reply"
    SUBJECT: ClassVar[str] = "statement"

    statement: Ref
    words: Annotated[str, Meta(max_length=16_000)] = ""
    language: Annotated[str, Meta(max_length=35)] = ""


# Texts and positions


class Text(Body, frozen=True, kw_only=True):
    """Tables a text on which positions are taken."""

    KIND: ClassVar[str] = "council.text"
    SUBJECT: ClassVar[str] = "concern"
    SEATS: ClassVar[tuple[Seat, ...]] = ANY_SEAT

    concern: Ref
    title: Line
    words: Words
    area: Annotated[str, Meta(max_length=300)] = ""


class Revision(Body, frozen=True, kw_only=True):
    """The author's next version of a text. `after` is the version that it replaces."""

    KIND: ClassVar[str] = "council.revision"
    SUBJECT: ClassVar[str] = "text"
    SEATS: ClassVar[tuple[Seat, ...]] = ANY_SEAT

    text: Ref
    after: Ref
    words: Words
    reason: Optional = ""


class Taken(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What is held on one version of a text. `held` is a date as in `positions.dates`."""

    on: Ref
    response: Shade
    intensity: Intensity | None = None
    condition: Optional = ""
    red_line: bool = False
    reasons: Optional = ""
    evidence: Annotated[tuple[Line, ...], Meta(max_length=64)] = ()
    held: Annotated[str, Meta(max_length=40)] = ""


class Position(Body, frozen=True, kw_only=True):
    """Takes a position. `inferred` is a reading of `member` by somebody else, never its own."""

    KIND: ClassVar[str] = "council.position"
    SUBJECT: ClassVar[str] = "on"
    POWER: ClassVar[Power] = "position"
    SEATS: ClassVar[tuple[Seat, ...]] = ("member", "secretariat")

    on: Ref
    response: Shade
    intensity: Intensity | None = None
    condition: Optional = ""
    red_line: bool = False
    reasons: Optional = ""
    evidence: Annotated[tuple[Line, ...], Meta(max_length=64)] = ()
    held: Annotated[str, Meta(max_length=40)] = ""
    basis: Literal["own", "common", "inferred"] = "own"
    member: Annotated[str, Meta(max_length=127)] = ""


class Expected(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What is expected of `member` on one version of a text."""

    on: Ref
    member: Origin
    response: Said
    intensity: Intensity | None = None


class Expectation(Body, frozen=True, kw_only=True):
    """Says which position the author expects another member to hold."""

    KIND: ClassVar[str] = "council.expectation"
    SUBJECT: ClassVar[str] = "on"
    POWER: ClassVar[Power] = "position"

    on: Ref
    member: Origin
    response: Said
    intensity: Intensity | None = None


class Round(Body, frozen=True, kw_only=True):
    """Opens a sealed round on texts: everybody commits first; all is revealed after `closes_at`."""

    KIND: ClassVar[str] = "council.round"
    SUBJECT: ClassVar[str] = "concern"
    SEATS: ClassVar[tuple[Seat, ...]] = ANY_SEAT

    concern: Ref
    on: Annotated[tuple[Ref, ...], Meta(min_length=1, max_length=256)]
    closes_at: Time


class Seal(Body, frozen=True, kw_only=True):
    """Commits to what is to be revealed: base64 of the SHA-256 of a salt and the canonical reveal."""

    KIND: ClassVar[str] = "council.seal"
    SUBJECT: ClassVar[str] = "round"
    POWER: ClassVar[Power] = "position"

    round: Ref
    commitment: Digest


class Reveal(Body, frozen=True, kw_only=True):
    """Opens a seal after the round has closed."""

    KIND: ClassVar[str] = "council.reveal"
    SUBJECT: ClassVar[str] = "seal"
    POWER: ClassVar[Power] = "position"

    seal: Ref
    salt: Digest
    positions: Annotated[tuple[Taken, ...], Meta(max_length=256)] = ()
    expectations: Annotated[tuple[Expected, ...], Meta(max_length=4_096)] = ()


class Review(Body, frozen=True, kw_only=True):
    """Tables a joint review: what it was computed from and the digest of its result: anyone can recompute it.

    `inputs` is the digest of the positions reviewed, `result` that of the result, `version` the program.
    """

    KIND: ClassVar[str] = "council.review"
    SUBJECT: ClassVar[str] = "concern"
    SEATS: ClassVar[tuple[Seat, ...]] = ANY_SEAT

    concern: MaybeRef = NO_REF
    title: Line
    as_of: Annotated[str, Meta(max_length=40)]
    seed: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    frontier: Annotated[tuple[tuple[Origin, Time, Digest], ...], Meta(max_length=512)]
    inputs: Digest
    result: Digest
    version: Line


# Drafts with brackets


class Draft(Body, frozen=True, kw_only=True):
    """Seeds a text under negotiation, clause by clause."""

    KIND: ClassVar[str] = "council.draft"
    SUBJECT: ClassVar[str] = "concern"
    SEATS: ClassVar[tuple[Seat, ...]] = ANY_SEAT

    concern: Ref
    title: Line
    clauses: Annotated[tuple[Words, ...], Meta(min_length=1, max_length=256)]


class Amend(Body, frozen=True, kw_only=True):
    """An alternative to the code points [start, end) of a clause of `base` (the draft, or a frozen version).

    With `insert` the words are a new clause after that clause (-1: before the first). No words: deletion.
    """

    KIND: ClassVar[str] = "council.amend"
    SUBJECT: ClassVar[str] = "draft"

    draft: Ref
    base: Ref
    clause: Annotated[int, Meta(ge=-1, le=255)]
    start: Annotated[int, Meta(ge=0, le=16_000)] = 0
    end: Annotated[int, Meta(ge=0, le=16_000)] = 0
    words: Annotated[str, Meta(max_length=16_000)] = ""
    insert: bool = False
    merges: Annotated[tuple[Ref, ...], Meta(max_length=64)] = ()
    reason: Optional = ""


class Back(Body, frozen=True, kw_only=True):
    """Stands behind an alternative; with `original`, behind the words that it would replace."""

    KIND: ClassVar[str] = "council.back"
    SUBJECT: ClassVar[str] = "amendment"

    amendment: Ref
    original: bool = False


class Release(Body, frozen=True, kw_only=True):
    """Stands no longer behind an alternative (or the original); the point may stay as a reservation."""

    KIND: ClassVar[str] = "council.release"
    SUBJECT: ClassVar[str] = "amendment"

    amendment: Ref
    original: bool = False
    reservation: Optional = ""


class Group(Body, frozen=True, kw_only=True):
    """Sends a bracket to a small group with a facilitator and a deadline."""

    KIND: ClassVar[str] = "council.group"
    SUBJECT: ClassVar[str] = "amendment"
    SEATS: ClassVar[tuple[Seat, ...]] = ANY_SEAT

    amendment: Ref
    facilitator: Origin
    by: Time


class Freeze(Body, frozen=True, kw_only=True):
    """Fixes the clean text of a draft. It counts only if it follows from what its author had seen."""

    KIND: ClassVar[str] = "council.freeze"
    SUBJECT: ClassVar[str] = "draft"
    SEATS: ClassVar[tuple[Seat, ...]] = ANY_SEAT

    draft: Ref
    base: Ref
    clauses: Annotated[tuple[Words, ...], Meta(min_length=1, max_length=256)]


# Decisions by silence


class Silence(Body, frozen=True, kw_only=True):
    """Opens a silence on a text (a version of a tabled text, or a frozen draft).

    `admits` names a new member; `ends` and `amends` an earlier decision. Times of 0 are not set.
    """

    KIND: ClassVar[str] = "council.silence"
    SUBJECT: ClassVar[str] = "text"
    POWER: ClassVar[Power] = "silence"
    SEATS: ClassVar[tuple[Seat, ...]] = ("member", "chair")

    concern: Ref
    text: Ref
    expires_at: Time
    in_force_at: Time = 0
    review_at: Time = 0
    sunset_at: Time = 0
    admits: SeatOf | None = None
    ends: MaybeRef = NO_REF
    amends: MaybeRef = NO_REF


class Receipt(Body, frozen=True, kw_only=True):
    """The author's node holds that exact text, and its people can see it."""

    KIND: ClassVar[str] = "council.receipt"
    SUBJECT: ClassVar[str] = "decision"

    decision: Ref
    text: Ref


class Refuse(Body, frozen=True, kw_only=True):
    """Refuses that this is decided by silence at all."""

    KIND: ClassVar[str] = "council.refuse"
    SUBJECT: ClassVar[str] = "decision"
    POWER: ClassVar[Power] = "silence"

    decision: Ref
    reason: Reason


class Hold(Body, frozen=True, kw_only=True):
    """Lengthens a silence once for the author, by what the charter allows."""

    KIND: ClassVar[str] = "council.hold"
    SUBJECT: ClassVar[str] = "decision"
    POWER: ClassVar[Power] = "silence"

    decision: Ref
    reason: Optional = ""


class Object(Body, frozen=True, kw_only=True):
    """Breaks silence, with the reason and points to be answered; `counter` may name another text."""

    KIND: ClassVar[str] = "council.object"
    SUBJECT: ClassVar[str] = "decision"
    POWER: ClassVar[Power] = "silence"

    decision: Ref
    reason: Reason
    points: Annotated[tuple[Reason, ...], Meta(max_length=64)] = ()
    counter: MaybeRef = NO_REF


class Answer(Body, frozen=True, kw_only=True):
    """Answers an objection, or one of its points (from 0)."""

    KIND: ClassVar[str] = "council.answer"
    SUBJECT: ClassVar[str] = "objection"
    SEATS: ClassVar[tuple[Seat, ...]] = ANY_SEAT

    objection: Ref
    words: Reason
    point: Annotated[int, Meta(ge=-1, le=63)] = -1


class Clear(Body, frozen=True, kw_only=True):
    """The holder of an objection lifts it. Nobody else can."""

    KIND: ClassVar[str] = "council.clear"
    SUBJECT: ClassVar[str] = "objection"
    POWER: ClassVar[Power] = "silence"

    objection: Ref
    reason: Optional = ""


class Reserve(Body, frozen=True, kw_only=True):
    """A reservation or an interpretative statement: joins the consensus and states a limit."""

    KIND: ClassVar[str] = "council.reserve"
    SUBJECT: ClassVar[str] = "decision"
    POWER: ClassVar[Power] = "silence"

    decision: Ref
    words: Reason
    sort: Literal["reservation", "interpretation"] = "reservation"


class Conflict(Body, frozen=True, kw_only=True):
    """Says that two decisions contradict each other."""

    KIND: ClassVar[str] = "council.conflict"
    SUBJECT: ClassVar[str] = "decision"

    decision: Ref
    other: Ref
    reason: Reason


_ALL: tuple[type[Body], ...] = (
    Charter, Join, Leave, Suspend, Resume, Mandate, Recall, Overrule, Withdraw,
    Concern, Agenda, Disapprove, Merge, Statement, Reply,
    Text, Revision, Position, Expectation, Round, Seal, Reveal, Review,
    Draft, Amend, Back, Release, Group, Freeze,
    Silence, Receipt, Refuse, Hold, Object, Answer, Clear, Reserve, Conflict,
)  # fmt: skip

KINDS: dict[str, type[Body]] = {one.KIND: one for one in _ALL}
"""Every kind that this room knows, by its name in an entry."""
