"""Pull: whatever the line or the other node does, the store stays good and a later clean pull completes."""

from __future__ import annotations

import hashlib
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allweather.errors import InputError
from allweather.record.checkpoints import Checkpoint, Head, open_checkpoint, parse_checkpoint
from allweather.record.entries import parse_entry
from allweather.record.facts import REDACT, redact_body
from allweather.record.keys import parse_base64
from allweather.record.members import make_succession
from allweather.record.merkle import EMPTY_ROOT, leaf_hash
from allweather.record.notes import Note, NoteSignature, format_note
from allweather.record.proofs import parse_equivocation, verify_equivocation
from allweather.record.storage import Batch, edge_at, grow
from allweather.store.memory import MemoryStore
from allweather.sync.layout import INDEX
from allweather.sync.pull import MAX_NEW_BYTES, Pull
from tests.record.making import (
    Node,
    council,
    edge_of,
    exchange,
    files_of,
    head_of,
    signers_of,
    take_in,
    text_entry,
)
from tests.simulation.cheap import cheap_signatures


def check_good(node: Node) -> None:
    """Everything that a store holds is signed, leads to its root, and can be published."""
    standing = node.stand()
    for origin in node.store.origins():
        for branch in node.store.branches(origin):
            open_checkpoint(branch.checkpoint, standing.logs[origin].history.log_keys)
            entries = node.store.entries(branch, 0, branch.head.size)
            assert head_of(origin, entries) == branch.head
            assert branch.edge == edge_of(entries)
        for proof in node.store.equivocations(origin):
            verify_equivocation(parse_equivocation(proof), standing.logs[origin].history.log_keys)
    for one in node.store.wanted():
        assert node.store.payload(one.digest) is None
    files = files_of(node)
    assert set(files) == set(node.publication().paths())


def source() -> Node:
    """A node with two logs, payloads, two faces, a succession and acknowledgements."""
    a, b, c = council("a", "b", "c")
    a.pay("p1", "p2")
    a.write(*map(str, range(260)))
    twin = a.copy()
    a.write("one")
    twin.write("two", "more")
    c.write("1")
    c.succeed()
    c.write("2")
    for one in (a, twin, c):
        b.pull(one)
    b.write("mine")
    b.acknowledge()
    return b


@pytest.fixture(scope="module")
def publishing() -> Node:
    with cheap_signatures():
        return source()


def newcomer(publishing: Node, n_first: int = 0) -> Node:
    node = Node("nrc/d")
    if n_first:
        entries = publishing.store.entries(publishing.store.branches("nrc/a")[0], 0, n_first)
        other = Node("nrc/a")
        other.forge(entries, other.log)
        node.pull(other)
    return node


def complete(node: Node, publishing: Node) -> None:
    report = node.pull(publishing)
    assert report.complete, report.faults
    check_good(node)
    logs = {log.origin: log for log in node.stand().logs.values() if log.origin != "nrc/d"}
    theirs = publishing.stand().logs
    for origin, log in theirs.items():
        ours = logs[origin]
        assert sorted((f.head.size, f.head.root, f.n_standing) for f in ours.faces) == sorted(
            (f.head.size, f.head.root, f.n_standing) for f in log.faces
        )
        assert (ours.two_faced, ours.history.links) == (log.two_faced, log.history.links)
    assert not node.store.wanted()


@pytest.mark.parametrize("n_first", [0, 1, 255, 262])
def test_a_clean_pull_takes_in_everything(publishing: Node, n_first: int) -> None:
    with cheap_signatures():
        node = newcomer(publishing, n_first)
        complete(node, publishing)
        assert node.standing("nrc/a").two_faced
        assert len(node.store.equivocations("nrc/a")) == 1
        again = node.pull(publishing)
        assert (again.complete, again.entries, again.n_payloads, again.two_faced) == (True, {}, 0, [])


FAULTS = ("lost", "empty", "cut", "bit", "longer", "other")


def spoil(fault: str, data: bytes | None, dice: Random, other: bytes) -> bytes | None:
    if data is None or fault == "lost":
        return None
    place = dice.randrange(len(data)) if data else 0
    return {
        "empty": b"",
        "cut": data[:place],
        "bit": data[:place] + bytes([data[place] ^ 1 << dice.randrange(8)]) + data[place + 1 :],
        "longer": data + b"\n",
        "other": other,
    }[fault]


