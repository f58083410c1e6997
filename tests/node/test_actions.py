"""Actions: what is refused has changed nothing; what is previewed is what is signed; one charter, once."""

from __future__ import annotations

import copy
import json
from typing import Any

import msgspec
import pytest

from allweather.council import bodies as b
from allweather.council.forms import POWERS
from allweather.council.rounds import bind_salt, commitment
from allweather.errors import InputError, Malformed, Refused, StoreError
from allweather.node.actions import CHARTER_MARK, CHECKS, Actions, Doing
from allweather.node.duties import seal
from allweather.node.folding import KINDS, KeptFold
from allweather.record.ed25519 import public_of
from allweather.record.entries import parse_entry, read_payload
from allweather.record.facts import DELEGATE, WITHDRAW, delegate_body
from allweather.record.keys import format_base64
from allweather.record.writing import Draft
from tests.node.sitting import DAY, HOUR, Rules, Seat, Table, origin

MISSING = "A" * 43 + "="
SEED = bytes(31) + b"\x05"


def why(seat: Seat, *bodies: Any, **how: Any) -> str:
    """Why acts are refused; checks that nothing has changed and that the sentence is one."""
    before = seat.state()
    doings = [Doing(body, **how) for body in bodies]
    with pytest.raises((Refused, InputError)) as caught:
        seat.actions.sign(*doings)
    assert seat.state() == before
    if len(doings) == 1:
        with pytest.raises(type(caught.value)) as previewed:
            seat.actions.preview(doings[0])
        assert str(previewed.value) == str(caught.value)
        assert seat.state() == before
    said = str(caught.value)
    assert said
    assert "\n" not in said
    assert len(said) < 700
    return said.removeprefix(f"{bodies[0].KIND} would not count, so nothing was signed: ")


def last_entry(seat: Seat) -> Any:
    branch = seat.desk.storage.branches(seat.origin)[0]
    return parse_entry(seat.desk.storage.entries(branch, branch.head.size - 1, branch.head.size)[0])


# Nothing half signed


def test_one_refused_of_several_and_none_is_signed(table: Table) -> None:
    ann = table["ann"]
    good = b.Concern(title="Water")
    assert "concern" in why(ann, good, b.Disapprove(concern=MISSING, reason="No"), good)
    assert why(ann, good, b.Statement()).endswith("give it words, or a payload")
    made = ann.actions.sign(Doing(good), Doing(b.Concern(title="Rivers")))
    assert [act.index for act in made] == [made[0].index, made[0].index + 1]
    assert ann.desk.own.n_standing == made[1].index + 1


def test_acts_that_bear_on_each_other_are_not_signed_at_once(table: Table) -> None:
    ann, ben = table["ann"], table["ben"]
    concern = ann.sign(b.Concern(title="Water")).ref
    text = ann.sign(b.Text(concern=concern, title="On water", words="We share.")).ref
    silence = ann.sign(b.Silence(concern=concern, text=text, expires_at=table.now + DAY)).ref
    table.exchange()
    one_by_one = "acts that bear on each other are signed one after the other, not at once"
    receipt = b.Receipt(decision=silence, text=text)
    assert why(ben, receipt, receipt) == one_by_one
    assert why(ben, b.Hold(decision=silence), b.Hold(decision=silence, reason="More")) == one_by_one
    assert why(ben, b.Leave(reason="Enough"), b.Concern(title="All the same")) == one_by_one
    assert len(ben.actions.sign(Doing(receipt), Doing(b.Hold(decision=silence)))) == 2


def test_nothing_is_signed_where_nothing_is_to_be_done(table: Table) -> None:
    with pytest.raises(Refused, match="nothing to write"):
        table["ann"].actions.sign()


class Failing:
    """A store that fails while it commits."""

    def __init__(self, storage: Any) -> None:
        self._storage = storage

    def commit(self, batch: Any) -> None:
        raise StoreError("the disk is full; what was held before is unharmed")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)


