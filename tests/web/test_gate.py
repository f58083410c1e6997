"""The gate: requests from elsewhere do nothing, headers forbid what pages do not need, paths lead nowhere."""

from __future__ import annotations

import httpx
import pytest

from allweather.web.door import static_file
from tests.node.nodes import Member
from tests.web.browsing import Browser

PLACES = ("/act", "/sign", "/seal", "/sign-in", "/sign-out", "/preferences", "/rehearsal", "/delegation/add",
          "/delegation/invite", "/delegation/remove", "/delegation/passphrase", "/delegation/settings",
          "/passkeys/begin", "/passkeys/sign-in/begin", "/passkeys/sign-in/finish")  # fmt: skip


def n_entries(ann: Member) -> int:
    return ann.size("ann")


def cookies_of(browser: Browser) -> dict[str, str]:
    return dict(browser._line.cookies)


@pytest.mark.parametrize("headers", [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://elsewhere.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://127.0.0.1:1"},
    {},
])  # fmt: skip
def test_posts_from_elsewhere_do_nothing(ann: Member, browser: Browser, headers: dict[str, str]) -> None:
    form = browser.see("/agenda").form("council.concern")
    preview = browser.send(form, title="Forged", area="", words="x").form("/sign")
    before = n_entries(ann)
    with httpx.Client(base_url=ann.running.address, trust_env=False, cookies=cookies_of(browser)) as line:
        for place in (*PLACES, preview.action):
            answer = line.post(place, data=preview.fields, headers=headers)
            assert answer.status_code == 409, place
            assert "nothing was done" in answer.text or "which page it comes from" in answer.text
    assert n_entries(ann) == before


def test_a_form_without_its_token_or_sent_twice_signs_nothing(ann: Member, browser: Browser) -> None:
    form = browser.see("/agenda").form("council.concern")
    forged = browser.send(form, token="0" * 64, title="Forged", words="x")
    assert forged.status == 409
    preview = browser.send(form, title="Signed once", words="x").form("/sign")
    before = n_entries(ann)
    assert browser.send(preview, token="").status == 409
    assert browser.send(preview, number="guess").status == 409
    assert n_entries(ann) == before
    assert browser.send(preview).status == 200
    assert n_entries(ann) == before + 1
    assert browser.send(preview).status == 409
    assert n_entries(ann) == before + 1


def test_who_is_not_signed_in_acts_nowhere(ann: Member, browser: Browser, visitor: Browser) -> None:
    form = browser.see("/agenda").form("council.concern")
    before = n_entries(ann)
    for place in PLACES:
        answer = visitor.post(place, {**form.fields, "title": "Forged", "number": "1", "cut": "yes"})
        assert answer.status != 500
    assert n_entries(ann) == before
    assert not ann.running.weather.is_cut


def test_headers_of_every_answer(ann: Member, visitor: Browser) -> None:
    for path in ("/", "/sign-in", "/static/style.css", "/nothing-here", "/explore", "/draft/ann:99999"):
        answer = httpx.get(ann.running.address + path, trust_env=False)
        if path == "/nothing-here":
            continue  # no page of ours: the node's own answer
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("path", [
    "../house.py", "..%2fhouse.py", "%2e%2e/house.py", "vendor/../../house.py", "....//house.py",
    "/etc/passwd", "..\\house.py", ".hidden", "vendor/.hidden", "a/b/c", "", "style.css/",
    "style.css\x00.js", "%00",
])  # fmt: skip
def test_static_files_lead_nowhere_else(ann: Member, path: str) -> None:
    found = static_file(path)
    assert found is None or path == "style.css/"
    line = httpx.URL(ann.running.address)
    raw = f"/static/{path}".replace("\x00", "%00").replace("\\", "%5c").encode()
    answer = httpx.get(line.copy_with(raw_path=raw), trust_env=False)
    assert answer.status_code in (200, 404)
    assert b"def " not in answer.content
    assert b"root:" not in answer.content


def test_files_to_take_away_lead_nowhere_else(ann: Member) -> None:
    for path in (
        "/explore/entry/..%2f..%2fkeys%2flog.key/proof",
        "/explore/entry/ann:0%2f..%2f1/bytes",
        "/explore/log/..%2f..%2fhome.toml/faces",
        "/explore/entry/ann:-1/all",
        "/explore/entry/ann:999999999999/all",
        "/explore/entry/ANN:0/proof",
        "/explore/log/ann%00/faces",
    ):
        answer = httpx.get(httpx.URL(ann.running.address).copy_with(raw_path=path.encode()), trust_env=False)
        assert answer.status_code in (400, 404), path
        assert b"PRIVATE KEY" not in answer.content


def test_back_leads_nowhere_else(browser: Browser) -> None:
    for where in (
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "javascript:1",
        "x",
    ):
        answer = browser.post("/preferences", {"zone": "UTC", "back": where})
        assert answer.status == 200
        assert answer.url == "/"


def test_cookies_of_all_sorts_break_nothing(ann: Member) -> None:
    for cookie in ("a=b; =; ;;", "x" * 20_000, "allweather-lang=zz; allweather-zone=../../etc", "\xff=\xff"):
        answer = httpx.get(
            f"{ann.running.address}/", headers={b"Cookie": cookie.encode("latin-1")}, trust_env=False
        )
        assert answer.status_code == 200
