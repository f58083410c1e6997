"""Drafts: from a seed to a frozen text. Nobody freezes what does not follow, and nobody's words are lost."""

from __future__ import annotations

import base64
import hashlib
import random
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allweather.council.acts import Act
from allweather.council.bodies import (
    KINDS,
    Amend,
    Back,
    Draft,
    Freeze,
    Group,
    Leave,
    Mandate,
    Overrule,
    Release,
)
from allweather.council.drafts import CHECKS, MACHINE, DraftState, draft, drafts
from allweather.council.fold import Fold
from allweather.council.forms import Body
from allweather.council.freezing import clean, frozen_words, refusal, text_hash
from allweather.council.view import View
from allweather.errors import UnknownName
from tests.council.drafting import Table
from tests.council.story import COUNCIL, DAY, Person

MEETING = "We meet twice a year in Rome."
GHOST = "A" * 43 + "="


def considered(person: Person, body: Body) -> str | None:
    """What is said of an act before it is signed."""
    act = Act("", person.origin, len(person.log), person.clock, body)
    return CHECKS[type(body)](person.view, act)


def says(table: Table, name: str, body: Body) -> str | None:
    """What is said of an act before it is signed; it is then signed all the same."""
    why = considered(table.people[name], body)
    table.people[name].does(body)
    return why


# From a seed to a frozen text


def test_the_states_of_a_draft() -> None:
    table = Table("ann", "ben", "cat", clauses=[MEETING, "We eat."])
    seen = [table.state().state]
    assert table.state("ann").state == "circulated"
    b = table.amend("ben", "twice", "weekly")
    seen.append(table.state().state)
    table.release("ann", b, original=True)
    seen.append(table.state().state)
    table.freeze("cat")
    seen.append(table.state().state)
    c = table.amend("cat", "Rome", "Oslo")
    seen.append(table.state().state)
    table.release("cat", c)
    seen.append(table.state().state)
    assert seen == ["circulated", "bracketed", "clean", "frozen", "bracketed", "clean"]
    assert all(MACHINE.follows(one, other) for one, other in pairwise(seen))


def test_a_draft_that_nobody_else_holds_is_a_seed() -> None:
    table = Table("ann", "ben", clauses=["One."])
    table.cut("ann")
    ref = table.ann.does(Draft(concern=table.concern, title="Mine", clauses=("Two.",)))
    assert draft(table.ann.view, ref).state == "seed"
    table.heal()
    assert draft(table.ann.view, ref).state == "circulated"
    assert [one.title for one in drafts(table.view(), table.concern)] == ["A draft", "Mine"]
    assert [one.title for one in drafts(table.view())] == ["A draft", "Mine"]


def test_a_freeze_fixes_the_clean_text() -> None:
    table = Table("ann", "ben", "cat", clauses=[MEETING, "We eat.", "We go."])
    b = table.amend("ben", "twice", "weekly")
    table.release("ann", b, original=True)
    gone = table.amend("cat", "We eat.", "")
    table.release("ann", gone, original=True)
    new = table.new_clause("cat", 2, "We come back.")
    table.release("ann", new, original=True)
    freeze = table.freeze("cat")
    state = table.state()
    words = ("We meet weekly a year in Rome.", "We go.", "We come back.")
    assert frozen_words(table.view(), freeze) == words
    assert (state.current.number, state.current.words, state.current.ref) == (1, words, freeze)
    assert state.current.text_hash == text_hash(words)
    assert [one.number for one in state.versions] == [0, 1]
    assert state.versions[0].clauses[0].words == words[0]
    assert state.refused == ()
    assert [(row.version, row.clause, row.answer) for row in state.remarks] == [
        (0, "clause 1", "taken into the text"),
        (0, "clause 2", "taken into the text"),
        (0, "a new clause after clause 3", "taken into the text"),
    ]


def test_text_hash_is_of_the_canonical_list() -> None:
    expected = base64.b64encode(hashlib.sha256('["We.","caf\u00e9"]'.encode()).digest()).decode()
    assert text_hash(["We.", "caf\u00e9"]) == expected
    assert text_hash(["ab"]) != text_hash(["a", "b"])
    assert text_hash(("ab",)) == text_hash(["ab"])


