"""A real browser, and the pages that the command line writes, for the tests that look at them.

The browser is Debian's Chromium, driven by playwright. It may read files and nothing else: every
request is recorded, and one that would leave the machine is refused and fails the test. Where there
is no Chromium the tests are skipped, and the summary says so.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, Page, Route

from allweather.cli import main
from tests.chromium import EVERY_PAGE
from tests.e2e.eventful import Council, eventful_council

ROOT = Path(__file__).resolve().parents[2]
HOMELY = ("file:", "data:", "about:")

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def browser(chromium: Browser) -> Browser:
    """The browser of these tests."""
    return chromium


@pytest.fixture
def asked() -> list[str]:
    """The address of every request that the pages of a test made."""
    return []


@pytest.fixture
def open_page(browser: Browser, asked: list[str]) -> Iterator[Open]:
    """`open_page(path, width=1280, **options)`: the file in a window of its own, kept off the network."""
    contexts = []

    def guard(route: Route) -> None:
        if route.request.url.startswith(HOMELY):
            route.continue_()
        else:
            route.abort()

    def open_(path: Path, width: int = 1280, **options: Any) -> Page:
        # Without motion a scroll is over when its cause is, so that nothing has to be waited for.
        options = {"reduced_motion": "reduce", **options}
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        context.on("request", lambda request: asked.append(request.url))
        context.route("**/*", guard)
        page = context.new_page()
        page.goto(path.as_uri())
        return page

    yield open_
    for context in contexts:
        context.close()
    outside = [one for one in asked if not one.startswith(HOMELY)]
    assert not outside, f"the page asked for {outside}"


@contextmanager
def one_at_a_time(lock: Path) -> Iterator[None]:
    """Let one process in, where several run tests at the same time."""
    fcntl = pytest.importorskip("fcntl")
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def write_review(factory: pytest.TempPathFactory, name: str, source: Path, *more: str) -> Path:
    """The folder of a review by the command line, written once for all processes."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    out = shared / f"e2e-{name}"
    with one_at_a_time(shared / f"e2e-{name}.lock"):
        if not out.exists():
            done = CliRunner().invoke(main, ["review", str(source), "--out", str(out), *more])
            assert done.exit_code == 0, done.output
    return out


# Both ask for the browser, so that nothing is reviewed where nobody can look at it.
@pytest.fixture(scope="session")
def council(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Path:
    """The folder of the first dossier, as of September 2009."""
    dossier = ROOT / "examples" / "nrc-2009"
    return write_review(tmp_path_factory, "council", dossier, "--as-of", "2009-09-18")


@pytest.fixture(scope="session")
def consultation(tmp_path_factory: pytest.TempPathFactory, shared_data: Path, browser: Browser) -> Path:
    """The folder of the smallest of the shared consultations."""
    source = shared_data / "polis" / "brexit-consensus"
    if not source.is_dir():
        pytest.skip("the shared data hold no brexit-consensus: no consultation was looked at in a browser")
    return write_review(tmp_path_factory, "consultation", source)


@pytest.fixture(params=["council", *(["consultation"] if EVERY_PAGE else [])])
def written(request: pytest.FixtureRequest) -> Path:
    """The folder of the council; with every page (`make pages`) that of the consultation too."""
    folder: Path = request.getfixturevalue(request.param)
    return folder


@pytest.fixture(scope="session")
def eventful(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Council]:
    """A council with something on every page, and one node that shows them; nobody changes anything in it."""
    with eventful_council(tmp_path_factory) as found:
        yield found
