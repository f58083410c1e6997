"""What every request of the pages passes: who visits, whether it comes from a page of ours, and the headers.

A visitor is one of three: a *delegate* (or head) who is signed in, an *observer* who is, or the *public*. A
cookie is known by the member's name, because cookies do not tell apart the ports of one machine. Whatever
changes something has to come from this very site: browsers say so in `Sec-Fetch-Site` or `Origin`.

Both are no help against a site whose name is pointed at this machine while its page is open (DNS rebinding):
for the browser the two are then one site. So a request has to ask for the node under a name that is its own:
a name of loopback, where it listens, or its public address. With TLS the browser has checked the name.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Literal
from urllib.parse import urlsplit

from allweather.errors import Refused
from allweather.node.serving import Asked
from allweather.web.people import Person
from allweather.web.sessions import Session

Kind = Literal["public", "observer", "delegate"]
LEVELS: Mapping[Kind, int] = {"public": 0, "observer": 1, "delegate": 2}
_MAX_COOKIES = 8_192

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), publickey-credentials-get=(self)",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks. `person` and `session` are None for the public."""

    person: Person | None = None
    session: Session | None = None

    @property
    def kind(self) -> Kind:
        """Which of the three."""
        if self.person is None:
            return "public"
        return "observer" if self.person.role == "observer" else "delegate"

    def may(self, level: Kind) -> bool:
        """Whether what is for `level` is for this visitor too."""
        return LEVELS[self.kind] >= LEVELS[level]


def cookie_name(origin: str, is_secure: bool) -> str:
    """The name of the cookie of a member's pages."""
    name = f"allweather-{hashlib.sha256(origin.encode()).hexdigest()[:12]}"
    return f"__Host-{name}" if is_secure else name


def cookies_of(request: Asked) -> dict[str, str]:
    """The cookies that a request brings; none if they make no sense."""
    given = request.headers.get("cookie", "")
    if len(given) > _MAX_COOKIES:
        return {}
    try:
        return {name: one.value for name, one in SimpleCookie(given).items()}
    except CookieError:
        return {}


def set_cookie(name: str, value: str, *, is_secure: bool, seconds: int, is_hidden: bool = True) -> str:
    """The header that sets a cookie; with 0 seconds it is taken away."""
    parts = [f"{name}={value}", "Path=/", "SameSite=Lax", f"Max-Age={seconds}"]
    parts += ["HttpOnly"] if is_hidden else []
    return "; ".join([*parts, "Secure"] if is_secure else parts)


def check_host(given: str, names: Collection[str] | None) -> None:
    """Raise Refused unless the header `Host` holds a name of this node, with whatever port.

    `names` are those that it was started with, in small letters; None where its certificate vouches for them.
    """
    if names is None:
        return
    try:
        parts = urlsplit(f"//{given}")
        name = (parts.hostname or "").removesuffix(".") if _HOST.fullmatch(given) else ""
    except ValueError:
        name = ""
    if not (name in names or _is_loopback(name) or (_is_address(name) and not _EVERYWHERE.isdisjoint(names))):
        raise Refused(
            f"this node does not go by the name {name!r:.80}; open it by its own address, or start it with "
            "--public-address"
        )


_HOST = re.compile(r"[a-z0-9._:\[\]-]{1,300}", re.ASCII | re.IGNORECASE)
_EVERYWHERE = frozenset({"0.0.0.0", "::"})


def _is_loopback(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    return _is_address(name) and ipaddress.ip_address(name).is_loopback


def _is_address(name: str) -> bool:
    """Whether it is an address in numbers, which nobody's names can be pointed away from."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def check_same_site(request: Asked) -> None:
    """Raise Refused unless a request that changes something comes from a page of this site."""
    site = request.headers.get("sec-fetch-site", "")
    origin = request.headers.get("origin", "")
    if site and site not in ("same-origin", "none"):
        raise Refused("this form comes from another site, so nothing was done; use the pages of this node")
    if origin and urlsplit(origin).netloc != request.headers.get("host", ""):
        raise Refused("this form comes from another site, so nothing was done; use the pages of this node")
    if not site and not origin:
        raise Refused("this request does not say which page it comes from; use a browser of these years")
