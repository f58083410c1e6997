"""Coming in: ten thousand tries, links used twice, links of others, sessions that somebody else began."""

from __future__ import annotations

import pytest

from allweather.errors import InputError, Refused
from allweather.web import entering, people
from allweather.web.house import House
from tests.node.nodes import Member
from tests.web.browsing import Browser


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """A passphrase that is stretched a thousand times less: the rules are tried here, not the cost."""
    monkeypatch.setattr(people, "_COST", 2)


@pytest.fixture
def house(ann: Member) -> House:
    return House(ann.running, is_public=True)


def test_ten_thousand_tries(house: House) -> None:
    person = house.people.add("Target", "head")
    house.people.set_passphrase(person.id, "correct horse battery")
    n_before = len(house.people.book().people)
    refused, reached = 0, 0
    for n in range(10_000):
        given = {"name": ["Target"], "passphrase": [f"guess number {n}"]}
        with pytest.raises(Refused) as caught:
            entering.sign_in(house, given, f"10.0.{n % 250}.{n // 250}")
        refused += 1
        reached += "do not fit" in str(caught.value)
    assert refused == 10_000
    assert reached < 30
    assert len(house.people.book().people) == n_before
    # Whoever knows it waits as long as the guesser; from then on the door is free again.
    with pytest.raises(Refused, match="too many tries"):
        entering.sign_in(house, {"name": ["Target"], "passphrase": ["correct horse battery"]}, "10.9.9.9")


def test_a_name_that_nobody_has_is_answered_like_a_wrong_passphrase(house: House) -> None:
    person = house.people.add("Somebody", "head")
    house.people.set_passphrase(person.id, "correct horse battery")
    said = set()
    for name in ("Somebody", "Nobody at all", "", "x" * 5_000, "\udc80"):
        with pytest.raises(Refused) as caught:
            entering.sign_in(house, {"name": [name], "passphrase": ["wrong and wrong"]}, "10.0.0.1")
        said.add(str(caught.value))
        house.tries.forget("at 10.0.0.1")
    assert len(said) == 1


def test_there_is_no_default_passphrase(house: House) -> None:
    person = house.people.add("New head", "head")
    for tried in ("", "admin", "password", "allweather", person.id, person.name):
        with pytest.raises(Refused):
            entering.sign_in(house, {"name": [person.name], "passphrase": [tried]}, f"10.1.0.{len(tried)}")


def test_a_link_works_once(ann: Member, house: House) -> None:
    person = house.people.add("Guest", "head")
    secret = house.people.invite(person.id)
    with Browser(ann.running.address) as first, Browser(ann.running.address) as second:
        form = first.see(f"/enter/{secret}").form(f"/enter/{secret}")
        words = {"passphrase": "one two three four", "again": "one two three four"}
        done = first.send(form, **words)
        assert done.status == 200
        assert "Guest" in done.text
        again = second.send(form, **words)
        assert again.status == 409
        assert "Guest" not in second.see("/").text
        assert second.see(f"/enter/{secret}").status == 409


def test_a_link_that_failed_stays_good(house: House) -> None:
    person = house.people.add("Typist", "head")
    secret = house.people.invite(person.id)
    for passphrase, again in (("short", "short"), ("one two three", "one two four"), ("", "")):
        with pytest.raises(InputError):
            entering.enter(house, secret, {"passphrase": [passphrase], "again": [again]})
    assert (
        entering.enter(house, secret, {"passphrase": ["one two three"], "again": ["one two three"]})
        == person.id
    )
    with pytest.raises(Refused, match="not good"):
        entering.enter(house, secret, {"passphrase": ["one two three"], "again": ["one two three"]})


def test_a_new_link_ends_the_one_before(house: House) -> None:
    person = house.people.add("Twice", "observer")
    old, new = house.people.invite(person.id), house.people.invite(person.id)
    with pytest.raises(Refused):
        entering.enter(house, old, {})
    assert entering.enter(house, new, {}) == person.id
    assert entering.enter(house, new, {}) == person.id  # an observer's link is its key
    house.people.remove(person.id)
    with pytest.raises(Refused):
        entering.enter(house, new, {})


@pytest.mark.parametrize("secret", ["", "x", "../../people.json", "%2e%2e", "a" * 3_000, "é"])
def test_links_that_were_never_made(ann: Member, secret: str) -> None:
    with Browser(ann.running.address) as visitor:
        assert visitor.see(f"/enter/{secret}").status in (404, 405, 409)


def test_a_session_that_was_begun_before_signing_in_is_not_taken_over(ann: Member, house: House) -> None:
    """Whoever plants a cookie in another's browser does not share the session that begins there."""
    person = house.people.add("Victim", "head")
    house.people.set_passphrase(person.id, "correct horse battery")
    with Browser(ann.running.address) as attacker, Browser(ann.running.address) as victim:
        attacker.sit()
        planted = dict(attacker._line.cookies)
        for name, value in planted.items():
            victim._line.cookies.set(name, value, domain="127.0.0.1")
        victim.post("/sign-in", {"name": "Victim", "passphrase": "correct horse battery"})
        assert "Victim" in victim.see("/").text
        assert dict(victim._line.cookies) != planted
        assert "Victim" not in attacker.see("/").text


def test_signing_out_ends_the_session_also_for_a_copied_cookie(ann: Member) -> None:
    with Browser(ann.running.address) as one, Browser(ann.running.address) as copy:
        one.sit()
        copy._line.cookies.update(dict(one._line.cookies))
        assert copy.see("/delegation").url == "/delegation"
        one.send(one.see("/").form("/sign-out"))
        assert copy.see("/delegation").url.startswith("/sign-in")


def test_seats_are_free_in_a_rehearsal_only(ann: Member, house: House) -> None:
    person = house.people.add("No seat", "head")
    with pytest.raises(Refused, match="not free"):
        entering.take_seat(house, person.id)
