"""Where each log stands: the fold of the set of what is held."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allweather.record.checkpoints import Head
from allweather.record.ed25519 import public_of
from allweather.record.entries import Entry, format_entry, parse_entry, sign_as_delegate
from allweather.record.facts import ATTEST, DELEGATE, REDACT, WITHDRAW, attest_body, delegate_body
from allweather.record.keys import format_base64, parse_base64
from allweather.record.members import make_succession
from allweather.record.merkle import EMPTY_ROOT
from allweather.record.notes import NoteSignature
from allweather.record.standing import Standing, common_length, held_facts, stand
from allweather.record.writing import Draft
from tests.record.making import (
    Node,
    council,
    exchange,
    kind_entry,
    rows_of,
    seed_of,
    signers_of,
    text_entry,
)
from tests.simulation.cheap import cheap_signatures


def faces(node: Node, origin: str = "nrc/a") -> list[tuple[int, int]]:
    return sorted((face.head.size, face.n_standing) for face in node.standing(origin).faces)


def thief_of(node: Node, entries: list[bytes]) -> Node:
    """A publication in which only the member's old log key signed these entries."""
    thief = Node(node.origin)
    thief.forge(entries, thief.log)
    return thief


def test_what_a_key_in_force_signed_stands() -> None:
    a, b = council("a", "b")
    a.write("1", "2")
    b.pull(a)
    assert faces(b) == [(2, 2)]
    log = b.standing("nrc/a")
    assert (log.origin, log.n_standing, log.n_disputed, log.two_faced) == ("nrc/a", 2, 0, False)
    assert b.standing("nrc/b").n_standing == 0


def test_facts_at_hand_change_nothing() -> None:
    a, b = council("a", "b")
    a.say(DELEGATE, delegate_body(b.log.verifier.public, "B"))
    a.write("x")
    assert stand(a.store, held_facts(a.store)) == a.stand()


def test_two_faces_both_stand() -> None:
    a, b, c = council("a", "b", "c")
    a.write("1", "2")
    twin = a.copy()
    a.write("3", "4")
    twin.write("3'")
    b.pull(a)
    c.pull(twin)
    assert not b.standing("nrc/a").two_faced
    b.pull(c)
    c.pull(b)
    for node in (b, c):
        assert node.standing("nrc/a").two_faced
        assert faces(node) == [(3, 3), (4, 4)]
        assert node.standing("nrc/a").n_disputed == 0
    assert b.stand().digest == c.stand().digest


def test_a_succession_names_the_face_that_goes_on() -> None:
    a, b = council("a", "b")
    a.write("1", "2")
    twin = a.copy()
    a.write("3", "4")
    twin.write("3'", "4'", "5'")
    b.pull(a)
    b.pull(twin)
    assert b.standing("nrc/a").two_faced
    a.succeed()
    a.write("5")
    b.pull(a)
    log = b.standing("nrc/a")
    assert not log.two_faced
    assert faces(b) == [(5, 2), (5, 5)]
    assert log.n_disputed == 3


FORGED = [text_entry("nrc/a", 2, "forged"), format_entry(Entry(1, "nrc/a", 3, "x.y", 0, {"t": "long ago"}))]


@pytest.mark.parametrize("shared", [0, 1, 2])
@pytest.mark.parametrize("first", ["thief", "owner"])
@pytest.mark.parametrize("n_own", [2, 4])
def test_a_stolen_key_convinces_nobody_after_its_succession(shared: int, first: str, n_own: int) -> None:
    """Whatever date the thief writes, wherever it leaves the log, whichever comes first."""
    a, b = council("a", "b")
    a.write(*map(str, range(n_own)))
    own = a.own()
    end = n_own if shared == 2 else shared
    forged = [*own[:end], *(format_entry(Entry(1, "nrc/a", end + n, "x.y", 0, {"f": n})) for n in range(3))]
    thief = thief_of(a, forged)
    a.succeed()
    a.write("mine")
    for one in (thief, a) if first == "thief" else (a, thief):
        b.pull(one)
    standing = b.standing("nrc/a")
    assert not standing.two_faced
    assert faces(b)[-1] == (n_own + 1, n_own + 1) or (n_own + 1, n_own + 1) in faces(b)
    theirs = next(
        face
        for face in standing.faces
        if face.head.size == len(forged) and face.head.root != a.branch.head.root
    )
    assert theirs.n_standing == end
    assert standing.n_disputed == 3


