"""Statements and the right of reply: one reply by each member named, always beside what it answers."""

from __future__ import annotations

import pytest

from allweather.council.bodies import Agenda, Concern, Leave, Overrule, Reply, Statement
from allweather.council.statements import CHECKS, refused_statements, said, statements
from allweather.errors import UnknownName
from tests.council.speaking import MISSING, council, folded, name, speaks_for, would
from tests.council.story import Story

BEN = "council/ben"
CAT = "council/cat"


def accused() -> tuple[Story, str, str]:
    """Ann says something of Ben and Cat."""
    story = council()
    concern = story.ann.does(Concern(title="Water"))
    ref = story.ann.does(Statement(concern=concern, words="Ben and Cat take too much.", names=(BEN, CAT)))
    return story, concern, ref


def test_a_reply_is_always_beside() -> None:
    story, concern, ref = accused()
    reply = story.ben.does(Reply(statement=ref, words="We take our share."))
    story.chair.does(Agenda(concern=concern, to="closed", reason="no time"))
    story.ann.does(Leave(reason="elsewhere"))
    (one,) = statements(story.cat.view, concern)
    assert one.body.words == "Ben and Cat take too much."
    assert [act.ref for act in one.replies] == [reply]
    assert one.may_reply == (CAT,)
    assert (one.refused, one.why_not) == ((), "")


def test_one_reply_by_right_for_each_member_named() -> None:
    story, concern, ref = accused()
    first = story.ben.does(Reply(statement=ref, words="We take our share."))
    again = Reply(statement=ref, words="And less than you.")
    sentence = (
        f"ben has replied by right already ({name(story, first)}); what it adds is a statement of its own"
    )
    assert would(story.ben, again) == sentence
    story.ben.does(again)
    story.chair.does(Reply(statement=ref, words="Order!"))
    (one,) = statements(story.view(), concern)
    assert [act.ref for act in one.replies] == [first]
    assert [why.why for why in one.refused] == [
        sentence,
        "chair has no seat for this: it takes a member",
    ]
    story.cat.does(Reply(statement=ref, words="Nor do we."))
    (one,) = statements(story.view(), concern)
    assert ([act.member for act in one.replies], one.may_reply) == ([BEN, CAT], ())


def test_who_is_not_named_answers_with_a_statement() -> None:
    story, concern, _ = accused()
    ref = story.ben.does(Statement(concern=concern, words="Ann spills it.", names=("council/ann",)))
    sentence = f"{name(story, ref)} does not name cat; answer it with a statement of your own"
    assert would(story.cat, Reply(statement=ref, words="Hear, hear.")) == sentence
    story.cat.does(Reply(statement=ref, words="Hear, hear."))
    assert [one.why for one in said(story.view(), ref).refused] == [sentence]
    assert would(story.ann, Reply(statement=ref, words="I do not.")) is None
    assert len(statements(story.view(), concern)) == 2


def test_words_or_a_payload() -> None:
    story, concern, ref = accused()
    assert would(story.ann, Statement(concern=concern)) == (
        "the statement says nothing; give it words, or a payload"
    )
    assert would(story.ben, Reply(statement=ref)) == "the reply says nothing; give it words, or a payload"
    empty = story.ann.does(Statement(concern=concern))
    long = story.ann.does(Statement(concern=concern, title="At length"), content=b"Very long indeed.")
    story.ben.does(Reply(statement=ref))
    reply = story.ben.does(Reply(statement=ref), content=b"Long as well.")
    assert [one.statement.ref for one in statements(story.view(), concern)] == [ref, long]
    assert [one.ref for one in refused_statements(story.view(), concern)] == [empty]
    one = said(story.view(), ref)
    assert [act.ref for act in one.replies] == [reply]
    assert [why.why for why in one.refused] == ["the reply says nothing; give it words, or a payload"]
    assert said(story.view(), empty).why_not == "the statement says nothing; give it words, or a payload"


def test_statements_on_no_concern() -> None:
    story = council()
    ref = story.desk.does(Statement(words="The session is open."))
    concern = story.ann.does(Concern(title="Water"))
    story.ann.does(Statement(concern=concern, words="To the point."))
    assert [one.statement.ref for one in statements(story.view(), "")] == [ref]


def test_names_and_subjects_are_checked() -> None:
    story, concern, ref = accused()
    assert would(story.ann, Statement(concern=concern, words="So!", names=("council/dan",))) == (
        "dan is no member of the council, and could not reply; leave it out"
    )
    sentence = "no {} with the reference AAAAAAAA… is held here; fetch the record and try again"
    assert would(story.ann, Statement(concern=MISSING, words="So!")) == sentence.format("concern")
    assert would(story.ben, Reply(statement=MISSING, words="No!")) == sentence.format("statement")
    assert (
        would(story.ben, Reply(statement=concern, words="No!")) == f"{name(story, concern)} is no statement"
    )
    assert would(story.ann, Statement(concern=ref, words="So!")) == f"{name(story, ref)} is no concern"
    beside = story.ann.does(Statement(concern=ref, words="So!"))
    assert [one.ref for one in refused_statements(story.view(), ref)] == [beside]
    with pytest.raises(UnknownName, match="is no statement"):
        said(story.view(), concern)
    assert set(CHECKS) == {Statement, Reply}


def test_a_reply_by_a_delegate_elsewhere_gives_way_to_the_members_own() -> None:
    story, concern, ref = accused()
    seed = speaks_for(story, "ben", "cat")
    lent = story.cat.does(Reply(statement=ref, words="He does not.", on_behalf=BEN), delegate=seed)
    assert [act.ref for act in said(story.view(), ref).replies] == [lent]
    own = story.ben.does(Reply(statement=ref, words="I do not."))
    one = said(story.view(), ref)
    assert [act.ref for act in one.replies] == [own]
    assert [why.ref for why in one.refused] == [lent]
    story.ben.does(Overrule(act=lent, reason="not my words"))
    assert [why.why for why in said(story.view(), ref).refused] == [
        "ben has overruled what was done in its name"
    ]
    assert len(statements(story.view(), concern)) == 1


def test_statements_are_the_same_in_every_order() -> None:
    story, concern, ref = accused()
    seed = speaks_for(story, "ben", "cat")
    story.cut("ben", "cat")
    story.ben.does(Reply(statement=ref, words="I do not."))
    story.ben.does(Reply(statement=ref, words="I never did."))
    story.cat.does(Reply(statement=ref, words="He does not.", on_behalf=BEN), delegate=seed)
    story.cat.does(Reply(statement=ref, words="Nor do I."))
    story.heal()
    story.cat.does(Statement(concern=concern, words="Let us count.", names=("council/ann",)))
    whole = statements(story.view(), concern)
    assert [len(one.replies) for one in whole] == [2, 0]
    for number in range(6):
        assert statements(folded(story, number), concern) == whole
