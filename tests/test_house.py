"""The house itself: locks, Makefile, sizes, words, and that no machine has left its traces."""

from __future__ import annotations

import ast
import io
import os
import re
import shutil
import statistics
import subprocess
import sys
import tokenize
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src" / "allweather"
MODULES = sorted(SRC.rglob("*.py"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

LARGEST_MODULE, P90_MODULE, LONGEST_FUNCTION = 600, 400, 60

#: Functions over the limit, as `room/module.py:function`, each with the reason why it stays whole.
LONG_FUNCTIONS: dict[str, str] = {}


def name_of(path: Path) -> str:
    """The path within the package, for messages and tables."""
    return path.relative_to(SRC).as_posix()


# Locks


def pins(lock: str) -> dict[str, str]:
    """Package to version, as a lock names them."""
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    found = dict(re.findall(r"^([a-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE))
    assert found
    return found


def required(*extras: str) -> set[str]:
    """The packages that the project names, with these extras."""
    named = PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["build"]
    for extra in extras:
        named = named + PROJECT["project"]["optional-dependencies"][extra]
    return {re.split(r"[<>=!~\[; ]", one, maxsplit=1)[0].lower() for one in named}


@pytest.mark.parametrize("lock", ["uv.txt", "run.txt", "dev.txt", "bench.txt"])
def test_lock_names_packages_by_hash_and_no_address(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    assert not re.search(r"://|^\s*-{1,2}(index|extra|find|trusted|i |f )", text, re.MULTILINE)
    entries = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+==\S+", entry), entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry


@pytest.mark.parametrize(
    ("lock", "extras"),
    [("run.txt", ()), ("dev.txt", ("dev", "docs")), ("bench.txt", ("dev", "docs", "bench"))],
)
def test_lock_holds_what_the_project_names(lock: str, extras: tuple[str, ...]) -> None:
    assert required(*extras) <= pins(lock).keys()


def test_a_larger_lock_contains_the_smaller_one() -> None:
    assert pins("run.txt").items() <= pins("dev.txt").items() <= pins("bench.txt").items()


def test_the_package_imports_only_what_it_names() -> None:
    modules = {"python-docx": "docx"}
    named = {modules.get(name, name.replace("-", "_")) for name in required("nlp", "report")} - {"hatchling"}
    allowed = named | set(sys.stdlib_module_names) | {"allweather"}
    found = {}
    for path in MODULES:
        nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
        imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        imported |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
        if strange := {name.partition(".")[0] for name in imported} - allowed:
            found[name_of(path)] = strange
    assert found == {}


# Makefile and the continuous check


def targets() -> set[str]:
    """The phony targets: what a person may ask make for."""
    return set(re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)[1].split())  # type: ignore[index]


def test_every_target_has_a_rule_and_a_line_of_help() -> None:
    described = re.findall(r"\bmake ([a-z-]+)", MAKEFILE) + re.findall(r"; ([a-z-]+) is", MAKEFILE)
    assert {"run", "test", "check", "bench", "docs", "clean"} <= targets()
    for target in targets():
        assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), target
        assert target in described or target == "help", target


def test_test_runs_check_first() -> None:
    assert re.search(r"^test: check$", MAKEFILE, re.MULTILINE)


def test_continuous_check_is_make_test() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    lines = script.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "#!/usr/bin/env bash"
    assert "set -euo pipefail" in lines


@pytest.mark.parametrize("status", [0, 2])
def test_continuous_check_ends_as_make_test_does_and_says_what_failed(tmp_path: Path, status: int) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci")
    make = tmp_path / "make"
    make.write_text(
        f"""#!/bin/sh
[ "$1" = test ] || exit 0
echo .......F
echo "FAILED tests/test_a.py::test_b - it did not hold"
echo "SKIPPED [1] tests/test_a.py:3: no data here"
echo "== 1 failed in 3.1s =="
exit {status}
"""
    )
    make.chmod(0o755)
    around = {**os.environ, "CI": "", "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run([tmp_path / ".ci" / "run"], env=around, capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert ("FAILED tests/test_a.py::test_b" in done.stdout) == bool(status)
    assert "== 1 failed in 3.1s ==" in done.stdout


# Sizes and docstrings


def test_every_module_says_what_it_is_for() -> None:
    silent = [name_of(path) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert silent == []


def test_modules_stay_small() -> None:
    lines = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert {name: n for name, n in lines.items() if n > LARGEST_MODULE} == {}
    assert statistics.quantiles(lines.values(), n=10)[-1] <= P90_MODULE, lines


def test_long_functions_have_a_reason() -> None:
    found = {
        f"{name_of(path)}:{node.name}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    }
    assert found == LONG_FUNCTIONS.keys()


def test_no_room_for_odds_and_ends() -> None:
    names = {part for path in MODULES for part in path.relative_to(SRC).with_suffix("").parts}
    assert names & {"utils", "util", "helpers", "common", "core", "base", "manager", "misc"} == set()


# Words

#: Words of others for our things (GLOSSARY.md). A reader of a foreign format may need its names.
_NEVER = re.compile(r"(voter|ptpt|stance|camp|topic|comment|opinion|ballot|poll|forum|user|pid|tid)s?")
_NEVER_TOGETHER = re.compile(r"consensus_?score|vote_?value", re.IGNORECASE)
_FOREIGN = {"comment", "stance", "topic", "voter"}  # column and field names of Polis and of dossiers
_OF_LIBRARIES = {  # names that a library asks for: those of python-docx, threadpoolctl, WebAuthn
    "comments", "user_api", "user_verification", "PublicKeyCredentialUserEntity",
    "UserVerificationRequirement",
}  # fmt: skip
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def forbidden_names(source: str, allowed: frozenset[str] | set[str] = frozenset()) -> set[str]:
    """Identifiers in `source` that use a word which the glossary rules out."""
    found = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.NAME or token.string in _OF_LIBRARIES:
            continue
        words = {word.lower() for word in _WORD.findall(token.string)}
        bad = {word for word in words if _NEVER.fullmatch(word) and word.removesuffix("s") not in allowed}
        if bad or _NEVER_TOGETHER.search(token.string):
            found.add(token.string)
    return found


def test_identifiers_use_the_words_of_the_glossary() -> None:
    found = {}
    for path in MODULES:
        foreign = _FOREIGN if path.is_relative_to(SRC / "formats") else set()
        if names := forbidden_names(path.read_text("utf-8"), foreign):
            found[name_of(path)] = names
    assert found == {}


@pytest.mark.parametrize("name", ["voter_id", "n_ptpts", "consensus_score", "VoteValue", "user", "stances"])
def test_a_forbidden_name_is_seen(name: str) -> None:
    assert forbidden_names(f"{name} = 1") == {name}


def test_a_column_name_in_a_string_is_allowed() -> None:
    assert forbidden_names("column = 'voter-id'  # a voter\nexpanduser = polish = 1") == set()


# Traces of machines

_MACHINE_PATH = re.compile(r"(?<![\w.$}>/-])/(?:work|root|home|tmp|opt|mnt|Users)/[\w.]")
_REGISTRY = re.compile(r"files\.pythonhosted\.org|/simple/?\"|registry\.npmjs|index-url\s*=", re.IGNORECASE)


def kept_files() -> list[Path]:
    """The text files that belong to the project: tracked, or about to be."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git repository, so which files are kept is not known")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    paths = [ROOT / os.fsdecode(name) for name in listed.split(b"\0") if name]
    return [path for path in paths if path.is_file()]


def test_no_trace_of_a_machine() -> None:
    places = [place for place in (str(ROOT), str(Path.home())) if len(place) > len("/root")]
    found = []
    for path in kept_files():
        if path == Path(__file__):
            continue  # it names the patterns
        text = path.read_bytes().decode("utf-8", errors="ignore")
        if _MACHINE_PATH.search(text) or _REGISTRY.search(text) or any(place in text for place in places):
            found.append(path.relative_to(ROOT).as_posix())
    assert found == []


@pytest.mark.parametrize(
    "text", ["see /tmp/x", "'/home/ann/a'", "/work" + "/main", "https://files.python" + "hosted.org/a"]
)
def test_a_trace_of_a_machine_is_seen(text: str) -> None:
    assert _MACHINE_PATH.search(text) or _REGISTRY.search(text)


def test_nothing_made_is_kept() -> None:
    made = {"build", "dist", ".venv", "__pycache__", ".mypy_cache", ".ruff_cache"}
    assert [path for path in kept_files() if made & set(path.relative_to(ROOT).parts)] == []
