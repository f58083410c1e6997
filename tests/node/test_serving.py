"""What a node answers: the right status and one sentence, whatever is asked; nothing from anywhere else."""

from __future__ import annotations

import json
import re
import socket
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from allweather.errors import StoreError
from allweather.node.api import MAX_ACT, describe
from allweather.node.receiving import MAX_SESSIONS
from allweather.node.running import Listen, parse_listen
from allweather.node.syncing import format_files
from allweather.node.views import VIEWS
from allweather.record.checkpoints import parse_checkpoint
from allweather.record.witness import Request, format_request
from tests.node.nodes import SLOW, Member, Members, statement, until


@pytest.fixture
def ann(members: Members) -> Member:
    member = members["ann"]
    member.start(SLOW)
    member.found("ann", "ben")
    return member


def sentence(answer: httpx.Response, status: int) -> str:
    """The sentence of a refusal: one line, no trace."""
    assert answer.status_code == status, answer.text[:500]
    found = answer.json()
    assert set(found) == {"error"}
    assert "\n" not in found["error"]
    assert "Traceback" not in answer.text
    assert len(answer.content) < 2_000
    return str(found["error"])


def test_the_local_api_needs_the_token(ann: Member) -> None:
    for method, path in (("GET", "/api/views"), ("GET", "/api/views/council"), ("POST", "/api/acts")):
        for token in ("", "x", ann.token[:-1], ann.token + "x", "a b"):
            answer = ann.ask(method, path, token=token)
            assert "token" in sentence(answer, 401)
            assert answer.headers["www-authenticate"] == "Bearer"
    assert ann.ask("GET", "/api/views").status_code == 200
    assert (ann.home / "token").stat().st_mode & 0o777 == 0o600
    assert ann.token not in ann.ask("GET", "/api/reference", token="").text


def test_every_view_has_a_route_with_its_parameters(ann: Member) -> None:
    listed = {one["name"]: one["parameters"] for one in ann.ask("GET", "/api/views").json()}
    assert listed == {name: dict(one.parameters) for name, one in VIEWS.items()}
    paths = ann.ask("GET", "/api/openapi.json", token="").json()["paths"]
    for name, one in VIEWS.items():
        given = {each["name"]: each["required"] for each in paths[f"/api/views/{name}"]["get"]["parameters"]}
        optional = dict.fromkeys(("at", *one.optional), False)
        assert given == {**optional, **dict.fromkeys(one.parameters, True)}
        if not one.parameters:
            answer = ann.ask("GET", f"/api/views/{name}")
            assert answer.status_code == 200, answer.text
            assert answer.headers["content-type"] == "application/json"
        else:
            sentence(ann.ask("GET", f"/api/views/{name}"), 400)
            wrong = dict.fromkeys(one.parameters, "nobody:99")
            assert ann.ask("GET", f"/api/views/{name}", params=wrong).status_code in (200, 400, 404)
    assert {"/api/acts", "/api/preview", "/api/sync"} <= paths.keys()
    assert "/api/rehearsal" not in paths


def test_no_page_names_another_host(ann: Member) -> None:
    for path in ("/api/reference", "/api/openapi.json"):
        answer = ann.ask("GET", path, token="")
        assert answer.status_code == 200
        assert not re.search(r"//(?!\w*127\.0\.0\.1)[a-z0-9.-]+\.[a-z]", answer.text.lower()), path
        assert "<script" not in answer.text
    page = ann.ask("GET", "/api/reference", token="")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    for path in ("/schema", "/docs", "/api", "/api/swagger", "/api/redoc", "/"):
        sentence(ann.ask("GET", path), 404)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("at=0", 200),
        ("at=9007199254740991", 200),
        ("at=-1", 400),
        ("at=9007199254740992", 400),
        ("at=" + "9" * 5_000, 400),
        ("at=1.5", 400),
        ("at=", 400),
        ("at=%00", 400),
        ("at=%ff", 400),
        ("at=1&at=2", 400),
        ("new=1", 400),
        ("%ff%fe=1", 400),
    ],
)
def test_a_view_is_asked_for_as_of_a_time(ann: Member, query: str, status: int) -> None:
    answer = ann.ask("GET", f"/api/views/council?{query}")
    assert answer.status_code == status, answer.text
    if status != 200:
        sentence(answer, status)


@pytest.mark.parametrize("name", ["nobody:99", "", "x" * 3_999, "\x00", "ann:" + "9" * 300, "😀", "%"])
def test_an_act_that_is_not_held_is_not_found(ann: Member, name: str) -> None:
    assert ann.ask("GET", "/api/views/act", params={"id": name}).status_code in (400, 404)
    sentence(ann.ask("GET", "/api/views/act", params={"id": name}), 404)


