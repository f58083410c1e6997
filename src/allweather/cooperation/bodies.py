"""The kinds of entries that make practical cooperation, each a closed form as in `council.bodies`.

A commitment is known by its offer: what, by when, measured how, to whom. All later acts name the offer by its
reference, which binds its exact words. A track is named by the reference of the act that opened it, or by its
title if the charter names it (`TrackName`).
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from allweather.council.forms import (
    ANY_SEAT,
    NO_REF,
    Body,
    Line,
    MaybeRef,
    Optional,
    Origin,
    Power,
    Reason,
    Ref,
    Seat,
    Time,
)

TrackName = Line
Members = Annotated[tuple[Origin, ...], Meta(max_length=512)]


class Track(Body, frozen=True, kw_only=True):
    """Opens a track; one that names a decision opens once that decision is adopted."""

    KIND: ClassVar[str] = "cooperation.track"
    SUBJECT: ClassVar[str] = "decision"
    POWER: ClassVar[Power] = "commit"
    SEATS: ClassVar[tuple[Seat, ...]] = ANY_SEAT

    title: Line
    area: Annotated[str, Meta(max_length=300)] = ""
    concern: MaybeRef = NO_REF
    decision: MaybeRef = NO_REF
    words: Optional = ""


class Offer(Body, frozen=True, kw_only=True):
    """Offers a commitment to the members in `to`, or to whoever accepts it if nobody is named.

    `by` is the deadline, `measure` how anyone can tell that it is done. With `package` it is one part of a
    linked deal, and is due only when each of `parties` has an accepted part in it too.
    """

    KIND: ClassVar[str] = "cooperation.offer"
    SUBJECT: ClassVar[str] = "track"
    POWER: ClassVar[Power] = "commit"

    track: TrackName
    what: Line
    by: Time
    measure: Optional = ""
    to: Members = ()
    condition: Optional = ""
    package: Annotated[str, Meta(max_length=300)] = ""
    parties: Members = ()
    words: Optional = ""


class Accept(Body, frozen=True, kw_only=True):
    """A counterparty accepts an offer as it stands."""

    KIND: ClassVar[str] = "cooperation.accept"
    SUBJECT: ClassVar[str] = "offer"
    POWER: ClassVar[Power] = "commit"

    offer: Ref
    words: Optional = ""


class Decline(Body, frozen=True, kw_only=True):
    """Declines an offer, or accepts it no longer."""

    KIND: ClassVar[str] = "cooperation.decline"
    SUBJECT: ClassVar[str] = "offer"
    POWER: ClassVar[Power] = "commit"

    offer: Ref
    reason: Optional = ""


class Milestone(Body, frozen=True, kw_only=True):
    """The committer reports a step, with evidence (references, ids of quotations); `done` if the last."""

    KIND: ClassVar[str] = "cooperation.milestone"
    SUBJECT: ClassVar[str] = "offer"
    POWER: ClassVar[Power] = "commit"

    offer: Ref
    words: Reason
    evidence: Annotated[tuple[Line, ...], Meta(max_length=64)] = ()
    done: bool = False


class Confirm(Body, frozen=True, kw_only=True):
    """A counterparty confirms a reported milestone; this lifts its own earlier dispute."""

    KIND: ClassVar[str] = "cooperation.confirm"
    SUBJECT: ClassVar[str] = "milestone"
    POWER: ClassVar[Power] = "commit"

    milestone: Ref
    words: Optional = ""


class Dispute(Body, frozen=True, kw_only=True):
    """A counterparty disputes a reported milestone. It stands until the same member confirms."""

    KIND: ClassVar[str] = "cooperation.dispute"
    SUBJECT: ClassVar[str] = "milestone"
    POWER: ClassVar[Power] = "commit"

    milestone: Ref
    reason: Reason


class SuspendPart(Body, frozen=True, kw_only=True):
    """Suspends the author's own part in a track, or in one commitment; `review_at` is when it looks again."""

    KIND: ClassVar[str] = "cooperation.suspend"
    SUBJECT: ClassVar[str] = "about"
    POWER: ClassVar[Power] = "commit"

    about: TrackName
    reason: Reason
    review_at: Time


class ResumePart(Body, frozen=True, kw_only=True):
    """Takes the suspended part up again. Only who suspended it can."""

    KIND: ClassVar[str] = "cooperation.resume"
    SUBJECT: ClassVar[str] = "suspension"
    POWER: ClassVar[Power] = "commit"

    suspension: Ref
    reason: Optional = ""


class WithdrawOffer(Body, frozen=True, kw_only=True):
    """The committer takes its offer or commitment back. What was reported stays."""

    KIND: ClassVar[str] = "cooperation.withdraw"
    SUBJECT: ClassVar[str] = "offer"
    POWER: ClassVar[Power] = "commit"

    offer: Ref
    reason: Reason


_ALL: tuple[type[Body], ...] = (
    Track, Offer, Accept, Decline, Milestone, Confirm, Dispute, SuspendPart, ResumePart, WithdrawOffer,
)  # fmt: skip

KINDS: dict[str, type[Body]] = {one.KIND: one for one in _ALL}
"""Every kind that this room knows, by its name in an entry."""
