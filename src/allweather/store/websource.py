"""Static files from a web server, by the standard library: one request a file, and nothing else is sent.

Plain http is for loopback, unless it is allowed by name; a redirection may not leave the host; an answer
longer than asked for, or later than `TOTAL_SECONDS`, is dropped. Settings of proxies in the environment are
not read. Every byte is checked by whoever asked, so that the server need not be trusted; only who reads
what, it learns.
"""

from __future__ import annotations

import http.client
import ipaddress
import time
import urllib.error
import urllib.request
from typing import IO, Any
from urllib.parse import SplitResult, quote, urlsplit

from allweather.errors import InputError, StoreError
from allweather.store.paths import check_path, too_long

WAIT_SECONDS = 20
TOTAL_SECONDS = 300
_BLOCK = 1 << 16


class WebSource:
    """Files under an address. Raises InputError for an address that is none or may not be used."""

    def __init__(self, address: str, *, allow_plain: bool = False) -> None:
        parts = _check_address(address, allow_plain)
        self._address = address.rstrip("/")
        self._opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.HTTPHandler(),
            urllib.request.HTTPSHandler(),
            urllib.request.HTTPErrorProcessor(),
            urllib.request.HTTPDefaultErrorHandler(),
            _SameHost(parts),
        ):
            self._opener.add_handler(handler)

    @property
    def name(self) -> str:
        """The address."""
        return self._address

    def read(self, path: str, limit: int) -> bytes | None:
        """The file at the path under the address."""
        url = f"{self._address}/{quote(check_path(path, where=self._address), safe='/')}"
        asked = urllib.request.Request(
            url, headers={"User-Agent": "allweather", "Accept-Encoding": "identity", "Connection": "close"}
        )
        try:
            with self._opener.open(asked, timeout=WAIT_SECONDS) as answer:
                return self._take(answer, path, limit)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in (404, 410):
                return None
            raise StoreError(f"{self._address} answers {error.code} to {path}; ask its keeper") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise StoreError(
                f"{self._address} cannot be reached or breaks off at {path} ({_short(error)}); try again"
            ) from error

    def close(self) -> None:
        """Nothing is kept open."""

    def _take(self, answer: Any, path: str, limit: int) -> bytes:
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            raise InputError(f"{path} comes packed though it was not asked for so", where=self._address)
        stated = answer.headers.get("Content-Length", "")
        if stated.isdigit() and (len(stated) > 18 or int(stated) > limit):
            raise too_long(path, limit, self._address)
        until = time.monotonic() + TOTAL_SECONDS
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


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows a redirection only to the same scheme, host and port."""

    def __init__(self, start: SplitResult) -> None:
        self._start = start

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """The request that follows. Raises InputError if it leads elsewhere."""
        to = urlsplit(newurl)
        if (to.scheme, to.netloc) != (self._start.scheme, self._start.netloc):
            fp.close()
            raise InputError(
                "the server sends us to another host: name that one if you trust it", where=req.host
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _check_address(address: str, allow_plain: bool) -> SplitResult:
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if (
        not host
        or len(address) > 2_000
        or not address.isprintable()
        or " " in address
        or not address.isascii()
    ):
        raise InputError("this is no web address; it is written https://host/path")
    if parts.scheme not in ("http", "https"):
        raise InputError("a record is read from addresses that begin with https://", where=parts.scheme)
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise InputError(
            "the address of a record has no name and password, no question mark and no #", where=host
        )
    if parts.scheme == "http" and not allow_plain and not _is_loopback(host):
        raise InputError(
            "plain http shows everyone on the way what is read: use https://, or allow it", where=host
        )
    return parts


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _short(error: Exception) -> str:
    cause = getattr(error, "reason", None) or error
    return f"{type(cause).__name__}: {cause}"[:120]