def test_a_shorter_forgery_that_left_before_does_not_stand_by_itself() -> None:
    a, b = council("a", "b")
    a.write("1", "2", "3", "4")
    thief = thief_of(a, [*a.own()[:1], text_entry("nrc/a", 1, "forged")])
    a.succeed()
    b.pull(thief)
    assert faces(b) == [(2, 2)]
    b.pull(a)
    assert faces(b) == [(2, 1), (4, 4)]
    assert not b.standing("nrc/a").two_faced


def test_a_succession_may_name_an_earlier_position() -> None:
    a, b = council("a", "b")
    a.write("1", "2", "3", "4")
    a.succeed()
    a.write("5")
    b.pull(a)
    assert faces(b) == [(5, 5)]
    made = a.succeed(a.head_at(2), commit=False)
    b.learn(made)
    log = b.standing("nrc/a")
    assert faces(b) == [(5, 2)]
    assert (log.n_disputed, log.two_faced) == (3, False)


def test_a_false_line_of_a_key_that_is_not_known_yet_is_nobody_s_signature() -> None:
    """The thief of an old key puts a false line of the new one beside it, and shows this first."""
    a, b = council("a", "b")
    a.write("1", "2")
    b.pull(a)
    entries, stolen = a.own(), a.log
    a.succeed()
    a.write("3")
    thief = Node("nrc/a")
    junk = NoteSignature("nrc/a", a.log.verifier.key_id, bytes(64))
    thief.forge([*entries, text_entry("nrc/a", 2, "forged")], stolen, junk)
    b.pull(thief)
    b.pull(a)
    assert faces(b) == [(3, 2), (3, 3)]
    assert not b.standing("nrc/a").two_faced


# Contests.


def contested() -> tuple[Node, list[Node]]:
    """`a` succeeded at 3 and again at 6; somebody found the recovery key that was retired by that."""
    a, *others = council("a", "b", "c", "d")
    a.write("1", "2", "3")
    a.succeed()
    a.write("4", "5", "6")
    before, retired = a.last, a.recovery
    a.succeed()
    a.write("7")
    other = make_succession(a.head_at(5), before, *signers_of("nrc/a", 77), retired)
    for node in others:
        node.pull(a)
        node.learn(other)
    return a, others


def test_a_contest_leaves_what_came_before_it() -> None:
    _a, (b, c, d) = contested()
    for node in (b, c, d):
        log = node.standing("nrc/a")
        assert log.history.contested
        assert not log.two_faced
    assert b.stand().digest == c.stand().digest == d.stand().digest


def test_a_contested_face_stands_up_to_the_position_that_ends_the_last_period() -> None:
    _a, (b, *_) = contested()
    assert faces(b) == [(7, 5)]


def test_a_contest_does_not_depend_on_what_came_first() -> None:
    a, (b, *_) = contested()
    late = Node("nrc/e")
    late.learn(*(node.card for node in contested()[1]))
    late.learn(a.card)
    late.pull(b)
    assert faces(late) == faces(b)


def test_a_majority_decides_a_contest() -> None:
    a, others = contested()
    for node in others[:2]:
        node.say(ATTEST, attest_body("nrc/a", a.last.digest))
    for node in others:
        assert node.standing("nrc/a").history.contested
    exchange(*others)
    for node in others:
        assert node.standing("nrc/a").history.contested, "two of four are no majority"
    others[2].say(ATTEST, attest_body("nrc/a", a.last.digest))
    exchange(*others)
    for node in others:
        assert not node.standing("nrc/a").history.contested
        assert faces(node) == [(7, 7)]
    assert len({node.stand().digest for node in others}) == 1


def attested(quorum: int | None, n_attesting: int) -> Node:
    nodes = council("a", "b", "c", "d", quorum=quorum)
    a = nodes[0]
    a.write("1", "2")
    made = a.succeed(recovered=False)
    for node in nodes[1 : 1 + n_attesting]:
        node.say(ATTEST, attest_body("nrc/a", made.digest))
    exchange(*nodes, rounds=2)
    return nodes[3]


@pytest.mark.parametrize(
    ("quorum", "n_attesting", "counts"), [(2, 2, True), (2, 1, False), (None, 3, False), (3, 3, True)]
)
def test_members_attest_where_the_charter_says_how_many(
    quorum: int | None, n_attesting: int, counts: bool
) -> None:
    node = attested(quorum, n_attesting)
    assert (len(node.standing("nrc/a").history.periods) == 2) == counts


