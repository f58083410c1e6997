"""Bad weather: damaged files, full and read-only disks, second writers, power cuts and lost servers.

Whatever happens, a store answers with one StoreError in one sentence, and what it held is there afterwards.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from allweather.errors import InputError, StoreError
from allweather.record.storage import Batch, Storage
from allweather.store import FolderStore, SqlStore, engines, journal, open_postgres, open_sqlite, planning
from tests.store import conformance as kit
from tests.store.builders import Log, blob_of, digest_of, first_batch
from tests.store.conftest import Server
from tests.store.disks import make_read_only, mounted

ROOT = Path(__file__).resolve().parents[2]
OPEN: dict[str, Callable[[Path, bool], kit.OpenStore]] = {
    "sqlite": lambda folder, create: open_sqlite(folder / "record.db", create=create),
    "folder": lambda folder, create: FolderStore(folder / "record", create=create),
}


def filled(driver: str, folder: Path) -> tuple[kit.OpenStore, Log]:
    """A store with one log of 300 entries and a payload."""
    store, log = OPEN[driver](folder, True), Log("c/ann")
    store.commit(first_batch(log, 300))
    store.commit(Batch(payloads=(blob_of("salt"),), marks=(("salt", b"1"),)))
    return store, log


def says(error: pytest.ExceptionInfo[Exception], *words: str) -> None:
    """One line, with these words in it."""
    sentence = str(error.value)
    assert "\n" not in sentence
    assert len(sentence) < 600
    for word in words:
        assert word in sentence, sentence


def child(code: str, *arguments: str) -> subprocess.Popen[str]:
    """Another Python process."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        stdout=subprocess.PIPE,
        text=True,
    )


# Opening what is no store


@pytest.mark.parametrize("driver", OPEN)
def test_nothing_there(driver: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError) as error:
        OPEN[driver](tmp_path, False)
    says(error, "no store", "create one")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "record.db"
    path.write_bytes(b"Dear all, " * 500)
    for create in (True, False):
        with pytest.raises(StoreError) as error:
            open_sqlite(path, create=create)
        says(error, "not a database", str(path))
    assert path.read_bytes() == b"Dear all, " * 500


def test_the_database_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "record.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE letters (text)")
    connection.close()
    before = path.read_bytes()
    for create in (True, False):
        with pytest.raises(StoreError) as error:
            open_sqlite(path, create=create)
        says(error, "something else", "letters")
    assert path.read_bytes() == before


def test_another_version(tmp_path: Path) -> None:
    store, _ = filled("sqlite", tmp_path)
    store.close()
    with sqlite3.connect(tmp_path / "record.db") as connection:
        connection.execute("UPDATE allweather SET version = 99")
    connection.close()
    with pytest.raises(StoreError) as error:
        OPEN["sqlite"](tmp_path, True)
    says(error, "version 99", "version 1")


def test_another_version_of_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "VERSION", 99)
    FolderStore(tmp_path, create=True).close()
    monkeypatch.undo()
    with pytest.raises(StoreError) as error:
        FolderStore(tmp_path, create=False)
    says(error, "version 99", "version 1")


def test_a_folder_in_place_of_a_file_and_a_file_in_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").write_bytes(b"")
    with pytest.raises(StoreError) as error:
        open_sqlite(tmp_path / "a", create=True)
    says(error, "is a folder")
    with pytest.raises(StoreError):
        open_sqlite(tmp_path / "b" / "c", create=True)
    with pytest.raises(StoreError):
        FolderStore(tmp_path / "b", create=True)


def test_an_empty_file_of_an_interrupted_beginning_becomes_a_store(tmp_path: Path) -> None:
    (tmp_path / "record.db").touch()
    with pytest.raises(StoreError) as error:
        open_sqlite(tmp_path / "record.db", create=False)
    says(error, "no store")
    open_sqlite(tmp_path / "record.db", create=True).close()


def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    store, _ = filled("sqlite", tmp_path)
    assert {oct(path.stat().st_mode & 0o777) for path in tmp_path.iterdir()} == {"0o600"}
    store.close()


# Damage


def ask_all(store: Storage) -> None:
    """Ask for everything, so that damage is met wherever it is."""
    kit.everything(store)
    for origin in store.origins():
        for branch in store.branches(origin):
            kit.contents(store, branch)


