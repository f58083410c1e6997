"""The delegation: who may change what, keys and mandates, links shown once, and the command."""

from __future__ import annotations

import json
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from allweather.cli import main
from allweather.errors import AllweatherError, InputError, Refused, UnknownName
from allweather.node import home as homes
from allweather.web import delegates, people
from allweather.web.delegates import admit, dismiss, key_file
from allweather.web.people import Book, People, Person, format_book, parse_book
from tests.node.nodes import Member, Members
from tests.web.browsing import Browser, check_markup

HOSTILE = "<b title=x>\"'&amp;</b> {{ 7 * 7 }}"
WORDS = {"passphrase": "one two three four", "again": "one two three four"}


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "_COST", 2)
    monkeypatch.setattr(delegates.admit, "__kwdefaults__", {"rounds": 1})


def add(browser: Browser, name: str, role: str) -> str:
    """Add a person by the form; the path of its link."""
    page = browser.send(browser.see("/delegation").form("/delegation/add"), name=name, role=role)
    assert page.status == 200, page.text
    assert "It is shown only now." in page.text
    return "/enter/" + page.html.partition("/enter/")[2].partition("<")[0]


def person_named(ann: Member, name: str) -> Person:
    found = People(ann.home, lambda: 0.0).book().named(name)
    assert found is not None
    return found


def test_a_delegate_gets_a_key_a_mandate_and_acts_with_it(ann: Member, browser: Browser) -> None:
    link = add(browser, "Dele Gate", "delegate")
    person = person_named(ann, "Dele Gate")
    place = key_file(ann.home, person.id)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    with Browser(ann.running.address) as delegate:
        delegate.send(delegate.see(link).form(link), **WORDS)
        form = delegate.see("/agenda").form("council.concern")
        refused = delegate.send(form, title="Too early", words="x")
        assert refused.status == 409
        browser.act(
            "/delegation",
            "council.mandate",
            fixed={"key": person.key},
            powers=["speak"],
            until="2099-01-01T00:00",
        )
        delegate.act("/agenda", "council.concern", title="By a delegate", words="x")
        assert "By a delegate" in browser.see("/agenda").text
        page = browser.see("/delegation")
        check_markup(page)
        assert "speak; until" in page.text
        browser.act("/delegation", "council.recall", reason="It is over.")
        refused = delegate.send(form, title="Too late", words="x")
        assert refused.status == 409
        assert "recalled" in refused.text


def test_a_delegate_manages_nobody_and_reads_no_secret(ann: Member, browser: Browser) -> None:
    link = add(browser, "Second", "delegate")
    head = next(one for one in People(ann.home, lambda: 0.0).book().people if one.role == "head")
    with Browser(ann.running.address) as delegate:
        delegate.send(delegate.see(link).form(link), **WORDS)
        page = delegate.see("/delegation")
        check_markup(page)
        for kind in ("/delegation/add", "/delegation/invite", "/delegation/remove", "council.mandate"):
            assert not page.has_form(kind)
        token = page.form("/delegation/settings").value("token")
        before = format_book(People(ann.home, lambda: 0.0).book())
        for place, fields in (
            ("/delegation/add", {"name": "Mine", "role": "head"}),
            ("/delegation/invite", {"person": head.id}),
            ("/delegation/remove", {"person": head.id}),
        ):
            answer = delegate.post(place, {**fields, "token": token})
            assert answer.status == 409, place
            assert "/enter/" not in answer.html
        assert format_book(People(ann.home, lambda: 0.0).book()) == before
        own = person_named(ann, "Second")
        for secret in (own.passphrase, own.passphrase.partition(".")[2]):
            assert secret not in page.html
            assert secret not in browser.see("/delegation").html


def test_an_observer_reads_and_has_no_such_page(ann: Member, browser: Browser) -> None:
    link = add(browser, "Reader", "observer")
    with Browser(ann.running.address) as observer:
        observer.send(observer.see(link).form(link))
        assert "Reader" in observer.see("/").text
        assert observer.see("/delegation").url.startswith("/sign-in")
        assert not observer.see("/agenda").has_form("council.concern")
        # A new link takes the old one and all who came by it.
        invite = next(
            one for one in browser.see("/delegation").forms
            if one.action == "/delegation/invite" and one.value("person") == person_named(ann, "Reader").id
        )  # fmt: skip
        browser.send(invite)
        assert "Reader" not in observer.see("/").text
        assert observer.see(link).status == 409


