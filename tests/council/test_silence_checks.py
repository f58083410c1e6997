"""What a member is told before it signs: the same that the fold would say of the act afterwards."""

from __future__ import annotations

from allweather.council.acts import Act
from allweather.council.bodies import (
    Answer,
    Clear,
    Conflict,
    Draft,
    Freeze,
    Hold,
    Object,
    Receipt,
    Refuse,
    Reserve,
    Silence,
    Text,
    Withdraw,
)
from allweather.council.forms import Body
from allweather.council.silence_checks import CHECKS, check_withdrawal
from tests.council.deciding import DAY, Council
from tests.council.story import card_of, seat


def told(story: Council, name: str, body: Body) -> str | None:
    """What a member's node says of an act that it considers."""
    person = story.people[name]
    act = Act("", person.origin, len(person.log), person.clock, body)
    return (CHECKS.get(type(body)) or check_withdrawal)(person.view, act)


def running(story: Council) -> str:
    """A silence that all have received."""
    silence = story.opens(story.ann)
    story.receives(silence, "ben", "cat", "dan")
    return silence


def test_a_frozen_text_that_does_not_follow_is_not_opened() -> None:
    story = Council()
    draft = story.ann.does(Draft(concern=story.concern, title="A draft", clauses=("One",)))
    for words, why in (("Two",), "clause 1 differs"), (("One",), None):
        frozen = story.ben.does(Freeze(draft=draft, base=draft, clauses=words))
        found = told(story, "ben", Silence(concern=story.concern, text=frozen, expires_at=story.now + DAY))
        assert (found is None) == (why is None)
        assert why is None or why in (found or "")


def test_opening() -> None:
    story = Council()
    good = Silence(concern=story.concern, text=story.text, expires_at=story.now + DAY)
    assert told(story, "ben", good) is None
    assert "sooner than the charter allows" in (
        told(story, "ben", Silence(concern=story.concern, text=story.text, expires_at=story.now)) or ""
    )
    draft = story.ann.does(Draft(concern=story.concern, title="A draft", clauses=("One",)))
    assert "freeze it first" in (
        told(story, "ben", Silence(concern=story.concern, text=draft, expires_at=story.now + DAY)) or ""
    )
    newcomer = Silence(concern=story.concern, text=story.text, expires_at=story.now + DAY, admits=seat("cat"))
    assert told(story, "ann", newcomer) == "cat is a member already"
    stranger = Silence(
        concern=story.concern,
        text=story.text,
        expires_at=story.now + DAY,
        admits=type(seat("eve"))("other/eve", card_of("other/eve")),
    )
    assert told(story, "ann", stranger) == (
        "'other/eve' is no log of this council; a new member's begins with council/"
    )
    silence = story.opens(story.ann)
    assert "runs until 08:00 UTC on 19 September 2009; wait for its end" in (told(story, "ben", good) or "")
    story.ann.does(Withdraw(act=silence))
    assert told(story, "ben", good) is None
    story.passes(hours=1)
    ending = Silence(concern=story.concern, text=story.text, expires_at=story.now + DAY, ends=silence)
    assert (told(story, "ben", ending) or "").endswith("cannot be ended: " + story.sees(silence).sentence)


def test_receipt() -> None:
    story = Council()
    other = story.ann.does(Text(concern=story.concern, title="Other", words="Other"))
    silence = story.opens(story.ann)
    assert told(story, "ben", Receipt(decision=silence, text=story.text)) is None
    assert told(story, "ben", Receipt(decision=silence, text=other)) == (
        f"{story.name_of(silence)} puts another text to silence; a receipt names that very text"
    )
    assert told(story, "ben", Receipt(decision=other, text=other)) == (
        "it names no decision that is held here; name one by its opening, like norway:12"
    )
    story.receives(silence, "ben")
    assert told(story, "ben", Receipt(decision=silence, text=story.text)) == (
        "ben has signed its receipt already"
    )


def test_hold() -> None:
    story = Council()
    silence = running(story)
    assert told(story, "cat", Hold(decision=silence)) is None
    hold = story.cat.does(Hold(decision=silence))
    assert told(story, "cat", Hold(decision=silence)) == (
        f"cat has used its one hold, with {story.name_of(hold)}"
    )
    story.passes(days=3)
    assert (told(story, "dan", Hold(decision=silence)) or "").startswith(
        f"{story.name_of(silence)} does not run any more: Adopted at"
    )


