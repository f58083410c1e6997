"""A council with positions that were made up: two blocs with a line between them, and much that is not known.

The same seed gives the same positions. Nothing here is about anybody.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from allweather.formats.reading import Reading
from allweather.positions import Basis, Bloc, Member, Note, Positions, Question, Response

COUNCIL = "planted"
DAY = 14_500
"""The day since 1970 by which all is known: 13 September 2009."""
AT = (DAY + 1) * 86_400 + 36_000
_LEVELS = (
    Response.OPPOSE,
    Response.OPPOSE,
    Response.ABSTAIN,
    Response.CONSENT,
    Response.CONDITIONAL,
    Response.SUPPORT,
    Response.SUPPORT,
)


def planted(
    n_members: int = 30, n_texts: int = 60, *, seed: int = 0, known: float = 0.8, words: Sequence[str] = ()
) -> tuple[Reading, tuple[Bloc, ...]]:
    """Positions of `n_members` on `n_texts`, each known with the chance `known`; `words`: the first texts."""
    dice = random.Random(seed)  # noqa: S311 - a plan, not a secret
    members = [Member(f"m{k:02}", f"Member {k:02}") for k in range(n_members)]
    texts = [
        Question(
            f"T{k:02}",
            words[k] if k < len(words) else f"The council takes up matter {k:02} and keeps it open for all.",
            area=f"area{k % 4}",
        )
        for k in range(n_texts)
    ]
    rows: list[tuple[int, int, Response, Basis, float, Note]] = []
    lean = [1.0 if k < n_members // 2 else -1.0 for k in range(n_members)]
    for j in range(n_texts):
        ease, tilt = dice.gauss(1.0, 1.2), dice.choice((0.0, 0.0, 1.0, -1.0))
        for i in range(n_members):
            if dice.random() > known:
                continue
            level = 3 + round(ease + tilt * lean[i] + dice.gauss(0, 0.8))
            response = _LEVELS[max(0, min(len(_LEVELS) - 1, level))]
            basis = dice.choice((Basis.OWN, Basis.OWN, Basis.COMMON, Basis.INFERRED))
            rows.append(
                (i, j, response, basis, float(dice.randrange(0, 101, 5)), Note("Said in the debate."))
            )
    positions = Positions.from_columns(
        members,
        texts,
        [row[0] for row in rows],
        [row[1] for row in rows],
        [int(row[2]) for row in rows],
        known_by=[DAY - dice.randrange(300) for _ in rows],
        basis=[int(row[3]) for row in rows],
        intensity=[row[4] for row in rows],
        title="A planted council",
        notes={k: row[5] for k, row in enumerate(rows)},
    )
    half = n_members // 2
    blocs = (
        Bloc("north", "North", tuple(one.id for one in members[:half])),
        Bloc("south", "South", tuple(one.id for one in members[half:-1])),
    )
    areas = {f"area{k}": f"Area {k}" for k in range(4)}
    return Reading(positions, "planted", "planted", areas=areas), blocs
