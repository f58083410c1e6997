"""The record on its pages: logs, entries with their proofs, search; proofs taken away hold by themselves."""

from __future__ import annotations

import io
import zipfile

import httpx
import pytest

from allweather.council.bodies import Concern
from allweather.node import proving
from allweather.node.proving import check_files
from allweather.record import merkle
from allweather.record.proofs import parse_entry_proof
from tests.node.nodes import Member
from tests.web.browsing import Browser, check_markup

HOSTILE = "<i title=x>needle</i> {{ 7 * 7 }}"


@pytest.fixture(scope="module", autouse=True)
def _said(ann: Member) -> None:
    ann.sign(Concern(title=HOSTILE, words="haystack"))


def test_pages_of_the_record(ann: Member, visitor: Browser) -> None:
    last = f"/explore/entry/ann:{ann.size('ann') - 1}"
    logs = ("/explore/log/ann", "/explore/log/ann?from=0", "/explore/log/ben")
    for path in ("/explore", *logs, "/explore/entry/ann:0", last, "/explore/search?q=needle"):
        page = visitor.see(path)
        check_markup(page)
        assert "<i title=x>" not in page.html
    assert "/explore" in visitor.see("/").links


def test_an_entry_is_checked_and_its_proof_holds_elsewhere(ann: Member, visitor: Browser) -> None:
    page = visitor.see("/explore/entry/ann:0")
    assert "Checked here, just now" in page.text
    assert "That is a claim and no more." in page.text
    assert "that what the entries say is true" in page.text
    address = ann.running.address
    archive = httpx.get(f"{address}/explore/entry/ann:0/all", trust_env=False)
    assert archive.content == httpx.get(f"{address}/explore/entry/ann:0/all", trust_env=False).content
    assert archive.headers["content-disposition"] == 'attachment; filename="ann-0.zip"'
    with zipfile.ZipFile(io.BytesIO(archive.content)) as opened:
        files = {name.partition("/")[2]: opened.read(name) for name in opened.namelist()}
    assert check_files(files)["holds"]
    proof = httpx.get(f"{address}/explore/entry/ann:0/proof", trust_env=False).content
    assert parse_entry_proof(proof).index == 0
    data = httpx.get(f"{address}/explore/entry/ann:0/bytes", trust_env=False).content
    assert data == files["entry.json"]


def test_a_proof_that_does_not_hold_is_an_alarm(
    ann: Member, visitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = merkle.prove_inclusion
    monkeypatch.setattr(proving, "prove_inclusion", lambda *given: (*true(*given)[:-1], bytes(32)))
    page = visitor.see("/explore/entry/ann:0")
    assert page.status == 200
    assert "This does not hold." in page.text
    assert "✓" not in page.text


def test_search_by_words_member_and_kind(ann: Member, visitor: Browser) -> None:
    assert "1 act fits" in visitor.see("/explore/search?q=NEEDLE%20haystack").text
    assert "1 act fits" in visitor.see("/explore/search?q=needle&member=ann&kind=council.concern").text
    for query in (
        "q=needle&member=ben",
        "q=needle&kind=council.text",
        "q=needle%20pin",
        "q=%00",
        "member=%3Cb%3E",
    ):
        assert "Nothing fits." in visitor.see(f"/explore/search?{query}").text
    for query in ("q=" + "x" * 3_000, "page=999999999999", "page=-1", "page=x", "kind=no.such", ""):
        assert visitor.see(f"/explore/search?{query}").status == 200


def test_search_has_pages(ann: Member, visitor: Browser) -> None:
    for n in range(60):
        ann.sign(Concern(title=f"Paged {n}"))
    first, second = visitor.see("/explore/search?q=paged"), visitor.see("/explore/search?q=paged&page=1")
    assert "60 acts fit" in first.text
    assert "Paged 59" in first.text
    assert "Paged 0" not in first.text
    assert "Paged 0" in second.text
    check_markup(second)


@pytest.mark.parametrize("path", [
    "/explore/log/nobody", "/explore/entry/ann:99999", "/explore/entry/nobody:0", "/explore/entry/ann",
    "/explore/entry/ann:0?face=7", "/explore/log/ann/faces", "/explore/entry/ann:1e3",
])  # fmt: skip
def test_what_there_is_not(visitor: Browser, path: str) -> None:
    page = visitor.see(path)
    assert page.status == 404
    assert "Traceback" not in page.html
