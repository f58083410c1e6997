"""The stage of a rehearsal: a folder with the homes of a few live members, and their nodes as processes.

Each live member has a home with keys of its own and runs `allweather node run` on this machine; whatever the
demo shows it asks these nodes for. `options` go to every node. A stage ends its processes when it is left,
whyever.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlencode

from allweather.cli.asking_node import ask_node
from allweather.council.acts import fields_of, short
from allweather.council.forms import Body
from allweather.errors import OutputError, StoreError
from allweather.node.home import Home, Passphrase, at_desk
from allweather.node.making import make_home
from allweather.node.peers import Peer, Peers, RunningNode, running_node, write_peers
from allweather.node.rehearsal import Compiled, Setting, load

PROGRAM = (sys.executable, "-P", "-c", "from allweather.cli import main; main()")
STARTS_IN, ENDS_IN = 180.0, 6.0
_HOST = "127.0.0.1"
_ROUNDS = 4  # the passphrase is 128 random bits: guessing it need not be slow
_PAUSE = 0.1
_ENDING = (signal.SIGTERM, signal.SIGHUP)


@dataclass(slots=True)
class LiveNode:
    """One member's node: its home, its process, and once it is ready where it answers."""

    origin: str
    home: Path
    log: Path
    port: int
    runs: RunningNode | None = field(default=None, repr=False)
    process: subprocess.Popen[bytes] | None = None

    @property
    def name(self) -> str:
        """The member's short name."""
        return short(self.origin)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://{_HOST}:{self.port}"

    def view(self, name: str, **parameters: str) -> Any:
        """A view as this node sees it now."""
        asked = f"?{urlencode(parameters)}" if parameters else ""
        return self._ask("GET", f"/api/views/{name}{asked}")

    def sign(self, body: Body) -> dict[str, Any]:
        """Sign an act at this node; the act as it stands on the record. Raises Refused."""
        asked = {"kind": body.KIND, "body": fields_of(body)}
        found: dict[str, Any] = self._ask("POST", "/api/acts", asked)["acts"][0]
        return found

    def cut(self, is_cut: bool) -> None:
        """Cut this node off from all others, or join it again."""
        self._ask("POST", "/api/rehearsal", {"cut": is_cut})

    def sync(self) -> None:
        """Let it take in from its peers now."""
        self._ask("POST", "/api/sync", {})

    def _ask(self, method: str, path: str, asked: dict[str, Any] | None = None) -> Any:
        assert self.runs is not None
        return ask_node(self.home, self.runs, method, path, asked)


