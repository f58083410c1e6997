"""Three members with homes, made once a session; each test runs nodes on copies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from allweather.node import home
from tests.node.nodes import Members, make_homes, members_in


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
