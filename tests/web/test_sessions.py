"""Sessions end, are never fixed from outside, and sign nothing twice; tries in vain slow down."""

from __future__ import annotations

import pytest

from allweather.errors import Refused
from allweather.web import sessions as rules
from allweather.web.sessions import IDLE, LONGEST, Sessions, Tries, check_token


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_cookie_is_always_new_and_only_its_hash_is_kept() -> None:
    sessions = Sessions(Clock())
    cookies = [sessions.begin("ann") for _ in range(50)]
    assert len(set(cookies)) == 50
    assert all(cookie not in repr(vars(sessions)) for cookie in cookies)
    assert all(sessions.find(cookie) is not None for cookie in cookies)


def test_a_cookie_that_was_not_given_here_opens_nothing() -> None:
    sessions = Sessions(Clock())
    sessions.begin("ann")
    for cookie in ("", "x", "chosen-by-somebody-else", "\udc80", "a" * 5_000):
        assert sessions.find(cookie) is None


def test_sessions_end_when_idle_and_at_the_latest_after_a_week() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    cookie = sessions.begin("ann")
    clock.now += IDLE
    assert sessions.find(cookie) is not None
    clock.now += IDLE + 1
    assert sessions.find(cookie) is None
    cookie = sessions.begin("ann")
    began = clock.now
    while clock.now - began <= LONGEST:
        assert sessions.find(cookie) is not None
        clock.now += IDLE / 2
    assert sessions.find(cookie) is None


def test_signing_out_ends_one_session_or_all_of_a_person() -> None:
    sessions = Sessions(Clock())
    one, two, other = sessions.begin("ann"), sessions.begin("ann"), sessions.begin("ben")
    sessions.end(one)
    assert sessions.find(one) is None
    assert sessions.find(two) is not None
    sessions.end_all("ann")
    assert sessions.find(two) is None
    assert sessions.find(other) is not None


def test_a_number_is_good_once_and_in_its_own_session_only() -> None:
    sessions = Sessions(Clock())
    one, two = sessions.find(sessions.begin("ann")), sessions.find(sessions.begin("ann"))
    assert one is not None
    assert two is not None
    number = sessions.number(one)
    with pytest.raises(Refused, match="sent before"):
        sessions.spend(two, number)
    sessions.spend(one, number)
    for tried in (number, "", "guess"):
        with pytest.raises(Refused, match="sent before"):
            sessions.spend(one, tried)


def test_a_token_belongs_to_one_session() -> None:
    sessions = Sessions(Clock())
    one, two = sessions.find(sessions.begin("ann")), sessions.find(sessions.begin("ann"))
    assert one is not None
    assert two is not None
    check_token(one, one.token)
    for session, token in ((one, two.token), (one, ""), (one, "\udcff"), (None, one.token), (None, "")):
        with pytest.raises(Refused, match="does not come from a page of yours"):
            check_token(session, token)


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "_MAX_SESSIONS", 10)
    monkeypatch.setattr(rules, "_MAX_NUMBERS", 10)
    monkeypatch.setattr(rules, "_MAX_DOORS", 10)
    sessions, tries = Sessions(Clock()), Tries(Clock())
    cookies = [sessions.begin(f"{n}") for n in range(100)]
    assert sum(sessions.find(cookie) is not None for cookie in cookies) == 10
    session = sessions.find(cookies[-1])
    assert session is not None
    for _ in range(100):
        sessions.number(session)
    assert len(session.numbers) == 10
    for n in range(100):
        tries.fail(f"{n}")
    assert len(vars(tries)["_failed"]) == 10


def test_tries_in_vain_wait_longer_and_longer() -> None:
    clock = Clock()
    tries = Tries(clock)
    allowed = 0
    for _ in range(10_000):
        try:
            tries.check("as ann")
        except Refused:
            clock.now += 1
            continue
        allowed += 1
        tries.fail("as ann")
        clock.now += 1
    # Of ten thousand seconds of trying without a pause only a few reach the passphrase at all.
    assert allowed < 30
    tries.check("as ben")
    tries.forget("as ann")
    tries.check("as ann")
