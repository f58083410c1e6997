"""A council whose members sit at their terminals, founded once a session; each test works on copies."""

from __future__ import annotations

from pathlib import Path

import pytest

from allweather.cli.record import asking
from allweather.node import home
from tests.cli.council.desks import NAMES, Clock, Council, Desk


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Council:
    folder = tmp_path_factory.mktemp("council") / "desks"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(home, "ROUNDS", 1)
        clock = Clock()
        patch.setattr(asking, "time", clock)
        cards = {name: Desk(folder, name).make() for name in NAMES}
        council = Council(folder, cards, clock)
        council.found()
    return council


@pytest.fixture
def council(founded: Council, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Council:
    """The founded council."""
    copied = founded.copy(tmp_path / "desks")
    monkeypatch.setattr(home, "ROUNDS", 1)
    monkeypatch.setattr(asking, "time", copied.clock)
    return copied
