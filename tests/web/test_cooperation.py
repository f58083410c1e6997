"""Cooperation on its page: every act by a form, what stands where on the board, the ledger, hostile words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from allweather.web.pages.cooperation import promise_states, source
from tests.node.nodes import Member, Members
from tests.web.browsing import Browser, check_markup
from tests.web.conftest import start
from tests.web.test_drafts import meet

HOSTILE = "<img src=x> {{ 7 * 7 }} <b title=x>"
PATH = "/cooperation"


@pytest.fixture(scope="module")
def ben(members: Members, ann: Member) -> Member:
    start(members["ben"])
    return members["ben"]


@pytest.fixture
def other(ben: Member) -> Iterator[Browser]:
    with Browser(ben.running.address) as found:
        found.sit()
        yield found


def test_a_promise_from_its_offer_to_its_end(
    ann: Member, ben: Member, browser: Browser, other: Browser
) -> None:
    browser.act(PATH, "cooperation.track", title=f"Trials {HOSTILE}")
    page = browser.see(PATH)
    check_markup(page)
    browser.act(
        PATH,
        "cooperation.offer",
        what=f"Share results {HOSTILE}",
        by="2099-01-01T00:00",
        to=["nrc.example/ben"],
        measure="A report",
    )
    meet(ann, ben)
    page = other.see(PATH)
    check_markup(page)
    assert "waits for you" in page.text
    other.act(PATH, "cooperation.accept")
    meet(ann, ben)
    browser.act(
        PATH, "cooperation.milestone", words="Done.", evidence="ann:0\nhttps://example.org/a\njavascript:x"
    )
    meet(ann, ben)
    page = other.see(PATH)
    check_markup(page)
    assert "/act/ann:0" in page.links
    assert "https://example.org/a" in page.links
    assert not any(link.startswith("javascript") for link in page.links)
    other.act(PATH, "cooperation.dispute", reason="The annex is missing.")
    meet(ann, ben)
    page = browser.see(PATH)
    assert "disputes it : The annex is missing." in page.text.replace("disputes it:", "disputes it :")
    other.act(PATH, "cooperation.confirm", words="It came.")
    browser.act(PATH, "cooperation.suspend", reason="Ships are away", review_at="2098-01-01T00:00")
    page = browser.see(PATH)
    check_markup(page)
    assert "Stopped" in page.text
    browser.act(PATH, "cooperation.resume")
    browser.act(PATH, "cooperation.withdraw", reason="No more.")
    page = browser.see(PATH)
    check_markup(page)
    assert "No more." in page.text
    assert "<img" not in page.html
    assert "<b title=x>" not in page.html


def test_a_visitor_sees_the_board_and_no_form(visitor: Browser) -> None:
    page = visitor.see(PATH)
    check_markup(page)
    assert not any(one.action == "/act" for one in page.forms)
    assert "waits for you" not in page.text


@pytest.mark.parametrize(("words", "leads"), [
    ("https://example.org/a?b=c", "https://example.org/a?b=c"), ("norway:12", "/act/norway:12"),
    ("javascript:alert(1)", ""), ("data:text/html,x", ""), ("//elsewhere.example", ""), ("http://", ""),
    ("https://[bad", ""), ("file:///etc/passwd", ""), ("a/../b:1", ""), ("", ""), ("https://a b/", ""),
])  # fmt: skip
def test_where_evidence_leads(words: str, leads: str) -> None:
    assert source(words) == leads


def test_each_promise_is_drawn_once() -> None:
    acts = [{"ref": str(n)} for n in range(5)]
    pair = {
        "promised": {"offers": acts},
        "overdue": {"offers": acts[:1]},
        "fulfilled": {"offers": acts[1:2]},
        "taken_back": {"offers": [acts[0], acts[2]]},
        "waiting": {"offers": acts[3:4]},
    }
    assert promise_states(pair) == ["overdue", "fulfilled", "active", "waiting", "stopped"]
