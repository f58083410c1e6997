"""Reaching another node: one kept connection, bounded answers, nothing but bytes.

Plain http is for loopback, unless the peer was allowed it by name; redirections are not followed; settings
of proxies in the environment are not read. Who answers need not be trusted: whoever asked checks every byte.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlsplit

from allweather.errors import InputError, StoreError
from allweather.store import WebSource
from allweather.store.paths import check_path, too_long

_BLOCK = 1 << 16
_CLOSE_SECONDS = 0.2
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
_BROKEN = (OSError, http.client.HTTPException, ValueError)


class Way:
    """The way to an address. `check` is asked before each request and may raise StoreError.

    `wait` is the longest silence on the line, `longest` the longest time of one answer, in seconds. `pinned`
    is the SHA-256, in hex, of the one certificate that is accepted, whatever name it is for.
    """

    def __init__(
        self,
        address: str,
        *,
        allow_plain: bool = False,
        ca: Path | None = None,
        pinned: str = "",
        wait: float = 10.0,
        longest: float = 60.0,
        check: Callable[[str], None] = lambda where: None,
    ) -> None:
        WebSource(address, allow_plain=allow_plain).close()  # it knows which addresses may be used
        parts = urlsplit(address)
        self._address = address.rstrip("/")
        self._host, self._port = parts.hostname or "", parts.port
        self._prefix = parts.path.rstrip("/")
        self._pinned = pinned
        self._tls = _tls(ca, address, pinned) if parts.scheme == "https" else None
        self._wait, self._longest, self._check = wait, longest, check
        self._kept: http.client.HTTPConnection | None = None
        self._busy = threading.Lock()
        self._closed = False

    @property
    def name(self) -> str:
        """The address."""
        return self._address

    def read(self, path: str, limit: int) -> bytes | None:
        """The file at a path under the address; None if it is not there. Raises InputError, StoreError."""
        status, data = self.ask("GET", check_path(path, where=self._address), None, limit)
        if status in (404, 410):
            return None
        if status != 200:
            raise StoreError(f"{self._address} answers {status} to {path}; ask its keeper")
        return data

    def send(
        self, path: str, data: bytes, limit: int, *, media_type: str = "application/octet-stream"
    ) -> tuple[int, bytes]:
        """The status and body that a POST is answered with."""
        return self.ask("POST", path, data, limit, {"Content-Type": media_type})

    def ask(
        self, method: str, path: str, data: bytes | None, limit: int, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """One request. Raises StoreError if the other cannot be reached, InputError if it says too much."""
        self._check(self._address)
        with self._busy:
            reused = self._kept is not None
            try:
                try:
                    return self._once(method, path, data, limit, headers or {})
                except _BROKEN:
                    if not reused or self._closed:
                        raise
                    # A kept connection may have been closed by the other side in the meantime.
                    self._drop()
                    return self._once(method, path, data, limit, headers or {})
            except _BROKEN as error:
                self._drop()
                raise StoreError(
                    f"{self._address} cannot be reached or breaks off ({_short(error)})"
                ) from error
            except BaseException:
                self._drop()
                raise
            finally:
                if self._closed:
                    self._drop()

    def close(self) -> None:
        """Let go of the connection, also while another thread waits for an answer."""
        self._closed = True
        self._shut()
        if self._busy.acquire(timeout=_CLOSE_SECONDS):
            self._drop()
            self._busy.release()

    def _once(
        self, method: str, path: str, data: bytes | None, limit: int, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        connection = self._connection()
        until = time.monotonic() + self._longest
        sent = {"User-Agent": "allweather", "Accept-Encoding": "identity", **headers}
        connection.request(method, f"{self._prefix}/{quote(path, safe='/?=&%+')}", body=data, headers=sent)
        with connection.getresponse() as answer:
            body = self._take(answer, path, limit, until)
            if answer.will_close:
                self._drop()
        return answer.status, body

    def _take(self, answer: http.client.HTTPResponse, path: str, limit: int, until: float) -> bytes:
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            raise InputError(f"{path} comes packed though it was not asked for so", where=self._address)
        stated = answer.headers.get("Content-Length", "")
        if stated.isdigit() and (len(stated) > 18 or int(stated) > limit):
            raise too_long(path, limit, self._address)
        data = bytearray()
        while part := answer.read1(min(_BLOCK, limit + 1 - len(data))):
            data += part
            if len(data) > limit:
                raise too_long(path, limit, self._address)
            if time.monotonic() > until:
                raise StoreError(f"{self._address} is too slow with {path}: broken off; try again later")
        if stated.isdigit() and int(stated) != len(data):
            raise StoreError(f"{self._address} breaks off within {path}; try again later")
        return bytes(data)

    def _connection(self) -> http.client.HTTPConnection:
        if self._closed:
            raise StoreError(f"the way to {self._address} is closed")
        if self._kept is None:
            if self._tls is not None:
                self._kept = http.client.HTTPSConnection(
                    self._host, self._port, timeout=self._wait, context=self._tls
                )
            else:
                self._kept = http.client.HTTPConnection(self._host, self._port, timeout=self._wait)
            self._kept.connect()
            self._check_pin(self._kept.sock)
            if self._kept.sock is not None:
                self._kept.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._kept

    def _check_pin(self, line: socket.socket | None) -> None:
        """Before anything is sent: whether it is the one certificate."""
        if self._pinned and isinstance(line, ssl.SSLSocket):
            shown = hashlib.sha256(line.getpeercert(binary_form=True) or b"").hexdigest()
            if not hmac.compare_digest(shown, self._pinned):
                raise InputError("another certificate is shown than that of the node", where=self._address)

    def _shut(self) -> None:
        kept = self._kept
        line = None if kept is None else kept.sock
        if line is not None:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def _drop(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.close()


def certificate_digest(path: Path) -> str:
    """The SHA-256, in hex, of the first certificate in a PEM file: the one that its owner shows.

    Raises InputError.
    """
    try:
        _, begin, rest = path.read_text(encoding="ascii").partition(_BEGIN)
        inner, end, _ = rest.partition(_END)
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(begin + inner + end)).hexdigest()
    except (OSError, ValueError) as error:
        raise InputError(f"no certificate can be read there ({_short(error)})", where=str(path)) from None


def _tls(ca: Path | None, address: str, pinned: str) -> ssl.SSLContext:
    try:
        if pinned:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # the pin says it all
            return context
        return ssl.create_default_context(cafile=None if ca is None else str(ca))
    except (OSError, ValueError) as error:
        raise InputError(f"the certificate for it cannot be read ({_short(error)})", where=address) from None


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:120]
