"""The power is cut under the real stores; a short run. The long one is `make powercuts`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulation.powercut.run import CannotRecord
from tests.simulation.powercuts import KINDS, cut


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_acknowledged_is_kept(kind: str, tmp_path: Path) -> None:
    try:
        found = cut(kind, 60, tmp_path, seeds=1)
    except CannotRecord as reason:
        pytest.skip(str(reason))
    assert found.n_images == 60
    assert found.n_acknowledged > 60
    assert found.is_good, (found.lost + found.broken + found.forked)[:3]


def test_a_disk_that_ignores_fsync_is_noticed(tmp_path: Path) -> None:
    try:
        found = cut("sqlite", 60, tmp_path, seeds=1, ignore_fsync=True)
    except CannotRecord as reason:
        pytest.skip(str(reason))
    assert not found.is_good
