"""One member's node as a process of its own: started as a person would, asked over its local API, killed."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from allweather.node.peers import Peer, Peers, write_peers
from tests.e2e.five.homes import origin, secret_in

PROGRAM = (sys.executable, "-P", "-c", "from allweather.cli import main; main()")
_STARTS_IN, _ENDS_IN = 60.0, 10.0
_BROKEN = (OSError, http.client.HTTPException, ValueError)


class Gone(Exception):
    """The node does not answer."""


@dataclass
class Member:
    """A member with its home and its node's process. `options` are those of `allweather node run`."""

    name: str
    home: Path
    port: int
    options: tuple[str, ...]
    is_forked: bool = False
    shift: int = 0
    """How many seconds its clock is ahead."""
    process: int = 0
    is_cut: bool = False
    n_starts: int = 0
    _child: subprocess.Popen[bytes] | None = None
    _line: http.client.HTTPConnection | None = field(default=None, repr=False)

    @property
    def origin(self) -> str:
        """The name of its log."""
        return origin(self.name)

    @property
    def is_up(self) -> bool:
        """Whether its process runs."""
        return self.process != 0

    @property
    def address(self) -> str:
        """Where its node listens."""
        return f"http://127.0.0.1:{self.port}"

    def meet(self, others: list[Member]) -> None:
        """Make others its peers."""
        write_peers(self.home, Peers(tuple(Peer(one.address, one.origin) for one in others)))

    def start(self) -> None:
        """Start the process; `wait` waits until it answers."""
        self.n_starts += 1
        arguments = [
            *("node", "run", str(self.home), "--listen", f"127.0.0.1:{self.port}", "--rehearsal"),
            *("--passphrase-file", str(secret_in(self.home.parent)), *self.options),
            *("--seed", str(self.port * 100 + self.n_starts)),
        ]
        log = self.home.parent / f"{self.name}.log"
        if self.is_forked:
            self.process = _fork(arguments, log)
            return
        with log.open("ab") as out:
            self._child = subprocess.Popen([*PROGRAM, *arguments], stdout=out, stderr=out, close_fds=True)
        self.process = self._child.pid

    def wait(self) -> None:
        """Wait until the node answers."""
        until = time.monotonic() + _STARTS_IN
        while time.monotonic() < until:
            with contextlib.suppress(Gone):
                if self.ask("GET", "/health")[0] == 200:
                    return
            if self._reap(block=False) is not None:
                self.process = 0
                raise AssertionError(f"the node of {self.name} ended at its start: {self.last_words()}")
            time.sleep(0.03)
        raise AssertionError(f"the node of {self.name} does not answer: {self.last_words()}")

    def kill(self) -> None:
        """Kill -9: nothing is tidied up."""
        os.kill(self.process, signal.SIGKILL)

    def bury(self) -> None:
        """Note that the process is gone."""
        self._drop()
        if self.process:
            self._reap(block=True)
        self.process, self._child = 0, None

    def stop(self) -> str:
        """Tell it to end; why it did not end as it should, or nothing."""
        if not self.process:
            return ""
        self._drop()
        os.kill(self.process, signal.SIGTERM)
        until = time.monotonic() + _ENDS_IN
        status = None
        while status is None and time.monotonic() < until:
            status = self._reap(block=False)
            time.sleep(0.02)
        if status is None:
            self.kill()
            self.bury()
            return f"the node of {self.name} did not end in {_ENDS_IN:g} seconds"
        self.process, self._child = 0, None
        return f"the node of {self.name} ended with {status}: {self.last_words()}" if status else ""

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Status and answer of one request. Raises Gone."""
        data = None if body is None else json.dumps(body).encode()
        was_kept = self._line is not None
        try:
            return self._once(method, path, data)
        except _BROKEN as error:
            self._drop()
            if not was_kept or path == "/api/acts":  # what may have been signed is not asked for twice
                raise Gone(f"{self.name}: {type(error).__name__}: {error}") from None
        try:  # a connection that was not used for a while may have been closed by the node
            return self._once(method, path, data)
        except _BROKEN as error:
            self._drop()
            raise Gone(f"{self.name}: {type(error).__name__}: {error}") from None

    def _once(self, method: str, path: str, data: bytes | None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self._token()}", "Content-Type": "application/json"}
        if self._line is None:
            self._line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            self._line.connect()
            self._line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._line.request(method, path, data, headers)
        answer = self._line.getresponse()
        return answer.status, json.loads(answer.read() or b"null")

    def view(self, name: str, at: int | None = None, **parameters: str) -> Any:
        """A view; None where the node does not know what is asked for. Raises Gone."""
        asked = {**parameters, **({} if at is None else {"at": str(at)})}
        status, found = self.ask("GET", f"/api/views/{name}?{urlencode(asked, quote_via=quote)}")
        if status not in (200, 404):
            raise AssertionError(f"the view {name} of {self.name} answers {status}: {found}")
        return found if status == 200 else None

    def cut(self, is_cut: bool) -> None:
        """Cut it off from all others, or join it again."""
        status, _ = self.ask("POST", "/api/rehearsal", {"cut": is_cut})
        assert status == 200
        self.is_cut = is_cut

    def last_words(self) -> str:
        """The end of what it has logged."""
        log = self.home.parent / f"{self.name}.log"
        return log.read_text(encoding="utf-8", errors="replace")[-600:] if log.exists() else ""

    def _token(self) -> str:
        try:
            return (self.home / "token").read_text(encoding="ascii").strip()
        except OSError:
            return ""

    def _drop(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None

    def _reap(self, *, block: bool) -> int | None:
        """The process's exit status; None while it runs."""
        if self._child is not None:
            if block:
                self._child.wait()
            return self._child.poll()
        found, status = os.waitpid(self.process, 0 if block else os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if found else None


def _fork(arguments: list[str], log: Path) -> int:
    """The same command in a copy of this process: it spares reading the program anew for every node."""
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.closerange(3, 4_096)
        from allweather.cli import main

        main(arguments)
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 1
    finally:
        os._exit(status)


def free_ports(number: int) -> list[int]:
    """Ports of loopback that are free now."""
    lines = [socket.socket() for _ in range(number)]
    try:
        for line in lines:
            line.bind(("127.0.0.1", 0))
        return [int(line.getsockname()[1]) for line in lines]
    finally:
        for line in lines:
            line.close()
