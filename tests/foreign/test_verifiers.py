"""Verifiers that others wrote accept our logs, and refuse every spoiled copy for the part that was spoiled.

They are not changed and not told anything of us but where files lie (`verifiers.py`, `gocheck/main.go`,
`sigstore/check.mjs`). Of @sigstore/verify only `toTrustMaterial`, `verifyCheckpoint` and
`verifyTLogInclusion` run: the signature on a checkpoint, looked up by key id and name, and an entry's
inclusion under the signed root. It does not look at a checkpoint's origin, at tiles, bundles, growth or
cosignatures. golang.org/x/mod runs as `note.NewVerifier`, `note.Open`, `tlog.RecordHash`, `StoredHashes`,
`TreeHash`, `TileHashReader`, `ProveRecord`, `CheckRecord` and `CheckTree`; aics-tlog by its public functions.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.foreign import peers, results
from tests.foreign.logs import TALL, Files, other_log, sound_cases, whole, write_case
from tests.foreign.spoiling import BUNDLE, CHECKPOINT, LENIENT, SPOILINGS
from tests.foreign.verifiers import VERIFIERS, Verifier, broken, expected, refused


@pytest.fixture(params=VERIFIERS)
def verifier(request: pytest.FixtureRequest) -> Verifier:
    """Each foreign verifier that is here."""
    found = VERIFIERS[request.param]
    if sentence := found.missing():
        pytest.skip(sentence)
    return found


def test_sound_logs_are_accepted(verifier: Verifier) -> None:
    answers = results.sound(verifier.name)
    assert answers.keys() == sound_cases().keys()
    for name, files in sound_cases().items():
        assert answers[name].keys() == expected(verifier, files), name
        assert refused(answers[name]) == set(), (name, answers[name])
        entries = answers[name].get("entries")
        size = int(files[CHECKPOINT].split(b"\n")[1])
        assert entries is None or int(entries.detail) == size
        assert int(answers[name]["proofs"].detail) == sum(path.endswith(".tlog-proof") for path in files)
    assert results.sound_row(verifier.name) in results.page_lines(), results.HOW


def test_spoiled_copies_are_refused(verifier: Verifier) -> None:
    answers = results.spoiled(verifier.name)
    for number, spoiling in enumerate(SPOILINGS):
        found = answers[str(number)]
        assert refused(found) == broken(verifier, spoiling), (spoiling.name, found)
        # All that was not spoiled was looked at, but for what rests on a checkpoint that was refused.
        if "checkpoint" not in refused(found):
            assert found.keys() == expected(verifier, whole()), spoiling.name
    assert results.spoiled_row(verifier.name) in results.page_lines(), results.HOW


def test_every_check_of_every_verifier_refuses_something() -> None:
    for verifier in VERIFIERS.values():
        refusing = set().union(*(broken(verifier, spoiling) for spoiling in SPOILINGS))
        assert refusing == verifier.checks


def test_every_spoiled_copy_is_spoiled_and_refused_by_somebody() -> None:
    names = [spoiling.name for spoiling in SPOILINGS]
    assert len(set(names)) == len(names)
    # Each differs from the sound case and from every other copy.
    copies = {tuple(sorted(files.items())) for files in results.copies().values()}
    assert len(copies) == len(SPOILINGS)
    for spoiling in SPOILINGS:
        assert any(broken(verifier, spoiling) for verifier in VERIFIERS.values()), spoiling.name
    assert {name for _, name in LENIENT} <= set(names)


def test_the_page_counts_what_is_listed() -> None:
    lines = results.page_lines()
    assert f"{len(SPOILINGS)} spoiled copies of one of them:" in lines, results.HOW
    for key, why in LENIENT.items():
        assert results.row(*key, why) in lines, results.HOW


# The audit of a whole log by its entries, which a benchmark calls with a million of them


@pytest.fixture(scope="session")
def gocheck(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our program over Go's libraries."""
    if sentence := peers.missing_go():
        pytest.skip(sentence)
    return peers.gocheck(tmp_path_factory.mktemp("gocheck"))


def audit(program: Path, files: Files, folder: Path) -> subprocess.CompletedProcess[str]:
    write_case(files, folder)
    key = files["key"].decode().strip()
    return subprocess.run([program, "audit", key, folder / "log"], capture_output=True, text=True)


def test_an_audit_recomputes_the_root_from_the_entries(gocheck: Path, tmp_path: Path) -> None:
    files = sound_cases()["tall"]
    done = audit(gocheck, files, tmp_path)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    _, size, root, *_ = files[CHECKPOINT].decode().split("\n")
    assert (said["size"], said["root"]) == (int(size), root)
    assert said["size"] == TALL
    assert said["cpu_seconds"] > 0


@pytest.mark.parametrize(
    ("path", "data", "sentence"),
    [
        (BUNDLE, lambda: other_log()[BUNDLE], "another root"),
        (BUNDLE, lambda: whole()[BUNDLE][:-1], "cut"),
        (CHECKPOINT, lambda: other_log()[CHECKPOINT], "verif"),
    ],
    ids=["entries of another log", "cut", "checkpoint of another log"],
)
def test_an_audit_of_a_spoiled_log_fails(
    gocheck: Path, tmp_path: Path, path: str, data: Callable[[], bytes], sentence: str
) -> None:
    done = audit(gocheck, whole() | {path: data()}, tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert sentence in done.stderr
