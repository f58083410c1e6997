"""A running node: one member's home, its web server and its jobs, from start to stop.

Everything is joined here: the desk, the clock, the peers, the server. Nothing is created at import time. What
is acknowledged is durable, so that a node may be killed at any moment; `stop` only makes the end tidy.

    HOME/node.json    address for this machine and process of the node that runs, while it runs
    HOME/token        what a request to the local API must bring; made at the first run
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import ipaddress
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import uvicorn
from litestar import Router

from allweather.errors import InputError, OutputError, Refused, StoreError
from allweather.node.answering import Doorway
from allweather.node.api import make_app
from allweather.node.home import Passphrase
from allweather.node.jobs import Duty, Keeper, Timings
from allweather.node.knowing import Neighbours
from allweather.node.logs import tell
from allweather.node.peers import STATE, State, read_token, replace_file
from allweather.node.reaching import certificate_digest
from allweather.node.receiving import Sessions
from allweather.node.rehearsing import Dice, Weather
from allweather.node.serving import Serving
from allweather.node.sharing import SharedDesk, open_shared
from allweather.store import WebSource
from allweather.store.disk import reason

_MAX_CONNECTIONS = 512
_STARTS_IN = 15.0
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # every address of the machine, and one of them


@dataclass(frozen=True, slots=True)
class Listen:
    """Where a node listens: plain http on loopback or where that is asked for, https with a certificate.

    `public` is the address at which others reach it, where that is another one.
    """

    host: str = "127.0.0.1"
    port: int = 0
    certificate: Path | None = None
    key: Path | None = None
    plain: bool = False
    public: str = ""

    def check(self) -> None:
        """Raise InputError unless this may be."""
        if (self.certificate is None) != (self.key is None):
            raise InputError("TLS takes both a certificate and its key: give --tls-cert and --tls-key")
        if self.certificate is None and not self.plain and not _is_loopback(self.host):
            raise InputError(
                f"plain http at {self.host} shows everyone on the way what is read: give --tls-cert and "
                "--tls-key, or --plain in a closed network"
            )
        if self.public:
            WebSource(self.public, allow_plain=self.plain).close()  # it knows what an address is

    def names(self) -> frozenset[str] | None:
        """The hosts that this node goes by besides loopback, in small letters, without ports.

        None with a certificate: a browser that reads the pages has compared the name with that.
        """
        if self.certificate is not None:
            return None
        public = urlsplit(self.public).hostname if self.public else None
        return frozenset(one.lower() for one in (self.host, public) if one)

    def address(self, port: int) -> str:
        """The address of a node that listens so, for this machine: of all its own addresses, loopback."""
        host = _LOOPBACK.get(self.host, self.host)
        host = f"[{host}]" if ":" in host else host
        return f"{'http' if self.certificate is None else 'https'}://{host}:{port}"


def parse_listen(text: str) -> tuple[str, int]:
    """Host and port of `127.0.0.1:8411` or `[::1]:0`. Raises InputError."""
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not (port.isascii() and port.isdigit()) or int(port) > 65_535:
        raise InputError(f"{text!r:.60} is no place to listen at; write 127.0.0.1:8411, or port 0 for any")
    return host, int(port)


class _Server(uvicorn.Server):
    """A server that leaves the signals to the process, and no line open behind it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End in order; what is still connected after that is cut off."""
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        await asyncio.sleep(0)  # an aborted line is closed in the loop's next turn


class Node:
    """One member's node. `clock` gives seconds since 1970; all other times are in `timings`."""

    def __init__(
        self,
        home: Path,
        passphrase: Passphrase,
        clock: Callable[[], int],
        *,
        listen: Listen | None = None,
        timings: Timings | None = None,
        weather: Weather | None = None,
        duties: Sequence[Duty] = (),
        pins: Mapping[str, bytes] | None = None,
        dice: Callable[[], float] | None = None,
        pages: Callable[[Serving], Sequence[Router]] | None = None,
    ) -> None:
        self.listen = listen or Listen()
        self.listen.check()
        self.timings = timings or Timings()
        self.weather = weather or Weather()
        self.address = ""
        self.public = self.listen.public
        self.names = self.listen.names()
        self.ended = threading.Event()
        """Set when the server has ended, whyever."""
        self._home = home
        self._passphrase = passphrase
        self._clock = clock
        self._duties = tuple(duties)
        self._pins = dict(pins or {})
        self._dice = dice or Dice(os.urandom(16))
        self._pages = pages
        self._server: _Server | None = None
        self._serving: threading.Thread | None = None
        self._is_stopped = False

    def start(self) -> str:
        """Open the home, listen, begin to work; the address. Raises InputError, Refused, StoreError."""
        self.shared: SharedDesk = open_shared(
            self._home,
            self._passphrase,
            self._clock,
            slice_seconds=self.timings.slice,
            withheld=self.weather.withheld,
        )
        try:
            self._unlock()
            self.files_pool = ThreadPoolExecutor(4, "files")
            self.desk_pool = ThreadPoolExecutor(4, "desk")
            self.neighbours = Neighbours(
                self.shared, self._home, self._pins, self.timings, self.weather, self._dice
            )
            self.sessions = Sessions(self.shared, self.neighbours.pins)
            self.shared.on_news.append(self.neighbours.tell_news)
            self._keeper = Keeper(self.shared, self._duties, timings=self.timings)
            self.neighbours.after = self._keeper.wake
            self.shared.on_news.append(lambda source: self._keeper.wake() if source else None)
            self._serve()
        except BaseException:
            self.shared.close()
            raise
        self.neighbours.refresh()
        self._keeper.before = self.neighbours.refresh
        self._keeper.start()
        tell("ready", address=self.address, node=self.shared.origin)
        return self.address

    def stop(self) -> None:
        """End in order, within about 3 seconds. What was acknowledged is on the disk already."""
        if self._is_stopped:
            return
        self._is_stopped = True
        until = time.monotonic() + 2.8
        if self._server is not None:
            self._server.should_exit = True
        self._keeper.stop()
        self.neighbours.stop()
        if self._serving is not None:
            self._serving.join(self.timings.graceful + 1.0)
        self.files_pool.shutdown(wait=False, cancel_futures=True)
        self.desk_pool.shutdown(wait=False, cancel_futures=True)
        self.neighbours.join(until - time.monotonic() - 0.3)
        self._keeper.join(until - time.monotonic() - 0.2)
        self.shared.close(max(0.1, until - time.monotonic()))
        with contextlib.suppress(OSError):
            (self._home / STATE).unlink(missing_ok=True)
        tell("stopped", node=self.shared.origin)

    def join(self, seconds: float) -> None:
        """Wait for threads that had not ended when `stop` returned, on a machine with much to do."""
        until = time.monotonic() + seconds
        if self._serving is not None:
            self._serving.join(seconds)
        self.neighbours.join(until - time.monotonic())
        self._keeper.join(until - time.monotonic())

    def hear_news(self, member: str) -> None:
        """A member's node says that it has news."""
        self.neighbours.hear_news(member)

    def sync_now(self, seconds: float) -> list[dict[str, object]]:
        """A round with every peer; how each went."""
        return self.neighbours.sync_now(seconds)

    def peer_states(self) -> list[dict[str, object]]:
        """Each peer and how the last round with it went."""
        return self.neighbours.states()

    def _unlock(self) -> None:
        """Read the keys, so that a wrong passphrase shows now and not at the first act."""
        for word in ("log", "witness"):
            try:
                self.shared.desk.signer(word)
            except Refused as error:
                tell("this node cannot sign", why=str(error))

    def _serve(self) -> None:
        token = read_token(self._home)
        certificate = self.listen.certificate
        shown = certificate_digest(certificate) if certificate is not None else ""
        line = _bound(self.listen)
        try:
            self.address = self.listen.address(line.getsockname()[1])
            app = Doorway(
                make_app(self, token, self._pages(self) if self._pages else ()),
                self.shared.counts,
                self.weather,
            )
            self._server = _Server(
                uvicorn.Config(
                    app,
                    log_config=None,
                    access_log=False,
                    server_header=False,
                    ssl_certfile=self.listen.certificate,
                    ssl_keyfile=None if self.listen.key is None else str(self.listen.key),
                    limit_concurrency=_MAX_CONNECTIONS,
                    timeout_keep_alive=30,
                    timeout_graceful_shutdown=self.timings.graceful,
                )
            )
            self._serving = threading.Thread(
                target=self._run_server, args=(line,), name="server", daemon=True
            )
            self._serving.start()
            until = time.monotonic() + _STARTS_IN
            while not self._server.started:
                if self.ended.wait(0.01) or time.monotonic() > until:
                    raise StoreError(f"the web server at {self.address} does not start; see the log")
            state = State(self.address, os.getpid(), self.shared.origin, shown, self.listen.public)
            replace_file(self._home / STATE, msgspec.json.encode(state) + b"\n")
        except BaseException:
            if self._server is not None:
                self._server.should_exit = True
            line.close()
            raise

    def _run_server(self, line: socket.socket) -> None:
        assert self._server is not None
        try:
            self._server.run(sockets=[line])
        except (Exception, SystemExit) as error:
            tell("the web server ended", why=f"{type(error).__name__}: {error}")
        finally:
            self.ended.set()


def run_until_signalled(node: Node, ready: Callable[[str], None]) -> None:
    """Run a node until SIGTERM or SIGINT, or until its server ends. Only for the main thread of a process."""

    def end(*_: object) -> None:
        node.ended.set()

    before = {one: signal.signal(one, end) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        address = node.start()
        # What was folded stays: looking through it for garbage again and again would stop everything.
        gc.collect()
        gc.freeze()
        ready(address)
        try:
            while not node.ended.wait(3_600.0):
                pass
        finally:
            node.stop()
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _bound(listen: Listen) -> socket.socket:
    try:
        family = socket.getaddrinfo(listen.host, listen.port, type=socket.SOCK_STREAM)[0][0]
        # With its protocol named, so that small answers leave at once and do not wait to be joined.
        line = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        line.bind((listen.host, listen.port))
    except OSError as error:
        raise OutputError(f"cannot listen at {listen.host}:{listen.port}: {reason(error)}") from error
    return line


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
