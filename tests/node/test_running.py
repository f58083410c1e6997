"""Real processes: ready, told to stop with clients there, killed while they write; and copies put back."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from allweather.errors import OutputError, Refused, StoreError
from allweather.node.backups import back_up, restore
from allweather.node.peers import running_node
from allweather.record.keys import format_base64
from allweather.record.standing import stand
from allweather.store import open_sqlite
from allweather.sync.layout import Publication
from tests.node.nodes import QUICK, SLOW, Member, Members, statement, until


@contextlib.contextmanager
def process(member: Member, *options: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A node in a process of its own, and its address."""
    meet = [word for origin, card in member.pins.items() for word in ("--meet", f"{origin}={card.hex()}")]
    with (member.home.parent / f"{member.name}.log").open("w") as log:
        started = subprocess.Popen(
            [
                str(Path(sys.executable).with_name("allweather")),
                *("node", "run", str(member.home), "--passphrase-file", str(member.secret), *meet),
                *map(str, options),
            ],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            assert started.stdout is not None
            address = started.stdout.readline().strip()
            assert address.startswith("http"), (member.home.parent / f"{member.name}.log").read_text()
            yield started, address
        finally:
            started.kill()
            started.wait(10)
            if started.stdout is not None:
                started.stdout.close()


def ask(member: Member, address: str, method: str, path: str, **more: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {member.token}"}
    with httpx.Client(trust_env=False, timeout=10) as client:
        return client.request(method, address + path, headers=headers, **more)


def test_a_process_says_where_it_is_and_stops_with_clients_open(members: Members) -> None:
    ann = members["ann"]
    with process(ann) as (started, address):
        state = json.loads((ann.home / "node.json").read_text())
        assert state == {"address": address, "pid": started.pid, "node": ann.origin}
        for name in ("node.json", "token"):
            assert (ann.home / name).stat().st_mode & 0o777 == 0o600
        found = running_node(ann.home)
        assert found is not None
        assert (found.address, found.token, found.process) == (address, ann.token, started.pid)

        second = subprocess.run(
            [
                str(Path(sys.executable).with_name("allweather")),
                *("node", "run", str(ann.home), "--passphrase-file", str(ann.secret)),
            ],
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert second.returncode == 2
        assert second.stdout == ""
        assert "another process writes to it" in second.stderr
        assert json.loads((ann.home / "node.json").read_text()) == state  # still that of the first

        host, port = address.removeprefix("http://").split(":")
        with (
            socket.create_connection((host, int(port))) as idle,
            socket.create_connection((host, int(port))) as waiting,
        ):
            waiting.sendall(b"POST /notify HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n{")
            idle.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert idle.recv(65_536).startswith(b"HTTP/1.1 200")
            started.send_signal(signal.SIGTERM)
            assert started.wait(60) == 0  # with both lines open
        assert not (ann.home / "node.json").exists()
        assert running_node(ann.home) is None
    for line in (members.folder / "ann.log").read_text().splitlines():
        found_line = json.loads(line)
        assert {"at", "level", "event"} <= found_line.keys()
    secrets = (members.folder / "ann.log").read_text()
    assert ann.token not in secrets
    assert "correct horse" not in secrets


def test_what_was_acknowledged_survives_a_kill_at_any_moment(members: Members) -> None:
    ann = members["ann"]
    ann.start(SLOW)
    ann.found("ann")
    ann.stop()
    acknowledged: list[str] = []

    def grown(before: int) -> bool:
        return len(acknowledged) > before

    for wait in (0.15, 0.4):
        with process(ann) as (started, address):

            def write(address: str = address) -> None:
                with contextlib.suppress(httpx.HTTPError):
                    for number in range(10_000):
                        asked = {
                            "kind": "council.statement",
                            "body": {"title": str(number)},
                            "text": "x" * 900,
                        }
                        answer = ask(ann, address, "POST", "/api/acts", json=asked)
                        if answer.status_code == 201:
                            acknowledged.append(answer.json()["acts"][0]["ref"])

            writer = threading.Thread(target=write)
            n_before = len(acknowledged)
            writer.start()
            until(partial(grown, n_before))
            time.sleep(wait)
            os.kill(started.pid, signal.SIGKILL)
            started.wait(10)
            writer.join(10)
        assert running_node(ann.home) is None  # node.json is still there, and nobody answers
        store = open_sqlite(ann.home / "record.sqlite", create=False, read_only=True)
        try:
            (branch,) = store.branches(ann.origin)
            assert branch.head.size >= len(acknowledged) + 1
            index = Publication(store, stand(store), ann.origin).index()
            assert [len(log.branches) for log in index.logs if log.origin == ann.origin] == [1]
        finally:
            store.close()
    ann.start(SLOW)
    assert all(map(ann.holds, acknowledged))
    assert ann.running.shared.why_not_signing() == ""
    ann.sign(statement("On it goes."))


def test_a_process_with_a_clock_that_is_a_day_wrong_says_so_in_its_acts(members: Members) -> None:
    ann = members["ann"]
    with process(ann, "--clock", "+86400", "--rehearsal", "--every", "0.5") as (_, address):
        card = format_base64(members.cards["ann"])
        charter = {"title": "T", "members": [{"origin": ann.origin, "card": card}]}
        answer = ask(ann, address, "POST", "/api/acts", json={"kind": "council.charter", "body": charter})
        assert answer.status_code == 201, answer.text
        assert abs(answer.json()["acts"][0]["at"] - time.time() - 86_400) < 60
        assert ask(ann, address, "POST", "/api/rehearsal", json={"cut": True}).status_code == 200


# Copies


def test_a_copy_of_a_running_home_signs_only_after_it_has_asked(members: Members, tmp_path: Path) -> None:
    ann, ben, cem = members["ann"], members["ben"], members["cem"]
    for one in (ann, ben, cem):
        one.start()
    ann.add(ben)
    ben.add(ann)
    cem.add(ann)
    charter = ann.found("ann", "ben", "cem")
    until(lambda: ben.holds(charter) and cem.holds(charter))
    ann.add(cem)
    until(lambda: ann.size("ben") and ann.size("cem"))
    copy = tmp_path / "copy"
    back_up(ann.home, copy)
    assert not (copy / "token").exists()
    assert (copy / "keys" / "log.key").stat().st_mode & 0o777 == 0o600
    late = ann.sign(statement("After the copy was made."))
    until(lambda: ben.holds(late) and cem.holds(late))
    ann.stop()

    again = Member("ann", tmp_path / "again", members.cards)
    assert set(restore(copy, again.home)) == {ben.origin, cem.origin}
    with pytest.raises(OutputError, match="already"):
        restore(copy, again.home)
    members.found["again"] = again
    cem_address = cem.running.address
    cem.stop()
    again.start(QUICK)
    again.add(ben)
    until(lambda: again.holds(late))
    with pytest.raises(Refused, match="ask"):
        again.sign(statement("Too early: cem was not asked."))
    assert cem.origin in again.running.shared.why_not_signing()
    health = again.ask("GET", "/health").json()
    assert not health["signs"]
    assert again.ask("GET", f"/record/{ann.origin}/checkpoint").status_code == 200
    from allweather.node.running import Listen

    cem.start(listen=Listen("127.0.0.1", int(cem_address.rpartition(":")[2])))
    again.add(cem)
    until(lambda: again.running.shared.why_not_signing() == "")
    ref = again.sign(statement("Now."))
    again.running.sync_now(5.0)
    ben.add(again)
    until(lambda: ben.holds(ref))
    assert not ben.running.shared.desk.standing.logs[ann.origin].two_faced


def test_a_store_that_is_older_than_the_guard_asks_by_itself(members: Members, tmp_path: Path) -> None:
    ann, ben = members["ann"], members["ben"]
    ann.start()
    ben.start()
    ann.add(ben)
    ben.add(ann)
    charter = ann.found("ann", "ben")
    until(lambda: ben.holds(charter) and ann.size("ben"))
    old = tmp_path / "old"
    back_up(ann.home, old)
    ref = ann.sign(statement())
    until(lambda: ben.holds(ref))
    ann.stop()
    for name in ("record.sqlite", "record.sqlite-wal", "record.sqlite-shm"):
        (ann.home / name).unlink(missing_ok=True)
    (old / "record.sqlite").rename(ann.home / "record.sqlite")
    (ann.home / "peers.toml").unlink()
    ann.start()
    assert ben.origin in ann.running.shared.why_not_signing()
    with pytest.raises(Refused):
        ann.sign(statement())
    ann.add(ben)
    until(lambda: ann.running.shared.why_not_signing() == "")
    assert ann.holds(ref)
    ann.sign(statement())


def test_copies_are_made_while_the_node_writes(members: Members, tmp_path: Path) -> None:
    """The guard is replaced with every entry; a copy made in between has one that is whole."""
    ann = members["ann"]
    ann.start(SLOW)
    ann.found("ann")
    ended = threading.Event()

    def write() -> None:
        while not ended.is_set():
            ann.sign(statement())

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(25):
            back_up(ann.home, tmp_path / f"copy {number}")
            assert sorted(one.name for one in (tmp_path / f"copy {number}" / "keys").iterdir()) == [
                "head",
                "log.key",
                "recovery.key",
                "witness.key",
            ]
    finally:
        ended.set()
        writer.join(30)


def test_a_copy_is_whole_or_not_there(members: Members, tmp_path: Path) -> None:
    ann = members["ann"]
    (tmp_path / "taken").mkdir()
    with pytest.raises(OutputError):
        back_up(ann.home, tmp_path / "taken")
    (ann.home / "record.sqlite").write_bytes(b"no database")
    with pytest.raises(StoreError):
        back_up(ann.home, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
    assert not [one for one in tmp_path.iterdir() if one.name.endswith(".part")]
