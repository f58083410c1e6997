"""The reciprocity ledger: who promised and gave what to whom, with the commitments behind each number."""

from __future__ import annotations

from allweather.cooperation.bodies import Decline, WithdrawOffer
from allweather.cooperation.ledger import Figure, Pair, between, ledger
from tests.cooperation.dealing import accepts, confirms, council, disputes, of, offers, reports, suspends
from tests.council.story import Story

ANN, BEN, CAT = of("ann", "ben", "cat")


def figures(story: Story, giver: str, taker: str) -> dict[str, int]:
    """The figures of a pair that are not zero."""
    pair = between(story.view(), giver, taker)
    found = {name: getattr(pair, name) for name in Pair.__dataclass_fields__}
    return {name: value.n for name, value in found.items() if isinstance(value, Figure) and value.n}


def test_nothing_promised() -> None:
    story = council("ann", "ben")
    offers(story.ann, "ben")
    assert ledger(story.view()) == ()
    assert between(story.view(), ANN, BEN) == Pair(ANN, BEN)


def test_promised_given_and_received() -> None:
    story = council("ann", "ben", "cat")
    offer = offers(story.ann, "ben cat")
    accepts(story.ben, offer)
    accepts(story.cat, offer)
    first = reports(story.ann, offer)
    last = reports(story.ann, offer, done=True)
    for report in (first, last):
        confirms(story.ben, report)
    disputes(story.cat, last)
    assert figures(story, ANN, BEN) == {"promised": 1, "given": 2}
    assert figures(story, BEN, ANN) == {"received": 2}
    assert figures(story, ANN, CAT) == {"promised": 1, "disputed": 1}
    assert [(one.giver, one.taker) for one in ledger(story.view())] == [
        (ANN, BEN),
        (ANN, CAT),
        (BEN, ANN),
        (CAT, ANN),
    ]
    found = between(story.view(), ANN, BEN)
    assert [one.ref for one in found.given.offers] == [offer]
    assert found.sentence == (
        "ann to ben: 1 promised, 0 waiting, 2 confirmed steps given, 0 received, 0 overdue, 0 disputed."
    )


def test_overdue_waiting_fulfilled_and_taken_back() -> None:
    story = council("ann", "ben", "cat")
    due, kept, back = offers(story.ann, "ben"), offers(story.ann, "ben"), offers(story.ann, "ben")
    linked = offers(story.ann, "ben", package="deal", parties="cat")
    for offer in (due, kept, back, linked):
        accepts(story.ben, offer)
    confirms(story.ben, reports(story.ann, kept, done=True))
    story.ann.does(WithdrawOffer(offer=back, reason="the cutter burnt"))
    story.passes(days=11)
    assert figures(story, ANN, BEN) == {
        "promised": 4,
        "waiting": 1,
        "given": 1,
        "fulfilled": 1,
        "overdue": 1,
        "taken_back": 1,
    }
    suspends(story.ben, due)
    assert figures(story, ANN, BEN)["taken_back"] == 2
    assert "overdue" not in figures(story, ANN, BEN)


def test_who_accepts_no_longer_keeps_what_it_was_given() -> None:
    story = council("ann", "ben")
    offer = offers(story.ann, "ben")
    accepts(story.ben, offer)
    confirms(story.ben, reports(story.ann, offer))
    story.ben.does(Decline(offer=offer, reason="enough grain"))
    assert figures(story, ANN, BEN) == {"promised": 1, "given": 1, "taken_back": 1}