@pytest.mark.parametrize("what", ["concern", "charter", "join", "seal"])
def test_a_store_that_fails_acknowledges_nothing(strangers: Table, what: str) -> None:
    ann, ben = strangers["ann"], strangers["ben"]
    body: Any = strangers.charter()
    actor = ann
    if what == "join":
        ref = ann.sign(body).ref
        strangers.exchange()
        body, actor = b.Join(charter=ref), ben
    elif what != "charter":
        strangers.found()
        body = b.Concern(title="Water")
    if what == "seal":
        concern = ann.sign(body).ref
        text = ann.sign(b.Text(concern=concern, title="On water", words="We share.")).ref
        sealed = ann.sign(b.Round(concern=concern, on=(text,), closes_at=strangers.now + DAY)).ref
        body = b.Seal(round=sealed, commitment=MISSING)
    before = actor.state()
    storage = actor.desk.storage
    actor.desk.storage = Failing(storage)
    with pytest.raises(StoreError, match="the disk is full"):
        actor.sign(body)
    actor.desk.storage = storage
    assert actor.state() == before
    assert actor.sign(body).ref in actor.view.fold.acts


# The charter


def test_a_second_charter_does_not_take_the_place_of_the_first(table: Table) -> None:
    for seat in table.seats.values():
        pinned = seat.actions.recall(CHARTER_MARK)
        assert pinned
        again = why(seat, table.charter(rules=Rules(witnesses=3)))
        assert again == "this member has a council already: its charter stands"
        assert seat.actions.recall(CHARTER_MARK) == pinned


def test_nobody_is_drawn_into_another_council(strangers: Table) -> None:
    """Ann and Cem each found one; Ben joins Ann's, and then sits there, whoever asks."""
    first = strangers["ann"].sign(strangers.charter()).ref
    second = strangers["cem"].sign(strangers.charter("cem", "ben")).ref
    strangers.exchange()
    ben = strangers["ben"]
    ben.sign(b.Join(charter=first))
    strangers.exchange()
    assert (
        why(ben, b.Join(charter=second))
        == "ben has a seat under another charter; a member sits in one council"
    )
    assert why(ben, b.Join(charter=first)) == "ben has taken its seat already"
    assert "no charter that is held here" in why(ben, b.Join(charter=MISSING))
    assert ben.actions.recall(CHARTER_MARK) == first.encode()
    assert Actions(ben.desk, ben.actions.clock).view().fold.charter == first


def test_a_member_may_join_a_charter_that_fewer_have_joined(strangers: Table) -> None:
    strangers["ann"].sign(strangers.charter("ann", "ben"))
    second = strangers["cem"].sign(strangers.charter("cem", "ben", "ann")).ref
    strangers.exchange()
    ben = strangers["ben"]
    assert ben.sign(b.Join(charter=second)).ref
    assert ben.view.fold.charter == second


def test_to_join_may_come_first_of_several(strangers: Table) -> None:
    ref = strangers["ann"].sign(strangers.charter()).ref
    other = strangers["cem"].sign(strangers.charter("cem", "ann")).ref
    strangers.exchange()
    ben = strangers["ben"]
    assert "ben has no seat" in why(ben, b.Join(charter=other), b.Concern(title="Water"))
    assert "no concern" in why(ben, b.Join(charter=ref), b.Disapprove(concern=MISSING, reason="No"))
    assert "one after the other" in why(ben, b.Concern(title="Water"), b.Join(charter=ref))
    assert ben.sign(b.Join(charter=ref), b.Concern(title="Water")).ref in ben.view.fold.acts
    assert ben.view.fold.charter == ref


def test_only_who_is_named_joins(strangers: Table) -> None:
    ref = strangers["ann"].sign(strangers.charter("ann", "ben")).ref
    strangers.exchange()
    assert "cem has no seat for this" in why(strangers["cem"], b.Join(charter=ref))
    assert "no charter is held" in why(strangers["cem"], b.Join(charter=MISSING))
    assert strangers["cem"].actions.recall(CHARTER_MARK) is None
    concern = strangers["ann"].sign(b.Concern(title="Water")).ref
    strangers.exchange()
    assert why(strangers["cem"], b.Join(charter=concern)) == "no charter is held"


def test_a_charter_is_well_made(strangers: Table) -> None:
    ann, made = strangers["ann"], strangers.charter()
    seats = made.members

    def other(**more: Any) -> b.Charter:
        return msgspec.structs.replace(made, **more)

    assert why(ann, other(members=seats[1:])) == (
        "ann, who signs it, has no seat in it; name it among the seats"
    )
    assert why(ann, other(chairs=seats[:1])) == "ann is named twice; a log has one seat"
    assert why(ann, other(members=(*seats, b.SeatOf("elsewhere/dan", MISSING)))).startswith(
        "'elsewhere/dan' is no log of this council"
    )
    blocs = (b.Bloc("West", (origin("ann"), origin("dan"))),)
    assert why(ann, other(blocs=blocs)) == "dan is in a bloc and is no member"
    by_delegate = "a charter is signed by a member itself, not by a delegate"
    assert why(ann, made, delegate=SEED) == by_delegate
    assert why(ann, other(on_behalf=origin("ben"))) == by_delegate
    assert ann.actions.recall(CHARTER_MARK) is None
    ref = ann.sign(made).ref
    assert ann.actions.recall(CHARTER_MARK) == ref.encode()


