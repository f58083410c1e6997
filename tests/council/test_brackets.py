"""Brackets: who disputes which words, who stands behind which version, and when a bracket is settled."""

from __future__ import annotations

import pytest

from allweather.council.acts import Act
from allweather.council.bodies import Group, Leave
from allweather.council.brackets import Bracket, letter, overlap
from allweather.council.drafts import CHECKS
from tests.council.drafting import Table
from tests.council.story import DAY

MEETING = "We meet twice a year in Rome."


def shown(bracket: Bracket) -> dict[str, tuple[str, list[str]]]:
    """Letters with words and holders."""
    return {
        one.letter: (one.words, [origin.partition("/")[2] for origin in one.holders])
        for one in bracket.alternatives
    }


def test_an_amendment_makes_a_bracket() -> None:
    table = Table("ann", "ben", clauses=[MEETING])
    assert table.text() == MEETING
    table.amend("ben", "twice", "weekly")
    (bracket,) = table.brackets()
    assert (bracket.start, bracket.end, bracket.state) == (8, 13, "open")
    assert shown(bracket) == {"a": ("twice", ["ann"]), "b": ("weekly", ["ben"])}
    assert table.text() == "We meet [a: twice (ann) | b: weekly (ben)] a year in Rome."


def test_overlapping_amendments_are_alternatives_over_the_union() -> None:
    table = Table("ann", "ben", "cat", "dan", clauses=[MEETING])
    table.cut("ben", "cat", "dan")
    table.amend("ben", "twice a year", "weekly")
    table.amend("cat", "year in Rome", "month")
    table.amend("dan", "meet", "gather")
    table.heal()
    assert [shown(one) for one in table.brackets()] == [
        {"a": ("meet", ["ann"]), "b": ("gather", ["dan"])},
        {
            "a": ("twice a year in Rome", ["ann"]),
            "b": ("weekly in Rome", ["ben"]),
            "c": ("twice a month", ["cat"]),
        },
    ]


def test_adjacent_spans_stay_apart() -> None:
    table = Table("ann", "ben", "cat", clauses=["abcdef"])
    table.amend("ben", "abc", "X")
    table.amend("cat", "def", "Y")
    table.insert("ben", "abc", "-")
    assert [(one.start, one.end) for one in table.brackets()] == [(0, 3), (3, 3), (3, 6)]
    assert table.text() == (
        "[a: abc (ann) | b: X (ben)][a: \u2013 (ann) | b: - (ben)][a: def (ann) | b: Y (cat)]"
    )


def test_insertions_at_one_point_are_alternatives() -> None:
    table = Table("ann", "ben", "cat", clauses=[MEETING])
    table.cut("ben", "cat")
    table.insert("ben", "year", " or so")
    table.insert("cat", "year", " at least")
    table.heal()
    (bracket,) = table.brackets()
    assert shown(bracket) == {"a": ("", ["ann"]), "b": (" or so", ["ben"]), "c": (" at least", ["cat"])}


def test_new_clauses_stand_side_by_side_unless_one_merges_the_other() -> None:
    table = Table("ann", "ben", "cat", clauses=["One."])
    b = table.new_clause("ben", 0, "Water.")
    table.new_clause("cat", 0, "Fire.")
    assert [shown(one) for one in table.brackets()] == [
        {"a": ("", ["ann"]), "b": ("Water.", ["ben"])},
        {"a": ("", ["ann"]), "b": ("Fire.", ["cat"])},
    ]
    table.new_clause("cat", 0, "Water and ice.", merges=[b])
    table.new_clause("ann", 0, "Fire.")
    assert [shown(one) for one in table.brackets()] == [
        {"a": ("", ["ann"]), "b": ("Fire.", ["ann", "cat"])},
        {"a": ("", ["ann"]), "b": ("Water.", ["ben"]), "c": ("Water and ice.", ["cat"])},
    ]
    table.new_clause("ben", -1, "Preamble.")
    assert table.state().clauses[0].name == "a new first clause"
    assert [clause.name for clause in table.state().clauses][1:3] == [
        "clause 1",
        "a new clause after clause 1",
    ]


