"""One kit for all drivers: memory, SQLite, folder, PostgreSQL."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import create_engine, text

from allweather.record.storage import Batch
from allweather.store import FolderStore, MemoryStore, open_postgres, open_sqlite
from tests.store import conformance as kit
from tests.store.builders import Log
from tests.store.conftest import Server

Dice = Callable[[], tuple[kit.Maker, Callable[[], None]]]
_DICE = settings(
    max_examples=12,
    stateful_step_count=9,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)
CHECKS = [
    kit.check_empty,
    kit.check_sizes,
    kit.check_forks,
    kit.check_refusals,
    kit.check_payloads,
    kit.check_words,
]


def sqlite_at(folder: Path) -> kit.Maker:
    return lambda: open_sqlite(folder / "record.db", create=True)


def folder_at(folder: Path) -> kit.Maker:
    return lambda: FolderStore(folder / "record", create=True)


def memory_at(_: Path) -> kit.Maker:
    store = MemoryStore()
    return lambda: store


ON_DISK = {"memory": memory_at, "sqlite": sqlite_at, "folder": folder_at}


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("driver", ON_DISK)
def test_conforms(driver: str, check: Callable[[kit.Maker], None], tmp_path: Path) -> None:
    check(ON_DISK[driver](tmp_path))


@pytest.mark.parametrize("check", CHECKS)
def test_postgres_conforms(check: Callable[[kit.Maker], None], postgres: Server) -> None:
    url = postgres.database()
    check(lambda: open_postgres(url, create=True))


@pytest.mark.parametrize("driver", ["sqlite", "folder"])
def test_same_as_in_memory(driver: str) -> None:
    def make() -> tuple[kit.Maker, Callable[[], None]]:
        folder = Path(tempfile.mkdtemp())
        return ON_DISK[driver](folder), lambda: shutil.rmtree(folder)

    run_state_machine_as_test(kit.machine_for(make), settings=_DICE)


def test_postgres_same_as_in_memory(postgres: Server) -> None:
    url = postgres.database()
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))

    def end() -> None:
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))

    def make() -> tuple[kit.Maker, Callable[[], None]]:
        return (lambda: open_postgres(url, create=True)), end

    run_state_machine_as_test(kit.machine_for(make), settings=settings(_DICE, max_examples=6))
    engine.dispose()


@pytest.mark.parametrize("driver", ON_DISK)
def test_where_a_tile_of_level_two_begins(driver: str, tmp_path: Path) -> None:
    make, log = ON_DISK[driver](tmp_path), Log("c/ann")
    store = make()
    for batch in kit.batches(log, (65_535, 1, 1)):
        store.commit(batch)
        branch = log.branches[0]
        assert store.branches("c/ann") == (branch,)
        assert len(store.nodes(branch, 2, 0, branch.head.size >> 16)) == branch.head.size >> 16
    fork = log.keep(log.fork(0, 65_536, 255, 1))
    store.commit(Batch(growths=(fork,)))
    store = kit.make_again(store, make)
    for number in (0, 1):
        kit.check_branch(store, log.branches[number], log.entries[number])
    store.close()