def test_the_chair_cannot_freeze_what_does_not_follow() -> None:
    table = Table("ann", "ben", "cat", chair="chair", clauses=[MEETING, "We eat."])
    b = table.amend("ben", "twice", "weekly")
    table.amend("cat", "eat", "dine")
    freeze = table.freeze("chair")
    assert table.refusals() == ["does not follow from the draft: 2 brackets were open"]
    assert frozen_words(table.view(), freeze) is None
    table.release("cat", table.brackets()[1].amendments[0].ref)
    table.freeze("chair")
    table.release("ann", b, original=True)
    table.freeze("chair", ["We meet weekly a year in Rome.", "We starve."])
    table.freeze("chair", ["We meet weekly a year in Rome."])
    table.freeze("chair", ["We meet weekly a year in Rome.", "We eat.", "I rule."])
    table.freeze("chair", base=GHOST, clauses=["I rule."])
    assert table.refusals() == [
        "does not follow from the draft: 2 brackets were open",
        "does not follow from the draft: 1 bracket was open",
        "does not follow from the draft: clause 2 differs",
        "does not follow from the draft: it has 2 clauses, not 1",
        "does not follow from the draft: it has 2 clauses, not 3",
        "the base is no version of this draft that its author had seen; start from the latest",
    ]
    assert table.state().state == "clean"
    assert considered(table.chair, _honest_freeze(table, "chair")) is None
    table.freeze("chair")
    assert table.state().state == "frozen"


def _honest_freeze(table: Table, name: str) -> Freeze:
    view = table.people[name].view
    base = draft(view, table.draft).current.ref
    return Freeze(draft=table.draft, base=base, clauses=clean(view, base).clauses)


def test_a_freeze_rests_only_on_what_its_author_had_seen() -> None:
    table = Table("ann", "ben", "cat", chair="chair", clauses=[MEETING, "We eat."])
    table.cut("ben")
    late = table.amend("ben", "twice", "weekly")
    freeze = table.freeze("chair")
    table.heal()
    assert frozen_words(table.view(), freeze) == (MEETING, "We eat.")
    state = table.state()
    assert (state.state, state.current.number, state.n_open) == ("bracketed", 1, 1)
    assert [act.ref for act in state.current.late] == [late]
    assert table.text() == "We meet [a: twice (ann) | b: weekly (ben)] a year in Rome.\n\nWe eat."
    (row,) = state.remarks
    assert (row.version, row.is_late, row.state) == (1, True, "open")
    table.release("ann", late, original=True)
    table.freeze("chair")
    assert table.state().current.words[0] == "We meet weekly a year in Rome."
    assert table.state().state == "frozen"


def test_a_backing_that_the_freeze_had_not_seen_is_shown() -> None:
    table = Table("ann", "ben", "cat", clauses=[MEETING])
    b = table.amend("ben", "twice", "weekly")
    table.release("ann", b, original=True)
    table.cut("cat")
    late = table.back("cat", b, original=True)
    table.freeze("ann")
    table.heal()
    before, after = table.state().versions
    assert [act.ref for act in before.unseen] == [late]
    assert (before.clauses[0].words, after.words) == (after.words[0], ("We meet weekly a year in Rome.",))


def test_late_amendments_come_over() -> None:
    clauses = ["One two three four.", "To be deleted.", "Last."]
    table = Table("ann", "ben", "cat", clauses=clauses)
    first = table.amend("ben", "two", "2")
    second = table.amend("ben", "To be deleted.", "")
    third = table.new_clause("ben", 2, "The end.")
    for ref in (first, second, third):
        table.release("ann", ref, original=True)
    table.cut("cat")
    table.freeze("ann")
    table.amend("cat", "four", "IV")  # untouched by the freeze
    table.amend("cat", "two three", "II III")  # partly replaced
    table.amend("cat", "deleted", "kept")  # its clause is gone
    table.insert("cat", "One", " and a half")
    table.new_clause("cat", 2, "The end.")  # is in the text already
    table.new_clause("cat", 1, "In between.")
    table.amend("cat", "two", "2")  # so is this
    table.heal()
    current = table.state().current
    assert current.words == ("One 2 three four.", "Last.", "The end.")
    assert table.text().split("\n\n") == [
        "One[a: \u2013 (ann) | b:  and a half (cat)] [a: 2 three (ann) | b: II III (cat)]"
        " [a: four (ann) | b: IV (cat)].",
        "[a: \u2013 (ann) | b: To be kept. (cat)]",
        "[a: \u2013 (ann) | b: In between. (cat)]",
        "Last.",
        "The end.",
    ]
    assert [act.body.words for act in current.absorbed if isinstance(act.body, Amend)] == ["The end.", "2"]
    assert len(current.late) == 5