@pytest.mark.parametrize("driver", OPEN)
def test_cut_files(driver: str, tmp_path: Path) -> None:
    (tmp_path / "good").mkdir()
    store, log = filled(driver, tmp_path / "good")
    store.close()
    whole = sorted(path for path in (tmp_path / "good").rglob("*") if path.is_file() and path.stat().st_size)
    dice = random.Random(1)
    met = 0
    for path in whole:
        for keep in {0, path.stat().st_size - 1, dice.randrange(path.stat().st_size)}:
            shutil.rmtree(tmp_path / "bad", ignore_errors=True)
            shutil.copytree(tmp_path / "good", tmp_path / "bad")
            os.truncate(tmp_path / "bad" / path.relative_to(tmp_path / "good"), keep)
            met += attempt(driver, tmp_path / "bad", log)
    assert met > len(whole)


@pytest.mark.parametrize("driver", OPEN)
def test_flipped_bits(driver: str, tmp_path: Path) -> None:
    (tmp_path / "good").mkdir()
    store, log = filled(driver, tmp_path / "good")
    store.close()
    whole = sorted(path for path in (tmp_path / "good").rglob("*") if path.is_file() and path.stat().st_size)
    dice = random.Random(2)
    for _ in range(60):
        shutil.rmtree(tmp_path / "bad", ignore_errors=True)
        shutil.copytree(tmp_path / "good", tmp_path / "bad")
        path = tmp_path / "bad" / dice.choice(whole).relative_to(tmp_path / "good")
        data = bytearray(path.read_bytes())
        # The head of a database, or anywhere: most of a page is empty.
        data[dice.randrange(len(data) if dice.random() < 0.6 else min(len(data), 200))] ^= (
            1 << dice.randrange(8)
        )
        path.write_bytes(data)
        attempt(driver, tmp_path / "bad", log)


def attempt(driver: str, folder: Path, log: Log) -> bool:
    """Open, read, write and close a damaged store: whether the damage was met. Only StoreError passes."""
    met = False
    try:
        store = OPEN[driver](folder, False)
    except StoreError:
        return True
    for act in (ask_all, lambda one: one.commit(Batch(growths=(log.more(1),)))):
        try:
            act(store)
        except StoreError:
            met = True
    store.close()
    return met


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE branches SET checkpoint = 'text'",
        "UPDATE branches SET checkpoint = X'00'",
        "UPDATE branches SET edge = X'00'",
        "UPDATE branches SET size = 9000000000000000000",
        "UPDATE branches SET parent = 0",
        "UPDATE bundles SET count = 1000000",
        "UPDATE bundles SET count = -1",
        "UPDATE bundles SET count = 0",
        "UPDATE bundles SET count = count - 1",
        "UPDATE bundles SET data = 17",
        "UPDATE bundles SET data = X'ffff00'",
        "UPDATE bundles SET start = start + 1",
        "DELETE FROM bundles WHERE start = 0",
        "UPDATE nodes SET hash = X'00'",
        "DELETE FROM nodes",
        "UPDATE payloads SET blob = X'00'",
        "UPDATE payloads SET blob = 1000000000000",
        "UPDATE marks SET value = 'text'",
        "UPDATE key_notes SET note = 5",
        "UPDATE logs SET origin = CAST(X'ff' AS TEXT)",
        "UPDATE logs SET origin = '../../etc'",
        "DROP TABLE bundles",
    ],
)
def test_rows_are_not_trusted(damage: str, tmp_path: Path) -> None:
    store, log = filled("sqlite", tmp_path)
    branch = log.branches[0]
    store.close()
    with sqlite3.connect(tmp_path / "record.db") as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(damage)
    connection.close()
    store = OPEN["sqlite"](tmp_path, False)
    asked: list[Callable[[], object]] = [
        store.origins,
        lambda: store.branches("c/ann"),
        lambda: store.key_notes("c/ann"),
        lambda: store.entries(branch, 0, 300),
        lambda: store.nodes(branch, 1, 0, 1),
        lambda: store.payload(digest_of("salt")),
        lambda: store.mark("salt"),
    ]
    told = []
    for ask in asked:
        try:
            ask()
        except StoreError as error:
            told.append(str(error))
    assert told
    assert not any("\n" in sentence for sentence in told)
    store.close()