def test_same_words_are_one_alternative() -> None:
    table = Table("ann", "ben", "cat", clauses=[MEETING])
    table.cut("ben", "cat")
    b = table.amend("ben", "twice", "weekly")
    c = table.amend("cat", "twice a year", "weekly a year")
    table.heal()
    (bracket,) = table.brackets()
    assert shown(bracket) == {"a": ("twice a year", ["ann"]), "b": ("weekly a year", ["ben", "cat"])}
    assert bracket.amendments == (table.ann.act(b), table.ann.act(c))


def test_lifted_by_all_holders() -> None:
    table = Table("ann", "ben", "cat", clauses=[MEETING])
    b = table.amend("ben", "twice", "weekly")
    table.back("ann", b)
    assert table.brackets()[0].state == "open"  # ann holds both
    table.release("ann", b, original=True)
    (bracket,) = table.brackets()
    assert (bracket.state, bracket.words) == ("lifted", "weekly")
    assert shown(bracket) == {"a": ("twice", []), "b": ("weekly", ["ann", "ben"])}
    assert table.text() == "We meet weekly a year in Rome."


def test_chosen_when_the_others_release_theirs() -> None:
    table = Table("ann", "ben", "cat", clauses=[MEETING])
    b = table.amend("ben", "twice", "weekly")
    c = table.amend("cat", "twice", "daily")
    table.release("cat", c)
    assert table.brackets()[0].state == "open"
    table.release("ben", b)
    (bracket,) = table.brackets()
    assert (bracket.state, bracket.chosen) == ("chosen", "a")
    table.back("ben", b)  # and takes it up again
    assert table.brackets()[0].state == "open"
    table.release("ann", b, original=True)
    assert (table.brackets()[0].state, table.brackets()[0].words) == ("chosen", "weekly")


def test_nobody_left_is_back_to_the_original() -> None:
    table = Table("ann", "ben", clauses=[MEETING])
    b = table.amend("ben", "twice", "weekly")
    table.release("ben", b)
    table.release("ann", b, original=True)
    (bracket,) = table.brackets()
    assert (bracket.state, bracket.words) == ("back to the original", "twice")


def test_a_compromise_changes_nothing_by_itself() -> None:
    table = Table("ann", "ben", "cat", clauses=[MEETING])
    b = table.amend("ben", "twice", "weekly")
    c = table.amend("cat", "twice", "thrice", merges=[b])
    assert shown(table.brackets()[0])["b"] == ("weekly", ["ben"])
    rows = {row.amendment.ref: row.answer for row in table.state().remarks}
    assert rows[c] == (
        "open; a (the original) is held by ann; b (ben:"
        f"{table.ben.act(b).index}) is held by ben; it replaces b once ben back it or release theirs"
    )
    table.release("ben", b)
    table.back("ben", c)
    table.release("ann", c, original=True)
    (bracket,) = table.brackets()
    assert (bracket.state, bracket.words) == ("merged", "thrice")


def test_a_point_is_kept_as_a_reservation() -> None:
    table = Table("ann", "ben", clauses=[MEETING])
    b = table.amend("ben", "twice", "weekly")
    table.release("ben", b, reservation="We shall come weekly.")
    (bracket,) = table.brackets()
    assert (bracket.state, bracket.words) == ("moved to a reservation", "twice")
    assert [(kept.letter, kept.words) for kept in bracket.reservations] == [("b", "We shall come weekly.")]
    (row,) = table.state().remarks
    assert row.answer == "not taken: a (the original) stands; ben keeps a reservation: We shall come weekly."
    table.back("ben", b)  # no longer released, no longer reserved
    assert (table.brackets()[0].state, table.brackets()[0].reservations) == ("open", ())


