"""Agenda, concerns, texts and acts in a browser: what is shown, what a form signs, what no markup can do."""

from __future__ import annotations

import pytest

from allweather.council.acts import Act
from allweather.council.bodies import Concern, Position, Revision, Statement, Text
from allweather.council.statements import statements
from allweather.council.view import View
from allweather.node.actions import Doing
from allweather.node.caucus import confide
from tests.node.nodes import Member, origin
from tests.web.browsing import Browser, check_markup

HOSTILE = "</p><script>alert(1)</script><img src=x onerror=alert(2)>\u202e{{ 7*7 }}"


@pytest.fixture(scope="module")
def concern(ann: Member) -> str:
    """The name of a concern with a hostile title, a text in two versions, and a statement that names Ann."""
    ref = ann.sign(Concern(title=f"Rivers {HOSTILE}", words=HOSTILE, area=HOSTILE))
    first = ann.sign(
        Text(concern=ref, title=f"Gauges {HOSTILE}", words=f"Two gauges. {HOSTILE}\n\nA clause.")
    )
    ann.sign(Position(on=first, response="oppose", reasons=HOSTILE, evidence=("javascript:alert(1)",)))
    ann.sign(Revision(text=first, after=first, words=f"Three gauges. {HOSTILE}\n\nA clause.", reason=HOSTILE))
    ann.sign(Statement(concern=ref, title=HOSTILE, words=HOSTILE, names=(origin("ann"), origin("ben"))))
    shared = ann.running.shared
    with shared.lock:
        return shared.actions.view().fold.acts[ref].name


def test_agenda_and_concern(browser: Browser, concern: str) -> None:
    for path in ("/agenda", f"/concern/{concern}"):
        page = browser.see(path)
        check_markup(page)
        assert "<script>alert" not in page.html
        assert "<img src=x" not in page.html
        assert "Rivers </p><script>alert(1)</script>" in page.text
        assert browser.part(path).status == 200
    page = browser.see(f"/concern/{concern}")
    assert "1 Oppose" in page.text
    assert "2 Not known" in page.text
    assert "May still reply: Ann, Ben" in page.text
    for kind in ("council.statement", "council.text", "council.draft", "council.agenda", "council.round",
                 "council.disapprove", "council.withdraw", "council.reply"):  # fmt: skip
        assert page.has_form(kind), kind


def test_a_concern_is_raised_by_the_form(browser: Browser) -> None:
    done = browser.act("/agenda", "council.concern", title="Ice on the roads", words="It is slippery.")
    assert done.url == "/agenda"
    assert "Ice on the roads" in done.text


def test_a_statement_with_names_and_a_longer_text(browser: Browser, concern: str) -> None:
    done = browser.act(
        f"/concern/{concern}",
        "council.statement",
        title="Water",
        words="It rises.",
        payload="A longer text apart.\n\nIts second paragraph.",
        names=["ben"],
        language="en",
    )
    assert "It rises." in done.text
    assert "Its second paragraph." in done.text
    assert "May still reply: Ben" in done.text


def test_reply_by_right_once(browser: Browser, concern: str) -> None:
    done = browser.act(f"/concern/{concern}", "council.reply", words="We answer, by right.")
    assert "Reply by right · Ann" in done.text
    assert "We answer, by right." in done.text
    assert not done.has_form("council.reply")


def test_text_versions_redline_and_position(browser: Browser, concern: str) -> None:
    path = next(one for one in browser.see(f"/concern/{concern}").links if one.startswith("/text/"))
    page = browser.see(path)
    check_markup(page)
    assert "<script>alert" not in page.html
    assert 'href="javascript:' not in page.html
    assert "<del>Two</del>" in page.html
    assert "<ins>Three</ins>" in page.html
    assert "on version 1" in page.text
    assert "asked again" in page.text
    assert {"m-ann", "m-ben", "m-cem"} <= set(page.ids)
    done = browser.act(
        path,
        "council.position",
        response="conditional",
        intensity="70",
        condition="if it is cheap",
        red_line="yes",
    )
    assert "Support with a condition" in done.text
    assert "if it is cheap" in done.text
    assert "red line" in done.text
    assert "asked again" not in done.text
    again = browser.see(path).form("council.position")
    assert again.value("intensity") == "70"
    assert again.value("response") == "conditional"
    back = browser.see(f"{path}?version=1")
    assert "not the newest" in back.text
    assert browser.see(f"{path}?from=2&to=1").status == 200
    assert browser.see(f"{path}?from=nonsense&version=9&to=").status == 200


def test_expectation_and_revision(browser: Browser, concern: str) -> None:
    path = next(one for one in browser.see(f"/concern/{concern}").links if one.startswith("/text/"))
    done = browser.act(path, "council.expectation", member="ben", response="abstain")
    assert "What members expect of each other" in done.text
    form = browser.see(path).form("council.revision")
    assert form.value("words").startswith("Three gauges.")
    preview = browser.send(form, words="Four gauges.")
    assert "Text apart" not in preview.text  # the field `text` of the act is no text that stands apart
    done = browser.act(path, "council.revision", words="Four gauges.")
    assert "version 3" in done.text
    assert "Four gauges." in done.text


