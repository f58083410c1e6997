"""Evidence on the pages: a document is filed, read, and what a program proposes is accepted by a person."""

from __future__ import annotations

import re

import httpx
import pytest

from allweather.record.keys import parse_base64
from allweather.record.storage import Batch
from tests.node.nodes import Member, Members, until
from tests.web.browsing import Browser, Seen, check_markup
from tests.web.conftest import start

REPORT = (
    "Minister opens the river talks\n\n"
    '"We will publish every gauge reading within a day," Minister Ada Brook told the river commission.\n\n'
    "She said that the upper weir was closed for three weeks.\n"
)
WIRE = (
    "River talks begin\n\n"
    'Ada Brook, the minister, said: "We will not publish every gauge reading within a day."\n'
)


def file(browser: Browser, text: str, title: str, event: str = "The talks") -> str:
    """File a document by pasting it; the address of its page."""
    form = browser.see("/evidence").form("/evidence/upload")
    answer = browser._line.post(
        "/evidence/upload",
        data={"token": form.value("token"), "text": text},
        files={"file": ("", b"")},
        headers={"Origin": browser.address, "Sec-Fetch-Site": "same-origin"},
        follow_redirects=True,
    )
    new = browser._seen(answer)
    assert new.status == 200, new.text[-400:]
    check_markup(new)
    preview = browser.send(new.form("evidence.document"), title=title, event=event, source="A paper")
    assert preview.status == 200, preview.text[-400:]
    done = browser.send(preview.form("/sign"))
    assert done.status == 200, done.text[-400:]
    return next(link for link in reversed(done.links) if link.startswith("/evidence/ann:"))


def read(browser: Browser, path: str) -> Seen:
    """The page of a document when it has been read."""
    browser.see(path)
    until(lambda: "is being read" not in browser.see(path).text, 90.0)
    return browser.see(path)


def signed(browser: Browser, page: Seen, kind: str, basis: str = "", **fields: str) -> Seen:
    """Fill in the first form of a kind, look at what will be signed, sign; the page that follows."""
    fixed = {"basis": basis} if basis else {}
    preview = browser.send(page.form(kind, **fixed), **fields)
    assert preview.status == 200, preview.text[-400:]
    done = browser.send(preview.form("/sign"))
    assert done.status == 200, done.text[-400:]
    return done


@pytest.fixture(scope="module")
def filed(ann: Member) -> str:
    with Browser(ann.running.address) as browser:
        browser.sit()
        return file(browser, REPORT, "The minister opens the talks")


def test_a_proposal_is_accepted_corrected_and_rejected_by_a_person(
    filed: str, browser: Browser, visitor: Browser
) -> None:
    page = read(browser, filed)
    check_markup(page)
    assert "We will publish every gauge reading within a day" in page.text
    assert "Nothing has been accepted or rejected yet" in page.text
    unseen = visitor.see(filed)
    check_markup(unseen)
    assert not unseen.has_form("evidence.quotation")
    assert "waits for a person" not in unseen.text

    page = signed(browser, page, "evidence.quotation", "accepted")
    assert "word for word as in the document held here" in page.text
    assert "Ada Brook" in visitor.see(filed).text
    form = page.form("evidence.quotation", basis="corrected")
    page = signed(
        browser, page, "evidence.quotation", "corrected", speaker="Minister Brook", note="Title added"
    )
    assert "Title added" in page.text
    page = signed(browser, page, "evidence.rejection", reason="Not a quotation")
    assert "Not a quotation" in visitor.see(filed).text
    assert form.value("proposed") == form.value("spans")


def test_words_that_the_document_does_not_hold_are_not_signed(
    filed: str, browser: Browser, ann: Member
) -> None:
    document = ann.ask("GET", "/api/views/documents").json()["documents"][0]["ref"]
    start_ = REPORT.index('"We will')
    body = {
        "document": document,
        "spans": [[start_, start_ + 8]],
        "words": '"We willX',
        "sort": "direct",
    }
    answer = ann.ask("POST", "/api/acts", json={"kind": "evidence.quotation", "body": body})
    assert answer.status_code == 409
    assert "the document holds other words" in answer.json()["error"]
    body["words"] = '"We will'
    assert (
        ann.ask("POST", "/api/preview", json={"kind": "evidence.quotation", "body": body}).status_code == 200
    )
    body["spans"] = [[0, 90_000]]
    assert (
        "characters" in ann.ask("POST", "/api/acts", json={"kind": "evidence.quotation", "body": body}).text
    )
    forged = {"title": "Forged", "digest": "A" * 43 + "="}
    answer = ann.ask("POST", "/api/acts", json={"kind": "evidence.document", "body": forged, "text": "Other"})
    assert "SHA-256" in answer.json()["error"]