def test_only_who_stood_behind_words_can_keep_them_as_a_reservation() -> None:
    table = Table("ann", "ben", "cat", clauses=[MEETING])
    b = table.amend("ben", "twice", "weekly")
    table.release("cat", b, reservation="Look at me.")
    assert table.brackets()[0].reservations == ()


def test_a_release_does_not_reach_what_came_later() -> None:
    table = Table("ann", "ben", "cat", clauses=[MEETING])
    b = table.amend("ben", "twice", "weekly")
    table.cut("cat")
    table.release("ann", b, original=True)
    assert table.brackets("ann")[0].state == "chosen"
    table.amend("cat", "twice a year", "never")
    table.heal()
    (bracket,) = table.brackets()
    assert shown(bracket) == {
        "a": ("twice a year", ["ann"]),
        "b": ("weekly a year", ["ben"]),
        "c": ("never", ["cat"]),
    }


def test_an_author_amends_its_own_draft() -> None:
    table = Table("ann", "ben", clauses=[MEETING])
    own = table.amend("ann", "twice", "weekly")
    assert table.brackets()[0].state == "lifted"
    assert table.state().state == "clean"
    table.back("ben", own, original=True)
    assert shown(table.brackets()[0]) == {"a": ("twice", ["ben"]), "b": ("weekly", ["ann"])}


def test_a_secretariat_holds_no_words() -> None:
    table = Table("ann", "ben", secretariat="sec", author="sec", clauses=[MEETING])
    b = table.amend("ben", "twice", "weekly")
    assert table.brackets()[0].state == "lifted"
    table.back("ann", b, original=True)
    assert table.brackets()[0].state == "open"


def test_who_leaves_holds_nothing_any_more() -> None:
    table = Table("ann", "ben", "cat", clauses=[MEETING])
    table.amend("ben", "twice", "weekly")
    table.ben.does(Leave(reason="Enough."))
    (bracket,) = table.brackets()
    assert shown(bracket) == {"a": ("twice", ["ann"]), "b": ("weekly", [])}
    assert bracket.state == "lifted"  # by all who are still there
    table.ann.does(Leave(reason="Me too."))
    assert table.brackets()[0].state == "back to the original"


def test_a_small_group_is_shown_until_the_bracket_is_settled() -> None:
    table = Table("ann", "ben", "cat", clauses=[MEETING])
    b = table.amend("ben", "twice", "weekly")
    table.ann.does(Group(amendment=b, facilitator="council/cat", by=table.now + DAY))
    (bracket,) = table.brackets()
    assert bracket.group is not None
    assert (bracket.group.facilitator, bracket.group.is_over) == ("council/cat", False)
    assert table.text() == (
        "We meet [a: twice (ann) | b: weekly (ben); in a small group, cat facilitates, until 08:00 UTC on"
        " 19 September 2009] a year in Rome."
    )
    table.passes(days=2)
    group = table.brackets()[0].group
    assert group is not None
    assert group.is_over
    assert "its time was up at 08:00 UTC on 19 September 2009" in table.text()
    table.release("ben", b)
    assert table.brackets()[0].group is None


def test_a_later_sending_replaces_an_earlier_one() -> None:
    table = Table("ann", "ben", "cat", clauses=[MEETING])
    b = table.amend("ben", "twice", "weekly")
    table.ann.does(Group(amendment=b, facilitator="council/cat", by=table.now + 9 * DAY))
    table.cut("ann", "ben")
    table.ben.does(Group(amendment=b, facilitator="council/ben", by=table.now + DAY))
    table.ann.does(Group(amendment=b, facilitator="council/ann", by=table.now + 2 * DAY))
    table.heal()
    group = table.brackets()[0].group
    assert group is not None
    assert group.facilitator == "council/ann"


