"""What the forms of all acts are made of: bounded texts, references, times, seats, powers."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

Ref = Annotated[str, Meta(pattern=r"^[A-Za-z0-9+/]{43}=$")]
Line = Annotated[str, Meta(min_length=1, max_length=300)]
Words = Annotated[str, Meta(min_length=1, max_length=16_000)]
Reason = Annotated[str, Meta(min_length=1, max_length=4_000)]
Optional = Annotated[str, Meta(max_length=4_000)]
Origin = Annotated[str, Meta(min_length=3, max_length=127)]
Time = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Seconds = Annotated[int, Meta(ge=0, le=10 * 366 * 86_400)]
Intensity = Annotated[int, Meta(ge=0, le=100)]
Digest = Ref
PublicKey = Ref
NO_REF = ""
MaybeRef = Annotated[str, Meta(pattern=r"^([A-Za-z0-9+/]{43}=)?$")]

Seat = Literal["member", "chair", "secretariat"]
MEMBER: tuple[Seat, ...] = ("member",)
ANY_SEAT: tuple[Seat, ...] = ("member", "chair", "secretariat")
Power = Literal["speak", "position", "silence", "commit", "accredit"]
POWERS: tuple[Power, ...] = ("speak", "position", "silence", "commit", "accredit")

Said = Literal["support", "conditional", "consent", "abstain", "oppose"]
"""What a member can say of itself."""
Shade = Literal["support", "conditional", "consent", "abstain", "oppose", "mixed", "reserve"]
"""The same, and what only a reading by somebody else comes to: its record points both ways, or holds back."""
Step = Literal["scheduled", "open", "drafting", "parked", "closed", "listed"]

DAY = 86_400


class Body(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What all acts have in common. `on_behalf` names the member that a delegate of another acts for."""

    KIND: ClassVar[str] = ""
    SUBJECT: ClassVar[str] = ""
    POWER: ClassVar[Power] = "speak"
    SEATS: ClassVar[tuple[Seat, ...]] = MEMBER

    on_behalf: Annotated[str, Meta(max_length=127)] = ""
