"""`verify` and the second program, written from the specification alone, say the same of spoiled records."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import random
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.cli.record.members import Member, good, run
from tests.cli.record.test_story import fork
from tests.test_house import ROOT


@pytest.fixture(scope="module")
def second() -> ModuleType:
    spec = importlib.util.spec_from_file_location("second_program", ROOT / "verifier" / "verify.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["second_program"] = module  # its dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


def both(second: ModuleType, folder: Path) -> tuple[bool, bool]:
    """What we say and what the second program says: whether all of it holds."""
    with contextlib.redirect_stdout(io.StringIO()):
        theirs = second.main([str(folder)])
    result = run("verify", folder)
    assert result.exit_code in (0, 2), result.exception
    return result.exit_code == 0, theirs == 0


def test_both_find_the_same_spoiled_files(council: list[Member], second: ModuleType) -> None:
    ann, ben, cem = council
    fork(ann, ben, cem)
    cem.take(ben.export(), "--meet-all")
    ben.say("mine")
    good(ben.run("redact", ben.origin, ben.size() - 1, "--ground", "asked", "--yes"))
    cem.take(ben.export())
    ann.take(cem.export(), "--meet-all")
    good(ann.run("succeed", "--recovery-key", ann.home / "keys" / "recovery.key", "--face", 0, "--yes"))
    ann.say("on")
    cem.take(ann.export())
    folder = cem.folder / "files"
    good(run("export", cem.home, folder))
    assert both(second, folder) == (True, True)
    dice = random.Random(7)
    found = set()
    for path in sorted(one for one in folder.rglob("*") if one.is_file() and one.name != "index"):
        data = path.read_bytes()
        place = dice.randrange(len(data))
        for spoiled in (
            data[:place] + bytes([data[place] ^ 1 << dice.randrange(8)]) + data[place + 1 :],
            data[:place],
        ):
            path.write_bytes(spoiled)
            ours, theirs = both(second, folder)
            assert ours == theirs, (path, place)
            found.add(ours)
        path.write_bytes(data)
    assert False in found
