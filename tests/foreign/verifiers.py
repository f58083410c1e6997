"""The foreign verifiers, each asked about a set of cases. Their code is theirs; this carries files to them.

Each verifier says for each case, and each check that it has, whether the case was accepted. A check that
rests on the log's checkpoint is not reached, and not in the answer, if that checkpoint was refused.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.foreign import peers
from tests.foreign.logs import Files, write_case
from tests.foreign.spoiling import LENIENT, Spoiling


@dataclass(frozen=True)
class Answer:
    """Whether a check accepted a case, with the number of things checked, or the reason why not."""

    accepted: bool
    detail: str


Answers = dict[str, dict[str, Answer]]
"""By case, then by check."""


def ask_go(cases: Mapping[str, Files]) -> Answers:
    """golang.org/x/mod: note.Open; tlog.StoredHashes, TreeHash, TileHashReader, CheckRecord, CheckTree."""
    with tempfile.TemporaryDirectory() as place:
        folders = [write_case(files, Path(place) / name) for name, files in cases.items()]
        return _run(cases, [peers.gocheck(_program_folder()), "cases", *folders])


def _run(cases: Mapping[str, Files], command: list[str | Path]) -> Answers:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found: Answers = {name: {} for name in cases}
    for line in done.stdout.splitlines():
        name, check, verdict, detail = line.split("\t")
        assert verdict in ("accepted", "refused"), line
        found[name][check] = Answer(verdict == "accepted", detail)
    return found


_FOLDERS: list[tempfile.TemporaryDirectory[str]] = []


def _program_folder() -> Path:
    # One folder for the whole run; it goes with the process.
    if not _FOLDERS:
        _FOLDERS.append(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
    return Path(_FOLDERS[0].name)


def ask_sigstore(cases: Mapping[str, Files]) -> Answers:
    """@sigstore/verify: verifyCheckpoint of the checkpoint, verifyTLogInclusion of each proof (check.mjs)."""
    with tempfile.TemporaryDirectory() as place:
        folders = [write_case(_small(files), Path(place) / name) for name, files in cases.items()]
        return _run(cases, ["node", peers.HERE / "sigstore" / "check.mjs", peers.SIGSTORE, *folders])


def _small(files: Files) -> Files:
    # It looks at no tiles and no bundles.
    return {path: data for path, data in files.items() if not path.startswith("log/tile/")}


def ask_aics(cases: Mapping[str, Files]) -> Answers:
    """aics-tlog: its notes, checkpoints, cosignatures, tile readers, bundles and Merkle proofs."""
    return {name: _Aics(files).answers() for name, files in cases.items()}


class _Aics:
    """One case before aics-tlog."""

    def __init__(self, files: Files) -> None:
        self.library = peers.aics_tlog()
        self.files = files
        self.tiles = self.library.MemoryTileReader(
            {path.removeprefix("log/"): data for path, data in files.items() if path.startswith("log/")}
        )
        self.head: Any = None

    def answers(self) -> dict[str, Answer]:
        found = {"checkpoint": _ask(self.checkpoint)}
        if found["checkpoint"].accepted:
            found |= {"entries": _ask(self.entries), "tiles": _ask(self.tiles_alone)}
            found |= {"bundles": _ask(self.bundles)}
            if "older" in self.files:
                found["consistency"] = _ask(self.consistency)
            if "witnesses" in self.files:
                found["cosignatures"] = _ask(self.cosignatures)
        if any(path.startswith("proofs/") for path in self.files):
            found["proofs"] = _ask(self.proofs)
        if "equivocation" in self.files:
            found["equivocation"] = _ask(self.equivocation)
        return found

    def read(self, path: str) -> bytes:
        if path not in self.files:
            raise FileNotFoundError(path)
        return self.files[path]

    def key(self) -> Any:
        return self.library.parse_vkey(self.read("key").decode().removesuffix("\n"))

    def open(self, data: bytes, **more: Any) -> Any:
        """verify_checkpoint, with the origin that the key names."""
        key = self.key()
        note = self.library.parse_note(data)
        result = self.library.verify_checkpoint(note, key, expected_origin=key.name, **more)
        assert result.ok, result.error
        return result

    def checkpoint(self) -> int:
        self.head = self.open(self.read("log/checkpoint"))
        return 1

    def entries(self) -> int:
        """The root over every entry of the bundles, by aics-tlog's own tree."""
        size, tree = self.head.size, self.library.MerkleTree()
        for first in range(0, size, 256):
            width = min(256, size - first)
            data = self.tiles.read_entry_bundle(first // 256, None if width == 256 else width)
            full = data if data is not None else self.tiles.read_entry_bundle(first // 256, None)
            assert full is not None, f"the bundle of entry {first} is missing"
            found = self.library.tiles.parse_entry_bundle(full)
            assert data is None or len(found) == width, f"{len(found)} entries instead of {width}"
            tree.extend(found[:width])
        assert len(tree) == size, f"{len(tree)} entries instead of {size}"
        assert tree.root() == self.head.root, "the entries lead to another root"
        return len(tree)

    def tiles_alone(self) -> int:
        report = self.library.audit_tiles(self.tiles, self.head.size, self.head.root, entries=False)
        return int(report.tiles)

    def bundles(self) -> int:
        """Every bundle against its tile, and inclusion proofs made from the tiles."""
        size, root = self.head.size, self.head.root
        report = self.library.audit_tiles(self.tiles, size, root)
        reader = self.library.VerifiedTileReader(self.tiles, size, root)
        for index in range(0, size, size // 64 + 1):
            proof = self.library.inclusion_proof_from_tiles(reader, index, size)
            assert self.library.verify_leaf_inclusion(reader.entry(index), index, size, proof, root)
        return int(report.bundles)

    def consistency(self) -> int:
        older = self.open(self.read("older"))
        hashes = [self.hash(line) for line in self.read("consistency").decode().splitlines()]
        held = self.library.verify_consistency(older.size, self.head.size, older.root, self.head.root, hashes)
        assert held, "the consistency proof does not hold"
        return 1

    def cosignatures(self) -> int:
        """Both files of the head, each with a policy by which every witness has to have cosigned."""
        keys = tuple(self.library.parse_vkey(line) for line in self.read("witnesses").decode().splitlines())
        policy = self.library.WitnessPolicy(len(keys), keys)
        for name in ("checkpoint", "cosignatures"):
            result = self.open(self.read(f"log/{name}"), policy=policy)
            assert (result.size, result.root) == (self.head.size, self.head.root), f"{name}: another head"
        return len(keys)

    def proofs(self) -> int:
        """Each tlog-proof as the library's own offline bundle; it has no reader of tlog-proof files."""
        paths = [path for path in self.files if path.endswith(".tlog-proof")]
        for path in paths:
            head, _, note = self.read(path).partition(b"\n\n")
            first, index, *hashes = head.decode().split("\n")
            assert first == "c2sp.org/tlog-proof@v1"
            assert index.startswith("index ")
            bundle = self.library.Bundle(
                entry_bytes=self.read(path.replace(".tlog-proof", ".entry")),
                index=int(index.removeprefix("index ")),
                inclusion_proof=tuple(map(self.hash, hashes)),
                checkpoint_note=note.decode(),
                envelope=None,
                body_or_ct=None,
            )
            key = self.key()
            result = self.library.verify_bundle(bundle, key, expected_origin=key.name)
            assert result.ok, f"{path}: {result.error}"
        assert paths, "no proof is there"
        return len(paths)

    def equivocation(self) -> int:
        head, _, rest = self.read("equivocation").partition(b"\n\n")
        first, *hashes = head.decode().split("\n")
        assert first == "allweather/equivocation@v1"
        lines = rest.split(b"\n")
        assert len(lines) == 12, "two checkpoints of five lines were expected"
        small = self.open(b"\n".join([*lines[:5], b""]))
        large = self.open(b"\n".join(lines[6:]))
        implied, *proof = map(self.hash, hashes)
        held = self.library.verify_consistency(small.size, large.size, implied, large.root, proof)
        assert held, "the implied root does not lead to the larger one"
        assert small.size > 0, "the smaller log is empty"
        assert implied != small.root, "the two checkpoints agree"
        return 1

    def hash(self, line: str) -> bytes:
        return bytes(self.library.note.b64_decode(line))


def _ask(check: Callable[[], int]) -> Answer:
    try:
        return Answer(True, str(check()))
    except (AssertionError, ValueError, OSError) as error:
        return Answer(False, str(error))


@dataclass(frozen=True)
class Verifier:
    """A foreign verifier: the checks that it has, what is missing to ask it, and how."""

    name: str
    checks: frozenset[str]
    missing: Callable[[], str]
    ask: Callable[[Mapping[str, Files]], Answers]


_COMMON = {"checkpoint", "entries", "tiles", "consistency", "proofs", "equivocation"}

VERIFIERS = {
    one.name: one
    for one in (
        Verifier("go", frozenset(_COMMON), peers.missing_go, ask_go),
        Verifier(
            "aics-tlog", frozenset(_COMMON | {"bundles", "cosignatures"}), peers.missing_python, ask_aics
        ),
        Verifier("sigstore", frozenset({"checkpoint", "proofs"}), peers.missing_sigstore, ask_sigstore),
    )
}


def expected(verifier: Verifier, files: Files) -> set[str]:
    """The checks that a verifier has to reach in a sound case."""
    needs = {"consistency": "older", "cosignatures": "witnesses", "equivocation": "equivocation"}
    return {check for check in verifier.checks if needs.get(check, "key") in files}


def broken(verifier: Verifier, spoiling: Spoiling) -> set[str]:
    """The checks of a verifier that have to refuse a spoiled copy."""
    if (verifier.name, spoiling.name) in LENIENT:
        return set()
    breaks = set(spoiling.breaks)
    if breaks & {"entries", "tiles"}:
        breaks.add("bundles")
    return breaks & verifier.checks


def refused(answers: Mapping[str, Answer]) -> set[str]:
    """The checks that refused a case."""
    return {check for check, answer in answers.items() if not answer.accepted}
