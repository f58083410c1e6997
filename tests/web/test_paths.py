"""Paths that lead out: of the addresses that give files, and of the folder that a site is written to.

A file that nobody may have (the canary) lies beside the home and in it. Whatever is asked for, its words are
never answered; whatever is written, it stays as it is, and nothing new lies beside it.
"""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allweather.errors import InputError, NotVerified, OutputError
from allweather.node.siting import archive_of, signed_site, verify_site, write_site
from allweather.record.keys import log_signer
from allweather.web.door import static_file
from tests.node.nodes import Member, origin
from tests.web.browsing import Browser

CANARY = "canary: this is nobody's to read"
SIGNER = log_signer(origin("ann"), bytes(range(32)))
PLACES = (
    "/static/", "/record/", "/record/log/", "/calendar/", "/explore/entry/", "/explore/log/", "/enter/",
    "/act/", "/concern/", "/text/", "/draft/", "/redline/", "/review/tabled/", "/api/",
)  # fmt: skip
UP = ("..", "%2e%2e", "%2E.", "..%00", "%252e%252e", "..;", "%c0%ae%c0%ae", "\\..", "..%5c", "%2e%2e%2f..")
OUT = (
    "../evil", "../../evil", "a/../../evil", "/evil", "//evil", "./evil", "a//evil", "a/./evil",
    "a\\..\\evil", "..\\evil", "evil\x00.html", "evil\n", "", ".", "..", "a/", "/", "\udcff", "x" * 600,
)  # fmt: skip


@pytest.fixture(scope="module")
def home(ann: Member) -> Path:
    """Ann's home, with the canary in it and beside it."""
    for folder in (ann.home, ann.home.parent):
        (folder / "canary").write_text(CANARY, encoding="utf-8")
    return ann.home


# Addresses


def ways_out(home: Path) -> Iterator[str]:
    """Addresses that would lead from a place to the canary, if they were taken for paths."""
    inside, beside = str(home / "canary"), str(home.parent / "canary")
    for place in PLACES:
        for up in UP:
            for n in (1, 4, 12):
                yield place + f"{up}/" * n + "canary"
                yield place + f"{up}%2f" * n + "canary"
                yield place + f"{up}/" * n + inside.lstrip("/")
        for path in (inside, beside):
            yield place + path
            yield place + path.lstrip("/")
            yield place + path.replace("/", "%2f")
            yield place + path.replace("/", "\\")
            yield place + path + "%00.css"
            yield place + "style.css%00" + path
            yield place + "file:" + path


def test_no_address_leads_to_a_file_that_is_not_given(home: Path, ann: Member, browser: Browser) -> None:
    line = httpx.URL(ann.running.address)
    n = 0
    for way in ways_out(home):
        answer = browser._line.get(line.copy_with(raw_path=way.encode()))
        assert answer.status_code in (200, 303, 307, 400, 404, 405, 409, 421), way
        assert CANARY not in answer.text, way
        assert answer.status_code != 200 or way.startswith(("/enter/",)) or "canary" not in answer.text, way
        n += 1
    assert n > 1_000


def test_a_link_in_a_folder_of_the_node_is_not_followed(home: Path, ann: Member, browser: Browser) -> None:
    link = home / "feeds-link"
    link.symlink_to(home.parent / "canary")
    for place in PLACES:
        answer = browser._line.get(f"{place}{link.name}")
        assert CANARY not in answer.text, place


@given(st.text(max_size=80))
@settings(deadline=None)
def test_static_files_are_those_of_the_package(path: str) -> None:
    found = static_file(path)
    assert found is None or re.fullmatch(r"/*[a-z/.-]+/*", path)
    assert static_file("../" + path) is None
    assert static_file(f"vendor/../../{path}") is None


def test_what_is_taken_away_has_a_plain_name(ann: Member, browser: Browser) -> None:
    for path in ("/calendar.ics", "/minutes.xml", "/positions.json", "/site.zip", "/explore/entry/ann:0/all",
                 "/explore/entry/ann:0/proof", "/explore/entry/ann:0/bytes"):  # fmt: skip
        answer = browser._line.get(path)
        assert answer.status_code == 200, path
        assert re.fullmatch(r'attachment; filename="[A-Za-z0-9.-]+"', answer.headers["content-disposition"])
        if answer.headers["content-type"] == "application/zip":
            with zipfile.ZipFile(BytesIO(answer.content)) as archive:
                for one in archive.infolist():
                    assert not one.filename.startswith(("/", "..")), one.filename
                    assert ".." not in one.filename.split("/")
                    assert "\\" not in one.filename
                    assert (one.external_attr >> 16) & 0o170000 != 0o120000, "a link"