def test_files_of_a_folder_are_not_trusted(tmp_path: Path) -> None:
    store, log = filled("folder", tmp_path)
    home = tmp_path / "record" / "c" / "ann"
    payload = next((tmp_path / "record").rglob(f"*{digest_of('salt').hex()}"))
    payload.write_bytes(b"other")
    with pytest.raises(StoreError, match="damaged"):
        store.payload(digest_of("salt"))
    note = next((home / "keys").iterdir())
    note.write_bytes(b"allweather/member@v1\nother")
    with pytest.raises(StoreError, match="damaged"):
        store.key_notes("c/ann")
    (home / "tile" / "entries" / "000").unlink()
    with pytest.raises(StoreError, match="does not hold"):
        store.entries(log.branches[0], 0, 1)
    (home / "tile" / "entries" / "000").symlink_to("/dev/zero")
    with pytest.raises(StoreError, match="link"):
        store.entries(log.branches[0], 0, 1)
    store.close()
    (home / "tile" / "0" / "001.p" / "44").write_bytes(b"\0" * 32 * 44)
    store = OPEN["folder"](tmp_path, False)
    with pytest.raises(StoreError, match="do not lead to the root"):
        store.branches("c/ann")
    store.close()


# Disks


@pytest.mark.parametrize("driver", OPEN)
def test_a_full_disk(driver: str, tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "3m") as disk:
        store, log = filled(driver, disk)
        told = ""
        for number in range(400):
            blob = os.urandom(40_000)
            growth = log.more(20)
            try:
                store.commit(Batch(growths=(growth,), payloads=(blob,), marks=(("salt", b"%d" % number),)))
            except StoreError as error:
                told = str(error)
                break
            log.keep(growth)
        assert "full" in told
        assert "\n" not in told
        kit.check_branch(store, store.branches("c/ann")[0], log.entries[0])
        subprocess.run(["mount", "-o", "remount,size=12m", disk], check=True)
        store.commit(Batch(growths=(log.keep(log.more(300)),)))
        store.close()
        store = OPEN[driver](disk, False)
        kit.check_branch(store, log.branches[0], log.entries[0])
        store.close()


@pytest.mark.parametrize("driver", OPEN)
def test_a_read_only_disk(driver: str, tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "8m") as disk:
        store, log = filled(driver, disk)
        store.close()
        make_read_only(disk)
        for create in (True, False):
            with pytest.raises(StoreError) as error:
                OPEN[driver](disk, create)
            says(error, "read-only")
        with pytest.raises(StoreError):
            OPEN[driver](disk / "new", True)
        if driver == "sqlite":
            reader = open_sqlite(disk / "record.db", create=False, read_only=True)
            kit.check_branch(reader, log.branches[0], log.entries[0])
            reader.close()


# Others at the same store


_WRITER = """
import sys
from pathlib import Path
from allweather.errors import StoreError
from tests.store.test_weather import OPEN
try:
    OPEN[sys.argv[1]](Path(sys.argv[2]), True)
except StoreError as error:
    print(error)
"""


@pytest.mark.parametrize("driver", OPEN)
def test_a_second_writer_is_refused_at_once(driver: str, tmp_path: Path) -> None:
    store, log = filled(driver, tmp_path)
    with pytest.raises(StoreError) as error:
        OPEN[driver](tmp_path, False)
    says(error, "in use", "another process")
    with child(_WRITER, driver, str(tmp_path)) as other:
        assert "in use" in other.communicate(timeout=60)[0]
    store.commit(Batch(growths=(log.keep(log.more(3)),)))
    store.close()
    store = OPEN[driver](tmp_path, False)
    kit.check_branch(store, log.branches[0], log.entries[0])
    store.close()


def test_readers_beside_a_writer(tmp_path: Path) -> None:
    store, log = filled("sqlite", tmp_path)
    reader = open_sqlite(tmp_path / "record.db", create=False, read_only=True)
    for count in (1, 256):
        store.commit(Batch(growths=(log.keep(log.more(count)),)))
        kit.check_branch(reader, reader.branches("c/ann")[0], log.entries[0])
    with pytest.raises(StoreError) as error:
        reader.commit(Batch(growths=(log.more(1),)))
    says(error, "reading only")
    store.close()
    kit.check_branch(reader, log.branches[0], log.entries[0])
    reader.close()