def test_any_file_may_be_spoiled_in_any_way(publishing: Node) -> None:
    with cheap_signatures():
        files = files_of(publishing)
        asked: list[str] = []
        take_in(newcomer(publishing).store, files.get, line=lambda path, data: (asked.append(path), data)[1])  # type: ignore[func-returns-value]
        assert len(asked) > 15
        dice = Random(1)
        for target in dict.fromkeys(asked):
            for fault in FAULTS:
                node = newcomer(publishing)
                other = (
                    files["nrc/c/checkpoint"] if target != "nrc/c/checkpoint" else files["nrc/a/checkpoint"]
                )

                def line(
                    path: str, data: bytes | None, t: str = target, f: str = fault, o: bytes = other
                ) -> bytes | None:
                    return spoil(f, data, dice, o) if path == t else data

                report = take_in(node.store, files.get, line=line)
                held = report.complete and "/payload/" not in target
                assert not held or fault in ("bit", "other"), (target, fault)
                for origin in node.store.origins():
                    for branch in node.store.branches(origin):
                        rows = node.store.entries(branch, 0, branch.head.size)
                        assert head_of(origin, rows) == branch.head
                assert take_in(node.store, files.get).complete, (target, fault)
                assert node.stand().logs["nrc/a"].two_faced


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([0, 1, 262]))
def test_a_bad_line_leaves_a_good_store(seed: int, n_first: int) -> None:
    with cheap_signatures():
        publishing = _source_once()
        files, dice = files_of(publishing), Random(seed)
        node = newcomer(publishing, n_first)
        paths = sorted(files)
        for _ in range(3):
            pull = Pull(node.store, accept=lambda card: True)
            while asked := list(pull.outgoing()):
                dice.shuffle(asked)
                for path in asked:
                    data = files.get(path)
                    if dice.random() < 0.15:
                        data = spoil(dice.choice(FAULTS), data, dice, files[dice.choice(paths)])
                    pull.receive(dice.choice(paths), b"not asked for yet")
                    pull.receive(path, data)
                    pull.receive(path, b"twice")
                if dice.random() < 0.05:
                    break
            for origin in node.store.origins():
                for branch in node.store.branches(origin):
                    assert head_of(origin, node.store.entries(branch, 0, branch.head.size)) == branch.head
        complete(node, publishing)


_KEPT: list[Node] = []


def _source_once() -> Node:
    if not _KEPT:
        _KEPT.append(source())
    return _KEPT[0]


def test_the_order_of_files_makes_no_difference(publishing: Node) -> None:
    with cheap_signatures():
        files = files_of(publishing)
        digests = set()
        for seed in range(5):
            node, dice = newcomer(publishing), Random(seed)
            pull = Pull(node.store, accept=lambda card: True)
            while asked := list(pull.outgoing()):
                dice.shuffle(asked)
                for path in asked:
                    pull.receive(path, files.get(path))
            assert pull.report.complete
            digests.add(node.stand().digest)
        assert len(digests) == 1


def test_files_that_were_not_asked_for_are_ignored() -> None:
    a, b = council("a", "b")
    a.write("1")
    pull = Pull(b.store, accept=lambda card: True)
    assert pull.outgoing() == (INDEX,)
    for path, data in files_of(a).items():
        if path != INDEX:
            pull.receive(path, data)
    assert pull.outgoing() == (INDEX,)
    assert not b.store.branches("nrc/a")


def test_a_file_beyond_its_bound_is_not_there() -> None:
    a, b = council("a", "b")
    a.write("1")
    for path, data in files_of(a).items():
        pull = Pull(b.copy().store, accept=lambda card: True)
        while asked := pull.outgoing():
            for one in asked:
                good = a.publication().read(one)
                pull.receive(one, good + bytes(pull.limit(one)) if one == path and good else good)
        asked_for = path.endswith(("index", "checkpoint")) or "entries" in path
        assert pull.report.complete != asked_for, path
        assert data


def test_unknown_members_are_taken_in_only_if_accepted() -> None:
    a, b = council("a", "b")
    d = Node("nrc/d")
    a.write("1")
    b.pull(a)
    report = d.pull(b, accept=lambda card: card.origin != "nrc/a")
    assert (report.met, report.unknown, report.complete) == (["nrc/b"], ["nrc/a"], True)
    assert d.store.origins() == ("nrc/b", "nrc/d")
    assert d.pull(b).met == ["nrc/a"]
    assert d.store.branches("nrc/a")


def test_another_s_card_under_a_name_is_not_taken_in() -> None:
    a, b = council("a", "b")
    files = files_of(a)
    card = next(path for path in files if path.startswith("nrc/b/keys"))
    files = {
        path: format_note(Node("nrc/z").card.note) if path == card else data for path, data in files.items()
    }
    d = Node("nrc/d")
    assert not take_in(d.store, files.get).complete
    assert "nrc/b" not in d.store.origins()
    assert b.origin == "nrc/b"