# Sites


def listing(folder: Path) -> set[str]:
    """Everything in a folder and below it."""
    return {one.relative_to(folder).as_posix() for one in folder.rglob("*")}


@pytest.mark.parametrize("name", OUT)
@pytest.mark.parametrize("place", ["site", "site.zip"])
def test_a_site_is_not_written_outside_of_its_place(tmp_path: Path, name: str, place: str) -> None:
    (tmp_path / "inner").mkdir()
    files = {"index.html": b"1", name: b"evil", "z.html": b"2"}
    with pytest.raises(InputError):
        signed_site(files, origin("ann"), 1, SIGNER)
    with pytest.raises(InputError):
        write_site(files, tmp_path / "inner" / place)
    assert listing(tmp_path) == {"inner"}


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="./\\a\x00\n~:é", max_size=12))
def test_a_name_is_within_the_site_or_refused(name: str) -> None:
    try:
        found = signed_site({name: b"1"}, origin("ann"), 1, SIGNER)
    except InputError:
        return
    inside = Path("/site")
    assert Path(os.path.normpath(inside / name)).is_relative_to(inside)
    with zipfile.ZipFile(BytesIO(archive_of(found))) as archive:
        assert name in archive.namelist()


def test_links_that_wait_where_a_site_is_written_are_not_followed(tmp_path: Path) -> None:
    files = signed_site({"a/b.html": b"1"}, origin("ann"), 5, SIGNER)
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "canary").write_text(CANARY, encoding="utf-8")
    # The place itself is a link to a folder, to an empty folder, or to a file.
    (tmp_path / "empty").mkdir()
    for target in (theirs, tmp_path / "empty", theirs / "canary", tmp_path / "missing"):
        link = tmp_path / "link"
        link.symlink_to(target)
        with pytest.raises(OutputError, match="leads elsewhere"):
            write_site(files, link)
        link.unlink()
    # A link within an earlier site goes with it; what it leads to stays.
    write_site(files, tmp_path / "site")
    (tmp_path / "site" / "out").symlink_to(theirs)
    (tmp_path / "site" / "a" / "c.html").symlink_to(theirs / "canary")
    write_site(files, tmp_path / "site")
    assert listing(tmp_path / "site") == {"a", "a/b.html", "MANIFEST", "SITE"}
    # A link where an archive is to be is replaced, not written through.
    (tmp_path / "site.zip").symlink_to(theirs / "canary")
    write_site(files, tmp_path / "site.zip")
    assert not (tmp_path / "site.zip").is_symlink()
    # Whoever knows what the parts of a site were once called, and who writes it, gains nothing by links.
    for name in (f".site.{os.getpid()}.part", f".new.{os.getpid()}.part", f".new.zip.{os.getpid()}.part"):
        (tmp_path / name).symlink_to(theirs / "canary")
    write_site(files, tmp_path / "new")
    write_site(files, tmp_path / "new.zip")
    assert listing(theirs) == {"canary"}
    assert (theirs / "canary").read_text(encoding="utf-8") == CANARY


def test_a_site_with_links_in_it_is_not_the_one_that_was_signed(tmp_path: Path) -> None:
    files = signed_site({"a/b.html": b"1", "c.html": b"2"}, origin("ann"), 5, SIGNER)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "b.html").write_bytes(b"1")
    (elsewhere / "evil.html").write_bytes(b"evil")
    folder = tmp_path / "site"
    write_site(files, folder)
    verify_site(folder, [SIGNER.verifier])
    more = folder / "more"
    more.symlink_to(elsewhere)
    with pytest.raises(NotVerified, match="not signed with the others") as caught:
        verify_site(folder, [SIGNER.verifier])
    assert "more" in str(caught.value)
    more.unlink()
    (folder / "a" / "b.html").unlink()
    (folder / "a").rmdir()
    (folder / "a").symlink_to(elsewhere)  # the same bytes, and more beside them
    with pytest.raises(NotVerified, match="not signed with the others"):
        verify_site(folder, [SIGNER.verifier])
    (folder / "a").unlink()
    write_site(files, tmp_path / "again")
    (tmp_path / "again" / "c.html").unlink()
    (tmp_path / "again" / "c.html").symlink_to(elsewhere / "b.html")
    with pytest.raises(InputError, match="missing, or cannot be read"):
        verify_site(tmp_path / "again", [SIGNER.verifier])