def test_two_reports_of_one_event_are_compared(filed: str, browser: Browser) -> None:
    other = file(browser, WIRE, "River talks begin")
    page = read(browser, other)
    assert "a negation or a number differs" in page.text
    assert "The minister opens the talks" in page.text
    listed = browser.see("/evidence")
    check_markup(listed)
    assert "River talks begin" in listed.text


def test_a_position_shows_the_quotations_that_it_rests_on(filed: str, browser: Browser) -> None:
    browser.act("/agenda", "council.concern", title="Gauges")
    concern = next(one for one in browser.see("/agenda").links if one.startswith("/concern/"))
    browser.act(concern, "council.text", title="Daily readings", words="Readings are published daily.")
    page = read(browser, filed)
    bearing = browser.see(concern).form("council.statement").value("concern")
    page = signed(
        browser,
        page,
        "evidence.quotation",
        "corrected",
        speaker="Ada Brook",
        concerns=bearing,
    )
    seen = browser.see(concern)
    check_markup(seen)
    assert "We will publish every gauge reading" in seen.text
    text = next(one for one in seen.links if one.startswith("/text/"))
    offered = browser.see(text)
    assert "Quotations that bear on this concern" in offered.text
    (choice,) = re.findall(r'name="evidence" value="([A-Za-z0-9+/]{43}=)"', offered.html)
    preview = browser.send(
        offered.form("council.position"), response="support", evidence=["https://example.org/a", choice]
    )
    done = browser.send(preview.form("/sign"))
    assert "We will publish every gauge reading" in done.text
    assert "Ada Brook" in done.text
    assert "https://example.org/a" in done.text


def test_a_file_that_cannot_be_read_is_one_sentence(browser: Browser, ann: Member) -> None:
    token = browser.see("/evidence").form("/evidence/upload").value("token")

    def send(data: bytes, **more: str) -> httpx.Response:
        return browser._line.post(
            "/evidence/upload",
            data={"token": token, **more},
            files={"file": ("a.pdf", data)},
            headers={"Origin": browser.address, "Sec-Fetch-Site": "same-origin"},
        )

    for data, why in (
        (b"PK\x03\x04" + b"x" * 100, "zip archive"),
        (b"%PDF-1.7\n1 0 obj\n<<", "PDF"),
        (b"", "choose a file"),
        (b"\x00\xff\xfe\x00" * 50, "text"),
    ):
        answer = send(data)
        assert 400 <= answer.status_code < 500, answer.text[-300:]
        assert why in answer.text
        assert "Traceback" not in answer.text
    assert send(b"x" * (2**24 + 2**17)).status_code == 413
    assert send(b"Fine.", token="forged").status_code == 409
    strange = browser._line.post("/evidence/upload", data={"token": token}, files={"file": ("a", b"Fine.")})
    assert strange.status_code == 409  # it does not say which page it comes from
    assert browser.see("/evidence/new/" + "0" * 64).status == 400


def test_markup_in_a_document_is_text(browser: Browser) -> None:
    path = file(browser, '<script>alert(1)</script> "Yes," she said. </div>', "<b>Bold</b>", "")
    page = read(browser, path)
    check_markup(page)
    assert "<script>alert" not in page.html
    assert "&lt;b&gt;Bold" in page.html


def test_what_was_redacted_is_not_shown_from_memory_and_keeps_nothing_from_being_read(
    browser: Browser, ann: Member
) -> None:
    first = file(browser, REPORT.replace("gauge", "weir"), "Weirs", "Weirs")
    other = file(browser, WIRE.replace("gauge", "weir"), "Weirs again", "Weirs")
    assert "every weir reading" in read(browser, first).text
    shared = ann.running.shared
    with shared.lock:
        act = shared.actions.view().fold.find(first.removeprefix("/evidence/"))
    assert act.payload is not None
    shared.desk.storage.commit(Batch(erased=(parse_base64(act.payload.hash),)))
    gone = read(browser, first).text
    assert "every weir reading" not in gone
    assert "Its words were redacted." in gone
    page = read(browser, other)
    assert "We will not publish every weir reading" in page.text
    assert page.has_form("evidence.quotation")
    assert "We will publish every weir reading" not in page.text


def test_another_member_sees_what_was_accepted_and_may_dispute_it(filed: str, members: Members) -> None:
    start(members["ben"])
    members["ben"].add(members["ann"])
    with Browser(members["ben"].running.address) as browser:
        browser.sit()
        until(lambda: browser.see(filed).status == 200)
        page = read(browser, filed)
        assert "Speaker not known" in page.text or "Brook" in page.text
        page = signed(browser, page, "evidence.rejection", reason="We heard otherwise")
        assert "We heard otherwise" in page.text
