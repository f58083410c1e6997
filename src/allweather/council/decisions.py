"""What a decision by silence looks like: its states as data, and the typed results that others show.

`silence` finds them, `sentences` puts them into words. Nothing is decided here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from allweather.council.acts import Act, short
from allweather.council.machines import Machine, Step
from allweather.council.timing import Timing

State = Literal[
    "running",
    "void",
    "withdrawn",
    "refused",
    "broken",
    "provisional",
    "contested",
    "adopted",
    "in_force",
    "amended",
    "ended",
    "sunset",
]
Effect = Literal["breaks", "contests", "none"]
How = Literal["opened it", "receipt", "position", "reservation", "cleared its objection"]

_LATER = "what others signed is held only now"
_BROKEN = "an objection made in time that its holder did not clear"
_REFUSED = "a member refuses the use of silence"
_CONTESTED = "an objection of a member that was cut off or not reached"
_UNSEEN = "it expires before others hold the objection of a member that was cut off"
_TOO_LATE = "it expires before others hold its withdrawal"
_ENDED = "a later decision ends it"
_SUNSET = "its own end comes"

MACHINE = Machine(
    name="decision",
    states=(
        "running",
        "void",
        "withdrawn",
        "refused",
        "broken",
        "provisional",
        "contested",
        "adopted",
        "in_force",
        "amended",
        "ended",
        "sunset",
    ),
    steps=(
        Step("running", "void", "its opening does not count"),
        Step("running", "withdrawn", "its proposer takes it back"),
        Step("running", "refused", _REFUSED),
        Step("running", "broken", _BROKEN),
        Step("running", "contested", _CONTESTED),
        Step(
            "running", "provisional", "it expires while a member is not heard, or another conflicts with it"
        ),
        Step("running", "adopted", "it expires with every member heard and no objection"),
        Step("running", "ended", _ENDED),
        Step("broken", "running", "the holder of the last objection clears it in time"),
        Step("broken", "refused", _REFUSED),
        Step("broken", "withdrawn", "its proposer takes it back"),
        Step("broken", "contested", _UNSEEN),
        Step("withdrawn", "provisional", _TOO_LATE),
        Step("withdrawn", "contested", _TOO_LATE),
        Step("withdrawn", "adopted", _TOO_LATE),
        Step("refused", "withdrawn", "its proposer takes it back"),
        Step("refused", "contested", _UNSEEN),
        Step(
            "provisional",
            "adopted",
            "the last member that was waited for is heard, or nothing conflicts any more",
        ),
        Step("provisional", "contested", _CONTESTED),
        Step("provisional", "broken", _LATER),
        Step("provisional", "refused", _LATER),
        Step("provisional", "withdrawn", "its proposer takes it back"),
        Step("provisional", "ended", _ENDED),
        Step("contested", "provisional", "the holder clears its objection within its catch-up window"),
        Step("contested", "adopted", "the last holder clears its objection within its catch-up window"),
        Step("contested", "broken", _LATER),
        Step("adopted", "contested", _CONTESTED),
        Step("adopted", "provisional", "a conflicting decision turns up, made while cut off"),
        Step("adopted", "withdrawn", "its proposer takes it back, as another conflicted with it"),
        Step("adopted", "in_force", "the time that it sets, or the end of the window for reservations"),
        Step("adopted", "amended", "a later decision amends it"),
        Step("adopted", "ended", _ENDED),
        Step("adopted", "sunset", _SUNSET),
        Step("in_force", "contested", _CONTESTED),
        Step("in_force", "provisional", "a conflicting decision turns up, made while cut off"),
        Step("in_force", "amended", "a later decision amends it"),
        Step("in_force", "ended", _ENDED),
        Step("in_force", "sunset", _SUNSET),
        Step("amended", "ended", _ENDED),
        Step("amended", "sunset", _SUNSET),
    ),
)
"""What a decision goes through, as one node sees it by what it holds."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A member that a decision reached, and by which act that is known.

    `at` is when others held that act; None if nobody has shown that yet. For a member heard late it is the
    time from which it counts as heard: the end of its window, or its consent.
    """

    member: str
    act: Act
    how: How
    at: int | None
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class NotHeard:
    """A member that the decision waits for, and why, in words that follow its name."""

    member: str
    why: str


@dataclass(frozen=True, slots=True)
class LateReceipt:
    """A member that was reached after the expiry. It may object until `until`.

    `at` is when others held its receipt; None, and no end of the window, while nobody has shown that.
    `joined` is the act by which it joined before its window ended.
    """

    member: str
    act: Act
    how: How
    at: int | None
    until: int | None
    joined: Act | None = None
    joined_at: int | None = None


@dataclass(frozen=True, slots=True)
class HoldTaken:
    """The one hold of a member; `until` is the expiry that it brought about."""

    member: str
    act: Act
    until: int


@dataclass(frozen=True, slots=True)
class RefusedAct:
    """An act about a decision that changes nothing, and why: one sentence."""

    act: Act
    reason: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What an objection, or a refusal of silence, does to a decision, by its time.

    `by` is the deadline that it was held against: the expiry, or the end of its holder's own window. None:
    the holder has not been reached, so that no deadline runs for it.
    """

    effect: Effect
    timing: Timing
    reason: str
    by: int | None
    at: int | None


