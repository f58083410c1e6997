"""The first page answers five questions; whoever may not act sees no form; a rehearsal's line can be cut."""

from __future__ import annotations

from allweather.council.bodies import Concern, Text
from tests.node.nodes import Member, Members
from tests.web.browsing import Browser, check_markup
from tests.web.conftest import start

FIVE = ["What is this?", "What waits for me?", "Where do we agree?", "Who is missing?", "Can I trust it?"]


def test_five_questions(browser: Browser) -> None:
    page = browser.see("/")
    check_markup(page)
    assert [words for level, words in page.headings if level == 2][:5] == FIVE
    assert "A council of 3 members" in page.text
    assert "All 3 seats are taken." in page.text


def test_what_waits_is_grouped(ann: Member, browser: Browser) -> None:
    concern = ann.sign(Concern(title="Rivers"))
    for n in range(5):
        ann.sign(Text(concern=concern, title=f"Text {n}", words=f"Words {n}."))
    page = browser.see("/")
    check_markup(page)
    assert "5 texts without your position" in page.text
    assert "On 5 texts no position of yours is on record" in page.text
    assert "No position of yours is on record." not in page.text


def test_the_live_part_alone_is_drawn(browser: Browser) -> None:
    part = browser.part("/")
    assert part.status == 200
    assert "<html" not in part.html
    assert "What waits for me?" in part.text
    assert not part.forms


def test_the_public_sees_no_task_and_no_form(browser: Browser, visitor: Browser) -> None:
    page = visitor.see("/")
    check_markup(page)
    assert "you read here" in page.text
    assert not page.has_form("/rehearsal")


def test_nothing_is_shown_where_the_public_may_not_read(members: Members) -> None:
    start(members["ben"], is_public=False)
    with Browser(members["ben"].running.address) as visitor:
        for path in (
            "/",
            "/agenda",
            "/decisions",
            "/objections",
            "/rounds",
            "/seen",
            "/act/ann:0",
            "/act/ann:0/open",
        ):
            page = visitor.see(path)
            assert page.url.startswith("/sign-in"), path
            assert "All 3 seats" not in page.text


def test_a_cut_line_shows_as_weather(members: Members, browser: Browser, ann: Member) -> None:
    ann.add("http://127.0.0.1:9")
    page = browser.see("/")
    assert "0 of 1 nodes in step" in page.text
    cut = browser.send(page.form("/rehearsal"), cut="yes")
    assert "Cut off." in cut.text
    assert "not reached" in cut.text
    healed = browser.send(cut.form("/rehearsal"), cut="no")
    assert "Cut off." not in healed.text


def test_pages_of_a_council_in_which_little_happened(browser: Browser) -> None:
    for path in ("/", "/agenda", "/decisions", "/objections", "/rounds", "/sign-in"):
        check_markup(browser.see(path))


def test_every_language_is_drawn(browser: Browser) -> None:
    for language in ("fr", "ru", "en"):
        page = browser.see(f"/?lang={language}")
        check_markup(page)
        assert f'<html lang="{language}"' in page.html
