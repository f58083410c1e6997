"""The public record as a signed site: whole, the same each time, no scripts; what is changed is noticed."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from allweather.cli import main
from allweather.council.bodies import Concern, Position, Silence, Statement, Text
from allweather.errors import InputError, Malformed, OutputError, Refused
from allweather.node.actions import Doing
from allweather.node.caucus import confide
from allweather.node.siting import (
    MANIFEST,
    SITE,
    archive_of,
    format_manifest,
    parse_manifest,
    parse_site,
    signed_site,
    verify_site,
    write_site,
)
from allweather.record.keys import log_signer
from allweather.web.sites import Maker, make_site
from allweather.web.tongues import tongue
from tests.node.sitting import DAY, Table, origin, sitting
from tests.web.browsing import Browser

HOSTILE = "<script>alert(1)</script>"
SECRET = "Our limit is four batteries."
SIGNER = log_signer(origin("ann"), bytes(range(32)))


@pytest.fixture(scope="module")
def table(founded_homes: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Table]:
    """Desks at which something of most sorts was done, hostile words and words for some among it."""
    with sitting(founded_homes, tmp_path_factory.mktemp("site") / "desks") as found:
        ann = found["ann"]
        concern = ann.sign(Concern(title=HOSTILE, words="What to do about ice."))
        text = ann.sign(Text(concern=concern.ref, title="Charts", words="We share charts."))
        ann.sign(Position(on=text.ref, response="support", intensity=60))
        ann.sign(Silence(concern=concern.ref, text=text.ref, expires_at=found.now + 2 * DAY))
        ann.sign(Statement(concern=concern.ref, title="Open"), content=b"Said <b>to all</b>.")
        body = Statement(concern=concern.ref, title="Between us", words=SECRET)
        ann.actions.sign(confide(ann.desk, Doing(body, audience=(origin("ben"),))))
        found.exchange()
        yield found


@pytest.fixture(scope="module")
def made(table: Table) -> dict[str, bytes]:
    seat = table["ann"]
    return make_site(Maker(seat.desk, seat.view, tongue("en")), with_review=False)


@pytest.fixture
def folder(made: dict[str, bytes], tmp_path: Path) -> Path:
    write_site(made, tmp_path / "site")
    return tmp_path / "site"


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.found += [value or "" for name, value in attrs if name in ("href", "src", "action")]


def test_the_site_has_what_it_must(made: dict[str, bytes]) -> None:
    assert {
        "index.html",
        "positions.html",
        "decisions.html",
        "minutes.html",
        "review.html",
        "verify.html",
    } <= made.keys()
    assert {"calendar.ics", "minutes.xml", "positions.json", "record/index", SITE, MANIFEST} <= made.keys()
    (concern,) = (one for one in made if one.startswith("concern/"))
    text = made[concern].decode()
    assert "Said &lt;b&gt;to all&lt;/b&gt;." in text
    assert "We share charts." in text
    assert "An entry for others" in text


def test_it_needs_nothing_from_elsewhere(made: dict[str, bytes]) -> None:
    """Every link leads to a file of the site, by a relative address; there is no script and no form."""
    for path, data in made.items():
        if not path.endswith(".html"):
            continue
        reader = _Links()
        reader.feed(data.decode())
        assert reader.tags & {"script", "form", "iframe", "img", "object"} == set(), path
        for link in reader.found:
            target = link.partition("#")[0]
            assert ":" not in target, (path, link)
            assert not target.startswith("/"), (path, link)
            if target:
                parts: list[str] = []
                for part in (PurePosixPath(path).parent / target).parts:
                    parts = parts[:-1] if part == ".." else [*parts, part]
                assert "/".join(parts) in made, (path, link)
        assert re.search(r"\son\w+=|style=", data.decode()) is None
        assert HOSTILE not in data.decode()


def test_words_for_some_are_not_in_it(made: dict[str, bytes]) -> None:
    for path, data in made.items():
        assert SECRET.encode() not in data, path
        assert b"Between us" not in data, path


def test_the_same_record_gives_the_same_bytes(table: Table, made: dict[str, bytes]) -> None:
    seat = table["ann"]
    assert make_site(Maker(seat.desk, seat.actions.view(), tongue("en")), with_review=False) == made
    assert archive_of(made) == archive_of(dict(made))
    other = make_site(Maker(seat.desk, seat.view, tongue("fr")), with_review=False)
    assert other["index.html"] != made["index.html"]
    assert {one for one in made if made[one] != other[one]} >= {SITE, MANIFEST, "minutes.html"}


def test_any_unix_checks_the_files(folder: Path) -> None:
    if shutil.which("sha256sum") is None:
        pytest.skip("there is no sha256sum on this machine")
    subprocess.run(["sha256sum", "--check", "--quiet", "--strict", MANIFEST], cwd=folder, check=True)


def test_a_site_is_verified_with_the_keys_of_its_record(table: Table, folder: Path) -> None:
    log = table["ann"].desk.own
    found = verify_site(folder, log.history.log_keys)
    assert (found.origin, found.at) == (origin("ann"), table.now)
    result = CliRunner().invoke(main, ["node", "check-site", str(folder)])
    assert result.exit_code == 0, result.output
    assert log.card.digest.hex() in result.output
    good = CliRunner().invoke(main, ["node", "check-site", str(folder), "--card", log.card.digest.hex()])
    assert good.exit_code == 0
    bad = CliRunner().invoke(main, ["node", "check-site", str(folder), "--card", "0" * 64])
    assert bad.exit_code == 2
    assert bad.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda root: (root / "index.html").write_bytes(b"other"), "index.html: this file is not the one"),
        (lambda root: (root / "index.html").unlink(), "index.html: this file of the site is missing"),
        (lambda root: (root / "more.html").write_bytes(b"x"), "more.html: this file was not signed"),
        (
            lambda root: (root / "record" / "more").symlink_to("index"),
            "record/more: this file was not signed",
        ),
        (lambda root: (root / MANIFEST).write_bytes(b"x"), "MANIFEST: the list of files"),
        (lambda root: (root / SITE).write_bytes(b"x"), "SITE: a note"),
        (lambda root: _swap(root), "SITE: no key that is known"),
        (lambda root: _link(root), "index.html: this file of the site is missing"),
    ],
)
def test_whatever_is_changed_is_noticed(table: Table, folder: Path, spoil: Any, sentence: str) -> None:
    spoil(folder)
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}"):
        verify_site(folder, table["ann"].desk.own.history.log_keys)


def _swap(root: Path) -> None:
    """Another's signature over the same files."""
    files = {path: (root / path).read_bytes() for path in parse_manifest((root / MANIFEST).read_bytes())}
    (root / SITE).write_bytes(signed_site(files, origin("ann"), 1, SIGNER)[SITE])