def test_removing_lets_nobody_in(ann: Member, browser: Browser) -> None:
    link = add(browser, "Gone", "delegate")
    person = person_named(ann, "Gone")
    with Browser(ann.running.address) as gone:
        gone.send(gone.see(link).form(link), **WORDS)
        assert gone.see("/delegation").url == "/delegation"
        remove = next(
            one for one in browser.see("/delegation").forms
            if one.action == "/delegation/remove" and one.value("person") == person.id
        )  # fmt: skip
        assert browser.send(remove).status == 200
        assert gone.see("/delegation").url.startswith("/sign-in")
        assert not key_file(ann.home, person.id).exists()
        answer = gone.post("/sign-in", {"name": "Gone", "passphrase": WORDS["passphrase"]})
        assert answer.status == 409
        assert browser.send(remove).status == 404


def test_the_last_head_stays(tmp_path: Path) -> None:
    found = People(tmp_path, lambda: 0.0)
    one, two = found.add("One", "head"), found.add("Two", "head")
    dismiss(tmp_path, found, one.id)
    with pytest.raises(Refused, match="only head"):
        dismiss(tmp_path, found, two.id)
    with pytest.raises(UnknownName):
        dismiss(tmp_path, found, "nobody")


def test_two_heads_who_remove_each_other_at_once(tmp_path: Path) -> None:
    found = People(tmp_path, lambda: 0.0)
    heads = [found.add(f"Head {n}", "head") for n in range(8)]

    def remove(person: Person) -> None:
        try:
            dismiss(tmp_path, People(tmp_path, lambda: 0.0), person.id)
        except Refused:
            return

    threads = [threading.Thread(target=remove, args=(one,)) for one in heads]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found.book().people) == 1


def test_a_key_that_cannot_be_kept_adds_nobody(tmp_path: Path) -> None:
    found = People(tmp_path, lambda: 0.0)
    (tmp_path / "delegates").write_text("in the way", encoding="utf-8")
    with pytest.raises(AllweatherError):
        admit(tmp_path, found, "Nobody", "delegate", lambda: "correct horse", rounds=1)
    assert found.book() == Book()


def test_hostile_words_stay_words(ann: Member, browser: Browser) -> None:
    add(browser, HOSTILE[:80], "observer")
    page = browser.see("/delegation")
    check_markup(page)
    assert "<b title=x>" not in page.html
    assert "49" not in page.text.partition("{{ 7 * 7 }}")[0][-5:]
    assert "{{ 7 * 7 }}" in page.text


@pytest.mark.parametrize("fields", [
    {"language": "xx"}, {"zone": "../../etc/passwd"}, {"zone": "Mars/Base"}, {"email": "no"},
    {"email": "a@b.example\r\nBcc: c@d.example"}, {"email": "<a@b.example>"}, {"digest": "hourly"},
    {"digest": "daily", "email": ""},
])  # fmt: skip
def test_settings_that_make_no_sense(browser: Browser, fields: dict[str, str]) -> None:
    answer = browser.send(browser.see("/delegation").form("/delegation/settings"), **fields)
    assert answer.status == 400


def test_settings_are_kept(ann: Member, browser: Browser) -> None:
    form = browser.see("/delegation").form("/delegation/settings")
    answer = browser.send(form, zone="Europe/Oslo", email="a@b.example", digest="weekly", language="")
    assert answer.status == 200
    again = answer.form("/delegation/settings")
    assert (again.value("zone"), again.value("email"), again.value("digest")) == (
        "Europe/Oslo", "a@b.example", "weekly",
    )  # fmt: skip


