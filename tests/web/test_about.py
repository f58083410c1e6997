"""What a node says of itself to whoever comes, and by which address others reach it."""

from __future__ import annotations

import re

import pytest

from allweather import __version__
from allweather.node.running import Listen
from allweather.web.tongues import LANGUAGES, tongue
from tests.node.nodes import Member, Members
from tests.web.browsing import Browser, check_markup
from tests.web.conftest import start

PUBLIC = "https://record.ben.example:8411"


@pytest.fixture(scope="module")
def ben(members: Members) -> Member:
    """Ben, whose node shows nothing to the public and is known to others by another address."""
    start(members["ben"], is_public=False, listen=Listen(public=PUBLIC))
    return members["ben"]


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_node_says_what_it_is(ann: Member, visitor: Browser, code: str) -> None:
    page = visitor.see(f"/about?lang={code}")
    check_markup(page)
    word = tongue(code).word
    assert page.headings[0] == (1, word("About this node"))
    log = ann.running.shared.desk.standing.logs[ann.origin]
    for said in (
        ann.origin,
        ann.running.address,
        str(log.history.periods[-1].keys.log),
        f"--card {ann.origin}={ann.cards['ann'].hex()}",
        __version__,
        "Apache-2.0",
        "allweather-lang",
    ):
        assert said in page.text, said
    for title in ("Verify it from outside", "What this node keeps of its visitors"):
        assert word(title) in [words for _, words in page.headings]
    assert not [one for one in page.links if one.startswith("http")]


def test_every_page_leads_to_it(browser: Browser) -> None:
    for path in ("/", "/agenda", "/positions", "/explore", "/take", "/delegation", "/sign-in", "/concern/x"):
        assert "/about" in browser.see(path).links, path


def test_it_is_open_where_nothing_else_is(ben: Member) -> None:
    with Browser(ben.running.address) as visitor:
        page = visitor.see("/about")
        assert page.url == "/about"
        assert ben.cards["ben"].hex() in page.text
        assert "Verify the record" not in page.text  # that page is not for the public here
        assert visitor.see("/explore").url.startswith("/sign-in")
        # The cookies that it names are those that there are.
        names = re.findall(r"allweather-[0-9a-z]+", page.text)
        assert {"allweather-lang", "allweather-zone"} < set(names)
        visitor.sit()
        assert {one.name.removeprefix("__Host-") for one in visitor._line.cookies.jar} <= set(names)
        visitor.see("/?lang=fr")
        assert {one.name.removeprefix("__Host-") for one in visitor._line.cookies.jar} <= set(names)


def test_the_public_address_is_shown_where_there_is_one(ann: Member, ben: Member, browser: Browser) -> None:
    with Browser(ben.running.address) as head:
        head.sit()
        for path in ("/explore", "/about"):
            shown = head.see(path)
            assert f"allweather record verify {PUBLIC}/record" in shown.text, path
            assert ben.running.address not in shown.text
        assert f"{PUBLIC}/calendar/" in head.see("/take").html
    assert f"allweather record verify {ann.running.address}/record" in browser.see("/explore").text