def test_a_late_compromise_stands_beside_the_clause_that_it_merges() -> None:
    table = Table("ann", "ben", "cat", clauses=["One."])
    b = table.new_clause("ben", 0, "Water.")
    table.release("ann", b, original=True)
    table.cut("cat")
    table.new_clause("cat", 0, "Water and ice.", merges=[b])
    table.freeze("ann")
    table.heal()
    assert table.text() == "One.\n\n[a: Water. (ann) | b: Water and ice. (cat)]"


def test_words_inserted_late_at_one_point_are_alternatives() -> None:
    table = Table("ann", "ben", "cat", clauses=["We meet."])
    b = table.insert("ben", "meet", " weekly")
    table.release("ann", b, original=True)
    table.cut("cat")
    table.insert("cat", "meet", " daily")
    table.amend("cat", ".", "!")
    table.freeze("ann")
    table.heal()
    assert table.text() == "We meet[a:  weekly (ann) | b:  daily (cat)][a: . (ann) | b: ! (cat)]"


def test_concurrent_freezes_of_one_text_are_one_version() -> None:
    table = Table("ann", "ben", "cat", clauses=[MEETING])
    b = table.amend("ben", "twice", "weekly")
    table.release("ann", b, original=True)
    table.cut("ben", "cat")
    one, other = table.freeze("ben"), table.freeze("cat")
    table.heal()
    (head,) = table.state().heads
    assert [act.ref for act in head.acts] == [one, other]
    # An amendment may name either as its base.
    for base, words in ((one, "They"), (other, "You")):
        table.ben.does(Amend(draft=table.draft, base=base, clause=0, start=0, end=2, words=words))
    assert table.text() == ("[a: We (ann) | b: They (ben) | c: You (ben)] meet weekly a year in Rome.")
    assert considered(table.cat, Freeze(draft=table.draft, base=table.draft, clauses=("x",))) == (
        f"{table.ann.act(one).name} has frozen this version already; start from that one"
    )


def test_concurrent_freezes_of_different_texts_are_both_versions() -> None:
    table = Table("ann", "ben", "cat", clauses=[MEETING])
    b = table.amend("ben", "twice", "weekly")
    table.cut("ann", "ben")
    table.release("ann", b, original=True)
    first = table.freeze("ann")
    table.release("ben", b)
    second = table.freeze("ben")
    table.heal()
    state = table.state()
    assert (state.state, state.refused) == ("frozen", ())
    assert [(one.ref, one.number, one.words) for one in state.heads] == [
        (first, 1, ("We meet weekly a year in Rome.",)),
        (second, 1, (MEETING,)),
    ]
    # The one that is worked on becomes the current one.
    x = table.cat.does(Amend(draft=table.draft, base=second, clause=0, start=0, end=2, words="All"))
    table.release("ann", x, original=True)
    third = table.freeze("cat", ["All meet twice a year in Rome."], base=second)
    assert [(one.ref, one.number) for one in table.state().heads] == [(third, 2), (first, 1)]


def test_what_was_frozen_stays_when_its_member_leaves() -> None:
    table = Table("ann", "ben", "cat", clauses=[MEETING])
    b = table.amend("ben", "twice", "weekly")
    table.release("ann", b, original=True)
    freeze = table.freeze("ben")
    table.ben.does(Leave(reason="Enough."))
    assert frozen_words(table.view(), freeze) == ("We meet weekly a year in Rome.",)
    assert table.state().state == "frozen"
    ghost = table.ben.does(Back(amendment=b))
    assert [(one.ref, one.why) for one in table.state().refused] == [(ghost, "ben has left the council")]


def test_an_overruling_undoes_nothing_that_was_frozen_before() -> None:
    table = Table("ann", "ben", "cat", clauses=[MEETING])
    seed = bytes(31) + b"\x01"
    key = table.cat.certifies(seed, "Dora")
    until = table.now + DAY
    table.ben.does(Mandate(key=key, name="Dora", powers=("speak",), until=until, of="council/cat"))
    body = Amend(
        draft=table.draft,
        base=table.draft,
        clause=0,
        start=8,
        end=13,
        words="weekly",
        on_behalf="council/ben",
    )
    amendment = table.cat.does(body, delegate=seed)
    assert table.brackets()[0].alternatives[1].holders == ("council/ben",)
    table.release("ann", amendment, original=True)
    table.freeze("ann")
    table.ben.does(Overrule(act=amendment, reason="Not my words."))
    state = table.state()
    assert state.current.words == ("We meet weekly a year in Rome.",)
    assert [(one.ref, one.why) for one in state.refused] == [
        (amendment, "ben has overruled what was done in its name")
    ]