@pytest.mark.parametrize("name", ["chair", "sec", "ben"])
def test_only_its_setter_replaces_a_small_group(name: str) -> None:
    table = Table("ann", "ben", "cat", chair="chair", secretariat="sec", clauses=[MEETING])
    b = table.amend("ben", "twice", "weekly")
    first = table.ann.does(Group(amendment=b, facilitator="council/cat", by=table.now + DAY))
    mine = Group(amendment=b, facilitator=f"council/{name}", by=table.now + 9 * DAY)
    until = f"until 08:00 UTC on 19 September 2009 ({name_of(table, first)})"
    would = Act("", f"council/{name}", 99, table.now, mine)
    assert CHECKS[Group](table.people[name].view, would) == (
        f"ann sent this bracket to a small group {until}: only ann sends it to another before that; "
        "whoever holds words in it can settle it at any time"
    )
    refused = table.people[name].does(mine)
    assert facilitator(table) == "council/cat"
    assert refused in [one.ref for one in table.state().refused]
    # Neither does a claim to write after the deadline that others' clocks contradict.
    false = Group(amendment=b, facilitator="council/ben", by=table.now + 9 * DAY)
    table.people[name].does(false, at=table.now + 2 * DAY)
    assert facilitator(table) == "council/cat"
    table.ann.does(Group(amendment=b, facilitator="council/ann", by=table.now + DAY))
    assert facilitator(table) == "council/ann"
    table.passes(days=2)
    table.people[name].does(Group(amendment=b, facilitator=f"council/{name}", by=table.now + DAY))
    assert facilitator(table) == f"council/{name}"


def test_of_two_at_the_same_time_the_members_group_comes_before_the_chairs() -> None:
    table = Table("ann", "ben", "cat", chair="chair", clauses=[MEETING])
    b = table.amend("ben", "twice", "weekly")
    table.cut("ann", "chair")
    table.chair.does(Group(amendment=b, facilitator="council/chair", by=table.now + 9 * DAY))
    table.ann.does(Group(amendment=b, facilitator="council/cat", by=table.now + DAY))
    table.heal()
    assert facilitator(table) == "council/cat"


def facilitator(table: Table) -> str:
    """Who facilitates the small group of the first bracket."""
    group = table.brackets()[0].group
    assert group is not None
    return group.facilitator


def name_of(table: Table, ref: str) -> str:
    return table.fold().acts[ref].name


def test_offsets_are_code_points() -> None:
    hebrew = "\u05e9\u05dc\u05d5\u05dd"
    table = Table("ann", "ben", "cat", clauses=[f"cafe\u0301 \U0001f54a {hebrew} end"])
    table.amend("ben", "\u0301", "")  # the mark alone
    table.amend("cat", "\U0001f54a", "\U0001f33f")
    table.amend("ben", hebrew, "\u0633\u0644\u0627\u0645")
    assert [(one.start, one.end) for one in table.brackets()] == [(4, 5), (6, 7), (8, 12)]
    assert table.text() == (
        "cafe[a: \u0301 (ann) | b: \u2013 (ben)] [a: \U0001f54a (ann) | b: \U0001f33f (cat)] "
        f"[a: \u2068{hebrew}\u2069 (ann) | b: \u2068\u0633\u0644\u0627\u0645\u2069 (ben)] end"
    )


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((0, 3), (3, 5), False),
        ((0, 3), (2, 5), True),
        ((0, 5), (2, 3), True),
        ((2, 2), (2, 2), True),
        ((2, 2), (2, 4), False),
        ((4, 4), (2, 4), False),
        ((3, 3), (2, 4), True),
        ((1, 1), (2, 2), False),
    ],
)
def test_overlap(one: tuple[int, int], other: tuple[int, int], expected: bool) -> None:
    assert overlap(*one, *other) is expected
    assert overlap(*other, *one) is expected


def test_letters() -> None:
    assert [letter(n) for n in (0, 1, 25, 26, 27, 51, 52, 701, 702)] == [
        "a", "b", "z", "aa", "ab", "az", "ba", "zz", "aaa",
    ]  # fmt: skip
