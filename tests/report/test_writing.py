"""Writing a report: whole or not at all, and never over what is not ours."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from allweather.errors import OutputError
from allweather.report import write_files

NEW = {"review.json": b"{}\n", "convergence.csv": b"a\r\n", "index.html": b"<p>new"}
OLD = {"review.json": b"old", "index.html": b"<p>old"}


def held(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def test_makes_the_folder_and_its_parents(tmp_path: Path) -> None:
    write_files(NEW, tmp_path / "a" / "b" / "out")
    assert held(tmp_path) == {f"a/b/out/{name}": data for name, data in NEW.items()}
    made = (tmp_path / "a" / "b" / "out").stat().st_mode & 0o777
    (tmp_path / "plain").mkdir()
    assert made == (tmp_path / "plain").stat().st_mode & 0o777


def test_replaces_its_own_files_and_leaves_others(tmp_path: Path) -> None:
    write_files(OLD, tmp_path)
    (tmp_path / "notes.txt").write_bytes(b"mine")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "index.html").write_bytes(b"mine too")
    write_files(NEW, tmp_path)
    assert held(tmp_path) == {**NEW, "notes.txt": b"mine", "sub/index.html": b"mine too"}


def test_relative_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_files(NEW, "out")
    write_files(NEW, Path())
    assert held(tmp_path) == {**NEW, **{f"out/{name}": data for name, data in NEW.items()}}


def test_a_link_in_place_of_a_file_is_replaced_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.txt"
    elsewhere.write_bytes(b"mine")
    out = tmp_path / "out"
    out.mkdir()
    (out / "index.html").symlink_to(elsewhere)
    write_files(NEW, out)
    assert elsewhere.read_bytes() == b"mine"
    assert held(out) == NEW


@pytest.mark.parametrize("where", ["file.txt", "file.txt/out", "file.txt/deeper/out", "dangling"])
def test_a_file_in_the_way(tmp_path: Path, where: str) -> None:
    (tmp_path / "file.txt").write_bytes(b"mine")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError, match="name another folder") as caught:
        write_files(NEW, tmp_path / where)
    assert "\n" not in str(caught.value)
    assert held(tmp_path) == {"file.txt": b"mine"}


def test_a_folder_in_the_way_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "index.html").mkdir()
    with pytest.raises(OutputError, match=r"index\.html is a folder there"):
        write_files(NEW, tmp_path)
    assert held(tmp_path) == {}
    assert [one.name for one in tmp_path.iterdir()] == ["index.html"]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no /proc here to be refused by")
def test_a_place_that_takes_no_files() -> None:
    with pytest.raises(OutputError, match="cannot write to /proc/"):
        write_files(NEW, "/proc/allweather-out")


def test_a_name_too_long(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="too long"):
        write_files(NEW, tmp_path / ("x" * 300))
    assert held(tmp_path) == {}
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EACCES, "no permission"),
        (errno.EROFS, "read-only"),
        (errno.ENOSPC, "disk is full"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
@pytest.mark.parametrize("exists", [True, False])
def test_each_refusal_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: str, exists: bool
) -> None:
    out = tmp_path / "out"
    if exists:
        write_files(OLD, out)

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OutputError, match=said):
        write_files(NEW, out)
    assert held(tmp_path) == ({f"out/{name}": data for name, data in OLD.items()} if exists else {})
    assert len(list(tmp_path.rglob(".allweather-*"))) == 0


@pytest.mark.parametrize("fails_at", range(3))
@pytest.mark.parametrize("kind", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
def test_a_crash_half_way_leaves_the_old_folder_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int, kind: BaseException
) -> None:
    out = tmp_path / "out"
    write_files(OLD, out)
    (out / "notes.txt").write_bytes(b"mine")
    real, calls = Path.replace, []

    def replace(self: Path, target: Path) -> Path:
        if self.parent.name == "new":
            calls.append(target)
            if len(calls) == fails_at + 1:
                raise kind
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises((OutputError, KeyboardInterrupt)):
        write_files(NEW, out)
    assert len(calls) == fails_at + 1
    assert held(out) == {**OLD, "notes.txt": b"mine"}


def test_a_crash_at_the_last_step_of_a_new_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rename(self: Path, target: Path) -> Path:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(OutputError):
        write_files(NEW, tmp_path / "a" / "b" / "out")
    assert not list(tmp_path.iterdir())


def test_works_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(OLD, tmp_path)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    write_files(NEW, tmp_path)
    assert held(tmp_path) == NEW


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".", ".."])
def test_only_plain_names(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="plain file name"):
        write_files({name: b""}, tmp_path / "out")