def test_a_relay_that_hides_a_log_delays_it_only() -> None:
    a, b, c, d = council("a", "b", "c", "d")
    a.write("1")
    b.pull(a)
    c.pull(a)

    def hide(path: str, data: bytes | None) -> bytes | None:
        return None if path.startswith("nrc/a/") else data

    assert not d.pull(b, line=hide).complete
    assert not d.store.branches("nrc/a")
    assert d.pull(c).complete
    assert d.standing("nrc/a").n_standing == 1


def test_a_log_that_29_of_30_nodes_withhold_arrives_through_the_thirtieth() -> None:
    with cheap_signatures():
        nodes = council(*(f"m{number:02d}" for number in range(30)))
        author, reader, honest = nodes[0], nodes[1], nodes[29]
        author.write("unwelcome")
        for node in nodes[2:]:
            node.write("x")
            node.pull(author)
        for node in nodes[2:]:
            if node is honest:
                reader.pull(node)
            else:
                reader.pull(node, line=lambda path, data: None if path.startswith(author.origin) else data)
            assert bool(reader.store.branches(author.origin)) == (node is honest)
        assert reader.standing(author.origin).n_standing == 1


def test_a_fork_is_known_to_all_30_members_within_one_round() -> None:
    with cheap_signatures():
        nodes = council(*(f"m{number:02d}" for number in range(30)))
        liar = nodes[0]
        liar.write("1")
        twin = liar.copy()
        liar.write("2", "3")
        twin.write("2'")
        for number, node in enumerate(nodes[1:]):
            node.pull(twin if number % 2 else liar)
        assert not any(node.standing(liar.origin).two_faced for node in nodes[1:])
        # One round: each pulls once from two neighbours, of whom one saw the other face.
        before = [node.copy() for node in nodes[1:]]
        digests = set()
        for number, node in enumerate(nodes[1:]):
            for step in (1, 2):
                node.pull(before[(number + step) % 29])
            assert node.standing(liar.origin).two_faced
            (proof,) = node.store.equivocations(liar.origin)
            assert len(proof) <= 2_048
            verify_equivocation(parse_equivocation(proof), [liar.log.verifier])
            digests.add(node.stand().digest)
        assert len(digests) == 1


def test_the_proof_of_a_fork_in_a_log_of_100_000_entries_is_small() -> None:
    rows = [b"%d" % number for number in range(100_000)]
    a, b, c = council("a", "b", "c")
    a.forge(rows, a.log)
    twin = Node("nrc/a")
    twin.forge([*rows[:99_990], b"other"], a.log)
    b.pull(a)
    report = b.pull(twin)
    assert report.two_faced == ["nrc/a"]
    assert report.complete
    (proof,) = b.store.equivocations("nrc/a")
    assert len(proof) <= 2_048
    verify_equivocation(parse_equivocation(proof), [a.log.verifier])
    fork = b.store.branches("nrc/a")[1]
    assert (fork.fork_at, fork.head.size) == (99_990, 99_991)
    assert edge_at(b.store, fork, 99_990) == edge_of(rows[:99_990])
    assert c.origin == "nrc/c"


@pytest.mark.parametrize(
    ("one", "two", "shared"), [(3, 3, 0), (5, 300, 4), (600, 300, 256), (600, 513, 512), (300, 700, 257)]
)
def test_wherever_two_faces_part(one: int, two: int, shared: int) -> None:
    with cheap_signatures():
        a, b = council("a", "b")
        rows = [text_entry("nrc/a", n) for n in range(max(one, two))]
        twin = Node("nrc/a")
        a.forge(rows[:one], a.log)
        twin.forge([*rows[:shared], *(text_entry("nrc/a", n, "other") for n in range(shared, two))], a.log)
        for order in ((a, twin), (twin, a)):
            node = Node("nrc/z")
            for publication in order:
                assert node.pull(publication).complete
            check_good(node)
            assert node.store.branches("nrc/a")[1].fork_at == shared
            assert node.pull(a).entries == node.pull(twin).entries == {}
        assert b.origin == "nrc/b"


def test_a_short_head_of_a_longer_log_is_no_fork() -> None:
    a, b = council("a", "b")
    a.write("1")
    early = a.copy()
    a.write("2")
    b.pull(a)
    report = b.pull(early)
    assert report.complete
    assert (report.two_faced, len(b.store.branches("nrc/a"))) == ([], 1)


