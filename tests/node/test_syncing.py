"""Nodes in step: at once when told, through a third one, by pushing, and never with whom nobody named."""

from __future__ import annotations

import contextlib
import time
from functools import partial

import pytest

from allweather.council.bodies import Concern
from allweather.errors import InputError, Malformed
from allweather.node.actions import Actions, Doing
from allweather.node.jobs import Timings
from allweather.node.peers import Peers, read_peers, with_card, write_peers
from allweather.node.syncing import format_files, parse_files
from tests.node.nodes import QUICK, SLOW, Member, Members, statement, until


def pair(members: Members, timings: Timings = QUICK) -> tuple[Member, Member]:
    """Two nodes that are each other's peers, in one council."""
    ann, ben = members["ann"], members["ben"]
    ann.start(timings)
    ben.start(timings)
    ann.add(ben)
    ben.add(ann)
    charter = ann.found("ann", "ben", "cem")
    until(lambda: ben.holds(charter))
    ben.join(charter)
    until(lambda: ann.size("ben"))
    return ann, ben


def test_an_act_is_told_to_a_connected_peer(members: Members) -> None:
    ann, ben = pair(members, SLOW)  # they ask each other every ten minutes: only being told helps
    for _ in range(5):
        until(partial(ben.holds, ann.sign(statement())))
        until(partial(ann.holds, ben.sign(statement(), content=b"with a text apart")))
    until(lambda: ann.digest() == ben.digest())


def test_what_is_taken_in_is_acknowledged_in_the_own_log_and_that_comes_to_an_end(members: Members) -> None:
    ann, ben = pair(members)
    ref = ann.sign(statement())
    until(lambda: ben.holds(ref))

    def rests() -> bool:
        before = (ann.size("ann"), ann.size("ben"), ben.size("ann"), ben.size("ben"))
        time.sleep(0.6)
        return before == (ann.size("ann"), ann.size("ben"), ben.size("ann"), ben.size("ben"))

    until(rests)
    head = ann.running.shared.desk.storage.branches(ann.origin)[0].head
    given = ben.running.shared.desk.storage.cosigned(ann.origin, head.size)
    assert any(one.line.name == f"{ben.origin}/witness" for one in given) or ann.size("ann") > 2
    assert ann.digest() == ben.digest()


def test_a_word_travels_through_a_third_node(members: Members) -> None:
    ann, ben, cem = members["ann"], members["ben"], members["cem"]
    for one in (ann, ben, cem):
        one.start()
    ann.add(ben)
    ben.add(ann)
    ben.add(cem)
    cem.add(ben)
    charter = ann.found("ann", "ben", "cem")
    until(lambda: cem.holds(charter))
    cem.join(charter)
    ref = cem.sign(statement("Only ben can hear me."), content=b"apart")
    until(lambda: ann.holds(ref))
    until(lambda: ann.digest() == ben.digest() == cem.digest())
    # an acknowledgement signed meanwhile comes with its own content, one exchange later
    until(lambda: ann.running.shared.desk.storage.wanted() == ())


def test_a_peer_that_cannot_reach_us_is_brought_the_files(members: Members) -> None:
    ann, ben = members["ann"], members["ben"]
    ann.start()
    ben.start()
    ann.add(ben, push=True)  # ben has no peers: it can reach nobody
    charter = ann.found("ann", "ben")
    until(lambda: ben.holds(charter))
    doings = [Doing(statement(f"Statement {number}"), b"x" * 2_000) for number in range(300)]
    ann.running.shared.sign(*doings)
    until(lambda: ben.size("ann") >= 301)
    until(lambda: ben.running.shared.desk.storage.wanted() == ())
    until(lambda: ann.digest() == ben.digest())  # ann has pulled what ben acknowledged


def test_a_push_goes_on_when_the_peer_is_there_again(members: Members) -> None:
    ann, ben = members["ann"], members["ben"]
    ann.start()
    ben.start()
    address = ben.running.address
    ben.stop()
    ann.add(address, push=True)
    charter = ann.found("ann", "ben")
    time.sleep(0.3)
    host, port = address.removeprefix("http://").split(":")
    from allweather.node.running import Listen

    ben.start(listen=Listen(host, int(port)))
    until(lambda: ben.holds(charter))


def test_a_member_that_nobody_named_is_not_met(members: Members) -> None:
    ann, ben = members["ann"], members["ben"]
    ann.start()
    ann.found("ann", "ben")
    ben.start(meet=False)
    ben.add(ann)
    until(lambda: ben.running.peer_states()[0]["last"])
    last = ben.running.peer_states()[0]["last"]
    assert isinstance(last, dict)
    assert last["unknown"] == {ann.origin: members.cards["ann"].hex()}
    assert ben.size("ann") == 0
    write_peers(ben.home, with_card(read_peers(ben.home), ann.origin, members.cards["ann"]))
    until(lambda: ben.size("ann") == 1)


def test_another_card_than_the_one_that_was_named_is_refused(members: Members) -> None:
    ann, ben = members["ann"], members["ben"]
    ann.start()
    ann.found("ann")
    ben.start(meet=False, pins={ann.origin: bytes(32)})
    ben.add(ann)
    until(lambda: ben.running.peer_states()[0]["last"])
    assert ben.size("ann") == 0
    assert ben.running.shared.counts.get("allweather_refused_files_total") >= 1


