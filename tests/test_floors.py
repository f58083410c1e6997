"""The floors hold, and the contract that says so would notice if they did not.

Faults are planted one at a time in a copy of the package; each must be reported. What the contract
cannot see (an import through `__import__`) is forbidden by ruff instead.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src" / "allweather"

#: The rooms that may touch nothing of the world, standing or not.
PURE = {"positions", "record", "review", "evidence", "sync", "council", "cooperation", "link"}


def contracts() -> dict[str, Any]:
    """The contracts of import-linter by id."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {one["id"]: one for one in settings["tool"]["importlinter"]["contracts"]}


def standing_rooms() -> set[str]:
    """The rooms that have code."""
    return {path.name for path in SRC.iterdir() if path.is_dir() and any(path.glob("*.py"))}


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """Run the contracts over the package under `root`/src."""
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as run; run()",
            "--no-cache",
        ],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root / "src"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_floors_hold() -> None:
    found = lint(ROOT)
    assert found.returncode == 0, found.stdout[-3000:]


def test_every_pure_room_is_under_the_pure_contract() -> None:
    under = {name.removeprefix("allweather.") for name in contracts()["pure"]["source_modules"]}
    assert under == standing_rooms() & PURE


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package in which faults can be planted. It must be sound before they are."""
    root = tmp_path_factory.mktemp("house")
    shutil.copytree(SRC, root / "src" / "allweather", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    sound = lint(root)
    assert sound.returncode == 0, sound.stdout[-3000:]
    return root


FAULTS = {
    "an upward import": ("positions/planted.py", "import allweather.review"),
    "an upward import inside a function": (
        "review/planted.py",
        "def f() -> None:\n    import allweather.formats",
    ),
    "an upward import for typing only": (
        "review/planted.py",
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import allweather.cli",
    ),
    "rooms of one floor importing each other": ("report/planted.py", "import allweather.formats"),
    "a door used by a lower room": ("formats/planted.py", "import allweather.cli"),
    "a room on no floor": ("common/__init__.py", ""),
    "a file in a pure room": ("review/planted.py", "from pathlib import Path"),
    "the environment in a pure room": ("positions/planted.py", "import os"),
    "the clock in a pure room": ("review/planted.py", "import time"),
    "a socket in a pure room": ("review/planted.py", "import socket"),
    "errors that know a room": ("errors.py", "import allweather.positions"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_fault_is_reported(house: Path, fault: str) -> None:
    name, code = FAULTS[fault]
    planted = house / "src" / "allweather" / name
    before = planted.read_text(encoding="utf-8") if planted.exists() else None
    planted.parent.mkdir(exist_ok=True)
    planted.write_text((before or "") + "\n" + code + "\n", encoding="utf-8")
    try:
        assert lint(house).returncode != 0
    finally:
        if before is not None:
            planted.write_text(before, encoding="utf-8")
        elif planted.name == "__init__.py":
            shutil.rmtree(planted.parent)
        else:
            planted.unlink()


#: Names whose call reaches out of a pure room without an import, or without a seed.
_REACHES_OUT = {"open", "input", "print", "exec", "eval", "__import__", "breakpoint"}
_NEEDS_SEED = {"default_rng", "SeedSequence", "Generator", "PCG64", "Philox", "SFC64"}


def calls_that_reach_out(source: str) -> list[str]:
    """Calls in `source` that a pure room may not make, as `name:line`."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Name) and function.id in _REACHES_OUT:
                found.append(f"{function.id}:{node.lineno}")
            name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            if name in _NEEDS_SEED and not node.args and not node.keywords:
                found.append(f"{name}:{node.lineno}")
    return found


def test_pure_rooms_call_nothing_that_reaches_out() -> None:
    for room in sorted(standing_rooms() & PURE):
        for path in sorted((SRC / room).rglob("*.py")):
            assert calls_that_reach_out(path.read_text(encoding="utf-8")) == [], path.relative_to(ROOT)


@pytest.mark.parametrize("code", ["open('x')", "__import__('os')", "np.random.default_rng()", "print(1)"])
def test_a_call_that_reaches_out_is_seen(code: str) -> None:
    assert calls_that_reach_out(code) != []


def test_a_seeded_generator_is_allowed() -> None:
    assert calls_that_reach_out("np.random.default_rng(seed)\nself.open()") == []