def test_objection_and_refusal() -> None:
    story = Council()
    silence = running(story)
    assert told(story, "cat", Object(decision=silence, reason="No")) is None
    assert told(story, "cat", Refuse(decision=silence, reason="No")) is None
    assert told(story, "cat", Object(decision=silence, reason="No", counter=silence)) == (
        "the counter-text is not held here; table it, or freeze the draft, first"
    )
    story.passes(days=2)
    late = "it would come too late: its own author dates it 08:00 UTC on 20 September 2009"
    assert told(story, "cat", Object(decision=silence, reason="No")) == late
    assert told(story, "cat", Refuse(decision=silence, reason="No")) == late


def test_who_was_not_reached_may_still_object() -> None:
    story = Council()
    story.cut("dan")
    silence = story.opens(story.ann)
    story.receives(silence, "ben", "cat")
    story.passes(days=5)
    story.heal()
    assert told(story, "dan", Object(decision=silence, reason="No")) is None
    story.receives(silence, "dan")
    assert told(story, "dan", Object(decision=silence, reason="No")) is None
    story.passes(days=4)
    assert "its window after a late receipt ended" in (
        told(story, "dan", Object(decision=silence, reason="No")) or ""
    )


def test_answer_and_clear() -> None:
    story = Council()
    silence = running(story)
    objection = story.cat.does(Object(decision=silence, reason="No", points=("One",)))
    name = story.name_of(objection)
    assert told(story, "ben", Answer(objection=objection, words="Yes", point=0)) is None
    assert told(story, "ben", Answer(objection=objection, words="Yes", point=1)) == (
        f"{name} has points 0 to 0, and no point 1"
    )
    assert told(story, "ben", Answer(objection=silence, words="Yes")) == (
        "it names no objection that is held here; name one like norway:12"
    )
    assert told(story, "ben", Clear(objection=objection)) == (
        f"only cat can clear the objection {name}, as it holds it"
    )
    assert told(story, "cat", Clear(objection=objection)) is None
    story.passes(days=2)
    assert told(story, "cat", Clear(objection=objection)) == (
        "it could be cleared until 08:00 UTC on 19 September 2009; the text has gone back to drafting"
    )


def test_an_objection_is_cleared_once() -> None:
    story = Council()
    silence = running(story)
    objection = story.cat.does(Object(decision=silence, reason="No"))
    story.cat.does(Clear(objection=objection))
    assert told(story, "cat", Clear(objection=objection)) == (
        f"{story.name_of(objection)} stands no longer, so that there is nothing to clear"
    )


def test_reservation() -> None:
    story = Council()
    silence = running(story)
    body = Reserve(decision=silence, words="But")
    assert told(story, "cat", body) is None
    story.passes(days=9)
    assert told(story, "cat", body) == (
        f"statements on {story.name_of(silence)} were taken until 08:00 UTC on 26 September 2009"
    )
    story = Council()
    silence = running(story)
    story.cat.does(Refuse(decision=silence, reason="No"))
    assert (told(story, "dan", Reserve(decision=silence, words="But")) or "").startswith(
        "there is nothing to join: Returned to drafting"
    )


def test_conflict() -> None:
    story = Council()
    two = story.ann.does(Text(concern=story.concern, title="Two", words="Two"))
    story.part("ann", "ben")
    one, other = story.opens(story.ann), story.opens(story.cat, two)
    story.heal()
    assert told(story, "dan", Conflict(decision=one, other=other, reason="Both?")) is None
    assert told(story, "dan", Conflict(decision=one, other=one, reason="Both?")) == (
        "it names the same decision twice"
    )
    assert told(story, "dan", Conflict(decision=one, other=two, reason="Both?")) == (
        "it has to name two decisions that are held here, each by its opening"
    )
    three = story.opens(story.dan, story.ann.does(Text(concern=story.concern, title="3", words="3")))
    assert told(story, "dan", Conflict(decision=three, other=one, reason="Both?")) == (
        f"one of {story.name_of(three)} and {story.name_of(one)} was opened knowing the other, "
        "so that they do not conflict; object to the later one instead"
    )
    story.receives(one)
    story.receives(other)
    story.passes(days=9)
    assert told(story, "dan", Conflict(decision=one, other=other, reason="Both?")) == (
        "both decisions are final; propose a later one that amends or ends one of them"
    )


def test_withdrawal() -> None:
    story = Council()
    silence = running(story)
    name = story.name_of(silence)
    assert told(story, "ann", Withdraw(act=silence)) is None
    assert told(story, "ann", Withdraw(act=story.text)) is None
    assert told(story, "ben", Withdraw(act=silence)) == (
        f"only the proposer of {name} can withdraw it; object to it instead"
    )
    story.passes(days=2)
    assert (told(story, "ann", Withdraw(act=silence)) or "").startswith(
        f"{name} cannot be withdrawn any more: Adopted at"
    )
    assert told(story, "ben", Withdraw(act=silence)) is not None
