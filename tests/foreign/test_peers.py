"""What is missing is said in a sentence with a way to get it, and what is fetched is pinned."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.foreign import peers

SCRIPT = (peers.ROOT / "scripts" / "peers.sh").read_text("utf-8")


def test_what_is_missing_is_said_with_a_way_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("PEERS", "MERKLE", "SIGSTORE", "_XMOD"):
        monkeypatch.setattr(peers, name, tmp_path / "nothing")
    monkeypatch.setattr(peers, "CCTV", tmp_path / "nothing" / "vectors.json")
    monkeypatch.setattr(shutil, "which", lambda name: "/bin/true")
    said = [
        peers.missing_go(),
        peers.missing_python(),
        peers.missing_sigstore(),
        peers.missing_merkle(),
        peers.missing_cctv(),
    ]
    assert all(re.search(r"apt install golang|scripts/peers\.sh (python|npm|vectors)$", one) for one in said)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert "apt install nodejs" in peers.missing_sigstore()
    assert "apt install golang-go" in peers.missing_go()


def test_what_is_fetched_is_pinned() -> None:
    assert re.fullmatch(
        r"(aics-[a-z]+==[\d.]+ --hash=sha256:[0-9a-f]{64}\n){2}", (peers.HERE / "python.txt").read_text()
    )
    assert len(re.findall(r"^(?:MERKLE|CCTV)_COMMIT=[0-9a-f]{40}$", SCRIPT, re.MULTILINE)) == 2
    lock = json.loads((peers.HERE / "sigstore" / "package-lock.json").read_text("utf-8"))
    asked = json.loads((peers.HERE / "sigstore" / "package.json").read_text("utf-8"))["dependencies"]
    packages = {name.removeprefix("node_modules/"): one for name, one in lock["packages"].items() if name}
    assert asked.items() <= {name: one["version"] for name, one in packages.items()}.items()
    for name, one in packages.items():
        assert one["integrity"].startswith("sha512-"), name
        assert "resolved" not in one, name