def test_redacting_every_payload_leaves_everything_verifying() -> None:
    with cheap_signatures():
        a, b, c = nodes = council("a", "b", "c")
        for node in nodes:
            node.pay(*(f"{node.origin} {number}" for number in range(5)))
        exchange(*nodes)
        for node in nodes:
            for data in node.own():
                node.redact(parse_entry(data))
        exchange(*nodes)
        for node in nodes:
            check_good(node)
            assert not [path for path in node.publication().paths() if "/payload/" in path]
            assert not node.store.wanted()
            assert len(node.stand().erased()) == 15
        late = Node("nrc/z")
        assert late.pull(b).complete
        digests = {node.stand().logs["nrc/a"].n_standing for node in (*nodes, late)}
        assert digests == {10}
        assert len({node.stand().digest for node in nodes}) == 1
        assert a.origin != c.origin


def test_a_redacted_payload_is_not_taken_in_again() -> None:
    a, b, c = council("a", "b", "c")
    a.pay("secret")
    for node in (b, c):
        node.pull(a)
    entry = parse_entry(a.own()[0])
    assert entry.payload is not None
    digest = parse_base64(entry.payload.hash)
    kept = b.store.payload(digest)
    assert kept is not None
    a.redact(entry)
    c.pull(a)
    c.pull(b)
    c.store.commit(Batch(payloads=(kept,)))
    assert c.store.payload(digest) is None


def test_a_payload_that_is_another_s_is_refused() -> None:
    a, b = council("a", "b")
    a.pay("secret")
    report = b.pull(a, line=lambda path, data: b"x" * 40 if "/payload/" in path else data)
    assert report.faults
    assert len(b.store.wanted()) == 1
    assert b.pull(a).n_payloads == 1
    assert not b.store.wanted()


def test_what_is_new_is_bounded() -> None:
    a, b = council("a", "b")
    a.write(*("x" * 1_000 for _ in range(20)))
    report = b.pull(a, max_new_bytes=10_000)
    assert not report.complete
    assert not b.store.branches("nrc/a")
    assert b.pull(a, max_new_bytes=MAX_NEW_BYTES).complete


def test_what_is_new_in_one_round_is_bounded_over_all_logs() -> None:
    a, b, c = council("a", "b", "c")
    for node in (a, b):
        node.write("x" * 3_000)
    b.pull(a)
    report = c.pull(b, max_new_bytes=4_000)
    assert not report.complete
    assert len([origin for origin in ("nrc/a", "nrc/b") if c.store.branches(origin)]) == 1


# What a dishonest relay can add.


def test_a_strange_line_on_a_checkpoint_does_not_spoil_the_proof() -> None:
    a, b = council("a", "b")
    a.write("1")
    twin = a.copy()
    a.write("2")
    twin.write("2'")
    b.pull(a)
    relay = Node("nrc/a")
    relay.forge(twin.own(), a.log, NoteSignature("nrc/a", b"junk", bytes(64)))
    b.pull(relay)
    check_good(b)


def test_strange_lines_on_a_checkpoint_are_not_kept() -> None:
    a, b = council("a", "b")
    a.write("1")
    relay = Node("nrc/a")
    relay.forge(a.own(), a.log, *(NoteSignature("nrc/a", b"junk", bytes([n])) for n in range(100)))
    assert b.pull(relay).complete
    data = b.publication().read("nrc/a/checkpoint")
    assert data is not None
    assert len(parse_checkpoint(data).note.signatures) == 1


def test_another_file_of_the_same_card_is_no_fault() -> None:
    a, b = council("a", "b")
    note = Note(a.card.note.text, (*a.card.note.signatures, NoteSignature("z", b"junk", b"1")))
    d = Node("nrc/d")
    d.store.commit(Batch(key_notes=(("nrc/a", format_note(note)),)))
    assert b.pull(d).complete


def test_nobody_can_block_another_s_succession() -> None:
    with cheap_signatures():
        a, b = council("a", "b")
        a.write("1")
        spam = [
            make_succession(Head("nrc/a", 0, EMPTY_ROOT), a.card, *signers_of("nrc/a", n))
            for n in range(9, 1_010)
        ]
        relay = Node("nrc/z")
        relay.learn(a.card, *spam)
        b.pull(relay)
        a.succeed()
        a.write("2")
        b.pull(a)
        assert b.standing("nrc/a").n_standing == 2


