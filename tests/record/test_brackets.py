"""When was it said: brackets by the clocks of others."""

from __future__ import annotations

from allweather.record.brackets import Bound, bracket, seen_before
from allweather.record.checkpoints import Head
from allweather.record.entries import Entry
from allweather.record.facts import Acknowledgement, Place
from allweather.record.keys import format_base64
from allweather.record.notes import NoteSignature
from tests.record.making import seed_of

ROOT = seed_of("root")
ENTRY = Entry(1, "nrc/a", 4, "x.y", 5_000, {})
COVERS = [Head("nrc/a", 5, ROOT), Head("nrc/a", 9, ROOT)]


def ack(member: str, index: int, head: Head, time: int) -> Acknowledgement:
    return Acknowledgement(Place(member, index, b""), head, time, NoteSignature("w", b"abcd", b""))


EARLIER = Head("nrc/z", 1, ROOT)
HONEST = [
    ack("nrc/b", 0, EARLIER, 1_000),
    ack("nrc/c", 0, EARLIER, 1_100),
    ack("nrc/b", 2, COVERS[0], 2_000),
    ack("nrc/c", 2, COVERS[1], 2_100),
    ack("nrc/b", 3, COVERS[1], 2_200),
]
SEEN = {"nrc/b": 1, "nrc/c": 2}


def test_a_bracket_rests_on_the_clocks_of_others_and_says_whose() -> None:
    found = bracket(ENTRY, SEEN, HONEST, COVERS)
    assert found.claimed == 5_000
    assert found.after == (Bound(1_100, "nrc/c"), Bound(1_000, "nrc/b"))
    assert found.before == (Bound(2_000, "nrc/b"), Bound(2_100, "nrc/c"))
    assert [found.latest_start(k) for k in (1, 2, 3, 0, -1)] == [1_100, 1_000, None, None, None]
    assert [found.earliest_end(k) for k in (1, 2, 3, 0, -1)] == [2_000, 2_100, None, None, None]


def test_unknown_stays_unknown() -> None:
    found = bracket(ENTRY, {}, [], COVERS)
    assert (found.after, found.before) == ((), ())
    assert found.latest_start() is found.earliest_end() is None
    assert bracket(ENTRY, {}, HONEST, []).before == ()
    assert bracket(ENTRY, {}, HONEST, COVERS).after == ()


def test_what_was_not_seen_bounds_nothing() -> None:
    late = ack("nrc/b", 1, EARLIER, 9_999)
    assert bracket(ENTRY, SEEN, [*HONEST, late], COVERS) == bracket(ENTRY, SEEN, HONEST, COVERS)


def test_only_heads_that_cover_the_entry_count() -> None:
    others = [Head("nrc/a", 5, seed_of("other")), Head("nrc/a", 4, ROOT), Head("nrc/b", 5, ROOT)]
    liars = [ack(f"nrc/x{n}", 0, head, 1) for n, head in enumerate(others)]
    assert bracket(ENTRY, SEEN, [*HONEST, *liars], COVERS) == bracket(ENTRY, SEEN, HONEST, COVERS)


def test_one_liar_s_dates_move_nothing_where_two_are_asked() -> None:
    liar = [ack("nrc/l", n, COVERS[0], time) for n, time in enumerate((1, 2, 3))]
    liar += [ack("nrc/l", 3, EARLIER, 9_999)]
    found = bracket(ENTRY, {**SEEN, "nrc/l": 4}, [*HONEST, *liar], COVERS)
    assert found.earliest_end(1) == 1
    assert found.latest_start(1) == 9_999
    # Of two one is honest: by its clock the entry was there, and not before what it had acknowledged.
    assert found.earliest_end(2) == 2_000
    assert found.latest_start(2) == 1_100


def test_the_author_s_own_word_starts_nothing() -> None:
    own = ack("nrc/a", 0, EARLIER, 4_000)
    assert bracket(ENTRY, {"nrc/a": 4}, [own], COVERS).after == ()


def test_what_was_seen_adds_up() -> None:
    def entry(n: int, *rows: tuple[str, int]) -> Entry:
        seen = tuple((name, size, format_base64(ROOT)) for name, size in rows)
        return Entry(1, "nrc/a", n, "x.y", 1, {}, seen=seen)

    entries = [entry(0, ("nrc/b", 3)), entry(1), entry(2, ("nrc/b", 2), ("nrc/c", 7))]
    assert seen_before(entries[:2]) == {"nrc/b": 3}
    assert seen_before(entries) == {"nrc/b": 3, "nrc/c": 7}
    assert seen_before([]) == {}
