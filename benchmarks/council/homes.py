"""Homes that hold the record that was made, and nodes that run on them, each in a process of its own."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from allweather.node.actions import CHARTER_MARK
from allweather.node.home import SQLITE, Home, format_home
from allweather.node.peers import read_token
from allweather.record.storage import Batch
from allweather.store import open_sqlite, write_key
from benchmarks.council.making import Made, seed_of, signers

SECRET = "a bench has no secrets"


@contextmanager
def place(made: Made) -> Iterator[Path]:
    """A folder for homes beside the record, gone when it is done with."""
    with tempfile.TemporaryDirectory(dir=made.folder.parent) as folder:
        yield Path(folder)


def make_home(made: Made, origin: str, folder: Path) -> Path:
    """The home of one member that holds the whole record; its passphrase stands in the file `passphrase`."""
    path = folder / origin.partition("/")[2]
    keys = path / "keys"
    keys.mkdir(mode=0o700, parents=True)
    (path / "home.toml").write_bytes(format_home(Home(path, origin, SQLITE)))
    for signer, word in zip(signers(origin), ("log", "witness", "recovery"), strict=True):
        write_key(keys / f"{word}.key", seed_of(origin, word), SECRET, name=signer.name, rounds=1)
    secret = path / "passphrase"
    secret.touch(mode=0o600)
    secret.write_text(f"{SECRET}\n", encoding="utf-8")
    shutil.copyfile(made.folder / "record.sqlite", path / "record.sqlite")
    marks = json.loads((made.folder / "marks.json").read_bytes())[origin]
    with closing(open_sqlite(path / "record.sqlite", create=False)) as store:
        notes = [(name, value.encode()) for name, value in marks.items()]
        store.commit(Batch(marks=(*notes, (CHARTER_MARK, made.charter.encode()))))
    return path


@dataclass
class Running:
    """A node that runs: `allweather node run` in its own process."""

    process: subprocess.Popen[str]
    address: str
    token: str
    seconds: float
    """From the call to the line that says that it is ready."""

    def connect(self) -> Asking:
        """A kept connection to its local API."""
        return Asking(self.address, self.token)

    @property
    def cpu(self) -> float:
        """CPU-seconds that it has used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def peak_mb(self) -> float:
        """The most memory that it has had, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024


class Asking:
    """One connection to a node."""

    def __init__(self, address: str, token: str) -> None:
        parts = urlsplit(address)
        self._line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        """Status and bytes of an answer."""
        data = None if body is None else json.dumps(body).encode()
        self._line.request(method, path, data, self._headers)
        answer = self._line.getresponse()
        return answer.status, answer.read()

    def number(self, name: str) -> float:
        """One of the node's own counts."""
        _, data = self.ask("GET", "/metrics")
        lines = [line for line in data.decode().splitlines() if line.startswith(f"{name} ")]
        return float(lines[0].split()[1]) if lines else 0.0

    def settled(self, seconds: float = 3.0) -> None:
        """Wait until the node has done what is due and writes nothing more by itself."""
        last, since = -1.0, time.monotonic()
        while time.monotonic() - since < seconds:
            now = self.number("allweather_entries_held")
            if now != last:
                last, since = now, time.monotonic()
            time.sleep(0.2)


@contextmanager
def running(home: Path, made: Made) -> Iterator[Running]:
    """Run the node of a home, at the time when the record ends."""
    argv: list[str | Path] = [Path(sys.executable).with_name("allweather"), "node", "run", home]
    argv += ["--passphrase-file", home / "passphrase", "--clock", f"{made.end - int(time.time()):+d}"]
    began = time.monotonic()
    with (home / "node.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        if not address:
            raise SystemExit(f"no node runs: {(home / 'node.log').read_text(encoding='utf-8')}")
        yield Running(process, address, read_token(home), time.monotonic() - began)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