def test_a_thief_cannot_block_the_owner_s_log() -> None:
    with cheap_signatures():
        a, b = council("a", "b")
        a.write("1")
        b.pull(a)
        for number in range(101):
            thief = Node("nrc/a")
            thief.forge([*a.own(), text_entry("nrc/a", 1, f"forged {number}")], a.log)
            b.pull(thief)
        a.succeed()
        a.write("2")
        b.pull(a)
        assert b.standing("nrc/a").n_standing == 2


def test_a_new_key_before_its_own_position_accuses_nobody() -> None:
    a, d = council("a", "d")
    a.write(*"12345")
    a.succeed()
    a.write("6")
    liar = Node("nrc/a")
    liar.forge([text_entry("nrc/a", number, "bad") for number in range(3)], a.log)
    d.pull(a)
    report = d.pull(liar)
    assert not d.standing("nrc/a").two_faced
    assert not d.store.equivocations("nrc/a")
    assert report.two_faced == []


@pytest.mark.parametrize("case", ["index", "node", "origin", "empty"])
def test_what_is_no_publication_brings_nothing(case: str) -> None:
    store = MemoryStore()
    data = {"index": b"{}", "node": b"", "origin": b'{"logs":[],"node":"nrc/a","v":2}', "empty": None}[case]
    report = take_in(store, {INDEX: data}.get)
    assert (report.complete, len(report.faults), store.origins()) == (False, 1, ())


def test_a_checkpoint_of_another_log_is_refused() -> None:
    a, b, c = council("a", "b", "c")
    a.write("1")
    b.write("1")
    c2 = c.copy()
    files = files_of(a)
    b.pull(a)
    both = files_of(b)
    both["nrc/a/checkpoint"] = both["nrc/b/checkpoint"]
    report = take_in(c2.store, both.get)
    assert not report.complete
    assert not c2.store.branches("nrc/a")
    assert c2.store.branches("nrc/b")
    assert files


def test_a_false_proof_is_not_kept() -> None:
    a, b, c = council("a", "b", "c")
    a.write("1")
    twin = Node("nrc/a")
    other = signers_of("nrc/a", 5)[0]
    twin.forge([text_entry("nrc/a", 0, "other")], other)
    b.pull(a)
    small, large = twin.branch.checkpoint, a.branch.checkpoint
    from allweather.record.proofs import Equivocation, format_equivocation

    false = format_equivocation(Equivocation(small, large, large.head.root, ()))
    b.store.commit(Batch(equivocations=(("nrc/a", false),)))
    report = c.pull(b)
    assert not report.complete
    assert not c.store.equivocations("nrc/a")
    assert not c.standing("nrc/a").two_faced


def test_a_false_redaction_of_another_s_payload_erases_nothing_elsewhere() -> None:
    a, b, c = council("a", "b", "c")
    a.pay("secret")
    b.pull(a)
    entry = parse_entry(a.own()[0])
    assert entry.payload is not None
    digest = parse_base64(entry.payload.hash)
    c.say(REDACT, redact_body("nrc/a", 0, digest, "because"))
    b.pull(c)
    assert b.store.payload(digest)


def test_a_checkpoint_without_its_entries_is_refused() -> None:
    a, b = council("a", "b")
    rows = [text_entry("nrc/a", 0), text_entry("nrc/a", 1)]
    a.forge(rows, a.log)
    other = Node("nrc/a")
    other.forge(rows[:1], other.log)
    # The entries of one under the checkpoint of the other.
    checkpoint = Checkpoint(other.branch.head, a.branch.checkpoint.note)
    with pytest.raises(InputError):
        grow(None, rows[:1], Checkpoint(a.branch.head, checkpoint.note))
    files = files_of(a)
    files["nrc/a/tile/entries/000.p/2"] = files["nrc/a/tile/entries/000.p/2"].replace(b'"n":1', b'"n":7')
    assert not take_in(b.store, files.get).complete
    assert not b.store.branches("nrc/a")
    assert leaf_hash(rows[0]) != hashlib.sha256(rows[0]).digest()


def test_a_false_tile_cannot_double_a_face() -> None:
    a, b, c = council("a", "b", "c")
    a.write("1", "2")
    other = a.copy()
    a.write("3")
    other.write("three")
    b.pull(a)
    b.pull(other)
    other.write("four")
    c.pull(other)

    def lying(path: str, data: bytes | None) -> bytes | None:
        return bytes(len(data)) if data is not None and "/tile/0/" in path else data

    b.pull(c, line=lying)
    assert [branch.head.size for branch in b.store.branches("nrc/a")] == [3, 4]
    c.pull(b)
    b.pull(c)
    assert b.stand().digest == c.stand().digest