def test_before_there_is_a_council_nothing_else_is_signed(strangers: Table) -> None:
    for body in (
        b.Concern(title="Water"),
        b.Leave(reason="x"),
        b.Mandate(key=MISSING, name="Dora", powers=POWERS, until=strangers.now + DAY),
    ):
        assert why(strangers["ann"], body) == "no charter is held"


# What is previewed is what is signed


def test_the_preview_says_what_is_signed(table: Table) -> None:
    ann = table["ann"]
    concern = ann.sign(b.Concern(title="Water", area="Rivers", words="é\u0301 漢字")).ref
    table.exchange()
    for doing in (
        Doing(b.Concern(title="Ice")),
        Doing(b.Statement(concern=concern, names=(origin("ben"),)), b"A long text", "text/markdown"),
        Doing(b.Agenda(concern=concern, to="parked", on=table.now + DAY)),
        Doing(b.Statement(), b"For ben", "application/age", audience=(origin("ann"), origin("ben"))),
    ):
        before = ann.state()
        preview = ann.actions.preview(doing)
        assert ann.state() == before
        (act,) = ann.actions.sign(doing)
        entry = last_entry(ann)
        assert (preview.member, preview.kind) == (ann.origin, entry.kind)
        assert json.loads(msgspec.json.encode(preview.fields)) == entry.body
        assert preview.n_content == (entry.payload.size if entry.payload else 0)
        assert entry.audience == doing.audience == act.audience
        if doing.content is not None:
            blob = ann.desk.storage.payload(_hash(entry.payload.hash))
            assert blob is not None
            assert read_payload(entry.payload, blob, ann.origin) == doing.content
            assert entry.payload.type == doing.media_type


def _hash(text: str) -> bytes:
    from allweather.record.keys import parse_base64

    return parse_base64(text, size=32)


def test_a_text_apart_is_salted_afresh(table: Table) -> None:
    ann = table["ann"]
    hashes = set()
    for _ in range(2):
        ann.sign(b.Statement(), content=b"The same")
        hashes.add(last_entry(ann).payload.hash)
    assert len(hashes) == 2