def test_nobody_attests_itself() -> None:
    a, b = council("a", "b", quorum=1)
    a.write("1")
    made = make_succession(a.head_at(1), a.card, *signers_of("nrc/a", 1))
    a.say(ATTEST, attest_body("nrc/a", made.digest))
    b.pull(a)
    b.learn(made)
    assert len(b.standing("nrc/a").history.periods) == 1


def test_a_disputed_attestation_is_nobody_s() -> None:
    a, b, c = council("a", "b", "c", quorum=1)
    a.write("1")
    b.write("1")
    made = make_succession(a.head_at(1), a.card, *signers_of("nrc/a", 1))
    stolen = thief_of(b, [*b.own(), kind_entry("nrc/b", 1, ATTEST, attest_body("nrc/a", made.digest))])
    b.succeed()
    for one in (a, b, stolen):
        c.pull(one)
    c.learn(made)
    assert len(c.standing("nrc/a").history.periods) == 1


# Delegates and redactions.


def test_a_delegate_speaks_from_its_entry_until_it_is_withdrawn() -> None:
    (a,) = council("a")
    seed = seed_of("delegate")
    entry = sign_as_delegate(Entry(1, "nrc/a", 0, "x.y", 1, {}), seed)
    assert entry.by is not None
    public = parse_base64(entry.by.key)
    by = Draft("x.y", {}, delegate=seed)
    a.draft([by])
    a.say(DELEGATE, delegate_body(public, "Ann"))
    a.draft([by])
    a.say(WITHDRAW, {"key": entry.by.key})
    a.draft([by])
    a.say(DELEGATE, delegate_body(public, "Ann again"))
    a.draft([by, by])
    standing = a.stand()
    parsed = [parse_entry(data) for data in a.own()]
    may = [standing.may_act(one, index) for index, one in enumerate(parsed) if one.by is not None]
    assert may == [False, True, False, True, True]
    assert all(standing.may_act(one, index) for index, one in enumerate(parsed) if one.by is None)


def test_a_delegate_cannot_name_another() -> None:
    (a,) = council("a")
    seed = seed_of("delegate")
    public = a.copy().log.verifier.public
    a.say(DELEGATE, delegate_body(public_of(seed), "Ann"))
    a.draft([Draft(DELEGATE, delegate_body(public, "Eve"), delegate=seed)])
    assert [one.name for one in a.stand().delegations] == ["Ann"]


def paying() -> tuple[Node, Node, Node, Entry, bytes]:
    a, b, c = council("a", "b", "c")
    a.pay("secret")
    for node in (b, c):
        node.pull(a)
    entry = parse_entry(a.own()[0])
    assert entry.payload is not None
    digest = parse_base64(entry.payload.hash)
    assert b.store.payload(digest)
    return a, b, c, entry, digest


def test_an_author_s_redaction_erases_at_every_holder() -> None:
    a, b, _, entry, digest = paying()
    a.redact(entry)
    b.pull(a)
    for node in (a, b):
        assert node.store.payload(digest) is None
        assert node.store.is_erased(digest)
        assert node.stand().erased() == {("nrc/a", digest)}


def test_another_s_redaction_erases_its_own_copy_only() -> None:
    _a, b, c, entry, digest = paying()
    c.redact(entry)
    assert c.store.payload(digest) is None
    b.pull(c)
    assert b.store.payload(digest)
    assert not b.stand().erased()
    assert [one.origin for one in b.stand().redactions] == ["nrc/a"]


def test_nobody_erases_another_s_payload_by_calling_it_its_own() -> None:
    _a, b, c, entry, digest = paying()
    assert entry.payload is not None
    c.say(REDACT, {"log": "nrc/c", "n": 0, "hash": entry.payload.hash, "ground": "because"})
    b.pull(c)
    assert b.store.payload(digest)
    assert ("nrc/a", digest) not in b.stand().erased()


def test_a_disputed_redaction_erases_nothing() -> None:
    a, b, _, entry, digest = paying()
    thief = a.copy()
    a.succeed()
    b.pull(a)
    thief.redact(entry)
    b.pull(thief)
    assert ("nrc/a", digest) not in b.stand().erased()
    assert b.store.payload(digest)


