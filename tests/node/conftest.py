"""Three members with homes, made once a session; each test runs nodes on copies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from allweather.node import home
from tests.node.nodes import Members, make_homes, members_in
from tests.node.sitting import Table, found_homes, sitting


@pytest.fixture(scope="session")
def made_homes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    folder = tmp_path_factory.mktemp("homes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(home, "ROUNDS", 1)
        return folder, make_homes(folder)


@pytest.fixture
def members(made_homes: tuple[Path, dict[str, bytes]], tmp_path: Path) -> Iterator[Members]:
    with members_in(made_homes, tmp_path) as found:
        yield found


@pytest.fixture(scope="session")
def founded_homes(
    made_homes: tuple[Path, dict[str, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, bytes]]:
    return found_homes(made_homes, tmp_path_factory.mktemp("founded"))


@pytest.fixture
def strangers(made_homes: tuple[Path, dict[str, bytes]], tmp_path: Path) -> Iterator[Table]:
    """Three members at their desks that have no council yet."""
    with sitting(made_homes, tmp_path / "desks") as table:
        yield table


@pytest.fixture
def table(founded_homes: tuple[Path, dict[str, bytes]], tmp_path: Path) -> Iterator[Table]:
    """Three members at their desks, who have founded a council and joined it."""
    with sitting(founded_homes, tmp_path / "desks") as found:
        yield found
