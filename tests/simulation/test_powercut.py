"""The power-cut simulator itself: it sees what a process does, it finds losses and invents none."""

from __future__ import annotations

import random
import sqlite3
import sys
import textwrap
from pathlib import Path

import pytest

from tests.simulation.powercut.disk import (
    SECTOR,
    Disk,
    Image,
    Kind,
    Operation,
    Trace,
    TraceError,
    images,
    pack,
    read_trace,
    replay,
    write_image,
)
from tests.simulation.powercut.run import (
    CannotRecord,
    build_shim,
    crashes,
    differences,
    record,
    rewrite_image,
)


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled recorder; the test is skipped, with the reason, where it cannot be built."""
    try:
        return build_shim(tmp_path_factory.mktemp("shim"))
    except CannotRecord as error:
        pytest.skip(str(error))


def run(shim: Path, folder: Path, source: str, *argv: str) -> Trace:
    """Record a Python program that gets the folder `root` as its first argument."""
    root = folder / "root"
    root.mkdir(exist_ok=True)
    program = folder / "program.py"
    program.write_text(textwrap.dedent(source), encoding="utf-8")
    return record([sys.executable, "-S", program, root, *argv], root, folder / "trace", shim=shim)


def last_ack(image: Image) -> int:
    """The number in the last line `ack N`, 0 before the first."""
    return int(image.acks[-1].removeprefix("ack ")) if image.acks else 0


# SQLite: a counter that prints each number once it is committed

COUNTER = """
    import sqlite3, sys
    root, journal, synchronous = sys.argv[1:]
    db = sqlite3.connect(f"{root}/counter.db", isolation_level=None)
    db.execute(f"PRAGMA journal_mode={journal}")
    db.execute(f"PRAGMA synchronous={synchronous}")
    db.execute("PRAGMA wal_autocheckpoint=8")  # so that the log is written back and begun again several times
    db.execute("CREATE TABLE counter (n INTEGER PRIMARY KEY, filler BLOB)")
    for n in range(1, 31):
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO counter VALUES (?, randomblob(600))", (n,))
        db.execute("COMMIT")
        print(f"ack {n}", flush=True)
    db.close()
"""


def counted(disk: Path) -> int | None:
    """The highest number that survives, None for a damaged file."""
    db = sqlite3.connect(disk / "counter.db")
    try:
        if db.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            return None
        if not db.execute("SELECT 1 FROM sqlite_master").fetchall():
            return 0
        n, highest = db.execute("SELECT count(*), coalesce(max(n), 0) FROM counter").fetchone()
        return int(highest) if n == highest else None
    except sqlite3.DatabaseError:
        return None
    finally:
        db.close()


def broken_counters(
    trace: Trace, folder: Path, *, ignore_fsync: bool = False, count: int = 300
) -> list[Image]:
    """The images in which an acknowledged number is lost or the file is damaged."""
    found = []
    for image, disk in crashes(trace, folder, 1, count, ignore_fsync=ignore_fsync):
        highest = counted(disk)
        if highest is None or highest < last_ack(image):
            found.append(image)
    return found


@pytest.mark.parametrize(("journal", "synchronous"), [("WAL", "FULL"), ("DELETE", "EXTRA")])
def test_sqlite_keeps_what_it_acknowledged(
    shim: Path, tmp_path: Path, journal: str, synchronous: str
) -> None:
    trace = run(shim, tmp_path, COUNTER, journal, synchronous)
    assert trace.acks() == tuple(f"ack {n}" for n in range(1, 31))
    broken = broken_counters(trace, tmp_path, count=400)
    assert [(image.number, image.mood) for image in broken] == []


@pytest.mark.parametrize(
    ("journal", "synchronous"),
    [
        ("WAL", "OFF"),
        ("WAL", "NORMAL"),
        ("DELETE", "FULL"),  # the removal of the journal is not synced: it comes back and undoes a commit
    ],
)
def test_a_loss_by_sqlite_is_found(shim: Path, tmp_path: Path, journal: str, synchronous: str) -> None:
    assert broken_counters(run(shim, tmp_path, COUNTER, journal, synchronous), tmp_path, count=100)


def test_a_disk_that_ignores_fsync_is_found(shim: Path, tmp_path: Path) -> None:
    trace = run(shim, tmp_path, COUNTER, "WAL", "FULL")
    assert broken_counters(trace, tmp_path, ignore_fsync=True, count=100)


def test_sqlite_syncs_the_folder_after_making_its_log(shim: Path, tmp_path: Path) -> None:
    trace = run(shim, tmp_path, COUNTER, "WAL", "FULL")
    folder = trace.operations[0].inode
    (log,) = (i for i, one in enumerate(trace.operations) if one.path == "counter.db-wal" and one.inode)
    after = trace.operations[log:]
    first_ack = next(i for i, one in enumerate(after) if one.kind is Kind.ACK)
    assert any(one.kind is Kind.SYNC and one.inode == folder for one in after[:first_ack])


# A file replaced again and again

REPLACE = """
    import os, sys
    root, *steps = sys.argv[1:]
    folder = os.open(root, os.O_RDONLY)
    for n in range(1, 31):
        with open(f"{root}/state.part", "w") as file:
            file.write(f"{n}\\n" * 500)
            file.flush()
            if "file" in steps:
                os.fsync(file.fileno())
        os.replace(f"{root}/state.part", f"{root}/state")
        if "folder" in steps:
            os.fsync(folder)
        print("ack", n, flush=True)