def _link(root: Path) -> None:
    (root / "index.html").rename(root.parent / "index.html")
    (root / "index.html").symlink_to(root.parent / "index.html")


def test_who_may_not_sign_makes_no_site(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    seat = table["ben"]

    def refuse(self: object, word: str) -> None:
        raise Refused("this is not the key in force")

    monkeypatch.setattr(type(seat.desk), "signer", refuse)
    with pytest.raises(Refused):
        make_site(Maker(seat.desk, seat.view, tongue("en")), with_review=False)


def test_a_site_is_written_over_an_earlier_one_and_over_nothing_else(tmp_path: Path) -> None:
    files = signed_site({"a/b.html": b"1", "old.html": b"2"}, origin("ann"), 5, SIGNER)
    write_site(files, tmp_path / "out")
    write_site(signed_site({"a/b.html": b"3"}, origin("ann"), 6, SIGNER), tmp_path / "out")
    assert verify_site(tmp_path / "out", [SIGNER.verifier]).at == 6
    assert not (tmp_path / "out" / "old.html").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter").write_text("dear", encoding="utf-8")
    with pytest.raises(OutputError, match="no site"):
        write_site(files, tmp_path / "mine")
    assert (tmp_path / "mine" / "letter").exists()
    with pytest.raises(OutputError, match="is a file"):
        write_site(files, tmp_path / "mine" / "letter")
    write_site(files, tmp_path / "site.zip")
    with zipfile.ZipFile(tmp_path / "site.zip") as archive:
        assert archive.namelist() == sorted(files)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["mine", "out", "site.zip"]


def test_a_path_that_leads_out_is_refused() -> None:
    for path in ("../x", "/x", "a//b", "a/../b", "a\\b", "a\nb"):
        with pytest.raises(InputError):
            signed_site({path: b""}, origin("ann"), 1, SIGNER)
        line = f"{hashlib.sha256(b'').hexdigest()}  {path}\n".encode()
        with pytest.raises(Malformed):
            parse_manifest(line)


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_spoiled_notes_and_manifests_are_refused(data: st.DataObject) -> None:
    files = signed_site({"a": b"1", "b": b"2"}, origin("ann"), 5, SIGNER)
    for name in (SITE, MANIFEST):
        good = files[name]
        place = data.draw(st.integers(0, len(good) - 1))
        byte = (good[place] + data.draw(st.integers(1, 255))) % 256
        for spoiled in (good[:place], good[:place] + bytes([byte]) + good[place + 1 :]):
            if name == SITE:
                with pytest.raises(InputError):
                    parse_site(spoiled, [SIGNER.verifier])
            else:
                try:
                    found = parse_manifest(spoiled)
                except Malformed:
                    continue
                assert format_manifest(found) == spoiled


def test_the_command_writes_a_site(table: Table, tmp_path: Path) -> None:
    asked = [
        "--no-review",
        "--passphrase-file",
        str(table.folder / "passphrase"),
        "--at",
        "2009-09-18T10:00:00Z",
    ]
    home = str(table["cem"].desk.home.path)
    result = CliRunner().invoke(main, ["node", "site", home, str(tmp_path / "out"), *asked])
    assert result.exit_code == 0, (result.output, result.exception)
    assert "signed by nrc.example/cem" in result.output
    assert CliRunner().invoke(main, ["node", "check-site", str(tmp_path / "out")]).exit_code == 0


def test_the_button_gives_the_site_to_delegates_only(browser: Browser, visitor: Browser) -> None:
    answer = browser._line.get("/site.zip")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert {"index.html", SITE, MANIFEST} <= set(archive.namelist())
    assert "/sign-in" in visitor.where("/site.zip")
    assert "/site.zip" in browser.see("/take").html
    assert "/site.zip" not in visitor.see("/take").html
