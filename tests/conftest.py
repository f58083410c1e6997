"""What all tests share: where the data are that are not part of the project.

Real consultations, roll calls and speeches are too large, or not ours, to keep here. A test that
needs them asks for `shared_data` and is skipped, with the reason in the summary, where they are
absent. It does not download anything.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, expect, sync_playwright

from tests.chromium import CHROMIUM, FLAGS

# How long an example takes is the machine's business, not a property of the code. Where people work
# every run draws other examples; the continuous check draws the same ones each time, so that what it
# refuses is what a change did.
settings.register_profile("search", deadline=None)
settings.register_profile("check", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("check" if os.environ.get("CI") else "search")

ROOT = Path(__file__).resolve().parent.parent


def shared_data_folder() -> Path | None:
    """The folder of shared data: ALLWEATHER_DATA, or shared/data beside the repository, or None."""
    named = os.environ.get("ALLWEATHER_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of shared data; skips the test where there is none."""
    folder = shared_data_folder()
    if folder is None:
        pytest.skip("the shared data are absent: set ALLWEATHER_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of a process: its driver runs a loop of events, and there is one of those."""
    if CHROMIUM is None:
        pytest.skip("no chromium here: the pages were not looked at in a browser")
    expect.set_options(timeout=30_000)  # a page that is late fails nothing; one that never comes does
    with sync_playwright() as driver:
        made = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield made
        made.close()


def pytest_report_header() -> str:
    """Say at the top of every run whether the tests on real data can run."""
    return f"shared data: {shared_data_folder() or 'absent, the tests on them are skipped (ALLWEATHER_DATA)'}"