@dataclass(frozen=True, slots=True)
class AnswerGiven:
    """An answer to an objection; `point` is -1 for the objection as a whole."""

    act: Act
    words: str
    point: int


@dataclass(frozen=True, slots=True)
class Point:
    """One point of an objection and what was answered."""

    words: str
    answers: tuple[AnswerGiven, ...]


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection as a thread: its points, the answers, and whether its holder has cleared it."""

    act: Act
    holder: str
    reason: str
    counter: str
    points: tuple[Point, ...]
    answers: tuple[AnswerGiven, ...]
    finding: Finding
    cleared: Act | None

    @property
    def is_standing(self) -> bool:
        """Whether it counts and is not cleared."""
        return self.finding.effect != "none" and self.cleared is None


@dataclass(frozen=True, slots=True)
class UseRefused:
    """A member's refusal that this be decided by silence at all."""

    act: Act
    member: str
    reason: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Reservation:
    """A reservation or an interpretative statement: its holder joins the consensus and states a limit."""

    act: Act
    member: str
    words: str
    is_interpretation: bool


@dataclass(frozen=True, slots=True)
class ConflictWith:
    """Another decision that contradicts this one, neither proposer having seen the other.

    `concern` is that of the other; both are shown joined. While `is_open` neither can be adopted; `why` says
    what the conflict is, or how it ended.
    """

    other: Act
    concern: str
    is_open: bool
    why: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision by silence as a view shows it. Members are origins, times seconds since 1970.

    `expires_at` is the expiry with all holds. `final_at` is when no objection of a member that was cut off
    can arrive in time any more. `in_force_at` is set once it is adopted. `refused` changes nothing.
    """

    act: Act
    state: State
    text: str
    concern: str
    expires_at: int
    final_at: int
    adopted_at: int | None
    in_force_at: int | None
    review_at: int
    sunset_at: int
    statements_by: int | None
    members: tuple[str, ...]
    heard: tuple[Heard, ...]
    not_heard: tuple[NotHeard, ...]
    late: tuple[LateReceipt, ...]
    holds: tuple[HoldTaken, ...]
    objections: tuple[Objection, ...]
    refusals: tuple[UseRefused, ...]
    reservations: tuple[Reservation, ...]
    conflicts: tuple[ConflictWith, ...]
    refused: tuple[RefusedAct, ...]
    why_void: str = ""
    withdrawn: Act | None = None
    ended_by: Act | None = None
    amended_by: tuple[Act, ...] = ()
    sentence: str = ""

    @property
    def is_adopted(self) -> bool:
        """Whether it was adopted. It stays so when it has been amended or has ended since."""
        return self.adopted_at is not None

    @property
    def is_returned(self) -> bool:
        """Whether its text went back to drafting."""
        return self.state in ("broken", "contested", "refused", "withdrawn")

    @property
    def joined(self) -> tuple[str, ...]:
        """The concerns that are shown joined with this one's, as decisions on them conflict."""
        return tuple(sorted({one.concern for one in self.conflicts} - {self.concern}))

    @property
    def name(self) -> str:
        """How people name it: `norway:12`."""
        return self.act.name


def and_list(words: list[str]) -> str:
    """Words as a list for people: `a, b and c`."""
    return " and ".join(", ".join(words).rsplit(", ", 1))


def names(origins: list[str]) -> str:
    """Members as a list for people."""
    return and_list([short(origin) for origin in origins])