# Order, and the law that to apply everything afterwards is to apply it as it comes.


def story() -> list[Node]:
    """Publications that contradict, succeed, attest, redact, delegate: to be taken in in any order."""
    a, b, c, d = council("a", "b", "c", "d", quorum=2)
    a.pay("1", "2")
    a.say(DELEGATE, delegate_body(b.log.verifier.public, "B"))
    early = a.copy()
    twin = a.copy()
    a.write("3", "4")
    twin.write("3'", "4'", "5'")
    third = twin.copy()
    twin.write("6'")
    third.write("6''")
    short = thief_of(a, [*a.own()[:1], text_entry("nrc/a", 1, "forged")])
    b.pull(a)
    b.write("b")
    made = b.succeed(recovered=False)
    for node in (c, d):
        node.pull(b)
        node.say(ATTEST, attest_body("nrc/b", made.digest))
    a.redact(parse_entry(a.own()[0]))
    after = a.copy()
    after.succeed(after.head_at(5))
    after.write("new")
    return [early, a, twin, third, short, after, b, c, d]


def outcome(node: Node) -> tuple[str, list[object]]:
    standing = node.stand()
    return standing.digest, [
        (
            log.origin,
            log.two_faced,
            log.n_disputed,
            log.n_standing,
            sorted((f.head.size, f.n_standing) for f in log.faces),
        )
        for log in standing.logs.values()
    ]


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(9)))
def test_the_order_of_arrival_makes_no_difference(order: list[int]) -> None:
    with cheap_signatures():
        publications = story()
        found = []
        for some in (range(9), order):
            node = Node("nrc/z", quorum=2)
            for number in [*some, *some]:
                node.pull(publications[number])
            found.append(outcome(node))
    assert found[0] == found[1]


def test_branch_numbers_differ_between_holders_and_digests_agree() -> None:
    with cheap_signatures():
        publications = story()
        numbers, digests = set(), set()
        for some in permutations((1, 2, 3)):
            node = Node("nrc/z", quorum=2)
            for number in [*some, 0, 4, 5, 6, 7, 8, *some]:
                node.pull(publications[number])
            numbers.add(tuple(one.head.size for one in node.store.branches("nrc/a")))
            digests.add(node.stand().digest)
    assert len(numbers) > 1
    assert len(digests) == 1


def test_shared_lengths_are_those_of_the_entries() -> None:
    with cheap_signatures():
        node = Node("nrc/z", quorum=2)
        for publication in story():
            node.pull(publication)
        branches = node.store.branches("nrc/a")
        assert len(branches) > 3
        rows = {one.number: node.store.entries(one, 0, one.head.size) for one in branches}
        for one in branches:
            for two in branches:
                pairs = zip(rows[one.number], rows[two.number], strict=False)
                least = min(one.head.size, two.head.size)
                expected = next((n for n, (left, right) in enumerate(pairs) if left != right), least)
                assert common_length(branches, one, two) == expected


@pytest.mark.parametrize("junk", [b"{}", b"\xff", b'"kind":"record.ack"', b'{"kind":"record.redact"}'])
def test_a_leaf_that_is_no_entry_says_nothing_and_stops_nothing(junk: bytes) -> None:
    a, b = council("a", "b")
    liar = Node("nrc/a")
    liar.forge([text_entry("nrc/a", 0), junk, *rows_of("nrc/a", 2, 4)], liar.log)
    assert b.pull(liar).complete
    assert faces(b) == [(4, 4)]
    assert a.origin == liar.origin


def test_the_digest_shows_every_difference() -> None:
    def one(change: Callable[[Node, Node], object]) -> Standing:
        a, b = council("a", "b")
        a.pay("1")
        change(a, b)
        b.pull(a)
        return b.stand()

    digests = [
        one(change).digest
        for change in (
            lambda a, b: None,
            lambda a, b: a.write("2"),
            lambda a, b: a.succeed(),
            lambda a, b: a.succeed(Head("nrc/a", 0, EMPTY_ROOT)),
            lambda a, b: a.redact(parse_entry(a.own()[0])),
            lambda a, b: a.say(DELEGATE, delegate_body(b.log.verifier.public, "B")),
            lambda a, b: a.say(WITHDRAW, {"key": format_base64(b.log.verifier.public)}),
        )
    ]
    assert len(set(digests)) == len(digests)