def test_another_program_holds_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0)
    store, log = filled("sqlite", tmp_path)
    other = sqlite3.connect(tmp_path / "record.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError) as error:
        store.commit(Batch(growths=(log.more(1),)))
    says(error, "locked")
    other.execute("ROLLBACK")
    other.close()
    store.commit(Batch(growths=(log.keep(log.more(1)),)))
    kit.check_branch(store, log.branches[0], log.entries[0])
    store.close()


@pytest.mark.parametrize("driver", OPEN)
def test_a_closed_store_says_so(driver: str, tmp_path: Path) -> None:
    store, log = filled(driver, tmp_path)
    store.close()
    for act in (store.origins, lambda: store.commit(Batch()), lambda: store.entries(log.branches[0], 0, 1)):
        with pytest.raises(StoreError) as error:
            act()
        says(error, "closed")
    store.close()


# Cut off


_VICTIM = """
import sys
from pathlib import Path
from allweather.record.storage import Batch
from tests.store.builders import Log, blob_of
from tests.store.test_weather import OPEN
store, logs = OPEN[sys.argv[1]](Path(sys.argv[2]), True), [Log("c/ann"), Log("c/bob")]
print("ready", flush=True)
for number in range(100_000):
    growths = tuple(log.keep(log.more(1 + number * 7 % 300)) for log in logs)
    store.commit(Batch(growths=growths, payloads=(blob_of(str(number)),), marks=(("last", b"%d" % number),)))
    print(number, flush=True)
"""


@pytest.mark.parametrize("driver", OPEN)
@pytest.mark.parametrize("delay", [1, 12])
def test_killed_within_a_commit(driver: str, delay: int, tmp_path: Path) -> None:
    with child(_VICTIM, driver, str(tmp_path)) as victim:
        assert victim.stdout is not None
        told = [victim.stdout.readline() for _ in range(delay + 1)]
        os.kill(victim.pid, signal.SIGKILL)
        told += victim.stdout.readlines()
    assert told[0] == "ready\n"
    last = int([line for line in told if line.endswith("\n")][-1])
    store = OPEN[driver](tmp_path, False)
    number = int(store.mark("last") or b"-1")
    assert number in (last, last + 1)
    for log in (Log("c/ann"), Log("c/bob")):
        for at in range(number + 1):
            log.keep(log.more(1 + at * 7 % 300))
        assert store.branches(log.origin) == (log.branches[0],)
        kit.check_branch(store, log.branches[0], log.entries[0])
    assert store.payload(digest_of(str(number))) == blob_of(str(number))
    assert store.payload(digest_of(str(number + 1))) is None
    store.close()


class _Cut(BaseException):
    """The process ends here."""


def _cut_at(monkeypatch: pytest.MonkeyPatch, step: int) -> list[str]:
    """Let the store of files do `step` steps on the disk, and end it at the next; the steps done are told."""
    done: list[str] = []

    def counted(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def act(*arguments: Any, **options: Any) -> Any:
            if len(done) >= step:
                raise _Cut
            done.append(name)
            return real(*arguments, **options)

        return act

    for module, name in (
        (planning, "write_new"),
        (planning, "sync_folder"),
        (planning, "sync_folders"),
        (journal, "write_all"),
    ):
        monkeypatch.setattr(module, name, counted(name, getattr(module, name)))
    for name in ("replace", "unlink"):
        monkeypatch.setattr(Path, name, counted(name, getattr(Path, name)))
    return done


def test_a_folder_cut_off_at_every_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)  # it is the steps that count here, not the disk
    (tmp_path / "good").mkdir()
    store, log = filled("folder", tmp_path / "good")
    other = Log("c/bob")
    before = kit.everything(store)
    growths = (log.more(214), other.more(257), log.fork(0, 299, 3, 1))
    word = Batch(growths, payloads=(blob_of("iron"),), erased=(digest_of("salt"),), marks=(("salt", b"2"),))
    store.close()
    step, after, seen = 0, None, set()
    while True:
        shutil.rmtree(tmp_path / "bad", ignore_errors=True)
        shutil.copytree(tmp_path / "good", tmp_path / "bad")
        store = OPEN["folder"](tmp_path / "bad", False)
        with monkeypatch.context() as patched:
            _cut_at(patched, step)
            try:
                store.commit(word)
                ended = True
            except _Cut:
                ended = False
        after = kit.everything(store) if ended else None
        store.close()
        # What others see of the published files, before anybody has opened the store again.
        raw = (tmp_path / "bad" / "record" / "c" / "ann" / "checkpoint").read_bytes()
        store = OPEN["folder"](tmp_path / "bad", False)
        found = kit.everything(store)
        seen.add("old" if found == before else "new")
        if found != before:
            assert found["salt"] == (None, True, b"2")
            assert found["iron"][0] == blob_of("iron")
            assert [branch.head.size for branch in found["c/ann"][1]] == [514, 302]
            assert [branch.head.size for branch in found["c/bob"][1]] == [257]
        assert raw.split(b"\n")[1] in (b"300", b"514")
        store.commit(Batch(marks=(("last", b"3"),)))
        store.close()
        if ended:
            assert found == after
            break
        step += 1
    assert seen == {"old", "new"}
    assert step > 20


def test_a_journal_grown_long_is_shortened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "_LONG", 4_000)
    store = FolderStore(tmp_path, create=True)
    path = tmp_path / ".allweather" / "journal"
    sizes = []
    for number in range(100):
        store.commit(
            Batch(marks=(("salt", b"%d" % number), ("wheat", b"x")), erased=(digest_of(str(number % 3)),))
        )
        sizes.append(path.stat().st_size)
    assert max(sizes) < 6_000
    store.close()
    store = FolderStore(tmp_path, create=False)
    assert (store.mark("salt"), store.mark("wheat")) == (b"99", b"x")
    assert all(store.is_erased(digest_of(str(number))) for number in range(3))
    store.close()


