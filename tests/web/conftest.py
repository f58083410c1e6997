"""A council of three with one node that shows its pages; made once a session, each module on a copy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from allweather.node import home
from allweather.node.rehearsing import Weather
from allweather.web.door import door
from tests.node.nodes import SLOW, Member, Members, make_homes, members_in
from tests.node.sitting import found_homes
from tests.web.browsing import Browser, add_seat


@pytest.fixture(scope="session")
def made_homes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """Homes of three members that have no council yet."""
    folder = tmp_path_factory.mktemp("homes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(home, "ROUNDS", 1)
        return folder, make_homes(folder)


@pytest.fixture(scope="session")
def founded_homes(
    made_homes: tuple[Path, dict[str, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, bytes]]:
    """Homes of three members, Ann, Ben and Cem, that have founded their council and joined it."""
    return found_homes(made_homes, tmp_path_factory.mktemp("founded"))


def start(member: Member, *, is_public: bool = True, **settings: Any) -> str:
    """Run a member's node with pages, as a rehearsal with a free seat; its address."""
    add_seat(member.home)
    return member.start(
        SLOW, weather=Weather(rehearsal=True), pages=lambda node: door(node, is_public=is_public), **settings
    )


@pytest.fixture(scope="module")
def members(
    founded_homes: tuple[Path, dict[str, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Members]:
    """The three, on copies for each module; whoever runs is stopped at the end."""
    with members_in(founded_homes, tmp_path_factory.mktemp("members") / "homes") as found:
        yield found


@pytest.fixture(scope="module")
def ann(members: Members) -> Member:
    """Ann, whose node runs with pages."""
    start(members["ann"])
    return members["ann"]


@pytest.fixture
def browser(ann: Member) -> Iterator[Browser]:
    """The browser of Ann's head of delegation, signed in."""
    with Browser(ann.running.address) as found:
        found.sit()
        yield found


@pytest.fixture
def visitor(ann: Member) -> Iterator[Browser]:
    """The browser of somebody who is not signed in."""
    with Browser(ann.running.address) as found:
        yield found
