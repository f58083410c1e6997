"""What a seat allows and no more: every kind of act, tried by everybody who may not do it.

The chair cannot edit, hide, drop or block: no act of its seat takes away anything that others put on record.
An act that does not count leaves every view as it was, and is shown with one sentence that says why.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import msgspec
import pytest

from allweather.cooperation.bodies import Accept
from allweather.council import bodies as b
from allweather.council.acts import Act
from allweather.council.checks import CHECKS
from allweather.council.fold import Fold
from allweather.council.forms import POWERS, Body, Power
from allweather.council.membership import why_not
from allweather.council.rounds import bind_salt, commitment
from allweather.council.view import View
from allweather.node.showing import shown
from allweather.node.views import VIEWS
from allweather.record.ed25519 import public_of
from allweather.record.facts import WITHDRAW
from allweather.record.keys import format_base64
from tests.council.busy import SALT, SEED, accredit, busy, origin
from tests.council.law import MAKERS, Maker, everything
from tests.council.story import DAY, Person, Story

Found = dict[str, Any]


@pytest.fixture(scope="module")
def council() -> Story:
    """A council in the middle of its work; tests write into copies."""
    return busy()


@pytest.fixture
def story(council: Story) -> Story:
    return copy.deepcopy(council)


class Attacker(Maker):
    """Makes acts about anything that is held, its own or not."""

    def one(self, *kinds: type[Body], own: bool = False) -> str:
        return super().one(*kinds)


def attacks(person: Person, kinds: Iterable[type[Body]], n: int = 3) -> list[Body]:
    """Some acts of each of these kinds, about whatever is on record."""
    maker = Attacker(person.story, person, random.Random(1))
    made: list[Body] = []
    for kind in kinds:
        for number in range(n):
            maker.dice = random.Random(f"{kind.KIND} {number}")
            body = MAKERS[kind](maker)
            if body is not None and body not in made:
                made.append(body)
    return made


def that(test: Callable[[type[Body]], bool]) -> list[type[Body]]:
    """The kinds of which something is true."""
    return [kind for kind in MAKERS if test(kind)]


def seen(story: Story) -> Found:
    """Every view, by one who holds everything, now and after every deadline."""
    fold = story.fold()
    early, late = everything(fold, story.now), everything(fold, story.now + 400 * DAY)
    return {**early, **{f"{name} (later)": value for name, value in late.items()}}


_OF_THE_WHOLE = ("n_acts", "digest", "frontier", "refused")


def without(value: Any, refs: Mapping[str, str]) -> Any:
    """What is seen, apart from these acts where they are shown as refused, and from counts of everything."""
    if isinstance(value, dict):
        return {key: without(one, refs) for key, one in value.items() if key not in _OF_THE_WHOLE}
    if isinstance(value, list):
        return [without(one, refs) for one in value if not _is_refused(one, refs)]
    return value


def _is_refused(value: Any, refs: Mapping[str, str]) -> bool:
    """A row of the minutes that does not count, or a decision that is not open."""
    if not isinstance(value, dict) or value.get("id") not in refs.values():
        return False
    return value.get("counts") is False or value.get("state") == "void"


def check_in_vain(story: Story, person: Person, bodies: Iterable[Body], **how: Any) -> dict[str, str]:
    """All these acts change nothing that anybody sees and are shown as refused; the sentences by kind."""
    before = seen(story)
    refs = {person.does(body, quietly=True, **how): "" for body in bodies}
    acts = story.fold().acts
    refs = {ref: acts[ref].name for ref in refs}
    after = seen(story)
    for name, value in before.items():
        assert without(after[name], refs) == without(value, {}), name
    minutes = {row["id"]: row["counts"] for row in after["minutes"]}
    reasons = {}
    for ref, name in refs.items():
        shown = after[f"act {ref}"]
        check_sentence(shown.get("why_not", ""), shown)
        assert minutes[name] is False, shown
        reasons[shown["kind"]] = str(shown["why_not"])
    return reasons


def check_sentence(why: str, shown: object) -> None:
    """A reason is there, short, in one line, and reads after 'does not count:'."""
    assert why, shown
    assert len(why) < 400, why
    assert "\n" not in why
    assert not why.endswith("."), why
    assert "council/" not in why, why


def test_who_has_no_seat_does_nothing(story: Story) -> None:
    reasons = check_in_vain(story, story.eve, attacks(story.eve, MAKERS))
    assert len(reasons) == len(MAKERS)
    assert all("eve has no seat for this" in why for why in reasons.values())


def test_who_has_left_does_nothing(story: Story) -> None:
    reasons = check_in_vain(story, story.dan, attacks(story.dan, MAKERS))
    assert len(reasons) == len(MAKERS)
    assert reasons.pop("council.merge") == "dan has no seat for this: it takes the chair"
    assert set(reasons.values()) == {"dan has left the council"}


@pytest.mark.parametrize(("name", "seat"), [("chair", "chair"), ("desk", "secretariat"), ("ben", "member")])
def test_each_seat_does_nothing_that_is_for_another(story: Story, name: str, seat: str) -> None:
    person = story.people[name]
    bodies = attacks(person, that(lambda kind: seat not in kind.SEATS))
    reasons = check_in_vain(story, person, bodies)
    assert reasons
    assert all(f"{name} has no seat for this: it takes " in why for why in reasons.values())


# Delegates

MEMBERS_KINDS = that(lambda kind: "member" in kind.SEATS)


@pytest.mark.parametrize("power", POWERS)
def test_a_delegate_without_the_power_does_nothing(story: Story, power: Power) -> None:
    seed = accredit(story, "ben", tuple(one for one in POWERS if one != power))
    bodies = attacks(story.ben, that(lambda kind: power == kind.POWER and "member" in kind.SEATS))
    reasons = check_in_vain(story, story.ben, bodies, delegate=seed)
    assert reasons
    assert all("the mandate of Dora does not include the power to" in why for why in reasons.values())


def expired(story: Story) -> str:
    accredit(story, "ben", days=1)
    story.passes(days=1, seconds=1)
    return "the mandate of Dora ended at 15:00 UTC on 19 September 2009"


def recalled(story: Story) -> str:
    accredit(story, "ben")
    mandate = story.ben.fold.of(b.Mandate)[-1].ref
    story.ben.does(b.Recall(mandate=mandate))
    return "the mandate of Dora was recalled"


def withdrawn(story: Story) -> str:
    accredit(story, "ben")
    story.ben.write(WITHDRAW, {"key": format_base64(public_of(SEED))})
    return "the delegate's key is not certified in the log of ben, or was withdrawn"


def uncertified(story: Story) -> str:
    key = format_base64(public_of(SEED))
    story.ben.does(b.Mandate(key=key, name="Dora", powers=POWERS, until=story.now + DAY))
    return "the delegate's key is not certified in the log of ben, or was withdrawn"


def unasked(story: Story) -> str:
    story.ben.certifies(SEED, "Dora")
    return "ben has given this delegate no mandate"


def for_another(story: Story) -> str:
    """The mandate is for a delegate in the log of another member."""
    key = story.ben.certifies(SEED, "Dora")
    mandate = b.Mandate(key=key, name="Dora", powers=POWERS, until=story.now + DAY, of=origin("cat"))
    story.ben.does(mandate)
    return "ben has given this delegate no mandate"


_SPOILED = (expired, recalled, withdrawn, uncertified, unasked, for_another)


@pytest.mark.parametrize("spoil", _SPOILED, ids=lambda one: one.__name__)
def test_a_delegate_without_a_mandate_does_nothing(story: Story, spoil: Callable[[Story], str]) -> None:
    expected = spoil(story)
    reasons = check_in_vain(story, story.ben, attacks(story.ben, MEMBERS_KINDS, 2), delegate=SEED)
    assert len(reasons) == len(MEMBERS_KINDS)
    assert set(reasons.values()) == {expected}


def in_the_name_of(name: str, bodies: Iterable[Body]) -> list[Body]:
    return [msgspec.structs.replace(body, on_behalf=origin(name)) for body in bodies]


@pytest.mark.parametrize("host", ["ben", "chair", "desk", "eve"])
def test_nobody_acts_in_the_name_of_who_did_not_ask_for_it(story: Story, host: str) -> None:
    """Neither a delegate of the host, nor the host itself."""
    person = story.people[host]
    person.certifies(SEED, "Dora")
    forged = in_the_name_of("ann", attacks(person, MEMBERS_KINDS, 2))
    assert set(check_in_vain(story, person, forged, delegate=SEED).values()) == {
        "ann has given this delegate no mandate"
    }
    assert set(check_in_vain(story, person, forged).values()) == {
        "only a delegate whom ann gave a mandate can act in its name"
    }


def rests_on(story: Story, person: Person, body: Body) -> str | None:
    """Why an act of Dora does not count; None if it does."""
    ref = person.does(body, delegate=SEED)
    view = story.view()
    return why_not(view, view.fold.acts[ref])


NO_POWER = "the mandate of Dora does not include the power to "


def test_a_delegate_gives_itself_no_power(story: Story) -> None:
    accredit(story, "ben", ("speak",))
    key = format_base64(public_of(SEED))
    mine = b.Mandate(key=key, name="Dora", powers=POWERS, until=story.now + DAY)
    for body in (mine, b.Leave(reason="Enough"), b.Suspend(reason="Enough")):
        assert str(rests_on(story, story.ben, body)).startswith(NO_POWER), body
    accredit(story, "ben", ("accredit",))
    assert rests_on(story, story.ben, mine) is None
    text = story.__dict__["marks"]["text"]
    assert rests_on(story, story.ben, b.Position(on=text, response="oppose")) is None


def test_a_delegate_recalls_nobody_without_the_power(story: Story) -> None:
    accredit(story, "ben", ("speak",))
    mandate = story.ben.fold.of(b.Mandate)[-1].ref
    assert str(rests_on(story, story.ben, b.Recall(mandate=mandate))).startswith(NO_POWER)
    assert rests_on(story, story.ben, b.Concern(title="Still here")) is None


def test_a_delegate_in_the_log_of_another_cannot_act_for_its_host(story: Story) -> None:
    """Ann lets Dora, in the log of Ben, accredit for Ann; that gives Dora nothing in the name of Ben."""
    key = story.ben.certifies(SEED, "Dora")
    given = {"key": key, "name": "Dora", "powers": POWERS, "until": story.now + DAY}
    story.ann.does(b.Mandate(**given, of=origin("ben")))  # type: ignore[arg-type]
    assert rests_on(story, story.ben, b.Mandate(**given, on_behalf=origin("ann"))) is None  # type: ignore[arg-type]
    assert rests_on(story, story.ben, b.Concern(title="In my host's name")) == (
        "ben has given this delegate no mandate"
    )
    assert rests_on(story, story.ben, b.Concern(title="Ours", on_behalf=origin("ann"))) is None


def test_only_the_principal_overrules(story: Story) -> None:
    """Neither a delegate without the power, nor anybody else, takes back what was done for Ann."""
    key = story.ben.certifies(SEED, "Dora")
    given = {"key": key, "name": "Dora", "powers": ("speak",), "until": story.now + DAY}
    story.ann.does(b.Mandate(**given, of=origin("ben")))  # type: ignore[arg-type]
    ref = story.ben.does(b.Concern(title="For Ann", on_behalf=origin("ann")), delegate=SEED)
    story.ann.certifies(SEED, "Dora")
    story.ann.does(b.Mandate(**given))  # type: ignore[arg-type]
    overrule = b.Overrule(act=ref, reason="No")
    for name in ("ben", "cat", "chair", "eve"):
        story.people[name].does(overrule)
    story.ann.does(overrule, delegate=SEED)
    view = story.view()
    assert why_not(view, view.fold.acts[ref]) is None
    story.ann.does(overrule)
    view = story.view()
    assert why_not(view, view.fold.acts[ref]) == "ann has overruled what was done in its name"


def test_a_long_chain_of_mandates_brings_nobody_down(story: Story) -> None:
    """Each of many mandates is given by a delegate, and recalled by it."""
    accredit(story, "ben", ("speak", "accredit"))
    key = format_base64(public_of(SEED))
    for number in range(200):
        mandate = b.Mandate(key=key, name=f"Dora {number}", powers=("accredit",), until=story.now + DAY)
        ref = story.ben.does(mandate, delegate=SEED, quietly=True)
        story.ben.does(b.Recall(mandate=ref), delegate=SEED, quietly=True)
    fold = story.fold()
    view = View(fold, story.now)
    assert all(why_not(view, act) is None for act in fold.of(b.Mandate))


# The chair


#: What may change by an act of the chair: where a concern stands and with which it is shown, and what is new;
#: that it reads a document otherwise is counted, and takes no other reading away.
_COUNTS = ("n_accepted", "n_disputed", "n_rejected")
_STANDS = ("state", "on", "by", "into", "duplicates", "group", *_COUNTS, *_OF_THE_WHOLE)
#: What a new version of a draft, or another small group, replaces; the remarks on all versions stay.
_REPLACED: dict[type[Body], tuple[str, ...]] = {
    b.Freeze: (
        *("base", "base_clauses", "clauses", "clean", "running_text", "frozen", "n_open"),
        *("texts", "id", "ref", "version", "words", "is_current", "is_head", "asked"),
    ),
    b.Group: ("running_text", "answer"),
}


def check_kept(before: Any, after: Any, free: Collection[str], where: str) -> None:
    """Everything that was seen before is still there, in its order; there may be more of it."""
    if isinstance(before, dict):
        assert isinstance(after, dict), where
        for key, value in before.items():
            if key not in free:
                check_kept(value, after[key], free, f"{where}.{key}")
    elif isinstance(before, list | tuple):
        assert isinstance(after, list | tuple), where
        left = iter(after)
        for value in before:
            assert any(_is_kept(value, other, free) for other in left), (where, value)
    else:
        assert before == after, (where, before, after)


def _is_kept(before: Any, after: Any, free: Collection[str]) -> bool:
    try:
        check_kept(before, after, free, "")
    except AssertionError:
        return False
    return True


def _is_about_own(story: Story, person: Person, body: b.Withdraw | b.Position) -> bool:
    """Whether somebody takes back, or says anew, what it said itself."""
    if isinstance(body, b.Position):
        return True
    return story.fold().acts[body.act].origin == person.origin


@pytest.mark.parametrize(("name", "seat"), [("chair", "chair"), ("desk", "secretariat")])
def test_no_act_of_the_chair_takes_away_what_others_put_on_record(story: Story, name: str, seat: str) -> None:
    """Words, concerns, statements, positions, objections, receipts of others: all stay in every view."""
    person = story.people[name]
    before = seen(story)
    n_before = len(story.logs[person.origin])
    for kind in that(lambda kind: seat in kind.SEATS):
        for body in attacks(person, [kind], 2):
            if isinstance(body, b.Withdraw | b.Position) and _is_about_own(story, person, body):
                continue
            person.does(body, quietly=True)
            after = seen(story)
            del story.logs[person.origin][n_before:]
            person.held[person.origin] = n_before
            free = (*_STANDS, *_REPLACED.get(kind, ()))
            for view, value in before.items():
                if view.startswith("waiting") and kind is b.Freeze:
                    continue  # everybody is asked about the new version
                check_kept(value, after[view], free, f"{kind.KIND}: {view}")


def test_the_chair_withdraws_nothing_of_others(story: Story) -> None:
    fold = story.fold()
    acts = [act for kind in (b.Concern, b.Text, b.Position, b.Silence) for act in fold.of(kind)]
    view = story.view()
    for act in acts:
        would = Act("considered", story.chair.origin, 99, story.now, b.Withdraw(act=act.ref))
        why = why_not(view, would) or CHECKS[b.Withdraw](view, would)
        if act.member != story.chair.origin:
            check_sentence(str(why), act)
            assert "only " in str(why)
    for act in acts:
        story.chair.does(b.Withdraw(act=act.ref), quietly=True)
    after = seen(story)
    assert not any(one["state"] == "withdrawn" for one in after["agenda"]["concerns"])
    for name, value in seen_of(fold, story).items():
        if not name.startswith(("minutes", "act")):
            assert without(after[name], {}) == without(value, {}), name


def seen_of(fold: Fold, story: Story) -> Found:
    """The views of a fold as it was."""
    return everything(fold, story.now)


@pytest.mark.parametrize("name", ["chair", "desk", "ben", "dan", "eve"])
def test_what_others_put_on_record_is_withdrawn_by_nobody_else_and_that_is_shown(
    story: Story, name: str
) -> None:
    """Of every act of another, of whatever kind: the withdrawal is refused, with the reason."""
    person = story.people[name]
    acts = [act for act in story.fold().acts.values() if act.member != person.origin]
    reasons = check_in_vain(story, person, [b.Withdraw(act=act.ref) for act in acts])
    assert set(reasons) == {"council.withdraw"}


#: What works on acts to come, or stands by itself: no other view shows a difference.
_BY_ITSELF = (b.Mandate, b.Recall, b.Review)


@pytest.mark.parametrize("name", ["ann", "ben", "chair", "desk"])
def test_an_act_changes_something_or_is_shown_as_refused(council: Story, name: str) -> None:
    """Never neither and never both, for every kind of act."""
    before, refused = seen(council), set()
    for kind in MAKERS:
        for body in attacks(council.people[name], [kind], 2):
            story = copy.deepcopy(council)
            ref = story.people[name].does(body, quietly=True)
            after = seen(story)
            refs = {ref: story.fold().acts[ref].name}
            changed = [
                view
                for view, value in before.items()
                if not view.startswith(("minutes", "act"))
                and without(after[view], refs) != without(value, {})
            ]
            row = next(row for row in after["minutes"] if row["id"] == refs[ref])
            assert row.get("why_not") == after[f"act {ref}"].get("why_not")
            assert row["counts"] is ("why_not" not in row)
            if "why_not" in row:
                check_sentence(row["why_not"], row)
                refused.add(kind)
                assert changed == [], row
            else:
                assert changed or isinstance(body, _BY_ITSELF) or _says_again(story, ref), row
    assert refused


def _says_again(story: Story, ref: str) -> bool:
    """Whether its author stands behind the same words already, or has accepted: to say so again is free."""
    fold = story.fold()
    act = fold.acts[ref]
    said = [one for one in fold.of(type(act.body)) if one.body == act.body and one.ref != ref]
    if isinstance(act.body, b.Back):
        said.append(fold.acts[act.body.amendment])
    return isinstance(act.body, b.Back | Accept) and any(one.member == act.member for one in said)


def test_a_closed_or_merged_concern_keeps_every_word(story: Story) -> None:
    """Any member lists it again, and what was said in the meantime is there."""
    marks = story.__dict__["marks"]
    concern, other = marks["concern"], marks["other"]
    before = everything(story.fold(), story.now)[f"concern {concern}"]
    story.chair.does(b.Agenda(concern=concern, to="closed", reason="Enough of it"))
    story.chair.does(b.Merge(concern=concern, into=other))
    closed = everything(story.fold(), story.now)[f"concern {concern}"]
    assert closed["state"] == "closed"
    check_kept(before, closed, _STANDS, "closed")
    said = story.ben.does(b.Statement(concern=concern, words="I go on."))
    story.ben.does(b.Agenda(concern=concern, to="listed", reason="The level fell again"))
    opened = everything(story.fold(), story.now)[f"concern {concern}"]
    assert opened["state"] == "listed"
    check_kept(closed, opened, _STANDS, "opened")
    assert said in [one["statement"]["ref"] for one in opened["statements"]]


# Sealed rounds


def revealed_early(story: Story) -> tuple[str, str]:
    """Ben shows what it sealed while the round is open; what it says, and its salt."""
    marks = story.__dict__["marks"]
    salt = bind_salt(origin("ben"), SALT)
    taken = (b.Taken(on=marks["text"], response="abstain", reasons="SECRET"),)
    round_ref = story.ann.does(
        b.Round(concern=marks["concern"], on=(marks["text"],), closes_at=story.now + DAY)
    )
    seal = story.ben.does(b.Seal(round=round_ref, commitment=commitment(salt, taken, ())))
    story.ben.does(b.Reveal(seal=seal, salt=salt, positions=taken))
    return "SECRET", salt


def test_what_is_sealed_is_in_no_view_before_the_round_closes(story: Story) -> None:
    """Not even if its author shows it, and not in a view as of a time that has not come."""
    words, salt = revealed_early(story)
    fold = story.fold()
    for at in (story.now, story.now + DAY - 1):
        told = msgspec.json.encode(shown(everything(fold, at), View(fold, at)))
        assert words.encode() not in told
        assert salt.encode() not in told
    for at in (story.now + DAY, story.now + 400 * DAY):
        told = msgspec.json.encode(
            [one.show(View(fold, at, now=story.now), {}) for one in VIEWS.values() if not one.parameters]
            + [VIEWS["act"].show(View(fold, at, now=story.now), {"id": ref}) for ref in fold.acts]
            + [VIEWS["text"].show(View(fold, at, now=story.now), {"id": story.__dict__["marks"]["text"]})]
        )
        assert words.encode() not in told
        assert salt.encode() not in told
    story.passes(days=1)
    told = msgspec.json.encode(everything(story.fold(), story.now)["rounds"])
    assert words.encode() in told


def test_a_false_reveal_is_shown_as_such(story: Story) -> None:
    marks = story.__dict__["marks"]
    salt = bind_salt(origin("ben"), SALT)
    false = b.Reveal(
        seal=marks["closed ben"], salt=salt, positions=(b.Taken(on=marks["text"], response="support"),)
    )
    ref = story.ben.does(false)
    for name in ("ann", "cat", "chair", "eve"):
        rows = VIEWS["rounds"].show(story.people[name].view, {})
        row = next(one for one in rows if one["round"]["round"]["ref"] == marks["closed"])
        refusals = {one["ref"]: one["why"] for one in row["round"]["refused"]}
        assert refusals[ref] == "does not match what was sealed"
        assert origin("ben") in row["round"]["unopened"]
    for thief in ("ann", "chair", "eve"):
        stolen = story.people[thief].does(
            b.Reveal(
                seal=marks["closed ben"],
                salt=salt,
                positions=(b.Taken(on=marks["text"], response="abstain"),),
            )
        )
        row = everything(story.fold(), story.now)["rounds"][0]
        assert stolen in [one["ref"] for one in row["round"]["refused"]]
        assert origin("ben") in row["round"]["unopened"]
