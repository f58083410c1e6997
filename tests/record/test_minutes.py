"""The minutes: one tree that every node derives alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allweather.errors import Refused
from allweather.record.checkpoints import Head, verify_cosignature
from allweather.record.facts import FRONTIER, Fact, FrontierSigned, Place, collect, frontier_body
from allweather.record.merkle import EMPTY_ROOT, leaf_hash, prove_inclusion, root_of, verify_inclusion
from allweather.record.minutes import Minutes, agreed_frontiers, derive, minutes_leaf, next_epoch
from allweather.record.notes import cosign
from allweather.record.storage import root_at
from tests.record.making import Node, council, exchange, quick


def leaves_by(node: Node) -> Callable[[Head, int], Sequence[bytes]]:
    def read(head: Head, start: int) -> Sequence[bytes]:
        for branch in node.store.branches(head.origin):
            if root_at(node.store, branch, head.size) == head.root:
                return [leaf_hash(one) for one in node.store.entries(branch, start, head.size)]
        raise Refused(f"{head.origin} is not held up to {head.size}")

    return read


def signed_by(node: Node) -> list[FrontierSigned]:
    facts: list[Fact] = []
    for origin in node.store.origins():
        for branch in node.store.branches(origin):
            facts += collect(origin, 0, node.store.entries(branch, 0, branch.head.size))
    return [fact for fact in facts if isinstance(fact, FrontierSigned)]


def minutes_of(node: Node, n_members: int = 3) -> tuple[Minutes, tuple[bytes, ...]]:
    return derive("nrc", signed_by(node), n_members, leaves_by(node))


def heads_of(node: Node, *but: str) -> list[Head]:
    return [
        node.store.branches(name)[0].head
        for name in node.store.origins()
        if name not in but and node.store.branches(name)
    ]


def three() -> tuple[Node, Node, Node]:
    a, b, c = council("a", "b", "c")
    a.write("1", "2")
    b.write("1")
    c.write("1", "2", "3")
    exchange(a, b, c)
    return a, b, c


def test_every_node_derives_the_same_tree() -> None:
    nodes = three()
    heads = heads_of(nodes[0])
    for node in nodes[:2]:
        node.say(FRONTIER, frontier_body(1, (0, EMPTY_ROOT), heads))
    exchange(*nodes)
    found = [minutes_of(node) for node in nodes]
    assert found[0] == found[1] == found[2]
    minutes, lines = found[0]
    assert (minutes.epoch, minutes.edge.size, len(lines)) == (1, 6, 6)
    assert minutes.head.root == root_of([leaf_hash(line) for line in lines])
    expected = [
        minutes_leaf(head.origin, index, leaf)
        for head in heads
        for index, leaf in enumerate(leaves_by(nodes[2])(head, 0))
    ]
    assert list(lines) == expected
    assert lines[0].startswith(b"nrc/a 0 ")
    # Who holds the one head, cosigned, can be shown that any entry was on the record.
    line = cosign(minutes.head.text, nodes[0].witness, 9)
    verify_cosignature(minutes.head, line, nodes[0].witness.verifier)

    def read(level: int, index: int) -> bytes:
        return root_of([leaf_hash(one) for one in lines[index << level : (index + 1) << level]])

    verify_inclusion(4, 6, leaf_hash(lines[4]), prove_inclusion(4, 6, read), minutes.head.root)


def test_a_log_that_comes_late_enters_a_later_epoch() -> None:
    a, b, c = nodes = three()
    heads = heads_of(a, "nrc/c")
    for node in (a, b):
        node.say(FRONTIER, frontier_body(1, (0, EMPTY_ROOT), heads))
    exchange(*nodes)
    first, lines = minutes_of(c)
    assert dict(first.sizes) == {"nrc/a": 2, "nrc/b": 1}
    for node in (b, c):
        node.say(FRONTIER, frontier_body(2, first.before, heads_of(a)))
    exchange(*nodes)
    second, more = minutes_of(a)
    assert minutes_of(b) == minutes_of(c) == (second, more)
    assert second.epoch == 2
    assert more[: len(lines)] == lines
    assert [line for line in more[len(lines) :] if line.startswith(b"nrc/c")]
    assert dict(second.sizes)["nrc/c"] == 3


def test_a_minority_does_nothing() -> None:
    nodes = three()
    nodes[0].say(FRONTIER, frontier_body(1, (0, EMPTY_ROOT), heads_of(nodes[0])))
    nodes[0].say(FRONTIER, frontier_body(1, (0, EMPTY_ROOT), heads_of(nodes[0])))
    exchange(*nodes)
    assert minutes_of(nodes[1]) == (Minutes("nrc"), ())
    assert minutes_of(nodes[1])[0].head == Head("nrc/minutes", 0, EMPTY_ROOT)


def of(member: str, epoch: int, before: tuple[int, bytes], heads: tuple[Head, ...]) -> FrontierSigned:
    return FrontierSigned(Place(f"nrc/{member}", 0, bytes(32)), epoch, before, heads)


@pytest.mark.parametrize(
    ("n_signed", "n_members", "agreed"), [(1, 2, 0), (2, 2, 1), (2, 4, 0), (3, 4, 1), (3, 5, 1), (0, 0, 0)]
)
def test_more_than_half_must_sign(n_signed: int, n_members: int, agreed: int) -> None:
    signed = [of(str(number), 1, (0, EMPTY_ROOT), ()) for number in range(n_signed)]
    assert len(agreed_frontiers(signed, Minutes("nrc"), n_members)) == agreed


def test_two_agreed_frontiers_are_refused() -> None:
    one: tuple[Head, ...] = (Head("nrc/a", 1, bytes(32)),)
    two: tuple[Head, ...] = ()
    both = [of(name, 1, (0, EMPTY_ROOT), heads) for name in "ab" for heads in (one, two)]
    assert len(agreed_frontiers(both, Minutes("nrc"), 3)) == 2
    with pytest.raises(Refused):
        derive("nrc", both, 3, lambda head, start: [])


def test_a_frontier_after_something_else_does_not_count() -> None:
    for epoch, before in ((2, (0, EMPTY_ROOT)), (1, (1, EMPTY_ROOT)), (1, (0, bytes(32)))):
        signed = [of(name, epoch, before, ()) for name in "abc"]
        assert derive("nrc", signed, 3, lambda head, start: [])[0].epoch == 0


def test_a_frontier_does_not_take_back_what_is_in_the_minutes() -> None:
    grown, _ = next_epoch(Minutes("nrc"), [Head("nrc/a", 2, bytes(32))], lambda head, start: [bytes(32)] * 2)
    with pytest.raises(Refused):
        next_epoch(grown, [Head("nrc/a", 1, bytes(32))], lambda head, start: [])


def test_a_frontier_of_a_head_that_is_not_held_is_refused() -> None:
    a, b, _ = three()
    head = Head("nrc/a", 99, bytes(32))
    for node in (a, b):
        node.say(FRONTIER, frontier_body(1, (0, EMPTY_ROOT), [head]))
    b.pull(a)
    with pytest.raises(Refused):
        minutes_of(b)


@quick
@given(st.permutations([(name, epoch) for epoch in (1, 2) for name in "abc"]))
def test_the_order_in_which_signatures_come_makes_no_difference(order: list[tuple[str, int]]) -> None:
    head = Head("nrc/a", 1, bytes(32))
    first, _ = next_epoch(Minutes("nrc"), [head], lambda one, start: [bytes(32)])
    before = {1: (0, EMPTY_ROOT), 2: first.before}
    signed = [of(name, epoch, before[epoch], (head,)) for name, epoch in order]
    minutes, lines = derive("nrc", signed, 3, lambda one, start: [bytes(32)] * (one.size - start))
    assert (minutes.epoch, len(lines)) == (2, 1)


def test_only_members_of_the_council_sign_its_minutes() -> None:
    signed = [FrontierSigned(Place(f"other/{n}", 0, bytes(32)), 1, (0, EMPTY_ROOT), ()) for n in "abc"]
    assert derive("nrc", signed, 5, lambda head, start: [])[0].epoch == 0
