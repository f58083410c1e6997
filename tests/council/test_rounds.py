"""Sealed rounds: nothing is readable before the close, and nobody can reveal what it did not seal."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from allweather.council.bodies import Concern, Expected, Leave, Position, Reveal, Round, Rules, Seal, Taken
from allweather.council.forms import Shade
from allweather.council.holding import expected, holding
from allweather.council.rounds import (
    CHECKS,
    MACHINE,
    Sealing,
    bind_salt,
    commitment,
    is_bound,
    is_secret,
    opened_on,
    rounds,
    sealing,
)
from allweather.council.view import View
from allweather.errors import Malformed, UnknownName
from allweather.record.keys import format_base64
from tests.council.speaking import MISSING, council, folded, name, speaks_for, tables, would
from tests.council.story import DAY, HOUR

ANN, BEN, CAT = "council/ann", "council/ben", "council/cat"


class Game:
    """A round of a day on one text, and what its members do in it."""

    def __init__(self, *names: str, rules: Rules | None = None) -> None:
        self.story = council(*names, rules=rules)
        self.concern = self.story.ann.does(Concern(title="Water"))
        self.text = tables(self.story.ann, concern=self.concern)
        self.closes_at = self.story.now + DAY
        self.ref = self.story.chair.does(
            Round(concern=self.concern, on=(self.text,), closes_at=self.closes_at)
        )
        self.sealed: dict[str, tuple[str, str, tuple[Taken, ...], tuple[Expected, ...]]] = {}

    def seals(self, who: str, response: Shade, *expects: Expected, **more: Any) -> str:
        person = self.story.people[who]
        salt = bind_salt(person.origin, hashlib.sha256(who.encode()).digest()[:16])
        taken = (Taken(on=self.text, response=response, **more),)
        ref = person.does(Seal(round=self.ref, commitment=commitment(salt, taken, expects)))
        self.sealed.setdefault(who, (ref, salt, taken, expects))
        return ref

    def reveals(self, who: str) -> str:
        ref, salt, taken, expects = self.sealed[who]
        body = Reveal(seal=ref, salt=salt, positions=taken, expectations=expects)
        return self.story.people[who].does(body)

    def closes(self) -> None:
        self.story.now = self.closes_at

    @property
    def found(self) -> Sealing:
        return sealing(self.story.view(), self.ref)

    @property
    def refused(self) -> list[tuple[str, str]]:
        return [(one.ref, one.why) for one in self.found.refused]

    def held(self, who: str) -> list[str]:
        holder = holding(self.story.view(), self.text).holder(f"council/{who}")
        assert holder is not None
        return [one.says for one in holder.current]


# How it goes


def test_a_round_from_open_to_revealed() -> None:
    game = Game()
    game.seals("ann", "support")
    game.seals("ben", "oppose", Expected(on=game.text, member=ANN, response="abstain"))
    found = game.found
    assert (found.state, found.sealed, found.missing, found.opened) == ("open", (ANN, BEN), (CAT,), ())
    assert found.says == "Open until 08:00 UTC on 19 September 2009: 2 sealed, cat can still seal."
    assert (game.held("ann"), game.held("ben")) == ([], [])
    game.closes()
    found = game.found
    assert (found.state, found.unopened) == ("closed", (ANN, BEN))
    assert found.says == "Closed: ann and ben sealed and did not reveal it yet."
    game.reveals("ann")
    reveal = game.reveals("ben")
    found = game.found
    assert (found.state, [one.member for one in found.opened]) == ("revealed", [ANN, BEN])
    assert found.says == "Closed and revealed: 2 sealed."
    assert (game.held("ann"), game.held("ben"), game.held("cat")) == (["support"], ["oppose"], [])
    (gap,) = expected(game.story.view(), game.text)
    assert (gap.author, gap.member, gap.gap, gap.act.ref) == (BEN, ANN, -2, reveal)
    assert [one.round.ref for one in rounds(game.story.view(), game.concern)] == [game.ref]


def test_it_closes_early_when_all_have_sealed() -> None:
    game = Game()
    for who in ("ann", "ben", "cat"):
        assert game.found.state == "open"
        game.seals(who, "support")
    assert game.found.is_closed
    game.reveals("ann")
    assert game.held("ann") == ["support"]
    assert would(game.story.ann, Seal(round=game.ref, commitment=MISSING)) == (
        f"ann has sealed already ({name(game.story, game.sealed['ann'][0])}); a seal is not changed"
    )


def test_nothing_is_readable_before_it_closes() -> None:
    game = Game()
    game.seals("ann", "oppose", Expected(on=game.text, member=BEN, response="oppose"), reasons="a secret")
    ref, salt, taken, expects = game.sealed["ann"]
    body = Reveal(seal=ref, salt=salt, positions=taken, expectations=expects)
    assert would(game.story.ann, body) == (
        "the round is open until 08:00 UTC on 19 September 2009; reveal after that"
    )
    early = game.reveals("ann")
    story = game.story
    for view in (story.ann.view, story.ben.view, story.view(game.closes_at - 1)):
        found = sealing(view, game.ref)
        assert [(one.ref, one.why) for one in found.refused] == [
            (early, "revealed before the round closed; it is not shown before")
        ]
        shown = holding(view, game.text)
        assert "secret" not in repr((found, shown, expected(view, game.text), opened_on(view, game.text)))
        assert [holder.current for holder in shown.holders] == [(), (), ()]
        assert is_secret(view, view.fold.acts[early])
        assert not is_secret(view, view.fold.acts[ref])
    game.closes()
    assert game.held("ann") == ["oppose"]
    assert not is_secret(story.view(), story.fold().acts[early])


# False play


def test_a_false_reveal_is_shown_and_does_not_count() -> None:
    game = Game()
    game.seals("ann", "support")
    game.closes()
    ref, salt, taken, _ = game.sealed["ann"]
    sentence = "does not match what was sealed"
    falsehoods = [
        Reveal(seal=ref, salt=salt, positions=(Taken(on=game.text, response="oppose"),)),
        Reveal(seal=ref, salt=bind_salt(ANN, bytes(16)), positions=taken),
        Reveal(seal=ref, salt="A" * 42 + "B=", positions=taken),  # no canonical base64
        Reveal(seal=ref, salt=salt),
    ]
    for body in falsehoods:
        assert would(game.story.ann, body) == sentence
        game.story.ann.does(body)
    assert [why for _, why in game.refused] == [sentence] * 4
    assert game.held("ann") == []
    game.reveals("ann")
    assert game.held("ann") == ["support"]
    again = game.reveals("ann")
    first = game.found.opened[0].reveal.name
    assert game.refused[-1] == (again, f"ann has opened this seal already ({first})")


def test_only_who_sealed_it_opens_a_seal() -> None:
    game = Game()
    game.seals("ann", "support")
    game.closes()
    ref, salt, taken, _ = game.sealed["ann"]
    body = Reveal(seal=ref, salt=salt, positions=taken)
    sentence = f"only ann opens its seal {name(game.story, ref)}"
    assert would(game.story.ben, body) == sentence
    foreign = game.story.ben.does(body)
    assert game.refused == [(foreign, sentence)]
    assert (game.held("ann"), game.held("ben")) == ([], [])


def test_a_copied_seal_opens_nothing() -> None:
    game = Game()
    ref = game.seals("ann", "oppose")
    _, salt, taken, _ = game.sealed["ann"]
    seal = game.story.fold().acts[ref].body
    assert isinstance(seal, Seal)
    copy = game.story.ben.does(Seal(round=game.ref, commitment=seal.commitment))
    game.closes()
    game.reveals("ann")
    stolen = game.story.ben.does(Reveal(seal=copy, salt=salt, positions=taken))
    assert (game.held("ann"), game.held("ben")) == (["oppose"], [])
    assert game.refused == [
        (stolen, "another member sealed the same, and the salt was not made for this log: it may be a copy")
    ]


def test_the_first_seal_counts() -> None:
    game = Game()
    first = game.seals("ann", "support")
    second = game.seals("ann", "oppose")
    assert game.refused == [
        (second, f"ann has sealed already ({name(game.story, first)}); a seal is not changed")
    ]
    game.closes()
    game.reveals("ann")
    assert game.held("ann") == ["support"]


def test_a_seal_must_be_shown_to_be_in_time() -> None:
    game = Game()
    game.story.cut("ben")
    ref = game.seals("ben", "support")
    game.closes()
    game.story.passes(seconds=HOUR)
    game.story.heal("ben")
    why = (
        "it is not shown to have been sealed before the round closed: "
        "its author may have been cut off, and nothing shows it to be late"
    )
    assert game.refused == [(ref, why)]
    late = game.reveals("ben")
    seal = name(game.story, ref)
    assert game.refused[1] == (late, f"its seal {seal} does not count: {why}")
    _, salt, taken, _ = game.sealed["ben"]
    assert would(game.story.ben, Reveal(seal=ref, salt=salt, positions=taken)) == (
        f"the seal {seal} does not count: {why}"
    )
    assert game.held("ben") == []
    assert would(game.story.cat, Seal(round=game.ref, commitment=MISSING)) == (
        "the round has closed (08:00 UTC on 19 September 2009); take a position in the open"
    )
    backdated = game.story.cat.does(Seal(round=game.ref, commitment=MISSING), at=game.closes_at - HOUR)
    assert game.refused[1][0] == backdated
    assert game.refused[1][1].startswith(
        "it is not shown to have been sealed before the round closed: its author had"
    )


def test_only_members_of_the_time_seal() -> None:
    game = Game()
    ref = game.story.chair.does(Seal(round=game.ref, commitment=MISSING))
    sentence = "chair was no member when the round was opened"
    assert game.refused == [(ref, sentence)]
    assert would(game.story.chair, Seal(round=game.ref, commitment=MISSING)) == sentence


# What is in a seal


def test_a_newer_position_in_the_open_comes_before_the_sealed_one() -> None:
    game = Game()
    game.story.ann.does(Position(on=game.text, response="abstain"))
    game.seals("ann", "support")
    game.closes()
    game.reveals("ann")
    assert game.held("ann") == ["support"], "sealed after the position in the open"
    game.seals("ben", "support")
    other = Game()
    other.seals("ann", "support")
    other.story.ann.does(Position(on=other.text, response="abstain"))
    other.closes()
    other.reveals("ann")
    assert other.held("ann") == ["abstain"]


def test_only_the_texts_of_the_round_are_opened() -> None:
    game = Game()
    other = tables(game.story.ben, "A dam.")
    ann = game.story.ann
    salt = bind_salt(ANN, bytes(16))
    taken = (
        Taken(on=other, response="oppose"),
        Taken(on=game.text, response="conditional"),
        Taken(on=game.text, response="support", held="1999"),
    )
    expects = (
        Expected(on=game.text, member=ANN, response="support"),
        Expected(on=game.text, member=CAT, response="oppose"),
    )
    ref = ann.does(Seal(round=game.ref, commitment=commitment(salt, taken, expects)))
    game.closes()
    body = Reveal(seal=ref, salt=salt, positions=taken, expectations=expects)
    faults = [
        f"{name(game.story, other)} is none of the texts of this round",
        "a conditional position names its condition",
        "what a member holds itself is a position; expectations are of others",
    ]
    assert would(ann, body) == faults[0]
    reveal = ann.does(body)
    assert game.refused == [(reveal, why) for why in faults]
    assert game.held("ann") == ["support"]
    assert [(one.author, one.member) for one in expected(game.story.view(), game.text)] == [(ANN, CAT)]
    assert opened_on(game.story.view(), other) == ()


def test_commitments_and_salts() -> None:
    salt = bind_salt(ANN, b"0123456789abcdef")
    assert is_bound(salt, ANN)
    assert not is_bound(salt, BEN)
    with pytest.raises(Malformed, match="16 random bytes"):
        bind_salt(ANN, b"short")
    taken = (Taken(on=MISSING, response="support"),)
    raw = bytes(32)
    content = f'{{"expectations":[],"positions":[{{"on":"{MISSING}","response":"support"}}]}}'
    assert commitment(format_base64(raw), taken, ()) == format_base64(
        hashlib.sha256(raw + content.encode()).digest()
    )
    with pytest.raises(Malformed):
        commitment("AAAA", taken, ())


# The round itself


def test_rounds_are_checked() -> None:
    game = Game()
    story, now = game.story, game.story.now
    past = Round(concern=game.concern, on=(game.text,), closes_at=now)
    assert would(story.ann, past) == "it closes before it was opened; name a later time"
    ref = story.ann.does(past)
    assert sealing(story.view(), ref).why_not == "it closes before it was opened; name a later time"
    assert [one.round.ref for one in rounds(story.view())] == [game.ref]
    seal = Seal(round=ref, commitment=MISSING)
    sentence = "the round does not count: it closes before it was opened; name a later time"
    assert would(story.ben, seal) == sentence
    assert would(story.ann, Round(concern=game.text, on=(game.text,), closes_at=now + 1)) == (
        f"{name(story, game.text)} is no concern"
    )
    assert would(story.ann, Round(concern=game.concern, on=(game.concern,), closes_at=now + 1)) == (
        f"{name(story, game.concern)} is no text"
    )
    assert (
        would(story.ann, Seal(round=game.text, commitment=MISSING)) == f"{name(story, game.text)} is no round"
    )
    assert would(story.ann, Reveal(seal=game.text, salt=MISSING)) == f"{name(story, game.text)} is no seal"
    orphan = story.ann.does(Seal(round=MISSING, commitment=MISSING))
    lost = story.ann.does(Reveal(seal=orphan, salt=MISSING))
    assert would(story.ann, Reveal(seal=orphan, salt=MISSING)) == (
        "no round with the reference AAAAAAAA… is held here; fetch the record and try again"
    )
    assert is_secret(story.view(), story.fold().acts[lost]), "nobody knows when its round closes"
    with pytest.raises(UnknownName, match="is no round"):
        sealing(story.view(), game.text)
    assert list(CHECKS) == [Round, Seal, Reveal]


def test_nobody_sealed() -> None:
    game = Game()
    game.closes()
    assert (game.found.state, game.found.says) == ("revealed", "Closed and revealed: 0 sealed.")
    assert MACHINE.follows("open", "revealed")


def test_who_leaves_does_not_keep_a_round_open() -> None:
    game = Game()
    game.seals("ann", "support")
    game.seals("ben", "oppose")
    game.story.cat.does(Leave(reason="enough"))
    assert game.found.is_closed


# Laws


def test_rounds_are_the_same_in_every_order() -> None:
    game = Game("ann", "ben", "cat", "dan", rules=Rules(witnesses=2))
    story = game.story
    seed = speaks_for(story, "ben", "cat")
    game.seals("ann", "support", Expected(on=game.text, member=BEN, response="support"))
    story.cut("dan")
    game.seals("dan", "oppose")
    game.seals("ben", "oppose", held="2008")
    story.cat.does(Seal(round=game.ref, commitment=MISSING, on_behalf=BEN), delegate=seed)
    game.seals("ann", "oppose")
    game.reveals("ben")
    game.closes()
    story.passes(seconds=HOUR)
    story.heal("dan")
    for who in ("ann", "dan"):
        game.reveals(who)
    whole = rounds(story.view()), holding(story.view(), game.text), expected(story.view(), game.text)
    assert [one.member for one in whole[0][0].opened] == [ANN, BEN]
    assert len(whole[0][0].refused) == 4
    for number in range(6):
        view = folded(story, number)
        assert (rounds(view), holding(view, game.text), expected(view, game.text)) == whole
        early = View(view.fold, game.closes_at - 1)
        assert [one.opened for one in rounds(early)] == [()]
        assert [holder.current for holder in holding(early, game.text).holders] == [()] * 4
