"""Jobs: who does not answer is asked less and less, who has news at once; who lies harms nothing."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from allweather.errors import InputError, StoreError
from allweather.node.jobs import Timings, back_off
from allweather.node.reaching import Way
from allweather.node.rehearsing import Dice, Weather, parse_clock
from tests.node.nodes import QUICK, Members, statement, until


@contextlib.contextmanager
def crooked(answer: bytes, *, waits: bool = False) -> Iterator[tuple[str, list[float]]]:
    """A server that gives the same bytes to everyone, and the times at which it was asked.

    One that `waits` answers nobody before the end.
    """
    times: list[float] = []
    ends = threading.Event()
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                line, _ = server.accept()
            except OSError:
                return
            with line, contextlib.suppress(OSError):
                line.settimeout(5)
                line.recv(65_536)
                times.append(time.monotonic())
                if waits:
                    ends.wait()
                line.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}", times
    finally:
        ends.set()
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(2)


def test_the_wait_doubles_up_to_a_bound_with_half_of_it_up_to_chance() -> None:
    timings = Timings(first=1.0, most=60.0)
    assert [back_off(n, timings, lambda: 1.0) for n in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert back_off(3, timings, lambda: 0.0) == 2
    assert back_off(10_000, timings, lambda: 1.0) == 60


def test_who_does_not_answer_is_asked_less_and_less_often(members: Members) -> None:
    ann = members["ann"]
    ann.start(QUICK)
    with crooked(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n") as (address, times):
        ann.add(address, static=True)
        time.sleep(2.0)
        n_asked = len(times)
    assert 3 <= n_asked <= 16  # and not 200
    state = ann.running.peer_states()[0]
    assert state["failures"]
    assert "500" in str(state["error"])


def test_who_is_there_again_is_asked_at_once_when_it_says_so(members: Members) -> None:
    ann, ben = members["ann"], members["ben"]
    far = Timings(every=600.0, gap=0.01, first=600.0, most=600.0)
    ben.start()
    address = ben.running.address
    ben.stop()
    ann.start(far)
    ann.add(address, member=ben.origin)
    until(lambda: ann.running.peer_states()[0]["failures"])
    from allweather.node.running import Listen

    ben.start(listen=Listen("127.0.0.1", int(address.rpartition(":")[2])))
    ref = ben.found("ben", "ann")
    assert ann.ask("POST", "/notify", token="", json={"node": "nrc.example/other"}).status_code == 202
    time.sleep(0.1)
    assert not ann.holds(ref)
    assert ann.ask("POST", "/notify", token="", json={"node": ben.origin}).status_code == 202
    until(lambda: ann.holds(ref))
    until(lambda: not ann.running.peer_states()[0]["failures"])


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx",
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b'HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\n{"logs":[],"node":"","v":1}'[:-1],
    ],
)
def test_what_a_crooked_peer_answers_harms_nothing(members: Members, answer: bytes) -> None:
    ann = members["ann"]
    ann.start()
    ann.found("ann")
    with crooked(answer) as (address, times):
        ann.add(address)
        until(lambda: times)
        until(lambda: (state := ann.running.peer_states()[0])["error"] or state["last"])
        ann.sign(statement())
        assert ann.ask("GET", "/api/views/council").status_code == 200
    assert ann.size("ann") == 2


def test_a_slow_peer_does_not_keep_others_waiting(members: Members) -> None:
    ann, ben = members["ann"], members["ben"]
    ann.start(Timings(every=0.2, gap=0.01, wait=600.0, turn=0.1))
    ben.start()
    with crooked(b"", waits=True) as (address, times):
        ann.add(address)
        until(lambda: times)
        ann.add(ben)
        ref = ben.found("ben", "ann")
        until(lambda: ann.holds(ref))
        (slow,) = (one for one in ann.running.peer_states() if one["address"] == address)
        assert (slow["error"], slow["last"]) == ("", None)  # it still waits for its first answer


def test_an_answer_that_drips_is_broken_off() -> None:
    server = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        line, _ = server.accept()
        with line, contextlib.suppress(OSError):
            line.recv(65_536)
            line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            for _ in range(100):
                line.sendall(b"x")
                time.sleep(0.05)

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    way = Way(f"http://127.0.0.1:{server.getsockname()[1]}", longest=0.3)
    with pytest.raises(StoreError, match="too slow"):
        way.read("index", 2_000)
    way.close()
    server.close()
    thread.join(3)


def test_a_way_that_is_closed_stays_closed() -> None:
    with crooked(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc") as (address, _):
        way = Way(address)
        assert way.read("index", 3) == b"abc"
        with pytest.raises(InputError):
            way.read("index", 2)
        with pytest.raises(InputError):
            way.read("../x", 2)
        way.close()
        with pytest.raises(StoreError):
            way.read("index", 3)
    with pytest.raises(InputError, match="plain http"):
        Way("http://far.example")


# Rehearsals


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [("+86400", 87_400, 87_410), ("-60", 940, 950), ("x600", 1_000, 7_000), ("+5x2@900", 1_105, 1_125)],
)
def test_a_clock_can_be_wrong_and_fast(text: str, before: int, after: int) -> None:
    seconds = [1_000.0]
    clock = parse_clock(text, lambda: seconds[0])
    assert clock() == before
    seconds[0] += 10
    assert clock() == after


@pytest.mark.parametrize("text", ["", "x", "86400", "+1x", "+1@5", "x2 ", "+99999999999", "١x2"])
def test_what_is_no_clock_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_clock(text, lambda: 0.0)


def test_dice_are_even_and_repeat() -> None:
    thrown = [Dice(b"seed")() for _ in range(3)]
    assert len(set(thrown)) == 1
    dice = Dice(b"seed")
    many = [dice() for _ in range(4_000)]
    assert min(many) >= 0
    assert max(many) < 1
    assert abs(sum(many) / len(many) - 0.5) < 0.03


def test_nodes_that_lose_a_third_of_their_requests_still_meet(members: Members) -> None:
    ann, ben = members["ann"], members["ben"]
    for number, one in enumerate((ann, ben)):
        one.start(weather=Weather(0.3, Dice(bytes([number]))))
    ann.add(ben)
    ben.add(ann)
    charter = ann.found("ann", "ben")
    until(lambda: ben.holds(charter))
    refs = [ben.sign(statement(str(number)), content=b"apart") for number in range(10)]
    until(lambda: all(map(ann.holds, refs)))
    until(lambda: ann.running.shared.desk.storage.wanted() == ())


def test_a_node_that_withholds_a_log_gives_it_to_nobody(members: Members) -> None:
    ann, ben, cem = members["ann"], members["ben"], members["cem"]
    ann.start()
    charter = ann.found("ann", "ben", "cem")
    ben.start(weather=Weather(withheld=frozenset({ann.origin})))
    ben.add(ann)
    until(lambda: ben.holds(charter))
    cem.start()
    cem.add(ben)
    until(lambda: cem.size("ben") >= 1)
    assert cem.size("ann") == 0
    assert ben.ask("GET", f"/record/{ann.origin}/checkpoint").status_code == 404
    cem.add(ann)  # one node that gives it is enough
    until(lambda: cem.holds(charter))


def test_a_cut_stops_everything_and_ends(members: Members) -> None:
    ann, ben = members["ann"], members["ben"]
    ann.start(weather=Weather(rehearsal=True))
    ben.start()
    assert ben.ask("POST", "/api/rehearsal", json={"cut": True}).status_code == 404
    ann.add(ben)
    ben.add(ann)
    charter = ann.found("ann", "ben")
    until(lambda: ben.holds(charter))
    assert ann.ask("POST", "/api/rehearsal", json={"cut": "yes"}).status_code == 400
    assert ann.ask("POST", "/api/rehearsal", json={"cut": True}).json() == {"cut": True}
    for method, path in (("GET", "/record/index"), ("POST", "/notify"), ("POST", "/push")):
        assert ann.ask(method, path).status_code == 503
    ref = ann.sign(statement("Alone."))
    time.sleep(0.5)
    assert not ben.holds(ref)
    assert json.loads(ann.ask("GET", "/health").content)["cut"] is True
    ann.ask("POST", "/api/rehearsal", json={"cut": False})
    until(lambda: ben.holds(ref))