BROKEN: dict[str, Any] = {
    "no words": b.Concern(title=""),
    "too many words": b.Concern(title="x" * 301),
    "half a surrogate": b.Concern(title="\ud800"),
    "a list": b.Concern(title=["x"]),  # type: ignore[arg-type]
    "a bad reference": b.Statement(concern="x", words="x"),
    "a time before all times": b.Mandate(key=MISSING, name="D", powers=("speak",), until=-1),
    "a time after all times": b.Mandate(key=MISSING, name="D", powers=("speak",), until=2**60),
    "no such power": b.Mandate(key=MISSING, name="D", powers=("fly",), until=1),  # type: ignore[arg-type]
    "no such name": b.Concern(title="x", on_behalf="Not A Name"),
    "an intensity": b.Position(on=MISSING, response="support", intensity=101),
    "a float": b.Position(on=MISSING, response="support", intensity=0.5),  # type: ignore[arg-type]
    "too long an entry": b.Draft(concern=MISSING, title="x", clauses=("x" * 16_000,) * 8),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_breaks_its_form_is_not_signed(table: Table, name: str) -> None:
    assert why(table["ann"], BROKEN[name])


@pytest.mark.parametrize(
    "how", [{"media_type": "no type", "content": b"x"}, {"content": b"x" * (2**24 + 1)}], ids=["type", "size"]
)
def test_a_text_that_breaks_its_form_is_not_signed(table: Table, how: dict[str, Any]) -> None:
    assert why(table["ann"], b.Statement(), **how)


def test_an_audience_is_checked_before_anything_is_signed(table: Table) -> None:
    for audience in (("Not A Name",), (origin("cem"), origin("ben")), (origin("ben"),) * 2):
        assert why(table["ann"], b.Statement(words="x"), audience=audience)


# Delegates


def certify(seat: Seat) -> str:
    """Certify Dora's key; gives it in base64."""
    key = public_of(SEED)
    concern = b.Concern(title="To come along")
    seat.actions.sign(Doing(concern), more=(Draft(DELEGATE, delegate_body(key, "Dora")),))
    return format_base64(key)


def test_a_delegate_signs_within_its_mandate(table: Table) -> None:
    ann = table["ann"]
    body = b.Concern(title="By Dora")
    not_certified = "the delegate's key is not certified in the log of ann, or was withdrawn"
    assert why(ann, body, delegate=SEED) == not_certified
    key = certify(ann)
    assert why(ann, body, delegate=SEED) == "ann has given this delegate no mandate"
    until = table.now + DAY
    mandate = ann.sign(b.Mandate(key=key, name="Dora", powers=("speak",), until=until)).ref
    made = ann.sign(body, delegate=SEED)
    assert made.by == key
    assert last_entry(ann).by.key == key
    assert why(ann, b.Leave(reason="x"), delegate=SEED) == (
        "the mandate of Dora does not include the power to accredit delegates or change the member's seat"
    )
    mine = b.Mandate(key=key, name="Dora", powers=POWERS, until=until)
    assert "does not include the power to accredit" in why(ann, mine, delegate=SEED)
    assert "does not include the power to accredit" in why(ann, b.Recall(mandate=mandate), delegate=SEED)
    table.now = until
    ann.sign(body, delegate=SEED)
    table.now += 1
    assert why(ann, body, delegate=SEED) == "the mandate of Dora ended at 08:00 UTC on 19 September 2009"
    table.now = until
    ann.sign(b.Recall(mandate=mandate))
    assert why(ann, body, delegate=SEED) == "the mandate of Dora was recalled"
    ann.sign(b.Mandate(key=key, name="Dora", powers=("speak",), until=until + DAY))
    ann.sign(body, delegate=SEED)
    withdrawal = Draft(WITHDRAW, {"key": key})
    ann.actions.sign(Doing(b.Concern(title="Along")), more=(withdrawal,))
    assert why(ann, body, delegate=SEED) == not_certified


def test_a_delegate_of_another_needs_that_other_s_mandate(table: Table) -> None:
    ann, ben = table["ann"], table["ben"]
    body = b.Concern(title="For Ben", on_behalf=ben.origin)
    key = certify(ann)
    assert why(ann, body) == "only a delegate whom ben gave a mandate can act in its name"
    assert why(ann, body, delegate=SEED) == "ben has given this delegate no mandate"
    ben.sign(b.Mandate(key=key, name="Dora", powers=("speak",), until=table.now + DAY, of=ann.origin))
    assert why(ann, body, delegate=SEED) == "ben has given this delegate no mandate"  # not heard of yet
    table.exchange()
    made = ann.sign(body, delegate=SEED)
    assert (made.member, made.origin) == (ben.origin, ann.origin)
    assert ann.actions.preview(Doing(body, delegate=SEED)).member == ben.origin
    table.exchange()
    assert why(table["cem"], b.Overrule(act=made.ref, reason="No")) == f"only ben overrules {made.name}"
    assert "was not done by a delegate" in why(
        ben, b.Overrule(act=ben.view.fold.of(b.Charter)[0].ref, reason="No")
    )
    ben.sign(b.Overrule(act=made.ref, reason="Not so"))


@pytest.mark.parametrize("seed", [b"", bytes(31), bytes(33)], ids=len)
def test_a_key_that_is_none(table: Table, seed: bytes) -> None:
    before = table["ann"].state()
    with pytest.raises((InputError, Refused, ValueError)):
        table["ann"].sign(b.Concern(title="x"), delegate=seed)
    assert table["ann"].state() == before


# A sentence for every check


def test_every_kind_refuses_what_is_not_held(table: Table) -> None:
    """Whatever names another act says which is missing; nothing is signed."""
    ann = table["ann"]
    asked = 0
    for kind in KINDS.values():
        if not kind.SUBJECT or kind.SUBJECT in ("track", "about", "decision") or kind is b.Charter:
            continue
        for body in _naming(kind, MISSING, table.now):
            said = why(ann, body)
            assert "held here" in said or "no seat" in said, (kind, said)
            asked += 1
    assert asked > 30


def test_every_kind_refuses_what_is_of_another_kind(table: Table) -> None:
    ann = table["ann"]
    wrong = ann.sign(b.Statement(words="Only words")).ref
    for kind in KINDS.values():
        if kind.SUBJECT and kind.SUBJECT not in ("track", "about"):
            for body in _naming(kind, wrong, table.now):
                said = why(ann, body)
                assert said
                assert MISSING not in said


def _naming(kind: type[Any], ref: str, now: int) -> list[Any]:
    """An act of a kind that names `ref` wherever it can."""
    if kind is b.Reply:
        return [kind(statement=ref, words="x")] if kind is b.Reply and ref == MISSING else []
    given: dict[str, Any] = {}
    for one in msgspec.structs.fields(kind):
        if one.name == kind.SUBJECT:
            given[one.name] = ref
        elif one.required:
            given[one.name] = _VALUES.get(one.name, ref)
    if kind is b.Round:
        given |= {"on": (ref,), "closes_at": now + DAY}
    if "decision" in given or "other" in given:
        given = {
            name: ref if name in ("decision", "other", "text") else value for name, value in given.items()
        }
    if kind is b.Silence:
        given["expires_at"] = now + DAY
    if kind is b.Review:
        given |= {"concern": ref, "as_of": "2009-09-18", "frontier": ()}
    if kind is b.Statement:
        given["words"] = "x"
    if "spans" in given:
        given |= {"spans": ((0, 1),)} | ({"sort": "direct"} if "sort" in given else {})
    if kind is b.Overrule and ref != MISSING:
        given["reason"] = "x"
    return [kind(**given)]


_VALUES: dict[str, Any] = {
    "title": "x",
    "reason": "x",
    "words": "x",
    "what": "x",
    "to": "open",
    "response": "support",
    "member": origin("ben"),
    "salt": MISSING,
    "commitment": MISSING,
    "clauses": ("x",),
    "clause": 0,
    "facilitator": origin("ben"),
    "by": 2_000_000_000,
    "closes_at": 2_000_000_000,
    "expires_at": 2_000_000_000,
    "review_at": 2_000_000_000,
    "seed": 0,
    "version": "1",
    "as_of": "2009-09-18",
}


def test_every_check_is_of_a_kind_that_is_known() -> None:
    assert set(CHECKS) <= set(KINDS.values())
    assert set(KINDS.values()) - set(CHECKS) == {b.Leave}


def test_a_seal_that_is_refused_leaves_no_note(table: Table) -> None:
    ann = table["ann"]
    concern = ann.sign(b.Concern(title="Water")).ref
    text = ann.sign(b.Text(concern=concern, title="On water", words="We share.")).ref
    ref = ann.sign(b.Round(concern=concern, on=(text,), closes_at=table.now + HOUR)).ref
    taken = (b.Taken(on=text, response="consent"),)
    remembered: list[str] = []
    keep = ann.actions.remember
    ann.actions.remember = lambda name, value: (remembered.append(name), keep(name, value))[1]  # type: ignore[method-assign,func-returns-value]
    table.now += HOUR
    with pytest.raises(Refused, match="the round has closed"):
        seal(ann.actions, ref, taken, ())
    with pytest.raises(Refused, match="no round"):
        seal(ann.actions, MISSING, taken, ())
    with pytest.raises(Refused, match="at least one"):
        seal(ann.actions, ref, (), ())
    assert not remembered
    table.now -= HOUR
    ann.actions.sign(seal(ann.actions, ref, taken, ()))
    assert len(remembered) == 1
    salt = bind_salt(ann.origin, bytes(16))
    again = b.Seal(round=ref, commitment=commitment(salt, taken, ()))
    assert "has sealed already" in why(ann, again)


def test_a_fold_that_is_kept_is_the_fold_that_is_made_afresh(table: Table) -> None:
    ann = table["ann"]
    view = ann.view
    assert ann.view is view
    ann.sign(b.Concern(title="Water"))
    assert ann.view is not view
    fresh = KeptFold("nrc.example", charter=ann.view.fold.charter)
    assert fresh.update(ann.desk.storage, ann.desk.standing).digest == ann.view.fold.digest
    assert ann.actions.view(table.now - DAY).at == table.now - DAY
    assert ann.actions.view(table.now + DAY).now == table.now
    assert copy.copy(ann.view).fold is ann.view.fold


def test_malformed_is_an_input_error(table: Table) -> None:
    with pytest.raises(Malformed):
        table["ann"].actions.preview(Doing(b.Concern(title="")))
