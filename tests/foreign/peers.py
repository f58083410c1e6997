"""Where the foreign verifiers stand, and what to say where one is missing. Nothing is fetched here.

`scripts/peers.sh` puts them into `.peers`; the variable ALLWEATHER_PEERS names another folder. Each
`missing_…` gives one sentence that says what is missing and how to get it, or nothing if all is there.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = Path(__file__).resolve().parent
PEERS = Path(os.environ.get("ALLWEATHER_PEERS") or ROOT / ".peers")
GOPATH = Path(os.environ.get("ALLWEATHER_GOPATH") or "/usr/share/gocode")
_XMOD = GOPATH / "src" / "golang.org" / "x" / "mod"

MERKLE = PEERS / "vectors" / "merkle"
CCTV = PEERS / "vectors" / "cctv" / "ed25519vectors.json"
SIGSTORE = PEERS / "npm"


def missing_go() -> str:
    """What is missing for Go's note and tlog."""
    if shutil.which("go") is None or not (_XMOD / "sumdb" / "tlog").is_dir():
        return (
            "Go or its golang.org/x/mod is missing: apt install golang-go golang-golang-x-mod-dev "
            "(another GOPATH is named by ALLWEATHER_GOPATH)"
        )
    return ""


def missing_python() -> str:
    """What is missing for aics-tlog and aics-witness."""
    if not (PEERS / "python" / "aics_witness").is_dir():
        return f"aics-tlog and aics-witness are not in {PEERS / 'python'}: scripts/peers.sh python"
    return ""


def missing_sigstore() -> str:
    """What is missing for Sigstore's verifier."""
    if shutil.which("node") is None:
        return "node is missing: apt install nodejs npm, then scripts/peers.sh npm"
    if not (SIGSTORE / "node_modules" / "@sigstore" / "verify").is_dir():
        return f"@sigstore/verify is not in {SIGSTORE}: scripts/peers.sh npm"
    return ""


def missing_merkle() -> str:
    """What is missing for the vectors of transparency-dev/merkle."""
    if not (MERKLE / "inclusion").is_dir():
        return f"the vectors of transparency-dev/merkle are not in {MERKLE}: scripts/peers.sh vectors"
    return ""


def missing_cctv() -> str:
    """What is missing for the Ed25519 vectors of C2SP/CCTV."""
    if not CCTV.is_file():
        return f"the Ed25519 vectors of C2SP/CCTV are not at {CCTV}: scripts/peers.sh vectors"
    return ""


@cache
def gocheck(folder: Path) -> Path:
    """Our small program over golang.org/x/mod, built into `folder` from Debian's sources, no network."""
    program = folder / "gocheck"
    build = ["go", "build", "-o", str(program), "./tests/foreign/gocheck/main.go"]
    done = subprocess.run(build, cwd=ROOT, env=_go_environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return program


def _go_environment() -> dict[str, str]:
    own = {
        "GO111MODULE": "off",
        "GOPATH": str(GOPATH),
        "GOCACHE": str(PEERS / "go-build"),
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "",
    }
    return {**os.environ, **own}


@cache
def aics_tlog() -> Any:
    """The module aics_tlog."""
    return _module("aics_tlog")


@cache
def aics_witness() -> Any:
    """The module aics_witness."""
    return _module("aics_witness")


@cache
def aics_witness_protocol() -> Any:
    """Its module of wire formats."""
    return _module("aics_witness.protocol")


def _module(name: str) -> Any:
    # At the end of the path, so that what these packages need is ours.
    place = str(PEERS / "python")
    if place not in sys.path:
        sys.path.append(place)
    return importlib.import_module(name)


def versions() -> dict[str, str]:
    """Name and version of each verifier that is here."""
    found = {}
    if not missing_go():
        found["go"] = f"{_go_version()}, golang.org/x/mod {_xmod_version()}"
    if not missing_python():
        for distribution in importlib.metadata.distributions(path=[str(PEERS / "python")]):
            found[distribution.metadata["Name"].lower()] = distribution.version
    if not missing_sigstore():
        package = SIGSTORE / "node_modules" / "@sigstore" / "verify" / "package.json"
        node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
        found["sigstore"] = f"{json.loads(package.read_text('utf-8'))['version']}, node {node.strip()[1:]}"
    return found


def _go_version() -> str:
    text = subprocess.run(["go", "env", "GOVERSION"], capture_output=True, text=True, env=_go_environment())
    return text.stdout.strip() or "go"


def _xmod_version() -> str:
    if shutil.which("dpkg-query") is None:
        return "of this machine"
    asked = ["dpkg-query", "-W", "-f", "${Version}", "golang-golang-x-mod-dev"]
    done = subprocess.run(asked, capture_output=True, text=True)
    return done.stdout.strip() or "of this machine"
