"""The matrix in a real browser: what is mended in place equals a page loaded afresh; keyboard; axe."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from allweather.council.bodies import Position
from allweather.node.actions import Doing
from allweather.node.running import Node
from tests.looking import is_fault, violations
from tests.node.nodes import until
from tests.web.planting import planted_node

_SHOWN = r"""() => {
  const copy = document.querySelector("#fresh").cloneNode(true);
  copy.querySelectorAll("[hidden]").forEach(one => one.remove());
  copy.querySelectorAll(".nothing, .reading").forEach(one => {
    one.removeAttribute("hidden");
    one.removeAttribute("data-whole");
  });
  for (const name of ["tabindex", "title"]) {
    copy.querySelectorAll("a").forEach(one => one.removeAttribute(name));
  }
  return copy.innerHTML.replace(/>\s+</g, "><").trim();
}"""
_FOLLOWED = """() => {
  const slider = document.getElementById("at"), place = new URL(location.href).searchParams;
  const wanted = new FormData(document.getElementById("filters"));
  if (slider.value === slider.max) { wanted.delete("at"); }
  return ["q", "area", "bloc", "member", "at"].every(
    name => (wanted.get(name) || "") === (place.get(name) || ""));
}"""
_CHOOSE = """async ([given, kind]) => {
  const shown = new Promise((done, fail) => {
    document.addEventListener("matrix:shown", done, {once: true});
    setTimeout(() => fail(new Error("nothing was shown within half a minute")), 30000);
  });
  let field = null;
  for (const [name, value] of Object.entries(given)) {
    field = document.querySelector(`[name=${name}]`);
    field.value = value;
  }
  field.dispatchEvent(new Event(kind, {bubbles: true}));
  await shown;
}"""


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with planted_node(tmp_path_factory.mktemp("planted") / "homes", n_members=6, n_texts=9) as found:
        yield found


@pytest.fixture
def page(chromium: Browser, node: Node) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    found = context.new_page()
    faults: list[str] = []
    found.on("console", lambda said: faults.append(said.text) if is_fault(said) else None)
    found.on("request", lambda one: None if one.url.startswith(node.address) else faults.append(one.url))
    yield found
    context.close()
    assert faults == []


def choose(page: Page, kind: str = "change", **given: Any) -> None:
    """Put values into fields, tell of the last of them, and wait for what it changes."""
    page.evaluate(_CHOOSE, [{name: str(value) for name, value in given.items()}, kind])


def place_of(page: Page) -> str:
    """The address of a page, when it says what stands in the fields."""
    page.wait_for_function(_FOLLOWED)
    found: str = page.evaluate("location.href")
    return found


def both(page: Page, fresh: Page) -> tuple[str, str]:
    """What is seen on a page that was changed in place, and what on one that is loaded by its address."""
    fresh.goto(place_of(page))
    return page.evaluate(_SHOWN), fresh.evaluate(_SHOWN)


def opened(page: Page, node: Node, query: str = "") -> tuple[int, int]:
    """Open the matrix; the ends of its slider. Skips the test where the page has no scripts to move it by."""
    page.goto(f"{node.address}/positions{query}")
    if not page.evaluate("window.htmx !== undefined"):
        pytest.skip("htmx is not at hand: the fields work by a plain form, and nothing is told")
    low, high = (int(page.get_attribute("#at", name) or 0) for name in ("min", "max"))
    return low, high


def halfway(page: Page, node: Node) -> tuple[int, int, list[str]]:
    """Open the matrix and move its slider to the middle: its left end, the middle, what is asked for."""
    low, high = opened(page, node)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "/positions?" in one.url else None)
    middle = low + (high - low) // 2
    choose(page, at=middle)
    return low, middle, asked


@pytest.fixture
def fresh(chromium: Browser) -> Iterator[Page]:
    """A browser without scripts, so that it shows what the server drew."""
    context = chromium.new_context(java_script_enabled=False, locale="en-GB")
    yield context.new_page()
    context.close()


def test_a_matrix_that_is_mended_equals_one_that_is_loaded(page: Page, node: Node, fresh: Page) -> None:
    first, last = opened(page, node)
    steps: list[tuple[str, Any]] = [
        ("q", "matter 04"), ("q", ""), ("area", "Area 1"), ("q", "matter 05"), ("area", ""), ("q", ""),
        ("bloc", "North"), ("area", "Area 2"), ("bloc", ""), ("at", first + 1), ("area", ""),
        ("at", last), ("member", "member-03"), ("member", ""),
    ]  # fmt: skip
    for field, value in steps:
        choose(page, **{field: value})
        changed, loaded = both(page, fresh)
        assert changed == loaded, (field, value)
        stops = page.evaluate("document.querySelectorAll('.matrix td.c a[tabindex=\"0\"]').length")
        assert stops == (1 if page.evaluate("!!document.querySelector('.matrix td.c a')") else 0)


@pytest.mark.parametrize("seed", range(4))
def test_any_filters_show_in_place_what_the_server_draws(
    page: Page, node: Node, fresh: Page, seed: int
) -> None:
    dice = random.Random(seed)
    start = dice.choice(["", "?bloc=South", "?q=matter+07&member=member-02", "?area=Area+9"])
    low, high = opened(page, node, start)
    values: dict[str, list[Any]] = {
        "q": ["", "", "MATTER 0", "takes up", "0 open", "nothing like it", "STRASSE", "straße", "\u0130x",
              "  4 "],
        "area": ["", "", "Area 0", "Area 3"],
        "bloc": ["", "", "North", "South"],
        "member": ["", "", "", "member-01", "member-04", "member-05"],
        "at": [high, high, high, low, low + (high - low) // 2],
    }  # fmt: skip
    for _ in range(15):
        names = dice.sample(sorted(values), dice.randrange(1, 4))
        if "at" in names:  # what the slider tells of comes from the server, with the other fields as they are
            names = [*(one for one in names if one != "at"), "at"]
        given = {name: dice.choice(values[name]) for name in names}
        choose(page, dice.choice(["input", "change"]), **given)
        changed, loaded = both(page, fresh)
        assert changed == loaded, given


def test_letters_that_the_browser_searches_for_are_those_that_the_server_pairs_alike(page: Page) -> None:
    source = files("allweather.web").joinpath("static", "positions.js").read_text(encoding="utf-8")
    plain = re.search(r"PLAIN = (/.*/);", source)
    assert plain is not None
    some = [chr(one) for one in range(0x600)]
    kept, lowered = page.evaluate(
        f"some => [some.filter(one => {plain[1]}.test(one)), some.map(one => one.toLowerCase())]", some
    )
    assert {"a", "Z", "É", "ж", "Ё", " "} <= set(kept)
    assert [one for one in kept if lowered[ord(one)] != one.casefold()] == []
    assert [one for one in kept if one.isspace()] == [" "]


def test_a_row_that_was_not_sent_again_is_asked_for_if_it_is_not_here(
    page: Page, node: Node, fresh: Page
) -> None:
    _, middle, asked = halfway(page, node)
    choose(page, bloc="South")
    choose(page, at=middle + 60)
    assert "since=" not in asked[0]
    assert f"since={place_of(page).rpartition('at=')[2]}" not in asked[-1]
    assert "since=" in asked[-1]
    sent = page.evaluate(
        "async where => await (await fetch(where, {headers: {'HX-Request': 'true'}})).text()", asked[-1]
    )
    assert sent.count('"></tr>') == 9  # nothing has changed in between
    page.evaluate("""() => {
      const row = document.querySelector(".matrix tbody tr:not(.in)");
      row.dataset.sum = "of another record";
      row.cells[1].replaceChildren("something else");
    }""")
    choose(page, at=middle + 120)
    assert ["since=" in one for one in asked[-2:]] == [True, False]
    changed, loaded = both(page, fresh)
    assert changed == loaded


def test_rows_stay_at_hand_while_the_slider_is_where_there_are_none(
    page: Page, node: Node, fresh: Page
) -> None:
    low, middle, asked = halfway(page, node)
    before = place_of(page).rpartition("at=")[2]
    choose(page, bloc="South", q="matter")
    page.evaluate("window.row = document.querySelector('.matrix tbody tr:not(.in)')")
    for at in (low, low + 1):
        choose(page, at=at)
        assert page.locator(".matrix").count() == 0
        changed, loaded = both(page, fresh)
        assert changed == loaded
    choose(page, bloc="", q="", at=middle + 60)
    assert f"since={before}" in asked[-1]
    assert page.evaluate("window.row.isConnected")
    changed, loaded = both(page, fresh)
    assert changed == loaded


def test_news_come_into_a_filtered_matrix(page: Page, node: Node, fresh: Page) -> None:
    opened(page, node)
    page.wait_for_selector("html.is-live")
    choose(page, bloc="North", q="matter 02")
    name = page.evaluate("document.querySelector('.matrix tbody tr:not(.in)').dataset.row")
    with node.shared.lock:
        ref = node.shared.actions.view().fold.find(name).ref
    node.shared.sign(Doing(Position(on=ref, response="oppose", intensity=95, red_line=True)))
    page.wait_for_selector(".matrix td.red.r-oppose.i10")
    assert page.evaluate("document.querySelectorAll('.matrix tbody tr:not(.in)').length") == 1
    for given in ({}, {"bloc": ""}, {"q": ""}):
        if given:
            choose(page, **given)
        changed, loaded = both(page, fresh)
        assert changed == loaded


def _heard(page: Page) -> Counter[str]:
    """How many of each role the browser tells to whoever hears the page."""
    heard = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    return Counter(one["role"]["value"] for one in heard if not one["ignored"])


def test_a_matrix_is_a_table_to_whoever_hears_it(page: Page, node: Node) -> None:
    page.goto(f"{node.address}/positions?bloc=North&q=matter+0")
    n_rows, n_areas = (
        page.evaluate(f"document.querySelectorAll('.matrix tbody {which}').length")
        for which in ("tr:not(.in)", "tr.in")
    )
    assert n_rows > n_areas > 1
    until(lambda: _heard(page)["rowheader"] == n_rows + n_areas)  # rows come to the tree as they are laid out
    n = _heard(page)
    assert (n["table"], n["rowgroup"]) == (1, 1 + n_areas)
    assert n["columnheader"] == 1 + 1 + 3
    assert n["row"] == 2 + n_rows + n_areas
    assert n["rowheader"] == n_rows + n_areas
    assert n["cell"] == 1 + 3 * n_rows + n_areas


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
        found = [(one["id"], one["nodes"][0]["html"][:200]) for one in violations(page)]
        assert found == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()
