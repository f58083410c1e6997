"""What a seed draws: whose node suffers what and when, and which silences are opened by whom.

Times are in lengths of the cut: the cut lasts ten minutes of the council, and 1.0 here.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tests.e2e.five.homes import DAY, NAMES

Kind = Literal[
    "calm",
    "broken",
    "cleared",
    "refused",
    "withdrawn",
    "cut off",
    "unreached",
    "held",
    "backdated",
    "rivals",
    "wrong clock",
    "late",
]
ALWAYS: tuple[Kind, ...] = ("cut off", "backdated")
SOMETIMES: tuple[Kind, ...] = (
    *(
        "calm",
        "broken",
        "cleared",
        "refused",
        "withdrawn",
        "unreached",
        "held",
        "rivals",
        "wrong clock",
        "late",
    ),
)
N_SOMETIMES = 4
CUT = 600
"""How long the cut lasts, in seconds of the council."""
EXPIRY = 2.2
"""When the silences that are opened at the start expire."""


@dataclass(frozen=True)
class Part:
    """One silence to be: of which kind, who opens it, who acts on it."""

    kind: Kind
    proposer: str
    actor: str
    coin: bool


@dataclass(frozen=True)
class Plan:
    """The weather and the story of a seed."""

    seed: int
    cut: str
    killed: str
    withholder: str
    withheld: str
    wrong: str
    shift: int
    cut_at: float
    kill_at: float
    kill_after: float
    """How many seconds the burst of writes has lasted when the kill comes."""
    down_for: float
    parts: tuple[Part, ...]

    @property
    def is_fast(self) -> bool:
        """Whether the wrong clock is ahead."""
        return self.shift > 0


def make_plan(seed: int) -> Plan:
    """The plan of a seed."""
    dice = random.Random(seed)
    cut, killed, withholder = dice.sample(NAMES, 3)
    withheld = dice.choice([name for name in NAMES if name != withholder])
    wrong = dice.choice(NAMES)
    shift = dice.choice((DAY, -DAY))
    cut_at = EXPIRY - dice.uniform(0.4, 0.8)
    steady = [name for name in NAMES if shift < 0 or name != wrong]
    sound = [name for name in steady if name not in (cut, killed)]
    kinds = [*ALWAYS, *dice.sample(SOMETIMES, N_SOMETIMES)]
    found = [_part(dice, kind, steady, sound, cut, wrong) for kind in kinds]
    return Plan(
        seed=seed,
        cut=cut,
        killed=killed,
        withholder=withholder,
        withheld=withheld,
        wrong=wrong,
        shift=shift,
        cut_at=cut_at,
        kill_at=dice.uniform(0.8, cut_at + 0.7),
        kill_after=dice.uniform(0.02, 0.6),
        down_for=dice.uniform(0.1, 0.5),
        parts=tuple(part for part in found if part is not None),
    )


def _part(
    dice: random.Random, kind: Kind, steady: Sequence[str], sound: Sequence[str], cut: str, wrong: str
) -> Part | None:
    """Who does what. Whose clock is a day ahead cannot act on what expires today: its own node refuses."""
    coin = dice.random() < 0.5
    if kind == "wrong clock":
        return Part(kind, wrong, dice.choice(sound), coin)
    if kind in ("cut off", "rivals", "unreached"):
        return Part(kind, dice.choice(sound), cut, coin) if cut in steady else None
    if kind == "broken":
        proposer, actor = dice.sample(list(steady), 2)
        return Part(kind, proposer, actor, coin)
    if kind in ("backdated", "late"):  # a clock a day behind cannot date an objection after its deadline
        sound = [name for name in sound if name != wrong]
    actor = dice.choice(sound)
    others = [name for name in (steady if kind in ("calm", "late", "backdated") else sound) if name != actor]
    return Part(kind, dice.choice(others), actor, coin)
