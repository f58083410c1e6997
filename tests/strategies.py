"""Hypothesis strategies for our types, in one place: extend it whenever a type is added.

They make small positions on purpose: with few members and questions, cells collide, and the rules
about which entry counts are exercised in almost every example.
"""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from allweather.positions import (
    UNDATED,
    Basis,
    Bloc,
    Body,
    Member,
    Note,
    Positions,
    Question,
    Response,
    Source,
)

responses = st.sampled_from(Response)
bases = st.sampled_from(Basis)
bodies = st.sampled_from(Body)
#: Days around the turn of 2009, with undated ones among them; few, so that days collide.
days = st.one_of(st.integers(14_240, 14_246), st.just(UNDATED))
intensities = st.one_of(st.just(float("nan")), st.integers(0, 100).map(float))
weights = st.sampled_from([0.25, 0.5, 1.0])
dates = st.dates()
texts = st.text(alphabet=st.characters(exclude_categories=["C"]), max_size=20)


@st.composite
def notes(draw: st.DrawFn, sources: tuple[str, ...] = ()) -> Note:
    named = draw(st.lists(st.sampled_from(sources), unique=True, max_size=2)) if sources else []
    return Note(
        text=draw(texts),
        date=draw(st.sampled_from(["", "2009", "2009-03-05", "undated"])),
        origin=draw(st.sampled_from(["", "statement", "act"])),
        sources=tuple(named),
    )


@st.composite
def positions(
    draw: st.DrawFn, max_members: int = 4, max_questions: int = 4, max_entries: int = 24
) -> Positions:
    """Positions with notes and sources; columns may be broadcasts of one value."""
    n_members = draw(st.integers(1, max_members))
    n_questions = draw(st.integers(1, max_questions))
    n = draw(st.integers(0, max_entries))

    def column(values: st.SearchStrategy[float]) -> st.SearchStrategy[list[float] | float]:
        return st.one_of(st.lists(values, min_size=n, max_size=n), values)

    sources = tuple(f"s{k}" for k in range(draw(st.integers(0, 3))))
    noted = draw(st.lists(st.integers(0, n - 1), unique=True)) if n else []
    return Positions.from_columns(
        [Member(f"m{k}", f"Member {k}") for k in range(n_members)],
        [Question(f"q{k}", f"Question {k}") for k in range(n_questions)],
        draw(st.lists(st.integers(0, n_members - 1), min_size=n, max_size=n)),
        draw(st.lists(st.integers(0, n_questions - 1), min_size=n, max_size=n)),
        np.array(draw(st.lists(responses, min_size=n, max_size=n)), dtype=np.int8),
        known_by=draw(column(days)),
        basis=draw(column(bases)),
        intensity=draw(column(intensities)),
        weight=draw(column(weights)),
        body=draw(bodies),
        title=draw(texts),
        notes={k: draw(notes(sources)) for k in noted},
        sources={id: Source(id, id.upper()) for id in sources},
    )


@st.composite
def blocs(draw: st.DrawFn, members: tuple[str, ...]) -> tuple[Bloc, ...]:
    """Blocs that are in order: no member twice, none empty; some members in none."""
    holder = draw(st.lists(st.integers(-1, 2), min_size=len(members), max_size=len(members)))
    return tuple(
        Bloc(f"b{k}", f"Bloc {k}", held)
        for k in range(3)
        if (held := tuple(one for one, at in zip(members, holder, strict=True) if at == k))
    )