# What is said before signing


def test_amendments_that_do_not_count() -> None:
    table = Table("ann", "ben", clauses=["One two.", "Three."])
    other = table.ann.does(Draft(concern=table.concern, title="Other", clauses=("Four.",)))
    foreign = table.ann.does(Amend(draft=other, base=other, clause=0, start=0, end=4, words="4"))
    d = table.draft
    no_draft = "the draft is not held here or does not count; name one that does"
    no_base = "the base is no version of this draft; amend the draft or a frozen version of it"
    no_merge = "it merges what is no amendment to this draft; name amendments that are held here"
    too_long = "the clause would have more than 16000 characters; propose a new clause"
    no_span = "a new clause replaces no words; leave out where they start and end"
    cases = [
        (Amend(draft=GHOST, base=GHOST, clause=0, words="x"), no_draft),
        (Amend(draft=d, base=other, clause=0, words="x"), no_base),
        (Amend(draft=d, base=d, clause=2, words="x"), "there is no clause 3: the text has 2"),
        (Amend(draft=d, base=d, clause=-1, words="x"), "there is no clause 0: the text has 2"),
        (Amend(draft=d, base=d, clause=2, words="x", insert=True), "there is no clause 3: the text has 2"),
        (Amend(draft=d, base=d, clause=0, start=4, end=99), "clause 1 has 8 characters; 4 to 99 is outside"),
        (Amend(draft=d, base=d, clause=0, start=4, end=3), "clause 1 has 8 characters; 4 to 3 is outside"),
        (Amend(draft=d, base=d, clause=0, start=4, end=7, words="two"), "it changes nothing"),
        (Amend(draft=d, base=d, clause=0, start=4, end=4), "it changes nothing"),
        (Amend(draft=d, base=d, clause=0, words="x" * 15_999), too_long),
        (Amend(draft=d, base=d, clause=0, words=" ", insert=True), "a new clause needs words"),
        (Amend(draft=d, base=d, clause=0, end=1, words="x", insert=True), no_span),
        (Amend(draft=d, base=d, clause=0, words="x", merges=(foreign,)), no_merge),
    ]  # fmt: skip
    for body, why in cases:
        assert says(table, "ben", body) == why
    assert table.refusals() == [why for body, why in cases if body.draft == d]
    assert table.text() == "One two.\n\nThree."


def test_the_base_is_the_latest_version_that_the_author_had_seen() -> None:
    table = Table("ann", "ben", clauses=["One two."])
    freeze = table.freeze("ann")
    name = table.ann.act(freeze).name
    why = says(table, "ben", Amend(draft=table.draft, base=table.draft, clause=0, end=3, words="1"))
    assert why == f"{name} has frozen a newer version; amend that one"
    assert table.refusals() == [why]
    assert table.state().state == "frozen"


def test_backing_and_releasing() -> None:
    table = Table("ann", "ben", "cat", clauses=[MEETING])
    bad = table.ben.does(Amend(draft=table.draft, base=table.draft, clause=9))
    b = table.amend("ben", "twice", "weekly")
    assert says(table, "cat", Back(amendment=GHOST)) == "the amendment is not held here; name one that is"
    assert says(table, "cat", Back(amendment=bad)) == (
        "the amendment does not count: there is no clause 10: the text has 1"
    )
    assert says(table, "cat", Release(amendment=b)) == (
        "cat does not stand behind these words; there is nothing to release"
    )
    assert says(table, "cat", Back(amendment=b)) is None
    assert says(table, "cat", Back(amendment=b)) == "cat stands behind these words already"
    assert says(table, "ann", Back(amendment=b, original=True)) == "ann stands behind these words already"
    assert says(table, "cat", Release(amendment=b)) is None
    assert says(table, "ann", Release(amendment=b, original=True)) is None
    table.freeze("ben")
    assert says(table, "cat", Back(amendment=b)) == (
        f"{table.ben.act(b).name} was settled when the text was frozen; amend the frozen version"
    )
    assert [one.why for one in table.state().refused] == [
        "there is no clause 10: the text has 1",
        "the amendment does not count: there is no clause 10: the text has 1",
    ]