"""


def broken_states(trace: Trace, *, strict_posix: bool = True) -> list[Image]:
    """The images in which the file is older than acknowledged, or not whole."""
    found = []
    for image in images(trace, 1, 1000, strict_posix=strict_posix):
        content = image.files.get("state", b"0\n" * 500)
        values = set(content.split(b"\n")) - {b""}
        n = int(values.pop()) if len(values) == 1 and content.count(b"\n") == 500 else -1
        if n < last_ack(image):
            found.append(image)
    return found


@pytest.mark.parametrize("strict_posix", [True, False])
def test_a_file_replaced_with_care_is_kept(shim: Path, tmp_path: Path, strict_posix: bool) -> None:
    assert broken_states(run(shim, tmp_path, REPLACE, "file", "folder"), strict_posix=strict_posix) == []


@pytest.mark.parametrize("step", ["file", "folder"])
def test_a_forgotten_sync_is_found(shim: Path, tmp_path: Path, step: str) -> None:
    assert broken_states(run(shim, tmp_path, REPLACE, step))


def test_whether_a_synced_file_keeps_its_name_is_a_choice(shim: Path, tmp_path: Path) -> None:
    source = """
        import os, sys
        for n in range(1, 21):
            os.mkdir(f"{sys.argv[1]}/{n}")
            fd = os.open(f"{sys.argv[1]}/{n}/entry", os.O_CREAT | os.O_WRONLY)
            os.write(fd, b"entry")
            os.fsync(fd)
            os.close(fd)
            print("ack", n, flush=True)
    """
    trace = run(shim, tmp_path, source)

    def lost(strict_posix: bool) -> list[int]:
        return [
            image.number
            for image in images(trace, 1, 300, strict_posix=strict_posix)
            if not all(image.files.get(f"{n}/entry") == b"entry" for n in range(1, last_ack(image) + 1))
        ]

    assert lost(strict_posix=True)
    assert lost(strict_posix=False) == []


# What the recorder sees

EVERYTHING = """
    import ctypes, errno, mmap, os, shutil, sys, threading
    root = sys.argv[1]
    os.chdir(root)
    folder = os.open(".", os.O_RDONLY)

    fd = os.open("calls", os.O_CREAT | os.O_RDWR | os.O_EXCL)
    os.write(fd, b"0123456789" * 200)
    os.pwrite(fd, b"pwrite", 3000)
    os.writev(fd, [b"one", b"", b"two"])
    os.pwritev(fd, [b"three", b"four"], 5)
    os.ftruncate(fd, 4000)
    os.ftruncate(fd, 2500)
    os.posix_fallocate(fd, 1000, 3000)
    os.truncate("calls", 3999)
    copy = os.dup(fd)
    os.close(fd)
    os.rename("calls", "renamed")
    os.write(copy, b"after the rename")
    os.fsync(copy)
    os.fdatasync(copy)
    os.unlink("renamed")
    os.write(copy, b"to a file without a name")
    os.close(copy)

    with open("appended", "w") as file:
        file.write("text " * 3000)
    with open("appended", "a") as file:
        file.write("and more")
    with open("appended", "r+b") as file:
        file.seek(-4, 2)
        file.write(b"MORE")
    with open("emptied", "w") as file:
        file.write("gone")
    open("emptied", "w").close()

    os.makedirs("a/b/c")
    os.mkdir("d", dir_fd=folder)
    fd = os.open("a/b/c/deep", os.O_CREAT | os.O_WRONLY | os.O_APPEND, dir_fd=folder)
    os.write(fd, b"one")
    os.pwrite(fd, b"two", 0)
    os.rename("a/b", "d/../d/b")
    os.write(fd, b"three")
    os.link("d/b/c/deep", "linked")
    os.write(fd, b"four")
    os.rename("linked", "d/b/c/deep")
    os.rename("a", "e/")
    os.rmdir("e")
    os.unlink("d/b/c/deep", dir_fd=folder)
    os.replace("linked", "d/moved", src_dir_fd=folder, dst_dir_fd=folder)
    shutil.copyfile("d/moved", "copied")
    shutil.copyfile("copied", "appended-not")
    os.remove("appended-not")

    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.creat64(b"made", 0o600)
    libc.fallocate64(fd, 0, ctypes.c_long(0), ctypes.c_long(700))
    libc.fallocate64(fd, 1, ctypes.c_long(0), ctypes.c_long(9000))  # keeps the size
    libc.remove(b"d/b/c")
    assert not os.path.exists("d/b/c")

    def several(name):
        for i in range(50):
            with open(f"{name}-{i % 7}", "wb") as file:
                file.write(name.encode() * 100)
            os.write(contested, name.encode() * 1000)  # where it lands depends on all the others
    contested = os.open("contested", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    threads = [threading.Thread(target=several, args=(f"thread{i}",)) for i in range(3)]
    for thread in threads: thread.start()
    if os.fork() == 0:
        several("child")
        os._exit(0)
    for thread in threads: thread.join()
    assert os.wait()[1] == 0

    def refused(number, call, *arguments):
        try:
            call(*arguments)
        except OSError as error:
            assert error.errno == number, error
        else:
            raise AssertionError(call)
    refused(errno.EXDEV, os.rename, "copied", "../copied")
    refused(errno.EXDEV, os.link, "copied", "../copied")
    refused(errno.EPERM, os.symlink, "copied", "symlink")
    refused(errno.ENODEV, mmap.mmap, os.open("copied", os.O_RDWR), 0)
    refused(errno.EOPNOTSUPP, os.open, ".", os.O_TMPFILE | os.O_RDWR)
    refused(errno.EEXIST, os.mkdir, "d")
    refused(errno.ENOENT, os.unlink, "renamed")
    open("../outside", "w").write("not recorded")
    os.write(1, b"ack one\\nack tw")
    print("o", flush=True)
"""


def test_every_change_is_recorded(shim: Path, tmp_path: Path) -> None:
    old = tmp_path / "root" / "old" / "folder"
    old.mkdir(parents=True)
    (old / "file").write_bytes(b"from before")
    trace = run(shim, tmp_path, EVERYTHING)
    files = replay(trace)
    assert differences(trace, tmp_path / "root") == []
    assert files["old/folder/file"] == b"from before"
    assert files["d/moved"] == b"onetwothreefour"
    assert len([name for name in files if name.startswith(("thread", "child"))]) == 28
    assert trace.acks() == ("ack one", "ack two")
    assert {one.kind for one in trace.operations} == set(Kind)
    for image in images(trace, 1, 300):  # and every moment of it gives an image
        assert image.files["old/folder/file"] == b"from before"


def test_the_whole_trace_of_sqlite_gives_its_folder(shim: Path, tmp_path: Path) -> None:
    source = COUNTER.replace("db.close()", "import os; os._exit(0)")  # so that the log is still there
    trace = run(shim, tmp_path, source, "WAL", "FULL")
    root = tmp_path / "root"
    files = replay(trace)
    assert {"counter.db", "counter.db-wal", "counter.db-shm"} == files.keys()
    for name in ("counter.db", "counter.db-wal"):
        assert files[name] == (root / name).read_bytes()


def test_a_descriptor_that_syncs_each_write_is_recorded_so(shim: Path, tmp_path: Path) -> None:
    source = """
        import os, sys
        os.write(os.open(sys.argv[1] + "/file", os.O_CREAT | os.O_WRONLY | os.O_DSYNC), b"data")
    """
    kinds = [one.kind for one in run(shim, tmp_path, source).operations]
    assert kinds == [Kind.OLD_FOLDER, Kind.CREATE, Kind.WRITE, Kind.SYNC]


def test_a_change_that_is_not_seen_is_an_error(shim: Path, tmp_path: Path) -> None:
    source = """
        import ctypes, sys
        libc = ctypes.CDLL(None)
        libc.fopen.restype = ctypes.c_void_p
        libc.fclose.argtypes = [ctypes.c_void_p]
        libc.fclose(libc.fopen(sys.argv[1].encode() + b"/unseen", b"w"))
    """
    with pytest.raises(TraceError, match="unseen"):
        run(shim, tmp_path, source)


def test_a_command_that_fails_is_an_error(shim: Path, tmp_path: Path) -> None:
    with pytest.raises(TraceError, match=r"ended with 1: .*no such thing"):
        run(shim, tmp_path, "raise SystemExit('no such thing')")


def test_no_compiler_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotRecord, match=r"64-bit Linux|no cc, gcc or clang"):
        build_shim(tmp_path)


# The disk, on traces written by hand

ROOT, FILE, OTHER, FOLDER = 1, 2, 3, 4


def by_hand(*operations: Operation) -> Trace:
    """A trace that begins with an empty folder and a file of eight sectors of `a`."""
    old = (
        Operation(Kind.OLD_FOLDER, ROOT),
        Operation(Kind.OLD_FOLDER, FOLDER, path="folder"),
        Operation(Kind.OLD_FILE, FILE, path="file", data=b"a" * (8 * SECTOR)),
    )
    return Trace(old + operations, len(old))


def write(at: int, data: bytes, inode: int = FILE) -> Operation:
    return Operation(Kind.WRITE, inode, at, data=data)


def ends(trace: Trace, count: int = 400, *, strict_posix: bool = True) -> list[dict[str, bytes]]:
    """The files of images of cuts after the last operation of a trace."""
    disk = Disk(strict_posix=strict_posix)
    for number, operation in enumerate(trace.operations):
        disk.do(number, operation)
    at = len(trace.operations)
    return [disk.image(i, at, (), random.Random(i)).files for i in range(count)]


def test_a_write_is_torn_at_sectors_only() -> None:
    new = b"a" * 100 + b"b" * 2000 + b"a" * (8 * SECTOR - 2100)
    found = {files["file"] for files in ends(by_hand(write(100, b"b" * 2000)))}
    assert len(found) > 10
    assert {b"a" * (8 * SECTOR), new} < found
    for content in found:
        for start in range(0, len(new), SECTOR):
            assert content[start : start + SECTOR] in (b"a" * SECTOR, new[start : start + SECTOR])


def test_writes_to_one_sector_keep_their_order() -> None:
    found = {files["file"][:3] for files in ends(by_hand(write(0, b"1"), write(1, b"2"), write(2, b"3")))}
    assert found == {b"aaa", b"1aa", b"12a", b"123"}


def test_writes_to_two_sectors_do_not() -> None:
    trace = by_hand(write(0, b"1"), write(SECTOR, b"2"))
    assert {(files["file"][:1], files["file"][SECTOR : SECTOR + 1]) for files in ends(trace)} == {
        (b"a", b"a"),
        (b"1", b"a"),
        (b"a", b"2"),
        (b"1", b"2"),
    }


def test_a_size_survives_without_its_data_and_old_bytes_do_not_come_back() -> None:
    trace = by_hand(Operation(Kind.RESIZE, FILE, 0), write(0, b"b" * 100))
    found = {files["file"] for files in ends(trace, 2000)}
    old = b"a" * (7 * SECTOR)
    assert found == {
        b"a" * SECTOR + old,  # neither
        b"",  # emptied only
        b"\0" * 100,  # emptied, and the new size
        b"b" * 100,  # both
        b"b" * 100 + b"\0" * (SECTOR - 100) + old,  # the write only
    }


def test_a_file_that_grows_is_cut_at_a_sector_or_holds_zeros() -> None:
    old = b"a" * (8 * SECTOR)
    found = {files["file"].removeprefix(old) for files in ends(by_hand(write(8 * SECTOR, b"b" * 1000)))}
    parts = [b"b" * SECTOR, b"b" * (1000 - SECTOR)]
    zeros = [bytes(len(part)) for part in parts]
    assert found == {
        b"",
        parts[0],
        parts[0] + zeros[1],
        zeros[0] + parts[1],
        zeros[0] + zeros[1],
        parts[0] + parts[1],
    }


def test_what_is_synced_is_certain_and_what_follows_is_not() -> None:
    trace = by_hand(write(0, b"1"), Operation(Kind.SYNC, FILE), write(SECTOR, b"2"))
    found = {(files["file"][:1], files["file"][SECTOR : SECTOR + 1]) for files in ends(trace)}
    assert found == {(b"1", b"a"), (b"1", b"2")}


def test_a_sync_of_one_file_is_none_of_another() -> None:
    trace = by_hand(
        Operation(Kind.CREATE, OTHER, path="other"),
        Operation(Kind.SYNC, ROOT),
        write(0, b"1"),
        write(0, b"2", OTHER),
        Operation(Kind.SYNC, OTHER),
    )
    found = {(files["file"][:1], files["other"]) for files in ends(trace)}
    assert found == {(b"a", b"2"), (b"1", b"2")}


def test_names_in_one_folder_keep_their_order() -> None:
    trace = by_hand(
        Operation(Kind.CREATE, OTHER, path="other"),
        Operation(Kind.LINK, path="file", new_path="linked"),
        Operation(Kind.UNLINK, path="file"),
    )
    found = {tuple(sorted(files)) for files in ends(trace)}
    assert found == {("file",), ("file", "other"), ("file", "linked", "other"), ("linked", "other")}


def test_a_rename_to_another_folder_is_one_step() -> None:
    rename = Operation(Kind.RENAME, path="file", new_path="folder/file")
    create = Operation(Kind.CREATE, OTHER, path="folder/other")
    trace = by_hand(create, rename)
    assert {tuple(sorted(files)) for files in ends(trace)} == {
        ("file",),
        ("file", "folder/other"),
        ("folder/file", "folder/other"),
    }
    for folder in (ROOT, FOLDER):  # a sync of either folder keeps it, and what came before it
        synced = by_hand(create, rename, Operation(Kind.SYNC, folder))
        assert {tuple(sorted(files)) for files in ends(synced)} == {("folder/file", "folder/other")}


def test_a_file_in_a_lost_folder_is_lost() -> None:
    trace = by_hand(
        Operation(Kind.MKDIR, 10, path="new"),
        Operation(Kind.CREATE, OTHER, path="new/other"),
        Operation(Kind.SYNC, OTHER),
        Operation(Kind.SYNC, 10),
    )
    assert {"new/other" in files for files in ends(trace)} == {True, False}
    assert {"new/other" in files for files in ends(trace, strict_posix=False)} == {True}


def test_the_same_seed_gives_the_same_images() -> None:
    trace = by_hand(*(write(i * 100, b"b" * 700) for i in range(20)))
    once, again, other = (list(images(trace, seed, 50)) for seed in (7, 7, 8))
    assert once == again
    assert once != other
    assert {image.crash_at for image in images(trace, 1, 200)} == set(range(3, 24))


def test_an_ack_counts_once_its_line_is_whole() -> None:
    lines = [Operation(Kind.ACK, data=part) for part in (b"ack 1\na", b"ck ", b"2", b"\n", b"ack 3")]
    trace = by_hand(*lines)
    assert {(image.crash_at - trace.start, image.acks) for image in images(trace, 1, 100)} == {
        (0, ()),
        *((i, ("ack 1",)) for i in (1, 2, 3)),
        *((i, ("ack 1", "ack 2")) for i in (4, 5)),
    }
    assert trace.acks() == ("ack 1", "ack 2")


def test_a_trace_is_read_as_it_was_written(tmp_path: Path) -> None:
    trace = by_hand(
        write(3, b"data"),
        Operation(Kind.RENAME, path="file", new_path="Ümlaut"),
        Operation(Kind.ACK, data=b"ack\n"),
    )
    raw = b"".join(map(pack, trace.operations))
    path = tmp_path / "trace"
    path.write_bytes(raw)
    assert read_trace(path) == trace
    path.write_bytes(raw[:-1])
    with pytest.raises(TraceError):
        read_trace(path)


def test_a_trace_with_a_gap_is_an_error() -> None:
    for gap in (write(0, b"x", 99), Operation(Kind.SYNC, 99), Operation(Kind.UNLINK, path="no/such")):
        with pytest.raises(TraceError):
            replay(by_hand(gap))


def test_an_image_is_written_out(tmp_path: Path) -> None:
    (image,) = images(by_hand(), 1, 1)
    write_image(image, tmp_path / "disk")
    assert (tmp_path / "disk" / "folder").is_dir()
    assert (tmp_path / "disk" / "file").read_bytes() == b"a" * (8 * SECTOR)


def test_a_folder_is_made_to_hold_another_image(tmp_path: Path) -> None:
    trace = by_hand(
        Operation(Kind.CREATE, OTHER, path="folder/other"),
        Operation(Kind.RENAME, path="folder", new_path="renamed"),
        Operation(Kind.MKDIR, 10, path="folder"),
        Operation(Kind.UNLINK, path="file"),
        Operation(Kind.MKDIR, 11, path="file"),
    )
    disk = tmp_path / "disk"
    for image in random.Random(1).sample(list(images(trace, 1, 100)), 100):
        rewrite_image(image, disk)
        paths = {path.relative_to(disk).as_posix(): path for path in disk.rglob("*")}
        assert {name for name, path in paths.items() if path.is_dir()} == set(image.folders)
        assert {name: path.read_bytes() for name, path in paths.items() if path.is_file()} == image.files
        for path in paths.values():  # as code under test may leave it
            if path.is_file():
                path.write_bytes(b"spoiled")
        (disk / "left").mkdir()
        (disk / "left" / "over").touch()
