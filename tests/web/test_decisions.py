"""Decisions, objections and sealed rounds in a browser: the clock, who was heard, and what each may do."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from allweather.council.bodies import Concern, Round, Silence, Text
from tests.node.nodes import Member, Members, until
from tests.web.browsing import Browser, check_markup
from tests.web.conftest import start

HOSTILE = '<svg onload=alert(1)> & "quotes"'


def name_of(member: Member, ref: str) -> str:
    shared = member.running.shared
    with shared.lock:
        return shared.actions.view().fold.acts[ref].name


def meet(*members: Member) -> None:
    """Everybody takes in what everybody holds."""
    for _ in range(2):
        for one in members:
            one.running.sync_now(10.0)


@pytest.fixture(scope="module")
def ben(members: Members, ann: Member) -> Member:
    """Ben, whose node runs with pages and is a peer of Ann's."""
    start(members["ben"])
    ann.add(members["ben"])
    members["ben"].add(ann)
    return members["ben"]


@pytest.fixture
def other(ben: Member) -> Iterator[Browser]:
    """The browser of Ben's head of delegation, signed in."""
    with Browser(ben.running.address) as found:
        found.sit()
        yield found


@pytest.fixture(scope="module")
def concern(ann: Member) -> str:
    return ann.sign(Concern(title="Rivers"))


@pytest.fixture(scope="module")
def silence(ann: Member, ben: Member, concern: str) -> str:
    """The name of a decision that Ann proposed and Ben's node holds."""
    text = ann.sign(Text(concern=concern, title="Gauges", words=f"Three gauges. {HOSTILE}"))
    ref = ann.sign(Silence(concern=concern, text=text, expires_at=int(time.time()) + 7_200))
    meet(ann, ben)
    until(lambda: ben.holds(ref))
    return name_of(ann, ref)


def test_decision_in_silence(browser: Browser, other: Browser, silence: str) -> None:
    page = browser.see(f"/decision/{silence}")
    check_markup(page)
    assert page.headings[0][1].startswith("Adopted if nobody objects by")
    assert "<svg onload" not in page.html
    assert "Three gauges." in page.text
    assert "Ben" in page.text
    assert "not yet heard" in page.text
    assert browser.part(f"/decision/{silence}").status == 200
    assert not page.has_form("council.object"), "a proposer does not object to its own text"
    assert page.has_form("council.withdraw")
    assert page.has_form("council.hold")
    theirs = other.see(f"/decision/{silence}")
    check_markup(theirs)
    for kind in ("council.object", "council.hold", "council.refuse", "council.reserve"):
        assert theirs.has_form(kind), kind
    assert not theirs.has_form("council.withdraw")
    assert not theirs.has_form("council.clear")


def test_silence_preset_is_late_enough(browser: Browser, silence: str, concern: str, ann: Member) -> None:
    ann.sign(Text(concern=concern, title="Boats", words="Two boats."))
    path = next(
        one for one in reversed(browser.see(f"/concern/{name_of(ann, concern)}").links) if "/text/" in one
    )
    done = browser.act(path, "council.silence")
    assert "Adopted if nobody objects by" in done.text


def test_object_answer_clear(
    browser: Browser, other: Browser, ann: Member, ben: Member, silence: str
) -> None:
    path = f"/decision/{silence}"
    held = other.act(path, "council.hold", reason="Our capital sleeps.")
    assert "Our capital sleeps." in held.text
    assert not held.has_form("council.hold")
    done = other.act(path, "council.object", reason="It costs too much.", points="Who pays?\nFrom when on?")
    assert "Ben objects" in done.text
    assert "Only Ben can clear it." in done.text
    assert done.has_form("council.clear")
    assert not done.has_form("council.object")
    meet(ann, ben)
    page = browser.see(path)
    check_markup(page)
    assert "Ben objects" in page.text
    assert not page.has_form("council.clear")
    answered = browser.act(path, "council.answer", words="We do.", point="0")
    assert "We do." in answered.text
    assert answered.text.count("not answered") == 1
    ledger = browser.see("/objections")
    check_markup(ledger)
    assert "1 of 2 answered" in ledger.text
    cleared = other.act(path, "council.clear", reason="Good.")
    assert "Ben has cleared its objection" in cleared.text
    ledger = other.see("/objections")
    assert "Cleared, or without effect" in ledger.text


def test_reservation(other: Browser, silence: str) -> None:
    done = other.act(
        f"/decision/{silence}", "council.reserve", sort="interpretation", words=f"We read it so. {HOSTILE}"
    )
    assert "Interpretation · Ben" in done.text
    assert "<svg onload" not in done.html


def test_what_a_node_signs_by_pages_is_not_signed_twice(other: Browser, silence: str) -> None:
    form = other.see(f"/decision/{silence}").form("council.reserve")
    preview = other.send(form, sort="reservation", words="Once.")
    sign = preview.form("/sign")
    assert other.send(sign).status == 200
    again = other.send(sign)
    assert again.status != 200
    assert "sent before" in again.text


def test_seal_and_what_is_hidden(browser: Browser, visitor: Browser, ann: Member, concern: str) -> None:
    text = ann.sign(Text(concern=concern, title="Secret ballot", words="A text for a round."))
    ref = ann.sign(Round(concern=concern, on=(text,), closes_at=int(time.time()) + 3_600))
    path = f"/round/{name_of(ann, ref)}"
    page = browser.see(path)
    check_markup(page)
    assert "you have not sealed" in browser.see("/rounds").text
    form = page.form("/seal")
    done = browser.send(
        form, **{f"take {text}": "oppose", f"weight {text}": "77", f"expect {text} ben": "support"}
    )
    assert done.status == 200, done.text[-600:]
    assert "Your member has sealed." in done.text
    assert not done.has_form("/seal")
    for one in (browser, visitor):
        shown = one.see(path)
        check_markup(shown)
        assert "sealed" in shown.text
        assert "77" not in shown.text.replace(path, "")
    empty = browser.send(form)
    assert empty.status != 200


def test_seal_refuses_nothing_and_nonsense(browser: Browser, ann: Member, concern: str) -> None:
    text = ann.sign(Text(concern=concern, title="Another", words="Words."))
    ref = ann.sign(Round(concern=concern, on=(text,), closes_at=int(time.time()) + 3_600))
    form = browser.see(f"/round/{name_of(ann, ref)}").form("/seal")
    assert browser.send(form).status != 200
    assert browser.send(form, **{f"take {text}": "nonsense"}).status != 200
    assert browser.see("/round/ann:0").status == 404


def test_as_seen_by(browser: Browser, ann: Member, ben: Member, concern: str) -> None:
    page = browser.see("/seen?member=ben")
    check_markup(page)
    assert "The council as Ben saw it" in page.text
    assert browser.see("/seen/ben").status == 200
    assert "Rivers" in page.text
    assert browser.see("/seen?member=nobody").status == 404
    assert browser.see("/seen?member=ben&at=1970-01-01T00:00").status in (200, 404)
    check_markup(browser.see("/seen"))