def test_small_groups_that_do_not_count() -> None:
    table = Table("ann", "ben", chair="chair", clauses=[MEETING])
    b = table.amend("ben", "twice", "weekly")
    by = table.now + DAY
    assert says(table, "ann", Group(amendment=b, facilitator="council/zoe", by=by)) == (
        "zoe has no seat here; name a facilitator that has one"
    )
    assert says(table, "ann", Group(amendment=b, facilitator="council/ben", by=table.now)) == (
        "its deadline is past; give a later one"
    )
    assert table.brackets()[0].group is None
    assert says(table, "ann", Group(amendment=b, facilitator="council/chair", by=by)) is None
    table.release("ben", b)
    late = Group(amendment=b, facilitator="council/chair", by=by)
    assert considered(table.ann, late) == "the bracket is settled; there is nothing left for a small group"
    table.freeze("ann")
    assert considered(table.ann, late) == (
        f"{table.ben.act(b).name} was settled when the text was frozen; amend the frozen version"
    )


def test_drafts_that_do_not_count() -> None:
    table = Table("ann", "ben", clauses=["One."])
    assert says(table, "ann", Draft(concern=GHOST, title="x", clauses=("One.",))) == (
        "the concern is not held here; name one that is on the agenda"
    )
    blank = Draft(concern=table.concern, title="x", clauses=("One.", " "))
    assert says(table, "ann", blank) == "clause 2 has no words; leave it out"
    assert len(drafts(table.view())) == 1
    with pytest.raises(UnknownName, match="is no draft that is held here"):
        draft(table.view(), GHOST)
    last = table.ann.fold.of(Draft)[-1]
    with pytest.raises(UnknownName, match="does not count: clause 2 has no words"):
        draft(table.view(), last.ref)
    with pytest.raises(UnknownName, match="is no version"):
        clean(table.view(), GHOST)


def test_the_vanishing_of_all_clauses_cannot_be_frozen() -> None:
    table = Table("ann", "ben", clauses=["One."])
    b = table.amend("ben", "One.", "")
    table.release("ann", b, original=True)
    assert clean(table.view(), table.draft).clauses == ()
    assert table.text() == ""


# The law, and: no word of anybody is lost

SCRIPTS = (
    "word",
    "e\u0301te\u0301",
    "\u05e9\u05dc\u05d5\u05dd",
    "\U0001f54a\ufe0f",
    "\u6c34",
    "\u0e19\u0e49\u0e33",
)
CLAUSES = (
    "We meet twice a year.",
    "\u05d0\u05e0\u05d7\u05e0\u05d5 e\u0301 \U0001f54a.",
    "No clause is last.",
)


class Negotiation:
    """Members who amend, back, release and freeze as dice fall, some of them cut off at times."""

    def __init__(self, seed: int, n_members: int, n_steps: int) -> None:
        self.dice = random.Random(seed)
        self.names = ("ann", "ben", "cat", "dan")[:n_members]
        author = self.dice.choice(("ann", "sec"))
        self.table = Table(*self.names, secretariat="sec", author=author, clauses=CLAUSES)
        self.honest: list[str] = []
        for number in range(n_steps):
            self.step(number)
        self.table.heal()

    def step(self, number: int) -> None:
        name = self.dice.choice(self.names)
        what = self.dice.choices((self.amends, self.stands, self.freezes, self.cuts), weights=(5, 5, 2, 2))[0]
        what(name, number)

    def amends(self, name: str, number: int) -> None:
        dice, table = self.dice, self.table
        current = dice.choice(table.state(name).heads)
        clause = dice.randrange(len(current.words))
        words = f"{dice.choice(SCRIPTS)}{number}"
        if dice.random() < 0.25:
            known = [act.ref for act in table.people[name].fold.about(Amend, table.draft)]
            merges = tuple(dice.sample(known, min(1, len(known))))
            where = dice.randrange(-1, len(current.words))
            body = Amend(
                draft=table.draft, base=current.ref, clause=where, words=words, insert=True, merges=merges
            )
        else:
            start, end = sorted(dice.randrange(len(current.words[clause]) + 1) for _ in range(2))
            words = dice.choice((words, words, "same", "" if end > start else words))
            body = Amend(
                draft=table.draft, base=current.ref, clause=clause, start=start, end=end, words=words
            )
        if considered(table.people[name], body) is None:
            table.people[name].does(body)

    def stands(self, name: str, number: int) -> None:
        dice, table = self.dice, self.table
        known = table.people[name].fold.about(Amend, table.draft)
        if known:
            sort = dice.choice((Back, Release, Release))
            table.people[name].does(sort(amendment=dice.choice(known).ref, original=dice.random() < 0.5))

    def freezes(self, name: str, number: int) -> None:
        table = self.table
        view = table.people[name].view
        current = draft(view, table.draft).current
        text = clean(view, current.ref)
        if text.clauses and not text.n_open:
            self.honest.append(table.freeze(name))

    def cuts(self, name: str, number: int) -> None:
        if self.dice.random() < 0.5:
            self.table.cut(name)
        else:
            self.table.heal(name)


