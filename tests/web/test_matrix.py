"""The matrix in a real browser: what is mended in place equals a page loaded afresh; keyboard; axe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from allweather.node.running import Node
from tests.e2e.conftest import CHROMIUM, FLAGS
from tests.web.planting import planted_node

_TABLE = r"""() => {
  const table = document.querySelector(".matrix");
  if (!table) return "";
  const copy = table.cloneNode(true);
  for (const name of ["tabindex", "title"]) {
    copy.querySelectorAll("a").forEach(one => one.removeAttribute(name));
  }
  return copy.outerHTML.replace(/>\s+</g, "><");
}"""
_CHOOSE = """async ([name, value]) => {
  const field = document.querySelector(`[name=${name}]`);
  const shown = new Promise(done => document.addEventListener("htmx:afterRequest", done, {once: true}));
  field.value = value;
  field.dispatchEvent(new Event("change", {bubbles: true}));
  await shown;
}"""


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with planted_node(tmp_path_factory.mktemp("planted") / "homes", n_members=6, n_texts=9) as found:
        yield found


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium here: the matrix was not looked at in a browser")
    with sync_playwright() as driver:
        made = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield made
        made.close()


@pytest.fixture
def page(chromium: Browser, node: Node) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    found = context.new_page()
    faults: list[str] = []
    found.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    found.on("request", lambda one: None if one.url.startswith(node.address) else faults.append(one.url))
    yield found
    context.close()
    assert faults == []


def choose(page: Page, field: str, value: Any) -> None:
    """Put a value into a field, and wait for what it changes."""
    page.evaluate(_CHOOSE, [field, str(value)])


def test_a_matrix_that_is_mended_equals_one_that_is_loaded(page: Page, node: Node, chromium: Browser) -> None:
    page.goto(f"{node.address}/positions")
    if not page.evaluate("window.htmx !== undefined"):
        pytest.skip("htmx is not at hand: pages work by plain forms")
    first = int(page.get_attribute("#at", "min") or 0)
    steps: list[tuple[str, Any]] = [
        ("q", "matter 04"), ("q", ""), ("area", "Area 1"), ("q", "matter 05"), ("area", ""), ("q", ""),
        ("bloc", "North"), ("area", "Area 2"), ("bloc", ""), ("at", first + 1), ("area", ""),
        ("at", page.get_attribute("#at", "max")), ("member", "member-03"), ("member", ""),
    ]  # fmt: skip
    fresh = chromium.new_context().new_page()
    for field, value in steps:
        choose(page, field, value)
        fresh.goto(page.url)
        assert page.evaluate(_TABLE) == fresh.evaluate(_TABLE), (field, value)
        stops = page.evaluate("document.querySelectorAll('.matrix td.c a[tabindex=\"0\"]').length")
        assert stops == (1 if page.evaluate("!!document.querySelector('.matrix td.c a')") else 0)
    fresh.context.close()


def test_arrow_keys_go_from_cell_to_cell_and_the_place_is_kept(page: Page, node: Node) -> None:
    page.goto(f"{node.address}/positions")
    page.focus(".matrix td.c a[tabindex='0']")
    places = []
    for key in ("ArrowRight", "ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
        places.append(page.evaluate("document.activeElement.getAttribute('href')"))
    assert all(one.startswith("/text/") for one in places)
    assert len(set(places)) >= 3
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == places[-1]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_axe_finds_nothing(chromium: Browser, node: Node, width: int, scheme: Any) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    for path in ("/positions", "/review", "/packages"):
        page.goto(node.address + path)
        found = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()
