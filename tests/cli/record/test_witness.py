"""Answering a request to cosign: the same memory as acknowledging, and durable before it is printed."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from allweather.record.checkpoints import parse_checkpoint
from allweather.record.merkle import prove_consistency
from allweather.record.storage import read_nodes
from allweather.record.witness import Request, format_request
from allweather.store import MemoryStore, open_source
from allweather.sync.pull import Pull
from tests.cli.record.members import Member, good, refused, run


def request(source: Path, origin: str, old: int) -> bytes:
    """What the log's keeper would ask, from a source that holds it."""
    store = MemoryStore()
    opened = open_source(source)
    pulling = Pull(store, accept=lambda card: True)
    while paths := pulling.outgoing():
        for path in paths:
            pulling.receive(path, opened.read(path, pulling.limit(path)))
    (branch,) = store.branches(origin)
    data = opened.read(f"{origin}/checkpoint", 2**18)
    opened.close()
    assert data is not None
    proof = prove_consistency(old, branch.head.size, read_nodes(store, branch)) if old else ()
    return format_request(Request(old, proof, parse_checkpoint(data)))


def test_a_head_that_is_held_is_cosigned_once_and_for_all(council: list[Member], tmp_path: Path) -> None:
    ann, ben, _ = council
    ann.say("one")
    first = ann.export(name="first.zip")
    ben.take(first, "--meet-all", "--no-acknowledge")
    assert ben.size() == 0
    found = good(ben.run("witness", "-", "--json", stdin=request(first, ann.origin, 0)))
    assert found["status"] == 200
    assert found["cosignatures"][0].startswith(f"— {ben.origin}/witness ")
    assert ben.size() == 1  # it is in the own log before it is printed
    assert ben.take(first)["acknowledged"] == []  # and acknowledging knows of it
    refused(ben.run("witness", "-", stdin=request(first, ann.origin, 0)), "409", "1 entries")

    ann.say("two")
    second = ann.export(name="second.zip")
    refused(ben.run("witness", "-", stdin=request(second, ann.origin, 1)), "422", "not held")
    ben.take(second, "--no-acknowledge")
    asked = tmp_path / "request"
    asked.write_bytes(request(second, ann.origin, 1))
    assert good(ben.run("witness", asked)).startswith("— ")
    refused(ben.run("witness", asked), "409", "2 entries")
    ann.take(ben.export(), "--meet-all")
    assert [one for _, one in good(run("show", ann.home, ann.origin, 1, "--json"))["before"]] == [ben.origin]
    ben.holds()


def test_what_acknowledging_cosigned_is_not_contradicted(council: list[Member]) -> None:
    ann, ben, cem = council
    ann.say("hello")
    other = ann.copy("other")
    ann.say("one face")
    other.say("the other face")
    ben.take(ann.export(), "--meet-all")
    forged = other.export(name="forged.zip")
    ben.take(forged)
    refused(ben.run("witness", "-", stdin=request(forged, ann.origin, 0)), "409", "2 entries")
    refused(ben.run("witness", "-", stdin=request(forged, ann.origin, 2)), "422")
    cem.say("x")
    refused(ben.run("witness", "-", stdin=request(cem.export(), cem.origin, 0)), "404", cem.origin)
    assert ben.holds()["logs"][0]["two_faced"] is True


def test_a_broken_request_is_refused(council: list[Member]) -> None:
    ann, ben, _ = council
    ann.say("one")
    archive = ann.export()
    ben.take(archive, "--meet-all", "--no-acknowledge")
    whole = request(archive, ann.origin, 0)
    for data in (
        b"",
        whole[:40],
        whole[:-5],
        b"\xff" * 50,
        whole.replace(b"\n1\n", b"\n2\n"),
        b"x" * 300_000,
    ):
        refused(ben.run("witness", "-", stdin=data))
    assert ben.size() == 0
    with sqlite3.connect(ben.home / "record.sqlite") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
