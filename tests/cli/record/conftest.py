"""Three members with homes, made once a session; each test works on copies."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from allweather.node import home
from tests.cli.record.members import Member

NAMES = ("ann", "ben", "cem")


@pytest.fixture(autouse=True)
def cheap_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "ROUNDS", 1)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("homes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(home, "ROUNDS", 1)
        cards = {name: Member(folder, name).make() for name in NAMES}
    return folder, cards


@pytest.fixture
def council(made: tuple[Path, dict[str, str]], tmp_path: Path) -> list[Member]:
    """Three members that have not met."""
    folder, cards = made
    members = []
    for name in NAMES:
        shutil.copytree(folder / name, tmp_path / name)
        member = Member(tmp_path, name)
        member.card = cards[name]
        members.append(member)
    return members


@pytest.fixture
def ann(council: list[Member]) -> Member:
    return council[0]


@pytest.fixture
def ben(council: list[Member]) -> Member:
    return council[1]


@pytest.fixture
def cem(council: list[Member]) -> Member:
    return council[2]