def test_the_charter_says_whom_else_to_meet(members: Members) -> None:
    ann, ben, cem = members["ann"], members["ben"], members["cem"]
    only_ann = {ann.origin: members.cards["ann"]}
    ann.start()
    ben.start(meet=False, pins=only_ann)
    cem.start(meet=False, pins=only_ann)
    for one in (ben, cem):
        one.add(ann)
        ann.add(one)
    charter = ann.found("ann", "ben")  # cem has no seat
    until(lambda: ben.holds(charter) and cem.holds(charter))
    joined = ben.join(charter)
    until(lambda: ann.holds(joined))
    cem.running.sync_now(5.0)
    assert cem.size("ben") == 0  # the charter does not name cem, and cem has joined nothing
    assert ann.size("cem") == 0 or ann.pins  # ann's keeper named cem


def test_a_crash_before_acknowledging_is_made_good(members: Members) -> None:
    ann, ben = members["ann"], members["ben"]
    ann.start()
    charter = ann.found("ann", "ben")
    ben.start(SLOW)
    ben.running.shared.acknowledge = list  # type: ignore[method-assign]
    ben.add(ann)
    until(lambda: ben.holds(charter))
    assert ben.size("ben") == 0
    ben.stop()
    ben.start(SLOW)
    until(lambda: ben.size("ben") == 1)


def test_duties_are_done_by_the_node_itself(members: Members) -> None:
    ann, ben = members["ann"], members["ben"]

    def echo(actions: Actions) -> list[Doing]:
        fold = actions.view().fold
        own = actions.desk.home.origin
        asked = [act for act in fold.of(Concern) if act.origin != own]
        said = [act for act in fold.of(type(statement())) if act.origin == own]
        return [Doing(statement("I have read it."))] if len(said) < len(asked) else []

    ann.start(SLOW)
    ben.start(SLOW, duties=(echo,))
    ann.add(ben)
    ben.add(ann)
    charter = ann.found("ann", "ben")
    until(lambda: ben.holds(charter))
    ben.join(charter)
    ann.sign(Concern(title="Water"))
    fold = ann.running.shared.actions.view().fold
    until(lambda: [act for act in fold.of(type(statement())) if act.origin == ben.origin])
    time.sleep(0.3)
    assert len(ben.running.shared.actions.view().fold.of(type(statement()))) == 1


def test_framed_files_come_back_as_they_were() -> None:
    files = [("index", b"{}"), ("a/b/checkpoint", None), ("a/b/payload/x", b"\xff" * 3), ("ü", b"")]
    data = format_files(files)
    assert parse_files(data) == files
    for cut in range(1, len(data)):
        with contextlib.suppress(Malformed):
            assert parse_files(data[:cut]) == files[: len(parse_files(data[:cut]))]
    with pytest.raises(Malformed):
        parse_files(format_files([("x", None)] * 1_000))
    with pytest.raises(Malformed):
        parse_files(b"\x00\x01\xff" + bytes(8))


def test_peers_are_kept_as_they_are(members: Members) -> None:
    ann = members["ann"]
    assert read_peers(ann.home) == Peers()
    ann.add("https://x.example:8411/a", member="nrc.example/ben", push=True, ca="x.pem")
    ann.add("http://127.0.0.1:1", static=True)
    write_peers(ann.home, with_card(read_peers(ann.home), "nrc.example/ben", bytes(32)))
    found = read_peers(ann.home)
    assert [one.address for one in found.peer] == ["http://127.0.0.1:1", "https://x.example:8411/a"]
    assert found.peer[1].push
    assert found.peer[1].ca == "x.pem"
    assert found.pins == {"nrc.example/ben": bytes(32)}
    assert (ann.home / "peers.toml").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "text",
    [
        'peer = "x"',
        "[[peer]]\naddress = 3",
        '[[peer]]\naddress = "ftp://x"',
        '[[peer]]\naddress = "http://far.example"',
        '[[peer]]\naddress = "https://x.example/"',
        '[[peer]]\naddress = "https://x.example"\nnew = 1',
        '[[peer]]\naddress = "https://x.example"\nca = "../key"',
        '[[peer]]\naddress = "https://x.example"\n' * 2,
        '[meet]\n"nrc.example/ann" = "12"',
        "\x00",
        "[" * 5_000,
    ],
)
def test_a_broken_list_of_peers_is_refused_in_one_sentence(members: Members, text: str) -> None:
    (members["ann"].home / "peers.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_peers(members["ann"].home)
    assert "\n" not in str(caught.value).strip()


def test_a_list_of_peers_that_breaks_while_the_node_runs_changes_nothing(members: Members) -> None:
    ann, ben = members["ann"], members["ben"]
    ann.start()
    ben.start()
    ann.add(ben)
    (ann.home / "peers.toml").write_text("[[", encoding="utf-8")
    ann.running.neighbours.refresh()
    assert len(ann.running.peer_states()) == 1
    (ann.home / "peers.toml").unlink()
    ann.running.neighbours.refresh()
    assert ann.running.peer_states() == []
