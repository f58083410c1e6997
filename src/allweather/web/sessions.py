"""Who is signed in, the tokens that a form must bring, and how often a door may be tried.

All of it is kept in memory: when the node ends, everybody signs in again. A session is known by a random
cookie, of which only the hash is kept. A form brings the session's token, and a form that signs something
also a number that is good once, so that neither a foreign page nor a second sending acts for anybody.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from allweather.errors import Refused

IDLE, LONGEST = 12 * 3_600.0, 7 * 86_400.0
_MAX_SESSIONS = 20_000
_MAX_NUMBERS = 256
_MAX_DOORS = 50_000
_FREE_TRIES = 5
_FIRST_WAIT, _LONGEST_WAIT = 2.0, 900.0


@dataclass(slots=True)
class Session:
    """One person, signed in. Times are monotonic seconds; `numbers` are those that forms may still bring."""

    person: str
    secret: bytes
    began: float
    seen: float
    numbers: OrderedDict[str, None] = field(default_factory=OrderedDict)

    @property
    def token(self) -> str:
        """What every form of this session brings."""
        return hmac.new(self.secret, b"form", hashlib.sha256).hexdigest()


class Sessions:
    """The sessions of a node. `clock` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._held: OrderedDict[str, Session] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, person: str) -> str:
        """Sign a person in; the cookie's value, always a new one."""
        cookie = secrets.token_urlsafe(32)
        now = self._clock()
        with self._lock:
            self._held[_hash(cookie)] = Session(person, secrets.token_bytes(32), now, now)
            while len(self._held) > _MAX_SESSIONS:
                self._held.popitem(last=False)
        return cookie

    def find(self, cookie: str) -> Session | None:
        """The session of a cookie, unless it has ended."""
        if not cookie:
            return None
        key, now = _hash(cookie), self._clock()
        with self._lock:
            found = self._held.get(key)
            if found is None:
                return None
            if now - found.seen > IDLE or now - found.began > LONGEST:
                del self._held[key]
                return None
            found.seen = now
            return found

    def end(self, cookie: str) -> None:
        """Sign out."""
        with self._lock:
            self._held.pop(_hash(cookie), None)

    def end_all(self, person: str) -> None:
        """Sign a person out everywhere."""
        with self._lock:
            for key in [key for key, one in self._held.items() if one.person == person]:
                del self._held[key]

    def number(self, session: Session) -> str:
        """A number that one form of this session may bring once."""
        made = secrets.token_urlsafe(12)
        with self._lock:
            session.numbers[made] = None
            while len(session.numbers) > _MAX_NUMBERS:
                session.numbers.popitem(last=False)
        return made

    def spend(self, session: Session, number: str) -> None:
        """Use a number up. Raises Refused if it is not good, or not any more."""
        with self._lock:
            if number not in session.numbers:
                raise Refused(
                    "this form was sent before, or is too old; look at the page again and repeat it"
                )
            del session.numbers[number]


def check_token(session: Session | None, given: str) -> None:
    """Raise Refused unless a form brings its session's token."""
    if session is None or not hmac.compare_digest(session.token.encode(), given.encode("utf-8", "replace")):
        raise Refused("this form does not come from a page of yours; open the page again and repeat it")


class Tries:
    """How often a door was tried in vain, by who tries. After a few tries each takes twice as long a wait."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failed: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, *names: str) -> None:
        """Raise Refused if one of these has to wait."""
        with self._lock:
            waits = [self._failed[name][1] - self._clock() for name in names if name in self._failed]
        wait = max(waits, default=0.0)
        if wait > 0:
            raise Refused(f"too many tries; wait {max(1, round(wait))} seconds and try again")

    def fail(self, *names: str) -> None:
        """Note a try in vain."""
        with self._lock:
            for name in names:
                n = self._failed.pop(name, (0, 0.0))[0] + 1
                wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** (n - _FREE_TRIES)) if n >= _FREE_TRIES else 0.0
                self._failed[name] = n, self._clock() + wait
            while len(self._failed) > _MAX_DOORS:
                self._failed.popitem(last=False)

    def forget(self, *names: str) -> None:
        """Forget the tries of these: one was good."""
        with self._lock:
            for name in names:
                self._failed.pop(name, None)


def _hash(cookie: str) -> str:
    return hashlib.sha256(cookie.encode("utf-8", "replace")).hexdigest()
