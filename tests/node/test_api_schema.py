"""The local API against its own description: what fits it is sent, whatever it says is answered so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from allweather.node import home
from allweather.node.describing import VIEW_ANSWERS
from allweather.node.views import VIEWS
from tests.node.nodes import Member, make_homes, members_in
from tests.node.test_api_fuzz import _settled

N_EACH = 3
_CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


@pytest.fixture(scope="module")
def ann(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Member]:
    """A node whose member has founded a council and put something of most sorts on record."""
    folder: Path = tmp_path_factory.mktemp("described")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(home, "ROUNDS", 1)
        made = folder / "made"
        made.mkdir()
        cards = make_homes(made)
    with members_in((made, cards), folder / "run") as members:
        yield _settled(members)


def test_answers_are_as_described(ann: Member) -> None:
    """Whatever fits the description, or just does not, is answered as it says; no fault of ours."""
    described = httpx.get(f"{ann.running.address}/api/openapi.json", trust_env=False).json()
    held = sorted(ann.running.shared.actions.view().fold.acts)
    answered: Counter[int] = Counter()
    for found in schemathesis.openapi.from_dict(described).get_all_operations():
        operation: Any = found
        for mode in GenerationMode:
            _ask(ann, operation.ok(), mode, held, answered)
    assert answered[200] >= len(VIEWS)
    assert answered[400] > 0


def _ask(ann: Member, operation: Any, mode: GenerationMode, held: list[str], answered: Counter[int]) -> None:
    """Some requests to one route, as described or spoiled; an act that is named is often one that is held."""

    @given(case=operation.as_strategy(generation_mode=mode), ref=st.sampled_from(["", *held]))
    @settings(
        max_examples=N_EACH,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    def ask(case: schemathesis.Case[Any], ref: str) -> None:
        if ref and "id" in case.query:
            case.query["id"] = ref
        answer = case.call(
            base_url=ann.running.address, headers={"Authorization": f"Bearer {ann.token}"}, timeout=30
        )
        answered[answer.status_code] += 1
        case.validate_response(answer, checks=_CHECKS)

    ask()


def test_every_view_and_every_route_is_described(ann: Member) -> None:
    assert set(VIEW_ANSWERS) == set(VIEWS)
    paths = httpx.get(f"{ann.running.address}/api/openapi.json", trust_env=False).json()["paths"]
    for path, methods in paths.items():
        for method, operation in methods.items():
            answers = operation["responses"]
            done = answers.get("200") or answers["201"]
            assert done["content"]["application/json"]["schema"], (method, path)
            assert {"400", "401", "409"} <= answers.keys()


def test_every_view_is_as_described(ann: Member) -> None:
    """With real acts and members: each view has exactly the fields that the description names, or more."""
    shared = ann.running.shared
    described = httpx.get(f"{ann.running.address}/api/openapi.json", trust_env=False).json()
    schema = schemathesis.openapi.from_dict(described)
    with shared.lock:
        held = sorted(shared.actions.view().fold.acts)
    shown = set()
    for name, one in VIEWS.items():
        known = {"member": "ann", "words": "we", "kind": ""}
        for ref in held if "id" in one.parameters else [""]:
            query = {field: known.get(field, ref) for field in one.parameters}
            answer = ann.ask("GET", f"/api/views/{name}", params=query)
            schema[f"/api/views/{name}"]["GET"].validate_response(answer)
            if answer.status_code == 200:
                shown.add(name)
    assert shown == set(VIEWS)