def test_every_act_leads_to_its_page(browser: Browser, concern: str, ann: Member) -> None:
    shared = ann.running.shared
    with shared.lock:
        names = {act.name: act.kind for act in shared.actions.view().fold.acts.values()}
    for name, kind in names.items():
        page = browser.see(f"/act/{name}")
        check_markup(page)
        assert "<script>alert" not in page.html
        assert f"/explore/entry/{name}" in page.links
        where = browser.where(f"/act/{name}/open")
        place, _, fragment = where.partition("#")
        found = browser.see(place)
        assert found.status == 200, where
        assert not fragment or fragment in found.ids, (kind, where)
        if kind in ("council.position", "council.revision", "council.expectation"):
            assert place.startswith("/text/"), kind
        if kind in ("council.statement", "council.reply", "council.concern"):
            assert place == f"/concern/{concern}" or "concern" in place, kind


def test_an_act_that_does_not_count_says_why(ann: Member, browser: Browser, concern: str) -> None:
    page = browser.see("/act/ann:0")
    assert "It counts." in page.text or "It does not count:" in page.text
    missing = browser.see("/act/ann:99999")
    assert missing.status == 404
    assert "Traceback" not in missing.text


def test_a_visitor_reads_and_finds_no_form(visitor: Browser, concern: str) -> None:
    for path in ("/agenda", f"/concern/{concern}"):
        page = visitor.see(path)
        check_markup(page)
        assert not [one for one in page.forms if one.action in ("/act", "/sign", "/seal")]
    assert visitor.see("/seen").url.startswith("/sign-in")


def test_a_statement_on_no_concern_can_be_replied_to(ann: Member, browser: Browser) -> None:
    ref = ann.sign(Statement(words="We name ourselves.", names=(origin("ann"),)))
    shared = ann.running.shared
    with shared.lock:
        name = shared.actions.view().fold.acts[ref].name
    assert browser.where(f"/act/{name}/open") == f"/act/{name}"
    browser.act(f"/act/{name}", "council.reply", words="And we answer.")
    assert "And we answer." in browser.see("/").text


def statements_of(view: View) -> list[Act]:
    return [one.statement for one in statements(view, "")]


def test_statements_on_no_concern_are_listed(ann: Member, browser: Browser, visitor: Browser) -> None:
    heading = "Statements on no concern"
    n_before = browser.see("/agenda").html.count('class="statement"')
    done = browser.act(
        "/agenda", "council.statement", title="Of the weather", words="It is mild.", names=["ben"]
    )
    shared = ann.running.shared
    body = Statement(title="Between us", words="Four batteries.")
    shared.sign(confide(shared.desk, Doing(body, audience=(origin("ben"),))))
    with shared.lock:
        said = [act.name for act in statements_of(shared.actions.view())]
    assert done.url == "/agenda"
    page, public = browser.see("/agenda"), visitor.see("/agenda")
    for one in (page, public):
        check_markup(one)
        assert heading in [words for _, words in one.headings]
        assert "It is mild." in one.text
        assert "May still reply: Ben" in one.text
    assert "Four batteries." in page.text
    assert "Four batteries." not in public.text
    assert len(said) == n_before + 2
    assert public.html.count('class="statement"') == page.html.count('class="statement"') == len(said)
    assert {f"/act/{name}" for name in said} <= set(page.links)
    assert "Ann: Make a statement" in browser.see("/").text


def test_a_preview_names_what_it_refers_to(ann: Member, browser: Browser, concern: str) -> None:
    ref = ann.sign(Concern(title="Bridges", words="Which to mend first."))
    text = ann.sign(Text(concern=ref, title="The northern bridge", words="It is mended first."))
    shared = ann.running.shared
    with shared.lock:
        acts = shared.actions.view().fold.acts
        named, path = acts[text].name, f"/text/{acts[text].name}"
    position = browser.send(browser.see(path).form("council.position"), response="oppose")
    check_markup(position)
    assert f"The northern bridge {named}" in position.text
    assert text not in position.text
    assert "Oppose" in position.text
    expected = browser.send(browser.see(path).form("council.expectation"), member="ben", response="abstain")
    assert '<dd dir="auto">Ben' in expected.html
    moved = browser.send(
        browser.see(f"/concern/{acts[ref].name}").form("council.agenda"), to="parked", on="2031-05-04T10:00"
    )
    assert f"Bridges {acts[ref].name}" in moved.text
    assert "4 May 2031" in moved.text
    assert ref not in moved.text
    # What is sent with the signature is the form as it was.
    form = position.form("/sign")
    assert form.value("on") == text
