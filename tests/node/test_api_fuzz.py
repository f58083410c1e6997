"""Anything at all to the local API: no fault of ours, one sentence, and nothing signed by what is refused."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from allweather.council import bodies as b
from allweather.council import quotations as q
from allweather.council.rounds import bind_salt, commitment
from allweather.node import home
from allweather.node.folding import KINDS
from allweather.node.views import VIEWS
from allweather.record.keys import format_base64
from tests.node.nodes import SLOW, Member, Members, make_homes, members_in, origin

MISSING = "A" * 43 + "="
NASTY: tuple[Any, ...] = (
    *("", "x", "x" * 17_000, "\x00", "\u202e", "a\nb", "😀", MISSING, "nrc.example/ben", "ann:0", "support"),
    *(0, -1, 1, 2**31, 2**53 - 1, 2**53, 2**63, 10**30, 0.5, -0.0, 1e308, True, False, None),
    *([], {}, [[]], [None], ["x"] * 600, {"": ""}, {"a": {"b": []}}, [MISSING], [origin("ben")]),
)
ODD = (
    "",
    "x",
    "\x00",
    "%",
    "../..",
    "ann:0",
    "ann:",
    "ben:0",
    MISSING,
    "😀",
    "x" * 3_999,
    "nrc.example/ann",
    "-1",
)


@pytest.fixture(scope="module")
def ann(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Member]:
    """A node whose member has founded a council and put something of most sorts on record."""
    folder: Path = tmp_path_factory.mktemp("fuzzed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(home, "ROUNDS", 1)
        made = folder / "made"
        made.mkdir()
        cards = make_homes(made)
    with members_in((made, cards), folder / "run") as members:
        yield _settled(members)


def _settled(members: Members) -> Member:
    member = members["ann"]
    member.start(SLOW)
    member.found("ann", "ben", "cem")
    concern = member.sign(b.Concern(title="Water"))
    text = member.sign(b.Text(concern=concern, title="On water", words="We share."))
    now = member.running.shared.clock()
    member.sign(b.Position(on=text, response="support"))
    sealed = member.sign(b.Round(concern=concern, on=(text,), closes_at=now + 86_400))
    taken = (b.Taken(on=text, response="oppose", reasons="SECRET"),)
    salt = bind_salt(member.origin, bytes(16))
    member.sign(b.Seal(round=sealed, commitment=commitment(salt, taken, ())))
    member.sign(b.Draft(concern=concern, title="A treaty", clauses=("One.", "Two.")))
    member.sign(b.Silence(concern=concern, text=text, expires_at=now + 86_400))
    report = b'"We share," she said.'
    digest = format_base64(hashlib.sha256(report).digest())
    document = member.sign(q.Document(title="A report", digest=digest), content=report)
    member.sign(q.Quote(document=document, spans=((0, 11),), words='"We share,"', sort="direct"))
    return member


@pytest.fixture(scope="module")
def line(ann: Member) -> Iterator[httpx.Client]:
    """One kept connection with the token."""
    headers = {"Authorization": f"Bearer {ann.token}"}
    with httpx.Client(base_url=ann.running.address, headers=headers, trust_env=False, timeout=60) as client:
        yield client


def size(ann: Member) -> int:
    return ann.size("ann")


def check(answer: httpx.Response) -> None:
    """No fault of ours; what is refused is refused in one sentence."""
    assert answer.status_code < 500, (answer.request.url, answer.request.content[:300], answer.text[:300])
    assert "Traceback" not in answer.text[:2_000]
    if answer.status_code >= 400:
        found = answer.json()
        assert set(found) == {"error"}
        assert found["error"]
        assert "\n" not in found["error"]
        assert len(answer.content) < 4_000


def refs(ann: Member) -> list[str]:
    return sorted(ann.running.shared.actions.view().fold.acts)


def some_value(dice: random.Random, kind: Any, held: list[str]) -> Any:
    """A value for a field: often one that fits, often one that does not."""
    if dice.random() < 0.25:
        return dice.choice(NASTY)
    text = str(kind)
    if "pattern" in text:
        return dice.choice([*held, MISSING])
    if "tuple" in text:
        return [some_value(dice, "str", held) for _ in range(dice.randint(0, 3))]
    if "int" in text:
        return dice.choice((0, 1, 50, 1_900_000_000, 2**53 - 1))
    if "bool" in text:
        return dice.random() < 0.5
    if "Literal" in text:
        return dice.choice(("own", "support", "oppose", "open", "closed", "listed", "reservation", "speak"))
    return dice.choice(("x", "Words.", "Water", origin("ben"), origin("ann"), *held[:2]))


def some_body(dice: random.Random, kind: type[Any], held: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in msgspec.structs.fields(kind):
        chance = 0.95 if one.required else 0.2
        if one.name != "on_behalf" and dice.random() < chance:
            found[one.name] = some_value(dice, one.type, held)
    if dice.random() < 0.1:
        found[dice.choice(("strange", "on_behalf", "kind", ""))] = dice.choice(NASTY)
    return found


def test_every_kind_of_act_with_random_bodies(ann: Member, line: httpx.Client) -> None:
    """A preview never signs; an act is signed if and only if the answer says so."""
    held, n_signed = refs(ann), 0
    for name, kind in KINDS.items():
        if kind in (b.Leave, b.Suspend):
            continue
        dice = random.Random(name)
        for _ in range(6):
            asked = {"kind": name, "body": some_body(dice, kind, held)}
            if dice.random() < 0.2:
                words: list[Any] = ["Apart", "", 1, None, "x" * 70_000]
                asked["text"] = dice.choice(words)
            data = json.dumps(asked).encode()
            before = size(ann)
            previewed = line.post("/api/preview", content=data)
            check(previewed)
            assert size(ann) == before
            answer = line.post("/api/acts", content=data)
            check(answer)
            assert size(ann) == before + (answer.status_code == 201)
            n_signed += answer.status_code == 201
            assert (previewed.status_code == 200) == (answer.status_code == 201), answer.text[:300]
    assert n_signed > 5


def test_every_route_with_random_parameters(ann: Member, line: httpx.Client) -> None:
    before = size(ann)
    paths = line.get("/api/openapi.json").json()["paths"]
    assert len(paths) > len(VIEWS)
    dice = random.Random(7)
    for path, methods in paths.items():
        for method, about in methods.items():
            names = [one["name"] for one in about.get("parameters", ())]
            for _ in range(5):
                asked = {name: dice.choice(ODD) for name in (*names, "strange") if dice.random() < 0.7}
                if method == "get":
                    check(line.get(path, params=asked))
                elif path != "/api/sync":
                    body = dice.choice(
                        (b"", b"{", b"[]", b"null", b"\xff", b"{}", b'{"kind":1}', b"[" * 9_999)
                    )
                    check(line.post(path, params=asked, content=body))
    assert size(ann) == before


def test_other_methods_and_other_places(ann: Member, line: httpx.Client) -> None:
    before = size(ann)
    for path in (
        "/api/acts",
        "/api/seals",
        "/api/preview",
        "/api/views",
        "/api/views/agenda",
        "/api/nothing",
        "/api",
    ):
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "POST", "GET", "BREW"):
            answer = line.request(method, path)
            assert answer.status_code in (200, 204, 400, 404, 405), (method, path, answer.status_code)
            assert answer.status_code == 200 or method == "OPTIONS" or answer.json()["error"]
    assert size(ann) == before


@pytest.mark.parametrize("token", ["", "wrong", "Bearer", "\u00e9", "x" * 7_000, "null", "0"])
def test_without_the_token_nothing_is_read_or_signed(ann: Member, token: str) -> None:
    before = size(ann)
    act = {"kind": "council.concern", "body": {"title": "x"}}
    for path in ("/api/acts", "/api/preview", "/api/seals", "/api/sync"):
        answer = _ask(ann, "POST", path, token, json=act)
        assert answer.status_code == 401, answer.text
        check(answer)
    for name in VIEWS:
        answer = _ask(ann, "GET", f"/api/views/{name}", token, params={"id": "ann:0"})
        assert answer.status_code == 401, (name, answer.text)
        assert "Water" not in answer.text
    assert size(ann) == before


def _ask(ann: Member, method: str, path: str, token: str, **more: Any) -> httpx.Response:
    headers: dict[bytes, bytes] = {b"Authorization": f"Bearer {token}".strip().encode()}
    return httpx.request(method, ann.running.address + path, headers=headers, trust_env=False, **more)


def test_huge_bodies(ann: Member, line: httpx.Client) -> None:
    before = size(ann)
    for path in ("/api/acts", "/api/preview", "/api/seals"):
        for data in (
            b"x" * (2**25 + 1),
            b'{"kind":"council.concern","body":{"title":"' + b"x" * 2**24 + b'"}}',
        ):
            answer = line.post(path, content=data)
            assert answer.status_code in (400, 413)
            check(answer)
    assert line.get("/api/views/council").status_code == 200
    assert size(ann) == before


def test_a_sealed_position_is_behind_no_route(ann: Member, line: httpx.Client) -> None:
    """Sealed through the node itself, which keeps what it is to reveal."""
    view = ann.running.shared.actions.view()
    text = view.fold.of(b.Text)[0].ref
    concern = view.fold.of(b.Concern)[0].ref
    now = ann.running.shared.clock()
    sealed = ann.sign(b.Round(concern=concern, on=(text,), closes_at=now + 86_400))
    held = {"on": text, "response": "oppose", "reasons": "UNREADABLE"}
    answer = line.post("/api/seals", json={"round": sealed, "positions": [held], "expectations": []})
    assert answer.status_code == 201, answer.text
    ids = refs(ann)
    for name, one in VIEWS.items():
        asked: list[dict[str, Any]] = [{}]
        if "id" in one.parameters:
            asked = [{"id": ref} for ref in ids]
        elif one.parameters:
            asked = [{"member": "ann"}]
        for given in asked:
            for more in ({}, {"at": 0}, {"at": now + 10**9}):
                answer = line.get(f"/api/views/{name}", params={**given, **more})
                check(answer)
                assert "UNREADABLE" not in answer.text
    for path in ("/record/index", "/metrics", "/health", "/api/peers", "/api/openapi.json", "/api/reference"):
        assert "UNREADABLE" not in line.get(path).text
    shared = ann.running.shared
    for branch in shared.desk.storage.branches(ann.origin):
        assert b"UNREADABLE" not in b"".join(shared.desk.storage.entries(branch, 0, branch.head.size))