BAD_ACTS: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "null": b"null",
    "no body": b'{"kind":"council.statement"}',
    "a strange field": b'{"kind":"council.statement","body":{},"by":"ben"}',
    "no kind of ours": b'{"kind":"record.ack","body":{}}',
    "a number as kind": b'{"kind":1,"body":{}}',
    "NUL in the kind": b'{"kind":"a\\u0000b","body":{}}',
    "a body of texts": b'{"kind":"council.statement","body":"x"}',
    "a number as words": b'{"kind":"council.statement","body":{"words":1}}',
    "a field too many": b'{"kind":"council.statement","body":{"words":"x","new":1}}',
    "a huge number": b'{"kind":"council.receipt","body":{"decision":' + b"9" * 4_400 + b"}}",
    "half a surrogate": b'{"kind":"council.statement","body":{"words":"\\ud800"}}',
    "not UTF-8": b'{"kind":"council.statement","body":{"words":"\xff"}}',
    "deep": b'{"kind":"council.statement","body":{"words":' + b"[" * 30_000 + b"]" * 30_000 + b"}}",
    "too long a title": b'{"kind":"council.statement","body":{"title":"' + b"x" * 301 + b'"}}',
    "a bad reference": b'{"kind":"council.statement","body":{"concern":"abc","words":"x"}}',
    "another's name": b'{"kind":"council.statement","body":{"on_behalf":"\\n","words":"x"}}',
    "a bad media type": b'{"kind":"council.statement","body":{},"text":"x","media_type":"\\n"}',
    "infinity": b'{"kind":"council.statement","body":{"words":1e999}}',
}


@pytest.mark.parametrize("name", BAD_ACTS)
def test_a_bad_act_is_refused_and_signs_nothing(ann: Member, name: str) -> None:
    before = ann.size("ann")
    sentence(ann.ask("POST", "/api/acts", content=BAD_ACTS[name]), 400)
    assert ann.ask("POST", "/api/preview", content=BAD_ACTS[name]).status_code < 500
    assert ann.size("ann") == before


def test_an_act_is_previewed_and_signed(ann: Member) -> None:
    asked = {"kind": "council.statement", "body": {"title": "Water"}, "text": "It is scarce.\n"}
    preview = ann.ask("POST", "/api/preview", json=asked)
    assert preview.status_code == 200, preview.text
    assert preview.json()["kind"] == "council.statement"
    assert ann.size("ann") == 1
    answer = ann.ask("POST", "/api/acts", json=asked)
    assert answer.status_code == 201, answer.text
    (act,) = answer.json()["acts"]
    assert (act["id"], act["body"], act["payload"]["size"]) == ("ann:1", {"title": "Water"}, 14)
    shown = ann.ask("GET", "/api/views/act", params={"id": "ann:1"})
    assert shown.json()["ref"] == act["ref"]  # at once, though views are kept for a moment
    assert ann.running.shared.counts.get("allweather_acts_signed_total") == 2


def test_what_the_rules_forbid_is_a_conflict(ann: Member, members: Members) -> None:
    asked = {"kind": "council.statement", "body": {"on_behalf": "nrc.example/ben", "words": "x"}}
    assert "nothing was signed" in sentence(ann.ask("POST", "/api/acts", json=asked), 409)
    cem = members["cem"]
    cem.start(SLOW)
    asked = {"kind": "council.statement", "body": {"words": "x"}}
    sentence(cem.ask("POST", "/api/acts", json=asked), 409)  # there is no charter
    sentence(cem.ask("GET", "/api/views/council"), 409)


def test_bodies_are_bounded(ann: Member) -> None:
    sentence(ann.ask("POST", "/api/acts", content=b" " * (MAX_ACT + 1)), 413)
    sentence(ann.ask("POST", "/notify", content=b" " * 2_000), 413)
    sentence(ann.ask("POST", "/push", content=b" " * 2_000), 413)
    sentence(ann.ask("POST", "/add-checkpoint", content=b"x" * 2**20), 413)
    sentence(ann.ask("POST", "/notify", content=b"{}"), 400)
    sentence(ann.ask("POST", "/notify", content=b"[" * 1_000), 400)
    sentence(ann.ask("DELETE", "/record/index"), 405)


def test_the_record_is_published_to_whoever_asks(ann: Member) -> None:
    index = ann.ask("GET", "/record/index", token="")
    assert index.status_code == 200
    assert json.loads(index.content)["node"] == ann.origin
    assert ann.ask("GET", f"/record/{ann.origin}/checkpoint", token="").content.startswith(
        ann.origin.encode()
    )
    for path in (
        "",
        "/",
        "..",
        "../token",
        "%2e%2e/token",
        "a",
        "nrc.example/ann/x",
        "nrc.example/ann/tile/9/x",
    ):
        assert ann.ask("GET", f"/record/{path}", token="").status_code == 404, path