def test_redacted_bytes_are_gone_from_the_files(tmp_path: Path) -> None:
    for driver in OPEN:
        (tmp_path / driver).mkdir()
        store = OPEN[driver](tmp_path / driver, True)
        secret = b"the name of the source" * 50
        store.commit(Batch(payloads=(secret,)))
        assert any(
            secret[:200] in path.read_bytes() for path in (tmp_path / driver).rglob("*") if path.is_file()
        )
        store.commit(Batch(erased=(hashlib.sha256(secret).digest(),)))
        for path in (tmp_path / driver).rglob("*"):
            assert path.is_dir() or secret[:22] not in path.read_bytes()
        store.close()


# PostgreSQL


def test_postgres_in_bad_weather(postgres: Server) -> None:
    url = postgres.database()
    with pytest.raises(StoreError) as error:
        open_postgres(url, create=False)
    says(error, "holds no store")
    store, log = open_postgres(url, create=True), Log("c/ann")
    store.commit(first_batch(log, 300))
    with pytest.raises(StoreError) as error:
        open_postgres(url, create=False)
    says(error, "in use")
    admin = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    end_all = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    with admin.begin() as connection:
        connection.execute(end_all)
    with pytest.raises(StoreError) as error:
        store.commit(Batch(growths=(log.more(1),)))
    says(error, "PostgreSQL database", "try again")
    store.commit(Batch(growths=(log.keep(log.more(1)),)))
    with pytest.raises(StoreError) as error:
        open_postgres(url, create=True)
    says(error, "in use")
    admin.dispose()
    postgres.stop()
    with pytest.raises(StoreError) as error:
        store.branches("c/ann")
    says(error, "try again")
    with pytest.raises(StoreError):
        store.commit(Batch(growths=(log.more(1),)))
    postgres.start()
    store.commit(Batch(growths=(log.keep(log.more(1)),)))
    kit.check_branch(store, log.branches[0], log.entries[0])
    store.close()
    open_postgres(url, create=False).close()


def test_postgres_that_is_not_there(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError) as error:
        open_postgres(f"postgresql://ann:secret@/none?host={tmp_path}", create=True)
    says(error, "cannot be reached")
    assert "secret" not in str(error.value)
    for address in ("mysql://host/name", "nonsense", "http://["):
        with pytest.raises(InputError):
            open_postgres(address, create=True)


def test_postgres_that_holds_other_tables(postgres: Server) -> None:
    url = postgres.database()
    admin = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with admin.begin() as connection:
        connection.execute(text("CREATE TABLE marks (grade int)"))
    with pytest.raises(StoreError) as error:
        open_postgres(url, create=True)
    says(error, "something else", "marks")
    with admin.begin() as connection:
        connection.execute(text("DROP TABLE marks; CREATE TABLE grades (grade int)"))
    store = open_postgres(url, create=True)
    assert isinstance(store, SqlStore)
    store.close()
    admin.dispose()
