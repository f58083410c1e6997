"""The reader's page as people meet it: by keyboard, in the dark, on a phone, in print, without script."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, Page

from allweather.cli import main
from tests.e2e.conftest import ROOT, Open
from tests.e2e.test_page import focused, press_until
from tests.looking import colours, overflow, violations

PHONE = 360
REPORTS = ROOT / "examples" / "reports"

ATTACK = (
    'Town <b>seeks</b> thaw</title><script>document.title = "taken"</script>\n\n'
    '"We agree <img src=x onerror="document.title=\'taken\'"> to all of it & more &lt;p&gt;," said Mayor Ida '
    'Holm of <a href="https://allweather.invalid/">Tove</a>.\n\n'
    '"This is a javascript:alert(1) of ours \u202eand all is turned\u202c, or so I hope," Holm said.\n\n'
    '<style>* { display: none }</style> "The last word of it is </p></main></body></html> ours," Holm said.\n'
)


def write(folder: Path, *arguments: object) -> Path:
    """The page of some documents, by the command line."""
    out = folder / "page.html"
    done = CliRunner().invoke(main, ["read", *map(str, arguments), "--html", str(out)])
    assert done.exit_code == 0, done.output
    return out


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Path:
    """The page of the example: a record, two reports, and concerns."""
    names = ("record.txt", "gull.txt", "courier.txt")
    concerns = ("--concerns", REPORTS / "concerns.txt")
    return write(tmp_path_factory.mktemp("reader"), *(REPORTS / name for name in names), *concerns)


def in_view(page: Page, selector: str) -> bool:
    """Whether all of an element that is one line high can be seen, in its own column too."""
    seen: bool = page.evaluate(
        """selector => {
            const one = document.querySelector(selector), box = one.getBoundingClientRect();
            const middle = box.left + box.width / 2;
            const top = document.elementFromPoint(middle, box.top + Math.min(8, box.height / 2));
            return box.top >= 0 && box.top < innerHeight && (one === top || one.contains(top));
        }""",
        selector,
    )
    return seen


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", PHONE), ("dark", PHONE)]
)
def test_axe_finds_nothing(page_file: Path, open_page: Open, scheme: str, width: int) -> None:
    page = open_page(page_file, width, color_scheme=scheme)
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in violations(page)] == []
    assert overflow(page) == 0


def test_every_statement_is_one_key_from_its_place_and_back(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file)
    numbers = page.locator("a.n").evaluate_all("all => all.map(one => one.id)")
    assert len(numbers) > 8
    for place in numbers:
        statement = place.removeprefix("t-")
        page.locator(f"#{place}").focus()
        page.keyboard.press("Enter")
        assert page.evaluate("location.hash") == f"#{statement}"
        assert in_view(page, f"#{statement} .words")
        back = page.locator(f"#{statement} .words a.sref")
        back.focus()
        page.keyboard.press("Enter")
        assert page.evaluate("location.hash") == f"#{place}"
        assert in_view(page, f"#{place}")


def test_by_keyboard_alone_and_the_focus_is_always_seen(page_file: Path, open_page: Open) -> None:
    page = open_page(page_file)
    page.keyboard.press("Tab")
    skip = focused(page)
    assert (skip["href"], skip["seen"], skip["outlined"]) == ("#main", True, True)
    number = press_until(page, "Tab", "a.n", most=30)
    assert number["seen"]
    page.keyboard.press("Enter")
    # What follows the jump is the link back to the place: one more key.
    page.keyboard.press("Tab")
    assert focused(page)["href"] == f"#t-{number['href'].removeprefix('#')}"
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector(':target').matches('a.n')")
    for _ in range(page.locator("a[href], [tabindex='0']").count()):
        page.keyboard.press("Tab")
        held = focused(page)
        if held["tag"] == "body":  # behind the last link
            break
        assert held["outlined"], held
        assert held["seen"], held


def test_it_reads_without_script(page_file: Path, open_page: Open) -> None:
    plain = open_page(page_file, java_script_enabled=False)
    usual = open_page(page_file)
    told = plain.locator("main").inner_text()
    assert "fourteen years" in told
    assert told == usual.locator("main").inner_text()
    plain.locator("a.n").first.click()
    assert plain.url.endswith(plain.locator("a.n").first.get_attribute("href") or "no link")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_print_is_dark_on_white_and_whole(page_file: Path, open_page: Open, scheme: str) -> None:
    page = open_page(page_file, color_scheme=scheme)
    page.emulate_media(media="print", color_scheme=scheme)  # type: ignore[arg-type]
    assert colours(page) == ("rgb(255, 255, 255)", "rgb(0, 0, 0)")
    cut = page.evaluate("""() => [...document.querySelectorAll('.text, .scroll')]
        .filter(one => one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1)
        .map(one => one.outerHTML.slice(0, 120))""")
    assert cut == []
    assert not page.locator("nav.toc").is_visible()


def test_nothing_is_asked_for(page_file: Path, open_page: Open, asked: list[str]) -> None:
    page = open_page(page_file)
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.locator("a.sref").first.hover()
    page.emulate_media(media="print")
    page.wait_for_load_state("networkidle")
    assert asked == [page_file.as_uri()]


def test_markup_in_documents_is_shown_as_text(tmp_path: Path, open_page: Open, asked: list[str]) -> None:
    report = tmp_path / "<img src=x onerror=alert(1)>.txt"
    report.write_text(ATTACK, encoding="utf-8")
    concerns = tmp_path / "concerns.txt"
    concerns.write_text("W1: <script>document.title='taken'</script> last word\n", encoding="utf-8")
    page_file = write(tmp_path, report, "--concerns", concerns)
    page = open_page(page_file)
    page.wait_for_load_state("networkidle")
    assert asked == [page_file.as_uri()]
    assert "taken" not in page.title() or "<script>" in page.title()
    assert page.locator("script, img, main style, iframe, main a[href^='http']").count() == 0
    told = page.locator("main").inner_text()
    for markup in (
        "<b>seeks</b>",
        "<img src=x onerror=",
        "&lt;p&gt;",
        "</p></main></body></html>",
        "<style>",
    ):
        assert markup in told
    assert page.locator("footer").is_visible()
    assert overflow(page) == 0