def test_a_store_that_fails_is_said_in_one_sentence(ann: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise StoreError("the disk is full; make room and try again")

    monkeypatch.setattr(ann.running.shared.desk.storage, "_storage", type("Broken", (), {"commit": fail})())
    asked = {"kind": "council.statement", "body": {"words": "x"}}
    answer = ann.ask("POST", "/api/acts", json=asked)
    monkeypatch.undo()
    assert answer.status_code in (500, 503)
    sentence(answer, answer.status_code)


def test_a_fault_of_ours_shows_no_trace(ann: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError("secret words")

    monkeypatch.setattr(ann.running.shared.actions, "preview", fail)
    answer = ann.ask("POST", "/api/preview", json={"kind": "council.statement", "body": {"words": "x"}})
    assert "secret" not in sentence(answer, 500)


def test_health_and_metrics_say_how_it_is(ann: Member) -> None:
    health = ann.ask("GET", "/health", token="").json()
    assert (health["status"], health["node"], health["signs"]) == ("ok", ann.origin, True)
    text = ann.ask("GET", "/metrics", token="").text
    assert re.search(r"^allweather_own_entries 1$", text, re.MULTILINE)
    assert re.search(r'^allweather_requests_total\{door="health",status="200"\} 1$', text, re.MULTILINE)
    for line in text.splitlines():
        assert re.fullmatch(r"# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? \S+", line), line


def test_a_witness_answers_as_the_specification_says(ann: Member, members: Members) -> None:
    ben = members["ben"]
    ben.start(SLOW)
    ben.running.shared.acknowledge = list  # type: ignore[method-assign]
    ben.add(ann)
    until(lambda: ben.size("ann") == 1)
    note = ann.ask("GET", f"/record/{ann.origin}/checkpoint").content
    asked = format_request(Request(0, (), parse_checkpoint(note)))

    def post(data: bytes) -> httpx.Response:
        return ben.ask("POST", "/add-checkpoint", token="", content=data)

    assert post(b"old 0\n").status_code == 400
    assert post(asked.replace(b"nrc.example/ann\n", b"nrc.example/cem\n")).status_code == 404
    assert post(asked[:-8] + b"AAAAAA==").status_code in (400, 403)
    ann.sign(statement())
    ahead = ann.ask("GET", f"/record/{ann.origin}/checkpoint").content
    assert post(format_request(Request(0, (), parse_checkpoint(ahead)))).status_code == 422  # not held
    answer = post(asked)
    assert answer.status_code == 200
    assert answer.text.startswith(f"— {ben.origin}/witness ")
    assert ben.size("ben") == 1  # durable before it left
    again = post(asked)
    assert (again.status_code, again.text, again.headers["content-type"]) == (409, "1\n", "text/x.tlog.size")


def test_pushes_are_few_and_short(ann: Member) -> None:
    sessions = [ann.ask("POST", "/push") for _ in range(MAX_SESSIONS)]
    assert {one.status_code for one in sessions} == {201}
    sentence(ann.ask("POST", "/push"), 409)
    name = sessions[0].json()["session"]
    sentence(ann.ask("POST", f"/push/{name}", content=b"\xff"), 400)
    for data in (format_files([("index", b"nonsense")]), format_files([])):
        answer = ann.ask("POST", f"/push/{name}", content=data)
        assert answer.status_code in (200, 404)
    sentence(ann.ask("POST", f"/push/{name}", content=format_files([("index", None)])), 404)
    sentence(ann.ask("POST", "/push/nobody", content=b""), 404)
    ann.running.sessions._idle = 0.0
    time.sleep(0.01)
    assert ann.ask("POST", "/push").status_code == 201


def test_a_body_that_does_not_come_is_given_up(members: Members, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("allweather.node.answering.BODY_SECONDS", 0.2)
    ann = members["ann"]
    address = ann.start(SLOW)
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as line:
        line.sendall(b"POST /notify HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n{")
        assert line.recv(4_096).startswith(b"HTTP/1.1 408")


def test_plain_http_stays_on_this_machine(members: Members) -> None:
    with pytest.raises(Exception, match="plain http"):
        members["ann"].start(listen=Listen("0.0.0.0", 0))
    members["ann"].start(SLOW, listen=Listen("0.0.0.0", 0, plain=True))
    with pytest.raises(Exception, match="TLS"):
        Listen("127.0.0.1", 0, Path("cert")).check()
    assert parse_listen("[::1]:8411") == ("::1", 8411)
    for text in ("", "8411", "x:y", "x:99999", ":1"):
        with pytest.raises(Exception, match="listen"):
            parse_listen(text)


def test_the_description_lists_the_rehearsal_only_in_one(members: Members) -> None:
    from allweather.node.rehearsing import Weather

    ann = members["ann"]
    ann.start(SLOW, weather=Weather(rehearsal=True))
    assert "/api/rehearsal" in describe(ann.running)["paths"]