def test_a_passphrase_is_changed_only_by_who_knows_it(ann: Member, browser: Browser) -> None:
    link = add(browser, "Careful", "head")
    with Browser(ann.running.address) as one, Browser(ann.running.address) as other:
        one.send(one.see(link).form(link), **WORDS)
        other.post("/sign-in", {"name": "careful", "passphrase": WORDS["passphrase"]})
        assert other.see("/delegation").url == "/delegation"
        form = one.see("/delegation").form("/delegation/passphrase")
        new = {"new": "five six seven eight", "again": "five six seven eight"}
        assert one.send(form, old="wrong and wrong", **new).status == 409
        assert one.send(form, old=WORDS["passphrase"], new="short", again="short").status == 400
        done = one.send(form, old=WORDS["passphrase"], **new)
        assert done.status == 200
        assert done.url == "/delegation"
        assert other.see("/delegation").url.startswith("/sign-in")  # signed out where the old one was used


# The book of people as a file


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_a_book_or_one_sentence(data: bytes) -> None:
    try:
        book = parse_book(data)
    except InputError:
        return
    assert parse_book(format_book(book)) == book


def test_every_cut_and_changed_byte_of_a_book(tmp_path: Path) -> None:
    found = People(tmp_path, lambda: 0.0)
    person = found.add("Ann", "head")
    found.invite(person.id)
    data = format_book(found.book())
    for end in range(len(data) - 2):
        with pytest.raises(InputError):
            parse_book(data[:end])
    for place in range(len(data)):
        for byte in (0, 0x22, 0x7B, 0xFF):
            spoiled = data[:place] + bytes([byte]) + data[place + 1 :]
            try:
                book = parse_book(spoiled)
            except InputError:
                continue
            assert parse_book(format_book(book)) == book


# The command


def run(*words: str) -> Any:
    return CliRunner().invoke(main, ["node", "people", *words])


@pytest.fixture
def ben(members: Members, monkeypatch: pytest.MonkeyPatch) -> Member:
    monkeypatch.setattr(homes, "ROUNDS", 1)
    return members["ben"]


def test_the_command_adds_lists_invites_and_removes(ben: Member) -> None:
    at = str(ben.home)
    added = run(at, "add", "Berit", "--role", "head")
    assert added.exit_code == 0, added.output
    assert "/enter/" in added.output
    twice = run(at, "add", "berit", "--role", "head")
    assert twice.exit_code == 2
    delegated = run(
        at, "add", "Bo", "--role", "delegate", "--power", "speak", "--until", "+90d",
        "--passphrase-file", str(ben.secret), "--json",
    )  # fmt: skip
    assert delegated.exit_code == 0, delegated.output
    told = json.loads(delegated.output)
    assert told["mandate"].startswith("ben:")
    again = run(at, "invite", "Bo", "--json")
    assert json.loads(again.output)["link"] != told["link"]
    listed = json.loads(run(at, "list", "--json").output)["people"]
    assert [(one["name"], one["role"]) for one in listed] == [("Berit", "head"), ("Bo", "delegate")]
    assert run(at, "remove", "Bo").exit_code == 0
    assert run(at, "remove", "Bo").exit_code == 2
    assert run(at, "remove", "Berit").exit_code == 2


@pytest.mark.parametrize("words", [
    ("add", "X", "--role", "head", "--power", "speak", "--until", "+1d"),
    ("add", "X", "--role", "delegate", "--power", "speak"),
    ("add", "X", "--role", "delegate", "--until", "+1d"),
    ("add", "X", "--role", "chair"),
    ("add", " ", "--role", "observer"),
    ("add", "a\x1b[2J", "--role", "observer"),
    ("invite", "Nobody"),
])  # fmt: skip
def test_the_command_refuses_in_one_sentence(ben: Member, words: tuple[str, ...]) -> None:
    result = run(str(ben.home), *words)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_a_mandate_that_fails_leaves_nobody(ben: Member) -> None:
    before = len(People(ben.home, lambda: 0.0).book().people)
    result = run(
        str(ben.home), "add", "Late", "--role", "delegate", "--power", "speak", "--until", "yesterday",
        "--passphrase-file", str(ben.secret),
    )  # fmt: skip
    assert result.exit_code == 2
    assert len(People(ben.home, lambda: 0.0).book().people) == before