def same(one: DraftState, other: DraftState) -> bool:
    """Whether two derived states are the same in every part."""
    return repr(one) == repr(other)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.integers(3, 4), st.integers(4, 24))
def test_no_word_is_lost_and_all_agree(seed: int, n_members: int, n_steps: int) -> None:
    story = Negotiation(seed, n_members, n_steps)
    table = story.table
    state = table.state()
    # All nodes agree, and so does any order that causality allows.
    assert all(same(table.state(name), state) for name in story.names)
    fold = Fold(COUNCIL, KINDS)
    for origin, index in table.orders(seed):
        fold.apply(origin, index, table.logs[origin][index : index + 1])
    assert same(draft(View(fold, table.now), table.draft), state)
    # In which order things are asked makes no difference either.
    view, dice = table.view(), random.Random(seed)
    acts = [act for kind in CHECKS for act in view.fold.of(kind)]
    for act in dice.sample(acts, len(acts)):
        assert refusal(view, act) is None
    assert same(draft(view, table.draft), state)
    # What was frozen by the rules counts for everybody, whatever came at the same time.
    assert all(frozen_words(view, ref) is not None for ref in story.honest)
    assert all(one.acts[0].ref in {*story.honest, table.draft} for one in state.versions)
    # Every amendment is an alternative somewhere, or its words are in the text already.
    shown: dict[str, str] = {}
    for version in state.versions:
        shown |= {act.ref: "".join(version.words) for act in version.absorbed}
        for clause in version.clauses:
            for bracket in clause.brackets:
                shown |= {act.ref: one.words for one in bracket.alternatives for act in one.amendments}
    for act in table.fold().about(Amend, table.draft):
        assert isinstance(act.body, Amend)
        assert act.body.words in shown[act.ref]
    assert state.refused == ()
    # Pieces give the words back.
    for version in state.versions:
        old = [
            "".join(getattr(piece, "original", piece.words) for piece in clause.pieces)
            for clause in version.clauses
            if not clause.is_new
        ]
        assert tuple(old) == version.words


def test_nobody_has_seen_what_came_after_its_own_act() -> None:
    table = Table("ann", "ben", "cat", clauses=[MEETING])
    # Ben says to have seen of ann's log what she has not written yet.
    table.ben.held["council/ann"] += 9
    table.ben.does(_honest_freeze(table, "cat"), quietly=True)
    table.ben.held["council/ann"] -= 9
    table.exchange()
    later = table.amend("ann", "Rome", "Oslo")
    assert table.state().refused == ()
    assert table.text() == "We meet twice a year in Oslo."
    next_freeze = table.freeze("ann")
    assert table.state().refused == ()
    assert (table.state().current.ref, table.state().current.number) == (next_freeze, 2)
    assert later in {row.amendment.ref for row in table.state().remarks}


def test_a_node_that_has_not_heard_everything_still_shows_the_draft() -> None:
    table = Negotiation(7, 3, 20).table
    dice = random.Random(3)
    entries = [(origin, n) for origin, log in table.logs.items() for n in range(len(log))]
    whole = table.state()
    for _ in range(5):
        dice.shuffle(entries)
        fold = Fold(COUNCIL, KINDS)
        for origin, index in entries[: dice.randrange(len(entries))]:
            fold.apply(origin, index, table.logs[origin][index : index + 1])
        for one in drafts(View(fold, table.now)):  # whatever is held of it; it must not fail
            assert one.versions
        for origin, index in entries:
            fold.apply(origin, index, table.logs[origin][index : index + 1])
        assert same(draft(View(fold, table.now), table.draft), whole)
