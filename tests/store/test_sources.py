"""Reading static files that others made, hostile ones among them; and writing them."""

from __future__ import annotations

import os
import struct
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from allweather.errors import InputError, OutputError, StoreError
from allweather.record.storage import Batch
from allweather.record.tiles import Tile, parse_bundle, tile_path
from allweather.store import (
    ArchiveSource,
    FolderSource,
    FolderStore,
    Source,
    WebSource,
    exporting,
    open_source,
    sources,
    websource,
    write_archive,
    write_folder,
)
from tests.store.builders import Log, first_batch

FILES = [("c/ann/tile/0/000", b"tile" * 100), ("c/ann/keys/ab", b""), ("c/ann/checkpoint", b"head")]
BAD_PATHS = [
    "", ".", "..", "/etc/passwd", "../secret", "c/../../secret", "c/./ann", "c//ann", "c/ann/", "c\\ann",
    "c/\0", "c/\n", "x" * 513,
]  # fmt: skip


@pytest.fixture(params=["folder", "archive", "web"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Source]:
    """The same files from each kind of source."""
    if request.param == "archive":
        write_archive(FILES, tmp_path / "record.zip")
        found = open_source(tmp_path / "record.zip")
        yield found
        found.close()
        return
    write_folder(FILES, tmp_path / "record")
    (tmp_path / "secret").write_bytes(b"secret")
    if request.param == "folder":
        found = open_source(str(tmp_path / "record"))
        yield found
        found.close()
        return
    with serving(tmp_path / "record") as address:
        yield open_source(address)


class _Server(ThreadingHTTPServer):
    root: Path


class _Answers(BaseHTTPRequestHandler):
    """A small server with some bad habits, each under a name of its own."""

    def do_GET(self) -> None:
        assert isinstance(self.server, _Server)
        name = self.path.rsplit("/", 1)[-1]
        if name in ("away", "down", "near"):
            self.send_response(302)
            port = self.server.server_address[1]
            to = {
                "away": "http://localhost",
                "down": "file:///etc/passwd",
                "near": f"http://127.0.0.1:{port}",
            }[name]
            self.send_header("Location", to if name == "down" else f"{to}/c/ann/checkpoint")
            self.end_headers()
        elif name in ("endless", "liar", "packed", "short"):
            self.send_response(200)
            if name == "liar":
                self.send_header("Content-Length", "1000000000000")
            if name == "short":
                self.send_header("Content-Length", "50")
            if name == "packed":
                self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            if name == "endless":
                try:
                    while True:
                        self.wfile.write(b"x" * 65_536)
                except OSError:
                    return
            self.wfile.write(b"abc")
        elif name == "error":
            self.send_error(500)
        elif (self.server.root / self.path.lstrip("/")).is_file():
            data = (self.server.root / self.path.lstrip("/")).read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        else:
            self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class serving:
    """A server on loopback for the time of a block."""

    def __init__(self, root: Path) -> None:
        self._server = _Server(("127.0.0.1", 0), _Answers)
        self._server.daemon_threads = True
        self._server.root = root

    def __enter__(self) -> str:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


# All alike


def test_files_are_read(source: Source) -> None:
    for path, data in FILES:
        assert source.read(path, len(data)) == data
    for path in ("c/ann/tile/0/001", "c/bob/checkpoint", "c/ann/checkpoint/x", "c/ann", "c/ann/tile"):
        assert source.read(path, 100) is None
    assert source.name


def test_longer_than_allowed(source: Source) -> None:
    with pytest.raises(InputError, match="longer than the 399 bytes"):
        source.read("c/ann/tile/0/000", 399)


@pytest.mark.parametrize("path", BAD_PATHS)
def test_bad_paths(source: Source, path: str) -> None:
    with pytest.raises(InputError, match="not the path of a file"):
        source.read(path, 100)


def test_a_store_is_a_source(tmp_path: Path) -> None:
    store, log = FolderStore(tmp_path, create=True), Log("c/ann")
    store.commit(first_batch(log, 300))
    store.commit(Batch(growths=(log.keep(log.fork(0, 299, 3, 1)),)))
    source = open_source(tmp_path)
    for home, number, size in (("c/ann", 0, 300), ("c/ann/branch/1", 1, 302)):
        checkpoint = source.read(f"{home}/checkpoint", 10_000)
        assert checkpoint is not None
        assert checkpoint.split(b"\n")[1] == b"%d" % size
        read = []
        for tile in (Tile(None, 0), Tile(None, 1, size - 256)):
            data = source.read(f"{home}/{tile_path(tile)}", 100_000)
            assert data is not None
            read += parse_bundle(data, count=tile.width)
        assert read == log.entries[number]
    assert source.read("c/ann/branch/1/fork", 100) == b"0\n299\n"
    source.close()
    store.close()


# Folders


def test_links_and_devices_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    root = tmp_path / "record"
    root.mkdir()
    (root / "link").symlink_to(tmp_path / "secret")
    (root / "up").symlink_to(tmp_path)
    (root / "zero").symlink_to("/dev/zero")
    os.mkfifo(root / "pipe")
    with pytest.raises(StoreError) as error:
        FolderSource(root).read("link", 100)
    assert "link" in str(error.value)
    for path in ("up/secret", "zero", "pipe"):
        with pytest.raises(StoreError):
            FolderSource(root).read(path, 100)


def test_what_is_no_source(tmp_path: Path) -> None:
    (tmp_path / "letter").write_bytes(b"Dear all")
    (tmp_path / "empty").touch()
    for place in ("nowhere", "a\0b"):
        with pytest.raises(StoreError, match="neither a folder nor an archive"):
            open_source(tmp_path / place)
    with pytest.raises(StoreError):
        FolderSource(tmp_path / "letter")
    for place in ("letter", "empty"):
        with pytest.raises(InputError, match="zip"):
            open_source(tmp_path / place)
    with pytest.raises(StoreError):
        ArchiveSource(tmp_path / "nowhere")
    gone = FolderSource(tmp_path)
    gone.close()
    with pytest.raises(StoreError, match="closed"):
        gone.read("letter", 100)


# Archives


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "c\\ann", "a/../b", "x" * 600])
def test_an_archive_with_an_escaping_name(name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(name, b"x")
    with pytest.raises(InputError, match="not the path of a file"):
        ArchiveSource(tmp_path / "a.zip")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_archive_with_a_name_twice(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("checkpoint", b"one")
        archive.writestr("checkpoint", b"two")
    with pytest.raises(InputError, match="twice"):
        ArchiveSource(tmp_path / "a.zip")


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", bytes(20_000_000))
    source = ArchiveSource(path)
    with pytest.raises(InputError, match="longer"):
        source.read("bomb", 1_000)
    source.close()
    # The same, with a lie about its size in both heads.
    data = bytearray(path.read_bytes())
    true = struct.pack("<L", 20_000_000)
    assert data.count(true) == 2
    path.write_bytes(data.replace(true, struct.pack("<L", 900)))
    source = ArchiveSource(path)
    with pytest.raises(InputError):
        source.read("bomb", 1_000)
    source.close()


def test_encrypted_and_oddly_packed_members(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a", b"x" * 100)
    with pytest.raises(InputError, match="packed"):
        ArchiveSource(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", b"x" * 100)
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(InputError, match="encrypted"):
        ArchiveSource(path)


def test_too_many_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_archive(FILES, tmp_path / "a.zip")
    monkeypatch.setattr(sources, "MAX_MEMBERS", 2)
    with pytest.raises(InputError, match="more than 2 members"):
        ArchiveSource(tmp_path / "a.zip")


def test_every_cut_and_every_changed_byte_of_an_archive(tmp_path: Path) -> None:
    write_archive([("c/ann/tile/0/000", b"tile"), ("c/ann/checkpoint", b"head")], tmp_path / "a.zip")
    good = (tmp_path / "a.zip").read_bytes()
    path = tmp_path / "b.zip"
    for at in range(len(good)):
        path.write_bytes(good[:at])
        with pytest.raises(InputError):
            ArchiveSource(path)
        path.write_bytes(good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1 :])
        try:
            source = ArchiveSource(path)
        except InputError:
            continue
        try:
            assert source.read("c/ann/checkpoint", 100) in (b"head", None)
        except InputError:
            pass
        finally:
            source.close()


# The web


def test_bad_addresses() -> None:
    for address in (
        "ftp://host/a",
        "file:///etc/passwd",
        "https://",
        "https://ann:secret@host/",
        "https://host/?a",
        "https://host/#a",
        "https://ho st/",
        "https://host:99999/",
        "http://[::1/",
    ):
        with pytest.raises(InputError) as error:
            WebSource(address)
        assert "secret" not in str(error.value)
    for address in ("http://example.org/", "http://127.0.0.1.example.org/", "http://10.0.0.1/"):
        with pytest.raises(InputError, match="plain http"):
            WebSource(address)
        assert WebSource(address, allow_plain=True).name == address.rstrip("/")
    assert WebSource("http://[::1]:80/a").name == "http://[::1]:80/a"


def test_a_server_with_bad_habits(tmp_path: Path) -> None:
    write_folder(FILES, tmp_path)
    with serving(tmp_path) as address:
        source = WebSource(address)
        assert source.read("near", 100) == b"head"
        with pytest.raises(InputError, match="another host"):
            source.read("away", 100)
        with pytest.raises(StoreError):
            source.read("down", 100)
        for path in ("endless", "liar"):
            with pytest.raises(InputError, match="longer"):
                source.read(path, 1_000)
        with pytest.raises(InputError, match="packed"):
            source.read("packed", 100)
        for path in ("error", "short"):
            with pytest.raises(StoreError):
                source.read(path, 100)
        source.close()
    with pytest.raises(StoreError, match="cannot be reached"):
        source.read("checkpoint", 100)


def test_a_slow_server_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_folder([("big", bytes(300_000))], tmp_path)
    monkeypatch.setattr(websource, "TOTAL_SECONDS", -1)
    with serving(tmp_path) as address, pytest.raises(StoreError, match="too slow"):
        WebSource(address).read("big", 1_000_000)


# Writing


def test_an_archive_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_archive(iter(FILES), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    with zipfile.ZipFile(tmp_path / "a") as archive:
        assert archive.namelist() == [name for name, _ in FILES]
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.testzip() is None


@pytest.mark.parametrize("write", [write_folder, write_archive])
def test_what_was_there_stays_until_it_is_replaced(write: object, tmp_path: Path) -> None:
    def failing() -> Iterator[tuple[str, bytes]]:
        yield "c/ann/other", b"new"
        raise RuntimeError

    assert callable(write)
    write(FILES, tmp_path / "out")
    before = sorted(path.name for path in tmp_path.rglob("*"))
    with pytest.raises(RuntimeError):
        write(failing(), tmp_path / "out")
    with pytest.raises(OutputError):
        write([("../secret", b"x")], tmp_path / "out")
    assert sorted(path.name for path in tmp_path.rglob("*")) == before
    write([("c/ann/checkpoint", b"later")], tmp_path / "out")
    source = open_source(tmp_path / "out")
    assert source.read("c/ann/checkpoint", 100) == b"later"
    source.close()


def test_an_archive_with_a_path_twice_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="twice"):
        write_archive([("a", b"1"), ("a", b"2")], tmp_path / "a.zip")
    assert list(tmp_path.iterdir()) == []


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError):
        write_folder(FILES, tmp_path / "file")
    with pytest.raises(OutputError, match="is a folder"):
        write_archive(FILES, tmp_path / "folder")
    with pytest.raises(OutputError):
        write_archive(FILES, tmp_path / "nowhere" / "a.zip")


def test_a_checkpoint_is_renamed_after_all_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    real = exporting._settle

    def settle(waiting: list[tuple[Path, Path]]) -> None:
        done.append(",".join(target.name for _, target in waiting))
        real(waiting)

    monkeypatch.setattr(exporting, "_settle", settle)
    write_folder([*FILES, ("d/ann/tile/0/000", b"x")], tmp_path)
    assert done == ["000,ab", "checkpoint,000"]
