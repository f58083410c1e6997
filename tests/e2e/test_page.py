"""The page as people meet it: read, enlarged, printed, in the dark, without script, by keyboard alone."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from allweather.report import Context, render_page
from tests.e2e.conftest import Open
from tests.looking import colours, open_all, overflow, violations
from tests.report.builders import council_positions, council_review

PAPER = {"light": "rgb(251, 250, 246)", "dark": "rgb(22, 24, 28)"}
PHONE = 390


def focused(page: Page) -> dict[str, Any]:
    """What has the focus: tag, classes, where it leads, and how its focus shows."""
    held: dict[str, Any] = page.evaluate("""() => {
        const one = document.activeElement, look = getComputedStyle(one), box = one.getBoundingClientRect();
        return {
            tag: one.tagName.toLowerCase(), kind: one.className, href: one.getAttribute('href') || '',
            outlined: look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 2,
            seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight
                && box.right > 0 && box.left < innerWidth,
        };
    }""")
    return held


def press_until(page: Page, key: str, wanted: str, most: int = 200) -> dict[str, Any]:
    """Press a key until what is wanted, as a selector, has the focus."""
    for _ in range(most):
        page.keyboard.press(key)
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return focused(page)
    pytest.fail(f"{most} times {key} did not lead to {wanted}")


def test_nothing_leaves_the_file(written: Path, open_page: Open, asked: list[str]) -> None:
    page = open_page(written / "index.html")
    assert open_all(page) > 0
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.locator("a.qref").first.hover()
    page.emulate_media(media="print")
    page.wait_for_load_state("networkidle")
    # Nothing is fetched beside the page, not even from the same folder.
    assert asked == [(written / "index.html").as_uri()]


def test_the_guard_sees_a_request(tmp_path: Path, open_page: Open, asked: list[str]) -> None:
    path = tmp_path / "leaky.html"
    path.write_text("<img src='https://allweather.invalid/x.png'>", encoding="utf-8")
    open_page(path).wait_for_load_state("networkidle")
    assert asked == [path.as_uri(), "https://allweather.invalid/x.png"]
    asked.clear()


@pytest.mark.parametrize("name", ["map.svg", "convergence.svg"])
def test_a_drawing_stands_alone(written: Path, open_page: Open, asked: list[str], name: str) -> None:
    page = open_page(written / name)
    assert page.locator("svg title").first.text_content()
    assert page.locator("svg path").count() > 0
    assert asked == [(written / name).as_uri()]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", PHONE)])
def test_axe_finds_nothing(written: Path, open_page: Open, scheme: str, width: int) -> None:
    page = open_page(written / "index.html", width, color_scheme=scheme)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == PAPER[scheme]
    open_all(page)
    found = [(one["id"], one["impact"], one["nodes"][0]["html"][:200]) for one in violations(page)]
    assert found == []


def test_by_keyboard_alone(council: Path, open_page: Open) -> None:
    page = open_page(council / "index.html")
    page.keyboard.press("Tab")
    skip = focused(page)
    assert (skip["href"], skip["seen"], skip["outlined"]) == ("#main", True, True)
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"

    question = press_until(page, "Tab", "details.q > summary")
    assert question["seen"]
    assert question["outlined"]
    page.keyboard.press("Enter")
    first = page.locator("details.q").first
    assert first.get_attribute("open") is not None
    anchor = first.get_attribute("id")

    record = press_until(page, "Tab", "a.rec")
    assert record["outlined"]
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == record["href"]
    target = page.locator(record["href"])
    assert target.evaluate("one => one.matches(':target')")
    box = target.bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 900

    back = press_until(page, "Shift+Tab", f"a[href='#{anchor}']", most=40)
    assert back["seen"]
    page.keyboard.press("Enter")
    assert first.evaluate("one => one.matches(':target')")
    assert first.get_attribute("open") is not None


def test_focus_is_always_visible(council: Path, open_page: Open) -> None:
    page = open_page(council / "index.html")
    for _ in range(60):
        page.keyboard.press("Tab")
        held = focused(page)
        assert held["outlined"], held
        assert held["seen"], held


def test_everything_reads_without_script(written: Path, open_page: Open) -> None:
    plain = open_page(written / "index.html", java_script_enabled=False)
    usual = open_page(written / "index.html")
    told = plain.locator("main").inner_text()
    assert len(told) > 5_000
    assert told == usual.locator("main").inner_text()
    question = plain.locator("details.q").first
    assert not question.locator(".inner").is_visible()
    question.locator("summary").click()
    assert question.locator(".inner").is_visible()


@pytest.mark.parametrize("width", [PHONE, 768, 1280])
def test_nothing_runs_over_the_edge(written: Path, open_page: Open, width: int) -> None:
    page = open_page(written / "index.html", width)
    assert overflow(page) == 0
    open_all(page)
    assert overflow(page) == 0


def test_nor_do_texts_without_a_space(tmp_path: Path, open_page: Open) -> None:
    positions, review = council_positions(), council_review(title="x" * 300)
    texts = tuple(dataclasses.replace(one, text="y" * 3_000) for one in positions.questions)
    names = tuple(dataclasses.replace(one, name="z" * 300 + one.id) for one in positions.members)
    positions = dataclasses.replace(positions, questions=texts, members=names)
    path = tmp_path / "index.html"
    path.write_text(render_page(review, positions, Context()), encoding="utf-8")
    page = open_page(path, PHONE)
    open_all(page)
    assert overflow(page) == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_print_is_dark_on_white_and_whole(written: Path, open_page: Open, scheme: str) -> None:
    page = open_page(written / "index.html", color_scheme=scheme)
    page.emulate_media(media="print", color_scheme=scheme)  # type: ignore[arg-type]
    assert colours(page) == ("rgb(255, 255, 255)", "rgb(0, 0, 0)")
    # What is folded on the screen is open on paper.
    hidden = page.evaluate("""() => [...document.querySelectorAll('details > :not(summary)')]
        .filter(one => one.textContent.trim())
        .filter(one => !one.getBoundingClientRect().height
            || !one.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true}))
        .map(one => one.outerHTML.slice(0, 120))""")
    assert hidden == []
    assert page.locator("details:not([open])").count() > 0
    assert not page.locator("nav.toc").is_visible()


def test_sections_are_where_the_contents_say(council: Path, open_page: Open) -> None:
    page = open_page(council / "index.html")
    for link in page.locator("nav.toc a").all():
        link.click()
        assert page.evaluate("document.querySelector(':target').tagName") == "H2"