class Stage:
    """A folder with the homes of live members; `nodes` are theirs, by short name."""

    def __init__(self, folder: Path, origins: Sequence[str], *, options: Sequence[str] = ()) -> None:
        self.folder = folder
        self._options = tuple(options)
        self.passphrase = folder / "passphrase"
        self.nodes = {
            short(one): LiveNode(one, folder / short(one), folder / f"{short(one)}.log", port)
            for one, port in zip(origins, free_ports(len(origins)), strict=True)
        }

    def make_homes(self) -> dict[str, bytes]:
        """Make the homes behind one passphrase; the digest of each member's card. Raises OutputError."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if any(self.folder.iterdir()):
                raise OutputError(f"{self.folder} is not empty; choose another folder for the demo")
            handle = os.open(self.passphrase, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_hex(16) + "\n")
        except OSError as error:
            raise OutputError(f"the demo cannot write to {self.folder} ({error.strerror})") from error

        def made(one: LiveNode) -> bytes:
            words = dict.fromkeys(("log", "witness", "recovery"), Passphrase(self.passphrase))
            return make_home(Home(one.home, one.origin), None, words, rounds=_ROUNDS)

        return {one.origin: digest for one, digest in self._at_once(made)}

    def load(self, compiled: Compiled, setting: Setting) -> int:
        """Bring the council to every home, and sign there what is that member's; how many acts."""

        def loaded(one: LiveNode) -> int:
            with at_desk(one.home, Passphrase(self.passphrase)) as desk:
                return load(desk, compiled, setting)

        return sum(n for _, n in self._at_once(loaded))

    def _at_once(self, do: Callable[[LiveNode], Any]) -> list[tuple[LiveNode, Any]]:
        with ThreadPoolExecutor(len(self.nodes)) as pool:
            return list(zip(self.nodes.values(), pool.map(do, self.nodes.values()), strict=True))

    @contextmanager
    def running(self, clock: str) -> Iterator[Mapping[str, LiveNode]]:
        """The nodes while they run, by a clock as `node run --clock` takes it. Raises StoreError."""
        logs: list[IO[bytes]] = []
        self._introduce()
        try:
            for one in self.nodes.values():
                logs.append(one.log.open("wb"))
                one.process = subprocess.Popen(
                    [*PROGRAM, *self.command(one, clock)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=logs[-1],
                )
            for one in self.nodes.values():
                _wait_for(one)
            yield self.nodes
        finally:
            self._end()
            for log in logs:
                log.close()

    def command(self, one: LiveNode, clock: str) -> list[str]:
        """How a node is run, without the program's name."""
        options = ["--passphrase-file", str(self.passphrase), "--listen", f"{_HOST}:{one.port}"]
        return ["node", "run", str(one.home), *options, *self._options, "--rehearsal", "--clock", clock]

    def _introduce(self) -> None:
        for one in self.nodes.values():
            others = (Peer(other.address, other.origin) for other in self.nodes.values() if other is not one)
            write_peers(one.home, Peers(tuple(others)))

    def _end(self) -> None:
        started = [one.process for one in self.nodes.values() if one.process is not None]
        with _undisturbed():
            for process in started:
                if not has_ended(process):
                    process.terminate()
            until = time.monotonic() + ENDS_IN
            for process in started:
                if not has_ended(process, max(0.1, until - time.monotonic())):
                    process.kill()
                    process.wait()


def _wait_for(one: LiveNode) -> None:
    until = time.monotonic() + STARTS_IN
    while True:
        one.runs = running_node(one.home)
        if one.runs is not None:
            return
        assert one.process is not None
        if has_ended(one.process):
            raise StoreError(f"the node of {one.name} did not start: {_last_line(one.log)}")
        if time.monotonic() > until:
            raise StoreError(f"the node of {one.name} did not start in {STARTS_IN:g} seconds")
        time.sleep(_PAUSE)


def has_ended(process: subprocess.Popen[bytes], seconds: float = 0.0) -> bool:
    """Whether a process has ended, or does so within `seconds`."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _last_line(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").strip().splitlines()
    return lines[-1][:300] if lines else "it says nothing"


def free_ports(number: int) -> list[int]:
    """Ports of this machine on which nobody listens now."""
    lines = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(number)]
    try:
        for line in lines:
            line.bind((_HOST, 0))
        return [int(line.getsockname()[1]) for line in lines]
    finally:
        for line in lines:
            line.close()


def wait_until(is_so: Callable[[], bool], seconds: float) -> bool:
    """Wait until something is so, for `seconds` at most; whether it is."""
    until = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > until:
            return False
        time.sleep(_PAUSE)
    return True


def _undisturbed() -> AbstractContextManager[None]:
    """No second signal while processes are being ended."""
    return _handling(signal.SIG_IGN, (signal.SIGINT, *_ENDING))


def ending_in_order() -> AbstractContextManager[None]:
    """Being told to end (SIGTERM, a closed terminal) is the same as Ctrl-C: what was started is ended."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    return _handling(interrupt, _ENDING)


@contextmanager
def _handling(handler: Any, which: Sequence[signal.Signals]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # no signal comes here
        return
    before = {one: signal.signal(one, handler) for one in which}
    try:
        yield
    finally:
        for one, old in before.items():
            signal.signal(one, old)
