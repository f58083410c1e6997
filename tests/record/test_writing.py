"""Writing: what is refused, what an entry says that it has seen, and acknowledgements."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable

import pytest

from allweather.errors import AllweatherError, Malformed, Refused
from allweather.record.checkpoints import Head, open_checkpoint, verify_cosignature
from allweather.record.entries import Entry, is_signed_by_delegate, parse_entry, read_payload
from allweather.record.facts import ACK, Acknowledgement, collect
from allweather.record.keys import format_base64, parse_base64
from allweather.record.members import make_succession
from allweather.record.merkle import EMPTY_ROOT
from allweather.record.storage import Batch, root_at
from allweather.record.writing import (
    Draft,
    KeptCosigned,
    _face_to_cosign,
    acknowledge,
    adopt,
    awaited,
    check_may_write,
    cosigned_before,
    departs_at,
    mark_asked,
    mark_restored,
    redact,
    write,
)
from allweather.store.memory import MemoryStore
from tests.record.making import Node, council, exchange, rows_of, seed_of, signers_of, take_in
from tests.simulation.cheap import cheap_signatures


def entries_of(node: Node) -> list[Entry]:
    return [parse_entry(data) for data in node.own()]


def acks_of(node: Node, author: str) -> list[Acknowledgement]:
    """All acknowledgements of a member on any branch that a node holds."""
    found = []
    for branch in node.store.branches(author):
        for fact in collect(author, 0, node.store.entries(branch, 0, branch.head.size)):
            if isinstance(fact, Acknowledgement):
                found.append(fact)
    return found


def test_a_log_grows_under_signed_checkpoints() -> None:
    (a,) = council("a")
    a.write("1")
    a.pay("2", "3")
    assert [(one.log, one.n, one.at) for one in entries_of(a)] == [("nrc/a", n, 1_000) for n in range(3)]
    assert open_checkpoint(a.branch.checkpoint, [a.log.verifier]) == (a.log.verifier,)
    payload = entries_of(a)[1].payload
    assert payload is not None
    blob = a.store.payload(parse_base64(payload.hash))
    assert blob is not None
    assert read_payload(payload, blob, "nrc/a") == b"2"
    a.draft([Draft("x.y", {}, audience=("nrc/b",), delegate=seed_of("delegate"))])
    last = entries_of(a)[-1]
    assert last.audience == ("nrc/b",)
    assert is_signed_by_delegate(last)


def untouched(node: Node, act: Callable[[], object], error: type[AllweatherError] = Refused) -> None:
    before = node.stand().digest, len(node.own()) if node.store.branches(node.origin) else 0
    with pytest.raises(error):
        act()
    assert before == (node.stand().digest, before[1])


def test_a_succeeded_key_writes_nothing() -> None:
    (a,) = council("a")
    a.write("1")
    old = a.log
    a.succeed()
    untouched(a, lambda: a.draft([Draft("x.y", {})], signer=old))
    untouched(a, lambda: a.draft([Draft("x.y", {})], signer=signers_of("nrc/a", 9)[0]))
    a.write("2")
    assert len(a.own()) == 2
    assert open_checkpoint(a.branch.checkpoint, [a.log.verifier])


def test_a_contested_key_writes_nothing() -> None:
    (a,) = council("a")
    a.write("1")
    before, recovery, old = a.last, a.recovery, a.log
    a.succeed()
    a.learn(make_succession(a.head_at(1), before, *signers_of("nrc/a", 9), recovery))
    untouched(a, lambda: a.write("2"))
    untouched(a, lambda: a.draft([Draft("x.y", {})], signer=old))


def test_a_restored_store_writes_only_after_everyone_was_asked() -> None:
    a, b, c = council("a", "b", "c")
    a.write("1")
    backup = a.copy()
    a.write("2")
    b.pull(a)
    backup.store.commit(mark_restored(backup.store, "nrc/a"))
    assert awaited(backup.store) == ("nrc/b", "nrc/c")
    untouched(backup, lambda: backup.write("2'"))
    for other in (b, c):
        untouched(backup, lambda: backup.write("2'"))
        assert backup.pull(other).complete
        backup.store.commit(mark_asked(backup.store, other.origin))
    assert awaited(backup.store) == ()
    backup.write("3")
    assert backup.own()[:2] == a.own()
    b.pull(backup)
    assert not b.standing("nrc/a").two_faced


def test_a_restored_store_that_knows_nobody_waits_for_new_keys() -> None:
    (a,) = council("a")
    a.write("1")
    a.store.commit(mark_restored(a.store, "nrc/a"))
    untouched(a, lambda: a.write("2"))
    made = a.succeed(commit=False)
    a.store.commit(adopt(made))
    a.write("2")
    assert len(a.own()) == 2


def test_a_two_faced_log_waits_for_its_recovery_key() -> None:
    a, b = council("a", "b")
    a.write("1")
    twin = a.copy()
    a.write("2")
    twin.write("2'")
    b.pull(twin)
    a.pull(b)
    untouched(a, lambda: a.write("3"))
    a.succeed(a.head_at(2))
    a.write("3")
    assert [one.body["t"] for one in entries_of(a)] == ["1", "2", "3"]


def test_it_refuses_to_go_on_from_entries_that_it_did_not_write() -> None:
    a, b = council("a", "b")
    a.write("1")
    twin = a.copy()
    twin.write("2")
    b.pull(twin)
    a.pull(b)
    untouched(a, lambda: a.write("3"))
    a.succeed(a.head_at(1))
    a.write("2 mine")
    assert a.standing().n_disputed == 1
    own = max(a.standing().faces, key=lambda face: face.n_standing).branch
    assert [parse_entry(one).body["t"] for one in a.store.entries(own, 0, 2)] == ["1", "2 mine"]


def test_a_succession_names_what_is_not_held() -> None:
    a, b = council("a", "b")
    a.write("1", "2")
    b.learn(a.succeed(a.head_at(2)))
    b.origin, b.log = "nrc/a", a.log
    with pytest.raises(Refused):
        check_may_write(b.store, b.standing("nrc/a"), a.log)


def test_a_first_key_that_is_stolen_before_it_is_used_is_noticed() -> None:
    a, b = council("a", "b")
    thief = a.copy()
    a.store.commit(adopt(a.card))
    thief.write("not mine")
    b.pull(thief)
    a.pull(b)
    untouched(a, lambda: a.write("1"))
    a.store.commit(adopt(a.succeed(Head("nrc/a", 0, EMPTY_ROOT), commit=False)))
    a.write("1")
    assert (a.standing().n_standing, a.standing().n_disputed) == (1, 1)


def restored_beside_a_thief() -> tuple[Node, Node]:
    """A member whose disk was lost after it had named the end of its two entries, and the member before that.

    The backup is older, and all that is left is a thief's face that begins with the first of them.
    """
    a, b = council("a", "b")
    a.write("1", "2")
    thief = Node("nrc/a")
    thief.forge([*a.own()[:1], *rows_of("nrc/a", 1, 3, "forged")], a.log)
    b.pull(thief)
    a.succeed()
    before = a.copy()
    a.store = MemoryStore()
    a.learn(a.card, b.card, a.last)
    a.store.commit(mark_restored(a.store, "nrc/a"))
    a.pull(b)
    return a, before


@pytest.mark.parametrize("size", [0, 1, 2])
def test_of_a_face_that_does_not_stand_the_beginning_may_be_named(size: int) -> None:
    a, before = restored_beside_a_thief()
    left = a.own()
    assert [face.n_standing for face in a.standing().faces] == [0]
    assert departs_at(a.store, a.standing(), a.branch) == before.head_at(2)
    a.store.commit(adopt(a.succeed(a.head_at(size), commit=False)))
    assert departs_at(a.store, a.standing(), a.branch) is None
    a.write("new")
    a.write("newer")
    a.pull(before)
    log = a.standing()
    assert not log.two_faced
    assert log.n_standing == size + 2
    stands = max(log.faces, key=lambda face: face.n_standing)
    assert a.store.entries(stands.branch, 0, size) == left[:size]


def test_a_position_that_an_earlier_one_rules_out_is_not_built_upon() -> None:
    """What is signed there would not stand; with nothing to go on from, the member would fork its log."""
    a, before = restored_beside_a_thief()
    a.store.commit(adopt(a.succeed(a.head_at(3), commit=False)))
    untouched(a, lambda: a.write("new"))
    a.pull(before)
    untouched(a, lambda: a.write("new"))
    a.store.commit(adopt(a.succeed(before.head_at(2), commit=False)))
    a.write("new")
    assert a.standing().n_standing == 3


@pytest.mark.parametrize("size", [0, 1, 2, 3])
def test_new_keys_go_on_from_the_position_named(size: int) -> None:
    (a,) = council("a")
    a.write("1", "2", "3")
    first = a.own()
    a.succeed(a.head_at(size) if size else Head("nrc/a", 0, EMPTY_ROOT))
    a.write("new")
    face = max(a.standing().faces, key=lambda one: one.branch.checkpoint.note.signed_by(a.log.verifier))
    assert a.store.entries(face.branch, 0, face.head.size)[:-1] == first[:size]
    assert face.n_standing == size + 1
    assert not a.standing().two_faced


@pytest.mark.parametrize(
    "draft",
    [
        Draft("X", {}),
        Draft("x.y", {"a": 1.5}),
        Draft("x.y", {"t": "x" * 70_000}),
        Draft("x.y", {}, content=b"x", salt=b"short"),
        Draft("x.y", {}, content=b"x", salt=bytes(16), media_type="none"),
        Draft("x.y", {}, audience=("nrc/c", "nrc/b")),
    ],
)
def test_a_draft_out_of_bounds_is_not_written(draft: Draft) -> None:
    (a,) = council("a")
    untouched(a, lambda: a.draft([Draft("x.y", {}), draft]), Malformed)


# What was seen.


def seen(node: Node) -> list[list[tuple[str, int]]]:
    return [[(origin, size) for origin, size, _ in one.seen] for one in entries_of(node)]


def test_an_entry_lists_exactly_the_heads_that_changed() -> None:
    a, b, c = council("a", "b", "c")
    b.write("1")
    c.write("1", "2")
    a.write("before")
    a.pull(b)
    a.write("one", "two")
    a.write("nothing new")
    b.write("2")
    a.pull(b)
    a.pull(c)
    a.write("both")
    assert seen(a) == [[], [("nrc/b", 1)], [], [], [("nrc/b", 2), ("nrc/c", 2)]]
    for entry in entries_of(a):
        for origin, size, root in entry.seen:
            branch = a.store.branches(origin)[0]
            assert root_at(a.store, branch, size) == parse_base64(root)


def test_a_checkpoint_without_an_entry_lists_nothing() -> None:
    a, b = council("a", "b")
    b.write("1")
    a.write("0")
    a.pull(b)
    with contextlib.suppress(AllweatherError):
        a.draft([])
    a.write("1")
    assert seen(a) == [[], [("nrc/b", 1)]]


# Acknowledgements.


def test_an_acknowledgement_cosigns_what_is_newly_held() -> None:
    a, b, c = council("a", "b", "c")
    a.write("1")
    c.write("1", "2")
    b.pull(a)
    b.pull(c)
    assert b.acknowledge(at=77)
    found = {fact.head.origin: fact for fact in acks_of(b, "nrc/b")}
    assert {origin: fact.head.size for origin, fact in found.items()} == {"nrc/a": 1, "nrc/c": 2}
    for fact in found.values():
        assert fact.time == 77
        verify_cosignature(fact.head, fact.line, b.witness.verifier)
        assert [one.line for one in b.store.cosigned(fact.head.origin, fact.head.size)] == [fact.line]
    assert not b.acknowledge()


def test_two_members_do_not_answer_each_other_without_end() -> None:
    nodes = council("a", "b", "c")
    for node in nodes:
        node.write("hello")
    n_given = 0
    for _ in range(6):
        exchange(*nodes)
        n_given += sum(node.acknowledge() for node in nodes)
    assert n_given == 3
    assert [len(node.own()) for node in nodes] == [2, 2, 2]


def heads_agree(node: Node, author: str, origin: str) -> bool:
    """Whether one branch runs through every head of `origin` that `author` cosigned."""
    heads = [fact.head for fact in acks_of(node, author) if fact.head.origin == origin]
    assert heads
    return any(
        all(root_at(node.store, branch, head.size) == head.root for head in heads)
        for branch in node.store.branches(origin)
    )


def fork(n_shared: int) -> tuple[Node, Node, Node]:
    a, b = council("a", "b")
    if n_shared:
        a.write(*map(str, range(n_shared)))
    twin = a.copy()
    a.write("one", "one more")
    twin.write("two")
    return a, twin, b


@pytest.mark.parametrize("n_shared", [0, 1])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_witness_never_vouches_for_two_faces(n_shared: int, order: tuple[int, int]) -> None:
    *faces, b = fork(n_shared)
    for number in (*order, *order):
        b.pull(faces[number])
        b.acknowledge()
    for face in faces:
        face.log = signers_of("nrc/a")[0]
    assert len(b.store.branches("nrc/a")) == 2
    assert heads_agree(b, "nrc/b", "nrc/a")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_restored_witness_goes_on_with_the_face_that_it_cosigned(order: tuple[int, int]) -> None:
    *faces, b = fork(1)
    c = Node("nrc/c")
    b.write("mine")
    b.pull(faces[order[0]])
    assert b.acknowledge()
    c.pull(b)
    # The store is lost; the other face arrives first, then the own log.
    again = Node("nrc/b")
    again.learn(faces[0].card, c.card)
    again.store.commit(mark_restored(again.store, "nrc/b"))
    again.pull(faces[order[1]])
    with pytest.raises(Refused):
        again.acknowledge()
    again.pull(c)
    for member in awaited(again.store):
        again.store.commit(mark_asked(again.store, member))
    again.pull(faces[order[0]])
    again.acknowledge()
    faces[order[1]].store.commit(Batch())
    again.pull(faces[order[1]])
    again.acknowledge()
    assert len(again.store.branches("nrc/a")) == 2
    assert heads_agree(again, "nrc/b", "nrc/a")


def test_a_witness_remembers_what_it_cosigned_before_its_own_succession() -> None:
    a, twin, b = fork(1)
    c = Node("nrc/c")
    b.write("0")
    b.pull(a)
    assert b.acknowledge()
    c.pull(b)
    again = Node("nrc/b")
    again.learn(a.card, c.card)
    again.pull(twin)
    again.pull(c)
    again.succeed(again.head_at(1))
    again.write("after")
    again.acknowledge()
    assert heads_agree(again, "nrc/b", "nrc/a")


def test_a_large_council_can_be_acknowledged() -> None:
    with cheap_signatures():
        a = Node("nrc/a")
        others = [Node(f"nrc/member-{number:03d}") for number in range(300)]
        for other in others:
            other.write("hello")
            a.learn(other.card)
            take_in(a.store, other.publication().read)
        while a.acknowledge():
            pass
        assert {fact.head.origin for fact in acks_of(a, "nrc/a")} == {other.origin for other in others}


def _face_by_looking(node: Node, origin: str) -> tuple[int, int] | None:
    """Number of the face to cosign and how much of it was, by looking at every head that was cosigned."""
    heads = {fact.head for fact in acks_of(node, node.origin) if fact.head.origin == origin}
    faces = [one.branch for one in node.standing(origin).faces if one.n_standing == one.head.size]
    on = {
        one.number: {head for head in heads if root_at(node.store, one, head.size) == head.root}
        for one in faces
    }
    every = set().union(*on.values()) if on else set()
    found = next((one.number for one in faces if on[one.number] == every), None)
    return None if found is None else (found, max((head.size for head in every), default=0))


@pytest.mark.parametrize("seed", range(12))
def test_what_was_cosigned_is_known_without_reading_the_own_log_again(seed: int) -> None:
    """Through writing, faces, successions: what is kept gives the same batch as what is read afresh."""
    dice = random.Random(seed)
    a, b, c = council("a", "b", "c")
    other = a.copy()
    kept = KeptCosigned(b.origin)
    for number in range(40):
        one = dice.choice((a, a, other, c))
        with contextlib.suppress(AllweatherError):
            if one.store.branches(one.origin) and dice.random() < 0.08:
                b.learn(one.succeed())
            one.write(*(f"{number}" for _ in range(dice.randint(1, 3))))
        if dice.random() < 0.6:
            with contextlib.suppress(AllweatherError):
                b.pull(one)
        assert kept.update(b.store) == cosigned_before(b.store, b.origin)
        standing = b.stand()
        for origin in (a.origin, c.origin):
            found = _face_to_cosign(b.store, standing.logs[origin], kept.update(b.store).get(origin, ()))
            assert (found and (found[0].number, found[1])) == _face_by_looking(b, origin)
        with contextlib.suppress(Refused):
            batch = acknowledge(
                b.store, standing, b.log, b.witness, at=number + 1, before=kept.update(b.store)
            )
            assert batch == acknowledge(b.store, standing, b.log, b.witness, at=number + 1)
            if batch is not None and dice.random() < 0.7:
                b.store.commit(batch)
    assert kept.update(b.store)


def test_every_entry_that_is_no_acknowledgement_is_acknowledged() -> None:
    a, b = council("a", "b")
    a.say("x.y", {"kind": ACK})
    b.pull(a)
    assert b.acknowledge()


def test_a_thief_s_face_is_not_acknowledged_instead_of_the_owner_s() -> None:
    a, b = council("a", "b")
    a.write("1")
    thief = a.copy()
    b.learn(a.succeed())
    thief.write("forged")
    b.pull(thief)
    b.acknowledge()
    a.write("true")
    b.pull(a)
    b.acknowledge()
    assert a.branch.head in {fact.head for fact in acks_of(b, "nrc/b")}


def test_the_face_that_goes_on_is_seen_wherever_it_is_held() -> None:
    a, b = council("a", "b")
    a.write("1")
    thief = a.copy()
    thief.write("forged")
    b.pull(thief)
    a.succeed()
    a.write("true")
    b.pull(a)
    b.write("reply")
    assert seen(b) == [[("nrc/a", 2)]]
    assert entries_of(b)[0].seen[0][2] == format_base64(a.branch.head.root)


# Redaction.


def test_only_a_payload_can_be_erased_and_with_a_ground() -> None:
    (a,) = council("a")
    a.write("no payload")
    a.pay("secret")
    plain, paid = entries_of(a)
    with pytest.raises(Refused):
        redact(a.store, a.standing(), a.log, plain, "asked to", at=1)
    with pytest.raises(Malformed):
        redact(a.store, a.standing(), a.log, paid, "", at=1)
    batch = redact(a.store, a.standing(), a.log, paid, "asked to", at=1)
    assert len(batch.erased) == 1


def test_an_empty_store_can_be_written_first() -> None:
    a = Node("nrc/a", MemoryStore())
    batch = write(a.store, a.standing(), a.log, [Draft("x.y", {})], at=1)
    a.store.commit(batch)
    assert acknowledge(a.store, a.stand(), a.log, a.witness, at=1) is None
